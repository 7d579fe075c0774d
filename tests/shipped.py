"""The dossiers that ship: those with economic comparisons, and those that have none to compute."""

from __future__ import annotations

from functools import cache

import pytest

import hecon
from hecon import dossier, texts

NAMES = dossier.names()
# What these hold is listed in test_dossier_packaged.py, so that a dossier cannot change sides unseen.
ECONOMIC = [name for name in NAMES if hecon.load(name).comparison]
PLAIN = [name for name in NAMES if name not in ECONOMIC]


@cache
def assessed(name):
    """Return the assessment of a dossier that ships, on few draws; it is frozen, so all tests may share it."""
    return hecon.assess(name, n_draws=500)


def each_of(names):
    """Return a mark that runs a test for every one of these dossiers in both languages."""
    return pytest.mark.parametrize(("name", "lang"), [(name, lang) for name in names for lang in texts.LANGUAGES])
