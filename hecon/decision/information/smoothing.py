"""Linear smoothers of net benefit on parameters: a basis, one decomposition for all outcomes, and penalties by GCV.

Every function of a basis has a roughness. A penalty shrinks the rough ones first and, as it grows, leaves the mean.
"""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.interpolate import BSpline
from scipy.linalg import null_space

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from hecon._arrays import Codes, Floats

    Functions = Callable[[Floats], Floats]


# Functions of a parameter: alone, in a tensor product of two, and in products of which the smoothest are taken.
_ALONE, _IN_PAIRS, _IN_PRODUCTS = 20, 10, 9
# Terms of a basis of products: of any number of parameters, and of pairs alone.
_TERMS = {"polynomial": 260, "pairwise": 600}
# Terms of the smallest basis of one parameter: a parabola.
_FEWEST = 3
# Draws per term.
_DRAWS_PER_TERM = 8
# The roughness of a straight line, where that of a parabola is 1: it is shrunk only where nothing rougher is left.
_STRAIGHT = 1e-5
_STRAIGHTS = 2
# A penalty that straightens curves and spares straight lines.
SPARING = 1e-2 / _STRAIGHT
# Beyond this, relative to a parabola, functions are shrunk alike.
_ROUGHEST = 1e8
# Draws from which knots and functions of a parameter are made; the regression takes all.
_THINNED = 50_000
# Steps of the penalty to a factor of ten.
_STEPS = 3
# Directions of a basis in which draws vary less than this, relative to the largest, are left out.
_RANK = 1e-10
# Residuals below this share of the variance are rounding.
_EXACT = 1e-12
# Numbers in a block of draws.
_CELLS = 1_000_000
# Numbers of a basis that are kept between its two passes over the draws.
_KEPT = 4_000_000


@dataclass(frozen=True)
class Marginal:
    """Functions of one parameter, from smooth to rough: a constant, a straight line, curves of a penalised spline."""

    knots: Floats
    order: int
    scale: tuple[float, float]
    rotation: Floats
    roughness: Floats

    def __call__(self, values: Floats) -> Floats:
        """Return the functions at each value, shape (draw, function)."""
        scaled = np.clip((values - self.scale[0]) / self.scale[1], self.knots[0], self.knots[-1])
        return np.asarray(BSpline.design_matrix(scaled, self.knots, self.order).toarray() @ self.rotation)


def marginal(values: Floats, most: int) -> Marginal:
    """Return at most `most` functions of a parameter: cubic B-splines, turned so that curvature is diagonal.

    They are orthonormal over the draws, as Demmler and Reinsch's are; a parameter of few distinct values has as many.
    """
    centre, spread = scale_of(values)
    thinned = (_thinned(values) - centre) / spread
    distinct = np.unique(thinned)
    size = min(most, distinct.size)
    order = min(3, size - 1)
    inner = np.quantile(distinct, np.linspace(0, 1, size - order + 1)[1:-1])
    knots = np.concatenate([[distinct[0]] * (order + 1), inner, [distinct[-1]] * (order + 1)])
    design = BSpline.design_matrix(thinned, knots, order).toarray()
    root = np.linalg.cholesky(design.T @ design / len(design) + _RANK / size * np.eye(size))
    # A spline whose coefficients are these means of its knots is a straight line.
    line = np.array([knots[at + 1 : at + order + 1].mean() for at in range(size)])
    straight = np.linalg.qr(root.T @ np.column_stack([np.ones(size), line]))[0]
    curved = null_space(straight.T)
    curvature = np.linalg.solve(root, np.linalg.solve(root, _curvature(knots, order)).T)
    roughness, turned = np.linalg.eigh(curved.T @ curvature @ curved)
    rotation = np.linalg.solve(root.T, np.column_stack([straight, curved @ turned]))
    relative = np.clip(roughness / roughness[:1], 1.0, _ROUGHEST)
    return Marginal(knots, order, (centre, spread), rotation, np.concatenate([[0.0, _STRAIGHT], relative]))


def scale_of(values: Floats) -> tuple[float, float]:
    """Return the centre and the unit in which a parameter is smoothed.

    Away from its mean the draws of a heavy tail would be one number: the mean is far beyond nearly all of them.
    """
    return float(np.median(values)), float(values.std())


def merged(values: Floats) -> float:
    """Return the share of the different values of a parameter that are one number in the unit of its smoothing."""
    centre, spread = scale_of(values)
    distinct = np.unique(values)
    return 1.0 - np.unique((distinct - centre) / spread).size / distinct.size


def _thinned(values: Floats) -> Floats:
    """Return values that stand evenly in their order; by their place, every second of Sobol points is of one half."""
    if values.size <= _THINNED:
        return values
    return np.asarray(np.sort(values)[np.linspace(0, values.size - 1, _THINNED).astype(np.intp)])


def _curvature(knots: Floats, order: int) -> Floats:
    """Return the integrals of products of the second derivatives of B-splines."""
    size = knots.size - order - 1
    if order < 2:  # noqa: PLR2004 (straight lines)
        return np.zeros((size, size))
    breaks = np.unique(knots)
    half, middle = np.diff(breaks) / 2, (breaks[1:] + breaks[:-1]) / 2
    # Exact: between two knots the product is a parabola.
    at = (middle[:, np.newaxis] + half[:, np.newaxis] * np.array([-1.0, 1.0]) / np.sqrt(3)).ravel()
    second = BSpline(knots, np.eye(size), order).derivative(2)(at)
    return np.asarray((second * np.repeat(half, 2)[:, np.newaxis]).T @ second)


@dataclass(frozen=True)
class Basis:
    """Functions of a set of parameters, and the roughness of each; the first is constant and has none."""

    method: str
    functions: Functions
    roughness: Floats


def basis(values: Floats, method: str) -> Basis | int:
    """Return a basis over parameters, shape (draw, parameter); the number of its terms where draws are too few."""
    n_draws = len(values)
    room = n_draws // _DRAWS_PER_TERM
    most = {"spline": min(_ALONE, room), "tensor": min(_IN_PAIRS, math.isqrt(room))}.get(method, _IN_PRODUCTS)
    alone = [marginal(column, max(_FEWEST, most)) for column in values.T]
    if method == "spline":
        return Basis(method, lambda rows: alone[0](rows[:, 0]), alone[0].roughness) if n_draws > _FEWEST else _FEWEST
    terms = _terms(method, [each.roughness.size for each in alone], n_draws)
    if len(terms) >= n_draws:
        return len(terms)
    degrees = [_degrees(each.roughness) for each in alone]
    totals = np.array([sum(degrees[at][degree] for at, degree in enumerate(term)) for term in terms])
    # Straight lines, and products of two of them.
    straight = np.array([max(term) <= 1 and sum(term) <= _STRAIGHTS for term in terms])
    roughness = np.where(straight, _STRAIGHT * totals, (totals / 2) ** 4)
    return Basis(method, lambda rows: _products(alone, terms, rows), roughness)


def _degrees(roughness: Floats) -> Floats:
    """Return the degree of a polynomial that is as rough: roughness grows with its fourth power."""
    return np.concatenate([[0.0, 1.0], 2 * roughness[2:] ** 0.25])


def _terms(method: str, sizes: Sequence[int], n_draws: int) -> list[tuple[int, ...]]:
    """Return the products of a basis, by the place of their function of each parameter."""
    if method == "tensor":
        return sorted(itertools.product(*(range(each) for each in sizes)), key=sum)
    limit = min(_TERMS[method], n_draws // _DRAWS_PER_TERM)
    crossed = 2 if method == "pairwise" else len(sizes)
    terms = _up_to(sizes, 2, crossed)
    for degree in range(3, _IN_PRODUCTS):
        more = _up_to(sizes, degree, crossed)
        if len(more) > limit:
            break
        terms = more
    # Curves in one parameter beyond the degree of the products.
    beyond = [_single(at, place, len(sizes)) for place in range(3, _IN_PRODUCTS) for at in range(len(sizes))]
    fitting = [each for each in beyond if max(each) < sizes[int(np.argmax(each))] and each not in set(terms)]
    return terms + fitting[: max(0, limit - len(terms))]


def _single(at: int, place: int, size: int) -> tuple[int, ...]:
    return tuple(place if each == at else 0 for each in range(size))


def _up_to(sizes: Sequence[int], degree: int, crossed: int) -> list[tuple[int, ...]]:
    """Return the products of up to `crossed` parameters of total degree up to `degree`."""
    found = []
    for width in range(min(crossed, degree, len(sizes)) + 1):
        for chosen in itertools.combinations(range(len(sizes)), width):
            ranges = (range(1, min(degree, sizes[at] - 1) + 1) for at in chosen)
            for places in itertools.product(*ranges):
                if sum(places) <= degree:
                    at = dict(zip(chosen, places, strict=True))
                    found.append(tuple(at.get(each, 0) for each in range(len(sizes))))
    return sorted(found, key=sum)


def _products(alone: Sequence[Marginal], terms: Sequence[tuple[int, ...]], rows: Floats) -> Floats:
    """Return products of functions of the parameters, shape (draw, term)."""
    values = [np.asfortranarray(each(column)) for each, column in zip(alone, rows.T, strict=True)]
    found = np.ones((len(rows), len(terms)), order="F")
    for column, term in zip(found.T, terms, strict=True):
        for at, place in enumerate(term):
            if place:
                column[:] *= values[at][:, place]
    return found


@dataclass(frozen=True)
class Regression:
    """Outcomes regressed on a basis, turned so that it is orthonormal over the draws and its roughness diagonal.

    The constant is left out: functions and outcomes have their means subtracted. `scores` are the coefficients without
    a penalty, shape (outcome, function); `spread` are the mean products of outcomes. `kept` are the functions of all
    draws where they fit in a block.
    """

    basis: Basis
    means: Floats
    rotation: Floats
    roughness: Floats
    scores: Floats
    spread: Floats
    n_draws: int
    kept: Floats | None

    def penalties(self) -> Floats:
        """Return the penalties to choose from: from next to no shrinkage to none left but the mean."""
        low, high = np.log10(1e-5 / self.roughness.max()), np.log10(1e3 / self.roughness.min())
        return np.asarray(10 ** np.linspace(low, high, int(np.ceil((high - low) * _STEPS)) + 1))

    def shrinkage(self, penalty: Floats | float) -> Floats:
        """Return what each penalty leaves of each function, shape (penalty, function)."""
        return np.asarray(1.0 / (1.0 + np.multiply.outer(penalty, self.roughness)))

    def freedom(self, left: Floats) -> Floats:
        """Return the effective degrees of freedom, that of the mean among them."""
        return np.asarray(1.0 + left.sum(axis=-1))

    def choose(self, wtp: Floats) -> tuple[Floats, Codes]:
        """Return the penalties to choose from, and the place of the one chosen at each willingness to pay.

        Generalised cross-validation on net benefit, of all strategies together: outcomes are costs, then effects, each
        relative to the mean of the strategies, so that no strategy is a reference.
        """
        penalties = self.penalties()
        left = self.shrinkage(penalties)
        half = len(self.scores) // 2
        cost, effect = self.scores[:half], self.scores[half:]
        pairs = ((cost, cost, 0, 0), (cost, effect, 0, half), (effect, effect, half, half))
        lost = 2 * left - left**2
        rest = [
            np.trace(self.spread[row : row + half, column : column + half]) - lost @ (one * other).sum(axis=0)
            for one, other, row, column in pairs
        ]
        squares = np.outer(rest[2], wtp**2) - 2 * np.outer(rest[1], wtp) + rest[0][:, np.newaxis]
        # Of fits that leave rounding alone, the smoothest.
        squares = np.maximum(squares, _EXACT * squares.max(axis=0))
        share = 1.0 - self.freedom(left)[:, np.newaxis] / self.n_draws
        return penalties, (squares / share**2).argmin(axis=0)

    def blocks(self) -> Iterator[slice]:
        """Return blocks of draws that fit in memory."""
        return blocks(self.n_draws, self.basis.roughness.size)

    def turned(self, rows: Floats) -> Floats:
        """Return the turned functions at the parameters of a block, shape (draw, function)."""
        functions = self.basis.functions(rows) if self.kept is None else self.kept
        return np.asarray((functions[:, 1:] - self.means) @ self.rotation)


def blocks(n_draws: int, width: int) -> Iterator[slice]:
    """Return slices of draws such that a block of `width` numbers a draw fits in memory."""
    step = n_draws if n_draws * width <= _KEPT else max(1, _CELLS // width)
    return (slice(start, start + step) for start in range(0, n_draws, step))


def regress(chosen: Basis, values: Floats, outcomes: Floats) -> Regression:
    """Regress centred outcomes, shape (outcome, draw), on a basis over parameters; the draws are read once."""
    size, n_draws = chosen.roughness.size, len(values)
    gram, cross = np.zeros((size, size)), np.zeros((len(outcomes), size))
    for block in blocks(n_draws, size):
        functions = chosen.functions(values[block])
        gram += functions.T @ functions
        cross += outcomes[:, block] @ functions
    means = gram[0, 1:] / n_draws
    variance, vectors = np.linalg.eigh(gram[1:, 1:] / n_draws - np.outer(means, means))
    varied = variance > _RANK * variance[-1]
    whitened = vectors[:, varied] / np.sqrt(variance[varied])
    roughness, turned = np.linalg.eigh((whitened.T * chosen.roughness[1:]) @ whitened)
    rotation = whitened @ turned
    return Regression(
        basis=chosen,
        means=means,
        rotation=rotation,
        roughness=np.maximum(roughness, chosen.roughness[1:].min()),
        scores=cross[:, 1:] @ rotation / n_draws,
        spread=outcomes @ outcomes.T / n_draws,
        n_draws=n_draws,
        kept=functions if len(functions) == n_draws else None,
    )
