"""Acceptability curves, expected loss and net benefit, over willingness to pay."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from hecon.curves import Curves, curves_of
from hecon.locale import Locale
from hecon.plot import _style
from hecon.plot._style import against, checked, finish, grid_of, named, pair_of, telling, told_at, units

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import xarray as xr
    from matplotlib.axes import Axes
    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]


# Values at which the interval is computed, from all draws at each.
_STEPS = 41
# Values at which the range over rounding and assumptions is computed; between them it is interpolated.
_RANGE_STEPS = 21


def net_benefit(
    draws: xr.Dataset | Curves,
    *,
    strategy: str | None = None,
    comparator: str | None = None,
    wtp: ArrayLike | None = None,
    names: Mapping[str, str] | None = None,
    lang: str = "en",
    ax: Axes | None = None,
) -> Axes:
    """Draw the expected incremental net benefit against willingness to pay, of one strategy with its 95% interval.

    Parameters
    ----------
    draws : xarray.Dataset or Curves
        Draws, without further dims.
    strategy : str, optional
        The strategy to show; default all but the comparator.
    comparator : str, optional
        The strategy that they are held against; default the one that the draws know.
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
        Willingness to pay on the horizontal axis, net benefit on the vertical.

    Raises
    ------
    InputError
        If the draws have further dims, a strategy is not known or `wtp` is out of range.

    Notes
    -----
    A strategy alone has the central 95% of its draws as a band; several have a curve each, as many overlapping bands
    would say nothing. Of more than eleven strategies those are named that are optimal at a value shown, the comparator
    among the candidates.

    Examples
    --------
    >>> import hecon
    >>> draws = hecon.from_arrays(
    ...     [[0, 900], [0, 1100]], [[0, 0.1], [0, 0.3]], strategies=["usual care", "exercise"], comparator="usual care"
    ... )
    >>> hecon.plot.net_benefit(draws, wtp=[0, 10_000]).get_ylabel()
    'incremental net benefit per patient'
    """
    locale, curves = Locale(lang), curves_of(draws)
    reference, others = _held_against(curves.draws, strategy, comparator)
    grid = grid_of(wtp, _STEPS)
    currency, _ = units(curves.draws, locale)
    found = {name: curves.net_benefit(grid, name, reference) for name in others}
    with _style.look():
        ax = _style.axes(ax)
        if len(others) == 1:
            _, low, high = found[others[0]]
            ax.fill_between(grid, low, high, **_style.BAND)
        # One colour for a strategy in all figures of several.
        strategies = [str(name) for name in curves.draws["strategy"].values]
        every = others if len(others) == 1 else _style.ever_optimal(curves.draws, grid_of(wtp), strategies)
        shown = [name for name in every if name != reference]
        ax.axhline(0, **_style.LINE, zorder=1)
        _draw(ax, grid, {name: mean for name, (mean, _, _) in found.items()}, every, names, locale)
        ax.set_ylabel(locale.text("plot.net_benefit_axis"))
        _style.money_axis(ax.yaxis, locale, currency)
        finish(ax, grid, locale, curves.draws)
    return telling(
        ax,
        locale,
        lambda said: describe_net_benefit(
            curves, said, strategy=strategy, comparator=comparator, names=names, shown=shown, within=grid
        ),
    )


def _held_against(draws: xr.Dataset, strategy: str | None, comparator: str | None) -> tuple[str, list[str]]:
    """Return the comparator, and the strategy that was asked for or all others."""
    if strategy is None:
        return against(draws, comparator)
    name, reference = pair_of(draws, strategy, comparator)
    return reference, [name]


def _draw(  # noqa: PLR0917 (what a figure of curves is made of)
    ax: Axes,
    grid: Floats,
    values: Mapping[str, Floats],
    shown: Sequence[str],
    names: Mapping[str, str] | None,
    locale: Locale,
) -> None:
    """Draw a curve for each strategy, name those that are shown unless there is but one, and say what is grey."""
    ends = _style.draw_curves(ax, grid, values, shown, names)
    if len(values) > 1:
        _style.label_ends(ax, ends)
    if len(ends) < len(values):
        _style.remark(ax, locale.text("plot.others", n=len(values) - len(ends)))


def describe_net_benefit(
    draws: xr.Dataset | Curves,
    locale: Locale,
    *,
    strategy: str | None = None,
    comparator: str | None = None,
    names: Mapping[str, str] | None = None,
    shown: Sequence[str] | None = None,
    within: Floats | None = None,
) -> str:
    """Say the expected net benefit at each reference value: of one strategy, or of those that are named."""
    curves = curves_of(draws)
    reference, others = _held_against(curves.draws, strategy, comparator)
    currency, _ = units(curves.draws, locale)
    chosen, values = others if shown is None else shown, told_at(curves.draws, within)
    told = []
    for name in chosen:
        means, _, _ = curves.net_benefit(values, name, reference)
        amounts = (
            _at(locale, value, curves.draws, locale.money(float(mean), currency))
            for value, mean in zip(values, means, strict=True)
        )
        told.append(("" if len(others) == 1 else f"{named(names, name)}: ") + ", ".join(amounts))
    text = locale.text("plot.net_benefit_alt", parts="; ".join(told)) + _style.range_words(curves.draws, locale)
    return _with_others(text, len(others) - len(chosen), locale)


def _at(locale: Locale, value: float, draws: xr.Dataset, what: str) -> str:
    return locale.text("plot.at", value=_style.stated_value(draws, value, locale), what=what)


def _with_others(text: str, others: int, locale: Locale) -> str:
    return f"{text} {locale.text('plot.others', n=others)}." if others else text


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
    `hecon.from_reported` with normal marginals. Of more than eleven strategies those are named that are optimal at a
    value shown; the others are thin and grey. Several curves have the acceptability frontier behind them, a broad grey
    line: the probability of the strategy with the highest expected net benefit.

    Examples
    --------
    >>> import hecon
    >>> draws = hecon.from_arrays(
    ...     [[0, 900], [0, 1100]], [[0, 0.1], [0, 0.3]], strategies=["usual care", "exercise"], comparator="usual care"
    ... )
    >>> hecon.plot.acceptability(draws).get_ylabel()
    'probability cost-effective'
    """
    locale, grid, curves = Locale(lang), grid_of(wtp), curves_of(draws)
    strategies = _with_curve(checked(curves.draws))
    shares = curves.acceptability(grid)
    with _style.look():
        ax = _style.axes(ax)
        ax.set_ylim(0, 1)
        if len(strategies) == 1:
            _band(ax, curves, grid)
        else:
            _frontier(ax, curves, grid)
        shown = _style.ever_optimal(curves.draws, grid, strategies)
        _draw(ax, grid, {name: shares.sel(strategy=name).to_numpy() for name in strategies}, shown, names, locale)
        ax.set_ylabel(locale.text("plot.probability_axis"))
        _style.number_axis(ax.yaxis, locale)
        finish(ax, grid, locale, curves.draws)
    return telling(ax, locale, lambda said: describe_acceptability(curves, said, names=names, shown=shown, within=grid))


def _with_curve(draws: xr.Dataset) -> list[str]:
    """Return the strategies to draw: with two and a known comparator, the other one says it all."""
    strategies = [str(name) for name in draws["strategy"].values]
    known = draws.attrs.get("comparator")
    return [name for name in strategies if name != known] if len(strategies) == 2 and known else strategies  # noqa: PLR2004


def _frontier(ax: Axes, curves: Curves, grid: Floats) -> None:
    """Draw the acceptability frontier, broken where another strategy becomes optimal."""
    found = curves.frontier(grid)
    optimal, shares = found["optimal"].to_numpy(), found.to_numpy()
    starts = [0, *(np.flatnonzero(optimal[1:] != optimal[:-1]) + 1).tolist(), grid.size]
    for start, end in pairwise(starts):
        line: dict[str, Any] = {"color": _style.MUTED, "linewidth": 6, "alpha": 0.3, "solid_capstyle": "butt"}
        ax.plot(grid[start:end], shares[start:end], **line, zorder=2)


def _band(ax: Axes, curves: Curves, grid: Floats) -> None:
    at = np.linspace(grid[0], grid[-1], _RANGE_STEPS)
    ranges = curves.ranges(at)
    if ranges is None:
        return
    ax.fill_between(at, ranges[:, 0], ranges[:, 1], **_style.BAND)


def describe_acceptability(
    draws: xr.Dataset | Curves,
    locale: Locale,
    *,
    names: Mapping[str, str] | None = None,
    shown: Sequence[str] | None = None,
    within: Floats | None = None,
) -> str:
    """Say the probabilities at each reference value: of one strategy with its range, or of all that are named."""
    curves = curves_of(draws)
    strategies = _with_curve(checked(curves.draws))
    if len(strategies) == 1:
        return _one_curve_words(curves, strategies[0], locale, within)
    values = told_at(curves.draws, within)
    shares = curves.acceptability(values)
    chosen = strategies if shown is None else shown
    parts = []
    for value in values:
        row = shares.sel(wtp=value)
        told = (f"{named(names, name)} {locale.chance(float(row.sel(strategy=name)))}" for name in chosen)
        parts.append(_at(locale, value, curves.draws, ", ".join(told)))
    text = locale.text("plot.acceptability_several_alt", parts="; ".join(parts))
    pairs = zip(values, curves.best(values), strict=True)
    listed = (_at(locale, value, curves.draws, _tied(best, names)) for value, best in pairs)
    text += f" {locale.text('plot.acceptability_frontier_alt', parts=', '.join(listed))}"
    text += _style.range_words(curves.draws, locale)
    return _with_others(text, len(strategies) - len(chosen), locale)


def _tied(best: Sequence[str], names: Mapping[str, str] | None) -> str:
    """Return the names of strategies that tie."""
    return " = ".join(named(names, name) for name in best)


def _one_curve_words(curves: Curves, strategy: str, locale: Locale, within: Floats | None) -> str:
    """Say the probability of a strategy at each reference value, with its range where there is one."""
    values = told_at(curves.draws, within)
    shares = curves.acceptability(values).sel(strategy=strategy).to_numpy()
    ranges = curves.ranges(values)
    parts, ranged = [], False
    for place, (value, share) in enumerate(zip(values, shares, strict=True)):
        text = locale.chance(float(share))
        if ranges is not None:
            low, high = map(float, ranges[place])
            span = locale.probability_span(low, high)
            ranged = ranged or span != text
            text += f" ({span})" if span != text else ""
        parts.append(_at(locale, value, curves.draws, text))
    key = "acceptability_ranged_alt" if ranged else "acceptability_alt"
    return locale.text(f"plot.{key}", parts=", ".join(parts)) + _style.range_words(curves.draws, locale)


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

    Notes
    -----
    Of more than eleven strategies those are named that are optimal at a value shown; the others are thin and grey.

    Examples
    --------
    >>> import hecon
    >>> draws = hecon.from_arrays([[0, 900], [0, 1100]], [[0, 0.1], [0, 0.3]], strategies=["usual care", "exercise"])
    >>> len(hecon.plot.expected_loss(draws).lines) >= 2
    True
    """
    locale, grid, curves = Locale(lang), grid_of(wtp), curves_of(draws)
    strategies = [str(each) for each in checked(curves.draws)["strategy"].values]
    losses = curves.expected_loss(grid)
    currency, _ = units(curves.draws, locale)
    with _style.look():
        ax = _style.axes(ax)
        shown = _style.ever_optimal(curves.draws, grid, strategies)
        ax.set_ylim(0, 1.05 * float(losses.max()) or 1.0)
        _draw(ax, grid, {name: losses.sel(strategy=name).to_numpy() for name in strategies}, shown, names, locale)
        ax.set_ylabel(locale.text("plot.loss_axis"))
        _style.money_axis(ax.yaxis, locale, currency)
        finish(ax, grid, locale, curves.draws)
    others = len(strategies) - len(shown)
    return telling(
        ax,
        locale,
        lambda said: _with_others(describe_expected_loss(curves, said, names=names, within=grid), others, said),
    )


def describe_expected_loss(
    draws: xr.Dataset | Curves,
    locale: Locale,
    *,
    names: Mapping[str, str] | None = None,
    within: Floats | None = None,
) -> str:
    """Say which strategy has the lowest expected loss at each reference value, and that loss."""
    curves = curves_of(draws)
    checked(curves.draws)
    values = told_at(curves.draws, within)
    losses = curves.expected_loss(values)
    currency, _ = units(curves.draws, locale)
    parts = []
    for value, best in zip(values, curves.best(values), strict=True):
        row = losses.sel(wtp=value)
        what = f"{_tied(best, names)}, {locale.money(float(row.min()), currency)}"
        parts.append(_at(locale, value, curves.draws, what))
    return locale.text("plot.loss_alt", parts="; ".join(parts)) + _style.range_words(curves.draws, locale)
