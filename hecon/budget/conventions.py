"""The conventions of a budget impact analysis, each explicit, with those of the Zorginstituut as default."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["ZIN", "Conventions", "Formula"]

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
