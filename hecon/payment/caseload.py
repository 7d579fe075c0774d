"""Caseloads: how many treatments patients get, by severity class."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np
import xarray as xr
from scipy.fft import irfft, next_fast_len, rfft

from hecon import _arrays, _checks
from hecon.detection import MOST_PATIENTS, at_least_0
from hecon.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hecon._arrays import Counts, Floats


def by_class(name: str, value: float | Mapping[str, float]) -> float | Mapping[str, float]:
    """Return one amount, or a read-only copy of an amount for each class, each at least 0."""
    if not isinstance(value, Mapping):
        return at_least_0(name, value)
    _checks.unique_names(f"{name} by class", value)
    return MappingProxyType({key: at_least_0(f"{name} of class {key!r}", each) for key, each in value.items()})


def of_class(value: float | Mapping[str, float], name: str) -> float:
    """Return the amount of one class."""
    return value[_checks.one_of("severity", name, tuple(value))] if isinstance(value, Mapping) else value


def for_classes(name: str, value: float | Mapping[str, float], names: Iterable[str]) -> None:
    """Refuse an amount by class that does not have the classes of the caseload."""
    if isinstance(value, Mapping) and set(value) != set(names):
        msg = f"{name} by class must name the classes {', '.join(sorted(names))}, got {', '.join(sorted(value))}"
        raise InputError(msg)


def numbers_of_patients(values: int | Iterable[int]) -> Counts:
    """Return numbers of patients as a one-dimensional array, in the caller's order."""
    given = list(values) if isinstance(values, Iterable) and not isinstance(values, str) else [values]
    result = [_checks.count("n_patients", each, at_least=1) for each in given]
    if not result or max(result) > MOST_PATIENTS:
        most = _checks.shown(max(result)) if result else "none"
        msg = f"n_patients must be numbers of at most {MOST_PATIENTS}, got {most}"
        raise InputError(msg)
    return np.array(result, dtype=np.int64)


LARGEST = 100_000  # no patient has this many treatments

# Tail probability, relative to the peak, that is cut off: below rounding also of second moments.
_NEGLIGIBLE = 1e-22
# A binomial of this size or more need not have a whole size: its support ends far beyond any count here.
_WHOLE_BELOW = 1e6
_ON_LATTICE = 1e-9
_MOST_STEPS = 1_000_000
_STEPS_PER_SD = 256
_LONGEST_GRID = 2**21
# By Bernstein's inequality a sum of n outcomes within M of their mean lies beyond 27 M + 9 sd √n of its mean with a
# probability below 2 exp(-40).
_BOUNDS = (27.0, 9.0)


def lowest_variance(mean: float) -> float:
    """Return the lowest variance that whole numbers with this mean can have."""
    rest = mean % 1.0
    return rest * (1.0 - rest)


def support(mean: float, sd: float) -> int:
    """Return how many whole numbers, from 0 on, hold all but a negligible part."""
    dispersion = sd * sd / mean if mean > 0 else 0.0
    size = mean + 12.0 * sd + 60.0 * max(1.0, dispersion)
    return math.ceil(size) + 1 if size <= LARGEST else LARGEST + 1


def by_moments(mean: float, sd: float) -> Floats:
    """Return probabilities of 0, 1, 2, ... with this mean and standard deviation.

    Above the variance of the Poisson distribution the negative binomial; below it a mixture of the two binomials of
    the same mean whose variances lie next to it, as the size of a single one would hardly be whole.
    """
    variance, size = sd * sd, support(mean, sd)
    if variance >= mean:
        return _panjer(mean, variance / mean, size) if mean > 0 else np.ones(1)
    sought = mean / (1.0 - variance / mean)
    if sought >= _WHOLE_BELOW:
        return _panjer(mean, variance / mean, size)
    smallest = math.floor(mean) + 1
    if sought < smallest:
        low, low_variance = _two_points(mean), lowest_variance(mean)
        above = smallest
    else:
        below = math.floor(sought)
        low, low_variance = _panjer(mean, 1.0 - mean / below, size), mean * (1.0 - mean / below)
        above = below + 1
    high, high_variance = _panjer(mean, 1.0 - mean / above, size), mean * (1.0 - mean / above)
    gap = high_variance - low_variance
    weight = min(1.0, max(0.0, (variance - low_variance) / gap)) if gap > 0 else 1.0
    mixed = np.zeros(max(low.size, high.size))
    mixed[: low.size] += (1.0 - weight) * low
    mixed[: high.size] += weight * high
    return mixed


def _panjer(mean: float, dispersion: float, size: int) -> Floats:
    """Return Panjer's class: negative binomial, Poisson or binomial, by the ratio of variance to mean."""
    excess = dispersion - 1.0
    first = -mean * (math.log1p(excess) / excess if excess else 1.0)
    k = np.arange(size - 1)
    ratios = (mean + excess * k) / (dispersion * (k + 1))
    # The binomial's ratios pass zero where its support ends.
    end = int(np.argmax(ratios <= mean * _NEGLIGIBLE)) if (ratios <= mean * _NEGLIGIBLE).any() else ratios.size
    logs = np.concatenate([[first], first + np.cumsum(np.log(ratios[:end]))])
    result = np.exp(logs - logs.max())
    result = result[: int(np.flatnonzero(result > _NEGLIGIBLE)[-1]) + 1]
    return np.asarray(result / result.sum())


def _two_points(mean: float) -> Floats:
    whole = math.floor(mean)
    result = np.zeros(whole + 2)
    result[whole], result[whole + 1] = 1.0 - (mean - whole), mean - whole
    return result


def capped(pmf: Floats, maximum: int | None) -> Floats:
    """Return the distribution of what is left when everything above a maximum is cut down to it."""
    if maximum is None or maximum >= pmf.size - 1:
        return pmf
    return np.append(pmf[:maximum], pmf[maximum:].sum())


def lattice(values: Floats, weights: Floats, n: int) -> tuple[float, float, Floats, bool]:
    """Put outcomes on equal steps: first point, step, probability of each point, and whether that moved no outcome.

    Outcomes that are not equally spaced are put on a fine grid through 0; each is split over its two neighbours so that
    its mean stays.
    """
    low, distances = float(values.min()), values - values.min()
    step = float(np.diff(np.unique(values)).min(initial=math.inf))
    if math.isinf(step):
        return low, 1.0, np.ones(1), True
    places = distances / step
    if places.max() < _MOST_STEPS and (np.abs(places - np.rint(places)) <= _ON_LATTICE * np.maximum(places, 1)).all():
        return low, step, _spread(np.rint(places).astype(np.int64), weights, 0), True
    mean = float(weights @ values)
    sd = math.sqrt(float(weights @ (values - mean) ** 2))
    reach = _reach(values, mean, sd, n)
    step = max(sd / _STEPS_PER_SD, min(2 * reach, n * float(distances.max())) / _LONGEST_GRID)
    places = values / step
    lower = np.floor(places)
    start, share = int(lower.min()), places - lower
    indices = (lower - start).astype(np.int64)
    size = int(indices.max()) + 2
    result = _spread(indices, weights * (1.0 - share), size) + _spread(indices + 1, weights * share, size)
    return start * step, step, result, False


def _spread(places: Counts, weights: Floats, size: int) -> Floats:
    return np.bincount(places, weights=weights, minlength=size).astype(np.float64)


def _reach(values: Floats, mean: float, sd: float, n: int) -> float:
    farthest = float(np.abs(values - mean).max())
    return _BOUNDS[0] * farthest + _BOUNDS[1] * sd * math.sqrt(n)


def total(values: Floats, weights: Floats, n: int) -> tuple[Floats, Floats, bool]:
    """Return the sum of n independent outcomes: its values in rising order, their probabilities, and whether exact.

    The n-th power of the transform on a window that holds all but 2 exp(-40) of the sum; the transform wraps round, so
    a place in the window tells the sum.
    """
    start, step, pmf, exact = lattice(values, weights, n)
    if pmf.size == 1:
        return np.array([n * start]), np.ones(1), exact
    k = np.arange(pmf.size)
    mean = float(pmf @ k)
    reach = _reach(k.astype(np.float64), mean, math.sqrt(float(pmf @ (k - mean) ** 2)), n)
    whole = n * (pmf.size - 1) + 1
    size = next_fast_len(max(min(whole, 2 * math.ceil(reach) + 1), pmf.size), real=True)
    lowest = 0 if size >= whole else max(0, math.floor(n * mean - reach))
    result = irfft(rfft(pmf, size) ** n, size)
    places = lowest + np.arange(size)
    result = np.maximum(result[places % size], 0.0)
    kept = places < whole
    result = result[kept] / result[kept].sum()
    # The start is taken apart, as it may be far larger than a step.
    return n * start + step * places[kept], np.asarray(result), exact


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
        Of the treatments needed [treatments per patient per year], at least 0.
    probabilities : sequence of float, optional
        Probability of needing 0, 1, 2, ... treatments, instead of mean and standard deviation. Of a Series the labels
        are the numbers of treatments, in any order.
    maximum : int, optional
        Most treatments that are given [treatments per patient per year]: what is needed beyond it, falls away.

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
    needed: Floats = field(init=False, repr=False, compare=False)
    given: Floats = field(init=False, repr=False, compare=False)

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
        object.__setattr__(self, "given", capped(needed, self.maximum))

    def _from_moments(self, label: str) -> Floats:
        if self.mean is None or self.sd is None:
            msg = f"mean and sd {label} must both be given, got {self.mean!r} and {self.sd!r}; or give probabilities"
            raise InputError(msg)
        mean, sd = (at_least_0(f"{what} {label}", value) for what, value in (("mean", self.mean), ("sd", self.sd)))
        lowest = math.sqrt(lowest_variance(mean)) if mean < _FAR else 0.0
        if sd < lowest * (1 - _ROUNDING) or (mean == 0.0 and sd > 0.0):
            rule = f"at least {lowest:.10g}, as treatments are whole numbers" if mean else "0 where the mean is 0"
            msg = f"sd {label} must be {rule}, got {sd!r} with mean {mean!r}"
            raise InputError(msg)
        if max(mean, sd) > LARGEST or support(mean, sd) > LARGEST:
            msg = (
                f"mean and sd {label} must leave more than {LARGEST} treatments practically impossible, got"
                f" {mean!r} and {sd!r}; give treatments per patient per year"
            )
            raise InputError(msg)
        return by_moments(mean, sd)

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

    Patients are independent, and a new one belongs to each class with the probability of its share.

    Parameters
    ----------
    classes : iterable of SeverityClass
        In any order, which changes no result.

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


def drawn(pmf: Floats, size: int, rng: np.random.Generator) -> Counts:
    """Return draws of 0, 1, 2, ... with these probabilities."""
    result = np.searchsorted(np.cumsum(pmf), rng.random(size), side="right")
    # Rounding may leave the last sum just below 1.
    return np.asarray(np.minimum(result, pmf.size - 1), dtype=np.int64)


def _classes(classes: Iterable[SeverityClass]) -> tuple[SeverityClass, ...]:
    result = (classes,) if isinstance(classes, SeverityClass) else tuple(classes)
    for each in result:
        if not isinstance(each, SeverityClass):
            msg = f"classes must be SeverityClass records, got {each!r}"
            raise InputError(msg)
    if not result:
        msg = "classes must hold at least one severity class, got none"
        raise InputError(msg)
    _checks.distinct_names("names of classes", (each.name for each in result))
    shares = math.fsum(each.share for each in result)
    if abs(shares - 1.0) > _ROUNDING:
        msg = f"shares of the classes must add up to 1, got {shares!r}; give each as a share of all patients"
        raise InputError(msg)
    return result


def _from_probabilities(label: str, given: Sequence[float]) -> tuple[Floats, tuple[float, ...]]:
    if _arrays.labels_of(given) is not None:
        given = _arrays.by_name(f"probabilities {label}", given, range(len(given)), what="numbers of treatments")
    try:
        result = _checks.numeric(given)
    except (TypeError, ValueError):
        msg = f"probabilities {label} must be a sequence of numbers, got {_checks.shown(given)}"
        raise InputError(msg) from None
    if result.ndim != 1 or not 0 < result.size <= LARGEST:
        msg = f"probabilities {label} must be a one-dimensional sequence, got shape {result.shape}"
        raise InputError(msg)
    bad = ~(result >= 0) | ~(result <= 1)
    _checks.refuse_first(f"probabilities {label}", result, bad, "lie in [0, 1]")
    summed = math.fsum(result)
    if abs(summed - 1.0) > _ROUNDING:
        msg = f"probabilities {label} must add up to 1, got {summed!r}; divide counts by their sum"
        raise InputError(msg)
    return result / summed, tuple(result.tolist())


def checked_heaviest(caseload: Caseload, heaviest: Iterable[str]) -> tuple[str, ...]:
    """Return the names of the heaviest classes: some of the caseload's, with some but not all of the patients."""
    names = _checks.unique_names("heaviest", heaviest)
    for name in names:
        _checks.one_of("heaviest", name, caseload.names)
    if not 0.0 < share_of(caseload, names) < 1.0:
        msg = f"heaviest must hold a share of the patients in (0, 1), got {names!r}; leave out the lighter classes"
        raise InputError(msg)
    return tuple(names)


def share_of(caseload: Caseload, names: Iterable[str]) -> float:
    """Return the share of the patients in these classes."""
    return math.fsum(caseload.named(name).share for name in names)


def after_selection(caseload: Caseload, heaviest: tuple[str, ...], selection: float) -> Caseload:
    """Return the caseload when this share of the patients in the heaviest classes is turned away."""
    if _checks.probability("selection", selection) == 0.0:
        return caseload
    left = 1.0 - selection * share_of(caseload, heaviest)
    return Caseload(
        replace(each, share=each.share * (1.0 - selection if each.name in heaviest else 1.0) / left)
        for each in caseload.classes
    )


def after_upcoding(share: float, upcoding: float) -> float:
    """Return the share billed as heaviest when this share of the other patients is billed so too."""
    return share + (1.0 - share) * _checks.probability("upcoding", upcoding)
