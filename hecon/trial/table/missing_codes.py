"""Codes that mean missing by the design: the cells that hold them, and whether they could be true values there."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from hecon.trial.table.cells import code_text, key_of, numbers, quoted
from hecon.trial.table.groups import KEYS, groups_of, table_codes
from hecon.trial.table.labels import is_missing_label
from hecon.trial.table.outcomes import levels_of, utility_floor

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from hecon.trial.table.design import Design
    from hecon.trial.table.groups import ColumnGroup
    from hecon.trial.table.source import Source

    Code = float | str
    Floats = NDArray[np.float64]
    Mask = NDArray[np.bool_]

__all__ = ["code_doubts", "code_rows"]

_FEW = 4
_KINDS = {"utility": "utilities", "cost": "costs", "covariate": "covariates", "dates": "dates"}


def _category(design: Design, name: str) -> bool:
    return any(each.column == name and each.kind == "category" for each in design.covariate)


def _values(source: Source, design: Design, group: ColumnGroup, name: str) -> Floats | None:
    """Return a column as numbers, None where it is one of text or dates."""
    if group.kind == "dates" or _category(design, name):
        return None
    return numbers(source.columns[name], decimal=source.decimal, thousands=source.thousands)[0]


def code_rows(source: Source, design: Design, group: ColumnGroup, name: str) -> dict[Code, Mask]:
    """Return the rows of a column that hold each of its missing codes, as the column is read."""
    codes = sorted(source.codes_of(name), key=str)
    if not codes:
        return {}
    values, cells = _values(source, design, group, name), source.columns[name]
    text = [None] * source.rows if cells.dtype.kind == "f" else [key_of(cell) for cell in cells.tolist()]
    found: dict[Code, Mask] = {}
    for code in codes:
        if isinstance(code, float) and values is not None:
            # What is no number by the column's marks can still be the code, as "-99.0" beside decimal commas.
            unread = np.array([key == code for key in text], dtype=bool) & np.isnan(values)
            found[code] = (values == code) | unread
        elif isinstance(code, float) and cells.dtype.kind == "f":
            found[code] = cells == code
        else:
            found[code] = np.array([key == code for key in text], dtype=bool)
    return found


def _others(source: Source, design: Design, group: ColumnGroup, name: str) -> Floats:
    """Return the numbers of a column that are no missing code."""
    values = _values(source, design, group, name)
    if values is None:
        keys = [key_of(cell) for cell in source.columns[name].tolist()]
        values = np.array([key if isinstance(key, float) else np.nan for key in keys])
    codes = [code for code in source.codes_of(name) if isinstance(code, float)]
    return values[np.isfinite(values) & ~np.isin(values, codes)]


def _could_be(source: Source, design: Design, group: ColumnGroup, name: str, code: Code) -> tuple[bool, bool]:
    """Return whether a code could be a true value of a column, and whether it lies among the others there."""
    label = source.labels.get(name, {}).get(code)
    if group.kind == "dates" or (label is not None and is_missing_label(label)):
        return False, False
    if isinstance(code, str):
        # A text can be a level, unless it says that there is none.
        return _category(design, name) and not is_missing_label(code), False
    if group.kind == "utility":
        could = _could_be_utility(design, code)
        return could, could
    others = _others(source, design, group, name)
    low, high = (float(others.min()), float(others.max())) if others.size else (0.0, 0.0)
    if group.kind == "cost":
        return code >= 0, 0 <= code <= high
    if _category(design, name) and not others.size:
        return False, False
    return code >= 0 or low < 0, low <= code <= high


def _could_be_utility(design: Design, code: float) -> bool:
    given = design.utility
    if given.columns is not None:
        return utility_floor(given.value_set) <= code <= 1
    levels = [f"{level}" for level in range(1, levels_of(str(given.value_set)) + 1)]
    text = code_text(code)
    return len(text) == (1 if given.items is not None else 5) and set(text) <= set(levels)


def code_doubts(source: Source, design: Design) -> Iterator[str]:
    """Yield codes of table.missing that could be true values in some of the columns that hold them.

    A code that one kind of column alone holds is doubtful where it lies among the other values; one in columns of more
    kinds already where it could be a value. A code of a part's own `missing` is meant for its columns.

    Parameters
    ----------
    source : Source
        The table.
    design : Design
        Which column holds what.

    Yields
    ------
    str
        One sentence a code, without any patient's value.
    """
    everywhere = table_codes(design)
    groups = [group for group in groups_of(design) if group.kind not in {*KEYS, "arm"}] if everywhere else []
    held = {(group, name): code_rows(source, design, group, name) for group in groups for name in group.columns}
    for code in sorted(everywhere, key=str):
        cells: dict[ColumnGroup, dict[str, int]] = {}
        could: list[ColumnGroup] = []
        among: list[ColumnGroup] = []
        for (group, name), rows in held.items():
            if code not in group.codes:
                count = int(rows[code].sum())
                if count:
                    cells.setdefault(group, {})[name] = count
                    possible, within = _could_be(source, design, group, name, code)
                    could += [group] if possible else []
                    among += [group] if within else []
        several = len({group.kind for group in cells}) > 1
        doubtful = could if several else among
        if doubtful:
            yield _sentence(code, cells, doubtful)


def _sentence(code: Code, cells: dict[ColumnGroup, dict[str, int]], doubtful: list[ColumnGroup]) -> str:
    told = []
    for group, columns in cells.items():
        names = [repr(name) for name in columns]
        more = f" and {len(names) - _FEW} more" if len(names) > _FEW else ""
        name = f" {group.name!r}" if group.name and group.kind == "cost" else ""
        told.append(f"{_KINDS[group.kind]}{name} ({sum(columns.values())} cells of {', '.join(names[:_FEW])}{more})")
    where = " and ".join(dict.fromkeys(group.path for group in doubtful))
    paths = " or ".join(dict.fromkeys(f"{group.path}.missing" for group in cells))
    return (
        f"the code {quoted(code)} of table.missing is taken as missing in {' and '.join(told)}, and could be a true "
        f"value in {where}: name it only where it means missing, in {paths}"
    )
