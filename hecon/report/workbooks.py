"""A document's calculation as a workbook: its sheets in words, with every cell's number, formula, style and note."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from hecon.assessment.calculation.assessments import calculate
from hecon.assessment.calculation.budgets import calculate_budget, calculate_together
from hecon.assessment.calculation.records import CHANGED, FILED, STATE, Caption
from hecon.assessment.concluding import LIMITS
from hecon.locale import key_of
from hecon.printed.numbers import digits_beside, digits_of
from hecon.report.isolating import isolated
from hecon.report.words.common import capital, cited, measure_words
from hecon.report.words.comparisons import ComparisonWords
from hecon.report.words.findings import FindingMarks

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import xarray as xr

    from hecon.assessment import Assessment, BudgetResult
    from hecon.assessment.calculation.records import Calculation, Quantity, QuantityRow, QuantityTable
    from hecon.auditing import Finding
    from hecon.budget import Plan
    from hecon.dossier.comparison import Comparison
    from hecon.dossier.loading import Dossier
    from hecon.locale import Locale


_PAIRED = {"ci": ("ci_low", "ci_high")}
_TRUE_MINUS = "\N{MINUS SIGN}"


class QuantityWords:
    """How the quantities of one dossier's calculation are called and written in one language."""

    def __init__(self, dossier: Dossier, locale: Locale) -> None:
        self.dossier, self.locale = dossier, locale
        self.pick = locale.pick
        self.figures = {each.id: each for each in dossier.figure}

    def say(self, key: str, **values: object) -> str:
        """Return a text of the workbook."""
        return self.locale.text(f"workbook.{key}", **values)

    # Captions ---------------------------------------------------------------------------------------------------------

    def caption(self, caption: Caption) -> str:
        """Return what a table, row or column is called."""
        if caption.key in self._named:
            return capital(self._named[caption.key](caption.about))
        if caption.key == "column":
            return capital(self.say(f"column.{caption.about}"))
        return capital(self.say(f"row.{caption.key}"))

    @cached_property
    def _named(self) -> dict[str, Callable[[Any], str]]:
        """What names a quantity, by the key of its caption."""
        return {
            "rules": lambda rules: self.say("rules", name=rules.name),
            "comparison": self.comparison,
            "comparison_at": lambda about: self.comparison(about[0]),
            "together": self.comparison,
            "value_at": lambda _: "",
            "band_from": lambda name: self.say("band_from", measure=self._measure, band=self.locale.band(name)),
            "band_value": lambda name: self.say("band_value", band=self.locale.band(name)),
            "band": lambda name: self.say("band_probability", band=self.locale.band(name)),
            "statistic": self._statistic,
            "assumption": lambda about: self._ended(self.locale.text(f"parameter.{about[0]}"), about[1]),
            "parameter": lambda name: self.locale.text(f"parameter.{name}"),
            "solved": lambda name: self.say("solved", name=self.locale.text(f"parameter.{name}")),
            "adjustment": lambda name: self.say("adjustment", name=self.locale.text(f"parameter.{name}")),
            "own_value": self._own_value,
            "interval": lambda about: self.say(
                "interval", title=self.comparison(about[0]), name=self.locale.text(f"parameter.{about[1]}")
            ),
            "option": self.option,
            "burden_input": lambda about: self._ended(self.locale.text(f"burden_input.{about[0]}"), about[1]),
            "rounded": lambda _: self.say("row.rounded", measure=self._measure),
            "shortfall_interval": lambda _: self.say("row.shortfall_interval", measure=self._measure),
            "absolute": lambda _: self.locale.text("burden_row.absolute"),
            "proportional": lambda _: self.locale.text("burden_row.proportional"),
            **self._of_plans(),
            **self._of_budgets(),
        }

    @property
    def _measure(self) -> str:
        """The shortfall that the bands of the rules are by."""
        return measure_words(self.dossier.ruleset.values_on(), self.locale, unit=True)

    def comparison(self, spec: Comparison) -> str:
        """Return the name of a comparison, with what is held against what."""
        words = ComparisonWords(self.dossier, spec, self.locale)
        return self.say("comparison", title=words.title, one=words.intervention, other=words.comparator)

    def option(self, name: str) -> str:
        """Return the name of an intervention."""
        return self.pick(self.dossier.named(name).name)

    def _ended(self, name: str, key: str) -> str:
        """Return a name, with which end of its range it is."""
        return name if key == "value" else self.say(key, name=name)

    def _statistic(self, about: Any) -> str:  # noqa: ANN401
        spec, statistic, key, side = about
        words = ComparisonWords(self.dossier, spec, self.locale)
        name = words.statistic_name(statistic)
        if key == "value":
            return name
        if key == "shares":
            return f"{name}: {self.locale.text(f'quadrant_code.{list(statistic.shares)[side]}')}"
        part = _PAIRED[key][side] if key in _PAIRED else key
        part = self.say(f"field.{part}")
        if statistic.kind.endswith("-arms"):
            part = f"{(words.intervention, words.comparator)[side]}, {part}"
        return f"{name}: {part}"

    def _own_value(self, about: Any) -> str:  # noqa: ANN401
        spec, _ = about
        return self.say("own_value", unit=spec.effect_unit)

    # Budgets ----------------------------------------------------------------------------------------------------------

    def _of_plans(self) -> dict[str, Callable[[Any], str]]:
        say, labelled = self.say, self.labelled
        return {
            "parameter_of_plan": lambda about: self._ended(labelled(about[1], about[0]), about[2]),
            "parameter_value": lambda about: labelled(about[1], about[0]),
            "setting": lambda about: say(
                "setting", name=labelled(about[3], about[2]), scenario=self.scenario(about[0], about[1])
            ),
            "size": lambda about: (
                say("row.size") if about is None else f"{labelled(about, about.id)}: {say('row.size')}"
            ),
            "extra_demand": lambda about: (
                say("row.extra_demand") if about is None else f"{labelled(about, about.id)}: {say('row.extra_demand')}"
            ),
            "flow_input": lambda about: (
                self._pathway(about[0], about[1]) + f": {labelled(about[2], about[2].id)}, {say('flow.' + about[3])}"
            ),
            "flow": lambda about: f"{labelled(about[0], about[0].id)}: {say('flow.' + about[1])}",
            "amount": lambda about: f"{labelled(about[0], about[0].id)}, {about[1]}",
            "population": lambda each: labelled(each, each.id),
            "pathway": lambda about: self._pathway(*about),
            "plan": lambda dossier: self.pick(dossier.title),
            "plan_total": lambda about: f"{self.pick(about[0].title)}, {self.scenario(None, about[1])} {about[2]}",
        }

    def _of_budgets(self) -> dict[str, Callable[[Any], str]]:
        say, labelled = self.say, self.labelled

        def resource(about: Any) -> str:  # noqa: ANN401
            plan, row = about
            return self._resource(plan, row)

        return {
            "budget": lambda _: self.locale.text("budget.heading"),
            "scenario": lambda about: self.scenario(*about),
            "scenario_year": lambda about: f"{self.scenario(about[0], about[1])} {about[2]}",
            "convention": self._convention,
            "people": lambda each: say("people", name=labelled(each, each.id)),
            "treated": lambda each: say("treated", name=labelled(each, each.id)),
            **{
                f"{what}_{key}": lambda about, what=what, key=key: say(f"{what}.{key}", name=resource(about))  # type: ignore[misc]
                for what in ("units", "inside", "outside")
                for key in ("now", "change")
            },
            **{
                f"sector_{key}": lambda sector, key=key: say(  # type: ignore[misc]
                    f"sector.{key}", name=self.locale.text(f"budget_sector.{key_of(sector)}")
                )
                for key in ("now", "change")
            },
            "budget_interval": lambda year: say("budget_interval", year=year),
            "break_even": lambda about: say(
                "break_even",
                name=labelled(about[0].parameters[about[0].substitution[0]], about[0].substitution[0]),
                scenario=self.scenario(*about),
            ),
        }

    def labelled(self, each: Any, name: str) -> str:  # noqa: ANN401
        """Return the label of a part of a plan, or its id."""
        return str(each.label.get(self.locale.lang, name))

    def scenario(self, plan: Plan | None, name: str) -> str:
        """Return the name of a scenario: hecon's own, one of the dossier, or as it was given."""
        key = f"budget_scenario.{name}"
        if key in self.locale.catalogue and (plan is None or name not in plan.scenarios):
            return self.locale.text(key)
        part = self.dossier.budget_part
        named = {each.id: each.name for each in (() if part is None else part.scenario)}
        return self.pick(named[name]) if name in named else name

    def _pathway(self, population: Any, pathway: str) -> str:  # noqa: ANN401
        return f"{self.labelled(population, population.id)}, {self.say(f'pathway.{pathway}')}"

    def _resource(self, plan: Plan, row: Any) -> str:  # noqa: ANN401
        if not row.population:
            return self.labelled(next(each for each in plan.amounts if each.id == row.flow), row.flow)
        population = next(each for each in plan.populations if each.id == row.population)
        flows = (*population.current, *population.new, *population.extra)
        name = self.labelled(next(each for each in flows if each.id == row.flow), row.flow)
        return name if len(plan.populations) == 1 else f"{self.labelled(population, population.id)}, {name}"

    def _convention(self, about: Any) -> str:  # noqa: ANN401
        key, year, part = about
        name = self.say(f"convention.{key}")
        name = name if year is None else f"{name}, {year}"
        return name if part == "budget" else self.say("other_way", name=name)

    # Codes, units, formats --------------------------------------------------------------------------------------------

    def code(self, name: str) -> str:
        """Return a code in words."""
        group, _, rest = name.partition(".")
        if group in {"quadrant", "range_place"}:
            return self.locale.text(name)
        if group == "band":
            return self.locale.band(rest)
        if group == "option":
            return self.option(rest)
        if group == "convention":
            return self.locale.text(f"budget_rule.{key_of(rest)}")
        return self.say(f"code.{key_of(name)}")

    def remark(self, remark: Any) -> str:  # noqa: ANN401
        """Return what a reader must know of an input: a text of the dossier or of a plan, or of hecon."""
        if isinstance(remark, Caption):
            return self.say(remark.key)
        if isinstance(remark, Mapping):
            return str(remark.get(self.locale.lang, ""))
        return self.pick(remark)

    def unit(self, quantity: Quantity, caption: Caption) -> str:
        """Return the unit of an input."""
        if caption.key == "statistic" and caption.about[1].kind == "icer":
            return self.say("per", currency=quantity.unit, unit=caption.about[0].effect_unit)
        if caption.key == "parameter_of_plan":
            # A place of a series is named by the series and its number.
            name = caption.about[0]
            figure = self.figures.get(name, self.figures.get(name.rpartition("_")[0]))
            return "" if figure is None or figure.unit is None else self.pick(figure.unit)
        if caption.key in {"band_value", "reference_value", "range_low", "range_high", "shown_value"}:
            return self.say("per", currency=quantity.unit, unit=self.dossier.ruleset.effect_unit)
        if caption.key == "own_value":
            return self.say("per", currency=quantity.unit, unit=caption.about[0].effect_unit)
        return quantity.unit or ""

    def number_format(self, quantity: Quantity) -> str:
        """Return the format of a number, as spreadsheets write it in every language: signs are this language's."""
        if quantity.kind == "change":
            return f'"{_quoted(self.say("changed"))}";;'
        if quantity.kind == "share" and isinstance(quantity.value, float):
            return self._chance(quantity.value)
        digits = quantity.decimals
        if digits is None:
            digits = {"effect": 4, "number": 4}.get(quantity.kind, 0)
        if isinstance(quantity.value, float):
            digits = digits_of(quantity.value, digits)
        number = "#,##0" + ("." + "0" * digits if digits else "")
        if quantity.kind in {"money", "ratio"} and quantity.unit is not None:
            shown = self.locale.money(1, quantity.unit)
            sign = _quoted(shown.removesuffix("1"))
            return f'"{sign}"{number};"{_TRUE_MINUS}{sign}"{number}'
        return f'{number};"{_TRUE_MINUS}"{number}'

    def _chance(self, value: float) -> str:
        """Return the format of a probability: one that is not quite 0 or 1 is not shown as such."""
        shown = self.locale.probability(value)
        return f'"{_quoted(shown)}"' if shown[0] in "<>" else f"0.{'0' * digits_beside(value, LIMITS, 2)}"


def _quoted(text: str) -> str:
    return text.replace('"', '""')


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
