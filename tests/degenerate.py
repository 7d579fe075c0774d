"""Trials in which an outcome does not vary, or hardly, and the standard errors of ordinary least squares for them."""

from dataclasses import replace

import numpy as np

from hecon.trial.table.checking import TrialData
from hecon.trial.table.outcomes import CostItem

ARMS = ("usual care", "intervention")


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
    """Return the differences in cost and QALYs by ordinary least squares, and their standard errors.

    A residual below rounding is none.
    """
    values, errors = [], []
    for y, x in zip(*_transposed(data, perspective), strict=True):
        # The arm stays as it is; other columns are centred and scaled, and those without a spread are left out.
        others = x[:, 2:] - x[:, 2:].mean(axis=0)
        others = others[:, others.std(axis=0) > 1e-9] / others.std(axis=0)[others.std(axis=0) > 1e-9]
        pull, _, rank, _ = np.linalg.lstsq(np.column_stack([x[:, :2], others]), np.eye(y.size), rcond=1e-7)
        beta = pull @ (y - y.mean())
        left = y - y.mean() - np.column_stack([x[:, :2], others]) @ beta
        left[np.abs(left) < 1e-9 * np.abs(y).max()] = 0.0
        values.append(beta[1])
        errors.append(np.sqrt(left @ left / (y.size - rank) * (pull[1] @ pull[1])))
    return np.array(values), np.array(errors)


def naive_bootstrap(data, replicates, seed, perspective="societal"):
    """Return both differences in each replicate of a plain loop of least squares over resamples within arms."""
    rng = np.random.default_rng(seed)
    members = [np.flatnonzero(data.arm == arm) for arm in (0, 1)]
    pairs = list(zip(*_transposed(data, perspective), strict=True))
    found = []
    for _ in range(replicates):
        rows = np.concatenate([rng.choice(own, own.size) for own in members])
        found.append([np.linalg.lstsq(x[rows], y[rows], rcond=1e-9)[0][1] for y, x in pairs])
    return np.array(found)


def with_gaps(data, rng, share=0.1):
    """Return a trial of which a share of the later utilities and of the costs is missing at random."""
    utilities, costs = data.utilities.copy(), data.costs.copy()
    utilities[:, 1:][rng.random(utilities[:, 1:].shape) < share] = np.nan
    costs[rng.random(costs.shape) < share] = np.nan
    return replace(data, utilities=utilities, costs=costs)


def _transposed(data, perspective):
    columns, designs = outcomes(data, perspective)
    return columns.T, designs


# Trials in which few or none differ -----------------------------------------------------------------------------------


def known(kind, n=80, seed=0):
    """Return a trial of n patients in which an outcome does not vary within arms, or in few patients alone."""
    rng = np.random.default_rng(seed)
    arm = np.repeat([0, 1], n // 2)
    utilities, costs = _utilities("varies", arm, rng), np.column_stack([rng.gamma(1.2, 1500.0, n), np.zeros(n)])
    before, some = None, np.zeros(n, dtype=bool)
    # Events lie in both arms, as far as there are enough.
    some[np.arange(int(kind.split()[0]) if kind[0].isdigit() else 0) * (n // 2 + 1) % n] = True
    if kind == "fixed price":
        costs[:, 0] = np.where(arm == 1, 812.37, 500.0)
    elif kind.endswith("admitted"):
        costs[:, 0] = np.where(some, 2400.0, 0.0)
    elif kind.endswith("below 1"):
        utilities = np.where(some[:, None], np.clip(utilities, 0.3, 0.9), 1.0)
    elif kind.endswith("before"):
        costs[:, 0], before = 33.0 * rng.poisson(2, n), np.where(some, 120.0, 0.0)
    elif kind == "all 1":
        utilities = np.ones((n, 3))
    return trial(utilities, costs, before)


def imbalanced(rng, n=150, errors=1.9):
    """Return a trial without a difference between the arms, in which the utility at the start differs by chance.

    Severity lowers utilities and raises costs; the imbalance, so many standard errors, is shared out between severity
    and the noise of the first utility as it would be if it came by chance.
    """
    severity, noise = rng.normal(0, 1, 2 * n), rng.normal(0, 0.1, 2 * n)
    arm = np.repeat([0, 1], n)
    start = 0.65 - 0.15 * severity + noise
    gap = errors * start.std(ddof=1) * np.sqrt(2 / n) - (start[arm == 1].mean() - start[arm == 0].mean())
    move = np.where(arm == 1, 0.5, -0.5) * gap / (0.15**2 + 0.1**2)
    severity, noise = severity - 0.15 * move, noise + 0.1**2 * move
    later = 0.68 - 0.12 * severity[:, None] + rng.normal(0, 0.1, (2 * n, 2))
    costs = 3000 * np.exp(0.45 * severity + rng.normal(0, 0.9, 2 * n) - 0.5) * (rng.random(2 * n) < 0.85)
    start = 0.65 - 0.15 * severity + noise
    return trial(np.column_stack([start, later]), np.column_stack([costs, np.zeros(2 * n)]))


# Trials at random -----------------------------------------------------------------------------------------------------


def drawn(rng, *, regressors=None, clusters=False, positive=False):
    """Return a trial at random in which outcomes, costs before the start and covariates vary, hardly or not at all.

    Parameters
    ----------
    regressors : {"same", "own"}, optional
        By default either.
    clusters : bool
        Whether patients are in clusters of four.
    positive : bool
        Whether costs are above 0 for all patients, as a gamma model needs in every replicate.
    """
    n = 8 * int(rng.integers(5, 13))
    arm = np.repeat([0, 1], n // 2)
    kinds = ("varies", "fixed by arm", "fixed for all", *(() if positive else ("none", "few events")))
    care, work = (_cost(str(rng.choice(kinds)), arm, rng) for _ in range(2))
    if positive:
        care = care + 40.0
    before = {"absent": None, "varies": rng.gamma(1.5, 80.0, n), "rare": _events(rng, n), "constant": np.full(n, 12.1)}
    covariate = {"absent": np.empty((n, 0)), "varies": rng.normal(60, 9, (n, 1)), "rare": _events(rng, n)[:, None] > 0}
    age = rng.normal(60, 9, n)
    covariate["collinear"] = np.column_stack([age, 365.25 * age])
    chosen = covariate[str(rng.choice(list(covariate)))].astype(float)
    sides = (("cost", "effect"), ("cost", "effect"), ("cost",), ("effect",), ())
    return trial(
        _utilities(str(rng.choice(["varies", "ceiling", "few below", "one by arm"])), arm, rng),
        np.column_stack([care, work]),
        before[str(rng.choice(list(before)))],
        covariates=chosen,
        adjusts=(frozenset(sides[rng.integers(len(sides))]),) * chosen.shape[1],
        clusters=clusters,
        two=bool(rng.integers(2)),
        regressors=regressors or str(rng.choice(["same", "own"])),
    )


def _events(rng, n):
    """Return an amount that one to four patients have, the others 0."""
    found = np.zeros(n)
    found[rng.choice(n, rng.integers(1, 5), replace=False)] = rng.choice([120.0, 2400.0])
    return found


def _cost(kind, arm, rng):
    found = {
        "varies": rng.gamma(1.2, 900.0, arm.size),
        "fixed by arm": np.where(arm == 1, 812.37, 500.0),
        "fixed for all": np.full(arm.size, 333.33),
        "none": np.zeros(arm.size),
        "few events": _events(rng, arm.size),
    }
    return found[kind]


def _utilities(kind, arm, rng):
    start = np.clip(rng.normal(0.7, 0.15, arm.size), -0.3, 1)
    later = np.clip(start[:, None] + rng.normal(0.05, 0.08, (arm.size, 2)) + 0.03 * arm[:, None], -0.3, 1)
    below = np.ones((arm.size, 3))
    below[rng.choice(arm.size, rng.integers(1, 7), replace=False)] = 0.61
    found = {
        "varies": np.column_stack([start, later]),
        "ceiling": np.ones((arm.size, 3)),
        "few below": below,
        "one by arm": np.column_stack([np.full(arm.size, 0.8), *2 * [np.where(arm == 1, 0.9, 0.85)]]),
    }
    return found[kind]
