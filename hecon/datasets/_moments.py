"""Exact means, variances and covariances of costs and QALYs under the model of a teaching trial.

Expectations over persistent health and frailty are sums over a grid (trapezoid rule against the normal density). For
the smooth functions here its error is below rounding; nothing is simulated.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import ndtr, ndtri

from hecon.datasets._model import COUNTED
from hecon.datasets._states import mean_utility

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from hecon.datasets._model import Model

    Floats = NDArray[np.float64]

__all__ = ["Moments", "moments", "operated"]

_STEP = 0.25
_NODES = np.arange(-40.0, 41.0) * _STEP
_DENSITY = np.exp(-(_NODES**2) / 2)
_WEIGHTS = np.asarray(_DENSITY / _DENSITY.sum(), dtype=np.float64)


@dataclass(frozen=True)
class Moments:
    """Moments of one patient in one arm.

    Parameters
    ----------
    cost, cost_variance : float
        Of the discounted costs.
    effect, effect_variance : float
        Of the discounted QALYs.
    covariance : float
        Of the two.
    """

    cost: float
    cost_variance: float
    effect: float
    effect_variance: float
    covariance: float


def moments(model: Model, arm: int, prices: Floats) -> Moments:
    """Return the moments in an arm.

    Parameters
    ----------
    model : Model
        The model.
    arm : int
        Position of the arm.
    prices : ndarray
        Price of each resource; 0 leaves it out.

    Returns
    -------
    Moments
        Exact but for rounding.
    """
    effects, noise = _effect_given_health(model, arm)
    effect = float(_WEIGHTS @ effects)
    given_health, square = np.zeros(_NODES.size), 0.0
    for share, mean, variance in _costs(model, arm, prices):
        given_health += share * (mean @ _WEIGHTS)
        square += float((_WEIGHTS * share) @ (mean**2 + variance) @ _WEIGHTS)
    cost = float(_WEIGHTS @ given_health)
    return Moments(
        cost,
        square - cost**2,
        effect,
        float(_WEIGHTS @ ((effects - effect) ** 2 + noise)),
        float(_WEIGHTS @ ((effects - effect) * (given_health - cost))),
    )


def _effect_given_health(model: Model, arm: int) -> tuple[Floats, Floats]:
    """Return mean and variance of the QALYs at each node of persistent health."""
    means = model.latent[arm] + model.persistence * _NODES[:, None]
    rest = float(np.sqrt(1 - model.persistence**2))
    first, second = (mean_utility(model.scale, means, rest, power=power) for power in (1, 2))
    return first @ model.qaly_weights, (second - first**2) @ model.qaly_weights**2


def operated(model: Model, arm: int, health: Floats) -> Floats:
    """Return the chance of an operation in each period, and of none as the last row, at values of health."""
    periods = model.factors.size
    chances = np.zeros((periods + 1, health.size))
    if arm == 0:
        chances[0] = 1.0
        return chances
    loading = model.given["delay_with_health"]
    delayed = ndtr((loading * health - ndtri(1 - model.given["delayed"])) / np.sqrt(1 - loading**2))
    chances[:periods] = model.row("delay_timing")[:, None] * delayed
    chances[periods] = 1 - delayed
    return chances


def _costs(model: Model, arm: int, prices: Floats) -> Iterator[tuple[Floats, Floats, Floats]]:
    """Yield the chance, at each node of health, of each course: period of the operation, in paid work or not.

    With it mean and variance of the costs at each node of health (rows) and of what frailty has beside it (columns).
    """
    frailty = -model.link * _NODES[:, None] + np.sqrt(1 - model.link**2) * _NODES
    powers = model.powers[:, None, None]
    factor = np.exp(powers * frailty - powers**2 / 2)
    values = prices[:, None] * model.factors
    usual, slope = model.given["absence"]
    chances = [ndtr(start + slope * frailty) for start in (usual, model.after)]
    work = model.given["employed"]
    for period, share in enumerate(operated(model, arm, _NODES)):
        now = np.arange(model.factors.size) == period
        mean, variance = _counted(model, arm, values[1:-1], now, factor)
        mean = mean + values[0] @ now
        yield share * (1 - work), mean, variance
        for paid, chance, (days, square) in zip(
            (values[-1] * ~now, values[-1] * now), chances, _days(model), strict=True
        ):
            mean = mean + paid.sum() * days * chance
            variance = variance + (paid**2).sum() * (square * chance - (days * chance) ** 2)
        yield share * work, mean, variance


def _counted(model: Model, arm: int, values: Floats, now: NDArray[np.bool_], factor: Floats) -> tuple[Floats, Floats]:
    """Return mean and variance of the costs of what is counted, where an operation is in the period marked as now."""
    rates = model.usual + np.outer(model.row("after_operation"), now)
    mean = np.tensordot((values * rates).sum(axis=1), factor, 1)
    variance = np.tensordot((values**2 * rates).sum(axis=1), factor, 1)
    extra = (values**2 * rates**2).sum(axis=1) / model.row("dispersion")
    variance = variance + np.tensordot(extra, factor**2, 1)
    if arm == 0:
        return mean, variance
    sessions, chance = model.given["sessions"], model.given["attendance"]
    session = values[COUNTED.index("physiotherapy"), 0]
    return mean + session * sessions * chance, variance + session**2 * sessions * chance * (1 - chance)


def _days(model: Model) -> list[tuple[float, float]]:
    """Return mean and mean square of the hours of absence in a period, once absent, without and with an operation."""
    share, day = model.given["absent_share"], model.given["day"]
    means = [(most * share, most * share * (1 - share)) for most in model.given["absence_days"]]
    return [(day * mean, day**2 * (variance + mean**2)) for mean, variance in means]
