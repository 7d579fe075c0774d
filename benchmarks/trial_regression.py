"""Standard errors of degenerate trials against ordinary least squares, and what a baseline imbalance does.

    python benchmarks/trial_regression.py [trials]

By default 500 random trials (fixed costs, ceilings, rare events, constant and collinear covariates, either choice of
regressors) and 1,000 trials of 2 × 150 patients whose utility at the start differs by 1.9 standard errors. No patient
data: all trials are simulated by tests/degenerate.py.
"""

from __future__ import annotations

import sys
import warnings
from dataclasses import replace
from pathlib import Path

import numpy as np

from hecon import trial
from hecon.errors import StatisticalWarning

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))

import degenerate

ARM = degenerate.ARMS[1]
# Bounds of a standard error over that of least squares, and a high probability.
LEAST, MOST, HIGH = 0.1, 10, 0.95


def degenerate_trials(count: int) -> None:
    """Print the range of standard errors over those of ordinary least squares, and how many are out of bounds."""
    ratios: dict[str, list[float]] = {"pooled": [], "complete cases": [], "width of BCa / 3.92": []}
    points = exact = 0
    for seed in range(count):
        data = degenerate.drawn(np.random.default_rng(seed))
        for found in trial.analyse(data, replicates=200, rng=seed).perspectives:
            both = [degenerate.least_squares(replace(data, regressors=each), found.name)[1] for each in ("same", "own")]
            case = found.complete_case
            for at, outcome in enumerate(("cost", "effect")):
                contrast = found.contrast(ARM, **{outcome: 1.0})
                low, high = case.bca(contrast)
                errors = (found.spread.of(contrast).se, case.spread.of(contrast).se, (high - low) / 3.92)
                theirs = [each[at] for each in both]
                if max(theirs) == 0:
                    points, exact = points + 1, exact + (max(errors) == 0)
                elif min(theirs) > 0:
                    for kind, error in zip(ratios, errors, strict=True):
                        ratios[kind].append(error / np.sqrt(theirs[0] * theirs[1]))
    for kind, each in ratios.items():
        out = sum(not LEAST < ratio < MOST for ratio in each)
        print(f"{kind}: {len(each)} outcomes, {min(each):.2f} to {max(each):.2f} of least squares, {out} out of bounds")
    print(f"outcomes that fit exactly: {points}, of which {exact} have a point as interval")


def imbalance(count: int) -> None:
    """Print bias and the share of high probabilities with either choice of regressors."""
    for regressors in ("own", "same"):
        rows = []
        for seed in range(count):
            data = replace(degenerate.imbalanced(np.random.default_rng(seed)), regressors=regressors)
            found = trial.analyse(data, replicates=400, rng=seed).perspectives[0]
            cost, effect = found.delta_cost(ARM), found.delta_effect(ARM)
            covered = cost.interval[0] < 0 < cost.interval[1]
            rows.append((cost.value, effect.value, covered, found.p_cost_effective(ARM, wtp=20_000) > HIGH))
        mean, error = np.mean(rows, axis=0), np.std(rows, axis=0) / np.sqrt(count)
        print(
            f"{regressors}: bias of costs {mean[0]:.0f} ({error[0]:.0f}), of QALYs {mean[1]:.5f} ({error[1]:.5f}), "
            f"coverage of costs {mean[2]:.3f}, P above 0.95 in {mean[3]:.3f} ({error[3]:.3f})"
        )


if __name__ == "__main__":
    warnings.simplefilter("ignore", StatisticalWarning)
    number = int(sys.argv[1]) if len(sys.argv) > 1 else 500
    degenerate_trials(number)
    imbalance(2 * number)
