"""Designs from TOML files and from trees of plain values."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

from hecon import _checks
from hecon._files import TEXT_BYTES, file_bytes
from hecon.errors import InputError, TrialError
from hecon.trial.table.design import Design
from hecon.trial.table.design_faults import design_faults, fill_periods
from hecon.trial.table.design_rules import DESIGN, Fault, Many, Record, cleaned, shown

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


def _checked(tree: Mapping[str, Any], called: str | None, *more: Fault) -> dict[str, Any]:
    """Return the clean parts of a design, or raise all its faults."""
    faults: list[Fault] = []
    parts: dict[str, Any] = cleaned(DESIGN, tree, "", faults)
    fill_periods(parts)
    told = [path for path, _ in faults]
    # What is at fault counts as absent below; that, and what a whole lacks for it, is not told as well.
    faults += [each for each in design_faults(parts) if not any(path.startswith(each[0]) for path in told)]
    faults += more
    if faults:
        own = tree.get("name")
        name = called or (own if isinstance(own, str) and own.strip() else "without a name")
        raise TrialError(name, [f"{path}: {message}" for path, message in dict.fromkeys(faults)])
    return parts


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
    parts = _checked(tree, None)
    return {key: _built(DESIGN.keys[key], part) for key, part in parts.items()}


def design_of(tree: Mapping[str, Any], *, called: str | None = None) -> Design:
    """Return the design that a tree of plain values describes, as parsed from TOML.

    Parameters
    ----------
    tree : mapping
        Keys and values as in a design's file.
    called : str, optional
        What an error calls the design; default its name.

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
    lacking = [("format", "is missing: add format = 1")] if tree.get("format") is None else []
    return Design(**_checked(tree, called, *lacking))


def _text_of(path: Any) -> str:  # noqa: ANN401
    if not isinstance(path, (str, Path)):
        msg = f"design must be the path of a TOML file, got {shown(path)}"
        raise InputError(msg)
    content = file_bytes("design", path, at_most=TEXT_BYTES)
    try:
        # Windows' editor begins a file with a byte order mark, which is no part of the text.
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise TrialError(str(path), ["the file must be text in UTF-8: save it so"]) from None


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
        If the file is no TOML, or the design breaks its rules: all faults at once, each with its path in the file.

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
    text = _text_of(path)
    try:
        tree = tomllib.loads(text, parse_float=Decimal)
    except tomllib.TOMLDecodeError as error:
        fault = f"the file must be TOML: {error}. Text stands in quotes; a number has no thousands separator"
    except (ValueError, ArithmeticError):
        where = _checks.line_of_endless_number(text)
        fault = f"{where} must hold numbers of a possible size: one has thousands of digits or an exponent beyond all"
    except RecursionError:
        fault = "the file must hold no lists or tables nested hundreds deep"
    else:
        return design_of(tree, called=str(path))
    raise TrialError(str(path), [fault])
