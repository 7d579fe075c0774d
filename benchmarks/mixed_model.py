"""Time the mixed model under 5,000 cluster bootstraps, beside statsmodels in a loop, and the regression of costs.

Run: python benchmarks/mixed_model.py

Seconds are of the processor, the best of three. The loop is timed at a few resamples and scaled up to all: running it
whole takes minutes. Compare ratios within one run, not seconds between computers.
"""

from __future__ import annotations

import time
import warnings
from typing import TYPE_CHECKING

import numpy as np
from statsmodels.regression.mixed_linear_model import MixedLM

from hecon.trial import gamma_model, mixed_model

if TYPE_CHECKING:
    from collections.abc import Callable

PATIENTS, CLUSTERS, RESAMPLES, LOOP = 600, 20, 5_000, 20


def seconds(call: Callable[[], object]) -> float:
    """Return the processor time of a call, the best of three."""
    found = []
    for _ in range(3):
        start = time.process_time()
        call()
        found.append(time.process_time() - start)
    return min(found)


def trial(covariates: int, *, wedge: bool):  # noqa: ANN201
    """Return costs and QALYs, columns, clusters and strata of a parallel trial or a stepped wedge of six periods."""
    rng = np.random.default_rng(0)
    cluster, within = np.divmod(np.arange(PATIENTS), PATIENTS // CLUSTERS)
    period = within // 5
    arm = (period > cluster % 5 if wedge else cluster % 2).astype(float)
    periods = period[:, None] == np.arange(1, 6 if wedge else 1)
    measured = rng.normal(size=(PATIENTS, covariates))
    columns = np.column_stack([np.ones(PATIENTS), arm, periods, measured])
    shared = measured.sum(axis=1)
    cost = 5000 + 500 * arm + 300 * shared + rng.normal(0, 600, CLUSTERS)[cluster] + rng.normal(0, 2000, PATIENTS)
    effect = 0.7 + 0.03 * arm + 0.02 * shared + rng.normal(0, 0.04, CLUSTERS)[cluster] + rng.normal(0, 0.2, PATIENTS)
    return np.column_stack([cost, effect]), columns, cluster, None if wedge else cluster % 2


def loop(outcomes: np.ndarray, columns: np.ndarray, cluster: np.ndarray, counts: np.ndarray) -> tuple[float, float]:
    """Return seconds per resample of statsmodels, and how far its arm effects are off, in standard errors."""
    found = mixed_model.bootstrap(outcomes, [columns, columns], cluster, counts)
    furthest = 0.0
    start = time.process_time()
    for at, drawn in enumerate(counts[:LOOP]):
        rows = [np.flatnonzero(cluster == each) for each, times in enumerate(drawn) for _ in range(times)]
        groups = np.repeat(np.arange(len(rows)), [each.size for each in rows])
        chosen = np.concatenate(rows)
        for outcome in range(2):
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                # Unscaled, it does not converge on costs.
                unit = outcomes[:, outcome].std()
                theirs = MixedLM(outcomes[chosen, outcome] / unit, columns[chosen], groups=groups).fit()
            ours = found.coefficients[outcome]
            furthest = max(furthest, abs(theirs.fe_params[1] * unit - ours[at, 1]) / ours[:, 1].std())
    return (time.process_time() - start) / LOOP, furthest


def mixed() -> None:
    """Print seconds of the cluster bootstrap of both outcomes, and how many times as long the loop takes."""
    for name, covariates, wedge in (("parallel", 2, False), ("parallel", 8, False), ("stepped wedge", 2, True)):
        outcomes, columns, cluster, stratum = trial(covariates, wedge=wedge)
        counts = mixed_model.cluster_counts(cluster, stratum, RESAMPLES, np.random.default_rng(1))
        ours = seconds(lambda: mixed_model.bootstrap(outcomes, [columns, columns], cluster, counts))  # noqa: B023
        each, furthest = loop(outcomes, columns, cluster, counts)
        print(
            f"{name:14} {columns.shape[1]:2} columns, {RESAMPLES:,} resamples, both outcomes: {ours:5.2f} s;"
            f" statsmodels {each * RESAMPLES:5,.0f} s (scaled from {LOOP}), {each * RESAMPLES / ours:6,.0f} times as"
            f" long; arm effects differ by {furthest:.0e} of their standard error at most"
        )


def regression() -> None:
    """Print seconds of the bootstrap of the regression of costs."""
    outcomes, columns, _, _ = trial(2, wedge=False)
    costs = np.maximum(outcomes[:, 0], 0)
    weights = np.random.default_rng(1).multinomial(PATIENTS, np.full(PATIENTS, 1 / PATIENTS), RESAMPLES)
    for link in gamma_model.LINKS.values():
        ours = seconds(lambda: gamma_model.bootstrap(costs, columns, link, weights, [columns]))  # noqa: B023
        print(f"costs, {link:8} link, {RESAMPLES:,} resamples of patients: {ours:5.2f} s")


if __name__ == "__main__":
    print(f"{PATIENTS} patients, {CLUSTERS} clusters")
    mixed()
    regression()
