"""Standard errors and coverage of cluster-randomised trials, complete and imputed, with imputation that knows clusters.

Run: python benchmarks/trial_clusters.py [--trials N] [--clusters K] [--patients N] [--donors D]. Half of the clusters
have each arm; there is no effect. About 35% of a follow-up is missing, at random given the utility at the start and
differently in the two arms. The same trials are analysed complete, imputed as if there were no clusters, and imputed
with a random effect of the cluster.
"""

from __future__ import annotations

import argparse
import dataclasses
import time
import types
import warnings

import numpy as np

from hecon.errors import StatisticalWarning
from hecon.trial import imputation, pipelines, regression, resampling
from hecon.trial.estimates import pool
from hecon.trial.imputation import variables_of
from hecon.trial.table.checking import TrialData
from hecon.trial.table.outcomes import CostItem

WTP = 20_000
CONTRASTS = {"cost": [-1, 1, 0, 0], "QALYs": [0, 0, -1, 1], "net benefit": [1, -1, -WTP, WTP]}
SETS, REPLICATES, WHOLE = 10, 200, 1000


def simulated(rng: np.random.Generator, clusters: int, size: int) -> tuple[TrialData, TrialData]:
    """Return a one-year trial complete, and the same with values missing."""
    number = clusters * size
    cluster = np.repeat(np.arange(clusters), size)
    arm = (cluster >= clusters // 2).astype(np.intp)
    frail = rng.normal(size=number)
    on_utility, on_cost = rng.normal(size=(2, clusters))[:, cluster]
    utilities = 0.72 - 0.07 * frail[:, None] + rng.normal(0, 0.1, (number, 3))
    utilities[:, 1:] += (0.045 * on_utility + rng.normal(0, 0.06, number))[:, None]
    utilities = np.minimum(utilities, 1)
    costs = rng.gamma(1.5, 700, (number, 2)) * np.exp(0.3 * frail + 0.24 * on_cost)[:, None]
    health = (utilities[:, 0] - 0.72) / 0.12
    share = 0.6 / (1 + np.exp(np.where(arm == 1, health, -0.6 * health) + 0.7))
    gone = rng.random((number, 4)) < share[:, None]
    gone[rng.random(number) < share, 1::2] = True
    data = TrialData(
        name="simulated",
        title="",
        simulated=True,
        strategies=("usual care", "exercise"),
        arm=arm,
        months=(0.0, 6.0, 12.0),
        utilities=utilities,
        items=(CostItem("all", 0.0, 6.0), CostItem("all", 6.0, 12.0)),
        costs=costs,
        baseline_costs=None,
        baseline_categories=(),
        covariates=np.empty((number, 0)),
        covariate_names=(),
        covariate_columns=(),
        adjusts=(),
        cluster=cluster.astype(np.intp),
        period=None,
        perspectives={"societal": ("all",)},
        price_year=2024,
        discount_cost=0.03,
        discount_effect=0.015,
        utility_floor=-1.0,
        digest="0" * 64,
        warnings=(),
    )
    seen = np.column_stack([utilities[:, 1:], costs])
    seen[gone] = np.nan
    later = np.column_stack([utilities[:, :1], seen[:, :2]])
    return data, dataclasses.replace(data, utilities=later, costs=seen[:, 2:])


def estimates(values: np.ndarray, data: TrialData, replicates: int, rng: np.random.Generator) -> list[list[float]]:
    """Return value, standard error and interval of each contrast from completed sets."""
    plan = regression.plan(data, variables_of(data), ("societal",))
    # The utility at the start in both equations.
    plan = dataclasses.replace(plan, adjusts=(plan.adjusts[-1],) * 2)
    settings = types.SimpleNamespace(model="mixed", replicates=replicates)
    parts = [pipelines.replicates_of(each, data, plan, settings, rng) for each in values]
    (df,) = resampling.complete_df(values, data, plan, "mixed")
    pooled = pool(
        [point[0] for point, *_ in parts],
        [np.cov(drawn[:, 0], rowvar=False) for _, drawn, *_ in parts],
        complete_df=df,
    )
    found = [pooled.of(each) for each in CONTRASTS.values()]
    icc = np.mean([each for *_, each in parts], axis=0)
    return [*([each.value, each.se, *each.interval] for each in found), [*icc, 0.0, 0.0]]


def one(seed: int, clusters: int, size: int, donors: int) -> dict[str, list[list[float]]]:
    """Return the estimates of one trial in each way."""
    whole, data = simulated(np.random.default_rng(seed), clusters, size)
    unknown = dataclasses.replace(data, cluster=None)
    found = {"complete": estimates(variables_of(whole).values[None], whole, WHOLE, np.random.default_rng(seed))}
    for name, given in (("clusters unknown", unknown), ("random effect", data)):
        made = imputation.impute(given, count=SETS, iterations=6, donors=donors, rng=np.random.default_rng(seed))
        found[name] = estimates(made.values, data, REPLICATES, np.random.default_rng(seed))
    return found


def main() -> None:
    """Simulate, analyse and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--trials", type=int, default=500)
    parser.add_argument("--clusters", type=int, default=12)
    parser.add_argument("--patients", type=int, default=20, help="in each cluster")
    parser.add_argument("--donors", type=int, default=5)
    given = parser.parse_args()
    warnings.simplefilter("ignore", StatisticalWarning)
    start = time.perf_counter()
    results = [one(seed, given.clusters, given.patients, given.donors) for seed in range(given.trials)]
    for name in results[0]:
        numbers = np.array([each[name] for each in results])
        paired = np.array([each["complete"] for each in results])
        print(f"{name}: intraclass correlation {np.round(numbers[:, -1, :2].mean(axis=0), 3)} (cost, QALYs)")
        for at, what in enumerate(CONTRASTS):
            value, se, low, high = numbers[:, at].T
            apart = value - paired[:, at, 0]
            error = apart.std() / np.sqrt(len(apart))
            ratio = np.sqrt((se**2).mean()) / value.std(ddof=1)
            print(
                f"  {what:11} bias from imputation {apart.mean():9.4f} ({error:.4f})"
                f"   standard error/empirical {ratio:.3f}   coverage {((low <= 0) & (high >= 0)).mean():.3f}"
            )
    print(
        f"{given.trials} trials of {given.clusters} clusters of {given.patients}, {time.perf_counter() - start:.0f} s"
    )


if __name__ == "__main__":
    main()
