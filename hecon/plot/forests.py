"""The forest plot: every study with its interval, and what they say together."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import numpy as np

from hecon import _arrays, _checks
from hecon.errors import InputError
from hecon.locale import Locale, width_decimals
from hecon.plot import _style

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes
    from numpy.typing import ArrayLike, NDArray

    from hecon.evidence import PooledEstimate

    Floats = NDArray[np.float64]


# Side of the largest study's square, in points.
_SQUARE = 11.0


# Level of the intervals where nothing is pooled.
_LEVEL = 0.95


def _numbers(name: str, values: ArrayLike) -> Floats:
    _checks.unmasked(name, values)
    try:
        array = _checks.numeric(values)
    except (TypeError, ValueError):
        msg = f"{name} must be a sequence of numbers, got {values!r}"
        raise InputError(msg) from None
    bad = ~np.isfinite(array)
    if bad.any():
        msg = f"{name} must be finite, got {float(array[bad][0])!r}"
        raise InputError(msg)
    return array


def _intervals(
    estimates: ArrayLike,
    se: ArrayLike,
    names: Sequence[str],
    pooled: PooledEstimate | None,
    intervals: ArrayLike | None,
) -> tuple[Floats, Floats, Floats]:
    """Return estimates, their standard errors and the two ends of each interval."""
    studies = {"estimates": estimates, "se": se} | ({} if intervals is None else {"intervals": intervals})
    (estimates, se, *rest), _ = _arrays.together(studies, what="studies")
    intervals = rest[0] if rest else None
    y, errors = _numbers("estimates", estimates), _numbers("se", se)
    weighed = (len(names),) if pooled is None else pooled.weights.shape
    if not y.shape == errors.shape == weighed == (len(names),):
        also = "" if pooled is None else f" and {pooled.weights.size}"
        joined = "estimates, se and names" if pooled is None else "estimates, se, names and pooled"
        sizes = f"{y.size}, {errors.size}, {len(names)}" if also else f"{y.size}, {errors.size} and {len(names)}"
        msg = f"{joined} must be of equally many studies, got {sizes}{also}"
        raise InputError(msg)
    if not y.size:
        msg = "estimates, se and names must be of at least one study, got none"
        raise InputError(msg)
    if (errors <= 0).any():
        place = int(np.argmax(errors <= 0))
        msg = f"se must be above 0, got {float(errors[place])!r} at position {place}"
        raise InputError(msg)
    if intervals is not None:
        ends = _numbers("intervals", intervals)
        if ends.shape != (y.size, 2):
            msg = f"intervals must be two ends for each of {y.size} studies, got shape {ends.shape}"
            raise InputError(msg)
        turned = ends[:, 0] > ends[:, 1]
        if turned.any():
            low, high = map(float, ends[turned][0])
            msg = f"intervals must run upwards, got {low!r} to {high!r} at position {int(np.argmax(turned))}"
            raise InputError(msg)
        return y, errors, ends
    from scipy.special import ndtri

    half = float(ndtri((1 + (_LEVEL if pooled is None else pooled.level)) / 2)) * errors
    return y, errors, np.column_stack([y - half, y + half])


def forest(
    estimates: ArrayLike,
    se: ArrayLike,
    *,
    names: Sequence[str],
    pooled: PooledEstimate | None = None,
    intervals: ArrayLike | None = None,
    doubtful: Sequence[int] = (),
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
        Standard error of each; matched by label where these are Series, in the order of `estimates`.
    names : sequence of str
        Name of each.
    pooled : PooledEstimate, optional
        What `hecon.evidence.pool` returned for them; without it the studies stand alone, with 95% intervals.
    intervals : array_like, optional
        Both ends of each study's interval as printed, shape (studies, 2); default from the standard errors.
    doubtful : sequence of int, optional
        Places of studies whose printed figures cannot be right: drawn as open squares.
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
        they say together, the thin line behind it the prediction interval. Without `pooled`, weights are inverse
        variances.

    Raises
    ------
    InputError
        If studies, names and weights differ in number, there are none, or a number is no estimate or standard error.

    Examples
    --------
    >>> import hecon
    >>> y, se = [0.1, 0.3, 0.4], [0.1, 0.1, 0.2]
    >>> pooled = hecon.evidence.pool(y, se)
    >>> ax = hecon.plot.forest(y, se, names=["A", "B", "C"], pooled=pooled)
    >>> [each.get_text() for each in ax.get_yticklabels()]
    ['A', 'B', 'C', 'pooled']
    """
    locale = Locale(lang)
    y, errors, ends = _intervals(estimates, se, names, pooled, intervals)
    margins = () if margin is None else (-_checks.positive("margin", margin), margin)
    for place in set(doubtful) - set(range(y.size)):
        msg = f"doubtful must hold places of the {y.size} studies, from 0 on, got {place!r}"
        raise InputError(msg)
    weights = 1 / np.square(errors) if pooled is None else pooled.weights
    with _style.look():
        ax = _style.axes(ax)
        ax.axvline(0, **_style.LINE)
        for side in margins:
            ax.axvline(side, **_style.DASHED)
        _squares(ax, y, ends, weights, doubtful)
        labels = [_style.label(name) for name in names]
        if pooled is not None:
            _diamond(ax, pooled, y.size)
            labels.append(locale.text("plot.pooled"))
        ax.set_yticks(np.arange(len(labels)), labels)
        ax.set_ylim(len(labels) - 0.4, -0.6)
        ax.spines["left"].set_visible(False)
        ax.tick_params(axis="y", length=0)
        ax.set_xlabel(label, parse_math=False)
        _style.number_axis(ax.xaxis, locale)
    return _style.telling(
        ax, locale, lambda said: describe_forest(y, errors, said, names=names, pooled=pooled, intervals=ends)
    )


def _squares(ax: Axes, y: Floats, ends: Floats, weights: Floats, doubtful: Sequence[int]) -> None:
    """Draw a row for each study: its interval, and a square whose area goes with its weight."""
    rows, blue = np.arange(y.size), _style.COLOURS[0]
    ax.hlines(rows, ends[:, 0], ends[:, 1], color=blue, linewidth=1.2)
    sides = _SQUARE * np.sqrt(weights / weights.max())
    faces = ["white" if place in doubtful else blue for place in rows]
    ax.scatter(y, rows, s=sides**2, marker="s", c=faces, edgecolors=blue, zorder=3)


def _diamond(ax: Axes, pooled: PooledEstimate, row: int) -> None:
    """Draw what the studies say together, on the thin line of its prediction interval."""
    orange = _style.COLOURS[1]
    if pooled.prediction is not None:
        ax.hlines([row], *pooled.prediction, color=orange, linewidth=0.8)
    low, high = pooled.interval
    ax.fill([low, pooled.estimate, high, pooled.estimate], row + np.array([0, 0.28, 0, -0.28]), color=orange)


def describe_forest(
    estimates: ArrayLike,
    se: ArrayLike,
    locale: Locale,
    *,
    names: Sequence[str],
    pooled: PooledEstimate | None = None,
    intervals: ArrayLike | None = None,
) -> str:
    """Say each study, and the pooled estimate with the heterogeneity if there is one; all with intervals."""
    y, _, ends = _intervals(estimates, se, names, pooled, intervals)

    def told(value: float, low: float, high: float) -> str:
        digits = width_decimals(low, high)
        both = locale.text("range", low=locale.number(low, digits), high=locale.number(high, digits))
        return f"{locale.number(value, digits)} ({both})"

    studies = "; ".join(
        f"{name} {told(value, low, high)}" for name, value, (low, high) in zip(names, y, ends, strict=True)
    )
    if pooled is None:
        return locale.text("plot.forest_alone_alt", studies=studies)
    return locale.text(
        "plot.forest_alt",
        studies=studies,
        pooled=told(pooled.estimate, *pooled.interval),
        level=locale.as_given(Decimal(f"{100 * pooled.level:g}")),
        heterogeneity=locale.share(pooled.i2),
    )
