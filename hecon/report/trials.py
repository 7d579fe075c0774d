"""A trial analysed from its patients' records: a document of its own, its figures and its plain data."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hecon import plot
from hecon._version import __version__
from hecon.locale import Locale
from hecon.plot.planes import describe_plane
from hecon.plot.trials import describe_imputation_trace, describe_observed_imputed, imputed_rows
from hecon.report.document import Block, Bullets, Document, Facts, Figure, Heading, Paragraph
from hecon.report.drawings import drawn, marked
from hecon.report.isolating import isolate
from hecon.report.plain_json import plain
from hecon.report.trial_method import (
    estimates_vary,
    imputations_data,
    interval_sentences,
    method_sentences,
)
from hecon.report.trial_results import left_out, ratio_words, result_blocks, scenario_blocks, table_one, usable_interval
from hecon.report.trial_words import TrialWords, reading_blocks, warning_blocks
from hecon.trial import imputation
from hecon.zin import REFERENCE_VALUES

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import xarray as xr
    from matplotlib.axes import Axes

    from hecon.assessment import TrialAssessment
    from hecon.assessment.trials import PerspectiveTables
    from hecon.plot.trials import ImputedRow
    from hecon.trial import TrialAnalysis
    from hecon.trial.analysis import PerspectiveAnalysis
    from hecon.trial.description import Row
    from hecon.trial.estimates import Estimate
    from hecon.trial.sensitivity import Scenario

__all__ = ["imputation_figures", "result_figures", "trial_data", "trial_document", "trial_svg"]

_UNIT = "QALY"
_PAIR = 2
# What is imputed has its figures by kind of variable.
_KINDS = ("utility", "cost")


def result_figures(words: TrialWords, found: PerspectiveAnalysis, tables: PerspectiveTables) -> list[Block]:
    """Return the figures of one perspective: a plane for each arm against the comparator, and the curves.

    Parameters
    ----------
    words : TrialWords
        How the trial is written.
    found : PerspectiveAnalysis
        The perspective.
    tables : PerspectiveTables
        The tables of its draws.

    Returns
    -------
    list of Block
        Figures; which arm a plane is of stands behind the perspective's place.
    """
    place = [each.name for each in words.analysis.perspectives].index(found.name)
    blocks: list[Block] = []
    for at, strategy in enumerate(found.strategies[1:], start=1):
        caption = Locale(words.lang).text("figure.plane", intervention=words.names[strategy], unit=_UNIT)
        alt = describe_plane(tables.curves, Locale(words.lang), strategy=strategy)
        blocks.append(Figure("trial-plane", f"{place}-{at}", caption, alt))
    if len(found.strategies) == _PAIR:
        pair = words.pair(found, found.strategies[1])
        caption = Locale(words.lang).text("trial_figure.acceptability_pair", **pair)
    else:
        caption = Locale(words.lang).text("trial_figure.acceptability")
    alt = _acceptability_text(words, tables.acceptability)
    return [*blocks, Figure("trial-acceptability", str(place), caption, alt)]


def _acceptability_text(words: TrialWords, shares: xr.DataArray) -> str:
    parts = []
    for value in REFERENCE_VALUES:
        what = ", ".join(
            f"{words.names[str(name)]} {words.probability(float(shares.sel(wtp=value, strategy=name)))}"
            for name in shares["strategy"].values
        )
        parts.append(Locale(words.lang).text("plot.at", value=Locale(words.lang).money(value), what=what))
    return Locale(words.lang).text("trial_figure.acceptability_alt", parts="; ".join(parts))


def imputation_figures(words: TrialWords) -> list[Block]:
    """Return the figures of the imputation: the course of the chains, and imputed beside observed.

    Parameters
    ----------
    words : TrialWords
        How the trial is written.

    Returns
    -------
    list of Block
        Of utilities and of costs, where at least five values of one were imputed in an arm.
    """
    analysis, lang = words.analysis, words.lang
    blocks: list[Block] = []
    for kind in _KINDS:
        chosen = _most_missing(words, kind)
        if chosen is None:
            continue
        caption = Locale(lang).text("trial_figure.trace", variable=words.row(chosen.row), sets=_traced(words, chosen))
        alt = describe_imputation_trace(analysis, Locale(lang), variable=chosen.name)
        blocks.append(Figure("trial-trace", kind, caption, alt))
        caption = Locale(lang).text("trial_figure.observed", what=Locale(lang).text(f"trial_figure.{kind}"))
        alt = describe_observed_imputed(analysis, Locale(lang), kind=kind)
        blocks.append(Figure("trial-observed", kind, caption, alt))
    return blocks


def _traced(words: TrialWords, row: ImputedRow) -> str:
    """Return of which imputed sets there is a trace: all, or the first."""
    traced = max(each.shape[1] for each in row.trace.values())
    sets = words.analysis.settings["imputations"]
    key = "trace_all" if traced == sets else "trace_first"
    return Locale(words.lang).text(f"trial_figure.{key}", n=words.number(traced), m=words.number(sets))


def _most_missing(words: TrialWords, kind: str) -> ImputedRow | None:
    rows = [each for each in imputed_rows(words.analysis) if each.row.kind == kind]
    return max(rows, key=lambda each: each.missing) if rows else None


def trial_svg(figure: Figure, found: TrialAssessment, lang: str) -> str:
    """Return a figure of a trial as SVG to stand inline in HTML.

    Parameters
    ----------
    figure : Figure
        Which.
    found : TrialAssessment
        What `hecon.assessment.assess_trial` returned.
    lang : {"nl", "en"}
        Language of its labels.

    Returns
    -------
    str
        An ``<svg>`` element; the same bytes each time.
    """
    words = TrialWords(found.analysis, lang)
    painter = _painter(figure, words, found)
    painter = marked(painter, lang) if found.analysis.description.simulated else painter
    return drawn(painter, figure.kind, f"{figure.kind}-{figure.comparison}")


def _painter(figure: Figure, words: TrialWords, found: TrialAssessment) -> Callable[[Axes], Axes]:
    analysis, lang = found.analysis, words.lang
    if figure.kind == "trial-observed":
        return lambda ax: plot.observed_imputed(analysis, kind=figure.comparison, lang=lang, ax=ax)
    if figure.kind == "trial-trace":
        chosen = _most_missing(words, figure.comparison)
        name = None if chosen is None else chosen.name
        return lambda ax: plot.imputation_trace(analysis, variable=name, lang=lang, ax=ax)
    place, _, arm = figure.comparison.partition("-")
    perspective = analysis.perspectives[int(place)]
    curves = found.tables[perspective.name].curves
    if figure.kind == "trial-plane":
        return lambda ax: plot.plane(curves, strategy=perspective.strategies[int(arm)], lang=lang, ax=ax)
    return lambda ax: plot.acceptability(curves, names=words.names, lang=lang, ax=ax)


def trial_document(found: TrialAssessment, lang: str) -> Document:
    """Return the analysis of a trial as a document.

    Parameters
    ----------
    found : TrialAssessment
        What `hecon.assessment.assess_trial` returned.
    lang : {"nl", "en"}
        Language.

    Returns
    -------
    Document
        Data as read, table 1, the results from each perspective, sensitivity analyses and methods, with figures. Of
        simulated data the title and the first paragraph say so.
    """
    analysis, about = found.analysis, found.analysis.description
    words = TrialWords(analysis, lang)
    heading = "title_simulated" if about.simulated else "title"
    blocks: list[Block] = [Heading(1, words.say(heading, title=isolate(found.title))), *_simulated(words)]
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
    blocks += [Heading(2, Locale(lang).text("provenance.heading")), Bullets(_provenance(words, found))]
    return Document(lang, tuple(blocks), kind="trial")


def _simulated(words: TrialWords) -> list[Block]:
    simulated = words.analysis.description.simulated
    return [Paragraph(words.say("simulated"), strong=True)] if simulated else []


def _facts(words: TrialWords) -> tuple[tuple[str, str], ...]:
    analysis, say, lang = words.analysis, words.say, words.lang
    about = analysis.description
    first, *rest = (words.names[each] for each in about.strategies)
    months = words.number(about.months[-1], 0 if float(about.months[-1]).is_integer() else 1)

    def setting(key: str, **values: object) -> str:
        return Locale(lang).text(f"setting.{key}", **values)

    def rate(value: float) -> str:
        return f"{words.number(100 * value, 1)}%"

    facts = [
        (say("arms"), say("arms_text", comparator=first, others=words.joined(rest))),
        (setting("horizon"), setting("months", horizon=months)),
        (setting("price_year"), str(about.price_year)),
        (setting("discount_cost"), rate(about.discount_cost)),
        (setting("discount_effect"), rate(about.discount_effect)),
    ]
    for found in analysis.perspectives:
        categories = words.joined([isolate(each) for each in about.perspectives[found.name]])
        facts.append((say("categories", perspective=words.perspective(found.name)), categories))
    whole = analysis.method == "imputation" and analysis.imputation is None
    facts.append((say("method"), words.method("whole" if whole else analysis.method)))
    return (*facts, (say("digest"), about.digest))


def _provenance(words: TrialWords, found: TrialAssessment) -> tuple[str, ...]:
    count, seed = found.draws.sizes["draw"], found.seed
    number = words.number(count)
    return (
        words.say("provenance_no_seed", n=number) if seed is None else words.say("provenance", n=number, seed=seed),
        words.method("noise_draws", n=number, p=words.number(0.5 / count**0.5, 4)),
        Locale(words.lang).text("provenance.versions", versions=f"hecon {__version__}"),
    )


def trial_data(found: TrialAssessment, lang: str) -> dict[str, Any]:
    """Return the analysis of a trial as plain data.

    Parameters
    ----------
    found : TrialAssessment
        What `hecon.assessment.assess_trial` returned.
    lang : {"nl", "en"}
        Language of the texts in it; keys and codes are the same in both.

    Returns
    -------
    dict
        Only dict, list, str, int, float, bool and None; every float finite.
    """
    analysis, about, scenarios = found.analysis, found.analysis.description, found.scenarios
    words = TrialWords(analysis, lang)
    heading = "title_simulated" if about.simulated else "title"
    data = {
        "name": about.name,
        "title": words.say(heading, title=found.title),
        "language": lang,
        "simulated": about.simulated,
        "simulated_in_words": words.say("simulated") if about.simulated else None,
        **_setting_data(analysis),
        "method": analysis.method,
        "model": analysis.model,
        "settings": analysis.settings,
        "method_in_words": method_sentences(words),
        "warnings": list(analysis.warnings),
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
        },
    }
    return plain(data, lang)  # type: ignore[no-any-return]


def _setting_data(analysis: TrialAnalysis) -> dict[str, Any]:
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


def _row_data(row: Row, strategies: tuple[str, ...], patients: tuple[int, ...]) -> dict[str, Any]:
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


def _estimate_data(words: TrialWords, estimate: Estimate) -> dict[str, Any]:
    return {
        "estimate": estimate.value,
        "se": estimate.se,
        "df": estimate.df,
        "interval": list(estimate.interval),
        "level": estimate.level,
        "fraction_missing_information": estimate.fmi if words.pools else None,
        "monte_carlo_se": estimate.monte_carlo_se if estimates_vary(words) else None,
    }


def _perspective_data(words: TrialWords, found: PerspectiveAnalysis, tables: PerspectiveTables) -> dict[str, Any]:
    curves, efficient = tables.acceptability, tables.frontier
    return {
        "categories": list(words.analysis.description.perspectives[found.name]),
        "mean_cost": {name: _estimate_data(words, found.mean_cost(name)) for name in found.strategies},
        "mean_effect": {name: _estimate_data(words, found.mean_effect(name)) for name in found.strategies},
        "differences": {
            name: _difference_data(words, found, name, tables.ratios.sel(strategy=name))
            for name in found.strategies[1:]
        },
        "ceac": {
            "wtp": list(imputation.WTP),
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
        "imputations": imputations_data(words, found),
        "monte_carlo_se": _errors_data(words, found),
        "intervals_in_words": interval_sentences(words, found),
    }


def _errors_data(words: TrialWords, found: PerspectiveAnalysis) -> dict[str, float | None]:
    """Return the largest Monte Carlo standard errors of the differences, and of the probabilities that are reported."""
    arms, vary = found.strategies[1:], estimates_vary(words)
    return {
        "delta_cost": max(found.delta_cost(each).monte_carlo_se for each in arms) if vary else None,
        "delta_effect": max(found.delta_effect(each).monte_carlo_se for each in arms) if vary else None,
        "probability": found.largest_error,
    }


def _difference_data(words: TrialWords, found: PerspectiveAnalysis, strategy: str, ratio: xr.Dataset) -> dict[str, Any]:
    ends = usable_interval(ratio)
    return {
        "delta_cost": _estimate_data(words, found.delta_cost(strategy)),
        "delta_effect": _estimate_data(words, found.delta_effect(strategy)),
        "correlation": found.correlation(strategy),
        "icer": float(ratio["icer"]),
        "icer_interval": None if ends is None else list(ends),
        "quadrant": str(ratio["quadrant"].values),
        "quadrant_share": {
            str(code): float(ratio["quadrant_share"].sel(quadrant_of_draws=code))
            for code in ratio["quadrant_of_draws"].values
        },
        "in_words": ratio_words(words, found, strategy, ratio),
        "inmb": {
            str(value): _estimate_data(words, found.net_benefit(strategy, wtp=value)) for value in REFERENCE_VALUES
        },
        "p_cost_effective": {str(value): found.p_cost_effective(strategy, wtp=value) for value in REFERENCE_VALUES},
        "p_cost_effective_monte_carlo_se": {
            str(value): found.p_cost_effective_error(strategy, wtp=value) for value in REFERENCE_VALUES
        },
        "complete_case": _complete_data(found, strategy),
    }


def _complete_data(found: PerspectiveAnalysis, strategy: str) -> dict[str, Any] | None:
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


def _scenario_data(words: TrialWords, scenario: Scenario) -> dict[str, Any]:
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
