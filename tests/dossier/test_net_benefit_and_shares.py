"""Net benefit and shares per quadrant from a dossier's file to the note, the audit and the workbook."""

from __future__ import annotations

import re
from decimal import Decimal

import pytest
from skeletons import skeleton

import hecon
from hecon.assessment.calculation.assessments import calculate
from hecon.reported.fits import fit_of

SKELETON = skeleton("hip-fracture")
END = 'status = "reported"\nsources = [{ document = "example", place = "table 2" }]\n\n'
STATISTICS = f"""[[comparison.statistic]]
kind = "cost-difference"
mean = -1803
ci = [-4848, 1242]
{END}[[comparison.statistic]]
kind = "effect-difference"
mean = -0.0304
{END}[[comparison.statistic]]
kind = "net-benefit-difference"
wtp = 20000
mean = 1195
ci = [-1855, 4245]
currency = "EUR"
{END}[[comparison.statistic]]
kind = "net-benefit-arms"
wtp = 80000
mean = [49371, 50000]
se = [1600, 1595]
{END}[[comparison.statistic]]
kind = "quadrant-shares"
shares = {{ NE = 0.02, SE = 0.09, SW = 0.79, NW = 0.11 }}
use = "check"
{END}"""


@pytest.fixture(scope="module")
def assessment(tmp_path_factory):
    """Return the assessment of the skeleton with these statistics and without its assumption."""
    text = SKELETON
    start, middle = text.index("[[comparison.statistic]]"), text.index("[[comparison.assumption]]")
    end = middle + re.search(r"\n\[\[comparison\.(?!assumption)", text[middle:]).start()
    path = tmp_path_factory.mktemp("dossier") / "hip-fracture.toml"
    path.write_text(text[:start] + STATISTICS + text[end:], encoding="utf-8")
    return hecon.assess(path, n_draws=2000)


def test_the_file_gives_what_the_call_gives(assessment):
    """The same parameters, nothing assumed."""
    draws = hecon.from_reported(
        "new",
        "usual",
        cost=hecon.Difference(-1803, ci=(-4848, 1242)),
        effect=hecon.Difference("-0.0304"),
        net_benefit={
            20_000: hecon.Difference(1195, ci=(-1855, 4245)),
            80_000: hecon.Arms(mean=(49371, 50000), se=(1600, 1595)),
        },
        checks={"quadrant_shares": {"NE": "0.02", "SE": "0.09", "SW": "0.79", "NW": "0.11"}},
        rng=1,
    )
    found, result = fit_of(draws), assessment.comparisons[0]

    assert {name: each.status for name, each in result.parameters.items()} == {
        "delta_cost": "reported",
        "delta_effect": "reported",
        "cost_se": "derived",
        "effect_se": "derived",
        "correlation": "derived",
    }
    for name, each in result.parameters.items():
        assert each.value == pytest.approx(found.parameters[name].value, rel=1e-9), name
        assert each.range == pytest.approx(found.parameters[name].range, rel=1e-6), name
    assert [each.predicted for each in result.checks] == [each.predicted for each in found.checks]


KEPT = f"""[[comparison.statistic]]
kind = "net-benefit-difference"
wtp = 20000
mean = 1300
ci = [-1855, 4245]
use = "check"
{END}[[comparison.statistic]]
kind = "net-benefit-arms"
wtp = 50000
mean = [49700, 50000]
se = [900, 900]
use = "check"
{END}[[comparison.statistic]]
kind = "net-benefit-difference"
wtp = 50000
mean = 283
p_below = 0.05
use = "check"
{END}"""


@pytest.fixture(scope="module")
def kept(tmp_path_factory):
    """Return the assessment with net benefits that are checks: some agree with the rest, some do not."""
    text = SKELETON
    start, middle = text.index("[[comparison.statistic]]"), text.index("[[comparison.assumption]]")
    end = middle + re.search(r"\n\[\[comparison\.(?!assumption)", text[middle:]).start()
    path = tmp_path_factory.mktemp("dossier") / "hip-fracture.toml"
    path.write_text(text[:start] + STATISTICS + KEPT + text[end:], encoding="utf-8")
    return hecon.assess(path, n_draws=2000)


def test_net_benefits_that_are_checks_change_nothing_and_are_graded(assessment, kept):
    """20,000 × −0.0304 + 1,803 is 1,195 and 50,000 × −0.0304 + 1,803 is 283; P is far from 0.05."""
    mine, theirs = kept.comparisons[0], assessment.comparisons[0]
    assert mine.parameters == theirs.parameters

    found = [(each.kind, each.at, each.printed, each.grade) for each in mine.checks[4:]]
    assert [each[:2] + each[3:] for each in found] == [
        ("delta_net_benefit", 20_000, "not consistent"),
        ("net_benefit_se", 20_000, "agrees"),
        ("delta_net_benefit", 50_000, "not consistent"),
        ("net_benefit_se", 50_000, "not consistent"),
        ("delta_net_benefit", 50_000, "agrees"),
        ("net_benefit_z", 50_000, "not consistent"),
    ]
    assert [each[2] for each in found] == pytest.approx([1300, 1556.15, -300, 1272.79, 283, 0.05], abs=0.01)
    # What is fitted rounds to 1,195 at the same value, and what is checked to 1,300: 1,195.5 and 1,299.5 are nearest.
    assert mine.checks[4].gap == pytest.approx(1195.5 - 1299.5, abs=0.01)


def test_the_audit_tells_the_net_benefits_that_do_not_follow(kept):
    """Each with what was printed of it: an amount, a standard error or a p value."""
    told = [(each.paths[0][-2:], each.relation, dict(each.numbers)) for each in hecon.audit(kept.dossier)]
    predicted = [(path, {**numbers, "gap": None}) for path, relation, numbers in told if relation == "predicted"]

    assert predicted == [
        ("5]", {"value": 1300, "gap": None}),
        ("6]", {"value": -300, "gap": None}),
        ("6]", {"se": Decimal("1272.79"), "gap": None}),
        ("7]", {"p_below": Decimal("0.05"), "gap": None}),
    ]


@pytest.mark.parametrize(
    ("lang", "wanted"),
    [
        (
            "nl",
            (
                "| verschil (netto monetaire baat bij € 20.000 per QALY) | € 1.300 | € 1.195 |",
                "| standaardfout (netto monetaire baat bij € 20.000 per QALY) | € 1.556 | € 1.556 |",
                "| p-waarde (netto monetaire baat bij € 50.000 per QALY) | \\< 0,05 | 0,88 |",
                "(standaardfout 1.272,79; voorspeld uit de andere cijfers:",
                "(p kleiner dan 0,05; voorspeld uit de andere cijfers: 0,87",
            ),
        ),
        (
            "en",
            (
                "| difference (net monetary benefit at €20,000 per QALY) | €1,300 | €1,195 |",
                "| standard error (net monetary benefit at €20,000 per QALY) | €1,556 | €1,556 |",
                "| p value (net monetary benefit at €50,000 per QALY) | \\< 0.05 | 0.88 |",
                "(standard error 1,272.79; predicted from the other statistics:",
                "(p below 0.05; predicted from the other statistics: 0.87",
            ),
        ),
    ],
)
def test_the_note_tells_net_benefits_that_are_checks(kept, lang, wanted):
    text = hecon.summary(kept, lang=lang).text("md").replace("\N{NO-BREAK SPACE}", " ")

    assert [each for each in wanted if each not in text] == []


@pytest.mark.parametrize(
    ("lang", "wanted"),
    [
        (
            "nl",
            (
                "Incrementele netto monetaire baat (iNMB) bij € 20.000 per QALY: € 1.195 (95%-BI −€ 1.855 tot € 4.245)",
                "Aandelen per kwadrant van het kosteneffectiviteitsvlak: NO 0,02; ZO 0,09; ZW 0,79; NW 0,11",
                "standaardfouten van de groepen (netto monetaire baat bij € 80.000 per QALY)",
                "aandeel in kwadrant ZW",
            ),
        ),
        (
            "en",
            (
                "Incremental net monetary benefit (iNMB) at €20,000 per QALY: €1,195 (95% CI −€1,855 to €4,245)",
                "Shares per quadrant of the cost-effectiveness plane: NE 0.02; SE 0.09; SW 0.79; NW 0.11",
                "standard errors of the arms (net monetary benefit at €80,000 per QALY)",
                "share in quadrant SW",
            ),
        ),
    ],
)
def test_the_note_names_them(assessment, lang, wanted):
    """As printed, and as what the parameters rest on."""
    text = hecon.summary(assessment, lang=lang).text("md").replace("\N{NO-BREAK SPACE}", " ")

    assert [each for each in wanted if each not in text] == []


def test_every_printed_number_is_an_input_of_the_workbook(assessment):
    """In their units: amounts of net benefit are money, shares are not."""
    quantities = calculate(assessment).quantities
    found = {
        name: (each.value, each.kind)
        for name, each in quantities.items()
        if name.startswith("comparison.0.statistic.") and each.status == "reported"
    }

    assert found["comparison.0.statistic.2.ci.0"] == (-1855, "money")
    assert found["comparison.0.statistic.3.se.1"] == (1595, "money")
    assert [found[f"comparison.0.statistic.4.shares.{side}"] for side in range(4)] == [
        (0.02, "number"),
        (0.09, "number"),
        (0.79, "number"),
        (0.11, "number"),
    ]


def test_the_audit_finds_a_share_that_does_not_follow_and_an_interval_off_its_mean(assessment):
    """By the same predictions as other checks, and by the ends of the interval."""
    spec = assessment.dossier.comparison[0]
    shares = spec.statistic[4].model_copy(update={"shares": {"NE": spec.statistic[4].shares["SW"]}})
    benefit = spec.statistic[2].model_copy(update={"ci": (3000, 4245)})

    def kinds(*statistics):
        changed = spec.model_copy(update={"statistic": statistics})
        return [
            (each.relation, each.kind)
            for each in hecon.audit(assessment.dossier.model_copy(update={"comparison": (changed,)}))
        ]

    assert kinds(*spec.statistic) == []
    assert kinds(*spec.statistic[:4], shares) == [("predicted", "quadrant-shares")]
    assert kinds(*spec.statistic[:2], benefit) == [("holds", "net-benefit-difference")]
