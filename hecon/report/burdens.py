"""The burden of disease in a note: as judged, as computed, whether they agree, and what the computation rests on."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from hecon.locale import Locale
from hecon.report.document import Block, Bullets, Figure, Heading, Paragraph, Table
from hecon.report.wording import Wording, capital
from hecon.report.words import burden_words
from hecon.report.words.burdens import integrated_words

if TYPE_CHECKING:
    from decimal import Decimal

    from hecon.assessment import Assessment, ComparisonResult
    from hecon.dossier.burden import BurdenInputs

__all__ = ["burden_data", "burden_line", "burden_section", "burden_short", "integrated_sentence", "table_line"]

# A note shows figures by comparison; this one belongs to none.
OF_THE_DOSSIER = "burden"
_YEARS = ("age", "years")
_ASSUMED = {"short": "burden.short_assumed", "sentence": "burden.sentence_assumed"}


def burden_short(assessment: Assessment, lang: str) -> str:
    """Return the burden in a line: the band as judged, and as computed.

    Parameters
    ----------
    assessment : Assessment
        The assessment.
    lang : {"nl", "en"}
        Language.

    Returns
    -------
    str
        A line without a full stop.
    """
    band = assessment.dossier.burden.band.replace(" ", "_")
    text = Locale(lang).text("summary.burden_short", band=Locale(lang).text(f"band.{band}"))
    return text if assessment.burden is None else text + _computed("short", assessment, lang)


def burden_line(assessment: Assessment, lang: str) -> str:
    """Return the burden as the header of a note has it: who judged it, what was computed, and the reference value.

    Parameters
    ----------
    assessment : Assessment
        The assessment.
    lang : {"nl", "en"}
        Language.

    Returns
    -------
    str
        A few sentences.
    """
    burden, value = assessment.dossier.burden, assessment.reference_value
    text = Locale(lang).text(
        "summary.burden",
        band=Locale(lang).text(f"band.{burden.band.replace(' ', '_')}"),
        basis=getattr(burden.basis, lang).rstrip("."),
        sources=Wording.sources(burden.sources),
    )
    reference = "no_reference_judged" if assessment.burden_rests_on is None else "no_reference_band"
    parts = [
        capital(text),
        Locale(lang).text(f"summary.{reference}")
        if value is None
        else Locale(lang).text("summary.reference", value=Locale(lang).money(value)),
    ]
    if not assessment.comparisons:
        parts = parts[:1]
    if assessment.burden is not None:
        # What the reference value rests on stands before it.
        place = 1 if assessment.burden_rests_on == "computation" else 2
        parts.insert(place, _computed("sentence", assessment, lang))
    return " ".join(parts)


def _computed(key: str, assessment: Assessment, lang: str) -> str:
    burden, inputs = assessment.burden, assessment.dossier.burden.inputs
    if burden is None:
        return ""
    assumed = (
        assessment.own_burden and inputs is not None and any(part.status == "assumed" for _, part in inputs.stated())
    )
    return Locale(lang).text(
        _ASSUMED[key] if assumed else f"burden.{key}",
        band=Locale(lang).text(f"band.{burden.band}"),
        proportional=Locale(lang).number(burden.proportional, 3),
    )


def burden_section(assessment: Assessment, lang: str) -> list[Block]:
    """Return the part of a note on the burden as computed.

    Parameters
    ----------
    assessment : Assessment
        The assessment.
    lang : {"nl", "en"}
        Language.

    Returns
    -------
    list of Block
        Empty where nothing was computed.
    """
    found = assessment.burden
    if found is None:
        return []

    def say(key: str, **values: object) -> str:
        return Locale(lang).text(f"burden.{key}", **values)

    blocks: list[Block] = [Heading(2, say("heading")), Paragraph(burden_words(found, Locale(lang)))]
    if not assessment.own_burden:
        blocks.append(Paragraph(say("given")))
    blocks += _agreement(assessment, lang)
    inputs = assessment.dossier.burden.inputs
    own = assessment.own_burden
    if own and inputs is not None:
        if assessment.burden_years_needed is not None and inputs.decrement is not None:
            blocks.append(Paragraph(_what_it_takes(assessment.burden_years_needed, inputs.decrement.value, lang)))
        blocks += [_inputs(inputs, lang), Paragraph(f"{say('drawn')} {_over_tables(assessment, lang)}".strip())]
    if found.course is not None:
        from hecon.plot.burdens import describe_burden

        alt = describe_burden(found, Locale(lang))
        blocks.append(Figure("burden", OF_THE_DOSSIER, Locale(lang).text("figure.burden"), alt))
    if found.tables:
        blocks.append(Bullets(tuple(table_line(kind, table, lang) for kind, table in found.tables.items())))
    return blocks


def _agreement(assessment: Assessment, lang: str) -> list[Block]:
    agree, found = assessment.burdens_agree, assessment.burden
    if agree is None or found is None:
        return [Paragraph(Locale(lang).text("burden.not_judged"))] if assessment.own_burden else []
    judged, computed = (Locale(lang).text(f"band.{band}") for band in (assessment.dossier.burden.band, found.band))
    kind = "disagree" if assessment.burden_rests_on == "judgement" else "disagree_given"
    words = Locale(lang).text(f"burden.{'agree' if agree else kind}", judged=judged, computed=computed)
    blocks: list[Block] = [Paragraph(words, strong=not agree)]
    if found.reference_value is None and not agree:
        blocks.append(Paragraph(Locale(lang).text("burden.consequence")))
    return blocks


def _what_it_takes(needed: float, decrement: float | Decimal, lang: str) -> str:
    """Return how long a loss of quality of life would have to last to reach the lowest band."""
    lost = Locale(lang).number(decrement, 2)
    if math.isinf(needed):
        return Locale(lang).text("burden.never", decrement=lost)
    return Locale(lang).text("burden.needed", decrement=lost, years=Locale(lang).number(needed, 0))


def _over_tables(assessment: Assessment, lang: str) -> str:
    if assessment.burden_over_tables is None:
        return ""
    low, high = (Locale(lang).number(end, 3) for end in assessment.burden_over_tables)
    return Locale(lang).text("burden.over_tables", range=Locale(lang).span(low, high))


def _inputs(inputs: BurdenInputs, lang: str) -> Table:
    rows = []
    for name, part in inputs.stated():
        ends = part.range
        rows.append(
            (
                capital(Locale(lang).text(f"burden_input.{name}")),
                _number(name, part.value, lang),
                "–" if ends is None else _span(name, ends, lang),
                Locale(lang).text(f"status.{part.status}"),
                getattr(part.basis, lang),
                Wording.sources(part.sources) or "–",
            )
        )
    keys = ("burden.input", *(f"column.{key}" for key in ("value", "range", "status", "basis", "source")))
    header = tuple(Locale(lang).text(key) for key in keys)
    return Table(Locale(lang).text("burden.inputs"), header, tuple(rows), numeric=(1, 2), prose=(4,))


def _span(name: str, ends: tuple[int | Decimal, int | Decimal], lang: str) -> str:
    # The unit stands once, at the end.
    low = _number("", ends[0], lang)
    return Locale(lang).span(low, _number(name, ends[1], lang))


def _number(name: str, value: int | Decimal | str, lang: str) -> str:
    if isinstance(value, str):
        return Locale(lang).text("burden.rest_of_life")
    number = Locale(lang).as_given(value)
    return Locale(lang).text("burden.years", number=number) if name in _YEARS else number


def table_line(kind: str, table: dict[str, Any], lang: str) -> str:
    """Return where a life table or norms are from, in a line.

    Parameters
    ----------
    kind : str
        "life_table" or "norms".
    table : dict
        Its provenance, as a `hecon.zin.Shortfall` holds it.
    lang : {"nl", "en"}
        Language.

    Returns
    -------
    str
        Name, source, year and what a user must know.
    """
    year = "" if str(table["year"]) in table["source"] else f" ({table['year'] or '–'})"
    text = f"{Locale(lang).text(f'burden.{kind}')} {table['name']}: {table['source']}{year}"
    note = table["note"][lang]
    return f"{text}. {note}" if note else text


def integrated_sentence(assessment: Assessment, result: ComparisonResult, wording: Wording) -> str | None:
    """Return the probability cost-effective over the bands of the computed burden, in words.

    Parameters
    ----------
    assessment : Assessment
        The assessment.
    result : ComparisonResult
        One of its comparisons.
    wording : Wording
        How it is written.

    Returns
    -------
    str or None
        None where there is no computed burden, or the comparison has no probabilities.
    """
    if assessment.burden is None or assessment.over_bands(result) is None:
        return None
    text = integrated_words(
        assessment.integrated(result) or 0.0,
        assessment.burden.probabilities,
        Locale(wording.lang),
        intervention=wording.intervention,
        quadrant=result.quadrant,
    )
    return wording.say("burden.as_computed", text=text[:1].lower() + text[1:])


def burden_data(assessment: Assessment, lang: str) -> dict[str, Any]:
    """Return the burden as plain data: as judged, as computed, and what the reference value rests on.

    Parameters
    ----------
    assessment : Assessment
        The assessment.
    lang : {"nl", "en"}
        Language of the texts in it.

    Returns
    -------
    dict
        With the keys of the JSON format.
    """
    judged, found = assessment.dossier.burden, assessment.burden
    inputs = judged.inputs if assessment.own_burden else None
    computed = None
    if found is not None:
        computed = {
            **found.data,
            "words": burden_words(found, Locale(lang)),
            "over_tables": assessment.burden_over_tables,
            "inputs": {} if inputs is None else {name: part.model_dump() for name, part in inputs.stated()},
        }
    return {
        "band": None if judged.band == "not judged" else judged.band,
        "reference_value": assessment.reference_value,
        "rests_on": assessment.burden_rests_on,
        "basis": getattr(judged.basis, lang),
        "sources": [each.model_dump() for each in judged.sources],
        "computed": computed,
        "agree": assessment.burdens_agree,
    }
