"""A provider's profit and probability of loss, in a year and over the years of a contract."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
import xarray as xr
from scipy.special import ndtr

from hecon import _checks
from hecon.errors import InputError
from hecon.payment import claims, experiment, sample_size
from hecon.payment.caseload import at_least_0, numbers_of_patients

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import ArrayLike, NDArray

    from hecon.payment.caseload import Caseload
    from hecon.payment.experiment import Result
    from hecon.payment.schemes import Bundle, FeeForService, RiskCorridor

__all__ = ["expected_with_demand", "first_case", "loss_probability", "monitoring_table", "profit"]


def monitoring_table(
    values: Mapping[str, Mapping[int, float]] | None = None, *, years: int | None = None, base: int | None = None
) -> xr.Dataset:
    """Return the indicators of the experiment by year, with their change since a base year.

    Parameters
    ----------
    values : mapping of str to mapping of int to float, optional
        What was measured: by indicator, then by calendar year. Nothing is measured where a year is left out.
    years : int, optional
        Years that the experiment runs, from 1 to the most that its terms allow, which is the default.
    base : int, optional
        Calendar year against which changes are taken: the last year before the experiment, or one of its own; by
        default its first.

    Returns
    -------
    xarray.Dataset
        `value`, `status` ("reported" or "not reported"), `change` (value minus that of the base year) and
        `relative_change` (change over the size of that value; NaN where that is 0), dims (indicator, year); NaN where a
        value is missing. Coordinates along indicator: `name_nl`, `name_en`, `monitor`, `unit`, `better`.

    Raises
    ------
    InputError
        If an indicator or year is none of the table's, or a value is not finite.

    Notes
    -----
    A change is no effect: other things change with the years. An effect needs a comparison with patients who are paid
    for as before.

    Examples
    --------
    >>> from hecon import payment
    >>> table = payment.monitoring_table({"treatments_per_patient": {2025: 25, 2026: 24}})
    >>> table["change"].sel(indicator="treatments_per_patient").values.tolist()
    [0.0, -1.0, nan, nan, nan]
    """
    if values is not None and not isinstance(values, Mapping):
        msg = f"values must be a mapping from an indicator to its value by year, got a {type(values).__name__}"
        raise InputError(msg)
    kinds = experiment.indicators()
    ids = [each.id for each in kinds]
    calendar, since = _calendar(years, base)
    measured = _measured({} if values is None else values, ids, calendar)
    before = measured[:, [calendar.index(since)]]
    change = measured - before
    size = np.abs(before)
    relative = np.divide(change, size, out=np.full(change.shape, math.nan), where=size > 0.0)
    dims = ("indicator", "year")
    return xr.Dataset(
        {
            "value": (dims, measured),
            "status": (dims, np.where(np.isnan(measured), experiment.NOT_REPORTED, "reported")),
            "change": (dims, change),
            "relative_change": (dims, relative),
        },
        coords={
            "indicator": ids,
            "year": calendar,
            **{
                name: ("indicator", [getattr(each, name) for each in kinds])
                for name in ("name_nl", "name_en", "monitor", "unit", "better")
            },
        },
        attrs={"base": since},
    )


def expected_with_demand(share: float, *, relative_demand: float) -> float:
    """Return the share of a group among patients who ask for care, from its share among all.

    ::

        share × r/(share × r + 1 − share)

    Parameters
    ----------
    share : float
        Share of the group among all patients, in [0, 1].
    relative_demand : float
        How many times as often as the others they ask for care, above 0: an assumption, as no source reports it.

    Returns
    -------
    float
        Share among those who ask for care.

    Raises
    ------
    InputError
        If a number is out of range.

    Examples
    --------
    >>> from hecon import payment
    >>> print(round(payment.expected_with_demand(0.39, relative_demand=2), 3))
    0.561
    """
    part, times = _checks.probability("share", share), _checks.positive("relative_demand", relative_demand)
    # Divided by the larger of the two, so that neither end of the range overflows.
    more, rest = part * min(times, 1.0), (1.0 - part) * min(1.0 / max(times, 1.0), 1.0)
    return more / (more + rest) if more + rest > 0.0 else part


def first_case(
    *, power: float = 0.8, alpha: float = 0.05, sided: str = "two", level: float = 0.95, exact: bool = True
) -> xr.Dataset:
    """Return the class mix of 2022 as an indicator of upcoding: 77% in the heaviest classes where 39% was expected.

    Parameters
    ----------
    power : float, default 0.8
        Probability of seeing such a difference, in (0, 1).
    alpha : float, default 0.05
        Probability of seeing what is not there, in (0, 1).
    sided : {"one", "two"}, default "two"
        Whether a shift in one direction is looked for, or in either.
    level : float, default 0.95
        Level of the interval, in (0, 1).
    exact : bool, default True
        By the binomial test, as the number is too small for the normal approximation.

    Returns
    -------
    xarray.Dataset
        Without dims: `expected` and `observed` (as printed), `patients` (10,000 and 3,000, round numbers), `low` and
        `high` (of the observed share), `patients_needed`, and `demand_to_explain`: how many times as often the patients
        of the heaviest classes would have to ask for care to explain all of it. Attributes say the note in both
        languages.

    Raises
    ------
    InputError
        If a number is out of range.

    Notes
    -----
    A signal and no proof: the report itself ascribes part of the difference to patients of the heaviest classes asking
    for care more often. The expectation of 2018 is taken as known. And the mix is one of fee-for-service with a
    maximum for each class, so it says what a monitor can see, and nothing of the bundle.

    References
    ----------
    Zorginstituut Nederland 2024, paragraphs 7.1 and 7.1.5.

    Examples
    --------
    >>> from hecon import payment
    >>> found = payment.first_case()
    >>> int(found["patients_needed"].item()), round(found["demand_to_explain"].item(), 1)
    (16, 5.2)
    """
    data = experiment.first_case_data()
    expected, observed = data["expected"], data["observed"]
    heavy, light = data["patients_heaviest"], data["patients_lightest"]
    _, low, high = claims.share_interval(heavy, heavy + light, level=level)
    needed = sample_size.patients_needed(expected, observed, power=power, alpha=alpha, sided=sided, exact=exact)
    return xr.Dataset(
        {
            "expected": expected,
            "observed": observed,
            "patients": heavy + light,
            "low": low,
            "high": high,
            "patients_needed": needed,
            "demand_to_explain": observed / (1.0 - observed) / (expected / (1.0 - expected)),
        },
        attrs={"note_nl": data["note"]["nl"], "note_en": data["note"]["en"], "level": level},
    )


def _calendar(years: int | None, base: int | None) -> tuple[list[int], int]:
    first, most = experiment.first_year_and_length()
    run = most if years is None else _checks.count("years", years, at_least=1)
    if run > most:
        msg = f"years must be at most {most}, the longest that the experiment may run, got {years}"
        raise InputError(msg)
    calendar = list(range(first, first + run))
    since = first if base is None else _checks.count("base", base, at_least=1)
    if since == first - 1:
        calendar = [since, *calendar]
    if since not in calendar:
        msg = f"base must be a year from {first - 1} to {calendar[-1]}, got {base}"
        raise InputError(msg)
    return calendar, since


def _measured(values: Mapping[str, Mapping[int, float]], ids: list[str], calendar: list[int]) -> NDArray[np.float64]:
    found = np.full((len(ids), len(calendar)), math.nan)
    for name, by_year in values.items():
        _checks.one_of("indicator", name, ids)
        if not isinstance(by_year, Mapping):
            msg = f"values of {name} must be given by year, got {by_year!r}; write {{{calendar[0]}: 1.0}}"
            raise InputError(msg)
        for year, value in by_year.items():
            if isinstance(year, bool) or year not in calendar:
                msg = f"year of {name} must be from {calendar[0]} to {calendar[-1]}, got {year!r}"
                raise InputError(msg)
            found[ids.index(name), calendar.index(year)] = _checks.finite(f"{name} in {year}", value)
    return found


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
    counts, price = numbers_of_patients(n_patients), at_least_0("cost", cost)
    chances = _chances(quantiles)
    one = experiment.one_patient(caseload, scheme, price)
    rows = []
    for n in counts:
        before, exact = experiment.all_patients(one, int(n))
        after = experiment.Result(experiment.settled(before.values, scheme.corridor), before.weights, before.size)
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
    counts, price = numbers_of_patients(n_patients), at_least_0("cost", cost)
    practices, generator = _checks.count("n_practices", n_practices, at_least=1), _checks.generator(rng)
    one = experiment.one_patient(caseload, scheme, price)
    rows = []
    for n in counts:
        before, exact = experiment.all_patients(one, int(n))
        lost = _lost(before.values, scheme.corridor, one.size)
        losses = sum(
            int(_lost(part, scheme.corridor, one.size).sum())
            for part in experiment.simulated(one, int(n), practices, generator)
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
    return experiment.below_zero(experiment.settled(before, corridor), size)


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
