"""Tests of the schema engine: what it says of lists and tables of plain values, and what it leaves beside faults."""

from __future__ import annotations

from typing import Annotated

import pytest
from pydantic import Field

from hecon.files import parts

Names = Annotated[tuple[parts.Words, ...], parts.listed('a list of names, as in ["a", "b"]', at_most=2)]


class Leg(parts.Part):
    """A table within a list."""

    side: parts.Words
    months: tuple[parts.Number, ...] = ()


class Body(parts.Part):
    """A file with a table whose keys are names of its own."""

    name: parts.Words
    leg: tuple[Leg, ...] = ()
    main: Leg | None = None
    group: dict[parts.Words, Names] = Field(default_factory=dict)


def told(**tree):
    return parts.validated(tree, Body)[1]


@pytest.mark.parametrize(
    ("value", "fault"),
    [
        ("a", """must be a list of names, as in ["a", "b"], got 'a'"""),
        ((), 'must be a list of names, as in ["a", "b"], got 0 of them'),
        (("a",) * 3, 'must be a list of names, as in ["a", "b"], got 3 of them'),
    ],
)
def test_a_list_may_have_words_and_sizes_of_its_own(value, fault):
    assert told(name="x", group={"one": value}) == [("group.one", fault)]


def test_the_keys_of_a_table_may_be_those_of_a_part():
    """A group named as the tables of the file are is no such table."""
    assert told(name="x", group={"leg": 3, "main": (3,)}) == [
        ("group.leg", 'must be a list of names, as in ["a", "b"], got 3'),
        ("group.main[0]", "must be text in quotes, got 3"),
    ]


def test_a_key_that_is_blank_is_told_at_its_table():
    assert told(name="x", group={" ": ("a",)}) == [("group", "must have keys of non-empty text, got ' '")]


def test_an_outline_holds_what_is_not_at_fault():
    """Values as they are in the tree, defaults in place; what is at fault, missing or no table is None."""
    tree = {
        "name": 3,
        "odd": 1,
        "leg": ({"side": "left", "months": (1, True)}, 3, {"months": (2,)}),
        "main": Leg(side="right"),
        "group": {"one": ("a",), "two": ("b", 3)},
    }
    left = parts.outline(tree, Body, parts.validated(tree, Body)[1])

    assert left.name is None
    assert not hasattr(left, "odd")
    assert [each and (each.side, each.months) for each in left.leg] == [("left", None), None, (None, (2,))]
    assert left.main is tree["main"]
    assert left.group == {"one": ("a",)}
    tree = {"name": "x", "group": {"one": ("a",), "one.two": (3,)}}
    assert parts.outline(tree, Body, parts.validated(tree, Body)[1]).group == {"one": ("a",)}
    assert parts.outline(3, Body, []) is None
    assert parts.outline({"name": "x", "leg": "y"}, Body, [("leg", "is wrong")]).leg is None
    assert parts.outline({"name": "x"}, Body, []) == Body(name="x")
