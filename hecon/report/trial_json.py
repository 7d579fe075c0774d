"""The analysis of a trial as plain data with stable keys: numbers of arms and differences, none of a patient."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from hecon import decision
from hecon._version import __version__
from hecon.report.plain_json import plain
from hecon.report.trial_method import (
    estimates_vary,
    imputations_data,
    interval_sentences,
    largest_p_error,
    method_sentences,
    optimal_error,
)
from hecon.report.trial_results import left_out, ratio_words, usable_interval
from hecon.report.trial_words import TrialWords
from hecon.report.trials import draws_from
from hecon.trial import precision
from hecon.zin import REFERENCE_VALUES

if TYPE_CHECKING:
    from collections.abc import Sequence

    import xarray as xr

    from hecon.trial import Estimate, PerspectiveAnalysis, Scenario, TrialAnalysis
    from hecon.trial.description import Row

__all__ = ["trial_data"]

# Values of willingness to pay [EUR per QALY] of the acceptability curve: those at which its error is held.
_GRID = precision.WTP


def trial_data(
    analysis: TrialAnalysis,
    draws: xr.Dataset,
    lang: str,
    *,
    title: str | None = None,
    scenarios: Sequence[Scenario] = (),
    seed: int | None = None,
) -> dict[str, Any]:
    """Return the analysis of a trial as plain data.

    Parameters
    ----------
    analysis : TrialAnalysis
        What `hecon.trial.analyse` returned.
    draws : xarray.Dataset
        What `hecon.trial.draws_of` returned for it.
    lang : {"nl", "en"}
        Language of the texts in it; keys and codes are the same in both.
    title : str, optional
        Title of the trial; default its name.
    scenarios : sequence of Scenario, default none
        What `hecon.trial.scenarios` returned.
    seed : int, optional
        The seed, to be told.

    Returns
    -------
    dict
        Only dict, list, str, int, float, bool and None; every float finite.
    """
    words, about = TrialWords(analysis, lang), analysis.description
    heading = "title_simulated" if about.simulated else "title"
    data = {
        "name": about.name,
        "title": words.say(heading, title=title or about.name),
        "language": lang,
        "simulated": about.simulated,
        "simulated_in_words": words.say("simulated") if about.simulated else None,
        **_setting(analysis),
        "method": analysis.method,
        "model": analysis.model,
        "settings": analysis.settings,
        "method_in_words": method_sentences(words),
        "warnings": list(analysis.warnings),
        "reading": None if about.reading is None else about.reading.to_json(),
        "table_1": [_row(row, about.strategies, about.patients) for row in about.rows],
        "perspectives": {
            each.name: _perspective(words, each, draws_from(draws, each.name)) for each in analysis.perspectives
        },
        "scenarios": [_scenario(words, each) for each in scenarios],
        "scenarios_left_out": {
            each.name: left_out([one for one in scenarios if one.perspective == each.name])
            for each in analysis.perspectives
            if scenarios
        },
        "provenance": {"hecon": __version__, "draws": draws.sizes["draw"], "seed": seed, "digest": about.digest},
    }
    return plain(data, lang)  # type: ignore[no-any-return]


def _setting(analysis: TrialAnalysis) -> dict[str, Any]:
    about = analysis.description
    return {
        "strategies": list(about.strategies),
        "comparator": about.strategies[0],
        "patients": dict(zip(about.strategies, about.patients, strict=True)),
        "complete": dict(zip(about.strategies, about.complete, strict=True)),
        "clusters": about.clusters,
        "clusters_by_arm": None
        if about.clusters_by_arm is None
        else dict(zip(about.strategies, about.clusters_by_arm, strict=True)),
        "periods": about.periods,
        "months": list(about.months),
        "currency": "EUR",
        "price_year": about.price_year,
        "discount_cost": about.discount_cost,
        "discount_effect": about.discount_effect,
    }


def _row(row: Row, strategies: tuple[str, ...], patients: tuple[int, ...]) -> dict[str, Any]:
    def by_arm(values: Sequence[float | None]) -> dict[str, float | None]:
        return dict(zip(strategies, values, strict=True))

    return {
        "kind": row.kind.replace(" ", "_"),
        "name": row.name,
        "months": list(row.months),
        "observed": by_arm(row.observed),
        "missing": by_arm([count - seen for count, seen in zip(patients, row.observed, strict=True)]),
        "mean": by_arm(row.mean),
        "sd": by_arm(row.sd),
        "hidden": dict(zip(strategies, row.hidden or (None,) * len(strategies), strict=True)),
    }


def _estimate(words: TrialWords, estimate: Estimate) -> dict[str, Any]:
    return {
        "estimate": estimate.value,
        "se": estimate.se,
        "df": estimate.df,
        "interval": list(estimate.interval),
        "level": estimate.level,
        "fraction_missing_information": estimate.fmi if words.pools else None,
        "monte_carlo_se": estimate.monte_carlo_se if estimates_vary(words) else None,
    }


def _perspective(words: TrialWords, found: PerspectiveAnalysis, draws: xr.Dataset) -> dict[str, Any]:
    arms = len(found.strategies)
    weights, ratios = np.eye(2 * arms), decision.icer(draws)
    curves, efficient = decision.ceac(draws, wtp=list(_GRID)), decision.frontier(draws)
    return {
        "categories": list(words.analysis.description.perspectives[found.name]),
        "mean_cost": {
            name: _estimate(words, found.spread.of(weights[place])) for place, name in enumerate(found.strategies)
        },
        "mean_effect": {
            name: _estimate(words, found.spread.of(weights[arms + place]))
            for place, name in enumerate(found.strategies)
        },
        "differences": {
            name: _difference(words, found, name, ratios.sel(strategy=name)) for name in found.strategies[1:]
        },
        "ceac": {
            "wtp": list(_GRID),
            "probability": {name: curves.sel(strategy=name).values.tolist() for name in found.strategies},
            "monte_carlo_se": {
                name: [optimal_error(found, name, value, draws.sizes["draw"]) for value in _GRID]
                for name in found.strategies
            },
        },
        "frontier": [
            {
                "strategy": str(name),
                "status": str(efficient["status"].sel(strategy=name).values),
                "icer": float(efficient["icer"].sel(strategy=name)),
            }
            for name in efficient["strategy"].values
        ],
        "variation": [each.to_json() for each in found.variation],
        "imputations": imputations_data(words, found),
        "monte_carlo_se": _errors(words, found),
        "intervals_in_words": interval_sentences(words, found),
    }


def _errors(words: TrialWords, found: PerspectiveAnalysis) -> dict[str, float | None]:
    """Return the largest Monte Carlo standard errors of the differences, and of the probabilities that are reported."""
    arms, vary = found.strategies[1:], estimates_vary(words)
    return {
        "delta_cost": max(found.delta_cost(each).monte_carlo_se for each in arms) if vary else None,
        "delta_effect": max(found.delta_effect(each).monte_carlo_se for each in arms) if vary else None,
        "probability": largest_p_error(found),
    }


def _difference(words: TrialWords, found: PerspectiveAnalysis, strategy: str, ratio: xr.Dataset) -> dict[str, Any]:
    ends = usable_interval(ratio)
    return {
        "delta_cost": _estimate(words, found.delta_cost(strategy)),
        "delta_effect": _estimate(words, found.delta_effect(strategy)),
        "correlation": found.correlation(strategy),
        "icer": float(ratio["icer"]),
        "icer_interval": None if ends is None else list(ends),
        "quadrant": str(ratio["quadrant"].values),
        "quadrant_share": {
            str(code): float(ratio["quadrant_share"].sel(quadrant_of_draws=code))
            for code in ratio["quadrant_of_draws"].values
        },
        "in_words": ratio_words(words, found, strategy, ratio),
        "inmb": {str(value): _estimate(words, found.net_benefit(strategy, wtp=value)) for value in REFERENCE_VALUES},
        "p_cost_effective": {str(value): found.p_cost_effective(strategy, wtp=value) for value in REFERENCE_VALUES},
        "p_cost_effective_monte_carlo_se": {
            str(value): found.p_cost_effective_error(strategy, wtp=value) for value in REFERENCE_VALUES
        },
        "complete_case": _complete(found, strategy),
    }


def _complete(found: PerspectiveAnalysis, strategy: str) -> dict[str, Any] | None:
    case = found.complete_case
    if case is None:
        return None
    told: dict[str, Any] = {"patients": dict(zip(found.strategies, case.patients, strict=True))}
    for key, weights in (("delta_cost", {"cost": 1.0}), ("delta_effect", {"effect": 1.0})):
        contrast = found.contrast(strategy, **weights)
        own = case.spread.of(contrast)
        told[key] = {
            "estimate": own.value,
            "se": own.se,
            "interval_percentile": list(own.interval),
            "interval_bca": list(case.bca(contrast)),
        }
    return told


def _scenario(words: TrialWords, scenario: Scenario) -> dict[str, Any]:
    # What another way of analysing missed or pooled is not on record.
    told = {
        name: {"estimate": each.value, "se": each.se, "interval": list(each.interval)}
        for name, each in (("delta_cost", scenario.delta_cost), ("delta_effect", scenario.delta_effect))
    }
    return {
        "code": scenario.code,
        "perspective": scenario.perspective,
        "strategy": scenario.strategy,
        **told,
        "imputations": scenario.imputations,
        "p_cost_effective": {str(value): share for value, share in scenario.p_cost_effective.items()},
        "p_cost_effective_monte_carlo_se": {
            str(value): error for value, error in scenario.p_cost_effective_error.items()
        },
        "in_words": words.scenario(scenario.code),
    }
