"""Keep the writing direction of free text to itself: right-to-left marks must not turn the words beside it."""

from __future__ import annotations

import unicodedata
from dataclasses import fields, is_dataclass, replace
from typing import TYPE_CHECKING, Any, TypeVar

from pydantic import BaseModel

if TYPE_CHECKING:
    from hecon.assessment import Assessment
    from hecon.assessment.budgets import BudgetResult
    from hecon.auditing import Finding

__all__ = ["isolate", "isolated", "isolated_budget", "isolated_part"]

_FIRST_STRONG, _POP = "\N{FIRST STRONG ISOLATE}", "\N{POP DIRECTIONAL ISOLATE}"
# Classes of the Unicode bidirectional algorithm: right-to-left letters and digits, and all that opens or closes a run.
_OPENING = frozenset({"LRI", "RLI", "FSI"})
_TURNING = _OPENING | {"R", "AL", "AN", "LRE", "RLE", "LRO", "RLO", "PDF", "PDI"}

_M = TypeVar("_M", bound=BaseModel)


def isolate(text: str) -> str:
    """Return a text between an isolate's marks if any of its characters could turn its neighbours; else as it is."""
    if text.isascii():
        return text
    classes = [unicodedata.bidirectional(each) for each in text]
    if _TURNING.isdisjoint(classes):
        return text
    # A mark in the text may neither close our isolate nor leave one open behind it.
    closing = opened = 0
    for each in classes:
        if each in _OPENING:
            opened += 1
        elif each == "PDI" and opened:
            opened -= 1
        elif each == "PDI":
            closing += 1
    return _FIRST_STRONG * (1 + closing) + text + _POP * (1 + opened)


def isolated(assessment: Assessment) -> Assessment:
    """Return an assessment in which every free text is isolated.

    Parameters
    ----------
    assessment : Assessment
        The assessment.

    Returns
    -------
    Assessment
        The same, but for texts that hold right-to-left letters or marks.
    """
    results = tuple(replace(result, spec=_part(result.spec)) for result in assessment.comparisons)
    findings = tuple(_record(each) for each in assessment.findings)
    budget = None if assessment.budget is None else isolated_budget(assessment.budget)
    return replace(assessment, dossier=_part(assessment.dossier), comparisons=results, findings=findings, budget=budget)


def isolated_budget(result: BudgetResult) -> BudgetResult:
    """Return the result of a budget in which the names of the plan's populations, flows and amounts are isolated.

    Parameters
    ----------
    result : BudgetResult
        The result.

    Returns
    -------
    BudgetResult
        The same, but for names that hold right-to-left letters or marks.
    """
    plan = result.plan
    populations, amounts = (tuple(_labelled(each) for each in own) for own in (plan.populations, plan.amounts))
    if (populations, amounts) == (plan.populations, plan.amounts):
        return result
    return replace(result, plan=replace(plan, populations=populations, amounts=amounts))


def _labelled(record: Any) -> Any:  # noqa: ANN401 (a record of a plan)
    """Return a record of a plan with its name isolated, and those of the records that it holds."""
    changes: dict[str, Any] = {}
    for name in (each.name for each in fields(record)):
        value = getattr(record, name)
        if name == "label":
            changes[name] = {lang: isolate(text) for lang, text in value.items()}
        elif isinstance(value, tuple):
            changes[name] = tuple(_labelled(each) if is_dataclass(each) else each for each in value)
    return replace(record, **changes)


def isolated_part(part: _M) -> _M:
    """Return a dossier, or a part of one, in which every free text is isolated.

    Parameters
    ----------
    part : BaseModel
        The part.

    Returns
    -------
    BaseModel
        The same, but for texts that hold right-to-left letters or marks.
    """
    return _part(part)


def _part(part: _M) -> _M:
    fields = {name: getattr(part, name) for name in type(part).model_fields}
    return part.model_copy(update={name: _value(value) for name, value in fields.items()})


def _value(value: object) -> object:
    if isinstance(value, str):
        return isolate(value)
    if isinstance(value, tuple):
        return tuple(_value(each) for each in value)
    return _part(value) if isinstance(value, BaseModel) else value


def _record(finding: Finding) -> Finding:
    parts: dict[str, Any] = {each.name: _value(getattr(finding, each.name)) for each in fields(finding)}
    return replace(finding, **parts)
