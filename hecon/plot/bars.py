"""Bars: a budget impact as a waterfall, and how far results move with each parameter as a tornado."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from hecon import _checks
from hecon.errors import InputError
from hecon.locale import Locale, key_of, width_decimals
from hecon.plot import _style
from hecon.plot._style import amount_words, at_value, beside, chosen, millions_axis, named, plain, telling

if TYPE_CHECKING:
    from collections.abc import Mapping

    import xarray as xr
    from matplotlib.axes import Axes


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
        for place, step in enumerate(steps):
            colour = _style.MUTED if step.net else _style.COLOURS[1 if step.size > 0 else 2]
            ax.barh(place, step.size, left=step.start, height=_style.BAR, color=colour, zorder=3)
            beside(ax, amount_words(locale, _shown(step), currency), max(step.start, step.end), place, left=False)
            if place + 1 < len(steps) and not step.net:
                ax.plot([step.end, step.end], [place, place + 1], **_style.LINE, zorder=2, clip_on=False)
        ax.axvline(0, **_style.LINE, zorder=1)
        _style.name_rows(ax, [_style.label(step.name) for step in steps])
        low, high = ax.get_xlim()
        # Room for the amount beside the longest bar.
        ax.set_xlim(low, high + 0.16 * (high - low))
        ax.locator_params(axis="x", nbins=4)
        millions_axis(ax, locale, currency)
        ax.set_xlabel(locale.text("plot.waterfall_axis"))
    return telling(ax, locale, lambda said: describe_waterfall(impact, said, year=year, scenario=scenario, names=names))


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
    parts = ", ".join(f"{step.name} {amount_words(locale, _shown(step), currency)}" for step in steps)
    known = f"budget_scenario.{scenario}"
    called = locale.text(known) if known in locale.catalogue else named(names, scenario)
    return locale.text("plot.waterfall_alt", year=at, scenario=called, parts=parts)


@dataclass(frozen=True)
class _Bar:
    """A bar: its name and range, the result at its low and its high value, and the least and the most over it."""

    name: str
    ends: str
    low: float
    high: float
    least: float
    most: float


@dataclass(frozen=True)
class _Bars:
    """All bars of a tornado, around what they start from, and what they are of; `edge` where the decision turns."""

    base: float
    bars: list[_Bar]
    currency: str
    axis: str
    words: str
    edge: float | None


def _bars_of(
    bars: xr.Dataset, locale: Locale, *, strategy: str | None, wtp: float | None, names: Mapping[str, str] | None
) -> _Bars:
    _checks.dataset("bars", bars, "hecon.budget.one_way or hecon.sensitivity returns one")
    kind = next((each for each in ("net", "inb") if f"{each}_low" in bars), None)
    if kind is None or not bars.sizes["parameter"]:
        msg = (
            "bars must hold at least one range, as hecon.budget.one_way returns for a plan with ranges, or "
            "hecon.sensitivity for ranges"
        )
        raise InputError(msg)
    if kind == "inb":
        return _of_benefit(chosen(bars, strategy=strategy, wtp=wtp), locale, names)
    if strategy is not None or wtp is not None:
        msg = "strategy and wtp must be left out for a budget impact, which has neither"
        raise InputError(msg)
    found = [_bar(named(names, str(name)), bars.sel(parameter=name), kind) for name in bars["parameter"].values]
    currency, year = str(bars.attrs["currency"]), bars.attrs["year"]
    parts = "; ".join(f"{each.name}: {_span(each, locale, currency)}" for each in found)
    words = locale.text("plot.tornado_alt", year=year, parts=parts)
    return _Bars(
        float(bars.attrs["net"]), found, currency, locale.text("plot.tornado_axis", year=year), words, edge=None
    )


def _of_benefit(bars: xr.Dataset, locale: Locale, names: Mapping[str, str] | None) -> _Bars:
    """Return bars of incremental net benefit, the widest first."""
    currency, at = str(bars.attrs["currency"]), at_value(bars, locale)
    found, turning = [], set()
    for name in bars["parameter"].values:
        row = bars.sel(parameter=name)
        ends = _ends(float(row["low"]), float(row["high"]), locale)
        found.append(_bar(named(names, str(name)), row, "inb", ends))
        turning |= {found[-1]} if bool(row["turns"]) else set()
    found.sort(key=lambda each: each.least - each.most)
    parts = "; ".join(f"{each.name} ({each.ends}): {_span(each, locale, currency)}" for each in found)
    base = float(bars["inb"])
    words = locale.text(
        "plot.tornado_inb_alt",
        strategy=named(names, str(bars["strategy"].item())),
        comparator=named(names, str(bars.attrs["comparator"])),
        at=at, base=amount_words(locale, base, currency), parts=parts,
    )  # fmt: skip
    listed = ", ".join(each.name for each in found if each in turning)
    turns = locale.text("plot.tornado_turns", names=listed) if turning else locale.text("plot.tornado_no_turn")
    return _Bars(base, found, currency, locale.text("plot.tornado_inb_axis", at=at), f"{words} {turns}", edge=0.0)


def _ends(low: float, high: float, locale: Locale) -> str:
    """Return a range as it was given, or with two digits of its width where it was computed."""
    if all(float(f"{each:.4g}") == each for each in (low, high)):
        return locale.span(plain(low, locale), plain(high, locale))
    digits = width_decimals(low, high)
    return locale.span(locale.number(low, digits), locale.number(high, digits))


def _bar(name: str, row: xr.Dataset, kind: str, ends: str = "") -> _Bar:
    low, high, least, most = (float(row[f"{kind}_{end}"]) for end in ("low", "high", "least", "most"))
    return _Bar(name, ends, low, high, least, most)


def _span(bar: _Bar, locale: Locale, currency: str) -> str:
    return locale.span(amount_words(locale, bar.least, currency), amount_words(locale, bar.most, currency))


def tornado(
    bars: xr.Dataset,
    *,
    strategy: str | None = None,
    wtp: float | None = None,
    names: Mapping[str, str] | None = None,
    lang: str = "en",
    ax: Axes | None = None,
) -> Axes:
    """Draw the net budget impact or the incremental net benefit over each range, one at a time, the widest on top.

    Bars run to the results at the ends of the range. A line runs on to what lies between them, where that is more.

    Parameters
    ----------
    bars : xarray.Dataset
        What `hecon.budget.one_way` returned, or `hecon.sensitivity` for ranges.
    strategy : str, optional
        Of net benefit: the strategy, where there are several beside the comparator.
    wtp : float, optional
        Of net benefit: willingness to pay, where the bars have several.
    names : mapping of str to str, optional
        Names to show for the parameters and the strategies.
    lang : {"nl", "en"}, default "en"
        Language of the labels.
    ax : matplotlib.axes.Axes, optional
        Where to draw; default a new figure.

    Returns
    -------
    matplotlib.axes.Axes
        Net spending or net benefit on the horizontal axis; of net benefit with a dashed line at 0, beyond which
        the strategy is worth its costs.

    Raises
    ------
    InputError
        If there are no bars, or not which strategy or willingness to pay to show.

    Examples
    --------
    >>> import hecon
    >>> bars = hecon.budget.one_way(hecon.load("copd").budget)
    >>> hecon.plot.tornado(bars).get_xlabel()
    'net spending in 2027'
    """
    locale = Locale(lang)
    found = _bars_of(bars, locale, strategy=strategy, wtp=wtp, names=names)
    with _style.look():
        ax = _style.axes(ax)
        for place, bar in enumerate(found.bars):
            for end, at, colour in (("low", bar.low, _style.COLOURS[3]), ("high", bar.high, _style.COLOURS[0])):
                # One entry of the legend for all bars of a kind.
                word = locale.text(f"plot.tornado_{end}") if place == 0 else None
                ax.barh(place, at - found.base, left=found.base, height=_style.BAR, color=colour, zorder=3, label=word)
            for at, left in _amounts_beside(bar, found.base):
                beside(ax, amount_words(locale, at, found.currency), at, place, left=left)
            _between_ends(ax, bar, place, locale=locale, currency=found.currency)
        ax.axvline(found.base, color=_style.INK, linewidth=0.8, zorder=4)
        _style.name_rows(ax, [f"{_style.label(bar.name)}\n{bar.ends}".strip() for bar in found.bars])
        # Room for the amounts beside the widest bar, and for the legend below the last.
        ax.margins(x=0.5)
        low, high = ax.get_xlim()
        if found.edge is not None and low <= found.edge <= high:
            ax.axvline(found.edge, **_style.DASHED, zorder=2)
        ax.legend(loc="upper center", bbox_to_anchor=(0.5, -0.18), ncols=2, fontsize=9)
        ax.locator_params(axis="x", nbins=3)
        millions_axis(ax, locale, found.currency)
        ax.set_xlabel(found.axis)
    return telling(ax, locale, lambda said: describe_tornado(bars, said, strategy=strategy, wtp=wtp, names=names))


def _amounts_beside(bar: _Bar, base: float) -> list[tuple[float, bool]]:
    """Return where to write the amounts of both ends, and whether to the left; one where both are the same."""
    if bar.low == bar.high:
        return [(bar.low, bar.low < base)]
    # Two ends on one side of the base would be written over each other: the nearer one is left to the words.
    ends = sorted((bar.low, bar.high))
    if ends[1] < base:
        return [(ends[0], True)]
    return [(ends[1], False)] if ends[0] > base else [(ends[0], True), (ends[1], False)]


def _between_ends(ax: Axes, bar: _Bar, place: int, *, locale: Locale, currency: str) -> None:
    """Draw how far the result goes between the ends of a range, where that is further than at either."""
    ends = sorted((bar.low, bar.high))
    for at, end in zip((bar.least, bar.most), ends, strict=True):
        if at < ends[0] or at > ends[1]:
            ax.plot((end, at), (place, place), color=_style.INK, linewidth=0.8, zorder=3)
            beside(ax, amount_words(locale, at, currency), at, place, left=at < end)


def describe_tornado(
    bars: xr.Dataset,
    locale: Locale,
    *,
    strategy: str | None = None,
    wtp: float | None = None,
    names: Mapping[str, str] | None = None,
) -> str:
    """Say the least and the most over each range."""
    return _bars_of(bars, locale, strategy=strategy, wtp=wtp, names=names).words
