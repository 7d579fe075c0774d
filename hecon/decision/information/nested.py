"""EVPPI by nested Monte Carlo on a model: slow, without a regression, for checking one."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING

import numpy as np

from hecon import draws as _draws
from hecon.decision import _labels
from hecon.decision.information import policies
from hecon.decision.varying import models
from hecon.errors import StatisticalWarning

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr

    from hecon.decision.information.smoothing import Floats
    from hecon.decision.varying.models import Function

# Rows of parameters that a model is given at a time.
_ROWS = 100_000
# Rank correlation beyond which parameters of a set are not independent of the others, beside that of chance.
_RELATED, _CHANCE = 0.05, 4.0


def values_of(
    model: Function,
    draws: xr.Dataset,
    frame: pd.DataFrame,
    names: tuple[str, ...],
    grid: Floats,
    *,
    samples: tuple[int, int],
    rng: np.random.Generator,
) -> Floats:
    """Return the results of a set at each willingness to pay, shape (field, wtp), without degrees of freedom.

    Out of fold is the gain in one half of the inner runs of the decision that the other half leads to.
    """
    outer, inner = samples
    rest = [name for name in frame.columns if name not in names]
    _warn_of_related(frame, names, rest)
    rows = rng.choice(len(frame), outer, replace=outer > len(frame))
    halves = []
    for start in range(0, outer, max(1, _ROWS // inner)):
        learned = np.repeat(rows[start : start + max(1, _ROWS // inner)], inner)
        table = frame.iloc[rng.integers(0, len(frame), learned.size)].reset_index(drop=True)
        for name in names:
            table[name] = frame[name].to_numpy()[learned]
        halves.append(_run(model, draws, table).reshape(2, -1, 2, inner // 2, draws.sizes["strategy"]).mean(axis=3))
    cost, effect = np.concatenate(halves, axis=1)
    return policies.values_of_means(cost, effect, grid)


def _run(model: Function, draws: xr.Dataset, table: pd.DataFrame) -> Floats:
    """Return costs and benefits of a model, shape (2, draw, strategy)."""
    currency, unit = _draws.units(draws)
    options = {"currency": currency, "effect_unit": unit, "effect_better": _draws.better(draws)}
    names = tuple(_labels.strategy_names(draws))
    found = models.run(model, table.rename_axis("draw").to_xarray(), names, options)
    return np.stack([found["cost"].to_numpy(), _draws.benefit(found).to_numpy()])


def _warn_of_related(frame: pd.DataFrame, names: tuple[str, ...], rest: list[str]) -> None:
    """Warn where the set is correlated with other parameters, which are drawn as if it were not."""
    numbers = [name for name in rest if frame[name].dtype.kind in "iuf" and np.ptp(frame[name]) > 0]
    ranks = frame[[*names, *numbers]].rank().to_numpy()
    if not numbers:
        return
    related = np.abs(np.corrcoef(ranks, rowvar=False)[: len(names), len(names) :])
    if related.max() > _RELATED + _CHANCE / np.sqrt(len(frame)):
        one, other = np.unravel_index(related.argmax(), related.shape)
        warnings.warn(
            f"nested Monte Carlo draws the other parameters as if independent of {names[one]!r}, but "
            f"{numbers[other]!r} has a rank correlation of {related.max():.2f} with it: learn both, or keep to the "
            "regression",
            StatisticalWarning,
            stacklevel=4,
        )
