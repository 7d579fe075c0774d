"""The provider's profit and probability of loss against the number of patients."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import xarray as xr
from scipy.special import ndtr

from hecon import _checks
from hecon.errors import InputError
from hecon.payment import _amounts, _results

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import ArrayLike, NDArray

    from hecon.payment._results import Result
    from hecon.payment.caseload import Caseload
    from hecon.payment.schemes import Bundle, FeeForService, RiskCorridor

__all__ = ["loss_probability", "profit"]

_PER_PATIENT = "EUR per patient"


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
        Probabilities at which the distribution is told, in (0, 1).

    Returns
    -------
    xarray.Dataset
        `mean`, `sd` (n_patients) and `quantiles` (n_patients, quantile) [EUR per patient]; `exact` (n_patients) tells
        whether no outcome was moved to compute them.

    Raises
    ------
    InputError
        If a number is out of range or the scheme does not fit the caseload.

    Notes
    -----
    Costs are in proportion to treatments: fixed costs are left out. Patients are independent; where a practice's
    patients have something in common, such as a therapist who treats long, the SD falls more slowly than 1/√n.

    The sum over patients is computed by the n-th power of a Fourier transform. It is exact where all results of a
    patient lie on equal steps, as with one price; else they are put on a grid of at least 256 steps to an SD, each
    split over its neighbours so that its mean stays.

    References
    ----------
    Embrechts & Frei 2009, https://doi.org/10.1007/s00186-008-0249-2 (sums by Fourier transform).

    Examples
    --------
    >>> from hecon import payment
    >>> patients = payment.Caseload([payment.SeverityClass("all", share=1, mean=20, sd=10)])
    >>> found = payment.profit(patients, payment.Bundle(720), cost=36, n_patients=[1, 100])
    >>> found["sd"].round(6).values.tolist()
    [360.0, 36.0]
    """
    _checks.instance("caseload", caseload, "Caseload", "make one with hecon.payment.Caseload")
    counts, price = _amounts.numbers_of_patients(n_patients), _amounts.at_least_0("cost", cost)
    chances = _chances(quantiles)
    one = _results.one_patient(caseload, scheme, price)
    rows = []
    for n in counts:
        before, exact = _results.all_patients(one, int(n))
        after = _results.Result(_results.settled(before.values, scheme.corridor), before.weights, before.size)
        places = np.searchsorted(np.cumsum(after.weights), chances * (1.0 - 1e-12))
        found = after.values[np.minimum(places, after.values.size - 1)]
        rows.append((after.mean, after.sd, found, exact))
    mean, sd, told, exact_ = zip(*rows, strict=True)
    unit = {"units": _PER_PATIENT}
    return xr.Dataset(
        {
            "mean": ("n_patients", np.array(mean), unit),
            "sd": ("n_patients", np.array(sd), unit),
            "quantiles": (("n_patients", "quantile"), np.array(told), unit),
            "exact": ("n_patients", np.array(exact_)),
        },
        coords={"n_patients": counts, "quantile": chances},
        attrs={"cost": price, "cost_status": "assumed"},
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
    caseload : Caseload
        The patients.
    scheme : FeeForService or Bundle
        How they are paid for.
    cost : float
        Provider's cost of a treatment [EUR per treatment], at least 0: an assumption, as no source reports it.
    n_patients : int or iterable of int
        Patients of the provider in a year, from 1 to 100,000,000.
    n_practices : int, default 10000
        Practices simulated for each number of patients, at least 1.
    rng : int, numpy.random.Generator or None
        Seed or generator.

    Returns
    -------
    xarray.Dataset
        `loss`, `loss_normal`, `loss_simulated`, `loss_simulated_se` and `exact`, dim n_patients.

    Raises
    ------
    InputError
        If a number is out of range or the scheme does not fit the caseload.

    Notes
    -----
    `loss` is computed as in `profit`; the simulation draws patients and checks it. To break even is no loss, so with
    few patients the probability at the budget-neutral price may lie well below or above 1/2: treatments are whole
    numbers and skewed.

    Examples
    --------
    >>> from hecon import payment
    >>> patients = payment.Caseload([payment.SeverityClass("all", share=1, mean=20, sd=10)])
    >>> found = payment.loss_probability(patients, payment.Bundle(756), cost=36, n_patients=400, rng=1)
    >>> print(round(found["loss"].item(), 3), round(found["loss_normal"].item(), 3))
    0.024 0.023
    """
    _checks.instance("caseload", caseload, "Caseload", "make one with hecon.payment.Caseload")
    counts, price = _amounts.numbers_of_patients(n_patients), _amounts.at_least_0("cost", cost)
    practices, generator = _checks.count("n_practices", n_practices, at_least=1), _checks.generator(rng)
    one = _results.one_patient(caseload, scheme, price)
    rows = []
    for n in counts:
        before, exact = _results.all_patients(one, int(n))
        lost = _lost(before.values, scheme.corridor, one.size)
        losses = sum(
            int(_lost(part, scheme.corridor, one.size).sum())
            for part in _results.simulated(one, int(n), practices, generator)
        )
        share = losses / practices
        error = math.sqrt(share * (1.0 - share) / practices)
        rows.append((float(before.weights @ lost), _normal(one, int(n), scheme.corridor), share, error, exact))
    names = ("loss", "loss_normal", "loss_simulated", "loss_simulated_se", "exact")
    return xr.Dataset(
        {name: ("n_patients", np.array(row)) for name, row in zip(names, zip(*rows, strict=True), strict=True)},
        coords={"n_patients": counts},
        attrs={"cost": price, "cost_status": "assumed", "n_practices": practices},
    )


def _lost(before: NDArray[np.float64], corridor: RiskCorridor | None, size: float) -> NDArray[np.bool_]:
    return _results.below_zero(_results.settled(before, corridor), size)


def _normal(one: Result, n: int, corridor: RiskCorridor | None) -> float:
    edge = 0.0 if corridor is None else corridor.break_even()
    if one.sd == 0.0:
        return float(_lost(np.array([one.mean]), corridor, one.size)[0])
    return float(ndtr((edge - one.mean) * math.sqrt(n) / one.sd))


def _chances(quantiles: ArrayLike) -> NDArray[np.float64]:
    try:
        found = np.atleast_1d(_checks.numeric(quantiles))
    except (TypeError, ValueError):
        msg = f"quantiles must be numbers in (0, 1), got {quantiles!r}"
        raise InputError(msg) from None
    bad = ~((found > 0.0) & (found < 1.0))
    if found.ndim != 1 or found.size == 0 or bad.any():
        wrong = float(found[bad][0]) if bad.any() else f"shape {found.shape}"
        msg = f"quantiles must be numbers in (0, 1), got {wrong}; write 0.05 for 5%"
        raise InputError(msg)
    return found
