"""Clinical differences in a dossier: as printed, what their intervals show, and what a wrong one is told as."""

import pytest

import hecon
from hecon import dossier, texts
from hecon.errors import DossierError

FOLDER = dossier.loading._FOLDER


def data(name, lang="en"):
    """Return the differences of a packaged dossier as the JSON has them, by study and outcome."""
    found = hecon.summary(hecon.assess(name, n_draws=50), lang=lang).data["evidence"]
    return {(each["study"], each["name"]): each for each in found}


def changed(tmp_path, name, *changes):
    """Return the file of a packaged dossier after some changes of its text."""
    text = (FOLDER / f"{name}.toml").read_text(encoding="utf-8")
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new, 1)
    path = tmp_path / "changed.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_escape_is_non_inferior_and_statistically_worse():
    """At 24 months from one bound and a margin of 8, at five years from both and a margin of 11."""
    found = data("meniscal-tear-degenerative")
    early = found["ESCAPE (Van de Graaf 2018)", "Function (IKDC) at 24 months"]
    late = found["ESCAPE (Noorduyn 2022)", "Function (IKDC) at five years"]

    assert (early["estimate"], early["ci"], early["level"], early["margin"]) == (3.6, [None, 6.5], 0.975, 8)
    assert early["verdict"]["label"] == late["verdict"]["label"] == "non-inferior, statistically worse"
    assert (early["verdict"]["on"], early["verdict"]["derived"]) == ("comparator", True)
    assert early["verdict"]["interval"] == pytest.approx([-6.5, -0.7])
    assert (late["margin"], late["verdict"]["derived"]) == (11, False)
    assert late["words"].endswith("The margin of non-inferiority is 11. At 24 months the margin was 8 points.")


def test_relevance_is_the_experts_word_where_no_limit_is_printed():
    """COMPARE favours surgery; that the difference does not matter is quoted as the expert's."""
    (found,) = (each for (study, _), each in data("acl-rupture").items() if study.startswith("COMPARE"))

    assert (found["verdict"]["label"], found["verdict"]["relevance"]) == ("superior", None)
    assert found["words"] == (
        "Early reconstruction is statistically better than exercise therapy with later reconstruction if needed. "
        "Not clinically relevant according to the expert; no limit is printed."
    )


@pytest.mark.parametrize("lang", texts.LANGUAGES)
def test_the_table_stands_in_the_note(lang):
    """Every difference with its interval as printed, its words and its source; a study is named once."""
    note = hecon.summary(hecon.assess("reablement", n_draws=50), lang=lang).text("md").replace("\\", "")
    rows = [line for line in note.splitlines() if line.startswith("|") and "Coach2Move min" in line]

    assert f"### {texts.text(lang, 'evidence.heading')}" in note
    assert len(rows) == 4
    assert sum(row.startswith("| Coach2Move 2022 (Heij) |") for row in rows) == 1
    assert any("-14,2 (95%-interval -21 tot -8)" in row or "-14.2 (95% interval -21 to -8)" in row for row in rows)


def test_the_table_stands_in_the_note_in_english():
    """With the signs and digits that were printed."""
    note = hecon.summary(hecon.assess("meniscal-tear-degenerative", n_draws=50), lang="en").text("md")

    assert "meniscectomy minus exercise therapy with later surgery if needed: 3.6 (97.5% interval -∞ to 6.5)" in note
    assert "if needed is non-inferior to meniscectomy, though the result is statistically worse." in note


def test_an_interval_without_its_estimate_shows_nothing(tmp_path):
    """What is printed stands, and that nothing follows from it."""
    path = changed(tmp_path, "acl-rupture", ("ci = [0.6, 9.9]", "ci = [9.9, 0.6]"))
    found = hecon.summary(hecon.assess(path, n_draws=50), lang="en").data["evidence"][0]

    assert found["ci"] == [9.9, 0.6]
    assert found["verdict"] is None
    assert found["words"].startswith("Nothing: the printed interval does not hold the printed difference.")


def test_a_minimal_important_difference_is_held_against_the_interval(tmp_path):
    """Where a source prints one, hecon judges relevance itself."""
    path = changed(tmp_path, "acl-rupture", ("ci = [0.6, 9.9]", "ci = [0.6, 9.9]\nminimal_important_difference = 10.5"))
    found = hecon.summary(hecon.assess(path, n_draws=50), lang="en").data["evidence"][0]

    assert found["verdict"]["label"] == "superior, not clinically relevant"


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        (
            ("ci = [0.6, 9.9]", "ci = [0.6, 9.9]\nlevel = 95"),
            "level: must lie in (0, 1), got 95: write a share, as in 0.95",
        ),
        (("ci = [0.6, 9.9]", "ci = [0.6, 9.9]\nmargin = -8"), "margin: must be above 0, got -8: give its size"),
        (("ci = [0.6, 9.9]", "ci = [-inf, inf]"), "ci: must have a finite end: leave the outcome out"),
        (("estimate = 5.3", 'estimate = "5.3"'), "estimate: must be a number without quotes"),
        (
            ("ci = [0.6, 9.9]", 'ci = [0.6, 9.9]\nsymmetrical = "no"'),
            "symmetrical: must be true or false without quotes, got 'no'",
        ),
        (('better = "higher"', 'better = "more"'), "better: must be 'higher' or 'lower', got 'more'"),
    ],
)
def test_a_fault_is_told_with_its_path(tmp_path, change, fault):
    """In the words of the file."""
    with pytest.raises(DossierError) as caught:
        hecon.load(changed(tmp_path, "acl-rupture", change))

    (told,) = caught.value.faults
    assert told.startswith(f"note.study[0].outcome[0].{fault}")
