"""Negative amounts in a text, as the languages write them: the minus stands before the sign of the currency."""

from __future__ import annotations

import re

__all__ = ["NEGATIVE", "joined"]

# A browser and an office suite may end a line between the minus and the sign of the currency.
NEGATIVE = re.compile("\N{MINUS SIGN}[^\\s\\d<>&;]{1,4}\N{NO-BREAK SPACE}?\\d(?:[\\d.,]*\\d)?")
_JOINER = "\N{ZERO WIDTH JOINER}"


def joined(text: str) -> str:
    """Return text with a joiner after the minus of each negative amount, which Word calls a no-width non break."""
    return NEGATIVE.sub(lambda found: found.group()[0] + _JOINER + found.group()[1:], text)
