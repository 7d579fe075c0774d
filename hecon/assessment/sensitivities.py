"""How far the probabilities of one comparison move when one thing is varied."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.special import ndtr, ndtri

from hecon import decision, reported
from hecon.assessment.records import WTP, Sensitivity
from hecon.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hecon.dossier import Comparison

__all__ = ["sensitivities"]

# An interval whose middle lies off its mean by less than this share of its width is as good as centred.
_OFF_CENTRE = 0.01


def sensitivities(
    spec: Comparison, found: reported.Fit, n_draws: int, rng: np.random.Generator
) -> Iterator[Sensitivity]:
    """Yield each assumption alone, skewness where an interval is off centre, and clustering where the dossier asks.

    Parameters
    ----------
    spec : Comparison
        The comparison.
    found : Fit
        Its fit, with all five parameters determined or assumed.
    n_draws : int
        Draws of the skewed distribution.
    rng : numpy.random.Generator
        Its stream.

    Yields
    ------
    Sensitivity
        One per thing varied.
    """
    for name in found.assumed:
        spans = dict(zip(WTP, reported.probability_ranges(found, wtp=WTP, vary=[name]), strict=True))
        yield Sensitivity("assumption", (name,), found.assumed[name][1:], spans)
    yield from _skewness(spec, found, n_draws, rng)
    if spec.design_effect is not None:
        low, high = (float(end) for end in spec.design_effect.range)
        yield from _clustering(found, low, high)


def _skewness(spec: Comparison, found: reported.Fit, n_draws: int, rng: np.random.Generator) -> Iterator[Sensitivity]:
    outcomes = tuple(
        each.outcome
        for each in found.intervals
        if not each.centred and abs((each.low + each.high) / 2 - each.mean) >= _OFF_CENTRE * (each.high - each.low)
    )
    wide = reported.widened_to_halves(found)
    if wide is None or not outcomes:
        return
    spans = dict(zip(WTP, reported.probability_ranges(wide, wtp=WTP), strict=True))
    yield Sensitivity("halves", outcomes, None, spans)
    try:
        skewed = reported.draws_of(
            found, spec.intervention, spec.comparator, marginal="lognormal", n_draws=n_draws, rng=rng
        )
    except InputError:
        return  # no log-normal has such an interval: the halves are all that can be said
    shares = decision.ceac(skewed, wtp=list(WTP)).sel(strategy=spec.intervention).values
    spans = {value: (float(share), float(share)) for value, share in zip(WTP, shares, strict=True)}
    yield Sensitivity("lognormal", outcomes, None, spans)


def _clustering(found: reported.Fit, low: float, high: float) -> Iterator[Sensitivity]:
    spans = {}
    for value in WTP:
        ends = (reported.design_effect_probability(found, wtp=value, design_effect=each) for each in (low, high))
        spans[value] = _sorted(*ends)
    yield Sensitivity("design_effect", (), (low, high), spans)
    # A design effect divides the z score by its root, so it only draws the ends of the joint range towards one half.
    joint = {}
    for value, ends_p in zip(WTP, reported.probability_ranges(found, wtp=WTP), strict=True):
        ends_z = ndtri(np.array(ends_p))
        every = ndtr(np.concatenate([ends_z, ends_z / np.sqrt(high)]))
        joint[value] = (float(every.min()), float(every.max()))
    yield Sensitivity("joint", (), (1.0, high), joint)


def _sorted(first: float, second: float) -> tuple[float, float]:
    return (first, second) if first <= second else (second, first)
