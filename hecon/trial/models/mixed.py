"""Linear mixed models of one outcome of a cluster-randomised or stepped-wedge trial."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import xarray as xr

from hecon import _aligned, _checks
from hecon.errors import InputError, StatisticalWarning
from hecon.trial import _resampling
from hecon.trial.models import _mixed

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]
    Codes = NDArray[np.intp]

__all__ = ["FEW_CLUSTERS", "METHODS", "mixed_model"]

METHODS = ("REML", "ML")
# Our working limit: a bootstrap of k clusters gives √((k − 1)/k) of the standard error of their mean, at 10 95% of it.
FEW_CLUSTERS = 10

_LEVEL = 0.95


def mixed_model(
    outcome: ArrayLike,
    fixed: Mapping[str, ArrayLike],
    cluster: ArrayLike,
    *,
    arm: str | Sequence[str],
    method: str = "REML",
    resamples: int = 0,
    rng: int | np.random.Generator | None = None,
) -> xr.Dataset:
    """Fit a linear mixed model with a random intercept per cluster, with a bootstrap over clusters if asked for.

    ::

        y_ci = x_ci'β + u_c + e_ci,  u_c ~ N(0, var_cluster),  e_ci ~ N(0, var_error)

    Parameters
    ----------
    outcome : array_like
        Cost or QALYs of each patient, none missing. Series (also `fixed` and `cluster`) are matched by their labels,
        all or none of them labelled.
    fixed : mapping of str to array_like
        Columns of the fixed effects by name, one value per patient, none missing: the arms (0/1), for a stepped wedge
        a 0/1 column for every period but one, covariates. The constant is added.
    cluster : array_like
        Label of each patient's cluster, none missing.
    arm : str or sequence of str
        Names of the columns that tell the arms apart.
    method : {"REML", "ML"}, default "REML"
        Restricted or full maximum likelihood.
    resamples : int, default 0
        Number of resamples of the clusters.
    rng : int or numpy.random.Generator, optional
        Source of randomness of the resamples.

    Returns
    -------
    xarray.Dataset
        In the unit of the outcome, per unit of the term:

        - ``estimate``, ``se`` (term): coefficients, and their standard errors by the model.
        - ``var_cluster``, ``var_error`` [unit squared]: variance between clusters, and between patients of a cluster.
        - ``icc`` [1]: intracluster correlation, var_cluster/(var_cluster + var_error).
        - ``replicates`` (replicate, term) and ``interval`` (term, bound), with resamples: the bootstrap's estimates
          and their 95% percentile interval.

        Attributes tell the method, numbers of patients and clusters, the ``design`` ("parallel" where each cluster lies
        in one arm, "crossing" where clusters cross arms), and the resamples made and left out.

    Raises
    ------
    InputError
        If a value is missing or no number, columns differ in length, a column is a combination of the others, or there
        are too few clusters: fewer than two, none with two patients, or, with resamples, an arm with a single one.

    Warns
    -----
    StatisticalWarning
        If there are fewer than 10 clusters (in an arm, in a parallel design), or resamples are left out.

    Notes
    -----
    Whole clusters are drawn, and a cluster that is drawn twice counts as two. In a parallel design they are drawn
    within each arm; where clusters cross arms, as in a stepped wedge, all are drawn together. Resamples from which the
    arms cannot be told apart are left out and counted. A covariate of which a resample holds one value alone has the
    coefficient 0 there.

    The model takes cluster effects and errors as normal and the correlation as the same over periods. With few clusters
    standard errors and percentile intervals are too small: by theory uncorrected mixed models reject too often
    below 40 clusters. Below 10 this is told by a warning; that number is a working limit of ours, at which the
    bootstrap's standard error of a mean is 5% too small.

    References
    ----------
    Laird NM, Ware JH. Random-effects models for longitudinal data. Biometrics 1982;38:963-974.
    https://doi.org/10.2307/2529876

    Hussey MA, Hughes JP. Design and analysis of stepped wedge cluster randomized trials. Contemp Clin Trials
    2007;28:182-191. https://doi.org/10.1016/j.cct.2006.05.007

    Leyrat C, Morgan KE, Leurent B, Kahan BC. Cluster randomized trials with a small number of clusters: which analyses
    should be used? Int J Epidemiol 2018;47:321-331. https://doi.org/10.1093/ije/dyx169

    Examples
    --------
    >>> import numpy as np
    >>> from hecon.trial.models.mixed import mixed_model
    >>> rng = np.random.default_rng(1)
    >>> practice = np.repeat(np.arange(24), 10)
    >>> exercise = practice % 2
    >>> cost = 2000 + 300 * exercise + rng.normal(0, 200, 24)[practice] + rng.normal(0, 400, 240)
    >>> found = mixed_model(cost, {"arm": exercise}, practice, arm="arm", resamples=1000, rng=1)
    >>> found["estimate"].sel(term="arm").round(0).item(), found["icc"].round(3).item()
    (275.0, 0.059)
    """
    _checks.one_of("method", method, METHODS)
    _checks.count("resamples", resamples, at_least=0)
    parts = {"outcome": outcome, "cluster": cluster, **{f"fixed[{name!r}]": each for name, each in fixed.items()}}
    (outcome, cluster, *rest), _ = _aligned.together(parts, what="patients", show=False)
    fixed = dict(zip(fixed, rest, strict=True))
    y, names, X = regressors("outcome", outcome, "fixed", fixed)  # noqa: N806
    code = clusters(cluster, y.size)
    needed = _places(arm, names)
    stratum = np.unique(X[:, needed], axis=0, return_inverse=True)[1].reshape(-1)
    drawn = None if _mixed.crosses(code, stratum) else stratum
    model = _mixed.fit(y, X, code, method=method.lower())
    independent(names, model.estimable)
    told = told_clusters(code, drawn, resamples)
    found = xr.Dataset(
        {
            "estimate": ("term", model.coefficients),
            "se": ("term", model.se),
            "var_cluster": model.var_cluster,
            "var_error": model.var_error,
            "icc": model.icc,
        },
        coords={"term": names},
        attrs={"method": method, "patients": y.size, **told},
    )
    if not resamples:
        return found
    counts = _mixed.cluster_counts(code, drawn, resamples, _checks.generator(rng))
    made = _mixed.bootstrap(y[:, None], [X], code, counts, method=method.lower(), needed=needed)
    return _with_replicates(found, made.coefficients[0][made.ok], resamples)


def _with_replicates(found: xr.Dataset, replicates: Floats, resamples: int) -> xr.Dataset:
    left_out = resamples - len(replicates)
    tell_left_out(left_out, resamples, "did not tell the arms apart")
    interval = _resampling.percentile(replicates, _LEVEL)
    return (
        found.assign(replicates=(("replicate", "term"), replicates), interval=(("term", "bound"), interval.T))
        .assign_coords(bound=["lower", "upper"])
        .assign_attrs(left_out=left_out)
    )


def tell_left_out(left_out: int, resamples: int, why: str) -> None:
    """Warn of resamples that are left out, and refuse to go on without any."""
    if left_out == resamples:
        msg = f"resamples must leave some to use, got all {resamples} left out: they {why}; use a simpler model"
        raise InputError(msg)
    if left_out:
        msg = f"{left_out} of {resamples} resamples {why} and are left out; intervals are of the others alone"
        warnings.warn(msg, StatisticalWarning, stacklevel=4)


def _places(arm: str | Sequence[str], names: list[str]) -> list[int]:
    arms = _checks.unique_names("arm", arm)
    if not arms:
        msg = "arm must name at least one column of fixed, got none"
        raise InputError(msg)
    return [names.index(_checks.one_of("arm", each, names[1:])) for each in arms]


def regressors(
    response: str, outcome: ArrayLike, name: str, columns: Mapping[str, ArrayLike]
) -> tuple[Floats, list[str], Floats]:
    """Return an outcome, the names of the terms, and their columns with the constant first."""
    y = _numbers(response, outcome)
    names = _checks.unique_names(name, columns.keys())
    if "constant" in names:
        msg = f"{name} must not name a column 'constant': it is added; leave yours out"
        raise InputError(msg)
    found = [np.ones(y.size)]
    for each in names:
        column = _numbers(f"{name}[{each!r}]", columns[each])
        if column.size != y.size:
            msg = f"{name}[{each!r}] must have one value per patient, got {column.size} for {y.size} patients"
            raise InputError(msg)
        found.append(column)
    if y.size <= len(found):
        msg = f"{response} must have more patients than the model has terms, got {y.size} for {len(found)}"
        raise InputError(msg)
    if np.ptp(y) == 0:
        msg = f"{response} must vary between patients, got one value for all {y.size}; nothing is left to model"
        raise InputError(msg)
    return y, ["constant", *names], np.column_stack(found)


def _numbers(name: str, values: ArrayLike) -> Floats:
    _checks.unmasked(name, values)
    try:
        found = _checks.numeric(np.asarray(values) + 0)
    except (TypeError, ValueError):
        msg = f"{name} must be a sequence of numbers, got something else: convert text, and write missing as NaN"
        raise InputError(msg) from None
    if found.ndim != 1:
        msg = f"{name} must be one-dimensional, one value per patient, got shape {found.shape}"
        raise InputError(msg)
    bad = np.flatnonzero(~np.isfinite(found))
    if bad.size:
        msg = f"{name} must have a finite number for each patient, got none at position{_positions(bad)}: impute first"
        raise InputError(msg)
    return found


def _positions(bad: NDArray[Any]) -> str:
    shown = ", ".join(map(str, bad[:5]))
    return f" {shown}" if bad.size == 1 else f"s {shown}{' and others' if bad.size > 5 else ''}"  # noqa: PLR2004


def clusters(labels: ArrayLike, patients: int) -> Codes:
    """Return clusters as codes from 0."""
    _checks.unmasked("cluster", labels)
    given = np.asarray(labels)
    if given.shape != (patients,):
        msg = f"cluster must have one label per patient, got shape {given.shape} for {patients} patients"
        raise InputError(msg)
    code = pd.factorize(given)[0].astype(np.intp)
    missing = np.flatnonzero(code < 0)
    if missing.size:
        msg = f"cluster must be known for each patient, got none at position{_positions(missing)}: leave them out"
        raise InputError(msg)
    sizes = np.bincount(code)
    if sizes.size < 2 or sizes.max() < 2:  # noqa: PLR2004 (variances between and within need two each)
        msg = f"cluster must have two labels or more, one of them with two patients, got {sizes.size} of {patients}"
        raise InputError(msg)
    return code


def independent(names: list[str], estimable: NDArray[np.bool_]) -> None:
    """Refuse columns that are combinations of those before them."""
    if not estimable.all():
        which = ", ".join(repr(name) for name, good in zip(names, estimable, strict=True) if not good)
        msg = f"columns must not be combinations of the constant and those before them, got {which}: leave it out"
        raise InputError(msg)


def told_clusters(code: Codes, stratum: Codes | None, resamples: int) -> dict[str, Any]:
    """Return what a result tells of its clusters; warn of few, refuse to resample a single one."""
    fewest = _mixed.fewest(code, stratum)
    where = "" if stratum is None else " in an arm"
    if resamples and fewest < 2:  # noqa: PLR2004 (one alone does not vary)
        msg = f"resamples must be 0 with one cluster{where}, got {resamples}: its resamples are all the same"
        raise InputError(msg)
    if fewest < FEW_CLUSTERS:
        msg = (
            f"{fewest} clusters{where} are few: standard errors and bootstrap intervals are too small below"
            f" {FEW_CLUSTERS} (a working limit)"
        )
        warnings.warn(msg, StatisticalWarning, stacklevel=3)
    return {
        "clusters": int(code.max()) + 1,
        "design": "crossing" if stratum is None else "parallel",
        "resamples": resamples,
        "left_out": 0,
    }
