"""A simulated trial in which patients die, with its design, and the truth behind it."""

from __future__ import annotations

import tomllib

import numpy as np
import pandas as pd

from hecon.trial.table.design import design_of

MONTHS = (0, 6, 12, 18, 24)
HAZARD = (0.25, 0.15)  # a year, of a patient of mean severity
EFFECT, DEARER = 0.05, 1.2
DESIGN = """
format = 1
name = "dying"
simulated = true
[table]
layout = "wide"
patient = "id"
[arm]
column = "arm"
comparator = "usual"
interventions = ["new"]
[death]
month = "died_in"
others = "alive"
[utility]
months = [0, 6, 12, 18, 24]
columns = ["u0", "u6", "u12", "u18", "u24"]
[[cost]]
category = "care"
columns = ["care_6", "care_12", "care_18", "care_24"]
price_year = 2024
[perspective]
healthcare = ["care"]
[analysis]
price_year = 2024
discount_cost = 0.03
discount_effect = 0.015
"""


def tree():
    """Return the parsed design, to be changed."""
    return tomllib.loads(DESIGN)


def design(**death):
    """Return the design, with other keys of [death]; None takes one out."""
    whole = tree()
    whole["death"] = {key: each for key, each in (whole["death"] | death).items() if each is not None}
    return design_of(whole)


def simulate(rng, n=100, *, missing=0.2):
    """Return a trial of n patients an arm, complete and with values missing at random given the severity."""
    arm = np.repeat([0, 1], n)
    severity = rng.normal(size=2 * n)
    died = np.maximum(rng.exponential(12 / (np.array(HAZARD)[arm] * np.exp(0.5 * severity))), 0.01).round(3)
    after = (np.array(MONTHS) > 0) * (arm > 0)[:, None]
    utility = 0.75 - 0.1 * severity[:, None] + EFFECT * after + rng.normal(0, 0.08, (2 * n, 5))
    lived = np.clip((died[:, None] - np.array(MONTHS[:-1])) / 6, 0, 1)
    monthly = rng.gamma(2, 100, (2 * n, 4)) * np.exp(0.3 * severity)[:, None] * DEARER ** arm[:, None]
    table = pd.DataFrame({"id": np.arange(2 * n), "arm": np.where(arm, "new", "usual")})
    for place, month in enumerate(MONTHS):
        table[f"u{month}"] = np.where(died > month, np.clip(utility[:, place], -1, 1).round(4), np.nan)
    for place, month in enumerate(MONTHS[1:]):
        table[f"care_{month}"] = np.where(lived[:, place] > 0, (6 * lived * monthly)[:, place].round(2), np.nan)
    table["died_in"] = np.where(died <= MONTHS[-1], died, np.nan)
    whole, chance = table.copy(), missing * (1 + 0.5 * np.tanh(severity))
    for name in [each for each in table if each.startswith(("u", "care")) and each != "u0"]:
        table.loc[rng.random(2 * n) < chance, name] = np.nan
    return whole, table


def outcomes(table, *, before="line", discounts=(0.03, 0.015)):
    """Return the costs and the QALYs of patients of whom all is known, by plain arithmetic in steps of a day."""
    cost = sum(table[f"care_{month}"].fillna(0) / (1 + discounts[0]) ** (month > 12) for month in MONTHS[1:])
    time = (np.arange(24 * 400) + 0.5) / 400
    qalys = []
    for row in table.to_dict("records"):
        end = row["died_in"]
        known = [month for month in MONTHS if not month >= end]
        grid, values = list(known), [row[f"u{month}"] for month in known]
        if end <= 24:
            grid, values = [*grid, end, end + 1e-9], [*values, 0.0 if before == "line" else values[-1], 0.0]
        curve = np.interp(time, grid, values) / (1 + discounts[1]) ** (time >= 12)
        qalys.append(curve.mean() * 2)
    return np.asarray(cost), np.asarray(qalys)
