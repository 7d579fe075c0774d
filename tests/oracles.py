"""Reference results of other packages, kept outside the checkout."""

from __future__ import annotations

import csv
import json
import os
from pathlib import Path

import numpy as np
import pytest

# The published Dutch figures lie in a folder beside that of the reference results.
FACTS = "../facts/dutch"


def path(name: str) -> Path:
    """Return the file `name`, or skip the test (fail it when HECON_REQUIRE_ORACLES is 1)."""
    beside = Path(__file__).parents[2] / "shared" / "oracles"
    file = Path(os.environ.get("HECON_ORACLES", beside)) / name
    if not file.is_file():
        reason = f"reference results absent: {name}; name their folder in HECON_ORACLES"
        if os.environ.get("HECON_REQUIRE_ORACLES") == "1":
            pytest.fail(reason)
        pytest.skip(reason)
    return file


def table(name: str) -> dict[str, list[str]]:
    """Return the columns of a CSV file as text."""
    with path(name).open(newline="", encoding="utf-8") as lines:
        rows = list(csv.DictReader(lines))
    return {column: [row[column] for row in rows] for column in rows[0]}


def numbers(name: str) -> np.ndarray:
    """Return a CSV file of numbers as an array, one row per row."""
    return np.array(list(table(name).values()), dtype=float).T


def record(name: str) -> dict:
    """Return a JSON file."""
    return json.loads(path(name).read_text(encoding="utf-8"))
