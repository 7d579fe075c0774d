"""Control characters in text: escaped or replaced before a terminal or page interprets them."""

from __future__ import annotations

import re

# C0 without tab and line end, DEL, C1, surrogates, line and paragraph separators, and direction marks.
_SEPARATORS = r"\u2028\u2029"
_DIRECTIONS = r"\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"
_CONTROL = re.compile(rf"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff{_SEPARATORS}{_DIRECTIONS}]")
# Those that json.dumps leaves.
_IN_JSON = re.compile(rf"[\x7f-\x9f\ud800-\udfff{_SEPARATORS}{_DIRECTIONS}]")
_LINE_ENDS = re.compile(r"[\x0b-\r\x85\u2028\u2029]")
_CONTROLS = re.compile(r"[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff]")
# A line end of another source: the lines of a list of faults are indented.
_FOREIGN_END = re.compile(r"\n(?!  )")
# XML takes no such characters, though Unicode has them.
_NONCHARACTERS = re.compile("[\ufffe\uffff]")
_NAMED = {"\n": r"\n", "\r": r"\r", "\t": r"\t"}


def _escaped(match: re.Match[str]) -> str:
    """Return a character as an escape of Python."""
    sign = match.group()
    return _NAMED.get(sign) or (f"\\x{ord(sign):02x}" if ord(sign) < 0x80 else f"\\u{ord(sign):04x}")  # noqa: PLR2004


def escape(text: str) -> str:
    r"""Return text with control characters, separators and direction marks escaped, as ``\x1b``; line ends stay."""
    return _CONTROL.sub(_escaped, text)


def escape_message(text: str) -> str:
    """Return a message as `escape` does, line ends among it unless an indented line follows."""
    return _FOREIGN_END.sub(r"\\n", escape(text))


def one_line(text: str) -> str:
    """Return text as `escape` does, line ends and tabs among it."""
    return re.sub(r"[\n\t]", _escaped, escape(text))


def escape_json(text: str) -> str:
    r"""Return JSON with the characters that ``json.dumps`` leaves escaped as ``\u009b``."""
    return _IN_JSON.sub(lambda match: f"\\u{ord(match.group()):04x}", text)


def replace(text: str) -> str:
    r"""Return text for a page: a space for each line end but ``\n``, U+FFFD for other control characters."""
    return _CONTROLS.sub("\N{REPLACEMENT CHARACTER}", _LINE_ENDS.sub(" ", text))


def replace_in_xml(text: str) -> str:
    """Return text as `replace` does, U+FFFD for what XML does not hold among it."""
    return _NONCHARACTERS.sub("\N{REPLACEMENT CHARACTER}", replace(text))
