"""One look for all figures: colours that the colour-blind tell apart, no clutter, numbers in the reader's notation."""

from __future__ import annotations

import math
import textwrap
import unicodedata
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, cast

from hecon import texts
from hecon.plot._matplotlib import DEFAULTS

# isort: split
from matplotlib import rc_context
from matplotlib.ticker import FuncFormatter

if TYPE_CHECKING:
    from collections.abc import Iterator

    from matplotlib.axes import Axes

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
    axis.set_major_formatter(FuncFormatter(lambda value, _: texts.money(lang, value, currency, _cents(axis))))


def _cents(axis: Any) -> int:  # noqa: ANN401
    low, high = axis.get_view_interval()
    return 2 if abs(high - low) < 5 else 0  # noqa: PLR2004 (ticks a currency unit apart or less)


def number_axis(axis: Any, lang: str) -> None:  # noqa: ANN401
    """Write an axis's ticks as plain numbers, with as many decimals as their distance needs."""

    def digits() -> int:
        ticks = axis.get_majorticklocs()
        step = abs(ticks[1] - ticks[0]) if len(ticks) > 1 else 1.0
        return next((count for count in range(7) if math.isclose(round(step, count), step, rel_tol=1e-6)), 7)

    axis.set_major_formatter(FuncFormatter(lambda value, _: texts.number(lang, value, digits())))


def mark_reference_values(ax: Axes, values: tuple[int, ...], lang: str, currency: str) -> None:
    """Draw a line at each reference value inside the axes, with its amount on top."""
    low, high = ax.get_xlim()
    for value in values:
        if low <= value <= high:
            ax.axvline(value, color=MUTED, linewidth=0.8, linestyle=(0, (2, 2)), zorder=1)
            ax.annotate(
                texts.money(lang, value, currency),
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
