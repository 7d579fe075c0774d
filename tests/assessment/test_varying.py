"""What turns a comparison of a dossier: by hand, by the general verbs, and over the ranges that the dossier states."""

import numpy as np
import pytest

import hecon
from hecon.assessment import varying
from hecon.rules import shortfall

pytestmark = pytest.mark.slow


def assessed(name):
    return hecon.assess(name, n_draws=1000)


@pytest.fixture(scope="module")
def knee():
    return assessed("acl-rupture")


@pytest.fixture(scope="module")
def older():
    return assessed("reablement")


def comparison(assessment, name):
    return next(each for each in assessment.comparisons if each.spec.id == name)


def at(result, wtp):
    return {each.quantity: each for each in varying.what_turns(result, wtp=[wtp]).turns}


def test_the_differences_turn_where_they_are_worth_each_other(knee):
    """COMPARE: 3,393 euros for 0.0434 QALY, so that at 50,000 a cost of 2,170 or an effect of 0.06786 is the edge."""
    turns = at(comparison(knee, "compare-societal"), 50_000)

    assert turns["delta_cost"].turns_at == pytest.approx(50_000 * 0.0434, abs=1)
    assert turns["delta_effect"].turns_at == pytest.approx(3393 / 50_000)
    assert turns["unreported_cost"].turns_at == pytest.approx(50_000 * 0.0434 - 3393, abs=1)
    assert (turns["delta_cost"].over, turns["delta_cost"].inside) == ("interval", True)
    assert turns["unreported_cost"].status == "not reported"


def test_the_cost_of_stays_in_an_institution(older):
    """Coach2Move: no source has an amount; from 979 euros per patient on it turns at 20,000 (800 for 0.09 QALY)."""
    turns = at(comparison(older, "coach2move-2022"), 20_000)

    assert turns["unreported_cost"].turns_at == pytest.approx(20_000 * 0.08896 - 800, abs=1)


@pytest.mark.parametrize(("name", "wtp"), [("compare-societal", 20_000), ("compare-healthcare", 50_000)])
def test_the_general_verbs_agree(knee, name, wtp):
    """The model of a pair, given to `hecon.threshold` and `hecon.sensitivity`, turns at the same values."""
    result = comparison(knee, name)
    model, start = varying.pair_model(result)
    turns = at(result, wtp)

    for quantity in ("delta_cost", "delta_effect", "unreported_cost"):
        turn = turns[quantity]
        around = sorted((turn.turns_at - abs(turn.turns_at), turn.turns_at + abs(turn.turns_at)))
        found = hecon.threshold(model, start, vary=quantity, between=around, wtp=wtp)
        assert found.values == pytest.approx((turn.turns_at,))
    bars = varying.what_turns(result, wtp=[wtp]).bars.squeeze()
    for quantity in ("delta_cost", "delta_effect"):
        bar, turn = bars.sel(parameter=quantity), turns[quantity]
        assert (bar["inb_least"].item(), bar["inb_most"].item()) == pytest.approx(turn.net_benefit)
        assert bool(bar["turns"]) == turn.inside


def test_an_assumption_of_spread_moves_how_sure_it_is(older):
    """The range of the probability is that of the assessment, for the preferred option."""
    result = comparison(older, "coach2move-2022")
    turn = at(result, 20_000)["correlation"]
    (own,) = (each for each in result.sensitivities if each.kind == "assumption")

    assert turn.probability == own.p_cost_effective[20_000]
    assert turn.certainties == ("uncertain", "probably")
    assert (turn.turns_at, turn.net_benefit, turn.range) == (None, None, (-0.5, 0.5))
    assert varying.what_turns(result).hangs_on == {20_000: "correlation", 50_000: None, 80_000: "correlation"}


def test_where_the_comparator_is_preferred_the_probability_is_its_own(knee):
    result = comparison(knee, "compare-societal")
    turn = at(result, 20_000)["effect_se"]
    own = next(each for each in result.sensitivities if each.about == ("effect_se",))
    low, high = own.p_cost_effective[20_000]

    assert varying.what_turns(result).preferred[20_000] == "exercise"
    assert turn.probability == pytest.approx((1 - high, 1 - low))
    assert turn.certainties == ("probably",)


def test_without_a_spread_ranges_are_of_rounding(knee):
    turns = at(comparison(knee, "compare-healthcare"), 50_000)

    assert turns["delta_cost"].over == "rounding"
    assert set(turns) == {"delta_cost", "delta_effect", "unreported_cost"}


def test_without_figures_nothing_turns(older):
    assert varying.what_turns(comparison(older, "coach2move-2016")) is None


def test_at_a_value_of_0_no_effect_turns_it(knee):
    assert at(comparison(knee, "compare-societal"), 0)["delta_effect"].turns_at is None


def test_the_band_changes_where_the_shortfall_crosses_its_edge(older):
    """A loss of utility of 0.079 has a proportional shortfall of 0.095, the working edge of the lowest band."""
    (turn,) = varying.band_turns(older)
    inputs, rules = older.dossier.burden.inputs, older.rules

    assert (turn.quantity, turn.bands, turn.values) == ("decrement", ("none", "low"), (None, 20_000))
    edge = shortfall(**inputs.arguments(rules, decrement=turn.at)).proportional
    assert edge == pytest.approx(0.095, abs=1e-6)
    assert turn.options == (None, "coach2move")
    assert not turn.turns
    assert turn.range[0] < turn.at < turn.range[1]


def test_a_band_that_turns_the_preference(older, monkeypatch):
    """With an edge between two bands that have values the preference is looked up at each."""
    monkeypatch.setattr(varying, "_value_of", lambda band, _: {"none": 1000.0, "low": 20_000.0}[band])
    (turn,) = varying.band_turns(older)

    assert turn.options == ("usual-care", "coach2move")
    assert turn.turns


def test_a_dossier_without_inputs_of_the_burden_has_no_bands():
    assert varying.band_turns(assessed("copd")) == ()


def test_it_hangs_on_nothing_but_assumptions(tmp_path):
    """Of a dossier of one's own: what is reported is not among them."""
    file = tmp_path / "own-case.toml"
    file.write_text(hecon.dossier.skeleton("own-case"), encoding="utf-8")
    result = hecon.assess(file, n_draws=100).comparisons[0]
    found = varying.what_turns(result)

    assert found.preferred.keys() == set(found.values)
    for value in found.values:
        inside = [each.quantity for each in found.at(value) if each.status == "assumed" and each.inside]
        assert found.hangs_on[value] in {*inside, *result.fit.assumed, "design_effect", None}
    assert np.isfinite([turn.turns_at for turn in found.turns if turn.turns_at is not None]).all()
