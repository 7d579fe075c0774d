"""Deciding by another perspective, and over comparisons by weights: what the verbs give, and every refusal."""

from dataclasses import replace

import numpy as np
import pytest
from shipped import assessed

import hecon
from hecon.assessment.deciding import averaged, perspective_losses
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
