"""The command `hecon trial`: a trial's own records to costs, QALYs and their uncertainty."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from functools import cache, partial
from typing import TYPE_CHECKING, Any

from hecon._controls import one_line
from hecon.cli._terminal import (
    Output,
    add_draws,
    add_length,
    add_output,
    add_rules,
    check_files,
    check_output,
    decimal,
    file_name,
    fitted,
    lengths,
    print_outputs,
    raw,
    whole,
    write_outputs,
)

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from hecon.assessment import TrialAssessment
    from hecon.locale import Locale
    from hecon.report.document import Document
    from hecon.trial import TrialAnalysis, TrialData

IMPUTATIONS = ("pmm", "scaled")
REFERENCE_BASED = ("jump-to-reference", "copy-increments")
METHODS = ("imputation", "bootstrap-single", "bootstrap-imputation")
MODELS = ("sur", "mixed", "gamma-log", "gamma-identity")
# Tables may be wider than prose.
_WIDTH = 120


def add_trial(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command."""
    command = commands.add_parser(
        "trial",
        help="analyse a trial from its patients' records: imputation, regression, bootstrap",
        description="Analyse a trial from its patients' records: what is missing is imputed, costs and QALYs are "
        "regressed on the arm, and bootstrap and Rubin's rules give the uncertainty. No value of a patient is printed, "
        "and none is written unless --imputed asks for it.",
    )
    _add_data(command)
    # Currency, values of a QALY, and the discount rates that the design leaves out.
    add_rules(command, "nl")
    command.add_argument(
        "--perspective", action="append", metavar="NAME", help="one of the design's (may be repeated; default: all)"
    )
    _add_analysis(command)
    command.add_argument(
        "--wtp",
        action="append",
        type=decimal,
        metavar="V",
        help="willingness to pay per QALY, or unit of another effect, at which to answer (may be repeated; default: "
        "the values of the rules, or those of the design)",
    )
    add_output(
        command,
        "folder to write NAME.LANG.FORMAT to, the report of one page as NAME.brief.LANG.FORMAT, and NAME.codebook.csv "
        "with what each column was taken for; made if absent. The answer is printed as well",
    )
    command.add_argument(
        "--imputed",
        type=whole(1, 10_000),
        metavar="N",
        help="with --out: also write the first N imputed sets to NAME.imputed.csv, a row per patient: values of "
        "patients, without their identifiers (default: none)",
    )
    add_length(command, "the whole report")
    # Usage errors print the usage of this command.
    command.set_defaults(run=run_trial, refuse=command.error)


def _add_data(command: argparse.ArgumentParser) -> None:
    """Add the table and its design, or the example instead."""
    command.add_argument(
        "data", nargs="?", metavar="DATA", help="table of patients: CSV, Excel, Stata, SPSS or Parquet"
    )
    command.add_argument("design", nargs="?", metavar="DESIGN", help="TOML file that says what its columns hold")
    command.add_argument(
        "--example",
        metavar="NAME|FOLDER",
        help="write a simulated teaching trial instead: meniscus, here, or in a folder, made if absent",
    )


def _add_analysis(command: argparse.ArgumentParser) -> None:
    """Add the options of the analysis."""
    command.add_argument(
        "--method", choices=METHODS, default="imputation", help="how imputation and bootstrap go together"
    )
    command.add_argument("--model", choices=MODELS, help="regression (default: mixed with clusters, else sur)")
    command.add_argument(
        "--imputation",
        choices=IMPUTATIONS,
        default="pmm",
        help="predictive mean matching (default), or with local scaling, which biases small arms less",
    )
    command.add_argument(
        "--imputations",
        type=whole(2, 10_000),
        metavar="M",
        help="number of imputations (default: as many as the Monte Carlo error takes)",
    )
    command.add_argument(
        "--monte-carlo-error",
        type=decimal,
        default=0.01,
        metavar="E",
        help="largest Monte Carlo standard error of the probabilities (default: 0.01)",
    )
    command.add_argument(
        "--replicates",
        type=whole(50, 1_000_000),
        metavar="B",
        help="bootstrap replicates of each imputed set (default: 50, and 5000 in all sets), or samples",
    )
    command.add_argument(
        "--reference-based",
        choices=REFERENCE_BASED,
        help="what is assumed of values missing after a departure from treatment, which the design has under "
        "[deviation] (default: missing at random, and with --scenarios each in turn)",
    )
    _add_beyond(command)


def _add_beyond(command: argparse.ArgumentParser) -> None:
    """Add the options of what is done beside the main analysis, and of its random numbers."""
    command.add_argument("--scenarios", action="store_true", help="analyse the trial in other ways too")
    command.add_argument(
        "--value-set",
        action="append",
        metavar="NAME|FILE|all",
        help="with --scenarios: value the EQ-5D answers by this set too, or by all others that hecon has for the "
        "version that was answered (may be repeated)",
    )
    command.add_argument(
        "--tipping", action="store_true", help="map at which shifts of imputed utilities and costs the preference turns"
    )
    add_draws(command)


def run_trial(arguments: argparse.Namespace) -> None:
    """Run the command."""
    refuse = arguments.refuse
    if arguments.example is not None:
        if arguments.data is not None:
            refuse("trial --example takes no DATA and DESIGN")
        _example(arguments.example, arguments.seed)
        return
    if arguments.data is None or arguments.design is None:
        refuse("trial takes DATA and DESIGN, or --example; hecon new --design DATA drafts a design")
    check_output(arguments)
    if arguments.imputed is not None and arguments.out is None:
        refuse("trial --imputed writes a file; give --out")
    if arguments.value_set is not None and not arguments.scenarios:
        refuse("trial --value-set takes --scenarios, among which it is")
    if arguments.value_set is not None and "all" in arguments.value_set[1:] + arguments.value_set[:-1]:
        refuse("trial --value-set all stands alone: it takes every set")
    from hecon.locale import Locale

    assessment, data = _assessed(arguments)
    lang = arguments.lang or "en"

    @cache
    def output(lang: str, length: str) -> Output:
        return _output(assessment, Locale(lang), length)

    if arguments.out is None:
        print_outputs([output(lang, arguments.length or "full")], arguments)
        return
    name = assessment.analysis.description.name
    makers = {file_name(name, each): lambda locale, each=each: output(locale.lang, each) for each in lengths(arguments)}
    write_outputs(
        makers,
        arguments,
        before=lambda: print(output(lang, "brief").plain()),
        beside=_beside(arguments, assessment, data),
    )


def _beside(arguments: argparse.Namespace, assessment: TrialAssessment, data: TrialData) -> dict[Path, str]:
    """Return the codebook, and the imputed sets where they are asked for, by their files."""
    from hecon.trial.table.codebook import codebook_text

    book, sets = _data_files(arguments, data.name)
    files = {book: codebook_text(data.codebook)}
    if arguments.imputed is not None:
        files[sets] = _imputed_text(assessment, data, arguments.imputed)
    return files


def _data_files(arguments: argparse.Namespace, name: str) -> tuple[Path, Path]:
    """Return the files of the codebook and of the imputed sets."""
    from pathlib import Path

    folder = Path(arguments.out)
    return folder / f"{name}.codebook.csv", folder / f"{name}.imputed.csv"


def _imputed_text(assessment: TrialAssessment, data: TrialData, count: int) -> str:
    """Return imputed sets as CSV, a row per set and patient, numbered in the order of the table."""
    import pandas as pd

    from hecon.errors import InputError
    from hecon.trial.table.codebook import unexecuted

    imputation = assessment.analysis.imputation
    if imputation is None:
        msg = "--imputed must be left out: nothing was missing, so that nothing was imputed"
        raise InputError(msg)
    if count > imputation.count:
        msg = f"--imputed must be at most the sets that were kept, {imputation.count}, got {count}"
        raise InputError(msg)
    strategies = [unexecuted(data.strategies[place]) for place in data.arm.tolist()]
    names = [unexecuted(name) for name in imputation.variables.names]
    tables = []
    completed = imputation.values  # noqa: PD011 (an array)
    for place, values in enumerate(completed[:count], start=1):
        table = pd.DataFrame(values, columns=names)
        table.insert(0, "arm of the patient", strategies)
        table.insert(0, "patient", range(1, len(table) + 1))
        table.insert(0, "set", place)
        tables.append(table)
    return pd.concat(tables).to_csv(index=False, lineterminator="\n")


def _check_name(where: str, names: tuple[str, ...]) -> None:
    """Refuse a misspelt name, which would become a folder."""
    from pathlib import Path

    from hecon.errors import InputError
    from hecon.files.faults import nearest

    near = nearest(where.lower(), names, alike=0.7)
    # A slash makes it a folder.
    if near and where not in names and where == Path(where).name and not Path(where).exists():
        msg = (
            f"--example must be a folder, or one of {', '.join(names)}, got {where!r}: write {near[0]} for the "
            f"example, or ./{where} for a folder of that name"
        )
        raise InputError(msg)


def _example(where: str, seed: int) -> None:
    import shlex
    from pathlib import Path

    from hecon import datasets
    from hecon._io import check_folder
    from hecon.errors import InputError

    _check_name(where, tuple(datasets.names()))
    name, folder = (where, Path()) if where in datasets.names() else (datasets.names()[0], Path(where))
    if folder.exists() and not folder.is_dir():
        msg = f"--example must be a folder, or one of {', '.join(datasets.names())}; {where!r} is a file"
        raise InputError(msg)
    for part in ("simulated.csv", "simulated.toml", "dossier.toml"):
        path = folder / f"{name}-{part}"
        if path.exists():
            msg = f"--example must be a folder without {path.name}, got {where!r}: {path} exists and is left as it is"
            raise InputError(msg)
    if where not in datasets.names():
        check_folder("--example", where)
    folder.mkdir(parents=True, exist_ok=True)
    table, design, dossier = datasets.write_trial(name, folder, rng=seed)
    names = [one_line(str(path)) for path in (table, design, dossier)]
    print(f"Wrote {names[0]}, {names[1]} and {names[2]}. The data are SIMULATED: no patient gave them. Next:\n")
    for command in (["trial", str(table), str(design)], ["assess", str(dossier)]):
        print(f"  {shlex.join(['hecon', *command])}")


@contextmanager
def _bar() -> Iterator[Callable[[str, int, int], None]]:
    """Yield the progress callback: a bar on a terminal, otherwise silent."""
    if not sys.stderr.isatty():
        from hecon.trial.analysing import silent

        yield silent
        return
    from tqdm import tqdm

    class Bar(tqdm):  # type: ignore[misc]
        # Without the thread that redraws an idle bar.
        monitor_interval = 0

    bars: dict[str, Any] = {}

    def progress(stage: str, done: int, total: int) -> None:
        if stage not in bars:
            for bar in bars.values():
                bar.close()
            bars[stage] = Bar(desc=one_line(stage), file=raw(sys.stderr), leave=False, dynamic_ncols=True)
        # A stage of unknown length reports a total that grows with it: a count, not a share.
        bars[stage].total = total if done < total else None
        bars[stage].update(done - bars[stage].n)

    try:
        yield progress
    finally:
        for bar in bars.values():
            bar.close()


def _assessed(arguments: argparse.Namespace) -> tuple[TrialAssessment, TrialData]:
    from hecon import trial
    from hecon._io import check_targets
    from hecon.assessment import assess_trial
    from hecon.assessment.trial_concluding import values_of
    from hecon.errors import InputError
    from hecon.rulesets import DEFAULT, ruleset
    from hecon.trial.sensitivity import other_value_sets
    from hecon.trial.table.checking import trial_data

    if arguments.wtp is not None:
        # Before the analysis, which takes long.
        values_of(arguments.wtp)
    data = trial_data(arguments.data, arguments.design, rules=ruleset(arguments.rules or DEFAULT, on=arguments.on))
    data = _with_values(data, arguments.wtp)
    if arguments.tipping and not data.effect.is_qaly:
        msg = "--tipping must be left out of a trial of another effect than QALYs, or of costs: it shifts utilities"
        raise InputError(msg)
    value_sets = "all" if arguments.value_set == ["all"] else arguments.value_set
    other_value_sets(data, value_sets)
    check_files([file_name(data.name, each) for each in lengths(arguments)], arguments)
    if arguments.out is not None:
        check_targets(_data_files(arguments, data.name)[: 1 + (arguments.imputed is not None)])
    with _bar() as progress:
        analysis = _analysed(data, arguments, progress)
        varied = (
            trial.scenarios(
                data, analysis, wtp=arguments.wtp, value_sets=value_sets, rng=arguments.seed, progress=progress
            )
            if arguments.scenarios
            else ()
        )
        asked = {"wtp": arguments.wtp, "rng": arguments.seed, "progress": progress}
        tipping = trial.tipping_maps(data, analysis, **asked) if arguments.tipping else ()
    # With the seed itself these are the draws of hecon.from_patients.
    draws = analysis.draws(n_draws=arguments.draws, rng=arguments.seed) if analysis.effect.exists else None
    told = {"wtp": arguments.wtp, "title": data.title, "seed": arguments.seed}
    by_level = trial.subgroups(data, analysis, rng=arguments.seed)
    return assess_trial(analysis, draws, scenarios=varied, tipping=tipping, subgroups=by_level, **told), data


def _analysed(
    data: TrialData, arguments: argparse.Namespace, progress: Callable[[str, int, int], None]
) -> TrialAnalysis:
    """Return the main analysis by the options of the command."""
    from hecon import trial

    return trial.analyse(
        data,
        perspectives=arguments.perspective,
        method=arguments.method,
        model=arguments.model,
        imputation=arguments.imputation,
        imputations=arguments.imputations,
        monte_carlo_error=arguments.monte_carlo_error,
        replicates=arguments.replicates,
        reference_based=arguments.reference_based,
        rng=arguments.seed,
        progress=progress,
    )


def _with_values(data: TrialData, wtp: list[float] | None) -> TrialData:
    """Return a trial whose effect has no value of its own with those that were asked for."""
    from dataclasses import replace

    from hecon.assessment.trial_concluding import values_of
    from hecon.errors import InputError

    if wtp is None or data.effect.is_qaly or data.effect.wtp:
        return data
    if not data.effect.exists:
        msg = f"--wtp must be left out of a comparison of costs alone, which has no effect to pay for, got {wtp[0]:g}"
        raise InputError(msg)
    return replace(data, effect=replace(data.effect, wtp=values_of(wtp)))


def _output(assessment: TrialAssessment, locale: Locale, length: str) -> Output:
    from hecon.report.trials import trial_data, trial_document

    document = partial(trial_document, assessment, locale, length=length)
    return Output(document, lambda: trial_data(assessment, locale), _compact)


def _compact(document: Document) -> str:
    """Return a document for a terminal: tables in columns where they fit, and no figures."""
    from dataclasses import replace

    from hecon.report.document import Figure, Paragraph, Table
    from hecon.report.writers.markdown import plain_text

    parts = []
    for block in document.blocks:
        if isinstance(block, Figure):
            continue
        if isinstance(block, Table):
            columns = fitted(block, _WIDTH)
            if columns is not None:
                caption = plain_text(replace(document, blocks=(Paragraph(block.caption),)))
                parts.append(f"{caption}{columns}\n")
                continue
        parts.append(plain_text(replace(document, blocks=(block,))))
    return "\n".join(parts)
