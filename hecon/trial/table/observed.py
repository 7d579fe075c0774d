"""Whether enough is observed in every arm to impute the rest from: an arm lends from its own patients."""

from __future__ import annotations

import math
from collections import defaultdict
from typing import TYPE_CHECKING

import numpy as np

from hecon.trial.table.faults import add

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from numpy.typing import NDArray

    from hecon.trial.table.checking import TrialData
    from hecon.trial.table.design import Design
    from hecon.trial.table.faults import TableFault

    Floats = NDArray[np.float64]
    Part = tuple[str, tuple[str, ...], Floats]

__all__ = ["observed_faults"]

_FEWEST = 2


def observed_faults(data: TrialData, design: Design, faults: list[TableFault]) -> None:
    """Add what fewer than two patients of an arm have.

    Nothing is added that values at fault, patients of no known arm or rows of no known place could fill: these are
    told already.

    Parameters
    ----------
    data : TrialData
        The data, NaN where missing or at fault.
    design : Design
        Which column holds what.
    faults : list of TableFault
        The faults found so far, and where faults are added.
    """
    spoilt = _spoilt(faults)
    if design.table.time is not None and {_where([design.table.patient]), _where([design.table.time])} & set(spoilt):
        return
    for what, columns, values in _parts(data, design):
        told = ~np.isnan(values)
        lost = sum(spoilt.get(_where([name]), 0) for name in columns) + int((told & (data.arm < 0)).sum())
        for place, name in enumerate(data.strategies):
            own = data.arm == place
            seen = int(told[own].sum())
            if own.sum() >= _FEWEST > seen + lost:
                rule = f"must have a value of the {what} for two patients at least, got {'one' if seen else 'none'}"
                add(faults, f"{_where(columns)}, arm {name!r}", f"{rule}: an arm is imputed from its own patients")


def _where(columns: Iterable[str]) -> str:
    names = [repr(name) for name in columns]
    return f"column{'s' if len(names) > 1 else ''} {', '.join(names)}"


def _spoilt(faults: Iterable[TableFault]) -> dict[str, float]:
    """Return how many rows of each place are at fault; of a column as a whole, all."""
    found: dict[str, float] = defaultdict(float)
    for fault in faults:
        found[fault.where] += len(fault.rows) or math.inf
    return dict(found)


def _parts(data: TrialData, design: Design) -> Iterator[Part]:
    """Yield what can be missing, with its columns and its values."""
    given = design.utility
    names = given.columns or given.states or given.items or ()
    for place, month in enumerate(data.months):
        each = names if design.table.time is not None else names[place]
        columns = (each,) if isinstance(each, str) else tuple(str(name) for name in each)
        yield f"utility at month {month:g}", columns, data.utilities[:, place]
    for place, item in enumerate(data.items):
        span = (item.start, item.end)
        costs = [cost for cost in design.cost if cost.category == item.category and span in (cost.periods or ())]
        used = [cost.columns[(cost.periods or ()).index(span)] if cost.columns else str(cost.column) for cost in costs]
        told = f"cost of {item.category} from month {item.start:g} to {item.end:g}"
        yield told, tuple(dict.fromkeys(used)), data.costs[:, place]
    for name in dict.fromkeys(data.covariate_columns):
        yield f"covariate {name}", (name,), data.covariates[:, data.covariate_columns.index(name)]
    if data.baseline_costs is not None:
        for place, category in enumerate(data.baseline_categories):
            used = [cost.baseline for cost in design.cost if cost.category == category and cost.baseline is not None]
            yield f"baseline cost of {category}", tuple(dict.fromkeys(used)), data.baseline_costs[:, place]
