"""Designs: what is read, what is put in place, and every fault at once with its path."""

from __future__ import annotations

import copy
import pickle
from typing import get_args

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError
from pydantic.fields import FieldInfo
from trial_tables import WIDE, changed, long_tree, tree

from hecon import rulesets
from hecon.dossier import loading
from hecon.errors import InputError, TrialError
from hecon.files import parts
from hecon.rulesets import ruleset
from hecon.trial.table import design_keys as records
from hecon.trial.table.design import Design, design_of, read_design


def faults(whole):
    """Return the faults with which a tree is refused."""
    with pytest.raises(TrialError) as caught:
        design_of(whole)
    return caught.value.faults


def spoilt(path, value, *, of=tree):
    return faults(changed(of(), path, value))


def test_a_file_gives_the_design_that_python_gives(tmp_path):
    """The keys of the file are the names of the parameters."""
    file = tmp_path / "knee.toml"
    file.write_bytes(b"\xef\xbb\xbf" + WIDE.encode())
    parts = tree()
    made = Design(
        **parts
        | {
            "table": records.DataTable(**parts["table"]),
            "arm": records.Arm(**parts["arm"]),
            "utility": records.Utility(**parts["utility"]),
            "cost": [
                records.Cost(**{**each, "absence": records.Absence(**each["absence"])})
                if "absence" in each
                else records.Cost(**each)
                for each in parts["cost"]
            ],
            "covariate": tuple(records.Covariate(**each) for each in parts["covariate"]),
            "cluster": records.Cluster(**parts["cluster"]),
            "dates": records.Dates(**parts["dates"]),
            "analysis": records.Analysis(**parts["analysis"]),
        }
    )

    assert read_design(file) == read_design(str(file)) == design_of(tree()) == made
    # Two of these stand in the place of the utility; a subgroup stands not beside clusters.
    assert set(Design.model_fields) - {"effect", "costs_alone", "subgroup"} == set(parts)


def test_defaults_are_put_in_place():
    """Periods are the spans between the times; the rates are those of the guideline of 2024."""
    whole = tree()
    whole["analysis"] = {"price_year": 2024}
    for key in ("title", "simulated", "cluster", "dates", "death", "covariate"):
        del whole[key]
    found = design_of(whole)

    assert found.strategies == ("surgery", "exercise")
    assert [cost.periods for cost in found.cost] == [
        ((0, 3), (3, 6), (6, 12)),
        ((0, 6),),
        ((0, 3), (3, 6), (6, 12)),
    ]
    assert (found.analysis.discount_cost, found.analysis.discount_effect) == (None, None)
    assert found.analysis.rates(ruleset()) == (0.03, 0.015)
    assert found.analysis.regressors == "same"
    assert (found.title, found.simulated, found.covariate, found.cluster) == ("", False, (), None)
    assert design_of(long_tree()).utility.columns == "u"


def test_a_design_does_not_change():
    with pytest.raises(ValidationError, match="frozen"):
        design_of(tree()).name = "other"


def test_numbers_of_numpy_are_numbers():
    whole = changed(tree(), ("analysis", "price_year"), np.int64(2023))
    whole["utility"]["months"] = list(np.array([0, 3, 6, 12]))

    assert type(design_of(whole).analysis.price_year) is int
    assert design_of(whole).utility.months == (0.0, 3.0, 6.0, 12.0)


@pytest.mark.parametrize(
    ("path", "value", "fault"),
    [
        (("format",), None, "format: is missing: add format = 1"),
        (("format",), True, "format: must be 1, the only format so far, got true"),
        (
            ("name",),
            "Knee",
            "name: must be lower-case letters and digits joined by hyphens, as in acl-rupture, got",
        ),
        (("simulated",), 1, "simulated: must be true or false without quotes, got 1"),
        (("tabel",), 1, "tabel: is not a key of this table: did you mean 'table'?"),
        (("arm", "colum"), "x", "arm.colum: is not a key of this table: did you mean 'column'?"),
        (("table",), "wide", "table: must be a table with layout and patient, got 'wide'"),
        (("table", "layout"), "tall", "table.layout: must be 'wide' or 'long', got 'tall'"),
        (("table", "time"), "month", "table.time: must be left out: a wide table has one row per patient"),
        (("table", "patient"), " ", "table.patient: must not be empty, got ' '"),
        (("table", "missing"), -99, "table.missing: must be a list of numbers and texts, as in [-99], got -99"),
        (("table", "thousands"), ",", "table.thousands: must differ from the decimal mark, got ',' for both"),
        (("table", "thousands"), "_", "table.thousands: must be '.', ',', ' ', \"'\" or 'none', got '_'"),
        (("table", "separator"), "||", "table.separator: must be one character, got '||'"),
        (("arm", "interventions"), ["surgery"], "arm.interventions[0]: must not be the comparator, got 'surgery'"),
        (("arm", "interventions"), ["exercise"] * 2, "arm.interventions[1]: must be unique, got 'exercise' again"),
        (("arm", "interventions"), [], 'arm.interventions: must be a list of texts, as in ["one", "two"], got 0'),
        (("arm", "values", "exercise"), "0", "arm.values.surgery: must be a value of its own, got 0.0 for two"),
        (("arm", "values", "exercise"), None, "arm.values.exercise: is missing: say what stands in the column"),
        (("arm", "values", "rest"), 3, "arm.values.rest: must be a strategy; known: surgery, exercise"),
        (("covariate", 0, "kind"), "text", "covariate[0].kind: must be 'number' or 'category', got 'text'"),
        (("covariate", 0, "levels"), [1, 2], "covariate[0].levels: must be left out of a number: a category has"),
        (("covariate", 1, "levels"), ["north"], "covariate[1].levels: must be two at least, got one"),
        (("covariate", 1, "levels"), [1, "1.0"], "covariate[1].levels[1]: must be unique, got '1.0' again"),
        (("covariate", 0, "adjusts"), ["costs"], "covariate[0].adjusts[0]: must be 'cost' or 'effect', got"),
        (("covariate", 0, "column"), "patient", "covariate[0].column: must be a column of its own, got 'patient'"),
        (("covariate", 0, "column"), "u12", "covariate[0].column: must be a column of its own, got 'u12', which"),
        (("cost", 0, "baseline"), "u0", "cost[0].baseline: must be a column of its own, got 'u0', which utility"),
        (("cost", 0, "columns", 1), "physio_3", "cost[0].columns: must be a column of its own, got 'physio_3'"),
        (("utility", "months"), [1, 3, 6, 12], "utility.months: must begin with 0, the baseline, or the utility"),
        (("utility", "months"), [0, 6, 3, 12], "utility.months[2]: must increase, got 3 after 6"),
        (("utility", "months"), [0], "utility.months: must be a list of months, as in [0, 3, 6], got 1 of them"),
        (("utility", "months"), [0, -3], "utility.months[1]: must be a number of months, at least 0, without quotes"),
        (
            ("utility", "value_set"),
            "nl-5l",
            "utility.value_set: must be one of hecon.eq5d.value_sets(), got 'nl-5l'; did you",
        ),
        (("utility", "states"), ["a"] * 4, "utility: must have one of columns, states and items, got columns and"),
        (("utility", "columns"), None, "utility: must have one of columns, states and items, got none"),
        (("utility", "columns"), ["u0"], "utility.columns: must be given for every month, got 1 for 4"),
        (("utility", "columns"), "u", "utility.columns: must be a list with one for every month of a wide table"),
        (("cost", 0, "columns"), ["a"], "cost[0].columns: must be one per period, got 1 for 3: say which months"),
        (("cost", 0, "columns"), None, "cost[0].columns: is missing: a wide table has one per period"),
        (("cost", 0, "column"), "a", "cost[0].column: must be left out: a wide table has columns, one per period"),
        (("cost", 1, "periods"), [[6, 0]], "cost[1].periods[0]: must end after it starts, got 6 to 0"),
        (("cost", 1, "periods"), [[0, 3, 6]], "cost[1].periods[0]: must be a pair of months, as in [0, 3], got 3"),
        (("cost", 1, "periods"), [[0, 18]], "cost[1].periods[0]: must end by the last month of the effect, 12"),
        (("cost", 2, "periods"), [[0, 3], [4, 6], [6, 12]], "cost[2].periods[1]: must start where the one before"),
        (("cost", 2, "periods"), [[0, 3], [2, 6], [6, 12]], "cost[2].periods[1]: must start where the one before"),
        (("cost", 1, "category"), "absence", "cost[2].periods: must be those of the other costs of the category"),
        (("cost", 0, "price"), "Fysio", "cost[0].price: name must be that of a reference price, got 'Fysio'; near"),
        (("cost", 0, "price"), -1, "cost[0].price: must be a number of at least 0 without a thousands point"),
        (("cost", 0, "price_year"), 2022, "cost[0].price_year: must be left out: a reference price knows its own"),
        (("cost", 1, "price_year"), None, "cost[1].price_year: is missing: say of which year"),
        (("cost", 1, "price_year"), 1950, "cost[1].price_year: price_year must be a year from 2012 to 2024"),
        (("cost", 1, "price_year"), "2020", "cost[1].price_year: must be a year from 1900 to 2100 without quotes"),
        (("cost", 2, "price"), None, "cost[2].price: is missing: hours of absence need a price per hour"),
        (("cost", 2, "absence", "hours_per_week"), 169, "cost[2].absence.hours_per_week: must be a number above 0"),
        (("cost", 2, "absence", "weeks"), 0, "cost[2].absence.weeks: must be a number above 0, got 0"),
        (("cost",), [], "cost: must be a list of tables, each beginning with [[cost]], got 0 of them"),
        (("perspective",), {}, 'perspective: must be a table of lists, as in healthcare = ["hospital"], got nothing'),
        (("perspective", "societal", 1), "hospitl", "perspective.societal[1]: must be a category of a [[cost]], got"),
        (("perspective", "healthcare", 1), "physiotherapy", "perspective.healthcare[1]: must be unique, got"),
        (("analysis", "regressors"), "sur", "analysis.regressors: must be 'same' or 'own', got 'sur'"),
        (("analysis", "discount_cost"), 3, "analysis.discount_cost: must be a fraction in [0, 1), as in 0.03, got 3"),
        (("analysis", "price_year"), 2050, "cost[1].price_year: to_year must be a year from 2012 to 2024"),
    ],
)
def test_a_fault_is_told_with_its_path(path, value, fault):
    """Whatever else follows from it."""
    assert any(each.startswith(fault) for each in spoilt(path, value)), spoilt(path, value)


@pytest.mark.parametrize(
    ("path", "value", "fault"),
    [
        (("table", "time"), None, "table.time: is missing: a long table needs the column of the time"),
        (("utility", "columns"), ["u"], "utility.columns: must be the name of one column: a long table has one"),
        (("cost", 0, "columns"), ["a"], "cost[0].columns: must be left out: a long table has column, only one"),
    ],
)
def test_a_long_table_has_one_column_for_all_times(path, value, fault):
    assert any(each.startswith(fault) for each in spoilt(path, value, of=long_tree))


def test_states_and_items_need_a_value_set_and_five_columns():
    whole = changed(tree(), ("utility",), {"months": [0, 6], "items": [["a", "b", "c", "d", "e"], ["f", "g"]]})
    whole["cost"] = whole["cost"][1:2]
    whole["perspective"] = {"societal": ["hospital"]}
    whole["cost"][0]["periods"] = [[0, 6]]

    shape, value_set = faults(whole)
    assert shape == "utility.items[1]: must be a list of five columns, got 2 of them"
    assert value_set == (
        "utility.value_set: is missing: items need one; hecon.eq5d.value_sets() lists those that there are"
    )


def test_a_gap_between_two_costs_of_a_category_is_a_fault():
    """Costs in it would count as 0 without a word."""
    whole = tree()
    whole["cost"][1:] = [
        {"category": "hospital", "columns": [name], "periods": [span], "price_year": 2020}
        for name, span in (("early", [0, 3]), ("late", [6, 12]))
    ]
    whole["perspective"] = {"all": ["physiotherapy", "hospital"]}

    assert faults(whole) == ("cost: must leave no gap within 'hospital', got none from month 3 to 6",)


def test_a_count_may_be_priced_twice():
    """Visits have a price, and so has the travel."""
    whole = tree()
    whole["cost"].append(whole["cost"][0] | {"price": 5, "price_year": 2022})

    assert len(design_of(whole).cost) == 4


def test_a_category_in_no_perspective_is_a_fault():
    whole = changed(tree(), ("perspective", "societal"), ["hospital", "absence"])
    whole["perspective"]["healthcare"] = ["hospital"]

    assert faults(whole) == ("perspective: must count every category once at least, got 'physiotherapy' in none",)


def test_a_fault_is_told_once_and_all_are_told_together():
    """A value that is wrong is not said to be missing as well."""
    whole = changed(tree(), ("cost", 1, "price_year"), "2020")
    whole["cost"][2]["price"] = [1]
    whole["utility"]["columns"] = 3
    whole["arm"]["comparator"] = 1

    assert [fault.partition(":")[0] for fault in faults(whole)] == [
        "arm.comparator",
        "utility.columns",
        "cost[1].price_year",
        "cost[2].price",
    ]


def test_a_design_in_python_has_its_faults_told_alike():
    whole = changed(tree(), ("utility", "months"), [0, 6, 3, 12])
    with pytest.raises(TrialError) as caught:
        Design(**whole)
    assert caught.value.faults == faults(whole)
    assert caught.value.name == "knee"
    assert str(caught.value).startswith("trial knee has ")


@pytest.mark.parametrize(
    ("build", "fault"),
    [
        (lambda: records.DataTable(layout="tall", patient="id"), "table.layout: must be 'wide' or 'long', got 'tall'"),
        (lambda: records.DataTable(layout="wide"), "table.patient: is missing: add it"),
        (
            lambda: records.Cost(category="x", colum="a"),
            "cost.colum: is not a key of this table: did you",
        ),
        (lambda: records.Cost(category="x", absence={"hours_per_week": 0}), "cost.absence.hours_per_week: must be a"),
        (lambda: design_of(tree()).replace(name="A"), "name: must be lower-case letters and digits joined by hyphens"),
        (lambda: design_of(tree()).replace(table={"layout": "wide"}), "table.patient: is missing: add it"),
        (lambda: design_of(tree()).arm.replace(interventions=[]), "arm.interventions: must be a list of texts, as in"),
    ],
)
def test_a_part_is_refused_where_it_is_built(build, fault):
    """With the path that it will have, or as part of the whole."""
    with pytest.raises(TrialError) as caught:
        build()
    (told,) = caught.value.faults
    assert told.startswith(fault)


def test_a_copy_has_other_values():
    """Lists become tuples, and what Python's own copies are told is checked as well."""
    whole = design_of(tree())
    other = whole.replace(table=whole.table.replace(missing=[1, "x"]), title="Other")

    assert (other.table.missing, other.title, other.cost) == ((1.0, "x"), "Other", whole.cost)
    assert hash(other.table) != hash(whole.table)
    assert copy.deepcopy(whole) == pickle.loads(pickle.dumps(whole)) == whole.replace() == whole  # noqa: S301


def test_what_is_left_out_may_be_none():
    """As dataframes and forms give it; a key that is none is told all the same."""
    assert design_of(tree() | {"title": None, "covariate": None}).covariate == ()
    assert faults(tree() | {"odd": None})[0].startswith("odd: is not a key of this table: remove it; the keys are name")


def test_periods_at_fault_are_not_filled_in():
    """What the default would be at fault with is not told."""
    whole = changed(tree(), ("cost", 1, "periods"), [[0, "6"]])
    assert [each.partition(":")[0] for each in faults(whole)] == ["cost[1].periods[0][1]"]


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=8,
)
PATHS = [
    *((key,) for key in tree()),
    *((part, key) for part in ("table", "arm", "utility", "analysis", "cluster") for key in tree()[part]),
    *(("cost", place, key) for place in range(3) for key in tree()["cost"][place]),
    *(("covariate", 1, key) for key in tree()["covariate"][1]),
]


@pytest.mark.slow
@given(spoils=st.lists(st.tuples(st.sampled_from(PATHS), VALUES), min_size=1, max_size=3))
def test_anything_in_a_design_is_read_or_refused(spoils):
    """No value of any kind breaks the checks themselves."""
    whole = tree()
    for path, value in sorted(spoils, key=lambda spoil: -len(spoil[0])):
        whole = changed(whole, path, value) if value is not None else whole
    told = ["name: read"]
    try:
        design_of(whole)
    except TrialError as error:
        told = error.faults

    assert told
    assert all(": " in fault for fault in told)


# Files ----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        (WIDE.replace("price = 40\n", "price = 40.500\n"), "cost[2].price: must be a number of at least 0 without"),
        ("name = ", "the file must be TOML: Invalid value (at end of document). Text stands in quotes"),
        (b"\xff\xfe", "the file must be text in UTF-8: save it so"),
        ("x = 1" + "0" * 5000, "line 1 must hold numbers of a possible size"),
        ("x = " + "[" * 5000, "the file must hold no lists or tables nested hundreds deep"),
        ("", "name: is missing: add it"),
    ],
)
def test_a_file_that_is_no_design_is_refused(tmp_path, content, fault):
    """The error bears the path of the file; the Dutch 40.500 is not taken for 40.5."""
    file = tmp_path / "some.toml"
    file.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(TrialError) as caught:
        read_design(file)

    assert caught.value.name == str(file)
    assert caught.value.faults[0].startswith(fault)


@pytest.mark.parametrize("path", ["nowhere.toml", "\0", "x" * 400, 3, None])
def test_what_is_no_file_is_refused(path):
    with pytest.raises(InputError, match=r"^design must be (a file that can be read|the path of a TOML file), got "):
        read_design(path)


def test_what_is_no_tree_is_refused():
    with pytest.raises(InputError, match=r"^tree must be a mapping with the keys of a design, got a list"):
        design_of([1])


def test_a_key_with_a_dot_is_told_in_quotes_with_its_line(tmp_path):
    """What is at fault in it does not hide what is at fault beside it."""
    file = tmp_path / "knee.toml"
    text = WIDE.replace("\n[perspective]\n", '\n[perspective]\n"healthcare.all" = [3]\n')
    assert text != WIDE
    file.write_text(text.replace('\nhealthcare = ["', '\nhealthcare = ["no", "'), encoding="utf-8")
    line = text.split("\n").index("[perspective]") + 2

    with pytest.raises(TrialError) as caught:
        read_design(file)

    first, second = caught.value.faults
    assert first == 'perspective."healthcare.all"[0]: must be text in quotes, got 3'
    assert second.startswith("perspective.healthcare[0]: must be a category of a [[cost]], got 'no'")
    assert caught.value.lines[0] == line
    assert caught.value.lines[1] > line


def test_a_default_of_a_dossier_is_none_of_a_design():
    """Up to pydantic 2.11 a plain default of a field marked the type that it shares, and other fields had it too."""
    assert loading.Dossier.model_fields["rules"].default == rulesets.DEFAULT
    shared = [each for each in get_args(parts.Words) if isinstance(each, FieldInfo)]

    assert ["default" in each._attributes_set for each in shared] == [False]
    assert records.DataTable.model_fields["patient"].is_required()
