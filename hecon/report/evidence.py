"""The differences that studies printed, and what their intervals show, in a note."""

from __future__ import annotations

import math
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from hecon import evidence, texts
from hecon.dossier.printed_intervals import PrintedInterval
from hecon.errors import InputError
from hecon.evidence.clinical_words import limits
from hecon.report.document import Block, Heading, Table
from hecon.report.wording import Wording, capital

if TYPE_CHECKING:
    from hecon.dossier import Dossier
    from hecon.dossier.note_schema import Outcome

__all__ = ["evidence_data", "evidence_table"]


def _judged(outcome: Outcome) -> evidence.ClinicalVerdict | None:
    """Return the verdict on the arm that the margin is for, or None where no interval follows from what was printed."""
    low, high = (float(end) for end in outcome.ci)
    if not PrintedInterval(outcome.estimate, *outcome.ci).holds or low > high:
        return None
    # By its rounding alone an estimate may lie just outside.
    estimate = min(max(float(outcome.estimate), low), high)
    turned = outcome.margin_for == "comparator"
    least = outcome.minimal_important_difference
    try:
        return evidence.clinical_verdict(
            -estimate if turned else estimate,
            ci=(-high, -low) if turned else (low, high),
            level=float(outcome.level),
            better=outcome.better,
            margin=None if outcome.margin is None else float(outcome.margin),
            minimal_important_difference=None if least is None else float(least),
        )
    except InputError:
        return None


def _difference(outcome: Outcome, lang: str) -> str:
    low, high = (texts.as_given(lang, end) for end in outcome.ci)
    level = texts.as_given(lang, (100 * Decimal(outcome.level)).normalize())
    return texts.text(
        lang,
        "evidence.difference",
        intervention=getattr(outcome.intervention, lang),
        comparator=getattr(outcome.comparator, lang),
        estimate=texts.as_given(lang, outcome.estimate),
        interval=texts.text(lang, "interval", level=level, low=low, high=high),
    )


def _shown(outcome: Outcome, lang: str) -> str:
    found = _judged(outcome)
    if found is None:
        holds = PrintedInterval(outcome.estimate, *outcome.ci).holds and outcome.ci[0] <= outcome.ci[1]
        text = texts.text(lang, "evidence.unknown" if holds else "evidence.impossible")
    else:
        names = [getattr(outcome.intervention, lang), getattr(outcome.comparator, lang)]
        first, second = reversed(names) if outcome.margin_for == "comparator" else names
        text = capital(evidence.clinical_label(found, intervention=first, comparator=second, lang=lang)) + "."
        text = " ".join([text, *limits(found, lang)])
        if found.derived:
            text += " " + texts.text(lang, "clinical.derived")
    if outcome.remark is not None:
        text += f" {getattr(outcome.remark, lang)}"
    return text


def evidence_table(dossier: Dossier, lang: str) -> list[Block]:
    """Return the differences that the studies of a dossier printed, and what each interval shows.

    Parameters
    ----------
    dossier : Dossier
        The dossier.
    lang : {"nl", "en"}
        Language.

    Returns
    -------
    list of Block
        A heading and a table; empty where no difference is on file.
    """
    rows = tuple(
        (
            study.name if position == 0 else "",
            getattr(outcome.name, lang),
            _difference(outcome, lang),
            _shown(outcome, lang),
            Wording.sources(outcome.sources),
        )
        for study in dossier.note.study
        for position, outcome in enumerate(study.outcome)
    )
    if not rows:
        return []
    keys = ("evidence.study", "evidence.outcome", "evidence.printed", "evidence.shows", "column.source")
    header = tuple(texts.text(lang, key) for key in keys)
    return [
        Heading(3, texts.text(lang, "evidence.heading")),
        Table(texts.text(lang, "evidence.caption"), header, rows, prose=(2, 3)),
    ]


def evidence_data(dossier: Dossier, lang: str) -> list[dict[str, Any]]:
    """Return the same as plain data.

    Parameters
    ----------
    dossier : Dossier
        The dossier.
    lang : {"nl", "en"}
        Language of the texts in it.

    Returns
    -------
    list of dict
        One per difference; ``verdict`` is None where the interval does not hold the estimate.
    """
    rows = []
    for study in dossier.note.study:
        for outcome in study.outcome:
            found = _judged(outcome)
            printed = outcome.model_dump()
            # An open end has no number in JSON.
            printed["ci"] = [None if math.isinf(end) else end for end in outcome.ci]
            verdict = None if found is None else {**vars(found), "on": outcome.margin_for}
            rows.append({"study": study.name, "origin": study.origin, **printed, "verdict": verdict})
            rows[-1]["words"] = _shown(outcome, lang)
    return rows
