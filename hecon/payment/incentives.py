"""What each scheme rewards: one more treatment, another class on the bill, one kind of patient above another."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import xarray as xr

from hecon import _checks
from hecon.payment import _amounts, _counts, _results
from hecon.payment.schemes import Bundle, FeeForService, checked

if TYPE_CHECKING:
    from hecon.payment.caseload import Caseload

__all__ = ["selection_gain", "treatment_incentive", "upcoding_gain"]

_MONEY = {"units": "EUR per patient"}


def treatment_incentive(
    caseload: Caseload, scheme: FeeForService | Bundle, *, cost: float, up_to: int = 70
) -> xr.Dataset:
    """Return what one more treatment of a patient brings in, and what it leaves.

    ::

        marginal revenue = paid(class, T + 1) − paid(class, T),    marginal profit = that − cost

    Parameters
    ----------
    caseload : Caseload
        The patients.
    scheme : FeeForService or Bundle
        How they are paid for.
    cost : float
        Provider's cost of a treatment [EUR per treatment], at least 0: an assumption, as no source reports it.
    up_to : int, default 70
        Most treatments already given, at least 0. The highest number possible in a first year is reported as 70.

    Returns
    -------
    xarray.Dataset
        `marginal_revenue` and `marginal_profit` [EUR per treatment], dims (severity, given, position). `given` is the
        number already given. `position` is that of the provider's average result to the band of a corridor, "within"
        or "outside"; without a corridor the two are equal.

    Raises
    ------
    InputError
        If a number is out of range or the scheme does not fit the caseload.

    Notes
    -----
    Outside the band of a corridor the settlement takes its share of the margin, so it softens both the incentive to
    treat more under fee-for-service and that to treat less under a bundle. Beyond a class's maximum no treatment is
    given, and under fee-for-service none is paid.

    References
    ----------
    Zorginstituut Nederland 2024, paragraph 7.1.1 (70 treatments).

    Examples
    --------
    >>> from hecon import payment
    >>> patients = payment.Caseload([payment.SeverityClass("all", share=1, mean=20, sd=10)])
    >>> for scheme in (payment.FeeForService(36), payment.Bundle(720)):
    ...     one_more = payment.treatment_incentive(patients, scheme, cost=30, up_to=0)
    ...     print(one_more["marginal_profit"].sel(position="within").item())
    6.0
    -30.0
    """
    checked(caseload, scheme)
    price = _amounts.at_least_0("cost", cost)
    given = np.arange(_checks.count("up_to", up_to, at_least=0) + 2, dtype=np.float64)
    revenue, costs = [], []
    for each in caseload.classes:
        most = np.inf if each.maximum is None else float(each.maximum)
        capped = np.minimum(given, most)
        revenue.append(np.diff(scheme.paid(each.name, capped)))
        costs.append(price * np.diff(capped))
    kept = np.array([1.0, 1.0 if scheme.corridor is None else 1.0 - scheme.corridor.share])
    profit = (np.array(revenue) - np.array(costs))[..., None] * kept
    dims, unit = ("severity", "given", "position"), {"units": "EUR per treatment"}
    return xr.Dataset(
        {
            "marginal_revenue": (dims, profit + np.array(costs)[..., None], unit),
            "marginal_profit": (dims, profit, unit),
        },
        coords={"severity": list(caseload.names), "given": given[:-1].astype(int), "position": ["within", "outside"]},
        attrs={"cost": price, "cost_status": "assumed"},
    )


def upcoding_gain(caseload: Caseload, scheme: FeeForService | Bundle, *, cost: float) -> xr.Dataset:
    """Return what billing a patient in another class brings in, and what it leaves.

    Parameters
    ----------
    caseload : Caseload
        The patients.
    scheme : FeeForService or Bundle
        How they are paid for.
    cost : float
        Provider's cost of a treatment [EUR per treatment], at least 0: an assumption, as no source reports it.

    Returns
    -------
    xarray.Dataset
        `revenue_gain` and `profit_gain` [EUR per patient], dims (severity, billed), before any settlement: the patient
        is of class `severity` and is billed as `billed`.

    Raises
    ------
    InputError
        If a number is out of range or the scheme does not fit the caseload.

    Notes
    -----
    Under a bundle the treatments stay and the price changes. Under fee-for-service a class is worth its maximum: a
    patient billed in a class with a higher one, is given and paid for what the own class would have cut off. So a
    class mix can be moved under fee-for-service as well, and the mix that the report of 2024 gives is one of
    fee-for-service.

    Examples
    --------
    >>> from hecon import payment
    >>> light = payment.SeverityClass("light", share=0.6, mean=8, sd=4)
    >>> heavy = payment.SeverityClass("heavy", share=0.4, mean=30, sd=15)
    >>> patients = payment.Caseload([light, heavy])
    >>> by_class = payment.Bundle({"light": 288, "heavy": 1080})
    >>> gain = payment.upcoding_gain(patients, by_class, cost=30)["profit_gain"]
    >>> print(round(gain.sel(severity="light", billed="heavy").item(), 6))
    792.0
    """
    checked(caseload, scheme)
    price = _amounts.at_least_0("cost", cost)
    shape = (len(caseload.classes),) * 2
    revenue, profit = np.zeros(shape), np.zeros(shape)
    for i, own in enumerate(caseload.classes):
        before = np.arange(own.given.size)
        for j, billed in enumerate(caseload.classes):
            pmf = own.given
            if isinstance(scheme, FeeForService):
                pmf = _counts.capped(own.needed, billed.maximum)
            after = np.arange(pmf.size)
            gain = pmf @ scheme.paid(billed.name, after) - own.given @ scheme.paid(own.name, before)
            revenue[i, j] = gain if i != j else 0.0
            profit[i, j] = revenue[i, j] - price * (pmf @ after - own.given @ before)
    names = list(caseload.names)
    dims = ("severity", "billed")
    return xr.Dataset(
        {"revenue_gain": (dims, revenue, _MONEY), "profit_gain": (dims, profit, _MONEY)},
        coords={"severity": names, "billed": names},
        attrs={"cost": price, "cost_status": "assumed"},
    )


def selection_gain(caseload: Caseload, scheme: FeeForService | Bundle, *, cost: float) -> xr.DataArray:
    """Return how much more profit a patient of each class is expected to leave than the average patient.

    Parameters
    ----------
    caseload : Caseload
        The patients.
    scheme : FeeForService or Bundle
        How they are paid for.
    cost : float
        Provider's cost of a treatment [EUR per treatment], at least 0: an assumption, as no source reports it.

    Returns
    -------
    xarray.DataArray
        Expected profit on a patient of the class minus that on any [EUR per patient], dim severity, before any
        settlement.

    Raises
    ------
    InputError
        If a number is out of range or the scheme does not fit the caseload.

    Notes
    -----
    Under one bundle price it rewards who takes on light patients; under fee-for-service with a margin, who takes on
    heavy ones.

    Examples
    --------
    >>> from hecon import payment
    >>> light = payment.SeverityClass("light", share=0.6, mean=8, sd=4)
    >>> heavy = payment.SeverityClass("heavy", share=0.4, mean=30, sd=15)
    >>> patients = payment.Caseload([light, heavy])
    >>> payment.selection_gain(patients, payment.Bundle(604.8), cost=30).round(6).values.tolist()
    [264.0, -396.0]
    """
    price = _amounts.at_least_0("cost", cost)
    average = _results.one_patient(caseload, scheme, price).mean
    found = []
    for each in caseload.classes:
        treatments = np.arange(each.given.size)
        found.append(float(each.given @ (scheme.paid(each.name, treatments) - price * treatments)) - average)
    return xr.DataArray(
        np.array(found),
        dims="severity",
        coords={"severity": list(caseload.names)},
        name="selection_gain",
        attrs={**_MONEY, "cost": price, "cost_status": "assumed"},
    )
