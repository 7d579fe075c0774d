"""Tests of the parts that a schema finds sound, and of how often a file is validated."""

from __future__ import annotations

import pytest
from pydantic import BaseModel

from hecon import dossier
from hecon.dossier import FOLDER
from hecon.files.parts import Number, Part, validated


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
    kept = []

    part, faults = validated(tree, Survey, lambda _, sound: kept.append(sound) or ())

    (sound,) = kept
    assert part is None
    assert [path for path, _ in faults] == ["name", "visit[1].month"]
    assert sound.of(first, Visit) == sound.of(second, Visit) == Visit(month=3)
    assert sound.of(first, Visit) is not sound.of(second, Visit)
    assert sound.of(wrong, Visit) is None
    assert sound.of(first, Survey) is None
    assert sound.of({"month": 3}, Visit) is None


@pytest.mark.parametrize("name", dossier.names())
@pytest.mark.no_cover
def test_a_dossier_is_validated_once(monkeypatch, tmp_path, name):
    """The checks between fields take the parts that the schema has made."""
    calls = []
    validate = BaseModel.model_validate.__func__

    def counted(cls, *arguments, **options):
        calls.append(cls.__name__)
        return validate(cls, *arguments, **options)

    monkeypatch.setattr(BaseModel, "model_validate", classmethod(counted))
    path = tmp_path / f"{name}.toml"
    path.write_bytes((FOLDER / path.name).read_bytes())
    dossier.load(path)

    assert calls == ["Dossier"]
