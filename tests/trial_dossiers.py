"""A small trial with its design, and dossiers that name it, for the tests of patient data in dossiers."""

from __future__ import annotations

import numpy as np
import pandas as pd
from trial_tables import utilities_near

DESIGN = """format = 1
name = "walking"
simulated = true
[table]
layout = "wide"
patient = "patient"
[arm]
column = "arm"
comparator = "usual"
interventions = ["walking"]
[utility]
months = [0, 12, 24]
value_set = "nl-5l-2016"
columns = ["u0", "u12", "u24"]
[[cost]]
category = "hospital"
columns = ["hospital_12", "hospital_24"]
price_year = 2024
[[cost]]
category = "informal care"
columns = ["care_12", "care_24"]
price_year = 2024
[perspective]
societal = ["hospital", "informal care"]
healthcare = ["hospital"]
[analysis]
price_year = 2024
"""
HEAD = """format = 1
name = "walking-note"
title = { nl = "Wandelen", en = "Walking" }
indication = { nl = "Heup", en = "Hip" }
question = { nl = "Wandelen?", en = "Walk?" }
[burden]
band = "low"
basis = { nl = "Zo", en = "So" }
sources = [{ document = "protocol", place = "page 1" }]
[[intervention]]
id = "walking"
name = { nl = "wandelen", en = "walking" }
[[intervention]]
id = "usual-care"
name = { nl = "gebruikelijke zorg", en = "usual care" }
[[document]]
id = "protocol"
citation = "Protocol."
read = { nl = "geheel", en = "in full" }
"""
COMPARISON = """[[comparison]]
id = "hip-{perspective}"
trial = "HIP"
design = {{ nl = "gerandomiseerd", en = "randomised" }}
perspective = "{perspective}"
intervention = "walking"
comparator = "usual-care"
currency = "EUR"
price_year = 2024
horizon_months = 24
discount_cost = 0.03
discount_effect = 0.015
sources = [{{ document = "protocol", place = "page 2" }}]
[comparison.data]
file = "trial.csv"
design = "trial.toml"
strategies = {{ usual-care = "usual" }}
{extra}
"""
REPORTED = """[[comparison]]
id = "other"
trial = "OTHER"
design = { nl = "gerandomiseerd", en = "randomised" }
perspective = "societal"
intervention = "walking"
comparator = "usual-care"
currency = "EUR"
price_year = 2024
horizon_months = 12
discount_cost = "not reported"
discount_effect = "not reported"
sources = [{ document = "protocol", place = "page 2" }]
[[comparison.statistic]]
kind = "cost-difference"
mean = 500
ci = [-100, 1100]
status = "reported"
sources = [{ document = "protocol", place = "page 3" }]
[[comparison.statistic]]
kind = "effect-difference"
mean = 0.05
ci = [0.01, 0.09]
status = "reported"
sources = [{ document = "protocol", place = "page 3" }]
[[comparison.statistic]]
kind = "correlation"
value = 0.1
status = "reported"
sources = [{ document = "protocol", place = "page 3" }]
"""
BOTH = COMPARISON.format(perspective="societal", extra="") + COMPARISON.format(perspective="healthcare", extra="")


def table(rng, *, n=40, missing=0.1):
    """Return a trial of two arms, with values missing at random."""
    arm = np.repeat([0, 1], n)
    frail = rng.normal(size=2 * n)
    found = {
        "patient": [f"SECRET{number}" for number in range(2 * n)],
        "arm": np.where(arm == 1, "walking", "usual"),
    }
    for month in (0, 12, 24):
        utilities = np.clip(0.7 + 0.05 * arm * (month > 0) - 0.05 * frail + rng.normal(0, 0.05, 2 * n), 0, 1)
        found[f"u{month}"] = utilities_near(utilities)
    for name, mean in (("hospital", 900), ("care", 400)):
        for month in (12, 24):
            found[f"{name}_{month}"] = np.abs(mean + 100 * frail + 150 * arm + rng.normal(0, 150, 2 * n))
    for name in ("u12", "u24", "hospital_24", "care_24"):
        found[name][rng.random(2 * n) < missing] = np.nan
    return pd.DataFrame(found)


def write(folder, comparisons=BOTH, *, design=DESIGN, records=None, head=HEAD):
    """Write a trial, its design and a dossier that names them; return the path of the dossier."""
    chosen = table(np.random.default_rng(7)) if records is None else records
    chosen.to_csv(folder / "trial.csv", index=False)
    (folder / "trial.toml").write_text(design, encoding="utf-8")
    path = folder / "note.toml"
    path.write_text(head + comparisons, encoding="utf-8")
    return path


def write_three(folder, *, extra=""):
    """Write a trial of three arms in which running is a little better than walking, and a dossier of both."""
    rng = np.random.default_rng(7)
    records = table(rng, n=60)
    more = table(rng, n=60)
    more = more[more["arm"] == "walking"].assign(arm="running")
    more["patient"] = [f"R{number}" for number in range(len(more))]
    for month in (12, 24):
        more[f"u{month}"] = utilities_near(np.minimum(more[f"u{month}"] + 0.01, 1))
    walking = COMPARISON.format(perspective="societal", extra=extra)
    running = walking.replace('id = "hip-societal"', 'id = "run"').replace('"walking"', '"running"')
    other = '[[intervention]]\nid = "running"\nname = { nl = "hardlopen", en = "running" }\n[[document]]'
    return write(
        folder,
        walking + running,
        design=DESIGN.replace('["walking"]', '["walking", "running"]'),
        head=HEAD.replace("[[document]]", other, 1),
        records=pd.concat([records, more]),
    )
