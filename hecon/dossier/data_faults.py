"""Faults of the patient data that comparisons name: what is not there, and what does not agree with the design."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hecon._files import is_file
from hecon.errors import InputError, TrialError
from hecon.files.faults import Fault, shown, tables
from hecon.files.parts import NOT_REPORTED, is_number

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from hecon.trial.table.design import Design

__all__ = ["data_faults"]

Tree = dict[str, Any]

# What patient data take the place of, or determine themselves.
_BESIDE = ("statistic", "finding", "assumption", "design_effect")
_ROLES = ("intervention", "comparator")


def data_faults(tree: Tree, folder: Path) -> Iterator[Fault]:
    """Yield the faults of the patient data that comparisons name; the tables themselves are not read.

    Parameters
    ----------
    tree : dict
        The dossier as parsed from TOML, with arrays as tuples.
    folder : Path
        Folder that the names of the files are relative to.

    Yields
    ------
    pair of str
        Path and message; the faults of one design once.
    """
    designs: dict[Path, Design | None] = {}
    for position, item in tables(tree, "comparison"):
        if isinstance(item.get("data"), dict):
            yield from _comparison_faults(item, folder, f"comparison[{position}]", designs)


def _comparison_faults(raw: Tree, folder: Path, path: str, designs: dict[Path, Design | None]) -> Iterator[Fault]:
    for key in _BESIDE:
        if raw.get(key):
            yield f"{path}.{key}", "must be left out beside [comparison.data]: the figures are computed from the data"
    currency, unit = raw.get("currency"), raw.get("effect_unit", "QALY")
    if isinstance(currency, str) and currency != "EUR":
        yield f"{path}.currency", f"must be EUR beside [comparison.data], got {shown(currency)}: so are its costs"
    if isinstance(unit, str) and unit != "QALY":
        yield f"{path}.effect_unit", f"must be QALY beside [comparison.data], got {shown(unit)}: so are its effects"
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
        yield from _setting_faults(raw, design, path)
        yield from _arm_faults(raw, design, f"{path}.data.strategies")
        yield from _perspective_faults(raw, design, f"{path}.data.perspective")


def _file_faults(name: Any, folder: Path, path: str) -> Iterator[Fault]:  # noqa: ANN401
    if not isinstance(name, str) or not name.strip():
        return  # told by the schema
    if not is_file(folder / name):
        yield path, f"must be a file that exists, got {shown(name)}: its path is relative to the dossier's folder"


def _read(file: Path, path: str, designs: dict[Path, Design | None]) -> Iterator[Fault]:
    # Slow to import, and few dossiers have patient data.
    from hecon.trial.table.design import read_design

    designs[file] = None
    try:
        designs[file] = read_design(file)
    except TrialError as error:
        yield from ((path, each) for each in error.faults)
    except InputError as error:
        yield path, str(error)


def _setting_faults(raw: Tree, design: Design, path: str) -> Iterator[Fault]:
    known = {
        "price_year": design.analysis.price_year,
        "horizon_months": design.utility.months[-1],
        "discount_cost": design.analysis.discount_cost,
        "discount_effect": design.analysis.discount_effect,
    }
    for key, expected in known.items():
        value = raw.get(key)
        if value == NOT_REPORTED or (is_number(value) and value is not None and float(value) != expected):
            yield f"{path}.{key}", f"must be that of the design, {expected:g}, got {shown(value)}"


def _arm_faults(raw: Tree, design: Design, path: str) -> Iterator[Fault]:
    given = raw["data"].get("strategies", {})
    roles = {role: raw.get(role) for role in _ROLES}
    if not isinstance(given, dict) or not all(isinstance(name, str) for name in roles.values()):
        return  # told by the schema
    for name in given:
        if name not in roles.values():
            both = " or ".join(map(str, roles.values()))
            yield f"{path}.{name}", f"must be the id of the intervention or the comparator, {both}: remove it"
    first, *others = design.strategies
    for role, allowed in (("comparator", [first]), ("intervention", others)):
        name = roles[role]
        arm = given.get(name, name)
        if arm not in allowed and isinstance(arm, str):
            which = f"the design's {role}" if role == "comparator" else "an intervention of the design"
            yield f"{path}.{name}", f"must be {which}, got {shown(arm)}; known: {', '.join(allowed)}"


def _perspective_faults(raw: Tree, design: Design, path: str) -> Iterator[Fault]:
    name = raw["data"].get("perspective") or raw.get("perspective")
    if isinstance(name, str) and name not in design.perspective:
        known = ", ".join(design.perspective)
        yield path, f"must be a perspective of the design, got {shown(name)}; known: {known}"
