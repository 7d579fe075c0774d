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
known = draw({"risk": beta(0.3, 0.03), "relative_risk": lognormal(0.80, 0.08), "care": gamma(6000, 900)}, n=5000, rng=1)
risks = np.column_stack([known["risk"], known["risk"] * known["relative_risk"]])
costs = risks * known["care"].to_numpy()[:, None] + [0, 500]
draws = hecon.from_arrays(costs, 0.75 - 0.08 * risks, strategies=["usual care", "exercise"], comparator="usual care")
out = Path(os.environ.get("HECON_OUT", "build/examples"))
out.mkdir(parents=True, exist_ok=True)
hecon.write_draws(draws, out / "trial.csv", parameters=known.to_dataframe().assign(risk_exercise=risks[:, 1]))

# %%
# **The dossier**: the skeleton in other words, without what was printed; then the study, who choose, and its costs.
text = hecon.dossier.skeleton("trial").replace(" (replace)", "").replace(" (vervangen)", "").replace("EXAMPLE", "FALLS")
for old, own in {
    "trial: title": "Falls: exercise or usual care", "The condition and the age": "People over 75 who live at home",
    "the intervention a": "exercise a", "the comparator?": "usual care?",
    "the new care": "exercise", "randomised trial, n per arm": "a model of one year", '"abstract"': '"whole"',
}.items():  # fmt: skip
    text = text.replace(old, own)
head, _, rest = text.partition("[[comparison.statistic]]")
rests_on = 'basis = { nl = "Verzonnen", en = "Made up" }, sources = [{ document = "example", place = "section 3" }]'
stated = f"""draws = {{ file = "trial.csv", made_by = {{ nl = "Voorbeeld; verzonnen", en = "Example; made up" }}, \
strategies = {{ new-care = "exercise", usual-care = "usual care" }}, study = {{ kind = "two-arm-binary", \
control = "risk", treated = "risk_exercise", follow_up_months = 12, status = "assumed", \
n = [50, 100, 200, 300, 350, 400, 450, 500, 600, 800, 1200], {rests_on} }} }}
[[figure]]
id = "fallers"
name = {{ nl = "Ouderen die voor de keuze staan", en = "Older people who face the choice" }}
value = 20000
status = "assumed"
sources = [{{ document = "example", place = "section 1" }}]
[research]
population = "fallers"
study = {{ fixed_cost = 400000, cost_per_patient = 900, recruited_per_year = 500, status = "assumed", {rests_on} }}
"""
(out / "trial.toml").write_text(f"{head}{stated}[[document]]{rest.partition('[[document]]')[2]}", encoding="utf-8")

# %%
# **The note**; on the command line ``hecon assess trial.toml``. Conclude which size pays if the choice stays open.
assessment = hecon.assess(out / "trial.toml")
for at, best in ((each.value, each.best[10.0]) for each in assessment.information):
    print(f"at {at:,.0f}: best {best.n} per arm ({best.low} to {best.high}), {best.enbs / 1e6:.1f}m net")
hecon.plot.study_size(assessment.information[1].curve).figure.suptitle("A further trial per patient, at €50,000 a QALY")
hecon.summary(assessment, lang="en").save(out / "trial.en.html")
