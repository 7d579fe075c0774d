"""Clinical differences in a dossier: as printed, what their intervals show, and what a wrong one is told as."""

import re
from decimal import Decimal

import pytest
from pages import read
from shipped import ECONOMIC, NAMES, assessed, document, each_of, summed, written

import hecon
from hecon import auditing
from hecon.dossier import FOLDER
from hecon.dossier.documents import extent_read
from hecon.dossier.note import Outcome
from hecon.errors import DossierError
from hecon.locale import LANGUAGES, Locale
from hecon.report.document import Figure, Paragraph, Table
from hecon.report.sections import evidence
from hecon.report.sections.evidence import _evidence_data as evidence_data
from hecon.report.sections.evidence import _studies_data as studies_data
from hecon.report.sections.evidence import forests

# Whole notes, searches or processes; what they pass through, others hold.
pytestmark = pytest.mark.slow


def data(name, lang="en"):
    """Return the differences of a packaged dossier as the JSON has them, by study and outcome."""
    found = summed(name, lang).data["evidence"]
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
        "Early reconstruction is significantly better than exercise therapy with later reconstruction if needed. "
        "Not clinically relevant according to the expert; no limit was found in the sources consulted. "
        "Surgery after all: 50%, 41 of 82, within 24 months, on average after 10.6 months."
    )


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_table_stands_in_the_note(lang):
    """Every difference with its interval as printed, its words and its source; a study is named once."""
    note = written("reablement", lang, "md").replace("\\", "")
    part = note.partition(f"\n#### {Locale(lang).text('evidence.heading')}\n")[2].partition("\n### ")[0]
    rows = [line for line in part.splitlines() if line.startswith("|") and "Coach2Move min" in line]

    assert len(rows) == 6
    assert sum(row.startswith("| Coach2Move 2022 (Heij) |") for row in rows) == 1
    assert any("−14,2 (95%-BI −21 tot −8)" in row or "−14.2 (95% CI −21 to −8)" in row for row in rows)


def test_the_table_stands_in_the_note_in_english():
    """With the signs and digits that were printed."""
    note = written("meniscal-tear-degenerative", "en", "md")

    assert "meniscectomy minus exercise therapy: 3.6 (97.5% CI −∞ to 6.5)" in note
    assert "Exercise therapy is non-inferior to meniscectomy, though the result is significantly worse." in note


def table_of(name, lang, caption):
    """Return a table of a note by its caption's key, or None."""
    found = [each for each in document(name, lang).blocks if isinstance(each, Table)]
    words = re.escape(Locale(lang).text(f"evidence.{caption}"))
    return next((each for each in found if re.fullmatch(rf"\w+ \d+\. {words}", each.caption)), None)


def test_without_an_interval_nothing_is_shown():
    """The difference stands as printed, with its p value, and no verdict is drawn from it."""
    found = data("acl-rupture")["KANON (Frobell 2010, 2013)", "QALYs over five years"]

    assert (found["estimate"], found["ci"], found["p"], found["verdict"]) == (0.13, None, 0.11, None)
    assert found["words"].startswith("Not interpretable: the interval was not looked up (abstract only).")


@each_of(NAMES)
def test_what_was_printed_of_each_study_stands_in_a_table(name, lang):
    """A row for each study with facts, with their words and sources; a column that no study fills is left out."""
    studies = [each for each in hecon.load(name).note.study if each.fact]
    told = {each["name"]: each for each in studies_data(hecon.load(name), Locale(lang))}
    table = table_of(name, lang, "studies_caption")

    assert (table is None) == (not studies)
    if table is not None:
        assert [row[0] for row in table.rows] == [each.name for each in studies]
        assert all(any(row[at] != "–" for row in table.rows) for at in range(1, len(table.header) - 1))
        for row, study in zip(table.rows, studies, strict=True):
            assert len(row) == len(table.header)
            shown = [each["words"] for each in told[study.name]["facts"] if each["kind"] not in {"pedro", "certainty"}]
            assert [each for each in shown if each not in " | ".join(row)] == []
            numbers = {each.id: number for number, each in enumerate(hecon.load(name).document, start=1)}
            places = {f"[{numbers[each.document]}], {each.place}" for fact in study.fact for each in fact.sources}
            assert set(row[-1].split("; ")) == set("; ".join(places).split("; "))


def test_facts_in_words():
    """Each kind as it is read: a count of patients and arms, crossover with its counts, certainty with its system."""
    found = {
        each["name"]: [fact["words"] for fact in each["facts"]]
        for each in studies_data(hecon.load("acl-rupture"), Locale("en"))
    }

    assert {"167", "85 and 82", "PEDro 7/10"} <= set(found["COMPARE (Reijman 2021)"])
    assert "50%, 41 of 82, within 24 months, on average after 10.6 months" in found["COMPARE (Reijman 2021)"]
    assert "23%, 23 of 59, within 24 months, on average after 12 months" in found["KANON (Frobell 2010, 2013)"]
    assert {"15 studies, 1 randomised", "certainty of evidence low"} <= set(found["Smith 2014"])
    assert "one study" in found["Monk 2016 (Cochrane)"]


@each_of(NAMES)
def test_every_difference_stands_in_the_note(name, lang):
    """A row for each, in the file's order, named as in the data; none where no study printed one."""
    outcomes = [outcome for study in hecon.load(name).note.study for outcome in study.outcome]
    table = table_of(name, lang, "caption")

    assert (table is None) == (not outcomes)
    if table is not None:
        assert [row[1] for row in table.rows] == [getattr(each.name, lang) for each in outcomes]
        for row, outcome, told in zip(table.rows, outcomes, evidence_data(assessed(name), Locale(lang)), strict=True):
            assert Locale(lang).as_given(outcome.estimate) in row[2]
            assert row[3] == told["words"]
    assert bool(outcomes) == (name in ECONOMIC)


@each_of(NAMES)
def test_every_finding_is_marked_where_it_is_printed(name, lang):
    """Each note of the audit is referred to in the tables above it, and each mark leads to a note."""
    word = Locale(lang).text("audit.mark", n=0).partition(" 0")[0]
    numbers = range(1, len(auditing.audit(name)) + 1)
    cells = []
    for block in document(name, lang).blocks:
        if isinstance(block, Table):
            cells += [cell for row in block.rows for cell in row]
        elif hasattr(block, "items") and not isinstance(block, Table):
            cells += block.items
    marks = {int(each) for cell in cells for each in re.findall(rf"{re.escape(word)} (\d+)\]", cell)}

    assert marks == set(numbers)
    starts = [cell[: cell.find("]") + 2] for cell in cells if cell.startswith(f"{word} ")]
    assert starts == [f"{Locale(lang).text('audit.mark', n=number)} " for number in numbers]


# Forest plots ---------------------------------------------------------------------------------------------------------


@each_of(ECONOMIC)
def test_a_forest_plot_says_what_was_printed(name, lang):
    """The studies in the file's order, with the digits of the source in words; the caption says what is not pooled."""
    drawn = [each for each in document(name, lang).blocks if isinstance(each, Figure) and each.kind == "forest"]
    plots = list(forests(assessed(name)))

    assert [each.name for each in drawn] == [f"forest-{each.identifier}" for each in plots]
    for figure, given in zip(drawn, plots, strict=True):
        assert len(given.outcomes) > 1
        for label, (study, outcome) in zip(given.names(Locale(lang)), given.outcomes, strict=True):
            low, high = (Locale(lang).as_given(end) for end in outcome.ci)
            ends = Locale(lang).text("range", low=low, high=high)
            shown = f"{label} {Locale(lang).as_given(outcome.estimate)} ({ends})"

            assert study.name.startswith(label.partition(":")[0])
            assert shown in figure.alt or not outcome.ci[0].is_finite()
        assert not figure.caption.endswith(".")
        assert ("audit" if lang == "en" else "consistentietoets") in figure.caption or not given.doubtful


def outcome_of(**changes):
    """Return a difference between two arms."""
    text = {"nl": "naam", "en": "name"}
    given = {
        "name": text,
        "better": "higher",
        "intervention": text,
        "comparator": text,
        "estimate": 1,
        "ci": (0, 2),
        "forest": "function",
        "sources": ({"document": "zorginstituut-2024", "place": "p. 1"},),
    }
    return Outcome.model_validate(given | changes)


@pytest.mark.parametrize("better", ["higher", "lower"])
@pytest.mark.parametrize(
    ("ci", "words"),
    [
        ((1, 2), "Costs are significantly higher with name."),
        ((-2, -1), "Costs are significantly lower with name."),
        ((-2, 3), "A difference in costs is not shown, but not ruled out either."),
        ((0, 3), "A difference in costs is not shown, but not ruled out either."),
        (None, "Not interpretable: the interval was not looked up (only read as another document quotes it)."),
        ((3, 1), "Not interpretable: the reported difference lies outside the reported interval."),
    ],
)
def test_of_costs_no_clinical_verdict_is_given(better, ci, words):
    """Only whether they are higher or lower, or that neither is shown; more is no better and no worse."""
    estimate = Decimal(sum(ci or (1, 1))) / 2
    given = with_outcomes(outcome_of(of="costs", better=better, estimate=estimate, ci=ci))

    assert [each["words"] for each in evidence_data(judged(given), Locale("en"))] == [words]


def test_the_costs_of_a_trial():
    """ACL SNNAP's, as the article printed them."""
    outcome = "Healthcare costs (pounds) at 18 months, journal article"
    found = data("acl-rupture")["ACL SNNAP (Beard 2022, Leal 2024)", outcome]

    assert found["words"] == "Costs are significantly higher with reconstruction."


def with_outcomes(*outcomes):
    """Return a packaged dossier with these differences in its first study, and no others."""
    given = hecon.load("copd")
    first, *others = given.note.study
    studies = (first.model_copy(update={"outcome": outcomes}), *others)
    return given.model_copy(update={"note": given.note.model_copy(update={"study": studies})})


def judged(given):
    """Return the assessment of a dossier, on few draws."""
    return hecon.assess(given, n_draws=20)


def judged_outcomes(*outcomes):
    """Return the assessment of a dossier with these differences in its first study, and no others."""
    return judged(with_outcomes(*outcomes))


def test_one_difference_makes_no_forest():
    """Nor do two of which one has no interval, or an interval that does not hold its estimate."""
    assert list(forests(judged_outcomes(outcome_of()))) == []
    assert list(forests(judged_outcomes(outcome_of(), outcome_of(ci=None)))) == []
    assert list(forests(judged_outcomes(outcome_of(), outcome_of(ci=(4, 5))))) == []
    assert list(forests(judged_outcomes(outcome_of(), outcome_of(forest=None)))) == []
    assert list(forests(judged_outcomes(outcome_of(), outcome_of(forest="other")))) == []
    assert len(list(forests(judged_outcomes(outcome_of(), outcome_of())))) == 1


def test_what_cannot_be_drawn_is_named_below_the_forest():
    """With the study's name; what can be drawn still is."""
    given = judged_outcomes(outcome_of(), outcome_of(), outcome_of(ci=None))
    (found,) = forests(given)
    blocks = evidence.blocks(given, Locale("en"))
    name = given.dossier.note.study[0].name

    assert found.left_out == (name,)
    assert blocks[-1].text == Locale("en").text("evidence.forest_left_out", names=name)


def test_an_open_end_lies_as_far_as_the_other():
    """On either side; exactly, in the digits that were printed."""
    first = outcome_of(estimate=Decimal("3.6"), ci=(Decimal("-inf"), Decimal("6.5")), level=Decimal("0.975"))
    second = outcome_of(estimate=Decimal("3.6"), ci=(Decimal("0.7"), Decimal("inf")), level=Decimal("0.975"))
    (found,) = forests(judged_outcomes(first, second))

    assert found.intervals == [(0.7, 6.5), (0.7, 6.5)]
    assert found.errors == pytest.approx([2.9 / 1.959964] * 2, rel=1e-6)
    assert found.doubtful == []
    assert found.block(Locale("nl"))[0].alt.count("3,6 (0,7 tot 6,5)") == 2


def test_an_interval_off_its_estimate_is_doubtful():
    """It is drawn as printed, with an open square that the caption explains."""
    (found,) = forests(judged_outcomes(outcome_of(), outcome_of(estimate=Decimal("0.2"))))

    assert found.doubtful == [1]
    assert found.block(Locale("en"))[0].caption.endswith(Locale("en").text("evidence.forest_doubt").rstrip("."))


@pytest.mark.parametrize(("better", "side"), [("higher", "right"), ("lower", "left")])
def test_the_axis_tells_which_side_is_better(better, side):
    """So that a lower score that is better is not read as worse."""
    given = with_outcomes(*(outcome_of(better=better) for _ in range(2)))
    page = read(hecon.summary(judged(given), lang="en").text("html"))
    svg = next(page.all("svg"))

    assert f"difference (points); to the {side}: better with name" in [tag.text() for tag in svg.all("text")]


def test_an_interval_without_its_estimate_shows_nothing(tmp_path):
    """What is printed stands, and that nothing follows from it."""
    path = changed(tmp_path, "acl-rupture", ("ci = [0.6, 9.9]", "ci = [9.9, 0.6]"))
    found = hecon.summary(hecon.assess(path, n_draws=50), lang="en").data["evidence"][0]

    assert found["ci"] == [9.9, 0.6]
    assert found["verdict"] is None
    assert found["words"].startswith("Not interpretable: the reported difference lies outside the reported interval.")


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
            "level: must lie in [0.5, 1), got 95: write a share, as in 0.95",
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


def test_only_of_a_whole_source_an_interval_was_not_printed():
    """Of less of it the interval was not looked up; nobody knows whether it was printed."""
    given = with_outcomes(outcome_of(ci=None, estimate=1))
    first, *others = given.note.study
    for extent, words in (
        ("whole", "Not interpretable: no interval was reported."),
        ("part", "Not interpretable: the interval was not looked up (only a part read)."),
    ):
        studies = (first.model_copy(update={"read": extent}), *others)
        changed = given.model_copy(update={"note": given.note.model_copy(update={"study": studies})})

        assert [each["words"] for each in evidence_data(judged(changed), Locale("en"))] == [words]


@each_of(NAMES)
def test_how_much_was_read_of_each_study_stands_in_the_table(name, lang):
    """With what a dash means where there is one, and as data."""
    found = hecon.load(name)
    table = table_of(name, lang, "studies_caption")
    if table is None:
        return
    place = table.header.index(Locale(lang).text("evidence.read"))
    told = [row[place] for row in table.rows]
    said = [each.text for each in document(name, lang).blocks if isinstance(each, Paragraph)]
    studies = [each for each in found.note.study if each.fact]

    assert told == [Locale(lang).text(f"extent_read.{extent_read(found, each)}") for each in studies]
    assert (Locale(lang).text("evidence.dashes") in said) == any("–" in row for row in table.rows)
    assert [each["read"] for each in studies_data(found, Locale(lang))] == [
        extent_read(found, each) for each in found.note.study
    ]
