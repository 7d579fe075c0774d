"""
A tariff or a bundle: the payment experiment for COPD
=====================================================

Can a small practice bear a price per patient instead of a tariff per treatment, what does each reward, and how many
patients does a monitor need? The documents give terms and tariffs; **the caseload and the cost of a treatment are made
up here**, as no source reports them.
"""  # noqa: D205, D400

import matplotlib.pyplot as plt

from hecon import payment

# %%
# **The terms**, each with its source. Budget-neutral is the experiment; the added budget is for the entitlement.
for name in ("contract_required", "free_tariffs", "maximum_years", "budget_neutral", "added_budget", "bundle_price"):
    term = payment.term(name)
    print(f"{term.name_en:18} {term.value}  {'; '.join(source.place for source in term.sources)}")

# %%
# **The patients.** Assumed: means and standard deviations. Reported: 39% in the heaviest classes was expected, and an
# average tariff of € 36 in 2024. The price follows: expected spending is the same under both.
light = payment.SeverityClass("light", share=0.61, mean=8, sd=5)
heavy = payment.SeverityClass("heavy", share=0.39, mean=30, sd=15)
patients, tariff, cost = payment.Caseload([light, heavy]), payment.FeeForService(36), 36  # cost: assumed
price = payment.budget_neutral_price(patients, tariff=36)
by_class = payment.budget_neutral_price(patients, tariff=36, by_class=True)
schemes = {"tariff": tariff, "one price": payment.Bundle(price), "price by class": payment.Bundle(by_class)}
for name, scheme in schemes.items():
    print(f"{name:14} € {payment.expected_spending(patients, scheme):.2f} per patient")

# %%
# **The risk** that a bundle brings the provider, at that price and at one with a margin of 5%.
counts = [10, 20, 50, 100, 200, 500, 1000]
figure, ax = plt.subplots()
for label, factor in (("budget-neutral", 1.0), ("5% above it", 1.05)):
    found = payment.loss_probability(patients, payment.Bundle(factor * price), cost=cost, n_patients=counts, rng=1)
    ax.semilogx(counts, found["loss"], label=label)
    print(found[["loss", "loss_normal", "loss_simulated"]].to_dataframe().round(3))
ax.set(xlabel="patients", ylabel="probability of loss", ylim=(0, 0.6))
ax.legend()
figure.suptitle("Probability of loss under one bundle price (made-up caseload)")

# %%
# **What each rewards**, in euros: one more treatment, a light patient billed as heavy, a heavy patient taken on. A
# treatment that costs what it brings in rewards nobody, so the cost is € 30 here (assumed).
for name, scheme in schemes.items():
    more = payment.treatment_incentive(patients, scheme, cost=30, up_to=0)["marginal_profit"][0, 0, 0].item()
    higher = payment.upcoding_gain(patients, scheme, cost=30)["profit_gain"].sel(severity="light", billed="heavy")
    taken = payment.selection_gain(patients, scheme, cost=30).sel(severity="heavy").item()
    print(f"{name:14} treatment {more:+.0f}, upcoding {higher.item():+.0f}, selection {taken:+.0f}")

# %%
# **The monitor.** 77% where 39% was expected shows in a handful of patients. A signal, no proof: it would take heavy
# patients asking for care 5.2 times as often to explain all of it. Slighter behaviour needs hundreds.
first = payment.first_case()
print(f"{first['patients_needed'].item()} patients; {first['demand_to_explain'].item():.1f} times. {first.note_en}")
print(payment.risk_shifts(patients, heaviest=["heavy"], selection=0.1, undertreatment=0.1, upcoding=0.1).to_dataframe())
