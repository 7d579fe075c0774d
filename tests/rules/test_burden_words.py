"""A computed burden in words: every branch, in Dutch and in English."""

from __future__ import annotations

import math
import re

import pytest

from hecon import zin
from hecon.locale import Locale
from hecon.report.words import burden_words
from hecon.report.words.burdens import integrated_words
from hecon.rulesets import ruleset

KNOWN = {"population_qalys": 20}
VALUES = ruleset().values_on().by_band

GIVEN = {
    "nl": (
        "De resterende QALY's zijn {} voor de algemene bevolking en {} voor patiënten met de huidige zorg: een "
        "absolute ziektelast van {} QALY en een proportionele ziektelast van {}."
    ),
    "en": (
        "Remaining QALYs are {} for the general population and {} for patients under current care: an absolute "
        "shortfall of {} QALY and a proportional shortfall of {}."
    ),
}
COMPUTED = {
    "nl": (
        "De resterende QALY's zijn {} voor de algemene bevolking van dezelfde leeftijd en geslachtsverdeling "
        "en {} voor patiënten met de huidige zorg: een absolute ziektelast van {} QALY en een proportionele ziektelast "
        "van {}."
    ),
    "en": (
        "Remaining QALYs are {} for the general population of the same age and mix of sexes and {} for patients under "
        "current care: an absolute shortfall of {} QALY and a proportional shortfall of {}."
    ),
}
NO_BAND = {
    "nl": (
        "Dat ligt onder de laagste categorie, die bij 0,10 (afgerond) begint: er is geen referentiewaarde en "
        "in beginsel is er op deze grond geen vergoeding."
    ),
    "en": (
        "That is below the lowest band, which begins at 0.10 (rounded): there is no reference value, and in "
        "principle no reimbursement on this ground."
    ),
}
IN_BAND = {
    "nl": "Dat is de categorie {}, met een referentiewaarde van € {} per QALY.",
    "en": "That is a {} burden of disease, with a reference value of €{} per QALY.",
}
BETTER_OFF = {
    "nl": "De ziektelast is kleiner dan 0: patiënten hebben meer resterende QALY's dan de algemene bevolking.",
    "en": "It is below 0: patients have more remaining QALYs than the general population.",
}
WORSE_THAN_DEAD = {
    "nl": (
        "De proportionele ziektelast is groter dan 1: de resterende QALY's van patiënten zijn negatief, door "
        "toestanden die slechter dan dood worden gewaardeerd."
    ),
    "en": (
        "The proportional shortfall is above 1: the remaining QALYs of patients are negative, from states that are "
        "valued as worse than dead."
    ),
}
NEAR_EDGE = {
    "nl": (
        "Dit ligt binnen 0,01 van een grens tussen categorieën; een kleine verandering in de invoer kan de categorie "
        "veranderen."
    ),
    "en": "This lies within 0.01 of an edge between bands, so a small change in the inputs could change the band.",
}
UNCERTAIN = {
    "nl": (
        "Gegeven de onzekerheid van de invoer ligt de proportionele ziektelast in 95% van de simulaties tussen {} en "
        "{}. Kans op elke categorie: {}."
    ),
    "en": (
        "Given the uncertainty of the inputs, the proportional shortfall lies between {} and {} in 95% of the "
        "simulations. Probability of each band: {}."
    ),
}
OTHER_VALUE_SET = {
    "nl": (
        "De utiliteiten van patiënten (nl-5l-2016) en van de bevolking (nl-3l-2006) komen uit verschillende "
        "waarderingssets; een deel van het verschil kan dus aan de meetinstrumenten liggen."
    ),
    "en": (
        "The utilities of patients (nl-5l-2016) and of the population (nl-3l-2006) are from different value sets, so "
        "part of the difference may be due to the instruments."
    ),
}
DISCOUNTED = {
    "nl": "Verdisconteerd met {}% per jaar; de regel van het Zorginstituut doet dat niet.",
    "en": "Discounted by {}% a year, which the Zorginstituut's rule does not do.",
}


def told(burden, lang):
    """Return a burden in words, with ordinary spaces."""
    return burden_words(burden, Locale(lang)).replace("\N{NO-BREAK SPACE}", " ")


def written(lang, number):
    """Return a number as the language writes it."""
    return number.replace(".", ",") if lang == "nl" else number


def figures(lang, *numbers, form=GIVEN):
    """Return the first sentence."""
    return form[lang].format(*(written(lang, number) for number in numbers))


@pytest.mark.parametrize(
    ("remaining", "numbers", "band", "value"),
    [
        (15, ("20.00", "15.00", "5.00", "0.250"), {"nl": "laag", "en": "low"}, 20),
        (10, ("20.00", "10.00", "10.00", "0.500"), {"nl": "gemiddeld", "en": "middle"}, 50),
        (1.239, ("20.00", "1.24", "18.76", "0.938"), {"nl": "hoog", "en": "high"}, 80),
    ],
)
def test_in_a_band(remaining, numbers, band, value):
    """The figures, then the band with its reference value; nothing else where nothing else is to be said."""
    found = zin.shortfall(**KNOWN, remaining_qalys=remaining)

    for lang, mark in (("nl", "."), ("en", ",")):
        assert told(found, lang) == f"{figures(lang, *numbers)} {IN_BAND[lang].format(band[lang], f'{value}{mark}000')}"


@pytest.mark.parametrize("lang", ["nl", "en"])
@pytest.mark.parametrize("patients", [{"remaining_qalys": 20}, {"smr": 2, "utility": 0.6}])
def test_the_population_is_who_was_compared_with(lang, patients):
    """Where an age was given, the same people; where only their QALYs were, no one knows who they are."""
    found = zin.shortfall(age=[30, 61.5], female=0.4, **patients)
    numbers = [f"{value:.2f}" for value in (found.qale_population, found.qale_patients, found.absolute)]
    alone = zin.shortfall(population_qalys=found.qale_population, remaining_qalys=found.qale_patients)

    for form, burden in ((COMPUTED, found), (GIVEN, alone)):
        assert told(burden, lang).startswith(figures(lang, *numbers, f"{found.proportional:.3f}", form=form) + " ")


@pytest.mark.parametrize("lang", ["nl", "en"])
def test_below_the_lowest_band(lang):
    """There is no band and no reference value."""
    found = zin.shortfall(**KNOWN, remaining_qalys=19)

    assert told(found, lang) == f"{figures(lang, '20.00', '19.00', '1.00', '0.050')} {NO_BAND[lang]}"


@pytest.mark.parametrize("lang", ["nl", "en"])
def test_better_off(lang):
    """Below 0 the words say why there is no burden."""
    found = zin.shortfall(**KNOWN, remaining_qalys=22)
    first = figures(lang, "20.00", "22.00", "-2.00", "-0.100")

    assert told(found, lang).replace("−", "-") == f"{first} {NO_BAND[lang]} {BETTER_OFF[lang]}"


@pytest.mark.parametrize("lang", ["nl", "en"])
def test_worse_than_dead(lang):
    """Above 1 the words say how that can be."""
    text = told(zin.shortfall(age=40, female=0.5, utility=-0.2), lang)

    assert text.endswith(f" {WORSE_THAN_DEAD[lang]}")
    assert IN_BAND[lang].format(*{"nl": ("hoog", "80.000"), "en": ("high", "80,000")}[lang]) in text


@pytest.mark.parametrize("lang", ["nl", "en"])
def test_near_an_edge(lang):
    """A burden within 0.01 of an edge is marked, on both sides of it."""
    below, above = (told(zin.shortfall(**KNOWN, remaining_qalys=qalys), lang) for qalys in (18.2, 18.0))

    assert below.endswith(f" {NO_BAND[lang]} {NEAR_EDGE[lang]}")
    assert above.endswith(f" {NEAR_EDGE[lang]}")
    assert NO_BAND[lang] not in above


@pytest.mark.parametrize(
    ("lang", "said"),
    [
        ("nl", ("0,093", "0,900", "onder de laagste categorie 0,25; laag 0,25; hoog 0,50")),
        ("en", ("0.093", "0.900", "below the lowest band 0.25; low 0.25; high 0.50")),
    ],
)
def test_uncertain(lang, said):
    """With draws, the interval and the probability of each band that can be; no word of what cannot."""
    found = zin.shortfall(**KNOWN, remaining_qalys=[18.4, 15, 2, 2])

    assert told(found, lang).endswith(f" {UNCERTAIN[lang].format(*said)}")


@pytest.mark.parametrize(
    ("lang", "shares"),
    [("nl", "laag >0,99; gemiddeld <0,01"), ("en", "low >0.99; middle <0.01")],
)
def test_a_rare_band_is_not_rounded_away(lang, shares):
    """A band that is possible is never given as 0.00, nor one that is not certain as 1.00."""
    found = zin.shortfall(**KNOWN, remaining_qalys=[*[15] * 999, 10])

    assert told(found, lang).endswith(f": {shares}.")


@pytest.mark.parametrize(
    ("lang", "said"), [("nl", "tussen 0,2498 en 0,2500"), ("en", "between 0.2498 and 0.2500 in 95%")]
)
def test_a_narrow_interval_has_a_digit_more(lang, said):
    """Ends that would be printed alike get another decimal."""
    assert said in told(zin.shortfall(**KNOWN, remaining_qalys=[15, 15.004]), lang)


@pytest.mark.parametrize("lang", ["nl", "en"])
def test_other_value_set(lang):
    """Value sets that differ are named; one that is the same, or unknown, is not."""
    texts = {
        value_set: told(zin.shortfall(age=40, female=0.5, utility=0.7, value_set=value_set), lang)
        for value_set in ("nl-5l-2016", "nl-3l-2006", None)
    }

    assert texts["nl-5l-2016"] == f"{texts['nl-3l-2006']} {OTHER_VALUE_SET[lang]}"
    assert texts[None] == texts["nl-3l-2006"]


@pytest.mark.parametrize("lang", ["nl", "en"])
@pytest.mark.parametrize(
    ("rate", "percent"),
    [(0.015, "1.5"), (0.0125, "1.25"), (0.04, "4"), (0.1, "10"), (0.5, "50"), (0.07, "7"), (0.00001, "0.001")],
)
def test_discounted(lang, rate, percent):
    """A rate above 0 is told with the digits that it was given with, as what the rule does not do."""
    plain, later = (zin.shortfall(age=40, female=0.5, utility=0.7, discount=each) for each in (0, rate))

    assert told(later, lang).endswith(f" {DISCOUNTED[lang].format(written(lang, percent))}")
    assert DISCOUNTED[lang].split()[0] not in told(plain, lang)


@pytest.mark.parametrize("lang", ["nl", "en"])
def test_all_at_once_in_order(lang):
    """Figures, band, edge, uncertainty, value set and rate, in that order."""
    people = {"age": 40, "female": 0.5, "value_set": "nl-5l-2016", "discount": 0.015}
    text = told(zin.shortfall(**people, decrement=[0.08, 0.095], years=100), lang)
    parts = [NEAR_EDGE[lang], UNCERTAIN[lang].split("{")[0], OTHER_VALUE_SET[lang]]
    parts += [DISCOUNTED[lang].format(written(lang, "1.5"))]
    places = [text.find(part) for part in parts]

    assert places == sorted(places)
    assert places[0] > 0


INTEGRATED_NONE = {
    "nl": "Zonder referentiewaarde volgt op deze grond geen oordeel over een brace.",
    "en": "Without a reference value, no verdict on a brace follows on this ground.",
}
STILL = {
    "nl": {
        "SE": " Ook zonder referentiewaarde geldt: lagere verwachte kosten en meer verwachte gezondheid (dominant).",
        "NW": (
            " Ook zonder referentiewaarde geldt: hogere verwachte kosten en minder verwachte gezondheid (gedomineerd)."
        ),
    },
    "en": {
        "SE": " Even without one: lower expected costs and more expected health (dominant).",
        "NW": " Even without one: higher expected costs and less expected health (dominated).",
    },
}
INTEGRATED = {
    "nl": (
        "Over de categorieën van de ziektelast ({}) is de kans dat een brace kosteneffectief is bij de "
        "referentiewaarde die erbij hoort {}."
    ),
    "en": (
        "Over the bands of the burden of disease ({}), the probability that a brace is cost-effective at the reference "
        "value that goes with it is {}."
    ),
}
PART = {
    "nl": (
        "Met kans {} is er een referentiewaarde ({}); een brace is daarbij dan met kans {} kosteneffectief. Met kans "
        "{} is er geen referentiewaarde en volgt op deze grond geen oordeel."
    ),
    "en": (
        "With probability {} there is a reference value ({}); a brace is then cost-effective at it with probability "
        "{}. With probability {} there is none, and no verdict follows on this ground."
    ),
}


def over(lang, probability, *shares, **options):
    """Return the integrated probability of a brace in words."""
    bands = dict(zip(zin.BANDS, shares, strict=True))
    options["intervention"] = {"nl": "een brace", "en": "a brace"}[lang]
    return integrated_words(probability, bands, VALUES, Locale(lang), **options)


@pytest.mark.parametrize(
    ("lang", "probability", "shares", "said"),
    [
        ("nl", 0.656, "laag 1,00", "0,66"),
        ("en", 0.656, "low 1.00", "0.66"),
        ("nl", 0.001, "laag 1,00", "<0,01"),
        ("en", 0.999, "low 1.00", ">0.99"),
        ("en", 1.0, "low 1.00", "1.00"),
    ],
)
@pytest.mark.parametrize("quadrant", [None, "NE", "SE", "SW", "NW"])
def test_integrated_words(lang, probability, shares, said, quadrant):
    """The probability, with the bands that it is over; certain only where it is."""
    assert over(lang, probability, 0, 1, 0, 0, quadrant=quadrant) == INTEGRATED[lang].format(shares, said)


@pytest.mark.parametrize("lang", ["nl", "en"])
@pytest.mark.parametrize("quadrant", [None, "NE", "SE", "SW", "NW"])
def test_integrated_words_without_a_value(lang, quadrant):
    """Where the band is none for certain there is no probability; dominance needs no reference value."""
    found = over(lang, math.nan, 1, 0, 0, 0, quadrant=quadrant)

    assert found == INTEGRATED_NONE[lang] + STILL[lang].get(quadrant, "")


@pytest.mark.parametrize(
    ("lang", "shares", "said"),
    [
        ("nl", (0.25, 0.5, 0.0, 0.25), ("0,75", "laag 0,50; hoog 0,25", "0,40", "0,25")),
        ("en", (0.25, 0.5, 0.0, 0.25), ("0.75", "low 0.50; high 0.25", "0.40", "0.25")),
        ("nl", (0.999, 0.0, 0.001, 0.0), ("<0,01", "gemiddeld <0,01", "0,40", ">0,99")),
        ("en", (0.001, 0.0, 0.999, 0.0), (">0.99", "middle >0.99", "0.40", "<0.01")),
    ],
)
@pytest.mark.parametrize("quadrant", [None, "SE"])
def test_integrated_words_with_a_part_that_has_no_value(lang, shares, said, quadrant):
    """Where the band may be none, that stands beside the probability, and is not among the bands that it is over."""
    assert over(lang, 0.4, *shares, quadrant=quadrant) == PART[lang].format(*said)


@pytest.mark.parametrize(
    ("remaining", "proportional", "band"),
    [(5.951, "0.4049", "low"), (5.95, "0.405", "middle"), (2.9500001, "0.70499999", "middle"), (2.95, "0.705", "high")],
)
def test_a_shortfall_reads_as_of_its_own_band(remaining, proportional, band):
    """The working edges of the Dutch bands are 0.405 and 0.705."""
    found = zin.shortfall(population_qalys=10, remaining_qalys=remaining)

    assert found.band == band
    assert re.search(rf"{proportional}[ .,;)]", burden_words(found, Locale("en")))
