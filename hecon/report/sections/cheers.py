"""Annex: CHEERS 2022, all 28 items with where the note answers each; it says what is reported, not how good that is."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

from hecon.assessment.guidelines import MET, NOT_MET
from hecon.assessment.records import ModelResult, TrialResult
from hecon.dossier.documents import extent_read
from hecon.files.parts import NOT_REPORTED
from hecon.report.document import Block, Heading, Paragraph, Table
from hecon.report.words.common import capital, missing_words
from hecon.report.words.comparisons import ComparisonWords

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from hecon.assessment import Assessment, ComparisonResult
    from hecon.files.parts import Extent
    from hecon.locale import Locale


# Costs and effects of the first year are not discounted.
_YEAR = 12
_PART = "in part"


@dataclass(frozen=True)
class ItemAnswer:
    """Where an item is answered: headings of the note, and the comparisons whose sources leave it open.

    Attributes
    ----------
    item : str, code of the item
    where : tuple of str, headings under which it is answered
    open, partly : tuple of ComparisonResult, comparisons that do not answer it, and that do so in part
    lacks : str or None, code of what is missing of an item that is answered in part
    status : {"answered", "in part", "not applicable", "not reported", "not looked up"}
    """

    item: str
    where: tuple[str, ...] = ()
    open: tuple[ComparisonResult, ...] = ()
    partly: tuple[ComparisonResult, ...] = ()
    lacks: str | None = None
    status: str = "answered"


class _Own(NamedTuple):
    """The title of a comparison, and how much was read of its sources."""

    title: str
    extent: Extent | None


@dataclass(frozen=True)
class _Note:
    """The note of an assessment in one language, as items look for their answers in it."""

    assessment: Assessment
    locale: Locale

    def headings(self, *keys: str | None) -> tuple[str, ...]:
        """Return the headings by these keys of the catalogue."""
        return tuple(self.locale.text(key) for key in keys if key is not None)

    def title(self, result: ComparisonResult, *, details: bool = False) -> str:
        """Return the heading of a comparison, or that of its annex."""
        title = self.own[result.spec.id].title
        return self.locale.text("comparison.details", title=title) if details else title

    def titles(self, results: Iterable[ComparisonResult], *, details: bool) -> tuple[str, ...]:
        """Return these headings, each once."""
        return tuple(dict.fromkeys(self.title(each, details=details) for each in results))

    def extent(self, results: Iterable[ComparisonResult]) -> str | None:
        """Return "whole" where the sources of all these comparisons were read whole, else how much of the first not."""
        return next((each for result in results if (each := self.own[result.spec.id].extent) != "whole"), "whole")

    @cached_property
    def own(self) -> dict[str, _Own]:
        """What items look up of each comparison, by its id."""
        dossier = self.assessment.dossier
        return {
            each.spec.id: _Own(ComparisonWords(dossier, each.spec, self.locale).title, extent_read(dossier, each.spec))
            for each in self.assessment.comparisons
        }


def _at(*keys: str) -> Callable[[_Note, str], ItemAnswer]:
    """Return the rule of an item that the note always answers under these headings."""
    return lambda note, item: ItemAnswer(item, note.headings(*keys))


def _title(note: _Note, item: str) -> ItemAnswer:
    return ItemAnswer(item, note.headings("cheers.title_here"))


def _by_comparison(
    answered: Callable[[ComparisonResult], bool | str], lacks: str | None = None, *, details: bool = True
) -> Callable[..., ItemAnswer]:
    """Return the rule of an item that comparisons answer by fields, in their annex or, without `details`, in the body.

    They do, do not, or do so in part: "in part". Where the fields lack `lacks` alone, the item is answered in part.
    """

    def rule(note: _Note, item: str) -> ItemAnswer:
        results = note.assessment.comparisons
        without = tuple(each for each in results if not answered(each))
        partly = tuple(each for each in results if answered(each) == _PART)
        shown = results if lacks is not None else tuple(each for each in results if each not in without)
        where = note.titles(shown, details=details)
        missing = NOT_REPORTED if note.extent(without) == "whole" else "not looked up"
        status = "answered" if not (without or partly) else _PART if where else missing
        return ItemAnswer(item, where, without, partly, lacks if without else None, status)

    return rule


def _open(_: ComparisonResult) -> bool:
    """No field of a dossier holds this."""
    return False


def _reports(*keys: str) -> Callable[[ComparisonResult], bool | str]:
    """Return whether a comparison reports one of these, or that it does so in part."""

    def told(result: ComparisonResult) -> bool | str:
        states = [each.state for key in keys if (each := getattr(result.spec.reporting, key)) is not None]
        return True if "answered" in states else _PART if _PART in states else False

    return told


def _is_trial(result: ComparisonResult) -> bool:
    return isinstance(result, TrialResult)


def _discounts(result: ComparisonResult) -> bool:
    spec = result.spec
    return spec.horizon_months <= _YEAR or NOT_REPORTED not in {spec.discount_cost, spec.discount_effect}


def _measures(result: ComparisonResult) -> bool:
    return _is_trial(result) or bool(_reports("value_set")(result))


def _answers(result: ComparisonResult, point: str) -> bool:
    """Return whether the dossier says how a point of the guideline was done, and not that this is not known."""
    answer = result.spec.guideline.get(point)
    return answer is not None and answer.outcome in {MET, NOT_MET}


def _values(result: ComparisonResult) -> bool:
    if isinstance(result, TrialResult):
        return result.trial_source.value_set is not None
    return _answers(result, "quality_of_life")


def _counts_costs(result: ComparisonResult) -> bool:
    return _is_trial(result) or _answers(result, "costs")


def _has_price_year(result: ComparisonResult) -> bool:
    return result.spec.price_year != NOT_REPORTED


def _analyses(result: ComparisonResult) -> bool | str:
    return _is_trial(result) or _reports("analysis", "missing_data")(result)


def _has_uncertainty(result: ComparisonResult) -> bool:
    return result.draws is not None


def _setting(note: _Note, item: str) -> ItemAnswer:
    """Return where the care is given, which the conditions say."""
    if note.assessment.dossier.note.conditions.where is not None:
        return ItemAnswer(item, note.headings("note.where"))
    return _by_comparison(_open)(note, item)


def _population(note: _Note, item: str) -> ItemAnswer:
    """Return the question by its elements, and the studies where the dossier has any."""
    studies = "note.part_evidence" if note.assessment.dossier.note.study else None
    return ItemAnswer(item, note.headings("pico.heading", studies))


def _analytics(note: _Note, item: str) -> ItemAnswer:
    """Return the validity of the comparisons, and the annex of those that are computed from patient data."""
    found = _by_comparison(_analyses)(note, item)
    computed = (each for each in note.assessment.comparisons if _is_trial(each))
    where = (*note.headings("validity.heading"), *note.titles(computed, details=True)) if found.where else ()
    return replace(found, where=where)


def _model(note: _Note, item: str) -> ItemAnswer:
    """Return the annex of the comparisons from a model, which names it and who made it and does not describe it."""
    models = tuple(each for each in note.assessment.comparisons if isinstance(each, ModelResult))
    if not models:
        return ItemAnswer(item, status="not applicable")
    return ItemAnswer(item, note.titles(models, details=True), partly=models, status=_PART)


def _uncertain(heading: str) -> Callable[[_Note, str], ItemAnswer]:
    """Return the rule of an item that draws answer, and the part on the value of research where there is one."""

    def rule(note: _Note, item: str) -> ItemAnswer:
        found = _by_comparison(_has_uncertainty, details=False)(note, item)
        more = note.headings(heading) if found.where and note.assessment.information else ()
        return replace(found, where=(*more, *found.where))

    return rule


def _discussion(note: _Note, item: str) -> ItemAnswer:
    """Return the conclusion, reservations, evidence, where it holds and what is not known, as far as on file."""
    dossier = note.assessment.dossier
    caveats = any(each.spec.caveat for each in note.assessment.comparisons)
    where = note.headings(
        "conclusion.heading" if dossier.note.conclusion is not None else None,
        "comparison.caveats" if caveats else None,
        "note.part_evidence" if dossier.note.study else None,
        "validity.transfer" if any(each.transfer is not None for each in dossier.note.study) else None,
        "gap.heading" if dossier.note.gap else None,
    )
    return ItemAnswer(item, where) if where else _by_comparison(_open)(note, item)


def _background(note: _Note, item: str) -> ItemAnswer:
    reason = "note.reason" if note.assessment.dossier.note.reason is not None else None
    return ItemAnswer(item, note.headings("conclusion.heading", reason))


# The items in their order: section, code, and the rule that says where it is answered.
ITEMS: tuple[tuple[str, str, Callable[[_Note, str], ItemAnswer]], ...] = (
    ("title", "title", _title),
    ("abstract", "abstract", _at("conclusion.heading")),
    ("introduction", "background", _background),
    ("methods", "analysis_plan", _by_comparison(_is_trial)),
    ("methods", "population", _population),
    ("methods", "setting", _setting),
    ("methods", "comparators", _by_comparison(lambda _: True, details=False)),
    ("methods", "perspective", _by_comparison(lambda _: True)),
    ("methods", "horizon", _by_comparison(lambda _: True)),
    ("methods", "discount_rate", _by_comparison(_discounts)),
    ("methods", "selection", _by_comparison(lambda _: True, details=False)),
    ("methods", "measurement", _by_comparison(_measures)),
    ("methods", "valuation", _by_comparison(_values)),
    ("methods", "resources", _by_comparison(_counts_costs)),
    ("methods", "currency", _by_comparison(_has_price_year, lacks="price_year")),
    ("methods", "model", _model),
    ("methods", "analytics", _analytics),
    ("methods", "heterogeneity", _by_comparison(_reports("subgroups"))),
    ("methods", "distribution", _by_comparison(_reports("equity"))),
    ("methods", "uncertainty", _uncertain("worth.details")),
    ("methods", "engagement", _by_comparison(_open)),
    ("results", "parameters", _at("inputs.heading")),
    ("results", "results", _at("conclusion.heading", "summary.overview")),
    ("results", "effect_of_uncertainty", _uncertain("worth.heading")),
    ("results", "effect_of_engagement", _by_comparison(_open)),
    ("discussion", "discussion", _discussion),
    ("other", "funding", _by_comparison(_reports("funding"))),
    ("other", "interests", _by_comparison(_reports("interests"))),
)


def answers(assessment: Assessment, locale: Locale) -> tuple[ItemAnswer, ...]:
    """Return where each of the 28 items is answered, in their order."""
    return _items(_Note(assessment, locale))


def _items(note: _Note) -> tuple[ItemAnswer, ...]:
    return tuple(rule(note, code) for _, code, rule in ITEMS)


def annex(assessment: Assessment, locale: Locale) -> list[Block]:
    """Return the items as a table; nothing without comparisons."""
    if not assessment.comparisons:
        return []
    note = _Note(assessment, locale)
    rows = tuple(
        (
            str(number),
            locale.text(f"cheers_section.{part}"),
            locale.text(f"cheers_item.{code}"),
            _words(answer, note),
        )
        for number, ((part, code, _), answer) in enumerate(zip(ITEMS, _items(note), strict=True), 1)
    )
    header = tuple(locale.text(f"cheers.{key}") for key in ("number", "part", "item", "where"))
    return [
        Heading(2, locale.text("cheers.heading")),
        Paragraph(locale.text("cheers.purpose")),
        Table(locale.text("cheers.caption"), header, rows, numeric=(0,), prose=(2, 3)),
    ]


def _words(answer: ItemAnswer, note: _Note) -> str:
    """Return the headings under which an item is answered, and what is missing of which comparison."""
    assessment, locale = note.assessment, note.locale
    if answer.status == "not applicable":
        return locale.text("cheers.no_model")
    where = answer.where
    for key, details in (("every_comparison", False), ("every_annex", True)):
        titles = note.titles(assessment.comparisons, details=details)
        if len(titles) > 1 and where[-len(titles) :] == titles:
            where = (*where[: -len(titles)], locale.text(f"cheers.{key}"))
    told = ["; ".join(where)] if where else []
    if answer.partly:
        named = "; ".join(note.titles(answer.partly, details=False))
        some = len(answer.partly) < len(assessment.comparisons)
        what = locale.text("cheers.partly")
        told.append(locale.text("cheers.of", what=what, names=named) if some else what)
    if answer.open:
        missing = missing_words(note.extent(answer.open), locale)
        what = missing if answer.lacks is None else f"{locale.text(f'setting.{answer.lacks}')} {missing}"
        some = len(answer.open) < len(assessment.comparisons)
        named = "; ".join(note.titles(answer.open, details=False))
        told.append(locale.text("cheers.of", what=what, names=named) if some else what)
    return capital("; ".join(told))


def data(assessment: Assessment, locale: Locale) -> dict[str, Any]:
    """Return the same as plain data."""
    if not assessment.comparisons:
        return {"cheers": None}
    note = _Note(assessment, locale)
    found = [
        {
            "number": number,
            "item": locale.text(f"cheers_item.{code}"),
            "status": answer.status,
            "where": list(answer.where),
            "open": [each.spec.id for each in answer.open],
            "partly": [each.spec.id for each in answer.partly],
            "words": _words(answer, note),
        }
        for number, ((_, code, _), answer) in enumerate(zip(ITEMS, _items(note), strict=True), 1)
    ]
    return {"cheers": found}
