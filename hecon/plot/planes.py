"""The cost-effectiveness plane."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from hecon import _checks, decision, texts
from hecon.plot import _plane_labels, _style
from hecon.plot._pair import differences, pair_of, units
from hecon.zin import REFERENCE_VALUES

if TYPE_CHECKING:
    from collections.abc import Sequence

    import xarray as xr
    from matplotlib.axes import Axes
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

__all__ = ["plane", "plane_text"]

# 95% point of the chi-squared distribution with two degrees of freedom.
_ELLIPSE = 5.991464547107979
# Shares of the draws that the shades hold, from the faintest to the darkest.
_SHADES = {0.95: 0.14, 0.80: 0.30, 0.50: 0.48, 0.20: 0.70}
_BINS = 90
# Fewer draws than this are shown by their mean alone.
_ENOUGH = 200
_QUADRANTS = ("NE", "NW", "SE", "SW")


def plane(
    draws: xr.Dataset,
    *,
    strategy: str | None = None,
    comparator: str | None = None,
    wtp: Sequence[float] = REFERENCE_VALUES,
    lang: str = "en",
    ax: Axes | None = None,
) -> Axes:
    """Draw the cost-effectiveness plane: where the draws lie, and on which side of willingness to pay.

    Parameters
    ----------
    draws : xarray.Dataset
        Draws, without further dims.
    strategy : str, optional
        The strategy to show; not needed if there is only one besides the comparator.
    comparator : str, optional
        The strategy that it is held against; default the one that the draws know.
    wtp : sequence of float, default the three reference values
        Willingness to pay [currency per unit of effect]: a line through the origin for each.
    lang : {"nl", "en"}, default "en"
        Language of the labels.
    ax : matplotlib.axes.Axes, optional
        Where to draw; default a new figure.

    Returns
    -------
    matplotlib.axes.Axes
        Effect difference (harm averted, where less of the effect is better) on the horizontal axis, cost difference on
        the vertical.

    Raises
    ------
    InputError
        If the draws have further dims, or a strategy is not known.

    Notes
    -----
    The shades hold 20, 50, 80 and 95% of the draws (smoothed); the ellipse is the 95% region of a normal distribution
    with their mean and covariance. Below and to the right of a line, the strategy is cost-effective there. Fewer than
    200 draws, or draws without spread, are shown by their mean alone.

    Examples
    --------
    >>> import hecon
    >>> draws = hecon.from_arrays(
    ...     [[0, 900], [0, 1100]], [[0, 0.1], [0, 0.3]], strategies=["usual care", "exercise"], comparator="usual care"
    ... )
    >>> hecon.plot.plane(draws).get_xlabel()
    'difference in effects (QALY)'
    """
    name, reference = pair_of(draws, strategy, comparator)
    values = _checks.willingness_to_pay(wtp)
    cost, effect = differences(draws, name, reference)
    currency, unit = units(draws, lang)
    with _style.look():
        ax = _style.axes(ax)
        _limits(ax, effect, cost)
        ax.axhline(0, color=_style.MUTED, linewidth=0.8, zorder=1)
        ax.axvline(0, color=_style.MUTED, linewidth=0.8, zorder=1)
        corners: dict[str, str] = {}
        if _has_spread(cost, effect):
            corners = _plane_labels.corner_texts(ax, _shares(draws, name, reference), lang)
            _plane_labels.make_room(ax, corners)
            _density(ax, effect, cost)
            _ellipse(ax, effect, cost)
            _plane_labels.write_corners(ax, corners)
        _plane_labels.draw_lines(ax, [(float(each), texts.money(lang, each, currency)) for each in values], corners)
        ax.plot([effect.mean()], [cost.mean()], "o", color=_style.COLOURS[1], markersize=6, zorder=6)
        ax.set_xlabel(texts.text(lang, "plot.effect_axis", unit=unit), parse_math=False)
        ax.set_ylabel(texts.text(lang, "plot.cost_axis"))
        _style.number_axis(ax.xaxis, lang)
        _style.money_axis(ax.yaxis, lang, currency)
    return ax


def plane_text(
    draws: xr.Dataset, *, strategy: str | None = None, comparator: str | None = None, lang: str = "en"
) -> str:
    """Say in words what `plane` shows, for a reader who cannot see it.

    Parameters
    ----------
    draws : xarray.Dataset
        Draws, without further dims.
    strategy, comparator : str, optional
        As in `plane`.
    lang : {"nl", "en"}, default "en"
        Language.

    Returns
    -------
    str
        The mean, and where the draws lie.
    """
    name, reference = pair_of(draws, strategy, comparator)
    cost, effect = differences(draws, name, reference)
    currency, unit = units(draws, lang)
    text = texts.text(
        lang,
        "plot.plane_alt",
        cost=texts.money(lang, float(cost.mean()), currency),
        effect=texts.number(lang, float(effect.mean()), 4),
        unit=unit,
    )
    if not _has_spread(cost, effect):
        return f"{text} {texts.text(lang, 'plot.plane_alt_point')}"
    shares = _shares(draws, name, reference)
    parts = ", ".join(f"{texts.share(lang, shares[each])} {texts.text(lang, 'plot.in_' + each)}" for each in _QUADRANTS)
    return f"{text} {texts.text(lang, 'plot.plane_alt_shares', shares=parts)}"


def _has_spread(cost: Floats, effect: Floats) -> bool:
    return cost.size >= _ENOUGH and cost.std() > 0 and effect.std() > 0


def _shares(draws: xr.Dataset, name: str, reference: str) -> dict[str, float]:
    found = decision.icer(draws, comparator=reference).sel(strategy=name)["quadrant_share"]
    return {each: float(found.sel(quadrant_of_draws=each)) for each in _QUADRANTS}


def _limits(ax: Axes, effect: Floats, cost: Floats) -> None:
    for values, set_limits, share in ((effect, ax.set_xlim, 0.12), (cost, ax.set_ylim, 0.16)):
        low, high = (min(float(np.quantile(values, 0.001)), 0.0), max(float(np.quantile(values, 0.999)), 0.0))
        pad = share * (high - low) or 1.0
        set_limits(low - pad, high + pad)


def _density(ax: Axes, effect: Floats, cost: Floats) -> None:
    from scipy.ndimage import gaussian_filter

    counts, x, y = np.histogram2d(effect, cost, bins=_BINS, range=[ax.get_xlim(), ax.get_ylim()])
    # Wide enough to even out the noise of the draws, narrow against their spread.
    smooth = gaussian_filter(counts, sigma=_BINS / 28)
    ordered = np.sort(smooth.ravel())[::-1]
    mass = np.cumsum(ordered) / ordered.sum()
    levels = [float(ordered[int(np.searchsorted(mass, share))]) for share in _SHADES]
    red, green, blue = (int(_style.COLOURS[0][i : i + 2], 16) / 255 for i in (1, 3, 5))
    middles = ((edges[:-1] + edges[1:]) / 2 for edges in (x, y))
    ax.contourf(
        *middles,
        smooth.T,
        levels=[*levels, 1.01 * float(smooth.max())],
        colors=[(red, green, blue, alpha) for alpha in _SHADES.values()],
        zorder=2,
    )


def _ellipse(ax: Axes, effect: Floats, cost: Floats) -> None:
    angle = np.linspace(0, 2 * np.pi, 121)
    rho = float(np.corrcoef(effect, cost)[0, 1])
    first = np.sqrt(_ELLIPSE) * np.cos(angle)
    second = rho * first + np.sqrt((1 - rho**2) * _ELLIPSE) * np.sin(angle)
    x, y = effect.mean() + effect.std() * first, cost.mean() + cost.std() * second
    ax.plot(x, y, color=_style.INK, linewidth=1.0, zorder=4)
