"""From a trial's table and design to its analysis, and to draws."""

from __future__ import annotations

import warnings
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from hecon import _checks
from hecon.errors import InputError, StatisticalWarning
from hecon.rulesets import DEFAULT
from hecon.trial import gamma_model, pipelines, regression, resampling
from hecon.trial.analysis import CompleteCase, PerspectiveAnalysis, TrialAnalysis
from hecon.trial.deaths import died
from hecon.trial.description import describe
from hecon.trial.estimates import Resampled
from hecon.trial.imputation import (
    LOG_FROM,
    Departure,
    checked_model,
    checked_variables,
    matching_of,
    scale_ends,
    variables_of,
)
from hecon.trial.reference_based import reference_plan
from hecon.trial.soundness import doubts_of, refuse_confounded, variation_doubts, variations_of
from hecon.trial.table.checking import TrialData, trial_data

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    import xarray as xr

    from hecon._arrays import Flags
    from hecon.rulesets import RuleSet
    from hecon.trial.imputation import Variables
    from hecon.trial.table.design import Design

# Fewest complete patients of an arm, and fewest beyond the number of coefficients, for a bootstrap.
FEWEST, FEWEST_BEYOND = 5, 10


# Arrays of a trial with a row for each patient, but the clusters, which are numbered anew.
_BY_PATIENT = ("arm", "utilities", "costs", "covariates", "baseline_costs", "period", "weights", "planned", "states")


def rows_of(data: TrialData, rows: Flags) -> TrialData:
    """Return a trial of some of its patients."""
    own: dict[str, Any] = {
        name: None if (values := getattr(data, name)) is None else values[rows] for name in _BY_PATIENT
    }
    return replace(
        data,
        **own,
        cluster=None if data.cluster is None else np.unique(data.cluster[rows], return_inverse=True)[1],
        deviations=None if data.deviations is None else data.deviations.of(rows),
        subgroups=tuple(replace(each, codes=each.codes[rows]) for each in data.subgroups),
        deaths=None if data.deaths is None else data.deaths.of(rows),
    )


def _used(plan: regression.RegressionPlan) -> Flags:
    """Return which variables a plan rests on."""
    columns = [*range(plan.covariates, plan.matrix.shape[1]), *(at for some in plan.adjusts for at in some)]
    result: Flags = (plan.matrix[:, columns] != 0).any(axis=1)
    return result


def complete_case(
    data: TrialData, all_: Variables, perspective: str, settings: pipelines.Settings, rng: np.random.Generator
) -> CompleteCase | None:
    """Return the analysis of the patients who have all that a perspective needs; None where it cannot be made.

    Nor is it where patients died and something is missing: of those who die early little can be missing.
    """
    if died(data).any() and all_.missing.any():
        return None
    used = _used(regression.plan(data, all_, (perspective,)))
    whole: Flags = ~np.any(np.isnan(all_.values[:, used]), axis=1)
    patients = np.bincount(data.arm[whole], minlength=len(data.strategies))
    if (patients < FEWEST).any():
        return None
    own = rows_of(data, whole)
    plan = regression.plan(own, variables_of(own), (perspective,))
    beyond = patients.sum() - plan.arms - max(len(each) for each in plan.adjusts)
    if beyond < FEWEST_BEYOND:
        return None
    values = np.where(used, all_.values[whole], 0.0)
    try:
        point, replicates, failed, _ = pipelines.replicates_of(values, own, plan, settings, rng)
        pipelines.refuse_dropped(settings.model, failed, failed + len(replicates))
    except InputError:
        return None  # a model that the whole trial bears need not fit those who are left
    jackknife, stratum = resampling.jackknife(values, own, plan, settings.model)
    return CompleteCase(
        tuple(int(each) for each in patients), Resampled(point[0], replicates[:, 0]), jackknife[:, 0], stratum
    )


_PIPELINES = {
    "imputation": pipelines.imputation_then_bootstrap,
    "bootstrap-single": pipelines.bootstrap_with_single_imputation,
    "bootstrap-imputation": pipelines.bootstrap_then_imputation,
}
METHODS = tuple(_PIPELINES)
# Bootstrap samples by default; with multiple imputation their number follows from that of the sets.
REPLICATES = {"imputation": None, "bootstrap-single": 2000, "bootstrap-imputation": 500}
# Largest Monte Carlo standard error of a probability by default.
MONTE_CARLO_ERROR = 0.01
MODELS = ("sur", "mixed", *gamma_model.LINKS)


def silent(stage: str, done: int, total: int) -> None:
    """Report no progress."""
    del stage, done, total


def analyse(
    table: Any,  # noqa: ANN401 (a path, a pandas table or a mapping of columns)
    design: Design | str | Path | None = None,
    *,
    rules: str | Path | RuleSet | None = None,
    perspectives: Sequence[str] | None = None,
    method: str = "imputation",
    model: str | None = None,
    imputations: int | None = None,
    monte_carlo_error: float = MONTE_CARLO_ERROR,
    imputation: str = "pmm",
    donors: int | None = None,
    match_type: int | None = None,
    iterations: int = 5,
    replicates: int | None = None,
    departures: Sequence[Departure] = (),
    reference_based: str | None = None,
    log_from: float = LOG_FROM,
    rng: int | np.random.Generator | None = None,
    progress: Callable[[str, int, int], None] = silent,
) -> TrialAnalysis:
    """Analyse a trial from its patients' records: imputation, regression, bootstrap, pooling.

    Parameters
    ----------
    table : path, pandas.DataFrame, mapping of columns or TrialData
        The trial's table; or the checked trial, and then no design.
    design : Design or path of a TOML file
        What its columns hold.
    rules : str, Path or RuleSet, optional
        Rules of a country, as for `trial_data`; default those of the Netherlands, and of a checked trial its own.
    perspectives : sequence of str, optional
        Which of the design's; default all.
    method : {"imputation", "bootstrap-single", "bootstrap-imputation"}
        "imputation" (default): multiple imputation, each set bootstrapped for its covariance, pooled by Rubin's rules.
        "bootstrap-single": each bootstrap sample imputed once, percentile intervals. "bootstrap-imputation": each
        imputed a few times, combined by their analysis of variance; valid also where the models of imputation and
        analysis disagree.
    model : {"sur", "mixed", "gamma-log", "gamma-identity"}, optional
        Seemingly unrelated regressions, linear mixed models with a random intercept per cluster, or for costs a
        generalised linear model with gamma variance and the link named, for method "imputation" alone; default mixed
        where the design names clusters.
    imputations : int, optional
        Number of imputations, at least 2. By default a pilot of 50, topped up once to what `monte_carlo_error` takes
        (2,000 in all at most, and then a warning with the error that they leave); 2 per sample for
        "bootstrap-imputation". None is taken by "bootstrap-single".
    monte_carlo_error : float, default 0.01
        Largest Monte Carlo standard error of the probabilities that are reported: that one arm has more net benefit
        than another, from each perspective, at each willingness to pay of a grid that reaches 5/4 of the highest
        reference value of the rules: with the Dutch from 0 to 100,000 in steps of 5,000. Above 0 and at most 0.5. It
        counts where `imputations` is open, with "imputation" alone; if nothing is missing and 5,000 bootstrap
        replicates leave more, there is a warning.
    imputation : {"pmm", "scaled"}
        Predictive mean matching (default), or with local scaling: see `impute`.
    donors : int, optional
        Nearest observed patients, one of whom lends the value; the default depends on how many are observed.
    match_type : {0, 1}, optional
        Whether patients are matched by estimated coefficients or by drawn ones (default).
    iterations : int, default 5
        Rounds of the chained equations.
    replicates : int, optional
        Bootstrap replicates of each imputed set, at least 50; by default 50, and at least 5,000 in all sets together.
        For the two other methods the number of samples, by default 2000 and 500.
    departures : sequence of Departure, default none
        Departures from missing at random.
    reference_based : {"jump-to-reference", "copy-increments"}, optional
        What is assumed of values missing after a departure from treatment, where the design has ``[deviation]``: see
        `impute`. By default they are missing at random, and scenarios tell what these assumptions change.
    log_from : float, default 0.35
        Costs of which a larger share of an arm is missing are matched on the log scale.
    rng : int, numpy.random.Generator or None
        Seed or generator.
    progress : callable, optional
        Called with the name of the stage, the number done and the total.

    Returns
    -------
    TrialAnalysis
        Per perspective the adjusted means of each arm with their covariance, differences, intervals and the analysis
        of complete cases.

    Raises
    ------
    TrialError
        If the design or the table has faults: all at once, with row and column.
    InputError
        If an option breaks its rule.

    Notes
    -----
    Cost and QALYs are both adjusted for the utility at the start, for the cost before the start of the perspective
    where the table has it, and for the covariates that the design names; with ``regressors = "own"``, or a covariate
    of one outcome alone, by one step of feasible generalised least squares. The bootstrap is stratified by arm, or
    draws whole clusters. Degrees of freedom are those of Welch and Satterthwaite from the arms' own jackknife
    variances, or clusters less arms where clusters cross arms. The page "From patient records" has the methods.

    Another seed gives other imputations and replicates, and so other results: ``Estimate.monte_carlo_se`` and
    ``PerspectiveAnalysis.p_cost_effective_error`` say by how much. Of many imputed sets the first are kept in
    ``imputation.values`` (as many as 134 MB hold, and 50 at least), of the first 50 the trace.

    References
    ----------
    Ben AJ, et al. Conducting trial-based economic evaluations using R: a tutorial. Pharmacoeconomics 2023;41:1403-1413.
    https://doi.org/10.1007/s40273-023-01301-7

    Welch BL. The generalization of "Student's" problem when several different population variances are involved.
    Biometrika 1947;34:28-35. https://doi.org/10.1093/biomet/34.1-2.28

    Brand J, et al. Combining multiple imputation and bootstrap in the analysis of cost-effectiveness trial data. Stat
    Med 2019;38:210-220. https://doi.org/10.1002/sim.7956

    Bartlett JW, Hughes RA. Bootstrap inference for multiple imputation under uncongeniality and misspecification. Stat
    Methods Med Res 2020;29:3533-3546. https://doi.org/10.1177/0962280220932189

    von Hippel PT. How many imputations do you need? A two-stage calculation using a quadratic rule. Sociol Methods Res
    2020;49:699-718. https://doi.org/10.1177/0049124117747303
    """
    random = _checks.generator(rng)
    data = _checked(table, design, rules)
    names = _named(data, perspectives)
    _checks.one_of("method", method, METHODS)
    settings = pipelines.Settings(
        model=_model(data, model, method),
        imputations=_imputations(imputations, method),
        monte_carlo_error=_error(monte_carlo_error, method),
        imputing=checked_model(imputation, donors, match_type, iterations, log_from),
        replicates=REPLICATES[method] if replicates is None else _checks.count("replicates", replicates, at_least=50),
        departures=_listed(departures),
        progress=progress,
        reference_based=reference_based,
    )
    result = run(data, names, method, settings, random)
    for each in result.warnings[len(data.warnings) :]:
        warnings.warn(each, StatisticalWarning, stacklevel=2)
    return result


def from_patients(
    table: Any,  # noqa: ANN401 (a path, a pandas table or a mapping of columns)
    design: Design | str | Path | None = None,
    *,
    rules: str | Path | RuleSet | None = None,
    perspectives: Sequence[str] | None = None,
    method: str = "imputation",
    imputation: str = "pmm",
    donors: int | None = None,
    imputations: int | None = None,
    monte_carlo_error: float = MONTE_CARLO_ERROR,
    n_draws: int = 100_000,
    rng: int | np.random.Generator | None = None,
    progress: Callable[[str, int, int], None] = silent,
) -> xr.Dataset:
    """Turn a trial's patient records into draws of the mean cost and QALYs of each arm.

    Parameters
    ----------
    table : path, pandas.DataFrame, mapping of columns or TrialData
        The trial's table; or the checked trial, and then no design.
    design : Design or path of a TOML file
        What its columns hold.
    rules : str, Path or RuleSet, optional
        Rules of a country, as for `hecon.trial.trial_data`; default those of the Netherlands.
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
        Draws of adjusted arm means, absolute, with the bootstrap replicates beside them: the `draws` of what
        `hecon.trial.analyse` returns. Every verb takes them.

    Raises
    ------
    TrialError
        If the design or the table has faults: all at once, with row and column and without any patient's value.
    InputError
        If an option breaks its rule.

    See Also
    --------
    hecon.trial.analyse : The same analysis with all its options; its `draws` are these.

    Examples
    --------
    >>> import hecon
    >>> from hecon import datasets
    >>> table = datasets.simulate_trial("meniscus", rng=4)
    >>> design = datasets.trial_design("meniscus")
    >>> draws = hecon.from_patients(table, design, imputations=10, n_draws=1000, rng=1)
    >>> list(draws["cost"].dims)
    ['perspective', 'draw', 'strategy']
    """
    random = _checks.generator(rng)
    result = analyse(
        table,
        design,
        rules=rules,
        perspectives=perspectives,
        method=method,
        imputation=imputation,
        donors=donors,
        imputations=imputations,
        monte_carlo_error=monte_carlo_error,
        rng=random,
        progress=progress,
    )
    return result.draws(n_draws=n_draws, rng=random)


def run(
    data: TrialData, names: tuple[str, ...], method: str, settings: pipelines.Settings, rng: np.random.Generator
) -> TrialAnalysis:
    """Analyse a checked trial with checked settings; return the analysis without giving its warnings."""
    all_ = checked_variables(data, settings.departures)
    _check_reference_based(data, all_, settings)
    plan = regression.plan(data, all_, names)
    refuse_confounded(data, all_, plan)
    main, aside = rng.spawn(2)
    result = _PIPELINES[method](pipelines.Task(data, all_, plan, settings), main)
    # The same seed for each perspective: its complete cases do not depend on which others there are.
    seed = int(aside.integers(2**63))
    variations = variations_of(data, all_, plan)
    analyses = tuple(
        PerspectiveAnalysis(
            name,
            data.strategies,
            spread,
            result.replicates[:, :, at],
            complete_case(data, all_, name, settings, np.random.default_rng(seed)),
            variations[at],
            data.rules,
            data.effect,
        )
        for at, (name, spread) in enumerate(zip(names, result.spreads, strict=True))
    )
    doubts = (*doubts_of(data, all_, settings, result, analyses), *variation_doubts(names, variations))
    return TrialAnalysis(
        describe(data),
        method,
        settings.model,
        analyses,
        result.imputed,
        _settings_of(data, all_, settings, result),
        (*data.warnings, *(each.text for each in doubts)),
        doubts,
    )


def _check_reference_based(data: TrialData, all_: Variables, settings: pipelines.Settings) -> None:
    """Refuse reference-based imputation that the data cannot bear, or the model not take."""
    model, method = settings.model, settings.reference_based
    if method is not None and model != "sur":
        why = (
            "its values know no clusters, so that standard errors would be too small"
            if model == "mixed"
            else "its normal values can be negative costs, which have no gamma distribution"
        )
        msg = f"reference_based={method!r} must go with model='sur', got {model!r}: {why}; give model='sur'"
        raise InputError(msg)
    if method is not None and data.weights is not None:
        msg = f"reference_based={method!r} must go without sampling weights, which its joint model does not know"
        raise InputError(msg)
    reference_plan(data, all_, method)


def _imputations(imputations: int | None, method: str) -> int | None:
    """Return the number of imputations, if it is one and the method takes one."""
    if imputations is None:
        return None
    if method == "bootstrap-single":
        msg = (
            f"imputations must be left out with method='bootstrap-single', which imputes each sample once, got "
            f"{imputations}: give replicates= to hecon.trial.analyse (--replicates), or "
            "use method='bootstrap-imputation'"
        )
        raise InputError(msg)
    return _checks.count("imputations", imputations, at_least=2)


def _error(monte_carlo_error: float, method: str) -> float:
    """Return the largest Monte Carlo error, if it is one and can be held."""
    most = 0.5
    if _checks.positive("monte_carlo_error", monte_carlo_error) > most:
        msg = f"monte_carlo_error must be at most 0.5, got {monte_carlo_error}: write 0.01 for one hundredth"
        raise InputError(msg)
    if method != "imputation" and monte_carlo_error != MONTE_CARLO_ERROR:
        msg = (
            f"monte_carlo_error must be left out with method={method!r}, whose error follows from the number of "
            f"bootstrap samples, got {monte_carlo_error}: give replicates= to hecon.trial.analyse (--replicates)"
        )
        raise InputError(msg)
    return monte_carlo_error


def _listed(departures: Sequence[Departure]) -> tuple[Departure, ...]:
    if isinstance(departures, Departure):
        msg = "departures must be a list of hecon.trial.Departure, got one alone: put it in square brackets"
        raise InputError(msg)
    return tuple(departures)


def _checked(table: Any, design: Design | str | Path | None, rules: str | Path | RuleSet | None) -> TrialData:  # noqa: ANN401
    if isinstance(table, TrialData):
        for name, given in (("design", design), ("rules", rules)):
            if given is not None:
                msg = f"{name} must be left out with a checked trial, which has its own"
                raise InputError(msg)
        return table
    if design is None:
        msg = "design must be given: what the columns of the table hold, as a Design or the path of a TOML file"
        raise InputError(msg)
    return trial_data(table, design, rules=DEFAULT if rules is None else rules)


def _named(data: TrialData, perspectives: Sequence[str] | None) -> tuple[str, ...]:
    known = tuple(data.perspectives)
    if perspectives is None:
        return known
    chosen = _checks.unique_names("perspectives", perspectives)
    return tuple(_checks.one_of("perspectives", each, known) for each in chosen)


def _model(data: TrialData, model: str | None, method: str) -> str:
    chosen = ("sur" if data.cluster is None else "mixed") if model is None else _checks.one_of("model", model, MODELS)
    if chosen == "mixed" and data.cluster is None:
        msg = "model='mixed' needs clusters: name their column in the design, under [cluster], or use model='sur'"
        raise InputError(msg)
    if data.weights is not None:
        for name, given, right in (("model", chosen, "sur"), ("method", method, "imputation")):
            if given != right:
                msg = f"{name} must be {right!r} with sampling weights, which others do not take, got {given!r}"
                raise InputError(msg)
    if chosen in gamma_model.LINKS and method != "imputation":
        msg = f"method must be 'imputation' with model={chosen!r}, got {method!r}; or set model='sur'"
        raise InputError(msg)
    return chosen


def _beyond_scale(
    data: TrialData, all_: Variables, settings: pipelines.Settings, result: pipelines.PipelineResult
) -> float | None:
    """Return which share of the values that follow an arm of reference lies beyond the ends of its scale."""
    plan = reference_plan(data, all_, settings.reference_based)
    if plan is None or result.imputed is None:
        return None
    ends = scale_ends(data, all_)
    own = result.imputed.values[:, plan.after]
    low, high = (np.broadcast_to(each, plan.after.shape)[plan.after] for each in ends)
    return float(((own < low) | (own > high)).mean())


def _settings_of(
    data: TrialData, all_: Variables, settings: pipelines.Settings, result: pipelines.PipelineResult
) -> dict[str, Any]:
    adjusts = {column: sorted(each) for column, each in zip(data.covariate_columns, data.adjusts, strict=True)}
    return {
        "regressors": data.regressors,
        "adjusts": adjusts,
        "imputations": result.imputations,
        "imputations_kept": None if result.imputed is None else result.imputed.count,
        "monte_carlo_error": None if settings.imputations or result.imputed is None else settings.monte_carlo_error,
        **vars(settings.imputing),
        "matching": {
            name: dict(vars(each))
            for name, each in zip(data.strategies, matching_of(data, all_, settings.imputing), strict=True)
        },
        "replicates": result.resamples,
        "departures": [
            {"strategy": each.strategy, "utility": float(each.utility), "cost": float(each.cost)}
            for each in settings.departures
        ],
        "reference_based": settings.reference_based,
        "beyond_scale": _beyond_scale(data, all_, settings, result),
        "dropped_replicates": result.dropped,
        "icc": None if result.icc is None else [float(each) for each in result.icc],
    }
