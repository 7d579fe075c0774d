"""Draws held against the Zorginstituut's three reference values, and over the bands that a burden may lie in."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import xarray as xr

from hecon import _checks, decision, reported
from hecon.draws import comparator_of, validate
from hecon.errors import InputError
from hecon.reported.fits import fit_of
from hecon.zin.burden import BANDS, REFERENCE_VALUES, BurdenBand, reference_value
from hecon.zin.judgement import Judgement, across_perspectives, judge
from hecon.zin.shortfalls import Shortfall

if TYPE_CHECKING:
    from collections.abc import Hashable, Mapping, Sequence

__all__ = ["band_probabilities", "integrated", "mean_over_bands", "verdict"]

_FIELDS = {
    "net_benefit": "EUR",
    "net_benefit_low": "EUR",
    "net_benefit_high": "EUR",
    "p_cost_effective": "1",
    "p_low": "1",
    "p_high": "1",
    "conclusion": "",
    "edge": "",
    "flips": "",
    "flips_across_perspectives": "",
    "optimal": "",
}

# Draws from published statistics have their fit's means to rounding error.
_SAME = 1e-6
# A mean below this share of the mean size is the rounding of binary arithmetic.
_ZERO = 1e-12


def refusal(draws: xr.Dataset) -> str | None:
    """Return why no verdict in euros per QALY can be given on draws, or None."""
    currency, unit = draws.attrs.get("currency"), draws["effect"].attrs.get("units")
    written = draws["cost"].attrs.get("units", currency)
    if written != currency:
        return f"draws.attrs['currency'] and the units of cost must agree, got {currency!r} and {written!r}"
    if currency != "EUR":
        return f"currency must be EUR for a reference value in EUR per QALY, got {currency!r}"
    if unit != "QALY":
        return f"effect unit must be QALY for a reference value in EUR per QALY, got {unit!r}"
    return None


def verdict(
    draws: xr.Dataset,
    *,
    comparator: str | None = None,
    burden: str | BurdenBand | Shortfall | None = None,
) -> xr.Dataset:
    """Hold draws against € 20,000, € 50,000 and € 80,000 per QALY.

    Parameters
    ----------
    draws : xarray.Dataset
        Draws in EUR and QALY; further dims broadcast. Along a dim ``perspective`` the verdicts are compared.
    comparator : str, optional
        The strategy that the others are held against; default the one that the draws know.
    burden : str, BurdenBand or Shortfall, optional
        Burden of disease: a band, or what `hecon.zin.burden_band` or `hecon.zin.shortfall` returned.

    Returns
    -------
    xarray.Dataset
        Over (strategy, wtp) and further dims: ``net_benefit`` [EUR] and ``p_cost_effective`` with their ranges over
        rounding and assumptions (NaN where the draws carry no fit of their own), ``conclusion`` ("cost-effective" or
        "not cost-effective"), ``edge``, ``flips``, ``flips_across_perspectives``, and ``optimal`` (of all
        strategies, the one with the highest expected net benefit). ``p_cost_effective`` is the pair's. Over strategy
        ``delta_cost`` [EUR] and ``delta_effect`` [QALY], the means that were judged.
        With a burden also ``p_reference_value`` over wtp, the probability that this is the reference value; and over
        strategy ``p_integrated``, the probability cost-effective over the bands, given that there is a reference value
        (NaN where none is possible), with its range.

    Raises
    ------
    InputError
        If the draws are not in EUR and QALY, or no comparator is known.

    Notes
    -----
    A strategy is cost-effective where its expected incremental net benefit is at least 0. The edge (amounts weighed
    within 5% of each other) is hecon's convention. Each strategy is held against the comparator alone; for three or
    more, see `hecon.frontier` and `hecon.ceaf` too.

    References
    ----------
    Zorginstituut Nederland. Kosteneffectiviteit in de praktijk. 2015.

    Examples
    --------
    >>> import hecon
    >>> draws = hecon.from_arrays(
    ...     [[0, 900], [0, 1100]], [[0, 0.1], [0, 0.3]], strategies=["usual care", "exercise"], comparator="usual care"
    ... )
    >>> hecon.zin.verdict(draws).conclusion.sel(strategy="exercise").values.tolist()
    ['cost-effective', 'cost-effective', 'cost-effective']
    """
    validate(draws)
    reason = refusal(draws)
    if reason is not None:
        msg = (
            f"{reason}; make draws of converted costs by hecon.from_arrays(..., currency='EUR'), "
            "or use hecon.incremental_net_benefit and hecon.ceac"
        )
        raise InputError(msg)
    reference = comparator_of(draws, comparator)
    if burden is not None:
        return _with_burden(verdict(draws, comparator=reference), band_probabilities(burden))
    extra = [dim for dim in draws["cost"].dims if dim not in {"draw", "strategy"}]
    extra += [dim for dim in draws["effect"].dims if dim not in {"draw", "strategy", *extra}]
    if not extra:
        return _one(draws, reference)
    return _many(draws, reference, extra)


def _with_burden(found: xr.Dataset, bands: dict[str, float]) -> xr.Dataset:
    shares = [bands[band] for band in BANDS if reference_value(band) is not None]
    weights = xr.DataArray(shares, dims="wtp", coords={"wtp": found["wtp"]}, attrs={"units": "1"})

    def integral(name: str) -> xr.DataArray:
        mean: xr.DataArray = xr.apply_ufunc(
            lambda values: mean_over_bands(values.tolist(), shares),
            found[name],
            input_core_dims=[["wtp"]],
            vectorize=True,
            output_dtypes=[float],
        )
        return mean.assign_attrs(units="1")

    return found.assign(
        p_reference_value=weights,
        p_integrated=integral("p_cost_effective"),
        p_integrated_low=integral("p_low"),
        p_integrated_high=integral("p_high"),
    )


def _judgements(draws: xr.Dataset, strategy: str, reference: str) -> tuple[float, float, tuple[Judgement, ...]]:
    differences = (draws.sel(strategy=strategy) - draws.sel(strategy=reference))[["cost", "effect"]]
    cost, effect = (_mean(differences[name]) for name in ("cost", "effect"))
    shares = decision.ceac(draws.sel(strategy=[reference, strategy]), wtp=list(REFERENCE_VALUES)).sel(strategy=strategy)
    found, turned = _own_fit(draws, reference, cost, effect)
    judged = []
    for position, value in enumerate(REFERENCE_VALUES):
        net_range, p_range = (None, None) if found is None else _ranges(found, value, turned=turned)
        judged.append(
            judge(
                cost,
                effect,
                reference_value=value,
                net_benefit_range=net_range,
                p_cost_effective=float(shares[position]),
                p_range=p_range,
            )
        )
    return cost, effect, tuple(judged)


def _mean(differences: xr.DataArray) -> float:
    """Return the mean, exactly 0 where only the rounding of binary arithmetic sets it apart from 0."""
    mean, size = float(differences.mean()), float(abs(differences).mean())
    return mean if abs(mean) > _ZERO * size else 0.0


def _own_fit(draws: xr.Dataset, reference: str, cost: float, effect: float) -> tuple[reported.Fit | None, bool]:
    """Return the fit if it is that of these very draws, and whether they are held against its intervention.

    Draws joined along a dim carry the attributes of the first alone; its ranges must not stand beside the others.
    """
    found = fit_of(draws)
    if found is None:
        return None, False
    turned = reference != draws.attrs.get("comparator")
    sign = -1.0 if turned else 1.0
    strategy = next(str(name) for name in draws["strategy"].values if str(name) != draws.attrs.get("comparator"))
    spread = [float(draws[name].sel(strategy=strategy).std()) for name in ("cost", "effect")]
    expected = [found.parameters[f"{name}_se"].value or np.nan for name in ("cost", "effect")]
    same = np.isclose(
        [sign * cost, sign * effect, *spread],
        [*found.theta[:2], *expected],
        rtol=_SAME,
        atol=_SAME * np.array(spread * 2),
    )
    return (found if same.all() else None), turned


def _ranges(found: reported.Fit, value: int, *, turned: bool) -> tuple[tuple[float, float], tuple[float, float] | None]:
    low, high = reported.net_benefit_range(found, wtp=value)
    net = (-high, -low) if turned else (low, high)
    if found.marginal != "normal":
        return net, None
    low, high = reported.probability_range(found, wtp=value)
    return net, (1.0 - high, 1.0 - low) if turned else (low, high)


def _one(draws: xr.Dataset, reference: str) -> xr.Dataset:
    strategies = [str(name) for name in draws["strategy"].values if name != reference]
    judged = [_judgements(draws, strategy, reference) for strategy in strategies]
    return _labelled(draws, reference, judged)


def _labelled(draws: xr.Dataset, reference: str, found: list[tuple[float, float, tuple[Judgement, ...]]]) -> xr.Dataset:
    strategies = [str(name) for name in draws["strategy"].values if name != reference]
    optimal = [str(name) for name in decision.ceaf(draws, wtp=list(REFERENCE_VALUES))["optimal"].values]
    rows = [[_row(each, best) for each, best in zip(judged, optimal, strict=True)] for _, _, judged in found]
    data = {
        name: xr.Variable(("strategy", "wtp"), [[row[name] for row in line] for line in rows], {"units": units})
        for name, units in _FIELDS.items()
    }
    data["delta_cost"] = xr.Variable("strategy", [cost for cost, _, _ in found], {"units": "EUR"})
    data["delta_effect"] = xr.Variable("strategy", [effect for _, effect, _ in found], {"units": "QALY"})
    coords = {"strategy": strategies, "wtp": ("wtp", list(REFERENCE_VALUES), {"units": "EUR per QALY"})}
    return xr.Dataset(data, coords=coords, attrs={**draws.attrs, "comparator": reference})


def _row(each: Judgement, optimal: str) -> dict[str, object]:
    net_low, net_high = each.net_benefit_range or (np.nan, np.nan)
    low, high = each.p_range or (np.nan, np.nan)
    return {
        "net_benefit": each.net_benefit,
        "net_benefit_low": net_low,
        "net_benefit_high": net_high,
        "p_cost_effective": each.p_cost_effective,
        "p_low": low,
        "p_high": high,
        "conclusion": each.conclusion,
        "edge": each.edge,
        "flips": each.flips,
        "flips_across_perspectives": each.flips_across_perspectives,
        "optimal": optimal,
    }


def _many(draws: xr.Dataset, reference: str, extra: list[Hashable]) -> xr.Dataset:
    dim = extra[0]
    # Perspectives are compared last, within every other dim.
    if "perspective" in extra:
        dim = next((name for name in extra if name != "perspective"), "perspective")
    slices = [draws.isel({dim: position}) for position in range(draws.sizes[dim])]
    if dim != "perspective":
        results = [verdict(each, comparator=reference) for each in slices]
    else:
        results = _compared([each.drop_vars("perspective", errors="ignore") for each in slices], reference)
    index = draws[dim] if dim in draws.coords else dim
    return xr.concat(results, dim=index, combine_attrs="override")


def _compared(slices: list[xr.Dataset], reference: str) -> list[xr.Dataset]:
    strategies = [str(name) for name in slices[0]["strategy"].values if name != reference]
    marked: list[list[tuple[float, float, tuple[Judgement, ...]]]] = [[] for _ in slices]
    for strategy in strategies:
        found = [_judgements(each, strategy, reference) for each in slices]
        rows = across_perspectives(judged for _, _, judged in found)
        for kept, (cost, effect, _), row in zip(marked, found, rows, strict=True):
            kept.append((cost, effect, row))
    return [_labelled(each, reference, kept) for each, kept in zip(slices, marked, strict=True)]


def band_probabilities(burden: str | BurdenBand | Shortfall) -> dict[str, float]:
    """Return the probability of each band.

    Parameters
    ----------
    burden : str, BurdenBand or Shortfall
        A band, what `hecon.zin.burden_band` returned, or what `hecon.zin.shortfall` did.

    Returns
    -------
    dict of str to float
        By band, "none" to "high"; they add up to 1. A certain burden has 1 in its own band.

    Raises
    ------
    InputError
        If it is none of these.

    Examples
    --------
    >>> from hecon import zin
    >>> zin.band_probabilities("low")
    {'none': 0.0, 'low': 1.0, 'middle': 0.0, 'high': 0.0}
    """
    if isinstance(burden, Shortfall):
        return dict(burden.probabilities)
    band = burden.band if isinstance(burden, BurdenBand) else burden
    if not isinstance(band, str):
        msg = f"burden must be a band, a BurdenBand or a Shortfall, got {burden!r}; make one by hecon.zin.shortfall"
        raise InputError(msg)
    _checks.one_of("burden", band, BANDS)
    return {each: float(each == band) for each in BANDS}


def integrated(p_cost_effective: Mapping[int, float], burden: str | BurdenBand | Shortfall) -> float:
    """Return the probability cost-effective over the bands, given that there is a reference value.

    Parameters
    ----------
    p_cost_effective : mapping of int to float
        Probability cost-effective by reference value: 20,000, 50,000 and 80,000.
    burden : str, BurdenBand or Shortfall
        Burden of disease.

    Returns
    -------
    float
        Σ P(band) P(cost-effective at the band's reference value)/(1 − P(none)), over the bands that have one; NaN where
        none is possible.

    Raises
    ------
    InputError
        If a band that is possible has no probability.

    Notes
    -----
    The burden and the trial's results are taken as independent. The band "none" has no reference value, so there is
    nothing to be cost-effective at; its probability stands beside this one and is not mixed into it.

    References
    ----------
    Versteegh et al. 2019, https://doi.org/10.1007/s40273-019-00810-8.

    Examples
    --------
    >>> from hecon import zin
    >>> burden = zin.shortfall(population_qalys=10, remaining_qalys=[7, 5])
    >>> zin.integrated({20_000: 0.4, 50_000: 0.9, 80_000: 1.0}, burden)
    0.65
    """
    chances, shares = [], []
    for band, share in band_probabilities(burden).items():
        value = reference_value(band)
        if value is None or share == 0:
            continue
        if value not in p_cost_effective:
            msg = f"p_cost_effective must have a probability at {value}, as the band {band} is possible, got none"
            raise InputError(msg)
        shares.append(share)
        chances.append(_checks.probability(f"p_cost_effective at {value}", p_cost_effective[value]))
    return mean_over_bands(chances, shares)


def mean_over_bands(values: Sequence[float], shares: Sequence[float]) -> float:
    """Return the mean of values weighted by the shares of their bands; NaN where every share is 0."""
    # Sums without rounding, so that what is certain in every band stays so.
    total = math.fsum(shares)
    parts = [value * share for value, share in zip(values, shares, strict=True) if share > 0]
    return math.fsum(parts) / total if total > 0 else math.nan
