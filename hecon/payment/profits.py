"""Spending, profit and incentives under a tariff or a bundle."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import xarray as xr
from scipy.optimize import brentq
from scipy.special import ndtr

from hecon import _checks
from hecon.detection import at_least_0
from hecon.errors import InputError
from hecon.payment.caseload import capped, numbers_of_patients
from hecon.payment.schemes import (
    Bundle,
    FeeForService,
    Result,
    RiskCorridor,
    StopLoss,
    all_patients,
    checked,
    lost,
    one_patient,
    settled,
    simulated,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from numpy.typing import ArrayLike

    from hecon._arrays import Floats
    from hecon.payment.caseload import Caseload, SeverityClass


def _units(per: str) -> dict[str, str]:
    """Return the unit of an amount per patient or treatment, in the currency of the rules."""
    # The schema engine behind the rules is slow to import.
    from hecon.rulesets import ruleset

    return {"units": f"{ruleset().currency} per {per}"}


def expected_spending(
    caseload: Caseload, scheme: FeeForService | Bundle, *, cost: float | None = None, n_patients: int | None = None
) -> float:
    """Return what the insurer is expected to spend, settlement of a corridor included.

    The same treatments are given under both schemes: what a scheme changes in them is not in this number.

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

    Examples
    --------
    >>> from hecon import payment
    >>> patients = payment.Caseload([payment.SeverityClass("all", share=1, mean=20, sd=10)])
    >>> print(round(payment.expected_spending(patients, payment.FeeForService(36)), 6))
    720.0
    """
    checked(caseload, scheme)
    spent = math.fsum(each.share * _expected(each, scheme) for each in caseload.classes)
    if scheme.corridor is None:
        return spent
    before = _before_settlement(caseload, scheme, cost, n_patients)
    moved = scheme.corridor.settled(before.values) - before.values
    return spent + float(before.weights @ moved)


def _expected(each: SeverityClass, scheme: FeeForService | Bundle, cost: float = 0.0) -> float:
    """Return what a patient of a class is expected to bring in beyond the costs, before any settlement."""
    treatments = np.arange(each.given.size)
    return float(each.given @ (scheme.paid(each.name, treatments) - cost * treatments))


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
    cost, n_patients : float and int, optional
        As in `expected_spending`: needed with a corridor alone.

    Returns
    -------
    float or mapping of str to float
        The price [EUR per patient per year], or the price for each class; one below 0 is refused.

    Notes
    -----
    Neutral in expectation and for the same patients and treatments. By class, and without a corridor, it is neutral in
    each class; a corridor moves all prices by one amount, as it is settled on all patients together.

    Examples
    --------
    >>> from hecon import payment
    >>> light = payment.SeverityClass("light", share=0.6, mean=8, sd=4)
    >>> heavy = payment.SeverityClass("heavy", share=0.4, mean=30, sd=15)
    >>> prices = payment.budget_neutral_price(payment.Caseload([light, heavy]), tariff=36, by_class=True)
    >>> {name: round(price, 6) for name, price in prices.items()}
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
        # The result must be a price above 0; intermediate prices may be below.
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


def profit(
    caseload: Caseload,
    scheme: FeeForService | Bundle,
    *,
    cost: float,
    n_patients: int | Iterable[int],
    quantiles: ArrayLike = (0.05, 0.5, 0.95),
) -> xr.Dataset:
    """Return the distribution of the provider's profit: revenue minus costs, after any settlement.

    ::

        profit per patient = (Σ paid(class, T) − cost × ΣT)/n,    SD = σ/√n  without a corridor

    Parameters
    ----------
    caseload : Caseload
        The patients.
    scheme : FeeForService or Bundle
        How they are paid for.
    cost : float
        Provider's cost of a treatment [EUR per treatment], at least 0: an assumption, as no source reports it.
    n_patients : int or iterable of int
        Patients of the provider in a year, from 1 to 100,000,000.
    quantiles : array_like, default (0.05, 0.5, 0.95)
        Probabilities at which the distribution is given, in (0, 1).

    Returns
    -------
    xarray.Dataset
        `mean`, `sd` (n_patients) and `quantiles` (n_patients, quantile) [EUR per patient]; `exact` (n_patients) is
        whether no outcome was moved to compute them.

    Notes
    -----
    Patients are independent, costs in proportion to treatments. The sum over patients is the n-th power of a Fourier
    transform (Embrechts & Frei 2009, https://doi.org/10.1007/s00186-008-0249-2). It is exact where all results of a
    patient lie on equal steps, as with one price; else they are put on a grid of at least 256 steps to an SD, each
    split over its neighbours so that its mean stays.

    Examples
    --------
    >>> from hecon import payment
    >>> patients = payment.Caseload([payment.SeverityClass("all", share=1, mean=20, sd=10)])
    >>> payment.profit(patients, payment.Bundle(720), cost=36, n_patients=[1, 100])["sd"].round(6).values.tolist()
    [360.0, 36.0]
    """
    counts, price = numbers_of_patients(n_patients), at_least_0("cost", cost)
    chances = _chances(quantiles)
    one = one_patient(caseload, scheme, price)
    rows = []
    for n in counts:
        before, exact = all_patients(one, int(n))
        after = Result(settled(before.values, scheme.corridor), before.weights, before.size)
        places = np.searchsorted(np.cumsum(after.weights), chances * (1.0 - 1e-12))
        result = after.values[np.minimum(places, after.values.size - 1)]
        rows.append((after.mean, after.sd, result, exact))
    mean, sd, at_quantiles, exact_ = zip(*rows, strict=True)
    return xr.Dataset(
        {
            "mean": ("n_patients", np.array(mean), _units("patient")),
            "sd": ("n_patients", np.array(sd), _units("patient")),
            "quantiles": (("n_patients", "quantile"), np.array(at_quantiles), _units("patient")),
            "exact": ("n_patients", np.array(exact_)),
        },
        coords={"n_patients": counts, "quantile": chances},
        attrs=_assumed(price),
    )


def loss_probability(
    caseload: Caseload,
    scheme: FeeForService | Bundle,
    *,
    cost: float,
    n_patients: int | Iterable[int],
    n_practices: int = 10_000,
    rng: int | np.random.Generator | None = None,
) -> xr.Dataset:
    """Return the probability that costs exceed revenue, computed, simulated and by the normal approximation.

    ::

        P(loss) ≈ Φ(−m √n/σ)    with m and σ the mean and SD of the profit on one patient

    Parameters
    ----------
    caseload, scheme, cost, n_patients : Caseload, FeeForService or Bundle, float, int or iterable of int
        As in `profit`.
    n_practices : int, default 10000
        Practices simulated for each number of patients, at least 1.
    rng : int, numpy.random.Generator or None
        Seed or generator.

    Returns
    -------
    xarray.Dataset
        `loss`, `loss_normal`, `loss_simulated`, `loss_simulated_se` and `exact`, dim n_patients.

    Notes
    -----
    `loss` is computed as in `profit`; the simulation draws patients and checks it. To break even is no loss, so with
    few patients the probability at the budget-neutral price may lie well below or above 1/2: treatments are whole
    numbers and skewed.

    Examples
    --------
    >>> from hecon import payment
    >>> patients = payment.Caseload([payment.SeverityClass("all", share=1, mean=20, sd=10)])
    >>> chances = payment.loss_probability(patients, payment.Bundle(756), cost=36, n_patients=400, rng=1)
    >>> print(round(chances["loss"].item(), 3), round(chances["loss_normal"].item(), 3))
    0.024 0.023
    """
    counts, price = numbers_of_patients(n_patients), at_least_0("cost", cost)
    practices, generator = _checks.count("n_practices", n_practices, at_least=1), _checks.generator(rng)
    one = one_patient(caseload, scheme, price)
    rows = []
    for n in counts:
        before, exact = all_patients(one, int(n))
        losses = sum(
            int(lost(part, scheme.corridor, one.size).sum()) for part in simulated(one, int(n), practices, generator)
        )
        loss = float(before.weights @ lost(before.values, scheme.corridor, one.size))
        share = losses / practices
        error = math.sqrt(share * (1.0 - share) / practices)
        rows.append((loss, _normal(one, int(n), scheme.corridor), share, error, exact))
    names = ("loss", "loss_normal", "loss_simulated", "loss_simulated_se", "exact")
    return xr.Dataset(
        {name: ("n_patients", np.array(row)) for name, row in zip(names, zip(*rows, strict=True), strict=True)},
        coords={"n_patients": counts},
        attrs={**_assumed(price), "n_practices": practices},
    )


def treatment_incentive(
    caseload: Caseload, scheme: FeeForService | Bundle, *, cost: float, up_to: int = 70
) -> xr.Dataset:
    """Return what one more treatment of a patient brings in, and what it leaves.

    ::

        marginal revenue = paid(class, T + 1) − paid(class, T),    marginal profit = that − cost

    Parameters
    ----------
    caseload, scheme, cost : Caseload, FeeForService or Bundle, float
        As in `profit`.
    up_to : int, default 70
        Most treatments already given, at least 0. The highest number possible in a first year is reported as 70
        (Zorginstituut Nederland 2024, paragraph 7.1.1).

    Returns
    -------
    xarray.Dataset
        `marginal_revenue` and `marginal_profit` [EUR per treatment], dims (severity, given, position). `given` is the
        number already given. `position` is that of the provider's average result to the band of a corridor, "within"
        or "outside"; without a corridor the two are equal.

    Notes
    -----
    Outside the band of a corridor the settlement takes its share of the margin, so it softens both the incentive to
    treat more under fee-for-service and that to treat less under a bundle. Beyond a class's maximum no treatment is
    given, and under fee-for-service none is paid.

    Examples
    --------
    >>> from hecon import payment
    >>> patients = payment.Caseload([payment.SeverityClass("all", share=1, mean=20, sd=10)])
    >>> one_more = payment.treatment_incentive(patients, payment.Bundle(720), cost=30, up_to=0)
    >>> one_more["marginal_profit"].sel(position="within").item()
    -30.0
    """
    checked(caseload, scheme)
    price = at_least_0("cost", cost)
    given = np.arange(_checks.count("up_to", up_to, at_least=0) + 2, dtype=np.float64)
    revenue, costs = [], []
    for each in caseload.classes:
        most = np.inf if each.maximum is None else float(each.maximum)
        capped = np.minimum(given, most)
        revenue.append(np.diff(scheme.paid(each.name, capped)))
        costs.append(price * np.diff(capped))
    kept = np.array([1.0, 1.0 if scheme.corridor is None else 1.0 - scheme.corridor.share])
    profit = (np.array(revenue) - np.array(costs))[..., None] * kept
    dims, unit = ("severity", "given", "position"), _units("treatment")
    return xr.Dataset(
        {
            "marginal_revenue": (dims, profit + np.array(costs)[..., None], unit),
            "marginal_profit": (dims, profit, unit),
        },
        coords={"severity": list(caseload.names), "given": given[:-1].astype(int), "position": ["within", "outside"]},
        attrs=_assumed(price),
    )


def upcoding_gain(caseload: Caseload, scheme: FeeForService | Bundle, *, cost: float) -> xr.Dataset:
    """Return what billing a patient in another class brings in, and what it leaves.

    Parameters
    ----------
    caseload, scheme, cost : Caseload, FeeForService or Bundle, float
        As in `profit`.

    Returns
    -------
    xarray.Dataset
        `revenue_gain` and `profit_gain` [EUR per patient], dims (severity, billed), before any settlement: the patient
        is of class `severity` and is billed as `billed`.

    Notes
    -----
    Under a bundle the treatments stay and the price changes. Under fee-for-service a class is worth its maximum: a
    patient billed in a class with a higher one is given and paid for what the own class would have cut off.

    Examples
    --------
    >>> from hecon import payment
    >>> light = payment.SeverityClass("light", share=0.6, mean=8, sd=4)
    >>> heavy = payment.SeverityClass("heavy", share=0.4, mean=30, sd=15)
    >>> by_class = payment.Bundle({"light": 288, "heavy": 1080})
    >>> gain = payment.upcoding_gain(payment.Caseload([light, heavy]), by_class, cost=30)["profit_gain"]
    >>> print(round(gain.sel(severity="light", billed="heavy").item(), 6))
    792.0
    """
    checked(caseload, scheme)
    price = at_least_0("cost", cost)
    shape = (len(caseload.classes),) * 2
    revenue, profit = np.zeros(shape), np.zeros(shape)
    for i, own in enumerate(caseload.classes):
        before = np.arange(own.given.size)
        for j, billed in enumerate(caseload.classes):
            pmf = own.given
            if isinstance(scheme, FeeForService):
                pmf = capped(own.needed, billed.maximum)
            after = np.arange(pmf.size)
            gain = pmf @ scheme.paid(billed.name, after) - own.given @ scheme.paid(own.name, before)
            revenue[i, j] = gain if i != j else 0.0
            profit[i, j] = revenue[i, j] - price * (pmf @ after - own.given @ before)
    names = list(caseload.names)
    dims = ("severity", "billed")
    return xr.Dataset(
        {"revenue_gain": (dims, revenue, _units("patient")), "profit_gain": (dims, profit, _units("patient"))},
        coords={"severity": names, "billed": names},
        attrs=_assumed(price),
    )


def selection_gain(caseload: Caseload, scheme: FeeForService | Bundle, *, cost: float) -> xr.DataArray:
    """Return how much more profit a patient of each class is expected to leave than the average patient.

    Under one bundle price it rewards who takes on light patients; under fee-for-service with a margin, heavy ones.

    Parameters
    ----------
    caseload, scheme, cost : Caseload, FeeForService or Bundle, float
        As in `profit`.

    Returns
    -------
    xarray.DataArray
        Expected profit on a patient of the class minus that on any [EUR per patient], dim severity, before any
        settlement.

    Examples
    --------
    >>> from hecon import payment
    >>> light = payment.SeverityClass("light", share=0.6, mean=8, sd=4)
    >>> heavy = payment.SeverityClass("heavy", share=0.4, mean=30, sd=15)
    >>> patients = payment.Caseload([light, heavy])
    >>> payment.selection_gain(patients, payment.Bundle(604.8), cost=30).round(6).values.tolist()
    [264.0, -396.0]
    """
    price = at_least_0("cost", cost)
    average = one_patient(caseload, scheme, price).mean
    return xr.DataArray(
        np.array([_expected(each, scheme, price) - average for each in caseload.classes]),
        dims="severity",
        coords={"severity": list(caseload.names)},
        name="selection_gain",
        attrs={**_units("patient"), **_assumed(price)},
    )


def _assumed(cost: float) -> dict[str, float | str]:
    return {"cost": cost, "cost_status": "assumed"}


def _move(before: Result, corridor: RiskCorridor, floor: float) -> float:
    """Return by how much all prices move for the settlement to take nothing and add nothing, in expectation."""
    values, goal = before.values + floor, before.mean + floor

    def gap(move: float) -> float:
        return float(before.weights @ corridor.settled(values + move)) - goal

    if corridor.share == 1.0 and abs(goal - corridor.target) >= corridor.width:
        msg = (
            f"corridor with share 1 must hold the expected result of fee-for-service, {goal!r} "
            f"{_units('patient')['units']}, inside its band, got target {corridor.target!r} and width "
            f"{corridor.width!r}; move the target"
        )
        raise InputError(msg)
    step = max(abs(gap(0.0)), corridor.width, 1e-9 * before.size)
    low, high = -step, step
    while not gap(low) <= 0.0 <= gap(high):
        low, high = 2 * low, 2 * high
    return float(brentq(gap, low, high, xtol=1e-15 * before.size, rtol=1e-14, maxiter=500))


def _before_settlement(
    caseload: Caseload, scheme: FeeForService | Bundle, cost: float | None, n_patients: int | None
) -> Result:
    if cost is None or n_patients is None:
        msg = f"cost and n_patients must be given with a corridor, got {cost!r} and {n_patients!r}"
        raise InputError(msg)
    (n,) = numbers_of_patients(n_patients)
    one = one_patient(caseload, scheme, at_least_0("cost", cost))
    return all_patients(one, int(n))[0]


def _normal(one: Result, n: int, corridor: RiskCorridor | None) -> float:
    edge = 0.0 if corridor is None else corridor.break_even()
    if one.sd == 0.0:
        return float(lost(np.array([one.mean]), corridor, one.size)[0])
    return float(ndtr((edge - one.mean) * math.sqrt(n) / one.sd))


def _chances(quantiles: ArrayLike) -> Floats:
    try:
        result = np.atleast_1d(_checks.numeric(quantiles))
    except (TypeError, ValueError):
        msg = f"quantiles must be numbers in (0, 1), got {quantiles!r}"
        raise InputError(msg) from None
    bad = ~((result > 0.0) & (result < 1.0))
    if result.ndim != 1 or result.size == 0 or bad.any():
        wrong = float(result[bad][0]) if bad.any() else f"shape {result.shape}"
        msg = f"quantiles must be numbers in (0, 1), got {wrong}; write 0.05 for 5%"
        raise InputError(msg)
    return result
