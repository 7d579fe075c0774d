"""From a dossier to an assessment: what must be shown for each trial, and what must not."""

from __future__ import annotations

from dataclasses import FrozenInstanceError
from math import erf, sqrt

import numpy as np
import pytest
from scipy.special import ndtri
from skeletons import skeleton

import hecon
from hecon import assessment, dossier, reported, zin
from hecon.assessment import Reason, assess
from hecon.dossier import FOLDER
from hecon.errors import ContradictionError, InputError
from hecon.reported.fits import fit_of
from hecon.rulesets import ruleset

# Every test looks at whole assessments, and whichever comes first makes them.
pytestmark = pytest.mark.slow

GOOD, BAD = "cost-effective", "not cost-effective"
SKELETON = skeleton("hip-fracture")
SOURCES = 'status = "reported"\nsources = [{ document = "example", place = "page 1" }]'
COST = "mean = 900\nci = [-300, 2100]"
EFFECT = "mean = 0.050\nci = [-0.010, 0.110]"


@pytest.fixture(scope="module")
def found():
    """Return the comparisons of every packaged dossier, by id, each assessed once."""
    return {each.spec.id: each for name in dossier.names() for each in assess(name).comparisons}


def changed(tmp_path, *changes, n_draws=200, rng=0):
    """Return the assessment of the skeleton after some changes of its text."""
    text = SKELETON
    for old, new in changes:
        assert old in text
        text = text.replace(old, new, 1)
    path = tmp_path / "changed.toml"
    path.write_text(text, encoding="utf-8")
    return assess(path, n_draws=n_draws, rng=rng)


def statistic(*lines):
    """Return the change that adds a statistic with these lines."""
    text = "\n".join(["[[comparison.statistic]]", *lines, SOURCES])
    return ("# What nobody reported", f"{text}\n\n# What nobody reported")


def normal(z):
    """Return the standard normal distribution function."""
    return (1 + erf(z / sqrt(2))) / 2


def conclusions(result):
    """Return the conclusion at each reference value."""
    return {each.reference_value: each.conclusion for each in result.judgements}


def statuses(result):
    """Return the status of each of the five parameters."""
    return {name: each.status for name, each in result.fit.parameters.items()}


def sensitivity(result, kind, *about):
    """Return the one sensitivity of a kind, about something."""
    (one,) = (each for each in result.sensitivities if each.kind == kind and (not about or each.about == about))
    return one


# --- COMPARE (progress report, appendix 1a; 10.1136/bjsports-2020-102564) ---------------------------------------------


def test_compare_societal(found):
    """14,951 − 11,558 = 3,393; 78,179 per QALY gained; not cost-effective at 20,000 and 50,000, the edge at 80,000."""
    result = found["compare-societal"]

    assert result.computable
    assert (result.reason, result.no_verdict) == (None, None)
    assert round(result.delta_cost) == 3393
    assert round(result.delta_effect, 4) == 0.0434
    assert (round(result.icer), result.quadrant, result.quadrant_implied) == (78_179, "NE", False)
    # 20,000 × 0.0434 − 3,393 and so on
    assert {value: round(net) for value, net in result.net_benefit.items()} == {
        10_000: -2959,
        20_000: -2525,
        50_000: -1223,
        80_000: 79,
    }
    assert conclusions(result) == {20_000: BAD, 50_000: BAD, 80_000: GOOD}
    assert [each.edge for each in result.judgements] == [False, False, True]
    assert not any(each.flips for each in result.judgements)


def test_compare_societal_uncertainty(found):
    """Standard error 1,594 from SDs and n; P 0.08 at 20,000, 0.03 to 0.14 over both assumptions, 0.51 at 80,000."""
    result = found["compare-societal"]
    se = sqrt(10_004**2 / 85 + 10_579**2 / 82)

    assert round(result.fit.parameters["cost_se"].value) == round(se) == 1594
    # 3,393 ± 1.96 × 1,594
    assert [round(end) for end in result.intervals["delta_cost"]] == [268, 6518]
    assert result.varied == ("effect_se", "correlation")
    # z = −2,525/√((20,000 × 0.045)² + 1,594²) = −1.379
    assert result.p_cost_effective[20_000] == pytest.approx(normal(-2525 / sqrt(900**2 + se**2)), abs=0.004)
    assert [round(end, 2) for end in result.p_range[20_000]] == [0.03, 0.14]
    assert round(result.p_cost_effective[80_000], 2) == 0.51
    assert [(each.p_cost_effective, each.p_range) for each in result.judgements] == [
        (result.p_cost_effective[value], result.p_range[value]) for value in zin.REFERENCE_VALUES
    ]


def test_compare_sensitivities_vary_one_assumption_at_a_time(found):
    """Over σ_E alone the ends are those at 0.034 and 0.053 with ρ = 0; over ρ alone those at ±0.5."""
    result = found["compare-societal"]
    effect, correlation = (sensitivity(result, "assumption", name) for name in ("effect_se", "correlation"))

    def share(se, rho):
        spread = sqrt((20_000 * se) ** 2 + 1594.4**2 - 2 * 20_000 * rho * se * 1594.4)
        return normal(-2525 / spread)

    assert effect.range == (0.034, 0.053)
    assert effect.p_cost_effective[20_000] == pytest.approx((share(0.034, 0), share(0.053, 0)), abs=2e-4)
    assert correlation.range == (-0.5, 0.5)
    assert correlation.p_cost_effective[20_000] == pytest.approx((share(0.045, 0.5), share(0.045, -0.5)), abs=2e-4)
    # Nothing printed is off centre or clustered.
    assert not {"halves", "lognormal", "design_effect"} & {each.kind for each in result.sensitivities}


def test_compare_healthcare_gives_points_alone(found):
    """48,460 × 0.0434 = 2,103; no spread is known or assumed, so no probability, with the reason."""
    result = found["compare-healthcare"]

    assert result.computable
    assert result.reason == Reason("spread", ("cost_se", "effect_se", "correlation"))
    assert (round(result.delta_cost), round(result.icer), result.quadrant) == (2103, 48_460, "NE")
    assert conclusions(result) == {20_000: BAD, 50_000: GOOD, 80_000: GOOD}
    assert round(result.net_benefit[20_000]) == -1235
    assert (result.draws, result.intervals, result.p_cost_effective, result.p_range) == (None, {}, {}, {})
    assert (result.sensitivities, result.varied) == ((), ())
    assert [(each.p_cost_effective, each.p_range) for each in result.judgements] == [(None, None)] * 3


def test_compare_perspectives_part_ways_at_50_000(found):
    """78,179 and 48,460 lie on either side of 50,000 and of no other reference value."""
    for name in ("compare-societal", "compare-healthcare"):
        assert [each.flips_across_perspectives for each in found[name].judgements] == [False, True, False]


# --- STARR (appendix 1b; 10.1302/0301-620X.105B11.BJJ-2023-0107.R1) ---------------------------------------------------


def test_starr_societal_is_dominated(found):
    """1,022 more for 0.0046 QALY less: NW, no ratio, the printed one kept beside it and never ranked."""
    result = found["starr-societal"]
    printed = next(each for each in result.spec.statistic if each.kind == "icer")

    assert (round(result.delta_cost), round(result.delta_effect, 4)) == (1022, -0.0046)
    assert (result.quadrant, result.icer) == ("NW", None)
    assert printed.value == -223_372
    assert next(each for each in result.fit.statistics if each.name == "icer").fitted == pytest.approx(
        -223_372, abs=0.5
    )
    assert conclusions(result) == {20_000: BAD, 50_000: BAD, 80_000: BAD}
    # −20,000 × 0.004575 − 1,022
    assert round(result.net_benefit[20_000]) == -1114
    assert result.varied == ("cost_se", "correlation")
    assert max(high for _, high in result.p_range.values()) < 0.5


def test_starr_healthcare_gives_points_alone(found):
    """160,000 × 0.004575 = 732 more, with the trial's one difference in effects; the cost spread is not known."""
    result = found["starr-healthcare"]

    assert (round(result.delta_cost), result.delta_effect) == (732, pytest.approx(-1022 / 223_372, rel=1e-5))
    assert result.delta_effect == pytest.approx(found["starr-societal"].delta_effect, rel=1e-9)
    assert (result.shares_effect, found["starr-societal"].shares_effect) == (True, False)
    assert (result.quadrant, result.icer) == ("NW", None)
    assert result.reason == Reason("spread", ("cost_se", "correlation"))
    # 732 follows from the unrounded difference and 800 from the rounded one: both lie in the range.
    low, high = result.fit.parameters["delta_cost"].range
    assert low < 732
    assert high > 800
    assert conclusions(result) == {20_000: BAD, 50_000: BAD, 80_000: BAD}
    assert not any(each.flips_across_perspectives for each in result.judgements)


# --- ESCAPE (appendix 1b; 10.1136/bjsports-2018-100065) ---------------------------------------------------------------


def test_escape_saves_per_qaly_lost(found):
    """SW, 61,584 saved per QALY lost: cost-effective at 20,000 and 50,000, not at 80,000."""
    result = found["escape-societal"]

    assert (round(result.delta_cost), round(result.delta_effect, 4)) == (-1803, -0.0293)
    assert (round(result.icer), result.quadrant) == (61_584, "SW")
    assert conclusions(result) == {20_000: GOOD, 50_000: GOOD, 80_000: BAD}
    # 1,803 − 20,000 × 0.029277
    assert round(result.net_benefit[20_000]) == 1217
    assert result.varied == ("skewness",)


def test_escape_meets_its_printed_probabilities(found):
    """0.99 at 10,000 and 0.40 at 80,000 as printed; at 20,000 rounding leaves 0.916 to 0.956."""
    result = found["escape-societal"]

    assert f"{result.p_cost_effective[10_000]:.2f}" == "0.99"
    assert f"{result.p_cost_effective[80_000]:.2f}" == "0.40"
    assert reported.probability_range(result.fit, wtp=20_000) == pytest.approx((0.916, 0.956), abs=0.001)
    low, high = result.p_range[20_000]
    assert low < 0.916
    assert high > 0.956
    assert result.fit.parameters["effect_se"].value == pytest.approx(0.0243, abs=5e-5)
    assert result.fit.parameters["correlation"].value == pytest.approx(-0.21, abs=0.005)


def test_escape_checks_are_predicted(found):
    """P(CE) at 0 predicted 0.999, printed 1.00; P(QALY loss within 0.057) 0.87 (0.84 to 0.91), printed 0.89."""
    at_zero, margin = found["escape-societal"].fit.checks

    assert (round(at_zero.predicted, 3), at_zero.printed, at_zero.consistent) == (0.999, 1.0, True)
    assert (round(margin.predicted, 2), margin.printed, margin.consistent) == (0.87, 0.89, True)
    assert [round(end, 2) for end in margin.range] == [0.84, 0.91]


def test_an_assessment_finds_what_the_audit_finds_and_fits_each_comparison_once(monkeypatch, tmp_path):
    """The checks that the audit predicts are those of the fit that the results rest on."""
    fits = []
    monkeypatch.setattr(reported, "fit", lambda fit=reported.fit, **given: fits.append(fit(**given)) or fits[-1])
    text = (FOLDER / "meniscal-tear-degenerative.toml").read_text(encoding="utf-8")
    path = tmp_path / "meniscal-tear-degenerative.toml"
    path.write_text(
        text.replace("threshold = -0.057\nvalue = 0.89", "threshold = -0.057\nvalue = 0.39"), encoding="utf-8"
    )
    assessed = assess(path, n_draws=10)

    assert len(fits) == len(assessed.comparisons) == 1
    assert "predicted" in {each.relation for each in assessed.findings}
    assert assessed.findings == hecon.audit(path)


def test_escape_shows_what_its_uncentred_interval_would_change(found):
    """Midpoint −1,923 against −1,803: the halves and a skewed marginal are shown, the latter as a prediction."""
    result = found["escape-societal"]
    halves, skewed = (sensitivity(result, kind) for kind in ("halves", "lognormal"))

    assert [(each.about, each.range) for each in (halves, skewed)] == [(("cost",), None)] * 2
    assert set(halves.p_cost_effective) == set(skewed.p_cost_effective) == set(result.values)
    for value in result.values:
        rounding = reported.probability_range(result.fit, wtp=value)
        every = [rounding, halves.p_cost_effective[value], skewed.p_cost_effective[value]]
        assert halves.p_cost_effective[value][0] <= rounding[0] + 1e-6
        assert halves.p_cost_effective[value][1] >= rounding[1] - 1e-6
        assert result.p_range[value] == pytest.approx((min(low for low, _ in every), max(high for _, high in every)))
        assert skewed.p_cost_effective[value][0] == skewed.p_cost_effective[value][1]
    # The printed 0.40 still comes out with a skewed cost.
    assert skewed.p_cost_effective[80_000][0] == pytest.approx(0.40, abs=0.01)


# --- Coach2Move (appendix 1c) -----------------------------------------------------------------------------------------


def test_coach2move_2022(found):
    """NE, 8,993 per QALY gained; P 0.76 at 20,000 with ρ = 0, about 0.72 to 0.84 over ρ ±0.5."""
    result = found["coach2move-2022"]

    assert (round(result.delta_cost), round(result.delta_effect, 3)) == (800, 0.089)
    assert (round(result.icer), result.quadrant) == (8993, "NE")
    assert conclusions(result) == {20_000: GOOD, 50_000: GOOD, 80_000: GOOD}
    # 20,000 × 800/8,993 − 800
    assert round(result.net_benefit[20_000]) == 979
    assert result.p_cost_effective[20_000] == pytest.approx(0.76, abs=0.005)
    # Rounding of the printed interval (-0.00 to 0.18) widens the range a little.
    assert reported.probability_range(result.fit, wtp=20_000) == pytest.approx((0.72, 0.84), abs=0.008)
    # Clustering takes it down to 0.60.
    assert result.p_range[20_000] == pytest.approx((0.60, 0.84), abs=0.005)
    assert result.varied == ("correlation", "design_effect")


def test_coach2move_2022_design_effects(found):
    """With z = 979/√((20,000 × 0.0459)² + 1,035²) = 0.708; Φ(z/√1.2) = 0.74 and Φ(z/√4.6) = 0.63."""
    one = sensitivity(found["coach2move-2022"], "design_effect")
    z = 979.2 / sqrt((20_000 * 0.18 / 3.92) ** 2 + (4058 / 3.92) ** 2)

    assert one.range == (1.2, 4.6)
    assert [round(share, 2) for share in one.p_cost_effective[20_000]] == [0.63, 0.74]
    assert one.p_cost_effective[20_000] == pytest.approx((normal(z / sqrt(4.6)), normal(z / sqrt(1.2))), abs=1e-3)


def test_coach2move_2022_clustering_jointly(found):
    """Together with ρ and rounding: at 20,000 the range 0.71 to 0.84 widens towards one half, to 0.60 to 0.84."""
    result = found["coach2move-2022"]
    joint = sensitivity(result, "joint")
    low, high = reported.probability_range(result.fit, wtp=20_000)

    assert joint.range == (1.0, 4.6)
    assert joint.p_cost_effective[20_000] == pytest.approx((normal(ndtri(low) / sqrt(4.6)), high), abs=1e-9)
    assert [round(end, 2) for end in joint.p_cost_effective[20_000]] == [0.60, 0.84]


def test_an_interval_all_but_centred_shows_no_skewness(found):
    """Midpoint 795 against 800, a thousandth of the width: the rows would say nothing."""
    kinds = [each.kind for each in found["coach2move-2022"].sensitivities]

    assert kinds == ["assumption", "design_effect", "joint"]


def test_coach2move_2016_is_not_computable(found):
    """No figures were printed: the finding implies SE, and nothing else is said."""
    result = found["coach2move-2016"]

    assert not result.computable
    assert result.reason == Reason("no_figures")
    assert (result.quadrant, result.quadrant_implied) == ("SE", True)
    assert (result.fit, result.draws, result.delta_cost, result.delta_effect, result.icer) == (None,) * 5
    assert (result.net_benefit, result.p_cost_effective, result.judgements, result.no_verdict) == ({}, {}, (), None)


# --- what is known, derived and assumed -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("compare-societal", ["derived", "derived", "derived", "assumed", "assumed"]),
        ("compare-healthcare", ["derived", "derived", *["not determined"] * 3]),
        ("starr-societal", ["reported", "derived", "assumed", "derived", "assumed"]),
        ("starr-healthcare", ["derived", "derived", "not determined", "derived", "not determined"]),
        ("escape-societal", ["reported", "derived", "derived", "derived", "derived"]),
        ("coach2move-2022", ["reported", "derived", "derived", "derived", "assumed"]),
    ],
)
def test_each_parameter_has_its_status(found, name, expected):
    """In the order cost, effect, their standard errors, correlation."""
    names = ["delta_cost", "delta_effect", "cost_se", "effect_se", "correlation"]

    assert statuses(found[name]) == dict(zip(names, expected, strict=True))


def test_a_parameter_is_no_better_known_than_what_it_rests_on(tmp_path):
    """Reported by a statistic that the dossier marks assumed, a parameter is assumed; the other stays reported."""
    reported_cost = (f'{COST}\nstatus = "assumed"', f'{COST}\nstatus = "reported"')
    result = changed(tmp_path, reported_cost).comparisons[0]

    assert statuses(result) == {
        "delta_cost": "reported",
        "delta_effect": "assumed",
        "cost_se": "derived",
        "effect_se": "assumed",
        "correlation": "assumed",
    }


@pytest.mark.parametrize("first", [True, False])
def test_of_two_statistics_on_one_parameter_the_weaker_tells(tmp_path, first):
    """A mean printed beside an assumed one does not make it known, in whichever order; nor the interval."""
    known = statistic('kind = "effect-difference"', "mean = 0.05")
    text = SKELETON.replace(*known, 1)
    if first:
        rows = text.split("[[comparison.statistic]]\n")
        text = "[[comparison.statistic]]\n".join([*rows[:-2], rows[-1].split("# What nobody", 1)[0], rows[-2]])
        text += "# What nobody" + rows[-1].split("# What nobody", 1)[1]
    path = tmp_path / "two.toml"
    path.write_text(text, encoding="utf-8")
    result = assess(path, n_draws=50).comparisons[0]
    kinds = [(each.kind, each.status) for each in result.spec.statistic]

    assert kinds.index(("effect-difference", "reported")) == (1 if first else 2)
    assert statuses(result)["delta_effect"] == "assumed"
    assert statuses(result)["effect_se"] == "assumed"


# --- what cannot be told ----------------------------------------------------------------------------------------------


def test_a_missing_mean_is_not_computable(tmp_path):
    """Effects alone: the cost difference follows from nothing, and the reason names it."""
    start = SKELETON.index("[[comparison.statistic]]")
    cost = SKELETON[start : SKELETON.index("[[comparison.statistic]]", start + 1)]
    result = changed(tmp_path, (cost, "")).comparisons[0]

    assert not result.computable
    assert result.reason == Reason("means", ("delta_cost",))
    assert result.fit.parameters["delta_effect"].value == pytest.approx(0.05)
    assert (result.delta_cost, result.delta_effect, result.judgements) == (None, None, ())


@pytest.mark.parametrize(
    ("finding", "quadrant"), [("at every willingness to pay", "SE"), ("at no willingness to pay", "NW")]
)
def test_a_finding_implies_a_quadrant(tmp_path, finding, quadrant):
    """Cost-effective at every value means no dearer and no worse; at none, no cheaper and no better."""
    start, end = SKELETON.index("[[comparison.statistic]]"), SKELETON.index("[[comparison.caveat]]")
    text = f'[comparison.finding]\ncost_effective = "{finding}"\ntext.nl = "x"\ntext.en = "x"\n'
    text += 'sources = [{ document = "example", place = "page 1" }]\n\n'
    result = changed(tmp_path, (SKELETON[start:end], text)).comparisons[0]

    assert (result.quadrant, result.quadrant_implied, result.computable) == (quadrant, True, False)


def test_another_currency_gets_no_verdict(tmp_path):
    """ACL SNNAP in pounds (Bone Joint J 2024;106-B:38-45): P 0.52 and 0.71, and no euros held against them."""
    result = changed(
        tmp_path,
        ('currency = "EUR"', 'currency = "GBP"'),
        (COST, "mean = 1017\nci = [557, 1476]"),
        # The interval's midpoint: the printed 0.052 does not go with the printed ratio.
        (EFFECT, "mean = 0.0525\nci = [-0.012, 0.117]"),
        n_draws=100_000,
    ).comparisons[0]

    assert result.computable
    assert result.judgements == ()
    assert result.no_verdict == Reason("currency", ("GBP",))
    assert [f"{reported.probability(result.fit, wtp=value):.2f}" for value in (20_000, 30_000)] == ["0.52", "0.71"]
    assert (result.values, result.net_benefit, result.p_cost_effective, result.sensitivities) == ((), {}, {}, ())
    assert round(result.icer) == round(1017 / 0.0525)
    assert result.draws.attrs["currency"] == "GBP"


THRESHOLD = """
[[comparison.threshold]]
value = {value}
text.nl = "Drempel"
text.en = "Threshold"
sources = [{{ document = "example", place = "page 1" }}]
"""


def with_thresholds(tmp_path, *values, change=(COST, COST), **options):
    """Return the result of the skeleton's comparison with thresholds of its source."""
    tables = "".join(THRESHOLD.format(value=value) for value in values)
    return changed(
        tmp_path, change, ("[[comparison.caveat]]", f"{tables}\n[[comparison.caveat]]"), **options
    ).comparisons[0]


def test_the_thresholds_of_a_source_are_held_against_the_result(tmp_path):
    """In the file's order: net benefit by hand, and the probability that the acceptability curve has there."""
    result = with_thresholds(tmp_path, 20_000, 0, "12500.5")
    curve = hecon.ceac(result.draws, wtp=[20_000, 0, 12_500.5]).sel(strategy=result.spec.intervention)

    assert [each.value for each in result.at_thresholds] == [20_000, 0, 12_500.5]
    for each in result.at_thresholds:
        assert each.net_benefit == pytest.approx(each.value * result.delta_effect - result.delta_cost)
    assert [each.p_cost_effective for each in result.at_thresholds] == [
        float(curve.sel(wtp=each.value)) for each in result.at_thresholds
    ]
    assert result.at_thresholds[0].p_cost_effective == result.p_cost_effective[20_000]


def test_a_threshold_needs_no_probability(tmp_path):
    """Where only points are known net benefit is told alone; where nothing is known, nothing is."""
    (points,) = with_thresholds(tmp_path, 30_000, change=(COST, "mean = 900")).at_thresholds
    start = SKELETON.index("[[comparison.statistic]]")
    cost = SKELETON[start : SKELETON.index("[[comparison.statistic]]", start + 1)]
    unknown = with_thresholds(tmp_path, 30_000, change=(cost, ""))

    assert points.net_benefit == pytest.approx(30_000 * 0.05 - 900)
    assert points.p_cost_effective is None
    assert not unknown.computable
    assert unknown.at_thresholds == ()
    assert with_thresholds(tmp_path).at_thresholds == ()


def test_a_threshold_in_another_currency_stands_without_a_verdict(tmp_path):
    """It is the source's own, in its own currency: results are shown there, and figures mark it."""
    result = with_thresholds(tmp_path, 20_000, change=('currency = "EUR"', 'currency = "GBP"'))

    assert [each.value for each in result.at_thresholds] == [20_000]
    assert result.judgements == ()
    assert result.no_verdict == Reason("currency", ("GBP",))
    assert result.dominance is None
    assert result.values == tuple(result.net_benefit) == tuple(result.p_cost_effective) == (20_000,)
    assert result.draws.attrs["thresholds"] == [20_000]


def test_dominance_holds_in_another_currency(tmp_path):
    """A dominated option has a verdict in pounds too, at every value."""
    change = ('currency = "EUR"', 'currency = "GBP"')
    costs, effects = (COST, "mean = 1017\nci = [557, 1476]"), (EFFECT, "mean = -0.0525\nci = [-0.117, 0.012]")
    result = changed(tmp_path, change, costs, effects).comparisons[0]

    assert (result.quadrant, result.dominance, result.no_verdict) == ("NW", "not cost-effective", None)
    assert result.judgements == ()


def test_a_dossier_without_comparisons_is_assessed():
    """There is nothing to compare, and where it comes from is told."""
    found = assess("copd", n_draws=50, rng=7)

    assert found.comparisons == ()
    assert (found.burden, found.reference_value, found.burden_rests_on, found.burdens_agree) == (None,) * 4
    assert found.provenance["dossier"] == "copd"
    assert (found.provenance["seed"], found.provenance["n_draws"]) == (7, 50)


def test_another_effect_gets_no_verdict(tmp_path):
    """Life years are no QALYs; the same holds where only points are known."""
    unit = ('currency = "EUR"', 'currency = "EUR"\neffect_unit = "life year"')
    full = changed(tmp_path, unit).comparisons[0]
    points = changed(tmp_path, unit, (COST, "mean = 900")).comparisons[0]

    for result in (full, points):
        assert result.no_verdict == Reason("effect_unit", ("life year",))
        assert result.judgements == ()
    assert full.draws["effect"].attrs["units"] == "life year"
    assert points.reason == Reason("spread", ("cost_se",))


@pytest.mark.parametrize(
    ("changes", "error", "fragment"),
    [
        # SNNAP's own figures: 1,017/19,346 = 0.0526, which does not print as 0.052.
        (
            [
                (COST, "mean = 1017\nci = [557, 1476]"),
                (EFFECT, "mean = 0.052\nci = [-0.012, 0.117]"),
                statistic('kind = "icer"', "value = 19346"),
            ],
            ContradictionError,
            "reported statistics cannot all be true within their printed rounding",
        ),
        ([statistic('kind = "icer"', "value = -18000")], ContradictionError, "does not fit the signs"),
        (
            [statistic('kind = "correlation"', "value = 0.1")],
            InputError,
            "correlation is determined by what was reported",
        ),
    ],
)
def test_what_the_fit_refuses_names_dossier_and_comparison(tmp_path, changes, error, fragment):
    """The message says where to look; the error keeps its class."""
    with pytest.raises(error) as caught:
        changed(tmp_path, *changes)

    assert str(caught.value).startswith("hip-fracture, example-societal: ")
    assert fragment in str(caught.value)


# --- points and spreads -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", [0, 3])
@pytest.mark.parametrize(
    ("name", "ratios"),
    [
        # The last is that of the printed differences, 1,017 / 0.052: the source's own ratios are others.
        ("acl-rupture", [78_179, 48_460, 19_558]),
        ("meniscal-tear-degenerative", [61_584]),
        ("meniscal-tear-traumatic", [None, None]),
        ("reablement", [None, 8993]),
        ("copd", []),
    ],
)
def test_ratios_come_out_as_printed_whatever_the_seed(found, name, ratios, seed):
    """Draws are recentred, so only probabilities carry Monte Carlo error."""
    whole = hecon.load(name)
    of_zero = [found[each.id] for each in whole.comparison]
    without_budget = whole.model_copy(update={"budget_part": None})
    results = of_zero if seed == 0 else assess(without_budget, n_draws=50, rng=seed).comparisons

    assert [None if each.icer is None else round(each.icer) for each in results] == ratios
    for each in results:
        if each.draws is None:
            continue
        own = hecon.icer(each.draws).isel(strategy=0)
        assert float(own["delta_cost"]) == pytest.approx(each.delta_cost)
        assert float(own["delta_effect"]) == pytest.approx(each.delta_effect)


@pytest.mark.parametrize(
    ("mean", "quadrant", "conclusion"),
    [(("0", "0.050"), "=", GOOD), (("900", "0.000"), "=", BAD), (("0", "0.000"), "=", "equal")],
)
def test_on_an_axis_there_is_no_ratio_whatever_the_seed(tmp_path, mean, quadrant, conclusion):
    """A difference printed as 0 stays 0, though the mean of recentred draws is 1e-15."""
    cost = (COST, f"mean = {mean[0]}\nci = [-300, 2100]")
    effect = (EFFECT, f"mean = {mean[1]}\nci = [-0.010, 0.110]")
    for seed in range(3):
        result = changed(tmp_path, cost, effect, rng=seed).comparisons[0]

        assert (result.quadrant, result.icer) == (quadrant, None)
        assert (result.delta_cost, result.delta_effect) == tuple(map(float, mean))
        assert conclusions(result)[20_000] == conclusion


def test_probabilities_agree_with_the_closed_form(found):
    """The draws' shares lie within four Monte Carlo errors of Φ, and within their range."""
    for result in found.values():
        for value, share in result.p_cost_effective.items():
            exact = reported.probability(result.fit, wtp=value)
            assert share == pytest.approx(exact, abs=4 * sqrt(exact * (1 - exact) / 100_000))
            assert result.p_range[value][0] - 0.005 <= share <= result.p_range[value][1] + 0.005


def test_draws_carry_what_the_dossier_says(tmp_path):
    """Currency, unit, year, horizon, discount rates, source and fit travel with the draws; the unknown are left out."""
    year = ('price_year = "not reported"', "price_year = 2022")
    rate = ('discount_cost = "not reported"', "discount_cost = 0.03")
    months = ("horizon_months = 12", "horizon_months = 18")
    draws = changed(tmp_path, year, rate, months).comparisons[0].draws

    assert dict(draws.sizes) == {"draw": 200, "strategy": 2}
    assert draws["strategy"].values.tolist() == ["usual-care", "new-care"]
    assert {key: value for key, value in draws.attrs.items() if key != "fit"} == {
        "currency": "EUR",
        "effect_unit": "QALY",
        "effect_better": "more",
        "price_year": 2022,
        "comparator": "usual-care",
        "scale": "incremental",
        "horizon_years": 1.5,
        "discount_cost": 0.03,
        "source": "example-societal",
    }
    assert fit_of(draws).assumed == {"correlation": (0.0, -0.5, 0.5)}


def test_an_interval_that_no_log_normal_has_shows_its_halves_alone(tmp_path):
    """Where the mean lies far off centre, the skewed marginal is left out without a word."""
    result = changed(tmp_path, (COST, "mean = 2000\nci = [-300, 2100]")).comparisons[0]

    kinds = {each.kind for each in result.sensitivities}

    assert "halves" in kinds
    assert "lognormal" not in kinds


def test_a_one_sided_interval_is_assessed(tmp_path):
    """900 with an upper 95% bound of 2,100: σ = 1,200/1.645 = 730."""
    result = changed(tmp_path, (COST, 'mean = 900\nci = [-inf, 2100]\nsided = "one"')).comparisons[0]

    assert round(result.fit.parameters["cost_se"].value) == 730
    assert result.computable


def test_flips_within_the_range_of_an_assumption(tmp_path):
    """An assumed effect of 0.05, from 0.02 to 0.08, turns 900 at 20,000 (0.045) but not at 50,000 (0.018)."""
    start = SKELETON.index("[[comparison.statistic]]", SKELETON.index("ci = [-300"))
    effect = SKELETON[start : SKELETON.index("# What nobody reported")]
    lines = 'parameter = "delta_effect"\nvalue = 0.05\nrange = [0.02, 0.08]\nbasis.nl = "x"\nbasis.en = "x"\n\n'
    result = changed(
        tmp_path,
        (effect, ""),
        ("[[comparison.assumption]]", f"[[comparison.assumption]]\n{lines}[[comparison.assumption]]"),
    ).comparisons[0]

    assert result.reason == Reason("spread", ("effect_se",))
    assert [each.flips for each in result.judgements] == [True, False, False]


# --- perspectives -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "flips"),
    [
        ({}, True),
        ({"horizon_months": 60}, False),
        ({"perspective": "societal"}, False),
        ({"trial": "COMPARE, men"}, False),
        ({"currency": "GBP"}, False),
    ],
)
def test_only_perspectives_of_one_trial_and_horizon_are_compared(change, flips):
    """A verdict belongs to a perspective, a currency and a horizon."""
    whole = hecon.load("acl-rupture").model_copy(update={"budget_part": None})
    first, second, _ = whole.comparison
    other = whole.model_copy(update={"comparison": (first, second.model_copy(update=change))})

    results = assess(other, n_draws=50).comparisons

    assert results[0].judgements[1].flips_across_perspectives is flips


# --- randomness, provenance and shape ---------------------------------------------------------------------------------


def test_a_comparison_has_its_own_stream_of_draws():
    """Its draws depend on seed and id alone, not on the order or number of comparisons in the file."""
    whole = hecon.load("acl-rupture").model_copy(update={"budget_part": None})
    first, second, _ = whole.comparison
    twin = first.model_copy(update={"id": "twin"})
    files = [(first, second), (second, first), (first,), (twin, first)]
    results = [assess(whole.model_copy(update={"comparison": file}), n_draws=50).comparisons for file in files]
    draws = [next(each.draws for each in found if each.spec.id == first.id) for found in results]
    twins = results[-1]

    assert all(each.equals(draws[0]) for each in draws[1:])
    assert not twins[0].draws["cost"].equals(twins[1].draws["cost"])


def test_a_seed_repeats_and_another_does_not():
    """Equal seeds give equal draws, NumPy's integers as well; another seed moves the probability alone."""
    one, same, other = (assess("reablement", n_draws=200, rng=seed).comparisons[1] for seed in (3, np.int64(3), 4))

    assert one.draws.equals(same.draws)
    assert one.sensitivities == same.sensitivities
    assert one.p_cost_effective != other.p_cost_effective
    assert (one.icer, one.p_range, one.net_benefit) == (other.icer, other.p_range, other.net_benefit)


def test_a_generator_is_taken():
    """It is used as it comes, so its state decides; provenance then has no seed."""
    one, same = (assess("reablement", n_draws=50, rng=np.random.default_rng(5)) for _ in range(2))
    free = assess("reablement", n_draws=50, rng=None)

    assert one.comparisons[1].draws.equals(same.comparisons[1].draws)
    assert not free.comparisons[1].draws.equals(one.comparisons[1].draws)
    assert one.provenance["seed"] is free.provenance["seed"] is None


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"n_draws": 9}, "n_draws must be a whole number of at least 10, got 9"),
        ({"n_draws": 1000.0}, "n_draws must be a whole number of at least 10, got 1000.0"),
        ({"n_draws": True}, "n_draws must be a whole number of at least 10, got True"),
        ({"rng": -1}, "rng must be a non-negative int seed, a numpy.random.Generator or None, got -1"),
        ({"rng": True}, "rng must be a non-negative int seed, a numpy.random.Generator or None, got True"),
        ({"rng": "1"}, "rng must be a non-negative int seed, a numpy.random.Generator or None, got '1'"),
    ],
)
def test_options_are_checked(options, message):
    """Draws are counted and seeds are seeds."""
    with pytest.raises(InputError) as caught:
        assess("reablement", **options)

    assert str(caught.value) == message


def test_provenance_says_what_made_it(tmp_path):
    """Versions, seed, number of draws, and the digest of the very file."""
    result = changed(tmp_path, rng=7)

    assert result.provenance["dossier"] == "hip-fracture"
    assert result.provenance["digest"] == hecon.load(tmp_path / "changed.toml").digest
    assert (result.provenance["n_draws"], result.provenance["seed"]) == (200, 7)
    assert set(result.provenance["versions"]) == {"hecon", "python", "numpy", "scipy", "xarray"}
    assert result.provenance["versions"]["hecon"] == hecon.__version__


def test_name_path_and_dossier_give_the_same(tmp_path):
    """Whichever way the dossier is given."""
    by_name, by_dossier = (assess(each, n_draws=50) for each in ("reablement", hecon.load("reablement")))

    assert by_name == by_dossier
    assert changed(tmp_path) == assess(str(tmp_path / "changed.toml"), n_draws=200)
    with pytest.raises(InputError, match="dossier must be one of"):
        assess("no-such-dossier")


@pytest.mark.parametrize(
    ("band", "value"), [("none", None), ("low", 20_000), ("middle", 50_000), ("high", 80_000), ("not judged", None)]
)
def test_the_reference_value_is_that_of_the_burden_as_judged(tmp_path, band, value):
    """None where no one judged it, or where it lies below the lowest band; verdicts are given at all three."""
    result = changed(tmp_path, ('band = "not judged"', f'band = "{band}"'))

    assert result.reference_value == value
    assert [each.reference_value for each in result.comparisons[0].judgements] == [20_000, 50_000, 80_000]


def test_an_assessment_is_frozen():
    """Results cannot be changed after the fact."""
    result = assess("reablement", n_draws=10)

    with pytest.raises(FrozenInstanceError):
        result.comparisons = ()
    with pytest.raises(FrozenInstanceError):
        result.comparisons[1].icer = 1.0
    with pytest.raises(FrozenInstanceError):
        result.comparisons[1].judgements[0].conclusion = BAD


def test_results_follow_the_order_of_the_file():
    """One result a comparison, at four values of willingness to pay."""
    result = assess("meniscal-tear-traumatic", n_draws=10)

    assert [each.spec.id for each in result.comparisons] == ["starr-societal", "starr-healthcare"]
    assert tuple(result.comparisons[0].p_cost_effective) == (10_000, 20_000, 50_000, 80_000)


def test_uptake_and_ends_of_a_plan_are_those_of_the_budget():
    """By the conventions as stated and as printed; ends are the minimum and maximum, or what was asked for."""
    chosen = dossier.load("acl-rupture")
    result = assessment.assess_budget(chosen, 100, np.random.default_rng(0))
    alone = assessment.assess_budget(chosen, 100, np.random.default_rng(0), scenarios={"middle": "middle"})

    assert result.uptake["stated"] == tuple(hecon.budget.uptake(chosen.budget).values)
    assert set(result.uptake) == {"stated"} | ({"as printed"} if chosen.budget.as_printed else set())
    assert result.ends == ("minimum", "maximum")
    assert alone.ends == ("middle",)
    share = chosen.budget.conventions.uptake[0]
    assert result.middle(share) == result.uptake["stated"][0]
    assert result.over_ends(share)[0] <= result.middle(share) <= result.over_ends(share)[1]


def test_probabilities_by_band_are_those_at_their_reference_values():
    """None without a computed burden; the lowest band has no reference value."""
    found = assess("acl-rupture", n_draws=200)
    result = found.comparisons[0]

    assert found.reference_values == {"none": None, "low": 20_000, "middle": 50_000, "high": 80_000}
    assert found.over_bands(result) == {
        band: None if value is None else result.p_cost_effective[value]
        for band, value in found.reference_values.items()
    }


def test_criteria_are_judged_as_on_file():
    """What is not on file was not judged."""
    found = assess("meniscal-tear-traumatic", n_draws=200)
    noted = {name: getattr(found.dossier.note.criteria, name) for name in ruleset().criteria}

    assert found.criteria.judged["effectiveness"].adopted_by == noted["effectiveness"].adopted_by
    assert found.criteria.states == {
        name: "not judged" if each is None else each.judged().state for name, each in noted.items()
    }
