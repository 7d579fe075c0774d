"""The design of a trial: which column of its table holds what, and what is to be computed from it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import Field, field_validator

from hecon._io import TEXT_BYTES, file_bytes
from hecon.errors import InputError, TrialError
from hecon.files import parts, toml
from hecon.files.faults import shown
from hecon.files.parts import Format, Identifier, listed
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
    refuse_faults,
)
from hecon.trial.table.design_parts import design_faults, with_periods
from hecon.valuesets import is_file_name

if TYPE_CHECKING:
    from collections.abc import Callable

    from pydantic import ValidationInfo

    from hecon.files.faults import Fault


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
    between = () if whole is None else design_faults(whole, paths)
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
