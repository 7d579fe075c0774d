"""The command `hecon sensitivity`: what turns the preference in the comparisons of dossiers."""

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
    shares,
    write_outputs,
)

if TYPE_CHECKING:
    import argparse

    from hecon.assessment import Assessment
    from hecon.locale import Locale


def add_sensitivity(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command."""
    command = commands.add_parser(
        "sensitivity",
        help="what turns the preference: thresholds and ranges of a dossier's figures",
        description="Tell at which value of each figure of a comparison another option is preferred, how far net "
        "benefit moves over its range, on which assumption the decision hangs, and what is lost by deciding from "
        "another perspective.",
    )
    add_analysis(command)
    command.add_argument("--wtp", type=amounts, metavar="V,...", help="values per unit of effect (default: the rules')")
    command.add_argument(
        "--average",
        type=shares,
        metavar="ID=W,...",
        help="average comparisons of the same options by these weights, which add up to 1",
    )
    command.add_argument(
        "--aversion",
        type=decimal,
        metavar="A",
        help="decide as someone averse to risk does too: absolute risk aversion per unit of currency, as in 0.0001",
    )
    command.add_argument(
        "--mix",
        type=shares,
        metavar="ID=SHARE,...",
        help="tell what it costs that patients get these options in these shares, which add up to 1",
    )
    add_output(command, "folder to write NAME.sensitivity.LANG.FORMAT to; made if absent")
    command.set_defaults(run=run_sensitivity)


def run_sensitivity(arguments: argparse.Namespace) -> None:
    """Run the command."""
    check_output(arguments, several=len(arguments.dossiers) != 1)
    from hecon import dossier as dossiers
    from hecon.assessment import assess
    from hecon.locale import Locale

    loaded = [dossiers.load(name, rules=arguments.rules, on=arguments.on) for name in arguments.dossiers]
    names = [f"{each.name}.sensitivity" for each in loaded]
    check_files(names, arguments)
    made = [assess(each, n_draws=arguments.draws, rng=arguments.seed) for each in loaded]
    makers = [partial(_output, each, arguments) for each in made]
    if arguments.out is not None:
        write_outputs(dict(zip(names, makers, strict=True)), arguments)
    else:
        print_outputs([make(Locale(arguments.lang or "en")) for make in makers], arguments)


def _output(assessment: Assessment, arguments: argparse.Namespace, locale: Locale) -> Output:
    from hecon.assessment.deciding import averaged, averse, mixed, perspective_losses
    from hecon.assessment.varying import band_turns, what_turns
    from hecon.report.sensitivities import Sensitivities, sensitivity_data, sensitivity_document
    from hecon.report.writers.json import plain

    wtp, weights = arguments.wtp, arguments.average
    results = chosen_comparisons(assessment, arguments.comparison)
    turns = tuple(turns for each in results if (turns := what_turns(each, wtp=wtp)) is not None)
    names = {each.spec.id for each in results}
    losses = tuple(each for each in perspective_losses(assessment, wtp=wtp) if names & set(each.comparisons))
    average = None if weights is None else averaged(assessment, weights, wtp=wtp, rng=arguments.seed)
    mix, aversion = arguments.mix, arguments.aversion
    mixes = () if mix is None else mixed(assessment, results, mix, wtp=wtp)
    risks = () if aversion is None else tuple(averse(each, aversion, shares=mix, wtp=wtp) for each in results)
    found = Sensitivities(turns, band_turns(assessment), losses, average, mixes, risks)

    def data() -> Any:  # noqa: ANN401
        return plain({"name": assessment.dossier.name, **sensitivity_data(found)}, locale)

    return Output(lambda: sensitivity_document(assessment, found, locale), data)
