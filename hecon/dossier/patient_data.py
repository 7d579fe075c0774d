"""Patient data that a comparison of a dossier names: what must agree with the design; the tables are not read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hecon import valuesets
from hecon._io import is_file
from hecon.dossier.comparison import others_of
from hecon.dossier.settings import currency_fault, setting_faults
from hecon.errors import InputError, TrialError, ValueSetError
from hecon.files.faults import Fault, path_of, shown, tables

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from hecon.rulesets import RuleSet
    from hecon.trial.table.design import Design

    Tree = dict[str, Any]


def data_faults(tree: Tree, folder: Path, rules: RuleSet) -> Iterator[Fault]:
    """Yield the faults of the patient data that comparisons name; the tables themselves are not read."""
    designs: dict[Path, Design | None] = {}
    for position, item in tables(tree, "comparison"):
        if isinstance(item.get("data"), dict):
            yield from _comparison_faults(item, (folder, rules), f"comparison[{position}]", designs)


def _comparison_faults(
    raw: Tree, of: tuple[Path, RuleSet], path: str, designs: dict[Path, Design | None]
) -> Iterator[Fault]:
    folder, rules = of
    for key in ("statistic", "finding", "assumption", "design_effect"):
        if raw.get(key):
            yield f"{path}.{key}", "must be left out beside [comparison.data]: the figures are computed from the data"
    yield from currency_fault(raw, rules, path)
    data = raw["data"]
    yield from _file_faults(data.get("file"), folder, f"{path}.data.file")
    name = data.get("design")
    absent = list(_file_faults(name, folder, f"{path}.data.design"))
    yield from absent
    if absent or not isinstance(name, str):
        return
    if folder / name not in designs:
        yield from _read(folder / name, f"{path}.data.design", designs)
    design = designs[folder / name]
    if design is not None:
        if design.costs_alone is not None:
            rule = "must be a design with an effect, got one of costs alone, of which a dossier has no comparison"
            yield f"{path}.data.design", f"{rule}: `hecon trial` analyses it without a dossier"
        yield from setting_faults(raw, design, rules, path)
        yield from _arm_faults(raw, design, f"{path}.data.strategies")
        yield from _perspective_faults(raw, design, f"{path}.data.perspective")
        yield from _value_set_faults(raw["data"], design, folder, f"{path}.data.value_sets")


def _file_faults(name: Any, folder: Path, path: str) -> Iterator[Fault]:  # noqa: ANN401
    if not isinstance(name, str) or not name.strip():
        return  # a fault of the schema
    if not is_file(folder / name):
        yield path, f"must be a file that exists, got {shown(name)}: its path is relative to the dossier's folder"


def _read(file: Path, path: str, designs: dict[Path, Design | None]) -> Iterator[Fault]:
    # Slow to import and rarely needed.
    from hecon.trial.table.design import read_design

    designs[file] = None
    try:
        designs[file] = read_design(file)
    except TrialError as error:
        yield from ((path, fault) for fault in error.located)
    except InputError as error:
        yield path, str(error)


def _arm_faults(raw: Tree, design: Design, path: str) -> Iterator[Fault]:
    given = raw["data"].get("strategies", {})
    roles = [(role, raw.get(role)) for role in ("comparator", "intervention")]
    if not isinstance(given, dict) or not all(isinstance(name, str) for _, name in roles):
        return  # a fault of the schema
    roles += [("intervention", name) for name in others_of(raw)]
    named = [str(name) for _, name in roles]
    for name in given:
        if name not in named:
            options = f"{', '.join(named[1:])} or {named[0]}"
            rule = "must be the id of the intervention or the comparator"
            yield f"{path}.{path_of(name)}", f"{rule}, {options}: remove it"
    first, *others = design.strategies
    for role, name in roles:
        allowed = [first] if role == "comparator" else others
        arm = given.get(name, name)
        if arm not in allowed and isinstance(arm, str):
            which = f"the design's {role}" if role == "comparator" else "an intervention of the design"
            yield f"{path}.{path_of(str(name))}", f"must be {which}, got {shown(arm)}; known: {', '.join(allowed)}"


def _value_set_faults(data: Tree, design: Design, folder: Path, path: str) -> Iterator[Fault]:
    """Yield other value sets that the answers of the trial cannot be valued by."""
    asked = data.get("value_sets")
    if not asked or not all(isinstance(each, str) for each in asked):
        return  # none, or a fault of the schema
    if data.get("scenarios") is not True:
        yield path, f"must be left out without scenarios = true, got {shown(', '.join(asked))}: they are scenarios"
    # Slow to import and rarely needed.
    from hecon.trial.sensitivity import sets_beside

    utility = design.utility
    answered = utility is not None and utility.columns is None and utility.value_set is not None
    own = valuesets.find(str(utility.value_set)).origin if answered and utility is not None else None
    try:
        sets_beside(own, [value_set_in(folder, each) for each in asked])
    except ValueSetError as error:
        yield from ((path, f"{error.name}: {fault}") for fault in error.faults)
    except InputError as error:
        yield path, str(error).removeprefix("value_sets ").removeprefix("value_set ")


def value_set_in(folder: Path, name: str) -> str:
    """Return the name of a value set, or the path of its file, which begins at a folder."""
    return str(folder / name) if valuesets.is_file_name(name) else name


def _perspective_faults(raw: Tree, design: Design, path: str) -> Iterator[Fault]:
    name = raw["data"].get("perspective") or raw.get("perspective")
    if isinstance(name, str) and name not in design.perspective:
        known = ", ".join(design.perspective)
        yield path, f"must be a perspective of the design, got {shown(name)}; known: {known}"
