"""
The programme, on a date
========================

Ten building blocks, three preconditions: how did they stand when the report of 22 March 2024 was written, and what have
the letters since then moved?
"""  # noqa: D205, D400

import os
from pathlib import Path

import hecon
from hecon.locale import Locale
from hecon.report.programmes import programme_data, programme_document
from hecon.report.writers.html import html

# %%
# **The report's own picture.** A topic is agreed where the parties took over the expert's judgement on effectiveness
# and cost-effectiveness; what is left in the way follows from the preconditions and from who must decide.
then = hecon.programme.state("2024-03-22")
for precondition, standing in then.preconditions:
    print(f"precondition {precondition.number}: {precondition.name.en} - {standing.state}")
for block in programme_data(then, Locale("en"))["blocks"]:
    for topic in block["topics"]:
        obstacles = "; ".join(each["words"] for each in topic["blocked_by"])
        print(f"{block['number']:2} {topic['name']}: {topic['state']}. In the way: {obstacles or 'nothing on file'}")

# %%
# **What the letters of 2024 to 2026 changed.** Only what stands differently from the report is shown.
# A date is that of an event, or of the document that tells of it, and has no day where none is printed.
now = hecon.programme.state()
before, after = programme_data(then, Locale("en")), programme_data(now, Locale("en"))
print("as of", after["on"])

pairs = [*zip(before["preconditions"], after["preconditions"], strict=True)]
for old, new in zip(before["blocks"], after["blocks"], strict=True):
    pairs += zip(old["topics"], new["topics"], strict=True)
for old, new in pairs:
    if old["state"] != new["state"]:
        dated = "since" if new["since_is"] == "event" else "according to a document of"
        print(f"{new['name']}: {old['state']} -> {new['state']}, {dated} {new['since']}")

# %%
# The same on the command line: ``hecon programme --on 2024-03-22 --lang nl``, and as JSON, Markdown or HTML. The topics
# without an economic evaluation have a note too: what the sources say of them, and their figures.
folder = Path(os.environ.get("HECON_OUT", "build/assessments"))
folder.mkdir(parents=True, exist_ok=True)
for lang in ("nl", "en"):
    page = html(programme_document(then, Locale(lang)))
    (folder / f"programme.{lang}.html").write_text(page, encoding="utf-8")
    for name in hecon.dossier.names():
        if not hecon.load(name).comparison:
            hecon.summary(hecon.assess(name), lang=lang).save(folder / f"{name}.{lang}.html")
