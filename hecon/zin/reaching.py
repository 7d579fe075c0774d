"""How long a loss would have to last to reach a band: what it would take for a low burden."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from hecon import _checks
from hecon.zin.burden import BANDS, EDGES
from hecon.zin.shortfalls import shortfall

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from hecon.zin.population import LifeTable, Norms

__all__ = ["years_to_band"]


def years_to_band(
    decrement: float,
    *,
    age: ArrayLike,
    female: ArrayLike,
    band: str = "low",
    weights: ArrayLike | None = None,
    start: str = "exact",
    table: str | LifeTable | None = None,
    norms: str | Norms | None = None,
) -> float:
    """Return how long a loss of utility would have to last for the burden to reach a band.

    Parameters
    ----------
    decrement : float
        What comes off the population's norm, above 0 and at most 2.
    age : float or sequence of float
        Age, or the ages of a cohort [years], from 18.
    female : float or sequence of float
        Share of women, in [0, 1].
    band : {"low", "middle", "high"}, default "low"
        Band to reach.
    weights : sequence of float, optional
        Weight of each age, at least 0; default equal.
    start : {"exact", "completed", "rows"}, default "exact"
        What `age` is, as in `hecon.zin.population_qale`.
    table : str or LifeTable, optional
        Life table; default "cbs-2021".
    norms : str or Norms, optional
        EQ-5D norms; default "szende-2014".

    Returns
    -------
    float
        [years]; infinite if the rest of life is too short.

    Raises
    ------
    InputError
        If the decrement is not above 0, or the population breaks a rule.

    Notes
    -----
    The least duration at which the proportional shortfall is at the band's working edge (0.095, 0.405 or 0.705), with
    mortality of the population. A question of what it would take, not of what is likely.

    Examples
    --------
    >>> from hecon import zin
    >>> round(zin.years_to_band(0.2, age=33, female=0), 1)
    20.8
    """
    _checks.positive("decrement", decrement)
    _checks.one_of("band", band, BANDS[1:])
    people: dict[str, Any] = {
        "age": age, "female": female, "weights": weights, "start": start, "table": table, "norms": norms
    }  # fmt: skip
    edge = EDGES[BANDS.index(band) - 1]

    def beyond(years: float) -> float:
        return shortfall(**people, decrement=decrement, years=years).proportional - edge

    if beyond(math.inf) < 0:
        return math.inf
    from scipy.optimize import brentq

    highest = 1.0
    while beyond(highest) < 0:
        highest *= 2
    return float(brentq(beyond, 0.0, highest, xtol=1e-6))
