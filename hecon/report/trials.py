"""A trial analysed from its patients' records: a document of its own, and its plain data."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from hecon import __version__
from hecon.assessment.trial_concluding import imputations_outcome, largest_fmi, left_out, usable_interval
from hecon.locale import key_of
from hecon.report.document import Block, Document, annexed, numbered
from hecon.report.trial_departures import departure_data
from hecon.report.trial_sections import SECTIONS
from hecon.report.trial_subgroups import subgroup_data
from hecon.report.words.answers import preference_data
from hecon.report.words.trial_answers import TrialAnswerWords
from hecon.report.words.trials import TrialWords, interval_sentences, method_sentences, ratio_words
from hecon.report.writers.json import plain, taken

if TYPE_CHECKING:
    from collections.abc import Iterable

    import xarray as xr

    from hecon.assessment import TrialAssessment
    from hecon.assessment.trial_concluding import PerspectiveConclusion
    from hecon.assessment.trials import PerspectiveTables
    from hecon.locale import Locale
    from hecon.trial.analysis import PerspectiveAnalysis, TrialAnalysis
    from hecon.trial.description import Row
    from hecon.trial.estimates import Estimate
    from hecon.trial.sensitivity import Scenario


def trial_document(found: TrialAssessment, locale: Locale, *, length: str = "full") -> Document:
    """Return the analysis of a trial as a document: whole, or on one page."""
    brief, answer = length == "brief", _answer_words(found, locale)

    def blocks_of(part: str) -> list[Block]:
        chosen = (getattr(section, part) for section in SECTIONS)
        return [block for function in chosen if function is not None for block in function(answer)]

    if brief:
        blocks = blocks_of("brief")
    else:
        blocks = numbered([*blocks_of("body"), *annexed(blocks_of("annex"), locale)], locale)
    return Document(locale, tuple(blocks), kind="trial", brief=brief)


def _answer_words(found: TrialAssessment, locale: Locale) -> TrialAnswerWords:
    return TrialAnswerWords(found, TrialWords(found.analysis, locale, values=found.conclusion.values))


def trial_data(found: TrialAssessment, locale: Locale) -> dict[str, Any]:
    """Return the analysis of a trial as plain data."""
    analysis, about, scenarios = found.analysis, found.analysis.description, found.scenarios
    answer = _answer_words(found, locale)
    words = answer.words
    data = {
        "name": about.name,
        "title": words.title(found.title),
        "language": locale.lang,
        "simulated": about.simulated,
        "simulated_in_words": words.say("simulated") if about.simulated else None,
        "conclusion": _conclusion_data(answer),
        **_setting_data(analysis),
        **taken(analysis, "method", "model", "settings"),
        "method_in_words": method_sentences(words),
        "warnings": analysis.warnings,
        "reading": None if about.reading is None else about.reading.to_json(),
        "table_1": [_row_data(row, about.strategies, about.patients) for row in about.rows],
        "perspectives": {
            each.name: _perspective_data(words, each, found.tables.get(each.name)) for each in analysis.perspectives
        },
        "scenarios": [_scenario_data(words, each) for each in scenarios],
        "subgroups": subgroup_data(words, found.subgroups, found.stratified),
        "scenarios_left_out": {
            each.name: left_out([one for one in scenarios if one.perspective == each.name], each.effect)
            for each in analysis.perspectives
            if scenarios
        },
        "departures": departure_data(found),
        "tipping": [each.to_json() for each in found.tipping],
        "provenance": {
            "hecon": __version__,
            "draws": None if found.draws is None else found.draws.sizes["draw"],
            "seed": found.seed,
            "digest": about.digest,
            **analysis.other_rules,
        },
    }
    return plain(data, locale)  # type: ignore[no-any-return]


def _conclusion_data(answer: TrialAnswerWords) -> dict[str, Any]:
    """Return the answer with its sentences, and what supports it and could turn it."""
    found = answer.conclusion
    missingness = found.missingness
    return {
        **taken(found, "values", "given"),
        "perspectives": {each.perspective: _perspective_conclusion(answer, each) for each in found.perspectives},
        "contradictions": found.contradictions,
        "missing": {
            "incomplete": found.incomplete,
            "largest_fraction_missing_information": {each.perspective: each.fmi for each in found.perspectives},
            "start_of_incomplete": None if missingness is None else taken(missingness, "p", "why", "patients"),
        },
        "compared_with": found.compared,
        "doubts": [{**taken(each, "code", "about"), "in_words": answer.doubt(each)} for each in found.doubts],
        "data_warnings": found.data_warnings,
        "in_words": answer.lines(),
    }


def _perspective_conclusion(answer: TrialAnswerWords, found: PerspectiveConclusion) -> dict[str, Any]:
    return {
        **taken(found.conclusion, "kind", "preferred", "turning_value"),
        "turns": [vars(each) for each in found.turns],
        "values": [
            {**preference_data(each), "turned_by_scenarios": found.turned_by[each.value]}
            for each in found.conclusion.values
        ],
        "words": answer.sentences(found),
    }


def _setting_data(analysis: TrialAnalysis) -> dict[str, Any]:
    about, clusters = analysis.description, analysis.description.clusters_by_arm
    by_arm = partial(_by_arm, about.strategies)
    return {
        "strategies": about.strategies,
        "comparator": about.strategies[0],
        "patients": by_arm(about.patients),
        "complete": by_arm(about.complete),
        "clusters": about.clusters,
        "clusters_by_arm": None if clusters is None else by_arm(clusters),
        "deaths": _deaths_data(analysis),
        **taken(about, "periods", "months"),
        "effect": analysis.effect.to_json(),
        "currency": analysis.currency,
        **taken(about, "price_year", "discount_cost", "discount_effect"),
        "value_set": None if about.value_set is None else about.value_set.name,
        "valued": [vars(each) for each in about.valued],
        "cost_months": about.spans,
        "planned_follow_up": None
        if about.planned is None
        else {f"{month:g}": _by_arm(about.strategies, counts) for month, counts in about.planned.items()},
        "negative_amounts": about.negative,
        "utility_at_start_assumed": about.start_assumed,
    }


def _deaths_data(analysis: TrialAnalysis) -> dict[str, Any] | None:
    """Return deaths by arm and how they count; None where the design says nothing of them."""
    about, deaths = analysis.description, analysis.description.deaths
    if deaths is None:
        return None
    return {
        "died": _by_arm(about.strategies, deaths.died),
        "unknown": _by_arm(about.strategies, deaths.unknown),
        **taken(deaths, "dated", "before"),
        "estimand": "composite",
    }


def _by_arm(strategies: tuple[str, ...], values: Iterable[Any]) -> dict[str, Any]:
    return dict(zip(strategies, values, strict=True))


def _row_data(row: Row, strategies: tuple[str, ...], patients: tuple[int, ...]) -> dict[str, Any]:
    by_arm = partial(_by_arm, strategies)
    return {
        "kind": key_of(row.kind),
        **taken(row, "name", "months"),
        "observed": by_arm(row.observed),
        "missing": by_arm(row.missing(patients)),
        **({"dead": by_arm(row.dead)} if row.dead else {}),
        **({"of_these_not_planned": by_arm(row.unplanned)} if row.unplanned else {}),
        "mean": by_arm(row.mean),
        "sd": by_arm(row.sd),
        "hidden": by_arm(row.hidden or (None,) * len(strategies)),
    }


def _estimate_data(words: TrialWords, estimate: Estimate) -> dict[str, Any]:
    return {
        "estimate": estimate.value,
        **taken(estimate, "se", "df", "interval", "level"),
        "fraction_missing_information": estimate.fmi if words.pools else None,
        "monte_carlo_se": estimate.monte_carlo_se if words.vary else None,
    }


def _perspective_data(
    words: TrialWords, found: PerspectiveAnalysis, tables: PerspectiveTables | None
) -> dict[str, Any]:
    """Return the results from one perspective; without tables those of costs alone."""
    ratios = {name: None if tables is None else tables.ratios.sel(strategy=name) for name in found.strategies[1:]}
    means = {"mean_cost": found.mean_cost, "mean_effect": found.mean_effect}
    return {
        "categories": words.analysis.description.perspectives[found.name],
        **{
            key: {name: _estimate_data(words, of(name)) for name in found.strategies}
            for key, of in means.items()
            if key.removeprefix("mean_") in words.outcomes
        },
        "differences": {name: _difference_data(words, found, name, ratio) for name, ratio in ratios.items()},
        **({} if tables is None else _curves_data(found, tables)),
        "variation": [each.to_json() for each in found.variation],
        "imputations": _imputations_data(words, found),
        "monte_carlo_se": _errors_data(words, found),
        "intervals_in_words": interval_sentences(words, found),
    }


def _curves_data(found: PerspectiveAnalysis, tables: PerspectiveTables) -> dict[str, Any]:
    curves, efficient = tables.acceptability, tables.frontier
    return {
        "ceac": {
            "wtp": list(tables.acceptability_error[found.strategies[0]]),
            "probability": {name: curves.sel(strategy=name).values.tolist() for name in found.strategies},
            "monte_carlo_se": {name: list(tables.acceptability_error[name].values()) for name in found.strategies},
        },
        "frontier": [
            {
                "strategy": str(name),
                "status": str(efficient["status"].sel(strategy=name).values),
                "icer": float(efficient["icer"].sel(strategy=name)),
            }
            for name in efficient["strategy"].values
        ],
    }


def _imputations_data(words: TrialWords, found: PerspectiveAnalysis) -> dict[str, Any] | None:
    """Return how many imputations there are and how their number came about; None where none were pooled."""
    if not words.pools:
        return None
    settings, error = words.analysis.settings, found.largest_error
    return {
        "number": settings["imputations"],
        "kept": settings["imputations_kept"],
        "largest_fraction_missing_information": largest_fmi(found),
        "monte_carlo_error_wanted": settings["monte_carlo_error"],
        "outcome": imputations_outcome(words.analysis, error),
    }


def _errors_data(words: TrialWords, found: PerspectiveAnalysis) -> dict[str, float | None]:
    """Return the largest Monte Carlo standard errors of the differences, and of the probabilities that are reported."""
    arms, vary = found.strategies[1:], words.vary
    return {
        "delta_cost": max(found.delta_cost(each).monte_carlo_se for each in arms) if vary else None,
        "delta_effect": max(found.delta_effect(each).monte_carlo_se for each in arms)
        if vary and found.effect.exists
        else None,
        "probability": found.largest_error,
    }


def _difference_data(
    words: TrialWords, found: PerspectiveAnalysis, strategy: str, ratio: xr.Dataset | None
) -> dict[str, Any]:
    """Return the differences and their ratio; of costs alone how probable it is that they are lower."""
    costs = {"delta_cost": _estimate_data(words, found.delta_cost(strategy))}
    complete = {"complete_case": _complete_data(words, found, strategy)}
    share, error = partial(found.p_cost_effective, strategy), partial(found.p_cost_effective_error, strategy)
    if ratio is None:
        return {**costs, "p_lower_costs": share(wtp=0), "p_lower_costs_monte_carlo_se": error(wtp=0), **complete}
    shares = ratio["quadrant_share"]
    return {
        **costs,
        "delta_effect": _estimate_data(words, found.delta_effect(strategy)),
        "correlation": found.correlation(strategy),
        "icer": float(ratio["icer"]),
        "icer_interval": usable_interval(ratio),
        "quadrant": str(ratio["quadrant"].values),
        "quadrant_share": {
            str(code): float(shares.sel(quadrant_of_draws=code)) for code in shares["quadrant_of_draws"].values
        },
        "in_words": ratio_words(words, found, strategy, ratio),
        "inmb": {value: _estimate_data(words, found.net_benefit(strategy, wtp=value)) for value in words.reference},
        "p_cost_effective": {value: share(wtp=value) for value in words.reference},
        "p_cost_effective_monte_carlo_se": {value: error(wtp=value) for value in words.reference},
        **complete,
    }


def _complete_data(words: TrialWords, found: PerspectiveAnalysis, strategy: str) -> dict[str, Any] | None:
    case = found.complete_case
    if case is None:
        return None
    told: dict[str, Any] = {"patients": _by_arm(found.strategies, case.patients)}
    for outcome in words.outcomes:
        key, contrast = f"delta_{outcome}", found.outcome(strategy, outcome)
        own = case.spread.of(contrast)
        told[key] = {
            "estimate": own.value,
            "se": own.se,
            "interval_percentile": own.interval,
            "interval_bca": case.bca(contrast),
        }
    return told


def _scenario_data(words: TrialWords, scenario: Scenario) -> dict[str, Any]:
    # What another way of analysing missed or pooled is not on record.
    differences = {
        name: {"estimate": each.value, **taken(each, "se", "interval")}
        for name, each in taken(scenario, *(f"delta_{outcome}" for outcome in words.outcomes)).items()
    }
    return {
        **taken(scenario, "code", "perspective", "strategy"),
        **differences,
        **taken(scenario, "imputations", "p_cost_effective", "p_against"),
        "p_cost_effective_monte_carlo_se": scenario.p_cost_effective_error,
        "value_set": None if scenario.value_set is None else scenario.value_set.name,
        "in_words": words.scenario(scenario.code),
    }
