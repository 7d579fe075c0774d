"""Numbers as printed: their units, and that whatever was printed so lies in what they stand for."""

from __future__ import annotations

import re
from decimal import ROUND_CEILING, ROUND_DOWN, ROUND_FLOOR, ROUND_HALF_DOWN, ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from hecon.errors import InputError
from hecon.printed.numbers import (
    PrintedInterval,
    coarse_unit,
    cut_off,
    decimals,
    digits_beside,
    exact,
    fits,
    no_unit,
    printed,
    printed_probability,
    room,
    shared_unit,
    span,
    unit,
)

HALVES = (ROUND_HALF_EVEN, ROUND_HALF_UP, ROUND_HALF_DOWN)
# True values of either sign from 1e-12 to 1e12 in size, with zeros at their end or not, and 0.
VALUES = st.builds(
    lambda digits, power: Decimal(digits).scaleb(power), st.integers(-(10**6), 10**6), st.integers(-18, 6)
)
# Places of the last digit that is printed.
PLACES = st.integers(-12, 12)


def refused(message, error=InputError):
    return pytest.raises(error, match=re.escape(message))


def rounded(value, place, how=ROUND_HALF_EVEN):
    """Return a value with its last digit at a place, zeros after the point kept, and those of a whole number too."""
    shown = value.quantize(Decimal(1).scaleb(place), rounding=how)
    return shown if place <= 0 else int(shown)


# Units ----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "digits", "place", "coarsest"),
    [
        (1200, 0, "1", "1E+2"),
        (-1200, 0, "1", "1E+2"),
        (1201, 0, "1", "1"),
        (0, 0, "1", "1"),
        (Decimal("0.40"), 2, "0.01", "0.01"),
        (Decimal("-0.00"), 2, "0.01", "0.01"),
        (Decimal("20.0"), 1, "0.1", "0.1"),
        (Decimal(20), 0, "1", "1E+1"),
        (Decimal("1.20E+4"), 0, "1E+2", "1E+3"),
        (Decimal("1E-12"), 12, "1E-12", "1E-12"),
        (10**12, 0, "1", "1E+12"),
    ],
)
def test_the_place_of_the_last_digit(value, digits, place, coarsest):
    """Of a whole number zeros at its end may be none; after the point they are digits."""
    assert decimals(value) == digits
    assert (unit(value), coarse_unit(value), no_unit(value)) == (Decimal(place), Decimal(coarsest), 0)


def test_an_open_end_has_no_unit():
    """It was not rounded."""
    assert [of(Decimal(end)) for of in (unit, coarse_unit) for end in ("inf", "-inf")] == [0] * 4


def test_whole_numbers_printed_together_are_rounded_to_one_place():
    """The finest; a 0, an open end and a number with decimals have no say in it, and the latter keep their own."""
    of = shared_unit(1200, 40, 0, Decimal("-inf"), Decimal("0.5"))

    assert [of(each) for each in (1200, 40, 0, Decimal("0.5"), Decimal("-inf"))] == [10, 10, 10, Decimal("0.1"), 0]
    assert shared_unit(0, Decimal("0.5"))(7) == 1


# What a number stands for ---------------------------------------------------------------------------------------------


@given(VALUES, PLACES, st.sampled_from(HALVES))
def test_a_span_holds_every_value_that_rounds_to_its_number(value, place, how):
    """Whatever becomes of halves; of whole numbers that were rounded beyond their unit, by their coarsest one."""
    shown = rounded(value, place, how)
    assume(place <= 0 or shown != 0)
    found = span(shown, unit if place <= 0 else coarse_unit)

    assert found.low <= Fraction(value) <= found.high
    assert found.high - found.low >= Fraction(10) ** place


@given(VALUES, PLACES.filter(lambda place: place <= 0), st.integers(1, 10**6))
def test_no_value_beyond_a_span_rounds_to_its_number(value, place, beyond):
    """Its ends are where the next number begins."""
    shown = rounded(value, place)
    low, high = span(shown)
    for outside in (low - Fraction(1, beyond), high + Fraction(1, beyond)):
        assert round(outside / Fraction(10) ** place) != Fraction(shown) / Fraction(10) ** place


@given(VALUES, PLACES)
def test_a_number_read_in_floats_holds_what_rounds_to_it(value, place):
    """As text, as Decimal, and as an int: the same ends, but for the rounding of floats."""
    shown = rounded(value, place)
    assume(place <= 0 or shown == value)
    found, ends = printed("mean", shown), span(shown)
    slack = 1e-9 * abs(float(value))

    assert printed("mean", str(shown)) == found
    assert found.low - slack <= float(value) <= found.high + slack
    if not (shown == 0 and Decimal(shown).is_signed()):
        assert (found.low, found.high) == pytest.approx(tuple(map(float, ends)), rel=1e-9, abs=slack)


@given(VALUES, PLACES.filter(lambda place: place <= 0))
def test_digits_that_were_cut_off_lie_away_from_0(value, place):
    """Up to a whole unit, in fractions and in floats; what was rounded is held too."""
    shown = rounded(value, place, ROUND_DOWN)
    assume(shown != 0)
    ends = span(shown)
    low, high = cut_off(shown, ends)

    assert low <= Fraction(value) <= high
    assert low <= ends.low < ends.high <= high
    assert high - low == Fraction(10) ** place * 3 / 2
    assert cut_off(float(shown), (float(ends.low), float(ends.high))) == pytest.approx((float(low), float(high)))


@given(VALUES, PLACES.filter(lambda place: place <= 0))
def test_hedges_leave_room_for_what_they_are_said_of(value, place):
    """Over what is printed, or nearly so much; the rest is rounded."""
    whole = Fraction(10) ** place
    for wording, how in (("over", ROUND_FLOOR), ("nearly", ROUND_CEILING), ("exactly", ROUND_HALF_EVEN)):
        shown = Fraction(rounded(value, place, how))
        below, above = room(wording, whole / 2, whole)
        assert shown - below <= Fraction(value) <= shown + above
        assert below + above == whole
    assert room("over", 0.5, 1.0) == (0.0, 1.0)


def test_what_is_computed_in_floats_fits_at_an_end():
    """To 1e-9 of the size of the ends."""
    assert fits(0.1 + 0.2, (0.2, 0.3))
    assert fits(-1.0000000005, (-1.0, 0.5))
    assert not fits(-1.000000002, (-1.0, 0.5))


@given(VALUES, VALUES, PLACES)
def test_a_true_interval_holds_its_estimate_in_the_middle(estimate, half, place):
    """However it is rounded."""
    ends = (estimate, estimate - abs(half), estimate + abs(half))
    shown = PrintedInterval(*(rounded(each, place) for each in ends))
    assume(place <= 0 or all(shown.units(lambda each: Decimal(each != 0))))

    assert shown.two_sided
    assert shown.holds
    assert shown.perhaps_centred


# Numbers of a publication ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "centre", "low", "high"),
    [
        (1803, 1803, 1802.5, 1803.5),
        (-1803, -1803, -1803.5, -1802.5),
        ("1803", 1803, 1802.5, 1803.5),
        ("−1803", -1803, -1803.5, -1802.5),
        ("0.40", 0.4, 0.395, 0.405),
        ("0.4", 0.4, 0.35, 0.45),
        (" 0.4 ", 0.4, 0.35, 0.45),
        (0.4, 0.4, 0.35, 0.45),
        (np.float64(0.4), 0.4, 0.35, 0.45),
        (np.int64(3), 3, 2.5, 3.5),
        (12.0, 12, 11.95, 12.05),
        (1e-05, 1e-5, 0.5e-5, 1.5e-5),
        (Decimal("0.400"), 0.4, 0.3995, 0.4005),
        (Decimal("1.2E+4"), 12000, 11500, 12500),
        (Decimal("1E-12"), 1e-12, 0.5e-12, 1.5e-12),
        (10**12, 1e12, 1e12 - 100, 1e12 + 100),  # no arithmetic keeps more than ten digits
        ("0.00", 0, -0.005, 0.005),
        ("-0.00", 0, -0.005, 0),
        (Decimal("-0.0"), 0, -0.05, 0),
        (-0.0, 0, -0.05, 0),
        ("-0.01", -0.01, -0.015, -0.005),
    ],
)
def test_a_number_is_known_to_its_printed_digits(value, centre, low, high):
    """Half a step of the last digit either way; a printed minus before 0.00 tells on which side it lies."""
    number = printed("mean", value)

    assert number.value == pytest.approx(centre, rel=1e-15)
    assert number.low == pytest.approx(low, rel=1e-12)
    assert number.high == pytest.approx(high, rel=1e-12)


@given(st.integers(-(10**9), 10**9), st.integers(-12, 12))
def test_what_is_printed_lies_within_what_printing_leaves(mantissa, exponent):
    """Any number that rounds to the printed one lies in its interval, at any scale."""
    text = str(Decimal(mantissa).scaleb(exponent))
    number = printed("mean", text)
    step = 10.0**exponent

    assert number.low <= mantissa * step - 0.4999 * step
    assert number.high >= mantissa * step + 0.4999 * step
    assert (number.high - number.low) / 2 == pytest.approx(0.5 * step, rel=1e-6)


def test_a_float_of_full_precision_keeps_ten_digits():
    """Sixteen digits would claim more than arithmetic on them can keep."""
    number = printed("mean", 1 / 3)

    assert (number.high - number.low) / 2 == pytest.approx(1e-10 / 3, rel=1e-5)


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (True, "mean must be a number, or text as printed, got True"),
        (None, "mean must be a number, or text as printed, got None"),
        ([1], "mean must be a number, or text as printed, got [1]"),
        (np.bool_(1), "mean must be a number, or text as printed, got "),
        ("1,803", "mean must be a number with a decimal point and no thousands separator, got '1,803'"),
        ("", "mean must be a number with a decimal point and no thousands separator, got ''"),
        ("n.s.", "mean must be a number with a decimal point"),
        (10**31, "mean must be 0 or between 1e-30 and 1e30 in size, got an int of 103 bits"),
        (float("nan"), "mean must be finite, got nan"),
        (float("-inf"), "mean must be finite, got -inf"),
        ("Infinity", "mean must be finite, got 'Infinity'"),
        (Decimal("sNaN"), "mean must be finite"),
        (1e300, "mean must be 0 or between 1e-30 and 1e30 in size, got 1e+300; check the unit"),
        (Decimal("1E-400"), "mean must be 0 or between 1e-30 and 1e30 in size"),
        ("0E-400", "mean must be 0 or between 1e-30 and 1e30 in size"),
        ("0E+400", "mean must be 0 or between 1e-30 and 1e30 in size"),
    ],
)
def test_what_is_not_a_number_as_printed(value, message):
    """Booleans, text, NaN, infinities and absurd sizes are told apart."""
    with refused(message):
        printed("mean", value)


def test_an_int_too_long_to_print():
    """Python refuses to print an int of thousands of digits; the message does not."""
    with refused("mean must be 0 or between 1e-30 and 1e30 in size, got an int of 16610 bits"):
        printed("mean", 10**5000)


def test_a_probability_is_cut_to_its_range():
    """0.00 is at most 0.005, 1.00 at least 0.995."""
    zero, one = printed_probability("P", "0.00"), printed_probability("P", "1.00")

    assert (zero.low, zero.high) == (0, 0.005)
    assert (one.low, one.high) == (0.995, 1)


def test_a_chosen_number_is_exact():
    """A threshold was chosen, not rounded."""
    assert exact("threshold", "-0.057") == -0.057
    assert exact("threshold", 20_000) == 20_000.0


@given(st.floats(-100, 100), st.floats(-100, 100), st.integers(0, 4))
def test_a_number_is_written_on_its_side_of_a_limit(value, limit, least):
    limit = round(limit, 3)
    digits = digits_beside(value, [limit], least)
    shown, exact = round(Decimal(repr(round(value, 10))), digits), Decimal(repr(round(value, 10)))

    assert least <= digits <= 10
    assert shown.compare(Decimal(str(limit))) == exact.compare(Decimal(str(limit)))
