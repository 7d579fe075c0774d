"""Settings of a comparison that the design of its patient data states: taken from it, or held against it."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any, NamedTuple

from hecon._io import is_file
from hecon.errors import InputError
from hecon.files.faults import Fault, shown, tables
from hecon.files.parts import NOT_REPORTED, is_number

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from hecon.rulesets import RuleSet
    from hecon.trial.table.design import Design
    from hecon.trial.table.design_keys import Effect

    Tree = dict[str, Any]

__all__ = ["REMEDY", "SETTINGS", "by_rules", "currency_fault", "fill_settings", "setting_faults"]

# In the order in which they are told.
SETTINGS = ("currency", "price_year", "horizon_months", "discount_cost", "discount_effect")
# Of a setting that the file states.
REMEDY = ": change the one that is wrong, or leave it out here and it is taken from there"
_MISSING = "is missing: add it"
# A comparison is in QALYs unless it or its design names another unit.
_BEYOND = ("effect_unit",)
_QALY = "QALY"


class _Stated(NamedTuple):
    """A setting with where it stands: its words for a fault, and whether it is the design's or that of the rules."""

    value: Any
    place: str
    by: str


def fill_settings(tree: Tree, folder: Path, rules: RuleSet) -> tuple[list[dict[str, str]], list[Fault]]:
    """Put into a tree what comparisons leave to their designs; return what was taken, by comparison, and what was not.

    What was taken is told by its key, as of the "design" or of the "rules". What could not be, as the design itself is
    at fault, is told by the fault that the schema will find.
    """
    taken: dict[int, dict[str, str]] = {}
    excused: list[Fault] = []
    for position, raw in tables(tree, "comparison"):
        if not isinstance(raw.get("data"), dict):
            continue
        stated = _of_file(raw["data"].get("design"), folder, rules)
        absent = [key for key in (*SETTINGS, *_BEYOND) if raw.get(key) is None]
        # Which of it is better the design says, whoever names the unit.
        better = {"effect_better": "more"} if _BEYOND[0] in stated and raw.get("effect_better") is None else {}
        raw |= {**{key: stated[key].value for key in absent if key in stated}, **better}
        taken[position] = {key: stated[key].by for key in absent if key in stated}
        unknown = [key for key in absent if key in SETTINGS and key not in stated]
        excused += [(f"comparison[{position}].{key}", _MISSING) for key in unknown]
    return [taken.get(place, {}) for place in range(max(taken, default=-1) + 1)], excused


def _of_file(name: Any, folder: Path, rules: RuleSet) -> dict[str, _Stated]:  # noqa: ANN401
    """Return what the design of this name states; nothing where it cannot be read, which is a fault of its own."""
    if not isinstance(name, str) or not is_file(folder / name):
        return {}
    # Slow to import and rarely needed.
    from hecon.trial.table.design import read_design

    try:
        return _stated(read_design(folder / name), name, rules)
    except InputError:
        return {}


def _stated(design: Design, file: str, rules: RuleSet) -> dict[str, _Stated]:
    """Return the settings of a design under rules, without rates where neither states them."""
    part = next(key for key in ("utility", "effect", "costs_alone") if getattr(design, key) is not None)
    of_rules = f"that of the rules {rules.name}"
    found = {
        "currency": _Stated(rules.currency, of_rules, "rules"),
        "price_year": _Stated(design.analysis.price_year, f"that of analysis.price_year in {file}", "design"),
        "horizon_months": _Stated(_printed(design.horizon), f"that of {part}.months in {file}", "design"),
    }
    if design.effect is not None and design.effect.unit != _QALY:
        found["effect_unit"] = _Stated(*_unit_of(design.effect, file), "design")
    for key in ("discount_cost", "discount_effect"):
        own = getattr(design.analysis, key)
        mine, theirs = f"that of analysis.{key} in {file}", f"{of_rules}, as {file} has no analysis.{key}"
        try:
            rate = by_rules(key, rules) if own is None else _printed(own)
        except InputError:
            continue
        found[key] = _Stated(rate, theirs, "rules") if own is None else _Stated(rate, mine, "design")
    return found


def _unit_of(effect: Effect, file: str) -> tuple[str, str]:
    """Return the unit in which a dossier counts an effect, of which more is always better, and where it stands."""
    place = f"that of effect.unit in {file}"
    if effect.better == "less":
        return f"{effect.unit} averted", f"{place}, of which less is better, with signs turned"
    return effect.unit, place


def by_rules(key: str, rules: RuleSet) -> Decimal:
    """Return the rate "discount_cost" or "discount_effect" of rules."""
    rates = rules.discounting_on()
    return Decimal(str(rates.costs if key == "discount_cost" else rates.effects))


def _printed(value: float) -> int | Decimal:
    return int(value) if float(value).is_integer() else Decimal(repr(value))


def setting_faults(raw: Mapping[str, Any], design: Design, rules: RuleSet, path: str) -> Iterator[Fault]:
    """Yield the settings of a comparison that differ from those of its design, with both places and values."""
    try:
        design.analysis.rates(rules)
    except InputError as error:
        yield f"{path}.data.design", f"must give its own discount rates: {error}"
    file = raw["data"]["design"]
    unit = _Stated(_QALY, f"the unit of the effect in {file}", "design")
    for key, stated in {"effect_unit": unit, **_stated(design, file, rules)}.items():
        value = raw.get(key)
        if key != "currency" and _differs(value, stated.value):
            rule = f"must be {stated.value}, {stated.place}, got {shown(value)}"
            yield f"{path}.{key}", f"{rule}{REMEDY}"


def _differs(value: Any, stated: Any) -> bool:  # noqa: ANN401
    """Return whether a sound value of the file is another than that stated; what is not sound has its own fault."""
    if isinstance(stated, str):
        return isinstance(value, str) and bool(value.strip()) and value != stated
    return bool(value == NOT_REPORTED or (is_number(value) and float(value) != float(stated)))


def currency_fault(raw: Mapping[str, Any], rules: RuleSet, path: str) -> Iterator[Fault]:
    """Yield a currency other than that of the rules, in which a table of patients is."""
    currency = raw.get("currency")
    if isinstance(currency, str) and currency != rules.currency:
        rule = f"must be {rules.currency} beside [comparison.data], as the rules {rules.name} have it"
        yield f"{path}.currency", f"{rule}, got {shown(currency)}: so are its costs"
