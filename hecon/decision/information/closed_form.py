"""Value of information in closed form: two strategies whose differences in cost and effect are normal."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import xarray as xr
from scipy import linalg, special

from hecon import _arrays, _checks
from hecon import draws as _draws
from hecon.errors import InputError

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from hecon._arrays import Floats


SETS = ("delta_cost", "delta_effect")
_PAIR = 2
# Relative size of rounding in a covariance matrix.
_ROUNDING = 1e-9


def normal_information(
    draws: xr.Dataset,
    *,
    wtp: ArrayLike,
    n: ArrayLike | None = None,
    patients: float | Mapping[str, float] | None = None,
    sampling: ArrayLike | None = None,
    comparator: str | None = None,
) -> xr.Dataset:
    r"""Compute EVPI, EVPPI and EVSI of two strategies in closed form, from a normal distribution of their differences.

    With V the covariance of the differences in cost and effect, :math:`\Sigma` what a pair of patients, one for each
    strategy, would add to it, :math:`w = (-1, \lambda)` and m the expected incremental net benefit:

    .. math:: \mathrm{EVSI}(n) = \sigma_n \phi(m / \sigma_n) - |m| \Phi(-|m| / \sigma_n), \qquad
              \sigma_n^2 = w' V (V + \Sigma / n)^{-1} V w

    EVPI has :math:`\sigma^2 = w'Vw`; the EVPPI of difference j has :math:`\sigma_j^2 = (w'V_j)^2 / V_{jj}`.

    Parameters
    ----------
    draws : xarray.Dataset
        Draws of two strategies, as of `hecon.from_reported` or `hecon.from_patients`; V and m are theirs.
    wtp : array_like
        Willingness to pay :math:`\lambda` [currency per unit of effect], one value or a sequence in any order, finite
        and at least 0.
    n : array_like, optional
        Patients per arm of a further study with the same design and follow-up, at least 0. Without it there is no EVSI.
    patients : float or mapping of str to float, optional
        Patients per arm that the draws rest on, above 0: a number, or one for each strategy, as
        ``{"exercise": 82, "surgery": 85}``. Then :math:`\Sigma = V \tilde n` with :math:`\tilde n` their harmonic mean.
    sampling : array_like, optional
        Instead of `patients`: :math:`\Sigma` itself, the sum over both strategies of the covariance of a patient's
        cost and effect, shape (2, 2), cost first; rows and columns with other labels are refused.
    comparator : str, optional
        The strategy that the other is held against; by default the one that the draws' source knows.

    Returns
    -------
    xarray.Dataset
        ``evpi`` (wtp), ``evppi`` (set, wtp) with the sets ``delta_cost`` and ``delta_effect``, and ``evsi`` (n, wtp)
        [currency per patient]; ``inb`` and ``inb_se`` (wtp), the expected incremental net benefit and its standard
        error; ``forgone`` (wtp), what a pair of participants forgoes since one of them gets the option that is not
        preferred now. Further dims of the draws come first. `hecon.enbs` takes it as it is.

    Raises
    ------
    InputError
        If there are not two strategies, `n` or `patients` is out of range, `sampling` is no covariance, or both or
        neither of these is given with `n`; if the draws come from patients and have fewer than 3 degrees of freedom, or
        have log-normal marginals.

    See Also
    --------
    hecon.enbs : What such a study is worth to all patients, less its costs.

    Notes
    -----
    V may be singular, as where the correlation is assumed to be 1; n = 0 gives 0; with n EVSI rises to EVPI.

    :math:`\Sigma = V \tilde n` carries the design effect, the missing data and the precision of the study behind the
    draws over to the next one. It assumes that a patient varies alike in both arms. Where V pools several studies,
    give `sampling` or the patients of all of them. Assumed standard errors and correlations make the result an
    assumption too: repeat it over their range.

    Draws from patients have t distributions, whose variance is V; the normal distribution with that variance stands for
    them here, so that EVPI and EVSI are of one distribution. `hecon.evpi` of the same draws differs slightly.

    A study resolves nothing beyond its own horizon, and nothing about a difference in design.

    References
    ----------
    Willan AR, Pinto EM. The value of information and optimal clinical trial design. Stat Med 2005;24:1791-1806.
    https://doi.org/10.1002/sim.2069

    Examples
    --------
    >>> import hecon
    >>> draws = hecon.from_reported(
    ...     "new",
    ...     "usual",
    ...     cost=hecon.Difference(1000, ci=(0, 2000)),
    ...     effect=hecon.Difference("0.030", ci=("-0.010", "0.070")),
    ...     assume={"correlation": hecon.Assumed(0, (-0.5, 0.5), reason="not reported")},
    ...     rng=1,
    ... )
    >>> found = hecon.normal_information(draws, wtp=50_000, n=[0, 100, 1000], patients=150)
    >>> found["evsi"].squeeze().round().values.tolist(), found["evpi"].round().values.tolist()
    ([0.0, 104.0, 220.0], [248.0])
    """
    values = _checks.willingness_to_pay(wtp)
    _draws.refuse_few_freedom(_draws.validate(draws))
    _refuse_skew(draws)
    reference, rest = _draws.others(draws, comparator)
    if len(rest) != 1:
        msg = f"draws must hold two strategies, got {len(rest) + 1}; select two of them"
        raise InputError(msg)
    sizes_of_study = None if n is None else _sizes(n)
    kernel = _kernel(patients, sampling, [reference, *rest], asked=sizes_of_study is not None)
    if isinstance(kernel, np.ndarray) and _draws.better(draws) == "less":
        kernel = kernel * np.array([[1, -1], [-1, 1]])  # of the harm averted
    weights = np.stack([-np.ones_like(values), values])
    sizes, cells = _draws.slices(draws.sel(strategy=[reference, *rest]))
    found = [_of_cell(cost, effect, weights, sizes_of_study, kernel) for cost, effect in cells]
    return _labelled(draws, found, sizes, wtp=values, n=sizes_of_study, pair=(reference, rest[0]))


def _refuse_skew(draws: xr.Dataset) -> None:
    fit = draws.attrs.get("fit")
    marginal = fit.get("marginal", "normal") if isinstance(fit, Mapping) else "normal"
    if marginal != "normal":
        msg = f"draws must be normal for the closed form, got marginal {marginal!r}; draw them with marginal='normal'"
        raise InputError(msg)


def _sizes(n: ArrayLike) -> Floats:
    """Return numbers of patients per arm."""
    values = _checks.line("n", n)
    _checks.refuse_first("n", values, ~np.isfinite(values) | (values < 0), "be finite and at least 0 patients per arm")
    _checks.refuse_repeated("n", values)
    return values


def _kernel(
    patients: float | Mapping[str, float] | None, sampling: ArrayLike | None, names: list[str], *, asked: bool
) -> float | Floats | None:
    """Return the effective patients per arm behind the draws, or the covariance that a pair of patients adds."""
    given = [name for name, each in (("patients", patients), ("sampling", sampling)) if each is not None]
    if not asked:
        if given:
            msg = f"{given[0]} must come with n, the patients per arm of the further study; give n, or leave it out"
            raise InputError(msg)
        return None
    if len(given) != 1:
        msg = (
            f"exactly one of patients and sampling must be given with n, got {' and '.join(given) or 'neither'}: "
            "patients per arm behind the draws, or the covariance of a pair of patients"
        )
        raise InputError(msg)
    if sampling is not None:
        return _covariance(sampling)
    if isinstance(patients, Mapping):
        if set(patients) != set(names):
            msg = f"patients must be of {', '.join(map(repr, names))}, got {', '.join(map(repr, patients))}"
            raise InputError(msg)
        arms = [_checks.positive(f"patients of {name!r}", each) for name, each in patients.items()]
        return _PAIR / sum(1 / each for each in arms)
    return _checks.positive("patients", patients)  # type: ignore[arg-type]


def _covariance(sampling: ArrayLike) -> Floats:
    """Return a covariance matrix of cost and effect, checked."""
    for axis in (0, 1):
        labels = _arrays.labels_of(sampling, axis)
        if labels is not None and not _arrays.is_default(labels) and list(labels) != ["cost", "effect"]:
            listed = ", ".join(map(str, labels))
            msg = (
                f"sampling must have the labels cost and effect, in this order, got {listed}; "
                f"put it in order or rename it, or {_arrays.REMEDY}"
            )
            raise InputError(msg)
    matrix = _checks.numbers("sampling", sampling)
    if matrix.shape != (_PAIR, _PAIR) or not np.isfinite(matrix).all():
        msg = f"sampling must be a finite covariance matrix of cost and effect, shape (2, 2), got {matrix.tolist()}"
        raise InputError(msg)
    (cost, one), (other, effect) = matrix
    size = np.sqrt(max(cost, 0.0) * max(effect, 0.0))
    if min(cost, effect) < 0 or abs(one - other) > _ROUNDING * size or abs(one) > (1 + _ROUNDING) * size:
        msg = (
            f"sampling must be a covariance matrix, symmetric and with a correlation within -1 and 1, got "
            f"{matrix.tolist()}"
        )
        raise InputError(msg)
    return matrix


def expected_gain(mean: Floats, spread: Floats) -> Floats:
    r"""Return :math:`E[\max(x, 0)] - \max(E[x], 0)` of a normal x with this mean and standard deviation."""
    size = np.abs(mean)
    with np.errstate(divide="ignore", invalid="ignore"):
        z = np.where(spread > 0, size / np.where(spread > 0, spread, 1.0), np.inf)
    density = np.exp(-0.5 * z**2) / np.sqrt(2 * np.pi)
    # The product of |m| and a tail of 0 is 0, however large the first.
    gain = spread * density - np.where(np.isfinite(z), size * special.ndtr(-z), 0.0)
    return np.asarray(np.maximum(gain, 0.0))


def preposterior(covariance: Floats, sampling: Floats, n: float) -> Floats:
    """Return the covariance of the posterior means after n pairs of patients; `covariance` may be singular."""
    if n == 0:
        return np.zeros_like(covariance)
    spread = np.sqrt(np.diag(covariance))
    scale = np.outer(*[np.where(spread > 0, spread, 1.0)] * 2)
    own, added = covariance / scale, sampling / scale / n
    result: Floats = own @ linalg.pinvh(own + added) @ own * scale
    return result


def _of_cell(
    cost: Floats, effect: Floats, weights: Floats, n: Floats | None, kernel: float | Floats | None
) -> dict[str, Floats]:
    """Return all results of one cell of the draws, whose strategies are comparator and other."""
    differences = np.stack([cost[:, 1] - cost[:, 0], effect[:, 1] - effect[:, 0]])
    mean = differences.mean(axis=1)
    centred = differences - mean[:, np.newaxis]
    covariance = centred @ centred.T / centred.shape[1]
    benefit = mean @ weights
    spread = np.sqrt(_form(covariance, weights))
    marginal = np.diag(covariance)
    with np.errstate(divide="ignore", invalid="ignore"):
        of_each = np.abs(covariance @ weights) / np.sqrt(np.where(marginal > 0, marginal, np.inf))[:, np.newaxis]
    found = {
        "inb": benefit,
        "inb_se": spread,
        "forgone": np.abs(benefit),
        "evpi": expected_gain(benefit, spread),
        "evppi": expected_gain(benefit, of_each),
    }
    if n is not None and kernel is not None:
        matrix = kernel if isinstance(kernel, np.ndarray) else kernel * covariance
        spreads = np.sqrt([_form(preposterior(covariance, matrix, each), weights) for each in n])
        found["evsi"] = expected_gain(benefit, spreads)
    return found


def _form(matrix: Floats, weights: Floats) -> Floats:
    """Return the variance of each weighted sum."""
    return np.asarray(np.maximum(np.einsum("iw,ij,jw->w", weights, matrix, weights), 0.0))


def _labelled(
    draws: xr.Dataset,
    found: list[dict[str, Floats]],
    sizes: tuple[int, ...],
    *,
    wtp: Floats,
    n: Floats | None,
    pair: tuple[str, str],
) -> xr.Dataset:
    """Return the results with their dims, units and coordinates."""
    own: dict[str, tuple[str, ...]] = {"evppi": ("set", "wtp"), "evsi": ("n", "wtp")}
    names = {
        "inb": "expected incremental net benefit", "inb_se": "standard error of the incremental net benefit",
        "forgone": "what a pair of participants forgoes", "evpi": "value of perfect information",
        "evppi": "value of perfect information on one difference", "evsi": "value of sample information",
    }  # fmt: skip
    currency, over = _draws.units(draws)[0], _draws.further_dims(draws)
    variables: dict[str, Any] = {}
    for name in found[0]:
        values_of = np.stack([each[name] for each in found])
        about = {"units": currency, "long_name": names[name]}
        variables[name] = ((*over, *own.get(name, ("wtp",))), values_of.reshape(*sizes, *values_of.shape[1:]), about)
    optimal = np.where(variables["inb"][1] > 0, pair[1], pair[0])
    coords: dict[str, Any] = {
        "set": list(SETS),
        "wtp": _draws.wtp_coordinate(draws, wtp),
        "optimal": ((*over, "wtp"), optimal),
    }
    if n is not None:
        coords["n"] = xr.Variable("n", n, {"units": "patients per arm"})
    result = _draws.dataset(draws, variables, coords)
    return result.assign_attrs({**draws.attrs, "comparator": pair[0], "strategy": pair[1], "arms": _PAIR})
