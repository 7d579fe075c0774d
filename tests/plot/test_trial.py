"""The figures of a trial's imputation: what the chains did, what was observed, and never fewer than five patients."""

import dataclasses
from dataclasses import replace
from functools import cache

import matplotlib.pyplot as plt
import numpy as np
import pytest
from patients import made

from hecon import plot, trial
from hecon.errors import InputError
from hecon.locale import Locale
from hecon.plot.trials import imputed_rows, row_label


@pytest.fixture(autouse=True)
def _no_figure_left():
    """Close what a test left open."""
    yield
    plt.close("all")


def few(data):
    """Return a trial of which, in the first arm, no more than four values of each variable are missing."""
    own = data.arm == 0
    utilities, costs = data.utilities.copy(), data.costs.copy()
    for values in (utilities, costs):
        filled = np.where(np.isnan(values), np.nanmean(values, axis=0), values)
        values[own] = filled[own]
        values[np.flatnonzero(own)[:4], 1:] = np.nan
    return replace(data, utilities=utilities, costs=costs)


@cache
def analysis(kind="usual"):
    """Return the analysis of a small trial."""
    rng = np.random.default_rng(3)
    data = made(rng, missing=0) if kind == "whole" else made(rng)
    return trial.analyse(few(data) if kind == "few" else data, imputations=4, iterations=6, replicates=50, rng=1)


def variable(name, kind="usual"):
    """Return a variable that can be shown."""
    return next(each for each in imputed_rows(analysis(kind)) if each.name == name)


def heights(ax):
    """Return the course of each line."""
    return [line.get_ydata() for line in ax.lines]


def test_a_line_of_the_trace_is_the_mean_of_a_set_by_iteration():
    """One for each set and arm, in the arm's colour."""
    ax = plot.imputation_trace(analysis(), variable="utility at 12 months")
    place = analysis().imputation.variables.names.index("utility at 12 months")
    trace = analysis().imputation.trace[:, :, :, place, 0]

    assert np.array_equal(np.array(heights(ax)), np.concatenate([trace[0].T, trace[1].T]))
    assert len({line.get_color() for line in ax.lines}) == 2
    assert [each.get_text() for each in ax.texts] != []
    assert {each.get_text() for each in ax.texts} == {"usual care", "intervention"}


@pytest.mark.parametrize("part", ["imputation", "description"])
@pytest.mark.parametrize("draw", [plot.imputation_trace, plot.observed_imputed])
def test_a_part_of_the_analysis_is_not_the_analysis(draw, part):
    """What is asked for is named."""
    given = getattr(analysis(), part)

    with pytest.raises(InputError, match=f"must be the TrialAnalysis .* got {type(given).__name__}: give the whole"):
        draw(given)


def test_the_axes_are_as_wide_as_the_chains():
    """Naming the arms at their ends neither widens nor narrows them."""
    ax = plot.imputation_trace(analysis(), variable="utility at 24 months")
    steps = variable("utility at 24 months").trace[1].shape[0]
    values = np.array(heights(ax))

    assert ax.get_xlim()[0] < 1
    assert steps < ax.get_xlim()[1] < steps + 1
    assert ax.get_ylim()[0] < values.min()
    assert values.max() < ax.get_ylim()[1]
    assert ax.get_ylim()[1] - ax.get_ylim()[0] < 1.2 * (values.max() - values.min())


def test_the_variable_with_most_missing_is_the_default():
    most = max(imputed_rows(analysis()), key=lambda each: each.missing)

    assert plot.imputation_trace(analysis()).get_ylabel() == row_label(most.row, Locale("en"))


@pytest.mark.parametrize(
    ("lang", "label", "axis", "tick"),
    [("nl", "care, maand 0 tot 12", "iteratie", "€"), ("en", "care, months 0 to 12", "iteration", "€")],
)
def test_the_trace_speaks_the_language(lang, label, axis, tick):
    """Costs are amounts."""
    ax = plot.imputation_trace(analysis(), variable="care, 0 to 12 months", lang=lang)

    assert (ax.get_ylabel(), ax.get_xlabel()) == (label, axis)
    assert ax.yaxis.get_major_formatter()(100, 0).startswith(tick)


def test_the_words_of_the_trace_are_its_numbers():
    """First and last mean of each arm, and the range between the sets."""
    text = plot.describe(plot.imputation_trace(analysis(), variable="utility at 24 months", lang="nl"))
    means = variable("utility at 24 months").trace[1][:, :, 0]

    first, last, low, high = (
        Locale("nl").number(value, 2) for value in (means[0].mean(), means[-1].mean(), means[-1].min(), means[-1].max())
    )
    assert (
        f"intervention {first} na de eerste iteratie en {last} na de laatste (tussen de sets {low} tot {high})" in text
    )


def test_observed_and_imputed_stand_at_their_means():
    """Filled and open; the imputed mean and spread are those of the values of all sets together."""
    data = made(np.random.default_rng(3))
    ax = plot.observed_imputed(analysis())
    marks = [line for line in ax.lines if line.get_marker() == "o"]
    column = analysis().imputation.variables.utilities.start + 1
    absent = np.isnan(data.utilities[:, 1]) & (data.arm == 0)
    imputed = analysis().imputation.values[:, absent, column]
    observed = data.utilities[(data.arm == 0) & ~absent, 1]

    assert [each.get_text() for each in ax.get_yticklabels()] == ["utility, month 12", "utility, month 24"]
    assert len(marks) == 8
    assert marks[0].get_xdata()[0] == pytest.approx(observed.mean())
    assert marks[1].get_xdata()[0] == pytest.approx(imputed.mean())
    assert marks[1].get_markerfacecolor() == "none"
    spread = ax.lines[2].get_xdata()
    assert (spread[1] - spread[0]) / 2 == pytest.approx(imputed.std())


def test_of_costs_the_eight_with_most_missing_are_shown():
    """In the order of the table."""
    data = made(np.random.default_rng(3))
    items = [dataclasses.replace(each, category=f"{each.category} {i}") for i in range(3) for each in data.items]
    wide = replace(
        data,
        items=tuple(items),
        costs=np.tile(data.costs, 3) * np.random.default_rng(1).uniform(1, 2, (data.arm.size, 12)),
        perspectives={"societal": tuple({each.category for each in items})},
    )
    found = trial.analyse(wide, imputations=2, iterations=1, replicates=50, rng=1)
    shown = [each.get_text().replace("\n", " ") for each in plot.observed_imputed(found, kind="cost").get_yticklabels()]
    labels = [row_label(each.row, Locale("en")) for each in imputed_rows(found) if each.row.kind == "cost"]

    assert len(shown) == 8
    assert shown == [each for each in labels if each in shown]
    assert len(plot.imputation_trace(found).lines) == 4


def test_the_words_of_observed_and_imputed_are_their_means():
    text = plot.describe(plot.observed_imputed(analysis(), kind="cost", lang="nl")).replace("\N{NO-BREAK SPACE}", " ")
    row = variable("care, 0 to 12 months").row

    assert text.startswith("Waargenomen en geïmputeerde gemiddelden. care, maand 0 tot 12: usual care waargenomen € ")
    mean = Locale("nl").money(row.mean[1]).replace("\N{NO-BREAK SPACE}", " ")
    assert f"intervention waargenomen {mean}, geïmputeerd" in text


def test_the_legend_names_arms_and_marks():
    legend = plot.observed_imputed(analysis(), lang="nl").get_legend()

    assert [each.get_text() for each in legend.get_texts()] == [
        "usual care",
        "intervention",
        "waargenomen",
        "geïmputeerd",
    ]


def test_an_arm_with_fewer_than_five_imputed_values_is_not_shown():
    """An imputed value is one that another patient had."""
    assert {arm for each in imputed_rows(analysis("few")) for arm in each.trace} == {1}
    assert len(plot.imputation_trace(analysis("few")).lines) == 4
    assert "usual care" not in plot.describe(plot.observed_imputed(analysis("few")))


@pytest.mark.parametrize("figure", [plot.imputation_trace, plot.observed_imputed])
def test_without_imputed_sets_there_is_nothing_to_show(figure):
    with pytest.raises(InputError, match=r"^analysis must hold imputed sets with at least 5 values of a variable"):
        figure(analysis("whole"))


def test_what_cannot_be_shown_is_named():
    """A variable without missing values, and a kind that is not known or has none."""
    with pytest.raises(InputError, match=r"^variable must be one of 'utility at 12 months'"):
        plot.imputation_trace(analysis(), variable="age")
    with pytest.raises(InputError, match=r"^kind must be one of 'utility', 'effect', 'cost', got 'age'"):
        plot.observed_imputed(analysis(), kind="age")
    found = analysis()
    rows = tuple(replace(each, kind="covariate") if each.kind == "cost" else each for each in found.description.rows)
    with pytest.raises(InputError, match=r"^kind must be one of which at least 5 values were imputed in an arm"):
        plot.observed_imputed(replace(found, description=replace(found.description, rows=rows)), kind="cost")


def test_the_figures_use_the_axes_given():
    _, (first, second) = plt.subplots(1, 2)

    assert plot.imputation_trace(analysis(), ax=first) is first
    assert plot.observed_imputed(analysis(), ax=second) is second
