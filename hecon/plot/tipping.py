"""The tipping map of a trial: which option is preferred as imputed utilities and costs of an arm are shifted."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from hecon.errors import InputError
from hecon.locale import Locale
from hecon.plot import _style
from hecon.plot._style import Line2D, named, telling
from hecon.trial import TippingMap

if TYPE_CHECKING:
    from collections.abc import Mapping

    from matplotlib.artist import Artist
    from matplotlib.axes import Axes
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

__all__ = ["describe_tipping_map", "tipping_map"]

# Probabilities at which a preference is "probably" so: of the strategy, and of the comparator.
_PROBABLY = (0.25, 0.75)
# Share of the imputed utilities held at an end from which it stands below its shift.
_HELD = 0.005
# Points of the finer grid on either axis.
_FINE = 241


def tipping_map(
    found: TippingMap,
    *,
    wtp: float | None = None,
    names: Mapping[str, str] | None = None,
    lang: str = "en",
    ax: Axes | None = None,
) -> Axes:
    """Draw which option is preferred as imputed utilities and costs of one arm are shifted.

    Parameters
    ----------
    found : TippingMap
        One of what `hecon.trial.tipping_maps` returned.
    wtp : float, optional
        Willingness to pay, one of the map's; default the first.
    names : mapping of str to str, optional
        Names to show for the arms.
    lang : {"nl", "en"}, default "en"
        Language of the labels.
    ax : matplotlib.axes.Axes, optional
        Where to draw; default a new figure.

    Returns
    -------
    matplotlib.axes.Axes
        Shifts of utilities on the horizontal axis, with the share held at an end of the scale; factors on costs on the
        vertical; a colour for each option, a line at their border and thin ones where the preference is probable; a
        cross at the main analysis.

    Raises
    ------
    InputError
        If `found` is no map, or has no such willingness to pay.

    Examples
    --------
    >>> from hecon import datasets, trial, plot
    >>> table, design = datasets.simulate_trial("meniscus", rng=4), datasets.trial_design("meniscus")
    >>> data = trial.trial_data(table, design)
    >>> main = trial.analyse(data, imputations=2, replicates=50, perspectives=["societal"], rng=1)
    >>> maps = trial.tipping_maps(data, main, utility=[-0.1, 0], cost=[1, 1.5], rng=1)
    >>> plot.tipping_map(maps[0]).get_ylabel()
    'factor on the imputed costs'
    """
    locale, at = Locale(lang), _place(found, wtp)
    benefit, probability = found.net_benefit[at].T, found.probability[at].T
    options = (found.comparator, found.strategy)
    with _style.look():
        ax = _style.axes(ax)
        from matplotlib.colors import BoundaryNorm, ListedColormap
        from matplotlib.patches import Patch

        axes = (found.utility, found.cost)
        fine = (np.linspace(axes[0][0], axes[0][-1], _FINE), np.linspace(axes[1][0], axes[1][-1], _FINE))
        over = _between(axes, benefit, fine)
        ax.pcolormesh(
            *fine, (over >= 0).astype(int), shading="nearest", cmap=ListedColormap(_style.COLOURS[:2]), alpha=0.45,
            norm=BoundaryNorm([-0.5, 0.5, 1.5], 2), linewidth=0, antialiased=False, rasterized=True,
        )  # fmt: skip
        handles: list[Artist] = [
            Patch(color=_style.COLOURS[code], alpha=0.45, label=_style.label(named(names, options[code])))
            for code in np.unique(over >= 0).astype(int)
        ]
        if over.min() < 0 <= over.max():
            ax.contour(*fine, over, levels=[0.0], colors=_style.INK, linewidths=1.6)
        shares = _between(axes, probability, fine)
        lines = [each for each in _PROBABLY if shares.min() < each < shares.max()]
        if lines:
            ax.contour(*fine, shares, levels=lines, colors=_style.MUTED, linewidths=0.9, linestyles="dashed")
            text = locale.text("trial_departure.probability", p=locale.probability(_PROBABLY[1], 2))
            handles.append(Line2D([], [], color=_style.MUTED, linewidth=0.9, linestyle="dashed", label=text))
        ax.plot([0.0], [1.0], "x", color=_style.INK, markersize=6, zorder=4)
        text = locale.text("trial_departure.main")
        handles.append(Line2D([], [], color=_style.INK, marker="x", linewidth=0, label=text))
        _label_axes(ax, found, locale, named(names, found.arm))
        ax.legend(handles=handles, loc="lower left", bbox_to_anchor=(0.0, 1.0), ncols=2, fontsize=9)
    return telling(ax, locale, lambda said: describe_tipping_map(found, said, wtp=wtp, names=names))


def _place(found: TippingMap, wtp: float | None) -> int:
    if not isinstance(found, TippingMap):
        msg = f"found must be one of what hecon.trial.tipping_maps returned, got {type(found).__name__}"
        raise InputError(msg)
    if wtp is None:
        return 0
    if wtp not in found.wtp:
        listed = ", ".join(f"{each:g}" for each in found.wtp)
        msg = f"wtp must be one of the map's, {listed}, got {wtp!r}: give it to hecon.trial.tipping_maps"
        raise InputError(msg)
    return found.wtp.index(wtp)


def _between(axes: tuple[tuple[float, ...], tuple[float, ...]], values: Floats, finer: tuple[Floats, Floats]) -> Floats:
    """Return values of a grid (second axis, first axis) on a finer one, straight from one point to the next."""
    rows = np.array([np.interp(finer[0], axes[0], row) for row in values])
    return np.array([np.interp(finer[1], axes[1], column) for column in rows.T]).T


def _label_axes(ax: Axes, found: TippingMap, locale: Locale, arm: str) -> None:
    held = found.held.sum(axis=1)
    labels = [
        locale.number(shift, 2) + (f"\n({locale.share(float(share))})" if share >= _HELD else "")
        for shift, share in zip(found.utility, held, strict=True)
    ]
    ax.set_xticks(found.utility, labels)
    _style.number_axis(ax.yaxis, locale)
    key = "shift_axis_held" if (held >= _HELD).any() else "shift_axis"
    ax.set_xlabel(_style.label(locale.text(f"trial_departure.{key}", arm=arm), 70), parse_math=False)
    ax.set_ylabel(locale.text("trial_departure.factor_axis"))
    ax.set_xlim(found.utility[0], found.utility[-1])
    ax.set_ylim(found.cost[0], found.cost[-1])


def describe_tipping_map(
    found: TippingMap, locale: Locale, *, wtp: float | None = None, names: Mapping[str, str] | None = None
) -> str:
    """Say in which share of the points each option is preferred, and where the preference turns."""
    at = _place(found, wtp)
    share = float((found.net_benefit[at] >= 0).mean())
    shares = ((found.strategy, share), (found.comparator, 1 - share))

    def say(key: str, **values: object) -> str:
        return locale.text(f"trial_departure.{key}", **values)

    parts = ", ".join(
        say("alt_preferred", option=named(names, name), share=locale.share(each)) for name, each in shares if each > 0
    )
    turns = "; ".join(
        say("alt_point", shift=locale.number(shift, 2), factor=locale.number(float(factor), 2))
        for shift, factor in zip(found.utility, found.border[at], strict=True)
        if np.isfinite(factor)
    )
    ends = {"low": found.utility[0], "high": found.utility[-1], "least": found.cost[0], "most": found.cost[-1]}
    return say(
        "alt",
        value=locale.stated(found.wtp[at], found.currency),
        n=locale.number(found.net_benefit[at].size),
        arm=named(names, found.arm),
        parts=f"{parts}. {say('alt_turns', parts=turns)}" if turns else parts,
        **{key: locale.number(each, 2) for key, each in ends.items()},
    )
