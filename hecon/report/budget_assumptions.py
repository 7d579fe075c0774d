"""What the totals of a budget impact rest on: conventions, care by pathway, and numbers with their sources."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hecon.budget.records import OUTSIDE
from hecon.dossier.documents import extent_read
from hecon.report.document import Block, Paragraph, Table
from hecon.report.words.budgets import BudgetWords
from hecon.report.words.common import capital, cited, key_of, missing_words
from hecon.report.words.findings import figure_value

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hecon.assessment import BudgetResult
    from hecon.budget import Flow
    from hecon.budget.records import Conventions, Population
    from hecon.dossier.loading import Dossier
    from hecon.locale import Locale

__all__ = ["assumptions", "chosen_conventions"]


def assumptions(words: BudgetWords) -> list[Block]:
    """Return what the totals rest on."""
    return [*_conventions(words), *_care(words), *_numbers(words)]


def _conventions(words: BudgetWords) -> list[Block]:
    plan, say, uptake = words.result.plan, words.say, words.result.uptake
    columns = [(words.kind("stated"), plan.conventions, uptake["stated"])]
    if plan.as_printed is not None:
        columns.append(("printed", plan.as_printed, uptake["as printed"]))
        # The one that is told first stands first here too.
        columns.sort(key=lambda each: (each[0] == "printed") != (words.result.lead == "as printed"))
    rows = []
    if plan.populations:
        rows += [
            ("uptake", *(", ".join(map(words.percentage, path)) for _, _, path in columns)),
            ("cap", *(_cap(words, each) for _, each, _ in columns)),
        ]
        if _capped(words):
            rows.append(("cap_rule", *(_rule(words, each.cap_rule) for _, each, _ in columns)))
    if plan.priced and plan.populations:
        rows += [
            ("inflation", *(_rates(words, each) for _, each, _ in columns)),
            ("inflation_rule", *(_rule(words, key_of(each.inflation_rule)) for _, each, _ in columns)),
        ]
    missing = missing_words(extent_read(words.dossier, words.part), words.locale)
    rows += [
        (key, *(missing if year is None else str(year) for _ in columns))
        for key, year in (("base_year", plan.base_year), ("price_year", plan.price_year))
    ]
    for key in ("demographic_growth", "discount_rate", "deductible_share"):
        rows.append((key, *(_rate(words, key, getattr(each, key)) for _, each, _ in columns)))
    named = tuple((capital(words.locale.text(f"budget_convention.{key}")), *cells) for key, *cells in rows)
    header = tuple(capital(say(key, kinds=words.kinds)) for key in ("convention", *(name for name, _, _ in columns)))
    blocks: list[Block] = [Table("", header, named, prose=tuple(range(1, len(header))))]
    return [*blocks, *(Paragraph(each) for each in _basis(words))]


def _basis(words: BudgetWords) -> list[str]:
    """Return where the conventions are from, and what hecon chose where the text leaves it open."""
    part, plan, say = words.part, words.result.plan, words.say
    sources = f" ({cited(part.conventions.sources)})" if part.conventions.sources else ""
    told = [f"{words.pick(part.conventions.basis)}{sources}."]
    chosen = _chosen(words)
    if chosen:
        told.append(say("open", names="; ".join(chosen)))
    rebuilt = words.rebuilt_sentences()
    if rebuilt:
        told.append(" ".join(rebuilt))
    if part.as_printed is not None:
        given = words.result.reconciliation.given
        reconstructed = [say("reconstructed", names=words.totals(given))] if given else []
        told.append(" ".join([*reconstructed, f"{words.pick(part.as_printed.basis)}."]))
    if part.mixed_price_years is not None:
        told.append(f"{words.pick(part.mixed_price_years)}.")
    if plan.priced:
        told.append(" ".join([say("perspective"), *([say("tariffs")] if plan.populations else [])]))
    return told


def _chosen(words: BudgetWords) -> list[str]:
    """Return the names of the conventions that the text leaves open and that this plan needs."""
    plan = words.result.plan
    if not plan.populations:
        return []
    # Without a cap there is no rule of it to choose, and without prices no inflation.
    asked = (
        {"uptake", "cap"} | ({"cap_rule"} if _capped(words) else set()) | ({"inflation_rule"} if plan.priced else set())
    )
    return [words.locale.text(f"budget_convention.{each}") for each in plan.open_conventions if each in asked]


def chosen_conventions(result: BudgetResult, dossier: Dossier, locale: Locale) -> list[str]:
    """Return the names of the conventions that the text of a budget leaves open and that were chosen."""
    return _chosen(BudgetWords(result, dossier, locale))


def _capped(words: BudgetWords) -> bool:
    plan = words.result.plan
    return any(
        _cap(words, each) != _rule(words, "no_cap") for each in (plan.conventions, plan.as_printed) if each is not None
    )


def _rates(words: BudgetWords, conventions: Conventions) -> str:
    rates = [words.result.middle(rate) for rate in conventions.inflation]
    return ", ".join(words.locale.number(100 * rate, 1) + "%" for rate in rates) or "–"


def _rule(words: BudgetWords, key: str) -> str:
    return words.locale.text(f"budget_rule.{key}")


def _cap(words: BudgetWords, conventions: Conventions) -> str:
    cap = words.result.middle(conventions.cap)
    return _rule(words, "no_cap") if cap == 1 else words.percentage(cap)


def _rate(words: BudgetWords, key: str, value: float) -> str:
    if value == 0:
        return _rule(words, "none")
    shown = words.percentage(value)
    return shown if key == "deductible_share" else words.locale.text("budget_rule.by_year", rate=shown)


def _care(words: BudgetWords) -> list[Block]:
    rows: list[tuple[str, ...]] = []
    for population in words.result.plan.populations:
        rows += _pathways(words, population)
    for amount in words.result.plan.amounts:
        rows.append(
            (
                words.say("as_total"),
                "–",
                amount.label[words.locale.lang],
                "–",
                "–",
                "–",
                _booked(words, amount.sector, amount.payer),
            )
        )
    keys = ("who", "situation", "what", "share", "units", "price", "booked")
    header = tuple(capital(words.say(key)) for key in keys)
    by_patient = words.result.plan.priced and words.result.plan.populations
    of = words.say("care_of", scenarios=words.scenarios(words.result.ends))
    caption = f"{words.say('care')}. {of}" if by_patient else words.say("care")
    return [Table(caption, header, tuple(rows), numeric=(3, 4, 5), prose=(0, 2, 6))]


def _pathways(words: BudgetWords, population: Population) -> list[tuple[str, ...]]:
    size = words.result.middle(population.size)
    first = words.say("current", number=words.locale.number(size))
    parts: list[tuple[str, Sequence[Flow]]] = [
        (first, population.current or (None,)),  # type: ignore[list-item]
        (_new(words, population), population.new),
        (words.say("extra"), population.extra),
    ]
    rows: list[tuple[str, ...]] = []
    for situation, flows in parts:
        for place, flow in enumerate(flows):
            name = population.label[words.locale.lang] if not rows else ""
            rows.append((name, situation if place == 0 else "", *_flow(words, flow)))
    return rows


def _new(words: BudgetWords, population: Population) -> str:
    share = words.result.middle(population.extra_demand)
    return words.say("new_extra", share=words.percentage(share)) if share else words.say("new")


def _flow(words: BudgetWords, flow: Flow | None) -> tuple[str, ...]:
    if flow is None:
        return ("–",) * 5
    price = missing_words(extent_read(words.dossier, words.part), words.locale)
    if flow.price is not None:
        price = words.locale.span(*(words.exact(each) for each in words.result.over_ends(flow.price)))
    units = words.locale.span(*(words.number(each) for each in words.result.over_ends(flow.quantity)))
    share = words.result.middle(flow.share)
    return (
        flow.label[words.locale.lang],
        words.percentage(share),
        units,
        price,
        _booked(words, flow.sector, flow.payer),
    )


def _booked(words: BudgetWords, sector: str, payer: str) -> str:
    shown = words.locale.text(f"budget_payer.{key_of(payer)}")
    text = f"{words.locale.text(f'budget_sector.{key_of(sector)}')}, {shown}"
    return f"{text} ({words.say('outside')})" if payer in OUTSIDE else text


def _numbers(words: BudgetWords) -> list[Block]:
    used = dict.fromkeys(
        name if name in words.figures else name.rpartition("_")[0] for name in words.result.plan.parameters
    )
    rows = []
    for name in used:
        figure = words.figures[name]
        status = words.locale.text(f"status.{figure.status}")
        remark = figure.rule or figure.note
        rows.append(
            (
                words.pick(figure.name),
                figure_value(figure, words.locale),
                status,
                "" if remark is None else words.pick(remark),
                cited(figure.sources),
            )
        )
    if not rows:
        return []
    keys = ("evidence.figure", "column.value", "column.status", "column.remark", "column.source")
    header = tuple(words.locale.text(key) for key in keys)
    return [Table(words.say("rests_on"), header, tuple(rows), prose=(0, 3))]
