"""Costs of resource use and of absence: worked examples, an oracle hour by hour, and faults by row and column only."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from hecon import prices
from hecon.errors import InputError
from hecon.trial import valuation

NAN = float("nan")
QUARTERS = [(0, 3), (3, 6), (6, 9), (9, 12)]
RULES = st.sampled_from(["same-spell", "new-spell"])


def cost(hours, periods=QUARTERS, **changes):
    options = {"price_per_hour": 10, "hours_per_week": 20, "friction_weeks": 10} | changes
    return valuation.productivity_cost(hours, periods, **options)


def hour_by_hour(hours, most, *, missing_ends):
    """Return the hours of one patient that count, each hour looked at on its own."""
    counted, spent = [], 0
    for period in hours:
        if period is None:
            counted.append(None)
            spent = 0 if missing_ends else spent
            continue
        paid = 0
        for _ in range(period):
            paid += spent < most
            spent += 1
        counted.append(paid)
        spent = 0 if period == 0 else spent
    return counted


@given(
    st.lists(st.lists(st.none() | st.integers(0, 400), min_size=4, max_size=4), min_size=1, max_size=4),
    st.integers(1, 40),
    st.integers(1, 20),
    RULES,
)
@example([[100, None, 150, 0], [0, 400, 400, 0]], 20, 10, "same-spell")
def test_the_friction_method_counts_hour_by_hour(hours, weekly, weeks, rule):
    """A spell counts its first hours, up to the friction period."""
    table = np.array([[NAN if each is None else each for each in row] for row in hours])
    found = cost(table, price_per_hour=1, hours_per_week=weekly, friction_weeks=weeks, after_missing=rule)

    for row, ours in zip(hours, found, strict=True):
        naive = hour_by_hour(row, weekly * weeks, missing_ends=rule == "new-spell")
        np.testing.assert_array_equal(ours, [NAN if each is None else each for each in naive])


@pytest.mark.parametrize(
    ("hours", "counted"),
    [
        ([150, 0, 150, 0], [150, 0, 150, 0]),
        ([150, 150, 150, 0], [150, 50, 0, 0]),
        ([0, 250, 0, 250], [0, 200, 0, 200]),
        ([150, NAN, 150, 0], [150, NAN, 50, 0]),
        ([0, NAN, 250, 1], [0, NAN, 200, 0]),
    ],
)
def test_a_period_without_absence_begins_a_new_spell_and_a_missing_one_does_not(hours, counted):
    """A spell counts at most 10 weeks of 20 hours."""
    np.testing.assert_array_equal(cost([hours]), [[each * 10 for each in counted]])


def test_a_missing_period_may_be_taken_to_end_a_spell():
    """It then costs as it would had nobody been absent in it."""
    hours = [[150, NAN, 150, 0]]

    np.testing.assert_array_equal(cost(hours, after_missing="new-spell"), [[1500, NAN, 1500, 0]])


@given(st.lists(st.floats(0, 400), min_size=4, max_size=4), st.floats(0, 400))
def test_absence_after_a_missing_period_costs_no_more_than_in_a_new_spell(hours, missed):
    """The two rules bracket it from above; full knowledge of the missing period never costs more than a new spell."""
    known, unknown = [hours[0], missed, *hours[2:]], [hours[0], NAN, *hours[2:]]
    same, new = cost([unknown]), cost([unknown], after_missing="new-spell")

    assert (same <= new + 1e-9)[~np.isnan(same)].all()
    assert (cost([known])[:, 2:] <= new[:, 2:] + 1e-9).all()


def test_absence_costs_as_the_costing_manual_values_it():
    """By hand: 400 hours, then 16.4 · 36 − 400 = 190.4 hours, at 39.88 euros of 2022."""
    found = cost(
        [[400, 400, 0, 100]],
        price_per_hour=prices.reference_price("paid-work-hour").amount,
        hours_per_week=36,
        friction_weeks=prices.friction_period(2022).weeks,
    )

    assert found[0] == pytest.approx([15952.0, 7593.152, 0.0, 3988.0])


def test_hours_of_work_may_differ_between_patients():
    """Unknown hours of work leave only the cost of no absence known."""
    found = cost([[300, 0, 0, 50], [300, 0, 0, 50], [0, 0, 0, 0]], hours_per_week=[10, NAN, 0])

    np.testing.assert_array_equal(found, [[1000, 0, 0, 500], [NAN, 0, 0, NAN], [0, 0, 0, 0]])


@given(st.lists(st.floats(0, 300), min_size=4, max_size=4), st.floats(0, 100))
def test_cost_is_that_of_all_hours_when_the_friction_period_is_long(hours, price):
    """And it is in proportion to the price."""
    found = cost([hours], price_per_hour=price, friction_weeks=1000)

    np.testing.assert_allclose(found, [[each * price for each in hours]])


def test_all_hours_of_a_period_are_allowed():
    """Three months hold 168 hours in each of 13.04 weeks."""
    most = 168 * 365.25 / 12 / 7 * 3

    assert not np.isnan(cost([[most - 1e-6]], [(0, 3)])).any()
    with pytest.raises(InputError, match="at most those that the period holds"):
        cost([[most + 1e-6]], [(0, 3)])


@pytest.mark.parametrize("shape", [(3,), (2, 3)])
def test_resource_use_is_valued_at_its_price(shape):
    """Elementwise, with NaN where missing, and whole numbers alike."""
    use = np.arange(np.prod(shape)).reshape(shape)
    missing = np.where(use == 1, NAN, use)

    np.testing.assert_array_equal(valuation.resource_cost(use, 2.5), use * 2.5)
    np.testing.assert_array_equal(valuation.resource_cost(missing, 2.5), missing * 2.5)


def test_informal_care_is_hours_at_its_reference_price():
    """18.80 euros of 2022 an hour."""
    price = prices.reference_price("mantelzorg, vervangingskosten").amount

    assert valuation.resource_cost([10], price)[0] == pytest.approx(188.0)


# --- faults: the place, never the value -------------------------------------------------------------------------------

SECRET = 987.125


@pytest.mark.parametrize(
    ("verb", "values", "message"),
    [
        ("use", [1, -SECRET], "use must be at least 0, or NaN where missing; it is not in row 1, counted from 0"),
        (
            "hours",
            [[0, 0, -SECRET, 0], [-SECRET, 0, 0, 0]],
            (
                "hours must be at least 0, or NaN where missing; it is not in row 0, column 2; row 1, column 0, "
                "counted from 0"
            ),
        ),
        (
            "hours",
            [[0, math.inf, 0, 0]],
            "hours must be finite, or NaN where missing; it is not in row 0, column 1, counted from 0",
        ),
        (
            "hours",
            [[0, 0, 0, SECRET * 3]],
            "hours must be at most those that the period holds; it is not in row 0, column 3, counted from 0",
        ),
        (
            "use",
            [-SECRET] * 7,
            (
                "use must be at least 0, or NaN where missing; it is not in row 0; row 1; row 2; row 3; row 4 "
                "and 2 more, counted from 0"
            ),
        ),
        ("use", ["987.125"], "use must hold numbers, NaN where missing, got something else"),
        ("hours", [["987.125"] * 4], "hours must hold numbers, NaN where missing, got something else"),
        ("use", SECRET, "use must have one or two dimensions, got shape ()"),
        ("hours", [SECRET], "hours must have one row per patient and one column per period, got shape (1,)"),
        (
            "use",
            np.ma.masked_array([SECRET], [True]),
            "use must have no masked numbers, got a masked array: leave out what is missing",
        ),
    ],
)
def test_bad_amounts_are_named_by_their_place_alone(verb, values, message):
    with pytest.raises(InputError) as caught:
        valuation.resource_cost(values, 1) if verb == "use" else cost(values)

    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (
            {"hours_per_week": [20, 0]},
            (
                "hours must be 0 where hours_per_week is 0: give the hours of paid work, or NaN if unknown; "
                "it is not in row 1, column 1, counted from 0"
            ),
        ),
        (
            {"hours_per_week": [20, 169]},
            "hours_per_week must be at most 168; it is not in row 1, counted from 0",
        ),
        (
            {"hours_per_week": [-1, 20]},
            "hours_per_week must be at least 0, or NaN where missing; it is not in row 0, counted from 0",
        ),
        ({"hours_per_week": [20] * 3}, "hours_per_week must be one number or one per patient, got 3 for 2 patients"),
        ({"price_per_hour": -1}, "price_per_hour must be at least 0, got -1"),
        ({"price_per_hour": "£ 40"}, "price_per_hour must be a number, got '£ 40'"),
        ({"friction_weeks": 0}, "friction_weeks must be above 0, got 0"),
        ({"after_missing": "zero"}, "after_missing must be one of 'same-spell', 'new-spell', got 'zero'"),
        ({"periods": [(0, 3), (4, 6)]}, "periods must each begin where the one before ends, got 4 after 3"),
        ({"periods": [(0, 3), (3, 3)]}, "periods must end after they start, got 3 to 3"),
        (
            {"periods": [(0, 3)]},
            "periods must hold a start and an end [months] for each of 2 columns of hours, got [(0, 3)]",
        ),
        (
            {"periods": [3, 6]},
            "periods must hold a start and an end [months] for each of 2 columns of hours, got [3, 6]",
        ),
        (
            {"periods": [(0, 3), (3, "6")]},
            "periods must hold a start and an end [months] for each of 2 columns of hours, got [(0, 3), (3, '6')]",
        ),
    ],
)
def test_bad_options_are_refused(changes, message):
    options = {"periods": [(0, 3), (3, 6)]} | changes
    with pytest.raises(InputError) as caught:
        cost([[10, 0], [0, 10]], **options)

    assert str(caught.value) == message


def test_a_price_is_no_less_than_zero():
    with pytest.raises(InputError, match=r"^price must be at least 0, got -0\.5$"):
        valuation.resource_cost([1], -0.5)
