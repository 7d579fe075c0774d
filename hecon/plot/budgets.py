"""Budget impact: gross spending, savings by sector and net as a waterfall, and one range at a time as a tornado."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from hecon import _checks
from hecon.errors import InputError
from hecon.locale import Locale, key_of
from hecon.plot import _style
from hecon.plot._style import FuncFormatter, named, telling, tick_decimals

if TYPE_CHECKING:
    from collections.abc import Mapping

    import xarray as xr
    from matplotlib.axes import Axes

__all__ = ["describe_tornado", "describe_waterfall", "tornado", "waterfall"]

_MILLION = 1e6
_BAR = 0.62


@dataclass(frozen=True)
class _Step:
    """A bar of the waterfall: its name, where it begins and ends, and whether it is the net total."""

    name: str
    start: float
    end: float
    net: bool = False

    @property
    def size(self) -> float:
        return self.end - self.start


def _steps(impact: xr.Dataset, year: int | None, scenario: str, locale: Locale) -> tuple[list[_Step], int]:
    _checks.dataset("impact", impact, "hecon.budget_impact returns one")
    if "net" not in impact or "scenario" not in impact.dims:
        msg = "impact must be scenarios of a plan with prices, as hecon.budget_impact returns"
        raise InputError(msg)
    years = [int(each) for each in impact["year"].values]
    at = years[-1] if year is None else year
    if at not in years:
        msg = f"year must be one of {', '.join(map(str, years))}, got {year!r}"
        raise InputError(msg)
    _checks.one_of("scenario", scenario, [str(each) for each in impact["scenario"].values])
    chosen = impact.sel(year=at, scenario=scenario)
    steps, level = [], 0.0
    for kind, sign in (("added", 1.0), ("saved", -1.0)):
        for sector in chosen["sector"].values:
            size = sign * float(chosen[kind].sel(sector=sector))
            if size:
                word = locale.text(f"budget_sector.{key_of(str(sector))}")
                steps.append(_Step(locale.text(f"plot.waterfall_{kind}", sector=word), level, level + size))
                level += size
    steps.append(_Step(locale.text("plot.waterfall_net"), 0.0, float(chosen["total"]), net=True))
    return steps, at


def _shown(step: _Step) -> float:
    """Return the amount to print: the word tells whether a step adds or saves."""
    return step.size if step.net else abs(step.size)


def _amount(locale: Locale, value: float, currency: str) -> str:
    """Return an amount with its sign, in millions where it is large."""
    if abs(value) >= _MILLION:
        return locale.text("plot.millions", amount=locale.money(value / _MILLION, currency, 1))
    return locale.money(value, currency)


def waterfall(
    impact: xr.Dataset,
    *,
    year: int | None = None,
    scenario: str = "maximum",
    names: Mapping[str, str] | None = None,
    lang: str = "en",
    ax: Axes | None = None,
) -> Axes:
    """Draw what a change of entitlement adds and saves by sector, and what remains, in one year and scenario.

    Parameters
    ----------
    impact : xarray.Dataset
        What `hecon.budget_impact` returned for scenarios.
    year : int, optional
        Year; default the last.
    scenario : str, default "maximum"
        Scenario.
    names : mapping of str to str, optional
        What to call scenarios of one's own, in words.
    lang : {"nl", "en"}, default "en"
        Language of the labels.
    ax : matplotlib.axes.Axes, optional
        Where to draw; default a new figure.

    Returns
    -------
    matplotlib.axes.Axes
        Amounts on the horizontal axis, steps from top to bottom.

    Raises
    ------
    InputError
        If the impact has no prices or scenarios, or no such year or scenario.

    Examples
    --------
    >>> import hecon
    >>> impact = hecon.budget_impact(hecon.load("acl-rupture").budget)
    >>> [each.get_text() for each in hecon.plot.waterfall(impact).get_yticklabels()][-1]
    'net'
    """
    locale = Locale(lang)
    steps, _ = _steps(impact, year, scenario, locale)
    currency = str(impact.attrs["currency"])
    with _style.look():
        ax = _style.axes(ax)
        line: dict[str, Any] = {"color": _style.MUTED, "linewidth": 0.8}
        for place, step in enumerate(steps):
            colour = _style.MUTED if step.net else _style.COLOURS[1 if step.size > 0 else 2]
            ax.barh(place, step.size, left=step.start, height=_BAR, color=colour, zorder=3)
            _beside(ax, _amount(locale, _shown(step), currency), max(step.start, step.end), place, left=False)
            if place + 1 < len(steps) and not step.net:
                ax.plot([step.end, step.end], [place, place + 1], **line, zorder=2, clip_on=False)
        ax.axvline(0, **line, zorder=1)
        ax.set_yticks(range(len(steps)), [_style.label(step.name) for step in steps])
        ax.invert_yaxis()
        ax.tick_params(axis="y", length=0)
        ax.spines["left"].set_visible(False)
        low, high = ax.get_xlim()
        # Room for the amount beside the longest bar.
        ax.set_xlim(low, high + 0.16 * (high - low))
        ax.locator_params(axis="x", nbins=4)
        _money_axis(ax, locale, currency)
        ax.set_xlabel(locale.text("plot.waterfall_axis"))
    return telling(ax, locale, lambda said: describe_waterfall(impact, said, year=year, scenario=scenario, names=names))


def _money_axis(ax: Axes, locale: Locale, currency: str) -> None:
    """Write the ticks as amounts, in millions where they are large, with the decimals that their distance needs."""
    if max(abs(each) for each in ax.get_xlim()) < _MILLION:
        _style.money_axis(ax.xaxis, locale, currency)
        return

    def written(value: float, _: float | None) -> str:
        amount = locale.money(value / _MILLION, currency, tick_decimals(ax.xaxis.get_majorticklocs(), _MILLION, most=4))
        return locale.text("plot.millions", amount=amount) if value else locale.money(0, currency)

    ax.xaxis.set_major_formatter(FuncFormatter(written))


def describe_waterfall(
    impact: xr.Dataset,
    locale: Locale,
    *,
    year: int | None = None,
    scenario: str = "maximum",
    names: Mapping[str, str] | None = None,
) -> str:
    """Say the amount of every bar."""
    steps, at = _steps(impact, year, scenario, locale)
    currency = str(impact.attrs["currency"])
    parts = ", ".join(f"{step.name} {_amount(locale, _shown(step), currency)}" for step in steps)
    known = f"budget_scenario.{scenario}"
    called = locale.text(known) if known in locale.catalogue else named(names, scenario)
    return locale.text("plot.waterfall_alt", year=at, scenario=called, parts=parts)


def _checked_bars(bars: xr.Dataset) -> None:
    _checks.dataset("bars", bars, "hecon.budget.one_way returns one")
    if "net_low" not in bars or not bars.sizes["parameter"]:
        msg = "bars must hold at least one range, as hecon.budget.one_way returns for a plan with ranges"
        raise InputError(msg)


def tornado(
    bars: xr.Dataset, *, names: Mapping[str, str] | None = None, lang: str = "en", ax: Axes | None = None
) -> Axes:
    """Draw the net budget impact over each range, one at a time, the widest on top.

    Bars run to the net spending at the ends of the range. A line runs on to what lies between them, where that is more.

    Parameters
    ----------
    bars : xarray.Dataset
        What `hecon.budget.one_way` returned.
    names : mapping of str to str, optional
        Names to show for the parameters.
    lang : {"nl", "en"}, default "en"
        Language of the labels.
    ax : matplotlib.axes.Axes, optional
        Where to draw; default a new figure.

    Returns
    -------
    matplotlib.axes.Axes
        Net spending on the horizontal axis.

    Raises
    ------
    InputError
        If there are no bars.

    Examples
    --------
    >>> import hecon
    >>> bars = hecon.budget.one_way(hecon.load("copd").budget)
    >>> hecon.plot.tornado(bars).get_xlabel()
    'net spending in 2027'
    """
    locale = Locale(lang)
    _checked_bars(bars)
    currency = str(bars.attrs["currency"])
    with _style.look():
        ax = _style.axes(ax)
        base = float(bars.attrs["net"])
        for place, name in enumerate(bars["parameter"].values):
            row = bars.sel(parameter=name)
            for end, colour in (("low", _style.COLOURS[3]), ("high", _style.COLOURS[0])):
                at = float(row[f"net_{end}"])
                # One entry of the legend for all bars of a kind.
                word = locale.text(f"plot.tornado_{end}") if place == 0 else None
                ax.barh(place, at - base, left=base, height=_BAR, color=colour, zorder=3, label=word)
                _beside(ax, _amount(locale, at, currency), at, place, left=at < base)
            _between_ends(ax, row, place, locale=locale, currency=currency)
        ax.axvline(base, color=_style.INK, linewidth=0.8, zorder=4)
        labels = [_style.label(named(names, str(name))) for name in bars["parameter"].values]
        ax.set_yticks(range(len(labels)), labels)
        ax.invert_yaxis()
        ax.tick_params(axis="y", length=0)
        ax.spines["left"].set_visible(False)
        # Room for the amounts beside the widest bar, and for the legend below the last.
        ax.margins(x=0.32)
        ax.legend(loc="upper center", bbox_to_anchor=(0.5, -0.18), ncols=2, fontsize=9)
        ax.locator_params(axis="x", nbins=4)
        _money_axis(ax, locale, currency)
        ax.set_xlabel(locale.text("plot.tornado_axis", year=bars.attrs["year"]))
    return telling(ax, locale, lambda said: describe_tornado(bars, said, names=names))


def _between_ends(ax: Axes, row: xr.Dataset, place: int, *, locale: Locale, currency: str) -> None:
    """Draw how far net spending goes between the ends of a range, where that is further than at either."""
    ends = sorted((float(row["net_low"]), float(row["net_high"])))
    for at, end, beyond in (
        (float(row["net_least"]), ends[0], float(row["net_least"]) < ends[0]),
        (float(row["net_most"]), ends[1], float(row["net_most"]) > ends[1]),
    ):
        if beyond:
            ax.plot((end, at), (place, place), color=_style.INK, linewidth=0.8, zorder=3)
            _beside(ax, _amount(locale, at, currency), at, place, left=at < end)


def _beside(ax: Axes, text: str, x: float, y: float, *, left: bool) -> None:
    """Write an amount beside the end of a bar."""
    away, side = ((-5, 0), "right") if left else ((5, 0), "left")
    ax.annotate(text, (x, y), xytext=away, textcoords="offset points", ha=side, va="center", fontsize=9)


def describe_tornado(bars: xr.Dataset, locale: Locale, *, names: Mapping[str, str] | None = None) -> str:
    """Say the least and the most net spending over each range."""
    _checked_bars(bars)
    currency = str(bars.attrs["currency"])
    parts = []
    for name in bars["parameter"].values:
        row = bars.sel(parameter=name)
        low, high = float(row["net_least"]), float(row["net_most"])
        span = locale.span(_amount(locale, low, currency), _amount(locale, high, currency))
        parts.append(f"{named(names, str(name))}: {span}")
    return locale.text("plot.tornado_alt", year=bars.attrs["year"], parts="; ".join(parts))
