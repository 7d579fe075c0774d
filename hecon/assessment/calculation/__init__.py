"""An assessment, or a budget impact, as a calculation that can be done again with other inputs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hecon.assessment.calculation.budgets import budget_tables, together_tables
from hecon.assessment.calculation.burdens import burden_inputs, burden_tables
from hecon.assessment.calculation.comparisons import compared, given_values, result_tables, simulated_tables
from hecon.assessment.calculation.records import Calculation, Ledger

if TYPE_CHECKING:
    from collections.abc import Sequence

    import xarray as xr

    from hecon.assessment.budgets import BudgetResult
    from hecon.assessment.calculation.records import QuantityTable
    from hecon.assessment.records import Assessment
    from hecon.dossier.loading import Dossier

__all__ = ["calculate", "calculate_budget", "calculate_together"]


def calculate(assessment: Assessment) -> Calculation:
    """Return the results, the burden and the budget of an assessment as formulas over its inputs.

    Formulas are those of `hecon.icer`, `hecon.verdict`, `hecon.shortfall` and `hecon.budget_impact`. What was
    simulated, searched or solved is no formula: it names the inputs that it was computed from.
    """
    ledger = Ledger()
    named, rules = given_values(assessment.rules, ledger)
    found, inputs = compared(assessment, named, ledger)
    burdened, burden = burden_inputs(assessment, ledger)
    reference, shortfall, drawn = burden_tables(assessment, burdened, ledger)
    edges = tuple(name for name in ledger.quantities if name.startswith("rules.band.") and name.endswith(".from"))
    tables: dict[str, tuple[QuantityTable, ...]] = {
        "inputs": (rules, *inputs, burden),
        "results": result_tables(assessment, found, reference, ledger),
        "burden": shortfall,
        "simulated": (
            *simulated_tables(assessment, found, (*burdened.drawn_from, *edges), ledger),
            *drawn,
        ),
    }
    if assessment.budget is not None:
        _join(tables, budget_tables(assessment.budget, assessment.dossier, ledger))
    return ledger.calculation(tables)


def calculate_budget(result: BudgetResult, dossier: Dossier) -> Calculation:
    """Return a budget impact alone as formulas over its inputs."""
    ledger = Ledger()
    return ledger.calculation(budget_tables(result, dossier, ledger))


def calculate_together(together: xr.Dataset, dossiers: Sequence[Dossier]) -> Calculation:
    """Return the sum of several budget impacts, as `hecon.budget.combine` gives it, over the totals of each."""
    ledger = Ledger()
    return ledger.calculation(together_tables(together, dossiers, ledger))


def _join(tables: dict[str, tuple[QuantityTable, ...]], more: dict[str, tuple[QuantityTable, ...]]) -> None:
    for part, found in more.items():
        tables[part] = (*tables.get(part, ()), *found)
