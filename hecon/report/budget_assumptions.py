"""What the totals of a budget impact rest on: conventions, care by pathway, and numbers with their sources."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import numpy as np

from hecon import texts
from hecon.budget import OUTSIDE, uptake
from hecon.dossier.documents import extent_read
from hecon.formulas import evaluate
from hecon.report.audits import figure_value
from hecon.report.budget_words import BudgetWords, key_of
from hecon.report.document import Block, Paragraph, Table
from hecon.report.wording import Wording, capital, missing_words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hecon.assessment import BudgetResult
    from hecon.budget import Conventions
    from hecon.dossier import Dossier
    from hecon.dossier.budget import BudgetFlow, BudgetPopulation

__all__ = ["assumptions", "chosen_conventions"]

_ENDS = ("minimum", "maximum")


def assumptions(words: BudgetWords) -> list[Block]:
    """Return what the totals rest on.

    Parameters
    ----------
    words : BudgetWords
        The budget impact and how it is written.

    Returns
    -------
    list of Block
        The conventions with their basis, the care that is counted, and the numbers with status and source.
    """
    return [*_conventions(words), *_care(words), *_numbers(words)]


def _conventions(words: BudgetWords) -> list[Block]:
    plan, say = words.result.plan, words.say
    columns = [(words.kind("stated"), plan.conventions)]
    if plan.as_printed is not None:
        columns.append(("printed", plan.as_printed))
        # The one that is told first stands first here too.
        columns.sort(key=lambda each: (each[0] == "printed") != (words.result.lead == "as printed"))
    rows = []
    if plan.populations:
        rows += [
            ("uptake", *(_path(words, each) for _, each in columns)),
            ("cap", *(_cap(words, each) for _, each in columns)),
        ]
        if _capped(words):
            rows.append(("cap_rule", *(_rule(words, each.cap_rule) for _, each in columns)))
    if plan.priced and plan.populations:
        rows += [
            (
                "inflation",
                *(_rates(words, each) for _, each in columns),
            ),
            ("inflation_rule", *(_rule(words, key_of(each.inflation_rule)) for _, each in columns)),
        ]
    missing = missing_words(extent_read(words.dossier, words.part), words.lang)
    rows += [
        (key, *(missing if year is None else str(year) for _ in columns))
        for key, year in (("base_year", plan.base_year), ("price_year", plan.price_year))
    ]
    for key in ("demographic_growth", "discount_rate", "deductible_share"):
        rows.append((key, *(_rate(words, key, getattr(each, key)) for _, each in columns)))
    named = tuple((capital(texts.text(words.lang, f"budget_convention.{key}")), *cells) for key, *cells in rows)
    header = tuple(capital(say(key, kinds=words.kinds)) for key in ("convention", *(name for name, _ in columns)))
    blocks: list[Block] = [Table("", header, named, prose=tuple(range(1, len(header))))]
    return [*blocks, *(Paragraph(each) for each in _basis(words))]


def _basis(words: BudgetWords) -> list[str]:
    """Return where the conventions are from, and what hecon chose where the text leaves it open."""
    part, plan, say = words.part, words.result.plan, words.say
    sources = f" ({Wording.sources(part.conventions.sources)})" if part.conventions.sources else ""
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
    return [texts.text(words.lang, f"budget_convention.{each}") for each in plan.open_conventions if each in asked]


def chosen_conventions(result: BudgetResult, dossier: Dossier, lang: str) -> list[str]:
    """Return the names of the conventions that the text of a budget leaves open and that were chosen.

    Parameters
    ----------
    result : BudgetResult
        The budget impact.
    dossier : Dossier
        Its dossier.
    lang : {"nl", "en"}
        Language.

    Returns
    -------
    list of str
        Empty where none was.
    """
    return _chosen(BudgetWords(result, dossier, lang))


def _capped(words: BudgetWords) -> bool:
    plan = words.result.plan
    return any(
        _cap(words, each) != _rule(words, "no_cap") for each in (plan.conventions, plan.as_printed) if each is not None
    )


def _rates(words: BudgetWords, conventions: Conventions) -> str:
    rates = [float(evaluate(rate, _middle(words)).ravel()[0]) for rate in conventions.inflation]
    return ", ".join(texts.number(words.lang, 100 * rate, 1) + "%" for rate in rates) or "–"


def _rule(words: BudgetWords, key: str) -> str:
    return texts.text(words.lang, f"budget_rule.{key}")


def _middle(words: BudgetWords) -> dict[str, np.ndarray]:
    return {name: np.array([each.middle]) for name, each in words.result.plan.parameters.items()} or {"": np.zeros(1)}


def _path(words: BudgetWords, conventions: Conventions) -> str:
    shares = uptake(words.result.plan, conventions=conventions)
    return ", ".join(words.percentage(float(each)) for each in shares)


def _cap(words: BudgetWords, conventions: Conventions) -> str:
    cap = float(evaluate(conventions.cap, _middle(words)).ravel()[0])
    return _rule(words, "no_cap") if cap == 1 else words.percentage(cap)


def _rate(words: BudgetWords, key: str, value: float) -> str:
    if value == 0:
        return _rule(words, "none")
    shown = words.percentage(value)
    return shown if key == "deductible_share" else texts.text(words.lang, "budget_rule.by_year", rate=shown)


def _care(words: BudgetWords) -> list[Block]:
    rows: list[tuple[str, ...]] = []
    for population in words.part.population:
        rows += _pathways(words, population)
    for amount in words.part.amount:
        rows.append(
            (
                words.say("as_total"),
                "–",
                words.pick(amount.name),
                "–",
                "–",
                "–",
                _booked(words, amount.sector, amount.payer),
            )
        )
    keys = ("who", "situation", "what", "share", "units", "price", "booked")
    header = tuple(capital(words.say(key)) for key in keys)
    by_patient = words.result.plan.priced and words.part.population
    names = [name for name in _ENDS if name in _scenarios(words)] or list(_scenarios(words))
    of = words.say("care_of", scenarios=words.scenarios(names))
    caption = f"{words.say('care')}. {of}" if by_patient else words.say("care")
    return [Table(caption, header, tuple(rows), numeric=(3, 4, 5), prose=(0, 2, 6))]


def _pathways(words: BudgetWords, population: BudgetPopulation) -> list[tuple[str, ...]]:
    size = float(evaluate(_plain(population.size), _middle(words)).ravel()[0])
    first = words.say("current", number=texts.number(words.lang, size))
    parts: list[tuple[str, Sequence[BudgetFlow]]] = [
        (first, population.current or (None,)),  # type: ignore[list-item]
        (_new(words, population), population.new),
        (words.say("extra"), population.extra),
    ]
    rows: list[tuple[str, ...]] = []
    for situation, flows in parts:
        for place, flow in enumerate(flows):
            name = words.pick(population.name) if not rows else ""
            rows.append((name, situation if place == 0 else "", *_flow(words, flow)))
    return rows


def _new(words: BudgetWords, population: BudgetPopulation) -> str:
    share = float(evaluate(_plain(population.extra_demand), _middle(words)).ravel()[0])
    return words.say("new_extra", share=words.percentage(share)) if share else words.say("new")


def _plain(formula: object) -> str | float:
    return formula if isinstance(formula, str) else float(formula)  # type: ignore[arg-type]


def _flow(words: BudgetWords, flow: BudgetFlow | None) -> tuple[str, ...]:
    if flow is None:
        return ("–",) * 5
    price = missing_words(extent_read(words.dossier, words.part), words.lang)
    if flow.price is not None:
        price = texts.span(words.lang, *(words.exact(each) for each in _over_ends(words, flow.price)))
    units = texts.span(words.lang, *(words.number(each) for each in _over_ends(words, flow.quantity)))
    share = float(evaluate(_plain(flow.share), _middle(words)).ravel()[0])
    return (
        words.pick(flow.name),
        words.percentage(share),
        units,
        price,
        _booked(words, flow.sector, flow.payer),
    )


def _over_ends(words: BudgetWords, formula: object) -> tuple[float, float]:
    """Return the lowest and highest value of a formula over the minimum and maximum scenario."""
    chosen = _scenarios(words)
    ends = [chosen[name] for name in _ENDS if name in chosen] or list(chosen.values())
    values = [float(evaluate(_plain(formula), each)) for each in ends]
    return min(values), max(values)


def _scenarios(words: BudgetWords) -> dict[str, dict[str, float]]:
    return json.loads(words.result.main.attrs["scenarios"])  # type: ignore[no-any-return]


def _booked(words: BudgetWords, sector: str, payer: str) -> str:
    shown = texts.text(words.lang, f"budget_payer.{key_of(payer)}")
    text = f"{texts.text(words.lang, f'budget_sector.{key_of(sector)}')}, {shown}"
    return f"{text} ({words.say('outside')})" if payer in OUTSIDE else text


def _numbers(words: BudgetWords) -> list[Block]:
    used = dict.fromkeys(
        name if name in words.figures else name.rpartition("_")[0] for name in words.result.plan.parameters
    )
    rows = []
    for name in used:
        figure = words.figures[name]
        status = texts.text(words.lang, f"status.{figure.status}")
        remark = figure.rule or figure.note
        rows.append(
            (
                words.pick(figure.name),
                figure_value(figure, words.lang),
                status,
                "" if remark is None else words.pick(remark),
                Wording.sources(figure.sources),
            )
        )
    if not rows:
        return []
    keys = ("evidence.figure", "column.value", "column.status", "column.remark", "column.source")
    header = tuple(texts.text(words.lang, key) for key in keys)
    return [Table(words.say("rests_on"), header, tuple(rows), prose=(0, 3))]
