"""EQ-5D states: what is refused, with the first bad state named and its place."""

from __future__ import annotations

import numpy as np
import pytest

import hecon
from hecon.errors import InputError

STATE = "states must be a state of five digits, each from 1 to 5 (EQ-5D-5L, value set nl-5l-2016), got {}"
FIVE = "states must be five items, each from 1 to 5 (EQ-5D-5L, value set nl-5l-2016), got {}"


@pytest.mark.parametrize(
    ("given_states", "message"),
    [
        (21116, STATE.format("21116")),
        (20111, STATE.format("20111")),
        (0, STATE.format("0")),
        (-21111, STATE.format("-21111")),
        (211111, STATE.format("211111")),
        (21111.5, STATE.format("21111.5")),
        (np.inf, STATE.format("inf")),
        ("2111", STATE.format("'2111'")),
        ("21111.0", STATE.format("'21111.0'")),
        ("-", STATE.format("'-'")),
        ([21111, 99999, 0], STATE.format("99999 at position 1")),
        (["21111", "", "full"], STATE.format("'full' at position 2")),
        ([[21111, 11111], [21111, 61111]], STATE.format("61111 at position 1, 1")),
        ([1, 1, 1, 1, 6], FIVE.format("[1, 1, 1, 1, 6]")),
        ([[1, 1, 1, 1, 1], [1, 0, 1, 1, 1]], FIVE.format("[1, 0, 1, 1, 1] at position 1")),
        (np.array([[1, 1, 1, 1.5, 1]]), FIVE.format("[1.0, 1.0, 1.0, 1.5, 1.0] at position 0")),
    ],
)
def test_the_first_bad_state_is_named(given_states, message):
    """What is no state of the version is named as it was given, with its place."""
    with pytest.raises(InputError) as caught:
        hecon.utility(given_states, value_set="nl-5l-2016")

    assert str(caught.value) == message + "; write a missing one as NaN"


@pytest.mark.parametrize(
    ("value_set", "version"),
    [("nl-3l-2006", "EQ-5D-3L"), ("nl-3l-2026", "EQ-5D-3L"), ("nl-y3l-2022", "EQ-5D-Y-3L")],
)
def test_a_state_of_another_version_is_refused(value_set, version):
    """A level that a version does not have is not valued by its set."""
    with pytest.raises(InputError) as caught:
        hecon.utility([11111, 11114], value_set=value_set)

    assert str(caught.value) == (
        f"states must be a state of five digits, each from 1 to 3 ({version}, value set {value_set}), "
        "got 11114 at position 1; write a missing one as NaN"
    )


@pytest.mark.parametrize(
    ("given_states", "kind"),
    [(True, "bool"), ([True, False], "bool"), (1j, "complex128"), (np.array(["2020"], dtype="M8[Y]"), "datetime64[Y]")],
)
def test_what_is_no_number_is_refused(given_states, kind):
    """Truth values, complex numbers and dates are no states."""
    with pytest.raises(InputError) as caught:
        hecon.utility(given_states, value_set="nl-5l-2016")

    assert str(caught.value) == f"states must be EQ-5D states as numbers or text, got {kind}; value set nl-5l-2016"


def test_an_unknown_value_set_is_refused():
    """A near name is told when there is no such."""
    with pytest.raises(InputError) as caught:
        hecon.utility(21111, value_set="nl-5l")

    rule = "value_set must be one of hecon.eq5d.value_sets()"
    assert str(caught.value) == f"{rule}, got 'nl-5l'; did you mean 'nl-5l-2016'?"


@pytest.mark.parametrize(
    ("items", "shown"),
    [
        ([1, 1, 1, 1, 11], "[1, 1, 1, 1, 11]"),
        ([1, 1, 1, 11, 1], "[1, 1, 1, 11, 1]"),
        ([1, None, 9, 1, 1], "[1, None, 9, 1, 1]"),
        ([1, 1, 1, 1, 0], "[1, 1, 1, 1, 0]"),
        ([True, None, 1, 1, 1], "[True, None, 1, 1, 1]"),
    ],
)
def test_an_item_that_is_no_level_is_refused(items, shown):
    """Also where its sum with the others would make another state, and beside a missing item."""
    with pytest.raises(InputError) as caught:
        hecon.utility(items, value_set="nl-5l-2016")

    assert str(caught.value) == (
        f"states must be five items, each from 1 to 5 (EQ-5D-5L, value set nl-5l-2016), got {shown}; "
        "write a missing one as NaN"
    )


@pytest.mark.parametrize(
    "text", ["9" * 25, "2_1111", "+21111", "\u0662\u0661\u0661\u0661\u0661", "2111", "21 11", "2.1e4"]
)
@pytest.mark.parametrize("beside", [[], [""], ["11111"]])
def test_text_that_is_no_state_is_refused(text, beside):
    """Five plain digits and nothing else, whatever stands beside them."""
    with pytest.raises(InputError) as caught:
        hecon.utility([text, *beside], value_set="nl-5l-2016")

    assert f"got {text!r} at position 0; " in str(caught.value)


@pytest.mark.parametrize("value", [True, 10**400, float("inf"), object, [1]])
def test_what_is_no_number_is_refused_among_others(value):
    """In a list of mixed things."""
    states = np.empty(2, dtype=object)
    states[:] = [None, value]

    with pytest.raises(InputError, match="at position 1; "):
        hecon.utility(states, value_set="nl-5l-2016")


def test_rows_of_unequal_length_are_refused():
    """In hecon's words, not NumPy's."""
    with pytest.raises(InputError) as caught:
        hecon.utility([[21111], [21111, 1]], value_set="nl-5l-2016")

    assert str(caught.value) == (
        "states must be an array of states or of rows of five items, got rows of unequal length"
    )


def test_a_mask_is_a_missing_state():
    """Of a masked array."""
    states = np.ma.array([21111, 33333], mask=[False, True])
    items = np.ma.array([[2, 1, 1, 1, 1], [2, 1, 1, 1, 1]], mask=[[0] * 5, [0, 1, 0, 0, 0]])

    assert np.array_equal(hecon.utility(states, value_set="nl-5l-2016"), [0.918, np.nan], equal_nan=True)
    assert np.array_equal(hecon.utility(items, value_set="nl-5l-2016"), [0.918, np.nan], equal_nan=True)
