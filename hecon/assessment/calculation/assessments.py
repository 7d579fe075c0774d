"""The burden of disease as formulas, and an assessment as a calculation that can be done again with other inputs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hecon.assessment.calculation.budgets import budget_tables
from hecon.assessment.calculation.comparisons import compared, given_values, result_tables, simulated_tables
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
    number,
    ref,
)
from hecon.dossier.burden import NOT_JUDGED
from hecon.printed.numbers import decimals

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hecon.assessment.calculation.records import Expression
    from hecon.assessment.records import Assessment
    from hecon.rulesets.parts import RuleValues

__all__ = ["Burdened", "burden_inputs", "burden_tables", "calculate"]


# How the names of its quantities begin.
_OF = "burden."
# A shortfall is rounded to this many decimals before it is rounded to those of the rules, as in `hecon.rules.burden`.
_DIGITS = 10
# Less than a unit of the last of those digits: it lifts a half over the rounding of binary arithmetic.
_LIFT = 1e-12


class Burdened:
    """Names of the quantities of a burden of disease: what it was computed from, QALYs, and the band as judged."""

    def __init__(self) -> None:
        self.rows: list[QuantityRow] = []
        self.stated: dict[str, str] = {}
        self.ends: dict[str, tuple[str, ...]] = {}
        self.population: str | None = None
        self.patients: str | None = None
        self.judged: str | None = None

    @property
    def drawn_from(self) -> tuple[str, ...]:
        """What the probabilities of the bands rest on: the ends of each range, else the value."""
        return tuple(each for name, value in self.stated.items() for each in self.ends.get(name, (value,)))


def burden_inputs(assessment: Assessment, ledger: Ledger) -> tuple[Burdened, QuantityTable]:
    """Add the inputs of the burden: the band as judged, what it was computed from, and QALYs as computed."""
    found = Burdened()
    judged, rule = assessment.dossier.burden, assessment.rules.values_on()
    # A burden that was given with the assessment goes before any judgement.
    if rule.band and (assessment.burden is None or assessment.own_burden):
        bands = tuple(f"band.{each}" for each in (*rule.bands, NOT_JUDGED))
        found.judged = ledger.give(
            _OF + "judged",
            f"band.{judged.band}",
            kind="code",
            choices=bands,
            status="reported",
            sources=judged.sources,
            remarks=(judged.basis,),
            paths=("burden",),
        )
        found.rows.append(QuantityRow(Caption("judged"), (found.judged,)))
    if assessment.burden is not None:
        _computed(assessment, found, ledger)
    return found, QuantityTable(Caption("burden"), (Caption("column", "value"),), tuple(found.rows))


def _computed(assessment: Assessment, found: Burdened, ledger: Ledger) -> None:
    """Add the inputs of the computation, and the QALYs with and without the disease."""
    assert assessment.burden is not None  # noqa: S101 (only then is it called)
    inputs = assessment.dossier.burden.inputs if assessment.own_burden else None
    for name, part in () if inputs is None else inputs.stated():
        about: dict[str, Any] = {"status": part.status, "sources": part.sources, "remarks": (part.basis,)}
        if isinstance(part.value, str):
            rest: Any = {"value": "rest_of_life", "kind": "code", "choices": ("rest_of_life",)}
        else:
            rest = {"value": float(part.value), "kind": "number", "decimals": decimals(part.value)}
        found.stated[name] = ledger.give(f"burden.{name}", **rest, **about)
        found.rows.append(QuantityRow(Caption("burden_input", (name, "value")), (found.stated[name],)))
        about["remarks"] = ()
        if part.range is not None:
            ends = []
            for key, end in zip(("low", "high"), part.range, strict=True):
                ends.append(ledger.give(f"burden.{name}.{key}", float(end), decimals=decimals(end), **about))
                found.rows.append(QuantityRow(Caption("burden_input", (name, key)), (ends[-1],)))
            found.ends[name] = tuple(ends)
    people = tuple(found.stated[name] for name in ("age", "female") if name in found.stated)
    given = found.stated.get("remaining_qalys")
    for name, value, rests in (
        ("population", assessment.burden.qale_population, people),
        ("patients", assessment.burden.qale_patients, tuple(found.stated.values())),
    ):
        if name == "patients" and given is not None:
            found.patients = ledger.work_out(_OF + "patients", ref(given), kind="effect", unit="QALY")
            continue
        added = ledger.give(
            f"burden.{name}",
            value,
            kind="effect",
            unit="QALY",
            status="derived" if rests else "computed",
            remarks=(Caption("computed_qalys"),) if rests else (),
            rests_on=rests,
        )
        setattr(found, name, added)
        found.rows.append(
            QuantityRow(Caption("qalys_population" if name == "population" else "qalys_patients"), (added,))
        )


def burden_tables(
    assessment: Assessment, found: Burdened, ledger: Ledger
) -> tuple[str | None, tuple[QuantityTable, ...], tuple[QuantityTable, ...]]:
    """Add the shortfall, its band, and the reference value that goes with the burden.

    Returns the name of the latter, None without bands, then the tables of results and of what was simulated.
    """
    rule = assessment.rules.values_on()
    rows: list[QuantityRow] = []
    band: Expression | None = None
    if found.population is not None and found.patients is not None and rule.band:
        band = ref(_shortfall(found, rule, rows, ledger))
    counts = _counting(found, band)
    reference = None
    if counts is not None:
        chosen = ledger.work_out(_OF + "counts", counts, kind="code")
        rows.append(QuantityRow(Caption("band_that_counts"), (chosen,)))
        formula = code(NONE)
        for place, each in enumerate(rule.band):
            if each.value is not None:
                is_it = call("=", ref(chosen), code(f"band.{each.name}"))
                formula = call("IF", is_it, ref(f"rules.band.{place}.value"), formula)
        reference = ledger.work_out(_OF + "reference", formula, kind="money", unit=assessment.rules.currency)
        rows.append(QuantityRow(Caption("reference_that_counts"), (reference,)))
    table = QuantityTable(Caption("burden"), (Caption("column", "value"),), tuple(rows))
    return reference, (table,), _simulated(assessment, found, ledger)


def _counting(found: Burdened, band: Expression | None) -> Expression | None:
    """Return the band that counts: as judged, else as computed; one that was given goes before the judgement."""
    computed = code(f"band.{NOT_JUDGED}") if band is None else band
    if found.judged is None:
        return band
    not_judged = call("=", ref(found.judged), code(f"band.{NOT_JUDGED}"))
    return call("IF", not_judged, computed, ref(found.judged))


def _shortfall(found: Burdened, rule: RuleValues, rows: list[QuantityRow], ledger: Ledger) -> str:
    """Add absolute and proportional shortfall, rounded half up in decimal arithmetic, and the band; return its name."""
    population, patients = ref(str(found.population)), ref(str(found.patients))

    def add(name: str, formula: Expression, kind: str, **about: Any) -> str:  # noqa: ANN401
        made = ledger.work_out(f"burden.{name}", formula, kind=kind, **about)
        rows.append(QuantityRow(Caption(name), (made,)))
        return made

    add("qalys_without", population, "effect", unit="QALY")
    add("qalys_with", patients, "effect", unit="QALY")
    absolute = add("absolute", population - patients, "effect", unit="QALY")
    share = ref(add("proportional", ref(absolute) / population, "number", decimals=4))
    measured = ref(absolute) if rule.absolute else share
    exact = call("ROUND", measured, number(_DIGITS))
    # Half up, in decimal arithmetic: a number of ten digits is lifted by less than one of them before it is rounded.
    lift = call("IF", call("<", measured, number(0)), number(-_LIFT), number(_LIFT))
    rounded = call("ROUND", exact + lift, number(rule.decimals))
    placed = ref(add("rounded", rounded, "number", decimals=rule.decimals))
    band: Expression = code(f"band.{rule.band[0].name}")
    near: list[Expression] = []
    unit = 10.0**-rule.decimals
    for at, each in enumerate(rule.band[1:], start=1):
        edge = ref(f"rules.band.{at}.from")
        reached = call(">=", placed, edge - number(unit / 10))
        band = call("IF", reached, code(f"band.{each.name}"), band)
        distance = call("ABS", exact - (edge - number(unit / 2)))
        near.append(call("<=", distance, number(unit + _LIFT)))
    made = add("computed_band", band, "code")
    if near:
        add("near_edge", call("IF", call("OR", *near), code("yes"), code("no")), "code")
    worse = call("IF", call(">", call("ROUND", share, number(_DIGITS)), number(1)), code("worse_than_dead"), code(NONE))
    add("remark", call("IF", call("<", exact, number(0)), code("better_off"), worse), "code")
    return made


def _simulated(assessment: Assessment, found: Burdened, ledger: Ledger) -> tuple[QuantityTable, ...]:
    """Add the probabilities of the bands and the interval of their shortfall, where these were drawn."""
    burden = assessment.burden
    if burden is None or burden.band_probabilities is None:
        return ()
    edges = tuple(name for name in ledger.quantities if name.startswith("rules.band.") and name.endswith(".from"))
    rests = found.drawn_from
    rows = []
    for band, chance in burden.band_probabilities.items():
        name = ledger.take(f"burden.probability.{band}", chance, (*rests, *edges), kind="share")
        rows.append(QuantityRow(Caption("band", band), (name, None, name + STATE)))
    if burden.measured_interval is not None:
        ends: Sequence[str] = [
            ledger.take(f"burden.interval.{at}", end, rests, decimals=2)
            for at, end in enumerate(burden.measured_interval)
        ]
        rows.append(QuantityRow(Caption("shortfall_interval"), (*ends, ends[-1] + STATE)))
    columns = tuple(Caption("column", key) for key in ("value_or_low", "high", "state"))
    return (QuantityTable(Caption("burden_simulated"), columns, tuple(rows)),)


def calculate(assessment: Assessment) -> Calculation:
    """Return the results, the burden and the budget of an assessment as formulas over its inputs.

    Formulas are those of `hecon.icer`, `hecon.verdict`, `hecon.shortfall` and `hecon.budget_impact`. What was
    simulated, searched or solved is no formula: it names the inputs that it was computed from.
    """
    ledger = Ledger()
    named, rules = given_values(assessment.rules, ledger)
    found, inputs = compared(assessment, named, ledger)
    burdened, burden = burden_inputs(assessment, ledger)
    reference, shortfall, drawn = burden_tables(assessment, burdened, ledger)
    edges = tuple(name for name in ledger.quantities if name.startswith("rules.band.") and name.endswith(".from"))
    tables: dict[str, tuple[QuantityTable, ...]] = {
        "inputs": (rules, *inputs, burden),
        "results": result_tables(assessment, found, reference, ledger),
        "burden": shortfall,
        "simulated": (
            *simulated_tables(assessment, found, (*burdened.drawn_from, *edges), ledger),
            *drawn,
        ),
    }
    if assessment.budget is not None:
        for part, more in budget_tables(assessment.budget, assessment.dossier, ledger).items():
            tables[part] = (*tables.get(part, ()), *more)
    return ledger.calculation(tables)
