"""The Zorginstituut's rules: the verbs of `hecon.rules`, whose default is the Dutch rule set."""

from __future__ import annotations

from hecon.rules import (
    Judged,
    LifeTable,
    Norms,
    band_probabilities,
    burden_band,
    criteria,
    life_expectancy,
    population_qale,
    reference_value,
    shortfall,
    tables,
    verdict,
    years_to_band,
)
from hecon.rulesets import ruleset

__all__ = [
    "BANDS",
    "REFERENCE_VALUES",
    "Judged",
    "LifeTable",
    "Norms",
    "band_probabilities",
    "burden_band",
    "criteria",
    "life_expectancy",
    "population_qale",
    "reference_value",
    "shortfall",
    "tables",
    "verdict",
    "years_to_band",
]

BANDS = ruleset("nl").values_on().bands
REFERENCE_VALUES = ruleset("nl").values_on().reference
