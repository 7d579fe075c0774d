"""What a user meets: the size of the public surface, and each class name once."""

import ast
from collections import Counter
from importlib import import_module
from itertools import chain

from sources import nodes

import hecon

# Modules whose names are counted by themselves: a country's rules, and the payment experiment.
APART = {"errors", "payment", "rules", "rulesets", "zin"}


def test_the_surface_is_about_a_hundred_names():
    """Whoever adds one takes one away, or says here why there are more.

    Eight are the distributions of a model's parameters and the verb that draws them, five its sensitivity analysis
    and the figures of it, three what a further study is worth, two the value of learning a model's parameters and
    of a study of them, two the figures of it, five the studies that are ready, five decisions by another
    perspective, subgroup, model or mix of strategies, four the reading and writing of a model's draws and the
    errors of such files and of value sets, two the subgroups and tipping maps of a trial, one the figure of such a
    map, one the weighted effects of rules.
    """
    modules = [import_module(f"hecon.{name}") for name in sorted(set(hecon.__all__) - set(hecon._HOME) - APART)]
    verbs = set(hecon._HOME)
    named = {f"{module.__name__}.{name}" for module in modules for name in set(module.__all__) - verbs}

    assert len(verbs) + len(named) <= 138


def test_a_class_name_stands_once_in_the_package():
    """Private ones too, so that a name in a traceback says where it is from."""
    names = Counter(node.name for node in chain.from_iterable(nodes().values()) if isinstance(node, ast.ClassDef))

    assert [name for name, count in names.items() if count > 1] == []
