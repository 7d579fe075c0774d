"""The model of the teaching trial "meniscus": what it is made of.

Persistent health b of a patient is standard normal. Latent health at a time is m + p·b + √(1 − p²)·e, and the EQ-5D
state is the band in which it lies. Frailty x is standard normal and has correlation −r with b. A count of use is
negative binomial about its mean times exp(k·s·x − (k·s)²/2). A patient in paid work is absent in a period with chance
Φ(a + c·x), and then for a binomial number of days. Given b, costs are independent of utilities.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np

from hecon import prices
from hecon.datasets import _figures
from hecon.datasets._states import Scale, latent_mean, scale
from hecon.trial.qaly import discount_factors, qaly_weights
from hecon.trial.table.design import read_design

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from hecon.trial import Cost, Design

    Floats = NDArray[np.float64]

__all__ = ["ARMS", "COUNTED", "RESOURCES", "Model", "design_of", "uncalibrated"]

# The comparator first, as in the figures by arm.
ARMS = ("surgery", "exercise")
COUNTED = ("outpatient", "physiotherapy", "gp", "care_hours")
RESOURCES = ("operations", *COUNTED, "absence_hours")


@dataclass(frozen=True)
class Model:
    """The model, ready to draw from.

    Parameters
    ----------
    given : dict
        The figures by name.
    design : Design
        The shipped design.
    scale : Scale
        EQ-5D states and their utilities.
    latent : ndarray
        Latent mean, shape (arm, time).
    qaly_weights, factors : ndarray
        Weight of each utility in the QALYs; present value of a euro in each period.
    prices : ndarray
        Price of each resource [EUR of the design's price year].
    categories : tuple of str
        Category of each resource.
    persistence : float
        p, in (0, 1).
    spread, link, after : float
        s; r; and a in the period of an operation.
    """

    given: dict[str, Any]
    design: Design
    scale: Scale
    latent: Floats
    qaly_weights: Floats
    factors: Floats
    prices: Floats
    categories: tuple[str, ...]
    persistence: float
    spread: float
    link: float
    after: float

    def row(self, name: str) -> Floats:
        """Return a figure as an array; of a table, its values for the counted resources."""
        value = self.given[name]
        return np.array([value.get(each, 0.0) for each in COUNTED] if isinstance(value, dict) else value, dtype=float)

    @property
    def usual(self) -> Floats:
        """Mean use of each counted resource in each period without an operation, planned sessions aside."""
        return np.array([self.given[each] for each in COUNTED], dtype=float)

    @property
    def powers(self) -> Floats:
        """Spread of the frailty of each counted resource on the log scale."""
        return self.spread * self.row("frailty_power")


@cache
def design_of(name: str) -> Design:
    """Return the shipped design of a teaching trial."""
    return read_design(_figures.FOLDER / f"{name}.toml")


def uncalibrated(name: str) -> Model:
    """Return the model with its means of utility in place, and a start for what remains to be calibrated."""
    given, design = _figures.values(name), design_of(name)
    value_set = design.utility.value_set
    assert value_set is not None  # noqa: S101 (the shipped design names one)
    bands = scale(given["states"], given["cuts"], value_set)
    weights = qaly_weights(design.utility.months, discount=design.analysis.discount_effect)
    shape = np.array(given["utility_shape"], dtype=float)
    difference = given["effect_difference"] * shape / float(weights @ shape)
    means = np.array(given["utility"]) + np.stack([np.zeros_like(difference), difference])
    costs = {_resource(each): each for each in design.cost}
    periods = design.cost[0].periods
    assert periods is not None  # noqa: S101 (a design has put the default in place)
    return Model(
        given,
        design,
        bands,
        np.array([[latent_mean(bands, mean) for mean in row] for row in means.tolist()]),
        weights,
        discount_factors(periods, discount=design.analysis.discount_cost),
        np.array([_unit_price(costs[each], design.analysis.price_year) for each in RESOURCES]),
        tuple(costs[each].category for each in RESOURCES),
        persistence=0.6,
        spread=0.8,
        link=0.3,
        after=-1.5,
    )


def _resource(cost: Cost) -> str:
    return (cost.columns or ("",))[0].rsplit("_", 1)[0]


def _unit_price(cost: Cost, year: int) -> float:
    if isinstance(cost.price, str):
        return prices.reference_price(cost.price, year=year).amount
    assert cost.price is not None  # noqa: S101 (the shipped design has it)
    assert cost.price_year is not None  # noqa: S101 (and so it has the year)
    return float(prices.indexed(cost.price, price_year=cost.price_year, to_year=year))
