"""What lies ahead of patients under current care: how they die, with what utility they live, and the years so lived."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from hecon import _arrays, _checks
from hecon._display import displayed
from hecon.errors import InputError
from hecon.rules.population import expectancy, hazards, level

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import ArrayLike

    from hecon._arrays import Floats
    from hecon.rules.population import Cohort, LifeTable, Norms

# Years; no one lives longer, and no one is followed beyond that age.
_LONGEST = 150.0


def draws(name: str, values: ArrayLike, low: float, high: float, rule: str) -> Floats:
    """Return a number or one-dimensional draws of it as an array, if each is within its bounds."""
    found = _checks.line(name, values, "a number or one-dimensional draws of it")
    bad = ~((found >= low) & (found <= high))
    if bad.any():
        where = f" in draw {int(np.argmax(bad))}" if found.size > 1 else ""
        msg = f"{name} must {rule}, got {float(found[bad][0])}{where}"
        raise InputError(msg)
    return found


def steps(name: str, given: Any, low: float, high: float, rule: str) -> tuple[Floats, Floats]:  # noqa: ANN401
    """Return times since the start and what holds from each on: values, or draws × values."""
    when, what = _checks.pair(name, given, "a pair (times, values)")
    _checks.unmasked(name, when, what)
    if _arrays.depth(what) == 1:
        (when, what), _ = _arrays.together({f"times of {name}": when, f"values of {name}": what}, what="times")
    try:
        times = _checks.numeric(when)
        what = _arrays.by_name(name, what, times.tolist(), what="times") if _arrays.depth(what) > 1 else what
        values = np.atleast_2d(_checks.numeric(what))
    except InputError:
        raise
    except (TypeError, ValueError):
        msg = f"{name} must be a pair (times, values) of numbers, got {given!r}"
        raise InputError(msg) from None
    if times.ndim != 1 or values.ndim != 2 or times.size == 0 or values.shape[1] != times.size:  # noqa: PLR2004
        msg = f"{name} must have one value per time, got {times.size} times and values of shape {np.shape(given[1])}"
        raise InputError(msg)
    if times[0] != 0 or not (times <= _LONGEST).all() or (np.diff(times) <= 0).any():
        msg = f"{name} must have times [years] that begin at 0 and rise, up to {_LONGEST:g}, got {times.tolist()}"
        raise InputError(msg)
    bad = ~((values >= low) & (values <= high))
    if bad.any():
        place = int(np.argmax(bad.any(axis=0)))
        msg = f"{name} must {rule}, got {float(values[:, place][bad[:, place]][0])} at {times[place]:g} years"
        raise InputError(msg)
    return times, values


# Lower than any state of any Dutch value set.
_LOWEST_UTILITY = -1.0
_LARGEST_DECREMENT = 2.0
# Rates beyond this would leave no one for a minute, and times beyond this are the rest of any life.
_HIGHEST_RATE = 1e6
_REST = 1e4


@dataclass(frozen=True)
class Prognosis:
    """Mortality and utility of patients; every array of draws has `n` of them, or one.

    Mortality is that of the population times `smr`, or that of a curve of survival or hazards over the years since the
    start. Utility is `utility` over the years since the start, or else the population's norm. A `decrement` comes off
    it during `years`.
    """

    kind: str
    smr: Floats
    times: Floats
    curve: Floats
    beyond: bool
    utility_times: Floats
    utility: Floats | None
    decrement: Floats
    years: Floats

    @property
    def sizes(self) -> dict[str, int]:
        """Number of draws of each array; 1 where it is not uncertain."""
        names = ("smr", "curve", "utility", "decrement", "years")
        return {name: len(values) for name in names if (values := getattr(self, name)) is not None}

    @property
    def n(self) -> int:
        """Number of draws; 1 where nothing is uncertain."""
        return max(self.sizes.values())

    def part(self, which: slice) -> Prognosis:
        """Return some of the draws."""
        return replace(self, **{name: getattr(self, name)[which] for name, size in self.sizes.items() if size > 1})

    def few(self, most: int) -> Prognosis:
        """Return at most some of the draws, evenly spaced."""
        return self if self.n <= most else self.part(slice(None, None, -(-self.n // most)))


_MORTALITY = ("survival", "hazard", "smr")


@dataclass(frozen=True)
class Ahead:
    """What lies ahead of patients as the caller gives it, unchecked; None as in the population."""

    survival: Any = None
    beyond: Any = None
    hazard: Any = None
    smr: Any = None
    utility: Any = None
    decrement: Any = None
    years: Any = None

    @property
    def stated(self) -> list[str]:
        """Names of what was given."""
        return [name for name, value in vars(self).items() if value is not None]


def prognosis(ahead: Ahead) -> Prognosis:
    """Return what lies ahead of patients, checked."""
    utility, decrement, years = ahead.utility, ahead.decrement, ahead.years
    stated = [name for name in ahead.stated if name in _MORTALITY]
    if len(stated) > 1:
        msg = f"mortality must be given once, got {' and '.join(stated)}: keep one"
        raise InputError(msg)
    if utility is not None and decrement is not None:
        msg = "utility and decrement must not both be given: a decrement comes off the norm of the population"
        raise InputError(msg)
    if (decrement is None) != (years is None):
        here, gone = ("years", "decrement") if decrement is None else ("decrement", "years")
        msg = f"{here} must be given together with {gone}, which is missing"
        if gone == "years":
            msg += ": say how many, or for the rest of life"
        raise InputError(msg)
    level = None if _is_pair(utility) else utility
    given = {"smr": ahead.smr, "utility": level, "decrement": decrement, "years": years}
    (smr, level, decrement, years), _ = _arrays.together(given, what="draws")
    utility = utility if level is None else level
    parts = {
        **_mortality(ahead.survival, ahead.hazard, smr, ahead.beyond),
        **_quality(utility),
        "decrement": draws("decrement", 0.0 if decrement is None else decrement, 0.0, _LARGEST_DECREMENT, _DECREMENT),
        "years": draws("years", 0.0 if years is None else years, 0.0, np.inf, "be at least 0"),
    }
    parts["years"] = np.where(parts["years"] > _REST, np.inf, parts["years"])
    found = Prognosis(**parts)
    _same_number(found)
    return found


_DECREMENT = "lie in [0, 2] (what comes off the utility)"


def _mortality(survival: Any, hazard: Any, smr: Any, beyond: str | None) -> dict[str, Any]:  # noqa: ANN401
    one = np.ones(1)
    parts: dict[str, Any] = {"smr": one, "times": np.zeros(1), "curve": np.ones((1, 1)), "beyond": False}
    if beyond is not None:
        _checks.one_of("beyond", beyond, ("population",))
        if survival is None:
            msg = "beyond must be given with survival alone: it says what follows the curve's last time"
            raise InputError(msg)
    if hazard is not None:
        times, curve = steps("hazard", hazard, 0.0, _HIGHEST_RATE, "lie in [0, 1e+06] (deaths per year)")
        if (curve[:, -1] <= 0).any():
            msg = f"hazard must be above 0 from its last time on, got 0.0 at {times[-1]:g} years: it goes on for life"
            raise InputError(msg)
        return {**parts, "kind": "hazard", "times": times, "curve": curve}
    if survival is not None:
        return {**parts, "kind": "survival", **_curve(survival, beyond)}
    return {**parts, "kind": "population", "smr": one if smr is None else draws("smr", smr, 1e-3, 1e3, _SMR)}


_SMR = "lie in [0.001, 1000] (a standardised mortality ratio; 1 is the population's)"


def _curve(survival: Any, beyond: str | None) -> dict[str, Any]:  # noqa: ANN401
    times, curve = steps("survival", survival, 0.0, 1.0, "lie in [0, 1]")
    if times.size == 1:
        msg = "survival must have at least two times, got 1"
        raise InputError(msg)
    if (curve[:, 0] != 1).any():
        msg = f"survival must begin at 1, got {float(curve[:, 0].min())}"
        raise InputError(msg)
    rising = (np.diff(curve, axis=-1) > 0).any(axis=0)
    if rising.any():
        msg = f"survival must not rise, got more at {times[int(np.argmax(rising)) + 1]:g} years than before"
        raise InputError(msg)
    if beyond is None and (curve[:, -1] > 0).any():
        msg = (
            f"survival must end at 0, got {float(curve[:, -1].max())} at {times[-1]:g} years: carry it on, "
            "or give beyond='population' (mortality of the population from then on)"
        )
        raise InputError(msg)
    return {"times": times, "curve": curve, "beyond": beyond is not None}


def _is_pair(utility: Any) -> bool:  # noqa: ANN401
    """Tell whether a utility is given as times and values."""
    return isinstance(utility, (tuple, list)) and len(utility) == 2 and _arrays.depth(utility[0]) == 1  # noqa: PLR2004


def _quality(utility: Any) -> dict[str, Any]:  # noqa: ANN401
    rule = "lie in [-1, 1]"
    if utility is None:
        return {"utility_times": np.zeros(1), "utility": None}
    if _is_pair(utility):
        times, values = steps("utility", utility, _LOWEST_UTILITY, 1.0, rule)
        return {"utility_times": times, "utility": values}
    return {"utility_times": np.zeros(1), "utility": draws("utility", utility, _LOWEST_UTILITY, 1.0, rule)[:, None]}


def _same_number(found: Prognosis) -> None:
    sizes = {name: size for name, size in found.sizes.items() if size > 1}
    if len(set(sizes.values())) > 1:
        listed = ", ".join(f"{count} of {found.kind if name == 'curve' else name}" for name, count in sizes.items())
        msg = f"draws must be equally many, got {listed}"
        raise InputError(msg)


def lived(edges: Floats, hazards: Floats, stop: Floats, *, force: float = 0.0) -> Floats:
    """Return the integral of S(x) exp(-force x) from the first edge, which is 0, to each stop; fast for many stops."""
    rate = hazards + force
    exponent = rate[:-1] * np.diff(edges)
    before = np.append(0.0, np.cumsum(exponent))
    with np.errstate(invalid="ignore", divide="ignore"):
        area = np.where(exponent > 0, -np.expm1(-exponent) / rate[:-1], np.diff(edges))
        reached = np.append(0.0, np.cumsum(np.exp(-before[:-1]) * area))
        place = np.searchsorted(edges, stop, side="right") - 1
        rest = stop - edges[place]
        last = np.where(rest > 0, rate[place] * rest, 0.0)
        within = np.where(last > 0, -np.expm1(-last) / rate[place], rest)
    weight = np.exp(-before[place])
    # Nothing is left of the open end where nobody reaches it, whatever its length.
    return np.asarray(reached[place] + np.where(weight > 0, weight * within, 0.0))


def survivors(edges: Floats, hazards: Floats, ages: Floats, *, start: float) -> Floats:
    """Return the share alive at each age of those alive at `start`, neither below the first edge."""
    total = np.append(0.0, np.cumsum(hazards[:-1] * np.diff(edges)))

    def summed(at: Floats) -> Floats:
        place = np.searchsorted(edges, at, side="right") - 1
        return np.asarray(total[place] + hazards[place] * (at - edges[place]))

    return np.asarray(np.exp(summed(np.array(start)) - summed(ages)))


def under_curve(
    times: Floats,
    survival: Floats,
    edges: Floats,
    utilities: Floats,
    *,
    force: float = 0.0,
) -> Floats:
    """Return the same integral over a survival curve that is linear between its times, up to the last of them.

    Utility is constant from each edge to the next. `survival` has the times as its last axis and `utilities` the edges.
    """
    knots = np.union1d(times, edges[(edges > times[0]) & (edges < times[-1])])
    alive = _between(knots, times, survival)
    level = utilities[..., np.searchsorted(edges, knots[:-1], side="right") - 1]
    length = np.diff(knots)
    first, slope = _moments(force * length)
    low, fall = alive[..., :-1], np.diff(alive, axis=-1)
    parts = np.exp(-force * knots[:-1]) * length * (low * first + fall * slope) * level
    return np.asarray(parts.sum(axis=-1))


def lived_under_curve(times: Floats, survival: Floats, stop: Floats, *, force: float = 0.0) -> Floats:
    """Return the integral of S(x) exp(-force x) from 0 to each stop under a curve that is linear between its times.

    `survival` has draws × times; it and `stop` have equally many draws, or one.
    """
    length = np.diff(times)
    first, slope = _moments(force * length)
    parts = np.exp(-force * times[:-1]) * length * (survival[:, :-1] * first + np.diff(survival) * slope)
    reached = np.concatenate([np.zeros((survival.shape[0], 1)), np.cumsum(parts, axis=-1)], axis=-1)
    end = np.minimum(stop, times[-1])
    place = np.clip(np.searchsorted(times, end, side="right") - 1, 0, times.size - 2)
    row = np.arange(survival.shape[0]) if survival.shape[0] > 1 else np.zeros(1, dtype=int)
    rest = end - times[place]
    first, slope = _moments(force * rest)
    low = survival[row, place]
    fall = (survival[row, place + 1] - low) * rest / length[place]
    return np.asarray(reached[row, place] + np.exp(-force * times[place]) * rest * (low * first + fall * slope))


def _between(knots: Floats, times: Floats, values: Floats) -> Floats:
    place = np.clip(np.searchsorted(times, knots, side="right") - 1, 0, times.size - 2)
    share = (knots - times[place]) / (times[place + 1] - times[place])
    return np.asarray(values[..., place] + share * (values[..., place + 1] - values[..., place]))


def _moments(x: Floats) -> tuple[Floats, Floats]:
    """Return the integrals of exp(-x s) and s exp(-x s) over s from 0 to 1."""
    small = x < 1e-4  # noqa: PLR2004 (below, the closed form cancels and the series is exact to 1e-13)
    safe = np.where(small, 1.0, x)
    first = np.where(small, 1 - x / 2 + x**2 / 6, -np.expm1(-safe) / safe)
    slope = np.where(small, 0.5 - x / 3 + x**2 / 8, (-np.expm1(-safe) - safe * np.exp(-safe)) / safe**2)
    return first, slope


# Rows of draws that are worked out at a time, so that memory stays flat.
_CHUNK = 200
# Where there are more mortality ratios, a spline is laid through so many for each factor of 7: exact to 1e-9.
_NODES = 257
_APART = 1e-9


@dataclass(frozen=True)
class Cell:
    """One age and sex, the tables that hold for it, and the continuous rate of discounting."""

    age: float
    sex: str
    life: LifeTable
    norms: Norms
    force: float

    def hazards(self) -> tuple[Floats, Floats]:
        """Return mortality of the population over the years since the start."""
        edges, rates = hazards(self.life, self.sex)
        first = int(np.searchsorted(edges, self.age, side="right")) - 1
        return np.append(0.0, edges[first + 1 :] - self.age), rates[first:]


def qale(future: Prognosis, cell: Cell) -> Floats:
    """Return the quality-adjusted life expectancy, one for each draw.

    It is a sum of utilities, each times the years lived with it, less the decrement times the years lived with that.
    """
    weights = np.ones((1, 1)) if future.utility is None else future.utility
    total = (weights * _over_mortality(future, cell, _by_utility)).sum(axis=-1)
    if (future.decrement != 0).any():
        total = total - future.decrement * _with_decrement(future, cell)
    return np.broadcast_to(total, (future.n,)).astype(float)


def _over_mortality(future: Prognosis, cell: Cell, years: Callable[[Prognosis, Cell], Floats]) -> Floats:
    """Return years that depend on the draws of mortality alone, a few of these at a time."""
    low, high = (float(np.log(end)) for end in (future.smr.min(), future.smr.max()))
    if future.smr.size <= max(_NODES, int(_NODES * (high - low) / 2)) or high - low < _APART:
        return _in_turn(future, cell, years)
    from scipy.interpolate import CubicSpline

    nodes = np.linspace(low, high, max(_NODES, int(_NODES * (high - low) / 2)))
    on_nodes = _in_turn(replace(future, smr=np.exp(nodes)), cell, years)
    return np.asarray(CubicSpline(nodes, on_nodes)(np.log(future.smr)))


def _in_turn(future: Prognosis, cell: Cell, years: Callable[[Prognosis, Cell], Floats]) -> Floats:
    parts = []
    for first in range(0, max(future.smr.size, future.curve.shape[0]), _CHUNK):
        few = slice(first, first + _CHUNK)
        smr = future.smr[few] if future.smr.size > 1 else future.smr
        curve = future.curve[few] if future.curve.shape[0] > 1 else future.curve
        parts.append(years(replace(future, smr=smr, curve=curve), cell))
    return np.concatenate(parts)


def _steps(future: Prognosis, cell: Cell) -> tuple[Floats, Floats]:
    """Return the times at which utility changes, and what counts between them: the norm, or 1 for each utility."""
    if future.utility is None:
        turns = np.append(0.0, np.array(cell.norms.ages) - cell.age)
        turns = turns[turns >= 0]
        return turns, norms_after(cell, turns)[None, :]
    return future.utility_times, np.eye(future.utility_times.size)


def norms_after(cell: Cell, times: Floats) -> Floats:
    """Return the norm that holds at each time since the start."""
    # The rounding of age + (edge − age) must not put an edge into the band before it.
    return level(cell.norms, cell.sex, cell.age + times + 1e-9)


def _by_utility(future: Prognosis, cell: Cell) -> Floats:
    """Return the years lived with each utility, mortality draws × utilities; with norms, their sum alone."""
    turns, counts = _steps(future, cell)
    if future.kind != "survival":
        return _at_hazards(future, cell, turns, counts, start=0.0)
    total = under_curve(future.times, future.curve[:, None, :], turns, counts, force=cell.force)
    if not future.beyond:
        return total
    end = float(future.times[-1])
    later = _at_hazards(future, cell, turns, counts, start=end)
    return np.asarray(total + future.curve[:, -1:] * np.exp(-cell.force * end) * later)


def _at_hazards(future: Prognosis, cell: Cell, turns: Floats, counts: Floats, *, start: float) -> Floats:
    edges, rates = _rates(future, cell)
    merged = np.union1d(edges, turns)
    rates = rates[:, np.searchsorted(edges, merged, side="right") - 1]
    counts = counts[:, np.searchsorted(turns, merged, side="right") - 1]
    return expectancy(merged, rates[:, None, :], counts, start=start, force=cell.force)


def _rates(future: Prognosis, cell: Cell) -> tuple[Floats, Floats]:
    """Return mortality over the years since the start, draws × times."""
    if future.kind == "hazard":
        return future.times, future.curve
    edges, rates = cell.hazards()
    return edges, rates * future.smr[:, None]


def _with_decrement(future: Prognosis, cell: Cell) -> Floats:
    """Return the years lived with the decrement."""
    if future.years.size == 1:
        return _over_mortality(future, cell, _until)
    if max(future.smr.size, future.curve.shape[0]) == 1:
        return _until(future, cell)
    parts = [_until(future.part(slice(first, first + _CHUNK)), cell) for first in range(0, future.n, _CHUNK)]
    return np.concatenate(parts)


def _until(future: Prognosis, cell: Cell) -> Floats:
    """Return the years lived before `years` are over."""
    if future.kind != "survival":
        edges, rates = _rates(future, cell)
        if rates.shape[0] == 1:
            return lived(edges, rates[0], future.years, force=cell.force)
        return expectancy(edges, rates, np.ones(edges.size), stop=future.years, force=cell.force)
    total = lived_under_curve(future.times, future.curve, future.years, force=cell.force)
    if not future.beyond:
        return total
    end = float(future.times[-1])
    edges, rates = cell.hazards()
    first = int(np.searchsorted(edges, end, side="right")) - 1
    after = np.maximum(future.years - end, 0.0)
    later = lived(np.append(0.0, edges[first + 1 :] - end), rates[first:], after, force=cell.force)
    return np.asarray(total + future.curve[:, -1] * np.exp(-cell.force * end) * later)


def course(future: Prognosis, cell: Cell, times: Floats) -> Floats:
    """Return survival times utility at times since the start, the mean over the draws."""
    if future.utility is None:
        utilities = norms_after(cell, times)
    else:
        utilities = future.utility.take(np.searchsorted(future.utility_times, times, side="right") - 1, axis=1)
    lost = future.decrement[:, None] * (times < future.years[:, None])
    return np.asarray(np.mean(_alive(future, cell, times) * (utilities - lost), axis=0))


def _alive(future: Prognosis, cell: Cell, times: Floats) -> Floats:
    """Return the share alive at times since the start, draws of mortality × times."""
    if future.kind != "survival":
        edges, rates = _rates(future, cell)
        return np.stack([survivors(edges, each, times, start=0.0) for each in rates])
    alive = np.stack([np.interp(times, future.times, each) for each in future.curve])
    if future.beyond:
        later = times > future.times[-1]
        alive[:, later] *= survivors(*cell.hazards(), times[later], start=float(future.times[-1]))
    return alive


# Years between the points of a course, and what is too little to be seen.
_STEP = 0.1
_LITTLE = 1e-3
# The years that are looked at in any case, and the draws of which the mean is drawn.
_LEAST = 30.0
_DRAWS = 200


@displayed
@dataclass(frozen=True, eq=False)
class Course:
    """Survival times utility by years since the start; its area is the quality-adjusted life expectancy.

    Parameters
    ----------
    mean_age : float
        Mean exact age at the start [years].
    one_age : bool
        Whether everyone has that age.
    years : numpy.ndarray
        Years since the start.
    population : numpy.ndarray
        Of the population, in the mix of ages and sexes of the cohort; discounted as the expectancy is.
    patients : numpy.ndarray or None
        Of the patients, the mean over at most 200 draws (fewer for many ages); None where only their QALYs were given.
    """

    mean_age: float
    one_age: bool
    years: Floats
    population: Floats
    patients: Floats | None


def course_of(group: Cohort, norms: Norms, future: Prognosis | None, force: float) -> Course:
    """Return the course of a cohort."""
    years = np.arange(0.0, max(_LONGEST - float(group.ages.min()), _LEAST), _STEP)
    population, patients = np.zeros(years.size), np.zeros(years.size)
    few = None if future is None else future.few(max(_DRAWS // group.ages.size, 1))
    for age, sex, weight in group.cells():
        edges, rates = hazards(group.life, sex)
        ages = age + years
        population += weight * survivors(edges, rates, ages, start=age) * level(norms, sex, ages)
        if few is not None:
            patients += weight * course(few, Cell(age, sex, group.life, norms, force), years)
    seen = slice(0, int(np.flatnonzero(np.maximum(population, np.abs(patients)) > _LITTLE)[-1]) + 2)
    value = np.exp(-force * years[seen])
    lived = None if few is None else patients[seen] * value
    return Course(group.mean_age, group.ages.size == 1, years[seen], population[seen] * value, lived)
