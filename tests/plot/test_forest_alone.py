"""The forest plot of studies that are not pooled: printed intervals, open squares for doubtful ones, and its words."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.collections import PathCollection
from matplotlib.colors import to_rgba
from matplotlib.figure import Figure
from strategies import examples

from hecon import evidence, plot
from hecon.errors import InputError
from hecon.locale import LANGUAGES
from hecon.plot import _style

Y, SE, NAMES = [0.1, 0.5, -0.9], [0.1, 0.2, 0.4], ["A", "B", "C"]
PRINTED = [(-0.2, 0.3), (0.1, 1.9), (-1.7, -0.1)]
BLUE, WHITE = to_rgba(_style.COLOURS[0]), to_rgba("white")


@pytest.fixture(autouse=True)
def _no_figure_left():
    """Close what a test left open."""
    yield
    plt.close("all")


def drawn(*studies, **options):
    """Return the axes of a plot that pyplot knows nothing of."""
    y, se, names = studies or (Y, SE, NAMES)
    return plot.forest(y, se, names=names, ax=Figure().subplots(), **options)


def spans(ax):
    """Return the two ends of each interval, and the height that it is drawn at."""
    segments = ax.collections[0].get_segments()
    return [(each[0, 0], each[1, 0]) for each in segments], [each[0, 1] for each in segments]


def squares(ax):
    """Return the collection of the studies' squares."""
    (found,) = (each for each in ax.collections if isinstance(each, PathCollection))
    return found


def labels(ax):
    """Return the names at the rows."""
    return [each.get_text() for each in ax.get_yticklabels()]


# The picture ----------------------------------------------------------------------------------------------------------


def test_studies_alone_have_a_row_each_and_no_diamond():
    """In the order given, from the top; nothing says what they show together."""
    ax = drawn(label="difference")

    assert labels(ax) == NAMES
    assert ax.yaxis_inverted()
    assert len(ax.patches) == 0
    assert ax.get_xlabel() == "difference"
    np.testing.assert_allclose(squares(ax).get_offsets(), np.column_stack([Y, [0, 1, 2]]))
    assert sorted(ax.get_ylim()) == pytest.approx([-0.6, 2.6])


def test_intervals_are_of_95_percent_unless_printed():
    """From the standard errors; each at the height of its study."""
    found, heights = spans(drawn())

    assert found == [pytest.approx((y - 1.959964 * se, y + 1.959964 * se)) for y, se in zip(Y, SE, strict=True)]
    assert heights == [0, 1, 2]


@pytest.mark.parametrize("as_given", [PRINTED, np.array(PRINTED), [list(each) for each in PRINTED]])
def test_printed_intervals_are_drawn_as_they_are(as_given):
    """Off centre too, whatever the standard errors say of them."""
    assert spans(drawn(intervals=as_given))[0] == [pytest.approx(each) for each in PRINTED]


def test_printed_intervals_may_stand_with_a_pool():
    """The diamond is that of the pool, the studies' intervals are the printed ones."""
    pooled = evidence.pool(Y, SE, method="fixed")
    ax = drawn(pooled=pooled, intervals=PRINTED)
    corners = ax.patches[0].get_xy()[:, 0]

    assert spans(ax)[0] == [pytest.approx(each) for each in PRINTED]
    assert (corners.min(), corners.max()) == pytest.approx(pooled.interval)
    assert labels(ax) == [*NAMES, "pooled"]


def test_squares_are_larger_with_precision():
    """Their areas are as the inverse variances; the largest is as large as in any plot."""
    sizes = squares(drawn()).get_sizes()

    np.testing.assert_allclose(sizes / sizes[0], [1, 1 / 4, 1 / 16])
    np.testing.assert_allclose(sizes[0], squares(drawn([0], [7], ["A"])).get_sizes())


def test_squares_of_printed_intervals_have_the_same_sizes():
    """These come from the standard errors."""
    np.testing.assert_allclose(squares(drawn(intervals=PRINTED)).get_sizes(), squares(drawn()).get_sizes())


@pytest.mark.parametrize("doubtful", [(), (1,), (0, 2), [2], (0, 1, 2), (1, 1)])
def test_doubtful_studies_are_open_squares(doubtful):
    """With the same edge as the others, at their places."""
    found = squares(drawn(doubtful=doubtful))

    assert [tuple(each) for each in found.get_facecolors()] == [
        WHITE if place in doubtful else BLUE for place in range(3)
    ]
    assert {tuple(each) for each in found.get_edgecolors()} == {BLUE}


def test_a_single_study_is_a_forest():
    """One row is enough where nothing is pooled."""
    ax = drawn([3.6], [1.48], ["ESCAPE"], margin=8)

    assert labels(ax) == ["ESCAPE"]
    assert sorted(line.get_xdata()[0] for line in ax.lines) == [-8, 0, 8]


def test_no_difference_is_marked_without_a_margin():
    """One line, at 0."""
    assert [line.get_xdata()[0] for line in drawn().lines] == [0]


def test_an_interval_may_have_no_width():
    """As printed: a difference that was rounded so coarsely."""
    assert spans(drawn([0.5], [0.01], ["A"], intervals=[(0.5, 0.5)]))[0] == [(0.5, 0.5)]


@pytest.mark.slow
def test_names_are_text_not_formulas():
    """A dollar in a name or under the axis is a dollar, and drawing it is no crash."""
    ax = drawn([1], [1], ["a $x_1$ {b}"], label="in $ and $\\frac")
    ax.figure.draw_without_rendering()

    assert ax.get_xlabel() == "in $ and $\\frac"
    assert [each.replace("\\", "") for each in labels(ax)] == ["a $x_1$ {b}"]


def test_without_axes_a_new_figure_is_made():
    """And what is returned lies in it."""
    assert plot.forest(Y, SE, names=NAMES).figure.axes != []


# The words ------------------------------------------------------------------------------------------------------------


def test_studies_alone_in_words():
    """Each with its interval, and no word of a pool."""
    assert plot.describe(plot.forest(Y, SE, names=NAMES)) == (
        "Forest plot of the studies, in brackets the 95% CI: A 0.10 (−0.10 to 0.30); B 0.50 (0.11 to 0.89); "
        "C −0.9 (−1.7 to −0.1)."
    )


def test_printed_intervals_in_words():
    """In Dutch notation, with the digits that their widths call for."""
    told = plot.describe(plot.forest(Y, SE, names=NAMES, intervals=PRINTED, lang="nl"))

    assert told == (
        "Forestplot van de studies, tussen haakjes het 95%-BI: A 0,10 (−0,20 tot 0,30); B 0,5 (0,1 tot 1,9); "
        "C −0,9 (−1,7 tot −0,1)."
    )


def test_printed_intervals_beside_a_pool_in_words():
    """The studies as printed, the pool as computed."""
    pooled = evidence.pool(Y, SE, method="fixed")
    told = plot.describe(plot.forest(Y, SE, names=NAMES, pooled=pooled, intervals=PRINTED))

    assert "B 0.5 (0.1 to 1.9)" in told
    assert "Pooled: " in told
    assert (
        told.split("Pooled: ")[1] == plot.describe(plot.forest(Y, SE, names=NAMES, pooled=pooled)).split("Pooled: ")[1]
    )


@pytest.mark.parametrize("lang", LANGUAGES)
@examples(25)
@given(
    st.lists(
        st.tuples(st.floats(-100, 100), st.floats(0.01, 50), st.floats(0.01, 50)),
        min_size=1,
        max_size=4,
    )
)
def test_words_name_every_study_once(lang, studies):
    """Whatever the numbers; nothing is left open or endless."""
    names = [f"study {place}" for place in range(len(studies))]
    y = [each[0] for each in studies]
    intervals = [(middle - below, middle + above) for middle, below, above in studies]
    told = plot.describe(plot.forest(y, [1.0] * len(y), names=names, intervals=intervals, lang=lang))

    assert all(told.count(name) == 1 for name in names)
    assert not [each for each in ("nan", "inf", "∞", "{") if each in told]


# Bad input ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("studies", "intervals", "message"),
    [
        (([1, 2], [1, 1], ["A"]), None, "estimates, se and names must be of equally many studies, got 2, 2 and 1"),
        (([1, 2], [1], ["A", "B"]), None, "estimates, se and names must be of equally many studies, got 2, 1 and 2"),
        (([[1]], [[1]], ["A"]), None, "estimates, se and names must be of equally many studies, got 1, 1 and 1"),
        (([], [], []), None, "estimates, se and names must be of at least one study, got none"),
        (([1, 2], [1, 0], ["A", "B"]), None, "se must be above 0, got 0.0 at position 1"),
        (([1], [-1], ["A"]), None, "se must be above 0, got -1.0 at position 0"),
        (([1], [np.nan], ["A"]), None, "se must be finite, got nan"),
        (([np.inf], [1], ["A"]), None, "estimates must be finite, got inf"),
        ((["1,5"], [1], ["A"]), None, "estimates must be a sequence of numbers, got ['1,5']"),
        (([1, 2], [1, 1], ["A", "B"]), [(0, 2)], "intervals must be two ends for each of 2 studies, got shape (1, 2)"),
        (([1], [1], ["A"]), [0, 2], "intervals must be two ends for each of 1 studies, got shape (2,)"),
        (([1], [1], ["A"]), [(0, np.inf)], "intervals must be finite, got inf"),
        (([1], [1], ["A"]), [("0", "2")], "intervals must be a sequence of numbers, got [('0', '2')]"),
        (
            ([1, 2], [1, 1], ["A", "B"]),
            [(0, 2), (9.9, 0.6)],
            "intervals must run upwards, got 9.9 to 0.6 at position 1",
        ),
    ],
)
def test_what_is_no_forest_is_refused(studies, intervals, message):
    """Before anything is drawn."""
    with pytest.raises(InputError) as caught:
        plot.forest(*studies[:2], names=studies[2], intervals=intervals)

    assert str(caught.value) == message


@pytest.mark.parametrize("place", [3, -1, "A"])
def test_a_doubtful_study_that_there_is_none_of_is_refused(place):
    """A mark that nobody sees would be worse than none."""
    with pytest.raises(InputError) as caught:
        drawn(doubtful=[0, place])

    assert str(caught.value) == f"doubtful must hold places of the 3 studies, from 0 on, got {place!r}"


@pytest.mark.parametrize("margin", [0, -8])
def test_a_margin_has_a_size(margin):
    """It is drawn on both sides."""
    with pytest.raises(InputError, match=f"margin must be above 0, got {margin}"):
        drawn(margin=margin)
