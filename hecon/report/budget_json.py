"""The budget impact as plain data."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hecon.budget import uptake
from hecon.dossier.documents import extent_read
from hecon.report.budget_words import BudgetWords, counted

if TYPE_CHECKING:
    from collections.abc import Sequence

    import xarray as xr

    from hecon.assessment import BudgetResult
    from hecon.budget import Plan, Reconciled
    from hecon.budget.reconciling import CountingDeparture
    from hecon.dossier import Dossier

__all__ = ["budget_data", "combined_data"]

_MONEY = ("current", "new", "net", "added", "saved", "outside_current", "outside_new", "outside_net")
_TOTALS = ("total", "total_to_date", "per_patient", "patients")


def budget_data(result: BudgetResult | None, dossier: Dossier, lang: str) -> dict[str, Any] | None:
    """Return the budget impact as plain data.

    Parameters
    ----------
    result : BudgetResult or None
        What was found.
    dossier : Dossier
        The dossier.
    lang : {"nl", "en"}
        Language of the texts in it; keys and codes are the same in both.

    Returns
    -------
    dict or None
        None where the dossier has no plan.
    """
    if result is None:
        return None
    plan, words = result.plan, BudgetWords(result, dossier, lang)
    return {
        "years": list(plan.years),
        "base_year": plan.base_year,
        "price_year": plan.price_year,
        "currency": plan.currency,
        "priced": plan.priced,
        "read": extent_read(dossier, words.part),
        "premises": "reconstructed" if any(words.rebuilt.values()) else "as worded",
        "reconstructed": {kind: list(names) for kind, names in words.rebuilt.items()},
        "conventions": dict(vars(plan.conventions)),
        "conventions_as_printed": None if plan.as_printed is None else dict(vars(plan.as_printed)),
        "open_conventions": list(plan.open_conventions),
        "uptake_by_year": uptake(plan).values.tolist(),
        "scenarios": result.impact.attrs["scenarios"],
        "impact": _impact(result.impact),
        "impact_as_printed": None if result.as_printed is None else _impact(result.as_printed),
        "lead": result.lead,
        "by_population": {name: _impact(each) for name, each in result.parts.items()},
        "interval": None if result.interval is None else list(result.interval),
        "break_even": None
        if plan.substitution is None
        else {"parameter": plan.substitution[0]} | {name: list(each) for name, each in result.break_even.items()},
        "one_way": None if result.bars is None else _bars(result.bars),
        "parameters": _parameters(plan, words),
        "printed": [_total(each, words) for each in result.reconciliation.totals],
        "printed_together": {
            "departures": _departures(result.reconciliation.together),
            "totals": list(result.reconciliation.given),
        },
        "overlaps": [{"plan": each.plan, "text": words.pick(each.text)} for each in words.part.overlap],
    }


def combined_data(together: xr.Dataset, dossiers: Sequence[Dossier]) -> dict[str, Any]:
    """Return several plans together as plain data.

    Parameters
    ----------
    together : xarray.Dataset
        What `hecon.budget.combine` returned for scenarios.
    dossiers : sequence of Dossier
        Their dossiers, in its order.

    Returns
    -------
    dict
        Totals by plan, scenario and year, their sums, how each is counted, and what the plans overlap in.
    """
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


def _parameters(plan: Plan, words: BudgetWords) -> dict[str, dict[str, Any]]:
    return {
        name: {
            "value": each.middle,
            "range": None if each.range is None else list(each.range),
            "distribution": None if each.range is None else each.distribution,
            "status": each.status,
            "source": each.source,
            "name": words.parameter(name),
        }
        for name, each in plan.parameters.items()
    }


def _impact(impact: xr.Dataset) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for scenario in impact["scenario"].values:
        for year in impact["year"].values:
            at = impact.sel(scenario=scenario, year=year)
            entry: dict[str, Any] = {name: float(at[name]) for name in _TOTALS if name in at}
            if "sector" in at.dims:
                entry["sectors"] = {
                    str(sector): {name: float(at[name].sel(sector=sector)) for name in _MONEY}
                    for sector in at["sector"].values
                }
            entry["units"] = {
                str(name): {
                    "current": float(at["units_current"].sel(resource=name)),
                    "new": float(at["units_new"].sel(resource=name)),
                }
                for name in at["resource"].values
            }
            found.setdefault(str(scenario), {})[str(int(year))] = entry
    return found


def _bars(bars: xr.Dataset) -> list[dict[str, Any]]:
    return [
        {"parameter": str(name)}
        | {key: float(bars[key].sel(parameter=name)) for key in ("low", "high", "net_low", "net_high")}
        for name in bars["parameter"].values
    ]


def _departures(departures: tuple[CountingDeparture, ...]) -> list[dict[str, Any]]:
    return [vars(each) for each in departures]


def _total(total: Reconciled, words: BudgetWords) -> dict[str, Any]:
    return {
        "figure": total.printed.id,
        "year": total.printed.year,
        "outcome": total.verdict,
        "stated": total.stated,
        "matches": [{"departures": _departures(each.departures), "computed": each.computed} for each in total.matches],
        "matching": total.matching,
        "tried": total.tried,
        "implied_uptake": None if total.implied_uptake is None else list(total.implied_uptake),
        "solved": list(total.solved),
        "words": words.reconciled(total),
    }
