"""Naive forms of the population's mortality and utility: whole tables, read row by row, and sums over a fine grid."""

from __future__ import annotations

import numpy as np

from hecon import tables

STEP = 0.004
LONGEST = 160.0


def columns(name, kind):
    """Return the columns of a packaged table as numbers."""
    return {column: cells.astype(float) for column, cells in tables.read(name, kind).items()}


def grid(stop=LONGEST):
    """Return the midpoints of small steps from 0 on [years]."""
    return np.arange(STEP / 2, stop, STEP)


def alive(table, sex, age, years):
    """Return the share of the population that is alive `years` after an exact age.

    With probabilities of death, survivors fall along a straight line from each row to the next; with death rates, by
    the sum of the rates passed.
    """
    rows = columns(table, "life_table")
    if tables.header(table, "life_table").measure == "q":
        ages = np.append(rows["age"], rows["age"][-1] + 1) - 0.5
        left = np.append(1.0, np.cumprod(1 - rows[sex]))
        return np.interp(age + years, ages, left) / np.interp(age, ages, left)
    ages, rates = np.append(rows["age"], 1000.0), rows[sex]
    passed = np.append(0.0, np.cumsum(rates * np.diff(ages)))
    return np.exp(np.interp(age, ages, passed) - np.interp(age + years, ages, passed))


def norm(norms, sex, ages):
    """Return the norm at exact ages, looked up one row after the other."""
    rows = columns(norms, "norms")
    found = np.full(np.shape(ages), np.nan)
    for first, value in zip(rows["age"], rows[sex], strict=True):
        found[np.asarray(ages) >= first] = value
    return found


def qale(age, sex, *, table="cbs-2021", norms="szende-2014", discount=0.0):
    """Return the quality-adjusted life expectancy of the population by a sum over small steps; without norms, years."""
    years = grid()
    utility = 1.0 if norms is None else norm(norms, sex, age + years)
    return float((alive(table, sex, age, years) * utility * (1 + discount) ** -years).sum() * STEP)
