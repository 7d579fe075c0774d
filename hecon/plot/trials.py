"""Figures of a trial: the course of its imputations, imputed beside observed values, and the map of tipping points."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from hecon import _checks
from hecon.errors import InputError
from hecon.locale import Locale
from hecon.plot import _style
from hecon.plot._style import Line2D, MaxNLocator, Stroke, named, telling
from hecon.trial import TippingMap, TrialAnalysis
from hecon.trial.description import SMALL

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from matplotlib.artist import Artist
    from matplotlib.axes import Axes
    from numpy.typing import NDArray

    from hecon.trial.description import Row

    Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class ImputedRow:
    """A variable that was imputed for enough patients to show: what was observed, and for how many it was not.

    `trace` has for each arm with at least five of them mean and standard deviation of its imputed values, shape
    (iteration, imputation, 2).
    """

    name: str
    row: Row
    missing: int
    trace: dict[int, Floats]


def row_label(row: Row, locale: Locale, name: str | None = None) -> str:
    """Return what a variable of a trial is called, as in "utility, month 12"; `name` is its covariate or category."""
    given = row.name if name is None else name
    months = [locale.number(each, 0 if float(each).is_integer() else 1) for each in row.months]
    if row.kind == "utility":
        return locale.text("trial.utility_assumed" if row.name else "trial.utility_at", month=months[0])
    if row.kind == "effect":
        return locale.text("trial.effect_at", name=given or locale.text("trial_effect.qaly"), month=months[0])
    if row.kind == "cost":
        return locale.text("trial.cost_in", category=given, start=months[0], end=months[1])
    if row.kind == "baseline cost":
        return locale.text("trial.baseline_cost", category=given)
    return given


def imputed_rows(analysis: TrialAnalysis) -> tuple[ImputedRow, ...]:
    """Return the variables whose imputed values can be shown, as no figure may rest on fewer than five patients."""
    if not isinstance(analysis, TrialAnalysis):
        msg = (
            "analysis must be the TrialAnalysis that hecon.trial.analyse returned, "
            f"got {type(analysis).__name__}: give the whole analysis, not a part of it"
        )
        raise InputError(msg)
    found, about = analysis.imputation, analysis.description
    if found is None:
        return ()
    rows = []
    for place, row in enumerate(about.rows):
        absent = row.missing(about.patients)
        trace = {
            arm: found.trace[arm, :, :, place]
            for arm, count in enumerate(absent)
            if count >= SMALL and row.mean[arm] is not None
        }
        if trace:
            rows.append(ImputedRow(found.variables.names[place], row, sum(absent), trace))
    return tuple(rows)


KINDS = ("utility", "effect", "cost")
_COSTS = ("cost", "baseline cost")
# Most variables in one figure: those of which most is missing.
_MOST = 8
# Height that the marks of one variable share, of the distance to the next.
_BAND = 0.5


def _shown(analysis: TrialAnalysis) -> tuple[ImputedRow, ...]:
    rows = imputed_rows(analysis)
    if not rows:
        msg = (
            f"analysis must hold imputed sets with at least {SMALL} values of a variable imputed in an arm, "
            "or a figure could give a patient away"
        )
        raise InputError(msg)
    return rows


def _chosen(analysis: TrialAnalysis, variable: str | None) -> ImputedRow:
    rows = _shown(analysis)
    if variable is None:
        return max(rows, key=lambda each: each.missing)
    _checks.one_of("variable", variable, [each.name for each in rows])
    return next(each for each in rows if each.name == variable)


def _value(row: Row, value: float, locale: Locale, currency: str) -> str:
    return locale.money(value, currency) if row.kind in _COSTS else locale.number(value, 2)


def imputation_trace(
    analysis: TrialAnalysis, *, variable: str | None = None, lang: str = "en", ax: Axes | None = None
) -> Axes:
    """Draw the course of the chains that imputed a variable: the mean of its imputed values by iteration.

    Parameters
    ----------
    analysis : TrialAnalysis
        What `hecon.trial.analyse` returned.
    variable : str, optional
        Which, as in ``analysis.imputation.variables.names``; default the one of which most is missing.
    lang : {"nl", "en"}, default "en"
        Language of the labels.
    ax : matplotlib.axes.Axes, optional
        Where to draw; default a new figure.

    Returns
    -------
    matplotlib.axes.Axes
        Iterations on the horizontal axis; a line for each imputed set, in its arm's colour. Of many sets the first 50.

    Raises
    ------
    InputError
        If nothing was imputed, or the variable was imputed for fewer than five patients of each arm.

    Notes
    -----
    Lines that mingle without a trend are what convergence looks like. An arm with fewer than five imputed values is
    left out: an imputed value is one that another patient had.

    Examples
    --------
    >>> from hecon import datasets, trial, plot
    >>> table, design = datasets.simulate_trial("meniscus", rng=4), datasets.trial_design("meniscus")
    >>> found = trial.analyse(table, design, imputations=2, replicates=50, rng=1)
    >>> plot.imputation_trace(found, variable="utility at 12 months").get_xlabel()
    'iteration'
    """
    locale, chosen = Locale(lang), _chosen(analysis, variable)
    with _style.look():
        ax = _style.axes(ax)
        ends = []
        for arm, trace in chosen.trace.items():
            colour = _style.COLOURS[arm % len(_style.COLOURS)]
            steps = np.arange(1, trace.shape[0] + 1)
            ax.plot(steps, trace[:, :, 0], color=colour, linewidth=0.8, alpha=0.75, marker=".", markersize=3)
            name = analysis.description.strategies[arm]
            ends.append((float(steps[-1]), float(trace[-1, :, 0].mean()), name, Stroke(colour)))
        _style.label_ends(ax, ends)
        ax.set_xlabel(locale.text("plot.iteration_axis"))
        ax.set_ylabel(row_label(chosen.row, locale), parse_math=False)
        ax.xaxis.set_major_locator(MaxNLocator(integer=True))
        _axis(ax.yaxis, chosen.row, locale, analysis.currency)
    return telling(ax, locale, lambda said: describe_imputation_trace(analysis, said, variable=chosen.name))


def _axis(axis: object, row: Row, locale: Locale, currency: str) -> None:
    if row.kind in _COSTS:
        _style.money_axis(axis, locale, currency)
    else:
        _style.number_axis(axis, locale)


def describe_imputation_trace(analysis: TrialAnalysis, locale: Locale, *, variable: str | None = None) -> str:
    """Say the mean of each arm after the first and the last iteration, and how far the sets lie apart."""
    chosen = _chosen(analysis, variable)
    parts = []
    for arm, trace in chosen.trace.items():
        means = trace[:, :, 0]
        values = {"first": means[0].mean(), "last": means[-1].mean(), "low": means[-1].min(), "high": means[-1].max()}
        told = {key: _value(chosen.row, float(value), locale, analysis.currency) for key, value in values.items()}
        parts.append(locale.text("plot.trace_arm", arm=analysis.description.strategies[arm], **told))
    return locale.text("plot.trace_alt", variable=row_label(chosen.row, locale), parts="; ".join(parts))


def _of_kind(analysis: TrialAnalysis, kind: str) -> list[ImputedRow]:
    _checks.one_of("kind", kind, KINDS)
    rows = [each for each in _shown(analysis) if each.row.kind == kind]
    if not rows:
        msg = f"kind must be one of which at least {SMALL} values were imputed in an arm, got {kind!r}"
        raise InputError(msg)
    kept = sorted(rows, key=lambda each: -each.missing)[:_MOST]
    return [each for each in rows if each in kept]


def _imputed(trace: Floats) -> tuple[float, float]:
    """Return mean and standard deviation of the values that were imputed last, over all sets."""
    means, spreads = trace[-1, :, 0], trace[-1, :, 1]
    mean = float(means.mean())
    return mean, float(np.sqrt((spreads**2 + means**2).mean() - mean**2))


def _observed(row: Row, arm: int) -> tuple[float, float]:
    mean, spread = row.mean[arm], row.sd[arm]
    assert mean is not None and spread is not None  # noqa: S101, PT018 (only such arms are shown)
    return mean, spread


def observed_imputed(
    analysis: TrialAnalysis, *, kind: str = "utility", lang: str = "en", ax: Axes | None = None
) -> Axes:
    """Draw the mean of the imputed values beside that of the observed ones, by variable and arm.

    Parameters
    ----------
    analysis : TrialAnalysis
        What `hecon.trial.analyse` returned.
    kind : {"utility", "effect", "cost"}, default "utility"
        Which variables, an effect being one that is not made of utilities; of costs the eight of which most is missing.
    lang : {"nl", "en"}, default "en"
        Language of the labels.
    ax : matplotlib.axes.Axes, optional
        Where to draw; default a new figure.

    Returns
    -------
    matplotlib.axes.Axes
        Values on the horizontal axis, a row for each variable: filled for observed, open for imputed, each with a line
        of one standard deviation to either side.

    Raises
    ------
    InputError
        If no variable of this kind was imputed for at least five patients of an arm.

    Notes
    -----
    A difference is no fault: those who are missing may be unlike those who were observed, as far as their other values
    tell. An arm with fewer than five imputed or observed values is left out. Of more than 50 imputed sets the first 50
    are shown.

    Examples
    --------
    >>> from hecon import datasets, trial, plot
    >>> table, design = datasets.simulate_trial("meniscus", rng=4), datasets.trial_design("meniscus")
    >>> found = trial.analyse(table, design, imputations=2, replicates=50, rng=1)
    >>> plot.observed_imputed(found).get_xlabel()
    'utility'
    """
    locale, rows = Locale(lang), _of_kind(analysis, kind)
    arms = sorted({arm for each in rows for arm in each.trace})
    step = _BAND / (2 * len(arms))
    with _style.look():
        ax = _style.axes(ax)
        for place, each in enumerate(rows):
            for arm, trace in each.trace.items():
                colour = _style.COLOURS[arm % len(_style.COLOURS)]
                top = place - _BAND / 2 + (2 * arms.index(arm) + 0.5) * step
                _mark(ax, _observed(each.row, arm), top, colour, filled=True)
                _mark(ax, _imputed(trace), top + step, colour, filled=False)
        ax.set_yticks(range(len(rows)), [_style.label(row_label(each.row, locale)) for each in rows], fontsize=9)
        ax.set_ylim(len(rows) - 0.4, -0.6)
        ax.set_xlabel(locale.text(f"trial_figure.{kind}"))
        _axis(ax.xaxis, rows[0].row, locale, analysis.currency)
        _legend(ax, [(arm, analysis.description.strategies[arm]) for arm in arms], locale)
    return telling(ax, locale, lambda said: describe_observed_imputed(analysis, said, kind=kind))


def _mark(ax: Axes, moments: tuple[float, float], at: float, colour: str, *, filled: bool) -> None:
    mean, spread = moments
    ax.plot([mean - spread, mean + spread], [at, at], color=colour, linewidth=1.0, alpha=0.8, zorder=2)
    # An open mark shows what lies behind it, the page's own colour among it.
    inside = colour if filled else "none"
    ax.plot([mean], [at], "o", color=colour, markerfacecolor=inside, markersize=5, zorder=3)


def _legend(ax: Axes, arms: Sequence[tuple[int, str]], locale: Locale) -> None:
    handles = [
        Line2D([], [], color=_style.COLOURS[arm % len(_style.COLOURS)], linewidth=4, label=_style.label(name))
        for arm, name in arms
    ]
    handles += [
        Line2D([], [], color=_style.MUTED, marker="o", linewidth=0, markerfacecolor=inside, label=text)
        for inside, text in (
            (_style.MUTED, locale.text("plot.observed")),
            ("none", locale.text("plot.imputed")),
        )
    ]
    # Arms in the first column, marks in the second.
    rows = max(len(arms), 2)
    blank = [Line2D([], [], linewidth=0, label="")] * (rows - len(arms))
    ax.legend(
        handles=[*handles[: len(arms)], *blank, *handles[len(arms) :]],
        loc="lower left",
        bbox_to_anchor=(0.0, 1.0),
        ncols=2,
        fontsize=9,
    )


def describe_observed_imputed(analysis: TrialAnalysis, locale: Locale, *, kind: str = "utility") -> str:
    """Say the mean of the observed and of the imputed values, for each variable and arm."""
    parts = []
    for each in _of_kind(analysis, kind):
        told = [
            locale.text(
                "plot.observed_arm",
                arm=analysis.description.strategies[arm],
                observed=_value(each.row, _observed(each.row, arm)[0], locale, analysis.currency),
                imputed=_value(each.row, _imputed(trace)[0], locale, analysis.currency),
            )
            for arm, trace in each.trace.items()
        ]
        parts.append(f"{row_label(each.row, locale)}: {'; '.join(told)}")
    return locale.text("plot.observed_alt", parts=". ".join(parts))


# Probabilities at which a preference is "probably" so: of the strategy, and of the comparator.
_PROBABLY = (0.25, 0.75)
# Share of the imputed utilities held at an end from which it stands below its shift.
_HELD = 0.005
# Points of the finer grid on either axis.
_FINE = 241


def tipping_map(
    found: TippingMap,
    *,
    wtp: float | None = None,
    names: Mapping[str, str] | None = None,
    lang: str = "en",
    ax: Axes | None = None,
) -> Axes:
    """Draw which option is preferred as imputed utilities and costs of one arm are shifted.

    Parameters
    ----------
    found : TippingMap
        One of what `hecon.trial.tipping_maps` returned.
    wtp : float, optional
        Willingness to pay, one of the map's; default the first.
    names : mapping of str to str, optional
        Names to show for the arms.
    lang : {"nl", "en"}, default "en"
        Language of the labels.
    ax : matplotlib.axes.Axes, optional
        Where to draw; default a new figure.

    Returns
    -------
    matplotlib.axes.Axes
        Shifts of utilities on the horizontal axis, with the share held at an end of the scale; factors on costs on the
        vertical; a colour for each option, a line at their border and thin ones where the preference is probable; a
        cross at the main analysis.

    Raises
    ------
    InputError
        If `found` is no map, or has no such willingness to pay.

    Examples
    --------
    >>> from hecon import datasets, trial, plot
    >>> table, design = datasets.simulate_trial("meniscus", rng=4), datasets.trial_design("meniscus")
    >>> data = trial.trial_data(table, design)
    >>> main = trial.analyse(data, imputations=2, replicates=50, perspectives=["societal"], rng=1)
    >>> maps = trial.tipping_maps(data, main, utility=[-0.1, 0], cost=[1, 1.5], rng=1)
    >>> plot.tipping_map(maps[0]).get_ylabel()
    'factor on the imputed costs'
    """
    locale, at = Locale(lang), _place(found, wtp)
    benefit, probability = found.net_benefit[at].T, found.probability[at].T
    options = (found.comparator, found.strategy)
    with _style.look():
        ax = _style.axes(ax)
        from matplotlib.colors import BoundaryNorm, ListedColormap
        from matplotlib.patches import Patch

        axes = (found.utility, found.cost)
        fine = (np.linspace(axes[0][0], axes[0][-1], _FINE), np.linspace(axes[1][0], axes[1][-1], _FINE))
        over = _between(axes, benefit, fine)
        ax.pcolormesh(
            *fine, (over >= 0).astype(int), shading="nearest", cmap=ListedColormap(_style.COLOURS[:2]), alpha=0.45,
            norm=BoundaryNorm([-0.5, 0.5, 1.5], 2), linewidth=0, antialiased=False, rasterized=True,
        )  # fmt: skip
        handles: list[Artist] = [
            Patch(color=_style.COLOURS[code], alpha=0.45, label=_style.label(named(names, options[code])))
            for code in np.unique(over >= 0).astype(int)
        ]
        if over.min() < 0 <= over.max():
            ax.contour(*fine, over, levels=[0.0], colors=_style.INK, linewidths=1.6)
        shares = _between(axes, probability, fine)
        lines = [each for each in _PROBABLY if shares.min() < each < shares.max()]
        if lines:
            ax.contour(*fine, shares, levels=lines, colors=_style.MUTED, linewidths=0.9, linestyles="dashed")
            text = locale.text("trial_departure.probability", p=locale.probability(_PROBABLY[1], 2))
            handles.append(Line2D([], [], color=_style.MUTED, linewidth=0.9, linestyle="dashed", label=text))
        ax.plot([0.0], [1.0], "x", color=_style.INK, markersize=6, zorder=4)
        text = locale.text("trial_departure.main")
        handles.append(Line2D([], [], color=_style.INK, marker="x", linewidth=0, label=text))
        _label_axes(ax, found, locale, named(names, found.arm))
        ax.legend(handles=handles, loc="lower left", bbox_to_anchor=(0.0, 1.0), ncols=2, fontsize=9)
    return telling(ax, locale, lambda said: describe_tipping_map(found, said, wtp=wtp, names=names))


def _place(found: TippingMap, wtp: float | None) -> int:
    if not isinstance(found, TippingMap):
        msg = f"found must be one of what hecon.trial.tipping_maps returned, got {type(found).__name__}"
        raise InputError(msg)
    if wtp is None:
        return 0
    if wtp not in found.wtp:
        listed = ", ".join(f"{each:g}" for each in found.wtp)
        msg = f"wtp must be one of the map's, {listed}, got {wtp!r}: give it to hecon.trial.tipping_maps"
        raise InputError(msg)
    return found.wtp.index(wtp)


def _between(axes: tuple[tuple[float, ...], tuple[float, ...]], values: Floats, finer: tuple[Floats, Floats]) -> Floats:
    """Return values of a grid (second axis, first axis) on a finer one, straight from one point to the next."""
    rows = np.array([np.interp(finer[0], axes[0], row) for row in values])
    return np.array([np.interp(finer[1], axes[1], column) for column in rows.T]).T


def _label_axes(ax: Axes, found: TippingMap, locale: Locale, arm: str) -> None:
    held = found.held.sum(axis=1)
    labels = [
        locale.number(shift, 2) + (f"\n({locale.share(float(share))})" if share >= _HELD else "")
        for shift, share in zip(found.utility, held, strict=True)
    ]
    ax.set_xticks(found.utility, labels)
    _style.number_axis(ax.yaxis, locale)
    key = "shift_axis_held" if (held >= _HELD).any() else "shift_axis"
    ax.set_xlabel(_style.label(locale.text(f"trial_departure.{key}", arm=arm), 70), parse_math=False)
    ax.set_ylabel(locale.text("trial_departure.factor_axis"))
    ax.set_xlim(found.utility[0], found.utility[-1])
    ax.set_ylim(found.cost[0], found.cost[-1])


def describe_tipping_map(
    found: TippingMap, locale: Locale, *, wtp: float | None = None, names: Mapping[str, str] | None = None
) -> str:
    """Say in which share of the points each option is preferred, and where the preference turns."""
    at = _place(found, wtp)
    share = float((found.net_benefit[at] >= 0).mean())
    shares = ((found.strategy, share), (found.comparator, 1 - share))

    def say(key: str, **values: object) -> str:
        return locale.text(f"trial_departure.{key}", **values)

    parts = ", ".join(
        say("alt_preferred", option=named(names, name), share=locale.share(each)) for name, each in shares if each > 0
    )
    turns = "; ".join(
        say("alt_point", shift=locale.number(shift, 2), factor=locale.number(float(factor), 2))
        for shift, factor in zip(found.utility, found.border[at], strict=True)
        if np.isfinite(factor)
    )
    ends = {"low": found.utility[0], "high": found.utility[-1], "least": found.cost[0], "most": found.cost[-1]}
    return say(
        "alt",
        value=locale.stated(found.wtp[at], found.currency),
        n=locale.number(found.net_benefit[at].size),
        arm=named(names, found.arm),
        parts=f"{parts}. {say('alt_turns', parts=turns)}" if turns else parts,
        **{key: locale.number(each, 2) for key, each in ends.items()},
    )
