"""The EQ-5D answers of a trial valued by another value set than that of its design."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from hecon import _checks, tables, valuesets
from hecon.errors import InputError
from hecon.trial.deaths import with_deaths, within_plan

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hecon.tables import Provenance
    from hecon.trial.table.checking import TrialData
    from hecon.valuesets import ValueSet

__all__ = ["ALL", "PREFIX", "other_value_sets", "revalued", "sets_beside"]

# Asks for every value set of the version that was answered.
ALL = "all"
# Begins the code of a scenario, before the name of its value set.
PREFIX = "value-set-"


def other_value_sets(data: TrialData, asked: str | Path | Sequence[str | Path] | None) -> tuple[ValueSet, ...]:
    """Return the value sets that are asked for, if the answers of a trial can be valued by each of them.

    "all" stands for every other set of the version that comes with hecon, crosswalks among them.
    """
    return () if asked is None else sets_beside(None if data.states is None else data.value_set, asked)


def sets_beside(own: Provenance | None, asked: str | Path | Sequence[str | Path]) -> tuple[ValueSet, ...]:
    """Return value sets if they suit the answers that `own` values; without answers there is none."""
    names = [asked] if isinstance(asked, (str, Path)) else _names(asked)
    if own is None:
        msg = (
            f"value_sets must be left out of a trial without EQ-5D answers, got {', '.join(map(repr, names))}: only "
            "`items` or `states` under [utility] can be valued by another set"
        )
        raise InputError(msg)
    if names == [ALL]:
        return tuple(valuesets.find(name) for name in _answered(own.version) if name != own.name)
    found = tuple(valuesets.find(name) for name in names)
    for each in found:
        _refuse_other_version(each, own.version)
    seen = [own.name]
    for name in (each.origin.name for each in found):
        if name in seen:
            rule = "must be other sets than that of the design, each named once"
            msg = f"value_sets {rule}, got {name!r}{'' if name == own.name else ' again'}: leave it out"
            raise InputError(msg)
        seen.append(name)
    return found


def _answered(version: str) -> list[str]:
    """Return the names of the packaged sets of a version."""
    return [each.name for each in tables.listed("value_set") if each.version == version]


def _names(asked: Sequence[str | Path]) -> list[str | Path]:
    if not hasattr(asked, "__iter__"):
        msg = f'value_sets must be names of value sets, or "all", got {_checks.shown(asked)}'
        raise InputError(msg)
    return list(asked)


def _refuse_other_version(chosen: ValueSet, version: str) -> None:
    """Refuse a value set of another version, naming the crosswalk to its scale where one comes with hecon."""
    origin = chosen.origin
    if origin.version == version:
        return
    crosswalk = next((name for name in _answered(version) if valuesets.scale_of(name) == origin.name), None)
    if crosswalk is not None:
        remedy = f"{crosswalk!r} values {version} answers on its scale"
    else:
        remedy = f'no crosswalk to it comes with hecon; hecon.eq5d.value_sets(version="{version}") lists those that do'
    msg = f"value_sets must be of the version that was answered, {version}, got {origin.name!r} of {origin.version}: "
    raise InputError(msg + remedy)


def revalued(data: TrialData, chosen: ValueSet) -> TrialData:
    """Return a trial as a design with this value set gives it; what is missing stays missing."""
    assert data.states is not None  # noqa: S101 (other_value_sets refuses others)
    # The utility at the start may be assumed: then nobody answered.
    first = int(data.start_assumed is not None)
    utilities = data.utilities.copy()
    utilities[:, first:] = chosen.lookup[data.states]
    floor, ceiling = chosen.ends
    other = replace(data, utilities=utilities, utility_floor=floor, utility_ceiling=ceiling, value_set=chosen.origin)
    if other.planned is not None:
        other = within_plan(other)
    return other if other.deaths is None else with_deaths(other, other.deaths)
