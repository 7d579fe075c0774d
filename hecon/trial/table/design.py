"""The design of a trial: which column of its table holds what, and what is to be computed from it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

from pydantic import Field, field_validator

from hecon import eq5d
from hecon._io import TEXT_BYTES, file_bytes
from hecon.errors import InputError, TrialError
from hecon.files import parts, toml
from hecon.files.faults import shown
from hecon.files.parts import Format, Identifier, listed
from hecon.trial.table.cells import key_of
from hecon.trial.table.design_keys import (
    Analysis,
    Arm,
    Cluster,
    Cost,
    CostsAlone,
    Covariate,
    DataTable,
    Dates,
    Death,
    DesignPart,
    Deviation,
    Effect,
    Perspectives,
    Planned,
    Subgroup,
    Utility,
    flat,
    refuse_faults,
)
from hecon.trial.table.design_parts import design_faults, sound_costs, with_periods
from hecon.trial.valuation import month_of
from hecon.valuesets import is_file_name

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from pydantic import ValidationInfo

    from hecon.files.faults import Fault

    Codes = frozenset[float | str]


class Design(DesignPart):
    """The design of a trial, checked as a whole.

    Parameters
    ----------
    name : str
        Lower-case words joined by hyphens.
    table : DataTable
        Layout of the table.
    arm : Arm
        Strategies.
    utility : Utility, optional
        Quality of life over time, from which QALYs are computed.
    effect : Effect, optional
        In its place, the effect of each patient as the table has it: QALYs as totals, or another effect.
    costs_alone : CostsAlone, optional
        In the place of both, where costs are compared without effects.
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
    subgroup : tuple of Subgroup, optional
        Covariates within whose levels results are given too.
    cluster : Cluster, optional
        Clusters.
    dates : Dates, optional
        Dates of randomisation and baseline.
    death : Death, optional
        Deaths, which are otherwise not told from drop-out.
    deviation : Deviation, optional
        When patients departed from their treatment.
    planned : Planned, optional
        Follow-up that was planned for different times.
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

    name: Identifier = Field(
        description="Lower-case letters and digits joined by hyphens; the names of the report's files begin with it."
    )
    table: DataTable
    arm: Arm
    utility: Utility | None = None
    effect: Effect | None = None
    costs_alone: CostsAlone | None = None
    cost: Annotated[tuple[Cost, ...], listed("a list of tables, each beginning with [[cost]]")]
    perspective: Perspectives = Field(
        description="Categories of cost that each perspective counts, by its name; every category stands in one of "
        "them at least."
    )
    analysis: Analysis
    title: str = Field("", description="What the trial is about.")
    simulated: bool = Field(
        default=False, description="true for data that no patient gave; it is said wherever results are printed."
    )
    covariate: tuple[Covariate, ...] = ()
    subgroup: tuple[Subgroup, ...] = ()
    cluster: Cluster | None = None
    dates: Dates | None = None
    death: Death | None = None
    deviation: Deviation | None = None
    planned: Planned | None = None
    format: Format = Field(1, description="Version of this form of design: 1. A file must have it.")

    @classmethod
    def json_schema(cls) -> dict[str, Any]:
        """Return the JSON Schema of a design's file, which must have its format."""
        schema = cls.model_json_schema()
        schema["required"] = ["format", *schema["required"]]
        return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}

    def _settle(self, given: dict[str, Any], faults: list[Fault]) -> None:
        refuse_faults(given, _all_faults(None if faults else self, given, faults))

    @field_validator("cost")
    @classmethod
    def _with_periods(cls, costs: tuple[Cost, ...], result: ValidationInfo) -> tuple[Cost, ...]:
        return with_periods(costs, *(result.data.get(key) for key in ("utility", "effect", "costs_alone")))

    @property
    def months(self) -> tuple[float, ...]:
        """Times of the effect's values [months], from 0 where the start is among them; none of costs alone."""
        if self.utility is not None:
            return self.utility.times
        if self.effect is None:
            return ()
        return (0.0, *self.effect.months) if self.effect.baseline is not None else self.effect.months

    @property
    def horizon(self) -> float:
        """Time horizon [months]: the last of the times, or that of the costs alone."""
        return self.months[-1] if self.costs_alone is None else self.costs_alone.months

    @property
    def strategies(self) -> tuple[str, ...]:
        """Names of the strategies, the comparator first."""
        return (self.arm.comparator, *self.arm.interventions)


def _all_faults(design: Design | None, tree: Mapping[str, Any], faults: list[Fault]) -> list[Fault]:
    """Return the faults of the schema and those between the parts, which are None where they are at fault."""
    whole = parts.outline(toml.frozen(tree), Design, faults) if design is None else design
    paths = [path for path, _ in faults]
    between = () if whole is None else (*design_faults(whole, paths), *_column_faults(whole, paths))
    # What is at fault counts as absent there: that, and what a whole lacks for it, is no fault as well.
    return faults + [each for each in between if not any(path.startswith(each[0]) for path in paths)]


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
      cost: is missing: add it
      perspective: is missing: add it
      analysis: is missing: add it
      tabel: is not a key of this table: did you mean 'table'?
      utility: is missing: add it for QALYs over time, [effect] for one effect of each patient, or [costs_alone]
      format: is missing: add format = 1
    """
    if not isinstance(tree, Mapping):
        msg = f"tree must be a mapping with the keys of a design, got {shown(tree)}"
        raise InputError(msg)
    return _of_file(tree, lambda faults: refuse_faults(tree, faults))


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


# What each column is for ----------------------------------------------------------------------------------------------

# Columns that must have a value in every row: no code means missing in them.
KEYS = ("patient", "time", "cluster", "period", "weight", "planned")


class ColumnGroup(NamedTuple):
    """Columns of one kind, with the path of their part of the design and the codes that mean missing there alone."""

    kind: str
    path: str
    name: str
    columns: tuple[str, ...]
    codes: Codes = frozenset()


def _codes(given: Iterable[float | str]) -> Codes:
    return frozenset(key for code in given if (key := key_of(code)) is not None)


def table_codes(design: Design) -> Codes:
    """Return the codes that mean missing in every column but those of the keys."""
    return _codes(design.table.missing)


def dead_codes(design: Design) -> Codes:
    """Return the codes that mean in the columns of the utilities that a patient is dead."""
    return frozenset() if design.death is None else _codes(design.death.in_utilities)


def groups_of(design: Design) -> tuple[ColumnGroup, ...]:
    """Return the column groups of a design: keys, arm, dates, deviation, covariates, utilities, costs."""

    def group(kind: str, part: Any, names: Any, name: str = "", path: str | None = None) -> ColumnGroup:  # noqa: ANN401
        return ColumnGroup(kind, path or kind, name, tuple(dict.fromkeys(flat(names))), _codes(part.missing))

    table, cluster = design.table, design.cluster
    single = {
        "patient": table.patient,
        "time": table.time,
        "weight": table.weight,
        "arm": design.arm.column,
        "cluster": None if cluster is None else cluster.column,
        "period": None if cluster is None else cluster.period,
        "planned": None if design.planned is None else design.planned.follow_up,
    }
    result = [ColumnGroup(kind, kind, "", (name,)) for kind, name in single.items() if name is not None]
    if (dates := design.dates) is not None:
        result.append(group("dates", dates, (dates.randomisation, dates.baseline)))
    if (death := design.death) is not None:
        result.append(group("death", death, (death.date, death.month, death.status)))
    if (gone := design.deviation) is not None and gone.column is not None:
        result.append(group("deviation", gone, gone.column))
    for place, each in enumerate(design.covariate):
        result.append(group("covariate", each, each.column, each.column, f"covariate[{place}]"))
    if (given := design.utility) is not None:
        result.append(group("utility", given, (given.columns, given.states, given.items)))
    if (effect := design.effect) is not None:
        result.append(group("effect", effect, (effect.columns, effect.baseline), effect.name or effect.unit))
    for place, cost in enumerate(design.cost):
        names = (cost.columns, cost.column, cost.baseline)
        result.append(group("cost", cost, names, cost.category, f"cost[{place}]"))
    return tuple(result)


def used_columns(design: Design) -> tuple[str, ...]:
    """Return the columns that a design names, each once."""
    return tuple(dict.fromkeys(name for group in groups_of(design) for name in group.columns))


def column_codes(design: Design) -> dict[str, Codes]:
    """Return the codes that mean missing, by column; none for the keys."""
    everywhere, dead = table_codes(design), dead_codes(design)
    return {
        name: frozenset()
        if group.kind in KEYS
        else everywhere | group.codes | (dead if group.kind == "utility" else frozenset())
        for group in groups_of(design)
        for name in group.columns
    }


def _column_faults(design: Design, faulty: Sequence[str]) -> Iterator[Fault]:
    """Yield columns whose names tell another place than they have, and columns that are named for two things."""
    costs = sound_costs(design, faulty)
    yield from _name_faults(costs, design.utility, design.effect)
    yield from _codes_of_shared_columns(costs)
    yield from _shared_columns(design)


def _name_faults(costs: dict[str, Cost], utility: Utility | None, effect: Effect | None) -> Iterator[Fault]:
    """Yield columns whose names are those of other times or items than their places."""
    if effect:
        yield from _time_faults(effect.columns, effect.months, "effect.columns", "months")
    if utility:
        for key in ("columns", "states", "items"):
            yield from _time_faults(getattr(utility, key), utility.months, f"utility.{key}", "months")
        yield from _item_faults(utility.items or ())
    for path, cost in costs.items():
        ends = [end for _, end in cost.periods or ()]
        yield from _time_faults(cost.columns, ends, f"{path}.columns", "ends of the periods")


def _time_faults(columns: Any, times: Sequence[float] | None, path: str, what: str) -> Iterator[Fault]:  # noqa: ANN401
    if not isinstance(columns, tuple) or not times or len(columns) != len(times):
        return
    by_name = [month_of_all(each) for each in columns]
    if None not in by_name and by_name != list(times) and set(by_name) == set(times):
        wanted = ", ".join(f"{time:g}" for time in times)
        given = ", ".join(f"{time:g}" for time in by_name if time is not None)
        rule = f"must be in the order of the {what}, {wanted}, got columns whose names tell {given}"
        yield path, f"{rule}: put them in order, or rename them in the table"


def month_of_all(columns: Any) -> float | None:  # noqa: ANN401
    """Return the month that the name of a column tells, or those of five that tell the same."""
    months = {month_of(each) for each in flat(columns)}
    return months.pop() if len(months) == 1 else None


def _item_faults(items: tuple[tuple[str, ...] | str, ...]) -> Iterator[Fault]:
    sets: dict[str, Any] = {
        f"utility.items[{place}]": each for place, each in enumerate(items) if isinstance(each, tuple)
    }
    for path, names in (sets or {"utility.items": items}).items():
        order = eq5d.item_order(names)
        if order is not None and order != sorted(order):
            wanted = ", ".join(names[place] for place in order)
            rule = "must be mobility, self-care, usual activities, pain and anxiety, got names that tell another order"
            yield path, f"{rule}: write {wanted}"


def _codes_of_shared_columns(costs: dict[str, Cost]) -> Iterator[Fault]:
    """Yield costs that read one column with different missing codes."""
    first: dict[str, str] = {}
    for path, cost in costs.items():
        if cost.missing is None:
            continue
        for name in dict.fromkeys(flat((cost.columns, cost.column, cost.baseline))):
            other = first.setdefault(name, path)
            if _codes(cost.missing) != _codes(costs[other].missing):
                yield f"{path}.missing", f"must be the codes of {other}, which reads column {name!r} too"


def _roles(design: Design) -> Iterator[tuple[str, str, str]]:
    """Yield each column that must have one role only, with its path and that role."""
    for table, keys in (
        ("table", ("patient", "time", "weight")),
        ("arm", ("column",)),
        ("cluster", ("column", "period")),
        ("dates", ("randomisation", "baseline")),
        ("death", ("date", "month", "status")),
        ("deviation", ("column",)),
        ("planned", ("follow_up",)),
        ("utility", ("columns", "states", "items")),
        ("effect", ("columns",)),
    ):
        for key in keys:
            for name in flat(getattr(getattr(design, table), key, None)):
                yield f"{table}.{key}", name, f"{table}.{key}"
    if design.effect and design.effect.baseline is not None and design.effect.baseline != design.effect.columns:
        # The column of a long table has the value at the start too.
        yield "effect.baseline", design.effect.baseline, "effect.baseline"
    for place, each in enumerate(design.covariate or ()):
        for name in flat(each and each.column):
            yield f"covariate[{place}].column", name, "covariate"
    for place, cost in enumerate(design.cost or ()):
        yield from _cost_roles(cost, place)


def _cost_roles(cost: Cost, place: int) -> Iterator[tuple[str, str, str]]:
    used = set()
    for key in ("columns", "column", "baseline"):
        for name in flat(getattr(cost, key, None)):
            # One count of visits may be priced twice, for the visit and for the travel.
            again = key == "columns" and name in used
            if again or name not in used:
                yield f"cost[{place}].{key}", name, f"cost[{place}]" if again else "cost"
            used.add(name)


def _shared_columns(design: Design) -> Iterator[Fault]:
    """Yield columns named for two things: an identifier or an outcome must not come back as a covariate."""
    first: dict[str, tuple[str, str]] = {}
    for path, name, role in _roles(design):
        if name not in first:
            first[name] = (path, role)
        elif not (role == first[name][1] == "cost"):
            yield path, f"must be a column of its own, got {name!r}, which {first[name][0]} names too"
