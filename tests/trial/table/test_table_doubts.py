"""Doubts about tables that break no rule: identifiers, codes, amounts at the start, value sets, misdated deaths."""

from __future__ import annotations

import re
import warnings
from itertools import pairwise

import dying
import numpy as np
import pyreadstat
import pytest
from trial_tables import changed, long_design, long_of, long_tree, tree, wide, wide_design

import hecon
from hecon import trial
from hecon.errors import StatisticalWarning
from hecon.trial.table.checking import trial_data
from hecon.trial.table.design import design_of


def doubtful(table, design, told):
    """Return the data of a table that is warned of in these words."""
    with pytest.warns(StatisticalWarning, match=re.escape(told)):
        return trial_data(table, design)


@pytest.mark.parametrize(
    ("one", "other"), [("P2", "p2"), ("P02", "P2"), ("P 2", "P2"), ("\uff11\uff12", "12"), ("12.0", "12")]
)
def test_identifiers_that_are_alike(one, other):
    names = [one, other, *(f"q{number}" for number in range(22))]
    told = "differ only by case, spaces, width, leading zeros or '.0', in rows 1 and 2 (counted below the header)"
    assert doubtful(wide().assign(patient=names), wide_design(), told).arm.size == 24


@pytest.mark.parametrize("names", [("12", "12.0"), ("\uff11\uff12", "12")])
def test_one_patient_in_two_ways_of_a_long_table(names):
    """Half of the months under each: it was counted as two, and imputed."""
    table = long_of(wide())
    table.loc[:1, "patient"], table.loc[2:3, "patient"] = names
    with pytest.raises(
        hecon.TrialError, match=r"got two that differ by case, spaces, width, leading zeros or \.0 only"
    ):
        trial_data(table, long_design())


@pytest.mark.parametrize(
    ("column", "code", "rows", "path"),
    [("age", 888, [1], "covariate[0]"), ("age", -9, [3], "covariate[0]"), ("stay", 9999, [2, 4], "cost[1]")],
)
def test_codes_beyond_the_other_values(column, code, rows, path):
    table = wide()
    table.loc[rows, column] = code
    many = "rows" if len(rows) > 1 else "row"
    told = f"column '{column}' holds {code}, a usual code for a missing value, in {len(rows)} {many}, beyond its other"
    doubtful(table, wide_design(), told)
    # The remedy works.
    part, place = path[:-1].split("[")
    design = design_of(changed(tree(), (part, int(place), "missing"), [code]))
    assert trial_data(table, design).warnings == ()


def test_codes_among_the_other_values_are_values():
    table = wide()
    table.loc[[1, 2], "stay"] = 1_111.0

    assert trial_data(table, wide_design()).warnings == ()


def test_amounts_at_the_start_that_are_left_out():
    whole = long_tree()
    del whole["cost"][0]["baseline"]
    table = long_of(wide())
    told = "column 'physio' holds amounts at month 0 of 23 patients, which are left out"
    before = int((wide()["physio_before"].fillna(0) != 0).sum())
    doubtful(table, design_of(whole), told.replace("23", str(before)))

    assert trial_data(table, long_design()).warnings == ()
    moved = table.assign(physio=table["physio"].where(table["month"] > 0))
    assert trial_data(moved, design_of(whole)).warnings == ()


def items(highest, value_set):
    """Return a design and a table of answers to the EQ-5D up to a level."""
    months = (0, 3, 6, 12)
    names = [[f"{item}{month}" for item in ("mo", "sc", "ua", "pd", "ad")] for month in months]
    rng = np.random.default_rng(4)
    answers = {name: rng.integers(1, highest + 1, 24) for each in names for name in each}
    whole = tree() | {"utility": {"months": list(months), "value_set": value_set, "items": names}}
    return wide().assign(**answers), design_of(whole)


def test_answers_of_three_levels_valued_as_of_five():
    doubtful(*items(3, "nl-5l-2016"), "no answer of 480 to the EQ-5D is above 3, and nl-5l-2016 values EQ-5D-5L")
    for highest, value_set in ((3, "nl-3l-2006"), (5, "nl-5l-2016")):
        assert trial_data(*items(highest, value_set)).warnings == ()


def valued(by):
    """Return a table of utilities that a value set gives to answers."""
    rng, levels = np.random.default_rng(5), 3 if "3l" in by else 5
    states = rng.integers(1, levels + 1, (24, 4, 5)) @ 10 ** np.arange(4, -1, -1)
    values = np.clip(np.round(hecon.utility(states, value_set=by), 3), -0.446, None)
    return wide().assign(**{f"u{month}": values[:, place] for place, month in enumerate((0, 3, 6, 12))})


@pytest.mark.parametrize("by", ["england-5l-2018", "de-5l-2018", "us-5l-2019"])
def test_utilities_of_another_value_set(by):
    table = valued(by)
    told = re.compile(rf"\d+ of \d+ different utilities are no value of nl-5l-2016, and all are of ([\w-]+, )*{by}")
    with pytest.warns(StatisticalWarning, match=told):
        trial_data(table, wide_design())
    # The remedy works.
    assert trial_data(table, design_of(changed(tree(), ("utility", "value_set"), by))).warnings == ()


OF_NONE = "different utilities are no value of nl-5l-2016, nor are all of another set that hecon has"


OWN = """# title = "Own set"
# year = 2025
# source = "Author A. Own set. 2025"
# version = "EQ-5D-5L"
term,value
start,1.0
"""


def own_set(folder):
    """Write a value set of one's own, whose levels take off what no packaged set does; return its file."""
    levels = (0.0373, 0.0741, 0.1867, 0.2519)
    terms = [
        f"{item}{level},-{off + 0.0119 * place:.4f}"
        for place, item in enumerate(("MO", "SC", "UA", "PD", "AD"))
        for level, off in enumerate(levels, start=2)
    ]
    path = folder / "own-5l.csv"
    path.write_text(OWN + "\n".join(terms) + "\n", encoding="utf-8")
    return path


def test_utilities_of_a_set_that_hecon_does_not_have(tmp_path):
    """They are told; the remedies work: the file of the set, or no set at all."""
    path = own_set(tmp_path)
    states = np.random.default_rng(0).integers(1, 6, (24, 4, 5)) @ 10 ** np.arange(4, -1, -1)
    found = np.round(hecon.utility(states, value_set=path), 3)
    table = wide().assign(**{f"u{month}": found[:, place] for place, month in enumerate((0, 3, 6, 12))})
    doubtful(table, wide_design(), OF_NONE)

    for other in (str(path), None):
        assert trial_data(table, design_of(changed(tree(), ("utility", "value_set"), other))).warnings == ()


def test_a_few_utilities_that_were_imputed_are_no_doubt():
    table = valued("nl-5l-2016")
    table.loc[[0, 1, 2], "u3"] = [0.98765, 0.12321, 0.51515]
    assert trial_data(table, wide_design()).warnings == ()


def test_utilities_of_many_decimals_are_no_doubt():
    """They are averages, imputed or simulated."""
    table, columns = wide(), ["u0", "u3", "u6", "u12"]
    table[columns] = table[columns] - 0.001 * np.random.default_rng(1).uniform(0, 1, (24, 4))
    assert trial_data(table, wide_design()).warnings == ()


def test_utilities_that_were_rounded_down_are_values_of_their_set():
    """A set with four decimals, as the Swedish one, of whose values some lie halfway between thousandths."""
    table = valued("se-3l-2014")
    columns = ["u0", "u3", "u6", "u12"]
    table[columns] = np.floor(table[columns] * 1000 + 1e-9) / 1000
    assert trial_data(table, design_of(changed(tree(), ("utility", "value_set"), "se-3l-2014"))).warnings == ()


def test_utilities_of_the_value_set_that_is_named():
    assert trial_data(valued("nl-5l-2016"), wide_design()).warnings == ()


def test_utilities_that_are_values_of_another_set_by_chance():
    """A set with most thousandths of a range holds a few dozen numbers in it, whatever they are."""
    states = np.array([[a, b, c, d, e] for a, b, c, d, e in np.ndindex(5, 5, 5, 5, 5)]) + 1
    dense = np.unique(np.round(hecon.utility(states @ 10 ** np.arange(4, -1, -1), value_set="pl-5l-2019"), 3))
    dense = dense[(dense >= 0.6) & (dense <= 0.8)]
    assert 0.95 < dense.size / 201 < 1
    table = wide()
    picked = np.random.default_rng(1).choice(dense, (24, 4))
    table = table.assign(**{f"u{month}": picked[:, place] for place, month in enumerate((0, 3, 6, 12))})
    # None of the packaged ones is named in their place.
    doubtful(table, wide_design(), OF_NONE)


@pytest.mark.parametrize("ends", [(990, 9999), (9999, 9999)])
def test_a_range_of_missing_values_in_spss_that_holds_amounts(ends, tmp_path):
    table = wide().assign(stay=[9999.0, *wide()["stay"][1:]], patient=[f"P{number}" for number in range(24)])
    low, high = ends
    pyreadstat.write_sav(table, str(tmp_path / "t.sav"), missing_ranges={"stay": [{"lo": low, "hi": high}]})
    whole = tree()
    for key in ("separator", "decimal"):
        del whole["table"][key]
    found = trial.read_table(tmp_path / "t.sav")
    assert found.attrs["declared_values"] == {"stay": 24 if low < high else 1}
    if low < high:
        found.loc[0, "stay"] = found.loc[1, "stay"] = found.loc[2, "stay"] = found.loc[3, "stay"] = 1500.0
        told = "column 'stay' has 24 different values that the file declares missing, more than there are codes"
        doubtful(found, design_of(whole), told)
    else:
        assert trial_data(found, design_of(whole)).warnings == ()


@pytest.mark.filterwarnings("ignore:the difference in", "ignore:the columns")
def test_a_death_of_another_century():
    """It is no death within the horizon; where deaths are told by month the doubt is of their unit."""
    found = dying.simulate(np.random.default_rng(1), 30, missing=0.0)[0]
    living = found.index[found["died_in"].isna()][:2]
    found.loc[living[0], "died_in"] = 1_200.0
    told = "one death is more than 20 years after the start, and counts as none until the end: check that they are"
    doubtful(found, design_of(dying.tree()), told)
    found.loc[living, "died_in"] = 1_200.0
    doubtful(found, design_of(dying.tree()), "2 deaths are more than 20 years after the start, and count as none until")


def test_a_planned_follow_up_in_days():
    told = "column 'planned' holds a planned follow-up of 60.8 years: if it is in days, write months"
    doubtful(wide().assign(planned=730), wide_design(), told)


def test_one_value_of_a_patient_in_all_rows_of_a_long_table_is_no_habit():
    """Five rows of one patient are one patient; five patients are a habit of coding."""
    whole = long_tree()
    whole["covariate"][0]["missing"] = []
    table = long_of(wide())
    names = table["patient"].unique()
    for count, told in ((1, ()), (5, ("column 'age' holds 88, a usual code for a missing value, in 20 rows",))):
        coded = table.assign(age=table["age"].mask(table["patient"].isin(names[:count]), 88.0))
        with warnings.catch_warnings(record=True):
            warnings.simplefilter("always")
            found = trial_data(coded, design_of(whole)).warnings
        assert [each.partition(", beyond")[0] for each in found] == list(told)


# Units of time, and columns of two categories -------------------------------------------------------------------------


def over_time(months, names=("u0", "u3", "u6", "u12")):
    """Return a table and its design with other months, and other names of the utilities."""
    table = wide().rename(columns=dict(zip(("u0", "u3", "u6", "u12"), names, strict=True)))
    found = changed(tree(), ("utility", "months"), months)
    found = changed(changed(found, ("utility", "columns"), list(names)), ("planned",), None)
    for cost in found["cost"]:
        ends = months[1:] if "periods" not in cost else months[2:3]
        cost["periods"] = [list(each) for each in pairwise([0, *ends])]
    table[["absence_3", "absence_6", "absence_12"]] /= 100  # no more hours than a week has
    return table, design_of(found)


@pytest.mark.parametrize(
    ("months", "unit", "years"),
    [([0, 91, 183, 365], "days", "30.4"), ([0, 13, 26, 52], "weeks", "4.33"), ([0, 0.25, 0.5, 1], "years", "0.0833")],
)
def test_months_in_another_unit_than_the_names_of_their_columns_tell(months, unit, years):
    listed = ", ".join(map("{:g}".format, months))
    told = (
        f"utility.months are {listed} while the names of their columns tell 12 at the end, and they are taken as "
        f"months, {years} years in all: if they are {unit}, write months"
    )
    doubtful(*over_time(months), told)


def test_months_beyond_any_follow_up():
    doubtful(*over_time([0, 91, 183, 730], ("a", "b", "c", "d")), "60.8 years in all: if they are days, write months")


@pytest.mark.parametrize(
    "names",
    [("u0", "u3", "u6", "u12"), ("u0", "u13", "u26", "u52"), ("u0", "u91", "u183", "u365"), ("u1", "u2", "u3", "u4")],
)
def test_names_in_weeks_days_or_visits_are_no_doubt(names):
    assert trial_data(*over_time([0, 3, 6, 12], names)).warnings == ()


def test_costs_that_share_some_of_their_columns():
    """All of them may be shared, as where a visit has a price and its journey another."""
    columns = ["physio_3", "absence_6", "absence_12"]
    trips = {"category": "absence", "price": 40, "price_year": 2022, "missing": [-8]}
    design = design_of(changed(tree(), ("cost", 2), {**trips, "columns": columns}))
    told = (
        "'physio_3' of cost 'physiotherapy' is of cost 'absence' too, which has other columns besides, and counts in "
        "both: check the columns of each"
    )
    doubtful(wide(), design, told)

    both = changed(tree(), ("cost", 2), {**trips, "columns": ["physio_3", "physio_6", "physio_12"]})
    assert trial_data(wide(), design_of(both)).warnings == ()
