"""What the figures share: colours, markers, axes of willingness to pay, and which comparison is drawn."""

from __future__ import annotations

import math
import textwrap
import unicodedata
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from hecon import _checks
from hecon import draws as _draws
from hecon.draws import comparator_of, validate
from hecon.errors import InputError
from hecon.locale import Locale
from hecon.plot._matplotlib import DEFAULTS, Formatter, FuncFormatter, MaxNLocator, rc_context
from hecon.zin import REFERENCE_VALUES

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    import xarray as xr
    from matplotlib.axes import Axes
    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]

# Okabe & Ito's palette, in an order in which neighbours also differ in lightness.
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#56B4E9", "#CC79A7", "#E69F00")
# Ink and its lighter shade: a writer that knows the page's colours may replace exactly these two.
INK = "#1a1b1c"
MUTED = "#6a6b6c"
# Characters in a line of a label.
_LABEL = 20

_RC: dict[str, Any] = {
    "axes.edgecolor": MUTED,
    "axes.labelcolor": INK,
    "axes.linewidth": 0.8,
    "axes.spines.right": False,
    "axes.spines.top": False,
    "axes.titlelocation": "left",
    "figure.facecolor": "none",
    "axes.facecolor": "none",
    "font.family": "sans-serif",
    "font.size": 10,
    "legend.frameon": False,
    "lines.linewidth": 1.8,
    "svg.fonttype": "none",
    "text.color": INK,
    # A dollar sign in a name is no formula.
    "text.parse_math": False,
    "xtick.color": MUTED,
    "xtick.labelcolor": INK,
    "ytick.color": MUTED,
    "ytick.labelcolor": INK,
}


@contextmanager
def look() -> Iterator[None]:
    """Draw in hecon's look alone, whatever the caller's settings, and leave these as they were.

    A file ``matplotlibrc``, a style or ``rcParams`` of the caller change nothing inside the block: each setting is
    hecon's or matplotlib's own default.

    Yields
    ------
    None
        The settings hold inside the ``with`` block.
    """
    with rc_context(cast("Any", DEFAULTS | _RC)):
        yield


def axes(ax: Axes | None) -> Axes:
    """Return the axes to draw on: the caller's, or those of a new figure."""
    if ax is not None:
        return ax
    import matplotlib.pyplot as plt

    return plt.subplots(figsize=(6.4, 4.4), layout="constrained")[1]


def money_axis(axis: Any, lang: str, currency: str) -> None:  # noqa: ANN401 (an XAxis or a YAxis)
    """Write an axis's ticks as amounts."""
    axis.set_major_formatter(FuncFormatter(lambda value, _: Locale(lang).money(value, currency, _cents(axis))))


def _cents(axis: Any) -> int:  # noqa: ANN401
    low, high = axis.get_view_interval()
    return 2 if abs(high - low) < 5 else 0  # noqa: PLR2004 (ticks a currency unit apart or less)


class _Numbers(Formatter):
    """Plain numbers, with as many decimals as the distance of an axis's ticks needs."""

    def __init__(self, lang: str) -> None:
        self.lang = lang

    def __call__(self, value: float, pos: int | None = None) -> str:  # noqa: ARG002 (as every formatter is called)
        return self.format_ticks([value])[0]

    def format_ticks(self, values: Sequence[float]) -> list[str]:
        step = abs(values[1] - values[0]) if len(values) > 1 else 1.0
        digits = next((count for count in range(7) if math.isclose(round(step, count), step, rel_tol=1e-6)), 7)
        return [Locale(self.lang).number(value, digits) for value in values]


def number_axis(axis: Any, lang: str) -> None:  # noqa: ANN401
    """Write an axis's ticks as plain numbers."""
    axis.set_major_formatter(_Numbers(lang))


def mark_reference_values(ax: Axes, values: tuple[int, ...], lang: str, currency: str) -> None:
    """Draw a line at each reference value inside the axes, with its amount on top."""
    low, high = ax.get_xlim()
    for value in values:
        if low <= value <= high:
            ax.axvline(value, color=MUTED, linewidth=0.8, linestyle=(0, (2, 2)), zorder=1)
            ax.annotate(
                Locale(lang).money(value, currency),
                (value, 1.0),
                xycoords=("data", "axes fraction"),
                xytext=(0, 2),
                textcoords="offset points",
                ha="center",
                va="bottom",
                fontsize=8,
                color=MUTED,
            )


def label(name: str) -> str:
    """Return a name as a label: on at most three short lines, without control characters."""
    plain = "".join(each if unicodedata.category(each) != "Cc" else " " for each in name)
    return "\n".join(textwrap.wrap(plain, width=_LABEL, max_lines=3, placeholder=" …"))


def label_ends(ax: Axes, ends: list[tuple[float, float, str, str]]) -> None:
    """Write each curve's name beside its right end (x, y, name, colour), pushed apart where they would overlap."""
    low, high = ax.get_ylim()
    ax.autoscale(enable=False)
    half = 0.03 * (high - low)
    free = -math.inf
    for x, y, name, colour in sorted(ends, key=lambda end: end[1]):
        text = label(name)
        room = half * (1 + text.count("\n"))
        at = max(y, free + room)
        free = at + room
        # The name in ink, as no curve's colour is legible on light and on dark paper; the dot tells whose name it is.
        ax.scatter([x], [y], s=22, color=colour, zorder=5, clip_on=False)
        ax.annotate(text, (x, at), xytext=(7, 0), textcoords="offset points", va="center", fontsize=9)


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
    ax.set_xlabel(Locale(lang).text("plot.wtp_axis", unit=unit), parse_math=False)
    ax.xaxis.set_major_locator(MaxNLocator(4))
    money_axis(ax.xaxis, lang, currency)
    if currency == "EUR" and unit == "QALY":
        mark_reference_values(ax, REFERENCE_VALUES, lang, currency)


def checked(draws: xr.Dataset) -> xr.Dataset:
    """Return the draws if a figure can show them: no further dims."""
    validate(draws)
    further = sorted({str(dim) for name in ("cost", "effect") for dim in draws[name].dims} - {"draw", "strategy"})
    if further:
        msg = f"draws must have the dims draw and strategy only, got {', '.join(further)} too; select one of each first"
        raise InputError(msg)
    return draws


def pair_of(draws: xr.Dataset, strategy: str | None, comparator: str | None) -> tuple[str, str]:
    """Return the strategy to show and its comparator; the only other strategy need not be named."""
    reference = comparator_of(checked(draws), comparator)
    others = [str(name) for name in draws["strategy"].values if str(name) != reference]
    if strategy is None and len(others) == 1:
        return others[0], reference
    if strategy not in others:
        msg = f"strategy must be one of {', '.join(map(repr, others))}, got {strategy!r}"
        raise InputError(msg)
    return strategy, reference


def differences(draws: xr.Dataset, strategy: str, reference: str) -> tuple[Floats, Floats]:
    """Return the draws of incremental cost and benefit (harm averted, where less of the effect is better)."""
    parts = (draws["cost"], _draws.benefit(draws))
    cost, gain = (each.sel(strategy=strategy).to_numpy() - each.sel(strategy=reference).to_numpy() for each in parts)
    return cost, gain


def units(draws: xr.Dataset, lang: str) -> tuple[str, str]:
    """Return the currency and the unit of benefit: that of the effect, or of harm averted."""
    currency, unit = _draws.units(draws)
    return currency, unit if _draws.better(draws) == "more" else Locale(lang).text("plot.averted", unit=unit)
