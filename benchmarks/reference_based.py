"""Reference-based imputation on simulated trials of known truth, where missing at random is wrong.

    python benchmarks/reference_based.py [trials] [seed]

By default 1,000 trials of 2 × 100 patients, with utilities at 0, 6 and 12 months and costs of two periods, all normal.
A quarter of the patients of the intervention depart from it after six months, those in poor health most often. From
then on they are where those of the usual care are ("jump-to-reference"), or change as those do ("copy-increments"),
and nothing more is measured of them. A tenth of the patients of usual care are lost, and some values of six months are
gaps. No patient data.

Printed are the bias of the differences against the truth, in brackets its Monte Carlo error; the standard deviation of
the estimates over the trials; the mean standard errors by Rubin's rules, which are information-anchored (Cro et al.
2019), and of the bootstrap; and how often their 95% intervals hold the truth.
"""

from __future__ import annotations

import sys
import warnings
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from trial_scenarios import ARMS, trial_of

from hecon import trial
from hecon.errors import StatisticalWarning
from hecon.trial.table.checking import Deviations, after_last

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from hecon.trial.table.checking import TrialData

    Floats = NDArray[np.float64]

METHODS = ("jump-to-reference", "copy-increments")
MONTHS = (0.0, 6.0, 12.0)
PATIENTS, OF_TRUTH, STEP = 100, 4_000_000, 500_000
# Means by arm of utilities at 6 and 12 months and of costs of both periods; the intervention is better and dearer.
MEANS = np.array([[0.62, 0.64, 1500.0, 1400.0], [0.70, 0.76, 2400.0, 900.0]])
SPREADS = np.array([0.15, 0.16, 600.0, 500.0])
# Share of the utilities of six months that are gaps.
GAPS = 0.05
# Share of a later variable that health at the start explains, and of the second period that the first does.
START, SAME = 0.5, 0.6
SETS, REPLICATES, SAMPLES, ROUNDS = 20, 60, 60, 3


def drawn(count: int, method: str, rng: np.random.Generator) -> tuple[Floats, Floats, Floats, NDArray[np.bool_]]:
    """Return arm, utilities (patient, 3) and costs (patient, 2), all known, and who departs or is lost."""
    arm = np.repeat([0, 1], count)
    health = rng.standard_normal(2 * count)
    signs = np.array([1.0, 1.0, -1.0, -1.0])
    noise = rng.standard_normal((2 * count, 4))
    noise[:, 1] = SAME * noise[:, 0] + np.sqrt(1 - SAME**2) * noise[:, 1]
    noise[:, 3] = SAME * noise[:, 2] + np.sqrt(1 - SAME**2) * noise[:, 3]
    apart = SPREADS * (START * signs * health[:, None] + np.sqrt(1 - START**2) * noise)
    values = MEANS[arm] + apart
    # Those in poor health, as seen, depart most.
    chance = np.where(arm == 1, 0.25, 0.10) * (1 - 0.6 * np.tanh((values[:, 0] - MEANS[arm, 0]) / SPREADS[0]))
    gone = rng.random(2 * count) < chance
    means = MEANS[0, [1, 3]]
    if method == "copy-increments":
        means = means + MEANS[1, [0, 2]] - MEANS[0, [0, 2]]
    departed = gone & (arm == 1)
    values[departed[:, None] & np.array([False, True, False, True])] = (means + apart[departed][:, [1, 3]]).ravel()
    utilities = np.column_stack([0.55 + 0.12 * health, values[:, :2]])
    return arm, utilities, values[:, 2:], gone


def truth(method: str, seed: int) -> Floats:
    """Return the true differences in cost and QALYs."""
    rng = np.random.default_rng(seed)
    sums = np.zeros(2)
    for _ in range(OF_TRUTH // STEP):
        arm, utilities, costs, _ = drawn(STEP // 2, method, rng)
        # The start does not differ between arms.
        outcomes = np.column_stack([costs.sum(axis=1), utilities[:, 1:] @ [0.5, 0.25]])
        sums += outcomes[arm == 1].mean(axis=0) - outcomes[arm == 0].mean(axis=0)
    result: Floats = sums / (OF_TRUTH // STEP)
    return result


def trials_of(method: str, rng: np.random.Generator) -> tuple[TrialData, TrialData]:
    """Return a trial as it was, and as it was measured."""
    arm, utilities, costs, gone = drawn(PATIENTS, method, rng)
    # Normal costs fall below 0 now and then, which has to be declared.
    whole = replace(trial_of("departures", arm, MONTHS, utilities, costs, None, {}), negative=("all",))
    utilities, costs = utilities.copy(), costs.copy()
    utilities[gone, 2], costs[gone, 1] = np.nan, np.nan
    gaps = rng.random(arm.size) < GAPS
    utilities[gaps & ~gone, 1] = np.nan
    months = after_last("last-visit", MONTHS, utilities, whole.items, costs)
    deviations = Deviations(months, "last-visit", ARMS[0], METHODS)
    return whole, replace(whole, utilities=utilities, costs=costs, deviations=deviations)


def results(data: TrialData, seed: int, **options: object) -> list[float]:
    """Return estimate, standard error and interval of both differences."""
    found = trial.analyse(data, rng=seed, **options).perspectives[0]
    both = (found.delta_cost(ARMS[1]), found.delta_effect(ARMS[1]))
    return [number for each in both for number in (each.value, each.se, *each.interval)]


def main(trials: int, first: int) -> None:
    """Print the table of both assumptions."""
    of_sets = {"imputations": SETS, "replicates": REPLICATES, "iterations": ROUNDS}
    of_samples = {"method": "bootstrap-imputation", "replicates": SAMPLES, "iterations": ROUNDS}
    for method in METHODS:
        right = truth(method, first)
        ways = {
            "complete": (0, {"replicates": 400}),
            "at random": (1, of_sets),
            "reference-based, Rubin": (1, {**of_sets, "reference_based": method}),
            "reference-based, bootstrap": (1, {**of_samples, "reference_based": method}),
        }
        rows: dict[str, list[list[float]]] = {way: [] for way in ways}
        for seed in range(first, first + trials):
            made = trials_of(method, np.random.default_rng(seed))
            for way, (which, options) in ways.items():
                rows[way].append(results(made[which], seed, **options))
        print(f"{method}: true difference in costs {right[0]:.1f}, in QALYs {right[1]:.5f}; {trials} trials")
        for way, found in rows.items():
            table = np.array(found).reshape(trials, 2, 4)
            for at, (what, digits) in enumerate((("costs", 1), ("QALYs", 5))):
                estimate, se, low, high = table[:, at].T
                empirical = estimate.std(ddof=1)
                print(
                    f"  {way}, {what}: bias {estimate.mean() - right[at]:.{digits}f} "
                    f"({empirical / np.sqrt(trials):.{digits}f}), SD {empirical:.{digits}f}, mean SE "
                    f"{se.mean():.{digits}f} ({se.mean() / empirical:.2f} of it), coverage "
                    f"{np.mean((low <= right[at]) & (right[at] <= high)):.3f}"
                )


if __name__ == "__main__":
    warnings.simplefilter("ignore", StatisticalWarning)
    main(*(int(each) for each in (*sys.argv[1:3], 1000, 0)[:2]) if len(sys.argv) > 1 else (1000, 0))
