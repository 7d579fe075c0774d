"""Read a model's draws from files of the layouts that other packages export."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from hecon import _checks
from hecon.draw_files.layouts import NETCDF, STYLES, DrawPart, counts
from hecon.draw_files.netcdf import read_netcdf
from hecon.draw_files.tables import read_tables
from hecon.draws import from_arrays
from hecon.errors import InputError
from hecon.files.faults import shown

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd
    import xarray as xr

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
        costs and no effects, a draw stands twice or is missing, there are several chains, groups or discount rates. All
        faults are told at once, with column and rows.
    HeconError
        If a library that reads this kind of file is not installed.

    Warns
    -----
    StatisticalWarning
        If effects look like costs, as `hecon.from_arrays` warns of: BCEA takes effects first. If a file has semicolons
        between its cells, and every number of a column that has a decimal mark could be thousands (12.345).

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
    layout = STYLES[_checks.one_of("style", style, list(STYLES))]
    if isinstance(ignore, str):
        msg = f"ignore must be a list of names, as in [{ignore!r}], got a text"
        raise InputError(msg)
    if isinstance(path, (str, Path)) and Path(path).suffix.casefold() in NETCDF:
        if effects is not None or parameters is not None:
            msg = "effects and parameters must be left out beside a NetCDF file, which holds them itself"
            raise InputError(msg)
        part, digest, said = read_netcdf(path, ignore, stack_chains=stack_chains)
    else:
        part, digest = read_tables(path, layout, style, (effects, parameters), ignore, stack_chains=stack_chains)
        said = {} if layout.unit is None else {"effect_unit": layout.unit}
    given: dict[str, Any] = {
        "comparator": comparator, "currency": currency, "effect_unit": effect_unit, "effect_better": effect_better,
        "price_year": price_year, "scale": scale, "horizon_years": horizon_years, "discount_cost": discount_cost,
        "discount_effect": discount_effect, "source": source,
    }  # fmt: skip
    given = {name: value for name, value in given.items() if value is not None}
    _refuse_other_words(Path(path).name, said, given)
    about = {**said, **given}
    if strategies is not None and "comparator" in said and "comparator" not in given:
        about["comparator"] = dict(strategies).get(said["comparator"], said["comparator"])
    for name, example in (("currency", "USD"), ("effect_unit", "QALY")):
        if name not in about:
            msg = f"{name} must be given: the file does not say it, as in {name}={example!r}"
            raise InputError(msg)
    about.setdefault("source", f"{Path(path).name}, SHA-256 {digest[:_SHORT]}")
    return _made(part, _renamed(list(part.cost), strategies), about)


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
    return _checks.unique_names("strategies", [strategies.get(name, name) for name in names])
