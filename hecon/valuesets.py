"""Value sets of the EQ-5D: those that come with hecon by name, one's own as a file."""

from __future__ import annotations

import csv
import hashlib
import itertools
import re
import tomllib
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from hecon import tables
from hecon._checks import shown
from hecon._io import TEXT_BYTES, exists, file_bytes
from hecon.errors import InputError, ValueSetError
from hecon.files.faults import near

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from numpy.typing import NDArray

    # A fault, and the line of the file that it stands in.
    _Fault = tuple[int | None, str]

    from hecon._arrays import Floats

# The digits of a state: mobility, self-care, usual activities, pain or discomfort, anxiety or depression.
ITEMS = ("MO", "SC", "UA", "PD", "AD")
PLACES = np.array([10_000, 1_000, 100, 10, 1])
MISSING = 0
_KIND = "value_set"
_LEVELS = {"EQ-5D-5L": 5, "EQ-5D-3L": 3, "EQ-5D-Y-3L": 3}
_START, _ANY, _ANY_LEVEL = "start", "any-problem", "any-level-"
_NEEDED = ("title", "year", "source", "version")
_OPTIONAL = ("kind", "doi", "via", "licence", "note", "note_nl", "position", "position_nl")
_COLUMNS = (["term", "value"], ["state", "value"])
_PAIR = 2
# Lowest value of full health in the sets that come with hecon, and what is no difference between values.
_LEAST_FULL, _ROUNDED = 0.9, 1e-9
# Decimals of a sum of terms: beyond those of any publication.
_DECIMALS = 10
_YEARS = range(1980, 2101)
# In the name of a crosswalk, which has the country and the year of the set that it leads to.
_CROSSWALK = "-5l-crosswalk-"


@dataclass(frozen=True, eq=False)
class ValueSet:
    """A value set: where it is from, the levels of an item, and the utility of every state.

    `lookup` is indexed by the state: -inf where there is none, NaN at 0 (missing).
    """

    origin: tables.Provenance
    levels: int
    lookup: Floats

    @property
    def states(self) -> NDArray[np.intp]:
        """The states of its version, as numbers of five digits."""
        return np.flatnonzero(np.isfinite(self.lookup))

    @property
    def ends(self) -> tuple[float, float]:
        """The lowest and the highest utility."""
        values = self.lookup[self.states]
        return float(values.min()), float(values.max())


def find(name: str | Path) -> ValueSet:
    """Return a value set, by the name of one that comes with hecon or by the path of a file that ends in ".csv"."""
    if not isinstance(name, (str, Path)):
        msg = f"value_set must be a name or the path of a .csv file, got {shown(name)}"
        raise InputError(msg)
    if is_file_name(name):
        if not exists(name):
            msg = f"value_set must be a file that exists, got {str(name)!r}"
            raise InputError(msg)
        return _own(file_bytes("value_set", name, at_most=TEXT_BYTES), str(name))
    refuse_unknown("value_set", name)
    return _packaged(str(name))


def doubts(name: str | Path) -> Iterator[str]:
    """Yield what is doubtful about a set of one's own: full health far below 1, and a worse answer of more value."""
    if not is_file_name(name):
        return
    chosen = find(name)
    values = chosen.lookup[chosen.states].reshape((chosen.levels,) * len(ITEMS))
    where = f"value set {Path(name).name}"
    if values.flat[0] < _LEAST_FULL:
        yield f"{where} gives full health, 11111, a value of {values.flat[0]:g}: check the value that it starts at"
    for axis in range(len(ITEMS)):
        rises = np.diff(values, axis=axis) > _ROUNDED
        if rises.any():
            better = np.array(np.unravel_index(int(rises.argmax()), rises.shape))
            worse = better + (np.arange(len(ITEMS)) == axis)
            first, second = ("".join(map(str, each + 1)) for each in (better, worse))
            yield (
                f"{where} gives {second} more than {first}, whose answer is better, {values[tuple(worse)]:g} and "
                f"{values[tuple(better)]:g}: check it against its publication, as few sets have this"
            )
            return


def scale_of(name: str) -> str | None:
    """Return the EQ-5D-3L set on whose scale a packaged crosswalk values EQ-5D-5L answers; None of any other set."""
    return name.replace(_CROSSWALK, "-3l-") if _CROSSWALK in name and name in tables.names(_KIND) else None


def is_file_name(name: str | Path) -> bool:
    """Tell whether a value set is named by the path of a file."""
    return str(name).casefold().endswith(".csv")


def refuse_unknown(argument: str, name: object, *more: str) -> None:
    """Refuse what is neither the name of a packaged value set nor one of `more`."""
    packaged = tables.names(_KIND)
    others = [each for each in more if each not in packaged]
    if not isinstance(name, (str, Path)) or str(name) not in {*packaged, *others}:
        known = ", ".join(["one of hecon.eq5d.value_sets()", *map(repr, others)])
        msg = f"{argument} must be {known}, got {shown(name)}{near(str(name), [*packaged, *others])}"
        raise InputError(msg)


@cache
def _packaged(name: str) -> ValueSet:
    columns = tables.read(name, _KIND)
    first, values = next(iter(columns)), columns["value"].astype(float).tolist()
    return _made(tables.header(name, _KIND), dict(zip(columns[first].tolist(), values, strict=True)))


def _made(origin: tables.Provenance, values: Mapping[str, float]) -> ValueSet:
    """Return a value set from the values of its terms, or of its states."""
    levels = _LEVELS[origin.version]
    by_state = _by_terms(values, levels) if _START in values else {int(state): each for state, each in values.items()}
    lookup = np.full(max(by_state) + 1, -np.inf)
    lookup[list(by_state)] = list(by_state.values())
    lookup[MISSING] = np.nan
    lookup.flags.writeable = False
    return ValueSet(origin, levels, lookup)


def _by_terms(terms: Mapping[str, float], levels: int) -> dict[int, float]:
    """Return the value of every state as the sum of its terms."""
    states = np.array(list(_all_states(levels)))
    worst = states.max(axis=1)
    values = np.where(worst > 1, terms[_START] + terms.get(_ANY, 0.0), terms[_START])
    values += sum(terms.get(f"{_ANY_LEVEL}{level}", 0.0) * (worst >= level) for level in range(3, levels + 1))
    by_level = [[0.0, *(terms[f"{item}{level}"] for level in range(2, levels + 1))] for item in ITEMS]
    values += sum(np.array(own)[states[:, place] - 1] for place, own in enumerate(by_level))
    rounded = (round(value, _DECIMALS) for value in values.tolist())
    return dict(zip((states @ PLACES).tolist(), rounded, strict=True))


def _all_states(levels: int) -> Iterator[tuple[int, ...]]:
    return itertools.product(range(1, levels + 1), repeat=len(ITEMS))


def _own(content: bytes, name: str) -> ValueSet:
    """Return the value set of a file, or refuse it with all its faults."""
    faults: list[_Fault] = []
    try:
        lines = content.decode("utf-8-sig").splitlines()
    except UnicodeDecodeError as error:
        raise ValueSetError(
            name, [f"must be UTF-8 text, got another at byte {error.start}: save it as UTF-8"]
        ) from None
    above = list(itertools.takewhile(lambda line: line.startswith("#"), lines))
    origin = _header(above, name, faults)
    digest = hashlib.sha256(content).hexdigest()
    values = _values(lines[len(above) :], len(above), _LEVELS.get(origin.version if origin else ""), faults)
    found = None if faults or origin is None else _made(replace(origin, digest=digest), values)
    if found is not None and found.ends[1] > 1:
        worst = int(found.states[int(found.lookup[found.states].argmax())])
        rule = f"must give at most 1, full health, got {found.ends[1]:g} for {worst}"
        faults.append((None, f"{rule}: what a level takes off is written with a minus sign"))
    if found is None or faults:
        raise ValueSetError(name, [fault for _, fault in faults], [line for line, _ in faults])
    return found


def _header(lines: list[str], name: str, faults: list[_Fault]) -> tables.Provenance | None:
    """Return where a file says that its value set is from."""
    given: dict[str, Any] = {}
    for number, line in enumerate(lines, start=1):
        try:
            found = tomllib.loads(line.lstrip("#").strip())
        except tomllib.TOMLDecodeError:
            faults.append((number, f'must be "# key = value", with text in quotes, got {shown(line)}'))
            continue
        faults += [(number, f"{key}: must be given once, got it again") for key in found if key in given]
        given |= found
    keys = (*_NEEDED, *_OPTIONAL)
    before = len(faults)
    faults += [(None, f"{key}: is not a key of the header{near(key, keys)}") for key in given if key not in keys]
    faults += [
        (None, f"{key}: is missing: add a line '# {key} = ...' at the top") for key in _NEEDED if key not in given
    ]
    for key, value in given.items():
        if key == "year":
            if type(value) is not int or value not in _YEARS:
                faults.append((None, f"year: must be a year as in 2024, without quotes, got {shown(value)}"))
        elif key in keys and (not isinstance(value, str) or not value.strip()):
            faults.append((None, f"{key}: must be text in quotes, got {shown(value)}"))
    if given.get("kind", _KIND) != _KIND:
        faults.append((None, f"kind: must be {_KIND!r}, got {shown(given['kind'])}"))
    if isinstance(given.get("version"), str) and given["version"] not in _LEVELS:
        faults.append((None, f"version: must be one of {', '.join(_LEVELS)}, got {shown(given['version'])}"))
    if len(faults) > before:
        return None
    return tables.Provenance(**{"licence": "", **given, "kind": _KIND, "name": Path(name).name})


def _values(lines: list[str], above: int, levels: int | None, faults: list[_Fault]) -> dict[str, float]:
    """Return the values of a file by term or state."""
    rows = [(number, row) for number, row in enumerate(csv.reader(lines), start=above + 1) if row]
    if not rows or [cell.strip() for cell in rows[0][1]] not in _COLUMNS:
        got = shown(",".join(rows[0][1])) if rows else "nothing"
        faults.append((rows[0][0] if rows else None, f"must begin with term,value or state,value, got {got}"))
        return {}
    by_state = rows[0][1][0].strip() == "state"
    values: dict[str, float] = {}
    for number, row in rows[1:]:
        cells = [cell.strip() for cell in row]
        value = _finite(cells[1]) if len(cells) == _PAIR else None
        if value is None:
            rule = "must be two cells, the second a number with a decimal point"
            faults.append((number, f"{rule}, got {shown(','.join(row))}"))
        elif cells[0] in values:
            faults.append((number, f"must be unique, got {shown(cells[0])} again"))
        values.setdefault(cells[0], value or 0.0)
        if levels is not None and cells[0] not in (known := _known(levels, by_state=by_state)):
            hint = "" if by_state else near(cells[0], known)
            faults.append((number, f"must be {_wanted(levels, by_state=by_state)}, got {shown(cells[0])}{hint}"))
    if levels is not None:
        faults += _absent(values, levels, by_state=by_state)
    return values


def _finite(cell: str) -> float | None:
    return float(cell) if re.fullmatch(r"[-+]?\d+(\.\d+)?([eE][-+]?\d{1,2})?", cell) else None


@cache
def _known(levels: int, *, by_state: bool) -> tuple[str, ...]:
    """Return the states of a version, or the terms that a file may have: those of items last."""
    if by_state:
        return tuple("".join(map(str, state)) for state in _all_states(levels))
    others = [_START, _ANY, *(f"{_ANY_LEVEL}{level}" for level in range(3, levels + 1))]
    return (*others, *(f"{item}{level}" for item in ITEMS for level in range(2, levels + 1)))


def _wanted(levels: int, *, by_state: bool) -> str:
    if by_state:
        return f"a state of five digits, each from 1 to {levels}"
    any_level = f"{_ANY_LEVEL}3" + (f" to {_ANY_LEVEL}{levels}" if levels > 3 else "")  # noqa: PLR2004 (the first such)
    return f"{_START}, {_ANY}, {any_level} or an item and its level, MO2 to AD{levels}"


def _absent(values: Iterable[str], levels: int, *, by_state: bool) -> Iterator[_Fault]:
    optional = (_ANY, _ANY_LEVEL)
    names = [each for each in _known(levels, by_state=by_state) if not each.startswith(optional)]
    gone = sorted(set(names) - set(values), key=names.index)
    if gone:
        what = "states" if by_state else "terms"
        more = f" and {len(gone) - _TOLD} more" if len(gone) > _TOLD else ""
        write = "" if by_state else "; write 0 for a level that takes nothing off"
        yield None, f"must have all {len(names)} {what}, {', '.join(gone[:_TOLD])}{more} are missing{write}"


_TOLD = 5
