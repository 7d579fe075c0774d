"""Tipping maps: at which departures from missing at random, in utilities and in costs, the preference turns."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from hecon import _checks
from hecon._display import displayed
from hecon.errors import InputError
from hecon.trial import analysing, pipelines, regression
from hecon.trial.imputation import Departure, checked_variables, scale_ends
from hecon.trial.sensitivity import refuse_other_data, settings_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from numpy.typing import ArrayLike

    from hecon._arrays import Floats
    from hecon.trial.analysis import PerspectiveAnalysis, TrialAnalysis
    from hecon.trial.estimates import PooledImputations
    from hecon.trial.table.checking import TrialData

# Shifts of imputed utilities, and factors on imputed costs: assumed sizes.
UTILITY = tuple(round(0.05 * each, 2) for each in range(-4, 5))
COST = tuple(round(0.5 + 0.125 * each, 3) for each in range(9))


@displayed
@dataclass(frozen=True)
class TippingMap:
    """Net benefit of one strategy over the comparator as the imputed values of one arm depart from missing at random.

    Attributes
    ----------
    perspective, strategy, comparator, arm : str
        From which perspective, of which strategy over which, and whose imputed values are shifted.
    currency : str
        Of the costs.
    wtp : tuple of float
        Willingness to pay [currency per QALY].
    utility : tuple of float
        Added to every imputed utility after the start.
    cost : tuple of float
        Factors on every imputed cost.
    net_benefit, probability : ndarray
        Expected incremental net benefit [currency], and the probability that it is at least 0, shape (wtp, utility,
        cost).
    border : ndarray
        The factor on costs at which net benefit is 0, shape (wtp, utility); NaN where that is none of the map.
    imputed : tuple of int
        Imputed utilities after the start and imputed costs of the arm, in each set.
    held : ndarray
        Mean share of the imputed utilities that are held at the lowest and at the highest value of the value set, shape
        (utility, 2); no cost is held, as a factor leaves its sign.
    """

    perspective: str
    strategy: str
    comparator: str
    arm: str
    currency: str
    wtp: tuple[float, ...]
    utility: tuple[float, ...]
    cost: tuple[float, ...]
    net_benefit: Floats = field(repr=False)
    probability: Floats = field(repr=False)
    border: Floats = field(repr=False)
    imputed: tuple[int, int]
    held: Floats = field(repr=False)

    def to_json(self) -> dict[str, Any]:
        """Return the map as plain JSON; None where there is no border."""
        return {
            **{name: getattr(self, name) for name in ("perspective", "strategy", "comparator", "arm")},
            **{name: list(getattr(self, name)) for name in ("wtp", "utility", "cost", "imputed")},
            **{name: getattr(self, name).tolist() for name in ("net_benefit", "probability", "held")},
            "border": [[float(each) if np.isfinite(each) else None for each in row] for row in self.border],
        }

    def _rows(self) -> list[dict[str, Any]]:
        """Return the rows of `hecon.table`: each point of the map."""
        return [
            {
                "wtp": value,
                "utility": shift,
                "cost": factor,
                "net_benefit": float(self.net_benefit[at, row, column]),
                "probability": float(self.probability[at, row, column]),
            }
            for at, value in enumerate(self.wtp)
            for row, shift in enumerate(self.utility)
            for column, factor in enumerate(self.cost)
        ]


def tipping_maps(
    data: TrialData,
    main: TrialAnalysis,
    *,
    wtp: ArrayLike | None = None,
    utility: Sequence[float] = UTILITY,
    cost: Sequence[float] = COST,
    arms: Sequence[str] | None = None,
    rng: int | np.random.Generator | None = None,
    progress: Callable[[str, int, int], None] = analysing.silent,
) -> tuple[TippingMap, ...]:
    """Map where the preference turns as imputed utilities and costs of an arm depart from missing at random.

    Parameters
    ----------
    data : TrialData
        The checked trial.
    main : TrialAnalysis
        Its main analysis, by multiple imputation.
    wtp : float or sequence of float, optional
        Willingness to pay [currency per QALY]; default the values of the rules.
    utility : sequence of float
        Shifts of imputed utilities after the start, increasing, with 0 among them; default -0.20 to 0.20 by 0.05.
    cost : sequence of float
        Factors on imputed costs, increasing and above 0, with 1 among them; default 0.5 to 1.5 by 0.125.
    arms : sequence of str, optional
        Whose imputed values are shifted, each arm alone; default all.
    rng : int, numpy.random.Generator or None
        Seed or generator.
    progress : callable, optional
        Called with the name of the stage, the number done and the total.

    Returns
    -------
    tuple of TippingMap
        For each perspective and strategy, one for the comparator and one for the strategy itself; none for an arm of
        which nothing after the start was imputed.

    Raises
    ------
    InputError
        If the main analysis imputed nothing, or is none by multiple imputation; if shifts or factors are not
        increasing, or lack that of the main analysis.

    Notes
    -----
    A point is the analysis with ``Departure(arm, utility=shift, cost=factor)`` of the imputed sets of the main
    analysis, with the same bootstrap samples: nothing is imputed anew. Where each outcome is fitted by itself, a shift
    of utilities is fitted once for all factors and a factor once for all shifts; costs by least squares are linear in
    the factor, so two factors give all. Degrees of freedom are those of the main analysis. Utilities stay between the
    lowest and the highest value of the value set, and `held` tells how many were held there: where these are many,
    a larger shift moves less than it says. The sizes are assumed; whether a departure is plausible no data tell.

    References
    ----------
    Leurent B, et al. Sensitivity analysis for not-at-random missing data in trial-based cost-effectiveness analysis: a
    tutorial. Pharmacoeconomics 2018;36:889-901. https://doi.org/10.1007/s40273-018-0650-5

    Examples
    --------
    >>> from hecon import datasets, trial
    >>> table, design = datasets.simulate_trial("meniscus", rng=4), datasets.trial_design("meniscus")
    >>> data = trial.trial_data(table, design)
    >>> main = trial.analyse(data, imputations=2, replicates=50, perspectives=["societal"], rng=1)
    >>> maps = trial.tipping_maps(data, main, utility=[-0.1, 0], cost=[1, 1.5], rng=1)
    >>> [(each.strategy, each.arm, each.net_benefit.shape) for each in maps]
    [('exercise', 'surgery', (3, 2, 2)), ('exercise', 'exercise', (3, 2, 2))]
    """
    _refuse_unmapped(data, main)
    values = main.rules.values_on().reference if wtp is None else _checks.willingness_to_pay(wtp)
    shifts = _grid("utility", utility, 0.0)
    factors = _grid("cost", [_checks.positive("cost", each) for each in _checks.items("cost", cost)], 1.0)
    named = data.strategies if arms is None else _checks.unique_names("arms", arms)
    chosen = [_checks.one_of("arms", each, data.strategies) for each in named]
    mapping = _Mapping(data, main, shifts, factors, int(_checks.generator(rng).integers(2**63)))
    chosen = [each for each in chosen if sum(mapping.imputed(each))]
    found: dict[str, Any] = {}
    for done, arm in enumerate(chosen):
        progress("tipping maps", done, len(chosen))
        found[arm] = mapping.spreads(arm)
    progress("tipping maps", len(chosen), len(chosen))
    return tuple(
        mapping.map(found[arm][place], perspective, strategy, arm, tuple(map(float, values)))
        for place, perspective in enumerate(main.perspectives)
        for strategy in data.strategies[1:]
        for arm in chosen
        if arm in {strategy, data.strategies[0]}
    )


def _refuse_unmapped(data: TrialData, main: TrialAnalysis) -> None:
    """Refuse an analysis of which there is no map."""
    refuse_other_data(data, main)
    if not data.effect.is_qaly:
        msg = "data must have QALYs, whose utilities are shifted; a trial of another effect or of costs has no such map"
        raise InputError(msg)
    if main.imputation is None:
        msg = (
            "main must have imputed sets to shift, which an analysis with method='imputation' keeps where something "
            f"is missing; got method={main.method!r}"
        )
        raise InputError(msg)


def _grid(name: str, given: Sequence[float], neutral: float) -> tuple[float, ...]:
    """Return the values of an axis, if they increase and that of the main analysis is among them."""
    values = tuple(_checks.finite(name, each) for each in _checks.items(name, given))
    if any(after <= before for before, after in itertools.pairwise(values)):
        msg = f"{name} must increase, got {list(values)}: put them in order, each once"
        raise InputError(msg)
    if neutral not in values or len(values) == 1:
        msg = f"{name} must have two values or more, {neutral:g} among them, the main analysis, got {list(values)}"
        raise InputError(msg)
    return values


class _Fit(NamedTuple):
    """Estimates of all sets (set, perspective, parameter), and their replicates (set, replicate, ...)."""

    points: Floats
    replicates: Floats


class _Mapping:
    """The imputed sets of a main analysis, shifted and fitted on the axes of a map."""

    def __init__(
        self, data: TrialData, main: TrialAnalysis, shifts: Sequence[float], factors: Sequence[float], seed: int
    ) -> None:
        self.data, self.shifts, self.factors, self.seed = data, shifts, factors, seed
        self.settings = settings_of(data, main, seed)
        self.all_ = checked_variables(data, ())
        self.moved = self.all_.missing & ~self.all_.unplanned
        self.plan = regression.plan(data, self.all_, tuple(each.name for each in main.perspectives))
        same = all(self.plan.adjusts[cost] == self.plan.adjusts[effect] for cost, effect in self.plan.pairs)
        # Equations are fitted together where SUR has own regressors: then neither outcome has results by itself.
        self.apart = main.model != "sur" or same
        # A refund is divided by the factor.
        self.linear = main.model == "sur" and same and not data.negative
        # The factor furthest from 1: costs that are linear in it lie on the line through both.
        self.most = max(factors, key=lambda each: abs(each - 1))

    def imputed(self, arm: str) -> tuple[int, int]:
        """Return how many utilities after the start and how many costs of an arm were imputed."""
        missing = self.moved[self.data.arm == self.data.strategies.index(arm)]
        return int(missing[:, self.all_.later].sum()), int(missing[:, self.all_.costs].sum())

    def spreads(self, arm: str) -> list[list[list[PooledImputations]]]:
        """Return the pooled estimates of an arm's departures, by perspective, shift and factor."""
        points = list(itertools.product(self.shifts, self.factors))
        needed = [(0.0, 1.0), *self._apart(points)] if self.apart else points
        keys = list(dict.fromkeys(needed))
        variants = [(Departure(arm, utility=shift, cost=factor),) for shift, factor in keys]
        task = pipelines.Task(self.data, self.all_, self.plan, self.settings)
        # The stream of `analysing.run`, so that a point is the single run with this seed.
        parts, complete = pipelines.fitted_given(task, variants, np.random.default_rng(self.seed).spawn(2)[0])
        fitted = {key: _stacked(each) for key, each in zip(keys, parts, strict=True)}
        pooled = [pipelines.pooled(self._at(fitted, *point), complete) for point in points]
        rows = [pooled[at : at + len(self.factors)] for at in range(0, len(pooled), len(self.factors))]
        return [[[each[place] for each in row] for row in rows] for place in range(len(self.plan.perspectives))]

    def _apart(self, points: Sequence[tuple[float, float]]) -> Iterator[tuple[float, float]]:
        """Yield the fits that give all points where outcomes are fitted apart."""
        for shift, factor in points:
            yield shift, 1.0
            yield 0.0, self.most if self.linear else factor

    def _at(self, fitted: dict[tuple[float, float], _Fit], shift: float, factor: float) -> list[pipelines.Part]:
        """Return estimates and replicates at a point: its costs by the factor alone, its QALYs by the shift alone."""
        if not self.apart:
            return [(point, replicates, 0, None) for point, replicates in zip(*fitted[shift, factor], strict=True)]
        of_cost = fitted[0.0, self.most if self.linear else factor]
        if self.linear:
            share = (factor - 1) / (self.most - 1)
            of_cost = _Fit(*(one + share * (other - one) for one, other in zip(fitted[0.0, 1.0], of_cost, strict=True)))
        halves = []
        for cost, effect in zip(of_cost, fitted[shift, 1.0], strict=True):
            half = cost.shape[-1] // 2
            halves.append(np.concatenate([cost[..., :half], effect[..., half:]], axis=-1))
        return [(point, replicates, 0, None) for point, replicates in zip(*halves, strict=True)]

    def map(
        self,
        found: list[list[PooledImputations]],
        of: PerspectiveAnalysis,
        strategy: str,
        arm: str,
        wtp: tuple[float, ...],
    ) -> TippingMap:
        """Return the map of one strategy from one perspective."""
        shape = (len(wtp), len(self.shifts), len(self.factors))
        benefit, probability = np.empty(shape), np.empty(shape)
        for at, value in enumerate(wtp):
            weights = of.contrast(strategy, cost=-1.0, effect=value)
            for row, spreads in enumerate(found):
                for column, spread in enumerate(spreads):
                    benefit[at, row, column] = spread.of(weights).value
                    probability[at, row, column] = spread.above_zero(weights)
        border = np.array([[_root(self.factors, each) for each in rows] for rows in benefit])
        axes = (wtp, tuple(self.shifts), tuple(self.factors))
        counts = self.imputed(arm)
        names = (of.name, strategy, of.strategies[0], arm, of.rules.currency)
        return TippingMap(*names, *axes, benefit, probability, border, counts, self._held(arm))

    def _held(self, arm: str) -> Floats:
        """Return the share of the imputed utilities that each shift takes beyond the ends, shape (utility, 2)."""
        assert self.settings.given is not None  # noqa: S101 (the main analysis has imputed sets)
        own = self.data.arm == self.data.strategies.index(arm)
        missing = self.moved[own][:, self.all_.later]
        if not missing.any():
            return np.zeros((len(self.shifts), 2))
        low, high = (each[self.all_.later] for each in scale_ends(self.data, self.all_))
        values = self.settings.given.values[:, own, self.all_.later]
        result = [
            [((values + shift < low)[:, missing]).mean(), ((values + shift > high)[:, missing]).mean()]
            if shift
            else [0.0, 0.0]
            for shift in self.shifts
        ]
        return np.array(result)


def _stacked(parts: Sequence[pipelines.Part]) -> _Fit:
    """Return estimates and replicates of all sets as arrays: of each set as many replicates as every set has."""
    shortest = min(len(each) for _, each, *_ in parts)
    return _Fit(np.stack([each for each, *_ in parts]), np.stack([each[:shortest] for _, each, *_ in parts]))


def _root(at: Sequence[float], values: Floats) -> float:
    """Return where values over an axis first pass through 0, straight from one point to the next; NaN if nowhere."""
    for place in range(len(at) - 1):
        first, second = float(values[place]), float(values[place + 1])
        if first == 0 or (first < 0) != (second < 0):
            return at[place] if first == 0 else at[place] + (at[place + 1] - at[place]) * first / (first - second)
    return at[-1] if values[-1] == 0 else float("nan")
