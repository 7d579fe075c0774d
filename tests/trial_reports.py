"""Analyses of small trials of every kind, and their reports, for the tests of the report."""

from dataclasses import replace
from functools import cache

import numpy as np
from patients import made

from hecon import trial
from hecon.assessment import assess_trial
from hecon.locale import Locale
from hecon.report.document import Bullets, Heading, Paragraph, Table
from hecon.report.trials import trial_document

THREE = ("usual care", "exercise", "surgery")


def wedge(rng):
    """Return a trial in twelve clusters that cross over in steps."""
    data = made(rng, clusters=12)
    period = rng.integers(0, 4, data.arm.size)
    return replace(data, arm=(period > data.cluster // 3).astype(np.intp), period=period.astype(np.intp))


TRIALS = {
    "usual": lambda rng: made(rng, two=True),
    "real": lambda rng: replace(made(rng), simulated=False, title="A <real> trial"),
    "whole": lambda rng: made(rng, missing=0),
    "three": lambda rng: made(rng, (40, 40, 40), arms=THREE),
    "clusters": lambda rng: made(rng, clusters=12),
    "wedge": wedge,
    "whole clusters": lambda rng: made(rng, missing=0, clusters=12),
    "gone": lambda rng: made(rng, (30, 30), missing=0.62),
}
OPTIONS = {"gone": {"imputations": 2}, "usual": {"imputations": 10}}


@cache
def found(kind, method="imputation", model=None):
    """Return the analysis of a trial and its draws."""
    options = {"imputations": 3, **OPTIONS.get(kind, {})} if method == "imputation" else {}
    analysis = trial.analyse(
        TRIALS[kind](np.random.default_rng(5)), method=method, model=model, replicates=50, rng=1, **options
    )
    return analysis, analysis.draws(n_draws=500, rng=1)


@cache
def assessed(kind):
    """Return its assessment; it is frozen, so all tests may share it."""
    return assess_trial(*found(kind))


def document(kind, lang="en", **options):
    """Return the report of a trial."""
    return trial_document(assess_trial(*found(kind), **options) if options else assessed(kind), Locale(lang))


def tables(blocks):
    """Return the tables among blocks."""
    return [each for each in blocks if isinstance(each, Table)]


def said(blocks):
    """Return all prose of blocks."""
    lines = [each.text for each in blocks if isinstance(each, (Heading, Paragraph))]
    return " ".join([*lines, *(item for each in blocks if isinstance(each, Bullets) for item in each.items)])
