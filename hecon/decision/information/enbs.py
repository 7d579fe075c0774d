"""Value of information to all who face a decision, and the net benefit of a study."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import xarray as xr

from hecon import _checks
from hecon.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import ArrayLike

    from hecon._arrays import Floats


# Decision lifetimes [years] that are shown unless others are asked for.
LIFETIMES = (5.0, 10.0, 20.0)


def population_value(
    value: xr.DataArray | float,
    *,
    population: float,
    discount: float,
    lifetime: ArrayLike = LIFETIMES,
    delay: float = 0.0,
) -> xr.DataArray:
    r"""Return the value of information to all patients who face a decision during its lifetime.

    .. math:: P \cdot v \int_{T}^{L} (1 + r)^{-t} dt

    Parameters
    ----------
    value : xarray.DataArray or float
        Value v per patient [currency], as of `hecon.evpi`, with any dims.
    population : float
        Patients who face the decision P [per year], whatever they then get; at least 0.
    discount : float
        Yearly discount rate r, in [0, 1]: that of costs, since the value is money.
    lifetime : array_like, default (5, 10, 20)
        Years L over which the decision will be faced, above 0, each once.
    delay : float, default 0
        Years T until the information is there, at least 0; patients before it gain nothing.

    Returns
    -------
    xarray.DataArray
        [currency], dim lifetime before those of the value.

    Raises
    ------
    InputError
        If a number is out of range or not finite.

    Notes
    -----
    The lifetime of a decision is an assumption: show several. Patients count, whatever the uptake, since the decision
    is about all of them; this is neither the population nor the term of a budget impact analysis.

    References
    ----------
    Philips Z, Claxton K, Palmer S. The half-life of truth: what are appropriate time horizons for research decisions?
    Med Decis Making 2008;28:287-299. https://doi.org/10.1177/0272989X07312724

    Examples
    --------
    >>> import hecon
    >>> hecon.population_value(100.0, population=1000, discount=0.03).round(-3).values.tolist()
    [465000.0, 866000.0, 1510000.0]
    """
    years = _years(lifetime)
    per_patient = _value("value", value)
    reached = _reached(population, discount, np.array([_checks.finite("delay", delay)]), years, "delay")[0]
    people = xr.DataArray(reached, {"lifetime": ("lifetime", years, {"units": "years"})}, ("lifetime",))
    result = (people * per_patient).transpose("lifetime", ...)
    result.attrs = {**per_patient.attrs, "population": float(population), "discount": float(discount)}
    return result.rename(f"population_{per_patient.name or 'value'}")


def enbs(
    evsi: xr.DataArray | xr.Dataset,
    *,
    population: float,
    discount: float,
    accrual: float | Callable[[float], float],
    follow_up: float,
    fixed_cost: float,
    cost_per_patient: float,
    lifetime: ArrayLike = LIFETIMES,
    analysis: float = 0.0,
    arms: int | None = None,
    forgone: xr.DataArray | float | None = None,
    within: float = 0.05,
) -> xr.Dataset:
    r"""Compute the expected net benefit of sampling: what a study is worth to all patients, less what it costs.

    .. math:: \mathrm{ENBS}(n) = P \cdot \mathrm{EVSI}(n) \int_{T(n)}^{L} (1 + r)^{-t} dt - C_0 - c k n - n f

    with :math:`T(n)` the years until the result, k arms of n patients, and f what participants forgo.

    Parameters
    ----------
    evsi : xarray.DataArray or xarray.Dataset
        Value of the study per patient [currency] over ``n`` [patients per arm] and ``wtp``, as
        `hecon.normal_information` returns; of a Dataset its variables ``evsi`` and, where it has one, ``forgone``.
    population : float
        Patients who face the decision P [per year], whatever they then get; at least 0.
    discount : float
        Yearly discount rate r of costs, in [0, 1].
    accrual : float or callable
        Patients recruited per year in all arms together, above 0; or a function from n to the years of recruitment.
    follow_up : float
        Follow-up of the last patient [years], at least 0.
    fixed_cost, cost_per_patient : float
        Costs of the study :math:`C_0` and c [currency; currency per patient], at least 0.
    lifetime : array_like, default (5, 10, 20)
        Years L over which the decision will be faced, above 0, each once.
    analysis : float, default 0
        Years between the last measurement and the result, at least 0.
    arms : int, optional
        Number of arms k, at least 1; by default what `evsi` says in its attributes.
    forgone : xarray.DataArray or float, optional
        What the study's own participants forgo f [currency for one patient in each arm], at least 0: the expected net
        benefit that they lose since not all get the option that is preferred now. By default that of `evsi`.
    within : float, default 0.05
        Share of the highest ENBS by which others may lie below it to belong to the range of the optimal n.

    Returns
    -------
    xarray.Dataset
        ``enbs`` and ``population_evsi`` (n, lifetime, wtp) [currency]; ``delay`` (n) [years], ``participants`` (n),
        ``cost`` (n) [currency] and ``forgone`` (n, wtp) [currency]; ``reached`` (n, lifetime), discounted patients
        after the result. Of the optimum (lifetime, wtp): ``optimal_n`` and ``optimal_enbs``, both 0 where no study
        pays; ``n_low`` and ``n_high``, the least and the most n of the range; ``at_edge``, whether it is the largest n
        that was given, so that a larger study may be better.

    Raises
    ------
    InputError
        If `evsi` has other dims or values that are not finite, a number is out of range, or arms or what participants
        forgo is neither given nor known.

    Notes
    -----
    The delay is T(n) = accrual + follow-up + analysis, so that a larger study may be worth less. No study (n = 0) costs
    nothing and changes nothing. The study's costs are counted at its start, undiscounted. All who face the decision
    until the result get what is preferred now; the preferred option stays available meanwhile, and the decision
    can be reversed without cost.

    References
    ----------
    Willan AR, Pinto EM. The value of information and optimal clinical trial design. Stat Med 2005;24:1791-1806.
    https://doi.org/10.1002/sim.2069

    Eckermann S, Willan AR. Expected value of information and decision making in HTA. Health Econ 2007;16:195-209.
    https://doi.org/10.1002/hec.1161

    Examples
    --------
    >>> import hecon, xarray
    >>> evsi = xarray.DataArray([[60.0], [90.0], [100.0]], {"n": [100, 200, 400], "wtp": [50_000]})
    >>> found = hecon.enbs(
    ...     evsi, population=10_000, discount=0.03, accrual=200, follow_up=1, fixed_cost=500_000, cost_per_patient=3000,
    ...     lifetime=[5, 10], arms=2, forgone=0,
    ... )
    >>> found["optimal_n"].squeeze().values.tolist()
    [100.0, 200.0]
    """  # fmt: skip
    table = _table(evsi)
    years, sizes = _years(lifetime), table["n"].to_numpy().astype(np.float64)
    count, lost = _arms(evsi, arms), _lost(evsi, forgone)
    costs = _at_least_0("fixed_cost", fixed_cost), _at_least_0("cost_per_patient", cost_per_patient)
    tolerance = _checks.probability("within", within)
    delay = _accrual(accrual, sizes, count) + _at_least_0("follow_up", follow_up) + _at_least_0("analysis", analysis)
    reached = _reached(population, discount, delay, years, "accrual")
    spent = costs[0] + costs[1] * count * sizes
    result = xr.Dataset(
        {
            "delay": ("n", np.where(sizes > 0, delay, 0.0), {"units": "years"}),
            "participants": ("n", count * sizes, {"units": "patients"}),
            "cost": ("n", np.where(sizes > 0, spent, 0.0)),
            "reached": (("n", "lifetime"), reached, {"units": "discounted patients"}),
        },
        {"n": table["n"], "lifetime": ("lifetime", years, {"units": "years"})},
    )
    result["forgone"] = (table["n"] * lost).transpose("n", ...)
    result["population_evsi"] = (table.where(table["n"] > 0, 0.0) * result["reached"]).transpose("n", "lifetime", ...)
    result["enbs"] = (result["population_evsi"] - result["cost"] - result["forgone"]).transpose("n", "lifetime", ...)
    result = result.assign(_optimum(result["enbs"], tolerance))
    _in_units(result, str(table.attrs.get("units", "cost")))
    about = {"population": float(population), "discount": float(discount), "follow_up": float(follow_up)}
    about |= {"analysis": float(analysis), "fixed_cost": costs[0], "cost_per_patient": costs[1], "arms": count}
    return result.assign_attrs({**evsi.attrs, **about, "within": tolerance})


def _in_units(result: xr.Dataset, units: str) -> None:
    """Tell the unit of each amount."""
    for name in ("cost", "forgone", "population_evsi", "enbs", "optimal_enbs"):
        result[name].attrs["units"] = units


def _at_least_0(name: str, value: float) -> float:
    number = _checks.finite(name, value)
    if number < 0:
        msg = f"{name} must be at least 0, got {value!r}"
        raise InputError(msg)
    return number


def _years(lifetime: ArrayLike) -> Floats:
    """Return decision lifetimes."""
    values = _checks.line("lifetime", lifetime)
    _checks.refuse_first("lifetime", values, ~np.isfinite(values) | (values <= 0), "be finite and above 0 years")
    _checks.refuse_repeated("lifetime", values)
    return values


def _value(name: str, value: xr.DataArray | float) -> xr.DataArray:
    """Return a value per patient, finite, as an array with dims."""
    if not isinstance(value, xr.DataArray):
        return xr.DataArray(_checks.finite(name, value))
    if "lifetime" in value.dims:
        msg = f"{name} must have no dim lifetime, which the result has of its own; select one, or rename it"
        raise InputError(msg)
    if value.dtype.kind not in "iuf" or not np.isfinite(value.to_numpy()).all():
        msg = f"{name} must hold finite numbers, got {value.dtype} with NaN or infinite values, or no numbers"
        raise InputError(msg)
    return value


def _table(evsi: xr.DataArray | xr.Dataset) -> xr.DataArray:
    """Return EVSI over n and wtp."""
    if isinstance(evsi, xr.Dataset) and "evsi" in evsi:
        evsi = evsi["evsi"]
    if not isinstance(evsi, xr.DataArray) or "n" not in evsi.dims or "n" not in evsi.coords:
        msg = (
            "evsi must be a DataArray over n and wtp with their values, or a Dataset with evsi, as "
            f"hecon.normal_information returns, got {type(evsi).__name__}"
        )
        raise InputError(msg)
    table = _value("evsi", evsi)
    sizes = _checks.numbers("n of evsi", table["n"])
    if not np.isfinite(sizes).all() or (sizes < 0).any():
        msg = f"n of evsi must be finite and at least 0 patients per arm, got {sizes.tolist()}"
        raise InputError(msg)
    return table.transpose("n", ...).drop_vars("optimal", errors="ignore")


def _arms(evsi: xr.DataArray | xr.Dataset, arms: int | None) -> int:
    known = evsi.attrs.get("arms") if arms is None else arms
    if known is None:
        msg = "arms must be given: the number of arms of n patients each, as 2; evsi does not say it"
        raise InputError(msg)
    return _checks.count("arms", known, at_least=1)


def _lost(evsi: xr.DataArray | xr.Dataset, forgone: xr.DataArray | float | None) -> xr.DataArray:
    """Return what one participant in each arm forgoes together."""
    known = evsi["forgone"] if forgone is None and isinstance(evsi, xr.Dataset) and "forgone" in evsi else forgone
    if known is None:
        msg = (
            "forgone must be given: what one participant in each arm forgoes together by not getting the option that "
            "is preferred now, or 0 where the study does not change their care; evsi does not say it"
        )
        raise InputError(msg)
    lost = _value("forgone", known)
    for dim in lost.dims:
        theirs, its = evsi.indexes.get(dim), lost.indexes.get(dim)
        if theirs is None or its is None or not its.equals(theirs):
            got, beside = (f"{list(each)}" if each is not None else "none" for each in (its, theirs))
            msg = (
                f"forgone must have the labels of evsi along {dim}, got {got} beside {beside}; compute both for the "
                "same values, or give one number"
            )
            raise InputError(msg)
    if (lost < 0).any():
        msg = f"forgone must be at least 0, got {float(lost.min())!r}"
        raise InputError(msg)
    return lost.drop_vars("optimal", errors="ignore")


def _accrual(accrual: float | Callable[[float], float], sizes: Floats, arms: int) -> Floats:
    """Return the years of recruitment of each size."""
    if not callable(accrual):
        return arms * sizes / _checks.positive("accrual", accrual)
    years = [_at_least_0(f"accrual({size:g})", accrual(float(size))) for size in sizes]
    return np.array(years)


def _reached(population: float, discount: float, delay: Floats, lifetime: Floats, name: str) -> Floats:
    """Return the discounted patients between a delay and the end of a lifetime, shape (delay, lifetime)."""
    people = _at_least_0("population", population)
    rate = np.log1p(_checks.probability("discount", discount))
    if (delay < 0).any():
        msg = f"{name} must be at least 0 years, got {float(delay.min())!r}"
        raise InputError(msg)
    start, end = np.minimum(delay[:, np.newaxis], lifetime), lifetime[np.newaxis]
    if rate == 0:
        return np.asarray(people * (end - start))
    return np.asarray(people * (np.exp(-rate * start) - np.exp(-rate * end)) / rate)


def _optimum(values: xr.DataArray, within: float) -> dict[str, Any]:
    """Return the size with the highest ENBS, its range, and whether it is the largest size."""
    best = values.max("n")
    worth = best > 0
    sizes = values["n"].astype(float)
    near = values >= best - within * np.abs(best)
    at = sizes.isel(n=values.argmax("n")).drop_vars("n")
    nothing = {"units": values["n"].attrs.get("units", "patients per arm")}
    return {
        "optimal_n": at.where(worth, 0.0).assign_attrs(nothing),
        "optimal_enbs": best.where(worth, 0.0),
        "n_low": sizes.where(near).min("n").where(worth, 0.0).assign_attrs(nothing),
        "n_high": sizes.where(near).max("n").where(worth, 0.0).assign_attrs(nothing),
        "at_edge": ((at == sizes.max()) & worth).drop_attrs(),
    }
