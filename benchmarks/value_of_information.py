"""Value of information: bias and coverage where the truth is known, agreement with other packages, and CPU seconds.

Run as ``python benchmarks/value_of_information.py [bias] [coverage] [shared] [packages] [study] [speed]``; all by
default, on one core (``OPENBLAS_NUM_THREADS=1``). Reference results are looked for in the folder that HECON_ORACLES
names. Compare seconds within one run, not between computers.
"""

from __future__ import annotations

import csv
import os
import resource
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from shared_signal import SHARED

import hecon

if TYPE_CHECKING:
    import xarray as xr

N_DRAWS, NOISE, WTP = 5_000, 4_000.0, 20_000.0
# Replicates that are also computed with the strategies exchanged.
TURNED = 20

# Mean incremental net benefit by standard normal parameters: their number, the function, the largest bias allowed.
TRUTHS = {
    "linear": (1, lambda x: 500 + 1_000 * x[:, 0], "4%"),
    "non-linear": (1, lambda x: 800 * x[:, 0] ** 2 + 600 * np.sin(2 * x[:, 0]) - 500, "4%"),
    "null": (1, lambda x: 300 + 0 * x[:, 0], "2"),
    "null at the edge of the decision": (1, lambda x: 0 * x[:, 0], "(2)"),
    "interaction": (2, lambda x: 300 + 1_000 * x[:, 0] * x[:, 1], "4%"),
    "null of two": (2, lambda x: 300 + 0 * x[:, 0], "2"),
    "five mixed": (
        5,
        lambda x: 600 * x[:, 0] + 500 * x[:, 1] ** 2 - 300 + 400 * np.sin(2 * x[:, 2]) + 700 * x[:, 3] * x[:, 4],
        "6%",
    ),
    "null of five": (5, lambda x: 300 + 0 * x[:, 0], "2"),
}


def value(parameters: np.ndarray, cost: np.ndarray, effect: np.ndarray, *, first: bool = True) -> np.ndarray:
    """Return EVPPI, its standard error and the value out of fold of all parameters, of two strategies."""
    both = [np.column_stack([0 * each, each] if first else [each, 0 * each]) for each in (cost, effect)]
    if not first:
        both = [each - each[:, :1] for each in both]
    draws = hecon.from_arrays(*both, strategies=["A", "B"], effect_unit="unit", effect_better="more")
    names = [f"x{place}" for place in range(parameters.shape[1])]
    found = hecon.evppi(draws, pd.DataFrame(parameters, columns=names), of=tuple(names), wtp=WTP)
    return np.array([found[name].item() for name in ("evppi", "se", "out_of_fold")])


def simulated(name: str, replicates: int) -> tuple[float, np.ndarray]:
    """Return the truth of a case, and the results of its replicates."""
    size, mean, _ = TRUTHS[name]
    exact = mean(np.random.default_rng(0).normal(size=(4_000_000 // size, size)))
    found = []
    for seed in range(replicates):
        rng = np.random.default_rng(seed)
        parameters = rng.normal(size=(N_DRAWS, size))
        found.append(value(parameters, NOISE * rng.normal(size=N_DRAWS), mean(parameters) / WTP))
    return max(float(np.maximum(exact, 0).mean() - max(exact.mean(), 0)), 0.0), np.array(found)


def bias(replicates: int = 100) -> None:
    """Print the bias of each known truth."""
    print(f"Known truths, {N_DRAWS:,} draws, {replicates} replicates\n")
    print(f"{'case':34}{'truth':>8}{'EVPPI':>8}{'bias':>8}{'allowed':>9}{'out of fold':>13}")
    for name, (*_, allowed) in TRUTHS.items():
        truth, found = simulated(name, replicates)
        mean = found.mean(axis=0)
        off = f"{mean[0] / truth - 1:+.1%}" if truth > 1 else f"{mean[0] - truth:+.1f}"
        print(f"{name:34}{truth:8.1f}{mean[0]:8.1f}{off:>8}{allowed:>9}{mean[2]:13.1f}")


def coverage(replicates: int = 1_000) -> None:
    """Print how often the 95% interval holds the truth of one parameter; of a null its lower end alone."""
    print(f"\nCoverage of the 95% interval, {replicates:,} replicates\n")
    for name, (size, *_) in TRUTHS.items():
        if size == 1:
            truth, found = simulated(name, replicates)
            low, high = found[:, 0] - 1.96 * found[:, 1], found[:, 0] + 1.96 * found[:, 1]
            if truth > 1:
                print(f"{name:34}{np.mean((low <= truth) & (truth <= high)):8.1%}")
            else:
                one_sided = np.mean(found[:, 0] - 1.645 * found[:, 1] <= truth)
                print(
                    f"{name:34}{one_sided:8.1%}, one-sided (two-sided {np.mean((low <= truth) & (truth <= high)):.1%})"
                )


def shared(replicates: int = 600) -> None:
    """Print the cases in which cost and effect share signal or noise, by either strategy as the first."""
    print(f"\nShared signal and noise, {replicates} replicates\n")
    heads = ("truth", "before", "EVPPI", "MC error", "exchanged", "se", "out of fold")
    print(f"{'case':18}" + "".join(f"{head:>13}" for head in heads))
    for name, (cost, effect, truth, before) in SHARED.items():
        found, other = [], []
        for seed in range(replicates):
            x, *noise = np.random.default_rng(seed).normal(size=(4, N_DRAWS))
            pair = cost(x, *noise), effect(x, *noise)
            found.append(value(x[:, np.newaxis], *pair))
            if seed < TURNED:
                other.append(value(x[:, np.newaxis], *pair, first=False)[0] - found[-1][0])
        mean, error = np.mean(found, axis=0), np.std(found, axis=0)[0] / np.sqrt(replicates)
        numbers = (*(f"{each:.1f}" for each in (truth, before, mean[0], error)), f"{np.abs(other).max():.1e}")
        print(f"{name:18}" + "".join(f"{each:>13}" for each in (*numbers, f"{mean[1]:.1f}", f"{mean[2]:.1f}")))


def columns(name: str) -> dict[str, list[str]]:
    """Return the columns of a reference file."""
    folder = Path(os.environ.get("HECON_ORACLES", Path(__file__).parents[2] / "shared" / "oracles"))
    with (folder / name).open(newline="", encoding="utf-8") as lines:
        rows = list(csv.DictReader(lines))
    return {column: [row[column] for row in rows] for column in rows[0]}


def model(name: str) -> tuple[xr.Dataset, pd.DataFrame]:
    """Return the draws and parameters of another package's example."""
    cost, effect, parameters = (
        pd.DataFrame(columns(f"{name}_{kind}.csv"), dtype=float) for kind in ("costs", "effects", "params")
    )
    strategies = [f"s{place + 1}" for place in range(cost.shape[1])]
    return hecon.from_arrays(cost.to_numpy(), effect.to_numpy(), strategies=strategies), parameters


def packages() -> None:
    """Print what other packages found beside what hecon finds."""
    print("\nOther packages\n")
    print(f"{'example':10}{'set':34}{'wtp':>8}{'theirs':>12}{'hecon':>10}{'se':>7}{'out of fold':>13}")
    for name, (file, methods) in {
        "voi_chemo": ("voi_chemo_evppi.csv", ("gam", "gam_additive_s")),
        "vaccine": ("vaccine_evppi.csv", ("gam", "gp")),
    }.items():
        draws, parameters = model(name)
        told = columns(file)
        rows = list(zip(told["set"], told["pars"], told["method"], told["k"], told["evppi"], strict=True))
        for each in sorted({(row[0], row[1]) for row in rows}):
            known = {float(row[3]): row for row in reversed(rows) if row[:2] == each and row[2] in methods}
            wtp = [at for at in (15_000, 20_000, 30_000, 50_000) if at in known]
            found = hecon.evppi(draws, parameters, of=tuple(each[1].split("+")), wtp=wtp)
            for at in wtp:
                line(name, each[0], at, float(known[at][4]), found.isel(set=0).sel(wtp=at))
    draws, parameters = model("savi_brennan")
    told = columns("savi_brennan_evppi_mgcv.csv")
    sets = {each: tuple(each.split("+")) for each in told["set"] if each != "EVPI"}
    found = hecon.evppi(draws, parameters, of=list(sets.values()), wtp=[10_000, 20_000, 30_000])
    for each, at, known in zip(told["set"], told["wtp"], told["value"], strict=True):
        if each in sets:
            line("brennan", each, float(at), float(known), found.isel(set=list(sets).index(each)).sel(wtp=float(at)))
    every = hecon.evppi(draws, parameters, of=tuple(parameters.columns), wtp=[10_000, 20_000, 30_000])
    for at in (10_000, 20_000, 30_000):
        line("brennan", "all 19, beside EVPI", at, float(every["evpi"].sel(wtp=at)), every.isel(set=0).sel(wtp=at))


def study() -> None:
    """Print the value of studies by each method, beside the closed form and voi."""
    print("\nValue of a study: n per arm, standard error in brackets\n")
    covariance = np.array([[600**2, -0.2 * 600 * 0.03], [-0.2 * 600 * 0.03, 0.03**2]])
    differences = np.random.default_rng(5).multivariate_normal([500, 0.03], covariance, 20_000)
    both = [np.column_stack([0 * each, each]) for each in differences.T]
    draws = hecon.from_arrays(*both, strategies=["old", "new"], comparator="old")
    trial = hecon.studies.cost_and_effect("cost", "effect", sd=(5_000.0, 0.2), correlation=-0.1)
    sampling = [[5e7, -200.0], [-200.0, 0.08]]
    sizes = [25, 100, 400, 1_600]
    known = hecon.normal_information(draws, wtp=WTP, n=sizes, sampling=sampling)["evsi"].to_numpy().ravel()
    by_method(draws, pd.DataFrame(differences, columns=["cost", "effect"]), trial, dict(zip(sizes, known, strict=True)))
    draws, parameters = model("voi_chemo")
    told = columns("voi_chemo_evsi_gam_trial_binary.csv")
    rows = zip(*(map(float, told[name]) for name in ("n", "k", "evsi")), strict=True)
    known = {int(n): value for n, wtp, value in rows if wtp == WTP}
    by_method(draws, parameters, hecon.studies.two_arm_binary("p_side_effects_t1", "p_side_effects_t2"), known)


def by_method(draws: xr.Dataset, parameters: pd.DataFrame, trial: object, known: dict[int, float]) -> None:
    """Print one example by both methods."""
    print(f"{'n':24}" + "".join(f"{n:>16}" for n in known))
    print(f"{'known':24}" + "".join(f"{value:16.1f}" for value in known.values()))
    for method in ("regression", "importance"):
        begin = os.times().user
        found = hecon.evsi(draws, parameters, trial, n=list(known), wtp=WTP, method=method, rng=1).squeeze()
        cells = [f"{value:.1f} ({se:.1f})" for value, se in zip(found["evsi"].values, found["se"].values, strict=True)]
        label = f"{method}, {os.times().user - begin:.1f} s"
        print(f"{label:24}" + "".join(f"{cell:>16}" for cell in cells))
    print()


def line(example: str, name: str, wtp: float, known: float, found: xr.Dataset) -> None:
    """Print one comparison."""
    ours = [float(found[each]) for each in ("evppi", "se", "out_of_fold")]
    print(f"{example:10}{name:34}{wtp:8.0f}{known:12.3f}{ours[0]:10.3f}{ours[1]:7.2f}{ours[2]:13.3f}")


def large() -> None:
    """Print CPU seconds and the peak of memory [MB] of one parameter in a million draws."""
    rng = np.random.default_rng(0)
    x = rng.normal(size=1_000_000)
    cost, effect = rng.normal(1_000, 300, (x.size, 3)), rng.normal(5, 0.1, (x.size, 3))
    cost += [0, 500, 900]
    effect += x[:, np.newaxis] * [0, 0.05, 0.1]
    draws, parameters = hecon.from_arrays(cost, effect, strategies=list("ABC")), pd.DataFrame({"x": x})
    seconds = timed(draws, parameters, None)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1_000
    print(f"{'1,000,000 draws, 1 parameter':44}{seconds:8.2f} s, peak {peak:.0f} MB")


def timed(draws: xr.Dataset, parameters: pd.DataFrame, of: object) -> float:
    """Return the median of five user CPU seconds of `hecon.evppi` at 1,001 values."""
    wtp = np.linspace(0, 100_000, 1_001)
    hecon.evppi(draws.isel(draw=slice(1_000)), parameters.iloc[:1_000], of=of, wtp=[20_000])
    seconds = []
    for _ in range(5):
        start = os.times().user
        hecon.evppi(draws, parameters, of=of, wtp=wtp)
        seconds.append(os.times().user - start)
    return sorted(seconds)[2]


def speed() -> None:
    """Print CPU seconds, of the large case in a process of its own."""
    print("\nUser CPU seconds, 3 strategies × 1,001 values\n", flush=True)
    draws, parameters = model("savi_brennan")
    for name, of in {
        "10,000 draws, 19 parameters singly": None,
        "10,000 draws, 2 parameters": ("theta5", "theta14"),
        "10,000 draws, 5 parameters": ("theta5", "theta6", "theta7", "theta14", "theta16"),
        "10,000 draws, 19 parameters together": tuple(parameters.columns),
    }.items():
        print(f"{name:44}{timed(draws, parameters, of):8.2f} s", flush=True)
    subprocess.run([sys.executable, __file__, "large"], check=True)  # noqa: S603 (this file)


if __name__ == "__main__":
    PARTS = {each.__name__: each for each in (bias, coverage, shared, packages, study, speed)}
    if sys.argv[1:] == ["large"]:
        large()
    elif unknown := sorted(set(sys.argv[1:]) - set(PARTS)):
        sys.exit(f"{__doc__}\nNo part: {', '.join(unknown)}. Parts: {', '.join(PARTS)}")
    else:
        start = time.time()
        for part in sys.argv[1:] or PARTS:
            PARTS[part]()
        print(f"\n{time.time() - start:.0f} s in all")
