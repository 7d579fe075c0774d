"""From the analysis of a trial to draws."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import xarray as xr

from hecon import _checks
from hecon.draws import from_arrays
from hecon.patients.spread import draw

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from hecon.patients.analysis import PerspectiveAnalysis, TrialAnalysis

    Floats = NDArray[np.float64]

__all__ = ["draws_of"]


def _basis(arms: int) -> Floats:
    """Return weights of the sums that are drawn: mean and differences of the effects, then those of the costs."""
    one = np.eye(arms)
    one[1:, 0] = -1.0
    basis = np.zeros((2 * arms, 2 * arms))
    basis[:arms, arms:] = one
    basis[arms:, :arms] = one
    return basis


def draws_of(
    analysis: TrialAnalysis, *, n_draws: int = 100_000, rng: int | np.random.Generator | None = None
) -> xr.Dataset:
    """Draw the adjusted mean cost and QALYs of each arm.

    Parameters
    ----------
    analysis : TrialAnalysis
        The analysis of a trial.
    n_draws : int, default 100,000
        Number of draws, at least 10.
    rng : int, numpy.random.Generator or None
        Seed or generator.

    Returns
    -------
    xarray.Dataset
        Draws of ``cost`` and ``effect`` (draw, strategy), with the dim ``perspective`` first where there are several;
        beside them ``cost_replicate`` and ``effect_replicate`` (imputation, replicate, strategy), the bootstrap's own.
        ``attrs["trial"]`` holds, as plain JSON, what was done.

    Notes
    -----
    Differences between arms are drawn from t distributions with the pooled estimates, the total covariance and their
    own degrees of freedom; so percentiles of the draws are the intervals of Rubin's rules, and the mean of the draws is
    the estimate. With ``method="bootstrap-single"`` the draws are the bootstrap's replicates, as many as there are.
    """
    count = _checks.count("n_draws", n_draws, at_least=10)
    # One seed for all perspectives: their QALYs are drawn alike.
    seed = int(_checks.generator(rng).integers(2**63))
    parts = [_one(analysis, each, count, np.random.default_rng(seed)) for each in analysis.perspectives]
    names = [each.name for each in analysis.perspectives]
    if len(parts) == 1:
        found = parts[0].assign_coords(perspective=names[0])
    else:
        found = xr.concat(parts, dim=xr.Variable("perspective", names), combine_attrs="override")
    return found.assign_attrs(trial=analysis.to_json())


def _one(analysis: TrialAnalysis, perspective: PerspectiveAnalysis, count: int, rng: np.random.Generator) -> xr.Dataset:
    strategies, about = perspective.strategies, analysis.description
    arms = len(strategies)
    if analysis.method == "bootstrap-single":
        values = perspective.replicates[0]
    else:
        values = draw(perspective.spread, _basis(arms), count, rng)
    draws = from_arrays(
        values[:, :arms],
        values[:, arms:],
        strategies=list(strategies),
        comparator=strategies[0],
        price_year=about.price_year,
        horizon_years=about.months[-1] / 12,
        discount_cost=about.discount_cost,
        discount_effect=about.discount_effect,
        source=f"{about.name}{' (simulated data)' if about.simulated else ''}, sha256 {about.digest[:12]}",
    )
    dims = ("imputation", "replicate", "strategy")
    return draws.assign(
        cost_replicate=(dims, perspective.replicates[:, :, :arms], dict(draws["cost"].attrs)),
        effect_replicate=(dims, perspective.replicates[:, :, arms:], dict(draws["effect"].attrs)),
    )
