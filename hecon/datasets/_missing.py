"""Which answers of the patients are missing: drop-out, skipped questionnaires and single gaps."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import expit

from hecon.datasets._model import RESOURCES

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from hecon.datasets._model import Model
    from hecon.datasets._sampling import Patients

    Floats = NDArray[np.float64]
    Flags = NDArray[np.bool_]

__all__ = ["MECHANISMS", "Missing", "missing"]

MECHANISMS = ("none", "mar", "mnar")
_ITEMS = 5
# The slopes count from about the mean, so that the base is the log odds of an ordinary patient.
_ORDINARY, _ORDINARY_AT_START = 0.75, 0.65


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


def missing(model: Model, patients: Patients, mechanism: str, rng: np.random.Generator) -> Missing:
    """Draw what is missing.

    Parameters
    ----------
    model : Model
        The model.
    patients : Patients
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
    count, periods = patients.arm.size, model.factors.size
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


def _silent(model: Model, patients: Patients, gaps: tuple[Flags, Flags], mechanism: str, chances: Floats) -> Flags:
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
