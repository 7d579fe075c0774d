"""QALYs and discounting: against integrals over a fine grid, a published example and their properties."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hecon import patients
from hecon.errors import InputError


def integral(utilities, months, rate):
    """Return the discounted area under the straight lines, by the midpoints of ten thousandths of a month."""
    step = 1e-3
    at = np.arange(months[0] + step / 2, months[-1], step)
    return float(np.sum(np.interp(at, months, utilities) * (1 + rate) ** -np.floor(at / 12)) * step / 12)


times = st.lists(st.integers(1, 20), min_size=1, max_size=5).map(lambda steps: [0, *np.cumsum(steps).tolist()])


@given(times, st.floats(0, 0.2), st.integers(0, 2**32 - 1))
def test_the_area_is_the_integral(months, rate, seed):
    """Split at the ends of years, which need not be times of measurement."""
    utilities = np.random.default_rng(seed).uniform(-0.4, 1, len(months))

    assert patients.qalys(utilities, months, discount=rate) == pytest.approx(
        integral(utilities, months, rate), abs=2e-5
    )


@given(times)
def test_full_health_without_discounting_is_the_duration(months):
    assert patients.qaly_weights(months).sum() == pytest.approx(months[-1] / 12, rel=1e-14)


@given(times, st.floats(0, 0.2))
def test_a_utility_of_one_is_discounted_as_a_steady_cost(months, rate):
    weights = patients.qaly_weights(months, discount=rate)
    factor = patients.discount_factors([(0, months[-1])], discount=rate)[0]

    assert weights.sum() == pytest.approx(factor * months[-1] / 12, rel=1e-12)


def test_the_area_of_a_worked_example():
    """Utilities 0.5, 0.7 and 0.8 at 0, 6 and 12 months: 0.25 × 0.5 + 0.5 × 0.7 + 0.25 × 0.8 = 0.675."""
    assert patients.qalys([[0.5, 0.7, 0.8]], [0, 6, 12]).tolist() == pytest.approx([0.675])


def test_the_second_year_is_discounted_once_and_the_third_twice():
    found = patients.discount_factors([(0, 12), (12, 24), (24, 36), (6, 18)], discount=0.25)

    assert found.tolist() == pytest.approx([1, 0.8, 0.64, 0.9])


def test_a_missing_utility_makes_the_qalys_missing():
    assert np.isnan(patients.qalys([0.5, np.nan, 0.8], [0, 6, 12]))


@pytest.mark.parametrize("months", [[0], [0, 0], [6, 3], [-1, 3], [0, float("nan")]])
def test_times_out_of_order_are_refused(months):
    with pytest.raises(InputError, match="months must be"):
        patients.qaly_weights(months)


@pytest.mark.parametrize("period", [(3, 3), (6, 3), (-1, 3), (0, float("inf"))])
def test_a_period_that_does_not_end_after_its_start_is_refused(period):
    with pytest.raises(InputError, match="a period must end after its start"):
        patients.discount_factors([period], discount=0.03)


def test_utilities_must_be_as_many_as_the_times():
    with pytest.raises(InputError, match=r"must have 3 values on the last axis, one per time, got shape \(2, 2\)"):
        patients.qalys(np.ones((2, 2)), [0, 6, 12])
