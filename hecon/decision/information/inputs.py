"""Parameters of a model beside its draws: matched by the labels of the draws, checked, and named in sets."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import xarray as xr

from hecon import _arrays, _checks
from hecon.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    Sets = list[tuple[str, ...]]

    from hecon._arrays import Floats

JOINED = " + "
# Correlation matrices with an eigenvalue below this are those of collinear parameters, which take part beyond _PART.
_COLLINEAR, _PART = 1e-9, 0.05


def frame_of(draws: xr.Dataset, parameters: Any) -> pd.DataFrame:  # noqa: ANN401 (a table of pandas or xarray)
    """Return parameters as a table with a row for each draw, in the order of the draws."""
    if isinstance(parameters, xr.Dataset):
        odd = [str(name) for name, each in parameters.data_vars.items() if each.dims != ("draw",)]
        if odd or not parameters.data_vars:
            named = f"{odd[0]!r} has {parameters[odd[0]].dims}" if odd else "it holds none"
            msg = f"parameters must be variables with the dim draw alone, {named}; select or stack its other dims first"
            raise InputError(msg)
        index = parameters.indexes.get("draw")
        columns = {str(name): each.to_numpy() for name, each in parameters.data_vars.items()}
        parameters = pd.DataFrame(columns, index=index)
    if not isinstance(parameters, pd.DataFrame):
        named = type(parameters).__name__
        remedy = "name the columns, as in pandas.DataFrame(array, columns=[...])"
        if callable(getattr(parameters, "to_pandas", None)):  # of polars and Arrow
            named, remedy = f"that of {type(parameters).__module__.partition('.')[0]}", "pass .to_pandas()"
        msg = (
            "parameters must be a pandas.DataFrame or an xarray.Dataset with a column for each parameter, got "
            f"{named}; {remedy}"
        )
        raise InputError(msg)
    names = _checks.unique_names("the columns of parameters", parameters.columns)
    (_, matched), _ = _arrays.together({"draws": draws["draw"], "parameters": parameters}, what="draws")
    if len(matched) != draws.sizes["draw"]:
        msg = f"parameters must have a row for each of the {draws.sizes['draw']} draws, got {len(matched)} rows"
        raise InputError(msg)
    return pd.DataFrame(matched)[names]


def sets_of(of: Any, known: Sequence[str]) -> Sets:  # noqa: ANN401
    """Return sets of parameters: a name, a set of names, a list of either, or all parameters singly for None."""
    if of is None:
        listed: list[Any] = list(known)
    elif isinstance(of, (str, tuple, set, frozenset)):
        listed = [of]
    elif isinstance(of, list):
        listed = of
    else:
        msg = f"of must be a name, a set or tuple of names, or a list of these, got {_checks.shown(of)}"
        raise InputError(msg)
    if not listed:
        msg = "of must name a parameter, got an empty list; pass None for every parameter singly"
        raise InputError(msg)
    found = [_one_set(each, known) for each in listed]
    repeated = [JOINED.join(each) for each in found if sum(set(each) == set(other) for other in found) > 1]
    if repeated:
        msg = f"of must name each set once, got {repeated[0]!r} more than once"
        raise InputError(msg)
    labels = [JOINED.join(each) for each in found]
    alike = [label for label in labels if labels.count(label) > 1]
    if alike:
        msg = f"sets must have different labels, got {alike[0]!r} of two; rename the column with {JOINED!r} in its name"
        raise InputError(msg)
    return found


def _one_set(given: Any, known: Sequence[str]) -> tuple[str, ...]:  # noqa: ANN401
    names = [given] if isinstance(given, str) else _members(given, known)
    absent = [name for name in names if name not in known]
    if absent:
        shown = ", ".join(map(repr, known[:12])) + (", …" if len(known) > 12 else "")  # noqa: PLR2004
        msg = f"of must name columns of parameters, got {absent[0]!r}; they are {shown}"
        raise InputError(msg)
    return tuple(names)


def _members(given: Any, known: Sequence[str]) -> list[str]:  # noqa: ANN401
    if not isinstance(given, (tuple, list, set, frozenset)):
        msg = f"each of `of` must be a name or a set of names, got {_checks.shown(given)}"
        raise InputError(msg)
    if isinstance(given, (set, frozenset)):
        # In the order of the columns; names that are none are refused by the caller.
        given = sorted(given, key=lambda name: (list(known).index(name) if name in known else -1, str(name)))
    names = _checks.unique_names("each set of `of`", given)
    if not names:
        msg = "each set of `of` must name a parameter, got an empty set"
        raise InputError(msg)
    return names


def constants_of(frame: pd.DataFrame) -> list[str]:
    """Return the names of parameters that are the same number in every draw."""
    plain = ((name, _plain(frame[name])) for name in frame.columns)
    return [name for name, each in plain if each.dtype.kind in "iuf" and _is_constant(each.to_numpy())]


def _plain(column: pd.Series) -> pd.Series:
    """Return a column as it is, of flags as 0 and 1."""
    return column.astype(float) if column.dtype.kind == "b" else column


def _is_constant(values: Floats) -> bool:
    with np.errstate(invalid="ignore"):  # infinite numbers are refused by name
        return bool(np.ptp(values) <= 1e-13 * np.abs(values).max())


def columns_of(frame: pd.DataFrame, names: Iterable[str], remedy: str = "name the others in `of`") -> dict[str, Floats]:
    """Return parameters as arrays of finite numbers that vary; all that are constant are named at once."""
    found, constant = {}, []
    for name in names:
        label = f"parameter {name!r}"
        _refuse_kind(label, frame[name])
        values = _checks.line(label, _plain(frame[name]), "a column of numbers")
        bad = ~np.isfinite(values)
        if bad.any():
            msg = (
                f"{label} must be finite, got {float(values[bad][0])!r} at draw {int(np.argmax(bad))} "
                f"({int(bad.sum())} such in all); leave out these draws, from costs and effects too"
            )
            raise InputError(msg)
        _checks.within_range(label, _checks.largest(values))
        if _is_constant(values):
            constant.append(name)
        found[name] = values
    if constant:
        msg = (
            f"parameters must vary over the draws, got a constant in {', '.join(map(repr, constant))}: what is known "
            f"has no value of information; {remedy}"
        )
        raise InputError(msg)
    return found


def _refuse_kind(label: str, column: pd.Series) -> None:
    """Refuse a column of anything but numbers, with the way to make it one; categories are in no order."""
    if isinstance(column.dtype, pd.CategoricalDtype) and not column.cat.ordered:
        remedy = (
            "make a set of columns of 0 and 1, of each but the first, by pandas.get_dummies(..., drop_first=True); "
            "of amounts, take .astype(float)"
        )
    elif column.dtype.kind in "iufb":
        return
    elif column.dtype.kind in "mM":
        remedy = "convert times to a number, as of days, and dates to the time since one of them"
    else:
        remedy = "convert numbers by .astype(float), and give texts codes"
    msg = f"{label} must be a column of numbers, got {column.dtype}; {remedy}"
    raise InputError(msg)


def refuse_collinear(
    names: Sequence[str], values: Floats, remedy: str = "leave one out: the set knows as much without it"
) -> None:
    """Refuse parameters, shape (draw, parameter), of which one is a linear function of others."""
    if len(names) == 1:
        return
    if len(values) <= len(names):
        msg = (
            f"draws must outnumber the parameters of a set, got {len(values)} draws and {len(names)} parameters; make "
            "more draws, or ask for fewer parameters together"
        )
        raise InputError(msg)
    standard = (values - values.mean(axis=0)) / values.std(axis=0)
    size, vectors = np.linalg.eigh(standard.T @ standard / len(values))
    if size[0] < _COLLINEAR:
        part = [name for name, weight in zip(names, vectors[:, 0], strict=True) if abs(weight) > _PART]
        msg = (
            f"parameters of a set must not be collinear, got {', '.join(map(repr, part))}, of which each is a linear "
            f"function of the others; {remedy}"
        )
        raise InputError(msg)
