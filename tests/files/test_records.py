"""Frozen dataclasses that scripts make and files hold: read by the rules of their annotations, told in words."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from hecon.errors import DossierError
from hecon.files import toml
from hecon.files.parts import RECORD, Float, Identifier, Label, Part, children, validated


@dataclass(frozen=True)
class Visit:
    """A visit."""

    __pydantic_config__ = RECORD

    id: Identifier
    price: Float
    label: Label = field(default_factory=dict)


class Survey(Part):
    """A file."""

    visit: tuple[Visit, ...]


def read(text):
    """Return what a file tells, and its faults."""
    return validated(toml.read(text.encode(), "survey.toml", DossierError).tree, Survey)


def test_a_record_is_read_from_a_file_as_a_script_makes_it():
    """The name in both languages becomes its label, and the number a float."""
    survey, faults = read('[[visit]]\nid = "first"\nname = { nl = "eerste", en = "first" }\nprice = 36\n')

    assert faults == []
    assert survey.visit == (Visit("first", 36.0, {"nl": "eerste", "en": "first"}),)
    assert [key for key, _ in children(survey.visit[0])] == ["id", "price", "name"]


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ('[[visit]]\nid = "a"\nprise = 1\n', ("visit[0].prise", "is not a key of this table: did you mean 'price'?")),
        ('[[visit]]\nid = "a"\n', ("visit[0].price", "is missing: add it")),
        (
            '[[visit]]\nid = "a"\nprice = 1\nname = { nl = "a", en = "b", eng = "c" }\n',
            ("visit[0].name.eng", "is not a key of this table: did you mean 'en'?"),
        ),
        ("visit = [1]\n", ("visit[0]", "must be a table with id and price, got 1")),
        (
            '[[visit]]\nid = "A"\nprice = true\n',
            ("visit[0].id", "must be lower-case letters and digits joined by hyphens, as in acl-rupture, got 'A'"),
        ),
        (
            'visit = { id = "a" }\n',
            ("visit", "must be a list of tables, each beginning with [[visit]], got a table"),
        ),
    ],
)
def test_what_is_wrong_with_a_record_is_told_as_of_any_table(text, fault):
    """With its path and the keys of the file."""
    _, faults = read(text)

    assert fault in faults
