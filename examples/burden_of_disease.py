"""
Burden of disease: from age, sex and prognosis to the reference value
=====================================================================

The reference value of a QALY follows from the burden of disease: the share of the QALYs ahead of them that patients
lose under current care. How much is that for a torn cruciate ligament, and what would make it a "low" burden?
"""  # noqa: D205, D400

import math
import os
from pathlib import Path

import numpy as np

import hecon
from hecon import zin
from hecon.locale import Locale
from hecon.report.words import burden_words
from hecon.report.words.burdens import integrated_words

# %%
# **The population.** Quality-adjusted life expectancy from a life table and EQ-5D norms. Each table has its source.
for each in zin.tables():
    print(f"{each.name:26} {each.kind:10} {each.source[:60]}")
print(round(zin.population_qale(31.3, female=0.4), 2), "QALY ahead, at 31.3 years and 40% women, as in COMPARE")

# %%
# **The patients.** A torn ligament does not shorten life. Take 0.2 less utility during the two years of the trial.
torn = zin.shortfall(age=31.3, female=0.4, decrement=0.2, years=2)
print(burden_words(torn, Locale("en")))
hecon.plot.burden(torn).figure.suptitle("0.2 less utility for two years: a thin slice of a life")

# %%
# Far below 0.10, while the expert consulted judged the burden *low*. What would it take?
print(f"0.2 less would have to last {zin.years_to_band(0.2, age=31.3, female=0.4):.0f} years to reach the lowest band")

# %%
# **Uncertainty.** Any input may be draws. Here: older people with mobility problems, for the rest of their life.
rng = np.random.default_rng(2024)
loss = rng.uniform(0.05, 0.30, 10_000)
frail = zin.shortfall(age=81.4, female=0.61, decrement=loss, years=math.inf)
print({band: round(share, 2) for band, share in frail.probabilities.items()})
hecon.plot.burden(frail).figure.suptitle("Mobility problems at 81: the band is uncertain")

# %%
# **It goes on into the verdict**: the probability cost-effective by band, and integrated over the bands.
cost, effect = hecon.Difference(800, ci=(-1234, 2824)), hecon.Difference("0.0890", ci=("0.00", "0.18"))
assume = {"correlation": hecon.Assumed(0, range=(-0.5, 0.5), reason="not reported")}
draws = hecon.from_reported("Coach2Move", "usual care", cost=cost, effect=effect, assume=assume, rng=0)
verdict = zin.verdict(draws, burden=frail).sel(strategy="Coach2Move")
print(verdict[["p_cost_effective", "p_reference_value"]].to_dataframe().round(2))
chance = verdict["p_integrated"].item()
values = {band: hecon.reference_value(band) for band in frail.probabilities}
print(integrated_words(chance, frail.probabilities, values, Locale("en"), intervention="Coach2Move"))

# %%
# A dossier holds such inputs too, beside the judgement of an expert: the note shows both, and whether they agree.
out = Path(os.environ.get("HECON_OUT", "build/examples"))
hecon.summary(hecon.assess("reablement"), lang="en").save(out / "burden-reablement.en.html")
