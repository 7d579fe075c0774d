"""EVPPI: what it is worth to learn some of a model's parameters, by regression of net benefit on them."""

from __future__ import annotations

import itertools
import warnings
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.special import ndtri

from hecon import _checks
from hecon import draws as _draws
from hecon.decision import curves
from hecon.decision.information import inputs, policies, smoothing
from hecon.decision.varying import models
from hecon.errors import InputError, StatisticalWarning

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd
    import xarray as xr
    from numpy.typing import ArrayLike

    from hecon._arrays import Floats
    from hecon.decision.information.inputs import Sets
    from hecon.decision.information.policies import Outcomes
    from hecon.decision.information.smoothing import Basis
    from hecon.decision.varying.models import Function

METHODS = ("auto", "spline", "tensor", "polynomial", "pairwise", "nested")
# The fewest and the most parameters of a set, by method.
_SIZES = {"spline": (1, 1), "tensor": (2, 2), "polynomial": (2, 12), "pairwise": (2, 100)}
# A set of more parameters has products of two at a time.
_CROSSED = 6
# Standard errors by which a set stays below a subset before it is told.
_BELOW = 1.96
# Numbers that diagnostics may hold.
_LARGEST_CHECK = 20_000_000
# Share of the different values of a parameter that may be one number before it is told.
_MERGED = 0.05
# Rows of parameters that a model is given at a time.
_ROWS = 100_000
# Of nested Monte Carlo: values learned, and draws of the others for each.
_SAMPLES = (1_000, 1_000)
# Rank correlation beyond which parameters of a set are not independent of the others, beside that of chance.
_RELATED, _CHANCE = 0.05, 4.0


def evppi(
    draws: xr.Dataset,
    parameters: pd.DataFrame | xr.Dataset,
    *,
    of: Any = None,  # noqa: ANN401 (a name, a set of names, or a list of either)
    wtp: ArrayLike,
    method: str = "auto",
    check: bool = False,
    model: Function | None = None,
    samples: tuple[int, int] = _SAMPLES,
    rng: int | np.random.Generator | None = None,
) -> xr.Dataset:
    r"""Compute the expected value of perfect information on some parameters, per patient.

    With :math:`b_s` the net benefit of strategy s and :math:`\phi` the parameters to be learned:

    .. math:: \mathrm{EVPPI} = E_\phi[\max_s E(b_s \mid \phi)] - \max_s E[b_s]

    The conditional means are regressed on the parameters over the draws of one probabilistic analysis.

    Parameters
    ----------
    draws : xarray.Dataset
        Draws, absolute or incremental.
    parameters : pandas.DataFrame or xarray.Dataset
        The parameters that the draws were made with: a column, or a variable with the dim ``draw``, for each, finite
        numbers. Rows are matched by their labels where the draws have labels, and stand in the order of the draws where
        neither has.
    of : str, set of str, or list, optional
        Whose value to compute: a parameter, a set (or tuple) of parameters that are learned together, or a list of
        either; default every parameter that varies, by itself (``attrs["constant"]`` names the others).
    wtp : array_like
        Willingness to pay :math:`\lambda` [currency per unit of effect], one value or a sequence in any order, finite
        and at least 0.
    method : {"auto", "spline", "tensor", "polynomial", "pairwise", "nested"}, default "auto"
        Basis of the regression. "spline" is for one parameter, "tensor" for two, "polynomial" (products of any of
        them) for two to twelve, "pairwise" (products of two at a time) for two to a hundred. "auto" takes these four
        for one, two, three to six, and more parameters. "nested" runs the model instead.
    check : bool, default False
        Whether to add diagnostics of the regression, for a few values of `wtp`.
    model : callable, optional
        For "nested": ``model(parameters)`` takes a Dataset of parameters over draw and returns ``(cost, effect)``,
        arrays of shape (draw, strategy) or values by strategy, as for `hecon.sensitivity`, in the units of the draws.
    samples : (int, int), default (1000, 1000)
        For "nested": how many values of the set are learned, and how many of the other parameters are drawn for each
        (an even number).
    rng : int, numpy.random.Generator or None, optional
        For "nested": seed or generator.

    Returns
    -------
    xarray.Dataset
        Dims (set, wtp) after the further dims of the draws, `wtp` in the caller's order; ``set`` holds the names,
        joined by " + ", and the coordinate ``method`` the basis of each:

        - ``evppi`` [currency per patient]: at least 0 and at most the EVPI.
        - ``se`` [currency per patient]: its standard error, of simulation.
        - ``edf`` [1]: effective degrees of freedom of the regression, of which the mean is one.
        - ``out_of_fold`` [currency per patient]: what it gains to decide in each draw by the regression on all other
          draws. It is not optimistic, and below 0 where the regression does harm.
        - ``capped``: whether the regression gave more than the EVPI, to which ``evppi`` was reduced.
        - ``evpi`` [currency per patient], dims (wtp): the value of learning all that the draws vary.

        With `check` also ``fitted`` and ``residual`` [currency], dims (set, wtp, draw, strategy), of net benefit less
        the mean of the strategies in a draw; ``normal_quantile``, what each residual would be if they were normal; and
        ``out_of_fold_loss`` [1], dims (set, wtp), the mean squared error of predictions that leave the draw out,
        relative to that of the mean: near 0 where the set explains all, 1 where nothing. With "nested" ``edf`` is NaN,
        and ``out_of_fold`` the gain in one half of the inner runs of the decisions that the other half leads to.

    Raises
    ------
    InputError
        If the draws break the data convention or have fewer than 3 degrees of freedom; `wtp` or `method` is out of
        range; `model` or `samples` is given for another method than "nested"; a parameter is absent, missing in a draw,
        constant, or linear in others of its set; parameters are of other draws; a set is too large for the method, or
        has more terms than there are draws; diagnostics would hold more than 20 million numbers; a model is absent, or
        returns no row for each row of parameters.

    Warns
    -----
    StatisticalWarning
        If a set has less value than one of its subsets, beyond 1.96 standard errors: the larger regression misses
        something, so that its value is too low. If the largest draws of a parameter leave more than a twentieth of its
        others no digits, as those of a log-normal with a standard deviation of 25 on the log scale. If "nested" draws
        parameters as if independent that are not.

    See Also
    --------
    hecon.evpi : The value of learning everything.
    hecon.plot.evppi, hecon.plot.information_rank : Figures.

    Notes
    -----
    A basis is made and decomposed once for each set of parameters. One parameter has up to 35 cubic B-splines, with
    knots at quantiles and a penalty on the second derivative; functions of several parameters are products of these,
    whose penalty grows with the fourth power of their total degree. At each willingness to pay one penalty, for all
    strategies, minimises the generalised cross-validation of net benefit relative to the mean over strategies, so that
    no strategy is a reference. Costs and effects are fitted with that penalty, and the gains that follow are exact at
    all values of willingness to pay.

    A regression cannot tell signal from noise entirely: ``evppi`` is optimistic where parameters are many, draws few,
    or the noise large. ``out_of_fold`` lies below it then, and is the one to distrust it by; the penalty is chosen on
    all draws there too. The standard error is that of the mean gain, as drawn, of the decisions that the regression
    leads to, in which straight lines are not shrunk; where no decision changes it is 0, though more draws might change
    some. A straight line that cross-validation takes for noise is shrunk away, so that a parameter that does not matter
    has no value; packages that leave it unpenalised find some, within the standard error given here.

    "nested" draws the other parameters independently of the set, each row of them together. Its value is too high by
    what chance adds to the maximum of means of a limited number of inner runs; it has no such fault out of fold.

    Parameters that the set is correlated with are learned about in part, as they would be by a study. The value is for
    one patient, and counts only the uncertainty that the draws hold.

    References
    ----------
    Strong M, Oakley JE, Brennan A. Estimating multiparameter partial expected value of perfect information from a
    probabilistic sensitivity analysis sample: a nonparametric regression approach. Med Decis Making 2014;34:311-326.
    https://doi.org/10.1177/0272989X13505910

    Rothery C et al. Value of information analytical methods: report 2 of the ISPOR Value of Information Analysis
    Emerging Good Practices Task Force. Value Health 2020;23:277-286. https://doi.org/10.1016/j.jval.2020.01.004

    Examples
    --------
    >>> import hecon, numpy, pandas
    >>> rng = numpy.random.default_rng(1)
    >>> risk, price = rng.normal(0.3, 0.1, 5_000), rng.normal(1_000, 50, 5_000)
    >>> draws = hecon.from_arrays(
    ...     numpy.column_stack([0 * price, price]), numpy.column_stack([0 * risk, 0.2 * risk]), strategies=["A", "B"]
    ... )
    >>> found = hecon.evppi(draws, pandas.DataFrame({"risk": risk, "price": price}), wtp=20_000)
    >>> found["evppi"].round().squeeze().values.tolist()
    [81.0, 0.0]
    """
    values = _checks.willingness_to_pay(wtp)
    _checks.one_of("method", method, METHODS)
    known = curves.decision_curves(draws, wtp=values)
    frame = inputs.frame_of(draws, parameters)
    constant = inputs.constants_of(frame) if of is None else []
    sets = inputs.sets_of(of, [name for name in frame.columns if name not in constant] or list(frame.columns))
    columns = inputs.columns_of(frame, dict.fromkeys(itertools.chain(*sets)))
    grid = np.unique(values)
    if method == "nested":
        found = _nested(model, draws, frame, sets, grid=grid, samples=samples, rng=rng, check=check)
        return _labelled(draws, known, found, sets, [method] * len(sets)).assign_attrs(constant=constant)
    cells = cells_of(draws, known, grid)
    if model is not None or samples != _SAMPLES:
        msg = f"model and samples are for method='nested', got method={method!r}; ask for 'nested', or leave them out"
        raise InputError(msg)
    _checks.generator(rng)
    if check:
        _refuse_large_check(draws, len(sets) * len(cells) * values.size)
    rows, methods, checks = [], [], []
    for names in sets:
        matrix = np.column_stack([columns[name] for name in names])
        basis = basis_of(names, matrix, method)
        methods.append(basis.method)
        fits = [(smoothing.regress(basis, matrix, cell.centred), matrix, cell) for cell in cells]
        rows.append([policies.values_of(*fit) for fit in fits])
        if check:
            checks.append([policies.diagnostics_of(*fit) for fit in fits])
    result = _labelled(draws, known, np.array(rows), sets, methods).assign_attrs(constant=constant)
    _warn_of_subsets(result, sets)
    return _with_checks(result, draws, checks) if check else result


def _nested(
    model: Function | None,
    draws: xr.Dataset,
    frame: pd.DataFrame,
    sets: Sets,
    *,
    grid: Floats,
    samples: tuple[int, int],
    rng: int | np.random.Generator | None,
    check: bool,
) -> Floats:
    """Return results of nested Monte Carlo, shape (set, cell, field, wtp)."""
    if model is None or check or _draws.further_dims(draws):
        asked = (
            "a model: pass model=a function of parameters that returns (cost, effect)"
            if model is None
            else "check=False, as there is no regression"
            if check
            else "draws without further dims; select one of each first"
        )
        msg = f"method 'nested' needs {asked}"
        raise InputError(msg)
    both = _checks.pair("samples", samples, "two numbers, of values learned and of draws for each")
    outer, inner = (_checks.count(f"samples[{at}]", size, at_least=2) for at, size in enumerate(both))
    if inner % 2:
        msg = f"samples[1] must be even, for two halves, got {inner}"
        raise InputError(msg)
    generator = _checks.generator(rng)
    return np.array(
        [[_learned(model, draws, frame, names, grid, samples=(outer, inner), rng=generator)] for names in sets]
    )


def _refuse_large_check(draws: xr.Dataset, results: int) -> None:
    size = results * draws.sizes["draw"] * draws.sizes["strategy"]
    if size > _LARGEST_CHECK:
        msg = (
            f"check=True would hold {size:,} numbers for each diagnostic, more than {_LARGEST_CHECK:,}; ask for fewer "
            "values of wtp or fewer sets"
        )
        raise InputError(msg)


def _with_checks(
    result: xr.Dataset, draws: xr.Dataset, checks: list[list[tuple[Floats, Floats, Floats]]]
) -> xr.Dataset:
    """Return the result with diagnostics, in the caller's order of `wtp`."""
    place = np.unique(result["wtp"].to_numpy(), return_inverse=True)[1].ravel()
    further = _draws.further_dims(draws)
    sizes = [draws.sizes[dim] for dim in further]

    def whole(field: int) -> Floats:
        values = np.array([[cell[field][place] for cell in cells] for cells in checks])
        return np.moveaxis(values, 0, 1).reshape(*sizes, len(checks), *values.shape[2:])

    over = (*further, "set", "wtp")
    currency = {"units": _draws.units(draws)[0]}
    residual = whole(1)
    rank = residual.argsort(axis=-2).argsort(axis=-2) + 0.5
    normal = ndtri(rank / residual.shape[-2]) * residual.std(axis=-2, keepdims=True)
    added = _draws.dataset(
        draws,
        {
            "fitted": ((*over, "draw", "strategy"), whole(0), currency),
            "residual": ((*over, "draw", "strategy"), residual, currency),
            "normal_quantile": ((*over, "draw", "strategy"), normal, currency),
            "out_of_fold_loss": (over, whole(2), {"units": "1"}),
        },
        {},
    )
    return result.assign(added.data_vars)


def cells_of(draws: xr.Dataset, known: xr.Dataset, grid: Floats) -> list[Outcomes]:
    """Return the outcomes of each cell of the further dims, with the strategies that are optimal over `grid`."""
    names = np.array(_draws.strategy_names(draws))
    optimal = known["optimal"].isel(wtp=np.unique(known["wtp"], return_index=True)[1]).to_numpy()
    places = (optimal[..., np.newaxis] == names).argmax(axis=-1).reshape(-1, grid.size)
    _, cells = _draws.slices(draws)
    return [policies.outcomes_of(cost, effect, grid, best) for (cost, effect), best in zip(cells, places, strict=True)]


def basis_of(names: tuple[str, ...], matrix: Floats, method: str) -> Basis:
    """Return the basis of a set, by the method asked for or by the number of parameters."""
    size = len(names)
    auto = "spline" if size == 1 else "tensor" if size == 2 else "polynomial" if size <= _CROSSED else "pairwise"  # noqa: PLR2004
    chosen = auto if method == "auto" else method
    low, high = _SIZES[chosen]
    label = inputs.JOINED.join(names)
    if not low <= size <= high:
        span = f"{low}" if low == high else f"{low} to {high}"
        msg = f"method {chosen!r} is for sets of {span} parameters, got {size} in {label!r}; use " + (
            f"{auto!r}" if method != "auto" else "fewer parameters"
        )
        raise InputError(msg)
    inputs.refuse_collinear(names, matrix)
    _warn_of_merged(names, matrix)
    basis = smoothing.basis(matrix, chosen)
    if isinstance(basis, int):
        msg = (
            f"draws must outnumber the terms of the regression, got {len(matrix)} draws and {basis} terms for "
            f"{label!r}; make more draws, or ask for fewer parameters together"
        )
        raise InputError(msg)
    return basis


def _warn_of_merged(names: tuple[str, ...], matrix: Floats) -> None:
    """Warn of a parameter with a tail so heavy that the regression cannot tell its other draws apart."""
    for name, column in zip(names, matrix.T, strict=True):
        share = smoothing.merged(column)
        if share > _MERGED:
            warnings.warn(
                f"{name!r} must be on a scale on which its draws can be told apart, but beside the largest, "
                f"{column[np.abs(column).argmax()]:.4g}, {share:.0%} of its different values are one number, and its "
                "value comes out too low: give it on another scale, such as its logarithm, which has the same value",
                StatisticalWarning,
                stacklevel=4,
            )


def _labelled(draws: xr.Dataset, known: xr.Dataset, found: Floats, sets: Sets, methods: Sequence[str]) -> xr.Dataset:
    """Return results, shape (set, cell, field, wtp in order), with the names of the sets and their methods."""
    result = policies.labelled(draws, known, found, ("set", "evppi", "value of perfect information on parameters"))
    names = [inputs.JOINED.join(each) for each in sets]
    return result.assign_coords(set=names, method=("set", list(methods)))


def _warn_of_subsets(result: xr.Dataset, sets: Sets) -> None:
    """Warn where a set has less value than one of its subsets, beyond the error of either."""
    for whole, part in itertools.permutations(range(len(sets)), 2):
        if not set(sets[part]) < set(sets[whole]):
            continue
        value, se = (result[name].to_numpy() for name in ("evppi", "se"))
        short = value[..., part, :] - value[..., whole, :] - _BELOW * np.maximum(se[..., part, :], se[..., whole, :])
        if short.max() > 0:
            at = np.unravel_index(short.argmax(), short.shape)
            names = [str(result["set"].to_numpy()[number]) for number in (whole, part)]
            warnings.warn(
                f"{names[0]!r} has less value than its subset {names[1]!r}: {value[(*at[:-1], whole, at[-1])]:.4g} and "
                f"{value[(*at[:-1], part, at[-1])]:.4g} at wtp {float(result['wtp'][at[-1]]):g}; its regression "
                "misses something, so take the value of the subset, another method or more draws",
                StatisticalWarning,
                stacklevel=3,
            )


def _learned(
    model: Function,
    draws: xr.Dataset,
    frame: pd.DataFrame,
    names: tuple[str, ...],
    grid: Floats,
    *,
    samples: tuple[int, int],
    rng: np.random.Generator,
) -> Floats:
    """Return the results of a set at each willingness to pay, shape (field, wtp), without degrees of freedom.

    Out of fold is the gain in one half of the inner runs of the decision that the other half leads to.
    """
    outer, inner = samples
    rest = [name for name in frame.columns if name not in names]
    _warn_of_related(frame, names, rest)
    rows = rng.choice(len(frame), outer, replace=outer > len(frame))
    halves = []
    for start in range(0, outer, max(1, _ROWS // inner)):
        learned = np.repeat(rows[start : start + max(1, _ROWS // inner)], inner)
        table = frame.iloc[rng.integers(0, len(frame), learned.size)].reset_index(drop=True)
        for name in names:
            table[name] = frame[name].to_numpy()[learned]
        halves.append(_run(model, draws, table).reshape(2, -1, 2, inner // 2, draws.sizes["strategy"]).mean(axis=3))
    cost, effect = np.concatenate(halves, axis=1)
    return policies.values_of_means(cost, effect, grid)


def _run(model: Function, draws: xr.Dataset, table: pd.DataFrame) -> Floats:
    """Return costs and benefits of a model, shape (2, draw, strategy)."""
    currency, unit = _draws.units(draws)
    options = {"currency": currency, "effect_unit": unit, "effect_better": _draws.better(draws)}
    names = tuple(_draws.strategy_names(draws))
    found = models.run(model, table.rename_axis("draw").to_xarray(), names, options)
    return np.stack([found["cost"].to_numpy(), _draws.benefit(found).to_numpy()])


def _warn_of_related(frame: pd.DataFrame, names: tuple[str, ...], rest: list[str]) -> None:
    """Warn where the set is correlated with other parameters, which are drawn as if it were not."""
    numbers = [name for name in rest if frame[name].dtype.kind in "iuf" and np.ptp(frame[name]) > 0]
    ranks = frame[[*names, *numbers]].rank().to_numpy()
    if not numbers:
        return
    related = np.abs(np.corrcoef(ranks, rowvar=False)[: len(names), len(names) :])
    if related.max() > _RELATED + _CHANCE / np.sqrt(len(frame)):
        one, other = np.unravel_index(related.argmax(), related.shape)
        warnings.warn(
            f"nested Monte Carlo draws the other parameters as if independent of {names[one]!r}, but "
            f"{numbers[other]!r} has a rank correlation of {related.max():.2f} with it: learn both, or keep to the "
            "regression",
            StatisticalWarning,
            stacklevel=4,
        )
