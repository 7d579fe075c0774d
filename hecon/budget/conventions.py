"""The conventions of a budget impact analysis, each explicit, with those of the Zorginstituut as default."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from hecon._checks import shown
from hecon.budget._rules import Fault, Known, fall_fault, is_number, is_sound, rule_faults

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hecon.budget.plan import Plan

__all__ = ["ZIN", "Conventions", "Formula", "convention_faults", "per_year_faults", "years_of"]

Formula = str | float

CAP_RULES = ("ceiling", "share")
INFLATION_RULES = ("cumulative", "own year", "none")


@dataclass(frozen=True)
class Conventions:
    """How a plan is counted. The defaults are the Zorginstituut's general rules.

    Parameters
    ----------
    name : str
        Name of the set: "zin" for the Zorginstituut's, "stated" for a dossier's where its sources depart from these.
    uptake : tuple of number or formula
        Share of patients on the new pathway in each year of the plan, in [0, 1] and never falling. A formula is text
        with numbers, ids of the plan's parameters and + - * / and brackets.
    cap : number or formula
        Largest share of patients who can be on it, in [0, 1].
    cap_rule : {"ceiling", "share"}
        "ceiling" cuts uptake off at the cap; "share" applies uptake to the share that can take it up.
    inflation : tuple of number or formula
        Rate of inflation in each year of the plan, as a fraction; none is needed where it is not counted.
    inflation_rule : {"cumulative", "own year", "none"}
        Unit prices rise by all years up to and including the year, by that year's rate alone, or not at all.
    demographic_growth : float
        Yearly growth of every population from the base year on, as a fraction; 0 is off.
    discount_rate : float
        Yearly rate by which later years count less, as a fraction, from the second year on; 0 is off.
    deductible_share : float
        Share that patients pay as deductible of spending under the Zvw other than on general practice and district
        nursing, in [0, 1]; 0 is off.

    Notes
    -----
    A plan with prices needs rates of inflation, for which the general rules have none, or the rule "none". The rules
    that are not a field are in the plan: the payer's perspective (a flow's payer is inside or outside the
    budget), the horizon (its years), tariffs rather than costs (its prices), and own payments and productivity outside.

    References
    ----------
    Zorginstituut Nederland. De tussenstand in de beweging naar passende fysio- en oefentherapeutische zorg, appendix 2.
    Diemen, 2024.

    Examples
    --------
    >>> from hecon.budget import ZIN
    >>> ZIN.uptake, ZIN.inflation_rule, ZIN.discount_rate
    ((0.5, 0.75, 1.0), 'cumulative', 0.0)
    """

    name: str = "own"
    uptake: tuple[Formula, ...] = (0.5, 0.75, 1.0)
    cap: Formula = 1.0
    cap_rule: str = "ceiling"
    inflation: tuple[Formula, ...] = ()
    inflation_rule: str = "cumulative"
    demographic_growth: float = 0.0
    discount_rate: float = 0.0
    deductible_share: float = 0.0


#: The Zorginstituut's general rules: specialist care's uptake, inflation counted, nothing discounted.
ZIN = Conventions("zin")


_FRACTION = "a fraction from -0.5 to 1, as in 0.022"


def years_of(plan: Plan) -> tuple[int, ...]:
    """Return the years if they are whole numbers, else none."""
    years = plan.years if isinstance(plan.years, (tuple, list)) else ()
    return tuple(years) if all(isinstance(year, int) and not isinstance(year, bool) for year in years) else ()


def per_year_faults(plan: Plan, values: Any, path: str) -> Iterator[Fault]:  # noqa: ANN401
    """Yield that a list lacks years of the plan, or has too many."""
    years = years_of(plan)
    if not isinstance(values, (tuple, list)):
        yield path, f"must be a tuple with a number or formula for every year, got {shown(values)}"
    elif years and len(values) < len(years):
        lacking = ", ".join(str(year) for year in years[len(values) :])
        yield path, f"must be given for every year, got {len(values)} for {len(years)}: {lacking} missing"
    elif years and len(values) > len(years):
        yield path, f"must be given once for every year, got {len(values)} for {len(years)}"


def convention_faults(plan: Plan, conventions: Any, path: str, known: Known) -> Iterator[Fault]:  # noqa: ANN401
    """Yield the faults of the conventions of a plan.

    Parameters
    ----------
    plan : Plan
        The plan.
    conventions : Conventions
        How it is to be counted.
    path : str
        Where they stand.
    known : dict
        Lowest and highest value of each parameter; None for one with a fault of its own.

    Yields
    ------
    pair of str
        Path and message.
    """
    if not isinstance(conventions, Conventions):
        yield path, f"must be hecon.budget.Conventions, got {shown(conventions)}"
        return
    yield from per_year_faults(plan, conventions.uptake, f"{path}.uptake")
    yield from _uptake_faults(conventions.uptake, f"{path}.uptake", known)
    yield from rule_faults(conventions.cap, f"{path}.cap", "in [0, 1]", known)
    for name, allowed in (("cap_rule", CAP_RULES), ("inflation_rule", INFLATION_RULES)):
        if getattr(conventions, name) not in allowed:
            yield f"{path}.{name}", f"must be one of {', '.join(allowed)}, got {getattr(conventions, name)!r}"
    needed = conventions.inflation_rule != "none" and plan.populations and plan.priced
    if needed or not isinstance(conventions.inflation, (tuple, list)):
        yield from per_year_faults(plan, conventions.inflation, f"{path}.inflation")
    rates = conventions.inflation if isinstance(conventions.inflation, (tuple, list)) else ()
    for year, rate in enumerate(rates):
        yield from rule_faults(rate, f"{path}.inflation[{year}]", _FRACTION, known)
    for name in ("demographic_growth", "discount_rate"):
        rate = getattr(conventions, name)
        if not is_number(rate) or not -0.5 <= rate <= 1:  # noqa: PLR2004 (a percentage given for a fraction is caught)
            yield f"{path}.{name}", f"must be {_FRACTION}, got {shown(rate)}"
        elif name == "demographic_growth" and rate and plan.base_year is None:
            yield f"{path}.{name}", "must be 0 for a plan without base_year: say of which year its numbers are"
    if not is_number(conventions.deductible_share) or not 0 <= conventions.deductible_share <= 1:
        yield f"{path}.deductible_share", f"must lie in [0, 1], got {shown(conventions.deductible_share)}"


def _uptake_faults(uptake: Any, path: str, known: Known) -> Iterator[Fault]:  # noqa: ANN401
    before = None
    for year, formula in enumerate(uptake if isinstance(uptake, (tuple, list)) else ()):
        at = f"{path}[{year}]"
        faults = list(rule_faults(formula, at, "in [0, 1]", known))
        yield from faults
        if faults or not is_sound(formula, known):
            before = None
            continue
        fault = None if before is None else fall_fault(before, formula, known)
        if fault is not None:
            yield at, f"must not fall, {fault}"
        before = formula
