"""Deciding by another perspective, and over comparisons by weights: what the verbs give, and every refusal."""

from dataclasses import replace

import numpy as np
import pytest
from shipped import assessed

import hecon
from hecon.assessment.deciding import averaged, averse, mixed, perspective_losses
from hecon.curves import Curves


def test_the_loss_is_the_net_benefit_forgone():
    """COMPARE at 50,000: from the healthcare perspective surgery is preferred, and exercise from the societal one."""
    assessment = assessed("acl-rupture")
    (found,) = perspective_losses(assessment)
    known = {each.spec.id: each for each in assessment.comparisons}

    assert found.comparisons == ("compare-societal", "compare-healthcare")
    assert found.values == (20_000, 50_000, 80_000)
    assert [row[:3] for row in found.losing] == [
        ("compare-societal", "compare-healthcare", 50_000),
        ("compare-healthcare", "compare-societal", 50_000),
    ]
    for _, counts, value, loss in found.losing:
        result = known[counts]
        assert loss == pytest.approx(abs(value * result.delta_effect - result.delta_cost))
        assert found.preferred[counts, value] == next(at for at in result.preferences if at.value == value).option


def test_where_perspectives_agree_nothing_is_lost():
    (found,) = perspective_losses(assessed("meniscal-tear-traumatic"))

    assert found.losing == ()
    assert perspective_losses(assessed("meniscal-tear-degenerative")) == ()
    assert perspective_losses(assessed("triage")) == ()


def two(shift=2000.0):
    """Return an assessment with a second comparison of the same options, whose intervention costs more."""
    assessment = assessed("meniscal-tear-degenerative")
    (first, *_) = assessment.comparisons
    spec = first.spec
    dearer = first.draws.copy(deep=True)
    dearer["cost"].loc[{"strategy": spec.intervention}] += shift
    # From a file of its own, so fewer draws, with labels.
    dearer = dearer.isel(draw=slice(500)).assign_coords(draw=[f"d{at}" for at in range(500)])
    second = replace(first, spec=spec.model_copy(update={"id": "second"}), curves=Curves(dearer), fit=None)
    return replace(assessment, comparisons=(first, second)), first, second


def test_the_average_is_between_and_more_uncertain():
    """Means by the weights, and in the spread also which of the two holds."""
    assessment, first, second = two()
    found = averaged(assessment, {first.spec.id: 0.5, "second": 0.5}, wtp=[20_000], rng=1)
    means = [float(np.diff(each.draws["cost"].mean("draw"))[0]) for each in (first, second)]

    assert found.draws == 500
    assert min(means) < found.delta_cost < max(means)
    assert found.delta_cost == pytest.approx(np.mean(means), abs=150)
    own = [hecon.evpi(each.draws, wtp=20_000).item() for each in (first, second)]
    assert found.evpi[20_000] > max(own)
    assert set(found.preferred) == set(found.probability) == {20_000}


@pytest.mark.parametrize(
    ("weights", "change", "message"),
    [
        ({"other": 0.5, "second": 0.5}, {}, r"weights must be of comparisons, .*, second, got 'other'"),
        ({"second": 1.0}, {}, "weights must be of two comparisons or more and add up to 1"),
        ({"first": 0.5, "second": 0.4}, {}, "weights must be of two comparisons or more and add up to 1"),
        ({"first": 0.5, "second": 0.5}, {"perspective": "healthcare"}, "second: perspective must be that of"),
        ({"first": 0.5, "second": 0.5}, {"currency": "GBP"}, "second: currency must be that of"),
        ({"first": 0.5, "second": 0.5}, None, "second: how uncertain it is must be known to be averaged; leave it out"),
        ({"first": -0.5, "second": 1.5}, {}, "weights"),
    ],
)
def test_what_is_refused(weights, change, message):
    assessment, first, second = two()
    if change is None:
        second = replace(second, curves=None)
    else:
        second = replace(second, spec=second.spec.model_copy(update=change))
    given = {first.spec.id if name == "first" else name: share for name, share in weights.items()}
    with pytest.raises(hecon.InputError, match=message):
        averaged(replace(assessment, comparisons=(first, second)), given)


# Mixes and aversion to risk -------------------------------------------------------------------------------------------


def reablement():
    """Return an assessment, and its comparison with figures."""
    assessment = assessed("reablement")
    return assessment, next(each for each in assessment.comparisons if each.spec.id == "coach2move-2022")


def test_a_mix_loses_by_the_share_of_the_other_option():
    """0.6 of the net benefit forgone now; and the EVPI more against deciding when all is known."""
    assessment, result = reablement()
    shares = {"coach2move": 0.4, "usual-care": 0.6}
    *_, found = mixed(assessment, assessment.comparisons, shares, wtp=[20_000])
    net = 20_000 * result.delta_effect - result.delta_cost

    assert (found.comparison, found.shares, found.reason) == ("coach2move-2022", shares, None)
    assert found.preferred == {20_000: "coach2move"}
    assert found.loss[20_000] == pytest.approx(0.6 * net, rel=1e-6)
    evpi = hecon.evpi(result.draws, wtp=20_000).item()
    assert found.loss_informed[20_000] == pytest.approx(found.loss[20_000] + evpi)
    assert mixed(assessment, assessment.comparisons, shares)[-1].values == (20_000, 50_000, 80_000)


def test_a_mix_of_the_preferred_option_alone_loses_nothing():
    assessment, _ = reablement()
    *_, found = mixed(assessment, assessment.comparisons, {"coach2move": 1.0}, wtp=[20_000])

    assert found.loss[20_000] == pytest.approx(0, abs=1e-9)


def test_where_no_mix_is_computed():
    """Figures that determine no draws; options of no comparison; shares that are none."""
    assessment, result = reablement()
    first, _ = mixed(assessment, assessment.comparisons, {"coach2move": 1.0})
    few = replace(result, curves=Curves(result.draws.assign_attrs(freedom={"smallest": 2.0})))

    assert (first.comparison, first.reason) == ("coach2move-2016", "no_draws")
    assert mixed(assessment, [few], {"coach2move": 1.0})[0].reason == "few_freedom"
    with pytest.raises(
        hecon.InputError, match="a mix must be of options of one comparison, usual-care, coach2move, got x"
    ):
        mixed(assessment, assessment.comparisons, {"x": 1.0})
    with pytest.raises(hecon.InputError, match=r"shares must add up to 1, got 0\.5"):
        mixed(assessment, assessment.comparisons, {"coach2move": 0.5})


@pytest.mark.slow
@pytest.mark.counted
def test_aversion_to_risk_of_a_normal_difference():
    """Mean less half the aversion times the variance; it turns where that is 0: 2 · mean / variance (Pratt 1964)."""
    _, result = reablement()
    net = 12_000 * result.delta_effect - result.delta_cost
    spread = hecon.incremental_net_benefit(result.draws, wtp=12_000, comparator="usual-care")
    variance = float(spread.sel(strategy="coach2move").var("draw").item())
    found = averse(result, 1e-5, shares={"coach2move": 0.5, "usual-care": 0.5}, wtp=[12_000])

    assert found.certain[12_000]["usual-care"] == 0
    assert found.certain[12_000]["coach2move"] == pytest.approx(net - 0.5e-5 * variance, rel=0.01)
    assert found.certain[12_000]["mix"] == pytest.approx(0.5 * net - 0.125e-5 * variance, rel=0.01)
    assert found.neutral == found.preferred == {12_000: "coach2move"}
    assert found.turns_at[12_000] == pytest.approx(2 * net / variance, rel=0.05)
    beyond = averse(result, 1.1 * found.turns_at[12_000], wtp=[12_000])
    before = averse(result, 0.9 * found.turns_at[12_000], wtp=[12_000])
    assert (before.preferred, beyond.preferred) == ({12_000: "coach2move"}, {12_000: "usual-care"})
    assert set(before.certain[12_000]) == {"usual-care", "coach2move"}


def test_a_preference_that_no_aversion_turns():
    """The worst draws of the intervention are better still; or nothing is uncertain."""
    _, result = reablement()
    better = result.draws.copy(deep=True)
    better["cost"].loc[{"strategy": "coach2move"}] -= 20_000.0
    found = averse(replace(result, curves=Curves(better)), 1e-5, wtp=[20_000])
    fixed = result.draws.copy(deep=True)
    for name in ("cost", "effect"):
        fixed[name][:] = fixed[name].mean("draw")

    assert found.turns_at == {20_000: None}
    assert 0 < found.sought_to[20_000] < np.inf
    certain = averse(replace(result, curves=Curves(fixed)), 1e-5, wtp=[20_000])
    assert (certain.turns_at, certain.sought_to) == ({20_000: None}, {20_000: np.inf})


def test_where_there_is_no_certainty_equivalent():
    """Without draws, and under t distributions, whose mean of exponentials is infinite."""
    assessment, result = reablement()
    drawn = replace(result, curves=Curves(result.draws.assign_attrs(freedom={"smallest": 60.0})))

    assert averse(assessment.comparisons[0], 1e-4).reason == "no_draws"
    assert averse(drawn, 1e-4).reason == "no_moment"
    with pytest.raises(hecon.InputError, match="aversion must be at least 0 per EUR, got -1"):
        averse(result, -1.0)


def even():
    """Return an assessment in which both options have the same expected net benefit at 20,000 per QALY."""
    assessment, result = reablement()
    draws = result.draws.copy(deep=True)
    draws["cost"].loc[{"strategy": "coach2move"}] -= float(draws["cost"].sel(strategy="coach2move").mean())
    draws["cost"].loc[{"strategy": "coach2move"}] += 20_000 * float(draws["effect"].sel(strategy="coach2move").mean())
    return assessment, replace(result, curves=Curves(draws))


def test_of_options_that_tie_a_mix_prefers_none():
    assessment, result = even()
    (found,) = mixed(assessment, [result], {"coach2move": 0.4, "usual-care": 0.6}, wtp=[20_000, 30_000])

    assert found.preferred == {20_000: None, 30_000: "coach2move"}
    assert found.tied == {20_000: ("usual-care", "coach2move")}
    assert found.loss[20_000] == pytest.approx(0, abs=1e-6)


def test_options_that_tie_without_aversion_and_with_it():
    _, result = even()
    found = averse(result, 1e-5, wtp=[20_000])

    assert (found.preferred, found.tied) == ({20_000: "usual-care"}, {})
    assert (found.neutral, found.neutral_tied) == ({20_000: None}, {20_000: ("usual-care", "coach2move")})
    assert (found.turns_at, found.sought_to) == ({20_000: None}, {20_000: 0.0})
    neutral = averse(result, 0.0, shares={"coach2move": 0.5, "usual-care": 0.5}, wtp=[20_000])
    assert (neutral.preferred, neutral.tied) == ({20_000: None}, {20_000: ("usual-care", "coach2move", "mix")})


def test_an_average_of_ties_prefers_none():
    assessment, result = even()
    draws = result.draws.mean("draw", keep_attrs=True).expand_dims(draw=2)
    twice = [replace(result, spec=result.spec.model_copy(update={"id": each}), curves=Curves(draws)) for each in "ab"]
    found = averaged(replace(assessment, comparisons=tuple(twice)), {"a": 0.5, "b": 0.5}, wtp=[20_000])

    assert (found.preferred, found.tied) == ({20_000: None}, {20_000: ("usual-care", "coach2move")})


def test_what_a_perspective_loses_that_has_no_preference():
    """One perspective is indifferent; of its two choices that of more effect loses where the other counts."""
    assessment = assessed("acl-rupture")
    society, care = (each for each in assessment.comparisons if each.spec.id.startswith("compare-"))
    tied = replace(society, delta_cost=20_000 * society.delta_effect)
    (found,) = perspective_losses(replace(assessment, comparisons=(tied, care)), wtp=[20_000])

    assert set(found.tied) == {("compare-societal", 20_000)}
    assert set(found.tied["compare-societal", 20_000]) == {society.spec.intervention, society.spec.comparator}
