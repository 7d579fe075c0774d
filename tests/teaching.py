"""The teaching trial, drawn large, and its costs and QALYs computed from the table alone."""

from __future__ import annotations

from functools import cache

import numpy as np

import hecon
from hecon import datasets
from hecon.datasets import RESOURCES

LARGE = (60_000, 60_000)
TARGETS = (553.5816, 0.0242854, -0.20831)
INDEX = 1.038 * 1.033
PRICES = {
    "operations": 2253,
    "outpatient": 120,
    "physiotherapy": 38.89,
    "gp": 30.87,
    "care_hours": 18.8,
    "absence_hours": 39.88,
}
HEALTHCARE = ("operations", "outpatient", "physiotherapy", "gp")
# Half a year of measurements on either side; the second year is discounted.
QALY = np.array([1.5, 3, 4.5, 3 + 3 / 1.015, 6 / 1.015, 3 / 1.015]) / 12
FACTORS = np.array([1, 1, 1, 1 / 1.03, 1 / 1.03])
MONTHS = (0, 3, 6, 12, 18, 24)


def utilities(table):
    """Return the utilities (patient, time) that the answers of a table give."""
    return np.stack(
        [
            hecon.utility(
                table[[f"{item}_{month}" for item in ("mo", "sc", "ua", "pd", "ad")]].to_numpy(), value_set="nl-5l-2016"
            )
            for month in MONTHS
        ],
        axis=1,
    )


def cost(table, resources=RESOURCES):
    """Return the discounted costs of each patient of a table, one resource after the other."""
    columns = {each: [f"{each}_{month}" for month in MONTHS[1:]] for each in resources}
    return sum(table[names].to_numpy() @ FACTORS * PRICES[each] * INDEX for each, names in columns.items())


def difference(table, values):
    """Return exercise minus surgery of those who have a value, and its standard error."""
    arms = [values[(table["arm"] == arm).to_numpy() & np.isfinite(values)] for arm in ("exercise", "surgery")]
    return arms[0].mean() - arms[1].mean(), np.sqrt(sum(each.var() / each.size for each in arms))


@cache
def large(missing):
    """Return one large trial with what is missing in it; the patients are the same."""
    return datasets.simulate_trial(n=LARGE, missing=missing, rng=1)
