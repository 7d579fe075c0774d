"""Caseloads: how many treatments patients get, by severity class."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import xarray as xr

from hecon import _checks
from hecon.errors import InputError
from hecon.payment import _amounts, _counts

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

__all__ = ["Caseload", "SeverityClass"]

_ROUNDING = 1e-9
_FAR = 1e12


@dataclass(frozen=True)
class SeverityClass:
    """Patients of one severity class, and the whole number of treatments that one of them needs in a year.

    Parameters
    ----------
    name : str
        By which claims, prices and thresholds name the class.
    share : float
        Share of the patients, in [0, 1].
    mean, sd : float, optional
        Of the treatments that a patient needs [treatments per patient per year], at least 0.
    probabilities : sequence of float, optional
        Probability of needing 0, 1, 2, ... treatments, instead of mean and standard deviation.
    maximum : int, optional
        Most treatments that are given [treatments per patient per year]: what is needed beyond it, falls away.

    Raises
    ------
    InputError
        If a number is out of range, mean and standard deviation cannot be those of whole numbers, or both or neither
        of moments and probabilities are given.

    Notes
    -----
    By moments the distribution is negative binomial (variance above the mean), Poisson (equal), or below it a mixture
    of the two binomials with that mean whose variances lie next to the one given: an assumption on the shape, for
    which probabilities can be put.

    References
    ----------
    Panjer 1981, https://doi.org/10.1017/S0515036100006796 (the three distributions as one class).

    Examples
    --------
    >>> from hecon import payment
    >>> heavy = payment.SeverityClass("heavy", share=0.4, mean=30, sd=15, maximum=70)
    >>> print(round(heavy.mean_given, 2), round(heavy.sd_given, 2))
    29.84 14.48
    """

    name: str
    share: float = field(kw_only=True)
    mean: float | None = field(default=None, kw_only=True)
    sd: float | None = field(default=None, kw_only=True)
    probabilities: Sequence[float] | None = field(default=None, kw_only=True)
    maximum: int | None = field(default=None, kw_only=True)
    needed: NDArray[np.float64] = field(init=False, repr=False, compare=False)
    given: NDArray[np.float64] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        (name,) = _checks.unique_names("name", [self.name])
        label = f"of class {name!r}"
        _checks.probability(f"share {label}", self.share)
        if self.maximum is not None:
            _checks.count(f"maximum {label}", self.maximum, at_least=0)
        if self.probabilities is None:
            needed = self._from_moments(label)
        elif self.mean is None and self.sd is None:
            needed, listed = _from_probabilities(label, self.probabilities)
            object.__setattr__(self, "probabilities", listed)
        else:
            msg = f"probabilities {label} must stand alone, got mean or sd too; leave out one of the two"
            raise InputError(msg)
        object.__setattr__(self, "needed", needed)
        object.__setattr__(self, "given", _counts.capped(needed, self.maximum))

    def _from_moments(self, label: str) -> NDArray[np.float64]:
        if self.mean is None or self.sd is None:
            msg = f"mean and sd {label} must both be given, got {self.mean!r} and {self.sd!r}; or give probabilities"
            raise InputError(msg)
        mean, sd = (
            _amounts.at_least_0(f"{what} {label}", value) for what, value in (("mean", self.mean), ("sd", self.sd))
        )
        lowest = math.sqrt(_counts.lowest_variance(mean)) if mean < _FAR else 0.0
        if sd < lowest * (1 - _ROUNDING) or (mean == 0.0 and sd > 0.0):
            rule = f"at least {lowest:.3g}, as treatments are whole numbers" if mean else "0 where the mean is 0"
            msg = f"sd {label} must be {rule}, got {sd!r} with mean {mean!r}"
            raise InputError(msg)
        if max(mean, sd) > _counts.LARGEST or _counts.support(mean, sd) > _counts.LARGEST:
            msg = (
                f"mean and sd {label} must leave more than {_counts.LARGEST} treatments practically impossible, got"
                f" {mean!r} and {sd!r}; give treatments per patient per year"
            )
            raise InputError(msg)
        return _counts.by_moments(mean, sd)

    @property
    def mean_given(self) -> float:
        """Mean treatments given, with the maximum applied [treatments per patient]."""
        return float(self.given @ np.arange(self.given.size))

    @property
    def sd_given(self) -> float:
        """Standard deviation of the treatments given [treatments per patient]."""
        return math.sqrt(float(self.given @ (np.arange(self.given.size) - self.mean_given) ** 2))


@dataclass(frozen=True, init=False)
class Caseload:
    """The patients of a provider or insurer: severity classes whose shares add up to 1.

    Parameters
    ----------
    classes : iterable of SeverityClass
        In any order, which changes no result.

    Raises
    ------
    InputError
        If there is no class, a name stands twice or the shares do not add up to 1.

    Notes
    -----
    Patients are independent, and a new one belongs to each class with the probability of its share.

    Examples
    --------
    >>> from hecon import payment
    >>> light = payment.SeverityClass("light", share=0.6, mean=8, sd=4)
    >>> heavy = payment.SeverityClass("heavy", share=0.4, mean=30, sd=15)
    >>> patients = payment.Caseload([light, heavy])
    >>> print(round(patients.mean, 6), round(patients.sd, 3))
    16.8 14.689
    """

    classes: tuple[SeverityClass, ...]

    def __init__(self, classes: Iterable[SeverityClass]) -> None:
        object.__setattr__(self, "classes", _classes(classes))

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the classes, in the order given."""
        return tuple(each.name for each in self.classes)

    @property
    def mean(self) -> float:
        """Mean treatments given [treatments per patient]."""
        return math.fsum(each.share * each.mean_given for each in self.classes)

    @property
    def variance(self) -> float:
        """Variance of the treatments given, within and between classes [treatments² per patient]."""
        mean = self.mean
        return math.fsum(each.share * (each.sd_given**2 + (each.mean_given - mean) ** 2) for each in self.classes)

    @property
    def sd(self) -> float:
        """Standard deviation of the treatments given [treatments per patient]."""
        return math.sqrt(self.variance)

    def named(self, name: str) -> SeverityClass:
        """Return the class with this name.

        Parameters
        ----------
        name : str
            Its name.

        Returns
        -------
        SeverityClass
            The class.

        Raises
        ------
        InputError
            If there is no such class.
        """
        _checks.one_of("severity class", name, self.names)
        return self.classes[self.names.index(name)]

    def sample(self, n: int, *, rng: int | np.random.Generator | None = None) -> xr.Dataset:
        """Draw patients.

        Parameters
        ----------
        n : int
            Number of patients, at least 1.
        rng : int, numpy.random.Generator or None
            Seed or generator.

        Returns
        -------
        xarray.Dataset
            `severity` (name of the class) and `treatments` [treatments per year], dim patient.
        """
        _checks.count("n", n, at_least=1)
        generator = _checks.generator(rng)
        # By name, so that a seed draws the same patients whatever the order of the classes.
        ordered = sorted(self.classes, key=lambda each: each.name)
        shares = np.array([each.share for each in ordered])
        which = generator.choice(len(ordered), size=n, p=shares / shares.sum())
        treatments = np.zeros(n, dtype=np.int64)
        for place, each in enumerate(ordered):
            chosen = which == place
            treatments[chosen] = drawn(each.given, int(chosen.sum()), generator)
        names = np.array([each.name for each in ordered])
        return xr.Dataset(
            {
                "severity": ("patient", names[which]),
                "treatments": ("patient", treatments, {"units": "treatments per year"}),
            }
        )


def drawn(pmf: NDArray[np.float64], size: int, rng: np.random.Generator) -> NDArray[np.int64]:
    """Return draws of 0, 1, 2, ... with these probabilities."""
    found = np.searchsorted(np.cumsum(pmf), rng.random(size), side="right")
    # Rounding may leave the last sum just below 1.
    return np.asarray(np.minimum(found, pmf.size - 1), dtype=np.int64)


def _classes(classes: Iterable[SeverityClass]) -> tuple[SeverityClass, ...]:
    found = (classes,) if isinstance(classes, SeverityClass) else tuple(classes)
    for each in found:
        if not isinstance(each, SeverityClass):
            msg = f"classes must be SeverityClass records, got {each!r}"
            raise InputError(msg)
    if not found:
        msg = "classes must hold at least one severity class, got none"
        raise InputError(msg)
    _checks.unique_names("names of classes", (each.name for each in found))
    shares = math.fsum(each.share for each in found)
    if abs(shares - 1.0) > _ROUNDING:
        msg = f"shares of the classes must add up to 1, got {shares!r}; give each as a share of all patients"
        raise InputError(msg)
    return found


def _from_probabilities(label: str, given: Sequence[float]) -> tuple[NDArray[np.float64], tuple[float, ...]]:
    try:
        found = _checks.numeric(given)
    except (TypeError, ValueError):
        msg = f"probabilities {label} must be a sequence of numbers, got {_checks.shown(given)}"
        raise InputError(msg) from None
    if found.ndim != 1 or not 0 < found.size <= _counts.LARGEST:
        msg = f"probabilities {label} must be a one-dimensional sequence, got shape {found.shape}"
        raise InputError(msg)
    bad = ~(found >= 0) | ~(found <= 1)
    if bad.any():
        msg = (
            f"probabilities {label} must lie in [0, 1], got {float(found[bad][0])!r} at position {int(np.argmax(bad))}"
        )
        raise InputError(msg)
    summed = math.fsum(found)
    if abs(summed - 1.0) > _ROUNDING:
        msg = f"probabilities {label} must add up to 1, got {summed!r}; divide counts by their sum"
        raise InputError(msg)
    return found / summed, tuple(found.tolist())
