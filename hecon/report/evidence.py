"""The studies of a dossier in a note: what was printed of each, their differences and what the intervals show."""

from __future__ import annotations

import math
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from hecon import plot
from hecon.assessment.records import outcome_path
from hecon.dossier.documents import extent_read
from hecon.dossier.note import (
    AgeFact,
    CertaintyFact,
    CrossoverFact,
    DesignFact,
    FollowUpFact,
    IncludedFact,
    PatientsFact,
    PatientsPerArm,
    PedroFact,
)
from hecon.locale import Locale
from hecon.report.audits import marked, notes_at
from hecon.report.document import Block, Bullets, Figure, Heading, Paragraph, Table
from hecon.report.wording import Wording, capital, missing_words
from hecon.report.words.clinical import clinical_label, limit_sentences

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from matplotlib.axes import Axes

    from hecon.assessment import Assessment
    from hecon.assessment.records import ClinicalResult
    from hecon.dossier.loading import Dossier
    from hecon.dossier.note import Fact, Outcome, Study
    from hecon.evidence.clinical import ClinicalVerdict

__all__ = [
    "FOREST",
    "Forest",
    "crossover_words",
    "evidence_data",
    "evidence_table",
    "fact_name",
    "forests",
    "studies_data",
    "studies_table",
]

_DESIGNS = {
    "randomised": "study_design.randomised",
    "randomised, non-inferiority": "study_design.non_inferiority",
    "randomised, superiority": "study_design.superiority",
    "cluster-randomised stepped wedge": "study_design.stepped_wedge",
    "running": "study_design.running",
    "systematic review": "study_design.review",
    "systematic review with meta-analysis": "study_design.meta_analysis",
    "umbrella review": "study_design.umbrella",
    "guideline": "study_design.guideline",
    "assessment": "study_design.assessment",
}
_CERTAINTIES = {
    "high": "certainty.high",
    "moderate": "certainty.moderate",
    "low": "certainty.low",
    "very low": "certainty.very_low",
}


def _cell(study: Study, kinds: tuple[type, ...], path: str, notes: Mapping[str, tuple[int, ...]], lang: str) -> str:
    told = []
    for position, fact in enumerate(study.fact):
        if isinstance(fact, kinds):
            text = _fact(fact, lang)
            told.append(marked(text, f"{path}.fact[{position}]", notes, lang))
    return "; ".join(told)


def _fact(fact: Fact, lang: str) -> str:
    words = _FACT_WORDS[fact.kind]
    return words(fact, lang)


def _given(lang: str, value: int | Decimal) -> str:
    return Locale(lang).as_given(value)


def _arms_words(fact: PatientsPerArm, lang: str) -> str:
    first, second = (_given(lang, each) for each in fact.value)
    return Locale(lang).text("evidence.arms_only", first=first, second=second)


def _included(fact: IncludedFact, lang: str) -> str:
    value = _given(lang, fact.value)
    if fact.value == 1:
        return Locale(lang).text("evidence.included_one")
    if fact.randomised is None:
        return Locale(lang).text("evidence.included", value=value)
    return Locale(lang).text("evidence.included_randomised", value=value, randomised=_given(lang, fact.randomised))


def _certainty(fact: CertaintyFact, lang: str) -> str:
    value = Locale(lang).text(_CERTAINTIES[fact.value])
    return Locale(lang).text(f"evidence.{'certainty_grade' if fact.system == 'GRADE' else 'certainty'}", value=value)


def _months(fact: FollowUpFact, lang: str) -> str:
    return Locale(lang).text("evidence.months", months=", ".join(_given(lang, each) for each in fact.months))


def _age(fact: AgeFact, lang: str) -> str:
    parts = []
    if fact.range is not None:
        low, high = (Locale(lang).as_given(end) for end in fact.range)
        parts.append(Locale(lang).text("evidence.age_range", low=low, high=high))
    if fact.at_least is not None:
        parts.append(Locale(lang).text("evidence.age_least", low=Locale(lang).as_given(fact.at_least)))
    if fact.mean is not None:
        parts.append(Locale(lang).text("evidence.age_mean", mean=Locale(lang).as_given(fact.mean)))
    return ", ".join(parts)


def _crossover(fact: CrossoverFact, lang: str) -> str:
    parts = []
    if fact.percent is not None:
        parts.append(Locale(lang).text("evidence.percent", percent=_given(lang, fact.percent)))
    if fact.count is not None and fact.of is not None:
        count, of = _given(lang, fact.count), _given(lang, fact.of)
        parts.append(Locale(lang).text("evidence.count", count=count, of=of))
    for key, value in (("within", fact.within_months), ("after", fact.mean_months)):
        if value is not None:
            parts.append(Locale(lang).text(f"evidence.{key}", months=_given(lang, value)))
    return ", ".join(parts)


_FACT_WORDS: dict[str, Callable[[Any, str], str]] = {
    "design": lambda fact, lang: Locale(lang).text(_DESIGNS[fact.value]),
    "patients": lambda fact, lang: _given(lang, fact.value),
    "arms": _arms_words,
    "age": _age,
    "follow-up": _months,
    "pedro": lambda fact, lang: Locale(lang).text("evidence.pedro", value=fact.value),
    "included-studies": _included,
    "certainty": _certainty,
    "crossover": _crossover,
}


def crossover_words(study: Study, lang: str) -> str:
    """Return how many had surgery after all, as printed; empty where nothing was.

    Parameters
    ----------
    study : Study
        The study.
    lang : {"nl", "en"}
        Language.

    Returns
    -------
    str
        As in "50%, 41 of 82, within 24 months".
    """
    return "; ".join(_crossover(fact, lang) for fact in study.fact if isinstance(fact, CrossoverFact))


_COLUMNS: tuple[tuple[str, tuple[type, ...]], ...] = (
    ("design", (DesignFact, IncludedFact)),
    ("patients", (PatientsFact, PatientsPerArm)),
    ("age", (AgeFact,)),
    ("follow_up", (FollowUpFact,)),
    ("crossover", (CrossoverFact,)),
    ("quality", (PedroFact, CertaintyFact)),
)


def studies_table(dossier: Dossier, notes: Mapping[str, tuple[int, ...]], lang: str) -> list[Block]:
    """Return a table of what was printed of each study: design, patients, age, follow-up, later surgery, quality.

    Parameters
    ----------
    dossier : Dossier
        The dossier.
    notes : mapping of str to tuple of int
        Findings of the audit by place.
    lang : {"nl", "en"}
        Language.

    Returns
    -------
    list of Block
        Empty where no study has facts; a column that no study fills is left out. Below it stands what a reader must
        know of a fact: by which rule it was derived, and its note.
    """
    rows = []
    for number, study in enumerate(dossier.note.study):
        if study.fact:
            path = f"note.study[{number}]"
            cells = [_cell(study, kinds, path, notes, lang) for _, kinds in _COLUMNS]
            sources = tuple(dict.fromkeys(source for fact in study.fact for source in fact.sources))
            read = Locale(lang).text(f"extent_read.{extent_read(dossier, study) or 'unknown'}")
            rows.append((study.name, *cells, read, Wording.sources(sources)))
    if not rows:
        return []
    shown = [0, *(place for place in range(1, len(rows[0]) - 1) if any(row[place] for row in rows)), len(rows[0]) - 1]
    header = (
        Locale(lang).text("evidence.study"),
        *(Locale(lang).text(f"evidence.{key}") for key, _ in _COLUMNS),
        Locale(lang).text("evidence.read"),
        Locale(lang).text("column.source"),
    )
    blocks: list[Block] = [
        Heading(3, Locale(lang).text("evidence.studies_heading")),
        Table(
            Locale(lang).text("evidence.studies_caption"),
            tuple(header[place] for place in shown),
            tuple(tuple(row[place] or "–" for place in shown) for row in rows),
            prose=tuple(range(1, len(shown) - 1)),
        ),
    ]
    if any(not row[place] for row in rows for place in shown):
        blocks.append(Paragraph(Locale(lang).text("evidence.dashes")))
    remarks = tuple(_remarks(dossier, lang))
    return [*blocks, Bullets(remarks)] if remarks else blocks


def _remarks(dossier: Dossier, lang: str) -> Iterator[str]:
    for study in dossier.note.study:
        for fact in study.fact:
            told = [] if fact.note is None else [getattr(fact.note, lang)]
            if fact.rule is not None:
                told.insert(0, Locale(lang).text("evidence.derived", rule=getattr(fact.rule, lang)))
            if told:
                yield f"{study.name}, {fact_name(fact, lang)}: {'; '.join(told)}"


def fact_name(fact: Fact, lang: str) -> str:
    """Return what a fact is about: the column that it stands in."""
    about = next(key for key, kinds in _COLUMNS if isinstance(fact, kinds))
    return Locale(lang).text(f"evidence.{about}")


def studies_data(dossier: Dossier, lang: str) -> list[dict[str, Any]]:
    """Return the studies as plain data.

    Parameters
    ----------
    dossier : Dossier
        The dossier.
    lang : {"nl", "en"}
        Language of the texts in it.

    Returns
    -------
    list of dict
        Name, origin, text, facts and sources of each.
    """
    return [
        {
            "name": study.name,
            "origin": study.origin,
            "text": getattr(study.text, lang),
            "read": extent_read(dossier, study),
            "facts": [{**fact.model_dump(), "words": _fact(fact, lang)} for fact in study.fact],
            "sources": [each.model_dump() for each in study.sources],
        }
        for study in dossier.note.study
    ]


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
            low, high = (Locale(lang).as_given(end) for end in ends)
            estimate = Locale(lang).as_given(outcome.estimate)
            studies.append(f"{name} {estimate} ({Locale(lang).text('range', low=low, high=high)})")
        return Locale(lang).text("plot.forest_alone_alt", studies="; ".join(studies))

    @property
    def doubtful(self) -> list[int]:
        """Places of the outcomes whose interval is not centred on the estimate."""
        return [place for place, each in enumerate(self.results) if not each.centred]

    def paint(self, ax: Axes, lang: str) -> Axes:
        """Draw the plot."""
        _, first = self.outcomes[0]
        label = Locale(lang).text(f"evidence.forest_{first.better}", intervention=getattr(first.intervention, lang))
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
        caption = Locale(lang).text(
            "evidence.forest",
            intervention=getattr(first.intervention, lang),
            comparator=getattr(first.comparator, lang),
        )
        if self.doubtful:
            caption += " " + Locale(lang).text("evidence.forest_doubt")
        blocks: list[Block] = [
            # A caption has no full stop of its own.
            Figure(FOREST, self.identifier, caption.rstrip("."), self._words(lang))
        ]
        if self.left_out:
            text = Locale(lang).text("evidence.forest_left_out", names="; ".join(self.left_out))
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
    estimate = Locale(lang).as_given(outcome.estimate)
    parts = [_with_interval(outcome, names, estimate, lang)]
    for key, value in (("p", outcome.p), ("p_below", outcome.p_below)):
        if value is not None:
            parts.append(Locale(lang).text(f"evidence.{key}", p=Locale(lang).as_given(value)))
    if outcome.arms is not None:
        first, second = (Locale(lang).as_given(each) for each in outcome.arms.mean)
        parts.append(Locale(lang).text("evidence.arms", first=first, second=second))
    if outcome.adjusted:
        parts.append(Locale(lang).text("evidence.adjusted"))
    return "; ".join(parts)


def _with_interval(outcome: Outcome, names: dict[str, str], estimate: str, lang: str) -> str:
    if outcome.ci is None:
        return Locale(lang).text("evidence.bare", estimate=estimate, **names)
    low, high = (Locale(lang).as_given(end) for end in outcome.ci)
    level = Locale(lang).as_given((100 * Decimal(outcome.level)).normalize())
    return Locale(lang).text(
        "evidence.difference",
        estimate=estimate,
        interval=Locale(lang).text("interval", level=level, low=low, high=high),
        **names,
    )


def _no_interval(extent: str | None, lang: str) -> str:
    if extent == "whole":
        return Locale(lang).text("evidence.no_interval")
    return Locale(lang).text("evidence.no_interval_read", missing=missing_words(extent, lang))


def _shown(outcome: Outcome, study: Study, result: ClinicalResult, extent: str | None, lang: str) -> str:
    found = result.verdict
    if outcome.ci is None:
        text = _no_interval(extent, lang)
    elif found is not None and outcome.of == "costs":
        text = Locale(lang).text(f"evidence.costs_{_side(found)}", intervention=getattr(outcome.intervention, lang))
    elif found is None:
        text = Locale(lang).text("evidence.unknown" if result.holds else "evidence.impossible")
    else:
        names = [getattr(outcome.intervention, lang), getattr(outcome.comparator, lang)]
        first, second = reversed(names) if outcome.margin_for == "comparator" else names
        text = capital(clinical_label(found, Locale(lang), intervention=first, comparator=second)) + "."
        text = " ".join([text, *limit_sentences(found, Locale(lang))])
        if found.derived:
            text += " " + Locale(lang).text("clinical.derived")
    if outcome.remark is not None:
        text += f" {getattr(outcome.remark, lang)}"
    # Surgery after all makes the arms alike, so a study's difference is read beside it.
    later = crossover_words(study, lang) if outcome == study.outcome[0] else ""
    if later:
        text += " " + Locale(lang).text("evidence.beside_crossover", crossover=later)
    return text


def _side(found: ClinicalVerdict) -> str:
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
        header = tuple(Locale(lang).text(key) for key in keys)
        blocks += [
            Heading(3, Locale(lang).text("evidence.heading")),
            Table(Locale(lang).text("evidence.caption"), header, rows, prose=(2, 3)),
        ]
    for forest in forests(assessment):
        blocks += forest.block(lang)
    return blocks


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
