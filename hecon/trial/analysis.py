"""The analysis of a trial: adjusted arm means, their spread and what they rest on; plain JSON and draws of it."""

from __future__ import annotations

import warnings
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import xarray as xr

from hecon import _checks
from hecon._display import displayed
from hecon.draws import from_arrays
from hecon.errors import InputError, StatisticalWarning
from hecon.rulesets import RuleSet, ruleset
from hecon.trial import resampling
from hecon.trial.effects import EffectMeasure
from hecon.trial.estimates import (
    Resampled,
    differences,
    draw,
    level_of,
    smallest_df,
    sum_of,
    variance_of,
    weights_of,
    without_rounding,
)
from hecon.trial.imputation import largest_error

if TYPE_CHECKING:
    from hecon._arrays import Codes, Floats
    from hecon.tables import Provenance
    from hecon.trial.description import Description
    from hecon.trial.estimates import Estimate, Spread
    from hecon.trial.imputation import Imputation
    from hecon.trial.soundness import Doubt, Variation


@displayed
@dataclass(frozen=True)
class CompleteCase:
    """The analysis of the patients of whom nothing is missing, for comparison with the main one."""

    patients: tuple[int, ...]  # their number in each arm
    spread: Resampled  # estimates and bootstrap replicates
    # estimates without each resampled unit (patient or cluster) in turn, shape (unit, parameter)
    jackknife: Floats = field(repr=False)
    stratum: Codes = field(repr=False)  # stratum of each unit

    def bca(self, contrast: Floats, *, level: float = 0.95) -> tuple[float, float]:
        """Return the bias-corrected and accelerated interval of a weighted sum of the parameters.

        Efron B. Better bootstrap confidence intervals. J Am Stat Assoc 1987;82:171-185.
        https://doi.org/10.1080/01621459.1987.10478410
        """
        weights = weights_of(contrast, self.spread.mean.size)
        level_of(level)
        estimate = sum_of(weights, self.spread.mean)
        left_out = without_rounding(self.jackknife @ weights, np.abs(self.jackknife) @ np.abs(weights), estimate)
        speed = resampling.acceleration(left_out[:, None], self.stratum)
        replicates = self.spread.values(contrast)[:, None]
        low, high = resampling.bca(replicates, np.array([estimate]), speed, level)[:, 0]
        return float(low), float(high)


@displayed
@dataclass(frozen=True)
class PerspectiveAnalysis:
    """The results from one perspective.

    Attributes
    ----------
    name : str
        Name of the perspective.
    strategies : tuple of str
        The arms, the comparator first.
    spread : Spread
        Adjusted mean cost of each arm, then adjusted mean QALYs of each arm, with their covariance.
    replicates : ndarray
        Bootstrap replicates of those means, shape (imputation, replicate, parameter): of each set as many as could be
        fitted to every set.
    complete_case : CompleteCase or None
        The analysis of complete cases; None where too few are complete, or the model cannot be fitted to them.
    variation : tuple of Variation
        Outcomes that do not vary within arms, or in few patients alone; empty where all vary.
    rules : RuleSet
        Whose currency the costs are in, and at whose values of a QALY results are shown.
    effect : EffectMeasure
        What the effect is.
    """

    name: str
    strategies: tuple[str, ...]
    spread: Spread
    replicates: Floats = field(repr=False)
    complete_case: CompleteCase | None = field(repr=False)
    variation: tuple[Variation, ...] = ()
    rules: RuleSet = field(default_factory=ruleset, repr=False)
    effect: EffectMeasure = field(default_factory=EffectMeasure, repr=False)

    @property
    def reference(self) -> tuple[int | float, ...]:
        """Willingness to pay per unit of effect [currency] at which the answer is given."""
        return self.effect.reference(self.rules)

    def grid(self, every: int = 1) -> tuple[int | float, ...]:
        """Return the willingness to pay at which probabilities are reported, or each second one."""
        return self.effect.grid(self.rules, every)

    def contrast(self, strategy: str, *, cost: float = 0.0, effect: float = 0.0, against: str | None = None) -> Floats:
        """Return the weights, one per parameter, of a strategy's weighted difference from the comparator or another."""
        other = self.strategies[0] if against is None else _checks.one_of("against", against, self.strategies)
        _checks.one_of("strategy", strategy, tuple(each for each in self.strategies if each != other))
        arms = len(self.strategies)
        weight = np.zeros(2 * arms)
        for start, value in ((0, cost), (arms, effect)):
            weight[start + self.strategies.index(strategy)] += value
            weight[start + self.strategies.index(other)] -= value
        return weight

    def outcome(self, strategy: str, name: str) -> Floats:
        """Return the weights of a strategy's difference from the comparator in "cost" or "effect"."""
        return self.contrast(strategy, cost=float(name == "cost"), effect=float(name == "effect"))

    def mean_cost(self, strategy: str) -> Estimate:
        """Return the adjusted mean cost of an arm [currency]."""
        return self._mean(strategy, 0)

    def mean_effect(self, strategy: str) -> Estimate:
        """Return the adjusted mean QALYs, or another effect, of an arm."""
        return self._mean(strategy, len(self.strategies))

    def _mean(self, strategy: str, start: int) -> Estimate:
        _checks.one_of("strategy", strategy, self.strategies)
        return self.spread.of(np.eye(2 * len(self.strategies))[start + self.strategies.index(strategy)])

    def delta_cost(self, strategy: str) -> Estimate:
        """Return the difference in mean cost from the comparator [currency]."""
        return self.spread.of(self.contrast(strategy, cost=1.0))

    def delta_effect(self, strategy: str) -> Estimate:
        """Return the difference in mean QALYs, or another effect, from the comparator."""
        return self.spread.of(self.contrast(strategy, effect=1.0))

    def net_benefit(self, strategy: str, *, wtp: float, against: str | None = None) -> Estimate:
        """Return the incremental net monetary benefit [currency] at a willingness to pay [currency per unit of effect].

        It is that over the comparator, or over the arm `against`.
        """
        return self.spread.of(self.benefit(strategy, wtp=wtp, against=against))

    def p_cost_effective(self, strategy: str, *, wtp: float, against: str | None = None) -> float:
        """Return the probability that net benefit is at least 0 at a willingness to pay [currency per unit]."""
        return self.spread.above_zero(self.benefit(strategy, wtp=wtp, against=against))

    def p_cost_effective_error(self, strategy: str, *, wtp: float, against: str | None = None) -> float:
        """Return the Monte Carlo standard error of `p_cost_effective`: by how much another seed would move it.

        It comes of the finite number of imputations and replicates alone, and says nothing of the number of patients.
        """
        return self.spread.above_zero_error(self.benefit(strategy, wtp=wtp, against=against))

    def benefit(self, strategy: str, *, wtp: float, against: str | None = None) -> Floats:
        """Return the weights of a net benefit, one per parameter; less of a harm is a gain."""
        values = _checks.willingness_to_pay(wtp)
        if np.ndim(wtp) != 0:
            msg = f"wtp must be one number, got {wtp!r}: ask for each in turn"
            raise InputError(msg)
        return self.contrast(strategy, cost=-1.0, effect=self.effect.sign * float(values[0]), against=against)

    @cached_property
    def largest_error(self) -> float:
        """The largest Monte Carlo standard error of the probabilities, over arms and values of willingness to pay."""
        return largest_error([self.spread], len(self.strategies), self.effect.worth(self.rules))

    def optimal_error(self, strategy: str, *, wtp: float, draws: int) -> float:
        """Return a bound of the Monte Carlo standard error of a strategy's share of draws with the highest net benefit.

        With two arms it is the error of the one probability; with more the sum over all others: each moves it by no
        more than the probability of beating that one alone.
        """
        _checks.one_of("strategy", strategy, self.strategies)
        place, unit = self.strategies.index(strategy), np.eye(len(self.strategies))
        worth = self.effect.sign * wtp
        benefits = [np.concatenate([-each, worth * each]) for each in np.delete(unit[place] - unit, place, axis=0)]
        return float(np.hypot(sum(self.spread.above_zero_error(each) for each in benefits), 0.5 / np.sqrt(draws)))

    def correlation(self, strategy: str) -> float:
        """Return the correlation of the differences in cost and in QALYs; NaN where one of them does not vary."""
        cost, effect = self.contrast(strategy, cost=1.0), self.contrast(strategy, effect=1.0)
        total = self.spread.total
        scale = np.sqrt(variance_of(cost, total) * variance_of(effect, total))
        return float(cost @ total @ effect / scale) if scale > 0 else float("nan")


@displayed
@dataclass(frozen=True)
class TrialAnalysis:
    """The analysis of a trial from its patients' records.

    Attributes
    ----------
    description : Description
        Counts, means and missingness by arm; no patient's own values.
    method : str
        How missing values and uncertainty go together.
    model : str
        "sur" or "mixed".
    perspectives : tuple of PerspectiveAnalysis
        One per perspective.
    imputation : Imputation or None
        The completed sets; None where nothing was missing.
    settings : dict
        Replicates, imputations, iterations, donors and departures; plain JSON.
    warnings : tuple of str
        Doubts about the data and about the analysis, one sentence each.
    doubts : tuple of Doubt
        Those about the analysis among them, as codes with what they are about.
    """

    description: Description
    method: str
    model: str
    perspectives: tuple[PerspectiveAnalysis, ...]
    imputation: Imputation | None = field(repr=False)
    settings: dict[str, Any]
    warnings: tuple[str, ...] = ()
    doubts: tuple[Doubt, ...] = ()

    @property
    def currency(self) -> str:
        """Currency of the costs: that of the rules."""
        return self.rules.currency

    @property
    def rules(self) -> RuleSet:
        """Rules whose values of a QALY results are shown at."""
        return self.perspectives[0].rules

    @property
    def effect(self) -> EffectMeasure:
        """What the effect is."""
        return self.perspectives[0].effect

    @property
    def other_rules(self) -> dict[str, str]:
        """Name and digest of the rules, to be told; empty where they are the default ones."""
        if self.rules == ruleset():
            return {}
        day = {} if self.rules.on is None else {"rules_on": self.rules.on.isoformat()}
        return {"rules": self.rules.name, **day, "rules_digest": self.rules.digest}

    def perspective(self, name: str) -> PerspectiveAnalysis:
        """Return the results from one perspective, by its name."""
        _checks.one_of("perspective", name, [each.name for each in self.perspectives])
        return next(each for each in self.perspectives if each.name == name)

    def _rows(self) -> list[dict[str, Any]]:
        """Return the rows of `hecon.table`: each strategy's differences from the comparator, by perspective."""
        return [
            {
                "perspective": each.name,
                "strategy": strategy,
                "delta_cost": each.delta_cost(strategy).value,
                "delta_cost 95%": each.delta_cost(strategy).interval,
                "delta_effect": each.delta_effect(strategy).value,
                "delta_effect 95%": each.delta_effect(strategy).interval,
            }
            for each in self.perspectives
            for strategy in each.strategies[1:]
        ]

    def draws(self, *, n_draws: int = 100_000, rng: int | np.random.Generator | None = None) -> xr.Dataset:
        """Draw the adjusted mean cost and QALYs of each arm.

        Parameters
        ----------
        n_draws : int, default 100,000
            Number of draws, at least 10.
        rng : int, numpy.random.Generator or None
            Seed or generator.

        Returns
        -------
        xarray.Dataset
            Draws of ``cost`` and ``effect`` (draw, strategy), with the dim ``perspective`` first where there are
            several; beside them ``cost_replicate`` and ``effect_replicate`` (imputation, replicate, strategy), the
            bootstrap's own. ``attrs["trial"]`` holds, as plain JSON, what was done; ``attrs["freedom"]`` the smallest
            degrees of freedom of a difference, with the numbers of clusters and imputations behind it.

        Raises
        ------
        InputError
            If the trial compares costs alone.

        Notes
        -----
        Differences between arms are drawn from t distributions with the pooled estimates, the total covariance and
        their own degrees of freedom; so percentiles of the draws are the intervals of Rubin's rules, and the mean of
        the draws is the estimate. With ``method="bootstrap-single"`` the draws are the bootstrap's replicates, as many
        as there are. Perspectives are drawn each for itself: their costs are more alike in the draws than they are, so
        no draw of one belongs to a draw of another.

        A t distribution with two degrees of freedom or fewer, as few clusters leave, has no finite variance: neither
        have such draws. Below 3 expected loss and EVPI are refused (`hecon.decision_curves`); percentiles and
        probabilities are sound. Bootstrap replicates of clusters count as draws with as many degrees of freedom as
        clusters less arms.
        """
        count = _checks.count("n_draws", n_draws, at_least=10)
        if not self.effect.exists:
            msg = (
                f"draws must have effects, which the trial {self.description.name!r} of costs alone has not: its "
                "perspectives have the differences in costs, as perspective(name).delta_cost(strategy)"
            )
            raise InputError(msg)
        # One seed for all perspectives: their QALYs are drawn alike. Their costs are drawn more alike than they are.
        seed = int(_checks.generator(rng).integers(2**63))
        parts = [_draws_of_one(self, each, count, np.random.default_rng(seed)) for each in self.perspectives]
        names = [each.name for each in self.perspectives]
        if len(parts) == 1:
            result = parts[0].assign_coords(perspective=names[0])
        else:
            result = xr.concat(parts, dim=xr.Variable("perspective", names), combine_attrs="override")
        # Without them the values of the default rules hold, which are per QALY.
        own = {"thresholds": list(self.perspectives[0].reference)} if self.other_rules or self.effect.wtp else {}
        ranged = self.effect.is_qaly and self.rules.values_on().range is not None
        own |= {"value_range": list(self.perspectives[0].reference)} if ranged else {}
        return result.assign_attrs(trial=self.to_json(), **_freedom(self), **own)

    def to_json(self) -> dict[str, Any]:
        """Return what was read, settings, warnings and results as plain JSON, nothing of a single patient."""
        return {
            "name": self.description.name,
            "simulated": self.description.simulated,
            "digest": self.description.digest,
            "effect": self.effect.to_json(),
            "value_set": _named(self.description.value_set),
            "reading": None if self.description.reading is None else self.description.reading.to_json(),
            "patients": dict(zip(self.description.strategies, self.description.patients, strict=True)),
            "complete": dict(zip(self.description.strategies, self.description.complete, strict=True)),
            **_deaths(self.description),
            "method": self.method,
            "model": self.model,
            "settings": self.settings,
            **self.other_rules,
            "warnings": list(self.warnings),
            "doubts": [{"code": each.code, "about": each.about} for each in self.doubts],
            "perspectives": {each.name: _plain(each) for each in self.perspectives},
        }


def _deaths(about: Description) -> dict[str, Any]:
    """Return deaths by arm, and by which rule they count; nothing where the design says nothing of them."""
    if about.deaths is None:
        return {}
    counts = {key: dict(zip(about.strategies, getattr(about.deaths, key), strict=True)) for key in ("died", "unknown")}
    return {"deaths": {**counts, "dated": about.deaths.dated, "before": about.deaths.before}}


def _named(origin: Provenance | None) -> dict[str, Any] | None:
    """Return what identifies a value set; None where it is unknown."""
    if origin is None:
        return None
    keys = ("name", "version", "title", "year", "source", "doi", "digest")
    return {key: value for key in keys if (value := getattr(origin, key)) != ""}


def _plain(result: PerspectiveAnalysis) -> dict[str, Any]:
    """Return the results from one perspective."""
    arms = len(result.strategies)
    mean = [float(each) for each in result.spread.mean]
    effects = {"mean_effect": dict(zip(result.strategies, mean[arms:], strict=True))} if result.effect.exists else {}
    return {
        "mean_cost": dict(zip(result.strategies, mean[:arms], strict=True)),
        **effects,
        "differences": {name: _difference(result, name) for name in result.strategies[1:]},
        "variation": [each.to_json() for each in result.variation],
    }


def _difference(result: PerspectiveAnalysis, strategy: str) -> dict[str, Any]:
    case = result.complete_case
    plain: dict[str, Any] = {"complete_case": None}
    if case is not None:
        plain["complete_case"] = {"patients": list(case.patients)}
    for outcome in ("cost", "effect") if result.effect.exists else ("cost",):
        name, contrast = f"delta_{outcome}", result.outcome(strategy, outcome)
        plain[name] = _estimate(result.spread.of(contrast))
        if case is not None:
            plain["complete_case"][name] = {**_estimate(case.spread.of(contrast)), "bca": list(case.bca(contrast))}
    correlation = result.correlation(strategy)
    return {**plain, "correlation": correlation if np.isfinite(correlation) else None}


def _estimate(estimate: Estimate) -> dict[str, Any]:
    return {
        "estimate": estimate.value,
        "se": estimate.se,
        "df": estimate.df if np.isfinite(estimate.df) else None,
        "interval": list(estimate.interval),
        "fraction_missing_information": estimate.fmi,
        "monte_carlo_se": estimate.monte_carlo_se,
    }


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
    freedom = {"smallest": smallest, "clusters": clusters, "imputations": imputations}
    return {"freedom": freedom}


def _draws_of_one(
    analysis: TrialAnalysis, perspective: PerspectiveAnalysis, count: int, rng: np.random.Generator
) -> xr.Dataset:
    """Return the draws from one perspective, with the replicates beside them."""
    strategies, about = perspective.strategies, analysis.description
    arms = len(strategies)
    if analysis.method == "bootstrap-single":
        values = perspective.replicates[0]
    else:
        values = draw(perspective.spread, _basis(arms), count, rng)
    with warnings.catch_warnings():
        # A trial tells costs from effects; with few degrees of freedom draws reach far, which is a doubt of its own.
        warnings.filterwarnings("ignore", ".*are cost and effect exchanged", StatisticalWarning)
        draws = from_arrays(
            values[:, :arms],
            values[:, arms:],
            strategies=list(strategies),
            comparator=strategies[0],
            currency=analysis.currency,
            price_year=about.price_year,
            effect_unit=analysis.effect.unit,
            effect_better=analysis.effect.better,
            horizon_years=about.horizon / 12,
            discount_cost=about.discount_cost,
            discount_effect=about.discount_effect,
            source=f"{about.name}{' (simulated data)' if about.simulated else ''}, sha256 {about.digest[:12]}",
        )
    dims = ("imputation", "replicate", "strategy")
    return draws.assign(
        cost_replicate=(dims, perspective.replicates[:, :, :arms], dict(draws["cost"].attrs)),
        effect_replicate=(dims, perspective.replicates[:, :, arms:], dict(draws["effect"].attrs)),
    )


def _basis(arms: int) -> Floats:
    """Return weights of the sums that are drawn: mean and differences of the effects, then those of the costs."""
    return np.kron(np.array([[0.0, 1.0], [1.0, 0.0]]), differences(arms))
