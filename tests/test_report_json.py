"""The JSON of an assessment: its stable keys, their types, and null where there is nothing to say."""

import json
import math

import pytest

import hecon
from hecon import dossier, texts
from hecon.report import plain_json

NAMES = dossier.names()
VALUES = ("20000", "50000", "80000")
AT = ("10000", *VALUES)
NUMBER = (int, float)
OPTIONAL = (int, float, type(None))

# The keys promised to users, with their types.
COMPARISON = {
    "trial": str,
    "perspective": str,
    "intervention": str,
    "comparator": str,
    "currency": str,
    "computable": bool,
    "reason": (str, type(None)),
    "delta_cost": OPTIONAL,
    "delta_effect": OPTIONAL,
    "icer": OPTIONAL,
    "quadrant": (str, type(None)),
    "inmb": dict,
    "p_cost_effective": dict,
    "p_cost_effective_range": dict,
    "varied": list,
    "verdict": dict,
    "parameters": dict,
    "reported": dict,
    "assumptions": list,
}


@pytest.fixture(scope="module")
def found():
    """Return the assessment of each dossier that ships, on few draws."""
    return {name: hecon.assess(name, n_draws=500) for name in NAMES}


@pytest.fixture(scope="module")
def data(found):
    """Return what a reader of the JSON gets, by name and language."""
    return {
        (name, lang): json.loads(hecon.summary(each, lang=lang).text("json"), parse_constant=pytest.fail)
        for name, each in found.items()
        for lang in texts.LANGUAGES
    }


@pytest.fixture(scope="module")
def comparisons(data):
    """Return every comparison in English, by its id."""
    return {each["id"]: each for name in NAMES for each in data[name, "en"]["comparisons"]}


def leaves(node):
    """Return every value of a tree that is neither an object nor an array."""
    if isinstance(node, dict):
        node = node.values()
    elif not isinstance(node, list):
        return [node]
    return [leaf for item in node for leaf in leaves(item)]


def keys(node):
    """Return the shape of a tree: its keys at every depth."""
    if isinstance(node, dict):
        return {key: keys(value) for key, value in node.items()}
    return [keys(item) for item in node] if isinstance(node, list) else None


@pytest.mark.parametrize("lang", texts.LANGUAGES)
@pytest.mark.parametrize("name", NAMES)
def test_the_stable_keys_and_their_types(data, name, lang):
    """Every promised key is there, with a value of the promised type."""
    tree = data[name, lang]

    assert isinstance(tree["indication"], str)
    assert {"band", "reference_value", "basis"} <= set(tree["burden"])
    assert isinstance(tree["burden"]["basis"], str)
    assert {"versions", "seed", "digest", "n_draws"} <= set(tree["provenance"])
    assert tree["comparisons"]
    for each in tree["comparisons"]:
        assert {key: type(each[key]) for key, kind in COMPARISON.items() if not isinstance(each[key], kind)} == {}
        assert each["quadrant"] in {"NE", "SE", "SW", "NW", "="}
        assert list(each["inmb"]) == list(each["p_cost_effective"]) == list(each["p_cost_effective_range"]) == list(AT)
        assert list(each["verdict"]) == list(VALUES)
        assert set(each["verdict"].values()) <= {"cost-effective", "not cost-effective", None}


@pytest.mark.parametrize("name", NAMES)
def test_parameters_have_value_range_and_status(data, name):
    """The five parameters are told where there is a fit, in the units and states that the design names."""
    for each in data[name, "en"]["comparisons"]:
        names = ["delta_cost", "delta_effect", "cost_se", "effect_se", "correlation"] if each["computable"] else []

        assert list(each["parameters"]) == names
        for parameter in each["parameters"].values():
            assert parameter["status"] in {"reported", "derived", "assumed", "not determined"}
            if parameter["status"] == "not determined":
                assert parameter["value"] is parameter["range"] is None
            else:
                low, high = parameter["range"]

                assert low <= parameter["value"] <= high


@pytest.mark.parametrize("lang", texts.LANGUAGES)
@pytest.mark.parametrize("name", NAMES)
def test_every_number_is_finite(data, name, lang):
    """JSON knows neither NaN nor Infinity; parse_constant of the reader above would have failed on either."""
    assert all(math.isfinite(leaf) for leaf in leaves(data[name, lang]) if isinstance(leaf, float))
    assert {type(leaf) for leaf in leaves(data[name, lang])} <= {str, int, float, bool, type(None)}


@pytest.mark.parametrize("name", NAMES)
def test_both_languages_have_the_same_keys_and_figures(data, name):
    """Only texts differ between the languages."""
    dutch, english = data[name, "nl"], data[name, "en"]
    numbers = [
        [leaf for leaf in leaves(tree) if isinstance(leaf, (int, float, type(None)))] for tree in (dutch, english)
    ]

    assert keys(dutch) == keys(english)
    assert numbers[0] == numbers[1]
    assert dutch["language"] == "nl"
    assert dutch["indication"] != english["indication"]


def test_the_texts_are_in_the_chosen_language(data):
    """Names, reasons, notes, bases and verdicts are of one language."""
    dutch, english = (data["acl-rupture", lang]["comparisons"][0] for lang in texts.LANGUAGES)

    assert dutch["intervention"] == "vroege reconstructie"
    assert english["comparator"] == "exercise therapy with optional later reconstruction"
    assert dutch["verdict_detail"]["20000"]["words"].startswith("Bij €")
    assert dutch["assumptions"][1]["basis"] != english["assumptions"][1]["basis"]
    assert dutch["icer_in_words"] == "€\N{NO-BREAK SPACE}78.179 per gewonnen QALY"
    assert dutch["reported"]["statistics"][0]["note"] != english["reported"]["statistics"][0]["note"]


def test_the_burden_as_judged(data):
    """A band has its reference value; where the sources judge nothing, that of the computation stands."""
    judged, open_ = data["acl-rupture", "en"]["burden"], data["reablement", "en"]["burden"]

    assert (judged["band"], judged["reference_value"]) == ("low", 20_000)
    assert (judged["rests_on"], judged["agree"]) == ("judgement", False)
    assert (open_["band"], open_["reference_value"]) == (None, 20_000)
    assert (open_["rests_on"], open_["agree"]) == ("computation", None)
    assert open_["basis"]


def test_compare_societal(comparisons):
    """A case in the north-east with everything known or assumed."""
    each = comparisons["compare-societal"]

    assert each["delta_cost"] == pytest.approx(3393)
    assert each["icer"] == pytest.approx(78_179)
    assert each["quadrant"] == "NE"
    assert each["inmb"]["20000"] == pytest.approx(-2525, abs=0.5)
    assert each["verdict"] == {"20000": "not cost-effective", "50000": "not cost-effective", "80000": "cost-effective"}
    assert each["verdict_detail"]["80000"]["edge"] is True
    assert each["varied"] == ["effect_se", "correlation"]
    assert each["reason"] is None
    assert each["reported"]["icer"] == 78_179
    assert [each["parameters"][name]["status"] for name in ("cost_se", "effect_se")] == ["derived", "assumed"]


def test_a_negative_ratio_is_reported_and_never_computed(comparisons):
    """STARR's −223,372 stands under what was reported; the result has a quadrant and no ratio."""
    each = comparisons["starr-societal"]

    assert each["icer"] is None
    assert each["quadrant"] == "NW"
    assert each["reported"]["icer"] == -223_372
    assert set(each["verdict"].values()) == {"not cost-effective"}


def test_the_south_west(comparisons):
    """ESCAPE keeps a positive ratio, saved per QALY lost; its verdicts run the other way."""
    each = comparisons["escape-societal"]

    assert each["icer"] == pytest.approx(61_584)
    assert each["quadrant"] == "SW"
    assert list(each["verdict"].values()) == ["cost-effective", "cost-effective", "not cost-effective"]
    assert each["icer_in_words"] == "€61,584 saved per QALY lost"


def test_points_without_spread(comparisons):
    """Point results stand; probabilities, ranges and spread are null, with the reason."""
    each = comparisons["compare-healthcare"]

    assert each["computable"] is True
    assert each["icer"] == pytest.approx(48_460)
    assert set(each["p_cost_effective"].values()) == set(each["p_cost_effective_range"].values()) == {None}
    assert all(isinstance(value, float) for value in each["inmb"].values())
    assert each["reason"].startswith("Point results only")
    assert each["parameters"]["cost_se"]["value"] is None


def test_what_cannot_be_computed(comparisons):
    """Coach2Move 2016: the reason, the implied quadrant, and null for everything else."""
    each = comparisons["coach2move-2016"]
    empty = ("delta_cost", "delta_effect", "icer", "icer_in_words")

    assert each["computable"] is False
    assert each["reason"].startswith("Not computable")
    assert (each["quadrant"], each["quadrant_implied"]) == ("SE", True)
    assert [each[key] for key in empty] == [None] * 4
    assert {leaf for key in ("inmb", "p_cost_effective", "verdict") for leaf in leaves(each[key])} == {None}
    assert each["reported"]["finding"]["cost_effective"] == "at every willingness to pay"
    assert each["parameters"] == {}


def test_a_range_holds_its_probability(comparisons):
    """Each range is low and high around the probability that it belongs to, to Monte Carlo error."""
    for each in comparisons.values():
        for value, ends in each["p_cost_effective_range"].items():
            if ends is not None:
                low, high = ends

                assert 0 <= low <= high <= 1
                assert low - 0.1 <= each["p_cost_effective"][value] <= high + 0.1


def test_the_bytes_are_the_same_twice(found):
    """The same assessment gives the same text, and so does a second assessment with the same seed."""
    again = hecon.assess("reablement", n_draws=500)

    assert hecon.summary(again).text("json") == hecon.summary(found["reablement"]).text("json")


def test_infinite_ends_become_null():
    """An end that is not finite has no number in JSON."""
    assert plain_json.plain({"ends": (float("-inf"), 1.5)}, "nl") == {"ends": [None, 1.5]}


def test_ascii_only_escapes_and_reads_the_same():
    """For an output that is not UTF-8, the same data in ASCII."""
    data = {"title": "één € ΔC"}
    plain = plain_json.write(data, ascii_only=True)

    assert plain.isascii()
    assert json.loads(plain) == json.loads(plain_json.write(data)) == data
    assert "één €" in plain_json.write(data)


def test_what_is_not_finite_is_refused():
    """The writer itself lets no NaN through."""
    with pytest.raises(ValueError, match="not JSON compliant"):
        plain_json.write({"x": math.nan})
