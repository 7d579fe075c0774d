"""A trial analysed from its patients' records, as blocks for a note and as a document of its own.

For one perspective, in a note::

    trial_blocks(analysis, perspective, lang, *, draws=None, scenarios=(), names=None, level=3)

For all, as a document::

    trial_document(analysis, draws, lang, *, title=None, scenarios=(), names=None, seed=None)
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from hecon import texts
from hecon._version import __version__
from hecon.report.document import Block, Bullets, Document, Facts, Heading, Paragraph
from hecon.report.isolating import isolate
from hecon.report.trial_figures import imputation_figures, result_figures
from hecon.report.trial_method import interval_sentences, method_sentences
from hecon.report.trial_reading import reading_blocks
from hecon.report.trial_results import result_blocks, scenario_blocks
from hecon.report.trial_tables import table_one
from hecon.report.trial_words import TrialWords

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import xarray as xr

    from hecon.trial import Scenario, TrialAnalysis

__all__ = ["draws_from", "trial_blocks", "trial_document"]


def draws_from(draws: xr.Dataset, perspective: str) -> xr.Dataset:
    """Return the draws of one perspective of those that `hecon.trial.draws_of` returned."""
    return draws.sel(perspective=perspective) if "perspective" in draws.dims else draws


def trial_blocks(
    analysis: TrialAnalysis,
    perspective: str,
    lang: str,
    *,
    draws: xr.Dataset | None = None,
    scenarios: Sequence[Scenario] = (),
    names: Mapping[str, str] | None = None,
    level: int = 3,
) -> list[Block]:
    """Return what a trial's records gave from one perspective, for a note: text and tables, no figures.

    Parameters
    ----------
    analysis : TrialAnalysis
        What `hecon.trial.analyse` returned.
    perspective : str
        One of its perspectives.
    lang : {"nl", "en"}
        Language.
    draws : xarray.Dataset, optional
        The perspective's draws; without them ratios and shares by quadrant are left out.
    scenarios : sequence of Scenario, default none
        What `hecon.trial.scenarios` returned.
    names : mapping of str to str, optional
        What to call a strategy; default its name in the design.
    level : int, default 3
        Level of the headings.

    Returns
    -------
    list of Block
        Results with complete cases beside them, table 1, methods, warnings and sensitivity analyses; of simulated data
        the first block says so.

    Raises
    ------
    InputError
        If there is no such perspective.
    """
    words = TrialWords(analysis, lang, names)
    found = analysis.perspective(perspective)
    blocks: list[Block] = _simulated(words)
    blocks += [
        Heading(level, words.say("results", perspective=words.perspective(perspective))),
        *result_blocks(words, found, draws),
    ]
    blocks += [Heading(level, words.say("patients_heading")), *table_one(words)]
    blocks += [
        Heading(level, words.say("method_heading")),
        Bullets((*method_sentences(words), *interval_sentences(words, found))),
    ]
    blocks += _warnings(words, level)
    varied = scenario_blocks(words, found, scenarios)
    return [*blocks, Heading(level, words.say("sensitivity")), *varied] if varied else blocks


def trial_document(
    analysis: TrialAnalysis,
    draws: xr.Dataset,
    lang: str,
    *,
    title: str | None = None,
    scenarios: Sequence[Scenario] = (),
    names: Mapping[str, str] | None = None,
    seed: int | None = None,
) -> Document:
    """Return the analysis of a trial as a document.

    Parameters
    ----------
    analysis : TrialAnalysis
        What `hecon.trial.analyse` returned.
    draws : xarray.Dataset
        What `hecon.trial.draws_of` returned for it.
    lang : {"nl", "en"}
        Language.
    title : str, optional
        Title of the trial; default its name.
    scenarios : sequence of Scenario, default none
        What `hecon.trial.scenarios` returned.
    names : mapping of str to str, optional
        What to call a strategy; default its name in the design.
    seed : int, optional
        The seed, to be told.

    Returns
    -------
    Document
        Data as read, table 1, the results from each perspective, sensitivity analyses and methods, with figures. Of
        simulated data the title and the first paragraph say so.
    """
    words, about = TrialWords(analysis, lang, names), analysis.description
    heading = "title_simulated" if about.simulated else "title"
    blocks: list[Block] = [Heading(1, words.say(heading, title=isolate(title or about.name))), *_simulated(words)]
    blocks += [Facts(_facts(words)), *reading_blocks(words, 2)]
    blocks += [Heading(2, words.say("patients_heading")), *table_one(words)]
    for found in analysis.perspectives:
        own = draws_from(draws, found.name)
        blocks += [
            Heading(2, words.say("results", perspective=words.perspective(found.name))),
            *result_blocks(words, found, own),
        ]
        blocks += [*result_figures(words, found, own), Bullets(tuple(interval_sentences(words, found)))]
    varied = [block for found in analysis.perspectives for block in scenario_blocks(words, found, scenarios)]
    if varied:
        # What is said below each table is said once below all.
        notes = dict.fromkeys(block for block in varied if isinstance(block, Paragraph))
        tables = (block for block in varied if not isinstance(block, Paragraph))
        blocks += [Heading(2, words.say("sensitivity")), *tables, *notes]
    blocks += [Heading(2, words.say("method_heading")), Bullets(tuple(method_sentences(words)))]
    blocks += [*imputation_figures(words), *_warnings(words, 3)]
    blocks += [Heading(2, texts.text(lang, "provenance.heading")), Bullets(_provenance(words, draws, seed))]
    return Document(lang, tuple(blocks), kind="trial")


def _simulated(words: TrialWords) -> list[Block]:
    simulated = words.analysis.description.simulated
    return [Paragraph(words.say("simulated"), strong=True)] if simulated else []


def _facts(words: TrialWords) -> tuple[tuple[str, str], ...]:
    analysis, say, lang = words.analysis, words.say, words.lang
    about = analysis.description
    first, *rest = (words.names[each] for each in about.strategies)
    months = words.number(about.months[-1], 0 if float(about.months[-1]).is_integer() else 1)

    def setting(key: str, **values: object) -> str:
        return texts.text(lang, f"setting.{key}", **values)

    def rate(value: float) -> str:
        return f"{words.number(100 * value, 1)}%"

    facts = [
        (say("arms"), say("arms_text", comparator=first, others=words.joined(rest))),
        (setting("horizon"), setting("months", horizon=months)),
        (setting("price_year"), str(about.price_year)),
        (setting("discount_cost"), rate(about.discount_cost)),
        (setting("discount_effect"), rate(about.discount_effect)),
    ]
    for found in analysis.perspectives:
        categories = words.joined([isolate(each) for each in about.perspectives[found.name]])
        facts.append((say("categories", perspective=words.perspective(found.name)), categories))
    whole = analysis.method == "imputation" and analysis.imputation is None
    facts.append((say("method"), words.method("whole" if whole else analysis.method)))
    return (*facts, (say("digest"), about.digest))


def _warnings(words: TrialWords, level: int) -> list[Block]:
    told = words.analysis.warnings
    if not told:
        return []
    return [Heading(level, words.say("warnings")), Bullets(tuple(isolate(each) for each in told))]


def _provenance(words: TrialWords, draws: xr.Dataset, seed: int | None) -> tuple[str, ...]:
    count = draws.sizes["draw"]
    number = words.number(count)
    return (
        words.say("provenance_no_seed", n=number) if seed is None else words.say("provenance", n=number, seed=seed),
        words.method("noise_draws", n=number, p=words.number(0.5 / count**0.5, 4)),
        texts.text(words.lang, "provenance.versions", versions=f"hecon {__version__}"),
    )
