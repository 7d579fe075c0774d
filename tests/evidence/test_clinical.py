"""Clinical verdicts: every label, margins on either side, one-sided intervals, and the trials of the report."""

import math

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy.stats import norm

from hecon import evidence
from hecon.errors import InputError
from hecon.locale import LANGUAGES, Locale
from hecon.report.words import clinical_words

INF = math.inf
# Estimate, interval, margin, minimal important difference, and what that shows where higher is better.
CASES = {
    "superior": (5.0, (1.0, 9.0), None, None),
    "superior, clinically relevant": (5.0, (3.0, 7.0), None, 3.0),
    "superior, not clinically relevant": (1.0, (0.5, 1.5), None, 3.0),
    "equivalent": (0.2, (-0.8, 1.2), None, None),
    "non-inferior": (1.0, (-1.0, 3.0), 2.0, None),
    "non-inferior, statistically worse": (-1.0, (-1.5, -0.5), 2.0, None),
    "inferior": (-5.0, (-7.0, -3.0), 2.0, None),
    "worse": (-5.0, (-9.0, -1.0), None, None),
    "worse, clinically relevant": (-5.0, (-7.0, -3.0), None, 3.0),
    "worse, not clinically relevant": (-1.0, (-1.5, -0.5), None, 3.0),
    "worse, non-inferiority not shown": (-2.0, (-3.0, -1.0), 2.0, None),
    "non-inferiority not shown": (0.0, (-5.0, 5.0), 2.0, 3.0),
    "no relevant difference": (0.0, (-2.0, 2.0), None, 3.0),
    "inconclusive": (0.0, (-5.0, 5.0), None, 3.0),
}


def numbers(low=-100, high=100):
    """Return a strategy of moderate numbers."""
    return st.floats(low, high, allow_nan=False)


def test_the_cases_are_all_labels():
    """None is left out."""
    assert list(CASES) == list(evidence.LABELS)


@pytest.mark.parametrize("label", CASES)
def test_every_label(label):
    """One case each; turned round, with lower values better, it is the same."""
    estimate, (low, high), margin, least = CASES[label]
    options = {"margin": margin, "minimal_important_difference": least}
    if label == "equivalent":
        options["equivalence_margin"] = 2.0

    assert evidence.clinical_verdict(estimate, ci=(low, high), **options).label == label
    assert evidence.clinical_verdict(-estimate, ci=(-high, -low), better="lower", **options).label == label


def test_a_superior_result_within_a_margin_is_superior():
    """Non-inferiority is shown on the way, and said too."""
    found = evidence.clinical_verdict(1.0, ci=(0.5, 1.5), margin=2)

    assert (found.label, found.non_inferiority, found.equivalent) == ("superior", "non-inferior", None)


def test_a_margin_of_non_inferiority_is_none_of_equivalence():
    """Equivalence takes a margin of its own, on both sides."""
    assert evidence.clinical_verdict(0, ci=(-2, 7.9), margin=8).label == "non-inferior"
    assert evidence.clinical_verdict(0, ci=(-2, 7.9), margin=8, equivalence_margin=8).label == "equivalent"
    assert evidence.clinical_verdict(0, ci=(-2, 8), margin=8, equivalence_margin=8).label == "non-inferior"


def test_a_higher_level_that_leaves_out_zero_does_so_at_95_percent():
    """Each side of an off-centre interval is scaled by itself."""
    found = evidence.clinical_verdict(2, ci=(0.1, 10), level=0.99)

    assert found.direction == "superior"
    assert found.interval[0] > 0.1
    assert found.interval[1] < 10


@pytest.mark.parametrize(
    ("ci", "margin", "status"),
    [((-2.0, 1.0), 2.0, "inconclusive"), ((-1.999, 1.0), 2.0, "non-inferior"), ((-5.0, -2.0), 2.0, "inconclusive")],
)
def test_a_bound_on_the_margin_does_not_lie_within_it(ci, margin, status):
    """Nor does it lie beyond it."""
    assert evidence.clinical_verdict(-1.5 if ci[1] > 0 else -3, ci=ci, margin=margin).non_inferiority == status


def test_a_bound_on_zero_shows_no_difference():
    """Zero is in the interval."""
    assert evidence.clinical_verdict(1, ci=(0, 2)).direction == "no difference shown"
    assert evidence.clinical_verdict(-1, ci=(-2, 0)).label == "inconclusive"


# The trials of the report ---------------------------------------------------------------------------------------------


def test_escape_at_two_years():
    """Surgery minus exercise 3.6, one-sided 97.5% bound 6.5: exercise is non-inferior at 8, and statistically worse."""
    found = evidence.clinical_verdict(-3.6, ci=(-6.5, INF), level=0.975, margin=8)

    assert found.label == "non-inferior, statistically worse"
    assert found.interval == pytest.approx((-6.5, -0.7))
    assert found.derived
    assert (found.interval[1] - found.interval[0]) / 2 / 1.959964 == pytest.approx(2.9 / 1.96, abs=1e-4)


def test_escape_at_five_years():
    """3.5 (0.7 to 6.3), at a margin that had become 11."""
    found = evidence.clinical_verdict(-3.5, ci=(-6.3, -0.7), margin=11)

    assert found.label == "non-inferior, statistically worse"
    assert not found.derived


def test_compare():
    """5.3 (0.6 to 9.9) in favour of surgery; without a printed margin hecon says nothing on relevance."""
    found = evidence.clinical_verdict(5.3, ci=(0.6, 9.9))

    assert (found.label, found.relevance) == ("superior", None)


# Where the interval comes from ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given_as", "level"),
    [("two", 0.9), ("two", 0.99), ("below", 0.975), ("below", 0.95), ("above", 0.9), ("se", 0.95)],
)
def test_each_way_leads_to_the_same_interval(given_as, level):
    """Under normality, from an interval at any level, from one side of it, or from the standard error."""
    mean, se = 2.0, 0.7
    two, one = norm.ppf((1 + level) / 2) * se, norm.ppf(level) * se
    stated = {
        "two": {"ci": (mean - two, mean + two), "level": level},
        "below": {"ci": (mean - one, INF), "level": level},
        "above": {"ci": (-INF, mean + one), "level": level},
        "se": {"se": se},
    }[given_as]
    found = evidence.clinical_verdict(mean, **stated)

    assert found.interval == pytest.approx((mean - 1.959964 * se, mean + 1.959964 * se), abs=1e-6)
    assert found.derived


@given(numbers(), numbers(0.01, 50), numbers(0.01, 50))
def test_the_verdict_turns_with_the_arms(mean, half, margin):
    """What is superior one way is worse the other way, and equivalence is the same both ways."""
    options = {"margin": margin, "equivalence_margin": margin}
    one = evidence.clinical_verdict(mean, ci=(mean - half, mean + half), **options)
    other = evidence.clinical_verdict(-mean, ci=(-mean - half, -mean + half), **options)
    turned = {"superior": "worse", "worse": "superior"}

    assert other.direction == turned.get(one.direction, one.direction)
    assert other.equivalent == one.equivalent
    assert one.equivalent == (one.non_inferiority == other.non_inferiority == "non-inferior")


@given(numbers(), numbers(0.01, 50), numbers(0.01, 50), st.integers(-30, 30))
def test_the_unit_does_not_matter(mean, half, margin, power):
    """Scaled by a power of two, outcome and margin together, the verdict stays."""
    factor = 2.0**power
    one = evidence.clinical_verdict(mean, ci=(mean - half, mean + half), margin=margin)
    scaled = (factor * (mean - half), factor * (mean + half))
    other = evidence.clinical_verdict(factor * mean, ci=scaled, margin=factor * margin)

    assert other.label == one.label


@given(numbers(), numbers(0.01, 50), numbers(0.01, 50), numbers(0.01, 50))
def test_a_wider_margin_never_undoes_non_inferiority(mean, half, margin, more):
    """Nor does it make what was inconclusive inferior."""
    rank = {"inferior": 0, "inconclusive": 1, "non-inferior": 2}
    assume(margin + more > margin)
    narrow, wide = (
        evidence.clinical_verdict(mean, ci=(mean - half, mean + half), margin=each).non_inferiority
        for each in (margin, margin + more)
    )

    assert rank[wide] >= rank[narrow]


# Words ----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("label", CASES)
def test_every_label_has_words(label, lang):
    """With the names, the estimate and the interval."""
    estimate, ci, margin, least = CASES[label]
    reach = 2.0 if label == "equivalent" else None
    options = {"margin": margin, "equivalence_margin": reach, "minimal_important_difference": least}
    found = evidence.clinical_verdict(estimate, ci=ci, **options)
    words = clinical_words(found, Locale(lang), intervention="oefenen", comparator="opereren", outcome="IKDC")

    assert words.startswith("IKDC: ")
    assert "oefenen" in words
    assert "opereren" in words
    assert "{" not in words
    assert ("marg" in words) == (margin is not None)


def test_words_in_full():
    """What was derived is said to be."""
    found = evidence.clinical_verdict(-3.6, ci=(-6.5, INF), level=0.975, margin=8, minimal_important_difference=10)
    names = {"intervention": "exercise", "comparator": "surgery", "outcome": "IKDC"}

    assert clinical_words(found, Locale("en"), **names) == (
        "IKDC: exercise is non-inferior to surgery, though the result is significantly worse (−3.6; 95% CI "
        "−6.5 to −0.7). The margin of non-inferiority is 8. Over the whole interval the difference is smaller than the "
        "minimal clinically important difference of 10. The interval is derived, assuming normality."
    )


def test_small_numbers_keep_their_digits():
    """A QALY is not written as 0."""
    found = evidence.clinical_verdict(0.004, ci=(0.001, 0.007), margin=0.003)
    words = clinical_words(found, Locale("en"), intervention="A", comparator="B", outcome="QALY")

    assert words == (
        "QALY: A is significantly better than B (0.0040; 95% CI 0.0010 to 0.0070). "
        "The margin of non-inferiority is 0.003."
    )


# Bad input ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({}, "either ci or se must be given, got neither"),
        ({"ci": (0, 2), "se": 1}, "either ci or se must be given, got both"),
        ({"ci": (9.9, 0.6)}, "ci must hold the estimate 1, got 9.9 to 0.6; check signs and the order of the ends"),
        ({"ci": (2, 3)}, "ci must hold the estimate 1, got 2 to 3; check signs and the order of the ends"),
        ({"ci": (-INF, INF)}, "ci must have a finite end, got (-inf, inf)"),
        ({"ci": 2}, "ci must be a pair (low, high), got 2"),
        ({"ci": (0, math.nan)}, "ci must be finite, got nan"),
        ({"se": 0}, "se must be above 0, got 0"),
        ({"se": 1, "level": 95}, "level must lie in [0.5, 1), got 95; write 0.95 for 95%"),
        ({"se": 1, "better": "more"}, "better must be one of 'higher', 'lower', got 'more'"),
        ({"se": 1, "margin": -8}, "margin must be above 0, got -8"),
        ({"se": 1, "minimal_important_difference": 0}, "minimal_important_difference must be above 0, got 0"),
        ({"ci": (0, INF), "level": 0.5}, "level must be above 0.5 for a one-sided interval, got 0.5"),
        ({"se": 1e308}, "the interval must be finite, got one beyond the largest number"),
        ({"ci": (1, INF), "level": 0.975}, "ci must have its finite end off the estimate, got both at 1"),
    ],
)
def test_what_is_no_interval_is_refused(options, message):
    """In words, with the rule, the value and the remedy."""
    with pytest.raises(InputError) as caught:
        evidence.clinical_verdict(1, **options)

    assert str(caught.value) == message
