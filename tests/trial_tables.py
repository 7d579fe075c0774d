"""Designs and tables of small trials, wide and long, that tests start from and spoil."""

from __future__ import annotations

import copy
import tomllib
from functools import cache

import numpy as np
import pandas as pd
import pytest

from hecon import valuesets
from hecon.errors import TrialError
from hecon.trial.table.checking import trial_data
from hecon.trial.table.design import design_of

# Every key that a wide design may have, but for the thousands mark.
WIDE = """
format = 1
name = "knee"
title = "Exercise or surgery"
simulated = true

[table]
layout = "wide"
patient = "patient"
missing = [-99, "nvt"]
separator = ";"
decimal = ","

[arm]
column = "arm"
comparator = "surgery"
interventions = ["exercise"]
values = { surgery = 0, exercise = 1 }

[cluster]
column = "practice"
period = "period"
across_arms = "same"

[dates]
randomisation = "randomised_on"
baseline = "measured_on"
missing = ["geen"]

[death]
date = "died_on"
others = "alive"
before = "level"
missing = ["nog in leven"]

[deviation]
after = "last-visit"
reference = "exercise"
methods = ["copy-increments"]

[planned]
follow_up = "planned"

[[covariate]]
column = "age"
adjusts = ["effect"]
missing = [999]

[[covariate]]
column = "region"
kind = "category"
levels = ["north", "south"]

[utility]
months = [0, 3, 6, 12]
value_set = "nl-5l-2016"
columns = ["u0", "u3", "u6", "u12"]
missing = [77]

[[cost]]
category = "physiotherapy"
columns = ["physio_3", "physio_6", "physio_12"]
price = "Fysiotherapie (per zitting)"
baseline = "physio_before"
missing = [-8]

[[cost]]
category = "hospital"
columns = ["stay"]
periods = [[0, 6]]
price_year = 2020

[[cost]]
category = "absence"
columns = ["absence_3", "absence_6", "absence_12"]
price = 40
price_year = 2022
absence = { hours_per_week = 36, weeks = 12 }

[perspective]
societal = ["physiotherapy", "hospital", "absence"]
healthcare = ["physiotherapy", "hospital"]

[analysis]
price_year = 2024
discount_cost = 0.04
discount_effect = 0.015
regressors = "own"
"""


_TREE = tomllib.loads(WIDE)


def tree():
    """Return the parsed wide design: a copy, to be changed."""
    return copy.deepcopy(_TREE)


def long_tree():
    """Return the same design of a long table."""
    found = tree()
    found["table"] |= {"layout": "long", "time": "month"}
    found["utility"]["columns"] = "u"
    for cost, column in zip(found["cost"], ("physio", "stay", "absence"), strict=True):
        del cost["columns"]
        cost["column"] = column
    found["cost"][0]["baseline"] = "physio"
    return found


@cache
def wide_design():
    return design_of(tree())


@cache
def long_design():
    return design_of(long_tree())


def changed(whole, path, value):
    """Return a tree with one value changed, or a key removed where the value is None."""
    found = copy.deepcopy(whole)
    *steps, last = path
    at = found
    for step in steps:
        at = at[step]
    if value is None:
        del at[last]
    else:
        at[last] = value
    return found


@cache
def values_of(name):
    """Return the different values of a value set, increasing."""
    known = valuesets.find(name)
    return np.unique(known.lookup[known.states].round(3))


def utilities_near(values, name="nl-5l-2016"):
    """Return the values of a value set that lie nearest; what is missing stays so."""
    known, values = values_of(name), np.asarray(values)
    nearest = known[np.abs(values[..., np.newaxis] - known).argmin(axis=-1)]
    return np.where(np.isnan(values), np.nan, nearest)


def wide(count=24, seed=1):
    """Return a sound wide table, in which some cells are missing: a copy, to be changed."""
    return _wide(count, seed).copy()


@cache
def _wide(count, seed):
    rng = np.random.default_rng(seed)
    found = {
        "patient": [f"P-{number}" for number in rng.permutation(10**6)[:count]],
        "arm": np.arange(count) % 2,
        "practice": [f"practice {number % 4}" for number in range(count)],
        "period": rng.permutation(np.arange(count) % 3) + 2020,
        "randomised_on": ["2019-05-02"] * count,
        "measured_on": ["2019-05-01"] * count,
        "died_on": ["nog in leven"] * count,
        "planned": [12] * count,
        "age": rng.uniform(40, 80, count).round(2),
        "region": rng.permutation(["north", "south", "south"] * count)[:count],
    }
    for month in (0, 3, 6, 12):
        found[f"u{month}"] = utilities_near(rng.uniform(0.2, 1, count))
    for month in (3, 6, 12):
        found[f"physio_{month}"] = rng.integers(0, 30, count).astype(float)
        found[f"absence_{month}"] = rng.integers(0, 300, count).astype(float)
    found["physio_before"] = rng.integers(0, 10, count).astype(float)
    found["stay"] = rng.uniform(1000, 2000, count).round(2)
    table = pd.DataFrame(found)
    for column, row in (("u3", 2), ("physio_6", 5), ("absence_12", 7), ("age", 9), ("physio_before", 11)):
        table.loc[row, column] = np.nan
    return table


def long_of(table):
    """Return a wide table as a long one, with a patient's rows next to each other."""
    return pd.DataFrame([_visit(row, month) for row in table.to_dict("records") for month in (0, 3, 6, 12)])


def _visit(row, month):
    """Return the row of a patient at a month; a value of a period stands at its end, one before the start at 0."""
    fixed = (
        "patient",
        "arm",
        "practice",
        "period",
        "randomised_on",
        "measured_on",
        "died_on",
        "planned",
        "age",
        "region",
    )
    return {key: row[key] for key in fixed} | {
        "month": month,
        "u": row[f"u{month}"],
        "physio": row[f"physio_{month or 'before'}"],
        "absence": row[f"absence_{month}"] if month else np.nan,
        "stay": row["stay"] if month == 6 else np.nan,
    }


def faults(table, design=None):
    """Return the faults with which a table is refused."""
    with pytest.raises(TrialError) as caught:
        trial_data(table, design or wide_design())
    assert caught.value.name == "knee"
    return caught.value.faults


def spoilt(column, rows, value, *, of=None):
    """Return a table with some cells changed, in any column."""
    table = (wide() if of is None else of).astype({column: object})
    table.loc[rows, column] = value
    return table


def with_states(kind):
    """Return a design of EQ-5D states or items, and a table for it."""
    whole, table = tree(), wide()
    states = np.random.default_rng(3).integers(1, 6, (len(table), 4, 5))
    months = whole["utility"]["months"]
    names = [[f"{item}{month}" for item in ("mo", "sc", "ua", "pd", "ad")] for month in months]
    if kind == "items":
        table = table.assign(**{name: states[:, t, k] for t, each in enumerate(names) for k, name in enumerate(each)})
        chosen = names
    else:
        chosen = [f"state{month}" for month in months]
        table = table.assign(**{name: states[:, t] @ 10 ** np.arange(5)[::-1] for t, name in enumerate(chosen)})
    return design_of(changed(whole, ("utility",), {"months": months, "value_set": "nl-5l-2016", kind: chosen})), table
