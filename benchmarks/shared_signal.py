"""Four cases in which cost and effect share signal or noise, whose EVPPI is known: for the benchmark and the tests."""

from __future__ import annotations

import numpy as np

__all__ = ["SHARED", "WTP"]

WTP = 20_000.0

# Differences in cost and effect by a parameter and three noises, all standard normal; the truth; and the mean of 60
# replicates, on other draws, of a regression with one penalty for net benefit that leaves straight lines unpenalised.
SHARED = {
    "independent": (
        lambda x, z, *_: 1_000 * x**2 + 2_000 * z,
        lambda x, _, z, __: 0.05 * np.sin(2 * x) + 0.1 * z,
        131,
        138,
    ),
    "noise cancels": (
        lambda x, z, u, _: 300 * np.sin(6 * x) + 30_000 * z + 400 * u,
        lambda _, z, __, v: (30_000 * z + 400 * v) / WTP,
        95,
        86,
    ),
    "null": (lambda _, z, u, __: 30_000 * z + 400 * u, lambda _, z, __, v: (30_000 * z + 400 * v) / WTP, 0, 6.8),
    "signal cancels": (
        lambda x, z, *_: 20_000 * np.sin(3 * x) + 200 * x + 2_000 * z,
        lambda x, _, z, __: np.sin(3 * x) + 4 * z,
        79,
        223,
    ),
}
