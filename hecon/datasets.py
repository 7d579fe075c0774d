"""Simulated teaching trials: patient records that no patient gave, with the truth known.

Persistent health b of a patient is standard normal. Latent health at a time is m + p·b + √(1 − p²)·e, and the EQ-5D
state is the band in which it lies. Frailty x is standard normal and has correlation −r with b. A count of use is
negative binomial about its mean times exp(k·s·x − (k·s)²/2). A patient in paid work is absent in a period with chance
Φ(a + c·x), and then for a binomial number of days. Given b, costs are independent of utilities.

The means m, p, s, r and a were calibrated once to the printed differences and spread; they ship with the exact truth.
"""

from __future__ import annotations

import json
import tomllib
from copy import deepcopy
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.special import betaincinv, expit, ndtr, ndtri

from hecon import _checks, eq5d, valuesets
from hecon._io import write_whole
from hecon.errors import InputError
from hecon.trial.table.design import read_design

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd
    from numpy.typing import NDArray

    from hecon._arrays import Codes, Counts, Flags, Floats
    from hecon.trial import Design


__all__ = ["figures", "names", "simulate_trial", "trial_design", "write_trial"]

_NAMES = ("meniscus",)
_CALIBRATED = {
    "latent": "latent means of health: the means of utility at each time, their difference and so that in QALYs",
    "persistence": "persistence of health: the standard error of the difference in QALYs",
    "after": "absence from work after an operation: the difference in societal costs",
    "spread": "spread of the frailty: the standard error of the difference in societal costs",
    "link": "link of frailty with health: the correlation of the two differences",
}
_MECHANISMS = {
    "none": "nothing is missing",
    "mar": "missing at random: drop-out depends on arm, last observed utility and hours of informal care, "
    "skipped questionnaires on arm and baseline utility; single gaps are completely at random",
    "mnar": "missing not at random: as at random, but drop-out depends on the utility that it hides",
}


@dataclass(frozen=True)
class TeachingFigure:
    """A figure behind a teaching trial.

    Attributes
    ----------
    name, meaning : str
        By which the generator finds it, and what it is, with its unit.
    value : number, list or dict
        As the generator takes it.
    status : {"reported", "derived", "assumed"}
        Printed of the trial that is followed, computed from what was printed, or neither.
    sources : tuple of str
        Publications; none of an assumption.
    """

    name: str
    value: Any
    status: str
    meaning: str
    sources: tuple[str, ...] = ()


def names() -> tuple[str, ...]:
    """Return the names of the teaching trials, sorted.

    Returns
    -------
    tuple of str
        Each is a trial that `simulate_trial` can draw.

    Examples
    --------
    >>> from hecon import datasets
    >>> datasets.names()
    ('meniscus',)
    """
    return _NAMES


def figures(name: str) -> tuple[TeachingFigure, ...]:
    """Return the figures behind a teaching trial, each with its status and its sources.

    Parameters
    ----------
    name : str
        One of `names`.

    Returns
    -------
    tuple of TeachingFigure
        Reported, derived and assumed figures.

    Examples
    --------
    >>> from hecon import datasets
    >>> known = {each.name: each for each in datasets.figures("meniscus")}
    >>> known["delayed"].value, known["delayed"].status, known["attendance"].status
    (0.29, 'reported', 'assumed')
    """
    tree = figures_of(_checks.one_of("name", name, _NAMES))
    written = {document["id"]: _citation(document) for document in tree["document"]}
    return tuple(
        TeachingFigure(**{**figure, "sources": tuple(written[source] for source in figure.get("sources", ()))})
        for figure in tree["figure"]
    )


def _citation(document: dict[str, str]) -> str:
    link = f" https://doi.org/{document['doi']}" if "doi" in document else ""
    return f"{document['citation']}{link}"


def trial_design(name: str) -> Design:
    """Return the design of a teaching trial: which column holds what.

    Parameters
    ----------
    name : str
        One of `names`.

    Returns
    -------
    Design
        For `hecon.from_patients`; its `simulated` is True.

    Examples
    --------
    >>> from hecon import datasets
    >>> design = datasets.trial_design("meniscus")
    >>> design.strategies, design.simulated
    (('surgery', 'exercise'), True)
    """
    return design_of(_checks.one_of("name", name, _NAMES))


def simulate_trial(
    name: str = "meniscus",
    *,
    missing: str = "mar",
    n: tuple[int, int] | None = None,
    rng: int | np.random.Generator | None = None,
) -> pd.DataFrame:
    r"""Simulate a teaching trial: patient records of which the true costs and effects are known.

    ::

        E[utility at a time] = Σₖ uₖ · (Φ(cₖ − m) − Φ(cₖ₋₁ − m))
        E[cost of a resource in a period] = price · discount · mean use

    Parameters
    ----------
    name : {"meniscus"}, default "meniscus"
        Exercise therapy (162 patients) or surgery (159) for a degenerative meniscal tear, 24 months.
    missing : {"mar", "none", "mnar"}, default "mar"
        Missing at random, nothing missing, or missing not at random. With the same seed the patients are the same.
    n : (int, int), optional
        Patients in the exercise and in the surgery arm, each at least 1; default 162 and 159.
    rng : int, numpy.random.Generator or None
        Seed or generator.

    Returns
    -------
    pandas.DataFrame
        **Simulated** records, one row per patient: identifier, arm, hospital, age [years], sex, body mass index, paid
        work, days of randomisation and baseline measurement, answers to the EQ-5D-5L at 0, 3, 6, 12, 18 and 24 months,
        and use of care per period: operations, outpatient visits, sessions of physiotherapy, consultations of the
        general practitioner, hours of informal care and of absence from paid work. Missing answers are NaN. Its
        ``attrs`` hold ``simulated`` (True), ``truth``, ``missing``, ``mechanism``, ``calibrated`` and ``figures`` (the
        status of each; `hecon.datasets.figures` gives their sources).

    Raises
    ------
    InputError
        If there is no such trial or mechanism, or a number of patients is below 1.

    Notes
    -----
    No patient gave these records, and they prove nothing about the treatments. Arm sizes, differences in societal costs
    and QALYs, their standard errors and correlation, ages and delayed surgery follow what was printed of ESCAPE; what
    was not in the sources (means, resource use, drop-out) is assumed, and `hecon.datasets.figures` says which is which.

    ``attrs["truth"]`` is exact, not simulated: the expected costs and QALYs of the model in the price year and at the
    discount rates of `trial_design`, by arm, perspective and category, exercise minus surgery. The spread in it is that
    of the printed arm sizes without adjustment. Hospitals differ (intracluster correlation 0.02 of persistent health)
    and are drawn anew each time; there are 9 in 321 patients and in proportion more in a larger trial.

    With missing answers about one patient in ten drops out and one in three misses something; operations, from the
    hospitals' records, never. Those who stay are not like those who leave, in a different way in each arm, so that an
    analysis of complete cases is biased. Costs are skewed to the right, and hours of absence stay below the friction
    period.

    References
    ----------
    Van de Graaf VA, et al. How do the costs of physical therapy and arthroscopic partial meniscectomy compare? Br J
    Sports Med 2020;54:538-545. https://doi.org/10.1136/bjsports-2018-100065

    Examples
    --------
    >>> from hecon import datasets
    >>> trial = datasets.simulate_trial("meniscus", rng=1)
    >>> trial.shape[0], trial.attrs["simulated"]
    (321, True)
    >>> truth = trial.attrs["truth"]
    >>> round(truth["delta_cost"]["societal"]), round(truth["delta_effect"], 4), round(truth["icer"]["societal"])
    (-1803, -0.0293, 61584)
    """
    model = model_of(_checks.one_of("name", name, _NAMES))
    mechanism = _checks.one_of("missing", missing, tuple(_MECHANISMS))
    random = _checks.generator(rng)
    drawn = draw_patients(model, _sizes(model.given["patients"], n), random)
    table = _table(design_of(name), drawn, draw_missing(model, drawn, mechanism, random))
    table.attrs.update(_attributes(name, mechanism))
    return table


def _sizes(usual: list[int], n: tuple[int, int] | None) -> list[int]:
    """Return the patients of each arm, the comparator first."""
    if n is None:
        return list(usual)
    both = _checks.pair("n", n, "two numbers, of the exercise and of the surgery arm")
    return [_checks.count("n", size, at_least=1) for size in reversed(both)]


def _table(design: Design, drawn: SimulatedPatients, absent: Missing) -> pd.DataFrame:
    """Return the records as a table, with NaN for what is missing."""
    import pandas as pd

    assert design.utility is not None and design.utility.items is not None  # noqa: S101, PT018 (the shipped design has)
    answers = (drawn.states[:, :, None] // valuesets.PLACES % 10).astype(float)
    answers[absent.items] = np.nan
    use = np.where(absent.use, np.nan, drawn.use)
    before = pd.DataFrame({f"{key}_before": value for key, value in drawn.before.items()})
    columns = [column for cost in design.cost for column in cost.columns or ()]
    parts = [
        _characteristics(drawn, absent.bmi),
        pd.DataFrame(answers.reshape(len(answers), -1), columns=np.ravel(design.utility.items).tolist()),
        before,
        pd.DataFrame(use.reshape(len(use), -1), columns=columns),
    ]
    return pd.concat(parts, axis=1)


def _characteristics(drawn: SimulatedPatients, no_bmi: Flags) -> pd.DataFrame:
    import pandas as pd

    digits = max(3, len(str(drawn.arm.size)))
    return pd.DataFrame(
        {
            "patient": [f"P{number:0{digits}d}" for number in range(1, drawn.arm.size + 1)],
            "arm": np.array(ARMS)[drawn.arm],
            "hospital": [f"H{number}" for number in (drawn.hospital + 1).tolist()],
            "age": drawn.age,
            "sex": np.where(drawn.woman, "woman", "man"),
            "bmi": np.where(no_bmi, np.nan, drawn.bmi),
            "employed": np.where(drawn.employed, "yes", "no"),
            "randomised_on": drawn.randomised,
            "measured_on": drawn.measured,
        }
    )


def _attributes(name: str, mechanism: str) -> dict[str, Any]:
    """Return the attributes of the records; short, as pandas copies them with every column that is taken."""
    return {
        "simulated": True,
        "title": design_of(name).title,
        "note": "Simulated: no patient gave these records. Sizes and differences follow what was printed of ESCAPE; "
        "means, resource use and what is missing are assumed.",
        "truth": deepcopy(calibrated(name)["truth"]),
        "missing": mechanism,
        "mechanism": _MECHANISMS[mechanism],
        "calibrated": dict(_CALIBRATED),
        "figures": {figure.name: figure.status for figure in figures(name)},
    }


def write_trial(
    name: str,
    folder: str | Path,
    *,
    missing: str = "mar",
    n: tuple[int, int] | None = None,
    rng: int | np.random.Generator | None = None,
) -> tuple[Path, Path, Path]:
    """Write a simulated trial, its design and a dossier, for `hecon trial`, `hecon assess` or other software.

    Parameters
    ----------
    name : str
        One of `names`.
    folder : path
        Folder that exists; the files ``NAME-simulated.csv``, ``NAME-simulated.toml`` and ``NAME-dossier.toml`` in it
        are overwritten, unless one of them is read-only or a symbolic link: then all are left as they are.
    missing : {"mar", "none", "mnar"}, default "mar"
        As for `simulate_trial`.
    n : (int, int), optional
        As for `simulate_trial`.
    rng : int, numpy.random.Generator or None
        Seed or generator.

    Returns
    -------
    (Path, Path, Path)
        The table, its design and a dossier whose comparisons are computed from them. The design says that the trial is
        simulated and ends in the known truth, as a comment.

    Raises
    ------
    InputError
        If the folder does not exist, a file cannot be overwritten, or as for `simulate_trial`.

    Examples
    --------
    >>> import tempfile
    >>> from hecon import datasets
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     [path.name for path in datasets.write_trial("meniscus", folder, rng=1)]
    ['meniscus-simulated.csv', 'meniscus-simulated.toml', 'meniscus-dossier.toml']
    """
    table = simulate_trial(name, missing=missing, n=n, rng=rng)
    if not Path(folder).is_dir():
        msg = f"folder must be a folder that exists, got {str(folder)!r}: make it first"
        raise InputError(msg)
    records, design = (Path(folder) / f"{name}-simulated.{kind}" for kind in ("csv", "toml"))
    dossier = Path(folder) / f"{name}-dossier.toml"
    text = text_of(f"{name}.toml")
    files = {
        records: table.to_csv(index=False, float_format="%.10g", date_format="%Y-%m-%d", lineterminator="\n"),
        design: f"{text}\n{_comment(_attributes(name, missing))}",
        dossier: text_of(dossier.name),
    }
    write_whole(files)
    return records, design, dossier


def _comment(attrs: dict[str, Any]) -> str:
    """Return the missing mechanism and the known truth as lines of comment."""
    lines = [f"Known truth of these SIMULATED records ({attrs['mechanism']}):"]
    lines += [f"{key} = {json.dumps(value)}" for key, value in attrs["truth"].items()]
    return "".join(f"# {line}\n" for line in lines)


# The comparator first, as in the figures by arm.
ARMS = ("surgery", "exercise")
COUNTED = ("outpatient", "physiotherapy", "gp", "care_hours")
RESOURCES = ("operations", *COUNTED, "absence_hours")

_FOLDER = Path(__file__).parent / "data" / "trials"
_ITEMS = valuesets.PLACES.size
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
    values: dict[str, Any] = json.loads(text_of(f"{name}-calibrated.json"))
    return values


@dataclass(frozen=True)
class Model:
    """The model, ready to draw from."""

    given: dict[str, Any]  # the figures by name
    # EQ-5D states as numbers of five digits, from the worst to the best, and their utilities, shape (band, variant):
    # the variants of a band have equal chance
    states: Counts
    utilities: Floats
    cuts: Floats  # where one band ends and the next begins on the latent scale, one fewer than bands
    latent: Floats  # latent mean, shape (arm, time)
    persistence: float  # p, in (0, 1)
    spread: float  # s
    link: float  # r
    after: float  # a in the period of an operation

    @property
    def periods(self) -> int:
        """Number of periods of use: one ends at each time after the start."""
        return len(self.latent[0]) - 1

    def row(self, name: str) -> Floats:
        """Return a figure as an array; of a table, its values for the counted resources."""
        value = self.given[name]
        return np.array(
            [value.get(resource, 0.0) for resource in COUNTED] if isinstance(value, dict) else value, dtype=float
        )

    @property
    def usual(self) -> Floats:
        """Mean use of each counted resource in each period without an operation, planned sessions aside."""
        return np.array([self.given[resource] for resource in COUNTED], dtype=float)

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
    given = {figure["name"]: figure["value"] for figure in figures_of(name)["figure"]}
    utility = design_of(name).utility
    assert utility is not None and utility.value_set is not None  # noqa: S101, PT018 (the shipped design names one)
    value_set = utility.value_set
    states = np.asarray(given["states"], dtype=np.int64)
    return Model(
        given,
        states,
        np.asarray(eq5d.utility(states, value_set=value_set)),
        np.asarray(given["cuts"], dtype=float),
        np.array(solved["latent"]),
        **{key: solved[key] for key in ("persistence", "spread", "link", "after")},
    )


@dataclass(frozen=True)
class SimulatedPatients:
    """Complete records, in order of randomisation."""

    arm: Codes  # positions
    hospital: Counts
    age: Floats  # age [years] and body mass index, to one decimal
    bmi: Floats
    woman: Flags  # sex and paid work
    employed: Flags
    randomised: NDArray[np.datetime64]  # days of randomisation and of the baseline measurement
    measured: NDArray[np.datetime64]
    states: Counts  # EQ-5D state as a number of five digits, and its utility, shape (patient, time)
    utilities: Floats
    use: Floats  # shape (patient, resource, period)
    before: dict[str, Floats]  # use in the three months before the start


def draw_patients(model: Model, sizes: Sequence[int], rng: np.random.Generator) -> SimulatedPatients:
    """Draw complete records; sizes are the patients of each arm, the comparator first."""
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
    first, last = (np.datetime64(day, "D") for day in model.given["recruitment"])
    randomised = first + np.sort(rng.integers((last - first) // np.timedelta64(1, "D") + 1, size=count))
    return randomised, randomised - rng.integers(model.given["baseline_days"] + 1, size=count)


def _states(model: Model, arm: Codes, health: Floats, rng: np.random.Generator) -> tuple[Counts, Floats]:
    noise = rng.standard_normal((arm.size, model.latent.shape[1]))
    latent = model.latent[arm] + model.persistence * health[:, None] + np.sqrt(1 - model.persistence**2) * noise
    band = np.searchsorted(model.cuts, latent)
    variant = rng.integers(model.states.shape[1], size=band.shape)
    return model.states[band, variant], model.utilities[band, variant]


def _operations(model: Model, arm: Codes, health: Floats, normal: Floats, rng: np.random.Generator) -> Flags:
    """Return whether a patient was operated on in each period, at most once."""
    loading = model.given["delay_with_health"]
    latent = loading * health + np.sqrt(1 - loading**2) * normal
    delayed = latent > ndtri(1 - model.given["delayed"])
    when = np.searchsorted(np.cumsum(model.row("delay_timing"))[:-1], rng.random(arm.size), side="right")
    period = np.where(arm == 0, 0, np.where(delayed, when, -1))
    operated: Flags = period[:, None] == np.arange(model.periods)
    return operated


def _use(model: Model, arm: Codes, operations: Flags, frailty: Floats, rng: np.random.Generator) -> Floats:
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
    use = {resource: counts[:, COUNTED.index(resource)].astype(float) for resource in model.given["before"]}
    most = np.full((frailty.size, 1), model.given["absence_days"][0])
    return {**use, "absence_hours": _absence(model, most, frailty, rng)[:, 0]}


def _counts(model: Model, rates: Floats, frailty: Floats, rng: np.random.Generator) -> Counts:
    """Return counts, shape (patient, counted resource, period), of mean rate times frailty."""
    size = model.row("dispersion")[:, None]
    factor = np.exp(np.outer(frailty, model.powers) - model.powers**2 / 2)
    return rng.negative_binomial(size, size / (size + rates * factor[:, :, None]))


def _absence(
    model: Model, most: Counts, frailty: Floats, rng: np.random.Generator, *, after: Flags | bool = False
) -> Floats:
    """Return hours of absence of a working patient, shape (patient, period)."""
    usual, slope = model.given["absence"]
    absent = rng.random(most.shape) < ndtr(np.where(after, model.after, usual) + slope * frailty[:, None])
    days = rng.binomial(most, model.given["absent_share"]) * absent
    return np.asarray(np.round(model.given["day"] * days, 1))


@dataclass(frozen=True)
class Missing:
    """Masks of missing values: answers (patient, time, item), use (patient, resource, period) and body mass index."""

    items: Flags
    use: Flags
    bmi: Flags


def draw_missing(model: Model, patients: SimulatedPatients, mechanism: str, rng: np.random.Generator) -> Missing:
    """Draw what is missing; each mechanism takes the same draws.

    Under "mar" all depends on what was observed before; under "mnar" drop-out depends on the utility that it hides.
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
    # The base and the slopes of each mechanism, by arm or for both, for each patient.
    skipped, dropping = (
        {key: np.broadcast_to(value, 2)[patients.arm].astype(float) for key, value in model.given[cause].items()}
        for cause in ("skipped", "drop_out")
    )
    skip = expit(skipped["base"] + skipped["utility"] * (patients.utilities[:, 0] - _ORDINARY_AT_START))
    hours = patients.use[:, RESOURCES.index("care_hours")]
    utility, care = patients.utilities[:, 0], patients.before["care_hours"]
    gone, result = np.zeros(patients.arm.size, bool), []
    for time, (drop, leave_out) in enumerate(zip(*chances, strict=True)):
        seen = patients.utilities[:, time + 1] if mechanism == "mnar" else utility
        odds = dropping["base"] + dropping["utility"] * (seen - _ORDINARY) + dropping["hours"] * np.log1p(care)
        gone = gone | (drop < expit(odds))
        result.append(gone | (leave_out < skip))
        utility = np.where(result[-1] | gaps[0][:, time], utility, patients.utilities[:, time + 1])
        care = np.where(result[-1] | gaps[1][:, time], care, hours[:, time])
    return np.stack(result, axis=1)
