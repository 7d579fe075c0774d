"""Calibration of the model of a teaching trial to the differences and the spread that were printed."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING

import numpy as np
from scipy.optimize import brentq, root

from hecon.datasets._model import ARMS, Model, uncalibrated
from hecon.datasets._moments import Moments, moments
from hecon.errors import HeconError

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["calibrated", "spread"]


@cache
def calibrated(name: str) -> Model:
    """Return the model that has the printed difference in costs, standard errors and correlation.

    The difference in QALYs is in the means of utility. Persistence gives the standard error of the QALYs; absence after
    an operation, spread of the frailty and its link with health give the other three.
    """
    start = uncalibrated(name)
    target = start.given["effect_se"]

    def excess(persistence: float) -> float:
        return spread(_both(replace(start, persistence=persistence)), start.given["patients"])[1] - float(target)

    model = replace(start, persistence=float(brentq(excess, 0.05, 0.99, xtol=1e-13)))
    wanted = np.array([model.given[each] for each in ("cost_difference", "cost_se", "correlation")])

    def distance(parameters: NDArray[np.float64]) -> NDArray[np.float64]:
        arms = _both(_with(model, parameters))
        error, _, correlation = spread(arms, model.given["patients"])
        return np.asarray(np.array([arms[1].cost - arms[0].cost, error, correlation]) / wanted - 1)

    found = root(distance, [model.after, model.spread, np.arctanh(model.link)], tol=1e-13)
    if not np.abs(found.fun).max() < 1e-9:  # noqa: PLR2004 (rounding)
        msg = f"the figures of the trial {name!r} cannot be met: change an assumed one"
        raise HeconError(msg)
    return _with(model, found.x)


def _with(model: Model, parameters: NDArray[np.float64]) -> Model:
    """Return the model with absence after an operation, spread of frailty, and its link on a scale without bounds."""
    after, frailty, link = parameters.tolist()
    return replace(model, after=after, spread=frailty, link=float(np.tanh(link)))


def _both(model: Model) -> list[Moments]:
    return [moments(model, arm, model.prices) for arm in range(len(ARMS))]


def spread(arms: list[Moments], patients: list[int]) -> tuple[float, float, float]:
    """Return the standard errors of the differences in cost and effect, without adjustment, and their correlation."""
    costs, effects, products = (
        sum(getattr(each, name) / size for each, size in zip(arms, patients, strict=True))
        for name in ("cost_variance", "effect_variance", "covariance")
    )
    return float(np.sqrt(costs)), float(np.sqrt(effects)), float(products / np.sqrt(costs * effects))
