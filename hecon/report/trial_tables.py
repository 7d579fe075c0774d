"""The parts of a trial's analysis that its own report and the note have both, as tables and sentences."""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from hecon.assessment.trial_concluding import imputation_shifts, left_out, limits
from hecon.locale import key_of
from hecon.report.document import Block, Bullets, Heading, Paragraph, Table
from hecon.report.isolating import isolate
from hecon.report.words.common import capital, valued_by
from hecon.report.words.trials import fewer_sets, ratio_words

if TYPE_CHECKING:
    from collections.abc import Sequence

    import xarray as xr

    from hecon.assessment.trials import PerspectiveTables
    from hecon.report.words.trials import TrialWords
    from hecon.trial.analysis import PerspectiveAnalysis
    from hecon.trial.description import Row
    from hecon.trial.sensitivity import Scenario
    from hecon.trial.table.codebook import MissingCells, TableReading
    from hecon.trial.table.outcomes import Valued


# How a level that the design does not name is called.
_NUMBERED = re.compile(r" \(level \d+\)$")
# An arm with fewer complete patients has no analysis of them.
FEWEST_COMPLETE = 5
_TWO = 2
_YEAR = 12
_BETTER = {"more": "better_more", "less": "better_less"}
# Most names in a list; the JSON has all.
_MOST = 12
_KINDS = {
    "csv": "CSV",
    "tsv": "TSV",
    "xlsx": "Excel",
    "dta": "Stata",
    "sav": "SPSS",
    "zsav": "SPSS",
    "parquet": "Parquet",
}
_COUNTS = ("rows_above", "empty_rows", "empty_columns", "hidden_rows")
_GROUPS = ("utility", "dates", "deviation")
# What is counted beside the missing, and its word.
_APART = {"unplanned": "not_planned", "dead": "died"}


def reading_blocks(words: TrialWords, level: int) -> list[Block]:
    """Return what was read of the table, with a heading."""
    reading = words.analysis.description.reading
    if reading is None:
        return []
    blocks: list[Block] = [
        Heading(level, _say(words, "heading")),
        Bullets((*_file(words, reading), _columns(words, reading), *_meaning(words, reading))),
    ]
    if any(each.empty or each.declared or any(count for _, count in each.codes) for each in reading.missing):
        return [*blocks, _missing(words, reading.missing)]
    return [*blocks, Paragraph(_say(words, "missing_none"))]


def valuation_blocks(words: TrialWords, level: int) -> list[Block]:
    """Return by which value set and at which prices utilities and costs were valued, with a heading."""
    about, say = words.analysis.description, partial(_valuation, words)
    told = _valued_effect(words) if about.effect.kind == "utilities" else _given_effect(words)
    if about.discounted_costs:
        names = words.joined([isolate(each) for each in about.discounted_costs])
        told.append(say("costs_discounted_before", names=names))
    if about.negative:
        told.append(say("negative", categories=words.joined([isolate(each) for each in about.negative])))
    for each in about.valued:
        if each.friction_weeks is not None and each.hours_per_week is not None:
            weeks, hours = words.decimal(each.friction_weeks), words.decimal(each.hours_per_week)
            told.append(say("absence", category=isolate(each.category), weeks=weeks, hours=hours))
            told += [say("absence_before", category=isolate(each.category))] if each.baseline else []
    blocks: list[Block] = [Heading(level, say("heading")), Bullets(tuple(dict.fromkeys(told)))]
    year = about.price_year
    header = (say("category"), say("price"), say("year"), say("factor", year=year), say("used"))
    rows = tuple(_price_row(words, each) for each in about.valued)
    return [*blocks, Table(say("caption", year=year), header, rows, numeric=(2, 3, 4), prose=(1,))] if rows else blocks


def _valued_effect(words: TrialWords) -> list[str]:
    """Return where utilities are from and what is made of them."""
    about, say = words.analysis.description, partial(_valuation, words)
    key = "utilities_given" if about.value_set is None else "value_set" if about.from_states else "value_set_named"
    if about.value_set is None:
        return [say(key), say("discounted")]
    source = say("value_set_source", told=valued_by(about.value_set, words.locale))
    return [say(key, name=isolate(about.value_set.name)), source, say("discounted")]


def _given_effect(words: TrialWords) -> list[str]:
    """Return what an effect that the table has is, and whether it is discounted."""
    about, say = words.analysis.description, partial(_valuation, words)
    effect, last = about.effect, about.horizon
    if not effect.exists:
        return [say("costs_discounted")]
    told = {"name": words.effect["effects"], "month": words.decimal(last), "better": say(_BETTER[effect.better])}
    if effect.summary == "last":
        return [say("effect_last", **told), say("effects_undiscounted"), say("costs_discounted")]
    discounted = [say("effects_discounted" if effect.discounted else "effects_spread")] if last > _YEAR else []
    return [say("effect_qalys" if effect.is_qaly else "effect_total", **told), *discounted, say("costs_discounted")]


def _valuation(words: TrialWords, key: str, **values: object) -> str:
    return words.text("trial_valuation", key, **values)


def _price_row(words: TrialWords, valued: Valued) -> tuple[str, ...]:
    """Return one cost with its price as given, its year, the index, and the price that the analysis took."""
    say = partial(_valuation, words)
    used = "–"
    if valued.price is None:
        given = say("amounts")
    else:
        given, used = words.money(valued.price, 2), words.money(valued.price * valued.factor, 2)
        if valued.reference is not None:
            given = say("reference", price=given, name=valued.reference)
        if valued.alternatives:
            others = words.joined([words.money(each, 2) for each in valued.alternatives])
            given = say("alternatives", price=given, others=others)
    return isolate(valued.category), given, str(valued.price_year), words.number(valued.factor, 4), used


def warning_blocks(words: TrialWords, warnings: Sequence[str] | None = None, level: int = 3) -> list[Block]:
    """Return warnings, by default all of the analysis, with a heading; empty where there are none."""
    told = tuple(map(isolate, words.analysis.warnings if warnings is None else warnings))
    return [Heading(level, words.say("warnings")), Bullets(told)] if told else []


def _say(words: TrialWords, key: str, **values: object) -> str:
    return words.locale.text(f"trial_reading.{key}", **values)


def _listed(words: TrialWords, names: Sequence[str]) -> str:
    told = [isolate(name) for name in names[:_MOST]]
    if len(names) > _MOST:
        told.append(_say(words, "more", n=words.number(len(names) - _MOST)))
    return words.joined(told)


def _file(words: TrialWords, reading: TableReading) -> list[str]:
    sizes = {"rows": words.number(reading.rows), "patients": words.number(reading.patients)}
    if reading.kind == "memory":
        return [_say(words, "memory", **sizes)]
    found = [_say(words, "file", kind=_KINDS.get(reading.kind, reading.kind), **sizes)]
    if reading.separator is not None:
        tab = reading.separator == "\t"
        found.append(_say(words, "separator", separator=_say(words, "tab") if tab else f"“{reading.separator}”"))
    if reading.encoding is not None:
        found.append(_say(words, "encoding", encoding=reading.encoding))
    if reading.kind in {"csv", "tsv"}:
        thousands = f"“{reading.thousands}”" if reading.thousands else _say(words, "no_mark")
        found.append(_say(words, "marks", decimal=f"“{reading.decimal}”", thousands=thousands))
    if reading.sheet is not None:
        found.append(_say(words, "sheet", sheet=isolate(reading.sheet)))
    if reading.other_sheets:
        found.append(_say(words, "other_sheets", names=_listed(words, reading.other_sheets)))
    found += [_say(words, key, n=words.number(count)) for key in _COUNTS if (count := getattr(reading, key))]
    return [*found, _say(words, "open_end")] if reading.open_end else found


def _columns(words: TrialWords, reading: TableReading) -> str:
    total = len(reading.used) + len(reading.unused)
    found = _say(words, "used", n=words.number(len(reading.used)), total=words.number(total))
    return f"{found} {_say(words, 'unused', names=_listed(words, reading.unused))}" if reading.unused else found


def _meaning(words: TrialWords, reading: TableReading) -> list[str]:
    parts = []
    for each in reading.arms:
        key = "arm" if each.label is None else "arm_labelled"
        told = {
            "strategy": words.names[each.strategy],
            "value": isolate(each.value),
            "label": isolate(each.label or ""),
        }
        parts.append(_say(words, key, **told))
    found = [_say(words, "arms", parts="; ".join(parts))]
    if reading.across_arms is not None:
        found.append(_say(words, f"across_arms_{reading.across_arms}"))
    if reading.unseen:
        found.append(_say(words, "unseen", codes=words.joined([isolate(code) for code in reading.unseen])))
    return found


def _missing(words: TrialWords, groups: Sequence[MissingCells]) -> Table:
    """Return the cells taken as missing by group; what the file declares has a column where it declares any."""
    declares = any(each.declared for each in groups)
    rows = []
    for each in groups:
        name = _say(words, each.kind) if each.kind in _GROUPS else isolate(each.name)
        codes = "; ".join(f"{isolate(code)}: {words.number(count)}" for code, count in each.codes if count)
        cells = [name, words.number(len(each.columns)), words.number(each.cells), words.number(each.empty)]
        rows.append((*cells, codes or "–", *([words.number(each.declared)] if declares else [])))
    header = tuple(_say(words, key) for key in ("group", "columns", "cells", "empty", "codes"))
    header = (*header, _say(words, "declared")) if declares else header
    return Table(_say(words, "missing_caption"), header, tuple(rows), numeric=tuple(range(1, len(header))))


def table_one(words: TrialWords) -> list[Block]:
    """Return a trial's patients, covariates, utilities and costs by arm, observed and missing."""
    tables = [*_start_tables(words), *_series_tables(words)]
    return [*tables, *_notes(words, ("covariate", "baseline cost", "utility", "effect", "cost"))]


def characteristics(words: TrialWords) -> list[Block]:
    """Return a trial's patients by arm, and their covariates and costs before the start."""
    return [*_start_tables(words), *_notes(words, ("covariate", "baseline cost"))]


def series(words: TrialWords) -> list[Block]:
    """Return utilities and costs by arm and time, observed and missing."""
    return [*_series_tables(words), *_notes(words, ("utility", "effect", "cost"))]


def _start_tables(words: TrialWords) -> list[Block]:
    rows = [row for row in words.analysis.description.rows if row.kind in {"covariate", "baseline cost"}]
    table: list[Block] = [_table(words, words.say("covariates_caption"), rows)] if rows else []
    return [_arms(words), *table]


def _series_tables(words: TrialWords) -> list[Block]:
    about, say = words.analysis.description, words.say
    captions = {
        "utility": say("utilities_caption"),
        "effect": say("effects_caption", name=capital(words.effect["effects"])),
        "cost": say("costs_caption", year=about.price_year),
    }
    rows = {kind: [row for row in about.rows if row.kind == kind] for kind in captions}
    return [_table(words, captions[kind], chosen) for kind, chosen in rows.items() if chosen]


def _notes(words: TrialWords, kinds: Sequence[str]) -> list[Block]:
    """Return why means are hidden and levels have no names, where rows of these kinds have such."""
    rows = [row for row in words.analysis.description.rows if row.kind in kinds]
    blocks: list[Block] = []
    if any(mean is None for row in rows for mean in row.mean):
        blocks.append(Paragraph(words.say("few_note", n=limits().small)))
    if any(row.kind == "covariate" and _NUMBERED.search(row.name) for row in rows):
        blocks.append(Paragraph(words.say("levels_note")))
    return blocks


def _arms(words: TrialWords) -> Table:
    """Return how many patients, and where there are clusters how many of these, each arm has."""
    about = words.analysis.description
    died = None if about.deaths is None else about.deaths.died
    counts = {
        "clusters": about.clusters_by_arm,
        "patients": about.patients,
        "complete": about.complete,
        "died": died,
    }
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
    apart = {key: text for key, text in _APART.items() if any(getattr(row, key) for row in rows)}
    for name in about.strategies:
        counted = " / ".join([say("observed_missing", arm=words.names[name]), *map(say, apart.values())])
        header += [counted, say("mean_sd", arm=words.names[name])]
    lines = []
    for row in rows:
        cells = [words.row(row)]
        unplanned = row.unplanned or (0,) * len(about.patients)
        missing = [every - some for every, some in zip(row.missing(about.patients), unplanned, strict=True)]
        counts = (row.observed, missing, *(getattr(row, key) for key in apart))
        for arm, each in enumerate(zip(*counts, strict=True)):
            cells += [" / ".join(map(words.number, each)), words.moments(row, arm)]
        lines.append(tuple(cells))
    return Table(caption, tuple(header), tuple(lines), numeric=tuple(range(1, len(header))))


def result_blocks(
    words: TrialWords, found: PerspectiveAnalysis, tables: PerspectiveTables | None = None
) -> list[Block]:
    """Return means, differences with complete cases beside them, ratios, net benefits and probabilities."""
    return [*estimate_blocks(words, found, tables), *benefit_blocks(words, found, tables)]


def estimate_blocks(
    words: TrialWords, found: PerspectiveAnalysis, tables: PerspectiveTables | None = None
) -> list[Block]:
    """Return ratios, means, and differences with complete cases beside them; of several arms the frontier."""
    blocks: list[Block] = []
    if tables is not None:
        for strategy in found.strategies[1:]:
            text = ratio_words(words, found, strategy, tables.ratios.sel(strategy=strategy))
            blocks.append(Paragraph(text, strong=True))
    blocks.append(_means(words, found))
    blocks += [_differences(words, found, strategy) for strategy in found.strategies[1:]]
    blocks.append(Paragraph(_of_complete(words, found)))
    several = tables is not None and len(found.strategies) > _TWO
    return [*blocks, _frontier(words, tables.frontier)] if several and tables is not None else blocks


def benefit_blocks(
    words: TrialWords, found: PerspectiveAnalysis, tables: PerspectiveTables | None = None
) -> list[Block]:
    """Return net benefits and probabilities by willingness to pay; of several arms the acceptability curves."""
    blocks: list[Block] = [_benefit(words, found, strategy) for strategy in found.strategies[1:]]
    if tables is not None and len(found.strategies) > _TWO:
        grid = sorted({*found.grid(every=2), *words.reference})
        blocks += [_ceac(words, tables, grid), _ceac_error(words, tables, grid)]
    return blocks


def _means(words: TrialWords, found: PerspectiveAnalysis) -> Table:
    rows = []
    for place, strategy in enumerate(found.strategies):
        own = {"cost": found.mean_cost(strategy), "effect": found.mean_effect(strategy)}
        patients = words.number(words.analysis.description.patients[place])
        told = (words.estimate(outcome, own[outcome]) for outcome in words.outcomes)
        rows.append((words.names[strategy], patients, *told))
    header = tuple(words.say(key) for key in ("arm", "patients", *(f"mean_{each}" for each in words.outcomes)))
    return Table(words.say("means_caption"), header, tuple(rows), numeric=tuple(range(1, len(header))))


def _differences(words: TrialWords, found: PerspectiveAnalysis, strategy: str) -> Table:
    def both(counts: Sequence[int]) -> str:
        return " / ".join(words.number(counts[each]) for each in (found.strategies.index(strategy), 0))

    main = {"cost": found.delta_cost(strategy), "effect": found.delta_effect(strategy)}
    told = [words.estimate(outcome, main[outcome]) for outcome in words.outcomes]
    rows = [(words.say("main"), both(words.analysis.description.patients), *told)]
    case = found.complete_case
    if case is not None:
        weights = {each: found.outcome(strategy, each) for each in words.outcomes}
        own = {outcome: case.spread.of(each) for outcome, each in weights.items()}
        percentile = [words.estimate(outcome, each) for outcome, each in own.items()]
        bca = [words.interval(outcome, own[outcome].value, case.bca(each)) for outcome, each in weights.items()]
        rows.append((words.say("complete_percentile"), both(case.patients), *percentile))
        rows.append((words.say("complete_bca"), both(case.patients), *bca))
    pair = words.pair(found, strategy)
    deltas = [words.say(f"delta_{each}") for each in words.outcomes]
    header = (words.say("analysis"), words.say("both_arms", **pair), *deltas)
    return Table(words.say("differences_caption", **pair), header, tuple(rows), numeric=tuple(range(1, len(header))))


def _of_complete(words: TrialWords, found: PerspectiveAnalysis) -> str:
    case = found.complete_case
    if case is None and words.selected_by_death:
        return words.say("complete_deaths")
    if case is None:
        return words.say("complete_none", n=FEWEST_COMPLETE)
    whole = case.patients == words.analysis.description.patients
    return words.say("complete_whole" if whole else "complete_note")


def _benefit(words: TrialWords, found: PerspectiveAnalysis, strategy: str) -> Table:
    rows = []
    for value in sorted({*found.grid(every=2), *words.reference}):
        benefit = found.net_benefit(strategy, wtp=value)
        share, error = (each(strategy, wtp=value) for each in (found.p_cost_effective, found.p_cost_effective_error))
        rows.append(
            (
                words.stated(value),
                words.estimate("cost", benefit),
                words.money(benefit.monte_carlo_se, digits=1) if words.vary else "–",
                words.probability(share, error),
                words.error(error),
            )
        )
    header = (
        words.locale.text("comparison.per_unit", unit=words.effect["unit"]),
        words.say("benefit"),
        words.say("benefit_error"),
        words.locale.text("column.probability"),
        words.say("probability_error"),
    )
    caption = words.say("benefit_caption", **words.pair(found, strategy))
    return Table(caption, header, tuple(rows), numeric=tuple(range(len(header))))


def _ceac(words: TrialWords, tables: PerspectiveTables, grid: Sequence[float]) -> Table:
    shares = tables.acceptability
    names = [str(each) for each in shares["strategy"].values]
    rows = tuple(
        (words.stated(value), *(words.probability(float(shares.sel(wtp=value, strategy=name))) for name in names))
        for value in grid
    )
    header = (
        words.locale.text("comparison.per_unit", unit=words.effect["unit"]),
        *(words.names[name] for name in names),
    )
    return Table(words.say("ceac_caption"), header, rows, numeric=tuple(range(len(header))))


def _ceac_error(words: TrialWords, tables: PerspectiveTables, grid: Sequence[float]) -> Paragraph:
    """Return a bound of the Monte Carlo errors of the acceptability curves of several arms."""
    most = max(errors[value] for errors in tables.acceptability_error.values() for value in grid)
    return Paragraph(words.say("ceac_error", p=words.error(most)))


def _frontier(words: TrialWords, found: xr.Dataset) -> Table:
    rows = []
    for name in (str(each) for each in found["strategy"].values):
        at = found.sel(strategy=name)
        ratio = float(at["icer"])
        rows.append(
            (
                words.names[name],
                words.of("cost", float(at["cost"])),
                words.of("effect", float(at["effect"])),
                words.say(f"status_{key_of(str(at['status'].values))}"),
                words.money(ratio) if np.isfinite(ratio) else "–",
            )
        )
    header = (
        *(words.say(key) for key in ("arm", "mean_cost", "mean_effect")),
        words.locale.text("column.status"),
        "ICER",
    )
    return Table(words.say("frontier_caption"), header, tuple(rows), numeric=(1, 2, 4))


def scenario_blocks(words: TrialWords, found: PerspectiveAnalysis, scenarios: Sequence[Scenario]) -> list[Block]:
    """Return the sensitivity analyses from one perspective: a table for each arm against the comparator."""
    own = [each for each in scenarios if each.perspective == found.name]
    key = "at_value_error" if any(each.p_cost_effective_error for each in own) else "at_value"
    values = [words.say(key, value=words.stated(value)) for value in words.reference]
    # The header says once what is in brackets: names of analyses need the room.
    header = (words.say("analysis"), *(words.say(f"delta_{each}_interval") for each in words.outcomes), *values)
    blocks: list[Block] = []
    for strategy in found.strategies[1:]:
        rows = tuple(
            (
                words.scenario(each.code),
                *(words.estimate(of, getattr(each, f"delta_{of}"), labelled=False) for of in words.outcomes),
                *(_share(words, each, value) for value in words.reference),
            )
            for each in own
            if each.strategy == strategy
        )
        if rows:
            told = {**words.pair(found, strategy), "perspective": words.perspective(found.name)}
            caption, numeric = words.say("sensitivity_caption", **told), tuple(range(1, len(header)))
            blocks.append(Table(caption, header, rows, numeric=numeric))
    notes = _scenario_notes(words, found, own)
    absent = left_out(own, found.effect)
    if (blocks or notes) and absent:
        names = "; ".join(words.scenario(code) for code in absent)
        notes.append(words.say("sensitivity_left_out", names=names))
    return [*blocks, *map(Paragraph, notes)]


def _scenario_notes(words: TrialWords, found: PerspectiveAnalysis, own: Sequence[Scenario]) -> list[str]:
    """Return what is assumed in sensitivity analyses, what the other imputation moves, and which take fewer sets."""
    notes = [words.say("sensitivity_note")] if any(each.code.startswith(("worse", "dearer")) for each in own) else []
    for each, value, shift, ratio in imputation_shifts(found, own):
        told = {"name": words.scenario(each.code), **words.pair(found, each.strategy), "ratio": words.number(ratio, 1)}
        amounts = {"value": words.stated(value), "amount": words.money(abs(shift))}
        direction = words.say("higher" if shift > 0 else "lower")
        notes.append(words.say("sensitivity_imputation", **told, **amounts, direction=direction))
    notes += _value_set_note(words, own)
    fewer = fewer_sets(words, own)
    if fewer:
        parts = "; ".join(f"{words.scenario(code)} ({words.number(count)})" for code, count in fewer.items())
        whole = words.number(words.analysis.settings["imputations"])
        notes.append(words.say("sensitivity_fewer", m=whole, parts=parts))
    return notes


def _value_set_note(words: TrialWords, own: Sequence[Scenario]) -> list[str]:
    """Return which other value sets there are, with their sources; empty without any."""
    sets = {each.value_set.name: each.value_set for each in own if each.value_set is not None}
    if not sets:
        return []
    imputed = [words.say("sensitivity_value_sets_imputed")] if any(each.imputations for each in own) else []
    named = [valued_by(each, words.locale) for each in sets.values()]
    return [" ".join([words.say("sensitivity_value_sets"), *imputed, *named])]


def _share(words: TrialWords, scenario: Scenario, value: float) -> str:
    """Return a probability of a sensitivity analysis, with its Monte Carlo error in brackets where it has one."""
    share, error = scenario.p_cost_effective[value], scenario.p_cost_effective_error.get(value)
    return words.probability(share) if error is None else f"{words.probability(share, error)} ({words.error(error)})"
