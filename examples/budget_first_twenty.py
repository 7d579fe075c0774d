"""
The first twenty treatments: who pays, and who pays instead
===========================================================

Patients with a chronic indication pay their first twenty treatments of physiotherapy or exercise therapy themselves, or
through supplementary insurance. What would it cost the budget to cover them, and whom would it relieve?
"""  # noqa: D205, D400

import os
from pathlib import Path

import hecon

# %%
# **The plan.** 119,900 new patients, 20 treatments now outside the budget and 50 inside it, a tariff of € 36 to 45, and
# at most 16% more patients, who come because it is covered: they use all 70. All of it stands in the dossier.
plan = hecon.load("first-twenty").budget
for name, each in plan.parameters.items():
    low, high = (f"{end:,g}" for end in each.ends)
    print(f"{name:16} {low if low == high else f'{low} to {high}':12} {each.status}")

# %%
# **What it costs.** The minimum scenario takes the lower tariff, the maximum the higher one. Counted by the
# conventions that give the printed totals, the third year is the 137 and 172 million of the report.
impact = hecon.budget_impact(plan, conventions="as printed")
print((impact["total"] / 1e6).round(1).to_pandas())
print(f"the last minimum by hand: {119_900 * (20 + 0.16 * 70) * 36 * 1.02 / 1e6:.1f}")

# %%
# **Where it comes from.** Of the treatments that enter the budget, most were paid outside it. Only those of the extra
# patients are new spending.
shift = impact.sel(year=2027, sector="primary paramedical")
rows = {"inside the budget": shift["net"], "outside the budget": shift["outside_net"]}
rows["new spending"] = rows["inside the budget"] + rows["outside the budget"]
for name, amounts in rows.items():
    print(f"{name:18}", " to ".join(f"{amount / 1e6:.1f}" for amount in amounts.values), "million")

# %%
# **Scenarios of one's own.** Any value may be set, also beyond its range; the rest stays at the middle.
own = {"nobody extra": {"extra_demand": 0}, "tariff of € 48": {"tariff": 48}, "all at once": {"uptake_year_1": 100}}
try:
    hecon.budget_impact(plan, scenarios=own)
except hecon.InputError as error:
    print(error)

# %%
# Refused: uptake may not fall from 100% to the second year's value. With that set too, it is counted. At full uptake
# the amounts fall a little: by the inflation of one year alone, prices of 2027 are below those of 2025.
own["all at once"]["uptake_year_2"] = 100
print((hecon.budget_impact(plan, scenarios=own, conventions="as printed")["total"] / 1e6).round(1).to_pandas())

# %%
# **What matters most** in the second year, for which nothing is printed: not the tariff, but how fast it goes.
bars = hecon.budget.one_way(plan, year=2026, conventions="as printed")
names = {"uptake_year_2": "uptake in 2026", "tariff": "tariff", "uptake_year_1": "uptake in 2025"}
ax = hecon.plot.tornado(bars, names=names)
ax.figure.suptitle("The first twenty treatments: what moves 2026")
print(hecon.plot.describe(ax))
out = Path(os.environ.get("HECON_OUT", "build/examples"))
hecon.summary(hecon.assess("first-twenty"), lang="en").save(out / "budget-first-twenty.en.html")
