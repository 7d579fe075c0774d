"""Several changes of entitlement at once, with what they overlap in."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import xarray as xr

from hecon import _checks
from hecon.budget import _choosing
from hecon.budget.impact import budget_impact, checked_conventions, impact_at
from hecon.budget.plan import Plan
from hecon.budget.records import SECTORS, Conventions
from hecon.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from hecon.budget.records import Parameter

__all__ = ["combine", "overlaps"]


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
    _checks.unique_names("plans", [each.name for each in plans])
    for name in ("years", "currency", "price_year", "base_year"):
        # A price year that is not reported cannot contradict another.
        found = list(dict.fromkeys(value for each in plans if (value := getattr(each, name)) is not None))
        if len(found) > 1:
            msg = f"plans must have the same {name}, got {found[0]} and {found[1]}"
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
        what the plans overlap in; `conventions`: those that each plan was counted by, by name. A netCDF file holds
        neither, as `hecon.budget_impact` says.

    Raises
    ------
    InputError
        If the plans do not go together.

    Notes
    -----
    The conventions of the plans may differ, such as how inflation adds up; the sum then mixes them.

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
    if n_draws is None:
        parts = _at_scenarios(plans, counting, ("minimum", "maximum") if scenarios is None else scenarios)
    elif scenarios is None:
        parts = _at_draws(plans, counting, _checks.count("n_draws", n_draws, at_least=1), rng)
    else:
        msg = "combine must have scenarios or n_draws, got both: call it twice"
        raise InputError(msg)
    together = _added_up(plans, parts, "scenario" if n_draws is None else "draw")
    together.attrs["conventions"] = {each.name: dict(vars(how)) for each, how in zip(plans, counting, strict=True)}
    return together


def _at_scenarios(plans: Sequence[Plan], counting: Sequence[Conventions], scenarios: Sequence[str]) -> list[xr.Dataset]:
    """Return the impact of each plan at its own values of each scenario."""
    chosen = (scenarios,) if isinstance(scenarios, str) else tuple(scenarios)
    for name in chosen:
        _checks.one_of("scenario", name, _choosing.NAMED)
    return [budget_impact(each, scenarios=chosen, conventions=how) for each, how in zip(plans, counting, strict=True)]


def _at_draws(
    plans: Sequence[Plan],
    counting: Sequence[Conventions],
    n_draws: int,
    rng: int | np.random.Generator | None,
) -> list[xr.Dataset]:
    """Return the impact of each plan at draws of all parameters that suit every plan, those defined alike shared."""
    keys = _keys(plans)

    def own(at: int, drawn: Mapping[str, NDArray[np.float64]]) -> dict[str, NDArray[np.float64]]:
        return {name: drawn[keys[at][name]] for name in plans[at].parameters}

    def allowed(drawn: Mapping[str, NDArray[np.float64]]) -> NDArray[np.bool_]:
        good = [_choosing.obeys(each, counting[at], own(at, drawn)) for at, each in enumerate(plans)]
        return np.asarray(functools.reduce(np.logical_and, good))

    parameters = {keys[at][name]: each.parameters[name] for at, each in enumerate(plans) for name in each.parameters}
    drawn = _choosing.drawn(parameters, n_draws, rng, allowed=allowed)
    return [impact_at(each, counting[at], own(at, drawn), n_draws) for at, each in enumerate(plans)]


def _added_up(plans: Sequence[Plan], parts: Sequence[xr.Dataset], dim: str) -> xr.Dataset:
    stacked = [part[["net", "added", "saved", "outside_net", "total"]].drop_attrs() for part in parts]
    together = xr.concat(stacked, dim="plan", join="outer", fill_value=0.0, combine_attrs="drop")
    sectors = [sector for sector in SECTORS if sector in together["sector"].values]
    together = together.sel(sector=sectors).assign_coords(plan=[each.name for each in plans])
    together["grand_total"] = together["total"].sum("plan")
    together["grand_total_to_date"] = together["grand_total"].cumsum("year")
    told = [{"plans": [a, b], "text": dict(text)} for a, b, text in overlaps(plans)]
    together.attrs = {"currency": plans[0].currency, "overlaps": told}
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
