"""What the analysis of a trial found from one perspective, as tables and sentences."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np

from hecon.locale import Locale
from hecon.report.document import Block, Paragraph, Table
from hecon.report.trial_method import estimates_vary, fewer_sets
from hecon.report.wording import capital
from hecon.trial import precision
from hecon.trial.description import SMALL
from hecon.trial.sensitivity import SCENARIOS
from hecon.zin import REFERENCE_VALUES

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import xarray as xr

    from hecon.assessment.trials import PerspectiveTables
    from hecon.report.trial_words import TrialWords
    from hecon.trial.analysis import PerspectiveAnalysis
    from hecon.trial.description import Row
    from hecon.trial.sensitivity import Scenario

__all__ = [
    "FEWEST_COMPLETE",
    "GRID",
    "left_out",
    "ratio_words",
    "result_blocks",
    "scenario_blocks",
    "table_one",
    "usable_interval",
]

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


# Values of willingness to pay [EUR per QALY] of the table.
GRID = precision.WTP[::2]
# An arm with fewer complete patients has no analysis of them.
FEWEST_COMPLETE = 5
# Two ways of imputing, of which the main analysis has one; and the share of the standard error of net benefit beyond
# which the other matters.
_IMPUTED_OTHERWISE = {"scaled", "pmm"}
_SHIFT_THAT_MATTERS = 0.25
_UNIT = "QALY"
_STATUS = {
    "frontier": "status_frontier",
    "dominated": "status_dominated",
    "extendedly dominated": "status_extendedly_dominated",
}
_QUADRANTS = ("NE", "NW", "SE", "SW")
_REGRESSORS = {"own-regressors", "same-regressors"}
_TWO = 2


def result_blocks(
    words: TrialWords, found: PerspectiveAnalysis, tables: PerspectiveTables | None = None
) -> list[Block]:
    """Return means, differences with complete cases beside them, ratios, net benefits and probabilities.

    Parameters
    ----------
    words : TrialWords
        How the trial is written.
    found : PerspectiveAnalysis
        The perspective.
    tables : PerspectiveTables, optional
        The tables of its draws, for ratios and shares by quadrant; without them these are left out.

    Returns
    -------
    list of Block
        Without a heading.
    """
    blocks: list[Block] = []
    if tables is not None:
        for strategy in found.strategies[1:]:
            text = ratio_words(words, found, strategy, tables.ratios.sel(strategy=strategy))
            blocks.append(Paragraph(text, strong=True))
    blocks.append(_means(words, found))
    blocks += [_differences(words, found, strategy) for strategy in found.strategies[1:]]
    blocks.append(Paragraph(_of_complete(words, found)))
    blocks += [_benefit(words, found, strategy) for strategy in found.strategies[1:]]
    if tables is not None and len(found.strategies) > _TWO:
        blocks += [_ceac(words, tables), _ceac_error(words, tables), _frontier(words, tables.frontier)]
    return blocks


def usable_interval(ratio: xr.Dataset) -> tuple[float, float] | None:
    """Return the interval of a ratio where both ends lie in its own quadrant, or None.

    Parameters
    ----------
    ratio : xarray.Dataset
        What `hecon.icer` returned for one strategy.

    Returns
    -------
    (float, float) or None
        The interval [currency per QALY].
    """
    low, high = (float(each) for each in ratio["icer_interval"].values)
    return (low, high) if np.isfinite(float(ratio["icer"])) and np.isfinite([low, high]).all() and low > 0 else None


def ratio_words(words: TrialWords, found: PerspectiveAnalysis, strategy: str, ratio: xr.Dataset) -> str:
    """Return the ratio with its quadrant, its interval where it has one, and where the draws lie.

    Parameters
    ----------
    words : TrialWords
        How the trial is written.
    found : PerspectiveAnalysis
        The perspective.
    strategy : str
        Which arm against the comparator.
    ratio : xarray.Dataset
        What `hecon.icer` returned for it.

    Returns
    -------
    str
        Sentences.
    """
    lang, code, value = words.lang, str(ratio["quadrant"].values), float(ratio["icer"])
    key = "axis" if code == "=" else code
    ratio_text = words.say("no_ratio")
    if np.isfinite(value):
        ratio_text = Locale(lang).text(f"icer.{key}", ratio=Locale(lang).money(value), unit=_UNIT)
    quadrant = capital(Locale(lang).text(f"quadrant.{key}"))
    sentences = [words.say("ratio", **words.pair(found, strategy), ratio=ratio_text, quadrant=quadrant)]
    if np.isfinite(value):
        ends = usable_interval(ratio)
        if ends is None:
            sentences.append(words.say("ratio_no_interval"))
        else:
            low, high = (Locale(lang).money(end) for end in ends)
            sentences.append(words.say("ratio_interval", low=low, high=high))
    held = {each: float(ratio["quadrant_share"].sel(quadrant_of_draws=each)) for each in _QUADRANTS}
    shares = ", ".join(
        f"{Locale(lang).share(share)} {Locale(lang).text(f'plot.in_{each}')}" for each, share in held.items() if share
    )
    return " ".join([*sentences, Locale(lang).text("plot.plane_alt_shares", shares=shares)])


def _means(words: TrialWords, found: PerspectiveAnalysis) -> Table:
    rows = []
    for place, strategy in enumerate(found.strategies):
        cost, effect = found.mean_cost(strategy), found.mean_effect(strategy)
        patients = words.number(words.analysis.description.patients[place])
        rows.append((words.names[strategy], patients, words.estimate("cost", cost), words.estimate("effect", effect)))
    header = tuple(words.say(key) for key in ("arm", "patients", "mean_cost", "mean_effect"))
    return Table(words.say("means_caption"), header, tuple(rows), numeric=(1, 2, 3))


def _differences(words: TrialWords, found: PerspectiveAnalysis, strategy: str) -> Table:
    def both(counts: Sequence[int]) -> str:
        return " / ".join(words.number(counts[each]) for each in (found.strategies.index(strategy), 0))

    main = (found.delta_cost(strategy), found.delta_effect(strategy))
    told = [words.estimate(outcome, each) for outcome, each in zip(("cost", "effect"), main, strict=True)]
    rows = [(words.say("main"), both(words.analysis.description.patients), *told)]
    case = found.complete_case
    if case is not None:
        weights = {"cost": found.contrast(strategy, cost=1.0), "effect": found.contrast(strategy, effect=1.0)}
        own = {outcome: case.spread.of(each) for outcome, each in weights.items()}
        percentile = [words.estimate(outcome, each) for outcome, each in own.items()]
        bca = [words.interval(outcome, own[outcome].value, case.bca(each)) for outcome, each in weights.items()]
        rows.append((words.say("complete_percentile"), both(case.patients), *percentile))
        rows.append((words.say("complete_bca"), both(case.patients), *bca))
    pair = words.pair(found, strategy)
    header = (words.say("analysis"), words.say("both_arms", **pair), words.say("delta_cost"), words.say("delta_effect"))
    return Table(words.say("differences_caption", **pair), header, tuple(rows), numeric=(1, 2, 3))


def _of_complete(words: TrialWords, found: PerspectiveAnalysis) -> str:
    case = found.complete_case
    if case is None:
        return words.say("complete_none", n=FEWEST_COMPLETE)
    whole = case.patients == words.analysis.description.patients
    return words.say("complete_whole" if whole else "complete_note")


def _benefit(words: TrialWords, found: PerspectiveAnalysis, strategy: str) -> Table:
    rows = []
    for value in GRID:
        benefit = found.net_benefit(strategy, wtp=value)
        share, error = (each(strategy, wtp=value) for each in (found.p_cost_effective, found.p_cost_effective_error))
        rows.append(
            (
                Locale(words.lang).money(value),
                words.estimate("cost", benefit),
                Locale(words.lang).money(benefit.monte_carlo_se, digits=1) if estimates_vary(words) else "–",
                words.probability(share, error),
                words.error(error),
            )
        )
    header = (
        Locale(words.lang).text("comparison.per_unit", unit=_UNIT),
        words.say("benefit"),
        words.say("benefit_error"),
        Locale(words.lang).text("column.probability"),
        words.say("probability_error"),
    )
    caption = words.say("benefit_caption", **words.pair(found, strategy))
    return Table(caption, header, tuple(rows), numeric=tuple(range(len(header))))


def _ceac(words: TrialWords, tables: PerspectiveTables) -> Table:
    shares = tables.acceptability
    names = [str(each) for each in shares["strategy"].values]
    rows = tuple(
        (
            Locale(words.lang).money(value),
            *(words.probability(float(shares.sel(wtp=value, strategy=name))) for name in names),
        )
        for value in GRID
    )
    header = (Locale(words.lang).text("comparison.per_unit", unit=_UNIT), *(words.names[name] for name in names))
    return Table(words.say("ceac_caption"), header, rows, numeric=tuple(range(len(header))))


def _ceac_error(words: TrialWords, tables: PerspectiveTables) -> Paragraph:
    """Return a bound of the Monte Carlo errors of the acceptability curves of several arms."""
    most = max(errors[value] for errors in tables.acceptability_error.values() for value in GRID)
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
                words.say(_STATUS[str(at["status"].values)]),
                Locale(words.lang).money(ratio) if np.isfinite(ratio) else "–",
            )
        )
    header = (
        *(words.say(key) for key in ("arm", "mean_cost", "mean_effect")),
        Locale(words.lang).text("column.status"),
        "ICER",
    )
    return Table(words.say("frontier_caption"), header, tuple(rows), numeric=(1, 2, 4))


def scenario_blocks(words: TrialWords, found: PerspectiveAnalysis, scenarios: Sequence[Scenario]) -> list[Block]:
    """Return the sensitivity analyses from one perspective: a table for each arm against the comparator.

    Parameters
    ----------
    words : TrialWords
        How the trial is written.
    found : PerspectiveAnalysis
        The perspective.
    scenarios : sequence of Scenario
        What `hecon.trial.scenarios` returned; those of other perspectives are passed over.

    Returns
    -------
    list of Block
        Without a heading; empty without scenarios. Analyses that are not among them are named.
    """
    own = [each for each in scenarios if each.perspective == found.name]
    key = "at_value_error" if any(each.p_cost_effective_error for each in own) else "at_value"
    values = [words.say(key, value=Locale(words.lang).money(value)) for value in REFERENCE_VALUES]
    header = (words.say("analysis"), words.say("delta_cost"), words.say("delta_effect"), *values)
    blocks: list[Block] = []
    for strategy in found.strategies[1:]:
        rows = tuple(
            (
                words.scenario(each.code),
                words.estimate("cost", each.delta_cost),
                words.estimate("effect", each.delta_effect),
                *(_share(words, each, value) for value in REFERENCE_VALUES),
            )
            for each in own
            if each.strategy == strategy
        )
        if rows:
            told = {**words.pair(found, strategy), "perspective": words.perspective(found.name)}
            blocks.append(
                Table(words.say("sensitivity_caption", **told), header, rows, numeric=tuple(range(1, len(header))))
            )
    if any(each.code.startswith(("worse", "dearer")) for each in own):
        blocks.append(Paragraph(words.say("sensitivity_note")))
    blocks += [Paragraph(each) for each in _of_imputation(words, found, own)]
    fewer = fewer_sets(words, own)
    if fewer:
        parts = "; ".join(f"{words.scenario(code)} ({words.number(count)})" for code, count in fewer.items())
        whole = words.number(words.analysis.settings["imputations"])
        blocks.append(Paragraph(words.say("sensitivity_fewer", m=whole, parts=parts)))
    absent = left_out(own)
    if blocks and absent:
        names = "; ".join(words.scenario(code) for code in absent)
        blocks.append(Paragraph(words.say("sensitivity_left_out", names=names)))
    return blocks


def _share(words: TrialWords, scenario: Scenario, value: int) -> str:
    """Return a probability of a sensitivity analysis, with its Monte Carlo error in brackets where it has one."""
    share, error = scenario.p_cost_effective[value], scenario.p_cost_effective_error.get(value)
    return words.probability(share) if error is None else f"{words.probability(share, error)} ({words.error(error)})"


def _of_imputation(words: TrialWords, found: PerspectiveAnalysis, scenarios: Sequence[Scenario]) -> Iterator[str]:
    """Yield by how much the other imputation moves net benefit, at the value where that is most, if it matters."""
    for each in scenarios:
        if each.code not in _IMPUTED_OTHERWISE:
            continue
        shifts = {}
        for value in REFERENCE_VALUES:
            main = found.net_benefit(each.strategy, wtp=value)
            shift = value * each.delta_effect.value - each.delta_cost.value - main.value
            if main.se > 0:
                shifts[value] = (abs(shift) / main.se, shift)
        if shifts and max(shifts.values())[0] > _SHIFT_THAT_MATTERS:
            value = max(shifts, key=lambda one: shifts[one][0])
            ratio, shift = shifts[value]
            yield words.say(
                "sensitivity_imputation",
                name=words.scenario(each.code),
                **words.pair(found, each.strategy),
                value=Locale(words.lang).money(value),
                amount=Locale(words.lang).money(abs(shift)),
                direction=words.say("higher" if shift > 0 else "lower"),
                ratio=words.number(ratio, 1),
            )


def left_out(scenarios: Sequence[Scenario]) -> list[str]:
    """Return the codes of the sensitivity analyses that were not done, but for what the main analysis does itself."""
    done = {each.code for each in scenarios}
    for pair in (_IMPUTED_OTHERWISE, _REGRESSORS):
        if done & pair:
            done |= pair
    return [code for code in SCENARIOS if code not in done]
