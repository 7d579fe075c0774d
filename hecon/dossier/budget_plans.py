"""The budget part of a dossier as a plan: its figures become the plan's parameters."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from hecon.budget import Amount, Conventions, Flow, Overlap, Parameter, Plan, Population, Printed
from hecon.errors import InputError
from hecon.formulas import names_in

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from hecon.dossier.budget import BudgetFlow, BudgetPart, BudgetPrinted
    from hecon.dossier.figures import Figure
    from hecon.files.parts import Reference, Text

__all__ = ["plan_of", "printed_of"]

_CHANGED = ("uptake", "cap", "cap_rule", "inflation_rule")


def _both(text: Text | None) -> dict[str, str]:
    return {} if text is None else {"nl": text.nl, "en": text.en}


def _stands(sources: Iterable[Reference]) -> str:
    return "; ".join(f"{each.document}, {each.place}" for each in sources)


def _formula(value: Any) -> Any:  # noqa: ANN401
    return value if isinstance(value, str) else float(value)


def plan_of(name: str, title: Text, part: BudgetPart, figures: Sequence[Figure], *, every_figure: bool = False) -> Plan:
    """Return the plan that the budget part of a dossier tells.

    Parameters
    ----------
    name : str
        The dossier's name.
    title : Text
        Its title.
    part : BudgetPart
        The part.
    figures : sequence of Figure
        The dossier's figures, of which those that the part uses become parameters.
    every_figure : bool
        Whether all of them do, so that a message on an unknown one tells which there are.

    Returns
    -------
    Plan
        With every figure's label, status and source.

    Raises
    ------
    PlanError
        If it breaks the rules of a plan.
    InputError
        If a formula or a printed total is wrong.
    """
    by_id = {each.id: each for each in figures}
    conventions = _conventions(part, by_id)
    return Plan(
        name,
        years=part.years,
        base_year=None if isinstance(part.base_year, str) else part.base_year,
        price_year=None if isinstance(part.price_year, str) else part.price_year,
        currency=part.currency,
        parameters=_parameters(part, by_id, set(by_id) if every_figure else _used(part, by_id)),
        populations=_populations(part),
        amounts=tuple(
            Amount(each.id, _by_year(each.by_year, part, by_id), each.sector, each.payer, _both(each.name))
            for each in part.amount
        ),
        conventions=conventions,
        open_conventions=part.conventions.open,
        as_printed=_as_printed(part, conventions, by_id),
        mixed_price_years=_both(part.mixed_price_years),
        scenarios={
            each.id: {one.figure: one.value if isinstance(one.value, str) else float(one.value) for one in each.set}
            for each in part.scenario
        },
        printed=tuple(
            printed_of(each, by_id[each.figure])
            for each in part.printed
            if each.figure in by_id and by_id[each.figure].series is None
        ),
        overlaps=tuple(Overlap(each.plan, _both(each.text), _stands(each.sources)) for each in part.overlap),
        substitution=_substitution(part),
        label=_both(title),
    )


def _parameters(part: BudgetPart, figures: Mapping[str, Figure], used: set[str]) -> dict[str, Parameter]:
    varied = {each.figure: each for each in part.distribution}
    parameters: dict[str, Parameter] = {}
    for identifier in sorted(used, key=list(figures).index):
        figure = figures[identifier]
        how = varied.get(identifier)
        about: dict[str, Any] = {
            "status": figure.status,
            "source": _stands(figure.sources),
            "note": _both(figure.note or figure.rule),
            "distribution": "uniform" if how is None else how.distribution,
            "in_scenarios": how is None or how.in_scenarios,
            "solved_from": () if how is None else how.solved_from,
        }
        for position, number in enumerate(figure.series or ()):
            label = {lang: f"{text} ({position + 1})" for lang, text in _both(figure.name).items()}
            parameters[f"{identifier}_{position + 1}"] = Parameter(float(number), label=label, **about)
        if figure.series is None:
            ends = None if figure.range is None else (float(figure.range[0]), float(figure.range[1]))
            value = None if figure.value is None else float(figure.value)
            parameters[identifier] = Parameter(value, ends, label=_both(figure.name), **about)
    return parameters


def _populations(part: BudgetPart) -> tuple[Population, ...]:
    return tuple(
        Population(
            each.id,
            size=_formula(each.size),
            current=_flows(each.current),
            new=_flows(each.new),
            extra_demand=_formula(each.extra_demand),
            extra=_flows(each.extra),
            label=_both(each.name),
        )
        for each in part.population
    )


def _substitution(part: BudgetPart) -> tuple[str, tuple[float, float]] | None:
    if part.substitution is None:
        return None
    low, high = part.substitution.within
    return part.substitution.figure, (float(low), float(high))


def _flows(flows: Sequence[BudgetFlow]) -> tuple[Flow, ...]:
    return tuple(
        Flow(
            each.id,
            quantity=_formula(each.quantity),
            price=None if each.price is None else _formula(each.price),
            sector=each.sector,
            payer=each.payer,
            share=_formula(each.share),
            one_of=each.one_of,
            currency=each.currency,
            price_year=each.price_year,
            label=_both(each.name),
        )
        for each in flows
    )


def _formulas(node: Any) -> Iterable[str]:  # noqa: ANN401
    """Yield every formula of the part, wherever it stands."""
    keys = ("quantity", "price", "share", "size", "extra_demand", "by_year", "uptake", "cap", "inflation")
    for key in keys:
        value = getattr(node, key, None)
        for each in value if isinstance(value, tuple) else (value,):
            if isinstance(each, str):
                yield each
    for key in ("population", "current", "new", "extra", "amount"):
        for each in getattr(node, key, None) or ():
            yield from _formulas(each)


def _used(part: BudgetPart, figures: Mapping[str, Figure]) -> set[str]:
    found: set[str] = set()
    for node in (part, part.conventions, part.as_printed):
        for formula in _formulas(node):
            found.update(_names(formula))
    found.update(name for each in part.printed if isinstance(each.formula, str) for name in _names(each.formula))
    found.update(one.figure for each in part.scenario for one in each.set)
    if part.substitution is not None:
        found.add(part.substitution.figure)
    return found & set(figures)


def _names(formula: str) -> tuple[str, ...]:
    try:
        return names_in(formula)
    except InputError:
        return ()  # told as a fault of the plan


def _by_year(given: Any, part: BudgetPart, figures: Mapping[str, Figure]) -> tuple[Any, ...]:  # noqa: ANN401
    """Return a formula for every year: those given, or that of a series with the place of the year."""
    if not isinstance(given, str):
        return tuple(_formula(each) for each in given)
    series = [name for name in _names(given) if name in figures and figures[name].series is not None]
    length = min((len(figures[name].series or ()) for name in series), default=len(part.years))
    return tuple(_placed(given, series, year + 1) for year in range(length))


def _placed(formula: str, series: Sequence[str], place: int) -> str:
    """Return a formula with each series by its number at a place."""
    return re.sub(r"[a-z_][a-z0-9_]*", lambda match: f"{match[0]}_{place}" if match[0] in series else match[0], formula)


def _conventions(part: BudgetPart, figures: Mapping[str, Figure]) -> Conventions:
    given = part.conventions
    chosen: dict[str, Any] = {}
    for key in ("cap_rule", "inflation_rule"):
        if getattr(given, key) is not None:
            chosen[key] = getattr(given, key)
    for key in ("demographic_growth", "discount_rate", "deductible_share"):
        if getattr(given, key) is not None:
            chosen[key] = float(getattr(given, key))
    if given.cap is not None:
        chosen["cap"] = _formula(given.cap)
    if given.uptake is not None:
        chosen["uptake"] = _by_year(given.uptake, part, figures)
    if given.inflation is not None:
        chosen["inflation"] = _by_year(given.inflation, part, figures)
    return Conventions(**({"name": "stated", **chosen} if chosen else {}))


def _as_printed(part: BudgetPart, stated: Conventions, figures: Mapping[str, Figure]) -> Conventions | None:
    if part.as_printed is None:
        return None
    changed: dict[str, Any] = {"name": "as printed"}
    for key in _CHANGED:
        value = getattr(part.as_printed, key)
        if value is not None:
            changed[key] = _by_year(value, part, figures) if key == "uptake" else value
    if "cap" in changed:
        changed["cap"] = _formula(changed["cap"])
    return Conventions(**{**vars(stated), **changed})


def printed_of(each: BudgetPrinted, figure: Figure) -> Printed:
    """Return a printed total of the part as a record.

    Parameters
    ----------
    each : BudgetPrinted
        The total.
    figure : Figure
        The figure that it names.

    Returns
    -------
    Printed
        With the digits of the figure.

    Raises
    ------
    InputError
        If it breaks a rule.
    """
    return Printed(
        each.figure,
        each.year,
        value=figure.value,
        range=figure.range,
        unit=float(each.unit),
        counts=each.counts,
        scenario=each.scenario,
        formula=None if each.formula is None else str(each.formula),
        wording=figure.wording,
        rounded_to=None if each.rounded_to is None else float(each.rounded_to),
        convention_stated=each.convention_stated,
        plans=each.plans,
        label=_both(figure.name),
        source=_stands(figure.sources),
    )
