"""The note of a dossier: studies, outcomes, criteria and other parts with their sources, and their faults."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import Field, field_serializer

from hecon.dossier.documents import DatePrinted, Statement, date_faults, iso_date, last_day
from hecon.files.faults import Fault, collect_error, near, path_of, shown, tables
from hecon.files.parts import (
    Extent,
    Identifier,
    IntervalEnd,
    Number,
    Part,
    Reference,
    Size,
    Sound,
    Sources,
    Status,
    Text,
    Words,
    is_number,
    not_above_0,
    not_upwards,
    unruled,
)
from hecon.rules.package_criteria import Judged

if TYPE_CHECKING:
    from collections.abc import Iterator


class _Fact(Part):
    """A fact with status and sources; a derived one states its rule."""

    status: Status = "reported"
    rule: Text | None = None
    note: Text | None = None
    sources: Sources


class DesignFact(_Fact):
    """Design of the study."""

    kind: Literal["design"]
    value: Literal[
        "randomised",
        "randomised, non-inferiority",
        "randomised, superiority",
        "cluster-randomised stepped wedge",
        "running",
        "systematic review",
        "systematic review with meta-analysis",
        "umbrella review",
        "guideline",
        "assessment",
    ]


class PatientsFact(_Fact):
    """Number of patients of the whole study, as printed."""

    kind: Literal["patients"]
    value: Size


class PatientsPerArm(_Fact):
    """Numbers of patients of the arms, which together are the study."""

    kind: Literal["arms"]
    value: tuple[Size, Size]
    intervention: Text
    comparator: Text


class AgeFact(_Fact):
    """Age of the patients [years]: the range that was eligible, its lower end alone (`at_least`), or a mean."""

    kind: Literal["age"]
    range: tuple[Number, Number] | None = None
    at_least: Number | None = None
    mean: Number | None = None


class FollowUpFact(_Fact):
    """When outcomes were measured [months after the start]."""

    kind: Literal["follow-up"]
    months: Annotated[tuple[Number, ...], Field(min_length=1)]


class PedroFact(_Fact):
    """Score for the risk of bias on the PEDro scale, of 10."""

    kind: Literal["pedro"]
    value: Annotated[int, Field(ge=0, le=10)]


class IncludedFact(_Fact):
    """Number of studies that a review included, and how many of these were randomised where that was printed."""

    kind: Literal["included-studies"]
    value: Size
    randomised: Size | None = None


class CertaintyFact(_Fact):
    """Certainty of the evidence as the authors rated it; the system where the source names one."""

    kind: Literal["certainty"]
    value: Literal["high", "moderate", "low", "very low"]
    system: Literal["GRADE", "not stated"] = "not stated"


class CrossoverFact(_Fact):
    """Patients of the arm without surgery who had it after all: a percentage, a count, or both; when, in months."""

    kind: Literal["crossover"]
    percent: Number | None = None
    count: Size | None = None
    of: Size | None = None
    within_months: Number | None = None
    mean_months: Number | None = None


Fact = Annotated[
    DesignFact
    | PatientsFact
    | PatientsPerArm
    | AgeFact
    | FollowUpFact
    | PedroFact
    | IncludedFact
    | CertaintyFact
    | CrossoverFact,
    Field(discriminator="kind"),
]


class OutcomeArms(Part):
    """Values of the two arms of a difference, in the order intervention, comparator."""

    mean: tuple[Number, Number]
    sd: tuple[Number, Number] | None = None
    se: tuple[Number, Number] | None = None
    n: tuple[Size, Size] | None = None
    sources: tuple[Reference, ...] = ()


class MarginProbability(Part):
    """A published probability that an arm is no worse than the margin of an outcome."""

    value: Number
    status: Status = "reported"
    sources: Sources


class Outcome(Part):
    """A difference that a study printed, intervention minus comparator, with its interval as printed.

    `instrument` is what it was measured with, as "IKDC": each [[note.margin]] of that instrument is told beside it.
    Only a margin or minimal important difference of the outcome itself decides.

    Differences only: a hazard, odds or risk ratio belongs here as its logarithm. A margin is one of non-inferiority of
    the intervention, or of the comparator where `margin_for` says so. To the audit an estimate off the middle of its
    interval is inconsistent, or worth a look where `symmetrical` is false, as for costs; it should be the difference of
    the arms where `adjusted` is false, while true or nothing said leaves it open to adjustment. A p value beside a
    margin is not held against the interval, as it may be one of non-inferiority. Outcomes of one `forest` stand in one
    forest plot: the same arms, the same way round, on comparable scales. Of costs, and of a difference at baseline, no
    relevance is judged. `relevance` is what the sources judge of it, and `p_margin` a published probability that the
    arm of the margin is no worse than that.
    """

    name: Text
    instrument: Words | None = None
    better: Literal["higher", "lower"]
    intervention: Text
    comparator: Text
    estimate: Number
    ci: tuple[IntervalEnd, IntervalEnd] | None = None
    level: Number = Decimal("0.95")
    p: Number | None = None
    p_below: Number | None = None
    arms: OutcomeArms | None = None
    adjusted: bool | None = None
    forest: Identifier | None = None
    of: Literal["health", "costs", "baseline"] = "health"
    margin: Number | None = None
    margin_for: Literal["intervention", "comparator"] = "intervention"
    symmetrical: bool = True
    minimal_important_difference: Number | None = None
    p_margin: MarginProbability | None = None
    relevance: Statement | None = None
    remark: Text | None = None
    sources: Sources


class Study(Part):
    """A study or review that was weighed; `read` is how much of it was, where its documents do not tell.

    `trial` is the name of the trial that this is a publication of, as a comparison has it; without it a study is of the
    trial that its name begins with. A study that is known only from what another document quotes has
    ``read = "quoted"``. `transfer` is what the sources
    say of whether a study from abroad holds in the country of the rules; `instruments` are those of which no difference
    is on file.
    """

    origin: Literal["dutch", "international"]
    name: Words
    trial: Words | None = None
    read: Extent | None = None
    text: Text
    risk_of_bias: Text | None = None
    transfer: Statement | None = None
    instruments: tuple[Words, ...] = ()
    fact: tuple[Fact, ...] = ()
    outcome: tuple[Outcome, ...] = ()
    sources: Sources


class Conditions(Part):
    """Conditions for appropriate care in practice."""

    what: Statement | None = None
    where: Statement | None = None
    for_whom: Statement | None = None
    by_whom: Statement | None = None
    monitoring: Statement | None = None
    other: Statement | None = None


class Criterion(Statement):
    """What the sources say of a package criterion, who judged it, and which parties took the judgement over.

    The parties stand by their ids in the programme, such as "academic-expert", "zn" or "patients". `option` is the id
    of the strategy that was judged, where it is not the one that the question asks about. Where the source prints no
    day of the judgement, `judged_on_printed` tells what it does print, and `judged_on` is the first day of that.
    """

    judgement: Literal["positive", "negative", "described", "not judged"] = "not judged"
    option: Identifier | None = None
    judged_by: Identifier | None = None
    judged_on: dt.date | None = None
    judged_on_printed: DatePrinted = "day"
    adopted_by: tuple[Identifier, ...] = ()
    not_adopted_by: tuple[Identifier, ...] = ()

    @field_serializer("judged_on", when_used="json-unless-none")
    def _filed(self, date: dt.date) -> str:
        return iso_date(date, self.judged_on_printed)

    def judged(self) -> Judged:
        """Return the judgement as the rules of the package know it."""
        return Judged(
            self.judgement,
            by=self.judged_by or "",
            on=None if self.judged_on is None else last_day(self.judged_on, self.judged_on_printed),
            adopted_by=self.adopted_by,
            not_adopted_by=self.not_adopted_by,
        )


class NoteCriteria(Part):
    """The four package criteria, as far as the sources speak of them."""

    effectiveness: Criterion | None = None
    cost_effectiveness: Criterion | None = None
    necessity: Criterion | None = None
    feasibility: Criterion | None = None


class Pico(Part):
    """The elements of the question as the sources word it; the population is that of the indication if left out."""

    population: Statement | None = None
    intervention: Statement | None = None
    comparator: Statement | None = None
    outcomes: Statement | None = None
    horizon: Statement | None = None
    perspective: Statement | None = None


class Margin(Part):
    """A margin of an instrument that the sources know of besides those of the outcomes; told, it decides nothing.

    `of` is what it was meant for: a "difference" between groups, or a "change" within one. `state` "to check" is a
    value from a document that was not read itself; of "not looked up" there is a source but no value.
    """

    instrument: Words
    what: Text
    value: Number | None = None
    range: tuple[Number, Number] | None = None
    unit: Text
    of: Literal["difference", "change"] = "difference"
    population: Literal["same", "other", "not stated"]
    state: Literal["read", "to check", "not looked up"]
    sources: Sources


class Gap(Part):
    """Something that is not known, and what knowing it would settle.

    `kind` tells whether a study of it is "running", a document or decision is "expected", or the sources name neither.
    """

    kind: Literal["running", "expected", "unknown"]
    name: Text
    text: Text
    settles: Text
    sources: Sources


class Note(Part):
    """The parts of an expert note around the figures; `author` and `date` are those of this note, not of one it cites.

    `decision` is which decision on the package is asked, and of whom; `no_budget` is what the sources say of a budget
    impact where the dossier has none.
    """

    author: Words | None = None
    date: dt.date | None = None
    reason: Statement | None = None
    pico: Pico = Pico()
    decision: Statement | None = None
    study: tuple[Study, ...] = ()
    margin: tuple[Margin, ...] = ()
    gap: tuple[Gap, ...] = ()
    conclusion: Statement | None = None
    conditions: Conditions = Conditions()
    criteria: NoteCriteria = NoteCriteria()
    no_budget: Statement | None = None


_OPEN = Decimal("inf")


def of_trial(note: Note, trial: str) -> list[Study]:
    """Return the studies of a trial: those that name it, or without one are called so, as "COMPARE (Reijman 2021)"."""
    return [each for each in note.study if trial_of(each) == trial]


def trial_of(study: Study) -> str:
    """Return the trial of a study: the one that it names, or else what its name begins with, up to a bracket."""
    return study.name.partition(" (")[0] if study.trial is None else study.trial


def note_faults(tree: dict[str, Any], sound: Sound) -> Iterator[Fault]:
    """Yield the faults of a note beyond its schema: date, extents, studies and criteria."""
    note = tree.get("note")
    yield from _date_faults(note, tree)
    yield from _extent_faults(tree)
    if isinstance(note, dict) and "no_budget" in note and "budget" in tree:
        yield path_of("note", "no_budget"), "must not stand beside [budget], got both: remove this"
    yield from _outcome_faults(note)
    yield from study_faults(note)
    yield from _trial_faults(tree)
    yield from _margin_faults(note)
    yield from _criteria_faults(note, sound)


def _date_faults(note: Any, tree: dict[str, Any]) -> Iterator[Fault]:  # noqa: ANN401
    """Yield the fault of a note older than a document or judgement that it uses."""
    written = note.get("date") if isinstance(note, dict) else None
    if type(written) is not dt.date:
        return
    cited = _cited(tree)
    later = [
        (item["date"], f"document {item['id']!r}")
        for _, item in tables(tree, "document")
        if type(item.get("date")) is dt.date and isinstance(item.get("id"), str) and item["id"] in cited
    ]
    criteria = note.get("criteria")
    later += [
        (item["judged_on"], f"the judgement in note.criteria.{name}")
        for name, item in (criteria.items() if isinstance(criteria, dict) else ())
        if isinstance(item, dict) and type(item.get("judged_on")) is dt.date
    ]
    latest = max(later, default=None)
    if latest is not None and latest[0] > written:
        message = (
            f"must not be before what the note uses, got {written}, while {latest[1]} is of {latest[0]}: give the date "
            "of this note, not of a note that it draws on"
        )
        yield "note.date", message


def _cited(node: Any) -> set[Any]:  # noqa: ANN401
    """Return the ids of the documents that a parsed part cites."""
    if isinstance(node, dict):
        names = [source.get("document") for _, source in tables(node, "sources")]
        own = {name for name in names if isinstance(name, str)}
        return own.union(*(_cited(value) for value in node.values()))
    return set().union(*(_cited(item) for item in node)) if isinstance(node, (list, tuple)) else set()


def read_in_part(tree: dict[str, Any], item: dict[str, Any]) -> list[str]:
    """Return the documents that a parsed part cites and that were not read whole."""
    partly = {
        each["id"]
        for _, each in tables(tree, "document")
        if isinstance(each.get("id"), str) and each.get("extent", "whole") != "whole"
    }
    return sorted(partly & _cited(item), key=str)


def _extent_faults(tree: dict[str, Any]) -> Iterator[Fault]:
    """Yield each part read "whole" that cites a document not read whole."""
    parts = [(f"comparison[{place}]", item) for place, item in tables(tree, "comparison")]
    parts += [(f"note.study[{place}]", item) for place, item in tables(tree.get("note"), "study")]
    parts += [("budget", tree["budget"])] if isinstance(tree.get("budget"), dict) else []
    for path, item in parts:
        names = read_in_part(tree, item) if item.get("read") == "whole" else []
        if names:
            less = ", ".join(map(repr, names))
            yield f"{path}.read", f"must not be 'whole', as of {less} less was read: leave it out"


def _outcome_faults(note: Any) -> Iterator[Fault]:  # noqa: ANN401
    for number, study in tables(note, "study"):
        for position, item in tables(study, "outcome"):
            path = f"note.study[{number}].outcome[{position}]"
            level = item.get("level")
            if is_number(level) and not 0.5 <= level < 1:  # noqa: PLR2004
                yield f"{path}.level", f"must lie in [0.5, 1), got {shown(level)}: write a share, as in 0.95 for 95%"
            yield from not_above_0(item, ["margin", "minimal_important_difference"], path, ": give its size")
            yield from _probability_faults(item, f"{path}.p_margin")
            ends = item.get("ci")
            if not isinstance(ends, tuple):
                continue
            is_open = [isinstance(end, Decimal) and end.is_infinite() for end in ends]
            if any(is_open) and is_number(level) and 0 < level <= Decimal("0.5"):
                yield f"{path}.level", f"must be above 0.5 for an interval with an open end, got {shown(level)}"
            if len(ends) == 2 and (ends[0] == _OPEN or ends[1] == -_OPEN):  # noqa: PLR2004
                yield f"{path}.ci", "must be open below by -inf as its first end, or above by inf as its second"
            if ends and all(is_open):
                yield f"{path}.ci", "must have a finite end: leave the outcome out if it has no interval"


def _probability_faults(item: dict[str, Any], path: str) -> Iterator[Fault]:
    """Yield a probability of an outcome's margin that is none, or that has no margin to be of."""
    told = item.get("p_margin")
    if not isinstance(told, dict):
        return
    if "margin" not in item:
        yield path, "must stand beside margin: add the one that it is the probability of"
    value = told.get("value")
    if is_number(value) and not 0 <= value <= 1:
        yield f"{path}.value", f"must lie in [0, 1], got {shown(value)}: write a share, as in 0.97 for 97%"


def study_faults(note: Any) -> Iterator[Fault]:  # noqa: ANN401
    """Yield the faults of the facts of studies and of the arms of their outcomes."""
    for number, study in tables(note, "study"):
        for position, item in tables(study, "fact"):
            yield from _fact_faults(item, f"note.study[{number}].fact[{position}]")
        for position, item in tables(study, "outcome"):
            yield from _value_faults(item, f"note.study[{number}].outcome[{position}]")


def _trial_faults(tree: dict[str, Any]) -> Iterator[Fault]:
    """Yield the trial of a study that is that of no comparison and of no other study."""
    studies = list(tables(tree.get("note"), "study"))
    compared = [item.get("trial") for _, item in tables(tree, "comparison")]
    named = [study.get("trial") for _, study in studies]
    for number, study in studies:
        trial = study.get("trial")
        if isinstance(trial, str) and trial not in compared and named.count(trial) == 1:
            known = list(dict.fromkeys(each for each in compared if isinstance(each, str)))
            rule = f"must be the trial of a comparison or of another study, got {shown(trial)}"
            yield f"note.study[{number}].trial", rule + near(trial, known, listed="compared are")


def _fact_faults(item: dict[str, Any], path: str) -> Iterator[Fault]:
    yield from unruled(item, path)
    kind, whole, part = item.get("kind"), item.get("value"), item.get("randomised")
    if kind == "crossover":
        yield from _crossover_faults(item, path)
    if kind == "included-studies" and isinstance(whole, int) and isinstance(part, int) and not 0 <= part <= whole:
        yield f"{path}.randomised", f"must lie between 0 and value, got {shown(part)} of {shown(whole)}"
    if kind == "patients" and isinstance(whole, int) and whole <= 0:
        yield f"{path}.value", f"must be above 0, got {shown(whole)}"
    if kind == "arms":
        yield from not_above_0(item, ["value"], path)
    if kind == "age":
        yield from not_upwards(item, "range", path)
        if not {"range", "at_least", "mean"} & set(item):
            yield path, "must have range, at_least or mean"


def _value_faults(item: dict[str, Any], path: str) -> Iterator[Fault]:
    for key in ("p", "p_below"):
        value = item.get(key)
        if is_number(value) and not 0 <= value <= 1:
            yield f"{path}.{key}", f"must lie in [0, 1], got {shown(value)}"
    below = item.get("p_below")
    if is_number(below) and below == 0:
        yield f"{path}.p_below", "must be above 0, got 0: no p value lies below it"
    if "p" in item and "p_below" in item:
        yield f"{path}.p_below", "must not stand beside p: keep the one that was printed"
    arms = item.get("arms")
    lists = [key for key in ("sd", "se", "n") if isinstance(arms, dict) and isinstance(arms.get(key), tuple)]
    yield from not_above_0(arms, lists, f"{path}.arms")


def _crossover_faults(item: dict[str, Any], path: str) -> Iterator[Fault]:
    percent, count, of = (item.get(key) for key in ("percent", "count", "of"))
    if percent is None and count is None:
        yield path, "must have percent, count and of, or all three"
    if (count is None) != (of is None):
        yield path, "must have count and of together"
    if is_number(percent) and not 0 <= percent <= 100:  # noqa: PLR2004 (per cent)
        yield f"{path}.percent", f"must lie in [0, 100], got {shown(percent)}"
    if isinstance(count, int) and isinstance(of, int) and not 0 <= count <= of:
        yield f"{path}.count", f"must lie between 0 and of, got {shown(count)} of {shown(of)}"
    if of == 0:
        yield f"{path}.of", "must be above 0, got 0"


def _margin_faults(note: Any) -> Iterator[Fault]:  # noqa: ANN401
    """Yield a margin without a usable value, one of no outcome's instrument, and one that an outcome should have."""
    studies = [study for _, study in tables(note, "study")]
    measured = [item.get("instrument") for study in studies for _, item in tables(study, "outcome")]
    measured += [
        each for study in studies if isinstance(study.get("instruments"), tuple) for each in study["instruments"]
    ]
    measured = list(dict.fromkeys(each for each in measured if isinstance(each, str)))
    for number, item in tables(note, "margin"):
        path, instrument = f"note.margin[{number}]", item.get("instrument")
        if isinstance(instrument, str) and instrument not in measured:
            hint = near(instrument, measured, listed="known:")
            yield f"{path}.instrument", f"must be the instrument of an outcome or study, got {instrument!r}{hint}"
        yield from _size_faults(item, path)
        decides = item.get("population") == "same" and item.get("of", "difference") == "difference"
        if decides and item.get("state") == "read" and "value" in item:
            message = (
                "must not be a margin for differences in the same population that was read: give it to its outcome, as "
                "margin or minimal_important_difference"
            )
            yield path, message


def _size_faults(item: dict[str, Any], path: str) -> Iterator[Fault]:
    given = [key for key in ("value", "range") if key in item]
    if item.get("state") == "not looked up":
        for key in given:
            yield f"{path}.{key}", 'must not stand beside state "not looked up": remove one of them'
    elif len(given) != 1:
        yield path, f"must have value or range, got {'both: keep one' if given else 'neither: add one'}"
    yield from not_above_0(item, given, path, ": give its size")
    ends = item.get("range")
    if isinstance(ends, tuple) and len(ends) == 2 and all(map(is_number, ends)) and ends[0] > ends[1]:  # noqa: PLR2004
        yield f"{path}.range", f"must run from low to high, got [{shown(ends[0])}, {shown(ends[1])}]"


def _criteria_faults(note: Any, sound: Sound) -> Iterator[Fault]:  # noqa: ANN401
    criteria = note.get("criteria") if isinstance(note, dict) else None
    for name, raw in criteria.items() if isinstance(criteria, dict) else ():
        criterion = sound.of(raw, Criterion)
        if isinstance(raw, dict):
            yield from date_faults(raw, f"note.criteria.{name}", "judged_on")
        if criterion is not None:
            yield from collect_error(f"note.criteria.{name}", criterion.judged)


def judged_option_faults(tree: dict[str, Any], strategies: list[str]) -> Iterator[Fault]:
    """Yield a judged criterion of an unknown strategy, and one that does not tell of which of several it is."""
    note = tree.get("note")
    criteria = note.get("criteria") if isinstance(note, dict) else None
    for name, raw in criteria.items() if isinstance(criteria, dict) else ():
        option = raw.get("option") if isinstance(raw, dict) else None
        path = f"note.criteria.{name}.option"
        if isinstance(option, str) and option not in strategies:
            yield path, f"must be the id of an [[intervention]], got {shown(option)}{near(option, strategies)}"
        judged = isinstance(raw, dict) and raw.get("judgement") in ("positive", "negative")
        if judged and option is None and "answer" not in tree and len(strategies) > 1:
            yield path, "is missing: name the [[intervention]] that was judged, or give an [answer]"
