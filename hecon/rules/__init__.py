"""Rules of a country applied: burden of disease, reference values, the verdict and the package criteria."""

from __future__ import annotations

from hecon.rules.bands import burden_band
from hecon.rules.burden import band_probabilities, reference_value, shortfall, years_to_band
from hecon.rules.package_criteria import Judged, criteria
from hecon.rules.population import LifeTable, Norms, life_expectancy, population_qale, tables
from hecon.rules.verdicts import verdict, weighted

__all__ = [
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
    "weighted",
    "years_to_band",
]
