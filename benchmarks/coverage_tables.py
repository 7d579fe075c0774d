"""Summary of the simulated trials of ``trial_coverage.py``, on the screen and as a file of the documentation."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING, Any

import numpy as np
import trial_processes as processes
from trial_scenarios import WTP

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

QUANTITIES = ("cost", "QALYs", "net benefit")
COMPLETE, REFERENCE, CASES = "complete data", "five donors", "complete cases"
# What the documentation is given of each way, by quantity.
MEASURES = ("bias", "bias_error", "paired", "paired_error", "ratio", "coverage", "rmse")
# With fewer trials that gave a result, there is nothing to sum up.
FEWEST = 2
# Bounds of the rule of choice.
COVERAGE, BELOW_COMPLETE, RATIO = 0.92, {"160 + 40": 0.02}, (0.90, 1.10)


def _table(trials: dict[str, Any], numbers: list[str]) -> Floats:
    """Return the numbers of one way, one row per trial; NaN where it was refused or not run."""
    rows = [trials.get(number) for number in numbers]
    return np.array([each if isinstance(each, list) else [np.nan] * 14 for each in rows], dtype=float)


def _error(values: Floats) -> Floats:
    """Return the Monte Carlo error of each column's mean."""
    result: Floats = values.std(axis=0, ddof=1) / np.sqrt(len(values))
    return result


def _of_way(own: Floats, complete: Floats, truth: Floats) -> dict[str, Any]:
    """Return the summary of one way in one scenario, from the trials that have both it and complete data."""
    both = np.isfinite(own[:, 0]) & np.isfinite(complete[:, 0])
    own, complete = own[both], complete[both]
    value, error, low, high = (own[:, at:12:4] for at in range(4))
    bias, paired = value - truth, value - complete[:, 0:12:4]
    inside = (low <= truth) & (truth <= high)
    count = len(own)
    empirical = value.std(axis=0, ddof=1)
    wide = (own[:, 11] - own[:, 10]).mean() / (complete[:, 11] - complete[:, 10]).mean()
    found = {
        "bias": bias.mean(axis=0),
        "bias_error": _error(bias),
        "paired": paired.mean(axis=0),
        "paired_error": _error(paired),
        "ratio": error.mean(axis=0) / empirical,
        # Of the empirical standard error; that of the mean standard error is much smaller.
        "ratio_error": error.mean(axis=0) / empirical * np.sqrt((_kurtosis(value) - 1) / (4 * count)),
        "coverage": inside.mean(axis=0),
        "coverage_error": np.sqrt(inside.mean(axis=0) * (1 - inside.mean(axis=0)) / count),
        "above": (own[:, 12] > 0.95).mean(),  # noqa: PLR2004
        "below": (own[:, 12] < 0.05).mean(),  # noqa: PLR2004
        "rmse": np.sqrt((bias**2).mean(axis=0)),
        "width": wide,
        "se": error.mean(axis=0),
        "seconds": own[:, 13].mean(),
    }
    return {
        "trials": count,
        "refused": int((~both).sum()),
        **{key: np.asarray(each).tolist() for key, each in found.items()},
    }


def _kurtosis(values: Floats) -> Floats:
    """Return the fourth moment of each column over the square of its second: 3 of a normal distribution."""
    apart = values - values.mean(axis=0)
    result: Floats = (apart**4).mean(axis=0) / (apart**2).mean(axis=0) ** 2
    return result


def _larger_error(own: Floats, reference: Floats, truth: float) -> list[float] | None:
    """Return by how much the mean square error of net benefit exceeds the reference's, and its Monte Carlo error."""
    both = np.isfinite(own[:, 8]) & np.isfinite(reference[:, 8])
    if not both.any():
        return None
    more = (own[both, 8] - truth) ** 2 - (reference[both, 8] - truth) ** 2
    return [float(more.mean()), float(_error(more))]


def summary(results: dict[str, Any]) -> dict[str, Any]:
    """Return bias, coverage and the rest, by scenario and way; complete data first."""
    found: dict[str, Any] = {}
    for scenario, ways in results["scenarios"].items():
        cost, effect = processes.truth(scenario)
        truth = np.array([cost, effect, WTP * effect - cost])
        numbers = sorted({number for trials in ways.values() for number in trials}, key=int)
        tables = {way: _table(trials, numbers) for way, trials in ways.items() if way != "missing"}
        # Complete data first, complete cases last.
        order = [*(each for each in tables if each not in results["complete"]), *results["complete"]]
        own: dict[str, Any] = {}
        for way in (each for each in order if each in tables):
            complete = tables[results["complete"].get(way, way)]
            if np.isfinite(tables[way][:, 0] + complete[:, 0]).sum() < FEWEST:
                continue
            own[way] = _of_way(tables[way], complete, truth)
            if REFERENCE in tables and way in results["candidates"]:
                own[way]["larger_square_error"] = _larger_error(tables[way], tables[REFERENCE], truth[2])
        missing = float(np.mean([each[0] for each in ways["missing"].values()]))
        found[scenario] = {"truth": truth.tolist(), "trials": len(numbers), "missing": missing, "ways": own}
    return found


def _marked(excess: float, error: float) -> str:
    """Return how a bound was broken: not, doubtfully or beyond Monte Carlo error."""
    if excess <= 0:
        return ""
    return "no" if excess > 2 * error else "doubtful"


def _breaks(scenario: str, own: dict[str, Any], complete: dict[str, Any]) -> list[str]:
    """Return which bounds of the rule of choice a candidate breaks in a scenario."""
    least = complete["coverage"][2] - BELOW_COMPLETE[scenario] if scenario in BELOW_COMPLETE else COVERAGE
    ratio, ratio_error = own["ratio"][2], own["ratio_error"][2]
    checks = {
        f"coverage {own['coverage'][2]:.3f} < {least:.3f}": (least - own["coverage"][2], own["coverage_error"][2]),
        f"SE/empirical {ratio:.2f}": (max(RATIO[0] - ratio, ratio - RATIO[1]), ratio_error),
    }
    if own.get("larger_square_error"):
        checks["RMSE larger than five donors'"] = tuple(own["larger_square_error"])
    marks = {text: _marked(*each) for text, each in checks.items()}
    return [f"{scenario}: {text} ({mark})" for text, mark in marks.items() if mark]


def choice(results: dict[str, Any], summaries: dict[str, Any]) -> list[tuple[str, float, list[str]]]:
    """Return for each candidate the sum of the rule of choice, smallest first, and which of its bounds are broken."""
    found = []
    for name in results["candidates"]:
        total, broken = 0.0, []
        for scenario, each in summaries.items():
            if name not in each["ways"]:
                broken.append(f"{scenario}: no result (no)")
                continue
            own, complete = each["ways"][name], each["ways"][results["complete"][name]]
            total += abs(own["paired"][2]) / complete["se"][2]
            broken += _breaks(scenario, own, complete)
        found.append((name, total, broken))
    return sorted(found, key=lambda each: each[1])


HEAD = (
    f"{'':22}{'bias':>34}   {'bias of imputation (paired)':>34}   {'SE/empirical':>14}   {'coverage':>17}   "
    f"{'P>.95':>5} {'<.05':>5} {'RMSE':>5} {'width':>5} {'s':>5}\n"
    f"{'':22}{'cost':>11}{'QALYs':>14}{'NB':>9}   {'cost':>11}{'QALYs':>14}{'NB':>9}   {'C':>4} {'Q':>4} {'NB':>4}   "
    f"{'C':>5} {'Q':>5} {'NB':>5}"
)


def _line(way: str, own: dict[str, Any]) -> str:
    def three(key: str) -> str:
        (cost, effect, benefit), (c, e, b) = own[key], own[f"{key}_error"]
        return f"{cost:6.0f} ({c:2.0f}) {effect:7.4f} ({e:.4f}) {benefit:5.0f} ({b:2.0f})".rjust(35)

    ratio = " ".join(f"{each:4.2f}" for each in own["ratio"])
    cover = " ".join(f"{each:5.3f}" for each in own["coverage"])
    seconds = own["seconds"]
    return (
        f"  {way:20}{three('bias')}  {three('paired')}   {ratio}   {cover}   {own['above']:5.3f} {own['below']:5.3f} "
        f"{own['rmse'][2]:5.0f} {own['width']:5.2f} {seconds:5.2f}"
    ).replace("  nan", "    –")


def show(results: dict[str, Any]) -> None:
    """Print a table per scenario, and the order of the candidates by the rule of choice."""
    summaries = summary(results)
    print(
        f"\nhecon {results['hecon']}, {results['date']}: {results['imputations']} imputations, {results['replicates']}"
    )
    print("replicates of each. Brackets: Monte Carlo error. NB: net benefit at 20,000 per QALY.\n")
    print(HEAD)
    for scenario, each in summaries.items():
        cost, effect, benefit = each["truth"]
        print(
            f"{scenario}: {each['trials']} trials, {each['missing']:.0%} of patients lack something; truth {cost:.0f}, "
            f"{effect:.4f}, {abs(benefit):.0f}"
        )
        for way, own in each["ways"].items():
            print(_line(way, own))
            if own["refused"]:
                print(f"    without {own['refused']} trials in which it, or that of complete data, gave no result")
        for way, trials in results["scenarios"][scenario].items():
            for reason in sorted({value for value in trials.values() if isinstance(value, str)}):
                print(f"    {way} was refused: {reason}")
    print("\nBias of net benefit from imputation, in SE of the complete data, summed over scenarios; bounds broken:")
    for name, total, broken in choice(results, summaries):
        print(f"  {name:20} {total:.2f}  {'; '.join(broken) or 'none'}")


def write_csv(results: dict[str, Any], path: Path) -> None:
    """Write the summary of each way in each scenario, one row each, as docs/simulated_trials.py reads it."""
    with path.open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file, lineterminator="\n")
        rows.writerow(["date", "scenario", "way", "trials", "measure", *QUANTITIES])
        for scenario, each in summary(results).items():
            for way, own in each["ways"].items():
                measures = {name: own[name] for name in MEASURES} | {"above": ["", "", own["above"]]}
                for name, values in measures.items():
                    shown = [value if isinstance(value, str) else f"{value:.5g}" for value in values]
                    rows.writerow([results["date"], scenario, way, own["trials"], name, *shown])
