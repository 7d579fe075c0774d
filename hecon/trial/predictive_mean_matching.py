"""Chained equations with predictive mean matching on the rows of one arm, batched over imputations.

Predictors, the chain, effects of clusters on what is matched, and the donors of each missing value.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hecon._arrays import Codes, Flags, Floats

# Relative to each predictor's sum of squares, as in mice: collinear predictors then share their weight.
RIDGE = 1e-5
# A predictor more than one to four observations would let the matching follow noise.
OBSERVED_PER_PREDICTOR = 4
FEWEST_PREDICTORS = 3
# Rounding of a variance, relative to the square of the largest value.
_VARIES = 1e-14
# Predicted means that differ by less than this share of the outcome's standard deviation are equal but for rounding.
_TIED = 1e-9
# Smallest size by which the weights of a group are drawn.
_SMALLEST_GROUP = 5
# Largest factor on the distance of a value from the fixed end.
_MOST = 3.0


def predictors(values: Floats, *, always: Flags | None = None) -> Flags:
    """Return which variables predict which, shape (target, predictor): the strongest that its observations bear.

    Those in `always` go before stronger ones: without the variables of the analysis imputation would dilute it.
    """
    observed = ~np.isnan(values)
    strength = _correlations(values, observed)
    count = values.shape[1]
    first = strength + (0.0 if always is None else np.where(always, 1.0, 0.0))
    chosen = np.zeros((count, count), dtype=bool)
    for target in range(count):
        most = max(FEWEST_PREDICTORS, int(observed[:, target].sum()) // OBSERVED_PER_PREDICTOR)
        strongest = np.argsort(-first[target], kind="stable")[:most]
        chosen[target, strongest] = strength[target, strongest] >= 0
    return chosen


def _correlations(values: Floats, observed: Flags) -> Floats:
    """Return the size of each correlation over the patients who have both, -1 of a variable with itself."""
    seen = observed.astype(np.float64)
    with np.errstate(invalid="ignore", divide="ignore"):
        centre = np.where(observed, values, 0.0).sum(axis=0) / seen.sum(axis=0)
        apart = np.where(observed, values - centre, 0.0)
        scale = np.abs(apart).max(axis=0)
        apart = apart / np.where(scale > 0, scale, 1.0)
        both = seen.T @ seen
        means = apart.T @ seen / both
        spread = (apart**2).T @ seen / both - means**2
        shared = apart.T @ apart / both - means * means.T
        result = np.abs(shared) / np.sqrt(spread * spread.T)
    # Two points always correlate, and what does not vary tells nothing.
    sound = (both > 2) & (spread > _VARIES) & (spread.T > _VARIES)  # noqa: PLR2004
    result = np.where(sound, np.minimum(result, 1.0), 0.0)
    np.fill_diagonal(result, -1.0)
    return result


def chain(
    values: Floats,
    uses: Flags,
    log: Flags,
    *,
    aside: Flags | None = None,
    blocks: Sequence[tuple[int, ...]] = (),
    cluster: Codes | None = None,
    iterations: int,
    donors: int,
    match_type: int = 1,
    bounds: ScalingEnds | None = None,
    rng: np.random.Generator,
) -> tuple[Floats, Floats]:
    """Impute every variable in turn, `iterations` times: return completed values and the trace.

    Values have the shape (imputation, patient, variable), NaN where missing; row `uses[variable]` has its predictors,
    `log` those matched on log(1 + x), `blocks` those lent together, as the dummies of a category. What is `aside`, as
    of the dead, is NaN too: it is neither imputed nor lent, predicts as a mean does, and comes back as that. With
    `bounds` lent values are scaled. The trace has mean and standard deviation of what was imputed, shape (iteration,
    imputation, variable, 2).
    """
    work, order = _first_values(values, aside, blocks, rng)
    trace = np.full((iterations, values.shape[0], values.shape[2], 2), np.nan)
    gaps = {block: _gaps(work.barred[:, block[0]]) for block in order}
    rows = {block: _rows(uses, block) for block in order}
    for round_ in range(iterations):
        for block in order:
            absent, barred = work.missing[:, block[0]], work.barred[:, block[0]]
            outcome = work.outcome(block, log=bool(log[block[0]]))
            sums = work.cross[:, rows[block][:, None], rows[block]] - _over(work.scaled, rows[block], gaps[block])
            fitted, drawn = _predicted(work.scaled, rows[block], sums, outcome, barred, rng if match_type else None)
            if cluster is not None:
                effect = cluster_effects(outcome - fitted, barred, cluster, rng)
                fitted, drawn = fitted + effect, drawn + effect
            spread, weigh_all = _spread(outcome, barred), bounds is not None
            near = nearest(
                fitted, drawn, absent, barred=barred, spread=spread, count=donors, weigh_all=weigh_all, rng=rng
            )
            lender = near.drawn(rng)
            for at in block:
                own = work.filled[:, at]
                lent = own[near.imputation, lender]
                if bounds is not None and np.isfinite(bounds.fixed[at]) and not log[at]:
                    lent = bounds.scaled(at, lent, near, own, drawn[:, 0] * work.scale[at])
                work.take(at, lent, near)
                trace[round_, :, at] = _moments(own, absent)
    return work.filled.transpose(0, 2, 1), trace


@dataclass(frozen=True)
class _Work:
    """Values in work, shape (imputation, variable, patient): as they are, and scaled with the constant first.

    Variables stand in rows of patients: those that predict are then copied whole. `cross` has the cross-products of the
    scaled; `barred` are those who lend nothing, as it is missing or aside.
    """

    filled: Floats
    missing: Flags
    barred: Flags
    centre: Floats
    scale: Floats
    scaled: Floats
    cross: Floats

    def outcome(self, block: tuple[int, ...], *, log: bool) -> Floats:
        """Return what is predicted of a block, shape (imputation, outcome, patient)."""
        return np.log1p(self.filled[:, block]) if log else self.scaled[:, [each + 1 for each in block]]

    def take(self, at: int, lent: Floats, donors: Donors) -> None:
        """Take lent values of a variable in."""
        own = self.filled[:, at]
        own[donors.imputation, donors.patient] = lent
        self.scaled[:, at + 1] = (own - self.centre[at]) / self.scale[at]
        self.cross[:, at + 1] = (self.scaled @ self.scaled[:, at + 1, :, None])[:, :, 0]
        self.cross[:, :, at + 1] = self.cross[:, at + 1]


def _first_values(
    values: Floats, aside: Flags | None, blocks: Sequence[tuple[int, ...]], rng: np.random.Generator
) -> tuple[_Work, list[tuple[int, ...]]]:
    """Return values with every missing one filled at random, and what is imputed in which order."""
    filled = np.ascontiguousarray(values.transpose(0, 2, 1))
    barred = np.isnan(filled)
    left = None if aside is None or not aside.any() else aside.transpose(0, 2, 1)
    missing = barred if left is None else barred & ~left
    order = _order(missing, blocks)
    _fill_at_random(filled, missing, barred, order, rng)
    centre, scale = _scaling(values)
    if left is not None:
        filled = np.where(left, centre, filled)
    scaled = np.concatenate([np.ones((values.shape[0], 1, values.shape[1])), (filled - centre) / scale], axis=1)
    return _Work(filled, missing, barred, centre, scale, scaled, scaled @ scaled.transpose(0, 2, 1)), order


def _order(missing: Flags, blocks: Sequence[tuple[int, ...]]) -> list[tuple[int, ...]]:
    """Return what is imputed, those of whom least is missing first: single variables, and blocks as one."""
    inside = {each: block for block in blocks for each in block}
    targets = [int(each) for each in np.flatnonzero(missing.any(axis=(0, 2)))]
    result = dict.fromkeys(inside.get(each, (each,)) for each in targets)
    return sorted(result, key=lambda block: int(missing[:, block[0]].sum()))


def _rows(uses: Flags, block: tuple[int, ...]) -> Codes:
    """Return the places of the constant and of what predicts any variable of a block, the block itself left out."""
    some = np.any(uses[list(block)], axis=0)
    some[list(block)] = False
    return np.flatnonzero(np.concatenate([[True], some]))


def _gaps(absent: Flags) -> tuple[Codes, Floats]:
    """Return the absent patients of each imputation, padded to an equal number, and 0 for what is padding."""
    number = absent.sum(axis=1)
    where = np.argsort(~absent, axis=1, kind="stable")[:, : int(number.max())]
    return where, np.where(np.arange(where.shape[1]) < number[:, None], 1.0, 0.0)


def _over(scaled: Floats, rows: Codes, gaps: tuple[Codes, Floats]) -> Floats:
    """Return the cross-products of some variables over the absent patients: those over the others follow."""
    where, counts = gaps
    some = np.take_along_axis(scaled, where[:, None, :], axis=2)[:, rows] * counts[:, None, :]
    return some @ some.transpose(0, 2, 1)


def _fill_at_random(
    filled: Floats, missing: Flags, barred: Flags, order: Sequence[tuple[int, ...]], rng: np.random.Generator
) -> None:
    """Fill each missing value, or block of them, with that of a random patient who has it, in the same imputation."""
    for block in order:
        absent, lacks = missing[:, block[0]], barred[:, block[0]]
        shuffled = np.argsort(rng.random(absent.shape) + lacks, axis=1)
        seen = (~lacks).sum(axis=1)
        picked = np.floor(rng.random(absent.shape) * seen[:, None]).astype(np.intp)
        lent = np.take_along_axis(shuffled, picked, axis=1)
        for at in block:
            own = filled[:, at]
            own[absent] = np.take_along_axis(own, lent, axis=1)[absent]


def _scaling(values: Floats) -> tuple[Floats, Floats]:
    """Return centre and scale of each variable over what was observed in all imputations; a constant is left alone."""
    known = ~np.isnan(values)
    # Of a time at which a whole arm is dead nothing is known, and nothing imputed.
    count = np.maximum(known.sum(axis=(0, 1)), 1)
    centre = np.where(known, values, 0.0).sum(axis=(0, 1)) / count
    spread = np.sqrt(np.where(known, (values - centre) ** 2, 0.0).sum(axis=(0, 1)) / count)
    return centre[:, None], np.where(spread > 0, spread, 1.0)[:, None]


def _moments(column: Floats, absent: Flags) -> Floats:
    count = absent.sum(axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = np.where(absent, column, 0.0).sum(axis=1) / count
        spread = np.sqrt(np.where(absent, (column - mean[:, None]) ** 2, 0.0).sum(axis=1) / count)
    return np.stack([mean, spread], axis=-1)


def _spread(outcome: Floats, absent: Flags) -> Floats:
    """Return the standard deviation of what is known of an outcome, over all its columns, by imputation."""
    count = (~absent).sum(axis=1)
    known = np.where(absent[:, None], 0.0, outcome)
    apart = np.where(absent[:, None], 0.0, known - known.sum(axis=2, keepdims=True) / count[:, None, None])
    result: Floats = np.sqrt((apart**2).sum(axis=(1, 2)) / count)
    return result


def _predicted(  # noqa: PLR0917
    scaled: Floats, rows: Codes, cross: Floats, outcome: Floats, absent: Flags, rng: np.random.Generator | None
) -> tuple[Floats, Floats]:
    """Return the means fitted on the observed patients, and those of coefficients drawn from their posterior.

    All variables `scaled` have the shape (imputation, variable, patient), the constant first; `cross` has the products
    of those in `rows` over observed patients, changed in place. Without `rng` there is no draw, and both are what is
    fitted.
    """
    batch, size, number = scaled.shape
    diagonal = np.einsum("bii->bi", cross)
    ridge = np.where(diagonal > 0, RIDGE * diagonal, 1.0)
    diagonal += ridge
    count = outcome.shape[1]
    parts = [np.where(absent[:, None], 0.0, outcome)]
    if rng is not None:
        # Noise whose covariance is the matrix of the equations: that of the solution is then its inverse.
        parts.append(np.where(absent[:, None], 0.0, rng.standard_normal((batch, count, number))))
    sums = (scaled @ np.concatenate(parts, axis=1).transpose(0, 2, 1))[:, rows]
    if rng is not None:
        stray = rng.standard_normal((batch, count, rows.size))
        sums[:, :, count:] += (np.sqrt(ridge)[:, None] * stray).transpose(0, 2, 1)
    weights = np.zeros((batch, sums.shape[2], size))
    weights[:, :, rows] = np.linalg.solve(cross, sums).transpose(0, 2, 1)
    predicted = weights @ scaled
    fitted = predicted[:, :count]
    if rng is None:
        return fitted, fitted
    seen = number - absent.sum(axis=1)
    squares = np.where(absent[:, None], 0.0, (parts[0] - fitted) ** 2).sum(axis=2)
    sigma = np.sqrt(squares / rng.chisquare(np.maximum(seen - rows.size, 1.0), (count, batch)).T)
    return fitted, fitted + sigma[:, :, None] * predicted[:, count:]


def cluster_effects(residuals: Floats, absent: Flags, cluster: Codes, rng: np.random.Generator) -> Floats:
    """Return what the cluster of each patient adds to a fitted value, shape (imputation, outcome, patient).

    Of the observed patients' residuals the variances between and within clusters are estimated by analysis of variance.
    An absent patient has a draw of the cluster's effect from its distribution given the residuals of its observed
    patients, one draw for all of a cluster in an imputation. An observed patient has the expected effect given the
    residuals of the others: with the patient's own, donors would be matched on the value to be lent. A place without a
    cluster (-1) must be absent.
    """
    batch, outcomes, _ = residuals.shape
    code: Codes = np.broadcast_to(np.maximum(cluster, 0), absent.shape)
    size = int(code.max()) + 1
    seen = ~absent
    left = np.where(seen[:, None], residuals, 0.0)
    number = _sums(seen[:, None].astype(np.float64), code, size)
    sums = _sums(left, code, size)
    between, within = _variances(left, seen, number, sums)
    # Within 0 or no cluster at all the ratio has no value: nothing is added then.
    known = number * between
    share = np.divide(known, known + within, out=np.zeros(known.shape), where=known > 0)
    mean = np.divide(sums, number, out=np.zeros(sums.shape), where=number > 0)
    effect = share * mean + np.sqrt(between * (1 - share)) * rng.standard_normal((batch, outcomes, size))
    places = np.broadcast_to(code[:, None], left.shape)
    others = np.take_along_axis(np.broadcast_to(number, sums.shape), places, axis=2) - 1
    rest = np.take_along_axis(sums, places, axis=2) - left
    # The expected effect given the others: their sum times between/(others × between + within).
    scale = np.divide(between, others * between + within, out=np.zeros(left.shape), where=(others > 0) & (between > 0))
    return np.where(seen[:, None], scale * rest, np.take_along_axis(effect, places, axis=2))


def _sums(values: Floats, code: Codes, size: int) -> Floats:
    """Return sums by cluster, shape (imputation, outcome, cluster)."""
    batch, outcomes, _ = values.shape
    row = np.arange(batch * outcomes).reshape(batch, outcomes, 1)
    place = (row * size + code[:, None]).ravel()
    flat: Floats = np.bincount(place, values.ravel(), batch * outcomes * size).astype(np.float64)
    return flat.reshape(batch, outcomes, size)


def _variances(left: Floats, seen: Flags, number: Floats, sums: Floats) -> tuple[Floats, Floats]:
    """Return the variances between and within clusters by analysis of variance, shape (imputation, outcome, 1).

    The first is 0 where it would be negative, or where clusters are too few or too small to tell them apart.
    """
    total = seen.sum(axis=1, dtype=np.float64)[:, None, None]
    clusters = np.count_nonzero(number, axis=2).astype(np.float64)[..., None]
    grand = sums.sum(axis=2, keepdims=True) / np.maximum(total, 1)
    squares = np.divide(sums**2, number, out=np.zeros(sums.shape), where=number > 0).sum(axis=2, keepdims=True)
    inside = np.maximum((left**2).sum(axis=2, keepdims=True) - squares, 0.0)
    apart = np.maximum(squares - total * grand**2, 0.0)
    separable = (clusters > 1) & (total > clusters)
    within = np.where(separable, inside / np.maximum(total - clusters, 1), 0.0)
    size = (total - (number**2).sum(axis=2, keepdims=True) / np.maximum(total, 1)) / np.maximum(clusters - 1, 1)
    result = (apart / np.maximum(clusters - 1, 1) - within) / np.where(size > 0, size, 1.0)
    return np.where(separable, np.maximum(result, 0.0), 0.0), within


@dataclass(frozen=True)
class Donors:
    """The nearest donors of each missing value."""

    imputation: Codes  # where each missing value stands, shape (missing value,)
    patient: Codes
    chosen: Codes  # patients who may lend, shape (missing value, donor)
    weights: Floats  # in proportion to which they lend; 0 for a place without a donor

    def drawn(self, rng: np.random.Generator) -> Codes:
        """Return one patient for each missing value, in proportion to the weights."""
        cumulative = np.cumsum(self.weights, axis=1)
        place = (rng.random(len(cumulative))[:, None] * cumulative[:, -1:] >= cumulative).sum(axis=1)
        last = (self.weights > 0).shape[1] - 1 - np.argmax(self.weights[:, ::-1] > 0, axis=1)
        return np.take_along_axis(self.chosen, np.minimum(place, last)[:, None], axis=1)[:, 0]

    def mean(self, values: Floats) -> Floats:
        """Return the weighted mean over the donors of values of shape (imputation, patient)."""
        given = values[self.imputation[:, None], self.chosen]
        total: Floats = (self.weights * given).sum(axis=1) / self.weights.sum(axis=1)
        return total


def nearest(
    fitted: Floats,
    wanted: Floats,
    absent: Flags,
    *,
    barred: Flags | None = None,
    spread: Floats,
    count: int,
    weigh_all: bool = False,
    rng: np.random.Generator,
) -> Donors:
    """Return the donors whose predicted means are nearest to those of the patients without a value.

    Those who are absent lend nothing, nor do others who are barred, which are absent alone by default.
    Predicted means have the shape (imputation, outcome, patient); squared distances of several outcomes are added up.

    Donors with equal predicted means are a group, of whom any may lend. Each member of a group of size m gets a weight
    from a gamma distribution with shape 1 - 2/max(5, m) and mean 1, once per imputation: an approximate Bayesian
    bootstrap, so that the sets differ by what is not known of the group's mean. Each place that a member takes among
    the nearest is refilled by a draw from the whole group in proportion to the weights, and counts as much as the
    group's mean weight. With `weigh_all` every other donor has a weight from an exponential distribution, as in the
    Bayesian bootstrap: then the sets differ, too, by what is not known of the mean of those who are nearly equal.
    """
    single = fitted.shape[1] == 1
    key = fitted[:, 0] if single else np.einsum("o,bop->bp", rng.standard_normal(fitted.shape[1]), fitted)
    barred = absent if barred is None else barred
    key = np.where(barred, np.inf, key)
    order = np.argsort(key, axis=1)
    ranked = np.take_along_axis(key, order, axis=1)
    rounding = _TIED * spread[:, None]
    who, where = np.nonzero(absent)
    seen = (~barred).sum(axis=1)
    if single:
        window, distance = _window(ranked, who, wanted[who, 0, where], seen, count)
    else:
        window = np.broadcast_to(np.arange(key.shape[1]), (who.size, key.shape[1]))
        apart = fitted[who[:, None], :, order[who]] - wanted[who, :, where][:, None]
        distance = np.where(window < seen[who][:, None], np.sqrt((apart**2).sum(axis=2)), np.inf)
    tied = _tied(ranked, rounding)
    are_weighed = weigh_all or bool(tied.any())
    if are_weighed:
        with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
            steps = np.where(distance > 0, distance / np.maximum(rounding[who], np.finfo(float).tiny), 0.0)
        closest = np.lexsort((rng.random(distance.shape), np.round(steps)), axis=1)[:, :count]
    else:
        closest = np.argsort(distance, axis=1, kind="stable")[:, :count]
    ranks = np.take_along_axis(window, closest, axis=1)
    weights = np.isfinite(np.take_along_axis(distance, closest, axis=1)).astype(np.float64)
    if are_weighed:
        ranks, mean_weight = _refilled(ranks, who, tied, seen, rng, weigh_all=weigh_all)
        weights *= mean_weight
    return Donors(who, where, order[who[:, None], ranks], weights)


def _tied(ranked: Floats, rounding: Floats) -> Flags:
    """Return which donors have the same predicted mean as the one ranked before them."""
    with np.errstate(invalid="ignore"):
        equal = ranked[:, 1:] - ranked[:, :-1] <= rounding
    return np.concatenate([np.zeros((len(ranked), 1), dtype=bool), equal], axis=1)


def _window(ranked: Floats, who: Codes, wanted: Floats, seen: Codes, count: int) -> tuple[Codes, Floats]:
    """Return for each missing value the ranks of the donors next to it on both sides, and their distances."""
    batch, number = ranked.shape
    # Complex numbers sort by real part, then imaginary: one search serves all imputations.
    shelf, key = np.empty((batch, number), dtype=complex), np.empty(who.size, dtype=complex)
    shelf.real, shelf.imag = np.arange(batch)[:, None], ranked
    key.real, key.imag = who, wanted
    place = np.searchsorted(shelf.ravel(), key) - who * number
    window = place[:, None] + np.arange(-count, count)
    inside = (window >= 0) & (window < seen[who][:, None])
    window = np.clip(window, 0, number - 1)
    with np.errstate(invalid="ignore"):
        distance = np.where(inside, np.abs(ranked[who[:, None], window] - wanted[:, None]), np.inf)
    return window, distance


def _refilled(
    ranks: Codes, who: Codes, tied: Flags, seen: Codes, rng: np.random.Generator, *, weigh_all: bool
) -> tuple[Codes, Floats]:
    """Return the ranks with each member of a group replaced by one of it, and the mean weight of each one's group."""
    batch, number = tied.shape
    at = np.arange(number)
    first = np.maximum.accumulate(np.where(tied, 0, at), axis=1)
    ends = np.concatenate([~tied[:, 1:], np.ones((batch, 1), dtype=bool)], axis=1)
    last = np.minimum.accumulate(np.where(ends, at, number)[:, ::-1], axis=1)[:, ::-1]
    size = last - first + 1
    shape = np.where(size > 1, 1 - 2 / np.maximum(size, _SMALLEST_GROUP), 1.0)
    weight = rng.standard_gamma(shape) / shape
    if not weigh_all:
        weight[size == 1] = 1.0
    weight = np.where(at < seen[:, None], np.maximum(weight, np.finfo(float).tiny), 0.0)
    cumulative = np.cumsum(weight.ravel()).reshape(batch, number)
    row = who[:, None]
    low, high = first[row, ranks], last[row, ranks]
    below = cumulative[row, low] - weight[row, low]
    total = cumulative[row, high] - below
    target = below + rng.random(ranks.shape) * total
    result = np.searchsorted(cumulative.ravel(), target, side="right") - row * number
    return np.clip(result, low, high), total / (high - low + 1)


@dataclass(frozen=True)
class ScalingEnds:
    """The ends of each variable, between which lent values are scaled."""

    low: Floats  # lowest and highest value of each variable
    high: Floats
    # the end from which distances are multiplied: 1 for utilities, 0 for costs; NaN for a variable whose values are
    # lent as they are
    fixed: Floats

    def scaled(self, at: int, lent: Floats, donors: Donors, values: Floats, predicted: Floats) -> Floats:
        """Return lent values of a variable, scaled towards or away from its fixed end b.

        A value y becomes b + f (y - b) with f = 1 + (p - p_donors) / (y_donors - b) within [0, 3], of predicted means p
        and the weighted means over the donors. `predicted` is of drawn coefficients, so that the sets differ by their
        uncertainty.
        """
        fixed = float(self.fixed[at])
        room = donors.mean(values) - fixed
        gap = predicted[donors.imputation, donors.patient] - donors.mean(predicted)
        with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
            factor = np.where(room == 0, 1.0, np.clip(1 + gap / room, 0.0, _MOST))
        moved = np.where(factor == 1, lent, fixed + factor * (lent - fixed))
        return np.clip(moved, self.low[at], self.high[at])
