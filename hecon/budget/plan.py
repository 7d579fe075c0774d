"""A plan: a change of entitlement, its years, the conventions it is counted by, and its faults, all at once."""

from __future__ import annotations

import math
import numbers
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import TYPE_CHECKING, Any, get_args

from hecon import _checks
from hecon._checks import shown
from hecon._display import displayed
from hecon.budget.records import (
    PATHWAYS,
    PAYERS,
    SECTORS,
    ZIN,
    Amount,
    CapRule,
    Conventions,
    Distribution,
    Flow,
    InflationRule,
    Open,
    Parameter,
    Population,
    kind_faults,
)
from hecon.errors import InputError, PlanError
from hecon.files.faults import BrokenRule, path_of
from hecon.files.parts import Status, currencies
from hecon.printed.formulas import Bounds, bounds, difference, exact_number, names_in, sum_of
from hecon.printed.numbers import Span
from hecon.rulesets import ruleset

if TYPE_CHECKING:
    import ast
    from collections.abc import Iterator, Sequence

    from hecon.budget.records import Formula, Overlap, Printed
    from hecon.files.faults import Path
    from hecon.printed.formulas import Point


@displayed
@dataclass(frozen=True)
class Plan:
    """A change of entitlement: the care that it changes, and its prices.

    Parameters
    ----------
    name : str
        Name.
    years : tuple of int
        Years of the analysis, one after the other.
    base_year : int or None
        Year of the populations, not after the first year; None if it is not reported.
    price_year : int or None
        Year of the prices; None if it is not reported.
    parameters : mapping of str to Parameter
        Numbers by id (lower-case words joined by underscores), for use in formulas.
    populations : tuple of Population
        Patients and their care.
    amounts : tuple of Amount
        Totals taken over from a source.
    conventions : Conventions
        How it is counted; default the Zorginstituut's.
    as_printed : Conventions or None
        Conventions that give the totals that the source prints, where those differ.
    currency : str
        ISO code.
    mixed_price_years : mapping of str to str
        Why prices of different years stand side by side, by language; empty if they do not.
    scenarios : mapping of str to mapping
        Further scenarios: a value, "low", "middle" or "high" by parameter; the rest at the middle.
    printed : tuple of Printed
        Totals that the source prints, to hold the plan against.
    overlaps : tuple of Overlap
        What it shares with other plans.
    open_conventions : tuple of str
        Conventions that the source leaves open, of "uptake", "cap", "cap_rule" and "inflation_rule": another choice of
        these is a reading of its text, of the others it contradicts the text.
    substitution : (str, pair of float) or None
        The parameter that tells how much other care is replaced, and where to look for its break-even value.
    label : mapping of str to str
        Name by language ("nl", "en").

    Raises
    ------
    PlanError
        If the plan breaks rules; all faults are told at once, each with its path.

    Examples
    --------
    >>> from hecon.budget import Conventions, Flow, Parameter, Plan, Population
    >>> exercise = Flow("exercise", quantity="sessions", price="tariff", sector="primary paramedical")
    >>> plan = Plan(
    ...     "knee",
    ...     years=(2025, 2026, 2027),
    ...     base_year=2022,
    ...     price_year=2024,
    ...     parameters={"sessions": Parameter(18), "tariff": Parameter(range=(36, 45))},
    ...     populations=(Population("patients", size=1_000, new=(exercise,)),),
    ...     conventions=Conventions(inflation_rule="none"),
    ... )
    >>> plan.parameters["tariff"].middle
    40.5
    """

    name: str
    years: tuple[int, ...]
    base_year: int | None
    price_year: int | None
    parameters: Mapping[str, Parameter] = field(default_factory=dict)
    populations: tuple[Population, ...] = ()
    amounts: tuple[Amount, ...] = ()
    conventions: Conventions = ZIN
    as_printed: Conventions | None = None
    currency: str = field(default_factory=lambda: ruleset().currency)
    mixed_price_years: Mapping[str, str] = field(default_factory=dict)
    scenarios: Mapping[str, Mapping[str, float | str]] = field(default_factory=dict)
    printed: tuple[Printed, ...] = ()
    overlaps: tuple[Overlap, ...] = ()
    open_conventions: tuple[str, ...] = ("cap_rule", "inflation_rule")
    substitution: tuple[str, tuple[float, float]] | None = None
    label: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        broken = tuple(plan_faults(self))
        if broken:
            raise PlanError(self.name, [": ".join(each.fault) for each in broken], broken=broken)

    @property
    def priced(self) -> bool:
        """Whether it counts money; a plan without prices counts units only."""
        return bool(self.amounts) or any(getattr(flow, "price", None) is not None for flow in self._flows)

    @property
    def _flows(self) -> list[Any]:
        """All resources; of a plan with faults these may be anything."""
        return [flow for each in self.populations for key in PATHWAYS for flow in getattr(each, key, ())]

    @property
    def middle(self) -> dict[str, float]:
        """The middle value of every parameter."""
        return {name: each.middle for name, each in self.parameters.items()}

    def part(self, population: str) -> Plan:
        """Return the plan of one of its populations.

        Parameters
        ----------
        population : str
            Its id.

        Returns
        -------
        Plan
            The same plan with that population alone, without amounts and printed totals.
        """
        _checks.one_of("population", population, [each.id for each in self.populations])
        kept = next(each for each in self.populations if each.id == population)
        return replace(
            self,
            name=f"{self.name} {population}",
            populations=(kept,),
            amounts=(),
            printed=(),
            label={lang: f"{text}: {kept.label.get(lang, kept.id)}" for lang, text in self.label.items()},
        )


# Faults ---------------------------------------------------------------------------------------------------------------

# The lowest and highest value of each parameter; None for one with a fault of its own.
Known = dict[str, Span | None]

_FRACTION = "a fraction from -0.5 to 1, as in 0.022"
# Least and greatest value that each rule allows.
_RULES: dict[str, tuple[Fraction | None, Fraction | None]] = {
    "at least 0": (Fraction(0), None),
    "in [0, 1]": (Fraction(0), Fraction(1)),
    _FRACTION: (Fraction(-1, 2), Fraction(1)),
    "finite": (None, None),
}
# Sums of floats that are 1 on paper may lie above it by their rounding.
_SLACK = Fraction(1, 10**12)
_LARGEST = Fraction(10**60)
_UNPROVEN = "narrow the ranges, or write it so that each number stands in it once"


def _is_number(value: Any) -> bool:  # noqa: ANN401
    """Return whether a value is a finite number, of Python or NumPy, that a float can hold."""
    if not isinstance(value, numbers.Real) or isinstance(value, bool):
        return False
    try:
        return math.isfinite(float(value))
    except (OverflowError, ValueError):  # an int or a fraction beyond 1e308; a decimal that signals
        return False


def _exact(value: Any) -> Fraction:  # noqa: ANN401
    """Return a number as it is written in the shortest way that tells it from its neighbours."""
    return exact_number(float(value))


def _shown(value: Fraction, at: Point | None = None) -> str:
    """Return a number as a message shows it, with the values of the ranges at which it comes out."""
    text = f"{float(value):.12g}" if abs(value) <= _LARGEST else "a number beyond 1e60"
    place = ", ".join(f"{name} = {float(number):.6g}" for name, number in (at or {}).items())
    return f"{text} at {place}" if place else text


def _over(formula: Formula | ast.expr, known: Mapping[str, Span | None]) -> Bounds | None:
    """Return the bounds of a sound formula over the ranges of its ids, or None if it may divide by 0."""
    return bounds(formula, {name: span for name, span in known.items() if span is not None})


def _place(formula: Any, at: Point, known: Known) -> Point:  # noqa: ANN401
    """Return the values to name of those at which a formula breaks its rule: of the ranges, if it is no plain id."""
    if isinstance(formula, str) and formula.strip() in known:
        return {}
    return {name: value for name, value in at.items() if (span := known[name]) is not None and span.low < span.high}


def _is_sound(formula: Formula, known: Known) -> bool:
    """Return whether no id of a formula has a fault of its own."""
    return not isinstance(formula, str) or all(known[name] is not None for name in names_in(formula))


def _rule_faults(formula: Any, path: Path, rule: str, known: Known) -> Iterator[BrokenRule]:  # noqa: ANN401
    """Yield what is wrong with a number or formula; nothing where it uses an id with a fault of its own."""
    if isinstance(formula, str):
        try:
            used = names_in(formula)
        except InputError as error:
            yield BrokenRule(path, str(error))
            return
        unknown = [name for name in used if name not in known]
        if unknown:
            hint = f"; known: {', '.join(sorted(known)) or 'none'}"
            yield BrokenRule(path, "must use known ids", f"{unknown[0]!r}", hint)
            return
        if any(known[name] is None for name in used):
            return
    elif not _is_number(formula):
        yield BrokenRule(path, "must be a finite number or a formula", shown(formula), _checks.decimal_remedy(formula))
        return
    yield from _broken(formula, path, rule, known)


def _broken(formula: Formula, path: Path, rule: str, known: Known) -> Iterator[BrokenRule]:
    """Yield that a sound formula breaks its rule somewhere in the ranges, or cannot be shown to keep it."""
    result = _over(formula, known)
    floor, ceiling = _RULES[rule]
    if result is None:
        yield BrokenRule(path, "must not divide by what may be 0", f"{formula!r}")
    elif max(abs(result.low), abs(result.high)) > _LARGEST:
        yield BrokenRule(path, "must be at most 1e60 in size", f"{formula!r}")
    elif floor is not None and result.low < floor:
        yield BrokenRule(path, f"must be {rule}", _shown(result.low, _place(formula, result.low_at, known)))
    elif ceiling is not None and result.high > ceiling + _SLACK:
        yield BrokenRule(path, f"must be {rule}", _shown(result.high, _place(formula, result.high_at, known)))
    elif not result.proven and rule != "finite":
        rule = f"must be {rule}, which could not be shown of {formula!r} over its ranges"
        yield BrokenRule(path, rule, hint=f": {_UNPROVEN}")


def _sum_faults(shares: Sequence[Formula], path: Path, rule: str, known: Known) -> Iterator[BrokenRule]:
    """Yield that shares which must add up to 1 at most do not, or cannot be shown to."""
    if not all(_is_sound(share, known) for share in shares):
        return
    result = _over(sum_of(shares), known)
    if result is None:
        return  # a fault where each stands
    if result.high > 1 + _SLACK:
        yield BrokenRule(path, rule, _shown(result.high, _place(None, result.high_at, known)))
    elif not result.proven:
        yield BrokenRule(path, f"{rule}, which could not be shown", hint=f": {_UNPROVEN}")


def _fall_faults(before: Formula, after: Formula, path: Path, known: Known) -> Iterator[BrokenRule]:
    """Yield that uptake falls from one year to the next, or cannot be shown not to."""
    result = _over(difference(after, before), known)
    if result is None:
        return  # a fault where each stands
    if result.low < 0:
        at = {name: Span(value, value) for name, value in result.low_at.items()} or known
        then, now = (_over(formula, at) for formula in (before, after))
        if then is None or now is None:
            return
        place = _place(None, result.low_at, known)
        hint = ": write it as the year before plus what is added" if place else ""
        yield BrokenRule(path, "must not fall", f"{_shown(now.low)} after {_shown(then.low, place)}", hint)
    elif not result.proven:
        yield BrokenRule(path, "must not fall, which could not be shown", hint=f": {_UNPROVEN}")


def _listed(value: Any) -> tuple[Any, ...]:  # noqa: ANN401
    """Return the entries of a list, none of anything else."""
    return tuple(value) if isinstance(value, (tuple, list)) else ()


def _years_of(plan: Plan) -> tuple[int, ...]:
    """Return the years if they are whole numbers, else none."""
    years = _listed(plan.years)
    return years if all(isinstance(year, int) and not isinstance(year, bool) for year in years) else ()


def _one_of(value: Any, path: Path, allowed: Sequence[str]) -> Iterator[BrokenRule]:  # noqa: ANN401
    if value not in allowed:
        yield BrokenRule(path, f"must be one of {', '.join(allowed)}", shown(value))


def _per_year_faults(plan: Plan, values: Any, path: Path) -> Iterator[BrokenRule]:  # noqa: ANN401
    """Yield that a list lacks years of the plan, or has too many."""
    years = _years_of(plan)
    if not isinstance(values, (tuple, list)):
        yield BrokenRule(path, "must be a tuple with a number or formula for every year", shown(values))
    elif years and len(values) < len(years):
        hint = f": {', '.join(map(str, years[len(values) :]))} missing"
        yield BrokenRule(path, "must be given for every year", f"{len(values)} for {len(years)}", hint)
    elif years and len(values) > len(years):
        yield BrokenRule(path, "must be given once for every year", f"{len(values)} for {len(years)}")


def convention_faults(plan: Plan, conventions: Any, path: Path, known: Known) -> Iterator[BrokenRule]:  # noqa: ANN401
    """Yield the faults of the conventions of a plan, by the lowest and highest value of each parameter in `known`."""
    if not isinstance(conventions, Conventions):
        yield BrokenRule(path, "must be hecon.budget.Conventions", shown(conventions))
        return
    yield from _per_year_faults(plan, conventions.uptake, (*path, "uptake"))
    yield from _uptake_faults(conventions.uptake, (*path, "uptake"), known)
    yield from _rule_faults(conventions.cap, (*path, "cap"), "in [0, 1]", known)
    yield from _one_of(conventions.cap_rule, (*path, "cap_rule"), get_args(CapRule))
    yield from _one_of(conventions.inflation_rule, (*path, "inflation_rule"), get_args(InflationRule))
    needed = conventions.inflation_rule != "none" and plan.populations and plan.priced
    # Rates that are given are of all years: another rule may be asked for, as by the general rules.
    if needed or not isinstance(conventions.inflation, (tuple, list)) or conventions.inflation:
        yield from _per_year_faults(plan, conventions.inflation, (*path, "inflation"))
    for year, rate in enumerate(_listed(conventions.inflation)):
        yield from _rule_faults(rate, (*path, "inflation", year), _FRACTION, known)
    if path != ("as_printed",):  # what a source printed may rest on any
        yield from _indexing_faults(plan, conventions, path, known)
    for name in ("demographic_growth", "discount_rate"):
        rate = getattr(conventions, name)
        if not _is_number(rate) or not -0.5 <= rate <= 1:  # noqa: PLR2004 (a percentage given for a fraction is caught)
            yield BrokenRule((*path, name), f"must be {_FRACTION}", shown(rate))
        elif name == "demographic_growth" and rate and plan.base_year is None:
            hint = ": say of which year its numbers are"
            yield BrokenRule((*path, name), "must be 0 for a plan without base_year", hint=hint)
    if not _is_number(conventions.deductible_share) or not 0 <= conventions.deductible_share <= 1:
        yield BrokenRule((*path, "deductible_share"), "must lie in [0, 1]", shown(conventions.deductible_share))


def _indexing_faults(plan: Plan, conventions: Conventions, path: Path, known: Known) -> Iterator[BrokenRule]:
    """Yield that inflation adds up over years that the prices hold already, or not over years that they lack."""
    years, of, rates = _years_of(plan), plan.price_year, _listed(conventions.inflation)
    if conventions.inflation_rule != "cumulative" or not years or not _is_year(of) or len(rates) != len(years):
        return
    if any(list(_rule_faults(rate, (), _FRACTION, known)) for rate in rates):
        return  # a fault where each stands
    spans = [_over(rate, known) for rate in rates]
    rising = [year for year, span in zip(years, spans, strict=True) if span is not None and (span.low or span.high)]
    if rising and (of or 0) < years[0] - 1 and plan.priced and plan.populations:
        rule, hint = f"must be 'none' for prices of {of}, as its rates begin in {years[0]}", "count without inflation"
        hint = f": index the prices to {years[0] - 1}, or {hint}"
        yield BrokenRule((*path, "inflation_rule"), rule, shown(conventions.inflation_rule), hint)
    for year in rising:
        if year <= (of or 0):
            yield BrokenRule((*path, "inflation", years.index(year)), f"must be 0, as the prices are of {of} already")


def _uptake_faults(uptake: Any, path: Path, known: Known) -> Iterator[BrokenRule]:  # noqa: ANN401
    before = None
    for year, formula in enumerate(_listed(uptake)):
        at = (*path, year)
        faults = list(_rule_faults(formula, at, "in [0, 1]", known))
        yield from faults
        if faults or not _is_sound(formula, known):
            before = None
            continue
        if before is not None:
            yield from _fall_faults(before, formula, at, known)
        before = formula


_ID = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
_WORDS = ("low", "middle", "high")
# Years before the last of a plan that its prices may be of.
_OLDEST = 30


def plan_faults(plan: Plan) -> Iterator[BrokenRule]:
    """Yield the faults of a plan, each with its path."""
    kinds = list(kind_faults(plan))
    if kinds:
        yield from kinds
        return
    yield from _own_faults(plan)
    yield from _price_year(plan, plan.price_year, ("price_year",))
    # A number with a fault of its own is None: what uses it has no other fault.
    known: Known = {}
    for name, parameter in plan.parameters.items():
        faults = list(_parameter_faults(name, parameter))
        yield from faults
        known[str(name)] = None if faults else Span(*map(_exact, parameter.ends))
    counted = list(_counted_faults(plan, known))
    yield from counted
    stated = list(convention_faults(plan, plan.conventions, ("conventions",), known))
    yield from stated
    if plan.as_printed is not None:
        # Faults that it shares with the stated conventions are reported there.
        printed = convention_faults(plan, plan.as_printed, ("as_printed",), known)
        yield from (each for each in printed if each._replace(path=("conventions", *each.path[1:])) not in stated)
    if not isinstance(plan.open_conventions, (tuple, list)):
        yield BrokenRule(("open_conventions",), "must be a tuple of names", shown(plan.open_conventions))
    for place, name in enumerate(_listed(plan.open_conventions)):
        yield from _one_of(name, ("open_conventions", place), get_args(Open))
    yield from _substitution_faults(plan)
    yield from _scenario_faults(plan, known, sound=not counted and not stated)


def known_spans(plan: Plan) -> Known:
    """Return the lowest and highest value of each parameter of a plan that has no faults."""
    return {name: Span(*map(_exact, each.ends)) for name, each in plan.parameters.items()}


def _is_year(value: Any) -> bool:  # noqa: ANN401
    return _checks.is_year(value)


def _own_faults(plan: Plan) -> Iterator[BrokenRule]:
    if not isinstance(plan.name, str) or not plan.name.strip():
        yield BrokenRule(("name",), "must be non-empty text", shown(plan.name))
    if not isinstance(plan.currency, str) or plan.currency not in currencies():
        yield BrokenRule(("currency",), "must be a currency of ISO 4217", shown(plan.currency))
    years = _years_of(plan)
    if not years:
        got = list(plan.years) if isinstance(plan.years, (tuple, list)) else plan.years
        yield BrokenRule(("years",), "must be whole numbers, one at least, as in [2025, 2026, 2027]", shown(got))
    elif not all(map(_is_year, years)):
        yield BrokenRule(("years",), f"must be from {_checks.YEARS[0]} to {_checks.YEARS[-1]}", shown(list(years)))
    else:
        missing = sorted(set(range(min(years), max(years) + 1)) - set(years))
        if missing:
            yield BrokenRule(("years",), "must follow one another", f"no {missing[0]}", ": a horizon has no gaps")
        elif list(years) != sorted(set(years)):
            yield BrokenRule(("years",), "must run upwards, each once", f"{list(years)}")
    for name in ("base_year", "price_year"):
        value = getattr(plan, name)
        if value is not None and not _is_year(value):
            yield BrokenRule(
                (name,), f"must be a year from {_checks.YEARS[0]} to {_checks.YEARS[-1]}, or None", shown(value)
            )
    if years and _is_year(plan.base_year) and _is_year(years[0]) and (plan.base_year or 0) > years[0]:
        yield BrokenRule(("base_year",), f"must not be after the first year {years[0]}", f"{plan.base_year}")


def _price_year(plan: Plan, year: Any, path: Path) -> Iterator[BrokenRule]:  # noqa: ANN401
    """Yield a year of prices that nobody can know, or that no plan still uses."""
    last = max(filter(_is_year, _years_of(plan)), default=None)
    if last is not None and _is_year(year) and not last - _OLDEST <= year <= last:
        yield BrokenRule(path, f"must be from {last - _OLDEST} to {last}, the last year of the plan", f"{year}")


def _parameter_faults(name: Any, parameter: Any) -> Iterator[BrokenRule]:  # noqa: ANN401
    path: Path = ("parameter", str(name))
    if not isinstance(name, str) or not _ID.fullmatch(name):
        yield BrokenRule(path, "must be named by lower-case words joined by underscores, as in share_avoided")
    if not isinstance(parameter, Parameter):
        yield BrokenRule(path, "must be a hecon.budget.Parameter", shown(parameter))
        return
    ends = parameter.range
    if ends is not None and not _is_pair(ends):
        yield BrokenRule((*path, "range"), "must be a pair of lowest and highest", shown(ends))
        return
    numbers = [*(() if parameter.value is None else (parameter.value,)), *(ends or ())]
    if not numbers:
        yield BrokenRule(path, "must have a value or a range", "neither")
    wrong = [number for number in numbers if not _is_number(number)]
    if wrong:
        yield BrokenRule(path, "must be finite numbers", shown(wrong[0]), _checks.decimal_remedy(wrong[0]))
        return
    if not isinstance(parameter.solved_from, (tuple, list)):
        yield BrokenRule(
            (*path, "solved_from"), "must be a tuple of ids of printed totals", shown(parameter.solved_from)
        )
    yield from _range_faults(parameter, path)


def _range_faults(parameter: Parameter, path: Path) -> Iterator[BrokenRule]:
    runs_up = True
    if parameter.range is not None:
        low, high = parameter.range
        runs_up = low <= high
        if not runs_up:
            yield BrokenRule((*path, "range"), "must run upwards", f"minimum {low} above maximum {high}")
        elif parameter.value is not None and not low <= parameter.value <= high:
            yield BrokenRule((*path, "value"), f"must lie in its range {low} to {high}", f"{parameter.value}")
    yield from _one_of(parameter.distribution, (*path, "distribution"), get_args(Distribution))
    if parameter.range is not None and runs_up and not _can_be_drawn(parameter):
        got = f"{parameter.distribution} on {parameter.ends}"
        yield BrokenRule((*path, "distribution"), "must suit the range", got)
    yield from _one_of(parameter.status, (*path, "status"), get_args(Status))


def _can_be_drawn(parameter: Parameter) -> bool:
    low, high = parameter.ends
    if parameter.distribution in ("lognormal", "gamma"):
        return low > 0
    if parameter.distribution == "beta":
        mean, deviation = parameter.middle, (high - low) / 3.92
        return 0 < mean < 1 and low >= 0 and high <= 1 and deviation**2 < mean * (1 - mean)
    return True


# What is counted ------------------------------------------------------------------------------------------------------


def _counted_faults(plan: Plan, known: Known) -> Iterator[BrokenRule]:
    if not plan.populations and not plan.amounts:
        hint = ": a plan needs populations, or amounts by year"
        yield BrokenRule(("population",), "must hold at least one", hint=hint)
    priced = {getattr(flow, "price", 0) is not None for flow in plan._flows}  # noqa: SLF001
    mixed = len(priced | {True} if plan.amounts else priced) > 1
    seen: set[Any] = set()
    for position, population in enumerate(plan.populations):
        path: Path = ("population", position)
        if not isinstance(population, Population):
            yield BrokenRule(path, "must be a hecon.budget.Population", f"{type(population).__name__}")
            continue
        yield from _id_faults(population.id, path, seen, "")
        yield from _population_faults(plan, population, path, known)
        if mixed:
            rule, hint = "must have prices for all flows of the plan or for none", ": a total of some of them misleads"
            yield BrokenRule(path, rule, hint=hint)
    seen = set()
    for position, amount in enumerate(plan.amounts):
        path = ("amount", position)
        if not isinstance(amount, Amount):
            yield BrokenRule(path, "must be a hecon.budget.Amount", f"{type(amount).__name__}")
            continue
        yield from _id_faults(amount.id, path, seen, "")
        yield from _booked(amount, path)
        yield from _per_year_faults(plan, amount.by_year, (*path, "by_year"))
        for year, formula in enumerate(_listed(amount.by_year)):
            yield from _rule_faults(formula, (*path, "by_year", year), "finite", known)


def _id_faults(identifier: Any, path: Path, seen: set[Any], where: str) -> Iterator[BrokenRule]:  # noqa: ANN401
    if not isinstance(identifier, str) or not identifier.strip():
        yield BrokenRule((*path, "id"), "must be non-empty text", shown(identifier))
    elif identifier in seen:
        yield BrokenRule((*path, "id"), f"must be unique{where}", f"{shown(identifier)} again")
    elif (rule := _checks.alike(identifier, seen)) is not None:
        yield BrokenRule((*path, "id"), *rule)
    else:
        seen.add(identifier)


def _population_faults(plan: Plan, population: Population, path: Path, known: Known) -> Iterator[BrokenRule]:
    yield from _rule_faults(population.size, (*path, "size"), "at least 0", known)
    yield from _rule_faults(population.extra_demand, (*path, "extra_demand"), "in [0, 1]", known)
    if not (population.current or population.new):
        yield BrokenRule(path, "must have a current or a new pathway", "neither")
    booked: dict[Any, tuple[Any, bool]] = {}
    for pathway in PATHWAYS:
        flows: tuple[Flow, ...] = getattr(population, pathway)
        seen: set[Any] = set()
        for position, flow in enumerate(flows):
            at = (*path, pathway, position)
            if not isinstance(flow, Flow):
                yield BrokenRule(at, "must be a hecon.budget.Flow", f"{type(flow).__name__}")
                continue
            yield from _id_faults(flow.id, at, seen, " in its pathway")
            yield from _flow_faults(plan, flow, at, known)
            of = (flow.sector, flow.price is None)
            if isinstance(flow.id, str) and booked.setdefault(flow.id, of) != of:
                rule = f"must have the sector of {shown(flow.id)} in the other pathway, and a price like it or none"
                yield BrokenRule(at, rule)
        yield from _groups([flow for flow in flows if isinstance(flow, Flow)], (*path, pathway), known)


def _flow_faults(plan: Plan, flow: Flow, path: Path, known: Known) -> Iterator[BrokenRule]:
    yield from _booked(flow, path)
    if flow.one_of is not None and not isinstance(flow.one_of, str):
        yield BrokenRule((*path, "one_of"), "must be the name of a group, or None", shown(flow.one_of))
    yield from _rule_faults(flow.quantity, (*path, "quantity"), "at least 0", known)
    yield from _rule_faults(flow.share, (*path, "share"), "in [0, 1]", known)
    if flow.price is not None:
        yield from _rule_faults(flow.price, (*path, "price"), "at least 0", known)
    if flow.currency is not None and flow.currency != plan.currency:
        rule, hint = f"must be the plan's {plan.currency}", ": convert the price"
        yield BrokenRule((*path, "currency"), rule, shown(flow.currency), hint)
    if flow.price_year is not None and not _is_year(flow.price_year):
        rule = f"must be a year from {_checks.YEARS[0]} to {_checks.YEARS[-1]}"
        yield BrokenRule((*path, "price_year"), rule, shown(flow.price_year))
    elif flow.price_year not in (None, plan.price_year) and not plan.mixed_price_years:
        own = "left out, as the plan's is" if plan.price_year is None else f"the plan's {plan.price_year}"
        hint = ": index it, or tell why in mixed_price_years"
        yield BrokenRule((*path, "price_year"), f"must be {own}", shown(flow.price_year), hint)
    elif flow.price_year != plan.price_year:
        yield from _price_year(plan, flow.price_year, (*path, "price_year"))


def _booked(each: Flow | Amount, path: Path) -> Iterator[BrokenRule]:
    yield from _one_of(each.sector, (*path, "sector"), SECTORS)
    yield from _one_of(each.payer, (*path, "payer"), PAYERS)


def _groups(flows: list[Flow], path: Path, known: Known) -> Iterator[BrokenRule]:
    for group in dict.fromkeys(flow.one_of for flow in flows if isinstance(flow.one_of, str)):
        shares = [flow.share for flow in flows if flow.one_of == group]
        if any(list(_rule_faults(share, (), "in [0, 1]", known)) for share in shares):
            continue  # a fault where each stands
        rule = f"must have shares that add up to 1 at most in the group {shown(group)}"
        yield from _sum_faults(shares, path, rule, known)


def _substitution_faults(plan: Plan) -> Iterator[BrokenRule]:
    given = plan.substitution
    if given is None:
        return
    if not _is_pair(given) or not _is_pair(given[1]) or not all(map(_is_number, given[1])):
        yield BrokenRule(("substitution",), "must be a parameter and a pair of finite numbers", shown(given))
        return
    replaced, (low, high) = given
    if replaced not in plan.parameters:
        yield BrokenRule(("substitution",), "must be a parameter of the plan", shown(replaced))
    if not low < high:
        yield BrokenRule(("substitution",), "must be looked for within two ends that run upwards", f"{low} to {high}")


def _is_pair(value: Any) -> bool:  # noqa: ANN401
    return isinstance(value, (tuple, list)) and len(value) == 2  # noqa: PLR2004 (a pair)


def _scenario_faults(plan: Plan, known: Known, *, sound: bool) -> Iterator[BrokenRule]:
    for name, chosen in plan.scenarios.items():
        path: Path = ("scenario", str(name))
        if name in {"minimum", "maximum", "middle"}:
            yield BrokenRule(path, "must have a name of its own", shown(name))
        if not isinstance(chosen, Mapping):
            yield BrokenRule(path, "must be a mapping of parameters to values", shown(chosen))
            continue
        faults = list(_setting_faults(plan, chosen, path))
        yield from faults
        if sound and not faults and None not in known.values():
            yield from _beyond(plan, chosen, path)


def _setting_faults(plan: Plan, chosen: Mapping[str, Any], path: Path) -> Iterator[BrokenRule]:
    for parameter, value in chosen.items():
        if parameter not in plan.parameters:
            hint = f"; known: {', '.join(plan.parameters) or 'none'}"
            yield BrokenRule((*path, str(parameter)), "must be a parameter of the plan", hint=hint)
        elif not _is_number(value) and not (isinstance(value, str) and value in _WORDS):
            yield BrokenRule((*path, str(parameter)), f"must be a number or one of {', '.join(_WORDS)}", shown(value))


def _beyond(plan: Plan, chosen: Mapping[str, Any], path: Path) -> Iterator[BrokenRule]:
    """Yield the first rule of the plan that the values of a scenario break."""
    at: Known = {}
    for name, each in plan.parameters.items():
        value = chosen.get(name, "middle")
        number = _exact(each.by_word[value] if isinstance(value, str) else value)
        at[name] = Span(number, number)
    broken = [*_counted_faults(plan, at), *convention_faults(plan, plan.conventions, ("conventions",), at)]
    for first in broken[:1]:
        yield BrokenRule(path, f"must keep to the rules of the plan: {path_of(*first.path)} {first.message}")
