"""The results of a trial as plain JSON: numbers of the whole, none of a patient."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from hecon.trial.analysis import PerspectiveAnalysis
    from hecon.trial.rubin import Estimate


def plain(found: PerspectiveAnalysis) -> dict[str, Any]:
    """Return the results from one perspective."""
    arms = len(found.strategies)
    mean = [float(each) for each in found.spread.mean]
    return {
        "mean_cost": dict(zip(found.strategies, mean[:arms], strict=True)),
        "mean_effect": dict(zip(found.strategies, mean[arms:], strict=True)),
        "differences": {name: _difference(found, name) for name in found.strategies[1:]},
        "variation": [each.to_json() for each in found.variation],
    }


def _difference(found: PerspectiveAnalysis, strategy: str) -> dict[str, Any]:
    case = found.complete_case
    told: dict[str, Any] = {"complete_case": None}
    if case is not None:
        told["complete_case"] = {"patients": list(case.patients)}
    for name, weights in (("delta_cost", {"cost": 1.0}), ("delta_effect", {"effect": 1.0})):
        contrast = found.contrast(strategy, **weights)
        told[name] = _estimate(found.spread.of(contrast))
        if case is not None:
            told["complete_case"][name] = {**_estimate(case.spread.of(contrast)), "bca": list(case.bca(contrast))}
    correlation = found.correlation(strategy)
    return {**told, "correlation": correlation if np.isfinite(correlation) else None}


def _estimate(estimate: Estimate) -> dict[str, Any]:
    return {
        "estimate": estimate.value,
        "se": estimate.se,
        "df": estimate.df if np.isfinite(estimate.df) else None,
        "interval": list(estimate.interval),
        "fraction_missing_information": estimate.fmi,
        "monte_carlo_se": estimate.monte_carlo_se,
    }
