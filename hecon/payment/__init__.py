"""The payment experiment for COPD: a tariff for each treatment against a bundle price for each patient.

Costs of a treatment and caseloads are the caller's assumptions: no source reports them.
"""

from __future__ import annotations

from hecon.detection import detection_power, patients_needed
from hecon.payment.caseload import Caseload, SeverityClass
from hecon.payment.experiment import expected_with_demand, first_case, indicators, monitoring_table, term, terms
from hecon.payment.profits import (
    budget_neutral_price,
    expected_spending,
    loss_probability,
    profit,
    selection_gain,
    treatment_incentive,
    upcoding_gain,
)
from hecon.payment.schemes import Bundle, FeeForService, RiskCorridor, StopLoss
from hecon.payment.signals import (
    INDICATORS,
    risk_shifts,
    risk_signals,
    share_interval,
    simulate_claims,
)

__all__ = [
    "INDICATORS",
    "Bundle",
    "Caseload",
    "FeeForService",
    "RiskCorridor",
    "SeverityClass",
    "StopLoss",
    "budget_neutral_price",
    "detection_power",
    "expected_spending",
    "expected_with_demand",
    "first_case",
    "indicators",
    "loss_probability",
    "monitoring_table",
    "patients_needed",
    "profit",
    "risk_shifts",
    "risk_signals",
    "selection_gain",
    "share_interval",
    "simulate_claims",
    "term",
    "terms",
    "treatment_incentive",
    "upcoding_gain",
]
