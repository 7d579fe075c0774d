"""What benchmarks/teaching_trial.py calibrates and computes: against the shipped file, and against formulas."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np
import pytest
from scipy.stats import norm
from teaching import FACTORS, INDEX, PRICES

from hecon.datasets import RESOURCES, calibrated, model_of
from hecon.errors import HeconError

BENCHMARKS = Path(__file__).parents[1] / "benchmarks"
if not BENCHMARKS.is_dir():
    pytest.skip("benchmarks are not part of an installed package", allow_module_level=True)
sys.path.insert(0, str(BENCHMARKS))
try:
    import teaching_trial
finally:
    sys.path.remove(str(BENCHMARKS))


@pytest.mark.slow
def test_the_shipped_file_is_what_the_script_makes():
    """Of the figures, the design and the prices as they are now: to rounding, and written in the same way."""
    shipped = json.loads(teaching_trial.FILE.read_text(encoding="utf-8"))
    made = teaching_trial.shipped("meniscus")

    assert teaching_trial.FILE.read_text(encoding="utf-8") == teaching_trial.text_of(shipped)
    assert list(teaching_trial.numbers(shipped)) == pytest.approx(list(teaching_trial.numbers(made)), rel=1e-9)
    assert shaped(shipped) == shaped(made)


def shaped(content):
    """Return a content without its fractions: keys in their order, texts and whole numbers."""
    if isinstance(content, dict):
        return [(key, shaped(each)) for key, each in content.items()]
    if isinstance(content, list):
        return [shaped(each) for each in content]
    return "number" if isinstance(content, float) else content


def test_costs_by_category_follow_from_formulas():
    """Products and normal probabilities, where the model's moments are sums over a grid."""
    model, found = model_of("meniscus"), calibrated("meniscus")["truth"]["category"]
    given, euros = model.given, {each: price * INDEX for each, price in PRICES.items()}
    timing, late = np.array(given["delay_timing"]), 0.29
    assert found["operation"]["surgery"] == pytest.approx(euros["operations"], rel=1e-12)
    assert found["operation"]["exercise"] == pytest.approx(late * timing @ FACTORS * euros["operations"], rel=1e-12)
    usual = np.array(given["care_hours"]) @ FACTORS * euros["care_hours"]
    after = given["after_operation"]["care_hours"] * euros["care_hours"]
    assert found["informal care"]["surgery"] == pytest.approx(usual + after, rel=1e-12)
    # Given a log-normal factor, the latent scale of delay moves by its covariance with the factor's logarithm.
    moved = given["frailty_power"]["care_hours"] * model.spread * given["delay_with_health"] * -model.link
    chance = norm.cdf(moved - norm.ppf(1 - late)) * timing @ FACTORS
    assert found["informal care"]["exercise"] == pytest.approx(usual + after * chance, rel=1e-12)
    intercept, slope = given["absence"]
    hours = [most * given["absent_share"] * given["day"] for most in given["absence_days"]]
    chances = [norm.cdf(each / np.sqrt(1 + slope**2)) for each in (intercept, model.after)]
    days = hours[1] * chances[1] + hours[0] * chances[0] * FACTORS[1:].sum()
    expected = given["employed"] * days * euros["absence_hours"]
    assert found["absence from work"]["surgery"] == pytest.approx(expected, rel=1e-12)


def test_moments_without_prices_cost_nothing():
    terms = teaching_trial.terms_of("meniscus")
    found = teaching_trial.moments(model_of("meniscus"), terms, 1, np.zeros(len(RESOURCES)))
    assert (found.cost, found.cost_variance, found.covariance) == (0, 0, 0)


@pytest.mark.slow
def test_figures_that_cannot_be_met_are_refused():
    """Cost and QALYs cannot correlate so strongly when much of both is chance."""
    with pytest.raises(HeconError, match="the figures of the trial 'meniscus' cannot be met"):
        teaching_trial.calibrated("meniscus", correlation=-0.95)


@pytest.mark.slow
@pytest.mark.parametrize(("arguments", "message"), [([], "differs by "), (["--write"], "wrote ")])
def test_the_script_writes_or_compares(arguments, message, tmp_path, monkeypatch, capsys):
    file = tmp_path / "calibrated.json"
    file.write_bytes(teaching_trial.FILE.read_bytes())
    monkeypatch.setattr(teaching_trial, "FILE", file)
    monkeypatch.setattr(sys, "argv", ["teaching_trial.py", *arguments])
    teaching_trial.main()

    assert message in capsys.readouterr().out
