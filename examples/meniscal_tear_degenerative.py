"""
Degenerative meniscal tear: saved per QALY lost
===============================================

Exercise therapy costs less than surgery and yields a little less health: the south-west quadrant. There the ratio
is what is *saved* for each QALY *lost*, so more is better, and a higher reference value makes the verdict harder,
not easier.
"""  # noqa: D205, D400

import os
from pathlib import Path

import hecon
from hecon.locale import Locale
from hecon.report.words import verdict_words

# %%
# **What was printed.** ESCAPE gives the cost difference with its interval, the ratio, and two points of its
# acceptability curve. Together they determine all five parameters, so nothing is assumed. Two more statistics are
# kept apart as checks.
printed = {
    "cost": hecon.Difference(-1803, ci=(-3008, -838)),
    "icer": hecon.Ratio(61_584, quadrant="SW"),
    "p_cost_effective": {10_000: "0.99", 80_000: "0.40"},
    "checks": {"p_cost_effective": {0: "1.00"}, "probability_above": {"-0.057": "0.89"}},
}
fit = hecon.reported.fit(**printed)
draws = fit.draws("exercise therapy", "surgery", rng=0)
print(hecon.table(fit))
for check in fit.checks:
    low, high = check.range
    print(f"{check.name}: printed {check.printed}, predicted {check.predicted:.3f} ({low:.3f} to {high:.3f})")

# %%
# **The verdict turns the other way round.** € 61,584 saved per QALY lost is more than € 20,000 and € 50,000, which
# is enough, and less than € 80,000, which is not.
print(*verdict_words(hecon.zin.verdict(draws), Locale("en")).values.ravel(), sep="\n")

# %%
# Most draws lie south-west. Below and to the right of a line, exercise therapy is cost-effective at that value.
ax = hecon.plot.plane(draws)
ax.figure.suptitle("ESCAPE, societal: cheaper, a little less health")
print(hecon.plot.describe(ax))

# %%
# **Does skewness matter?** The cost interval is not centred on its mean, so costs may be skewed. A log-normal
# marginal meets the interval exactly; the probabilities are then predicted. They move little.
skewed = hecon.from_reported("exercise therapy", "surgery", **printed, marginal="lognormal", rng=0)
for kind, each in (("normal", draws), ("log-normal", skewed)):
    curve = hecon.ceac(each, wtp=[20_000, 50_000, 80_000]).sel(strategy="exercise therapy")
    print(f"{kind:10}", *(f"{share:.2f}" for share in curve.values))
hecon.plot.acceptability(draws).figure.suptitle("ESCAPE, societal: falling, since each QALY lost weighs more")

# %%
# The note from the dossier, which holds the same figures with their sources.
assessment = hecon.assess("meniscal-tear-degenerative")
out = Path(os.environ.get("HECON_OUT", "build/examples"))
for lang in ("nl", "en"):
    hecon.summary(assessment, lang=lang).save(out / f"meniscal-tear-degenerative.{lang}.html")
