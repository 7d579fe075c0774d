"""Budget impact by year, scenario and sector: of a plan, and of several together with what they overlap in."""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import xarray as xr

from hecon import _checks
from hecon.budget import engine
from hecon.budget.plan import Plan, convention_faults, known_spans
from hecon.budget.records import SECTORS, ZIN, Conventions
from hecon.errors import InputError

if TYPE_CHECKING:
    from hecon._arrays import Counts, Flags, Floats
    from hecon.budget.records import Parameter


def checked_conventions(plan: Plan, conventions: Conventions | str | None) -> Conventions:
    """Return the conventions to count by: the plan's own, those of its printed totals, or the ones given."""
    if not isinstance(plan, Plan):
        msg = f"plan must be a hecon.budget.Plan, as hecon.load(name).budget is, got {type(plan).__name__}"
        raise InputError(msg)
    if conventions is None or conventions == "stated":
        return plan.conventions
    if conventions == "zin":
        if plan.priced and not plan.conventions.inflation:
            msg = (
                f"'zin' takes the rates of inflation of the plan, and {plan.name} has none: give conventions.inflation"
            )
            raise InputError(msg)
        # The general rules have no rates of inflation of their own.
        conventions = replace(ZIN, uptake=over_years(ZIN.uptake, plan), inflation=plan.conventions.inflation)
    if isinstance(conventions, str):
        _checks.one_of("conventions", conventions, ("stated", "as printed", "zin"))
        return plan.as_printed or plan.conventions
    if not isinstance(conventions, Conventions):
        got = _checks.shown(conventions)
        msg = f"conventions must be hecon.budget.Conventions, 'stated', 'as printed' or 'zin', got {got}"
        raise InputError(msg)
    broken = convention_faults(plan, conventions, ("conventions",), known_spans(plan))
    faults = [": ".join(each.fault) for each in broken]
    if faults:
        msg = "\n  ".join([f"conventions do not suit plan {plan.name}:", *faults])
        raise InputError(msg)
    return conventions


def over_years(path: tuple[Any, ...], plan: Plan) -> tuple[Any, ...]:
    """Return a path of uptake for the years of a plan; its last share stays."""
    return (path + (path[-1],) * len(plan.years))[: len(plan.years)]


def budget_impact(
    plan: Plan,
    *,
    scenarios: Sequence[str] | Mapping[str, str | Mapping[str, float | str]] | None = None,
    conventions: Conventions | str | None = None,
    n_draws: int | None = None,
    rng: int | np.random.Generator | None = None,
) -> xr.Dataset:
    """Return what a change of entitlement costs the budget, by year, scenario and sector.

    In year y, with N patients, uptake u, extra demand e and price factor π,
    ``current = N π c`` and ``new = N π [(1 − u) c + u n + u e x]``, where c, n and x are the spending on a patient of
    the current pathway, the new one, and one who gets no care now; ``net = new − current``.

    Parameters
    ----------
    plan : Plan
        The plan, as `hecon.load` gives in ``dossier.budget``.
    scenarios : sequence of str or mapping, optional
        Names ("minimum", "middle", "maximum", or of the plan), or for each name values, "low", "middle" or "high" by
        parameter; default minimum, maximum and those of the plan. The minimum is the scenario of least spending over
        the horizon.
    conventions : Conventions or str, optional
        How to count: "stated" (default, the plan's own), "as printed" (those that give the source's totals), "zin" (the
        Zorginstituut's general rules, whose last share of uptake stays, with the plan's rates of inflation), or others.
    n_draws : int, optional
        Draws from the parameters' distributions instead of scenarios.
    rng : int or numpy.random.Generator, optional
        Source of randomness, beside `n_draws` alone.

    Returns
    -------
    xarray.Dataset
        Over year × scenario (or draw) × sector [currency]: `current`, `new` and `net` spending inside the budget;
        `added` and `saved`, the resources that grow and those that shrink, so that net = added − saved;
        `outside_current`, `outside_new` and `outside_net`, what patients and supplementary insurers pay. Over year ×
        scenario: `total` (net over sectors), `total_to_date`, `patients` on the new pathway and
        `per_patient` (NaN where there are none). Over year × scenario × resource: `units_current`, `units_new`. A plan
        without prices has units and patients only. Its attrs tell the `conventions` and, of scenarios, the values by
        parameter in `scenarios`: mappings, which a netCDF file cannot hold, so write
        ``impact.drop_attrs(deep=False)`` to one.

    Notes
    -----
    Prices of all years are multiplied by inflation; nothing else changes between years but uptake. In draws, parameters
    are independent of each other and the same in all years; draws that break a rule of the plan, such as a share above
    1 or uptake that falls, are drawn again as a whole.

    References
    ----------
    Sullivan SD and others. Budget impact analysis: principles of good practice. Value Health 2014;17:5-14.
    doi:10.1016/j.jval.2013.08.2291

    Examples
    --------
    >>> import hecon
    >>> impact = hecon.budget_impact(hecon.load("copd").budget, conventions="as printed")
    >>> [round(float(x)) for x in impact.total.sel(year=2027)]
    [201960, 504900]
    """
    counting = checked_conventions(plan, conventions)
    if n_draws is not None:
        if scenarios is not None:
            msg = "budget_impact must have scenarios or n_draws, got both: call it twice"
            raise InputError(msg)
        draws = _checks.count("n_draws", n_draws, at_least=1)
        values = engine.draw_parameters(
            plan.parameters, draws, rng, allowed=lambda each: engine.satisfies_rules(plan, counting, each)
        )
        return impact_at(plan, counting, values, draws)
    _refuse_seed(rng)
    chosen = _chosen(plan, counting, scenarios)
    stacked = {name: np.array([each[name] for each in chosen.values()]) for name in plan.parameters}
    return _dataset(plan, counting, _widened(stacked, len(chosen)), {"scenario": list(chosen)}, chosen)


def _refuse_seed(rng: object) -> None:
    """Refuse a source of randomness for scenarios, which are no draws."""
    if rng is not None:
        msg = "rng is for draws: pass n_draws=..., as 10_000, or leave rng out, since scenarios need no randomness"
        raise InputError(msg)


def uptake(plan: Plan, *, conventions: Conventions | str | None = None) -> xr.DataArray:
    """Return the share of patients on the new pathway in each year, within the cap, with every parameter at its middle.

    Parameters
    ----------
    plan : Plan
        The plan.
    conventions : Conventions or str, optional
        As in `budget_impact`.

    Returns
    -------
    xarray.DataArray
        Over year, in [0, 1].

    Examples
    --------
    >>> import hecon
    >>> hecon.budget.uptake(hecon.load("acl-rupture").budget).values.tolist()
    [0.25, 0.75, 0.75]
    """
    counting = checked_conventions(plan, conventions)
    middle = {name: np.array([value]) for name, value in plan.middle.items()}
    shares = engine.uptake(plan, counting, _widened(middle, 1))[:, 0]
    return xr.DataArray(shares, coords={"year": list(plan.years)}, dims="year", name="uptake")


def impact_at(plan: Plan, conventions: Conventions, values: Mapping[str, Floats], n_draws: int) -> xr.Dataset:
    """Return the budget impact at draws of the parameters that were made elsewhere, over the dim draw."""
    return _dataset(plan, conventions, _widened(values, n_draws), {"draw": np.arange(n_draws)}, {})


def _widened(values: Mapping[str, Floats], width: int) -> dict[str, Floats]:
    # A plan of plain numbers still has as many columns as scenarios.
    return {**values, "": np.zeros(width)}


def _chosen(
    plan: Plan,
    conventions: Conventions,
    scenarios: Sequence[str] | Mapping[str, str | Mapping[str, float | str]] | None,
) -> dict[str, dict[str, float]]:
    if scenarios is None:
        scenarios = ("minimum", "maximum", *plan.scenarios)
    if isinstance(scenarios, str):
        scenarios = (scenarios,)
    if not isinstance(scenarios, (Mapping, Sequence)):
        msg = f"scenarios must be names, or values by parameter for each name, got {_checks.shown(scenarios)}"
        raise InputError(msg)
    if not scenarios:
        msg = "scenarios must name at least one, got none"
        raise InputError(msg)
    named = _checks.unique_names("scenarios", scenarios)
    by_name = scenarios if isinstance(scenarios, Mapping) else dict(zip(named, named, strict=True))
    return {name: values_of(plan, conventions, each, name) for name, each in by_name.items()}


def values_of(
    plan: Plan, conventions: Conventions, scenario: str | Mapping[str, float | str], name: str
) -> dict[str, float]:
    """Return the values of a scenario, by the rules of the plan: numbers given by the caller may leave the ranges."""
    values = engine.scenario_values(plan, conventions, scenario)
    if isinstance(scenario, str):
        # The plan's own scenarios were checked when it was made.
        return values
    try:
        replace(
            plan,
            parameters={key: replace(each, value=values[key], range=None) for key, each in plan.parameters.items()},
            scenarios={},
            conventions=conventions,
            as_printed=None,
        )
    except InputError as error:
        msg = f"scenario {_checks.shown(name)} must keep to the rules of the plan; {error}"
        raise InputError(msg) from None
    return values


def _dataset(
    plan: Plan,
    conventions: Conventions,
    values: Mapping[str, Floats],
    coordinate: Mapping[str, Sequence[str] | Counts],
    chosen: Mapping[str, Mapping[str, float]],
) -> xr.Dataset:
    ((dim, labels),) = coordinate.items()
    counted = engine.count(plan, conventions, values)
    names = [f"{each.population}: {each.flow}" if each.population else each.flow for each in counted.resources]
    coords: dict[str, Sequence[object] | Counts] = {"year": list(plan.years), dim: labels, "resource": names}
    over = ("year", dim, "resource")
    variables: dict[str, tuple[tuple[str, ...], Floats, dict[str, str]]] = {
        "units_current": (over, np.moveaxis(counted.units_current, 1, 2), {}),
        "units_new": (over, np.moveaxis(counted.units_current + counted.units_change, 1, 2), {}),
        "patients": (("year", dim), counted.patients, {}),
    }
    if plan.priced:
        coords["sector"] = [sector for sector in SECTORS if any(row.sector == sector for row in counted.resources)]
        unit = {"units": plan.currency}
        booked = _booked(counted, [str(each) for each in coords["sector"]])
        variables |= {name: (("year", dim, "sector"), array, unit) for name, array in booked.items()}
        total = booked["net"].sum(axis=-1)
        treated = np.where(counted.patients > 0, counted.patients, np.nan)
        totals = {"total": total, "total_to_date": np.cumsum(total, axis=0), "per_patient": total / treated}
        variables |= {name: (("year", dim), array, unit) for name, array in totals.items()}
    attrs = {
        "plan": plan.name,
        "currency": plan.currency,
        "base_year": plan.base_year,
        "price_year": plan.price_year,
        "conventions": dict(vars(conventions)),
    }
    if chosen:
        attrs["scenarios"] = {name: dict(each) for name, each in chosen.items()}
    return xr.Dataset(variables, coords=coords, attrs=attrs)


def _booked(counted: engine.Counted, sectors: Sequence[str]) -> dict[str, Floats]:
    """Return money by (year, scenario or draw, sector)."""
    of = np.array([row.sector for row in counted.resources])

    def summed(array: Floats) -> Floats:
        return np.stack([array[:, of == sector].sum(axis=1) for sector in sectors], axis=-1)

    current, new = summed(counted.current), summed(counted.current + counted.change)
    outside, outside_new = summed(counted.outside_current), summed(counted.outside_current + counted.outside_change)
    return {
        "current": current,
        "new": new,
        "net": new - current,
        "added": summed(np.maximum(counted.change, 0.0)),
        "saved": summed(np.maximum(-counted.change, 0.0)),
        "outside_current": outside,
        "outside_new": outside_new,
        "outside_net": outside_new - outside,
    }


def _checked(plans: Sequence[Plan]) -> None:
    if isinstance(plans, (str, Plan)) or not isinstance(plans, Sequence):
        msg = f"plans must be a sequence of plans, got {type(plans).__name__}"
        raise InputError(msg)
    if not plans:
        msg = "plans must hold at least one, got none"
        raise InputError(msg)
    for each in plans:
        checked_conventions(each, None)
        if not each.priced:
            msg = f"plan {each.name} must have prices to be added up, got units only"
            raise InputError(msg)
    _checks.distinct_names("plans", [each.name for each in plans])
    for name in ("years", "currency", "price_year", "base_year"):
        # A price year that is not reported cannot contradict another.
        result = list(dict.fromkeys(value for each in plans if (value := getattr(each, name)) is not None))
        if len(result) > 1:
            msg = f"plans must have the same {name}, got {result[0]} and {result[1]}"
            raise InputError(msg)


def _conventions(
    plans: Sequence[Plan], given: Conventions | str | Sequence[Conventions | str] | None
) -> list[Conventions]:
    if given is None or isinstance(given, (str, Conventions)):
        return [checked_conventions(each, given) for each in plans]
    if not isinstance(given, Sequence) or len(given) != len(plans):
        got = len(given) if isinstance(given, Sequence) else repr(given)
        msg = f"conventions must be one for all plans, or one for each of {len(plans)}, got {got}"
        raise InputError(msg)
    return [checked_conventions(each, how) for each, how in zip(plans, given, strict=True)]


def overlaps(plans: Sequence[Plan]) -> tuple[tuple[str, str, Mapping[str, str]], ...]:
    """Return what each two of these plans overlap in, as far as their sources or authors state it.

    Parameters
    ----------
    plans : sequence of Plan
        The plans.

    Returns
    -------
    tuple of (str, str, mapping of str to str)
        Names of both plans, and the text by language. Each is stated; none is taken off the sum.
    """
    listed = _checks.instances("plans", plans, "Plan", "make each with hecon.budget.Plan, or read it from a dossier")
    names = {each.name for each in listed}
    return tuple(
        (each.name, overlap.plan, overlap.text) for each in listed for overlap in each.overlaps if overlap.plan in names
    )


def combine(
    plans: Sequence[Plan],
    *,
    scenarios: Sequence[str] | None = None,
    conventions: Conventions | str | Sequence[Conventions | str] | None = None,
    n_draws: int | None = None,
    rng: int | np.random.Generator | None = None,
) -> xr.Dataset:
    """Return the budget impact of several plans together.

    Parameters
    ----------
    plans : sequence of Plan
        Plans of the same years, currency, base year and price year.
    scenarios : sequence of str, optional
        "minimum", "middle" or "maximum"; default minimum and maximum: all plans at theirs.
    conventions : Conventions, str or sequence of them, optional
        As in `hecon.budget_impact`: one for all plans, or one for each; default each plan's own.
    n_draws : int, optional
        Draws instead of scenarios. A parameter that several plans hold under one name and define alike, such as the
        tariff, is drawn once for all of them.
    rng : int or numpy.random.Generator, optional
        Source of randomness.

    Returns
    -------
    xarray.Dataset
        Over plan × year × scenario (or draw) × sector: `net`, `added`, `saved` and `outside_net`; over plan × year ×
        scenario: `total`; without plan: `grand_total` and its sum so far, `grand_total_to_date`. Attrs `overlaps`:
        what the plans overlap in; by name of plan `conventions`, those that it was counted by, `price_year` and
        `base_year`. A netCDF file holds none of these, as `hecon.budget_impact` says.

    Notes
    -----
    The conventions of the plans may differ, such as how inflation adds up; the sum then mixes them. Their discount rate
    may not. Plans whose price year or base year is not reported are added as they stand: it is None in the attrs.

    In a scenario each plan is at its own least or most spending, even where that puts a number that several plans
    share at different ends; in draws they share it. The sum counts each plan as if it stood alone. What two plans
    overlap in is stated and not taken off: no source gives its size.

    Examples
    --------
    >>> import hecon
    >>> plans = [hecon.load(name).budget for name in ("acl-rupture", "first-twenty")]
    >>> together = hecon.budget.combine(plans)
    >>> together.grand_total.sizes["year"], len(hecon.budget.overlaps(plans))
    (3, 1)
    """
    _checked(plans)
    plans = list(plans)
    counting = _conventions(plans, conventions)
    rates = list(dict.fromkeys(each.discount_rate for each in counting))
    if len(rates) > 1:
        msg = f"plans must be discounted alike to be added up, got discount_rate {rates[0]:g} and {rates[1]:g}"
        raise InputError(msg)
    if n_draws is None:
        _refuse_seed(rng)
        parts = _at_scenarios(plans, counting, ("minimum", "maximum") if scenarios is None else scenarios)
    elif scenarios is None:
        parts = _at_draws(plans, counting, _checks.count("n_draws", n_draws, at_least=1), rng)
    else:
        msg = "combine must have scenarios or n_draws, got both: call it twice"
        raise InputError(msg)
    together = _added_up(plans, parts, "scenario" if n_draws is None else "draw")
    for name in ("price_year", "base_year"):
        together.attrs[name] = {each.name: getattr(each, name) for each in plans}
    together.attrs["conventions"] = {each.name: dict(vars(how)) for each, how in zip(plans, counting, strict=True)}
    return together


def _at_scenarios(plans: Sequence[Plan], counting: Sequence[Conventions], scenarios: Sequence[str]) -> list[xr.Dataset]:
    """Return the impact of each plan at its own values of each scenario."""
    if isinstance(scenarios, Mapping):
        got = "got a mapping: ask hecon.budget_impact for given values"
        msg = f"scenarios must be names, as each plan has its own values, {got}"
        raise InputError(msg)
    if not isinstance(scenarios, Sequence):
        msg = f"scenarios must be names, got {_checks.shown(scenarios)}"
        raise InputError(msg)
    chosen = (scenarios,) if isinstance(scenarios, str) else tuple(scenarios)
    for name in chosen:
        _checks.one_of("scenario", name, engine.NAMED)
    return [budget_impact(each, scenarios=chosen, conventions=how) for each, how in zip(plans, counting, strict=True)]


def _at_draws(
    plans: Sequence[Plan], counting: Sequence[Conventions], n_draws: int, rng: int | np.random.Generator | None
) -> list[xr.Dataset]:
    """Return the impact of each plan at draws of all parameters that suit every plan, those defined alike shared."""
    keys = _keys(plans)

    def own(at: int, drawn: Mapping[str, Floats]) -> dict[str, Floats]:
        return {name: drawn[keys[at][name]] for name in plans[at].parameters}

    def allowed(drawn: Mapping[str, Floats]) -> Flags:
        good = [engine.satisfies_rules(each, counting[at], own(at, drawn)) for at, each in enumerate(plans)]
        return np.asarray(functools.reduce(np.logical_and, good))

    parameters = {keys[at][name]: each.parameters[name] for at, each in enumerate(plans) for name in each.parameters}
    drawn = engine.draw_parameters(parameters, n_draws, rng, allowed=allowed)
    return [impact_at(each, counting[at], own(at, drawn), n_draws) for at, each in enumerate(plans)]


def _added_up(plans: Sequence[Plan], parts: Sequence[xr.Dataset], dim: str) -> xr.Dataset:
    stacked = [part[["net", "added", "saved", "outside_net", "total"]].drop_attrs() for part in parts]
    together = xr.concat(stacked, dim="plan", join="outer", fill_value=0.0, combine_attrs="drop")
    sectors = [sector for sector in SECTORS if sector in together["sector"].values]
    together = together.sel(sector=sectors).assign_coords(plan=[each.name for each in plans])
    together["grand_total"] = together["total"].sum("plan")
    together["grand_total_to_date"] = together["grand_total"].cumsum("year")
    stated = [{"plans": [a, b], "text": dict(text)} for a, b, text in overlaps(plans)]
    together.attrs = {"currency": plans[0].currency, "overlaps": stated}
    return together.transpose("plan", "year", dim, "sector", ...)


def _keys(plans: Sequence[Plan]) -> list[dict[str, str]]:
    """Return the name to draw each parameter of each plan by: one for all that bear a name and are defined alike."""
    seen: dict[str, list[Parameter]] = {}
    keys: list[dict[str, str]] = []
    for plan in plans:
        own = {}
        for name, parameter in plan.parameters.items():
            defined = replace(parameter, label={}, note={}, source="", status="assumed", solved_from=())
            alike = seen.setdefault(name, [])
            if defined not in alike:
                alike.append(defined)
            own[name] = f"{name} {alike.index(defined)}"
        keys.append(own)
    return keys
