"""Time of a probabilistic run over all plans on file: 100,000 draws of every uncertain number.

Run with ``python benchmarks/budget_impact.py``. Eight plans: those of the dossiers, COPD's two classes apart.
"""

from __future__ import annotations

import statistics
import time
from typing import TYPE_CHECKING

import hecon

if TYPE_CHECKING:
    from collections.abc import Callable

DRAWS = 100_000
REPEATS = 5


def plans() -> list[hecon.budget.Plan]:
    """Return the eight plans."""
    on_file = [plan for name in hecon.dossier.names() if (plan := hecon.load(name).budget) is not None]
    found = []
    for plan in on_file:
        found += [plan.part("high"), plan.part("low")] if plan.name == "copd" else [plan]
    return found


def timed(label: str, run: Callable[[], object]) -> None:
    """Print the median and the worst time of some runs."""
    times = []
    for _ in range(REPEATS):
        start = time.perf_counter()
        run()
        times.append(time.perf_counter() - start)
    print(f"{label}: median {statistics.median(times):.3f} s, worst {max(times):.3f} s")


def main() -> None:
    """Print the time of the run, plan by plan and of the priced ones together."""
    chosen = plans()
    priced = [plan for plan in chosen if plan.priced]
    timed(
        f"{len(chosen)} plans x {DRAWS:,} draws, one by one",
        lambda: [hecon.budget_impact(plan, n_draws=DRAWS, rng=1) for plan in chosen],
    )
    timed(f"{len(priced)} priced plans together", lambda: hecon.budget.combine(priced, n_draws=DRAWS, rng=1))


if __name__ == "__main__":
    main()
