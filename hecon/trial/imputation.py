"""Multiple imputation of a trial's utilities, costs and covariates, arm by arm."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np

from hecon import _checks
from hecon._display import displayed
from hecon.errors import InputError
from hecon.trial import predictive_mean_matching
from hecon.trial.deaths import died, has_interval, lived, shares_lived, unplanned, up_to_death
from hecon.trial.estimates import t_density
from hecon.trial.predictive_mean_matching import ScalingEnds
from hecon.trial.reference_based import ReferencePlan, impute_after, reference_plan

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from hecon._arrays import Codes, Flags, Floats
    from hecon.trial.estimates import PooledImputations, Spread
    from hecon.trial.table.checking import TrialData


IMPUTATIONS = ("pmm", "scaled")
# Where a larger share of an arm is missing, costs are matched on the log scale.
LOG_FROM = 0.35
# Below so many observed values of some variable of an arm, five donors, the usual number, are too far from those who
# have none: in simulated trials their distance biases net benefit by a third of its standard error with 150 or 500
# patients an arm, and by a fifth with 1,500 (benchmarks/trial_coverage.py).
FEW_OBSERVED = 2000
_FEWEST_OBSERVED = 2


@dataclass(frozen=True)
class Matching:
    """How donors are chosen in an arm."""

    donors: int  # number of nearest observed patients, one of whom lends the value: `donors` of R's mice
    # whether patients without a value are matched by predicted means from the estimated coefficients, as donors are, or
    # by ones from coefficients drawn from their posterior: `matchtype` of R's mice
    match_type: int


@dataclass(frozen=True)
class ImputationModel:
    """How missing values are imputed, as `impute` documents it."""

    imputation: str = "pmm"  # predictive mean matching, or with local scaling
    donors: int | None = None  # None where they follow from how many are observed
    match_type: int | None = None
    iterations: int = 5  # rounds of the chain
    log_from: float = LOG_FROM  # share missing above which costs are matched on the log scale


@dataclass(frozen=True)
class Departure:
    """A departure from missing at random: what imputed values of an arm are multiplied by and added to.

    Parameters
    ----------
    strategy : str or None
        The arm; None for all arms.
    utility : float
        Added to every imputed utility after the start, as -0.05 for patients who did worse than their like who
        answered.
    cost : float
        Every imputed cost is multiplied by it, above 0, as 1.1 for 10% more; an amount below 0 is divided by it.
    """

    strategy: str | None = None
    utility: float = 0.0
    cost: float = 1.0


@dataclass(frozen=True)
class Variables:
    """The variables of a trial that can be missing, side by side."""

    values: Floats = field(repr=False)  # shape (patient, variable), NaN where missing
    names: tuple[str, ...]  # covariates by name, utilities and costs by time and category
    utilities: slice  # where each kind stands; utilities or the values of another effect
    later: slice  # those of them that are no value at the start
    costs: slice
    baseline_costs: slice
    covariates: slice
    # which variables are the dummies of one category: missing together, and imputed together
    blocks: tuple[tuple[int, ...], ...]
    # which variables the regressions adjust for: they go first among those that an imputation uses
    analysed: Flags = field(repr=False)
    # values that neither lend nor are imputed: of the dead, and the known cost or total of the period of a death
    aside: Flags = field(repr=False)
    # values beyond the planned follow-up, which departures from missing at random leave alone
    unplanned: Flags = field(repr=False)
    # where the QALYs of the interval of death stand, which follow from the utility before it; None without any
    interval: int | None = None

    @property
    def living(self) -> Floats:
        """The values that can lend, NaN where there is none."""
        return np.where(self.aside, np.nan, self.values)

    @property
    def missing(self) -> Flags:
        """Which values are missing and to be imputed."""
        result: Flags = np.isnan(self.values)
        if self.interval is not None:
            result[:, self.interval] = False
        return result


_WEIGHT = "sampling weight"


def variables_of(data: TrialData) -> Variables:
    """Return what can be missing: covariates, utilities, costs before the start, costs.

    Last stand a calendar period, and in a trial with deaths who died and of utilities the QALYs of the interval of
    death.
    """
    parts, names = _parts_of(data)
    ends = np.cumsum([0, *(each.shape[1] for each in parts)])
    spans = [slice(int(start), int(stop)) for start, stop in itertools.pairwise(ends)]
    columns = data.covariate_columns
    from_one = [tuple(at for at, each in enumerate(columns) if each == name) for name in dict.fromkeys(columns)]
    later = slice(spans[1].start + int(data.effect.start), spans[1].stop)
    analysed = np.zeros(int(ends[-1]), dtype=bool)
    split = {each.column for each in data.subgroups}
    analysed[: len(data.adjusts)] = [
        bool(each) or name in split for name, each in zip(columns, data.adjusts, strict=True)
    ]
    analysed[spans[1].start : later.start] = data.start_assumed is None
    for name in (*(() if data.weights is None else (_WEIGHT,)), *_cut_levels_of(data)):
        analysed[names.index(name)] = True
    aside = np.zeros((data.arm.size, int(ends[-1])), dtype=bool)
    beyond = aside.copy()
    beyond[:, spans[1]], beyond[:, spans[3]] = unplanned(data)
    if data.deaths is not None:
        measured = (data.utilities, data.costs)
        for span, share, values in zip((spans[1], spans[3]), shares_lived(data), measured, strict=True):
            aside[:, span] = (share == 0) | ((share < 1) & ~np.isnan(values))
    return Variables(
        np.column_stack(parts),
        tuple(names),
        utilities=spans[1],
        later=later,
        costs=spans[3],
        baseline_costs=spans[2],
        covariates=spans[0],
        blocks=tuple(each for each in from_one if len(each) > 1),
        analysed=analysed,
        aside=aside,
        unplanned=beyond,
        interval=int(ends[-1]) - 1 if has_interval(data) else None,
    )


def _cut_levels_of(data: TrialData) -> dict[str, Floats]:
    """Return dummies of the levels between cut points but their first: a number alone predicts along a line."""
    return {
        f"{each.column} {level}": (each.codes == place).astype(np.float64)[:, None]
        for each in data.subgroups
        if each.cut_points
        for place, level in enumerate(each.levels[1:], start=1)
    }


def _parts_of(data: TrialData) -> tuple[list[Floats], list[str]]:
    """Return the columns of the variables: covariates, utilities, costs before the start, costs, what else there is."""
    base = np.empty((data.arm.size, 0)) if data.baseline_costs is None else data.baseline_costs
    parts = [data.covariates, data.utilities, base, data.costs]
    names = [
        *data.covariate_names,
        *(f"{data.effect.label} at {each:g} months" for each in data.months),
        *(f"{each} before the start" for each in (data.baseline_categories if base.shape[1] else ())),
        *(f"{each.category}, {each.start:g} to {each.end:g} months" for each in data.items),
    ]
    if data.period is not None:
        parts.append(data.period[:, None].astype(np.float64))
        names.append("calendar period")
    if data.weights is not None:
        parts.append(data.weights[:, None])
        names.append(_WEIGHT)
    cut = _cut_levels_of(data)
    parts += cut.values()
    names += cut
    if data.deaths is not None:
        parts.append(died(data)[:, None].astype(np.float64))
        names.append("died")
    if has_interval(data):
        parts.append(up_to_death(data, data.utilities)[:, None])
        names.append("QALYs of the interval of death")
    return parts, names


@displayed
@dataclass(frozen=True)
class Imputation:
    """Completed sets of a trial's data, and how the chains ran.

    Attributes
    ----------
    variables : Variables
        What was imputed.
    values : ndarray
        Shape (imputation, patient, variable), without NaN; of an analysis with many sets, the first of them.
    trace : ndarray
        Mean and standard deviation of the imputed values, shape (arm, iteration, imputation, variable, 2); NaN where
        nothing was missing. Of an analysis, that of the first 50 sets.
    log_matched : tuple of str
        Variables that were matched on the log scale.
    matching : tuple of Matching
        How donors were chosen in each arm.
    """

    variables: Variables
    values: Floats = field(repr=False)
    trace: Floats = field(repr=False)
    log_matched: tuple[str, ...] = ()
    matching: tuple[Matching, ...] = ()

    @property
    def count(self) -> int:
        """The number of completed sets."""
        return len(self.values)


def impute(
    data: TrialData,
    *,
    count: int = 10,
    imputation: str = "pmm",
    donors: int | None = None,
    match_type: int | None = None,
    iterations: int = 5,
    log_from: float = LOG_FROM,
    departures: tuple[Departure, ...] = (),
    reference_based: str | None = None,
    rng: int | np.random.Generator | None = None,
) -> Imputation:
    """Impute what is missing in a trial by chained equations, separately per arm.

    Parameters
    ----------
    data : TrialData
        The trial.
    count : int, default 10
        Number of completed sets, at least 1.
    imputation : {"pmm", "scaled"}
        "pmm" (default): predictive mean matching, as R's mice has it. "scaled": local scaling, which moves the lent
        value by what the patient's predicted mean differs from those of the donors.
    donors : int, optional
        Number of nearest observed patients, one of whom lends the value; at least 1. By default 1 where fewer than
        2,000 patients of an arm have some variable, otherwise 5; with local scaling 5, or as many as have a value.
    match_type : {0, 1}, optional
        Whether those without a value are matched by estimated coefficients, or by coefficients drawn from their
        posterior (default): the `matchtype` of R's mice. With local scaling 1.
    iterations : int, default 5
        Rounds of the chain, at least 1.
    log_from : float, default 0.35
        Costs of which more than this share is missing in an arm are matched on log(1 + cost); 1 for never.
    departures : tuple of Departure, default none
        Departures from missing at random.
    reference_based : {"jump-to-reference", "copy-increments"}, optional
        What is assumed of values that are missing after a patient departed from treatment, as the design's
        ``[deviation]`` says when; by default they are missing at random.
    rng : int, numpy.random.Generator or None
        Seed or generator.

    Returns
    -------
    Imputation
        Completed sets, how donors were chosen, and the trace of the chains.

    Raises
    ------
    InputError
        If an option breaks its rule, or fewer than two patients of an arm have a variable.

    Notes
    -----
    Assumes that values are missing at random given the variables of the arm. Each utility and each cost of a category
    and period is imputed before QALYs and totals are formed. A variable is predicted by all others, but by no more than
    one for every four observed values: those that the regressions adjust for first, then the most strongly correlated.
    The dummies of a category are lent together. Identifiers are no predictors. With clusters the predicted value by
    which patients are matched has a random effect of the patient's cluster within the arm.

    With "pmm", lent values are values that somebody had, so no cost falls below 0 and no utility exceeds 1. With
    "scaled" a lent utility after the start, or cost, is moved towards or away from 1, or 0, and no further than the
    value set's lowest value and 1, or 0; covariates, values before the start, costs that may be below 0 and costs
    matched on the log scale are lent as they are. Costs that may be below 0 are never matched on the log scale.

    A departure shifts what was imputed when the chains have ended; a utility stays between the value set's lowest
    value and 1. Several that concern one arm add up. The utility at the start is not shifted.

    With `reference_based`, values that are missing after a departure, with nothing known later of the same series
    (utilities, or a category of costs), are drawn anew when the chains have ended, from a joint normal model. Mean and
    covariance of each arm are drawn once per set from their posterior given the completed set; those of the arm of
    reference serve all arms. Until the departure a patient is expected where the own arm is, given the start; after it
    where the arm of reference is ("jump-to-reference"), or as far from the last expected value before it as patients
    of the arm of reference move in that time ("copy-increments"); what is known of the patient, less those means,
    predicts the rest with the covariance of the reference. Gaps between known values, and what the arm of reference
    itself lacks, stay missing at random. Normal values are not held at the ends of a scale, as that would bias their
    means. It comes before departures, which add to it.

    References
    ----------
    Carpenter JR, Roger JH, Kenward MG. Analysis of longitudinal trials with protocol deviation: a framework for
    relevant, accessible assumptions, and inference via multiple imputation. J Biopharm Stat 2013;23:1352-1371.
    https://doi.org/10.1080/10543406.2013.834911

    Leurent B, et al. Reference-based multiple imputation for missing data sensitivity analyses in trial-based
    cost-effectiveness analysis. Health Econ 2020;29:171-184. https://doi.org/10.1002/hec.3963

    van Buuren S, Groothuis-Oudshoorn K. mice: Multivariate Imputation by Chained Equations in R. J Stat Softw
    2011;45(3):1-67. https://doi.org/10.18637/jss.v045.i03
    """
    _checks.instance("data", data, "TrialData", "hecon.trial.trial_data returns one from a table and its design")
    _checks.count("count", count, at_least=1)
    model = checked_model(imputation, donors, match_type, iterations, log_from)
    random = _checks.generator(rng)
    all_ = checked_variables(data, departures)
    log = np.any([_log_matched(data, all_, arm, log_from) for arm in range(len(data.strategies))], axis=0)
    copies = np.broadcast_to(all_.living, (count, *all_.values.shape))
    plan = reference_plan(data, all_, reference_based)
    values, trace = complete_values(data, all_, copies, model, departures=departures, reference=plan, rng=random)
    matched = tuple(name for name, flag in zip(all_.names, log, strict=True) if flag)
    return Imputation(all_, values, trace, matched, matching_of(data, all_, model))


def _log_matched(data: TrialData, all_: Variables, arm: int, log_from: float) -> Flags:
    share = all_.missing[data.arm == arm].mean(axis=0)
    log = np.zeros(share.size, dtype=bool)
    for span in (all_.costs, all_.baseline_costs):
        log[span] = share[span] > log_from
    log[_may_be_negative(data, all_)] = False
    return log


def _may_be_negative(data: TrialData, all_: Variables) -> Flags:
    """Return which variables are costs that may be below 0: they have no logarithm, and no end to be scaled from."""
    result = np.zeros(all_.values.shape[1], dtype=bool)
    result[all_.costs] = [each.category in data.negative for each in data.items]
    base = data.baseline_categories if data.baseline_costs is not None else ()
    result[all_.baseline_costs] = [each in data.negative for each in base]
    return result


def apply_departures(
    data: TrialData, all_: Variables, values: Floats, missing: Flags, departures: tuple[Departure, ...]
) -> Floats:
    """Return completed values (imputation, patient, variable) with what was imputed after the start shifted.

    Departures follow one another; utilities stay between the value set's lowest and highest values.
    """
    if not departures:
        return values
    values = values.copy()
    later = all_.later
    for each in departures:
        own = data.arm == (data.arm if each.strategy is None else data.strategies.index(each.strategy))
        changed = np.broadcast_to(missing & own[:, None], values.shape)
        if each.utility:
            lower = np.clip(values[:, :, later] + float(each.utility), data.utility_floor, data.utility_ceiling)
            values[:, :, later] = np.where(changed[:, :, later], lower, values[:, :, later])
        costs = values[:, :, all_.costs]
        # A refund becomes smaller where costs become higher.
        refunds = _may_be_negative(data, all_)[all_.costs] & (costs < 0)
        dearer = np.where(refunds, costs / float(each.cost), costs * float(each.cost))
        values[:, :, all_.costs] = np.where(changed[:, :, all_.costs], dearer, costs)
    return values


def checked_variables(data: TrialData, departures: tuple[Departure, ...]) -> Variables:
    """Return a trial's variables, if each can be imputed and every departure keeps its rules."""
    all_ = variables_of(data)
    for each in departures:
        if not isinstance(each, Departure):
            msg = f"departures must be a list of hecon.trial.Departure, got {type(each).__name__} in it"
            raise InputError(msg)
        if each.strategy is not None:
            _checks.one_of("departure.strategy", each.strategy, data.strategies)
        _checks.finite("departure.utility", each.utility)
        _checks.positive("departure.cost", each.cost)
    for arm, strategy in enumerate(data.strategies):
        few = fewest_lenders(data, all_, arm) < _FEWEST_OBSERVED
        if few.any():
            name = all_.names[int(np.argmax(few))]
            msg = (
                f"{name} must be observed in at least {_FEWEST_OBSERVED} patients of the arm {strategy!r}, "
                "or nobody can lend a value: leave it out of the design"
            )
            raise InputError(msg)
    return all_


def fewest_lenders(data: TrialData, all_: Variables, arm: int) -> Codes:
    """Return how many patients of an arm can lend each variable; all of the arm where no one alive lacks it."""
    own = data.arm == arm
    lenders: Codes = (~np.isnan(all_.living[own])).sum(axis=0)
    if data.deaths is None:
        return lenders
    return np.asarray(np.where(all_.missing[own].any(axis=0), lenders, own.sum()))


def checked_model(
    imputation: str, donors: int | None, match_type: int | None, iterations: int, log_from: float
) -> ImputationModel:
    """Return how missing values are imputed, if every option of `impute` keeps its rule."""
    _checks.one_of("imputation", imputation, IMPUTATIONS)
    if donors is not None:
        _checks.count("donors", donors, at_least=1)
    if match_type is not None:
        if match_type not in {0, 1} or isinstance(match_type, bool):
            msg = f"match_type must be 0 or 1, got {match_type!r}: the matchtype of R's mice, which 2 of is not offered"
            raise InputError(msg)
        if imputation == "scaled" and match_type != 1:
            msg = (
                "match_type must be 1 with imputation='scaled', whose values are scaled to a drawn mean, "
                f"got {match_type}: leave it out"
            )
            raise InputError(msg)
    _checks.count("iterations", iterations, at_least=1)
    _checks.probability("log_from", log_from)
    return ImputationModel(imputation, donors, match_type, iterations, log_from)


def matching_of(data: TrialData, all_: Variables, model: ImputationModel) -> tuple[Matching, ...]:
    """Return how donors are chosen in each arm; what the model leaves open follows the defaults of `impute`."""
    return tuple(
        Matching(_donors(data, all_, arm, model), 1 if model.match_type is None else model.match_type)
        for arm in range(len(data.strategies))
    )


def _donors(data: TrialData, all_: Variables, arm: int, model: ImputationModel) -> int:
    """Return the number of donors in an arm; refuse more than have a value of every variable."""
    seen = fewest_lenders(data, all_, arm)
    fewest = int(seen.min())
    if model.donors is None:
        return min(1 if model.imputation == "pmm" and fewest < FEW_OBSERVED else 5, max(1, fewest))
    if model.donors > fewest:
        msg = (
            f"donors must be at most {fewest}, for so many patients of {data.strategies[arm]!r} have a value of "
            f"{all_.names[int(seen.argmin())]!r}; got {model.donors}"
        )
        raise InputError(msg)
    return model.donors


def scale_ends(data: TrialData, all_: Variables) -> tuple[Floats, Floats]:
    """Return the lowest and highest value of each later utility and cost; of other variables -∞ and ∞."""
    size = all_.values.shape[1]
    low, high = np.full(size, -np.inf), np.full(size, np.inf)
    low[all_.later], high[all_.later] = data.utility_floor, data.utility_ceiling
    low[all_.costs] = 0.0
    low[_may_be_negative(data, all_)] = -np.inf
    return low, high


def _bounds(data: TrialData, all_: Variables) -> ScalingEnds:
    """Return the ends of later utilities and costs; covariates and what was before the start are lent as they are."""
    low, high = scale_ends(data, all_)
    fixed = np.full(low.size, np.nan)
    best = data.utility_ceiling if data.effect.better == "more" else data.utility_floor
    # A value without a best one is lent as it is.
    fixed[all_.later] = best if np.isfinite(best) else np.nan
    fixed[all_.costs] = 0.0
    fixed[_may_be_negative(data, all_)] = np.nan
    return ScalingEnds(low, high, fixed)


def complete_values(
    data: TrialData,
    all_: Variables,
    values: Floats,
    model: ImputationModel,
    *,
    arm: Codes | None = None,
    cluster: Codes | None = None,
    rows: Codes | None = None,
    departures: tuple[Departure, ...],
    reference: ReferencePlan | None = None,
    rng: np.random.Generator,
) -> tuple[Floats, Floats]:
    """Return completed values (imputation, patient, variable) and the trace, each arm imputed by itself.

    Values are copies of the `living` of the trial, or resamples with an `arm` for each place, and a `cluster` and the
    patient (-1: none), in `rows`, for each copy and place.
    """
    arms = data.arm if arm is None else arm
    clusters = data.cluster if arm is None else cluster
    patients = np.arange(data.arm.size)[None] if rows is None else rows
    aside: Flags = np.broadcast_to(all_.aside[patients] & (patients >= 0)[..., None], values.shape)
    missing = np.isnan(values) & ~aside
    if all_.interval is not None:
        values, missing = values.copy(), missing.copy()
        values[..., all_.interval], missing[..., all_.interval] = 0.0, False
    filled = values.copy()
    traces = np.full((len(data.strategies), model.iterations, values.shape[0], values.shape[2], 2), np.nan)
    for code, matching in enumerate(matching_of(data, all_, model)):
        own = arms == code
        of_arm = None if clusters is None else clusters[..., own]
        filled[:, own], traces[code] = _chained(
            data, all_, code, model, matching, values=values[:, own], aside=aside[:, own], cluster=of_arm, rng=rng
        )
    if data.deaths is not None:
        filled = _with_the_dead(data, all_, filled, missing, patients)
    if reference is not None:
        filled = impute_after(reference, filled, arms, rng, rows=rows)
    missing &= ~all_.unplanned[patients]
    filled = apply_departures(replace(data, arm=arms), all_, filled, missing, departures)
    return with_interval(data, all_, filled, patients), traces


def _chained(
    data: TrialData,
    all_: Variables,
    code: int,
    model: ImputationModel,
    matching: Matching,
    *,
    values: Floats,
    aside: Flags,
    cluster: Codes | None,
    rng: np.random.Generator,
) -> tuple[Floats, Floats]:
    """Return completed values of one arm, and their trace."""
    return predictive_mean_matching.chain(
        values,
        _predictors(all_, data.arm == code),
        _log_matched(data, all_, code, model.log_from),
        aside=aside,
        blocks=all_.blocks,
        cluster=cluster,
        iterations=model.iterations,
        donors=matching.donors,
        match_type=matching.match_type,
        bounds=_bounds(data, all_) if model.imputation == "scaled" else None,
        rng=rng,
    )


def _predictors(all_: Variables, own: Flags) -> Flags:
    """Return which variables predict which in an arm; what follows from others predicts nothing."""
    values = all_.living[own]
    if all_.interval is None:
        return predictive_mean_matching.predictors(values, always=all_.analysed)
    values[:, all_.interval] = 0.0
    result = predictive_mean_matching.predictors(values, always=all_.analysed)
    result[:, all_.interval] = False
    return result


def _with_the_dead(data: TrialData, all_: Variables, filled: Floats, missing: Flags, patients: Codes) -> Floats:
    """Return completed values with what the chain left aside, and imputed costs and totals for the part lived."""
    filled = np.where(missing, filled * lived(data, all_)[patients], filled)
    aside = all_.aside[patients] & (patients >= 0)[..., None]
    return np.where(aside, all_.values[patients], filled)


def with_interval(data: TrialData, all_: Variables, values: Floats, patients: Codes | None = None) -> Floats:
    """Return completed values with the QALYs of the interval of death that follow from them."""
    if all_.interval is None or data.deaths is None:
        return values
    weights = data.deaths.in_interval(data.months, discount=data.discount_effect)
    if patients is not None:
        weights = np.where((patients >= 0)[..., None], weights[patients], 0.0)
    values = values.copy()
    values[..., all_.interval] = (weights * values[..., all_.utilities]).sum(axis=-1)
    return values


# Imputed sets of the pilot, and at most.
PILOT, MOST_SETS = 50, 2000
# Fewest bootstrap replicates of all sets together, and of each set.
FEWEST_IN_ALL, FEWEST_REPLICATES = 5000, 50
# Normal quantile of the limits of a 90% interval.
_QUANTILE = 1.644854


def replicates_per_set(sets: int) -> int:
    """Return how many bootstrap replicates each set takes: at least 50, and in all sets together at least 5,000."""
    return max(FEWEST_REPLICATES, -(-FEWEST_IN_ALL // sets))


def _benefits(arms: int, wtp: Sequence[float]) -> Iterator[Floats]:
    """Yield the weights of the net benefit of each arm over each arm before it, at each value of a unit of effect.

    It is the willingness to pay, or its negative where less of the effect is better.
    """
    unit = np.eye(arms)
    for first in range(arms):
        for second in range(first + 1, arms):
            difference = unit[second] - unit[first]
            for value in wtp:
                yield np.concatenate([-difference, value * difference])


def largest_error(spreads: Sequence[Spread], arms: int, wtp: Sequence[float]) -> float:
    """Return the largest Monte Carlo standard error of P(one arm has the higher net benefit), over pairs and values."""
    return max(spread.above_zero_error(weights) for spread in spreads for weights in _benefits(arms, wtp))


def sets_needed(
    pilot: Sequence[PooledImputations], arms: int, wtp: Sequence[float], target: float, replicates: int
) -> int:
    """Return the number of imputed sets that brings the Monte Carlo error of every probability to a target.

    With z the net benefit in standard errors, f its density and F the fraction of missing information,

    .. math:: M = (f(z) / target)^2 (F (1 + z^2 F / 2) + z^2 (1 - F)^2 / (2 (R - 1)))

    where the last term is the error of the within-covariance from R bootstrap replicates of each set. A pilot knows F
    and z with errors of its own: of F the upper limit of its 90% interval on the logit scale is taken, of z the end of
    its interval that is nearest to 0, so that one top-up suffices.
    von Hippel PT. Sociol Methods Res 2020;49:699-718. https://doi.org/10.1177/0049124117747303
    """
    counts = [_sets_needed(spread, weights, target, replicates) for spread in pilot for weights in _benefits(arms, wtp)]
    return max(pilot[0].imputations, int(np.ceil(min(MOST_SETS, max(counts)))))


def _sets_needed(pilot: PooledImputations, weights: Floats, target: float, replicates: int) -> float:
    """Return the number of sets that one probability takes."""
    estimate = pilot.of(weights)
    if estimate.se == 0:
        return 0.0
    sets = pilot.imputations
    share = (1 + 1 / sets) * float(weights @ pilot.between @ weights) / estimate.se**2
    odds = share * np.exp(_QUANTILE * np.sqrt(2 / sets))
    share = odds / (1 - share + odds)
    z = max(0.0, abs(estimate.value) / estimate.se - _QUANTILE * np.sqrt(share / sets))
    slope = t_density(z, estimate.df)
    variance = share * (1 + z**2 * share / 2) + z**2 * (1 - share) ** 2 / (2 * (replicates - 1))
    return float((slope / target) ** 2 * variance)
