"""Simulated trials whose true differences are known.

`trial(scenario, number)` returns the complete data and the same trial with its missing values; `truth(scenario)` the
differences in mean cost and in QALYs. Net benefit at 20,000 per QALY is 0 in every scenario.
"""

from __future__ import annotations

import zlib
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import trial_severity as severity
from scipy.special import expit
from trial_scenarios import SCENARIOS, WTP, Scenario, trial_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from hecon.trial.table.checking import TrialData

FRAIL_COST, FRAIL_UTILITY = 0.35, 0.10
# Mean cost and QALYs of the arms differ as the chance of a cost does; the utility makes up for it, at 20,000 per QALY.
DISCRETE = (50.0, 50.0 / WTP)


def truth(name: str) -> tuple[float, float]:
    """Return the true differences in mean cost and in QALYs of a scenario."""
    return {"severe": (severity.COST, severity.EFFECT), "normal": (800.0, 0.04), "discrete": DISCRETE}[
        SCENARIOS[name].process
    ]


def trial(name: str, number: int) -> tuple[TrialData, TrialData]:
    """Return one simulated trial, complete and with its missing values; the same number gives the same trial."""
    scenario = SCENARIOS[name]
    rng = np.random.default_rng([zlib.crc32(name.encode()), number])
    draw = {"severe": severity.severe, "normal": _normal, "discrete": _discrete}[scenario.process]
    complete, missing = draw(scenario, rng)
    utilities, costs = complete.utilities.copy(), complete.costs.copy()
    utilities[missing[:, : utilities.shape[1]]] = np.nan
    costs[missing[:, utilities.shape[1] :]] = np.nan
    return complete, replace(complete, utilities=utilities, costs=costs)


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
    return trial_of(scenario.name, arm, (0.0, 6.0, 12.0), utilities, costs, None, {"age": age}), missing


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
    return trial_of(scenario.name, arm, (0.0, 12.0), np.column_stack([start, end]), spent[:, None], None, {}), missing
