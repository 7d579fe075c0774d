"""What the programme says of dates and contradictions: no day that no source prints, no state older than is known."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st
from programmes import (
    DAY,
    FILED,
    REPORT,
    SHOWN,
    SMALL,
    SOURCES,
    STATE,
    blocks,
    document,
    read_small,
    standings,
    state,
    strings,
    topics,
)

from hecon import dossier, programme
from hecon.dossier.documents import first_day, iso_date, last_day
from hecon.errors import DossierError
from hecon.locale import LANGUAGES, Locale
from hecon.programme import Standing
from hecon.report.document import Heading, Table
from hecon.report.programmes import ProgrammeWords, _block, programme_data, programme_document
from hecon.report.writers.json import json_text, plain
from hecon.report.writers.markdown import markdown

# Days that no source prints -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("day", [None, *SHOWN, dt.date(2026, 2, 28), dt.date(2026, 12, 31)])
@pytest.mark.no_cover
def test_no_day_is_shown_that_no_source_prints(day, lang):
    """Neither in words nor as data, but for the day that was asked for."""
    page = markdown(document(day, lang))
    data = json_text(plain(programme_data(state(day), Locale(lang)), Locale(lang)))

    for made in (dt.date(2026, 2, 10), dt.date(2026, 3, 1), dt.date(2025, 12, 1), dt.date(2025, 6, 1)):
        if day != made:
            assert Locale(lang).date(made) not in page
            assert made.isoformat() not in data


@pytest.mark.parametrize(
    ("lang", "words"),
    [
        (
            "en",
            "Met, since December 2025; most recently according to the letter of the minister of spring 2026. The",
        ),
        (
            "nl",
            "Vervuld, sinds december 2025; laatst vermeld in de brief van de minister van voorjaar 2026. De",
        ),
    ],
)
def test_the_framework_in_words(lang, words):
    """An event with its month, and the letter that tells of it last."""
    told = " ".join(text for block in document(None, lang).blocks for text in strings(block))

    assert words in told


@pytest.mark.parametrize(
    ("day", "dates"),
    [
        ("2026-02-28", []),
        ("2026-03-01", ["2026-03/2026-05"]),
        ("2026-05-30", ["2026-03/2026-05"]),
        ("2026-05-31", []),
        ("2025-12-30", ["2025-12"]),
        ("2025-12-31", []),
        (None, []),
    ],
)
@pytest.mark.no_cover
def test_what_may_be_of_a_later_day_is_said(day, dates):
    """A day within a month or season may be before or after what is counted; its last day is not."""
    found = state(day)
    told = dict(programme_document(found, Locale("en")).blocks[1].pairs)

    assert programme_data(found, Locale("en"))["day_not_printed"] == dates
    assert ("Day not stated" in told) == bool(dates)
    assert ("spring 2026" in told.get("Day not stated", "")) == (dates == ["2026-03/2026-05"])


@pytest.mark.parametrize(
    ("date", "printed", "ends", "iso", "words"),
    [
        ((2024, 3, 22), "day", ((2024, 3, 22), (2024, 3, 22)), "2024-03-22", "22 March 2024"),
        ((2024, 2, 1), "month", ((2024, 2, 1), (2024, 2, 29)), "2024-02", "February 2024, day not stated"),
        ((2025, 12, 1), "month", ((2025, 12, 1), (2025, 12, 31)), "2025-12", "December 2025, day not stated"),
        ((2026, 3, 1), "season", ((2026, 3, 1), (2026, 5, 31)), "2026-03/2026-05", "spring 2026, day not stated"),
        ((2026, 12, 1), "season", ((2026, 12, 1), (2027, 2, 28)), "2026-12/2027-02", "winter 2026, day not stated"),
        ((2026, 1, 1), "year", ((2026, 1, 1), (2026, 12, 31)), "2026", "2026, day not stated"),
    ],
)
def test_dates_without_a_day(date, printed, ends, iso, words):
    """The period that each stands for, by ISO 8601 and in words."""
    day = dt.date(*date)

    first, last = (dt.date(*each) for each in ends)
    assert (first_day(day, printed), last_day(day, printed)) == (first, last)
    assert iso_date(day, printed) == iso
    assert Locale("en").date(day, printed) == words


@given(st.dates(dt.date(1900, 1, 1), dt.date(2100, 12, 31)), st.sampled_from(["day", "month", "season", "year"]))
def test_a_period_holds_its_date_and_begins_with_itself(day, printed):
    """Whatever the day: the first day stands for the same period, and the next period follows at once."""
    first, last = first_day(day, printed), last_day(day, printed)

    assert first <= day <= last
    assert (first_day(first, printed), last_day(first, printed)) == (first, last)
    assert first_day(last + DAY, printed) == last + DAY


@pytest.mark.parametrize(
    ("given_date", "printed", "remedy"),
    [
        ("2024-01-15", "month", "2024-01-01"),
        ("2024-01-15", "season", "2023-12-01"),
        ("2024-05-01", "season", "2024-03-01"),
        ("2024-05-01", "year", "2024-01-01"),
    ],
)
def test_a_date_that_is_not_the_first_of_its_period_is_refused(tmp_path, given_date, printed, remedy):
    """Of a state and of a document; the first day, as the fault says, is read."""
    for old, path in (
        ("[[block.state]]\ndate = 2024-01-01", "block[1].state[0]"),
        ('citation = "A report. 2024."\ndate = 2024-01-01', "document[0]"),
    ):
        new = old.replace("2024-01-01", f'{given_date}\ndate_printed = "{printed}"')
        with pytest.raises(DossierError) as caught:
            read_small(tmp_path, (old, new))
        rule = f"must be the first day of its {printed}, {remedy}, as no day is printed, got {given_date}"

        assert list(caught.value.faults) == [f"{path}.date: {rule}"]
        read_small(tmp_path, (old, new.replace(given_date, remedy)))


def test_what_is_printed_of_a_date_needs_one(tmp_path):
    """And must be one of four words."""
    for new, fault in (
        ('date_printed = "month"', "document[0].date_printed: must stand beside date: add it, or remove this"),
        (
            'date = 2024-01-01\ndate_printed = "week"',
            "document[0].date_printed: must be 'day', 'month', 'season' or 'year', got 'week'",
        ),
    ):
        with pytest.raises(DossierError) as caught:
            read_small(tmp_path, ('2024."\ndate = 2024-01-01', f'2024."\n{new}'))

        assert list(caught.value.faults) == [fault]


# Since an event, or according to a document ---------------------------------------------------------------------------


def test_a_state_that_a_document_tells_of_is_not_dated_as_its_beginning():
    """The word since stands before the date of an event only, never before that of a document on file or told of."""
    documents = {(each.date, each.date_printed) for each in FILED.document}
    for _, standing in standings(state()).values():
        for each in standing.history:
            words = ProgrammeWords(state(), Locale("en"))
            head = words.head(Standing(each, (each,)), "open")
            of_document = (each.date, each.date_printed) in documents or each.told_in is not None

            assert head.startswith("open, according to " if of_document else "open, since ")


@pytest.mark.parametrize(
    ("day", "name", "english", "dutch"),
    [
        (REPORT, "cardiac-rehabilitation", "according to the report of the Zorginstituut of 22 March 2024.",
         "blijkens het rapport van het Zorginstituut van 22 maart 2024."),
        (REPORT, "fibromyalgia", "since 4 August 2023.", "sinds 4 augustus 2023."),
        ("2024-01-29", "acl-rupture", "according to the note of the expert of 29 January 2024.",
         "blijkens de notitie van de expert van 29 januari 2024."),
        ("2024-02-01", "cardiac-rehabilitation", "according to the first progress report of 4 January 2024.",
         "blijkens de eerste voortgangsrapportage van 4 januari 2024."),
        ("2024-06-20", "copd", "of 24 May 2024; most recently according to the letter of the minister of 20 June 2024.",
         "blijkens de brief over het basispakket van 24 mei 2024; laatst vermeld in de brief van de minister van"),
    ],
)  # fmt: skip
def test_how_long_a_state_is_known(day, name, english, dutch):
    """By the document with its name, on file or told of; by the day of an event."""
    topic = topics(state(day))[name].standing

    assert english in ProgrammeWords(state(day), Locale("en")).standing(topic, topic=True)
    assert dutch in ProgrammeWords(state(day), Locale("nl")).standing(topic, topic=True)


def test_data_say_what_a_date_is_of():
    """So that nobody reads the day of a document as the beginning of a state."""
    found = {each["number"]: each for each in programme_data(state(), Locale("en"))["preconditions"]}

    assert [(each["since"], each["since_is"]) for each in found.values()] == [
        ("2025-12", "event"),
        ("2023-06-01", "document"),
        ("2024-03-22", "document"),
    ]
    assert (found[1]["last_told"], found[1]["last_told_is"]) == ("2026-03/2026-05", "document")


def test_a_document_without_a_name_is_called_by_its_number(tmp_path):
    """As the sources of every statement call it."""
    found = programme_document(programme.state(programme=read_small(tmp_path)), Locale("en"))
    told = " ".join(text for block in found.blocks for text in strings(block))

    assert "In progress, according to [1] of 1 January 2024." in told


# Contradictions -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("lang", LANGUAGES)
def test_both_sides_of_a_contradiction_stand_with_their_places(lang):
    """Triage is not in the package (1.1) and an entitlement (5.1.3, 8.1): hecon does not choose."""
    found = document(REPORT, lang)
    told = " ".join(text for block in found.blocks for text in strings(block))
    block = blocks(state(REPORT))[6]
    facts = dict(found.blocks[found.blocks.index(Heading(3, f"6. {getattr(block.spec.name, lang)}")) + 1].pairs)
    stands = facts[Locale(lang).text("programme.standing").capitalize()].lower()

    assert not stands.startswith(Locale(lang).text("programme.not_insured"))
    assert Locale(lang).text("programme.insured_contradicted") in stands
    both = facts[Locale(lang).text("programme.contradiction_label")]
    (report,) = (each.split()[0] for each in found.blocks[-1].items if "De tussenstand in de beweging" in each)
    assert f"({report}, paragraaf 1.1)" in both
    assert f"({report}, paragraaf 5.1.3 en 8.1; bijlage 2, 3)" in both
    assert told.count(both) == 1
    (row,) = (row for each in found.blocks if isinstance(each, Table) for row in each.rows if row[0].startswith("6. "))
    assert Locale(lang).text("programme.contradicted", state="") in row[1]


def test_the_note_of_the_topic_tells_of_the_contradiction_too():
    """In its conclusion, with the places of both."""
    found = dossier.load("triage").note.conclusion

    assert "spreekt zichzelf tegen" in found.text.nl
    assert "contradicts itself" in found.text.en
    assert {"paragraaf 1.1", "paragraaf 8.1"} <= {each.place for each in found.sources}


def test_contradictions_as_data_and_by_date():
    """Each only once all documents that it is of are on file."""

    def flagged(day):
        data = programme_data(state(day), Locale("en"))
        parts = [*data["preconditions"], *data["steps"], *data["monitored"], *data["blocks"]]
        parts += [topic for block in data["blocks"] for topic in block["topics"]]
        return [
            (each.get("number", each.get("id")), [len(two["statements"]) for two in each["contradictions"]])
            for each in parts
            if each["contradictions"]
        ]

    assert flagged("2021-11-14") == []
    assert flagged("2024-03-21") == [(3, [2]), (8, [2])]
    assert flagged(REPORT) == [(3, [2]), (8, [2, 2]), (4, [2]), (6, [2])]
    assert ("payment-experiment", [2]) in flagged("2024-06-20")
    sources = programme_data(state(REPORT), Locale("en"))["blocks"][5]["contradictions"][0]["statements"]
    assert [each["sources"][0]["place"] for each in sources] == ["paragraaf 1.1", "paragraaf 5.1.3 en 8.1"]


FLAG = """
[[block.contradiction]]
about = "insured"
first = { text = { nl = "Niet", en = "Not" }, SOURCES }
second = { text = { nl = "Wel", en = "It is" }, SOURCES }
""".replace("SOURCES", SOURCES)


@pytest.mark.parametrize("part", ["block", "topic"])
def test_an_entitlement_of_a_block_that_is_not_insured_must_be_flagged(tmp_path, part):
    """Whether the block or a topic of it is one; with both statements it is read, and so it is if insured."""
    word = ('state = "in progress"', 'state = "existing entitlement"')
    where = ("[[block.state]]" if part == "block" else "[[block.topic.state]]") + f"\ndate = 2024-01-01\n{STATE}"
    change = (where, where.replace(*word))
    place, number = ("hips", 1) if part == "block" else ("knees", 0)
    with pytest.raises(DossierError) as caught:
        read_small(tmp_path, change)

    (fault,) = caught.value.faults
    assert fault.startswith(f"block[{number}].insured: must not be false where a state is 'existing entitlement'")
    header = f'id = "{place}"'
    end = "[[block.state]]" if part == "block" else "[[block.budget]]"
    assert read_small(tmp_path, change, (end, FLAG + "\n" + end)).block[number].contradiction[0].about == "insured"
    insured = SMALL[SMALL.index(header) :]
    insured = insured[: insured.index("insured = false") + len("insured = false")]
    assert read_small(tmp_path, change, (insured, insured.replace("false", "true"))).block[number].insured


# Nothing passed over --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_part_of_which_something_is_on_file_has_criteria_and_budget(lang):
    """Of a topic its criteria; of a topic, or its block, a budget or the word that there is none."""
    for block in state(REPORT).blocks:
        told = _block(block, ProgrammeWords(state(REPORT), Locale(lang)))
        facts = dict(told[1].pairs)
        label = Locale(lang).text("programme.budget").capitalize()
        if not block.topics:
            assert facts[label]
            continue
        for topic, text in zip(block.topics, told[2].items, strict=True):
            assert Locale(lang).text("programme.criteria", criteria="|").partition("|")[0] in text
            own = Locale(lang).text("programme.with_budget", budget="") in text
            assert own == (bool(topic.budget) or not block.budget)
