"""The life tables and norms that come with hecon, by name; norms also smoothed."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np

from hecon import _checks
from hecon import tables as packaged
from hecon.zin.population import SEXES, LifeTable, Norms

__all__ = ["life_table", "norms_of", "tables"]

_SMOOTHED = "-smoothed"


def tables() -> tuple[packaged.Provenance, ...]:
    """Return the life tables and the norms that come with hecon, each with its source, year and licence.

    Returns
    -------
    tuple of Provenance
        Life tables first; a set of norms is followed by its smoothed form.

    Notes
    -----
    Smoothed norms are the raw ones made non-increasing with age: isotonic regression per sex, weighted by 1/SE². Bands
    that rise against age are pooled; nothing else moves.

    References
    ----------
    Robertson, Wright & Dykstra. Order Restricted Statistical Inference. Wiley, 1988.

    Examples
    --------
    >>> from hecon import zin
    >>> [each.name for each in zin.tables()][:2]
    ['cbs-2021', 'un-2005-2010']
    """
    found = list(packaged.listed("life_table"))
    for raw in packaged.listed("norms"):
        smooth = replace(raw, name=raw.name + _SMOOTHED, title=f"{raw.title}; smoothed", **_smoothing(raw))
        found += [raw, smooth]
    return tuple(found)


def _smoothing(raw: packaged.Provenance) -> dict[str, Any]:
    return {
        "note": f"Made non-increasing with age by isotonic regression per sex, weighted by 1/SE². {raw.note}",
        "note_nl": f"Niet stijgend met de leeftijd: isotone regressie per geslacht, gewogen met 1/SE². {raw.note_nl}",
        "noise": "",
        "noise_nl": "",
    }


def life_table(table: str | LifeTable) -> LifeTable:
    """Return a life table by name; one's own comes back as it is."""
    if isinstance(table, LifeTable):
        return table
    return _packaged_life_table(_checks.one_of("table", table, packaged.names("life_table")))


@cache
def _packaged_life_table(table: str) -> LifeTable:
    origin, columns = packaged.header(table, "life_table"), packaged.read(table, "life_table")
    return LifeTable(
        table,
        **{
            key: columns[column].astype(float).tolist()
            for key, column in (("ages", "age"), *zip(SEXES, SEXES, strict=True))
        },
        measure=origin.measure,
        age_offset=origin.age_offset,
        source=origin.source,
        year=origin.year,
        licence=origin.licence,
        note=origin.note,
        note_nl=origin.note_nl,
    )


def norms_of(norms: str | Norms) -> Norms:
    """Return norms by name; one's own come back as they are."""
    if isinstance(norms, Norms):
        return norms
    known = [name + end for name in packaged.names("norms") for end in ("", _SMOOTHED)]
    return _packaged_norms(_checks.one_of("norms", norms, known))


@cache
def _packaged_norms(norms: str) -> Norms:
    if norms.endswith(_SMOOTHED):
        return _smoothed(norms.removesuffix(_SMOOTHED))
    origin, columns = packaged.header(norms, "norms"), packaged.read(norms, "norms")
    keys = ("male", "male_se", "female", "female_se")
    return Norms(
        norms,
        ages=columns["age"].astype(float).tolist(),
        **{key: columns[key].astype(float).tolist() for key in keys},
        value_set=origin.value_set,
        version=origin.version,
        source=origin.source,
        year=origin.year,
        licence=origin.licence,
        note=f"{origin.note} {origin.noise}".strip(),
        note_nl=f"{origin.note_nl} {origin.noise_nl}".strip(),
    )


def _smoothed(name: str) -> Norms:
    from scipy.optimize import isotonic_regression

    raw, notes = _packaged_norms(name), _smoothing(packaged.header(name, "norms"))
    found: dict[str, Any] = {key: notes[key] for key in ("note", "note_nl")}
    for sex in SEXES:
        weights = 1 / np.square(getattr(raw, f"{sex}_se"))
        fitted = isotonic_regression(getattr(raw, sex), weights=weights, increasing=False)
        pooled = np.add.reduceat(weights, fitted.blocks[:-1])
        found[sex] = fitted.x.tolist()
        found[f"{sex}_se"] = np.repeat(pooled**-0.5, np.diff(fitted.blocks)).tolist()
    return replace(raw, name=raw.name + _SMOOTHED, **found)
