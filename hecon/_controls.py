"""Control characters in text: escape or replace what a terminal, a page or a reader would obey instead of show."""

from __future__ import annotations

import re

__all__ = ["escape", "escape_json", "escape_message", "one_line", "replace"]

# C0 without tab and line end, DEL, C1, halves of surrogate pairs, line and paragraph separator; and the marks,
# embeddings, overrides and isolates that turn the writing direction of what stands beside them.
_SEPARATORS = r"\u2028\u2029"
_DIRECTIONS = r"\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"
_OBEYED = re.compile(rf"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff{_SEPARATORS}{_DIRECTIONS}]")
# What json.dumps leaves as it is.
_IN_JSON = re.compile(rf"[\x7f-\x9f\ud800-\udfff{_SEPARATORS}{_DIRECTIONS}]")
_LINE_ENDS = re.compile(r"[\x0b-\r\x85\u2028\u2029]")
_CONTROLS = re.compile(r"[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff]")
# A line end that hecon did not write: a list of faults has an indented line for each.
_FOREIGN_END = re.compile(r"\n(?!  )")
_NAMED = {"\n": r"\n", "\r": r"\r", "\t": r"\t"}


def _escaped(match: re.Match[str]) -> str:
    """Return a character as Python would write it in a string."""
    sign = match.group()
    return _NAMED.get(sign) or (f"\\x{ord(sign):02x}" if ord(sign) < 0x80 else f"\\u{ord(sign):04x}")  # noqa: PLR2004


def escape(text: str) -> str:
    r"""Return text with control characters, separators and direction marks escaped, as ``\x1b``; line ends stay."""
    return _OBEYED.sub(_escaped, text)


def escape_message(text: str) -> str:
    """Return a message as `escape` does, line ends among it unless an indented line follows."""
    return _FOREIGN_END.sub(r"\\n", escape(text))


def one_line(text: str) -> str:
    """Return text as `escape` does, line ends and tabs among it."""
    return re.sub(r"[\n\t]", _escaped, escape(text))


def escape_json(text: str) -> str:
    r"""Return JSON with what ``json.dumps`` leaves of such characters written as ``\u009b``: it reads as the same."""
    return _IN_JSON.sub(lambda match: f"\\u{ord(match.group()):04x}", text)


def replace(text: str) -> str:
    """Return text for a page: a space for each line end but the plain one, U+FFFD for each other control character."""
    return _CONTROLS.sub("\N{REPLACEMENT CHARACTER}", _LINE_ENDS.sub(" ", text))
