"""Groups of columns of a design: what each is for, and which codes mean missing in it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from hecon.trial.table.cells import key_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from hecon.trial.table.design import Design

    Codes = frozenset[float | str]

# Columns that must have a value in every row: no code means missing in them.
KEYS = ("patient", "time", "cluster", "period", "weight", "planned")


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


def dead_codes(design: Design) -> Codes:
    """Return the codes that mean in the columns of the utilities that a patient is dead."""
    return frozenset() if design.death is None else _codes(design.death.in_utilities)


def groups_of(design: Design) -> tuple[ColumnGroup, ...]:
    """Return the column groups of a design: keys, arm, dates, deviation, covariates, utilities, costs."""
    table, cluster, dates = design.table, design.cluster, design.dates
    period = None if cluster is None else cluster.period
    single = {
        "patient": table.patient,
        "time": table.time,
        "weight": table.weight,
        "arm": design.arm.column,
        "cluster": None if cluster is None else cluster.column,
        "period": period,
        "planned": None if design.planned is None else design.planned.follow_up,
    }
    result = [ColumnGroup(kind, kind, "", (name,)) for kind, name in single.items() if name is not None]
    if dates is not None:
        names = tuple(flat((dates.randomisation, dates.baseline or ())))
        result.append(ColumnGroup("dates", "dates", "", names, _codes(dates.missing)))
    death = design.death
    if death is not None:
        names = tuple(flat((death.date or (), death.month or (), death.status)))
        result.append(ColumnGroup("death", "death", "", names, _codes(death.missing)))
    gone = design.deviation
    if gone is not None and gone.column is not None:
        result.append(ColumnGroup("deviation", "deviation", "", (gone.column,), _codes(gone.missing)))
    for place, each in enumerate(design.covariate):
        result.append(
            ColumnGroup("covariate", f"covariate[{place}]", each.column, (each.column,), _codes(each.missing))
        )
    given, effect = design.utility, design.effect
    if given is not None:
        names = tuple(flat((given.columns, given.states, given.items)))
        result.append(ColumnGroup("utility", "utility", "", names, _codes(given.missing)))
    if effect is not None:
        names = tuple(dict.fromkeys(flat((effect.columns, effect.baseline))))
        result.append(ColumnGroup("effect", "effect", effect.name or effect.unit, names, _codes(effect.missing)))
    for place, cost in enumerate(design.cost):
        names = tuple(dict.fromkeys(flat((cost.columns, cost.column, cost.baseline))))
        result.append(ColumnGroup("cost", f"cost[{place}]", cost.category, names, _codes(cost.missing)))
    return tuple(result)


def used_columns(design: Design) -> tuple[str, ...]:
    """Return the columns that a design names, each once."""
    return tuple(dict.fromkeys(name for group in groups_of(design) for name in group.columns))


def column_codes(design: Design) -> dict[str, Codes]:
    """Return the codes that mean missing, by column; none for the keys."""
    everywhere, dead = table_codes(design), dead_codes(design)
    return {
        name: frozenset()
        if group.kind in KEYS
        else everywhere | group.codes | (dead if group.kind == "utility" else frozenset())
        for group in groups_of(design)
        for name in group.columns
    }
