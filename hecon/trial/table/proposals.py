"""Parts of a design that a table may call for: proposed in comments with what was seen, and never switched on."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING, Any

import numpy as np

from hecon.files.faults import first_of
from hecon.trial.table.cells import code_text, key_of
from hecon.trial.table.codes import plain_label
from hecon.trial.table.sketches import DraftText, in_order, names_of, time_in_name, toml_of
from hecon.trial.table.vital_status import NAMES_OF_DEATHS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from hecon.trial.table.sketches import ColumnSketch

    Code = float | str

# Fewest rows of a level of a subgroup, and most levels.
_FEWEST, _MOST_LEVELS = 10, 4
_SHARED = 5
_TWO = 2
_LIMIT_OF_MEAN = (0.8, 1.25)
_UNCOMMENT = "Then take away the marks # below."

_EDGE, _END = r"(?:^|[\W_\d])", r"(?:$|[\W_\d])"
_SAMPLING = re.compile(
    r"(?:sampl\w*?|survey|design|population|non[\W_]?response|post[\W_]?strat\w*?|steekproef|populatie)[\W_]*"
    rf"(?:weights?|wgt|wt|gewicht(?:en)?){_END}|(?:weeg|wegings?|ophoog|expansion)[\W_]*factor{_END}|"
    r"^(?:p[\W_]?weights?|pwt?|weging)$",
    re.IGNORECASE,
)
# By its name alone such a column could hold body weights: its numbers have to lie about 1.
_WEIGHT = re.compile(r"^(?:weights?|wgt|wt|gewicht(?:en)?)$", re.IGNORECASE)
_CLUSTER = re.compile(
    rf"{_EDGE}(?:clusters?|practice|praktijk|huisartsenpraktijk|centre|center|centrum|site|hospital|ziekenhuis|ward|"
    rf"afdeling|therapist|therapeut|school|team|nursing[\W_]?home|verpleeghuis|locatie|location){_END}",
    re.IGNORECASE,
)
_COUNTED = re.compile(
    r"visit|bezoek|contact|consult|hour|uren|days|dagen|weeks|weken|sessi|cost|kost|eur|score|schaal|scale|pain|pijn|"
    r"admission|opname|nurse|verpleeg(?!huis)|pressure|druk|aantal|number|count|type|size|grootte|satisf|tevreden|letter",
    re.IGNORECASE,
)
# Such a column can also be a count of use, of which some patients have none.
_OF_USE = re.compile(r"hospital|ziekenhuis|therap", re.IGNORECASE)
_PLANNED = re.compile(
    rf"(?=.*{_EDGE}(?:planned|geplande?|intended|beoogde?|scheduled|voorziene?){_END})"
    rf"(?=.*{_EDGE}(?:fu|follow[\W_]?up|opvolging|opvolgduur|duration|duur|end|einde){_END})",
    re.IGNORECASE,
)
_NOT_DEATHS = re.compile(
    r"fear|angst|vrees|anxi|score|schaal|scale|capac|sign|risk|risico|place|plaats|wish|wens|attitude|"
    rf"{_EDGE}(?:vas|partner|spouse|parents?|mother|father|moeder|vader|ouders?|child|kind|famil\w*|sibling|"
    rf"before|prior|eerder){_END}",
    re.IGNORECASE,
)
_REASON = re.compile(r"reason|reden|cause|oorzaak|uitval|drop[\W_]?out|withdraw|lost|stop", re.IGNORECASE)
_OTHER_UNIT = re.compile(
    rf"{_EDGE}(?:days?|dagen|dag|weeks?|weken|years?|jaren|jaar|age|leeftijd){_END}", re.IGNORECASE
)
RANDOMISED = re.compile(r"rand|inclusi", re.IGNORECASE)
_DEAD = r"dead|died|deceased|death|overleden|gestorven|dood|overlijden"
_ALIVE = rf"alive|living|in leven|levend|leeft|(?:not|niet) (?:{_DEAD})"
_YES, _NO = frozenset({"yes", "ja", "y", "j", "true"}), frozenset({"no", "nee", "n", "false"})


@dataclass(frozen=True)
class SeenTable:
    """What is known of a table when its other parts are drafted.

    `left` holds the columns without a role, `dates` the orders that dates of a column can have, `months` those of the
    effect.
    """

    left: Mapping[str, ColumnSketch]
    cells: Mapping[str, NDArray[Any]]
    dates: Mapping[str, Sequence[str]]
    rows: int
    patient: str | None
    arm: str | None
    long: bool
    months: Sequence[float] | None

    @property
    def later(self) -> list[float]:
        """The months of the effect after the start."""
        return [month for month in self.months or () if month > 0]

    def keys(self, name: str) -> list[float | str | None]:
        """Return the cells of a column as they are compared."""
        return [key_of(cell) for cell in self.cells[name].tolist()]

    def is_of_patients(self, name: str) -> bool:
        """Return whether a column has one value for each patient, in every row."""
        if self.left[name].filled < self.rows:
            return False
        if not self.long or self.patient is None:
            return True
        pairs = set(zip(self.keys(self.patient), self.keys(name), strict=True))
        return len(pairs) == len({patient for patient, _ in pairs})


# Weights --------------------------------------------------------------------------------------------------------------


def weight_proposal(seen: SeenTable) -> DraftText:
    """Propose a sampling weight, for the table's own part."""
    text = DraftText()
    name = next((each.name for each in seen.left.values() if _is_weight(each) and seen.is_of_patients(each.name)), None)
    if name is not None:
        text.say(
            f"Was the sample drawn with unequal chances, as {toml_of(name)} seems to tell (its name; numbers above 0, "
            "known of every patient)? Then take away the mark # below. Not beside [cluster]."
        )
        text.off(weight=name)
    return text


def _is_weight(column: ColumnSketch) -> bool:
    """Return whether a column is one of sampling weights, and not of body weights."""
    known = column.values[~np.isnan(column.values)]
    if not column.numeric or len(column.counts) < _TWO or not (known > 0).all():
        return False
    low, high = _LIMIT_OF_MEAN
    plain = _WEIGHT.match(column.name) is not None and low <= float(known.mean()) <= high
    return plain or _SAMPLING.search(column.name) is not None


# Clusters -------------------------------------------------------------------------------------------------------------


def cluster_columns(seen: SeenTable) -> list[str]:
    """Return the columns that may be of clusters: of a practice, site or ward, each with several patients."""
    return [name for name, each in seen.left.items() if _is_cluster(each) and seen.is_of_patients(name)]


def _is_cluster(column: ColumnSketch) -> bool:
    if not _CLUSTER.search(column.name) or _COUNTED.search(column.name) or time_in_name(column.name) is not None:
        return False
    lacks = any(isinstance(code, str) or code < 0 for code in column.usual)
    if lacks or not (column.whole or column.texts):
        return False
    if _OF_USE.search(column.name) and not column.labels and 0.0 in column.counts:
        return False
    return 1 < len(column.counts) <= column.filled // _TWO


def cluster_proposal(seen: SeenTable) -> DraftText:
    """Propose a column of clusters, by whether each of its values lies in one arm."""
    text, names = DraftText(), cluster_columns(seen)
    if not names:
        return text
    name, count = names[0], len(seen.left[names[0]].counts)
    across = False
    if seen.arm is not None:
        pairs = set(zip(seen.keys(name), seen.keys(seen.arm), strict=True))
        across = len(pairs) > count
    where = "" if seen.arm is None else ", each in one arm"
    question = f"Were groups of patients randomised, by {toml_of(name)} ({count} values{where})?"
    if across:
        question = (
            f"Are patients of one {toml_of(name)} alike? Its {count} values lie in several arms: patients within them "
            "were randomised."
        )
    text.propose(f"{question} {_UNCOMMENT}", "[cluster]", column=name, **({"across_arms": "same"} if across else {}))
    if names[1:]:
        text.say(f"So could be {first_of(map(toml_of, names[1:]))}.")
    return text


# Subgroups and planned follow-up --------------------------------------------------------------------------------------


def subgroup_proposal(categories: Mapping[str, ColumnSketch]) -> DraftText:
    """Propose subgroups by covariates that were drafted with their levels, each of enough patients."""
    text = DraftText()
    for name, each in categories.items():
        levels = names_of(each)
        enough = 1 < len(levels) <= _MOST_LEVELS and min(each.counts[code] for code in levels) >= _FEWEST
        if not enough:
            continue
        text.propose(
            f"Are results wanted by {toml_of(name)} ({first_of(map(toml_of, levels.values()))}, each in {_FEWEST} rows "
            f"at least)? {_UNCOMMENT} prespecified is true where the protocol has it. Not beside [cluster].",
            "[[subgroup]]",
            column=name,
            prespecified=False,
        )
    return text


def planned_proposal(seen: SeenTable) -> DraftText:
    """Propose a planned follow-up that differs, where a column so named holds months of the effect alone."""
    text = DraftText()
    for each in seen.left.values():
        known = set(each.values[~np.isnan(each.values)].tolist())
        if not _PLANNED.search(each.name) or not each.numeric or not seen.is_of_patients(each.name):
            continue
        if len(known) < _TWO or not known <= set(seen.later):
            continue
        text.propose(
            f"Was follow-up planned for different times, as {toml_of(each.name)} seems to tell (its name; only the "
            f"months {first_of(code_text(month) for month in sorted(known))})? {_UNCOMMENT}",
            "[planned]",
            follow_up=each.name,
        )
        break
    return text


# Deaths ---------------------------------------------------------------------------------------------------------------


def death_proposal(seen: SeenTable, *, dated: bool, ordered: bool) -> DraftText:
    """Propose how deaths are told: by a date, a month, or a status at visits.

    `dated` says whether [dates] is drafted, `ordered` whether the order of dates is.
    """
    text = DraftText()
    named = [each for each in seen.left.values() if NAMES_OF_DEATHS.search(each.name)]
    named = [each for each in named if not _NOT_DEATHS.search(each.name) and not _REASON.search(each.name)]
    by_date = [each for each in named if seen.dates[each.name]]
    by_month = [each for each in named if not seen.dates[each.name] and _is_month(each, seen)]
    status = _status_family(seen)
    if by_date:
        _by_date(text, by_date[0], seen, dated=dated, ordered=ordered)
    elif by_month:
        _by_month(text, by_month[0], seen)
    elif status:
        _by_status(text, status, seen)
    else:
        _hint(text, seen)
    return text


def _is_month(column: ColumnSketch, seen: SeenTable) -> bool:
    """Return whether a column is of numbers above 0 that some patients alone have, as those who died."""
    known = column.plain()
    some = column.numeric and column.filled < seen.rows and len(column.counts) > _TWO
    return some and bool((known > 0).all())


def _opened(text: DraftText, told: str) -> None:
    """Ask whether patients died."""
    fate = 'Others who are not seen at the end were "alive", or their fate is "unknown".'
    text.propose(f"Did patients die, as {told}? {_UNCOMMENT} {fate}")


def _by_date(text: DraftText, column: ColumnSketch, seen: SeenTable, *, dated: bool, ordered: bool) -> None:
    name = toml_of(column.name)
    _opened(text, f"{name} seems to tell (its name; dates in {column.filled} of {seen.rows} rows)")
    orders = [order for order in seen.dates[column.name] if order]
    if not ordered and orders and "year-month-day" not in orders:
        text.say(f"date_order in [table] is then {' or '.join(map(toml_of, orders))}.")
    starts = [each for each in seen.left if seen.dates[each] and RANDOMISED.search(each)]
    if not dated and starts:
        text.off("[dates]", randomisation=starts[0])
    elif not dated:
        text.say("It needs [dates] with randomisation, the column of that date, which was not found.")
    text.off("[death]", date=column.name, others="alive")


def _by_month(text: DraftText, column: ColumnSketch, seen: SeenTable) -> None:
    name = toml_of(column.name)
    if _OTHER_UNIT.search(column.name):
        text.propose(
            f"Did patients die, as {name} seems to tell? Its name speaks of another unit than months from the start: "
            "[death] takes a column of such months, or one of dates."
        )
        return
    _opened(text, f"{name} seems to tell (its name; numbers above 0 in {column.filled} of {seen.rows} rows: months?)")
    text.off("[death]", month=column.name, others="alive")


def _levels(column: ColumnSketch) -> tuple[list[Code], list[Code], list[Code]] | None:
    """Return what stands for the dead, for the living and for neither, None where nothing stands for the dead.

    A text of a cell counts only where it is the word alone: it could tell more of a patient.
    """
    named = NAMES_OF_DEATHS.search(column.name) is not None and not _NOT_DEATHS.search(column.name)
    if len(column.counts) > _MOST_LEVELS + _TWO:
        return None
    dead: list[Code] = []
    alive: list[Code] = []
    other: list[Code] = []
    for code in sorted(set(column.counts) - set(column.usual), key=str):
        label = column.labels.get(code)
        found = re.search if label is not None else re.fullmatch
        words = plain_label(code_text(code) if label is None else label)
        if found(rf"\b(?:{_ALIVE})\b", words) or (named and (words in _NO or (label is None and code == 0))):
            alive.append(code)
        elif found(rf"\b(?:{_DEAD})\b", words) or (named and (words in _YES or (label is None and code == 1))):
            dead.append(code)
        else:
            other.append(code)
    if not dead:
        return None
    return dead, alive, other


def _status_family(seen: SeenTable) -> list[ColumnSketch]:
    """Return the columns of a status with a level of the dead, in the order of the times in their names."""
    stems: dict[str, list[Any]] = {}
    for each in seen.left.values():
        if seen.dates[each.name] or _NOT_DEATHS.search(each.name) or _REASON.search(each.name):
            continue
        if _levels(each) is None and not _is_all_alive(each):
            continue
        time = None if seen.long else time_in_name(each.name)
        stems.setdefault(time.stem if time else each.name, []).append((time, each))
    told = {stem: own for stem, own in stems.items() if any(_levels(each) for _, each in own)}
    if not told:
        return []
    longest = max(told, key=lambda stem: len(told[stem]))
    return [each for time, each in in_order(told[longest]) if time is None or time.kind != "start"]


def _is_all_alive(column: ColumnSketch) -> bool:
    """Return whether a status is that of the living alone, as at a visit before anyone died."""
    named = NAMES_OF_DEATHS.search(column.name) is not None
    codes = set(column.counts) - set(column.usual)
    words = {plain_label(column.labels.get(code, code_text(code))) for code in codes}
    plain = {*_NO, "0"} if named else set()
    return bool(words) and all(re.fullmatch(_ALIVE, each) or each in plain for each in words)


def _by_status(text: DraftText, family: Sequence[ColumnSketch], seen: SeenTable) -> None:
    groups = [found for each in family if (found := _levels(each)) is not None]
    dead, alive, other = (list(dict.fromkeys(chain(*lists))) for lists in zip(*groups, strict=True))
    rows = sum(each.counts[code] for each in family for code in dead)
    names = [each.name for each in family]
    shown = [code for code in other if all(_may_be_shown(each, code) for each in family)]
    if not alive and len(other) == 1 and shown:
        alive, other = shown, []
    _opened(
        text,
        f"{first_of(map(toml_of, names))} {'seem' if len(names) > 1 else 'seems'} to tell ({rows} cells with "
        f"{first_of(map(toml_of, dead))})",
    )
    if other or not alive:
        text.say("What stands for the living could not be told from other values: name it in alive, others in missing.")
    months = None if seen.long else _months_of(family, seen)
    told = {} if seen.long or (months is not None and months == seen.later) else {"months": months or []}
    status = names[0] if seen.long else names
    text.off("[death]", status=status, **told, dead=dead, alive=alive, others="alive")


def _may_be_shown(column: ColumnSketch, code: Code) -> bool:
    """Return whether a value can be written: it is a number or has a label, or so many share it that none is told."""
    return not isinstance(code, str) or code in column.labels or column.counts[code] >= _SHARED


def _months_of(family: Sequence[ColumnSketch], seen: SeenTable) -> list[float] | None:
    """Return the months of the columns of a status, None where they are not told."""
    later = seen.later
    times = [time_in_name(each.name) for each in family]
    if times == [None]:
        # One status alone is that at the end.
        return later[-1:] or None
    numbers = [each.number for each in times if each is not None and each.kind in {"month", "number"}]
    if len(numbers) == len(family) and set(numbers) <= set(later):
        return numbers
    return later if len(later) == len(family) else None


def _hint(text: DraftText, seen: SeenTable) -> None:
    """Say that a reason for drop-out tells of deaths: it does not tell when."""
    for each in seen.left.values():
        found = _levels(each) if _REASON.search(each.name) and not _NOT_DEATHS.search(each.name) else None
        if found is not None and each.filled:
            rows = int(np.sum([each.counts[code] for code in found[0]]))
            text.propose(
                f"Did patients die, as {rows} cells of {toml_of(each.name)} seem to tell? [death] says who, and needs "
                "when: a column of dates or months, or of the status at visits."
            )
            return
