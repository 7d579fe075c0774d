"""How many patients a monitor needs to see that a share or mean is not what was expected, and its power."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import bdtr, bdtrik, ndtr, ndtri

from hecon import _checks
from hecon.errors import InputError

if TYPE_CHECKING:
    from hecon._arrays import Counts

__all__ = ["detection_power", "patients_needed"]

MOST_PATIENTS = 10**8
SIDES = ("one", "two")

# Largest amount whose square is a float.
_LARGEST = 1e30
# Relative difference below which a number of patients is a whole one.
_ROUNDING = 1e-12
_MOST = 1e15
_MOST_EXACT = 100_000


def patients_needed(
    expected: float,
    actual: float,
    *,
    sd: float | tuple[float, float] | None = None,
    power: float = 0.8,
    alpha: float = 0.05,
    sided: str = "one",
    design_effect: float = 1.0,
    exact: bool = False,
) -> int:
    """Return how many patients a monitor needs to see that a share or mean is not what was expected.

    ::

        n = D ((z(1 − α) σ₀ + z(power) σ₁)/(actual − expected))²,    σ² = p (1 − p) for a share

    Parameters
    ----------
    expected, actual : float
        Share or mean as expected, which is taken as known, and as it is. Without `sd` they are shares in [0, 1], the
        expected one in (0, 1).
    sd : float or (float, float), optional
        Standard deviation of one patient's value, for a mean; or two, as expected and as it is.
    power : float, default 0.8
        Probability of seeing it, in (0, 1).
    alpha : float, default 0.05
        Probability of seeing what is not there, in (0, 1).
    sided : {"one", "two"}, default "one"
        Whether a shift in one direction is looked for, or in either.
    design_effect : float, default 1
        D, at least 1: patients of one practice resemble each other. With m patients to a practice and an
        intraclass correlation ρ it is 1 + (m − 1) ρ.
    exact : bool, default False
        For shares: by the binomial test instead of the normal approximation, the number from which on the power is
        never below `power`.

    Returns
    -------
    int
        Patients. A difference of 0, or one too small to count the patients, is refused.

    References
    ----------
    Fleiss, Levin & Paik 2003, Statistical Methods for Rates and Proportions, chapter 2,
    https://doi.org/10.1002/0471445428.

    Examples
    --------
    >>> from hecon import payment
    >>> payment.patients_needed(0.39, 0.77), payment.patients_needed(0.39, 0.44)
    (10, 596)
    """
    shift, spreads = _shift(expected, actual, sd)
    level, effect = _level(alpha, sided), _effect(design_effect)
    reach = max(0.0, -ndtri(level) * spreads[0] + ndtri(_checks.open_share("power", power)) * spreads[1])
    # By logarithms, as the square of a tiny difference would vanish.
    needed = math.exp(2.0 * (math.log(reach) - math.log(shift))) if reach > 0.0 else 0.0
    if needed * effect > _MOST:
        msg = f"expected and actual must differ by more than {shift:g} for at most {_MOST:g} patients to tell"
        raise InputError(msg)
    if not exact:
        return max(1, math.ceil(needed * effect * (1.0 - _ROUNDING)))
    if sd is not None or needed > _MOST_EXACT:
        got = "a mean" if sd is not None else f"{needed:g} patients"
        msg = f"exact must be asked of shares, up to {_MOST_EXACT} patients, got {got}; leave it out"
        raise InputError(msg)
    return math.ceil(_exact(expected, actual, power, level, math.ceil(needed)) * effect * (1.0 - _ROUNDING))


def detection_power(
    n: int,
    expected: float,
    actual: float,
    *,
    sd: float | tuple[float, float] | None = None,
    alpha: float = 0.05,
    sided: str = "one",
    design_effect: float = 1.0,
) -> float:
    """Return the probability that a monitor of n patients sees that a share or mean is not what was expected.

    Parameters
    ----------
    n : int
        Patients, at least 1.
    expected, actual, sd, alpha, sided, design_effect : float, float or pair of float, str
        As in `patients_needed`.

    Returns
    -------
    float
        Probability, by the normal approximation.

    Examples
    --------
    >>> from hecon import payment
    >>> print(round(payment.detection_power(596, 0.39, 0.44), 2))
    0.8
    """
    shift, spreads = _shift(expected, actual, sd)
    level, effect = _level(alpha, sided), _effect(design_effect)
    beyond = shift * math.sqrt(number_of_patients("n", n) / effect) + ndtri(level) * spreads[0]
    if spreads[1] == 0.0:
        return float(beyond >= 0.0)
    return float(ndtr(beyond / spreads[1]))


def at_least_0(name: str, value: float) -> float:
    """Return `value` as a float if it is at least 0."""
    number = _checks.finite(name, value)
    if number < 0.0:
        msg = f"{name} must be at least 0, got {value!r}"
        raise InputError(msg)
    if number > _LARGEST:
        msg = f"{name} must be at most {_LARGEST:g}, got {number!r}"
        raise InputError(msg)
    return number


def number_of_patients(name: str, value: int) -> int:
    """Return one number of patients, or of claims, of a size that could be."""
    number = _checks.count(name, value, at_least=1)
    if number > MOST_PATIENTS:
        msg = f"{name} must be at most {MOST_PATIENTS}, got {_checks.shown(value)}"
        raise InputError(msg)
    return number


def _shift(expected: float, actual: float, sd: float | tuple[float, float] | None) -> tuple[float, tuple[float, float]]:
    if sd is None:
        _checks.open_share("expected", expected)
        _checks.probability("actual", actual)
        spreads = math.sqrt(expected * (1.0 - expected)), math.sqrt(actual * (1.0 - actual))
    else:
        given = sd if isinstance(sd, tuple) else (sd, sd)
        if len(given) != len(SIDES):
            msg = f"sd must be one number or two, got {sd!r}"
            raise InputError(msg)
        spreads = at_least_0("sd", given[0]), at_least_0("sd", given[1])
    shift = abs(_checks.finite("actual", actual) - _checks.finite("expected", expected))
    if shift == 0.0:
        msg = f"actual must differ from expected, got {actual!r} for both; there is nothing to see"
        raise InputError(msg)
    return shift, spreads


def _level(alpha: float, sided: str) -> float:
    _checks.one_of("sided", sided, SIDES)
    return _checks.open_share("alpha", alpha) / (1.0 if sided == "one" else 2.0)


def _effect(design_effect: float) -> float:
    number = _checks.finite("design_effect", design_effect)
    if number < 1.0:
        msg = f"design_effect must be at least 1, got {design_effect!r}; 1 is of independent patients"
        raise InputError(msg)
    return number


def _exact(expected: float, actual: float, power: float, level: float, near: int) -> int:
    """Return the number from which on the binomial test has the power, which rises with n as a saw does."""
    if actual > expected:
        # By the mirror image, so that one tail does for both.
        expected, actual = 1.0 - expected, 1.0 - actual
    most = 2 * near + 200
    while True:
        n: Counts = np.arange(1, most + 1)
        # The largest count whose lower tail is at most the level; scipy.stats has it too, but is slow to import.
        edge = np.ceil(bdtrik(level, n, expected))
        for _ in range(2):
            edge -= (edge >= 0.0) & (bdtr(np.maximum(edge, 0.0), n, expected) > level)
        short = np.where(edge >= 0.0, bdtr(np.maximum(edge, 0.0), n, actual), 0.0) < power
        needed = int(n[np.flatnonzero(short)[-1]]) + 1 if short.any() else 1
        # The saw may come down once more beyond the end of a range that it still cuts.
        if needed <= most / 2:
            return needed
        most *= 2
