"""Calibrate the model of the teaching trial and compute its exact truth: what hecon.datasets ships as one file.

Run: python benchmarks/teaching_trial.py            # print how far the shipped file is from what is computed anew
     python benchmarks/teaching_trial.py --write    # write it: after a change of the figures, the design or the prices

From meniscus-figures.toml, meniscus.toml and the reference prices follow five things that were not printed: the latent
means of health, its persistence, the spread of frailty, its link with health, and absence after an operation. With them
differences, standard errors and correlation are those printed of ESCAPE. Nothing is drawn. Expectations over persistent
health and frailty are sums over a grid (trapezoid rule against the normal density). For the smooth functions here its
error is below rounding.
"""

from __future__ import annotations

import argparse
import json
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.optimize import brentq, root
from scipy.special import ndtr, ndtri

import hecon
from hecon import datasets, prices
from hecon.datasets import ARMS, COUNTED, RESOURCES, Model
from hecon.errors import HeconError
from hecon.trial.valuation import discount_factors, qaly_weights

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from numpy.typing import ArrayLike, NDArray

    from hecon.trial import Design
    from hecon.trial.table.design_keys import Cost

    Floats = NDArray[np.float64]

VERSION = 1
FILE = Path(hecon.__file__).parent / "data" / "trials" / "meniscus-calibrated.json"

_FAR = 8.0
_STEP = 0.25
_NODES = np.arange(-40.0, 41.0) * _STEP
_DENSITY = np.exp(-(_NODES**2) / 2)
_WEIGHTS = np.asarray(_DENSITY / _DENSITY.sum(), dtype=np.float64)


@dataclass(frozen=True)
class Terms:
    """What the shipped design and the reference prices make of health and use.

    Parameters
    ----------
    design : Design
        The design.
    qaly_weights, factors : ndarray
        Weight of each utility in the QALYs; present value of a euro in each period.
    prices : ndarray
        Price of each resource [EUR of the design's price year].
    categories : tuple of str
        Category of each resource.
    """

    design: Design
    qaly_weights: Floats
    factors: Floats
    prices: Floats
    categories: tuple[str, ...]


@cache
def terms_of(name: str) -> Terms:
    """Return what the shipped design makes of health and use."""
    design = datasets.design_of(name)
    costs = {_resource(each): each for each in design.cost}
    periods = design.cost[0].periods
    assert periods is not None  # noqa: S101 (a design has put the default in place)
    return Terms(
        design,
        qaly_weights(design.utility.months, discount=design.analysis.discount_effect),
        discount_factors(periods, discount=design.analysis.discount_cost),
        np.array([_unit_price(costs[each], design.analysis.price_year) for each in RESOURCES]),
        tuple(costs[each].category for each in RESOURCES),
    )


def _resource(cost: Cost) -> str:
    return (cost.columns or ("",))[0].rsplit("_", 1)[0]


def _unit_price(cost: Cost, year: int) -> float:
    if isinstance(cost.price, str):
        return prices.reference_price(cost.price, year=year).amount
    assert cost.price is not None  # noqa: S101 (the shipped design has it)
    assert cost.price_year is not None  # noqa: S101 (and so it has the year)
    return float(prices.indexed(cost.price, price_year=cost.price_year, to_year=year))


# Health ---------------------------------------------------------------------------------------------------------------


def shares(model: Model, mean: ArrayLike, spread: float = 1.0) -> Floats:
    """Return the share of each band for latent health that is normal about `mean`; bands on the last axis."""
    below = ndtr((model.cuts - np.asarray(mean, dtype=float)[..., None]) / spread)
    edges = [np.zeros((*below.shape[:-1], 1)), below, np.ones((*below.shape[:-1], 1))]
    return np.diff(np.concatenate(edges, axis=-1), axis=-1)


def mean_utility(model: Model, mean: ArrayLike, spread: float = 1.0, *, power: int = 1) -> Floats:
    """Return the mean utility, or the mean of a power of it, at each latent mean."""
    return np.asarray(shares(model, mean, spread) @ (model.utilities**power).mean(axis=1))


def latent_mean(model: Model, utility: float) -> float:
    """Return the latent mean, with spread 1, at which the mean utility is `utility`."""
    return float(brentq(lambda mean: float(mean_utility(model, mean)) - utility, -_FAR, _FAR, xtol=1e-14, rtol=1e-14))


# Moments of one patient -----------------------------------------------------------------------------------------------


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


def moments(model: Model, terms: Terms, arm: int, paid: Floats) -> Moments:
    """Return the moments in an arm.

    Parameters
    ----------
    model : Model
        The model.
    terms : Terms
        What the design makes of health and use.
    arm : int
        Position of the arm.
    paid : ndarray
        Price of each resource; 0 leaves it out.

    Returns
    -------
    Moments
        Exact but for rounding.
    """
    effects, noise = _effect_given_health(model, terms, arm)
    effect = float(_WEIGHTS @ effects)
    given_health, square = np.zeros(_NODES.size), 0.0
    for share, mean, variance in _costs(model, arm, paid[:, None] * terms.factors):
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


def _effect_given_health(model: Model, terms: Terms, arm: int) -> tuple[Floats, Floats]:
    """Return mean and variance of the QALYs at each node of persistent health."""
    means = model.latent[arm] + model.persistence * _NODES[:, None]
    rest = float(np.sqrt(1 - model.persistence**2))
    first, second = (mean_utility(model, means, rest, power=power) for power in (1, 2))
    return first @ terms.qaly_weights, (second - first**2) @ terms.qaly_weights**2


def operated(model: Model, arm: int, health: Floats) -> Floats:
    """Return the chance of an operation in each period, and of none as the last row, at values of health."""
    periods = model.periods
    chances = np.zeros((periods + 1, health.size))
    if arm == 0:
        chances[0] = 1.0
        return chances
    loading = model.given["delay_with_health"]
    delayed = ndtr((loading * health - ndtri(1 - model.given["delayed"])) / np.sqrt(1 - loading**2))
    chances[:periods] = model.row("delay_timing")[:, None] * delayed
    chances[periods] = 1 - delayed
    return chances


def _costs(model: Model, arm: int, values: Floats) -> Iterator[tuple[Floats, Floats, Floats]]:
    """Yield the chance, at each node of health, of each course: period of the operation, in paid work or not.

    With it mean and variance of the costs at each node of health (rows) and of what frailty has beside it (columns).
    """
    frailty = -model.link * _NODES[:, None] + np.sqrt(1 - model.link**2) * _NODES
    powers = model.powers[:, None, None]
    factor = np.exp(powers * frailty - powers**2 / 2)
    usual, slope = model.given["absence"]
    chances = [ndtr(start + slope * frailty) for start in (usual, model.after)]
    work = model.given["employed"]
    for period, share in enumerate(operated(model, arm, _NODES)):
        now = np.arange(model.periods) == period
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


# Calibration ----------------------------------------------------------------------------------------------------------


def uncalibrated(name: str, changes: dict[str, Any], terms: Terms) -> Model:
    """Return the model with its means of utility in place, and a start for what remains to be calibrated."""
    first = {"latent": [], "persistence": 0.6, "spread": 0.8, "link": 0.3, "after": -1.5}
    start = datasets.model_with(name, first)
    given = start.given | changes
    shape = np.array(given["utility_shape"], dtype=float)
    difference = given["effect_difference"] * shape / float(terms.qaly_weights @ shape)
    means = np.array(given["utility"]) + np.stack([np.zeros_like(difference), difference])
    return replace(
        start, given=given, latent=np.array([[latent_mean(start, mean) for mean in row] for row in means.tolist()])
    )


def calibrated(name: str, **changes: Any) -> Model:  # noqa: ANN401
    """Return the model that has the printed difference in costs, standard errors and correlation; figures may change.

    The difference in QALYs is in the means of utility. Persistence gives the standard error of the QALYs; absence after
    an operation, spread of the frailty and its link with health give the other three.
    """
    terms = terms_of(name)
    start = uncalibrated(name, changes, terms)
    target = start.given["effect_se"]

    def excess(persistence: float) -> float:
        return spread(_both(replace(start, persistence=persistence), terms), start.given["patients"])[1] - float(target)

    model = replace(start, persistence=float(brentq(excess, 0.05, 0.99, xtol=1e-13)))
    wanted = np.array([model.given[each] for each in ("cost_difference", "cost_se", "correlation")])

    def distance(parameters: NDArray[np.float64]) -> NDArray[np.float64]:
        arms = _both(_with(model, parameters), terms)
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


def _both(model: Model, terms: Terms) -> list[Moments]:
    return [moments(model, terms, arm, terms.prices) for arm in range(len(ARMS))]


def spread(arms: list[Moments], patients: list[int]) -> tuple[float, float, float]:
    """Return the standard errors of the differences in cost and effect, without adjustment, and their correlation."""
    costs, effects, products = (
        sum(getattr(each, name) / size for each, size in zip(arms, patients, strict=True))
        for name in ("cost_variance", "effect_variance", "covariance")
    )
    return float(np.sqrt(costs)), float(np.sqrt(effects)), float(products / np.sqrt(costs * effects))


# Truth ----------------------------------------------------------------------------------------------------------------


def truth(name: str, model: Model) -> dict[str, Any]:
    """Return the true differences (exercise minus surgery), means and spread, in the terms of the shipped design."""
    terms = terms_of(name)
    societal = _both(model, terms)
    effect = _by_arm(each.effect for each in societal)
    found: dict[str, Any] = {
        "delta_cost": {},
        "delta_effect": effect[ARMS[1]] - effect[ARMS[0]],
        "icer": {},
        "cost": {},
        "effect": effect,
        "utility": {each: mean_utility(model, model.latent[arm]).tolist() for arm, each in enumerate(ARMS)},
        "category": {each: _costs_by_arm(model, terms, (each,)) for each in dict.fromkeys(terms.categories)},
    }
    for perspective, categories in terms.design.perspective.items():
        costs = found["cost"][perspective] = _costs_by_arm(model, terms, categories)
        difference = found["delta_cost"][perspective] = costs[ARMS[1]] - costs[ARMS[0]]
        # Dearer and worse, or cheaper and better, has no ratio that ranks.
        same = difference * found["delta_effect"] > 0
        found["icer"][perspective] = difference / found["delta_effect"] if same else None
    errors = spread(societal, model.given["patients"])
    analysis = terms.design.analysis
    return {
        **found,
        "spread": dict(zip(("cost_se", "effect_se", "correlation"), errors, strict=True)),
        "months": list(terms.design.utility.months),
        "comparator": terms.design.arm.comparator,
        "price_year": analysis.price_year,
        "discount_cost": analysis.discount_cost,
        "discount_effect": analysis.discount_effect,
    }


def _by_arm(values: Iterable[float]) -> dict[str, float]:
    return dict(zip(ARMS, values, strict=True))


def _costs_by_arm(model: Model, terms: Terms, categories: Iterable[str]) -> dict[str, float]:
    paid = terms.prices * np.isin(terms.categories, list(categories))
    return _by_arm(moments(model, terms, arm, paid).cost for arm in range(len(ARMS)))


# The shipped file -----------------------------------------------------------------------------------------------------


def shipped(name: str) -> dict[str, Any]:
    """Return the content of the shipped file, computed anew."""
    model = calibrated(name)
    return {
        "note": f"Made by benchmarks/teaching_trial.py, version {VERSION}, from {name}-figures.toml, {name}.toml and "
        "the reference prices; nothing is drawn. Write it again when one of these changes.",
        "latent": model.latent.tolist(),
        **{each: getattr(model, each) for each in ("persistence", "spread", "link", "after")},
        "truth": truth(name, model),
    }


def text_of(content: dict[str, Any]) -> str:
    """Return the content as the text of the file."""
    return json.dumps(content, indent=1) + "\n"


def numbers(content: object) -> Iterator[float]:
    """Yield the numbers of a content, in order."""
    if isinstance(content, dict):
        content = list(content.values())
    if isinstance(content, list):
        for each in content:
            yield from numbers(each)
    elif isinstance(content, float):
        yield content


def main() -> None:
    """Write the file, or print how far it is from what is computed anew."""
    parser = argparse.ArgumentParser(description="Calibrate the model of the teaching trial.")
    parser.add_argument("--write", action="store_true", help="write the shipped file")
    content = shipped("meniscus")
    if parser.parse_args().write:
        FILE.write_text(text_of(content), encoding="utf-8")
        print(f"wrote {FILE}")
        return
    pairs = zip(numbers(json.loads(FILE.read_text(encoding="utf-8"))), numbers(content), strict=True)
    furthest = max(abs(old - new) / abs(new) for old, new in pairs if new)
    print(f"{FILE.name} differs by {furthest:.0e} of a number at most from what is computed anew")


if __name__ == "__main__":
    main()
