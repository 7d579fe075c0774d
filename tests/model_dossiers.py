"""Dossiers on a model's draws: a TOML file beside a table, or beside the files of another package."""

from __future__ import annotations

from functools import cache

import numpy as np
import oracles
import pandas as pd
import pytest
import trial_dossiers

import hecon
from hecon.errors import DossierError

OPTION = '[[intervention]]\nid = "{name}"\nname = {{ nl = "{name}", en = "{name}" }}\n'
HEAD = trial_dossiers.HEAD.replace(
    trial_dossiers.HEAD[trial_dossiers.HEAD.index("[[intervention]]") : trial_dossiers.HEAD.index("[[document]]")],
    "@options@",
)
COMPARISON = """[[comparison]]
id = "model-{name}"
trial = "MODEL"
design = {{ nl = "model", en = "model" }}
perspective = "societal"
intervention = "{name}"
comparator = "usual-care"
currency = "{currency}"
price_year = 2024
horizon_months = {months}
discount_cost = 0.03
discount_effect = 0.015
sources = [{{ document = "protocol", place = "page 2" }}]
{more}
[comparison.draws]
file = "{file}"
made_by = {{ nl = "Groep A, 2025", en = "Group A, 2025" }}
{extra}
"""


def write(folder, text, *, names=("new",), currency="EUR", more="", extra="", file="model.csv", months=120):
    """Write draws and a dossier that names them; return its path."""
    (folder / "model.csv").write_text(text, encoding="utf-8")
    options = "".join(OPTION.format(name=name) for name in ("usual-care", *names))
    comparisons = "".join(
        COMPARISON.format(name=name, currency=currency, more=more, extra=extra, file=file, months=months)
        for name in names
    )
    path = folder / "my.toml"
    path.write_text(HEAD.replace("@options@", options) + comparisons, encoding="utf-8")
    return path


def table(cost, effect, names):
    """Return draws as a wide table with one parameter."""
    header = [f"{kind}.{name}" for kind in ("cost", "effect") for name in names]
    rows = np.column_stack([cost, effect, np.arange(len(cost)) / 10])
    return "\n".join([",".join([*header, "p"]), *(",".join(map(repr, row)) for row in rows.tolist())]) + "\n"


def drawn(seed=1, count=400, strategies=2):
    rng = np.random.default_rng(seed)
    cost = rng.normal([1000 + 800 * at for at in range(strategies)], 150, (count, strategies))
    effect = rng.normal([5 + 0.04 * at for at in range(strategies)], 0.03, (count, strategies))
    return cost, effect


NAMES = ("usual-care", "new")
THRESHOLD = """
[[comparison.threshold]]
value = 20000
text = {{ nl = "waarde van de bron", en = "value of the source" }}
sources = [{{ document = "protocol", place = "page 2" }}]
""".replace("{{", "{").replace("}}", "}")
NAMED = 'parameter_names.logor_side_effects = { nl = "oddsratio", en = "odds ratio" }'


def faults(path):
    with pytest.raises(DossierError) as caught:
        hecon.load(path)
    return [fault.partition(": ")[2] if fault.startswith("line") else fault for fault in caught.value.located]


def chemotherapy(tmp_path, *, currency="GBP", study=""):
    """Return a dossier on voi's chemotherapy draws, from their three files as they are."""
    for name in ("costs", "effects", "params"):
        (tmp_path / f"{name}.csv").write_bytes(oracles.path(f"voi_chemo_{name}.csv").read_bytes())
    files = 'effects = "effects.csv"\nparameters = "params.csv"\nstrategies = { new = "s2", usual-care = "s1" }'
    extra = f"{files}\n{NAMED}\n{study}"
    return write(tmp_path, "", extra=extra, file="costs.csv", more=THRESHOLD, currency=currency, months=600)


@cache
def events(seed=3, count=1_500, names=NAMES):
    """Return a table of draws of a model of events: risks, their rate, both differences, and one that never varies."""
    rng = np.random.default_rng(seed)
    risk = rng.beta(30, 70, count)
    risks = np.column_stack([risk, *(risk * rng.lognormal(-0.25, 0.15, count) for _ in names[1:])])
    rate = rng.gamma(25, 0.02, count)
    cost = 5_000 * risks + 300 * rate[:, np.newaxis] + 600 * np.arange(len(names))
    effect = 5 - (0.2 + 0.3 * rate[:, np.newaxis]) * risks
    columns = {f"cost.{name}": cost[:, at] for at, name in enumerate(names)}
    columns |= {f"effect.{name}": effect[:, at] for at, name in enumerate(names)}
    columns |= {f"p_{name}".replace("-", "_"): risks[:, at] for at, name in enumerate(names)}
    columns |= {"rate": rate, "dc": cost[:, 1] - cost[:, 0], "de": effect[:, 1] - effect[:, 0]}
    columns["fixed"] = np.ones(count)
    return pd.DataFrame(columns).to_csv(index=False)


BINARY = 'kind = "two-arm-binary"\ncontrol = "p_usual_care"\ntreated = "p_new"'
KINDS = {
    "two-arm-binary": BINARY,
    "two-arm-normal": 'kind = "two-arm-normal"\ncontrol = "p_usual_care"\ntreated = "p_new"\nsd = 0.45',
    "cost-and-effect": 'kind = "cost-and-effect"\ncost = "dc"\neffect = "de"\nsd = [4000, 0.2]\ncorrelation = -0.1',
    "follow-up": 'kind = "follow-up"\nrate = "rate"',
}


def study(kind=BINARY, *, n=(50, 200, 800), months=12, more=""):
    """Return a further study of a model's draws, as a dossier states it."""
    return f"""
[comparison.draws.study]
{kind}
n = {list(n)}
follow_up_months = {months}
{more}
status = "assumed"
basis = {{ nl = "zelf gekozen", en = "our own choice" }}
sources = [{{ document = "protocol", place = "page 7" }}]
"""


PEOPLE = """
[[figure]]
id = "patients"
name = { nl = "Patiënten", en = "Patients" }
value = 20000
sources = [{ document = "protocol", place = "page 2" }]

[research]
population = "patients"
"""
COSTS = """
[research.study]
fixed_cost = 200000
cost_per_patient = 800
recruited_per_year = 600
analysis_months = 6
basis = { nl = "begroting", en = "budget" }
sources = [{ document = "protocol", place = "page 8" }]
"""
