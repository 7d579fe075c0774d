"""The burden of disease of a dossier, computed from its inputs."""

from __future__ import annotations

import contextlib
import itertools
import math
from dataclasses import replace
from typing import TYPE_CHECKING

from hecon import zin
from hecon.errors import InputError

if TYPE_CHECKING:
    import numpy as np

    from hecon.dossier.schema import BurdenInputs

__all__ = ["compute", "over_tables"]


def compute(inputs: BurdenInputs, n_draws: int, rng: np.random.Generator) -> zin.Shortfall:
    """Return the burden at the stated values, with the probability of each band over the stated ranges.

    Parameters
    ----------
    inputs : BurdenInputs
        The inputs, as the dossier has them.
    n_draws : int
        Number of draws.
    rng : numpy.random.Generator
        Its own stream.

    Returns
    -------
    Shortfall
        Without draws where no input has a range.

    Notes
    -----
    Whatever has a range is drawn from it uniformly, independent of the others.
    """
    values = _values(inputs)
    found = zin.shortfall(**inputs.arguments(values))
    drawn = {
        name: rng.uniform(float(part.range[0]), float(part.range[1]), n_draws)
        for name, part in inputs.stated()
        if part.range is not None
    }
    if not drawn:
        return found
    spread = zin.shortfall(**inputs.arguments({**values, **drawn}))
    return replace(
        found,
        band_probabilities=spread.band_probabilities,
        interval=spread.interval,
        proportional_draws=spread.proportional_draws,
    )


def over_tables(inputs: BurdenInputs) -> tuple[float, float]:
    """Return the lowest and highest proportional shortfall at the stated values, over every table that ships.

    Parameters
    ----------
    inputs : BurdenInputs
        The inputs, as the dossier has them.

    Returns
    -------
    (float, float)
        Over all life tables and all norms.
    """
    given = inputs.arguments(_values(inputs))
    kinds: dict[str, list[str]] = {"life_table": [], "norms": []}
    for each in zin.tables():
        kinds[each.kind].append(each.name)
    found = []
    for table, norms in itertools.product(kinds["life_table"], kinds["norms"]):
        # An age that one table answers for may lie beyond another.
        with contextlib.suppress(InputError):
            found.append(zin.shortfall(**{**given, "table": table, "norms": norms}).proportional)
    return min(found), max(found)


def _values(inputs: BurdenInputs) -> dict[str, float]:
    return {name: math.inf if isinstance(part.value, str) else float(part.value) for name, part in inputs.stated()}
