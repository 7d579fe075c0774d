"""The flat tables: every result that a verb returns, rounded by its unit, whole in print and with nothing hidden."""

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from patients import made
from shipped import assessed

import hecon
from hecon import budget, trial
from hecon.errors import InputError

WTP = [20_000, 50_000, 80_000]


@pytest.fixture(scope="module")
def draws():
    """Return draws of three strategies with a name of two words among them."""
    rng = np.random.default_rng(1)
    cost = rng.normal([1000, 2000, 3000], [100, 300, 300], (500, 3))
    effect = rng.normal([1, 1.05, 1.2], [0.05, 0.05, 0.1], (500, 3))
    return hecon.from_arrays(cost, effect, strategies=["usual care", "exercise", "surgery"], comparator="usual care")


def test_ratios(draws):
    """Numbers stay numbers; intervals are words; a ratio without a meaning is an empty cell."""
    result = hecon.icer(draws)
    found = hecon.table(result)

    assert found["strategy"].tolist() == ["exercise", "surgery"]
    assert found["delta_cost [EUR]"].tolist() == result["delta_cost"].round(0).astype(int).to_numpy().tolist()
    assert found["delta_effect [QALY]"].tolist() == result["delta_effect"].round(4).to_numpy().tolist()
    low, high = result["delta_cost_interval"].sel(strategy="surgery").to_numpy()
    assert found["delta_cost 95%"][1] == f"{low:.0f} to {high:.0f}"
    assert found["icer 95% (Fieller)"].tolist() == ["", ""]
    shares = result["quadrant_share"].sel(strategy="surgery")
    assert f"NE {float(shares.sel(quadrant_of_draws='NE')):.3f}" in found["quadrant_share"][1]
    assert ", = " not in found["quadrant_share"][1]


def test_a_frontier(draws):
    """The first on it and those off it have no ratio."""
    result = hecon.frontier(draws)
    found = hecon.table(result)

    assert [str(each) for each in found["icer [EUR per QALY]"]] == ["nan", "nan", f"{float(result['icer'][2]):.0f}"]
    assert "nan" not in repr(found).lower().replace("dominated", "")


@pytest.mark.parametrize(("verb", "unit"), [("ceac", ""), ("expected_loss", " [EUR]")])
def test_curves_have_a_column_for_each_strategy(draws, verb, unit):
    """And a row for each willingness to pay, in the caller's order."""
    result = getattr(hecon, verb)(draws, wtp=WTP)
    found = hecon.table(result)

    assert list(found.columns) == ["wtp [EUR per QALY]", *(f"{name}{unit}" for name in draws["strategy"].to_numpy())]
    assert found["wtp [EUR per QALY]"].tolist() == WTP
    assert found[f"surgery{unit}"].tolist() == pytest.approx(result.sel(strategy="surgery").to_numpy(), abs=0.5)


def test_curves_of_one_value_have_what_stands_beside_it(draws):
    """The frontier of the curves names the optimal strategy."""
    assert list(hecon.table(hecon.ceaf(draws, wtp=WTP)).columns) == ["wtp [EUR per QALY]", "ceaf", "optimal"]
    assert hecon.table(hecon.evpi(draws, wtp=WTP))["evpi [EUR]"].dtype == int


def test_all_curves_have_a_row_for_each_value_and_strategy(draws):
    """What is one for all strategies stands in each row of its value."""
    found = hecon.table(hecon.decision_curves(draws, wtp=WTP))

    assert len(found) == 9
    assert found.groupby("wtp [EUR per QALY]")["evpi [EUR]"].nunique().tolist() == [1, 1, 1]
    assert found.groupby("wtp [EUR per QALY]")["expected_loss [EUR]"].min().tolist() == (
        found.groupby("wtp [EUR per QALY]")["evpi [EUR]"].first().tolist()
    )


def test_draws_have_their_mean_and_interval(draws):
    """A net benefit for each strategy and value."""
    result = hecon.incremental_net_benefit(draws, wtp=WTP)
    found = hecon.table(result)
    one = result.sel(strategy="surgery", wtp=50_000)

    assert found["net_benefit [EUR]"][4] == round(float(one.mean()))
    assert found["net_benefit 95%"][4] == " to ".join(f"{end:.0f}" for end in one.quantile([0.025, 0.975]).to_numpy())
    assert hecon.table(draws)["effect [QALY]"].tolist() == draws["effect"].mean("draw").round(4).to_numpy().tolist()


def test_a_budget_impact_adds_up_over_sectors():
    """A row for each year and scenario; the total is what was new less what is now."""
    impact = hecon.budget_impact(hecon.load("acl-rupture").budget)
    found = hecon.table(impact)

    assert found[["year", "scenario"]].drop_duplicates().shape[0] == len(found) == 6
    assert found["total [EUR]"].tolist() == impact["total"].to_numpy().ravel().round().tolist()
    difference = found["new [EUR]"] - found["current [EUR]"] - found["total [EUR]"]
    assert difference.abs().max() <= 1
    bars = hecon.table(budget.one_way(hecon.load("copd").budget))
    assert bars["parameter"].tolist() == ["extra_treatments", "tariff"]
    assert hecon.table(budget.uptake(hecon.load("acl-rupture").budget))["uptake"].tolist() == [0.25, 0.75, 0.75]


def test_units_alone_are_patients_alone():
    """A plan without prices has no amounts."""
    found = hecon.table(hecon.budget_impact(hecon.load("triage").budget))

    assert "patients" in found.columns
    assert not [name for name in found.columns if "[" in name]


def test_an_assessment_has_a_row_for_each_comparison():
    """With why something is not given."""
    found = hecon.table(assessed("acl-rupture"))

    assert found["comparison"].tolist() == ["compare-societal", "compare-healthcare", "snnap-healthcare"]
    assert found["icer"].tolist() == [78179, 48460, 19558]
    assert found["currency"].tolist() == ["EUR", "EUR", "GBP"]
    assert found["not given because"].tolist() == ["", "spread", ""]
    assert found["P at 80,000"].tolist()[1] == ""


def test_records_have_their_own_rows():
    """A fit has its parameters, a shortfall one row, an analysis its differences, findings one row each."""
    fit = hecon.reported.fit(cost=hecon.Difference(900, se=100), effect=hecon.Difference("0.05", se="0.02"))
    found = hecon.table(fit)

    assert dict(zip(found["parameter"], found["status"], strict=True))["correlation"] == "not determined"
    assert found["value"].tolist()[:2] == [900, 0.05]
    burden = hecon.table(hecon.shortfall(age=33, female=0.4, decrement=0.2, years=10))
    assert burden["absolute"].tolist() == [1.994]
    assert burden["band"].tolist() == ["none"]
    analysis = trial.analyse(made(np.random.default_rng(3)), imputations=2, replicates=50, rng=1)
    assert hecon.table(analysis)["strategy"].tolist() == ["intervention"]
    findings = hecon.audit("acl-rupture")
    assert hecon.table(findings)["severity"].tolist() == [each.severity for each in findings]


def test_a_table_prints_whole(draws, monkeypatch):
    """No column is cut out of it, even in a narrow terminal; of many rows, the first and the last, and how many."""
    monkeypatch.setenv("COLUMNS", "60")
    for result in (hecon.icer(draws), hecon.decision_curves(draws, wtp=WTP)):
        found = hecon.table(result)
        text = repr(found)
        assert "..." not in text
        assert all(name in text for name in found.columns)
        assert all(name in found._repr_html_() for name in found.columns)
    long = repr(hecon.table(hecon.ceac(draws, wtp=range(0, 100_000, 100))))
    assert "[1000 rows x 4 columns]" in long
    assert len(long.splitlines()) < 50


def test_a_table_is_a_pandas_table(draws):
    """What is done with it gives plain ones."""
    found = hecon.table(hecon.frontier(draws))

    assert isinstance(found, pd.DataFrame)
    assert type(found[["strategy"]]) is pd.DataFrame


@pytest.mark.parametrize(
    ("values", "unit", "shown"),
    [
        ([0.123, 4.0], "EUR", [0.12, 4.0]),
        ([123.4, 4.0], "EUR", [123, 4]),
        ([123.4, np.nan], "EUR per QALY", [123, None]),
        ([0.12345, 1.0], "1", [0.123, 1.0]),
        ([0.123456, 12.0], "QALY", [0.1235, 12.0]),
        ([123.456, 12.0], "", [123.5, 12.0]),
        ([np.inf, 100.0], "EUR", [np.inf, 100.0]),
        ([12345.0, 0.0004], "", [12345, 0.0004]),
        ([12345.6, -0.3712], "EUR", [12346, -0.37]),
        ([12345.6, 0.5], "EUR", [12346, 0.5]),
        ([12345.6, 1e-9], "EUR", [12346, 0]),
        ([0.5, 0.0000123], "1", [0.5, 0.000012]),
        ([12.0, 0.0000123], "QALY", [12.0, 0.000012]),
        ([np.inf, 0.004], "EUR", [np.inf, 0.004]),
        ([np.nan, np.nan], "EUR", [None, None]),
    ],
)
def test_rounding_goes_by_the_unit(values, unit, shown):
    """Amounts to the unit or to cents, shares to three decimals, effects to four."""
    array = xr.DataArray(values, dims="at", name="x", attrs={"units": unit, "currency": "EUR"}, coords={"at": [1, 2]})
    found = hecon.table(array).iloc[:, -1]

    assert [None if pd.isna(each) else each for each in found] == shown


def test_a_small_end_of_an_interval_does_not_read_as_nought():
    """Nor has what rounds to 0 a sign."""
    ends = xr.DataArray([[-0.0004, 12345.0], [-1e-17, 250.0]], dims=("strategy", "bound"), attrs={"units": "EUR"})
    named = ends.assign_coords(strategy=["a", "b"])
    result = xr.Dataset({"x": named.mean("bound"), "x_interval": named}, attrs={"currency": "EUR"})

    assert hecon.table(result)["x 95%"].tolist() == ["-0.00040 to 12345", "0 to 250"]


@pytest.mark.parametrize("result", [None, 5, "text", [], {}, np.zeros(3), trial, hecon.Assessment])
def test_what_no_verb_returns_is_refused(result):
    """By name of what it is."""
    with pytest.raises(InputError, match=r"^result must be what a verb of hecon returned, got "):
        hecon.table(result)


def test_a_result_of_tables_names_them():
    """A reconciliation has no values of its own."""
    found = budget.reconcile(hecon.load("copd").budget)

    with pytest.raises(InputError, match=r"^result must have values of its own, got a Reconciliation: give one of "):
        hecon.table(found)
    assert hecon.table(found.totals)["verdict"].tolist() == [each.verdict for each in found.totals]


def test_a_verdict_of_three_has_each_strategy_once_a_value(draws):
    """With its own place on the frontier, not those of all the others."""
    result = hecon.verdict(draws)
    found = hecon.table(result)

    assert found["strategy"].tolist() == ["exercise"] * 3 + ["surgery"] * 3
    assert found["wtp [EUR per QALY]"].tolist() == WTP * 2
    for name, rows in found.groupby("strategy"):
        assert set(rows["status"]) == {str(result["status"].sel(option=name).item())}
    one = hecon.table(result.sel(strategy="surgery"))
    assert len(one) == len(WTP)
    assert set(one["status"]) == {str(result["status"].sel(option="surgery").item())}


def test_one_draw_has_no_interval():
    draws = hecon.from_arrays([[0, 400]], [[0, 0.05]], strategies=["a", "b"])
    assert hecon.table(hecon.net_benefit(draws, wtp=10_000))["net_benefit 95%"].tolist() == ["", ""]
    assert hecon.table(draws)["cost 95%"].tolist() == ["", ""]
