"""Formulas to try, and an oracle for them: school arithmetic on exact fractions, by recursive descent."""

from __future__ import annotations

import re
from fractions import Fraction

from hypothesis import strategies as st

TOKEN = re.compile(r"\s*(\d+(?:\.\d+)?|[a-z_0-9]+|[-+*/()])")


class Parser:
    """A formula in tokens, and the values of its names."""

    def __init__(self, formula, point):
        self.tokens = TOKEN.findall(formula)
        self.point = point

    def take(self, *wanted):
        """Return the next token if it is one of those."""
        return self.tokens.pop(0) if self.tokens and self.tokens[0] in wanted else None

    def total(self):
        """Return a sum of products."""
        value = self.product()
        while sign := self.take("+", "-"):
            other = self.product()
            value = value + other if sign == "+" else value - other
        return value

    def product(self):
        """Return a product of signed parts."""
        value = self.signed()
        while sign := self.take("*", "/"):
            other = self.signed()
            value = value * other if sign == "*" else value / other
        return value

    def signed(self):
        """Return a number, a name or what stands in brackets, with its sign."""
        if sign := self.take("+", "-"):
            return -self.signed() if sign == "-" else self.signed()
        if self.take("("):
            value = self.total()
            assert self.take(")")
            return value
        token = self.tokens.pop(0)
        return self.point[token] if token in self.point else Fraction(token)


def at_point(formula, point):
    """Return the value of a formula at one value of each name."""
    return Parser(formula, point).total()


def joined(parts):
    """Return formulas joined by an operator, in brackets or not."""
    return st.builds(
        lambda left, sign, right, brackets: f"({left} {sign} {right})" if brackets else f"{left} {sign} {right}",
        parts,
        st.sampled_from("+-*/"),
        parts,
        st.booleans(),
    ) | st.builds(lambda sign, part: f"{sign}({part})", st.sampled_from("+-"), parts)


LEAVES = st.sampled_from(["a", "b_2", "c"]) | st.sampled_from(["0.1", "2", "100", "0", "7.25", "-3"])
FORMULAS = st.recursive(LEAVES, joined, max_leaves=8)
