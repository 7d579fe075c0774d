"""Outcomes that do not vary within an arm, or in few patients alone: what their intervals are worth."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from hecon.trial.models._outcomes import Plan
    from hecon.trial.table.checking import TrialData
    from hecon.trial.variables import Variables

    Floats = NDArray[np.float64]
    Bools = NDArray[np.bool_]

__all__ = ["FEW_EVENTS", "Variation", "variation_doubts", "variations_of"]

# Our limit: a count below it is far from normal, and its standard error is a third of it or more.
FEW_EVENTS = 10


@dataclass(frozen=True)
class Variation:
    """An outcome that does not vary within some arms, or hardly.

    Parameters
    ----------
    outcome : {"cost", "effect"}
        Which.
    kind : {"fixed", "constant", "few"}
        "fixed": the same for every patient of each arm, and made of amounts above 0 that some arm has throughout, as of
        a fixed tariff. "constant": the same for every patient of each arm, which the design does not explain. "few":
        fewer than `FEW_EVENTS` patients of an arm differ from all its others.
    strategies : tuple of str
        The arms in which it is so.
    """

    outcome: str
    kind: str
    strategies: tuple[str, ...]

    def to_json(self) -> dict[str, Any]:
        """Return it as plain JSON.

        Returns
        -------
        dict
            Outcome, kind and strategies.
        """
        return {"outcome": self.outcome, "kind": self.kind, "strategies": list(self.strategies)}


def variations_of(data: TrialData, all_: Variables, plan: Plan) -> tuple[tuple[Variation, ...], ...]:
    """Return for each perspective the outcomes that do not vary within arms, or hardly.

    Parameters
    ----------
    data : TrialData
        The trial.
    all_ : Variables
        Its variables, as observed.
    plan : Plan
        What is regressed on what.

    Returns
    -------
    tuple of tuple of Variation
        By perspective; a patient counts as different by any value that is observed.
    """
    by_arm = [all_.values[data.arm == arm] for arm in range(plan.arms)]
    modes, differ = zip(*(_against_mode(values) for values in by_arm), strict=True)
    constant = np.array([~each.any(axis=0) for each in differ])
    # A price that an arm pays throughout explains its absence elsewhere; a use that no one had is an observation.
    tariff = constant & ((np.array(modes) > 0) | (constant.all(axis=0) & (np.array(modes) > 0).any(axis=0)))
    result = []
    for pair in plan.pairs:
        of_perspective: list[Variation] = []
        for name, column in zip(("cost", "effect"), pair, strict=True):
            used = plan.matrix[:, plan.covariates + column] != 0
            counts = np.array([each[:, used].any(axis=1).sum() for each in differ])
            sizes = np.array([(~np.isnan(each[:, used])).any(axis=1).sum() for each in by_arm])
            fixed = np.array([name == "cost" and bool(each[used].all()) for each in tariff])
            of_perspective += _kinds(name, counts, sizes, fixed, data.strategies)
        result.append(tuple(of_perspective))
    return tuple(result)


def _kinds(
    outcome: str, counts: NDArray[np.int_], sizes: NDArray[np.int_], fixed: Bools, strategies: Sequence[str]
) -> Iterator[Variation]:
    """Yield what is to be said of one outcome, given how many known patients of an arm differ from its most."""
    if not counts.any():
        yield Variation(outcome, "fixed" if fixed.all() else "constant", tuple(strategies))
        return
    few = (counts < FEW_EVENTS) & (2 * counts < sizes) & ~fixed
    if few.any():
        yield Variation(outcome, "few", tuple(arm for arm, one in zip(strategies, few, strict=True) if one))


def _against_mode(values: Floats) -> tuple[Floats, Bools]:
    """Return the most frequent value of each column, and which values are known and another."""
    modes = np.full(values.shape[1], np.nan)
    for at, column in enumerate(values.T):
        known, counts = np.unique(column[~np.isnan(column)], return_counts=True)
        if known.size:
            modes[at] = known[counts.argmax()]
    return modes, ~np.isnan(values) & (values != modes)


def variation_doubts(perspectives: Sequence[str], found: Sequence[Sequence[Variation]]) -> tuple[str, ...]:
    """Return what is doubtful of outcomes that hardly vary, in the words of a warning.

    Parameters
    ----------
    perspectives : sequence of str
        Their names.
    found : sequence of sequences of Variation
        What `variations_of` returned.

    Returns
    -------
    tuple of str
        One sentence each; no patient's value, and no number of them.
    """
    told = []
    for name, variations in zip(perspectives, found, strict=True):
        for each in variations:
            what = "QALYs" if each.outcome == "effect" else f"costs from the {name} perspective"
            if each.kind == "constant":
                told.append(
                    f"{what} do not vary within any arm: their interval is a point, which these patients show and "
                    "no design explains; do not read it as certain"
                )
            elif each.kind == "few":
                arms = " and ".join(repr(arm) for arm in each.strategies)
                told.append(
                    f"{what} of fewer than {FEW_EVENTS} patients differ from those of all others in arm {arms}: "
                    "intervals rest on few events and may be too narrow"
                )
    return tuple(dict.fromkeys(told))
