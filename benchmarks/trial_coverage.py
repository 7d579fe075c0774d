"""Bias and coverage of the analysis of a trial, by scenario and way of imputing, over simulated trials of known truth.

Run: python benchmarks/trial_coverage.py [--scenarios NAME ...] [--candidates NAME ...] [--trials N] [--start FIRST]
[--processes P] [--out results.json] [--csv summary.csv]. The scenarios are in
`trial_scenarios.py`, what simulates them in `trial_severity.py` and `trial_processes.py`.

Each simulated trial is analysed complete and, by each candidate, with its missing values: 10 imputations, 200
replicates of each. What imputation adds to bias is the mean of the paired differences between the two, as both have the
same patients. A candidate is a set of options of `hecon.trial.analyse`: one of those named here, or NAME={...} with
options in JSON. Complete cases, where there are enough, are listed beside. Results do not depend on the number of
processes; runs of other trials or candidates are joined by --merge FILE ....

Rule for the choice among ways of imputing, fixed before they were compared: the one with the smallest bias of net
benefit from imputation, in absolute value and in units of the mean standard error of the complete data, summed over the
scenarios; among those that in every scenario cover net benefit in at least 92% of the trials (160 + 40: in no less than
2 points below the complete data), have a mean standard error of net benefit of 0.90 to 1.10 times the empirical one,
and no larger root mean square error of net benefit than five donors. What breaks a bound by less than twice its Monte
Carlo error is marked as doubtful: more trials decide.
"""

from __future__ import annotations

import argparse
import inspect
import json
import multiprocessing
import os
import time
import warnings
from pathlib import Path
from typing import Any

# Before NumPy: processes that each use all cores are slower together than apart.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.setdefault("OMP_NUM_THREADS", "1")

import coverage_tables as tables
import numpy as np
import trial_processes as processes
from trial_scenarios import SCENARIOS, WTP

import hecon
from hecon import trial
from hecon.errors import InputError, StatisticalWarning

CANDIDATES: dict[str, dict[str, Any]] = {
    "default": {},
    "scaled": {"imputation": "scaled"},
    "five donors": {"donors": 5, "match_type": 1},
    "one donor": {"donors": 1, "match_type": 1},
    "two donors": {"donors": 2, "match_type": 1},
    "three donors": {"donors": 3, "match_type": 1},
    "ten donors": {"donors": 10, "match_type": 1},
    "two donors, type 0": {"donors": 2, "match_type": 0},
    "bootstrap-single": {"method": "bootstrap-single", "iterations": 5},
    "bootstrap-imputation": {"method": "bootstrap-imputation", "iterations": 5},
}
# Options that change nothing where nothing is missing: candidates that differ in these share their complete data.
OF_IMPUTATION = {"imputation", "donors", "match_type", "iterations", "log_from", "departures"}
IMPUTATIONS, REPLICATES = 10, 200
# Complete data are one set, so their bootstrap needs more.
COMPLETE_REPLICATES = 1000


def options_of(given: str) -> tuple[str, dict[str, Any]]:
    """Return name and options of a candidate."""
    name, _, text = given.partition("=")
    if not text and name not in CANDIDATES:
        msg = f"--candidates must be of {', '.join(CANDIDATES)}, or NAME={{options in JSON}}; got {given!r}"
        raise SystemExit(msg)
    options = json.loads(text) if text else dict(CANDIDATES[name])
    known = inspect.signature(trial.analyse).parameters
    # Before there was a choice, donors were matched by type 1.
    if "match_type" not in known and options.get("match_type") == 1:
        del options["match_type"]
    unknown = sorted(set(options) - set(known))
    if unknown:
        msg = f"candidate {name!r}: hecon.trial.analyse has no option {', '.join(unknown)}"
        raise SystemExit(msg)
    return name, options


def complete_name(options: dict[str, Any]) -> str:
    """Return the name of the analysis of complete data that a candidate is held against."""
    kept = {key: value for key, value in sorted(options.items()) if key not in OF_IMPUTATION}
    return ", ".join([tables.COMPLETE, *map(str, kept.values())])


def numbers_of(spread: Any) -> list[float]:  # noqa: ANN401
    """Return value, standard error and bounds of both differences and net benefit, and the probability of the last."""
    sums = [(1.0, 0.0), (0.0, 1.0), (-1.0, WTP)]
    weights = [np.outer(each, [-1.0, 1.0]).ravel() for each in sums]
    estimates = [spread.of(each) for each in weights]
    found = [number for each in estimates for number in (each.value, each.se, *each.interval)]
    return [*found, spread.above_zero(weights[-1])]


def analysed(data: Any, options: dict[str, Any], replicates: int, number: int) -> tuple[list[float] | str, Any]:  # noqa: ANN401
    """Return the numbers of one analysis, its seconds last; or why it was refused."""
    start = time.perf_counter()
    given = {"replicates": replicates} | options
    if options.get("method", "imputation") == "imputation":
        given = {"imputations": IMPUTATIONS} | given
    try:
        part = trial.analyse(data, rng=np.random.default_rng([number, 1]), **given).perspectives[0]
    except InputError as error:
        return str(error), None
    return [*numbers_of(part.spread), time.perf_counter() - start], part.complete_case


def one(task: tuple[str, int, dict[str, dict[str, Any]], int]) -> dict[str, list[float | None] | str]:
    """Return the numbers of every analysis of one simulated trial, and the share of patients who lack something."""
    scenario, number, candidates, replicates = task
    warnings.simplefilter("ignore", StatisticalWarning)
    complete, incomplete = processes.trial(scenario, number)
    found: dict[str, list[float | None] | str] = {}
    lacks = np.isnan(np.column_stack([incomplete.utilities, incomplete.costs])).any(axis=1)
    found["missing"] = [float(lacks.mean())]
    for name, options in candidates.items():
        whole = complete_name(options)
        if whole not in found:
            kept = {key: value for key, value in options.items() if key not in OF_IMPUTATION}
            found[whole] = analysed(complete, kept, max(replicates, COMPLETE_REPLICATES), number)[0]
        found[name], case = analysed(incomplete, options, replicates, number)
        if case is not None and tables.CASES not in found:
            found[tables.CASES] = [*numbers_of(case.spread), None]
    return found


def simulated(given: argparse.Namespace) -> dict[str, Any]:
    """Return the numbers of all trials, by scenario and way."""
    candidates = dict(options_of(each) for each in given.candidates)
    numbers = range(given.start, given.start + given.trials)
    tasks = [(name, number, candidates, given.replicates) for name in given.scenarios for number in numbers]
    found: dict[str, dict[str, dict[str, Any]]] = {name: {} for name in given.scenarios}
    start = time.perf_counter()
    with multiprocessing.Pool(given.processes) as pool:
        for place, result in enumerate(pool.imap(one, tasks, chunksize=5), 1):
            scenario, number, *_ = tasks[place - 1]
            for way, value in result.items():
                found[scenario].setdefault(way, {})[str(number)] = value
            if number == numbers[-1]:
                print(f"{scenario}: {time.perf_counter() - start:.0f} s", flush=True)
    complete = {name: complete_name(options) for name, options in candidates.items()}
    return {
        "hecon": hecon.__version__,
        "date": time.strftime("%Y-%m-%d"),
        "imputations": IMPUTATIONS,
        "replicates": given.replicates,
        "candidates": candidates,
        "complete": {**complete, tables.CASES: complete_name({})},
        "scenarios": found,
    }


def merged(parts: list[dict[str, Any]]) -> dict[str, Any]:
    """Return the results of several runs as one; they may differ in scenarios, trials and candidates, and no more."""
    whole = parts[0]
    for part in parts[1:]:
        for key in ("hecon", "imputations", "replicates"):
            if part[key] != whole[key]:
                msg = f"--merge: runs must be alike in {key}, got {whole[key]!r} and {part[key]!r}"
                raise SystemExit(msg)
        for key in ("candidates", "complete"):
            for name, value in part[key].items():
                if whole[key].setdefault(name, value) != value:
                    msg = f"--merge: {name!r} must stand for the same options in all runs"
                    raise SystemExit(msg)
        for scenario, ways in part["scenarios"].items():
            for way, trials in ways.items():
                own = whole["scenarios"].setdefault(scenario, {}).setdefault(way, {})
                _add(own, trials, f"{scenario}, {way}")
    return whole


def _add(own: dict[str, Any], trials: dict[str, Any], where: str) -> None:
    """Add the trials of another run, whose numbers must be equal where both have a trial."""
    for number in sorted(own.keys() & trials.keys(), key=int):
        if not _same(own[number], trials[number]):
            msg = f"--merge: {where}, trial {number}: must be equal in all runs that have it: is the code the same?"
            raise SystemExit(msg)
    own.update(trials)


def _same(one_run: list[float] | str, other: list[float] | str) -> bool:
    """Return whether two runs gave the same numbers for a trial; the seconds, which are last, may differ."""
    if isinstance(one_run, str) or isinstance(other, str):
        return one_run == other
    return bool(np.allclose(one_run[:13], other[:13], rtol=1e-6, atol=1e-9))


def main() -> None:
    """Simulate, analyse, print and draw."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--scenarios", nargs="+", default=[*SCENARIOS], choices=[*SCENARIOS])
    parser.add_argument("--candidates", nargs="+", default=["default", "five donors"])
    parser.add_argument("--trials", type=int, default=1000)
    parser.add_argument("--start", type=int, default=0, help="number of the first trial")
    parser.add_argument("--replicates", type=int, default=REPLICATES, help="bootstrap replicates of each imputed set")
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--merge", nargs="+", type=Path, help="results of earlier runs, instead of simulating")
    parser.add_argument("--out", type=Path, help="file for the results of each trial, in JSON")
    parser.add_argument(
        "--csv", type=Path, help="file for the summary, of which docs/simulated_trials.py makes a table"
    )
    given = parser.parse_args()
    start = time.perf_counter()
    if given.merge:
        results = merged([json.loads(each.read_text(encoding="utf-8")) for each in given.merge])
    else:
        results = simulated(given)
        print(f"{time.perf_counter() - start:.0f} s with {given.processes} processes")
    if given.out:
        given.out.write_text(json.dumps(results | {"summary": tables.summary(results)}), encoding="utf-8")
    tables.show(results)
    if given.csv:
        tables.write_csv(results, given.csv)


if __name__ == "__main__":
    main()
