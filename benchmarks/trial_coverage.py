"""Bias and coverage of the ways to analyse a trial, over simulated trials whose truth is known.

Run: python benchmarks/trial_coverage.py [--trials N] [--processes P]. Data are missing at random, but not given the
covariates alone: who leaves depends on what was seen half-way, and differently in the two arms. So complete cases are
biased, and multiple imputation is not. "bootstrap-single" and "bootstrap-imputation" take 200 bootstrap samples.
"""

from __future__ import annotations

import argparse
import multiprocessing
import time

import numpy as np
from scipy import stats

from hecon import patients
from hecon.patients.table.checking import CostItem, TrialData

ARMS = ("usual care", "exercise")
PATIENTS = 320
COST, EFFECT = 800.0, 0.04
SKIPPED = 0.05
FRAIL_COST, FRAIL_UTILITY = 0.35, 0.10


def simulated(rng: np.random.Generator) -> TrialData:
    """Return a one-year trial with two half-years, in which cost and quality of life share each patient's frailty."""
    arm = np.arange(PATIENTS) % 2
    frailty = rng.normal(size=PATIENTS)
    age = 60 + 6 * (0.5 * frailty + rng.normal(size=PATIENTS))
    utilities = 0.7 - FRAIL_UTILITY * frailty[:, None] + rng.normal(0, 0.08, (PATIENTS, 3))
    # The whole effect from the first follow-up on: its area is three quarters of a year.
    utilities[:, 1:] += EFFECT / 0.75 * arm[:, None]
    mean = 1500 * np.exp(FRAIL_COST * frailty - FRAIL_COST**2 / 2)
    costs = rng.gamma(1.2, 1 / 1.2, (PATIENTS, 2)) * mean[:, None]
    costs += COST / 2 * arm[:, None]
    seen = (utilities[:, 1] - utilities[:, 1].mean()) / 0.14
    spent = (np.log(costs[:, 0]) - np.log(costs[:, 0]).mean()) / 1.0
    leaves = np.where(arm == 1, -1.2 - 1.1 * seen, -1.2 + 0.8 * spent)
    gone = rng.random(PATIENTS) < 1 / (1 + np.exp(-leaves))
    utilities[gone, 2] = costs[gone, 1] = np.nan
    costs[rng.random(PATIENTS) < SKIPPED, 1] = np.nan
    return TrialData(
        name="simulated",
        title="",
        simulated=True,
        strategies=ARMS,
        arm=arm.astype(np.intp),
        months=(0.0, 6.0, 12.0),
        utilities=utilities,
        items=(CostItem("all", 0.0, 6.0), CostItem("all", 6.0, 12.0)),
        costs=costs,
        baseline_costs=None,
        baseline_categories=(),
        covariates=age[:, None],
        covariate_names=("age",),
        covariate_columns=("age",),
        adjusts=(frozenset({"cost", "effect"}),),
        cluster=None,
        period=None,
        perspectives={"societal": ("all",)},
        price_year=2024,
        discount_cost=0.0,
        discount_effect=0.0,
        utility_floor=-10.0,
        digest="0" * 64,
        warnings=(),
    )


def one(seed: int) -> dict[str, list[float]]:
    """Return, for each way, estimate and bounds of both differences in one simulated trial."""
    data = simulated(np.random.default_rng([1, seed]))
    ways = {
        "imputation": {"imputations": 10, "replicates": 400},
        "bootstrap-single": {"method": "bootstrap-single", "replicates": 200, "iterations": 5},
        "bootstrap-imputation": {"method": "bootstrap-imputation", "replicates": 200, "iterations": 5},
    }
    found = {}
    for name, options in ways.items():
        analysis = patients.analyse(data, rng=seed, **options)  # type: ignore[arg-type]
        part = analysis.perspectives[0]
        estimates = part.delta_cost(ARMS[1]), part.delta_effect(ARMS[1])
        found[name] = [number for each in estimates for number in (each.value, *each.interval)]
        if name == "imputation" and part.complete_case is not None:
            case = part.complete_case
            numbers = []
            for weights in (part.contrast(ARMS[1], cost=1.0), part.contrast(ARMS[1], effect=1.0)):
                numbers += [case.spread.of(weights).value, *case.bca(weights)]
            found["complete cases"] = numbers
    return found


def told(name: str, numbers: np.ndarray) -> None:
    """Print bias with its Monte Carlo error, and coverage with the interval in which that of 95% lies by chance."""
    count = len(numbers)
    low, high = stats.binom.ppf([0.025, 0.975], count, 0.95) / count
    print(name)
    for at, (what, truth) in enumerate((("cost", COST), ("QALYs", EFFECT))):
        value, lower, upper = numbers[:, 3 * at : 3 * at + 3].T
        bias, error = value.mean() - truth, value.std(ddof=1) / np.sqrt(count)
        inside = np.mean((lower <= truth) & (truth <= upper))
        print(
            f"  {what:6} bias {bias:9.4f} (Monte Carlo error {error:.4f}, z {bias / error:6.2f}; {bias / truth:6.1%} of"
            f" the truth)   coverage {inside:.3f} ({low:.3f} to {high:.3f} by chance)"
        )


def main() -> None:
    """Simulate, analyse and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--trials", type=int, default=1000)
    parser.add_argument("--processes", type=int, default=2)
    given = parser.parse_args()
    start = time.perf_counter()
    with multiprocessing.Pool(given.processes) as pool:
        results = pool.map(one, range(given.trials), chunksize=5)
    print(f"{given.trials} trials of {PATIENTS} patients, truth {COST:.0f} and {EFFECT}")
    for name in results[0]:
        told(name, np.array([each[name] for each in results]))
    print(f"{time.perf_counter() - start:.0f} s with {given.processes} processes")


if __name__ == "__main__":
    main()
