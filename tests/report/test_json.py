"""The JSON of an assessment: its stable keys, their types, and null where there is nothing to say."""

import json
import math

import pytest
from shipped import ECONOMIC, N_DRAWS, NAMES, PLAIN, assessed, written

import hecon
from hecon import auditing, programme
from hecon.locale import LANGUAGES, Locale
from hecon.report.programmes import programme_data
from hecon.report.writers.json import json_text, plain
from hecon.rulesets import ruleset

# Every test looks at whole assessments, and whichever comes first makes them.
pytestmark = pytest.mark.slow

VALUES = ("20000", "50000", "80000")
AT = ("10000", *VALUES)
NUMBER = (int, float)
OPTIONAL = (int, float, type(None))

# The keys promised to users, with their types.
TOP = {
    "name": str,
    "title": str,
    "language": str,
    "texts_only_in": (str, type(None)),
    "form": str,
    "indication": str,
    "question": str,
    "author": (str, type(None)),
    "date": (str, type(None)),
    "facts_from": list,
    "conclusion": dict,
    "burden": dict,
    "comparisons": list,
    "incremental": list,
    "pico": dict,
    "studies": list,
    "evidence": list,
    "relevance": dict,
    "quality": list,
    "validity": list,
    "transfer": dict,
    "information": list,
    "gaps": list,
    "criteria": dict,
    "budget": (dict, type(None)),
    "no_budget": (str, type(None)),
    "figures": list,
    "audit": list,
    "monitoring": (dict, type(None)),
    "guideline": (dict, type(None)),
    "cheers": (list, type(None)),
    "documents": list,
    "provenance": dict,
}
STUDY = {"name": str, "origin": str, "text": str, "read": (str, type(None)), "facts": list, "sources": list}
FIGURE = {
    "id": str,
    "name": str,
    "value": OPTIONAL,
    "range": (list, type(None)),
    "series": (list, type(None)),
    "unit": (str, type(None)),
    "wording": str,
    "status": str,
    "rule": (str, type(None)),
    "note": (str, type(None)),
    "sources": list,
}
FINDING = {
    "note": int,
    "severity": str,
    "relation": str,
    "paths": list,
    "numbers": dict,
    "expected": (list, type(None)),
    "figures": list,
    "basis": (str, type(None)),
    "sources": list,
    "words": str,
}
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
    "at_thresholds": list,
}


@pytest.fixture(scope="module")
def found():
    """Return the assessment of each dossier that ships, on few draws."""
    return {name: assessed(name) for name in NAMES}


@pytest.fixture(scope="module")
def data():
    """Return what a reader of the JSON gets, by name and language."""
    return {
        (name, lang): json.loads(written(name, lang, "json"), parse_constant=pytest.fail)
        for name in NAMES
        for lang in LANGUAGES
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


def pairs(node):
    """Yield every key of a tree with its value, at every depth."""
    if isinstance(node, dict):
        yield from node.items()
        node = node.values()
    for item in node if not isinstance(node, (str, int, float, type(None))) else ():
        yield from pairs(item)


def keys(node):
    """Return the shape of a tree: its keys at every depth."""
    if isinstance(node, dict):
        return {key: keys(value) for key, value in node.items()}
    return [keys(item) for item in node] if isinstance(node, list) else None


def wrong(tree, kinds):
    """Return the types of what is not as promised."""
    return {key: type(tree[key]) for key, kind in kinds.items() if not isinstance(tree[key], kind)}


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("name", NAMES)
def test_the_stable_keys_and_their_types(data, name, lang):
    """Every promised key is there, with a value of the promised type."""
    tree = data[name, lang]

    assert wrong(tree, TOP) == {}
    assert list(tree) == list(TOP)
    assert {"band", "reference_value", "basis"} <= set(tree["burden"])
    assert isinstance(tree["burden"]["basis"], str)
    assert {"versions", "seed", "digest", "n_draws"} <= set(tree["provenance"])
    assert [each["id"] for each in tree["comparisons"]] == [each.id for each in hecon.load(name).comparison]
    assert bool(tree["comparisons"]) == (name in ECONOMIC)
    for each in tree["comparisons"]:
        assert wrong(each, COMPARISON) == {}
        assert each["quadrant"] in {"NE", "SE", "SW", "NW", "="}
        own = each["currency"] == "EUR"
        at = list(AT) if own else ["20000", "30000"]
        assert list(each["inmb"]) == list(each["p_cost_effective"]) == list(each["p_cost_effective_range"]) == at
        assert list(each["verdict"]) == (list(VALUES) if own else ["dominance"])
        assert set(each["verdict"].values()) <= {"cost-effective", "not cost-effective", None}


@pytest.mark.parametrize("name", PLAIN)
def test_without_a_comparison_nothing_is_computed(data, name):
    """No reference value, no burden computed, no difference of a comparison: what the sources say is all there is."""
    tree = data[name, "en"]

    assert tree["comparisons"] == []
    assert tree["burden"] == {
        "band": None,
        "reference_value": None,
        "rests_on": None,
        "basis": hecon.load(name).burden.basis.en,
        "sources": [each.model_dump() for each in hecon.load(name).burden.sources],
        "computed": None,
        "agree": None,
    }
    assert not {"verdict", "icer", "inmb", "p_cost_effective"} & {key for key, _ in pairs(tree)}


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("name", NAMES)
def test_studies_figures_and_findings(data, name, lang):
    """Each study and figure of the file in its order, numbers as numbers; findings are numbered as in the note."""
    tree, given = data[name, lang], hecon.load(name)

    assert [each["name"] for each in tree["studies"]] == [each.name for each in given.note.study]
    for each, study in zip(tree["studies"], given.note.study, strict=True):
        assert wrong(each, STUDY) == {}
        assert [(fact["kind"], bool(fact["words"])) for fact in each["facts"]] == [(x.kind, True) for x in study.fact]
    for each, figure in zip(tree["figures"], given.figure, strict=True):
        assert wrong(each, FIGURE) == {}
        assert (each["id"], each["name"]) == (figure.id, getattr(figure.name, lang))
        assert each["value"] == (None if figure.value is None else float(figure.value))
        for key in ("range", "series"):
            numbers = getattr(figure, key)

            assert each[key] == (None if numbers is None else [float(number) for number in numbers])
    for number, (each, finding) in enumerate(zip(tree["audit"], auditing.audit(given), strict=True), start=1):
        assert wrong(each, FINDING) == {}
        assert each["note"] == number
        assert each["paths"] == list(finding.paths) != []
        assert each["figures"] == [figure.id for figure in finding.figures]


def test_the_figures_of_the_programme_are_numbers():
    """As those of a dossier are."""
    figures = plain(programme_data(programme.state(), Locale("en")), Locale("en"))["figures"]

    assert figures
    assert [each["id"] for each in figures if wrong(each, FIGURE)] == []


@pytest.mark.parametrize("name", NAMES)
def test_the_criteria(data, name):
    """All four are there, with who judged where the file says so; value driven is true, false or unknown."""
    tree, given = data[name, "en"]["criteria"], hecon.load(name).note.criteria

    assert list(tree) == ["value_driven", *ruleset().criteria]
    assert isinstance(tree["value_driven"], (bool, type(None)))
    for key in ruleset().criteria:
        noted = getattr(given, key)
        expected = {} if noted is None else noted.model_dump(mode="json") | {"text": noted.text.en}

        assert isinstance(tree[key]["state"], str)
        assert {field: value for field, value in tree[key].items() if field != "state"} == expected


def test_the_thresholds_of_a_source(comparisons):
    """ACL SNNAP at £20,000 per QALY, in pounds, without a verdict; nobody else states a threshold."""
    each = comparisons["snnap-healthcare"]
    (at,) = each["at_thresholds"]

    assert (each["currency"], at["value"]) == ("GBP", 20_000)
    assert at["net_benefit"] == pytest.approx(20_000 * 0.052 - 1_017)
    # Printed as 0.51.
    assert at["p_cost_effective"] == pytest.approx(0.51, abs=0.03)
    assert each["verdict"] == {"dominance": None}
    assert list(each["p_cost_effective"]) == ["20000", "30000"]
    assert "GBP" in each["no_verdict"]
    assert [name for name, other in comparisons.items() if other["at_thresholds"]] == ["snnap-healthcare"]


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


@pytest.mark.parametrize("lang", LANGUAGES)
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
    dutch, english = (data["acl-rupture", lang]["comparisons"][0] for lang in LANGUAGES)

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
    assert each["reason"].startswith("Point estimates only")
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
    again = hecon.assess("reablement", n_draws=N_DRAWS)

    assert hecon.summary(again).text("json") == hecon.summary(found["reablement"]).text("json")


def test_infinite_ends_become_null():
    """An end that is not finite has no number in JSON."""
    assert plain({"ends": (float("-inf"), 1.5)}, Locale("nl")) == {"ends": [None, 1.5]}


def test_ascii_only_escapes_and_reads_the_same():
    """For an output that is not UTF-8, the same data in ASCII."""
    data = {"title": "één € ΔC"}
    plain = json_text(data, ascii_only=True)

    assert plain.isascii()
    assert json.loads(plain) == json.loads(json_text(data)) == data
    assert "één €" in json_text(data)


def test_what_is_not_finite_is_refused():
    """The writer itself lets no NaN through."""
    with pytest.raises(ValueError, match="not JSON compliant"):
        json_text({"x": math.nan})
