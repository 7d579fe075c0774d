"""EQ-5D states to utilities: published values, all states, properties, shapes and types."""

from __future__ import annotations

import itertools

import numpy as np
import oracles
import pandas as pd
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

import hecon
from hecon import eq5d, tables

LEVELS = {"nl-5l-2016": 5, "nl-3l-2006": 3, "nl-3l-2026": 3, "nl-y3l-2022": 3, "nl-5l-crosswalk-2006": 5}
ITEMS = ("MO", "SC", "UA", "PD", "AD")
# Decrements of Versteegh et al. 2016, doi:10.1016/j.jval.2016.01.003, by item, for levels 2 to 5; any problem -0.047.
OF_2016 = {
    "MO": (0.035, 0.057, 0.166, 0.203),
    "SC": (0.038, 0.061, 0.168, 0.168),
    "UA": (0.039, 0.087, 0.192, 0.192),
    "PD": (0.066, 0.092, 0.360, 0.415),
    "AD": (0.070, 0.145, 0.356, 0.421),
}
# Roudijk et al. 2022, doi:10.1007/s40273-022-01192-0, for levels 2 and 3.
OF_Y = {"MO": (0.036, 0.191), "SC": (0.028, 0.139), "UA": (0.058, 0.211), "PD": (0.111, 0.363), "AD": (0.096, 0.314)}


def states(levels):
    """Return every state of a version as text."""
    return ["".join(map(str, state)) for state in itertools.product(range(1, levels + 1), repeat=5)]


def naive(state, value_set):
    """Return the utility of a state, one packaged term after the other."""
    columns = tables.read(value_set, "value_set")
    terms = dict(zip(columns["term"], columns["value"].astype(float), strict=True))
    value = terms["start"]
    if state != "11111":
        value += terms.get("any-problem", 0.0)
    if "3" in state and value_set == "nl-3l-2006":
        value += terms["any-level-3"]
    for item, level in zip(ITEMS, state, strict=True):
        if level != "1":
            value += terms[item + level]
    return value


def less(state, decrements, at_once):
    """Return the utility of a state by decrements written in this file."""
    lost = at_once if state != "11111" else 0.0
    for item, level in zip(ITEMS, state, strict=True):
        lost += 0.0 if level == "1" else decrements[item][int(level) - 2]
    return 1 - lost


@pytest.mark.parametrize(
    ("value_set", "state", "value"),
    [
        ("nl-5l-2016", "11111", 1.0),
        ("nl-5l-2016", "21111", 0.918),
        ("nl-5l-2016", "22222", 0.705),
        ("nl-5l-2016", "44444", -0.289),
        ("nl-5l-2016", "55511", 0.390),
        ("nl-5l-2016", "55555", -0.446),
        ("nl-3l-2006", "11111", 1.0),
        ("nl-3l-2006", "21211", 0.861),
        ("nl-3l-2006", "21231", 0.298),
        ("nl-3l-2006", "33333", -0.329),
        ("nl-3l-2026", "22222", 0.521),
        ("nl-3l-2026", "33333", -0.723),
        ("nl-y3l-2022", "11111", 1.0),
        ("nl-y3l-2022", "33333", -0.218),
        ("nl-y3l-2022", "21123", 0.539),
    ],
)
def test_published_values(value_set, state, value):
    """Versteegh 2016, Lamers 2006, the 3L set of 2026 and Roudijk 2022 come out to three decimals."""
    assert hecon.utility(state, value_set=value_set) == pytest.approx(value, abs=1e-9)


def test_no_set_is_a_silent_default():
    """The countries' values differ, so that the caller names one."""
    with pytest.raises(TypeError, match="value_set"):
        hecon.utility(44444)


@pytest.mark.slow
@pytest.mark.parametrize("value_set", ["nl-5l-2016", "nl-3l-2006", "nl-3l-2026", "nl-y3l-2022"])
def test_every_state_is_the_sum_of_its_terms(value_set):
    """A loop over the packaged terms gives every state."""
    every = states(LEVELS[value_set])

    assert hecon.utility(every, value_set=value_set) == pytest.approx([naive(s, value_set) for s in every], abs=1e-9)


@pytest.mark.parametrize(
    ("value_set", "decrements", "once"), [("nl-5l-2016", OF_2016, 0.047), ("nl-y3l-2022", OF_Y, 0)]
)
def test_every_state_by_the_printed_decrements(value_set, decrements, once):
    """The decrements as printed, written out in the test, give every state."""
    every = states(LEVELS[value_set])

    assert hecon.utility(every, value_set=value_set) == pytest.approx(
        [less(s, decrements, once) for s in every], abs=1e-9
    )


@pytest.mark.parametrize(
    ("file", "column", "value_set", "within"),
    [
        ("nl_eq5d5l_values_3125.csv", "u_nl_5l_versteegh2016", "nl-5l-2016", 0.002),
        ("nl_eq5d5l_values_3125.csv", "u_crosswalk_vanhout2012_to_lamers2006", "nl-5l-crosswalk-2006", 0.002),
        ("nl_eq5d3l_values_243.csv", "u_nl_3l_lamers2006", "nl-3l-2006", 1e-6),
        ("nl_eq5d3l_values_243.csv", "u_nl_3l_2026", "nl-3l-2026", 1e-6),
    ],
)
def test_every_state_agrees_with_other_software(file, column, value_set, within):
    """All 3,125 and 243 states agree with tables that were checked against eq5dsuite."""
    theirs = oracles.table(f"{oracles.FACTS}/{file}")

    assert sorted(theirs["state"]) == states(LEVELS[value_set])
    ours = hecon.utility(theirs["state"], value_set=value_set)
    assert np.abs(ours - np.array(theirs[column], dtype=float)).max() <= within


# --- properties -------------------------------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize("value_set", ["nl-5l-2016", "nl-3l-2006", "nl-3l-2026", "nl-y3l-2022"])
@given(st.data())
def test_a_worse_item_never_raises_utility(value_set, data):
    """One item one level worse, all else equal, has at most the same utility."""
    levels = LEVELS[value_set]
    state = data.draw(st.lists(st.integers(1, levels), min_size=5, max_size=5))
    item = data.draw(st.integers(0, 4))
    assume(state[item] < levels)
    worse = [*state[:item], state[item] + 1, *state[item + 1 :]]

    assert hecon.utility(worse, value_set=value_set) <= hecon.utility(state, value_set=value_set)


@pytest.mark.slow
@pytest.mark.parametrize("value_set", LEVELS)
@given(st.data())
def test_items_codes_and_text_agree(value_set, data):
    """The same states as items, as numbers and as text have the same utilities, in the same shape."""
    level = st.integers(1, LEVELS[value_set])
    items = np.array(data.draw(st.lists(st.lists(level, min_size=5, max_size=5), min_size=1, max_size=8)))
    codes = items @ [10_000, 1_000, 100, 10, 1]
    found = hecon.utility(items, value_set=value_set)

    assert np.array_equal(hecon.utility(codes, value_set=value_set), found)
    assert np.array_equal(hecon.utility(codes.astype(float), value_set=value_set), found)
    assert np.array_equal(hecon.utility(codes.astype(str), value_set=value_set), found)
    assert [hecon.utility(code, value_set=value_set) for code in codes.tolist()] == found.tolist()
    assert found.max() <= 1
    assert found.min() >= hecon.utility(str(LEVELS[value_set]) * 5, value_set=value_set)


# --- shapes and types -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "state", [21111, 21111.0, "21111", " 21111 ", b"21111", np.int16(21111), np.array(21111), (2, 1, 1, 1, 1)]
)
def test_one_state_gives_a_float(state):
    """One state, in whatever way it is written, gives a number."""
    found = hecon.utility(state, value_set="nl-5l-2016")

    assert type(found) is float
    assert found == 0.918


@pytest.mark.parametrize("missing", [None, np.nan, "", pd.NA])
def test_one_missing_state_is_nan(missing):
    """A missing state has a missing utility, as a number."""
    found = hecon.utility(missing, value_set="nl-5l-2016")

    assert type(found) is float
    assert np.isnan(found)


@pytest.mark.parametrize(
    "given_states",
    [
        [21111, None, 22222],
        [21111, np.nan, 22222],
        ["21111", "", "22222"],
        ["21111", "nan", "22222"],
        ["21111", None, 22222],
        [b"21111", None, b"22222"],
        [21111, pd.NA, "22222"],
        np.array([21111, np.nan, 22222], dtype=np.float32),
        pd.Series([21111, None, 22222], dtype="Int64"),
        pd.Series(["21111", None, "22222"], dtype="string"),
        pd.Series(["21111", None, "22222"], dtype="category"),
        pd.Series([21111.0, np.nan, 22222.0], index=[4, 5, 6]),
    ],
)
def test_missing_states_are_nan(given_states):
    """None, NaN, empty text and pandas' NA are missing, in any mixture."""
    found = hecon.utility(given_states, value_set="nl-5l-2016")

    assert isinstance(found, pd.Series if isinstance(given_states, pd.Series) else np.ndarray)
    assert found.dtype == float
    assert np.array_equal(found, [0.918, np.nan, 0.705], equal_nan=True)


@pytest.mark.parametrize("missing", [None, np.nan, pd.NA, ""])
def test_a_missing_item_makes_a_state_missing(missing):
    """One item without an answer leaves the state without a utility."""
    assert np.array_equal(
        hecon.utility([[2, 1, 1, 1, 1], [1, missing, 1, 1, 1]], value_set="nl-5l-2016"), [0.918, np.nan], equal_nan=True
    )


@pytest.mark.parametrize(
    ("given_states", "shape"),
    [
        ([], (0,)),
        (np.empty((0, 5)), (0,)),
        (np.empty((3, 0)), (3, 0)),
        ([21111], (1,)),
        ([[21111, 11111, 33333]], (1, 3)),
        (np.full((2, 5), 21111), (2, 5)),
        (["21111"] * 5, (5,)),
        (np.ones((4, 3, 5)), (4, 3)),
        (np.ones((1, 5), dtype=np.uint8), (1,)),
        (pd.DataFrame([[1, 1, 1, 1, 2]] * 3, columns=list(ITEMS)), (3,)),
    ],
)
def test_the_shape_is_that_of_the_states(given_states, shape):
    """States keep their shape; items lose the axis that they are on."""
    assert hecon.utility(given_states, value_set="nl-5l-2016").shape == shape


@pytest.mark.parametrize("kind", [np.uint8, np.uint16, np.int8, np.float32])
def test_items_of_any_kind_of_number_are_read_and_refused_alike(kind):
    """An unsigned array has no number below 0 to stand for what is no level."""
    assert hecon.utility(np.array([[2, 1, 1, 1, 1]], dtype=kind), value_set="nl-5l-2016").tolist() == [0.918]
    with pytest.raises(ValueError, match="at position 1;"):
        hecon.utility(np.array([[2, 1, 1, 1, 1], [1, 1, 1, 1, 0]], dtype=kind), value_set="nl-5l-2016")


def test_five_states_in_a_row_are_not_items():
    """A number of five digits shows that a row of five holds states, with a missing one among them."""
    found = hecon.utility([21111, 22222, np.nan, 44444, 55555], value_set="nl-5l-2016")

    assert np.array_equal(found, [0.918, 0.705, np.nan, -0.289, -0.446], equal_nan=True)


def test_what_was_given_stays_as_it_was():
    """The caller's array is not written to."""
    given_states = np.array([21111.0, np.nan])
    hecon.utility(given_states, value_set="nl-5l-2016")

    assert np.array_equal(given_states, [21111.0, np.nan], equal_nan=True)


def test_value_sets_are_listed_with_their_sources():
    """Each value set comes with the provenance of its table."""
    names = [each.name for each in eq5d.value_sets()]

    assert names == sorted(names)
    assert set(LEVELS) <= set(names)
    assert all(each.kind == "value_set" and each.source and each.licence for each in eq5d.value_sets())
