"""Cost of `hecon.decision_curves`: CPU seconds, growth with the grid, ratio to a plain loop, peak memory.

Run as ``python benchmarks/decision_curves.py``. Each figure is taken in a process of its own.
Compare ratios within one run, not seconds between computers.
"""

from __future__ import annotations

import subprocess
import sys
import time
import tracemalloc

import numpy as np

import hecon

N_DRAWS, N_STRATEGIES = 1_000_000, 5
GRIDS = (501, 50_101)
LOOP_VALUES = 21
KINDS = ("continuous", "coarse")


def draws_of(kind: str):  # noqa: ANN201
    """Return draws of five strategies: continuous, or in whole thousands and tenths (many ties)."""
    rng = np.random.default_rng(2026)
    shape = (N_DRAWS, N_STRATEGIES)
    if kind == "continuous":
        cost = rng.normal(10_000, 3_000, shape) + 1_500 * np.arange(N_STRATEGIES)
        effect = rng.normal(5, 0.3, shape) + 0.05 * np.arange(N_STRATEGIES)
    else:
        cost, effect = 1_000.0 * rng.integers(0, 5, shape), 0.1 * rng.integers(0, 5, shape)
    return hecon.from_arrays(cost, effect, strategies=list("ABCDE"))


def loop(draws, grid: np.ndarray) -> np.ndarray:  # noqa: ANN001
    """Compute the four curves one willingness to pay at a time: the plain way (EVPI is returned)."""
    cost, effect = draws["cost"].to_numpy(), draws["effect"].to_numpy()
    result = []
    for wtp in grid:
        benefit = wtp * effect - cost
        top = benefit.max(axis=1)
        wins = benefit == top[:, np.newaxis]
        ceac = (wins / wins.sum(axis=1, keepdims=True)).mean(axis=0)
        expected = benefit.mean(axis=0)
        loss = top.mean() - expected
        _ = ceac[expected.argmax()]
        result.append(loss.min())
    return np.array(result)


def time_verb(kind: str, n_values: int) -> None:
    """Print CPU seconds of the verb (median of nine runs) and the peak of memory beyond the draws [MiB], traced."""
    draws = draws_of(kind)
    grid = np.linspace(0, 100_000, n_values)
    hecon.decision_curves(draws.isel(draw=slice(1000)), wtp=[0, 1])
    seconds = []
    for _ in range(9):
        start = time.process_time()
        hecon.decision_curves(draws, wtp=grid)
        seconds.append(time.process_time() - start)
    tracemalloc.start()
    hecon.decision_curves(draws, wtp=grid)
    print(f"{sorted(seconds)[4]:.3f} {tracemalloc.get_traced_memory()[1] / 2**20:.0f}")


def time_loop(kind: str, n_values: int) -> None:
    """Print CPU seconds of the loop over `LOOP_VALUES` values, scaled to `n_values`, and the difference in EVPI."""
    draws = draws_of(kind)
    grid = np.linspace(0, 100_000, LOOP_VALUES)
    start = time.process_time()
    plain = loop(draws, grid)
    seconds = (time.process_time() - start) * n_values / LOOP_VALUES
    difference = np.abs(plain - hecon.evpi(draws, wtp=grid).to_numpy()).max() / plain.max()
    print(f"{seconds:.3f} {difference:.1e}")


def measure(what: str, kind: str, n_values: int) -> list[float]:
    """Run one measurement in a process of its own."""
    command = [sys.executable, __file__, what, kind, str(n_values)]
    return [float(word) for word in subprocess.run(command, check=True, capture_output=True).stdout.split()]  # noqa: S603


def main() -> None:
    """Print the figures."""
    print(f"decision_curves, {N_DRAWS:,} draws x {N_STRATEGIES} strategies")
    for kind in KINDS:
        seconds = {}
        for n_values in GRIDS:
            seconds[n_values], memory = measure("verb", kind, n_values)
            print(
                f"  {kind:10}  {n_values:6,} values: {seconds[n_values]:6.2f} s CPU, {memory:4.0f} MiB beyond the draws"
            )
        few, many = GRIDS
        plain, difference = measure("loop", kind, few)
        print(f"  {kind:10}  {many:,} values cost {seconds[many] / seconds[few]:.2f} times as much as {few}")
        print(
            f"  {kind:10}  plain loop, {LOOP_VALUES} values scaled to {few}: {plain:.1f} s CPU,"
            f" {plain / seconds[few]:.0f} times as much; EVPI differs by {difference:.1e} of its peak"
        )


if __name__ == "__main__":
    if len(sys.argv) > 1:
        {"verb": time_verb, "loop": time_loop}[sys.argv[1]](sys.argv[2], int(sys.argv[3]))
    else:
        main()
