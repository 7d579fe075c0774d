"""Blocks of a comparison that was computed from a model's draws: what it rests on, and its parameters."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hecon.assessment.records import ModelResult
from hecon.report.document import Block, Table
from hecon.report.isolating import isolate

if TYPE_CHECKING:
    from hecon.assessment import ComparisonResult
    from hecon.report.words.comparisons import ComparisonWords

__all__ = ["data_items", "input_blocks"]

# So much of a digest tells two files apart; the provenance has the whole.
_SHORT = 12


def data_items(result: ComparisonResult, wording: ComparisonWords) -> tuple[str, ...]:
    """Return which draws a comparison's figures were computed from, who made the model, and what is left aside."""
    if not isinstance(result, ModelResult) or result.spec.draws is None:
        return ()
    say = wording.say
    made_by = say("model_note.made_by", text=isolate(wording.pick(result.spec.draws.made_by)).rstrip("."))
    found = [say("model_note.computed"), made_by, _file(result, wording)]
    if result.model_source.others:
        names = ", ".join(isolate(name) for name in result.model_source.others)
        found.append(say("model_note.others", names=names))
    return tuple(found)


def _file(result: ModelResult, wording: ComparisonWords) -> str:
    source, number = result.model_source, wording.locale.number
    return wording.say(
        "model_note.file",
        file=isolate(source.file),
        draws=number(source.draws),
        parameters=number(len(source.parameters)),
        digest=source.digest[:_SHORT],
    )


def input_blocks(result: ModelResult, wording: ComparisonWords, *, first: bool, title: str) -> list[Block]:
    """Return the draws as input, of options that are weighed together once, and what was computed from them."""
    say = wording.say
    cited = "" if result.spec.draws is None else isolate(wording.pick(result.spec.draws.made_by))
    rows = ((say("model_note.given"), _file(result, wording), say("model_note.given_status"), cited),)
    header = tuple(say(f"column.{key}") for key in ("quantity", "value", "status", "source"))
    given = Table(wording.title, header, rows, prose=(1,))
    lines = []
    for name, found in result.parameters.items():
        ends = result.intervals.get(name)
        shown = "–" if ends is None else wording.parameter_range(name, ends)
        status, rests = say("model_note.status"), say("model_note.rests_on")
        lines.append((say(f"parameter.{name}"), wording.parameter(name, found.value), shown, status, rests))
    keys = ("column.parameter", "column.value", "model_note.interval_column", "column.status", "column.rests_on")
    caption = say("inputs.fitted", title=title)
    return [*([given] if first else []), Table(caption, tuple(say(key) for key in keys), tuple(lines), numeric=(1, 2))]
