"""The Zorginstituut's rules: burden of disease, reference values and the verdict."""

from __future__ import annotations

from hecon.zin.burden import BANDS, REFERENCE_VALUES, BurdenBand, burden_band, reference_value
from hecon.zin.cohorts import STARTS, life_expectancy, population_qale
from hecon.zin.judgement import COST_EFFECTIVE, NOT_COST_EFFECTIVE, Judgement, across_perspectives, judge
from hecon.zin.package_criteria import CRITERIA, JUDGEMENTS, Criteria, Judged, criteria
from hecon.zin.population import LifeTable, Norms, tables
from hecon.zin.prognosis import Course
from hecon.zin.shortfalls import Shortfall, shortfall, years_to_band
from hecon.zin.verdicts import band_probabilities, integrated, verdict

__all__ = [
    "BANDS",
    "COST_EFFECTIVE",
    "CRITERIA",
    "JUDGEMENTS",
    "NOT_COST_EFFECTIVE",
    "REFERENCE_VALUES",
    "STARTS",
    "BurdenBand",
    "Course",
    "Criteria",
    "Judged",
    "Judgement",
    "LifeTable",
    "Norms",
    "Shortfall",
    "across_perspectives",
    "band_probabilities",
    "burden_band",
    "criteria",
    "integrated",
    "judge",
    "life_expectancy",
    "population_qale",
    "reference_value",
    "shortfall",
    "tables",
    "verdict",
    "years_to_band",
]
