"""Workbooks for tests: their cells by name, an evaluator of their formulas, and what hecon's own verbs give."""

import dataclasses
import html
import io
import itertools
import math
import re
import zipfile
from functools import cached_property

import numpy as np
import openpyxl
from drawn import drawn_once
from openpyxl.utils import range_boundaries

import hecon
from hecon.assessment.calculation.records import evaluated, worked_out
from hecon.report.writers.xlsx import _WorkbookWriter
from hecon.rules.verdicts import dominance, judge

SAME = 1e-9


class Written:
    """A workbook as written, with the place of each quantity in it; of its figures one of each kind is drawn."""

    def __init__(self, content, *, text=True):
        self.content, self.workbook = content, content.workbook
        document = (
            content.document if text else dataclasses.replace(content.document, blocks=content.document.blocks[:1])
        )
        writer = _WorkbookWriter(document, content.workbook)
        with drawn_once():
            self.bytes, self.places = writer.bytes(), writer.places
        self.calculation, self.words = self.workbook.calculation, self.workbook.words

    @cached_property
    def formulas(self):
        """The file as openpyxl reads it, to evaluate and not to change."""
        return self.open()

    def open(self, **how):
        """Return the file as openpyxl reads it."""
        return openpyxl.load_workbook(io.BytesIO(self.bytes), **how)

    def cell(self, book, name):
        """Return the cell of a quantity."""
        place = self.places[name]
        return book[place.sheet].cell(place.row + 1, place.column + 1)

    def shown(self, value):
        """Return a value as a cell shows it."""
        return self.words[value] if isinstance(value, str) else value

    def with_input(self, name=None, value=None):
        """Return the file with another value of an input, and no value of any formula."""
        sheets = dict(self._sheets())
        target = io.BytesIO()
        with zipfile.ZipFile(io.BytesIO(self.bytes)) as source, zipfile.ZipFile(target, "w") as copy:
            for entry in source.namelist():
                content = source.read(entry)
                if entry in sheets:
                    content = self._edited(content.decode(), sheets[entry], name, value).encode()
                copy.writestr(entry, content)
        return target.getvalue()

    def _sheets(self):
        """Yield the entry of each sheet with its name."""
        with zipfile.ZipFile(io.BytesIO(self.bytes)) as source:
            names = re.findall(r'<sheet name="([^"]*)"', source.read("xl/workbook.xml").decode())
        for number, name in enumerate(names, start=1):
            yield f"xl/worksheets/sheet{number}.xml", html.unescape(name)

    def _edited(self, xml, sheet, name, value):
        xml = re.sub(r"(<f>[^<]*</f>)<v>[^<]*</v>", r"\1", xml)
        if name is None or self.places[name].sheet != sheet:
            return xml
        cell = self.places[name].within(sheet)
        found = re.search(rf'<c r="{cell}" s="(\d+)"[^>]*><v>[^<]*</v></c>', xml)
        style = found[1]
        if isinstance(value, str):
            new = f'<c r="{cell}" s="{style}" t="inlineStr"><is><t>{self.words[value]}</t></is></c>'
        else:
            new = f'<c r="{cell}" s="{style}"><v>{float(value)!r}</v></c>'
        return xml[: found.start()] + new + xml[found.end() :]


def differences(written, book, values):
    """Return the formulas of which the cell in an opened workbook is not the value that it should have."""
    wrong = []
    for name, each in written.calculation.quantities.items():
        if each.formula is None or name not in written.places:
            continue
        got, expected = written.cell(book, name).value, written.shown(values[name])
        if not same(got, expected):
            wrong.append((name, got, expected))
    return wrong


def same(got, expected):
    """Tell whether two values of a cell are the same, to 1e-9."""
    if isinstance(expected, str) or isinstance(got, (str, type(None))):
        return got == expected
    return math.isclose(got, expected, rel_tol=SAME, abs_tol=SAME)


def inputs(calculation):
    """Return the inputs of a calculation."""
    return [each for each in calculation.quantities.values() if each.given]


def another(each):
    """Return another value for an input: one that keeps to its rules."""
    if each.choices:
        return next((choice for choice in each.choices if choice != each.value), 10.0)
    return each.value * 0.93 if each.value else 0.01


# The formulas of Excel, evaluated ----------------------------------------------------------------------------------

_TOKEN = re.compile(
    r"""("(?:[^"]|"")*")|('(?:[^']|'')+'!)?(\$?[A-Z]{1,3}\$?\d+)(:\$?[A-Z]{1,3}\$?\d+)?(?![\w(])|(<>|<=|>=|[=^&])"""
)


def _rounded(value, places):
    return worked_out(_call("ROUND", value, places), None)


def _call(function, *values):
    from hecon.assessment.calculation.records import call, number

    return call(function, *map(number, values))


class Sheets:
    """The formulas of a workbook, each evaluated when it is asked for: a plain reading of the few functions in them."""

    def __init__(self, book, changes=None):
        self.book, self.known = book, dict(changes or {})

    def value(self, sheet, cell):
        """Return the value of a cell."""
        key = (sheet, cell.replace("$", ""))
        if key not in self.known:
            content = self.book[sheet][key[1]].value
            formula = isinstance(content, str) and content.startswith("=")
            self.known[key] = self._evaluated(content[1:], sheet) if formula else content
        return self.known[key]

    def _evaluated(self, formula, sheet):
        def token(match):
            text, other, first, rest, operator = match.groups()
            if text:
                return repr(text[1:-1].replace('""', '"'))
            if operator:
                return {"<>": "!=", "=": "==", "^": "**", "&": "+"}.get(operator, operator)
            where = sheet if other is None else other[1:-2].replace("''", "'")
            if rest is None:
                return f"_v({where!r}, {first!r})"
            return f"*_r({where!r}, {first + rest!r})"

        names = {
            "_v": self.value,
            "_r": self._range,
            "IF": lambda condition, then, otherwise: then if condition else otherwise,
            "AND": lambda *parts: all(parts),
            "OR": lambda *parts: any(parts),
            "SUM": lambda *parts: sum(parts),
            "ABS": abs,
            "MIN": min,
            "MAX": max,
            "ROUND": _rounded,
        }
        code = _TOKEN.sub(token, formula)
        try:
            return eval(_lazy(code), {"__builtins__": {}}, names)  # noqa: S307 (our own formulas)
        except ZeroDivisionError:
            return "#DIV/0!"

    def _range(self, sheet, cells):
        first, top, last, bottom = range_boundaries(cells.replace("$", ""))
        rows = itertools.product(range(top, bottom + 1), range(first, last + 1))
        return [self.value(sheet, self.book[sheet].cell(row, column).coordinate) for row, column in rows]


def _lazy(code):
    """Return an expression of Python in which the arms of IF are evaluated only where they are chosen."""
    import ast

    class Arms(ast.NodeTransformer):
        def visit_Call(self, node):
            self.generic_visit(node)
            if isinstance(node.func, ast.Name) and node.func.id == "IF":
                return ast.IfExp(*node.args[:2], node.args[2])
            return node

    return compile(ast.fix_missing_locations(Arms().visit(ast.parse(code, mode="eval"))), "formula", "eval")


def formula_values(written, changes=None):
    """Return what the formulas of a workbook give where some inputs are others, by the name of the quantity."""
    at = {
        (written.places[name].sheet, written.places[name].within(written.places[name].sheet)): written.shown(value)
        for name, value in (changes or {}).items()
    }
    sheets = Sheets(written.formulas, at)
    return {name: sheets.value(place.sheet, place.within(place.sheet)) for name, place in written.places.items()}


# hecon's own verbs --------------------------------------------------------------------------------------------------


def by_verbs(assessment, values):
    """Return what hecon's verbs give for the inputs of a calculation, by the names of its quantities."""
    return {
        **comparisons_by_verbs(assessment, values),
        **_burden(assessment, values),
        **(budget_by_verbs(assessment.budget, values) if assessment.budget is not None else {}),
    }


def comparisons_by_verbs(assessment, values):
    found = {}
    for place, result in enumerate(assessment.comparisons):
        own = f"comparison.{place}"
        if f"{own}.delta_cost" not in values:
            continue
        cost, effect, spec = values[f"{own}.delta_cost"], values[f"{own}.delta_effect"], result.spec
        draws = hecon.from_arrays(
            [[0.0, cost]], [[0.0, effect]], strategies=["other", "one"], comparator="other", effect_unit="QALY"
        )
        pair = hecon.icer(draws).sel(strategy="one")
        quadrant, ratio = str(pair["quadrant"].values), float(pair["icer"])
        found[f"{own}.quadrant"] = f"quadrant.{'axis' if quadrant == '=' else quadrant}"
        found[f"{own}.icer"] = ratio if np.isfinite(ratio) else "none"
        always = {"cost-effective": "always", "not cost-effective": "never", None: "none"}
        found[f"{own}.dominance"] = always[dominance(cost, effect)]
        at = 0
        while f"{own}.at.{at}" in values:
            found |= _judged(own, str(at), spec, (cost, effect), values[f"{own}.at.{at}"])
            at += 1
        reference = values.get("burden.reference")
        if f"{own}.net_benefit.reference" in values and reference != "none":
            found |= _judged(own, "reference", spec, (cost, effect), reference)
    return found


def _judged(own, name, spec, deltas, value):
    judged = judge(*deltas, reference_value=value)
    net, word = judged.net_benefit, {"cost-effective": "good", "not cost-effective": "bad", "equal": "equal"}
    option = "equal" if net == 0 else f"option.{spec.intervention if net > 0 else spec.comparator}"
    return {
        f"{own}.net_benefit.{name}": net,
        f"{own}.preferred.{name}": option,
        f"{own}.verdict.{name}": word[judged.conclusion],
        f"{own}.edge.{name}": "yes" if judged.edge and judged.conclusion != "equal" else "no",
    }


def rules_with(assessment, values):
    """Return the rules of an assessment with the edges and the values of a calculation's inputs."""
    rules = assessment.rules
    held = rules.values_on()
    bands = tuple(
        band.model_copy(
            update={
                "from_": values.get(f"rules.band.{place}.from", band.from_),
                "value": values.get(f"rules.band.{place}.value", band.value),
            }
        )
        for place, band in enumerate(held.band)
    )
    return rules.model_copy(update={"values": (held.model_copy(update={"band": bands}),)})


def _burden(assessment, values):
    rules, found = rules_with(assessment, values), {}
    band = "not judged"
    if "burden.computed_band" in values:
        burden = hecon.shortfall(
            population_qalys=values["burden.population"], remaining_qalys=values["burden.patients"], rules=rules
        )
        band = burden.band
        found = {
            "burden.absolute": burden.absolute,
            "burden.proportional": burden.proportional,
            "burden.computed_band": f"band.{burden.band}",
            "burden.remark": burden.remark.replace(" ", "_") or "none",
            "burden.near_edge": "yes" if burden.near_edge else "no",
        }
    judged = values.get("burden.judged", "band.not judged").removeprefix("band.")
    counts = band if judged == "not judged" else judged
    if "burden.counts" in values:
        value = None if counts == "not judged" else hecon.reference_value(counts, rules=rules)
        found |= {"burden.counts": f"band.{counts}", "burden.reference": "none" if value is None else value}
    return found


def budget_by_verbs(result, values):
    """Return the budget impact at the inputs of a calculation, by the names of its quantities."""
    found = {}
    plan = result.plan
    ways = [("budget", plan.conventions if result.lead == "stated" else plan.as_printed)]
    if result.other is not None:
        ways.append(("budget_other", plan.as_printed if result.lead == "stated" else plan.conventions))
    for part, conventions in ways:
        changed = _plan_with(plan, values)
        counting = _conventions_with(conventions, plan, values, part)
        scenarios = {
            name: {each: values[f"{part}.parameter.{each}.{name}"] for each in plan.parameters}
            for name in result.scenarios
        }
        impact = hecon.budget_impact(changed, scenarios=scenarios, conventions=counting)
        for name, (place, year) in itertools.product(scenarios, enumerate(plan.years)):
            found |= _impact_at(part, impact.sel(scenario=name, year=year), f"{name}.{place}", plan)
    return found


def _impact_at(part, at, end, plan):
    found = {f"{part}.patients.{end}": float(at["patients"])}
    if not plan.priced:
        return found
    for name, key in (("total", "total"), ("total_to_date", "to_date"), ("per_patient", "per_patient")):
        value = float(at[name])
        found[f"{part}.{key}.{end}"] = "none" if np.isnan(value) else value
    found |= {f"{part}.{key}.{end}": float(at[key].sum()) for key in ("added", "saved")}
    found[f"{part}.outside_net.{end}"] = float(at["outside_net"].sum())
    for sector in at["sector"].values:
        own = at.sel(sector=sector)
        found[f"{part}.sector.{sector}.now.{end}"] = float(own["current"])
        found[f"{part}.sector.{sector}.change.{end}"] = float(own["net"])
    return found


def _plan_with(plan, values):
    def number(name, formula):
        return values.get(name, formula)

    def population(each):
        own = f"budget.population.{each.id}"

        def flows(pathway):
            return tuple(
                dataclasses.replace(
                    flow,
                    **{
                        key: number(f"{own}.{pathway}.{flow.id}.{key}", getattr(flow, key))
                        for key in ("share", "quantity", "price")
                    },
                )
                for flow in getattr(each, pathway)
            )

        return dataclasses.replace(
            each,
            size=number(f"{own}.size", each.size),
            extra_demand=number(f"{own}.extra_demand", each.extra_demand),
            **{pathway: flows(pathway) for pathway in ("current", "new", "extra")},
        )

    amounts = tuple(
        dataclasses.replace(
            each,
            by_year=tuple(
                number(f"budget.amount.{each.id}.{year}", value)
                for year, value in zip(plan.years, each.by_year, strict=True)
            ),
        )
        for each in plan.amounts
    )
    # The scenarios are given by value, so that the plan's own ranges have no part.
    free = {name: dataclasses.replace(each, value=each.middle, range=None) for name, each in plan.parameters.items()}
    return dataclasses.replace(
        plan,
        parameters=free,
        populations=tuple(map(population, plan.populations)),
        amounts=amounts,
        scenarios={},
        printed=(),
        substitution=None,
        as_printed=None,
    )


def _conventions_with(conventions, plan, values, part):
    """Return conventions by the inputs: those of the other way of counting where they differ, else those they share."""

    def number(key, value):
        if isinstance(value, str):
            return value
        own, shared = f"budget.other.convention.{key}", f"budget.convention.{key}"
        return values[own] if part == "budget_other" and own in values else values.get(shared, value)

    def word(key, value):
        own, shared = f"budget_other.convention.{key}", f"budget.convention.{key}"
        name = own if part == "budget_other" and own in values else shared
        return values.get(name, f"convention.{value}").removeprefix("convention.")

    return dataclasses.replace(
        conventions,
        uptake=tuple(number(f"uptake.{year}", each) for year, each in zip(plan.years, conventions.uptake, strict=True)),
        cap=number("cap", conventions.cap),
        cap_rule=word("cap_rule", conventions.cap_rule),
        inflation=tuple(
            number(f"inflation.{year}", each)
            for year, each in zip(plan.years, conventions.inflation, strict=bool(conventions.inflation))
        ),
        inflation_rule=word("inflation_rule", conventions.inflation_rule),
        **{
            key: number(key, getattr(conventions, key))
            for key in ("demographic_growth", "discount_rate", "deductible_share")
        },
    )


def not_as_verbs(assessment, calculation, changes, verbs=by_verbs):
    """Return the quantities that are not what hecon's verbs give where some inputs are others."""
    values = evaluated(calculation, changes)
    expected = verbs(assessment, values)
    return [
        (name, values[name], value)
        for name, value in expected.items()
        if name in values and not same(values[name], value)
    ]


def stale_as_should(calculation, changes):
    """Return the simulated quantities whose state is wrong: stale where, and only where, they rest on a change."""
    values = evaluated(calculation, changes)
    return [
        name
        for name, each in calculation.quantities.items()
        if each.rests_on
        and values[f"{name}/state"] != ("stale" if set(each.rests_on) & set(changes) else "not_recalculated")
    ]
