"""EQ-5D items by name: tables and arrays with named columns, in any order, in English and Dutch."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st

import hecon
from hecon.errors import InputError

ITEMS = ["MO", "SC", "UA", "PD", "AD"]
# By name 11115 and 21111.
STATES = [[1, 1, 1, 1, 5], [2, 1, 1, 1, 1]]
UTILITIES = [0.532, 0.918]
SPELLINGS = [
    ITEMS,
    ["mo", "sc", "ua", "pd", "ad"],
    ["eq5d_mo", "eq5d_sc", "eq5d_ua", "eq5d_pd", "eq5d_ad"],
    ["EQ-5D-5L MO t6", "EQ-5D-5L SC t6", "EQ-5D-5L UA t6", "EQ-5D-5L PD t6", "EQ-5D-5L AD t6"],
    ["t12_eq5d5l_mo", "t12_eq5d5l_sc", "t12_eq5d5l_ua", "t12_eq5d5l_pd", "t12_eq5d5l_ad"],
    ["mo0", "sc0", "ua0", "pd0", "ad0"],
    ["eq5dy_mo", "eq5dy_sc", "eq5dy_ua", "eq5dy_pd", "eq5dy_ad"],
    ["EQ5D_1_MO", "EQ5D_2_SC", "EQ5D_3_UA", "EQ5D_4_PD", "EQ5D_5_AD"],
    ["mobility", "self-care", "usual activities", "pain/discomfort", "anxiety/depression"],
    ["Mobility", "SelfCare", "UsualActivities", "PainDiscomfort", "AnxietyDepression"],
    ["mobility", "selfcare", "activity", "pain", "anxiety"],
    ["Mobiliteit", "Zelfzorg", "Dagelijkse activiteiten", "Pijn/klachten", "Stemming"],
    ["mobiliteit_m3", "zelfzorg_m3", "activiteiten_m3", "pijn_m3", "angst_m3"],
]


@given(st.sampled_from(SPELLINGS), st.permutations(range(5)), st.sampled_from([int, "Int64", "Float64", str, object]))
def test_items_are_valued_by_name(names, order, kind):
    """In whatever order the columns stand, as whatever kind of number."""
    table = pd.DataFrame(STATES, columns=names, index=["p2", "p1"]).iloc[:, list(order)].astype(kind)
    found = hecon.utility(table, value_set="nl-5l-2016")

    assert found.equals(pd.Series(UTILITIES, index=["p2", "p1"]))


def test_the_finding():
    """Anxiety first in the table: 11115 is worth 0.532, and not the 0.75 of 51111."""
    table = pd.DataFrame([[5, 1, 1, 1, 1]], columns=["AD", "SC", "UA", "PD", "MO"])

    assert hecon.utility(table, value_set="nl-5l-2016").tolist() == [0.532]
    assert hecon.utility(table.to_numpy(), value_set="nl-5l-2016").tolist() == [0.75]


def test_arrays_with_coordinates():
    """The last axis by its coordinate; the rest of the labels stay."""
    array = xr.DataArray(
        [STATES, STATES],
        dims=("visit", "patient", "item"),
        coords={"visit": [0, 6], "patient": ["p2", "p1"], "item": ITEMS},
        attrs={"units": "level"},
        name="answers",
    )
    found = hecon.utility(array.isel(item=[4, 2, 0, 1, 3]), value_set="nl-5l-2016")

    assert found.identical(
        xr.DataArray(
            [UTILITIES] * 2,
            dims=("visit", "patient"),
            coords={"visit": [0, 6], "patient": ["p2", "p1"]},
            attrs={"value_set": "nl-5l-2016"},
        )
    )


def test_one_patient():
    """A row of a table is a state."""
    row = pd.DataFrame(STATES, columns=ITEMS)[ITEMS[::-1]].iloc[0]

    assert hecon.utility(row, value_set="nl-5l-2016") == 0.532


@pytest.mark.parametrize("columns", [range(5), pd.Index([0, 1, 2, 3, 4])])
def test_counted_columns_are_in_order(columns):
    """They have no names."""
    assert hecon.utility(pd.DataFrame(STATES, columns=columns), value_set="nl-5l-2016").tolist() == UTILITIES


@pytest.mark.parametrize(
    "columns",
    [
        ["q1", "q2", "q3", "q4", "q5"],
        ["mo", "sc", "ua", "pd", "vas"],
        ["mo", "mo", "ua", "pd", "ad"],
        ["mo_0", "sc_0", "ua_0", "pd_0", "ad_6"],
        ["1_mo", "2_sc", "3_ua", "5_pd", "4_ad"],
        ["mo_sc", "sc", "ua", "pd", "ad"],
        [1, 2, 3, 4, 5],
        [4, 3, 2, 1, 0],
    ],
)
def test_names_that_are_not_the_five_items_of_one_time_are_refused(columns):
    """Both remedies work."""
    table = pd.DataFrame(STATES, columns=columns)

    with pytest.raises(InputError) as caught:
        hecon.utility(table, value_set="nl-5l-2016")

    assert str(caught.value) == (
        "states must have the five items MO, SC, UA, PD, AD of one time as columns (the last axis), "
        f"got {', '.join(map(str, columns))}: "
        "rename or transpose them, or pass .to_numpy() where they are in this order"
    )
    assert (
        hecon.utility(table.to_numpy(), value_set="nl-5l-2016").tolist()
        == hecon.utility(table.set_axis(ITEMS, axis=1), value_set="nl-5l-2016").tolist()
        == UTILITIES
    )


def test_items_along_the_rows_are_refused():
    """Of five patients, the table stands on its side."""
    table = pd.DataFrame([STATES[0]] * 5, columns=ITEMS)

    with pytest.raises(InputError, match="got MO, SC, UA, PD, AD: rename or transpose them"):
        hecon.utility(table.T, value_set="nl-5l-2016")
    assert hecon.utility(table.T.T, value_set="nl-5l-2016").tolist() == [0.532] * 5


def test_states_keep_their_labels():
    """Five visits of states are no items, whatever their names; nor are five patients without an answer."""
    visits = pd.DataFrame([[21111, 11111, 11115, None, 21111]], columns=["t0", "t3", "t6", "t9", "t12"], index=["p"])
    column = pd.Series([np.nan] * 5, index=list("abcde"), name="eq5d")

    assert hecon.utility(visits, value_set="nl-5l-2016").equals(
        pd.DataFrame([[0.918, 1.0, 0.532, np.nan, 0.918]], columns=visits.columns, index=["p"])
    )
    assert hecon.utility(column, value_set="nl-5l-2016").equals(column)
    assert hecon.utility(pd.DataFrame([[None] * 5], columns=visits.columns), value_set="nl-5l-2016").shape == (1, 5)


def test_masked_numbers_in_lists_are_refused():
    """A list drops the mask; the array itself is read with it."""
    states = np.ma.array([21111, 33333], mask=[False, True])

    assert hecon.utility(states, value_set="nl-5l-2016")[0] == 0.918
    with pytest.raises(InputError, match="states must have no masked numbers"):
        hecon.utility([states, states], value_set="nl-5l-2016")


def test_other_tables_with_named_columns():
    """A table that is neither pandas nor xarray, but has names and numbers."""

    class Table:
        columns = ("AD", "SC", "UA", "PD", "MO")

        def __array__(self, dtype=None, copy=None):
            return np.array([[5, 1, 1, 1, 1]], dtype=dtype)

    assert hecon.utility(Table(), value_set="nl-5l-2016").tolist() == [0.532]
