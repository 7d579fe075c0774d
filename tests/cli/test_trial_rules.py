"""The command `hecon trial` by the rules of another country, and what the design fixes whatever they are."""

import hashlib
import json

import numpy as np
import pandas as pd
import pytest

import hecon
from hecon import rulesets, trial
from hecon.cli import main as cli
from hecon.errors import InputError, StatisticalWarning, TrialError

QUICK = ("--imputations", "2", "--replicates", "50", "--draws", "200", "--seed", "1")
DESIGN = """
format = 1
name = "small"
[table]
layout = "wide"
patient = "id"
[arm]
column = "arm"
comparator = "usual"
interventions = ["new"]
[utility]
months = [0, 12, 24]
columns = ["u0", "u12", "u24"]
[[cost]]
category = "visits"
columns = ["visits1", "visits2"]
price = 40
price_year = 2024
[perspective]
healthcare = ["visits"]
[analysis]
price_year = 2024
"""
RULES = """
format = 1
name = "uk"
currency = "GBP"
effect_unit = "QALY"
[[values]]
since = "2020"
status = "read"
source = "a manual"
amounts = [25000, 35000]
shown = [25000, 35000]
[[discounting]]
since = "2020"
status = "read"
source = "a manual"
costs = 0.035
effects = 0.025
"""


def table(size=40):
    """Return a trial of two arms of twenty, with a few utilities missing."""
    rng = np.random.default_rng(2)
    result = pd.DataFrame({"id": range(size), "arm": np.tile(["usual", "new"], size // 2)})
    result[["u0", "u12", "u24"]] = rng.uniform(0.3, 0.9, (size, 3)).round(2)
    result[["visits1", "visits2"]] = rng.integers(3, 40, (size, 2))
    result.loc[[3, 6, 11], "u24"] = np.nan
    return result


@pytest.fixture
def run(capsys, tmp_path):
    """Return a function that runs the command with a design and rules: exit code, output and errors."""

    def command(*arguments, design=DESIGN, rules=RULES, named=None):
        paths = [tmp_path / name for name in ("trial.csv", "trial.toml", "uk.toml")]
        table().to_csv(paths[0], index=False)
        for path, text in zip(paths[1:], (design, rules), strict=True):
            path.write_text(text, encoding="utf-8")
        named = str(paths[2]) if named is None else named
        code = cli.main(["trial", str(paths[0]), str(paths[1]), "--rules", named, *QUICK, *arguments])
        return (code, *capsys.readouterr())

    return command


@pytest.mark.slow
def test_currency_values_and_rates_are_those_of_the_rules(run):
    """In figures, tables, scenarios and what is said of where they come from."""
    code, out, _ = run("--format", "json", "--scenarios")
    data = json.loads(out)
    found = data["perspectives"]["healthcare"]

    assert code == 0
    assert (data["currency"], data["discount_cost"], data["discount_effect"]) == ("GBP", 0.035, 0.025)
    assert list(found["differences"]["new"]["inmb"]) == ["25000", "35000"]
    assert found["ceac"]["wtp"] == sorted({*range(0, 100_001, 5000), 25_000, 35_000})
    assert all(list(each["p_cost_effective"]) == ["25000", "35000"] for each in data["scenarios"])
    assert data["provenance"]["rules"] == "uk"
    assert data["provenance"]["rules_digest"] == hashlib.sha256(RULES.encode()).hexdigest()


@pytest.mark.parametrize("kind", ["text", "md", "html"])
@pytest.mark.no_cover
def test_no_amount_is_in_euros(run, kind):
    """Also not on the axes and marks of the figures."""
    code, out, _ = run("--format", kind)

    assert code == 0
    assert "€" not in out
    assert "£25,000" in out
    assert "Rules uk, SHA-256 " in out


def test_what_the_design_gives_stays(run):
    """Its discount rates, one or both."""
    design = f"{DESIGN}discount_cost = 0.06\n"
    data = json.loads(run("--format", "json", design=design)[1])

    assert (data["discount_cost"], data["discount_effect"]) == (0.06, 0.025)


def test_rules_without_rates_leave_them_to_the_design(run):
    """Refused with what to add; a design with both needs none."""
    rules = RULES[: RULES.index("[[discounting]]")]
    code, out, err = run("--format", "json", rules=rules)
    whole = run("--format", "json", design=f"{DESIGN}discount_cost = 0.06\ndiscount_effect = 0.0\n", rules=rules)

    assert (code, out) == (1, "")
    assert "discount_cost and discount_effect must stand in [analysis] of the design, as the rules uk hold no" in err
    assert whole[0] == 0


@pytest.mark.parametrize(
    ("old", "new", "fault", "remedied"),
    [
        (
            "price_year = 2024\n[persp",
            "price_year = 2022\n[persp",
            (
                "cost[0].price_year: must not need the price index of the Netherlands with rules in GBP, got 2022: "
                "give amounts of 2024"
            ),
            "price_year = 2024\n[persp",
        ),
        (
            "price = 40\nprice_year = 2024\n",
            'price = "physiotherapy-session"\n',
            (
                "cost[0].price: must not need a reference price of the Netherlands with rules in GBP, got "
                "'physiotherapy-session': give a price as a number"
            ),
            "price = 30\nprice_year = 2024\n",
        ),
    ],
)
def test_dutch_prices_are_refused_in_another_currency(run, old, new, fault, remedied):
    """Beside the rules of another country in euros they are doubted."""
    code, out, err = run(design=DESIGN.replace(old, new))
    euros, _, doubt = run(design=DESIGN.replace(old, new), rules=RULES.replace("GBP", "EUR"))

    assert (code, out) == (1, "")
    assert fault in err
    assert euros == 0
    assert "hecon: warning: cost[0].price" in doubt
    assert "of the Netherlands beside the rules 'uk'" in doubt
    assert run(design=DESIGN.replace(old, remedied))[0] == 0


def test_the_dutch_friction_period_is_doubted(run):
    """Unless the design gives its own."""
    absent = 'category = "visits"\nabsence = {{ hours_per_week = 36{} }}'
    designs = [DESIGN.replace('category = "visits"', absent.format(each)) for each in ("", ", weeks = 10")]
    (code, _, doubt), (own, _, silent) = (run(design=each) for each in designs)

    assert (code, own) == (0, 0)
    assert "cost[0].absence needs the friction period of the Netherlands beside the rules 'uk': give its weeks" in doubt
    assert "friction period" not in silent


def test_rules_that_cannot_be_had_are_refused(run):
    """Of another unit of effect, or none."""
    assert "rules must have values per QALY" in run(rules=RULES.replace("QALY", "DALY averted"))[2]
    assert "rules must be an existing file" in run(named="gone.toml")[2]


def test_in_python_the_rules_go_with_the_trial(tmp_path):
    """From the checked trial to draws and their verdict; a checked trial takes no other rules."""
    (tmp_path / "uk.toml").write_text(RULES, encoding="utf-8")
    rules, design = rulesets.ruleset(tmp_path / "uk.toml"), tmp_path / "trial.toml"
    design.write_text(DESIGN, encoding="utf-8")
    data = trial.trial_data(table(), design, rules=rules)
    options = {"imputations": 2, "n_draws": 200, "rng": 1}
    draws = hecon.from_patients(table(), design, rules=tmp_path / "uk.toml", **options)

    assert data.rules is rules
    assert (draws.attrs["currency"], draws.attrs["thresholds"]) == ("GBP", [25_000, 35_000])
    assert draws.attrs["trial"]["rules"] == "uk"
    assert draws.equals(hecon.from_patients(data, **options))
    assert hecon.verdict(draws, rules=rules) is not None
    with pytest.raises(InputError, match="rules must be left out with a checked trial, which has its own"):
        trial.analyse(data, rules="nl")
    with pytest.raises(InputError, match="main must be the analysis of these data by the same design and rules"):
        trial.scenarios(data, trial.analyse(table(), design, imputations=2, rng=1), rng=1)
    with pytest.raises(TrialError, match="must not need the price index"):
        trial.trial_data(table(), _indexed(design), rules=rules)
    with pytest.warns(StatisticalWarning, match="needs the price index of the Netherlands"):
        trial.trial_data(table(), _indexed(design), rules=rules.model_copy(update={"currency": "EUR"}))


def _indexed(path):
    """Return the design with amounts of another year."""
    design = trial.read_design(path)
    return design.replace(cost=tuple(each.replace(price_year=2022) for each in design.cost))
