"""Write draws to files, in the layouts that other packages export."""

from __future__ import annotations

import io
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import numpy as np
import xarray as xr

from hecon import _checks
from hecon._io import write_whole
from hecon.draw_files.layouts import ABOUT, CHAIN, PARAMETER, ROW_NAMES, STYLES, TABLES, Layout
from hecon.draws import validate
from hecon.errors import InputError
from hecon.files.faults import shown
from hecon.trial.table.file_readers import library

if TYPE_CHECKING:
    from collections.abc import Iterable

    import pandas as pd
    from numpy.typing import NDArray


def write_draws(
    draws: xr.Dataset, path: str | Path, *, parameters: pd.DataFrame | None = None, style: str = "wide"
) -> None:
    """Write draws of costs and effects, and of parameters, to a file that `hecon.read_draws` reads back.

    Parameters
    ----------
    draws : xarray.Dataset
        Draws, with the dims draw and strategy alone.
    path : str or Path
        A file that ends in .csv, .xlsx, .parquet or .nc; one that exists is replaced.
    parameters : pandas.DataFrame, optional
        Parameters: one row per draw, in the same order, of finite numbers.
    style : str, default "wide"
        The layout, as in `hecon.read_draws`; it does not count for NetCDF, which alone also holds currency, units and
        whatever else ``draws.attrs`` says of the draws. Numbers come back exactly, but from .xlsx with 15 digits.

    Raises
    ------
    InputError
        If there are further dims, the parameters have other rows or names that the layout needs for something else,
        or the file cannot be written.
    HeconError
        If a library that writes this kind of file is not installed.

    Examples
    --------
    >>> import hecon
    >>> draws = hecon.from_arrays([[0, 900.0]], [[0, 0.1]], strategies=["usual care", "exercise"])
    >>> hecon.write_draws(draws, "model.docx")
    Traceback (most recent call last):
    ...
    hecon.errors.InputError: path must be a file of the kind .csv, .xlsx, .parquet, .nc, got 'model.docx'
    """
    validate(draws)
    layout = STYLES[_checks.one_of("style", style, list(STYLES))]
    if not isinstance(path, (str, Path)) or Path(path).suffix.casefold() not in (*TABLES, ".nc"):
        msg = f"path must be a file of the kind {', '.join(TABLES)}, .nc, got {shown(str(path))}"
        raise InputError(msg)
    extra = [str(dim) for dim in draws["cost"].dims if dim not in ("draw", "strategy")]
    if extra or set(draws["effect"].dims) != {"draw", "strategy"}:
        dims = ", ".join(map(str, draws.dims))
        msg = f"draws must have the dims draw and strategy alone, got {dims}: select one of each other dim"
        raise InputError(msg)
    given = _given(draws, parameters)
    kind = Path(path).suffix.casefold()
    for name in () if kind == ".nc" else (*map(str, draws["strategy"].to_numpy()), *given):
        if name != name.strip() or not name.isprintable():
            msg = f"names in a table must have no line breaks, and no spaces at their ends, got {name!r}: rename it"
            raise InputError(msg)
    content = _netcdf(draws, given) if kind == ".nc" else _encoded(_frame(draws, given, layout, style), kind)
    write_whole({Path(path): content})


def _given(draws: xr.Dataset, parameters: pd.DataFrame | None) -> dict[str, NDArray[np.float64]]:
    """Return the parameters by name, one value per draw."""
    if parameters is None:
        return {}
    if not hasattr(parameters, "columns"):
        msg = f"parameters must be a table with a column per parameter, got {type(parameters).__name__}"
        raise InputError(msg)
    if len(parameters) != draws.sizes["draw"]:
        msg = f"parameters must have a row for each of {draws.sizes['draw']} draws, got {len(parameters)}"
        raise InputError(msg)
    if "draw" in draws.coords and list(map(str, parameters.index)) != list(map(str, draws["draw"].to_numpy())):
        msg = "parameters must have the draws' labels as index, in the same order: parameters.loc[draws['draw']]"
        raise InputError(msg)
    found = {str(name): _checks.numbers(f"parameters[{name!r}]", parameters[name]) for name in parameters.columns}
    for name, values in found.items():
        bad = np.flatnonzero(~np.isfinite(values))
        if bad.size:
            msg = f"parameters[{name!r}] must be finite, got {values[bad[0]]} in row {bad[0] + 1}"
            raise InputError(msg)
    return found


def _refuse_names(given: Iterable[str], reserved: Iterable[str], begins: tuple[str, ...], style: str) -> None:
    """Refuse parameters whose names the layout takes for something else."""
    taken = set(reserved)
    for name in given:
        if not name or name in taken or name.casefold().startswith(begins):
            rule = f"parameters must have names that style={style!r} does not need for something else"
            msg = f"{rule}, got {name!r}: rename it"
            raise InputError(msg)


def _frame(draws: xr.Dataset, given: dict[str, NDArray[np.float64]], layout: Layout, style: str) -> pd.DataFrame:
    """Return draws and parameters as the table of a layout."""
    import pandas as pd

    names = [str(each) for each in draws["strategy"].to_numpy()]
    cost, effect = (draws[each].transpose("draw", "strategy").to_numpy() for each in ("cost", "effect"))
    labels = list(map(str, draws["draw"].to_numpy())) if "draw" in draws.coords else None
    if layout.strategy:
        reserved = (layout.draw, layout.strategy, layout.cost, layout.effect, CHAIN, *layout.single, *layout.aside)
        _refuse_names(given, reserved, layout.aside_begins, style)
        rows = labels or [str(number) for number in range(1, len(cost) + 1)]
        columns: dict[str, Any] = {layout.draw: np.repeat(rows, len(names)), layout.strategy: names * len(cost)}
        columns |= {layout.cost: cost.ravel(), layout.effect: effect.ravel()}
        return pd.DataFrame(columns | {name: np.repeat(values, len(names)) for name, values in given.items()})
    _refuse_names(given, ("draw", CHAIN, *ROW_NAMES), (f"{layout.cost}.", f"{layout.effect}."), style)
    blocks = [(layout.cost, cost), (layout.effect, effect)]
    columns = {} if labels is None else {"draw": labels}
    for begin, values in reversed(blocks) if layout.effects_first else blocks:
        columns |= {f"{begin}.{name}": values[:, at] for at, name in enumerate(names)}
    return pd.DataFrame(columns | given)


def _encoded(frame: pd.DataFrame, kind: str) -> bytes:
    """Return a table as a file of this kind."""
    target = io.BytesIO()
    if kind == ".csv":
        return frame.to_csv(index=False, lineterminator="\n").encode()
    if kind == ".parquet":
        library("pyarrow", "Parquet")
        frame.to_parquet(target, index=False)
    else:
        library("openpyxl", "Excel")
        frame.to_excel(target, index=False, engine="openpyxl")
    return target.getvalue()


def _netcdf(draws: xr.Dataset, given: dict[str, NDArray[np.float64]]) -> bytes:
    """Return draws and parameters as a NetCDF file of version 3, which needs no other library."""
    dims = ("draw", "strategy")
    variables: dict[str, Any] = {name: draws[name].transpose(*dims).variable for name in ("cost", "effect")}
    coords: dict[str, Any] = {"strategy": list(map(str, draws["strategy"].to_numpy()))}
    if given:
        # As labels, for names of variables must be of other letters.
        variables["parameters"] = (("draw", PARAMETER), np.column_stack(list(given.values())))
        coords[PARAMETER] = list(given)
    if "draw" in draws.coords:
        coords["draw"] = list(map(str, draws["draw"].to_numpy()))
    attrs = {name: draws.attrs[name] for name in ABOUT if draws.attrs.get(name) is not None}
    return bytes(cast("Any", xr.Dataset(variables, coords, attrs).to_netcdf(engine="scipy")))
