"""Trials in which an outcome does not vary, or hardly, and the standard errors of ordinary least squares for them."""

import numpy as np

from hecon.patients.table.checking import CostItem, TrialData
from hecon.patients.variables import variables_of

ARMS = ("usual care", "intervention")
KINDS = ("varies", "fixed by arm", "fixed for all", "none", "few events", "one event", "tariff by covariate", "ceiling")


def trial(utilities, items, before=None, *, covariates=None, adjusts=None, clusters=0, two=False, regressors="same"):
    """Return a trial of one year and two equal arms, the comparator first.

    Parameters
    ----------
    utilities : ndarray
        Shape (patient, 3): at 0, 6 and 12 months.
    items : ndarray
        Costs of two categories in the year, shape (patient, 2).
    before : ndarray, optional
        Costs of the first category before the start.
    """
    n = len(utilities)
    covariates = np.empty((n, 0)) if covariates is None else np.asarray(covariates, float).reshape(n, -1)
    names = tuple(f"x{each}" for each in range(covariates.shape[1]))
    return TrialData(
        name="degenerate",
        title="",
        simulated=True,
        strategies=ARMS,
        arm=np.repeat([0, 1], [n // 2, n - n // 2]).astype(np.intp),
        months=(0.0, 6.0, 12.0),
        utilities=np.asarray(utilities, float),
        items=(CostItem("care", 0.0, 12.0), CostItem("work", 0.0, 12.0)),
        costs=np.asarray(items, float),
        baseline_categories=() if before is None else ("care",),
        baseline_costs=None if before is None else np.asarray(before, float)[:, None],
        covariates=covariates,
        covariate_names=names,
        covariate_columns=names,
        adjusts=tuple(frozenset(("cost", "effect")) for _ in names) if adjusts is None else adjusts,
        cluster=np.arange(n) // 4 if clusters else None,
        period=None,
        perspectives={"societal": ("care", "work"), "healthcare": ("care",)} if two else {"societal": ("care", "work")},
        price_year=2024,
        discount_cost=0.03,
        discount_effect=0.015,
        utility_floor=-1.0,
        digest="0" * 64,
        regressors=regressors,
    )


def outcomes(data, perspective="societal"):
    """Return cost and QALYs (patient, 2) and the regressors of each, from the trial's own arrays."""
    inside = [each.category in data.perspectives[perspective] for each in data.items]
    qalys = data.utilities @ [0.25, 0.5, 0.25]
    start = data.utilities[:, :1]
    before = np.empty((len(start), 0)) if data.baseline_costs is None else data.baseline_costs
    chosen = [
        data.covariates[:, [outcome in each for each in data.adjusts]] if data.adjusts else data.covariates
        for outcome in ("cost", "effect")
    ]
    baselines = [[start, before]] * 2 if data.regressors == "same" else [[before], [start]]
    fixed = [np.ones((len(start), 1)), data.arm[:, None]]
    designs = [np.column_stack([*fixed, own, *base]) for own, base in zip(chosen, baselines, strict=True)]
    return np.column_stack([data.costs[:, inside].sum(axis=1), qalys]), designs


def least_squares(data, perspective="societal"):
    """Return the differences in cost and QALYs by ordinary least squares, and their HC2 standard errors.

    Residuals below rounding are none.
    """
    values, errors = [], []
    for y, x in zip(*_transposed(data, perspective), strict=True):
        inverse = np.linalg.pinv(x.T @ x, rcond=1e-11, hermitian=True)
        left = y - x @ (inverse @ (x.T @ y))
        left[np.abs(left) < 1e-9 * (1 + np.abs(y).max())] = 0.0
        leverage = np.minimum(np.einsum("ij,jk,ik->i", x, inverse, x), 0.999)
        pull = (x @ inverse)[:, 1]
        values.append((inverse @ (x.T @ y))[1])
        errors.append(np.sqrt((pull**2 * left**2 / (1 - leverage)).sum()))
    return np.array(values), np.array(errors)


def naive_bootstrap(data, replicates, seed, perspective="societal"):
    """Return the standard errors of both differences by a plain loop of least squares over resamples within arms."""
    rng = np.random.default_rng(seed)
    found = np.empty((replicates, 2))
    members = [np.flatnonzero(data.arm == arm) for arm in (0, 1)]
    pairs = list(zip(*_transposed(data, perspective), strict=True))
    for each in range(replicates):
        rows = np.concatenate([rng.choice(own, own.size) for own in members])
        found[each] = [np.linalg.lstsq(x[rows], y[rows], rcond=1e-9)[0][1] for y, x in pairs]
    return found.std(axis=0, ddof=1)


def _transposed(data, perspective):
    columns, designs = outcomes(data, perspective)
    return columns.T, designs


def known(data):
    """Return the variables of a trial in which nothing is missing."""
    return variables_of(data)
