"""Amounts below 0: refused unless declared, imputed as they are, and out of reach of logarithms and gamma models."""

import json
import tomllib

import numpy as np
import pandas as pd
import pytest

from hecon.cli import main as cli
from hecon.errors import InputError, StatisticalWarning, TrialError
from hecon.trial import analyse, impute, trial_data
from hecon.trial.imputation import Departure, apply_departures, variables_of
from hecon.trial.table.design import design_of

pytestmark = pytest.mark.filterwarnings("ignore:the difference in:hecon.errors.StatisticalWarning")
DESIGN = """
format = 1
name = "refunds"
simulated = true
[table]
layout = "wide"
patient = "id"
[arm]
column = "arm"
comparator = "usual"
interventions = ["new"]
[utility]
months = [0, 6, 12]
columns = ["u0", "u6", "u12"]
[[cost]]
category = "care"
columns = ["care_6", "care_12"]
price_year = 2024
[[cost]]
category = "corrections"
columns = ["correction_6", "correction_12"]
price_year = 2024
negative = true
[perspective]
healthcare = ["care", "corrections"]
[analysis]
price_year = 2024
"""
# Of the costs 400 by care, and 150 less by corrections.
TRUTH = 400.0 - 150.0, 0.05 * 0.75


def simulate(rng, n=100, missing=0.25):
    """Return a trial of a year in which half of the patients have an invoice corrected, mostly downwards."""
    arm = np.repeat([0, 1], n)
    severity = rng.normal(size=2 * n)
    table = pd.DataFrame({"id": range(2 * n), "arm": np.where(arm, "new", "usual")})
    table["u0"] = (0.5 - 0.08 * severity + rng.normal(0, 0.05, 2 * n)).round(4)
    for month in (6, 12):
        table[f"u{month}"] = (0.5 - 0.08 * severity + 0.05 * arm + rng.normal(0, 0.05, 2 * n)).round(4)
        table[f"care_{month}"] = (rng.gamma(4, 100, 2 * n) * np.exp(0.2 * severity) + 200 * arm).round(2)
        spread = rng.normal(-100 - 150 * arm, 150) - 40 * severity
        table[f"correction_{month}"] = np.where(rng.random(2 * n) < 0.5, spread, 0).round(2)
    whole, chance = table.copy(), missing * (1 + 0.5 * np.tanh(severity))
    for name in [each for each in table if each.endswith(("6", "12"))]:
        table.loc[rng.random(2 * n) < chance, name] = np.nan
    return whole, table


def design(**corrections):
    whole = tomllib.loads(DESIGN)
    whole["cost"][1] |= corrections
    return design_of(whole)


def test_a_negative_amount_is_refused_unless_declared():
    """The message has the remedy, which works."""
    table = simulate(np.random.default_rng(1))[1]
    with pytest.raises(TrialError, match=r"a refund or correction needs negative = true in its \[\[cost\]\]"):
        trial_data(table, design(negative=False))
    data = trial_data(table, design())
    assert data.negative == ("corrections",)
    assert np.nanmin(data.costs) < 0
    table["care_6"] = -table["care_6"]
    with pytest.raises(TrialError, match=r"column 'care_6', rows .* must be at least 0"):
        trial_data(table, design())


def test_hours_of_absence_are_never_negative():
    """Nor declared to be."""
    with pytest.raises(TrialError, match=r"cost\[1\].negative: must be left out beside absence"):
        design(absence={"hours_per_week": 36}, price=40)


def test_numbers_that_look_like_codes_for_missing_are_doubted():
    """With their number, and no value."""
    table = simulate(np.random.default_rng(1))[1]
    table.loc[[3, 8], "correction_6"] = -99.0
    with pytest.warns(StatisticalWarning, match=r"column 'correction_6', .* holds -9, -99 or such in 2 cells"):
        trial_data(table, design())
    trial_data(table, design(missing=[-99]))


def test_uses_and_costs_before_the_start_may_be_negative():
    """A returned aid counts against its price."""
    table = simulate(np.random.default_rng(1), missing=0)[0].assign(before=-50.0)
    found = trial_data(table, design(price=2, baseline="before"))
    assert found.costs[:, 2] == pytest.approx(2 * table["correction_6"])
    assert (found.baseline_costs == -100).all()


@pytest.mark.parametrize("imputation", ["pmm", "scaled"])
def test_what_is_imputed_is_what_someone_had(imputation):
    """Also with more missing than is matched on the log scale otherwise, and with local scaling."""
    data = trial_data(simulate(np.random.default_rng(2), missing=0.5)[1], design())
    found = impute(data, count=4, imputation=imputation, donors=3, rng=1)
    own = found.values[..., found.variables.costs][..., 2:]  # noqa: PD011 (no pandas)

    assert "care, 0 to 6 months" in found.log_matched
    assert not any("corrections" in each for each in found.log_matched)
    assert (own < 0).any()
    for at in range(2):
        assert np.isin(own[..., at], data.costs[~np.isnan(data.costs[:, 2 + at]), 2 + at]).all()


def test_dearer_refunds_are_smaller_ones():
    """A factor above 1 makes no cost lower."""
    data = trial_data(simulate(np.random.default_rng(3))[1], design())
    all_ = variables_of(data)
    given = impute(data, count=1, rng=1).values  # noqa: PD011 (no pandas)
    found = apply_departures(data, all_, given, all_.missing, (Departure(cost=1.25),))[..., all_.costs]
    given = given[..., all_.costs]

    assert (found >= given).all()
    assert ((given < 0) & (found > given)).any()


def test_a_gamma_model_is_refused_where_totals_are_negative():
    """With the remedy."""
    table = simulate(np.random.default_rng(4), missing=0)[0]
    table.loc[0, "correction_6"] = -9500.0
    with pytest.raises(InputError, match="needs costs of at least 0 for every patient, got some below 0 from"):
        analyse(table, design(), model="gamma-log", rng=1)


@pytest.mark.slow
def test_from_the_file_to_the_report(tmp_path, capsys):
    """Estimates within two standard errors of the truth, of the same trial complete, and of a plain regression."""
    whole, table = simulate(np.random.default_rng(5), n=200)
    table.to_csv(tmp_path / "refunds.csv", index=False)
    (tmp_path / "refunds.toml").write_text(DESIGN, encoding="utf-8")
    command = ["trial", str(tmp_path / "refunds.csv"), str(tmp_path / "refunds.toml"), "--imputations", "20"]
    assert cli.main([*command, "--replicates", "100", "--draws", "1000", "--format", "json"]) == 0
    found = json.loads(capsys.readouterr().out)
    difference = found["perspectives"]["healthcare"]["differences"]["new"]
    cost = whole[["care_6", "care_12", "correction_6", "correction_12"]].sum(axis=1)
    qalys = 0.25 * whole["u0"] + 0.5 * whole["u6"] + 0.25 * whole["u12"]
    regressors = np.column_stack([np.ones(400), whole["arm"] == "new", whole["u0"]])
    for key, outcome, true in zip(("delta_cost", "delta_effect"), (cost, qalys), TRUTH, strict=True):
        own = difference[key]
        assert abs(own["estimate"] - true) < 2 * own["se"]
        assert abs(own["estimate"] - np.linalg.lstsq(regressors, outcome, rcond=None)[0][1]) < 2 * own["se"]
    assert found["negative_amounts"] == ["corrections"]
    for lang, told in (("en", "refunds or corrections, count as they are"), ("nl", "terugbetaling of correctie")):
        assert cli.main([*command, "--replicates", "100", "--draws", "1000", "--lang", lang]) == 0
        assert told in " ".join(capsys.readouterr().out.split())
