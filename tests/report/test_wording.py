"""How each kind of statistic, constraint, reason and sensitivity reads, in either language, currency and unit."""

import math
import re
from decimal import Decimal

import numpy as np
import pytest
from pydantic import TypeAdapter
from skeletons import skeleton

import hecon
from hecon.assessment import Reason, Sensitivity
from hecon.assessment.comparing import placed_by
from hecon.dossier.comparison import Statistic
from hecon.locale import LANGUAGES, Locale
from hecon.report.words.common import capital
from hecon.report.words.comparisons import ComparisonWords
from hecon.reported._constraints import Constraint

NBSP = "\N{NO-BREAK SPACE}"
SOURCE = '{ document = "example", place = "table 2" }'

# One comparison of each awkward sort, put in the place of the skeleton's own statistics.
POUNDS = """
[[comparison.statistic]]
kind = "cost-difference"
mean = 1017
ci = [557, 1476]
status = "reported"
sources = [SOURCE]

[[comparison.statistic]]
kind = "effect-difference"
mean = 0.052
p = 0.177
status = "reported"
sources = [SOURCE]
"""
KEPT = 'kind = "p-cost-effective"\nuse = "check"\nwtp = 20000\nvalue = {value}'
NO_MEANS = """
[[comparison.statistic]]
kind = "p-cost-effective"
wtp = 20000
value = 0.51
status = "reported"
sources = [SOURCE]
"""
NO_ONE_KNOWS = """
[comparison.finding]
cost_effective = "at no willingness to pay"
text.nl = "Nooit kosteneffectief"
text.en = "Never cost-effective"
sources = [SOURCE]
"""


def custom(tmp_path, statistics, *changes, keep_assumption=True):
    """Return a dossier: the skeleton with other statistics and some words replaced."""
    text = skeleton("sample")
    start = text.index("# What was printed.")
    middle = text.index("# What nobody reported")
    end = text.index("[[comparison.caveat]]")
    text = text[:start] + statistics.replace("SOURCE", SOURCE) + (text[middle:] if keep_assumption else text[end:])
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    path = tmp_path / "sample.toml"
    path.write_text(text, encoding="utf-8")
    return hecon.load(path)


def assessed(given):
    """Return the assessment of a dossier, on few draws."""
    return hecon.assess(given, n_draws=200)


def both(assessment):
    """Return the summary as Markdown in Dutch and in English."""
    return tuple(hecon.summary(assessment, lang=lang).text("md").replace(NBSP, " ") for lang in LANGUAGES)


def statistic(kind, **fields):
    """Return a statistic as a dossier holds it."""
    sources = ({"document": "example", "place": "table 2"},)
    return TypeAdapter(Statistic).validate_python({"kind": kind, "status": "reported", "sources": sources} | fields)


@pytest.fixture(scope="module")
def shipped():
    """Return a dossier to borrow names from."""
    return hecon.load("acl-rupture")


@pytest.fixture
def wordings(shipped):
    """Return the wording of its first comparison in Dutch and in English."""
    return tuple(ComparisonWords(shipped, shipped.comparison[0], Locale(lang)) for lang in LANGUAGES)


EXERCISE = ("oefentherapie met optionele latere reconstructie", "exercise therapy with optional later reconstruction")
NAMES_AND_VALUES = [
    (
        statistic("cost-arms", mean=(14951, 11558), sd=(10004, 10579), n=(1085, 82)),
        ("gemiddelde kosten per groep", "mean costs per arm"),
        f"vroege reconstructie € 14.951 (SD € 10.004, n = 1.085); {EXERCISE[0]} € 11.558 (SD € 10.579, n = 82)",
        f"early reconstruction €14,951 (SD €10,004, n = 1,085); {EXERCISE[1]} €11,558 (SD €10,579, n = 82)",
    ),
    (
        statistic("effect-arms", mean=(Decimal("1.40"), Decimal("1.4")), sd=(Decimal("0.3"), Decimal("0.25"))),
        ("gemiddelde effecten per groep (QALY)", "mean effects per arm (QALY)"),
        "vroege reconstructie 1,40 (SD 0,3); oefentherapie met optionele latere reconstructie 1,4 (SD 0,25)",
        "early reconstruction 1.40 (SD 0.3); exercise therapy with optional later reconstruction 1.4 (SD 0.25)",
    ),
    (
        statistic("effect-arms", mean=(1, Decimal("0.9"))),
        ("gemiddelde effecten per groep (QALY)", "mean effects per arm (QALY)"),
        "vroege reconstructie 1; oefentherapie met optionele latere reconstructie 0,9",
        "early reconstruction 1; exercise therapy with optional later reconstruction 0.9",
    ),
    (
        statistic("cost-difference", mean=-1803, ci=(-3008, -838)),
        ("verschil in gemiddelde kosten", "difference in mean costs"),
        "−€ 1.803 (95%-BI −€ 3.008 tot −€ 838)",
        "−€1,803 (95% CI −€3,008 to −€838)",
    ),
    (
        statistic("cost-difference", mean=Decimal("4695.50"), p=Decimal("0.190"), se=900),
        ("verschil in gemiddelde kosten", "difference in mean costs"),
        "€ 4.695,50 (standaardfout € 900; p = 0,190)",
        "€4,695.50 (standard error €900; p = 0.190)",
    ),
    (
        statistic("effect-difference", mean=Decimal("0.09"), ci=(Decimal("-0.00"), Decimal("0.18"))),
        ("verschil in gemiddelde effecten (QALY)", "difference in mean effects (QALY)"),
        "0,09 (95%-BI −0,00 tot 0,18)",
        "0.09 (95% CI −0.00 to 0.18)",
    ),
    (
        statistic(
            "effect-difference",
            mean=Decimal("3.6"),
            ci=(Decimal("-inf"), Decimal("6.5")),
            level=Decimal("0.975"),
            sided="one",
        ),
        ("verschil in gemiddelde effecten (QALY)", "difference in mean effects (QALY)"),
        "3,6 (97,5%-BI −∞ tot 6,5)",
        "3.6 (97.5% CI −∞ to 6.5)",
    ),
    (
        statistic("cost-difference", mean=3, ci=(1, Decimal("inf")), level=Decimal("0.9"), sided="one"),
        ("verschil in gemiddelde kosten", "difference in mean costs"),
        "€ 3 (90%-BI € 1 tot ∞)",
        "€3 (90% CI €1 to ∞)",
    ),
    (
        statistic("effect-difference", mean=Decimal("-0.1234567890123456789"), p_below=Decimal("0.001")),
        ("verschil in gemiddelde effecten (QALY)", "difference in mean effects (QALY)"),
        "−0,1234567890123456789 (p < 0,001)",
        "−0.1234567890123456789 (p < 0.001)",
    ),
    (
        statistic("icer", value=-223372),
        ("incrementele kosteneffectiviteitsratio (ICER)", "incremental cost-effectiveness ratio (ICER)"),
        "−€ 223.372 per QALY",
        "−€223,372 per QALY",
    ),
    (
        statistic("icer", value=61584, quadrant="SW"),
        ("incrementele kosteneffectiviteitsratio (ICER)", "incremental cost-effectiveness ratio (ICER)"),
        "€ 61.584 per verloren QALY",
        "€61,584 per QALY lost",
    ),
    (
        statistic("p-cost-effective", wtp=Decimal("2E+4"), value=Decimal("1.00")),
        ("kans op kosteneffectiviteit bij € 20.000 per QALY", "probability cost-effective at €20,000 per QALY"),
        "1,00",
        "1.00",
    ),
    (
        statistic("p-effect-above", threshold=Decimal("-0.057"), value=Decimal("0.89")),
        (
            "kans dat het verschil in effecten boven −0,057 QALY ligt",
            "probability that the difference in effects lies above −0.057 QALY",
        ),
        "0,89",
        "0.89",
    ),
    (
        statistic("net-benefit-difference", wtp=20000, mean=1203, ci=(-79, 2485)),
        (
            "incrementele netto monetaire baat (iNMB) bij € 20.000 per QALY",
            "incremental net monetary benefit (iNMB) at €20,000 per QALY",
        ),
        "€ 1.203 (95%-BI −€ 79 tot € 2.485)",
        "€1,203 (95% CI −€79 to €2,485)",
    ),
    (
        statistic("net-benefit-arms", wtp=20000, mean=(15900, 14700), se=(460, 480)),
        (
            "gemiddelde netto monetaire baat per groep bij € 20.000 per QALY",
            "mean net monetary benefit per arm at €20,000 per QALY",
        ),
        f"vroege reconstructie € 15.900 (standaardfout € 460); {EXERCISE[0]} € 14.700 (standaardfout € 480)",
        f"early reconstruction €15,900 (standard error €460); {EXERCISE[1]} €14,700 (standard error €480)",
    ),
    (
        statistic("quadrant-shares", shares={"SW": Decimal("0.60"), "SE": Decimal("0.3")}),
        (
            "aandelen per kwadrant van het kosteneffectiviteitsvlak",
            "shares per quadrant of the cost-effectiveness plane",
        ),
        "ZW 0,60; ZO 0,3",
        "SW 0.60; SE 0.3",
    ),
    (
        statistic("correlation", value=Decimal("-0.10")),
        ("correlatie van de verschillen in kosten en effecten", "correlation of incremental costs and effects"),
        "−0,10",
        "−0.10",
    ),
]


@pytest.mark.parametrize(("given", "names", "dutch", "english"), NAMES_AND_VALUES)
def test_a_statistic_reads_as_it_was_printed(wordings, given, names, dutch, english):
    """Each kind keeps the digits, the sign and the level that it was printed with."""
    values = [wording.statistic_value(given).replace(NBSP, " ") for wording in wordings]

    assert tuple(wording.statistic_name(given).replace(NBSP, " ") for wording in wordings) == names
    assert values == [dutch, english]


def test_what_is_no_statistic_has_no_words(wordings):
    """A kind that the words do not know is a mistake in the program."""
    with pytest.raises(TypeError, match=r"^no words for Text$"):
        wordings[0].statistic_value(wordings[0].dossier.title)


# Standard deviations without the sizes of the arms place no constraint, and the fit refuses them.
CONSTRAINING = [each for each, *_ in NAMES_AND_VALUES if getattr(each, "sd", None) is None or each.n is not None]


@pytest.mark.parametrize("given", CONSTRAINING)
def test_every_constraint_has_its_words(wordings, given):
    """Whatever constraint of a statistic the fit knows, both languages have words for it."""
    for wording in wordings:
        told = [wording.constraint(key) for key in placed_by(wording.spec, given)]

        assert len(set(told)) == len(told) > 0
        assert not [text for text in told if re.search(r"[{}_]", text)]


def test_constraints_in_words(wordings):
    """A key has one name, in English; the summary's words are those of its language."""
    dutch, english = wordings

    assert dutch.constraint(Constraint("standard_error_from_SD_and_n", "effect")) == "SD en n (effecten)"
    assert english.constraint(Constraint("one-sided_interval", "cost")) == "one-sided interval (costs)"
    assert dutch.constraint(Constraint("icer")) == "incrementele kosteneffectiviteitsratio (ICER)"
    assert (
        english.constraint(Constraint("p_cost_effective", at="1E+4"))
        == "probability cost-effective at €10,000 per QALY"
    )


def test_parameters_in_words(wordings):
    """Money for costs, four decimals for effects, two for a correlation, a dash for what is not known."""
    dutch, english = wordings

    assert english.parameter("cost_se", 1594.4) == "€1,594"
    assert dutch.parameter("delta_effect", -0.00458) == "−0,0046"
    assert dutch.parameter("correlation", -0.214) == "−0,21"
    assert english.parameter("effect_se", None) == english.parameter_range("effect_se", None) == "–"
    assert english.parameter_range("cost_se", (0.0, math.inf)) == "unbounded"
    assert dutch.parameter_range("effect_se", (0.0206, 0.0281)) == "0,0206 tot 0,0281"
    assert dutch.parameter_range("correlation", (0.1, 0.1)) == "0,10"


def test_reasons_name_what_they_turn_on(wordings):
    """A parameter and an outcome have words; a currency or a unit names itself."""
    dutch, english = wordings

    assert english.reason(Reason("means", ("delta_cost", "delta_effect"))).endswith(
        ": difference in costs, difference in effects."
    )
    assert "in GBP" in dutch.reason(Reason("currency", ("GBP",)))
    assert dutch.name_of("cost") == "kosten"


def test_sensitivities_in_words(wordings):
    """What was varied, in its own unit."""
    dutch, english = wordings
    rows = [
        (Sensitivity("assumption", ("cost_se",), (990.0, 2060.0), {}), "cost", "€990 to €2,060"),
        (Sensitivity("design_effect", (), (1.2, 4.6), {}), "design effect", "1.2 to 4.6"),
        (Sensitivity("halves", ("cost", "effect"), None, {}), "(costs, effects)", "off-centre"),
        (Sensitivity("lognormal", ("effect",), None, {}), "(effects)", "log-normal"),
    ]
    for each, *parts in rows:
        told = english.sensitivity(each)

        assert all(part in told for part in parts)
        assert dutch.sensitivity(each) != told


def test_a_capital_changes_the_first_letter_alone():
    """Names keep their own capitals."""
    assert capital("gemiddelde QALY") == "Gemiddelde QALY"
    assert capital("") == ""


# Dossiers of awkward sorts --------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_another_currency_has_results_but_no_verdict(tmp_path):
    """Pounds are shown as pounds, and no reference value in euros is held against them."""
    change = ('currency = "EUR"', 'currency = "GBP"')
    found = assessed(custom(tmp_path, POUNDS, change))
    dutch, english = both(found)
    data = hecon.summary(found, lang="en").data["comparisons"][0]

    assert "£ 1.017 (95%-BI £ 557 tot £ 1.476)" in dutch
    assert "£1,017 (95% CI £557 to £1,476)" in english
    assert "in GBP: the rules have none and the sources state none, so neither is given." in english
    # Euros stand only where the reference values themselves are told.
    *bands, reading = [line for line in dutch.splitlines() if "€" in line]
    assert bands == [
        "| laag | 0,10 tot 0,40 | € 20.000 |",
        "| gemiddeld | 0,41 tot 0,70 | € 50.000 |",
        "| hoog | 0,71 tot 1,00 | € 80.000 |",
    ]
    assert "binnen de bandbreedte van € 10.000 tot € 80.000 per QALY drie referentiewaarden" in reading
    assert english.count("€") == 5
    assert "geen oordeel: andere munteenheid" in dutch
    assert "### Verdict\n\nNo verdict in euros per QALY: the costs are in GBP" in english
    assert data["verdict"] == {"dominance": None}
    assert data["verdict_detail"] == {}
    assert data["no_verdict"].startswith("No verdict in euros per QALY")
    assert data["icer"] > 0
    assert (data["p_cost_effective"], data["inmb"]) == ({}, {})


@pytest.mark.slow
def test_a_dominated_option_in_another_currency_has_a_verdict(tmp_path):
    """In words, in the overview and in the data; no value is told."""
    changes = (('currency = "EUR"', 'currency = "GBP"'), ("mean = 0.052", "mean = -0.052"))
    found = assessed(custom(tmp_path, POUNDS, *changes))
    dutch, english = both(found)
    data = hecon.summary(found, lang="en").data["comparisons"][0]

    assert "### Verdict\n\nAt no value per QALY, and so in no currency, is " in english
    assert ": it is expected to cost more and yield less health." in english
    assert "Bij geen enkele waarde per QALY, en dus in geen enkele valuta, is " in dutch
    assert (data["verdict"], data["no_verdict"]) == ({"dominance": "not cost-effective"}, None)


@pytest.mark.slow
def test_another_unit_of_effect_is_named_throughout(tmp_path):
    """Where effects are not QALYs, no sentence of the results speaks of QALYs but the one that says why."""
    changes = (('currency = "EUR"', 'currency = "EUR"\neffect_unit = "life year"'), ("0.052", "0.52"))
    found = assessed(custom(tmp_path, POUNDS, *changes))
    dutch, english = both(found)
    results = english[english.index("\n### Results\n") : english.index("\n### Figures\n")]

    assert "per gewonnen life year" in dutch
    assert "geen oordeel: geen QALY's" in dutch
    assert "€1,956 per life year gained" in results
    # A value of the rules is per QALY, and the source has none per life year.
    assert "a value per life year in EUR" in results
    assert [line for line in results.splitlines() if "QALY" in line] == [
        "No verdict in euros per QALY: the effect is in life year, not in QALYs."
    ]


def test_figures_that_determine_no_mean(tmp_path):
    """One probability determines neither difference; the summary says so and gives no results."""
    found = assessed(custom(tmp_path, NO_MEANS, keep_assumption=False))
    dutch, english = both(found)
    data = hecon.summary(found, lang="nl").data["comparisons"][0]

    assert "**Not computable: the reported figures do not determine: " in english
    assert "verschil in kosten, verschil in effecten" in dutch
    assert "not computable: a mean is missing" in english
    assert "Geen cijfer in het dossier is aangenomen." in dutch
    assert "niet bepaald" in dutch
    assert data["computable"] is False
    assert data["parameters"]["delta_cost"] == {
        "value": None,
        "range": None,
        "status": "not determined",
        "rests_on": [],
    }


def test_a_finding_against_the_intervention(tmp_path):
    """A finding "at no willingness to pay" implies the north-west, and that is marked as derived."""
    found = assessed(custom(tmp_path, NO_ONE_KNOWS, keep_assumption=False))
    dutch, english = both(found)

    assert "(NW, implied)" in english
    assert "(quadrant north-west; derived, not computed)." in english
    assert "- Nooit kosteneffectief" in dutch
    assert "| bevinding | Nooit kosteneffectief | gerapporteerd | [1], table 2 |" in dutch.replace("\\", "")


@pytest.mark.slow
def test_the_setting_keeps_the_digits_it_was_given(tmp_path):
    """Rates, months and years are shown in full."""
    changes = (
        ('discount_cost = "not reported"', "discount_cost = 0.04"),
        ('discount_effect = "not reported"', "discount_effect = 0.0375"),
        ("horizon_months = 12", "horizon_months = 4.5"),
        ('price_year = "not reported"', "price_year = 2022"),
    )
    dutch, english = both(assessed(custom(tmp_path, POUNDS, *changes)))

    assert "\n- Tijdshorizon: 4,5 maanden\n" in dutch
    assert "\n- Prijsjaar: 2022\n- Discontovoet van kosten: 4%\n- Discontovoet van effecten: 3,75%\n" in dutch
    assert "\n- Price year: 2022\n- Discount rate of costs: 4%\n- Discount rate of effects: 3.75%\n" in english


@pytest.mark.slow
def test_a_burden_below_the_lowest_band(tmp_path):
    """There is no reference value then, and the summary says what that means."""
    found = assessed(custom(tmp_path, POUNDS, ('band = "not judged"', 'band = "none"')))
    dutch, english = both(found)
    data = hecon.summary(found, lang="en").data

    assert "\n- Ziektelast: Onder de laagste categorie. " in dutch
    assert "Onder de laagste categorie geldt geen referentiewaarde" in dutch
    assert "Below the lowest band there is no reference value" in english
    assert "For each of the three bands:" in english
    assert "| * " not in english.replace("\\", "")
    assert data["burden"]["band"] == "none"
    assert data["burden"]["reference_value"] is None


@pytest.mark.slow
def test_a_full_stop_is_not_doubled(tmp_path):
    """A basis that ends in a full stop reads as well as one that does not."""
    change = ('basis.en = "Judged by whom', 'basis.en = "Judged. Judged by whom')
    with_stop = ('on what ground"', 'on what ground."')
    _, english = both(assessed(custom(tmp_path, POUNDS, change, with_stop)))

    assert "on what ground ([1], page or section)." in english.replace("\\", "")


@pytest.mark.slow
def test_a_generator_has_no_seed(tmp_path):
    """The provenance then says so, and the JSON holds null."""
    found = hecon.assess(custom(tmp_path, POUNDS), n_draws=200, rng=np.random.default_rng(1))
    dutch, english = both(found)

    assert "200 simulaties per vergelijking, startwaarde (seed) geen (er is een generator meegegeven)" in dutch
    assert "seed none (a generator was given)" in english
    assert hecon.summary(found).data["provenance"]["seed"] is None


@pytest.mark.slow
@pytest.mark.parametrize(
    ("value", "known", "dutch", "english"),
    [
        ("0.52", True, "komt overeen", "agrees"),
        ("0.48", True, "komt overeen binnen de benadering", "agrees within approximation"),
        ("0.99", True, "niet in overeenstemming", "not consistent"),
        ("0.52", False, "niet te voorspellen", "cannot be predicted"),
    ],
)
def test_checks_in_words(tmp_path, value, known, dutch, english):
    """A check agrees, nearly or not, or cannot be predicted for want of a correlation."""
    check = POUNDS.replace('kind = "cost-difference"\nmean = 1017\nci = [557, 1476]', KEPT.format(value=value))
    found = both(assessed(custom(tmp_path, POUNDS + check[: check.index("\n[[", 1)], keep_assumption=known)))

    assert f"| {dutch} |\n" in found[0]
    assert f"| {english} |\n" in found[1]
    assert "gerapporteerd; gebruikt als controle, niet bij het schatten" in found[0]
    assert "reported; kept as a check, not fitted" in found[1]
