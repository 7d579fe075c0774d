"""A comparison from a model's draws: its differences, their intervals and probabilities, and its verdicts."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from hecon._io import TABLE_BYTES, file_bytes
from hecon.assessment.comparing import at_means, marked, probabilities, values_for, verdicts
from hecon.assessment.records import ModelResult, ModelSource, Reason
from hecon.curves import Curves
from hecon.dossier.model_draws import model_draws

if TYPE_CHECKING:
    from collections.abc import Collection
    from pathlib import Path

    import pandas as pd
    import xarray as xr

    from hecon.dossier.comparison import Comparison
    from hecon.rulesets import RuleSet

# Ends of an interval that holds 95% of the draws.
_ENDS = (0.025, 0.975)


@dataclass(frozen=True)
class Modelled:
    """The draws of all strategies of a file, its parameters, and where they are from."""

    draws: xr.Dataset
    inputs: pd.DataFrame
    source: ModelSource


def modelled(spec: Comparison, folder: Path, options: Collection[str]) -> Modelled:
    """Return the draws that a comparison names; `options` are all that the dossier takes from them."""
    draws, parameters = model_draws(spec, folder)
    named = spec.draws
    assert named is not None  # noqa: S101 (model_draws refuses it)
    files = [name for name in (named.file, named.effects, named.parameters) if name is not None]
    digest = hashlib.sha256(b"".join(file_bytes("draws", folder / name, at_most=TABLE_BYTES) for name in files))
    names = [str(each) for each in draws["strategy"].to_numpy()]
    others = tuple(name for name in names if name not in options)
    source = ModelSource(
        ", ".join(files), digest.hexdigest(), named.style, draws.sizes["draw"], tuple(map(str, parameters)), others
    )
    return Modelled(draws, parameters, source)


def compare_model(spec: Comparison, rules: RuleSet, model: Modelled) -> ModelResult:
    """Return the results of a comparison from its model's draws."""
    pair = model.draws.sel(strategy=[spec.comparator, spec.intervention])
    draws = marked(pair.assign_attrs(comparator=spec.comparator, source=spec.id), spec, rules)
    values, varies = values_for(spec, rules), _varies(model.draws)
    curves = Curves(draws) if varies else None
    difference = draws.sel(strategy=spec.intervention) - draws.sel(strategy=spec.comparator)
    cost, effect = (difference[name].to_numpy() for name in ("cost", "effect"))
    means = (float(cost.mean()), float(effect.mean()))
    ends = {f"delta_{name}": np.quantile(each, _ENDS) for name, each in (("cost", cost), ("effect", effect))}
    result = ModelResult(
        spec,
        computable=True,
        values=values,
        curves=curves,
        model_source=model.source,
        model_draws=model.draws,
        inputs=model.inputs,
        delta_cost=means[0],
        delta_effect=means[1],
        intervals={name: (float(low), float(high)) for name, (low, high) in ends.items()} if varies else {},
        p_cost_effective={} if curves is None else probabilities(spec, values, curves),
        reason=None if varies else Reason("no_variation"),
        **at_means(spec, values, means, draws),
    )
    return replace(result, **verdicts(result, rules))


def _varies(draws: xr.Dataset) -> bool:
    """Tell whether anything in draws varies: one draw, or the same again and again, has no uncertainty to show."""
    return any(float(np.ptp(draws[name].to_numpy(), axis=0).max()) > 0 for name in ("cost", "effect"))
