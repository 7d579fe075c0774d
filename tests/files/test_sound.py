"""Tests of the parts that a schema finds sound, and of how often a file is validated."""

from __future__ import annotations

import pytest
from pydantic import BaseModel

from hecon import dossier
from hecon.dossier import FOLDER, loading
from hecon.files.parts import Number, Part, Sound, validated


class Visit(Part):
    """A table of a list."""

    month: Number


class Survey(Part):
    """A file."""

    name: str
    visit: tuple[Visit, ...] = ()


def test_sound_parts_are_kept_beside_those_at_fault():
    """Each by its own table, also where two tables are equal; what is at fault is not kept."""
    first, second, wrong = {"month": 3}, {"month": 3}, {"month": "three"}
    tree = {"visit": (first, wrong, second), "name": 1}
    sound = Sound()

    part, faults = validated(tree, Survey, sound)

    assert part is None
    assert [path for path, _ in faults] == ["name", "visit[1].month"]
    assert sound.of(first, Visit) == sound.of(second, Visit) == Visit(month=3)
    assert sound.of(first, Visit) is not sound.of(second, Visit)
    assert sound.of(wrong, Visit) is None
    assert sound.of(first, Survey) is None
    assert sound.of({"month": 3}, Visit) is None


@pytest.mark.parametrize("name", dossier.names())
def test_a_dossier_is_validated_once(monkeypatch, name):
    """The checks between fields take the parts that the schema has made."""
    calls = []
    validate = BaseModel.model_validate.__func__

    def counted(cls, *arguments, **options):
        calls.append(cls.__name__)
        return validate(cls, *arguments, **options)

    monkeypatch.setattr(BaseModel, "model_validate", classmethod(counted))
    file = FOLDER / f"{name}.toml"
    loading._checked(file.read_bytes(), name, file.parent)

    assert calls == ["Dossier"]
