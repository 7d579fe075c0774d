"""Patient data as the input of a note: in its annex, and as plain data."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hecon import texts
from hecon.assessment import TrialResult
from hecon.report.document import Block, Table
from hecon.report.isolating import isolate
from hecon.report.trial_note import patients_words
from hecon.report.trial_results import left_out

if TYPE_CHECKING:
    from hecon.assessment import ComparisonResult
    from hecon.report.wording import Wording

__all__ = ["input_blocks", "trial_data_of"]

# So much of a digest tells two files apart in a table; the provenance has the whole.
_SHORT = 12


def input_blocks(result: ComparisonResult, wording: Wording) -> list[Block]:
    """Return the patient data as input, and the five parameters that were computed from them.

    Parameters
    ----------
    result : ComparisonResult
        The comparison.
    wording : Wording
        How it is written.

    Returns
    -------
    list of Block
        Two tables; none where the figures were reported.
    """
    if not isinstance(result, TrialResult):
        return []
    say, source = wording.say, result.trial_source
    place = say("trial_note.place", file=isolate(source.file), digest=source.digest[:_SHORT])
    status = say("trial_note.given_simulated" if result.simulated else "trial_note.given")
    rows = ((say("trial_note.data"), patients_words(result, wording), status, place),)
    header = tuple(say(f"column.{key}") for key in ("quantity", "value", "status", "source"))
    blocks: list[Block] = [Table(wording.title, header, rows, prose=(1,))]
    lines = []
    for name, found in result.parameters.items():
        ends = result.intervals.get(name)
        lines.append(
            (
                say(f"parameter.{name}"),
                wording.parameter(name, found.value),
                "–" if ends is None else wording.parameter_range(name, ends),
                say("trial_note.status"),
                texts.text(wording.lang, f"trial_method.{result.method}"),
            )
        )
    keys = ("column.parameter", "column.value", "trial_note.interval_column", "column.status", "column.rests_on")
    caption = say("inputs.fitted", title=wording.title)
    return [*blocks, Table(caption, tuple(say(key) for key in keys), tuple(lines), numeric=(1, 2))]


def trial_data_of(result: ComparisonResult) -> dict[str, Any]:
    """Return a trial's analysis as plain data, with its files and scenarios.

    Parameters
    ----------
    result : ComparisonResult
        The comparison.

    Returns
    -------
    dict
        With the one key ``trial_analysis``; empty where the figures were reported.
    """
    if not isinstance(result, TrialResult):
        return {}
    told = [
        {
            "code": each.code,
            "delta_cost": each.delta_cost.value,
            "delta_cost_interval": each.delta_cost.interval,
            "delta_effect": each.delta_effect.value,
            "delta_effect_interval": each.delta_effect.interval,
            "p_cost_effective": each.p_cost_effective,
            "p_cost_effective_monte_carlo_se": each.p_cost_effective_error,
        }
        for each in result.scenarios
    ]
    return {
        "trial_analysis": {
            **result.trial.to_json(),
            "source": vars(result.trial_source),
            "scenarios": told,
            "scenarios_left_out": left_out(result.scenarios) if result.scenarios else [],
        }
    }
