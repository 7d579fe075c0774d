"""
From patient records: a simulated trial of exercise or surgery
==============================================================

A trial's own records, from the table to the draws: what is missing, what imputation makes of it, and how far the result
rests on choices. **The data are simulated**: no patient gave them. Sizes and differences follow what ESCAPE printed, so
the truth is known.
"""  # noqa: D205, D400

import matplotlib.pyplot as plt

import hecon
from hecon import datasets, plot, trial

# %%
# **The data**: one row per patient. The design says which column holds what, and the table is checked against it. All
# faults are told at once, by column and row and without a patient's value.
table, design = datasets.simulate_trial("meniscus", rng=5), datasets.trial_design("meniscus")
print(table.iloc[:2, :12].to_string(index=False))
try:
    trial.trial_data(table.assign(mo_6=table["mo_6"].replace(3, 9), bmi=-99), design)
except hecon.TrialError as error:
    print(error)

# %%
# **The analysis**: imputation by arm, regression, bootstrap, Rubin's rules. What is missing depends here on what was
# seen before, and differently in the two arms: that biases complete cases. What is left is chance, as in any one trial.
checked = trial.trial_data(table, design)
found = trial.analyse(checked, rng=5)
one, truth = found.perspective("societal"), table.attrs["truth"]
known = {"costs": truth["delta_cost"]["societal"], "QALYs": truth["delta_effect"]}
for name, contrast in (("costs", one.contrast("exercise", cost=1)), ("QALYs", one.contrast("exercise", effect=1))):
    main, case = one.spread.of(contrast), one.complete_case.spread.of(contrast).value
    print(f"{name}: {main.value:.3f} ({main.interval[0]:.3f} to {main.interval[1]:.3f}); complete cases {case:.3f}")
    print(f"  truth {known[name]:.3f}; fraction of missing information {main.fmi:.2f}")

# %%
# **Did the chains mix?** The means of what was imputed should wander without a trend, and cross each other.
figure, (left, right) = plt.subplots(1, 2, figsize=(11, 4))
plot.imputation_trace(found, ax=left)
plot.observed_imputed(found, ax=right)
figure.suptitle("What was imputed (simulated data)")

# %%
# **From here on** a trial is draws like any other.
draws = found.draws(rng=5).sel(perspective="societal")
print(hecon.table(hecon.ceac(draws, wtp=[20_000, 50_000, 80_000])))
figure, (left, right) = plt.subplots(1, 2, figsize=(11, 4))
plot.plane(draws, strategy="exercise", ax=left)
plot.acceptability(draws, ax=right)
figure.suptitle("Exercise therapy against surgery (simulated data)")

# %%
# **What if** those who left after exercise therapy fared worse than their like who stayed?
for loss in (0, 0.05, 0.10):
    worse = trial.analyse(checked, departures=[trial.Departure("exercise", utility=-loss)], imputations=50, rng=5)
    print(f"{loss:.2f} lower: {worse.perspective('societal').delta_effect('exercise').value:.4f} QALY")
