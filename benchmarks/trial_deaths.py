"""Bias and coverage of simulated trials in which patients die: complete, and with values missing among the living.

Run: python benchmarks/trial_deaths.py [--trials N] [--patients N] [--imputation pmm|scaled]. About a third of the
usual arm and a fifth of the other die within two years, the severe more often; a fifth of the values of the living is
missing at random given the severity, of which the utility at the start tells. The truth is that of 400,000 patients an
arm. Bias is beside the same trials complete; a naive analysis counts the dead as lost to follow-up.
"""

from __future__ import annotations

import argparse
import sys
import time
import warnings
from pathlib import Path

import numpy as np

from hecon.errors import StatisticalWarning
from hecon.trial import analyse, trial_data
from hecon.trial.deaths import qalys_of
from hecon.trial.table.design import design_of
from hecon.trial.valuation import discount_factors

sys.path.append(str(Path(__file__).parents[1] / "tests"))
import dying

WTP = 20_000


def truth(rng: np.random.Generator, patients: int) -> np.ndarray:
    """Return the differences in cost and QALYs between two large arms."""
    data = trial_data(dying.simulate(rng, patients, missing=0.0)[0], dying.design())
    factors = discount_factors([(each.start, each.end) for each in data.items], discount=data.discount_cost)
    outcomes = np.stack([data.costs @ factors, qalys_of(data)])
    return outcomes[:, data.arm == 1].mean(axis=1) - outcomes[:, data.arm == 0].mean(axis=1)


def of_trial(seed: int, patients: int, imputation: str) -> np.ndarray:
    """Return estimate, standard error and interval of cost, QALYs and net benefit, by analysis."""
    whole, table = dying.simulate(np.random.default_rng(seed), patients)
    tree = dying.tree()
    del tree["death"]
    naive = table.drop(columns="died_in")
    result = []
    for given, design, options in (
        (whole, dying.design(), {"replicates": 500}),
        (table, dying.design(), {"imputations": 10, "replicates": 100, "imputation": imputation}),
        (naive, design_of(tree), {"imputations": 10, "replicates": 100, "imputation": imputation}),
    ):
        found = analyse(given, design, rng=seed, **options).perspectives[0]
        estimates = (found.delta_cost("new"), found.delta_effect("new"), found.net_benefit("new", wtp=WTP))
        result.append([(each.value, each.se, *each.interval) for each in estimates])
    return np.array(result)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--trials", type=int, default=1000)
    parser.add_argument("--patients", type=int, default=150)
    parser.add_argument("--imputation", default="pmm")
    options = parser.parse_args()
    warnings.simplefilter("ignore", StatisticalWarning)
    start = time.process_time()
    cost, effect = truth(np.random.default_rng(0), 400_000)
    right = np.array([cost, effect, WTP * effect - cost])
    found = np.stack([of_trial(seed, options.patients, options.imputation) for seed in range(1, options.trials + 1)])
    print(f"truth: cost {cost:.1f}, QALYs {effect:.5f}; {options.trials} trials of {options.patients} an arm")
    for place, name in enumerate(("complete", "imputed", "deaths as drop-out")):
        own = found[:, place]
        apart = own[:, :, 0] - (right if place == 0 else found[:, 0, :, 0])
        bias, error = apart.mean(axis=0), apart.std(axis=0, ddof=1) / np.sqrt(len(own))
        ratio = own[:, :, 1].mean(axis=0) / own[:, :, 0].std(axis=0, ddof=1)
        covers = ((own[:, :, 2] <= right) & (right <= own[:, :, 3])).mean(axis=0)
        for at, what in enumerate(("cost", "QALYs", "net benefit")):
            print(
                f"{name:20s} {what:12s} bias {bias[at]:10.4f} ({error[at]:.4f})  SE/empirical {ratio[at]:.3f}  "
                f"coverage {covers[at]:.3f}"
            )
    print(f"{time.process_time() - start:.0f} s")


if __name__ == "__main__":
    main()
