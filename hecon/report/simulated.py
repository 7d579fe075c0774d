"""The warnings that data are simulated, where a title, a trial or a figure may be read alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from hecon.assessment import Assessment
    from hecon.locale import Locale

__all__ = ["marked_figure", "with_warning"]


def with_warning(title: str, assessment: Assessment, locale: Locale) -> str:
    """Return a title; where data are simulated it says so first."""
    return locale.text("trial_note.title", title=title) if assessment.simulated else title


def marked_figure(paint: Callable[..., Any], locale: Locale) -> Callable[..., object]:
    """Return a painter that says so within the figure, which may be copied out of its page."""

    def marked(ax: Any) -> object:  # noqa: ANN401 (Matplotlib's axes)
        text = locale.text("figure.simulated")
        return paint(ax=ax).set_title(text, loc="right", fontsize="small", weight="bold", pad=18)

    return marked
