"""
A trial that a model asks for, in the note
==========================================

A model's draws, and a dossier that states a further trial: what it measures, its sizes and its costs. The note says
what the trial is worth, and which size pays. All figures are made up.
"""  # noqa: D205, D400

import os
from pathlib import Path

import numpy as np

import hecon
from hecon.parameters import beta, draw, gamma, lognormal

# %%
# **The model** and its file: who falls, what that costs and takes, and how much exercise prevents.
known = draw({"fall": beta(0.30, 0.03), "ratio": lognormal(0.80, 0.08), "care": gamma(6000, 900)}, n=5_000, rng=1)
risks = np.column_stack([known["fall"], known["fall"] * known["ratio"]])
costs = risks * known["care"].to_numpy()[:, None] + [0, 500]
draws = hecon.from_arrays(costs, 0.75 - 0.08 * risks, strategies=["usual care", "exercise"], comparator="usual care")
out = Path(os.environ.get("HECON_OUT", "build/examples"))
out.mkdir(parents=True, exist_ok=True)
hecon.write_draws(draws, out / "trial.csv", parameters=known.to_dataframe().assign(fall_new=risks[:, 1]))

# %%
# **The dossier**: the skeleton without what was printed, with the study, who face the choice, and what the study takes.
text = hecon.dossier.skeleton("trial").replace(" (replace)", "").replace(" (vervangen)", "").replace("EXAMPLE", "FALLS")
head, _, rest = text.partition("[[comparison.statistic]]")
rests_on = 'basis = { nl = "Verzonnen", en = "Made up" }, sources = [{ document = "example", place = "section 3" }]'
stated = f"""[comparison.draws]
file = "trial.csv"
made_by = {{ nl = "Voorbeeld van hecon; verzonnen", en = "Example of hecon; made up" }}
strategies = {{ new-care = "exercise", usual-care = "usual care" }}
study = {{ kind = "two-arm-binary", control = "fall", treated = "fall_new", follow_up_months = 12, status = "assumed", \
n = [50, 100, 200, 300, 350, 400, 450, 500, 600, 800, 1200], {rests_on} }}
[[figure]]
id = "fallers"
name = {{ nl = "Ouderen die voor de keuze staan", en = "Older people who face the choice" }}
value = 20000
sources = [{{ document = "example", place = "section 1" }}]
[research]
population = "fallers"
study = {{ fixed_cost = 400000, cost_per_patient = 900, recruited_per_year = 500, status = "assumed", {rests_on} }}
"""
made = f"{head}{stated}[[document]]{rest.partition('[[document]]')[2]}"
(out / "trial.toml").write_text(made, encoding="utf-8")

# %%
# **The note**; on the command line ``hecon assess trial.toml``. Conclude which size pays if the choice stays open.
assessment = hecon.assess(out / "trial.toml")
for found in assessment.information:
    best = found.best[10.0]
    print(f"at {found.value:,.0f}: best {best.n} per arm ({best.low} to {best.high}), {best.enbs / 1e6:.1f}m net")
ax = hecon.plot.study_size(assessment.information[1].curve)
ax.figure.suptitle("What a further trial is worth by its size, per patient, at €50,000 per QALY")
hecon.summary(assessment, lang="en").save(out / "trial.en.html")
