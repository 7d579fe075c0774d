"""
A dossier of your own
=====================

From an empty file to a note: start from the skeleton, put in what your source printed, and assess. On the command
line ``hecon new hip-fracture`` and ``hecon assess hip-fracture.toml --out notes`` do the same.
"""  # noqa: D205, D400

import os
import re
from pathlib import Path

import hecon

# %%
# **The skeleton** is a commented TOML file; its figures are made up, and say so. One table of it, a statistic:
text = hecon.dossier.skeleton("hip-fracture")
print(text.partition("[[comparison.statistic]]")[2].partition("\n\n")[0])

# %%
# **Fill it in**, in your editor; here by replacing text. Say that the source printed a cost difference of 400 (−200
# to 1,000). Keep digits as printed: 0.40 means 0.395 to 0.405.
text = text.replace("mean = 900", "mean = 400").replace("ci = [-300, 2100]", "ci = [-200, 1000]")
text = text.replace('status = "assumed"', 'status = "reported"')
out = Path(os.environ.get("HECON_OUT", "build/examples"))
out.mkdir(parents=True, exist_ok=True)
file = out / "hip-fracture.toml"
file.write_text(text, encoding="utf-8")

# %%
# **A fault is told with its place and its remedy**, all at once: here a number in quotes and a missing line.
wrong = out / "wrong.toml"
wrong.write_text(text.replace("mean = 400", 'mean = "400"').replace("horizon_months = 12", ""), encoding="utf-8")
try:
    hecon.load(wrong)
except hecon.DossierError as error:
    print(str(error).replace(str(out), "."))
wrong.unlink()

# %%
# **A skeleton is no note.** As long as a text or figure is marked "(replace)" or "(vervangen)", no report is written.
# Here the marks are taken off to go on; in your file you replace what they mark.
try:
    hecon.summary(hecon.assess(file))
except hecon.DossierError as error:
    print(*str(error).replace(str(out), ".").splitlines()[:3], sep="\n")
text = re.sub(r'note\.(nl|en) = ".*\((replace|vervangen)\)"\n| \((replace|vervangen)[a-z ]*\)', "", text)
file.write_text(text, encoding="utf-8")

# %%
# **Assess.** What is derived, reported or assumed is kept apart down to the result.
assessment = hecon.assess(file)
(found,) = assessment.comparisons
print(hecon.table(found.fit), hecon.table(assessment), sep="\n\n")
hecon.plot.acceptability(found.draws).figure.suptitle("Hip fracture (made up): probability cost-effective")

# %%
# **The note**, to read on screen or print, and the data to compute with.
for lang, kind in (("nl", "html"), ("en", "html"), ("en", "json")):
    hecon.summary(assessment, lang=lang).save(out / f"hip-fracture.{lang}.{kind}")
