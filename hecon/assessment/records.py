"""What an assessment holds: frozen records, from the whole down to one sensitivity."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from hecon import zin

if TYPE_CHECKING:
    import xarray as xr

    from hecon import reported
    from hecon.dossier import Comparison, Dossier

__all__ = ["WTP", "Assessment", "ComparisonResult", "Reason", "Sensitivity"]

# The reference values, and the lower end of the Zorginstituut's range of € 10,000 to € 80,000 per QALY.
WTP = (10_000, *zin.REFERENCE_VALUES)


@dataclass(frozen=True)
class Reason:
    """Why something is not given: a code, and the parameters or the value it turns on."""

    code: str
    about: tuple[str, ...] = ()


@dataclass(frozen=True)
class Sensitivity:
    """How far probabilities move when one thing is varied: an assumption, an interval's halves, skew or clustering."""

    kind: str
    about: tuple[str, ...]
    range: tuple[float, float] | None
    p_cost_effective: dict[int, tuple[float, float]]


@dataclass(frozen=True)
class ComparisonResult:
    """One comparison of an assessment: its part of the dossier, what was found and why something was not."""

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
    intervals: dict[str, tuple[float, float]] = field(default_factory=dict)
    net_benefit: dict[int, float] = field(default_factory=dict)
    net_benefit_range: dict[int, tuple[float, float]] = field(default_factory=dict)
    p_cost_effective: dict[int, float] = field(default_factory=dict)
    p_range: dict[int, tuple[float, float]] = field(default_factory=dict)
    varied: tuple[str, ...] = ()
    judgements: tuple[zin.Judgement, ...] = ()
    no_verdict: Reason | None = None
    sensitivities: tuple[Sensitivity, ...] = ()


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
    """

    dossier: Dossier
    comparisons: tuple[ComparisonResult, ...]
    provenance: dict[str, Any]

    @property
    def reference_value(self) -> int | None:
        """The reference value [EUR per QALY] of the burden as judged; None where no one judged it or it is too low."""
        band = self.dossier.burden.band
        return None if band == "not judged" else zin.reference_value(band)
