"""Hold a plan against the totals that its source prints: which conventions give them, and what contradicts the text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hecon import _checks
from hecon.budget._searching import Search, fits
from hecon.budget.impact import checked_conventions
from hecon.budget.matches import Reconciliation
from hecon.budget.plan import Plan
from hecon.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hecon.budget.departures import Departure
    from hecon.budget.printed import Printed

__all__ = ["included", "plans_of", "reconcile"]


def reconcile(plan: Plan | Sequence[Plan], printed: Sequence[Printed] | None = None) -> Reconciliation:
    """Tell which conventions give the totals that a source prints.

    Every combination is tried of: the stated path of uptake, 50/75/100, 25/75/100 and at once; the stated cap, none,
    and 75%, as a ceiling or as a share; inflation cumulative, of the own year, or none; the scenario as printed, the
    middle of both scenarios or of every range, or one range elsewhere; all resources, all but one, or one alone. Ways
    with more than three departures from the text are left out.

    Parameters
    ----------
    plan : Plan or sequence of Plan
        The plan; with the plans that its totals include besides, if any.
    printed : sequence of Printed, optional
        The totals; default those of the (first) plan.

    Returns
    -------
    Reconciliation
        For each total a verdict, the ways to count that give it, and what the stated conventions give.

    Raises
    ------
    InputError
        If a total includes a plan that is not given, or is of another year.

    Notes
    -----
    A way to count gives a total if all its numbers come out within their printed rounding. With hundreds of ways tried,
    one that fits a single rounded number may do so by chance; `matching` and `tried` tell how many different amounts
    there are, and how many of them fit.

    Examples
    --------
    >>> import hecon
    >>> found = hecon.budget.reconcile(hecon.load("copd").budget)
    >>> [(each.printed.id, each.verdict) for each in found.totals][-1]
    ('budget_2027', 'explained')
    >>> [departure.choice for departure in found.totals[-1].matches[0].departures]
    ['none', 'middle of the scenarios']
    """
    plans = plans_of(plan)
    totals = plans[0].printed if printed is None else tuple(printed)
    searches = [Search(included(plans, total), total) for total in totals]
    together, given = _together([each for each in searches if "any" not in each.printed.spans])
    return Reconciliation(
        plans=tuple(each.name for each in plans),
        totals=tuple(each.found() for each in searches),
        together=together,
        given=given,
    )


def plans_of(plan: Plan | Sequence[Plan]) -> tuple[Plan, ...]:
    """Return one plan or several as a tuple, checked."""
    if not isinstance(plan, (Plan, tuple, list)) or plan in ((), []):
        got = "none" if isinstance(plan, (tuple, list)) else type(plan).__name__
        msg = f"plan must be a plan or a sequence of them, got {got}"
        raise InputError(msg)
    plans = (plan,) if isinstance(plan, Plan) else tuple(plan)
    for each in plans:
        checked_conventions(each, None)
    return plans


def included(plans: Sequence[Plan], total: Printed) -> tuple[Plan, ...]:
    """Return the plans that a total includes: the first, and those that it names."""
    by_name = {each.name: each for each in plans}
    for name in total.plans:
        if name not in by_name:
            msg = f"plan must hold the plans that {total.id} includes, got none named {name!r}: give a list with it"
            raise InputError(msg)
    included = (plans[0], *(by_name[name] for name in total.plans))
    for each in included:
        if not isinstance(total.year, int) or total.year not in each.years:
            years, got = ", ".join(map(str, each.years)), _checks.shown(total.year)
            msg = f"year of printed total {total.id} must be one of {years}, got {got}"
            raise InputError(msg)
    return included


def _together(searches: Sequence[Search]) -> tuple[tuple[Departure, ...], tuple[str, ...]]:
    """Return the way to count that gives most totals at once, with fewest contradictions and departures."""
    scored: dict[tuple[tuple[str, str], ...], tuple[tuple[Departure, ...], list[str]]] = {}
    for search in searches:
        if search.printed.formula is not None or not search.printed.convention_stated or search.circular:
            continue
        for departures, computed in search.ways():
            if any(each.kind in {"values", "flows"} for each in departures):
                continue
            if all(fits(computed[end], span) for end, span in search.printed.spans.items()):
                key = tuple((each.kind, each.choice) for each in departures)
                scored.setdefault(key, (departures, []))[1].append(search.printed.id)
    if not scored:
        return (), ()
    best = min(scored.values(), key=lambda each: (-len(each[1]), sum(d.contradicts for d in each[0]), len(each[0])))
    return best[0], tuple(best[1])
