"""
Traumatic meniscal tear: dominated
==================================

A trial printed € −223,372 per QALY. Is that a bargain or a waste? The ratio cannot tell; the quadrant can.
"""  # noqa: D205, D400

import os
from pathlib import Path

import hecon
from hecon.locale import Locale
from hecon.report.words import verdict_words

# %%
# **What was printed.** In STARR (24 months, societal) meniscectomy cost € 1,022 more than exercise therapy and
# yielded 0.005 QALY less: north-west, *dominated*. The other way round, the ratio would have been the same.
bad = hecon.from_arrays([[0, 1022]], [[0, -0.005]], strategies=["exercise", "surgery"], comparator="exercise")
good = hecon.from_arrays([[0, -1022]], [[0, 0.005]], strategies=["exercise", "surgery"], comparator="exercise")
for draws in (bad, good):
    result = hecon.icer(draws).sel(strategy="surgery")
    benefit = hecon.incremental_net_benefit(draws, wtp=20_000).sel(strategy="surgery").item()
    print(f"{result['quadrant'].item()}: ratio {result['icer'].item()}, net benefit at € 20,000: {benefit:,.0f}")

# %%
# hecon therefore gives no ratio there and never ranks one. Net benefit, the health times its value minus the costs,
# does tell them apart. The printed ratio still serves as a constraint: it sharpens 0.005, which is rounded, to 1,022
# / 223,372.
draws = hecon.from_reported(
    "meniscectomy",
    "exercise therapy",
    cost=hecon.Difference(1022),
    effect=hecon.Difference("-0.005", ci=("-0.14", "0.13")),
    icer=hecon.Ratio(-223_372, quadrant="NW"),
    assume={
        "cost_se": hecon.Assumed(1500, range=(990, 2060), reason="spread of costs between patients in sister trials"),
        "correlation": hecon.Assumed(0, range=(-0.5, 0.5), reason="costs and QALYs are not reported jointly"),
    },
    rng=0,
)
print(verdict_words(hecon.zin.verdict(draws), Locale("en")).sel(wtp=20_000).item())

# %%
# The mean is dominated, but the draws fill all four quadrants: the trial, of 100 patients, leaves health open.
ax = hecon.plot.plane(draws)
ax.figure.suptitle("STARR, societal: dominated on average, open in all directions")
print(hecon.plot.describe(ax))

# %%
# Net benefit is negative at every reference value, and its interval is wide. Conclude: not cost-effective as far as
# is known, and what is known is little. That no difference in health was shown does not show that there is none.
hecon.plot.net_benefit(draws).figure.suptitle("STARR, societal: net benefit of meniscectomy")

# %%
# The dossier adds the healthcare perspective and the sources; the note shows the printed ratios as reported,
# unranked.
assessment = hecon.assess("meniscal-tear-traumatic")
out = Path(os.environ.get("HECON_OUT", "build/examples"))
for lang in ("nl", "en"):
    hecon.summary(assessment, lang=lang).save(out / f"meniscal-tear-traumatic.{lang}.html")
