"""The notes of the packaged dossiers: complete, sourced, and the same in both languages."""

from __future__ import annotations

import datetime as dt
import re
from decimal import Decimal

import pytest
from pydantic import BaseModel
from shipped import ECONOMIC, NAMES, PLAIN
from skeletons import skeleton

import hecon
from hecon import auditing
from hecon.dossier.documents import Statement
from hecon.dossier.note import Study
from hecon.files.parts import Text

EXPERTS = dict.fromkeys(ECONOMIC[:3], ("29 January 2024", "29 januari 2024")) | {
    "reablement": ("22 January 2024", "22 januari 2024")
}
CONDITIONS = ("what", "where", "for_whom", "by_whom", "monitoring", "other")

NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
WORD = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")
# A line of the skeleton's last part that is an example rather than prose.
EXAMPLE = re.compile(r"# (?=\[|[a-z_]+(?:\.[a-z]+)? = )")


def parts(node):
    """Yield every record of a dossier, itself first."""
    if isinstance(node, BaseModel):
        yield node
        for name in type(node).model_fields:
            yield from parts(getattr(node, name))
    elif isinstance(node, tuple):
        for item in node:
            yield from parts(item)


def written(found):
    """Return every text of a dossier's note and of what its comparisons report."""
    nodes = [found.note, *(each.reporting for each in found.comparison)]
    return [each for node in nodes for each in parts(node) if isinstance(each, Text)]


def runs(text):
    """Return every run of three words without a capital."""
    words = WORD.findall(text)
    return {each for each in zip(words, words[1:], words[2:], strict=False) if all(word.islower() for word in each)}


def amounts(text, *, lang):
    """Return the numbers in a text, as a set of plain decimals."""
    point, thousands = (",", ".") if lang == "nl" else (".", ",")
    return {each.replace(thousands, "").replace(point, ".") for each in NUMBER.findall(text)}


@pytest.mark.parametrize("name", ECONOMIC)
def test_a_note_has_the_parts_of_an_expert_note(name):
    """Reason, a Dutch study with its risk of bias, conclusion, conditions."""
    note = hecon.load(name).note

    assert note.reason is not None
    assert note.conclusion is not None
    assert any(each.origin == "dutch" and each.risk_of_bias is not None for each in note.study)
    assert any(each.origin == "international" for each in note.study)
    assert all(getattr(note.conditions, key) is not None for key in CONDITIONS)
    assert note.criteria.effectiveness is not None
    assert note.criteria.cost_effectiveness is not None


@pytest.mark.parametrize("name", PLAIN)
def test_a_note_without_comparisons_has_the_same_parts_but_no_expert(name):
    """No risk of bias or difference of a trial, but all that the sources say."""
    note = hecon.load(name).note

    assert note.reason is not None
    assert note.conclusion is not None
    assert note.study
    assert not any(each.risk_of_bias or each.outcome for each in note.study)
    assert all(getattr(note.conditions, key) is not None for key in CONDITIONS)
    assert all(getattr(note.criteria, key) is not None for key in type(note.criteria).model_fields)
    assert note.criteria.cost_effectiveness.judgement == "not judged"
    assert "zorginstituut-2024" in {each.document for each in note.reason.sources}


@pytest.mark.parametrize("name", NAMES)
def test_a_judgement_names_its_judge(name):
    """Who judged is told where something was judged, and nowhere else; no party both adopted it and did not."""
    criteria = hecon.load(name).note.criteria
    for each in filter(None, (getattr(criteria, key) for key in type(criteria).model_fields)):
        judged = each.judgement in {"positive", "negative"}

        assert (each.judged_by is not None) == judged
        assert each.judged_on is None or judged
        assert judged or not each.adopted_by + each.not_adopted_by
        assert not set(each.adopted_by) & set(each.not_adopted_by)


def test_the_criteria_are_judged_as_the_sources_say():
    """Who judged effectiveness, how, and which parties did not take it over (report, paragraphs 2.2.3 and further)."""
    found = {
        name: (criterion.judgement, criterion.judged_by, criterion.not_adopted_by)
        for name in NAMES
        for criterion in [hecon.load(name).note.criteria.effectiveness]
    }

    assert found == {
        "acl-rupture": ("positive", "academic-expert", ()),
        "meniscal-tear-degenerative": ("positive", "academic-expert", ()),
        "meniscal-tear-traumatic": ("positive", "academic-expert", ()),
        "reablement": ("positive", "academic-expert", ("zn",)),
        "copd": ("positive", "zorginstituut", ()),
        "rheumatoid-arthritis": ("positive", "zorginstituut", ()),
        "fibromyalgia": ("negative", "zorginstituut", ()),
        "prehabilitation": ("negative", "zorginstituut", ()),
        "first-twenty": ("not judged", None, ()),
        "triage": ("not judged", None, ()),
    }


@pytest.mark.parametrize("name", ECONOMIC)
def test_the_reason_tells_of_the_note_of_the_expert(name):
    """By its date, in the report of 22 March 2024; it is one source among others."""
    note = hecon.load(name).note
    english, dutch = EXPERTS[name]

    assert english in note.reason.text.en
    assert dutch in note.reason.text.nl
    assert "facts in this note come" not in note.reason.text.en
    assert "22 March 2024" in note.reason.text.en
    assert "22 maart 2024" in note.reason.text.nl


def test_the_risks_of_bias_are_those_the_experts_gave():
    """PEDro scores of the report's appendices 1a to 1c; the reviews got none."""
    found = {
        (name, each.name): each.risk_of_bias.en
        for name in NAMES
        for each in hecon.load(name).note.study
        if each.risk_of_bias is not None
    }

    assert found == {
        ("acl-rupture", "COMPARE (Reijman 2021)"): "Low risk of bias (PEDro 7/10)",
        ("meniscal-tear-degenerative", "ESCAPE (Van de Graaf 2018)"): "Low risk of bias (PEDro 7/10)",
        ("meniscal-tear-traumatic", "STARR (Van der Graaff 2022)"): "Low risk of bias (PEDro 7/10)",
        ("reablement", "Coach2Move 2016 (De Vries)"): "Low risk of bias (PEDro 7/10)",
        ("reablement", "Coach2Move 2022 (Heij)"): "Low risk of bias (PEDro 6/10)",
    }
    assert {
        (name, each.name): f"Low risk of bias (PEDro {fact.value}/10)"
        for name in NAMES
        for each in hecon.load(name).note.study
        for fact in each.fact
        if fact.kind == "pedro"
    } == found


@pytest.mark.parametrize("name", NAMES)
def test_every_statement_has_sources_that_exist(name):
    """Each statement and study cites documents of its dossier."""
    found = hecon.load(name)
    known = {each.id for each in found.document}
    sourced = [each for each in parts(found) if isinstance(each, (Statement, Study))]

    assert sourced
    for each in sourced:
        assert {source.document for source in each.sources} <= known


@pytest.mark.parametrize("name", NAMES)
def test_every_text_stands_in_two_languages(name):
    """Neither is blank, they differ, and no three words in a row of the English stand in the Dutch."""
    both = written(hecon.load(name))

    assert both
    for each in both:
        assert each.nl.strip()
        assert each.en.strip()
        # A name is the same in both.
        assert each.nl != each.en or each.nl in {"Coach2Move", "QALY", "ROTATE", "IODA"}
        assert not runs(each.nl) & runs(each.en)


@pytest.mark.parametrize("name", NAMES)
def test_both_languages_state_the_same_figures(name):
    """The set of numbers is the same, each read by the rules of its language."""
    for each in written(hecon.load(name)):
        dutch, english = amounts(each.nl, lang="nl"), amounts(each.en, lang="en")

        assert dutch == english, each


@pytest.mark.parametrize("name", ECONOMIC)
def test_every_comparison_says_what_its_horizon_and_payments_leave_out(name):
    """What lies beyond the horizon and what patients pay themselves is told of each."""
    for spec in hecon.load(name).comparison:
        assert spec.reporting.beyond_horizon is not None
        assert str(spec.horizon_months) in spec.reporting.beyond_horizon.text.en
        assert spec.reporting.own_payments is not None
        assert spec.reporting.analysis is not None


def test_crossover_is_told_as_printed():
    """50% in COMPARE, 41% in STARR and ACL SNNAP and 29% in ESCAPE (report, appendices 1a and 1b)."""
    found = {
        spec.id: spec.reporting.crossover.text.en
        for name in NAMES
        for spec in hecon.load(name).comparison
        if spec.reporting.crossover is not None
    }
    shares = {identifier: re.search(r"\d+%", text).group() for identifier, text in found.items()}

    assert shares == {
        "compare-societal": "50%",
        "compare-healthcare": "50%",
        "escape-societal": "29%",
        "starr-societal": "41%",
        "starr-healthcare": "41%",
        "snnap-healthcare": "41%",
    }


def test_what_does_not_fit_in_the_sources_is_told():
    """KANON's intervals and cross-over, and ACL SNNAP's size and interval: both figures stand there, and recompute."""
    told = {each.name.split(" (")[0]: each.text.en for each in hecon.load("acl-rupture").note.study}

    assert f"{(-6.5 + 8.8) / 2:.2f}" == "1.15"
    assert f"{(-8.5 + 4.5) / 2:.1f}" == "-2.0"
    assert f"{23 / 59:.0%}" == "39%"
    assert f"{30 / 59:.0%}" == "51%"
    assert all(each in told["KANON"] for each in ("−6.5 to 8.8", "−8.5 to 4.5", "1.15 and −2.0", "23%", "39%", "51%"))
    assert all(each in told["ACL SNNAP"] for each in ("156", "316", "'4538-1508'", "£1,017 (95% CI 557 to 1,476)"))


def test_the_changes_of_the_coach2move_groups_recompute():
    """33.9 − 9.9 = 24.0 against 17.9, 279 + 108 = 387 against 441, and 441 a week is 63 a day."""
    told = {each.name: each.text.en for each in hecon.load("reablement").note.study}

    assert f"{33.9 - 9.9:.1f} minutes" in told["Coach2Move 2016 (De Vries)"]
    assert f"{279 + 108} minutes" in told["Coach2Move 2022 (Heij)"]
    assert [round(each / 7) for each in (441, 151, 731)] == [63, 22, 104]
    assert "63 minutes a day (95% CI 22 to 104)" in told["Coach2Move 2022 (Heij)"]


def test_the_examples_at_the_end_of_the_skeleton_load(tmp_path):
    """With the comment signs removed, every part that they show is read."""
    head, mark, tail = skeleton("sample").partition("# What may stand here besides")
    path = tmp_path / "sample.toml"
    path.write_text(head + mark + "\n".join(EXAMPLE.sub("", line) for line in tail.splitlines()), encoding="utf-8")
    found = hecon.load(path)

    assert found.comparison[-1].reporting.beyond_horizon is not None
    assert [each.id for each in found.figure] == ["share_direct", "share_later"]
    assert [(each.result, each.formula) for each in found.relation] == [("share_later", "100 - share_direct")]
    assert auditing.audit(found) == ()
    assert [fact.kind for fact in found.note.study[0].fact] == ["patients"]
    assert [outcome.estimate for outcome in found.note.study[0].outcome] == [Decimal("5.3")]
    assert found.note.criteria.effectiveness.not_adopted_by == ("zn",)
    assert found.burden.inputs.age.value == 33
    assert (found.note.author, found.note.date) == ("Name of the author", dt.date(2024, 4, 15))
    assert [each.origin for each in found.note.study] == ["dutch"]
    assert found.note.study[0].risk_of_bias.en == "Low risk of bias (PEDro 7/10)"
    assert found.note.study[0].transfer.text.en == "In what the country, the care and the patients differ"
    assert found.note.pico.intervention.text.en == "The care that the question asks about"
    assert [(each.instrument, each.population) for each in found.note.margin] == [("IKDC", "other")]
    assert [each.kind for each in found.note.gap] == ["running"]
    assert all(
        each is not None
        for each in (
            found.note.reason,
            found.note.conclusion,
            found.note.conditions.what,
            found.note.criteria.effectiveness,
        )
    )
