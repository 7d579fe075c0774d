"""Individual patient data to draws: quality of life, costs, imputation, regression and bootstrap."""

from hecon.trial.analysing import METHODS, analyse, from_patients
from hecon.trial.analysis import CompleteCase, PerspectiveAnalysis, TrialAnalysis, draws_of
from hecon.trial.costing import productivity_cost, resource_cost
from hecon.trial.description import Description, Row, describe
from hecon.trial.estimate import Estimate, Spread
from hecon.trial.imputation import Departure, Imputation, Variables, impute
from hecon.trial.qaly import discount_factors, qaly_weights, qalys
from hecon.trial.sensitivity import SCENARIOS, Scenario, scenarios
from hecon.trial.soundness import Variation
from hecon.trial.spread import BootstrapThenImputation, Pooled, Resampled, pool
from hecon.trial.table.checking import TrialData, trial_data
from hecon.trial.table.design import (
    Absence,
    Analysis,
    Arm,
    Cluster,
    Cost,
    Covariate,
    Dates,
    Design,
    Table,
    Utility,
    design_of,
    read_design,
)
from hecon.trial.table.outcomes import CostItem
from hecon.trial.table.reading import read_table
from hecon.trial.table.record import ArmValue, MissingCells, TableReading

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
    "Spread",
    "Table",
    "TableReading",
    "TrialAnalysis",
    "TrialData",
    "Utility",
    "Variables",
    "Variation",
    "analyse",
    "describe",
    "design_of",
    "discount_factors",
    "draws_of",
    "from_patients",
    "impute",
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
