"""What a class that users meet prints: a few lines, whatever it holds, and a table in a notebook."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from types import SimpleNamespace

import numpy as np
import pytest
import xarray as xr

import hecon
from hecon import budget, datasets, dossier, evidence, programme, trial
from hecon._display import displayed

KNEE = "acl-rupture"


def trial_records():
    """Yield what the analysis of the teaching trial is made of."""
    design = datasets.trial_design("meniscus")
    data = trial.trial_data(datasets.simulate_trial("meniscus", rng=4), design)
    found = trial.analyse(data, imputations=2, replicates=50, rng=1)
    one = found.perspectives[0]
    yield from (design, data, found, found.description, found.imputation, one, one.spread, one.complete_case)
    yield one.delta_cost("exercise")


def records():
    """Yield one of each class that a user meets."""
    assessment = hecon.assess(KNEE, n_draws=500, rng=1)
    plan = hecon.load(KNEE).budget
    yield from (assessment, assessment.dossier, assessment.budget, assessment.burden, assessment.burden.course)
    yield from (assessment.criteria, hecon.summary(assessment))
    for each in assessment.comparisons:
        yield from (each, each.spec, each.curves, *each.judgements)
        yield from () if each.fit is None else (each.fit, *each.fit.parameters.values(), *each.fit.statistics)
    yield from (plan, *plan.populations, *plan.populations[0].new, *plan.parameters.values(), plan.conventions)
    found = budget.reconcile(hecon.load("copd").budget)
    yield from (found, *found.totals)
    yield from hecon.audit(KNEE)
    state = programme.state()
    yield from (state, dossier.load_programme())
    yield from (evidence.pool([0.1, 0.3], [0.1, 0.12]), evidence.clinical_verdict(-3.6, ci=(-6.5, 1)))
    yield evidence.convert(1000, currency="USD", price_year=2015, to_year=2022)
    yield from trial_records()
    for name in dossier.names():
        yield hecon.load(name)


@pytest.fixture(scope="module")
def met():
    """Return them all; of a comparison without draws there are no curves."""
    return [each for each in records() if each is not None]


@pytest.mark.slow
def test_what_a_user_meets_prints_below_2000_characters(met):
    """And names its class first."""
    for each in met:
        assert len(repr(each)) < 2000, type(each)
        assert len(str(each)) < 2000, type(each)
        assert type(each).__name__ in repr(each)[:60]


@pytest.mark.slow
def test_the_large_ones_have_a_table_for_notebooks(met):
    """Named by its class, with nothing that a page could take for a tag."""
    large = [
        "Assessment",
        "Dossier",
        "Programme",
        "Fit",
        "TrialAnalysis",
        "Imputation",
        "Design",
        "Plan",
        "Reconciliation",
        "Summary",
        "Shortfall",
    ]
    shown = {type(each).__name__: each._repr_html_() for each in met if hasattr(each, "_repr_html_")}

    assert set(large) <= set(shown)
    for name, page in shown.items():
        assert page.startswith(f"<table><caption>{name}</caption>")
        assert len(page) < 4000


@displayed
@dataclass
class Sample:
    """A record with a field of each kind."""

    text: str = "a\nb <c>"
    number: float = 1234.56
    small: float = 0.012345
    none: None = None
    empty: tuple = ()
    pair: tuple = (0.5, 2)
    several: tuple = (SimpleNamespace(id="one"), SimpleNamespace(name="two"))
    alike: tuple = (SimpleNamespace(), SimpleNamespace())
    long: str = "x" * 200
    array: object = None
    table: object = None
    mapping: object = None
    other: object = None
    text_of_two: object = None


def test_each_kind_of_value_has_one_line():
    """Numbers rounded, records by name or number, arrays and tables by their size; nothing for what is not there."""
    record = Sample(
        array=np.zeros((3, 4)),
        table=xr.Dataset(coords={"draw": [1, 2]}),
        mapping={"a": 1.23456, "b": date(2025, 1, 2), "c": Decimal("0.40"), "d": None},
        other={"one": SimpleNamespace(), "two": SimpleNamespace()},
        text_of_two=(SimpleNamespace(nl="knie", en="knee"),),
    )
    lines = dict(line.split(maxsplit=1) for line in repr(record).splitlines()[1:])

    assert repr(record).startswith("Sample\n")
    assert lines == {
        "text": "a b <c>",
        "number": "1,235",
        "small": "0.01235",
        "pair": "0.5, 2",
        "several": "one, two",
        "alike": "2 × SimpleNamespace",
        "long": "x" * 74 + " …",
        "array": "ndarray of shape (3, 4)",
        "table": "Dataset (draw 2)",
        "mapping": "a: 1.235, b: 2025-01-02, c: 0.40, d: None",
        "other": "one, two",
        "text_of_two": "knee",
    }
    assert "<td>a b &lt;c&gt;</td>" in record._repr_html_()
    assert repr(Sample(**dict.fromkeys(Sample.__annotations__) | {"number": float("nan")})) == "Sample(number=nan)"
