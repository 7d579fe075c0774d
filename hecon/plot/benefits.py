"""Net benefit over willingness to pay."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hecon import decision, texts
from hecon.plot import _style
from hecon.plot._pair import pair_of, units
from hecon.plot._wtp import finish, grid_of
from hecon.zin import REFERENCE_VALUES

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.axes import Axes
    from numpy.typing import ArrayLike

__all__ = ["net_benefit", "net_benefit_text"]

# Values at which the interval is computed, from all draws at each.
_STEPS = 41


def net_benefit(
    draws: xr.Dataset,
    *,
    strategy: str | None = None,
    comparator: str | None = None,
    wtp: ArrayLike | None = None,
    lang: str = "en",
    ax: Axes | None = None,
) -> Axes:
    """Draw the expected incremental net benefit against willingness to pay, with a 95% interval of the draws.

    Parameters
    ----------
    draws : xarray.Dataset
        Draws, without further dims.
    strategy, comparator : str, optional
        The pair to show; default the only one.
    wtp : array_like, optional
        Willingness to pay [currency per unit of effect]; default 0 to 100,000.
    lang : {"nl", "en"}, default "en"
        Language of the labels.
    ax : matplotlib.axes.Axes, optional
        Where to draw; default a new figure.

    Returns
    -------
    matplotlib.axes.Axes
        Willingness to pay on the horizontal axis, net benefit on the vertical.

    Raises
    ------
    InputError
        If the draws have further dims, a strategy is not known or `wtp` is out of range.

    Examples
    --------
    >>> import hecon
    >>> draws = hecon.from_arrays(
    ...     [[0, 900], [0, 1100]], [[0, 0.1], [0, 0.3]], strategies=["usual care", "exercise"], comparator="usual care"
    ... )
    >>> hecon.plot.net_benefit(draws, wtp=[0, 10_000]).get_ylabel()
    'incremental net benefit per patient'
    """
    name, reference = pair_of(draws, strategy, comparator)
    grid = grid_of(wtp, _STEPS)
    currency, unit = units(draws, lang)
    benefit = decision.incremental_net_benefit(
        draws.sel(strategy=[reference, name]), wtp=grid, comparator=reference
    ).sel(strategy=name)
    ends = benefit.quantile([0.025, 0.975], dim="draw")
    with _style.look():
        ax = _style.axes(ax)
        low, high = (ends.isel(quantile=index).to_numpy() for index in (0, 1))
        ax.fill_between(grid, low, high, color=_style.COLOURS[0], alpha=0.18, linewidth=0, zorder=2)
        ax.plot(grid, benefit.mean("draw").to_numpy(), color=_style.COLOURS[0], zorder=4)
        ax.axhline(0, color=_style.MUTED, linewidth=0.8, zorder=1)
        ax.set_ylabel(texts.text(lang, "plot.net_benefit_axis"))
        _style.money_axis(ax.yaxis, lang, currency)
        finish(ax, grid, lang, currency, unit)
    return ax


def net_benefit_text(
    draws: xr.Dataset, *, strategy: str | None = None, comparator: str | None = None, lang: str = "en"
) -> str:
    """Say in words what `net_benefit` shows at the reference values.

    Parameters
    ----------
    draws : xarray.Dataset
        Draws, without further dims.
    strategy, comparator : str, optional
        As in `net_benefit`.
    lang : {"nl", "en"}, default "en"
        Language.

    Returns
    -------
    str
        The expected net benefit at each reference value.
    """
    name, reference = pair_of(draws, strategy, comparator)
    currency, _ = units(draws, lang)
    means = decision.incremental_net_benefit(
        draws.sel(strategy=[reference, name]), wtp=list(REFERENCE_VALUES), comparator=reference
    ).mean("draw")
    parts = [
        texts.text(
            lang,
            "plot.at",
            value=texts.money(lang, value, currency),
            what=texts.money(lang, float(means.sel(strategy=name, wtp=value)), currency),
        )
        for value in REFERENCE_VALUES
    ]
    return texts.text(lang, "plot.net_benefit_alt", parts=", ".join(parts))
