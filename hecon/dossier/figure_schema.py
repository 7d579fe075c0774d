"""Single figures that a source prints, and the relations that must hold between them."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from hecon.files.parts import FIGURE, Identifier, Number, Part, Reference, Status, Text, Words

__all__ = ["Figure", "FigureName", "Relation"]

FigureName = Annotated[str, Field(pattern=FIGURE)]


class Figure(Part):
    """A figure as printed: one number, a range from low to high, or a series such as a share for each year.

    Parameters
    ----------
    id : str
        Lower-case words joined by underscores: its name in the formulas of relations.
    name : Text
        What it is, in both languages.
    value, range, series : number, pair or numbers
        One of the three, with the digits that were printed.
    unit : Text or None
        Unit, such as "million euros" or "%"; None for a count.
    wording : str
        How it was hedged: "exactly", "about", "over", "nearly", "at most" or "at least".
    quantity : str or None
        What is measured. Figures of one quantity are one thing printed more than once, so they must agree.
    rows, arms : str or None, pair of str or None
        Look-alike rows that a reader compares, and which arm minus which; in one set of rows all should run one way.
    status, rule : str, Text or None
        "reported", "derived" (by a stated rule) or "assumed".
    note : Text or None
        What a reader must know.
    sources : tuple of Reference
        Where it is printed.
    """

    id: FigureName
    name: Text
    value: Number | None = None
    range: tuple[Number, Number] | None = None
    series: Annotated[tuple[Number, ...], Field(min_length=2)] | None = None
    unit: Text | None = None
    wording: Literal["exactly", "about", "over", "nearly", "at most", "at least"] = "exactly"
    quantity: Identifier | None = None
    rows: Identifier | None = None
    arms: tuple[Identifier, Identifier] | None = None
    status: Status = "reported"
    rule: Text | None = None
    note: Text | None = None
    sources: Annotated[tuple[Reference, ...], Field(min_length=1)]


class Relation(Part):
    """An equation between figures: the result should follow from the others by the formula.

    Parameters
    ----------
    result : str
        Id of a figure.
    formula : str
        Numbers and ids of figures with + - * / and brackets, as in ``episodes * share / 100``. Within a series it holds
        place by place.
    basis : Text
        Why it should hold.
    severity : str
        "inconsistent" where it must hold; "worth a look" where the sources only suggest it.
    sources : tuple of Reference
        Where the rule is stated, if it is.
    """

    result: FigureName
    formula: Words
    basis: Text
    severity: Literal["inconsistent", "worth a look"] = "inconsistent"
    sources: tuple[Reference, ...] = ()
