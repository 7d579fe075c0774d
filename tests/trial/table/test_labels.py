"""Value labels of a file: arms by label, labels that contradict the design, and labels that say missing."""

from __future__ import annotations

import re
import warnings

import numpy as np
import pytest
from trial_tables import changed, faults, long_design, long_of, tree, wide, wide_design, with_states

from hecon.errors import InputError, StatisticalWarning
from hecon.trial.table.checking import trial_data
from hecon.trial.table.codes import is_missing_label, says_best, says_worst
from hecon.trial.table.design import design_of


def labelled(table=None, **labels):
    """Return a table with value labels, by column."""
    found = wide() if table is None else table
    found.attrs["value_labels"] = labels
    return found


def by_values(values):
    return design_of(changed(tree(), ("arm", "values"), values))


# Arms -----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("long", [False, True])
@pytest.mark.parametrize(
    ("labels", "told"),
    [
        (
            {0: "exercise", 1: "surgery"},
            "code 0 is 'surgery' by the design and 'exercise' by its label, which names 'ex",
        ),
        ({0: "Exercise  therapy"}, "code 0 is 'surgery' by the design and 'Exercise  therapy' by its label, which"),
        (
            {1: "early SURGERY"},
            "code 1 is 'exercise' by the design and 'early SURGERY' by its label, which names 'surg",
        ),
        ({1: "Usual care"}, "code 1 is 'exercise' by the design and 'Usual care' by its label, which names the comp"),
        (
            {0: "Interventiegroep"},
            "code 0 is 'surgery' by the design and 'Interventiegroep' by its label, which names an",
        ),
        ({0: "1", 1: "0"}, "code 0 is 'surgery' by the design and '1' by its label, which names 'exercise'"),
    ],
)
@pytest.mark.no_cover
def test_a_label_that_names_another_arm_is_refused(labels, told, long):
    table = long_of(wide()) if long else wide()
    found = faults(labelled(table, arm=labels), long_design() if long else wide_design())

    assert found[0].startswith(f"column 'arm': must hold the arms that the file's labels name: {told}")
    remedy = "mend or remove the labels in the file" if labels.get(0) == "1" else "in arm.values give for each strategy"
    assert remedy in found[0]


@pytest.mark.parametrize(
    "given", [{"surgery": "exercise", "exercise": "surgery"}, {"surgery": "Surgery ", "exercise": 0}]
)
def test_the_remedy_is_a_label_for_each_arm(given):
    """Whichever is meant: a label that the design gives is no contradiction."""
    labels = {0: "exercise", 1: "surgery"}
    found = trial_data(labelled(arm=labels), by_values(given))
    zero = 0 if given["surgery"] == "exercise" else 1

    assert np.array_equal(found.arm, wide()["arm"] if zero == 0 else 1 - wide()["arm"])


@pytest.mark.parametrize(
    "labels",
    [
        {0: " SURGERY", 1: "exercise"},
        {0: "Arthroscopic surgery", 1: "supervised exercise"},
        {0: "chirurgie", 1: "oefentherapie"},
        {0: "exercise after surgery", 1: "exercise"},
        {0: "control", 1: "intervention"},
        {0: "-"},
    ],
)
def test_labels_that_agree_or_name_no_arm_are_shown(labels):
    found = trial_data(labelled(arm=labels), wide_design())

    assert np.array_equal(found.arm, wide()["arm"])
    assert [(each.strategy, each.value, each.label) for each in found.reading.arms] == [
        ("surgery", "0", labels[0].strip()),
        ("exercise", "1", labels.get(1)),
    ]


def test_labels_of_the_general_words_are_of_the_comparator():
    (told,) = faults(labelled(arm={0: "intervention", 1: "exercise (control)"}), wide_design())

    assert "code 0 is 'surgery' by the design" in told


@pytest.mark.parametrize("codes", [(0, 1), (1, 2), ("A", "B")])
def test_arms_are_given_by_label_or_by_their_own_names(codes):
    table = wide()
    table["arm"] = [codes[each] for each in table["arm"]]
    labels = dict(zip(codes, ("Usual  care", "Exercise"), strict=True))
    named = changed(changed(tree(), ("arm", "values"), None), ("arm", "comparator"), "usual care")
    for design in (design_of(named), by_values({"surgery": "usual care", "exercise": "EXERCISE"})):
        assert np.array_equal(trial_data(labelled(table, arm=labels), design).arm, wide()["arm"])


def test_the_labels_are_named_where_an_arm_is_unknown():
    (told,) = faults(labelled(wide().assign(arm=wide()["arm"] + 1), arm={1: "one", 2: "two"}))[:1]

    assert told.endswith("by code or by label; the file's labels are 1 = 'one', 2 = 'two'")


def test_two_arms_with_one_label_are_not_guessed():
    found = faults(labelled(arm={0: "same", 1: "same"}), by_values({"surgery": "same", "exercise": 1}))

    assert any("must be an arm of the design" in each for each in found)


def test_two_arms_have_codes_of_their_own():
    """Also where one is given by its label."""
    found = faults(labelled(arm={0: "knife", 1: "gym"}), by_values({"surgery": 0, "exercise": "Knife"}))

    assert any("must have a code of its own for each arm, got one for surgery and exercise" in each for each in found)


# Missing --------------------------------------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize("label", ["onbekend", "Weet niet", "n.v.t.", "not applicable", "Refused", "don't know", "NA"])
@pytest.mark.parametrize(
    ("column", "path", "where"),
    [
        ("stay", ("cost", 1), "cost[1]"),
        ("age", ("covariate", 0), "covariate[0]"),
        ("absence_3", ("cost", 2), "cost[2]"),
    ],
)
def test_a_label_that_says_missing_is_asked_about(label, column, path, where):
    table = wide()
    table.loc[[3, 8], column] = 350
    given = {350: label}
    (told,) = faults(labelled(table, **{column: given}))

    assert told.startswith(
        f"column {column!r}, rows 4, 9: must not take a code for a value that the file labels as none"
    )
    assert f"say missing = [350] in {where}" in told
    design = design_of(changed(tree(), (*path, "missing"), [350]))
    assert trial_data(labelled(table, **{column: given}), design).warnings == ()


@pytest.mark.parametrize("code", [9999999, 99999999.0, 999999.5, -9999998])
def test_a_long_code_is_told_with_all_its_digits(code):
    """The remedy names the code itself, not its first six digits."""
    table = wide()
    table["age"] = table["age"].astype(float)
    table.loc[[3, 8], "age"] = code
    labels = {"age": {code: "onbekend"}}
    (told,) = faults(labelled(table, **labels))
    (remedy,) = re.findall(r"say missing = \[([^]]+)\] in covariate", told)

    assert float(remedy) == code
    design = design_of(changed(tree(), ("covariate", 0, "missing"), [float(remedy)]))
    assert trial_data(labelled(table, **labels), design).warnings == ()


def test_a_label_that_no_cell_has_is_not_asked_about():
    assert trial_data(labelled(stay={9999: "onbekend"}), wide_design()).warnings == ()


def test_a_cluster_or_a_level_may_be_labelled_as_unknown():
    """The cluster is asked for; a level that the design names is one."""
    table = wide().assign(practice=np.arange(24) % 4)
    (told,) = faults(labelled(table, practice={3: "unknown"}))
    assert told.endswith("give the cluster of these rows")

    table = wide().assign(region=["north", "x", "x"] * 8)
    design = design_of(changed(tree(), ("covariate", 1, "levels"), ["north", "x"]))
    assert trial_data(labelled(table, region={"x": "unknown"}), design).covariate_names[1] in {
        "region = x",
        "region = north",
    }
    undeclared = design_of(changed(tree(), ("covariate", 1, "levels"), None))
    (told,) = faults(labelled(table, region={"x": "unknown"}), undeclared)
    assert 'say missing = ["x"] in covariate[1], or name it in its levels' in told


def test_a_missing_code_with_another_label_is_doubted():
    """As the dead, whose utility is 0."""
    table = wide()
    table.loc[[3, 8], "u12"] = 77
    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always", StatisticalWarning)
        trial_data(labelled(table, u12={77: "overleden"}), wide_design())

    assert [str(each.message) for each in warned] == [
        "column 'u12' holds the code 77, which means missing by the design and 'overleden' by the file's label"
    ]


@pytest.mark.parametrize(
    "label", ["geen onbekende", "not unknown", "weinig", "north", "invalide", "naam", "0", "missie"]
)
def test_other_labels_do_not_say_missing(label):
    assert not is_missing_label(label)


# Levels and numbers ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("levels", [["north", "south"], ["South", " north"]])
def test_levels_are_given_by_label(levels):
    table = wide()
    table["region"] = [{"north": 1, "south": 2}[each] for each in table["region"]]
    found = trial_data(
        labelled(table, region={1: "North", 2: "South"}), design_of(changed(tree(), ("covariate", 1, "levels"), levels))
    )
    expected = trial_data(wide(), wide_design())

    assert np.array_equal(found.covariates, expected.covariates, equal_nan=True)
    assert found.covariate_names[1].strip().casefold() == expected.covariate_names[1].replace(
        "= ", f"= {' ' if ' north' in levels else ''}"
    )


def test_unknown_levels_name_the_labels():
    table = wide().assign(region=[1, 2] * 12)
    (told,) = faults(labelled(table, region={1: "east", 2: "west"}))

    assert told.endswith("got another than covariate.levels has; the file's labels are 'east', 'west'")


FIVE = ("no problems", "slight problems", "moderate problems", "severe problems", "extreme problems")


@pytest.mark.parametrize(
    ("labels", "told"),
    [
        (dict(enumerate(FIVE, start=1)), None),
        (dict(enumerate(FIVE[::-1], start=1)), "must have its best answer as 1, got the label 'no problems' on 5"),
        (dict(enumerate(FIVE)), "must have its best answer as 1, got the label 'no problems' on 0"),
        (
            {1: "Geen problemen", 2: "Enige problemen", 3: "Bedlegerig"},
            "must have its worst answer as 5, got the label 'Bed",
        ),
        ({1: "I have no pain", 5: "I have extreme pain", 9: "no answer"}, None),
        ({1: "1", 5: "5"}, None),
    ],
)
def test_labels_of_an_item_tell_its_order(labels, told):
    """Reversed, counted from 0, or of the version with three levels, every answer would be another."""
    design, table = with_states("items")
    if told is None:
        assert trial_data(labelled(table, mo0=labels), design).warnings == ()
        return
    found = faults(labelled(table, mo0=labels), design)

    assert found[0].startswith(f"column 'mo0': {told}")


def test_dutch_and_english_levels_are_told_apart():
    assert says_best("Ik ben niet angstig of somber")
    assert says_best("I am not anxious or depressed")
    assert says_worst("Ik ben niet in staat om te lopen")
    assert not says_best("Ik ben niet in staat om te lopen")
    assert not says_best("I am unable to wash")
    assert not says_worst("ernstige problemen")


@pytest.mark.parametrize(
    ("column", "labels", "refused"),
    [
        ("physio_3", {3: "2"}, True),
        ("physio_3", {3: "3 keer"}, False),
        ("physio_3", {3: "3-5"}, True),
        ("physio_3", {3: "10 of meer"}, True),
        ("physio_3", {3: "nee"}, True),
        ("physio_3", {0: "nooit"}, False),
        ("physio_3", {99: "2"}, False),
        ("age", {50: "49"}, True),
        ("u3", {1: "0.85"}, True),
        ("u3", {1: "full health"}, False),
        ("age", {50: "50-59"}, False),
    ],
)
def test_a_code_that_stands_for_another_number_is_refused(column, labels, refused):
    """Or for a class of numbers, or for none; a class of a covariate is a number as good as another."""
    table = wide()
    table.loc[[3, 8], column] = next(iter(labels)) if next(iter(labels)) != 99 else 4
    if not refused:
        assert trial_data(labelled(table, **{column: labels}), wide_design()).arm.size == 24
        return
    (told,) = faults(labelled(table, **{column: labels}))

    assert told.startswith(f"column {column!r}: must hold numbers, got code")
    assert f"which the file labels {next(iter(labels.values()))!r}" in told


@pytest.mark.parametrize("given", [3, {"arm": 3}, ["x"]])
def test_labels_that_are_none_are_refused(given):
    table = wide()
    table.attrs["value_labels"] = given
    with pytest.raises(InputError, match=r"attrs\[\"value_labels\"\] of the table must be a dict of columns"):
        trial_data(table, wide_design())


def test_columns_whose_names_are_alike_as_text_are_refused():
    table = wide().assign(**{"1": 1})
    table[1] = 2
    with pytest.raises(InputError, match="table must have a name of its own for every column"):
        trial_data(table, wide_design())


def test_labels_that_are_codes_cannot_be_given():
    """To name one in arm.values would name the code; without labels the codes stand."""
    table = labelled(arm={0: "1", 1: "0"})
    for given in ({"surgery": 0, "exercise": 1}, {"surgery": "0", "exercise": "1"}):
        found = faults(table, by_values(given))
        assert found[0].endswith(
            "labels that are themselves codes contradict any design: mend or remove the labels in the file"
        )
    table.attrs.clear()
    assert trial_data(table, by_values({"surgery": 0, "exercise": 1})).arm.size
