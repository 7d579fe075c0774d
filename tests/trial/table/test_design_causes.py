"""Faults of a design fold by cause, and hint at the key or the table that mends them."""

from __future__ import annotations

import copy

import pytest
from effect_trials import QALYS, tree_of, written

from hecon.errors import DossierError, TrialError
from hecon.files import toml
from hecon.trial import read_design, trial_data
from hecon.trial.table.design import design_of


def many(count, **keys):
    """Return a design of so many costs, with other keys in each; None takes one out."""
    whole = tree_of(QALYS)
    first = whole["cost"][0]
    whole["cost"] = []
    for place in range(count):
        cost = copy.deepcopy(first) | {"category": f"care {place}", "columns": [f"cost_{place}"]} | keys
        whole["cost"].append({key: each for key, each in cost.items() if each is not None})
    whole["perspective"] = {"societal": [f"care {place}" for place in range(count)]}
    return whole


def faults(whole):
    with pytest.raises(TrialError) as caught:
        design_of(whole)
    return caught.value.faults


def test_one_key_that_many_lack_is_one_fault():
    """The first places are named, all are counted, and what it says mends it."""
    (told,) = faults(many(12, price_year=None))

    assert told.startswith("12 places (cost[0].price_year, cost[1].price_year, ")
    assert told.endswith(
        "cost[9].price_year and 2 more): is missing: say of which year the price or the amounts are, "
        "as in price_year = 2022"
    )
    assert len(design_of(many(12, price_year=2022)).cost) == 12


def test_in_a_file_the_line_is_that_of_the_first(tmp_path):
    """Where its [[cost]] begins."""
    whole = many(5)
    costs = whole.pop("cost")
    text = written(tmp_path / "design.toml", whole).read_text(encoding="utf-8")
    for cost in costs:
        del cost["price_year"]
        own = written(tmp_path / "cost.toml", cost).read_text(encoding="utf-8")
        text += f"[[cost]]\n{own}"
    path = tmp_path / "design.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(TrialError) as caught:
        read_design(path)

    assert caught.value.lines == (text.splitlines().index("[[cost]]") + 1,)
    assert caught.value.faults[0].startswith("5 places (cost[0].price_year, ")
    assert "has 1 fault:" in str(caught.value)


@pytest.mark.parametrize("count", [1, 2])
def test_few_are_told_one_by_one(count):
    """Two places are two lines, as two columns of a table are."""
    told = faults(many(count, price_year=None))

    assert [each.partition(":")[0] for each in told] == [f"cost[{place}].price_year" for place in range(count)]


def test_other_messages_and_keys_are_other_causes():
    """A value that differs is told where it stands; so is another key of the same list."""
    whole = many(4, price_year=None)
    for place, cost in enumerate(whole["cost"]):
        cost |= {"periods": [[0, 24 + place]]}
    whole["cost"][3]["absence"] = {"hours_per_week": 200}
    told = faults(whole)

    assert sum(each.startswith("4 places (cost[0].price_year") for each in told) == 1
    assert [each for each in told if ".periods" in each] == [
        f"cost[{place}].periods[0]: must end by the last month of the effect, 12, got {24 + place}"
        for place in range(4)
    ]
    assert sum("hours_per_week" in each for each in told) == 1


def test_an_unknown_key_in_many_is_one_fault():
    """With the key that was meant."""
    (told,) = faults(many(6, prise_year=2022))

    assert told.startswith("6 places (cost[0].prise_year, ")
    assert told.endswith("is not a key of this table: did you mean 'price_year'?")


@pytest.mark.parametrize(
    ("table", "key", "value", "hint"),
    [
        ("table", "price_year", 2022, "it is one of [[cost]] or [analysis]"),
        ("table", "value_set", "nl-5l-2016", "it is one of [utility]"),
        ("analysis", "title", "Knee", "it is a key of the file itself: move it above the first [table]"),
        ("table", "covariate", [{"column": "age"}], "it is a table of its own, [[covariate]]"),
        ("table", "death", {"month": "died"}, "it is a table of its own, [death]"),
        ("analysis", "discount_costs", 0.03, "did you mean 'discount_cost'?"),
        ("table", "colour", "red", "remove it; the keys are layout, patient"),
    ],
)
def test_a_key_in_the_wrong_table_is_told_where_it_belongs(table, key, value, hint):
    """A slip of the pen is one first; in TOML a key belongs to the table above it."""
    whole = tree_of(QALYS)
    whole[table][key] = value
    (told,) = faults(whole)

    assert told.startswith(f"{table}.{key}: is not a key of this table: {hint}")


def test_columns_that_the_table_lacks_are_one_fault():
    """Those without a name like theirs; a near name is a hint of its own."""
    design = design_of(many(5))
    table = {"id": [*range(12)], "arm": ["usual", "new"] * 6, "u0": [0.5, 0.6] * 6, "qaly": [0.5, 0.6] * 6}
    with pytest.raises(TrialError) as caught:
        trial_data({**table, "cots_4": [1.0, 2.0] * 6}, design)

    assert "column 'cost_4': is missing from the table; did you mean 'cots_4'?" in caught.value.faults
    with pytest.raises(TrialError) as caught:
        trial_data(table, design)
    assert caught.value.faults == (
        "5 columns ('cost_0', 'cost_1', 'cost_2', 'cost_3', 'cost_4'): each is missing from the table",
    )


def test_every_file_of_toml_folds_alike():
    """A dossier as a design does."""
    file = toml.read(b"[[visit]]\n[[visit]]\n[[visit]]\n", "knee.toml", DossierError)
    with pytest.raises(DossierError) as caught:
        file.refuse([(f"visit[{place}].month", "is missing: add it") for place in range(3)])

    assert caught.value.located == [
        "line 1: 3 places (visit[0].month, visit[1].month, visit[2].month): is missing: add it"
    ]
