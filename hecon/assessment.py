"""From a dossier to an assessment: every comparison with its draws, results, verdicts and provenance."""

from __future__ import annotations

import platform
import zlib
from dataclasses import dataclass, field, replace
from importlib import metadata
from typing import TYPE_CHECKING, Any

import numpy as np

from hecon import _checks, decision, reported, zin
from hecon._version import __version__
from hecon.dossier import Comparison, Dossier, arguments, constraint_names, load
from hecon.draws import from_arrays
from hecon.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    import xarray as xr

__all__ = ["WTP", "Assessment", "ComparisonResult", "Reason", "Sensitivity", "assess"]

# The reference values, and the lower end of the Zorginstituut's range of € 10,000 to € 80,000 per QALY.
WTP = (10_000, *zin.REFERENCE_VALUES)

# The 97.5% point of the standard normal distribution.
_Z = 1.959963984540054
_IMPLIED = {"at every willingness to pay": "SE", "at no willingness to pay": "NW"}


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


def assess(
    dossier: Dossier | str | Path, *, n_draws: int = 100_000, rng: int | np.random.Generator | None = 0
) -> Assessment:
    """Assess a dossier: results, uncertainty and verdicts for each of its comparisons.

    Parameters
    ----------
    dossier : Dossier, str or Path
        A dossier, the name of one that comes with hecon, or the path of a TOML file.
    n_draws : int, default 100,000
        Draws per comparison, at least 10.
    rng : int, numpy.random.Generator or None, default 0
        Seed or generator. With a seed, each comparison has its own stream, whatever else the dossier holds.

    Returns
    -------
    Assessment
        Frozen.

    Raises
    ------
    InputError
        If a comparison's statistics break a rule or contradict each other; the message names the comparison.
    DossierError
        If the file breaks the rules of a dossier.

    Notes
    -----
    Where the mean differences are known and their spread is neither known nor assumed, point results are given and
    probabilities are not. Where no figures were printed, the comparison says so.

    Examples
    --------
    >>> import hecon
    >>> found = hecon.assess("meniscal-tear-traumatic", n_draws=1000)
    >>> [(each.spec.perspective, each.quadrant) for each in found.comparisons]
    [('societal', 'NW'), ('healthcare', 'NW')]
    """
    checked = dossier if isinstance(dossier, Dossier) else load(dossier)
    n = _checks.count("n_draws", n_draws, at_least=10)
    generator = _checks.generator(rng)
    results = []
    for comparison in checked.comparison:
        own = (
            np.random.default_rng([int(rng), zlib.crc32(comparison.id.encode())])
            if isinstance(rng, (int, np.integer))
            else generator
        )
        try:
            results.append(_compare(comparison, n, own))
        except InputError as error:
            error.args = (f"{checked.name}, {comparison.id}: {error}",)
            raise
    return Assessment(checked, _across_perspectives(results), _provenance(checked, n, rng))


def _provenance(dossier: Dossier, n_draws: int, rng: int | np.random.Generator | None) -> dict[str, Any]:
    versions = {name: metadata.version(name) for name in ("numpy", "scipy", "xarray")}
    return {
        "dossier": dossier.name,
        "digest": dossier.digest,
        "n_draws": n_draws,
        "seed": int(rng) if isinstance(rng, (int, np.integer)) else None,
        "versions": {"hecon": __version__, "python": platform.python_version(), **versions},
    }


def _compare(spec: Comparison, n_draws: int, rng: np.random.Generator) -> ComparisonResult:
    if not spec.statistic:
        implied = _IMPLIED[spec.finding.cost_effective] if spec.finding is not None else None
        reason = Reason("no_figures")
        return ComparisonResult(
            spec, computable=False, reason=reason, quadrant=implied, quadrant_implied=implied is not None
        )
    found = _with_status(reported.fit(**arguments(spec)), spec)
    means = [name for name in ("delta_cost", "delta_effect") if name in found.undetermined]
    if means:
        return ComparisonResult(spec, computable=False, reason=Reason("means", tuple(means)), fit=found)
    if found.undetermined:
        return _points(spec, found)
    return _with_spread(spec, found, n_draws, rng)


def _with_status(found: reported.Fit, spec: Comparison) -> reported.Fit:
    """Return the fit with each parameter no better known than the weakest statistic that it rests on."""
    order = ("reported", "derived", "assumed")
    weakest = {name: each.status for each in spec.statistic for name in constraint_names(each)}
    parameters = dict(found.parameters)
    for name, each in found.parameters.items():
        if each.status in order:
            known = [each.status, *(weakest.get(rest, "reported") for rest in each.rests_on)]
            parameters[name] = replace(each, status=max(known, key=order.index))
    return replace(found, parameters=parameters)


def _context(spec: Comparison) -> dict[str, Any]:
    """Return the attributes that a comparison's draws carry."""

    def given(value: Any) -> Any:  # noqa: ANN401
        return None if value == "not reported" else float(value)

    return {
        "currency": spec.currency,
        "effect_unit": spec.effect_unit,
        "price_year": None if spec.price_year == "not reported" else spec.price_year,
        "horizon_years": float(spec.horizon_months) / 12,
        "discount_cost": given(spec.discount_cost),
        "discount_effect": given(spec.discount_effect),
        "source": spec.id,
    }


def _results(draws: xr.Dataset) -> dict[str, Any]:
    found = decision.icer(draws).isel(strategy=0)
    cost, effect = float(found["delta_cost"]), float(found["delta_effect"])
    ratio = float(found["icer"])
    return {
        "delta_cost": cost,
        "delta_effect": effect,
        "icer": ratio if np.isfinite(ratio) else None,
        "quadrant": str(found["quadrant"].values),
        "net_benefit": {value: value * effect - cost for value in WTP},
    }


def _points(spec: Comparison, found: reported.Fit) -> ComparisonResult:
    cost, effect = found.theta[:2]
    point = from_arrays(
        [[0.0, cost]], [[0.0, effect]], strategies=[spec.comparator, spec.intervention], comparator=spec.comparator
    )
    results = _results(point)
    judgements, refusal = _judged(spec, found, results, {}, {})
    return ComparisonResult(
        spec,
        computable=True,
        reason=Reason("spread", found.undetermined),
        fit=found,
        judgements=judgements,
        no_verdict=refusal,
        **results,
    )


def _with_spread(spec: Comparison, found: reported.Fit, n_draws: int, rng: np.random.Generator) -> ComparisonResult:
    draws = reported.draws_of(found, spec.intervention, spec.comparator, n_draws=n_draws, rng=rng, **_context(spec))
    results = _results(draws)
    shares = decision.ceac(draws, wtp=list(WTP)).sel(strategy=spec.intervention)
    probabilities = {value: float(share) for value, share in zip(WTP, shares.values, strict=True)}
    ranges = {value: reported.probability_range(found, wtp=value) for value in WTP}
    judgements, refusal = _judged(spec, found, results, probabilities, ranges)
    half = {name: _Z * found.parameters[f"{name}_se"].value for name in ("cost", "effect")}  # type: ignore[operator]
    return ComparisonResult(
        spec,
        computable=True,
        fit=found,
        draws=draws,
        intervals={
            f"delta_{name}": (results[f"delta_{name}"] - half[name], results[f"delta_{name}"] + half[name])
            for name in ("cost", "effect")
        },
        p_cost_effective=probabilities,
        p_range=ranges,
        varied=tuple(found.assumed),
        judgements=judgements,
        no_verdict=refusal,
        sensitivities=tuple(_sensitivities(spec, found, n_draws, rng)),
        **results,
    )


def _judged(
    spec: Comparison,
    found: reported.Fit,
    results: dict[str, Any],
    probabilities: dict[int, float],
    ranges: dict[int, tuple[float, float]],
) -> tuple[tuple[zin.Judgement, ...], Reason | None]:
    if spec.currency != "EUR":
        return (), Reason("currency", (spec.currency,))
    if spec.effect_unit != "QALY":
        return (), Reason("effect_unit", (spec.effect_unit,))
    return tuple(
        zin.judge(
            results["delta_cost"],
            results["delta_effect"],
            reference_value=value,
            net_benefit_range=reported.net_benefit_range(found, wtp=value),
            p_cost_effective=probabilities.get(value),
            p_range=ranges.get(value),
        )
        for value in zin.REFERENCE_VALUES
    ), None


def _sensitivities(
    spec: Comparison, found: reported.Fit, n_draws: int, rng: np.random.Generator
) -> Iterable[Sensitivity]:
    for name in found.assumed:
        spans = {value: reported.probability_range(found, wtp=value, vary=[name]) for value in WTP}
        yield Sensitivity("assumption", (name,), found.assumed[name][1:], spans)
    wide = reported.widened_to_halves(found)
    if wide is not None:
        outcomes = tuple(each.outcome for each in found.intervals if not each.centred)
        spans = {value: reported.probability_range(wide, wtp=value) for value in WTP}
        yield Sensitivity("halves", outcomes, None, spans)
        try:
            skewed = reported.draws_of(
                found, spec.intervention, spec.comparator, marginal="lognormal", n_draws=n_draws, rng=rng
            )
        except InputError:
            pass  # no log-normal has such an interval: the halves are all that can be said
        else:
            shares = decision.ceac(skewed, wtp=list(WTP)).sel(strategy=spec.intervention).values
            spans = {value: (float(share), float(share)) for value, share in zip(WTP, shares, strict=True)}
            yield Sensitivity("lognormal", outcomes, None, spans)
    if spec.design_effect is not None:
        low, high = (float(end) for end in spec.design_effect.range)
        spans = {
            value: (
                reported.design_effect_probability(found, wtp=value, design_effect=low),
                reported.design_effect_probability(found, wtp=value, design_effect=high),
            )
            for value in WTP
        }
        yield Sensitivity("design_effect", (), (low, high), spans)


def _across_perspectives(results: list[ComparisonResult]) -> tuple[ComparisonResult, ...]:
    groups: dict[tuple[str, str, str], list[int]] = {}
    for position, each in enumerate(results):
        key = (each.spec.trial, each.spec.intervention, each.spec.comparator)
        groups.setdefault(key, []).append(position)
    marked = list(results)
    for positions in groups.values():
        rows = zin.across_perspectives(results[position].judgements for position in positions)
        for position, row in zip(positions, rows, strict=True):
            marked[position] = replace(results[position], judgements=row)
    return tuple(marked)
