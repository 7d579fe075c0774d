"""Layouts of draws in files: what each package calls costs, effects, draws and strategies."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray


@dataclass(frozen=True)
class Layout:
    """How a package's table is laid out: of a long one the columns, of a wide one what its columns begin with."""

    cost: str
    effect: str
    # Columns of a long table.
    strategy: str = ""
    draw: str = "draw"
    # What must have one value in the whole file; what is not read, and how such columns begin.
    single: tuple[str, ...] = ()
    aside: tuple[str, ...] = ()
    aside_begins: tuple[str, ...] = ()
    # What labels the draws in a table of parameters, where it is another name.
    parameter_draw: str = "draw"
    # In a workbook of the package's own, the sheets of draws and of parameters.
    sheets: tuple[str, ...] = ()
    effects_first: bool = False
    unit: str | None = None


STYLES = {
    "wide": Layout("cost", "effect"),
    "long": Layout("cost", "effect", strategy="strategy"),
    "bcea": Layout("cost", "effect", effects_first=True),
    "voi": Layout("c", "e", effects_first=True),
    "dampack": Layout("cost", "effectiveness"),
    "hesim": Layout(
        "costs", "qalys", strategy="strategy_id", draw="sample", single=("grp_id", "dr", "category"), unit="QALY"
    ),
    "heormodel": Layout("cost", "qaly", strategy="intervention", draw="iteration", unit="QALY"),
    "pyheor": Layout(
        *("total_cost", "qalys"),
        strategy="strategy",
        draw="sim",
        aside=("strategy_label", "lys"),
        aside_begins=("cost_",),
        parameter_draw="Simulation",
        sheets=("CE Table", "Sampled Parameters"),
        unit="QALY",
    ),
}
CHAIN = "chain"
# The dim of a NetCDF file along which parameters stand, where they are one variable.
PARAMETER = "parameter"
# R writes row names below an empty name, and reads it back as X.
ROW_NAMES = ("", "X")
NETCDF = (".nc", ".cdf", ".netcdf")
TABLES = (".csv", ".xlsx", ".parquet")
ABOUT = (
    *("currency", "effect_unit", "effect_better", "price_year", "comparator", "scale", "horizon_years"),
    *("discount_cost", "discount_effect", "source"),
)


@dataclass(eq=False)
class DrawPart:
    """Numbers by draw: costs and effects by strategy, parameters by name, and labels of the draws or None."""

    cost: dict[str, NDArray[np.float64]]
    effect: dict[str, NDArray[np.float64]]
    parameters: dict[str, NDArray[np.float64]]
    draws: list[str] | None


def counts(labels: Sequence[str]) -> bool:
    """Tell whether labels count from 0 or 1."""
    return any(list(labels) == [str(number) for number in range(first, first + len(labels))] for first in (0, 1))
