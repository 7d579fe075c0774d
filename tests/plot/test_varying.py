"""Figures of a sensitivity analysis: bars, map and curves as the results say, and words that say the same."""

import matplotlib.pyplot as plt
import numpy as np
import pytest

import hecon
from hecon import plot
from hecon.errors import InputError
from hecon.parameters import draw, fixed, normal

START = {"price": 900.0, "gain": 0.02}
RANGES = {"gain": (0.015, 0.025), "price": (500, 1500)}


@pytest.fixture(autouse=True)
def _no_figure_left():
    """Close what a test left open."""
    yield
    plt.close("all")


def model(p):
    return {"usual": 0.0, "new": p["price"], "old": 2000.0}, {"usual": 0.0, "new": p["gain"], "old": 0.01}


def vary(start=START, **options):
    return hecon.sensitivity(model, start, **{"wtp": 50_000, "comparator": "usual"} | options)


def plain(text):
    return text.replace("\N{NO-BREAK SPACE}", " ")


def test_bars_are_as_wide_as_the_ranges():
    ax = plot.tornado(vary(ranges=RANGES), strategy="new", names={"gain": "QALYs gained"})
    ends = [sorted((each.get_x(), each.get_x() + each.get_width())) for each in ax.patches]

    # The widest on top: the price moves 1,000 euros, the gain 500.
    assert [each.get_text() for each in ax.get_yticklabels()] == ["price\n500 to 1,500", "QALYs gained\n0.015 to 0.025"]
    assert ends == [pytest.approx(sorted(each)) for each in ((100, 500), (100, -500), (100, -150), (100, 350))]


@pytest.mark.parametrize(
    ("lang", "words"),
    [
        (
            "en",
            (
                "Incremental net benefit of new over usual at €50,000 per QALY: €100 with every input at its base "
                "value, and over the range of each input: price (500 to 1,500): −€500 to €500; gain (0.015 to 0.025): "
                "−€150 to €350. The preferred option changes within the range of: price, gain."
            ),
        ),
        (
            "nl",
            (
                "Incrementele netto baat van new ten opzichte van usual bij € 50.000 per QALY: € 100 met alle invoer "
                "op de uitgangswaarde, en over de bandbreedte van elke invoer: price (500 tot 1.500): −€ 500 tot "
                "€ 500; gain (0,015 tot 0,025): −€ 150 tot € 350. "
                "De voorkeursoptie verandert binnen de bandbreedte van: price, gain."
            ),
        ),
    ],
)
def test_a_tornado_of_net_benefit_in_words(lang, words):
    assert plain(plot.describe(plot.tornado(vary(ranges=RANGES), strategy="new", lang=lang))) == words


def test_where_nothing_turns_the_words_say_so():
    found = vary(ranges={"price": (500, 900)})

    assert plot.describe(plot.tornado(found, strategy="new")).endswith("changes within none of the ranges.")


def test_a_map_shows_the_preferred_option():
    grid = vary(grid={"price": [1500, 500], "gain": [0.01, 0.02, 0.03]})
    ax = plot.two_way(grid)
    mesh = ax.collections[0].get_array()

    assert (ax.get_xlabel(), ax.get_ylabel()) == ("price", "gain")
    # Upward the gain, across the price in order: usual is 0, new is 1, and 3 where both are worth the same.
    np.testing.assert_array_equal(mesh, [[3, 0], [1, 0], [1, 3]])
    assert [each.get_text() for each in ax.get_legend().get_texts()] == ["usual", "new", "none (several equal)"]
    assert plot.describe(ax) == (
        "Preferred option at €50,000 per QALY over 6 pairs of price and gain: usual in 33%, new in 33%, "
        "none (several equal) in 33%."
    )
    assert plain(plot.describe(ax, lang="nl")) == (
        "Voorkeursoptie bij € 50.000 per QALY over 6 combinaties van price en gain: usual in 33%, new in 33%, "
        "geen (meerdere gelijk) in 33%."
    )
    assert ax.collections[1].get_offsets().tolist() == [[900, 0.02]]


def test_curves_are_the_probabilities():
    p = draw({"gain": normal(0.02, 0.01), "price": fixed(900)}, n=256, method="sobol", rng=1)
    grid = vary(p, grid={"price": [1500.0, 500.0]})
    ax = plot.over_parameter(grid)
    # Lines that lead to labels are of other values.
    curves = {tuple(line.get_ydata()) for line in ax.lines if list(line.get_xdata()) == [500, 1500]}

    assert curves == {
        tuple(grid["probability"].sel(option=each).squeeze().values[::-1]) for each in grid["option"].values
    }
    new, old = (f"{grid['probability'].sel(option=each, price=500).item():.2f}" for each in ("new", "old"))
    assert old == "0.00"
    assert f"new {new}, old <0.01 at 500; " in plot.describe(ax).replace("old 0.00", "old <0.01")
    assert plot.describe(ax, lang="nl").startswith("Kans op de hoogste netto baat bij")


@pytest.mark.parametrize(
    ("act", "said"),
    [
        (lambda: plot.tornado(vary(ranges=RANGES)), "strategy must be one of 'new', 'old', got None"),
        (
            lambda: plot.tornado(vary(ranges=RANGES, wtp=[1, 2]), strategy="new", wtp=3),
            "wtp must be one of 1.0, 2.0, got 3",
        ),
        (
            lambda: plot.tornado(hecon.budget.one_way(hecon.load("copd").budget), wtp=3),
            "strategy and wtp must be left out for a budget impact, which has neither",
        ),
        (
            lambda: plot.two_way(vary(grid={"price": [1, 2]})),
            "grid must be over two parameters, as hecon.sensitivity returns for grid=..., got price",
        ),
        (
            lambda: plot.two_way(vary(grid={"price": [1, 2], "gain": [3]})),
            "grid must have two or more values of 'gain' for a map, got [3.0]",
        ),
        (
            lambda: plot.over_parameter(vary(scenarios={"x": {"price": 1}})),
            "grid must be over one parameter, as hecon.sensitivity returns for grid=..., got none",
        ),
        (
            lambda: plot.over_parameter(vary(grid={"price": [1, 2]})),
            "grid must be of draws, got single values; give sensitivity draws of the parameters",
        ),
    ],
)
def test_what_is_refused(act, said):
    with pytest.raises(InputError) as caught:
        act()

    assert str(caught.value) == said
