"""Draws of patients, their health and their use of care under the model of a teaching trial."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import betaincinv, ndtr, ndtri

from hecon.datasets._model import COUNTED, RESOURCES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from hecon.datasets._model import Model

    Floats = NDArray[np.float64]
    Whole = NDArray[np.int64]

__all__ = ["Patients", "patients"]


@dataclass(frozen=True)
class Patients:
    """Complete records, in order of randomisation.

    Parameters
    ----------
    arm, hospital : ndarray
        Positions.
    age, bmi : ndarray
        Age [years] and body mass index, to one decimal.
    woman, employed : ndarray of bool
        Sex and paid work.
    randomised, measured : ndarray of dates
        Days of randomisation and of the baseline measurement.
    states : ndarray
        EQ-5D state as a number of five digits, shape (patient, time).
    utilities : ndarray
        Of `states`.
    use : ndarray
        Shape (patient, resource, period).
    before : dict of str to ndarray
        Use in the three months before the start.
    """

    arm: NDArray[np.intp]
    hospital: Whole
    age: Floats
    bmi: Floats
    woman: NDArray[np.bool_]
    employed: NDArray[np.bool_]
    randomised: NDArray[np.datetime64]
    measured: NDArray[np.datetime64]
    states: Whole
    utilities: Floats
    use: Floats
    before: dict[str, Floats]


def patients(model: Model, sizes: Sequence[int], rng: np.random.Generator) -> Patients:
    """Draw complete records.

    Parameters
    ----------
    model : Model
        A calibrated model.
    sizes : sequence of int
        Patients per arm, the comparator first.
    rng : numpy.random.Generator
        Source of randomness.

    Returns
    -------
    Patients
        The records.
    """
    given = model.given
    arm = rng.permutation(np.repeat(np.arange(len(sizes)), sizes))
    share = given["icc"]
    places = max(given["hospitals"], round(arm.size * given["hospitals"] / sum(given["patients"])))
    hospital = rng.integers(places, size=arm.size)
    normal = rng.standard_normal((7, arm.size))
    health = np.sqrt(share) * rng.standard_normal(places)[hospital] + np.sqrt(1 - share) * normal[0]
    frailty = -model.link * health + np.sqrt(1 - model.link**2) * normal[1]
    with_ = given["health_with"]
    age, woman, bmi = (
        with_[each] * health + np.sqrt(1 - with_[each] ** 2) * normal[row]
        for row, each in enumerate(("age", "woman", "bmi"), start=2)
    )
    loading = given["work_with_age"]
    employed = loading * normal[2] + np.sqrt(1 - loading**2) * normal[5] < ndtri(given["employed"])
    days = _days(model, arm.size, rng)
    states, utilities = _states(model, arm, health, rng)
    operations = _operations(model, arm, health, normal[6], rng)
    use, before = _use(model, arm, operations, frailty, rng), _before(model, frailty, rng)
    use[:, RESOURCES.index("absence_hours")] *= employed[:, None]
    before["absence_hours"] *= employed
    return Patients(
        arm,
        hospital,
        _age(model, ndtr(age)),
        _bmi(model, ndtr(bmi)),
        woman < ndtri(given["women"]),
        employed,
        *days,
        states,
        utilities,
        use,
        before,
    )


def _age(model: Model, chance: Floats) -> Floats:
    low, high = model.given["age"]
    mean, deviation = model.given["age_moments"]
    middle, variance = (mean - low) / (high - low), (deviation / (high - low)) ** 2
    total = middle * (1 - middle) / variance - 1
    return np.asarray(np.round(low + (high - low) * betaincinv(middle * total, (1 - middle) * total, chance), 1))


def _bmi(model: Model, chance: Floats) -> Floats:
    mean, deviation, lowest = model.given["bmi"]
    below, above = ndtr((np.array([lowest, model.given["bmi_highest"]]) - mean) / deviation)
    return np.asarray(np.round(mean + deviation * ndtri(below + chance * (above - below)), 1))


def _days(model: Model, count: int, rng: np.random.Generator) -> tuple[NDArray[np.datetime64], NDArray[np.datetime64]]:
    first, last = (np.datetime64(each, "D") for each in model.given["recruitment"])
    randomised = first + np.sort(rng.integers((last - first) // np.timedelta64(1, "D") + 1, size=count))
    return randomised, randomised - rng.integers(model.given["baseline_days"] + 1, size=count)


def _states(model: Model, arm: NDArray[np.intp], health: Floats, rng: np.random.Generator) -> tuple[Whole, Floats]:
    noise = rng.standard_normal((arm.size, model.latent.shape[1]))
    latent = model.latent[arm] + model.persistence * health[:, None] + np.sqrt(1 - model.persistence**2) * noise
    band = np.searchsorted(model.scale.cuts, latent)
    variant = rng.integers(model.scale.states.shape[1], size=band.shape)
    return model.scale.states[band, variant], model.scale.utilities[band, variant]


def _operations(
    model: Model, arm: NDArray[np.intp], health: Floats, normal: Floats, rng: np.random.Generator
) -> NDArray[np.bool_]:
    """Return whether a patient was operated on in each period, at most once."""
    loading = model.given["delay_with_health"]
    latent = loading * health + np.sqrt(1 - loading**2) * normal
    delayed = latent > ndtri(1 - model.given["delayed"])
    when = np.searchsorted(np.cumsum(model.row("delay_timing"))[:-1], rng.random(arm.size), side="right")
    period = np.where(arm == 0, 0, np.where(delayed, when, -1))
    found: NDArray[np.bool_] = period[:, None] == np.arange(model.factors.size)
    return found


def _use(
    model: Model, arm: NDArray[np.intp], operations: NDArray[np.bool_], frailty: Floats, rng: np.random.Generator
) -> Floats:
    """Return the use of each resource in each period, of a patient in paid work."""
    rates = model.usual + model.row("after_operation")[:, None] * operations[:, None, :]
    counts = _counts(model, rates, frailty, rng)
    planned = rng.binomial(model.given["sessions"], model.given["attendance"], size=arm.size)
    counts[:, COUNTED.index("physiotherapy"), 0] += np.where(arm == 0, 0, planned)
    few, many = model.given["absence_days"]
    hours = _absence(model, np.where(operations, many, few), frailty, rng, after=operations)
    return np.concatenate([operations[:, None], counts, hours[:, None]], axis=1)


def _before(model: Model, frailty: Floats, rng: np.random.Generator) -> dict[str, Floats]:
    """Return the use in the three months before the start, of a patient in paid work."""
    counts = _counts(model, model.row("before")[:, None], frailty, rng)[:, :, 0]
    found = {each: counts[:, COUNTED.index(each)].astype(float) for each in model.given["before"]}
    most = np.full((frailty.size, 1), model.given["absence_days"][0])
    return {**found, "absence_hours": _absence(model, most, frailty, rng)[:, 0]}


def _counts(model: Model, rates: Floats, frailty: Floats, rng: np.random.Generator) -> Whole:
    """Return counts, shape (patient, counted resource, period), of mean rate times frailty."""
    size = model.row("dispersion")[:, None]
    factor = np.exp(np.outer(frailty, model.powers) - model.powers**2 / 2)
    return rng.negative_binomial(size, size / (size + rates * factor[:, :, None]))


def _absence(
    model: Model, most: Whole, frailty: Floats, rng: np.random.Generator, *, after: NDArray[np.bool_] | bool = False
) -> Floats:
    """Return hours of absence of a working patient, shape (patient, period)."""
    usual, slope = model.given["absence"]
    absent = rng.random(most.shape) < ndtr(np.where(after, model.after, usual) + slope * frailty[:, None])
    days = rng.binomial(most, model.given["absent_share"]) * absent
    return np.asarray(np.round(model.given["day"] * days, 1))
