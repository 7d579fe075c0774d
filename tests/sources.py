"""The modules of the package as trees of syntax, parsed once in a process for all tests that read them."""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path

import hecon

PACKAGE = Path(hecon.__file__).parent


@cache
def nodes() -> dict[Path, tuple[ast.AST, ...]]:
    """Return all nodes of each module, its own first: read them, and change none."""
    texts = {path: path.read_text(encoding="utf-8") for path in sorted(PACKAGE.rglob("*.py"))}
    return {path: tuple(ast.walk(ast.parse(text))) for path, text in texts.items()}
