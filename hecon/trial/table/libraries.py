"""Libraries that read kinds of files, and need not be installed."""

from __future__ import annotations

import importlib
from typing import Any

from hecon.errors import HeconError

__all__ = ["library"]

_ARTICLES = {"Excel": "an", "SPSS": "an"}


def library(name: str, kind: str) -> Any:  # noqa: ANN401
    """Return the library that reads a kind of file, or raise an error that says how it is installed."""
    try:
        return importlib.import_module(name)
    except ImportError:
        top = name.partition(".")[0]
        article = _ARTICLES.get(kind, "a")
        msg = f'reading {article} {kind} file needs {top}, which is not installed: pip install "hecon[readers]"'
        raise HeconError(msg) from None
