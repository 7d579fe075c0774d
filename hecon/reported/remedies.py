"""What can be done about statistics that contradict each other, or that leave a parameter open."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

from hecon import _checks
from hecon.errors import InputError
from hecon.reported._solve import WITHIN_ROUNDING, solve
from hecon.reported._system import PARAMETERS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from hecon.reported._system import Band
    from hecon.reported.fits import Fit

__all__ = ["of_contradiction", "of_needless", "remedy"]

# Statistics beyond which it is not looked for which of them stands in the way: each takes a fit of the others.
_MOST = 12


def _is_checkable(band: Band) -> bool:
    """Tell whether a statistic may be a check instead: a probability or a ratio."""
    return band.is_probability or band.kind == "icer"


def _can_stay_out(band: Band, bands: Sequence[Band]) -> bool:
    """Tell whether a statistic can be left out by itself: a difference not, if something is printed of its spread."""
    if not band.kind.startswith("delta_"):
        return True
    outcome = band.kind.removeprefix("delta_")
    return not any(each.kind.startswith(f"{outcome}_") for each in bands)


def of_contradiction(bands: Sequence[Band], fixed: Mapping[int, float], quadrant: str | None) -> str:
    """Return what to do about statistics that contradict each other: leave one out of those that stand in the way."""
    apart: list[str] = []
    if len(bands) + len(fixed) <= _MOST:
        for band in bands:
            others = [each for each in bands if each is not band]
            if others and _can_stay_out(band, bands) and solve(others, fixed, quadrant).worst <= WITHIN_ROUNDING:
                apart.append(f"{band.name} (or with it in checks)" if _is_checkable(band) else band.name)
        for index in fixed:
            others_fixed = {key: value for key, value in fixed.items() if key != index}
            if solve(bands, others_fixed, quadrant).worst <= WITHIN_ROUNDING:
                apart.append(f"the assumption of {PARAMETERS[index]}")
    if not apart:
        return "Check signs and units, or pass on_contradiction='warn'"
    without = " or ".join(f"without {name}" for name in dict.fromkeys(apart))
    return f"Check signs and units; the rest agree {without}; or pass on_contradiction='warn'"


def of_needless(index: int, bands: Sequence[Band], fixed: Mapping[int, float], quadrant: str | None) -> str:
    """Return what to do about an assumption of what the statistics determine."""
    movable = []
    for band in bands:
        others = [each for each in bands if each is not band]
        if _is_checkable(band) and others and not solve(others, fixed, quadrant).identified[index]:
            movable.append(band.name)
    return (
        f"drop the assumption{', or move ' if movable else ''}{' or '.join(movable)}{' to checks' if movable else ''}"
    )


def remedy(names: Collection[str], found: Fit | None = None) -> str:
    """Return which statistics would determine the named parameters.

    Parameters
    ----------
    names : collection of str
        Names of parameters.
    found : Fit, optional
        What was fitted so far: what cannot help beside it is left out.

    Returns
    -------
    str
        One clause per parameter.
    """
    if isinstance(names, str) or not isinstance(names, Collection):
        msg = f"names must be a collection of parameters, of {', '.join(PARAMETERS)}, got {names!r}"
        raise InputError(msg)
    return "; ".join(f"{name}: {_remedy(_checks.one_of('names', name, PARAMETERS), found)}" for name in names)


def _remedy(name: str, found: Fit | None) -> str:
    kinds = set() if found is None else {band.kind for band in found.bands}
    if name == "correlation":
        other = "another" if "p_cost_effective" in kinds else "a"
        return f"correlation, or p_cost_effective at {other} willingness to pay"
    outcome = "cost" if "cost" in name else "effect"
    article = "a" if outcome == "cost" else "an"
    if name.startswith("delta_"):
        other = "an effect" if outcome == "cost" else "a cost"
        beside = f"{other} difference" if "icer" in kinds else f"an icer beside {other} difference"
        return f"{article} {outcome} difference or arm means, or {beside}"
    # Beside a mean printed as 0 a p value says nothing of the spread.
    zero = found is not None and any(band.kind == f"delta_{outcome}" and band.target == 0 for band in found.bands)
    spread = "an interval or standard error" if zero else "an interval, standard error or p value"
    if outcome == "cost":
        return f"{spread} of the cost difference, or arm SDs with n"
    return f"{spread} of the effect difference, SDs with n, or probability_above"
