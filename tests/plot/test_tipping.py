"""The figure of a tipping map: options, border, and what it says in words."""

from dataclasses import replace

import matplotlib.pyplot as plt
import numpy as np
import pytest

from hecon import plot
from hecon.errors import InputError
from hecon.locale import LANGUAGES
from hecon.trial import TippingMap

UTILITY, COST = (-0.1, 0.0, 0.1), (0.5, 1.0, 1.5)


@pytest.fixture(autouse=True)
def _no_figure_left():
    """Close what a test left open."""
    yield
    plt.close("all")


def made(lift=0.0):
    """Return a map in which net benefit is 0 where the shift times 10 is the factor less 1."""
    benefit = np.array([[10 * shift - (factor - 1) + lift for factor in COST] for shift in UTILITY])
    border = np.array([[1 + 10 * shift if 0.5 <= 1 + 10 * shift <= 1.5 else np.nan for shift in UTILITY]])
    return TippingMap(
        "societal", "new", "usual", "new", "EUR", (20_000.0,), UTILITY, COST, 1000 * benefit[None],
        0.5 + 0.4 * np.tanh(2 * benefit)[None], border, (40, 80), np.array([[0.02, 0.0], [0.0, 0.0], [0.0, 0.3]]),
    )  # fmt: skip


def test_it_shows_both_options_the_border_and_the_main_analysis():
    ax = plot.tipping_map(made())
    legend = [each.get_text() for each in ax.get_legend().get_texts()]
    ticks = [each.get_text() for each in ax.get_xticklabels()]

    assert legend == ["usual", "new", "probability 0.75", "main analysis"]
    assert [line.get_xydata().tolist() for line in ax.lines] == [[[0.0, 1.0]]]
    assert ticks == ["\u22120.10\n(2%)", "0.00", "0.10\n(30%)"]
    (path,) = ax.collections[1].get_paths()
    np.testing.assert_allclose(10 * path.vertices[:, 0], path.vertices[:, 1] - 1, atol=1e-9)


def test_without_a_border_one_option_stands_alone():
    ax = plot.tipping_map(made(lift=5.0), names={"new": "New care"})

    assert [each.get_text() for each in ax.get_legend().get_texts()] == ["New care", "main analysis"]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_it_says_in_words_what_it_shows(lang):
    text = plot.describe(plot.tipping_map(made(), lang=lang)).replace("\N{NO-BREAK SPACE}", " ")

    assert ("0.00 with costs \u00d7 1.00" if lang == "en" else "0,00 met kosten \u00d7 1,00") in text
    assert "new" in text
    assert "56%" in text


def test_what_is_no_map_or_no_value_of_it_is_refused():
    with pytest.raises(InputError, match=r"found must be one of what hecon.trial.tipping_maps returned, got list"):
        plot.tipping_map([made()])
    with pytest.raises(InputError, match="wtp must be one of the map's, 20000, got 50000"):
        plot.tipping_map(made(), wtp=50_000)
    assert plot.tipping_map(replace(made(), held=np.zeros((3, 2))), wtp=20_000).get_xlabel().endswith("of new")
