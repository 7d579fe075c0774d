"""Time and memory of the analysis of a trial of 321 patients, beside the tools that it replaces.

Run: python benchmarks/trial_pipeline.py. Times are of the wall clock, the best of three; linearmodels is timed on a few
resamples and scaled up. Compare ratios, not seconds.
"""

from __future__ import annotations

import resource
import time
from typing import TYPE_CHECKING

import numpy as np
from linearmodels.system import SUR

from hecon import datasets, trial
from hecon.trial import regression, resampling
from hecon.trial.imputation import variables_of
from hecon.trial.table.checking import trial_data

if TYPE_CHECKING:
    from collections.abc import Callable

    from hecon.trial.table.checking import TrialData

REPLICATES = 5000
LOOP = 25
GIBIBYTE = 2**20


def seconds(call: Callable[[], object]) -> float:
    """Return the time of a call, the best of three."""
    found = []
    for _ in range(3):
        start = time.perf_counter()
        call()
        found.append(time.perf_counter() - start)
    return min(found)


def teaching() -> TrialData:
    """Return the simulated teaching trial, with its missing data."""
    return trial_data(datasets.simulate_trial("meniscus", rng=1), datasets.trial_design("meniscus"))


def regressions(data: TrialData) -> None:
    """Time seemingly unrelated regressions with their bootstrap, here and by linearmodels."""
    done = trial.impute(data, count=1, rng=1)
    plan = regression.plan(data, done.variables, ("societal",))
    values = done.values[0]

    def whole() -> None:
        rows = resampling.stratified_rows(data.arm, REPLICATES, np.random.default_rng(1))
        weights = resampling.times_drawn(rows, data.arm.size)
        regression.resampled_means(values, plan, np.ones((1, data.arm.size)))
        regression.resampled_means(values, plan, weights)

    columns = values @ plan.matrix
    first = plan.covariates
    shapes = [
        (columns[:, first + at], np.column_stack([np.ones(data.arm.size), data.arm, columns[:, plan.adjusts[at]]]))
        for at in range(2)
    ]
    rows = resampling.stratified_rows(data.arm, LOOP, np.random.default_rng(1))

    def loop() -> None:
        for own in rows:
            system = {str(at): {"dependent": y[own], "exog": x[own]} for at, (y, x) in enumerate(shapes)}
            SUR(system).fit(method="gls", iterate=False)

    ours, theirs = seconds(whole), seconds(loop) * REPLICATES / LOOP
    print(f"SUR + {REPLICATES:,} bootstrap replicates, n = {data.arm.size}: {ours:.3f} s")
    print(f"  linearmodels in a loop ({LOOP} timed, scaled): {theirs:.0f} s, {theirs / ours:,.0f} times as long")


def simple(data: TrialData) -> TrialData:
    """Return the trial with all costs of a period together: five utilities and as many costs to impute."""
    import dataclasses

    spans = sorted({(each.start, each.end) for each in data.items})
    owner = np.array([spans.index((each.start, each.end)) for each in data.items])
    costs = np.stack([data.costs[:, owner == at].sum(axis=1) for at in range(len(spans))], axis=1)
    items = tuple(type(data.items[0])("all", *span) for span in spans)
    return dataclasses.replace(
        data,
        items=items,
        costs=costs,
        baseline_costs=None,
        baseline_categories=(),
        perspectives={"societal": ("all",)},
    )


def imputations(data: TrialData, name: str) -> None:
    """Time predictive mean matching, 20 imputations of 10 rounds."""
    missing = np.isnan(variables_of(data).values).any(axis=0).sum()
    took = seconds(lambda: trial.impute(data, count=20, iterations=10, rng=1))
    print(f"PMM, 20 imputations x 10 rounds, {missing} incomplete variables ({name}): {took:.2f} s")


def pipeline(data: TrialData, name: str) -> None:
    """Time the whole analysis: 20 imputations of 5,000 replicates each, pooling, complete cases with BCa."""

    def whole() -> None:
        found = trial.analyse(data, perspectives=["societal"], imputations=20, replicates=REPLICATES, rng=1)
        one = found.perspectives[0]
        strategy = data.strategies[1]
        one.delta_cost(strategy), one.delta_effect(strategy)
        if one.complete_case is not None:
            one.complete_case.bca(one.contrast(strategy, cost=1.0))
            one.complete_case.bca(one.contrast(strategy, effect=1.0))

    print(f"whole pipeline, 20 x {REPLICATES:,} replicates, pooling, BCa ({name}): {seconds(whole):.2f} s")


def main() -> None:
    """Print times and the largest memory in use."""
    data = teaching()
    regressions(data)
    for each, name in ((simple(data), "costs by period"), (data, "costs by category and period")):
        imputations(each, name)
        pipeline(each, name)
    print(f"largest memory in use: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / GIBIBYTE:.2f} GiB")


if __name__ == "__main__":
    main()
