"""Tests of reading TOML: the line of each value, and what cannot be read."""

from __future__ import annotations

import tomllib
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import hecon
from hecon.errors import DossierError
from hecon.files.faults import near, parent_of, path_of, shown
from hecon.files.toml import lines_of, read

TEXT = '''# A comment with [brackets] and "quotes".
name = "knee"
'quoted.key' = 1
dotted.inner = 2

[table]
list = [
  1,
  [2, "]"],  # [
  { inline = 3, other = """
over = "two" lines"""" },
]

[[many]]
a = \'\'\'
[no.table]
b = 1\'\'\'
[[many.inner]]
c = 1979-05-27 07:32:00
[many.table."deep"]
d = {}
[[many]]
a = "\\\\"
[[many.inner]]
c = \'\'
[[many.inner]]
c = inf'''

LINES = {
    "name": 2,
    '"quoted.key"': 3,
    "dotted": 4,
    "dotted.inner": 4,
    "table": 6,
    "table.list": 7,
    "table.list[0]": 8,
    "table.list[1]": 9,
    "table.list[1][0]": 9,
    "table.list[1][1]": 9,
    "table.list[2]": 10,
    "table.list[2].inline": 10,
    "table.list[2].other": 10,
    "many": 14,
    "many[0]": 14,
    "many[0].a": 15,
    "many[0].inner": 18,
    "many[0].inner[0]": 18,
    "many[0].inner[0].c": 19,
    "many[0].table": 20,
    "many[0].table.deep": 20,
    "many[0].table.deep.d": 21,
    "many[1]": 22,
    "many[1].a": 23,
    "many[1].inner": 24,
    "many[1].inner[0]": 24,
    "many[1].inner[0].c": 25,
    "many[1].inner[1]": 26,
    "many[1].inner[1].c": 27,
}


def paths(node, *steps):
    """Yield the path of every value in a tree."""
    items = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, (list, tuple)) else ()
    for step, value in items:
        yield path_of(*steps, step)
        yield from paths(value, *steps, step)


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_the_line_of_every_value(end):
    """Strings over lines, brackets in strings, inline tables and lists of tables: each begins where it is written."""
    text = TEXT.replace("\n", end)

    assert lines_of(text) == LINES
    assert set(paths(tomllib.loads(text))) == set(LINES)


@pytest.mark.parametrize(
    "file", sorted((Path(hecon.__file__).parent / "data").rglob("*.toml")), ids=lambda file: file.name
)
@pytest.mark.no_cover
def test_every_value_of_a_packaged_file_has_its_line(file):
    """The scan and the parser of the standard library see the same values, and a key stands on its line."""
    text = file.read_text(encoding="utf-8")
    rows = text.split("\n")
    found = lines_of(text)

    assert set(found) == set(paths(tomllib.loads(text)))
    for path, line in found.items():
        key = path.rpartition(".")[2]
        assert key.endswith("]") or key in rows[line - 1], path


quotes = st.text(st.sampled_from("\"'\\]#=,[{}a \n"), max_size=6)


@given(st.lists(st.tuples(quotes, st.sampled_from(['"', '"""', "'''"])), min_size=1, max_size=5))
def test_strings_of_any_kind_are_passed(strings):
    """What a string holds does not move the values that follow it."""
    marks = {'"': ("\\", '"', "\n"), '"""': ("\\", '"'), "'''": ("'",)}
    text, lines = "", {}
    for place, (content, mark) in enumerate(strings):
        inner = content
        for special in marks[mark]:
            inner = inner.replace(special, {"'": "", "\n": "\\n"}.get(special, "\\" + special))
        lines[f"k{place}"] = text.count("\n") + 1
        text += f"k{place} = {mark}{inner}{mark} # ' \"\n"

    assert lines_of(text) == lines


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        (b"\xff", "the file must be text in UTF-8: save it so"),
        (b"a = ", "the file must be TOML: Invalid value"),
        (
            b"[figure]\nid = 1\n[figure]\nid = 2\n",
            (
                "the file must be TOML: Cannot declare ('figure',) twice (at line 3, column 8). Text stands in quotes; "
                "a number has no thousands separator, as in 12300; a key and a [table] stand once, and each table of "
                "a list begins with [[its name]]"
            ),
        ),
        (b"\n\na = 1e99999999999999999999", "line 3 must hold numbers of a possible size"),
        (b"a = " + b"[" * 5000 + b"]" * 5000, "the file must hold no lists or tables nested hundreds deep"),
    ],
)
def test_what_is_no_toml_is_told_in_words(content, fault):
    """Each with a remedy, as an error of the kind of file."""
    with pytest.raises(DossierError) as caught:
        read(content, "file.toml", DossierError)

    assert caught.value.faults[0].startswith(fault)
    assert caught.value.name == "file.toml"


def test_a_byte_order_mark_and_decimals_as_printed():
    """Editors write the one, and sources print the other."""
    assert read("\ufeffa = [0.50]".encode(), "file.toml", DossierError).tree == {"a": (Decimal("0.50"),)}
    assert str(read(b"a = 0.50", "file.toml", DossierError).tree["a"]) == "0.50"


def test_faults_are_told_with_the_line_of_what_is_or_should_be_there():
    """A missing key has the line of the table that lacks it; one at the top has none. They run from top to bottom."""
    file = read(TEXT.encode(), "file.toml", DossierError)
    file.refuse([])

    with pytest.raises(DossierError) as caught:
        file.refuse([("many[1].inner[1].e", "is missing"), ("title", "is missing"), ("name", "x"), ("name", "x")])

    assert caught.value.faults == ("title: is missing", "name: x", "many[1].inner[1].e: is missing")
    assert caught.value.lines == (None, 2, 26)
    assert str(caught.value) == (
        "dossier file.toml has 3 faults:\n  title: is missing\n  line 2: name: x\n"
        "  line 26: many[1].inner[1].e: is missing"
    )


def test_what_is_missing_from_a_list_has_the_line_of_the_list():
    """As an end of a pair; not that of the table, which begins above."""
    file = read(b"[figure]\nid = 'saving'\nrange = []\n", "file.toml", DossierError)

    with pytest.raises(DossierError) as caught:
        file.refuse([("figure.range[1]", "is missing"), ("figure.range[1].low", "is missing")])

    assert caught.value.lines == (3, 3)


@pytest.mark.parametrize(
    ("steps", "path"),
    [
        (("a", "b", 0), "a.b[0]"),
        (("a b", "c-d"), "a b.c-d"),
        (("a.b", "c"), '"a.b".c'),
        (("a", "b[0]", 1), 'a."b[0]"[1]'),
        (("a", ""), 'a.""'),
        (("a", 'say "."', "b"), 'a."say \\".\\"".b'),
        (("a", "\\"), "a.\\"),
    ],
)
def test_a_path_leads_back_step_by_step(steps, path):
    """A key that would look like several steps is quoted."""
    assert path_of(*steps) == path
    for length in range(len(steps), 0, -1):
        assert parent_of(path_of(*steps[:length])) == path_of(*steps[: length - 1])


def test_a_key_with_a_dot_is_not_taken_for_a_table():
    """Each fault has the line of its own key."""
    file = read(b'"table.layout" = 1\n[table]\nlayout = 2\n', "file.toml", DossierError)

    with pytest.raises(DossierError) as caught:
        file.refuse([(path_of("table", "layout"), "is wrong"), (path_of("table.layout"), "is no key")])

    assert caught.value.faults == ('"table.layout": is no key', "table.layout: is wrong")
    assert caught.value.lines == (1, 3)


def test_a_path_of_no_form_ends():
    """It has no line, and the search for one stops."""
    with pytest.raises(DossierError) as caught:
        read(b"a = 1", "file.toml", DossierError).refuse([("b..", "is wrong"), ('a."', "is wrong")])

    assert caught.value.lines == (None, 1)


def test_the_hint_of_an_unknown_name():
    """The nearest name; where none is near all of them, or nothing."""
    assert near("tabel", ["table", "arm"]) == "; did you mean 'table'?"
    assert near("COPD", ["triage", "copd"]) == "; did you mean 'copd'?"
    assert near("gp_3", ["GP_3", "arm"]) == "; did you mean 'GP_3'?"
    assert near("x", ["table", "arm"]) == ""
    assert near("x", ["table", "arm"], listed="known:") == "; known: table, arm"
    assert near("x", [], listed="known:") == "; known: none"


@pytest.mark.parametrize(
    ("value", "told"),
    [
        (True, "true"),
        ({}, "a table"),
        ((1,), "a list"),
        (10**31, "a number beyond 1e30"),
        (Decimal("-Infinity"), "-inf"),
        ("x" * 70, "'" + "x" * 59 + "..."),
    ],
)
def test_a_value_is_shown_in_the_words_of_the_file(value, told):
    """Short, and as TOML writes it."""
    assert shown(value) == told


def test_the_remedy_of_a_table_that_stands_twice_works():
    """As it says, each table of the list begins with double brackets."""
    tree = read(b"[[figure]]\nid = 1\n[[figure]]\nid = 2\n", "file.toml", DossierError).tree

    assert tree == {"figure": ({"id": 1}, {"id": 2})}
