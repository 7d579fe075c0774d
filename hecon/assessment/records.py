"""What an assessment holds: frozen records, from the whole down to one sensitivity."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from hecon import zin

if TYPE_CHECKING:
    from decimal import Decimal

    import xarray as xr

    from hecon import reported
    from hecon.assessment.budgets import BudgetResult
    from hecon.assessment.clinical import ClinicalResult
    from hecon.auditing import Finding
    from hecon.dossier import Comparison, Dossier
    from hecon.trial import Scenario, TrialAnalysis

__all__ = ["WTP", "Assessment", "AtThreshold", "ComparisonResult", "Reason", "Sensitivity", "TrialSource"]

# The reference values, and the lower end of the Zorginstituut's range of € 10,000 to € 80,000 per QALY.
WTP = (10_000, *zin.REFERENCE_VALUES)


@dataclass(frozen=True)
class Reason:
    """Why something is not given: a code, and the parameters or the value it turns on."""

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
    p_cost_effective: dict[int, tuple[float, float]]


@dataclass(frozen=True)
class AtThreshold:
    """Net benefit at a threshold of the source, in the comparison's currency, and the probability where it is known."""

    value: float
    net_benefit: float
    p_cost_effective: float | None


@dataclass(frozen=True)
class TrialSource:
    """Where patient data are from: the files as the dossier names them, with the SHA-256 of both.

    Beside them the name of each strategy's arm in the design, that of the perspective, and that of the value set.
    """

    file: str
    digest: str
    design: str
    design_digest: str
    arms: dict[str, str]
    perspective: str
    value_set: str | None


@dataclass(frozen=True)
class ComparisonResult:
    """One comparison of an assessment: its part of the dossier, what was found and why something was not.

    What was reported has a `fit`; patient data have a `trial` instead, its `trial_source`, and the `scenarios` that the
    dossier asks for. `p_range` runs over everything that `varied` names, and over rounding: assumed parameters, the
    sensitivity analyses ("skewness", "design_effect") and, of patient data, the scenarios. `icer` is that of
    `delta_cost` and `delta_effect`; `published_icer` is the source's own.
    `shares_effect` tells that `delta_effect` is that of another perspective of the same trial, which knows it better.
    """

    spec: Comparison
    computable: bool
    reason: Reason | None = None
    fit: reported.Fit | None = None
    draws: xr.Dataset | None = field(default=None, repr=False, compare=False)
    delta_cost: float | None = None
    delta_effect: float | None = None
    icer: float | None = None
    quadrant: str | None = None
    quadrant_implied: bool = False
    shares_effect: bool = False
    intervals: dict[str, tuple[float, float]] = field(default_factory=dict)
    net_benefit: dict[int, float] = field(default_factory=dict)
    net_benefit_range: dict[int, tuple[float, float]] = field(default_factory=dict)
    p_cost_effective: dict[int, float] = field(default_factory=dict)
    p_range: dict[int, tuple[float, float]] = field(default_factory=dict)
    varied: tuple[str, ...] = ()
    judgements: tuple[zin.Judgement, ...] = ()
    no_verdict: Reason | None = None
    at_thresholds: tuple[AtThreshold, ...] = ()
    sensitivities: tuple[Sensitivity, ...] = ()
    trial: TrialAnalysis | None = None
    trial_source: TrialSource | None = None
    scenarios: tuple[Scenario, ...] = ()

    @property
    def published_icer(self) -> int | Decimal | None:
        """The ratio as its source reported it, whether it was fitted or kept as a check; None where there is none."""
        ratios = (each.value for each in self.spec.statistic if each.kind == "icer" and each.status == "reported")
        return next(ratios, None)

    @property
    def simulated(self) -> bool:
        """Whether no patient gave the data that the results are computed from."""
        return self.trial is not None and self.trial.description.simulated


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
    burden : Shortfall or None
        The burden of disease as computed, where there is something to compute it from.
    own_burden : bool
        Whether it was computed from the dossier's own inputs.
    burden_over_tables : (float, float) or None
        Proportional shortfall of those inputs over every life table and set of norms that ships.
    budget : BudgetResult or None
        The budget impact, where the dossier has a plan.
    clinical : dict of str to ClinicalResult
        What the printed interval of each study's difference shows, by the path of the difference in the file.
    findings : tuple of Finding
        What the audit of the dossier found, in the order of the notes.
    statuses : dict of str to int
        How many figures of the dossier have each status.
    """

    dossier: Dossier
    comparisons: tuple[ComparisonResult, ...]
    provenance: dict[str, Any]
    burden: zin.Shortfall | None = None
    own_burden: bool = False
    burden_over_tables: tuple[float, float] | None = None
    budget: BudgetResult | None = None
    clinical: dict[str, ClinicalResult] = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()
    statuses: dict[str, int] = field(default_factory=dict)

    @property
    def simulated(self) -> tuple[str, ...]:
        """Names of the trials whose data are simulated, each once."""
        return tuple(dict.fromkeys(each.spec.trial for each in self.comparisons if each.simulated))

    @property
    def burden_rests_on(self) -> str | None:
        """What the reference value rests on: "judgement", "computation" or None.

        A burden that was given with the assessment goes before the judgement; the dossier's own computation after it.
        """
        given = self.burden is not None and not self.own_burden
        if self.dossier.burden.band != "not judged" and not given:
            return "judgement"
        return None if self.burden is None else "computation"

    @property
    def burdens_agree(self) -> bool | None:
        """Whether the band as judged is that as computed; None where one of them is missing."""
        if self.burden is None or self.dossier.burden.band == "not judged":
            return None
        return self.dossier.burden.band == self.burden.band

    @property
    def reference_value(self) -> int | None:
        """The reference value [EUR per QALY] of what it rests on; None where the burden is below the lowest band."""
        if self.burden_rests_on == "judgement":
            return zin.reference_value(self.dossier.burden.band)
        return None if self.burden is None else self.burden.reference_value

    def integrated(self, result: ComparisonResult) -> float | None:
        """Return the probability cost-effective over the bands of the computed burden, or None.

        Parameters
        ----------
        result : ComparisonResult
            One of the comparisons.

        Returns
        -------
        float or None
            Given that there is a reference value; None without a computed burden, a verdict or probabilities, and where
            no band with a reference value is possible.
        """
        if self.burden is None or not result.judgements or not result.p_cost_effective:
            return None
        probability = zin.integrated(result.p_cost_effective, self.burden)
        return None if math.isnan(probability) else probability
