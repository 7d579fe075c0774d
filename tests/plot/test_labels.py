"""The names at the ends of curves: of eleven strategies each stands at its own, of more those that are ever optimal."""

import itertools
from functools import cache

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.collections import PathCollection
from matplotlib.colors import to_hex
from matplotlib.figure import Figure

import hecon
from hecon import plot
from hecon.plot import _style

NAMES = (
    *("usual care", "exercise", "surgery", "watchful waiting", "injection", "insoles", "brace", "early surgery"),
    *("late surgery", "education", "combined care"),
)
LONG = tuple(f"{name} with a follow-up by telephone" for name in NAMES)
KINDS = pytest.mark.parametrize("kind", ["acceptability", "net_benefit", "expected_loss"])


def many(names=NAMES):
    """Return draws of strategies that cost and yield more by turns, so that many curves end near one another."""
    rng, count = np.random.default_rng(3), len(names)
    effect = np.linspace(0, 0.35, count) + rng.normal(0, 0.01, count)
    cost = 1000 + 40_000 * np.linspace(0, 0.42, count) ** 1.6 + rng.normal(0, 300, count)
    draws = cost + rng.normal(0, 400, (1000, count)), effect + rng.normal(0, 0.06, (1000, count))
    return hecon.from_arrays(*draws, strategies=list(names), comparator=names[0])


@cache
def drawn(kind, names=NAMES):
    """Return the axes of a figure of many strategies, of the size that notes have, laid out: tests look at it only."""
    ax = getattr(plot, kind)(many(names), ax=Figure(figsize=(6.2, 4.0), layout="constrained").subplots())
    ax.figure.draw_without_rendering()
    return ax


def labels(ax, names):
    """Return the texts of the names, from the lowest to the highest."""
    found = [text for text in ax.texts if text.get_text().replace("\n", " ") in names]
    return sorted(found, key=lambda text: text.get_window_extent().y0)


def curves(ax):
    """Return the curves that have a colour, by colour and dash."""
    shown = [line for line in ax.lines if line.get_linewidth() == 1.8]
    return {(line.get_color(), line._unscaled_dash_pattern): line for line in shown}


def leaders(ax):
    """Return the lines that lead to names."""
    return [line for line in ax.lines if line.get_linewidth() == 1.0]


@pytest.mark.slow
@pytest.mark.counted
@pytest.mark.parametrize("names", [NAMES, LONG], ids=["short", "long"])
@KINDS
def test_each_of_eleven_names_stands_at_its_own_curve(kind, names):
    """Its leader is drawn as the curve is, from the curve's end, and no other leader ends nearer to it."""
    ax = drawn(kind, names)
    texts, lines, by_style = labels(ax, names), leaders(ax), curves(ax)
    named = names[1:] if kind == "net_benefit" else names
    of_name = dict(zip(named, by_style.values(), strict=True))
    tips = {
        (line.get_color(), line._unscaled_dash_pattern): line.get_transform().transform(line.get_xydata())[1]
        for line in lines
    }

    assert len(texts) == len(lines) == len(by_style) == len(named)
    for text in texts:
        curve = of_name[text.get_text().replace("\n", " ")]
        key = (curve.get_color(), curve._unscaled_dash_pattern)
        box = text.get_window_extent()
        distance = {style: np.hypot(tip[0] - box.x0, tip[1] - (box.y0 + box.y1) / 2) for style, tip in tips.items()}
        (start,) = (line.get_ydata()[0] for line in lines if (line.get_color(), line._unscaled_dash_pattern) == key)

        assert min(distance, key=distance.get) == key
        assert start == curve.get_ydata()[-1]


@pytest.mark.slow
@pytest.mark.counted
@pytest.mark.parametrize("names", [NAMES, LONG], ids=["short", "long"])
@KINDS
def test_names_keep_the_order_of_their_curves_and_do_not_overlap(kind, names):
    """Leaders so never cross; all names lie within the figure."""
    ax = drawn(kind, names)
    boxes = [text.get_window_extent() for text in labels(ax, names)]
    starts = sorted(tuple(line.get_ydata()) for line in leaders(ax))

    assert all(upper.y0 >= lower.y1 for lower, upper in itertools.pairwise(boxes))
    assert [end for _, end in starts] == sorted(end for _, end in starts)
    assert all(box.y0 >= 0 and box.x1 <= ax.figure.bbox.x1 and box.y1 <= ax.figure.bbox.y1 for box in boxes)


@pytest.mark.parametrize("kind", ["net_benefit", "expected_loss"])
@pytest.mark.no_cover
def test_where_curves_end_apart_each_name_is_nearest_to_its_own(kind):
    """By its height alone: no leader is needed to tell whose it is."""
    ax = drawn(kind, NAMES)
    ends = sorted(line.get_ydata()[-1] for line in curves(ax).values())
    middles = [text.get_window_extent() for text in labels(ax, NAMES)]
    heights = [ax.transData.inverted().transform((box.x0, (box.y0 + box.y1) / 2))[1] for box in middles]

    for place, height in enumerate(heights):
        assert int(np.argmin([abs(height - end) for end in ends])) == place


def test_names_that_have_room_have_no_leader():
    """They stand beside their dots, as in a figure of two or three strategies."""
    ax = drawn("expected_loss", NAMES[:3])

    assert leaders(ax) == []
    assert [text.xy[1] for text in labels(ax, NAMES)] == sorted(line.get_ydata()[-1] for line in curves(ax).values())


@pytest.mark.slow
@KINDS
def test_of_more_than_eleven_strategies_those_ever_optimal_are_named(kind):
    """The others are grey, and the figure says so, as do its words."""
    names = (*NAMES, *(f"option {number}" for number in range(12, 17)))
    draws = many(names)
    ax = drawn(kind, names)
    optimal = {str(name) for name in hecon.ceaf(draws, wtp=np.linspace(0, 100_000, 201))["optimal"].values}
    optimal -= {names[0]} if kind == "net_benefit" else set()
    grey = [line for line in ax.lines if line.get_color() == _style.MUTED and line.get_alpha() == 0.5]
    others = len(names) - (kind == "net_benefit") - len(optimal)

    assert {text.get_text() for text in labels(ax, names)} == optimal
    assert len(grey) == others > 0
    assert ax.get_title(loc="left") == f"Grey: {others} strategies that are optimal at no value shown"
    assert plot.describe(ax).endswith(f"Grey: {others} strategies that are optimal at no value shown.")


@pytest.mark.slow
def test_a_strategy_has_one_colour_in_all_figures():
    """A reader holds one figure against the other."""
    shown = {}
    for kind in ("acceptability", "net_benefit", "expected_loss"):
        ax = drawn(kind, NAMES)
        dots = [each for each in ax.collections if isinstance(each, PathCollection)]
        ends = {each.get_offsets()[0][1]: to_hex(each.get_facecolor()[0]) for each in dots}
        named = NAMES[1:] if kind == "net_benefit" else NAMES
        shown[kind] = {
            name: ends[line.get_ydata()[-1]]
            for name, line in zip(named, curves(ax).values(), strict=True)
            if list(ends).count(line.get_ydata()[-1]) == 1
        }

    assert all(
        shown["net_benefit"][name] == shown["expected_loss"][name] for name in NAMES[1:] if name in shown["net_benefit"]
    )


@given(
    st.lists(st.tuples(st.floats(0, 1), st.floats(0.01, 0.08)), min_size=1, max_size=12).map(sorted),
)
def test_places_keep_their_order_and_their_room(ends):
    """None overlap; those that have room stay where they were wanted."""
    wanted, rooms = [y for y, _ in ends], [room for _, room in ends]
    places = _style.spread_out(wanted, rooms, -rooms[0], 1 + rooms[-1])
    gaps = [(b - a) - (x + y) for a, b, x, y in zip(places, places[1:], rooms, rooms[1:], strict=False)]

    assert all(gap > -1e-12 for gap in gaps)
    if all(b - a >= x + y for a, b, x, y in zip(wanted, wanted[1:], rooms, rooms[1:], strict=False)):
        assert places == pytest.approx(wanted)
    if 2 * sum(rooms) <= 1 + rooms[0] + rooms[-1]:
        assert places[0] >= -1e-12
        assert places[-1] <= 1 + 1e-12
