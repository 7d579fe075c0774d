"""The provider's result: revenue minus costs, of one patient and of all patients together."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from hecon.payment import _counts, schemes

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from hecon.payment.caseload import Caseload
    from hecon.payment.schemes import Bundle, FeeForService, RiskCorridor

__all__ = ["Result", "all_patients", "below_zero", "one_patient", "simulated"]

# A result this near to 0, relative to the amounts that make it up, breaks even.
_EVEN = 1e-11
_CHUNK = 2_000_000


@dataclass(frozen=True)
class Result:
    """The distribution of a result, before settlement."""

    values: NDArray[np.float64]
    weights: NDArray[np.float64]
    size: float

    @property
    def mean(self) -> float:
        """Mean of the distribution."""
        return float(self.weights @ self.values)

    @property
    def sd(self) -> float:
        """Standard deviation of the distribution; one of rounding alone is none."""
        found = math.sqrt(float(self.weights @ (self.values - self.mean) ** 2))
        return found if found > _EVEN * self.size else 0.0


def one_patient(caseload: Caseload, scheme: FeeForService | Bundle, cost: float) -> Result:
    """Return the result of one patient before settlement [EUR]."""
    schemes.checked(caseload, scheme)
    values, weights, size = [], [], 0.0
    for each in caseload.classes:
        treatments = np.arange(each.given.size, dtype=np.float64)
        revenue, costs = scheme.paid(each.name, treatments), cost * treatments
        possible = each.share * each.given > 0.0
        values.append((revenue - costs)[possible])
        weights.append((each.share * each.given)[possible])
        size = max(size, float(np.abs(revenue[possible]).max(initial=0.0)), float(costs[possible].max(initial=0.0)))
    joined, chances = np.concatenate(values), np.concatenate(weights)
    # Rounding must not part what is equal: it would take the sum off its lattice.
    order = np.argsort(joined, kind="stable")
    joined, chances = joined[order], chances[order]
    new = np.append(True, np.diff(joined) > _EVEN * size)
    summed = np.bincount(np.cumsum(new) - 1, weights=chances)
    return Result(joined[new], summed / summed.sum(), size)


def all_patients(one: Result, n: int) -> tuple[Result, bool]:
    """Return the average result of n patients before settlement [EUR per patient], and whether it is exact."""
    values, weights, exact = _counts.total(one.values, one.weights, n)
    return Result(values / n, weights, one.size), exact


def below_zero(values: NDArray[np.float64], size: float) -> NDArray[np.bool_]:
    """Tell which results are a loss, beyond rounding."""
    return np.asarray(values < -_EVEN * size)


def settled(values: NDArray[np.float64], corridor: RiskCorridor | None) -> NDArray[np.float64]:
    """Return average results after settlement."""
    return values if corridor is None else corridor.settled(values)


def simulated(one: Result, n: int, practices: int, rng: np.random.Generator) -> Iterator[NDArray[np.float64]]:
    """Yield average results of simulated practices of n patients, before settlement, in parts that fit in memory."""
    sums = np.cumsum(one.weights)
    last = one.values.size - 1
    by_patient = n <= one.values.size
    step = max(1, _CHUNK // min(n, one.values.size))
    for done in range(0, practices, step):
        size = min(step, practices - done)
        if by_patient:
            places = np.minimum(np.searchsorted(sums, rng.random((size, n)), side="right"), last)
            yield one.values[places].mean(axis=1)
        else:
            yield rng.multinomial(n, one.weights, size=size) @ one.values / n
