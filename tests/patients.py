"""Trials for the tests of patient data: that of the oracles, and small ones made here."""

import numpy as np
import oracles
import pandas as pd

from hecon.trial.table.checking import TrialData
from hecon.trial.table.outcomes import CostItem

ARMS = ("usual care", "intervention")


def tutorial():
    """Return the teaching trial of Ben et al. 2023 (CC BY 4.0, simulated), with its missing data."""
    return _from_ben(pd.read_csv(oracles.path("ben2023.csv")))


def tutorial_sets():
    """Return the five sets that R mice imputed from it."""
    return [_from_ben(table) for _, table in pd.read_csv(oracles.path("ben2023_imputed.csv")).groupby(".imp")]


def _from_ben(table):
    return TrialData(
        name="ben-2023",
        title="",
        simulated=True,
        strategies=ARMS,
        arm=table["Tr"].to_numpy().astype(np.intp),
        months=(0.0, 3.0, 6.0, 9.0, 12.0),
        utilities=table[["E", "Em1", "Em2", "Em3", "Em4"]].to_numpy(float),
        items=tuple(CostItem("all", 3.0 * each, 3.0 * each + 3) for each in range(4)),
        costs=table[["Cm1", "Cm2", "Cm3", "Cm4"]].to_numpy(float),
        baseline_costs=table[["C"]].to_numpy(float),
        baseline_categories=("all",),
        covariates=table[["age", "sex"]].to_numpy(float),
        covariate_names=("age", "sex"),
        covariate_columns=("age", "sex"),
        adjusts=(frozenset({"cost", "effect"}),) * 2,
        cluster=None,
        period=None,
        perspectives={"societal": ("all",)},
        price_year=2022,
        discount_cost=0.03,
        discount_effect=0.015,
        utility_floor=-1.0,
        digest="0" * 64,
        warnings=(),
    )


def made(rng, sizes=(60, 70), *, arms=ARMS, missing=0.15, cost=500.0, effect=0.05, clusters=0, two=False):
    """Return a small two-year trial with a known effect of every arm but the first, missing at random."""
    n = sum(sizes)
    arm = np.repeat(np.arange(len(sizes)), sizes)
    age = rng.normal(60, 8, n)
    frail = rng.normal(0, 1, n)
    group = rng.integers(0, clusters, n) if clusters else None
    utilities = 0.7 + 0.08 * frail[:, None] + rng.normal(0, 0.06, (n, 3)) - 0.001 * (age - 60)[:, None]
    utilities[:, 1:] += effect * (arm > 0)[:, None]
    costs = rng.gamma(2.0, 400.0, (n, 4)) * np.exp(-0.2 * frail)[:, None]
    costs[:, 0] += cost * (arm > 0)
    gone = rng.random((n, 7)) < missing * (1 + 0.5 * np.tanh(frail))[:, None]
    utilities[:, 1:][gone[:, :2]] = np.nan
    costs[gone[:, 2:6]] = np.nan
    return TrialData(
        name="made",
        title="",
        simulated=True,
        strategies=arms,
        arm=arm.astype(np.intp),
        months=(0.0, 12.0, 24.0),
        utilities=utilities,
        items=tuple(CostItem(name, s, s + 12.0) for name in ("care", "work") for s in (0.0, 12.0)),
        costs=costs,
        baseline_costs=None,
        baseline_categories=(),
        covariates=age[:, None],
        covariate_names=("age",),
        covariate_columns=("age",),
        adjusts=(frozenset({"cost", "effect"}),),
        cluster=group,
        period=None,
        perspectives={"societal": ("care", "work"), "healthcare": ("care",)} if two else {"societal": ("care", "work")},
        price_year=2024,
        discount_cost=0.03,
        discount_effect=0.015,
        utility_floor=-1.0,
        digest="0" * 64,
        warnings=(),
    )
