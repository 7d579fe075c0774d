"""The forest plot: every study with its interval, and what they say together."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from hecon import _checks, evidence, texts
from hecon.errors import InputError
from hecon.evidence.clinical_words import width_decimals
from hecon.plot import _style

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes
    from numpy.typing import ArrayLike, NDArray

__all__ = ["forest", "forest_text"]

# Side of the largest study's square, in points.
_SQUARE = 11.0


def _intervals(
    estimates: ArrayLike, se: ArrayLike, names: Sequence[str], pooled: evidence.Pooled
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    y, errors = np.asarray(estimates, dtype=float), np.asarray(se, dtype=float)
    if not y.shape == errors.shape == pooled.weights.shape == (len(names),):
        msg = (
            f"estimates, se, names and pooled must be of equally many studies, got {y.size}, {errors.size}, "
            f"{len(names)} and {pooled.weights.size}"
        )
        raise InputError(msg)
    from scipy.special import ndtri

    half = float(ndtri((1 + pooled.level) / 2)) * errors
    return y, half


def forest(
    estimates: ArrayLike,
    se: ArrayLike,
    *,
    names: Sequence[str],
    pooled: evidence.Pooled,
    label: str = "",
    margin: float | None = None,
    lang: str = "en",
    ax: Axes | None = None,
) -> Axes:
    """Draw a forest plot.

    Parameters
    ----------
    estimates : array_like
        Estimate of each study.
    se : array_like
        Standard error of each.
    names : sequence of str
        Name of each.
    pooled : Pooled
        What `hecon.evidence.pool` returned for them.
    label : str, optional
        What the horizontal axis shows, with its unit and direction.
    margin : float, optional
        A margin or minimal important difference, drawn on both sides of 0.
    lang : {"nl", "en"}, default "en"
        Language of the labels.
    ax : matplotlib.axes.Axes, optional
        Where to draw; default a new figure.

    Returns
    -------
    matplotlib.axes.Axes
        A square for each study, larger with its weight, with its interval at the level of `pooled`; the diamond is what
        they say together, the thin line behind it the prediction interval.

    Raises
    ------
    InputError
        If studies, names and weights differ in number.

    Examples
    --------
    >>> import hecon
    >>> y, se = [0.1, 0.3, 0.4], [0.1, 0.1, 0.2]
    >>> pooled = hecon.evidence.pool(y, se)
    >>> ax = hecon.plot.forest(y, se, names=["A", "B", "C"], pooled=pooled)
    >>> [each.get_text() for each in ax.get_yticklabels()]
    ['A', 'B', 'C', 'pooled']
    """
    y, half = _intervals(estimates, se, names, pooled)
    if margin is not None:
        _checks.positive("margin", margin)
    rows = np.arange(y.size)
    blue, orange = _style.COLOURS[0], _style.COLOURS[1]
    with _style.look():
        ax = _style.axes(ax)
        ax.axvline(0, color=_style.MUTED, linewidth=0.8)
        for side in () if margin is None else (-margin, margin):
            ax.axvline(side, color=_style.MUTED, linewidth=0.8, linestyle=(0, (2, 2)))
        ax.hlines(rows, y - half, y + half, color=blue, linewidth=1.2)
        sides = _SQUARE * np.sqrt(pooled.weights / pooled.weights.max())
        ax.scatter(y, rows, s=sides**2, marker="s", color=blue, zorder=3)
        if pooled.prediction is not None:
            ax.hlines([y.size], *pooled.prediction, color=orange, linewidth=0.8)
        low, high = pooled.interval
        ax.fill([low, pooled.estimate, high, pooled.estimate], y.size + np.array([0, 0.28, 0, -0.28]), color=orange)
        ax.set_yticks([*rows, y.size], [*(_style.label(name) for name in names), texts.text(lang, "plot.pooled")])
        ax.set_ylim(y.size + 0.6, -0.6)
        ax.spines["left"].set_visible(False)
        ax.tick_params(axis="y", length=0)
        ax.set_xlabel(label, parse_math=False)
        _style.number_axis(ax.xaxis, lang)
    return ax


def forest_text(
    estimates: ArrayLike, se: ArrayLike, *, names: Sequence[str], pooled: evidence.Pooled, lang: str = "en"
) -> str:
    """Say in words what `forest` shows.

    Parameters
    ----------
    estimates : array_like
        Estimate of each study.
    se : array_like
        Standard error of each.
    names : sequence of str
        Name of each.
    pooled : Pooled
        What `hecon.evidence.pool` returned for them.
    lang : {"nl", "en"}, default "en"
        Language.

    Returns
    -------
    str
        Each study and the pooled estimate, with intervals, and the heterogeneity.
    """
    y, half = _intervals(estimates, se, names, pooled)

    def told(value: float, low: float, high: float) -> str:
        digits = width_decimals(low, high)
        ends = texts.text(lang, "range", low=texts.number(lang, low, digits), high=texts.number(lang, high, digits))
        return f"{texts.number(lang, value, digits)} ({ends})"

    studies = "; ".join(
        f"{name} {told(value, value - reach, value + reach)}" for name, value, reach in zip(names, y, half, strict=True)
    )
    return texts.text(
        lang,
        "plot.forest_alt",
        studies=studies,
        pooled=told(pooled.estimate, *pooled.interval),
        level=f"{100 * pooled.level:g}".replace(".", "," if lang == "nl" else "."),
        heterogeneity=texts.share(lang, pooled.i2),
    )
