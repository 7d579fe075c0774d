"""Faults of a file, (path, message), and the words that messages share."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import is_dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any, NamedTuple

from hecon.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

Fault = tuple[str, str]
# Keys and places in lists.
Path = tuple[str | int, ...]

# Keys that need no quotes, and the last step of a path (of a path of another form its last character).
_PLAIN = re.compile(r'[^.\[\]"]+')
_LAST = re.compile(r'(?:\[\d+\]|(?:^|\.)(?:[^.\[\]"]+|"(?:[^"\\]|\\.)*")|.)\Z', re.DOTALL)
_THOUSANDTHS = -3
_LARGEST = 10**30
_LONGEST = 60
_PLACE = re.compile(r"\[\d+\]")
# Most places that are told one by one where one rule is broken alike, and most that are named where they are told once.
APART, _NAMED = 2, 10
# Some 3,000 digits, below Python's limit for writing out an integer.
_LONGEST_BITS = 10_000


class BrokenRule(NamedTuple):
    """A broken rule: path as keys and places, rule, value as shown, and hint with what joins it to the message."""

    path: Path
    rule: str
    value: str = ""
    hint: str = ""

    @property
    def message(self) -> str:
        """The message without its path."""
        return f"{self.rule}{f', got {self.value}' if self.value else ''}{self.hint}"

    @property
    def fault(self) -> Fault:
        """Path as in the file, and message."""
        return path_of(*self.path), self.message


def path_of(*steps: str | int) -> str:
    """Return a path as in comparison[0].statistic[2].mean or perspective."hospital.care"."""
    text = ""
    for step in steps:
        key = f"[{step}]" if isinstance(step, int) else _quoted(step)
        text += f".{key}" if text and isinstance(step, str) else key
    return text


def _quoted(key: str) -> str:
    return key if _PLAIN.fullmatch(key) else '"' + key.replace("\\", r"\\").replace('"', r"\"") + '"'


def folded(faults: Iterable[Fault]) -> list[tuple[str, str]]:
    """Return the faults by cause, each as its first path and a line of text; none stands twice.

    What more than two entries of a list break alike, with one message at one key, is one cause: its number and the
    first places are told.
    """
    causes: dict[tuple[str, str], list[str]] = {}
    for path, message in dict.fromkeys(faults):
        causes.setdefault((_PLACE.sub("[]", path), message), []).append(path)
    result = []
    for (_, message), paths in causes.items():
        if len(paths) > APART:
            result.append((paths[0], f"{len(paths)} places ({first_of(paths)}): {message}"))
        else:
            result += [(path, f"{path}: {message}") for path in paths]
    return result


def first_of(items: Iterable[str], most: int = _NAMED) -> str:
    """Return the first items, and how many more there are."""
    every = list(items)
    more = f" and {len(every) - most} more" if len(every) > most else ""
    return ", ".join(every[:most]) + more


def parent_of(path: str) -> str:
    """Return the path of the table or list that holds a value; empty at the top."""
    return _LAST.sub("", path)


def tables(tree: Any, key: str) -> Iterator[tuple[int, dict[str, Any]]]:  # noqa: ANN401
    """Yield the tables of a list with their places; anything else is a fault of the schema."""
    items = tree.get(key, ()) if isinstance(tree, dict) else ()
    for position, item in enumerate(items if isinstance(items, (list, tuple)) else ()):
        if isinstance(item, dict):
            yield position, item


def collect_error(path: str, check: Callable[[], object]) -> Iterator[Fault]:
    """Yield the message of a check that refuses, as a fault at a path."""
    try:
        check()
    except InputError as error:
        yield path, str(error)


def repeated(values: Iterable[tuple[str, Any]], kind: type = str) -> Iterator[Fault]:
    """Yield each value of a kind, given with its path, that stands twice."""
    seen: set[Any] = set()
    for path, value in values:
        if not isinstance(value, kind):
            continue
        if value in seen:
            yield path, f"must be unique, got {shown(value)} again"
        seen.add(value)


def repeated_ids(tree: dict[str, Any], *keys: str) -> Iterator[Fault]:
    """Yield each id that stands twice in one of these lists of tables."""
    for key in keys:
        yield from repeated((path_of(key, position, "id"), item.get("id")) for position, item in tables(tree, key))


def ids_in(tree: dict[str, Any], key: str) -> list[str]:
    """Return the ids of a list of tables, of those at fault as well."""
    return [item["id"] for _, item in tables(tree, key) if isinstance(item.get("id"), str)]


def may_be_thousands(value: Any) -> bool:  # noqa: ANN401
    """Tell whether a number has three decimals: TOML reads the Dutch 12.300 as 12.3, clean and false."""
    return isinstance(value, Decimal) and value.is_finite() and value.as_tuple().exponent == _THOUSANDTHS


def values_under(raw: Any, keys: Iterable[str]) -> Iterator[tuple[str, Any]]:  # noqa: ANN401
    """Yield the values under these keys, of a list each one."""
    for key in keys:
        value = raw.get(key) if isinstance(raw, dict) else None
        yield from ((key, number) for number in (value if isinstance(value, tuple) else (value,)))


def thousands(raw: Any, keys: Iterable[str], path: str, what: str = "an amount of money") -> Iterator[Fault]:  # noqa: ANN401
    """Yield the numbers under these keys whose thousands separator was read as a decimal point."""
    for key, number in values_under(raw, keys):
        if may_be_thousands(number):
            # A thousands separator follows no 0.
            remedy = f"write {str(number).replace('.', '')}" if abs(number) >= 1 else "give two at most"
            yield f"{path}.{key}", f"must be {what}, got {number} with three decimals: {remedy}"


def endless_numbers(node: Any, *steps: str | int) -> Iterator[Fault]:  # noqa: ANN401
    """Yield the integers of a parsed file that Python refuses to print."""
    if isinstance(node, int) and node.bit_length() > _LONGEST_BITS:
        yield path_of(*steps), "must be finite, and 0 or between 1e-30 and 1e30 in size, got a number beyond 1e30"
    elif isinstance(node, (dict, tuple)):
        for step, value in node.items() if isinstance(node, dict) else enumerate(node):
            yield from endless_numbers(value, *steps, step)


def shown(value: Any) -> str:  # noqa: ANN401
    """Return a value as a message shows it: short, in TOML's words."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (list, tuple)):
        return "a list"
    if isinstance(value, Mapping) or is_dataclass(value) or hasattr(value, "model_fields"):
        return "a table"
    if isinstance(value, int) and abs(value) > _LARGEST:
        return "a number beyond 1e30"
    text = repr(value) if isinstance(value, str) else str(value).replace("Infinity", "inf").replace("NaN", "nan")
    return text if len(text) <= _LONGEST else text[:_LONGEST] + "..."


def nearest(name: str, known: Iterable[object], *, at_most: int = 1, alike: float = 0.6) -> list[str]:
    """Return the names like this one, best first; `alike` is from 0 (anything) to 1 (the same)."""
    import difflib

    # Capitals make no other name; of several that differ by these alone the first is meant.
    plain: dict[str, str] = {}
    for known_name in map(str, known):
        plain.setdefault(known_name.casefold(), known_name)
    found = difflib.get_close_matches(name.casefold(), plain, n=at_most, cutoff=alike)
    return [plain[each] for each in found]


def near(name: str, known: Iterable[object], *, listed: str = "", alike: float = 0.6) -> str:
    """Return the hint for an unknown name: the nearest one, otherwise all after the words of `listed`."""
    names = [str(known_name) for known_name in known]
    close = nearest(name, names, alike=alike)
    if close:
        return f"; did you mean {close[0]!r}?"
    return f"; {listed} {', '.join(names) or 'none'}" if listed else ""
