"""The risk of bias and the certainty of the evidence of each study, as rated, or that they were not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hecon.dossier.documents import extent_read
from hecon.dossier.note import CertaintyFact, DesignFact, PedroFact, of_trial, trial_of
from hecon.locale import key_of
from hecon.report.document import Block, Bullets, Heading, Table
from hecon.report.words.common import capital, cited, missing_words
from hecon.report.words.studies import fact_words

if TYPE_CHECKING:
    from hecon.assessment import Assessment
    from hecon.dossier.loading import Dossier
    from hecon.dossier.note import Study
    from hecon.locale import Locale


def blocks(assessment: Assessment, locale: Locale) -> list[Block]:
    """Return a table of the studies that were rated, and a line for each reason why others were not."""
    dossier, say = assessment.dossier, locale.text
    rows: list[tuple[str, ...]] = []
    unrated: dict[str, list[str]] = {}
    for study in dossier.note.study:
        missing = _missing(dossier, study, locale)
        bias, certainty = _bias(study, locale), _certainty(study, locale)
        if bias is None and certainty is None:
            unrated.setdefault(missing, []).append(study.name)
        else:
            rows.append((study.name, bias or missing, certainty or missing, _sources(study)))
    if not rows and not unrated:
        return []
    found: list[Block] = [Heading(2, say("quality.heading"))]
    if rows:
        header = (say("evidence.study"), say("quality.bias"), say("quality.certainty"), say("column.source"))
        found.append(Table(say("quality.caption"), header, tuple(rows), prose=(1, 2)))
    lines = tuple(f"{capital(missing)}: {'; '.join(names)}" for missing, names in unrated.items())
    return [*found, Bullets(lines)] if lines else found


def data(assessment: Assessment, locale: Locale) -> dict[str, Any]:
    """Return for each study the same as plain data."""
    dossier = assessment.dossier
    rated = [
        {
            "study": study.name,
            "risk_of_bias": _bias(study, locale),
            "certainty": _certainty(study, locale),
            "missing": _missing(dossier, study, locale),
        }
        for study in dossier.note.study
    ]
    return {"quality": rated}


def _bias(study: Study, locale: Locale) -> str | None:
    """Return the risk of bias as it was judged, or the scores on file."""
    if study.risk_of_bias is not None:
        return locale.pick(study.risk_of_bias)
    return "; ".join(fact_words(fact, locale) for fact in study.fact if isinstance(fact, PedroFact)) or None


def _certainty(study: Study, locale: Locale) -> str | None:
    """Return the certainty as the authors rated it, with the system where they name one."""
    told = []
    for fact in study.fact:
        if isinstance(fact, CertaintyFact):
            key = "graded" if fact.system == "GRADE" else "ungraded"
            told.append(locale.text(f"quality.{key}", value=locale.text(f"certainty.{key_of(fact.value)}")))
    return "; ".join(told) or None


def _sources(study: Study) -> str:
    rated = [fact for fact in study.fact if isinstance(fact, (PedroFact, CertaintyFact))]
    return cited(dict.fromkeys(source for fact in rated for source in fact.sources) if rated else study.sources)


def _missing(dossier: Dossier, study: Study, locale: Locale) -> str:
    """Return why there is no rating: rated as one trial, no results yet, none in what was read, or too little read.

    A document that quotes a study was itself read, so what it does not rate is not rated there.
    """
    if any(isinstance(fact, DesignFact) and fact.value == "running" for fact in study.fact):
        return locale.text("quality.running")
    trial = of_trial(dossier.note, trial_of(study))
    rated = [each.name for each in trial if each is not study and _bias(each, locale) is not None]
    if rated:
        named = study.trial is not None and all(each.trial is not None for each in trial)
        return locale.text("quality.same_trial" if named else "quality.same_trial_by_name", names=", ".join(rated))
    extent = extent_read(dossier, study)
    if extent in {"whole", "quoted"}:
        return locale.text("quality.not_rated")
    return missing_words(extent, locale)
