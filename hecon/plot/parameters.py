"""A decision over one parameter of a model, or over two."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from hecon import _checks
from hecon.errors import InputError
from hecon.locale import Locale
from hecon.plot import _style
from hecon.plot._style import at_value, chosen, named, plain, telling

if TYPE_CHECKING:
    from collections.abc import Mapping

    import xarray as xr
    from matplotlib.axes import Axes
    from numpy.typing import NDArray


# Values of a parameter at which a figure is told in words.
_TOLD = 5


def _axes_of(grid: Any, wtp: float | None, count: int) -> tuple[xr.Dataset, list[str]]:  # noqa: ANN401
    """Return a grid at one willingness to pay, and the names of its parameters."""
    _checks.dataset("grid", grid, "hecon.sensitivity returns one for a grid")
    taken = {"strategy", "option", "wtp", "scenario", "parameter", "draw"}
    names = [str(dim) for dim in grid["optimal"].dims if dim not in taken] if "optimal" in grid else []
    if len(names) != count or "scenario" in grid.dims:
        what = "one parameter" if count == 1 else "two parameters"
        msg = f"grid must be over {what}, as hecon.sensitivity returns for grid=..., got {', '.join(names) or 'none'}"
        raise InputError(msg)
    return chosen(grid, wtp=wtp), names


def two_way(
    grid: xr.Dataset,
    *,
    wtp: float | None = None,
    names: Mapping[str, str] | None = None,
    lang: str = "en",
    ax: Axes | None = None,
) -> Axes:
    """Draw which option is preferred over two parameters.

    Parameters
    ----------
    grid : xarray.Dataset
        What `hecon.sensitivity` returned for a grid of two parameters.
    wtp : float, optional
        Willingness to pay, where the grid has several.
    names : mapping of str to str, optional
        Names to show for the parameters and the options.
    lang : {"nl", "en"}, default "en"
        Language of the labels.
    ax : matplotlib.axes.Axes, optional
        Where to draw; default a new figure.

    Returns
    -------
    matplotlib.axes.Axes
        The first parameter on the horizontal axis, the second on the vertical, a colour for each option; a cross
        where the model starts from, if that is in sight.

    Raises
    ------
    InputError
        If the grid is not over two parameters, one of them has a single value, or it is not said which willingness
        to pay to show.

    Examples
    --------
    >>> import hecon
    >>> def model(p):
    ...     return {"usual": 0.0, "new": p["price"]}, {"usual": 0.0, "new": p["gain"]}
    >>> grid = hecon.sensitivity(
    ...     model,
    ...     {"price": 900, "gain": 0.02},
    ...     wtp=50_000,
    ...     comparator="usual",
    ...     grid={"price": [400, 900, 1300], "gain": [0.01, 0.02, 0.03]},
    ... )
    >>> hecon.plot.describe(hecon.plot.two_way(grid))
    'Preferred option at €50,000 per QALY over 9 pairs of price and gain: usual in 33%, new in 67%.'
    """
    locale = Locale(lang)
    found, (across, upward) = _axes_of(grid, wtp, 2)
    order = {dim: np.argsort(found[dim].to_numpy(), kind="stable") for dim in (across, upward)}
    for dim in order:
        if np.unique(found[dim]).size < 2:  # noqa: PLR2004 (a map has two sides)
            msg = f"grid must have two or more values of {dim!r} for a map, got {found[dim].to_numpy().tolist()}"
            raise InputError(msg)
    options = [str(name) for name in found["option"].values]
    codes = found["optimal"].isel(order).transpose(upward, across).to_numpy()
    places = np.array([[options.index(each) for each in row] for row in codes])
    places[_ties(found).isel(order).transpose(upward, across).to_numpy()] = len(options)
    with _style.look():
        ax = _style.axes(ax)
        sides = found[across].isel({across: order[across]}), found[upward].isel({upward: order[upward]})
        labels = [*(_style.label(named(names, option)) for option in options), locale.text("plot.two_way_equal")]
        _colour_areas(ax, *sides, places, labels)
        base = grid.attrs.get("base", {})
        if across in base and upward in base:
            _mark_base(ax, base[across], base[upward])
        for axis, dim in ((ax.xaxis, across), (ax.yaxis, upward)):
            _style.number_axis(axis, locale)
            axis.set_label_text(named(names, dim))
    return telling(ax, locale, lambda said: describe_two_way(grid, said, wtp=wtp, names=names))


def _colour_areas(
    ax: Axes, across: xr.DataArray, upward: xr.DataArray, places: NDArray[np.intp], labels: list[str]
) -> None:
    """Draw where each option is preferred, by its place among the labels; the last is of ties, and grey."""
    from matplotlib.colors import BoundaryNorm, ListedColormap
    from matplotlib.patches import Patch

    count = len(labels)
    colours = [*(_style.COLOURS[place % len(_style.COLOURS)] for place in range(count - 1)), _style.MUTED]
    ax.pcolormesh(
        across, upward, places, shading="nearest", cmap=ListedColormap(colours), alpha=0.55, linewidth=0,
        antialiased=False, norm=BoundaryNorm(np.arange(count + 1) - 0.5, count),
    )  # fmt: skip
    ax.legend(
        handles=[Patch(color=colours[place], alpha=0.55, label=labels[place]) for place in np.unique(places)],
        loc="upper center", bbox_to_anchor=(0.5, -0.16), ncols=3, fontsize=9,
    )  # fmt: skip


def _ties(found: xr.Dataset) -> xr.DataArray:
    """Tell in which pairs several options have the highest expected net benefit."""
    return found["is_optimal"].sum("option") > 1


def _mark_base(ax: Axes, x: float, y: float) -> None:
    """Draw a cross where the model starts from, if that is in sight."""
    (left, right), (low, high) = ax.get_xlim(), ax.get_ylim()
    if left <= x <= right and low <= y <= high:
        ax.scatter([x], [y], marker="x", color=_style.INK, s=36, zorder=4)


def describe_two_way(
    grid: xr.Dataset, locale: Locale, *, wtp: float | None = None, names: Mapping[str, str] | None = None
) -> str:
    """Say in which share of the pairs each option is preferred, and in which several tie."""
    found, (across, upward) = _axes_of(grid, wtp, 2)
    equal = _ties(found).transpose(*found["optimal"].dims).to_numpy()
    optimal = found["optimal"].to_numpy()
    areas = {named(names, str(option)): (optimal == option) & ~equal for option in found["option"].values}
    parts = [
        locale.text("plot.two_way_part", option=option, share=locale.share(float(share)))
        for option, area in [*areas.items(), (locale.text("plot.two_way_equal"), equal)]
        if (share := area.mean()) > 0
    ]
    return locale.text(
        "plot.two_way_alt", at=at_value(found, locale), n=optimal.size, x=named(names, across), y=named(names, upward),
        parts=", ".join(parts),
    )  # fmt: skip


def over_parameter(
    grid: xr.Dataset,
    *,
    wtp: float | None = None,
    names: Mapping[str, str] | None = None,
    lang: str = "en",
    ax: Axes | None = None,
) -> Axes:
    """Draw the probability that each option is the best one against a parameter.

    Parameters
    ----------
    grid : xarray.Dataset
        What `hecon.sensitivity` returned for a grid of one parameter, from draws of the others.
    wtp : float, optional
        Willingness to pay, where the grid has several.
    names : mapping of str to str, optional
        Names to show for the parameter and the options.
    lang : {"nl", "en"}, default "en"
        Language of the labels.
    ax : matplotlib.axes.Axes, optional
        Where to draw; default a new figure.

    Returns
    -------
    matplotlib.axes.Axes
        The parameter on the horizontal axis, probability on the vertical.

    Raises
    ------
    InputError
        If the grid is not over one parameter or has no probabilities, or it is not said which willingness to pay to
        show.

    Examples
    --------
    >>> import hecon
    >>> from hecon.parameters import draw, fixed, normal
    >>> def model(p):
    ...     return {"usual": 0.0, "new": p["price"]}, {"usual": 0.0, "new": p["gain"]}
    >>> p = draw({"gain": normal(0.02, 0.01), "price": fixed(900)}, n=1024, method="sobol", rng=1)
    >>> grid = hecon.sensitivity(model, p, wtp=50_000, comparator="usual", grid={"price": [500, 1000, 1500]})
    >>> hecon.plot.describe(hecon.plot.over_parameter(grid))  # doctest: +ELLIPSIS
    'Probability of the highest net benefit at €50,000 per QALY over price: usual 0.16, new 0.84 at 500; ...'
    """
    locale = Locale(lang)
    found, (name,) = _axes_of(grid, wtp, 1)
    _checked_probability(found)
    found = found.sortby(name)
    curves = {str(option): found["probability"].sel(option=option).to_numpy() for option in found["option"].values}
    with _style.look():
        ax = _style.axes(ax)
        ax.set_ylim(0, 1)
        _style.label_ends(ax, _style.draw_curves(ax, found[name].to_numpy(), curves, [*curves][: _style.MOST], names))
        ax.set_ylabel(locale.text("plot.probability_axis"))
        ax.set_xlabel(named(names, name))
        for axis in (ax.xaxis, ax.yaxis):
            _style.number_axis(axis, locale)
    return telling(ax, locale, lambda said: describe_over_parameter(grid, said, wtp=wtp, names=names))


def _checked_probability(grid: xr.Dataset) -> None:
    """Refuse a grid of single values."""
    if "probability" not in grid:
        msg = "grid must be of draws, got single values; give sensitivity draws of the parameters"
        raise InputError(msg)


def describe_over_parameter(
    grid: xr.Dataset, locale: Locale, *, wtp: float | None = None, names: Mapping[str, str] | None = None
) -> str:
    """Say the probabilities along a parameter, at its ends and evenly between them."""
    found, (name,) = _axes_of(grid, wtp, 1)
    _checked_probability(found)
    found = found.sortby(name)
    size = found.sizes[name]
    parts = []
    for place in np.unique(np.linspace(0, size - 1, min(size, _TOLD)).round().astype(int)):
        row = found.isel({name: int(place)})
        told = ", ".join(
            f"{named(names, str(option))} {locale.chance(float(row['probability'].sel(option=option)))}"
            for option in found["option"].values
        )
        parts.append(locale.text("plot.at", what=told, value=plain(float(row[name]), locale)))
    return locale.text(
        "plot.over_parameter_alt", at=at_value(found, locale), name=named(names, name), parts="; ".join(parts)
    )
