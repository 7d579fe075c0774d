"""Monte Carlo error of a trial's probabilities: as reported, and over seeds; and the time that it takes.

Run: python benchmarks/trial_precision.py [--seeds N]. One simulated trial of which three quarters of the information is
missing is analysed anew with each seed, by default and with 20 imputations. The teaching trial is timed with the former
default, 10 imputations of 5,000 replicates each, and with the present one; compare the ratio, not seconds.
"""

from __future__ import annotations

import argparse
import resource
import time
import warnings
from typing import TYPE_CHECKING

import numpy as np

from hecon import datasets, trial
from hecon.errors import StatisticalWarning
from hecon.trial import imputation
from hecon.trial.table.checking import TrialData, trial_data
from hecon.trial.table.outcomes import CostItem

if TYPE_CHECKING:
    from collections.abc import Callable

ARMS = ("usual care", "exercise")
# Matching by drawn coefficients counts their uncertainty too, which is much of it where few are observed.
MATCHING = {"donors": 5, "match_type": 1}
PATIENTS, LOST = 240, 0.83
COST, EFFECT, WTP = 400.0, 0.03, 20_000
GIBIBYTE = 2**20


def simulated() -> TrialData:
    """Return a one-year trial that most patients left after the start."""
    rng = np.random.default_rng(8)
    arm = np.arange(PATIENTS) % 2
    frailty = rng.normal(size=PATIENTS)
    age = 60 + 6 * rng.normal(size=PATIENTS)
    utilities = 0.7 - 0.06 * frailty[:, None] + rng.normal(0, 0.12, (PATIENTS, 2))
    utilities[:, 1] += 2 * EFFECT * arm
    costs = rng.gamma(1.2, 1200.0, (PATIENTS, 1)) + COST * arm[:, None]
    gone = rng.random(PATIENTS) < LOST
    utilities[gone, 1] = costs[gone, 0] = np.nan
    return TrialData(
        name="simulated",
        title="",
        simulated=True,
        strategies=ARMS,
        arm=arm.astype(np.intp),
        months=(0.0, 12.0),
        utilities=utilities,
        items=(CostItem("all", 0.0, 12.0),),
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


def over_seeds(data: TrialData, seeds: int, imputations: int | None) -> None:
    """Print how a probability moves with the seed, beside the error that is reported."""
    shares, errors, sets, missing = [], [], [], []
    for seed in range(seeds):
        found = trial.analyse(data, imputations=imputations, rng=seed, **MATCHING)
        one = found.perspective("societal")
        shares.append(one.p_cost_effective(ARMS[1], wtp=WTP))
        errors.append(one.p_cost_effective_error(ARMS[1], wtp=WTP))
        missing.append(one.net_benefit(ARMS[1], wtp=WTP).fmi)
        sets.append(found.settings["imputations"])
    spread, reported = float(np.std(shares, ddof=1)), float(np.mean(errors))
    print(f"P({WTP:,}) over {seeds} seeds, {min(sets)} to {max(sets)} imputations, FMI {np.mean(missing):.2f}:")
    print(f"  {min(shares):.3f} to {max(shares):.3f}, mean {np.mean(shares):.3f}; SD {spread:.4f}")
    print(f"  reported Monte Carlo error {reported:.4f} ({min(errors):.4f} to {max(errors):.4f})")
    print(f"  reported over SD {reported / spread:.2f} (itself known to {100 / np.sqrt(2 * (seeds - 1)):.0f}%)")


def seconds(calls: dict[str, Callable[[], object]]) -> dict[str, float]:
    """Return the processor time of each call, the best of three in turn."""
    best = dict.fromkeys(calls, np.inf)
    for _ in range(3):
        for name, call in calls.items():
            start = time.process_time()
            call()
            best[name] = min(best[name], time.process_time() - start)
    return best


def teaching() -> None:
    """Print the time and the error of the teaching trial, all perspectives, by the former default and now."""
    data = trial_data(datasets.simulate_trial("meniscus", rng=1), datasets.trial_design("meniscus"))
    now = trial.analyse(data, rng=1)
    before = trial.analyse(data, imputations=10, replicates=5000, rng=1)
    took = seconds(
        {
            "before": lambda: trial.analyse(data, imputations=10, replicates=5000, rng=1),
            "now": lambda: trial.analyse(data, rng=1),
        }
    )
    for name, found in (("before", before), ("now", now)):
        error = imputation.largest_error(
            [each.spread for each in found.perspectives], len(data.strategies), data.effect.grid(data.rules)
        )
        print(f"teaching trial, {name}: {took[name]:.2f} s, {found.settings['imputations']} imputations of")
        print(f"  {found.settings['replicates']:,} replicates; largest Monte Carlo error of a probability {error:.4f}")
    print(f"  now over before {took['now'] / took['before']:.2f}")


def main() -> None:
    """Print errors, times and the largest memory in use."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=40)
    seeds = parser.parse_args().seeds
    warnings.simplefilter("ignore", StatisticalWarning)
    teaching()
    data = simulated()
    for imputations in (20, None):
        over_seeds(data, seeds, imputations)
    print(f"largest memory in use: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / GIBIBYTE:.2f} GiB")


if __name__ == "__main__":
    main()
