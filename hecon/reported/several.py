"""Several interventions against one comparator: their differences are correlated, as they share its arm."""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.special import ndtr

from hecon import _checks
from hecon.draws import from_arrays
from hecon.errors import InputError
from hecon.printed.numbers import exact
from hecon.reported._constraints import PARAMETERS, involved
from hecon.reported.fits import refuse_undetermined
from hecon.reported.predictions import REPLICATES
from hecon.reported.records import Arms, Assumed, comparator_error, records_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    import xarray as xr
    from numpy.typing import NDArray

    from hecon.printed.numbers import Number
    from hecon.reported.fits import Fit
    from hecon.reported.records import Outcome, Ratio

    Floats = NDArray[np.float64]

# An eigenvalue below this share of the largest is rounding.
_ROUNDING = 1e-9
_TWO = 2


@dataclass(frozen=True)
class Published:
    """What was published of one intervention against the comparator, as `hecon.from_reported` takes it."""

    cost: Outcome = None
    effect: Outcome = None
    icer: Ratio | Number | None = None
    p_cost_effective: Mapping[Number, Number] | None = None
    probability_above: Mapping[Number, Number] | None = None
    correlation: Number | None = None
    net_benefit: Mapping[Number, Outcome] | None = None
    quadrant_shares: Mapping[str, Number] | None = None
    assume: Mapping[str, Assumed] | None = None
    checks: Mapping[str, Any] | None = None
    replicates: int = REPLICATES

    @property
    def has_arms(self) -> bool:
        """Whether the standard errors of the comparator's mean cost and effect follow from what was published."""
        return _errors(self, "comparator") is not None


@dataclass(frozen=True)
class SharedArm:
    """How the differences of several interventions go together, through the arm that they share.

    Attributes
    ----------
    status : str, "derived" from the comparator's standard errors, or "assumed"
    value, low, high : float or None
        Assumed correlation of the differences of two interventions, with its range; None where it is derived.
    cost_error, effect_error : float or None, standard errors of the comparator's means; None where it is assumed
    reason : str or None, why it is assumed
    """

    status: str
    value: float | None = None
    low: float | None = None
    high: float | None = None
    cost_error: float | None = None
    effect_error: float | None = None
    reason: str | None = None


def published_of(given: object) -> dict[str, Published]:
    """Return what was published of several interventions, by name."""
    if not isinstance(given, Mapping) or len(given) < _TWO:
        msg = f"intervention must be a name, or a mapping of two names or more to their statistics, got {given!r}"
        raise InputError(msg)
    known, found = tuple(each.name for each in fields(Published)), {}
    for name, statistics in given.items():
        what = f"intervention[{name!r}]"
        if not isinstance(statistics, Mapping):
            example = "{'cost': Difference(...), 'effect': Difference(...)}"
            msg = f"{what} must be a mapping, as in {example}, got {statistics!r}"
            raise InputError(msg)
        for key in statistics:
            _checks.one_of(what, key, known)
        found[name] = Published(**statistics)
    return found


def shared_arm(published: Mapping[str, Published], assumed: Assumed | None, comparator: str) -> SharedArm:
    """Return how differences go together: derived where arms' spread is given, else as the caller assumes."""
    errors = {name: _errors(each, comparator) for name, each in published.items()}
    known = [each for each in errors.values() if each is not None]
    if len(known) == len(published):
        if assumed is not None:
            msg = (
                f"shared must be left out, as the standard errors of {comparator!r} follow from its SD and n or its "
                "standard errors: drop the assumption"
            )
            raise InputError(msg)
        first, *others = known
        if any(each != first for each in others):
            pairs = zip(errors, known, strict=True)
            told = "; ".join(f"{name}: {cost:.6g} and {effect:.6g}" for name, (cost, effect) in pairs)
            msg = (
                f"the arm of {comparator!r} must be the same for every intervention, got standard errors of its mean "
                f"cost and effect of {told}: interventions of one trial share one arm"
            )
            raise InputError(msg)
        return SharedArm("derived", cost_error=first[0], effect_error=first[1])
    if assumed is None:
        lacking = ", ".join(repr(name) for name, each in errors.items() if each is None)
        msg = (
            f"shared must say how the differences from {comparator!r} are correlated, as its standard errors are not "
            f"given for {lacking}: give Arms with sd and n or se of cost and effect for each, or assume it, as in "
            "shared=Assumed(0.5, range=(0.3, 0.7), reason=...)"
        )
        raise InputError(msg)
    return assumed_arm(assumed)


def assumed_arm(assumed: Assumed) -> SharedArm:
    """Return the assumed correlation of the differences, checked."""
    _checks.instance("shared", assumed, "Assumed", "Assumed(0.5, range=(0.3, 0.7), reason=...)")
    value, low, high = (exact("shared", each) for each in (assumed.value, *assumed.range))
    if not 0.0 <= low <= high < 1.0:
        msg = f"shared must lie in [0, 1) over its whole range, got {low:g} to {high:g}: one arm is in both differences"
        raise InputError(msg)
    return SharedArm("assumed", value, low, high, reason=assumed.reason)


def _errors(published: Published, comparator: str) -> tuple[float, float] | None:
    """Return the standard errors of the comparator's mean cost and effect; None where one is not given."""
    found: dict[str, float] = {}
    for outcome, record in records_of({"cost": published.cost, "effect": published.effect}):
        error = comparator_error(record) if isinstance(record, Arms) else None
        if error is not None and found.setdefault(outcome, error) != error:
            both = f"{found[outcome]:.6g} and {error:.6g}"
            msg = f"the {outcome} of {comparator!r} must have one spread, got standard errors {both}: give it once"
            raise InputError(msg)
    return (found["cost"], found["effect"]) if len(found) == _TWO else None


@dataclass(frozen=True)
class Joined:
    """The fits of several interventions, joined through the arm that they share.

    Attributes
    ----------
    fits : dict of str to Fit, by intervention; all parameters determined or assumed
    comparator : str, name of the comparator
    arm : SharedArm, how the differences go together
    """

    fits: Mapping[str, Fit]
    comparator: str
    arm: SharedArm

    @property
    def thetas(self) -> list[Floats]:
        """The five parameters of each intervention."""
        return [np.array(each.theta) for each in self.fits.values()]

    def covariance(self) -> Floats:
        """Return the covariance of all differences, cost and effect by turns.

        Raises
        ------
        InputError
            If the differences cannot have it: an intervention's own arm would vary less than not at all.
        """
        thetas = self.thetas
        shared = _shared(thetas, self.arm)
        for name, theta in zip(self.fits, thetas, strict=True):
            own, scale = _pair_covariance(theta) - shared, np.outer(theta[2:4], theta[2:4])
            if self.arm.value is None and np.linalg.eigvalsh(own / scale).min() < -_ROUNDING:
                msg = (
                    f"the standard errors of {self.comparator!r} must fit those of the differences of {name!r}, got "
                    f"{self.arm.cost_error:.6g} (cost) and {self.arm.effect_error:.6g} (effect), with which its own "
                    "arm would vary less than not at all: check SD and n, and whether the differences are adjusted for "
                    "covariates; if so, leave the arms out and assume shared"
                )
                raise InputError(msg)
        return _joint(thetas, self.arm, self.arm.value)

    def correlations(self) -> dict[tuple[str, str], tuple[float, float]]:
        """Return for each two interventions the correlation of their differences in cost, and of those in effect."""
        matrix = self.covariance()
        scale = np.sqrt(matrix.diagonal())
        matrix = matrix / np.outer(scale, scale)
        names = list(self.fits)
        return {
            (names[i], names[j]): (float(matrix[2 * i, 2 * j]), float(matrix[2 * i + 1, 2 * j + 1]))
            for i, j in itertools.combinations(range(len(names)), 2)
        }

    def probability(self, option: str, other: str, *, wtp: float) -> float:
        """Return the probability that one intervention has more net benefit than another, under normality."""
        return self._probability(option, other, wtp, self.thetas, self.arm.value)

    def _probability(
        self, option: str, other: str, wtp: float, thetas: Sequence[Floats], correlation: float | None
    ) -> float:
        names, contrast = list(self.fits), np.zeros(2 * len(thetas))
        for name, sign in ((option, 1.0), (other, -1.0)):
            contrast[2 * names.index(name) : 2 * names.index(name) + 2] = -sign, sign * wtp
        mean = float(contrast @ np.concatenate([theta[:2] for theta in thetas]))
        spread = math.sqrt(max(float(contrast @ _joint(thetas, self.arm, correlation) @ contrast), 0.0))
        return float(ndtr(mean / spread)) if spread > 0 else 0.5 * (1.0 + float(np.sign(mean)))

    def probability_range(self, option: str, other: str, *, wtp: float) -> tuple[float, float] | None:
        """Return the range of that probability over what is assumed: of the comparator's arm and of either fit.

        Correlations are taken at their ends, other assumed parameters at five values. None where nothing is assumed,
        or an assumed parameter cannot be varied alone, as others were solved beside it.
        """
        axes: list[list[tuple[int, int, float] | float]] = []
        if self.arm.low is not None and self.arm.high is not None:
            axes.append([self.arm.low, self.arm.high])
        for place, (name, each) in enumerate(self.fits.items()):
            for parameter, (_, low, high) in each.assumed.items() if name in {option, other} else ():
                index = PARAMETERS.index(parameter)
                if any(index in involved(band.kind) for band in each.bands):
                    return None
                steps = 2 if parameter == "correlation" else 5
                axes.append([(place, index, float(at)) for at in np.linspace(low, high, steps)])
        if not axes:
            return None
        found = []
        for chosen in itertools.product(*axes):
            thetas, correlation = self.thetas, self.arm.value
            for step in chosen:
                if isinstance(step, tuple):
                    thetas[step[0]][step[1]] = step[2]
                else:
                    correlation = step
            found.append(self._probability(option, other, wtp, thetas, correlation))
        return min(found), max(found)

    def draws(self, n: int, rng: np.random.Generator, **about: Any) -> xr.Dataset:  # noqa: ANN401
        """Return incremental draws of all, whitened and recentred so that means and covariance are exact."""
        for name, each in self.fits.items():
            refuse_undetermined(each, name)
        matrix = self.covariance()
        size = len(matrix)
        if n <= size + 1:
            msg = f"n_draws must be above {size + 1} for {len(self.fits)} interventions, got {n}"
            raise InputError(msg)
        scores = rng.standard_normal((n, size))
        scores -= scores.mean(axis=0)
        scores = np.linalg.solve(np.linalg.cholesky(scores.T @ scores / n), scores.T).T
        scale = np.sqrt(matrix.diagonal())
        values, vectors = np.linalg.eigh(matrix / np.outer(scale, scale))
        means = np.concatenate([np.array(each.theta[:2]) for each in self.fits.values()])
        found = means + (scores * np.sqrt(np.maximum(values, 0.0))) @ vectors.T * scale
        zero = np.zeros(n)
        draws = from_arrays(
            np.column_stack([zero, *found.T[::2]]),
            np.column_stack([zero, *found.T[1::2]]),
            strategies=[self.comparator, *self.fits],
            comparator=self.comparator,
            scale="incremental",
            **about,
        )
        shared = {**vars(self.arm), "correlations": [[*pair, *each] for pair, each in self.correlations().items()]}
        return draws.assign_attrs(
            fits={name: each.to_json() for name, each in self.fits.items()}, shared_comparator=shared
        )


def _joint(thetas: Sequence[Floats], arm: SharedArm, correlation: float | None) -> Floats:
    """Return the covariance of all differences, by the comparator's arm or at a correlation of the whitened ones."""
    result, roots = np.zeros((2 * len(thetas), 2 * len(thetas))), [_root(theta) for theta in thetas]
    shared = _shared(thetas, arm)
    for i, j in itertools.product(range(len(thetas)), repeat=2):
        between = shared if correlation is None else correlation * roots[i] @ roots[j].T
        result[2 * i : 2 * i + 2, 2 * j : 2 * j + 2] = _pair_covariance(thetas[i]) if i == j else between
    return result


def _shared(thetas: Sequence[Floats], arm: SharedArm) -> Floats:
    """Return the covariance of the comparator's means; cost and effect are correlated alike in all arms."""
    cost, effect = arm.cost_error or 0.0, arm.effect_error or 0.0
    within = [0.0]
    if cost > 0 and effect > 0:
        rest = [
            math.sqrt(max(theta[2] ** 2 - cost**2, 0.0) * max(theta[3] ** 2 - effect**2, 0.0)) + cost * effect
            for theta in thetas
        ]
        within = [theta[4] * theta[2] * theta[3] / own for theta, own in zip(thetas, rest, strict=True)]
    between = float(np.clip(np.mean(within), -1.0, 1.0)) * cost * effect
    return np.array([[cost**2, between], [between, effect**2]])


def _pair_covariance(theta: Floats) -> Floats:
    root = _root(theta)
    result: Floats = root @ root.T
    return result


def _root(theta: Floats) -> Floats:
    """Return the factor of a pair's covariance by which independent scores become cost and effect."""
    _, _, cost, effect, rho = theta
    return np.array([[cost, 0.0], [rho * effect, math.sqrt(max(1.0 - rho**2, 0.0)) * effect]])
