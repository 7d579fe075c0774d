"""The programme on a date: the report's own picture, what later letters changed, and the rules behind it."""

from __future__ import annotations

import copy
import datetime as dt
import functools
import io
import itertools
import json
import sys
import tomllib
from decimal import Decimal
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pages import read
from programmes import (
    DATES,
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
from strategies import examples

from hecon import auditing, dossier, programme
from hecon.cli import main as cli
from hecon.dossier.programme import Programme, StateName, programme_faults
from hecon.errors import DossierError, InputError
from hecon.files.parts import validated
from hecon.files.toml import frozen
from hecon.locale import LANGUAGES, Locale
from hecon.report.document import Bullets, Document, Facts, Figure, Heading, Paragraph, Table
from hecon.report.programmes import programme_data, programme_document
from hecon.report.writers.html import html
from hecon.report.writers.json import json_text, plain
from hecon.report.writers.markdown import markdown, plain_text

STATES = get_args(StateName)
KNEES = ("acl-rupture", "meniscal-tear-traumatic", "meniscal-tear-degenerative")


@pytest.fixture(scope="module", autouse=True)
def _each_dossier_read_once():
    """Read each dossier once, for the programme asks for seven of them on every date."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(dossier, "load", functools.cache(dossier.load))
        yield


def preconditions(found):
    """Return the states of the preconditions by number."""
    return {each.number: standing.state for each, standing in found.preconditions}


def obstacles(part):
    """Return kind and precondition of what is in the way."""
    return [(each.kind, each.precondition) for each in part.obstacles]


# The picture of the report, 22 March 2024 -----------------------------------------------------------------------------


def test_the_ten_building_blocks_of_the_report():
    """Ten, numbered; 3 to 8 are promising; the last three are insured already (paragraph 1.1)."""
    found = state(REPORT).blocks

    assert [each.spec.number for each in found] == list(range(1, 11))
    assert [each.spec.number for each in found if each.spec.promising] == [3, 4, 5, 6, 7, 8]
    assert [each.spec.number for each in found if not each.spec.insured] == [1, 2, 3, 4, 5, 6, 7]


def test_the_preconditions_of_the_report():
    """The framework is not in the Register, insight differs by topic, and the NZa has filled in payment."""
    assert preconditions(state(REPORT)) == {1: "in progress", 2: "in progress", 3: "met"}


@pytest.mark.parametrize("name", KNEES)
def test_knees_wait_for_the_framework_and_a_decision(name):
    """All parties took the expert over (chapter 2), so neither precondition 2 nor 3 is in the way."""
    found = topics(state(REPORT))[name]

    assert found.standing.state == "met"
    assert found.criteria.value_driven is True
    assert found.criteria.disputed_by == ()
    assert sorted(obstacles(found)) == [("decision", None), ("precondition", 1)]


@pytest.mark.parametrize(
    ("name", "stands", "in_the_way"),
    [
        ("cardiac-rehabilitation", "left out", [("stated", None)]),
        ("rheumatoid-arthritis", "advised", [("decision", None)]),
        ("fibromyalgia", "advised against", []),
        ("prehabilitation", "advised against", []),
        ("first-twenty", "advised", [("decision", None)]),
        ("copd", "advised", [("decision", None)]),
        ("triage", "existing entitlement", [("stated", None)]),
    ],
)
def test_the_other_topics_of_the_report(name, stands, in_the_way):
    """What was advised waits for politics (covering letter); what was advised against waits for nothing."""
    found = topics(state(REPORT))[name]

    assert found.standing.state == stands
    assert obstacles(found) == in_the_way


def test_reablement_is_disputed_by_the_insurers():
    """The professions and patients follow the expert, ZN does not (paragraph 4.1.1)."""
    found = topics(state(REPORT))["reablement"]
    disputed = [each for each in found.obstacles if each.kind == "disputed"]

    assert found.standing.state == "no consensus"
    assert found.criteria.value_driven is False
    assert [each.parties for each in disputed] == [("zn",)]
    assert set(obstacles(found)) == {("stated", None), ("precondition", 1), ("precondition", 2), ("disputed", None)}


def test_the_waiting_room_of_the_report():
    """Of six topics three were assessed, one of them positively; two await data, one is in consultation."""
    found = [each.standing.state for each in blocks(state(REPORT))[4].topics]

    assert sorted(found) == [
        "advised",
        "advised against",
        "advised against",
        "awaiting data",
        "awaiting data",
        "in consultation",
    ]


def test_blocks_outside_the_report_lack_both_preconditions():
    """Blocks 1 and 2 were not promising, and insured care asks for none."""
    found = blocks(state(REPORT))

    for number in (1, 2):
        assert obstacles(found[number]) == [("precondition", 1), ("precondition", 2)]
    for number in (8, 9, 10):
        assert found[number].standing.state == "existing entitlement"
        assert obstacles(found[number]) == []


@pytest.mark.parametrize(
    ("name", "figures"),
    [
        ("acl_saving_year_1", (13, 14)),
        ("rheumatoid_cost_year_1", (Decimal("3.7"), Decimal("4.4"))),
        ("rheumatoid_cost_year_2", (750750, 900900)),
        ("first_twenty_cost_year_1", (95, 119)),
        ("first_twenty_cost_year_3", (137, 172)),
        ("copd_cost", (201960, 504900)),
    ],
)
def test_budgets_stand_with_their_topics(name, figures):
    """As the report prints them, in millions of euros or in euros."""
    named = {each.id: each for each in FILED.figure}
    told = {figure for each in topics(state(REPORT)).values() for budget in each.budget for figure in budget.figures}

    assert named[name].range == figures
    assert name in told


# What later letters changed -------------------------------------------------------------------------------------------


def test_copd_is_taken_up_by_the_minister():
    """The letter of 20 June 2024 tells of a change announced on 24 May, with 173,000 to 347,000 euros for it."""
    found = topics(state("2024-06-20"))["copd"]
    then = topics(state(REPORT))["copd"]

    assert found.standing.state == "accepted"
    assert found.standing.since == dt.date(2024, 5, 24)
    assert {"decision", "precondition"}.isdisjoint(each.kind for each in found.obstacles)
    assert [each.figures for each in then.budget] == [("copd_cost",)]
    assert [each.figures for each in found.budget] == [("copd_cost",), ("copd_budget_2025", "copd_budget_2027")]


def test_without_a_date_it_is_the_last_on_file():
    """The letter of spring 2026 says when the framework came into the Register, and that there is no money."""
    found = state()
    framework = found.preconditions[0][1]
    twenty = topics(found)["first-twenty"]

    assert found.on == max(DATES)
    assert found.last_on_file.date_printed == "season"
    assert preconditions(found) == {1: "met", 2: "in progress", 3: "met"}
    assert (framework.since.year, framework.since.month) == (2025, 12)
    assert twenty.standing.state == blocks(found)[7].standing.state == "declined"
    assert obstacles(twenty) == [("stated", None), ("declined", None)]


@pytest.mark.parametrize("name", KNEES)
def test_once_the_framework_is_in_the_register_only_a_decision_is_missing(name):
    """The rule of the report (chapter 2, introduction) with the letter of 2026."""
    assert obstacles(topics(state("2025-11-30"))[name]) == [("precondition", 1), ("decision", None)]
    assert obstacles(topics(state("2025-12-01"))[name]) == [("decision", None)]


def test_before_2021_nothing_is_on_file():
    """No state, no history, no budget, no criterion that anybody judged."""
    found = state("2020-12-31")

    for _, standing in standings(found).values():
        assert (standing.current, standing.state, standing.since, standing.history) == (None, None, None, ())
    for each in topics(found).values():
        assert (each.obstacles, each.budget) == ((), ())
        assert each.criteria is None or each.criteria.value_driven is None
    assert all(each.budget == () for each in found.blocks)


@pytest.mark.parametrize(
    ("before", "on", "kind", "name", "turn"),
    [
        ("2024-03-21", "2024-03-22", "preconditions", "payment", ("in progress", "met")),
        ("2024-02-26", "2024-02-27", "topics", "rheumatoid-arthritis", ("in progress", "advised")),
        ("2023-08-03", "2023-08-04", "topics", "fibromyalgia", ("open", "advised against")),
        ("2023-12-11", "2023-12-12", "topics", "prehabilitation", ("in progress", "advised against")),
        ("2024-05-23", "2024-05-24", "topics", "copd", ("advised", "accepted")),
        ("2023-01-16", "2023-01-17", "preconditions", "quality-framework", (None, "open")),
        ("2021-11-14", "2021-11-15", "monitored", "substitution", (None, "open")),
    ],
)
def test_a_state_turns_on_its_day(before, on, kind, name, turn):
    """On the day that the sources print, not a day sooner."""
    found = tuple(standings(state(day))[kind, name][1].state for day in (before, on))

    assert found == turn


# What holds on every date ---------------------------------------------------------------------------------------------


def test_later_dates_keep_the_history_of_earlier_ones():
    """Moving forward only adds: states, budgets, judgements that were made."""
    for early, late in itertools.pairwise(state(day) for day in (dt.date(2020, 1, 1), *DATES)):
        now = standings(late)
        for key, (_, standing) in standings(early).items():
            assert now[key][1].history[: len(standing.history)] == standing.history
        for key, topic in topics(early).items():
            after = topics(late)[key]
            assert after.budget[: len(topic.budget)] == topic.budget
            if topic.criteria is not None:
                judged = {name for name, each in topic.criteria.states.items() if each != "not judged"}
                assert all(after.criteria.states[name] == topic.criteria.states[name] for name in judged)
        for number, block in blocks(early).items():
            assert blocks(late)[number].budget[: len(block.budget)] == block.budget


@examples(40)
@given(st.dates(dt.date(2020, 1, 1), dt.date(2027, 1, 1)) | st.sampled_from([*DATES, *(day - DAY for day in DATES)]))
def test_the_state_is_the_latest_of_the_past(day):
    """Against a plain search through the file, for everything in it."""
    found = state(day)

    assert found.on == day
    for spec, standing in standings(found).values():
        latest = None
        for each in spec.state:
            if each.date <= day and (latest is None or each.date >= latest.date):
                latest = each
        assert standing.current == latest
        assert len(standing.history) == sum(each.date <= day for each in spec.state)
        assert all(each.date <= day for each in standing.history)
        assert standing.since is None if latest is None else standing.since <= latest.date
    for owner in (*found.blocks, *topics(found).values()):
        assert all(each.date <= day for each in owner.budget)


@pytest.mark.parametrize("day", ["2020-01-01", "2023-06-01", REPORT, "2024-06-20", None])
def test_only_unmet_preconditions_are_in_the_way(day):
    """And the source of such an obstacle is that of the precondition's own state."""
    found = state(day)
    unmet = {each.number: standing for each, standing in found.preconditions if standing.state != "met"}

    for part in (*found.blocks, *topics(found).values()):
        for each in part.obstacles:
            if each.kind == "precondition":
                current = unmet[each.precondition].current
                assert each.sources == (() if current is None else current.sources)
            else:
                assert each.precondition is None
                assert (each.text is not None) == (each.kind == "stated")
                assert bool(each.parties) == (each.kind == "disputed")


# A small programme ----------------------------------------------------------------------------------------------------


def a_state(day, word):
    """Return the TOML of one state."""
    return f'date = {day}\nstate = "{word}"\ntext = {{ nl = "{day}", en = "{day}" }}\n{SOURCES}\n'


def with_states(tmp_path, *given_states):
    """Return the small programme's only topic, with these states, on the last of 2024."""
    rest = "".join(f"\n[[block.topic.state]]\n{a_state(*each)}" for each in given_states)
    # States may stand in any order in the file: these come before the first one on file.
    old = f"[[block.topic.state]]\ndate = 2024-01-01\n{STATE}\n"
    # An entitlement that exists is insured, unless the sources contradict each other.
    filed = read_small(tmp_path, (old, rest), ("insured = false", "insured = true"))
    return programme.state("2024-12-31", programme=filed).blocks[0].topics[0]


def test_the_small_programme_is_sound(tmp_path):
    """What the tests below change is whole to begin with."""
    filed = read_small(tmp_path)

    assert validated(frozen(tomllib.loads(SMALL, parse_float=Decimal)), Programme, programme_faults)[1] == []
    assert (filed.name, len(filed.block), len(filed.party)) == ("small", 2, 2)
    assert auditing.audit(filed) == ()


def test_states_may_stand_in_any_order(tmp_path):
    """Dates count, not places; since when is the first day of the present run of one state."""
    found = with_states(
        tmp_path,
        ("2024-05-01", "met"),
        ("2024-02-01", "met"),
        ("2024-04-01", "met"),
        ("2024-03-01", "no consensus"),
    ).standing

    assert [each.date.month for each in found.history] == [2, 3, 4, 5]
    assert (found.state, found.since) == ("met", dt.date(2024, 4, 1))


def test_of_two_states_on_one_day_the_last_in_the_file_holds(tmp_path):
    """A letter of the same day that overturns another stands below it."""
    found = with_states(tmp_path, ("2024-05-01", "advised"), ("2024-05-01", "declined")).standing

    assert (found.state, len(found.history)) == ("declined", 2)


@pytest.mark.parametrize(
    ("word", "in_the_way"),
    [
        ("open", [("precondition", 1), ("precondition", 2)]),
        ("in progress", [("precondition", 1), ("precondition", 2)]),
        ("awaiting data", [("precondition", 1), ("precondition", 2)]),
        ("in consultation", [("precondition", 1), ("precondition", 2)]),
        ("no consensus", [("precondition", 1), ("precondition", 2)]),
        ("left out", []),
        ("met", [("precondition", 1), ("decision", None)]),
        ("existing entitlement", []),
        ("advised against", []),
        ("advised", [("precondition", 1), ("decision", None)]),
        ("declined", [("precondition", 1), ("declined", None)]),
        ("accepted", []),
    ],
)
def test_what_is_in_the_way_of_each_state(tmp_path, word, in_the_way):
    """A topic and a block without topics alike: insight is settled by agreement or advice, and nothing undoes a yes."""
    insured = ("insured = false", "insured = true")
    topic = with_states(tmp_path, ("2024-05-01", word))
    new = ("[[block.state]]\n", f"[[block.state]]\n{a_state('2024-05-01', word)}\n[[block.state]]\n")
    block = programme.state("2024-12-31", programme=read_small(tmp_path, new, insured, insured)).blocks[1]

    assert obstacles(topic) == obstacles(block) == in_the_way


def test_every_state_has_its_obstacles_tested():
    """No state of the schema is left out above."""
    tested = next(each for each in test_what_is_in_the_way_of_each_state.pytestmark if each.name == "parametrize")

    assert [case[0] for case in tested.args[1]] == list(STATES)


@pytest.mark.parametrize(
    ("block", "topic", "asked"),
    [
        ("", "", True),
        ("needs_preconditions = false\n", "", False),
        ("needs_preconditions = false\n", "needs_preconditions = true\n", True),
        ("", "needs_preconditions = false\n", False),
    ],
)
def test_a_topic_may_ask_otherwise_than_its_block(tmp_path, block, topic, asked):
    """What it does not say is as for its block."""
    filed = read_small(
        tmp_path,
        ("promising = true\n", f"promising = true\n{block}"),
        ('id = "ligament"\n', f'id = "ligament"\n{topic}'),
    )
    found = programme.state(programme=filed).blocks[0].topics[0]

    assert bool(found.obstacles) is asked


def test_obstacles_of_a_block_with_topics_are_told_with_these(tmp_path):
    """So that they are not told twice."""
    found = programme.state(programme=read_small(tmp_path)).blocks

    assert obstacles(found[0]) == []
    assert obstacles(found[0].topics[0]) == obstacles(found[1]) == [("precondition", 1), ("precondition", 2)]


def test_what_a_source_says_is_in_the_way_comes_first(tmp_path):
    """With its text and source, beside the preconditions."""
    new = f'blocked_by = {{ nl = "geld", en = "money" }}\n{STATE}'
    filed = read_small(
        tmp_path, (f"[[block.state]]\ndate = 2024-01-01\n{STATE}", "[[block.state]]\ndate = 2024-01-01\n" + new)
    )
    found = programme.state(programme=filed).blocks[1].obstacles

    assert [each.kind for each in found] == ["stated", "precondition", "precondition"]
    assert (found[0].text.nl, found[0].text.en) == ("geld", "money")
    assert [each.place for each in found[0].sources] == ["page 1"]


@pytest.mark.parametrize("on", ["2024-03-22", dt.date(2024, 3, 22), dt.datetime(2024, 3, 22, 23, 59, tzinfo=dt.UTC)])
def test_a_date_may_be_given_in_several_ways(on):
    """As text, as a date, or as a moment of that day."""
    assert state(on).on == REPORT
    assert state(on).blocks == state(REPORT).blocks


@pytest.mark.parametrize(
    ("on", "message"),
    [
        ("22-03-2024", "on must be a date as 2024-03-22, got '22-03-2024'"),
        ("2024-02-30", "on must be a date as 2024-03-22, got '2024-02-30'"),
        ("", "on must be a date as 2024-03-22, got ''"),
        (2024, "on must be a date, as in datetime.date(2024, 3, 22), got 2024"),
    ],
)
def test_what_is_no_date_is_refused(on, message):
    """With the form that is."""
    with pytest.raises(InputError) as caught:
        programme.state(on, programme=FILED)

    assert str(caught.value) == message


def test_what_is_no_programme_is_refused():
    """By name, and with where one comes from."""
    with pytest.raises(InputError, match=r"^programme must be a Programme, got 5: hecon\.dossier\.load_programme"):
        programme.state(programme=5)


def test_a_programme_without_any_state_has_no_last_date(tmp_path):
    """Then it is told as before all time, and nothing is on file."""
    filed = read_small(tmp_path)
    bare = Programme.model_validate(
        filed.model_dump()
        | {
            "precondition": tuple({**each.model_dump(), "state": ()} for each in filed.precondition),
            "block": tuple({**each.model_dump(), "state": (), "topic": ()} for each in filed.block),
        }
    )
    found = programme.state(programme=bare)

    assert found.on == dt.date.min
    assert {standing.state for _, standing in standings(found).values()} == {None}


def test_a_topic_of_an_unknown_dossier_is_refused(tmp_path):
    """When its criteria are asked for."""
    filed = read_small(tmp_path, ('id = "ligament"\n', 'id = "ligament"\ndossier = "acl-ruptures"\n'))

    with pytest.raises(InputError, match="did you mean 'acl-rupture'"):
        programme.state(programme=filed)


# Faults of the file ---------------------------------------------------------------------------------------------------

KNOWN = "known: patients, zn"
UNKNOWN = "sources[0].document: must be the id of a [[document]], got"
FAULTS = {
    "unknown party of a step": (
        [('by = ["zn"]\nproduct', 'by = ["insurers"]\nproduct')],
        [f"step[0].by: must be ids of [[party]], got 'insurers'; {KNOWN}"],
    ),
    "unknown party of what is monitored": (
        [('by = ["zn"]\nblocks', 'by = ["zn", "nza"]\nblocks')],
        [f"monitored[0].by: must be ids of [[party]], got 'nza'; {KNOWN}"],
    ),
    "parties not in a list": (
        [('by = ["zn"]\nproduct', 'by = "zn"\nproduct')],
        ["step[0].by: must be a list in square brackets, as in [1, 2], got 'zn'"],
    ),
    "parties that are a number": (
        [('by = ["zn"]\nproduct', "by = 5\nproduct")],
        ["step[0].by: must be a list in square brackets, as in [1, 2], got 5"],
    ),
    "unknown figure of a block's budget": (
        [('figures = ["cost"]', 'figures = ["cost", "costs"]')],
        ["block[0].budget[0].figures: must use ids of [[figure]], got 'costs'"],
    ),
    "unknown figure of a topic's budget": (
        [('en = "Half a million" }\nfigures = ["cost"]', 'en = "Half a million" }\nfigures = ["costs"]')],
        ["block[0].topic[0].budget[0].figures: must use ids of [[figure]], got 'costs'"],
    ),
    "figures that are a number": (
        [('figures = ["cost"]', "figures = 1")],
        ["block[0].budget[0].figures: must be a list in square brackets, as in [1, 2], got 1"],
    ),
    "unknown block that is monitored": (
        [("blocks = [1]", "blocks = [1, 11]")],
        ["monitored[0].blocks: must be numbers of [[block]], got 11"],
    ),
    "unknown document": (
        [
            (
                f'"Half a million" }}\nfigures = ["cost"]\n{SOURCES}',
                f'"Half a million" }}\n{SOURCES}'.replace("report", "letter"),
            )
        ],
        [f"block[0].topic[0].budget[0].{UNKNOWN} 'letter'; known: report"],
    ),
    "party twice": ([('id = "patients"', 'id = "zn"')], ["party[1].id: must be unique, got 'zn' again"]),
    "precondition twice": (
        [('id = "insight"', 'id = "framework"')],
        ["precondition[1].id: must be unique, got 'framework' again"],
    ),
    "number of a precondition twice": (
        [('number = 2\nid = "insight"', 'number = 1\nid = "insight"')],
        ["precondition[1].number: must be unique, got 1 again"],
    ),
    "block twice": ([('id = "hips"', 'id = "knees"')], ["block[1].id: must be unique, got 'knees' again"]),
    "number of a block twice": (
        [('number = 2\nid = "hips"', 'number = 1\nid = "hips"')],
        ["block[1].number: must be unique, got 1 again"],
    ),
    "topic twice, in another block": (
        [("[[monitored]]\n", '[[block.topic]]\nid = "ligament"\nname = { nl = "x", en = "x" }\n\n[[monitored]]\n')],
        ["block[1].topic[0].id: must be unique, got 'ligament' again"],
    ),
    "figure twice": (
        [('id = "half"', 'id = "cost"'), ('result = "half"', 'result = "cost"')],
        ["figure[1].id: must be unique, got 'cost' again"],
    ),
    "unknown figure of a relation": (
        [('formula = "cost / 2"', 'formula = "costs / 2"')],
        ["relation[0].formula: must use ids of [[figure]] tables, got 'costs'; known: cost, half"],
    ),
    "unknown state": (
        [('state = "in progress"', 'state = "done"')],
        [f"precondition[0].state[0].state: must be {', '.join(map(repr, STATES[:-1]))} or 'accepted', got 'done'"],
    ),
    "date in quotes": (
        [("[[block.state]]\ndate = 2024-01-01", '[[block.state]]\ndate = "2024-01-01"')],
        ["block[1].state[0].date: must be a date without quotes, as in 2024-03-22, got '2024-01-01'"],
    ),
    "one language": (
        [('{ nl = "Klein", en = "Small" }', '{ nl = "Klein" }')],
        ["title.en: is missing: add it"],
    ),
    "key with its likely meaning": (
        [("insured = false", "insurred = false")],
        [
            "block[0].insured: is missing: add it",
            "block[0].insurred: is not a key of this table: did you mean 'insured'?",
        ],
    ),
    "number below 1": (
        [('number = 1\nid = "framework"', 'number = 0\nid = "framework"')],
        ["precondition[0].number: Input should be greater than or equal to 1"],
    ),
    "no source": (
        [(f'"There is money" }}\n{SOURCES}', '"There is money" }\nsources = []')],
        ["condition[0].sources: must hold at least 1, got 0"],
    ),
    "format of the future": ([("format = 1", "format = 2")], ["format: must be 1, the only format so far, got 2"]),
}


@pytest.mark.parametrize("case", FAULTS)
@pytest.mark.no_cover
def test_faults_are_told_with_their_path(tmp_path, case):
    """Each with its rule and the value; and nothing but the fault."""
    changes, expected = FAULTS[case]
    with pytest.raises(DossierError) as caught:
        read_small(tmp_path, *changes)

    assert list(caught.value.faults) == expected


def test_condition_and_monitored_must_be_unique_too(tmp_path):
    """Copied whole, each is told."""
    blocks_of = {
        key: SMALL[SMALL.index(f"[[{key}]]") : SMALL.index(f"[[{after}]]")]
        for key, after in (("condition", "step"), ("monitored", "figure"), ("step", "block"), ("document", "end"))
        if f"[[{after}]]" in SMALL
    }
    with pytest.raises(DossierError) as caught:
        read_small(tmp_path, *((text, text + text) for text in blocks_of.values()))

    assert list(caught.value.faults) == [
        "condition[1].id: must be unique, got 'payment' again",
        "step[1].number: must be unique, got 1 again",
        "monitored[1].id: must be unique, got 'shift' again",
    ]


def test_all_faults_are_told_at_once(tmp_path):
    """Not one after the other."""
    cases = ("unknown party of a step", "block twice", "unknown block that is monitored", "one language")
    with pytest.raises(DossierError) as caught:
        read_small(tmp_path, *(change for case in cases for change in FAULTS[case][0]))

    assert sorted(caught.value.faults) == sorted(fault for case in cases for fault in FAULTS[case][1])


def test_a_file_that_is_not_there_or_no_toml(tmp_path):
    """As for a dossier."""
    broken = tmp_path / "broken.toml"
    broken.write_text("format = ", encoding="utf-8")

    with pytest.raises(InputError, match="must be an existing file"):
        dossier.load_programme(tmp_path / "none.toml")
    with pytest.raises(DossierError, match="the file must be TOML"):
        dossier.load_programme(broken)


TREE = tomllib.loads(SMALL, parse_float=Decimal)
GONE = object()
WRONG = (
    GONE, True, 5, -1, 10**400, Decimal("1.5"), Decimal("nan"), "", "x", [], [5], [{}], ["a", "a"], [[1]], {}, {"a": 1},
    dt.date(2024, 1, 1), dt.datetime(2024, 1, 1, tzinfo=dt.UTC), dt.time(1),
)  # fmt: skip


def places(node, *steps):
    """Yield the steps to every value of a tree."""
    if steps:
        yield steps
    for step, value in node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ():
        yield from places(value, *steps, step)


@examples(200)
@given(st.sampled_from(list(places(TREE))), st.sampled_from(WRONG))
def test_any_value_anywhere_is_told_in_words(steps, value):
    """Whatever is deleted or put in place of any value, nothing but lines of faults comes out, or a sound programme."""
    tree = copy.deepcopy(TREE)
    node = functools.reduce(lambda at, step: at[step], steps[:-1], tree)
    if value is GONE:
        del node[steps[-1]]
    else:
        node[steps[-1]] = value
    check_told(frozen(tree))


@pytest.mark.parametrize("steps", [("block", 0, "number"), ("block", 0, "topic", 0, "id"), ("block", 0), ("block",)])
def test_the_wrong_kind_of_value_is_told_in_words(steps):
    """Where a list stands for a number, a word or a table, the checks of what goes together pass it over."""
    tree = copy.deepcopy(TREE)
    functools.reduce(lambda at, step: at[step], steps[:-1], tree)[steps[-1]] = [5]

    check_told(frozen(tree))
    assert validated(frozen(tree), Programme, programme_faults)[1]


def check_told(tree):
    """Assert that a programme is either sound or its faults are told, each with a path that begins in the file."""
    faults = validated(tree, Programme, programme_faults)[1]

    if not faults:
        Programme.model_validate(tree)
    for path, message in faults:
        assert message
        assert path.split(".", maxsplit=1)[0].partition("[")[0] in Programme.model_fields


# In words -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("day", SHOWN)
@pytest.mark.no_cover
def test_every_block_has_its_words(day, lang):
    """A heading with number and name, and under it its state in words; no code, None or placeholder comes through."""
    told = document(day, lang).blocks
    headed = {each.text: told[place + 1] for place, each in enumerate(told) if isinstance(each, Heading)}

    for block in state(day).blocks:
        facts = headed[f"{block.spec.number}. {getattr(block.spec.name, lang)}"]
        stands = dict(facts.pairs)[Locale(lang).text("programme.standing").capitalize()]
        told_insured = "insured" if block.spec.insured else "not_insured"
        if day >= REPORT and any(each.about == "insured" for each in block.spec.contradiction):
            told_insured = "insured_contradicted"
        assert stands.lower().startswith(Locale(lang).text(f"programme.{told_insured}"))
        known = block.spec.promising and block.standing.current is not None
        assert (Locale(lang).text("programme.promising") in stands) == known
        if block.standing.state is None:
            assert Locale(lang).text("programme.no_state") in stands.lower()
        else:
            assert getattr(block.standing.current.text, lang) in stands
            assert Locale(lang).text(f"programme_state.{block.standing.state.replace(' ', '_')}") in stands.lower()
            first = block.standing.run[0]
            assert Locale(lang).date(first.date, first.date_printed, remark=False) in stands
    for text in itertools.chain.from_iterable(map(strings, told)):
        assert "{" not in text
        assert "None" not in text.split()


@pytest.mark.parametrize("day", SHOWN)
@pytest.mark.no_cover
def test_both_languages_have_the_same_parts(day):
    """Block by block, of the same kind and length, with other words."""
    dutch, english = (document(day, lang).blocks for lang in ("nl", "en"))

    assert [type(each) for each in dutch] == [type(each) for each in english]
    assert [len(strings(each)) for each in dutch] == [len(strings(each)) for each in english]
    assert not {each.text for each in dutch if isinstance(each, (Heading, Paragraph))} & {
        each.text for each in english if isinstance(each, (Heading, Paragraph))
    }


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("word", STATES)
@pytest.mark.no_cover
def test_every_state_has_words(tmp_path, word, lang):
    """Of a topic, where met means that the parties agree."""
    old = f"[[block.topic.state]]\ndate = 2024-01-01\n{STATE}\n"
    insured = ("insured = false", "insured = true")
    filed = read_small(tmp_path, (old, f"[[block.topic.state]]\n{a_state('2024-05-01', word)}"), insured)
    found = programme_document(programme.state(programme=filed), Locale(lang))
    (told,) = (
        text for block in found.blocks for text in strings(block) if text.startswith(("Ligament: ", "Kruisband: "))
    )
    key = "programme.agreed" if word == "met" else f"programme_state.{word.replace(' ', '_')}"

    assert Locale(lang).text(key) in told.lower()
    assert Locale(lang).date(dt.date(2024, 5, 1)) in told
    assert "([1], page 1)" in told


@pytest.mark.slow
@pytest.mark.counted
def test_obstacles_in_words():
    """Each kind of its own, in one sentence."""
    told = {
        name: next(
            text
            for block in document(REPORT, "en").blocks
            for text in strings(block)
            if text.startswith(f"{topic.spec.name.en}: ")
        )
        for name, topic in topics(state(REPORT)).items()
    }

    assert (
        "Obstacle: precondition 1, quality framework in the Register (in progress); a decision of minister and "
        "parliament." in told["acl-rupture"]
    )
    assert "The parties agree that the care is effective and cost-effective." in told["acl-rupture"]
    assert "no agreement: not adopted by Association of Dutch health insurers (ZN);" in told["reablement"]
    assert "The parties agree that it is effective" not in told["reablement"]
    assert "Obstacle: clarity about the literature to be used." in told["cardiac-rehabilitation"]
    assert "Obstacle" not in told["fibromyalgia"]
    assert "Budget: Extra spending" in told["rheumatoid-arthritis"]


def test_the_decline_in_words():
    """What the cabinet does not do now, and why, in Dutch."""
    told = " ".join(text for block in document(max(DATES), "nl").blocks for text in strings(block))

    assert "Belemmering: geld op de begroting van VWS; het kabinet voert het nu niet door." in told


def test_parties_have_the_names_that_the_file_gives_them(tmp_path):
    """Not those that the programme of hecon itself has for the same ids."""
    found = programme_document(programme.state(programme=read_small(tmp_path)), Locale("en"))
    told = [text for block in found.blocks for text in strings(block)]

    assert "1. Start. By Insurers; planned: Spring. Product: A plan ([1], page 1)." in told


@pytest.mark.parametrize("lang", LANGUAGES)
def test_headings_of_the_document(lang):
    """Preconditions, blocks, monitoring, plan, figures, audit and documents, under one title."""
    found = [each for each in document(REPORT, lang).blocks if isinstance(each, Heading)]
    keys = (
        "programme.preconditions",
        "programme.glance",
        "programme.blocks",
        "programme.monitored",
        "programme.conditions",
        "programme.steps",
        "audit.figures_heading",
        "audit.heading",
        "documents.heading",
    )

    assert [each.text for each in found if each.level == 1] == [getattr(FILED.title, lang)]
    assert [each.text for each in found if each.level == 2] == [Locale(lang).text(key) for key in keys]
    assert len([each for each in found if each.level == 3]) == 10


def test_the_document_tells_everything_on_file():
    """Every figure, document, step, condition and precondition; what is monitored only once there is word of it."""
    found = document(REPORT, "en")
    told = [text for block in found.blocks for text in strings(block)]
    glance, table = (each for each in found.blocks if isinstance(each, Table))

    parts = [(block.number, part.name.en) for block in FILED.block for part in block.topic or (block,)]
    assert [row[0] for row in glance.rows] == [f"{number}. {name}" for number, name in parts]
    told_by = {each.id for each in FILED.document if each.date is not None and each.date <= REPORT}
    known = [each for each in FILED.figure if told_by & {source.document for source in each.sources}]
    assert [row[0] for row in table.rows] == [each.name.en for each in known]
    assert len(known) < len(FILED.figure)
    numbered = [each for each in FILED.document if each.id in told_by]
    for each in FILED.document:
        listed = [text for text in told if each.citation in text and each.read.en in text]
        assert [text.split()[0] for text in listed] == [
            f"[{number}]" for number, known in enumerate(numbered, start=1) if known == each
        ]
    for each in (*FILED.step, *FILED.precondition):
        assert any(text.startswith(f"{each.number}. {each.name.en}") for text in told)
    for each in FILED.condition:
        assert any(text.startswith(f"{each.name.en}: ") for text in told)
    monitored = {each.name.en: bool(at.history) for each, at in state(REPORT).monitored}
    assert {name: any(text.startswith(name) for text in told) for name in monitored} == monitored
    assert set(monitored.values()) == {True, False}


def test_nothing_of_a_later_day_is_told():
    """No plan before it was written, no figure of a later letter, no judgement of a later report, and nothing asked."""
    early = document(dt.date(2020, 1, 1), "en")
    told = [text for block in early.blocks for text in strings(block)]

    assert state(dt.date(2020, 1, 1)).known.document == ()
    assert not any(isinstance(each, Table) and each.caption != "Table 1. State and obstacles by part"
                   for each in early.blocks)  # fmt: skip
    assert not any("Package criteria" in text or "promising" in text or "precondition" in text for text in told[4:])
    assert [each.number for each, _ in state(dt.date(2021, 11, 15)).steps] == [1, 2, 3, 4, 5, 6, 7, 8]


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.no_cover
def test_what_a_precondition_waits_for_is_told(lang):
    """As the source says it, in the document and as data."""
    first, _ = state(REPORT).preconditions[0]
    waits = getattr(state(REPORT).preconditions[0][1].current.blocked_by, lang)
    bullets = next(each for each in document(REPORT, lang).blocks if isinstance(each, Bullets)).items

    assert first.number == 1
    assert bullets[0].endswith(Locale(lang).text("programme.waits", text=waits))
    assert programme_data(state(REPORT), Locale(lang))["preconditions"][0]["waits_for"] == waits
    assert programme_data(state(max(DATES)), Locale(lang))["preconditions"][0]["waits_for"] is None


@pytest.mark.parametrize("day", [each for each in SHOWN if each.year > 2020])
@pytest.mark.no_cover
def test_a_block_tells_what_is_in_its_way_and_its_budget(day):
    """Where there is any; a block without topics also says that nothing is in its way."""
    facts = [each for each in document(day, "en").blocks if isinstance(each, Facts)][1:]

    for block, told in zip(state(day).blocks, facts, strict=True):
        labels = ["State"]
        labels += ["Contradiction"] if day >= REPORT and block.spec.contradiction else []
        labels += ["Obstacles"] if block.obstacles or not block.topics else []
        labels += ["Budget"] if block.budget or not (block.topics or block.standing.current is None) else []
        assert [label for label, _ in told.pairs] == labels
        for label, text in told.pairs:
            if label == "Obstacles":
                assert (text == "Nothing that is on file.") is (block.obstacles == ())
            if label == "Budget":
                assert block.budget or text == "No budget impact on file."
                assert all(f"{each.text.en} (" in text for each in block.budget)


def test_who_monitors_what():
    """The parties and blocks in brackets, those that are on file."""
    told = [text for block in document(REPORT, "en").blocks for text in strings(block)]
    beginnings = (
        "Consequences of a different entitlement, in money and in content: Open, according to the project plan of 15",
        "Experiment with bundled payment for COPD (by Dutch Healthcare Authority (NZa); building block 8): Open,",
    )

    for each in beginnings:
        assert [text for text in told if text.startswith(each)] != []
    assert any(
        " (ZN), Dutch patients' federation): Open, according to the letter of the minister of 1 June 2023." in text
        for text in told
    )


def test_documents_have_the_date_that_they_carry():
    """The letter of 2026 carries no day; it is told of from the first day that it can be of."""
    told = document(max(DATES), "en").blocks[-1].items
    assert not any("marktonderzoek" in text for text in document(REPORT, "en").blocks[-1].items)

    (dated,) = (text for text in told if "De tussenstand in de beweging" in text)
    (bare,) = (text for text in told if "marktonderzoek" in text)

    assert "Diemen, 2024. (22 March 2024) – text read in full" in dated
    assert "marktonderzoek fysiotherapie van de NZa. 2026. (spring 2026, day not stated) – read in full." in bare


def test_before_anything_was_monitored_it_says_so():
    """A heading with nothing under it would be a riddle."""
    told = document(dt.date(2020, 1, 1), "en").blocks
    place = told.index(Heading(2, "To be monitored"))

    assert told[place + 1] == Paragraph("Nothing was on file at that time.")


def test_a_programme_without_plan_or_figures(tmp_path):
    """Has no headings for them."""
    start, end = SMALL.index("[[condition]]"), SMALL.index("[[block]]")
    first, last = SMALL.index("[[figure]]"), SMALL.index("[[document]]")
    filed = read_small(
        tmp_path,
        (SMALL[start:end], ""),
        (SMALL[first:last], ""),
        ('figures = ["cost"]\n', ""),
        ('figures = ["cost"]\n', ""),
    )
    found = programme_document(programme.state(programme=filed), Locale("en"))

    assert [each.text for each in found.blocks if isinstance(each, Heading) and each.level == 2] == [
        "The three preconditions",
        "Overview",
        "The building blocks",
        "To be monitored",
        "Audit of the reported figures",
        "Source documents",
    ]


# As data --------------------------------------------------------------------------------------------------------------


def shape(value):
    """Return the keys of plain data, with what a list may hold; a value that may be missing counts as none."""
    if isinstance(value, dict):
        return {key: shape(each) for key, each in value.items()}
    return [shape(each) for each in value] if isinstance(value, list) else None


# What is told in words, and lists that grow with what was known.
TOLD = {
    "title",
    "language",
    "text",
    "words",
    "name",
    "planned",
    "product",
    "read",
    "note",
    "unit",
    "basis",
    "subject",
    "waits_for",
}
GROWING = {
    "contradictions",
    "day_not_printed",
    "sources",
    "blocked_by",
    "budget",
    "conditions",
    "steps",
    "figures",
    "audit",
    "documents",
}


def keys_of(value):
    """Return the keys of plain data, without what is in the lists that grow with time."""
    if isinstance(value, dict):
        return {key: None if key in GROWING else keys_of(each) for key, each in value.items()}
    return [keys_of(each) for each in value] if isinstance(value, list) else None


def test_keys_are_the_same_in_both_languages_and_on_every_date():
    """Nothing comes or goes but items in lists, so that a reader of one date can read all."""
    found = [
        keys_of(plain(programme_data(state(day), Locale(lang)), Locale(lang))) for day in SHOWN for lang in LANGUAGES
    ]

    assert all(each == found[0] for each in found)
    assert {"name", "title", "language", "on", "day_not_printed", "preconditions", "blocks", "monitored", "conditions",
            "steps", "figures", "audit", "documents"} == set(found[0])  # fmt: skip


@pytest.mark.parametrize("day", SHOWN)
def test_languages_differ_in_words_only(day):
    """Numbers, dates, states, ids and places are the same."""
    dutch, english = (plain(programme_data(state(day), Locale(lang)), Locale(lang)) for lang in ("nl", "en"))

    def codes(value, key=""):
        if isinstance(value, dict):
            return {name: codes(each, name) for name, each in value.items()}
        if isinstance(value, list):
            return [codes(each, key) for each in value]
        return None if key in TOLD and value is not None else value

    assert codes(dutch) == codes(english)
    assert shape(dutch) == shape(english)


def test_data_of_the_report():
    """What a program would read of the report's picture."""
    found = json.loads(
        json_text(plain(programme_data(state(REPORT), Locale("en")), Locale("en"))), parse_constant=pytest.fail
    )
    by_number = {each["number"]: each for each in found["blocks"]}
    by_id = {each["id"]: each for block in found["blocks"] for each in block["topics"]}

    assert found["on"] == "2024-03-22"
    assert [(each["number"], each["state"], each["since"]) for each in found["preconditions"]] == [
        (1, "in progress", "2023-06-01"),
        (2, "in progress", "2023-06-01"),
        (3, "met", "2024-03-22"),
    ]
    assert by_id["acl-rupture"]["value_driven"] is True
    assert by_id["acl-rupture"]["criteria"]["effectiveness"] == "agreed"
    assert [(each["kind"], each["precondition"]) for each in by_id["acl-rupture"]["blocked_by"]] == [
        ("precondition", 1),
        ("decision", None),
    ]
    assert [each["parties"] for each in by_id["reablement"]["blocked_by"] if each["kind"] == "disputed"] == [["zn"]]
    assert by_id["cardiac-rehabilitation"]["criteria"] is None
    assert by_number[9]["topics"] == []
    assert by_number[3]["budget"][0]["figures"] == ["meniscus_saving_year_1", "meniscus_saving_year_3"]
    assert by_number[3]["last_told"] == "2024-03-22" > by_number[3]["since"]


def test_data_where_nothing_is_on_file():
    """Null, not an empty text or a false date."""
    found = programme_data(state("2020-01-01"), Locale("en"))

    for each in (*found["preconditions"], *found["blocks"], *found["monitored"], *found["steps"]):
        assert {key: each[key] for key in ("state", "since", "last_told", "text", "sources")} == {
            "state": None,
            "since": None,
            "last_told": None,
            "text": None,
            "sources": [],
        }


# Plain text -----------------------------------------------------------------------------------------------------------


def test_plain_text_of_each_block():
    """Headings underlined by level, lists indented, a table as a list of rows, a figure by its words."""
    found = plain_text(
        Document(
            Locale("en"),
            (
                Heading(1, "Title"),
                Heading(2, "Part"),
                Heading(3, "Piece"),
                Paragraph("A sentence.", strong=True),
                Bullets(("one", "two")),
                Facts((("age", "33"), ("share", "40%"))),
                Table("Costs", ("arm", "mean", "sd"), (("care", "12", "–"), ("surgery", "", ""), ("none", "3", "1"))),
                Figure("plane", "a", "A caption", "What it shows."),
            ),
        )
    )

    assert found == (
        "Title\n=====\n\nPart\n----\n\nPiece\n\nA sentence.\n\n  - one\n  - two\n\n  age: 33\n  share: 40%\n\n"
        "Costs\n  - care; mean: 12\n  - surgery\n  - none; mean: 3; sd: 1\n\nWhat it shows.\n"
    )


def test_long_text_is_wrapped_under_its_beginning():
    """With the hanging indents of lists and facts, and never at a hyphen."""
    blocks_ = (Heading(1, "x " * 9), Bullets(("aa " * 6,)), Facts((("bb", "aa aa-bbbbb"),)))
    found = plain_text(Document(Locale("en"), blocks_), width=14)

    assert found == ("x x x x x x x\nx x\n==============\n\n  - aa aa aa\n    aa aa aa\n\n  bb: aa\n    aa-bbbbb\n")


@pytest.mark.slow
@examples(60)
@given(
    st.lists(st.text(st.characters(categories=["L", "N", "P"]), min_size=1, max_size=9), min_size=1, max_size=30),
    st.integers(20, 60),
)
def test_wrapping_loses_no_word_and_keeps_the_width(words, width):
    """Whatever the block, its words come out in their order, in lines that fit."""
    text = " ".join(words)
    for block in (Heading(3, text), Paragraph(text), Bullets((text,)), Figure("plane", "a", "", text)):
        found = plain_text(Document(Locale("en"), (block,)), width=width)

        assert found.split() == (["-"] if isinstance(block, Bullets) else []) + words
        assert max(map(len, found.splitlines())) <= width
        assert found.endswith("\n")


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_programme_fits_a_terminal(lang):
    """No line beyond 100 characters, and no trailing blanks."""
    lines = plain_text(document(REPORT, lang)).splitlines()

    assert max(map(len, lines)) <= 100
    assert [line for line in lines if line != line.rstrip()] == []


# The command ----------------------------------------------------------------------------------------------------------


@pytest.fixture
def run(capsys):
    """Return a function that runs the command: its exit code, standard output and standard error."""

    def command(*arguments):
        try:
            code = cli.main(["programme", *map(str, arguments)])
        except SystemExit as stop:
            code = stop.code
        return (code, *capsys.readouterr())

    return command


def test_the_command_shows_the_last_date_in_english_as_text(run):
    """Without a word more."""
    code, out, err = run()

    assert (code, err) == (0, "")
    assert out == plain_text(document(None, "en"))
    assert "As of: spring 2026, day not stated (the last on file)" in out


@pytest.mark.slow
@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_format_is_of_the_same_document(run, lang):
    """Text, Markdown and a whole page of HTML, in either language, on the date asked for."""
    found = {kind: run("--on", REPORT, "--lang", lang, "--format", kind)[1] for kind in ("text", "md", "html", "json")}
    page = read(found["html"])

    assert found["text"] == plain_text(document(REPORT, lang))
    assert found["md"] == markdown(document(REPORT, lang))
    assert found["html"] == html(document(REPORT, lang))
    assert page.one("h1").text() == getattr(FILED.title, lang)
    assert [each.text() for each in page.all("h3")] == [
        f"{each.number}. {getattr(each.name, lang)}" for each in FILED.block
    ]
    assert json.loads(found["json"]) == json.loads(
        json_text(plain(programme_data(state(REPORT), Locale(lang)), Locale(lang)))
    )


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--on", "22-03-2024"), "argument --on: must be a date, as in 2022-08-20, got '22-03-2024'"),
        (("--on", "tomorrow"), "argument --on: must be a date, as in 2022-08-20, got 'tomorrow'"),
        (("--lang", "fr"), "argument --lang: invalid choice: 'fr'"),
        (("--format", "pdf"), "programme prints no pdf, which is a file; give --out DIR to write it"),
        (("acl-rupture",), "unrecognized arguments: acl-rupture"),
    ],
)
def test_wrong_usage_is_told(run, arguments, message):
    """On standard error, with exit code 2 and nothing on standard output."""
    code, out, err = run(*arguments)

    assert (code, out) == (2, "")
    assert message in err


@pytest.mark.parametrize(("kind", "euro"), [("html", "&#8364;"), ("json", "\\u20ac"), ("text", "?"), ("md", "?")])
def test_a_terminal_without_the_euro_sign(monkeypatch, kind, euro):
    """Page and data keep it, escaped; text to read has a question mark in its place, and no traceback."""
    stream = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    monkeypatch.setattr(sys, "stdout", stream)

    assert cli.main(["programme", "--lang", "nl", "--on", "2024-03-22", "--format", kind]) == 0
    stream.flush()
    found = stream.buffer.getvalue().decode("ascii")
    assert f"tussen {euro}" in found
