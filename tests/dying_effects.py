"""Trials of known truth in which patients die and the effect is not made of utilities, as designs and tables.

The values are those of `dying`, with totals, events and points beside them; the truth is that of each patient by plain
arithmetic, before anything was taken out.
"""

from __future__ import annotations

import copy

import dying
import numpy as np

ENDS = dying.MONTHS[1:]
KINDS = {
    "costs": None,
    "qalys": {
        "unit": "QALY",
        "months": list(ENDS),
        "columns": [f"qaly_{end}" for end in ENDS],
        "baseline": "u0",
        "discounted": False,
        "after_death": "counted-to-death",
    },
    "falls": {
        "unit": "fall",
        "better": "less",
        "summary": "total",
        "months": list(ENDS),
        "columns": [f"falls_{end}" for end in ENDS],
        "discounted": False,
        "after_death": "counted-to-death",
    },
    "points": {
        "unit": "point",
        "name": "Barthel index",
        "better": "more",
        "summary": "last",
        "range": [0, 100],
        "months": list(ENDS),
        "columns": [f"barthel_{end}" for end in ENDS],
        "baseline": "barthel_0",
        "after_death": 0,
    },
}


def tree_of(kind, *, planned=False, death=True):
    """Return the tree of a design, to be changed."""
    whole = dying.tree()
    del whole["utility"]
    if KINDS[kind] is None:
        whole["costs_alone"] = {"months": 24}
        whole["cost"][0]["periods"] = [[end - 6, end] for end in ENDS]
        whole["analysis"].pop("discount_effect")
    else:
        whole["effect"] = copy.deepcopy(KINDS[kind])
    if "baseline" not in whole.get("effect", {}):
        # Or nothing would tell of the severity, on which it depends what is missing.
        whole["covariate"] = [{"column": "u0"}]
    if planned:
        whole["planned"] = {"follow_up": "planned"}
    if not death:
        del whole["death"]
        whole.get("effect", {}).pop("after_death", None)
    return whole


def simulate(rng, n=100, *, missing=0.2, planned=False):
    """Return a trial of n patients an arm whole, as it is, and the difference between the arms of each outcome.

    Nothing is known after death; of the period in which a patient died, totals are of the part that was lived. With
    `planned` half of the patients, by chance, were to be followed for a year.
    """
    whole, _ = dying.simulate(rng, n, missing=0.0)
    arm = (whole["arm"] == "new").to_numpy()
    frail = ((0.75 - whole["u0"]) / 0.1).to_numpy()
    died = whole["died_in"].fillna(np.inf).to_numpy()
    lived = np.clip((died[:, None] - np.array(dying.MONTHS[:-1])) / 6, 0, 1)
    whole["barthel_0"] = np.clip(70 - 8 * frail + rng.normal(0, 4, 2 * n), 0, 100).round(1)
    for place, end in enumerate(ENDS):
        alive = died > end
        share = lived[:, place]
        utility = 0.7 - 0.1 * frail + 0.05 * arm + rng.normal(0, 0.05, 2 * n)
        whole[f"qaly_{end}"] = (0.5 * share * np.clip(utility, -1, 1)).round(5)
        whole[f"falls_{end}"] = rng.poisson(share * np.exp(0.1 + 0.2 * frail - 0.3 * arm)).astype(float)
        points = np.clip(60 - 7 * frail + 5 * arm + rng.normal(0, 5, 2 * n), 0, 100)
        whole[f"barthel_{end}"] = np.where(alive, points.round(1), np.nan)
        whole.loc[share == 0, [f"qaly_{end}", f"falls_{end}"]] = np.nan
    table, chance = whole.copy(), missing * (1 + 0.5 * np.tanh(frail))
    for name in [each for each in table if each.startswith(("care", "qaly", "falls", "barthel")) and each[-2:] != "_0"]:
        table.loc[rng.random(2 * n) < chance, name] = np.nan
    if planned:
        table["planned"] = rng.choice([12, 24], 2 * n)
        beyond = [name for name in table if name.endswith(("_18", "_24"))]
        table.loc[table["planned"] == 12, beyond] = np.nan
    return whole, table


def outcomes(whole, kind):
    """Return the costs and the effects of patients of whom all is known, by plain arithmetic."""
    later = {end: end > 12 for end in ENDS}
    cost = sum(whole[f"care_{end}"].fillna(0) / 1.03 ** later[end] for end in ENDS)
    if kind in {"qalys", "falls"}:
        name = {"qalys": "qaly", "falls": "falls"}[kind]
        effect = sum(whole[f"{name}_{end}"].fillna(0) / 1.015 ** later[end] for end in ENDS)
    else:
        effect = whole["barthel_24"].fillna(0) if kind == "points" else 0 * cost
    return np.asarray(cost), np.asarray(effect)


def regression(whole, kind, outcome):
    """Return the coefficient of the arm by least squares, adjusted for the start, and its standard error."""
    start = whole["barthel_0" if kind == "points" else "u0"]
    matrix = np.column_stack([np.ones(len(whole)), (whole["arm"] == "new").to_numpy(float), start])
    inverse = np.linalg.inv(matrix.T @ matrix)
    beta = inverse @ matrix.T @ outcome
    rest = outcome - matrix @ beta
    return beta[1], np.sqrt(inverse[1, 1] * rest @ rest / (len(outcome) - matrix.shape[1]))
