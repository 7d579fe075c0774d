"""No module names a value, a band or the currency of a country: they are data."""

import ast
import re

import pytest
from sources import PACKAGE, nodes

from hecon.rulesets import names, ruleset

# What a file of a user may say, the example of a code in a message, and counts that are no money.
ALLOWED = {
    "draws.py": {"_COSTS": "names of columns that hold costs"},
    "files/parts.py": {"PATTERNS": "an example of a currency code"},
    "trial/table/design_keys.py": {"Worth": "an example of an amount in a message"},
    "trial/table/drafting.py": {"_MONEY": "words in names of columns that hold costs"},
    "trial/table/cells.py": {"_SIGN": "signs that stand before an amount"},
    "printed/formulas.py": {"EFFORT": "steps of a search"},
    "decision/ties.py": {"_CELLS": "cells worked out at a time"},
    "decision/information/smoothing.py": {"_THINNED": "values that knots are placed by"},
    "assessment/deciding.py": {"_DRAWS": "draws"},
    "assessment/worth.py": {"_SIZES": "patients per arm"},
}
AMOUNTS = {value for name in names() for value in ruleset(name).values_on().reference}
CURRENCIES = {ruleset(name).currency for name in names()}
TEXT = re.compile(rf"\b({'|'.join(CURRENCIES)})\b|€|\b(20|50|80)[.,]?000\b")
BANDS = {band for name in names() for band in ruleset(name).values_on().bands}


def code(path):
    """Yield each constant of a module with the name that it stands under, without the strings of documentation."""
    tree, *_ = within = nodes()[path]
    described = {
        id(node.body[0].value)
        for node in within
        if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef))
        and isinstance(node.body[0], ast.Expr)
        and isinstance(node.body[0].value, ast.Constant)
    }
    for statement in tree.body:
        target = statement.targets[0] if isinstance(statement, ast.Assign) else statement
        name = getattr(target, "name", None) or getattr(target, "id", "")
        for node in ast.walk(statement):
            if isinstance(node, ast.Constant) and id(node) not in described:
                yield name, node


def is_of_a_country(value):
    """Tell whether a constant is an amount of some rules, or text that names one or their currency."""
    if isinstance(value, str):
        return TEXT.search(value) is not None
    return type(value) in {int, float} and value in AMOUNTS


@pytest.mark.slow
def test_no_module_names_a_value_or_a_currency():
    """They come from the rule set or from the data's attributes."""
    named = {
        (path.relative_to(PACKAGE).as_posix(), name, node.lineno, node.value)
        for path in nodes()
        for name, node in code(path)
        if is_of_a_country(node.value)
    }

    assert {(path, name, *rest) for path, name, *rest in named if name not in ALLOWED.get(path, {})} == set()


def test_what_is_allowed_is_there():
    """So that the list does not outlive its reasons."""
    for name, reasons in ALLOWED.items():
        assert {at for at, node in code(PACKAGE / name) if is_of_a_country(node.value)} == set(reasons), name


def test_no_module_lists_the_bands():
    """A collection that holds the lowest band and another of them is a copy of the rules."""
    for path, within in nodes().items():
        for node in within:
            parts = getattr(node, "elts", None) or getattr(node, "keys", None) or ()
            words = {part.value for part in parts if isinstance(part, ast.Constant)}
            assert not ({"none"} <= words and len(words & BANDS) > 1), (path, words)
