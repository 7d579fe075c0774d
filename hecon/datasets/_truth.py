"""What is known of a simulated trial: its true differences and means, and where its figures are from."""

from __future__ import annotations

from copy import deepcopy
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np

from hecon.datasets import _figures
from hecon.datasets._calibration import calibrated, spread
from hecon.datasets._model import ARMS, Model
from hecon.datasets._moments import moments
from hecon.datasets._states import mean_utility

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["CALIBRATED", "told", "truth"]

CALIBRATED = {
    "latent": "latent means of health: the means of utility at each time, their difference and so that in QALYs",
    "persistence": "persistence of health: the standard error of the difference in QALYs",
    "after": "absence from work after an operation: the difference in societal costs",
    "spread": "spread of the frailty: the standard error of the difference in societal costs",
    "link": "link of frailty with health: the correlation of the two differences",
}
_MECHANISMS = {
    "none": "nothing is missing",
    "mar": "missing at random: drop-out depends on arm, last observed utility and hours of informal care, "
    "skipped questionnaires on arm and baseline utility; single gaps are completely at random",
    "mnar": "missing not at random: as at random, but drop-out depends on the utility that it hides",
}


@cache
def _truth(name: str) -> dict[str, Any]:
    model = calibrated(name)
    societal = [moments(model, arm, model.prices) for arm in range(len(ARMS))]
    effect = _by_arm(each.effect for each in societal)
    found: dict[str, Any] = {
        "delta_cost": {},
        "delta_effect": effect[ARMS[1]] - effect[ARMS[0]],
        "icer": {},
        "cost": {},
        "effect": effect,
        "utility": {each: _utilities(model, arm) for arm, each in enumerate(ARMS)},
        "category": {each: _costs(model, (each,)) for each in dict.fromkeys(model.categories)},
    }
    for perspective, categories in model.design.perspective.items():
        costs = found["cost"][perspective] = _costs(model, categories)
        difference = found["delta_cost"][perspective] = costs[ARMS[1]] - costs[ARMS[0]]
        # Dearer and worse, or cheaper and better, has no ratio that ranks.
        same = difference * found["delta_effect"] > 0
        found["icer"][perspective] = difference / found["delta_effect"] if same else None
    errors = spread(societal, model.given["patients"])
    found["spread"] = dict(zip(("cost_se", "effect_se", "correlation"), errors, strict=True))
    return found


def _by_arm(values: Iterable[float]) -> dict[str, float]:
    return dict(zip(ARMS, values, strict=True))


def _costs(model: Model, categories: Iterable[str]) -> dict[str, float]:
    inside = np.isin(model.categories, list(categories))
    return _by_arm(moments(model, arm, model.prices * inside).cost for arm in range(len(ARMS)))


def _utilities(model: Model, arm: int) -> list[float]:
    found: list[float] = mean_utility(model.scale, model.latent[arm]).tolist()
    return found


def truth(name: str) -> dict[str, Any]:
    """Return the true differences (exercise minus surgery), means and spread, in the terms of the shipped design."""
    design = calibrated(name).design
    return {
        **deepcopy(_truth(name)),
        "months": list(design.utility.months),
        "comparator": design.arm.comparator,
        "price_year": design.analysis.price_year,
        "discount_cost": design.analysis.discount_cost,
        "discount_effect": design.analysis.discount_effect,
    }


def told(name: str, mechanism: str) -> dict[str, Any]:
    """Return all that is told beside the records; short, as pandas copies it with every column that is taken."""
    return {
        "simulated": True,
        "title": calibrated(name).design.title,
        "note": "Simulated: no patient gave these records. Sizes and differences follow what was printed of ESCAPE; "
        "means, resource use and what is missing are assumed.",
        "truth": truth(name),
        "missing": mechanism,
        "mechanism": _MECHANISMS[mechanism],
        "calibrated": dict(CALIBRATED),
        "figures": {each.name: each.status for each in _figures.figures_of(name)},
    }
