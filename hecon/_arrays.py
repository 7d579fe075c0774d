"""Arrays: types of their numbers, and alignment by the labels of pandas, xarray and other tables with named columns.

The default index 0, 1, 2, … counts as labels only beside arrays that have other labels.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from hecon.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import pandas as pd

# Numbers, codes of rows and groups, flags, and whole numbers.
Floats = NDArray[np.float64]
Codes = NDArray[np.intp]
Flags = NDArray[np.bool_]
Counts = NDArray[np.int64]

REMEDY = "pass .to_numpy() where the order is known to be right"


def _is_pandas(values: Any) -> bool:  # noqa: ANN401
    return hasattr(values, "iloc") and hasattr(values, "index")


def _is_xarray(values: Any) -> bool:  # noqa: ANN401
    return hasattr(values, "dims") and hasattr(values, "indexes") and hasattr(values, "isel")


def labels_of(values: Any, axis: int = 0) -> pd.Index | None:  # noqa: ANN401
    """Return the labels along an axis, or None where there are none."""
    if _is_xarray(values):
        dims = tuple(values.dims)
        labels = values.indexes.get(dims[axis]) if -len(dims) <= axis < len(dims) else None
    elif _is_pandas(values):
        columns = getattr(values, "columns", None)
        axes = (values.index,) if columns is None else (values.index, columns)
        labels = axes[axis] if -len(axes) <= axis < len(axes) else None
    else:
        columns = getattr(values, "column_names", getattr(values, "columns", None))  # the first is Arrow's
        if axis not in {1, -1} or not isinstance(columns, (list, tuple)):
            return None
        import pandas as pd

        return pd.Index(columns)
    return labels.to_flat_index() if labels is not None and labels.nlevels > 1 else labels


def depth(values: Any) -> int:  # noqa: ANN401
    """Return the number of dimensions, of nested sequences by their first items."""
    if isinstance(values, Sequence) and not isinstance(values, (str, bytes)):
        return 1 + (depth(values[0]) if len(values) else 0)
    if hasattr(values, "ndim") or hasattr(values, "dims") or not hasattr(values, "__array__"):
        return int(getattr(values, "ndim", 0))
    return len(values.shape if hasattr(values, "shape") else np.shape(values))  # polars and Arrow count no dimensions


def is_default(labels: pd.Index | None) -> bool:
    """Tell whether labels are missing or count from 0."""
    return labels is None or (labels.dtype.kind in "iu" and np.array_equal(labels, np.arange(len(labels))))


def take(values: Any, order: Any, axis: int = 0) -> Any:  # noqa: ANN401
    """Return values in another order along an axis, with their labels."""
    if _is_xarray(values):
        return values.isel({values.dims[axis]: order})
    if _is_pandas(values):
        return values.iloc[order] if axis == 0 or not hasattr(values, "columns") else values.iloc[:, order]
    return np.take(np.asarray(values), order, axis=axis)


def together(arrays: Mapping[str, Any], *, what: str = "rows", show: bool = True) -> tuple[list[Any], pd.Index | None]:
    """Align arrays along their first axis to the first one's labels; return them and the labels, None where default.

    None and single numbers are passed on; `show` allows labels in messages.
    """
    labels = {name: labels_of(array) for name, array in arrays.items() if depth(array)}
    if all(map(is_default, labels.values())):
        return list(arrays.values()), None
    (first, base), *_ = labels.items()
    bare = next((name for name, index in labels.items() if index is None), None)
    named = next(name for name, index in labels.items() if not is_default(index))
    if base is None or bare is not None:
        msg = (
            f"{named} has labels of its {what} and {bare} has none, so that they cannot be matched: label both, or "
            f"pass both without labels (.to_numpy()) where the order is known to be the same"
        )
        raise InputError(msg)
    for name, index in labels.items():
        _refuse_repeats(name, index, what, show=show)
    aligned = []
    for name, values in arrays.items():
        other = labels.get(name)
        if other is None or other is base or other.equals(base):
            aligned.append(values)
            continue
        order = other.get_indexer(base)
        if len(other) != len(base) or (order < 0).any():
            _refuse_sets((first, base), (name, other), what, show=show)
        aligned.append(take(values, order))
    return aligned, base


def stacked(name: str, values: Any) -> Any:  # noqa: ANN401
    """Return a list of labelled rows as a table in the order of the first row; anything else as it is."""
    if not isinstance(values, (list, tuple)) or not any(_is_pandas(value) or _is_xarray(value) for value in values):
        return values
    rows = {f"{name}[{place}]": value for place, value in enumerate(values)}
    if any(depth(value) != 1 for value in values):
        return values
    aligned, labels = together(rows, what="columns")
    if labels is None or len({len(row) for row in aligned}) > 1:
        return values
    import pandas as pd

    return pd.DataFrame([list(np.asarray(row)) for row in aligned], columns=labels)


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
    """Return values with their last axis in the order of `wanted`; refuse other labels."""
    labels = labels_of(values, -1)
    if labels is None or is_default(labels):
        _refuse_transposed(name, values, wanted, what, key)
        return values
    keys = [key(label) for label in labels]
    if len(keys) != len(wanted) or set(keys) != set(wanted):
        given, wanted_names = (
            ", ".join(f"{label:g}" if isinstance(label, float) else str(label) for label in some)
            for some in (labels[:8], wanted)
        )
        listed = given + (" …" if len(labels) > 8 else "")  # noqa: PLR2004
        msg = f"{name} must be labelled with the {what} {wanted_names}, got {listed}; rename the columns, or {REMEDY}"
        raise InputError(msg)
    order = [keys.index(label) for label in wanted]
    return values if order == list(range(len(order))) else take(values, order, -1)


def _refuse_transposed(
    name: str,
    values: Any,  # noqa: ANN401
    wanted: Sequence[Any],
    what: str,
    key: Callable[[Any], Any],
) -> None:
    """Refuse a table with unlabelled columns whose rows have the names of columns."""
    rows = labels_of(values, 0) if depth(values) == 2 else None  # noqa: PLR2004
    if rows is None or is_default(rows) or len(rows) != len(wanted):
        return
    if {key(row) for row in rows} == set(wanted):
        msg = f"{name} must have {what} as columns, got {what} as rows; pass its transpose, .T, or {REMEDY}"
        raise InputError(msg)


def like(values: Any, result: Any) -> Any:  # noqa: ANN401
    """Return a result with the labels of its input, without those of a reduced axis."""
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
