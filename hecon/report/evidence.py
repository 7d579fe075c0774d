"""The differences that studies printed, and what their intervals show, in a note."""

from __future__ import annotations

import math
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from hecon import evidence, plot, texts
from hecon.assessment.records import outcome_path
from hecon.dossier.documents import extent_read
from hecon.evidence.clinical import limits
from hecon.report.audits import figure_value, notes_at
from hecon.report.document import Block, Figure, Heading, Paragraph, Table
from hecon.report.studies import crossover_words, marked, studies_table
from hecon.report.wording import Wording, capital, missing_words

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from matplotlib.axes import Axes

    from hecon.assessment import Assessment
    from hecon.assessment.records import ClinicalResult
    from hecon.auditing import Finding
    from hecon.dossier import Dossier, Programme
    from hecon.dossier.note import Outcome, Study

__all__ = ["FOREST", "Forest", "evidence_data", "evidence_table", "figures_table", "forests"]

FOREST = "forest"


@dataclass(frozen=True)
class Forest:
    """Differences of one forest plot with their results, and the studies that cannot be drawn."""

    identifier: str
    outcomes: tuple[tuple[Study, Outcome], ...]
    results: tuple[ClinicalResult, ...]
    left_out: tuple[str, ...]

    def names(self, lang: str) -> list[str]:
        """Return the names of the studies with their outcomes."""
        return [f"{study.name.partition(' (')[0]}: {getattr(outcome.name, lang)}" for study, outcome in self.outcomes]

    @property
    def estimates(self) -> list[float]:
        """The differences."""
        return [float(outcome.estimate) for _, outcome in self.outcomes]

    @property
    def errors(self) -> list[float]:
        """Standard errors, from the widths of two-sided intervals or the half of one-sided ones."""
        return [each.se or 0.0 for each in self.results]

    @property
    def intervals(self) -> list[tuple[float, float]]:
        """Both ends as printed; the open end of a one-sided interval as far from the estimate as the other."""
        return [(float(low), float(high)) for low, high in self._ends()]

    def _ends(self) -> Iterator[tuple[int | Decimal, int | Decimal]]:
        # Every outcome that is drawn has an interval.
        return (each.ends for each in self.results if each.ends is not None)

    def _words(self, lang: str) -> str:
        """Return what the plot shows, with the digits that were printed."""
        studies = []
        for name, (_, outcome), ends in zip(self.names(lang), self.outcomes, self._ends(), strict=True):
            low, high = (texts.as_given(lang, end) for end in ends)
            estimate = texts.as_given(lang, outcome.estimate)
            studies.append(f"{name} {estimate} ({texts.text(lang, 'range', low=low, high=high)})")
        return texts.text(lang, "plot.forest_alone_alt", studies="; ".join(studies))

    @property
    def doubtful(self) -> list[int]:
        """Places of the outcomes whose interval is not centred on the estimate."""
        return [place for place, each in enumerate(self.results) if not each.centred]

    def paint(self, ax: Axes, lang: str) -> Axes:
        """Draw the plot."""
        _, first = self.outcomes[0]
        label = texts.text(lang, f"evidence.forest_{first.better}", intervention=getattr(first.intervention, lang))
        return plot.forest(
            self.estimates,
            self.errors,
            names=self.names(lang),
            intervals=self.intervals,
            doubtful=self.doubtful,
            label=label,
            lang=lang,
            ax=ax,
        )

    def block(self, lang: str) -> list[Block]:
        """Return the figure with its caption and what it shows in words."""
        _, first = self.outcomes[0]
        caption = texts.text(
            lang,
            "evidence.forest",
            intervention=getattr(first.intervention, lang),
            comparator=getattr(first.comparator, lang),
        )
        if self.doubtful:
            caption += " " + texts.text(lang, "evidence.forest_doubt")
        blocks: list[Block] = [
            # A caption has no full stop of its own.
            Figure(FOREST, self.identifier, caption.rstrip("."), self._words(lang))
        ]
        if self.left_out:
            text = texts.text(lang, "evidence.forest_left_out", names="; ".join(self.left_out))
            blocks.append(Paragraph(text))
        return blocks


def _outcomes(assessment: Assessment) -> Iterator[tuple[str, Study, Outcome, ClinicalResult]]:
    """Yield every difference that a study printed: its path, the study, the difference and its results."""
    for number, study in enumerate(assessment.dossier.note.study):
        for position, outcome in enumerate(study.outcome):
            path = outcome_path(number, position)
            yield path, study, outcome, assessment.clinical[path]


def forests(assessment: Assessment) -> Iterator[Forest]:
    """Yield the forest plots of an assessment.

    Parameters
    ----------
    assessment : Assessment
        The assessment.

    Yields
    ------
    Forest
        One for each word that outcomes have as `forest`, with two or more outcomes to draw.
    """
    listed = [(study, outcome, found) for _, study, outcome, found in _outcomes(assessment)]
    for name in dict.fromkeys(outcome.forest for _, outcome, _ in listed if outcome.forest is not None):
        chosen = [each for each in listed if each[1].forest == name]
        drawn = [each for each in chosen if each[2].se is not None]
        left = tuple(study.name for study, _, found in chosen if found.se is None)
        if len(drawn) > 1:
            outcomes = tuple((study, outcome) for study, outcome, _ in drawn)
            yield Forest(name, outcomes, tuple(found for _, _, found in drawn), left)


def _difference(outcome: Outcome, lang: str) -> str:
    names = {"intervention": getattr(outcome.intervention, lang), "comparator": getattr(outcome.comparator, lang)}
    estimate = texts.as_given(lang, outcome.estimate)
    parts = [_with_interval(outcome, names, estimate, lang)]
    for key, value in (("p", outcome.p), ("p_below", outcome.p_below)):
        if value is not None:
            parts.append(texts.text(lang, f"evidence.{key}", p=texts.as_given(lang, value)))
    if outcome.arms is not None:
        first, second = (texts.as_given(lang, each) for each in outcome.arms.mean)
        parts.append(texts.text(lang, "evidence.arms", first=first, second=second))
    if outcome.adjusted:
        parts.append(texts.text(lang, "evidence.adjusted"))
    return "; ".join(parts)


def _with_interval(outcome: Outcome, names: dict[str, str], estimate: str, lang: str) -> str:
    if outcome.ci is None:
        return texts.text(lang, "evidence.bare", estimate=estimate, **names)
    low, high = (texts.as_given(lang, end) for end in outcome.ci)
    level = texts.as_given(lang, (100 * Decimal(outcome.level)).normalize())
    return texts.text(
        lang,
        "evidence.difference",
        estimate=estimate,
        interval=texts.text(lang, "interval", level=level, low=low, high=high),
        **names,
    )


def _no_interval(extent: str | None, lang: str) -> str:
    if extent == "whole":
        return texts.text(lang, "evidence.no_interval")
    return texts.text(lang, "evidence.no_interval_read", missing=missing_words(extent, lang))


def _shown(outcome: Outcome, study: Study, result: ClinicalResult, extent: str | None, lang: str) -> str:
    found = result.verdict
    if outcome.ci is None:
        text = _no_interval(extent, lang)
    elif found is not None and outcome.of == "costs":
        text = texts.text(lang, f"evidence.costs_{_side(found)}", intervention=getattr(outcome.intervention, lang))
    elif found is None:
        text = texts.text(lang, "evidence.unknown" if result.holds else "evidence.impossible")
    else:
        names = [getattr(outcome.intervention, lang), getattr(outcome.comparator, lang)]
        first, second = reversed(names) if outcome.margin_for == "comparator" else names
        text = capital(evidence.clinical_label(found, intervention=first, comparator=second, lang=lang)) + "."
        text = " ".join([text, *limits(found, lang)])
        if found.derived:
            text += " " + texts.text(lang, "clinical.derived")
    if outcome.remark is not None:
        text += f" {getattr(outcome.remark, lang)}"
    # Surgery after all makes the arms alike, so a study's difference is read beside it.
    later = crossover_words(study, lang) if outcome == study.outcome[0] else ""
    if later:
        text += " " + texts.text(lang, "evidence.beside_crossover", crossover=later)
    return text


def _side(found: evidence.ClinicalVerdict) -> str:
    low, high = found.interval
    return "higher" if low > 0 else ("lower" if high < 0 else "unclear")


def evidence_table(assessment: Assessment, lang: str) -> list[Block]:
    """Return the differences that the studies of a dossier printed, and what each interval shows.

    Parameters
    ----------
    assessment : Assessment
        The assessment of the dossier.
    lang : {"nl", "en"}
        Language.

    Returns
    -------
    list of Block
        A table of the studies, one of their differences and the forest plots; empty where nothing is on file. Findings
        of the audit are marked at the figures that they concern.
    """
    dossier, notes = assessment.dossier, notes_at(assessment.findings)
    blocks = studies_table(dossier, notes, lang)
    rows = tuple(
        (
            study.name if path.endswith("[0]") else "",
            getattr(outcome.name, lang),
            marked(_difference(outcome, lang), path, notes, lang),
            _shown(outcome, study, result, extent_read(dossier, study), lang),
            Wording.sources(tuple(dict.fromkeys((*outcome.sources, *(outcome.arms.sources if outcome.arms else ()))))),
        )
        for path, study, outcome, result in _outcomes(assessment)
    )
    if rows:
        keys = ("evidence.study", "evidence.outcome", "evidence.printed", "evidence.shows", "column.source")
        header = tuple(texts.text(lang, key) for key in keys)
        blocks += [
            Heading(3, texts.text(lang, "evidence.heading")),
            Table(texts.text(lang, "evidence.caption"), header, rows, prose=(2, 3)),
        ]
    for forest in forests(assessment):
        blocks += forest.block(lang)
    return blocks


def figures_table(dossier: Dossier | Programme, findings: Sequence[Finding], lang: str) -> list[Block]:
    """Return the single figures that are on file, as printed, with their status and source.

    Parameters
    ----------
    dossier : Dossier or Programme
        The file.
    findings : sequence of Finding
        What the audit of it found.
    lang : {"nl", "en"}
        Language.

    Returns
    -------
    list of Block
        A heading and a table; empty where there are none.
    """
    notes = notes_at(findings)
    rows = []
    for position, figure in enumerate(dossier.figure):
        status = texts.text(lang, f"status.{figure.status}")
        if figure.rule is not None:
            status = texts.text(lang, "evidence.derived", rule=getattr(figure.rule, lang))
        remark = "" if figure.note is None else getattr(figure.note, lang)
        rows.append(
            (
                getattr(figure.name, lang),
                marked(figure_value(figure, lang), f"figure[{position}]", notes, lang),
                status,
                remark,
                Wording.sources(figure.sources),
            )
        )
    if not rows:
        return []
    keys = ("evidence.figure", "evidence.printed_value", "column.status", "column.remark", "column.source")
    header = tuple(texts.text(lang, key) for key in keys)
    return [
        Heading(2, texts.text(lang, "audit.figures_heading")),
        Table(texts.text(lang, "audit.figures_caption"), header, tuple(rows), prose=(0, 2, 3)),
    ]


def evidence_data(assessment: Assessment, lang: str) -> list[dict[str, Any]]:
    """Return the same as plain data.

    Parameters
    ----------
    assessment : Assessment
        The assessment.
    lang : {"nl", "en"}
        Language of the texts in it.

    Returns
    -------
    list of dict
        One per difference; ``verdict`` is None where the interval does not hold the estimate.
    """
    rows = []
    for _, study, outcome, result in _outcomes(assessment):
        printed = outcome.model_dump()
        # An open end has no number in JSON.
        if outcome.ci is not None:
            printed["ci"] = [None if math.isinf(end) else end for end in outcome.ci]
        verdict = None if result.verdict is None else {**vars(result.verdict), "on": outcome.margin_for}
        rows.append({"study": study.name, "origin": study.origin, **printed, "verdict": verdict})
        rows[-1]["words"] = _shown(outcome, study, result, extent_read(assessment.dossier, study), lang)
    return rows
