"""The command `hecon burden`: the shortfall of patients of an age and sex, as text or JSON."""

from __future__ import annotations

import argparse
import math
from typing import TYPE_CHECKING, Any

from hecon.cli._terminal import show

if TYPE_CHECKING:
    from collections.abc import Callable

    from hecon.rules.burden import Shortfall

_POPULATION = ("age", "female", "population_qalys", "start", "table", "norms")
_PATIENTS = ("remaining_qalys", "smr", "utility", "decrement", "years")


def _number(value: str) -> float:
    try:
        number = float(value)
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        msg = f"must be a number with a decimal point, as in 38.2, got {value!r}"
        raise argparse.ArgumentTypeError(msg)
    return number


def _years(value: str) -> float:
    return math.inf if value == "rest-of-life" else _number(value)


def add_burden(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command."""
    burden = commands.add_parser(
        "burden",
        help="compute a burden of disease: shortfall, band, reference value",
        description="Compute the absolute and proportional shortfall of patients under current care, the band and the "
        "reference value. Give age and share of women, and either the QALYs that remain, or a loss of utility for a "
        "number of years, or a standardised mortality ratio and a utility.",
    )
    numbers: tuple[tuple[str, Callable[[str], float], str, str], ...] = (
        ("--age", _number, "YEARS", "mean age at the start, from 18"),
        ("--female", _number, "SHARE", "share of women, from 0 to 1"),
        ("--population-qalys", _number, "QALYS", "QALYs of the general population, instead of age and share of women"),
        ("--remaining-qalys", _number, "QALYS", "QALYs that remain under current care"),
        ("--decrement", _number, "U", "loss of utility against the population's norm; with --years"),
        ("--years", _years, "YEARS", "how long it lasts, or rest-of-life"),
        ("--smr", _number, "RATIO", "standardised mortality ratio of the patients"),
        ("--utility", _number, "U", "utility of the patients, for the rest of life"),
        ("--discount", _number, "RATE", "yearly rate (default: 0, the Zorginstituut's rule)"),
    )
    for flag, kind, metavar, text in numbers:
        burden.add_argument(flag, type=kind, metavar=metavar, help=text)
    burden.add_argument(
        "--start",
        choices=("exact", "completed", "rows"),
        help="what --age is (default: exact)",
    )
    burden.add_argument("--table", metavar="NAME", help="life table (default: cbs-2021)")
    burden.add_argument("--norms", metavar="NAME", help="EQ-5D norms (default: szende-2014)")
    burden.add_argument("--value-set", metavar="NAME", help="value set of the patients' utilities, as nl-5l-2016")
    burden.add_argument("--lang", choices=("nl", "en"), default="en", help="language (default: en)")
    burden.add_argument("--format", choices=("text", "json"), default="text", help="format (default: text)")
    burden.add_argument(
        "--uncertain-norms", action="store_true", help="draw the norms with their standard errors (seed 0)"
    )
    burden.add_argument("--tables", action="store_true", help="list the life tables and norms instead")
    burden.set_defaults(run=run_burden)


def run_burden(arguments: argparse.Namespace) -> None:
    """Run the command."""
    from hecon import rules

    given = {
        name: getattr(arguments, name)
        for name in (*_POPULATION, *_PATIENTS, "value_set", "discount")
        if getattr(arguments, name) is not None
    }
    if arguments.tables:
        if given:
            arguments.refuse("burden --tables takes no numbers")
        _print_tables(arguments)
        return
    if arguments.uncertain_norms:
        given |= {"uncertain_norms": True, "rng": 0}
    shortfall = rules.shortfall(**given)
    if arguments.format == "json":
        from hecon.locale import Locale
        from hecon.report.writers.json import plain

        show(plain(shortfall.data, Locale(arguments.lang)))
    else:
        _print_text(shortfall, arguments.lang)


def _print_text(shortfall: Shortfall, lang: str) -> None:
    import textwrap

    from hecon.locale import Locale
    from hecon.report.sections.burden import table_line
    from hecon.report.words import burden_words

    locale = Locale(lang)

    def row(key: str, value: str) -> str:
        return f"{locale.text(f'burden_row.{key}'):<{width}}  {value}"

    keys = ("population", "patients", "absolute", "proportional", "band", "value")
    width = max(len(locale.text(f"burden_row.{key}")) for key in keys)
    value = shortfall.reference_value
    cells = (
        f"{locale.number(shortfall.qale_population, 2)} QALY",
        f"{locale.number(shortfall.qale_patients, 2)} QALY",
        f"{locale.number(shortfall.absolute, 2)} QALY",
        locale.number(shortfall.proportional, 4),
        locale.band(shortfall.band),
        locale.text("burden_row.no_value") if value is None else locale.money(value) + " per QALY",
    )
    for key, cell in zip(keys, cells, strict=True):
        print(row(key, cell))
    print("\n" + textwrap.fill(burden_words(shortfall, locale), width=100))
    for kind, table in shortfall.tables.items():
        print("\n" + textwrap.fill(table_line(kind, table, locale), width=100))


def _print_tables(arguments: argparse.Namespace) -> None:
    from hecon.rules import tables

    rows: list[dict[str, Any]] = [vars(table) for table in tables()]
    if arguments.format == "json":
        show(rows)
        return
    width = max(len(row["name"]) for row in rows)
    for row in rows:
        kind = row["kind"].replace("_", " ")
        print(f"{row['name']:<{width}}  {kind:<10}  {row['year']}  {row['title']}  [{row['licence']}]")
