"""The verb `assess`: every comparison of a dossier, and where the results come from."""

from __future__ import annotations

import platform
import zlib
from dataclasses import replace
from importlib import metadata
from typing import TYPE_CHECKING, Any

import numpy as np

from hecon import _checks, zin
from hecon._version import __version__
from hecon.assessment.budgets import assess_budget
from hecon.assessment.burdens import compute, over_tables
from hecon.assessment.comparing import compare
from hecon.assessment.records import Assessment
from hecon.assessment.trials import analysed, compare_trial, refuse_faults
from hecon.dossier import Dossier, load
from hecon.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from hecon.assessment.records import ComparisonResult
    from hecon.assessment.trials import Analysed, Key

__all__ = ["assess"]


def assess(
    dossier: Dossier | str | Path,
    *,
    burden: zin.Shortfall | None = None,
    n_draws: int = 100_000,
    rng: int | np.random.Generator | None = 0,
) -> Assessment:
    """Assess a dossier: results, uncertainty and verdicts for each of its comparisons.

    Parameters
    ----------
    dossier : Dossier, str or Path
        A dossier, the name of one that comes with hecon, or the path of a TOML file.
    burden : Shortfall, optional
        A burden of disease that `hecon.zin.shortfall` computed; default that of the dossier's own inputs, if any.
    n_draws : int, default 100,000
        Draws per comparison, at least 10.
    rng : int, numpy.random.Generator or None, default 0
        Seed or generator. With a seed, each comparison has its own stream, whatever else the dossier holds.

    Returns
    -------
    Assessment
        Frozen.

    Raises
    ------
    InputError
        If a comparison's statistics break a rule or contradict each other; the message names the comparison.
    TrialError
        If the table of patient data that a comparison names breaks its rules: all faults at once, each with column and
        rows and without any patient's value.
    DossierError
        If the file breaks the rules of a dossier.

    Warns
    -----
    StatisticalWarning
        If patient data are statistically doubtful, as `hecon.from_patients` says.

    Notes
    -----
    Where the mean differences are known and their spread is neither known nor assumed, point results are given and
    probabilities are not. Where no figures were printed, the comparison says so. The reference value is that of the
    burden given here, else of the burden as judged, else of the dossier's own computation; all that is there is shown.

    A comparison may name patient data and their design in place of what was printed: `hecon.patients.analyse` then
    gives its results. A trial that several comparisons name is analysed once.

    Examples
    --------
    >>> import hecon
    >>> found = hecon.assess("meniscal-tear-traumatic", n_draws=1000)
    >>> [(each.spec.perspective, each.quadrant) for each in found.comparisons]
    [('societal', 'NW'), ('healthcare', 'NW')]
    """
    checked = dossier if isinstance(dossier, Dossier) else load(dossier)
    n = _checks.count("n_draws", n_draws, at_least=10)
    generator = _checks.generator(rng)

    def stream(name: str | None) -> np.random.Generator:
        if not isinstance(rng, (int, np.integer)):
            return generator
        return np.random.default_rng(int(rng) if name is None else [int(rng), zlib.crc32(name.encode())])

    results = _compared(checked, n, stream)
    computed = _burden(checked, burden, n, stream("burden inputs"))
    inputs = checked.burden.inputs if burden is None else None
    return Assessment(
        dossier=checked,
        comparisons=_across_perspectives(results),
        provenance=_provenance(checked, results, n, rng),
        burden=computed,
        own_burden=inputs is not None,
        burden_over_tables=None if inputs is None else over_tables(inputs),
        budget=assess_budget(checked, n, stream("budget")),
    )


def _compared(
    dossier: Dossier, n_draws: int, stream: Callable[[str | None], np.random.Generator]
) -> list[ComparisonResult]:
    refuse_faults(dossier)
    results = []
    trials: dict[Key, Analysed] = {}
    for comparison in dossier.comparison:
        try:
            if comparison.data is None:
                results.append(compare(comparison, n_draws, stream(comparison.id)))
            else:
                trial = analysed(dossier, comparison, trials, n_draws, stream)
                results.append(compare_trial(comparison, trial))
        except InputError as error:
            error.args = (f"{dossier.name}, {comparison.id}: {error}",)
            raise
    return results


def _burden(
    dossier: Dossier, burden: zin.Shortfall | None, n_draws: int, rng: np.random.Generator
) -> zin.Shortfall | None:
    if burden is not None:
        if not isinstance(burden, zin.Shortfall):
            msg = f"burden must be a Shortfall, got {burden!r}; make one by hecon.zin.shortfall"
            raise InputError(msg)
        return burden
    return None if dossier.burden.inputs is None else compute(dossier.burden.inputs, n_draws, rng)


def _provenance(
    dossier: Dossier, results: list[ComparisonResult], n_draws: int, rng: int | np.random.Generator | None
) -> dict[str, Any]:
    versions = {name: metadata.version(name) for name in ("numpy", "scipy", "xarray")}
    found = {
        "dossier": dossier.name,
        "digest": dossier.digest,
        "n_draws": n_draws,
        "seed": int(rng) if isinstance(rng, (int, np.integer)) else None,
        "versions": {"hecon": __version__, "python": platform.python_version(), **versions},
    }
    trials = [
        {name: getattr(each.trial_source, name) for name in ("file", "digest", "design", "design_digest")}
        for each in results
        if each.trial_source is not None
    ]
    return (
        {**found, "patient_data": [each for i, each in enumerate(trials) if each not in trials[:i]]}
        if trials
        else found
    )


def _across_perspectives(results: list[ComparisonResult]) -> tuple[ComparisonResult, ...]:
    groups: dict[tuple[str, str, str, float], list[int]] = {}
    for position, each in enumerate(results):
        key = (each.spec.trial, each.spec.intervention, each.spec.comparator, float(each.spec.horizon_months))
        groups.setdefault(key, []).append(position)
    marked = list(results)
    for positions in groups.values():
        if len({results[position].spec.perspective for position in positions}) == 1:
            continue
        rows = zin.across_perspectives(results[position].judgements for position in positions)
        for position, row in zip(positions, rows, strict=True):
            marked[position] = replace(results[position], judgements=row)
    return tuple(marked)
