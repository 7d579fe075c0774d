"""The records of an assessment, from the whole down to one sensitivity."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from hecon import _checks
from hecon._display import displayed
from hecon.draws import has_few_freedom
from hecon.reported._constraints import Constraint
from hecon.reported.fits import APPROXIMATION, Check, FittedParameter, Statistic
from hecon.rules import reference_value
from hecon.rules.burden import integrated
from hecon.rules.verdicts import COST_EFFECTIVE, judge

if TYPE_CHECKING:
    from collections.abc import Sequence
    from decimal import Decimal

    import pandas as pd
    import xarray as xr

    from hecon import reported
    from hecon.assessment.budgets import BudgetResult
    from hecon.assessment.concluding import Conclusion, Preference
    from hecon.assessment.several import IncrementalAnalysis, JointResult
    from hecon.assessment.worth import Information
    from hecon.auditing import Finding
    from hecon.curves import Curves
    from hecon.dossier.comparison import Comparison
    from hecon.dossier.loading import Dossier
    from hecon.evidence import ClinicalVerdict
    from hecon.rules.burden import Shortfall
    from hecon.rules.package_criteria import Criteria
    from hecon.rules.verdicts import Judgement
    from hecon.rulesets import RuleSet
    from hecon.tables import Provenance
    from hecon.trial import TrialAnalysis
    from hecon.trial.analysis import PerspectiveAnalysis
    from hecon.trial.sensitivity import Scenario

# The status of a parameter from patient data, beside "reported", "derived", "assumed" and "not determined".
_COMPUTED = "computed"


@dataclass(frozen=True)
class Reason:
    """Why a result is missing: a code, and the parameters or value concerned."""

    code: str
    about: tuple[str, ...] = ()


@dataclass(frozen=True)
class Sensitivity:
    """How far probabilities move when one thing is varied.

    That is an assumption, an interval's halves, skew or clustering; of patient data a scenario.
    """

    kind: str
    about: tuple[str, ...]
    range: tuple[float, float] | None
    p_cost_effective: dict[float, tuple[float, float]]


@dataclass(frozen=True)
class AtThreshold:
    """Net benefit at a threshold of the source, in the comparison's currency, and the probability where it is known."""

    value: float
    net_benefit: float
    p_cost_effective: float | None


@dataclass(frozen=True)
class TrialSource:
    """Where patient data are from: the files as the dossier names them, with the SHA-256 of both.

    Beside them the name of each strategy's arm in the design, that of the perspective, where the value set is from, and
    where each setting of the comparison is from: the "dossier", the "design" or the "rules".
    """

    file: str
    digest: str
    design: str
    design_digest: str
    arms: dict[str, str]
    perspective: str
    value_set: Provenance | None
    settings: dict[str, str]


@displayed
@dataclass(frozen=True)
class ComparisonResult:
    """One comparison of an assessment: its part of the dossier, its results, and why something is not given.

    `fit` is what published statistics determine; None where none were printed, and in a `TrialResult`, which rests on
    patient data. `p_range` runs over everything that `varied` names, and over rounding: assumed parameters, the
    sensitivity analyses ("skewness", "design_effect") and, of patient data, the scenarios. `icer` is that of
    `delta_cost` and `delta_effect`; `published_icer` is the source's own.
    `in_range` tells where the ratio lies by a range of values of the rules: "below", "within" or "above".
    `values` are those of willingness to pay at which results are shown: of the rules, or in another currency those that
    its source states; `preferences` names the preferred option at each. `dominance` is the verdict at every value where
    the rules have none for it.
    `joint` holds the joint draws of the published differences of several interventions from one comparator.
    `shares_effect` tells that `delta_effect` is that of another perspective of the same trial, which knows it better.
    """

    spec: Comparison
    computable: bool
    values: tuple[float, ...] = ()
    reason: Reason | None = None
    curves: Curves | None = field(default=None, repr=False, compare=False)
    delta_cost: float | None = None
    delta_effect: float | None = None
    icer: float | None = None
    quadrant: str | None = None
    quadrant_implied: bool = False
    shares_effect: bool = False
    intervals: dict[str, tuple[float, float]] = field(default_factory=dict)
    net_benefit: dict[float, float] = field(default_factory=dict)
    net_benefit_range: dict[float, tuple[float, float]] = field(default_factory=dict)
    p_cost_effective: dict[float, float] = field(default_factory=dict)
    p_range: dict[float, tuple[float, float]] = field(default_factory=dict)
    varied: tuple[str, ...] = ()
    judgements: tuple[Judgement, ...] = ()
    preferences: tuple[Preference, ...] = ()
    dominance: str | None = None
    in_range: str | None = None
    no_verdict: Reason | None = None
    at_thresholds: tuple[AtThreshold, ...] = ()
    sensitivities: tuple[Sensitivity, ...] = ()
    fit: reported.Fit | None = None
    joint: JointResult | None = field(default=None, repr=False, compare=False)

    @property
    def draws(self) -> xr.Dataset | None:
        """The draws, with their tables in `curves`; None where the spread is not known."""
        return None if self.curves is None else self.curves.draws

    def values_at(self, wtp: Sequence[float] | None) -> tuple[float, ...]:
        """Return the values asked for, else the reference values of the rules, else those that it is shown at.

        Parameters
        ----------
        wtp : sequence of float or None
            Willingness to pay [currency per unit of effect].

        Returns
        -------
        tuple of float
            In their order.

        Raises
        ------
        InputError
            If a value is not finite, is below 0 or stands there twice.
        """
        judged = [each.reference_value for each in self.judgements]
        if wtp is None:
            return tuple(map(float, judged or self.values))
        values = _checks.willingness_to_pay(wtp)
        _checks.refuse_repeated("wtp", values)
        return tuple(values.tolist())

    @property
    def dominant(self) -> str | None:
        """The option that is better at every value, where `dominance` tells that there is one."""
        if self.dominance is None:
            return None
        return self.spec.intervention if self.dominance == COST_EFFECTIVE else self.spec.comparator

    @property
    def few_freedom(self) -> bool:
        """Whether the draws are from patients with too few degrees of freedom for a mean of losses."""
        return self.draws is not None and has_few_freedom(self.draws)

    @property
    def published_icer(self) -> int | Decimal | None:
        """The ratio as its source reported it, whether it was fitted or kept as a check; None where there is none."""
        ratios = (
            statistic.value
            for statistic in self.spec.statistic
            if statistic.kind == "icer" and statistic.status == "reported"
        )
        return next(ratios, None)

    @property
    def simulated(self) -> bool:
        """Whether no patient gave the data that the results are computed from."""
        return False

    @property
    def parameters(self) -> dict[str, FittedParameter]:
        """The five parameters with status, and what they rest on; empty where no figures are on file."""
        return {} if self.fit is None else self.fit.parameters

    @property
    def statistics(self) -> tuple[Statistic, ...]:
        """The published statistics that were fitted."""
        return () if self.fit is None else self.fit.statistics

    @property
    def checks(self) -> tuple[Check, ...]:
        """The published statistics that were predicted."""
        return () if self.fit is None else self.fit.checks

    @property
    def approximation(self) -> float:
        """Relative difference up to which a prediction agrees with what was published, within approximation."""
        return APPROXIMATION

    @property
    def beyond_assumptions(self) -> tuple[str, ...]:
        """What the sensitivity analyses of a fit vary beside the assumed parameters: skewness, a design effect."""
        return () if self.fit is None else tuple(name for name in self.varied if name not in self.fit.assumed)

    @property
    def ranges_over(self) -> str:
        """What the ranges of the means are over: "rounding", "assumptions" or "scenarios"."""
        return "assumptions" if self.fit is not None and self.fit.assumed else "rounding"


@displayed
@dataclass(frozen=True, kw_only=True)
class TrialResult(ComparisonResult):
    """A comparison from patient data.

    Attributes
    ----------
    trial : TrialAnalysis, the analysis of the trial, shared by all comparisons that rest on it
    trial_source : TrialSource, the files, and which arms and perspective of the design the comparison is of
    scenarios : tuple of Scenario, those that the dossier asks for, the main analysis among them
    """

    trial: TrialAnalysis
    trial_source: TrialSource
    scenarios: tuple[Scenario, ...] = ()

    @property
    def simulated(self) -> bool:
        """Whether no patient gave the data."""
        return self.trial.description.simulated

    @property
    def perspective(self) -> PerspectiveAnalysis:
        """The analysis from the perspective of the comparison."""
        return self.trial.perspective(self.trial_source.perspective)

    @property
    def sign(self) -> float:
        """−1 where less of the trial's effect is better: the comparison counts what is averted, otherwise 1."""
        return self.trial.effect.sign

    def differences_in(self, scenario: Scenario) -> tuple[float, float]:
        """Return the differences in cost and effect in a scenario, the effect as the comparison counts it."""
        return scenario.delta_cost.value, self.sign * scenario.delta_effect.value

    @property
    def method(self) -> str:
        """Code of the method: that of the analysis, or "whole" where nothing had to be imputed."""
        complete = self.trial.method == "imputation" and self.trial.imputation is None
        return "whole" if complete else self.trial.method

    @property
    def parameters(self) -> dict[str, FittedParameter]:
        """The parameters as computed; they rest on the method."""
        arm = self.trial_source.arms[self.spec.intervention]
        perspective = self.perspective
        cost, effect = perspective.delta_cost(arm), perspective.delta_effect(arm)
        method = (Constraint(self.method),)
        values = {
            "delta_cost": cost.value,
            "delta_effect": self.sign * effect.value,
            "cost_se": cost.se,
            "effect_se": effect.se,
            "correlation": self.sign * perspective.correlation(arm),
        }
        return {name: FittedParameter(value, None, _COMPUTED, method) for name, value in values.items()}

    @property
    def ranges_over(self) -> str:
        """The scenarios: patient data leave no rounding and no assumptions."""
        return "scenarios"

    def turning(self, judgement: Judgement) -> tuple[str, ...]:
        """Return the codes of the scenarios in which a verdict would be another."""
        value = judgement.reference_value
        return tuple(
            scenario.code
            for scenario in self.scenarios
            if judge(*self.differences_in(scenario), reference_value=value).conclusion != judgement.conclusion
        )


@dataclass(frozen=True)
class ModelSource:
    """Where a model's draws are from: the file as the dossier names it, its SHA-256, and what it holds.

    `others` are the strategies of the file that the comparison leaves aside.
    """

    file: str
    digest: str
    style: str
    draws: int
    parameters: tuple[str, ...]
    others: tuple[str, ...]


@displayed
@dataclass(frozen=True, kw_only=True)
class ModelResult(ComparisonResult):
    """A comparison from a model's draws.

    Attributes
    ----------
    model_source : ModelSource, the file, and what it holds
    model_draws : xarray.Dataset, the draws of all its strategies
    inputs : pandas.DataFrame, its parameters: a row for each draw, a column for each parameter
    """

    model_source: ModelSource
    model_draws: xr.Dataset = field(repr=False, compare=False)
    inputs: pd.DataFrame = field(repr=False, compare=False)

    @property
    def parameters(self) -> dict[str, FittedParameter]:
        """The parameters as the draws have them; they rest on the model."""
        draws = self.model_draws
        pair = draws.sel(strategy=self.spec.intervention) - draws.sel(strategy=self.spec.comparator)
        cost, effect = pair["cost"].to_numpy(), pair["effect"].to_numpy()
        values = {"delta_cost": float(cost.mean()), "delta_effect": float(effect.mean())}
        if cost.size > 1:
            values |= {"cost_se": float(cost.std(ddof=1)), "effect_se": float(effect.std(ddof=1))}
            spread = values["cost_se"] * values["effect_se"]
            if spread > 0:
                values["correlation"] = float(((cost - cost.mean()) * (effect - effect.mean())).sum()) / (
                    spread * (cost.size - 1)
                )
        return {name: FittedParameter(each, None, _COMPUTED, (Constraint("model"),)) for name, each in values.items()}


@dataclass(frozen=True)
class ClinicalResult:
    """Results of one difference that a study printed.

    Attributes
    ----------
    holds : bool, whether an interval was printed that runs upwards and holds its estimate
    centred : bool, whether no two-sided interval was printed that lies off its estimate
    se : float or None
        Standard error from the width of a two-sided interval or the half of a one-sided one; None unless it is above 0.
    ends : (number, number) or None
        Both ends as printed; the open end of a one-sided interval as far from the estimate as the other.
    verdict : ClinicalVerdict or None
        On the arm that the margin is for; None where no interval follows from what was printed.
    """

    holds: bool
    centred: bool = True
    se: float | None = None
    ends: tuple[int | Decimal, int | Decimal] | None = None
    verdict: ClinicalVerdict | None = None


def outcome_path(study: int, outcome: int) -> str:
    """Return the path of a difference in the file, by its place and that of its study."""
    return f"note.study[{study}].outcome[{outcome}]"


@displayed
@dataclass(frozen=True)
class Assessment:
    """The assessment of a dossier.

    Parameters
    ----------
    dossier : Dossier
        What was assessed.
    comparisons : tuple of ComparisonResult
        One per comparison, in the dossier's order.
    provenance : dict
        Dossier and digest, number of draws, seed, versions.
    criteria : Criteria
        The package criteria as judged.
    burden : Shortfall or None
        The burden of disease as computed, where there is something to compute it from.
    own_burden : bool
        Whether it was computed from the dossier's own inputs.
    burden_over_tables : (float, float) or None
        Proportional shortfall of those inputs over every life table and set of norms that ships.
    burden_tables_left_out : tuple of (str, str)
        Life tables with norms that this range leaves out, as they have no figures for the age.
    burden_years_needed : float or None
        Years for which the loss of those inputs would have to last to reach the lowest band, where it ends before.
    budget : BudgetResult or None
        The budget impact, where the dossier has a plan.
    clinical : dict of str to ClinicalResult
        What the printed interval of each study's difference shows, by the path of the difference in the file.
    findings : tuple of Finding
        What the audit of the dossier found, in the order of the notes.
    conclusion : Conclusion or None
        The answer to the dossier's question; `hecon.assess` always gives it.
    incremental : tuple of IncrementalAnalysis
        The full incremental analysis of comparisons of one trial or model with one comparator, where there are several.
    information : tuple of Information
        What further research would be worth at the value that counts, or at each value shown where none counts.
    statuses : dict of str to int
        How many figures of the dossier have each status.
    """

    dossier: Dossier
    comparisons: tuple[ComparisonResult, ...]
    provenance: dict[str, Any]
    criteria: Criteria
    burden: Shortfall | None = None
    own_burden: bool = False
    burden_over_tables: tuple[float, float] | None = None
    burden_tables_left_out: tuple[tuple[str, str], ...] = ()
    burden_years_needed: float | None = None
    budget: BudgetResult | None = None
    clinical: dict[str, ClinicalResult] = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()
    conclusion: Conclusion | None = None
    incremental: tuple[IncrementalAnalysis, ...] = ()
    information: tuple[Information, ...] = ()
    statuses: dict[str, int] = field(default_factory=dict)

    def _rows(self) -> list[dict[str, Any]]:
        """Return the rows of `hecon.table`: each comparison's differences, ratio and probabilities."""
        return [
            {
                "comparison": each.spec.id,
                "currency": each.spec.currency,
                "delta_cost": each.delta_cost,
                "delta_effect": each.delta_effect,
                "icer": each.icer,
                "quadrant": each.quadrant,
                **{self._at(each, value): each.p_cost_effective.get(value) for value in each.values},  # noqa: PD011 (no table)
                "not given because": each.reason.code if each.reason else None,
            }
            for each in self.comparisons
        ]

    def incremental_of(self, comparison: str) -> IncrementalAnalysis | None:
        """Return the full incremental analysis that a comparison is part of.

        Parameters
        ----------
        comparison : str
            Its id.

        Returns
        -------
        IncrementalAnalysis or None
            None where the comparison stands alone.
        """
        return next((each for each in self.incremental if comparison in each.comparisons), None)

    @property
    def simulated(self) -> tuple[str, ...]:
        """Names of the trials whose data are simulated, each once."""
        return tuple(dict.fromkeys(comparison.spec.trial for comparison in self.comparisons if comparison.simulated))

    @property
    def burden_rests_on(self) -> str | None:
        """What the reference value rests on: "judgement", "computation" or None.

        A burden that was given with the assessment goes before the judgement; the dossier's own computation after it.
        """
        judged = self.burden is not None and not self.own_burden
        if self.dossier.burden.band != "not judged" and not judged:
            return "judgement"
        return None if self.burden is None else "computation"

    @property
    def burdens_agree(self) -> bool | None:
        """Whether the band as judged is that as computed; None where one of them is missing."""
        if self.burden is None or self.dossier.burden.band == "not judged":
            return None
        return bool(self.dossier.burden.band == self.burden.band)

    def _at(self, result: ComparisonResult, value: float) -> str:
        """Return the name of a column of probabilities: amounts of another currency have columns of their own."""
        currency = result.spec.currency
        return f"P at {value:,}" if currency == self.rules.currency else f"P at {currency} {value:,}"

    @property
    def rules(self) -> RuleSet:
        """The rules of the country."""
        return self.dossier.ruleset

    def at_home(self, result: ComparisonResult) -> bool:
        """Tell whether who face the decision, as filed, are those of a comparison: of the country of its rules.

        Parameters
        ----------
        result : ComparisonResult
            The comparison.

        Returns
        -------
        bool
            False where the rules are another country's than those of the dossier, or hold for another currency.
        """
        own, filed = self.rules, self.dossier.filed.ruleset
        known = None not in {own.country, filed.country}
        same = own.country == filed.country if known else own.currency == filed.currency
        return same and own.holds_for(result.spec.currency, result.spec.effect_unit)

    @property
    def reference_values(self) -> dict[str, int | float | None]:
        """The reference value [currency per unit of effect] of each band; None for one without."""
        return self.rules.values_on().by_band

    @property
    def reference_value(self) -> int | float | None:
        """The reference value of what it rests on; None where the band has none."""
        if self.burden_rests_on == "judgement":
            return reference_value(self.dossier.burden.band, rules=self.rules)
        return None if self.burden is None else self.burden.reference_value

    def integrated(self, result: ComparisonResult) -> float | None:
        """Return the probability cost-effective over the bands of the computed burden.

        Parameters
        ----------
        result : ComparisonResult
            One of `comparisons`.

        Returns
        -------
        float or None
            None without a computed burden, without probabilities, or where no band has a reference value.
        """
        if self.burden is None or self.over_bands(result) is None:
            return None
        probability = integrated(result.p_cost_effective, self.burden, rules=self.rules)
        return None if math.isnan(probability) else probability

    def over_bands(self, result: ComparisonResult) -> dict[str, float | None] | None:
        """Return the probability cost-effective at the reference value of each band.

        Parameters
        ----------
        result : ComparisonResult
            One of `comparisons`.

        Returns
        -------
        dict of str to float or None, or None
            By band, None for one without a reference value; None without a computed burden or probabilities.
        """
        if self.burden is None or self.burden.band is None or not result.judgements or not result.p_cost_effective:
            return None
        return {
            band: None if value is None else result.p_cost_effective[value]
            for band, value in self.reference_values.items()
        }
