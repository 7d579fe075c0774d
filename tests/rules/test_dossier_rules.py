"""A dossier names its rules: by name, or by the path of a file beside it."""

import hashlib

import pytest
from skeletons import skeleton

import hecon
from hecon.errors import DossierError, InputError

RULES = """\
format = 1
name = "own"
currency = "EUR"
effect_unit = "QALY"
[[values]]
since = "2020"
status = "read"
source = "a manual"
amounts = [25000]
shown = [25000, 40000]
"""
TEXT = skeleton("sample")


def loaded(folder, rules, **files):
    """Return the skeleton with its rules named, loaded from beside files."""
    for name, text in files.items():
        (folder / f"{name}.toml").write_text(text, encoding="utf-8")
    path = folder / "sample.toml"
    path.write_text(TEXT.replace('name = "sample"\n', f'name = "sample"\nrules = {rules}\n', 1), encoding="utf-8")
    return hecon.load(path)


def test_a_dossier_has_the_default_rules_unless_it_names_others(tmp_path):
    """Those of the Netherlands."""
    assert hecon.load("acl-rupture").ruleset.name == "nl"
    assert loaded(tmp_path, '"nl"').ruleset.name == "nl"


def test_own_rules_stand_beside_the_dossier(tmp_path):
    """Results, verdicts and figures are at their values; without bands nothing is said of a burden's value."""
    text = RULES.replace("amounts = [25000]", 'measure = "proportional shortfall"') + BANDS
    found = hecon.assess(loaded(tmp_path, '"own.toml"', own=text), n_draws=50)
    result = found.comparisons[0]

    assert found.rules.name == "own"
    assert (result.values, tuple(result.net_benefit)) == ((25_000, 40_000), (25_000, 40_000))
    assert [each.reference_value for each in result.judgements] == [25_000]
    assert result.draws.attrs["thresholds"] == [25_000]
    assert found.reference_values == {"any": 25_000, "most": None}
    assert "€40,000" in hecon.summary(found, lang="en").text("md")


BANDS = """\
[[values.band]]
name = "any"
value = 25000
[[values.band]]
name = "most"
from = 0.9
"""


def test_a_burden_by_other_rules_is_refused(tmp_path):
    """Its band has no value there, and its probabilities would be dropped."""
    text = RULES.replace("amounts = [25000]", 'measure = "proportional shortfall"') + BANDS
    burden = hecon.shortfall(age=40, female=0.5, decrement=0.2, years=2)

    with pytest.raises(
        InputError, match=r"^burden must be by the rules' bands any, most, got none, low, middle, high: "
    ):
        hecon.assess(loaded(tmp_path, '"own.toml"', own=text), burden=burden, n_draws=50)


@pytest.mark.parametrize(
    ("rules", "fault"),
    [
        (
            '"n"',
            "rules: rules must be one of england-medicines, england-other, nl or the path of a .toml file, got 'n'",
        ),
        ('"gone.toml"', "rules: rules must be an existing file"),
        ('"own.toml"', "rules: own.toml: line 3: currency: must be a currency code of three capitals"),
        ("3", "rules: must be text in quotes, got 3"),
    ],
)
def test_rules_that_cannot_be_had_are_a_fault_of_the_dossier(tmp_path, rules, fault):
    """With its place in the file; of a faulty file all faults."""
    with pytest.raises(DossierError) as caught:
        loaded(tmp_path, rules, own=RULES.replace("25000]", "0]", 1).replace('"EUR"', '"euro"'))

    told = caught.value.faults
    assert told[0].startswith(fault)
    assert len(told) == (2 if "own" in rules else 1)


def test_a_band_is_one_of_the_rules(tmp_path):
    """The message lists them."""
    text = TEXT.replace('band = "not judged"', 'band = "severe"')
    assert text != TEXT
    path = tmp_path / "sample.toml"
    path.write_text(text, encoding="utf-8")

    with pytest.raises(DossierError, match="must be 'none', 'low', 'middle', 'high' or 'not judged', got 'severe'"):
        hecon.load(path)


def test_a_note_names_the_file_of_its_rules_as_it_was_read(tmp_path):
    """With the digest of what was read, also where the file changes later; a source that was not checked says so."""
    text = RULES.replace("amounts = [25000]", 'measure = "proportional shortfall"') + BANDS
    text = text.replace('status = "read"', 'status = "to check"')
    filed = loaded(tmp_path, '"own.toml"', own=text)
    first = filed.ruleset
    (tmp_path / "own.toml").write_text(text.replace("25000", "26000"), encoding="utf-8")
    found = hecon.assess(filed, n_draws=50)
    note = hecon.summary(found, lang="en").text("md")

    digest = hashlib.sha256(text.encode()).hexdigest()
    assert found.dossier.ruleset is first
    assert (found.provenance["rules"], found.provenance["rules_digest"]) == ("own.toml", digest)
    assert f"Rules own.toml, SHA-256 {digest}" in note
    assert "a manual (not checked against the source)" in note
    assert "26,000" not in note
    assert "rules" not in hecon.assess("triage").provenance
