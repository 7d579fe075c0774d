"""What commands share: a whole number as an argument, and what goes to standard output, UTF-8 or not."""

from __future__ import annotations

import argparse
import sys
import textwrap
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from hecon.report.document import Table

# A first column narrower than this is no longer read as a line.
_NARROWEST = 20

__all__ = ["aligned", "fitted", "is_utf8", "show", "whole"]


def is_utf8() -> bool:
    """Tell whether standard output takes every character."""
    return (sys.stdout.encoding or "").lower().replace("-", "").replace("_", "") == "utf8"


def show(data: object) -> None:
    """Print plain data as JSON, escaped where the terminal needs it."""
    from hecon.report import plain_json

    print(plain_json.write(data, ascii_only=not is_utf8()), end="")


def whole(low: int, high: int) -> Callable[[str], int]:
    """Return what reads an argument that is a whole number in a range."""

    def number(value: str) -> int:
        # Longer than any number in range, so not worth converting.
        if not value.isdecimal() or len(value) > len(str(high)) or not low <= int(value) <= high:
            msg = f"must be a whole number from {low} to {high}, got {value!r}"
            raise argparse.ArgumentTypeError(msg)
        return int(value)

    return number


def aligned(table: Table) -> str:
    """Return a table in columns, without its caption."""
    widths = [max(len(row[i]) for row in (table.header, *table.rows)) for i in range(len(table.header))]

    def line(cells: Sequence[str]) -> str:
        padded = (
            cell.rjust(width) if i in table.numeric else cell.ljust(width)
            for i, (cell, width) in enumerate(zip(cells, widths, strict=True))
        )
        return "  ".join(padded).rstrip()

    rule = "  ".join("-" * width for width in widths)
    return "\n".join([line(table.header), rule, *(line(row) for row in table.rows)])


def fitted(table: Table, width: int) -> str | None:
    """Return a table in columns, its headings and first column wrapped to a width; None if it does not fit."""
    widths = [
        max(*(len(word) for word in head.split(" ")), *(len(row[i]) for row in table.rows))
        for i, head in enumerate(table.header)
    ]
    room = width - sum(widths[1:]) - 2 * (len(widths) - 1)
    if room < min(_NARROWEST, widths[0]):
        return None
    widths[0] = min(room, widths[0])

    def lines(cells: Sequence[str]) -> list[str]:
        parts = [textwrap.wrap(cell, each) or [""] for cell, each in zip(cells, widths, strict=True)]
        height = max(map(len, parts))
        return [
            "  ".join(
                line.rjust(each) if i in table.numeric else line.ljust(each)
                for i, (line, each) in enumerate(zip(row, widths, strict=True))
            ).rstrip()
            for row in zip(*(part + [""] * (height - len(part)) for part in parts), strict=True)
        ]

    rule = "  ".join("-" * each for each in widths)
    return "\n".join([*lines(table.header), rule, *(line for row in table.rows for line in lines(row))])
