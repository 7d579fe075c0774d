"""
Cruciate ligament: a verdict on the edge
========================================

Early reconstruction of a torn anterior cruciate ligament costs more than supervised exercise therapy, and yields a
little more health: the north-east quadrant, where a ratio means what it says. Is it worth it?
"""  # noqa: D205, D400

import os
from pathlib import Path

import hecon
from hecon.locale import Locale
from hecon.report.words import verdict_words

# %%
# **What was printed.** COMPARE (24 months, societal) gives mean costs with their spread, and the ratio. It gives no
# spread of the QALYs, nor how costs and QALYs go together: both must be assumed, with a range and a reason.
arms = hecon.Arms(mean=(14_951, 11_558), sd=(10_004, 10_579), n=(85, 82))
try:
    hecon.from_reported("early reconstruction", "exercise therapy", cost=arms, icer=78_179)
except hecon.UnderdeterminedError as error:
    print(error)

# %%
spread = hecon.Assumed("0.045", range=("0.034", "0.053"), reason="spread of QALYs between patients in sister trials")
together = hecon.Assumed(0, range=(-0.5, 0.5), reason="costs and QALYs are not reported jointly")
assume = {"effect_se": spread, "correlation": together}
draws = hecon.from_reported("early reconstruction", "exercise therapy", cost=arms, icer=78_179, assume=assume, rng=0)
print(*verdict_words(hecon.zin.verdict(draws), Locale("en")).values.ravel(), sep="\n")

# %%
# At € 20,000, the reference value of the burden as judged, reconstruction is not cost-effective. At € 80,000 its net
# benefit is € 79: *on the edge*.
ax = hecon.plot.plane(draws)
ax.figure.suptitle("COMPARE, societal: the draws lie on both sides of € 80,000")
print(hecon.plot.describe(ax))

# %%
# The band is the range over what was assumed. It is narrow at € 80,000: on the line, P is about a half at any spread.
ax = hecon.plot.acceptability(draws)
ax.figure.suptitle("COMPARE, societal: probability cost-effective")
print(hecon.plot.describe(ax))

# %%
# **Perspectives differ.** Of healthcare costs alone, the trial printed € 48,460 per QALY: just below € 50,000, where
# the societal verdict is the opposite. The dossier holds both, and each verdict says so. Conclude per perspective.
assessment = hecon.assess("acl-rupture")
for found in assessment.comparisons:
    for each in found.judgements:
        doubt = "(edge)" * each.edge + "(flips)" * each.flips_across_perspectives
        print(f"{found.spec.perspective:10} € {each.reference_value:,}: {each.conclusion} {doubt}".rstrip())

# %%
# The note for the committee, with these figures in it.
out = Path(os.environ.get("HECON_OUT", "build/examples"))
for lang in ("nl", "en"):
    hecon.summary(assessment, lang=lang).save(out / f"acl-rupture.{lang}.html")
