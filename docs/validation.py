"""Make docs/validation.rst and its figure: hecon beside other packages, and published probabilities predicted.

``python docs/validation.py`` rewrites the page; the reference results of BCEA, dampack, voi and SAVI are read from the
folder that HECON_ORACLES names. The figure is drawn when the site is built.
"""

from __future__ import annotations

import csv
import json
import math
import os
import textwrap
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from information_validation import information_section

import hecon
from hecon import reported
from hecon.reported.fits import APPROXIMATION, GRADES
from hecon.reported.predictions import REPLICATES, widened_to_halves

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hecon.reported.fits import Check

HERE = Path(__file__).parent
PEERS = HERE.parent / "tests" / "peers"
PAGE = HERE / "validation.rst"
SECTIONS = ("Other packages", "Value of information", "Published probabilities")
# Binary arithmetic in another order agrees to 12 digits or so; beyond, the order of sums decides.
MOST_DIGITS = 12
RHO = hecon.Assumed(0, range=("-0.5", "0.5"), reason="costs and QALYs were not reported jointly")


# Other packages -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Agreement:
    """One result of a peer beside hecon's: how many numbers, and to how many digits all of them agree."""

    peer: str
    example: str
    result: str
    numbers: int
    digits: int


def digits(ours: Any, theirs: Any) -> int:  # noqa: ANN401 (whatever NumPy takes for numbers)
    """Return to how many significant digits of the largest number all numbers agree, at most `MOST_DIGITS`."""
    first, second = np.asarray(ours, float).ravel(), np.asarray(theirs, float).ravel()
    if second.size == 0:  # statuses alone, which were compared before
        return MOST_DIGITS
    scale = float(np.abs(second).max())
    gap = float(np.abs(first - second).max())
    if not math.isfinite(gap):
        return 0
    return MOST_DIGITS if gap <= 10.0**-MOST_DIGITS * scale else int(-math.log10(gap / scale))


def agreement(peer: str, example: str, result: str, ours: Any, theirs: Any) -> Agreement:  # noqa: ANN401
    """Return how far two sets of numbers agree."""
    return Agreement(peer, example, result, int(np.asarray(theirs).size), digits(ours, theirs))


def record(name: str) -> dict[str, Any]:
    """Return what a peer gave for the draws of its own example."""
    return dict(json.loads((PEERS / f"{name}.json").read_text(encoding="utf-8")))


def from_pypi(name: str) -> Iterator[Agreement]:
    """Yield how far hecon agrees with one of the peers on PyPI."""
    given = record(name)
    names, found, wtp = given["strategies"], given["results"], given["wtp"]
    draws = hecon.from_arrays(given["cost"], given["effect"], strategies=names, comparator=names[0])
    curves, peer = hecon.decision_curves(draws, wtp=wtp), f"{given['package']} {given['version']}"
    loss = hecon.expected_loss(draws, wtp=wtp)
    benefit = hecon.net_benefit(draws, wtp=wtp).mean("draw").transpose("wtp", "strategy")
    frontier = hecon.frontier(draws)["icer"].sel(strategy=names).values
    told = [(place, ratio) for place, ratio in enumerate(found["icer"]) if ratio is not None]
    ours = {
        "icer": [frontier[place] for place, _ in told],
        "ceac": curves["ceac"].sel(strategy=names).values,
        "ceaf": curves["ceaf"].values,
        "expected_loss": loss.sel(strategy=names).values,
        "evpi": curves["evpi"].values,
        "net_benefit": benefit.sel(strategy=names).values,
        "incremental_net_benefit": (benefit.sel(strategy=names[-1]) - benefit.sel(strategy=names[0])).values,
    }
    theirs = {**found, "icer": [ratio for _, ratio in told]}
    for key, words in RESULTS.items():
        if key in theirs:
            yield agreement(peer, given["example"], words, ours[key], theirs[key])
    if "means" in given:
        yield _frontier_of_means(peer, given["means"])


RESULTS = {
    "icer": "ICERs on the frontier",
    "ceac": "acceptability curves",
    "ceaf": "acceptability frontier",
    "expected_loss": "expected loss",
    "evpi": "EVPI",
    "net_benefit": "expected net benefit",
    "incremental_net_benefit": "incremental net benefit",
}


def _frontier_of_means(peer: str, given: dict[str, Any]) -> Agreement:
    draws = hecon.from_arrays([given["cost"]], [given["effect"]], strategies=given["strategies"])
    result = hecon.frontier(draws).sel(strategy=given["frontier"])
    if not (result["status"] == "frontier").all():
        return Agreement(peer, given["example"], RESULTS["icer"], len(given["frontier"]), 0)
    return agreement(peer, given["example"], RESULTS["icer"], result["icer"].values[1:], given["icer"][1:])


def _columns(folder: Path, name: str) -> dict[str, list[str]]:
    with (folder / name).open(newline="", encoding="utf-8") as lines:
        rows = list(csv.DictReader(lines))
    return {column: [row[column] for row in rows] for column in rows[0]}


def _numbers(folder: Path, name: str) -> np.ndarray:
    return np.array(list(_columns(folder, name).values()), dtype=float).T


def from_r(folder: Path) -> Iterator[Agreement]:
    """Yield how far hecon agrees with the packages of R, on the reference results in a folder."""
    yield from _bcea(folder)
    yield from _dampack(folder)
    draws = hecon.from_arrays(
        _numbers(folder, "voi_chemo_costs.csv"), _numbers(folder, "voi_chemo_effects.csv"), strategies=["SoC", "Novel"]
    )
    told = _columns(folder, "voi_chemo_evpi.csv")
    ours = hecon.evpi(draws, wtp=np.array(told["k"], float)).values
    yield agreement("voi 1.0.3", "chemotherapy, 10,000 draws", "EVPI", ours, np.array(told["evpi"], float))
    cost, effect = (_numbers(folder, f"savi_brennan_{name}.csv") for name in ("costs", "effects"))
    draws = hecon.from_arrays(cost, effect, strategies=[str(place) for place in range(cost.shape[1])])
    table = _columns(folder, "savi_brennan_evppi_mgcv.csv")
    rows = [place for place, name in enumerate(table["set"]) if name == "EVPI"]
    values = np.array([table["value"][place] for place in rows], float)
    ours = hecon.evpi(draws, wtp=[float(table["wtp"][place]) for place in rows]).values
    yield agreement("SAVI", "Brennan's test data, 10,000 draws, three strategies", "EVPI", ours, values)


def _bcea(folder: Path) -> Iterator[Agreement]:
    peer, example = "BCEA 2.4.84", "vaccine, 1,000 draws"
    draws = hecon.from_arrays(
        _numbers(folder, "vaccine_costs.csv"),
        _numbers(folder, "vaccine_effects.csv"),
        strategies=["s1", "s2"],
        comparator="s1",
    )
    told = {
        key: np.array(values, float) for key, values in _columns(folder, "vaccine_curves.csv").items() if key != "best"
    }
    wtp = told["k"]
    curves, benefit = hecon.decision_curves(draws, wtp=wtp), hecon.net_benefit(draws, wtp=wtp).mean("draw")
    summary = json.loads((folder / "vaccine_summary.json").read_text(encoding="utf-8"))
    ratio = float(hecon.icer(draws)["icer"].item())
    yield agreement(peer, example, "ICER", [ratio], [summary["ICER_ref_vs_comparator"]["Status Quo"]])
    yield agreement(peer, example, "EVPI", curves["evpi"].values, told["evpi"])
    eib = hecon.incremental_net_benefit(draws, wtp=wtp).mean("draw").values
    yield agreement(peer, example, "expected incremental benefit", eib, told["eib_ref_vs_s1"])
    yield agreement(peer, example, RESULTS["ceac"], curves["ceac"].sel(strategy="s2").values, told["pbest_s2"])
    yield agreement(peer, example, RESULTS["ceaf"], curves["ceaf"].values, told["ceaf"])
    both = [benefit.sel(strategy=name).values for name in ("s1", "s2")]
    yield agreement(peer, example, RESULTS["net_benefit"], both, [told["enb_s1"], told["enb_s2"]])


def _dampack(folder: Path) -> Iterator[Agreement]:
    given, found = _columns(folder, "dampack_icer_inputs.csv"), _columns(folder, "dampack_icer_results.csv")
    letters = {"ND": "frontier", "D": "dominated", "ED": "extendedly dominated"}
    for example in ("hiv", "herc", "three", "hund", "cdiff"):
        own = [place for place, name in enumerate(given["example"]) if name == example]
        cost, effect = ([[float(given[key][place]) for place in own]] for key in ("cost", "effect"))
        result = hecon.frontier(hecon.from_arrays(cost, effect, strategies=[given["strategy"][place] for place in own]))
        rows = [place for place, name in enumerate(found["example"]) if name == example]
        names = [found["Strategy"][place] for place in rows]
        same = [letters[found["Status"][place]] for place in rows] == result["status"].sel(
            strategy=names
        ).values.tolist()
        ratios = np.array([found["ICER"][place].replace("NA", "nan") for place in rows], float)
        known = np.isfinite(ratios)
        ours = result["icer"].sel(strategy=names).values[known]
        found_digits = digits(ours, ratios[known]) if same else 0
        about = ("dampack", f"{example}, {len(own)} strategies", "statuses and sequential ICERs")
        yield Agreement(*about, len(rows), found_digits)


# Published probabilities ----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Predicted:
    """A published probability beside its prediction."""

    name: str
    reference: str
    read: str
    what: str
    check: Check
    remark: str
    halves: tuple[float, float] | None


def _difference(row: dict[str, str], outcome: str) -> hecon.Difference:
    if not row[f"delta_{outcome}"]:  # at a willingness to pay of 0 the effect plays no part
        return hecon.Difference("0.0", se="0.1")
    ends = (row[f"{outcome}_low"], row[f"{outcome}_high"])
    return hecon.Difference(row[f"delta_{outcome}"], ci=ends if ends[0] else None, se=row[f"{outcome}_se"] or None)


def predict(row: dict[str, str]) -> Predicted:
    """Return a published probability with its prediction from the other statistics of its evaluation."""
    given: dict[str, Any] = {
        "cost": _difference(row, "cost"),
        "effect": _difference(row, "effect"),
        "assume": {"correlation": RHO},
        "checks": {"p_cost_effective": {row["at"]: row["printed"]}},
        "replicates": int(row["replicates"] or REPLICATES),
    }
    if row["icer"]:
        given["icer"] = hecon.Ratio(row["icer"], quadrant=row["quadrant"])
    found = reported.fit(**given)
    wide = widened_to_halves(found)
    halves = None if wide is None else reported.probability_range(wide, wtp=float(row["at"]))
    what = f"at {row['currency']} {int(row['at']):,}" if row["at"] != "0" else "of lower costs"
    return Predicted(row["name"], row["reference"], row["read"], what, found.checks[0], row["remark"], halves)


def escape() -> Iterator[Predicted]:
    """Yield the two probabilities of ESCAPE that it is not fitted to: its curve gives what its ratio leaves open."""
    curve = {10_000: "0.99", 80_000: "0.40"}
    checks = {"p_cost_effective": {0: "1.00"}, "probability_above": {"-0.057": "0.89"}}
    found = reported.fit(
        cost=hecon.Difference(-1803, ci=(-3008, -838)),
        icer=hecon.Ratio(61_584, quadrant="SW"),
        p_cost_effective=curve,
        checks=checks,
    )
    for check, what in zip(found.checks, ("of lower costs", "of at most 0.057 QALY lost"), strict=True):
        yield Predicted("ESCAPE", "PMC7212930", "partly", what, check, "skew", None)


@cache
def predictions() -> tuple[Predicted, ...]:
    """Return every published probability with its prediction, in the order of the file."""
    with (HERE / "published_evaluations.csv").open(newline="", encoding="utf-8") as lines:
        rows = list(csv.DictReader(lines))
    return (*(predict(row) for row in rows), *escape())


def draw(target: Any) -> None:  # noqa: ANN401 (a path or a file to write to)
    """Draw predicted against printed probabilities, with the band of ±0.03, as PNG."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(6.2, 6.2), dpi=150, facecolor="white", layout="constrained")
    FigureCanvasAgg(figure)
    ax = figure.subplots()
    ends = np.array([0.0, 1.0])
    ax.fill_between(ends, ends - APPROXIMATION, ends + APPROXIMATION, color="0.88", lw=0)
    ax.plot(ends, ends, color="0.4", lw=0.8)
    for grade, marker, colour in zip(GRADES, "osX", ("#1b6ca8", "#c77700", "#b00020"), strict=True):
        chosen = [each.check for each in predictions() if each.check.grade == grade]
        printed = [each.printed for each in chosen]
        predicted = np.array([each.predicted for each in chosen])
        low, high = np.array([each.range for each in chosen]).T if chosen else (np.empty(0), np.empty(0))
        bars = [np.maximum(predicted - low, 0), np.maximum(high - predicted, 0)]
        label = f"{grade} ({len(chosen)})"
        ax.errorbar(printed, predicted, yerr=bars, fmt=marker, color=colour, ms=5, lw=1, label=label)
    ax.set(xlim=(0, 1.02), ylim=(0, 1.02), xlabel="published probability", ylabel="predicted, with its range")
    ax.set_aspect("equal")
    ax.legend(frameon=False, loc="upper left")
    figure.savefig(target, format="png", metadata={"Software": None})


# The page -------------------------------------------------------------------------------------------------------------


def _table(header: tuple[str, ...], rows: list[tuple[str, ...]], widths: tuple[int, ...]) -> str:
    lines = [".. list-table::", "   :header-rows: 1", f"   :widths: {' '.join(map(str, widths))}", ""]
    for row in (header, *rows):
        lines += [f"   {'*' if place == 0 else ' '} - {cell}".rstrip() for place, cell in enumerate(row)]
    return "\n".join(lines)


def _link(reference: str) -> str:
    if reference.startswith("10."):
        return f"`{reference} <https://doi.org/{reference}>`__"
    return (
        f"`{reference} <https://pmc.ncbi.nlm.nih.gov/articles/{reference}/>`__" if reference[:3] == "PMC" else reference
    )


def peers_section(folder: Path) -> str:
    """Return the part of the page on other packages."""
    found = [*from_r(folder), *(each for name in ("heormodel", "pyheor", "deampy") for each in from_pypi(name))]
    rows = [
        (
            each.peer,
            each.example,
            each.result,
            str(each.numbers),
            f"{each.digits} or more" if each.digits == MOST_DIGITS else str(each.digits),
        )
        for each in found
    ]
    table = _table(("package", "its example", "result", "numbers", "digits"), rows, (18, 34, 26, 10, 12))
    return PEERS_TEXT.format(table=table, fewest=min(each.digits for each in found), rows=len(found))


def _shown(check: Check) -> tuple[str, str, str, str]:
    places = 3 if round(check.printed, 2) != check.printed else 2
    low, high = check.range or (math.nan, math.nan)
    gap = "0" if check.gap == 0 else f"{check.gap:+.3f}".replace("-", "−")
    return f"{check.printed:.{places}f}", f"{check.predicted:.3f}", f"{low:.3f} to {high:.3f}", gap


def published_section() -> str:
    """Return the part of the page on published probabilities."""
    found = predictions()
    rows = [
        (each.name, each.what, *_shown(each.check), str(each.check.grade), each.read, _link(each.reference))
        for each in found
    ]
    header = ("evaluation", "probability", "published", "predicted", "range", "gap", "grade", "looked up", "source")
    grades = [each.check.grade for each in found]
    values = {name: grades.count(grade) for name, grade in zip(("agree", "nearly", "apart"), GRADES, strict=True)}
    apart = "\n".join(_why(each) for each in found if each.check.grade == GRADES[2])
    skewed = [each for each in found if each.check.gap and each.halves is not None]
    met = sum(
        low <= each.check.high and high >= each.check.low for each in skewed for low, high in [each.halves or (0, 0)]
    )
    largest = max((abs(each.check.gap or 0) for each in found if each.check.grade == GRADES[1]), default=0.0)
    return PUBLISHED_TEXT.format(
        table=_table(header, rows, (16, 12, 9, 9, 14, 8, 14, 9, 16)),
        n=len(found),
        evaluations=len({each.reference for each in found}),
        read=sum(each.read == "yes" for each in found),
        apart=apart,
        skewed=len(skewed),
        met=met,
        largest=f"{largest:.3f}",
        **{f"n_{key}": value for key, value in values.items()},
    )


def _why(each: Predicted) -> str:
    printed, predicted, span, gap = _shown(each.check)
    told = f"published {printed}, predicted {predicted} ({span}), gap {gap}"
    return textwrap.fill(f"* {each.name}, {each.what}: {told}. {WHY[each.remark]}", 118, subsequent_indent="  ")


WHY = {
    "contradiction": "The source contradicts itself: its interval is centred on its mean, so no skewness explains it.",
    "skew": "Its interval is off centre, so normality is far from what the source drew.",
    "": "No reason is known.",
}

PEERS_TEXT = """\
Other packages
--------------

The results that hecon and another package both compute, on examples of that package itself. Digits: to how many
significant digits of the largest number all numbers of a row agree. None of the {rows} rows agrees to fewer than
{fewest} digits; where it is not 12 or more, the reference results hold no more.

{table}

The results of BCEA, dampack, voi and SAVI were made with R and are kept outside the package; those of heormodel,
pyheor and deampy are in ``tests/peers`` with their draws, and ``tests/peers/record.py`` asks the packages again.

Where they differ, hecon does so on purpose:

* *Ties.* Where two strategies have the same net benefit in a draw, hecon shares it between them, so that a curve does
  not depend on the order of the strategies. heormodel, pyheor and deampy give it to the first; dampack breaks ties at
  random.
* *Missing draws.* hecon refuses a draw that is NaN. pyheor gives the strategy with the NaN a probability of 1.
* *The south-west quadrant.* Where costs and effects are both lower, hecon gives the amount saved per unit lost, with
  its quadrant; deampy gives NaN.
* *The comparator.* hecon asks for it or reads it from the draws; BCEA and deampy take the first strategy.
* *Identical strategies.* hecon keeps both on the frontier; dampack keeps one of them.
"""

PUBLISHED_TEXT = """\
Published probabilities
-----------------------

{n} probabilities of {evaluations} published evaluations, each predicted from the other statistics of its evaluation:
the differences in costs and effects with their interval or standard error, and the ratio where it was published. No
evaluation published how costs and effects go together, so their correlation was varied from −0.5 to 0.5 (ESCAPE
aside, where the published curve determines it). Nothing was fitted to the probabilities in this table.

Range: over rounding and the correlation. Gap: how far the range lies from what rounds to the published value.
*Agrees*: no gap. *Agrees within approximation*: a gap of at most 0.03, for normality, plus the Monte Carlo error of
the source's bootstrap (1,000 replicates where their number was not found). *Not consistent*: a wider gap. Looked up:
"yes" where every figure of the row was read once more in the abstract or table of the source, "partly" where only
some were, "no" where the row was taken over as it was found earlier. {read} rows are "yes".

{table}

.. figure:: _build/validation.png
   :alt: Predicted against published probabilities; all but one lie in or near the band of 0.03 around equality.

   Predicted against published probabilities. Bars: range over rounding and correlation; grey: ±0.03 around equality.

{n_agree} agree, {n_nearly} agree within approximation, with a gap of at most {largest}, and {n_apart} not. What
stands behind the gaps:

* *Skewed costs.* Bootstrapped intervals that are not centred on their mean (percentile or BCa) show skewness, which
  normality leaves out. Of the {skewed} gaps with such an interval, {met} are gone where the standard error may be
  that of either half of it.
* *Bootstrap.* A share of 1,000 replicates has a standard error of up to 0.016, and a bootstrap SE beside a BCa
  interval (COPD self-management) need not be the spread that the probability was counted from.
* *Selection.* The rows are the evaluations found to publish both differences with their uncertainty and a
  probability. Several probabilities of one evaluation are not independent, and evaluations that publish that much may
  be the more careful ones.

Not consistent:

{apart}

One more contradiction cannot be seen in this table: the trial in BJPsych Open also publishes an interval of net
benefit at £ 20,000 of −£ 132 to −£ 91, which would put the probability at 0.00 where 0.33 is published and predicted.
That interval is more than twenty times too narrow.
"""

HEAD = """\
Validation
==========

.. This page is written by docs/validation.py and held against it by tests/test_validation.py: do not edit it.

Two questions: does hecon give the numbers that others give, and do the probabilities that it derives from published
statistics come out as published?
"""


def page(folder: Path) -> str:
    """Return the whole page."""
    return f"{HEAD}\n{peers_section(folder)}\n{information_section(folder, _table)}\n{published_section()}"


def main() -> None:
    """Rewrite the page."""
    PAGE.write_text(page(Path(os.environ["HECON_ORACLES"])), encoding="utf-8")


if __name__ == "__main__":
    main()
