"""
A British comparison by NICE's rules
====================================

One published comparison in pounds, held against England's range of values: below, within or above, and no single
verdict. On the command line ``hecon assess acl-snnap.toml --on 2024-01-31`` does the same; ``hecon rules`` lists the
rule sets with their dates and sources.
"""  # noqa: D205, D400

import datetime as dt
import os
from pathlib import Path

import hecon

# %%
# **The dossier**, ``acl-snnap.toml`` beside this script, holds what the abstract of ACL SNNAP printed: reconstruction
# against rehabilitation in 316 patients with an injury of longer standing. It names its rules, ``rules =
# "england-other"``: those for technologies other than medicines.
name = "acl-snnap.toml"
dossier = hecon.load(name if Path(name).exists() else Path("examples") / name)
out = Path(os.environ.get("HECON_OUT", "build/examples"))

# %%
# **By the rules of the month of publication, and by those of today.** In April 2026 the range rose for medicines. For
# other technologies it did not.
for rules, on in (("england-other", dt.date(2024, 1, 31)), ("england-other", None), ("england-medicines", None)):
    (found,) = hecon.assess(dossier, rules=rules, on=on).comparisons
    low, high = found.draws.attrs["value_range"]
    print(f"{rules} on {on or 'the latest day'}: £{found.icer:,.0f} is {found.in_range} £{low:,} to £{high:,}")

# %%
# **Pounds never meet euros.** By the Dutch rules there is no verdict, for want of a value in pounds.
print(hecon.assess(dossier, rules="nl").comparisons[0].no_verdict)

# %%
# **The figure and the note** shade the range.
assessment = hecon.assess(dossier, on=dt.date(2024, 1, 31))
hecon.plot.acceptability(assessment.comparisons[0].draws).figure.suptitle("ACL SNNAP: probability cost-effective")
for lang in ("nl", "en"):
    hecon.summary(assessment, lang=lang).save(out / f"acl-snnap.{lang}.html")
