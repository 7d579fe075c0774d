"""The cost-effectiveness plane, and the efficiency frontier in it."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from hecon import _checks, decision
from hecon import draws as _draws
from hecon.curves import Curves, curves_of
from hecon.locale import Locale
from hecon.plot import _style
from hecon.plot._style import (
    GAP,
    LEADING,
    Path,
    TextPath,
    against,
    checked,
    named,
    pair_of,
    points,
    telling,
    units,
    values_of,
)
from hecon.rules.verdicts import judge, place_in_range

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    import xarray as xr
    from matplotlib.axes import Axes
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]


_CORNERS = {"NE": (0.985, 0.985), "NW": (0.015, 0.985), "SE": (0.985, 0.015), "SW": (0.015, 0.015)}
_MIDDLE = 0.5
# Sizes of the texts in the corners and of the amounts at the lines [points].
_CORNER, _AMOUNT = 9.0, 8.0
# No side of an axis is widened beyond this share of it to hold its texts.
_MOST = 0.4


def _width(text: str, size: float) -> float:
    """Return the width of the widest line [points]."""
    return max(_line_width(line, size) for line in text.split("\n"))


@lru_cache(maxsize=256)
def _line_width(line: str, size: float) -> float:
    """Return the width of a line in hecon's font [points]; a note asks for the same few lines again and again."""
    path = TextPath((0, 0), line, size=size)
    starts = np.flatnonzero(path.codes == path.MOVETO)
    # The extrema of curves take long, and only a contour that may reach as far as any start of one can be the last.
    reaches = np.maximum.reduceat(np.where(path.codes == path.CLOSEPOLY, -np.inf, path.vertices[:, 0]), starts)
    last = np.repeat(reaches >= path.vertices[starts, 0].max(), np.diff(np.append(starts, len(path.codes))))
    return float(Path(path.vertices[last], path.codes[last]).get_extents().x1)


def _height(chosen: Iterable[str]) -> float:
    """Return the height that the highest of some texts of corners takes [points]."""
    return max((LEADING * _CORNER * (1 + each.count("\n")) + GAP for each in chosen), default=0.0)


def corner_texts(ax: Axes, shares: dict[str, float], locale: Locale) -> dict[str, str]:
    """Return what stands in each corner, on as few lines as its quadrant has room for."""
    (low, high), width = ax.get_xlim(), points(ax)[0]
    found = {}
    for quadrant, (x, _) in _CORNERS.items():
        room = width * (high if x > _MIDDLE else -low) / (high - low) - 3 * GAP
        what, share = locale.text(f"plot.corner_{quadrant}"), locale.share(shares[quadrant])
        lines = what.replace(", ", ",\n")
        ways = (f"{what} {share}", f"{lines} {share}", f"{lines}\n{share}")
        found[quadrant] = next((each for each in ways if _width(each, _CORNER) <= room), ways[-1])
    return found


def make_room(ax: Axes, corners: dict[str, str]) -> None:
    """Move the limits where a quadrant is too small for what stands in its corner."""
    width, height = points(ax)
    wide = [max(_width(corners[each], _CORNER) for each in corners if each[1] == side) for side in "WE"]
    tall = [_height(corners[each] for each in corners if each[0] == side) for side in "SN"]
    for (low, high), set_limits, sides in (
        (ax.get_xlim(), ax.set_xlim, [(each + 3 * GAP) / width for each in wide]),
        (ax.get_ylim(), ax.set_ylim, [(each + GAP) / height for each in tall]),
    ):
        below, above = (min(side, _MOST) for side in sides)
        set_limits(min(low, -high * below / (1 - below)), max(high, -low * above / (1 - above)))


def write_corners(ax: Axes, corners: dict[str, str]) -> None:
    """Write what stands in each corner."""
    for quadrant, text in corners.items():
        x, y = _CORNERS[quadrant]
        ax.annotate(
            text,
            (x, y),
            xycoords="axes fraction",
            ha="right" if x > _MIDDLE else "left",
            va="top" if y > _MIDDLE else "bottom",
            fontsize=_CORNER,
            zorder=7,
        )


def draw_lines(ax: Axes, values: list[tuple[float, str]], corners: dict[str, str]) -> None:
    """Draw a line through the origin for each value, with its amount at the end where the lines lie further apart."""
    ordered = sorted(values)
    if not ordered:
        return
    spans = _spans(ax, ordered, corners, rows=1)
    (x_low, x_high), (y_low, y_high) = ax.get_xlim(), ax.get_ylim()

    def reach(end: int) -> float:
        return sum(
            abs(span[end]) / (x_high - x_low) + abs(slope * span[end]) / (y_high - y_low)
            for (slope, _), span in zip(ordered, spans, strict=True)
        )

    right = reach(1) >= reach(0)
    end = 1 if right else 0
    # Of lines that end side by side, the steepest is named on its other side, if that does not cross the zero line.
    room = points(ax)[0] * abs(spans[-1][end]) / (x_high - x_low)
    other = len(ordered) > 1 and _width(ordered[-1][1], _AMOUNT) + 2 * GAP <= room
    if len(ordered) > 1 and not other:
        spans = _spans(ax, ordered, corners, rows=2)
    for (slope, _), (low, high) in zip(ordered, spans, strict=True):
        ax.plot([low, high], [slope * low, slope * high], color=_style.MUTED, linewidth=0.9, zorder=3)
    ends = [(slope, amount, span[end]) for (slope, amount), span in zip(ordered, spans, strict=True)]
    _amounts(ax, ends, right=right, other=other)


def _spans(
    ax: Axes, values: list[tuple[float, str]], corners: dict[str, str], *, rows: int
) -> list[tuple[float, float]]:
    """Return where lines begin and end: short of the corners that they run to, by the height of rows of amounts."""
    (x_low, x_high), (y_low, y_high) = ax.get_xlim(), ax.get_ylim()
    scale, own = (y_high - y_low) / points(ax)[1], rows * LEADING * _AMOUNT + GAP
    floor = min(y_low + scale * (own + _height(text for each, text in corners.items() if each == "SW")), 0.0)
    ceiling = max(y_high - scale * (own + _height(text for each, text in corners.items() if each == "NE")), 0.0)
    return [
        (max(x_low, floor / slope), min(x_high, ceiling / slope)) if slope else (x_low, x_high) for slope, _ in values
    ]


def _amounts(ax: Axes, ends: list[tuple[float, str, float]], *, right: bool, other: bool) -> None:
    """Write amounts above the right ends of lines or below their left ones, inside the axes, in order of slope."""
    (x_low, x_high), (y_low, y_high) = ax.get_xlim(), ax.get_ylim()
    width, height = points(ax)
    side = 1 if right else -1
    taken: list[tuple[float, float, float]] = []
    for place, (slope, amount, end) in enumerate(ends):
        at, own = width * (end - x_low) / (x_high - x_low), _width(amount, _AMOUNT) + 2 * GAP
        # Beyond the axes are the ticks.
        after = (right != (other and place == len(ends) - 1) or at < own) and at + own <= width
        start = at if after else at - own
        level = first = side * height * slope * end / (y_high - y_low)
        for low, high, edge in taken:
            if start < high and low < start + own:
                level = max(level, edge + LEADING * _AMOUNT)
        taken.append((start, start + own, level))
        ax.annotate(
            amount,
            (end, slope * end),
            xytext=(GAP if after else -GAP, side * (1 + level - first)),
            textcoords="offset points",
            ha="left" if after else "right",
            va="bottom" if right else "top",
            fontsize=_AMOUNT,
            color=_style.INK,
            zorder=7,
        )


# 95% point of the chi-squared distribution with two degrees of freedom.
_ELLIPSE = 5.991464547107979
# Shares of the draws that the shades hold, from the faintest to the darkest.
_SHADES = {0.95: 0.14, 0.80: 0.30, 0.50: 0.48, 0.20: 0.70}
_BINS = 90
# Fewer draws than this are shown by their mean alone.
_ENOUGH = 200
_QUADRANTS = ("NE", "NW", "SE", "SW")


def plane(
    draws: xr.Dataset | Curves,
    *,
    strategy: str | None = None,
    comparator: str | None = None,
    wtp: Sequence[float] | None = None,
    names: Mapping[str, str] | None = None,
    lang: str = "en",
    ax: Axes | None = None,
) -> Axes:
    """Draw the cost-effectiveness plane: where the draws lie, and on which side of willingness to pay.

    Parameters
    ----------
    draws : xarray.Dataset or Curves
        Draws, without further dims.
    strategy : str, optional
        The strategy to show; default all but the comparator.
    comparator : str, optional
        The strategy that it is held against; default the one that the draws know.
    wtp : sequence of float, optional
        Willingness to pay [currency per unit of effect]: a line through the origin for each; default the reference
        values, or the attribute ``thresholds`` of the draws, and none where their currency is another.
    names : mapping of str to str, optional
        What to call a strategy in a figure of several; default its name in the draws.
    lang : {"nl", "en"}, default "en"
        Language of the labels.
    ax : matplotlib.axes.Axes, optional
        Where to draw; default a new figure.

    Returns
    -------
    matplotlib.axes.Axes
        Effect difference (harm averted, where less of the effect is better) on the horizontal axis, cost difference on
        the vertical.

    Raises
    ------
    InputError
        If the draws have further dims, or a strategy is not known.

    Notes
    -----
    The shades hold 20, 50, 80 and 95% of the draws (smoothed); the ellipse is the 95% region of a normal distribution
    with their mean and covariance. Below and to the right of a line, the strategy is cost-effective there. Fewer than
    200 draws, or draws without spread, are shown by their mean alone.

    Several strategies have an ellipse and a mean each, as many shades would hide each other. Which of them is preferred
    does not follow from their place to a line through the origin: see `hecon.plot.frontier`. Of more than eleven those
    are named that are optimal at a value shown; the others are thin and grey.

    Examples
    --------
    >>> import hecon
    >>> draws = hecon.from_arrays(
    ...     [[0, 900], [0, 1100]], [[0, 0.1], [0, 0.3]], strategies=["usual care", "exercise"], comparator="usual care"
    ... )
    >>> hecon.plot.plane(draws).get_xlabel()
    'difference in effects (QALY)'
    """
    locale, curves = Locale(lang), curves_of(draws)
    reference, others = against(curves.draws, comparator)
    values = values_of(curves.draws) if wtp is None else _checks.willingness_to_pay(wtp)
    if strategy is None and len(others) > 1:
        return _of_several(curves, reference, values, names, locale, ax)
    name, reference = pair_of(curves.draws, strategy, comparator)
    cost, effect = curves.differences(name, reference)
    with _style.look():
        ax = _style.axes(ax)
        _frame(ax, effect, cost)
        corners: dict[str, str] = {}
        if _has_spread(cost, effect):
            corners = corner_texts(ax, curves.quadrant_shares(name, reference), locale)
            make_room(ax, corners)
            _density(ax, effect, cost)
            _ellipse(ax, effect, cost)
            write_corners(ax, corners)
        _mark_values(ax, curves.draws, values, corners, locale)
        ax.plot([effect.mean()], [cost.mean()], "o", color=_style.COLOURS[1], markersize=6, zorder=6)
        _finish(ax, locale, curves.draws)
    return telling(ax, locale, lambda said: describe_plane(curves, said, strategy=name, comparator=reference))


def _mark_values(ax: Axes, draws: xr.Dataset, values: Iterable[float], corners: dict[str, str], locale: Locale) -> None:
    """Draw a line for each value, and shade between those of a range of values."""
    draw_lines(ax, [(float(each), _style.stated_value(draws, each, locale)) for each in values], corners)
    ends = draws.attrs.get("value_range")
    if ends is None:
        return
    sides, limits = np.array(ax.get_xlim()), ax.get_ylim()
    at = np.unique([*sides, 0.0])
    ax.fill_between(at, ends[0] * at, ends[1] * at, color=_style.MUTED, alpha=0.12, linewidth=0, zorder=0)
    ax.set_xlim(*sides)
    ax.set_ylim(*limits)


def _finish(ax: Axes, locale: Locale, draws: xr.Dataset) -> None:
    """Write what the axes of differences are of."""
    currency, unit = units(draws, locale)
    ax.set_xlabel(locale.text("plot.effect_axis", unit=unit), parse_math=False)
    ax.set_ylabel(locale.text("plot.cost_axis"))
    _style.number_axis(ax.xaxis, locale)
    _style.money_axis(ax.yaxis, locale, currency)


def _of_several(  # noqa: PLR0917 (what `plane` was given)
    curves: Curves,
    reference: str,
    values: Iterable[float],
    names: Mapping[str, str] | None,
    locale: Locale,
    ax: Axes | None,
) -> Axes:
    """Draw the mean and the ellipse of every strategy but the comparator, which is the origin."""
    strategies, shown = _strategies(curves)
    found = {name: curves.differences(name, reference) for name in strategies if name != reference}
    strokes = _style.strokes(strategies, shown)
    with _style.look():
        ax = _style.axes(ax)
        _frame(ax, *(np.concatenate([each[axis] for each in found.values()]) for axis in (1, 0)))
        _mark_values(ax, curves.draws, values, {}, locale)
        for name, (cost, effect) in found.items():
            if _has_spread(cost, effect):
                _ellipse(ax, effect, cost, strokes[name].color)
            ax.plot([effect.mean()], [cost.mean()], "o", color=strokes[name].color, markersize=5, zorder=6)
        labels = [
            (float(effect.mean()), float(cost.mean()), named(names, name))
            for name, (cost, effect) in found.items()
            if name in shown
        ]
        _label_points(ax, labels)
        if len(labels) < len(found):
            _style.remark(ax, locale.text("plot.others", n=len(found) - len(labels)))
        _finish(ax, locale, curves.draws)
    return telling(ax, locale, lambda said: describe_plane(curves, said, comparator=reference, names=names))


def _strategies(curves: Curves) -> tuple[list[str], list[str]]:
    """Return all strategies and those to name, the comparator among them, so that colours are as in the curves."""
    strategies = [str(name) for name in curves.draws["strategy"].values]
    shown = _style.ever_optimal(curves.draws, _style.grid_of(None), strategies)
    return strategies, shown


def describe_plane(
    draws: xr.Dataset | Curves,
    locale: Locale,
    *,
    strategy: str | None = None,
    comparator: str | None = None,
    names: Mapping[str, str] | None = None,
) -> str:
    """Say where the mean and the draws lie; of several strategies the means of those that are named."""
    curves = curves_of(draws)
    reference, others = against(curves.draws, comparator)
    if strategy is None and len(others) > 1:
        return _several_words(curves, reference, names, locale)
    name, reference = pair_of(curves.draws, strategy, comparator)
    cost, effect = curves.differences(name, reference)
    currency, unit = units(curves.draws, locale)
    text = locale.text(
        "plot.plane_alt",
        cost=locale.money(float(cost.mean()), currency),
        effect=locale.number(float(effect.mean()), 4),
        unit=unit,
    )
    text += _style.range_words(curves.draws, locale, _place(curves.draws, float(cost.mean()), float(effect.mean())))
    if not _has_spread(cost, effect):
        return f"{text} {locale.text('plot.plane_alt_point')}"
    shares = curves.quadrant_shares(name, reference)
    parts = ", ".join(f"{locale.share(shares[each])} {locale.text('plot.in_' + each)}" for each in _QUADRANTS)
    return f"{text} {locale.text('plot.plane_alt_shares', shares=parts)}"


def _several_words(curves: Curves, reference: str, names: Mapping[str, str] | None, locale: Locale) -> str:
    currency, unit = units(curves.draws, locale)
    strategies, shown = _strategies(curves)
    told = []
    for name in shown:
        if name != reference:
            cost, effect = curves.differences(name, reference)
            amounts = locale.money(float(cost.mean()), currency), locale.number(float(effect.mean()), 4)
            text = locale.text("plot.plane_part", cost=amounts[0], effect=amounts[1], unit=unit)
            told.append(f"{named(names, name)} {text}")
    text = locale.text("plot.plane_several_alt", comparator=named(names, reference), parts="; ".join(told))
    text += _style.range_words(curves.draws, locale)
    others = len(strategies) - 1 - len(told)
    return f"{text} {locale.text('plot.others', n=others)}." if others else text


def _place(draws: xr.Dataset, cost: float, effect: float) -> str | None:
    """Return where a ratio lies by the range of values that draws carry; None without one."""
    ends = draws.attrs.get("value_range")
    if ends is None or cost * effect <= 0:
        return None
    at_ends = [judge(cost, effect, reference_value=end).conclusion for end in ends]
    return place_in_range("NE" if cost > 0 else "SW", at_ends)


def _has_spread(cost: Floats, effect: Floats) -> bool:
    return cost.size >= _ENOUGH and cost.std() > 0 and effect.std() > 0


def _frame(ax: Axes, effect: Floats, cost: Floats) -> None:
    """Set the limits around draws and origin, and draw the lines of no difference."""
    for values, set_limits, share in ((effect, ax.set_xlim, 0.12), (cost, ax.set_ylim, 0.16)):
        low, high = (min(float(np.quantile(values, 0.001)), 0.0), max(float(np.quantile(values, 0.999)), 0.0))
        pad = share * (high - low) or 1.0
        set_limits(low - pad, high + pad)
    ax.axhline(0, **_style.LINE, zorder=1)
    ax.axvline(0, **_style.LINE, zorder=1)


def _density(ax: Axes, effect: Floats, cost: Floats) -> None:
    from scipy.ndimage import gaussian_filter

    counts, x, y = np.histogram2d(effect, cost, bins=_BINS, range=[ax.get_xlim(), ax.get_ylim()])
    # Wide enough to even out the noise of the draws, narrow against their spread.
    smooth = gaussian_filter(counts, sigma=_BINS / 28)
    ordered = np.sort(smooth.ravel())[::-1]
    mass = np.cumsum(ordered) / ordered.sum()
    levels = [float(ordered[int(np.searchsorted(mass, share))]) for share in _SHADES]
    red, green, blue = (int(_style.COLOURS[0][i : i + 2], 16) / 255 for i in (1, 3, 5))
    middles = ((edges[:-1] + edges[1:]) / 2 for edges in (x, y))
    ax.contourf(
        *middles,
        smooth.T,
        levels=[*levels, 1.01 * float(smooth.max())],
        colors=[(red, green, blue, alpha) for alpha in _SHADES.values()],
        zorder=2,
    )


def _ellipse(ax: Axes, effect: Floats, cost: Floats, colour: str = _style.INK) -> None:
    angle = np.linspace(0, 2 * np.pi, 121)
    rho = float(np.corrcoef(effect, cost)[0, 1])
    first = np.sqrt(_ELLIPSE) * np.cos(angle)
    second = rho * first + np.sqrt((1 - rho**2) * _ELLIPSE) * np.sin(angle)
    x, y = effect.mean() + effect.std() * first, cost.mean() + cost.std() * second
    ax.plot(x, y, color=colour, linewidth=1.0, zorder=4)


def frontier(
    draws: xr.Dataset, *, names: Mapping[str, str] | None = None, lang: str = "en", ax: Axes | None = None
) -> Axes:
    """Draw the efficiency frontier: mean effect and cost of every strategy, and the line that none improves on.

    Parameters
    ----------
    draws : xarray.Dataset
        Draws, without further dims.
    names : mapping of str to str, optional
        What to call a strategy in the figure; default its name in the draws.
    lang : {"nl", "en"}, default "en"
        Language of the labels.
    ax : matplotlib.axes.Axes, optional
        Where to draw; default a new figure.

    Returns
    -------
    matplotlib.axes.Axes
        Mean effect on the horizontal axis, better to the right, mean cost on the vertical.

    Raises
    ------
    InputError
        If the draws have further dims.

    Notes
    -----
    The slope of the line between two strategies is their sequential ratio. For incremental draws, the comparator is
    the origin.

    Examples
    --------
    >>> import hecon
    >>> draws = hecon.from_arrays([[0, 900, 500]] * 2, [[0, 0.1, 0.02]] * 2, strategies=["none", "new", "old"])
    >>> len(hecon.plot.frontier(draws).texts)
    3
    """
    locale, found = Locale(lang), decision.frontier(checked(draws))
    currency, unit = _draws.units(draws)
    incremental = draws.attrs.get("scale") == "incremental"
    with _style.look():
        ax = _style.axes(ax)
        on = found.where(found["status"] == "frontier", drop=True)
        ax.plot(on["effect"].to_numpy(), on["cost"].to_numpy(), color=_style.COLOURS[0], zorder=3)
        labels = []
        for name in (str(each) for each in found["strategy"].values):
            row = found.sel(strategy=name)
            best = str(row["status"].values) == "frontier"
            colour = _style.COLOURS[0] if best else _style.MUTED
            x, y = float(row["effect"]), float(row["cost"])
            ax.plot([x], [y], "o" if best else "x", color=colour, zorder=4)
            labels.append((x, y, named(names, name)))
        ax.margins(0.15)
        horizontal = "plot.effect_axis" if incremental else "plot.mean_effect_axis"
        label = locale.text(horizontal, unit=unit)
        if _draws.better(draws) == "less":
            ax.xaxis.set_inverted(True)
            label = locale.text("plot.less_is_better", label=label)
        ax.set_xlabel(label, parse_math=False)
        ax.set_ylabel(locale.text("plot.cost_axis" if incremental else "plot.mean_cost_axis"))
        _style.number_axis(ax.xaxis, locale)
        _style.money_axis(ax.yaxis, locale, currency)
        _label_points(ax, labels)
    return telling(ax, locale, lambda said: describe_frontier(draws, said, names=names))


# Where a label may stand beside its point: to the right or left of it, level or moved up or down by lines.
_SIDES, _LINES = (1, -1), (0.0, -1.0, 1.0, -2.0, 2.0, -3.0, 3.0)


def _label_points(ax: Axes, labels: Sequence[tuple[float, float, str]]) -> None:
    """Write a name beside each point, where it covers no other name or point as far as there is room."""
    (left, right), (low, high) = ax.get_xlim(), ax.get_ylim()
    ax.autoscale(enable=False)
    width, height = points(ax)
    at = [(width * (x - left) / (right - left), height * (y - low) / (high - low)) for x, y, _ in labels]
    taken = [(x - GAP, x + GAP, y - GAP, y + GAP) for x, y in at]
    for (x, y, name), (across, up) in zip(labels, at, strict=True):
        text = _style.label(name)
        size = _width(text, _CORNER), LEADING * _CORNER * (1 + text.count("\n"))
        ways = [(side, line) for line in _LINES for side in _SIDES]
        boxes = [_box(across, up, side, line, size) for side, line in ways]
        covers = [_covered(box, taken) + _outside(box, width, height) for box in boxes]
        chosen = covers.index(min(covers))
        (side, line), box = ways[chosen], boxes[chosen]
        taken.append(box)
        ax.annotate(
            text,
            (x, y),
            xytext=(side * 2 * GAP, line * LEADING * _CORNER),
            textcoords="offset points",
            fontsize=_CORNER,
            ha="left" if side > 0 else "right",
            va="center",
            zorder=7,
        )


_Box = tuple[float, float, float, float]


def _box(across: float, up: float, side: int, line: float, size: tuple[float, float]) -> _Box:
    """Return the left, right, lower and upper end of a label [points]."""
    start = across + 2 * GAP if side > 0 else across - 2 * GAP - size[0]
    middle = up + line * LEADING * _CORNER
    return start, start + size[0], middle - size[1] / 2, middle + size[1] / 2


def _covered(box: _Box, others: Iterable[_Box]) -> float:
    """Return the area of others that a label would cover."""
    return sum(
        max(min(box[1], other[1]) - max(box[0], other[0]), 0.0)
        * max(min(box[3], other[3]) - max(box[2], other[2]), 0.0)
        for other in others
    )


def _outside(box: _Box, width: float, height: float) -> float:
    """Return the area of a label beyond the axes, where ticks stand."""
    inside = max(min(box[1], width) - max(box[0], 0.0), 0.0) * max(min(box[3], height) - max(box[2], 0.0), 0.0)
    return (box[1] - box[0]) * (box[3] - box[2]) - inside


def describe_frontier(draws: xr.Dataset, locale: Locale, *, names: Mapping[str, str] | None = None) -> str:
    """Say which strategies are on the frontier, in order of cost, and which are dominated in either way."""
    found = decision.frontier(checked(draws))
    by_status: dict[str, list[str]] = {"frontier": [], "dominated": [], "extendedly dominated": []}
    for name, status in zip(found["strategy"].values, found["status"].values, strict=True):
        by_status[str(status)].append(named(names, str(name)))
    keys = {"frontier": "frontier_alt", "dominated": "frontier_alt_dominated"}
    return " ".join(
        locale.text(f"plot.{keys.get(status, 'frontier_alt_extended')}", names=", ".join(labels))
        for status, labels in by_status.items()
        if labels
    )
