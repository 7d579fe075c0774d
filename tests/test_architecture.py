"""The page on the architecture: what it names exists, and its figure is the contract that imports are held to."""

import importlib
import re
import sys
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "docs"))
import layers  # noqa: E402

PAGE = (ROOT / "docs" / "architecture.rst").read_text(encoding="utf-8")
MODULES = [name for row in layers.layers() for name in row]


def found(name):
    """Return what a dotted name stands for."""
    parts = name.split(".")
    for end in range(len(parts), 0, -1):
        try:
            value = importlib.import_module(".".join(parts[:end]))
        except ModuleNotFoundError:
            continue
        for part in parts[end:]:
            value = getattr(value, part)
        return value
    raise AssertionError(name)


@pytest.mark.parametrize("name", sorted(set(re.findall(r"``(hecon\.[\w.]+)``", PAGE))))
def test_what_the_page_names_exists(name):
    assert found(name)


def test_what_the_page_calls_a_file_exists():
    named = [each for each in re.findall(r"``([\w./]+)``", PAGE) if "/" in each]

    assert named
    assert [each for each in named if not (ROOT / each).exists()] == []


def test_every_module_has_its_layer_and_its_purpose():
    """`python -m hecon` alone stands above all of them."""
    there = {
        each.stem for each in (ROOT / "hecon").iterdir() if each.suffix == ".py" or (each / "__init__.py").exists()
    }

    assert sorted(MODULES) == sorted(there - {"__init__", "__main__"})
    assert all(layers.purpose(name).endswith(".") for name in MODULES)


@pytest.mark.slow
def test_the_figure_shows_every_layer():
    root = ET.fromstring(layers.figure())  # noqa: S314 - it is our own
    boxes = [each for each in root if each.tag == "g"]
    tops = [float(each.find("rect").get("y")) for each in boxes]

    assert [each.find("text").text for each in boxes] == MODULES
    assert tops == sorted(tops)
    assert len(set(tops)) == len(layers.layers())
    assert all(f"``{name}``" in layers.table() for name in MODULES)
