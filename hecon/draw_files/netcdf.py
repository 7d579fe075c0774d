"""Draws from NetCDF files."""

from __future__ import annotations

import io
from hashlib import sha256
from typing import TYPE_CHECKING, Any

import numpy as np
import xarray as xr

from hecon._io import TABLE_BYTES, exists, file_bytes
from hecon.draw_files.layouts import ABOUT, CHAIN, PARAMETER, DrawPart
from hecon.errors import DrawsError, HeconError, InputError
from hecon.files.faults import near
from hecon.trial.table.file_readers import library

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

_HDF = b"\x89HDF"


def read_netcdf(path: str | Path, ignore: Sequence[str], *, stack_chains: bool) -> tuple[DrawPart, str, dict[str, Any]]:
    """Return what a NetCDF file holds, its digest, and what it says of itself."""
    if not exists(path):
        msg = f"path must be an existing file, got {str(path)!r}"
        raise InputError(msg)
    content = file_bytes("path", path, at_most=TABLE_BYTES)
    data = _by_name(_opened(content, str(path)))
    known = list(map(str, data.variables))
    faults = [
        f"ignore must name variables of the file, got {name!r}{near(name, known)}"
        for name in ignore
        if name not in known
    ]
    data = data.drop_vars(list(ignore), errors="ignore")
    for name in ("cost", "effect"):
        dims = set(data[name].dims) if name in data else set()
        if not {"draw", "strategy"} <= dims or dims - {"draw", "strategy", CHAIN}:
            got = f"dims {', '.join(map(str, data[name].dims))}" if name in data else "none"
            faults.append(
                f"variable {name!r}: must be there with the dims draw and strategy, and chain or not, got {got}"
            )
    if "strategy" not in data.coords:
        faults.append("coordinate 'strategy': is missing: it names the strategies")
    others = [str(name) for name in data.data_vars if name not in ("cost", "effect")]
    faults += [
        f"variable {name!r}: must have the dim draw alone, as a parameter has, got dims "
        f"{', '.join(map(str, data[name].dims)) or 'none'}: leave it out by ignore"
        for name in others
        if set(data[name].dims) - {CHAIN} != {"draw"}
    ]
    chains = data.sizes.get(CHAIN, 1)
    if chains > 1 and not stack_chains:
        faults.append(
            f"dim 'chain': must hold one chain, got {chains}: pass stack_chains=True to take them as one series"
        )
    if faults:
        raise DrawsError(str(path), faults)
    said = {name: _plain(data.attrs[name]) for name in ABOUT if name in data.attrs}
    for name, of in (("currency", "cost"), ("effect_unit", "effect")):
        if isinstance(units := data[of].attrs.get("units"), str):
            said.setdefault(name, units)
    return _part_of(data, others, str(path)), sha256(content).hexdigest(), said


def _by_name(data: xr.Dataset) -> xr.Dataset:
    """Return a data set with a variable for each parameter, where they are one with the dim parameter."""
    if PARAMETER not in data.coords:
        return data
    whole = [name for name in data.data_vars if PARAMETER in data[name].dims]
    names = [str(_plain(each)) for each in data[PARAMETER].to_numpy()]
    parts = {name: data[each].isel({PARAMETER: at}, drop=True) for each in whole for at, name in enumerate(names)}
    return data.drop_vars([*whole, PARAMETER]).assign(parts)


def _opened(content: bytes, name: str) -> xr.Dataset:
    """Return the data set of a NetCDF file; those of version 4 need another library."""
    engine: Any = "scipy"
    if content.startswith(_HDF):
        library("h5netcdf", "NetCDF-4")
        engine = "h5netcdf"
    try:
        with xr.open_dataset(io.BytesIO(content), engine=engine) as data:
            return data.load()
    except HeconError:
        raise
    except Exception:  # noqa: BLE001 (whatever a library makes of a broken file)
        msg = f"path must be a sound NetCDF file, and this one cannot be read: {name!r}"
    raise InputError(msg)


def _plain(value: Any) -> Any:  # noqa: ANN401
    return value.item() if hasattr(value, "item") else value


def _part_of(data: xr.Dataset, others: list[str], name: str) -> DrawPart:
    """Return what a data set holds, its chains one after the other."""
    labels = None
    if CHAIN in data.dims:
        chains = [str(_plain(each)) for each in data.get_index(CHAIN)]
        own = [str(_plain(each)) for each in data.get_index("draw")]
        labels = [f"{chain}:{draw}" for chain in chains for draw in own] if len(chains) > 1 else None
        bare = data.drop_vars([CHAIN, "draw"], errors="ignore")
        data = bare.stack(row=(CHAIN, "draw"), create_index=False).rename(row="draw")
    elif "draw" in data.coords:
        labels = [str(_plain(each)) for each in data["draw"].to_numpy()]
    names = [str(_plain(each)) for each in data["strategy"].to_numpy()]
    faults = [
        f"coordinate 'strategy': must be unique, got {again!r} again"
        for again in {n for n in names if names.count(n) > 1}
    ]
    found = {}
    for variable in ("cost", "effect", *others):
        values = data[variable].transpose("draw", ...).to_numpy()
        if values.dtype.kind not in "iuf" or not np.isfinite(values).all():
            faults.append(f"variable {variable!r}: must hold finite numbers in every draw")
        found[variable] = values
    if faults:
        raise DrawsError(name, faults)
    costs, effects = (
        {arm: found[kind][:, at].astype(float) for at, arm in enumerate(names)} for kind in ("cost", "effect")
    )
    return DrawPart(costs, effects, {each: found[each].astype(float) for each in others}, labels)
