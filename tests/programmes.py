"""The programme on file and a small one, with what the tests of both read from a state."""

from __future__ import annotations

import datetime as dt
import functools

from hecon import dossier, programme
from hecon.locale import Locale
from hecon.report.document import Bullets, Facts, Heading, Paragraph
from hecon.report.programmes import programme_document

REPORT = dt.date(2024, 3, 22)
FILED = dossier.load_programme()
PARTS = {
    "preconditions": FILED.precondition,
    "steps": FILED.step,
    "blocks": FILED.block,
    "topics": tuple(topic for block in FILED.block for topic in block.topic),
    "monitored": FILED.monitored,
}
# Every day on which something changed.
DATES = sorted({state.date for parts in PARTS.values() for each in parts for state in each.state})
DAY = dt.timedelta(days=1)


@functools.cache
def state(on=None):
    """Return the state of the programme on a date."""
    return programme.state(on, programme=FILED)


def topics(found):
    """Return the topics of all building blocks by id."""
    return {each.spec.id: each for block in found.blocks for each in block.topics}


def blocks(found):
    """Return the building blocks by number."""
    return {each.spec.number: each for each in found.blocks}


def standings(found):
    """Return everything that has states on file, with its standing, by kind and id."""
    pairs = {
        "preconditions": found.preconditions,
        "steps": found.steps,
        "blocks": [(each.spec, each.standing) for each in found.blocks],
        "topics": [(each.spec, each.standing) for each in topics(found).values()],
        "monitored": found.monitored,
    }
    return {
        (kind, getattr(spec, "id", None) or spec.number): (spec, standing)
        for kind, those in pairs.items()
        for spec, standing in those
    }


SOURCES = 'sources = [{ document = "report", place = "page 1" }]'
STATE = f'state = "in progress"\ntext = {{ nl = "Er wordt aan gewerkt", en = "Work goes on" }}\n{SOURCES}'
SMALL = f"""
format = 1
name = "small"
title = {{ nl = "Klein", en = "Small" }}

[[party]]
id = "zn"
name = {{ nl = "Verzekeraars", en = "Insurers" }}
role = "insurers"
{SOURCES}

[[party]]
id = "patients"
name = {{ nl = "Patiënten", en = "Patients" }}
role = "patients"
{SOURCES}

[[precondition]]
number = 1
id = "framework"
name = {{ nl = "Kader", en = "Framework" }}

[[precondition.state]]
date = 2024-01-01
{STATE}

[[precondition]]
number = 2
id = "insight"
name = {{ nl = "Inzicht", en = "Insight" }}

[[condition]]
id = "payment"
name = {{ nl = "Betaling", en = "Payment" }}
text = {{ nl = "Er is geld", en = "There is money" }}
{SOURCES}

[[step]]
number = 1
name = {{ nl = "Begin", en = "Start" }}
by = ["zn"]
product = {{ nl = "Een plan", en = "A plan" }}
planned = {{ nl = "Voorjaar", en = "Spring" }}
{SOURCES}

[[block]]
number = 1
id = "knees"
name = {{ nl = "Knieën", en = "Knees" }}
insured = false
promising = true
{SOURCES}

[[block.budget]]
date = 2024-01-01
text = {{ nl = "Een miljoen", en = "A million" }}
figures = ["cost"]
{SOURCES}

[[block.topic]]
id = "ligament"
name = {{ nl = "Kruisband", en = "Ligament" }}

[[block.topic.state]]
date = 2024-01-01
{STATE}

[[block.topic.budget]]
date = 2024-01-01
text = {{ nl = "Een half miljoen", en = "Half a million" }}
figures = ["cost"]
{SOURCES}

[[block]]
number = 2
id = "hips"
name = {{ nl = "Heupen", en = "Hips" }}
insured = false
promising = false
{SOURCES}

[[block.state]]
date = 2024-01-01
{STATE}

[[monitored]]
id = "shift"
name = {{ nl = "Verschuiving", en = "Shift" }}
by = ["zn"]
blocks = [1]

[[figure]]
id = "cost"
name = {{ nl = "Kosten", en = "Costs" }}
value = 1
{SOURCES}

[[figure]]
id = "half"
name = {{ nl = "Helft", en = "Half" }}
value = 0.5
{SOURCES}

[[relation]]
result = "half"
formula = "cost / 2"
basis = {{ nl = "Twee soorten", en = "Two kinds" }}

[[document]]
id = "report"
citation = "A report. 2024."
date = 2024-01-01
read = {{ nl = "geheel gelezen", en = "read in full" }}
"""


def read_small(tmp_path, *changes):
    """Read the small programme after changes of its text."""
    text = SMALL
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new, 1)
    path = tmp_path / "small.toml"
    path.write_text(text, encoding="utf-8")
    return dossier.load_programme(path)


SHOWN = (dt.date(2020, 1, 1), dt.date(2021, 11, 15), dt.date(2023, 6, 1), REPORT, dt.date(2024, 6, 20), max(DATES))


@functools.cache
def document(day, lang):
    """Return the document of a date, made once: it is frozen."""
    return programme_document(state(day), Locale(lang))


def strings(block):
    """Return every text of a block."""
    if isinstance(block, (Heading, Paragraph)):
        return [block.text]
    if isinstance(block, Bullets):
        return list(block.items)
    if isinstance(block, Facts):
        return [text for pair in block.pairs for text in pair]
    return [block.caption, *block.header, *(cell for row in block.rows for cell in row)]
