"""The command `hecon rules`: the rule sets of countries, with their dates, sources and status."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hecon.cli._terminal import add_printed, day, show

if TYPE_CHECKING:
    import argparse

    from hecon.rulesets import RuleSet


def add_rules(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command."""
    rules = commands.add_parser(
        "rules",
        help="list the rule sets of countries: values, dates, sources",
        description="List the rule sets that come with hecon, or those that are named: what a unit of effect may cost, "
        "discounting, guidelines and weights, each with its dates, its source and whether that was read.",
    )
    rules.add_argument("rules", nargs="*", metavar="NAME[@DATE]|FILE", help="rule sets (default: all)")
    rules.add_argument("--on", type=day, metavar="DATE", help="only what held on a day, as 2022-08-20")
    add_printed(rules, ("text", "json"))
    rules.set_defaults(run=run_rules)


def run_rules(arguments: argparse.Namespace) -> None:
    """Run the command."""
    from hecon import rulesets

    found = [rulesets.ruleset(name, on=arguments.on) for name in arguments.rules or rulesets.names()]
    if arguments.format == "json":
        from hecon.locale import Locale
        from hecon.report.writers.json import plain

        show([plain(_data(each), Locale(arguments.lang)) for each in found])
    else:
        _print(found, arguments.lang)


def _data(rules: RuleSet) -> dict[str, Any]:
    """Return a rule set as plain data, with what held on its day alone."""
    data = rules.model_dump(by_alias=True)
    held = {key: [each.model_dump(by_alias=True) for each in kept] for key, kept in _held(rules).items()}
    return {**data, "on": rules.on, "digest": rules.digest, **held}


def _held(rules: RuleSet) -> dict[str, tuple[Any, ...]]:
    """Return the dated rules, or those in force on the day of the rules."""
    kinds: dict[str, tuple[Any, ...]] = {
        key: getattr(rules, key) for key in ("values", "discounting", "guideline", "severity")
    }
    if rules.on is None:
        return kinds
    severity = rules.severity_on()
    return {
        "values": (rules.values_on(),),
        "discounting": rules.discounting[:1] and (rules.discounting_on(),),
        "guideline": rules.guidelines_on()[-1:],
        "severity": () if severity is None else (severity,),
    }


def _print(found: list[RuleSet], lang: str) -> None:
    import textwrap

    from hecon import _controls
    from hecon.locale import Locale
    from hecon.report.words.rules import listed_rules

    locale = Locale(lang)
    for place, rules in enumerate(found):
        print(f"{'' if place == 0 else chr(10)}{rules.name}")
        for line in listed_rules(rules, _held(rules), locale):
            text = _controls.one_line(line)
            print(textwrap.fill(text, width=100, initial_indent="  ", subsequent_indent="    ", break_long_words=False))
