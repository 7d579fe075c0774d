"""Adjusted arm means of cost by a generalised linear model, beside those of QALYs by regression."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from hecon.trial.models import _glm, _outcomes

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

# Names of the models with a gamma variance, and their links.
LINKS = {"gamma-log": "log", "gamma-identity": "identity"}


def resampled(values: Floats, plan: _outcomes.Plan, weights: Floats, model: str) -> tuple[Floats, NDArray[np.bool_]]:
    """Return adjusted means of one completed set under each row of weights, and which replicates could be fitted.

    Parameters
    ----------
    values : ndarray
        Completed variables, shape (patient, variable).
    plan : Plan
        What is regressed on what.
    weights : ndarray
        How often each resample drew each patient, shape (replicate, patient).
    model : str
        One of `LINKS`.

    Returns
    -------
    (ndarray, ndarray)
        Means of shape (replicate, perspective, outcome, arm): costs standardised over the replicate's patients, QALYs
        as by `_outcomes.resampled`; and whether each replicate converged.
    """
    found = _outcomes.resampled(values, plan, weights)
    columns = values @ plan.matrix
    ok = np.ones(len(weights), dtype=np.bool_)
    for at in range(len(plan.perspectives)):
        arms = [_design(columns, plan, at, np.full(plan.arm.size, arm)) for arm in range(plan.arms)]
        fits = _glm.bootstrap(
            columns[:, plan.covariates + at],
            _design(columns, plan, at, plan.arm),
            LINKS[model],
            weights,
            arms,
            needed=range(1, plan.arms),
        )
        found[:, at, 0] = fits.means
        ok &= fits.ok
    return _outcomes.pinned(found, values, plan), ok


def _design(columns: Floats, plan: _outcomes.Plan, outcome: int, arm: NDArray[np.intp]) -> Floats:
    dummies = arm[:, None] == np.arange(1, plan.arms)
    return np.column_stack([np.ones(arm.size), dummies, columns[:, plan.adjusts[outcome]]]).astype(np.float64)
