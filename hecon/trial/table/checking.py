"""A trial's data, checked: one row per patient, without identifiers."""

from __future__ import annotations

import math
import warnings
from collections import defaultdict
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from hecon.errors import InputError, StatisticalWarning, TrialError
from hecon.rulesets import DEFAULT, RuleSet, ruleset
from hecon.trial.deaths import of_the_dead, qalys_of, with_deaths, within_plan
from hecon.trial.effects import EffectMeasure
from hecon.trial.table.cells import TableFault, place_of
from hecon.trial.table.codebook import CodebookEntry, TableReading, codebook_of, reading_of
from hecon.trial.table.codes import category_doubts, code_doubts, label_doubts, label_faults, word_doubts
from hecon.trial.table.design import Design, read_design, used_columns
from hecon.trial.table.doubts import table_doubts
from hecon.trial.table.outcomes import (
    CostItem,
    Valued,
    costs_of,
    effects_of,
    negative_doubts,
    price_doubts,
    price_faults,
)
from hecon.trial.table.patients import (
    SubgroupLevels,
    arms_of,
    cluster_doubts,
    clusters_of,
    covariates_of,
    date_doubts,
    date_faults,
    each_number,
    patients_of,
    weights_of,
)
from hecon.trial.table.reading import fault_lines, missing_columns, source_of
from hecon.trial.table.vital_status import (
    deaths_of,
    planned_of,
    refuse_after_death,
    refuse_beyond_plan,
    suspected_deaths,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    import pandas as pd

    from hecon._arrays import Codes, Flags, Floats
    from hecon.tables import Provenance
    from hecon.trial.deaths import Deaths
    from hecon.trial.table.patients import Patients
    from hecon.trial.table.reading import RawTable

    Part = tuple[str, tuple[str, ...], Floats, Flags]


@dataclass(frozen=True, eq=False)
class Deviations:
    """When patients departed from their treatment, and which arm their later values are then imputed after.

    Attributes
    ----------
    months : ndarray
        The month after which each patient has departed, NaN for one who has not (patient).
    rule : {"column", "last-visit", "last-utility"}
        What tells: a column of the table, the last month at which anything was measured, or a utility.
    reference : str
        The arm of reference.
    methods : tuple of str
        The assumptions of the design's sensitivity analyses.
    """

    months: Floats = field(repr=False)
    rule: str
    reference: str
    methods: tuple[str, ...]

    def of(self, rows: Codes | Flags) -> Deviations:
        """Return those of some patients."""
        return replace(self, months=self.months[rows])


def deviations_of(source: RawTable, design: Design, patients: Patients, data: TrialData) -> Deviations | None:
    """Return when each patient departed, None if the design has nothing of it."""
    given = design.deviation
    if given is None:
        return None
    if given.column is None:
        rule = str(given.after)
        months = after_last(rule, data.months, data.utilities, data.items, data.costs)
    else:
        rule = "column"
        known = each_number(source, patients, given.column, may_be_empty=True)
        months = np.full(patients.count, np.nan) if known is None else known
        negative = (months < 0)[patients.of_row] & (patients.of_row >= 0)
        source.fault(given.column, "must be a month of at least 0, got a negative number", negative)
    return Deviations(months, rule, given.reference or design.arm.comparator, given.methods)


def after_last(
    rule: str, months: Sequence[float], utilities: Floats, items: Sequence[CostItem], costs: Floats
) -> Floats:
    """Return the last month at which something of each patient is known, NaN where that is the end (patient).

    With "last-utility" utilities alone count, as costs from a register go on when visits have ended.
    """
    times, known = np.array(months, dtype=np.float64), ~np.isnan(utilities)
    if rule == "last-visit":
        times = np.concatenate([times, [each.end for each in items]])
        known = np.concatenate([known, ~np.isnan(costs)], axis=1)
    last: Floats = np.where(known, times, 0.0).max(axis=1)
    return np.where(last < months[-1], last, np.nan)


@dataclass(frozen=True, eq=False, kw_only=True)
class TrialData:
    """A trial's data, one row per patient in the order of the table; NaN is missing, and nothing else is.

    Attributes
    ----------
    name, title, simulated : str, str and bool
        Of the design.
    strategies, arm : tuple of str, ndarray
        The strategies, the comparator first, and the place of each patient's arm among them (patient).
    effect : EffectMeasure
        What the effect is.
    months, utilities : tuple of float, ndarray
        Times [months] of the utilities, or of the values of another effect, and these values (patient, time).
    items, costs : tuple of CostItem, ndarray
        Category and period of each cost, and the costs (patient, item) [EUR], in the analysis' price year, not
        discounted.
    baseline_categories, baseline_costs : tuple of str, ndarray or None
        Categories with costs before the start, and these costs (patient, category) [EUR].
    covariates : ndarray
        Numbers, and 0 or 1 for the levels of a category but its most frequent (patient, covariate).
    covariate_names, covariate_columns, adjusts : tuple of str, str and frozenset
        Their names (of an undeclared level its rank by frequency, as in "region (level 2)"), the columns they are from,
        and which outcomes each adjusts, "cost" and "effect".
    cluster, period : ndarray or None
        Number of each patient's cluster, and of the calendar period in the order of time (patient).
    perspectives : dict
        Categories that each perspective counts.
    price_year, discount_cost, discount_effect : int and float
        Year of the prices, and yearly rates.
    utility_floor, utility_ceiling : float
        Lowest and highest value of the value set, -1 and 1 if unknown; of another effect those of its range.
    digest : str
        SHA-256 of the file's bytes; of a table in memory, of its names and cells.
    warnings, reading : tuple of str, TableReading or None
        What is doubtful, as warned of, and what was read of the table and taken as missing.
    regressors : {"same", "own"}
        Whether the equations of cost and of QALYs have the same baseline values as regressors, or each its own.
    rules : RuleSet
        Whose currency the costs are in, and at whose values of a QALY results are shown.
    deviations : Deviations or None
        When each patient departed from treatment; None where the design does not say.
    weights : ndarray or None
        Sampling weight of each patient (patient), of mean 1; None where all count alike.
    subgroups : tuple of SubgroupLevels
        Covariates within whose levels results are given too.
    discounted_costs : tuple of str
        Categories whose costs were discounted before they came into the table.
    deaths : Deaths or None
        When patients died; from then on their utilities and costs are 0, nothing is added to a total, and another
        effect has its `at_death`. None where the design says nothing of deaths.
    planned : ndarray or None
        Planned follow-up of each patient [months], where it differs: later values were never to be measured.
    start_assumed : float or None
        Utility that all are assumed to have at the start, where it was not measured.
    negative : tuple of str
        Categories of which the design declares amounts below 0.
    value_set, from_states, valued : Provenance or None, bool and tuple of Valued
        Where the value set is from, if the design names one, whether states were valued by it, and how each cost was.
    states : ndarray or None
        EQ-5D states that the measured utilities are the values of, 0 where missing (patient, time); None where the
        table has no answers to the EQ-5D.
    """

    name: str
    title: str
    simulated: bool
    strategies: tuple[str, ...]
    arm: Codes
    months: tuple[float, ...]
    utilities: Floats
    items: tuple[CostItem, ...]
    costs: Floats
    baseline_categories: tuple[str, ...]
    baseline_costs: Floats | None
    covariates: Floats
    covariate_names: tuple[str, ...]
    covariate_columns: tuple[str, ...]
    adjusts: tuple[frozenset[str], ...]
    cluster: Codes | None
    period: Codes | None
    perspectives: dict[str, tuple[str, ...]]
    price_year: int
    discount_cost: float
    discount_effect: float
    utility_floor: float
    digest: str
    warnings: tuple[str, ...] = ()
    reading: TableReading | None = None
    regressors: str = "same"
    utility_ceiling: float = 1.0
    rules: RuleSet = field(default_factory=ruleset)
    value_set: Provenance | None = None
    from_states: bool = False
    valued: tuple[Valued, ...] = ()
    deviations: Deviations | None = None
    deaths: Deaths | None = None
    negative: tuple[str, ...] = ()
    start_assumed: float | None = None
    codebook: tuple[CodebookEntry, ...] = field(default=(), repr=False)
    planned: Floats | None = None
    effect: EffectMeasure = field(default_factory=EffectMeasure)
    discounted_costs: tuple[str, ...] = ()
    subgroups: tuple[SubgroupLevels, ...] = ()
    weights: Floats | None = None
    states: Codes | None = field(default=None, repr=False)

    @property
    def effective(self) -> Floats:
        """Effective number of patients of each arm, (Σ w)²/Σ w²: with weights no more than there are."""
        weights = np.ones(self.arm.size) if self.weights is None else self.weights
        sums = (np.bincount(self.arm, each, len(self.strategies)) for each in (weights, weights**2))
        first, second = sums
        return np.asarray(first**2 / second)

    @property
    def horizon(self) -> float:
        """Last time of a value or end of a cost [months]."""
        return max((*self.months, *(each.end for each in self.items)))

    def __repr__(self) -> str:
        arms = ", ".join(f"{name} {int((self.arm == place).sum())}" for place, name in enumerate(self.strategies))
        return f"TrialData({self.name!r}, {arms})"


def trial_data(
    table: pd.DataFrame | dict[str, Any] | str | Path,
    design: Design | str | Path,
    *,
    rules: str | Path | RuleSet = DEFAULT,
) -> TrialData:
    """Return a trial's data from its table, checked against its design.

    Parameters
    ----------
    table : pandas.DataFrame, dict of columns, str or Path
        The table, or the path of a file that `hecon.trial.read_table` reads. Columns that the design does not name
        are not looked at.
    design : Design, or path of a TOML file
        Which column holds what.
    rules : str, Path or RuleSet, default "nl"
        Rules of a country, by name or as a file: their currency is that of the costs, and they give the values of a
        QALY at which results are shown and the discount rates that the design leaves out.

    Returns
    -------
    TrialData
        Arrays, one row per patient; no identifiers.

    Raises
    ------
    InputError
        If the table cannot be read, or has no rows; if there are no such rules, or their values are not per QALY.
    TrialError
        If the design has faults, or the table breaks its rules: all at once, each with its column and rows. Row 1 is
        the first below the names of the columns. An arm must have 5 patients, and 2 of them every utility, cost and
        covariate. Value labels of the file must not contradict the design, and a cluster holds patients of several arms
        only where periods or ``cluster.across_arms`` say so. Reference prices and the price index are of Dutch euros
        and of no other currency. No value and no identifier of a patient is told.

    Warns
    -----
    StatisticalWarning
        If an arm has fewer than 10 patients, covariates are collinear, or a difference in total costs or QALYs from the
        comparator has a skewness above 0.25 over the complete cases. Also if a code of ``table.missing`` could be a
        true value where it stands, the file labels a missing code as something else, no cluster changes arm over the
        periods, most clusters hold one patient, or Dutch prices, their index or the Dutch friction period stand beside
        the rules of another country; if columns seem to tell of deaths of which the design says nothing, or amounts
        below 0 look like codes for missing; if dates, times, deaths or departures look mistyped or in another unit than
        months, costs like sums since the start, or SPSS weighted or filtered what is read here as it stands.

    Notes
    -----
    Value labels are those of a Stata or SPSS file, or of a table in memory its ``attrs["value_labels"]``: a dict of
    columns, each a dict of codes and labels. A missing answer makes its utility missing, a missing use its cost.
    Absence before the start is valued by the hour: its friction period is not known. Without declared levels a dummy
    is named by its rank, not by its value. At a skewness of 0.25 one tail of a 95% t interval holds by its Edgeworth
    expansion 2.5% + 8.45% × 0.25 = 4.6%.

    References
    ----------
    Hall P. The Bootstrap and Edgeworth Expansion. Springer, 1992: section 2.6 (the t statistic of a skewed sample).
    https://doi.org/10.1007/978-1-4612-4384-7

    Examples
    --------
    >>> from hecon import trial
    >>> design = trial.design_of(
    ...     {
    ...         "format": 1,
    ...         "name": "tiny",
    ...         "table": {"layout": "wide", "patient": "id"},
    ...         "arm": {"column": "arm", "comparator": "usual", "interventions": ["new"]},
    ...         "utility": {"months": [0, 12], "columns": ["u0", "u12"]},
    ...         "cost": [{"category": "care", "columns": ["care"], "price_year": 2024}],
    ...         "perspective": {"healthcare": ["care"]},
    ...         "analysis": {"price_year": 2024},
    ...     }
    ... )
    >>> cells = {"id": [*range(9), 3], "arm": ["usual", "new"] * 5, "u0": [0.5] * 10, "u12": [0.6] * 10}
    >>> cells |= {"care": [250.0] * 10}
    >>> cells["arm"][1], cells["care"][4] = "nwe", float("inf")
    >>> trial.trial_data(cells, design)
    Traceback (most recent call last):
    ...
    hecon.errors.TrialError: trial tiny has 3 faults (rows are counted below the header):
      column 'id', rows 4 and 10: must be unique in a wide table, got one patient in two rows
      column 'arm', row 2: must be an arm of the design (usual, new), got another; arm.values tells what stands for each
      column 'care', row 5: must be finite, got infinite numbers or such beyond 1e30
    """
    if isinstance(design, (str, Path)):
        design = read_design(design)
    if not isinstance(design, Design):
        msg = f"design must be a hecon.trial.Design, got {type(design).__name__}; read_design reads one from a file"
        raise InputError(msg)
    chosen = _per_qaly(ruleset(rules))
    source = source_of(table, design)
    source.faults.extend((*missing_columns(source, used_columns(design)), *price_faults(design, chosen)))
    result = _gathered(source, design, chosen)
    if source.faults or result is None:
        raise TrialError(
            design.name, fault_lines(source.faults, design), rows=any(fault.rows for fault in source.faults)
        )
    doubts = (
        *code_doubts(source, design),
        *label_doubts(source, design),
        *category_doubts(source, design),
        *word_doubts(source, design),
        *cluster_doubts(result, design),
        *price_doubts(design, chosen),
        *suspected_deaths(source, design),
        *date_doubts(source, design),
        *table_doubts(source, design, result),
        *negative_doubts(source, design),
        *_warnings_of(result),
    )
    for message in doubts:
        warnings.warn(message, StatisticalWarning, stacklevel=2)
    codebook = codebook_of(source, design)
    reading = reading_of(source, design, result.arm.size, codebook)
    return replace(result, warnings=doubts, reading=reading, codebook=codebook)


def _per_qaly(rules: RuleSet) -> RuleSet:
    if rules.effect_unit != "QALY":
        msg = (
            f"rules must have values per QALY, as the effects of a trial are, got {rules.effect_unit} in {rules.name!r}"
        )
        raise InputError(msg)
    return rules


def _gathered(source: RawTable, design: Design, rules: RuleSet) -> TrialData | None:
    """Return the data, None if a column that everything hangs on is missing; every fault is added to the source."""
    patients = patients_of(source, design)
    if patients is None:
        return None
    arm = arms_of(source, design, patients)
    cluster, period = clusters_of(source, design, patients, arm)
    date_faults(source, design, patients)
    label_faults(source, design)
    covariates = covariates_of(source, design, patients)
    effects = effects_of(source, design, patients)
    result = TrialData(
        **_of_design(design, rules),
        # Without a sound column of the arm the others are checked all the same.
        arm=np.full(patients.count, -1) if arm is None else arm,
        cluster=cluster,
        period=period,
        digest=source.digest,
        **effects,
        **costs_of(source, design, patients),
        **covariates,
    )
    # What is not planned and the dead are told apart before they are set: that is not measured.
    planned = planned_of(source, design, patients)
    measured = replace(result, planned=planned)
    deaths = deaths_of(source, design, patients, measured)
    measured = replace(measured, deaths=deaths)
    refuse_beyond_plan(source, design, patients, measured)
    refuse_after_death(source, design, patients, measured)
    if arm is None:
        return None
    weights, deviations = weights_of(source, design, patients), deviations_of(source, design, patients, result)
    result = replace(result, weights=weights, deviations=deviations)
    if planned is not None:
        result = within_plan(replace(result, planned=planned))
    if deaths is not None:
        result = with_deaths(result, deaths)
    source.faults.extend(_observed_faults(result, design, _spoilt(source.faults)))
    return result


def _of_design(design: Design, rules: RuleSet) -> dict[str, Any]:
    """Return the fields of the data that the design tells."""
    discount_cost, discount_effect = design.analysis.rates(rules)
    return {
        "name": design.name,
        "title": design.title,
        "simulated": design.simulated,
        "strategies": design.strategies,
        "months": design.months,
        "start_assumed": None if design.utility is None else design.utility.start,
        "perspectives": dict(design.perspective),
        "price_year": design.analysis.price_year,
        "regressors": design.analysis.regressors,
        "rules": rules,
        "discount_cost": discount_cost,
        "discount_effect": discount_effect,
    }


# Observed values ------------------------------------------------------------------------------------------------------

_FEWEST_OBSERVED = 2


def _observed_faults(data: TrialData, design: Design, spoilt: dict[str, float]) -> Iterator[TableFault]:
    """Yield what fewer than two patients of an arm have, unless rows with a fault, `spoilt`, could fill it."""
    if design.table.time is not None and {place_of([design.table.patient]), place_of([design.table.time])} & set(
        spoilt
    ):
        return
    for what, columns, values, dead in _parts(data, design):
        known = ~np.isnan(values) & ~dead
        lost = sum(spoilt.get(place_of([name]), 0) for name in columns) + int((known & (data.arm < 0)).sum())
        for place, name in enumerate(data.strategies):
            own = data.arm == place
            seen = int(known[own].sum())
            lacks = bool(np.isnan(values[own]).any()) or not dead[own].any()
            if lacks and own.sum() >= _FEWEST_OBSERVED > seen + lost:
                rule = f"must have a value of the {what} for two patients at least, got {'one' if seen else 'none'}"
                where = f"{place_of(columns)}, arm {name!r}"
                yield TableFault(where, f"{rule}: an arm is imputed from its own patients")


def _spoilt(faults: Iterable[TableFault]) -> dict[str, float]:
    """Return how many rows of each place are at fault; of a column as a whole, all."""
    result: dict[str, float] = defaultdict(float)
    for fault in faults:
        result[fault.where] += len(fault.rows) or math.inf
    return dict(result)


def _parts(data: TrialData, design: Design) -> Iterator[Part]:
    """Yield what can be missing, with its columns, its values, and who is dead."""
    nobody = np.zeros(data.arm.size, dtype=bool)
    dead = of_the_dead(data)
    # A start that is assumed has no column.
    first = int(data.start_assumed is not None)
    for place, (month, each) in enumerate(zip(data.months[first:], _effect_columns(design), strict=True), start=first):
        columns = (each,) if isinstance(each, str) else tuple(str(name) for name in each)
        yield f"{data.effect.label} at month {month:g}", columns, data.utilities[:, place], dead[0][:, place]
    for place, item in enumerate(data.items):
        span = (item.start, item.end)
        costs = [cost for cost in design.cost if cost.category == item.category and span in (cost.periods or ())]
        used = [cost.columns[(cost.periods or ()).index(span)] if cost.columns else str(cost.column) for cost in costs]
        what = f"cost of {item.category} from month {item.start:g} to {item.end:g}"
        yield what, tuple(dict.fromkeys(used)), data.costs[:, place], dead[1][:, place]
    for name in dict.fromkeys(data.covariate_columns):
        yield f"covariate {name}", (name,), data.covariates[:, data.covariate_columns.index(name)], nobody
    if data.baseline_costs is not None:
        for place, category in enumerate(data.baseline_categories):
            used = [cost.baseline for cost in design.cost if cost.category == category and cost.baseline is not None]
            yield f"baseline cost of {category}", tuple(dict.fromkeys(used)), data.baseline_costs[:, place], nobody


def _effect_columns(design: Design) -> Iterator[str | tuple[str, ...]]:
    """Yield the column, or the five of items, of each value of the effect over time."""
    if design.utility is not None:
        given = design.utility
        names: Any = given.columns or given.states or given.items or ()
        yield from names if design.table.time is None else [names] * len(given.months)
    elif design.effect is not None:
        each = design.effect
        yield from () if each.baseline is None else (each.baseline,)
        yield from [each.columns] * len(each.months) if isinstance(each.columns, str) else each.columns


# Doubts ---------------------------------------------------------------------------------------------------------------

_SMALL = 10
_FEWEST = 3
# Skewness of a mean difference at which one tail of its 95% interval misses about 4.6% instead of 2.5%.
_SKEWED = 0.25
# Excess of that tail by the Edgeworth expansion of a t statistic, per unit of skewness: (2z² + 1)φ(z)/6, z = 1.96.
_EXCESS = 0.0845
# 1 − R² of a column on the others below which it is collinear.
_OWN = 1e-6
_SHARE = 1e-4
# Rounding of a standard deviation, relative to the largest value.
_ROUNDING = 1e-12


def _warnings_of(data: TrialData) -> Iterator[str]:
    """Yield what is doubtful about data without faults, one sentence each, without any patient's value."""
    for place, name in enumerate(data.strategies):
        size = int((data.arm == place).sum())
        if size < _SMALL:
            yield f"arm {name!r} has fewer than {_SMALL} patients, {size}: intervals rest on too few to be trusted"
    names, columns = _regressors(data)
    for dependent, others in collinear(columns):
        what = " and ".join(repr(names[other]) for other in others)
        yield f"covariate {names[dependent]!r} follows from {what}: collinear covariates cannot be told apart"
    yield from _skewed(data)


def _regressors(data: TrialData) -> tuple[list[str], Floats]:
    """Return all that outcomes are adjusted for, the arms and the baseline among it."""
    names = [f"arm {name}" for name in data.strategies[1:]]
    columns = [(data.arm == place).astype(float)[:, None] for place in range(1, len(data.strategies))]
    if data.effect.start:
        names.append(f"baseline {data.effect.start_label}")
        columns.append(data.utilities[:, :1])
    if data.baseline_costs is not None:
        names += [f"baseline cost of {name}" for name in data.baseline_categories]
        columns.append(data.baseline_costs)
    return [*names, *data.covariate_names], np.concatenate([*columns, data.covariates], axis=1)


def collinear(columns: Floats) -> list[tuple[int, tuple[int, ...]]]:
    """Return the columns that follow from others, each with those, over the complete rows.

    A column follows from others if they leave less than 1e-6 of its variance unexplained: QR with column pivoting of
    the standardised columns.
    """
    from scipy.linalg import qr, solve_triangular

    complete = columns[~np.isnan(columns).any(axis=1)]
    if len(complete) <= columns.shape[1] + 1:
        return []  # so few rows fit anything
    spread = complete.std(axis=0)
    varies = np.flatnonzero(spread > 1e-12 * (1 + np.abs(complete).max(axis=0)))
    if not varies.size:
        return []
    scaled = (complete[:, varies] - complete[:, varies].mean(axis=0)) / (spread[varies] * np.sqrt(len(complete)))
    triangle, order = qr(scaled, mode="r", pivoting=True, check_finite=False)[0:2]
    size = min(triangle.shape)
    rank = int((np.abs(np.diag(triangle)[:size]) > np.sqrt(_OWN)).sum())
    weights = solve_triangular(triangle[:rank, :rank], triangle[:rank, rank:size])
    result = []
    for place in range(rank, size):
        used = np.flatnonzero(np.abs(weights[:, place - rank]) > np.sqrt(_SHARE))
        result.append((int(varies[order[place]]), tuple(sorted(int(varies[order[other]]) for other in used))))
    return result


def skewness(values: Floats) -> float:
    """Return the moment coefficient of skewness, 0 for values that are all the same."""
    centred = values - values.mean()
    second = float(np.mean(centred**2))
    return 0.0 if second <= 0 else float(np.mean(centred**3)) / second**1.5


def skewness_of_difference(first: Floats, second: Floats) -> float:
    """Return the skewness of the difference of two means, in absolute value; 0 where values do not vary.

    The skewness γ of the values is taken as the same in both groups, estimated from all values about the mean of their
    group: a small sample shows its tail by chance. The standard deviations s are those of the groups or one for both,
    whichever gives more: |γ| · |s₁³/n₁² − s₀³/n₀²| / (s₁²/n₁ + s₀²/n₀)^1.5.
    """
    apart = [each - each.mean() for each in (first, second)]
    both = np.concatenate(apart)
    spread = float(both.std())
    if spread <= _ROUNDING * max(np.abs(first).max(), np.abs(second).max()):
        return 0.0
    sizes = np.array([each.size for each in apart], dtype=np.float64)
    own = np.array([each.std() for each in apart]) / spread
    parts = [abs(sds**3 / sizes**2 @ [1, -1]) / (sds**2 / sizes).sum() ** 1.5 for sds in (own, np.ones(2))]
    return abs(skewness(both)) * float(max(parts))


def _skewed(data: TrialData) -> Iterator[str]:
    """Yield the differences whose skewness makes one tail of the interval miss much more often than the other."""
    outcomes = {"total costs": data.costs.sum(axis=1)}
    if data.effect.exists:
        outcomes[data.effect.plural] = qalys_of(data)
    for what, values in outcomes.items():
        arms = [values[(data.arm == place) & ~np.isnan(values)] for place in range(len(data.strategies))]
        for place, name in enumerate(data.strategies[1:], start=1):
            pair = arms[0], arms[place]
            if min(each.size for each in pair) < _FEWEST:
                continue
            skew = skewness_of_difference(*pair)
            if skew > _SKEWED:
                tail = 100 * (0.025 + _EXCESS * skew)
                yield (
                    f"the difference in {what} between {name!r} and {data.strategies[0]!r} is skewed, {skew:.2f} over "
                    f"{pair[1].size} and {pair[0].size} complete patients: about {tail:.0f}% instead of 2.5% lies "
                    "beyond one end of a 95% interval, and less beyond the other"
                )
