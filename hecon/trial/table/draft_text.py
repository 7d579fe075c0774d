"""A draft in TOML: lines with a comment for each guess, and questions for what could not be guessed."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from hecon._controls import one_line
from hecon.trial.table.cells import code_text

_LINE = 100
_QUESTION = "# FILL IN"


@dataclass
class DraftText:
    """Lines of TOML; a guess has a comment with why, a line to fill in what is asked."""

    lines: list[str] = field(default_factory=list)

    def table(self, header: str) -> None:
        """Begin a table."""
        self.lines += ["", header]

    def say(self, comment: str) -> None:
        """Add a comment on lines of its own."""
        words, line = one_line(comment).split(" "), "#"
        for word in words:
            if len(line) + len(word) >= _LINE:
                self.lines.append(line)
                line = "#"
            line += f" {word}"
        self.lines.append(line)

    def key(self, key: str, value: Any, why: str = "") -> None:  # noqa: ANN401
        """Add a key, below why it was guessed."""
        if why:
            self.say(f"guessed: {why}")
        self.lines.append(f"{key} = {toml_of(value)}")

    @property
    def body(self) -> str:
        """The lines as one text."""
        return "\n".join(self.lines) + "\n"

    @property
    def questions(self) -> tuple[tuple[int, str], ...]:
        """The line to be filled in below each question, and its key."""
        lines, result = self.body.splitlines(), []
        for place, line in enumerate(lines):
            if line.startswith(_QUESTION):
                at = next(number for number in range(place, len(lines)) if not lines[number].startswith("#"))
                result.append((at + 1, lines[at].partition(" =")[0]))
        return tuple(result)

    def ask(self, key: str, question: str, value: Any = "") -> None:  # noqa: ANN401
        """Add a key to be filled in."""
        self.say(f"FILL IN: {question}")
        self.lines.append(f"{key} = {toml_of(value)}")


def toml_of(value: Any) -> str:  # noqa: ANN401
    """Return a value as TOML."""
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{toml_of(key)} = {toml_of(each)}" for key, each in value.items()) + " }"
    if isinstance(value, (list, tuple)):
        return _toml_list(list(value))
    return str(value).lower() if isinstance(value, bool) else code_text(float(value))


def _toml_list(values: list[Any]) -> str:
    inner = [toml_of(each) for each in values]
    line = f"[{', '.join(inner)}]"
    nested = any(isinstance(each, (list, tuple)) and each and isinstance(each[0], str) for each in values)
    return "[\n" + "".join(f"    {each},\n" for each in inner) + "]" if nested or len(line) > _LINE else line
