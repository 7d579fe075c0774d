"""The payment experiment for COPD: a tariff for each treatment against a bundle price for each patient.

Costs of a treatment and caseloads are the caller's assumptions: no source reports them.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from hecon.detection import detection_power, patients_needed
from hecon.payment.caseload import Caseload, SeverityClass
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
    expected_with_demand,
    risk_shifts,
    risk_signals,
    share_interval,
    simulate_claims,
)

if TYPE_CHECKING:
    from hecon.payment.experiment import first_case, indicators, monitoring_table, term, terms

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


def __getattr__(name: str) -> Any:  # noqa: ANN401
    # The schema of the experiment's file is slow to import.
    if name in __all__:
        return getattr(importlib.import_module("hecon.payment.experiment"), name)
    msg = f"module 'hecon.payment' has no attribute {name!r}"
    raise AttributeError(msg)


def __dir__() -> list[str]:
    return sorted(__all__)
