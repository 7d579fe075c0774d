"""The records of an analysis refuse a strategy, a perspective or weights that they lack, and say which they have."""

import numpy as np
import pytest

from hecon.errors import InputError
from hecon.trial import TrialAnalysis
from hecon.trial.analysis import CompleteCase, PerspectiveAnalysis
from hecon.trial.estimates import BootstrapThenImputation, PooledImputations, Resampled

RNG = np.random.default_rng(0)
MEAN = np.array([1000.0, 1400.0, 0.70, 0.74])
REPLICATES = MEAN + RNG.normal(0, [50, 60, 0.01, 0.01], (200, 4))
SPREAD = Resampled(MEAN, REPLICATES)
COVARIANCE = np.cov(REPLICATES, rowvar=False)
CASES = CompleteCase((50, 50), SPREAD, MEAN + RNG.normal(0, 1, (100, 4)), np.repeat([0, 1], 50))
ONE = PerspectiveAnalysis("societal", ("usual care", "exercise"), SPREAD, REPLICATES[None], CASES)
WHOLE = TrialAnalysis(None, "imputation", "sur", (ONE,), None, {})
SPREADS = [
    SPREAD,
    PooledImputations(MEAN, COVARIANCE, 0 * COVARIANCE, COVARIANCE, 5, 98.0),
    BootstrapThenImputation(MEAN + RNG.normal(0, 1, (50, 2, 4))),
]
WEIGHTS = ONE.contrast("exercise", cost=1)
NO_WEIGHTS = [
    ("treatment", r"^contrast must be one weight per parameter, got 'treatment': take it from contrast\("),
    (None, r"^contrast must be one weight per parameter, got a NoneType: "),
    ({"exercise": 1}, r"^contrast must be one weight per parameter, got a dict: "),
    (5, r"^contrast must be one finite weight for each of 4 parameters, got shape \(\): "),
    ([1, -1], r"^contrast must be one finite weight for each of 4 parameters, got shape \(2,\): "),
    ([[1, -1, 0, 0]], r"^contrast must be one finite weight for each of 4 parameters, got shape \(1, 4\): "),
    ([1, -1, 0, np.nan], r"^contrast must be one finite weight for each of 4 parameters, got shape \(4,\): "),
]


@pytest.mark.parametrize(("contrast", "message"), NO_WEIGHTS)
def test_what_is_no_contrast(contrast, message):
    """A name least of all; each record that takes one refuses it, and what the remedy says is taken."""
    for call in (CASES.bca, *(each.of for each in SPREADS), *(each.above_zero for each in SPREADS)):
        with pytest.raises(InputError, match=message):
            call(contrast)
        call(WEIGHTS)


@pytest.mark.parametrize("level", [0, 1, 95, -0.5, np.nan])
def test_levels_of_the_interval_of_complete_cases(level):
    """As those of the other intervals."""
    with pytest.raises(InputError, match=r"^level must "):
        CASES.bca(WEIGHTS, level=level)


@pytest.mark.parametrize("strategy", ["treatment", "usual care", "Exercise", "", None, 1])
def test_a_strategy_that_is_not_there(strategy):
    """Nor the comparator, against which each is held: the others are listed."""
    calls = (
        ONE.contrast,
        ONE.delta_cost,
        ONE.delta_effect,
        ONE.correlation,
        lambda name: ONE.net_benefit(name, wtp=20_000),
        lambda name: ONE.p_cost_effective(name, wtp=20_000),
    )
    for call in calls:
        with pytest.raises(InputError, match=r"^strategy must be one of 'exercise', got "):
            call(strategy)


@pytest.mark.parametrize("name", ["healthcare", "Societal", None, 0])
def test_a_perspective_that_is_not_there(name):
    """The ones that are there are listed."""
    with pytest.raises(InputError, match=r"^perspective must be one of 'societal', got "):
        WHOLE.perspective(name)

    assert WHOLE.perspective("societal") is ONE


@pytest.mark.parametrize("call", [ONE.net_benefit, ONE.p_cost_effective])
def test_one_willingness_to_pay_at_a_time(call):
    """Of several the first alone would count, without a word."""
    for wtp in ([20_000, 50_000], [20_000], np.array([1.0, 2.0])):
        with pytest.raises(InputError, match=r"^wtp must be one number, got .*: ask for each in turn$"):
            call("exercise", wtp=wtp)
    call("exercise", wtp=np.float64(20_000))
