"""Pooling: against statsmodels, a published metafor example, a naive oracle, and its properties."""

import matplotlib.pyplot as plt
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import minimize_scalar
from statsmodels.stats.meta_analysis import combine_effects

from hecon import evidence, plot
from hecon.errors import InputError

# Tuberculosis with and without, vaccinated and not: thirteen trials of the BCG vaccine (Colditz et al. 1994), which are
# the worked example of metafor (Viechtbauer), as log risk ratios.
BCG = np.array(
    [
        [4, 119, 11, 128],
        [6, 300, 29, 274],
        [3, 228, 11, 209],
        [62, 13536, 248, 12619],
        [33, 5036, 47, 5761],
        [180, 1361, 372, 1079],
        [8, 2537, 10, 619],
        [505, 87886, 499, 87892],
        [29, 7470, 45, 7232],
        [17, 1699, 65, 1600],
        [186, 50448, 141, 27197],
        [5, 2493, 3, 2338],
        [27, 16886, 29, 17825],
    ],
    dtype=float,
)


def bcg():
    """Return log risk ratios and standard errors."""
    a, b, c, d = BCG.T
    return np.log(a / (a + b) / (c / (c + d))), np.sqrt(1 / a - 1 / (a + b) + 1 / c - 1 / (c + d))


def studies(fewest=2):
    """Return a strategy of estimates and standard errors."""
    number = st.floats(-5, 5, allow_nan=False)
    error = st.floats(0.05, 3)
    pairs = st.lists(st.tuples(number, error), min_size=fewest, max_size=12)
    return pairs.map(lambda found: tuple(map(list, zip(*found, strict=True))))


# Against others -------------------------------------------------------------------------------------------------------


@pytest.mark.slow
@given(studies())
def test_fixed_and_dersimonian_laird_agree_with_statsmodels(given_studies):
    """Estimate, standard error and variance between studies, to 1e-8."""
    y, se = map(np.array, given_studies)
    with np.errstate(all="ignore"):
        theirs = combine_effects(y, se**2, method_re="dl", use_t=False)
    fixed = evidence.pool(y, se, method="fixed")
    random = evidence.pool(y, se, method="DL", test="normal")

    assert fixed.estimate == pytest.approx(theirs.mean_effect_fe, abs=1e-8)
    assert fixed.se == pytest.approx(theirs.sd_eff_w_fe, abs=1e-8)
    assert fixed.q == pytest.approx(theirs.q, rel=1e-8, abs=1e-8)
    if theirs.tau2 > 0:
        assert random.tau2 == pytest.approx(theirs.tau2, rel=1e-8, abs=1e-8)
        assert random.estimate == pytest.approx(theirs.mean_effect_re, abs=1e-8)
        assert random.se == pytest.approx(theirs.sd_eff_w_re, abs=1e-8)
    else:
        # There, a variance below zero is kept; here it is none, and the effect is one for all.
        assert (random.tau2, random.estimate) == (0.0, pytest.approx(fixed.estimate, abs=1e-12))


@pytest.mark.parametrize(
    ("method", "test", "estimate", "interval"),
    [
        ("fixed", "normal", -0.4303, (-0.5097, -0.3509)),
        ("DL", "normal", -0.7141, (-1.0644, -0.3638)),
        ("REML", "hartung-knapp", -0.7145, (-1.1084, -0.3206)),
    ],
)
def test_the_example_of_metafor(method, test, estimate, interval):
    """To the digits that metafor prints of the BCG trials."""
    found = evidence.pool(*bcg(), method=method, test=test)

    assert round(found.estimate, 4) == estimate
    assert tuple(round(end, 4) for end in found.interval) == interval
    assert round(found.q, 3) == 152.233


def test_the_rest_of_the_example_of_metafor():
    """Standard error, p value, variance between studies and I², by REML with Hartung and Knapp."""
    found = evidence.pool(*bcg())

    assert round(found.se, 4) == 0.1808
    assert round(found.p, 4) == 0.0019
    assert round(found.tau2, 4) == 0.3132
    assert round(found.i2, 4) == 0.9222
    assert found.q_p < 1e-4


@pytest.mark.slow
@given(studies(3))
def test_reml_is_where_the_restricted_likelihood_is_highest(given_studies):
    """Against a search over the likelihood itself, written here."""
    y, se = map(np.array, given_studies)

    def against(tau2):
        w = 1 / (se**2 + tau2)
        mean = (w * y).sum() / w.sum()
        return 0.5 * (-np.log(w).sum() + np.log(w.sum()) + (w * (y - mean) ** 2).sum())

    found = evidence.pool(y, se, method="REML")
    best = minimize_scalar(against, bounds=(0, 100), method="bounded", options={"xatol": 1e-10})

    assert against(found.tau2) <= min(best.fun, against(0.0)) + 1e-6


# Properties -----------------------------------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize("method", ["fixed", "DL", "REML"])
@given(studies(), st.integers(-200, 200))
def test_the_unit_does_not_matter(method, given_studies, power):
    """Scaled by a power of two, everything scales with it, also far beyond any outcome."""
    y, se = map(np.array, given_studies)
    factor = 2.0**power
    one, other = evidence.pool(y, se, method=method), evidence.pool(factor * y, factor * se, method=method)

    assert other.estimate == pytest.approx(factor * one.estimate, rel=1e-9, abs=1e-12 * factor)
    assert other.interval == pytest.approx(tuple(factor * end for end in one.interval), rel=1e-9, abs=1e-12 * factor)
    assert other.tau2 == pytest.approx(factor**2 * one.tau2, rel=1e-6, abs=1e-12 * factor**2)


@pytest.mark.slow
@given(studies(), st.randoms())
def test_the_order_of_studies_does_not_matter(given_studies, random):
    """Nor does anything but the pairs."""
    pairs = list(zip(*given_studies, strict=True))
    mixed = random.sample(pairs, len(pairs))
    one, other = (evidence.pool(*map(list, zip(*each, strict=True))) for each in (pairs, mixed))

    assert other.estimate == pytest.approx(one.estimate, abs=1e-9)
    assert other.se == pytest.approx(one.se, abs=1e-9)


@pytest.mark.slow
@given(studies())
def test_the_estimate_lies_among_the_studies(given_studies):
    """Weights add up to 1; a random effect never trusts the pool more than a fixed one, by the normal interval."""
    y, se = map(np.array, given_studies)
    fixed, random = evidence.pool(y, se, method="fixed"), evidence.pool(y, se, test="normal")

    assert y.min() - 1e-12 <= random.estimate <= y.max() + 1e-12
    assert random.weights.sum() == pytest.approx(1)
    assert random.se >= fixed.se * (1 - 1e-12)
    assert 0 <= random.i2 <= 1


def test_studies_that_agree_leave_no_variance_between_them():
    """Nothing divides by zero, and the pool is no surer than the errors of its studies allow."""
    found, fixed = (evidence.pool([0.5] * 3, [0.1, 0.2, 0.3], method=method) for method in ("REML", "fixed"))

    assert (found.estimate, found.tau2, found.i2) == (pytest.approx(0.5), 0.0, 0.0)
    assert found.se == pytest.approx(fixed.se)
    assert found.interval[1] - found.interval[0] > fixed.interval[1] - fixed.interval[0]
    assert evidence.pool([1, 1], [1, 1]).p > 0.3


@pytest.mark.parametrize("scale", [1e-140, 1e-12, 1.0, 1e12, 1e140])
@pytest.mark.parametrize("method", ["fixed", "DL", "REML"])
def test_any_scale(method, scale):
    """Squares neither vanish nor overflow."""
    one = evidence.pool([1, 2, 2.5], [1, 0.5, 0.3], method=method)
    other = evidence.pool([scale, 2 * scale, 2.5 * scale], [scale, 0.5 * scale, 0.3 * scale], method=method)

    assert other.estimate == pytest.approx(scale * one.estimate, rel=1e-9)
    assert other.se == pytest.approx(scale * one.se, rel=1e-9)
    assert other.p == pytest.approx(one.p, rel=1e-9)


def test_a_precise_study_among_vague_ones_is_no_matter():
    """Two studies differ by 1, as exactly as can be, and a third says next to nothing."""
    assert evidence.pool([1, 2, 3], [1e-3, 1e-3, 1e3]).tau2 == pytest.approx(0.5, rel=1e-5)
    assert evidence.pool([1, 2, 3], [1, 1, 1]).tau2 == pytest.approx(0.0, abs=1e-12)


def test_two_studies_have_no_prediction():
    """Three do, and it is wider than the interval."""
    two, three = evidence.pool([0, 1], [0.1, 0.1]), evidence.pool([0, 1, 2], [0.1, 0.1, 0.1])

    assert two.prediction is None
    assert three.prediction[0] < three.interval[0]
    assert evidence.pool([0, 1, 2], [1, 1, 1], method="fixed").prediction is None


# Bad input ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "options", "message"),
    [
        (([1], [1]), {}, "estimates must be a one-dimensional sequence of at least 2 numbers, got shape (1,)"),
        (([1, 2], [1, 1, 1]), {}, "estimates and se must be equally many, got 2 and 3"),
        (([1, float("nan")], [1, 1]), {}, "estimates must be finite, got nan at position 1"),
        (([1, 2], [1, 0]), {}, "se must be finite and above 0, got 0.0 at position 1"),
        ((["1", "2"], [1, 1]), {}, "estimates must be a sequence of numbers, got ['1', '2']"),
        (
            ([1, 2], [1e-9, 1]),
            {},
            "estimates and se must lie within 1e+07 of each other in size, got too wide a range",
        ),
        (([1, 2], [1, 1e200]), {}, "se must lie between 1e-150 and 1e+150, got 1e+200: choose another unit"),
        (([1, 2], [1, 1]), {"method": "PM"}, "method must be one of 'fixed', 'DL', 'REML', got 'PM'"),
        (([1, 2], [1, 1]), {"test": "z"}, "test must be one of 'normal', 'hartung-knapp', got 'z'"),
        (([1, 2], [1, 1]), {"level": 95}, "level must lie in [0.5, 1), got 95; write 0.95 for 95%"),
    ],
)
def test_what_cannot_be_pooled_is_refused(arguments, options, message):
    """In words."""
    with pytest.raises(InputError) as caught:
        evidence.pool(*arguments, **options)

    assert str(caught.value) == message


# The forest plot ------------------------------------------------------------------------------------------------------


@pytest.fixture(autouse=True)
def _no_figure_left():
    """Close what a test left open."""
    yield
    plt.close("all")


@pytest.mark.parametrize(("lang", "last"), [("nl", "gepoold"), ("en", "pooled")])
def test_a_forest_has_a_row_for_each_study(lang, last):
    """In the order given, with intervals at the level, the diamond at the pooled estimate and both margins."""
    y, se, names = [0.1, 0.5, 0.9], [0.1, 0.2, 0.4], ["A", "B", "C"]
    pooled = evidence.pool(y, se, level=0.9)
    ax = plot.forest(y, se, names=names, pooled=pooled, label="difference", margin=0.3, lang=lang)
    spans = ax.collections[0].get_segments()
    corners = ax.patches[0].get_xy()[:, 0]

    assert [each.get_text() for each in ax.get_yticklabels()] == [*names, last]
    assert [(span[1, 0] - span[0, 0]) / 2 for span in spans] == pytest.approx(
        [1.644854 * each for each in se], rel=1e-6
    )
    assert (corners.min(), corners.max()) == pytest.approx(pooled.interval)
    assert sorted(line.get_xdata()[0] for line in ax.lines) == [-0.3, 0, 0.3]
    assert ax.yaxis_inverted()


def test_a_forest_in_words():
    """Every study and what they say together."""
    y, se = [0.1, 0.5], [0.1, 0.1]
    pooled = evidence.pool(y, se, method="fixed")

    assert plot.describe(plot.forest(y, se, names=["A", "B"], pooled=pooled)) == (
        "Forest plot, in brackets the 95% CI. A 0.10 (−0.10 to 0.30); B 0.50 (0.30 to 0.70). Pooled: 0.30 (0.16 to "
        "0.44). Share of the variance between studies: 88%."
    )


def test_a_forest_of_unequal_parts_is_refused():
    """With the numbers of each."""
    pooled = evidence.pool([1, 2], [1, 1])

    with pytest.raises(InputError) as caught:
        plot.forest([1, 2], [1, 1], names=["A"], pooled=pooled)

    assert str(caught.value) == ("estimates, se, names and pooled must be of equally many studies, got 2, 2, 1 and 2")
