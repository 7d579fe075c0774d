"""Coverage of a trial with sampling weights: simulated trials of a known population, some values missing at random.

A population has two kinds of patients of equal number. The trial takes each with a chance of one over its weight, which
lies between 1 and 5 and is larger on average among the severe, who gain more and cost more; so the mean difference in
the trial is not that of the population. About a fifth of costs and of QALYs is missing, more among the severe. Of each
trial the weighted analysis is held against the population's own differences, and the unweighted one beside it.
"""

from __future__ import annotations

import sys
import warnings
from typing import TYPE_CHECKING

import numpy as np

from hecon import trial
from hecon.errors import StatisticalWarning
from hecon.trial.table.design import design_of

if TYPE_CHECKING:
    from collections.abc import Iterator

COST, GAIN = 300.0, 0.03  # mean differences of the population
WTP = 20_000
SEVERE = 0.5  # share of the population


def _design(*, weighted: bool) -> trial.Design:
    return design_of(
        {
            "format": 1,
            "name": "weights",
            "table": {"layout": "wide", "patient": "id"} | ({"weight": "weight"} if weighted else {}),
            "arm": {"column": "arm", "comparator": "usual", "interventions": ["new"]},
            "effect": {"unit": "QALY", "months": [12], "columns": ["qaly"], "baseline": "u0"},
            "cost": [{"category": "care", "columns": ["cost"], "price_year": 2024}],
            "perspective": {"societal": ["care"]},
            "analysis": {"price_year": 2024},
        }
    )


def simulated(rng: np.random.Generator, n: int) -> dict[str, np.ndarray]:
    """Return a trial of two arms of n patients that was drawn from the population by its weights."""
    size = 2 * n
    weight = np.empty(0)
    severe = np.empty(0, dtype=bool)
    while weight.size < size:
        kind = rng.random(8 * size) < SEVERE
        own = 1 + 4 * rng.beta(np.where(kind, 3.0, 1.0), np.where(kind, 1.0, 3.0))
        taken = rng.random(own.size) < 1 / own
        weight, severe = np.append(weight, own[taken]), np.append(severe, kind[taken])
    weight, severe = weight[:size], severe[:size]
    new = np.arange(size) % 2
    ill = rng.normal(0, 1, size) + severe
    # By half more, or by half less, than the mean of the population.
    share = np.where(severe, 1.5, 0.5)
    found = {
        "u0": np.minimum(0.7 - 0.08 * ill + rng.normal(0, 0.05, size), 1.0),
        "qaly": np.minimum(0.65 - 0.06 * ill + rng.normal(0, 0.08, size) + GAIN * share * new, 1.0),
        "cost": rng.gamma(4.0, 250.0, size) * np.exp(0.2 * ill) + COST * share * new,
    }
    for name in ("qaly", "cost"):
        found[name] = np.where(rng.random(size) < np.where(severe, 0.3, 0.1), np.nan, found[name])
    return {"id": np.arange(size), "arm": np.where(new, "new", "usual"), "weight": weight, **found}


def results(seed: int, n: int, *, weighted: bool, imputations: int = 10) -> Iterator[tuple[float, float, bool]]:
    """Yield estimate, standard error and coverage of ΔC, ΔQ and net benefit of one trial."""
    rng = np.random.default_rng(seed)
    data = simulated(rng, n)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", StatisticalWarning)
        checked = trial.trial_data(data, _design(weighted=weighted))
        found = trial.analyse(checked, imputations=imputations, replicates=50, rng=rng).perspectives[0]
    for estimate, truth in (
        (found.delta_cost("new"), COST),
        (found.delta_effect("new"), GAIN),
        (found.net_benefit("new", wtp=WTP), WTP * GAIN - COST),
    ):
        low, high = estimate.interval
        yield estimate.value - truth, estimate.se, low <= truth <= high


def main(first: int, last: int, n: int) -> None:
    """Print bias, standard error over empirical standard error and coverage over seeds."""
    for weighted in (True, False):
        found = np.array([list(results(seed, n, weighted=weighted)) for seed in range(first, last)])
        print(f"{n} + {n} patients, {last - first} trials, {'weighted' if weighted else 'unweighted'}")
        for place, name in enumerate(("costs", "QALYs", "net benefit")):
            error, se, covered = found[:, place].T
            sd = error.std(ddof=1)
            print(
                f"  {name}: bias {error.mean():.4g} (Monte Carlo error {sd / np.sqrt(len(error)):.2g}), "
                f"standard error over empirical {np.sqrt((se**2).mean()) / sd:.3f}, coverage {covered.mean():.3f}"
            )


if __name__ == "__main__":
    main(*map(int, sys.argv[1:4]) if len(sys.argv) > 3 else (0, 1000, 150))  # noqa: PLR2004 (three numbers)
