"""From an assessment to what people read: one document model, and a writer for each format."""

from __future__ import annotations

from hecon.report.summaries import FORMATS, Summary, summary

__all__ = ["FORMATS", "Summary", "summary"]
