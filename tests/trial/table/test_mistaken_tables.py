"""Doubts about dates, units, sums, codes and SPSS's own marks; and what is told of cells that are no numbers."""

from __future__ import annotations

import re
import struct
from decimal import Decimal

import dying
import numpy as np
import openpyxl
import pandas as pd
import pyreadstat
import pytest
from trial_tables import changed, long_design, long_of, tree, wide, wide_design

from hecon import trial
from hecon.errors import InputError, StatisticalWarning, TrialError
from hecon.trial.table.checking import trial_data
from hecon.trial.table.design import design_of


def doubtful(table, design, told):
    """Return the data of a table that is warned of in these words."""
    with pytest.warns(StatisticalWarning, match=re.escape(told)):
        return trial_data(table, design)


def of_kind(kind, whole=None):
    """Return a design of another kind of file than CSV."""
    found = tree() if whole is None else whole
    del found["table"]["separator"], found["table"]["decimal"]
    return design_of(changed(found, ("name",), kind))


# Dates and times ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("column", "day", "rows", "told"),
    [
        ("measured_on", "1919-05-01", [3], "column 'measured_on' has one date of a baseline more than a year before"),
        ("measured_on", "1900-01-01", [3, 4], "column 'measured_on' has 2 dates of a baseline more than a year before"),
        ("randomised_on", "2091-05-02", [3], "column 'randomised_on' has one patient randomised more than 10 years"),
        ("randomised_on", "0019-05-02", range(24), "column 'randomised_on' has dates of another century"),
    ],
)
def test_dates_of_another_century(column, day, rows, told):
    table = wide()
    table.loc[list(rows), column] = day
    if column == "randomised_on":
        table.loc[list(rows), "measured_on"] = day
    doubtful(table, wide_design(), told)


def test_a_baseline_a_year_before_randomisation_is_no_doubt():
    assert trial_data(wide().assign(measured_on="2018-05-02"), wide_design()).warnings == ()


def dated(days):
    """Return a trial of deaths on some days, each with the date of it, and its design."""
    found = dying.simulate(np.random.default_rng(1), 60, missing=0.0)[0]
    start = np.full(len(found), np.datetime64("2020-01-15"))
    died = found["died_in"].notna().to_numpy()
    found["died_on"] = [str(day) if is_dead else None for day, is_dead in zip(days(start, found), died, strict=True)]
    found["start"] = "2020-01-15"
    whole = dying.tree()
    whole["death"] = {"date": "died_on", "others": "alive"}
    whole["dates"] = {"randomisation": "start"}
    return found, design_of(whole)


def days_after(start, found):
    return start + np.nan_to_num(found["died_in"].to_numpy() * 365.25 / 12).astype(int)


@pytest.mark.filterwarnings("ignore:the difference in", "ignore:the columns")
def test_deaths_dated_by_the_month():
    """The first of the next month, so that no death precedes what was measured."""
    by_month = dated(lambda *given: (days_after(*given).astype("M8[M]") + 1).astype("M8[D]"))
    count = int(by_month[0]["died_on"].notna().sum())
    doubtful(*by_month, f"all {count} dates of column 'died_on' are the first day of a month")
    assert not any("first day" in each for each in trial_data(*dated(days_after)).warnings)


@pytest.mark.filterwarnings("ignore:the difference in", "ignore:the columns")
def test_deaths_in_days_within_the_first_months():
    """None is 20 years after the start, and all are after the last month."""
    found = dying.simulate(np.random.default_rng(1), 60, missing=0.0)[0]
    died = found.index[found["died_in"].notna()]
    found.loc[died, "died_in"] = np.linspace(30, 200, died.size)
    doubtful(found, design_of(dying.tree()), "deaths are after month 24, the last, and count as none until then: check")


def test_departures_in_days():
    whole = changed(tree(), ("deviation",), {"column": "left", "reference": "exercise"})
    table = wide().assign(left=np.where(np.arange(24) % 4 == 0, 3.0, np.nan))
    assert trial_data(table, design_of(whole)).warnings == ()
    table["left"] *= 30
    doubtful(table, design_of(whole), "departures from treatment are after month 12, the last, and count as none")


def test_follow_up_in_days():
    """Of a trial of a year; months of 30 years were taken without a word."""
    doubtful(wide().assign(planned=365), wide_design(), "column 'planned' holds a planned follow-up of 30.4 years")


# Costs and codes ------------------------------------------------------------------------------------------------------


def test_costs_as_sums_since_the_start():
    table, whole = wide(), tree()
    names = ["physio_3", "physio_6", "physio_12"]
    # Periods of one length: in a longer one more is spent.
    whole["cost"][0]["periods"] = [[0, 3], [3, 6], [6, 9]]
    table[names] = table[names].fillna(3.0) + 1
    assert trial_data(table, design_of(whole)).warnings == ()
    summed = table.assign(**dict(zip(names, np.cumsum(table[names].to_numpy(), axis=1).T, strict=True)))
    doubtful(summed, design_of(whole), "the costs of 'physiotherapy' rise from a period to the next in 24 patients and")
    # The remedy works: the differences are those of the periods.
    again = summed.assign(**dict(zip(names, np.diff(summed[names].to_numpy(), axis=1, prepend=0).T, strict=True)))
    assert trial_data(again, design_of(whole)).warnings == ()


def test_amounts_that_count_twice():
    """Shared uses may have two prices, as of a visit and of its journey."""
    whole = tree()
    whole["cost"][0] = {**whole["cost"][1], "category": "physiotherapy"}
    told = "the amounts of cost 'physiotherapy' are those of cost 'hospital' too, and count twice: check the columns"
    doubtful(wide(), design_of(whole), told)
    whole["cost"][0] |= {"price": 2.0}
    assert trial_data(wide(), design_of(whole)).warnings == ()


def test_a_code_among_the_other_values_and_much_oftener():
    table = wide().assign(stay=wide()["stay"] / 2)
    table.loc[range(6), "stay"] = 888.0
    told = "column 'stay' holds 888, a usual code for a missing value, in 6 rows, much oftener than any other value"
    doubtful(table, wide_design(), told)
    table.loc[range(6, 9), "stay"] = 750.0
    assert trial_data(table, wide_design()).warnings == ()


def test_a_discount_rate_of_ten_times_as_much():
    told = "effects are discounted by 15% a year: write 0.03 for 3%"
    doubtful(wide(), design_of(changed(tree(), ("analysis", "discount_effect"), 0.15)), told)
    doubtful(
        wide(), design_of(changed(tree(), ("analysis", "discount_cost"), 0.4)), "costs are discounted by 40% a year"
    )


REGIONS = {1: "north", 2: "east", 3: "south"}


@pytest.mark.parametrize(
    ("labels", "is_doubtful"),
    [
        (REGIONS, True),
        ({1: "no schooling", 2: "school", 3: "university", 9: "unknown"}, True),
        ({1: "north"}, False),
        ({1: "1", 2: "2 visits", 3: "3-5 visits"}, False),
    ],
)
def test_a_category_of_a_file_that_is_taken_as_a_number(labels, is_doubtful):
    table, whole = wide().assign(age=np.arange(24) % 3 + 1.0), tree()
    table.attrs["value_labels"] = {"age": labels}
    if not is_doubtful:
        assert not [each for each in trial_data(table, design_of(whole)).warnings if "is taken as a number" in each]
        return
    doubtful(table, design_of(whole), "covariate 'age' is taken as a number, and the file labels each of its 3 values")
    # The remedy works.
    whole["covariate"][0] |= {"kind": "category"}
    assert trial_data(table, design_of(whole)).warnings == ()


@pytest.mark.parametrize(
    ("column", "code", "label", "path"),
    [
        ("stay", 1500.0, "left the trial", "cost[1]"),
        ("u3", 0.5, "proxy", "utility"),
        ("physio_3", 25.0, "weekly", "cost[0]"),
    ],
)
def test_a_labelled_code_that_counts_as_a_number(column, code, label, path):
    table = wide()
    table.loc[3, column] = code
    table.attrs["value_labels"] = {column: {code: label}}
    told = (
        f"column '{column}' holds {code:g}, which the file labels '{label}', and it is taken as a number: if it means"
    )
    doubtful(
        table,
        design_of(changed(tree(), ("utility", "value_set"), None)),
        f"{told} missing, say missing = [{code:g}] in {path}",
    )


@pytest.mark.parametrize(
    ("column", "labels"),
    [
        ("physio_3", {0: "geen", 1: "ja", 2: "2 keer", 3: "3"}),
        ("u3", {1: "full health", 0: "overleden"}),
        ("physio_3", {77: "left the trial"}),
    ],
)
def test_labels_that_say_what_the_number_says_are_no_doubt(column, labels):
    table = wide()
    table[column] = np.resize([0.0, 1.0] if column == "u3" else [0.0, 1.0, 2.0, 3.0], 24)
    table.attrs["value_labels"] = {column: labels}
    whole = changed(tree(), ("utility", "value_set"), None)
    assert not any("which the file labels" in each for each in trial_data(table, design_of(whole)).warnings)


@pytest.mark.parametrize("amount", ["20.000", "1.500"])
def test_a_value_of_an_effect_with_a_thousands_point(amount):
    whole = tree()
    del whole["utility"], whole["death"], whole["planned"], whole["deviation"]
    whole["effect"] = {"unit": "point", "months": [3, 6, 12], "columns": ["u3", "u6", "u12"], "baseline": "u0"}
    whole["effect"] |= {"better": "more", "summary": "last", "wtp": [Decimal(amount)]}
    told = r"effect\.wtp\[0\]: must be an amount above 0 without quotes and without a thousands point, as in 20000"
    with pytest.raises(TrialError, match=told):
        design_of(whole)
    whole["effect"]["wtp"] = [Decimal(amount.replace(".", ""))]
    assert design_of(whole).effect.wtp == (float(amount) * 1000,)


# Patients -------------------------------------------------------------------------------------------------------------


def test_a_patient_who_is_in_the_table_twice():
    """Under another number; patients who share what others have too are two."""
    table = wide()
    table.loc[5, table.columns.drop("patient")] = table.loc[3, table.columns.drop("patient")]
    told = "patients of rows 4 and 6 (counted below the header) are alike in every column that the design names"
    doubtful(table, wide_design(), told)

    long, rows = long_of(table), {3: None, 5: None}
    names = table["patient"].to_numpy()[list(rows)]
    first, second = (int(np.flatnonzero(long["patient"] == name)[0]) + 1 for name in names)
    doubtful(long, long_design(), told.replace("4 and 6", f"{first} and {second}"))

    # Well, and without any care: as many are.
    healthy = [name for name in table if name.startswith(("u", "physio", "absence", "stay"))]
    table = wide()
    table.loc[:9, healthy] = table.loc[0, healthy].to_numpy()
    table["age"], table["region"] = 50.0 + np.arange(24) // 4 % 2, ["north", "north", "south", "south"] * 6
    table["practice"], table["period"] = [f"practice {number // 2 % 2}" for number in range(24)], 2020
    assert not any("alike" in each for each in trial_data(table, wide_design()).warnings)


@pytest.mark.filterwarnings("ignore:no cluster changes arm")
@pytest.mark.parametrize(("column", "other"), [("arm", "Exercise"), ("region", "North"), ("arm", "exer\u200acise ")])
def test_names_that_differ_by_what_is_hardly_seen(column, other):
    whole = tree()
    del whole["arm"]["values"]
    table = wide().assign(arm=["surgery", "exercise"] * 12)
    table.loc[1, column] = other
    with pytest.raises(TrialError, match=rf"column '{column}', row 2: .*; some differ by case, spaces or width only"):
        trial_data(table, design_of(whole))
    table.loc[1, column] = "other"
    with pytest.raises(TrialError) as told:
        trial_data(table, design_of(whole))
    assert "differ by case" not in str(told.value)


# SPSS -----------------------------------------------------------------------------------------------------------------


def saved(folder, table, *, weighted):
    """Write a table as SPSS does, with or without a variable that weights its cases."""
    path = folder / "t.sav"
    pyreadstat.write_sav(table, str(path))
    content = bytearray(path.read_bytes())
    content[76:80] = struct.pack("<i", 2 if weighted else 0)
    path.write_bytes(bytes(content))
    return path


def test_a_file_of_spss_with_weights(tmp_path):
    table, told = wide().assign(w=1.5), "the file was saved with weights (WEIGHT BY of SPSS) and the design names none"
    path = saved(tmp_path, table, weighted=True)
    assert trial.read_table(path).attrs["is_weighted"] is True
    without = changed(tree(), ("cluster",), None)
    doubtful(path, of_kind("spss", changed(without, ("deviation",), None)), told)
    # The remedy works.
    named = changed(changed(without, ("deviation",), None), ("table", "weight"), "w")
    assert trial_data(path, of_kind("spss", named)).warnings == ()
    assert trial_data(saved(tmp_path, table, weighted=False), of_kind("spss")).warnings == ()


def test_rows_that_the_filter_of_spss_leaves_out():
    table = wide().assign(**{"filter_$": [0.0, np.nan, *[1.0] * 22]})
    doubtful(table, wide_design(), "column 'filter_$', the filter of SPSS, leaves out 2 of 24 rows, and all are read")
    assert trial_data(table.assign(**{"filter_$": 1.0}), wide_design()).warnings == ()


def test_rows_that_are_hidden_in_a_workbook(tmp_path):
    """By a filter, as rows of SPSS are; to show them is a remedy."""
    path, table = tmp_path / "t.xlsx", wide()
    table.to_excel(path, index=False, engine="openpyxl")
    book = openpyxl.load_workbook(path)
    for is_hidden in (True, False):
        for row in (3, 8):
            book.active.row_dimensions[row].hidden = is_hidden
        book.save(path)
        if is_hidden:
            doubtful(
                path, of_kind("xlsx"), "2 of the rows are hidden in the workbook (a filter?), and are read like the"
            )
    assert trial_data(path, of_kind("xlsx")).warnings == ()


# What is told ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "cell", [pd.Timestamp("2020-03-04"), pd.Timestamp("2020-03-04").date(), pd.Timedelta("3h"), pd.Timestamp(0).time()]
)
def test_a_date_in_a_column_of_numbers(cell):
    """It was called a text, and told to be named as a code for a missing value."""
    table = wide().astype({"stay": object})
    table.loc[2, "stay"], table.loc[3, "stay"] = cell, "-"
    with pytest.raises(TrialError) as told:
        trial_data(table, wide_design())
    assert "column 'stay', row 3: must hold numbers only, got a date or time in a number column: name" in str(
        told.value
    )
    assert "column 'stay', row 4: must hold numbers only, got \"-\": a missing value?" in str(told.value)


@pytest.mark.parametrize("cell", [1j, [1.0, 2.0], {"a": 1}, pd.Interval(0, 1)])
def test_what_is_neither_a_number_nor_text(cell):
    stay = wide()["stay"].tolist()
    table = wide().assign(stay=pd.Series([*stay[:2], cell, *stay[3:]], dtype=object))
    with pytest.raises(TrialError, match="row 3: must hold numbers only, got what is neither a number nor text"):
        trial_data(table, wide_design())


def test_a_patient_in_the_index():
    """The remedy works."""
    table = wide().set_index("patient")
    with pytest.raises(
        TrialError, match=r"column 'patient': is the index of the table, .* reset_index\(\) makes it one"
    ):
        trial_data(table, wide_design())
    assert trial_data(table.reset_index(), wide_design()).warnings == ()


def test_numbers_by_another_mark_are_no_codes():
    """77.0 beside 54.0 where decimals have a comma by the design: to name 77 as missing would lose a true value."""
    ages = ["54.0", "77.0", "66.0", "NA", *["61.0"] * 20]
    with pytest.raises(TrialError) as told:
        trial_data(wide().assign(age=ages), wide_design())
    assert "77" not in str(told.value)
    assert "66" not in str(told.value)
    assert 'a decimal point is set by decimal = "."' in str(told.value)
    assert "column 'age', row 4: must hold numbers only, got \"NA\": a missing value?" in str(told.value)


def test_names_in_other_upper_and_lower_case():
    table = wide()
    with pytest.raises(TrialError, match="got them in other upper and lower case: write them in the design as the"):
        trial_data(table.set_axis([name.upper() for name in table.columns], axis=1), wide_design())


def test_a_title_above_the_names(tmp_path):
    """The remedy works."""
    table, path = wide(), tmp_path / "t.xlsx"
    book = openpyxl.Workbook()
    for row in (["Our trial"], [], [*table.columns], *table.astype(object).to_numpy().tolist()):
        book.active.append(row)
    book.save(path)
    with pytest.raises(InputError, match="if the names stand in a lower row, say header_row in the design's"):
        trial.read_table(path)
    found = trial.read_table(path, design=of_kind("xlsx", changed(tree(), ("table", "header_row"), 3)))
    assert found.columns.tolist() == table.columns.tolist()


def test_rules_without_discounting():
    """England's name none; the remedy works."""
    whole = tree()
    del whole["analysis"]["discount_cost"], whole["analysis"]["discount_effect"]
    whole["analysis"]["price_year"], whole["cost"] = 2020, [{**whole["cost"][1], "price_year": 2020}]
    whole["perspective"] = {"healthcare": ["hospital"]}
    told = (
        "discount_cost and discount_effect must stand in \\[analysis\\] of the design, as the rules england-other hold"
    )
    with pytest.raises(InputError, match=told):
        trial_data(wide(), design_of(whole), rules="england-other")
    whole["analysis"] |= {"discount_cost": 0.035, "discount_effect": 0.035}
    assert trial_data(wide(), design_of(whole), rules="england-other").discount_cost == 0.035


@pytest.mark.parametrize(("kind", "other"), [("xlsx", "csv"), ("sav", "dta"), ("dta", "csv"), ("parquet", "xlsx")])
def test_a_file_of_another_kind_than_its_name_tells(kind, other, tmp_path):
    """A workbook named .csv was told to say its encoding, which gives no table; the remedy works."""
    table, path = wide(), tmp_path / f"t.{kind}"
    {
        "xlsx": lambda: table.to_excel(path, index=False),
        "sav": lambda: pyreadstat.write_sav(table, str(path)),
        "dta": lambda: table.to_stata(path, write_index=False, version=118),
        "parquet": lambda: table.to_parquet(path),
    }[kind]()
    wrong = path.rename(tmp_path / f"t.{other}")
    with pytest.raises(InputError, match=rf"is a \.{kind} file by its content: give it that ending"):
        trial.read_table(wrong)
    assert trial.read_table(wrong.rename(path)).columns.tolist() == table.columns.tolist()


@pytest.mark.parametrize("name", ["t.xlsx", "t.csv"])
def test_an_old_workbook(name, tmp_path):
    path = tmp_path / name
    path.write_bytes(bytes.fromhex("d0cf11e0a1b11ae1") + bytes(512))
    with pytest.raises(InputError, match=r"is a workbook of Excel 97 to 2003 \(\.xls\), or one with a password by its"):
        trial.read_table(path)
