"""The figures and documents on file, and what the audit of them found, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hecon.locale import Locale
from hecon.printed.numbers import decimals
from hecon.report.document import Block, Bullets, Heading, Paragraph, Table
from hecon.report.wording import Wording, capital

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from decimal import Decimal

    from hecon.assessment import Assessment
    from hecon.auditing import Finding
    from hecon.auditing.findings import Numbers
    from hecon.dossier.figures import PrintedFigure
    from hecon.dossier.loading import Dossier
    from hecon.dossier.programme import Programme

__all__ = [
    "SEVERITIES",
    "audit_data",
    "audit_section",
    "documents",
    "figure_value",
    "figures_table",
    "finding_words",
    "glance",
    "marked",
    "notes_at",
]

SEVERITIES = {
    "impossible": "audit_severity.impossible",
    "inconsistent": "audit_severity.inconsistent",
    "worth a look": "audit_severity.worth_a_look",
    "rounding only": "audit_severity.rounding_only",
}


_KINDS = {
    "cost-difference": "outcome.cost",
    "effect-difference": "outcome.effect",
    "icer": "statistic.icer",
    "p-cost-effective": "audit.of_probability",
    "p-effect-above": "audit.of_effect_above",
    "patients": "audit.of_patients",
    "crossover": "audit.of_crossover",
}


_HEDGES = {
    "about": "audit_hedge.about",
    "over": "audit_hedge.over",
    "nearly": "audit_hedge.nearly",
    "at most": "audit_hedge.at_most",
    "at least": "audit_hedge.at_least",
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
    "predicted": "value",
}


_CUT_OFF = {"ratio": "audit_relation.ratio_cut", "formula": "audit_relation.formula_cut"}


_CORRECTIONS = 3


# From here on a decimal more tells nothing.
_LARGE = 1_000


def _expected(finding: Finding, lang: str, digits: int) -> str:
    if finding.expected is None:
        return ""
    low, high = (Locale(lang).number(end, digits) for end in finding.expected)
    return low if low == high else Locale(lang).span(low, high)


def _digits(finding: Finding) -> int:
    name = _OF_WHICH.get(finding.relation)
    shown = [finding.numbers[name]] if name in finding.numbers else []
    if finding.relation == "p" and "p_below" in finding.numbers:
        shown = [finding.numbers["p_below"]]
    if finding.relation in {"arms", "adjusted", "said_adjusted"}:
        shown += [finding.numbers["first"], finding.numbers["second"]]
    return max((decimals(each) for each in shown), default=0) + _MORE_DIGITS.get(finding.relation, 0)


def _printed(finding: Finding, lang: str) -> str:
    kind = _NUMBERS.get(finding.relation, finding.relation)
    key = kind
    if kind == "p":
        key = _P_VALUES["p" in finding.numbers, "low" in finding.numbers]
    given = {name: Locale(lang).as_given(value) for name, value in finding.numbers.items()}
    if finding.relation == "quadrant":
        given = {"cost": "–", "effect": "–", **given, "quadrant": Locale(lang).text(f"quadrant_code.{finding.stated}")}
    return Locale(lang).text(f"audit_numbers.{key}", expected=_expected(finding, lang, _digits(finding)), **given)


def _mended(finding: Finding, numbers: Numbers, lang: str) -> str:
    kind = _NUMBERS.get(finding.relation, finding.relation)
    given = {name: Locale(lang).as_given(value) for name, value in numbers.items()}
    return Locale(lang).text(f"audit_mended.{kind}", **given)


def figure_value(figure: PrintedFigure, lang: str) -> str:
    """Return a single figure as printed: its hedge, number, range or series, and unit.

    Parameters
    ----------
    figure : Figure
        The figure.
    lang : {"nl", "en"}
        Language.

    Returns
    -------
    str
        As in "at most 28.5 million euros".
    """
    if figure.range is not None:
        value = Locale(lang).span(*(Locale(lang).as_given(end) for end in figure.range))
    else:
        series: tuple[int | Decimal, ...] = figure.series or ((figure.value,) if figure.value is not None else ())
        value = "/".join(Locale(lang).as_given(each) for each in series)
    if figure.wording != "exactly":
        value = Locale(lang).text(_HEDGES[figure.wording], value=value)
    unit = "" if figure.unit is None else getattr(figure.unit, lang)
    return f"{value}{unit}" if unit.startswith("%") else f"{value} {unit}".strip()


def _named(figure: PrintedFigure, lang: str) -> str:
    return f"{getattr(figure.name, lang)}: {figure_value(figure, lang)}"


def _figures(finding: Finding, lang: str) -> str:
    figures = finding.figures
    if finding.relation == "formula":
        digits = max(decimals(each) for each in _values(figures[0]))
        if finding.expected is not None and max(map(abs, finding.expected)) < _LARGE:
            digits += 1
        others = "; ".join(f"{getattr(each.name, lang)} ({figure_value(each, lang)})" for each in figures[1:])
        return Locale(lang).text(
            "audit.follows",
            printed=figure_value(figures[0], lang)
            if finding.place is None
            else Locale(lang).text("audit.at_place", value=figure_value(figures[0], lang), place=finding.place),
            others=others,
            expected=_expected(finding, lang, digits),
        )
    if finding.relation == "direction":
        first = [each for each in figures if each.arms == figures[0].arms]
        second = [each for each in figures if each.arms != figures[0].arms]
        names = ("; ".join(_named(each, lang) for each in group) for group in (first, second))
        return Locale(lang).text("audit.one_way", **dict(zip(("first", "second"), names, strict=True)))
    return "; ".join(_named(each, lang) for each in figures)


def _values(figure: PrintedFigure) -> tuple[int | Decimal, ...]:
    if figure.range is not None:
        return figure.range
    return figure.series or ((figure.value,) if figure.value is not None else ())


def finding_words(finding: Finding, lang: str) -> str:
    """Return a finding as a sentence or two, with the corrections that would mend it.

    Parameters
    ----------
    finding : Finding
        One of what `hecon.audit` returned.
    lang : {"nl", "en"}
        Language.

    Returns
    -------
    str
        Severity, study, outcome, what cannot hold, the numbers, why it should, and the smallest correction.
    """
    subject = Locale(lang).text(_KINDS[finding.kind]) if finding.subject is None else getattr(finding.subject, lang)
    severity = Locale(lang).text(SEVERITIES[finding.severity])
    told = "rounding" if finding.severity == "rounding only" else finding.relation
    key = _CUT_OFF[finding.relation] if finding.cut_off else f"audit_relation.{told}"
    relation = Locale(lang).text(key)
    if finding.relation in {"quantity", "direction"}:
        text = Locale(lang).text(
            "audit.sentence_same", severity=severity, relation=capital(relation), numbers=_figures(finding, lang)
        )
    elif finding.figures:
        text = Locale(lang).text(
            "audit.sentence_figures",
            severity=severity,
            subject=subject,
            relation=relation,
            numbers=_figures(finding, lang),
        )
    else:
        text = Locale(lang).text(
            "audit.sentence",
            severity=severity,
            study=finding.study,
            subject=subject,
            relation=relation,
            numbers=_printed(finding, lang),
        )
    if finding.basis is not None:
        text += f" {getattr(finding.basis, lang).rstrip('.')}."
    if finding.repaired:
        shown = [_mended(finding, numbers, lang) for numbers in finding.repaired[:_CORRECTIONS]]
        if len(finding.repaired) > _CORRECTIONS:
            shown.append(Locale(lang).text("audit.more", n=len(finding.repaired) - _CORRECTIONS))
            each = ", ".join(shown)
        else:
            each = f", {Locale(lang).text('audit.or')} ".join(shown)
        text += " " + Locale(lang).text(f"audit_repair.{finding.repair}", numbers=each)
    return text


_COUNTS = {
    "impossible": "audit_count.impossible",
    "inconsistent": "audit_count.inconsistent",
    "worth a look": "audit_count.worth_a_look",
    "rounding only": "audit_count.rounding_only",
}


def notes_at(findings: Sequence[Finding]) -> dict[str, tuple[int, ...]]:
    """Return the numbers of the findings that concern each place in a file, counted from 1.

    Parameters
    ----------
    findings : sequence of Finding
        What the audit of the file found.

    Returns
    -------
    dict of str to tuple of int
        By path.
    """
    found: dict[str, tuple[int, ...]] = {}
    for number, finding in enumerate(findings, start=1):
        for path in finding.paths:
            found[path] = (*found.get(path, ()), number)
    return found


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
    marks = "".join(f" {Locale(lang).text('audit.mark', n=number)}" for number in notes.get(path, ()))
    return text + marks


def glance(assessment: Assessment, lang: str) -> list[Block]:
    """Return in two lines how many figures were reported, derived and assumed, and what the audit of them found.

    Parameters
    ----------
    assessment : Assessment
        The assessment.
    lang : {"nl", "en"}
        Language.

    Returns
    -------
    list of Block
        A list of two items; empty where all figures are computed from patient data.
    """
    statuses = assessment.statuses
    if not statuses and any(each.data is not None for each in assessment.dossier.comparison):
        return []
    counts = {name: statuses.get(name, 0) for name in ("reported", "derived", "assumed")}
    lines = [Locale(lang).text("audit.statuses", n=Locale(lang).number(sum(statuses.values())), **counts)]
    told = [each.severity for each in assessment.findings]
    if told:
        found = ", ".join(
            Locale(lang).text(key, n=told.count(severity)) for severity, key in _COUNTS.items() if severity in told
        )
        lines.append(Locale(lang).text("audit.glance", found=found))
    else:
        lines.append(Locale(lang).text("audit.glance_nothing"))
    return [Bullets(tuple(lines))]


def figures_table(dossier: Dossier | Programme, findings: Sequence[Finding], lang: str) -> list[Block]:
    """Return the single figures that are on file, as printed, with their status and source.

    Parameters
    ----------
    dossier : Dossier or Programme
        The file.
    findings : sequence of Finding
        What the audit of it found.
    lang : {"nl", "en"}
        Language.

    Returns
    -------
    list of Block
        A heading and a table; empty where there are none.
    """
    notes = notes_at(findings)
    rows = []
    for position, figure in enumerate(dossier.figure):
        status = Locale(lang).text(f"status.{figure.status}")
        if figure.rule is not None:
            status = Locale(lang).text("evidence.derived", rule=getattr(figure.rule, lang))
        remark = "" if figure.note is None else getattr(figure.note, lang)
        rows.append(
            (
                getattr(figure.name, lang),
                marked(figure_value(figure, lang), f"figure[{position}]", notes, lang),
                status,
                remark,
                Wording.sources(figure.sources),
            )
        )
    if not rows:
        return []
    keys = ("evidence.figure", "evidence.printed_value", "column.status", "column.remark", "column.source")
    header = tuple(Locale(lang).text(key) for key in keys)
    return [
        Heading(2, Locale(lang).text("audit.figures_heading")),
        Table(Locale(lang).text("audit.figures_caption"), header, tuple(rows), prose=(0, 2, 3)),
    ]


def audit_section(findings: Sequence[Finding], lang: str) -> list[Block]:
    """Return the part of a note's annex on the audit.

    Parameters
    ----------
    findings : sequence of Finding
        What the audit of the file found.
    lang : {"nl", "en"}
        Language.

    Returns
    -------
    list of Block
        What was found, numbered as at the figures, or that nothing was.
    """
    items = tuple(
        f"[{number}] {finding_words(each, lang)} ({Wording.sources(each.sources)})"
        for number, each in enumerate(findings, start=1)
    )
    listed: Block = Bullets(items) if items else Paragraph(Locale(lang).text("audit.nothing"))
    return [Heading(2, Locale(lang).text("audit.heading")), Paragraph(Locale(lang).text("audit.about")), listed]


def documents(dossier: Dossier | Programme, lang: str) -> list[Block]:
    """Return the sources of a file.

    Parameters
    ----------
    dossier : Dossier or Programme
        The file.
    lang : {"nl", "en"}
        Language.

    Returns
    -------
    list of Block
        A heading and a list.
    """
    items = []
    for each in dossier.document:
        text = f"{each.id}: {each.citation}"
        if each.doi is not None:
            text += f" doi:{each.doi}"
        if each.date is not None:
            text += f" ({Locale(lang).date(each.date, each.date_printed)})"
        items.append(f"{text} – {getattr(each.read, lang)}")
    return [Heading(2, Locale(lang).text("documents.heading")), Bullets(tuple(items))]


def audit_data(findings: Sequence[Finding], lang: str) -> list[dict[str, Any]]:
    """Return the findings as plain data.

    Parameters
    ----------
    findings : sequence of Finding
        What the audit of the file found.
    lang : {"nl", "en"}
        Language of the texts in it.

    Returns
    -------
    list of dict
        One per finding.
    """
    return [
        {
            **vars(each),
            "note": number,
            "subject": None if each.subject is None else getattr(each.subject, lang),
            "basis": None if each.basis is None else getattr(each.basis, lang),
            "figures": [figure.id for figure in each.figures],
            "sources": [source.model_dump() for source in each.sources],
            "words": finding_words(each, lang),
        }
        for number, each in enumerate(findings, start=1)
    ]
