"""What goes to standard output, and how it stays whole on a terminal or in a pipe that is not UTF-8."""

from __future__ import annotations

import sys

__all__ = ["is_utf8", "show"]


def is_utf8() -> bool:
    """Tell whether standard output takes every character."""
    return (sys.stdout.encoding or "").lower().replace("-", "").replace("_", "") == "utf8"


def show(data: object) -> None:
    """Print plain data as JSON, escaped where the terminal needs it."""
    from hecon.report import plain_json

    print(plain_json.write(data, ascii_only=not is_utf8()), end="")
