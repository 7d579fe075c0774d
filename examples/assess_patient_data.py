"""
An assessment from a trial's own data
=====================================

A dossier may name a table and its design in place of published figures; ``hecon assess`` then does the rest, from
imputation to the note. **The data are simulated**, and the note says so.
"""  # noqa: D205, D400

import os
from pathlib import Path
from tempfile import TemporaryDirectory

import hecon
from hecon import datasets, plot

# %%
# **Three files**: the table, its design and a dossier. ``hecon trial --example FOLDER`` writes them too.
with TemporaryDirectory() as folder:
    table, design, path = datasets.write_trial("meniscus", folder, rng=5)
    dossier = hecon.load(path)
    found = hecon.assess(dossier, rng=5)

# %%
# **What the dossier says** of the data: a file and a design, and nothing that follows from them.
for comparison in dossier.comparison:
    print(comparison.perspective, comparison.data.file, comparison.data.design)

# %%
# **The verdicts.** The intervention saves money and loses health, so the ratio is what is saved per QALY lost.
for result in found.comparisons:
    cost, effect = f"{result.delta_cost:,.0f} euros", f"{result.delta_effect:.4f} QALY"
    print(f"{result.spec.perspective}: {cost}, {effect}, ratio {result.icer:,.0f} ({result.quadrant})")
    for each in result.judgements:
        print(f"  at {each.reference_value:,}: {each.conclusion}, P {each.p_cost_effective:.2f}")

# %%
# **The note**, in Dutch: table 1, methods and sources with the digests of the files.
out = Path(os.environ.get("HECON_OUT", "build/examples"))
hecon.summary(found, lang="nl").save(out / "meniscus-simulated.nl.html")
societal = found.comparisons[0].draws
ax = plot.acceptability(societal)
ax.figure.suptitle("Exercise therapy against meniscectomy (simulated data)")
