"""The studies of a dossier in a note: what was printed of each, and a forest plot of their differences."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hecon import texts
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
from hecon.report.document import Block, Bullets, Heading, Paragraph, Table
from hecon.report.wording import Wording

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from decimal import Decimal

    from hecon.dossier import Dossier
    from hecon.dossier.note import Fact, Study

__all__ = ["crossover_words", "fact_name", "marked", "studies_data", "studies_table"]


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


def marked(text: str, path: str, notes: Mapping[str, tuple[int, ...]], lang: str) -> str:
    """Return a text with the numbers of the audit's findings on it.

    Parameters
    ----------
    text : str
        A number or a cell of a table.
    path : str
        Its place in the file.
    notes : mapping of str to tuple of int
        Findings by place.
    lang : {"nl", "en"}
        Language.

    Returns
    -------
    str
        The text, followed by "[note 1]" where there is one.
    """
    marks = "".join(f" {texts.text(lang, 'audit.mark', n=number)}" for number in notes.get(path, ()))
    return text + marks


def _cell(study: Study, kinds: tuple[type, ...], path: str, notes: Mapping[str, tuple[int, ...]], lang: str) -> str:
    told = []
    for position, fact in enumerate(study.fact):
        if isinstance(fact, kinds):
            text = _fact(fact, lang)
            told.append(marked(text, f"{path}.fact[{position}]", notes, lang))
    return "; ".join(told)


def _fact(fact: Fact, lang: str) -> str:
    words = _WORDS[fact.kind]
    return words(fact, lang)


def _given(lang: str, value: int | Decimal) -> str:
    return texts.as_given(lang, value)


def _arms(fact: PatientsPerArm, lang: str) -> str:
    first, second = (_given(lang, each) for each in fact.value)
    return texts.text(lang, "evidence.arms_only", first=first, second=second)


def _included(fact: IncludedFact, lang: str) -> str:
    value = _given(lang, fact.value)
    if fact.value == 1:
        return texts.text(lang, "evidence.included_one")
    if fact.randomised is None:
        return texts.text(lang, "evidence.included", value=value)
    return texts.text(lang, "evidence.included_randomised", value=value, randomised=_given(lang, fact.randomised))


def _certainty(fact: CertaintyFact, lang: str) -> str:
    value = texts.text(lang, _CERTAINTIES[fact.value])
    return texts.text(lang, f"evidence.{'certainty_grade' if fact.system == 'GRADE' else 'certainty'}", value=value)


def _months(fact: FollowUpFact, lang: str) -> str:
    return texts.text(lang, "evidence.months", months=", ".join(_given(lang, each) for each in fact.months))


def _age(fact: AgeFact, lang: str) -> str:
    parts = []
    if fact.range is not None:
        low, high = (texts.as_given(lang, end) for end in fact.range)
        parts.append(texts.text(lang, "evidence.age_range", low=low, high=high))
    if fact.at_least is not None:
        parts.append(texts.text(lang, "evidence.age_least", low=texts.as_given(lang, fact.at_least)))
    if fact.mean is not None:
        parts.append(texts.text(lang, "evidence.age_mean", mean=texts.as_given(lang, fact.mean)))
    return ", ".join(parts)


def _crossover(fact: CrossoverFact, lang: str) -> str:
    parts = []
    if fact.percent is not None:
        parts.append(texts.text(lang, "evidence.percent", percent=_given(lang, fact.percent)))
    if fact.count is not None and fact.of is not None:
        count, of = _given(lang, fact.count), _given(lang, fact.of)
        parts.append(texts.text(lang, "evidence.count", count=count, of=of))
    for key, value in (("within", fact.within_months), ("after", fact.mean_months)):
        if value is not None:
            parts.append(texts.text(lang, f"evidence.{key}", months=_given(lang, value)))
    return ", ".join(parts)


_WORDS: dict[str, Callable[[Any, str], str]] = {
    "design": lambda fact, lang: texts.text(lang, _DESIGNS[fact.value]),
    "patients": lambda fact, lang: _given(lang, fact.value),
    "arms": _arms,
    "age": _age,
    "follow-up": _months,
    "pedro": lambda fact, lang: texts.text(lang, "evidence.pedro", value=fact.value),
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
            read = texts.text(lang, f"extent_read.{extent_read(dossier, study) or 'unknown'}")
            rows.append((study.name, *cells, read, Wording.sources(sources)))
    if not rows:
        return []
    shown = [0, *(place for place in range(1, len(rows[0]) - 1) if any(row[place] for row in rows)), len(rows[0]) - 1]
    header = (
        texts.text(lang, "evidence.study"),
        *(texts.text(lang, f"evidence.{key}") for key, _ in _COLUMNS),
        texts.text(lang, "evidence.read"),
        texts.text(lang, "column.source"),
    )
    blocks: list[Block] = [
        Heading(3, texts.text(lang, "evidence.studies_heading")),
        Table(
            texts.text(lang, "evidence.studies_caption"),
            tuple(header[place] for place in shown),
            tuple(tuple(row[place] or "–" for place in shown) for row in rows),
            prose=tuple(range(1, len(shown) - 1)),
        ),
    ]
    if any(not row[place] for row in rows for place in shown):
        blocks.append(Paragraph(texts.text(lang, "evidence.dashes")))
    remarks = tuple(_remarks(dossier, lang))
    return [*blocks, Bullets(remarks)] if remarks else blocks


def _remarks(dossier: Dossier, lang: str) -> Iterator[str]:
    for study in dossier.note.study:
        for fact in study.fact:
            told = [] if fact.note is None else [getattr(fact.note, lang)]
            if fact.rule is not None:
                told.insert(0, texts.text(lang, "evidence.derived", rule=getattr(fact.rule, lang)))
            if told:
                yield f"{study.name}, {fact_name(fact, lang)}: {'; '.join(told)}"


def fact_name(fact: Fact, lang: str) -> str:
    """Return what a fact is about: the column that it stands in."""
    about = next(key for key, kinds in _COLUMNS if isinstance(fact, kinds))
    return texts.text(lang, f"evidence.{about}")


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
