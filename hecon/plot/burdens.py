"""The burden of disease: what the population has ahead of it, what patients have, and the band in which they fall."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hecon import _checks
from hecon.errors import InputError
from hecon.locale import Locale
from hecon.plot import _style
from hecon.plot._style import MaxNLocator, telling

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from hecon.rules.burden import Shortfall


# How far the scale of an absolute shortfall goes on above its last edge.
_ABOVE = 1.25
# How dark each band is drawn on the scale of the shortfall, the lowest first.
_SHADES = (0.0, 0.12, 0.26, 0.42)
_SCALE = (1.04, 0.0, 0.05, 1.0)


def burden(burden: Shortfall, *, lang: str = "en", ax: Axes | None = None) -> Axes:
    """Draw the quality-adjusted life expectancy of population and patients as areas over age, and the bands beside it.

    Parameters
    ----------
    burden : Shortfall
        What `hecon.shortfall` returned for an age.
    lang : {"nl", "en"}, default "en"
        Language of the labels.
    ax : matplotlib.axes.Axes, optional
        Where to draw; default a new figure.

    Returns
    -------
    matplotlib.axes.Axes
        Age on the horizontal axis, survival times utility on the vertical; each area is a number of QALYs.

    Raises
    ------
    InputError
        If the population was given as a number of QALYs, so that there is no course over age.

    Notes
    -----
    Where only the patients' remaining QALYs were given, their course is not known and the population's area stands
    alone.

    Examples
    --------
    >>> import hecon
    >>> found = hecon.shortfall(age=33, female=0.4, decrement=0.2, years=10)
    >>> hecon.plot.burden(found).get_xlabel()
    'age (years)'
    """
    locale = Locale(lang)
    _checks.instance("burden", burden, "Shortfall", "hecon.shortfall returns one")
    course = burden.course
    if course is None:
        msg = "burden must have a course over age, got one from QALYs alone: give age and female to hecon.shortfall"
        raise InputError(msg)
    blue, orange = _style.COLOURS[0], _style.COLOURS[1]
    ages = course.years + (course.mean_age if course.one_age else 0.0)
    population = course.population
    with _style.look():
        ax = _style.axes(ax)
        below = population if course.patients is None else course.patients
        ax.fill_between(ages, 0, below, color=blue, alpha=0.25, linewidth=0)
        if course.patients is not None:
            ax.fill_between(ages, below, population, color=orange, alpha=0.55, linewidth=0)
            ax.plot(ages, below, color=blue, linewidth=1.2)
        ax.plot(ages, population, color=_style.INK, linewidth=1.2)
        ax.axhline(0, **_style.LINE)
        ax.set_xlim(ages[0], ages[-1])
        ax.set_ylim(min(0.0, float(below.min()) * 1.05), 1.0)
        ax.set_xlabel(locale.text("plot.age_axis" if course.one_age else "plot.years_axis"))
        ax.set_ylabel(locale.text("plot.course_axis"))
        ax.xaxis.set_major_locator(MaxNLocator(nbins=8, steps=[1, 2, 5, 10], integer=True))
        _style.number_axis(ax.xaxis, locale)
        _style.number_axis(ax.yaxis, locale)
        _write_areas(ax, burden, locale)
        if burden.band is not None:
            _draw_bands(ax, burden, locale)
    return telling(ax, locale, lambda said: describe_burden(burden, said))


def _write_areas(ax: Axes, burden: Shortfall, locale: Locale) -> None:
    blue, orange = _style.COLOURS[0], _style.COLOURS[1]
    rows = [
        (_style.INK, "plot.burden_population", burden.qale_population),
        (blue, "plot.burden_patients", burden.qale_patients),
        (orange, "plot.burden_shortfall", burden.absolute),
    ]
    for place, (colour, key, value) in enumerate(rows):
        y = 0.96 - 0.075 * place
        ax.plot([0.60, 0.625], [y, y], color=colour, linewidth=4, transform=ax.transAxes, solid_capstyle="butt")
        text = locale.text(key, value=locale.number(value, 2))
        ax.text(0.64, y, text, transform=ax.transAxes, va="center", fontsize=9)


def _draw_bands(ax: Axes, burden: Shortfall, locale: Locale) -> None:
    scale = ax.inset_axes(_SCALE)
    top = 1.0
    if burden.rule.absolute:
        highest = (burden.absolute, *(burden.absolute_interval or ()), _ABOVE * float(burden.rule.edges[-1]))
        top = max(highest)
    edges = [0.0, *map(float, burden.rule.edges), top]
    for place, (band, value) in enumerate(burden.rule.by_band.items()):
        low, high = edges[place : place + 2]
        scale.axhspan(low, high, color=_style.MUTED, alpha=_SHADES[min(place, len(_SHADES) - 1)], linewidth=0)
        scale.axhline(high, color=_style.MUTED, linewidth=0.6)
        label = locale.text("plot.band_none") if value is None else locale.band(band)
        if value is not None:
            label += "\n" + locale.stated(value, burden.currency)
        scale.text(1.35, (low + high) / 2, label, va="center", fontsize=8, transform=scale.get_yaxis_transform())
    at = min(max(burden.measured, 0.0), top)
    if burden.measured_interval is not None:
        ends = [min(max(end, 0.0), top) for end in burden.measured_interval]
        scale.plot([0.5, 0.5], ends, color=_style.COLOURS[1], linewidth=3, solid_capstyle="butt", clip_on=False)
    marker = "o" if at == burden.measured else "^" if at > 0 else "v"
    scale.plot([0.5], [at], marker, color=_style.COLOURS[1], markersize=6, clip_on=False, zorder=5)
    scale.set_xlim(0, 1)
    scale.set_ylim(0, top)
    scale.set_xticks([])
    scale.set_yticks([])
    key = "plot.burden_scale_absolute" if burden.rule.absolute else "plot.burden_scale"
    scale.set_title(locale.text(key), fontsize=8, loc="left", color=_style.INK)


def describe_burden(burden: Shortfall, locale: Locale) -> str:
    """Say the areas, the proportional shortfall and its band."""
    _checks.instance("burden", burden, "Shortfall", "hecon.shortfall returns one")
    key = "plot.burden_alt_absolute" if burden.rule.absolute else "plot.burden_alt"
    return locale.text(
        "plot.burden_alt_alone" if burden.band is None else key,
        population=locale.number(burden.qale_population, 2),
        patients=locale.number(burden.qale_patients, 2),
        absolute=locale.number(burden.absolute, burden.digits("absolute", 2)),
        proportional=locale.number(burden.proportional, burden.digits("proportional", 3)),
        band=locale.band(burden.band or ""),
    )
