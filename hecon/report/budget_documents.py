"""The budget impact of one dossier, or of several together, as a document of its own."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from hecon import texts
from hecon.report.annex import documents
from hecon.report.budget_words import counted_words
from hecon.report.budgets import budget_section, no_budget, title_of
from hecon.report.document import Block, Bullets, Document, Heading, Paragraph, Table
from hecon.report.isolating import isolated_part
from hecon.report.wording import capital

if TYPE_CHECKING:
    from collections.abc import Sequence

    import xarray as xr

    from hecon.assessment import BudgetResult
    from hecon.dossier import Dossier

__all__ = ["budget_document", "combined_document"]


def budget_document(result: BudgetResult | None, dossier: Dossier, lang: str) -> Document:
    """Return the budget impact of a dossier as a document.

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
    Document
        The section of the note, under the dossier's title.
    """
    shown = isolated_part(dossier)
    blocks = [*budget_section(result, shown, lang), *documents(shown, lang)]
    return Document(lang, (Heading(1, getattr(shown.title, lang)), *blocks), kind="budget")


def combined_document(
    together: xr.Dataset, dossiers: Sequence[Dossier], lang: str, *, left_out: Sequence[Dossier] = ()
) -> Document:
    """Return several changes together as a document.

    Parameters
    ----------
    together : xarray.Dataset
        What `hecon.budget.combine` returned for scenarios.
    dossiers : sequence of Dossier
        Their dossiers, in its order.
    lang : {"nl", "en"}
        Language.
    left_out : sequence of Dossier
        Dossiers that were asked for and are not in the sum.

    Returns
    -------
    Document
        A table by year and change with its sum, how each is counted, what the changes overlap in, and what is left out.
    """

    def say(key: str, **values: object) -> str:
        return texts.text(lang, f"budget.{key}", **values)

    shown = [isolated_part(each) for each in dossiers]
    currency = str(together.attrs["currency"])
    years = [int(each) for each in together["year"].values]
    names = [str(each) for each in together["scenario"].values]

    def lines(label: str, array: xr.DataArray) -> list[tuple[str, ...]]:
        return [
            (
                label,
                texts.text(lang, f"budget_scenario.{name}"),
                *(texts.money(lang, float(array.sel(year=year, scenario=name)), currency) for year in years),
                texts.money(lang, float(array.sel(scenario=name).sum()), currency),
            )
            for name in names
        ]

    rows = [row for each in shown for row in lines(getattr(each.title, lang), together["total"].sel(plan=each.name))]
    rows += lines(capital(say("combined")), together["grand_total"])
    header = (*(capital(say(key)) for key in ("change", "scenario")), *map(str, years), capital(say("cumulative")))
    told = json.loads(together.attrs["overlaps"])
    items = tuple(
        f"{' + '.join(title_of(name, lang) for name in each['plans'])}: {each['text'][lang]}" for each in told
    )
    blocks: list[Block] = [
        Heading(1, say("several", number=len(shown))),
        Table(say("combined_caption"), header, tuple(rows), numeric=tuple(range(2, len(header))), prose=(0,)),
        *_counted(together, shown, lang),
        Paragraph(say("combined_note") if items else say("no_overlap")),
    ]
    blocks += [Bullets(items)] if items else []
    if left_out:
        reasons = tuple(_reason(isolated_part(each), lang) for each in left_out)
        blocks += [Paragraph(say("left_out")), Bullets(reasons)]
    return Document(lang, tuple(blocks), kind="budget")


def _counted(together: xr.Dataset, dossiers: Sequence[Dossier], lang: str) -> list[Block]:
    """Return how each plan is counted, and that the sum mixes these ways where they differ."""
    conventions = json.loads(together.attrs["conventions"])
    ways = {}
    for each in dossiers:
        assert each.budget is not None  # noqa: S101 (only plans are added up)
        ways[getattr(each.title, lang)] = counted_words(each.budget, conventions[each.name]["name"], lang)
    blocks: list[Block] = [
        Paragraph(texts.text(lang, "budget.each_counted") + ":"),
        Bullets(tuple(f"{title}: {how}" for title, how in ways.items())),
    ]
    if len(set(ways.values())) > 1:
        blocks.append(Paragraph(texts.text(lang, "budget.mixed"), strong=True))
    return blocks


def _reason(dossier: Dossier, lang: str) -> str:
    """Return why a dossier is not in a sum: it has no prices, or no plan."""
    title = getattr(dossier.title, lang)
    if dossier.budget_part is not None:
        return texts.text(lang, "budget.left_out_unpriced", title=title)
    return texts.text(lang, "budget.left_out_none", title=title, reason=no_budget(dossier, lang))
