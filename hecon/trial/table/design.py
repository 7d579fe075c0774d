"""The design of a trial: which column of its table holds what, and what is to be computed from it."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Absence", "Analysis", "Arm", "Cluster", "Cost", "Covariate", "Dates", "Design", "Table", "Utility"]


@dataclass(frozen=True, kw_only=True)
class Table:
    """How the table is laid out.

    Parameters
    ----------
    layout : str
        "wide" (one row per patient) or "long" (one row per patient and time).
    patient : str
        Column that identifies the patient. It is used to find repeated patients and goes no further.
    time : str, optional
        Column of the time [months]; of a long table, and then needed.
    missing : tuple of numbers and text, optional
        Values that mean missing in every column, beside empty cells; not in those of the patient, the time, the cluster
        and the period. A code that one kind of column alone has, as the 9 of a questionnaire, belongs in the `missing`
        of that part: elsewhere it can be a true value.
    separator : str, default ","
        What stands between the cells of a CSV file.
    decimal : str, optional
        "." or ","; default ".", or "," where `thousands` is ".".
    thousands : str, optional
        Mark between the thousands of a number in text: ".", ",", " " (any space) or "'"; "none" if there is none.
        Without it a column is a fault whose numbers with a mark could all be thousands: 1.234 unless `decimal` is
        given, and 1,234 with a decimal comma.
    """

    layout: str
    patient: str
    time: str | None = None
    missing: tuple[float | str, ...] = ()
    separator: str = ","
    decimal: str | None = None
    thousands: str | None = None


@dataclass(frozen=True, kw_only=True)
class Arm:
    """The strategies that the patients were randomised to.

    Parameters
    ----------
    column : str
        Column of the arm.
    comparator : str
        Name of the strategy that the others are compared with.
    interventions : tuple of str
        Names of the others, one or more.
    values : mapping of str to number or text, optional
        What stands in the column for each strategy, or the label that a Stata or SPSS file gives it; default their
        names.
    """

    column: str
    comparator: str
    interventions: tuple[str, ...]
    values: Mapping[str, float | str] | None = None


@dataclass(frozen=True, kw_only=True)
class Cluster:
    """The clusters of a trial that randomised groups of patients.

    Parameters
    ----------
    column : str
        Column of the cluster.
    period : str, optional
        Column of the calendar period, as a number that rises with time: of a stepped-wedge trial.
    across_arms : str, optional
        What a cluster is whose patients are in several arms: "same", one cluster, as a centre that treats patients of
        every arm; "separate", a cluster in each arm, where every arm numbers its clusters from 1. Needed where there
        are such clusters and the periods do not explain them.
    """

    column: str
    period: str | None = None
    across_arms: str | None = None


@dataclass(frozen=True, kw_only=True)
class Dates:
    """Dates by which a baseline measured after randomisation is found.

    Parameters
    ----------
    randomisation, baseline : str
        Columns of the date of randomisation and of that of the baseline measurement.
    missing : tuple of numbers and text, optional
        Values that mean missing in these columns, beside those of the table.
    """

    randomisation: str
    baseline: str
    missing: tuple[float | str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Covariate:
    """A property of the patient at baseline.

    Parameters
    ----------
    column : str
        Its column.
    kind : str, default "number"
        "number" or "category". A category becomes a dummy for each level but its most frequent, the reference.
    adjusts : tuple of str, default ("cost", "effect")
        Which outcomes it adjusts; with none it only helps to impute.
    levels : tuple of numbers and text, optional
        The levels of a category, or their labels in a Stata or SPSS file, which then name its dummies, as in
        "region = north"; a table that holds another is at fault. Without them levels are numbered by frequency, the
        reference 1, and dummies named "region (level 2)": a level's own name might tell who has it.
    missing : tuple of numbers and text, optional
        Values that mean missing in this column, beside those of the table.
    """

    column: str
    kind: str = "number"
    adjusts: tuple[str, ...] = ("cost", "effect")
    levels: tuple[float | str, ...] = ()
    missing: tuple[float | str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Utility:
    """The quality of life over time: one of `columns`, `states` and `items`.

    Parameters
    ----------
    months : tuple of float
        Times [months]: 0 (baseline) and increasing.
    value_set : str, optional
        Value set of `hecon.utility`; needed with `states` and `items`. With `columns` it only tells the lowest value.
    columns : tuple of str, optional
        Utilities, one column per time; of a long table the one column.
    states : tuple of str, optional
        EQ-5D states, one column per time; of a long table the one column.
    items : tuple, optional
        Answers to the five items, five columns per time: mobility, self-care, usual activities, pain, anxiety; of a
        long table the five columns. Names of columns that tell another order, or other times, are refused.
    missing : tuple of numbers and text, optional
        Values that mean missing in these columns, beside those of the table.
    """

    months: tuple[float, ...]
    value_set: str | None = None
    columns: tuple[str, ...] | str | None = None
    states: tuple[str, ...] | str | None = None
    items: tuple[tuple[str, ...], ...] | tuple[str, ...] | None = None
    missing: tuple[float | str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Absence:
    """How hours of absence from paid work are valued: by the friction-cost method.

    Parameters
    ----------
    hours_per_week : float
        Working hours of a week, in (0, 168].
    weeks : float, optional
        Friction period [weeks], above 0; default that of the costing manual, as `hecon.prices.friction_period` has it.
    """

    hours_per_week: float
    weeks: float | None = None


@dataclass(frozen=True, kw_only=True)
class Cost:
    """Costs, or resource use and its price.

    Parameters
    ----------
    category : str
        Its category. Several costs of one category and period add up.
    columns : tuple of str, optional
        One column per period, of a wide table.
    column : str, optional
        The column of a long table; a value stands in the row of the period's end.
    periods : tuple of pairs of float, optional
        Start and end of each period [months], one after the other without a gap; default the spans between the times of
        the utilities. A category need not begin at 0 nor last till the end.
    price : float or str, optional
        Price per unit [EUR], at least 0, or the name of a reference price. Without one the columns hold amounts [EUR].
    price_year : int, optional
        Year of the price or the amounts; needed, except with a reference price, which knows its own.
    baseline : str, optional
        Column with the use in the period before the start; of a long table it stands in the row of month 0 and may be
        `column` itself.
    absence : Absence, optional
        If the columns hold hours of absence from paid work. All periods of a category's absence stand in one cost, as
        each cost begins the friction period anew.
    missing : tuple of numbers and text, optional
        Values that mean missing in these columns, beside those of the table.
    """

    category: str
    columns: tuple[str, ...] | None = None
    column: str | None = None
    periods: tuple[tuple[float, float], ...] | None = None
    price: float | str | None = None
    price_year: int | None = None
    baseline: str | None = None
    absence: Absence | None = None
    missing: tuple[float | str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Analysis:
    """What the results are expressed in.

    Parameters
    ----------
    price_year : int
        Year whose prices the costs are expressed in.
    discount_cost, discount_effect : float, default 0.03 and 0.015
        Yearly rates, in [0, 1); the defaults are those of the Dutch guideline of 2024.
    regressors : {"same", "own"}, default "same"
        Baseline values in the regressions. "same": the utility at the start and the cost before the start in both
        equations, which makes them ordinary least squares. "own": the utility in the equation of QALYs alone and the
        cost in that of costs alone, as seemingly unrelated regressions (SUR). Covariates stand in the equations that
        ``Covariate.adjusts`` names.

    Notes
    -----
    With own regressors a chance imbalance of the utility at the start passes into the difference in costs, and through
    the correlation of the residuals into that in QALYs.
    """

    price_year: int
    discount_cost: float = 0.03
    discount_effect: float = 0.015
    regressors: str = "same"


@dataclass(frozen=True, kw_only=True)
class Design:
    """The design of a trial, checked as a whole.

    Parameters
    ----------
    name : str
        Lower-case words joined by hyphens.
    table : Table
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
    format : int, default 1
        Version of this form of design.

    Raises
    ------
    TrialError
        If the design breaks its rules: all faults at once, each with its path.

    Notes
    -----
    The keys of a TOML file are the same; `hecon.trial.read_design` reads one. Periods of a category must not leave a
    gap, in which costs would count as 0 without a word.

    Examples
    --------
    >>> from hecon import trial
    >>> design = trial.Design(
    ...     name="two-arms",
    ...     table=trial.Table(layout="wide", patient="id"),
    ...     arm=trial.Arm(column="arm", comparator="usual", interventions=("new",)),
    ...     utility=trial.Utility(months=(0, 12), columns=("u0", "u12")),
    ...     cost=(trial.Cost(category="hospital", columns=("hospital",), price_year=2024),),
    ...     perspective={"healthcare": ("hospital",)},
    ...     analysis=trial.Analysis(price_year=2024),
    ... )
    >>> design.cost[0].periods, design.strategies
    (((0.0, 12.0),), ('usual', 'new'))
    """

    name: str
    table: Table
    arm: Arm
    utility: Utility
    cost: tuple[Cost, ...]
    perspective: Mapping[str, tuple[str, ...]]
    analysis: Analysis
    title: str = ""
    simulated: bool = False
    covariate: tuple[Covariate, ...] = field(default=())
    cluster: Cluster | None = None
    dates: Dates | None = None
    format: int = 1

    def __post_init__(self) -> None:
        from hecon.trial.table.design_reading import clean_parts

        parts = clean_parts({each.name: getattr(self, each.name) for each in fields(self)})
        for name, part in parts.items():
            object.__setattr__(self, name, part)

    @property
    def strategies(self) -> tuple[str, ...]:
        """Names of the strategies, the comparator first."""
        return (self.arm.comparator, *self.arm.interventions)
