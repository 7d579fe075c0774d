"""Figures: one function each, which takes ``ax=``, and one that says in words what the figure shows."""

from __future__ import annotations

from hecon.plot._style import INK, MUTED, look
from hecon.plot.budgets import tornado, tornado_text, waterfall, waterfall_text
from hecon.plot.burdens import burden, burden_text
from hecon.plot.curves import (
    acceptability,
    acceptability_text,
    expected_loss,
    expected_loss_text,
    net_benefit,
    net_benefit_text,
)
from hecon.plot.forests import forest, forest_text
from hecon.plot.frontiers import frontier, frontier_text
from hecon.plot.planes import plane, plane_text
from hecon.plot.trials import (
    imputation_trace,
    imputation_trace_text,
    observed_imputed,
    observed_imputed_text,
)

__all__ = [
    "INK",
    "MUTED",
    "acceptability",
    "acceptability_text",
    "burden",
    "burden_text",
    "expected_loss",
    "expected_loss_text",
    "forest",
    "forest_text",
    "frontier",
    "frontier_text",
    "imputation_trace",
    "imputation_trace_text",
    "look",
    "net_benefit",
    "net_benefit_text",
    "observed_imputed",
    "observed_imputed_text",
    "plane",
    "plane_text",
    "tornado",
    "tornado_text",
    "waterfall",
    "waterfall_text",
]
