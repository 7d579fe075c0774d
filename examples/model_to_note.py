"""
A small model, from its parameters to a note
============================================

Ten lines of model, a file of its draws, a dossier that names the file, and the note, with the parameter that is most
worth knowing. All figures are made up.
"""  # noqa: D205, D400

import os
from pathlib import Path

import numpy as np

import hecon
from hecon.parameters import beta, draw, gamma, lognormal

# %%
# **The model**: who falls, what a fall costs and takes from quality of life, and how much exercise prevents. Means and
# standard errors as published; ``draw`` gives 5,000 of each, evenly spread by a Latin hypercube.
known = draw(
    {"fall": beta(0.30, 0.03), "ratio": lognormal(0.80, 0.08), "care": gamma(6000, 900), "loss": beta(0.08, 0.02)},
    n=5_000, method="latin", rng=1,
)  # fmt: skip
risks = np.column_stack([known["fall"], known["fall"] * known["ratio"]])
costs = risks * known["care"].to_numpy()[:, None] + [0, 700]
qalys = 0.75 - risks * known["loss"].to_numpy()[:, None]
draws = hecon.from_arrays(costs, qalys, strategies=["usual care", "exercise"], comparator="usual care")

# %%
# **The file.** Any model may write it; the layouts of BCEA, dampack, hesim, heormodel and pyheor are read as well.
out = Path(os.environ.get("HECON_OUT", "build/examples"))
out.mkdir(parents=True, exist_ok=True)
hecon.write_draws(draws, out / "falls.csv", parameters=known.to_dataframe())

# %%
# **The dossier** names the file in place of what a trial printed. It is the skeleton in other words, without that.
text = hecon.dossier.skeleton("falls").replace(" (replace)", "").replace(" (vervangen)", "").replace("EXAMPLE", "FALLS")
for old, own in {
    "falls: title": "Falls: exercise or usual care", "the new care": "exercise", "The condition and the age": "Over 75",
    "the intervention a": "exercise a", "the comparator?": "usual care?", "randomised trial, n per arm": "a model",
}.items():  # fmt: skip
    text = text.replace(old, own)
head, _, rest = text.partition("[[comparison.statistic]]")
named = """[comparison.draws]
file = "falls.csv"
made_by = { nl = "Voorbeeld van hecon; verzonnen", en = "Example of hecon; made up" }
strategies = { new-care = "exercise", usual-care = "usual care" }
parameter_names.ratio = { nl = "het relatieve risico", en = "the relative risk" }
"""
(out / "falls.toml").write_text(f"{head}{named}[[document]]{rest.partition('[[document]]')[2]}", encoding="utf-8")

# %%
# **The note**; on the command line ``hecon assess falls.toml``. Conclude: learn the relative risk first.
assessment = hecon.assess(out / "falls.toml")
for found in assessment.information:
    first = found.parameters[0]
    print(f"at {found.value:,.0f}: EVPI {found.evpi:.0f}, of which {first.name} alone {first.evppi:.0f}")
ax = hecon.plot.information_rank(assessment.information[1].values.found, wtp=50_000, names={"ratio": "relative risk"})
ax.figure.suptitle("What it is worth to know one parameter, per patient")
hecon.summary(assessment, lang="en").save(out / "falls.en.html")
