"""Figures: one function each, which takes ``ax=``, and `describe`, which says in words what a figure shows.

The functions are loaded when first used: a report without figures does not wait for Matplotlib.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from hecon.plot._style import describe, look
    from hecon.plot.bars import tornado, waterfall
    from hecon.plot.burdens import burden
    from hecon.plot.curves import acceptability, expected_loss, net_benefit
    from hecon.plot.forests import forest
    from hecon.plot.information import evppi, information_rank, study_size
    from hecon.plot.parameters import over_parameter, two_way
    from hecon.plot.planes import frontier, plane
    from hecon.plot.trials import imputation_trace, observed_imputed, tipping_map

_NAMES = {
    "_style": ("describe", "look"),
    "bars": ("tornado", "waterfall"),
    "burdens": ("burden",),
    "curves": ("acceptability", "expected_loss", "net_benefit"),
    "forests": ("forest",),
    "information": ("evppi", "information_rank", "study_size"),
    "parameters": ("over_parameter", "two_way"),
    "planes": ("frontier", "plane"),
    "trials": ("imputation_trace", "observed_imputed", "tipping_map"),
}
_HOME = {name: module for module, names in _NAMES.items() for name in names}

__all__ = [
    "acceptability",
    "burden",
    "describe",
    "evppi",
    "expected_loss",
    "forest",
    "frontier",
    "imputation_trace",
    "information_rank",
    "look",
    "net_benefit",
    "observed_imputed",
    "over_parameter",
    "plane",
    "study_size",
    "tipping_map",
    "tornado",
    "two_way",
    "waterfall",
]


def __getattr__(name: str) -> Any:  # noqa: ANN401
    if name in _HOME:
        return getattr(importlib.import_module(f"hecon.plot.{_HOME[name]}"), name)
    msg = f"module 'hecon.plot' has no attribute {name!r}"
    raise AttributeError(msg)


def __dir__() -> list[str]:
    return list(__all__)
