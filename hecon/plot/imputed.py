"""The imputed values of a trial that a figure can show without giving a patient away."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from hecon import texts
from hecon.errors import InputError
from hecon.trial import TrialAnalysis
from hecon.trial.description import SMALL

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from hecon.trial.description import Row

    Floats = NDArray[np.float64]

__all__ = ["ImputedRow", "imputed_rows", "row_label"]


@dataclass(frozen=True, eq=False)
class ImputedRow:
    """A variable that was imputed for enough patients to show.

    Parameters
    ----------
    name : str
        Its name among the imputed variables.
    row : Row
        What was observed of it.
    missing : int
        For how many patients it was imputed.
    trace : dict of int to ndarray
        For each arm with at least five of them, mean and standard deviation of its imputed values, shape (iteration,
        imputation, 2).
    """

    name: str
    row: Row
    missing: int
    trace: dict[int, Floats]


def row_label(row: Row, lang: str, name: str | None = None) -> str:
    """Return what a variable of a trial is called in a language.

    Parameters
    ----------
    row : Row
        The variable.
    lang : {"nl", "en"}
        Language.
    name : str, optional
        What to call its covariate or category; default the design's name.

    Returns
    -------
    str
        As in "utility, month 12".
    """
    given = row.name if name is None else name
    months = [texts.number(lang, each, 0 if float(each).is_integer() else 1) for each in row.months]
    if row.kind == "utility":
        return texts.text(lang, "trial.utility_at", month=months[0])
    if row.kind == "cost":
        return texts.text(lang, "trial.cost_in", category=given, start=months[0], end=months[1])
    if row.kind == "baseline cost":
        return texts.text(lang, "trial.baseline_cost", category=given)
    return given


def imputed_rows(analysis: TrialAnalysis) -> tuple[ImputedRow, ...]:
    """Return the variables whose imputed values can be shown, as no figure may rest on fewer than five patients.

    Parameters
    ----------
    analysis : TrialAnalysis
        The analysis of a trial.

    Returns
    -------
    tuple of ImputedRow
        In the order of its table; none where nothing was imputed.

    Raises
    ------
    InputError
        If it is not the analysis of a trial.
    """
    if not isinstance(analysis, TrialAnalysis):
        msg = (
            "analysis must be the TrialAnalysis that hecon.trial.analyse returned, "
            f"got {type(analysis).__name__}: give the whole analysis, not a part of it"
        )
        raise InputError(msg)
    found, about = analysis.imputation, analysis.description
    if found is None:
        return ()
    rows = []
    for place, row in enumerate(about.rows):
        absent = [patients - seen for patients, seen in zip(about.patients, row.observed, strict=True)]
        trace = {
            arm: found.trace[arm, :, :, place]
            for arm, count in enumerate(absent)
            if count >= SMALL and row.mean[arm] is not None
        }
        if trace:
            rows.append(ImputedRow(found.variables.names[place], row, sum(absent), trace))
    return tuple(rows)
