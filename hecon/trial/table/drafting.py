"""A design drafted from a table: what it could guess, each with why, and lines to fill in for the rest."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hecon import eq5d, prices, valuesets
from hecon._io import TABLE_BYTES, exists, file_bytes
from hecon.errors import InputError
from hecon.files.faults import first_of, shown
from hecon.trial.table.cells import code_text, date_orders
from hecon.trial.table.codes import CONTROL, is_missing_label, plain_label
from hecon.trial.table.proposals import (
    RANDOMISED,
    SeenTable,
    cluster_columns,
    cluster_proposal,
    death_proposal,
    planned_proposal,
    subgroup_proposal,
    weight_proposal,
)
from hecon.trial.table.reading import READERS, plain_column, read_content
from hecon.trial.table.sketches import (
    QALY,
    ColumnSketch,
    DraftText,
    NamedTime,
    are_states,
    are_utilities,
    as_months,
    in_order,
    item_of,
    least,
    marks_of,
    names_of,
    sketch,
    sniffed,
    time_in_name,
    toml_of,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from hecon.trial.table.sketches import Guesses

    Code = float | str
    Family = list[tuple[NamedTime | None, ColumnSketch]]

# Fewest patients of a level whose name is written.
_FEWEST = 5
# Shortest word by which a reference price is looked for.
_LONG = 4
# From here on a usual code is beyond what most columns measure.
_HUGE = 997
_MOST_ARMS = 6
_TWO = 2

_PATIENT = re.compile(
    r"^(?:(?:record|subject|patient|pat|participant|respondent|resp|deelnemer|case|person)?[\W_]?"
    r"(?:id|nr|no|number|nummer|code)?|studienr|studienummer|trialnr|pid|sid)$",
    re.IGNORECASE,
)
_MONTH = re.compile(r"month|maand|mnd", re.IGNORECASE)
_TIME = re.compile(r"month|maand|mnd|time|tijd|visit|meting|wave|moment|^t$", re.IGNORECASE)
_ARM = re.compile(r"arm|group|groep|treat|behandel|random|alloc|condit|interv|^tx$|^rx$|^trt$", re.IGNORECASE)
_MONEY = re.compile(r"cost|kost|eur(?:o|$|[\W_\d])|€|bedrag|amount|uitgav|expend|spend", re.IGNORECASE)
_USE = re.compile(
    r"visit|bezoek|consult|contact|hours|uren|days|dagen|sessi|zitting|fysio|physio|huisarts|general.?pract|"
    r"^gp(?=$|[\W_\d])|"
    r"hospital|ziekenhuis|opname|admission|poli|outpatient|inpatient|specialist|medic|absent|absence|verzuim|sick|ziek|"
    r"mantelzorg|informal|care|zorg|operat|surg|therap|nurse|verpleeg",
    re.IGNORECASE,
)
_BEYOND_CARE = re.compile(
    r"absen|verzuim|sick|ziekte|product|werk|work|informal|mantel|reis|travel|societ|maatsch", re.IGNORECASE
)
_COVARIATE = re.compile(
    r"^(?:age|leeftijd|sex|gender|geslacht|male|female|man|vrouw|bmi|opleiding|education|employed|werk|smoking|roken|"
    r"region|regio|comorbid\w*|married|marital|burgerlijke\w*)(?=$|[\W_\d])",
    re.IGNORECASE,
)
_SEX = re.compile(r"^(?:sex|gender|geslacht|male|female|man|vrouw)", re.IGNORECASE)
_MEASURED = re.compile(r"baseline|measured|meting|t0|nulmeting", re.IGNORECASE)
_NO_OUTCOME = re.compile(r"vas(?=$|[\W_\d])|qaly|score|womac|index", re.IGNORECASE)


@dataclass(frozen=True)
class DesignDraft:
    """A drafted design: its name, its text in TOML, and what is left to fill in, by line."""

    name: str
    text: str
    to_fill_in: tuple[tuple[int, str], ...]


def draft_design(path: str | Path, *, name: str | None = None, price_year: int | None = None) -> DesignDraft:
    """Return a design drafted from a table's file; `price_year` is the year of its amounts, where it is known."""
    file, kind = Path(path), Path(path).suffix.lower()
    if kind not in READERS:
        msg = f"table must be a file of the kind {', '.join(READERS)}, got {shown(str(path))}"
        raise InputError(msg)
    if not exists(file):
        msg = f"table must be an existing file, got {shown(str(path))}"
        raise InputError(msg)
    content = file_bytes("table", file, at_most=TABLE_BYTES)
    how, guesses = sniffed(content, str(file), kind)
    frame, _ = read_content(content, file, how)
    labels = frame.attrs["value_labels"]
    frame.attrs, declared = {}, frame.attrs["declared_missing"]
    columns = {str(each): plain_column(frame[each]) for each in frame.columns if str(each).strip()}
    texts = [cells for cells in columns.values() if cells.dtype.kind == "O"]
    marks = marks_of(texts) if kind in {".csv", ".tsv"} else (".", "")
    sketches = [
        sketch(
            each,
            cells,
            {float(code) if isinstance(code, int) else code: text for code, text in labels.get(each, {}).items()},
            marks,
        )
        for each, cells in columns.items()
    ]
    dates = {each: date_orders(cells.tolist()) or _is_dated(cells) for each, cells in columns.items()}
    drafted = _Drafter(name or _slug(file.stem), sketches, dates, columns, len(frame))
    return drafted.draft(str(file), guesses, marks, declared, price_year)


def _is_dated(cells: Any) -> list[str]:  # noqa: ANN401
    return [""] if cells.dtype.kind == "O" and any(hasattr(cell, "toordinal") for cell in cells.tolist()) else []


def _slug(stem: str) -> str:
    return "-".join(re.findall(r"[a-z0-9]+", stem.lower())) or "trial"


class _Drafter:
    """The parts of a design, drafted one after the other; a column that has a role is taken from those left."""

    def __init__(
        self,
        name: str,
        sketches: Sequence[ColumnSketch],
        dates: dict[str, list[str]],
        cells: dict[str, Any],
        rows: int,
    ) -> None:
        self.name, self.rows, self.dates, self.cells = name, rows, dates, cells
        self.left = {each.name: each for each in sketches}
        self.every = dict(self.left)
        self.months: list[float] | None = None
        self.categories: list[str] = []
        self.time: ColumnSketch | None = None
        self.of_patient: str | None = None
        self.of_arm: str | None = None
        # Covariates whose levels are drafted.
        self.levelled: dict[str, ColumnSketch] = {}
        self.text_codes: dict[str, int] = {}

    def take(self, *names: str) -> None:
        """Give columns a role, and collect the usual codes in text that they hold."""
        for each in names:
            one = self.left.pop(each)
            for code, count in one.usual.items():
                if isinstance(code, str):
                    self.text_codes[code] = self.text_codes.get(code, 0) + count

    def beginning(self, path: str) -> DraftText:
        """Return the first lines of a draft, up to its table."""
        text = DraftText()
        text.say(f"A design drafted from {path!r}, {self.rows} rows. Every guess says why: check it. A line below "
                 "FILL IN could not be guessed.")  # fmt: skip
        text.say("hecon schema --design tells every key that may stand here.")
        text.lines.append("format = 1")
        text.key("name", self.name)
        text.table("[table]")
        return text

    def draft(
        self, path: str, guesses: Guesses, marks: tuple[str, str], declared: dict[str, int], year: int | None
    ) -> DesignDraft:
        """Return the whole draft."""
        # What the other parts need comes first; the order of the text is another.
        patient = self.patient()
        arm = self.arm()
        dates, order = self.dated()
        utility = self.utility()
        covariates = self.covariates()
        costs = self.costs(year)
        text = self.beginning(path)
        text.lines += patient.lines
        for key, (value, why) in guesses.items():
            text.key(key, value, why)
        self.marks(text, marks)
        text.lines += order.lines
        self.missing(text, declared)
        seen = self.seen()
        text.lines += weight_proposal(seen).lines
        deaths = death_proposal(seen, dated=bool(dates.lines), ordered=bool(order.lines))
        if "# [death]" in deaths.lines and "[effect]" in utility.lines:
            utility.say("Beside [death] the total counts up to death:")
            utility.lines.append('# after_death = "counted-to-death"')
        for part in (
            arm,
            cluster_proposal(seen),
            deaths,
            dates,
            covariates,
            subgroup_proposal(self.levelled),
            planned_proposal(seen),
            utility,
            costs,
            self.perspectives(),
            _analysis(year),
        ):
            text.lines += part.lines
        if self.left:
            text.lines.append("")
            text.say(f"Not used: {', '.join(toml_of(each) for each in self.left)}.")
        return DesignDraft(self.name, text.body, text.questions)

    def missing(self, text: DraftText, declared: dict[str, int]) -> None:
        """Add the usual words for a missing value, and tell where the file itself declares some."""
        if self.text_codes:
            listed = ", ".join(f"{code!r} in {count} cells" for code, count in self.text_codes.items())
            text.key("missing", list(self.text_codes), f"usual words for a missing value: {listed}")
        if declared:
            text.say(f"The file itself declares cells of {first_of(map(repr, declared))} missing.")

    def marks(self, text: DraftText, marks: tuple[str, str]) -> None:
        """Add the marks of numbers in text."""
        if marks[0] != ".":
            text.key("decimal", marks[0], "columns of numbers have it")
        if marks[1]:
            text.key("thousands", marks[1], "columns of numbers have it between three digits")

    def seen(self) -> SeenTable:
        """Return what the proposals go by: the columns without a role, and the roles of the others."""
        return SeenTable(
            self.left,
            self.cells,
            self.dates,
            self.rows,
            self.of_patient,
            self.of_arm,
            self.time is not None,
            self.months,
        )

    # Who, when, and in which arm --------------------------------------------------------------------------------------

    def patient(self) -> DraftText:
        """Draft layout, patient and time."""
        text = DraftText()
        named = [each for each in self.left.values() if _PATIENT.match(each.name) and each.filled == self.rows]
        unique = [each for each in self.left.values() if len(each.counts) == each.filled == self.rows and each.whole]
        chosen = named[0] if named else unique[0] if unique else None
        long = chosen is not None and len(chosen.counts) < self.rows
        text.key(
            "layout",
            "long" if long else "wide",
            f"{'several rows' if long else 'one row'} per patient" if chosen else "",
        )
        if chosen is None:
            text.ask("patient", "the column that identifies the patient")
        else:
            why = "its name" if named else "the first column without a value twice"
            text.key("patient", chosen.name, why)
            self.of_patient = chosen.name
            self.take(chosen.name)
        if long:
            times = [each for each in self.left.values() if _TIME.search(each.name) and each.filled == self.rows]
            if times:
                self.time = times[0]
                text.key("time", self.time.name, "its name")
                self.take(self.time.name)
            else:
                text.ask("time", "the column of the time, in months from the start")
        return text

    def arm(self) -> DraftText:
        """Draft the strategies and what stands for each."""
        text = DraftText()
        text.table("[arm]")
        few = [each for each in self.left.values() if 1 < len(each.counts) <= _MOST_ARMS and each.filled == self.rows]
        named = [each for each in few if _ARM.search(each.name)]
        said = [each for each in few if any(CONTROL.search(plain_label(name)) for name in names_of(each).values())]
        chosen = next(iter([*named, *said]), None)
        if chosen is None:
            text.ask("column", "the column of the arm")
            text.ask("comparator", "the name of the strategy that the others are compared with")
            text.ask("interventions", "the names of the other strategies", [])
            return text
        self.take(chosen.name)
        self.of_arm = chosen.name
        text.key("column", chosen.name, "its name" if named else "a value of it names a usual comparator")
        names = names_of(chosen)
        control = [name for name in names.values() if CONTROL.search(plain_label(name))]
        others = [name for name in names.values() if name not in control[:1]]
        if len(control) == 1:
            text.key("comparator", control[0], "its words")
        else:
            listed = " or ".join(map(toml_of, names.values()))
            text.ask("comparator", f"{listed}; and take it out of the interventions")
            others = list(names.values())
        text.key("interventions", others)
        if any(code != name for code, name in names.items()):
            labelled = all(code in chosen.labels for code in names)
            text.key("values", {name: code for code, name in names.items()}, "the labels of the file" if labelled else
                     "the codes in the column, which has no labels: give the arms their names")  # fmt: skip
        return text

    def dated(self) -> tuple[DraftText, DraftText]:
        """Draft the dates of randomisation and baseline, and the order of the parts of dates."""
        text, order = DraftText(), DraftText()
        dated = [name for name in self.left if self.dates[name]]
        first = [name for name in dated if RANDOMISED.search(name)]
        second = [name for name in dated if _MEASURED.search(name) and name not in first]
        if not first or not second:
            return text, order
        text.table("[dates]")
        text.key("randomisation", first[0], "its name, and that it holds dates")
        text.key("baseline", second[0], "its name, and that it holds dates")
        both = [each for each in self.dates[first[0]] if each in self.dates[second[0]] and each]
        if len(both) > 1:
            order.ask("date_order", f"{' or '.join(map(toml_of, both))}; all dates could be either")
        elif both and both[0] != "year-month-day":
            order.key("date_order", both[0], "no other order makes dates of all cells")
        self.take(first[0], second[0])
        return text, order

    # Quality of life --------------------------------------------------------------------------------------------------

    def utility(self) -> DraftText:
        """Draft the quality of life: items, else states, else utilities."""
        items = self.items()
        states = [each for each in self.left.values() if are_states(each)]
        indices = [each for each in self.left.values() if are_utilities(each)]
        text = DraftText()
        totals = [each for each in self.left.values() if QALY.search(each.name) and each.numeric and not each.whole]
        if totals and not items and not states and len({time_in_name(each.name) for each in indices} - {None}) < _TWO:
            return self.totals(totals, indices)
        text.table("[utility]")
        if items:
            times = [self.time_of(names[0]) for names in items]
            columns = [[each.name for each in names] for names in items]
            self.times(text, times, [names[0].name for names in items])
            flat = [each for names in items for each in names]
            self.value_set(text, flat)
            text.key("items", columns if self.time is None else columns[0], "their names, and answers from 1 to 5")
        elif states:
            family = self.family(states)
            self.times(text, [time for time, _ in family], [each.name for _, each in family])
            flat = [each for _, each in family]
            self.value_set(text, flat)
            self.columns(text, "states", flat, "states of five digits from 1 to 5")
        elif indices:
            family = self.family(indices)
            self.times(text, [time for time, _ in family], [each.name for _, each in family])
            flat = [each for _, each in family]
            text.say(
                "value_set = the one that the utilities are by: the lowest and the highest value are then checked."
            )
            self.columns(text, "columns", flat, "their names, and numbers from -1 to 1")
        else:
            text.ask("months", "the times of the utilities [months], as in [0, 6, 12]", [])
            text.ask("columns", "a column of utilities for each time", [])
            return text
        self.codes(text, flat, _any)
        self.take(*(each.name for each in flat))
        others = [each.name for each in indices if each.name in self.left]
        if others:
            text.say(f"Utilities are in the table too, and are not used: {', '.join(map(toml_of, others))}.")
        return text

    def totals(self, totals: Sequence[ColumnSketch], indices: Sequence[ColumnSketch]) -> DraftText:
        """Draft totals of QALYs, with the utility at the start where one stands in the table."""
        text = DraftText()
        text.table("[effect]")
        text.key("unit", "QALY", f"the name of {toml_of(totals[0].name)}; the table has no utilities over time")
        time = time_in_name(totals[0].name)
        if time is not None and time.kind == "month":
            self.months = [0.0, time.number]
            text.key("months", [time.number], "its name tells until when")
        else:
            text.ask(
                "months",
                "until when the total counts [months], as in [12]; beyond 12 add discounted = true or false",
                [],
            )
        text.key("columns", [totals[0].name])
        start = [each.name for each in indices if each is not totals[0]]
        if start:
            text.key("baseline", start[0], "its name, and numbers from -1 to 1: the utility at the start?")
        self.codes(text, totals[:1], _any)
        self.take(totals[0].name, *start[:1])
        return text

    def columns(self, text: DraftText, key: str, family: Sequence[ColumnSketch], why: str) -> None:
        """Add the columns of a kind: of a long table the one."""
        names = [each.name for each in family]
        text.key(key, names if self.time is None else names[0], why)

    def items(self) -> list[list[ColumnSketch]]:
        """Return the five columns of the items at each time, in the order of the times."""
        groups: dict[tuple[str, float], dict[str, ColumnSketch]] = {}
        for each in self.left.values():
            item = item_of(each)
            if item is not None and each.whole and each.within(1, 5):
                time = self.time_of(each)
                key = ("", 0.0) if time is None else (time.kind, time.number)
                groups.setdefault(key, {}).setdefault(item, each)
        whole = {key: group for key, group in groups.items() if len(group) == len(valuesets.ITEMS)}
        ordered = sorted(whole, key=lambda key: (key[0] != "start", key[1]))
        return [[whole[key][item] for item in valuesets.ITEMS] for key in ordered][: 1 if self.time else None]

    def time_of(self, column: ColumnSketch) -> NamedTime | None:
        """Return the time in the name of a column; of a long table none is looked for."""
        return None if self.time is not None else time_in_name(column.name)

    def family(self, columns: Sequence[ColumnSketch]) -> Family:
        """Return the columns of the name that stands at the most times, in the order of these."""
        if self.time is not None:
            return [(None, columns[0])]
        stems: dict[str, Family] = {}
        for each in columns:
            time = time_in_name(each.name)
            stems.setdefault(time.stem if time else each.name, []).append((time, each))
        longest = max(stems, key=lambda stem: len(stems[stem]))
        return in_order(stems[longest])

    def times(self, text: DraftText, times: Sequence[NamedTime | None], names: Sequence[Any]) -> None:
        """Draft the months of the utilities."""
        if self.time is not None:
            known = sorted({float(each) for each in self.time.plain()})
            months, why = as_months([NamedTime("", "number", each) for each in known])
            if _MONTH.search(self.time.name):
                months, why = known, f"the numbers of {toml_of(self.time.name)}"
        else:
            months, why = as_months(times)
        self.months = months
        if months is None:
            text.ask(
                "months",
                f"{why}: the months of {first_of(map(toml_of, names))}",
                [],
            )
        else:
            text.key("months", months, why)

    def value_set(self, text: DraftText, columns: Sequence[ColumnSketch]) -> None:
        """Draft the value set: the Dutch one of the number of levels, where that is known."""
        names = " ".join(each.name.lower() for each in columns)
        highest = max(int(digit) for each in columns for number in each.plain() for digit in str(int(number)))
        labelled = {sum(not is_missing_label(label) for label in each.labels.values()) for each in columns}
        levels, why = 0, ""
        if highest > 3 or "5l" in names:  # noqa: PLR2004 (the levels of EQ-5D-3L)
            levels, why = 5, "answers above 3" if highest > 3 else "the names say 5L"  # noqa: PLR2004
        elif "3l" in names or labelled == {3}:
            levels, why = 3, "the names say 3L" if "3l" in names else "the file labels three levels"
        elif labelled == {5}:
            levels, why = 5, "the file labels five levels"
        dutch = [each.name for each in eq5d.value_sets(version=f"EQ-5D-{levels}L")] if levels else []
        dutch = [each for each in dutch if each.startswith("nl-")]
        own = [each for each in dutch if "crosswalk" not in each]
        if len(own) == 1:
            others = f"; not {', '.join(each for each in dutch if each not in own)}" if len(dutch) > 1 else ""
            text.key("value_set", own[0], f"{why}, and the Dutch set of {levels} levels is this one{others}")
        else:
            which = " or ".join(own) or "of 3L or 5L, as no answer is above 3"
            text.ask("value_set", f"the set that applies, {which}; hecon.eq5d.value_sets() lists all")

    def codes(self, text: DraftText, columns: Sequence[ColumnSketch], impossible: Callable[[float], bool]) -> None:
        """Draft the numbers that mean missing in columns: by their labels, or usual codes outside the other values.

        A code that could be a value is named only where it is beyond all measure or in as many cells as a mean needs.
        """
        counts: Counter[float] = Counter()
        labelled: set[float] = set()
        for each in columns:
            known = each.plain()
            low, high = (float(known.min()), float(known.max())) if known.size else (0.0, 0.0)
            for code, count in each.usual.items():
                if isinstance(code, float) and not low <= code <= high:
                    counts[code] += count
            for code, label in each.labels.items():
                if isinstance(code, float) and is_missing_label(label) and each.counts[code]:
                    labelled.add(code)
                    counts[code] += each.counts[code] if code not in each.usual or low <= code <= high else 0
        meant = {
            code: n
            for code, n in counts.items()
            if {code} & labelled or impossible(code) or n >= _FEWEST or code >= _HUGE
        }
        if meant:
            listed = ", ".join(f"{code_text(code)} in {count} cells" for code, count in sorted(meant.items()))
            text.key("missing", sorted(meant), f"usual codes, or labelled so, outside the other values: {listed}")

    # Costs and covariates ---------------------------------------------------------------------------------------------

    def costs(self, year: int | None) -> DraftText:
        """Draft a cost for each family of columns whose names tell of money or of care."""
        text = DraftText()
        families: dict[str, Family] = {}
        groups = cluster_columns(self.seen())
        for each in list(self.left.values()):
            if each.name in groups:
                continue
            if not each.numeric or _NO_OUTCOME.search(each.name) or least(each) < 0 or self.dates[each.name]:
                continue
            if _MONEY.search(each.name) or _USE.search(each.name):
                time = self.time_of(each)
                families.setdefault(time.stem if time else each.name, []).append((time, each))
        for stem, family in families.items():
            self.cost(text, stem, in_order(family), year)
        if not families:
            text.table("[[cost]]")
            text.ask("category", "what the costs are for")
            text.ask("column" if self.time else "columns", "the columns of the costs, one for each period", [])
        return text

    def cost(self, text: DraftText, stem: str, family: Family, year: int | None) -> None:
        """Draft one cost."""
        text.table("[[cost]]")
        category = re.sub(r"[\W_]+", " ", stem).strip()
        self.categories.append(category)
        text.key("category", category, "the names of its columns")
        before = [each for time, each in family if time is not None and time.number == 0]
        after = [(time, each) for time, each in family if time is None or time.number > 0]
        if self.time is not None:
            text.key("column", family[0][1].name)
        elif after:
            text.key("columns", [each.name for _, each in after])
            self.periods(text, after)
        else:
            text.ask("columns", "a column for each period; the one of the start alone is found", [])
        if before:
            text.key("baseline", before[0].name, "its name tells the time of the start: the use before it")
        money = _MONEY.search(family[0][1].name) is not None
        if money and year is not None:
            text.key("price_year", year, "the year that --price-year gave for the amounts")
        elif money:
            text.ask("price_year", "the year of these amounts, as in 2022")
        else:
            words = [each for each in re.findall(r"[^\W\d_]+", category) if len(each) >= _LONG]
            near = dict.fromkeys(each.identifier for word in words for each in prices.reference_prices(word))
            hint = (
                f"near are {first_of(map(toml_of, near), 4)}" if near else "hecon.prices.reference_prices() lists them"
            )
            text.ask("price", f"a reference price ({hint}), or a number with its price_year")
        self.codes(text, [each for _, each in family], _negative)
        self.take(*(each.name for _, each in family))

    def periods(self, text: DraftText, after: Family) -> None:
        """Draft the periods of a cost, where they are not the spans between the utilities."""
        months = self.months
        if len(after) == 1 and after[0][0] is None:
            if months is not None and len(months) > 2:  # noqa: PLR2004 (more than one span)
                text.key("periods", [[0, months[-1]]], "no time in its name: the whole follow-up")
            return
        ends, why = as_months([NamedTime("", "start", 0), *(time for time, _ in after)])
        spans = [list(each) for each in pairwise(ends or ())]
        if months is None or ends == months:
            return
        if ends is None:
            if len(after) != len(months) - 1:
                text.ask("periods", f"{why}: start and end of each period [months]", [])
        else:
            text.key("periods", spans, f"{why}; each begins where the one before ends")

    def covariates(self) -> DraftText:
        """Draft the covariates that trials adjust for most."""
        text = DraftText()
        for each in list(self.left.values()):
            if not _COVARIATE.search(each.name) or len(each.counts) < 2 or self.dates[each.name]:  # noqa: PLR2004
                continue
            few = len(each.counts) <= _MOST_ARMS
            category = bool(each.labels) or each.texts > 0 or (few and _SEX.search(each.name) is not None)
            if (category and not few) or not (category or each.numeric):
                continue
            text.table("[[covariate]]")
            text.key("column", each.name, "trials usually adjust for it; take it out if this one did not plan to")
            if category:
                text.key("kind", "category", "few values" if not each.labels else "the file labels its values")
                levels = list(names_of(each).values())
                if each.labels or (each.texts and min(each.counts.values()) >= _FEWEST):
                    text.key("levels", levels)
                    self.levelled[each.name] = each
            self.codes(text, [each], _negative)
            self.take(each.name)
        return text

    def perspectives(self) -> DraftText:
        """Draft the perspectives: all costs, and those of care."""
        text = DraftText()
        text.table("[perspective]")
        care = [each for each in self.categories if not _BEYOND_CARE.search(each)]
        if care == self.categories:
            why = "no name of a category tells of work, informal care or travel, which a societal perspective has too"
            text.key("healthcare", care, why)
            return text
        text.key("societal", self.categories, "all categories")
        if care:
            text.key("healthcare", care, "categories whose names do not tell of work, informal care or travel")
        return text


def _any(_: float) -> bool:
    return True


def _negative(code: float) -> bool:
    return code < 0


def _analysis(year: int | None) -> DraftText:
    text = DraftText()
    text.table("[analysis]")
    if year is None:
        text.ask("price_year", "the year whose prices the costs are expressed in, as in 2024")
    else:
        text.key("price_year", year, "the year that --price-year gave for the amounts")
    text.say(
        "discount_cost and discount_effect are those of the rules unless they stand here, as in discount_cost = 0.03."
    )
    return text
