"""Net benefit draw by draw, and the curves over willingness to pay: CEAC, CEAF, expected loss and EVPI."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from hecon import _checks
from hecon import draws as _draws
from hecon.decision import ties
from hecon.errors import InputError

if TYPE_CHECKING:
    import xarray as xr
    from numpy.typing import ArrayLike

    from hecon._arrays import Codes, Floats


KINDS = ("monetary", "health")


def net_benefit(draws: xr.Dataset, *, wtp: ArrayLike, kind: str = "monetary") -> xr.DataArray:
    r"""Net benefit of every strategy in every draw.

    .. math:: \mathrm{NMB} = \lambda e - c, \qquad \mathrm{NHB} = e - c / \lambda

    Parameters
    ----------
    draws : xarray.Dataset
        Draws of absolute costs and effects, as `hecon.from_arrays` makes them.
    wtp : array_like
        Willingness to pay :math:`\lambda` [currency per unit of effect], one value or a sequence in any order, finite
        and at least 0; above 0 for health.
    kind : {"monetary", "health"}, default "monetary"
        Net monetary benefit [currency] or net health benefit [unit of effect].

    Returns
    -------
    xarray.DataArray
        Dims (further dims of the draws, draw, strategy, wtp), `wtp` in the caller's order.

    Raises
    ------
    InputError
        If `wtp` or `kind` is out of range, the draws break the data convention or are incremental.

    Notes
    -----
    Where less of the effect is better, e is the harm averted: minus the effect. The result holds every draw at every
    willingness to pay. For probabilities and expected values `hecon.decision_curves` needs no such table.

    References
    ----------
    Stinnett AA, Mullahy J. Net health benefits. Med Decis Making 1998;18:S68-S80.
    https://doi.org/10.1177/0272989X98018002S09

    Examples
    --------
    >>> import hecon
    >>> draws = hecon.from_arrays([[100, 900]], [[1.0, 1.1]], strategies=["usual care", "exercise"])
    >>> hecon.net_benefit(draws, wtp=20_000).squeeze().values.tolist()
    [19900.0, 21100.0]
    >>> hecon.net_benefit(draws, wtp=20_000, kind="health").squeeze().values.tolist()
    [0.995, 1.0550000000000002]
    """
    _checks.one_of("kind", kind, KINDS)
    price = _draws.price(_draws.validate(draws), wtp)
    if draws.attrs.get("scale") == "incremental":
        msg = (
            "net_benefit needs absolute costs and effects, got draws with scale='incremental';"
            " use incremental_net_benefit"
        )
        raise InputError(msg)
    if kind == "monetary":
        return _finish(price * _draws.benefit(draws) - draws["cost"], draws, price, kind)
    if (price == 0).any():
        msg = "wtp must be above 0 for net health benefit, got 0; use kind='monetary'"
        raise InputError(msg)
    return _finish(_draws.benefit(draws) - draws["cost"] / price, draws, price, kind)


def incremental_net_benefit(draws: xr.Dataset, *, wtp: ArrayLike, comparator: str | None = None) -> xr.DataArray:
    r"""Net monetary benefit of every strategy over the comparator, in every draw.

    .. math:: \mathrm{INB} = \lambda (e - e_0) - (c - c_0)

    Parameters
    ----------
    draws : xarray.Dataset
        Draws, absolute or incremental.
    wtp : array_like
        Willingness to pay :math:`\lambda` [currency per unit of effect], one value or a sequence in any order, finite
        and at least 0.
    comparator : str, optional
        The strategy that the others are held against; by default the one that the draws' source knows.

    Returns
    -------
    xarray.DataArray
        Incremental net benefit [currency], dims (further dims of the draws, draw, strategy, wtp), without the
        comparator; `wtp` in the caller's order.

    Raises
    ------
    InputError
        If `wtp` is out of range, the draws break the data convention, no comparator is known or nothing is left
        to compare.

    Notes
    -----
    Where less of the effect is better, the difference in e is the harm averted. A mean of exactly 0 is the edge: the
    strategy then costs as much as its effect is worth. With more than two strategies a positive value against one
    comparator does not make a strategy the best; see `hecon.ceaf`.

    References
    ----------
    Stinnett AA, Mullahy J. Net health benefits. Med Decis Making 1998;18:S68-S80.
    https://doi.org/10.1177/0272989X98018002S09

    Examples
    --------
    >>> import hecon
    >>> draws = hecon.from_arrays([[100, 900]], [[1.0, 1.125]], strategies=["usual care", "exercise"])
    >>> hecon.incremental_net_benefit(draws, wtp=[0, 20_000], comparator="usual care").squeeze().values.tolist()
    [-800.0, 1700.0]
    """
    price = _draws.price(_draws.validate(draws), wtp)
    reference, rest = _draws.others(draws, comparator)
    pair = draws[["cost"]].assign(effect=_draws.benefit(draws))
    difference = pair.sel(strategy=rest) - pair.sel(strategy=reference, drop=True)
    result = _finish(price * difference["effect"] - difference["cost"], draws, price, "monetary")
    return result.assign_attrs(comparator=reference)


def _finish(result: xr.DataArray, draws: xr.Dataset, price: xr.DataArray, kind: str) -> xr.DataArray:
    result = result.assign_coords(wtp=price["wtp"]).transpose(*_draws.further_dims(draws), "draw", "strategy", "wtp")
    unit = _draws.units(draws)[0] if kind == "monetary" else _draws.benefit_unit(draws)
    result.attrs = {**draws.attrs, "units": unit}
    return result.rename("net_benefit")


def decision_curves(draws: xr.Dataset, *, wtp: ArrayLike) -> xr.Dataset:
    r"""CEAC, CEAF, expected loss and EVPI from one pass over the draws.

    With :math:`b_s = \lambda e_s - c_s` the net benefit of strategy s in a draw (:math:`e_s` counts averted harm where
    less of the effect is better):

    .. math:: \mathrm{CEAC}_s = P(b_s = \max_t b_t), \quad
              \mathrm{loss}_s = E[\max_t b_t] - E[b_s], \quad
              \mathrm{EVPI} = \min_s \mathrm{loss}_s

    Parameters
    ----------
    draws : xarray.Dataset
        Draws, absolute or incremental.
    wtp : array_like
        Willingness to pay :math:`\lambda` [currency per unit of effect], one value or a sequence in any order, finite
        and at least 0.

    Returns
    -------
    xarray.Dataset
        ``ceac`` [1] and ``expected_loss`` [currency per patient] with dims (wtp, strategy); ``ceaf`` [1] and ``evpi``
        [currency per patient] with dim (wtp); coordinate ``optimal`` (wtp), the strategy with the highest expected
        net benefit. Further dims of the draws come first; `wtp` keeps the caller's order and repeats.

    Raises
    ------
    InputError
        If `wtp` is out of range, the draws break the data convention, or they come from patients and have fewer than 3
        degrees of freedom; `ceac` and `ceaf` take such draws.

    Notes
    -----
    Ties: in a draw, a strategy ties with the best when their net benefits differ by at most 2e-15 times the larger
    of the two values of :math:`\lambda |e| + |c|`, which is rounding and no more. Tied strategies share the draw
    equally, so no result depends on the order of the strategies. Strategies whose *expected* net benefits differ by
    at most 1e-12 of that scale tie too; of those the optimal one is the one with more effect, then with lower cost,
    then first by name.

    The work grows with the number of draws, hardly with the number of values of `wtp`. Losses and EVPI are never
    negative: rounding that would take one below 0 is cut off.

    EVPI here is per patient and for the uncertainty that the draws hold; it knows nothing of structure that was not
    varied. A CEAC does not say which strategy to choose: that is ``optimal``.

    Draws from patient records have the t distributions of the analysis, whose variance is ν/(ν − 2) times the squared
    standard error: infinite with two degrees of freedom or fewer, as few clusters leave. Below 3 a mean of losses rests
    on a few draws, so losses and EVPI are refused; from 3 on they come from the draws as they are.

    References
    ----------
    Fenwick E, Claxton K, Sculpher M. Representing uncertainty: the role of cost-effectiveness acceptability curves.
    Health Econ 2001;10:779-787. https://doi.org/10.1002/hec.635

    Examples
    --------
    >>> import hecon
    >>> draws = hecon.from_arrays(
    ...     [[0, 0]] * 5, [[9, 12], [12, 10], [14, 20], [11, 10], [14, 13]], strategies=["A", "B"]
    ... )
    >>> curves = hecon.decision_curves(draws, wtp=1)
    >>> curves["ceac"].values.tolist(), curves["optimal"].values.tolist(), curves["ceaf"].values.tolist()
    ([[0.6, 0.4]], ['B'], [0.4])
    >>> curves["evpi"].round(9).values.tolist()
    [0.8]
    """
    _draws.refuse_few_freedom(draws)
    return all_curves(draws, wtp)


def all_curves(draws: xr.Dataset, wtp: ArrayLike) -> xr.Dataset:
    """Return all curves, whatever the degrees of freedom of the draws."""
    values = _checks.willingness_to_pay(wtp)
    _draws.validate(draws)
    grid, place = np.unique(values, return_inverse=True)
    names = _draws.strategy_names(draws)
    sizes, cells = _draws.slices(draws)
    shares, losses, optima = zip(
        *(_curves(ties.tally(cost, effect, grid), grid, names) for cost, effect in cells), strict=True
    )
    shape = (*sizes, grid.size)
    share, loss = (np.stack(part).reshape(*shape, len(names)).take(place, axis=-2) for part in (shares, losses))
    chosen = np.stack(optima).reshape(shape).take(place, axis=-1)
    further = _draws.further_dims(draws)
    over, currency = (*further, "wtp"), _draws.units(draws)[0]
    at_optimum = np.take_along_axis(share, chosen[..., np.newaxis], axis=-1)[..., 0]
    return _draws.dataset(
        draws,
        {
            "ceac": ((*over, "strategy"), share, {"units": "1", "long_name": "probability of being cost-effective"}),
            "ceaf": (over, at_optimum, {"units": "1", "long_name": "probability that the optimal one is the best"}),
            "expected_loss": ((*over, "strategy"), loss, {"units": currency, "long_name": "expected loss"}),
            "evpi": (over, loss.min(axis=-1), {"units": currency, "long_name": "value of perfect information"}),
        },
        {"wtp": _draws.wtp_coordinate(draws, values), "optimal": (over, np.array(names)[chosen])},
    )


def _curves(counts: ties.Tally, grid: Floats, names: list[str]) -> tuple[Floats, Floats, Codes]:
    """Return CEAC and expected loss, shape (grid, strategy), and the position of the optimal strategy."""
    share = counts.wins / (ties.UNIT * counts.n_draws)
    cost, effect = counts.cost / counts.n_draws, counts.effect / counts.n_draws
    benefit = grid * effect[:, np.newaxis] - cost[:, np.newaxis]
    best = (grid * counts.best_effect - counts.best_cost) / counts.n_draws
    # A strategy that is best in every draw loses nothing, whatever the rounding of the two sums.
    loss = np.where(share.T == 1.0, 0.0, np.maximum(best - benefit, 0.0))
    return share, loss.T, ties.optimal(cost, effect, grid, names)


def ceac(draws: xr.Dataset, *, wtp: ArrayLike) -> xr.DataArray:
    r"""Cost-effectiveness acceptability curve: the probability that a strategy is the best.

    .. math:: \mathrm{CEAC}_s(\lambda) = P(\lambda e_s - c_s = \max_t (\lambda e_t - c_t))

    Parameters
    ----------
    draws : xarray.Dataset
        Draws, absolute or incremental.
    wtp : array_like
        Willingness to pay [currency per unit of effect], one value or a sequence in any order, finite and at least 0.

    Returns
    -------
    xarray.DataArray
        Probability [1], dims (wtp, strategy) after the further dims of the draws; sums to 1 over strategies.

    Raises
    ------
    InputError
        If `wtp` is out of range or the draws break the data convention.

    Notes
    -----
    Among all strategies at once, ties shared (see `decision_curves`); for a pair, select the two strategies first.
    Not a rule for choosing: the most probable winner need not have the highest expected net benefit.

    References
    ----------
    van Hout BA et al. Costs, effects and C/E-ratios alongside a clinical trial. Health Econ 1994;3:309-319.
    https://doi.org/10.1002/hec.4730030505

    Löthgren M, Zethraeus N. Definition, interpretation and calculation of cost-effectiveness acceptability curves.
    Health Econ 2000;9:623-630. https://doi.org/10.1002/1099-1050(200010)9:7<623::AID-HEC539>3.0.CO;2-V

    Examples
    --------
    >>> import hecon
    >>> draws = hecon.from_arrays([[0, 900], [0, 1100]], [[0, 0.1], [0, 0.3]], strategies=["usual care", "exercise"])
    >>> hecon.ceac(draws, wtp=[0, 5_000, 10_000]).sel(strategy="exercise").values.tolist()
    [0.0, 0.5, 1.0]
    """
    return _draws.single(all_curves(draws, wtp), "ceac").drop_vars("optimal")


def ceaf(draws: xr.Dataset, *, wtp: ArrayLike) -> xr.DataArray:
    r"""Cost-effectiveness acceptability frontier: the CEAC of the strategy with the highest expected net benefit.

    .. math:: \mathrm{CEAF}(\lambda) = \mathrm{CEAC}_{s^*}(\lambda), \quad s^* = \arg\max_s E[\lambda e_s - c_s]

    Parameters
    ----------
    draws : xarray.Dataset
        Draws, absolute or incremental.
    wtp : array_like
        Willingness to pay [currency per unit of effect], one value or a sequence in any order, finite and at least 0.

    Returns
    -------
    xarray.DataArray
        Probability [1], dim (wtp) after the further dims of the draws, with the coordinate ``optimal``.

    Raises
    ------
    InputError
        If `wtp` is out of range or the draws break the data convention.

    Notes
    -----
    Ties in expected net benefit: more effect, then lower cost, then name; see `decision_curves`.

    References
    ----------
    Fenwick E, Claxton K, Sculpher M. Representing uncertainty: the role of cost-effectiveness acceptability curves.
    Health Econ 2001;10:779-787. https://doi.org/10.1002/hec.635

    Examples
    --------
    >>> import hecon
    >>> draws = hecon.from_arrays([[0, 900], [0, 1100]], [[0, 0.1], [0, 0.3]], strategies=["usual care", "exercise"])
    >>> frontier = hecon.ceaf(draws, wtp=[4_000, 6_000])
    >>> frontier.values.tolist(), frontier["optimal"].values.tolist()
    ([0.5, 0.5], ['usual care', 'exercise'])
    """
    return _draws.single(all_curves(draws, wtp), "ceaf")


def expected_loss(draws: xr.Dataset, *, wtp: ArrayLike) -> xr.DataArray:
    r"""Compute the expected loss: what choosing a strategy forgoes, on average, against the best choice in each draw.

    .. math:: \mathrm{loss}_s(\lambda) = E[\max_t (\lambda e_t - c_t)] - E[\lambda e_s - c_s]

    Parameters
    ----------
    draws : xarray.Dataset
        Draws, absolute or incremental.
    wtp : array_like
        Willingness to pay [currency per unit of effect], one value or a sequence in any order, finite and at least 0.

    Returns
    -------
    xarray.DataArray
        Expected loss [currency per patient], at least 0, dims (wtp, strategy) after the further dims of the draws.

    Raises
    ------
    InputError
        If `wtp` is out of range, the draws break the data convention, or they come from patients and have fewer than 3
        degrees of freedom.

    Notes
    -----
    The lowest of the losses is the EVPI, and the strategy that has it is the optimal one. Rounding below 0 is cut off.

    References
    ----------
    Alarid-Escudero F et al. "Time traveling is just too dangerous" but some methods are worth revisiting: the
    advantages of expected loss curves over cost-effectiveness acceptability curves and frontier. Value Health
    2019;22:611-618. https://doi.org/10.1016/j.jval.2019.02.008

    Examples
    --------
    >>> import hecon
    >>> draws = hecon.from_arrays([[0, 900], [0, 1100]], [[0, 0.1], [0, 0.3]], strategies=["usual care", "exercise"])
    >>> hecon.expected_loss(draws, wtp=5_000).squeeze().values.tolist()
    [200.0, 200.0]
    """
    return _draws.single(decision_curves(draws, wtp=wtp), "expected_loss").drop_vars("optimal")


def evpi(draws: xr.Dataset, *, wtp: ArrayLike) -> xr.DataArray:
    r"""Compute the expected value of perfect information, per patient.

    .. math:: \mathrm{EVPI}(\lambda) = E[\max_t (\lambda e_t - c_t)] - \max_s E[\lambda e_s - c_s]

    Parameters
    ----------
    draws : xarray.Dataset
        Draws, absolute or incremental.
    wtp : array_like
        Willingness to pay [currency per unit of effect], one value or a sequence in any order, finite and at least 0.

    Returns
    -------
    xarray.DataArray
        EVPI [currency per patient], at least 0, dim (wtp) after the further dims of the draws.

    Raises
    ------
    InputError
        If `wtp` is out of range, the draws break the data convention, or they come from patients and have fewer than 3
        degrees of freedom.

    Notes
    -----
    An upper bound on what further research is worth for one patient; multiply by the patients that a decision will
    reach. It counts only the uncertainty that the draws hold. Rounding below 0 is cut off.

    References
    ----------
    Claxton K. The irrelevance of inference: a decision-making approach to the stochastic evaluation of health care
    technologies. J Health Econ 1999;18:341-364. https://doi.org/10.1016/S0167-6296(98)00039-3

    Examples
    --------
    >>> import hecon
    >>> draws = hecon.from_arrays([[0, 900], [0, 1100]], [[0, 0.1], [0, 0.3]], strategies=["usual care", "exercise"])
    >>> hecon.evpi(draws, wtp=[0, 5_000]).values.tolist()
    [0.0, 200.0]
    """
    return _draws.single(decision_curves(draws, wtp=wtp), "evpi").drop_vars("optimal")
