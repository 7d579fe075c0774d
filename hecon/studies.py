"""Studies that could be carried out, for the value of their information: what they would measure, and how precisely.

Numbers of patients are per arm.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.special import xlog1py, xlogy

from hecon import _checks
from hecon.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from hecon._arrays import Floats

    Known = Mapping[str, Any]

# Events that are counted exactly.
_MOST_EVENTS = 1e15

__all__ = ["FutureStudy", "cost_and_effect", "follow_up", "two_arm_binary", "two_arm_normal"]


@dataclass(frozen=True)
class FutureStudy:
    """A study that could be carried out: call it with parameters, patients per arm and a generator for its results.

    Parameters
    ----------
    parameters : tuple of str
        The parameters that it is about.
    arms : int
        Number of arms.
    simulate : callable
        ``simulate(parameters, n, rng)`` returns summaries, shape (draw, summary).
    log_likelihood : callable
        ``log_likelihood(summaries, parameters, n)`` returns the log-likelihood of each study by the parameters of each
        draw, shape (study, draw), but for a constant of each study.
    """

    parameters: tuple[str, ...]
    arms: int
    simulate: Callable[[Known, int, np.random.Generator], Floats] = field(repr=False)
    log_likelihood: Callable[[Floats, Known, int], Floats] = field(repr=False)

    def __call__(self, parameters: Known, n: int, rng: np.random.Generator) -> Floats:
        """Return summaries of a study of each draw, shape (draw, summary)."""
        return self.simulate(parameters, n, rng)


def _of(parameters: Known, name: str) -> Floats:
    """Return a parameter by draw."""
    if name not in parameters:
        msg = f"parameters must hold {name!r}, which the study is about; they are {', '.join(map(repr, parameters))}"
        raise InputError(msg)
    return np.asarray(parameters[name], dtype=np.float64)


def two_arm_binary(control: str, treated: str) -> FutureStudy:
    """Return a trial of two arms that counts who has an outcome.

    Parameters
    ----------
    control, treated : str
        Names of the parameters that are the probability of the outcome in each arm, in [0, 1].

    Returns
    -------
    FutureStudy
        Its summaries are the two counts, which are binomial.

    Raises
    ------
    InputError
        When it is called: if a parameter is absent or no probability.

    Examples
    --------
    >>> import numpy
    >>> trial = two_arm_binary("p_usual", "p_new")
    >>> trial({"p_usual": [0.2, 0.3], "p_new": [0.0, 1.0]}, 50, numpy.random.default_rng(1))[:, 1].tolist()
    [0.0, 50.0]
    """
    names = tuple(_checks.unique_names("control and treated", [control, treated]))

    def probabilities(parameters: Known) -> list[Floats]:
        found = [_of(parameters, name) for name in names]
        for name, values in zip(names, found, strict=True):
            bad = ~((values >= 0) & (values <= 1))
            _checks.refuse_first(f"parameter {name!r}", values, bad, "be a probability, in [0, 1]")
        return found

    def simulate(parameters: Known, n: int, rng: np.random.Generator) -> Floats:
        return np.column_stack([rng.binomial(n, each) for each in probabilities(parameters)]).astype(np.float64)

    def log_likelihood(summaries: Floats, parameters: Known, n: int) -> Floats:
        arms = zip(summaries.T[:, :, np.newaxis], probabilities(parameters), strict=True)
        return np.asarray(sum(xlogy(count, each) + xlog1py(n - count, -each) for count, each in arms))

    return FutureStudy(names, 2, simulate, log_likelihood)


def _spread(name: str, sd: float) -> float:
    """Return a standard deviation whose square a float holds."""
    number = _checks.positive(name, sd)
    _checks.within_range(name, number)
    return number


def _normal(names: tuple[str, ...], covariance: Floats, arms: int) -> FutureStudy:
    """Return a study that measures parameters with normal errors of this covariance, divided by n."""
    root = np.linalg.cholesky(covariance)

    def simulate(parameters: Known, n: int, rng: np.random.Generator) -> Floats:
        truth = np.column_stack([_of(parameters, name) for name in names])
        return np.asarray(truth + rng.normal(size=truth.shape) @ root.T / np.sqrt(n))

    def log_likelihood(summaries: Floats, parameters: Known, n: int) -> Floats:
        found = 0.0
        truth = [_of(parameters, name) for name in names]
        whitened = np.linalg.solve(root, np.stack(truth)) * np.sqrt(n), np.linalg.solve(root, summaries.T) * np.sqrt(n)
        for drawn, seen in zip(*whitened, strict=True):
            found = found - 0.5 * (seen[:, np.newaxis] - drawn) ** 2
        return np.asarray(found)

    return FutureStudy(names, arms, simulate, log_likelihood)


def two_arm_normal(control: str, treated: str, *, sd: float) -> FutureStudy:
    """Return a trial of two arms that measures a mean in each, with normal errors.

    Parameters
    ----------
    control, treated : str
        Names of the parameters that are the mean of the outcome in each arm.
    sd : float
        Standard deviation of the outcome between patients of an arm, above 0, in the unit of the parameters.

    Returns
    -------
    FutureStudy
        Its summaries are the two means, with a standard error of sd / √n.

    Raises
    ------
    InputError
        If `sd` is not above 0; when it is called, if a parameter is absent.

    Examples
    --------
    >>> two_arm_normal("utility_usual", "utility_new", sd=0.2).parameters
    ('utility_usual', 'utility_new')
    """
    names = tuple(_checks.unique_names("control and treated", [control, treated]))
    return _normal(names, _spread("sd", sd) ** 2 * np.eye(2), 2)


def cost_and_effect(cost: str, effect: str, *, sd: tuple[float, float], correlation: float) -> FutureStudy:
    """Return a trial of two arms that measures the differences in mean cost and effect.

    Parameters
    ----------
    cost, effect : str
        Names of the parameters that are the differences in mean cost and in mean effect between the arms.
    sd : (float, float)
        Standard deviations of cost and of effect between patients of an arm, above 0.
    correlation : float
        Correlation of cost and effect between patients of an arm, in (-1, 1).

    Returns
    -------
    FutureStudy
        Its summaries are the two differences, whose sampling covariance is twice that between patients, divided by n.

    Raises
    ------
    InputError
        If a number is out of range; when it is called, if a parameter is absent.

    Examples
    --------
    >>> cost_and_effect("extra_cost", "extra_qalys", sd=(9_000, 0.25), correlation=-0.1).arms
    2
    """
    names = tuple(_checks.unique_names("cost and effect", [cost, effect]))
    both = _checks.pair("sd", sd, "two numbers, of cost and of effect")
    sizes = np.array([_spread(f"sd of {what}", each) for what, each in zip(names, both, strict=True)])
    share = _checks.finite("correlation", correlation)
    if not -1 < share < 1:
        msg = f"correlation must lie in (-1, 1), got {share:g}"
        raise InputError(msg)
    return _normal(names, 2 * np.outer(sizes, sizes) * np.array([[1, share], [share, 1]]), 2)


def follow_up(rate: str, *, years: float) -> FutureStudy:
    """Return a cohort that is followed for longer, of which events are counted.

    Parameters
    ----------
    rate : str
        Name of the parameter that is the rate of events [per patient per year], at least 0.
    years : float
        Years that each patient is followed, above 0.

    Returns
    -------
    FutureStudy
        Its summary is the number of events in n patients, which is Poisson distributed.

    Raises
    ------
    InputError
        If `years` is not above 0; when it is called, if the parameter is absent or below 0.

    Notes
    -----
    Every patient is followed for all those years; for losses to follow-up give the mean of the years observed.

    Examples
    --------
    >>> follow_up("relapse_rate", years=5).arms
    1
    """
    (name,) = _checks.unique_names("rate", [rate])
    span = _checks.positive("years", years)

    def rates(parameters: Known) -> Floats:
        values = _of(parameters, name)
        _checks.refuse_first(f"parameter {name!r}", values, ~(values >= 0), "be a rate, at least 0")
        return values

    def simulate(parameters: Known, n: int, rng: np.random.Generator) -> Floats:
        expected = n * span * rates(parameters)
        if not (expected <= _MOST_EVENTS).all():
            msg = (
                f"n times years times {name!r} must be at most {_MOST_EVENTS:g} events, got {float(expected.max()):g}; "
                "give the rate per patient per year"
            )
            raise InputError(msg)
        return rng.poisson(expected).astype(np.float64)[:, np.newaxis]

    def log_likelihood(summaries: Floats, parameters: Known, n: int) -> Floats:
        expected = n * span * rates(parameters)
        return np.asarray(xlogy(summaries, expected) - expected)

    return FutureStudy((name,), 1, simulate, log_likelihood)
