"""Bias and coverage of simulated trials in which patients die: complete, and with values missing among the living.

Run: python benchmarks/trial_deaths.py [--trials N] [--patients N] [--imputation pmm|scaled] [--effect KIND]
[--planned]. KIND is utilities (default), or costs, qalys, falls or points: costs alone, totals, events, a scale.

About a third of the usual arm and a fifth of the other die within two years, the severe more often; a fifth of the
values of the living is missing at random given the severity, of which the utility at the start tells. The truth is that
of 400,000 patients an arm. Bias is beside the same trials complete; a naive analysis counts the dead as lost to
follow-up.
"""

from __future__ import annotations

import argparse
import sys
import time
import warnings
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from hecon.errors import StatisticalWarning
from hecon.trial import analyse, trial_data
from hecon.trial.deaths import qalys_of
from hecon.trial.table.design import Design, design_of
from hecon.trial.valuation import discount_factors

if TYPE_CHECKING:
    import pandas as pd

sys.path.append(str(Path(__file__).parents[1] / "tests"))
import dying
import dying_effects

# Value of a unit of effect, below 0 where less is better.
WTP = {"utilities": 20_000, "costs": 0, "qalys": 20_000, "falls": -500, "points": 50}


def simulate(kind: str, rng: np.random.Generator, patients: int, *, planned: bool) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return a trial whole and as it is."""
    if kind == "utilities":
        return dying.simulate(rng, patients)
    return dying_effects.simulate(rng, patients, planned=planned)


def design(kind: str, *, death: bool = True, planned: bool = False) -> Design:
    """Return the design, with deaths or without."""
    if kind != "utilities":
        return design_of(dying_effects.tree_of(kind, death=death, planned=planned))
    tree = dying.tree()
    if not death:
        del tree["death"]
    return design_of(tree)


def truth(kind: str, rng: np.random.Generator, patients: int) -> np.ndarray:
    """Return the differences in cost and effect between two large arms."""
    data = trial_data(simulate(kind, rng, patients, planned=False)[0], design(kind))
    factors = discount_factors([(each.start, each.end) for each in data.items], discount=data.discount_cost)
    outcomes = np.stack([data.costs @ factors, qalys_of(data)])
    return outcomes[:, data.arm == 1].mean(axis=1) - outcomes[:, data.arm == 0].mean(axis=1)


def of_trial(kind: str, seed: int, patients: int, imputation: str, *, planned: bool) -> np.ndarray:
    """Return estimate, standard error and interval of cost, effect and net benefit, by analysis."""
    whole, table = simulate(kind, np.random.default_rng(seed), patients, planned=planned)
    naive = table.drop(columns="died_in")
    result = []
    imputing = {"imputations": 10, "replicates": 100, "imputation": imputation}
    for given, own, options in (
        (whole, design(kind), {"replicates": 500}),
        (table, design(kind, planned=planned), imputing),
        (naive, design(kind, death=False, planned=planned), imputing),
    ):
        found = analyse(given, own, rng=seed, **options).perspectives[0]
        estimates = (found.delta_cost("new"), found.delta_effect("new"), found.net_benefit("new", wtp=abs(WTP[kind])))
        result.append([(each.value, each.se, *each.interval) for each in estimates])
    return np.array(result)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--trials", type=int, default=1000)
    parser.add_argument("--patients", type=int, default=150)
    parser.add_argument("--imputation", default="pmm")
    parser.add_argument("--effect", default="utilities", choices=list(WTP))
    parser.add_argument("--planned", action="store_true", help="half of the patients were to be followed for a year")
    options = parser.parse_args()
    warnings.simplefilter("ignore", StatisticalWarning)
    start = time.process_time()
    kind = options.effect
    if options.planned and kind == "utilities":
        parser.error("--planned needs --effect costs, qalys, falls or points")
    cost, effect = truth(kind, np.random.default_rng(0), 400_000)
    right = np.array([cost, effect, WTP[kind] * effect - cost])
    found = np.stack(
        [
            of_trial(kind, seed, options.patients, options.imputation, planned=options.planned)
            for seed in range(1, options.trials + 1)
        ]
    )
    print(f"truth: cost {cost:.1f}, effect {effect:.5f}; {options.trials} trials of {options.patients} an arm")
    for place, name in enumerate(("complete", "imputed", "deaths as drop-out")):
        own = found[:, place]
        apart = own[:, :, 0] - (right if place == 0 else found[:, 0, :, 0])
        bias, error = apart.mean(axis=0), apart.std(axis=0, ddof=1) / np.sqrt(len(own))
        ratio = own[:, :, 1].mean(axis=0) / own[:, :, 0].std(axis=0, ddof=1)
        covers = ((own[:, :, 2] <= right) & (right <= own[:, :, 3])).mean(axis=0)
        for at, what in enumerate(("cost", "effect", "net benefit")):
            print(
                f"{name:20s} {what:12s} bias {bias[at]:10.4f} ({error[at]:.4f})  SE/empirical {ratio[at]:.3f}  "
                f"coverage {covers[at]:.3f}"
            )
    print(f"{time.process_time() - start:.0f} s")


if __name__ == "__main__":
    main()
