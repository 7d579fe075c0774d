"""A trial's results within levels of a covariate, and by how much they differ between levels."""

from __future__ import annotations

import warnings
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np
import xarray as xr

from hecon import _checks
from hecon._display import displayed
from hecon.draws import from_arrays
from hecon.errors import InputError, StatisticalWarning
from hecon.trial import analysing
from hecon.trial.description import SMALL
from hecon.trial.estimates import differences, draw
from hecon.trial.sensitivity import refuse_other_data, settings_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hecon._arrays import Codes, Floats
    from hecon.trial.analysis import PerspectiveAnalysis, TrialAnalysis
    from hecon.trial.estimates import Estimate
    from hecon.trial.table.checking import TrialData
    from hecon.trial.table.patients import SubgroupLevels


@displayed
@dataclass(frozen=True)
class SubgroupAnalysis:
    """The results from one perspective within the levels of one covariate.

    Attributes
    ----------
    column : str
        The covariate.
    prespecified : bool
        Whether the design says that it was prespecified.
    perspective : str
        The perspective.
    strategies, levels : tuple of str
        The arms, the comparator first, and the levels, that with which the others are compared first.
    patients : tuple of tuple of int
        Patients by level and arm; empty where the subgroup is not analysed, as a level has too few in an arm.
    cells : PerspectiveAnalysis or None
        The analysis with a mean for each arm in each level, level by level; None where it is not analysed.
    cut_points : tuple of float
        Of a covariate that is a number, where its levels begin but the first; empty of a category.
    """

    column: str
    prespecified: bool
    perspective: str
    strategies: tuple[str, ...]
    levels: tuple[str, ...]
    patients: tuple[tuple[int, ...], ...] = ()
    cells: PerspectiveAnalysis | None = field(default=None, repr=False)
    cut_points: tuple[float, ...] = ()

    def difference(self, level: str, strategy: str, outcome: str) -> Estimate:
        """Return the difference in "cost" or "effect" from the comparator within a level."""
        return self._found.spread.of(self._outcome(level, strategy, outcome))

    def net_benefit(self, level: str, strategy: str, *, wtp: float) -> Estimate:
        """Return the incremental net benefit over the comparator within a level."""
        return self._found.spread.of(self._benefit(level, strategy, wtp))

    def interaction(self, level: str, strategy: str, outcome: str) -> Estimate:
        """Return by how much the difference in "cost" or "effect" in a level exceeds that in the first level."""
        first = self._outcome(self.levels[0], strategy, outcome)
        return self._found.spread.of(self._outcome(level, strategy, outcome) - first)

    def benefit_interaction(self, level: str, strategy: str, *, wtp: float) -> Estimate:
        """Return by how much the incremental net benefit in a level exceeds that in the first level."""
        return self._found.spread.of(self._benefit_contrast(level, strategy, wtp))

    def p_value(self, level: str, strategy: str, *, wtp: float) -> float | None:
        """Return the two-sided p-value that net benefit differs between a level and the first; None if it is fixed."""
        contrast = self._benefit_contrast(level, strategy, wtp)
        if self._found.spread.of(contrast).se == 0:
            return None
        share = self._found.spread.above_zero(contrast)
        return 2 * min(share, 1 - share)

    @property
    def shares(self) -> dict[str, float]:
        """Share of the patients of the trial who have each level; empty where the subgroup is not analysed."""
        counts = [sum(each) for each in self.patients]
        return {level: count / sum(counts) for level, count in zip(self.levels, counts, strict=False)}

    def draws(self, *, n_draws: int = 100_000, rng: int | np.random.Generator | None = None) -> xr.Dataset:
        """Draw the adjusted mean cost and effect of each arm in each level.

        Parameters
        ----------
        n_draws : int, default 100,000
            Number of draws, at least 10.
        rng : int, numpy.random.Generator or None
            Seed or generator.

        Returns
        -------
        xarray.Dataset
            ``cost`` and ``effect`` (subgroup, draw, strategy), as `hecon.stratified_value` takes them together with
            `shares`. Differences between arms within a level are drawn from t distributions with the pooled estimates,
            the total covariance, that of different levels included, and their own degrees of freedom.

        Raises
        ------
        InputError
            If the subgroup is not analysed, or the trial compares costs alone.
        """
        found, levels, arms = self._found, len(self.levels), len(self.strategies)
        count, effect = _checks.count("n_draws", n_draws, at_least=10), found.effect
        if not effect.exists:
            msg = f"draws must have effects, which a trial of costs alone has not, by the subgroup {self.column!r} too"
            raise InputError(msg)
        within = np.kron(np.eye(levels), differences(arms))
        basis = np.kron(np.array([[0, 1], [1, 0]]), within)
        values = draw(found.spread, basis, count, _checks.generator(rng)).reshape(count, 2, levels, arms)
        parts = [
            from_arrays(
                *np.moveaxis(values[:, :, place], 1, 0),
                strategies=list(self.strategies),
                comparator=self.strategies[0],
                currency=found.rules.currency,
                effect_unit=effect.unit,
                effect_better=effect.better,
            )
            for place in range(levels)
        ]
        result = xr.concat(parts, dim=xr.Variable("subgroup", list(self.levels)), combine_attrs="override")
        smallest = min(
            self.difference(level, strategy, outcome).df
            for level in self.levels
            for strategy in self.strategies[1:]
            for outcome in ("cost", "effect")
        )
        freedom = {"smallest": smallest, "clusters": None, "imputations": None}
        return result.assign_attrs(freedom=freedom) if np.isfinite(smallest) else result

    @property
    def _found(self) -> PerspectiveAnalysis:
        if self.cells is None:
            msg = f"the subgroup {self.column!r} must be analysed, and it is not: too few patients of an arm in a level"
            raise InputError(msg)
        return self.cells

    def _cells(self, level: str, strategy: str) -> tuple[str, str]:
        """Return the names of a cell and of the comparator's in the same level."""
        _checks.one_of("level", level, self.levels)
        _checks.one_of("strategy", strategy, self.strategies[1:])
        first = self.levels.index(level) * len(self.strategies)
        names = self._found.strategies
        return names[first + self.strategies.index(strategy)], names[first]

    def _outcome(self, level: str, strategy: str, outcome: str) -> Floats:
        own, other = self._cells(level, strategy)
        _checks.one_of("outcome", outcome, ("cost", "effect"))
        return self._found.contrast(
            own, cost=float(outcome == "cost"), effect=float(outcome == "effect"), against=other
        )

    def _benefit(self, level: str, strategy: str, wtp: float) -> Floats:
        own, other = self._cells(level, strategy)
        return self._found.benefit(own, wtp=wtp, against=other)

    def _benefit_contrast(self, level: str, strategy: str, wtp: float) -> Floats:
        return self._benefit(level, strategy, wtp) - self._benefit(self.levels[0], strategy, wtp)


def subgroups(
    data: TrialData, main: TrialAnalysis, *, rng: int | np.random.Generator | None = None
) -> tuple[SubgroupAnalysis, ...]:
    """Return the results of a trial within the levels of each subgroup that its design names.

    Parameters
    ----------
    data : TrialData
        The checked trial.
    main : TrialAnalysis
        Its main analysis.
    rng : int, numpy.random.Generator or None
        Seed or generator.

    Returns
    -------
    tuple of SubgroupAnalysis
        By subgroup and perspective; empty where the design has none. Differences in cost and effect, and net benefit,
        within each level, and by how much they exceed those in the first level (interaction), with intervals.

    Warns
    -----
    StatisticalWarning
        If a subgroup is not analysed, as fewer than five patients of an arm have a level, or as the model cannot be
        fitted.

    Notes
    -----
    One regression has a mean for each arm in each level, and the same covariates as the main analysis, whose imputed
    sets it takes. Arms are imputed each by itself, with the level among the predictors, so that what is imputed may
    differ between arms by level (arm × subgroup). Patients are resampled within arm and level. Intervals are not
    widened for the number of levels or of subgroups.

    A category adjusts no more, as the levels tell it. A number that cut points divide still adjusts within its levels,
    if it does in the main analysis; beside it its levels are among the predictors of the imputation. Dividing a number
    loses what lies within the levels, and cut points that were chosen after the data were seen find differences that
    are not there.

    References
    ----------
    Wang R, Lagakos SW, Ware JH, Hunter DJ, Drazen JM. Statistics in medicine: reporting of subgroup analyses in
    clinical trials. N Engl J Med 2007;357:2189-2194. https://doi.org/10.1056/NEJMsr077003
    """
    refuse_other_data(data, main)
    seed = int(_checks.generator(rng).integers(2**63))
    return tuple(each for place in range(len(data.subgroups)) for each in _of_one(data, main, place, seed))


def _of_one(data: TrialData, main: TrialAnalysis, place: int, seed: int) -> Iterator[SubgroupAnalysis]:
    """Yield the results of one subgroup by perspective, without any where it is not analysed."""
    own, arms = data.subgroups[place], len(data.strategies)
    names = tuple(each.name for each in main.perspectives)
    counts = np.zeros((len(own.levels), arms), dtype=np.intp)
    np.add.at(counts, (own.codes, data.arm), 1)
    about = (own.column, own.prespecified)
    bare = [SubgroupAnalysis(*about, name, data.strategies, own.levels, cut_points=own.cut_points) for name in names]
    if counts.min() < SMALL:
        text = f"subgroup {own.column!r} is not analysed: fewer than {SMALL} patients of an arm have one of its levels"
        warnings.warn(text, StatisticalWarning, stacklevel=4)
        yield from bare
        return
    cells = own.codes * arms + data.arm
    try:
        found = analysing.run(
            _by_cell(data, own, cells),
            names,
            "imputation",
            settings_of(data, main, seed),
            np.random.default_rng(seed),
        )
    except InputError as error:
        warnings.warn(f"subgroup {own.column!r} is not analysed: {error}", StatisticalWarning, stacklevel=4)
        yield from bare
        return
    patients = tuple(tuple(int(each) for each in row) for row in counts)
    for one, each in zip(bare, found.perspectives, strict=True):
        yield replace(one, patients=patients, cells=each)


def _by_cell(data: TrialData, own: SubgroupLevels, cells: Codes) -> TrialData:
    """Return a trial whose arms are those in each level; a category adjusts no more, as the cells tell it."""
    adjusts = tuple(
        frozenset() if name == own.column and not own.cut_points else each
        for name, each in zip(data.covariate_columns, data.adjusts, strict=True)
    )
    strategies = tuple(f"{strategy} ({own.column}: {level})" for level in own.levels for strategy in data.strategies)
    return replace(data, arm=cells, strategies=strategies, adjusts=adjusts, deviations=None)
