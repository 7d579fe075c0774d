"""The design of a trial: which column of its table holds what, and what is to be computed from it."""

from __future__ import annotations

import numbers
from collections.abc import Mapping
from decimal import Decimal
from inspect import Parameter, Signature, signature
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import BeforeValidator, GetPydanticSchema, ValidationError, field_validator, model_validator
from pydantic_core.core_schema import no_info_wrap_validator_function

from hecon import _checks
from hecon._io import TEXT_BYTES, file_bytes
from hecon.errors import InputError, TrialError
from hecon.files import parts, toml
from hecon.files.faults import may_be_thousands, shown
from hecon.files.parts import Format, Identifier, Part, Words, listed, refused
from hecon.trial.table.design_parts import design_faults, with_periods
from hecon.trial.valuation import HOURS_OF_A_WEEK
from hecon.valuesets import is_file_name

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Self

    from pydantic import ValidationInfo
    from pydantic_core import CoreSchema

    from hecon.files.faults import Fault
    from hecon.rulesets import RuleSet

_YEARS = range(1900, 2101)
_FIVE = 5


def _is_number(value: Any) -> bool:  # noqa: ANN401
    real = isinstance(value, (numbers.Real, Decimal)) and not isinstance(value, bool)
    return real and _checks.has_possible_size(value)


def _is_text(value: Any) -> bool:  # noqa: ANN401
    return isinstance(value, str) and bool(value.strip())


def _kept(
    rule: str, accepts: Callable[[Any], bool], made: Callable[[Any], Any] = lambda value: value
) -> BeforeValidator:
    """Return the check of a value that keeps a rule, and what is made of it."""
    return BeforeValidator(lambda value: made(value) if accepts(value) else refused(rule, value))


def _figure(rule: str, accepts: Callable[[Any], bool]) -> BeforeValidator:
    """Return the check of a number, also of numpy's types, that gives a float."""
    return _kept(rule, lambda value: _is_number(value) and accepts(value), float)


def _text_or_float(value: Any) -> Any:  # noqa: ANN401
    return value if isinstance(value, str) else float(value)


def _filled(rule: str) -> BeforeValidator:
    """Return the check of a table with keys of its own, one or more."""
    return BeforeValidator(
        lambda value: value if isinstance(value, dict) and value else refused(rule, value, "" if value else "nothing")
    )


def _one_or(many: Any) -> GetPydanticSchema:  # noqa: ANN401
    """Return the schema of a text, or else of a list: faults are those of the one that is given."""

    def of(source: Any, handler: Callable[[Any], CoreSchema]) -> CoreSchema:  # noqa: ANN401, ARG001
        return no_info_wrap_validator_function(_one_or_list, handler(many))

    return GetPydanticSchema(of)


def _one_or_list(value: Any, handler: Callable[[Any], Any]) -> Any:  # noqa: ANN401
    if isinstance(value, str):
        return value if _is_text(value) else refused("non-empty text in quotes", value)
    return handler(value)


Month = Annotated[float, _figure("a number of months, at least 0, without quotes", lambda value: value >= 0)]
Rate = Annotated[float, _figure("a fraction in [0, 1), as in 0.03", lambda value: 0 <= value < 1)]
Hours = Annotated[float, _figure("a number above 0, at most 168", lambda value: 0 < value <= HOURS_OF_A_WEEK)]
Weeks = Annotated[float, _figure("a number above 0", lambda value: value > 0)]
Code = Annotated[
    float | str,
    _kept("a number or non-empty text", lambda value: _is_text(value) or _is_number(value), _text_or_float),
]
Price = Annotated[
    float | str,
    _kept(
        "a number of at least 0 without a thousands point, as in 12300, or the name of a reference price",
        lambda value: _is_text(value) or (_is_number(value) and value >= 0 and not may_be_thousands(value)),
        _text_or_float,
    ),
]
Year = Annotated[
    int,
    _kept(
        f"a year from {_YEARS[0]} to {_YEARS[-1]} without quotes",
        lambda value: isinstance(value, numbers.Integral) and not isinstance(value, bool) and value in _YEARS,
        int,
    ),
]
Separator = Annotated[
    str,
    _kept("one character", lambda value: isinstance(value, str) and len(value) == 1 and value not in '"\r\n'),
]
Texts = Annotated[tuple[Words, ...], listed('a list of texts, as in ["one", "two"]')]
Codes = Annotated[tuple[Code, ...], listed("a list of numbers and texts, as in [-99]", at_least=0)]
Months = Annotated[tuple[Month, ...], listed("a list of months, as in [0, 3, 6]", at_least=2)]
Period = Annotated[tuple[Month, Month], listed("a pair of months, as in [0, 3]", at_least=2, at_most=2)]
Periods = Annotated[tuple[Period, ...], listed("a list of pairs of months, as in [[0, 3], [3, 6]]")]
Columns = Annotated[tuple[str, ...] | str, _one_or(Texts)]
Five = Annotated[tuple[Words, ...], listed("a list of five columns", at_least=_FIVE, at_most=_FIVE)]
Items = Annotated[
    tuple[Annotated[tuple[str, ...] | str, _one_or(Five)], ...], listed("a list of five columns per time")
]
Adjusts = Annotated[tuple[Literal["cost", "effect"], ...], listed('a list, as in ["cost", "effect"] or []', at_least=0)]
Methods = Annotated[
    tuple[Literal["jump-to-reference", "copy-increments"], ...],
    listed('a list, as in ["jump-to-reference", "copy-increments"]'),
]
Values = Annotated[dict[Words, Code], _filled("a table, as in { usual = 0, new = 1 }")]
Perspectives = Annotated[dict[Words, Texts], _filled('a table of lists, as in healthcare = ["hospital"]')]


class _Record(Part):
    """A part of a design that Python builds too: lists are tuples, None is left out, and faults are a TrialError."""

    def __init__(self, **given: Any) -> None:  # noqa: ANN401
        faults: list[Fault] = []
        try:
            super().__init__(**given)
        except ValidationError as error:
            faults = parts.faults_of(error, type(self))
        self._settle(given, faults)

    # So that pydantic does not call it for a part within a part, whose faults are those of the whole.
    __init__.__pydantic_base_init__ = True  # type: ignore[attr-defined]

    @classmethod
    def __pydantic_init_subclass__(cls, **_: Any) -> None:  # noqa: ANN401
        # Help shows names and defaults without annotations.
        shown_by_help = [each.replace(annotation=Parameter.empty) for each in signature(cls).parameters.values()]
        cls.__signature__ = Signature(shown_by_help)

    def _settle(self, given: dict[str, Any], faults: list[Fault]) -> None:  # noqa: ARG002
        """Raise the faults of a part that stands alone, if it has any."""
        part = "table" if isinstance(self, DataTable) else type(self).__name__.lower()
        _refuse({}, [(f"{part}.{path}", message) for path, message in faults])

    @model_validator(mode="before")
    @classmethod
    def _plain(cls, given: Any) -> Any:  # noqa: ANN401
        if not isinstance(given, Mapping):
            return given
        known = cls.model_fields
        return {str(key): toml.frozen(each) for key, each in given.items() if each is not None or key not in known}

    def replace(self, **changes: Any) -> Self:  # noqa: ANN401
        """Return a copy with other values, checked again."""
        return type(self)(**dict(self) | changes)

    __replace__ = replace


class DataTable(_Record):
    """How the table is laid out."""

    layout: Literal["wide", "long"]
    patient: Words
    time: Words | None = None
    missing: Codes = ()
    separator: Separator = ","
    decimal: Literal[".", ","] | None = None
    thousands: Literal[".", ",", " ", "'", "none"] | None = None


class Arm(_Record):
    """The strategies that the patients were randomised to."""

    column: Words
    comparator: Words
    interventions: Texts
    values: Values | None = None


class Cluster(_Record):
    """The clusters of a trial that randomised groups of patients."""

    column: Words
    period: Words | None = None
    across_arms: Literal["same", "separate"] | None = None


class Dates(_Record):
    """Dates by which a baseline measured after randomisation is found."""

    randomisation: Words
    baseline: Words
    missing: Codes = ()


class Deviation(_Record):
    """When patients departed from their treatment, and what is then assumed of their values that are missing."""

    column: Words | None = None
    after: Literal["last-visit", "last-utility"] | None = None
    reference: Words | None = None
    methods: Methods = ("jump-to-reference", "copy-increments")
    missing: Codes = ()


class Covariate(_Record):
    """A property of the patient at baseline."""

    column: Words
    kind: Literal["number", "category"] = "number"
    adjusts: Adjusts = ("cost", "effect")
    levels: Codes = ()
    missing: Codes = ()


class Utility(_Record):
    """The quality of life over time: one of `columns`, `states` and `items`."""

    months: Months
    value_set: Words | None = None
    columns: Columns | None = None
    states: Columns | None = None
    items: Items | None = None
    missing: Codes = ()


class Absence(_Record):
    """How hours of absence from paid work are valued: by the friction-cost method."""

    hours_per_week: Hours
    weeks: Weeks | None = None


class Cost(_Record):
    """Costs, or resource use and its price."""

    category: Words
    columns: Texts | None = None
    column: Words | None = None
    periods: Periods | None = None
    price: Price | None = None
    price_year: Year | None = None
    baseline: Words | None = None
    absence: Absence | None = None
    missing: Codes = ()


class Analysis(_Record):
    """Price year, discount rates and regressors of the analysis."""

    price_year: Year
    # None for the rates of the rules
    discount_cost: Rate | None = None
    discount_effect: Rate | None = None
    regressors: Literal["same", "own"] = "same"

    def rates(self, rules: RuleSet) -> tuple[float, float]:
        """Return the yearly rates of costs and of effects: the design's own, or else those of the rules."""
        cost, effect = self.discount_cost, self.discount_effect
        return (
            float(rules.discounting_on().costs) if cost is None else cost,
            float(rules.discounting_on().effects) if effect is None else effect,
        )


class Design(_Record):
    """The design of a trial, checked as a whole.

    Parameters
    ----------
    name : str
        Lower-case words joined by hyphens.
    table : DataTable
        Layout of the table.
    arm : Arm
        Strategies.
    utility : Utility
        Quality of life over time.
    cost : tuple of Cost
        Costs and resource use, one or more.
    perspective : mapping of str to tuple of str
        Categories of cost that each perspective counts, by its name; every category stands in one of them at least.
    analysis : Analysis
        Price year and discounting.
    title : str, optional
        What the trial is about.
    simulated : bool, default False
        True for data that no patient gave; it is said wherever results are printed.
    covariate : tuple of Covariate, optional
        Properties at baseline. The baseline utility and the baseline costs adjust anyway.
    cluster : Cluster, optional
        Clusters.
    dates : Dates, optional
        Dates of randomisation and baseline.
    deviation : Deviation, optional
        When patients departed from their treatment.
    format : int, default 1
        Version of this form of design.

    Raises
    ------
    TrialError
        If the design breaks its rules: all faults at once, each with its path. A part that breaks its own is refused
        where it is built.

    Notes
    -----
    The keys of a TOML file are the same; `hecon.trial.read_design` reads one. Periods of a category must not leave a
    gap, in which costs would count as 0 without a word. A design and its parts do not change: ``replace(title="Knee")``
    returns a copy with other values, which is checked again.

    Examples
    --------
    >>> from hecon import datasets
    >>> design = datasets.trial_design("meniscus")
    >>> design.cost[0].periods[:2], design.strategies
    (((0.0, 3.0), (3.0, 6.0)), ('surgery', 'exercise'))
    """

    name: Identifier
    table: DataTable
    arm: Arm
    utility: Utility
    cost: Annotated[tuple[Cost, ...], listed("a list of tables, each beginning with [[cost]]")]
    perspective: Perspectives
    analysis: Analysis
    title: str = ""
    simulated: bool = False
    covariate: tuple[Covariate, ...] = ()
    cluster: Cluster | None = None
    dates: Dates | None = None
    deviation: Deviation | None = None
    format: Format = 1

    def _settle(self, given: dict[str, Any], faults: list[Fault]) -> None:
        _refuse(given, _all_faults(None if faults else self, given, faults))

    @field_validator("cost")
    @classmethod
    def _with_periods(cls, costs: tuple[Cost, ...], result: ValidationInfo) -> tuple[Cost, ...]:
        return with_periods(costs, result.data.get("utility"))

    @property
    def strategies(self) -> tuple[str, ...]:
        """Names of the strategies, the comparator first."""
        return (self.arm.comparator, *self.arm.interventions)


def _all_faults(design: Design | None, tree: Mapping[str, Any], faults: list[Fault]) -> list[Fault]:
    """Return the faults of the schema and those between the parts, which are None where they are at fault."""
    whole = parts.outline(toml.frozen(tree), Design, faults) if design is None else design
    paths = [path for path, _ in faults]
    between = () if whole is None else design_faults(whole, paths)
    # What is at fault counts as absent there: that, and what a whole lacks for it, is no fault as well.
    return faults + [each for each in between if not any(path.startswith(each[0]) for path in paths)]


def _refuse(tree: Mapping[str, Any], faults: Iterable[Fault]) -> None:
    messages = [f"{path}: {message}" for path, message in dict.fromkeys(faults)]
    if messages:
        own = tree.get("name")
        raise TrialError(own if isinstance(own, str) and own.strip() else "without a name", messages)


def _of_file(tree: Mapping[str, Any], refuse: Callable[[list[Fault]], None]) -> Design:
    """Return the design that a file holds, which tells its format, or refuse all faults."""
    design, faults = parts.validated(dict(tree), Design)
    faults = _all_faults(design, tree, faults)
    if tree.get("format") is None:
        faults.append(("format", "is missing: add format = 1"))
    refuse(faults)
    assert design is not None  # noqa: S101 (it is None only with faults)
    return design


def design_of(tree: Mapping[str, Any]) -> Design:
    """Return the design that a tree of plain values describes, as parsed from TOML.

    Parameters
    ----------
    tree : mapping
        Keys and values as in a design's file.

    Returns
    -------
    Design
        Checked, frozen.

    Raises
    ------
    InputError
        If `tree` is no mapping.
    TrialError
        If the design breaks its rules: all faults at once, each with its path; an unknown key with the nearest one.

    Examples
    --------
    >>> from hecon import trial
    >>> trial.design_of({"name": "two-arms", "tabel": {"layout": "wide"}})
    Traceback (most recent call last):
    ...
    hecon.errors.TrialError: trial two-arms has 8 faults:
      table: is missing: add it
      arm: is missing: add it
      utility: is missing: add it
      cost: is missing: add it
      perspective: is missing: add it
      analysis: is missing: add it
      tabel: is not a key of this table: did you mean 'table'?
      format: is missing: add format = 1
    """
    if not isinstance(tree, Mapping):
        msg = f"tree must be a mapping with the keys of a design, got {shown(tree)}"
        raise InputError(msg)
    return _of_file(tree, lambda faults: _refuse(tree, faults))


def read_design(path: str | Path) -> Design:
    """Read the design of a trial from a TOML file.

    Parameters
    ----------
    path : str or Path
        The file.

    Returns
    -------
    Design
        Checked, frozen.

    Raises
    ------
    InputError
        If there is no such file, or it cannot be read.
    TrialError
        If the file is no TOML, or the design breaks its rules: all faults at once, each with its line and path.

    Notes
    -----
    The keys are the names of the parameters of `Design` and of its parts; ``format = 1`` is needed. The path of a value
    set of one's own begins at the folder of the design's file.

    Examples
    --------
    >>> from hecon import trial
    >>> trial.read_design("meniscus.toml")
    Traceback (most recent call last):
    ...
    hecon.errors.InputError: design must be a file that can be read, got 'meniscus.toml': No such file or directory
    """
    if not isinstance(path, (str, Path)):
        msg = f"design must be the path of a TOML file, got {shown(path)}"
        raise InputError(msg)
    file = toml.read(file_bytes("design", path, at_most=TEXT_BYTES), str(path), TrialError)
    return _of_file(_beside(file.tree, Path(path).parent), file.refuse)


def _beside(tree: Mapping[str, Any], folder: Path) -> Mapping[str, Any]:
    """Return the tree of a file with the path of a value set of one's own from where the file stands."""
    utility = tree.get("utility")
    name = utility.get("value_set") if isinstance(utility, Mapping) else None
    if utility is None or not isinstance(name, str) or not is_file_name(name):
        return tree
    return {**tree, "utility": {**utility, "value_set": str(folder / name)}}
