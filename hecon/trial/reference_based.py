"""Reference-based imputation: values after a departure from treatment follow the arm of reference."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from hecon import _checks
from hecon.errors import InputError
from hecon.trial.deaths import lived

if TYPE_CHECKING:
    from hecon._arrays import Codes, Flags, Floats
    from hecon.trial.imputation import Variables
    from hecon.trial.table.checking import TrialData

METHODS = ("jump-to-reference", "copy-increments")
# Patients of an arm for each variable: below it regressions of the joint model rest on too little.
PER_VARIABLE = 2
# Variance below which a variable does not vary in an arm, of variables scaled to a standard deviation of 1.
_NO_VARIANCE = 1e-12
# Rounding of a standard deviation, relative to the largest value.
_ROUNDING = 1e-12
_NONE = -1


@dataclass(frozen=True)
class ReferencePlan:
    """Which values of a trial follow the arm of reference, and how.

    Attributes
    ----------
    method : {"jump-to-reference", "copy-increments"}
        The assumption.
    reference : int
        Place of the arm of reference.
    after, post : ndarray
        Which values are missing after a departure with nothing of their series known later, and which lie after one,
        shape (patient, variable).
    last : ndarray
        Place of the last variable of the same series before the departure and after the start, -1 where there is none,
        shape (patient, variable).
    scale : ndarray
        Standard deviation of each variable (variable); 1 where it does not vary.
    start : ndarray
        Which variables are known at the start: no departure changes them (variable).
    aside, lived : ndarray
        Which values are of the dead, and so tell nothing of the living; and the share of the period of a cost or a
        total that a patient lived, 1 for all else, shape (patient, variable).
    """

    method: str
    reference: int
    after: Flags = field(repr=False)
    post: Flags = field(repr=False)
    last: Codes = field(repr=False)
    scale: Floats = field(repr=False)
    start: Flags = field(repr=False)
    aside: Flags = field(repr=False)
    lived: Floats = field(repr=False)


def times_of(data: TrialData, all_: Variables) -> tuple[Floats, list[str]]:
    """Return the month at which each variable is known, and its series: utility or the category of a cost.

    What is known at the start has month 0 and no series. A cost is known at the end of its period.
    """
    times, series = np.zeros(len(all_.names)), [""] * len(all_.names)
    later = range(*all_.later.indices(len(all_.names)))
    for at, month in zip(later, data.months[len(data.months) - len(later) :], strict=True):
        times[at], series[at] = month, "utility"
    for at, item in zip(range(all_.costs.start, all_.costs.stop), data.items, strict=True):
        times[at], series[at] = item.end, f"cost {item.category}"
    return times, series


def after_departure(data: TrialData, all_: Variables) -> Flags:
    """Return which values are missing after a departure with nothing of their series known later (patient, variable).

    A gap between known values is none of them: it is imputed at random.
    """
    result = np.zeros(all_.values.shape, dtype=np.bool_)
    if data.deviations is None:
        return result
    times, series = times_of(data, all_)
    missing, living = all_.missing & ~all_.aside & ~all_.unplanned, ~np.isnan(all_.living)
    for name in dict.fromkeys(filter(None, series)):
        own = np.array([each == name for each in series])
        known = np.where(living[:, own], times[own], -1.0).max(axis=1)
        result[:, own] = missing[:, own] & (times[own] > known[:, None])
    with np.errstate(invalid="ignore"):
        gone: Flags = times > data.deviations.months[:, None]
    return result & gone


def reference_plan(data: TrialData, all_: Variables, method: str | None) -> ReferencePlan | None:
    """Return how values after a departure are imputed, None without a method; refuse what cannot be."""
    if method is None:
        return None
    _checks.one_of("reference_based", method, METHODS)
    if data.deviations is None:
        msg = (
            f"reference_based={method!r} needs the departures from treatment: the design must have [deviation] with "
            'column, the month of each, or after = "last-visit"'
        )
        raise InputError(msg)
    reference = data.strategies.index(data.deviations.reference)
    after = after_departure(data, all_) & (data.arm != reference)[:, None]
    if not after.any():
        msg = (
            f"reference_based={method!r} must have something to impute, and no value is missing after a departure in "
            f"an arm other than {data.deviations.reference!r}: leave it out"
        )
        raise InputError(msg)
    counts = np.bincount(data.arm, minlength=len(data.strategies))
    needed = np.unique([reference, *data.arm[after.any(axis=1)]])
    fewest = needed[counts[needed].argmin()]
    size = all_.costs.stop
    if counts[fewest] < PER_VARIABLE * size:
        msg = (
            f"reference_based={method!r} needs {PER_VARIABLE} patients of an arm for each variable, "
            f"{PER_VARIABLE * size} for {size} utilities, costs and covariates, and {data.strategies[fewest]!r} has "
            f"{counts[fewest]}: add up categories or periods of costs in the table, or leave covariates out"
        )
        raise InputError(msg)
    return _plan(data, all_, method, reference, after)


def _plan(data: TrialData, all_: Variables, method: str, reference: int, after: Flags) -> ReferencePlan:
    assert data.deviations is not None  # noqa: S101 (checked by `reference_plan`)
    times, series = times_of(data, all_)
    months = data.deviations.months[:, None]
    with np.errstate(invalid="ignore"):
        post: Flags = times > months
    last = np.full(after.shape, _NONE, dtype=np.intp)
    for name in dict.fromkeys(filter(None, series)):
        own = np.flatnonzero([each == name for each in series])
        own = own[np.argsort(times[own], kind="stable")]
        with np.errstate(invalid="ignore"):
            before = (times[own] <= months).sum(axis=1)
        last[:, own] = np.where(before > 0, own[np.maximum(before - 1, 0)], _NONE)[:, None]
    values = all_.living
    means = np.stack([np.nanmean(values[data.arm == arm], axis=0) for arm in range(len(data.strategies))])
    spread = np.sqrt(np.nanmean((values - means[data.arm]) ** 2, axis=0))
    # What is the same for all of an arm differs from its mean by rounding.
    varies = spread > _ROUNDING * np.nanmax(np.abs(values), axis=0)
    start = np.array([not each for each in series])
    scale = np.where(varies, spread, 1.0)
    return ReferencePlan(method, reference, after, post, last, scale, start, all_.aside, lived(data, all_))


@dataclass(frozen=True)
class _Normal:
    """Draws of an arm's joint normal distribution, in scaled units: of what varies in each set."""

    mean: Floats  # shape (set, variable)
    slopes: Floats  # of later variables on those of the start, shape (set, later, start)
    precision: Floats  # inverse of the covariance, shape (set, variable, variable)
    fixed: Flags  # which variables do not vary, shape (set, variable)


def _drawn(values: Floats, lives: Flags, start: Flags, rng: np.random.Generator) -> _Normal:
    """Draw mean and covariance of the living in completed sets (set, patient, variable) from their posterior.

    The prior is Jeffreys' with a ridge of one uncorrelated patient: where variables are collinear in an arm, patients
    of another arm, in which they are not, would be predicted by noise. What does not vary in a set has its value as
    mean, no slope, and a variance that is never used. Schafer JL. Analysis of Incomplete Multivariate Data. Chapman &
    Hall, 1997: section 5.2.3. https://doi.org/10.1201/9780367803025
    """
    sets, _, size = values.shape
    patients = lives.sum(axis=1)[:, None]
    mean = np.where(lives[..., None], values, 0.0).sum(axis=1) / patients
    apart = np.where(lives[..., None], values - mean[:, None], 0.0)
    squares = apart.transpose(0, 2, 1) @ apart
    diagonal = np.einsum("sii->si", squares)
    fixed: Flags = diagonal <= _NO_VARIANCE * patients
    squares = np.where(fixed[:, :, None] | fixed[:, None], 0.0, squares)
    places = np.arange(size)
    squares[:, places, places] = np.where(fixed, patients, diagonal * (1 + 1 / patients))
    root = np.linalg.cholesky(squares)
    # The precision has a Wishart distribution, by Bartlett's decomposition.
    bartlett = np.tril(rng.standard_normal((sets, size, size)), -1)
    bartlett[:, places, places] = np.sqrt(rng.chisquare(patients - 1 - places, (sets, size)))
    half = np.linalg.solve(root.transpose(0, 2, 1), bartlett)
    precision = half @ half.transpose(0, 2, 1)
    noise = np.linalg.solve(half.transpose(0, 2, 1), rng.standard_normal((sets, size, 1)))[:, :, 0]
    mean += np.where(fixed, 0.0, noise / np.sqrt(patients))
    later = ~start
    slopes = -np.linalg.solve(precision[:, later][:, :, later], precision[:, later][:, :, start])
    slopes[fixed[:, later]] = 0.0
    slopes *= ~fixed[:, None, start]
    return _Normal(mean, slopes, precision, fixed)


def impute_after(
    plan: ReferencePlan, values: Floats, arm: Codes, rng: np.random.Generator, *, rows: Codes | None = None
) -> Floats:
    """Return completed sets (set, patient, variable) in which values after a departure follow the arm of reference.

    Values are copies of the trial's, or resamples with the `rows` of the trial that each set has in each place. Mean
    and covariance of each arm are drawn once per set, and those of the arm of reference serve all arms. A patient's
    known values, less the mean of the own arm given the start, predict the rest with the covariance of the reference.
    Whoever died neither informs the distributions nor is imputed from death on.
    """
    at = np.broadcast_to(np.arange(arm.size), values.shape[:2]) if rows is None else rows
    after = plan.after[at]
    if not after.any():
        return values
    result, scaled = values.copy(), values / plan.scale
    lives: Flags = np.logical_not(plan.aside[at].any(axis=2))
    standard = arm == plan.reference
    reference = _drawn(scaled[:, standard], lives[:, standard], plan.start, rng)
    for code in np.unique(arm):
        own = np.flatnonzero(arm == code)
        if code == plan.reference or not after[:, own].any():
            continue
        model = _drawn(scaled[:, own], lives[:, own], plan.start, rng)
        post, last = plan.post[at[:, own]], plan.last[at[:, own]]
        means, tilt = _means(plan, scaled[:, own], model, reference, post=post, last=last)
        # What is 0 as someone is dead tells nothing of what went before: it is drawn too, and not kept.
        gone = after[:, own] | (plan.aside[at[:, own]] & after[:, own].any(axis=2, keepdims=True))
        filled = _conditional(scaled[:, own], gone, means, tilt, reference=reference, rng=rng)
        filled *= plan.scale * plan.lived[at[:, own]]
        result[:, own] = np.where(after[:, own], filled, values[:, own])
    return result


def _means(
    plan: ReferencePlan, scaled: Floats, own: _Normal, reference: _Normal, *, post: Flags, last: Codes
) -> tuple[Floats, Floats]:
    """Return each patient's expected values given the start, and what the start adds in the arm of reference.

    Until the departure they are those of the own arm, after it those of the reference; with copied increments these
    begin where the own arm was.
    """
    start, later = plan.start, ~plan.start
    first = scaled[:, :, start]

    def tilt_of(model: _Normal) -> Floats:
        return (first - model.mean[:, None, start]) @ model.slopes.transpose(0, 2, 1)

    tilt = tilt_of(reference)
    of_reference = np.zeros(scaled.shape)
    of_own = np.zeros(scaled.shape)
    of_reference[:, :, later] = reference.mean[:, None, later] + tilt
    of_own[:, :, later] = own.mean[:, None, later] + tilt_of(own)
    beyond = of_reference
    if plan.method == "copy-increments":
        gain = np.take_along_axis((of_own - of_reference) * plan.scale, np.maximum(last, 0), axis=2) / plan.scale
        beyond = of_reference + np.where(last == _NONE, 0.0, gain)
    means = np.where(post, beyond, of_own)
    means[:, :, start] = reference.mean[:, None, start]
    added = np.zeros(scaled.shape)
    added[:, :, later] = tilt
    return means, added


def _conditional(
    scaled: Floats, after: Flags, means: Floats, tilt: Floats, *, reference: _Normal, rng: np.random.Generator
) -> Floats:
    """Return values with those after a departure drawn given all others, one pattern of missing values at a time."""
    result = scaled.copy()
    residual = np.where(after | reference.fixed[:, None], 0.0, scaled - means + tilt)
    where_set, where_patient = np.nonzero(after.any(axis=2))
    patterns, number = np.unique(after[where_set, where_patient], axis=0, return_inverse=True)
    for place, pattern in enumerate(patterns):
        one = np.flatnonzero(number.ravel() == place)
        sets, patients = where_set[one], where_patient[one]
        gone = np.flatnonzero(pattern)
        covariance = np.linalg.inv(reference.precision[:, gone][:, :, gone])
        root = np.linalg.cholesky(covariance)
        weights = covariance @ reference.precision[:, gone]
        predicted = -np.einsum("ngv,nv->ng", weights[sets], residual[sets, patients])
        noise = np.einsum("ngh,nh->ng", root[sets], rng.standard_normal((one.size, gone.size)))
        moved = np.where(reference.fixed[:, gone][sets], 0.0, predicted + noise)
        at = (sets[:, None], patients[:, None], gone[None])
        result[at] = moved + means[at] - tilt[at]
    return result
