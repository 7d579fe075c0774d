"""Anything at all in a dossier: faults are told in words, and no other exception comes out."""

from __future__ import annotations

import copy
import datetime as dt
import tomllib
import warnings
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import examples

import hecon
from hecon import dossier
from hecon.dossier import FOLDER
from hecon.dossier.loading import Dossier, faults_between
from hecon.errors import HeconError, StatisticalWarning
from hecon.files.parts import validated
from hecon.files.toml import frozen


def tree_of(name):
    """Return the parsed tree of a packaged dossier."""
    path = FOLDER / f"{name}.toml"
    return tomllib.loads(path.read_text(encoding="utf-8"), parse_float=Decimal)


def places(node, *steps):
    """Yield the steps to every value of a tree."""
    if steps:
        yield steps
    for step, value in node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ():
        yield from places(value, *steps, step)


TREES = {name: tree_of(name) for name in dossier.names()}
PLACES = [(name, steps) for name, tree in TREES.items() for steps in places(tree)]
GONE = object()
VALUES = [
    GONE, 1, 0, -1, 10**30, 10**400, 1 << 20_000, True, False, "", "x", "\x00", "12.300", "not reported", [], [1],
    [2, 1], [1, 2, 3], ["a", "b"], [[1, 2], [3, 4]], [{}], {}, {"a": 1}, {"kind": {}}, Decimal("0.5"), Decimal("nan"),
    Decimal("inf"), Decimal("-inf"), Decimal("1e400"), Decimal("1e-400"), Decimal("1e1000000"), Decimal("0e1000000"),
    [Decimal("inf"), 1], dt.date(2024, 1, 1),
    dt.datetime(2024, 1, 1, 1, tzinfo=dt.UTC), dt.time(1), 1.5, float("nan"),
]  # fmt: skip


def changed(name, steps, value):
    """Return a tree with one value replaced or gone."""
    tree = copy.deepcopy(TREES[name])
    node = tree
    for step in steps[:-1]:
        node = node[step]
    if value is GONE:
        del node[steps[-1]]
    else:
        node[steps[-1]] = value
    return frozen(tree)


def check_told(tree):
    """Assert that a tree is either sound or its faults are told, each with a path that begins in the file."""
    faults = validated(tree, Dossier, faults_between)[1]
    if not faults:
        Dossier.model_validate(tree)
    for path, message in faults:
        top = path.split(".", maxsplit=1)[0].split("[", maxsplit=1)[0]
        assert message, path
        assert top in {*tree, *Dossier.model_fields}, path
        assert not {"tuple", "dict", "Decimal", "pydantic", "instance", "None"} & set(message.split()), path


@pytest.mark.parametrize(
    ("steps", "value", "told"),
    [
        (("figure", 0, "value"), "12.300", "figure[0].value: must be a number without quotes"),
        (("figure", 0, "value"), 10**31, "got a number beyond 1e30"),
        (("document", 0, "id"), 1, "document[0].id: must be text in quotes"),
        (("budget", "population", 0), "x", "budget.population[0]: must be a table"),
        (("budget", "population"), {"x": 1}, "budget.population: must be a list"),
    ],
)
def test_the_wrong_kind_of_value_is_told_in_words(steps, value, told):
    """Where one value stands for another kind, the checks of what goes together pass it over."""
    tree = changed("copd", steps, value)

    check_told(tree)
    assert [fault for fault in validated(tree, Dossier, faults_between)[1] if told in ": ".join(fault)]


@pytest.mark.parametrize(
    "steps",
    [
        ("burden", "band"),
        ("note", "criteria", "effectiveness", "judgement"),
        ("note", "study", 0, "instruments"),
        ("note", "margin", 0, "instrument"),
        ("comparison", 0, "currency"),
    ],
)
@pytest.mark.parametrize("value", [{}, [{}], ({},)])
@pytest.mark.no_cover
def test_a_table_where_a_word_is_looked_up_is_told_in_words(steps, value):
    """What no set can hold is looked up without one."""
    check_told(changed("acl-rupture", steps, value))


@pytest.mark.parametrize("name", TREES)
@pytest.mark.no_cover
def test_a_document_whose_id_is_a_table_is_told_in_words(name):
    """What no set can hold is a fault too, wherever documents are looked up."""
    if TREES[name].get("document"):
        check_told(changed(name, ("document", 0, "id"), ({},)))


@pytest.mark.slow
@examples(200)
@given(st.sampled_from(PLACES), st.sampled_from(VALUES))
def test_any_value_anywhere_is_told_in_words(place, value):
    """Whatever is deleted or put in place of any value, nothing but lines of faults comes out."""
    check_told(changed(*place, value))


@pytest.mark.slow
@examples(100)
@given(st.lists(st.tuples(st.sampled_from(PLACES), st.sampled_from(VALUES[1:])), min_size=2, max_size=6))
def test_several_faults_anywhere_are_told_in_words(changes):
    """Faults in several places at once do not hide behind an exception either."""
    name = changes[0][0][0]
    tree = copy.deepcopy(TREES[name])
    for (other, steps), value in changes:
        if other != name:
            continue
        node = tree
        try:
            for step in steps[:-1]:
                node = node[step]
            node[steps[-1]] = value
        except (KeyError, IndexError, TypeError):
            continue  # an earlier change took the place away

    check_told(frozen(tree))


@pytest.mark.slow
@examples(25)
@given(
    st.sampled_from(
        [place for place in PLACES if place[1][-1] in {"value", "mean", "wtp", "threshold"} or "ci" in place[1]]
    ),
    st.one_of(st.integers(-(10**6), 10**6), st.decimals(allow_nan=False, allow_infinity=False, places=3)),
)
def test_a_dossier_that_loads_is_assessed_or_refused_in_words(place, value):
    """A figure changed to any other gives an assessment or an error of hecon's own."""
    tree = changed(*place, value)
    if validated(tree, Dossier, faults_between)[1]:
        return
    # A figure may be doubtful: an effect of centuries, say.
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", StatisticalWarning)
        try:
            found = hecon.assess(Dossier.model_validate(tree), n_draws=10)
        except HeconError as error:
            found = error

    assert str(found)
