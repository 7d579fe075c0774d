"""Phrases that every part of a report uses: sources and their numbers, statements, what is missing, words of codes."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Protocol, TypeVar

from hecon import dossier, valuesets
from hecon.dossier.documents import SourceDocument
from hecon.files.parts import Reference
from hecon.printed.numbers import digits_beside
from hecon.report.isolating import isolate, isolated, mapped

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from hecon.assessment import Assessment
    from hecon.dossier.loading import Dossier
    from hecon.dossier.programme import Programme
    from hecon.files.parts import Text
    from hecon.locale import Locale
    from hecon.rulesets import RuleSet
    from hecon.rulesets.parts import RuleValues
    from hecon.tables import Provenance

    class _SourcedText(Protocol):
        """A text with its sources."""

        @property
        def text(self) -> Text: ...

        @property
        def sources(self) -> tuple[Reference, ...]: ...


_T = TypeVar("_T")
_SHORT = 12
# Begins the code of a scenario by another value set.
_VALUE_SET = "value-set-"


def measure_words(
    values: RuleValues, locale: Locale, value: float | Decimal | None = None, *, unit: bool = False
) -> str:
    """Return the shortfall that the bands are by, with a value of it, or with its unit in brackets where it has one."""
    name = locale.text("burden_row.absolute" if values.absolute else "burden_row.proportional")
    if value is None:
        return locale.text("burden_row.absolute_unit") if unit and values.absolute else name
    number = locale.number(value, digits_beside(float(value), values.edges, 2 if values.absolute else 3))
    return f"{name} {number} QALY" if values.absolute else f"{name} {number}"


def capital(text: str) -> str:
    """Return a text with a capital, as a line of prose begins."""
    return text[:1].upper() + text[1:]


def within(text: str) -> str:
    """Return a text as it stands within a sentence: with a small letter, unless it begins with an abbreviation.

    >>> within("Counted in the list"), within("QALYs of the arm"), within("2% of 10,000")
    ('counted in the list', 'QALYs of the arm', '2% of 10,000')
    """
    return text if text[1:2].isupper() else text[:1].lower() + text[1:]


def valued_by(origin: Provenance, locale: Locale) -> str:
    """Return which value set valued the quality of life, its source, and what is said of it by a body that assesses."""
    own = f" (SHA-256 {origin.digest[:_SHORT]}…)" if origin.digest else ""
    told = f"{isolate(origin.name)}{own}, {origin.version}: {isolate(origin.source).rstrip('.')}."
    position = origin.position_nl if locale.lang == "nl" and origin.position_nl else origin.position
    return f"{told} {isolate(position)}" if position else told


def scenario_name(code: str, locale: Locale) -> str:
    """Return what a way of analysing a trial is called; a code that the catalogue lacks stands as it is."""
    key = f"trial_scenario.{code}"
    if key in locale.catalogue:
        return locale.text(key)
    if not code.startswith(_VALUE_SET):
        return code
    name = code.removeprefix(_VALUE_SET)
    scale = valuesets.scale_of(name)
    if scale is None:
        return locale.text("trial_scenario.value-set", name=isolate(name))
    return locale.text("trial_scenario.value-set-crosswalk", name=isolate(name), scale=isolate(scale))


def rules_words(rules: RuleSet, locale: Locale) -> dict[str, str]:
    """Return how texts name rules: as the catalogue does or, of an own file, by name and source."""
    group = rules.name if rules.shipped and f"rules.{rules.name}.values" in locale.catalogue else "own"
    values = rules.values_on()
    source = values.source if values.status == "read" else locale.text("rules.own.unchecked", source=values.source)
    told = {"name": rules.name, "source": source}
    return {"source": source} | {
        key: locale.text(f"rules.{group}.{key}", **told) for key in ("institute", "values", "short")
    }


def by_rules(key: str, rules: RuleSet, locale: Locale, **values: object) -> str:
    """Return a text as the catalogue words it for these rules, or for a range of values, or else for all.

    It may name the rules.
    """
    own, ranged = f"rules.{rules.name}.{key}", f"{key}_range"
    chosen = key
    if rules.shipped and own in locale.catalogue:
        chosen = own
    elif rules.values_on().range is not None and ranged in locale.catalogue:
        chosen = ranged
    return locale.text(chosen, **rules_words(rules, locale), **values)


def in_range_words(place: str, rules: RuleSet, locale: Locale, *, stated: Callable[[float], str], unit: str) -> str:
    """Return in which place by the range of the rules a ratio lies."""
    low, high = (stated(float(each)) for each in rules.values_on().range or ())
    told = {"place": locale.text(f"range_place.{place}"), "low": low, "high": high, "unit": unit}
    return locale.text("comparison.in_range", short=rules_words(rules, locale)["short"], **told)


def p_value(p: float, locale: Locale) -> str:
    """Return a p value, as in "p = 0.03" or "p <0.001"."""
    shown = locale.probability(p, 3)
    return f"p {shown}" if shown[0] in "<>" else f"p = {shown}"


def rate_words(rate: Decimal | float, locale: Locale) -> str:
    """Return a rate as a percentage without zeros at its end."""
    return locale.as_given(Decimal(f"{(100 * Decimal(str(rate))).normalize():f}")) + "%"


def end_of_range(value: float, values: RuleValues) -> str | None:
    """Return which end of the range of the rules a value is, "low" or "high"; None where they have no range."""
    if values.range is None:
        return None
    return "low" if value <= float(values.range[0]) else "high"


def missing_words(extent: str | None, locale: Locale) -> str:
    """Return what is said of a fact that is not on file: not reported only where the whole source was read."""
    if extent == "whole":
        return locale.text("not_reported")
    return locale.text("not_looked_up", extent=locale.text(f"extent.{extent or 'unknown'}"))


def cited(references: Iterable[Reference]) -> str:
    """Return where something stands: each document, once, with its places."""
    places: dict[str, list[str]] = {}
    for each in references:
        places.setdefault(each.document, []).append(each.place)
    return "; ".join(f"{document}, {'; '.join(dict.fromkeys(told))}" for document, told in places.items())


def sourced(text: str, references: tuple[Reference, ...]) -> str:
    """Return a text with its sources in brackets, if it has any."""
    return f"{text} ({cited(references)})" if references else text


def sentence(statement: _SourcedText, locale: Locale) -> str:
    """Return a statement with its sources, ending in a full stop."""
    return f"{locale.pick(statement.text).rstrip('.')} ({cited(statement.sources)})."


def with_warning(title: str, assessment: Assessment, locale: Locale) -> str:
    """Return a title; where data are simulated it says so first, as it may be read alone."""
    return locale.text("trial_note.title", title=title) if assessment.simulated else title


def title_of(name: str, locale: Locale) -> str:
    """Return the title of a dossier that comes with hecon, or its name as it is."""
    return locale.pick(dossier.load(name).title) if name in dossier.names() else name


def joined(names: Sequence[str], locale: Locale) -> str:
    """Return names as a list in a sentence: "a, b and c"."""
    *others, last = names
    return locale.text("options.both", first=", ".join(others), second=last) if others else last


def tied_words(names: Sequence[str], options: int, locale: Locale) -> dict[str, str]:
    """Return the names of options that tie as "a, b and c", and beside others that these have less."""
    return {
        "options": joined(names, locale),
        "higher": locale.text("conclusion.higher") if options > len(names) else "",
    }


def with_numbers(value: _T, dossier: Dossier | Programme) -> _T:
    """Return a value with every text isolated and documents called by their numbers in the dossier, as [1]."""
    numbers = {each.id: f"[{number}]" for number, each in enumerate(dossier.document, start=1)}

    def change(part: object) -> object | None:
        if isinstance(part, (Reference, SourceDocument)):
            key = "document" if isinstance(part, Reference) else "id"
            called, own = numbers.get(getattr(part, key)), isolated(part)
            return own if called is None else own.model_copy(update={key: called})
        return isolate(part) if isinstance(part, str) else None

    return mapped(value, change)
