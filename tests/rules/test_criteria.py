"""The package criteria: how each was judged, whether the parties took it over, and what counts on which date."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hecon import dossier, zin
from hecon.errors import DossierError, InputError
from hecon.rulesets import ruleset

PARTIES = ("professions", "insurers", "patients")
AGREED = zin.Judged("positive", by="expert", adopted_by=("insurers", "patients"))
DISPUTED = zin.Judged("positive", by="expert", adopted_by=("patients",), not_adopted_by=("insurers",))
POSITIVE = zin.Judged("positive", by="institute")
NEGATIVE = zin.Judged("negative", by="institute")
DESCRIBED = zin.Judged("described")
NOBODY = zin.Judged()
DAY = dt.date(2024, 3, 22)


def days():
    """Return a strategy of the days of a few months, so that two are often the same."""
    return st.dates(dt.date(2024, 1, 1), dt.date(2024, 6, 30))


@st.composite
def judgements(draw):
    """Draw a judgement that may be: parties only with one that is positive or negative, each on one side."""
    judgement = draw(st.sampled_from(["positive", "negative", "described", "not judged"]))
    on = draw(st.none() | days())
    sides = draw(st.tuples(*[st.sampled_from(["took it over", "did not", "silent"])] * len(PARTIES)))
    if judgement in {"described", "not judged"}:
        return zin.Judged(judgement, on=on)
    chosen = {side: tuple(party for party, at in zip(PARTIES, sides, strict=True) if at == side) for side in set(sides)}
    return zin.Judged(
        judgement,
        by="expert",
        on=on,
        adopted_by=chosen.get("took it over", ()),
        not_adopted_by=chosen.get("did not", ()),
    )


def files():
    """Return a strategy of what may be on file: any of the four criteria."""
    return st.dictionaries(st.sampled_from(ruleset().criteria), judgements())


# One criterion --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("judged", "state"),
    [
        (NOBODY, "not judged"),
        (DESCRIBED, "described"),
        (POSITIVE, "positive"),
        (AGREED, "agreed"),
        (DISPUTED, "disputed"),
        (zin.Judged("positive", not_adopted_by=("insurers",)), "disputed"),
        (NEGATIVE, "negative"),
        (zin.Judged("negative", adopted_by=("insurers",)), "negative"),
        (zin.Judged("negative", not_adopted_by=("patients",)), "negative"),
    ],
)
def test_state_of_one_criterion(judged, state):
    """One party that did not follow a positive judgement is enough for a dispute; a negative one stays negative."""
    assert judged.state == state


def test_text_is_the_name_of_one_party():
    """Not a party for each of its letters."""
    judged = zin.Judged("positive", adopted_by="insurers", not_adopted_by="patients")

    assert zin.criteria({"effectiveness": judged}).disputed_by == ("patients",)
    assert judged.adopted_by == ("insurers",)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (
            {"judgement": "good"},
            "judgement must be one of 'positive', 'negative', 'described', 'not judged', got 'good'",
        ),
        ({"judgement": None}, "judgement must be one of 'positive', 'negative', 'described', 'not judged', got None"),
        (
            {"judgement": "positive", "adopted_by": ("b", "a"), "not_adopted_by": ("a", "c")},
            "adopted_by and not_adopted_by must name different parties, got 'a' in both",
        ),
        (
            {"adopted_by": ("a",)},
            "adopted_by must go with a judgement that is positive or negative, got 'not judged'",
        ),
        (
            {"judgement": "described", "not_adopted_by": ("a",)},
            "adopted_by must go with a judgement that is positive or negative, got 'described'",
        ),
    ],
)
def test_what_cannot_be_is_refused(options, message):
    """Nobody can take over what was not judged, nor be on both sides."""
    with pytest.raises(InputError) as caught:
        zin.Judged(**options)

    assert str(caught.value) == message


@pytest.mark.parametrize("on", ["2024-03-22", 2024])
def test_what_is_no_date_is_refused(on):
    """Of a judgement, and of the criteria as a whole."""
    message = f"on must be a date, as in datetime.date(2024, 3, 22), got {on!r}"
    for call in (lambda: zin.Judged("positive", on=on), lambda: zin.criteria({}, on=on)):
        with pytest.raises(InputError) as caught:
            call()

        assert str(caught.value) == message


def test_a_moment_counts_as_its_day():
    """Of a judgement, and of the criteria as a whole."""
    judged = zin.Judged("positive", on=dt.datetime(2024, 3, 22, 12, tzinfo=dt.UTC))

    assert judged.on == DAY
    for on in (DAY, dt.datetime(2024, 3, 22, 1, tzinfo=dt.UTC)):
        assert zin.criteria({"effectiveness": judged}, on=on).states["effectiveness"] == "positive"


def test_a_judgement_is_a_record():
    """A word alone does not say who judged."""
    with pytest.raises(InputError) as caught:
        zin.criteria({"effectiveness": "positive"})

    assert str(caught.value) == ("judged['effectiveness'] must be a Judged, got a str: make one by hecon.rules.Judged")


# The four together ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("effectiveness", "cost_effectiveness", "value_driven"),
    [
        (AGREED, AGREED, True),
        (AGREED, POSITIVE, None),
        (AGREED, DESCRIBED, None),
        (AGREED, NOBODY, None),
        (NOBODY, NOBODY, None),
        (AGREED, DISPUTED, False),
        (DISPUTED, AGREED, False),
        (NEGATIVE, NOBODY, False),
        (NOBODY, NEGATIVE, False),
        (NEGATIVE, AGREED, False),
    ],
)
def test_value_driven_asks_agreement_on_effectiveness_and_on_costs(effectiveness, cost_effectiveness, value_driven):
    """True where both are agreed; False where one is negative or disputed; None where it is not settled yet."""
    found = zin.criteria({"effectiveness": effectiveness, "cost_effectiveness": cost_effectiveness})

    assert found.value_driven is value_driven


@pytest.mark.parametrize("other", [NEGATIVE, DISPUTED, AGREED])
@pytest.mark.parametrize("name", ["necessity", "feasibility"])
def test_the_other_two_do_not_make_care_value_driven(name, other):
    """Necessity and feasibility are judged later, and by others."""
    both = {"effectiveness": AGREED, "cost_effectiveness": AGREED}

    assert zin.criteria({**both, name: other}).value_driven is True
    assert zin.criteria({name: other}).value_driven is None


def test_what_is_missing_was_not_judged():
    """All four criteria are always there, in one order."""
    found = zin.criteria({"feasibility": DESCRIBED})

    assert list(found.states.items()) == [
        ("effectiveness", "not judged"),
        ("cost_effectiveness", "not judged"),
        ("necessity", "not judged"),
        ("feasibility", "described"),
    ]
    assert tuple(found.states) == ruleset().criteria


def test_each_disputing_party_is_named_once():
    """In the order of the criteria, on whichever of the four it is; who rejects a negative judgement is in no way."""
    found = zin.criteria(
        {
            "feasibility": zin.Judged("positive", not_adopted_by=("patients", "insurers")),
            "effectiveness": zin.Judged("positive", not_adopted_by=("insurers",)),
            "necessity": zin.Judged("negative", not_adopted_by=("doctors",)),
        }
    )

    assert found.disputed_by == ("insurers", "patients")
    assert zin.criteria({"effectiveness": AGREED}).disputed_by == ()


def test_a_criterion_that_there_is_none_of_is_refused():
    """The four names are told."""
    with pytest.raises(InputError) as caught:
        zin.criteria({"effectivity": POSITIVE})

    assert str(caught.value) == (
        "criterion must be one of 'effectiveness', 'cost_effectiveness', 'necessity', 'feasibility', got 'effectivity'"
    )


@pytest.mark.slow
@given(files())
def test_agreement_needs_a_party_and_no_dissent(judged):
    """Against the rule written out: agreed is positive, with somebody for it and nobody against."""
    found = zin.criteria(judged)

    for name, state in found.states.items():
        each = judged.get(name, NOBODY)
        agreed = each.judgement == "positive" and bool(each.adopted_by) and not each.not_adopted_by
        assert (state == "agreed") == agreed
    assert set(found.disputed_by) == {
        party for each in judged.values() if each.judgement == "positive" for party in each.not_adopted_by
    }


# Dates ----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("on", "state"),
    [
        (dt.date(2024, 3, 21), "not judged"),
        (DAY, "positive"),
        (dt.date(2030, 1, 1), "positive"),
        (None, "positive"),
    ],
)
def test_a_judgement_counts_from_its_day_on(on, state):
    """The day itself included; without a date asked for, everything counts."""
    found = zin.criteria({"necessity": zin.Judged("positive", on=DAY)}, on=on)

    assert found.states["necessity"] == state


def test_a_judgement_without_a_date_always_counts():
    """Not known when is not later."""
    assert zin.criteria({"necessity": POSITIVE}, on=dt.date.min).states["necessity"] == "positive"


def test_a_dispute_of_later_is_no_dispute_yet():
    """The parties of a judgement of the future are not named."""
    later = zin.Judged("positive", on=DAY, not_adopted_by=("insurers",))

    assert zin.criteria({"effectiveness": later}, on=dt.date(2024, 3, 21)).disputed_by == ()
    assert zin.criteria({"effectiveness": later}, on=DAY).disputed_by == ("insurers",)


@given(files(), days(), days())
def test_time_only_adds_judgements(judged, one, other):
    """What was judged on a day stays judged, in the same way, on every later one."""
    early, late = (zin.criteria(judged, on=day) for day in sorted((one, other)))

    for name, state in early.states.items():
        assert state in {"not judged", late.states[name]}
    assert set(early.disputed_by) <= set(late.disputed_by)


@given(files(), days())
def test_a_date_is_the_same_as_leaving_out_what_came_later(judged, day):
    """Nothing else depends on it."""
    known = {name: each for name, each in judged.items() if each.on is None or each.on <= day}

    assert zin.criteria(judged, on=day) == zin.criteria(known)


# On file --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        (
            'judgement = "positive"\nadopted_by = ["zn"]\nnot_adopted_by = ["zn"]',
            "adopted_by and not_adopted_by must name different parties, got 'zn' in both",
        ),
        (
            'judgement = "described"\nadopted_by = ["zn"]',
            "adopted_by must go with a judgement that is positive or negative, got 'described'",
        ),
        (
            'not_adopted_by = ["zn"]',
            "adopted_by must go with a judgement that is positive or negative, got 'not judged'",
        ),
    ],
)
def test_what_cannot_be_is_a_fault_of_the_dossier(tmp_path, lines, message):
    """Told with its path when the file is read, not by an exception when the note is written."""
    assert faults(tmp_path, lines) == [f"note.criteria.necessity: {message}"]


def test_what_is_no_criterion_is_told_once(tmp_path):
    """By the rule of its field; whether the rest goes together is then not asked."""
    (fault,) = faults(tmp_path, 'judgement = "perhaps"\nadopted_by = ["zn"]')

    assert fault.startswith("note.criteria.necessity.judgement: must be ")
    assert fault.endswith("got 'perhaps'")


def faults(tmp_path, lines):
    """Return the faults of a dossier with a criterion of these lines."""
    table = (
        f"[note.criteria.necessity]\n{lines}\n"
        'text = { nl = "x", en = "x" }\nsources = [{ document = "example", place = "page 1" }]\n'
    )
    path = tmp_path / "hip-fracture.toml"
    path.write_text(f"{dossier.skeleton('hip-fracture')}\n{table}", encoding="utf-8")
    with pytest.raises(DossierError) as caught:
        dossier.load(path)
    return list(caught.value.faults)


# The report -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "states", "value_driven", "disputed_by"),
    [
        ("acl-rupture", ("agreed", "agreed"), True, ()),
        ("meniscal-tear-traumatic", ("agreed", "agreed"), True, ()),
        ("meniscal-tear-degenerative", ("agreed", "agreed"), True, ()),
        ("reablement", ("disputed", "disputed"), False, ("zn",)),
        ("rheumatoid-arthritis", ("positive", "not judged"), None, ()),
        ("fibromyalgia", ("negative", "not judged"), False, ()),
        ("prehabilitation", ("negative", "not judged"), False, ()),
    ],
)
def test_the_criteria_of_the_report(name, states, value_driven, disputed_by):
    """Knees: all took the expert over; reablement: the insurers did not; the waiting room: the Zorginstituut judged."""
    noted = dossier.load(name).note.criteria
    found = zin.criteria(
        {
            key: zin.Judged(each.judgement, adopted_by=each.adopted_by, not_adopted_by=each.not_adopted_by)
            for key in ruleset().criteria
            if (each := getattr(noted, key)) is not None
        }
    )

    assert (found.states["effectiveness"], found.states["cost_effectiveness"]) == states
    assert found.value_driven is value_driven
    assert found.disputed_by == disputed_by
