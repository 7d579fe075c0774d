"""Teaching trials: simulated patient records of which the truth is known."""

from __future__ import annotations

import json
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from hecon import _checks
from hecon._io import write_whole
from hecon.datasets import _patients
from hecon.errors import InputError

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from hecon.datasets._patients import Missing, SimulatedPatients
    from hecon.trial import Design

__all__ = ["Figure", "figures", "names", "simulate_trial", "trial_design", "write_trial"]

_NAMES = ("meniscus",)
_PLACES = np.array([10_000, 1_000, 100, 10, 1])
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
class Figure:
    """A figure behind a teaching trial.

    Parameters
    ----------
    name : str
        By which the generator finds it.
    value : number, list or dict
        As the generator takes it.
    status : {"reported", "derived", "assumed"}
        Printed of the trial that is followed, computed from what was printed, or neither.
    meaning : str
        What it is, with its unit.
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


def figures(name: str) -> tuple[Figure, ...]:
    """Return the figures behind a teaching trial, each with its status and its sources.

    Parameters
    ----------
    name : str
        One of `names`.

    Returns
    -------
    tuple of Figure
        Reported, derived and assumed figures.

    Raises
    ------
    InputError
        If there is no such trial.

    Examples
    --------
    >>> from hecon import datasets
    >>> found = {each.name: each for each in datasets.figures("meniscus")}
    >>> found["delayed"].value, found["delayed"].status, found["attendance"].status
    (0.29, 'reported', 'assumed')
    """
    tree = _patients.figures_of(_checks.one_of("name", name, _NAMES))
    written = {each["id"]: _citation(each) for each in tree["document"]}
    return tuple(
        Figure(**{**each, "sources": tuple(written[source] for source in each.get("sources", ()))})
        for each in tree["figure"]
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

    Raises
    ------
    InputError
        If there is no such trial.

    Examples
    --------
    >>> from hecon import datasets
    >>> design = datasets.trial_design("meniscus")
    >>> design.strategies, design.simulated
    (('surgery', 'exercise'), True)
    """
    return _patients.design_of(_checks.one_of("name", name, _NAMES))


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
    model = _patients.model_of(_checks.one_of("name", name, _NAMES))
    mechanism = _checks.one_of("missing", missing, _patients.MECHANISMS)
    random = _checks.generator(rng)
    drawn = _patients.drawn(model, _sizes(model.given["patients"], n), random)
    table = _table(_patients.design_of(name), drawn, _patients.missing(model, drawn, mechanism, random))
    table.attrs.update(_told(name, mechanism))
    return table


def _sizes(usual: list[int], n: tuple[int, int] | None) -> list[int]:
    """Return the patients of each arm, the comparator first."""
    if n is None:
        return list(usual)
    if not isinstance(n, (tuple, list)) or len(n) != len(_patients.ARMS):
        msg = f"n must be two numbers, of the exercise and of the surgery arm, got {n!r}"
        raise InputError(msg)
    return [_checks.count("n", each, at_least=1) for each in reversed(n)]


def _table(design: Design, drawn: SimulatedPatients, absent: Missing) -> pd.DataFrame:
    """Return the records as a table, with NaN for what is missing."""
    import pandas as pd

    assert design.utility.items is not None  # noqa: S101 (the shipped design names them)
    answers = (drawn.states[:, :, None] // _PLACES % 10).astype(float)
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


def _characteristics(drawn: SimulatedPatients, no_bmi: NDArray[np.bool_]) -> pd.DataFrame:
    import pandas as pd

    digits = max(3, len(str(drawn.arm.size)))
    return pd.DataFrame(
        {
            "patient": [f"P{number:0{digits}d}" for number in range(1, drawn.arm.size + 1)],
            "arm": np.array(_patients.ARMS)[drawn.arm],
            "hospital": [f"H{number}" for number in (drawn.hospital + 1).tolist()],
            "age": drawn.age,
            "sex": np.where(drawn.woman, "woman", "man"),
            "bmi": np.where(no_bmi, np.nan, drawn.bmi),
            "employed": np.where(drawn.employed, "yes", "no"),
            "randomised_on": drawn.randomised,
            "measured_on": drawn.measured,
        }
    )


def _told(name: str, mechanism: str) -> dict[str, Any]:
    """Return all that is told beside the records; short, as pandas copies it with every column that is taken."""
    return {
        "simulated": True,
        "title": _patients.design_of(name).title,
        "note": "Simulated: no patient gave these records. Sizes and differences follow what was printed of ESCAPE; "
        "means, resource use and what is missing are assumed.",
        "truth": deepcopy(_patients.calibrated(name)["truth"]),
        "missing": mechanism,
        "mechanism": _MECHANISMS[mechanism],
        "calibrated": dict(_CALIBRATED),
        "figures": {each.name: each.status for each in figures(name)},
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
    text = _patients.text_of(f"{name}.toml")
    files = {
        records: table.to_csv(index=False, float_format="%.10g", date_format="%Y-%m-%d", lineterminator="\n"),
        design: f"{text}\n{_comment(_told(name, missing))}",
        dossier: _patients.text_of(dossier.name),
    }
    write_whole(files)
    return records, design, dossier


def _comment(attrs: dict[str, Any]) -> str:
    """Return the missing mechanism and the known truth as lines of comment."""
    lines = [f"Known truth of these SIMULATED records ({attrs['mechanism']}):"]
    lines += [f"{key} = {json.dumps(value)}" for key, value in attrs["truth"].items()]
    return "".join(f"# {line}\n" for line in lines)
