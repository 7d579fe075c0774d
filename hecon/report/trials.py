"""A trial analysed from its patients' records: a document of its own, and its plain data."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from hecon import plot
from hecon._version import __version__
from hecon.assessment.trial_facts import imputations_outcome, largest_fmi, left_out, usable_interval, wtp_grid
from hecon.locale import key_of
from hecon.plot.planes import describe_plane
from hecon.plot.trials import describe_imputation_trace, describe_observed_imputed, imputed_rows
from hecon.report.document import Block, Bullets, Document, Facts, Figure, Heading, Paragraph, painted
from hecon.report.isolating import isolate
from hecon.report.trial_tables import reading_blocks, result_blocks, scenario_blocks, table_one, warning_blocks
from hecon.report.words.trials import TrialWords, interval_sentences, method_sentences, ratio_words
from hecon.report.writers.json import plain, taken

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    import xarray as xr

    from hecon.assessment import TrialAssessment
    from hecon.assessment.trials import PerspectiveTables
    from hecon.locale import Locale
    from hecon.plot.trials import ImputedRow
    from hecon.trial.analysis import PerspectiveAnalysis, TrialAnalysis
    from hecon.trial.description import Row
    from hecon.trial.estimates import Estimate
    from hecon.trial.sensitivity import Scenario

__all__ = ["imputation_figures", "result_figures", "trial_data", "trial_document"]

_UNIT = "QALY"
_PAIR = 2
# Values of willingness to pay of a curve.
_STEPS = 201
# What is imputed has its figures by kind of variable.
_KINDS = ("utility", "cost")


def trial_document(found: TrialAssessment, locale: Locale) -> Document:
    """Return the analysis of a trial as a document."""
    analysis, about = found.analysis, found.analysis.description
    words = TrialWords(analysis, locale)
    heading = "title_simulated" if about.simulated else "title"
    blocks: list[Block] = [Heading(1, words.say(heading, title=isolate(found.title)))]
    blocks += [Paragraph(words.say("simulated"), strong=True)] if about.simulated else []
    blocks += [Facts(_facts(words)), *reading_blocks(words, 2)]
    blocks += [Heading(2, words.say("patients_heading")), *table_one(words)]
    for each in analysis.perspectives:
        tables = found.tables[each.name]
        blocks += [
            Heading(2, words.say("results", perspective=words.perspective(each.name))),
            *result_blocks(words, each, tables),
        ]
        blocks += [*result_figures(words, each, tables), Bullets(tuple(interval_sentences(words, each)))]
    varied = [block for each in analysis.perspectives for block in scenario_blocks(words, each, found.scenarios)]
    if varied:
        # What is said below each table is said once below all.
        notes = dict.fromkeys(block for block in varied if isinstance(block, Paragraph))
        shown = (block for block in varied if not isinstance(block, Paragraph))
        blocks += [Heading(2, words.say("sensitivity")), *shown, *notes]
    blocks += [Heading(2, words.say("method_heading")), Bullets(tuple(method_sentences(words)))]
    blocks += [*imputation_figures(words), *warning_blocks(words)]
    blocks += [Heading(2, locale.text("provenance.heading")), Bullets(_provenance(words, found))]
    return Document(locale, tuple(blocks), kind="trial")


def _facts(words: TrialWords) -> tuple[tuple[str, str], ...]:
    analysis, say, locale = words.analysis, words.say, words.locale
    about = analysis.description
    first, *rest = (words.names[each] for each in about.strategies)
    months = words.number(about.months[-1], 0 if float(about.months[-1]).is_integer() else 1)

    def setting(key: str, **values: object) -> str:
        return locale.text(f"setting.{key}", **values)

    def rate(value: float) -> str:
        return f"{words.number(100 * value, 1)}%"

    facts = [
        (say("arms"), say("arms_text", comparator=first, others=words.joined(rest))),
        (setting("horizon"), setting("months", horizon=months)),
        (setting("price_year"), str(about.price_year)),
        (setting("discount_cost"), rate(about.discount_cost)),
        (setting("discount_effect"), rate(about.discount_effect)),
    ]
    facts += [words.categories(each.name) for each in analysis.perspectives]
    whole = analysis.method == "imputation" and analysis.imputation is None
    facts.append((say("method"), words.method("whole" if whole else analysis.method)))
    return (*facts, (say("digest"), about.digest))


def _provenance(words: TrialWords, found: TrialAssessment) -> tuple[str, ...]:
    count, seed = found.draws.sizes["draw"], found.seed
    number, other = words.number(count), found.analysis.other_rules
    rules = {"file": isolate(other["rules"]), "digest": other["rules_digest"]} if other else None
    return (
        words.say("provenance_no_seed", n=number) if seed is None else words.say("provenance", n=number, seed=seed),
        words.noise_of(count),
        *([] if rules is None else [words.locale.text("provenance.rules", **rules)]),
        words.locale.text("provenance.versions", versions=f"hecon {__version__}"),
    )


def result_figures(words: TrialWords, found: PerspectiveAnalysis, tables: PerspectiveTables) -> list[Block]:
    """Return the figures of one perspective: a plane for each arm against the comparator, and the curves."""
    place = [each.name for each in words.analysis.perspectives].index(found.name)
    blocks: list[Block] = []
    for at, strategy in enumerate(found.strategies[1:], start=1):
        caption = words.locale.text("figure.plane", intervention=words.names[strategy], unit=_UNIT)
        lies = painted(plot.plane, describe_plane, tables.curves, words.locale, strategy=strategy)
        blocks.append(_figure("trial-plane", f"{place}-{at}", caption, lies, words))
    if len(found.strategies) == _PAIR:
        pair = words.pair(found, found.strategies[1])
        caption = words.locale.text("trial_figure.acceptability_pair", **pair)
    else:
        caption = words.locale.text("trial_figure.acceptability")
    alt = _acceptability_text(words, tables.acceptability)
    wtp = np.linspace(0, wtp_grid(found.rules)[-1], _STEPS)
    paint = partial(plot.acceptability, tables.curves, wtp=wtp, names=words.names, lang=words.locale.lang)
    return [*blocks, _figure("trial-acceptability", str(place), caption, (alt, paint), words)]


def _acceptability_text(words: TrialWords, shares: xr.DataArray) -> str:
    parts = []
    for value in words.reference:
        what = ", ".join(
            f"{words.names[str(name)]} {words.estimated(float(shares.sel(wtp=value, strategy=name)))}"
            for name in shares["strategy"].values
        )
        parts.append(words.locale.text("plot.at", value=words.stated(value), what=what))
    return words.locale.text("trial_figure.acceptability_alt", parts="; ".join(parts))


def imputation_figures(words: TrialWords) -> list[Block]:
    """Return the figures of the imputation: the course of the chains, and imputed beside observed."""
    analysis, locale = words.analysis, words.locale
    blocks: list[Block] = []
    rows = imputed_rows(analysis)
    for kind in _KINDS:
        of_kind = [each for each in rows if each.row.kind == kind]
        if not of_kind:
            continue
        chosen = max(of_kind, key=lambda each: each.missing)
        caption = locale.text("trial_figure.trace", variable=words.row(chosen.row), sets=_traced(words, chosen))
        trace = painted(plot.imputation_trace, describe_imputation_trace, analysis, locale, variable=chosen.name)
        blocks.append(_figure("trial-trace", kind, caption, trace, words))
        caption = locale.text("trial_figure.observed", what=locale.text(f"trial_figure.{kind}"))
        beside = painted(plot.observed_imputed, describe_observed_imputed, analysis, locale, kind=kind)
        blocks.append(_figure("trial-observed", kind, caption, beside, words))
    return blocks


def _figure(kind: str, of: str, caption: str, shown: tuple[str, Callable[..., Any]], words: TrialWords) -> Figure:
    """Return a figure with its caption and what it shows; of simulated data it says so within itself."""
    figure = Figure(kind, f"{kind}-{of}", caption, *shown)
    return figure.simulated(words.locale) if words.analysis.description.simulated else figure


def _traced(words: TrialWords, row: ImputedRow) -> str:
    """Return of which imputed sets there is a trace: all, or the first."""
    traced = max(each.shape[1] for each in row.trace.values())
    sets = words.analysis.settings["imputations"]
    key = "trace_all" if traced == sets else "trace_first"
    return words.locale.text(f"trial_figure.{key}", n=words.number(traced), m=words.number(sets))


def trial_data(found: TrialAssessment, locale: Locale) -> dict[str, Any]:
    """Return the analysis of a trial as plain data."""
    analysis, about, scenarios = found.analysis, found.analysis.description, found.scenarios
    words = TrialWords(analysis, locale)
    heading = "title_simulated" if about.simulated else "title"
    data = {
        "name": about.name,
        "title": words.say(heading, title=found.title),
        "language": locale.lang,
        "simulated": about.simulated,
        "simulated_in_words": words.say("simulated") if about.simulated else None,
        **_setting_data(analysis),
        **taken(analysis, "method", "model", "settings"),
        "method_in_words": method_sentences(words),
        "warnings": analysis.warnings,
        "reading": None if about.reading is None else about.reading.to_json(),
        "table_1": [_row_data(row, about.strategies, about.patients) for row in about.rows],
        "perspectives": {
            each.name: _perspective_data(words, each, found.tables[each.name]) for each in analysis.perspectives
        },
        "scenarios": [_scenario_data(words, each) for each in scenarios],
        "scenarios_left_out": {
            each.name: left_out([one for one in scenarios if one.perspective == each.name])
            for each in analysis.perspectives
            if scenarios
        },
        "provenance": {
            "hecon": __version__,
            "draws": found.draws.sizes["draw"],
            "seed": found.seed,
            "digest": about.digest,
            **analysis.other_rules,
        },
    }
    return plain(data, locale)  # type: ignore[no-any-return]


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
        **taken(about, "periods", "months"),
        "currency": analysis.currency,
        **taken(about, "price_year", "discount_cost", "discount_effect"),
    }


def _by_arm(strategies: tuple[str, ...], values: Iterable[Any]) -> dict[str, Any]:
    return dict(zip(strategies, values, strict=True))


def _row_data(row: Row, strategies: tuple[str, ...], patients: tuple[int, ...]) -> dict[str, Any]:
    by_arm = partial(_by_arm, strategies)
    return {
        "kind": key_of(row.kind),
        **taken(row, "name", "months"),
        "observed": by_arm(row.observed),
        "missing": by_arm(count - seen for count, seen in zip(patients, row.observed, strict=True)),
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


def _perspective_data(words: TrialWords, found: PerspectiveAnalysis, tables: PerspectiveTables) -> dict[str, Any]:
    curves, efficient = tables.acceptability, tables.frontier
    return {
        "categories": words.analysis.description.perspectives[found.name],
        "mean_cost": {name: _estimate_data(words, found.mean_cost(name)) for name in found.strategies},
        "mean_effect": {name: _estimate_data(words, found.mean_effect(name)) for name in found.strategies},
        "differences": {
            name: _difference_data(words, found, name, tables.ratios.sel(strategy=name))
            for name in found.strategies[1:]
        },
        "ceac": {
            "wtp": wtp_grid(found.rules),
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
        "variation": [each.to_json() for each in found.variation],
        "imputations": _imputations_data(words, found),
        "monte_carlo_se": _errors_data(words, found),
        "intervals_in_words": interval_sentences(words, found),
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
        "delta_effect": max(found.delta_effect(each).monte_carlo_se for each in arms) if vary else None,
        "probability": found.largest_error,
    }


def _difference_data(words: TrialWords, found: PerspectiveAnalysis, strategy: str, ratio: xr.Dataset) -> dict[str, Any]:
    return {
        "delta_cost": _estimate_data(words, found.delta_cost(strategy)),
        "delta_effect": _estimate_data(words, found.delta_effect(strategy)),
        "correlation": found.correlation(strategy),
        "icer": float(ratio["icer"]),
        "icer_interval": usable_interval(ratio),
        "quadrant": str(ratio["quadrant"].values),
        "quadrant_share": {
            str(code): float(ratio["quadrant_share"].sel(quadrant_of_draws=code))
            for code in ratio["quadrant_of_draws"].values
        },
        "in_words": ratio_words(words, found, strategy, ratio),
        "inmb": {value: _estimate_data(words, found.net_benefit(strategy, wtp=value)) for value in words.reference},
        "p_cost_effective": {value: found.p_cost_effective(strategy, wtp=value) for value in words.reference},
        "p_cost_effective_monte_carlo_se": {
            value: found.p_cost_effective_error(strategy, wtp=value) for value in words.reference
        },
        "complete_case": _complete_data(found, strategy),
    }


def _complete_data(found: PerspectiveAnalysis, strategy: str) -> dict[str, Any] | None:
    case = found.complete_case
    if case is None:
        return None
    told: dict[str, Any] = {"patients": _by_arm(found.strategies, case.patients)}
    for key, weights in (("delta_cost", {"cost": 1.0}), ("delta_effect", {"effect": 1.0})):
        contrast = found.contrast(strategy, **weights)
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
        for name, each in taken(scenario, "delta_cost", "delta_effect").items()
    }
    return {
        **taken(scenario, "code", "perspective", "strategy"),
        **differences,
        **taken(scenario, "imputations", "p_cost_effective"),
        "p_cost_effective_monte_carlo_se": scenario.p_cost_effective_error,
        "in_words": words.scenario(scenario.code),
    }
