"""A finding of the audit in words, and the marks that stand at the figures that it concerns."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hecon.locale import key_of
from hecon.printed.numbers import decimals
from hecon.report.document import BlockNote
from hecon.report.words.common import capital, cited

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from decimal import Decimal

    from hecon.auditing import Finding
    from hecon.auditing.findings import Numbers
    from hecon.dossier.figures import PrintedFigure
    from hecon.locale import Locale


_KINDS = {
    "cost-difference": "outcome.cost",
    "effect-difference": "outcome.effect",
    "net-benefit-difference": "outcome.net_benefit",
    "net-benefit-arms": "outcome.net_benefit",
    "icer": "statistic.icer",
    "p-cost-effective": "audit.of_probability",
    "p-effect-above": "audit.of_effect_above",
    "quadrant-shares": "audit.of_quadrant_shares",
    "patients": "audit.of_patients",
    "crossover": "audit.of_crossover",
}
_NUMBERS = {
    "holds": "interval",
    "order": "interval",
    "sign": "interval",
    "centred": "interval",
    "adjusted": "arms",
    "said_adjusted": "arms",
}
# By whether a p value itself was printed, or a bound, and whether an interval was.
_P_VALUES = {(True, True): "p", (False, True): "p_below", (True, False): "p_alone", (False, False): "p_below_alone"}
# Decimals of what was expected, beyond those of the number that was printed.
_MORE_DIGITS = {"p": 1, "spread": 1, "se": 1, "formula": 1, "width": 1, "percentage": 1, "predicted": 1}
_OF_WHICH = {
    "arms": "estimate",
    "adjusted": "estimate",
    "p": "p",
    "se": "se",
    "spread": "se",
    "width": "high",
    "percentage": "percent",
    "total": "patients",
    "ratio": "icer",
    "probability": "wtp",
}
# What a check of a net benefit may be of, beside its mean.
_PREDICTED = {"se": "predicted_se", "p": "predicted_p", "p_below": "predicted_p_below"}
_CUT_OFF = {"ratio": "audit_relation.ratio_cut", "formula": "audit_relation.formula_cut"}
_CORRECTIONS = 3
# From here on a decimal more tells nothing.
_LARGE = 1_000


def finding_words(finding: Finding, locale: Locale) -> str:
    """Return a finding of the audit as a sentence or two, with the corrections that would mend it.

    Parameters
    ----------
    finding : Finding
        One of those that `hecon.audit` returns.
    locale : Locale
        Language.

    Returns
    -------
    str
        What cannot be true together, and what would mend it.
    """
    subject = locale.text(_KINDS[finding.kind]) if finding.subject is None else locale.pick(finding.subject)
    severity = locale.text(f"audit_severity.{key_of(finding.severity)}")
    told = "rounding" if finding.severity == "rounding only" else finding.relation
    key = _CUT_OFF[finding.relation] if finding.cut_off else f"audit_relation.{told}"
    relation, same = locale.text(key), finding.relation in {"quantity", "direction"}
    text = locale.text(
        "audit.sentence_same" if same else "audit.sentence_figures" if finding.figures else "audit.sentence",
        severity=severity,
        study=finding.study,
        subject=subject,
        relation=capital(relation) if same else relation,
        numbers=_figures(finding, locale) if same or finding.figures else _printed(finding, locale),
    )
    if finding.basis is not None:
        text += f" {locale.pick(finding.basis).rstrip('.')}."
    if finding.repaired:
        shown = [_mended(finding, numbers, locale) for numbers in finding.repaired[:_CORRECTIONS]]
        if len(finding.repaired) > _CORRECTIONS:
            shown.append(locale.text("audit.more", n=len(finding.repaired) - _CORRECTIONS))
            each = ", ".join(shown)
        else:
            each = f", {locale.text('audit.or')} ".join(shown)
        text += " " + locale.text(f"audit_repair.{finding.repair}", numbers=each)
    return text


def _expected(finding: Finding, locale: Locale, digits: int) -> str:
    if finding.expected is None:
        return ""
    return locale.span(*(locale.number(end, digits) for end in finding.expected))


def _digits(finding: Finding) -> int:
    name = _OF_WHICH.get(finding.relation)
    shown = [finding.numbers[name]] if name in finding.numbers else []
    if finding.relation == "p" and "p_below" in finding.numbers:
        shown = [finding.numbers["p_below"]]
    if finding.relation == "predicted":
        shown = [finding.numbers[each] for each in ("value", *_PREDICTED) if each in finding.numbers]
    if finding.relation in {"arms", "adjusted", "said_adjusted"}:
        shown += [finding.numbers["first"], finding.numbers["second"]]
    return max((decimals(each) for each in shown), default=0) + _MORE_DIGITS.get(finding.relation, 0)


def _printed(finding: Finding, locale: Locale) -> str:
    kind = _NUMBERS.get(finding.relation, finding.relation)
    key = kind
    if kind == "predicted":
        key = next((own for name, own in _PREDICTED.items() if name in finding.numbers), kind)
    if kind == "p":
        key = _P_VALUES["p" in finding.numbers, "low" in finding.numbers]
    given = {name: locale.as_given(value) for name, value in finding.numbers.items()}
    if finding.relation == "quadrant":
        given = {"cost": "–", "effect": "–", **given, "quadrant": locale.text(f"quadrant_code.{finding.stated}")}
    return locale.text(f"audit_numbers.{key}", expected=_expected(finding, locale, _digits(finding)), **given)


def _mended(finding: Finding, numbers: Numbers, locale: Locale) -> str:
    kind = _NUMBERS.get(finding.relation, finding.relation)
    given = {name: locale.as_given(value) for name, value in numbers.items()}
    return locale.text(f"audit_mended.{kind}", **given)


def figure_value(figure: PrintedFigure, locale: Locale) -> str:
    """Return a single figure as printed: its hedge, number, range or series, and unit."""
    if figure.range is not None:
        value = locale.span(*(locale.as_given(end) for end in figure.range))
    else:
        value = "/".join(locale.as_given(each) for each in _values(figure))
    if figure.wording != "exactly":
        value = locale.text(f"audit_hedge.{key_of(figure.wording)}", value=value)
    unit = "" if figure.unit is None else locale.pick(figure.unit)
    return f"{value}{unit}" if unit.startswith("%") else f"{value} {unit}".strip()


def _named(figure: PrintedFigure, locale: Locale) -> str:
    return f"{locale.pick(figure.name)}: {figure_value(figure, locale)}"


def _figures(finding: Finding, locale: Locale) -> str:
    figures = finding.figures
    if finding.relation == "formula":
        digits = max(decimals(each) for each in _values(figures[0]))
        if finding.expected is not None and max(map(abs, finding.expected)) < _LARGE:
            digits += 1
        others = "; ".join(f"{locale.pick(each.name)} ({figure_value(each, locale)})" for each in figures[1:])
        printed = figure_value(figures[0], locale)
        if finding.place is not None:
            printed = locale.text("audit.at_place", value=printed, place=finding.place)
        return locale.text("audit.follows", printed=printed, others=others, expected=_expected(finding, locale, digits))
    if finding.relation == "direction":
        first = [each for each in figures if each.arms == figures[0].arms]
        second = [each for each in figures if each.arms != figures[0].arms]
        names = ("; ".join(_named(each, locale) for each in group) for group in (first, second))
        return locale.text("audit.one_way", **dict(zip(("first", "second"), names, strict=True)))
    return "; ".join(_named(each, locale) for each in figures)


def _values(figure: PrintedFigure) -> tuple[int | Decimal, ...]:
    if figure.range is not None:
        return figure.range
    return figure.series or ((figure.value,) if figure.value is not None else ())


def finding_item(number: int, finding: Finding, locale: Locale) -> str:
    """Return a finding with its mark and its sources."""
    return f"{locale.text('audit.mark', n=number)} {finding_words(finding, locale)} ({cited(finding.sources)})"


class FindingMarks:
    """The findings of an audit by the places in the file that they concern, numbered from 1."""

    def __init__(self, findings: Sequence[Finding], locale: Locale) -> None:
        self.findings, self.locale = findings, locale
        self._numbers: dict[str, tuple[int, ...]] = {}
        for number, finding in enumerate(findings, start=1):
            for path in finding.paths:
                self._numbers[path] = (*self._numbers.get(path, ()), number)

    def marked(self, text: str, *paths: str) -> str:
        """Return a text with the marks of the findings on these places."""
        return text + "".join(f" {self.locale.text('audit.mark', n=number)}" for number in self._at(paths))

    def notes(self, row: int, column: int, *paths: str) -> tuple[BlockNote, ...]:
        """Return the findings on these places as notes at a row and a column."""
        return tuple(
            BlockNote(finding_item(number, self.findings[number - 1], self.locale), row, column)
            for number in self._at(paths)
        )

    def _at(self, paths: Iterable[str]) -> list[int]:
        return [number for path in paths for number in self._numbers.get(path, ())]
