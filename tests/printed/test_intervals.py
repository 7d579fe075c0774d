"""Arithmetic on intervals: exact spans, and enclosures of quantities and slopes over many boxes."""

from __future__ import annotations

import itertools
import operator
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import examples

from hecon.printed.formulas import Enclosure, coordinates, enclosed, evaluate
from hecon.printed.numbers import Span

F = Fraction

# Spans ----------------------------------------------------------------------------------------------------------------

numbers = st.fractions(max_denominator=1000) | st.builds(
    lambda whole, power: whole * F(10) ** power, st.integers(-999, 999), st.integers(-15, 12)
)
spans = st.tuples(numbers, numbers).map(lambda ends: Span(*sorted(ends)))
shares = st.fractions(0, 1, max_denominator=16)


def within(span, share):
    """Return a value of a span."""
    return span.low + share * (span.high - span.low)


@given(spans, spans, shares, shares, st.sampled_from([operator.add, operator.sub, operator.mul, operator.truediv]))
def test_what_is_computed_of_spans_holds_what_is_computed_of_their_values(first, second, one, other, compute):
    """At any scale and sign, and no wider than needed; nothing is divided by a span that holds 0."""
    if compute is operator.truediv and second.low <= 0 <= second.high:
        with pytest.raises(ZeroDivisionError):
            compute(first, second)
        return
    found = compute(first, second)
    ends = [compute(a, b) for a, b in itertools.product(first, second)]

    assert found.low <= compute(within(first, one), within(second, other)) <= found.high
    assert found == (min(ends), max(ends))


@given(spans, spans, shares)
def test_spans_are_apart_where_they_share_no_value(first, second, share):
    """Ends included; the negative of a span holds the negatives of its values, and its size their sizes."""
    middle = within(first, share)

    assert first.apart(second) == second.apart(first) == (max(first.low, second.low) > min(first.high, second.high))
    assert not first.apart(Span(middle, middle))
    assert -first == (-first.high, -first.low)
    assert not (-first).apart(Span(-middle, -middle))
    assert abs(first).low <= abs(middle) <= abs(first).high
    assert abs(first).high in map(abs, first)
    assert abs(first).low == 0 if first.low <= 0 <= first.high else abs(first).low in map(abs, first)


# Enclosures -----------------------------------------------------------------------------------------------------------

leaves = st.sampled_from(["a", "b", "c", "0.5", "2", "1"])
formulas = st.recursive(
    leaves,
    lambda inner: (
        st.builds("({} {} {})".format, inner, st.sampled_from("+-**/"), inner) | st.builds("(-{})".format, inner)
    ),
    max_leaves=7,
)
ends = st.tuples(st.integers(-8, 8), st.integers(0, 8)).map(lambda pair: (pair[0] / 4, (pair[0] + pair[1]) / 4))


@pytest.mark.slow
@examples(120)
@given(formulas, st.fixed_dictionaries(dict.fromkeys("abc", ends)))
def test_enclosures_hold_values_and_slopes(formula, ranges):
    """Of a formula at points within a box, and of its differences between them."""
    low, high = np.array([ranges[name] for name in "abc"]).T
    with np.errstate(all="ignore"):
        found = enclosed(formula, dict(zip("abc", coordinates(low[:, None], high[:, None]), strict=True)))
        steps = np.linspace(0, 1, 5)
        points = np.array([low + (high - low) * each for each in itertools.product(steps, repeat=3)]).T
        values = np.broadcast_to(evaluate(formula, dict(zip("abc", points, strict=True))), points.shape[1:])
        bound = [np.broadcast_to(each, (1,))[0] for each in (found.low, found.high)]
        falls, rises = (np.broadcast_to(each, (3, 1))[:, 0] for each in (found.falls, found.rises))
    if not np.isfinite(bound).all():
        return
    room = 1e-12 * (1 + np.abs(values).max())
    assert bound[0] - room <= values.min()
    assert values.max() <= bound[1] + room
    cube = values.reshape(5, 5, 5)
    for axis, width in enumerate(high - low):
        if width > 0 and np.isfinite([falls[axis], rises[axis]]).all():
            slopes = np.diff(cube, axis=axis) / (width / 4)
            slack = room / width * 8
            assert falls[axis] - slack <= slopes.min()
            assert slopes.max() <= rises[axis] + slack


def test_the_smaller_of_two_quantities():
    """Its slope is that of either where either may be the smaller."""
    (x,) = coordinates(np.array([[0.0, 2.0, 0.5]]), np.array([[0.5, 3.0, 2.0]]))
    least = x.minimum(-x + 2.0)

    assert least.low == pytest.approx([0, -1, 0])
    assert least.high == pytest.approx([0.5, 0, 1.5])
    assert [least.falls[0].tolist(), least.rises[0].tolist()] == [[1, -1, -1], [1, -1, 1]]


def test_a_quantity_without_bounds_stays_without():
    """0 times what has no bounds is what the other products are."""
    none = np.zeros((1, 1))
    wide = Enclosure(np.array([1.0]), np.array([np.inf]), none, none)
    unit = Enclosure(np.array([0.0]), np.array([1.0]), none, none)
    with np.errstate(invalid="ignore"):
        product = wide * unit

    assert (float(product.low[0]), float(product.high[0])) == (0, np.inf)
