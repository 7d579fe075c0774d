"""The figures of a trial's analysis, as blocks that say what each shows, and as SVG."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hecon import decision, plot, texts
from hecon.plot.trials import imputed_rows
from hecon.report.document import Block, Figure
from hecon.report.drawings import drawn, marked
from hecon.zin import REFERENCE_VALUES

if TYPE_CHECKING:
    from collections.abc import Callable

    import xarray as xr
    from matplotlib.axes import Axes

    from hecon.plot.trials import ImputedRow
    from hecon.report.trial_words import TrialWords
    from hecon.trial import PerspectiveAnalysis

__all__ = ["imputation_figures", "result_figures", "trial_svg"]

_UNIT = "QALY"
_PAIR = 2
# What is imputed has its figures by kind of variable.
_KINDS = ("utility", "cost")


def result_figures(words: TrialWords, found: PerspectiveAnalysis, draws: xr.Dataset) -> list[Block]:
    """Return the figures of one perspective: a plane for each arm against the comparator, and the curves.

    Parameters
    ----------
    words : TrialWords
        How the trial is written.
    found : PerspectiveAnalysis
        The perspective.
    draws : xarray.Dataset
        Its draws.

    Returns
    -------
    list of Block
        Figures; which arm a plane is of stands behind the perspective's place.
    """
    place = [each.name for each in words.analysis.perspectives].index(found.name)
    blocks: list[Block] = []
    for at, strategy in enumerate(found.strategies[1:], start=1):
        caption = texts.text(words.lang, "figure.plane", intervention=words.names[strategy], unit=_UNIT)
        alt = plot.plane_text(draws, strategy=strategy, lang=words.lang)
        blocks.append(Figure("trial-plane", f"{place}-{at}", caption, alt))
    if len(found.strategies) == _PAIR:
        pair = words.pair(found, found.strategies[1])
        caption = texts.text(words.lang, "trial_figure.acceptability_pair", **pair)
    else:
        caption = texts.text(words.lang, "trial_figure.acceptability")
    return [*blocks, Figure("trial-acceptability", str(place), caption, _acceptability_text(words, draws))]


def _acceptability_text(words: TrialWords, draws: xr.Dataset) -> str:
    shares = decision.ceac(draws, wtp=list(REFERENCE_VALUES))
    parts = []
    for value in REFERENCE_VALUES:
        what = ", ".join(
            f"{words.names[str(name)]} {words.probability(float(shares.sel(wtp=value, strategy=name)))}"
            for name in draws["strategy"].values
        )
        parts.append(texts.text(words.lang, "plot.at", value=texts.money(words.lang, value), what=what))
    return texts.text(words.lang, "trial_figure.acceptability_alt", parts="; ".join(parts))


def imputation_figures(words: TrialWords) -> list[Block]:
    """Return the figures of the imputation: the course of the chains, and imputed beside observed.

    Parameters
    ----------
    words : TrialWords
        How the trial is written.

    Returns
    -------
    list of Block
        Of utilities and of costs, where at least five values of one were imputed in an arm.
    """
    analysis, lang = words.analysis, words.lang
    blocks: list[Block] = []
    for kind in _KINDS:
        chosen = _most_missing(words, kind)
        if chosen is None:
            continue
        caption = texts.text(lang, "trial_figure.trace", variable=words.row(chosen.row), sets=_traced(words, chosen))
        alt = plot.imputation_trace_text(analysis, variable=chosen.name, lang=lang)
        blocks.append(Figure("trial-trace", kind, caption, alt))
        caption = texts.text(lang, "trial_figure.observed", what=texts.text(lang, f"trial_figure.{kind}"))
        alt = plot.observed_imputed_text(analysis, kind=kind, lang=lang)
        blocks.append(Figure("trial-observed", kind, caption, alt))
    return blocks


def _traced(words: TrialWords, row: ImputedRow) -> str:
    """Return of which imputed sets there is a trace: all, or the first."""
    traced = max(each.shape[1] for each in row.trace.values())
    sets = words.analysis.settings["imputations"]
    key = "trace_all" if traced == sets else "trace_first"
    return texts.text(words.lang, f"trial_figure.{key}", n=words.number(traced), m=words.number(sets))


def _most_missing(words: TrialWords, kind: str) -> ImputedRow | None:
    rows = [each for each in imputed_rows(words.analysis) if each.row.kind == kind]
    return max(rows, key=lambda each: each.missing) if rows else None


def trial_svg(figure: Figure, words: TrialWords, draws: xr.Dataset) -> str:
    """Return a figure of a trial as SVG to stand inline in HTML.

    Parameters
    ----------
    figure : Figure
        Which.
    words : TrialWords
        How the trial is written.
    draws : xarray.Dataset
        What `hecon.trial.draws_of` returned.

    Returns
    -------
    str
        An ``<svg>`` element; the same bytes each time.
    """
    painter = _painter(figure, words, draws)
    painter = marked(painter, words.lang) if words.analysis.description.simulated else painter
    return drawn(painter, figure.kind, f"{figure.kind}-{figure.comparison}")


def _painter(figure: Figure, words: TrialWords, draws: xr.Dataset) -> Callable[[Axes], Axes]:
    analysis, lang = words.analysis, words.lang
    if figure.kind == "trial-observed":
        return lambda ax: plot.observed_imputed(analysis, kind=figure.comparison, lang=lang, ax=ax)
    if figure.kind == "trial-trace":
        chosen = _most_missing(words, figure.comparison)
        name = None if chosen is None else chosen.name
        return lambda ax: plot.imputation_trace(analysis, variable=name, lang=lang, ax=ax)
    place, _, arm = figure.comparison.partition("-")
    found = analysis.perspectives[int(place)]
    own = draws.sel(perspective=found.name) if "perspective" in draws.dims else draws
    if figure.kind == "trial-plane":
        return lambda ax: plot.plane(own, strategy=found.strategies[int(arm)], lang=lang, ax=ax)
    return lambda ax: plot.acceptability(own, names=words.names, lang=lang, ax=ax)
