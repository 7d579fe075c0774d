"""QALYs weighted by the severity of a disease: draws whose incremental effects bear the weight of a rule set."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hecon import _checks
from hecon.decision import _labels
from hecon.draws import better, units, validate
from hecon.errors import InputError
from hecon.rules.burden import Shortfall
from hecon.rulesets import ruleset

if TYPE_CHECKING:
    import datetime as dt
    from pathlib import Path

    import xarray as xr

    from hecon.rulesets import RuleSet, SeverityRule

__all__ = ["weighted"]

# A mean difference below this share of the mean size is the rounding of binary arithmetic.
_ZERO = 1e-12


def weighted(
    draws: xr.Dataset,
    severity: Shortfall | float,
    *,
    rules: str | Path | RuleSet | None = None,
    on: dt.date | None = None,
    comparator: str | None = None,
) -> xr.Dataset:
    """Weight the incremental QALYs of draws by the severity of the disease.

    Each strategy's effect becomes that of the comparator plus the weight times its difference from it. Costs stand.

    Parameters
    ----------
    draws : xarray.Dataset
        Draws with effects in the unit of the rules; further dims stand.
    severity : Shortfall or float
        What `hecon.shortfall` returned by these rules, at their rate; or one of their weights.
    rules : str, Path or RuleSet, optional
        Rule set, as in `hecon.rulesets.ruleset`; default that of the shortfall. A number needs it.
    on : date, optional
        Day on which the rules hold; default the latest.
    comparator : str, optional
        The strategy that differences are against; default the one that the draws know.

    Returns
    -------
    xarray.Dataset
        The draws with effects in "weighted QALY", by which ratios, net benefit, curves, value of information and
        figures label themselves; and the attribute ``qaly_weight``. A weight of 1 changes the label alone.

    Raises
    ------
    InputError
        If the rules have no weights, or not this one; if the shortfall is by other rules or at another rate; if the
        draws are weighted, or in another unit; if a strategy loses QALYs and the rules do not weigh losses.

    Notes
    -----
    At a value λ per weighted QALY net benefit is that at λ times the weight per QALY. The shortfall is taken at its
    mean: its uncertainty moves no weight.

    Examples
    --------
    >>> import hecon
    >>> from hecon import rulesets
    >>> rules = rulesets.ruleset("nl").model_copy(
    ...     update={
    ...         "severity": (
    ...             rulesets.SeverityRule(
    ...                 status="to check",
    ...                 source="invented",
    ...                 discount=0,
    ...                 band=({"weight": 1}, {"weight": 2, "absolute": 12}),
    ...             ),
    ...         )
    ...     }
    ... )
    >>> draws = hecon.from_arrays([[0, 1000]], [[5, 5.1]], strategies=["usual", "new"], comparator="usual")
    >>> heavy = hecon.rules.weighted(draws, hecon.shortfall(population_qalys=20, remaining_qalys=5, rules=rules))
    >>> heavy.qaly_weight, heavy.effect.units, round(float(hecon.icer(heavy).icer.item()))
    (2.0, 'weighted QALY', 5000)
    """
    validate(draws)
    found, weight, losses = _weight(severity, rules, on)
    unit = units(draws)[1]
    if unit != found.effect_unit or better(draws) != "more":
        msg = f"draws must have effects in {found.effect_unit} to be weighted, got {unit}"
        raise InputError(msg)
    reference, _ = _labels.others(draws, comparator)
    base = draws["effect"].sel(strategy=reference, drop=True)
    gained = (draws["effect"] - base).transpose(*draws["effect"].dims)
    lost = gained.mean("draw") < -_ZERO * abs(gained).mean("draw")
    losing = [str(name) for name in draws["strategy"].values if bool(lost.sel(strategy=name).any())]
    if losing and not losses and weight != 1:
        named = ", ".join(map(repr, losing))
        msg = (
            f"draws must not lose {unit} against {reference!r}, as {found.name} weighs none that is lost, got "
            f"{named}: take them without a weight, or leave {'it' if len(losing) == 1 else 'them'} out"
        )
        raise InputError(msg)
    label = f"weighted {unit}"
    effect = (base + weight * gained).transpose(*draws["effect"].dims).assign_attrs(draws["effect"].attrs, units=label)
    about = {"effect_unit": label, "effect_better": "more", "qaly_weight": weight, "qaly_weight_rules": found.name}
    return draws.assign(effect=effect).assign_attrs(about)


def _weight(
    severity: Shortfall | float, rules: str | Path | RuleSet | None, on: dt.date | None
) -> tuple[RuleSet, float, bool]:
    """Return the rules, the weight by them, and whether they weigh QALYs that are lost."""
    if isinstance(severity, Shortfall):
        found = severity.rules if rules is None else ruleset(rules)
        rule = severity.weighing if rules is None and on is None else found.severity_on(on)
    else:
        if rules is None:
            msg = "rules must be given with a weight: give them, or a shortfall by hecon.shortfall(..., rules=...)"
            raise InputError(msg)
        found = ruleset(rules)
        rule = found.severity_on(on)
    if rule is None:
        msg = f"rules must weigh severity, got none in {found.name}: add [[severity]] to a file of your own"
        raise InputError(msg)
    if isinstance(severity, Shortfall):
        return found, _of_shortfall(severity, rule, found), rule.losses
    known = [float(each.weight) for each in rule.band]
    if _checks.positive("severity", severity) not in known:
        told = ", ".join(f"{each:g}" for each in known)
        msg = f"severity must be a weight of {found.name}, {told}, got {severity}: give a shortfall, or one of these"
        raise InputError(msg)
    return found, float(severity), rule.losses


def _of_shortfall(found: Shortfall, rule: SeverityRule, rules: RuleSet) -> float:
    """Return the weight of a shortfall, refused where it is by another rule or rate."""
    if found.weighing != rule:
        msg = f"severity must be a shortfall by {rules.name}: make it by hecon.shortfall(..., rules={rules.name!r})"
        raise InputError(msg)
    weight = found.qaly_weight
    if weight is None:
        msg = (
            f"severity must be a shortfall at {rule.discount} a year, which {rules.name} asks for, got "
            f"{found.discount:g}: leave discount out of hecon.shortfall"
        )
        raise InputError(msg)
    return weight
