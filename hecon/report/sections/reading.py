"""How to read a ratio, and the reference values."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hecon.report.document import Block, Bullets, Heading, Paragraph, Table
from hecon.report.words.common import by_rules, measure_words
from hecon.report.words.rules import rules_lines

if TYPE_CHECKING:
    from decimal import Decimal

    from hecon.assessment import Assessment
    from hecon.locale import Locale


def annex(assessment: Assessment, locale: Locale) -> list[Block]:
    """Return how to read a ratio in each quadrant, and what a QALY may cost; empty without comparisons."""
    if not assessment.comparisons:
        return []
    rules = assessment.rules
    values = rules.values_on()
    rows: tuple[tuple[str, ...], ...] = tuple(
        (locale.band(each.name), _between(*ends, locale), locale.stated(each.value, rules.currency))
        for each, ends in zip(values.band, values.spans, strict=True)
        if each.value is not None
    )
    caption = "reference_values"
    keys: tuple[str, ...] = ("burden", "shortfall", "reference_value")
    if not values.band:
        rows = tuple((locale.stated(value, rules.currency, weight=rules.weight),) for value in values.reference)
        caption, keys = "reference_values_alone", keys[-1:]
    if values.range is not None:
        rows = (tuple(locale.stated(float(value), rules.currency, weight=rules.weight) for value in values.range),)
        caption, keys = "reference_range", ("range_low", "range_high")
    header = tuple(
        measure_words(values, locale, unit=True) if key == "shortfall" else locale.text(f"note.{key}") for key in keys
    )
    return [
        Heading(2, locale.text("note.reading")),
        Bullets(tuple(by_rules(f"note.reading_{each}", rules, locale) for each in ("NE", "SW", "negative", "rule"))),
        Table(
            by_rules(f"note.{caption}", rules, locale),
            header,
            rows,
            numeric=(0, 1) if values.range is not None else (len(keys) - 1,),
        ),
        *([] if values.range is None else [Paragraph(locale.text("note.reading_range"))]),
        Paragraph(by_rules("note.currency_of_values", rules, locale)),
        *(Paragraph(line) for line in rules_lines(rules, locale)),
    ]


def _between(low: Decimal, high: Decimal | None, locale: Locale) -> str:
    """Return the shortfalls of a band; that of the highest burden may have no end."""
    if high is None:
        return locale.text("note.shortfall_from", low=locale.as_given(low))
    return locale.span(locale.as_given(low), locale.as_given(high))
