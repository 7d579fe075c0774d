"""QALYs from utilities, and costs from resource use and absence from paid work, by patient."""

from __future__ import annotations

import math
import re
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from hecon import _arrays, _checks, valuesets
from hecon.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike

    from hecon._arrays import Flags, Floats

_YEAR = 12.0
_FEWEST_TIMES = 2
# Largest utility: beyond what a normal model imputes above full health.
_NO_UTILITY = 2.0
# Of utilities that come without a value set.
_NO_SET = (-1.0, 1.0)


def qaly_weights(months: Sequence[float], *, discount: float = 0.0) -> Floats:
    """Return the weight of the utility at each time [years] in the area under the curve.

    Utility runs straight from one time to the next. The first year is not discounted, the second by 1/(1 + r), the
    third by its square (Dutch guideline of 2024); a span that crosses the end of a year is split there, at its
    interpolated utility.
    """
    rate = _checks.probability("discount", discount)
    times = _times(months)
    ends = np.arange(math.floor(times[0] / _YEAR) + 1, math.ceil(times[-1] / _YEAR)) * _YEAR
    grid = np.union1d(times, ends)
    middles = (grid[:-1] + grid[1:]) / 2
    area = np.diff(grid) / _YEAR / (1 + rate) ** np.floor(middles / _YEAR)
    on_grid = (np.append(area, 0.0) + np.append(0.0, area)) / 2
    # A utility at a time between two measurements is a mixture of theirs.
    mixture = np.stack([np.interp(grid, times, unit) for unit in np.eye(times.size)])
    result: Floats = mixture @ on_grid
    return result


def _times(months: Sequence[float]) -> Floats:
    times = np.array([_checks.finite("months", each) for each in _checks.items("months", months)])
    if times.size < _FEWEST_TIMES or times[0] < 0 or (np.diff(times) <= 0).any():
        msg = f"months must be two or more increasing times from 0, got {list(months)}: put them in order"
        raise InputError(msg)
    return times


def qalys(utilities: ArrayLike, months: Sequence[float], *, discount: float = 0.0) -> Any:  # noqa: ANN401
    """Return the QALYs of each patient.

    Parameters
    ----------
    utilities : array_like
        Utility [1 is full health, 0 is dead], the last axis over the times. Columns (or a coordinate) named by the
        months, as 6, "u6" or "6m", are matched with `months` by name.
    months : sequence of float
        Times [months], increasing.
    discount : float, default 0
        Yearly rate, in [0, 1].

    Returns
    -------
    numpy.ndarray, pandas.Series or xarray.DataArray
        QALYs, shape of `utilities` without its last axis, with their labels; NaN where a utility is missing. Impute
        before, at each time.

    Raises
    ------
    InputError
        If the times are not in order, their number is not that of the utilities, columns are named by other times, or
        a utility is masked, infinite, above 2 or no number.

    Examples
    --------
    >>> from hecon import trial
    >>> round(float(trial.qalys([0.5, 0.7, 0.8], [0, 6, 12])), 4)
    0.675
    """
    weights = qaly_weights(months, discount=discount)
    times = _times(months).tolist()
    rows = _arrays.stacked("utilities", utilities)
    bare, utilities = rows is not utilities, rows
    utilities = _arrays.by_name("utilities", utilities, times, what="months", key=month_of)
    values = _checks.numbers("utilities", utilities)
    if values.ndim == 0 or values.shape[-1] != weights.size:
        msg = f"utilities must have {weights.size} values on the last axis, one per time, got shape {values.shape}"
        raise InputError(msg)
    if np.isinf(values).any():
        place = ", ".join(map(str, np.argwhere(np.isinf(values))[0]))
        msg = f"utilities must be finite, or NaN where missing, got infinity at position {place}"
        raise InputError(msg)
    if (values > _NO_UTILITY).any():
        place = ", ".join(map(str, np.argwhere(values > _NO_UTILITY)[0]))
        msg = (
            f"utilities must lie about 1, full health, or below, got one above 2 at position {place}; hecon.utility "
            "values EQ-5D states, and a scale of 0 to 100 is divided by 100"
        )
        raise InputError(msg)
    return values @ weights if bare else _arrays.like(utilities, values @ weights)


def month_of(label: Any) -> float | None:  # noqa: ANN401
    """Return the one number in the name of a column, or None; the digits of EQ-5D-5L do not count."""
    if isinstance(label, (int, float, np.integer, np.floating)) and not isinstance(label, bool):
        return float(label)
    numbers = re.findall(r"\d+(?:\.\d+)?", re.sub(r"(?i)eq[\W_]*5[\W_]*d(?:[\W_]*[35][\W_]*l)?", "", str(label)))
    return float(numbers[0]) if len(numbers) == 1 else None


def discount_factors(periods: Sequence[tuple[float, float]], *, discount: float) -> Floats:
    """Return the present value of one euro spent evenly over each period [months], split at the end of a year."""
    rate = _checks.probability("discount", discount)
    ends = [(_checks.finite("periods", start), _checks.finite("periods", end)) for start, end in periods]
    return np.array([_factor(start, end, rate) for start, end in ends])


def _factor(start: float, end: float, rate: float) -> float:
    if not 0 <= start < end:
        msg = f"a period must end after its start, from 0 months on, got {start} to {end}"
        raise InputError(msg)
    ends = np.arange(math.floor(start / _YEAR) + 1, math.ceil(end / _YEAR)) * _YEAR
    cuts = np.concatenate([[start], ends, [end]])
    middles = (cuts[:-1] + cuts[1:]) / 2
    return float(np.average((1 + rate) ** -np.floor(middles / _YEAR), weights=np.diff(cuts)))


def hours_counted(hours: Floats, most: Floats, *, missing_ends: bool) -> Floats:
    """Return the hours (patient, period) that count when a spell counts up to `most` hours (patient,).

    A spell is a run of periods with hours above 0. NaN hours count NaN; whether they end the spell is `missing_ends`.
    """
    counted = np.empty_like(hours)
    used = np.zeros(hours.shape[0])
    for period, absent in enumerate(hours.T):
        left = np.maximum(most - used, 0.0)
        # No absence is no cost, also where the most that counts is unknown.
        counted[:, period] = np.where(absent == 0, 0.0, np.minimum(absent, left))
        ends = absent == 0
        if missing_ends:
            ends |= np.isnan(absent)
        used = np.where(ends, 0.0, used + np.nan_to_num(absent))
    return counted


WEEKS_PER_MONTH = 365.25 / 12 / 7
HOURS_OF_A_WEEK = 168
_TOLD = 5
_AFTER_MISSING = ("same-spell", "new-spell")


def resource_cost(use: ArrayLike, price: float) -> Any:  # noqa: ANN401 (an array or a table)
    """Return the cost of resource use at a price per unit.

    ::

        cost = use · price

    Parameters
    ----------
    use : array_like
        Units used, by patient or by patient and period; at least 0, NaN where missing.
    price : float
        Price of one unit, at least 0 [EUR per unit]; as `hecon.prices.reference_price` has it in `amount`.

    Returns
    -------
    numpy.ndarray, pandas.Series, pandas.DataFrame or xarray.DataArray
        Costs [EUR], in the shape of `use` and with its labels; NaN where missing.

    Raises
    ------
    InputError
        If a use is negative, infinite or no number (rows and columns are named, counted from 0; values are not), or if
        the price is negative.

    Notes
    -----
    Informal care is valued in the same way: hours at the price "informal-care-hour" of the costing manual, which is a
    replacement cost. The price is in euros; an amount in another currency is converted first, by
    `hecon.evidence.convert`.

    Examples
    --------
    >>> from hecon import prices, trial
    >>> price = prices.reference_price("informal-care-hour").amount
    >>> trial.resource_cost([10, float("nan"), 0], price).tolist()
    [188.0, nan, 0.0]
    """
    return _arrays.like(use, _amounts("use", use, dimensions=(1, 2)) * _price("price", price))


def productivity_cost(
    hours: ArrayLike,
    periods: Sequence[tuple[float, float]],
    *,
    price_per_hour: float,
    hours_per_week: ArrayLike,
    friction_weeks: float,
    after_missing: str = "same-spell",
) -> Any:  # noqa: ANN401 (an array or a table)
    """Return the cost of absence from paid work by the friction-cost method.

    A spell is a run of periods with absence above 0; its hours beyond the friction period cost nothing::

        cost_k = price · min(h_k, max(0, F·w − h_s − … − h_{k−1})), the spell began in period s

    F is the friction period and w the hours of paid work per week.

    Parameters
    ----------
    hours : array_like
        Hours of absence (patient, period); at least 0, at most those that the period holds, NaN where missing.
    periods : sequence of pair of float
        Start and end of each period [months]; each begins where the one before ends.
    price_per_hour : float
        Productivity cost per hour, at least 0 [EUR per hour]; that of `hecon.prices.reference_price` "paid-work-hour".
    hours_per_week : float or array_like
        Hours of paid work per week, of all or per patient, in [0, 168]; NaN where missing. Patients of labelled hours
        are matched by label.
    friction_weeks : float
        Friction period, above 0 [weeks]; `hecon.prices.friction_period` has it.
    after_missing : {"same-spell", "new-spell"}, default "same-spell"
        What absence in the period after a missing one belongs to: the spell before it, to which the missing period adds
        no hours; or a new one, as if there had been no absence.

    Returns
    -------
    numpy.ndarray, pandas.DataFrame or xarray.DataArray
        Costs (patient, period) [EUR], with the labels of `hours`; NaN where the hours are missing, or where there is
        absence but the hours per week are missing.

    Raises
    ------
    InputError
        If hours are negative, infinite, no numbers or more than a period holds, or if a patient without paid work is
        absent: rows and columns are named, counted from 0; values are not. If the periods do not follow each other.

    Notes
    -----
    Absence in two periods that follow each other is taken to be one spell, though work may have been resumed in
    between: the cost is then too low, and never too high. Nothing says what happened in a missing period. "same-spell"
    lies between what full absence in it would give and "new-spell", which is the highest; compute both where it
    matters. No elasticity of production is applied.

    References
    ----------
    Koopmanschap MA, et al. The friction cost method for measuring indirect costs of disease. J Health Econ
    1995;14(2):171-189. https://doi.org/10.1016/0167-6296(94)00044-5

    Examples
    --------
    >>> from hecon import prices, trial
    >>> price = prices.reference_price("paid-work-hour").amount
    >>> weeks = prices.friction_period(2022).weeks
    >>> trial.productivity_cost(
    ...     [[100, 0], [400, 400]], [(0, 3), (3, 6)], price_per_hour=price, hours_per_week=36, friction_weeks=weeks
    ... ).round(1).tolist()
    [[3988.0, 0.0], [15952.0, 7593.2]]
    """
    (hours, hours_per_week), _ = _arrays.together(
        {"hours": hours, "hours_per_week": hours_per_week}, what="patients", show=False
    )
    absent = _amounts("hours", hours, dimensions=(2,))
    lengths = _lengths(periods, absent.shape[1])
    price = _price("price_per_hour", price_per_hour)
    most = _hours_per_week(hours_per_week, absent.shape[0]) * _checks.positive("friction_weeks", friction_weeks)
    _checks.one_of("after_missing", after_missing, _AFTER_MISSING)
    _refuse_where(absent > lengths * HOURS_OF_A_WEEK, "hours must be at most those that the period holds")
    idle = (absent > 0) & (most == 0)[:, None]
    _refuse_where(idle, "hours must be 0 where hours_per_week is 0: give the hours of paid work, or NaN if unknown")
    cost = price * hours_counted(absent, most, missing_ends=after_missing == _AFTER_MISSING[1])
    return _arrays.like(hours, cost)


def _amounts(name: str, values: ArrayLike, *, dimensions: tuple[int, ...]) -> Floats:
    """Return amounts of patients if they are numbers of at least 0, or NaN."""
    _checks.unmasked(name, values)
    try:
        amounts = _checks.numeric(values)
    except (TypeError, ValueError):
        msg = f"{name} must hold numbers, NaN where missing, got something else"
        raise InputError(msg) from None
    if amounts.ndim not in dimensions:
        rule = "one row per patient and one column per period" if dimensions == (2,) else "one or two dimensions"
        msg = f"{name} must have {rule}, got shape {amounts.shape}"
        raise InputError(msg)
    _refuse_where(amounts < 0, f"{name} must be at least 0, or NaN where missing")
    _refuse_where(np.isinf(amounts), f"{name} must be finite, or NaN where missing")
    return amounts


def _refuse_where(bad: Flags, rule: str) -> None:
    """Name the places that break a rule, never what stands there."""
    places = np.argwhere(bad)
    if not len(places):
        return
    words = ("row", "column")
    shown = [", ".join(f"{word} {at}" for word, at in zip(words, place, strict=False)) for place in places[:_TOLD]]
    more = f" and {len(places) - _TOLD} more" if len(places) > _TOLD else ""
    msg = f"{rule}; it is not in {'; '.join(shown)}{more}, counted from 0"
    raise InputError(msg)


def _price(name: str, value: float) -> float:
    price = _checks.finite(name, value)
    if price < 0:
        msg = f"{name} must be at least 0, got {value}"
        raise InputError(msg)
    return price


def _lengths(periods: Sequence[tuple[float, float]], columns: int) -> Floats:
    """Return the length of each period [weeks] if they follow each other, one per column."""
    try:
        bounds = _checks.numeric(periods)
    except (TypeError, ValueError):
        bounds = np.empty(0)
    if bounds.shape != (columns, 2) or not np.isfinite(bounds).all():
        msg = f"periods must hold a start and an end [months] for each of {columns} columns of hours, got {periods!r}"
        raise InputError(msg)
    for start, end in bounds.tolist():
        if end <= start:
            msg = f"periods must end after they start, got {start:g} to {end:g}"
            raise InputError(msg)
    for (_, end), (start, _) in pairwise(bounds.tolist()):
        if start != end:
            msg = f"periods must each begin where the one before ends, got {start:g} after {end:g}"
            raise InputError(msg)
    return np.asarray(np.diff(bounds, axis=1)[:, 0] * WEEKS_PER_MONTH)


def _hours_per_week(values: ArrayLike, rows: int) -> Floats:
    """Return the hours of paid work per week of each patient."""
    _checks.unmasked("hours_per_week", values)
    single = _arrays.depth(values) == 0
    listed: Any = [values] if single else values
    weekly = _amounts("hours_per_week", listed, dimensions=(1,))
    if not single and weekly.size != rows:
        msg = f"hours_per_week must be one number or one per patient, got {weekly.size} for {rows} patients"
        raise InputError(msg)
    _refuse_where(weekly > HOURS_OF_A_WEEK, f"hours_per_week must be at most {HOURS_OF_A_WEEK}")
    return np.broadcast_to(weekly, rows).copy()


def utility_ends(value_set: str | None) -> tuple[float, float]:
    """Return the lowest and the highest utility of a value set, -1 and 1 if none is given."""
    return _NO_SET if value_set is None else valuesets.find(value_set).ends
