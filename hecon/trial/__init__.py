"""Individual patient data to draws: quality of life, costs, imputation, regression and bootstrap."""

from hecon.trial.analysing import analyse, from_patients
from hecon.trial.analysis import TrialAnalysis
from hecon.trial.description import describe
from hecon.trial.imputation import Departure, impute
from hecon.trial.sensitivity import scenarios
from hecon.trial.subgroups import subgroups
from hecon.trial.table.checking import TrialData, trial_data
from hecon.trial.table.design import Design, design_of, read_design
from hecon.trial.table.reading import read_table
from hecon.trial.tipping import TippingMap, tipping_maps
from hecon.trial.valuation import productivity_cost, qalys, resource_cost

__all__ = [
    "Departure",
    "Design",
    "TippingMap",
    "TrialAnalysis",
    "TrialData",
    "analyse",
    "describe",
    "design_of",
    "from_patients",
    "impute",
    "productivity_cost",
    "qalys",
    "read_design",
    "read_table",
    "resource_cost",
    "scenarios",
    "subgroups",
    "tipping_maps",
    "trial_data",
]
