"""Time value sets and shortfalls: a million states, and draws of every input, beside the plain loop over draws.

Run: python benchmarks/burden_of_disease.py
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import numpy as np

import hecon
from hecon import zin

if TYPE_CHECKING:
    from collections.abc import Callable

STATES = 1_000_000
DRAWS = 100_000
LOOP = 200
PEOPLE = {"age": 60, "female": 0.4}


def seconds(call: Callable[[], object]) -> float:
    """Return the processor time of a call, the best of three."""
    found = []
    for _ in range(3):
        start = time.process_time()
        call()
        found.append(time.process_time() - start)
    return min(found)


def states() -> None:
    """Print how long a million states take, in each form."""
    items = np.random.default_rng(0).integers(1, 6, (STATES, 5))
    numbers = items @ np.array([10_000, 1_000, 100, 10, 1])
    hecon.utility(11111, value_set="nl-5l-2016")
    for name, given in (("numbers", numbers), ("items", items), ("text", numbers.astype(str))):
        took = seconds(lambda given=given: hecon.utility(given, value_set="nl-5l-2016"))
        print(f"{STATES:,} states as {name:8} {took:6.2f} s")


def shortfalls() -> None:
    """Print how long draws of each input take, and how many times longer the loop does (timed at a few, scaled)."""
    rng = np.random.default_rng(0)
    ratio, lost, years = rng.uniform(1, 3, DRAWS), rng.uniform(0, 0.3, DRAWS), rng.uniform(1, 9, DRAWS)
    curve = ([0, 5, 10], [1, 0.5, 0.2])
    cases: dict[str, dict[str, object]] = {
        "decrement": {"decrement": lost, "years": 5},
        "decrement and years": {"decrement": lost, "years": years},
        "mortality ratio": {"smr": ratio, "utility": 0.7},
        "ratio and decrement": {"smr": ratio, "decrement": lost, "years": 5},
        "ratio, decrement, years": {"smr": ratio, "decrement": lost, "years": years},
        "survival curve, years": {"survival": curve, "beyond": "population", "decrement": 0.2, "years": years},
    }
    for name, given in cases.items():
        whole = seconds(lambda given=given: zin.shortfall(**PEOPLE, **given))
        start = time.process_time()
        for draw in range(LOOP):
            one = {key: value[draw] if isinstance(value, np.ndarray) else value for key, value in given.items()}
            zin.shortfall(**PEOPLE, **one)
        loop = (time.process_time() - start) * DRAWS / LOOP
        print(f"{DRAWS:,} draws of {name:24} {whole:6.2f} s, {loop / whole:8,.0f} times faster than the loop")


if __name__ == "__main__":
    states()
    shortfalls()
