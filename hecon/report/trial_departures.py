"""Departures in a trial's report: what reference-based imputation changes, and which shifts turn a preference."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from hecon.assessment.concluding import certainty
from hecon.assessment.trial_concluding import departure_codes
from hecon.report.document import Block, Bullets, Heading, Paragraph, Table
from hecon.report.words.answers import preference_data

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from hecon.assessment import TrialAssessment
    from hecon.assessment.concluding import Preference
    from hecon.assessment.trial_concluding import PerspectiveConclusion
    from hecon.report.document import Figure
    from hecon.report.words.trial_answers import TrialAnswerWords
    from hecon.report.words.trials import TrialWords
    from hecon.trial import TippingMap
    from hecon.trial.description import Departed


_METHODS = ("jump-to-reference", "copy-increments")
_MAIN = "main"


def _say(words: TrialWords, key: str, **values: object) -> str:
    return words.locale.text(f"trial_departure.{key}", **values)


def departure_blocks(found: TrialAssessment, answer: TrialAnswerWords) -> list[Block]:
    """Return who departed, what is assumed of their missing values, and what that changes; empty where none is."""
    words, departed, codes = answer.words, found.analysis.description.departed, departure_codes(found.scenarios)
    own = found.analysis.settings["reference_based"]
    methods = [each for each in _METHODS if each == own or each in codes]
    if departed is None or not methods:
        return []
    blocks: list[Block] = [Heading(2, _say(words, "heading")), Paragraph(_say(words, f"rule_{departed.rule}"))]
    blocks += [_who(words, departed), Bullets(tuple(_assumed(found, words, departed, methods)))]
    for each in found.conclusion.perspectives if codes else ():
        blocks += [_changes(found, answer, each, codes, arm) for arm in words.analysis.description.strategies[1:]]
        blocks.append(Paragraph(_turned(words, each, codes)))
    return blocks


def _who(words: TrialWords, departed: Departed) -> Table:
    about, reference = words.analysis.description, words.names[departed.reference]
    header = (
        *(words.say(key) for key in ("arm", "patients")),
        _say(words, "departed"),
        _say(words, "following", reference=reference),
        _say(words, "at_random"),
    )
    counts = (about.patients, departed.patients, departed.after, departed.at_random)
    rows = tuple(
        (words.names[name], *(words.number(each[arm]) for each in counts)) for arm, name in enumerate(about.strategies)
    )
    return Table(_say(words, "who_caption"), header, rows, numeric=(1, 2, 3, 4))


def _assumed(found: TrialAssessment, words: TrialWords, departed: Departed, methods: list[str]) -> Iterator[str]:
    """Yield what is assumed, and how sure the results are of it."""
    reference = words.names[departed.reference]
    for key in ("random", *methods, "normal", "variance"):
        yield _say(words, key, reference=reference)
    shares = [each.beyond_scale for each in found.scenarios if each.code in {*methods, _MAIN}]
    shares.append(found.analysis.settings["beyond_scale"])
    known = [each for each in shares if each is not None]
    if known and max(known) > 0:
        span = words.locale.span(*(words.locale.share(end) for end in (min(known), max(known))))
        yield _say(words, "beyond", share=span)


def _changes(
    found: TrialAssessment, answer: TrialAnswerWords, conclusion: PerspectiveConclusion, codes: list[str], arm: str
) -> Table:
    """Return differences and preferences of the main analysis and of each by departure."""
    words = answer.words
    own = [each for each in found.scenarios if (each.perspective, each.strategy) == (conclusion.perspective, arm)]
    preferences = {_MAIN: conclusion.conclusion.values, **conclusion.by_scenario}
    rows = tuple(
        (
            words.scenario(each.code),
            words.estimate("cost", each.delta_cost),
            words.estimate("effect", each.delta_effect),
            *(_preferred(answer, at) for at in preferences[each.code]),
        )
        for each in own
        if each.code in {_MAIN, *codes}
    )
    values = [_say(words, "at_value", value=words.stated(value)) for value in words.reference]
    header = (words.say("analysis"), words.say("delta_cost"), words.say("delta_effect"), *values)
    analysis = words.analysis.perspective(conclusion.perspective)
    told = {**words.pair(analysis, arm), "perspective": words.perspective(conclusion.perspective)}
    return Table(_say(words, "caption", **told), header, rows, numeric=(1, 2))


def _preferred(answer: TrialAnswerWords, at: Preference) -> str:
    """Return the preferred option with its own probability, and how sure that alone is."""
    words = answer.words
    if at.equal:
        return words.locale.text("conclusion.neither")
    word = words.locale.text(f"conclusion.word_{certainty(at.probability, error=at.monte_carlo_error)}")
    share = "–" if at.probability is None else words.probability(at.probability, at.monte_carlo_error or 0.0)
    return _say(words, "preferred", option=words.names[at.option], probability=share, word=word)


def _turned(words: TrialWords, conclusion: PerspectiveConclusion, codes: list[str]) -> str:
    """Return which assumption turns the preference of the main analysis, and at which values."""
    parts = [
        _say(words, "turned_at", name=words.scenario(code), value=words.stated(at.value))
        for code in codes
        for at in conclusion.conclusion.values
        if code in conclusion.turned_by[at.value]
    ]
    return _say(words, "turned", parts="; ".join(parts)) if parts else _say(words, "unturned")


def departure_data(found: TrialAssessment) -> dict[str, Any] | None:
    """Return who departed and what each assumption concludes, as plain data; None where the design has none."""
    departed = found.analysis.description.departed
    if departed is None:
        return None
    names, codes = found.analysis.description.strategies, departure_codes(found.scenarios)
    counts = ("patients", "after", "at_random")
    return {
        "rule": departed.rule,
        "reference": departed.reference,
        **{key: dict(zip(names, getattr(departed, key), strict=True)) for key in counts},
        "main": found.analysis.settings["reference_based"],
        "beyond_scale": {each.code: each.beyond_scale for each in found.scenarios if each.code in codes},
        "preferences": {
            each.perspective: {code: [preference_data(at) for at in each.by_scenario.get(code, ())] for code in codes}
            for each in found.conclusion.perspectives
        },
    }


def tipping_blocks(found: TrialAssessment, words: TrialWords, figure: Callable[..., Figure]) -> list[Block]:
    """Return where the preference turns as imputed values are shifted: a table and a figure for each map."""
    if not found.tipping:
        return []
    blocks: list[Block] = [Heading(2, _say(words, "tipping_heading")), Paragraph(_say(words, "tipping"))]
    for place, each in enumerate(found.tipping):
        at = int(np.isfinite(each.border).sum(axis=1).argmax())
        told = {"arm": words.names[each.arm], "perspective": words.perspective(each.perspective)}
        caption = _say(words, "figure", value=words.stated(each.wtp[at]), **told)
        options = {"wtp": each.wtp[at], "names": words.names}
        blocks += [_borders(words, each, told), Paragraph(_note(words, each))]
        blocks.append(figure(words, "tipping_map", f"tipping-{place}", caption, each, **options))
    return blocks


def _borders(words: TrialWords, found: TippingMap, told: dict[str, str]) -> Table:
    """Return the factor at which the preference turns, by shift and value; of no turn the option preferred there."""
    names = {"intervention": words.names[found.strategy], "comparator": words.names[found.comparator]}
    rows = []
    for row, shift in enumerate(found.utility):
        cells = [_signed(words, shift), words.locale.share(float(found.held[row].sum()))]
        for at in range(len(found.wtp)):
            border = float(found.border[at, row])
            option = found.strategy if found.net_benefit[at, row, 0] >= 0 else found.comparator
            turn = words.number(border, 2) if np.isfinite(border) else ""
            cells.append(_say(words, "factor", factor=turn) if turn else words.names[option])
        rows.append(tuple(cells))
    turns = (_say(words, "turns_at", value=words.stated(value)) for value in found.wtp)
    header = (_say(words, "shift"), _say(words, "held"), *turns)
    return Table(_say(words, "tipping_caption", **told, **names), header, tuple(rows), numeric=(0, 1))


def _signed(words: TrialWords, shift: float) -> str:
    return f"{'+' if shift > 0 else ''}{words.number(shift, 2)}"


def _note(words: TrialWords, found: TippingMap) -> str:
    low, high = (words.number(found.cost[end], 2) for end in (0, -1))
    utilities, costs = (words.number(each) for each in found.imputed)
    told = {"low": low, "high": high, "utilities": utilities, "costs": costs}
    return _say(words, "tipping_note", arm=words.names[found.arm], **told)
