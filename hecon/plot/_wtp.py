"""The axis of willingness to pay that the curves share."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from matplotlib.ticker import MaxNLocator

from hecon import _checks, texts
from hecon.errors import InputError
from hecon.plot import _style
from hecon.zin import REFERENCE_VALUES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from matplotlib.axes import Axes
    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]

_TOP = 100_000
STEPS = 201


def grid_of(wtp: ArrayLike | None, steps: int = STEPS) -> Floats:
    """Return the values of willingness to pay of a curve, in order."""
    if wtp is None:
        return np.linspace(0, _TOP, steps)
    grid = np.unique(_checks.willingness_to_pay(wtp))
    if grid.size == 1:
        msg = f"wtp must hold at least two different values for a curve, got {grid[0]:g} alone"
        raise InputError(msg)
    return grid


def named(names: Mapping[str, str] | None, name: str) -> str:
    """Return what to call a strategy."""
    return (names or {}).get(name, name)


def finish(ax: Axes, grid: Floats, lang: str, currency: str, unit: str) -> None:
    """Draw the axis of willingness to pay, with the reference values where they belong."""
    ax.set_xlim(float(grid[0]), float(grid[-1]))
    ax.set_xlabel(texts.text(lang, "plot.wtp_axis", unit=unit), parse_math=False)
    ax.xaxis.set_major_locator(MaxNLocator(4))
    _style.money_axis(ax.xaxis, lang, currency)
    if currency == "EUR" and unit == "QALY":
        _style.mark_reference_values(ax, REFERENCE_VALUES, lang, currency)
