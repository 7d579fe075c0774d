"""The process "severe": simulated trials of patients who differ in severity.

Each patient has a latent severity, drawn anew in part at 0, 3 and 12 months. Utilities are 1 below a threshold of the
severity and fall ever faster above it, down to the floor of the value set: 35 to 40% at the ceiling, skewness about
-2.5. Costs of two categories and three periods, one before the start, are zero-inflated log-normal and rise with
severity. The intervention lowers severity and multiplies costs.

After three months, by what was seen until then, the severely ill leave in the intervention arm and those in health in
the comparator's: complete cases are biased by about -118% (costs) and +78% (QALYs). The effects of the intervention are
solved for, from closed forms of the means, so that every scenario has the same true differences.
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

import numpy as np
from scipy import optimize
from scipy.special import expit, ndtr
from trial_scenarios import FLOOR, WTP, Scenario, trial_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from hecon.trial.table.checking import TrialData

    Floats = NDArray[np.float64]
    Codes = NDArray[np.intp]

MONTHS = (0.0, 3.0, 12.0)
# Years that a lasting difference in utility from the first follow-up on counts for.
AREA = 0.875
COST, EFFECT = 503.0, 503.0 / WTP

# Severity: correlation with the lasting part, and of the utility's own severity with it.
LASTING, SHOWN = 0.92, 0.95
# Utility 1 - SIZE * (exp(GROWTH * y) - 1), where y is normal with this mean and variance 1; 1 where that is more.
START, GROWTH, SIZE = 0.33, 0.6, 0.24
# Per category: probability of a cost at severity 0 as a normal deviate, and its slope; log of its median, slope, SD.
ANY, ANY_SLOPE = np.array([0.8, -0.1]), np.array([0.3, 0.3])
MEDIAN, SLOPE, NOISE = np.log([1850.0, 1200.0]), np.array([0.2, 0.2]), np.array([0.7, 0.7])
# Part of the noise of log costs that is the patient's, the same in all periods.
OWN = 0.5
# Level of costs in the two periods after the start, relative to that before it.
LEVEL = np.array([1.0, 1.0, 1.5])
# Who leaves after three months: constant, and slopes on disutility and cost, both logarithmic and scaled, by arm.
LEAVES = np.array([[-0.71, -0.45, -0.23], [-0.79, 0.63, 0.22]])
# Share of the patients who skip the support questions of the first period.
SKIPPED = 0.05
# An outlier is so many times the median.
OUTLIER = 150.0
# Rise of the mean severity from one calendar period of a stepped wedge to the next.
TREND = 0.05


def _arms(scenario: Scenario, rng: np.random.Generator) -> tuple[Codes, Codes | None, Codes | None]:
    """Return arm, cluster and calendar period of each patient."""
    if not scenario.clusters:
        return np.repeat(np.arange(2), scenario.patients), None, None
    if not scenario.steps:
        cluster = np.repeat(np.arange(scenario.clusters), scenario.size)
        return rng.permutation(np.arange(scenario.clusters) % 2)[cluster], cluster, None
    periods = scenario.steps + 1
    cluster = np.repeat(np.arange(scenario.clusters), scenario.size * periods)
    period = np.tile(np.repeat(np.arange(periods), scenario.size), scenario.clusters)
    crosses = rng.permutation(np.arange(scenario.clusters) % scenario.steps) + 1
    return (period >= crosses[cluster]).astype(np.intp), cluster, period


def _disutility(latent: Floats) -> Floats:
    return np.minimum(SIZE * np.maximum(np.exp(GROWTH * latent) - 1, 0.0), 1 - FLOOR)


def _balanced_by(scenario: Scenario, arm: Codes, start: Floats, rng: np.random.Generator) -> Codes:
    """Return a random allocation whose arms differ in utility at the start by the imbalance, within 0.05 SE."""
    if scenario.imbalance is None:
        return arm
    spread = start.std(ddof=1) * np.sqrt((1 / np.bincount(arm)).sum())
    while True:
        tries = rng.permuted(np.tile(arm, (500, 1)), axis=1)
        means = (tries @ start) / arm.sum() - ((1 - tries) @ start) / (1 - arm).sum()
        close = np.abs(means / spread - scenario.imbalance) < 0.05  # noqa: PLR2004
        if close.any():
            return tries[np.argmax(close)]


def severe(scenario: Scenario, rng: np.random.Generator) -> tuple[TrialData, NDArray[np.bool_]]:
    """Return a complete trial of the process "severe", and what of its utilities and costs is missing."""
    arm, cluster, period = _arms(scenario, rng)
    number, between = arm.size, scenario.between
    lasting, own = rng.normal(size=number), rng.normal(size=number)
    if cluster is not None:
        shared = rng.normal(size=(2, scenario.clusters))[:, cluster]
        lasting = np.sqrt(between) * shared[0] + np.sqrt(1 - between) * lasting
        own = np.sqrt(between) * shared[1] + np.sqrt(1 - between) * own
    drift = TREND * (np.zeros(number) if period is None else period)
    severity = LASTING * lasting[:, None] + np.sqrt(1 - LASTING**2) * rng.normal(size=(number, 3)) + drift[:, None]
    stray = START + np.sqrt(1 - SHOWN**2) * rng.normal(size=(number, 3))
    arm = _balanced_by(scenario, arm, -_disutility(SHOWN * severity[:, 0] + stray[:, 0]), rng)
    lowered, dearer = np.array([effects(scenario, at) for at in range(scenario.steps + 1)])[
        np.zeros(number, dtype=np.intp) if period is None else period
    ].T
    severity[:, 1:] -= (arm * (lowered + scenario.modified * lasting))[:, None]
    utilities = 1 - _disutility(SHOWN * severity + stray)
    noise = np.sqrt(OWN) * own[:, None, None] + np.sqrt(scenario.noise**2 - OWN) * rng.normal(size=(number, 2, 3))
    incurred = ANY[:, None] + ANY_SLOPE[:, None] * severity[:, None] + rng.normal(size=(number, 2, 3)) > 0
    rare = rng.random(incurred.shape) < scenario.outliers
    expected = LEVEL * np.exp(_median(scenario)[:, None] + SLOPE[:, None] * severity[:, None])
    amounts = expected * np.where(rare, OUTLIER, np.exp(NOISE[:, None] * noise)) * incurred
    amounts[:, :, 1:] *= np.exp(arm * dearer)[:, None, None]
    age = 60 + 9 * (0.4 * lasting + np.sqrt(1 - 0.4**2) * rng.normal(size=number))
    covariates = {"age": age, "sex": (rng.random(number) < 0.55).astype(np.float64)}  # noqa: PLR2004
    gone = _gone(arm, utilities, amounts[:, 0, 1], scenario.noise, rng)
    missing = np.zeros((number, 3 + 4), dtype=bool)
    missing[np.ix_(gone, [2, 4, 6])] = True
    missing[rng.random(number) < SKIPPED * 2 * ndtr((age - 60) / 9), 5] = True
    complete = trial_of(
        scenario.name, arm, MONTHS, utilities, amounts[:, :, 1:].reshape(number, -1), amounts[:, :, 0], covariates,
        cluster=cluster, period=period,
    )  # fmt: skip
    return complete, missing


def _gone(arm: Codes, utilities: Floats, care: Floats, spread: float, rng: np.random.Generator) -> NDArray[np.bool_]:
    """Return who leaves after three months, by utility and cost of care as then seen."""
    worse = (np.log(0.05 + 1 - utilities[:, 1]) + 2.1) / 0.8
    dear = (np.log1p(care / 500) - 0.95) / (0.8 * spread)
    constant, on_worse, on_dear = LEAVES[arm].T
    return rng.random(arm.size) < expit(constant + on_worse * worse + on_dear * dear)


def _noise(scenario: Scenario) -> Floats:
    """Return the mean of what the median of each category is multiplied by: noise, or an outlier."""
    result: Floats = (1 - scenario.outliers) * np.exp((scenario.noise * NOISE) ** 2 / 2) + scenario.outliers * OUTLIER
    return result


def _median(scenario: Scenario) -> Floats:
    """Return the log of the median cost of each category: lower where the spread is larger, so that means are equal."""
    result: Floats = MEDIAN + NOISE**2 / 2 - np.log(_noise(scenario))
    return result


def _above(mean: float, variance: float, bar: float) -> float:
    """Return the mean of max(exp(GROWTH * y) - bar, 0) of a normal y."""
    root = np.sqrt(variance)
    place = mean - np.log(bar) / GROWTH
    return float(
        np.exp(GROWTH * mean + GROWTH**2 * variance / 2) * ndtr((place + GROWTH * variance) / root)
        - bar * ndtr(place / root)
    )


def _means(scenario: Scenario, period: int, lowered: float, arm: int) -> tuple[float, float]:
    """Return mean utility and mean cost per period of level 1, before the effect on costs."""
    slope = LASTING - scenario.modified * arm
    mean, variance = TREND * period - lowered * arm, slope**2 + 1 - LASTING**2
    latent = START + SHOWN * mean, SHOWN**2 * variance + 1 - SHOWN**2
    lost = SIZE * (_above(*latent, 1.0) - _above(*latent, 1 + (1 - FLOOR) / SIZE))
    bent = mean + SLOPE * variance
    size = np.exp(_median(scenario) + SLOPE * mean + SLOPE**2 * variance / 2) * _noise(scenario)
    costs = size * ndtr((ANY + ANY_SLOPE * bent) / np.sqrt(1 + ANY_SLOPE**2 * variance))
    return 1 - lost, float(costs.sum())


@functools.cache
def effects(scenario: Scenario, period: int = 0) -> tuple[float, float]:
    """Return by how much the intervention lowers severity and raises log costs, for the true differences to hold."""
    utility, cost = _means(scenario, period, 0.0, 0)
    # The effect on utilities is there from the first follow-up on.
    lowered = float(
        optimize.brentq(lambda by: _means(scenario, period, by, 1)[0] - utility - EFFECT / AREA, -2, 2, xtol=1e-13)
    )
    return lowered, float(np.log((cost + COST / LEVEL[1:].sum()) / _means(scenario, period, lowered, 1)[1]))
