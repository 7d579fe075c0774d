"""Table 1 of a trial: patients, what is known of them and what is missing, by arm."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from hecon.report.document import Block, Paragraph, Table
from hecon.trial.description import SMALL

if TYPE_CHECKING:
    from hecon.report.trial_words import TrialWords
    from hecon.trial.description import Row

__all__ = ["table_one"]

# How a level that the design does not name is called.
_NUMBERED = re.compile(r" \(level \d+\)$")


def table_one(words: TrialWords) -> list[Block]:
    """Return a trial's patients, covariates, utilities and costs by arm, observed and missing.

    Parameters
    ----------
    words : TrialWords
        How the trial is written.

    Returns
    -------
    list of Block
        Tables; a mean or a share that could give a patient away is left out, and a line then says so. Another tells how
        levels are numbered that the design does not name.
    """
    about = words.analysis.description
    say = words.say
    blocks: list[Block] = [_arms(words)]
    groups = (
        (say("covariates_caption"), ("covariate", "baseline cost")),
        (say("utilities_caption"), ("utility",)),
        (say("costs_caption", year=about.price_year), ("cost",)),
    )
    for caption, kinds in groups:
        chosen = [row for row in about.rows if row.kind in kinds]
        if chosen:
            blocks.append(_table(words, caption, chosen))
    if any(mean is None for row in about.rows for mean in row.mean):
        blocks.append(Paragraph(say("few_note", n=SMALL)))
    if any(row.kind == "covariate" and _NUMBERED.search(row.name) for row in about.rows):
        blocks.append(Paragraph(say("levels_note")))
    return blocks


def _arms(words: TrialWords) -> Table:
    """Return how many patients, and where there are clusters how many of these, each arm has."""
    about = words.analysis.description
    counts = {"clusters": about.clusters_by_arm, "patients": about.patients, "complete": about.complete}
    shown = {key: each for key, each in counts.items() if each is not None}
    rows = tuple(
        (words.names[name], *(words.number(each[arm]) for each in shown.values()))
        for arm, name in enumerate(about.strategies)
    )
    header = tuple(words.say(key) for key in ("arm", *shown))
    return Table(words.say("patients_caption"), header, rows, numeric=tuple(range(1, len(header))))


def _table(words: TrialWords, caption: str, rows: list[Row]) -> Table:
    about, say = words.analysis.description, words.say
    header = [say("variable")]
    for name in about.strategies:
        header += [say("observed_missing", arm=words.names[name]), say("mean_sd", arm=words.names[name])]
    lines = []
    for row in rows:
        cells = [words.row(row)]
        for arm, (seen, count) in enumerate(zip(row.observed, about.patients, strict=True)):
            cells += [f"{words.number(seen)} / {words.number(count - seen)}", words.moments(row, arm)]
        lines.append(tuple(cells))
    return Table(caption, tuple(header), tuple(lines), numeric=tuple(range(1, len(header))))
