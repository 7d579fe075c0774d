"""Results as flat tables that a person reads: rounded, with units in the headers, and printed whole."""

from __future__ import annotations

import shutil
from dataclasses import fields, is_dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import xarray as xr

from hecon.errors import InputError
from hecon.printed.numbers import digits_of

if TYPE_CHECKING:
    from collections.abc import Hashable, Mapping, Sequence

__all__ = ["table"]

# Dims over which a table has the mean and the central 95%.
_SAMPLES = ("draw", "replicate", "imputation")
# Variables that hold the ends of another's range.
_RANGES = {"net_benefit": ("net_benefit_low", "net_benefit_high"), "p_cost_effective": ("p_low", "p_high")}
# Dims within a cell.
_INNER = ("bound", "quadrant_of_draws")
# Rows that are printed; of more, the first and the last.
_ROWS = 40
# From this amount on, cents say nothing.
_LARGE = 100
# Share of the largest value of a column up to which another one is what arithmetic leaves of 0.
_NOISE = 1e-12


class _Table(pd.DataFrame):
    """A table that prints whole: no column is cut out of it, whatever the width of the terminal."""

    def __repr__(self) -> str:
        width = shutil.get_terminal_size((100, 24)).columns
        return str(
            self.to_string(index=False, na_rep="", line_width=width, max_rows=_ROWS, show_dimensions=len(self) > _ROWS)
        )

    def _repr_html_(self) -> str:
        return str(
            self.to_html(index=False, na_rep="", max_rows=_ROWS, show_dimensions=len(self) > _ROWS, notebook=True)
        )


def table(result: object) -> pd.DataFrame:
    """Return a result as a flat table, rounded for reading; compute with the result itself.

    Parameters
    ----------
    result : xarray.Dataset, xarray.DataArray, Assessment, Shortfall, Fit, TrialAnalysis or sequence of records
        What a verb of hecon returned.

    Returns
    -------
    pandas.DataFrame
        A row for each strategy, willingness to pay, year or comparison. Headers have the unit in brackets, as in
        ``delta_cost [EUR]``, ``delta_effect [QALY]``, ``icer [EUR per QALY]``; probabilities and shares have none.

        - `hecon.icer`, `hecon.frontier`: a row for each strategy; intervals in columns ``… 95%``.
        - `hecon.ceac`, `hecon.expected_loss`: a row for each ``wtp`` [currency per unit of effect], a column for each
          strategy. `hecon.ceaf` has ``optimal`` beside it.
        - `hecon.decision_curves`: a row for each ``wtp`` and strategy; ``ceaf``, ``evpi`` and ``optimal`` are those of
          the ``wtp``.
        - `hecon.verdict`: a row for each strategy and ``wtp``; what rounding and assumptions leave in columns
          ``… range``. Of three or more strategies ``status`` and ``icer`` are the row's own; those of the comparator
          stand in the result alone, over ``option``.
        - `hecon.evppi`, `hecon.evsi`: a row for each set of parameters or size of a study, and ``wtp``.
        - `hecon.budget_impact`: a row for each year and scenario, over all sectors, inside the budget [currency];
          ``patients`` are counted.
        - Draws, net benefits: means over the draws, and in columns ``… 95%`` their central 95%.
        - `hecon.assess`: a row for each comparison, with the probability of being cost-effective at each reference
          value [currency per QALY], and why something is not given.

    Raises
    ------
    InputError
        If it is nothing that a verb returns.

    Notes
    -----
    Amounts are rounded to the unit, or to cents where all are below 100; probabilities and shares to three decimals,
    effects to four; what would read as 0 beside larger values has two digits of its own. An empty cell is a value
    that has no meaning, as a ratio in the quadrants NW and SE.

    Examples
    --------
    >>> import hecon
    >>> draws = hecon.from_arrays([[0, 900], [0, 1100]], [[0, 0.1], [0, 0.3]], strategies=["usual care", "exercise"])
    >>> hecon.table(hecon.ceac(draws, wtp=[0, 20_000]))
     wtp [EUR per QALY]  usual care  exercise
                      0         1.0       0.0
                  20000         0.0       1.0
    """
    if isinstance(result, xr.DataArray):
        return _of_array(result)
    if isinstance(result, xr.Dataset):
        return _of_dataset(_over_sectors(result) if "resource" in result.dims else result)
    rows = getattr(result, "_rows", None)
    if callable(rows) and not isinstance(result, type):
        return _of_records(rows())
    records: list[Any] = list(result) if isinstance(result, tuple | list) else [result]
    if records and all(is_dataclass(each) and not isinstance(each, type) for each in records):
        names = [each.name for each in fields(records[0])]
        found = _of_records([{name: getattr(each, name, None) for name in names} for each in records])
        if len(found.columns):
            return found
        msg = f"result must have values of its own, got a {type(records[0]).__name__}: give one of {', '.join(names)}"
        raise InputError(msg)
    msg = f"result must be what a verb of hecon returned, got {type(result).__name__}"
    raise InputError(msg)


def _of_array(array: xr.DataArray) -> pd.DataFrame:
    """Return an array with a column for each strategy, or one for its values."""
    if "strategy" not in array.dims or array.ndim == 1 or set(_SAMPLES) & set(array.dims):
        name = str(array.name or "value")
        beside = {key: each.variable for key, each in array.coords.items() if key not in array.dims and each.ndim}
        return _of_dataset(array.reset_coords(drop=True).to_dataset(name=name).assign(beside).assign_attrs(array.attrs))
    rows = [dim for dim in array.dims if dim != "strategy"]
    values, unit = array.transpose(*rows, "strategy").to_numpy(), _unit(array)
    digits = _digits(values, unit, array.attrs)
    names = [_header(str(each), unit) for each in array["strategy"].to_numpy()]
    columns = {name: _column(values[..., place], digits) for place, name in enumerate(names)}
    return _Table(_keys(array, rows) | columns)


def _of_dataset(result: xr.Dataset) -> pd.DataFrame:
    """Return a dataset with a row for each strategy, value or year, and intervals in words."""
    if not result.data_vars:
        msg = "result must be what a verb of hecon returned, got a Dataset without variables"
        raise InputError(msg)
    for dim in _SAMPLES:
        result = _summarised(result, dim) if dim in result.dims else result
    if "option" in result.dims and "strategy" in result.coords:
        result = result.sel(option=result["strategy"]).drop_vars("option")  # each strategy's own place on the frontier
    rows = [dim for dim in result.dims if dim not in _INNER]
    like = xr.DataArray(np.zeros([result.sizes[dim] for dim in rows]), dims=rows)
    beside = [name for name, each in result.coords.items() if name not in result.dims and each.ndim]
    ends = {name: ends for name, ends in _RANGES.items() if ends[0] in result}
    columns = _keys(result, rows)

    def add(header: str, values: xr.DataArray, digits: int) -> None:
        whole = xr.DataArray(values.variable).broadcast_like(like).transpose(*rows)
        columns[header] = _column(np.atleast_1d(whole.to_numpy()), digits)

    for name in _in_order([str(each) for each in (*beside, *result.data_vars)]):
        values, unit = result[name], _unit(result[name])
        digits = _digits(values.to_numpy(), unit, result.attrs)
        if any(name in pair for pair in ends.values()):
            continue
        inner = set(_INNER) & set(values.dims)
        add(_named(name, unit), _in_words(values, str(*inner), digits) if inner else values, digits)
        if name in ends:
            pair = xr.concat([xr.DataArray(result[end].variable) for end in ends[name]], "bound")
            add(f"{name} range", _in_words(pair, "bound", digits), digits)
    return _Table(columns)


def _summarised(result: xr.Dataset, dim: str) -> xr.Dataset:
    """Return the means over draws, with the central 95% beside each."""
    found = {}
    for name, each in result.data_vars.items():
        if dim not in each.dims:
            found[str(name)] = each
            continue
        found[str(name)] = each.mean(dim, keep_attrs=True)
        ends = each.quantile([0.025, 0.975], dim, keep_attrs=True).drop_vars("quantile")
        if each.sizes[dim] < 2:  # noqa: PLR2004 (one draw has no spread)
            ends = ends * np.nan
        found[f"{name}_interval"] = ends.rename(quantile="bound")
    return xr.Dataset(found, attrs=result.attrs)


def _over_sectors(impact: xr.Dataset) -> xr.Dataset:
    """Return a budget impact without its resources, and over its sectors."""
    kept = impact.drop_vars([name for name, each in impact.data_vars.items() if "resource" in each.dims])
    kept = kept.drop_dims("resource")
    if "sector" not in kept.dims:
        return kept
    found = {
        str(name): each.sum("sector", keep_attrs=True) if "sector" in each.dims else each
        for name, each in kept.data_vars.items()
    }
    # The sum of the net amounts is the total.
    return xr.Dataset({name: each for name, each in found.items() if name != "net"}, attrs=impact.attrs)


def _in_order(names: list[str]) -> list[str]:
    """Return names with each interval behind what it is of."""
    stem = {name: name.rsplit("_", 1)[0] for name in names if name.endswith(("_interval", "_fieller"))}
    return [each for name in names if name not in stem for each in (name, *(k for k, v in stem.items() if v == name))]


def _keys(result: xr.Dataset | xr.DataArray, rows: Sequence[Hashable]) -> dict[str, Any]:
    """Return the columns that tell what a row is of."""
    grid = np.meshgrid(*(result[dim].to_numpy() for dim in rows), indexing="ij") if rows else []
    columns = {}
    for dim, values in zip(rows, grid, strict=True):
        unit = _unit(result[dim])
        columns[_header(str(dim), unit)] = _column(values, _digits(values, unit, result.attrs))
    return columns


def _unit(values: xr.DataArray) -> str:
    return str(values.attrs.get("units", ""))


def _header(name: str, unit: str) -> str:
    return f"{name} [{unit}]" if unit not in {"", "1"} else name


def _named(name: str, unit: str) -> str:
    """Return the header of a variable; that of an interval needs no unit beside what it is of."""
    for suffix, words in (("_interval", " 95%"), ("_fieller", " 95% (Fieller)")):
        if name.endswith(suffix):
            return name.removesuffix(suffix) + words
    return _header(name, unit)


def _in_words(values: xr.DataArray, inner: str, digits: int) -> xr.DataArray:
    """Return intervals as "low to high", and shares as "NE 0.74, SE 0.26"."""
    moved = values.transpose(..., inner)
    told = np.empty(moved.shape[:-1], dtype=object)
    for place in np.ndindex(told.shape):
        row = moved.to_numpy()[place]
        if inner == "bound":
            told[place] = "" if np.isnan(row).any() else " to ".join(_shown(row, digits))
        else:
            labels = (str(each) for each in values[inner].to_numpy())
            shares = zip(labels, row, _shown(row, 3), strict=True)
            told[place] = ", ".join(f"{label} {text}" for label, share, text in shares if share)
    return xr.DataArray(told, dims=moved.dims[:-1])


def _digits(values: Any, unit: str, about: Mapping[Any, Any]) -> int:  # noqa: ANN401 (of any dtype)
    """Return the decimals that values of a unit are worth."""
    values = np.asarray(values)
    if values.dtype.kind != "f":
        return 0
    finite = np.abs(values[np.isfinite(values)])
    digits = _digits_of_unit(finite, unit, about)
    # A column that would read as noughts throughout has four digits of its largest value.
    more = digits_of(float(finite.max(initial=0.0)), digits)
    return digits if more == digits else more + 3


def _digits_of_unit(finite: Any, unit: str, about: Mapping[Any, Any]) -> int:  # noqa: ANN401 (of any dtype)
    """Return the decimals that are usual for sizes of a unit."""
    if bool(np.all(finite % 1 == 0)) and unit != "1":
        return 0
    if unit == "1":
        return 3
    currency = str(about.get("currency", ""))
    large = bool(finite.max() >= _LARGE)
    if currency and (unit == currency or unit.startswith(f"{currency} per ")):
        return 0 if large else 2
    return (0 if finite.max() >= 100 * _LARGE else 1) if large else 4


def _column(values: Any, digits: int) -> Any:  # noqa: ANN401
    """Return values in one row after another, rounded; whole numbers where they have no decimals."""
    flat = np.asarray(values).ravel()
    if flat.dtype.kind != "f":
        return flat
    small = _reads_as_nought(flat, digits)
    kept = [round(float(each), _digits_of_cell(float(each), digits)) for each in flat[small]]
    rounded = np.round(flat, digits) + 0.0
    if digits or np.isinf(flat).any():
        rounded[small] = kept
        return rounded
    # Of whole numbers some of which are missing, or too small for one, none becomes a float.
    known = np.isfinite(rounded)
    whole = np.where(known, rounded, 0).astype(int)
    if known.all() and not small.any():
        return whole
    cells = np.where(known, whole.astype(object), np.nan)
    cells[small] = kept
    return cells


def _reads_as_nought(values: Any, digits: int) -> Any:  # noqa: ANN401
    """Tell which values are not 0 and would read as 0; not what arithmetic leaves of the largest of them."""
    size = np.abs(values)
    finite = size[np.isfinite(size)]
    return (size > _NOISE * max(float(finite.max(initial=0.0)), 1.0)) & (size <= 0.5 * 10.0**-digits)


def _digits_of_cell(value: float, digits: int) -> int:
    """Return the decimals of a value by itself: those of its column, or two digits of it where it would read as 0."""
    more = digits_of(value, digits)
    return digits if more == digits else more + 1


def _shown(values: Any, digits: int) -> list[str]:  # noqa: ANN401
    """Return the values of one cell as texts; none that is not 0 reads as 0, and what rounds to 0 has no sign."""
    small = _reads_as_nought(values, digits)
    own = [_digits_of_cell(float(each), digits) if few else digits for each, few in zip(values, small, strict=True)]
    texts = [f"{each:.{least}f}" for each, least in zip(values, own, strict=True)]
    return [text if float(text) else text.removeprefix("-") for text in texts]


def _of_records(rows: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
    """Return a row for each record, with four significant digits; fields that are tables themselves are left out."""
    names = dict.fromkeys(name for row in rows for name in row)
    columns = {name: [_cell(row.get(name)) for row in rows] for name in names}
    told = {name: cells for name, cells in columns.items() if any(each != "" for each in cells)}
    return _Table({name: np.array(cells, object) for name, cells in told.items()})


def _cell(value: Any) -> Any:  # noqa: ANN401
    """Return what stands in a cell; nothing for a value that has rows of its own."""
    if isinstance(value, float):
        return _significant(value)
    if isinstance(value, tuple) and len(value) == 2 and all(isinstance(end, float | int) for end in value):  # noqa: PLR2004
        return " to ".join(str(_significant(float(end))) for end in value)
    return value if isinstance(value, str | int) else ""


def _significant(value: float) -> float | int | str:
    """Return a number with four significant digits; a whole one where it is large, nothing where it is not known."""
    if not np.isfinite(value):
        return "" if np.isnan(value) else value
    digits = 3 - int(np.floor(np.log10(abs(value)))) if value else 0
    return round(value) if digits <= 0 or value == round(value) else round(value, digits)
