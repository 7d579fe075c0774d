"""Time of the door into the data convention: `from_arrays` and `validate` on a million draws of five strategies.

Run with ``python benchmarks/door.py``; prints seconds, the best of several runs.
"""

from __future__ import annotations

import timeit

import numpy as np
import pandas as pd

import hecon
from hecon.draws import validate

DRAWS, NAMES = 1_000_000, ["A", "B", "C", "D", "E"]


def main() -> None:
    """Print the time of each."""
    rng = np.random.default_rng(1)
    cost, effect = rng.gamma(10, 100, (DRAWS, 5)), rng.normal(8, 1, (DRAWS, 5))
    draws = hecon.from_arrays(cost, effect, strategies=NAMES)
    tables = [pd.DataFrame(values, columns=NAMES) for values in (cost, effect)]
    shuffled = [tables[0], tables[1].sample(frac=1, random_state=1)]
    for name, call in (
        ("validate", lambda: validate(draws)),
        ("from_arrays, arrays", lambda: hecon.from_arrays(cost, effect, strategies=NAMES)),
        ("from_arrays, tables", lambda: hecon.from_arrays(*tables, strategies=NAMES)),
        ("from_arrays, rows in another order", lambda: hecon.from_arrays(*shuffled, strategies=NAMES)),
    ):
        print(f"{name:<36}{min(timeit.repeat(call, number=1, repeat=7)):8.4f} s")


if __name__ == "__main__":
    main()
