"""Simulated trials whose true differences are known: the scenarios of ``trial_coverage.py``.

`trial(scenario, number)` returns the complete data and the same trial with its missing values; `truth(scenario)` the
differences in mean cost and in QALYs. Both arms, every scenario: see `SCENARIOS`.

The process "severe" gives each patient a latent severity, drawn anew in part at 0, 3 and 12 months. Utilities are 1
below a threshold of the severity and fall ever faster above it, down to the floor of the value set: 35 to 40% at the
ceiling, skewness about -2.4. Costs of two categories and three periods, one before the start, are zero-inflated
log-normal and rise with severity. The intervention lowers severity and multiplies costs. After three months, by what was
then seen, the severely ill leave in the intervention arm and those in health in the comparator's, so that complete
cases are biased by more than the difference in costs. The effects of the intervention are solved for, from closed
forms of the means, so that every scenario has the same true differences and a net benefit of 0 at 20,000 per QALY.
"""

from __future__ import annotations

import functools
import itertools
import zlib
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from scipy import optimize
from scipy.special import expit, ndtr

from hecon.patients.table.checking import CostItem, TrialData

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Codes = NDArray[np.intp]

ARMS = ("usual care", "intervention")
WTP = 20_000.0
MONTHS = (0.0, 3.0, 12.0)
# Years that a lasting difference in utility from the first follow-up on counts for.
AREA = 0.875
COST, EFFECT = 503.0, 503.0 / WTP
FLOOR = -0.446

# Severity: correlation with the lasting part, and of the utility's own severity with it.
LASTING, SHOWN = 0.92, 0.95
# Utility 1 - SIZE * (exp(GROWTH * y) - 1), where y is normal with this mean and variance 1; 1 where that is more.
START, GROWTH, SIZE = 0.33, 0.6, 0.24
# Per category: probability of a cost at severity 0 as a normal deviate, and its slope; log of its median, slope, SD.
CATEGORIES = ("care", "support")
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


@dataclass(frozen=True)
class Scenario:
    """What sets one scenario apart.

    Parameters
    ----------
    name : str
        Its name.
    process : {"severe", "normal", "discrete"}
        What draws the patients.
    patients : (int, int)
        Number in each arm; of clustered trials in all, by `clusters` and `size`.
    noise : float
        Factor on the spread of log costs.
    outliers : float
        Probability that all costs of a patient are multiplied by `OUTLIER`.
    modified : float
        By how much more the intervention lowers the severity of a patient of one SD above the mean.
    imbalance : float or None
        Difference between the arms in utility at the start, in standard errors.
    clusters, size, steps : int
        Number of clusters, patients of each (in each period, where they cross over) and steps of a stepped wedge.
    between : float
        Part of the lasting severity and of the patient's own costs that is the cluster's.
    """

    name: str
    process: str = "severe"
    patients: tuple[int, int] = (150, 150)
    noise: float = 1.0
    outliers: float = 0.0
    modified: float = 0.0
    imbalance: float | None = None
    clusters: int = 0
    size: int = 0
    steps: int = 0
    between: float = 0.0


OUTLIER = 14.0
TREND = 0.05

SCENARIOS = {
    each.name: each
    for each in (
        Scenario("150 + 150"),
        Scenario("30 + 30", patients=(30, 30)),
        Scenario("160 + 40", patients=(160, 40)),
        Scenario("heavy skew", noise=1.6, outliers=0.02),
        Scenario("effect modification", modified=0.25),
        Scenario("12 clusters of 20", clusters=12, size=20, between=0.55),
        Scenario("stepped wedge of 8", clusters=8, size=6, steps=4, between=0.55),
        Scenario("baseline imbalance", imbalance=1.9),
        Scenario("discrete predictors", process="discrete", patients=(200, 200)),
        Scenario("normal", process="normal", patients=(160, 160)),
    )
}


def truth(name: str) -> tuple[float, float]:
    """Return the true differences in mean cost and in QALYs of a scenario."""
    return {"severe": (COST, EFFECT), "normal": (800.0, 0.04), "discrete": DISCRETE}[SCENARIOS[name].process]


def trial(name: str, number: int) -> tuple[TrialData, TrialData]:
    """Return one simulated trial, complete and with its missing values; the same number gives the same trial."""
    scenario = SCENARIOS[name]
    rng = np.random.default_rng([zlib.crc32(name.encode()), number])
    draw = {"severe": _severe, "normal": _normal, "discrete": _discrete}[scenario.process]
    complete, missing = draw(scenario, rng)
    utilities, costs = complete.utilities.copy(), complete.costs.copy()
    utilities[missing[:, : utilities.shape[1]]] = np.nan
    costs[missing[:, utilities.shape[1] :]] = np.nan
    return complete, replace(complete, utilities=utilities, costs=costs)


def _data(  # noqa: PLR0917
    name: str,
    arm: Codes,
    months: tuple[float, ...],
    utilities: Floats,
    costs: Floats,
    baseline_costs: Floats | None,
    covariates: dict[str, Floats],
    *,
    cluster: Codes | None = None,
    period: Codes | None = None,
) -> TrialData:
    """Return a trial of one year, its costs by category and, within it, by period between the times of utilities."""
    categories = CATEGORIES if baseline_costs is not None else ("all",)
    periods = list(itertools.pairwise(months))
    names = tuple(covariates)
    return TrialData(
        name=name,
        title="",
        simulated=True,
        strategies=ARMS,
        arm=arm,
        months=months,
        utilities=utilities,
        items=tuple(CostItem(category, *period) for category in categories for period in periods),
        costs=costs,
        baseline_costs=baseline_costs,
        baseline_categories=() if baseline_costs is None else CATEGORIES,
        covariates=np.column_stack([*covariates.values(), np.empty((arm.size, 0))]),
        covariate_names=names,
        covariate_columns=names,
        adjusts=(frozenset({"cost", "effect"}),) * len(names),
        cluster=cluster,
        period=period,
        perspectives={"societal": categories},
        price_year=2024,
        discount_cost=0.0,
        discount_effect=0.0,
        utility_floor=FLOOR,
        digest="0" * 64,
        warnings=(),
    )


# The process "severe".


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


def _severe(scenario: Scenario, rng: np.random.Generator) -> tuple[TrialData, NDArray[np.bool_]]:
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
    noise = np.sqrt(OWN) * own[:, None, None] + np.sqrt(1 - OWN) * rng.normal(size=(number, 2, 3))
    amounts = (
        LEVEL
        * np.exp(
            _median(scenario)[:, None] + SLOPE[:, None] * severity[:, None] + scenario.noise * NOISE[:, None] * noise
        )
        * (ANY[:, None] + ANY_SLOPE[:, None] * severity[:, None] + rng.normal(size=(number, 2, 3)) > 0)
    )
    amounts[:, :, 1:] *= np.exp(arm * dearer)[:, None, None]
    amounts *= np.where(rng.random(number) < scenario.outliers, OUTLIER, 1.0)[:, None, None]
    age = 60 + 9 * (0.4 * lasting + np.sqrt(1 - 0.4**2) * rng.normal(size=number))
    covariates = {"age": age, "sex": (rng.random(number) < 0.55).astype(np.float64)}  # noqa: PLR2004
    gone = _gone(arm, utilities, amounts, rng)
    missing = np.zeros((number, 3 + 4), dtype=bool)
    missing[np.ix_(gone, [2, 4, 6])] = True
    missing[rng.random(number) < SKIPPED * 2 * ndtr((age - 60) / 9), 5] = True
    complete = _data(
        scenario.name, arm, MONTHS, utilities, amounts[:, :, 1:].reshape(number, -1), amounts[:, :, 0], covariates,
        cluster=cluster, period=period,
    )  # fmt: skip
    return complete, missing


def _gone(arm: Codes, utilities: Floats, amounts: Floats, rng: np.random.Generator) -> NDArray[np.bool_]:
    """Return who leaves after three months, by utility and cost of care as then seen."""
    worse = (np.log(0.05 + 1 - utilities[:, 1]) + 2.1) / 0.8
    dear = (np.log1p(amounts[:, 0, 1] / 500) - 0.95) / 0.8
    constant, on_worse, on_dear = LEAVES[arm].T
    return rng.random(arm.size) < expit(constant + on_worse * worse + on_dear * dear)


def _median(scenario: Scenario) -> Floats:
    """Return the log of the median cost of each category: lower where the spread is larger, so that means are equal."""
    wider = NOISE**2 * (scenario.noise**2 - 1) / 2
    result: Floats = MEDIAN - wider - np.log1p(scenario.outliers * (OUTLIER - 1))
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
    size = np.exp(_median(scenario) + SLOPE * mean + SLOPE**2 * variance / 2 + (scenario.noise * NOISE) ** 2 / 2)
    costs = size * ndtr((ANY + ANY_SLOPE * bent) / np.sqrt(1 + ANY_SLOPE**2 * variance))
    return 1 - lost, float(costs.sum()) * (1 + scenario.outliers * (OUTLIER - 1))


@functools.cache
def effects(scenario: Scenario, period: int = 0) -> tuple[float, float]:
    """Return by how much the intervention lowers severity and raises log costs, for the true differences to hold."""
    utility, cost = _means(scenario, period, 0.0, 0)
    # The effect on utilities is there from the first follow-up on.
    lowered = float(
        optimize.brentq(lambda by: _means(scenario, period, by, 1)[0] - utility - EFFECT / AREA, -2, 2, xtol=1e-13)
    )
    return lowered, float(np.log((cost + COST / LEVEL[1:].sum()) / _means(scenario, period, lowered, 1)[1]))


# The process "normal", of frailty, and "discrete", whose predictors have two values each.

FRAIL_COST, FRAIL_UTILITY = 0.35, 0.10


def _normal(scenario: Scenario, rng: np.random.Generator) -> tuple[TrialData, NDArray[np.bool_]]:
    """Return a trial in which cost and quality of life share each patient's frailty, and who leaves depends on both."""
    cost, effect = truth(scenario.name)
    arm = np.repeat(np.arange(2), scenario.patients)
    number = arm.size
    frailty = rng.normal(size=number)
    age = 60 + 6 * (0.5 * frailty + rng.normal(size=number))
    # Far from 1, so that no bound matters.
    utilities = 0.5 - FRAIL_UTILITY * frailty[:, None] + rng.normal(0, 0.08, (number, 3))
    # At 6 and 12 months: its area is three quarters of a year.
    utilities[:, 1:] += effect / 0.75 * arm[:, None]
    mean = 1500 * np.exp(FRAIL_COST * frailty - FRAIL_COST**2 / 2)
    costs = rng.gamma(1.2, 1 / 1.2, (number, 2)) * mean[:, None]
    costs += cost / 2 * arm[:, None]
    seen = (utilities[:, 1] - utilities[:, 1].mean()) / 0.14
    spent = np.log(costs[:, 0]) - np.log(costs[:, 0]).mean()
    gone = rng.random(number) < expit(np.where(arm == 1, -1.2 - 1.1 * seen, -1.2 + 0.8 * spent))
    missing = np.zeros((number, 5), dtype=bool)
    missing[np.ix_(gone, [2, 4])] = True
    missing[rng.random(number) < 0.05, 4] = True  # noqa: PLR2004
    return _data(scenario.name, arm, (0.0, 6.0, 12.0), utilities, costs, None, {"age": age}), missing


# Mean cost and QALYs of the arms differ as the chance of a cost does; the utility makes up for it, at 20,000 per QALY.
DISCRETE = (50.0, 50.0 / WTP)


def _discrete(scenario: Scenario, rng: np.random.Generator) -> tuple[TrialData, NDArray[np.bool_]]:
    """Return a trial with a utility of 0.8 or 1 at the start, a cost of 0 or 500, and half of the last utility gone."""
    cost, effect = truth(scenario.name)
    arm = np.repeat(np.arange(2), scenario.patients)
    number = arm.size
    start = np.where(rng.random(number) < 0.5, 0.8, 1.0)  # noqa: PLR2004
    spent = np.where(rng.random(number) < 0.45 + cost / 500 * arm, 500.0, 0.0)
    # The utility at the end has half a year's weight, and falls with the cost.
    mean = 0.2 + 0.5 * start - 0.1 * (spent > 0) + arm * (2 * effect + 0.1 * cost / 500)
    end = rng.beta(2 * mean, 2 * (1 - mean))
    missing = np.zeros((number, 3), dtype=bool)
    missing[:, 1] = rng.random(number) < np.where(spent > 0, 0.6, 0.4)
    return _data(scenario.name, arm, (0.0, 12.0), np.column_stack([start, end]), spent[:, None], None, {}), missing
