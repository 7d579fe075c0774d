"""What turns the preference in a dossier's comparisons, as a document of its own."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from hecon.assessment.deciding import FEWEST_DRAWS, MIX
from hecon.assessment.varying import UNREPORTED
from hecon.printed.numbers import digits_of
from hecon.report.analyses import choice
from hecon.report.document import Block, Bullets, Document, Figure, Heading, Paragraph, Table, drawn
from hecon.report.isolating import isolated
from hecon.report.words.common import tied_words
from hecon.report.words.comparisons import ComparisonWords

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from hecon.assessment import Assessment
    from hecon.assessment.deciding import Averaged, Averse, Mixed, PerspectiveLoss
    from hecon.assessment.varying import BandTurn, ComparisonTurns, QuantityTurn
    from hecon.locale import Locale


_PER = {"cost": "delta_cost", "effect": "delta_effect"}


@dataclass(frozen=True)
class Sensitivities:
    """What turns the comparisons of a dossier, its burden, its perspectives, an average, mixes and aversion to risk.

    None, or empty, where not asked for.
    """

    turns: Sequence[ComparisonTurns] = ()
    bands: Sequence[BandTurn] = ()
    losses: Sequence[PerspectiveLoss] = ()
    average: Averaged | None = None
    mixes: Sequence[Mixed] = ()
    risks: Sequence[Averse] = ()


def sensitivity_data(found: Sensitivities) -> dict[str, Any]:
    """Return the same as plain data with stable keys."""
    comparisons = [
        {
            "comparison": each.comparison,
            "at": [
                {
                    "wtp": value,
                    "preferred": each.preferred[value],
                    "hangs_on": each.hangs_on[value],
                    "turns": [vars(turn) for turn in each.at(value)],
                }
                for value in each.values
            ],
        }
        for each in found.turns
    ]
    keys = ("decided_by", "counts", "wtp", "loss")
    return {
        "comparisons": comparisons,
        "burden": [{**vars(each), "turns": each.turns} for each in found.bands],
        "perspectives": [
            {
                "comparisons": list(each.comparisons),
                "losses": [dict(zip(keys, row, strict=True)) for row in each.losing],
            }
            for each in found.losses
        ],
        "average": None if found.average is None else vars(found.average),
        "mixes": [vars(each) for each in found.mixes],
        "risks": [vars(each) for each in found.risks],
    }


def sensitivity_document(assessment: Assessment, found: Sensitivities, locale: Locale) -> Document:
    """Return what turns each comparison, where the band of the burden changes, and what decisions otherwise lose."""
    shown = isolated(assessment.dossier)
    blocks: list[Block] = [Heading(1, locale.pick(shown.title)), Paragraph(locale.text("varying.what"))]
    specs = {each.id: each for each in shown.comparison}
    wordings = {name: ComparisonWords(shown, spec, locale) for name, spec in specs.items()}
    for each in found.turns:
        blocks += _comparison(assessment, each, wordings[each.comparison])
    if not found.turns:
        blocks.append(Paragraph(locale.text("varying.nothing")))
    if found.losses:
        items = tuple(text for each in found.losses for text in _losses(each, wordings))
        blocks += [Heading(2, locale.text("varying.perspectives")), Bullets(items)]
    if found.average is not None:
        blocks += _average(found.average, wordings, locale)
    mixes = [text for each in found.mixes for text in _mix(each, wordings[each.comparison])]
    risks = [text for each in found.risks for text in _risk(each, wordings[each.comparison])]
    for key, texts in (("mix", mixes), ("risk", risks)):
        if texts:
            reading = Paragraph(locale.text(f"varying.{key}_reading"))
            blocks += [Heading(2, locale.text(f"varying.{key}")), reading, Bullets(tuple(texts))]
    if found.bands:
        names = {each.id: locale.pick(each.name) for each in shown.intervention}
        items = tuple(_band(each, names, locale) for each in found.bands)
        blocks += [Heading(2, locale.text("varying.burden")), Bullets(items)]
    return Document(locale, tuple(blocks), kind="sensitivity")


def _losses(found: PerspectiveLoss, wordings: Mapping[str, ComparisonWords]) -> list[str]:
    """Say of a trial what is lost by deciding from one perspective where another counts."""
    first = wordings[found.comparisons[0]]
    if not found.losing:
        at = ", ".join(first.per_unit(value) for value in found.values)
        return [first.say("varying.perspectives_agree", trial=first.spec.trial, at=at)]
    return [
        _preferred(
            "perspective_loss",
            found.tied.get((by, value)),
            first,
            trial=first.spec.trial,
            at=first.per_unit(value),
            by=first.say(f"conclusion.from_{wordings[by].spec.perspective}"),
            counts=first.say(f"conclusion.from_{wordings[counts].spec.perspective}"),
            option=_option(found.preferred[by, value], first),
            loss=first.money(loss),
        )
        for by, counts, value, loss in found.losing
    ]


def _average(found: Averaged, wordings: Mapping[str, ComparisonWords], locale: Locale) -> list[Block]:
    """Say what comparisons tell together, by their weights."""
    first = wordings[next(iter(found.weights))]
    named = "; ".join(f"{name} ({locale.number(share, 2)})" for name, share in found.weights.items())
    told = first.say(
        "varying.averaged",
        names=named,
        draws=locale.number(found.draws),
        cost=first.money(found.delta_cost),
        effect=first.of("effect", found.delta_effect),
        unit=first.spec.effect_unit,
    )
    lines = tuple(
        _preferred(
            "average_at",
            found.tied.get(value),
            first,
            at=first.per_unit(value),
            option=_option(found.preferred[value], first),
            probability=locale.chance(found.probability[value]),
            evpi=first.money(found.evpi[value]),
        )
        for value in found.values
    )
    return [Heading(2, locale.text("varying.average")), Paragraph(told), *([Bullets(lines)] if lines else [])]


def _option(name: str | None, wording: ComparisonWords) -> str:
    """Return the name of an option or of the mix; nothing where several tie."""
    if name is None:
        return ""
    return wording.say("varying.the_mix") if name == MIX else wording.option(name)


def _preferred(key: str, tied: Sequence[str] | None, wording: ComparisonWords, **told: str) -> str:
    """Say something of the preferred option, or of those that tie where none is preferred."""
    if not tied:
        return wording.say(f"varying.{key}", **told)
    names = tied_words([_option(each, wording) for each in tied], len(tied), wording.locale)
    return wording.say(f"varying.{key}_equal", options=names["options"], **told)


def _mix(found: Mixed, wording: ComparisonWords) -> list[str]:
    """Say what it costs that patients of a comparison get different options."""
    if found.reason is not None:
        return [wording.say(f"varying.{found.reason}", title=wording.title)]
    shares = "; ".join(
        f"{_option(name, wording)} {wording.locale.share(share)}" for name, share in found.shares.items()
    )
    return [
        _preferred(
            "mix_at",
            found.tied.get(value),
            wording,
            title=wording.title,
            at=wording.per_unit(value),
            shares=shares,
            option=_option(found.preferred[value], wording),
            loss=wording.money(found.loss[value]),
            informed=wording.money(found.loss_informed[value]),
        )
        for value in found.values
    ]


def _risk(found: Averse, wording: ComparisonWords) -> list[str]:
    """Say how someone averse to risk decides in a comparison, and what aversion turns the preference."""
    if found.reason is not None:
        return [wording.say(f"varying.{found.reason}", title=wording.title)]
    told = []
    for value in found.values:
        amounts = "; ".join(
            f"{_option(name, wording)} {wording.money(each)}" for name, each in found.certain[value].items()
        )
        text = _preferred(
            "risk_at",
            found.tied.get(value),
            wording,
            title=wording.title,
            at=wording.per_unit(value),
            aversion=_aversion(found.aversion, wording),
            amounts=amounts,
            option=_option(found.preferred[value], wording),
        )
        turns, neutral = found.turns_at[value], _option(found.neutral[value], wording)
        limit = found.sought_to[value]
        if value in found.neutral_tied:
            key, at = "neutral", ""
        elif turns is not None:
            key, at = "turns", _aversion(turns, wording)
        else:
            key, at = ("never", "") if math.isinf(limit) else ("stays", _aversion(limit, wording))
        text += " " + _preferred(f"risk_{key}", found.neutral_tied.get(value), wording, option=neutral, at=at)
        if found.effective_draws < FEWEST_DRAWS:
            text += " " + wording.say("varying.risk_few", draws=wording.locale.number(found.effective_draws, 1))
        told.append(text)
    return told


def _aversion(value: float, wording: ComparisonWords) -> str:
    """Return an aversion with two significant digits and its unit."""
    number = wording.locale.number(value, digits_of(value, 0) + 1)
    return wording.say("varying.aversion", value=number, currency=wording.spec.currency)


def _comparison(assessment: Assessment, found: ComparisonTurns, wording: ComparisonWords) -> list[Block]:
    """Return the heading, sentences, table and figure of one comparison."""
    blocks: list[Block] = [Heading(2, wording.title), *choice(assessment, found.comparison, (), wording)]
    blocks += [Paragraph(_sentences(found, value, wording)) for value in found.values]
    keys = ("status", "value", "range")
    header = (
        wording.say("varying.at", unit=wording.spec.effect_unit),
        wording.say("varying.quantity"),
        *(wording.say(f"column.{key}") for key in keys),
        wording.say("varying.turns_at"),
        wording.say("varying.over_range"),
    )
    rows = tuple(_row(each, wording) for each in found.turns)
    blocks.append(Table(wording.say("varying.caption"), header, rows, numeric=(0, 3), cards=True))
    return blocks if found.bars is None else [*blocks, *_figures(found, wording)]


def _sentences(found: ComparisonTurns, value: float, wording: ComparisonWords) -> str:
    """Say at one value what is preferred, which uncounted costs turn it and on which assumption it hangs."""
    option, turns = found.preferred[value], {each.quantity: each for each in found.at(value)}
    at = wording.per_unit(value)
    if option is None:
        return wording.say("varying.equal", at=at)
    name = wording.option(option)
    net = turns[UNREPORTED].turns_at or 0.0
    key = "more" if net > 0 else "less"
    told = [
        wording.say("varying.preferred", at=at, option=name),
        wording.say(f"varying.uncounted_{key}", intervention=wording.intervention, amount=wording.money(abs(net))),
        _assumed(found.hangs_on[value], turns, wording),
    ]
    return " ".join(told)


def _assumed(name: str | None, turns: Mapping[str, QuantityTurn], wording: ComparisonWords) -> str:
    """Say on which assumption a preference hangs."""
    if name is None:
        known = any(each.status == "assumed" for each in turns.values())
        return wording.say("varying.hangs_none" if known else "varying.nothing_assumed")
    turn = turns[name]
    if turn.inside:
        return wording.say("varying.hangs_turns", name=wording.name_of(name))
    words = [wording.say(f"conclusion.word_{each}") for each in turn.certainties]
    return wording.say(
        "varying.hangs_sure", name=wording.name_of(name), span=wording.probabilities(turn.probability),
        first=words[0], last=words[-1],
    )  # fmt: skip


def _row(turn: QuantityTurn, wording: ComparisonWords) -> tuple[str, ...]:
    uncounted = turn.quantity == UNREPORTED
    outcome = "delta_cost" if uncounted else turn.quantity
    name = (
        wording.say("varying.uncounted", intervention=wording.intervention) if uncounted else wording.name_of(outcome)
    )
    status = wording.say("varying.not_counted") if uncounted else wording.say(f"status.{turn.status}")
    return (
        wording.at_value(turn.wtp),
        name,
        status,
        _value(turn, outcome, wording),
        _range(turn, outcome, wording),
        _turns_at(turn, outcome, wording),
        _over_range(turn, wording),
    )


def _value(turn: QuantityTurn, outcome: str, wording: ComparisonWords) -> str:
    return "–" if turn.value is None else wording.parameter(outcome, turn.value)


def _range(turn: QuantityTurn, outcome: str, wording: ComparisonWords) -> str:
    """Return the range of a quantity with what it is over."""
    if turn.range is None:
        return "–"
    if outcome == "design_effect":
        span = wording.locale.span(*(wording.locale.number(end, 1) for end in turn.range))
    else:
        span = wording.parameter_range(outcome, turn.range)
    return wording.say(f"varying.range_{turn.over}", range=span)


def _turns_at(turn: QuantityTurn, outcome: str, wording: ComparisonWords) -> str:
    """Return the value at which the preference turns, and whether that lies in the range."""
    if turn.turns_at is None:
        return wording.say("varying.at_no_value")
    value = wording.parameter(outcome, turn.turns_at)
    if turn.inside is None:
        return value
    return wording.say("varying.inside" if turn.inside else "varying.outside", value=value)


def _over_range(turn: QuantityTurn, wording: ComparisonWords) -> str:
    """Return what the range of a quantity moves: net benefit, or the probability of the preference."""
    if turn.net_benefit is not None:
        return wording.say("varying.benefit", span=wording.span("cost", turn.net_benefit))
    if turn.probability is not None:
        return wording.say("varying.chance", span=wording.probabilities(turn.probability))
    return "–"


def _figures(found: ComparisonTurns, wording: ComparisonWords) -> list[Figure]:
    """Return a tornado for each value."""
    names = {name: wording.say(f"parameter.{name}") for name in _PER.values()}
    names |= {wording.spec.intervention: wording.intervention, wording.spec.comparator: wording.comparator}
    figures = []
    for value in found.values:
        caption = wording.say("varying.figure", title=wording.title, at=wording.per_unit(value))
        name = f"tornado-{found.comparison}-{value:g}"
        figures.append(drawn("tornado", name, caption, found.bars, wording.locale, wtp=value, names=names))
    return figures


def _band(turn: BandTurn, names: Mapping[str, str], locale: Locale) -> str:
    """Say where the band of the burden changes, and whether that turns the preference."""
    text = locale.text(
        "varying.band",
        below=locale.band(turn.bands[0]), above=locale.band(turn.bands[1]),
        name=locale.text(f"burden_input.{turn.quantity}"), at=locale.number(turn.at, 3),
        value=locale.number(turn.value, 2), range=locale.span(*(locale.number(end, 2) for end in turn.range)),
    )  # fmt: skip
    if None in turn.values:
        key, option = "no_value", ""
    elif turn.turns:
        key, option = "turns", names.get(turn.options[1] or "", "")
    else:
        key, option = "stays", ""
    return f"{text} {locale.text(f'varying.band_{key}', option=option)}"
