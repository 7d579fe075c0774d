"""The evidence: what the expert says of each study, its facts and differences, and their forest plots."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any

from hecon import plot
from hecon.assessment.records import outcome_path
from hecon.dossier.documents import extent_read
from hecon.report.document import Block, BlockNote, Bullets, Figure, Heading, Paragraph, Table
from hecon.report.words.common import cited, sentence, within
from hecon.report.words.findings import FindingMarks
from hecon.report.words.studies import COLUMNS, difference_words, fact_name, fact_words, shown_words
from hecon.report.writers.json import taken

if TYPE_CHECKING:
    from collections.abc import Iterator
    from decimal import Decimal

    from matplotlib.axes import Axes

    from hecon.assessment import Assessment
    from hecon.assessment.records import ClinicalResult
    from hecon.dossier.loading import Dossier
    from hecon.dossier.note import Fact, Outcome, Study
    from hecon.locale import Locale


# The column of a difference as it was printed.
_PRINTED = 2
# How a study was rated is told in a section of its own.
_SHOWN = tuple(each for each in COLUMNS if each[0] != "quality")


def blocks(assessment: Assessment, locale: Locale) -> list[Block]:
    """Return the evidence that the expert weighed, Dutch and international; empty if the dossier states none."""
    studies = assessment.dossier.note.study
    if not studies:
        return []
    found: list[Block] = [Heading(2, locale.text("note.part_evidence"))]
    for origin in ("dutch", "international"):
        items = [f"{study.name}. {sentence(study, locale)}" for study in studies if study.origin == origin]
        if items:
            found += [Heading(3, locale.text(f"note.{origin}")), Bullets(tuple(items))]
    for forest in forests(assessment):
        found += forest.block(locale)
    return found


def annex(assessment: Assessment, locale: Locale) -> list[Block]:
    """Return what was printed of each study, and of each difference; empty where there is nothing to tabulate."""
    tables = evidence_table(assessment, locale)
    return [Heading(2, locale.text("evidence.annex")), *tables] if tables else []


def evidence_table(assessment: Assessment, locale: Locale) -> list[Block]:
    """Return the differences that the studies of a dossier printed, and what each interval shows."""
    dossier, marks = assessment.dossier, FindingMarks(assessment.findings, locale)
    found = studies_table(dossier, marks, locale)
    rows = tuple(
        (
            study.name if path.endswith("[0]") else "",
            locale.pick(outcome.name),
            marks.marked(difference_words(outcome, locale), path),
            shown_words(outcome, study, result, extent_read(dossier, study), locale),
            cited(tuple(dict.fromkeys((*outcome.sources, *(outcome.arms.sources if outcome.arms else ()))))),
        )
        for path, study, outcome, result in outcomes(assessment)
    )
    notes = tuple(
        note for row, (path, *_) in enumerate(outcomes(assessment)) for note in marks.notes(row, _PRINTED, path)
    )
    if rows:
        keys = ("evidence.study", "evidence.outcome", "evidence.printed", "evidence.shows", "column.source")
        header = tuple(locale.text(key) for key in keys)
        found += [
            Heading(3, locale.text("evidence.heading")),
            Table(locale.text("evidence.caption"), header, rows, prose=(2, 3), notes=notes),
        ]
    return found


def studies_table(dossier: Dossier, marks: FindingMarks, locale: Locale) -> list[Block]:
    """Return a table of what was printed of each study: design, patients, age, follow-up, later surgery."""
    rows: list[tuple[str, ...]] = []
    notes: list[BlockNote] = []
    for number, study in enumerate(dossier.note.study):
        if study.fact:
            path = f"note.study[{number}]"
            cells = [_cell(study, kinds, path, marks, locale) for _, kinds in _SHOWN]
            for column, (_, kinds) in enumerate(_SHOWN, start=1):
                notes += marks.notes(len(rows), column, *(place for place, _ in _facts(study, kinds, path)))
            sources = tuple(dict.fromkeys(source for fact in study.fact for source in fact.sources))
            read = locale.text(f"extent_read.{extent_read(dossier, study) or 'unknown'}")
            rows.append((study.name, *cells, read, cited(sources)))
    if not rows:
        return []
    shown = [0, *(place for place in range(1, len(rows[0]) - 1) if any(row[place] for row in rows)), len(rows[0]) - 1]
    header = (
        locale.text("evidence.study"),
        *(locale.text(f"evidence.{key}") for key, _ in _SHOWN),
        locale.text("evidence.read"),
        locale.text("column.source"),
    )
    found: list[Block] = [
        Heading(3, locale.text("evidence.studies_heading")),
        Table(
            locale.text("evidence.studies_caption"),
            tuple(header[place] for place in shown),
            tuple(tuple(row[place] or "–" for place in shown) for row in rows),
            prose=tuple(range(1, len(shown) - 1)),
            # Columns that no study fills are left out.
            notes=tuple(replace(note, column=shown.index(note.column)) for note in notes),
        ),
    ]
    if any(not row[place] for row in rows for place in shown):
        found.append(Paragraph(locale.text("evidence.dashes")))
    remarks = tuple(_remarks(dossier, locale))
    return [*found, Bullets(remarks)] if remarks else found


def _facts(study: Study, kinds: tuple[type, ...], path: str) -> Iterator[tuple[str, Fact]]:
    """Yield the facts of some kinds, each with its place in the file."""
    for position, fact in enumerate(study.fact):
        if isinstance(fact, kinds):
            yield f"{path}.fact[{position}]", fact


def _cell(study: Study, kinds: tuple[type, ...], path: str, marks: FindingMarks, locale: Locale) -> str:
    return "; ".join(marks.marked(fact_words(fact, locale), place) for place, fact in _facts(study, kinds, path))


def _remarks(dossier: Dossier, locale: Locale) -> Iterator[str]:
    for study in dossier.note.study:
        for fact in study.fact:
            told = [] if fact.note is None else [locale.pick(fact.note)]
            if fact.rule is not None:
                told.insert(0, locale.text("evidence.derived", rule=within(locale.pick(fact.rule))))
            if told:
                yield f"{study.name}, {fact_name(fact, locale)}: {'; '.join(told)}"


def outcomes(assessment: Assessment) -> Iterator[tuple[str, Study, Outcome, ClinicalResult]]:
    """Yield every difference that a study printed: its path, the study, the difference and its results."""
    for number, study in enumerate(assessment.dossier.note.study):
        for position, outcome in enumerate(study.outcome):
            path = outcome_path(number, position)
            yield path, study, outcome, assessment.clinical[path]


@dataclass(frozen=True)
class Forest:
    """Differences of one forest plot with their results, and the studies that cannot be drawn."""

    identifier: str
    outcomes: tuple[tuple[Study, Outcome], ...]
    results: tuple[ClinicalResult, ...]
    left_out: tuple[str, ...]

    def names(self, locale: Locale) -> list[str]:
        """Return the names of the studies with their outcomes."""
        return [f"{study.name.partition(' (')[0]}: {locale.pick(outcome.name)}" for study, outcome in self.outcomes]

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

    def _words(self, locale: Locale) -> str:
        """Return what the plot shows, with the digits that were printed."""
        studies = []
        for name, (_, outcome), ends in zip(self.names(locale), self.outcomes, self._ends(), strict=True):
            low, high = (locale.as_given(end) for end in ends)
            estimate = locale.as_given(outcome.estimate)
            studies.append(f"{name} {estimate} ({locale.text('range', low=low, high=high)})")
        return locale.text("plot.forest_alone_alt", studies="; ".join(studies))

    @property
    def doubtful(self) -> list[int]:
        """Places of the outcomes whose interval is not centred on the estimate."""
        return [place for place, each in enumerate(self.results) if not each.centred]

    def paint(self, locale: Locale, *, ax: Axes) -> Axes:
        """Draw the plot."""
        _, first = self.outcomes[0]
        label = locale.text(f"evidence.forest_{first.better}", intervention=locale.pick(first.intervention))
        return plot.forest(
            self.estimates,
            self.errors,
            names=self.names(locale),
            intervals=self.intervals,
            doubtful=self.doubtful,
            label=label,
            lang=locale.lang,
            ax=ax,
        )

    def block(self, locale: Locale) -> list[Block]:
        """Return the figure with its caption and what it shows in words."""
        _, first = self.outcomes[0]
        caption = locale.text(
            "evidence.forest", intervention=locale.pick(first.intervention), comparator=locale.pick(first.comparator)
        )
        if self.doubtful:
            caption += " " + locale.text("evidence.forest_doubt")
        # A caption has no full stop of its own.
        figure = ("forest", f"forest-{self.identifier}", caption.rstrip("."), self._words(locale))
        found: list[Block] = [Figure(*figure, partial(self.paint, locale))]
        if self.left_out:
            text = locale.text("evidence.forest_left_out", names="; ".join(self.left_out))
            found.append(Paragraph(text))
        return found


def forests(assessment: Assessment) -> Iterator[Forest]:
    """Yield the forest plots of an assessment."""
    listed = [(study, outcome, found) for _, study, outcome, found in outcomes(assessment)]
    for name in dict.fromkeys(outcome.forest for _, outcome, _ in listed if outcome.forest is not None):
        chosen = [each for each in listed if each[1].forest == name]
        drawn = [each for each in chosen if each[2].se is not None]
        left = tuple(study.name for study, _, found in chosen if found.se is None)
        if len(drawn) > 1:
            shown = tuple((study, outcome) for study, outcome, _ in drawn)
            yield Forest(name, shown, tuple(found for _, _, found in drawn), left)


def data(assessment: Assessment, locale: Locale) -> dict[str, Any]:
    """Return the studies and their differences as plain data."""
    return {"studies": _studies_data(assessment.dossier, locale), "evidence": _evidence_data(assessment, locale)}


def _studies_data(dossier: Dossier, locale: Locale) -> list[dict[str, Any]]:
    return [
        {
            **taken(study, "name", "origin", "text"),
            "read": extent_read(dossier, study),
            "facts": [{**dict(fact), "words": fact_words(fact, locale)} for fact in study.fact],
            "sources": study.sources,
        }
        for study in dossier.note.study
    ]


def _evidence_data(assessment: Assessment, locale: Locale) -> list[dict[str, Any]]:
    rows = []
    for _, study, outcome, result in outcomes(assessment):
        verdict = None if result.verdict is None else {**vars(result.verdict), "on": outcome.margin_for}
        words = shown_words(outcome, study, result, extent_read(assessment.dossier, study), locale)
        printed = {"study": study.name, "origin": study.origin, **dict(outcome)}
        rows.append({**printed, "verdict": verdict, "words": words})
    return rows
