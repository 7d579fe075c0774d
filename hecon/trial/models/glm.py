"""Generalised linear models of costs, as a sensitivity analysis beside the linear one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import xarray as xr

from hecon import _aligned, _checks
from hecon.errors import InputError
from hecon.trial import _resampling
from hecon.trial.models import _glm, _mixed
from hecon.trial.models.mixed import clusters, independent, regressors, tell_left_out, told_clusters

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]
    Codes = NDArray[np.intp]

__all__ = ["LINKS", "cost_regression"]

LINKS = _glm.LINKS

_LEVEL = 0.95


def cost_regression(
    costs: ArrayLike,
    arm: ArrayLike,
    covariates: Mapping[str, ArrayLike] | None = None,
    *,
    comparator: str,
    link: str = "log",
    cluster: ArrayLike | None = None,
    resamples: int = 0,
    rng: int | np.random.Generator | None = None,
) -> xr.Dataset:
    """Regress costs on arm and covariates with a variance that grows as the mean squared, as of a gamma distribution.

    ::

        log μ_i = x_i'β  or  μ_i = x_i'β,  Var(y_i) = φ μ_i²
        mean of an arm = Σ_i μ(x_i, had i been in the arm)/n

    Parameters
    ----------
    costs : array_like
        Cost of each patient [currency], at least 0, none missing. Series (also `arm`, `covariates` and `cluster`) are
        matched by their labels, all or none of them labelled.
    arm : array_like
        Name of the strategy of each patient.
    covariates : mapping of str to array_like, optional
        Columns by name, one number per patient, none missing.
    comparator : str
        The strategy that the others are held against.
    link : {"log", "identity"}, default "log"
        What of the mean is linear in arm and covariates.
    cluster : array_like, optional
        Label of each patient's cluster: standard errors and resamples are then by cluster.
    resamples : int, default 0
        Number of bootstrap resamples.
    rng : int or numpy.random.Generator, optional
        Source of randomness of the resamples.

    Returns
    -------
    xarray.Dataset
        Strategies with the comparator first:

        - ``mean``, ``mean_se`` (strategy) [currency]: mean cost had everyone been in that arm (standardisation, or
          recycled predictions), and its standard error.
        - ``difference``, ``difference_se`` (strategy) [currency]: from the comparator, whose own is 0.
        - ``estimate``, ``se`` (term): coefficients on the scale of the link.
        - ``dispersion`` [1]: φ by Pearson's statistic, the squared coefficient of variation about the mean.
        - ``replicates`` (replicate, strategy) and ``difference_interval`` (strategy, bound) [currency], with
          resamples: the bootstrap's means, and the 95% percentile interval of the difference.

        Attributes tell link, comparator, numbers of patients (and clusters), and the resamples made and left out.

    Raises
    ------
    InputError
        If a cost is negative, missing or no number, all of an arm's costs are 0, there is one arm, the comparator is
        none of them, columns are combinations of each other, or the model cannot be fitted.

    Warns
    -----
    StatisticalWarning
        If resamples are left out, or there are few clusters.

    Notes
    -----
    Only mean and variance are modelled (quasi-likelihood), so costs of 0 take part. With the identity link means may
    not become negative; where covariates press them to 0 the model cannot be fitted, and resamples of which this holds
    are left out and counted. Standard errors are robust to a wrong variance (sandwich) and count who the patients are
    as chance; they have no correction for small samples. Resamples are drawn within arms; with clusters whole clusters
    are, within arms where each lies in one, else all together.

    The log link takes effects as ratios. The difference then rests on whom it is averaged over, and a few high costs
    can sway it: hold it beside that of the linear model, which it does not replace.

    References
    ----------
    Manning WG, Mullahy J. Estimating log models: to transform or not to transform? J Health Econ 2001;20:461-494.
    https://doi.org/10.1016/S0167-6296(01)00086-8

    Barber J, Thompson S. Multiple regression of cost data: use of generalised linear models. J Health Serv Res Policy
    2004;9:197-204.

    Examples
    --------
    >>> import numpy as np
    >>> from hecon.trial.models.glm import cost_regression
    >>> rng = np.random.default_rng(1)
    >>> arm = np.repeat(["surgery", "exercise"], 100)
    >>> cost = rng.gamma(2, np.where(arm == "surgery", 2000, 1500))
    >>> found = cost_regression(cost, arm, comparator="surgery")
    >>> found["difference"].sel(strategy="exercise").round(0).item()
    -699.0
    """
    _checks.one_of("link", link, LINKS)
    _checks.count("resamples", resamples, at_least=0)
    columns = {f"covariates[{name!r}]": column for name, column in (covariates or {}).items()}
    parts = {"costs": costs, "arm": arm, "cluster": cluster, **columns}
    (costs, arm, cluster, *rest), _ = _aligned.together(parts, what="patients", show=False)
    covariates = dict(zip(covariates or {}, rest, strict=True))
    strategies, code = _arms(arm, comparator)
    y, names, X = _columns(costs, (strategies, code), covariates)  # noqa: N806
    model = _glm.fit(y, X, link)
    independent(names, model.estimable)
    if not model.ok:
        msg = f"costs could not be fitted with the {link} link: use the other link, or fewer covariates"
        raise InputError(msg)
    groups = np.arange(y.size) if cluster is None else clusters(cluster, y.size)
    stratum = None if _mixed.crosses(groups, code) else code
    told = {"resamples": resamples, "left_out": 0} if cluster is None else told_clusters(groups, stratum, resamples)
    as_if = [_as_if(X, each, len(strategies)) for each in range(len(strategies))]
    mean, influence = _glm.arm_influence(as_if, model, link)
    found = xr.Dataset(
        {
            "mean": ("strategy", mean),
            "mean_se": ("strategy", _se(influence, groups)),
            "difference": ("strategy", mean - mean[0]),
            "difference_se": ("strategy", _se(influence - influence[:, :1], groups)),
            "estimate": ("term", model.coefficients),
            "se": ("term", _se(model.influence, groups)),
            "dispersion": model.dispersion,
        },
        coords={"strategy": strategies, "term": names},
        attrs={"link": link, "comparator": comparator, "patients": y.size, **told},
    )
    if not resamples:
        return found
    weights = _drawn(groups, stratum, resamples, _checks.generator(rng))
    made = _glm.bootstrap(y, X, link, weights, as_if, needed=range(1, len(strategies)))
    return _with_replicates(found, made.means[made.ok], resamples)


def _drawn(groups: Codes, stratum: Codes | None, resamples: int, rng: np.random.Generator) -> Floats:
    """Return how often each patient is drawn in each resample, shape (replicate, patient)."""
    if stratum is not None and np.array_equal(groups, np.arange(groups.size)):
        return _resampling.times_drawn(_resampling.stratified_rows(stratum, resamples, rng), groups.size)
    found: Floats = _mixed.cluster_counts(groups, stratum, resamples, rng)[:, groups].astype(np.float64)
    return found


def _with_replicates(found: xr.Dataset, replicates: Floats, resamples: int) -> xr.Dataset:
    left_out = resamples - len(replicates)
    tell_left_out(left_out, resamples, "could not be fitted")
    interval = _resampling.percentile(replicates - replicates[:, :1], _LEVEL)
    return (
        found.assign(
            replicates=(("replicate", "strategy"), replicates),
            difference_interval=(("strategy", "bound"), interval.T),
        )
        .assign_coords(bound=["lower", "upper"])
        .assign_attrs(left_out=left_out)
    )


def _arms(arm: ArrayLike, comparator: str) -> tuple[list[str], Codes]:
    """Return the strategies, the comparator first, and each patient's as a code."""
    _checks.unmasked("arm", arm)
    given = np.asarray(arm)
    if given.ndim != 1:
        msg = f"arm must be one-dimensional, one name per patient, got shape {given.shape}"
        raise InputError(msg)
    code, found = pd.factorize(given)
    missing = np.flatnonzero(code < 0)
    if missing.size:
        msg = f"arm must be known for each patient, got none at position {missing[0]}: leave out who has no arm"
        raise InputError(msg)
    names = _checks.unique_names("arm", found.tolist())
    _checks.one_of("comparator", comparator, names)
    if len(names) == 1:
        msg = f"arm must name at least two strategies, got {comparator!r} alone"
        raise InputError(msg)
    strategies = [comparator, *sorted(set(names) - {comparator})]
    return strategies, np.array([strategies.index(name) for name in names], dtype=np.intp)[code]


def _columns(
    costs: ArrayLike, arms: tuple[list[str], Codes], covariates: Mapping[str, ArrayLike]
) -> tuple[Floats, list[str], Floats]:
    strategies, code = arms
    taken = [name for name in covariates if name in strategies]
    if taken:
        msg = f"covariates must not have the name of a strategy, got {taken[0]!r}: rename it"
        raise InputError(msg)
    dummies: dict[str, Any] = {name: code == at for at, name in enumerate(strategies) if at}
    y, names, X = regressors("costs", costs, "covariates", dummies | dict(covariates.items()))  # noqa: N806
    negative = np.flatnonzero(y < 0)
    if negative.size:
        msg = f"costs must be at least 0, got a negative one at position {negative[0]}: correct it, or leave it out"
        raise InputError(msg)
    for at, name in enumerate(strategies):
        if not (y[code == at] > 0).any():
            msg = f"costs must be above 0 for some patient of each arm, got none for {name!r}: use the linear model"
            raise InputError(msg)
    return y, names, X


def _as_if(X: Floats, arm: int, arms: int) -> Floats:  # noqa: N803
    """Return the columns as they were had everyone been in one arm."""
    found = X.copy()
    found[:, 1:arms] = np.arange(1, arms) == arm
    return found


def _se(influence: Floats, groups: Codes) -> Floats:
    """Return the root of the sum of squared influences of each group of patients."""
    totals = np.zeros((groups.max() + 1, influence.shape[1]))
    np.add.at(totals, groups, influence)
    found: Floats = np.sqrt((totals**2).sum(axis=0))
    return found
