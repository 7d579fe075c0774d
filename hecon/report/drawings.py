"""The figures of a note as SVG that stands inline in a page: its colours, its fonts, no identifier twice."""

from __future__ import annotations

import io
import re
import warnings
from typing import TYPE_CHECKING

from hecon import plot
from hecon.assessment import TrialResult
from hecon.draws import FEWEST_FREEDOM
from hecon.locale import Locale
from hecon.report.budgets import BUDGET_FIGURES, bar_names, waterfall_scenario
from hecon.report.document import Block, Figure, Paragraph
from hecon.report.evidence import FOREST, forests
from hecon.report.wording import Wording

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from matplotlib.axes import Axes

    from hecon.assessment import Assessment, BudgetResult, ComparisonResult
    from hecon.curves import Curves
    from hecon.dossier.loading import Dossier

__all__ = ["budget_svg", "drawn", "figures", "marked", "svg_of"]

# In the order in which a note shows them.
KINDS = ("plane", "acceptability", "net_benefit", "expected_loss")
_SIZE = (6.2, 4.0)


def figures(result: ComparisonResult, wording: Wording) -> list[Block]:
    """Return the figures of a comparison, as blocks that say what each shows.

    Parameters
    ----------
    result : ComparisonResult
        The comparison.
    wording : Wording
        How it is written.

    Returns
    -------
    list of Block
        None if the comparison has no draws; a sentence in place of the expected loss where draws from patients have too
        few degrees of freedom for it.
    """
    curves, lang = result.curves, wording.lang
    if curves is None:
        return []
    from hecon.plot.curves import describe_acceptability, describe_expected_loss, describe_net_benefit
    from hecon.plot.planes import describe_plane

    names = _names(wording)
    told = {"intervention": wording.intervention, "unit": wording.spec.effect_unit}
    alts = {
        "plane": describe_plane(curves, Locale(lang)),
        "acceptability": describe_acceptability(curves, Locale(lang)),
        "net_benefit": describe_net_benefit(curves, Locale(lang)),
    }
    if not result.few_freedom:
        alts["expected_loss"] = describe_expected_loss(curves, Locale(lang), names=names)
    captions = {kind: wording.say(f"figure.{kind}", **told) for kind in alts}
    if isinstance(result, TrialResult):
        # Patient data leave no range of rounding and assumptions to draw.
        captions["acceptability"] = wording.say("trial_figure.acceptability")
    if result.beyond_assumptions:
        listed = ", ".join(wording.say(f"parameter.{name}") for name in result.beyond_assumptions)
        captions["acceptability"] += wording.say("figure.without", names=listed)
    blocks: list[Block] = [Figure(kind, wording.spec.id, captions[kind], alts[kind]) for kind in KINDS if kind in alts]
    if result.few_freedom:
        blocks.append(Paragraph(wording.say("figure.no_expected_loss", few=f"{FEWEST_FREEDOM:g}")))
    return blocks


def _names(wording: Wording) -> dict[str, str]:
    spec = wording.spec
    return {spec.intervention: wording.intervention, spec.comparator: wording.comparator}


def svg_of(block: Figure, assessment: Assessment, lang: str) -> str:
    """Return a figure as SVG to stand inline in HTML.

    Parameters
    ----------
    block : Figure
        Which figure of which comparison.
    assessment : Assessment
        The assessment that it belongs to.
    lang : {"nl", "en"}
        Language of its labels.

    Returns
    -------
    str
        An ``<svg>`` element; the same bytes each time.
    """
    if block.kind == "burden":
        return _inline(_drawn_by(_burden_painter(assessment, lang), block.kind), block.kind)
    if block.kind in BUDGET_FIGURES:
        if assessment.budget is None:
            msg = "no budget impact was computed"
            raise AssertionError(msg)
        return budget_svg(block.kind, assessment.budget, assessment.dossier, lang)
    if block.kind == FOREST:
        chosen = next(each for each in forests(assessment) if each.identifier == block.comparison)
        return _inline(_drawn_by(lambda ax: chosen.paint(ax, lang), block.kind), f"{block.kind}-{block.comparison}")
    result = next(each for each in assessment.comparisons if each.spec.id == block.comparison)
    if result.curves is None:
        msg = f"{block.comparison} has no draws to show"
        raise AssertionError(msg)
    names = _names(Wording(assessment.dossier, result.spec, lang))
    painter = _painter(block.kind, result.curves, names, lang)
    painter = marked(painter, lang) if result.simulated else painter
    return _inline(_drawn_by(painter, block.kind), f"{block.comparison}-{block.kind}")


def marked(painter: Callable[[Axes], Axes], lang: str) -> Callable[[Axes], Axes]:
    """Return a painter that says within the figure, which may be copied out of its page, that the data are simulated.

    Parameters
    ----------
    painter : callable
        Draws on the axes that it is given.
    lang : {"nl", "en"}
        Language of the mark.

    Returns
    -------
    callable
        Draws the same, with the mark above it.
    """

    def paint(ax: Axes) -> Axes:
        painter(ax).set_title(
            Locale(lang).text("figure.simulated"), loc="right", fontsize="small", weight="bold", pad=18
        )
        return ax

    return paint


def _painter(kind: str, curves: Curves, names: Mapping[str, str], lang: str) -> Callable[[Axes], Axes]:
    painters: dict[str, Callable[[Axes], Axes]] = {
        "plane": lambda ax: plot.plane(curves, lang=lang, ax=ax),
        "acceptability": lambda ax: plot.acceptability(curves, names=names, lang=lang, ax=ax),
        "net_benefit": lambda ax: plot.net_benefit(curves, lang=lang, ax=ax),
        "expected_loss": lambda ax: plot.expected_loss(curves, names=names, lang=lang, ax=ax),
    }
    return painters[kind]


def _burden_painter(assessment: Assessment, lang: str) -> Callable[[Axes], Axes]:
    found = assessment.burden
    if found is None:
        msg = "no burden was computed"
        raise AssertionError(msg)
    return lambda ax: plot.burden(found, lang=lang, ax=ax)


def budget_svg(kind: str, found: BudgetResult, dossier: Dossier, lang: str) -> str:
    """Return a figure of a budget impact as SVG to stand inline in HTML.

    Parameters
    ----------
    kind : {"waterfall", "tornado"}
        Which.
    found : BudgetResult
        The budget impact.
    dossier : Dossier
        Its dossier.
    lang : {"nl", "en"}
        Language of its labels.

    Returns
    -------
    str
        An ``<svg>`` element; the same bytes each time.
    """
    bars = found.moving_bars
    if bars is None:
        msg = "a plan without prices has no figures"
        raise AssertionError(msg)
    if kind == "waterfall":
        scenario = waterfall_scenario(found)
        return _inline(
            _drawn_by(lambda ax: plot.waterfall(found.main, scenario=scenario, lang=lang, ax=ax), kind), kind
        )
    names = bar_names(found, dossier, lang)
    return _inline(_drawn_by(lambda ax: plot.tornado(bars, names=names, lang=lang, ax=ax), kind), kind)


def drawn(painter: Callable[[Axes], Axes], kind: str, name: str) -> str:
    """Return what a painter draws as SVG to stand inline in HTML.

    Parameters
    ----------
    painter : callable
        Draws on the axes that it is given.
    kind : str
        Kind of figure: seeds the identifiers within it, so that the bytes are the same each time.
    name : str
        Begins its identifiers, so that no other figure of the page has them.

    Returns
    -------
    str
        An ``<svg>`` element.
    """
    return _inline(_drawn_by(painter, kind), name)


def _drawn_by(painter: Callable[[Axes], Axes], kind: str) -> str:
    from matplotlib import rc_context
    from matplotlib.backends.backend_svg import FigureCanvasSVG
    from matplotlib.figure import Figure as Canvas
    from matplotlib.layout_engine import ConstrainedLayoutEngine

    told_nothing = {"Date": None, "Creator": None, "Format": None, "Type": None}
    with plot.look(), rc_context({"svg.hashsalt": kind, "figure.facecolor": "none"}):
        canvas = FigureCanvasSVG(Canvas(figsize=_SIZE)).figure
        painter(canvas.subplots())
        file, dpi = io.StringIO(), canvas.dpi
        with warnings.catch_warnings():
            # The page's own fonts draw the labels, so it does not matter what matplotlib's lack.
            warnings.filterwarnings("ignore", message="Glyph .* missing from font")
            # A figure that has a layout is drawn twice to be saved, once in vain.
            ConstrainedLayoutEngine().execute(canvas)
            canvas.savefig(file, format="svg", dpi=dpi, metadata=told_nothing)
    return file.getvalue()


def _inline(svg: str, name: str) -> str:
    """Return the SVG element alone, in the page's own ink and font, with identifiers that no other figure has."""
    element = svg[svg.index("<svg") :].strip()
    element = re.sub(r"<metadata>.*?</metadata>\s*", "", element, flags=re.DOTALL)
    element = re.sub(r"<!--.*?-->\s*", "", element, flags=re.DOTALL)
    # Only tags are rewritten: a label may hold anything and is never touched.
    element = re.sub(r"<[^>]*>", lambda tag: _tag(tag.group(), name), element)
    root, rest = element.split(">", maxsplit=1)
    root = re.sub(r' (width|height)="[^"]*"', "", root)
    return root.replace("<svg ", '<svg aria-hidden="true" focusable="false" ') + ">" + rest


def _tag(tag: str, name: str) -> str:
    tag = re.sub(r'\bid="', f'id="{name}-', tag)
    tag = tag.replace("url(#", f"url(#{name}-").replace('href="#', f'href="#{name}-')
    from hecon.plot._style import INK, MUTED

    tag = re.sub(r"'DejaVu Sans'[^;\"]*", "system-ui, sans-serif", tag)
    tag = tag.replace(INK, "var(--ink)").replace(MUTED, "var(--muted)")
    # Hundredths of a point are enough for a path.
    return re.sub(r'\bd="[^"]*"', lambda path: re.sub(r"(\.\d\d)\d+", r"\1", path.group()), tag)
