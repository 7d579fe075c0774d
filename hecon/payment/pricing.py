"""What the insurer spends under a scheme, and the bundle price at which that is no more and no less than now."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from scipy.optimize import brentq

from hecon.errors import InputError
from hecon.payment import _amounts, _results
from hecon.payment.schemes import Bundle, FeeForService, RiskCorridor, StopLoss, checked

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hecon.payment.caseload import Caseload

__all__ = ["budget_neutral_price", "expected_spending"]


def expected_spending(
    caseload: Caseload, scheme: FeeForService | Bundle, *, cost: float | None = None, n_patients: int | None = None
) -> float:
    """Return what the insurer is expected to spend, settlement of a corridor included.

    Parameters
    ----------
    caseload : Caseload
        The patients.
    scheme : FeeForService or Bundle
        How they are paid for.
    cost : float, optional
        Provider's cost of a treatment [EUR per treatment], at least 0: needed with a corridor alone.
    n_patients : int, optional
        Patients of a provider: needed with a corridor alone, which is settled on their average.

    Returns
    -------
    float
        Expected spending [EUR per patient per year].

    Raises
    ------
    InputError
        If a number is missing or out of range, or the scheme does not fit the caseload.

    Notes
    -----
    The same treatments are given under both schemes: what a scheme changes in them is not in this number.

    Examples
    --------
    >>> from hecon import payment
    >>> patients = payment.Caseload([payment.SeverityClass("all", share=1, mean=20, sd=10)])
    >>> print(round(payment.expected_spending(patients, payment.FeeForService(36)), 6))
    720.0
    """
    checked(caseload, scheme)
    spent = math.fsum(
        each.share * float(each.given @ scheme.paid(each.name, np.arange(each.given.size))) for each in caseload.classes
    )
    if scheme.corridor is None:
        return spent
    before = _before_settlement(caseload, scheme, cost, n_patients)
    moved = scheme.corridor.settled(before.values) - before.values
    return spent + float(before.weights @ moved)


def budget_neutral_price(
    caseload: Caseload,
    *,
    tariff: float,
    by_class: bool = False,
    stop_loss: StopLoss | None = None,
    corridor: RiskCorridor | None = None,
    cost: float | None = None,
    n_patients: int | None = None,
) -> float | Mapping[str, float]:
    """Return the bundle price at which expected spending is that of fee-for-service.

    ::

        price = tariff × E[T] − payment × E[(T − threshold)⁺] − E[settlement]

    Parameters
    ----------
    caseload : Caseload
        The patients.
    tariff : float
        Tariff of a treatment under fee-for-service [EUR per treatment], at least 0.
    by_class : bool, default False
        Whether each severity class has its own price.
    stop_loss : StopLoss, optional
        Extra payment of the bundle, which the price makes room for.
    corridor : RiskCorridor, optional
        Corridor of the bundle, whose expected settlement the price makes room for.
    cost : float, optional
        Provider's cost of a treatment [EUR per treatment], at least 0: needed with a corridor alone.
    n_patients : int, optional
        Patients of a provider: needed with a corridor alone.

    Returns
    -------
    float or mapping of str to float
        The price [EUR per patient per year], or the price for each class.

    Raises
    ------
    InputError
        If a number is missing or out of range, or no price of at least 0 leaves expected spending as it is.

    Notes
    -----
    Neutral in expectation and for the same patients and treatments. By class, and without a corridor, it is neutral in
    each class; a corridor moves all prices by one amount, as it is settled on all patients together.

    Examples
    --------
    >>> from hecon import payment
    >>> light = payment.SeverityClass("light", share=0.6, mean=8, sd=4)
    >>> heavy = payment.SeverityClass("heavy", share=0.4, mean=30, sd=15)
    >>> patients = payment.Caseload([light, heavy])
    >>> print(round(payment.budget_neutral_price(patients, tariff=36), 6))
    604.8
    >>> {
    ...     name: round(price, 6)
    ...     for name, price in payment.budget_neutral_price(patients, tariff=36, by_class=True).items()
    ... }
    {'light': 288.0, 'heavy': 1080.0}
    """
    current = FeeForService(tariff)
    free = Bundle(0.0, stop_loss=stop_loss)
    checked(caseload, free)
    prices = {}
    for each in caseload.classes:
        treatments = np.arange(each.given.size)
        extra = current.paid(each.name, treatments) - free.paid(each.name, treatments)
        prices[each.name] = float(each.given @ extra)
    if not by_class:
        common = math.fsum(each.share * prices[each.name] for each in caseload.classes)
        prices = dict.fromkeys(prices, common)
    if corridor is not None:
        floor = min(0.0, *prices.values())
        # A price may only come out above 0, but on the way to it the settlement may begin below.
        lifted = Bundle({name: price - floor for name, price in prices.items()}, stop_loss=stop_loss)
        moved = _move(_before_settlement(caseload, lifted, cost, n_patients), corridor, floor)
        prices = {name: price + moved for name, price in prices.items()}
    lowest = min(prices.values())
    if lowest < 0.0:
        msg = (
            f"price must be at least 0 to be budget-neutral, got {lowest!r}; choose a higher threshold, a lower payment"
            " or another corridor"
        )
        raise InputError(msg)
    return prices if by_class else lowest


def _move(before: _results.Result, corridor: RiskCorridor, floor: float) -> float:
    """Return by how much all prices move for the settlement to take nothing and add nothing, in expectation."""
    values, goal = before.values + floor, before.mean + floor

    def gap(move: float) -> float:
        return float(before.weights @ corridor.settled(values + move)) - goal

    if corridor.share == 1.0 and abs(goal - corridor.target) >= corridor.width:
        msg = (
            f"corridor with share 1 must hold the expected result of fee-for-service, {goal!r} EUR per patient, inside"
            f" its band, got target {corridor.target!r} and width {corridor.width!r}; move the target"
        )
        raise InputError(msg)
    step = max(abs(gap(0.0)), corridor.width, 1e-9 * before.size)
    low, high = -step, step
    while not gap(low) <= 0.0 <= gap(high):
        low, high = 2 * low, 2 * high
    return float(brentq(gap, low, high, xtol=1e-15 * before.size, rtol=1e-14, maxiter=500))


def _before_settlement(
    caseload: Caseload, scheme: FeeForService | Bundle, cost: float | None, n_patients: int | None
) -> _results.Result:
    if cost is None or n_patients is None:
        msg = f"cost and n_patients must be given with a corridor, got {cost!r} and {n_patients!r}"
        raise InputError(msg)
    (n,) = _amounts.numbers_of_patients(n_patients)
    one = _results.one_patient(caseload, scheme, _amounts.at_least_0("cost", cost))
    return _results.all_patients(one, int(n))[0]
