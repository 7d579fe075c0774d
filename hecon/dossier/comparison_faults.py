"""Faults of the comparisons of a dossier: of their statistics, assumptions, thresholds and design effect."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from pydantic import TypeAdapter, ValidationError

from hecon.dossier.schema import Assumption, DesignEffect, DifferenceStatistic, Statistic
from hecon.dossier.statistics import assumed, record
from hecon.draws import direction_of
from hecon.files.faults import Fault, shown, tables, tried
from hecon.files.parts import is_number

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["comparison_faults"]

Tree = dict[str, Any]

_THOUSANDTHS = -3
_AMOUNTS = {
    "cost-arms": ("mean", "sd"),
    "cost-difference": ("mean", "ci", "se"),
    "icer": ("value",),
    "p-cost-effective": ("wtp",),
}
_STATISTIC: TypeAdapter[Statistic] = TypeAdapter(Statistic)
# Statistics of these kinds may stand once in a comparison, or once at each value of the key named.
_ONCE = {"icer": None, "correlation": None, "p-cost-effective": "wtp", "p-effect-above": "threshold"}


def _outside(path: str, value: Any, low: int, high: int, remedy: str) -> Iterator[Fault]:  # noqa: ANN401
    # A share printed as -0.00 was below 0 before rounding, which no share is.
    below = is_number(value) and (value < low or (low == 0 and Decimal(value).is_signed()))
    if is_number(value) and (below or value > high):
        yield path, f"must lie in [{low}, {high}], got {shown(value)}: {remedy}"


def _thousands(raw: Tree, keys: tuple[str, ...], path: str) -> Iterator[Fault]:
    """Tell amounts with three decimals: a thousands point that was read as a decimal one."""
    for key in keys:
        value = raw.get(key)
        for number in value if isinstance(value, tuple) else (value,):
            if isinstance(number, Decimal) and number.is_finite() and number.as_tuple().exponent == _THOUSANDTHS:
                whole = str(number).replace(".", "")
                yield f"{path}.{key}", f"must be an amount of money, got {number} with three decimals: write {whole}"


def _difference_faults(statistic: DifferenceStatistic, path: str) -> Iterator[Fault]:
    """Tell what the file writes otherwise than the record `Difference`, whose own words would mislead."""
    for key, value in (("p", statistic.p), ("p_below", statistic.p_below)):
        if value is not None and not 0 < value < 1:
            yield f"{path}.{key}", f'must lie in (0, 1), got {value}: "p < 0.001" is written p_below = 0.001'
    if statistic.p is not None and statistic.p_below is not None:
        yield f"{path}.p_below", "must not stand beside p: keep the one that was printed"
    if statistic.ci is None:
        return
    low, high = statistic.ci
    got = f"got [{shown(low)}, {shown(high)}]"
    open_ends = [isinstance(end, Decimal) and end.is_infinite() for end in statistic.ci]
    if statistic.sided == "two" and any(open_ends):
        yield f"{path}.ci", f'must have two finite ends, {got}: to a one-sided interval belongs sided = "one"'
    elif statistic.sided == "one" and sum(open_ends) != 1:
        yield f"{path}.ci", f"must have one finite end, the other -inf (below) or inf (above), {got}"
    elif any(open_ends) and low > high:
        yield f"{path}.ci", f"must run from low to high, {got}"


def _statistic_faults(raw: Tree, path: str) -> Iterator[Fault]:
    if raw.get("status") == "derived" and "rule" not in raw:
        yield f"{path}.rule", "is missing: a derived number states its rule"
    kind, value, wtp = raw.get("kind"), raw.get("value"), raw.get("wtp")
    yield from _thousands(raw, _AMOUNTS.get(str(kind), ()), path)
    if kind in ("p-cost-effective", "p-effect-above"):
        yield from _outside(f"{path}.value", value, 0, 1, "write a share, as in 0.99 for 99%")
    if kind == "p-cost-effective" and wtp is not None and is_number(wtp) and wtp < 0:
        yield f"{path}.wtp", f"must be at least 0, got {shown(wtp)}"
    if kind == "correlation":
        yield from _outside(f"{path}.value", value, -1, 1, "check which statistic was printed")
    try:
        statistic = _STATISTIC.validate_python(raw)
    except ValidationError:
        return  # told by the schema
    own = list(_difference_faults(statistic, path)) if isinstance(statistic, DifferenceStatistic) else []
    yield from own or tried(path, lambda: record(statistic))


def _repeated_statistics(raw: Tree, path: str) -> Iterator[Fault]:
    seen: list[tuple[Any, ...]] = []
    for position, item in tables(raw, "statistic"):
        kind = item.get("kind")
        if not isinstance(kind, str) or kind not in _ONCE:
            continue
        key = _ONCE[kind]
        mark = (kind, item.get(key), item.get("use", "fit")) if key else (kind,)
        if mark in seen:
            other = ", or give the other a [[comparison]] of its own" if kind == "icer" else ""
            rule = f"at one {key}: keep one" if key else f"of its comparison: keep one{other}"
            yield f"{path}.statistic[{position}]", f"must be the only {kind} {rule}"
        seen.append(mark)


def comparison_faults(raw: Tree, strategies: set[str], path: str) -> Iterator[Fault]:
    """Yield the faults of a comparison that the schema does not see.

    Parameters
    ----------
    raw : dict
        The comparison as parsed.
    strategies : set of str
        Ids of the interventions.
    path : str
        Where it stands in the file.

    Yields
    ------
    pair of str
        Path and message.
    """
    for role in ("intervention", "comparator"):
        name = raw.get(role)
        if isinstance(name, str) and name not in strategies:
            known = ", ".join(sorted(strategies)) or "none"
            yield f"{path}.{role}", f"must be the id of an [[intervention]], got {shown(name)}; known: {known}"
    if isinstance(raw.get("comparator"), str) and raw["comparator"] == raw.get("intervention"):
        yield f"{path}.comparator", f"must differ from the intervention, got {shown(raw['comparator'])} twice"
    for position, item in tables(raw, "statistic"):
        yield from _statistic_faults(item, f"{path}.statistic[{position}]")
    yield from _repeated_statistics(raw, path)
    if not any(raw.get(key) for key in ("statistic", "finding", "data")):
        yield (
            path,
            (
                "must have a [[comparison.statistic]] or a [comparison.finding]: add what was reported, "
                "or name patient data in [comparison.data]"
            ),
        )
    yield from _unit_faults(raw, path)
    yield from _assumption_faults(raw, path)
    yield from _design_effect_faults(raw.get("design_effect"), f"{path}.design_effect")
    for position, item in tables(raw, "threshold"):
        here = f"{path}.threshold[{position}]"
        yield from _thousands(item, ("value",), here)
        value = item.get("value")
        if value is not None and is_number(value) and value < 0:
            yield f"{here}.value", f"must be at least 0, got {shown(value)}"
    yield from _number_faults(raw, path)


def _number_faults(raw: Tree, path: str) -> Iterator[Fault]:
    """Tell rates, replicates and a horizon that are outside their range."""
    for key in ("discount_cost", "discount_effect"):
        yield from _outside(f"{path}.{key}", raw.get(key), 0, 1, "write a rate, as in 0.04 for 4%")
    replicates = raw.get("replicates")
    if isinstance(replicates, int) and replicates < 1:
        yield f"{path}.replicates", f"must be at least 1, got {shown(replicates)}: leave it out where it is not stated"
    months = raw.get("horizon_months")
    if months is not None and is_number(months) and months <= 0:
        yield f"{path}.horizon_months", f"must be above 0, got {shown(months)}"


def _unit_faults(raw: Tree, path: str) -> Iterator[Fault]:
    """Tell a unit of effect of which nobody says that more is better; beside patient data it is always QALY."""
    unit = raw.get("effect_unit", "QALY")
    if not isinstance(unit, str) or not unit.strip() or raw.get("data"):
        return
    known = direction_of(unit)
    if known == "less":
        yield (
            f"{path}.effect_unit",
            f'must be of an effect of which more is better, got {shown(unit)}: write "{unit} averted", signs turned',
        )
    elif known is None and raw.get("effect_better") is None:
        yield f"{path}.effect_better", f'is missing: write effect_better = "more" if more {unit} is better'


def _assumption_faults(raw: Tree, path: str) -> Iterator[Fault]:
    names: list[str] = []
    for position, item in tables(raw, "assumption"):
        here = f"{path}.assumption[{position}]"
        name = item.get("parameter")
        if isinstance(name, str):
            if name in names:
                yield f"{here}.parameter", f"must be assumed once, got {shown(name)} again"
            names.append(name)
        if name in ("delta_cost", "cost_se"):
            yield from _thousands(item, ("value", "range"), here)
        try:
            assumption = Assumption.model_validate(item)
        except ValidationError:
            continue  # told by the schema
        low, high = assumption.range
        if name == "correlation" and (low <= -1 or high >= 1):
            yield f"{here}.range", f"must lie between -1 and 1, got {shown(low)} to {shown(high)}"
        elif name in {"cost_se", "effect_se"} and low <= 0:
            yield f"{here}.range", f"must lie above 0, got {shown(low)} to {shown(high)}"
        else:
            yield from tried(here, lambda: assumed(assumption))  # noqa: B023 (called at once)


def _design_effect_faults(raw: Any, path: str) -> Iterator[Fault]:  # noqa: ANN401
    if not isinstance(raw, dict):
        return
    try:
        low, high = DesignEffect.model_validate(raw).range
    except ValidationError:
        return  # told by the schema
    if not 1 <= low <= high:
        yield f"{path}.range", f"must run upwards from at least 1, got {shown(low)} to {shown(high)}"
