"""Bands by absolute shortfall, from a user's own rule file: the band, its value, and all that is said of it."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib import pyplot as plt
from strategies import examples

import hecon
from hecon import plot, rules, rulesets
from hecon.assessment.calculation.assessments import calculate
from hecon.assessment.calculation.records import evaluated
from hecon.cli.main import main
from hecon.errors import DossierError, InputError
from hecon.locale import Locale
from hecon.plot.burdens import describe_burden
from hecon.report.words import burden_words

# Its figures are invented.
OWN = """format = 1
name = "yy"
currency = "EUR"
effect_unit = "QALY"
[[values]]
since = "2021"
status = "to check"
source = "Body YY. Manual. 2021, table 1"
measure = "absolute shortfall"
decimals = 1
shown = [25000, 40000, 60000]
[[values.band]]
name = "mild"
[[values.band]]
name = "moderate"
from = 0.4
value = 25000
[[values.band]]
name = "severe"
from = 4
value = 40000
[[values.band]]
name = "extreme"
from = 12.5
value = 60000
[burden]
life_table = "cbs-2021"
norms = "szende-2014"
compared_life_tables = ["cbs-2021", "un-2020-2025"]
compared_norms = ["szende-2014"]
"""
EDGES = {"moderate": Decimal("0.4"), "severe": Decimal(4), "extreme": Decimal("12.5")}
VALUES = {"mild": None, "moderate": 25_000, "severe": 40_000, "extreme": 60_000}


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    """Return the path of a file of rules."""
    found = tmp_path_factory.mktemp("rules") / "yy.toml"
    found.write_text(OWN, encoding="utf-8")
    return found


@pytest.fixture(scope="module")
def own(path):
    return rulesets.ruleset(path)


@pytest.fixture(scope="module")
def assessed(path):
    return hecon.assess("acl-rupture", rules=path, n_draws=1000)


def naive(value):
    """Return the band of a shortfall, rounded half up to one decimal."""
    rounded = Decimal(str(round(value, 10))).quantize(Decimal("0.1"), rounding=ROUND_HALF_UP)
    return next((name for name, edge in reversed(EDGES.items()) if rounded >= edge), "mild")


@examples(100)
@given(st.one_of(st.floats(-5, 60), st.sampled_from([0.35, 0.3499, 0.45, 3.95, 3.949999, 12.45, 0.0, 12.44])))
def test_a_band_is_that_of_the_rounded_qalys(own, value):
    """By decimals of the rules; a share has no part in it."""
    found = rules.burden_band(value, rules=own)

    assert (found.band, found.reference_value) == (naive(value), VALUES[naive(value)])
    assert (found.absolute_shortfall, found.proportional_shortfall) == (value, None)
    assert hecon.reference_value(value, rules=own) == found.reference_value
    assert found.remark == ("better off" if round(value, 10) < 0 else "")


@pytest.mark.parametrize(("value", "near"), [(3.9, True), (4.05, True), (4.06, False), (3.8, False)])
def test_an_edge_is_near_within_a_unit_of_its_last_decimal(own, value, near):
    """Working edges are 0.35, 3.95 and 12.45."""
    assert rules.burden_band(value, rules=own).near_edge is near


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (131, "absolute_shortfall must be at most 130 QALYs, got 131.0; check the unit"),
        (float("nan"), "absolute_shortfall must be finite, got nan"),
    ],
)
def test_qalys_that_no_one_has_are_refused(own, value, message):
    with pytest.raises(InputError, match=message):
        rules.burden_band(value, rules=own)


def test_the_same_patients_by_share_and_by_qalys(own):
    """Of 45 and of 5 QALYs ahead: a small share of much and a large share of little."""
    young, old = ((45.0, 40.0), (5.0, 1.0))
    by_share = [hecon.shortfall(population_qalys=n, remaining_qalys=d).reference_value for n, d in (young, old)]
    by_qalys = [
        hecon.shortfall(population_qalys=n, remaining_qalys=d, rules=own).reference_value for n, d in (young, old)
    ]

    assert by_share == [20_000, 80_000]
    assert by_qalys == [40_000, 40_000]


def test_draws_give_each_band_its_share_of_the_qalys(own):
    """Counted one by one; the interval is that of the QALYs, beside that of the share."""
    remaining = np.random.default_rng(5).uniform(5, 20, 400)
    found = hecon.shortfall(population_qalys=20, remaining_qalys=remaining, rules=own)
    lost = 20 - remaining

    assert found.probabilities == {band: sum(naive(each) == band for each in lost) / 400 for band in VALUES}
    assert found.measured == found.absolute == pytest.approx(lost.mean())
    assert found.measured_interval == pytest.approx(tuple(np.percentile(lost, [2.5, 97.5])))
    assert found.interval == pytest.approx(tuple(np.percentile(lost / 20, [2.5, 97.5])))
    assert found.data["absolute_interval"] == found.measured_interval


def test_how_long_a_loss_must_last_is_by_qalys(own):
    """At the duration found the loss is at the working edge of the lowest band but one, 0.35 QALY."""
    years = rules.years_to_band(0.2, age=33, female=0, rules=own)
    found = hecon.shortfall(age=33, female=0, decrement=0.2, years=years, rules=own)

    assert found.absolute == pytest.approx(0.35, abs=1e-6)
    assert rules.years_to_band(0.2, age=33, female=0, band="severe", rules=own) > years


def test_a_verdict_is_at_the_value_of_the_band(own):
    """€35,000 per QALY: not below 25,000, below 40,000."""
    draws = hecon.from_arrays([[0, 3500]], [[0, 0.1]], strategies=["usual", "new"], comparator="usual", currency="EUR")
    for remaining, outcome in ((19, "usual"), (10, "new")):
        burden = hecon.shortfall(population_qalys=20, remaining_qalys=remaining, rules=own)
        found = hecon.verdict(draws, rules=own, burden=burden)
        assert found["optimal"].sel(wtp=burden.reference_value).item() == outcome
        assert found["p_reference_value"].sel(wtp=burden.reference_value).item() == 1


def test_a_burden_by_the_other_measure_is_refused(path, own, tmp_path):
    """Bands of the same names do not make a share of 0.71 the same as so many QALYs."""
    same = tmp_path / "zz.toml"
    text = OWN.replace('"absolute shortfall"', '"proportional shortfall"').replace("decimals = 1", "decimals = 3")
    same.write_text(text.replace("from = 4", "from = 0.5").replace("from = 12.5", "from = 0.7"), encoding="utf-8")
    by_share = hecon.shortfall(population_qalys=20, remaining_qalys=5, rules=same)
    message = "burden must be by absolute shortfall, as the rules' bands are, got proportional shortfall: compute it"
    with pytest.raises(InputError, match=message):
        rules.band_probabilities(by_share, rules=own)
    with pytest.raises(InputError, match=message):
        hecon.assess("acl-rupture", rules=path, burden=by_share, n_draws=1000)


@pytest.mark.parametrize(
    ("lang", "wanted", "never"),
    [
        (
            "en",
            (
                "That is a severe burden of disease, with a reference value of €40,000 per QALY. This lies within "
                "0.1 QALY "
                "of an edge between bands, so a small change in the inputs could change the band. Given the "
                "uncertainty of "
                "the inputs, the absolute shortfall lies between 3.05 and 4.95 QALY in 95% of the simulations. "
                "Probability "
                "of each band: moderate 0.50; severe 0.50."
            ),
            "proportional shortfall lies",
        ),
        (
            "nl",
            (
                "met een referentiewaarde van € 40.000 per QALY. Dit ligt binnen 0,1 QALY van een grens tussen "
                "categorieën; een kleine verandering in de invoer kan de categorie veranderen. Gegeven de "
                "onzekerheid van "
                "de invoer ligt de absolute ziektelast in 95% van de simulaties tussen 3,05 en 4,95 QALY. Kans op "
                "elke categorie: "
                "moderate 0,50; severe 0,50."
            ),
            "ligt de proportionele ziektelast",
        ),
    ],
)
def test_in_words(own, lang, wanted, never):
    """Band, edge, range and shares are of QALYs."""
    found = hecon.shortfall(population_qalys=20, remaining_qalys=[15, 17], rules=own)
    words = burden_words(found, Locale(lang)).replace("\N{NO-BREAK SPACE}", " ")

    assert found.band == "severe"
    assert wanted in words
    assert never not in words


def test_below_the_lowest_band_with_a_value(own):
    """Its edge has its unit."""
    found = hecon.shortfall(population_qalys=20, remaining_qalys=19.9, rules=own)

    assert "which begins at 0.4 QALY (rounded)." in burden_words(found, Locale("en"))
    assert "die bij 0,4 QALY (afgerond) begint" in burden_words(found, Locale("nl")).replace("\N{NO-BREAK SPACE}", " ")


def test_the_figure_has_a_scale_of_qalys(own):
    """From 0 to beyond the last edge, or the estimate where that lies higher."""
    found = hecon.shortfall(age=33, female=0, decrement=0.2, years=30, rules=own)
    axes = plot.burden(found)
    scale = axes.child_axes[0]

    assert scale.get_ylim() == (0, pytest.approx(1.25 * 12.45))
    assert scale.lines[-1].get_ydata()[0] == pytest.approx(found.absolute)
    assert scale.get_title(loc="left") == "absolute shortfall\n(QALY)"
    assert f"shortfall {found.absolute:.2f} QALY, which lies in the band: {found.band}." in describe_burden(
        found, Locale("en")
    )
    plt.close("all")


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("from = 12.5", "from = 131", "values[0].band[3].from: must be QALYs above 0 and at most 130, got 131"),
        ("from = 0.4", "from = 0", "values[0].band[1].from: must be QALYs above 0 and at most 130, got 0"),
        (
            "from = 0.4",
            "from = 0.41",
            "values[0].band[1].from: must have at most 1 decimals, to which a shortfall is rounded, got 0.41",
        ),
        (
            'measure = "absolute shortfall"\n',
            "",
            "values[0].measure: is missing: write 'proportional shortfall' or 'absolute shortfall'",
        ),
        (
            'measure = "absolute shortfall"',
            'measure = "proportional shortfall"',
            "values[0].band[2].from: must be a share above 0 and at most 1, got 4; write 0.41 for 41%",
        ),
    ],
)
def test_faults_of_such_a_file(tmp_path, old, new, fault):
    assert old in OWN
    path = tmp_path / "yy.toml"
    path.write_text(OWN.replace(old, new), encoding="utf-8")
    with pytest.raises(DossierError) as told:
        rulesets.ruleset(path)

    assert any(fault in each for each in told.value.faults)


@pytest.mark.parametrize(
    ("lang", "wanted"),
    [
        (
            "en",
            "€25,000 from 0.4, €40,000 from 4, €60,000 from 12.5, no value below that (absolute shortfall in QALYs)",
        ),
        (
            "nl",
            "€ 25.000 vanaf 0,4, € 40.000 vanaf 4, € 60.000 vanaf 12,5, geen waarde eronder (absolute ziektelast in",
        ),
    ],
)
def test_hecon_rules_shows_them(path, capsys, lang, wanted):
    main(["rules", str(path), "--lang", lang])
    out = " ".join(capsys.readouterr().out.replace("\N{NO-BREAK SPACE}", " ").split())

    assert wanted in out


def test_hecon_burden_places_by_them(path, capsys):
    main(["burden", "--rules", str(path), "--population-qalys", "20", "--remaining-qalys", "10", "--lang", "en"])
    out = capsys.readouterr().out

    assert "severe" in out
    assert "€40,000 per QALY" in out.replace("\N{NO-BREAK SPACE}", " ")


@pytest.mark.slow
@pytest.mark.counted
@pytest.mark.parametrize(
    ("lang", "wanted"),
    [
        (
            "en",
            (
                "moderate (absolute shortfall 0.40 QALY)",
                "the absolute shortfall at the point values is 0.40 to 0.40 QALY",
                "| burden of disease | absolute shortfall in QALYs | per QALY |",
                "| extreme | from 12.5 | €60,000 |",
                "| moderate | 0.4 to 3.9 | €25,000 |",
            ),
        ),
        (
            "nl",
            (
                "moderate (absolute ziektelast 0,40 QALY)",
                "is de absolute ziektelast bij de puntwaarden 0,40 tot 0,40 QALY",
                "| ziektelast | absolute ziektelast in QALY's | per QALY |",
                "| extreme | vanaf 12,5 | € 60.000 |",
                "| moderate | 0,4 tot 3,9 | € 25.000 |",
            ),
        ),
    ],
)
def test_a_note_by_them(assessed, lang, wanted):
    """The same dossier as by the Dutch rules, which place its 0.009 below the lowest band."""
    text = hecon.summary(assessed, lang=lang).text("md").replace("\N{NO-BREAK SPACE}", " ")

    assert assessed.burden.band == "moderate"
    assert assessed.reference_value == 25_000
    assert [each for each in wanted if each not in text] == []


@pytest.fixture(scope="module")
def calculated(assessed):
    return calculate(assessed)


@pytest.mark.parametrize(
    "lost", [0.0, 0.34, 0.35, 0.3499999999, 0.45, 3.94, 3.95, 4.06, 12.4499, 12.45, 30.0, 46.0, -1.0]
)
@pytest.mark.no_cover
def test_the_workbook_places_as_python_does(calculated, own, lost):
    """Its formulas, with other QALYs of the patients."""
    found = evaluated(calculated, {"burden.population": 45.0, "burden.patients": 45.0 - lost})
    placed = rules.burden_band(45.0 - (45.0 - lost), rules=own)

    assert found["burden.computed_band"] == f"band.{placed.band}"
    assert found["burden.near_edge"] == ("yes" if placed.near_edge else "no")
    assert found["burden.reference"] == ("none" if placed.reference_value is None else placed.reference_value)
    assert found["burden.remark"] == ("better_off" if lost < 0 else "worse_than_dead" if lost > 45 else "none")
