"""Whatever is given to a public function in place of what it takes first is refused, by name and with a remedy."""

import inspect
import re

import numpy as np
import pandas as pd
import pytest
import xarray as xr

import hecon
from hecon.errors import HeconError, InputError

# What these tests pass through, others hold: counting it takes two thirds more time.
pytestmark = pytest.mark.no_cover

WRONG = {
    "nothing": None,
    "a number": 5,
    "text": "text",
    "a dict": {},
    "a dict of lists": {"a": [1, 2]},
    "an empty Dataset": xr.Dataset(),
    "a list": [],
    "an array": np.zeros(3),
}
# What the other arguments are where a function needs them.
OTHERS = {
    "comparator": "usual",
    "effect": [[0, 1], [0, 2]],
    "heaviest": ["severe"],
    "n_patients": 10,
    "n_practices": 2,
    "parameters": pd.DataFrame({"x": [1.0, 2.0]}),
    "probabilities": {"none": 0.4, "low": 0.3, "middle": 0.2, "high": 0.1},
    "quantiles": (0.5,),
    "strategies": ["usual", "new"],
    "wtp": 20_000,
    "year": 2023,
}
# Functions of arrays, whose own tests try what they take.
ELSEWHERE = {
    "utility",
    "eq5d.utility",
    "trial.qalys",
}
# What is not wrong there: a default, a name, a search, a mapping or a sequence that may be empty.
FITTING = {
    "budget.overlaps": {"a dict", "an empty Dataset", "a list"},
    "payment.monitoring_table": {"nothing", "a dict", "an empty Dataset"},
    "dossier.load_programme": {"nothing"},
    "dossier.skeleton": {"text"},
    "prices.reference_prices": {"nothing", "text"},
    "parameters.fixed": {"a number"},
    "programme.state": {"nothing"},
    "rules.criteria": {"a dict", "an empty Dataset"},
    "zin.criteria": {"a dict", "an empty Dataset"},
}


def functions(module=hecon, path=""):
    """Yield the public functions that take something by its place, with their names."""
    for name in module.__all__:
        item = getattr(module, name)
        if inspect.ismodule(item):
            yield from functions(item, f"{path}{name}.")
        elif inspect.isfunction(item):
            first = next(iter(inspect.signature(item).parameters.values()), None)
            if first is not None and first.kind is not first.KEYWORD_ONLY:
                yield f"{path}{name}", item


PUBLIC = dict(functions())


def call(function, value):
    """Call a function with a wrong value first, and with what else it needs."""
    arguments, named = [value], {}
    for each in list(inspect.signature(function).parameters.values())[1:]:
        if each.default is not each.empty or each.kind in {each.VAR_KEYWORD, each.VAR_POSITIONAL}:
            continue
        other = OTHERS.get(each.name)
        if each.kind is each.KEYWORD_ONLY:
            named[each.name] = other
        else:
            arguments.append(other)
    return function(*arguments, **named)


def test_the_walk_finds_the_public_functions():
    """So that a test that passes has tried something, and the lists here name functions that are there."""
    assert len(PUBLIC) > 80
    assert {"summary", "assess", "icer", "plot.plane", "payment.profit", "rules.burden_band"} <= set(PUBLIC)
    assert ELSEWHERE | set(FITTING) <= set(PUBLIC)


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(set(PUBLIC) - ELSEWHERE))
def test_a_wrong_first_argument_is_refused(name):
    """With hecon's own error: never an AttributeError, a KeyError or a message of NumPy's; what it names is there."""
    fitting = FITTING.get(name, set())
    for kind, value in WRONG.items():
        if kind in fitting:
            call(PUBLIC[name], value)
            continue
        with pytest.raises(HeconError) as caught:
            call(PUBLIC[name], value)
        for path in re.findall(r"\bhecon((?:\.[A-Za-z_][\w]*)+)", str(caught.value)):
            found = hecon
            for part in path.split(".")[1:]:
                found = getattr(found, part)


@pytest.mark.parametrize("lang", ["xx", "EN", "", None, 5, ["nl"]])
def test_a_summary_in_no_language(lang):
    """The languages are named."""
    with pytest.raises(InputError, match=r"^lang must be one of 'nl', 'en', got "):
        hecon.summary(hecon.assess("triage"), lang=lang)


def test_a_summary_of_draws_is_refused_at_once():
    """And says how to get what it takes."""
    draws = hecon.from_arrays([[0, 1]], [[0, 1]], strategies=["usual", "new"], comparator="usual")

    with pytest.raises(InputError, match=r"^assessment must be an Assessment, got a Dataset: hecon\.assess returns"):
        hecon.summary(draws)


@pytest.mark.parametrize("path", [None, 5, b"x.md", "x", "x.MD", "x.odt", "", ".md/"])
def test_a_summary_saved_to_what_is_no_file(path, tmp_path, monkeypatch):
    """Nothing is written."""
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InputError, match=r"^path must "):
        hecon.summary(hecon.assess("triage")).save(path)

    assert list(tmp_path.iterdir()) == []
