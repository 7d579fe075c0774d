"""Teaching trials: what is missing, the design that reads them, the files, and what is refused."""

from __future__ import annotations

import json
import tomllib
import warnings

import numpy as np
import pandas as pd
import pytest
from teaching import MONTHS, QALY, TARGETS, cost, difference, large, utilities

from hecon import datasets, trial
from hecon.datasets import draw_patients, model_of
from hecon.errors import InputError, StatisticalWarning
from hecon.trial.valuation import discount_factors


@pytest.fixture(scope="module")
def whole():
    return large("none")


@pytest.fixture(scope="module")
def holed():
    return large("mar")


@pytest.fixture(scope="module")
def qalys(whole):
    return utilities(whole) @ QALY


@pytest.mark.slow
@pytest.mark.counted
def test_what_is_observed_is_the_same_whatever_is_missing(whole, holed):
    some = large("mnar")
    for other in (holed, some):
        for column in whole:
            seen = other[column].notna()
            assert (other.loc[seen, column] == whole.loc[seen, column]).all()
    assert whole.notna().all().all()
    assert not holed["mo_24"].isna().equals(some["mo_24"].isna())


@pytest.mark.slow
@pytest.mark.counted
def test_about_one_in_ten_is_lost_by_the_end(holed):
    """Of those who answer until then a few skip the last questionnaire."""
    assert 0.09 < holed["gp_24"].isna().mean() < 0.14
    assert 0.6 < holed.notna().all(axis=1).mean() < 0.75
    months = [holed[f"gp_{month}"].isna().mean() for month in MONTHS[1:]]
    assert months == sorted(months)
    assert holed.filter(like="operations_").notna().all().all()
    assert holed.filter(regex="_0$|_before$").notna().all().all()


@pytest.mark.slow
@pytest.mark.counted
def test_complete_cases_mislead(holed, whole, qalys):
    """Against the same trial in full: by half its standard error in QALYs, by a sixth of it in costs."""
    values, costs = utilities(holed) @ QALY, cost(holed)
    complete = np.isfinite(values) & np.isfinite(costs)
    effect = difference(holed, np.where(complete, values, np.nan))[0] - difference(whole, qalys)[0]
    euros = difference(holed, np.where(complete, costs, np.nan))[0] - difference(whole, cost(whole))[0]
    assert effect > 0.5 * TARGETS[1]
    assert euros < -TARGETS[0] / 6


def hidden(table, whole):
    """Return the utility at 6 months of silent minus that of answering exercise patients, alike at 0 and 3 months."""
    seen = (table["arm"] == "exercise") & table["mo_3"].notna() & table["gp_3"].notna()
    known = utilities(whole[seen])
    rows = pd.DataFrame({"start": known[:, 0], "last": known[:, 1], "now": known[:, 2]})
    rows["silent"] = table.loc[seen, "gp_6"].isna().to_numpy()
    means = rows.pivot_table(index=["start", "last"], columns="silent", values="now")
    weights = rows[rows["silent"]].groupby(["start", "last"]).size()
    gap = (means[True] - means[False]).loc[weights.index]
    return float((gap * weights).sum() / weights.sum())


@pytest.mark.slow
@pytest.mark.counted
def test_drop_out_follows_the_hidden_utility_only_if_not_at_random(holed, whole):
    some = large("mnar")
    assert abs(hidden(holed, whole)) < 0.006
    assert hidden(some, whole) < -0.01


@pytest.mark.slow
@pytest.mark.counted
def test_the_design_reads_the_table_to_the_same_costs_and_qalys():
    table, design = datasets.simulate_trial(n=(400, 300), missing="none", rng=7), datasets.trial_design("meniscus")
    data = trial.trial_data(table, design)
    assert data.simulated
    assert data.strategies == ("surgery", "exercise")
    np.testing.assert_allclose(data.utilities, utilities(table), atol=1e-12)
    factors = discount_factors([(each.start, each.end) for each in data.items], discount=0.03)
    np.testing.assert_allclose(data.costs @ factors, cost(table), rtol=1e-10)
    np.testing.assert_array_equal(data.arm, (table["arm"] == "exercise").astype(int))


@pytest.mark.slow
@pytest.mark.counted
def test_the_design_reads_a_table_with_missing_answers():
    table = datasets.simulate_trial(rng=8)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", StatisticalWarning)
        data = trial.trial_data(table, datasets.trial_design("meniscus"))
    np.testing.assert_array_equal(np.isnan(data.utilities), np.isnan(utilities(table)))
    assert np.isnan(data.costs).any()


def test_it_says_everywhere_that_it_is_simulated(tmp_path):
    table, design = datasets.simulate_trial(rng=9), datasets.trial_design("meniscus")
    assert table.attrs["simulated"]
    assert design.simulated
    assert all("imulated" in text for text in (table.attrs["title"], table.attrs["note"], design.title))
    records, written, _ = datasets.write_trial("meniscus", tmp_path, rng=9)
    assert all("simulated" in path.name for path in (records, written))
    assert written.read_text().startswith("# SIMULATED")
    assert tomllib.loads(written.read_text())["simulated"] is True


def test_a_written_trial_reads_back(tmp_path):
    table = datasets.simulate_trial(rng=9)
    records, written, _ = datasets.write_trial("meniscus", tmp_path, rng=9)
    again = pd.read_csv(records, parse_dates=["randomised_on", "measured_on"])
    pd.testing.assert_frame_equal(again, table, check_dtype=False)
    assert trial.read_design(written) == datasets.trial_design("meniscus")
    told = [line for line in written.read_text().splitlines() if line.startswith("# delta_effect = ")]
    assert float(told[0].split(" = ")[1]) == table.attrs["truth"]["delta_effect"]


def test_what_is_told_is_plain_and_one_caller_cannot_change_it_for_another():
    first = datasets.simulate_trial(rng=1).attrs
    assert json.loads(json.dumps(first)) == first
    first["truth"]["delta_cost"]["societal"] = 0
    assert datasets.simulate_trial(rng=1).attrs["truth"]["delta_cost"]["societal"] == pytest.approx(-1803)


def test_the_smallest_trial_has_one_patient_per_arm():
    assert datasets.simulate_trial(n=(1, 1), rng=1)["arm"].tolist().count("exercise") == 1


def test_records_of_one_arm_alone_are_its_own():
    """Sizes are of the comparator first inside, of the exercise arm first outside."""
    assert draw_patients(model_of("meniscus"), (5, 2), np.random.default_rng(1)).arm.sum() == 2
    assert (datasets.simulate_trial(n=(2, 5), rng=1)["arm"] == "exercise").sum() == 2


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"name": "knee"}, "name must be one of 'meniscus', got 'knee'"),
        ({"missing": "mcar"}, "missing must be one of 'none', 'mar', 'mnar', got 'mcar'"),
        ({"n": 321}, "n must be two numbers, of the exercise and of the surgery arm, got 321"),
        ({"n": (10, 0)}, "n must be a whole number of at least 1, got 0"),
        ({"rng": -1}, "rng must be a non-negative int seed"),
    ],
)
def test_wrong_options_are_refused(options, message):
    with pytest.raises(InputError, match=message.replace("(", r"\(")):
        datasets.simulate_trial(**{"rng": 1} | options)


def test_an_unknown_trial_has_no_design_and_no_figures():
    for verb in (datasets.trial_design, datasets.figures):
        with pytest.raises(InputError, match="name must be one of 'meniscus', got 'acl'"):
            verb("acl")


def test_a_folder_that_does_not_exist_is_refused(tmp_path):
    with pytest.raises(InputError, match="folder must be a folder that exists"):
        datasets.write_trial("meniscus", tmp_path / "none", rng=1)


def test_the_figures_are_those_of_the_design():
    """What a reader is told is what is computed with."""
    told = {each.name: each.value for each in datasets.figures("meniscus")}
    design = datasets.trial_design("meniscus")
    prices = {each.category: each.price for each in design.cost}
    settings = told["settings"]

    assert prices["operation"] == told["operation_price"]
    assert (design.analysis.price_year, design.analysis.discount_cost) == (
        settings["price_year"],
        settings["discount_cost"],
    )
    assert design.analysis.discount_effect == settings["discount_effect"]
    assert {each.absence.hours_per_week for each in design.cost if each.absence} == {settings["hours_per_week"]}
