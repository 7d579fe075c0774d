"""The command `hecon budget`: the budget impact of dossiers, one by one and together."""

from __future__ import annotations

import argparse
import sys
from functools import partial
from typing import TYPE_CHECKING, Any

from hecon.cli._terminal import Output, add_output, check_files, check_output, refuse_thousands, tell

if TYPE_CHECKING:
    import xarray as xr

    from hecon.assessment import BudgetResult
    from hecon.dossier.loading import Dossier
    from hecon.locale import Locale
    from hecon.report.workbooks import Workbook

    Results = list[tuple[BudgetResult | None, Dossier]]
    Together = tuple[xr.Dataset, list[Dossier], list[Dossier]]

_WORDS = ("low", "middle", "high")
_NAMED = ("minimum", "middle", "maximum")

Scenarios = list[tuple[str, dict[str, float | str]]]


def _scenario(value: str) -> tuple[str, dict[str, float | str]]:
    """Return a scenario's name and what it sets, as in ``dear:tariff=48,share_avoided=low``."""
    name, _, settings = value.partition(":")
    chosen: dict[str, float | str] = {}
    for setting in filter(None, settings.split(",")):
        figure, _, number = (part.strip() for part in setting.partition("="))
        if figure in chosen:
            msg = f"must set each figure once, got {figure!r} again in {value!r}"
            raise argparse.ArgumentTypeError(msg)
        refuse_thousands(number)
        try:
            chosen[figure] = number if number in _WORDS else float(number)
        except ValueError:
            msg = f"must be NAME, or NAME:FIGURE=VALUE with a number, low, middle or high, got {value!r}"
            raise argparse.ArgumentTypeError(msg) from None
    if settings and name.strip() in _NAMED:
        msg = f"must have a name of its own if it sets figures, got {value!r}"
        raise argparse.ArgumentTypeError(msg)
    if not name.strip():
        msg = f"must have a name, as in dear:tariff=48, got {value!r}"
        raise argparse.ArgumentTypeError(msg)
    return name.strip(), chosen


def add_budget(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command."""
    budget = commands.add_parser(
        "budget",
        help="budget impact by year, scenario and sector, held against reported totals",
        description="Show what a change of entitlement costs by year, scenario and sector, what "
        "that rests on, and which conventions give the totals that the sources report. Several dossiers are added up.",
    )
    budget.add_argument("dossiers", nargs="*", metavar="NAME|FILE", help="a dossier's name, or the path of a TOML file")
    budget.add_argument("--all", action="store_true", help="all dossiers that come with hecon and have a budget")
    budget.add_argument(
        "--scenario",
        action="append",
        type=_scenario,
        metavar="NAME[:FIGURE=VALUE,...]",
        help="minimum, middle, maximum or one of the dossier's; or a name of yours with what it sets, as in "
        "dear:tariff=48 (may be repeated; default: minimum, maximum and those of the dossier)",
    )
    add_output(budget, "folder to write NAME.budget.LANG.FORMAT to, and the sum of several as together; made if absent")
    budget.set_defaults(run=run_budget)


def run_budget(arguments: argparse.Namespace) -> None:
    """Run the command."""
    if bool(arguments.dossiers) == arguments.all:
        arguments.refuse("budget takes either dossiers or --all; hecon list names those that ship")
    check_output(arguments, several=arguments.all or len(arguments.dossiers) > 1)
    names = [name for name, _ in arguments.scenario or ()]
    if len(set(names)) < len(names):
        arguments.refuse("budget takes each --scenario once")
    from hecon import dossier as dossiers
    from hecon.dossier.loading import refuse_placeholders

    chosen = dossiers.names() if arguments.all else arguments.dossiers
    loaded = [dossiers.load(name) for name in chosen]
    without = [dossier for dossier in loaded if dossier.budget_part is None] if arguments.all else []
    loaded = [dossier for dossier in loaded if dossier not in without]
    if arguments.out is not None or arguments.format not in {None, ("text",)}:
        for dossier in loaded:
            refuse_placeholders(dossier)
    check_files([_name(dossier) for dossier in loaded], arguments)
    results = list(zip(_assessed(loaded, arguments.scenario), loaded, strict=True))
    outputs = [(_name(dossier), partial(_output, result, dossier)) for result, dossier in results]
    together = _together(results, without, arguments.scenario)
    if together is not None:
        outputs.append(("together.budget", partial(_output_together, together, printed=arguments.out is None)))
    tell(outputs, arguments)


def _assessed(loaded: list[Dossier], scenarios: Scenarios | None) -> list[BudgetResult | None]:
    import numpy as np

    from hecon.assessment import assess_budget
    from hecon.errors import InputError

    results = []
    for dossier in loaded:
        # A scenario without settings is one of the dossier's.
        chosen = None if scenarios is None else {name: settings or name for name, settings in scenarios}
        try:
            results.append(assess_budget(dossier, 10_000, np.random.default_rng(0), scenarios=chosen))
        except InputError as error:
            msg = f"{dossier.name}: {error}"
            raise InputError(msg) from None
    return results


def _together(results: Results, without: list[Dossier], scenarios: Scenarios | None) -> Together | None:
    """Return the sum of the plans with prices, their dossiers and those left out; None where there is none to make."""
    from hecon.budget.impact import combine

    priced = [(result, dossier) for result, dossier in results if result is not None and result.plan.priced]
    if len(priced) < 2:  # noqa: PLR2004
        return None
    # The settings of a scenario of one's own belong to one plan.
    own = [name for name, settings in scenarios or () if settings or name not in _NAMED]
    if own:
        told = f"no sum of these dossiers is made, as scenario {own[0]!r} has no values that all share"
        print(f"hecon: {told}; ask for {', '.join(_NAMED)} alone to have it", file=sys.stderr)
        return None
    impact = combine(
        [result.plan for result, _ in priced],
        scenarios=None if scenarios is None else [name for name, _ in scenarios],
        conventions=[result.lead for result, _ in priced],
    )
    added = [dossier for _, dossier in priced]
    return impact, added, [dossier for dossier in (*(filed for _, filed in results), *without) if dossier not in added]


def _name(dossier: Dossier) -> str:
    """Return how the files of a dossier's budget begin."""
    return f"{dossier.name}.budget"


def _output(result: BudgetResult | None, dossier: Dossier, locale: Locale) -> Output:
    from hecon.report.analyses import budget_document
    from hecon.report.sections.budget import budget_data
    from hecon.report.writers.json import plain

    def data() -> Any:  # noqa: ANN401
        budget = budget_data(result, dossier, locale)
        return plain({"name": dossier.name, "title": dossier.title, "language": locale.lang, "budget": budget}, locale)

    def workbook() -> Workbook | None:
        from hecon.report.workbooks import budget_workbook

        return None if result is None else budget_workbook(result, dossier, locale)

    return Output(lambda: budget_document(result, dossier, locale), data, workbook=workbook)


def _output_together(together: Together, locale: Locale, *, printed: bool) -> Output:
    from hecon.report.analyses import combined_data, combined_document
    from hecon.report.writers.json import plain

    impact, added, left_out = together

    def workbook() -> Workbook:
        from hecon.report.workbooks import together_workbook

        return together_workbook(impact, added, locale)

    def data() -> Any:  # noqa: ANN401
        found = plain(combined_data(impact, added), locale)
        # In a printed list nothing else tells it from those of dossiers.
        return {"together": found} if printed else found

    return Output(lambda: combined_document(impact, added, locale, left_out=left_out), data, workbook=workbook)
