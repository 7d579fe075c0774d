"""The value of a further study against its size."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from hecon import _checks
from hecon.errors import InputError
from hecon.locale import Locale
from hecon.plot import _style
from hecon.plot._style import telling

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.axes import Axes

__all__ = ["describe_study_size", "study_size"]

# Sizes at which the figure is told in words.
_TOLD = 4


def study_size(
    found: xr.Dataset,
    *,
    wtp: float | None = None,
    patients: float | None = None,
    lang: str = "en",
    ax: Axes | None = None,
) -> Axes:
    """Draw what a further study is worth per patient against its size, below the value of certainty.

    Parameters
    ----------
    found : xarray.Dataset
        ``evsi`` (n, wtp) and ``evpi`` (wtp) without further dims, as `hecon.normal_information` returns.
    wtp : float, optional
        Willingness to pay, where there are several.
    patients : float, optional
        Patients per arm of a study to mark, as of that behind the results.
    lang : {"nl", "en"}, default "en"
        Language of the labels.
    ax : matplotlib.axes.Axes, optional
        Where to draw; default a new figure.

    Returns
    -------
    matplotlib.axes.Axes
        Patients per arm on the horizontal axis, logarithmic; value per patient who faces the decision on the vertical.

    Raises
    ------
    InputError
        If `found` lacks one of the two, has further dims or fewer than two sizes above 0, or it is not said which
        willingness to pay to show.

    Examples
    --------
    >>> import hecon
    >>> draws = hecon.from_reported(
    ...     "new",
    ...     "usual",
    ...     cost=hecon.Difference(1000, ci=(0, 2000)),
    ...     effect=hecon.Difference("0.030", ci=("-0.010", "0.070")),
    ...     assume={"correlation": hecon.Assumed(0, (-0.5, 0.5), reason="not reported")},
    ...     rng=1,
    ... )
    >>> found = hecon.normal_information(draws, wtp=50_000, n=[50, 100, 200, 400], patients=150)
    >>> hecon.plot.study_size(found).get_xlabel()
    'patients per arm of a further study'
    """
    locale = Locale(lang)
    chosen = _at(found, wtp)
    sizes, values, certain = chosen["n"].to_numpy(), chosen["evsi"].to_numpy(), float(chosen["evpi"])
    currency = str(found["evsi"].attrs.get("units", ""))
    with _style.look():
        ax = _style.axes(ax)
        ax.plot(sizes, values, color=_style.COLOURS[0], linewidth=2, zorder=3)
        ax.axhline(certain, color=_style.MUTED, linewidth=1, linestyle="--", zorder=2)
        text = locale.text("plot.study_size_certain")
        ax.annotate(
            text, (sizes[0], certain), xytext=(2, 3), textcoords="offset points", color=_style.MUTED, fontsize=9
        )
        if patients is not None:
            ax.axvline(_checks.positive("patients", patients), color=_style.INK, linewidth=0.8, linestyle=":", zorder=2)
        ax.set_xscale("log")
        ax.set_xlim(float(sizes[0]), float(sizes[-1]))
        ax.set_ylim(0, certain * 1.15 if certain > 0 else 1)
        ax.set_xlabel(locale.text("plot.study_size_axis"))
        ax.set_ylabel(locale.text("plot.study_size_value"))
        _style.number_axis(ax.xaxis, locale)
        _style.money_axis(ax.yaxis, locale, currency)
    return telling(ax, locale, lambda said: describe_study_size(found, said, wtp=wtp, patients=patients))


def _at(found: xr.Dataset, wtp: float | None) -> xr.Dataset:
    """Return the values at one willingness to pay, sizes above 0 in order."""
    _checks.dataset("found", found, "hecon.normal_information returns one, with n")
    lacking = [name for name in ("evsi", "evpi") if name not in found]
    if lacking or set(found["evsi"].dims) != {"n", "wtp"}:
        msg = "found must have evsi over n and wtp, and evpi over wtp, as hecon.normal_information returns with n"
        raise InputError(msg)
    if wtp is None and found.sizes["wtp"] > 1:
        msg = f"wtp must be given: one of {', '.join(f'{each:g}' for each in found['wtp'].to_numpy())}"
        raise InputError(msg)
    place = 0 if wtp is None else _place(found["wtp"].to_numpy(), wtp)
    chosen = found[["evsi", "evpi"]].isel(wtp=place)
    chosen = chosen.isel(n=np.flatnonzero(chosen["n"].to_numpy() > 0)).sortby("n")
    if chosen.sizes["n"] < 2:  # noqa: PLR2004 (a line has two ends)
        msg = f"found must have two or more sizes n above 0, got {chosen.sizes['n']}"
        raise InputError(msg)
    return chosen


def _place(values: np.ndarray[tuple[int, ...], np.dtype[np.float64]], wtp: float) -> int:
    places = np.flatnonzero(np.isclose(values, wtp, rtol=1e-12))
    if places.size == 0:
        msg = f"wtp must be one of {', '.join(f'{each:g}' for each in values)}, got {wtp:g}"
        raise InputError(msg)
    return int(places[0])


def describe_study_size(
    found: xr.Dataset, locale: Locale, *, wtp: float | None = None, patients: float | None = None
) -> str:
    """Say what a study of a few sizes is worth, and what certainty is worth."""
    chosen = _at(found, wtp)
    currency = str(found["evsi"].attrs.get("units", ""))
    sizes = chosen["n"].to_numpy()
    wanted = np.geomspace(sizes[0], sizes[-1], _TOLD) if patients is None else patients * np.array([0.5, 1, 2, 4])
    told = sorted({int(np.argmin(np.abs(np.log(sizes / each)))) for each in wanted})
    parts = [
        locale.text(
            "plot.study_size_at",
            n=locale.number(float(sizes[place]), 0),
            value=locale.money(float(chosen["evsi"][place]), currency, 0),
        )
        for place in told
    ]
    return locale.text(
        "plot.study_size", parts=", ".join(parts), certain=locale.money(float(chosen["evpi"]), currency, 0)
    )
