"""The verb `summary`: from an assessment to a document in one language, ready to show or save."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hecon import _checks, zin
from hecon._display import displayed
from hecon._io import check_targets, write_whole
from hecon.assessment import WTP, TrialResult
from hecon.dossier.loading import refuse_placeholders
from hecon.errors import InputError
from hecon.locale import LANGUAGES, Locale
from hecon.report import plain_json, writing
from hecon.report.annex import annex
from hecon.report.audits import glance, marked, notes_at
from hecon.report.budgets import budget_section
from hecon.report.burdens import burden_section, integrated_sentence
from hecon.report.document import Block, Bullets, Document, Heading, Paragraph, Table
from hecon.report.drawings import figures
from hecon.report.isolating import isolated_assessment
from hecon.report.note import after, before, evidence, setting
from hecon.report.trial_note import (
    about_data,
    data_items,
    simulated_blocks,
    trial_label,
    trial_scenarios,
    trial_sections,
    verdict_words,
    with_warning,
)
from hecon.report.trial_words import TrialWords
from hecon.report.wording import Wording, capital

if TYPE_CHECKING:
    from hecon.assessment import Assessment, ComparisonResult

__all__ = ["FORMATS", "Summary", "compose", "overview", "summary", "verdict_label"]


def verdict_label(wording: Wording, judgement: zin.Judgement) -> str:
    """Return the verdict in a few words, with what could overturn it."""
    good = judgement.conclusion == zin.COST_EFFECTIVE
    label = wording.say("verdict.good_short" if good else "verdict.bad_short")
    doubts = [
        wording.say(f"verdict.{key}_short")
        for key, holds in (
            ("edge", judgement.edge),
            ("flips", judgement.flips),
            ("perspectives", judgement.flips_across_perspectives),
        )
        if holds
    ]
    return f"{label} ({'; '.join(doubts)})" if doubts else label


def overview(assessment: Assessment, lang: str) -> Table:
    """Return the compact table: one row per comparison and reference value; a star marks the burden as judged."""
    rows: list[tuple[str, ...]] = []
    for result in assessment.comparisons:
        wording = Wording(assessment.dossier, result.spec, lang)
        head = (
            trial_label(result, wording),
            wording.say(f"perspective.{result.spec.perspective}"),
            wording.intervention,
            *_estimates(result, wording),
        )
        if not result.judgements:
            reason = result.no_verdict or result.reason
            why = wording.say(f"short_reason.{reason.code}") if reason is not None else ""
            rows.append((*head, "–", "–", "–", why))
        for position, judgement in enumerate(result.judgements):
            star = "* " if judgement.reference_value == assessment.reference_value else ""
            rows.append(
                (
                    *(head if position == 0 else ("",) * len(head)),
                    star + Locale(lang).money(judgement.reference_value),
                    wording.money(judgement.net_benefit),
                    _probability(wording, judgement.p_cost_effective, judgement.p_range),
                    verdict_label(wording, judgement),
                )
            )
    header = tuple(Locale(lang).text(f"overview.{key}") for key in _OVERVIEW)
    return Table(Locale(lang).text("overview.caption"), header, tuple(rows), numeric=(3, 4, 6, 7))


_OVERVIEW = (
    "trial",
    "perspective",
    "intervention",
    "cost",
    "effect",
    "icer",
    "value",
    "net_benefit",
    "probability",
    "verdict",
)


def _estimates(result: ComparisonResult, wording: Wording) -> tuple[str, str, str]:
    if result.delta_cost is None or result.delta_effect is None:
        implied = result.quadrant and f"({wording.quadrant(result.quadrant)}, {wording.say('overview.implied')})"
        return "–", "–", implied or "–"
    quadrant = wording.quadrant(result.quadrant or "=")
    published, own = wording.published_ratio(result), "" if result.icer is None else wording.money(result.icer)
    ratio = f"{own} ({quadrant})".lstrip()
    if published is not None:
        ratio = wording.say("overview.published", published=published, quadrant=quadrant, recomputed=own)
    return wording.money(result.delta_cost), wording.effect(result.delta_effect), ratio


def _probability(wording: Wording, value: float | None, ends: tuple[float, float] | None) -> str:
    if value is None:
        return "–"
    point, span = wording.probability(value), wording.probabilities(ends)
    return point if ends is None or span == point else f"{point} ({span})"


def compose(assessment: Assessment, lang: str) -> Document:
    """Return the summary of an assessment as a document.

    Parameters
    ----------
    assessment : Assessment
        The assessment.
    lang : {"nl", "en"}
        Language.

    Returns
    -------
    Document
        Blocks of plain text.
    """
    assessment = isolated_assessment(assessment)
    dossier = assessment.dossier
    blocks: list[Block] = [
        Heading(1, with_warning(getattr(dossier.title, lang), assessment, lang)),
        *simulated_blocks(assessment, lang),
        *before(assessment, lang),
        *_opening(assessment, lang),
        *burden_section(assessment, lang),
        *evidence(assessment, lang),
    ]
    for result in assessment.comparisons:
        blocks += _comparison(assessment, result, Wording(dossier, result.spec, lang))
    blocks += trial_sections(assessment, lang)
    blocks += budget_section(assessment.budget, dossier, lang)
    blocks += after(assessment, lang)
    blocks += annex(assessment, lang)
    return Document(lang, tuple(blocks), kind="economic" if assessment.comparisons else "plain")


def _opening(assessment: Assessment, lang: str) -> list[Block]:
    if not assessment.comparisons:
        return [Paragraph(Locale(lang).text("summary.no_comparison")), *glance(assessment, lang)]
    computed = about_data(assessment, lang)
    return [
        Heading(2, Locale(lang).text("summary.overview")),
        Paragraph(Locale(lang).text("trial_note.purpose" if computed else "summary.purpose")),
        overview(assessment, lang),
        Paragraph(Locale(lang).text("overview.key")),
        *computed,
        *glance(assessment, lang),
    ]


def _comparison(assessment: Assessment, result: ComparisonResult, wording: Wording) -> list[Block]:
    say, spec = wording.say, result.spec
    blocks: list[Block] = [
        Heading(2, wording.title),
        Paragraph(say("comparison.what", intervention=capital(wording.intervention), comparator=wording.comparator)),
        setting(result, wording),
        *_given(assessment, result, wording),
        Heading(3, say("comparison.results")),
    ]
    reason = wording.full_reason(result)
    if reason is not None:
        blocks.append(Paragraph(reason, strong=not result.computable))
    if result.computable:
        blocks += _results(result, wording)
    if result.judgements:
        blocks += [Heading(3, say("comparison.verdict")), *_verdicts(assessment, result, wording)]
    elif result.no_verdict is not None:
        blocks += [Heading(3, say("comparison.verdict")), Paragraph(wording.reason(result.no_verdict))]
    if result.at_thresholds:
        blocks.append(Bullets(tuple(_thresholds(result, wording))))
    if result.draws is not None:
        blocks += [Heading(3, say("comparison.figures")), *figures(result, wording)]
    if result.sensitivities:
        blocks += _sensitivity(result, wording)
    if spec.caveat:
        blocks += [
            Heading(3, say("comparison.caveats")),
            Bullets(tuple(wording.sourced(wording.pick(each.text), each.sources) for each in spec.caveat)),
        ]
    return blocks


def _given(assessment: Assessment, result: ComparisonResult, wording: Wording) -> list[Block]:
    """Return what was reported, or the patient data in its place."""
    items = data_items(result, wording)
    if items:
        warned = [Paragraph(wording.say("trial.simulated"), strong=True)] if result.simulated else []
        return [Heading(3, wording.say("trial_note.heading")), *warned, Bullets(items)]
    told = Bullets(tuple(_reported(wording, notes_at(assessment.findings))))
    return [Heading(3, wording.say("comparison.reported")), told]


def _reported(wording: Wording, notes: dict[str, tuple[int, ...]]) -> list[str]:
    items = []
    # The place in the file, where the audit's findings are.
    number = next(place for place, each in enumerate(wording.dossier.comparison) if each.id == wording.spec.id)
    for position, statistic in enumerate(wording.spec.statistic):
        name = capital(wording.statistic_name(statistic))
        status = "" if statistic.status == "reported" else f"; {wording.say('status.' + statistic.status)}"
        remarks = "".join(f". {wording.pick(text)}" for text in (statistic.rule, statistic.note) if text is not None)
        places = [f"comparison[{number}].statistic[{position}]"]
        if statistic.kind == "icer":
            places.append(f"comparison[{number}]")
        value = wording.statistic_value(statistic)
        for place in places:
            value = marked(value, place, notes, wording.lang)
        items.append(f"{name}: {value}{status}{remarks}")
    if wording.spec.finding is not None:
        items.append(wording.pick(wording.spec.finding.text))
    return items


def _thresholds(result: ComparisonResult, wording: Wording) -> list[str]:
    """Return what follows at each threshold that the source itself used."""
    items = []
    for spec, at in zip(result.spec.threshold, result.at_thresholds, strict=True):
        text = wording.say(
            "comparison.at_threshold",
            about=wording.pick(spec.text),
            value=wording.money(at.value),
            unit=result.spec.effect_unit,
            net_benefit=wording.money(at.net_benefit),
        )
        if at.p_cost_effective is not None:
            text += " " + wording.say("comparison.threshold_p", probability=wording.probability(at.p_cost_effective))
        items.append(wording.sourced(text.rstrip("."), spec.sources))
    return items


def _results(result: ComparisonResult, wording: Wording) -> list[Block]:
    say = wording.say
    rows = (
        (say("parameter.delta_cost"), _with_interval(result, wording, "cost")),
        (say("parameter.delta_effect"), _with_interval(result, wording, "effect")),
        ("ICER", wording.ratio(result)),
        (say("comparison.quadrant"), say("quadrant." + ("axis" if result.quadrant == "=" else str(result.quadrant)))),
    )
    blocks: list[Block] = [
        Table(say("comparison.estimates"), (say("column.quantity"), say("column.value")), rows),
        _by_value(result, wording),
    ]
    if result.shares_effect:
        own = wording.parameter_range("delta_effect", result.parameters["delta_effect"].range)
        blocks.append(Paragraph(say("comparison.one_effect", range=own)))
    varied = _varied(result, wording)
    return blocks if varied is None else [*blocks, Paragraph(varied)]


def _by_value(result: ComparisonResult, wording: Wording) -> Table:
    """Return net benefit and the probability cost-effective by willingness to pay."""
    say, unit = wording.say, wording.spec.effect_unit
    header = (
        say("comparison.per_unit", unit=unit),
        say("overview.net_benefit"),
        say("column.probability"),
        say("column.range"),
    )
    rows = tuple(
        (
            wording.money(value),
            wording.with_span(
                "cost", result.net_benefit[value], result.net_benefit_range.get(value), result.ranges_over
            ),
            wording.probability(result.p_cost_effective.get(value)),
            wording.probabilities(result.p_range.get(value)),
        )
        for value in WTP
    )
    return Table(say("comparison.by_value", unit=unit), header, rows, numeric=(0, 1, 2, 3))


def _varied(result: ComparisonResult, wording: Wording) -> str | None:
    """Return what the ranges of the probabilities are over; None where there are none."""
    say = wording.say
    if isinstance(result, TrialResult):
        words = TrialWords(result.trial, wording.lang)
        names = "; ".join(words.scenario(name) for name in result.varied)
        return say("trial_note.range", names=names) if names else say("trial_note.no_range")
    if result.varied:
        names = ", ".join(say(f"parameter.{name}") for name in result.varied)
        return say(f"comparison.{'varied_beyond' if result.beyond_assumptions else 'varied'}", names=names)
    return say("comparison.rounding_only") if result.p_range else None


def _with_interval(result: ComparisonResult, wording: Wording, outcome: str) -> str:
    value = result.delta_cost if outcome == "cost" else result.delta_effect
    text = wording.of(outcome, value or 0.0) + ("" if outcome == "cost" else f" {wording.spec.effect_unit}")
    reported = wording.reported_interval(outcome)
    if reported is not None:
        return f"{text} ({reported})"
    ends = result.intervals.get(f"delta_{outcome}")
    if ends is not None:
        low, high = (wording.of(outcome, end) for end in ends)
        if isinstance(result, TrialResult):
            interval = wording.say("interval", level=95, low=low, high=high)
            return f"{text} ({wording.say('trial_note.interval', interval=interval)})"
        assumed = result.parameters[f"{outcome}_se"].status == "assumed"
        key = "assumed_interval" if assumed else "normal_interval"
        return f"{text} ({wording.say(key, low=low, high=high)})"
    span = result.parameters[f"delta_{outcome}"].range
    return text if span is None else f"{text}{wording.leeway(outcome, value or 0.0, span, result.ranges_over)}"


def _verdicts(assessment: Assessment, result: ComparisonResult, wording: Wording) -> list[Block]:
    sentences = {each.reference_value: verdict_words(each, result, wording) for each in result.judgements}
    judged = assessment.reference_value
    blocks: list[Block] = []
    if result.spec.perspective == "healthcare":
        blocks.append(Paragraph(wording.say("comparison.supplementary")))
    if judged is not None:
        blocks.append(Paragraph(sentences.pop(judged), strong=True))
        blocks.append(Paragraph(wording.say("comparison.other_bands")))
    else:
        blocks.append(Paragraph(wording.say("comparison.all_bands")))
    blocks.append(Bullets(tuple(sentences.values())))
    over_bands = integrated_sentence(assessment, result, wording)
    if over_bands is not None:
        blocks.append(Paragraph(over_bands))
    return blocks


def _sensitivity(result: ComparisonResult, wording: Wording) -> list[Block]:
    if isinstance(result, TrialResult):
        return [Heading(3, wording.say("trial.sensitivity")), *trial_scenarios(result, wording)]
    header = (wording.say("sensitivity.varied"), *(wording.money(value) for value in WTP))
    rows = tuple(
        (wording.sensitivity(each), *(wording.probabilities(each.p_cost_effective[value]) for value in WTP))
        for each in result.sensitivities
    )
    return [
        Heading(3, wording.say("comparison.sensitivity")),
        Table(wording.say("sensitivity.caption", unit=wording.spec.effect_unit), header, rows, numeric=(1, 2, 3, 4)),
    ]


FORMATS = ("html", "md", "json")


@displayed
@dataclass(frozen=True)
class Summary:
    """An assessment in one language: a document, plain data, and files of either.

    Parameters
    ----------
    assessment : Assessment
        The assessment.
    lang : {"nl", "en"}
        Language.
    """

    assessment: Assessment
    lang: str

    def __post_init__(self) -> None:
        refuse_placeholders(self.assessment.dossier)

    @cached_property
    def document(self) -> Document:
        """The summary as blocks, composed once for all formats."""
        with _checks.known_decimals():
            return compose(self.assessment, self.lang)

    @property
    def data(self) -> dict[str, Any]:
        """The summary as plain data, as in the JSON file."""
        with _checks.known_decimals():
            return plain_json.as_data(self.assessment, self.lang)

    def text(self, kind: str) -> str:
        """Return the summary as text.

        Parameters
        ----------
        kind : {"html", "md", "json"}
            Format.

        Returns
        -------
        str
            Ends in a newline.

        Raises
        ------
        InputError
            If the format is not known.
        """
        _checks.one_of("format", kind, FORMATS)
        if kind == "json":
            return plain_json.write(self.data)
        if kind == "md":
            return writing.markdown(self.document)
        from hecon.report import drawings, html

        return html.write(self.document, lambda figure: drawings.svg_of(figure, self.assessment, self.lang))

    def save(self, path: str | Path) -> Path:
        """Write the summary to a file, whole or not at all.

        Parameters
        ----------
        path : str or Path
            Its ending, .html, .md or .json, tells the format. A file that exists is replaced, with its permissions;
            another hard link to it keeps what it held. A symbolic link and a read-only file are refused; a folder may
            be a link.

        Returns
        -------
        Path
            The file.

        Raises
        ------
        InputError
            If the ending is not known, the file is a link or read-only, or the folder cannot be written to.
        """
        if not isinstance(path, (str, Path)):
            msg = f"path must be text or a pathlib.Path, got {type(path).__name__}"
            raise InputError(msg)
        target = Path(path)
        kind = target.suffix.removeprefix(".")
        if kind not in FORMATS:
            endings = ", ".join(f".{each}" for each in FORMATS[:-1])
            msg = f"path must end in {endings} or .{FORMATS[-1]}, got {str(path)!r}"
            raise InputError(msg)
        check_targets([target])
        write_whole({target: self.text(kind)})
        return target

    def _repr_markdown_(self) -> str:
        return self.text("md")


def summary(assessment: Assessment, *, lang: str = "nl") -> Summary:
    """Return the summary of an assessment in one language.

    Parameters
    ----------
    assessment : Assessment
        What `hecon.assess` returned.
    lang : {"nl", "en"}, default "nl"
        Language.

    Returns
    -------
    Summary
        With ``save("name.html")``, .md or .json, ``text(kind)``, ``document`` and ``data``.

    Raises
    ------
    InputError
        If there is no such language.
    DossierError
        If a text or figure of the dossier is still that of the skeleton, marked "(replace)" or "(vervangen)"; all
        places are told at once.

    Examples
    --------
    >>> import hecon
    >>> found = hecon.assess("acl-rupture", n_draws=1000)
    >>> print(hecon.summary(found, lang="en").text("md").splitlines()[0])
    # Rupture of the anterior cruciate ligament: early reconstruction or supervised exercise therapy
    """
    remedy = "hecon.assess returns one from a dossier; of draws alone see hecon.icer and hecon.plot"
    _checks.instance("assessment", assessment, "Assessment", remedy)
    _checks.one_of("lang", lang, LANGUAGES)
    return Summary(assessment, lang)
