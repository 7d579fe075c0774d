"""
COPD: where do the printed amounts come from?
=============================================

The report prints, to the euro, what it costs to drop the maximum number of treatments for COPD. A letter of June 2024
tells of the budget that was added for it in spring, and not how that was counted. Which ways of counting give them?
"""  # noqa: D205, D400

import os
from pathlib import Path

import matplotlib.pyplot as plt

import hecon

# %%
# **As the text words it**: 1,100 patients at their maximum get 5 to 10 treatments more, at € 36 to 45; 25, 75 and 100%
# of them from 2025 on, and prices rise by 2.2, 2.1 and 2.0%. That is not what is printed: € 201,960 and € 504,900.
plan = hecon.load("copd").budget
print(hecon.budget_impact(plan)["total"].to_pandas().round())

# %%
# **What fits?** Tried are other paths of uptake, caps, ways to add up inflation and places in the ranges. The verdict
# says how far one has to depart from the text.
for each in hecon.budget.reconcile(plan).totals:
    way = "; ".join(f"{found.kind}: {found.choice}" for match in each.matches[:1] for found in match.departures)
    print(f"{each.printed.id:24} {each.verdict:10} {each.matching:2} of {each.tried:3}  {way or 'no departure'}")

# %%
# The report counts the inflation of the third year alone: a *reading* of its text. The letter's € 173,000 and € 347,000
# are the middle of both scenarios without inflation, at 50% and 100% uptake. It does not say how it counts, so this
# *explains* the amounts and contradicts nothing. After so many ways it remains a guess, if one that fits both.
low, high = 1_100 * 5 * 36, 1_100 * 10 * 45
print(f"middle of {low:,} and {high:,}: {(low + high) / 2:,.0f}; half of it: {(low + high) / 4:,.0f}")

# %%
# **Uncertainty.** Ranges may be drawn instead. The scenarios, which put all at one end at once, lie wider apart.
drawn = hecon.budget_impact(plan, n_draws=10_000, rng=0)["total"].sel(year=2027)
print("95% of the draws:", " to ".join(f"€ {end:,.0f}" for end in drawn.quantile([0.025, 0.975]).values))

# %%
# **Together with other changes.** What several plans share under one name, here the tariff, is drawn once for all of
# them: it moves them together, and does nearly all, so the sum is spread as evenly as the tariff. Overlaps are told,
# and not taken off.
plans = [hecon.load(name).budget for name in ("acl-rupture", "copd", "first-twenty", "rheumatoid-arthritis")]
together = hecon.budget.combine(plans, n_draws=10_000, rng=0)["grand_total"].sel(year=2027) / 1e6
print("95% of the draws:", " to ".join(f"€ {end:.1f} million" for end in together.quantile([0.025, 0.975]).values))
for one, other, text in hecon.budget.overlaps(plans):
    print(f"{one} and {other}: {text['en']}.")
with hecon.plot.look():
    figure, axes = plt.subplots(1, 2, figsize=(9, 3.2), layout="constrained")
for ax, values, label in ((axes[0], drawn / 1e3, "COPD (€ thousand)"), (axes[1], together, "four plans (€ million)")):
    ax.hist(values, bins=20, color="0.4")
    ax.set(xlabel=f"{label}, 2027", yticks=[])
figure.suptitle("Net spending inside the budget, every range drawn at once")
out = Path(os.environ.get("HECON_OUT", "build/examples"))
hecon.summary(hecon.assess("copd"), lang="en").save(out / "budget-copd.en.html")
