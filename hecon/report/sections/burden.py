"""The burden of disease: as judged, as computed, whether they agree, and what the computation rests on."""

from __future__ import annotations

import math
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from hecon.dossier.burden import NOT_JUDGED
from hecon.report.document import Block, Bullets, Heading, Paragraph, Table, drawn
from hecon.report.words.burdens import burden_words
from hecon.report.words.common import by_rules, capital, cited, measure_words, rules_words

if TYPE_CHECKING:
    from hecon.assessment import Assessment
    from hecon.dossier.burden import BurdenInputs
    from hecon.locale import Locale


_YEARS = ("age", "years")


def annex(assessment: Assessment, locale: Locale) -> list[Block]:
    """Return the part of a note on the burden as computed."""
    found = assessment.burden
    if found is None:
        return []
    shown: list[Block] = [Heading(2, locale.text("burden.heading")), Paragraph(burden_words(found, locale))]
    if not assessment.own_burden:
        shown.append(Paragraph(locale.text("burden.given")))
    shown += _agreement(assessment, locale)
    inputs = assessment.dossier.burden.inputs
    own = assessment.own_burden
    if own and inputs is not None:
        if assessment.burden_years_needed is not None and inputs.decrement is not None:
            shown.append(Paragraph(_what_it_takes(assessment, inputs.decrement.value, locale)))
        rests = f"{locale.text('burden.drawn')} {_over_tables(assessment, locale)}".strip()
        shown += [_inputs(inputs, locale), Paragraph(rests)]
    if found.course is not None:
        shown.append(drawn("burden", "burden", locale.text("figure.burden"), found, locale))
    if found.tables:
        shown.append(Bullets(tuple(table_line(kind, table, locale) for kind, table in found.tables.items())))
    return shown


def burden_short(assessment: Assessment, locale: Locale) -> str:
    """Return the burden in a line: the band as judged, and as computed."""
    return locale.text("summary.burden_short", band=burden_bands(assessment, locale))


def burden_bands(assessment: Assessment, locale: Locale) -> str:
    """Return the band as judged, and as computed where it was, without a label."""
    if not assessment.rules.values_on().band:
        told = _weight(assessment, locale)
        return (told[:1].lower() + told[1:]).rstrip(".")
    judged = locale.band(assessment.dossier.burden.band)
    return judged if assessment.burden is None else judged + _computed("short", assessment, locale)


def burden_line(assessment: Assessment, locale: Locale) -> str:
    """Return the burden as the header of a note has it: who judged it, what was computed, and the reference value."""
    burden, value = assessment.dossier.burden, assessment.reference_value
    text = locale.text(
        "summary.burden",
        band=locale.band(burden.band),
        basis=locale.pick(burden.basis).rstrip("."),
        sources=cited(burden.sources),
    )
    if not assessment.rules.values_on().band:
        return _without_bands(text, assessment, locale)
    reference = "no_reference_judged" if assessment.burden_rests_on is None else "no_reference_band"
    parts = [_of_other_rules(assessment, locale) or capital(text)]
    if assessment.comparisons and value is not None:
        parts.append(locale.text("summary.reference", value=locale.stated(value, assessment.rules.currency)))
    elif assessment.comparisons and assessment.reference_values:
        parts.append(by_rules(f"summary.{reference}", assessment.rules, locale))
    if assessment.burden is not None:
        # What the reference value rests on stands before it.
        place = 1 if assessment.burden_rests_on == "computation" else 2
        parts.insert(place, _computed("sentence", assessment, locale))
    return " ".join(parts)


def _without_bands(judged: str, assessment: Assessment, locale: Locale) -> str:
    """Return what the burden is by rules without bands: that it does not count, or the weight that goes with it."""
    told = [_of_other_rules(assessment, locale)]
    if not told[0] and assessment.dossier.burden.band != NOT_JUDGED:
        told = [capital(judged)]
    return " ".join(filter(None, [*told, _weight(assessment, locale)]))


def _of_other_rules(assessment: Assessment, locale: Locale) -> str:
    """Return that a band was judged by the dossier's own rules, where it stands aside under others; else nothing."""
    filed = assessment.dossier.filed
    if filed.burden.band == assessment.dossier.burden.band:
        return ""
    rules = rules_words(filed.ruleset, locale)["short"]
    return locale.text("burden.other_rules", band=locale.band(filed.burden.band), rules=rules)


def _weight(assessment: Assessment, locale: Locale) -> str:
    """Return the weight on a QALY gained that goes with the burden by rules without bands, or that there is none."""
    found = assessment.burden
    if assessment.rules.severity_on() is None:
        return locale.text("burden.no_bands")
    if found is None or found.weighing is None or found.qaly_weight is None:
        return locale.text("burden.no_weight")
    weight = locale.as_given(Decimal(f"{found.qaly_weight:g}"))
    if found.weighing.of_two is None:
        return locale.text("burden.weight_one", weight=weight)
    both = found.weighing.weights(found.absolute, found.proportional)
    by_absolute, by_proportional = (locale.as_given(Decimal(f"{each:g}")) for each in both)
    told = {"by_absolute": by_absolute, "by_proportional": by_proportional}
    return locale.text("burden.weight", weight=weight, **told)


def _computed(key: str, assessment: Assessment, locale: Locale) -> str:
    burden, inputs = assessment.burden, assessment.dossier.burden.inputs
    if burden is None:
        return ""
    assumed = (
        assessment.own_burden and inputs is not None and any(part.status == "assumed" for _, part in inputs.stated())
    )
    return locale.text(
        f"burden.{key}_assumed" if assumed else f"burden.{key}",
        band=locale.band(str(burden.band)),
        shortfall=measure_words(burden.rule, locale, burden.measured),
    )


def _agreement(assessment: Assessment, locale: Locale) -> list[Block]:
    agree, found = assessment.burdens_agree, assessment.burden
    if not assessment.rules.values_on().band:
        return [Paragraph(_weight(assessment, locale))]
    if agree is None or found is None:
        return [Paragraph(locale.text("burden.not_judged"))] if assessment.own_burden else []
    judged, computed = (locale.band(str(band)) for band in (assessment.dossier.burden.band, found.band))
    kind = "disagree" if assessment.burden_rests_on == "judgement" else "disagree_given"
    words = locale.text(f"burden.{'agree' if agree else kind}", judged=judged, computed=computed)
    # Beside a judgement that counts, a computation is an illustration.
    blocks: list[Block] = [Paragraph(words, strong=not agree and assessment.burden_rests_on == "computation")]
    if found.reference_value is None and not agree:
        blocks.append(Paragraph(by_rules("burden.consequence", assessment.rules, locale)))
    return blocks


def _what_it_takes(assessment: Assessment, decrement: float | Decimal, locale: Locale) -> str:
    """Return how long a loss of quality of life would have to last to reach the lowest band but one."""
    needed, rules = assessment.burden_years_needed or 0.0, assessment.rules
    told = {"decrement": locale.number(decrement, 2), "band": locale.band(rules.values_on().bands[1])}
    if math.isinf(needed):
        return by_rules("burden.never", rules, locale, **told)
    return by_rules("burden.needed", rules, locale, **told, years=locale.number(needed, 0))


def _over_tables(assessment: Assessment, locale: Locale) -> str:
    """Return the range over the tables that the rules compare, and which of these have no figures for the age."""
    told = []
    if assessment.burden_over_tables is not None:
        values = assessment.rules.values_on()
        low, high = (locale.number(end, 2 if values.absolute else 3) for end in assessment.burden_over_tables)
        span = locale.span(low, f"{high} QALY" if values.absolute else high)
        told.append(locale.text("burden.over_tables", measure=measure_words(values, locale), range=span))
    if assessment.burden_tables_left_out:
        names = "; ".join(" + ".join(pair) for pair in assessment.burden_tables_left_out)
        told.append(locale.text("burden.tables_left_out", names=names))
    return " ".join(told)


def _inputs(inputs: BurdenInputs, locale: Locale) -> Table:
    rows = []
    for name, part in inputs.stated():
        ends = part.range
        rows.append(
            (
                capital(locale.text(f"burden_input.{name}")),
                _number(name, part.value, locale),
                "–" if ends is None else _span(name, ends, locale),
                locale.text(f"status.{part.status}"),
                locale.pick(part.basis),
                cited(part.sources) or "–",
            )
        )
    keys = ("burden.input", *(f"column.{key}" for key in ("value", "range", "status", "basis", "source")))
    header = tuple(locale.text(key) for key in keys)
    return Table(locale.text("burden.inputs"), header, tuple(rows), numeric=(1, 2), prose=(4,))


def _span(name: str, ends: tuple[int | Decimal, int | Decimal], locale: Locale) -> str:
    # The unit stands once, at the end.
    low = _number("", ends[0], locale)
    return locale.span(low, _number(name, ends[1], locale))


def _number(name: str, value: int | Decimal | str, locale: Locale) -> str:
    if isinstance(value, str):
        return locale.text("burden.rest_of_life")
    number = locale.as_given(value)
    return locale.text("burden.years", number=number) if name in _YEARS else number


def table_line(kind: str, table: dict[str, Any], locale: Locale) -> str:
    """Return where a life table or norms are from, in a line."""
    year = "" if str(table["year"]) in table["source"] else f" ({table['year'] or '–'})"
    text = f"{locale.text(f'burden.{kind}')} {table['name']}: {table['source']}{year}"
    note = table["note"][locale.lang]
    return f"{text}. {note}" if note else text


def data(assessment: Assessment, locale: Locale) -> dict[str, Any]:
    """Return the burden as plain data: as judged, as computed, and what the reference value rests on."""
    judged, found = assessment.dossier.burden, assessment.burden
    inputs = judged.inputs if assessment.own_burden else None
    computed = None
    if found is not None:
        computed = {
            **found.data,
            "words": burden_words(found, locale),
            "over_tables": assessment.burden_over_tables,
            "tables_left_out": assessment.burden_tables_left_out,
            "inputs": {} if inputs is None else dict(inputs.stated()),
        }
    told = {
        "band": None if judged.band == "not judged" else judged.band,
        "reference_value": assessment.reference_value,
        "rests_on": assessment.burden_rests_on,
        "basis": judged.basis,
        "sources": judged.sources,
        "computed": computed,
        "agree": assessment.burdens_agree,
    }
    return {"burden": told}
