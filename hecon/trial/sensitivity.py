"""The same trial analysed otherwise: how far its results rest on choices that could have been made differently."""

from __future__ import annotations

import warnings
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from hecon import _checks, tables, valuesets
from hecon._display import displayed
from hecon.errors import InputError, StatisticalWarning
from hecon.trial import analysing, imputation, pipelines
from hecon.trial.deaths import RULES, died, has_interval, unknown_as_dead, unplanned, with_deaths, within_plan
from hecon.trial.description import describe
from hecon.trial.imputation import Departure, ImputationModel, impute, variables_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from numpy.typing import ArrayLike

    from hecon.tables import Provenance
    from hecon.trial.analysis import TrialAnalysis
    from hecon.trial.estimates import Estimate
    from hecon.trial.imputation import Imputation
    from hecon.trial.table.checking import TrialData
    from hecon.valuesets import ValueSet

    # Code, trial, method and settings of one way of analysing.
    Way = tuple[str, TrialData, str, pipelines.Settings]

# Beyond the first year, where discounting begins.
CHOICES = ("undiscounted", "effects-as-costs", "first-year", "death-level", "death-line")
_YEAR = 12.0


def other_choices(data: TrialData, given: Imputation | None) -> Iterator[tuple[str, TrialData, Imputation | None]]:
    """Yield the code of each other choice, the trial as it takes it, and the imputed sets that belong to that.

    Where patients died, the utility runs otherwise from the last measurement to death. Within a year nothing is
    discounted. A trial is cut at a year where a utility was measured then and no period of cost runs across it.
    """
    if data.deaths is not None and has_interval(data) and died(data).any():
        other = next(rule for rule in RULES if rule != data.deaths.before)
        yield f"death-{other}", replace(data, deaths=replace(data.deaths, before=other)), given
    if data.horizon <= _YEAR:
        return
    rates = (data.discount_cost, data.discount_effect)
    if rates != (0.0, 0.0) and not (data.effect.discounted or data.discounted_costs):
        # What came discounted cannot be undone.
        yield "undiscounted", replace(data, discount_cost=0.0, discount_effect=0.0), given
    if rates[0] != rates[1] and data.effect.is_discounted_here:
        yield "effects-as-costs", replace(data, discount_effect=rates[0]), given
    cut_at = _YEAR in data.months or not data.effect.exists
    if cut_at and not any(item.start < _YEAR < item.end for item in data.items):
        yield "first-year", *_first_year(data, given)


def _first_year(data: TrialData, given: Imputation | None) -> tuple[TrialData, Imputation | None]:
    """Return the trial up to a year, and what was imputed of that from all that was known."""
    utilities = np.array(data.months) <= _YEAR
    costs = np.array([item.end <= _YEAR for item in data.items])
    cut = replace(
        data,
        months=tuple(month for month in data.months if month <= _YEAR),
        utilities=data.utilities[:, utilities],
        states=None if data.states is None else data.states[:, utilities[int(data.start_assumed is not None) :]],
        items=tuple(item for item in data.items if item.end <= _YEAR),
        costs=data.costs[:, costs],
    )
    if given is None:
        return cut, None
    whole = variables_of(data)
    kept = np.ones(whole.values.shape[1], dtype=bool)
    kept[whole.utilities] = utilities
    kept[whole.costs] = costs
    return cut, replace(
        given, variables=variables_of(cut), values=given.values[:, :, kept], trace=given.trace[:, :, :, kept]
    )


# Departures from missing at random: assumed sizes.
_WORSE, _DEARER = -0.05, 1.1
# Samples, and rounds of the chains, where each bootstrap sample is imputed: that costs most.
_SINGLE, _DOUBLE, _ROUNDS = 400, 200, 5
# Most sets of generalised linear models and of other imputations, which take long.
_FEWER = 200

SCENARIOS = (
    "main",
    "complete-case",
    "unadjusted",
    "own-regressors",
    "same-regressors",
    "gamma-log",
    "scaled",
    "pmm",
    "bootstrap-single",
    "bootstrap-imputation",
    "worse-all",
    "worse-intervention",
    "dearer-intervention",
)
# Of a trial whose design says when patients departed: each assumption with Rubin's variance and with the bootstrap's,
# and missing at random where the main analysis makes one of them.
REFERENCE_SCENARIOS = (
    "jump-to-reference",
    "jump-to-reference-bootstrap",
    "copy-increments",
    "copy-increments-bootstrap",
    "at-random",
)


@displayed
@dataclass(frozen=True)
class Scenario:
    """One way of analysing a trial, from one perspective, for one strategy against the comparator.

    Attributes
    ----------
    code, perspective, strategy : str
        One of `SCENARIOS` or `REFERENCE_SCENARIOS`, or "value-set-" and the name of a value set; and of what it is the
        result.
    delta_cost, delta_effect : Estimate
        Differences in mean cost and QALYs.
    p_cost_effective, p_cost_effective_error : dict of number to float
        Probability cost-effective at the values of the rules [currency per QALY], and its Monte Carlo standard error.
    imputations : int or None
        Number of imputed sets, or of imputations of each bootstrap sample; None where nothing was imputed.
    p_against : dict of str to dict of number to float
        Probability, at the same values, that its net benefit is at least that of each other arm but the comparator.
    beyond_scale : float or None
        Share of the values that follow an arm of reference which lie beyond the ends of their scale, as the normal
        distribution has none; None where there are no such values.
    value_set : Provenance or None
        The value set of the answers, where it is another than that of the design.
    """

    code: str
    perspective: str
    strategy: str
    delta_cost: Estimate
    delta_effect: Estimate
    p_cost_effective: dict[float, float]
    p_cost_effective_error: dict[float, float] = field(default_factory=dict)
    imputations: int | None = None
    p_against: dict[str, dict[float, float]] = field(default_factory=dict)
    beyond_scale: float | None = None
    value_set: Provenance | None = None


def refuse_other_data(data: TrialData, main: TrialAnalysis) -> None:
    """Refuse a main analysis that is not of these data, design and rules."""
    _checks.instance("data", data, "TrialData", "hecon.trial.trial_data returns one from a table and its design")
    _checks.instance("main", main, "TrialAnalysis", "hecon.trial.analyse returns one")
    if main.rules != data.rules or main.description != describe(data):
        msg = (
            "main must be the analysis of these data by the same design and rules, as hecon.trial.analyse returns it "
            "from data"
        )
        raise InputError(msg)


def scenarios(
    data: TrialData,
    main: TrialAnalysis,
    *,
    wtp: ArrayLike | None = None,
    value_sets: str | Path | Sequence[str | Path] | None = None,
    rng: int | np.random.Generator | None = None,
    progress: Callable[[str, int, int], None] = analysing.silent,
) -> tuple[Scenario, ...]:
    """Analyse a trial in other ways, beside its main analysis.

    Parameters
    ----------
    data : TrialData
        The checked trial.
    main : TrialAnalysis
        Its main analysis.
    wtp : float or sequence of float, optional
        Willingness to pay [currency per QALY] at which probabilities are given too, beside the values of the rules.
    value_sets : str, Path, sequence of these, or "all", optional
        Other value sets to apply to the same EQ-5D answers, as for `hecon.utility`, each a scenario; "all" takes every
        other set that comes with hecon of the version that was answered. A set on the scale of another version is
        reached by a crosswalk alone, as "nl-5l-crosswalk-2006", which "all" takes too.
    rng : int, numpy.random.Generator or None
        Seed or generator.
    progress : callable, optional
        Called with the name of the stage, the number done and the total.

    Returns
    -------
    tuple of Scenario
        The main analysis first; then complete cases; no adjustment for covariates (that for utility and cost before
        the start stays); own regressors in each equation, or where the main analysis has these the same in both; in a
        trial beyond a year no discounting, QALYs discounted as costs, and its first year alone; where patients died,
        the other rule for the utility up to death, and those of unknown vital status counted as dead; a generalised
        linear model of costs with gamma variance and log link; imputation with local scaling, or without it where the
        main analysis has it; the two other ways of joining imputation and bootstrap; and departures from missing at
        random: imputed utilities 0.05 lower in all arms, or in the interventions alone, and imputed costs 10% higher in
        the interventions alone. Where the design has ``[deviation]``, values after a departure follow the arm of
        reference in each way that it names, with Rubin's variance and with the bootstrap's. With clusters the model
        stays mixed, and what resamples patients is left out; where nothing is missing, so is what imputes. Those that
        do not impute anew take the imputed sets of the main analysis, so that they differ by what is varied. A way that
        cannot be fitted to the trial, as a gamma model of an arm without costs, is left out with a warning. Last come
        those of `value_sets`: missing utilities are imputed anew on the scale of each, as if the design had named it.

    Raises
    ------
    InputError
        If `main` is not the analysis of `data`; or `value_sets` are asked for where the design has utilities and not
        answers, or are unknown, of another version, that of the design, or named twice.
    ValueSetError
        If the file of a value set breaks its rules.

    Warns
    -----
    StatisticalWarning
        If a way cannot be fitted to the trial: its code and the reason.

    Notes
    -----
    The sizes of the departures are assumed. Give others by `analyse` and `Departure`.

    References
    ----------
    Mason AJ, Gomes M, Grieve R, Carpenter JR. A Bayesian framework for health economic evaluation in studies with
    missing data. Health Econ 2018;27:1670-1683. https://doi.org/10.1002/hec.3793
    """
    refuse_other_data(data, main)
    other_sets = other_value_sets(data, value_sets)
    values = main.effect.shown(main.rules)
    if wtp is not None:
        values = tuple(dict.fromkeys((*values, *map(float, _checks.willingness_to_pay(wtp)))))
    seed = int(_checks.generator(rng).integers(2**63))
    result = [*_results("main", main, values), *_complete(main, values)]
    names = tuple(each.name for each in main.perspectives)
    others = list(_others(data, main, seed, other_sets))
    for done, (code, changed, method, settings) in enumerate(others):
        progress("scenarios", done, len(others))
        try:
            found = analysing.run(changed, names, method, settings, np.random.default_rng(seed))
            result += _results(code, found, values)
        except InputError as error:
            warnings.warn(f"scenario {code!r} is left out: {error}", StatisticalWarning, stacklevel=2)
    progress("scenarios", len(others), len(others))
    return tuple(result)


def _results(code: str, analysis: TrialAnalysis, values: Sequence[float]) -> Iterator[Scenario]:
    """Yield the results of one way of analysing, with the Monte Carlo errors of its probabilities."""
    for each in analysis.perspectives:
        for strategy in each.strategies[1:]:
            others = [other for other in each.strategies[1:] if other != strategy]
            yield Scenario(
                code,
                each.name,
                strategy,
                each.delta_cost(strategy),
                each.delta_effect(strategy),
                {value: each.p_cost_effective(strategy, wtp=value) for value in values},
                {value: each.p_cost_effective_error(strategy, wtp=value) for value in values},
                analysis.settings.get("imputations"),
                {
                    other: {value: each.p_cost_effective(strategy, wtp=value, against=other) for value in values}
                    for other in others
                },
                analysis.settings.get("beyond_scale"),
                analysis.description.value_set if code.startswith(PREFIX) else None,
            )


def _complete(analysis: TrialAnalysis, values: Sequence[float]) -> Iterator[Scenario]:
    cases = [(each, each.complete_case) for each in analysis.perspectives]
    known = tuple(replace(each, spread=case.spread) for each, case in cases if case is not None)
    yield from _results("complete-case", replace(analysis, perspectives=known, settings={}), values)


def _others(data: TrialData, main: TrialAnalysis, seed: int, value_sets: Sequence[ValueSet] = ()) -> Iterator[Way]:
    """Yield the code of each other way, the trial as it takes it, its method and its settings.

    What does not impute anew takes the sets of the main analysis, so that it differs from that by what is varied alone.
    """
    settings = settings_of(data, main, seed)
    yield from _of_the_same_sets(data, main, settings)
    anew = replace(settings, given=None, departures=_departures(main), reference_based=main.settings["reference_based"])
    if settings.given is not None:
        yield from _imputed_otherwise(data, main, settings, anew)
        anew = replace(anew, imputations=min(_FEWER, settings.given.count))
    for each in value_sets:
        yield f"{PREFIX}{each.origin.name}", revalued(data, each), "imputation", anew


def _imputed_otherwise(
    data: TrialData, main: TrialAnalysis, settings: pipelines.Settings, anew: pipelines.Settings
) -> Iterator[Way]:
    """Yield the analyses that impute what is missing in another way, or shift what was imputed."""
    assert settings.given is not None  # noqa: S101 (asked of trials with missing values alone)
    other = "pmm" if settings.imputing.imputation == "scaled" else "scaled"
    imputing = ImputationModel(other, iterations=settings.imputing.iterations, log_from=settings.imputing.log_from)
    yield other, data, "imputation", replace(anew, imputing=imputing, imputations=min(_FEWER, settings.given.count))
    if main.model in {"sur", "mixed"} and data.weights is None:
        of_samples = replace(anew, imputing=replace(settings.imputing, iterations=_ROUNDS))
        yield "bootstrap-single", data, "bootstrap-single", replace(of_samples, replicates=_SINGLE)
        yield "bootstrap-imputation", data, "bootstrap-imputation", replace(of_samples, replicates=_DOUBLE)
    if data.deaths is not None and np.isfinite(data.deaths.unknown_from).any():
        few = min(_FEWER, settings.given.count)
        yield "unknown-dead", unknown_as_dead(data), "imputation", replace(anew, imputations=few)
    for code, departures in _shifts(data):
        yield code, data, "imputation", replace(settings, departures=departures)
    yield from _by_reference(data, settings, anew)


def _of_the_same_sets(data: TrialData, main: TrialAnalysis, settings: pipelines.Settings) -> Iterator[Way]:
    """Yield the analyses that other regressions or choices make of the same sets."""
    if any(data.adjusts):
        yield "unadjusted", replace(data, adjusts=(frozenset(),) * len(data.adjusts)), "imputation", settings
    other = "own" if data.regressors == "same" else "same"
    # Without any value of the start there is none to be had by one equation alone; costs alone are one equation.
    known = (data.effect.start and data.start_assumed is None) or data.baseline_costs is not None
    if data.effect.exists and known:
        yield f"{other}-regressors", replace(data, regressors=other), "imputation", settings
    for code, changed, given in other_choices(data, settings.given):
        yield code, changed, "imputation", replace(settings, given=given)
    if main.model == "sur" and main.settings["reference_based"] is None and data.weights is None:
        yield "gamma-log", data, "imputation", _of_fewer(replace(settings, model="gamma-log"))


def _by_reference(data: TrialData, settings: pipelines.Settings, anew: pipelines.Settings) -> Iterator[Way]:
    """Yield the analyses in which values after a departure follow the arm of reference, or are missing at random."""
    if data.deviations is None or settings.given is None:
        return
    assumed = anew.reference_based
    if assumed is not None:
        fewer = min(_FEWER, settings.given.count)
        yield "at-random", data, "imputation", replace(anew, reference_based=None, imputations=fewer)
    for method in data.deviations.methods:
        if method != assumed:
            yield method, data, "imputation", replace(settings, reference_based=method)
        rounds = replace(settings.imputing, iterations=_ROUNDS)
        of_samples = replace(anew, imputing=rounds, replicates=_DOUBLE, reference_based=method)
        yield f"{method}-bootstrap", data, "bootstrap-imputation", of_samples


def _shifts(data: TrialData) -> Iterator[tuple[str, tuple[Departure, ...]]]:
    """Yield the departures from missing at random that move anything: where such values are missing in such arms."""
    apart, intervention = data.strategies[1:], data.arm > 0
    first, beyond = int(data.effect.start), unplanned(data)
    # What a utility is lower by says nothing of a total, or of another effect.
    utilities = np.isnan(data.utilities[:, first:]) & ~beyond[0][:, first:] & (data.effect.kind == "utilities")
    costs = np.isnan(data.costs) & ~beyond[1]
    if utilities.any():
        yield "worse-all", (Departure(utility=_WORSE),)
    if utilities[intervention].any():
        yield "worse-intervention", tuple(Departure(each, utility=_WORSE) for each in apart)
    if costs[intervention].any():
        yield "dearer-intervention", tuple(Departure(each, cost=_DEARER) for each in apart)


def _of_fewer(settings: pipelines.Settings) -> pipelines.Settings:
    """Return settings for a model that takes long: the first of the given sets, with the fewest replicates."""
    given = settings.given
    if given is not None:
        given = replace(given, values=given.values[:_FEWER], trace=given.trace[:, :, :_FEWER])
    return replace(settings, given=given, replicates=imputation.replicates_per_set(1 if given is None else given.count))


def _departures(main: TrialAnalysis) -> tuple[Departure, ...]:
    return tuple(Departure(**each) for each in main.settings["departures"])


def settings_of(data: TrialData, main: TrialAnalysis, seed: int) -> pipelines.Settings:
    """Return the settings of the main analysis with its imputed sets; where it kept none, with new ones."""
    options = main.settings
    imputing = ImputationModel(**{each.name: options[each.name] for each in fields(ImputationModel)})
    given = main.imputation
    if given is None and bool(variables_of(data).missing.any()):
        assumed = {"departures": _departures(main), "reference_based": options["reference_based"]}
        given = impute(data, count=imputation.PILOT, **vars(imputing), **assumed, rng=seed)
    replicates = imputation.replicates_per_set(1 if given is None else given.count)
    return pipelines.Settings(
        model=main.model,
        imputations=None,
        monte_carlo_error=analysing.MONTE_CARLO_ERROR,
        imputing=imputing,
        replicates=max(replicates, options["replicates"]) if main.method == "imputation" else replicates,
        departures=(),
        progress=analysing.silent,
        given=given,
    )


# Other value sets -----------------------------------------------------------------------------------------------------

# Asks for every value set of the version that was answered.
ALL = "all"
# Begins the code of a scenario, before the name of its value set.
PREFIX = "value-set-"


def other_value_sets(data: TrialData, asked: str | Path | Sequence[str | Path] | None) -> tuple[ValueSet, ...]:
    """Return the value sets that are asked for, if the answers of a trial can be valued by each of them.

    "all" stands for every other set of the version that comes with hecon, crosswalks among them.
    """
    return () if asked is None else sets_beside(None if data.states is None else data.value_set, asked)


def sets_beside(own: Provenance | None, asked: str | Path | Sequence[str | Path]) -> tuple[ValueSet, ...]:
    """Return value sets if they suit the answers that `own` values; without answers there is none."""
    names = [asked] if isinstance(asked, (str, Path)) else _names(asked)
    if own is None:
        msg = (
            f"value_sets must be left out of a trial without EQ-5D answers, got {', '.join(map(repr, names))}: only "
            "`items` or `states` under [utility] can be valued by another set"
        )
        raise InputError(msg)
    if names == [ALL]:
        return tuple(valuesets.find(name) for name in _answered(own.version) if name != own.name)
    found = tuple(valuesets.find(name) for name in names)
    for each in found:
        _refuse_other_version(each, own.version)
    seen = [own.name]
    for name in (each.origin.name for each in found):
        if name in seen:
            rule = "must be other sets than that of the design, each named once"
            msg = f"value_sets {rule}, got {name!r}{'' if name == own.name else ' again'}: leave it out"
            raise InputError(msg)
        seen.append(name)
    return found


def _answered(version: str) -> list[str]:
    """Return the names of the packaged sets of a version."""
    return [each.name for each in tables.listed("value_set") if each.version == version]


def _names(asked: Sequence[str | Path]) -> list[str | Path]:
    if not hasattr(asked, "__iter__"):
        msg = f'value_sets must be names of value sets, or "all", got {_checks.shown(asked)}'
        raise InputError(msg)
    return list(asked)


def _refuse_other_version(chosen: ValueSet, version: str) -> None:
    """Refuse a value set of another version, naming the crosswalk to its scale where one comes with hecon."""
    origin = chosen.origin
    if origin.version == version:
        return
    crosswalk = next((name for name in _answered(version) if valuesets.scale_of(name) == origin.name), None)
    if crosswalk is not None:
        remedy = f"{crosswalk!r} values {version} answers on its scale"
    else:
        remedy = f'no crosswalk to it comes with hecon; hecon.eq5d.value_sets(version="{version}") lists those that do'
    msg = f"value_sets must be of the version that was answered, {version}, got {origin.name!r} of {origin.version}: "
    raise InputError(msg + remedy)


def revalued(data: TrialData, chosen: ValueSet) -> TrialData:
    """Return a trial as a design with this value set gives it; what is missing stays missing."""
    assert data.states is not None  # noqa: S101 (other_value_sets refuses others)
    # The utility at the start may be assumed: then nobody answered.
    first = int(data.start_assumed is not None)
    utilities = data.utilities.copy()
    utilities[:, first:] = chosen.lookup[data.states]
    floor, ceiling = chosen.ends
    other = replace(data, utilities=utilities, utility_floor=floor, utility_ceiling=ceiling, value_set=chosen.origin)
    if other.planned is not None:
        other = within_plan(other)
    return other if other.deaths is None else with_deaths(other, other.deaths)
