"""Time of a probabilistic run over all plans on file: 100,000 draws of every uncertain number.

Run with ``python benchmarks/budget_impact.py``. Eight plans: those of the dossiers, COPD's two classes apart.
"""

from __future__ import annotations

import statistics
import time

import hecon

DRAWS = 100_000
REPEATS = 5


def plans() -> list[hecon.budget.Plan]:
    """Return the eight plans."""
    on_file = [plan for name in hecon.dossier.names() if (plan := hecon.load(name).budget) is not None]
    found = []
    for plan in on_file:
        found += [plan.part("high"), plan.part("low")] if plan.name == "copd" else [plan]
    return found


def main() -> None:
    """Print the median time of the run, plan by plan and together."""
    chosen = plans()
    times = []
    for _ in range(REPEATS):
        start = time.perf_counter()
        for plan in chosen:
            hecon.budget_impact(plan, n_draws=DRAWS, rng=1)
        times.append(time.perf_counter() - start)
    print(f"{len(chosen)} plans x {DRAWS:,} draws, one by one: median {statistics.median(times):.3f} s, worst {max(times):.3f} s")
    priced = [plan for plan in chosen if plan.priced]
    times = []
    for _ in range(REPEATS):
        start = time.perf_counter()
        hecon.budget.combine(priced, n_draws=DRAWS, rng=1)
        times.append(time.perf_counter() - start)
    print(f"{len(priced)} priced plans together: median {statistics.median(times):.3f} s, worst {max(times):.3f} s")


if __name__ == "__main__":
    main()
