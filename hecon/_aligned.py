"""Alignment by labels: the names of rows, columns and coordinates count wherever the caller has them.

Labels come from pandas (index and columns), xarray (coordinates) and other tables with named columns. The default
numbering 0, 1, 2, … says nothing beside arrays without labels, and is a label beside arrays that have others.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from hecon.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import pandas as pd

__all__ = ["by_name", "depth", "is_default", "labels_of", "like", "stacked", "take", "together"]

REMEDY = "pass .to_numpy() where the order is known to be right"


def _is_pandas(values: Any) -> bool:  # noqa: ANN401
    return hasattr(values, "iloc") and hasattr(values, "index")


def _is_xarray(values: Any) -> bool:  # noqa: ANN401
    return hasattr(values, "dims") and hasattr(values, "indexes") and hasattr(values, "isel")


def labels_of(values: Any, axis: int = 0) -> pd.Index | None:  # noqa: ANN401
    """Return the labels along an axis, or None where there are none."""
    if _is_xarray(values):
        dims = tuple(values.dims)
        found = values.indexes.get(dims[axis]) if -len(dims) <= axis < len(dims) else None
    elif _is_pandas(values):
        columns = getattr(values, "columns", None)
        axes = (values.index,) if columns is None else (values.index, columns)
        found = axes[axis] if -len(axes) <= axis < len(axes) else None
    else:
        columns = getattr(values, "columns", None)
        if axis not in {1, -1} or not isinstance(columns, (list, tuple)):
            return None
        import pandas as pd

        return pd.Index(columns)
    return found.to_flat_index() if found is not None and found.nlevels > 1 else found


def depth(values: Any) -> int:  # noqa: ANN401
    """Return the number of dimensions; of nested sequences, as their first items have it."""
    if isinstance(values, Sequence) and not isinstance(values, (str, bytes)):
        return 1 + (depth(values[0]) if len(values) else 0)
    return int(getattr(values, "ndim", 0))


def is_default(labels: pd.Index | None) -> bool:
    """Tell whether labels are missing or just count from 0."""
    return labels is None or (labels.dtype.kind in "iu" and np.array_equal(labels, np.arange(len(labels))))


def take(values: Any, order: Any, axis: int = 0) -> Any:  # noqa: ANN401
    """Return values in another order along an axis, with their labels."""
    if _is_xarray(values):
        return values.isel({values.dims[axis]: order})
    if _is_pandas(values):
        return values.iloc[order] if axis == 0 or not hasattr(values, "columns") else values.iloc[:, order]
    return np.take(np.asarray(values), order, axis=axis)


def together(
    arrays: Mapping[str, Any], *, what: str = "rows", axis: int | Mapping[str, int] = 0, show: bool = True
) -> tuple[list[Any], pd.Index | None]:
    """Return arrays in the order of the first, aligned by their labels along an axis, and those labels if they say any.

    Arrays that are None or single numbers are passed on. The axis may differ by array. `show` tells whether a label may
    stand in a message.
    """
    along = dict.fromkeys(arrays, axis) if isinstance(axis, int) else axis
    labels = {name: labels_of(each, along[name]) for name, each in arrays.items() if depth(each)}
    if all(map(is_default, labels.values())):
        return list(arrays.values()), None
    (first, base), *_ = labels.items()
    bare = next((name for name, each in labels.items() if each is None), None)
    named = next(name for name, each in labels.items() if not is_default(each))
    if base is None or bare is not None:
        msg = (
            f"{named} has labels of its {what} and {bare} has none, so that they cannot be matched: label both, or "
            f"pass both without labels (.to_numpy()) where the order is known to be the same"
        )
        raise InputError(msg)
    for name, each in labels.items():
        _refuse_repeats(name, each, what, show=show)
    aligned = []
    for name, values in arrays.items():
        other = labels.get(name)
        if other is None or other is base or other.equals(base):
            aligned.append(values)
            continue
        order = other.get_indexer(base)
        if len(other) != len(base) or (order < 0).any():
            _refuse_sets((first, base), (name, other), what, show=show)
        aligned.append(take(values, order, along[name]))
    return aligned, base


def stacked(name: str, values: Any) -> Any:  # noqa: ANN401
    """Return a list of rows with labels as a table, in the order of the first's; anything else as it is."""
    if not isinstance(values, (list, tuple)) or not any(_is_pandas(each) or _is_xarray(each) for each in values):
        return values
    rows = {f"{name}[{place}]": each for place, each in enumerate(values)}
    if any(depth(each) != 1 for each in values):
        return values
    aligned, labels = together(rows, what="columns")
    if labels is None or len({len(each) for each in aligned}) > 1:
        return values
    import pandas as pd

    return pd.DataFrame([list(np.asarray(each)) for each in aligned], columns=labels)


def _refuse_repeats(name: str, labels: pd.Index | None, what: str, *, show: bool) -> None:
    if labels is None or labels.is_unique:
        return
    place = int(np.argmax(labels.duplicated()))
    label = f"label {_shown(labels[place])}" if show else "one"
    msg = (
        f"{name} must have unique labels of its {what}, got {label} more than once (position {place}); "
        f"number them anew, or {REMEDY}"
    )
    raise InputError(msg)


def _refuse_sets(one: tuple[str, pd.Index], other: tuple[str, pd.Index], what: str, *, show: bool) -> None:
    (name, labels), (other_name, other_labels) = one, other
    for (has, its), (lacks, theirs) in (((name, labels), (other_name, other_labels)), (other, one)):
        alone = np.flatnonzero(theirs.get_indexer(its) < 0)
        if alone.size:
            label = f"{_shown(its[int(alone[0])])} (position {alone[0]})" if show else f"that at position {alone[0]}"
            msg = (
                f"{name} and {other_name} must have the same labels of their {what}, got {label} in {has} and not in "
                f"{lacks}; leave out what the other lacks, or {REMEDY}"
            )
            raise InputError(msg)


def _shown(label: Any) -> str:  # noqa: ANN401
    return repr(label.item() if isinstance(label, np.generic) else label)


def by_name(
    name: str,
    values: Any,  # noqa: ANN401
    wanted: Sequence[Any],
    *,
    what: str,
    key: Callable[[Any], Any] = lambda label: label,
) -> Any:  # noqa: ANN401
    """Return values with their last axis in the order of the names wanted; refuse labels that are none of them."""
    labels = labels_of(values, -1)
    if labels is None or is_default(labels):
        _refuse_transposed(name, values, wanted, what, key)
        return values
    keys = [key(each) for each in labels]
    if len(keys) != len(wanted) or set(keys) != set(wanted):
        given, wanted_names = (
            ", ".join(f"{each:g}" if isinstance(each, float) else str(each) for each in some)
            for some in (labels[:8], wanted)
        )
        listed = given + (" …" if len(labels) > 8 else "")  # noqa: PLR2004
        msg = f"{name} must be labelled with the {what} {wanted_names}, got {listed}; rename the columns, or {REMEDY}"
        raise InputError(msg)
    order = [keys.index(each) for each in wanted]
    return values if order == list(range(len(order))) else take(values, order, -1)


def _refuse_transposed(
    name: str,
    values: Any,  # noqa: ANN401
    wanted: Sequence[Any],
    what: str,
    key: Callable[[Any], Any],
) -> None:
    """Refuse a table whose rows have the names that belong to its columns, which have none."""
    rows = labels_of(values, 0) if depth(values) == 2 else None  # noqa: PLR2004
    if rows is None or is_default(rows) or len(rows) != len(wanted):
        return
    if {key(each) for each in rows} == set(wanted):
        msg = f"{name} must have {what} as columns, got {what} as rows; pass its transpose, .T, or {REMEDY}"
        raise InputError(msg)


def like(values: Any, result: Any) -> Any:  # noqa: ANN401
    """Return a result with the labels of the values that it was made of, without those of an axis that is gone."""
    if not (_is_xarray(values) or _is_pandas(values)) or not np.ndim(result):
        return result
    same = np.shape(result) == tuple(values.shape)
    if _is_xarray(values):
        pattern = values if same else values.isel({values.dims[-1]: 0}, drop=True)
        import xarray as xr

        return xr.DataArray(result, coords=pattern.coords, dims=pattern.dims)
    import pandas as pd

    if same and hasattr(values, "columns"):
        return pd.DataFrame(result, index=values.index, columns=values.columns)
    return pd.Series(result, index=values.index, name=values.name if same else None)
