"""The efficiency frontier."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hecon import decision, texts
from hecon import draws as _draws
from hecon.plot import _style
from hecon.plot._style import checked

if TYPE_CHECKING:
    from collections.abc import Mapping

    import xarray as xr
    from matplotlib.axes import Axes

__all__ = ["frontier", "frontier_text"]


def frontier(
    draws: xr.Dataset, *, names: Mapping[str, str] | None = None, lang: str = "en", ax: Axes | None = None
) -> Axes:
    """Draw the efficiency frontier: mean effect and cost of every strategy, and the line that none improves on.

    Parameters
    ----------
    draws : xarray.Dataset
        Draws, without further dims.
    names : mapping of str to str, optional
        What to call a strategy in the figure; default its name in the draws.
    lang : {"nl", "en"}, default "en"
        Language of the labels.
    ax : matplotlib.axes.Axes, optional
        Where to draw; default a new figure.

    Returns
    -------
    matplotlib.axes.Axes
        Mean effect on the horizontal axis, better to the right, mean cost on the vertical.

    Raises
    ------
    InputError
        If the draws have further dims.

    Notes
    -----
    The slope of the line between two strategies is their sequential ratio. For incremental draws, the comparator is
    the origin.

    Examples
    --------
    >>> import hecon
    >>> draws = hecon.from_arrays([[0, 900, 500]] * 2, [[0, 0.1, 0.02]] * 2, strategies=["none", "new", "old"])
    >>> len(hecon.plot.frontier(draws).texts)
    3
    """
    found = decision.frontier(checked(draws))
    currency, unit = _draws.units(draws)
    incremental = draws.attrs.get("scale") == "incremental"
    with _style.look():
        ax = _style.axes(ax)
        on = found.where(found["status"] == "frontier", drop=True)
        ax.plot(on["effect"].to_numpy(), on["cost"].to_numpy(), color=_style.COLOURS[0], zorder=3)
        for name in (str(each) for each in found["strategy"].values):
            row = found.sel(strategy=name)
            best = str(row["status"].values) == "frontier"
            colour = _style.COLOURS[0] if best else _style.MUTED
            x, y = float(row["effect"]), float(row["cost"])
            ax.plot([x], [y], "o" if best else "x", color=colour, zorder=4)
            label = _style.label((names or {}).get(name, name))
            ax.annotate(label, (x, y), xytext=(6, -3), textcoords="offset points", fontsize=9, va="top")
        ax.margins(0.15)
        horizontal = "plot.effect_axis" if incremental else "plot.mean_effect_axis"
        label = texts.text(lang, horizontal, unit=unit)
        if _draws.better(draws) == "less":
            ax.xaxis.set_inverted(True)
            label = texts.text(lang, "plot.less_is_better", label=label)
        ax.set_xlabel(label, parse_math=False)
        ax.set_ylabel(texts.text(lang, "plot.cost_axis" if incremental else "plot.mean_cost_axis"))
        _style.number_axis(ax.xaxis, lang)
        _style.money_axis(ax.yaxis, lang, currency)
    return ax


def frontier_text(draws: xr.Dataset, *, names: Mapping[str, str] | None = None, lang: str = "en") -> str:
    """Say in words what `frontier` shows.

    Parameters
    ----------
    draws : xarray.Dataset
        Draws, without further dims.
    names : mapping of str to str, optional
        What to call a strategy.
    lang : {"nl", "en"}, default "en"
        Language.

    Returns
    -------
    str
        The strategies on the frontier in order of cost, and those that are dominated.
    """
    found = decision.frontier(checked(draws))
    labels: dict[bool, list[str]] = {True: [], False: []}
    for name, status in zip(found["strategy"].values, found["status"].values, strict=True):
        labels[str(status) == "frontier"].append((names or {}).get(str(name), str(name)))
    text = texts.text(lang, "plot.frontier_alt", names=", ".join(labels[True]))
    if labels[False]:
        text += " " + texts.text(lang, "plot.frontier_alt_dominated", names=", ".join(labels[False]))
    return text
