"""A document's calculation as a workbook: its sheets in words, with every cell's number, formula, style and note."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from hecon.assessment.calculation.assessments import calculate
from hecon.assessment.calculation.budgets import calculate_budget, calculate_together
from hecon.assessment.calculation.records import CHANGED, FILED, STATE
from hecon.report.isolating import isolated
from hecon.report.words.common import capital, cited
from hecon.report.words.findings import FindingMarks
from hecon.report.words.quantities import QuantityWords

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import xarray as xr

    from hecon.assessment import Assessment, BudgetResult
    from hecon.assessment.calculation.records import Calculation, Quantity, QuantityRow, QuantityTable
    from hecon.auditing import Finding
    from hecon.dossier.loading import Dossier
    from hecon.locale import Locale

__all__ = [
    "Workbook",
    "WorkbookCell",
    "WorkbookTable",
    "Worksheet",
    "assessment_workbook",
    "budget_workbook",
    "together_workbook",
]

# Parts of a calculation, in the order of their sheets.
_PARTS = (
    "results",
    "burden",
    "budget_values",
    "budget_years",
    "budget_other_values",
    "budget_other_years",
    "together",
    "simulated",
)
_STATUSES = ("reported", "derived", "assumed", "computed", "none")
_COLUMNS = ("quantity", "value", "filed", "changed", "unit", "status", "moves", "source", "remark")


@dataclass(frozen=True)
class WorkbookCell:
    """A cell: text, or the quantity of that name.

    Attributes
    ----------
    text : str, what stands there where it is no quantity
    name : str or None, of the quantity that it shows
    style : str
        "text", "input", "number", "state", or the status of an input: "reported", "derived", "assumed", "computed" or
        "none".
    number_format : str, of spreadsheets
    comment : str, a note on the cell
    choices : tuple of str, what an input may be
    """

    text: str = ""
    name: str | None = None
    style: str = "text"
    number_format: str = "General"
    comment: str = ""
    choices: tuple[str, ...] = ()


@dataclass(frozen=True)
class WorkbookTable:
    """A table: its caption, the headers and the rows; the first cell of a row is its label."""

    caption: str
    header: tuple[str, ...]
    rows: tuple[tuple[WorkbookCell, ...], ...]


@dataclass(frozen=True)
class Worksheet:
    """A sheet: its name, paragraphs, and tables; `widths` of its columns in characters."""

    name: str
    lead: tuple[str, ...]
    tables: tuple[WorkbookTable, ...]
    widths: tuple[int, ...] = ()


@dataclass(frozen=True)
class Workbook:
    """The sheets of a calculation, and its codes in words."""

    sheets: tuple[Worksheet, ...]
    calculation: Calculation = field(repr=False)
    words: Mapping[str, str] = field(repr=False)
    messages: Mapping[str, str] = field(default_factory=dict)


def assessment_workbook(assessment: Assessment, locale: Locale) -> Workbook:
    """Return the calculation of an assessment as a workbook."""
    words = QuantityWords(assessment.dossier, locale)
    return _Maker(words, calculate(assessment), assessment.findings).workbook()


def budget_workbook(result: BudgetResult, dossier: Dossier, locale: Locale) -> Workbook:
    """Return the calculation of a budget impact as a workbook."""
    shown = isolated(dossier)
    return _Maker(QuantityWords(shown, locale), calculate_budget(isolated(result), shown), ()).workbook()


def together_workbook(together: xr.Dataset, dossiers: Sequence[Dossier], locale: Locale) -> Workbook:
    """Return several budget impacts together as a workbook."""
    shown = isolated(list(dossiers))
    return _Maker(QuantityWords(shown[0], locale), calculate_together(together, shown), ()).workbook()


class _Maker:
    """Makes the sheets of a calculation."""

    def __init__(self, words: QuantityWords, calculation: Calculation, findings: Sequence[Finding]) -> None:
        self.words, self.calculation = words, calculation
        self.quantities = calculation.quantities
        self.marks = FindingMarks(findings, words.locale)
        self.moved = _moved(calculation)

    def workbook(self) -> Workbook:
        """Return the sheets: a guide, the inputs, and each part of the calculation."""
        say, tables = self.words.say, self.calculation.tables
        sheets = [self._inputs(tables["inputs"])] if "inputs" in tables else []
        sheets += [self._sheet(part, tables[part]) for part in _PARTS if part in tables]
        codes = {code for each in self.quantities.values() for code in _codes(each)}
        return Workbook(
            (self._guide(sheets), *sheets),
            self.calculation,
            {code: self.words.code(code) for code in sorted(codes)},
            {key: say(key) for key in ("not_a_number", "not_a_choice")},
        )

    def _guide(self, sheets: Sequence[Worksheet]) -> Worksheet:
        say, locale = self.words.say, self.words.locale
        keys = ["what", "input", "moves", "simulated"]
        names = self.quantities
        keys += ["solved"] if any(name.endswith((".adjustment", ".solved")) for name in names) else []
        keys += ["scenarios"] if any(part.startswith("budget") for part in self.calculation.tables) else []
        keys += ["negative"] if "results" in self.calculation.tables else []
        used = {each.status or "none" for each in names.values() if each.given}
        legend = tuple((WorkbookCell(self._status(each), style=each),) for each in _STATUSES if each in used)
        tables = [WorkbookTable(locale.text("workbook.guide.legend"), (), legend)] if legend else []
        listed = tuple((WorkbookCell(each.name),) for each in sheets)
        tables.append(WorkbookTable(locale.text("workbook.guide.sheets"), (), listed))
        lead = tuple(say(f"guide.{key}") for key in keys)
        return Worksheet(locale.text("workbook.sheet.guide"), lead, tuple(tables), widths=(110,))

    def _status(self, status: str | None) -> str:
        if status in {"reported", "derived", "assumed"}:
            return self.words.locale.text(f"status.{status}")
        return self.words.say(f"status.{status or 'none'}")

    def _inputs(self, tables: Sequence[QuantityTable]) -> Worksheet:
        """Return the sheet of the inputs: each with its value on file, whether it was changed, and where it is from."""
        header = tuple(capital(self.words.say(f"column.{key}")) for key in _COLUMNS)
        shown = tuple(
            WorkbookTable(self.words.caption(each.caption), header, tuple(self._input(row) for row in each.rows))
            for each in tables
        )
        return Worksheet(self.words.say("sheet.inputs"), (), shown, widths=(58, 16, 16, 12, 14, 14, 24, 34, 60))

    def _input(self, row: QuantityRow) -> tuple[WorkbookCell, ...]:
        words, name = self.words, str(row.cells[0])
        each = self.quantities[name]
        status = each.status or "none"
        coded = each.kind == "code"
        style = words.number_format(each) if not coded else "General"
        comment = self._comment(each)
        return (
            WorkbookCell(words.caption(row.caption), comment=comment),
            WorkbookCell(
                name=name,
                style="input",
                number_format=style,
                choices=tuple(words.code(choice) for choice in each.choices),
                comment=comment,
            ),
            WorkbookCell(name=name + FILED, style="number", number_format=style),
            WorkbookCell(
                name=name + CHANGED, style="state", number_format=words.number_format(self.quantities[name + CHANGED])
            ),
            WorkbookCell(words.unit(each, row.caption)),
            WorkbookCell(name=name + STATE, style="state")
            if each.rests_on
            else WorkbookCell(self._status(each.status), style=status),
            WorkbookCell(words.say(f"moves.{self.moved.get(name, 'nothing')}")),
            WorkbookCell(_sources(each)),
            WorkbookCell(" ".join(words.remark(remark) for remark in each.remarks)),
        )

    def _comment(self, each: Quantity) -> str:
        """Return what the audit found at an input."""
        return "\n".join(dict.fromkeys(note.text for note in self.marks.notes(0, 0, *each.paths)))

    def _sheet(self, part: str, tables: Sequence[QuantityTable]) -> Worksheet:
        shown = tuple(self._table(each) for each in tables)
        most = max(len(each.header) for each in shown)
        widths = (58, *([16] * (most - 1)))
        if part == "results":
            widths = (58, *([22] * (most - 1)))
        return Worksheet(self.words.say(f"sheet.{part}"), (), shown, widths)

    def _table(self, table: QuantityTable) -> WorkbookTable:
        caption = self.words.caption
        header = ("", *(caption(each) for each in table.columns))
        rows = tuple(
            (WorkbookCell(caption(row.caption)), *(self._cell(name) for name in row.cells)) for row in table.rows
        )
        return WorkbookTable(caption(table.caption), header, rows)

    def _cell(self, name: str | None) -> WorkbookCell:
        if name is None:
            return WorkbookCell()
        each = self.quantities[name]
        if each.kind == "state":
            return WorkbookCell(name=name, style="state")
        if each.kind == "code":
            return WorkbookCell(name=name, style="number")
        return WorkbookCell(name=name, style="number", number_format=self.words.number_format(each))


def _sources(each: Quantity) -> str:
    texts = [source for source in each.sources if isinstance(source, str)]
    references = [source for source in each.sources if not isinstance(source, str)]
    return "; ".join([*texts, *([cited(references)] if references else [])])


def _codes(each: Quantity) -> set[str]:
    """Return the codes that a quantity may show or compare."""
    found = set(each.choices)
    if each.kind in {"code", "state"} and isinstance(each.value, str):
        found.add(each.value)
    stack = [] if each.formula is None else [each.formula]
    while stack:
        node = stack.pop()
        if node.function == "code":
            found.add(node.operands[0])
        elif node.function not in {"name", "number"}:
            stack += node.operands
    return found


def _moved(calculation: Calculation) -> dict[str, str]:
    """Return what each input moves: "results" by formulas, or "simulated" ones that are then stale."""
    moved: dict[str, str] = {}
    for each in calculation.quantities.values():
        for name in each.rests_on:
            moved.setdefault(name, "simulated")
    for name, each in calculation.quantities.items():
        if each.formula is not None and each.kind != "state" and not name.endswith(CHANGED):
            moved |= dict.fromkeys(calculation.inputs[name], "results")
    return moved
