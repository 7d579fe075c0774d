"""The sections of a trial's report, in their order: what each has in the body, in the annexes and on the one page.

A section has one or more of these functions of the words: ``body``, ``annex``, whose parts each begin with a heading of
level 2, and ``brief``.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from hecon import __version__, plot
from hecon.plot.trials import KINDS, imputed_rows
from hecon.report.document import Block, Bullets, Facts, Figure, Heading, Paragraph, Table, drawn
from hecon.report.isolating import isolate
from hecon.report.trial_departures import departure_blocks, tipping_blocks
from hecon.report.trial_subgroups import subgroup_blocks
from hecon.report.trial_tables import (
    benefit_blocks,
    characteristics,
    estimate_blocks,
    reading_blocks,
    scenario_blocks,
    series,
    valuation_blocks,
    warning_blocks,
)
from hecon.report.words.common import by_rules, capital, rate_words
from hecon.report.words.trials import TrialWords, interval_sentences, method_sentences

if TYPE_CHECKING:
    from collections.abc import Callable

    import xarray as xr

    from hecon.assessment import TrialAssessment
    from hecon.assessment.concluding import Preference
    from hecon.assessment.trial_concluding import PerspectiveConclusion
    from hecon.assessment.trials import PerspectiveTables
    from hecon.plot.trials import ImputedRow
    from hecon.report.words.trial_answers import TrialAnswerWords
    from hecon.trial.analysis import PerspectiveAnalysis


_PAIR = 2
# Values of willingness to pay of a curve.
_STEPS = 201


class _TrialSection(NamedTuple):
    """The functions of one section."""

    body: Callable[[TrialAnswerWords], list[Block]] | None = None
    annex: Callable[[TrialAnswerWords], list[Block]] | None = None
    brief: Callable[[TrialAnswerWords], list[Block]] | None = None


def _opening(answer: TrialAnswerWords) -> list[Block]:
    words, about = answer.words, answer.assessment.analysis.description
    blocks: list[Block] = [Heading(1, words.title(isolate(answer.assessment.title)))]
    return [*blocks, Paragraph(words.say("simulated"), strong=True)] if about.simulated else blocks


def _answer(answer: TrialAnswerWords, *, brief: bool = False) -> list[Block]:
    """Return the answer from each perspective, and in a line each what supports it and what could turn it."""
    sentences = [Paragraph(answer.sentences(each, brief=brief), strong=True) for each in answer.conclusion.perspectives]
    facts = Facts(tuple(answer.facts(brief=brief)))
    return [Heading(2, answer.locale.text("conclusion.heading")), *sentences, facts]


def _key_table(answer: TrialAnswerWords) -> list[Block]:
    """Return the key table, how to read it, and why there is no expected loss where there is none."""
    if not _has_values(answer):
        return []
    missing = any(at.expected_loss is None for each in answer.conclusion.perspectives for at in each.conclusion.values)
    notes = [answer.say("key"), *([answer.say("no_loss")] if missing else [])]
    return [Heading(2, answer.say("table_heading")), _preferences(answer), *map(Paragraph, notes)]


def _brief_table(answer: TrialAnswerWords) -> list[Block]:
    return [_preferences(answer, brief=True)] if _has_values(answer) else []


def _has_values(answer: TrialAnswerWords) -> bool:
    """Return whether there are values of an effect at which the answer is given."""
    return answer.assessment.analysis.effect.exists and bool(answer.conclusion.values)


def _preferences(answer: TrialAnswerWords, *, brief: bool = False) -> Table:
    """Return the preferred option at each value from each perspective, its net benefit, and how sure that is.

    The one page has no Monte Carlo errors, and tells elsewhere what turns a preference.
    """
    say = answer.locale.text
    rows = [row for each in answer.conclusion.perspectives for row in _preference_rows(answer, each, brief=brief)]
    ranges = any(answer.span(at) for each in answer.conclusion.perspectives for at in each.conclusion.values)
    header = (
        *([say("setting.perspective")] if _many(answer) else []),
        say("overview.value", unit=answer.words.effect["unit"]),
        say("overview.preferred"),
        *([answer.say("next")] if answer.several else []),
        say("overview.net_benefit"),
        say("overview.probability") if ranges else answer.say("chance_alone"),
        *([] if brief else [answer.words.say("probability_error")]),
        say("overview.verdict"),
        answer.say("loss"),
    )
    # Amounts and probabilities to the right, names and words to the left.
    numeric = (int(_many(answer)), *(len(header) - place for place in ((4, 3, 1) if brief else (5, 4, 3, 1))))
    caption = answer.say("caption_several" if answer.several else "caption")
    if brief and ranges:
        # The whole report tells it below the table.
        caption = f"{caption}; {answer.say('caption_range')}"
    return Table(caption, header, tuple(rows), numeric=numeric, cards=True)


def _many(answer: TrialAnswerWords) -> bool:
    """Return whether there are several perspectives, which rows then name: each stands alone on a phone."""
    return len(answer.conclusion.perspectives) > 1


def _preference_rows(answer: TrialAnswerWords, found: PerspectiveConclusion, *, brief: bool) -> list[tuple[str, ...]]:
    first = [capital(answer.words.perspective(found.perspective))] if _many(answer) else []
    return [(*first, *_preference_cells(answer, at, brief=brief)) for at in found.conclusion.values]


def _preference_cells(answer: TrialAnswerWords, at: Preference, *, brief: bool) -> tuple[str, ...]:
    words, locale = answer.words, answer.locale
    benefit = words.money(at.net_benefit)
    if at.interval is not None:
        benefit += f" ({locale.span(*map(words.money, at.interval))})"
    probability, error = "–", "–"
    if at.probability is not None:
        error = words.error(at.monte_carlo_error or 0.0)
        probability = words.probability(at.probability, at.monte_carlo_error or 0.0)
        span = answer.span(at)
        probability += f" ({span})" if span and span != probability else ""
    return (
        words.stated(at.value),
        locale.text("conclusion.neither") if at.equal else words.names[at.option],
        *([words.names[at.other]] if answer.several else []),
        benefit,
        probability,
        *([] if brief else [error]),
        answer.certainty(at, brief=brief),
        "–" if at.expected_loss is None else words.loss(at.expected_loss),
    )


def _trial(answer: TrialAnswerWords) -> list[Block]:
    """Return what trial it is, and its patients at the start."""
    return [
        Heading(2, answer.say("setting_heading")),
        Facts(_facts(answer.words)),
        *characteristics(answer.words),
    ]


def _results(answer: TrialAnswerWords) -> list[Block]:
    blocks: list[Block] = []
    for each in answer.assessment.analysis.perspectives:
        tables = answer.assessment.tables.get(each.name)
        heading = answer.words.say("results", perspective=answer.words.perspective(each.name))
        blocks += [Heading(2, heading), *estimate_blocks(answer.words, each, tables)]
        if tables is not None:
            blocks += [*_planes(answer.words, each, tables), *_acceptability(answer.words, each, tables)]
        blocks.append(Bullets(tuple(interval_sentences(answer.words, each))))
    return blocks


def _figure_alone(answer: TrialAnswerWords) -> list[Block]:
    """Return the one figure of the page: the acceptability curve from the first perspective, or else the plane."""
    first = answer.assessment.analysis.perspectives[0]
    tables = answer.assessment.tables.get(first.name)
    if tables is None:
        return []
    return _acceptability(answer.words, first, tables) or _planes(answer.words, first, tables)[:1]


def _sensitivity(answer: TrialAnswerWords) -> list[Block]:
    words, found = answer.words, answer.assessment
    varied = [block for each in found.analysis.perspectives for block in scenario_blocks(words, each, found.scenarios)]
    if not varied:
        return []
    # What is said below each table is said once below all.
    notes = dict.fromkeys(block for block in varied if isinstance(block, Paragraph))
    shown = (block for block in varied if not isinstance(block, Paragraph))
    return [Heading(2, words.say("sensitivity")), *shown, *notes]


def _by_value(answer: TrialAnswerWords) -> list[Block]:
    if not _has_values(answer):
        return []
    blocks: list[Block] = [Heading(2, answer.say("values_heading"))]
    for each in answer.assessment.analysis.perspectives:
        blocks += [
            Heading(3, answer.words.say("results", perspective=answer.words.perspective(each.name))),
            *benefit_blocks(answer.words, each, answer.assessment.tables[each.name]),
        ]
    return blocks


def _method(answer: TrialAnswerWords) -> list[Block]:
    words = answer.words
    blocks: list[Block] = [Heading(2, words.say("method_heading")), Bullets(tuple(method_sentences(words)))]
    figures = _imputation(words)
    return [*blocks, Heading(2, answer.say("imputation_heading")), *figures] if figures else blocks


def _warnings(answer: TrialAnswerWords) -> list[Block]:
    """Return the warnings about the data; those about the analysis stand in the answer."""
    own = {each.text for each in answer.conclusion.doubts}
    return warning_blocks(
        answer.words, [each for each in answer.assessment.analysis.warnings if each not in own], level=2
    )


def _origin(answer: TrialAnswerWords) -> list[Block]:
    return [Heading(2, answer.locale.text("provenance.heading")), Bullets(_provenance(answer.words, answer.assessment))]


def _origin_brief(answer: TrialAnswerWords) -> list[Block]:
    noise = None if answer.assessment.draws is None else answer.words.noise_of(answer.assessment.draws.sizes["draw"])
    return [Paragraph(" ".join(f"{each}." for each in _provenance(answer.words, answer.assessment) if each != noise))]


SECTIONS = (
    _TrialSection(body=_opening, brief=_opening),
    _TrialSection(body=_answer, brief=partial(_answer, brief=True)),
    _TrialSection(body=_key_table, brief=_brief_table),
    _TrialSection(body=_trial),
    _TrialSection(body=_results, brief=_figure_alone),
    _TrialSection(body=_sensitivity),
    _TrialSection(body=lambda answer: departure_blocks(answer.assessment, answer)),
    _TrialSection(body=lambda answer: tipping_blocks(answer.assessment, answer.words, _figure)),
    _TrialSection(
        body=lambda answer: subgroup_blocks(answer.words, answer.assessment.subgroups, answer.assessment.stratified)
    ),
    _TrialSection(annex=_by_value),
    _TrialSection(annex=lambda answer: [Heading(2, answer.say("series_heading")), *series(answer.words)]),
    _TrialSection(annex=lambda answer: reading_blocks(answer.words, 2)),
    _TrialSection(annex=lambda answer: valuation_blocks(answer.words, 2)),
    _TrialSection(annex=_method),
    _TrialSection(annex=_warnings),
    _TrialSection(annex=_origin, brief=_origin_brief),
)


def _facts(words: TrialWords) -> tuple[tuple[str, str], ...]:
    analysis, say, locale = words.analysis, words.say, words.locale
    about = analysis.description
    first, *rest = (words.names[each] for each in about.strategies)
    months = words.decimal(about.horizon)

    def setting(key: str, **values: object) -> str:
        return locale.text(f"setting.{key}", **values)

    facts = [
        (say("arms"), say("arms_text", comparator=first, others=words.joined(rest))),
        (setting("horizon"), setting("months", horizon=months)),
        (setting("price_year"), str(about.price_year)),
        (setting("discount_cost"), rate_words(about.discount_cost, locale)),
    ]
    if about.effect.is_discounted_here:
        facts.append((setting("discount_effect"), rate_words(about.discount_effect, locale)))
    facts += [words.categories(each.name) for each in analysis.perspectives]
    if about.deaths is not None:
        facts.append((say("deaths"), say("deaths_text", parts=words.by_arm(about.deaths.died))))
    whole = analysis.method == "imputation" and analysis.imputation is None
    facts.append((say("method"), words.method("whole" if whole else analysis.method)))
    return (*facts, (say("digest"), about.digest))


def _provenance(words: TrialWords, found: TrialAssessment) -> tuple[str, ...]:
    seed, other = found.seed, found.analysis.other_rules
    rules = {"file": isolate(other["rules"]), "digest": other["rules_digest"]} if other else None
    chosen = found.conclusion.given or not found.analysis.effect.is_qaly
    of_rules = [] if chosen else [by_rules("provenance.reference_values", words.analysis.rules, words.locale)]
    return (
        *_simulations(words, None if found.draws is None else found.draws.sizes["draw"], seed),
        *of_rules,
        *([] if rules is None else [words.locale.text("provenance.rules", **rules)]),
        words.locale.text("provenance.versions", versions=f"hecon {__version__}"),
    )


def _simulations(words: TrialWords, count: int | None, seed: int | None) -> list[str]:
    """Return the seed, the number of draws and what that leaves uncertain; costs alone are not drawn."""
    if count is None:
        return [] if seed is None else [words.say("provenance_seed", seed=seed)]
    number = words.number(count)
    told = words.say("provenance_no_seed", n=number) if seed is None else words.say("provenance", n=number, seed=seed)
    return [told, words.noise_of(count)]


def _planes(words: TrialWords, found: PerspectiveAnalysis, tables: PerspectiveTables) -> list[Block]:
    """Return a plane for each arm against the comparator."""
    place = [each.name for each in words.analysis.perspectives].index(found.name)
    blocks: list[Block] = []
    for at, strategy in enumerate(found.strategies[1:], start=1):
        caption = words.locale.text("figure.plane", intervention=words.names[strategy], unit=words.effect["unit"])
        caption = _from_perspective(words, found, caption)
        blocks.append(_figure(words, "plane", f"plane-{place}-{at}", caption, tables.curves, strategy=strategy))
    return blocks


def _from_perspective(words: TrialWords, found: PerspectiveAnalysis, caption: str) -> str:
    """Return a caption with the perspective of its figure, where there are several."""
    return f"{caption} ({words.perspective(found.name)})" if len(words.analysis.perspectives) > 1 else caption


def _acceptability(words: TrialWords, found: PerspectiveAnalysis, tables: PerspectiveTables) -> list[Block]:
    """Return the acceptability curves from one perspective, if there is a value to draw them up to."""
    if not words.reference:
        return []
    place = [each.name for each in words.analysis.perspectives].index(found.name)
    if len(found.strategies) == _PAIR:
        pair = words.pair(found, found.strategies[1])
        caption = words.locale.text("trial_figure.acceptability_pair", **pair)
    else:
        caption = words.locale.text("trial_figure.acceptability", unit=words.effect["unit"])
    wtp = np.linspace(0, max(found.grid()[-1], *words.reference), _STEPS)
    alt = _acceptability_text(words, tables.acceptability)
    paint = partial(plot.acceptability, tables.curves, wtp=wtp, names=words.names, lang=words.locale.lang)
    caption = _from_perspective(words, found, caption)
    figure = Figure("trial-acceptability", f"trial-acceptability-{place}", caption, alt, paint)
    return [figure.simulated(words.locale) if words.analysis.description.simulated else figure]


def _acceptability_text(words: TrialWords, shares: xr.DataArray) -> str:
    parts = []
    for value in words.reference:
        what = ", ".join(
            f"{words.names[str(name)]} {words.probability(float(shares.sel(wtp=value, strategy=name)))}"
            for name in shares["strategy"].values
        )
        parts.append(words.locale.text("plot.at", value=words.stated(value), what=what))
    return words.locale.text("trial_figure.acceptability_alt", parts="; ".join(parts))


def _imputation(words: TrialWords) -> list[Block]:
    """Return the figures of the imputation: the course of the chains, and imputed beside observed."""
    analysis, locale = words.analysis, words.locale
    blocks: list[Block] = []
    rows = imputed_rows(analysis)
    for kind in KINDS:
        of_kind = [each for each in rows if each.row.kind == kind]
        if not of_kind:
            continue
        chosen = max(of_kind, key=lambda each: each.missing)
        caption = locale.text("trial_figure.trace", variable=words.row(chosen.row), sets=_traced(words, chosen))
        blocks.append(_figure(words, "imputation_trace", f"trace-{kind}", caption, analysis, variable=chosen.name))
        caption = locale.text("trial_figure.observed", what=locale.text(f"trial_figure.{kind}"))
        blocks.append(_figure(words, "observed_imputed", f"observed-{kind}", caption, analysis, kind=kind))
    return blocks


def _figure(words: TrialWords, figure: str, name: str, caption: str, of: object, **how: object) -> Figure:
    """Return a figure of a trial, of the kind that its name begins with; of simulated data it says so within itself."""
    simulated, kind = words.analysis.description.simulated, name.partition("-")[0]
    made = drawn(figure, f"trial-{name}", caption, of, words.locale, simulated=simulated, **how)
    return replace(made, kind=f"trial-{kind}")


def _traced(words: TrialWords, row: ImputedRow) -> str:
    """Return of which imputed sets there is a trace: all, or the first."""
    traced = max(each.shape[1] for each in row.trace.values())
    sets = words.analysis.settings["imputations"]
    key = "trace_all" if traced == sets else "trace_first"
    return words.locale.text(f"trial_figure.{key}", n=words.number(traced), m=words.number(sets))
