"""Marks in numbers of text: a comma or a point that could part thousands or decimals is asked about."""

from __future__ import annotations

import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from trial_tables import changed, faults, tree, wide

from hecon.trial.table.cells import numbers
from hecon.trial.table.checking import trial_data
from hecon.trial.table.design import design_of

NBSP = "\N{NO-BREAK SPACE}"
# As a Dutch or an English hand writes them: 2155, 810 and 1010.
THOUSANDS = ("2,155", "810", "1,010")


def design(decimal=None, thousands=None):
    whole = changed(tree(), ("table", "decimal"), decimal)
    whole["table"]["thousands"] = thousands
    return design_of(whole)


def texts(column, cells):
    """Return the wide table with texts in a column, over and over: three, so that they do not go with the arm."""
    three = [*cells, cells[-1]][:3]
    return wide().assign(**{column: three * 8})


def told_of(column, cells, **marks):
    return next(each for each in faults(texts(column, cells), design(**marks)) if f"column '{column}'" in each)


def values(column, cells, **marks):
    """Return the first values of a column as its table is read."""
    found = trial_data(texts(column, cells), design(**marks))
    return found.covariates[:3, 0] if column == "age" else found.costs[:3, 3] / found.costs[0, 3]


@pytest.mark.parametrize("column", ["age", "stay", "physio_3"])
@pytest.mark.parametrize("marks", [{}, {"decimal": ","}])
def test_a_comma_before_three_digits_is_asked_about(column, marks):
    """Also where the design gives a decimal comma: a message may have asked for it."""
    told = told_of(column, THOUSANDS, **marks)

    assert "every number with a comma could be thousands, as 1,234 is 1234 or a number with three decimals" in told
    assert 'if they are decimals, say so by decimal = "," and thousands = "none"' in told
    assert 'if thousands, by thousands = ","' in told
    assert not re.search("155|810|010", told)


@pytest.mark.parametrize("cell", ["\uff15\uff16", "\u0665\u0666", "(56)", "56-", "\u221256", "\uff0d56", "\u201356.5"])
@pytest.mark.no_cover
def test_digits_and_minuses_of_other_kinds(cell):
    """No remedy is to take them for missing values."""
    told = told_of("stay", [cell, "810.5", "20"], decimal=".")

    assert told.endswith("a number has the digits 0 to 9 and its minus in front, as -12: write these so in the file")


def test_commas_and_points_for_decimals():
    told = told_of("stay", ["56,5", "810.25", "20"], decimal=".")

    assert told.endswith("some have a decimal comma and others a point: write all in one way in the file")


def test_both_answers_are_accepted():
    assert values("age", THOUSANDS, thousands=",").tolist() == [2155, 810, 1010]
    assert values("age", THOUSANDS, decimal=",", thousands="none").tolist() == [2.155, 810, 1.01]


@pytest.mark.slow
def test_a_point_before_three_digits_is_asked_about_unless_it_is_given():
    cells = [each.replace(",", ".") for each in THOUSANDS]
    told = told_of("age", cells)

    assert "every number with a point could be thousands" in told
    assert 'if they are decimals, say so by decimal = "."' in told
    assert 'if thousands, by thousands = "."' in told
    assert values("age", cells, thousands=".").tolist() == [2155, 810, 1010]
    assert values("age", cells, decimal=".").tolist() == [2.155, 810, 1.01]
    assert values("age", cells, thousands="none").tolist() == [2.155, 810, 1.01]
    told = told_of("age", cells, decimal=",")
    assert 'say thousands = "." or decimal = "." if they are decimals in its [table]' in told


@pytest.mark.parametrize("cells", [("2,5", "810"), ("2,155", "1,01"), ("0,155", "1,010"), ("12345,678", "3")])
@pytest.mark.no_cover
def test_where_one_number_shows_it_a_comma_is_that_of_decimals(cells):
    told = told_of("age", cells)

    assert told.endswith('a decimal comma is set by decimal = "," in the design\'s [table]')
    expected = [float(each.replace(",", ".")) for each in cells]
    assert values("age", cells, decimal=",")[:2].tolist() == expected


def test_a_code_that_means_missing_does_not_settle_what_a_mark_is():
    """The points of "n.v.t." are those of no number."""
    whole = changed(changed(tree(), ("table", "decimal"), None), ("table", "missing"), ["n.v.t."])
    table = texts("age", ["2.155", "n.v.t.", "1.010"])
    (told,) = [each for each in faults(table, design_of(whole)) if "'age'" in each]

    assert "every number with a point could be thousands" in told


@pytest.mark.parametrize(
    ("cells", "hint", "marks", "expected"),
    [
        (("1.234,56", "810"), 'decimal = "," and thousands = "."', {"decimal": ",", "thousands": "."}, 1234.56),
        (("1,234.56", "810"), 'thousands = ","', {"thousands": ","}, 1234.56),
        (("1 234", "810"), 'thousands = " "', {"thousands": " "}, 1234),
        ((f"1{NBSP}234", "810"), 'thousands = " "', {"thousands": " "}, 1234),
        (("1'234", "810"), 'thousands = "\'"', {"thousands": "'"}, 1234),
        (("1 234,5", "810"), 'decimal = "," and thousands = " "', {"decimal": ",", "thousands": " "}, 1234.5),
        (("1,234,567", "810"), 'thousands = ","', {"thousands": ","}, 1234567),
    ],
)
@pytest.mark.no_cover
def test_a_mark_between_thousands_is_told_by_its_key(cells, hint, marks, expected):
    assert hint in told_of("age", cells)
    assert values("age", cells, **marks)[0] == expected


@pytest.mark.parametrize("cell", ["€ 5", "5%", "5 euro", "$5", "EUR 5", "-€ 5", "€ 1.234,50"])
@pytest.mark.no_cover
def test_a_sign_is_no_part_of_a_number(cell):
    """That of a percentage would change its size."""
    assert "no currency or percent sign: take the signs away in the file" in told_of("age", [cell, "810"])


@pytest.mark.parametrize("cell", ["1,23,456", "12,34", ",123", "0,123", "1,2345", "1234,567", "1.5,000", "1, 234"])
@pytest.mark.no_cover
def test_marks_in_other_places_make_no_number(cell):
    assert "must hold numbers only" in told_of("age", [cell, "1,010"], thousands=",")


def test_one_mark_does_not_mean_two_things():
    told = told_of("age", ["0,85", "1,5"], thousands=",")

    assert "by the design a comma parts thousands, and here it parts decimals: write all numbers in one way" in told


def test_spaces_around_a_number_are_none_of_it():
    assert values("age", [f"{NBSP}810 ", "12"])[:2].tolist() == [810, 12]


@given(
    value=st.integers(-(10**9), 10**9),
    places=st.integers(0, 4),
    marks=st.sampled_from([(".", ","), (",", "."), (".", " "), (",", " "), (".", "'"), (".", ""), (",", "")]),
)
def test_a_number_is_read_as_it_is_written(value, places, marks):
    """By whatever marks."""
    decimal, thousands = marks
    number = value / 10**places
    text = f"{number:,.{places}f}".replace(",", "T").replace(".", decimal).replace("T", thousands)
    found, wrong = numbers(np.array([text], dtype=object), decimal=decimal, thousands=thousands)

    assert not wrong.any()
    assert found[0] == pytest.approx(number, rel=1e-12, abs=1e-12)
