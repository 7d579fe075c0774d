"""The budget impact of one dossier, or of several together, as a document of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hecon.assessment.budgets import counted
from hecon.report.document import Block, Bullets, Document, Heading, Paragraph, Table
from hecon.report.isolating import isolated
from hecon.report.numbering import numbered, with_numbers
from hecon.report.sections.budget import budget_section, no_budget
from hecon.report.sections.documents import documents
from hecon.report.words.budgets import counted_words
from hecon.report.words.common import capital, title_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    import xarray as xr

    from hecon.assessment import BudgetResult
    from hecon.dossier.loading import Dossier
    from hecon.locale import Locale

__all__ = ["budget_document", "combined_data", "combined_document"]


def budget_document(result: BudgetResult | None, dossier: Dossier, locale: Locale) -> Document:
    """Return the budget impact of a dossier as a document."""
    shown = with_numbers(isolated(dossier), dossier)
    found = with_numbers(isolated(result), dossier)
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

    def lines(label: str, array: xr.DataArray) -> list[tuple[str, ...]]:
        return [
            (
                label,
                locale.text(f"budget_scenario.{name}"),
                *(locale.money(float(array.sel(year=year, scenario=name)), currency) for year in years),
                locale.money(float(array.sel(scenario=name).sum()), currency),
            )
            for name in names
        ]

    rows = [row for each in shown for row in lines(locale.pick(each.title), together["total"].sel(plan=each.name))]
    rows += lines(capital(say("combined")), together["grand_total"])
    header = (*(capital(say(key)) for key in ("change", "scenario")), *map(str, years), capital(say("cumulative")))
    told = isolated(together.attrs["overlaps"])
    items = tuple(
        f"{' + '.join(title_of(name, locale) for name in each['plans'])}: {each['text'][locale.lang]}" for each in told
    )
    blocks: list[Block] = [
        Heading(1, say("several", number=len(shown))),
        Table(say("combined_caption"), header, tuple(rows), numeric=tuple(range(2, len(header))), prose=(0,)),
        *_counted(together, shown, locale),
        Paragraph(say("combined_note") if items else say("no_overlap")),
    ]
    blocks += [Bullets(items)] if items else []
    if left_out:
        reasons = tuple(_reason(each, locale) for each in isolated(list(left_out)))
        blocks += [Paragraph(say("left_out")), Bullets(reasons)]
    return Document(locale, tuple(blocks), kind="budget")


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
    return locale.text("budget.left_out_none", title=title, reason=no_budget(dossier, locale))


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
