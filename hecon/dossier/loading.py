"""A dossier: its schema, its faults, how to read one, and the skeleton of a new one."""

from __future__ import annotations

import hashlib
import re
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import Field, PrivateAttr

from hecon import _checks
from hecon._io import TEXT_BYTES, exists, file_bytes
from hecon.dossier import FOLDER, names
from hecon.dossier.budget import BudgetPart, budget_faults, plan_of
from hecon.dossier.burden import NOT_JUDGED, Burden, burden_faults, inputs_faults
from hecon.dossier.comparison import Assumption, Comparison, comparison_faults, guideline_faults, in_pairs, pair_id
from hecon.dossier.comparison_data import SETTINGS, by_rules, data_faults, draws_faults, fill_settings, others_of
from hecon.dossier.documents import SourceDocument, date_faults, unknown_documents
from hecon.dossier.figures import FigureName, PrintedFigure, Relation, figure_faults
from hecon.dossier.note import CertaintyFact, DesignFact, Note, Outcome, judged_option_faults, note_faults, read_in_part
from hecon.dossier.programme import Programme, programme_faults
from hecon.dossier.shared import SharedComparator, shared_faults
from hecon.errors import DossierError, InputError
from hecon.files import toml
from hecon.files.faults import Fault, ids_in, near, path_of, repeated_ids, shown, tables, thousands
from hecon.files.parts import (
    IDENTIFIER,
    LANGUAGES,
    Format,
    Identifier,
    Number,
    Part,
    Sound,
    Sources,
    Status,
    Text,
    Words,
    children,
    is_number,
    not_above_0,
    validated,
)
from hecon.rulesets import DEFAULT, RuleSet, ruleset

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable, Iterator

    from hecon.budget import Plan

__all__ = ["FurtherStudy", "Research", "research_faults"]


class FurtherStudy(Part):
    """What a further study takes: one of the same design as the last, of a model the one that its draws state.

    Attributes
    ----------
    fixed_cost, cost_per_patient : number
        Costs of the study whatever its size, and of each participant [currency of the comparison].
    recruited_per_year : number, participants in all arms together
    analysis_months : number, months between the last measurement and the result
    status, basis : Status and Text, what these rest on
    sources : tuple of Reference
    """

    fixed_cost: Number
    cost_per_patient: Number
    recruited_per_year: Number
    analysis_months: Number = 0
    status: Status = "reported"
    basis: Text
    sources: Sources


class Research(Part):
    """For the value of further research.

    Attributes
    ----------
    population : str
        Id of the [[figure]] that counts the patients who face the decision [per year], whatever they then get.
    study : FurtherStudy or None
    """

    population: FigureName
    study: FurtherStudy | None = None


def research_faults(tree: dict[str, Any]) -> Iterator[Fault]:
    """Yield a population that is no single count on file, and amounts that are out of range."""
    part = tree.get("research")
    if not isinstance(part, dict):
        return
    name, figures = part.get("population"), {str(item.get("id")): item for _, item in tables(tree, "figure")}
    if isinstance(name, str) and name not in figures:
        hint = near(name, ids_in(tree, "figure"), listed="on file are")
        yield "research.population", f"must be the id of a [[figure]], got {shown(name)}{hint}"
    elif isinstance(name, str):
        value = figures[name].get("value")
        if value is None or (is_number(value) and value <= 0):
            got = "a range or series" if value is None else shown(value)
            yield "research.population", f"must be a figure with one value above 0, patients per year, got {got}"
    study = part.get("study")
    for key in ("fixed_cost", "cost_per_patient", "analysis_months"):
        value = study.get(key) if isinstance(study, dict) else None
        if is_number(value) and value < 0:
            yield f"research.study.{key}", f"must be at least 0, got {shown(value)}"
    yield from not_above_0(study, ["recruited_per_year"], "research.study")
    yield from thousands(study, ("fixed_cost", "cost_per_patient"), "research.study")


class Intervention(Part):
    """A strategy under comparison."""

    id: Identifier
    name: Text


class Answer(Part):
    """What answers the question of a dossier.

    Attributes
    ----------
    comparison : str, id of the comparison
    option : str, id of the strategy that the question asks about
    study : str or None, name of the study whose first difference in health the answer tells
    """

    comparison: Identifier
    option: Identifier
    study: Words | None = None


class Dossier(Part):
    """The evidence on file for one indication.

    Read one with `hecon.load`, or write one with ``hecon new``; ``hecon schema`` prints the JSON Schema.

    Attributes
    ----------
    format : int, version of the format: 1
    name : str, lower-case words joined by hyphens
    language : "nl", "en" or None
        The one language that its texts are in, where they are not in both; a note in the other says so.
    title, indication, question : Text, in both languages, or in that one
    rules : str, rules of the country by name, or the path of a file that begins at the dossier's folder
    burden : Burden, burden of disease as judged, and the inputs to compute it from
    intervention : tuple of Intervention, the strategies; none where nothing is compared
    comparison : tuple of Comparison
        One per trial, perspective and intervention; none where no economic evaluation is on file.
    shared_comparator : tuple of SharedComparator
        How published differences from one comparator are correlated, where the spread of its arm does not tell.
    answer : Answer or None
        The comparison that answers the question, and the option that the question asks about. Where it is left out,
        `Assessment.conclusion` takes the first comparison that the rules have values for, and its intervention.
    figure, relation : tuple of PrintedFigure, tuple of Relation
        Single figures as printed, and what must hold between them.
    budget : BudgetPart or None
        The part [budget] as written, which is the attribute `budget_part`; the attribute `budget` is the plan that it
        tells.
    document : tuple of SourceDocument, the sources
    note : Note, the parts of an expert note around the figures
    research : Research or None, who face the decision, for the value of further research
    """

    format: Format
    name: Identifier
    language: Literal["nl", "en"] | None = None
    title: Text
    indication: Text
    question: Text
    rules: Words = Field(DEFAULT)
    burden: Burden
    intervention: tuple[Intervention, ...] = ()
    comparison: tuple[Comparison, ...] = ()
    shared_comparator: tuple[SharedComparator, ...] = ()
    answer: Answer | None = None
    figure: tuple[PrintedFigure, ...] = ()
    relation: tuple[Relation, ...] = ()
    budget_part: BudgetPart | None = Field(default=None, alias="budget")
    document: Annotated[tuple[SourceDocument, ...], Field(min_length=1)]
    note: Note = Note()
    research: Research | None = None

    _digest: str = PrivateAttr(default="")
    _text: str = PrivateAttr(default="")
    _folder: Path = PrivateAttr(default_factory=Path)
    _rules_read: tuple[str, RuleSet] | None = PrivateAttr(default=None)
    _filed: Dossier | None = PrivateAttr(default=None)

    @property
    def digest(self) -> str:
        """SHA-256 of the file that the dossier was read from."""
        return self._digest

    @property
    def folder(self) -> Path:
        """Folder that names of data files are relative to: the file's; of a dossier without one the working folder."""
        return self._folder

    @property
    def ruleset(self) -> RuleSet:
        """The rules of the country, as the file of them was when it was first read."""
        if self._rules_read is None or self._rules_read[0] != self.rules:
            self._rules_read = (self.rules, _ruleset(self.rules, self.folder))
        return self._rules_read[1]

    @property
    def filed(self) -> Dossier:
        """The dossier as filed, under its own rules."""
        return self if self._filed is None else self._filed

    def under(self, rules: str | Path | RuleSet | None = None, *, on: dt.date | None = None) -> Dossier:
        """Return the dossier under other rules, or under its own ones on a day.

        A band that was judged by its own rules stands aside where the others do not have it, and the inputs of a burden
        where the others name no tables for them; notes tell so.
        """
        chosen = ruleset(self.ruleset if rules is None else rules, on=on)
        if chosen is self.ruleset:
            return self
        burden, band = self.burden, self.burden.band
        aside: dict[str, Any] = {} if band in chosen.values_on().bands else {"band": NOT_JUDGED}
        if burden.inputs is not None and any(inputs_faults(burden.inputs, chosen)):
            aside["inputs"] = None
        name = _called(chosen, rules)
        own = {"comparison": tuple(_at_rates(each, chosen) for each in self.comparison)}
        moved: Dossier = self.model_copy(update={"rules": name, "burden": burden.model_copy(update=aside), **own})
        moved._rules_read, moved._filed = (name, chosen), self.filed
        return moved

    @property
    def budget(self) -> Plan | None:
        """The plan of its budget impact, for `hecon.budget_impact`; None where no budget is on file.

        Its amounts are those of the file, whatever rules it is held against.
        """
        if self.budget_part is None:
            return None
        home = self.filed.ruleset.currency
        return plan_of(self.name, self.title, self.budget_part, self.figure, home=home)

    def named(self, identifier: str) -> Intervention:
        """Return an intervention."""
        by_id = {intervention.id: intervention for intervention in self.intervention}
        return by_id[_checks.one_of("intervention", identifier, list(by_id))]

    def cited(self, identifier: str) -> SourceDocument:
        """Return a source document."""
        by_id = {document.id: document for document in self.document}
        return by_id[_checks.one_of("document", identifier, list(by_id))]

    @classmethod
    def json_schema(cls) -> dict[str, Any]:
        """Return the JSON Schema of a dossier."""
        found = cls.model_json_schema()
        # A file that states one language has one half of each text.
        text = found["$defs"]["Text"]
        text["minProperties"] = len(text.pop("required")) - 1
        # What the design of patient data states may be left to it.
        compared = found["$defs"]["Comparison"]
        compared["required"] = [key for key in compared["required"] if key not in SETTINGS]
        compared |= {"if": {"required": ["data"]}, "else": {"required": list(SETTINGS)}}
        return {"$schema": "https://json-schema.org/draft/2020-12/schema", **found}


def _at_rates(spec: Comparison, rules: RuleSet) -> Comparison:
    """Return a comparison with the rates of rules, where it has those of the rules that it was loaded under."""
    keys = [key for key, of in (spec.data.taken if spec.data else {}).items() if of == "rules" and "discount" in key]
    if not keys or not rules.discounting:
        return spec  # without rates in the rules the design is asked for them
    return spec.model_copy(update={key: by_rules(key, rules) for key in keys})


def _called(chosen: RuleSet, rules: str | Path | RuleSet | None) -> str:
    """Return what a dossier calls rules that were asked for: their name, or the path of their file."""
    return chosen.name if chosen.shipped or not isinstance(rules, (str, Path)) else str(rules)


def _ruleset(rules: str, folder: Path) -> RuleSet:
    is_file = rules.endswith(".toml") or rules.rpartition("@")[0].endswith(".toml")
    return ruleset(folder / rules if is_file else rules)


def _rules_of(tree: dict[str, Any], folder: Path) -> tuple[RuleSet, list[Fault]]:
    """Return the rules that a dossier names, or the default ones and why those cannot be had."""
    named = tree.get("rules", DEFAULT)
    if not isinstance(named, str) or not named.strip():
        return ruleset(), []  # the schema has its fault
    try:
        return _ruleset(named, folder), []
    except DossierError as error:
        return ruleset(), [("rules", f"{named}: {fault}") for fault in error.located]
    except InputError as error:
        return ruleset(), [("rules", str(error))]


def faults_between(
    tree: dict[str, Any], sound: Sound, folder: Path = Path(), rules: RuleSet | None = None
) -> Iterator[Fault]:
    """Yield the faults between the fields of a dossier; names of data files are relative to the folder.

    It is held against its own rules, unless others are given.
    """
    yield from repeated_ids(tree, "intervention", "comparison", "document")
    yield from unknown_documents(tree)
    if rules is None:
        rules, faults = _rules_of(tree, folder)
        yield from faults
    yield from burden_faults(tree, sound, rules)
    yield from note_faults(tree, sound)
    for position, item in tables(tree, "document"):
        yield from date_faults(item, path_of("document", position))
    yield from figure_faults(tree, sound)
    yield from budget_faults(tree, sound)
    yield from _alike_faults(tree)
    strategies = ids_in(tree, "intervention")
    for position, item in tables(tree, "comparison"):
        yield from comparison_faults(item, strategies, f"comparison[{position}]", sound)
        yield from guideline_faults(item, rules, read_in_part(tree, item), f"comparison[{position}]")
    yield from _pair_faults(tree)
    yield from judged_option_faults(tree, list(strategies))
    yield from data_faults(tree, folder, rules)
    yield from draws_faults(tree, sound, folder, Comparison)
    yield from shared_faults(tree, sound)
    yield from _answer_faults(tree)
    yield from research_faults(tree)


def _alike_faults(tree: dict[str, Any]) -> Iterator[Fault]:
    """Yield names of interventions that a reader cannot tell apart from one before, in either language."""
    seen: dict[str, list[str]] = {lang: [] for lang in LANGUAGES}
    for position, item in tables(tree, "intervention"):
        named = item.get("name")
        for lang, each in named.items() if isinstance(named, dict) else ():
            if lang not in seen or not isinstance(each, str):
                continue
            rule = ("must be unique", f"{shown(each)} again") if each in seen[lang] else _checks.alike(each, seen[lang])
            if rule is not None:
                yield f"intervention[{position}].name", ", got ".join(rule)
            seen[lang].append(each)


def _pair_faults(tree: dict[str, Any]) -> Iterator[Fault]:
    """Yield comparisons whose id is that of a comparison of another intervention."""
    ids = [item.get("id") for _, item in tables(tree, "comparison")]
    for position, item in tables(tree, "comparison"):
        for name in others_of(item):
            own = pair_id(str(item.get("id")), name)
            if own in ids:
                rule = f"must not give {shown(own)}, the id of another comparison, with other_interventions"
                yield f"comparison[{position}].id", f"{rule}: give one of them another id"


def _answer_faults(tree: dict[str, Any]) -> Iterator[Fault]:
    """Yield a comparison that is not on file or an option that it does not have, unless those are faulty."""
    answer = tree.get("answer")
    if not isinstance(answer, dict):
        return
    compared = {str(item.get("id", "")): item for _, item in tables(tree, "comparison")}
    chosen, option = answer.get("comparison"), answer.get("option")
    if isinstance(chosen, str) and chosen not in compared:
        if all(re.fullmatch(IDENTIFIER, each) for each in compared):
            hint = near(chosen, compared, listed="on file are")
            yield "answer.comparison", f"must be the id of a comparison, got {shown(chosen)}{hint}"
    elif isinstance(chosen, str) and isinstance(option, str):
        arms = [str(compared[chosen].get(role)) for role in ("intervention", "comparator")]
        arms[1:1] = others_of(compared[chosen])
        strategies = ids_in(tree, "intervention")
        if option not in arms and all(each in strategies for each in arms):
            options = f"{', '.join(arms[:-1])} or {arms[-1]}"
            yield "answer.option", f"must be an option of {chosen}, {options}, got {shown(option)}"
    told = [study["name"] for _, study in tables(tree.get("note"), "study") if isinstance(study.get("name"), str)]
    study = answer.get("study")
    if isinstance(study, str) and study not in told:
        hint = near(study, told, listed="on file are")
        yield "answer.study", f"must be the name of a study in [[note.study]], got {shown(study)}{hint}"


# Marks of the skeleton in any language, case or spacing.
_MARK = re.compile(r"\(\s*(?:replace|vervang(?:en)?)(?:\s+(?:or leave out|of weglaten))?\s*\)", re.IGNORECASE)


def placeholders(dossier: Dossier) -> tuple[tuple[str, str], ...]:
    """Return paths and marks where a file still says "(replace)" or "(vervangen)", as the skeleton does."""
    _checks.instance("dossier", dossier, "Dossier", "load one with hecon.load")
    return tuple(_marks(dossier, ()))


def refuse_placeholders(dossier: Dossier) -> None:
    """Refuse a report of a dossier with placeholders of the skeleton."""
    found = placeholders(dossier)
    if found:
        lines = toml.lines_of(dossier._text)  # noqa: SLF001
        faults = [f"{path}: must not say {mark!r} in a report: replace the text or figure" for path, mark in found]
        raise DossierError(dossier.name, faults, [toml.line_of(path, lines) for path, _ in found])


def _marks(node: object, steps: tuple[str | int, ...]) -> Iterator[tuple[str, str]]:
    if isinstance(node, str):
        match = _MARK.search(node)
        if match is not None:
            yield path_of(*steps), match.group()
    else:
        for step, child in children(node):
            yield from _marks(child, (*steps, step))


_PROGRAMME = FOLDER.parent / "programme.toml"
_SKELETON = FOLDER.parent / "skeleton.toml"


def _file_of(name: str | Path) -> Path:
    if not isinstance(name, (str, Path)):
        draws = hasattr(name, "dims")
        got = "draws: name their file in [comparison.draws] of a dossier" if draws else _checks.shown(name)
        msg = f"dossier must be a name or the path of a .toml file, got {got}"
        raise InputError(msg)
    path = Path(name)
    if path.suffix != ".toml" and path.parent == Path():
        if path.name in names():
            return FOLDER / f"{path.name}.toml"
        known = ", ".join(names())
        msg = f"dossier must be one of {known} or the path of a .toml file, got {str(name)!r}{near(path.name, names())}"
        raise InputError(msg)
    if not exists(path):
        msg = f"dossier must be an existing file, got {str(name)!r}; `hecon new` writes one to start from"
        raise InputError(msg)
    return path


def _fill_languages(node: Any, own: Any) -> None:  # noqa: ANN401 (whatever a file holds)
    """Let the texts of a file that states one language stand in the other too."""
    if own not in LANGUAGES:
        return
    if isinstance(node, tuple):
        for each in node:
            _fill_languages(each, own)
    elif isinstance(node, dict) and set(node) == {own} and isinstance(node[own], str):
        node |= dict.fromkeys(LANGUAGES, node[own])
    elif isinstance(node, dict):
        for key, each in node.items():
            if key != "strategies":  # names in a file may be called like a language
                _fill_languages(each, own)


def _tell_taken(comparisons: Iterable[Comparison], taken: Iterable[dict[str, str]]) -> None:
    """Tell comparisons what they took from designs; those of other arms, which come last, share their data."""
    for each, own in zip(comparisons, taken, strict=False):
        if each.data is not None:
            each.data._taken = own  # noqa: SLF001


# Shipped dossiers are frozen and name no other file, so the same bytes give the same dossier.
_SHIPPED: dict[str, Dossier] = {}


def load(name_or_path: str | Path, *, rules: str | Path | RuleSet | None = None, on: dt.date | None = None) -> Dossier:
    """Read a dossier, by the name of one that comes with hecon or by the path of a TOML file.

    Parameters
    ----------
    name_or_path : str or Path
        A name, such as "acl-rupture", or a path that ends in ".toml".
    rules : str, Path or RuleSet, optional
        Rules to hold it under, as in `hecon.rulesets.ruleset`; default those that it states.
    on : date, optional
        Day on which the rules hold; default the latest rules.

    Returns
    -------
    Dossier
        Checked, frozen.

    Raises
    ------
    InputError
        If there is no such dossier.
    DossierError
        If the file breaks the rules; all faults are told at once, each with its line and path in the file.

    Notes
    -----
    Patient data that a comparison names must exist and agree with their design; `hecon.assess` reads them. A model's
    draws are read here, once, and kept: a file that changes later counts when the dossier is loaded again.

    Under other `rules` a band that was judged by its own rules stands aside where the others do not have it, and so do
    the inputs of a burden where the others name no tables for them. A dossier that its own rules refuse, or whose rules
    cannot be read, is read as if it stated `rules`.

    Examples
    --------
    >>> import hecon
    >>> hecon.load("acl-rupture").burden.band
    'low'
    """
    path = _file_of(name_or_path)
    content, folder = file_bytes("dossier", path, at_most=TEXT_BYTES), path.parent
    digest = hashlib.sha256(content).hexdigest()
    dossier = _SHIPPED.get(digest) if folder == FOLDER else None
    if dossier is None:
        told: list[Fault] = []
        with _checks.known_decimals():
            # Where its own rules refuse it, it is read as if it stated those asked for.
            for asked in (None,) if rules is None else (None, rules):
                file, held = toml.read(content, str(name_or_path), DossierError), None
                if asked is not None:
                    held = ruleset(asked)
                    file.tree["rules"] = _called(held, asked)
                _fill_languages(file.tree, file.tree.get("language"))
                taken, excused = fill_settings(file.tree, folder, held or _rules_of(file.tree, folder)[0])
                dossier, faults = validated(file.tree, Dossier, partial(faults_between, folder=folder, rules=held))
                faults = [each for each in faults if each not in excused]
                # What both refuse; else what stands in the way of the others alone.
                told = [each for each in faults if each in told] or faults
                if not faults:
                    break
            file.refuse(told)
        if dossier is None:
            raise AssertionError  # refused without a fault
        if any(each.other_interventions for each in dossier.comparison):
            dossier = dossier.model_copy(update={"comparison": in_pairs(dossier.comparison)})
        # What follows is known to the loader alone.
        _tell_taken(dossier.comparison, taken)
        dossier._digest, dossier._folder, dossier._text = digest, folder, file.text  # noqa: SLF001
        if held is not None:
            dossier._rules_read = (dossier.rules, held)  # noqa: SLF001
        if folder == FOLDER:
            _SHIPPED[digest] = dossier
    return dossier if rules is None and on is None else dossier.under(rules, on=on)


def load_programme(path: str | Path | None = None) -> Programme:
    """Read the programme that the dossiers are part of.

    Parameters
    ----------
    path : str or Path, optional
        A TOML file; default the one that comes with hecon.

    Returns
    -------
    Programme
        Checked, frozen.

    Raises
    ------
    InputError
        If there is no such file.
    DossierError
        If the file breaks the rules; all faults are told at once, each with its line and path in the file.

    Examples
    --------
    >>> from hecon import dossier
    >>> len(dossier.load_programme().block)
    10
    """
    file, name = _PROGRAMME if path is None else _file_of(path), str(path or "programme")
    with _checks.known_decimals():
        read = toml.read(file_bytes("dossier", file, at_most=TEXT_BYTES), name, DossierError)
        _fill_languages(read.tree, read.tree.get("language"))
        programme, faults = validated(read.tree, Programme, programme_faults)
        read.refuse(faults)
    if programme is None:
        raise AssertionError  # refused without a fault
    return programme


def skeleton(name: str) -> str:
    """Return a commented dossier to start from; `hecon.load` and `hecon.assess` take it as it stands.

    No report is made of it, by `hecon.summary` or the command line, as long as a text or figure in it is marked
    "(replace)" or "(vervangen)".

    Parameters
    ----------
    name : str
        The new dossier's name: lower-case words joined by hyphens.

    Returns
    -------
    str
        TOML.

    Raises
    ------
    InputError
        If the name is not of that form.

    Examples
    --------
    >>> from hecon import dossier
    >>> dossier.skeleton("hip-fracture").splitlines()[0]
    '# Dossier: hip-fracture'
    """
    if not isinstance(name, str) or not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", name):
        msg = f"name must be lower-case words joined by hyphens, as in hip-fracture, got {name!r}"
        raise InputError(msg)
    if name in names():
        msg = f"name must not be that of a dossier that comes with hecon, got {name!r}"
        raise InputError(msg)
    return _SKELETON.read_text(encoding="utf-8").replace("NAME", name)


def statuses_on_file(node: object) -> Iterator[str]:
    """Yield the status of every figure in a part of a dossier: differences of studies are reported, words are none."""
    if isinstance(node, tuple):
        for each in node:
            yield from statuses_on_file(each)
    elif isinstance(node, Part):
        if isinstance(node, Outcome):
            yield "reported"
        elif isinstance(node, (Assumption, SharedComparator)):
            yield "assumed"
        elif hasattr(node, "status") and not isinstance(node, (DesignFact, CertaintyFact)):
            yield str(node.status)
        for name in type(node).model_fields:
            yield from statuses_on_file(getattr(node, name))
