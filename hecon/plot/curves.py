"""Acceptability curves, expected loss and net benefit, over willingness to pay."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from hecon.curves import Curves, curves_of
from hecon.locale import Locale
from hecon.plot import _style
from hecon.plot._style import checked, finish, grid_of, named, pair_of, units
from hecon.zin import REFERENCE_VALUES

if TYPE_CHECKING:
    from collections.abc import Mapping

    import xarray as xr
    from matplotlib.axes import Axes
    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]

__all__ = [
    "acceptability",
    "acceptability_text",
    "expected_loss",
    "expected_loss_text",
    "net_benefit",
    "net_benefit_text",
]

# Values at which the interval is computed, from all draws at each.
_STEPS = 41


def net_benefit(
    draws: xr.Dataset | Curves,
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
    draws : xarray.Dataset or Curves
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
    curves = curves_of(draws)
    name, reference = pair_of(curves.draws, strategy, comparator)
    grid = grid_of(wtp, _STEPS)
    currency, unit = units(curves.draws, lang)
    mean, low, high = curves.net_benefit(grid, name, reference)
    with _style.look():
        ax = _style.axes(ax)
        ax.fill_between(grid, low, high, color=_style.COLOURS[0], alpha=0.18, linewidth=0, zorder=2)
        ax.plot(grid, mean, color=_style.COLOURS[0], zorder=4)
        ax.axhline(0, color=_style.MUTED, linewidth=0.8, zorder=1)
        ax.set_ylabel(Locale(lang).text("plot.net_benefit_axis"))
        _style.money_axis(ax.yaxis, lang, currency)
        finish(ax, grid, lang, currency, unit)
    return ax


def net_benefit_text(
    draws: xr.Dataset | Curves, *, strategy: str | None = None, comparator: str | None = None, lang: str = "en"
) -> str:
    """Say in words what `net_benefit` shows at the reference values.

    Parameters
    ----------
    draws : xarray.Dataset or Curves
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
    curves = curves_of(draws)
    name, reference = pair_of(curves.draws, strategy, comparator)
    currency, _ = units(curves.draws, lang)
    means, _, _ = curves.net_benefit(REFERENCE_VALUES, name, reference)
    parts = [
        Locale(lang).text(
            "plot.at",
            value=Locale(lang).money(value, currency),
            what=Locale(lang).money(float(mean), currency),
        )
        for value, mean in zip(REFERENCE_VALUES, means, strict=True)
    ]
    return Locale(lang).text("plot.net_benefit_alt", parts=", ".join(parts))


# Values at which the range over rounding and assumptions is computed; between them it is interpolated.
_RANGE_STEPS = 21


def acceptability(
    draws: xr.Dataset | Curves,
    *,
    wtp: ArrayLike | None = None,
    names: Mapping[str, str] | None = None,
    lang: str = "en",
    ax: Axes | None = None,
) -> Axes:
    """Draw the cost-effectiveness acceptability curves, with the range that rounding and assumptions leave.

    Parameters
    ----------
    draws : xarray.Dataset or Curves
        Draws, without further dims.
    wtp : array_like, optional
        Willingness to pay [currency per unit of effect]; default 0 to 100,000.
    names : mapping of str to str, optional
        What to call a strategy in the figure; default its name in the draws.
    lang : {"nl", "en"}, default "en"
        Language of the labels.
    ax : matplotlib.axes.Axes, optional
        Where to draw; default a new figure.

    Returns
    -------
    matplotlib.axes.Axes
        Willingness to pay on the horizontal axis, probability on the vertical.

    Raises
    ------
    InputError
        If the draws have further dims or `wtp` is out of range.

    Notes
    -----
    With two strategies and a known comparator there is one curve, for the other. The band is there for draws of
    `hecon.from_reported` with normal marginals.

    Examples
    --------
    >>> import hecon
    >>> draws = hecon.from_arrays(
    ...     [[0, 900], [0, 1100]], [[0, 0.1], [0, 0.3]], strategies=["usual care", "exercise"], comparator="usual care"
    ... )
    >>> hecon.plot.acceptability(draws).get_ylabel()
    'probability cost-effective'
    """
    grid = grid_of(wtp)
    curves = curves_of(draws)
    shown = _shown(checked(curves.draws))
    shares = curves.acceptability(grid)
    currency, unit = units(curves.draws, lang)
    with _style.look():
        ax = _style.axes(ax)
        ax.set_ylim(0, 1)
        if len(shown) == 1:
            _band(ax, curves, grid)
        ends = []
        for index, name in enumerate(shown):
            colour = _style.COLOURS[index % len(_style.COLOURS)]
            values = shares.sel(strategy=name).to_numpy()
            ax.plot(grid, values, color=colour, zorder=4)
            ends.append((float(grid[-1]), float(values[-1]), named(names, name), colour))
        if len(shown) > 1:
            _style.label_ends(ax, ends)
        ax.set_ylabel(Locale(lang).text("plot.probability_axis"))
        _style.number_axis(ax.yaxis, lang)
        finish(ax, grid, lang, currency, unit)
    return ax


def _shown(draws: xr.Dataset) -> list[str]:
    """Return the strategies to draw: with two and a known comparator, the other one says it all."""
    strategies = [str(name) for name in draws["strategy"].values]
    known = draws.attrs.get("comparator")
    return [name for name in strategies if name != known] if len(strategies) <= 2 and known else strategies  # noqa: PLR2004


def _band(ax: Axes, curves: Curves, grid: Floats) -> None:
    at = np.linspace(grid[0], grid[-1], _RANGE_STEPS)
    ranges = curves.ranges(at)
    if ranges is None:
        return
    ax.fill_between(at, ranges[:, 0], ranges[:, 1], color=_style.COLOURS[0], alpha=0.18, linewidth=0, zorder=2)


def acceptability_text(draws: xr.Dataset | Curves, *, lang: str = "en") -> str:
    """Say in words what `acceptability` shows at the reference values.

    Parameters
    ----------
    draws : xarray.Dataset or Curves
        Draws, without further dims, of two strategies with a known comparator.
    lang : {"nl", "en"}, default "en"
        Language.

    Returns
    -------
    str
        The probability at each reference value, with its range where there is one.
    """
    curves = curves_of(draws)
    name, _ = pair_of(curves.draws, None, None)
    currency, _ = units(curves.draws, lang)
    shares = curves.acceptability(REFERENCE_VALUES).sel(strategy=name).to_numpy()
    ranges = curves.ranges(REFERENCE_VALUES)
    parts, ranged = [], False
    for place, (value, share) in enumerate(zip(REFERENCE_VALUES, shares, strict=True)):
        text = Locale(lang).probability(float(share))
        if ranges is not None:
            low, high = map(float, ranges[place])
            span = Locale(lang).span(Locale(lang).probability(low), Locale(lang).probability(high))
            ranged = ranged or span != text
            text += f" ({span})" if span != text else ""
        parts.append(Locale(lang).text("plot.at", value=Locale(lang).money(value, currency), what=text))
    key = "acceptability_ranged_alt" if ranged else "acceptability_alt"
    return Locale(lang).text(f"plot.{key}", parts=", ".join(parts))


def expected_loss(
    draws: xr.Dataset | Curves,
    *,
    wtp: ArrayLike | None = None,
    names: Mapping[str, str] | None = None,
    lang: str = "en",
    ax: Axes | None = None,
) -> Axes:
    """Draw the expected loss of each strategy; the lowest is the value of perfect information.

    Parameters
    ----------
    draws : xarray.Dataset or Curves
        Draws, without further dims.
    wtp : array_like, optional
        Willingness to pay [currency per unit of effect]; default 0 to 100,000.
    names : mapping of str to str, optional
        What to call a strategy in the figure; default its name in the draws.
    lang : {"nl", "en"}, default "en"
        Language of the labels.
    ax : matplotlib.axes.Axes, optional
        Where to draw; default a new figure.

    Returns
    -------
    matplotlib.axes.Axes
        Willingness to pay on the horizontal axis, expected loss per patient on the vertical.

    Raises
    ------
    InputError
        If the draws have further dims or `wtp` is out of range.

    Examples
    --------
    >>> import hecon
    >>> draws = hecon.from_arrays([[0, 900], [0, 1100]], [[0, 0.1], [0, 0.3]], strategies=["usual care", "exercise"])
    >>> len(hecon.plot.expected_loss(draws).lines) >= 2
    True
    """
    grid = grid_of(wtp)
    curves = curves_of(draws)
    names_of = [str(each) for each in checked(curves.draws)["strategy"].values]
    losses = curves.expected_loss(grid)
    currency, unit = units(curves.draws, lang)
    with _style.look():
        ax = _style.axes(ax)
        ends = []
        for index, name in enumerate(names_of):
            colour = _style.COLOURS[index % len(_style.COLOURS)]
            values = losses.sel(strategy=name).to_numpy()
            ax.plot(grid, values, color=colour, zorder=4)
            ends.append((float(grid[-1]), float(values[-1]), named(names, name), colour))
        ax.set_ylim(0, 1.05 * float(losses.max()) or 1.0)
        _style.label_ends(ax, ends)
        ax.set_ylabel(Locale(lang).text("plot.loss_axis"))
        _style.money_axis(ax.yaxis, lang, currency)
        finish(ax, grid, lang, currency, unit)
    return ax


def expected_loss_text(draws: xr.Dataset | Curves, *, names: Mapping[str, str] | None = None, lang: str = "en") -> str:
    """Say in words what `expected_loss` shows at the reference values.

    Parameters
    ----------
    draws : xarray.Dataset or Curves
        Draws, without further dims.
    names : mapping of str to str, optional
        What to call a strategy.
    lang : {"nl", "en"}, default "en"
        Language.

    Returns
    -------
    str
        At each reference value, the strategy with the lowest expected loss, and that loss.
    """
    curves = curves_of(draws)
    checked(curves.draws)
    losses = curves.expected_loss(REFERENCE_VALUES)
    currency, _ = units(curves.draws, lang)
    parts = []
    for value in REFERENCE_VALUES:
        row = losses.sel(wtp=value)
        best = str(row["strategy"].to_numpy()[int(np.argmin(row.to_numpy()))])
        what = f"{named(names, best)}, {Locale(lang).money(float(row.min()), currency)}"
        parts.append(Locale(lang).text("plot.at", value=Locale(lang).money(value, currency), what=what))
    return Locale(lang).text("plot.loss_alt", parts="; ".join(parts))
