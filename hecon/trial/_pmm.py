"""Chained equations with predictive mean matching, batched over imputations: plain NumPy on the rows of one arm."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from hecon.trial._donors import nearest

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from hecon.trial._donors import ScalingEnds

    Floats = NDArray[np.float64]
    Flags = NDArray[np.bool_]
    Codes = NDArray[np.intp]


def cluster_effects(residuals: Floats, absent: Flags, cluster: Codes, rng: np.random.Generator) -> Floats:
    """Return what the cluster of each patient adds to a fitted value, shape (imputation, outcome, patient).

    Of the observed patients' residuals the variances between and within clusters are estimated by analysis of variance.
    An absent patient has a draw of the cluster's effect from its distribution given the residuals of its observed
    patients, one draw for all of a cluster in an imputation. An observed patient has the expected effect given the
    residuals of the others: with the patient's own, who lends would be matched on the value to be lent.

    Parameters
    ----------
    residuals : ndarray
        Outcome less fitted value, shape (imputation, outcome, patient); not read where absent.
    absent : ndarray of bool
        Shape (imputation, patient).
    cluster : ndarray
        Code of each patient's cluster from 0, shape (imputation, patient) or (patient,); -1 for a place without one,
        which must be absent.
    rng : numpy.random.Generator
        Source of randomness.
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
    told = (clusters > 1) & (total > clusters)
    within = np.where(told, inside / np.maximum(total - clusters, 1), 0.0)
    size = (total - (number**2).sum(axis=2, keepdims=True) / np.maximum(total, 1)) / np.maximum(clusters - 1, 1)
    found = (apart / np.maximum(clusters - 1, 1) - within) / np.where(size > 0, size, 1.0)
    return np.where(told, np.maximum(found, 0.0), 0.0), within


# Relative to each predictor's sum of squares, as in mice: collinear predictors then share their weight.
RIDGE = 1e-5
# A predictor more than one to four observations would let the matching follow noise.
OBSERVED_PER_PREDICTOR = 4
FEWEST_PREDICTORS = 3
# Variance, relative to the square of the largest value, below which a variable is constant but for rounding.
_VARIES = 1e-14


def predictors(values: Floats, *, always: Flags | None = None) -> Flags:
    """Return which variables predict which, shape (target, predictor): the strongest that its observations bear.

    Parameters
    ----------
    values : ndarray
        Shape (patient, variable), NaN where missing.
    always : ndarray of bool, optional
        Variables that go before stronger ones: those of the analysis, without which imputation would dilute it.
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
        found = np.abs(shared) / np.sqrt(spread * spread.T)
    # Two points always correlate, and what does not vary tells nothing.
    sound = (both > 2) & (spread > _VARIES) & (spread.T > _VARIES)  # noqa: PLR2004
    found = np.where(sound, np.minimum(found, 1.0), 0.0)
    np.fill_diagonal(found, -1.0)
    return found


def chain(
    values: Floats,
    uses: Flags,
    log: Flags,
    *,
    blocks: Sequence[tuple[int, ...]] = (),
    cluster: NDArray[np.intp] | None = None,
    iterations: int,
    donors: int,
    match_type: int = 1,
    bounds: ScalingEnds | None = None,
    rng: np.random.Generator,
) -> tuple[Floats, Floats]:
    """Impute every variable in turn, `iterations` times.

    Parameters
    ----------
    values : ndarray
        Shape (imputation, patient, variable), NaN where missing; each imputation may have rows of its own.
    uses : ndarray of bool
        Which variable (row) is predicted by which (column).
    log : ndarray of bool
        Which variables are matched on log(1 + x).
    blocks : sequence of tuples of int
        Variables that are lent together, as the dummies of a category: missing in the same patients.
    cluster : ndarray, optional
        Cluster of each patient, whose effect is added to what is matched: see `cluster_effects`.
    iterations : int
        Rounds of the chain.
    donors : int
        Number of nearest observed patients, one of whom lends the value.
    match_type : {0, 1}
        Whether what a patient without a value is matched by comes from the estimated coefficients, as that of donors
        does, or from coefficients drawn from their posterior: the matchtype of R's mice.
    bounds : ScalingEnds, optional
        Where what is lent is scaled to the predicted mean, its ends; all donors then have weights. Default lent as it
        is.
    rng : numpy.random.Generator
        Source of all randomness.

    Returns
    -------
    (ndarray, ndarray)
        The completed values, same shape; and the trace: mean and standard deviation of what was imputed, shape
        (iteration, imputation, variable, 2), NaN where nothing was missing.
    """
    # Variables stand in rows of patients: those that predict are then copied whole.
    filled = np.ascontiguousarray(values.transpose(0, 2, 1))
    missing = np.isnan(filled)
    order = _order(missing, blocks)
    _start(filled, missing, order, rng)
    centre, scale = _scaling(values)
    trace = np.full((iterations, values.shape[0], values.shape[2], 2), np.nan)
    scaled = np.concatenate([np.ones((values.shape[0], 1, values.shape[1])), (filled - centre) / scale], axis=1)
    cross = scaled @ scaled.transpose(0, 2, 1)
    gaps = {block: _gaps(missing[:, block[0]]) for block in order}
    rows = {block: _rows(uses, block) for block in order}
    for round_ in range(iterations):
        for block in order:
            absent, places = missing[:, block[0]], [each + 1 for each in block]
            outcome = np.log1p(filled[:, block]) if log[block[0]] else scaled[:, places]
            sums = cross[:, rows[block][:, None], rows[block]] - _over(scaled, rows[block], gaps[block])
            fitted, drawn = _predicted(scaled, rows[block], sums, outcome, absent, rng if match_type else None)
            if cluster is not None:
                effect = cluster_effects(outcome - fitted, absent, cluster, rng)
                fitted, drawn = fitted + effect, drawn + effect
            near = nearest(
                fitted,
                drawn,
                absent,
                spread=_spread(outcome, absent),
                count=donors,
                weigh_all=bounds is not None,
                rng=rng,
            )
            lender = near.drawn(rng)
            for at in block:
                own = filled[:, at]
                lent = own[near.imputation, lender]
                if bounds is not None and np.isfinite(bounds.fixed[at]) and not log[at]:
                    lent = bounds.scaled(at, lent, near, own, drawn[:, 0] * scale[at])
                own[near.imputation, near.patient] = lent
                scaled[:, at + 1] = (own - centre[at]) / scale[at]
                cross[:, at + 1] = (scaled @ scaled[:, at + 1, :, None])[:, :, 0]
                cross[:, :, at + 1] = cross[:, at + 1]
                trace[round_, :, at] = _moments(own, absent)
    return filled.transpose(0, 2, 1), trace


def _order(missing: Flags, blocks: Sequence[tuple[int, ...]]) -> list[tuple[int, ...]]:
    """Return what is imputed, those of whom least is missing first: single variables, and blocks as one."""
    inside = {each: block for block in blocks for each in block}
    targets = [int(each) for each in np.flatnonzero(missing.any(axis=(0, 2)))]
    found = dict.fromkeys(inside.get(each, (each,)) for each in targets)
    return sorted(found, key=lambda block: int(missing[:, block[0]].sum()))


def _rows(uses: Flags, block: tuple[int, ...]) -> NDArray[np.intp]:
    """Return the places of the constant and of what predicts any variable of a block, the block itself left out."""
    some = np.any(uses[list(block)], axis=0)
    some[list(block)] = False
    return np.flatnonzero(np.concatenate([[True], some]))


def _gaps(absent: Flags) -> tuple[NDArray[np.intp], Floats]:
    """Return the absent patients of each imputation, padded to an equal number, and 0 for what is padding."""
    number = absent.sum(axis=1)
    where = np.argsort(~absent, axis=1, kind="stable")[:, : int(number.max())]
    return where, np.where(np.arange(where.shape[1]) < number[:, None], 1.0, 0.0)


def _over(scaled: Floats, rows: NDArray[np.intp], gaps: tuple[NDArray[np.intp], Floats]) -> Floats:
    """Return the cross-products of some variables over the absent patients: those over the others follow."""
    where, counts = gaps
    some = np.take_along_axis(scaled, where[:, None, :], axis=2)[:, rows] * counts[:, None, :]
    result: Floats = some @ some.transpose(0, 2, 1)
    return result


def _start(filled: Floats, missing: Flags, order: Sequence[tuple[int, ...]], rng: np.random.Generator) -> None:
    """Fill each missing value, or block of them, with that of a random patient who has it, in the same imputation."""
    for block in order:
        absent = missing[:, block[0]]
        shuffled = np.argsort(rng.random(absent.shape) + absent, axis=1)
        seen = (~absent).sum(axis=1)
        picked = np.floor(rng.random(absent.shape) * seen[:, None]).astype(np.intp)
        lent = np.take_along_axis(shuffled, picked, axis=1)
        for at in block:
            own = filled[:, at]
            own[absent] = np.take_along_axis(own, lent, axis=1)[absent]


def _scaling(values: Floats) -> tuple[Floats, Floats]:
    """Return centre and scale of each variable over what was observed in all imputations; a constant is left alone."""
    centre = np.nanmean(values, axis=(0, 1))
    spread = np.sqrt(np.nanmean((values - centre) ** 2, axis=(0, 1)))
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
    scaled: Floats,
    rows: NDArray[np.intp],
    cross: Floats,
    outcome: Floats,
    absent: Flags,
    rng: np.random.Generator | None,
) -> tuple[Floats, Floats]:
    """Return what a regression on the observed patients fits, and what a draw from its posterior predicts.

    Parameters
    ----------
    scaled : ndarray
        All variables, shape (imputation, variable, patient), the constant first.
    rows : ndarray
        Which of them predict.
    cross : ndarray
        Their cross-products over the observed patients; changed in place.
    outcome : ndarray
        What is predicted, shape (imputation, outcome, patient).
    absent : ndarray of bool
        Where it is absent.
    rng : numpy.random.Generator or None
        Source of randomness; None for no draw, and then both are what is fitted.
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
