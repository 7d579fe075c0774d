"""Finding, reading and starting dossiers, the arguments they turn into, and their JSON Schema."""

from __future__ import annotations

import hashlib
import json
import os
import re
import tomllib
from decimal import Decimal
from pathlib import Path

import pytest
from shipped import assessed
from skeletons import skeleton
from two_options import dossier_text

import hecon
from hecon import dossier
from hecon.assessment.comparing import placed_by
from hecon.cli import main as cli
from hecon.dossier import comparison
from hecon.dossier.comparison import arguments
from hecon.dossier.loading import Dossier
from hecon.errors import DossierError, InputError
from hecon.reported import Arms, Assumed, Difference, Ratio

FOLDER = Path(hecon.__file__).parent / "data" / "dossiers"
SKELETON = skeleton("hip-fracture")
KNOWN = (
    "acl-rupture, copd, fibromyalgia, first-twenty, meniscal-tear-degenerative, meniscal-tear-traumatic, "
    "prehabilitation, reablement, rheumatoid-arthritis, triage"
)


def written(tmp_path, content, name="some.toml"):
    """Return the path of a file with this content, text or bytes."""
    path = tmp_path / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode("utf-8"))
    return path


def refused(name_or_path):
    """Return the message with which loading is refused."""
    with pytest.raises(InputError) as caught:
        hecon.load(name_or_path)
    return str(caught.value)


def fault(path):
    """Return the one fault with which loading is refused."""
    with pytest.raises(DossierError) as caught:
        hecon.load(path)
    assert len(caught.value.faults) == 1
    return caught.value.faults[0]


# --- finding and reading ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("acl", ""),
        ("", ""),
        (".", ""),
        ("..", ""),
        ("\0", ""),
        ("x" * 400, ""),
        ("acl-ruptur", "; did you mean 'acl-rupture'?"),
        ("reablment", "; did you mean 'reablement'?"),
    ],
)
def test_an_unknown_name_is_refused_with_those_that_are_known(name, hint):
    """The message lists the names, and one that is close."""
    assert refused(name) == f"dossier must be one of {KNOWN} or the path of a .toml file, got {name!r}{hint}"


@pytest.mark.parametrize(
    "name", ["missing.toml", "no/such/dossier", "acl-rupture.toml", "\0.toml", "x" * 400 + ".toml", "/"]
)
def test_a_missing_file_is_refused(name):
    """What looks like a path must be a file; a name that no file system takes is told alike."""
    assert refused(name) == f"dossier must be an existing file, got {name!r}; `hecon new` writes one to start from"


@pytest.mark.parametrize("folder", ["plain", "folder.toml"])
def test_a_directory_is_refused(tmp_path, folder):
    """A directory is no dossier, whatever its name ends in."""
    path = tmp_path / folder
    path.mkdir()

    assert refused(path).startswith("dossier must be an existing file")


@pytest.mark.parametrize("name", [None, 3, b"acl-rupture", ["acl-rupture"]])
def test_what_is_neither_name_nor_path_is_refused(name):
    """The verb is public: callers need not be typed."""
    assert refused(name) == f"dossier must be a name or the path of a .toml file, got {name!r}"


def test_draws_are_no_dossier():
    """Their numbers are not printed; the remedy is that of docs/write-a-dossier.rst."""
    draws = hecon.from_arrays([[0, 900.0]], [[0, 0.1]], strategies=["usual care", "exercise"])
    expected = "dossier must be a name or the path of a .toml file, got draws: name their file in [comparison.draws]"
    assert refused(draws) == f"{expected} of a dossier"


def test_an_unreadable_file_is_refused(tmp_path, monkeypatch):
    """What the system says is passed on without a traceback."""

    def denied(*_):
        raise PermissionError(13, "Permission denied")

    path = written(tmp_path, SKELETON)
    monkeypatch.setattr(os, "open", denied)

    assert refused(path) == f"dossier must be a file that can be read, got {str(path)!r}: Permission denied"


def test_a_path_object_may_stand_for_a_name():
    """`Path("acl-rupture")` is the name, for there is no such file ending."""
    assert hecon.load(Path("acl-rupture")).name == "acl-rupture"


def test_a_file_need_not_be_called_after_its_dossier_nor_end_in_toml(tmp_path):
    """A path with a folder is a path, whatever its ending."""
    path = written(tmp_path, SKELETON, "my dossier.txt")

    assert hecon.load(path).name == "hip-fracture"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("content", "message"),
    [
        (SKELETON.replace("titel", "titël").encode("latin-1", "replace"), "the file must be text in UTF-8: save it so"),
        (b"\xff\xfe\x00", "the file must be text in UTF-8: save it so"),
        (
            f"a = {'9' * 5000}",
            "line 1 must hold numbers of a possible size: one has thousands of digits or an exponent beyond all",
        ),
        (
            "a = 1e1000000000000000000000",
            "line 1 must hold numbers of a possible size: one has thousands of digits or an exponent beyond all",
        ),
        (f"a = {'[' * 5000}{']' * 5000}", "the file must hold no lists or tables nested hundreds deep"),
        (f"a{'.a' * 5000} = 1", "the file must hold no lists or tables nested hundreds deep"),
    ],
)
def test_what_is_not_toml_is_one_fault(tmp_path, content, message):
    """Encoding, syntax, impossible numbers and absurd nesting are told in a line."""
    assert fault(written(tmp_path, content)) == message


@pytest.mark.parametrize(
    "content", ["format = ", "format = 1\nformat = 1", "a b", "date = 2024-02-30", "\0", "a = 1\rb = 2"]
)
def test_a_slip_in_the_syntax_is_told_with_its_line(tmp_path, content):
    """The parser's words say what and where."""
    assert fault(written(tmp_path, content)).startswith("the file must be TOML: ")


@pytest.mark.parametrize("depth", [50, 200, 300, 400, 490, 700, 950])
@pytest.mark.no_cover
def test_nesting_of_any_depth_is_told(tmp_path, depth):
    """Wherever the parser gives up, no RecursionError comes out."""
    lists = written(tmp_path, f"a = {'[' * depth}{']' * depth}\n{SKELETON}")
    keys = written(tmp_path, f"a{'.a' * depth} = 1\n{SKELETON}", "keys.toml")

    for path in (lists, keys):
        told = fault(path)
        assert told.startswith("a: is not a key of this table") or told.endswith("nested hundreds deep")


def test_an_empty_file_misses_everything(tmp_path):
    """All required keys are told; a comparison and what it compares are not required."""
    with pytest.raises(DossierError) as caught:
        hecon.load(written(tmp_path, ""))

    keys = ["format", "name", "title", "indication", "question", "burden", "document"]
    assert list(caught.value.faults) == [f"{key}: is missing: add it" for key in keys]


def test_a_file_without_comparisons_is_whole(tmp_path):
    """What the sources say without an economic evaluation is a dossier too; its note is written as any other."""
    start, end = SKELETON.index("[[intervention]]"), SKELETON.index("[[document]]")
    found = hecon.load(written(tmp_path, SKELETON[:start] + SKELETON[end:]))
    assessed = hecon.assess(found, n_draws=20)

    assert (found.intervention, found.comparison, found.figure, found.relation) == ((), (), (), ())
    assert assessed.comparisons == ()
    assert "the sources consulted hold no economic evaluation." in hecon.summary(assessed, lang="en").text("md")


def test_a_byte_order_mark_is_no_fault(tmp_path):
    """Windows' editor writes one; the digest is that of the file as it is."""
    plain, marked = written(tmp_path, SKELETON), written(tmp_path, b"\xef\xbb\xbf" + SKELETON.encode(), "marked.toml")

    assert hecon.load(marked).model_dump() == hecon.load(plain).model_dump()
    assert hecon.load(marked).digest != hecon.load(plain).digest


def test_line_ends_of_windows_are_no_fault(tmp_path):
    """CRLF is a line end."""
    assert hecon.load(written(tmp_path, SKELETON.replace("\n", "\r\n"))).name == "hip-fracture"


def test_numbers_keep_their_printed_digits(tmp_path):
    """Decimals stay decimals: 0.050 has three digits and -0.00 its sign."""
    text = SKELETON.replace("[-0.010, 0.110]", "[-0.00, 0.110]")
    effect = hecon.load(written(tmp_path, text)).comparison[0].statistic[1]

    assert str(effect.mean) == "0.050"
    assert [str(end) for end in effect.ci] == ["-0.00", "0.110"]


# --- the skeleton -----------------------------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize("name", ["hip-fracture", "a", "x1", "copd-2"])
def test_the_skeleton_loads_and_assesses_as_it_stands(tmp_path, name):
    """A new dossier is whole: made-up figures, marked assumed."""
    text = skeleton(name)
    found = hecon.assess(written(tmp_path, text), n_draws=100)

    assert "NAME" not in text
    assert found.dossier.name == name
    assert found.comparisons[0].computable
    assert {each.status for each in found.dossier.comparison[0].statistic} == {"assumed"}
    # 900/0.05 = 18,000 per QALY
    assert found.comparisons[0].icer == pytest.approx(18_000)
    assert {each.status for each in found.comparisons[0].fit.parameters.values()} == {"assumed"}


@pytest.mark.parametrize(
    "name", ["", "Hip", "hip fracture", "a_b", "-hip", "hip-", "a--b", "é", "a\n", "../a", None, 3]
)
def test_a_name_of_another_form_is_refused(name):
    """Names are lower-case words joined by hyphens."""
    with pytest.raises(InputError) as caught:
        skeleton(name)

    assert str(caught.value) == f"name must be lower-case words joined by hyphens, as in hip-fracture, got {name!r}"


# --- the arguments for a fit ------------------------------------------------------------------------------------------


def test_arguments_hold_what_a_comparison_states():
    """ESCAPE: a difference, a ratio with its quadrant, two fitted and two checked probabilities, no assumption."""
    spec = hecon.load("meniscal-tear-degenerative").comparison[0]

    assert arguments(spec) == {
        "cost": (Difference(-1803, ci=(-3008, -838)),),
        "icer": Ratio(61_584, quadrant="SW"),
        "p_cost_effective": {10_000: Decimal("0.99"), 80_000: Decimal("0.40")},
        "checks": {
            "p_cost_effective": {0: Decimal("1.00")},
            "probability_above": {Decimal("-0.057"): Decimal("0.89")},
        },
    }
    assert arguments(hecon.load("reablement").comparison[0]) == {}


def test_arguments_of_arms_and_assumptions():
    """COMPARE: arms, and two assumptions with their English basis as the reason."""
    spec = hecon.load("acl-rupture").comparison[0]
    found = arguments(spec)

    assert found["cost"] == (Arms((14951, 11558), sd=(10004, 10579), n=(85, 82)),)
    assert list(found["assume"]) == ["effect_se", "correlation"]
    assert isinstance(found["assume"]["effect_se"], Assumed)
    assert found["assume"]["correlation"].reason == spec.assumption[1].basis.en


def test_arguments_of_every_other_statistic():
    """One-sided intervals, bounds of p values, levels, correlations and fitted effect probabilities."""
    common = {"status": "reported", "sources": ({"document": "example", "place": "p. 1"},)}
    base = hecon.load("acl-rupture").comparison[0].model_dump(exclude_none=True)
    rows = [
        {
            "kind": "cost-difference",
            "mean": 900,
            "ci": (Decimal("-inf"), 2100),
            "sided": "one",
            "level": Decimal("0.9"),
        },
        {"kind": "cost-difference", "mean": 900, "ci": (-300, Decimal("inf")), "sided": "one"},
        {"kind": "effect-difference", "mean": Decimal("0.05"), "p_below": Decimal("0.001"), "se": Decimal("0.01")},
        {"kind": "correlation", "value": Decimal("-0.2")},
        {"kind": "p-effect-above", "threshold": 0, "value": Decimal("0.9")},
        {"kind": "net-benefit-difference", "wtp": 20000, "mean": 900, "se": 400, "currency": "EUR"},
        {"kind": "net-benefit-arms", "wtp": 20000, "mean": (2000, 1100), "se": (250, 300)},
        {"kind": "net-benefit-difference", "wtp": 30000, "mean": 1400, "p": Decimal("0.04")},
        {"kind": "quadrant-shares", "shares": {"SW": Decimal("0.60")}, "use": "check"},
    ]
    rows = [row | ({"sided": "one"} if "ci" in row else {}) for row in rows]
    changed = {"statistic": tuple(row | common for row in rows), "assumption": ()}
    spec = comparison.Comparison.model_validate(base | changed)

    assert arguments(spec) == {
        "cost": (
            Difference(900, ci=(None, 2100), sided="one", level=0.9),
            Difference(900, ci=(-300, None), sided="one"),
        ),
        "effect": (Difference(Decimal("0.05"), p="<0.001", se=Decimal("0.01")),),
        "correlation": Decimal("-0.2"),
        "probability_above": {0: Decimal("0.9")},
        "net_benefit": {
            20000: (Difference(900, se=400), Arms((2000, 1100), se=(250, 300))),
            30000: (Difference(1400, p=Decimal("0.04")),),
        },
        "checks": {"quadrant_shares": {"SW": Decimal("0.60")}},
    }
    assert [tuple(map(str, placed_by(spec, each))) for each in spec.statistic] == [
        ("cost difference", "cost one-sided interval"),
        ("cost difference", "cost one-sided interval"),
        ("effect difference", "effect standard error", "effect p value"),
        ("correlation",),
        ("probability of an effect above 0",),
        ("net benefit difference at 20000", "net benefit standard error at 20000"),
        ("net benefit difference of arm means at 20000", "net benefit standard errors of arms at 20000"),
        ("net benefit difference at 30000", "net benefit p value at 30000"),
        ("quadrant_shares of SW",),
    ]


@pytest.mark.slow
@pytest.mark.parametrize("name", dossier.names())
def test_constraints_placed_are_those_of_the_fit(name):
    """What a fitted parameter rests on is always placed by some statistic."""
    for result in assessed(name).comparisons:
        if result.fit is None:
            continue
        placed = {each for row in result.spec.statistic for each in placed_by(result.spec, row)}
        fitted = {each.key for each in result.fit.statistics}
        checked = {each.key for each in result.fit.checks}
        assert placed == fitted | checked
        assert {rest for each in result.fit.parameters.values() for rest in each.rests_on} <= fitted


# --- the JSON Schema --------------------------------------------------------------------------------------------------


def conforms(node, rule, root):  # noqa: PLR0911 (a return for each form of rule)
    """Return whether plain JSON conforms to the part of JSON Schema that ours uses."""
    if "$ref" in rule:
        return conforms(node, root["$defs"][rule["$ref"].rsplit("/", 1)[1]], root)
    if "anyOf" in rule or "oneOf" in rule:
        return any(conforms(node, each, root) for each in rule.get("anyOf", rule.get("oneOf")))
    if "const" in rule:
        return node == rule["const"] and type(node) is type(rule["const"])
    if "enum" in rule and node not in rule["enum"]:
        return False
    kind = rule["type"]
    if kind == "object":
        if "properties" not in rule:
            keyed = rule["additionalProperties"]
            return isinstance(node, dict) and all(conforms(value, keyed, root) for value in node.values())
        known = rule["properties"]
        return (
            isinstance(node, dict)
            and set(rule.get("required", [])) <= set(node) <= set(known)
            and all(conforms(value, known[key], root) for key, value in node.items())
        )
    if kind == "array":
        each = rule.get("prefixItems") or [rule["items"]] * len(node)
        return (
            isinstance(node, list)
            and rule.get("minItems", 0) <= len(node) <= rule.get("maxItems", len(node))
            and all(conforms(item, sub, root) for item, sub in zip(node, each, strict=True))
        )
    if kind == "string":
        return isinstance(node, str) and re.search(rule.get("pattern", ""), node) is not None
    if kind == "boolean":
        return isinstance(node, bool)
    types = {"number": (int, float), "integer": int, "null": type(None)}[kind]
    return isinstance(node, types) and not isinstance(node, bool) and node <= rule.get("maximum", float("inf"))


def as_json(text):
    """Return TOML as plain JSON."""
    plain = json.dumps(tomllib.loads(text), default=lambda date: date.isoformat())
    return json.loads(plain)


SCHEMA = Dossier.json_schema()


def test_the_schema_is_json_with_every_reference_defined():
    """It says which draft it follows, refuses unknown keys everywhere and leaves no reference open."""
    text = json.dumps(SCHEMA)
    used = set(re.findall(r'"#/\$defs/(\w+)"', text))

    assert SCHEMA["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert SCHEMA["type"] == "object"
    assert used == set(SCHEMA["$defs"])
    assert all(each["additionalProperties"] is False for each in (SCHEMA, *SCHEMA["$defs"].values()))
    assert {"BurdenInputs", "Conditions", "Note", "NoteCriteria", "Pico", "Reporting", "Text"} == {
        name for name, each in SCHEMA["$defs"].items() if "required" not in each
    }
    assert all(set(each.get("required", [])) <= set(each["properties"]) for each in (SCHEMA, *SCHEMA["$defs"].values()))


def test_numbers_are_numbers_in_the_schema():
    """Not text, though they are read as decimals; and "not reported" where a number may be unknown."""
    fields = SCHEMA["$defs"]["DifferenceStatistic"]["properties"]
    comparison = SCHEMA["$defs"]["Comparison"]["properties"]

    assert fields["mean"]["type"] == "number"
    assert [each["type"] for each in fields["ci"]["anyOf"][0]["prefixItems"]] == ["number", "number"]
    assert comparison["discount_cost"]["anyOf"] == [{"type": "number"}, {"const": "not reported"}]
    assert comparison["price_year"]["anyOf"] == [{"type": "integer"}, {"const": "not reported"}]
    assert "string" not in {each.get("type") for each in fields["se"]["anyOf"]}


@pytest.mark.parametrize("name", dossier.names())
def test_packaged_dossiers_conform_to_the_schema(name):
    """An editor that reads the schema finds no fault in them."""
    tree = as_json((dossier.FOLDER / f"{name}.toml").read_text(encoding="utf-8"))

    assert conforms(tree, SCHEMA, SCHEMA)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("mean = 900", 'mean = "900"'),
        ("mean = 900", "mean = true"),
        ('status = "assumed"', 'status = "guessed"'),
        ("format = 1", "format = 2"),
        ('currency = "EUR"', 'currency = "euro"'),
        ('currency = "EUR"', 'currency = "EUR"\nextra = 1'),
        ("ci = [-300, 2100]", "ci = [-300]"),
    ],
)
def test_the_schema_finds_what_the_loader_finds(old, new):
    """A fault of form is one for an editor too."""
    assert conforms(as_json(SKELETON), SCHEMA, SCHEMA)
    assert not conforms(as_json(SKELETON.replace(old, new, 1)), SCHEMA, SCHEMA)


def one_language(text, lang):
    """Return a dossier without the halves of its texts in the other language, which states so."""
    other = "en" if lang == "nl" else "nl"
    kept = [line for line in text.splitlines() if not re.match(rf"(\w+\.)*{other} = ", line)]
    kept = [
        re.sub(r'\{ nl = ("[^"]*"), en = ("[^"]*") \}', rf"{{ {lang} = \{1 if lang == 'nl' else 2} }}", line)
        for line in kept
    ]
    return "\n".join(kept).replace("\n[title]", f'\nlanguage = "{lang}"\n\n[title]', 1)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("lang", "told"),
    [
        ("nl", "written in Dutch only; they stand here untranslated."),
        ("en", "alleen in het Engels geschreven; ze staan hier onvertaald."),
    ],
)
def test_one_language_is_enough(tmp_path, lang, told):
    """The note in it is the same as that of both; the other says so, and is whole."""
    text = (
        (dossier.FOLDER / "meniscal-tear-traumatic.toml")
        .read_text(encoding="utf-8")
        .replace('name = "meniscal-tear-traumatic"', 'name = "own"', 1)
    )
    notes = []
    for name, content in (("both", text), ("one", one_language(text, lang))):
        path = tmp_path / f"{name}.toml"
        path.write_text(content, encoding="utf-8")
        found = hecon.assess(path, n_draws=100)
        notes.append(hecon.summary(found, lang=lang).text("md").replace(found.dossier.digest, ""))
    other = hecon.summary(found, lang="en" if lang == "nl" else "nl")

    assert notes[0] == notes[1]
    assert told in other.text("md")
    assert found.dossier.language == other.data["texts_only_in"] == lang


def test_a_text_in_the_other_language_alone_is_a_fault(tmp_path):
    text = one_language((dossier.FOLDER / "meniscal-tear-traumatic.toml").read_text(encoding="utf-8"), "en").replace(
        "\nen =", "\nnl =", 1
    )
    path = tmp_path / "one.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(DossierError, match=r"title\.en: is missing: add it"):
        hecon.load(path)
    # Without a stated language both are asked for.
    path.write_text(text.replace('language = "en"\n', "").replace("\nnl =", "\nen =", 1), encoding="utf-8")
    with pytest.raises(DossierError, match=r"title\.nl: is missing: add it"):
        hecon.load(path)


# --- under other rules than its own -----------------------------------------------------------------------------------


def stating(tmp_path, more, *, band="low"):
    """Return the path of a dossier that states rules which refuse it, or that there are not."""
    return written(tmp_path, dossier_text(500, 0.03, band=band).replace("format = 1\n", f"format = 1\n{more}\n", 1))


@pytest.mark.parametrize(
    ("more", "own"),
    [
        ('rules = "gone.toml"', "must be an existing file"),
        ('rules = "atlantis"', "must be one of"),
        ('rules = "england-other"', "burden.band"),
        ("rules = 3", "must be text in quotes"),
    ],
)
@pytest.mark.no_cover
def test_other_rules_mend_what_its_own_refuse(tmp_path, more, own):
    path = stating(tmp_path, more)

    assert own in fault(path)
    found = hecon.load(path, rules="nl")
    assert (found.rules, found.ruleset.name, found.filed.rules) == ("nl", "nl", "nl")
    assert found.digest == hashlib.sha256(path.read_bytes()).hexdigest()
    assert hecon.assess(path, rules="nl", n_draws=100).rules.name == "nl"
    assert cli.main(["assess", str(path), "--rules", "nl", "--draws", "100"]) == 0


def test_other_rules_as_a_file_are_those_of_the_working_folder(tmp_path, monkeypatch):
    """The rules that a dossier states begin at its folder, those that are asked for where the user is."""
    (tmp_path / "far").mkdir()
    path = stating(tmp_path / "far", 'rules = "gone.toml"')
    (tmp_path / "own.toml").write_bytes((FOLDER.parent / "rules" / "nl.toml").read_bytes())
    monkeypatch.chdir(tmp_path)
    found = hecon.load(path, rules="own.toml")

    assert (found.rules, found.ruleset.currency) == ("own.toml", "EUR")


def test_other_rules_leave_the_faults_of_the_file(tmp_path):
    """What both rules refuse is told alone; what the others refuse, where that is all."""
    path = stating(tmp_path, 'rules = "gone.toml"\nlanguage = "fr"')
    with pytest.raises(DossierError) as caught:
        hecon.load(path, rules="nl")
    assert [each.partition(":")[0] for each in caught.value.faults] == ["language"]
    with pytest.raises(DossierError, match=r"burden\.band"):
        hecon.load(stating(tmp_path, 'rules = "gone.toml"'), rules="england-other")


def test_a_band_that_its_own_rules_know_still_stands_aside(tmp_path):
    """Only a dossier that its own rules refuse is read as if it stated others."""
    found = hecon.load(stating(tmp_path, 'rules = "nl"'), rules="england-other")

    assert (found.burden.band, found.filed.burden.band, found.filed.rules) == ("not judged", "low", "nl")
