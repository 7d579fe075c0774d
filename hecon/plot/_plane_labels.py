"""What is written on a cost-effectiveness plane: shares in its corners, amounts at its lines, none over another."""

from __future__ import annotations

from typing import TYPE_CHECKING

from matplotlib.textpath import TextPath

from hecon import texts
from hecon.plot import _style

if TYPE_CHECKING:
    from collections.abc import Iterable

    from matplotlib.axes import Axes

__all__ = ["corner_texts", "draw_lines", "make_room", "write_corners"]

_CORNERS = {"NE": (0.985, 0.985), "NW": (0.015, 0.985), "SE": (0.985, 0.015), "SW": (0.015, 0.015)}
_MIDDLE = 0.5
# Sizes of the texts in the corners and of the amounts at the lines, and what is kept free beside them [points].
_CORNER, _AMOUNT, _GAP = 9.0, 8.0, 3.0
# Height of a line of text, in its size.
_LEADING = 1.3
# No side of an axis is widened beyond this share of it to hold its texts.
_MOST = 0.4


def _points(ax: Axes) -> tuple[float, float]:
    """Return the width and the height of the axes [points]; a layout makes them larger rather than smaller."""
    box = ax.get_window_extent()
    return 72 * box.width / ax.figure.dpi, 72 * box.height / ax.figure.dpi


def _width(text: str, size: float) -> float:
    """Return the width of the widest line [points]."""
    return max(float(TextPath((0, 0), line, size=size).get_extents().x1) for line in text.split("\n"))


def _height(chosen: Iterable[str]) -> float:
    """Return the height that the highest of some texts of corners takes [points]."""
    return max((_LEADING * _CORNER * (1 + each.count("\n")) + _GAP for each in chosen), default=0.0)


def corner_texts(ax: Axes, shares: dict[str, float], lang: str) -> dict[str, str]:
    """Return what stands in each corner, on as few lines as its quadrant has room for."""
    (low, high), width = ax.get_xlim(), _points(ax)[0]
    found = {}
    for quadrant, (x, _) in _CORNERS.items():
        room = width * (high if x > _MIDDLE else -low) / (high - low) - 3 * _GAP
        what, share = texts.text(lang, f"plot.corner_{quadrant}"), texts.share(lang, shares[quadrant])
        lines = what.replace(", ", ",\n")
        ways = (f"{what} {share}", f"{lines} {share}", f"{lines}\n{share}")
        found[quadrant] = next((each for each in ways if _width(each, _CORNER) <= room), ways[-1])
    return found


def make_room(ax: Axes, corners: dict[str, str]) -> None:
    """Move the limits where a quadrant is too small for what stands in its corner."""
    width, height = _points(ax)
    wide = [max(_width(corners[each], _CORNER) for each in corners if each[1] == side) for side in "WE"]
    tall = [_height(corners[each] for each in corners if each[0] == side) for side in "SN"]
    for (low, high), set_limits, sides in (
        (ax.get_xlim(), ax.set_xlim, [(each + 3 * _GAP) / width for each in wide]),
        (ax.get_ylim(), ax.set_ylim, [(each + _GAP) / height for each in tall]),
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
    room = _points(ax)[0] * abs(spans[-1][end]) / (x_high - x_low)
    other = len(ordered) > 1 and _width(ordered[-1][1], _AMOUNT) + 2 * _GAP <= room
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
    scale, own = (y_high - y_low) / _points(ax)[1], rows * _LEADING * _AMOUNT + _GAP
    floor = min(y_low + scale * (own + _height(text for each, text in corners.items() if each == "SW")), 0.0)
    ceiling = max(y_high - scale * (own + _height(text for each, text in corners.items() if each == "NE")), 0.0)
    return [
        (max(x_low, floor / slope), min(x_high, ceiling / slope)) if slope else (x_low, x_high) for slope, _ in values
    ]


def _amounts(ax: Axes, ends: list[tuple[float, str, float]], *, right: bool, other: bool) -> None:
    """Write amounts above the right ends of lines or below their left ones, inside the axes, in order of slope."""
    (x_low, x_high), (y_low, y_high) = ax.get_xlim(), ax.get_ylim()
    width, height = _points(ax)
    side = 1 if right else -1
    taken: list[tuple[float, float, float]] = []
    for place, (slope, amount, end) in enumerate(ends):
        at, own = width * (end - x_low) / (x_high - x_low), _width(amount, _AMOUNT) + 2 * _GAP
        # Beyond the axes are the ticks.
        after = (right != (other and place == len(ends) - 1) or at < own) and at + own <= width
        start = at if after else at - own
        level = first = side * height * slope * end / (y_high - y_low)
        for low, high, edge in taken:
            if start < high and low < start + own:
                level = max(level, edge + _LEADING * _AMOUNT)
        taken.append((start, start + own, level))
        ax.annotate(
            amount,
            (end, slope * end),
            xytext=(_GAP if after else -_GAP, side * (1 + level - first)),
            textcoords="offset points",
            ha="left" if after else "right",
            va="bottom" if right else "top",
            fontsize=_AMOUNT,
            color=_style.INK,
            zorder=7,
        )
