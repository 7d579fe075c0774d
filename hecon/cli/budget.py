"""The command `hecon budget`: the budget impact of dossiers, one by one and together."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

from hecon.cli._terminal import page, show, told_files

if TYPE_CHECKING:
    from hecon.assessment import BudgetResult
    from hecon.dossier.loading import Dossier
    from hecon.locale import Locale

__all__ = ["add_budget", "run_budget"]

_LANGUAGES = ("nl", "en")
_FORMATS = ("text", "md", "html", "json")
_FILES = ("html", "md", "json")
_WORDS = ("low", "middle", "high")
_NAMED = ("minimum", "middle", "maximum")

Scenarios = list[tuple[str, dict[str, float | str]]]


def _scenario(value: str) -> tuple[str, dict[str, float | str]]:
    """Return a scenario's name and what it sets, as in ``dear:tariff=48,share_avoided=low``."""
    name, _, settings = value.partition(":")
    chosen: dict[str, float | str] = {}
    for setting in filter(None, settings.split(",")):
        figure, _, number = (part.strip() for part in setting.partition("="))
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
    """Add the command to the parser's.

    Parameters
    ----------
    commands : argparse action
        What ``add_subparsers`` returned.
    """
    budget = commands.add_parser(
        "budget",
        help="budget impact by year, scenario and sector, held against printed totals",
        description="Show what a change of entitlement costs by year, scenario and sector, what "
        "that rests on, and which conventions give the totals that the sources print. Several dossiers are added up.",
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
    budget.add_argument("--lang", choices=_LANGUAGES, help="language (default: en on the terminal, both with --out)")
    budget.add_argument("--format", choices=_FORMATS, help="format (default: text; with --out: html, md and json)")
    budget.add_argument(
        "--out",
        metavar="DIR",
        help="folder to write NAME.budget.LANG.FORMAT to, and the sum of several as together; made if absent",
    )


def run_budget(arguments: argparse.Namespace, parser: argparse.ArgumentParser) -> None:
    """Run the command.

    Parameters
    ----------
    arguments : argparse.Namespace
        What was given.
    parser : argparse.ArgumentParser
        To refuse by.
    """
    if bool(arguments.dossiers) == arguments.all:
        parser.error("budget takes either dossiers or --all")
    if arguments.out is not None and arguments.format == "text":
        parser.error("budget --out writes html, md or json")
    names = [name for name, _ in arguments.scenario or ()]
    if len(set(names)) < len(names):
        parser.error("budget takes each --scenario once")
    from hecon import dossier
    from hecon.dossier.loading import refuse_placeholders

    chosen = dossier.names() if arguments.all else arguments.dossiers
    loaded = [dossier.load(name) for name in chosen]
    without = [each for each in loaded if each.budget_part is None] if arguments.all else []
    loaded = [each for each in loaded if each not in without]
    if arguments.out is None and arguments.format == "html" and len(loaded) > 1:
        parser.error("budget prints one page of html; give --out to write several")
    if arguments.out is not None or arguments.format not in {None, "text"}:
        for each in loaded:
            refuse_placeholders(each)
    if arguments.out is not None:
        from hecon._io import check_folder

        check_folder("--out", arguments.out)
    found = _found(loaded, arguments.scenario)
    if arguments.out is not None:
        _write(found, loaded, without, arguments)
        return
    _print(found, loaded, without, arguments)


def _found(loaded: list[Dossier], scenarios: Scenarios | None) -> list[BudgetResult | None]:
    import numpy as np

    from hecon.assessment import assess_budget
    from hecon.errors import InputError

    results = []
    for each in loaded:
        # A scenario without settings is known by its name.
        chosen = None if scenarios is None else {name: settings or name for name, settings in scenarios}
        try:
            results.append(assess_budget(each, 10_000, np.random.default_rng(0), scenarios=chosen))
        except InputError as error:
            msg = f"{each.name}: {error}"
            raise InputError(msg) from None
    return results


def _data(result: BudgetResult | None, dossier: Dossier, locale: Locale) -> Any:  # noqa: ANN401
    from hecon.report.sections.budget import budget_data
    from hecon.report.writers.json import plain

    data = {
        "name": dossier.name,
        "title": dossier.title,
        "language": locale.lang,
        "budget": budget_data(result, dossier, locale),
    }
    return plain(data, locale)


def _print(
    found: list[BudgetResult | None], loaded: list[Dossier], without: list[Dossier], arguments: argparse.Namespace
) -> None:
    from hecon.locale import Locale
    from hecon.report.budgets import budget_document, combined_data, combined_document
    from hecon.report.writers.html import html
    from hecon.report.writers.json import plain
    from hecon.report.writers.markdown import markdown
    from hecon.report.writers.terminal import plain_text

    kind, locale, scenarios = arguments.format or "text", Locale(arguments.lang or "en"), arguments.scenario
    together, added = _together(found, scenarios), _added(found, loaded)
    if kind == "json":
        data = [_data(result, each, locale) for result, each in zip(found, loaded, strict=True)]
        if len(data) == 1:
            show(data[0])
        else:
            show(data if together is None else [*data, {"together": plain(combined_data(together, added), locale)}])
        return
    if kind == "html":
        page(html(budget_document(found[0], loaded[0], locale)), "html")
        return
    write = markdown if kind == "md" else plain_text
    parts = [write(budget_document(result, each, locale)) for result, each in zip(found, loaded, strict=True)]
    if together is not None:
        left_out = [each for each in (*loaded, *without) if each not in added]
        parts.append(write(combined_document(together, added, locale, left_out=left_out)))
    if kind == "md":
        page("\n".join(parts), "md")
    else:
        print("\n".join(parts), end="")


def _together(found: list[BudgetResult | None], scenarios: Scenarios | None) -> Any:  # noqa: ANN401
    """Return the sum of the plans with prices, or None where there is none to make."""
    from hecon import budget

    priced = [each for each in found if each is not None and each.plan.priced]
    # What a scenario of one's own sets is of one plan.
    if len(priced) < 2 or any(settings or name not in _NAMED for name, settings in scenarios or ()):  # noqa: PLR2004
        return None
    return budget.combine(
        [each.plan for each in priced],
        scenarios=None if scenarios is None else [name for name, _ in scenarios],
        conventions=[each.lead for each in priced],
    )


def _added(found: list[BudgetResult | None], loaded: list[Dossier]) -> list[Dossier]:
    return [each for result, each in zip(found, loaded, strict=True) if result is not None and result.plan.priced]


def _write(
    found: list[BudgetResult | None], loaded: list[Dossier], without: list[Dossier], arguments: argparse.Namespace
) -> None:
    from pathlib import Path

    from hecon._io import write_whole
    from hecon.locale import Locale
    from hecon.report.budgets import budget_document, combined_data, combined_document
    from hecon.report.writers.html import html
    from hecon.report.writers.json import json_text, plain
    from hecon.report.writers.markdown import markdown

    files: dict[Path, str] = {}
    languages = (arguments.lang,) if arguments.lang else _LANGUAGES
    kinds = (arguments.format,) if arguments.format else _FILES
    for result, each in zip(found, loaded, strict=True):
        for locale in map(Locale, languages):
            document = budget_document(result, each, locale)
            for kind in kinds:
                path = Path(arguments.out) / f"{each.name}.budget.{locale.lang}.{kind}"
                if kind == "html":
                    files[path] = html(document)
                elif kind == "md":
                    files[path] = markdown(document)
                else:
                    files[path] = json_text(_data(result, each, locale))
    together = _together(found, arguments.scenario)
    if together is not None:
        added = _added(found, loaded)
        left_out = [each for each in (*loaded, *without) if each not in added]
        for locale in map(Locale, languages):
            document = combined_document(together, added, locale, left_out=left_out)
            for kind in kinds:
                path = Path(arguments.out) / f"together.budget.{locale.lang}.{kind}"
                if kind == "json":
                    files[path] = json_text(plain(combined_data(together, added), locale))
                else:
                    files[path] = markdown(document) if kind == "md" else html(document)
    print(told_files(files, write_whole(files)))
