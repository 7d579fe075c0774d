"""The keys of a trial's design as a page, from the JSON Schema that ``hecon schema --design`` prints."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from hecon.trial import Design

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

Schema = dict[str, Any]
_KINDS = {"string": "text", "integer": "whole number", "number": "number", "boolean": "true or false", "null": ""}
_LIMITS = {"minimum": "from", "exclusiveMinimum": "above", "maximum": "to", "exclusiveMaximum": "below"}


def kind(rule: Schema) -> str:
    """Return in words what a key takes."""
    if "anyOf" in rule:
        return " or ".join(dict.fromkeys(filter(None, map(kind, rule["anyOf"]))))
    if "$ref" in rule:
        return "table"
    if "enum" in rule or "const" in rule:
        return " or ".join(f"``{_toml(each)}``" for each in rule.get("enum", [rule.get("const")]))
    if rule["type"] == "array":
        inner = [rule["items"]] if "items" in rule else rule["prefixItems"]
        return f"list of {' and '.join(map(kind, inner))}"
    if rule["type"] == "object":
        (inner,) = rule.get("patternProperties", {"": rule.get("additionalProperties")}).values()
        return f"table of names, each with {kind(inner)}"
    limits = [f"{word} {rule[key]:g}" for key, word in _LIMITS.items() if key in rule]
    return " ".join([_KINDS[rule["type"]], *limits])


def _toml(value: object) -> str:
    if isinstance(value, str):
        return '"' + value.replace("\\", r"\\").replace("\t", r"\t") + '"'
    if isinstance(value, (list, tuple)):
        return f"[{', '.join(map(_toml, value))}]"
    return str(value).lower() if isinstance(value, bool) else f"{value:g}"


def _text(words: str) -> str:
    """Return a description with keys as literals and names of the package as links."""
    return re.sub(r"`([^`]+)`", lambda name: name[0] if name[1].startswith("hecon.") else f"`{name[0]}`", words)


def _table(rule: Schema) -> str | None:
    """Return the name of the table that a key holds."""
    refs = [each.get("$ref") for each in (rule, rule.get("items", {}), *rule.get("anyOf", ()))]
    return next((ref.rpartition("/")[2] for ref in refs if ref), None)


def _key(name: str, rule: Schema, *, needed: bool) -> str:
    default = rule.get("default")
    notes = [kind(rule), "needed" if needed else ""]
    default = None if needed else default
    notes += [f"default ``{_toml(default)}``"] if default not in (None, [], "") else []
    return f"``{name}`` : {', '.join(filter(None, notes))}\n    {_text(rule['description'])}\n"


def _section(title: str, about: str, part: Schema) -> Iterator[str]:
    yield f"{title}\n{'~' * len(title)}\n\n{_text(about)}\n"
    for name, rule in part["properties"].items():
        yield _key(name, rule, needed=name in part.get("required", ()))


def page() -> str:
    """Return the keys, table by table, in reStructuredText."""
    schema = Design.json_schema()
    parts, needed = schema["$defs"], schema["required"]
    plain = {name: rule for name, rule in schema["properties"].items() if not _table(rule) and "items" not in rule}
    mappings = {name: plain.pop(name) for name in [*plain] if plain[name]["type"] == "object"}
    blocks = list(_section("Above all tables", "", {"properties": plain, "required": needed}))
    for name, rule in schema["properties"].items():
        demand = "Needed." if name in needed else "Optional."
        if name in mappings:
            blocks += _section(f"[{name}]", f"{rule['description']} {demand}", {"properties": {}})
        part = parts.get(_table(rule))
        if part is None:
            continue
        title = f"[[{name}]]" if rule.get("type") == "array" else f"[{name}]"
        blocks += _section(title, f"{part['description']} {demand}", part)
        for key, each in part["properties"].items():
            inner = _table(each)
            if inner:
                blocks += _section(f"{key} of a {title}", parts[inner]["description"], parts[inner])
    return "\n".join(blocks)


def write(folder: Path) -> None:
    """Write ``design-keys.rst``, which the page on the design includes."""
    (folder / "design-keys.rst").write_text(page(), encoding="utf-8")
