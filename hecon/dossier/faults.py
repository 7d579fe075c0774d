"""Every fault of a dossier at once: those of the schema and those between fields, each with its path in the file."""

from __future__ import annotations

from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING, Any

from pydantic import TypeAdapter, ValidationError

from hecon import zin
from hecon.dossier._messages import Fault, path_of, schema_faults
from hecon.dossier._types import is_number, shown
from hecon.dossier.budget_faults import budget_faults
from hecon.dossier.burden_faults import burden_faults
from hecon.dossier.figure_faults import fact_faults, figure_faults
from hecon.dossier.note_schema import Criterion
from hecon.dossier.programme_faults import link_faults
from hecon.dossier.programme_schema import Programme
from hecon.dossier.schema import Assumption, DesignEffect, DifferenceStatistic, Statistic
from hecon.dossier.statistics import assumed, record
from hecon.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["faults_of", "programme_faults"]

Tree = dict[str, Any]

# Bits; some 3,000 digits, below Python's limit for writing out an integer.
_LONGEST = 10_000
_THOUSANDTHS = -3
_OPEN = Decimal("inf")
_AMOUNTS = {
    "cost-arms": ("mean", "sd"),
    "cost-difference": ("mean", "ci", "se"),
    "icer": ("value",),
    "p-cost-effective": ("wtp",),
}
_STATISTIC: TypeAdapter[Statistic] = TypeAdapter(Statistic)
# Statistics of these kinds may stand once in a comparison, or once at each value of the key named.
_ONCE = {"icer": None, "correlation": None, "p-cost-effective": "wtp", "p-effect-above": "threshold"}


def _tables(tree: Any, key: str) -> Iterator[tuple[int, Tree]]:  # noqa: ANN401
    items = tree.get(key, ()) if isinstance(tree, dict) else ()
    for position, item in enumerate(items if isinstance(items, (list, tuple)) else ()):
        if isinstance(item, dict):
            yield position, item


def _identifiers(tree: Tree, key: str) -> set[str]:
    return {item["id"] for _, item in _tables(tree, key) if isinstance(item.get("id"), str)}


def _repeated(tree: Tree) -> Iterator[Fault]:
    for key in ("intervention", "comparison", "document", "party", "precondition", "condition", "block", "monitored"):
        seen: set[str] = set()
        for position, item in _tables(tree, key):
            identifier = item.get("id")
            if not isinstance(identifier, str):
                continue
            if identifier in seen:
                yield path_of(key, position, "id"), f"must be unique, got {shown(identifier)} again"
            seen.add(identifier)


def _unknown_documents(node: Any, known: set[str], *steps: str | int) -> Iterator[Fault]:  # noqa: ANN401
    if isinstance(node, dict):
        for key, value in node.items():
            if key == "sources":
                for position, reference in _tables(node, "sources"):
                    name = reference.get("document")
                    if isinstance(name, str) and name not in known:
                        listed = ", ".join(sorted(known)) or "none"
                        rule = f"must be the id of a [[document]], got {shown(name)}; known: {listed}"
                        yield path_of(*steps, "sources", position, "document"), rule
            else:
                yield from _unknown_documents(value, known, *steps, key)
    elif isinstance(node, (list, tuple)):
        for position, value in enumerate(node):
            yield from _unknown_documents(value, known, *steps, position)


def _tried(path: str, check: Callable[[], object]) -> Iterator[Fault]:
    try:
        check()
    except InputError as error:
        yield path, str(error)


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
    yield from own or _tried(path, lambda: record(statistic))


def _repeated_statistics(raw: Tree, path: str) -> Iterator[Fault]:
    seen: list[tuple[Any, ...]] = []
    for position, item in _tables(raw, "statistic"):
        kind = item.get("kind")
        if not isinstance(kind, str) or kind not in _ONCE:
            continue
        key = _ONCE[kind]
        mark = (kind, item.get(key), item.get("use", "fit")) if key else (kind,)
        if mark in seen:
            rule = f"at one {key}: keep one" if key else "of its comparison: split the comparison"
            yield f"{path}.statistic[{position}]", f"must be the only {kind} {rule}"
        seen.append(mark)


def _comparison_faults(raw: Tree, strategies: set[str], path: str) -> Iterator[Fault]:
    for role in ("intervention", "comparator"):
        name = raw.get(role)
        if isinstance(name, str) and name not in strategies:
            known = ", ".join(sorted(strategies)) or "none"
            yield f"{path}.{role}", f"must be the id of an [[intervention]], got {shown(name)}; known: {known}"
    if isinstance(raw.get("comparator"), str) and raw["comparator"] == raw.get("intervention"):
        yield f"{path}.comparator", f"must differ from the intervention, got {shown(raw['comparator'])} twice"
    for position, item in _tables(raw, "statistic"):
        yield from _statistic_faults(item, f"{path}.statistic[{position}]")
    yield from _repeated_statistics(raw, path)
    if not raw.get("statistic") and not raw.get("finding"):
        yield path, "must have a [[comparison.statistic]] or a [comparison.finding]: add what was reported"
    yield from _assumption_faults(raw, path)
    yield from _design_effect_faults(raw.get("design_effect"), f"{path}.design_effect")
    for position, item in _tables(raw, "threshold"):
        here = f"{path}.threshold[{position}]"
        yield from _thousands(item, ("value",), here)
        value = item.get("value")
        if value is not None and is_number(value) and value < 0:
            yield f"{here}.value", f"must be at least 0, got {shown(value)}"
    for key in ("discount_cost", "discount_effect"):
        yield from _outside(f"{path}.{key}", raw.get(key), 0, 1, "write a rate, as in 0.04 for 4%")
    months = raw.get("horizon_months")
    if months is not None and is_number(months) and months <= 0:
        yield f"{path}.horizon_months", f"must be above 0, got {shown(months)}"


def _assumption_faults(raw: Tree, path: str) -> Iterator[Fault]:
    names: list[str] = []
    for position, item in _tables(raw, "assumption"):
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
            yield from _tried(here, lambda: assumed(assumption))  # noqa: B023 (called at once)


def _outcome_faults(note: Any) -> Iterator[Fault]:  # noqa: ANN401
    for number, study in _tables(note, "study"):
        for position, item in _tables(study, "outcome"):
            path = f"note.study[{number}].outcome[{position}]"
            level = item.get("level")
            if level is not None and is_number(level) and not 0 < level < 1:
                yield f"{path}.level", f"must lie in (0, 1), got {shown(level)}: write a share, as in 0.95 for 95%"
            for key in ("margin", "minimal_important_difference"):
                value = item.get(key)
                if value is not None and is_number(value) and value <= 0:
                    yield f"{path}.{key}", f"must be above 0, got {shown(value)}: give its size"
            ends = item.get("ci")
            open_end = isinstance(ends, tuple) and any(isinstance(end, Decimal) and end.is_infinite() for end in ends)
            if open_end and level is not None and is_number(level) and 0 < level <= Decimal("0.5"):
                yield f"{path}.level", f"must be above 0.5 for an interval with an open end, got {shown(level)}"
            if isinstance(ends, tuple) and len(ends) == 2 and (ends[0] == _OPEN or ends[1] == -_OPEN):  # noqa: PLR2004
                yield f"{path}.ci", "must be open below by -inf as its first end, or above by inf as its second"
            if isinstance(ends, tuple) and ends and all(isinstance(end, Decimal) and end.is_infinite() for end in ends):
                yield f"{path}.ci", "must have a finite end: leave the outcome out if it has no interval"


def _criteria_faults(note: Any) -> Iterator[Fault]:  # noqa: ANN401
    criteria = note.get("criteria") if isinstance(note, dict) else None
    for name, raw in criteria.items() if isinstance(criteria, dict) else ():
        try:
            found = Criterion.model_validate(raw)
        except ValidationError:
            continue  # told by the schema
        yield from _tried(f"note.criteria.{name}", partial(_judged, found))


def _judged(criterion: Criterion) -> zin.Judged:
    return zin.Judged(criterion.judgement, adopted_by=criterion.adopted_by, not_adopted_by=criterion.not_adopted_by)


def _design_effect_faults(raw: Any, path: str) -> Iterator[Fault]:  # noqa: ANN401
    if not isinstance(raw, dict):
        return
    try:
        low, high = DesignEffect.model_validate(raw).range
    except ValidationError:
        return  # told by the schema
    if not 1 <= low <= high:
        yield f"{path}.range", f"must run upwards from at least 1, got {shown(low)} to {shown(high)}"


def _endless(node: Any, *steps: str | int) -> Iterator[str]:  # noqa: ANN401
    """Tell integers that cannot even be written out, before anything tries to."""
    if isinstance(node, int) and node.bit_length() > _LONGEST:
        yield f"{path_of(*steps)}: must be finite, and 0 or between 1e-30 and 1e30 in size, got a number beyond 1e30"
    elif isinstance(node, (dict, tuple)):
        for step, value in node.items() if isinstance(node, dict) else enumerate(node):
            yield from _endless(value, *steps, step)


def faults_of(tree: Tree) -> list[str]:
    """Return every fault of a dossier's parsed tree, each with its path in the file.

    Parameters
    ----------
    tree : dict
        The dossier as parsed from TOML, with arrays as tuples.

    Returns
    -------
    list of str
        One line a fault; empty if there is none.
    """
    endless = list(_endless(tree))
    if endless:
        return endless
    found = schema_faults(tree)
    found += _repeated(tree)
    found += _unknown_documents(tree, _identifiers(tree, "document"))
    found += burden_faults(tree)
    found += _outcome_faults(tree.get("note"))
    found += fact_faults(tree.get("note"))
    found += _criteria_faults(tree.get("note"))
    found += figure_faults(tree)
    found += budget_faults(tree)
    strategies = _identifiers(tree, "intervention")
    for position, item in _tables(tree, "comparison"):
        found += _comparison_faults(item, strategies, f"comparison[{position}]")
    return [f"{path}: {message}" for path, message in dict.fromkeys(found)]


def programme_faults(tree: Tree) -> list[str]:
    """Return every fault of the parsed tree of a programme, each with its path in the file.

    Parameters
    ----------
    tree : dict
        The programme as parsed from TOML, with arrays as tuples.

    Returns
    -------
    list of str
        One line a fault; empty if there is none.
    """
    endless = list(_endless(tree))
    if endless:
        return endless
    found = schema_faults(tree, Programme)
    found += _repeated(tree)
    found += _unknown_documents(tree, _identifiers(tree, "document"))
    found += figure_faults(tree)
    found += link_faults(tree)
    return [f"{path}: {message}" for path, message in dict.fromkeys(found)]
