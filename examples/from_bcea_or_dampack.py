"""
Draws from R: BCEA, dampack or any model
========================================

A probabilistic model elsewhere, a note here. Users of BCEA have matrices ``e`` and ``c``, users of dampack the data
frames ``effectiveness`` and ``cost`` of a psa object; both are one row per draw, one column per strategy.
"""  # noqa: D205, D400

import os
from pathlib import Path

import numpy as np

import hecon
from hecon.locale import Locale
from hecon.report.words import verdict_words

# %%
# **In R**, ``write.csv(psa$cost, "cost.csv", row.names = FALSE)``, and the same for the effects; of BCEA's ``m``,
# ``m$c`` and ``m$e`` with ``m$interventions`` as names. Here are simulated files: three strategies, 2,000 draws.
out = Path(os.environ.get("HECON_OUT", "build/examples"))
out.mkdir(parents=True, exist_ok=True)
strategies = ["usual care", "exercise", "surgery"]
rng = np.random.default_rng(1)
effects = rng.normal([0.70, 0.74, 0.75], 0.02, size=(2000, 3))
costs = rng.gamma(25, [60, 80, 170], size=(2000, 3))
for name, values in (("cost", costs), ("effect", effects)):
    np.savetxt(out / f"{name}.csv", values, delimiter=",", header=",".join(strategies), comments="", fmt="%.6f")

# %%
# **Read and check.** ``read_draws`` checks shapes, names and numbers, and asks for what files do not say. One file of
# both, as R can write for BCEA, voi or dampack, is read by ``style="bcea"`` and so on; arrays by ``from_arrays``.
known = {"currency": "EUR", "effect_unit": "QALY", "comparator": "usual care"}
draws, _ = hecon.read_draws(out / "cost.csv", effects=out / "effect.csv", **known)

# %%
# **Pairwise against usual care**, then **all together**: a ratio against usual care says little about surgery once
# exercise is there. The frontier gives each strategy's ratio against the next best one.
print(hecon.table(hecon.icer(draws)))
print(hecon.table(hecon.frontier(draws)))
hecon.plot.frontier(draws).figure.suptitle("What each further QALY costs")

# %%
# **Uncertainty.** Each curve is the probability that a strategy has the highest net benefit; together they make 1.
hecon.plot.acceptability(draws).figure.suptitle("Probability that a strategy is the best choice")
print(hecon.table(hecon.ceac(draws, wtp=[20_000, 50_000, 80_000])))

# %%
# What choosing a strategy is expected to lose: lowest for the one to choose, and the most that research is worth.
ax = hecon.plot.expected_loss(draws)
ax.figure.suptitle("Expected loss per patient")
print(hecon.plot.describe(ax))

# %%
# **The note**: the verdicts in words, each against the next best: against usual care alone surgery would pass at
# € 80,000, but a QALY more than exercise yields costs three times that. Conclude: exercise. (A dossier makes the full
# note, with its sources.)
words = verdict_words(hecon.zin.verdict(draws), Locale("en")).values.ravel()
(out / "from-r.en.md").write_text("\n".join(f"- {each}" for each in words) + "\n", encoding="utf-8")
print(*words, sep="\n")
