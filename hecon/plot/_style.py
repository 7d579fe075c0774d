"""What the figures share: Matplotlib's settings, colours, axes, labels at the ends of curves, and what each says.

All figures import Matplotlib from here, whatever the user's backend, locale and settings.
"""

from __future__ import annotations

import importlib
import itertools
import locale as system_locale
import math
import os
import sys
import textwrap
import unicodedata
import warnings
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from itertools import pairwise
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from hecon import _checks, decision
from hecon import draws as _draws
from hecon.draws import validate
from hecon.errors import InputError
from hecon.locale import Locale
from hecon.rulesets import ruleset

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    import xarray as xr
    from matplotlib.axes import Axes
    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]

__all__ = ["Line2D", "MaxNLocator", "Path", "TextPath"]


# Okabe & Ito's palette, in an order in which neighbours also differ in lightness.
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#56B4E9", "#CC79A7", "#E69F00")
# What tells curves of one colour apart, where there are more of them than colours.
_DASHES: tuple[Any, ...] = ("-", (0, (4, 1.5)), (0, (1, 1)))
# Ink and its lighter shade: a writer that knows the page's colours may replace exactly these two.
INK = "#1a1b1c"
MUTED = "#6a6b6c"
# Ways to write the labels of curves, until all have room: size, characters in a line, lines.
_LABELS = ((9, 20, 3), (8, 26, 2), (7, 34, 2), (7, 34, 1))
# Height of a line of text in its size, and what is kept free beside a label [points].
LEADING, GAP = 1.3, 3.0
# Ticks within this share of an axis from 0 are 0, of which their steps left rounding.
_SAME = 1e-9
# Curves that are all named; of more, those that are ever optimal.
MOST = 11
# Lines beside what is drawn, those of a value that is marked, and the shade around a curve.
LINE: dict[str, Any] = {"color": MUTED, "linewidth": 0.8}
DASHED: dict[str, Any] = {**LINE, "linestyle": (0, (2, 2))}
BAND: dict[str, Any] = {"color": COLOURS[0], "alpha": 0.18, "linewidth": 0, "zorder": 2}
# Height of a bar, of the distance to the next.
BAR = 0.62

_RC: dict[str, Any] = {
    "axes.edgecolor": MUTED,
    "axes.labelcolor": INK,
    "axes.linewidth": 0.8,
    "axes.spines.right": False,
    "axes.spines.top": False,
    "axes.titlelocation": "left",
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

# Settings of the user's windows, which reach no figure that hecon draws.
_WINDOWS = (
    *("backend", "backend_fallback", "interactive", "toolbar", "timezone", "date.epoch", "docstring.hardcopy"),
    *("figure.max_open_warning", "figure.raise_window", "savefig.directory", "tk.window_focus"),
)


@contextmanager
def _environment(name: str, value: str | None) -> Iterator[None]:
    """Set or unset a variable of the environment inside the block."""
    former = os.environ.pop(name, None)
    if value is not None:
        os.environ[name] = value
    try:
        yield
    finally:
        os.environ.pop(name, None)
        if former is not None:
            os.environ[name] = former


def _import() -> Any:  # noqa: ANN401 (the module)
    """Import matplotlib although its user's backend or locale is unknown: no figure of a note needs either."""
    if "matplotlib" in sys.modules:
        return importlib.import_module("matplotlib")
    backend = os.environ.get("MPLBACKEND")
    known = _environment("LC_ALL", os.environ.get("LC_ALL") if _locale_exists() else "C")
    with _environment("MPLBACKEND", None), known, warnings.catch_warnings():
        # Of a setting that is experimental or outdated, which is not ours to mend.
        warnings.simplefilter("ignore")
        module = importlib.import_module("matplotlib")
    if backend:
        with suppress(ValueError):
            module.rcParams["backend"] = backend
    return module


def _locale_exists() -> bool:
    """Tell whether the environment names a locale that the machine has, which matplotlib may set as it is imported."""
    former = system_locale.setlocale(system_locale.LC_ALL)
    try:
        system_locale.setlocale(system_locale.LC_ALL, "")
    except system_locale.Error:
        return False
    system_locale.setlocale(system_locale.LC_ALL, former)
    return True


DEFAULTS: dict[str, Any] = {
    key: value
    for key, value in dict(_import().rcParamsDefault).items()
    if key not in _WINDOWS and not key.startswith("webagg.")
}

# Its parts, now that it has been imported as its user's environment may not let it be.
from matplotlib import rc_context  # noqa: E402
from matplotlib.lines import Line2D  # noqa: E402
from matplotlib.path import Path  # noqa: E402
from matplotlib.textpath import TextPath  # noqa: E402
from matplotlib.ticker import Formatter, MaxNLocator  # noqa: E402


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
    if ax is not None and not callable(getattr(ax, "set_xlim", None)):
        msg = (
            f"ax must be axes of matplotlib, got a {type(ax).__name__}; pass one of its axes, as axes[0] or "
            "figure.add_subplot(), or leave ax out"
        )
        raise InputError(msg)
    if ax is not None:
        return ax
    import matplotlib.pyplot as plt

    return plt.subplots(figsize=(6.4, 4.4), layout="constrained")[1]


# The attribute of axes that holds what was drawn on them, in words.
_WORDS = "hecon_words"


def telling(ax: Axes, locale: Locale, words: Callable[[Locale], str]) -> Axes:
    """Return the axes, which from now on know how to say what was drawn on them."""
    setattr(ax, _WORDS, (locale, words))
    return ax


def describe(ax: Axes, *, lang: str | None = None) -> str:
    """Say in words what a figure shows, for a reader who cannot see it.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
        What a function of `hecon.plot` returned.
    lang : {"nl", "en"}, optional
        Language; default that of the figure's labels.

    Returns
    -------
    str
        A few sentences with the numbers that a reader would take from the figure.

    Raises
    ------
    InputError
        If no function of `hecon.plot` drew on the axes.

    Examples
    --------
    >>> import hecon
    >>> draws = hecon.from_arrays([[0, 900, 500]] * 2, [[0, 0.1, 0.02]] * 2, strategies=["none", "new", "old"])
    >>> hecon.plot.describe(hecon.plot.frontier(draws))
    'Efficiency frontier, in order of cost: none, new. Extendedly dominated: old.'
    """
    drawn, words = getattr(ax, _WORDS, (None, None))
    if words is None:
        msg = f"ax must be what a function of hecon.plot returned, got a {type(ax).__name__} that none drew on"
        raise InputError(msg)
    return str(words(drawn if lang is None else Locale(lang)))


def money_axis(axis: Any, locale: Locale, currency: str) -> None:  # noqa: ANN401 (an XAxis or a YAxis)
    """Write an axis's ticks as amounts, with cents or more where the distance of the ticks is no whole number."""
    axis.set_major_formatter(
        _Ticks(lambda value, digits: locale.money(value, currency, max(2, digits) if digits else 0))
    )


def tick_decimals(ticks: Sequence[float] | Floats, scale: float = 1.0, most: int = 7) -> int:
    """Return the decimals that the distance of an axis's ticks needs, in units of `scale`."""
    step = abs(ticks[1] - ticks[0]) / scale if len(ticks) > 1 else 1.0
    if 0 < step < 10.0**-most:
        most = 2 - math.floor(math.log10(step))
    return next((count for count in range(most) if math.isclose(round(step, count), step, rel_tol=1e-6)), most)


class _Ticks(Formatter):
    """Values as `written`, each with as many decimals as the distance of an axis's ticks needs."""

    axis: Any

    def __init__(self, written: Callable[[float, int], str], decimals: Callable[[Any], int] = tick_decimals) -> None:
        self._written, self._decimals = written, decimals

    def __call__(self, value: float, pos: int | None = None) -> str:  # noqa: ARG002 (as every formatter is called)
        return self._texts([value], self.axis.get_majorticklocs())[0]

    def format_ticks(self, values: Sequence[float]) -> list[str]:
        return self._texts(values, values)

    def _texts(self, values: Sequence[float], ticks: Sequence[float] | Floats) -> list[str]:
        low, high = self.axis.get_view_interval()
        digits, noise = self._decimals(ticks), _SAME * abs(high - low)
        return [self._written(value if abs(value) > noise else 0.0, digits) for value in values]


def number_axis(axis: Any, locale: Locale) -> None:  # noqa: ANN401
    """Write an axis's ticks as plain numbers."""
    axis.set_major_formatter(_Ticks(locale.number))


def points(ax: Axes) -> tuple[float, float]:
    """Return the width and the height of the axes [points]; a layout makes them larger rather than smaller."""
    box = ax.get_window_extent()
    return 72 * box.width / ax.figure.dpi, 72 * box.height / ax.figure.dpi


def label(name: str, width: int = 20, lines: int = 3) -> str:
    """Return a name as a label: on a few short lines, without control characters."""
    plain = "".join(each if unicodedata.category(each) != "Cc" else " " for each in name)
    return "\n".join(textwrap.wrap(plain, width=width, max_lines=lines, placeholder=" …"))


def name_rows(ax: Axes, labels: Sequence[str]) -> None:
    """Name rows from top to bottom, without a line for their axis."""
    ax.set_yticks(range(len(labels)), labels)
    ax.invert_yaxis()
    ax.tick_params(axis="y", length=0)
    ax.spines["left"].set_visible(False)


def remark(ax: Axes, text: str, pad: float = 14) -> None:
    """Write above the axes what they leave out."""
    ax.set_title(text, fontsize=8, color=MUTED, pad=pad)


def write_above(ax: Axes, text: str, x: float, *, shift: float = 0, up: float = 2, side: str = "center") -> None:
    """Write what a line stands for above its end at the top of the axes."""
    at: dict[str, Any] = {"xycoords": ("data", "axes fraction"), "xytext": (shift, up), "textcoords": "offset points"}
    ax.annotate(text, (x, 1.0), **at, ha=side, va="bottom", fontsize=8, color=MUTED)


@dataclass(frozen=True)
class Stroke:
    """How a curve is drawn."""

    color: str
    linestyle: Any = "-"
    linewidth: float = 1.8
    alpha: float | None = None


def strokes(names: Sequence[str], shown: Sequence[str]) -> dict[str, Stroke]:
    """Return how to draw each curve: those that are named in colours and dashes, the others in thin grey."""
    styles = itertools.cycle(Stroke(colour, dash) for dash in _DASHES for colour in COLOURS)
    found = dict(zip(shown, styles, strict=False))
    return {name: found.get(name, Stroke(MUTED, linewidth=0.8, alpha=0.5)) for name in names}


def draw_curves(
    ax: Axes, x: Floats, values: Mapping[str, Floats], shown: Sequence[str], names: Mapping[str, str] | None
) -> list[tuple[float, float, str, Stroke]]:
    """Draw curves, those that are shown in colours, and return the ends of these for `label_ends`."""
    styles, ends = strokes(list(values), shown), []
    for name, curve in values.items():
        ax.plot(x, curve, **vars(styles[name]), zorder=4 if name in shown else 2)
        if name in shown:
            ends.append((float(x[-1]), float(curve[-1]), named(names, name), styles[name]))
    ax.set_xlim(float(x[0]), float(x[-1]))
    return ends


def spread_out(wanted: Sequence[float], rooms: Sequence[float], low: float, high: float) -> list[float]:
    """Return places in the order of those wanted, as near to them as half heights of `rooms` allow."""
    blocks: list[tuple[float, float, list[float]]] = []  # start, size, distances of the middles from the start
    for place, room in zip(wanted, rooms, strict=True):
        start, size, middles, starts = place - room, 2 * room, [room], [place - room]
        while True:
            start = max(low, min(float(np.mean(starts)), high - size))
            if not blocks or blocks[-1][0] + blocks[-1][1] <= start:
                break
            _, before, others = blocks.pop()
            middles = others + [before + each for each in middles]
            size += before
            first = sum(len(block[2]) for block in blocks)
            starts = [wanted[first + at] - each for at, each in enumerate(middles)]
        blocks.append((start, size, middles))
    return [start + each for start, _, middles in blocks for each in middles]


def label_ends(ax: Axes, ends: Sequence[tuple[float, float, str, Stroke]]) -> None:
    """Write each curve's name beside its right end (x, y, name, stroke); a line leads to names that had to move."""
    # Before it is turned off, or what was drawn would not have set them.
    (left, right), (low, high) = ax.get_xlim(), ax.get_ylim()
    ax.autoscale(enable=False)
    ordered, height = sorted(ends, key=lambda end: end[1]), points(ax)[1]
    for size, width, lines in _LABELS:
        texts = [label(name, width, lines) for _, _, name, _ in ordered]
        rooms = [0.5 * (LEADING * size * (1 + text.count("\n")) + GAP / 2) for text in texts]
        if 2 * sum(rooms) <= height:
            break
    unit = (high - low) / height
    wanted, rooms = [y for _, y, _, _ in ordered], [room * unit for room in rooms]
    places = spread_out(wanted, rooms, low - rooms[0], high + rooms[-1])
    moved = any(abs(place - y) > unit for place, y in zip(places, wanted, strict=True))
    beside = ax.get_yaxis_transform()
    for (x, y, _, stroke), text, place in zip(ordered, texts, places, strict=True):
        # The name in ink, as no curve's colour is legible on light and on dark paper; the dot tells whose name it is.
        ax.scatter([x], [y], s=22, color=stroke.color, zorder=5, clip_on=False)
        end = (x - left) / (right - left)
        if moved:
            line = vars(stroke) | {"linewidth": 1.0, "transform": beside, "clip_on": False, "zorder": 4}
            ax.plot([end, end + _LEAD], [y, place], **line)
        at = {"xy": (end + _LEAD, place), "xycoords": beside} if moved else {"xy": (x, y)}
        away = (3 if moved else 7, 0)
        ax.annotate(text, **at, xytext=away, textcoords="offset points", va="center", fontsize=size)


# Width of the lines that lead to labels, of that of the axes.
_LEAD = 0.06

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


def ever_optimal(draws: xr.Dataset, grid: ArrayLike, strategies: Sequence[str]) -> list[str]:
    """Return the strategies to name: all of a few, of many those with the highest mean net benefit at a value."""
    if len(strategies) <= MOST:
        return list(strategies)
    optimal = {str(name) for name in decision.ceaf(draws, wtp=grid)["optimal"].values}
    return [name for name in strategies if name in optimal]


# Share of the axis below which two marked values are near each other, and how far their labels reach over the line.
_APART, _SHIFT = 0.15, 8


def values_of(draws: xr.Dataset) -> tuple[float, ...]:
    """Return the thresholds that draws carry, or the reference values where they are in that currency."""
    own = draws.attrs.get("thresholds")
    if own is not None:
        return tuple(own)
    rules = ruleset()
    return rules.values_on().reference if _draws.units(draws)[0] == rules.currency else ()


def told_at(draws: xr.Dataset, shown: Floats | None = None) -> tuple[float, ...]:
    """Return the values at which a figure is told: those above, or the quarters of its axis; if `shown`, within it."""
    values = values_of(draws) or tuple(quarter * _TOP / 4 for quarter in range(1, 5))
    if shown is None:
        return values
    inside = tuple(value for value in values if shown.min() <= value <= shown.max())
    return inside or tuple(sorted({float(shown.min()), float(shown.max())}))


def stated_value(draws: xr.Dataset, value: float, locale: Locale) -> str:
    """Return a value as it is marked: with the weight on QALYs that it was multiplied by, where it was."""
    return locale.stated(value, _draws.units(draws)[0], weight=draws.attrs.get("value_weight", 1.0))


def range_words(draws: xr.Dataset, locale: Locale, place: str | None = None) -> str:
    """Return that the range of values that draws carry is shaded, and where the ratio lies by it; else nothing."""
    ends = draws.attrs.get("value_range")
    if ends is None:
        return ""
    low, high = (stated_value(draws, end, locale) for end in ends)
    told = {"low": low, "high": high, "unit": units(draws, locale)[1]}
    if place is None:
        return " " + locale.text("plot.range_shaded", **told)
    return " " + locale.text("plot.in_range", place=locale.text(f"range_place.{place}"), **told)


def finish(ax: Axes, grid: Floats, locale: Locale, draws: xr.Dataset) -> None:
    """Draw the axis of willingness to pay, with the values that are marked."""
    currency, unit = units(draws, locale)
    ax.set_xlim(float(grid[0]), float(grid[-1]))
    ax.set_xlabel(locale.text("plot.wtp_axis", unit=unit), parse_math=False)
    ax.xaxis.set_major_locator(MaxNLocator(4))
    money_axis(ax.xaxis, locale, currency)
    # Per another unit of effect the reference values are told, not marked.
    known = "thresholds" in draws.attrs or ruleset().holds_for(*_draws.units(draws))
    low, high = ax.get_xlim()
    shown = sorted(value for value in values_of(draws) if low <= value <= high) if known else []
    near = [after - value < _APART * (high - low) for value, after in pairwise(shown)]
    if len(draws.attrs.get("value_range", ())) > 0:
        ax.axvspan(*draws.attrs["value_range"], color=MUTED, alpha=0.12, linewidth=0, zorder=0)
    for value, before, after in zip(shown, [False, *near], [*near, False], strict=False):
        # Two near each other are written away from each other.
        side = "left" if before and not after else "right" if after and not before else "center"
        ax.axvline(value, **DASHED, zorder=1)
        shift = {"left": -_SHIFT, "right": _SHIFT}.get(side, 0)
        write_above(ax, stated_value(draws, value, locale), value, shift=shift, side=side)


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
    reference, others = against(draws, comparator)
    if strategy is None and len(others) == 1:
        return others[0], reference
    if strategy not in others:
        msg = f"strategy must be one of {', '.join(map(repr, others))}, got {strategy!r}"
        raise InputError(msg)
    return strategy, reference


def against(draws: xr.Dataset, comparator: str | None) -> tuple[str, list[str]]:
    """Return the comparator, and the strategies that are held against it."""
    reference, rest = _draws.others(checked(draws), comparator)
    return reference, rest


def units(draws: xr.Dataset, locale: Locale) -> tuple[str, str]:
    """Return the currency and the unit of benefit: that of the effect, or of harm averted."""
    currency, unit = _draws.units(draws)
    return currency, unit if _draws.better(draws) == "more" else locale.text("plot.averted", unit=unit)


_MILLION = 1e6


def amount_words(locale: Locale, value: float, currency: str) -> str:
    """Return an amount with its sign, in millions where it is large."""
    if abs(value) >= _MILLION:
        return locale.text("plot.millions", amount=locale.money(value / _MILLION, currency, 1))
    return locale.money(value, currency)


def millions_axis(ax: Axes, locale: Locale, currency: str) -> None:
    """Write the ticks as amounts, in millions where they are large, with the decimals that their distance needs."""
    if max(abs(each) for each in ax.get_xlim()) < _MILLION:
        money_axis(ax.xaxis, locale, currency)
        return

    def written(value: float, digits: int) -> str:
        amount = locale.money(value / _MILLION, currency, digits)
        return locale.text("plot.millions", amount=amount) if value else locale.money(0, currency)

    ax.xaxis.set_major_formatter(_Ticks(written, partial(tick_decimals, scale=_MILLION, most=4)))


def beside(ax: Axes, text: str, x: float, y: float, *, left: bool) -> None:
    """Write an amount beside the end of a bar."""
    away, side = ((-5, 0), "right") if left else ((5, 0), "left")
    ax.annotate(text, (x, y), xytext=away, textcoords="offset points", ha=side, va="center", fontsize=9)


def chosen(result: xr.Dataset, **wanted: Any) -> xr.Dataset:  # noqa: ANN401 (a name, a number or None by dim)
    """Return a result of one strategy or value of each dim that is named; the only one need not be given."""
    for dim, value in wanted.items():
        if dim not in result.dims:
            continue
        there = result[dim].values.tolist()
        if value is None and len(there) == 1:
            value = there[0]  # noqa: PLW2901
        if value not in there:
            listed = ", ".join(map(repr, there))
            msg = f"{dim} must be one of {listed}, got {value!r}"
            raise InputError(msg)
        result = result.isel({dim: there.index(value)})
    return result


def at_value(result: xr.Dataset, locale: Locale) -> str:
    """Return the willingness to pay of a result in words, as "€50,000 per QALY"."""
    currency, _, unit = str(result["wtp"].attrs["units"]).partition(" per ")
    return locale.text("plot.value_per", value=locale.money(float(result["wtp"]), currency), unit=unit)


def plain(value: float, locale: Locale) -> str:
    """Return a number of unknown kind with at most four significant digits."""
    exponent = Decimal(f"{value:.4g}").normalize().as_tuple().exponent
    return locale.number(value, max(0, -int(exponent)))
