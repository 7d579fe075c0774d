"""The finding of an audit: one record for every relation."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from hecon._display import displayed
from hecon.printed.numbers import Digits

if TYPE_CHECKING:
    from fractions import Fraction

    from hecon.dossier.figures import PrintedFigure
    from hecon.files.parts import Reference, Text

# From the worst on: wrong whatever was rounded, to what rounding explains.
SEVERITIES = ("impossible", "inconsistent", "worth a look", "rounding only")
# fmt: off
RELATIONS = (
    "holds", "order", "sign", "centred", "ratio", "arms", "adjusted", "said_adjusted", "p", "se", "spread", "width",
    "percentage", "total", "probability", "predicted", "perspectives", "quadrant", "quantity", "formula", "direction",
)
# fmt: on

Numbers = dict[str, Digits]
# The kind of the smallest corrections and the numbers after each.
Repair = tuple[str, tuple[Numbers, ...]]


@displayed
@dataclass(frozen=True)
class Finding:
    """Printed numbers that cannot be true together, or are worth a look.

    Parameters
    ----------
    severity : str
        "impossible" (whatever was rounded), "inconsistent" (unless the interval is not symmetrical, or the figures are
        of other things than their names say), "worth a look", or "rounding only" (not equal as printed, but within what
        rounding allows).
    relation : str
        "holds" (an interval holds its estimate), "order" (its ends run upwards), "sign" (estimate and middle of the
        interval on the same side of 0), "centred" (estimate in the middle), "ratio" (a ratio is that of the
        differences), "quadrant" (as stated, and as the signs have it), "arms" (a difference is that of the arms;
        "adjusted" where it may have been adjusted, "said_adjusted" where it was), "p" (p value and interval or
        spread), "spread" (standard error and interval of a difference), "se" (standard error from SD and n),
        "width" (of an interval from SDs and n), "percentage" (of a count), "total" (the arms together are the
        study), "probability" (cost-effective above one half where net benefit is positive), "predicted" (what was
        kept as a check follows from the other statistics), "perspectives" (of one trial have one difference in
        effect), "quantity" (one thing printed more than once), "formula" (a figure follows from others) or
        "direction" (which arm minus which).
    paths : tuple of str
        Places in the file.
    study : str
        Study or trial; empty for single figures.
    subject : Text or None
        What the numbers are of, in both languages; None where `kind` tells.
    kind : str
        "outcome", "cost-difference", "effect-difference", "cost-arms", "effect-arms", "icer", "p-cost-effective",
        "p-effect-above", "patients", "crossover" or "figure".
    numbers : dict of str to number
        As printed.
    expected : (float, float) or None
        Lowest and highest value that the other numbers allow, where one of them follows from the rest.
    repair : str
        Kind of the smallest correction that would mend it: "sign", "turned", "order", "extra_digit", "digit", "count"
        (a count was read as a percentage), "arm" (a number of patients is one arm's), or empty.
    repaired : tuple of dict
        The numbers after each such correction.
    figures : tuple of Figure
        The single figures concerned.
    stated : str
        The quadrant that a source states, for that relation.
    place : int or None
        Place in a series, counted from 1, where the figures do not agree.
    basis : Text or None
        Why the relation should hold, where the file states it.
    sources : tuple of Reference
        Where they are printed.
    cut_off : bool
        Whether a ratio or formula would hold if digits had been cut off instead of rounded: then worth a look.
    """

    severity: str
    relation: str
    paths: tuple[str, ...]
    study: str
    subject: Text | None
    kind: str
    numbers: Numbers
    expected: tuple[float, float] | None = None
    repair: str = ""
    repaired: tuple[Numbers, ...] = ()
    figures: tuple[PrintedFigure, ...] = ()
    stated: str = ""
    place: int | None = None
    basis: Text | None = None
    sources: tuple[Reference, ...] = ()
    cut_off: bool = False

    @property
    def path(self) -> str:
        """Place in the file of the first number concerned."""
        return self.paths[0]


def finding(
    severity: str,
    relation: str,
    paths: tuple[str, ...],
    kind: str,
    numbers: Numbers,
    *,
    study: str = "",
    subject: Text | None = None,
    expected: tuple[Fraction, Fraction] | tuple[float, float] | None = None,
    mended: Repair = ("", ()),
    **about: Any,  # noqa: ANN401 (other fields of the record)
) -> Finding:
    """Return a finding, with what was expected as floats."""
    about["expected"] = None if expected is None else tuple(map(_as_float, expected))
    about["repair"], about["repaired"] = mended
    return Finding(severity, relation, paths, study, subject, kind, numbers, **about)


def _as_float(value: Fraction | float) -> float:
    try:
        return float(value)
    except OverflowError:
        return math.inf if value > 0 else -math.inf
