"""A rule set in words: since when each rule holds, what it is, and what is not in it."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from hecon.report.words.common import measure_words, rate_words, rules_words

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from hecon.locale import Locale
    from hecon.rulesets import RuleSet
    from hecon.rulesets.parts import DatedRule, Discounting, Guideline, RuleValues, SeverityRule


# Length of a date by how much of it is known.
_PRINTED = {4: "year", 7: "month", 10: "day"}
_PARTS = ("discounting", "burden", "guideline", "criteria")


def period_words(rules: Sequence[DatedRule], place: int, locale: Locale) -> str:
    """Return from when and until when the rule at a place of its list holds."""
    since = rules[place].since
    after = rules[place + 1].since if place + 1 < len(rules) else None
    told = {"date": since and _date(since, locale), "until": after and _date(after, locale)}
    key = ("until" if after else "since") if since else ("always" if after else "only")
    return locale.text(f"rule_list.{key}", **told)


def _date(since: str, locale: Locale) -> str:
    """Return a date in words with no more of it than is known."""
    if _PRINTED[len(since)] == "year":
        return since
    day = dt.date.fromisoformat(f"{since}-01" if _PRINTED[len(since)] == "month" else since)
    if _PRINTED[len(since)] == "month":
        from babel.dates import format_date

        return str(format_date(day, format="MMMM y", locale=locale.lang))
    return locale.date(day)


def values_period(rules: RuleSet, locale: Locale) -> str:
    """Return from when and until when the values in force hold."""
    found = rules.values_on()
    place = next(place for place, each in enumerate(rules.values) if each.since == found.since)
    return period_words(rules.values, place, locale)


def rules_lines(rules: RuleSet, locale: Locale) -> list[str]:
    """Return which rules these are, since when and by which source; what a user must know; what is not in them."""
    words = rules_words(rules, locale)
    name = rules.name if rules.title is None else locale.pick(rules.title)
    told = {"name": name, "period": values_period(rules, locale), "source": words["source"]}
    day = {} if rules.on is None else {"on": locale.date(rules.on)}
    lines = [locale.text("note.rules_on" if day else "note.rules", **told, **day)]
    if rules.weight != 1:
        value = rules.values_on().reference[0]
        own = float(Decimal(str(value)) / Decimal(str(rules.weight)))
        at = {"value": locale.stated(value, rules.currency), "own": locale.stated(own, rules.currency)}
        lines.append(
            locale.text(
                "weighted.note", weight=locale.as_given(Decimal(f"{rules.weight:g}")), short=words["short"], **at
            )
        )
    return [*lines, *_remarks(rules, locale)]


def listed_rules(rules: RuleSet, held: Mapping[str, Sequence[Any]], locale: Locale) -> list[str]:
    """Return a line on each rule of a set: what it says, from when until when, its source and whether that was read."""
    lines = [] if rules.title is None else [f"{locale.pick(rules.title)}."]
    words: dict[str, Callable[[Any], str]] = {
        "values": lambda each: _values(rules, each, locale),
        "discounting": lambda each: _rates(each, locale),
        "severity": lambda each: _weights(each, locale),
        "guideline": lambda each: _guideline(each, locale),
    }
    for key, told in words.items():
        for each in held[key]:
            every = getattr(rules, key)
            place = next(place for place, other in enumerate(every) if other.since == each.since)
            label = locale.text(f"rule_list.{key}", unit=rules.effect_unit)
            status = locale.text(f"rule_list.{each.status.replace(' ', '_')}")
            period = period_words(every, place, locale)
            lines.append(f"{label}: {told(each)}; {period}. {each.source.rstrip('.')} ({status}).")
    if rules.burden is not None:
        tables = {"life_table": rules.burden.life_table, "norms": rules.burden.norms}
        tables["rate"] = rate_words(rules.burden.discount, locale)
        lines.append(f"{locale.text('rule_list.burden')}: {locale.text('rule_list.tables', **tables)}.")
    return [*lines, *_remarks(rules, locale)]


def _remarks(rules: RuleSet, locale: Locale) -> list[str]:
    """Return what a user must know of rules, and what is not in them."""
    lines = [] if rules.remark is None else [locale.pick(rules.remark)]
    missing = [locale.text(f"rule_list.{part}") for part in _PARTS if not getattr(rules, part)]
    if missing:
        lines.append(locale.text("rule_list.missing", names=", ".join(missing)))
    return lines


def _values(rules: RuleSet, values: RuleValues, locale: Locale) -> str:
    def stated(value: Any) -> str:  # noqa: ANN401
        if value is None:
            return locale.text("rule_list.no_value")
        return locale.stated(float(value), rules.currency)

    if values.range is not None:
        return locale.text("rule_list.span", **dict(zip(("low", "high"), map(stated, values.range), strict=True)))
    if values.amounts:
        return " / ".join(map(stated, values.amounts))
    lowest, *rest = values.band
    told = [
        locale.text("rule_list.band", value=stated(each.value), **{"from": locale.as_given(each.from_ or 0)})
        for each in rest
    ]
    measure = measure_words(values, locale, unit=True)
    return f"{', '.join([*told, locale.text('rule_list.lowest', value=stated(lowest.value))])} ({measure})"


def _rates(rates: Discounting, locale: Locale) -> str:
    told = {"costs": rate_words(rates.costs, locale), "effects": rate_words(rates.effects, locale)}
    return locale.text("rule_list.rates", **told)


def _weights(rule: SeverityRule, locale: Locale) -> str:
    told = [
        f"{locale.as_given(each.weight)} ("
        + ", ".join(
            locale.text(f"rule_list.from_{kind}", at=locale.as_given(at))
            for kind in ("absolute", "proportional")
            if (at := getattr(each, kind)) is not None
        )
        + ")"
        for each in rule.band[1:]
    ]
    return locale.text("rule_list.weights", weights=", ".join(told), rate=rate_words(rule.discount, locale))


def _guideline(guideline: Guideline, locale: Locale) -> str:
    name = locale.pick(guideline.name)
    if guideline.required is None:
        return name
    return f"{name}, {locale.text('rule_list.required', date=locale.date(guideline.required))}"
