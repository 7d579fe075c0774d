"""Figures: one function each, which takes ``ax=``, and one that says in words what the figure shows.

The functions are loaded when first used: a report without figures does not wait for Matplotlib.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
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
    from hecon.plot.planes import frontier, frontier_text, plane, plane_text
    from hecon.plot.trials import (
        imputation_trace,
        imputation_trace_text,
        observed_imputed,
        observed_imputed_text,
    )

_HOME = {
    "INK": "_style",
    "MUTED": "_style",
    "look": "_style",
    "tornado": "budgets",
    "waterfall": "budgets",
    "burden": "burdens",
    "acceptability": "curves",
    "expected_loss": "curves",
    "net_benefit": "curves",
    "forest": "forests",
    "frontier": "planes",
    "plane": "planes",
    "imputation_trace": "trials",
    "observed_imputed": "trials",
}

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


def __getattr__(name: str) -> Any:  # noqa: ANN401
    if name in __all__:
        return getattr(importlib.import_module(f"hecon.plot.{_HOME[name.removesuffix('_text')]}"), name)
    msg = f"module 'hecon.plot' has no attribute {name!r}"
    raise AttributeError(msg)


def __dir__() -> list[str]:
    return list(__all__)
