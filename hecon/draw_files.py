"""Draws of a model from and to files, in the layouts that other packages export."""

from __future__ import annotations

import io
import math
from collections import Counter
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import numpy as np
import xarray as xr

from hecon import _checks
from hecon._arrays import is_default
from hecon._io import TABLE_BYTES, exists, file_bytes, write_whole
from hecon.draw_tables import (
    ABOUT,
    CHAIN,
    NETCDF,
    PARAMETER,
    ROW_NAMES,
    STYLES,
    TABLES,
    DrawPart,
    Layout,
    counts,
    is_like,
    read_tables,
)
from hecon.draws import from_arrays, validate
from hecon.errors import DrawsError, HeconError, InputError
from hecon.files.faults import near, shown
from hecon.trial.table.file_readers import library

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    import pandas as pd

    from hecon._arrays import Floats

__all__ = ["read_draws", "write_draws"]


_SHORT = 12
# What a caller may choose whatever the file says.
_OWN_WORDS = ("comparator", "source")


def read_draws(
    path: str | Path,
    *,
    style: str = "wide",
    effects: str | Path | None = None,
    parameters: str | Path | None = None,
    strategies: Mapping[str, str] | None = None,
    ignore: Sequence[str] = (),
    stack_chains: bool = False,
    comparator: str | None = None,
    currency: str | None = None,
    effect_unit: str | None = None,
    effect_better: str | None = None,
    price_year: int | None = None,
    scale: str | None = None,
    horizon_years: float | None = None,
    discount_cost: float | None = None,
    discount_effect: float | None = None,
    source: str | None = None,
) -> tuple[xr.Dataset, pd.DataFrame]:
    """Read a model's draws of costs and effects, and of its parameters, from a file.

    Parameters
    ----------
    path : str or Path
        A file that ends in .csv, .xlsx (its first sheet; see Notes), .parquet or .nc. With `effects`, the file of the
        costs.
    style : {"wide", "long", "bcea", "voi", "dampack", "hesim", "heormodel", "pyheor"}, default "wide"
        How the table is laid out; see Notes. A NetCDF file has its own names, and `style` does not count.
    effects, parameters : str or Path, optional
        Files of their own for the effects, and for the parameters: one column per strategy or parameter, one row per
        draw. A column ``draw`` in all of them matches their rows; without it they are taken in order.
    strategies : mapping of str to str, optional
        Other names for strategies, by the name in the file; all or some.
    ignore : sequence of str, optional
        Columns that are not read.
    stack_chains : bool, default False
        Take draws of several chains (a column or dim ``chain``) as one series, chain after chain; else such a file is
        refused. The draws are then labelled "chain:draw".
    comparator, currency, effect_unit, effect_better, price_year, scale : optional
        As in `hecon.from_arrays`. `currency` and `effect_unit` must be given unless the file says them: a NetCDF file
        in its attributes; "hesim", "heormodel" and "pyheor" have QALYs. What a file says cannot be said otherwise here,
        but for the comparator.
    horizon_years, discount_cost, discount_effect, source : optional
        As in `hecon.from_arrays`; the default of `source` is the name of the file and its SHA-256.

    Returns
    -------
    draws : xarray.Dataset
        Draws, as `hecon.from_arrays` makes them.
    parameters : pandas.DataFrame
        Parameters, one row per draw and in the same order; without columns where the file has none.

    Raises
    ------
    InputError
        If there is no such file, or it is of another kind or cannot be read; a currency or unit is missing, or other
        than the file has it.
    DrawsError
        If the file breaks the rules of its layout: a column is missing, a cell is empty or no number, a strategy has
        costs and no effects, a draw stands twice or is missing, there are several chains, groups or discount rates; a
        column is named ``draw`` or ``chain`` but for case or a dot, a label is that of a row of means, or a number of
        more than 15 digits in a workbook. All faults are told at once, with column and rows.
    HeconError
        If a library that reads this kind of file is not installed.

    Warns
    -----
    StatisticalWarning
        If effects look like costs, as `hecon.from_arrays` warns of: BCEA takes effects first. If a file has semicolons
        between its cells, and every number of a column that has a decimal mark could be thousands (12.345). If rows of
        a workbook are hidden: they are read.

    Notes
    -----
    Names tell what is what, never the order of columns. A wide table has a column per strategy for costs and one for
    effects, and any other column is a parameter::

        wide, bcea   cost.NAME   effect.NAME
        voi          c.NAME      e.NAME
        dampack      cost.NAME   effectiveness.NAME

    A long table has a row per draw and strategy; another column is a parameter if it has one value per draw::

        long         draw        strategy      cost         effect
        hesim        sample      strategy_id   costs        qalys
        heormodel    iteration   intervention  cost         qaly
        pyheor       sim         strategy      total_cost   qalys

    Of pyheor also the workbook that its `export_to_excel` writes with ``include_psa=True``, which has the parameters
    too; its life years and its costs by category are not read. A table of parameters has the draws in a column ``draw``
    or as its package names them (``sample``, ``iteration``, ``Simulation``).

    A column ``draw`` in a wide table, or R's row names, label the draws. A CSV file has commas or tabs between its
    cells and decimal points, or semicolons and decimal commas: what R's `write.csv` and `write.csv2` write.

    Examples
    --------
    >>> import hecon
    >>> draws, parameters = hecon.read_draws("model.csv", currency="GBP")
    Traceback (most recent call last):
    ...
    hecon.errors.InputError: path must be an existing file, got 'model.csv'
    """
    _checks.one_of("style", style, list(STYLES))
    if isinstance(ignore, str) or not hasattr(ignore, "__iter__"):
        msg = f"ignore must be a list of names, as in [{(ignore if isinstance(ignore, str) else 'NAME')!r}], got "
        raise InputError(msg + ("a text" if isinstance(ignore, str) else shown(ignore)))
    ignore = tuple(ignore)
    if isinstance(path, (str, Path)) and Path(path).suffix.casefold() in NETCDF:
        if effects is not None or parameters is not None:
            msg = "effects and parameters must be left out beside a NetCDF file, which holds them itself"
            raise InputError(msg)
        part, digest, said = read_netcdf(path, ignore, stack_chains=stack_chains)
    else:
        part, digest = read_tables(path, style, (effects, parameters), ignore, stack_chains=stack_chains)
        said = {} if STYLES[style].unit is None else {"effect_unit": STYLES[style].unit}
    given: dict[str, Any] = {
        "comparator": comparator, "currency": currency, "effect_unit": effect_unit, "effect_better": effect_better,
        "price_year": price_year, "scale": scale, "horizon_years": horizon_years, "discount_cost": discount_cost,
        "discount_effect": discount_effect, "source": source,
    }  # fmt: skip
    about = _about(Path(path).name, said, given, strategies)
    about.setdefault("source", f"{Path(path).name}, SHA-256 {digest[:_SHORT]}")
    return _made(part, _renamed(list(part.cost), strategies), about)


def _about(
    file: str, said: Mapping[str, Any], given: Mapping[str, Any], strategies: Mapping[str, str] | None
) -> dict[str, Any]:
    """Return what a file says of its draws, or the caller in its place; currency and unit must be among that."""
    stated = {name: value for name, value in given.items() if value is not None}
    _refuse_other_words(file, said, stated)
    about = {**said, **stated}
    if strategies is not None and "comparator" in said and "comparator" not in stated:
        about["comparator"] = dict(strategies).get(said["comparator"], said["comparator"])
    for name, example in (("currency", "USD"), ("effect_unit", "QALY")):
        if name not in about:
            msg = f"{name} must be given: the file does not say it, as in {name}={example!r}"
            raise InputError(msg)
    return about


def _refuse_other_words(name: str, said: Mapping[str, Any], given: Mapping[str, Any]) -> None:
    """Refuse what is said of draws where their own file says otherwise: numbers would change their meaning."""
    for key, value in given.items():
        if key in _OWN_WORDS or key not in said:
            continue
        own = said[key]
        numeric = isinstance(own, (int, float)) and isinstance(value, (int, float))
        alike = math.isclose(own, value, rel_tol=1e-9) if numeric else str(own).casefold() == str(value).casefold()
        if not alike:
            msg = f"{key} must be that of the file, {own!r} in {name!r}, got {value!r}: correct the one that is wrong"
            raise InputError(msg)


def _made(part: DrawPart, names: list[str], about: dict[str, Any]) -> tuple[xr.Dataset, pd.DataFrame]:
    """Return draws and parameters of the same rows."""
    import pandas as pd

    count = len(next(iter(part.cost.values())))
    unlabelled = part.draws is None or counts(part.draws)
    rows = pd.RangeIndex(count) if unlabelled else pd.Index(part.draws or [], name="draw")
    costs, effects = (np.column_stack([each[name] for name in part.cost]) for each in (part.cost, part.effect))
    draws = from_arrays(
        pd.DataFrame(costs, index=rows, columns=names),
        pd.DataFrame(effects, index=rows, columns=names),
        strategies=names,
        **about,
    )
    return draws, pd.DataFrame(part.parameters, index=rows)


def _renamed(names: list[str], strategies: Mapping[str, str] | None) -> list[str]:
    """Return the strategies' names as the caller wants them."""
    if strategies is None:
        return names
    if not hasattr(strategies, "items"):
        example = f"{{{names[0]!r}: 'usual care'}}"
        msg = f"strategies must map names in the file to others, as in {example}, got {shown(strategies)}"
        raise InputError(msg)
    for name in strategies:
        if name not in names:
            msg = f"strategies must name those of the file, {', '.join(map(repr, names))}, got {shown(name)}"
            raise InputError(msg)
    return _checks.distinct_names("strategies", [strategies.get(name, name) for name in names])


_HDF = b"\x89HDF"


def read_netcdf(path: str | Path, ignore: Sequence[str], *, stack_chains: bool) -> tuple[DrawPart, str, dict[str, Any]]:
    """Return what a NetCDF file holds, its digest, and what it says of itself."""
    if not exists(path):
        msg = f"path must be an existing file, got {str(path)!r}"
        raise InputError(msg)
    content = file_bytes("path", path, at_most=TABLE_BYTES)
    opened = _opened(content, str(path))
    if again := _names_again(opened):
        fault = (
            f"coordinate {PARAMETER!r}: must have names that no other parameter or variable has, got {again[0]!r} again"
        )
        raise DrawsError(str(path), [fault])
    data = _by_name(opened)
    known = list(map(str, data.variables))
    faults = [
        f"ignore must name variables of the file, got {name!r}{near(name, known)}"
        for name in ignore
        if name not in known
    ]
    data = data.drop_vars(list(ignore), errors="ignore")
    others = [str(name) for name in data.data_vars if name not in ("cost", "effect")]
    faults += _dim_faults(data, others)
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


def _dim_faults(data: xr.Dataset, others: list[str]) -> list[str]:
    """Return the faults of the dims of costs, effects and parameters, and that strategies have no names."""
    faults = []
    for name in ("cost", "effect"):
        dims = set(data[name].dims) if name in data else set()
        if not {"draw", "strategy"} <= dims or dims - {"draw", "strategy", CHAIN}:
            got = f"dims {', '.join(map(str, data[name].dims))}" if name in data else "none"
            faults.append(
                f"variable {name!r}: must be there with the dims draw and strategy, and chain or not, got {got}"
            )
    if "strategy" not in data.coords:
        faults.append("coordinate 'strategy': is missing: it names the strategies")
    faults += [
        f"variable {name!r}: must have the dim draw alone, as a parameter has, got dims "
        f"{', '.join(map(str, data[name].dims)) or 'none'}: leave it out by ignore"
        for name in others
        if set(data[name].dims) - {CHAIN} != {"draw"}
    ]
    return faults


def _names_again(data: xr.Dataset) -> list[str]:
    """Return the names along the dim parameter that come again, or are of a variable beside it."""
    if PARAMETER not in data.coords:
        return []
    names = [str(_plain(each)) for each in data[PARAMETER].to_numpy()]
    others = {str(name) for name in data.variables if PARAMETER not in data[name].dims}
    return [name for place, name in enumerate(names) if name in others or name in names[:place]]


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
        labels = [f"{chain}:{draw}" for chain in chains for draw in own] if len(chains) > 1 else own
        bare = data.drop_vars([CHAIN, "draw"], errors="ignore")
        data = bare.stack(row=(CHAIN, "draw"), create_index=False).rename(row="draw")  # noqa: PD013 (xarray's)
    elif "draw" in data.coords:
        labels = [str(_plain(each)) for each in data["draw"].to_numpy()]
    names = [str(_plain(each)) for each in data["strategy"].to_numpy()]
    faults = [
        f"coordinate {coordinate!r}: must be unique, got {again!r} again"
        for coordinate, each in (("strategy", names), ("draw", labels or []))
        for again in sorted(label for label, times in Counter(each).items() if times > 1)
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


def _given(draws: xr.Dataset, parameters: pd.DataFrame | None) -> dict[str, Floats]:
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
    if "draw" not in draws.coords and not is_default(getattr(parameters, "index", None)):
        msg = (
            "parameters must have no labels of draws, as the draws have none: where they are in the same order, pass "
            "parameters.reset_index(drop=True)"
        )
        raise InputError(msg)
    names = _checks.unique_names("the columns of parameters", map(str, parameters.columns))
    found = {
        name: _checks.numbers(f"parameters[{name!r}]", parameters[own])
        for name, own in zip(names, parameters.columns, strict=True)
    }
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
        like_a_label = any(is_like(name, each) for each in ("draw", CHAIN))
        if not name or name in taken or like_a_label or name.casefold().startswith(begins):
            rule = f"parameters must have names that {style} does not need for something else"
            msg = f"{rule}, got {name!r}: rename it"
            raise InputError(msg)


def _frame(draws: xr.Dataset, given: dict[str, Floats], layout: Layout, style: str) -> pd.DataFrame:
    """Return draws and parameters as the table of a layout."""
    import pandas as pd

    names = [str(each) for each in draws["strategy"].to_numpy()]
    cost, effect = (draws[each].transpose("draw", "strategy").to_numpy() for each in ("cost", "effect"))
    labels = list(map(str, draws["draw"].to_numpy())) if "draw" in draws.coords else None
    if layout.strategy:
        reserved = (layout.draw, layout.strategy, layout.cost, layout.effect, CHAIN, *layout.single, *layout.aside)
        _refuse_names(given, reserved, layout.aside_begins, f"style={style!r}")
        rows = labels or [str(number) for number in range(1, len(cost) + 1)]
        columns: dict[str, Any] = {layout.draw: np.repeat(rows, len(names)), layout.strategy: names * len(cost)}
        columns |= {layout.cost: cost.ravel(), layout.effect: effect.ravel()}
        return pd.DataFrame(columns | {name: np.repeat(values, len(names)) for name, values in given.items()})
    _refuse_names(given, ("draw", CHAIN, *ROW_NAMES), (f"{layout.cost}.", f"{layout.effect}."), f"style={style!r}")
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


def _netcdf(draws: xr.Dataset, given: dict[str, Floats]) -> bytes:
    """Return draws and parameters as a NetCDF file of version 3, which needs no other library."""
    dims = ("draw", "strategy")
    variables: dict[str, Any] = {name: draws[name].transpose(*dims).variable for name in ("cost", "effect")}
    coords: dict[str, Any] = {"strategy": list(map(str, draws["strategy"].to_numpy()))}
    _refuse_names(given, (*variables, *dims, PARAMETER), (), "NetCDF")
    if given:
        # As labels, for names of variables must be of other letters.
        variables["parameters"] = (("draw", PARAMETER), np.column_stack(list(given.values())))
        coords[PARAMETER] = list(given)
    if "draw" in draws.coords:
        coords["draw"] = list(map(str, draws["draw"].to_numpy()))
    attrs = {name: draws.attrs[name] for name in ABOUT if draws.attrs.get(name) is not None}
    return bytes(cast("Any", xr.Dataset(variables, coords, attrs).to_netcdf(engine="scipy")))
