"""The budget impact: its headline, totals by year and sector, what they rest on, and what became of printed totals."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from hecon.budget.records import OUTSIDE
from hecon.dossier.documents import extent_read
from hecon.locale import MILLION, key_of
from hecon.report.document import Block, Bullets, Figure, Heading, Paragraph, Table, drawn
from hecon.report.words.budgets import BudgetWords
from hecon.report.words.common import capital, cited, missing_words, sentence, sourced, title_of
from hecon.report.words.findings import figure_value
from hecon.report.writers.json import taken

if TYPE_CHECKING:
    from collections.abc import Sequence

    import xarray as xr

    from hecon.assessment import Assessment, BudgetResult
    from hecon.budget import Flow, Plan
    from hecon.budget.reconciliation import Reconciled
    from hecon.budget.records import Conventions, Population
    from hecon.dossier.loading import Dossier
    from hecon.locale import Locale


_Impact = TypeVar("_Impact", "xr.Dataset", "xr.DataArray")

_ENDS = ("minimum", "maximum")
# From how many times the last year's amount the largest is told beside it.
_LARGER = 1.05
_FLOWS = ("added", "saved", "net")


def blocks(assessment: Assessment, locale: Locale) -> list[Block]:
    """Return the budget impact, or what the sources say of there being none."""
    return budget_section(assessment.budget, assessment.dossier, locale, details=False)


def annex(assessment: Assessment, locale: Locale) -> list[Block]:
    """Return how the budget impact was counted, and whether the printed totals come out."""
    if assessment.budget is None:
        return []
    details = _details(BudgetWords(assessment.budget, assessment.dossier, locale))
    return [Heading(2, locale.text("budget.details")), *details]


def budget_section(
    result: BudgetResult | None, dossier: Dossier, locale: Locale, *, details: bool = True
) -> list[Block]:
    """Return a budget impact, or what the sources say of there being none; with how it was counted, or not."""
    if result is None:
        return [Heading(2, locale.text("budget.heading")), Paragraph(no_budget(dossier, locale))]
    words = BudgetWords(result, dossier, locale)
    return [*_impact(words), *(_details(words) if details else [])]


def _impact(words: BudgetWords) -> list[Block]:
    blocks: list[Block] = [Heading(2, words.say("heading")), Paragraph(" ".join(_headline(words)), strong=True)]
    blocks += by_year(words)
    if words.result.plan.priced:
        blocks += _money(words)
    return blocks


def _details(words: BudgetWords) -> list[Block]:
    blocks: list[Block] = [Heading(3, words.say("counted")), *_conventions(words), *_care(words), *_numbers(words)]
    blocks += _printed(words)
    if words.part.overlap:
        items = (
            words.say(
                "overlap",
                plan=title_of(each.plan, words.locale),
                text=sourced(words.pick(each.text), each.sources),
            )
            for each in words.part.overlap
        )
        blocks += [Heading(3, words.say("overlaps")), Bullets(tuple(items))]
    if words.part.remark:
        remarks = tuple(sentence(each, words.locale) for each in words.part.remark)
        blocks += [Heading(3, words.say("remarks")), Bullets(remarks)]
    return blocks


def no_budget(dossier: Dossier, locale: Locale, *, places: bool = True) -> str:
    """Return what the sources say of a budget impact that is not on file, or that none was looked up.

    Without `places` they are not cited, as in a document that has no list of them.
    """
    found = dossier.note.no_budget
    if found is None:
        return locale.text("budget.not_looked_up")
    text = locale.pick(found.text).rstrip(".")
    if not places:
        return locale.text("budget.no_analysis_alone", text=text)
    return locale.text("budget.no_analysis", text=text, sources=cited(found.sources))


def headline(result: BudgetResult | None, dossier: Dossier, locale: Locale, *, brief: bool = False) -> str:
    """Return the budget impact in a sentence or two, or that there is none on file."""
    if result is None:
        return locale.text("conclusion.no_budget_brief" if brief else "conclusion.no_budget")
    sentences = _headline(BudgetWords(result, dossier, locale))
    return " ".join(sentences[:1] if brief else sentences)


def _last(words: BudgetWords) -> int:
    return words.result.plan.years[-1]


def _at(amounts: xr.DataArray, year: int) -> list[float]:
    return [float(each) for each in amounts.sel(year=year).values.ravel()]


def _ends(impact: _Impact) -> _Impact:
    """Return an impact in the minimum and maximum scenario, or in those that were asked for instead."""
    ends = [each for each in _ENDS if each in impact["scenario"].values]
    return impact.sel(scenario=ends) if ends else impact


def _names(impact: xr.Dataset | xr.DataArray) -> list[str]:
    return [str(each) for each in impact["scenario"].values]


def _headline(words: BudgetWords) -> list[str]:
    result, year = words.result, _last(words)
    if not result.plan.priced:
        count = max(_at(result.main["patients"], year))
        what = "; ".join(each.label[words.locale.lang] for each in result.plan.populations)
        what = what[:1].lower() + what[1:]
        number = words.locale.number(count)
        if count >= MILLION:
            number = words.locale.text("million", amount=words.locale.number(count / MILLION, 1))
        return [words.say("units_only", number=number, what=what)]
    first = words.headline("headline", _at(_ends(result.main["total"]), year), year, words.how())
    sentences = [f"{first} {_most(words)}".rstrip()]
    if result.other is not None:
        how = capital(words.how(_ordered(result)[1]))
        sentences.append(words.headline("second", _at(_ends(result.other["total"]), year), year, how))
    return sentences


def _most(words: BudgetWords) -> str:
    """Return the year of the largest amount where that is not the last year, whose amount the headline gives."""
    total = _ends(words.result.main["total"])
    ends = {year: _at(total, year) for year in words.result.plan.years}
    year = max(ends, key=lambda each: max(abs(amount) for amount in ends[each]))
    low, high = min(ends[year]), max(ends[year])
    if low < 0 < high or max(abs(low), abs(high)) <= _LARGER * max(abs(each) for each in ends[_last(words)]):
        return ""
    return words.say("headline_most", year=year, amount=words.span(sorted((abs(low), abs(high)))))


def _ordered(result: BudgetResult) -> tuple[str, str]:
    """Return the two sets of conventions, the one to tell first before the other."""
    return ("as printed", "stated") if result.lead == "as printed" else ("stated", "as printed")


def by_year(words: BudgetWords) -> list[Block]:
    """Return the totals by year of every scenario, or the units of a plan without prices."""
    result, locale = words.result, words.locale
    if not result.plan.priced:
        rows = tuple((str(year), locale.number(max(_at(result.main["patients"], year)))) for year in result.plan.years)
        header = (capital(words.say("year")), capital(words.say("patients")))
        return [Table(words.say("units_by_year"), header, rows, numeric=(1,))]
    kinds = [words.kind(each) for each in _ordered(result)]
    lines: list[tuple[str, xr.DataArray]] = []
    for data, kind in zip((result.main, result.other), kinds, strict=True):
        if data is not None:
            for name in _names(_ends(data["total"])):
                shown = words.scenario(name)
                label = (
                    shown if result.other is None else words.say(f"column_{kind}", scenario=shown, kinds=words.kinds)
                )
                lines.append((label, data["total"].sel(scenario=name)))
    blocks: list[Block] = [_totals(words, words.say("by_year"), lines)]
    others = [name for name in _names(result.main) if name not in _names(_ends(result.main["total"]))]
    if others:
        lines = [(words.scenario(name), result.main["total"].sel(scenario=name)) for name in others]
        blocks.append(_totals(words, words.say("scenarios", how=words.how()), lines))
    if result.parts:
        lines = [
            (f"{words.population(name)}, {words.scenario(end)}", each["total"].sel(scenario=end))
            for name, each in result.parts.items()
            for end in _ENDS
        ]
        blocks.append(_totals(words, words.say("by_group", how=words.how()), lines))
    return blocks


def _totals(words: BudgetWords, caption: str, lines: list[tuple[str, xr.DataArray]]) -> Table:
    """Return a row for each line, a column for each year and one for their sum."""
    years = words.result.plan.years
    amounts = [[float(total.sel(year=year)) for year in years] for _, total in lines]
    cells = words.alike([[[each] for each in (*line, sum(line))] for line in amounts])
    rows = [(capital(label), *line) for (label, _), line in zip(lines, cells, strict=True)]
    header = (capital(words.say("scenario")), *map(str, years), capital(words.say("cumulative")))
    return Table(caption, header, tuple(rows), numeric=tuple(range(1, len(header))))


def _money(words: BudgetWords) -> list[Block]:
    result, year = words.result, _last(words)
    blocks: list[Block] = []
    scenario = _waterfall_scenario(result)
    if len(_steps(result.main, year, scenario)) > 1:
        name = words.scenario(scenario)
        caption = words.locale.text("figure.waterfall", year=year, scenario=name, how=words.how())
        how: dict[str, Any] = {"year": year, "scenario": scenario, "names": {scenario: name}}
        blocks.append(drawn("waterfall", "waterfall", caption, result.main, words.locale, **how))
    blocks.append(_by_sector(words))
    sentences = []
    ends = _ends(result.main)
    if not result.plan.amounts:
        per_patient = _at(ends["per_patient"], year)
        if not np.isnan(per_patient).any():
            sentences.append(words.say("per_patient", amount=words.span(per_patient), year=year))
    outside = _at(ends["outside_net"].sum("sector"), year)
    for side, sign in (("less", -1.0), ("more", 1.0)):
        if all(sign * each > 0 for each in outside):
            sentences.append(words.say(f"outside_{side}", amount=words.span([sign * x for x in outside]), year=year))
    blocks += [Paragraph(" ".join(sentences))] if sentences else []
    blocks += _break_even(words)
    bars = result.moving_bars
    if result.interval is not None and bars is not None:
        low, high = (_simulated(each, words) for each in result.interval)
        names = "; ".join(words.parameter(str(each)) for each in bars["parameter"].values)
        blocks.append(Paragraph(words.say("interval", year=year, low=low, high=high, names=names)))
    return blocks if bars is None or bars.sizes["parameter"] <= 1 else [*blocks, _tornado(words, bars)]


def _simulated(value: float, words: BudgetWords) -> str:
    """Return an amount as simulations know it: with three digits."""
    digits = 2 - math.floor(math.log10(abs(value))) if value else 0
    return words.amount(round(value, min(digits, 0)))


def _tornado(words: BudgetWords, bars: xr.Dataset) -> Figure:
    labels = {name: words.parameter(name) for name in words.result.plan.parameters}
    caption = words.locale.text("figure.tornado", year=_last(words))
    return drawn("tornado", "tornado", caption, bars, words.locale, names=labels)


def _waterfall_scenario(result: BudgetResult) -> str:
    """Return the scenario of the waterfall: of most spending, or the last that was asked for."""
    names = _names(result.main)
    return "maximum" if "maximum" in names else names[-1]


def _steps(impact: xr.Dataset, year: int, scenario: str) -> list[float]:
    at = impact.sel(year=year, scenario=scenario)
    return [float(each) for kind in ("added", "saved") for each in at[kind].values if each]


def _by_sector(words: BudgetWords) -> Table:
    year, main = _last(words), _ends(words.result.main)
    at = main.sel(year=year)
    names = [words.locale.text(f"budget_sector.{key_of(str(sector))}") for sector in at["sector"].values]
    lines = [[at[kind].sel(sector=sector).values.tolist() for kind in _FLOWS] for sector in at["sector"].values]
    if len(lines) > 1:
        names.append(words.say("all_sectors"))
        lines.append([at[kind].sum("sector").values.tolist() for kind in _FLOWS])
    rows = [(name, *cells) for name, cells in zip(names, words.alike(lines), strict=True)]
    header = tuple(capital(words.say(key)) for key in ("sector", *_FLOWS))
    rows = [(capital(name), *cells) for name, *cells in rows]
    caption = words.say("by_sector", year=year, scenarios=words.scenarios(_names(main)), how=words.how())
    return Table(caption, header, tuple(rows), numeric=(1, 2, 3))


def _break_even(words: BudgetWords) -> list[Block]:
    result, year = words.result, _last(words)
    if result.plan.substitution is None:
        return []
    name = result.plan.substitution[0]
    unit = words.figures[name].unit
    sign = "" if unit is None else words.pick(unit)
    sign = sign if sign.startswith("%") or not sign else f" {sign}"
    values = [
        f"{words.locale.number(each, 1)}{sign} ({words.scenario(scenario)})"
        for scenario, found in result.break_even.items()
        for each in found
    ]
    if not values:
        return [Paragraph(words.say("break_even_none", name=words.parameter(name), year=year))]
    own = words.number(result.plan.parameters[name].middle) + sign
    told = words.say("break_even", name=words.parameter(name), values=", ".join(values), own=own, year=year)
    return [Paragraph(told)]


def _printed(words: BudgetWords) -> list[Block]:
    found = words.result.reconciliation
    if not found.totals:
        return []
    blocks: list[Block] = [
        Heading(3, words.say("printed_heading")),
        Bullets(tuple(words.reconciled(each) for each in found.totals)),
    ]
    if len(found.given) > 1 and found.together:
        told = words.say("together", departures=words.way(found.together), names=words.totals(found.given))
        blocks.append(Paragraph(told))
    return blocks


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
    blocks: list[Block] = [Table(say("conventions"), header, named, prose=tuple(range(1, len(header))))]
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
        name, booked = amount.label[words.locale.lang], _booked(words, amount.sector, amount.payer)
        rows.append((words.say("as_total"), "–", name, "–", "–", "–", booked))
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
        value, status = figure_value(figure, words.locale), words.locale.text(f"status.{figure.status}")
        remark = figure.rule or figure.note
        told = "" if remark is None else words.pick(remark)
        rows.append((words.pick(figure.name), value, status, told, cited(figure.sources)))
    if not rows:
        return []
    keys = ("evidence.figure", "column.value", "column.status", "column.remark", "column.source")
    header = tuple(words.locale.text(key) for key in keys)
    return [Table(words.say("rests_on"), header, tuple(rows), prose=(0, 3))]


def data(assessment: Assessment, locale: Locale) -> dict[str, Any]:
    """Return the same as plain data."""
    found, dossier = assessment.budget, assessment.dossier
    return {
        "budget": budget_data(found, dossier, locale),
        "no_budget": no_budget(dossier, locale) if found is None else None,
    }


_MONEY = ("current", "new", "net", "added", "saved", "outside_current", "outside_new", "outside_net")
_TOTALS = ("total", "total_to_date", "per_patient", "patients")


def budget_data(result: BudgetResult | None, dossier: Dossier, locale: Locale) -> dict[str, Any] | None:
    """Return the budget impact as plain data."""
    if result is None:
        return None
    plan, words = result.plan, BudgetWords(result, dossier, locale)
    return {
        **taken(plan, "years", "base_year", "price_year", "currency", "priced"),
        "read": extent_read(dossier, words.part),
        "premises": "reconstructed" if any(words.rebuilt.values()) else "as worded",
        "reconstructed": words.rebuilt,
        "conventions": plan.conventions,
        "conventions_as_printed": plan.as_printed,
        "open_conventions": plan.open_conventions,
        "uptake_by_year": result.uptake["stated"],
        "scenarios": result.impact.attrs["scenarios"],
        "impact": _impact_data(result.impact),
        "impact_as_printed": None if result.as_printed is None else _impact_data(result.as_printed),
        "lead": result.lead,
        "by_population": {name: _impact_data(each) for name, each in result.parts.items()},
        "interval": result.interval,
        "break_even": None if plan.substitution is None else {"parameter": plan.substitution[0], **result.break_even},
        "one_way": None if result.bars is None else _bars_data(result.bars),
        "parameters": _parameters_data(plan, words),
        "printed": [_total_data(each, words) for each in result.reconciliation.totals],
        "printed_together": {"departures": result.reconciliation.together, "totals": result.reconciliation.given},
        "overlaps": [{"plan": each.plan, "text": words.pick(each.text)} for each in words.part.overlap],
    }


def _parameters_data(plan: Plan, words: BudgetWords) -> dict[str, dict[str, Any]]:
    return {
        name: {
            "value": each.middle,
            "range": each.range,
            "distribution": None if each.range is None else each.distribution,
            **taken(each, "status", "source"),
            "name": words.parameter(name),
        }
        for name, each in plan.parameters.items()
    }


def _impact_data(impact: xr.Dataset) -> dict[str, Any]:
    def cells(name: str, *dims: str) -> Any:  # noqa: ANN401 (lists of lists)
        return impact[name].transpose("scenario", "year", *dims).values.tolist()

    totals = {name: cells(name) for name in _TOTALS if name in impact}
    money = {name: cells(name, "sector") for name in _MONEY if "sector" in impact.dims}
    units = {name: cells(f"units_{name}", "resource") for name in ("current", "new")}
    found: dict[str, Any] = {}
    for i, scenario in enumerate(_names(impact)):
        for j, year in enumerate(impact["year"].values.tolist()):
            entry: dict[str, Any] = {name: each[i][j] for name, each in totals.items()}
            for key, dim, amounts in (("sectors", "sector", money), ("units", "resource", units)):
                if amounts:
                    labels = enumerate(impact[dim].values)
                    entry[key] = {str(at): {name: each[i][j][k] for name, each in amounts.items()} for k, at in labels}
            found.setdefault(scenario, {})[str(year)] = entry
    return found


def _bars_data(bars: xr.Dataset) -> list[dict[str, Any]]:
    return [
        {"parameter": str(name)}
        | {key: float(bars[key].sel(parameter=name)) for key in ("low", "high", "net_low", "net_high")}
        for name in bars["parameter"].values
    ]


def _total_data(total: Reconciled, words: BudgetWords) -> dict[str, Any]:
    return {
        "figure": total.printed.id,
        "year": total.printed.year,
        "outcome": total.verdict,
        "stated": total.stated,
        "matches": [taken(each, "departures", "computed") for each in total.matches],
        **taken(total, "matching", "tried", "implied_uptake", "solved"),
        "words": words.reconciled(total),
    }
