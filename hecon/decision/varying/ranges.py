"""Sensitivity of a decision to a model's parameters: one at a time, over a grid, or in scenarios."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import xarray as xr

from hecon import _checks
from hecon import draws as _draws
from hecon.decision.incremental import QUADRANTS, quadrant_positions
from hecon.decision.varying import models
from hecon.errors import InputError, StatisticalWarning

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from hecon._arrays import Floats
    from hecon.decision.varying.models import Function, Means, Runs

# Dims of the results, which no parameter of a grid may be called.
_TAKEN = ("draw", "strategy", "option", "wtp", "scenario", "parameter")
BASE = "base"
_MOST_DIMS = 2
_POINTS = 11


def sensitivity(
    model: Function,
    parameters: Mapping[str, Any] | xr.Dataset,
    *,
    wtp: ArrayLike,
    comparator: str,
    ranges: Mapping[str, tuple[float, float]] | None = None,
    grid: Mapping[str, ArrayLike] | None = None,
    scenarios: Mapping[str, Any] | None = None,
    strategies: Sequence[str] | None = None,
    points: int = _POINTS,
    currency: str | None = None,
    effect_unit: str = "QALY",
    effect_better: str | None = None,
) -> xr.Dataset:
    r"""Compute how net benefit and the preferred option change with a model's parameters.

    Parameters
    ----------
    model : callable
        ``model(parameters)`` returns cost and effect, each as ``{strategy: value}`` or as an array with strategies on
        its last axis. It gets ``{name: number}`` or, where `parameters` are draws, their Dataset; and must give the
        same for the same parameters.
    parameters : mapping or xarray.Dataset
        Where the model starts from: a value for each name, or draws over ``draw`` as `hecon.parameters.draw` returns.
    wtp : array_like
        Willingness to pay [currency per unit of effect], finite and at least 0.
    comparator : str
        The strategy that the others are held against.
    ranges : mapping of str to (low, high), optional
        One-way: the range of each parameter, which goes through it while the others stay.
    grid : mapping of str to array_like, optional
        The values of one parameter or of two; with two every pair.
    scenarios : mapping, optional
        By name: parameters with other values (``{name: value}``), another model (a structural scenario), or both
        (``(model, {name: value})``).
    strategies : sequence of str, optional
        Names of the strategies; needed where the model returns arrays.
    points : int, default 11
        Evenly spaced values of a range at which the model runs, with both ends, at least 2.
    currency, effect_unit, effect_better : as in `hecon.from_arrays`
        What costs and effects are in.

    Returns
    -------
    xarray.Dataset
        ``inb`` is the expected incremental net benefit [currency] over the comparator, ``optimal`` the option with the
        highest expected net benefit, and ``is_optimal`` (over option and wtp) whether an option has it: several do
        where they tie, of which ``optimal`` is one (`hecon.decision_curves`). Coordinate ``strategy`` leaves out the
        comparator, ``option`` holds all.

        - `ranges`: dim parameter. ``base``, ``low`` and ``high`` of the parameter; ``inb_low`` and ``inb_high`` at the
          ends of its range, ``inb_least`` and ``inb_most`` over all its points; ``optimal_low`` and ``optimal_high``;
          ``turns``, whether the preferred option changes over the points; ``quadrants``, all that it goes through;
          ``icer_low`` and ``icer_high`` [currency per unit of effect], NaN unless these are NE alone or SW alone.
          ``inb``, ``optimal`` and ``is_optimal`` are those where the model starts from.
        - `grid`: a dim for each parameter. ``inb``, ``optimal``, ``cost`` and ``effect`` (over option);
          ``attrs["base"]`` has where the model starts from.
        - `scenarios`: dim scenario, the first ``base``. The same, and ``icer`` and ``quadrant``.

        With draws each number is the mean over draws, and ``probability`` [1] (over option and wtp) says how probable
        it is that an option is the best one; in ranges ``probability_low`` and ``probability_high``.

    Raises
    ------
    InputError
        If not exactly one of `ranges`, `grid` and `scenarios` is given; a parameter is unknown, a range is none, or a
        number is not finite; or the model returns another shape, other strategies, other results for the same
        parameters, or the same for all.

    Warns
    -----
    StatisticalWarning
        If a parameter starts outside its range.

    See Also
    --------
    threshold : At which value of a parameter the preferred option changes.

    Notes
    -----
    A bar of a tornado is of net benefit: a ratio that changes sign or quadrant over a range has no order, so it is
    given only where it stays in one quadrant with a trade-off. One-way analysis leaves out that parameters hang
    together, and its ranges carry no probability; for what is uncertain as a whole see `hecon.decision_curves`.

    References
    ----------
    Briggs AH, Weinstein MC, Fenwick EAL, et al. Model parameter estimation and uncertainty analysis: a report of the
    ISPOR-SMDM Modeling Good Research Practices Task Force Working Group-6. Med Decis Making 2012;32:722-732.
    https://doi.org/10.1177/0272989X12458348

    Examples
    --------
    >>> import hecon
    >>> def model(p):
    ...     new = p["event"] * p["ratio"]
    ...     cost = {"usual": p["event"] * p["care"], "new": new * p["care"] + p["price"]}
    ...     return cost, {"usual": -0.3 * p["event"], "new": -0.3 * new}
    >>> start = {"event": 0.2, "ratio": 0.8, "care": 9000, "price": 900}
    >>> bars = hecon.sensitivity(
    ...     model, start, wtp=50_000, comparator="usual", ranges={"ratio": (0.6, 1.0), "price": (500, 1300)}
    ... )
    >>> bars["inb_low"].squeeze().round().values.tolist(), bars["inb_high"].squeeze().round().values.tolist()
    ([1020.0, 460.0], [-900.0, -340.0])
    >>> bars["turns"].squeeze().values.tolist()
    [True, True]
    """
    given = {"ranges": ranges, "grid": grid, "scenarios": scenarios}
    chosen = [name for name, each in given.items() if each is not None]
    if len(chosen) != 1:
        msg = f"exactly one of ranges, grid and scenarios must be given, got {' and '.join(chosen) or 'none'}"
        raise InputError(msg)
    how: Any = given[chosen[0]]
    if not isinstance(how, Mapping) or not how:
        msg = f"{chosen[0]} must map names to what they are, at least one, got {_checks.shown(how)}"
        raise InputError(msg)
    if ranges is None and points != _POINTS:
        msg = f"points must be left out beside {chosen[0]}, got {points!r}: it is the number of values of a range"
        raise InputError(msg)
    options = {"currency": currency, "effect_unit": effect_unit, "effect_better": effect_better}
    runs = models.prepare(model, parameters, wtp=wtp, strategies=strategies, options=options)
    _checks.one_of("comparator", comparator, runs.strategies)
    if ranges is not None:
        result = _over_ranges(runs, ranges, comparator, _checks.count("points", points, at_least=2))
    elif grid is not None:
        result = _over_grid(runs, grid, comparator)
    else:
        result = _over_scenarios(runs, how, comparator)
    return _labelled(result, runs, comparator)


def _labelled(result: xr.Dataset, runs: Runs, comparator: str) -> xr.Dataset:
    """Return a result with its coordinates, units and attributes."""
    rest = [name for name in runs.strategies if name != comparator]
    currency = str(runs.draws.attrs["currency"])
    ratio = _draws.ratio_unit(runs.draws)
    coords = {"wtp": _draws.wtp_coordinate(runs.draws, runs.wtp)}
    for dim, names in (("strategy", rest), ("option", list(runs.strategies))):
        if dim in result.dims:
            coords[dim] = xr.Variable(dim, names)
    for name, each in result.data_vars.items():
        kind = str(name).partition("_")[0]
        unit = {"inb": currency, "cost": currency, "icer": ratio, "effect": runs.draws["effect"].attrs["units"]}
        if kind in unit:
            each.attrs["units"] = unit[kind]
    attrs = {**runs.draws.attrs, "comparator": comparator, "probabilistic": runs.probabilistic}
    return result.assign_coords(coords).assign_attrs(attrs)


def _increments(found: Means, runs: Runs, comparator: str) -> tuple[Floats, Floats, Floats]:
    """Return incremental cost, benefit (strategy) and net benefit (strategy, wtp) over the comparator."""
    at = runs.strategies.index(comparator)
    rest = [place for place in range(len(runs.strategies)) if place != at]
    return (
        found.cost[rest] - found.cost[at],
        found.benefit[rest] - found.benefit[at],
        found.net_benefit[rest] - found.net_benefit[at],
    )


def _warn_of_start_outside(runs: Runs, spans: Mapping[str, tuple[float, float]]) -> None:
    """Warn where a parameter starts outside its range: the result lies beside its bar."""
    for name, (low, high) in spans.items():
        start = models.number(runs, name)
        if not low <= start <= high:
            warnings.warn(
                f"the model starts from {name!r} = {start:g}, outside its range {low:g} to {high:g}: the net benefit "
                "that it starts from need not lie between those of the range",
                StatisticalWarning,
                stacklevel=4,
            )


def _over_ranges(runs: Runs, ranges: Mapping[str, Any], comparator: str, points: int) -> xr.Dataset:
    models.changed_names(runs, list(ranges), "name in ranges")
    spans = {name: models.span(name, ends) for name, ends in ranges.items()}
    _warn_of_start_outside(runs, spans)
    found = {name: [runs.at({name: at}) for at in np.linspace(*ends, points)] for name, ends in spans.items()}
    models.refuse_constant([each for some in found.values() for each in some], runs.base, "in all of the ranges")
    steps = [[_increments(each, runs, comparator) for each in some] for some in found.values()]
    cost, benefit, inb = (np.array([[step[place] for step in some] for some in steps]) for place in range(3))
    quadrants = [_quadrants(cost[at], benefit[at]) for at in range(len(spans))]
    single = np.isin(quadrants, ["NE", "SW"])
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = np.where(single[:, np.newaxis], cost / benefit, np.nan)
    names = np.array(runs.strategies)
    optimal = names[np.array([[each.optimal for each in some] for some in found.values()])]
    over, bar = ("parameter", "strategy", "wtp"), ("parameter", "strategy")
    variables: dict[str, Any] = {
        "base": ("parameter", [models.number(runs, name) for name in spans]),
        "low": ("parameter", [low for low, _ in spans.values()]),
        "high": ("parameter", [high for _, high in spans.values()]),
        "inb": (("strategy", "wtp"), _increments(runs.base, runs, comparator)[2]),
        "inb_low": (over, inb[:, 0]),
        "inb_high": (over, inb[:, -1]),
        "inb_least": (over, inb.min(axis=1)),
        "inb_most": (over, inb.max(axis=1)),
        "optimal": ("wtp", names[runs.base.optimal]),
        "is_optimal": (("option", "wtp"), runs.base.leading),
        "optimal_low": (("parameter", "wtp"), optimal[:, 0]),
        "optimal_high": (("parameter", "wtp"), optimal[:, -1]),
        "turns": (("parameter", "wtp"), (optimal != optimal[:, :1]).any(axis=1)),
        "quadrants": (bar, np.array(quadrants)),
        "icer_low": (bar, ratio[:, 0]),
        "icer_high": (bar, ratio[:, -1]),
    }
    if runs.probabilistic:
        for end, place in (("low", 0), ("high", -1)):
            share = [some[place].probability for some in found.values()]
            variables[f"probability_{end}"] = (("parameter", "option", "wtp"), np.array(share))
    return xr.Dataset(variables, {"parameter": list(spans)})


def _quadrants(cost: Floats, benefit: Floats) -> list[str]:
    """Return the quadrants that each strategy goes through, in the order of `QUADRANTS`; arrays (point, strategy)."""
    places = quadrant_positions(cost, benefit)
    return [", ".join(QUADRANTS[place] for place in np.unique(column)) for column in places.T]


def _over_grid(runs: Runs, grid: Mapping[str, Any], comparator: str) -> xr.Dataset:
    names = list(grid)
    if len(names) > _MOST_DIMS:
        given = ", ".join(map(str, names))
        msg = f"grid must have one parameter or two, got {len(names)}: {given}; use scenarios for more"
        raise InputError(msg)
    models.changed_names(runs, names, "name in grid")
    for name in names:
        if name in _TAKEN:
            msg = f"name in grid must not be {name!r}, which is a dim of the result; rename the parameter"
            raise InputError(msg)
    values = [_checks.line(f"grid[{name!r}]", each) for name, each in grid.items()]
    for name, each in zip(names, values, strict=True):
        _checks.refuse_first(f"grid[{name!r}]", each, ~np.isfinite(each), "be finite")
    sizes = tuple(each.size for each in values)
    cells = [
        runs.at({name: float(each[at]) for name, each, at in zip(names, values, place, strict=True)})
        for place in np.ndindex(sizes)
    ]
    models.refuse_constant(cells, runs.base, "in all of the grid")
    coords = {name: (name, each) for name, each in zip(names, values, strict=True)}
    base = {name: models.number(runs, name) for name in names}
    return xr.Dataset(_cells(cells, runs, comparator, tuple(names), sizes), coords, {"base": base})


def _cells(
    found: Sequence[Means], runs: Runs, comparator: str, dims: tuple[str, ...], sizes: tuple[int, ...]
) -> dict[str, Any]:
    """Return the variables of results that stand in cells."""
    direction = 1.0 if runs.draws.attrs["effect_better"] == "more" else -1.0
    steps = [_increments(each, runs, comparator) for each in found]
    parts: dict[str, tuple[tuple[str, ...], list[Any]]] = {
        "cost": (("option",), [each.cost for each in found]),
        "effect": (("option",), [direction * each.benefit for each in found]),
        "inb": (("strategy", "wtp"), [step[2] for step in steps]),
        "optimal": (("wtp",), [np.array(runs.strategies)[each.optimal] for each in found]),
        "is_optimal": (("option", "wtp"), [each.leading for each in found]),
    }
    if runs.probabilistic:
        parts["probability"] = (("option", "wtp"), [each.probability for each in found])
    return {
        name: ((*dims, *own), np.array(values).reshape(*sizes, *np.shape(values[0])))
        for name, (own, values) in parts.items()
    }


def _over_scenarios(runs: Runs, scenarios: Mapping[str, Any], comparator: str) -> xr.Dataset:
    names = _checks.unique_names("scenarios", [BASE, *scenarios])
    found = [runs.base, *(_of_scenario(runs, name, each) for name, each in scenarios.items())]
    models.refuse_constant(found, runs.base, "in all of the scenarios")
    variables = _cells(found, runs, comparator, ("scenario",), (len(found),))
    steps = [_increments(each, runs, comparator) for each in found]
    cost, benefit = (np.array([step[place] for step in steps]) for place in range(2))
    quadrant = np.array(QUADRANTS)[quadrant_positions(cost, benefit)]
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = np.where(np.isin(quadrant, ["NE", "SW"]), cost / benefit, np.nan)
    bar = ("scenario", "strategy")
    return xr.Dataset({**variables, "quadrant": (bar, quadrant), "icer": (bar, ratio)}, {"scenario": names})


def _of_scenario(runs: Runs, name: str, scenario: Any) -> Means:  # noqa: ANN401 (anything a caller gives)
    """Return the results of a scenario."""
    model, changes = scenario if isinstance(scenario, tuple) and len(scenario) == _MOST_DIMS else (None, scenario)
    if callable(scenario):
        model, changes = scenario, {}
    if not isinstance(changes, Mapping) or not (model is None or callable(model)):
        msg = (
            f"scenario {name!r} must be parameters with other values, a model, or both as (model, parameters), "
            f"got {_checks.shown(scenario)}"
        )
        raise InputError(msg)
    models.changed_names(runs, list(changes), f"name in scenario {name!r}")
    for each, value in changes.items():
        if isinstance(value, (int, float, np.integer, np.floating)):
            _checks.finite(f"{each!r} in scenario {name!r}", float(value))
    return runs.at(changes, model)
