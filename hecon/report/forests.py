"""The forest plots of a note: the differences of a dossier that stand on one scale."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from hecon import plot, texts
from hecon.dossier.printed_intervals import PrintedInterval
from hecon.report.document import Block, Figure, Paragraph

if TYPE_CHECKING:
    from collections.abc import Iterator
    from decimal import Decimal

    from matplotlib.axes import Axes

    from hecon.dossier import Dossier
    from hecon.dossier.note_schema import Outcome, Study

__all__ = ["FOREST", "Forest", "forests"]

FOREST = "forest"


# No interval is so narrow a part of the distribution.
_LEAST = 1e-6


@dataclass(frozen=True)
class Forest:
    """Differences of one forest plot: names, estimates, standard errors, and which rest on doubtful intervals."""

    identifier: str
    outcomes: tuple[tuple[Study, Outcome], ...]
    left_out: tuple[str, ...]

    def names(self, lang: str) -> list[str]:
        """Return the names of the studies with their outcomes."""
        return [f"{study.name.partition(' (')[0]}: {getattr(outcome.name, lang)}" for study, outcome in self.outcomes]

    @property
    def estimates(self) -> list[float]:
        """The differences."""
        return [float(outcome.estimate) for _, outcome in self.outcomes]

    @property
    def errors(self) -> list[float]:
        """Standard errors, from the widths of two-sided intervals or the half of one-sided ones."""
        return [_error(outcome) or 0.0 for _, outcome in self.outcomes]

    @property
    def intervals(self) -> list[tuple[float, float]]:
        """Both ends as printed; the open end of a one-sided interval as far from the estimate as the other."""
        return [(float(low), float(high)) for low, high in self._ends()]

    def _ends(self) -> Iterator[tuple[int | Decimal, int | Decimal]]:
        for _, outcome in self.outcomes:
            # Every outcome that is drawn has an interval.
            low, high = outcome.ci or (outcome.estimate, outcome.estimate)
            middle = outcome.estimate
            yield (2 * middle - high if math.isinf(low) else low, 2 * middle - low if math.isinf(high) else high)

    def _words(self, lang: str) -> str:
        """Return what the plot shows, with the digits that were printed."""
        studies = []
        for name, (_, outcome), ends in zip(self.names(lang), self.outcomes, self._ends(), strict=True):
            low, high = (texts.as_given(lang, end) for end in ends)
            estimate = texts.as_given(lang, outcome.estimate)
            studies.append(f"{name} {estimate} ({texts.text(lang, 'range', low=low, high=high)})")
        return texts.text(lang, "plot.forest_alone_alt", studies="; ".join(studies))

    @property
    def doubtful(self) -> list[int]:
        """Places of the outcomes whose interval is not centred on the estimate."""
        return [
            place
            for place, (_, outcome) in enumerate(self.outcomes)
            if outcome.ci is not None
            and (printed := PrintedInterval(outcome.estimate, *outcome.ci)).two_sided
            and not printed.centred
        ]

    def paint(self, ax: Axes, lang: str) -> Axes:
        """Draw the plot."""
        _, first = self.outcomes[0]
        label = texts.text(lang, f"evidence.forest_{first.better}", intervention=getattr(first.intervention, lang))
        return plot.forest(
            self.estimates,
            self.errors,
            names=self.names(lang),
            intervals=self.intervals,
            doubtful=self.doubtful,
            label=label,
            lang=lang,
            ax=ax,
        )

    def block(self, lang: str) -> list[Block]:
        """Return the figure with its caption and what it shows in words."""
        _, first = self.outcomes[0]
        caption = texts.text(
            lang,
            "evidence.forest",
            intervention=getattr(first.intervention, lang),
            comparator=getattr(first.comparator, lang),
        )
        if self.doubtful:
            caption += " " + texts.text(lang, "evidence.forest_doubt")
        blocks: list[Block] = [
            # A caption has no full stop of its own.
            Figure(FOREST, self.identifier, caption.rstrip("."), self._words(lang))
        ]
        if self.left_out:
            text = texts.text(lang, "evidence.forest_left_out", names="; ".join(self.left_out))
            blocks.append(Paragraph(text))
        return blocks


def _error(outcome: Outcome) -> float | None:
    """Return the standard error that an interval implies, or None."""
    if outcome.ci is None:
        return None
    printed = PrintedInterval(outcome.estimate, *outcome.ci)
    if not printed.holds or outcome.ci[0] > outcome.ci[1]:
        return None
    from scipy.special import ndtri

    level = float(outcome.level)
    if printed.two_sided:
        error = float(outcome.ci[1] - outcome.ci[0]) / (2 * max(float(ndtri((1 + level) / 2)), _LEAST))
    else:
        end = next(float(each) for each in outcome.ci if float(each) not in (float("inf"), float("-inf")))
        error = abs(end - float(outcome.estimate)) / max(float(ndtri(level)), _LEAST)
    return error if error > 0 else None


def forests(dossier: Dossier) -> Iterator[Forest]:
    """Yield the forest plots of a dossier.

    Parameters
    ----------
    dossier : Dossier
        The dossier.

    Yields
    ------
    Forest
        One for each word that outcomes have as `forest`, with two or more outcomes to draw.
    """
    listed = [(study, outcome) for study in dossier.note.study for outcome in study.outcome]
    for name in dict.fromkeys(outcome.forest for _, outcome in listed if outcome.forest is not None):
        chosen = [each for each in listed if each[1].forest == name]
        drawn = tuple(each for each in chosen if _error(each[1]) is not None)
        left = tuple(study.name for study, outcome in chosen if _error(outcome) is None)
        if len(drawn) > 1:
            yield Forest(name, drawn, left)
