"""Codes that mean missing: by part of the design, and doubted where they could be true values."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
from trial_tables import changed, faults, long_of, long_tree, tree, wide, with_states

from hecon.errors import StatisticalWarning, TrialError
from hecon.trial.table.checking import trial_data
from hecon.trial.table.design import design_of

NINES = [2, 7, 11]


def plain(*, table=(), utility=(), physio=(), age=()):
    """Return the wide design with missing codes where they are given, and none else."""
    whole = tree()
    whole["table"]["missing"] = list(table)
    whole["utility"]["missing"] = list(utility)
    whole["cost"][0]["missing"] = list(physio)
    whole["covariate"][0]["missing"] = list(age)
    return whole


def without(code):
    """Return the wide table, in which no count of visits is a code by chance."""
    table = wide().assign(physio_before=7.0)
    counts = [name for name in table.columns if name.startswith(("physio_", "absence_"))]
    table[counts] = table[counts].replace(code, code + 1)
    return table


def nines():
    """Return a table in which 9 means missing in a utility and is a true number of visits."""
    table = without(9)
    table.loc[[3, 5], "u6"] = 9
    table.loc[NINES, "physio_3"] = 9
    return table


def doubts(table, whole):
    """Return the warnings of a table by a design, and its data."""
    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always", StatisticalWarning)
        found = trial_data(table, design_of(whole))
    assert found.warnings == tuple(str(each.message) for each in warned)
    return found.warnings, found


def test_a_code_of_one_part_is_a_value_elsewhere():
    told, found = doubts(nines(), plain(utility=[9]))

    assert told == ()
    assert np.isnan(found.utilities[[3, 5], 2]).all()
    assert not np.isnan(found.costs[NINES, 0]).any()


def test_a_code_of_the_whole_table_that_could_be_a_value_is_doubted():
    told, found = doubts(nines(), plain(table=[9]))

    assert len(told) == 1
    assert told[0] == (
        "the code 9 of table.missing is taken as missing in utilities (2 cells of 'u6') and costs 'physiotherapy' "
        "(3 cells of 'physio_3'), and could be a true value in cost[0]: name it only where it means missing, in "
        "utility.missing or cost[0].missing"
    )
    assert np.isnan(found.costs[NINES, 0]).all()


@pytest.mark.parametrize("parts", [{"utility": [9]}, {"utility": [9], "physio": [9]}])
def test_the_remedy_of_the_doubt_settles_it(parts):
    """Whether the nines of the visits are true or not."""
    told, found = doubts(nines(), plain(**parts))

    assert told == ()
    assert np.isnan(found.costs[NINES, 0]).all() == ("physio" in parts)


@pytest.mark.slow
@pytest.mark.parametrize("long", [False, True])
@pytest.mark.parametrize(
    ("column", "code", "doubtful"),
    [
        ("physio_3", 9, True),  # among the other visits
        ("physio_3", 0, True),
        ("physio_3", 888, False),  # beyond them
        ("u6", 0, True),
        ("u6", 1, True),
        ("u6", -99, False),
        ("u6", 9, False),
        ("age", 65, True),
        ("age", 999, False),
        ("age", -9, False),
    ],
)
def test_a_code_in_one_kind_of_column_is_doubted_among_the_other_values(column, code, doubtful, long):
    table = without(code)
    table.loc[[3, 5], column] = code
    whole = plain(table=[code])
    if long:
        parts = long_tree()
        parts["table"]["missing"] = [code]
        for each in (parts["utility"], parts["cost"][0], parts["covariate"][0]):
            each["missing"] = []
        table, whole = long_of(table), parts
    told, _ = doubts(table, whole)

    assert len(told) == doubtful


@pytest.mark.parametrize(("code", "doubtful"), [(-99, False), (999, True)])
def test_a_code_in_several_kinds_of_columns_is_doubted_where_it_could_be_a_value(code, doubtful):
    """Also beyond the other values; a negative one among numbers that are not could be none."""
    table = without(code)
    table.loc[3, "age"] = table.loc[4, "u6"] = table.loc[5, "stay"] = code
    told, found = doubts(table, plain(table=[code]))

    assert len(told) == doubtful
    assert np.isnan([found.covariates[3, 0], found.utilities[4, 2], found.costs[5, 3]]).all()


@pytest.mark.parametrize(("kind", "code", "doubtful"), [("items", 3, True), ("items", 9, False), ("states", 9, False)])
def test_an_answer_that_exists_is_a_possible_value(kind, code, doubtful):
    design, table = with_states(kind)
    counts = [name for name in table.columns if name.startswith(("physio_", "absence_"))]
    table[counts] = table[counts].replace(code, code + 1)
    whole = plain(table=[code])
    whole["utility"] = {"months": [0, 3, 6, 12], "value_set": "nl-5l-2016", kind: getattr(design.utility, kind)}
    column = table.columns[-1]
    table.loc[[3, 5], column] = code
    told, _ = doubts(table, whole)

    assert bool(told) == doubtful


def test_a_text_that_could_be_a_level_is_doubted_in_several_kinds_of_columns():
    table = wide().astype({"stay": object})
    table.loc[[3, 4], "stay"] = "geen"
    table.loc[5, "region"] = "geen"
    whole = changed(plain(table=["geen"]), ("covariate", 1, "levels"), None)
    del whole["dates"]["missing"]
    told, _ = doubts(table, whole)

    assert len(told) == 1
    assert "could be a true value in covariate[1]" in told[0]
    whole["table"]["missing"] = ["onbekend"]
    assert doubts(table.replace("geen", "onbekend"), whole)[0] == ()


def test_codes_are_counted_and_those_that_never_occur_are_named():
    """As the cells are read: numbers in text among them."""
    table = nines()
    table["physio_3"] = [str(count).replace(".", ",") for count in table["physio_3"]]
    _, found = doubts(table, plain(table=["x"], utility=[9, 8], physio=[9]))
    by_group = {(each.kind, each.name): each for each in found.reading.missing}

    assert by_group["utility", ""].codes == (("8", 0), ("9", 2), ('"x"', 0))
    assert by_group["utility", ""].empty == 1
    assert dict(by_group["cost", "physiotherapy"].codes)["9"] == 3
    assert found.reading.unseen == ('"x"', '"geen"', "8")


def test_long_codes_that_begin_alike_are_counted_apart():
    table = without(9)
    table["physio_3"] = table["physio_3"].astype(float)
    table.loc[[2, 7], "physio_3"] = 9999998
    table.loc[[11], "physio_3"] = 9999999

    found = trial_data(table, design_of(plain(physio=[9999998, 9999999])))

    (group,) = [each for each in found.reading.missing if each.name == "physiotherapy"]
    assert group.codes == (("9999998", 2), ("9999999", 1))


def test_a_code_is_a_level_or_means_missing():
    """Not both: whoever has it would count as unknown without a word."""
    for path in (("table", "missing"), ("covariate", 1, "missing")):
        with pytest.raises(TrialError, match=r"covariate\[1\].levels\[0\]: must not mean missing, got 'north', which "):
            design_of(changed(tree(), path, ["north"]))


def test_a_column_that_is_priced_twice_has_one_set_of_codes():
    whole = tree()
    whole["cost"].append(whole["cost"][0] | {"price": 5, "price_year": 2022, "missing": [9]})
    with pytest.raises(
        TrialError, match=r"cost\[3\].missing: must be the codes of cost\[0\], which reads column 'physio"
    ):
        design_of(whole)


@pytest.mark.parametrize(("column", "what"), [("practice", "cluster"), ("period", "period")])
def test_a_code_is_no_cluster_and_no_period(column, what):
    """Out of the range of the others: within it, it is a number as any other."""
    table = wide().assign(practice=np.arange(24) % 4 + 1)
    table.loc[[4, 5], column] = -99
    (told,) = faults(table, design_of(plain(table=[-99])))

    assert told.startswith(f"column {column!r}, rows 5, 6: must tell the {what} of every patient, got a code of table")
    moved = plain(utility=[-99])
    assert trial_data(table, design_of(moved)).arm.size == 24


def test_text_is_no_cluster_either():
    table = wide()
    table.loc[4, "practice"] = "nvt"
    (told,) = faults(table, design_of(plain(table=["nvt"])))

    assert told.startswith("column 'practice', row 5: must tell the cluster of every patient")


@pytest.mark.parametrize(("levels", "doubtful"), [([1, 2, 2], False), ([1, 2, 12], True)])
def test_a_code_among_the_numbers_of_a_category_is_doubted(levels, doubtful):
    """Region 9 of twelve may be a region; beside regions 1 and 2 it is none."""
    table = without(9).assign(region=np.resize(levels, 24).astype(float))
    table.loc[[3, 5], "region"] = 9
    told, found = doubts(table, changed(plain(table=[9]), ("covariate", 1, "levels"), None))
    by_name = {each.name: dict(each.codes) for each in found.reading.missing}

    assert len(told) == doubtful
    assert by_name["region"]["9"] == 2
    assert np.isnan(found.covariates[[3, 5], 1]).all()


def test_a_code_is_no_date():
    table = wide().astype({"measured_on": object})
    table.loc[[3, 5], "measured_on"] = -9
    told, found = doubts(table, plain(table=[-9]))

    assert told == ()
    assert dict(found.reading.missing[0].codes)["-9"] == 2


@pytest.mark.parametrize(("code", "cell", "thousands"), [("99,9", "99,9", None), ("9.999,00", "9.999,00", ".")])
def test_a_code_in_text_that_is_a_number_by_the_marks_is_missing(code, cell, thousands):
    """The value and the count of what was taken as missing agree."""
    table = without(9)
    table["physio_3"] = [f"{each:g}".replace(".", ",") for each in table["physio_3"]]
    table.loc[NINES, "physio_3"] = cell
    whole = plain(physio=[code])
    whole["table"] |= {"decimal": ","} | ({} if thousands is None else {"thousands": thousands})

    found = trial_data(table, design_of(whole))

    assert np.flatnonzero(np.isnan(found.costs[:, 0])).tolist() == NINES
    (group,) = [each for each in found.reading.missing if each.name == "physiotherapy"]
    assert dict(group.codes) == {f'"{code}"': len(NINES)}


def test_a_code_that_is_no_number_by_the_marks_is_counted():
    table = without(9)
    table["physio_3"] = [f"{each:g}" for each in table["physio_3"]]
    table.loc[NINES, "physio_3"] = "-99.0"
    whole = plain(physio=[-99])
    whole["table"]["decimal"] = ","

    found = trial_data(table, design_of(whole))

    assert np.flatnonzero(np.isnan(found.costs[:, 0])).tolist() == NINES
    (group,) = [each for each in found.reading.missing if each.name == "physiotherapy"]
    assert dict(group.codes) == {"-99": len(NINES)}
    assert "-99" not in found.reading.unseen
