"""Counts, means and missingness of a trial by arm; no patient's own values."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from hecon import _checks
from hecon._display import displayed
from hecon.trial.deaths import died, of_the_dead, unplanned
from hecon.trial.effects import EffectMeasure
from hecon.trial.imputation import variables_of
from hecon.trial.reference_based import after_departure, times_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from hecon._arrays import Codes, Flags, Floats
    from hecon.tables import Provenance
    from hecon.trial.table.checking import TrialData
    from hecon.trial.table.codebook import TableReading
    from hecon.trial.table.outcomes import CostItem, Valued

    Why = tuple[str | None, ...]


# Fewest patients with and without missing values for the test.
FEWEST = 10
# Share of the largest eigenvalue of a correlation matrix that counts as rounding.
_ROUNDING = 1e-10


@dataclass(frozen=True)
class Missingness:
    """What the data tell of why values are missing.

    Attributes
    ----------
    p : float or None
        p-value of the test that within the arms missing values have nothing to do with what is known of the start;
        None where it was not done.
    why : str or None
        Why it was not: "nothing" is missing, patients of "clusters" are alike, "few" patients have or lack something,
        nothing that is known of the "start" varies.
    patients : int
        Patients of whom the start is known and who did not die, whom the test is of.
    """

    p: float | None
    why: str | None = None
    patients: int = 0


def missingness_of(data: TrialData) -> Missingness:
    """Return whether a utility or cost after the start is missing more in patients who differ at the start.

    What lies beyond the planned follow-up of a patient is not missing here, and those who died are left out.
    Missing values that go with what is known of the start are not missing completely at random. Whether they are
    missing at random, given all that was seen, no data can tell. The test is that of Mantel within the arms, of all
    variables of the start together: utility, costs before it, covariates. Mantel N. Chi-square tests with one degree of
    freedom; extensions of the Mantel-Haenszel procedure. J Am Stat Assoc 1963;58:690-700.
    https://doi.org/10.1080/01621459.1963.10500879
    """
    first, beyond = int(data.effect.start), unplanned(data)
    after = np.column_stack([data.utilities[:, first:], data.costs])
    gone: Flags = np.any(np.isnan(after) & ~np.column_stack([beyond[0][:, first:], beyond[1]]), axis=1)
    if not gone.any():
        return Missingness(None, "nothing")
    if data.cluster is not None:
        return Missingness(None, "clusters")
    start = [data.covariates, data.utilities[:, :first]]
    start += [] if data.baseline_costs is None else [data.baseline_costs]
    columns = np.column_stack(start)
    if not columns.shape[1]:
        return Missingness(None, "start")
    known: Flags = ~np.any(np.isnan(columns), axis=1)
    # Of those who die early less can be missing.
    known &= ~died(data)
    count = int(known.sum())
    if min(int(gone[known].sum()), int((~gone[known]).sum())) < FEWEST:
        return Missingness(None, "few", count)
    p = association(gone[known], columns[known], data.arm[known])
    return Missingness(None, "start", count) if p is None else Missingness(p, None, count)


def association(marked: Flags, columns: Floats, stratum: Codes) -> float | None:
    """Return the p-value that marks, permuted within strata, have nothing to do with columns; None if none varies.

    The sum of the columns over the marked has mean and covariance of a permutation; its squared length in these is
    held against a chi-squared distribution.
    """
    from scipy.special import chdtrc

    size = columns.shape[1]
    apart, covariance = np.zeros(size), np.zeros((size, size))
    for each in np.unique(stratum):
        own = stratum == each
        if own.sum() < 2:  # noqa: PLR2004 (one alone cannot be permuted)
            continue
        marks, values = marked[own] - marked[own].mean(), columns[own] - columns[own].mean(axis=0)
        apart += marks @ values
        covariance += (marks @ marks) * (values.T @ values) / (own.sum() - 1)
    sd = np.sqrt(np.diag(covariance))
    varies = sd > _ROUNDING * (1 + np.abs(columns).max(axis=0))
    if not varies.any():
        return None
    scaled = apart[varies] / sd[varies]
    roots, axes = np.linalg.eigh(covariance[np.ix_(varies, varies)] / np.outer(sd[varies], sd[varies]))
    kept = roots > _ROUNDING * roots[-1]
    statistic = float(((axes.T @ scaled)[kept] ** 2 / roots[kept]).sum())
    return float(chdtrc(int(kept.sum()), statistic))


# Fewest patients whose mean is shown: the mean of fewer could give one of them away.
SMALL = 5
_TWO = 2


@dataclass(frozen=True)
class Row:
    """One variable by arm."""

    kind: str  # "covariate", "utility", "effect", "baseline cost" or "cost"
    # the covariate, the effect or the category of cost; empty for utilities and QALYs, or "assumed" for a utility that
    # no one measured
    name: str
    months: tuple[float, ...]  # time of a utility or another effect, start and end of a cost; empty for a covariate
    observed: tuple[int, ...]  # patients of whom it is known, by arm
    mean: tuple[float | None, ...]  # by arm, over those; None where they could give someone away, see `hidden`
    sd: tuple[float | None, ...]
    # why an arm has no mean: "observed", as fewer than five patients were; "few", as fewer than five have this level of
    # a category; "others", as fewer than five differ from all the others, or the mean would give a number away that is
    # hidden itself. None where it has one
    hidden: tuple[str | None, ...] = ()
    dead: tuple[int, ...] = ()  # patients who had died, by arm; empty where the design says nothing of deaths
    # living patients for whom it was not planned, by arm, who are among the missing; empty without a plan that differs
    unplanned: tuple[int, ...] = ()

    def missing(self, patients: tuple[int, ...]) -> tuple[int, ...]:
        """Return of how many of the patients of each arm it is missing, planned or not."""
        dead = self.dead or (0,) * len(patients)
        return tuple(count - seen - gone for count, seen, gone in zip(patients, self.observed, dead, strict=True))


@dataclass(frozen=True)
class DeathCounts:
    """Deaths of a trial by arm."""

    died: tuple[int, ...]  # patients who died within the time horizon
    unknown: tuple[int, ...]  # those whose vital status is not known to the end, and who are imputed as the living
    dated: str  # "date", "month" or "status": what tells when
    before: str | None  # how the utility runs from the last measurement to death: "line" or "level"; None without


@dataclass(frozen=True)
class Departed:
    """Who departed from treatment, and which missing values follow the arm of reference."""

    rule: str  # "column", "last-visit" or "last-utility"
    reference: str  # the arm of reference
    patients: tuple[int, ...]  # who departed, by arm
    after: tuple[int, ...]  # values after the start that follow the arm of reference, by arm
    at_random: tuple[int, ...]  # other values after the start that are missing, by arm


@displayed
@dataclass(frozen=True)
class Description:
    """Counts and means of a trial's data, by arm.

    Attributes
    ----------
    name, simulated : str and bool
        Name of the design, and whether the data are simulated.
    strategies : tuple of str
        The arms, the comparator first.
    patients, complete : tuple of int
        Patients by arm, and those of whom nothing is missing that was planned.
    clusters, clusters_by_arm : int and tuple of int, or None
        Number of clusters, and of those with a patient in each arm; those that cross over count in both.
    periods : int or None
        Number of calendar periods.
    effect : EffectMeasure
        What the effect is.
    months : tuple of float
        Times of the utilities, or of the values of another effect.
    price_year, discount_cost, discount_effect : int and float
        Year whose prices the costs are in, and yearly rates.
    perspectives : dict of str to tuple of str
        Categories of each perspective.
    rows : tuple of Row
        The variables.
    digest, reading : str, TableReading or None
        SHA-256 of the data, and what was read of the table and taken as missing.
    value_set, from_states, valued : Provenance or None, bool and tuple of Valued
        Where the value set of the utilities is from, if the design names one, whether these were valued by it from
        states, and how each cost was valued.
    items : tuple of CostItem
        Categories of cost and their periods.
    missingness : Missingness or None
        Whether patients with missing values differ at the start from those without.
    planned : dict of float to tuple of int, or None
        Patients by arm for each planned follow-up [months]; None where it does not differ.
    discounted_costs : tuple of str
        Categories whose costs were discounted before they came into the table.
    departed : Departed or None
        Who departed from treatment; None where the design does not say.
    effective : tuple of float or None
        Effective number of patients of each arm; None where all count alike. The means are not weighted.
    start_assumed : float or None
        Utility that all are assumed to have at the start, where it was not measured.
    negative : tuple of str
        Categories of cost of which the design declares amounts below 0.
    deaths : DeathCounts or None
        Who died, by arm; None where the design says nothing of deaths.
    """

    name: str
    simulated: bool
    strategies: tuple[str, ...]
    patients: tuple[int, ...]
    complete: tuple[int, ...]
    clusters: int | None
    clusters_by_arm: tuple[int, ...] | None
    periods: int | None
    months: tuple[float, ...]
    price_year: int
    discount_cost: float
    discount_effect: float
    perspectives: dict[str, tuple[str, ...]]
    rows: tuple[Row, ...]
    digest: str
    reading: TableReading | None = None
    value_set: Provenance | None = None
    from_states: bool = False
    valued: tuple[Valued, ...] = ()
    items: tuple[CostItem, ...] = ()
    missingness: Missingness | None = None
    effect: EffectMeasure = field(default_factory=EffectMeasure)
    discounted_costs: tuple[str, ...] = ()
    effective: tuple[float, ...] | None = None
    departed: Departed | None = None
    deaths: DeathCounts | None = None
    negative: tuple[str, ...] = ()
    start_assumed: float | None = None
    planned: dict[float, tuple[int, ...]] | None = None

    @property
    def spans(self) -> dict[str, tuple[float, float]]:
        """Start and end [months] of the costs of each category."""
        own: dict[str, list[CostItem]] = {}
        for each in self.items:
            own.setdefault(each.category, []).append(each)
        return {name: (min(each.start for each in of), max(each.end for each in of)) for name, of in own.items()}

    @property
    def horizon(self) -> float:
        """Last time of a value or end of a cost [months]."""
        return max((*self.months, *(each.end for each in self.items)))

    @property
    def incomplete(self) -> tuple[float, ...]:
        """Share of the patients of each arm of whom something is missing."""
        return tuple(1 - whole / count for whole, count in zip(self.complete, self.patients, strict=True))


# What a description takes from the data as it is.
_OF_THE_DATA = (
    *("name", "simulated", "strategies", "months", "items", "perspectives", "effect", "start_assumed", "digest"),
    *("reading", "price_year", "discount_cost", "discount_effect", "discounted_costs", "negative", "valued"),
    *("value_set", "from_states"),
)


def describe(data: TrialData) -> Description:
    """Describe a trial by counts and means.

    Parameters
    ----------
    data : TrialData
        The trial.

    Returns
    -------
    Description
        Safe to print: a mean is left out over fewer than five patients, or where fewer than five differ from all the
        others of their arm; so is the share of a level that fewer than five have, with as many other shares as keep it
        from being computed.
    """
    _checks.instance("data", data, "TrialData", "hecon.trial.trial_data returns one from a table and its design")
    beyond = unplanned(data)
    parts = [data.covariates, np.where(beyond[0], 0.0, data.utilities), np.where(beyond[1], 0.0, data.costs)]
    parts += [] if data.baseline_costs is None else [data.baseline_costs]
    whole = ~np.isnan(np.column_stack(parts)).any(axis=1)
    arms, cluster = len(data.strategies), data.cluster
    by_arm = None if cluster is None else tuple(np.unique(cluster[data.arm == arm]).size for arm in range(arms))
    return Description(
        **{name: getattr(data, name) for name in _OF_THE_DATA},
        patients=tuple(int(each) for each in np.bincount(data.arm, minlength=arms)),
        complete=tuple(int(each) for each in np.bincount(data.arm[whole], minlength=arms)),
        clusters=None if cluster is None else np.unique(cluster).size,
        clusters_by_arm=by_arm,
        periods=None if data.period is None else int(np.unique(data.period).size),
        rows=(*_covariates(data), *_utilities(data), *_costs(data)),
        missingness=missingness_of(data),
        departed=_departed(data),
        effective=None if data.weights is None else tuple(float(each) for each in data.effective),
        deaths=_deaths(data),
        planned=_planned(data),
    )


def _departed(data: TrialData) -> Departed | None:
    """Return who departed from treatment, and which values follow the arm of reference."""
    given = data.deviations
    if given is None:
        return None
    all_ = variables_of(data)
    later = times_of(data, all_)[0] > 0
    with np.errstate(invalid="ignore"):
        gone = (all_.missing & (times_of(data, all_)[0] > given.months[:, None])).any(axis=1)
    # By what is last known, whoever lacks nothing afterwards, as one who died, did not depart.
    left = ~np.isnan(given.months) & (gone | (given.rule == "column"))
    missing = all_.missing[:, later].sum(axis=1)
    own = after_departure(data, all_).sum(axis=1)
    own[data.arm == data.strategies.index(given.reference)] = 0

    def by_arm(counts: NDArray[np.int_]) -> tuple[int, ...]:
        return tuple(int(counts[data.arm == arm].sum()) for arm in range(len(data.strategies)))

    patients = by_arm(left.astype(np.int_))
    return Departed(given.rule, given.reference, patients, by_arm(own), by_arm(missing - own))


def _planned(data: TrialData) -> dict[float, tuple[int, ...]] | None:
    if data.planned is None:
        return None
    return {
        float(month): tuple(map(int, np.bincount(data.arm[data.planned == month], minlength=len(data.strategies))))
        for month in np.unique(data.planned)
    }


def _deaths(data: TrialData) -> DeathCounts | None:
    deaths = data.deaths
    if deaths is None:
        return None
    told = died(data), np.isfinite(deaths.unknown_from)
    by_arm = [tuple(map(int, np.bincount(data.arm[each], minlength=len(data.strategies)))) for each in told]
    return DeathCounts(by_arm[0], by_arm[1], deaths.dated, deaths.before)


def _row(
    data: TrialData,
    about: tuple[str, str, tuple[float, ...]],
    values: Floats,
    few: Why | None = None,
    *,
    dead: Flags | None = None,
    beyond: Flags | None = None,
) -> Row:
    """Return a variable of the living by arm; `few` says why a share is hidden, else the values are looked at."""
    observed, means, spreads, hidden = [], [], [], []
    for arm in range(len(data.strategies)):
        own = values[(data.arm == arm) & (True if dead is None else ~dead)]
        own = own[~np.isnan(own)]
        why = "observed" if own.size < SMALL else few[arm] if few is not None else _why_hidden(own)
        observed.append(int(own.size))
        means.append(None if why else float(own.mean()))
        spreads.append(None if why else float(own.std(ddof=1)))
        hidden.append(why)
    counts = [
        () if each is None else tuple(map(int, np.bincount(data.arm[each], minlength=len(data.strategies))))
        for each in (dead, beyond)
    ]
    return Row(*about, tuple(observed), tuple(means), tuple(spreads), tuple(hidden), *counts)


def _why_hidden(values: Floats) -> str | None:
    """Return why the mean of an arm would give someone away: the values of so few are not those of all the others."""
    counts = np.unique(values, return_counts=True)[1]
    return "others" if 0 < values.size - counts.max() < SMALL else None


def _covariates(data: TrialData) -> list[Row]:
    rows = []
    names = np.array(data.covariate_columns)
    for column in dict.fromkeys(data.covariate_columns):
        places = np.flatnonzero(names == column)
        values = data.covariates[:, places]
        few = _hidden_levels(data, values) if _is_category(values) else [None] * places.size
        rows += [
            _row(data, ("covariate", data.covariate_names[place], ()), own, each)
            for place, own, each in zip(places, values.T, few, strict=True)
        ]
    return rows


def _is_category(values: Floats) -> bool:
    """Return whether columns are the levels of a category; two numbers are as two levels."""
    known = values[~np.isnan(values)]
    return values.shape[1] > 1 or np.unique(known).size <= _TWO


def _hidden_levels(data: TrialData, values: Floats) -> list[Why]:
    """Return why each level of a category is hidden in each arm, by level."""
    shown = (values == np.nanmax(values)) if values.shape[1] == 1 else values == 1
    known = ~np.isnan(values).any(axis=1)
    by_arm = []
    for arm in range(len(data.strategies)):
        own = known & (data.arm == arm)
        by_arm.append(_hidden_shares(shown[own].sum(axis=0), int(own.sum())))
    return [tuple(each) for each in zip(*by_arm, strict=True)]


def _hidden_shares(counts: NDArray[np.int_], total: int) -> list[str | None]:
    """Return which shares of one arm are hidden, given the patients of each level but the reference.

    A level of fewer than five is hidden. What is hidden and not shown (the reference) holds five patients at least and
    two levels, or the smallest level that is shown is hidden too: else a subtraction would give it.
    """
    result: list[str | None] = ["few" if count < SMALL else None for count in counts]
    reference = total - int(counts.sum())
    if reference >= SMALL and not any(result):
        return result
    while None in result:
        hidden = [int(count) for count, why in zip(counts, result, strict=True) if why]
        if hidden and sum(hidden) + reference >= SMALL:
            break
        smallest = min(
            (int(count), place) for place, (count, why) in enumerate(zip(counts, result, strict=True)) if not why
        )
        result[smallest[1]] = "others"
    return result


def _utilities(data: TrialData) -> list[Row]:
    effect, (dead, beyond) = data.effect, _apart(data, 0)
    # Before totals of QALYs there is a utility at the start.
    kinds = ["utility" if effect.kind == "utilities" else "effect" for _ in data.months]
    if effect.start and effect.is_qaly:
        kinds[0] = "utility"
    return [
        _row(data, (kind, effect.name or _assumed(data, at), (month,)), column, dead=dead[at], beyond=beyond[at])
        for at, (kind, month, column) in enumerate(zip(kinds, data.months, data.utilities.T, strict=True))
    ]


def _apart(data: TrialData, kind: int) -> tuple[list[Flags | None], list[Flags | None]]:
    """Return who is dead, and whose planned follow-up has ended, by time (kind 0) or cost (1); None without either."""
    dead = None if data.deaths is None else of_the_dead(data)
    beyond = None if data.planned is None else unplanned(data)
    count = (data.utilities, data.costs)[kind].shape[1]
    return (
        [None] * count if dead is None else list(dead[kind].T),
        [None] * count if beyond is None else list(beyond[kind].T),
    )


def _assumed(data: TrialData, at: int) -> str:
    return "assumed" if at == 0 and data.start_assumed is not None else ""


def _costs(data: TrialData) -> list[Row]:
    before = [] if data.baseline_costs is None else zip(data.baseline_categories, data.baseline_costs.T, strict=True)
    dead, beyond = _apart(data, 1)
    return [_row(data, ("baseline cost", name, ()), column) for name, column in before] + [
        _row(
            data,
            ("cost", item.category, (item.start, item.end)),
            column,
            dead=dead[at],
            beyond=beyond[at],
        )
        for at, (item, column) in enumerate(zip(data.items, data.costs.T, strict=True))
    ]
