"""Data that a comparison of a dossier names in place of printed figures: patient data with their design, or draws."""

from __future__ import annotations

import hashlib
import warnings
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, Any, Literal, NamedTuple

from pydantic import Field, PrivateAttr

from hecon import valuesets
from hecon._io import TABLE_BYTES, file_bytes, is_file
from hecon.dossier.model_studies import AnyStudy, repeated_studies, study_faults
from hecon.errors import DrawsError, HeconError, InputError, StatisticalWarning, TrialError, ValueSetError
from hecon.files.faults import Fault, near, path_of, shown, tables
from hecon.files.parts import NOT_REPORTED, Part, Text, Words, is_number

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    import pandas as pd
    import xarray as xr

    from hecon.dossier.comparison import Comparison
    from hecon.files.parts import Sound
    from hecon.rulesets import RuleSet
    from hecon.trial.table.design import Design
    from hecon.trial.table.design_keys import Effect

    Tree = dict[str, Any]

__all__ = [
    "REMEDY",
    "SETTINGS",
    "ComparisonData",
    "ComparisonDraws",
    "by_rules",
    "data_faults",
    "draws_faults",
    "fill_settings",
    "model_draws",
    "others_of",
    "value_set_in",
]

# In the order in which they are told.
SETTINGS = ("currency", "price_year", "horizon_months", "discount_cost", "discount_effect")
# Of a setting that the file states.
REMEDY = ": change the one that is wrong, or leave it out here and it is taken from there"
_MISSING = "is missing: add it"
# The unit of a comparison unless it or its design names another.
_QALY = "QALY"
_BESIDE = ("statistic", "finding", "assumption", "design_effect", "data")
_FILES = ("file", "effects", "parameters")


class ComparisonData(Part):
    """The trial's own records, in place of what was printed of it.

    Attributes
    ----------
    file : str, the table, as `hecon.trial.read_table` reads it; its path is relative to the dossier's folder
    design : str, the TOML file of its design, likewise
    strategies : dict of str to str
        Name of the arm in the design, by the id of the intervention; what is left out has the same name.
    perspective : str or None, name of the perspective in the design; default that of the comparison
    method : str, how imputation and bootstrap go together, as in `hecon.trial.analyse`
    scenarios : bool, whether the trial is also analysed otherwise, by `hecon.trial.scenarios`
    value_sets : tuple of str
        Other value sets to apply to the same EQ-5D answers among these scenarios, by name or as a file, whose path
        begins at the dossier's folder.
    """

    file: Words
    design: Words
    strategies: dict[str, Words] = Field(default_factory=dict)
    perspective: Words | None = None
    method: Literal["imputation", "bootstrap-single", "bootstrap-imputation"] = "imputation"
    scenarios: bool = False
    value_sets: tuple[Words, ...] = ()

    _taken: dict[str, str] = PrivateAttr(default_factory=dict)

    @property
    def taken(self) -> dict[str, str]:
        """Settings that the comparison leaves out, by name, and whose they are: of the "design" or the "rules"."""
        return dict(self._taken)


@dataclass(frozen=True)
class FileDraws:
    """A model's draws as they were when their files were read; those of the same bytes, read alike, are the same.

    Attributes
    ----------
    digest : str, SHA-256 of the files
    asked : dict of str to Any, how they were read: the arguments of `hecon.read_draws`
    draws : xarray.Dataset, of all strategies under the dossier's names
    parameters : pandas.DataFrame, a row per draw
    doubts : tuple of str, the warnings that they gave
    """

    digest: str
    asked: dict[str, Any]
    draws: xr.Dataset = field(repr=False, compare=False)
    parameters: pd.DataFrame = field(repr=False, compare=False)
    doubts: tuple[str, ...] = field(repr=False, compare=False)


class ComparisonDraws(Part):
    """A model's draws, in place of what was printed of it.

    Attributes
    ----------
    file : str, the draws, as `hecon.read_draws` reads them; its path begins at the dossier's folder and stays in it
    made_by : Text, who made the model, and where it is described
    style : str, how the table is laid out, as in `hecon.read_draws`
    effects, parameters : str or None, files of their own for effects and parameters, likewise
    strategies : dict of str to str
        Name of the strategy in the file, by the id of the intervention; what is left out has the same name.
    ignore : tuple of str, columns that are not read
    stack_chains : bool, whether several chains are one series
    parameter_names : dict of str to Text, what to call parameters of the file in a note; default as the file does
    study : ModelStudy or None, a further study of its parameters, for the value of research
    """

    file: Words
    made_by: Text
    style: Literal["wide", "long", "bcea", "voi", "dampack", "hesim", "heormodel", "pyheor"] = "wide"
    effects: Words | None = None
    parameters: Words | None = None
    strategies: dict[str, Words] = Field(default_factory=dict)
    ignore: tuple[str, ...] = ()
    stack_chains: bool = False
    parameter_names: dict[str, Text] = Field(default_factory=dict)
    study: Annotated[AnyStudy, Field(discriminator="kind")] | None = None

    _at_loading: FileDraws | None = PrivateAttr(default=None)

    @property
    def files(self) -> list[str]:
        """The files, as named."""
        return [name for name in (self.file, self.effects, self.parameters) if name is not None]


def others_of(raw: Tree) -> list[str]:
    """Return the other interventions of a comparison, as far as they are names."""
    given = raw.get("other_interventions")
    return [each for each in given if isinstance(each, str)] if isinstance(given, (list, tuple)) else []


def _file_faults(data: Mapping[str, Any], key: str, folder: Path, path: str) -> Iterator[Fault]:
    """Yield that the file under a key does not exist; a name that is absent or no text is a fault of the schema."""
    name = data.get(key)
    if isinstance(name, str) and name.strip() and not is_file(folder / name):
        rule = "must be a file that exists"
        yield f"{path}.{key}", f"{rule}, got {shown(name)}: its path is relative to the dossier's folder"


# Settings that the design states --------------------------------------------------------------------------------------


class _Stated(NamedTuple):
    """A setting with where it stands: its words for a fault, and whether it is the design's or that of the rules."""

    value: Any
    place: str
    by: str


def fill_settings(tree: Tree, folder: Path, rules: RuleSet) -> tuple[list[dict[str, str]], list[Fault]]:
    """Put into a tree what comparisons leave to their designs; return what was taken, by comparison, and what was not.

    What was taken is told by its key, as of the "design" or of the "rules". What could not be, as the design itself is
    at fault, is told by the fault that the schema will find.
    """
    taken: dict[int, dict[str, str]] = {}
    excused: list[Fault] = []
    for position, raw in tables(tree, "comparison"):
        if not isinstance(raw.get("data"), dict):
            continue
        stated = _of_file(raw["data"].get("design"), folder, rules)
        absent = [key for key in (*SETTINGS, "effect_unit") if raw.get(key) is None]
        # Which of it is better the design says, whoever names the unit.
        better = {"effect_better": "more"} if "effect_unit" in stated and raw.get("effect_better") is None else {}
        raw |= {**{key: stated[key].value for key in absent if key in stated}, **better}
        taken[position] = {key: stated[key].by for key in absent if key in stated}
        unknown = [key for key in absent if key in SETTINGS and key not in stated]
        excused += [(f"comparison[{position}].{key}", _MISSING) for key in unknown]
    return [taken.get(place, {}) for place in range(max(taken, default=-1) + 1)], excused


def _of_file(name: Any, folder: Path, rules: RuleSet) -> dict[str, _Stated]:  # noqa: ANN401
    """Return what the design of this name states; nothing where it cannot be read, which is a fault of its own."""
    design = _design(folder / name)[0] if isinstance(name, str) and is_file(folder / name) else None
    return {} if design is None else _stated(design, name, rules)


def _design(file: Path) -> tuple[Design | None, list[str]]:
    """Return a design, or None and its faults."""
    # Slow to import and rarely needed.
    from hecon.trial.table.design import read_design

    try:
        return read_design(file), []
    except TrialError as error:
        return None, list(error.located)
    except InputError as error:
        return None, [str(error)]


def _stated(design: Design, file: str, rules: RuleSet) -> dict[str, _Stated]:
    """Return the settings of a design under rules, without rates where neither states them."""
    part = next(key for key in ("utility", "effect", "costs_alone") if getattr(design, key) is not None)
    of_rules = f"that of the rules {rules.name}"
    found = {
        "currency": _Stated(rules.currency, of_rules, "rules"),
        "price_year": _Stated(design.analysis.price_year, f"that of analysis.price_year in {file}", "design"),
        "horizon_months": _Stated(_printed(design.horizon), f"that of {part}.months in {file}", "design"),
    }
    if design.effect is not None and design.effect.unit != _QALY:
        found["effect_unit"] = _Stated(*_unit_of(design.effect, file), "design")
    for key in ("discount_cost", "discount_effect"):
        own = getattr(design.analysis, key)
        mine, theirs = f"that of analysis.{key} in {file}", f"{of_rules}, as {file} has no analysis.{key}"
        try:
            rate = by_rules(key, rules) if own is None else _printed(own)
        except InputError:
            continue
        found[key] = _Stated(rate, theirs, "rules") if own is None else _Stated(rate, mine, "design")
    return found


def _unit_of(effect: Effect, file: str) -> tuple[str, str]:
    """Return the unit in which a dossier counts an effect, of which more is always better, and where it stands."""
    place = f"that of effect.unit in {file}"
    if effect.better == "less":
        return f"{effect.unit} averted", f"{place}, of which less is better, with signs turned"
    return effect.unit, place


def by_rules(key: str, rules: RuleSet) -> Decimal:
    """Return the rate "discount_cost" or "discount_effect" of rules."""
    rates = rules.discounting_on()
    return Decimal(str(rates.costs if key == "discount_cost" else rates.effects))


def _printed(value: float) -> int | Decimal:
    return int(value) if float(value).is_integer() else Decimal(repr(value))


def _setting_faults(raw: Mapping[str, Any], design: Design, rules: RuleSet, path: str) -> Iterator[Fault]:
    """Yield the settings of a comparison that differ from those of its design, with both places and values."""
    try:
        design.analysis.rates(rules)
    except InputError as error:
        yield f"{path}.data.design", f"must give its own discount rates: {error}"
    file = raw["data"]["design"]
    unit = _Stated(_QALY, f"the unit of the effect in {file}", "design")
    for key, stated in {"effect_unit": unit, **_stated(design, file, rules)}.items():
        value = raw.get(key)
        if key != "currency" and _differs(value, stated.value):
            rule = f"must be {stated.value}, {stated.place}, got {shown(value)}"
            yield f"{path}.{key}", f"{rule}{REMEDY}"


def _differs(value: Any, stated: Any) -> bool:  # noqa: ANN401
    """Return whether a sound value of the file is another than that stated; what is not sound has its own fault."""
    if isinstance(stated, str):
        return isinstance(value, str) and bool(value.strip()) and value != stated
    return bool(value == NOT_REPORTED or (is_number(value) and float(value) != float(stated)))


def _currency_fault(raw: Mapping[str, Any], rules: RuleSet, path: str) -> Iterator[Fault]:
    """Yield a currency other than that of the rules, in which a table of patients is."""
    currency = raw.get("currency")
    if isinstance(currency, str) and currency != rules.currency:
        rule = f"must be {rules.currency} beside [comparison.data], as the rules {rules.name} have it"
        yield f"{path}.currency", f"{rule}, got {shown(currency)}: so are its costs"


# Patient data ---------------------------------------------------------------------------------------------------------


def data_faults(tree: Tree, folder: Path, rules: RuleSet) -> Iterator[Fault]:
    """Yield the faults of the patient data that comparisons name; the tables themselves are not read."""
    designs: dict[str, Design | None] = {}
    for position, item in tables(tree, "comparison"):
        if isinstance(item.get("data"), dict):
            yield from _comparison_faults(item, (folder, rules), f"comparison[{position}]", designs)


def _comparison_faults(
    raw: Tree, of: tuple[Path, RuleSet], path: str, designs: dict[str, Design | None]
) -> Iterator[Fault]:
    folder, rules = of
    for key in ("statistic", "finding", "assumption", "design_effect"):
        if raw.get(key):
            yield f"{path}.{key}", "must be left out beside [comparison.data]: the figures are computed from the data"
    yield from _currency_fault(raw, rules, path)
    data = raw["data"]
    yield from _file_faults(data, "file", folder, f"{path}.data")
    name = data.get("design")
    absent = list(_file_faults(data, "design", folder, f"{path}.data"))
    yield from absent
    if absent or not isinstance(name, str):
        return
    if name not in designs:
        # Its faults are told once.
        designs[name], faults = _design(folder / name)
        yield from ((f"{path}.data.design", fault) for fault in faults)
    design = designs[name]
    if design is not None:
        if design.costs_alone is not None:
            rule = "must be a design with an effect, got one of costs alone, of which a dossier has no comparison"
            yield f"{path}.data.design", f"{rule}: `hecon trial` analyses it without a dossier"
        yield from _setting_faults(raw, design, rules, path)
        yield from _arm_faults(raw, design, f"{path}.data.strategies")
        yield from _perspective_faults(raw, design, f"{path}.data.perspective")
        yield from _value_set_faults(raw["data"], design, folder, f"{path}.data.value_sets")


def _arm_faults(raw: Tree, design: Design, path: str) -> Iterator[Fault]:
    given = raw["data"].get("strategies", {})
    roles = [(role, raw.get(role)) for role in ("comparator", "intervention")]
    if not isinstance(given, dict) or not all(isinstance(name, str) for _, name in roles):
        return  # a fault of the schema
    roles += [("intervention", name) for name in others_of(raw)]
    named = [str(name) for _, name in roles]
    for name in given:
        if name not in named:
            options = f"{', '.join(named[1:])} or {named[0]}"
            rule = "must be the id of the intervention or the comparator"
            yield f"{path}.{path_of(name)}", f"{rule}, {options}: remove it"
    first, *others = design.strategies
    for role, name in roles:
        allowed = [first] if role == "comparator" else others
        arm = given.get(name, name)
        if arm not in allowed and isinstance(arm, str):
            which = f"the design's {role}" if role == "comparator" else "an intervention of the design"
            yield f"{path}.{path_of(str(name))}", f"must be {which}, got {shown(arm)}; known: {', '.join(allowed)}"


def _value_set_faults(data: Tree, design: Design, folder: Path, path: str) -> Iterator[Fault]:
    """Yield other value sets that the answers of the trial cannot be valued by."""
    asked = data.get("value_sets")
    if not asked or not all(isinstance(each, str) for each in asked):
        return  # none, or a fault of the schema
    if data.get("scenarios") is not True:
        yield path, f"must be left out without scenarios = true, got {shown(', '.join(asked))}: they are scenarios"
    # Slow to import and rarely needed.
    from hecon.trial.sensitivity import sets_beside

    utility = design.utility
    answered = utility is not None and utility.columns is None and utility.value_set is not None
    own = valuesets.find(str(utility.value_set)).origin if answered and utility is not None else None
    try:
        sets_beside(own, [value_set_in(folder, each) for each in asked])
    except ValueSetError as error:
        yield from ((path, f"{error.name}: {fault}") for fault in error.faults)
    except InputError as error:
        yield path, str(error).removeprefix("value_sets ").removeprefix("value_set ")


def value_set_in(folder: Path, name: str) -> str:
    """Return the name of a value set, or the path of its file, which begins at a folder."""
    return str(folder / name) if valuesets.is_file_name(name) else name


def _perspective_faults(raw: Tree, design: Design, path: str) -> Iterator[Fault]:
    name = raw["data"].get("perspective") or raw.get("perspective")
    if isinstance(name, str) and name not in design.perspective:
        known = ", ".join(design.perspective)
        yield path, f"must be a perspective of the design, got {shown(name)}; known: {known}"


# A model's draws ------------------------------------------------------------------------------------------------------


def model_draws(spec: Comparison, folder: Path) -> FileDraws:
    """Return the draws that a comparison names as they were when the dossier was loaded; their doubts are told."""
    asked, named = _asked(spec, folder)
    found = named._at_loading  # noqa: SLF001
    if found is None or found.asked != asked:
        found = _read(asked, named, folder)
    for doubt in found.doubts:
        warnings.warn(doubt, StatisticalWarning, stacklevel=2)
    return found


def _asked(spec: Comparison, folder: Path) -> tuple[dict[str, Any], ComparisonDraws]:
    """Return the arguments of `hecon.read_draws` for the files of a comparison, and what names them."""
    named = spec.draws
    if named is None:
        msg = f"{spec.id} names no draws"
        raise AssertionError(msg)
    asked = {
        "path": folder / named.file,
        "style": named.style,
        "effects": None if named.effects is None else folder / named.effects,
        "parameters": None if named.parameters is None else folder / named.parameters,
        "strategies": {name: option for option, name in named.strategies.items()} or None,
        "ignore": named.ignore,
        "stack_chains": named.stack_chains,
        **spec.about,
    }
    return asked, named


def _read(asked: dict[str, Any], named: ComparisonDraws, folder: Path) -> FileDraws:
    """Return what the files hold now."""
    # Slow to import and rarely needed.
    from hecon.draw_files import read_draws

    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        draws, parameters = read_draws(**asked)
    doubts = tuple(str(each.message) for each in caught if issubclass(each.category, StatisticalWarning))
    for each in caught:
        if not issubclass(each.category, StatisticalWarning):
            warnings.warn_explicit(each.message, each.category, each.filename, each.lineno)
    digest = hashlib.sha256(b"".join(file_bytes("draws", folder / name, at_most=TABLE_BYTES) for name in named.files))
    return FileDraws(digest.hexdigest(), asked, draws, parameters, doubts)


def draws_faults(tree: Mapping[str, Any], sound: Sound, folder: Path, kind: type[Comparison]) -> Iterator[Fault]:
    """Yield the faults of the draws that comparisons name: of the dossier, and of the files themselves."""
    sound_ones: list[tuple[int, Comparison]] = []
    before: list[FileDraws] = []
    for position, raw in tables(tree, "comparison"):
        if isinstance(raw.get("draws"), dict):
            path = f"comparison[{position}]"
            for key in _BESIDE:
                if raw.get(key):
                    rule = "must be left out beside [comparison.draws]"
                    yield f"{path}.{key}", f"{rule}: the figures are computed from the draws"
            absent = [each for key in _FILES for each in _outside_faults(raw["draws"], key, folder, f"{path}.draws")]
            yield from absent
            spec = sound.of(raw, kind)
            if spec is not None and not absent:
                sound_ones.append((position, spec))
                yield from _content_faults(spec, folder, f"{path}.draws", before)
    yield from repeated_studies(sound_ones)


def _outside_faults(draws: Mapping[str, Any], key: str, folder: Path, path: str) -> Iterator[Fault]:
    name = draws.get(key)
    if isinstance(name, str) and name.strip() and not (folder / name).resolve().is_relative_to(folder.resolve()):
        yield f"{path}.{key}", f"must be a file in the dossier's folder or below it, got {shown(name)}: move it there"
    else:
        yield from _file_faults(draws, key, folder, path)


def _content_faults(spec: Comparison, folder: Path, path: str, before: list[FileDraws]) -> Iterator[Fault]:
    """Yield what is wrong in the files, and options that they do not have; `before` are those read before, and kept."""
    asked, named = _asked(spec, folder)
    try:
        found = next((each for each in before if each.asked == asked), None) or _read(asked, named, folder)
    except DrawsError as error:
        yield from ((f"{path}.file", f"{error.name}: {fault}") for fault in error.faults)
        return
    except HeconError as error:
        yield f"{path}.file", str(error)
        return
    before.append(found)
    # Doubts are told where the draws are used.
    named._at_loading, draws, parameters = found, found.draws, found.parameters  # noqa: SLF001
    for name in named.parameter_names:
        if name not in parameters.columns:
            known = list(map(str, parameters.columns))
            hint = near(name, known) or f"; the file has {', '.join(known) or 'none'}"
            here = f"{path}.{path_of('parameter_names', name)}"
            yield here, f"must be a parameter of the file, got {shown(name)}{hint}"
    if named.study is not None:
        yield from study_faults(spec, named.study, parameters, f"{path}.study")
    strategies = [str(each) for each in draws["strategy"].to_numpy()]
    roles = (("intervention", spec.intervention), ("comparator", spec.comparator))
    for role, name in (*roles, *(("intervention", name) for name in spec.other_interventions)):
        if name not in strategies:
            rule = f"must say which strategy of the file is the {role}, {name!r}"
            hint = near(name, strategies) or f"; the file has {', '.join(strategies)}"
            yield f"{path}.strategies", f"{rule}{hint}"
