"""Formulas over named numbers: what they give on intervals, which names they use, and what is refused."""

from __future__ import annotations

import itertools
import re
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st
from school_arithmetic import FORMULAS, at_point
from strategies import examples

from hecon.errors import InputError
from hecon.printed.formulas import degree, names_in, work_out

F = Fraction


@st.composite
def intervals(draw):
    """Draw an interval, in eighths."""
    low, width = draw(st.integers(-40, 40)), draw(st.integers(0, 24))
    return F(low, 8), F(low + width, 8)


@pytest.mark.slow
@examples(60)
@given(FORMULAS, intervals(), intervals(), intervals(), st.data())
def test_every_value_of_a_formula_lies_in_what_is_worked_out(formula, a, b, c, data):
    """At any point of the intervals, unless a divisor is 0 there; which is possible only where nothing came out."""
    values = dict(zip(("a", "b_2", "c"), (a, b, c), strict=True))
    found = work_out(formula, values)
    for _ in range(4):
        share = st.fractions(0, 1, max_denominator=16)
        point = {name: low + data.draw(share) * (high - low) for name, (low, high) in values.items()}
        try:
            value = at_point(formula, point)
        except ZeroDivisionError:
            assert found is None
            continue
        assert found is None or found[0] <= value <= found[1]
    assert found is not None or "/" in formula


@pytest.mark.slow
@given(FORMULAS, *[st.fractions(-9, 9, max_denominator=8)] * 3)
def test_single_values_give_a_single_value(formula, a, b, c):
    """The exact one, with multiplication before addition; None where something is divided by 0."""
    point = {"a": a, "b_2": b, "c": c}
    try:
        value = at_point(formula, point)
    except ZeroDivisionError:
        value = None
    found = work_out(formula, {name: (each, each) for name, each in point.items()})

    assert found == (None if value is None else (value, value))


@pytest.mark.parametrize(
    "formula", ["a + b_2 - c", "a * b_2 * c", "a / c - b_2", "(a - b_2) * c", "-(a * b_2) / c", "2 - a / (c + 3)"]
)
@examples(25)
@given(intervals(), intervals(), st.integers(1, 40), st.integers(0, 24))
def test_both_ends_are_reached_where_each_name_occurs_once(formula, a, b, low, width):
    """At corners of the box, for in each single name such a formula runs one way."""
    values = {"a": a, "b_2": b, "c": (F(low, 8), F(low + width, 8))}
    used = names_in(formula)
    corners = [
        at_point(formula, dict(zip(used, ends, strict=True)))
        for ends in itertools.product(*(values[name] for name in used))
    ]

    assert work_out(formula, values) == (min(corners), max(corners))


def test_a_name_that_occurs_twice_is_taken_twice():
    """Wider than the truth, as the docstring says: a − a need not be 0."""
    assert work_out("a - a", {"a": (F(1), F(3))}) == (F(-2), F(2))


@pytest.mark.parametrize(
    ("divisor", "found"),
    [
        ((F(1), F(2)), (F(1, 2), F(1))),
        ((F(-2), F(-1)), (F(-1), F(-1, 2))),
        ((F(0), F(1)), None),
        ((F(-1), F(0)), None),
        ((F(-1), F(1)), None),
        ((F(0), F(0)), None),
    ],
)
def test_a_divisor_that_may_be_zero_gives_nothing(divisor, found):
    """Its ends included; so does one deep in the formula."""
    assert work_out("1 / b", {"b": divisor}) == found
    if found is None:
        assert work_out("5 + (2 - 3 * (1 / b)) * 0", {"b": divisor}) is None


@pytest.mark.parametrize(
    ("formula", "value"),
    [
        ("0.1 + 0.2", F(3, 10)),
        ("1 / 3", F(1, 3)),
        ("2 + 3 * 4", F(14)),
        ("2 - 3 - 4", F(-5)),
        ("100 / 10 / 5", F(2)),
        ("-2 * -3", F(6)),
        ("+(1)", F(1)),
        (" 7 ", F(7)),
        ("1e3", F(1000)),
        ("361 * 17.97 / 1000", F(361 * 1797, 100_000)),
    ],
)
def test_numbers_are_exact(formula, value):
    """As in decimal notation, not in binary."""
    assert work_out(formula, {}) == (value, value)


@pytest.mark.parametrize(
    ("formula", "names"),
    [
        ("b + a", ("b", "a")),
        ("episodes * share / 100 - episodes", ("episodes", "share")),
        ("(c - (a + c)) * b_2", ("c", "a", "b_2")),
        ("1 + 2", ()),
        ("  saving_year_3", ("saving_year_3",)),
        ("-a", ("a",)),
    ],
)
def test_names_in_the_order_of_the_text(formula, names):
    """Each once."""
    assert names_in(formula) == names


@given(FORMULAS)
def test_names_are_those_that_stand_in_the_text(formula):
    """Against a plain search."""
    assert names_in(formula) == tuple(dict.fromkeys(re.findall(r"[a-z]\w*", formula)))


@pytest.mark.parametrize(
    ("formula", "part"),
    [
        ("f(a)", "f(a)"),
        ("__import__('os').system('true')", "__import__('os').system('true')"),
        ("1 + a.real", "a.real"),
        ("a ** 2", "a ** 2"),
        ("9 ** 9 ** 9", "9 ** 9 ** 9"),
        ("a // b", "a // b"),
        ("a % b", "a % b"),
        ("a @ b", "a @ b"),
        ("1 << 30", "1 << 30"),
        ("a if b else c", "a if b else c"),
        ("a < b", "a < b"),
        ("a and b", "a and b"),
        ("not a", "not a"),
        ("~a", "~a"),
        ("2 * 'a'", "'a'"),
        ("b'a'", "b'a'"),
        ("f'{a}'", "f'{a}'"),
        ("[a][0]", "[a][0]"),
        ("a, b", "a, b"),
        ("{a}", "{a}"),
        ("[x for x in a]", "[x for x in a]"),
        ("lambda: 1", "lambda: 1"),
        ("(a := 1)", "a := 1"),
        ("True", "True"),
        ("None", "None"),
        ("...", "..."),
        ("2j", "2j"),
        ("1e400", "1e400"),
        ("1e31 + a", "1e31"),
        ("9" * 40, "9" * 40),
    ],
)
def test_all_but_numbers_names_and_arithmetic_is_refused(formula, part):
    """With the part that is something else, as it was written."""
    for use in (names_in, lambda text: work_out(text, {"a": (F(1), F(1)), "b": (F(1), F(1))})):
        with pytest.raises(InputError) as caught:
            use(formula)

        assert str(caught.value) == (
            f"formula must hold only numbers, ids of figures, + - * / and brackets, got {part!r}"
        )


@pytest.mark.parametrize(
    "formula",
    ["", " ", "a +", "(a", "a)", "a b", "a = 1", "a; b", "import os", "1.2.3", "€5", "12.300,5 *", "a\x00", "*a",
     "a\n+b", "(" * 249 + "a" + ")" * 249],
)  # fmt: skip
def test_what_is_no_expression_is_refused(formula):
    """Whatever Python's parser makes of it."""
    with pytest.raises(InputError) as caught:
        names_in(formula)

    assert str(caught.value).startswith("formula must ")


def test_a_long_formula_is_refused():
    """Over 500 characters; 500 are fine."""
    fine = "a + " * 40 + "a" * 340

    assert len(fine) == 500
    assert names_in(fine) == ("a", "a" * 340)
    with pytest.raises(InputError, match="formula must be at most 500 characters long, got 501"):
        names_in(f"{fine}a")
    with pytest.raises(InputError, match="got 3000000"):
        names_in("a + " * 750_000)


@pytest.mark.parametrize(
    "formula",
    ["-" * 499 + "a", "~" * 499 + "a", "not " * 124 + "a", "a" + ".b" * 240, "a" + "()" * 240, "a" + "[0]" * 160,
     "lambda:" * 70 + "a", "+a" * 250, "a*(" * 120 + "a" + ")" * 120, "a-(" * 51 + "a" + ")" * 51],
)  # fmt: skip
def test_a_deep_formula_is_refused(formula):
    """In words, not by running out of stack, whatever it is made of."""
    with pytest.raises(InputError, match=r"formula must (not be nested over 50 deep|hold only)"):
        names_in(formula)


def test_a_formula_may_be_fifty_deep():
    """And its numbers may be as large as those of a file: 1e30."""
    assert names_in("-" * 50 + "a") == ("a",)
    assert work_out("1e30", {}) == (F(10**30), F(10**30))
    with pytest.raises(InputError, match="formula must not be nested over 50 deep, got '-----"):
        names_in("-" * 51 + "a")


@pytest.mark.slow
@examples(200)
@given(st.text(alphabet="ab1. +-*/()[]{}'\"=:,~!<>lambd\n\\", max_size=40) | st.text(max_size=20))
def test_any_text_is_a_formula_or_refused(text):
    """With InputError and nothing else."""
    try:
        told = names_in(text)
    except InputError as error:
        told = (str(error),)

    assert all(each.isidentifier() or each.startswith("formula must ") for each in told)


def test_a_formula_that_python_warns_of_is_refused_in_silence(recwarn):
    """The fault is told once, by hecon."""
    with pytest.raises(InputError, match=r"^formula must hold only numbers, ids of figures"):
        names_in("1and 2")

    assert list(recwarn) == []


@pytest.mark.parametrize(
    ("formula", "expected"),
    [("x", 1), ("3", 0), ("x*x*y", 2), ("x + y*x", 1), ("y / x", float("inf")), ("x / y", 1), ("-(x*x)", 2), (0.5, 0)],
)
def test_the_degree_of_a_formula(formula, expected):
    """In x."""
    assert degree(formula, "x") == expected
