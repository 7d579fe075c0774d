"""Individual patient data to draws: quality of life, costs, imputation, regression and bootstrap."""

from hecon.patients.analysing import METHODS, analyse
from hecon.patients.analysis import CompleteCase, PerspectiveAnalysis, TrialAnalysis
from hecon.patients.costing import productivity_cost, resource_cost
from hecon.patients.description import Description, Row, describe
from hecon.patients.drawing import draws_of, from_patients
from hecon.patients.imputation import Departure, Imputation, impute
from hecon.patients.models.glm import cost_regression
from hecon.patients.models.mixed import mixed_model
from hecon.patients.qaly import discount_factors, qaly_weights, qalys
from hecon.patients.rubin import Estimate, Pooled, pool
from hecon.patients.sensitivity import SCENARIOS, Scenario, scenarios
from hecon.patients.spread import BootstrapThenImputation, Resampled
from hecon.patients.table.checking import CostItem, TrialData, trial_data
from hecon.patients.table.design import Absence, Analysis, Arm, Cluster, Cost, Covariate, Dates, Design, Table, Utility
from hecon.patients.table.design_reading import design_of, read_design
from hecon.patients.table.reading import read_table
from hecon.patients.table.record import ArmValue, MissingCells, TableReading
from hecon.patients.variables import Variables
from hecon.patients.variation import Variation

__all__ = [
    "METHODS",
    "SCENARIOS",
    "Absence",
    "Analysis",
    "Arm",
    "ArmValue",
    "BootstrapThenImputation",
    "Cluster",
    "CompleteCase",
    "Cost",
    "CostItem",
    "Covariate",
    "Dates",
    "Departure",
    "Description",
    "Design",
    "Estimate",
    "Imputation",
    "MissingCells",
    "PerspectiveAnalysis",
    "Pooled",
    "Resampled",
    "Row",
    "Scenario",
    "Table",
    "TableReading",
    "TrialAnalysis",
    "TrialData",
    "Utility",
    "Variables",
    "Variation",
    "analyse",
    "cost_regression",
    "describe",
    "design_of",
    "discount_factors",
    "draws_of",
    "from_patients",
    "impute",
    "mixed_model",
    "pool",
    "productivity_cost",
    "qaly_weights",
    "qalys",
    "read_design",
    "read_table",
    "resource_cost",
    "scenarios",
    "trial_data",
]
