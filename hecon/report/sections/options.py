"""Several options against one comparator: their full incremental analysis, the preferred of all, and their figures."""

from __future__ import annotations

from itertools import groupby, pairwise
from typing import TYPE_CHECKING, Any

from hecon.draws import FEWEST_FREEDOM, from_arrays
from hecon.locale import key_of
from hecon.report.document import Block, Bullets, Heading, Paragraph, Table, drawn
from hecon.report.words.answers import AnswerWords, preference_data
from hecon.report.words.common import by_rules, capital, end_of_range, joined, sourced
from hecon.report.words.verdicts import compared_words

if TYPE_CHECKING:
    from collections.abc import Iterable

    import xarray as xr

    from hecon.assessment import Assessment
    from hecon.assessment.concluding import Preference
    from hecon.assessment.records import ComparisonResult
    from hecon.assessment.several import IncrementalAnalysis, RankedOption
    from hecon.locale import Locale


# Kinds of figures that a reader needs beside the results; the others are in the annex.
_IN_BODY = ("plane", "frontier", "acceptability")


class OptionsWords:
    """The words of one full incremental analysis in one language."""

    def __init__(self, assessment: Assessment, analysis: IncrementalAnalysis, locale: Locale) -> None:
        self.assessment, self.analysis, self.locale = assessment, analysis, locale
        self.results = [
            next(each for each in assessment.comparisons if each.spec.id == name) for name in analysis.comparisons
        ]
        self.answer = AnswerWords(assessment, self.results[0], locale)
        self.figures = self.answer.figures
        self.name, self.unit = self.answer.name, self.results[0].spec.effect_unit

    def say(self, key: str, **values: object) -> str:
        """Return a text of the catalogue's part `options`."""
        return self.locale.text(f"options.{key}", **values)

    @property
    def title(self) -> str:
        """The trial or model, and the perspective."""
        return self.figures.title

    @property
    def means(self) -> xr.Dataset:
        """The joint draws, or else the mean differences alone, as the frontier is drawn from them."""
        if self.analysis.curves is not None:
            return self.analysis.curves.draws
        options, spec = self.analysis.options, self.figures.spec
        return from_arrays(
            [[each.delta_cost for each in options]],
            [[each.delta_effect for each in options]],
            strategies=[each.option for each in options],
            comparator=self.analysis.comparator,
            scale="incremental",
            currency=spec.currency,
            effect_unit=spec.effect_unit,
            effect_better=spec.effect_better,
        )

    @property
    def names(self) -> dict[str, str]:
        """What to call each option in a figure."""
        return {each.option: self.name(each.option) for each in self.analysis.options}

    @property
    def shown(self) -> list[Preference]:
        """The preferences at the reference values and at the values of the sources; all where there is neither."""
        wanted = {each.reference_value for each in self.results[0].judgements}
        wanted |= {float(each.value) for result in self.results for each in result.spec.threshold}
        return [each for each in self.analysis.preferences if not wanted or each.value in wanted]

    def listed(self, options: Iterable[str]) -> str:
        """Return the names of options as "a, b and c"."""
        return joined([*map(self.name, options)], self.locale)

    def status(self, each: RankedOption) -> str:
        """Return the place of an option on or off the frontier, and which others put it there."""
        key = {"frontier": "frontier", "dominated": "dominated"}.get(each.status, "extended")
        return self.say(key, by=self.listed(each.against)) if each.status != "frontier" else self.say(key)

    def ratio(self, each: RankedOption) -> str:
        """Return the sequential ratio of an option with what it is against; a dash where it has none."""
        if each.icer is None:
            return "–"
        return self.say("icer", ratio=self.figures.money(each.icer), option=self.name(each.against[0]))

    def summary(self) -> str:
        """Return which options are on the frontier with their ratios, and which are dominated and by which."""
        by_status = {
            key: [each for each in self.analysis.options if each.status == status]
            for key, status in (
                ("on_frontier", "frontier"),
                ("are_dominated", "dominated"),
                ("are_extended", "extendedly dominated"),
            )
        }
        return " ".join(
            self.say(key, parts="; ".join(self._part(key, each) for each in options))
            for key, options in by_status.items()
            if options
        )

    def _part(self, key: str, each: RankedOption) -> str:
        if not each.against:
            return self.name(each.option)
        told = {"option": self.name(each.option), "by": self.listed(each.against)}
        if each.icer is not None:
            told["ratio"] = self._per(each.icer)
        return self.say(f"{key}_part", **told)

    def _per(self, value: float) -> str:
        return self.locale.text("conclusion.value", value=self.figures.money(value), unit=self.unit)

    def turning(self) -> str:
        """Return the values at which the preference passes from one option to the next; empty without any."""
        steps = [each for each in self.analysis.options if each.status == "frontier"]
        groups = [(key, list(group)) for key, group in groupby(steps, key=lambda each: each.icer)]
        parts = [
            self.say(
                "turn",
                first=self.listed(each.option for each in before),
                other=self.listed(each.option for each in group),
                at=self._per(value),
            )
            for (_, before), (value, group) in pairwise(groups)
            if value is not None
        ]
        return self.say("turns", parts="; ".join(parts)) if parts else ""

    def preferred(self, at: Preference) -> str:
        """Return as a sentence which option has the highest expected net benefit of all at a value, or which tie."""
        where = {"at": self.answer.value(at.value)}
        if at.equal:
            key = "best_all" if len(at.tied) == len(self.analysis.options) else "best_tied"
            return self.say(key, options=self.listed(at.tied), **where)
        chance = self.answer.chance(at, "with_chance")
        return self.say("best", option=self.name(at.option), other=self.name(at.other), chance=chance, **where)

    def shared(self) -> str:
        """Return how the published differences from the comparator go together; empty of patient data and models."""
        joined, comparator = self.analysis.joined, self.figures.comparator
        if self.analysis.curves is None:
            return self.say("no_joint", comparator=comparator)
        if joined is None:
            return ""
        arm, number = joined.arm, self.locale.probability
        if arm.value is not None and arm.low is not None and arm.high is not None:
            span = self.locale.span(number(arm.low), number(arm.high))
            return self.say("shared_assumed", comparator=comparator, value=number(arm.value), range=span)
        parts = "; ".join(
            self.say("shared_part", options=self.listed(pair), cost=number(cost), effect=number(effect))
            for pair, (cost, effect) in joined.correlations().items()
        )
        return self.say("shared_derived", comparator=comparator, parts=parts)

    def always(self) -> str | None:
        """Return that one option is better than every other at every value; None where none is."""
        best = self.analysis.dominant
        return None if best is None else self.say("always", option=capital(self.name(best)), unit=self.unit)

    def verdicts(self, at: Preference) -> list[str]:
        """Return for each option that is not preferred why not: against the best of all, and what dominates it."""
        rules = self.assessment.rules
        per, told = (self.figures.spec.currency, self.unit, rules.weight), []
        held = rules.holds_for(self.figures.spec.currency, self.figures.spec.effect_unit)
        end = end_of_range(at.value, rules.values_on()) if held else None
        for each, apart, conclusion in self.analysis.others(at):
            names = (self.name(each.option), self.name(at.option))
            text = compared_words((at.value, conclusion), apart, names, self.locale, per, end=end)
            status = "" if each.status == "frontier" else f" {self.say('this', status=self.status(each))}"
            told.append(f"{text}{status}")
        return told


def key_tables(
    assessment: Assessment, analysis: IncrementalAnalysis, locale: Locale, *, short: bool = False
) -> list[Table]:
    """Return the full incremental analysis, and the preferred of all options by value.

    A short one does not tell which options dominate another.
    """
    words = OptionsWords(assessment, analysis, locale)
    return [_ranking(words, short=short), *([_by_value(words)] if words.shown else [])]


def _ranking(words: OptionsWords, *, short: bool) -> Table:
    """Return every option in order of costs, with its place on or off the frontier and its ratio."""
    say, options = words.say, words.analysis.options
    absolute = all(each.mean_cost is not None for each in options)
    rows = []
    for each in options:
        name = words.name(each.option)
        means = ((each.mean_cost, each.mean_effect),) if absolute else ()
        rows.append(
            (
                say("comparator", option=name) if each.comparison is None else name,
                *(text for cost, effect in means for text in _amounts(words, cost or 0.0, effect or 0.0)),
                *_amounts(words, each.delta_cost, each.delta_effect),
                words.locale.text(f"trial.status_{key_of(each.status)}") if short else words.status(each),
                words.ratio(each),
            )
        )
    keys = ("option", *(("mean_cost", "mean_effect") if absolute else ()), "delta_cost", "delta_effect")
    header = (*(say(key, unit=words.unit) for key in keys), words.locale.text("column.status"), "ICER")
    caption = say("ranking", title=words.title, n=len(rows), comparator=words.figures.comparator)
    return Table(caption, header, tuple(rows), numeric=tuple(range(1, len(keys))), prose=(len(keys), len(keys) + 1))


def _amounts(words: OptionsWords, cost: float, effect: float) -> tuple[str, str]:
    return words.figures.money(cost), words.locale.number(effect, 4)


def _by_value(words: OptionsWords) -> Table:
    """Return at each value the preferred option, the next best, and how sure the preference is."""
    header = tuple(words.say(key, unit=words.unit) for key in _COLUMNS)
    rows = tuple(_row(words, at) for at in words.shown)
    caption = words.say("by_value", title=words.title, unit=words.unit)
    return Table(caption, header, rows, numeric=(0, 3, 4, 5), cards=True)


_COLUMNS = ("value", "preferred", "next", "benefit", "p_next", "p_best", "sure")


def _row(words: OptionsWords, at: Preference) -> tuple[str, ...]:
    figures, answer = words.figures, words.answer
    counts = bool(words.results[0].judgements) and at.value == words.assessment.reference_value
    value = ("* " if counts else "") + figures.stated(at.value)
    if at.equal:
        return value, words.say("tied", options=words.listed(at.tied)), "–", "–", "–", "–", answer.certainty(at)
    net_benefit = figures.money(at.net_benefit)
    if at.interval is not None:
        net_benefit += f" ({words.locale.span(*map(figures.money, at.interval))})"
    probability, span = figures.probability(at.probability), figures.probabilities(at.range)
    if at.range is not None and span != probability:
        probability += f" ({span})"
    best = figures.probability(at.probability_best)
    return value, words.name(at.option), words.name(at.other), net_benefit, probability, best, answer.certainty(at)


def body(assessment: Assessment, analysis: IncrementalAnalysis, locale: Locale) -> list[Block]:
    """Return the part of a note on the options: differences, verdicts, figures."""
    words = OptionsWords(assessment, analysis, locale)
    say = locale.text
    blocks: list[Block] = [Heading(2, words.title)]
    if any(each.simulated for each in words.results):
        blocks.append(Paragraph(say("trial.simulated"), strong=True))
    blocks += [Heading(3, say("comparison.results")), _differences(words)]
    table = say("summary.overview")
    blocks.append(Paragraph(words.say("pairwise", comparator=words.figures.comparator, table=table)))
    shared = words.shared()
    if shared:
        blocks.append(Paragraph(shared))
    blocks += _verdicts(assessment, words)
    return [*blocks, Heading(3, say("comparison.figures")), *figures(words, in_body=True)]


def _differences(words: OptionsWords) -> Table:
    """Return the differences of every option from the comparator, with their intervals."""
    rows = []
    for result in words.results:
        name = words.name(result.spec.intervention)
        rows.append((name, *(_with_interval(words, result, outcome) for outcome in ("cost", "effect"))))
    header = tuple(words.say(key, unit=words.unit) for key in ("option", "cost_interval", "effect_interval"))
    caption = words.say("differences", comparator=words.figures.comparator)
    return Table(caption, header, tuple(rows), numeric=(1, 2))


def _with_interval(words: OptionsWords, result: ComparisonResult, outcome: str) -> str:
    figures = words.figures
    value, ends = getattr(result, f"delta_{outcome}") or 0.0, result.intervals.get(f"delta_{outcome}")
    text = figures.of(outcome, value)
    return text if ends is None else f"{text} ({figures.span(outcome, ends)})"


def _verdicts(assessment: Assessment, words: OptionsWords) -> list[Block]:
    """Return which option is preferred, and why each other one is not, at the value that counts; else at every one."""
    heading = Heading(3, words.locale.text("comparison.verdict"))
    first, value = words.results[0], assessment.reference_value
    blocks: list[Block] = []
    if first.judgements and value is not None:
        at = next(each for each in words.analysis.preferences if each.value == value)
        blocks = [Paragraph(words.preferred(at), strong=True), Bullets(tuple(words.verdicts(at)))]
    elif first.judgements:
        told = tuple(words.preferred(each) for each in _at_reference(words))
        key = "all_bands" if assessment.rules.values_on().range is None else "range_ends"
        blocks = [Paragraph(by_rules(f"comparison.{key}", assessment.rules, words.locale)), Bullets(told)]
    else:
        always = words.always()
        told = tuple(words.preferred(each) for each in words.shown)
        reason = first.no_verdict
        blocks = [] if always is None else [Paragraph(always)]
        blocks += [Bullets(told)] if told else []
        blocks += [] if always is not None or reason is None else [Paragraph(words.figures.reason(reason))]
    thresholds = _thresholds(words)
    return [heading, *blocks, *([Bullets(thresholds)] if thresholds and first.judgements else [])]


def _at_reference(words: OptionsWords) -> list[Preference]:
    reference = {each.reference_value for each in words.results[0].judgements}
    return [each for each in words.analysis.preferences if each.value in reference]


def _thresholds(words: OptionsWords) -> tuple[str, ...]:
    """Return the preferred option at each threshold that a source used."""
    at = {each.value: each for each in words.analysis.preferences}
    told: dict[str, None] = {}
    for result in words.results:
        for each in result.spec.threshold:
            text = f"{words.figures.pick(each.text)}. {words.preferred(at[float(each.value)])}"
            told[sourced(text.rstrip("."), each.sources)] = None
    return tuple(told)


def details(assessment: Assessment, analysis: IncrementalAnalysis, locale: Locale) -> list[Block]:
    """Return the verdicts at the other values, the probabilities over the bands, and the figures of the annex."""
    words = OptionsWords(assessment, analysis, locale)
    say, blocks = locale.text, list[Block]()
    counts = assessment.reference_value
    rest = [each for each in _at_reference(words) if each.value != counts]
    if rest:
        blocks.append(Heading(3, say("comparison.verdict")))
        if counts is not None:
            blocks.append(Paragraph(by_rules("comparison.other_bands", assessment.rules, locale)))
        for at in rest:
            blocks += [Paragraph(words.preferred(at)), Bullets(tuple(words.verdicts(at)))]
    over = _over_the_bands(words)
    shown = figures(words, in_body=False)
    return [*blocks, *over, *([Heading(3, say("comparison.figures")), *shown] if shown else [])]


def _over_the_bands(words: OptionsWords) -> list[Block]:
    """Return the probability of each option to be the best of all, over the bands of the computed burden."""
    shares = words.analysis.over_bands
    if not shares:
        return []
    parts = "; ".join(f"{words.name(name)} {words.locale.chance(share)}" for name, share in shares.items())
    return [Paragraph(words.say("over_bands", parts=parts))]


def figures(words: OptionsWords, *, in_body: bool) -> list[Block]:
    """Return the figures of all options of the body or the annex; without joint draws that of the frontier alone."""
    analysis, locale = words.analysis, words.locale
    few = any(each.few_freedom for each in words.results)
    simulated = any(each.simulated for each in words.results)
    kinds = ("plane", "frontier", "acceptability", "net_benefit", *(() if few else ("expected_loss",)))
    blocks: list[Block] = []
    for kind in kinds if analysis.curves is not None else ("frontier",):
        if (kind in _IN_BODY) == in_body:
            of = words.means if kind == "frontier" else analysis.curves
            name = f"{analysis.comparisons[0]}-{kind}"
            caption = words.say(f"figure_{kind}", comparator=words.figures.comparator, unit=words.unit)
            blocks.append(drawn(kind, name, caption, of, locale, simulated=simulated, names=words.names))
    if few and not in_body:
        blocks.append(Paragraph(locale.text("figure.no_expected_loss", few=f"{FEWEST_FREEDOM:g}")))
    return blocks


def data(assessment: Assessment, locale: Locale) -> dict[str, Any]:
    """Return every full incremental analysis as plain data."""
    return {"incremental": [_analysis_data(assessment, each, locale) for each in assessment.incremental]}


def _analysis_data(assessment: Assessment, analysis: IncrementalAnalysis, locale: Locale) -> dict[str, Any]:
    words = OptionsWords(assessment, analysis, locale)
    return {
        "comparisons": analysis.comparisons,
        "comparator": analysis.comparator,
        "joint_draws": analysis.curves is not None,
        "shared_comparator": None if analysis.joined is None else vars(analysis.joined.arm),
        "options": [
            {**vars(each), "name": words.name(each.option), "status_in_words": words.status(each)}
            for each in analysis.options
        ],
        "preferred": [{**preference_data(each), "words": words.preferred(each)} for each in analysis.preferences],
        "dominant": analysis.dominant,
        "over_burden": analysis.over_bands or None,
        "words": words.summary(),
    }
