"""The figure of a burden of disease: its areas are the QALYs, its scale the bands."""

import math

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.collections import FillBetweenPolyCollection

from hecon import plot, zin
from hecon.errors import InputError
from hecon.locale import Locale

TORN = {"age": 33, "female": 0.4, "decrement": 0.2, "years": 2}


@pytest.fixture(autouse=True)
def _no_figure_left():
    """Close what a test left open."""
    yield
    plt.close("all")


def areas(ax):
    """Return the area of each filled region."""
    found = []
    for each in ax.collections:
        if isinstance(each, FillBetweenPolyCollection):
            x, y = each.get_paths()[0].vertices.T
            found.append(abs(np.sum(x * np.roll(y, -1) - y * np.roll(x, -1))) / 2)
    return found


@pytest.mark.parametrize(
    "given",
    [
        TORN,
        {"age": 81.4, "female": 0.61, "decrement": 0.15, "years": math.inf},
        {"age": 60, "female": 0, "smr": 3, "utility": 0.6},
        {"age": 60, "female": 1, "survival": ([0, 2, 9], [1, 0.4, 0.1]), "beyond": "population", "utility": 0.7},
        {"age": 60, "female": 0.5, "hazard": ([0, 3], [0.2, 0.1])},
        {"age": [30, 50, 70], "female": 0.5, "weights": [1, 2, 1], "smr": 2},
    ],
)
def test_an_area_is_a_number_of_qalys(given):
    """What is drawn is what was computed: the patients' area, and the shortfall above it."""
    burden = zin.shortfall(**given)
    patients, lost = areas(plot.burden(burden))

    assert patients == pytest.approx(burden.qale_patients, abs=0.03)
    assert lost == pytest.approx(burden.absolute, abs=0.03)


def test_of_given_qalys_the_course_is_not_known():
    """The population's area stands alone."""
    burden = zin.shortfall(age=33, female=0.4, remaining_qalys=38.2)
    (population,) = areas(plot.burden(burden))

    assert population == pytest.approx(burden.qale_population, abs=0.03)


@pytest.mark.parametrize(("lang", "label", "value"), [("nl", "laag", "€ 20.000"), ("en", "low", "€20,000")])
def test_the_labels_speak_the_language(lang, label, value):
    """Axes, areas, bands and their reference values."""
    ax = plot.burden(zin.shortfall(**TORN), lang=lang)
    (scale,) = ax.child_axes
    bands = [each.get_text().replace("\N{NO-BREAK SPACE}", " ") for each in scale.texts]

    assert ax.get_xlabel() == Locale(lang).text("plot.age_axis")
    assert f"{label}\n{value}" in bands
    assert len(bands) == 4
    assert ("43,56" if lang == "nl" else "43.56") in ax.texts[0].get_text()


@pytest.mark.slow
def test_the_marker_stands_at_the_shortfall():
    """With the central 95% of the draws; what lies beyond the scale is held at its end."""
    uncertain = zin.shortfall(age=33, female=0, remaining_qalys=np.linspace(0, 40, 101))
    worse = zin.shortfall(age=33, female=0, utility=-0.3)
    (scale,) = plot.burden(uncertain).child_axes
    (beyond,) = plot.burden(worse).child_axes
    point, span = scale.lines[-1], scale.lines[-2]

    assert point.get_ydata() == pytest.approx([uncertain.proportional])
    assert span.get_ydata() == pytest.approx(uncertain.interval)
    assert beyond.lines[-1].get_ydata() == pytest.approx([1.0])


def test_negative_utilities_stay_in_the_picture():
    """The patients' area then lies below zero."""
    low, _ = plot.burden(zin.shortfall(age=33, female=0, utility=-0.3)).get_ylim()

    assert low < -0.3


def test_it_draws_where_it_is_told():
    """On the caller's axes, which come back."""
    _, ax = plt.subplots()

    assert plot.burden(zin.shortfall(**TORN), ax=ax) is ax


def test_without_an_age_there_is_nothing_to_draw():
    """Two numbers of QALYs have no course over age."""
    with pytest.raises(InputError) as caught:
        plot.burden(zin.shortfall(population_qalys=26, remaining_qalys=15))

    assert str(caught.value) == (
        "burden must have a course over age, got one from QALYs alone: give age and female to hecon.shortfall"
    )


def test_in_words():
    """What the figure shows, with its figures."""
    assert plot.describe(plot.burden(zin.shortfall(**TORN))) == (
        "Burden of disease. Areas over age: population 43.56 QALY, patients 43.16 QALY, shortfall 0.40 QALY. "
        "Proportional shortfall 0.009, band: below the lowest band."
    )
    assert plot.describe(plot.burden(zin.shortfall(**TORN), lang="nl")).endswith(
        "Proportionele ziektelast 0,009, categorie: onder de laagste categorie."
    )
