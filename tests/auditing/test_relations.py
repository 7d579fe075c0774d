"""Relations one by one: evidence that is true gets no finding above rounding, whatever its test or rounding."""

from __future__ import annotations

from decimal import Decimal

import numpy as np
import pytest
import trials
from scipy import stats

import hecon
from hecon.auditing.findings import PrintedDifference, audit_difference
from hecon.dossier.loading import Dossier
from hecon.dossier.note import OutcomeArms
from hecon.locale import Locale
from hecon.report.sections.audit import audit_data
from hecon.report.words.findings import finding_words


def number(text):
    """Return a number as a file holds it."""
    return Decimal(text) if "." in text else int(text)


def told(estimate, ci=None, *, mean=None, sd=None, n=None, **more):
    """Return what is found of a difference: severity, relation, repair and repaired numbers."""
    pairs = {"mean": mean, "sd": sd, "n": n}
    given = {key: tuple(number(each) for each in value) for key, value in pairs.items() if value is not None}
    numbers = {key: number(value) if isinstance(value, str) else value for key, value in more.items()}
    found = audit_difference(
        PrintedDifference(
            "Trial",
            None,
            "cost-difference",
            "path",
            (),
            number(estimate),
            None if ci is None else tuple(number(each) for each in ci),
            arms=OutcomeArms(**given) if given else None,
            **numbers,
        )
    )
    return [(each.severity, each.relation, each.repair, each.repaired) for each in found]


def kinds(*args, **more):
    """Return severity and relation alone."""
    return [each[:2] for each in told(*args, **more)]


# Rounding -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("estimate", "mean", "expected"),
    [
        ("-100", ("1000", "900"), [("inconsistent", "arms")]),
        ("100", ("1000", "900"), []),
        ("200", ("1000", "900"), [("rounding only", "arms")]),
        ("300", ("1000", "900"), [("inconsistent", "arms")]),
        ("100", ("0", "0"), [("rounding only", "arms")]),
        ("60", ("0", "-100"), [("inconsistent", "arms")]),
    ],
)
def test_whole_numbers_of_one_relation_are_rounded_alike(estimate, mean, expected):
    """Zeros are digits where a neighbour has none, and a 0 is rounded as its neighbours are."""
    assert kinds(estimate, mean=mean, adjusted=False) == expected


@pytest.mark.parametrize(("estimate", "ci"), [("0", ("-200", "300")), ("0", ("-100", "200")), ("100", ("0", "300"))])
def test_a_zero_among_rounded_numbers_is_rounded_too(estimate, ci):
    """The middle may be off by what rounding to hundreds allows."""
    assert kinds(estimate, ci) == []


def test_a_p_value_of_rounded_numbers():
    """40 (-160 to 240), to hundreds."""
    assert kinds("0", ("-200", "200"), p="0.70") in ([], [("rounding only", "p")])


def simulated(rng):
    """Return the arguments of a true difference: any test, level and size, to tens, to units or to decimals."""
    n = [int(each) for each in rng.integers(4, 60, 2)]
    sd = 10 ** rng.uniform(-1, 3) * rng.uniform(0.5, 2, 2)
    places = int(rng.integers(-1, 3)) - int(np.log10(sd.min()))
    mean = sd.max() * rng.normal(0, 2, 2)
    level = float(rng.choice([0.9, 0.95, 0.99]))
    if rng.random() < 0.5:
        parts = sd**2 / n
        se, freedom = np.sqrt(parts.sum()), parts.sum() ** 2 / (parts**2 / (np.array(n) - 1)).sum()
    else:
        pooled = ((np.array(n) - 1) * sd**2).sum() / (sum(n) - 2)
        se, freedom = np.sqrt(pooled * (1 / n[0] + 1 / n[1])), sum(n) - 2
    half = stats.t.ppf((1 + level) / 2, freedom) * se
    difference = mean[0] - mean[1]

    def text(value):
        return str(int(round(value, places))) if places <= 0 else f"{value:.{places}f}"

    return {
        "estimate": text(difference),
        "ci": (text(difference - half), text(difference + half)),
        "mean": tuple(map(text, mean)),
        "sd": tuple(f"{each:.4g}" if each < 1000 else str(int(each)) for each in sd),
        "n": tuple(map(str, n)),
        "p": f"{2 * stats.t.sf(abs(difference) / se, freedom):.3f}",
        "level": level,
        "adjusted": False,
    }


@pytest.mark.slow
def test_true_differences_of_any_test_level_and_rounding():
    """Welch's and Student's intervals at three levels, small trials, rounded to tens, units or decimals."""
    rng = np.random.default_rng(11)
    found = [
        (case, kinds(case.pop("estimate"), case.pop("ci"), **case)) for case in (simulated(rng) for _ in range(800))
    ]

    assert [
        case for case, severities in found if {each for each, _ in severities} - {"rounding only", "worth a look"}
    ] == []
    assert sum(any(each == "worth a look" for each, _ in severities) for _, severities in found) < 20


# Tests and spread -----------------------------------------------------------------------------------------------------


def test_welchs_test_is_allowed():
    """Unequal spread and few patients in one arm leave few degrees of freedom."""
    arms = {"mean": ("30.0", "20.0"), "sd": ("20.0", "2.0"), "n": ("10", "30")}

    assert kinds("10.0", ("-4.3", "24.3"), p="0.149", adjusted=False, **arms) == []


def test_a_p_value_without_an_interval_is_held_against_the_spread_of_the_arms():
    """A difference of five standard deviations in 200 patients has no p of 0.90."""
    arms = {"mean": ("10.0", "5.0"), "sd": ("1.0", "1.0"), "n": ("100", "100")}

    assert kinds("5.0", p="0.90", adjusted=False, **arms) == [("inconsistent", "p")]
    assert kinds("5.0", p_below="0.001", adjusted=False, **arms) == []
    assert kinds("5.0", p="0.90", adjusted=True, **arms) == []


@pytest.mark.parametrize(("se", "expected"), [("5.0", [("inconsistent", "spread")]), ("510.2", [])])
def test_the_standard_error_of_a_difference_goes_with_its_interval(se, expected):
    """Half the width is 1.96 standard errors, or a little more."""
    assert kinds("1003.1", ("3.2", "2003.0"), se=se) == expected


def test_a_p_value_beside_a_margin_may_be_one_of_non_inferiority():
    """So nothing is said of it."""
    assert kinds("3.6", ("-1.0", "8.2"), p="0.001") == [("inconsistent", "p")]
    assert kinds("3.6", ("-1.0", "8.2"), p="0.001", margin=True) == []


def test_levels_beyond_reason_break_nothing():
    """Nothing follows from them."""
    for level in (1e-20, 0.99999999999999999999):
        assert ("impossible", "holds") not in kinds("0.0", ("-1.0", "1.0"), p="0.5", level=level)


# Words and repairs ----------------------------------------------------------------------------------------------------


def test_swapped_arms_are_the_repair_that_leaves_the_interval_whole():
    """Another sign of the difference would take it out of the middle of its interval."""
    found = told("2.0", ("-4.0", "8.0"), mean=("42.9", "44.9"), adjusted=False)
    (_, _, repair, repaired) = found[0]

    assert repair == "order"
    assert repaired == ({"first": Decimal("44.9"), "second": Decimal("42.9"), "estimate": Decimal("2.0")},)


def test_skewed_costs_with_their_ends_swapped_are_worth_a_look():
    """Turning the ends round mends all that is asked of costs."""
    found = told("-1803", ("-838", "-3008"), symmetrical=False)

    assert found == [("worth a look", "order", "order", ({"estimate": -1803, "low": -3008, "high": -838},))]


def test_a_repair_is_possible():
    """No negative numbers of patients, and no number without a digit before its point."""
    printed = trials.simulate(np.random.default_rng(1)) | {"patients": 20, "n_1": 120, "n_2": 100}
    (total,) = (each for each in hecon.audit(trials.dossier(printed)) if each.relation == "total")
    arms = told("5.0", mean=("5.0", "5.0"), adjusted=False)

    assert all(min(each.values()) > 0 for each in total.repaired)
    assert all(
        "0.0" not in map(str, each.values()) for _, _, kind, mended in arms if kind == "extra_digit" for each in mended
    )


def test_what_is_said_to_be_adjusted_is_not_asked():
    """The words differ, the severity does not; a sign alone is still wrong."""
    assert kinds("7.9", mean=("73.0", "64.6"), adjusted=True) == [("worth a look", "said_adjusted")]
    assert kinds("7.9", mean=("73.0", "64.6")) == [("worth a look", "adjusted")]
    assert kinds("-8.4", mean=("73.0", "64.6"), adjusted=True) == [("inconsistent", "arms")]


def test_a_p_value_is_shown_against_what_it_was_held_against():
    """With a decimal more than printed, so that the words show the disagreement."""
    printed = trials.simulate(np.random.default_rng(1))
    tree = trials.dossier(printed | {"p": Decimal("0.9990")})
    (words,) = (finding_words(each, Locale("en")) for each in hecon.audit(tree) if each.relation == "p")

    assert "p 0.9990" in words
    assert words.split(" gives ")[1].split(" to ")[0].count("0") < 6


# Comparisons ----------------------------------------------------------------------------------------------------------

SOURCES = ({"document": "source", "place": "table 1"},)


def compared(*statistics):
    """Return severity and relation of what is found in a comparison with these statistics."""
    tree = trials.dossier(trials.simulate(np.random.default_rng(1))).model_dump(by_alias=True)
    tree["comparison"] = (
        {
            **tree["comparison"][0],
            "statistic": tuple({"status": "reported", "sources": SOURCES, **each} for each in statistics),
        },
    )
    for key in ("design_effect", "finding"):
        tree["comparison"][0].pop(key, None)
    found = hecon.audit(Dossier.model_validate(tree))
    return [(each.severity, each.relation) for each in found if each.path.startswith("comparison")]


def test_a_ratio_is_that_of_the_arms_too():
    """Where no difference was printed."""
    cost = {"kind": "cost-arms", "mean": (1520, 521)}
    effect = {"kind": "effect-arms", "mean": (Decimal("0.651"), Decimal("0.552"))}

    assert compared(cost, effect, {"kind": "icer", "value": 93001}) == [("inconsistent", "ratio")]
    assert compared(cost, effect, {"kind": "icer", "value": 10091}) == []


@pytest.mark.parametrize(
    ("ratio", "found"),
    [
        (19558, []),
        (19346, [("worth a look", "ratio")]),  # 0.0526, of which the last digit was cut off
        (19100, [("inconsistent", "ratio")]),
        (19900, [("inconsistent", "ratio")]),  # 0.0511 would have been rounded to 0.051
    ],
)
def test_a_ratio_of_digits_that_were_cut_off(ratio, found):
    """1,017 / 0.052: from 19,362 to 19,757 within rounding, down to 19,179 if digits were cut off."""
    cost = {"kind": "cost-difference", "mean": 1017}
    effect = {"kind": "effect-difference", "mean": Decimal("0.052")}

    assert compared(cost, effect, {"kind": "icer", "value": ratio}) == found
    # Losses mirror gains.
    mirrored = ({**cost, "mean": -1017}, {**effect, "mean": Decimal("-0.052")})
    assert compared(*mirrored, {"kind": "icer", "value": ratio, "quadrant": "SW"}) == found


CHECKED = (
    {"kind": "cost-difference", "mean": 1017, "ci": (557, 1476)},
    {"kind": "effect-difference", "mean": Decimal("0.052"), "ci": (Decimal("-0.012"), Decimal("0.117"))},
    {"kind": "correlation", "value": Decimal("0.00")},
)


@pytest.mark.parametrize(("value", "found"), [("0.72", []), ("0.66", []), ("0.55", [("worth a look", "predicted")])])
def test_a_check_that_does_not_follow(value, found):
    """0.70 is predicted at 30,000: 0.72 agrees, 0.66 nearly, 0.55 does not; all lie above one half."""
    check = {"kind": "p-cost-effective", "wtp": 30000, "value": Decimal(value), "use": "check"}

    assert compared(*CHECKED, check) == found


@pytest.mark.slow
def test_a_ratio_kept_as_a_check_is_told_once():
    """It is predicted, so the relation of the ratio leaves it alone; what contradicts itself is told as that."""
    ratio = {"kind": "icer", "value": 19346, "use": "check"}

    assert compared(*CHECKED, ratio) == []
    assert compared(*CHECKED, {**ratio, "value": 12000}) == [("worth a look", "predicted")]
    contradicted = {**CHECKED[1], "p": Decimal("0.900")}
    assert ("worth a look", "predicted") not in compared(
        CHECKED[0], contradicted, CHECKED[2], {**ratio, "value": 12000}
    )


def test_a_check_that_does_not_follow_in_words():
    """Value, prediction and gap in both languages."""
    tree = trials.dossier(trials.simulate(np.random.default_rng(1))).model_dump(by_alias=True)
    check = {"kind": "p-cost-effective", "wtp": 30000, "value": Decimal("0.55"), "use": "check"}
    given = tuple({"status": "reported", "sources": SOURCES, **each} for each in (*CHECKED, check))
    tree["comparison"] = ({**tree["comparison"][0], "statistic": given},)
    tree["comparison"][0].pop("finding", None)
    (found,) = (each for each in hecon.audit(Dossier.model_validate(tree)) if each.relation == "predicted")

    assert "(0.55; predicted from the other statistics: 0.69" in finding_words(found, Locale("en"))
    assert "0,55; voorspeld uit de andere cijfers: 0,69" in finding_words(found, Locale("nl"))


def test_perspectives_of_one_trial_have_one_effect():
    """−0.005 and −0.0046 are one difference within rounding; −0.005 and 0.010 are not."""
    tree = trials.dossier(trials.simulate(np.random.default_rng(1))).model_dump(by_alias=True)
    first = {**tree["comparison"][0], "perspective": "societal"}
    first.pop("finding", None)

    def found(other, **changes):
        def one(mean):
            return ({"kind": "effect-difference", "mean": Decimal(mean), "status": "reported", "sources": SOURCES},)

        second = {**first, "id": "other", "perspective": "healthcare", "statistic": one(other), **changes}
        tree["comparison"] = ({**first, "statistic": one("-0.005")}, second)
        told = hecon.audit(Dossier.model_validate(tree))
        return [(each.severity, each.paths) for each in told if each.relation == "perspectives"]

    assert found("-0.0046") == []
    assert found("0.010", horizon_months=60) == []
    assert found("0.010") == [("inconsistent", ("comparison[0].statistic[0]", "comparison[1].statistic[0]"))]


@pytest.mark.parametrize(
    ("cost", "effect", "quadrant", "found"),
    [
        (-1000, "0.050", "NE", ["quadrant"]),
        (1003, "-0.050", "NE", ["quadrant"]),
        (1003, "0.050", "NE", []),
        (-1003, "-0.050", "SW", []),
        (-1003, "0.050", "SW", ["quadrant"]),
    ],
)
def test_a_stated_quadrant_is_that_of_the_signs(cost, effect, quadrant, found):
    """Which side of each axis, whatever the ratio."""
    told_ = compared(
        {"kind": "cost-difference", "mean": cost},
        {"kind": "effect-difference", "mean": Decimal(effect)},
        {"kind": "icer", "value": 20060 if found == [] else 20000, "quadrant": quadrant},
    )

    assert [relation for _, relation in told_ if relation == "quadrant"] == found


def test_a_probability_where_rounding_could_turn_net_benefit():
    """1,000 may stand for 510, and then 0.72 is right."""
    cost, effect = {"kind": "cost-difference", "mean": 1000}, {"kind": "effect-difference", "mean": Decimal("0.03")}
    probability = {"kind": "p-cost-effective", "wtp": 20000, "value": Decimal("0.72")}

    assert compared(cost, effect, probability) == [("worth a look", "probability")]
    assert compared({**cost, "mean": 1003}, effect, probability) == [("inconsistent", "probability")]


def test_only_what_was_reported_is_held_against_the_rest():
    """A number of patients that the file assumes is no printed one."""
    tree = trials.dossier(trials.simulate(np.random.default_rng(1)) | {"patients": 7})
    study = tree.note.study[0]
    facts = (study.fact[0].model_copy(update={"status": "assumed"}), *study.fact[1:])
    note = tree.note.model_copy(update={"study": (study.model_copy(update={"fact": facts}),)})

    assert [each.relation for each in hecon.audit(tree)].count("total") == 1
    assert [each.relation for each in hecon.audit(tree.model_copy(update={"note": note}))].count("total") == 0


@pytest.mark.slow
def test_equal_numbers_of_other_digits_are_told_with_their_own():
    """0.40 and 0.4 are equal, but stand for other values."""
    first = trials.dossier(trials.simulate(np.random.default_rng(1)) | {"daily": Decimal("9.40")})
    second = trials.dossier(trials.simulate(np.random.default_rng(1)) | {"daily": Decimal("9.4")})

    assert first == second
    for tree in (first, second, first):
        findings = hecon.assess(tree, n_draws=10).findings

        assert findings == hecon.audit(tree)
        assert [str(each["numbers"]) for each in audit_data(findings, Locale("en"))] == [
            str(each.numbers) for each in hecon.audit(tree)
        ]
