"""What is written on a cost-effectiveness plane stands inside its axes, in its own quadrant and over nothing else."""

import itertools
from functools import cache

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.textpath import TextPath

import hecon
from hecon import plot
from hecon.plot import planes

pytestmark = pytest.mark.slow

# Mean and spread of the differences in cost and in effect: in a quadrant, far off, astride an axis, lines nearly flat.
CLOUDS = {
    "south-west": (-2085, 356, -0.0437, 0.018),
    "north-east": (2000, 400, 0.05, 0.02),
    "right": (-100, 1000, 0.05, 0.02),
    "north": (1000, 300, -0.001, 0.02),
    "far": (3000, 200, 0.3, 0.02),
    "level": (-3000, 2500, 0.001, 0.0005),
}


@pytest.mark.parametrize("line", ["−€1,234", "€ 80.000", "hogere kosten,", "1", "l", "fd", "%", "48.0%"])
@pytest.mark.parametrize("size", [8.0, 9.0])
def test_the_width_of_a_line_is_that_of_all_its_glyphs(line, size):
    """Although only the contours that may reach furthest are measured."""
    with plot.look():
        assert planes._line_width(line, size) == TextPath((0, 0), line, size=size).get_extents().x1


@cache
def drawn(cloud, lang):
    """Return the axes of a plane in the size of a note's, laid out; the tests look at it and leave it as it is."""
    cost, cost_sd, effect, effect_sd = CLOUDS[cloud]
    noise = np.random.default_rng(1).normal(size=(2, 1000))
    pairs = (np.column_stack([np.zeros(1000), at]) for at in (cost + cost_sd * noise[0], effect + effect_sd * noise[1]))
    draws = hecon.from_arrays(*pairs, strategies=["usual care", "exercise"], comparator="usual care")
    ax = plot.plane(draws, lang=lang, ax=plt.subplots(figsize=(6.2, 4.0), layout="constrained")[1])
    ax.figure.canvas.draw()
    plt.close(ax.figure)
    return ax


def boxes(ax):
    """Return the extents of the texts in the corners, and those of the amounts."""
    found = {True: [], False: []}
    for each in ax.texts:
        found["%" in each.get_text()].append(each.get_window_extent())
    return found[True], found[False]


EVERY = pytest.mark.parametrize(("cloud", "lang"), list(itertools.product(CLOUDS, ("nl", "en"))))


@EVERY
def test_nothing_stands_beyond_the_axes(cloud, lang):
    """There are the ticks."""
    ax = drawn(cloud, lang)
    frame = ax.get_window_extent()
    corners, amounts = boxes(ax)

    assert (len(corners), len(amounts)) == (4, 3)
    for box in corners + amounts:
        assert frame.x0 <= box.x0 < box.x1 <= frame.x1 + 1
        assert frame.y0 <= box.y0 < box.y1 <= frame.y1


@EVERY
def test_no_text_stands_over_another(cloud, lang):
    """Neither a corner nor an amount."""
    corners, amounts = boxes(drawn(cloud, lang))

    assert not [pair for pair in itertools.combinations(corners + amounts, 2) if pair[0].overlaps(pair[1])]


@EVERY
def test_a_corner_keeps_to_its_quadrant(cloud, lang):
    """No line of zero runs through it."""
    ax = drawn(cloud, lang)
    x, y = ax.transData.transform((0.0, 0.0))

    for box in boxes(ax)[0]:
        assert not box.x0 <= x <= box.x1
        assert not box.y0 <= y <= box.y1


def test_a_cloud_with_room_on_all_sides_has_its_corners_on_one_line():
    """They are broken only where they do not fit."""
    assert [each.get_text() for each in drawn("north", "en").texts if "\n" in each.get_text()] == []
    assert [each.get_text() for each in drawn("far", "nl").texts if "\n" in each.get_text()] != []
