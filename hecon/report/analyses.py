"""What is computed apart, as documents of their own: an audit, a budget impact, the value of further research."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from hecon.assessment.budgets import counted
from hecon.assessment.information import SETS
from hecon.assessment.records import ModelResult
from hecon.report.document import Block, Bullets, Document, Heading, Paragraph, Table, numbered
from hecon.report.isolating import isolate, isolated
from hecon.report.sections.audit import audit_section
from hecon.report.sections.budget import budget_section, no_budget
from hecon.report.sections.documents import documents
from hecon.report.sections.printed_figures import figures_table
from hecon.report.sections.research import study_data
from hecon.report.words.budgets import amount_span, counted_words, millions_of
from hecon.report.words.common import capital, joined, rate_words, title_of, with_numbers
from hecon.report.words.comparisons import ComparisonWords

if TYPE_CHECKING:
    from collections.abc import Sequence

    import xarray as xr

    from hecon.assessment import Assessment, BudgetResult
    from hecon.assessment.information import ResearchValue
    from hecon.auditing import Finding
    from hecon.dossier.loading import Dossier
    from hecon.dossier.programme import Programme
    from hecon.locale import Locale


def budget_document(result: BudgetResult | None, dossier: Dossier, locale: Locale) -> Document:
    """Return the budget impact of a dossier as a document."""
    shown = with_numbers(dossier, dossier)
    found = with_numbers(result, dossier)
    blocks = [*budget_section(found, shown, locale), *documents(shown, locale)]
    titled = (Heading(1, locale.pick(shown.title)), *numbered(blocks, locale))
    return Document(locale, titled, kind="budget", author=shown.note.author, date=shown.note.date)


def combined_document(
    together: xr.Dataset, dossiers: Sequence[Dossier], locale: Locale, *, left_out: Sequence[Dossier] = ()
) -> Document:
    """Return several changes together as a document."""

    def say(key: str, **values: object) -> str:
        return locale.text(f"budget.{key}", **values)

    shown = isolated(list(dossiers))
    currency = str(together.attrs["currency"])
    years = [int(each) for each in together["year"].values]
    names = [str(each) for each in together["scenario"].values]

    def amounts(array: xr.DataArray) -> list[list[float]]:
        by_year = [[float(array.sel(year=year, scenario=name)) for year in years] for name in names]
        return [[*each, sum(each)] for each in by_year]

    titles = [*(locale.pick(each.title) for each in shown), capital(say("combined"))]
    labels = [(title, locale.text(f"budget_scenario.{name}")) for title in titles for name in names]
    parts = [*(together["total"].sel(plan=each.name) for each in shown), together["grand_total"]]
    numbers = [row for part in parts for row in amounts(part)]
    digits = millions_of([[[each] for each in row] for row in numbers])
    rows = [
        (*label, *(amount_span([each], currency, locale, at) for each, at in zip(row, digits, strict=True)))
        for label, row in zip(labels, numbers, strict=True)
    ]
    header = (*(capital(say(key)) for key in ("change", "scenario")), *map(str, years), capital(say("cumulative")))
    told = isolated(together.attrs["overlaps"])
    items = tuple(
        f"{' + '.join(title_of(name, locale) for name in each['plans'])}: {each['text'][locale.lang]}" for each in told
    )
    blocks: list[Block] = [
        Heading(1, say("several", number=len(shown))),
        Paragraph(_all_together(together["grand_total"].sel(year=years[-1]), currency, locale), strong=True),
        Table(say("combined_caption"), header, tuple(rows), numeric=tuple(range(2, len(header))), prose=(0,)),
        *_counted(together, shown, locale),
        Paragraph(say("combined_note") if items else say("no_overlap")),
    ]
    blocks += [Bullets(items)] if items else []
    if left_out:
        reasons = tuple(_reason(each, locale) for each in isolated(list(left_out)))
        blocks += [Paragraph(say("left_out")), Bullets(reasons)]
    return Document(locale, tuple(blocks), kind="budget")


def _all_together(totals: xr.DataArray, currency: str, locale: Locale) -> str:
    """Return in a sentence what all changes cost or save in a year, from scenario to scenario."""
    low, high, year = float(totals.min()), float(totals.max()), int(totals["year"])
    if low < 0 < high:
        ends = {"saving": amount_span([-low], currency, locale), "spending": amount_span([high], currency, locale)}
        return locale.text("budget.combined_between", year=year, **ends)
    key = "combined_less" if high <= 0 else "combined_more"
    amount = amount_span(sorted((abs(low), abs(high))), currency, locale)
    return locale.text(f"budget.{key}", year=year, amount=amount)


def _counted(together: xr.Dataset, dossiers: Sequence[Dossier], locale: Locale) -> list[Block]:
    """Return how each plan is counted, and that the sum mixes these ways where they differ."""
    conventions = together.attrs["conventions"]
    ways = {}
    for each in dossiers:
        assert each.budget is not None  # noqa: S101 (only plans are added up)
        ways[locale.pick(each.title)] = counted_words(each.budget, conventions[each.name]["name"], locale)
    blocks: list[Block] = [
        Paragraph(locale.text("budget.each_counted") + ":"),
        Bullets(tuple(f"{title}: {how}" for title, how in ways.items())),
    ]
    if len(set(ways.values())) > 1:
        blocks.append(Paragraph(locale.text("budget.mixed"), strong=True))
    return blocks


def _reason(dossier: Dossier, locale: Locale) -> str:
    """Return why a dossier is not in a sum: it has no prices, or no plan."""
    title = locale.pick(dossier.title)
    if dossier.budget_part is not None:
        return locale.text("budget.left_out_unpriced", title=title)
    return locale.text("budget.left_out_none", title=title, reason=no_budget(dossier, locale, places=False))


def combined_data(together: xr.Dataset, dossiers: Sequence[Dossier]) -> dict[str, Any]:
    """Return several plans together as plain data."""
    conventions = together.attrs["conventions"]
    ways: dict[str, dict[str, str | None]] = {}
    for each in dossiers:
        assert each.budget is not None  # noqa: S101 (only plans are added up)
        premises, inflation = counted(each.budget, conventions[each.name]["name"])
        ways[each.name] = {"premises": premises, "inflation": inflation}
    years = [int(each) for each in together["year"].values]
    scenarios = [str(each) for each in together["scenario"].values]

    def by_year(array: xr.DataArray) -> dict[str, dict[str, float]]:
        return {name: {str(year): float(array.sel(year=year, scenario=name)) for year in years} for name in scenarios}

    return {
        "years": years,
        "plans": {str(name): by_year(together["total"].sel(plan=name)) for name in together["plan"].values},
        "total": by_year(together["grand_total"]),
        "total_to_date": by_year(together["grand_total_to_date"]),
        "overlaps": together.attrs["overlaps"],
        "conventions": conventions,
        "counted": ways,
        "mixed": len({tuple(each.values()) for each in ways.values()}) > 1,
    }


def audit_document(dossier: Dossier | Programme, findings: Sequence[Finding], locale: Locale) -> Document:
    """Return what the audit found in a dossier or programme, its single figures and its documents."""
    shown = with_numbers(dossier, dossier)
    found = with_numbers(tuple(findings), dossier)
    blocks = [*audit_section(shown, found, locale), *figures_table(shown, found, locale), *documents(shown, locale)]
    return Document(locale, (Heading(1, locale.pick(shown.title)), *numbered(blocks, locale)), kind="audit")


# Parameters of a model that a table holds.
_MOST_ROWS = 15


def information_data(found: Sequence[ResearchValue]) -> dict[str, Any]:
    """Return the same as plain data with stable keys."""
    return {"comparisons": [_data(each) for each in found]}


def _data(found: ResearchValue) -> dict[str, Any]:
    about: dict[str, Any] = {
        "comparison": found.comparison,
        "options": list(found.options),
        "reason": None if found.reason is None else found.reason.code,
        "assumed": list(found.assumed),
        "patients": found.patients,
        "population": found.population,
        "discount": found.discount,
    }
    if found.stated is not None:
        about["stated"] = study_data(found.stated)
    return {**about, "at": [_at_data(found, value) for value in found.values]}


def _at_data(found: ResearchValue, value: float) -> dict[str, Any]:
    if found.information is None:
        return {"wtp": value}
    row = found.information.sel(wtp=value)
    data: dict[str, Any] = {
        "wtp": value,
        "preferred": None if value in found.tied else str(row["optimal"].item()),
        "tied": list(found.tied.get(value, ())),
        "evpi": float(row["evpi"]),
        "evppi": {name: float(row["evppi"].sel(set=name)) for name in _sets(found.information)},
        "evpi_range": found.evpi_range.get(value),
    }
    if "evsi" in row:
        data["evsi"] = [{"n": float(n), "evsi": float(row["evsi"].sel(n=n))} for n in row["n"].values]
    if found.sampled is not None:
        at = found.sampled.sel(wtp=value)
        data["evsi"] = [
            {"n": float(n), **{name: float(at[name].sel(n=n)) for name in ("evsi", "se")}} for n in at["n"].values
        ]
    if found.to_population is not None:
        whole = found.to_population.sel(wtp=value)
        data["population_evpi"] = [
            {"lifetime": float(y), "evpi": float(whole.sel(lifetime=y))} for y in whole["lifetime"]
        ]
    if found.study is not None:
        at = found.study.sel(wtp=value)
        names = ("optimal_n", "optimal_enbs", "n_low", "n_high", *(("optimal_se",) if "optimal_se" in at else ()))
        data["study"] = [
            {
                "lifetime": float(years),
                **{name: float(at[name].sel(lifetime=years)) for name in names},
                "at_edge": bool(at["at_edge"].sel(lifetime=years)),
            }
            for years in at["lifetime"]
        ]
    return data


def information_document(assessment: Assessment, found: Sequence[ResearchValue], locale: Locale) -> Document:
    """Return what further research on each comparison is worth."""
    shown = isolated(assessment.dossier)
    blocks: list[Block] = [Heading(1, locale.pick(shown.title)), Paragraph(locale.text("research.what"))]
    models = {each.spec.id for each in assessment.comparisons if isinstance(each, ModelResult)}
    if any(each.comparison in models for each in found):
        blocks.append(Paragraph(locale.text("research.what_model")))
    specs = {each.id: each for each in shown.comparison}
    for each in found:
        wording = ComparisonWords(shown, specs[each.comparison], locale)
        blocks += [Heading(2, wording.title), *choice(assessment, each.comparison, each.options, wording)]
        blocks += _comparison(each, wording, model=each.comparison in models)
    if not found:
        blocks.append(Paragraph(locale.text("varying.nothing")))
    return Document(locale, tuple(blocks), kind="information")


def choice(assessment: Assessment, comparison: str, options: Sequence[str], wording: ComparisonWords) -> list[Block]:
    """Say which options a comparison is about, where it is one of several with a common comparator."""
    if assessment.incremental_of(comparison) is None:
        return []
    pair = len(options) <= 2  # noqa: PLR2004 (those of the comparison)
    known = options or (wording.spec.comparator, wording.spec.intervention)
    names = _listed(known, wording)
    key = "research.options_pair" if pair else "research.options"
    return [Paragraph(wording.say(key, options=names, comparator=wording.comparator))]


def _listed(options: Sequence[str], wording: ComparisonWords) -> str:
    """Return the names of two options or more as a list in a sentence."""
    return joined([*map(wording.option, options)], wording.locale)


def _comparison(found: ResearchValue, wording: ComparisonWords, *, model: bool) -> list[Block]:
    """Return sentences and tables of one comparison."""
    if found.reason is not None:
        why = wording.reason(found.reason)
        return [Paragraph(why if found.reason.code == "no_values" else wording.say("research.no_spread", reason=why))]
    information = found.information
    if information is None:
        msg = f"a value of research has information or a reason, got neither for {found.comparison}"
        raise TypeError(msg)
    blocks: list[Block] = [Paragraph(_sentence(found, value, wording)) for value in found.values]
    if found.evpi_range:
        names = ", ".join(wording.name_of(name) for name in found.assumed)
        ranges = "; ".join(
            wording.say("plot.at", what=_span(found.evpi_range[value], wording), value=wording.per_unit(value))
            for value in found.evpi_range
        )
        key = "research.assumed" if found.assumed else "research.rounding"
        blocks.append(Paragraph(wording.say(key, names=names, ranges=ranges)))
    blocks.append(_per_patient(information, found, wording))
    blocks += _parameters(information, found, wording)
    if model:
        blocks += _sampled(found, wording)
    if found.to_population is not None:
        blocks += _to_population(found, wording)
    if found.study is not None:
        blocks += _study(found, wording)
    return blocks


def _sentence(found: ResearchValue, value: float, wording: ComparisonWords) -> str:
    """Say what a wrong choice costs at a value, and which difference drives that."""
    information = cast("xr.Dataset", found.information)
    row = information.sel(wtp=value)
    if value in found.tied:
        tied = {"at": wording.per_unit(value), "options": _listed(found.tied[value], wording)}
        return wording.say("research.sentence_equal", evpi=_amount(float(row["evpi"]), wording), **tied)
    option = wording.option(str(row["optimal"].item()))
    told = {"at": wording.per_unit(value), "option": option, "evpi": _amount(float(row["evpi"]), wording)}
    shares = {name: float(row["evppi"].sel(set=name)) for name in _sets(row)}
    if not shares or not max(shares.values()):
        return wording.say("research.sentence_alone", **told)
    driver = max(shares, key=lambda name: shares[name])
    if set(shares) == set(SETS):
        key, name = "research.sentence", wording.say(f"parameter.{driver}")
    else:
        key, name = "research.sentence_model", isolate(wording.model_parameter(driver))
    return wording.say(key, driver=name, evppi=_amount(shares[driver], wording), **told)


def _sets(found: xr.Dataset) -> list[str]:
    """Return what may be learned: the differences, or the parameters of a model; none where these are not known."""
    return [str(name) for name in found["set"].to_numpy()] if "set" in found.dims else []


def _amount(value: float, wording: ComparisonWords) -> str:
    """Return an amount: to the unit, to cents where it is small, in millions where it is large."""
    return wording.locale.amount(value, wording.spec.currency, 2 if 0 < abs(value) < 1 else 0)


def _span(ends: tuple[float, float], wording: ComparisonWords) -> str:
    return wording.locale.span(_amount(ends[0], wording), _amount(ends[1], wording))


def _per_patient(information: xr.Dataset, found: ResearchValue, wording: ComparisonWords) -> Table:
    """Return EVPI, EVPPI and EVSI by value."""
    sizes = information["n"].values.tolist() if "evsi" in information else []
    sets = SETS if set(_sets(information)) == set(SETS) else ()
    header = (
        wording.say("varying.at", unit=wording.spec.effect_unit),
        wording.say("research.evpi"),
        *(wording.say("research.evppi", name=wording.say(f"parameter.{name}")) for name in sets),
        *(wording.say("research.evsi", n=wording.locale.number(n)) for n in sizes),
    )
    rows = []
    for value in found.values:
        row = information.sel(wtp=value)
        numbers = [row["evpi"], *(row["evppi"].sel(set=name) for name in sets), *(row["evsi"].sel(n=n) for n in sizes)]
        rows.append((wording.at_value(value), *(_amount(float(each), wording) for each in numbers)))
    return Table(wording.say("research.per_patient"), header, tuple(rows), numeric=tuple(range(len(header))))


def _parameters(information: xr.Dataset, found: ResearchValue, wording: ComparisonWords) -> list[Block]:
    """Return the parameters of a model by what it is worth to learn each, the most valuable at any value first."""
    if not _sets(information) or set(_sets(information)) == set(SETS):
        return []
    most = information["evppi"].max("wtp")
    ranked = sorted(_sets(information), key=lambda name: (-float(most.sel(set=name)), name))
    header = (wording.say("research.parameter"), *(wording.per_unit(value) for value in found.values))
    rows = tuple(
        (
            isolate(wording.model_parameter(name)),
            *(_amount(float(information["evppi"].sel(set=name, wtp=value)), wording) for value in found.values),
        )
        for name in ranked[:_MOST_ROWS]
    )
    caption = wording.say("research.parameters", n=wording.locale.number(len(ranked)))
    table = Table(caption, header, rows, numeric=tuple(range(1, len(header))))
    rest = ranked[_MOST_ROWS:]
    if not rest:
        return [table]
    told = {"n": wording.locale.number(len(rest)), "most": _amount(float(most.sel(set=rest[0])), wording)}
    return [table, Paragraph(wording.say("worth.ranking_rest", **told))]


def _sampled(found: ResearchValue, wording: ComparisonWords) -> list[Block]:
    """Return the value of the study that is stated of a model by size, or why there is none."""
    if found.stated is None or found.sampled is None:
        return [Paragraph(wording.no_study() if found.stated is None else wording.say("worth.stated_few_draws"))]
    worth, study = found.sampled, found.stated.study
    key = "n" if found.stated.arms else "patients"
    header = (wording.say(f"worth.column_{key}"), *map(wording.per_unit, found.values))

    def cell(n: float, value: float) -> str:
        at = worth.sel(n=n, wtp=value)
        told = {"value": _amount(float(at["evsi"]), wording), "se": _amount(float(at["se"]), wording)}
        return wording.say("worth.with_error", **told)

    rows = tuple(
        (wording.locale.number(n), *(cell(n, value) for value in found.values)) for n in worth["n"].to_numpy().tolist()
    )
    months = wording.locale.as_given(study.follow_up_months)
    caption = wording.say("research.sampled", what=wording.measures(study), months=months)
    return [Table(caption, header, rows, numeric=tuple(range(len(header))))]


def _to_population(found: ResearchValue, wording: ComparisonWords) -> list[Block]:
    """Return the value of perfect information to all patients by value and lifetime."""
    whole = found.to_population
    if whole is None:
        return []
    years = whole["lifetime"].values.tolist()
    header = (
        wording.say("varying.at", unit=wording.spec.effect_unit),
        *(wording.say("research.years", years=wording.locale.number(each)) for each in years),
    )
    rows = tuple(
        (
            wording.at_value(value),
            *(_amount(float(whole.sel(wtp=value, lifetime=each)), wording) for each in years),
        )
        for value in found.values
    )
    caption = wording.say(
        "research.population",
        n=wording.locale.number(found.population or 0.0), rate=rate_words(found.discount or 0.0, wording.locale),
    )  # fmt: skip
    return [Table(caption, header, rows, numeric=tuple(range(len(header))))]


def _study(found: ResearchValue, wording: ComparisonWords) -> list[Block]:
    """Return the optimal study by value and lifetime."""
    study = found.study
    if study is None:
        return []
    arms = int(study.attrs["arms"])
    keys = ("lifetime", "optimal_n_one" if arms == 1 else "optimal_n", "range", "enbs")
    header = (
        wording.say("varying.at", unit=wording.spec.effect_unit),
        *(wording.say(f"research.{key}") for key in keys),
    )
    rows, edge = [], False
    for value in found.values:
        for years in study["lifetime"].values.tolist():
            at = study.sel(wtp=value, lifetime=years)
            edge = edge or bool(at["at_edge"])
            rows.append((wording.at_value(value), wording.locale.number(years), *_optimum(at, wording)))
    plan = study.attrs
    caption = wording.say(
        "research.study",
        fixed=_amount(plan["fixed_cost"], wording), each=_amount(plan["cost_per_patient"], wording),
    )  # fmt: skip
    table = Table(caption, header, tuple(rows), numeric=(0, 1, 2, 3, 4))
    largest = wording.study_size(float(study["n"].max()), arms)
    return [table, Paragraph(wording.say("research.edge", size=largest))] if edge else [table]


def _optimum(at: xr.Dataset, wording: ComparisonWords) -> tuple[str, str, str]:
    """Return the optimal size, its range and its net benefit; dashes where no study pays."""
    n = float(at["optimal_n"])
    if n == 0:
        return wording.say("research.no_study"), "–", "–"
    number = wording.locale.number
    ends = wording.locale.span(number(float(at["n_low"])), number(float(at["n_high"])))
    enbs = _amount(float(at["optimal_enbs"]), wording)
    if "optimal_se" in at:
        enbs = wording.say("worth.with_error", value=enbs, se=_amount(float(at["optimal_se"]), wording))
    return number(n), ends, enbs
