"""From the statistics of a comparison to the arguments of `hecon.reported.fit`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hecon import _checks
from hecon.dossier.schema import (
    ArmsStatistic,
    CorrelationStatistic,
    DifferenceStatistic,
    EffectProbability,
    ProbabilityStatistic,
    RatioStatistic,
)
from hecon.errors import InputError
from hecon.reported import Arms, Assumed, Difference, Ratio

if TYPE_CHECKING:
    from hecon.dossier.schema import Assumption, Comparison, Statistic

_STATISTICS = (
    *(ArmsStatistic, DifferenceStatistic, RatioStatistic),
    *(ProbabilityStatistic, EffectProbability, CorrelationStatistic),
)

__all__ = ["arguments", "assumed", "constraint_names", "record"]


def record(statistic: Statistic) -> Arms | Difference | Ratio | None:
    """Return the record that a statistic stands for, checked by the record's own rules; None for a probability."""
    if isinstance(statistic, ArmsStatistic):
        return Arms(mean=statistic.mean, sd=statistic.sd, n=statistic.n)
    if isinstance(statistic, DifferenceStatistic):
        ends = statistic.ci
        ci = None if ends is None else (_end(ends[0]), _end(ends[1]))
        p = statistic.p if statistic.p_below is None else f"<{statistic.p_below}"
        level = 0.95 if statistic.level is None else float(statistic.level)
        return Difference(statistic.mean, ci=ci, level=level, sided=statistic.sided, se=statistic.se, p=p)
    if isinstance(statistic, RatioStatistic):
        return Ratio(statistic.value, quadrant=statistic.quadrant)
    return None


def _end(value: Any) -> Any:  # noqa: ANN401
    return None if value in {float("inf"), float("-inf")} else value


def assumed(assumption: Assumption) -> Assumed:
    """Return the assumption as `hecon.reported` takes it; its basis in English serves as the reason."""
    return Assumed(assumption.value, range=assumption.range, reason=assumption.basis.en)


def arguments(comparison: Comparison) -> dict[str, Any]:
    """Return the keyword arguments for `hecon.reported.fit`.

    Parameters
    ----------
    comparison : Comparison
        A comparison of a dossier.

    Returns
    -------
    dict
        Arguments by name; only what the comparison states.
    """
    _checks.instance("comparison", comparison, "Comparison", "a dossier of hecon.load has them as comparison")
    found: dict[str, Any] = {}
    for statistic in comparison.statistic:
        kind = statistic.kind
        if isinstance(statistic, (ArmsStatistic, DifferenceStatistic)):
            outcome = kind.split("-", maxsplit=1)[0]
            found[outcome] = (*found.get(outcome, ()), record(statistic))
        elif isinstance(statistic, RatioStatistic):
            target = found.setdefault("checks", {}) if statistic.use == "check" else found
            target["icer"] = record(statistic)
        elif isinstance(statistic, CorrelationStatistic):
            found["correlation"] = statistic.value
        else:
            name, at = (
                ("p_cost_effective", statistic.wtp)
                if isinstance(statistic, ProbabilityStatistic)
                else ("probability_above", statistic.threshold)
            )
            target = found.setdefault("checks", {}) if statistic.use == "check" else found
            target.setdefault(name, {})[at] = statistic.value
    if comparison.replicates is not None:
        found["replicates"] = comparison.replicates
    if comparison.assumption:
        found["assume"] = {each.parameter: assumed(each) for each in comparison.assumption}
    return found


def constraint_names(statistic: Statistic) -> tuple[str, ...]:
    """Return the names under which `hecon.reported` knows the constraints that a statistic places.

    Parameters
    ----------
    statistic : Statistic
        A statistic of a comparison.

    Returns
    -------
    tuple of str
        As in the `rests_on` of a fitted parameter.
    """
    if not isinstance(statistic, _STATISTICS):
        msg = f"statistic must be one of a dossier's comparison, got a {type(statistic).__name__}"
        raise InputError(msg)
    outcome = statistic.kind.split("-", maxsplit=1)[0]
    if isinstance(statistic, ArmsStatistic):
        spread = () if statistic.sd is None else (f"{outcome} standard error from SD and n",)
        return (f"{outcome} difference of arm means", *spread)
    if isinstance(statistic, DifferenceStatistic):
        interval = "interval width" if statistic.sided == "two" else "one-sided interval"
        given = {
            "difference": True,
            interval: statistic.ci is not None,
            "standard error": statistic.se is not None,
            "p value": statistic.p is not None or statistic.p_below is not None,
        }
        return tuple(f"{outcome} {part}" for part, stated in given.items() if stated)
    if isinstance(statistic, ProbabilityStatistic):
        return (f"p_cost_effective at {statistic.wtp}",)
    if isinstance(statistic, EffectProbability):
        return (f"probability of an effect above {statistic.threshold}",)
    return (statistic.kind,)
