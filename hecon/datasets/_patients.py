"""The patients of a teaching trial, drawn under its model: their health, their use of care, and what is missing.

Persistent health b of a patient is standard normal. Latent health at a time is m + p·b + √(1 − p²)·e, and the EQ-5D
state is the band in which it lies. Frailty x is standard normal and has correlation −r with b. A count of use is
negative binomial about its mean times exp(k·s·x − (k·s)²/2). A patient in paid work is absent in a period with chance
Φ(a + c·x), and then for a binomial number of days. Given b, costs are independent of utilities.

The means m, p, s, r and a are calibrated to the differences and the spread that were printed, once: they ship with the
exact truth under the model.
"""

from __future__ import annotations

import json
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.special import betaincinv, expit, ndtr, ndtri

from hecon import eq5d
from hecon.trial.table.design import read_design

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from hecon.trial import Design

    Floats = NDArray[np.float64]
    Flags = NDArray[np.bool_]
    Whole = NDArray[np.int64]

# The comparator first, as in the figures by arm.
ARMS = ("surgery", "exercise")
COUNTED = ("outpatient", "physiotherapy", "gp", "care_hours")
RESOURCES = ("operations", *COUNTED, "absence_hours")
MECHANISMS = ("none", "mar", "mnar")

_FOLDER = Path(__file__).parents[1] / "data" / "trials"
_ITEMS = 5
# The slopes count from about the mean, so that the base is the log odds of an ordinary patient.
_ORDINARY, _ORDINARY_AT_START = 0.75, 0.65


def text_of(file: str) -> str:
    """Return the text of a file of the teaching trials."""
    return (_FOLDER / file).read_text(encoding="utf-8")


@cache
def figures_of(name: str) -> dict[str, Any]:
    """Return the file of the figures behind a trial: each with its status, and the documents."""
    return tomllib.loads(text_of(f"{name}-figures.toml"))


@cache
def design_of(name: str) -> Design:
    """Return the shipped design of a trial."""
    return read_design(_FOLDER / f"{name}.toml")


@cache
def calibrated(name: str) -> dict[str, Any]:
    """Return what `benchmarks/teaching_trial.py` calibrated, and the exact truth that follows."""
    found: dict[str, Any] = json.loads(text_of(f"{name}-calibrated.json"))
    return found


@dataclass(frozen=True)
class Model:
    """The model, ready to draw from.

    Parameters
    ----------
    given : dict
        The figures by name.
    states : ndarray
        EQ-5D states as numbers of five digits, from the worst to the best, shape (band, variant): the variants of a
        band have equal chance.
    utilities : ndarray
        Of `states`.
    cuts : ndarray
        Where one band ends and the next begins on the latent scale, one fewer than bands.
    latent : ndarray
        Latent mean, shape (arm, time).
    persistence : float
        p, in (0, 1).
    spread, link, after : float
        s; r; and a in the period of an operation.
    """

    given: dict[str, Any]
    states: Whole
    utilities: Floats
    cuts: Floats
    latent: Floats
    persistence: float
    spread: float
    link: float
    after: float

    @property
    def periods(self) -> int:
        """Number of periods of use: one ends at each time after the start."""
        return len(self.latent[0]) - 1

    def row(self, name: str) -> Floats:
        """Return a figure as an array; of a table, its values for the counted resources."""
        value = self.given[name]
        return np.array([value.get(each, 0.0) for each in COUNTED] if isinstance(value, dict) else value, dtype=float)

    @property
    def usual(self) -> Floats:
        """Mean use of each counted resource in each period without an operation, planned sessions aside."""
        return np.array([self.given[each] for each in COUNTED], dtype=float)

    @property
    def powers(self) -> Floats:
        """Spread of the frailty of each counted resource on the log scale."""
        return self.spread * self.row("frailty_power")


@cache
def model_of(name: str) -> Model:
    """Return the calibrated model of a trial."""
    return model_with(name, calibrated(name))


def model_with(name: str, solved: dict[str, Any]) -> Model:
    """Return the model of a trial with given latent means, persistence, spread, link and absence."""
    given = {each["name"]: each["value"] for each in figures_of(name)["figure"]}
    value_set = design_of(name).utility.value_set
    assert value_set is not None  # noqa: S101 (the shipped design names one)
    states = np.asarray(given["states"], dtype=np.int64)
    return Model(
        given,
        states,
        np.asarray(eq5d.utility(states, value_set=value_set)),
        np.asarray(given["cuts"], dtype=float),
        np.array(solved["latent"]),
        **{each: solved[each] for each in ("persistence", "spread", "link", "after")},
    )


@dataclass(frozen=True)
class SimulatedPatients:
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


def drawn(model: Model, sizes: Sequence[int], rng: np.random.Generator) -> SimulatedPatients:
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
    SimulatedPatients
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
    return SimulatedPatients(
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
    band = np.searchsorted(model.cuts, latent)
    variant = rng.integers(model.states.shape[1], size=band.shape)
    return model.states[band, variant], model.utilities[band, variant]


def _operations(
    model: Model, arm: NDArray[np.intp], health: Floats, normal: Floats, rng: np.random.Generator
) -> NDArray[np.bool_]:
    """Return whether a patient was operated on in each period, at most once."""
    loading = model.given["delay_with_health"]
    latent = loading * health + np.sqrt(1 - loading**2) * normal
    delayed = latent > ndtri(1 - model.given["delayed"])
    when = np.searchsorted(np.cumsum(model.row("delay_timing"))[:-1], rng.random(arm.size), side="right")
    period = np.where(arm == 0, 0, np.where(delayed, when, -1))
    found: NDArray[np.bool_] = period[:, None] == np.arange(model.periods)
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


@dataclass(frozen=True)
class Missing:
    """What is missing.

    Parameters
    ----------
    items : ndarray of bool
        Answers to the EQ-5D, shape (patient, time, item).
    use : ndarray of bool
        Use of care, shape (patient, resource, period).
    bmi : ndarray of bool
        Body mass index.
    """

    items: Flags
    use: Flags
    bmi: Flags


def missing(model: Model, patients: SimulatedPatients, mechanism: str, rng: np.random.Generator) -> Missing:
    """Draw what is missing.

    Parameters
    ----------
    model : Model
        The model.
    patients : SimulatedPatients
        Complete records.
    mechanism : str
        "none", "mar" or "mnar".
    rng : numpy.random.Generator
        Source of randomness; each mechanism takes the same draws.

    Returns
    -------
    Missing
        Under "mar" all depends on what was observed before; under "mnar" drop-out depends on the utility it hides.
    """
    count, periods = patients.arm.size, model.periods
    chances, gaps = rng.random((2, periods, count)), model.given["gaps"]
    answer = rng.integers(_ITEMS, size=(count, periods))
    gap = (rng.random((count, periods)) < gaps["item"])[:, :, None] & (answer[:, :, None] == np.arange(_ITEMS))
    no_hours = rng.random((count, periods)) < gaps["care_hours"]
    no_bmi = rng.random(count) < gaps["bmi"]
    if mechanism == "none":
        return Missing(
            np.zeros((count, periods + 1, _ITEMS), bool),
            np.zeros((count, len(RESOURCES), periods), bool),
            np.zeros(count, bool),
        )
    silent = _silent(model, patients, (gap.any(axis=2), no_hours), mechanism, chances)
    use = np.repeat(silent[:, None], len(RESOURCES), axis=1)
    # Operations are from the hospitals' records.
    use[:, RESOURCES.index("operations")] = False
    use[:, RESOURCES.index("care_hours")] |= no_hours
    start = np.zeros((count, 1, _ITEMS), bool)
    return Missing(np.concatenate([start, gap | silent[:, :, None]], axis=1), use, no_bmi)


def _silent(
    model: Model, patients: SimulatedPatients, gaps: tuple[Flags, Flags], mechanism: str, chances: Floats
) -> Flags:
    """Return whether the questionnaire at each time after the start was not returned, given gaps in those that were."""
    skipped, dropping = (_slopes(model, each, patients.arm) for each in ("skipped", "drop_out"))
    skip = expit(skipped["base"] + skipped["utility"] * (patients.utilities[:, 0] - _ORDINARY_AT_START))
    hours = patients.use[:, RESOURCES.index("care_hours")]
    utility, care = patients.utilities[:, 0], patients.before["care_hours"]
    gone, found = np.zeros(patients.arm.size, bool), []
    for time, (drop, leave_out) in enumerate(zip(*chances, strict=True)):
        seen = patients.utilities[:, time + 1] if mechanism == "mnar" else utility
        odds = dropping["base"] + dropping["utility"] * (seen - _ORDINARY) + dropping["hours"] * np.log1p(care)
        gone = gone | (drop < expit(odds))
        found.append(gone | (leave_out < skip))
        utility = np.where(found[-1] | gaps[0][:, time], utility, patients.utilities[:, time + 1])
        care = np.where(found[-1] | gaps[1][:, time], care, hours[:, time])
    return np.stack(found, axis=1)


def _slopes(model: Model, name: str, arm: NDArray[np.intp]) -> dict[str, Floats]:
    """Return the base and the slopes of a mechanism for each patient."""
    return {key: np.broadcast_to(value, 2)[arm].astype(float) for key, value in model.given[name].items()}
