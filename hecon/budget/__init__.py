"""Budget impact of changes of entitlement, and ways to pay for care."""

from hecon.budget.impact import budget_impact, combine, overlaps, uptake
from hecon.budget.plan import Plan
from hecon.budget.reconciliation import reconcile
from hecon.budget.records import ZIN, Amount, Conventions, Flow, Parameter, Population, Printed
from hecon.budget.solving import break_even, one_way, solve

__all__ = [
    "ZIN",
    "Amount",
    "Conventions",
    "Flow",
    "Parameter",
    "Plan",
    "Population",
    "Printed",
    "break_even",
    "budget_impact",
    "combine",
    "one_way",
    "overlaps",
    "reconcile",
    "solve",
    "uptake",
]
