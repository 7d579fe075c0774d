"""The results of a trial within levels of a covariate: tables, sentences and plain data."""

from __future__ import annotations

from decimal import Decimal
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from hecon.assessment.trial_concluding import limits
from hecon.report.document import Block, Bullets, Heading, Paragraph, Table
from hecon.report.isolating import isolate
from hecon.report.words.common import p_value
from hecon.report.writers.json import taken

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from hecon.assessment.deciding import Stratified
    from hecon.report.words.trials import TrialWords
    from hecon.trial.estimates import Estimate
    from hecon.trial.subgroups import SubgroupAnalysis


def _say(words: TrialWords, key: str, **values: object) -> str:
    return words.text("trial_subgroup", key, **values)


def subgroup_blocks(
    words: TrialWords, found: Sequence[SubgroupAnalysis], worth: Sequence[Stratified] = ()
) -> list[Block]:
    """Return a table for each subgroup, perspective and arm, what it is worth to decide by level, and how to read them.

    Empty without subgroups.
    """
    if not found:
        return []
    done = [each for each in found if each.cells is not None]
    tables = [_table(words, each, strategy) for each in done for strategy in each.strategies[1:]]
    notes = [_say(words, "reading")] if done else []
    cut = dict.fromkeys(isolate(each.column) for each in done if each.cut_points)
    notes += [_say(words, "reading_cut", columns=words.joined([*cut]))] if cut else []
    called = {(each.column, each.perspective): _levels(words, each) for each in found}
    strata = [block for each in worth for block in _worth(words, each, called[each.column, each.perspective])]
    status = Bullets(tuple(_status(words, found)))
    return [Heading(2, _say(words, "heading")), status, *tables, *map(Paragraph, notes), *strata]


def _worth(words: TrialWords, found: Stratified, called: Mapping[str, str]) -> list[Block]:
    """Return what it is worth to decide by the levels of a subgroup, beside what chance alone would give."""
    told = {"column": isolate(found.column), "perspective": words.perspective(found.perspective)}
    if found.reason is not None:
        return [Paragraph(_say(words, f"worth_{found.reason}", **told))]
    shares = words.joined([f"{called[level]} {words.locale.share(share)}" for level, share in found.shares.items()])
    rows = tuple(
        (
            words.stated(value),
            _preferred(words, found.overall[value], found.overall_tied.get(value, ())),
            "; ".join(
                f"{called[level]}: {_preferred(words, name, found.tied[value].get(level, ()))}"
                for level, name in found.preferred[value].items()
            ),
            words.loss(found.value[value]),
            words.loss(found.by_chance[value]),
            words.probability(found.p_chance[value]) if found.value[value] else "–",
        )
        for value in found.values
    )
    keys = ("value", "overall", "by_level", "yields", "by_chance", "p_chance")
    header = tuple(_say(words, f"worth_{key}", unit=words.analysis.effect.unit) for key in keys)
    caption = _say(words, "worth_caption", **told)
    reading = Paragraph(_say(words, "worth_reading", shares=shares))
    return [Table(caption, header, rows, numeric=(0, 3, 4, 5)), reading]


def _preferred(words: TrialWords, name: str | None, tied: Sequence[str]) -> str:
    """Return the name of the preferred option, or that those that tie are equal."""
    if name is not None:
        return words.names[name]
    return words.locale.text("options.tied", options=words.joined([words.names[each] for each in tied]))


def _status(words: TrialWords, found: Sequence[SubgroupAnalysis]) -> Iterator[str]:
    """Yield of each subgroup whether it was prespecified, or why it is not analysed."""
    told = {}
    for each in found:
        key = "not_analysed" if each.cells is None else "prespecified" if each.prespecified else "not_prespecified"
        levels = words.joined(list(_levels(words, each).values()))
        told[each.column] = _say(words, key, column=isolate(each.column), levels=levels, n=words.number(limits().small))
    yield from told.values()


def _levels(words: TrialWords, found: SubgroupAnalysis) -> dict[str, str]:
    """Return what each level is called, by its name in the data; those of a number by its cut points."""
    cuts = [words.locale.as_given(Decimal(f"{each:.15g}")) for each in found.cut_points]
    if not cuts:
        return {level: isolate(level) for level in found.levels}
    between = [_say(words, "between", low=low, high=high) for low, high in pairwise(cuts)]
    told = [_say(words, "below", value=cuts[0]), *between, _say(words, "at_least", value=cuts[-1])]
    return dict(zip(found.levels, told, strict=True))


def _table(words: TrialWords, found: SubgroupAnalysis, strategy: str) -> Table:
    first, *others = found.levels
    called = _levels(words, found)
    place = found.strategies.index(strategy)
    pair = {"intervention": words.names[strategy], "comparator": words.names[found.strategies[0]]}
    values = _values(words)
    rows = []
    for level, counts in zip(found.levels, found.patients, strict=True):
        number = f"{words.number(counts[place])} / {words.number(counts[0])}"
        own = [words.estimate(outcome, found.difference(level, strategy, outcome)) for outcome in words.outcomes]
        benefits = [words.estimate("cost", found.net_benefit(level, strategy, wtp=value)) for value in values]
        rows.append((called[level], number, *own, *benefits))
    for level in others:
        label = _say(words, "interaction", level=called[level], reference=called[first])
        own = [words.estimate(outcome, found.interaction(level, strategy, outcome)) for outcome in words.outcomes]
        rows.append((label, "–", *own, *(_benefit(words, found, level, strategy, value) for value in values)))
    header = (
        isolate(found.column),
        words.say("both_arms", **pair),
        *(words.say(f"delta_{outcome}") for outcome in words.outcomes),
        *(_say(words, "benefit_at", value=words.stated(value)) for value in values),
    )
    caption = _say(
        words, "caption", column=isolate(found.column), perspective=words.perspective(found.perspective), **pair
    )
    return Table(caption, header, tuple(rows), numeric=tuple(range(1, len(header))))


def _values(words: TrialWords) -> tuple[int | float, ...]:
    """Return the values at which net benefit is told; of costs alone none, as it says what the costs say."""
    return words.reference if words.analysis.effect.exists else ()


def _benefit(words: TrialWords, found: SubgroupAnalysis, level: str, strategy: str, value: float) -> str:
    """Return the interaction on net benefit with its interval and p-value."""
    told = words.estimate("cost", found.benefit_interaction(level, strategy, wtp=value))
    p = found.p_value(level, strategy, wtp=value)
    return told if p is None else f"{told}, {p_value(p, words.locale)}"


def subgroup_data(
    words: TrialWords, found: Sequence[SubgroupAnalysis], worth: Sequence[Stratified] = ()
) -> list[dict[str, Any]]:
    """Return the subgroups as plain data, those that are not analysed among them."""
    strata = {(each.column, each.perspective): vars(each) for each in worth}
    return [
        {
            **taken(each, "column", "prespecified", "perspective", "levels", "cut_points"),
            "analysed": each.cells is not None,
            "patients": [dict(zip(each.strategies, counts, strict=True)) for counts in each.patients],
            "differences": {}
            if each.cells is None
            else {name: _data(words, each, name) for name in each.strategies[1:]},
            "deciding_by_level": strata.get((each.column, each.perspective)),
        }
        for each in found
    ]


def _data(words: TrialWords, found: SubgroupAnalysis, strategy: str) -> dict[str, Any]:
    def told(level: str, difference: Callable[..., Estimate], benefit: Callable[..., Estimate]) -> dict[str, Any]:
        return {
            **{f"delta_{of}": _estimate(difference(level, strategy, of)) for of in words.outcomes},
            "inmb": {value: _estimate(benefit(level, strategy, wtp=value)) for value in words.reference},
        }

    interaction = {
        level: {
            **told(level, found.interaction, found.benefit_interaction),
            "p": {value: found.p_value(level, strategy, wtp=value) for value in words.reference},
        }
        for level in found.levels[1:]
    }
    within = {level: told(level, found.difference, found.net_benefit) for level in found.levels}
    return {"within": within, "interaction": interaction, "reference": found.levels[0]}


def _estimate(estimate: Estimate) -> dict[str, Any]:
    return {"estimate": estimate.value, **taken(estimate, "se", "df", "interval")}
