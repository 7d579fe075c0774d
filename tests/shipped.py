"""The dossiers that ship: those with economic comparisons, and those that have none to compute."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import pytest
from pages import read

import hecon
from hecon import dossier
from hecon.locale import LANGUAGES

NAMES = dossier.names()
# What these hold is listed in test_dossier_packaged.py, so that a dossier cannot change sides unseen.
ECONOMIC = [name for name in NAMES if hecon.load(name).comparison]
PLAIN = [name for name in NAMES if name not in ECONOMIC]


# What follows is made once in a process for all files of tests: read it, and change copies only.
N_DRAWS = 500


@cache
def assessed(name):
    """Return the assessment of a dossier that ships, on few draws; it is frozen, so all tests may share it."""
    return hecon.assess(name, n_draws=N_DRAWS)


def summed(name, lang):
    """Return a new summary of it, which has composed no document yet."""
    return hecon.summary(assessed(name), lang=lang)


@cache
def _composed(name, lang):
    """Return a summary that all share, so that its document is composed and its figures are laid out once."""
    return summed(name, lang)


def document(name, lang):
    """Return its summary as blocks."""
    return _composed(name, lang).document


@cache
def written(name, lang, kind):
    """Return its summary as text in a format."""
    return _composed(name, lang).text(kind)


@cache
def parsed(name, lang):
    """Return its page as a tree."""
    return read(written(name, lang, "html"))


def each_of(names):
    """Return a mark that runs a test for every one of these dossiers in both languages."""
    return pytest.mark.parametrize(("name", "lang"), [(name, lang) for name in names for lang in LANGUAGES])


def of_compare(*, whole=False, draws=True, reporting=None, **changed):
    """Return the assessment of the cruciate ligament, and its first comparison with some fields changed."""
    assessment = assessed("acl-rupture")
    result = assessment.comparisons[0]
    update = {"guideline": {}, "read": "whole" if whole else "abstract", **changed}
    if reporting is not None:
        update["reporting"] = result.spec.reporting.model_copy(update=reporting)
    spec = result.spec.model_copy(update=update)
    return assessment, replace(result, spec=spec, curves=result.curves if draws else None)
