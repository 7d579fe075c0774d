"""The value of a study against its size: a curve below the value of certainty, and words that say the same."""

import matplotlib.pyplot as plt
import numpy as np
import pytest

import hecon
from hecon import plot
from hecon.errors import InputError


@pytest.fixture(autouse=True)
def _no_figure_left():
    """Close what a test left open."""
    yield
    plt.close("all")


@pytest.fixture(scope="module")
def found():
    draws = hecon.from_reported(
        "new",
        "usual",
        cost=hecon.Difference(1000, ci=(0, 2000)),
        effect=hecon.Difference("0.030", ci=("-0.010", "0.070")),
        assume={"correlation": hecon.Assumed(0, (-0.5, 0.5), reason="not reported")},
        rng=1,
    )
    return hecon.normal_information(draws, wtp=[20_000, 50_000], n=[400, 0, 100, 200, 50], patients=100)


def test_the_curve_is_the_result(found):
    ax = plot.study_size(found, wtp=50_000, patients=100)
    (curve, certain, mark) = ax.get_lines()

    assert curve.get_xdata().tolist() == [50, 100, 200, 400]
    np.testing.assert_array_equal(curve.get_ydata(), found["evsi"].sel(wtp=50_000, n=[50, 100, 200, 400]))
    assert set(certain.get_ydata()) == {float(found["evpi"].sel(wtp=50_000))}
    assert set(mark.get_xdata()) == {100}
    assert ax.get_xscale() == "log"


def test_the_error_of_a_simulated_study_is_drawn(found):
    """A band of 1.96 standard errors, not below 0 nor above certainty, and a dot for each size."""
    at = found.sel(wtp=[50_000])
    ax = plot.study_size(at.assign(se=at["evsi"] * 0 + 30.0))
    (band,) = ax.collections
    heights = band.get_paths()[0].vertices[:, 1]
    values = at["evsi"].sel(n=[50, 100, 200, 400]).to_numpy().ravel()
    (_, dots, _) = ax.get_lines()

    assert dots.get_xdata().tolist() == [50, 100, 200, 400]
    assert heights.min() == pytest.approx(max(values.min() - 1.96 * 30, 0))
    assert heights.max() == pytest.approx(min(values.max() + 1.96 * 30, at["evpi"].item()))


@pytest.mark.parametrize(
    ("lang", "axis", "words"),
    [
        ("en", "patients in a further study", "with 400 patients"),
        ("nl", "patiënten in een verdere studie", "met 400 pa"),
    ],
)
def test_a_study_of_one_arm_has_patients(found, lang, axis, words):
    ax = plot.study_size(found.assign_attrs(arms=1), wtp=50_000, lang=lang)

    assert ax.get_xlabel() == axis
    assert words in plot.describe(ax, lang=lang)
    assert "per arm" not in plot.describe(ax, lang=lang)


@pytest.mark.parametrize(
    ("lang", "start", "end"),
    [
        ("en", "Value of a further study per patient: €", "per arm; certainty is worth €248."),
        ("nl", "Waarde van een verdere studie per patiënt: € ", "per arm; zekerheid is € 248 waard."),
    ],
)
def test_the_words_hold_the_numbers(found, lang, start, end):
    words = plot.describe(plot.study_size(found, wtp=50_000, patients=100), lang=lang).replace(
        "\N{NO-BREAK SPACE}", " "
    )
    values = found["evsi"].sel(wtp=50_000, n=[50, 100, 200, 400]).round().values

    assert words.startswith(start)
    assert words.endswith(end)
    assert all(f"{value:.0f}" in words for value in values)


@pytest.mark.parametrize(
    ("change", "options", "message"),
    [
        (lambda found: found, {}, "wtp must be given: one of 20000, 50000"),
        (lambda found: found, {"wtp": 1}, "wtp must be one of 20000, 50000, got 1"),
        (lambda found: found.drop_vars("evsi"), {"wtp": 20_000}, "found must have evsi over n and wtp"),
        (lambda found: found.sel(n=[0, 50]), {"wtp": 20_000}, "two or more sizes n above 0, got 1"),
        (lambda found: found, {"wtp": 20_000, "patients": 0}, "patients must be"),
        (lambda _: 3, {}, "found must be"),
    ],
)
def test_what_cannot_be_drawn_is_refused(found, change, options, message):
    with pytest.raises(InputError, match=message):
        plot.study_size(change(found), **options)
