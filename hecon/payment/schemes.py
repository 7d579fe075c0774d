"""Payment schemes: a tariff for each treatment or a price for each patient, and what limits the provider's risk."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from hecon import _checks
from hecon.detection import at_least_0
from hecon.errors import InputError
from hecon.payment.caseload import by_class, for_classes, of_class, total

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from numpy.typing import ArrayLike

    from hecon._arrays import Flags, Floats
    from hecon.payment.caseload import Caseload

# A result this near to 0, relative to the amounts that make it up, breaks even.
_EVEN = 1e-11
_CHUNK = 2_000_000


@dataclass(frozen=True)
class StopLoss:
    """Extra payment for each treatment of a patient beyond a threshold, on top of a bundle price.

    Parameters
    ----------
    threshold : float or mapping of str to float
        Treatments up to which the bundle price pays for all [treatments per patient per year], at least 0; one, or one
        for each severity class.
    payment : float
        Paid for each treatment beyond it [EUR per treatment], at least 0.

    Examples
    --------
    >>> from hecon import payment
    >>> payment.StopLoss(threshold=50, payment=30).paid("any", [49, 50, 53]).tolist()
    [0.0, 0.0, 90.0]
    """

    threshold: float | Mapping[str, float] = field(kw_only=True)
    payment: float = field(kw_only=True)

    def __post_init__(self) -> None:
        object.__setattr__(self, "threshold", by_class("threshold", self.threshold))
        object.__setattr__(self, "payment", at_least_0("payment", self.payment))

    def paid(self, severity: str, treatments: ArrayLike) -> Floats:
        """Return the extra payment for a patient of a class [EUR per patient].

        Parameters
        ----------
        severity : str
            Name of the severity class.
        treatments : array_like
            Treatments given [treatments per patient per year].

        Returns
        -------
        numpy.ndarray
            In the shape of `treatments`.
        """
        beyond = _checks.numbers("treatments", treatments) - of_class(self.threshold, severity)
        return np.asarray(self.payment * np.maximum(beyond, 0.0))


@dataclass(frozen=True)
class RiskCorridor:
    """The insurer bears a share of the provider's profit and loss outside a band.

    Settled afterwards on the provider's average result over all patients. The insurer must then know the costs, so in
    practice a contract names a cost per treatment.

    Parameters
    ----------
    width : float
        Half the width of the band [EUR per patient], at least 0.
    share : float
        Share of profit above the band that the provider pays back, and of loss below it that the insurer makes up for,
        in [0, 1].
    target : float, default 0
        Result in the middle of the band [EUR per patient].

    Examples
    --------
    >>> from hecon import payment
    >>> corridor = payment.RiskCorridor(width=10, share=0.5)
    >>> corridor.settled([-30, -10, 0, 10, 30]).tolist()
    [-20.0, -10.0, 0.0, 10.0, 20.0]
    """

    width: float = field(kw_only=True)
    share: float = field(kw_only=True)
    target: float = field(default=0.0, kw_only=True)

    def __post_init__(self) -> None:
        object.__setattr__(self, "width", at_least_0("width", self.width))
        object.__setattr__(self, "share", _checks.probability("share", self.share))
        object.__setattr__(self, "target", _checks.finite("target", self.target))

    def settled(self, result: ArrayLike) -> Floats:
        """Return the provider's average result after settlement [EUR per patient].

        Parameters
        ----------
        result : array_like
            Average results before it [EUR per patient].

        Returns
        -------
        numpy.ndarray
            In the shape of `result`.
        """
        given = _checks.numbers("result", result)
        within = np.clip(given, self.target - self.width, self.target + self.width)
        return np.asarray(within + (1.0 - self.share) * (given - within))

    def break_even(self) -> float:
        """Return the result before settlement that leaves 0 after it.

        Returns
        -------
        float
            Average result [EUR per patient]; infinite where none leaves 0, as with a share of 1 and 0 outside the band:
            below 0 where every result leaves a profit, above 0 where every result leaves a loss.
        """
        nearest = min(max(0.0, self.target - self.width), self.target + self.width)
        if nearest == 0.0:
            return 0.0
        return nearest - nearest / (1.0 - self.share) if self.share < 1.0 else math.copysign(math.inf, -nearest)


@dataclass(frozen=True)
class FeeForService:
    """A tariff for each treatment.

    Parameters
    ----------
    tariff : float
        Paid for each treatment [EUR per treatment], at least 0.
    corridor : RiskCorridor, optional
        What limits the provider's profit and loss.

    Examples
    --------
    >>> from hecon import payment
    >>> payment.FeeForService(36).paid("any", [0, 10]).tolist()
    [0.0, 360.0]
    """

    tariff: float
    corridor: RiskCorridor | None = field(default=None, kw_only=True)

    def __post_init__(self) -> None:
        object.__setattr__(self, "tariff", at_least_0("tariff", self.tariff))
        _record("corridor", self.corridor, RiskCorridor)

    def paid(self, severity: str, treatments: ArrayLike) -> Floats:  # noqa: ARG002 (as a bundle does)
        """Return the payment for a patient before any settlement [EUR per patient].

        Parameters
        ----------
        severity : str
            Name of the severity class.
        treatments : array_like
            Treatments given [treatments per patient per year].

        Returns
        -------
        numpy.ndarray
            In the shape of `treatments`.
        """
        return np.asarray(self.tariff * _checks.numbers("treatments", treatments))


@dataclass(frozen=True)
class Bundle:
    """A price for each patient of the caseload, whatever the number of treatments, also if none follows.

    Parameters
    ----------
    price : float or mapping of str to float
        Paid once for each patient [EUR per patient per year], at least 0; one, or one for each severity class.
    stop_loss : StopLoss, optional
        Extra payment for patients with very many treatments.
    corridor : RiskCorridor, optional
        What limits the provider's profit and loss as a whole.

    Examples
    --------
    >>> from hecon import payment
    >>> payment.Bundle({"light": 300, "heavy": 900}).paid("heavy", [0, 10]).tolist()
    [900.0, 900.0]
    """

    price: float | Mapping[str, float]
    stop_loss: StopLoss | None = field(default=None, kw_only=True)
    corridor: RiskCorridor | None = field(default=None, kw_only=True)

    def __post_init__(self) -> None:
        object.__setattr__(self, "price", by_class("price", self.price))
        _record("stop_loss", self.stop_loss, StopLoss)
        _record("corridor", self.corridor, RiskCorridor)

    def paid(self, severity: str, treatments: ArrayLike) -> Floats:
        """Return the payment for a patient before any settlement [EUR per patient].

        Parameters
        ----------
        severity : str
            Name of the severity class.
        treatments : array_like
            Treatments given [treatments per patient per year].

        Returns
        -------
        numpy.ndarray
            In the shape of `treatments`.
        """
        given = _checks.numbers("treatments", treatments)
        price = np.full(given.shape, of_class(self.price, severity))
        return price if self.stop_loss is None else price + self.stop_loss.paid(severity, given)


def checked(caseload: Caseload, scheme: FeeForService | Bundle) -> None:
    """Refuse a scheme that does not fit the classes of the caseload."""
    _checks.instance("caseload", caseload, "Caseload", "make one with hecon.payment.Caseload")
    if not isinstance(scheme, (FeeForService, Bundle)):
        msg = f"scheme must be FeeForService or Bundle, got {scheme!r}"
        raise InputError(msg)
    if isinstance(scheme, Bundle):
        for_classes("price", scheme.price, caseload.names)
        if scheme.stop_loss is not None:
            for_classes("threshold", scheme.stop_loss.threshold, caseload.names)


def _record(name: str, value: object, kind: type) -> None:
    if value is not None and not isinstance(value, kind):
        msg = f"{name} must be a {kind.__name__} or None, got {value!r}"
        raise InputError(msg)


@dataclass(frozen=True)
class Result:
    """The distribution of a result, before settlement."""

    values: Floats
    weights: Floats
    size: float

    @property
    def mean(self) -> float:
        """Mean of the distribution."""
        return float(self.weights @ self.values)

    @property
    def sd(self) -> float:
        """Standard deviation of the distribution; one of rounding alone is none."""
        result = math.sqrt(float(self.weights @ (self.values - self.mean) ** 2))
        return result if result > _EVEN * self.size else 0.0


def one_patient(caseload: Caseload, scheme: FeeForService | Bundle, cost: float) -> Result:
    """Return the result of one patient before settlement [EUR]."""
    checked(caseload, scheme)
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
    values, weights, exact = total(one.values, one.weights, n)
    return Result(values / n, weights, one.size), exact


def settled(values: Floats, corridor: RiskCorridor | None) -> Floats:
    """Return average results after settlement."""
    return values if corridor is None else corridor.settled(values)


def lost(before: Floats, corridor: RiskCorridor | None, size: float) -> Flags:
    """Return which average results are a loss after settlement, beyond rounding."""
    return np.asarray(settled(before, corridor) < -_EVEN * size)


def simulated(one: Result, n: int, practices: int, rng: np.random.Generator) -> Iterator[Floats]:
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
