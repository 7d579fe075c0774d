"""Value of information: EVPPI over willingness to pay, sets of parameters by their value, and a further study."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import xarray as xr

from hecon import _checks
from hecon.errors import InputError
from hecon.locale import Locale
from hecon.plot import _style
from hecon.plot._style import finish, grid_of, named, telling, told_at, units

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from matplotlib.axes import Axes


# Sets that a ranking shows.
_MOST_BARS = 15
# Bars whose names may have two lines.
_FEW_BARS = 8
_Z = 1.96


def _checked(result: xr.Dataset) -> xr.Dataset:
    """Return results of EVPPI that a figure can show: over sets and willingness to pay alone."""
    _checks.dataset("result", result, "hecon.evppi returns one")
    if not {"evppi", "se", "out_of_fold", "evpi"} <= set(map(str, result.data_vars)):
        msg = "result must be what hecon.evppi returned, with evppi, se, out_of_fold and evpi"
        raise InputError(msg)
    further = [str(dim) for dim in result["evppi"].dims if dim not in {"set", "wtp"}]
    if further or result["evppi"].ndim < 2:  # noqa: PLR2004 (set and wtp)
        have = (
            f"{', '.join(further)} too; select one of each first" if further else "fewer; select with lists, as in [0]"
        )
        msg = f"result must have the dims set and wtp, got {have}"
        raise InputError(msg)
    return result


def _units_of(result: xr.Dataset) -> xr.Dataset:
    """Return what a figure of draws reads its units from."""
    unit = str(result["wtp"].attrs.get("units", "")).rpartition(" per ")[2] or "effect"
    attrs = {"units": str(result["evppi"].attrs.get("units", "cost"))}
    # Willingness to pay is per unit of benefit, whatever the direction of the effect.
    effect = xr.Variable((), 0.0, {"units": unit})
    cost = xr.Variable((), 0.0, attrs)
    return xr.Dataset({"cost": cost, "effect": effect}, attrs=result.attrs | {"effect_better": "more"})


def evppi(
    result: xr.Dataset, *, names: Mapping[str, str] | None = None, lang: str = "en", ax: Axes | None = None
) -> Axes:
    """Draw the value of learning each set of parameters over willingness to pay, and below what it lies.

    Parameters
    ----------
    result : xarray.Dataset
        What `hecon.evppi` returned, without further dims, at two values of willingness to pay or more.
    names : mapping of str to str, optional
        What to call a set in the figure; default the names of its parameters.
    lang : {"nl", "en"}, default "en"
        Language of the labels.
    ax : matplotlib.axes.Axes, optional
        Where to draw; default a new figure.

    Returns
    -------
    matplotlib.axes.Axes
        Willingness to pay on the horizontal axis, value per patient on the vertical. The dashed line is the EVPI.

    Raises
    ------
    InputError
        If it is nothing that `hecon.evppi` returns, or has further dims or one value of willingness to pay.

    Notes
    -----
    A set alone has a band of 1.96 standard errors. Of more than eleven sets the eleven with the highest value are
    named; the others are thin and grey.

    Examples
    --------
    >>> import hecon, numpy, pandas
    >>> rng = numpy.random.default_rng(1)
    >>> risk = rng.normal(0.3, 0.1, 1_000)
    >>> draws = hecon.from_arrays(
    ...     numpy.column_stack([0 * risk, 0 * risk + 1_000]),
    ...     numpy.column_stack([0 * risk, 0.2 * risk]),
    ...     strategies=["A", "B"],
    ... )
    >>> found = hecon.evppi(draws, pandas.DataFrame({"risk": risk}), wtp=range(0, 50_001, 1_000))
    >>> hecon.plot.evppi(found).get_ylabel()
    'EVPPI per patient'
    """
    locale, draws = Locale(lang), _units_of(_checked(result))
    grid = grid_of(result["wtp"].to_numpy())
    ordered = result.isel(wtp=np.unique(result["wtp"].to_numpy(), return_index=True)[1])
    values = {str(name): ordered["evppi"].sel(set=name).to_numpy() for name in result["set"].to_numpy()}
    shown = sorted(values, key=lambda name: -values[name].max())[: _style.MOST]
    currency, _ = units(draws, locale)
    with _style.look():
        ax = _style.axes(ax)
        ends, most = _style.draw_curves(ax, grid, values, shown, names), ordered["evpi"].to_numpy()
        if len(values) == 1:
            (only,) = values
            error = _Z * ordered["se"].sel(set=only).to_numpy()
            low, high = np.maximum(values[only] - error, 0), np.minimum(values[only] + error, most)
            ax.fill_between(grid, low, np.maximum(low, high), **_style.BAND)
        bound = _style.Stroke(_style.INK, (0, (4, 2)), 1.0)
        ax.plot(grid, most, **vars(bound), zorder=3)
        ax.set_ylim(0, 1.05 * float(most.max()) or 1.0)
        _style.label_ends(ax, [*ends, (float(grid[-1]), float(most[-1]), locale.text("plot.evpi"), bound)])
        if len(shown) < len(values):
            _style.remark(ax, locale.text("plot.evppi_others", n=len(values) - len(shown)))
        ax.set_ylabel(locale.text("plot.evppi_axis"))
        _style.money_axis(ax.yaxis, locale, currency)
        finish(ax, grid, locale, draws)
    return telling(ax, locale, lambda said: describe_evppi(result, said, names=names))


def describe_evppi(result: xr.Dataset, locale: Locale, *, names: Mapping[str, str] | None = None) -> str:
    """Say the value of each set and the EVPI at the value computed that is nearest to each reference value."""
    draws = _units_of(_checked(result))
    currency, _ = units(draws, locale)
    wtp = result["wtp"].to_numpy()
    inside = [value for value in told_at(draws) if wtp.min() <= value <= wtp.max()] or [float(wtp.max())]
    places = dict.fromkeys(int(np.abs(wtp - value).argmin()) for value in inside)
    parts = []
    for place in places:
        row = result.isel(wtp=place)
        listed = [
            f"{named(names, str(name))} {locale.money(float(row['evppi'].sel(set=name)), currency)}"
            for name in _ranked(row)[: _style.MOST]
        ]
        bound = f"{locale.text('plot.evpi')} {locale.money(float(row['evpi']), currency)}"
        parts.append(locale.text("plot.at", value=locale.money(wtp[place], currency), what=", ".join([*listed, bound])))
    text = locale.text("plot.evppi_alt", parts="; ".join(parts))
    others = result.sizes["set"] - _style.MOST
    return f"{text} {locale.text('plot.evppi_not_told', n=others)}" if others > 0 else text


def _ranked(row: xr.Dataset) -> list[str]:
    """Return the sets, the most valuable first."""
    order = np.argsort(-row["evppi"].to_numpy(), kind="stable")
    return [str(name) for name in row["set"].to_numpy()[order]]


def information_rank(
    result: xr.Dataset,
    *,
    wtp: float | None = None,
    names: Mapping[str, str] | None = None,
    lang: str = "en",
    ax: Axes | None = None,
) -> Axes:
    """Draw sets of parameters in the order of what learning them is worth, at one willingness to pay.

    Parameters
    ----------
    result : xarray.Dataset
        What `hecon.evppi` returned, without further dims.
    wtp : float, optional
        Which of its values of willingness to pay [currency per unit of effect]; need not be given if there is but one.
    names : mapping of str to str, optional
        What to call a set in the figure; default the names of its parameters.
    lang : {"nl", "en"}, default "en"
        Language of the labels.
    ax : matplotlib.axes.Axes, optional
        Where to draw; default a new figure.

    Returns
    -------
    matplotlib.axes.Axes
        Value per patient on the horizontal axis, sets from top to bottom. Lines reach 1.96 standard errors; a ring is
        the value out of fold; the dashed line is the EVPI.

    Raises
    ------
    InputError
        If it is nothing that `hecon.evppi` returns, has further dims, or has no such value of willingness to pay.

    Notes
    -----
    At most fifteen sets are shown; how many others have less value is told.

    Examples
    --------
    >>> import hecon, numpy, pandas
    >>> rng = numpy.random.default_rng(1)
    >>> risk, price = rng.normal(0.3, 0.1, 1_000), rng.normal(1_000, 200, 1_000)
    >>> draws = hecon.from_arrays(
    ...     numpy.column_stack([0 * price, price]), numpy.column_stack([0 * risk, 0.2 * risk]), strategies=["A", "B"]
    ... )
    >>> found = hecon.evppi(draws, pandas.DataFrame({"price": price, "risk": risk}), wtp=20_000)
    >>> [label.get_text() for label in hecon.plot.information_rank(found).get_yticklabels()]
    ['risk', 'price']
    """
    locale = Locale(lang)
    row = _row(result, wtp)
    currency, _ = units(_units_of(result), locale)
    ranked = _ranked(row)
    shown = ranked[:_MOST_BARS]
    bound = float(row["evpi"])
    with _style.look():
        ax = _style.axes(ax)
        _bars(ax, row.sel(set=shown), lambda value: locale.money(value, currency, 2 if 0 < bound < _CENTS else 0))
        # The value of perfect information, which no set exceeds.
        ax.axvline(bound, color=_style.INK, linewidth=1.0, linestyle=(0, (4, 2)), zorder=1)
        _style.write_above(ax, f"{locale.text('plot.evpi')} {locale.money(bound, currency)}", bound, up=3)
        lines = 1 if len(shown) > _FEW_BARS else 2
        _style.name_rows(ax, [_style.label(named(names, name), 34, lines) for name in shown])
        ax.axvline(0, **_style.LINE, zorder=2)
        ax.margins(x=0.12)
        ax.locator_params(axis="x", nbins=4)
        _style.money_axis(ax.xaxis, locale, currency)
        label = locale.text("plot.evppi_axis")
        ax.set_xlabel(locale.text("plot.at", what=label, value=locale.money(float(row["wtp"]), currency)))
        if len(shown) < len(ranked):
            _style.remark(ax, locale.text("plot.evppi_not_told", n=len(ranked) - len(shown)), pad=16)
    return telling(ax, locale, lambda said: describe_information_rank(result, said, wtp=wtp, names=names))


# Amounts below this are written with cents.
_CENTS = 5


def _bars(ax: Axes, row: xr.Dataset, money: Callable[[float], str]) -> None:
    """Draw a bar for each set with its range, its value out of fold and its amount."""
    bound = float(row["evpi"])
    fields = (row[each].to_numpy().tolist() for each in ("evppi", "se", "out_of_fold"))
    for place, (value, se, outside) in enumerate(zip(*fields, strict=True)):
        ax.barh(place, value, height=_style.BAR, color=_style.COLOURS[3], zorder=3)
        low, high = max(value - _Z * se, 0.0), min(value + _Z * se, max(bound, value))
        ax.plot((low, high), (place, place), color=_style.INK, linewidth=0.9, zorder=4)
        ax.plot(outside, place, "o", markersize=5, mfc="none", mec=_style.INK, mew=0.9, zorder=5, clip_on=False)
        at = (max(high, outside), place)
        # The line of the EVPI may pass there; the axes themselves are transparent.
        ground = {"facecolor": ax.figure.get_facecolor(), "edgecolor": "none", "pad": 1}
        ax.annotate(
            money(value), at, xytext=(7, 0), textcoords="offset points", va="center", fontsize=9, bbox=ground, zorder=3
        )


def _row(result: xr.Dataset, wtp: float | None) -> xr.Dataset:
    """Return the results at one willingness to pay."""
    known = [float(each) for each in _checked(result)["wtp"].to_numpy()]
    if wtp is None and len(set(known)) > 1:
        msg = f"wtp must be given, as the result has {len(set(known))} values: one of {_listed(known)}"
        raise InputError(msg)
    value = known[0] if wtp is None else _checks.finite("wtp", wtp)
    if value not in known:
        msg = f"wtp must be a value of the result, one of {_listed(known)}, got {value:g}"
        raise InputError(msg)
    return result.isel(wtp=known.index(value))


def _listed(values: list[float]) -> str:
    return ", ".join(f"{value:g}" for value in values[:8]) + (", …" if len(values) > 8 else "")  # noqa: PLR2004


def describe_information_rank(
    result: xr.Dataset, locale: Locale, *, wtp: float | None = None, names: Mapping[str, str] | None = None
) -> str:
    """Say the value of each set that is shown, its standard error, the value out of fold, and the EVPI."""
    row = _row(result, wtp)
    currency, _ = units(_units_of(result), locale)
    ranked = _ranked(row)
    digits = 2 if 0 < float(row["evpi"]) < _CENTS else 0
    parts = []
    for name in ranked[:_MOST_BARS]:
        value, se, outside = (float(row[each].sel(set=name)) for each in ("evppi", "se", "out_of_fold"))
        told = {"value": locale.money(value, currency, digits), "se": locale.money(se, currency, digits)}
        told["outside"] = locale.money(outside, currency, digits)
        parts.append(locale.text("plot.rank_part", name=named(names, name), **told))
    text = locale.text(
        "plot.rank_alt",
        value=locale.money(float(row["wtp"]), currency),
        parts="; ".join(parts),
        bound=locale.money(float(row["evpi"]), currency, digits),
    )
    others = len(ranked) - _MOST_BARS
    return f"{text} {locale.text('plot.evppi_not_told', n=others)}" if others > 0 else text


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
        ``evsi`` (n, wtp) and ``evpi`` (wtp) without further dims, as `hecon.normal_information` and `hecon.evsi`
        return.
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
        Patients per arm on the horizontal axis (patients, of a study of one arm), logarithmic; value per patient who
        faces the decision on the vertical. Of `hecon.evsi` a dot is a size that was simulated, and the band reaches
        1.96 standard errors.

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
        if "se" in chosen:
            error = _Z * chosen["se"].to_numpy()
            ends = np.maximum(values - error, 0), np.maximum(np.minimum(values + error, certain), values)
            ax.fill_between(sizes, *ends, color=_style.COLOURS[0], alpha=0.18, linewidth=0, zorder=2)
            ax.plot(sizes, values, "o", color=_style.COLOURS[0], markersize=4, zorder=4, clip_on=False)
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
        ax.set_xlabel(locale.text(f"plot.study_size_axis{_of_arms(found)}"))
        ax.set_ylabel(locale.text("plot.study_size_value"))
        _style.number_axis(ax.xaxis, locale)
        _style.money_axis(ax.yaxis, locale, currency)
    return telling(ax, locale, lambda said: describe_study_size(found, said, wtp=wtp, patients=patients))


def _of_arms(found: xr.Dataset) -> str:
    """Return the end of a key for sizes of a study of one arm, or of several."""
    return "_one" if found.attrs.get("arms") == 1 else ""


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
    chosen = found[["evsi", "evpi", *(["se"] if "se" in found else [])]].isel(wtp=place)
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
            f"plot.study_size_at{_of_arms(found)}",
            n=locale.number(float(sizes[place]), 0),
            value=locale.money(float(chosen["evsi"][place]), currency, 0),
        )
        for place in told
    ]
    return locale.text(
        "plot.study_size", parts=", ".join(parts), certain=locale.money(float(chosen["evpi"]), currency, 0)
    )
