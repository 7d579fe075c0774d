"""What an assessor looks for in a note: PICO, relevance, ratings, validity and what is not known; in both languages."""

from __future__ import annotations

import pytest
from assessed import once
from shipped import ECONOMIC, NAMES, assessed, each_of, summed

import hecon
from hecon.assessment import assessing
from hecon.dossier.comparison import EffectProbability
from hecon.locale import LANGUAGES, Locale
from hecon.report.document import Bullets, Facts, Heading, Paragraph, Table
from hecon.report.sections import gaps, pico, quality, relevance, trials
from hecon.report.words.studies import shown_words

# Whole notes, searches or processes; what they pass through, others hold.
pytestmark = pytest.mark.slow

# From this length on a text is a sentence, not a phrase.
PHRASE = 60


def of(blocks, kind):
    """Return the blocks of a kind."""
    return [each for each in blocks if isinstance(each, kind)]


def texts(blocks):
    """Return all words of some blocks."""
    for each in blocks:
        if isinstance(each, Table):
            yield from (cell for row in each.rows for cell in row)
        elif isinstance(each, Facts):
            yield from (text for _, text in each.pairs)
        elif isinstance(each, Bullets):
            yield from each.items
        elif isinstance(each, Paragraph):
            yield each.text


def table(section, name, lang="en"):
    """Return the only table of a section of a dossier that ships."""
    (found,) = of(section.blocks(assessed(name), Locale(lang)), Table)
    return found


def with_note(name, **changes):
    """Return the assessment of a dossier with parts of its note changed, made once for both languages."""
    given = hecon.load(name)
    changed = given.model_copy(update={"note": given.note.model_copy(update=changes)})
    return once(("note", changed), lambda: hecon.assess(changed, n_draws=20))


def quoted(name, lang):
    """Return the sentences of a dossier that these sections quote, each once."""
    given = hecon.load(name)
    told = [getattr(given.note.pico, key) for key in type(given.note.pico).model_fields]
    told += [getattr(spec.reporting, key) for spec in given.comparison for key in trials.REPORTED]
    told += [study.transfer for study in given.note.study]
    texts = [each.text for each in told if each is not None]
    texts += [text for each in given.note.gap for text in (each.text, each.settles)]
    return {getattr(each, lang) for each in texts}


@each_of(NAMES)
def test_no_sentence_is_told_twice(name, lang):
    """What these sections quote stands in the note once; a phrase such as "not described" may recur."""
    note = list(texts(summed(name, lang).document.blocks))

    for sentence in quoted(name, lang):
        told = sum(sentence in each for each in note)
        assert told == 1 or (told > 1 and len(sentence) < PHRASE), sentence


# PICO -----------------------------------------------------------------------------------------------------------------


@each_of(ECONOMIC)
def test_the_question_and_each_trial_have_a_column(name, lang):
    """Population, intervention, comparator, outcomes, horizon and perspective, each with words; and the sources."""
    found, trials = table(pico, name, lang), dict.fromkeys(each.trial for each in hecon.load(name).comparison)

    assert list(found.header[2:]) == list(trials)
    assert len(found.rows) == 7
    assert all(cell for row in found.rows[:-1] for cell in row)
    assert Locale(lang).text("pico.not_on_file") not in {cell for row in found.rows for cell in row}
    assert getattr(hecon.load(name).indication, lang) == found.rows[0][1]


def test_a_trial_has_the_age_the_instruments_and_all_perspectives_of_its_studies():
    """COMPARE from both its comparisons and its study; a unit of effect is named once."""
    found = {row[0]: row[1:] for row in table(pico, "acl-rupture").rows}

    assert found["population"][1].endswith("85 versus 82 patients; age 18 to 65, mean 31.3")
    assert found["outcomes"][1:] == ("IKDC; PSK; NRS; KOOS; Lysholm; Tegner; costs and QALY", "KOOS4; costs and QALY")
    assert found["perspective"][1:] == ("societal, healthcare", "healthcare")
    assert found["time horizon"][1:] == ("24 months", "18 months")
    assert "United Kingdom" in found["population"][2]
    assert table(pico, "meniscal-tear-traumatic").rows[3][2] == "IKDC; costs and QALY"
    assert "postoperative rehabilitation" in found["comparator"][0]


def test_an_element_that_is_not_on_file_is_named():
    """Beside trials in its cell; without trials in a line below, as the row would be empty."""
    bare = with_note("acl-rupture", pico=type(hecon.load("acl-rupture").note.pico)())
    (shown,) = of(pico.blocks(bare, Locale("en")), Table)
    below = of(pico.question(assessed("triage"), Locale("en")), Paragraph)

    assert [row[1] for row in shown.rows[1:6]] == ["not on file"] * 5
    assert [each.text for each in below] == ["Not on file: time horizon, perspective."]
    assert [row[0] for row in table(pico, "triage").rows] == ["population", "intervention", "comparator", "outcomes"]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_studies_belong_to_a_trial_by_its_name_on_file(lang):
    """Whatever they are called; one that names no trial is taken by its own name, which the note says."""
    given = hecon.load("acl-rupture")
    first, *others = given.note.study
    renamed = with_note(given.name, study=(first.model_copy(update={"name": "Reijman 2021"}), *others))
    unnamed = with_note(given.name, study=(first.model_copy(update={"trial": None}), *others))
    told = [
        of(pico.blocks(each, Locale(lang)), Paragraph)[-1].text for each in (assessed(given.name), renamed, unnamed)
    ]
    by_name = Locale(lang).text("pico.by_name", names=first.name)

    assert [each.endswith(by_name) for each in told] == [False, False, True]
    for each in (renamed, unnamed):
        assert "31" in of(pico.blocks(each, Locale(lang)), Table)[0].rows[0][2]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_publications_of_one_trial_by_name_alone_say_so(lang):
    """In the ratings."""
    given = hecon.load("meniscal-tear-degenerative")
    found = with_note(given.name, study=tuple(each.model_copy(update={"trial": None}) for each in given.note.study))
    (lines,) = of(quality.blocks(found, Locale(lang)), Bullets)
    words = Locale(lang).text("quality.same_trial_by_name", names="ESCAPE (Van de Graaf 2018)")

    assert f"{words[:1].upper()}{words[1:]}: ESCAPE (Noorduyn 2020); ESCAPE (Noorduyn 2022)" in lines.items


# Clinical relevance ---------------------------------------------------------------------------------------------------


def test_a_margin_of_the_outcome_decides():
    """ESCAPE at 8 points, at 11 points, and at 0.057 QALY by the published probability of 0.89."""
    rows = table(relevance, "meniscal-tear-degenerative").rows

    assert [row[0] for row in rows] == [
        "ESCAPE: Function (IKDC) at 24 months",
        "ESCAPE: Function (IKDC) at five years",
        "ESCAPE: QALY",
    ]
    assert [row[2] for row in rows] == [
        "non-inferiority margin 8 (zorginstituut-2024, bijlage 1b, deel 1)",
        "non-inferiority margin 11 (zorginstituut-2024, bijlage 1b, deel 1)",
        "non-inferiority margin 0.057 QALY (van-de-graaf-2020, abstract)",
    ]
    assert rows[0][3] == (
        "Exercise therapy is non-inferior to meniscectomy, though the result is significantly worse. The published "
        "probability of being worse by no more than the margin is 0.97, where 0.975 is needed to call it shown "
        "(van-de-graaf-2020, abstract)"
    )
    assert rows[1][3].startswith("Exercise therapy is non-inferior to meniscectomy")
    assert rows[2][3].startswith("Non-inferiority is not shown: the published probability")
    assert "is 0.89, where 0.975 is needed" in rows[2][3]


@pytest.mark.parametrize(
    ("value", "start"), [("0.97", "Non-inferiority is not shown"), ("0.975", "Non-inferiority is")]
)
def test_a_published_probability_shows_non_inferiority_from_0975_on(tmp_path, value, start):
    """On both sides of the limit."""
    text = (hecon.dossier.FOLDER / "meniscal-tear-degenerative.toml").read_text(encoding="utf-8")
    path = tmp_path / "changed.toml"
    path.write_text(text.replace("threshold = -0.057\nvalue = 0.89", f"threshold = -0.057\nvalue = {value}"), "utf-8")
    *_, last = of(relevance.blocks(hecon.assess(path, n_draws=20), Locale("en")), Table)[0].rows

    assert last[3].startswith(start)
    assert ("not shown" in last[3]) == (value == "0.97")


@pytest.mark.parametrize(
    ("threshold", "value", "start"),
    [
        ("0.057", "0.98", "A difference beyond this is shown"),
        ("0.057", "0.50", "A difference beyond this is not shown"),
        ("0.057", "0.025", "A difference beyond this is excluded"),
        ("-0.057", "0.025", "Inferiority beyond this margin is shown"),
    ],
)
def test_a_threshold_above_0_is_a_difference_that_matters(tmp_path, threshold, value, start):
    """Of one below 0 the question is whether the option is no worse, of one above 0 whether it is that much better."""
    text = (hecon.dossier.FOLDER / "meniscal-tear-degenerative.toml").read_text(encoding="utf-8")
    path = tmp_path / "changed.toml"
    old, new = "threshold = -0.057\nvalue = 0.89", f"threshold = {threshold}\nvalue = {value}"
    path.write_text(text.replace(old, new), "utf-8")
    *_, last = of(relevance.blocks(hecon.assess(path, n_draws=20), Locale("en")), Table)[0].rows

    assert last[3].startswith(start)
    assert "0.057 QALY" in last[2]
    assert ("non-inferiority" in last[2]) == threshold.startswith("-")


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_difference_at_baseline_is_no_outcome(lang):
    """Neither in the relevance nor called better or worse where the studies' differences are told."""
    found, names = assessed("reablement"), ["activity at baseline", "activiteit bij de start"]
    told = "\n".join(texts(relevance.blocks(found, Locale(lang))))
    number, place = next(
        (number, place)
        for number, study in enumerate(found.dossier.note.study)
        for place, outcome in enumerate(study.outcome)
        if outcome.of == "baseline"
    )
    study = found.dossier.note.study[number]
    sound = study.outcome[place].model_copy(update={"ci": (-306, -90), "remark": None})
    result = assessing._result(sound)
    words = shown_words(sound, study, result, "whole", Locale(lang))
    alike = sound.model_copy(update={"ci": (-306, 90)})

    assert not any(name in told for name in names)
    assert words.startswith(Locale(lang).text("evidence.baseline_apart"))
    assert shown_words(alike, study, assessing._result(alike), "whole", Locale(lang)).startswith(
        Locale(lang).text("evidence.baseline_alike")
    )


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_margin_of_another_population_decides_nothing(lang):
    """COMPARE has none of its own: those of meniscal tears are told as such, with what is still to be checked."""
    blocks, say = relevance.blocks(assessed("acl-rupture"), Locale(lang)), Locale(lang).text
    (told,) = of(relevance.annex(assessed("acl-rupture"), Locale(lang)), Bullets)

    (judged,) = of(blocks, Bullets)[0].items
    own = assessed("acl-rupture").dossier.note.study[0].outcome[0].relevance

    assert of(blocks, Table) == []
    assert "IKDC" in judged
    text = getattr(own.text, lang)
    assert judged.endswith(f": {text[0].lower()}{text[1:]} (zorginstituut-2024, bijlage 1a, deel 1).")
    assert "IKDC" not in of(blocks, Paragraph)[0].text
    assert of(blocks, Paragraph)[0].text.startswith(say("relevance.none", names="").partition(":")[0])
    assert sum(say("relevance.population_other") in each for each in told.items) == 4
    (koos,) = (each for each in told.items if each.startswith("KOOS"))
    assert say("relevance.state_to_check") in koos
    assert say("relevance.population_not_stated") in koos
    assert say("relevance.a_range") in koos
    assert "roos-lohmander-2003" in koos


def test_why_a_margin_does_not_decide():
    """A value that was not looked up has none; of change within a group it says so."""
    (escape,) = of(relevance.annex(assessed("meniscal-tear-degenerative"), Locale("en")), Bullets)
    (elderly,) = of(relevance.annex(assessed("reablement"), Locale("en")), Bullets)

    assert escape.items[0].endswith(
        "for change within a group; the value was not looked up (noorduyn-mic, niet gelezen)"
    )
    assert "can stop according to the expert: 30 minutes a day; for change within a group (" in elderly.items[0]


def test_every_margin_tells_why_it_does_not_decide():
    """Whatever margin a dossier that ships has on file."""
    for name in NAMES:
        for each in of(relevance.annex(assessed(name), Locale("en")), Bullets):
            assert len(each.items) == len(hecon.load(name).note.margin)
            assert all("; " in item.rpartition(" (")[0] for item in each.items)


def test_every_outcome_of_health_has_its_margin_or_is_named():
    """None is left out; of costs no relevance is judged."""
    for name in ECONOMIC:
        found = summed(name, "en").data["relevance"]
        health = [each for study in hecon.load(name).note.study for each in study.outcome if each.of == "health"]
        published = [
            each
            for spec in hecon.load(name).comparison
            for each in spec.statistic
            if isinstance(each, EffectProbability) and each.threshold != 0
        ]

        without = len(found["judged_without_margin"]) + sum(map(len, found["without_margin"].values()))
        assert len(found["outcomes"]) + without == len(health) + len(published)


def test_a_margin_without_an_interval_is_not_judged():
    """The margin stands, and why nothing follows."""
    given = hecon.load("meniscal-tear-degenerative")
    first, *others = given.note.study
    outcome = first.outcome[0].model_copy(update={"ci": None})
    found = with_note(given.name, study=(first.model_copy(update={"outcome": (outcome,)}), *others))

    assert of(relevance.blocks(found, Locale("en")), Table)[0].rows[0][3].startswith("Cannot be judged")


def test_without_outcomes_there_is_no_section():
    """As in a note without comparisons."""
    assert relevance.blocks(assessed("copd"), Locale("nl")) == []
    for part in (relevance.annex, trials.blocks, trials.validity):
        assert part(assessed("copd"), Locale("nl")) == []


# Ratings --------------------------------------------------------------------------------------------------------------


@each_of(NAMES)
def test_every_study_is_rated_or_said_not_to_be(name, lang):
    """Once, in the table or in a line below it."""
    blocks = quality.blocks(assessed(name), Locale(lang))
    rated = [row[0] for each in of(blocks, Table) for row in each.rows]
    lines = [item.partition(": ")[2] for each in of(blocks, Bullets) for item in each.items]
    unrated = [study for line in lines for study in line.split("; ")]

    assert sorted([*rated, *unrated]) == sorted(each.name for each in hecon.load(name).note.study)


def test_a_rating_is_that_of_the_source():
    """PEDro for a Dutch trial, the authors' own for a review, with the system where they name one."""
    rows = {row[0]: row[1:] for row in table(quality, "acl-rupture").rows}
    (lines,) = of(quality.blocks(assessed("acl-rupture"), Locale("en")), Bullets)

    assert rows["COMPARE (Reijman 2021)"][:2] == ("Low risk of bias (PEDro 7/10)", "not looked up (abstract only)")
    assert rows["Smith 2014"][:2] == ("not rated in the sources read", "low (system not stated)")
    assert lines.items == (
        "No results yet: ROTATE (De Vos 2022); IODA (Smeets 2022, 2024)",
        "Not looked up (abstract only): KANON (Frobell 2010, 2013); ACL SNNAP (Beard 2022, Leal 2024)",
        "Not rated in the sources read: Blom 2021",
    )


def test_publications_of_one_trial_are_rated_once():
    """ESCAPE's of 2020 and 2022 refer to that of 2018."""
    (lines,) = of(quality.blocks(assessed("meniscal-tear-degenerative"), Locale("en")), Bullets)

    assert lines.items == (
        "The same trial as ESCAPE (Van de Graaf 2018): ESCAPE (Noorduyn 2020); ESCAPE (Noorduyn 2022)",
    )


@pytest.mark.parametrize(("system", "words"), [("GRADE", "low (GRADE)"), ("not stated", "low (system not stated)")])
def test_grade_is_named_where_it_was_used(system, words):
    """And a score without a judgement stands as the score."""
    given = hecon.load("acl-rupture")
    first, *others = given.note.study
    low = next(fact for study in others for fact in study.fact if fact.kind == "certainty")
    facts = (*first.fact, low.model_copy(update={"system": system}))
    found = with_note(given.name, study=(first.model_copy(update={"risk_of_bias": None, "fact": facts}), *others))
    row = of(quality.blocks(found, Locale("en")), Table)[0].rows[0]

    assert row[1:3] == ("PEDro 7/10", words)


def test_without_studies_there_is_nothing_to_rate():
    """Nor a heading."""
    assert quality.blocks(with_note("triage", study=()), Locale("en")) == []


# Validity -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("lang", LANGUAGES)
def test_perspectives_that_state_the_same_share_a_list(lang):
    """COMPARE's two have one; ACL SNNAP has its own, with what was not looked up at its end."""
    blocks, say = trials.validity(assessed("acl-rupture"), Locale(lang)), Locale(lang).text
    titles = [each.text for each in of(blocks, Heading)]
    first, second = of(blocks, Facts)
    missing = say("not_looked_up", extent=say("extent.abstract"))

    assert titles == [
        say("validity.heading"),
        f"COMPARE, {say('perspective.societal')}, {say('perspective.healthcare')}",
        f"ACL SNNAP, {say('perspective.healthcare')}",
    ]
    assert len(first.pairs) == len(trials.REPORTED)
    assert second.pairs[-1] == (missing[:1].upper() + missing[1:], say("setting.missing_by_arm"))


def test_perspectives_that_differ_have_a_list_each():
    """And each is complete."""
    given = hecon.load("acl-rupture")
    first, *others = given.comparison
    bare = first.model_copy(update={"reporting": type(first.reporting)()})
    found = hecon.assess(given.model_copy(update={"comparison": (bare, *others)}), n_draws=20)
    titles = [each.text for each in of(trials.validity(found, Locale("en")), Heading)]

    assert titles[1:4] == ["COMPARE, societal", "COMPARE, healthcare", "ACL SNNAP, healthcare"]


def test_the_patients_missing_in_each_arm_of_compare_recompute():
    """83 of 85 and 80 of 82, so 2 in each, and 163 of 167 in all."""
    told = hecon.load("acl-rupture").comparison[0].reporting

    assert (85 - 83, 82 - 80, 83 + 80) == (2, 2, 163)
    assert "83 of the 85 and 80 of the 82 patients: 2 are missing in each arm" in told.missing_by_arm.text.en


def test_studies_from_abroad_are_told_to_hold_here_or_not():
    """The Swedish and the British trial; a study of which nothing is on file is named."""
    given = hecon.load("acl-rupture")
    (told,) = of(trials.blocks(assessed("acl-rupture"), Locale("en")), Bullets)
    without = tuple(each.model_copy(update={"transfer": None}) for each in given.note.study)
    named = of(trials.blocks(with_note(given.name, study=without), Locale("en")), Paragraph)

    assert [each.partition(" (")[0] for each in told.items] == ["KANON", "ACL SNNAP"]
    assert "Swedish trial" in told.items[0]
    assert "British setting" in told.items[1]
    assert [each.text for each in named] == [
        "Nothing is on file on the transferability of: KANON (Frobell 2010, 2013); ACL SNNAP (Beard 2022, Leal 2024)."
    ]


@pytest.mark.parametrize("name", ECONOMIC)
def test_validity_as_data(name):
    """A key for each part of each comparison, None where there is nothing on file."""
    found = summed(name, "en").data

    assert [each["comparison"] for each in found["validity"]] == [each.id for each in hecon.load(name).comparison]
    for each, spec in zip(found["validity"], hecon.load(name).comparison, strict=True):
        for key in trials.REPORTED:
            statement = getattr(spec.reporting, key)
            assert (each[key] is None) == (statement is None)
            assert statement is None or each[key].startswith(statement.text.en)


# Gaps -----------------------------------------------------------------------------------------------------------------


@each_of(NAMES)
def test_what_is_not_known_stands_in_a_table(name, lang):
    """Each with its state, what an answer would settle, and its source."""
    given = hecon.load(name).note.gap
    rows = table(gaps, name, lang).rows

    assert given
    assert [row[0] for row in rows] == [getattr(each.name, lang) for each in given]
    assert [row[1] for row in rows] == [Locale(lang).text(f"gap_kind.{each.kind}") for each in given]
    assert all(all(row) for row in rows)
    assert summed(name, lang).data["gaps"][0]["settles"] == getattr(given[0].settles, lang)


def test_the_running_studies_are_those_that_the_sources_name():
    """ROTATE and IODA (report, appendix 1a), which have no results; no other dossier has any."""
    running = {name: [each.name.en for each in hecon.load(name).note.gap if each.kind == "running"] for name in NAMES}

    assert {name: each for name, each in running.items() if each} == {"acl-rupture": ["ROTATE", "IODA"]}
    studies = [
        study.name.split(" (")[0]
        for name in NAMES
        for study in hecon.load(name).note.study
        if any(fact.kind == "design" and fact.value == "running" for fact in study.fact)
    ]
    assert studies == running["acl-rupture"]


def test_a_dossier_without_gaps_says_that_none_was_looked_up():
    """Rather than nothing."""
    found = gaps.blocks(with_note("copd", gap=()), Locale("en"))

    assert found == [
        Heading(2, "Knowledge gaps and ongoing research"),
        Paragraph("No knowledge gaps are on file: not looked up."),
    ]
