"""EVSI: what it is worth to carry out a study before deciding, by regression or by weighing the draws."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import xarray as xr

from hecon import _arrays, _checks
from hecon.decision import curves
from hecon.decision.information import inputs, policies, smoothing
from hecon.decision.information.evppi import basis_of, cells_of
from hecon.errors import InputError, StatisticalWarning

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import ArrayLike

    from hecon._arrays import Floats
    from hecon.decision.information.policies import Outcomes

METHODS = ("regression", "importance")
# Simulated studies, by each of which the draws are weighed.
_STUDIES = 1_000
# Weights that are held at a time.
_CELLS = 2_000_000
# Draws that the weights of a study must be worth, in the median.
_FEWEST_DRAWS = 30
# Results whose growth in n is not noise.
_FALL = 1.96


def evsi(
    draws: xr.Dataset,
    parameters: pd.DataFrame | xr.Dataset,
    study: Callable[..., Any],
    *,
    n: ArrayLike,
    wtp: ArrayLike,
    method: str = "regression",
    rng: int | np.random.Generator | None = None,
) -> xr.Dataset:
    r"""Compute the expected value of the information that a study would give, per patient.

    With :math:`b_s` the net benefit of strategy s and x the results of the study:

    .. math:: \mathrm{EVSI} = E_x[\max_s E(b_s \mid x)] - \max_s E[b_s]

    Parameters
    ----------
    draws : xarray.Dataset
        Draws, absolute or incremental.
    parameters : pandas.DataFrame or xarray.Dataset
        The parameters that the draws were made with, as `hecon.evppi` takes them.
    study : callable
        ``study(parameters, n, rng)`` gets a Dataset of all parameters over draw, the number of patients and a
        generator, and returns what a study of each draw would find: a row of one or more summaries for each draw.
        `hecon.studies` has ready ones.
    n : array_like of int
        Number of patients, as the study takes it (of `hecon.studies`: per arm), one or more, at least 1.
    wtp : array_like
        Willingness to pay :math:`\lambda` [currency per unit of effect], one value or a sequence in any order, finite
        and at least 0.
    method : {"regression", "importance"}, default "regression"
        Regression of net benefit on the summaries; or, for `hecon.studies` alone, weighing the draws by the likelihood
        of each of 1,000 simulated studies.
    rng : int, numpy.random.Generator or None, optional
        Seed or generator. All n have the same stream of random numbers.

    Returns
    -------
    xarray.Dataset
        Dims (n, wtp) after the further dims of the draws, in the caller's order:

        - ``evsi`` [currency per patient]: at least 0 and at most the EVPI.
        - ``se`` [currency per patient]: its standard error, of simulation.
        - ``edf`` [1], ``out_of_fold`` [currency per patient]: as of `hecon.evppi`; NaN for "importance".
        - ``capped``: whether the method gave more than the EVPI, to which ``evsi`` was reduced.
        - ``evpi`` [currency per patient], dims (wtp).

        ``attrs`` hold ``method``, and ``arms`` where the study knows them.

    Raises
    ------
    InputError
        If `hecon.evppi` would refuse the draws, the parameters or `wtp`; `n` is below 1 or not whole; the study returns
        no row of finite summaries for each draw, or summaries that do not vary or are collinear; or `method` needs a
        likelihood that the study does not have.

    Warns
    -----
    StatisticalWarning
        If the value falls with n, beyond 1.96 standard errors. If the weights of "importance" rest on fewer than 30
        draws in the median study: of a large study the draws are too few, or its parameters too many.

    See Also
    --------
    hecon.enbs : What a study is worth to all patients, less what it costs.
    hecon.normal_information : The same in closed form, of two strategies with normal differences.

    Notes
    -----
    "regression" needs nothing but a way to simulate the study; its summaries should be few, and hold what matters in
    the data. "importance" regresses net benefit on the study's parameters first, so that it presumes that the study
    tells of nothing else; its standard error leaves out that of this regression. Moment matching is not offered: it
    keeps the shape of the parameters' value, and was a fifth too high for the smallest study of the example in
    :doc:`/information`.

    The draws are the prior: what is known already must be in them. A study resolves nothing beyond its own follow-up,
    and is worth its price only if `hecon.enbs` says so.

    References
    ----------
    Strong M, Oakley JE, Brennan A, Breeze P. Estimating the expected value of sample information using the
    probabilistic sensitivity analysis sample: a fast, nonparametric regression-based method. Med Decis Making
    2015;35:570-583. https://doi.org/10.1177/0272989X15575286

    Menzies NA. An efficient estimator for the expected value of sample information. Med Decis Making 2016;36:308-320.

    Examples
    --------
    >>> import hecon, numpy, pandas
    >>> rng = numpy.random.default_rng(1)
    >>> gain = rng.normal(0.02, 0.05, 5_000)
    >>> zero = 0 * gain
    >>> draws = hecon.from_arrays(
    ...     numpy.column_stack([zero, zero + 800]), numpy.column_stack([zero, gain]), strategies=["usual", "new"]
    ... )
    >>> trial = hecon.studies.two_arm_normal("usual", "new", sd=0.25)
    >>> found = hecon.evsi(
    ...     draws,
    ...     pandas.DataFrame({"usual": rng.normal(0.7, 0.02, 5_000), "gain": gain}).eval("new = usual + gain"),
    ...     trial,
    ...     n=[50, 400],
    ...     wtp=50_000,
    ...     rng=1,
    ... )
    >>> found["evsi"].squeeze().round(-1).values.tolist()
    [710.0, 870.0]
    """
    values = _checks.willingness_to_pay(wtp)
    _checks.one_of("method", method, METHODS)
    sizes = _sizes(n)
    known = curves.decision_curves(draws, wtp=values)
    frame = inputs.frame_of(draws, parameters)
    if not callable(study):
        msg = f"study must be a function of (parameters, n, rng), or one of hecon.studies, got {_checks.shown(study)}"
        raise InputError(msg)
    about = tuple(getattr(study, "parameters", ()))
    if method != "regression" and not (about and callable(getattr(study, "log_likelihood", None))):
        msg = f"method {method!r} needs a study with a likelihood, as those of hecon.studies; or use 'regression'"
        raise InputError(msg)
    absent = [name for name in about if name not in frame]
    if absent:
        msg = f"study must be about columns of parameters, got {absent[0]!r}; they are {', '.join(map(repr, frame))}"
        raise InputError(msg)
    columns = inputs.columns_of(frame, about, "have the study measure what is not known")
    cells = cells_of(draws, known, np.unique(values))
    table = frame.rename_axis("draw").to_xarray()
    seed = int(_checks.generator(rng).integers(2**63))
    # Each n has the same stream, so that its results differ less from those of others.
    simulated = [(size, _summaries(study, table, size, np.random.default_rng(seed))) for size in sizes]
    if method == "regression":
        found = [[_by_regression(each, cell, size) for cell in cells] for size, each in simulated]
    else:
        matrix = np.column_stack([columns[name] for name in about])
        inputs.refuse_collinear(about, matrix, "use method='regression', which is of the study's summaries alone")
        found = _by_likelihood(study, table, matrix, cells, simulated, seed)
    result = policies.labelled(draws, known, np.array(found), ("n", "evsi", "value of sample information"))
    result = result.assign_coords(n=xr.Variable("n", sizes, {"units": "patients per arm"}))
    _warn_of_falls(result)
    return result.assign_attrs({"method": method} | ({"arms": study.arms} if hasattr(study, "arms") else {}))


def _sizes(n: ArrayLike) -> list[int]:
    """Return numbers of patients, whole and at least 1."""
    values = _checks.line("n", n, "a whole number or a sequence of them")
    bad = ~np.isfinite(values) | (values < 1) | (values != np.floor(values))
    _checks.refuse_first("n", values, bad, "be whole and at least 1", "; a study of nobody has no value")
    return [int(value) for value in values]


def _summaries(study: Callable[..., Any], table: xr.Dataset, size: int, rng: np.random.Generator) -> pd.DataFrame:
    """Return the summaries of a study of each draw, as named columns of finite numbers that vary."""
    returned = study(table.copy(deep=True), size, rng)
    named = dict(returned.data_vars) if isinstance(returned, xr.Dataset) else returned
    named = named if isinstance(named, dict) else {"": named}
    columns: list[tuple[str, Floats]] = []
    for key, each in named.items():
        matrix = _rows(each, table, size)
        labels = each.columns if isinstance(each, pd.DataFrame) else [key] if key and matrix.shape[1] == 1 else []
        names = map(str, labels) if len(labels) else (f"{key} summary {at + 1}".strip() for at in range(len(matrix.T)))
        columns += zip(names, matrix.T, strict=True)
    _checks.unique_names("summaries that the study returns", [name for name, _ in columns])
    for name, column in columns:
        bad = ~np.isfinite(column)
        if bad.any():
            msg = (
                f"study must return finite summaries, got {float(column[bad][0])!r} in {name!r} at draw "
                f"{int(np.argmax(bad))} for n = {size}; return a summary that exists for every result"
            )
            raise InputError(msg)
        if np.ptp(column) == 0:
            msg = (
                f"study must return summaries that vary over the draws, got {float(column[0]):g} in all of {name!r} "
                f"for n = {size}; simulate results by each draw's own parameters, and leave out what does not vary"
            )
            raise InputError(msg)
    return pd.DataFrame(dict(columns))


def _rows(found: Any, table: xr.Dataset, size: int) -> Floats:  # noqa: ANN401
    """Return summaries, shape (draw, summary), in the order of the draws: by their labels where they have them."""
    if isinstance(found, xr.DataArray) and "draw" in found.dims:
        found = found.transpose("draw", ...)
    draws, rows = _arrays.labels_of(table["draw"]), _arrays.labels_of(found)
    if rows is not None and not _arrays.is_default(draws) and _arrays.is_default(rows):
        msg = (
            "what the study returns must have the labels of its draws, or none, got rows 0, 1, 2, … of their own for "
            f"n = {size}; pass index=parameters.indexes['draw'] where the table is made, or return its .to_numpy()"
        )
        raise InputError(msg)
    if rows is not None:
        _, found = _arrays.together({"parameters": table["draw"], "what the study returns": found}, what="draws")[0]
    values = _checks.numbers("what the study returns", found)
    values = values[:, np.newaxis] if values.ndim == 1 else values
    n_draws = table.sizes["draw"]
    if values.ndim != 2 or len(values) != n_draws or not values.shape[1]:  # noqa: PLR2004 (draw and summary)
        msg = (
            f"study must return a row of summaries for each of the {n_draws} draws, shape ({n_draws},) or "
            f"({n_draws}, summaries), got shape {np.shape(found)} for n = {size}"
        )
        raise InputError(msg)
    return values


def _by_regression(summaries: pd.DataFrame, cell: Outcomes, size: int) -> Floats:
    """Return results of a regression on summaries, shape (field, wtp)."""
    matrix = summaries.to_numpy()
    basis = basis_of(tuple(f"{name}, n = {size}" for name in summaries.columns), matrix, "auto")
    return policies.values_of(smoothing.regress(basis, matrix, cell.centred), matrix, cell)


def _by_likelihood(  # noqa: PLR0917 (what a study is valued by)
    study: Any,  # noqa: ANN401 (a study with a likelihood)
    table: xr.Dataset,
    matrix: Floats,
    cells: list[Outcomes],
    simulated: list[tuple[int, pd.DataFrame]],
    seed: int,
) -> list[list[Floats]]:
    """Return results by importance sampling, for each size and cell of shape (field, wtp)."""
    basis = basis_of(tuple(study.parameters), matrix, "auto")
    fits = [smoothing.regress(basis, matrix, cell.centred) for cell in cells]
    # The functions depend on the parameters alone, and are the same in all cells.
    turned = fits[0].turned(matrix)
    found = []
    for size, each in simulated:
        rows = np.random.default_rng(seed + 1).choice(len(matrix), min(_STUDIES, len(matrix)), replace=False)
        means = _posterior_means(study, table, size, each.to_numpy()[rows], turned)
        pairs = zip(fits, cells, strict=True)
        found.append([policies.values_of_posteriors(fit, cell, means) for fit, cell in pairs])
    return found


def _posterior_means(
    study: Any,  # noqa: ANN401 (a study with a likelihood)
    table: xr.Dataset,
    size: int,
    seen: Floats,
    turned: Floats,
) -> Floats:
    """Return the means of functions of the parameters after each study that was seen, shape (function, study)."""
    step = max(1, _CELLS // len(turned))
    means, worth = [], []
    for start in range(0, len(seen), step):
        some = seen[start : start + step]
        logs = np.asarray(study.log_likelihood(some, table, size), dtype=np.float64)
        if logs.shape != (len(some), len(turned)):
            msg = (
                f"log_likelihood of the study must have the shape {(len(some), len(turned))}, (study, draw), got "
                f"{logs.shape}"
            )
            raise InputError(msg)
        weights = np.exp(logs - logs.max(axis=1, keepdims=True))
        weights /= weights.sum(axis=1, keepdims=True)
        means.append(turned.T @ weights.T)
        worth.append(1.0 / (weights**2).sum(axis=1))
    draws = float(np.median(np.concatenate(worth)))
    if draws < _FEWEST_DRAWS:
        warnings.warn(
            f"weights of a study of n = {size} rest on {draws:.0f} draws in the median, fewer than {_FEWEST_DRAWS}; "
            "make more draws, or use method='regression'",
            StatisticalWarning,
            stacklevel=3,
        )
    return np.hstack(means)


def _warn_of_falls(result: xr.Dataset) -> None:
    """Warn where a larger study has less value than a smaller one, beyond its error."""
    ordered = result.sortby("n")
    value, se = (ordered[name].transpose("n", ...).to_numpy() for name in ("evsi", "se"))
    short = value[:-1] - value[1:] - _FALL * np.hypot(se[:-1], se[1:])
    if short.size and short.max() > 0:
        at = np.unravel_index(short.argmax(), short.shape)
        smaller, larger = (int(ordered["n"][at[0] + step]) for step in (0, 1))
        warnings.warn(
            f"the value falls from {value[at]:.4g} at n = {smaller} to {value[(at[0] + 1, *at[1:])]:.4g} at n = "
            f"{larger}, which no study does; its summaries leave something out, or the draws are too few",
            StatisticalWarning,
            stacklevel=3,
        )
