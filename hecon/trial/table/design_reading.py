"""Designs from TOML files and from trees of plain values."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from hecon._files import TEXT_BYTES, file_bytes
from hecon.errors import InputError, TrialError
from hecon.files import toml
from hecon.files.faults import Fault, shown
from hecon.trial.table.design import Design
from hecon.trial.table.design_faults import design_faults, fill_periods
from hecon.trial.table.design_rules import DESIGN, Many, Record, cleaned

__all__ = ["clean_parts", "design_of", "read_design"]


def _built(rule: Any, value: Any) -> Any:  # noqa: ANN401
    """Return the records of a clean value."""
    if value is None:
        return None
    if isinstance(rule, Record):
        return rule.of(**{key: _built(rule.keys[key], each) for key, each in value.items()})
    if isinstance(rule, Many):
        return tuple(_built(rule.of, each) for each in value)
    return value


def _checked(tree: Mapping[str, Any]) -> tuple[dict[str, Any], list[Fault]]:
    """Return the clean parts of a design, and all its faults."""
    faults: list[Fault] = []
    parts: dict[str, Any] = cleaned(DESIGN, tree, "", faults)
    fill_periods(parts)
    told = [path for path, _ in faults]
    # What is at fault counts as absent below; that, and what a whole lacks for it, is not told as well.
    faults += [each for each in design_faults(parts) if not any(path.startswith(each[0]) for path in told)]
    return parts, faults


def _refuse(tree: Mapping[str, Any], faults: list[Fault]) -> None:
    if faults:
        own = tree.get("name")
        name = own if isinstance(own, str) and own.strip() else "without a name"
        raise TrialError(name, [f"{path}: {message}" for path, message in dict.fromkeys(faults)])


def clean_parts(tree: Mapping[str, Any]) -> dict[str, Any]:
    """Return the parts of a design as records, with defaults in place, or raise all its faults at once.

    Parameters
    ----------
    tree : mapping
        Keys and values of the design; its tables as mappings or as records.

    Returns
    -------
    dict
        The parts by their names.

    Raises
    ------
    TrialError
        If the design breaks its rules.
    """
    parts, faults = _checked(tree)
    _refuse(tree, faults)
    return {key: _built(DESIGN.keys[key], part) for key, part in parts.items()}


def design_of(tree: Mapping[str, Any]) -> Design:
    """Return the design that a tree of plain values describes, as parsed from TOML.

    Parameters
    ----------
    tree : mapping
        Keys and values as in a design's file.

    Returns
    -------
    Design
        Checked, frozen.

    Raises
    ------
    InputError
        If `tree` is no mapping.
    TrialError
        If the design breaks its rules: all faults at once, each with its path; an unknown key with the nearest one.

    Examples
    --------
    >>> from hecon import trial
    >>> trial.design_of({"name": "two-arms", "tabel": {"layout": "wide"}})
    Traceback (most recent call last):
    ...
    hecon.errors.TrialError: trial two-arms has 8 faults:
      tabel: is not a key of this table; did you mean 'table'?
      table: is missing: add it
      arm: is missing: add it
      utility: is missing: add it
      cost: is missing: add it
      perspective: is missing: add it
      analysis: is missing: add it
      format: is missing: add format = 1
    """
    if not isinstance(tree, Mapping):
        msg = f"tree must be a mapping with the keys of a design, got {shown(tree)}"
        raise InputError(msg)
    parts, faults = _of_file(tree)
    _refuse(tree, faults)
    return Design(**parts)


def _of_file(tree: Mapping[str, Any]) -> tuple[dict[str, Any], list[Fault]]:
    """Return the clean parts and all faults of a design that a file holds, which tells its format."""
    parts, faults = _checked(tree)
    return parts, faults + ([("format", "is missing: add format = 1")] if tree.get("format") is None else [])


def read_design(path: str | Path) -> Design:
    """Read the design of a trial from a TOML file.

    Parameters
    ----------
    path : str or Path
        The file.

    Returns
    -------
    Design
        Checked, frozen.

    Raises
    ------
    InputError
        If there is no such file, or it cannot be read.
    TrialError
        If the file is no TOML, or the design breaks its rules: all faults at once, each with its line and path.

    Notes
    -----
    The keys are the names of the parameters of `Design` and of its parts; ``format = 1`` is needed.

    Examples
    --------
    >>> from hecon import trial
    >>> trial.read_design("meniscus.toml")
    Traceback (most recent call last):
    ...
    hecon.errors.InputError: design must be a file that can be read, got 'meniscus.toml': No such file or directory
    """
    if not isinstance(path, (str, Path)):
        msg = f"design must be the path of a TOML file, got {shown(path)}"
        raise InputError(msg)
    file = toml.read(file_bytes("design", path, at_most=TEXT_BYTES), str(path), TrialError)
    parts, faults = _of_file(file.tree)
    file.refuse(faults)
    return Design(**parts)
