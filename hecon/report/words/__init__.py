"""Results in words: of a verdict, of a burden of disease, of a clinical effect, and the numbers of a comparison."""

from __future__ import annotations

from hecon.report.words.burdens import burden_words
from hecon.report.words.findings import finding_words
from hecon.report.words.studies import clinical_words
from hecon.report.words.verdicts import verdict_words

__all__ = ["burden_words", "clinical_words", "finding_words", "verdict_words"]
