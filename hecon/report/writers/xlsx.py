"""Write a document as an Excel workbook: its calculation with live formulas, and every block of its text."""

from __future__ import annotations

import datetime as dt
import io
import math
import re
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate
from typing import TYPE_CHECKING, Any

from hecon._controls import replace_in_xml
from hecon.assessment.calculation.records import CHANGED, evaluated
from hecon.report.document import Bullets, Facts, Figure, Heading, Paragraph, Table
from hecon.report.writers import drawing

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from hecon.assessment.calculation.records import Expression
    from hecon.report.document import Block, BlockNote, Document
    from hecon.report.workbooks import Workbook, WorkbookCell, WorkbookTable, Worksheet


# What a sheet's name may hold, how long it is, and one that Excel keeps for itself.
_FORBIDDEN = re.compile(r"[\[\]:*?/\\\x00-\x1f]")
_LONGEST_NAME = 31
_RESERVED = {"history"}
# Most characters of a cell, of a text within a formula (half of what Excel takes: quotes are doubled), of a formula.
_LONGEST, _LONGEST_TEXT, _LONGEST_FORMULA = 32_000, 120, 8_000
# Widths of the columns of text, in characters; prose runs over all of them.
_WIDTHS = (36, 18, 18, 18, 18, 18, 18, 18)
_FURTHER = 18
_LINE = 15.0
_POINTS = 72.0
_TITLE, _CAPTION = 24.0, 20.0
# A line below each row of a table.
_RULE = {"bottom": 1, "bottom_color": "#D5DAE0"}
# Characters of prose on a line per unit of width, and the tallest row that there is.
_FILL, _TALLEST = 1.0, 400.0
# So that a workbook is the same bytes each time.
_CREATED = dt.datetime(2000, 1, 1)  # noqa: DTZ001 (Excel knows no zones)
_A4 = 9
_FILLS = {"reported": "#E8F3E8", "derived": "#E3EEF9", "assumed": "#FCE9D0", "computed": "#EDE6F5", "none": "#F1F1F1"}
_HEAD: dict[str, Any] = {"bold": True, "text_wrap": True, "bottom": 1, "bg_color": "#DDE3EA", "valign": "bottom"}
_BINARY = {"+", "-", "*", "/", "^", "=", "<>", "<", "<=", ">", ">="}
_LARGEST = 1e30


def xlsx(document: Document, workbook: Workbook | None = None) -> bytes:
    """Return a document as the bytes of an Excel workbook, the same each time.

    The sheets of the calculation come first, where there is one; formulas carry their values, so that a viewer that
    does not calculate shows them. Free text is written as text: none of it becomes a formula or a link.
    """
    return _WorkbookWriter(document, workbook).bytes()


def _cut(text: str) -> str:
    """Return text that a cell can hold, with a mark where it is cut off."""
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"


@dataclass(frozen=True)
class _Address:
    """Where a quantity stands: its sheet, row and column, from 0."""

    sheet: str
    row: int
    column: int

    def within(self, sheet: str) -> str:
        """Return the reference to it from a sheet."""
        from xlsxwriter.utility import xl_rowcol_to_cell

        cell = str(xl_rowcol_to_cell(self.row, self.column))
        return cell if sheet == self.sheet else f"{_quoted_sheet(self.sheet)}!{cell}"


def _quoted_sheet(name: str) -> str:
    return "'" + name.replace("'", "''") + "'"


class _WorkbookWriter:
    """Lays out the sheets, then writes them."""

    def __init__(self, document: Document, workbook: Workbook | None) -> None:
        from xlsxwriter import Workbook as File

        self.document, self.workbook, self.locale = document, workbook, document.locale
        self.target = io.BytesIO()
        options = {
            "in_memory": True,
            "strings_to_urls": False,
            "strings_to_formulas": False,
            "strings_to_numbers": False,
        }
        self.file = File(self.target, options)
        about = {"title": document.title, "subject": document.kind_words, "author": document.author or "hecon"}
        self.file.set_properties(
            {key: replace_in_xml(text)[:250] for key, text in about.items()} | {"created": _CREATED}
        )
        self.formats: dict[tuple[tuple[str, Any], ...], Any] = {}
        self.taken: set[str] = set()
        self.places: dict[str, _Address] = {}

    def bytes(self) -> bytes:
        """Return the file."""
        sheets = () if self.workbook is None else self.workbook.sheets
        names = {sheet.name: self._name(sheet.name) for sheet in sheets}
        for sheet in sheets:
            self._place(sheet, names[sheet.name])
        for sheet in sheets:
            _Calculated(self, sheet, names[sheet.name]).write()
        for name, blocks in self._texts():
            _Prose(self, self._name(name)).write(blocks)
        self.file.close()
        return self.target.getvalue()

    def _name(self, name: str) -> str:
        """Return a valid name of a sheet that no other has."""
        base = _FORBIDDEN.sub(" ", replace_in_xml(name)).strip(" '") or "-"
        for number in range(1, 1000):
            ending = "" if number == 1 else f" ({number})"
            shown = base[: _LONGEST_NAME - len(ending)].rstrip(" '") + ending
            if shown.lower() not in self.taken | _RESERVED:
                self.taken.add(shown.lower())
                return shown
        raise AssertionError  # no workbook has a thousand sheets of one name

    def _texts(self) -> Iterator[tuple[str, list[Block]]]:
        """Yield the sheets of text: the document, its annexes apart."""
        annexes = self.locale.text("note.annexes")
        blocks = list(self.document.blocks)
        at = next(
            (
                at
                for at, each in enumerate(blocks)
                if isinstance(each, Heading) and (each.level, each.text) == (2, annexes)
            ),
            len(blocks),
        )
        yield self.locale.text("workbook.sheet.text"), blocks[:at]
        if blocks[at:]:
            yield annexes, blocks[at:]

    def _place(self, sheet: Worksheet, name: str) -> None:
        """Note where each quantity of a sheet stands; of one that is shown twice the first place is its own."""
        for row, cells in _rows(sheet):
            for column, cell in enumerate(cells):
                if cell.name is not None:
                    self.places.setdefault(cell.name, _Address(name, row, column))

    def style(self, **properties: Any) -> Any:  # noqa: ANN401 (a format of the library)
        """Return a format, made once."""
        key = tuple(sorted(properties.items()))
        if key not in self.formats:
            base = {"font_name": "Calibri", "font_size": 11, "valign": "top"}
            self.formats[key] = self.file.add_format({**base, **properties})
        return self.formats[key]

    def sheet(self, name: str) -> Any:  # noqa: ANN401 (a sheet of the library)
        """Return a new sheet, set up for printing: A4 across, as wide as a page, its first rows on each."""
        sheet = self.file.add_worksheet(name)
        sheet.set_landscape()
        sheet.set_paper(_A4)
        sheet.set_margins(left=0.5, right=0.5, top=0.6, bottom=0.7)
        sheet.fit_to_pages(1, 0)
        page = self.locale.text("workbook.page", page="&P", pages="&N")
        sheet.set_footer(f"&L&A&R{page}")
        sheet.hide_gridlines(2)
        return sheet

    @cached_property
    def values(self) -> Mapping[str, Any]:
        """The values of all quantities."""
        assert self.workbook is not None  # noqa: S101 (asked for by its sheets alone)
        return evaluated(self.workbook.calculation)


def _rows(sheet: Worksheet) -> Iterator[tuple[int, tuple[WorkbookCell, ...]]]:
    """Yield the rows of quantities of a sheet, each with its number."""
    for start, table in _starts(sheet):
        yield from enumerate(table.rows, start=start + _above(sheet, table))


def _shared(sheet: Worksheet) -> bool:
    """Tell whether all tables of a sheet have one header, which then stands once, above them."""
    return len({table.header for table in sheet.tables}) == 1 and bool(sheet.tables[0].header)


def _above(sheet: Worksheet, table: WorkbookTable) -> int:
    """Return how many rows stand above the rows of a table: its caption, and its own header."""
    return 1 if _shared(sheet) or not table.header else 2


def _starts(sheet: Worksheet) -> Iterator[tuple[int, WorkbookTable]]:
    """Yield each table of a sheet with the row of its caption."""
    row = 2 + len(sheet.lead) + int(bool(sheet.lead))
    for table in sheet.tables:
        yield row, table
        row += _above(sheet, table) + len(table.rows) + 1


class _Calculated:
    """Writes one sheet of the calculation."""

    def __init__(self, writer: _WorkbookWriter, sheet: Worksheet, name: str) -> None:
        self.writer, self.sheet, self.name, self.style = writer, sheet, name, writer.style
        assert writer.workbook is not None  # noqa: S101 (it has this sheet)
        self.workbook = writer.workbook
        self.out = writer.sheet(name)
        self.last = max((len(table.header) or 1 for table in sheet.tables), default=1) - 1
        # Beyond the last column, out of sight: what an input may be.
        self.aside = self.last + 2

    def write(self) -> None:
        """Write the sheet."""
        out, sheet = self.out, self.sheet
        for column, width in enumerate(sheet.widths):
            out.set_column(column, column, width)
        title = self.writer.locale.text("workbook.title", title=self.writer.document.title, sheet=sheet.name)
        self._string(0, 0, title, self.style(bold=True, font_size=14))
        out.set_row(0, _TITLE)
        shared = _shared(sheet)
        if shared:
            self._header(1, sheet.tables[0])
            out.set_row(1, self._tallest(sheet.tables[0].header))
        out.freeze_panes(2 if shared else 1, 1 if shared else 0)
        out.repeat_rows(0, 1 if shared else 0)
        wide = sum(sheet.widths) or 100
        for row, text in enumerate(sheet.lead, start=2):
            out.set_row(row, _height(text, wide))
            self._string(row, 0, text, self.style(text_wrap=True))
        for start, table in _starts(sheet):
            self._table(start, table, shared=shared)
        self._colour()
        out.protect("", {"format_columns": True, "format_rows": True, "select_locked_cells": True})

    def _header(self, row: int, table: WorkbookTable) -> None:
        """Write the headers; over numbers they stand to the right."""
        first = table.rows[0]
        for column, text in enumerate(table.header):
            name = first[column].name if column < len(first) else None
            number = name is not None and not isinstance(self.writer.values[name], str)
            right = number and not str(name).endswith(CHANGED)
            look = {"align": "right"} if right else {"align": "left", "indent": int(column > 0)}
            self._string(row, column, text, self.style(**_HEAD, **look))

    def _table(self, start: int, table: WorkbookTable, *, shared: bool) -> None:
        self._string(start, 0, table.caption, self.style(bold=True, font_size=12, valign="bottom"))
        self.out.set_row(start, _CAPTION)
        above = _above(self.sheet, table)
        if table.header and not shared:
            self._header(start + 1, table)
            self.out.set_row(start + 1, self._tallest(table.header))
        for row, cells in enumerate(table.rows, start=start + above):
            self.out.set_row(row, self._tallest([self._words(cell) for cell in cells]))
            for column, cell in enumerate(cells):
                self._cell(row, column, cell)

    def _words(self, cell: WorkbookCell) -> str:
        """Return the text that a cell shows, for its height; a number never wraps."""
        if cell.name is None:
            return cell.text
        value = self._shown(self.writer.values[cell.name])
        return value if isinstance(value, str) else ""

    def _tallest(self, texts: Sequence[str]) -> float:
        """Return the height of a row in which every text stands whole."""
        return max(_height(text, width) for text, width in zip(texts, self.sheet.widths, strict=False))

    def _cell(self, row: int, column: int, cell: WorkbookCell) -> None:
        if cell.name is None:
            properties: dict[str, Any] = {"text_wrap": True, "align": "left", "indent": int(column > 0), **_RULE} | (
                {"bg_color": _FILLS[cell.style]} if cell.style in _FILLS else {}
            )
            self._string(row, column, cell.text, self.style(**properties))
        else:
            self._quantity(row, column, cell)
        if cell.comment:
            _comment(self.out, row, column, cell.comment)

    def _quantity(self, row: int, column: int, cell: WorkbookCell) -> None:
        name = str(cell.name)
        each, place = self.workbook.calculation.quantities[name], self.writer.places[name]
        properties: dict[str, Any] = {"num_format": cell.number_format, "align": "right", **_RULE}
        if each.kind == "change":
            properties |= {"align": "left", "indent": 1}
        if isinstance(each.value, str):
            properties |= {"text_wrap": True, "align": "left", "indent": 1}
        if cell.style == "input":
            properties |= {"locked": False, "border": 1, "font_color": "#0B3FA8", "bg_color": "#FFFFF2"}
        style = self.style(**properties)
        shown = self._shown(self.writer.values[name])
        if (place.sheet, place.row, place.column) != (self.name, row, column):
            self.out.write_formula(row, column, f"={place.within(self.name)}", style, shown)
        elif each.formula is not None:
            self.out.write_formula(row, column, "=" + self._formula(each.formula), style, shown)
        elif isinstance(shown, str):
            self._string(row, column, shown, style)
        else:
            self.out.write_number(row, column, shown, style)
        if cell.style == "input":
            self._allowed(row, column, cell)

    def _shown(self, value: Any) -> Any:  # noqa: ANN401
        """Return a value as a cell holds it: a code in words."""
        if isinstance(value, str):
            return replace_in_xml(self.workbook.words[value])
        return "#DIV/0!" if math.isnan(value) else value

    def _allowed(self, row: int, column: int, cell: WorkbookCell) -> None:
        """Let an input be a number, or one of its choices, which stand out of sight on its row."""
        messages = self.workbook.messages
        if len(cell.choices) == 1:
            return  # a word in the place of a number
        if not cell.choices:
            rule = {"validate": "decimal", "criteria": "between", "minimum": -_LARGEST, "maximum": _LARGEST}
            self.out.data_validation(row, column, row, column, {**rule, "error_message": messages["not_a_number"]})
            return
        from xlsxwriter.utility import xl_range_abs

        last = self.aside + len(cell.choices) - 1
        for place, choice in enumerate(cell.choices, start=self.aside):
            self._string(row, place, choice, self.style())
            self.out.set_column(place, place, None, None, {"hidden": True})
        source = "=" + xl_range_abs(row, self.aside, row, last)
        rule = {"validate": "list", "source": source, "error_message": messages["not_a_choice"]}
        self.out.data_validation(row, column, row, column, rule)

    def _colour(self) -> None:
        """Colour what is stale or changed."""
        end = max((row for row, _ in _rows(self.sheet)), default=2)
        stale, out = self.workbook.words.get("stale"), self.out
        red = self.writer.file.add_format({"bg_color": "#F6C6C6", "font_color": "#8A1010", "bold": True})
        if stale is not None:
            rule = {"type": "cell", "criteria": "==", "value": _literal(stale), "format": red}
            out.conditional_format(2, 0, end, self.last, rule)
        changed = {cell.name for _, cells in _rows(self.sheet) for cell in cells if (cell.name or "").endswith(CHANGED)}
        if changed:
            column = self.writer.places[str(next(iter(changed)))].column
            amber = self.writer.file.add_format({"bg_color": "#FFE08A", "bold": True})
            out.conditional_format(
                2, column, end, column, {"type": "cell", "criteria": ">", "value": 0, "format": amber}
            )

    def _string(self, row: int, column: int, text: str, style: Any) -> None:  # noqa: ANN401
        """Write text as text; nothing where there is none."""
        shown = replace_in_xml(text)
        if shown:
            self.out.write_string(row, column, _cut(shown), style)
        else:
            self.out.write_blank(row, column, None, style)

    # Formulas ---------------------------------------------------------------------------------------------------------

    def _formula(self, expression: Expression) -> str:
        """Return an expression as a formula of Excel."""
        text = self._part(expression)
        if len(text) > _LONGEST_FORMULA:
            msg = f"formula must be at most {_LONGEST_FORMULA} characters long for Excel, got {len(text)}"
            raise ValueError(msg)
        return text

    def _part(self, expression: Expression) -> str:
        function, operands = expression.function, expression.operands
        if function == "name":
            return self.writer.places[operands[0]].within(self.name)
        if function == "number":
            text = repr(int(operands[0]) if operands[0].is_integer() and abs(operands[0]) < _LARGEST else operands[0])
            return f"({text})" if operands[0] < 0 else text.upper()
        if function == "code":
            return _literal(self.workbook.words[operands[0]])
        if function in _BINARY:
            left, right = map(self._part, operands)
            return f"({left}{function}{right})"
        if function == "SUM":
            return f"SUM({','.join(self._ranges(operands))})"
        return f"{function}({','.join(map(self._part, operands))})"

    def _ranges(self, operands: Iterable[Expression]) -> Iterator[str]:
        """Yield the parts of a sum, cells one below another as one range."""
        run: list[_Address] = []

        def told() -> str:
            first, last = run[0].within(self.name), run[-1].within(run[-1].sheet)
            return first if len(run) == 1 else f"{first}:{last}"

        for each in operands:
            place = self.writer.places[each.operands[0]] if each.function == "name" else None
            if run and place == _Address(run[-1].sheet, run[-1].row + 1, run[-1].column):
                run.append(run[-1] if place is None else place)
                continue
            if run:
                yield told()
            run = [] if place is None else [place]
            if place is None:
                yield self._part(each)
        if run:
            yield told()


def _literal(text: str) -> str:
    """Return text as a literal of a formula; a long one in parts, as Excel takes 255 characters at once."""
    shown = replace_in_xml(text)
    parts = [shown[start : start + _LONGEST_TEXT] for start in range(0, len(shown), _LONGEST_TEXT)] or [""]
    return "&".join('"' + part.replace('"', '""') + '"' for part in parts)


def _height(text: str, width: float) -> float:
    """Return the height of a row in which prose of a width stands whole."""
    lines = sum(max(1, math.ceil(len(line) / (_FILL * width))) for line in text.split("\n"))
    return min(_TALLEST, lines * _LINE)


def _comment(sheet: Any, row: int, column: int, text: str) -> None:  # noqa: ANN401 (a sheet of the library)
    """Put a remark on a cell, in a box that it fits."""
    size = {"x_scale": 3, "y_scale": max(1.0, min(6.0, len(text) / 160))}
    sheet.write_comment(row, column, _cut(replace_in_xml(text)), {"author": "hecon", **size})


class _Prose:
    """Writes one sheet of the text of a document, block after block."""

    def __init__(self, writer: _WorkbookWriter, name: str) -> None:
        self.writer, self.style = writer, writer.style
        self.out = writer.sheet(name)
        for column, width in enumerate(_WIDTHS):
            self.out.set_column(column, column, width)
        self.out.set_column(len(_WIDTHS), 30, _FURTHER)
        self.row = 0

    def write(self, blocks: Sequence[Block]) -> None:
        """Write the blocks."""
        by_kind: dict[type, Any] = {
            Heading: self._heading,
            Paragraph: lambda block: self._prose(block.text, bold=block.strong),
            Bullets: self._bullets,
            Table: self._table,
            Facts: self._facts,
            Figure: self._figure,
        }
        for block in blocks:
            by_kind[type(block)](block)
            self.row += 1
        self.out.freeze_panes(1, 0)
        self.out.repeat_rows(0)

    def _heading(self, block: Heading) -> None:
        size = {1: 16, 2: 14, 3: 12}.get(block.level, 11)
        self.out.set_row(self.row, _TITLE)
        self._string(self.row, 0, block.text, self.style(bold=True, font_size=size))
        self.row += 1

    def _prose(self, text: str, *, first: int = 0, least: float = _LINE, **properties: Any) -> None:  # noqa: ANN401
        """Write prose over the columns from `first` on; in pieces where it is longer than a tall row holds."""
        shown, width = replace_in_xml(text), sum(_WIDTHS[first:])
        style = self.style(text_wrap=True, **properties)
        pieces = list(_pieces(shown, int(width * _FILL * _TALLEST / _LINE / 1.2)))
        for piece in pieces:
            self.out.merge_range(self.row, first, self.row, len(_WIDTHS) - 1, "", style)
            self._string(self.row, first, piece, style)
            self.out.set_row(self.row, max(least, _height(piece, width)))
            self.row += 1

    def _bullets(self, block: Bullets) -> None:
        for place, item in enumerate(block.items):
            self._remarks(block.notes, place, {0: 0})
            self._prose(item, indent=1, num_format='"•  "@')

    def _facts(self, block: Facts) -> None:
        for label, text in block.pairs:
            self._string(self.row, 0, label, self.style(bold=True, text_wrap=True))
            self._prose(text, first=1, least=_height(label, _WIDTHS[0]))

    def _figure(self, block: Figure) -> None:
        """Write a figure in a row as high as it, with its caption and in words what it shows."""
        if block.paint is not None:
            high = drawing.SIZE[1] * _POINTS + _LINE
            image = {
                "image_data": io.BytesIO(drawing.png(block.paint, block.kind)),
                "description": replace_in_xml(block.alt),
            }
            self.out.set_row(self.row, high)
            self.out.insert_image(self.row, 0, f"{block.name}.png", {**image, "object_position": 2})
            self.row += 1
        self._prose(block.caption, italic=True)
        self._prose(block.alt)

    def _table(self, block: Table) -> None:
        if block.caption:
            self._prose(block.caption, italic=True)
        firsts = _first_columns((block.header, *block.rows))
        self._cells(block.header, firsts, block.numeric, _HEAD)
        for place, cells in enumerate(block.rows):
            self._remarks(block.notes, place, dict(enumerate(firsts)))
            self._cells(cells, firsts, block.numeric, {"text_wrap": True, **_RULE})

    def _remarks(self, notes: Sequence[BlockNote], place: int, columns: Mapping[int, int]) -> None:
        """Put the remarks on a row or an item at its cells, by the columns of the sheet that they are in."""
        for column, at in columns.items():
            texts = dict.fromkeys(each.text for each in notes if (each.row, each.column) == (place, column))
            if texts:
                _comment(self.out, self.row, at, "\n".join(texts))

    def _cells(
        self, cells: Sequence[str], firsts: Sequence[int], numeric: Sequence[int], look: Mapping[str, Any]
    ) -> None:
        """Write a row of a table, each cell from its column of the sheet up to the next one's.

        What is longer than a cell goes on in the row below.
        """
        longest = max(map(len, cells), default=0)
        for start in range(0, max(1, longest), _LONGEST):
            self._line([text[start : start + _LONGEST] for text in cells], firsts, numeric, look)

    def _line(
        self, cells: Sequence[str], firsts: Sequence[int], numeric: Sequence[int], look: Mapping[str, Any]
    ) -> None:
        heights = []
        for place, text in enumerate(cells):
            first, last = firsts[place], firsts[place + 1] - 1
            right = place in numeric
            style = self.style(**look, align="right" if right else "left", indent=int(place > 0 and not right))
            if last > first:
                self.out.merge_range(self.row, first, self.row, last, "", style)
            self._string(self.row, first, text, style)
            heights.append(_height(text, sum(_width(column) for column in range(first, last + 1))))
        self.out.set_row(self.row, max(heights, default=_LINE))
        self.row += 1

    def _string(self, row: int, column: int, text: str, style: Any) -> None:  # noqa: ANN401
        self.out.write_string(row, column, _cut(replace_in_xml(text)), style)


def _first_columns(rows: Sequence[Sequence[str]]) -> list[int]:
    """Return the first column of the sheet of each column of a table, and the one behind the last.

    The first takes one. The others share the rest of the width of prose: one goes over more where its text is longer.
    """
    longest = [max(map(len, column)) for column in zip(*rows, strict=True)]
    spans = [1] * len(longest)
    for _ in range(len(_WIDTHS) - len(longest) if len(longest) > 1 else 0):
        spans[max(range(1, len(spans)), key=lambda at: longest[at] / spans[at])] += 1
    return [0, *accumulate(spans)]


def _width(column: int) -> int:
    """Return the width of a column of text."""
    return _WIDTHS[column] if column < len(_WIDTHS) else _FURTHER


def _pieces(text: str, size: int) -> Iterator[str]:
    """Yield text in pieces, cut at spaces where there are some."""
    while len(text) > size:
        cut = text.rfind(" ", 1, size)
        cut = size if cut <= 0 else cut + 1
        yield text[:cut]
        text = text[cut:]
    yield text
