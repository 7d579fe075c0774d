"""How the analysis of a trial is written in a language: its arms, variables, amounts and intervals."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hecon.locale import Locale
from hecon.report.document import Block, Bullets, Heading, Paragraph, Table
from hecon.report.isolating import isolate
from hecon.trial.description import SMALL
from hecon.trial.sensitivity import SCENARIOS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from hecon.trial import TrialAnalysis
    from hecon.trial.analysis import PerspectiveAnalysis
    from hecon.trial.description import Row
    from hecon.trial.estimates import Estimate
    from hecon.trial.table.reading import MissingCells, TableReading

__all__ = ["TrialWords", "reading_blocks", "warning_blocks"]

_COSTS = ("cost", "baseline cost")
# Ways of analysing that change what was imputed in all interventions, but not in the comparator.
_SEVERAL = {"worse-intervention": "worse-interventions", "dearer-intervention": "dearer-interventions"}
_PAIR = 2
# Monte Carlo error of a probability from which a second decimal tells nothing.
_COARSE = 0.05


class TrialWords:
    """How one trial's analysis is written in one language.

    Parameters
    ----------
    analysis : TrialAnalysis
        The analysis.
    lang : {"nl", "en"}
        Language.
    names : mapping of str to str, optional
        What to call a strategy; default its name in the design.
    """

    def __init__(self, analysis: TrialAnalysis, lang: str, names: Mapping[str, str] | None = None) -> None:
        self.analysis, self.lang = analysis, lang
        self.names = {each: isolate((names or {}).get(each, each)) for each in analysis.description.strategies}

    def say(self, key: str, **values: object) -> str:
        """Return a text of the trial."""
        return Locale(self.lang).text(f"trial.{key}", **values)

    def method(self, key: str, **values: object) -> str:
        """Return a text of its method."""
        return Locale(self.lang).text(f"trial_method.{key}", **values)

    @property
    def missing(self) -> bool:
        """Whether anything is missing."""
        about = self.analysis.description
        return any(seen < count for row in about.rows for seen, count in zip(row.observed, about.patients, strict=True))

    @property
    def pools(self) -> bool:
        """Whether Rubin's rules pooled imputed sets, so that there is a fraction of missing information."""
        return self.analysis.method == "imputation" and self.analysis.imputation is not None

    def perspective(self, name: str) -> str:
        """Return a perspective in the language, or its own name where the catalogue has none."""
        key = f"perspective.{name}"
        return Locale(self.lang).text(key) if key in Locale(self.lang).catalogue else isolate(name)

    def row(self, row: Row) -> str:
        """Return what a variable is called."""
        from hecon.plot.trials import row_label

        return row_label(row, Locale(self.lang), isolate(row.name))

    def joined(self, names: Sequence[str]) -> str:
        """Return names as a list in a sentence."""
        if len(names) == 1:
            return names[0]
        return self.say("and", first=", ".join(names[:-1]), last=names[-1])

    def scenario(self, code: str) -> str:
        """Return what a way of analysing is called; a code that the catalogue lacks stands as it is."""
        if code not in SCENARIOS:
            return code
        if len(self.analysis.description.strategies) > _PAIR:
            code = _SEVERAL.get(code, code)
        return Locale(self.lang).text(f"trial_scenario.{code}")

    # Numbers ----------------------------------------------------------------------------------------------------------

    def number(self, value: float, digits: int = 0) -> str:
        """Return a number with decimals."""
        return Locale(self.lang).number(value, digits)

    def of(self, outcome: str, value: float) -> str:
        """Return a mean or a difference of either outcome, without the unit of QALYs."""
        return Locale(self.lang).money(value) if outcome == "cost" else self.number(value, 4)

    def moments(self, row: Row, arm: int) -> str:
        """Return the mean and the standard deviation of a variable in an arm, or of a category the share, if told."""
        mean, spread = row.mean[arm], row.sd[arm]
        if mean is None or spread is None:
            why = row.hidden[arm] if row.hidden else "observed"
            keys = {"observed": "fewer", "few": "below"}
            return self.say(keys.get(str(why), "not_shown"), n=SMALL)
        if _is_share(row):
            return Locale(self.lang).share(mean)
        if row.kind in _COSTS:
            return f"{Locale(self.lang).money(mean)} ({self.number(spread)})"
        digits = 3 if row.kind == "utility" else 1
        return f"{self.number(mean, digits)} ({self.number(spread, digits)})"

    def interval(self, outcome: str, value: float, ends: tuple[float, float]) -> str:
        """Return a value with its interval in brackets."""
        low, high = (self.of(outcome, end) for end in ends)
        return self.say("estimate", value=self.of(outcome, value), low=low, high=high)

    def estimate(self, outcome: str, estimate: Estimate) -> str:
        """Return an estimate with its interval in brackets."""
        return self.interval(outcome, estimate.value, estimate.interval)

    def probability(self, value: float, error: float = 0.0) -> str:
        """Return a probability, with as many decimals as its Monte Carlo error bears: two, or one."""
        return Locale(self.lang).probability(value, 1 if error >= _COARSE else 2)

    def error(self, value: float) -> str:
        """Return the Monte Carlo standard error of a probability."""
        return Locale(self.lang).probability(value, 3)

    def span(self, values: Iterable[float], digits: int = 0) -> str:
        """Return the range of several numbers, or the one that they all are."""
        chosen = list(values)
        return Locale(self.lang).span(*(self.number(each, digits) for each in (min(chosen), max(chosen))))

    # Arms -------------------------------------------------------------------------------------------------------------

    def pair(self, found: PerspectiveAnalysis, strategy: str) -> dict[str, str]:
        """Return the names of a strategy and of its comparator."""
        return {"intervention": self.names[strategy], "comparator": self.names[found.strategies[0]]}


def _is_share(row: Row) -> bool:
    """Tell whether a covariate is 0 or 1: its spread then follows from its mean."""
    if row.kind != "covariate":
        return False
    told = [
        (mean, spread, count)
        for mean, spread, count in zip(row.mean, row.sd, row.observed, strict=True)
        if mean is not None and spread is not None
    ]
    return bool(told) and all(
        0 <= mean <= 1 and abs(spread**2 - mean * (1 - mean) * count / (count - 1)) < 1e-9  # noqa: PLR2004 (rounding)
        for mean, spread, count in told
    )


# Most names in a list; the JSON has all.
_MOST = 12
_KINDS = {"csv": "CSV", "xlsx": "Excel", "dta": "Stata", "sav": "SPSS", "parquet": "Parquet"}
_COUNTS = ("empty_rows", "empty_columns", "hidden_rows")
_GROUPS = ("utility", "dates")


def reading_blocks(words: TrialWords, level: int) -> list[Block]:
    """Return what was read of the table, with a heading.

    Parameters
    ----------
    words : TrialWords
        How the trial is written.
    level : int
        Level of the heading.

    Returns
    -------
    list of Block
        Rows, patients, columns used and not used, what the file has that was not read, and a table of the cells taken
        as missing; empty where the data were not read from a table.
    """
    reading = words.analysis.description.reading
    if reading is None:
        return []
    blocks: list[Block] = [
        Heading(level, _say(words, "heading")),
        Bullets((*_file(words, reading), _columns(words, reading), *_meaning(words, reading))),
    ]
    if any(each.empty or each.declared or any(count for _, count in each.codes) for each in reading.missing):
        return [*blocks, _missing(words, reading.missing)]
    return [*blocks, Paragraph(_say(words, "missing_none"))]


def warning_blocks(words: TrialWords) -> list[Block]:
    """Return the warnings of the analysis with a heading of level 3; empty where there are none."""
    told = tuple(map(isolate, words.analysis.warnings))
    return [Heading(3, words.say("warnings")), Bullets(told)] if told else []


def _say(words: TrialWords, key: str, **values: object) -> str:
    return Locale(words.lang).text(f"trial_reading.{key}", **values)


def _listed(words: TrialWords, names: Sequence[str]) -> str:
    told = [isolate(name) for name in names[:_MOST]]
    if len(names) > _MOST:
        told.append(_say(words, "more", n=words.number(len(names) - _MOST)))
    return words.joined(told)


def _file(words: TrialWords, reading: TableReading) -> list[str]:
    sizes = {"rows": words.number(reading.rows), "patients": words.number(reading.patients)}
    if reading.kind == "memory":
        return [_say(words, "memory", **sizes)]
    found = [_say(words, "file", kind=_KINDS.get(reading.kind, reading.kind), **sizes)]
    if reading.separator is not None:
        tab = reading.separator == "\t"
        found.append(_say(words, "separator", separator=_say(words, "tab") if tab else f"“{reading.separator}”"))
    if reading.kind == "csv":
        thousands = f"“{reading.thousands}”" if reading.thousands else _say(words, "no_mark")
        found.append(_say(words, "marks", decimal=f"“{reading.decimal}”", thousands=thousands))
    if reading.sheet is not None:
        found.append(_say(words, "sheet", sheet=isolate(reading.sheet)))
    if reading.other_sheets:
        found.append(_say(words, "other_sheets", names=_listed(words, reading.other_sheets)))
    found += [_say(words, key, n=words.number(count)) for key in _COUNTS if (count := getattr(reading, key))]
    return [*found, _say(words, "open_end")] if reading.open_end else found


def _columns(words: TrialWords, reading: TableReading) -> str:
    total = len(reading.used) + len(reading.unused)
    found = _say(words, "used", n=words.number(len(reading.used)), total=words.number(total))
    return f"{found} {_say(words, 'unused', names=_listed(words, reading.unused))}" if reading.unused else found


def _meaning(words: TrialWords, reading: TableReading) -> list[str]:
    parts = []
    for each in reading.arms:
        key = "arm" if each.label is None else "arm_labelled"
        told = {
            "strategy": words.names[each.strategy],
            "value": isolate(each.value),
            "label": isolate(each.label or ""),
        }
        parts.append(_say(words, key, **told))
    found = [_say(words, "arms", parts="; ".join(parts))]
    if reading.across_arms is not None:
        found.append(_say(words, f"across_arms_{reading.across_arms}"))
    if reading.unseen:
        found.append(_say(words, "unseen", codes=words.joined([isolate(code) for code in reading.unseen])))
    return found


def _missing(words: TrialWords, groups: Sequence[MissingCells]) -> Table:
    """Return the cells taken as missing by group; what the file declares has a column where it declares any."""
    declares = any(each.declared for each in groups)
    rows = []
    for each in groups:
        name = _say(words, each.kind) if each.kind in _GROUPS else isolate(each.name)
        codes = "; ".join(f"{isolate(code)}: {words.number(count)}" for code, count in each.codes if count)
        cells = [name, words.number(len(each.columns)), words.number(each.cells), words.number(each.empty)]
        rows.append((*cells, codes or "–", *([words.number(each.declared)] if declares else [])))
    header = tuple(_say(words, key) for key in ("group", "columns", "cells", "empty", "codes"))
    header = (*header, _say(words, "declared")) if declares else header
    return Table(_say(words, "missing_caption"), header, tuple(rows), numeric=tuple(range(1, len(header))))
