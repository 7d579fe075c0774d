"""From the analysis of a trial to draws."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import xarray as xr

from hecon import _checks
from hecon.draws import from_arrays
from hecon.trial import analysing
from hecon.trial.spread import draw, smallest_df

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from hecon.trial.analysis import PerspectiveAnalysis, TrialAnalysis
    from hecon.trial.table.design import Design

    Floats = NDArray[np.float64]

__all__ = ["draws_of", "from_patients"]


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
        ``attrs["trial"]`` holds, as plain JSON, what was done; ``attrs["freedom"]`` the smallest degrees of freedom of
        a difference, with the numbers of clusters and imputations behind it.

    Notes
    -----
    Differences between arms are drawn from t distributions with the pooled estimates, the total covariance and their
    own degrees of freedom; so percentiles of the draws are the intervals of Rubin's rules, and the mean of the draws is
    the estimate. With ``method="bootstrap-single"`` the draws are the bootstrap's replicates, as many as there are.
    Perspectives are drawn each for itself: their costs are more alike in the draws than they are, so no draw of one
    belongs to a draw of another.

    A t distribution with two degrees of freedom or fewer, as few clusters leave, has no finite variance: neither have
    such draws. Below 3 expected loss and EVPI are refused (`hecon.decision_curves`); percentiles and probabilities are
    sound. Bootstrap replicates of clusters count as draws with as many degrees of freedom as clusters less arms.
    """
    _checks.instance("analysis", analysis, "TrialAnalysis", "hecon.trial.analyse returns one")
    count = _checks.count("n_draws", n_draws, at_least=10)
    # One seed for all perspectives: their QALYs are drawn alike. Their costs are drawn more alike than they are.
    seed = int(_checks.generator(rng).integers(2**63))
    parts = [_one(analysis, each, count, np.random.default_rng(seed)) for each in analysis.perspectives]
    names = [each.name for each in analysis.perspectives]
    if len(parts) == 1:
        found = parts[0].assign_coords(perspective=names[0])
    else:
        found = xr.concat(parts, dim=xr.Variable("perspective", names), combine_attrs="override")
    return found.assign_attrs(trial=analysis.to_json(), **_freedom(analysis))


def _freedom(analysis: TrialAnalysis) -> dict[str, Any]:
    """Return the attribute of the smallest degrees of freedom; none where they are infinite."""
    arms, clusters = len(analysis.description.strategies), None
    smallest = min(smallest_df(each.spread, arms) for each in analysis.perspectives)
    if analysis.model == "mixed" and analysis.description.clusters is not None:
        clusters = analysis.description.clusters
        smallest = min(smallest, max(1.0, float(clusters - arms)))
    if not np.isfinite(smallest):
        return {}
    imputations = analysis.settings["imputations"] if analysis.method == "imputation" else None
    told = {"smallest": smallest, "clusters": clusters, "imputations": imputations}
    return {"freedom": told}


def from_patients(
    table: Any,  # noqa: ANN401 (a path, a pandas table or a mapping of columns)
    design: Design | str | Path | None = None,
    *,
    perspectives: Sequence[str] | None = None,
    method: str = "imputation",
    imputation: str = "pmm",
    donors: int | None = None,
    imputations: int | None = None,
    monte_carlo_error: float = analysing.MONTE_CARLO_ERROR,
    n_draws: int = 100_000,
    rng: int | np.random.Generator | None = None,
    progress: Callable[[str, int, int], None] = analysing.silent,
) -> xr.Dataset:
    """Turn a trial's patient records into draws of the mean cost and QALYs of each arm.

    Parameters
    ----------
    table : path, pandas.DataFrame, mapping of columns or TrialData
        The trial's table; or the checked trial, and then no design.
    design : Design or path of a TOML file
        What its columns hold.
    perspectives : sequence of str, optional
        Which of the design's; default all. With several the draws have the dim ``perspective``.
    method : {"imputation", "bootstrap-single", "bootstrap-imputation"}
        How what is missing is imputed and resampled, as in `hecon.trial.analyse`.
    imputation : {"pmm", "scaled"}
        Predictive mean matching (default), or with local scaling.
    donors : int, optional
        Nearest observed patients, one of whom lends the value; the default depends on how many are observed.
    imputations : int, optional
        Number of imputations, at least 2; by default as many as `monte_carlo_error` takes.
    monte_carlo_error : float, default 0.01
        Largest Monte Carlo standard error of a probability that is reported; it counts where `imputations` is open.
    n_draws : int, default 100,000
        Number of draws, at least 10; with "bootstrap-single" as many as there are replicates.
    rng : int, numpy.random.Generator or None
        Seed or generator.
    progress : callable, optional
        Called with the name of the stage, the number done and the total.

    Returns
    -------
    xarray.Dataset
        Draws of adjusted arm means, absolute, with the bootstrap replicates beside them; see
        `hecon.trial.draws_of`. Every verb takes them.

    Raises
    ------
    TrialError
        If the design or the table has faults: all at once, with row and column and without any patient's value.
    InputError
        If an option breaks its rule.

    See Also
    --------
    hecon.trial.analyse : The same analysis with all its options; `hecon.trial.draws_of` draws from its result.

    Examples
    --------
    >>> import hecon
    >>> from hecon import datasets
    >>> table = datasets.simulate_trial("meniscus", rng=4)
    >>> draws = hecon.from_patients(table, datasets.trial_design("meniscus"), n_draws=1000, rng=1)
    >>> list(draws["cost"].dims)
    ['perspective', 'draw', 'strategy']
    """
    random = _checks.generator(rng)
    found = analysing.analyse(
        table,
        design,
        perspectives=perspectives,
        method=method,
        imputation=imputation,
        donors=donors,
        imputations=imputations,
        monte_carlo_error=monte_carlo_error,
        rng=random,
        progress=progress,
    )
    return draws_of(found, n_draws=n_draws, rng=random)


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
