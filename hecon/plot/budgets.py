"""Budget impact: gross spending, savings by sector and net, as a waterfall."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from hecon import _checks
from hecon.errors import InputError
from hecon.locale import Locale, key_of
from hecon.plot import _style
from hecon.plot._style import amount_words, beside, millions_axis, named, telling

if TYPE_CHECKING:
    from collections.abc import Mapping

    import xarray as xr
    from matplotlib.axes import Axes

__all__ = ["describe_waterfall", "waterfall"]

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
            beside(ax, amount_words(locale, _shown(step), currency), max(step.start, step.end), place, left=False)
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
