"""The budget impact in a note: totals by year, the conventions and numbers behind them, and the printed amounts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from hecon import plot, texts
from hecon.report.budget_assumptions import assumptions
from hecon.report.budget_words import BudgetWords, key_of
from hecon.report.document import Block, Bullets, Figure, Heading, Paragraph, Table
from hecon.report.wording import Wording, capital

if TYPE_CHECKING:
    import xarray as xr

    from hecon.assessment import BudgetResult
    from hecon.dossier import Dossier

__all__ = ["BUDGET_FIGURES", "bar_names", "budget_section", "moving_bars"]

#: Kinds of figures of a budget; they belong to no comparison.
BUDGET_FIGURES = ("waterfall", "tornado")
_OF_THE_DOSSIER = "budget"
_ENDS = ("minimum", "maximum")


def budget_section(result: BudgetResult | None, dossier: Dossier, lang: str) -> list[Block]:
    """Return the part of a note on the budget impact.

    Parameters
    ----------
    result : BudgetResult or None
        What was found.
    dossier : Dossier
        The dossier.
    lang : {"nl", "en"}
        Language.

    Returns
    -------
    list of Block
        Empty where the dossier has no plan.
    """
    if result is None:
        return []
    words = BudgetWords(result, dossier, lang)
    blocks: list[Block] = [Heading(2, words.say("heading")), *_headline(words)]
    blocks += _by_year(words)
    if result.plan.priced:
        blocks += _money(words)
    blocks += [Heading(3, words.say("counted")), *assumptions(words)]
    blocks += _printed(words)
    if words.part.overlap:
        items = (words.say("overlap", plan=each.plan, text=_sourced(words, each)) for each in words.part.overlap)
        blocks += [Heading(3, words.say("overlaps")), Bullets(tuple(items))]
    if words.part.remark:
        remarks = tuple(_sourced(words, each) for each in words.part.remark)
        blocks += [Heading(3, words.say("remarks")), Bullets(remarks)]
    return blocks


def _sourced(words: BudgetWords, each: object) -> str:
    text, sources = words.pick(each.text), each.sources  # type: ignore[attr-defined]
    return f"{text} ({Wording.sources(sources)})" if sources else text


def _last(words: BudgetWords) -> int:
    return words.result.plan.years[-1]


def _at_ends(impact: xr.Dataset, year: int, name: str = "total") -> list[float]:
    return [float(each) for each in impact[name].sel(year=year).values.ravel()]


def _headline(words: BudgetWords) -> list[Block]:
    result, year = words.result, _last(words)
    if not result.plan.priced:
        count = max(_at_ends(result.impact, year, "patients"))
        what = "; ".join(words.pick(each.name) for each in words.part.population)
        what = what[:1].lower() + what[1:]
        return [Paragraph(words.say("units_only", number=texts.number(words.lang, count), what=what), strong=True)]
    sentences = [words.headline("headline", _at_ends(_main(words), year), year)]
    if result.as_printed is not None:
        ends = _at_ends(result.as_printed.sel(scenario=list(_ENDS)), year)
        sentences.append(words.headline("printed", ends, year))
    return [Paragraph(" ".join(sentences), strong=True)]


def _main(words: BudgetWords) -> xr.Dataset:
    """Return the impact in the minimum and maximum scenario, or in those that were asked for instead."""
    impact = words.result.impact
    ends = [each for each in _ENDS if each in impact["scenario"].values]
    return impact.sel(scenario=ends) if ends else impact


def _by_year(words: BudgetWords) -> list[Block]:
    result, lang = words.result, words.lang
    impact = result.impact
    if not result.plan.priced:
        rows = tuple(
            (str(year), texts.number(lang, max(_at_ends(impact, year, "patients")))) for year in result.plan.years
        )
        header = (capital(words.say("year")), capital(words.say("patients")))
        return [Table(words.say("units_by_year"), header, rows, numeric=(1,))]
    main = [str(each) for each in _main(words)["scenario"].values]
    key = "column_stated" if result.as_printed is not None else ""
    columns = [(impact, name, key) for name in main]
    if result.as_printed is not None:
        columns += [(result.as_printed, name, "column_printed") for name in _ENDS]
    others = [(impact, str(name), "") for name in impact["scenario"].values if name not in main]
    blocks: list[Block] = [_totals(words, words.say("by_year"), columns)]
    return [*blocks, _totals(words, words.say("scenarios"), others)] if others else blocks


def _totals(words: BudgetWords, caption: str, lines: list[tuple[xr.Dataset, str, str]]) -> Table:
    """Return a row for each scenario and way to count, a column for each year."""
    rows = []
    for data, name, key in lines:
        at, shown = data["total"].sel(scenario=name), words.scenario(name)
        amounts = [float(at.sel(year=year)) for year in words.result.plan.years]
        rows.append(
            (
                capital(words.say(key, scenario=shown) if key else shown),
                *(words.exact(each) for each in amounts),
                words.exact(float(data["total_to_date"].sel(scenario=name, year=_last(words)))),
            )
        )
    header = (capital(words.say("scenario")), *map(str, words.result.plan.years), capital(words.say("cumulative")))
    return Table(caption, header, tuple(rows), numeric=tuple(range(1, len(header))))


def _money(words: BudgetWords) -> list[Block]:
    result, year = words.result, _last(words)
    blocks: list[Block] = []
    if "maximum" in result.impact["scenario"].values and len(_steps(result.impact, year)) > 1:
        alt = plot.waterfall_text(result.impact, year=year, lang=words.lang)
        caption = texts.text(words.lang, "figure.waterfall", year=year)
        blocks.append(Figure("waterfall", _OF_THE_DOSSIER, caption, alt))
    blocks.append(_by_sector(words))
    sentences = []
    if not result.plan.amounts:
        per_patient = _at_ends(_main(words), year, "per_patient")
        if not np.isnan(per_patient).any():
            sentences.append(words.say("per_patient", amount=words.span(per_patient), year=year))
    outside = _at_ends(_main(words).sum("sector"), year, "outside_net")
    for side, sign in (("less", -1.0), ("more", 1.0)):
        if all(sign * each > 0 for each in outside):
            sentences.append(words.say(f"outside_{side}", amount=words.span([sign * x for x in outside]), year=year))
    if result.interval is not None:
        low, high = (words.amount(each) for each in result.interval)
        sentences.append(words.say("interval", year=year, low=low, high=high))
    blocks += [Paragraph(" ".join(sentences))] if sentences else []
    blocks += _break_even(words)
    bars = moving_bars(result)
    if bars is not None and bars.sizes["parameter"] > 1:
        alt = plot.tornado_text(bars, names=bar_names(result, words.dossier, words.lang), lang=words.lang)
        blocks.append(Figure("tornado", _OF_THE_DOSSIER, texts.text(words.lang, "figure.tornado", year=year), alt))
    return blocks


def moving_bars(result: BudgetResult) -> xr.Dataset | None:
    """Return the bars of a tornado that have any width, or None for a plan without prices."""
    bars = result.bars
    return None if bars is None else bars.isel(parameter=(bars["net_low"] != bars["net_high"]).to_numpy())


def bar_names(result: BudgetResult, dossier: Dossier, lang: str) -> dict[str, str]:
    """Return the names of the bars of a tornado: those of their figures."""
    words = BudgetWords(result, dossier, lang)
    return {name: words.parameter(name) for name in result.plan.parameters}


def _steps(impact: xr.Dataset, year: int) -> list[float]:
    at = impact.sel(year=year, scenario="maximum")
    return [float(each) for kind in ("added", "saved") for each in at[kind].values if each]


def _by_sector(words: BudgetWords) -> Table:
    year = _last(words)
    at = _main(words).sel(year=year)
    rows = []
    for sector in at["sector"].values:
        cells = [words.span(at[kind].sel(sector=sector).values.tolist()) for kind in ("added", "saved", "net")]
        rows.append((texts.text(words.lang, f"budget_sector.{key_of(str(sector))}"), *cells))
    if len(rows) > 1:
        totals = [words.span(at[kind].sum("sector").values.tolist()) for kind in ("added", "saved", "net")]
        rows.append((words.say("all_sectors"), *totals))
    header = tuple(capital(words.say(key)) for key in ("sector", "added", "saved", "net"))
    rows = [(capital(name), *cells) for name, *cells in rows]
    return Table(words.say("by_sector", year=year), header, tuple(rows), numeric=(1, 2, 3))


def _break_even(words: BudgetWords) -> list[Block]:
    result, year = words.result, _last(words)
    if result.plan.substitution is None:
        return []
    name = result.plan.substitution[0]
    values = sorted({each for found in result.break_even.values() for each in found})
    if not values:
        return [Paragraph(words.say("break_even_none", name=words.parameter(name), year=year))]
    unit = words.figures[name].unit
    sign = "" if unit is None else words.pick(unit)
    gap = "" if sign.startswith("%") or not sign else " "
    shown = texts.span(words.lang, *(texts.number(words.lang, each, 1) for each in (values[0], values[-1])))
    own = words.number(result.plan.parameters[name].middle)
    return [
        Paragraph(
            words.say(
                "break_even",
                name=words.parameter(name),
                values=f"{shown}{gap}{sign}",
                own=f"{own}{gap}{sign}",
                year=year,
            )
        )
    ]


def _printed(words: BudgetWords) -> list[Block]:
    found = words.result.reconciliation
    if not found.totals:
        return []
    blocks: list[Block] = [
        Heading(3, words.say("printed_heading")),
        Bullets(tuple(words.reconciled(each) for each in found.totals)),
    ]
    if len(found.given) > 1 and found.together:
        blocks.append(Paragraph(words.say("together", departures=words.way(found.together))))
    return blocks
