"""Verbs that take several arrays match them by label: studies, patients, ages, draws and times."""

from __future__ import annotations

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest
import trial_tables
import xarray as xr

from hecon import evidence, payment, plot, prices, trial, zin
from hecon.errors import InputError
from hecon.trial import valuation
from hecon.trial.table.reading import source_of

mpl.use("Agg")

STUDIES = ["Ade 2001", "Bex 2003", "Cole 2010", "Dorn 2019"]
ESTIMATES = pd.Series([0.1, 0.3, 0.35, 0.65], index=STUDIES)
ERRORS = pd.Series([0.1, 0.12, 0.15, 0.2], index=STUDIES)


def people(seed=1, size=60):
    """Return a table of patients: arm, age and costs that rise with age."""
    rng = np.random.default_rng(seed)
    table = pd.DataFrame({"arm": np.tile(["usual", "new"], size // 2), "age": rng.integers(40, 80, size)})
    table["cost"] = rng.gamma(4, table["age"] * np.where(table["arm"] == "new", 8, 10))
    table.index = [f"patient {place}" for place in range(size)]
    return table


def mixed_up(values, by=1):
    """Return a Series or a table with its rows in another order."""
    return values.iloc[np.roll(np.arange(len(values)), by)]


def test_studies():
    """A pool and a forest, of estimates, errors and intervals in other orders."""
    pooled = evidence.pool(ESTIMATES, ERRORS)
    plain = evidence.pool(ESTIMATES.to_numpy(), ERRORS.to_numpy())
    ends = pd.DataFrame({"low": ESTIMATES - 0.2, "high": ESTIMATES + 0.3})
    options = {"names": STUDIES, "pooled": pooled, "lang": "en"}
    text = plot.describe(plot.forest(ESTIMATES, ERRORS, intervals=ends, **options))

    assert (pooled.estimate, pooled.weights.tolist()) == (plain.estimate, plain.weights.tolist())
    assert evidence.pool(ESTIMATES, mixed_up(ERRORS)).estimate == pooled.estimate
    assert evidence.pool(ESTIMATES.to_numpy(), mixed_up(ERRORS).to_numpy()).estimate != pooled.estimate
    assert plot.describe(plot.forest(ESTIMATES, mixed_up(ERRORS), intervals=mixed_up(ends), **options)) == text
    with pytest.raises(InputError, match=r"same labels of their studies, got 'Dorn 2019' \(position 3\) in estimates"):
        evidence.pool(ESTIMATES, ERRORS.rename({"Dorn 2019": "Dorn 2018"}))
    with pytest.raises(InputError, match="estimates has labels of its studies and se has none"):
        plot.forest(ESTIMATES, ERRORS.to_numpy(), names=STUDIES)
    masked = np.ma.array([0.1, 0.3, 9.0], mask=[0, 0, 1])
    for call in (evidence.pool, lambda *given: plot.forest(*given, names=STUDIES[:3])):
        with pytest.raises(InputError, match="estimates must have no masked numbers"):
            call(masked, [0.1, 0.1, 0.1])


def test_columns_of_a_table_of_patients():
    """A dict of Series is matched by label, and rows that a column lacks are refused and not made missing."""
    table = people(size=10)
    design = trial_tables.wide_design()
    columns = {"id": table.index.to_series(), "cost": mixed_up(table["cost"])}
    source = source_of(columns, design)

    assert source.columns["cost"].tolist() == table["cost"].tolist()
    for wrong in (table["cost"].iloc[:-1], table["cost"].to_numpy()):
        with pytest.raises(InputError, match=r"(same labels of their rows|has labels of its rows)") as caught:
            source_of({**columns, "cost": wrong}, design)
        assert "patient 9" not in str(caught.value)


def test_hours_of_patients():
    """Hours of absence and hours per week; the costs have the patients' labels."""
    hours = pd.DataFrame([[100, 0], [400, 400]], index=["a", "b"], columns=["first", "second"])
    weekly = pd.Series([20.0, 40.0], index=["b", "a"])
    options = {"price_per_hour": 30, "friction_weeks": 10}
    periods = [(0, 3), (3, 6)]
    found = valuation.productivity_cost(hours, periods, hours_per_week=weekly, **options)

    assert found.equals(pd.DataFrame([[3000.0, 0.0], [6000.0, 0.0]], index=["a", "b"], columns=hours.columns))
    assert valuation.productivity_cost(hours.to_numpy(), periods, hours_per_week=[40, 20], **options).tolist() == (
        found.to_numpy().tolist()
    )
    with pytest.raises(InputError, match="hours has labels of its patients and hours_per_week has none"):
        valuation.productivity_cost(hours, periods, hours_per_week=[40, 20], **options)
    assert valuation.productivity_cost(hours, periods, hours_per_week=40, **options).index.tolist() == ["a", "b"]


@pytest.mark.parametrize(
    "verb",
    [lambda use: valuation.resource_cost(use, 2), lambda use: prices.indexed(use, price_year=2022, to_year=2022) * 2],
)
def test_amounts_keep_their_labels(verb):
    """A Series, a table or a DataArray comes back as one; nullable amounts are missing where they are."""
    series = pd.Series([1.0, np.nan], index=["b", "a"], name="visits")
    table = pd.DataFrame({"m3": [1.0, np.nan]}, index=["b", "a"])
    array = xr.DataArray([1.0, 2.0], dims="patient", coords={"patient": ["b", "a"]})

    assert verb(series).equals(series * 2)
    assert verb(table).equals(table * 2)
    assert verb(array).equals(array * 2)
    assert verb(pd.Series([1, None], dtype="Int64")).equals(pd.Series([2.0, np.nan]))
    with pytest.raises(InputError, match="must have no masked numbers"):
        verb(np.ma.array([1.0, 9.0], mask=[0, 1]))


def test_ages_of_a_cohort():
    """Ages, sexes and weights of the same people."""
    ages, female, weights = (pd.Series(each, index=["a", "b"]) for each in ([40, 70], [0.0, 1.0], [1.0, 3.0]))
    expected = zin.population_qale(ages.to_numpy(), female=female.to_numpy(), weights=weights.to_numpy())

    assert zin.population_qale(ages, female=female[::-1], weights=weights[::-1]) == expected
    assert zin.population_qale(ages, female=0.5) == zin.population_qale([40, 70], female=0.5)
    with pytest.raises(InputError, match="age has labels of its ages and weights has none"):
        zin.population_qale(ages, female=0.5, weights=[1, 3])


def test_columns_of_tables_of_a_population():
    """Rates and norms are matched with the ages of their rows."""
    ages = pd.Series([20.0, 60.0, 90.0], index=["young", "old", "oldest"])
    rates = pd.Series([0.001, 0.02, 0.4], index=ages.index)
    plain = zin.LifeTable("own", ages.tolist(), rates.tolist(), rates.tolist(), measure="m")
    norms = zin.Norms("own", ages, male=mixed_up(1 - rates), female=1 - rates, male_se=mixed_up(rates), female_se=rates)

    assert zin.LifeTable("own", ages, mixed_up(rates), rates, measure="m") == plain
    assert norms.male == norms.female
    assert norms.male_se == norms.female_se == (0.001, 0.02, 0.4)
    with pytest.raises(InputError, match="same labels of their rows, got 'oldest'"):
        zin.LifeTable("own", ages, rates.rename({"oldest": "eldest"}), rates, measure="m")


def test_draws_of_a_shortfall():
    """Draws of how long and how bad belong together."""
    decrement, years = (pd.Series(each, index=["d1", "d2"]) for each in ([0.1, 0.4], [2.0, 30.0]))
    expected = zin.shortfall(age=33, female=0, decrement=decrement.to_numpy(), years=years.to_numpy())
    apart = zin.shortfall(age=33, female=0, decrement=decrement.to_numpy(), years=years[::-1].to_numpy())
    found = zin.shortfall(age=33, female=0, decrement=decrement, years=years[::-1])

    assert found.proportional == expected.proportional != apart.proportional
    with pytest.raises(InputError, match="same labels of their draws, got 'd2'"):
        zin.shortfall(age=33, female=0, decrement=decrement, years=years.rename({"d2": "d3"}))


def test_times_of_a_course():
    """Utilities are matched with their times, as columns and as rows."""
    times = pd.Series([0.0, 1.0, 5.0], index=["a", "b", "c"])
    values = pd.Series([0.5, 0.7, 0.8], index=["a", "b", "c"])
    expected = zin.shortfall(age=60, female=0, utility=([0, 1, 5], [0.5, 0.7, 0.8]))
    table = pd.DataFrame([[0.8, 0.5, 0.7]] * 2, columns=[5.0, 0.0, 1.0])

    assert zin.shortfall(age=60, female=0, utility=(times, values[::-1])).proportional == expected.proportional
    assert zin.shortfall(age=60, female=0, utility=([0, 1, 5], table)).proportional == pytest.approx(
        expected.proportional
    )
    with pytest.raises(InputError, match="utility must be labelled with the times 0, 1, 5, got 5, 0, 2"):
        zin.shortfall(age=60, female=0, utility=([0, 1, 5], table.set_axis([5.0, 0.0, 2.0], axis=1)))


@pytest.mark.parametrize("kind", [str, bool, complex, object])
def test_payments_are_of_numbers(kind):
    """Text, truth values and the like are no numbers of treatments, nor is what lies under a mask."""
    schemes = (payment.FeeForService(tariff=30), payment.Bundle(price=100), payment.StopLoss(threshold=1, payment=2))

    for scheme in schemes:
        with pytest.raises(InputError, match="treatments must hold numbers only"):
            scheme.paid("any", np.array([1, 2]).astype(kind))
        with pytest.raises(InputError, match="treatments must have no masked numbers"):
            scheme.paid("any", np.ma.array([1.0, 2], mask=[0, 1]))
    with pytest.raises(InputError, match="result must hold numbers only"):
        payment.RiskCorridor(width=1, share=0.5).settled(np.array([1, 2]).astype(kind))


def test_utilities_and_weights_stay_arrays_for_arrays():
    """Plain input gives plain output."""
    assert isinstance(trial.qalys(np.ones((2, 2)), [0, 12]), np.ndarray)
    assert isinstance(valuation.resource_cost([1, 2], 3), np.ndarray)
