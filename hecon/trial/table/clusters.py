"""The clusters and calendar periods of a trial, and whether they fit its arms."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from hecon.trial.table.cells import key_of, keys, spelling
from hecon.trial.table.faults import EVERY_ROW, add, besides, number_column
from hecon.trial.table.groups import table_codes
from hecon.trial.table.patients import each_patients

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from hecon.trial.table.checking import TrialData
    from hecon.trial.table.design import Cluster, Design
    from hecon.trial.table.faults import TableFault
    from hecon.trial.table.patients import Patients
    from hecon.trial.table.source import Source

    Integers = NDArray[np.intp]
    Mask = NDArray[np.bool_]

__all__ = ["cluster_doubts", "clusters_of"]

_NONE = -1
# Patients in another arm than the rest of their cluster may be slips of the pen while they are no more than these.
_FEW_PATIENTS, _FEW_SHARE = 3, 0.05


def clusters_of(
    source: Source, design: Design, patients: Patients, arm: Integers | None, faults: list[TableFault]
) -> tuple[Integers | None, Integers | None]:
    """Return each patient's cluster, numbered in the order of the table, and calendar period in that of time."""
    given = design.cluster
    if given is None:
        return None, None
    cluster = _clusters(source, design, given.column, patients, faults)
    period = None if given.period is None else _periods(source, design, given.period, patients, faults)
    if cluster is None or arm is None or (cluster == _NONE).any() or (arm == _NONE).any():
        return cluster, period
    if given.across_arms == "separate":
        return np.unique(np.stack([cluster, arm]), axis=1, return_inverse=True)[1].reshape(-1), period
    if given.across_arms is None and (period is None or not (period == _NONE).any()):
        counts = _counts(cluster, period, arm)
        mixed = _several_arms(counts)
        if mixed.any():
            minority = mixed[cluster] & (counts.sum(axis=1).argmax(axis=1)[cluster] != arm)
            _arm_faults(given, mixed, minority, patients, faults)
    return cluster, period


def _clusters(
    source: Source, design: Design, name: str, patients: Patients, faults: list[TableFault]
) -> Integers | None:
    if name not in source.columns:
        return None
    where = f"column {name!r}"
    places: dict[Any, int] = {}
    cells = keys(source.columns[name])
    codes = np.array([_NONE if key is None else places.setdefault(key, len(places)) for key in cells], dtype=np.intp)
    _code_faults(source, design, name, "cluster", faults)
    written: dict[str, str] = {}
    again = [key is not None and written.setdefault(spelling(key), key) != key for key in cells]
    rule = "must be written in one way, got clusters that differ by case, spaces or leading zeros only"
    add(faults, where, f"{rule}: write one cluster alike, or number two anew", np.array(again, dtype=bool))
    found = _complete(patients, codes, where, "must tell the cluster of every patient, got none", faults)
    if len(places) == 1:
        add(faults, where, "must hold two clusters at least, got one")
    elif found.size and (found != _NONE).all() and np.bincount(found).max() == 1:
        rule = "must hold clusters of patients, got a cluster of its own for every patient"
        add(faults, where, f"{rule}: is it a number of the patient? Without clusters leave [cluster] out")
    return found


def _periods(
    source: Source, design: Design, name: str, patients: Patients, faults: list[TableFault]
) -> Integers | None:
    values = number_column(source, name, faults, remedy=EVERY_ROW)
    if values is None:
        return None
    codes = np.full(values.size, _NONE, dtype=np.intp)
    told = ~np.isnan(values)
    codes[told] = np.unique(values[told], return_inverse=True)[1]
    _code_faults(source, design, name, "period", faults)
    return _complete(patients, codes, f"column {name!r}", "must tell the period of every patient, got none", faults)


def _complete(patients: Patients, codes: Integers, where: str, rule: str, faults: list[TableFault]) -> Integers:
    found = each_patients(patients, codes, where, faults)
    lacking = (codes == _NONE) & (patients.of_row != _NONE) & (found[patients.of_row] == _NONE)
    add(faults, where, rule, besides(faults, where, lacking))
    return found


def _code_faults(source: Source, design: Design, name: str, what: str, faults: list[TableFault]) -> None:
    """Add cells that hold a missing code of the table outside the range of the other numbers, or as text.

    Within that range a code is a number as any other: cluster 9 of twelve is not missing.
    """
    codes = table_codes(design)
    cells = [key_of(cell) for cell in source.columns[name].tolist()]
    others = [cell for cell in cells if isinstance(cell, float) and cell not in codes]
    low, high = min(others, default=np.inf), max(others, default=-np.inf)
    # The next number of a row of clusters is within it.
    outside = {code for code in codes if isinstance(code, str) or not low - 1 <= code <= high + 1}
    wrong = np.array([cell is not None and cell in outside for cell in cells], dtype=bool)
    rule = f"must tell the {what} of every patient, got a code of table.missing"
    remedy = f"give the {what}, or if it is one, move the code to the missing of the parts of the design that have it"
    add(faults, f"column {name!r}", f"{rule}: {remedy}", wrong)


def _counts(cluster: Integers, period: Integers | None, arm: Integers) -> Integers:
    """Return the number of patients by cluster, period and arm."""
    when = np.zeros_like(cluster) if period is None else period
    counts = np.zeros((int(cluster.max()) + 1, int(when.max()) + 1, int(arm.max()) + 1), dtype=np.intp)
    np.add.at(counts, (cluster, when, arm), 1)
    return counts


def _several_arms(counts: Integers) -> Mask:
    """Return which clusters hold patients of several arms, for no reason that the periods give.

    A cluster that crosses over may hold both in the period in which it does so, and not in another.
    """
    present = counts > 0
    both = (present.sum(axis=2) > 1).sum(axis=1)
    return np.asarray((both > 1) | ((both == 1) & (present.any(axis=2).sum(axis=1) == 1)), dtype=bool)


def _arm_faults(given: Cluster, mixed: Mask, minority: Mask, patients: Patients, faults: list[TableFault]) -> None:
    """Add that clusters hold several arms; patients in another arm than most of their cluster are named if few."""
    rule = (
        "must have the patients of a cluster in one arm, "
        f"got {int(mixed.sum())} of {mixed.size} clusters with patients of several"
    )
    wedge = " in the same periods: "
    if given.period is None:
        wedge = ": if the clusters cross over in steps, give their calendar period, cluster.period; "
    few = minority.sum() <= max(_FEW_PATIENTS, _FEW_SHARE * minority.size) and not mixed.all()
    slip = "; are the rows named slips of the pen, as they are not in the arm of most of their cluster?" if few else ""
    remedy = (
        'if every arm numbers its clusters anew, say across_arms = "separate" in [cluster]; if clusters treat patients '
        'of several arms, say across_arms = "same"'
    )
    rows = (patients.of_row != _NONE) & minority[patients.of_row] if few else None
    add(faults, f"column {given.column!r}", f"{rule}{slip}{wedge}{remedy}", rows)


def cluster_doubts(data: TrialData, design: Design) -> Iterator[str]:
    """Yield what is doubtful about the clusters of a trial without faults."""
    if data.cluster is None or design.cluster is None:
        return
    crossed = (_counts(data.cluster, None, data.arm) > 0).sum(axis=2) > 1
    if data.period is not None and not crossed.any() and design.cluster.across_arms is None:
        yield (
            "no cluster changes arm although the design gives cluster.period: the trial is analysed as one of parallel "
            "clusters, adjusted for the periods"
        )
    sizes = np.bincount(data.cluster)
    alone = int((sizes == 1).sum())
    if alone > sizes.size / 2:
        told = "little tells the spread between clusters from that within"
        yield f"{alone} of {sizes.size} clusters hold one patient: {told}"
