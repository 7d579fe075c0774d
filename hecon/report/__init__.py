"""From an assessment to what people read: one document model, and a writer for each format.

The verb is loaded when first used: the command line asks for the formats alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from hecon.report.summaries import Summary, summary

__all__ = ["Summary", "summary"]


def __getattr__(name: str) -> Any:  # noqa: ANN401
    if name in __all__:
        from hecon.report import summaries

        return getattr(summaries, name)
    msg = f"module 'hecon.report' has no attribute {name!r}"
    raise AttributeError(msg)


def __dir__() -> list[str]:
    return list(__all__)
