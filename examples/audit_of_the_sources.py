"""
Can the printed figures be true together?
=========================================

Before a figure decides anything, it should at least be possible. The audit holds everything that the dossiers carry
from their sources against each other, within what rounding allows, and offers the smallest correction that would mend
it.
"""  # noqa: D205, D400

import hecon
from hecon.locale import Locale
from hecon.report.words import finding_words

# %%
# **A difference and everything around it.** KANON's change over five years is printed as 2.0, with an interval round
# -2.0; the arms bear out the sign of the interval. Two findings, one cause, one correction.
found = hecon.audit("acl-rupture")
for each in found:
    if each.relation in {"sign", "arms"} and each.severity == "inconsistent":
        print(finding_words(each, Locale("en")), "\n")

# %%
# **Everything that is found in the sources of the dossiers and of the programme**, from what cannot be to what only
# rounding explains. Where a note is written, each finding stands as a numbered note at the figures that it concerns.
for name in [*hecon.dossier.names(), "programme"]:
    told = hecon.audit(name)
    print(f"{name}: {len(told) or 'nothing'}")
    for number, each in enumerate(told, start=1):
        print(f"  [{number}] {finding_words(each, Locale('en'))}")

# %%
# The audit cannot tell which number is wrong, only which cannot stand together. Costs are skewed, so an interval of
# costs that is off centre is worth a look at most; so is a difference that is not that of the arms, unless the source
# says that nothing was adjusted.
severities = [each.severity for name in hecon.dossier.names() for each in hecon.audit(name)]
for severity in ("impossible", "inconsistent", "worth a look", "rounding only"):
    print(severities.count(severity), severity)
