"""The command `hecon burden`: the shortfall of patients of an age and sex, as text or JSON."""

from __future__ import annotations

import math
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from hecon.cli._terminal import add_printed, add_rules, decimal, show

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable

    from hecon.locale import Locale
    from hecon.rules.burden import Shortfall

_POPULATION = ("age", "female", "population_qalys", "start", "table", "norms")
_PATIENTS = ("remaining_qalys", "smr", "utility", "decrement", "years")


def _years(value: str) -> float:
    return math.inf if value == "rest-of-life" else decimal(value)


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
        ("--age", decimal, "YEARS", "mean age at the start, from 18"),
        ("--female", decimal, "SHARE", "share of women, from 0 to 1"),
        ("--population-qalys", decimal, "QALYS", "QALYs of the general population, instead of age and share of women"),
        ("--remaining-qalys", decimal, "QALYS", "QALYs that remain under current care"),
        ("--decrement", decimal, "U", "loss of utility against the population's norm; with --years"),
        ("--years", _years, "YEARS", "how long it lasts, or rest-of-life"),
        ("--smr", decimal, "RATIO", "standardised mortality ratio of the patients"),
        ("--utility", decimal, "U", "utility of the patients, for the rest of life"),
        ("--discount", decimal, "RATE", "yearly rate (default: that of the rules; 0 by those of the Netherlands)"),
        ("--given-discount", decimal, "RATE", "yearly rate at which the QALYs that are given were discounted"),
    )
    for flag, kind, metavar, text in numbers:
        burden.add_argument(flag, type=kind, metavar=metavar, help=text)
    burden.add_argument(
        "--start",
        choices=("exact", "completed", "rows"),
        help="what --age is: exact, in completed years (half a year is added), or as printed at a row of the life "
        "table (default: exact)",
    )
    burden.add_argument("--table", metavar="NAME", help="life table (default: that of the rules)")
    burden.add_argument("--norms", metavar="NAME", help="EQ-5D norms (default: those of the rules)")
    burden.add_argument("--value-set", metavar="NAME", help="value set of the patients' utilities, as nl-5l-2016")
    add_rules(burden, "nl")
    add_printed(burden, ("text", "json"))
    burden.add_argument(
        "--uncertain-norms", action="store_true", help="draw the norms with their standard errors (seed 0)"
    )
    burden.add_argument("--tables", action="store_true", help="list the life tables and norms instead")
    burden.set_defaults(run=run_burden)


def run_burden(arguments: argparse.Namespace) -> None:
    """Run the command."""
    from hecon import rules
    from hecon.locale import Locale
    from hecon.rulesets import DEFAULT, ruleset

    given = {
        name: getattr(arguments, name)
        for name in (*_POPULATION, *_PATIENTS, "value_set", "discount", "given_discount")
        if getattr(arguments, name) is not None
    }
    if arguments.tables:
        if given:
            arguments.refuse("burden --tables takes no numbers")
        _print_tables(arguments)
        return
    if arguments.uncertain_norms:
        given |= {"uncertain_norms": True, "rng": 0}
    chosen = ruleset(arguments.rules or DEFAULT, on=arguments.on)
    shortfall, locale = rules.shortfall(**given, rules=chosen), Locale(arguments.lang)
    if arguments.format == "json":
        from hecon.report.writers.json import plain

        show(plain(shortfall.data, locale))
    else:
        _print_text(shortfall, locale)


def _print_text(shortfall: Shortfall, locale: Locale) -> None:
    import textwrap

    from hecon.report.sections.burden import table_line
    from hecon.report.words.burdens import burden_words

    value = shortfall.reference_value
    cells = {
        "population": f"{locale.number(shortfall.qale_population, 2)} QALY",
        "patients": f"{locale.number(shortfall.qale_patients, 2)} QALY",
        "absolute": f"{locale.number(shortfall.absolute, shortfall.digits('absolute', 2))} QALY",
        "proportional": locale.number(shortfall.proportional, shortfall.digits("proportional", 4)),
    }
    if shortfall.band is not None:
        told = locale.text("burden_row.no_value") if value is None else locale.money(value, shortfall.currency)
        cells["band"] = locale.band(shortfall.band)
        cells["value"] = told if value is None else f"{told} per {shortfall.rules.effect_unit}"
    if shortfall.qaly_weight is not None:
        cells["weight"] = locale.as_given(Decimal(f"{shortfall.qaly_weight:g}"))
    rows = {locale.text(f"burden_row.{key}"): cell for key, cell in cells.items()}
    width = max(map(len, rows))
    for name, cell in rows.items():
        print(f"{name:<{width}}  {cell}")
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
