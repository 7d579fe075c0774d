"""Trials of known truth whose effect is not made of utilities over time, as designs and tables."""

from __future__ import annotations

import copy
import json

import numpy as np
import pandas as pd

from hecon.trial.table.design import design_of

QALYS = {"unit": "QALY", "months": [12], "columns": ["qaly"], "baseline": "u0"}
POINTS = {
    "unit": "point",
    "name": "WOMAC score",
    "better": "less",
    "summary": "last",
    "range": [0, 96],
    "months": [3, 12],
    "columns": ["womac_3", "womac_12"],
    "baseline": "womac_0",
    "wtp": [50, 200],
}
FALLS = {"unit": "fall", "better": "less", "summary": "total", "months": [6, 12], "columns": ["falls_6", "falls_12"]}
# Differences between the arms as drawn: costs, QALYs, points at month 12 and falls.
TRUTH = {"cost": 400.0, "qaly": 0.04, "points": -5.0, "falls": -0.6}


def tree_of(effect):
    """Return the tree of a design with this effect and one total of costs, to be changed."""
    return copy.deepcopy(
        {
            "format": 1,
            "name": "outcomes",
            "table": {"layout": "wide", "patient": "id"},
            "arm": {"column": "arm", "comparator": "usual", "interventions": ["new"]},
            "effect": effect,
            "cost": [{"category": "care", "columns": ["cost"], "periods": [[0, 12]], "price_year": 2024}],
            "perspective": {"societal": ["care"]},
            "analysis": {"price_year": 2024},
        }
    )


def design_with(effect):
    """Return such a design."""
    return design_of(tree_of(effect))


def table(rng, n=300, *, missing=0.0):
    """Return a table of two arms in which frail patients cost more and do worse, with values missing at random."""
    arm = np.arange(n) % 2
    frail = rng.normal(0, 1, n)
    found = {
        "u0": np.minimum(0.6 - 0.1 * frail + rng.normal(0, 0.05, n), 1.0),
        "qaly": np.minimum(0.55 - 0.06 * frail + rng.normal(0, 0.05, n) + TRUTH["qaly"] * arm, 1.0),
        "womac_0": 45 + 8 * frail + rng.normal(0, 4, n),
        "womac_3": 40 + 7 * frail + rng.normal(0, 4, n) - 2 * arm,
        "womac_12": 35 + 6 * frail + rng.normal(0, 4, n) + TRUTH["points"] * arm,
        "falls_6": rng.poisson(1.0 - 0.3 * arm).astype(float),
        "falls_12": rng.poisson(1.2 - 0.3 * arm).astype(float),
        "cost": rng.gamma(4.0, 300.0, n) * np.exp(0.1 * frail) + TRUTH["cost"] * arm,
    }
    for name in ("qaly", "womac_3", "womac_12", "cost"):
        found[name] = np.where(rng.random(n) < missing * (1 + 0.5 * np.tanh(frail)), np.nan, found[name])
    return pd.DataFrame({"id": np.arange(n), "arm": np.where(arm, "new", "usual")} | found)


# Costs, QALYs and points of three arms as drawn, each against the first.
THREE = {"names": ("usual", "new", "intensive"), "cost": (0, 400, 900), "qaly": (0, 0.05, 0.03), "points": (0, -5, -8)}


def three_tree(effect):
    """Return such a design of three arms."""
    whole = tree_of(effect)
    whole["arm"]["interventions"] = list(THREE["names"][1:])
    return whole


def three_table(rng, n=450, *, missing=0.0):
    """Return a table of three arms; the third is dominated in QALYs and not in points."""
    arm = np.arange(n) % 3
    frail = rng.normal(0, 1, n)
    cost, qaly, points = (np.array(THREE[key], dtype=float)[arm] for key in ("cost", "qaly", "points"))
    found = {
        "u0": np.minimum(0.6 - 0.1 * frail + rng.normal(0, 0.05, n), 1.0),
        "qaly": np.minimum(0.55 - 0.06 * frail + rng.normal(0, 0.05, n) + qaly, 1.0),
        "womac_0": 45 + 8 * frail + rng.normal(0, 4, n),
        "womac_3": 40 + 7 * frail + rng.normal(0, 4, n) + points / 2,
        "womac_12": 35 + 6 * frail + rng.normal(0, 4, n) + points,
        "cost": rng.gamma(4.0, 300.0, n) + cost,
    }
    for name in ("qaly", "womac_3", "womac_12", "cost"):
        found[name] = np.where(rng.random(n) < missing * (1 + 0.5 * np.tanh(frail)), np.nan, found[name])
    return pd.DataFrame({"id": np.arange(n), "arm": np.array(THREE["names"])[arm]} | found)


def long_table(wide):
    """Return the table with a row for each patient and month, of points and costs."""
    rows = []
    for month, column in ((0, "womac_0"), (3, "womac_3"), (12, "womac_12")):
        own = wide[["id", "arm"]].assign(month=month, womac=wide[column])
        rows.append(own.assign(cost=wide["cost"] if month == 12 else np.nan))
    return pd.concat(rows).sort_values(["id", "month"], kind="stable")


def regression(outcome, *columns):
    """Return the coefficient of the arm by ordinary least squares, arms alternating, and its standard error."""
    matrix = np.column_stack([np.ones(len(outcome)), np.arange(len(outcome)) % 2, *columns])
    inverse = np.linalg.inv(matrix.T @ matrix)
    beta = inverse @ matrix.T @ outcome
    rest = outcome - matrix @ beta
    return float(beta[1]), float(np.sqrt(inverse[1, 1] * rest @ rest / (len(outcome) - matrix.shape[1])))


def toml(value):
    """Return a value of a tree as TOML, tables inline."""
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{json.dumps(key)} = {toml(each)}" for key, each in value.items()) + " }"
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(map(toml, value)) + "]"
    return json.dumps(value)


def written(path, tree):
    """Write a design to a file and return its path."""
    path.write_text("".join(f"{key} = {toml(value)}\n" for key, value in tree.items()), encoding="utf-8")
    return path
