"""Column groups of a design: which columns hold what, and which codes mean missing in them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from hecon.trial.table.cells import key_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from hecon.trial.table.design import Design

    Codes = frozenset[float | str]

__all__ = ["KEYS", "ColumnGroup", "column_codes", "flat", "groups_of", "table_codes", "used_columns"]

# Columns that must have a value in every row: no code means missing in them.
KEYS = ("patient", "time", "cluster", "period")


class ColumnGroup(NamedTuple):
    """Columns of one kind, with the path of their part of the design and the codes that mean missing there alone."""

    kind: str
    path: str
    name: str
    columns: tuple[str, ...]
    codes: Codes = frozenset()


def flat(names: Any) -> Iterator[str]:  # noqa: ANN401
    """Yield the names of columns in nested lists; of nothing, none."""
    if isinstance(names, str):
        yield names
    else:
        for each in names or ():
            yield from flat(each)


def _codes(given: Iterable[float | str]) -> Codes:
    return frozenset(key for code in given if (key := key_of(code)) is not None)


def table_codes(design: Design) -> Codes:
    """Return the codes that mean missing in every column but those of the keys."""
    return _codes(design.table.missing)


def groups_of(design: Design) -> tuple[ColumnGroup, ...]:
    """Return the column groups of a design: keys, arm, dates, covariates, utilities, costs."""
    table, cluster, dates = design.table, design.cluster, design.dates
    period = None if cluster is None else cluster.period
    single = {
        "patient": table.patient,
        "time": table.time,
        "arm": design.arm.column,
        "cluster": None if cluster is None else cluster.column,
        "period": period,
    }
    found = [ColumnGroup(kind, kind, "", (name,)) for kind, name in single.items() if name is not None]
    if dates is not None:
        found.append(ColumnGroup("dates", "dates", "", (dates.randomisation, dates.baseline), _codes(dates.missing)))
    for place, each in enumerate(design.covariate):
        found.append(ColumnGroup("covariate", f"covariate[{place}]", each.column, (each.column,), _codes(each.missing)))
    given = design.utility
    names = tuple(flat((given.columns, given.states, given.items)))
    found.append(ColumnGroup("utility", "utility", "", names, _codes(given.missing)))
    for place, cost in enumerate(design.cost):
        names = tuple(dict.fromkeys(flat((cost.columns, cost.column, cost.baseline))))
        found.append(ColumnGroup("cost", f"cost[{place}]", cost.category, names, _codes(cost.missing)))
    return tuple(found)


def used_columns(design: Design) -> tuple[str, ...]:
    """Return the columns that a design names, each once."""
    return tuple(dict.fromkeys(name for group in groups_of(design) for name in group.columns))


def column_codes(design: Design) -> dict[str, Codes]:
    """Return the codes that mean missing, by column; none for the keys."""
    everywhere = table_codes(design)
    return {
        name: frozenset() if group.kind in KEYS else everywhere | group.codes
        for group in groups_of(design)
        for name in group.columns
    }
