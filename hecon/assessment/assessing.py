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
from hecon.dossier import Dossier, load
from hecon.errors import InputError

if TYPE_CHECKING:
    from pathlib import Path

    from hecon.assessment.records import ComparisonResult

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
    DossierError
        If the file breaks the rules of a dossier.

    Notes
    -----
    Where the mean differences are known and their spread is neither known nor assumed, point results are given and
    probabilities are not. Where no figures were printed, the comparison says so. The reference value is that of the
    burden given here, else of the burden as judged, else of the dossier's own computation; all that is there is shown.

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

    def stream(name: str) -> np.random.Generator:
        seeded = isinstance(rng, (int, np.integer))
        return np.random.default_rng([int(rng), zlib.crc32(name.encode())]) if seeded else generator  # type: ignore[arg-type]

    results = []
    for comparison in checked.comparison:
        try:
            results.append(compare(comparison, n, stream(comparison.id)))
        except InputError as error:
            error.args = (f"{checked.name}, {comparison.id}: {error}",)
            raise
    computed = _burden(checked, burden, n, stream("burden inputs"))
    inputs = checked.burden.inputs if burden is None else None
    return Assessment(
        dossier=checked,
        comparisons=_across_perspectives(results),
        provenance=_provenance(checked, n, rng),
        burden=computed,
        own_burden=inputs is not None,
        burden_over_tables=None if inputs is None else over_tables(inputs),
        budget=assess_budget(checked, n, stream("budget")),
    )


def _burden(
    dossier: Dossier, burden: zin.Shortfall | None, n_draws: int, rng: np.random.Generator
) -> zin.Shortfall | None:
    if burden is not None:
        if not isinstance(burden, zin.Shortfall):
            msg = f"burden must be a Shortfall, got {burden!r}; make one by hecon.zin.shortfall"
            raise InputError(msg)
        return burden
    return None if dossier.burden.inputs is None else compute(dossier.burden.inputs, n_draws, rng)


def _provenance(dossier: Dossier, n_draws: int, rng: int | np.random.Generator | None) -> dict[str, Any]:
    versions = {name: metadata.version(name) for name in ("numpy", "scipy", "xarray")}
    return {
        "dossier": dossier.name,
        "digest": dossier.digest,
        "n_draws": n_draws,
        "seed": int(rng) if isinstance(rng, (int, np.integer)) else None,
        "versions": {"hecon": __version__, "python": platform.python_version(), **versions},
    }


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
