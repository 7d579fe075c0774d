"""The Zorginstituut's rules: burden of disease, reference values and the verdict."""

from __future__ import annotations

from hecon.zin.burden import BANDS, REFERENCE_VALUES, BurdenBand, burden_band, reference_value
from hecon.zin.judgement import COST_EFFECTIVE, NOT_COST_EFFECTIVE, Judgement, across_perspectives, judge, words
from hecon.zin.verdicts import verdict

__all__ = [
    "BANDS",
    "COST_EFFECTIVE",
    "NOT_COST_EFFECTIVE",
    "REFERENCE_VALUES",
    "BurdenBand",
    "Judgement",
    "across_perspectives",
    "burden_band",
    "judge",
    "reference_value",
    "verdict",
    "words",
]
