"""Net benefit, draw by draw."""

from __future__ import annotations

from typing import TYPE_CHECKING

import xarray as xr

from hecon import _checks
from hecon import draws as _draws
from hecon.decision import _labels
from hecon.errors import InputError

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

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
    values = _checks.willingness_to_pay(wtp)
    _checks.one_of("kind", kind, KINDS)
    if _draws.validate(draws).attrs.get("scale") == "incremental":
        msg = (
            "net_benefit needs absolute costs and effects, got draws with scale='incremental';"
            " use incremental_net_benefit"
        )
        raise InputError(msg)
    price = xr.DataArray(_labels.wtp_coordinate(draws, values), dims="wtp")
    effect = _draws.benefit(draws)
    if kind == "monetary":
        result = price * effect - draws["cost"]
    else:
        if (values == 0).any():
            msg = "wtp must be above 0 for net health benefit, got 0; use kind='monetary'"
            raise InputError(msg)
        result = effect - draws["cost"] / price
    return _finish(result, draws, price, kind)


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
    values = _checks.willingness_to_pay(wtp)
    _draws.validate(draws)
    reference, rest = _labels.others(draws, comparator)
    pair = draws[["cost"]].assign(effect=_draws.benefit(draws))
    difference = pair.sel(strategy=rest) - pair.sel(strategy=reference, drop=True)
    price = xr.DataArray(_labels.wtp_coordinate(draws, values), dims="wtp")
    result = _finish(price * difference["effect"] - difference["cost"], draws, price, "monetary")
    return result.assign_attrs(comparator=reference)


def _finish(result: xr.DataArray, draws: xr.Dataset, price: xr.DataArray, kind: str) -> xr.DataArray:
    result = result.assign_coords(wtp=("wtp", price.values, price.attrs))
    result = result.transpose(*_labels.further_dims(draws), "draw", "strategy", "wtp")
    unit = _draws.units(draws)[0] if kind == "monetary" else _draws.benefit_unit(draws)
    result.attrs = {**draws.attrs, "units": unit}
    return result.rename("net_benefit")
