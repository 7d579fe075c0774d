"""The command `hecon voi`: what further research on the comparisons of dossiers is worth."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from hecon.cli._terminal import (
    Output,
    add_analysis,
    add_output,
    amounts,
    check_files,
    check_output,
    chosen_comparisons,
    decimal,
    print_outputs,
    sizes,
    write_outputs,
)

if TYPE_CHECKING:
    import argparse

    from hecon.assessment import Assessment
    from hecon.locale import Locale

# What a study costs: all of these or none.
_PLAN = ("accrual", "follow_up", "fixed_cost", "cost_per_patient")


def add_voi(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command."""
    command = commands.add_parser(
        "voi",
        help="value of information: what further research on a comparison is worth",
        description="Tell what a wrong decision is expected to cost per patient (EVPI), which difference drives that, "
        "what a further study of the same kind is worth (EVSI, with --sizes), what that is to all patients (with "
        "--population), and whether a study is worth its costs (with its costs and times).",
    )
    add_analysis(command)
    options = (
        ("--wtp", amounts, "V,...", "values per unit of effect (default: the rules')"),
        ("--sizes", sizes, "N,...", "patients per arm of a further study"),
        ("--patients", decimal, "N", "patients per arm behind the comparison (default: as on file)"),
        ("--population", decimal, "N", "patients per year who face the decision (default: as on file)"),
        ("--lifetime", amounts, "Y,...", "years over which it is faced (default: 5,10,20)"),
        ("--discount", decimal, "RATE", "yearly discount rate (default: the rules' rate for costs)"),
        ("--accrual", decimal, "N", "patients recruited per year, in both arms together"),
        ("--follow-up", decimal, "Y", "years of follow-up of the study"),
        ("--analysis", decimal, "Y", "years from its last measurement to its result (default: 0)"),
        ("--fixed-cost", decimal, "C", "costs of the study, whatever its size"),
        ("--cost-per-patient", decimal, "C", "costs of the study per patient"),
    )
    for flag, kind, metavar, text in options:
        command.add_argument(flag, type=kind, metavar=metavar, help=text)
    add_output(command, "folder to write NAME.voi.LANG.FORMAT to; made if absent")
    command.set_defaults(run=run_voi)


def _check_usage(arguments: argparse.Namespace) -> None:
    """Refuse options that lack what they need."""
    given = [name for name in (*_PLAN, "analysis") if getattr(arguments, name) is not None]
    needed = [name for name in (*_PLAN, "sizes") if getattr(arguments, name) is None]

    def flags(names: list[str]) -> str:
        return ", ".join(f"--{name.replace('_', '-')}" for name in names)

    if given and needed:
        arguments.refuse(f"voi weighs a study with {flags(needed)} as well, beside {flags(given)}")
    if arguments.patients is not None and arguments.sizes is None:
        arguments.refuse("voi --patients takes --sizes, the patients per arm of a further study")


def run_voi(arguments: argparse.Namespace) -> None:
    """Run the command."""
    _check_usage(arguments)
    check_output(arguments, several=len(arguments.dossiers) != 1)
    from hecon import dossier as dossiers
    from hecon.assessment import assess
    from hecon.locale import Locale

    loaded = [dossiers.load(name, rules=arguments.rules, on=arguments.on) for name in arguments.dossiers]
    names = [f"{each.name}.voi" for each in loaded]
    check_files(names, arguments)
    made = [assess(each, n_draws=arguments.draws, rng=arguments.seed) for each in loaded]
    makers = [partial(_output, each, arguments) for each in made]
    if arguments.out is not None:
        write_outputs(dict(zip(names, makers, strict=True)), arguments)
    else:
        print_outputs([make(Locale(arguments.lang or "en")) for make in makers], arguments)


def _output(assessment: Assessment, arguments: argparse.Namespace, locale: Locale) -> Output:
    from hecon.assessment.information import StudyPlan, once, research_value
    from hecon.report.analyses import information_data, information_document
    from hecon.report.writers.json import plain

    plan = None
    if arguments.accrual is not None:
        costs = {name: getattr(arguments, name) for name in _PLAN}
        plan = StudyPlan(**costs, analysis=arguments.analysis or 0.0)
    options: dict[str, Any] = {"wtp": arguments.wtp, "n": arguments.sizes, "plan": plan}
    options |= {name: getattr(arguments, name) for name in ("patients", "population", "discount")}
    if arguments.lifetime is not None:
        options["lifetime"] = arguments.lifetime
    results = once(assessment, chosen_comparisons(assessment, arguments.comparison))
    found = [research_value(assessment, each, **options) for each in results]

    def data() -> Any:  # noqa: ANN401
        return plain({"name": assessment.dossier.name, **information_data(found)}, locale)

    return Output(lambda: information_document(assessment, found, locale), data)
