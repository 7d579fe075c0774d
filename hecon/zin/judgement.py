"""One estimate held against one reference value: the rule."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from hecon import _checks
from hecon.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["COST_EFFECTIVE", "NOT_COST_EFFECTIVE", "Judgement", "across_perspectives", "judge"]

COST_EFFECTIVE = "cost-effective"
NOT_COST_EFFECTIVE = "not cost-effective"

# hecon's own convention, not the Zorginstituut's: health and money that weigh within 5% of each other lie on the edge.
EDGE_SHARE = 0.05

# Amounts that differ by less than this share of themselves differ by the rounding of binary arithmetic alone.
_EQUAL_SHARE = 1e-12


@dataclass(frozen=True)
class Judgement:
    """The conclusion at one reference value, and what could overturn it.

    Parameters
    ----------
    reference_value : int
        [EUR per QALY].
    net_benefit : float
        Mean incremental net monetary benefit [EUR].
    net_benefit_range : (float, float) or None
        Its range over rounding and assumptions [EUR].
    p_cost_effective : float or None
        Probability cost-effective.
    p_range : (float, float) or None
        Its range over rounding and assumptions.
    conclusion : str
        "cost-effective" or "not cost-effective".
    edge : bool
        The two amounts weighed differ by at most 5%.
    flips : bool
        Within rounding and the assumed ranges the conclusion changes.
    flips_across_perspectives : bool
        The same trial concludes otherwise from another perspective.
    """

    reference_value: int
    net_benefit: float
    net_benefit_range: tuple[float, float] | None
    p_cost_effective: float | None
    p_range: tuple[float, float] | None
    conclusion: str
    edge: bool
    flips: bool
    flips_across_perspectives: bool = False


def judge(
    delta_cost: float,
    delta_effect: float,
    *,
    reference_value: int,
    net_benefit_range: tuple[float, float] | None = None,
    p_cost_effective: float | None = None,
    p_range: tuple[float, float] | None = None,
) -> Judgement:
    """Hold mean incremental cost and effect against a reference value.

    Parameters
    ----------
    delta_cost : float
        Mean incremental cost [EUR].
    delta_effect : float
        Mean incremental effect [QALY].
    reference_value : int
        Willingness to pay [EUR per QALY].
    net_benefit_range : (float, float), optional
        Range of mean net benefit over rounding and assumptions [EUR].
    p_cost_effective : float, optional
        Probability cost-effective.
    p_range : (float, float), optional
        Its range over rounding and assumptions.

    Returns
    -------
    Judgement
        Cost-effective if net benefit λΔE − ΔC is at least 0, in whichever quadrant.

    Raises
    ------
    InputError
        If a difference is not finite or the reference value is not above 0.

    Notes
    -----
    The conclusion is one of expected net benefit, so it is right in all four quadrants and never ranks a negative
    ratio. Exactly 0 (to the rounding of binary arithmetic) counts as cost-effective and is flagged as the edge.

    Examples
    --------
    >>> from hecon.zin import judge
    >>> judge(-1803, -0.02928, reference_value=80_000).conclusion
    'not cost-effective'
    """
    spent = _checks.finite("delta_cost", delta_cost)
    gained = _checks.positive("reference_value", reference_value) * _checks.finite("delta_effect", delta_effect)
    net = 0.0 if abs(gained - spent) <= _EQUAL_SHARE * max(abs(gained), abs(spent)) else gained - spent
    flips = False
    if net_benefit_range is not None:
        low, high = net_benefit_range
        flips = (low < 0) != (high < 0)
    return Judgement(
        reference_value=reference_value,
        net_benefit=net,
        net_benefit_range=net_benefit_range,
        p_cost_effective=p_cost_effective,
        p_range=p_range,
        conclusion=COST_EFFECTIVE if net >= 0 else NOT_COST_EFFECTIVE,
        edge=abs(net) <= EDGE_SHARE * max(abs(gained), abs(spent)),
        flips=flips,
    )


def across_perspectives(judgements: Iterable[tuple[Judgement, ...]]) -> list[tuple[Judgement, ...]]:
    """Mark where perspectives of one trial conclude differently at the same reference value.

    Parameters
    ----------
    judgements : iterable of tuple of Judgement
        One tuple per perspective, each over the same reference values.

    Returns
    -------
    list of tuple of Judgement
        The same, with `flips_across_perspectives` set.
    """
    remedy = "give the judgements of each perspective, as hecon.zin.verdict returns them"
    if isinstance(judgements, str) or not hasattr(judgements, "__iter__"):
        msg = f"judgements must be a sequence of tuples of Judgement, got {judgements!r}: {remedy}"
        raise InputError(msg)
    rows = [tuple(_checks.instances("judgements", row, "Judgement", remedy)) for row in judgements]
    differ = {
        value
        for value in {each.reference_value for row in rows for each in row}
        if len({each.conclusion for row in rows for each in row if each.reference_value == value}) > 1
    }
    return [
        tuple(replace(each, flips_across_perspectives=each.reference_value in differ) for each in row) for row in rows
    ]
