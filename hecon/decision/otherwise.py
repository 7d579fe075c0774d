"""Decisions by another perspective, value, subgroup or structure, and by someone averse to risk."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import xarray as xr

from hecon import _checks
from hecon import draws as _draws
from hecon.decision import ties
from hecon.decision.curves import decision_curves
from hecon.errors import InputError, StatisticalWarning

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from hecon._arrays import Floats


_TOLERANCE = 1e-9
# A mean of exponentials rests on so many draws at least, or on a tenth of all: else it is told.
_BORNE_BY, _TENTH = 100, 0.1


def decision_loss(draws: xr.Dataset, *, wtp: ArrayLike, over: str = "perspective") -> xr.DataArray:
    r"""Compute what it costs to decide by one perspective or value where another one counts.

    .. math:: \mathrm{loss}_{ij} = \max_s E[b_{s,j}] - E[b_{s^*_i,j}], \qquad s^*_i = \arg\max_s E[b_{s,i}]

    Parameters
    ----------
    draws : xarray.Dataset
        Draws of all strategies; with the dim `over`, unless that is "wtp".
    wtp : array_like
        Willingness to pay [currency per unit of effect], one value or a sequence in any order, finite and at least 0.
    over : str, default "perspective"
        Dim whose labels decide and count in turn, as "perspective" or "scenario"; or "wtp", as where the burden of
        disease may be of another band.

    Returns
    -------
    xarray.DataArray
        Expected loss [currency per patient], at least 0, dims (decided_by, counts, wtp), or without wtp where `over` is
        that. It is 0 where both are the same.

    Raises
    ------
    InputError
        If the draws have no such dim or further ones, or break the data convention.

    Notes
    -----
    The loss is of the decision, not of the uncertainty: it is there even if all is known. Costs of perspectives must be
    in one currency. Ties as in `hecon.decision_curves`.

    References
    ----------
    Claxton K, Walker S, Palmer S, Sculpher M. Appropriate perspectives for health care decisions. CHE Research Paper
    54, University of York, 2010.

    Examples
    --------
    >>> import hecon, xarray
    >>> names = ["usual care", "exercise"]
    >>> care = hecon.from_arrays([[0, 900]], [[0, 0.02]], strategies=names)
    >>> society = hecon.from_arrays([[0, 200]], [[0, 0.02]], strategies=names)
    >>> both = xarray.concat([care, society], dim="perspective").assign_coords(perspective=["care", "society"])
    >>> hecon.decision_loss(both, wtp=20_000).squeeze().values.tolist()
    [[0.0, 200.0], [500.0, 0.0]]
    """
    price = _draws.price(_draws.validate(draws), wtp)
    _refuse_dims(draws, () if over == "wtp" else (over,), over)
    # Incremental draws hold their comparator at 0.
    by = (price * _draws.benefit(draws).mean("draw") - draws["cost"].mean("draw")).rename({over: "counts"})
    chosen = decision_curves(draws, wtp=price)["optimal"]
    decided = chosen.drop_vars("optimal").rename({over: "decided_by"})
    # Rounding that would take a loss below 0 is cut off.
    loss = (by.max("strategy") - by.sel(strategy=decided)).clip(min=0.0).drop_vars("strategy")
    dims = ("decided_by", "counts") if over == "wtp" else ("decided_by", "counts", "wtp")
    loss = loss.transpose(*dims).rename("decision_loss")
    loss.attrs = {**draws.attrs, "units": _draws.units(draws)[0]}
    return loss


def _refuse_dims(draws: xr.Dataset, wanted: tuple[str, ...], over: str) -> None:
    """Refuse draws with other further dims."""
    further = _draws.further_dims(draws)
    if further != wanted:
        msg = f"draws must have the further dim {over!r} alone, got {', '.join(further) or 'none'}; select or rename it"
        raise InputError(msg)


def stratified_value(
    draws: xr.Dataset, *, wtp: ArrayLike, shares: Mapping[str, float], over: str = "subgroup"
) -> xr.Dataset:
    r"""Compute what it is worth to decide for each subgroup by itself, beside what chance alone would give.

    .. math:: \sum_g w_g \max_s E[b_{s,g}] - \max_s \sum_g w_g E[b_{s,g}]

    Parameters
    ----------
    draws : xarray.Dataset
        Draws with the dim `over`: each subgroup's costs and effects.
    wtp : array_like
        Willingness to pay [currency per unit of effect], one value or a sequence in any order, finite and at least 0.
    shares : mapping of str to float
        Share of the patients w in each subgroup; they add up to 1.
    over : str, default "subgroup"
        Name of the dim.

    Returns
    -------
    xarray.Dataset
        ``value`` [currency per patient], at least 0; ``by_chance`` [currency per patient], what it would be on average
        if the subgroups did not differ and were known as well as they are; ``p_chance`` [1], how often it would then
        be as large; all with dim wtp. ``optimal`` (subgroup, wtp) and ``optimal_overall`` (wtp), the options preferred,
        ties as in `hecon.decision_curves`.

    Raises
    ------
    InputError
        If the draws have no such dim or further ones, or fewer than 3 degrees of freedom; or the shares are not of its
        labels or do not add up to 1.

    Notes
    -----
    The value is never negative, so that some of it comes from chance: subgroups that are the same look different in a
    sample. For ``by_chance`` the draws of each subgroup are shifted so that all have the same expected net benefit of
    each strategy, that of all patients. Subgroups that were chosen after looking at the data have more of it than that.

    References
    ----------
    Espinoza MA, Manca A, Claxton K, Sculpher MJ. The value of heterogeneity for cost-effectiveness subgroup analysis:
    conceptual framework and application. Med Decis Making 2014;34:951-964. https://doi.org/10.1177/0272989X14538705

    Examples
    --------
    >>> import hecon, xarray
    >>> names = ["usual care", "exercise"]
    >>> young = hecon.from_arrays([[0, 500]] * 2, [[0, 0.04], [0, 0.06]], strategies=names)
    >>> old = hecon.from_arrays([[0, 500]] * 2, [[0, 0.00], [0, 0.02]], strategies=names)
    >>> both = xarray.concat([young, old], dim="subgroup").assign_coords(subgroup=["young", "old"])
    >>> found = hecon.stratified_value(both, wtp=20_000, shares={"young": 0.5, "old": 0.5})
    >>> found["value"].round(6).values.tolist(), found["by_chance"].round(6).values.tolist()
    ([150.0], [0.0])
    """
    price = _draws.price(_draws.validate(draws), wtp)
    _refuse_dims(draws, (over,), over)
    _draws.refuse_few_freedom(draws)
    weights = _weights("shares", shares, [str(each) for each in draws[over].values])
    net = (price * _draws.benefit(draws) - draws["cost"]).transpose(over, "draw", "strategy", "wtp")
    array = net.to_numpy()
    mean = array.mean(axis=1)
    whole = np.einsum("g,gsw->sw", weights, mean)
    value = np.maximum(np.einsum("g,gw->w", weights, mean.max(axis=1)) - whole.max(axis=0), 0.0)
    alike = array - mean[:, np.newaxis] + whole
    apart = np.einsum("g,gdw->dw", weights, alike.max(axis=2))
    chance = apart - np.einsum("g,gdsw->dsw", weights, alike).max(axis=1)
    scale = _TOLERANCE * np.abs(array).max()
    unit = {"units": _draws.units(draws)[0]}
    cost, effect = np.array([[each.mean(axis=0) for each in cell] for cell in _draws.slices(draws)[1]]).swapaxes(0, 1)
    names = _draws.strategy_names(draws)
    best = [ties.optimal(*means, price.to_numpy(), names) for means in zip(cost, effect, strict=True)]
    best_overall = ties.optimal(weights @ cost, weights @ effect, price.to_numpy(), names)
    return xr.Dataset(
        {
            "value": ("wtp", value, {**unit, "long_name": "value of deciding by subgroup"}),
            "by_chance": ("wtp", np.maximum(chance.mean(axis=0), 0.0), {**unit, "long_name": "of that by chance"}),
            "p_chance": ("wtp", (chance >= value - scale).mean(axis=0), {"units": "1"}),
            "optimal": ((over, "wtp"), np.array(names)[best]),
            "optimal_overall": ("wtp", np.array(names)[best_overall]),
        },
        {"wtp": price["wtp"], over: draws[over].values},
        draws.attrs,
    )


def average_models(
    draws: xr.Dataset,
    *,
    weights: Mapping[str, float],
    over: str = "scenario",
    rng: int | np.random.Generator | None = None,
) -> xr.Dataset:
    """Return draws over several models or scenarios, in proportion to how plausible each is held.

    Parameters
    ----------
    draws : xarray.Dataset
        Draws with the dim `over`.
    weights : mapping of str to float
        Weight of each of its labels, at least 0; they add up to 1.
    over : str, default "scenario"
        Name of the dim.
    rng : int, numpy.random.Generator or None
        Seed or generator, for which draws of each are taken.

    Returns
    -------
    xarray.Dataset
        As many draws as there are, those of each label as many as its weight says to the nearest one, and the
        coordinate `over` (draw), which tells from which it is. No other dims change.

    Raises
    ------
    InputError
        If the draws have no such dim, the weights are not of its labels or do not add up to 1, or no draw is left of a
        label with a weight.

    Notes
    -----
    The mixture holds the uncertainty about the structure beside that within each model, so that curves, expected loss
    and EVPI count both. The weights are a judgement: show what each model gives by itself as well.

    References
    ----------
    Jackson CH, Thompson SG, Sharples LD. Accounting for uncertainty in health economic decision models by using model
    averaging. J R Stat Soc A 2009;172:383-404. https://doi.org/10.1111/j.1467-985X.2008.00573.x

    Examples
    --------
    >>> import hecon, xarray
    >>> names = ["usual care", "exercise"]
    >>> one, other = (hecon.from_arrays([[0, cost]] * 10, [[0, 0.02]] * 10, strategies=names) for cost in (200, 800))
    >>> both = xarray.concat([one, other], dim="scenario").assign_coords(scenario=["low", "high"])
    >>> mixed = hecon.average_models(both, weights={"low": 0.7, "high": 0.3}, rng=1)
    >>> hecon.ceac(mixed, wtp=20_000).sel(strategy="exercise").values.tolist()
    [0.7]
    """
    further = _draws.further_dims(_draws.validate(draws))
    if over not in further:
        msg = f"draws must have the further dim {over!r}, got {', '.join(further) or 'none'}; name it with over="
        raise InputError(msg)
    labels = [str(each) for each in draws[over].values]
    shares = _weights("weights", weights, labels)
    count = draws.sizes["draw"]
    numbers = _apportioned(shares, count)
    for label, share, number in zip(labels, shares, numbers, strict=True):
        if share > 0 and number == 0:
            msg = f"draws must be enough for the weight of {label!r}, got {count} for a weight of {share:g}; make more"
            raise InputError(msg)
    order = _checks.generator(rng).permutation(count)
    # Each draw once: draws of all labels with one number belong together.
    source = np.repeat(np.arange(len(labels)), numbers)[np.argsort(order, kind="stable")]
    at = {"draw": xr.DataArray(np.arange(count), dims="draw"), over: xr.DataArray(source, dims="draw")}
    mixed = draws.isel(at).transpose("draw", ...)
    return mixed.assign_coords({over: ("draw", np.array(labels)[source])})


def certainty_equivalent(draws: xr.Dataset, *, wtp: ArrayLike, aversion: float) -> xr.DataArray:
    r"""Compute the certain net benefit that someone averse to risk holds worth as much as each strategy.

    .. math:: \mathrm{CE}_s = -\frac{1}{a} \ln E[\exp(-a b_s)]

    Parameters
    ----------
    draws : xarray.Dataset
        Draws of all strategies, absolute or incremental.
    wtp : array_like
        Willingness to pay [currency per unit of effect], one value or a sequence in any order, finite and at least 0.
    aversion : float
        Absolute risk aversion a [per currency unit], at least 0; 0 gives the expected net benefit.

    Returns
    -------
    xarray.DataArray
        Certainty equivalent [currency per patient], dims (further dims, strategy, wtp). ``attrs["effective_draws"]`` is
        the smallest number of draws that bear one, of weights w: (Σ w)²/Σ w².

    Raises
    ------
    InputError
        If `aversion` is below 0, or the draws break the data convention.

    Warns
    -----
    StatisticalWarning
        If one rests on fewer than 100 draws, or a tenth of all where that is less: the worst draws decide then, and
        more of them would lower it. Draws from t distributions, as of patients' records, have no certainty equivalent
        at all in the limit.

    Notes
    -----
    For normal net benefit it is the mean minus half the aversion times the variance. A payer of many patients whose
    decisions are independent has little reason to be averse to risk (Arrow and Lind 1970): show the expected net
    benefit first. With incremental draws it is the risk of the difference alone.

    References
    ----------
    Arrow KJ, Lind RC. Uncertainty and the evaluation of public investment decisions. Am Econ Rev 1970;60:364-378.

    Ben-Zion U, Gafni A. Evaluation of public investment in health care: is the risk irrelevant? J Health Econ
    1983;2:161-165.

    Examples
    --------
    >>> import hecon
    >>> draws = hecon.from_arrays([[0, 0], [0, 0]], [[0.1, 0.0], [0.1, 0.3]], strategies=["sure", "risky"])
    >>> hecon.certainty_equivalent(draws, wtp=20_000, aversion=0.0005).squeeze().round().values.tolist()
    [2000.0, 1289.0]
    """
    from scipy.special import logsumexp

    price = _draws.price(_draws.validate(draws), wtp)
    averse = _checks.finite("aversion", aversion)
    if averse < 0:
        msg = f"aversion must be at least 0 per {_draws.units(draws)[0]}, got {aversion!r}; 0 is no aversion"
        raise InputError(msg)
    net = price * _draws.benefit(draws) - draws["cost"]
    order = (*_draws.further_dims(draws), "strategy", "wtp")
    count = draws.sizes["draw"]
    effective = float(count)
    if averse == 0:
        result = net.mean("draw").transpose(*order)
    else:
        array = net.transpose(*order, "draw")
        mean = array.to_numpy().mean(axis=-1)
        exponents = averse * (mean[..., np.newaxis] - array.to_numpy())
        total: Any = logsumexp(exponents, axis=-1)
        # Near 0 the logarithm of the mean of exponentials would lose the digits of what is close to the mean.
        near = np.log1p(np.expm1(np.clip(exponents, -1.0, 1.0)).mean(axis=-1))
        premium = np.where(np.abs(exponents).max(axis=-1) < 1, near, total - np.log(count)) / averse
        result = array.isel(draw=0, drop=True).copy(data=mean - premium)
        effective = float(np.exp(2 * total - logsumexp(2 * exponents, axis=-1)).min())
    if effective < min(_BORNE_BY, _TENTH * count):
        borne = f"rests on {effective:.3g} of {count} draws"
        msg = f"the certainty equivalent at aversion={averse:g} {borne}: the worst decide"
        warnings.warn(msg, StatisticalWarning, stacklevel=2)
    result.attrs = {
        **draws.attrs,
        "units": _draws.units(draws)[0],
        "aversion": averse,
        "effective_draws": effective,
    }
    return result.rename("certainty_equivalent")


def mixed_strategy(draws: xr.Dataset, *, shares: Mapping[str, float], name: str = "mix") -> xr.Dataset:
    r"""Add a strategy by which patients get different options in stated shares, as where several are in use.

    .. math:: b_{\mathrm{mix}} = \sum_s q_s b_s

    Parameters
    ----------
    draws : xarray.Dataset
        Draws of all strategies, absolute or incremental.
    shares : mapping of str to float
        Share q of the patients who get each strategy; they add up to 1. A strategy that is left out has none.
    name : str, default "mix"
        What to call it.

    Returns
    -------
    xarray.Dataset
        The draws with one more strategy, the last. Every verb takes them: `expected_loss` of it is what the mix loses
        against deciding with all known, its expected net benefit less that of the best strategy what it loses now, and
        its `certainty_equivalent` what spreading the risk over strategies is worth.

    Raises
    ------
    InputError
        If the shares are of other strategies or do not add up to 1, or a strategy has this name.

    Notes
    -----
    Expected net benefit is that of the strategies by their shares, so that no mix has more than the best one; for
    someone averse to risk one may, as strategies that do not fail together insure each other. Every patient is taken to
    have the mean costs and effects of a strategy, whoever gets it.

    References
    ----------
    Baio G, Russo P. A decision-theoretic framework for the application of cost-effectiveness analysis in regulatory
    processes. Pharmacoeconomics 2009;27:645-655. https://doi.org/10.2165/11310250-000000000-00000

    O'Brien BJ, Sculpher MJ. Building uncertainty into cost-effectiveness rankings: portfolio risk-return tradeoffs and
    implications for decision rules. Med Care 2000;38:460-468. https://doi.org/10.1097/00005650-200005000-00003

    Examples
    --------
    >>> import hecon
    >>> draws = hecon.from_arrays([[0, 500], [0, 500]], [[0, 0.0], [0, 0.1]], strategies=["usual care", "exercise"])
    >>> mixed = hecon.mixed_strategy(draws, shares={"usual care": 0.4, "exercise": 0.6})
    >>> hecon.expected_loss(mixed, wtp=20_000).sel(strategy="mix").values.tolist()
    [450.0]
    """
    labels = _draws.strategy_names(_draws.validate(draws))
    if name in labels:
        msg = f"name must be that of no strategy of the draws, got {name!r}; give another with name="
        raise InputError(msg)
    _checks.distinct_names("name and strategies", [name, *labels])
    given = {**dict.fromkeys(labels, 0.0), **shares} if isinstance(shares, Mapping) else shares
    weights = xr.DataArray(_weights("shares", given, labels), {"strategy": labels}, ("strategy",))
    pair = draws[["cost", "effect"]]
    mix = (pair * weights).sum("strategy").expand_dims(strategy=[name])
    result = xr.concat([pair, mix], dim="strategy", coords="minimal").transpose(*pair.dims)
    for each in ("cost", "effect"):
        result[each] = result[each].transpose(*pair[each].dims).assign_attrs(pair[each].attrs)
    return result.assign_attrs(draws.attrs)


def _weights(name: str, given: Mapping[str, float], labels: list[str]) -> Floats:
    """Return weights in the order of labels, which add up to 1."""
    if not isinstance(given, Mapping) or set(given) != set(labels):
        listed = ", ".join(map(repr, labels))
        got = ", ".join(map(repr, given)) if isinstance(given, Mapping) else _checks.shown(given)
        msg = f"{name} must be of {listed}, got {got}"
        raise InputError(msg)
    weights = np.array([_checks.probability(f"{name}[{label!r}]", given[label]) for label in labels])
    if abs(weights.sum() - 1) > _TOLERANCE:
        msg = f"{name} must add up to 1, got {weights.sum():.12g}; divide each by their sum"
        raise InputError(msg)
    return weights


def _apportioned(shares: Floats, count: int) -> NDArray[np.intp]:
    """Return whole numbers that add up to `count` in proportion to shares, by largest remainders."""
    exact = shares * count
    whole = np.floor(exact + _TOLERANCE).astype(np.intp)
    rest = np.argsort(-(exact - whole), kind="stable")[: count - whole.sum()]
    whole[rest] += 1
    return whole
