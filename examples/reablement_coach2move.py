"""
Reablement: what cannot be computed, and what clustering costs
==============================================================

Coach2Move is physiotherapy for older people at home, tried twice: in 2016, of which no figures are at hand, and in
2022, in practices that switched in clusters. The assessment of both comes from the dossier.
"""  # noqa: D205, D400

import os
from pathlib import Path

import hecon

assessment = hecon.assess("reablement")
first, second = assessment.comparisons

# %%
# **2016: not computable.** The sources give a conclusion, cost-effective at every willingness to pay, and no
# figures. That implies a quadrant (no dearer, no less health), and no more: hecon fills nothing in.
print(f"computable: {first.computable} ({first.reason.code}); implied quadrant: {first.quadrant}")

# %%
# **2022.** Both differences were printed with their interval, so only the correlation of costs and QALYs is open. The
# range of each probability is over that, over rounding, and over clustering that the intervals may have left out.
for value in hecon.zin.REFERENCE_VALUES:
    low, high = second.p_range[value]
    print(f"€ {value:,}: P = {second.p_cost_effective[value]:.2f} ({low:.2f} to {high:.2f})")

# %%
# The higher the correlation, the less net benefit varies and the surer the verdict: that is the band around the
# curve, which leaves clustering out.
ax = hecon.plot.acceptability(second.draws)
ax.figure.suptitle("Coach2Move 2022: probability cost-effective, with its range")
print(hecon.plot.describe(ax))

# %%
ax = hecon.plot.plane(second.draws)
ax.figure.suptitle("Coach2Move 2022: more health, perhaps at a cost")
print(hecon.plot.describe(ax))

# %%
# **Clustering.** Patients of one practice resemble each other. Had the printed intervals left that out, the
# variances would be too small by a design effect, here from 1.2 to 4.6. The estimates stay, the certainty shrinks.
for value in hecon.zin.REFERENCE_VALUES:
    (clustered,) = (each for each in second.sensitivities if each.kind == "design_effect")
    print(f"€ {value:,}: P =", " to ".join(f"{end:.2f}" for end in clustered.p_cost_effective[value]))

# %%
# Conclude: probably cost-effective at 12 months, and less certainly so if clustering was left out. Nobody judged the
# burden of disease, so the note marks no reference value as the one that applies.
out = Path(os.environ.get("HECON_OUT", "build/examples"))
for lang in ("nl", "en"):
    hecon.summary(assessment, lang=lang).save(out / f"reablement.{lang}.html")
