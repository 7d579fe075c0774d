"""Faults of the margins, gaps and elements of the question of a note: path, rule, value and remedy."""

from __future__ import annotations

import pytest

import hecon
from hecon.dossier import FOLDER
from hecon.errors import DossierError

SOURCE = 'sources = [{ document = "zorginstituut-2024", place = "page 1" }]'
MARGIN = """
[[note.margin]]
instrument = "IKDC"
what = { nl = "Marge", en = "Margin" }
value = 8
unit = { nl = "punten", en = "points" }
population = "other"
state = "read"
"""
GAP = """
[[note.gap]]
kind = "unknown"
name = { nl = "Onderwerp", en = "Topic" }
text = { nl = "Vraag", en = "Question" }
settles = { nl = "Gevolg", en = "Consequence" }
"""
PATH = "note.margin[5]"
JUDGED = "note.criteria.effectiveness"
MEASURED = "must be the instrument of an outcome or study"
BELONGS = (
    "must not be a margin for differences in the same population that was read: give it to its outcome, as margin or "
    "minimal_important_difference"
)


def told(tmp_path, addition, *changes):
    """Return the faults of a dossier that ships with a part more, after some changes of that part."""
    for old, new in changes:
        assert old in addition
        addition = addition.replace(old, new, 1)
    text = (FOLDER / "acl-rupture.toml").read_text(encoding="utf-8")
    path = tmp_path / "changed.toml"
    path.write_text(f"{text}{addition}{SOURCE}\n", encoding="utf-8")
    try:
        hecon.load(path)
    except DossierError as error:
        return list(error.faults)
    return []


def test_the_parts_are_sound(tmp_path):
    """Without the changes below."""
    assert told(tmp_path, MARGIN) == []
    assert told(tmp_path, GAP) == []


@pytest.mark.parametrize(
    ("changes", "faults"),
    [
        (
            [('"IKDC"', '"IKCD"')],
            [f"{PATH}.instrument: {MEASURED}, got 'IKCD'; did you mean 'IKDC'?"],
        ),
        (
            [('"IKDC"', '"pain"')],
            [f"{PATH}.instrument: {MEASURED}, got 'pain'; known: IKDC, KOOS, KOOS4, QALY, PSK, NRS, Lysholm, Tegner"],
        ),
        ([("value = 8\n", "")], [f"{PATH}: must have value or range, got neither: add one"]),
        ([("value = 8\n", "value = 8\nrange = [8, 10]\n")], [f"{PATH}: must have value or range, got both: keep one"]),
        ([("value = 8", "value = -8")], [f"{PATH}.value: must be above 0, got -8: give its size"]),
        ([("value = 8", "range = [0, 8]")], [f"{PATH}.range: must be above 0, got 0: give its size"]),
        ([("value = 8", "range = [10, 8]")], [f"{PATH}.range: must run from low to high, got [10, 8]"]),
        (
            [('"read"', '"not looked up"')],
            [f'{PATH}.value: must not stand beside state "not looked up": remove one of them'],
        ),
        ([('"other"', '"same"')], [f"{PATH}: {BELONGS}"]),
        ([('"other"', '"same"'), ('"read"', '"to check"')], []),
        ([('"other"', '"same"\nof = "change"')], []),
        ([('"other"', '"not stated"')], []),
        ([('"other"', '"all"')], [f"{PATH}.population: must be 'same', 'other' or 'not stated', got 'all'"]),
        ([("value = 8\n", ""), ('"read"', '"not looked up"')], []),
    ],
)
def test_a_margin_that_cannot_be_told(tmp_path, changes, faults):
    """Its remedy is in the fault; what is sound beside it loads."""
    assert told(tmp_path, MARGIN, *changes) == faults


@pytest.mark.slow
def test_a_margin_that_belongs_to_an_outcome_decides_there(tmp_path):
    """The remedy of the fault: the same figure, given to the outcome, is the one that decides."""
    text = (FOLDER / "acl-rupture.toml").read_text(encoding="utf-8")
    path = tmp_path / "changed.toml"
    path.write_text(
        text.replace("ci = [0.6, 9.9]\n", "ci = [0.6, 9.9]\nminimal_important_difference = 10.9\n"), "utf-8"
    )
    (row,) = hecon.summary(hecon.assess(path, n_draws=20), lang="en").data["relevance"]["outcomes"]

    assert row["margin"].startswith("minimal important difference 10.9 (")
    assert (
        "by a difference that is not clinically relevant. Not clinically relevant according to the expert"
        in (row["conclusion"])
    )


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        (('"unknown"', '"planned"'), "note.gap[5].kind: must be 'running', 'expected' or 'unknown', got 'planned'"),
        (("settles", "settle"), "note.gap[5].settles: is missing: add it"),
        (('en = "Topic"', 'en = ""'), "note.gap[5].name.en: must not be empty, got ''"),
    ],
)
@pytest.mark.no_cover
def test_a_gap_says_what_it_is_and_what_it_would_settle(tmp_path, change, fault):
    """In the words of the file."""
    assert told(tmp_path, GAP, change)[0] == fault


def test_an_unknown_element_of_the_question_is_named(tmp_path):
    """With its likely meaning."""
    addition = '\n[note.pico.outcome]\ntext = { nl = "Pijn", en = "Pain" }\n'

    assert told(tmp_path, addition) == ["note.pico.outcome: is not a key of this table: did you mean 'outcomes'?"]


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        (
            'p_margin = { value = 0.97, sources = [{ document = "zorginstituut-2024", place = "a" }] }',
            "note.study[0].outcome[0].p_margin: must stand beside margin: add the one that it is the probability of",
        ),
        (
            'margin = 8\np_margin = { value = 97, sources = [{ document = "zorginstituut-2024", place = "a" }] }',
            "note.study[0].outcome[0].p_margin.value: must lie in [0, 1], got 97: write a share, as in 0.97 for 97%",
        ),
    ],
)
def test_a_probability_of_a_margin_has_one(tmp_path, change, fault):
    """And is a share."""
    text = (FOLDER / "acl-rupture.toml").read_text(encoding="utf-8")
    path = tmp_path / "changed.toml"
    path.write_text(text.replace("ci = [0.6, 9.9]\n", f"ci = [0.6, 9.9]\n{change}\n", 1), "utf-8")

    with pytest.raises(DossierError) as caught:
        hecon.load(path)

    assert list(caught.value.faults) == [fault]


@pytest.mark.parametrize(
    ("option", "faults"),
    [
        ('option = "exercise"\n', []),
        (
            'option = "excercise"\n',
            [f"{JUDGED}.option: must be the id of an [[intervention]], got 'excercise'; did you mean 'exercise'?"],
        ),
    ],
)
@pytest.mark.no_cover
def test_a_criterion_is_judged_of_an_option_on_file(tmp_path, option, faults):
    """The one of [answer], or the one that it names."""
    text = (FOLDER / "acl-rupture.toml").read_text(encoding="utf-8")
    path = tmp_path / "changed.toml"
    path.write_text(
        text.replace("[note.criteria.effectiveness]\n", f"[note.criteria.effectiveness]\n{option}", 1), "utf-8"
    )

    if not faults:
        assert hecon.load(path).note.criteria.effectiveness.option == "exercise"
        return
    with pytest.raises(DossierError) as caught:
        hecon.load(path)
    assert list(caught.value.faults) == faults


def test_without_an_answer_a_judgement_names_its_option(tmp_path):
    """Of several options; the remedy that is named works."""
    text = (FOLDER / "acl-rupture.toml").read_text(encoding="utf-8")
    head, _, tail = text.partition("[answer]\n")
    path = tmp_path / "changed.toml"
    path.write_text(head + tail.partition("\n\n")[2], "utf-8")

    with pytest.raises(DossierError) as caught:
        hecon.load(path)
    assert list(caught.value.faults) == [
        f"note.criteria.{name}.option: is missing: name the [[intervention]] that was judged, or give an [answer]"
        for name in ("effectiveness", "cost_effectiveness")
    ]
    for name in ("effectiveness", "cost_effectiveness"):
        section = f"[note.criteria.{name}]\n"
        path.write_text(path.read_text("utf-8").replace(section, f'{section}option = "exercise"\n', 1), "utf-8")
    assert hecon.load(path).answer is None


@pytest.mark.slow
def test_the_trial_of_a_study_is_known(tmp_path):
    """That of a comparison or of another study; a slip is told with the likely one."""
    text = (FOLDER / "acl-rupture.toml").read_text(encoding="utf-8")
    path = tmp_path / "changed.toml"
    path.write_text(text.replace('2021)"\ntrial = "COMPARE"', '2021)"\ntrial = "COMPAER"', 1), "utf-8")

    with pytest.raises(DossierError) as caught:
        hecon.load(path)

    rule = "must be the trial of a comparison or of another study, got 'COMPAER'; did you mean 'COMPARE'?"
    assert list(caught.value.faults) == [f"note.study[0].trial: {rule}"]
