"""A budget impact as a calculation: volumes, shares, prices and indexation, per scenario and year, and their totals."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, get_args

from hecon.assessment.calculation.records import (
    NONE,
    STATE,
    Calculation,
    Caption,
    Ledger,
    QuantityRow,
    QuantityTable,
    call,
    code,
    decimals_of,
    number,
    ref,
    total,
)
from hecon.budget.engine import resources
from hecon.budget.impact import checked_conventions
from hecon.budget.records import INSIDE, PATHWAYS, SECTORS, CapRule, InflationRule, under_deductible
from hecon.dossier.budget import names_of
from hecon.printed.formulas import fold

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    import xarray as xr

    from hecon.assessment.budgets import BudgetResult
    from hecon.assessment.calculation.records import Expression
    from hecon.budget.engine import Resource
    from hecon.budget.plan import Plan
    from hecon.budget.records import Conventions, Flow, Formula, Parameter, Population
    from hecon.dossier.budget import BudgetPart
    from hecon.dossier.loading import Dossier
    from hecon.files.parts import Reference

__all__ = ["budget_tables", "calculate_budget", "calculate_together"]

Inputs = list[QuantityRow]
_WORDS = {"minimum": ("low", "high", "middle"), "maximum": ("high", "low", "middle")}
_ANY = ("middle", "low", "high")


def budget_tables(result: BudgetResult, dossier: Dossier, ledger: Ledger) -> dict[str, tuple[QuantityTable, ...]]:
    """Add a budget impact by each way of counting it; return the tables by part."""
    plan = result.plan
    given = _Given(plan, dossier.budget_part, ledger)
    paths = {each.id: (f"figure[{place}]",) for place, each in enumerate(dossier.figure)}
    sources = {name: figure.sources for figure in dossier.figure for name in names_of(figure)}
    for name, parameter in plan.parameters.items():
        given.parameter(name, parameter, sources.get(name, (parameter.source,)), paths.get(name, ()))
    parts: dict[str, tuple[QuantityTable, ...]] = {}
    chosen = checked_conventions(plan, result.lead)
    ways = [("budget", result.main, chosen)]
    if result.other is not None:
        other = plan.conventions if chosen is plan.as_printed else plan.as_printed
        assert other is not None  # noqa: S101 (it was counted)
        ways.append(("budget_other", result.other, other))
    for part, impact, conventions in ways:
        counted = _Counted(part, given, impact, conventions)
        parts[f"{part}_values"], parts[f"{part}_years"] = counted.values(), counted.years()
    inputs = QuantityTable(Caption("budget", plan), (Caption("column", "value"),), tuple(given.rows))
    return {"inputs": (inputs,), **parts, "simulated": _simulated(result, given)}


def _simulated(result: BudgetResult, given: _Given) -> tuple[QuantityTable, ...]:
    """Add the interval of draws and the break-even values, which no formula gives."""
    ledger, rows = given.ledger, []
    rests = tuple(row.cells[0] for row in given.rows if row.cells[0] is not None)
    if result.interval is not None:
        about: dict[str, Any] = {"kind": "money", "unit": result.plan.currency}
        ends = [ledger.take(f"budget.interval.{at}", end, rests, **about) for at, end in enumerate(result.interval)]
        rows.append(QuantityRow(Caption("budget_interval", result.plan.years[-1]), (*ends, ends[-1] + STATE)))
    for scenario, values in result.break_even.items():
        for at, value in enumerate(values):
            name = ledger.take(f"budget.break_even.{scenario}.{at}", value, rests)
            rows.append(QuantityRow(Caption("break_even", (result.plan, scenario)), (name, None, name + STATE)))
    columns = tuple(Caption("column", key) for key in ("value_or_low", "high", "state"))
    return (QuantityTable(Caption("budget_simulated"), columns, tuple(rows)),)


@dataclass
class _Given:
    """The inputs of a plan, and the rows that show them."""

    plan: Plan
    part: BudgetPart | None
    ledger: Ledger
    rows: Inputs = field(default_factory=list)
    # Of each input that a convention gave: its value, so that two ways of counting share what they have alike.
    conventions: dict[tuple[str, Any], str] = field(default_factory=dict)

    def parameter(
        self, name: str, parameter: Parameter, sources: tuple[Reference | str, ...], paths: tuple[str, ...]
    ) -> None:
        """Add the value and the range of a parameter."""
        about: dict[str, Any] = {
            "status": parameter.status,
            "sources": tuple(filter(None, sources)),
            "remarks": (parameter.note,) if parameter.note else (),
        }
        numbers = {} if parameter.value is None else {"value": parameter.value}
        numbers |= {} if parameter.range is None else dict(zip(("low", "high"), parameter.range, strict=True))
        for key, value in numbers.items():
            self._give(
                f"parameter.{name}.{key}", value, Caption("parameter_of_plan", (name, parameter, key)), paths, about
            )
            paths = ()
            about["remarks"] = ()

    def _give(
        self,
        name: str,
        value: float,
        caption: Caption,
        paths: tuple[str, ...] = (),
        about: Mapping[str, Any] | None = None,
    ) -> str:
        full = f"budget.{name}"
        shown: dict[str, Any] = {"kind": "number", "decimals": decimals_of(value), "paths": paths, **(about or {})}
        self.ledger.give(full, float(value), **shown)
        self.rows.append(QuantityRow(caption, (full,)))
        return full

    def stated(
        self, path: str, formula: Formula, caption: Caption, default: float | None = None
    ) -> Formula | Expression:
        """Return a formula of the plan as it stands, or the input that a plain number of the plan is."""
        if isinstance(formula, str):
            return formula
        if default is not None and float(formula) == default:
            return number(default)
        name = f"budget.{path}"
        return ref(name if name in self.ledger.quantities else self._give(path, float(formula), caption))

    def convention(self, part: str, key: str, value: Any, caption: Caption, choices: tuple[str, ...] = ()) -> Any:  # noqa: ANN401
        """Return a convention as it stands where it is a formula, else the input that it is."""
        if isinstance(value, str) and not choices:
            return value
        known = (key, value)
        if known not in self.conventions:
            about = self._source(key, value)
            if choices:
                coded = tuple(f"convention.{each}" for each in choices)
                name = f"{part}.{key}"
                self.ledger.give(name, f"convention.{value}", kind="code", choices=coded, **about)
                self.rows.append(QuantityRow(caption, (name,)))
            else:
                name = self._give(key if part == "budget" else f"other.{key}", float(value), caption, about=about)
            self.conventions[known] = name
        return ref(self.conventions[known])

    def _source(self, key: str, value: Any) -> dict[str, Any]:  # noqa: ANN401
        """Return the status of a convention and where it stands.

        What the text leaves open was chosen; what is not as stated follows from the printed totals.
        """
        if self.part is None:
            return {}
        _, name, *rest = key.split(".")
        stated = getattr(self.plan.conventions, name)
        if rest:
            stated = stated[self.plan.years.index(int(rest[0]))]
        if stated != value:
            basis = self.part.as_printed
            return {"status": "derived", "remarks": () if basis is None else (basis.basis,)}
        status = "assumed" if name in self.plan.open_conventions else "reported"
        return {"status": status, "sources": self.part.conventions.sources}


class _Counted:
    """One way of counting a plan: its quantities by scenario and year."""

    def __init__(self, part: str, given: _Given, impact: xr.Dataset, conventions: Conventions) -> None:
        self.part, self.given, self.plan, self.ledger = part, given, given.plan, given.ledger
        self.impact, self.conventions = impact, conventions
        self.scenarios: dict[str, Mapping[str, float]] = impact.attrs["scenarios"]
        self.money: dict[str, Any] = {"kind": "money", "unit": self.plan.currency}
        self.resources: tuple[Resource, ...] = resources(self.plan)
        # Names by what they are of and the scenario: ("spent", population, pathway, flow) and so on.
        self.names: dict[tuple[Any, ...], str] = {}

    def _add(self, key: tuple[Any, ...], formula: Expression, **about: Any) -> str:  # noqa: ANN401
        name = ".".join([self.part, *map(str, key)])
        self.names[key] = self.ledger.work_out(name, formula, **about)
        return name

    def _ref(self, *key: object) -> Expression:
        return ref(self.names[key])

    def _at(self, formula: Formula | Expression, scenario: str) -> Expression:
        """Return a formula over the parameters of a scenario."""
        if not isinstance(formula, (str, float, int)):
            return formula
        found: Expression = fold(formula, lambda name: self._ref("parameter", name, scenario), number)
        return found

    # Values by scenario -----------------------------------------------------------------------------------------------

    def values(self) -> tuple[QuantityTable, ...]:
        """Add the values of each scenario: parameters, patients, and what a patient of each pathway uses."""
        columns = tuple(Caption("scenario", (self.plan, name)) for name in self.scenarios)
        rows = [self._parameter_row(name) for name in self.plan.parameters]
        tables = [QuantityTable(Caption("parameters"), columns, tuple(rows))]
        tables += [
            QuantityTable(Caption("population", each), columns, tuple(self._population_rows(each)))
            for each in self.plan.populations
        ]
        tables += [
            QuantityTable(Caption("pathway", (each, pathway)), columns, tuple(self._flow_rows(each, pathway)))
            for each in self.plan.populations
            for pathway in PATHWAYS
            if getattr(each, pathway)
        ]
        return tuple(tables)

    def _row(
        self,
        caption: Caption,
        key: tuple[Any, ...],
        formula: Callable[[str], Expression],
        **about: Any,  # noqa: ANN401
    ) -> QuantityRow:
        cells = tuple(self._add((*key, scenario), formula(scenario), **about) for scenario in self.scenarios)
        return QuantityRow(caption, cells)

    def _parameter_row(self, name: str) -> QuantityRow:
        parameter = self.plan.parameters[name]
        digits = max(decimals_of(each) for each in (*parameter.ends, parameter.middle))

        def formula(scenario: str) -> Expression:
            return self._chosen(name, parameter, scenario)

        return self._row(Caption("parameter_value", (name, parameter)), ("parameter", name), formula, decimals=digits)

    def _chosen(self, name: str, parameter: Parameter, scenario: str) -> Expression:
        """Return the end or the middle of its range that a parameter has in a scenario, or a number of its own."""
        value = float(self.scenarios[scenario][name])
        words = parameter.by_word
        for word in _WORDS.get(scenario, _ANY):
            if value == words[word]:
                return self._word(name, parameter, word)
        stated = f"{self.part}.setting.{scenario}.{name}"
        self.ledger.give(stated, value, decimals=decimals_of(value))
        self.given.rows.append(QuantityRow(Caption("setting", (self.plan, scenario, name, parameter)), (stated,)))
        return ref(stated)

    @staticmethod
    def _word(name: str, parameter: Parameter, word: str) -> Expression:
        own = f"budget.parameter.{name}"
        if parameter.range is not None and word != "middle":
            return ref(f"{own}.{word}")
        if parameter.value is not None:
            return ref(f"{own}.value")
        return (ref(f"{own}.low") + ref(f"{own}.high")) / number(2)

    def _population_rows(self, population: Population) -> Iterator[QuantityRow]:
        own = f"population.{population.id}"
        size = self.given.stated(f"{own}.size", population.size, Caption("size", population))
        extra = self.given.stated(
            f"{own}.extra_demand", population.extra_demand, Caption("extra_demand", population), 0.0
        )
        yield self._row(
            Caption("size"),
            ("size", population.id),
            lambda scenario: self._at(size, scenario),
            kind="number",
            decimals=0,
        )
        if extra != number(0):
            yield self._row(
                Caption("extra_demand"),
                ("extra", population.id),
                lambda scenario: self._at(extra, scenario),
                decimals=4,
            )

    def _flow_rows(self, population: Population, pathway: str) -> Iterator[QuantityRow]:
        for flow in getattr(population, pathway):
            own, key = f"population.{population.id}.{pathway}.{flow.id}", (population.id, pathway, flow.id)
            about = (population, pathway, flow)
            stated = {
                "share": self.given.stated(f"{own}.share", flow.share, Caption("flow_input", (*about, "share")), 1.0),
                "quantity": self.given.stated(
                    f"{own}.quantity", flow.quantity, Caption("flow_input", (*about, "quantity")), 1.0
                ),
            }
            if flow.price is not None:
                stated["price"] = self.given.stated(
                    f"{own}.price", flow.price, Caption("flow_input", (*about, "price"))
                )
            for name, formula in stated.items():
                yield self._row(
                    Caption("flow", (flow, name)),
                    (name, *key),
                    lambda scenario, formula=formula: self._at(formula, scenario),  # type: ignore[misc]
                    **({**self.money, "decimals": 2} if name == "price" else {"kind": "number", "decimals": 2}),
                )
            yield self._product("units", flow, key, ("share", "quantity"), kind="number", decimals=2)
            if flow.price is not None:
                yield self._product("spent", flow, key, ("units", "price"), **self.money, decimals=2)

    def _product(
        self,
        name: str,
        flow: Flow,
        key: tuple[str, ...],
        of: tuple[str, str],
        **about: Any,  # noqa: ANN401
    ) -> QuantityRow:
        def formula(scenario: str) -> Expression:
            return self._ref(of[0], *key, scenario) * self._ref(of[1], *key, scenario)

        return self._row(Caption("flow", (flow, name)), (name, *key), formula, **about)

    # By year ----------------------------------------------------------------------------------------------------------

    def years(self) -> tuple[QuantityTable, ...]:
        """Add what is counted in each year of each scenario, and the totals."""
        self._at_years()
        tables = [self._table("counting", [*self._uptake(), *self._people()]), self._table("units", [*self._units()])]
        if self.plan.priced:
            tables += [self._table("spending", [*self._spending()]), self._table("totals", [*self._totals()])]
        return tuple(tables)

    def _table(self, key: str, rows: Sequence[QuantityRow]) -> QuantityTable:
        columns = tuple(
            Caption("scenario_year", (self.plan, scenario, year))
            for scenario in self.scenarios
            for year in self.plan.years
        )
        return QuantityTable(Caption(key), columns, tuple(rows))

    def _yearly(
        self,
        caption: Caption,
        key: tuple[Any, ...],
        formula: Callable[[str, int], Expression],
        **about: Any,  # noqa: ANN401
    ) -> QuantityRow:
        cells = tuple(
            self._add((*key, scenario, place), formula(scenario, place), **about)
            for scenario in self.scenarios
            for place in range(len(self.plan.years))
        )
        return QuantityRow(caption, cells)

    def _at_years(self) -> None:
        """Read the conventions: inputs where they are numbers or one of some words."""
        chosen, years, convention = self.conventions, self.plan.years, self.given.convention
        part = self.part

        def of(key: str, value: Any, year: int | None = None, choices: tuple[str, ...] = ()) -> Any:  # noqa: ANN401
            named = key if year is None else f"{key}.{year}"
            return convention(part, f"convention.{named}", value, Caption("convention", (key, year, part)), choices)

        self.uptake = [of("uptake", value, year) for value, year in zip(chosen.uptake, years, strict=False)]
        self.cap = of("cap", chosen.cap)
        self.cap_rule = of("cap_rule", chosen.cap_rule, choices=get_args(CapRule))
        self.inflation: list[Any] = []
        if self.plan.priced and chosen.inflation:
            self.inflation = [
                of("inflation", value, year) for value, year in zip(chosen.inflation, years, strict=False)
            ]
            self.inflation_rule = of("inflation_rule", chosen.inflation_rule, choices=get_args(InflationRule))
        self.growth = of("demographic_growth", chosen.demographic_growth) if self.plan.base_year else number(0)
        self.discount_rate = of("discount_rate", chosen.discount_rate) if self.plan.priced else number(0)
        own = self.plan.priced and chosen.deductible_share
        self.deductible = of("deductible_share", chosen.deductible_share) if own else None

    def _uptake(self) -> Iterator[QuantityRow]:
        def uptake(scenario: str, place: int) -> Expression:
            path, cap = self._at(self.uptake[place], scenario), self._at(self.cap, scenario)
            ceiling = call("=", self.cap_rule, code("convention.ceiling"))
            return call("IF", ceiling, call("MIN", path, cap), path * cap)

        def index(scenario: str, place: int) -> Expression:
            risen = self._at(self.inflation[place], scenario) + number(1)
            before = self._ref("index", scenario, place - 1) if place else number(1)
            cumulative = call("=", self.inflation_rule, code("convention.cumulative"))
            none = call("=", self.inflation_rule, code("convention.none"))
            return call("IF", none, number(1), call("IF", cumulative, before * risen, risen))

        yield self._yearly(Caption("uptake"), ("uptake",), uptake, kind="number", decimals=4)
        if self.inflation:
            yield self._yearly(Caption("price_index"), ("index",), index, kind="number", decimals=4)
        if self.plan.priced:
            yield self._yearly(
                Caption("discount_factor"),
                ("discount",),
                lambda _, place: number(1) / call("^", number(1) + self.discount_rate, number(place)),
                kind="number",
                decimals=4,
            )

    def _people(self) -> Iterator[QuantityRow]:
        for each in self.plan.populations:

            def there(scenario: str, place: int, each: Population = each) -> Expression:
                since = self.plan.years[place] - (self.plan.base_year or self.plan.years[place])
                grown = call("^", number(1) + self.growth, number(since)) if since else number(1)
                return self._ref("size", each.id, scenario) * grown

            def treated(scenario: str, place: int, each: Population = each) -> Expression:
                people = self._ref("people", each.id, scenario, place) * self._ref("uptake", scenario, place)
                return people * (number(1) + self._extra(each, scenario))

            yield self._yearly(Caption("people", each), ("people", each.id), there, kind="number", decimals=0)
            yield self._yearly(Caption("treated", each), ("treated", each.id), treated, kind="number", decimals=0)
        yield self._yearly(
            Caption("patients"),
            ("patients",),
            lambda scenario, place: total(
                self._ref("treated", each.id, scenario, place) for each in self.plan.populations
            ),
            kind="number",
            decimals=0,
        )

    def _extra(self, population: Population, scenario: str) -> Expression:
        key = ("extra", population.id, scenario)
        return self._ref(*key) if key in self.names else number(0)

    def _used(self, row: Resource, pathway: str, scenario: str, what: str) -> Expression | None:
        """Return what a patient of a pathway uses of a resource: units, or spending inside or outside the budget."""
        parts = []
        for population in self.plan.populations:
            if population.id != row.population:
                continue
            for flow in getattr(population, pathway):
                if (flow.id, flow.sector) == (row.flow, row.sector):
                    part = self._part(
                        flow,
                        self._ref("units" if what == "units" else "spent", population.id, pathway, flow.id, scenario),
                        what,
                    )
                    parts += [] if part is None else [part]
        return total(parts) if parts else None

    def _part(self, flow: Any, spent: Expression, what: str) -> Expression | None:  # noqa: ANN401
        """Return the part of spending that is inside, or outside, the budget; units are whole."""
        if what == "units":
            return spent
        own = self.deductible if under_deductible(flow.sector, flow.payer) else None
        if what == "inside":
            if flow.payer not in INSIDE:
                return None
            return spent if own is None else spent * (number(1) - own)
        if flow.payer not in INSIDE:
            return spent
        return None if own is None else spent * own

    def _current_and_change(
        self, row: Resource, what: str, scenario: str, place: int
    ) -> tuple[Expression | None, Expression | None]:
        """Return what is used of a resource now in a year, and the change by the new situation."""
        if not row.population:
            return None, self._amount(row, what, scenario, place)
        population = next(each for each in self.plan.populations if each.id == row.population)
        now, then = (self._used(row, pathway, scenario, what) for pathway in ("current", "new"))
        added = self._used(row, "extra", scenario, what) if population.extra else then
        factor = self._ref("people", population.id, scenario, place)
        if what != "units":
            factor = self._priced(scenario, place) * factor
        per_patient = number(0) if then is None else then
        per_patient = per_patient if now is None else per_patient - now
        if added is not None and ("extra", population.id, scenario) in self.names:
            per_patient += self._extra(population, scenario) * added
        change = (
            None
            if (now, then, added) == (None, None, None)
            else factor * self._ref("uptake", scenario, place) * per_patient
        )
        return None if now is None else factor * now, change

    def _priced(self, scenario: str, place: int) -> Expression:
        discount = self._ref("discount", scenario, place)
        return self._ref("index", scenario, place) * discount if self.inflation else discount

    def _amount(self, row: Resource, what: str, scenario: str, place: int) -> Expression | None:
        """Return what is taken over as an amount in a year."""
        amount = next(each for each in self.plan.amounts if each.id == row.flow)
        if what == "units":
            return None
        year = self.plan.years[place]
        stated = self.given.stated(
            f"amount.{amount.id}.{year}", amount.by_year[place], Caption("amount", (amount, year))
        )
        return self._part(amount, self._at(stated, scenario) * self._ref("discount", scenario, place), what)

    def _resource_rows(self, what: str, about: dict[str, Any]) -> Iterator[QuantityRow]:
        """Yield the rows of each resource: what is used now, the change, and the new situation."""
        first = (next(iter(self.scenarios)), 0)
        for row in self.resources:
            own = (what, row.population, row.flow)
            now, change = self._current_and_change(row, what, *first)
            if change is None:
                continue

            def current(scenario: str, place: int, row: Resource = row) -> Expression:
                return self._current_and_change(row, what, scenario, place)[0] or number(0)

            def changed(scenario: str, place: int, row: Resource = row) -> Expression:
                return self._current_and_change(row, what, scenario, place)[1] or number(0)

            named = (self.plan, row)
            if now is not None:
                yield self._yearly(Caption(f"{what}_now", named), (*own, "now"), current, **about)
            yield self._yearly(Caption(f"{what}_change", named), (*own, "change"), changed, **about)

    def _units(self) -> Iterator[QuantityRow]:
        yield from self._resource_rows("units", {"kind": "number", "decimals": 0})

    def _spending(self) -> Iterator[QuantityRow]:
        yield from self._resource_rows("inside", self.money)
        yield from self._resource_rows("outside", self.money)

    def _sums(self, what: str, key: str, scenario: str, place: int, sector: str | None = None) -> list[Expression]:
        """Return the parts of a sum over the resources, of one sector or all."""
        names = [
            (what, row.population, row.flow, key, scenario, place)
            for row in self.resources
            if sector is None or row.sector == sector
        ]
        return [self._ref(*name) for name in names if name in self.names]

    def _totals(self) -> Iterator[QuantityRow]:
        sectors = [each for each in SECTORS if any(row.sector == each for row in self.resources)]
        for sector in sectors:
            for key in ("now", "change"):
                yield self._yearly(
                    Caption(f"sector_{key}", sector),
                    ("sector", sector, key),
                    lambda scenario, place, key=key, sector=sector: total(  # type: ignore[misc]
                        self._sums("inside", key, scenario, place, sector)
                    ),
                    **self.money,
                )
        for key, sign in (("added", 1.0), ("saved", -1.0)):
            yield self._yearly(
                Caption(key),
                (key,),
                lambda scenario, place, sign=sign: total(  # type: ignore[misc]
                    call("MAX", number(sign) * each, number(0))
                    for each in self._sums("inside", "change", scenario, place)
                ),
                **self.money,
            )
        yield self._yearly(
            Caption("total"),
            ("total",),
            lambda scenario, place: total(self._ref("sector", each, "change", scenario, place) for each in sectors),
            **self.money,
        )
        yield self._yearly(Caption("to_date"), ("to_date",), self._to_date, **self.money)
        yield self._yearly(Caption("per_patient"), ("per_patient",), self._per_patient, **self.money, decimals=2)
        if any(name[:1] == ("outside",) for name in self.names):
            yield self._yearly(
                Caption("outside"),
                ("outside_net",),
                lambda scenario, place: total(self._sums("outside", "change", scenario, place)),
                **self.money,
            )

    def _to_date(self, scenario: str, place: int) -> Expression:
        now = self._ref("total", scenario, place)
        return now if not place else self._ref("to_date", scenario, place - 1) + now

    def _per_patient(self, scenario: str, place: int) -> Expression:
        patients = self._ref("patients", scenario, place)
        over = self._ref("total", scenario, place) / patients
        return call("IF", call(">", patients, number(0)), over, code(NONE))


def calculate_budget(result: BudgetResult, dossier: Dossier) -> Calculation:
    """Return a budget impact alone as formulas over its inputs."""
    ledger = Ledger()
    return ledger.calculation(budget_tables(result, dossier, ledger))


def calculate_together(together: xr.Dataset, dossiers: Sequence[Dossier]) -> Calculation:
    """Return the sum of several budget impacts, as `hecon.budget.combine` gives it, over the totals of each."""
    ledger = Ledger()
    years = [int(each) for each in together["year"].values]
    scenarios = [str(each) for each in together["scenario"].values]
    money: dict[str, Any] = {"kind": "money", "unit": str(together.attrs["currency"])}
    at = [(scenario, year) for scenario in scenarios for year in years]
    inputs, rows = [], []
    for place, dossier in enumerate(dossiers):
        cells = []
        for scenario, year in at:
            value = float(together["total"].sel(plan=dossier.name, scenario=scenario, year=year))
            about = {**money, "status": "derived", "remarks": (Caption("plan_total_why"),)}
            cells.append(ledger.give(f"together.{place}.{scenario}.{year}", value, **about))
            inputs.append(QuantityRow(Caption("plan_total", (dossier, scenario, year)), (cells[-1],)))
        shown = (ledger.work_out(f"{cell}/shown", ref(cell), **money) for cell in cells)
        rows.append(QuantityRow(Caption("plan", dossier), tuple(shown)))
    sums, to_date = [], []
    for scenario, year in at:
        parts = (ref(f"together.{place}.{scenario}.{year}") for place in range(len(dossiers)))
        sums.append(ledger.work_out(f"together.total.{scenario}.{year}", total(parts), **money))
        before = f"together.to_date.{scenario}.{year - 1}"
        summed = ref(sums[-1]) + ref(before) if before in ledger.quantities else ref(sums[-1])
        to_date.append(ledger.work_out(f"together.to_date.{scenario}.{year}", summed, **money))
    rows += [QuantityRow(Caption("grand_total"), tuple(sums)), QuantityRow(Caption("grand_to_date"), tuple(to_date))]
    columns = tuple(Caption("scenario_year", (None, *each)) for each in at)
    tables = {
        "inputs": (QuantityTable(Caption("plan_totals"), (Caption("column", "value"),), tuple(inputs)),),
        "together": (QuantityTable(Caption("totals"), columns, tuple(rows)),),
    }
    return ledger.calculation(tables)
