"""Runs of a user's model: parameters in, checked costs, effects and net benefits out."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, cast

import numpy as np
import xarray as xr

from hecon import _arrays, _checks
from hecon import draws as _draws
from hecon.decision import curves, ties
from hecon.errors import InputError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from hecon._arrays import Floats


# A model: parameters by name to cost and effect, each by strategy.
Function = Callable[[Any], tuple[Any, Any]]

_TWO = 2


@dataclass(frozen=True)
class Means:
    """Expected results of a run; arrays of shape (strategy,) or (strategy, wtp), more benefit is better."""

    cost: Floats
    benefit: Floats
    net_benefit: Floats
    optimal: NDArray[np.intp]
    leading: NDArray[np.bool_]
    probability: Floats | None


@dataclass(frozen=True)
class Runs:
    """A model with the parameters that it starts from.

    Attributes
    ----------
    model : callable
        Parameters by name → cost and effect.
    parameters : mapping or xarray.Dataset
        Single values, or draws of them.
    strategies : tuple of str
        The strategies, in the order of the arrays.
    wtp : array
        Willingness to pay, in the caller's order.
    options : dict
        Currency, effect unit and direction, as `hecon.from_arrays` takes them.
    base : Means
        Results at `parameters`.
    draws : xarray.Dataset
        Costs and effects at `parameters`, with their labels.
    """

    model: Function
    parameters: Mapping[str, Any] | xr.Dataset
    strategies: tuple[str, ...]
    wtp: Floats
    options: dict[str, Any]
    draws: xr.Dataset
    base: Means = field(repr=False)

    @property
    def probabilistic(self) -> bool:
        """Whether parameters are draws."""
        return isinstance(self.parameters, xr.Dataset)

    def value_of(self, name: str) -> float:
        """Return a parameter's value, the mean of its draws."""
        return float(np.mean(self.parameters[name]))

    def at(self, changes: Mapping[str, Any], model: Function | None = None, *, shares: bool = True) -> Means:
        """Return the results with some parameters changed, or of another model; of draws with probabilities."""
        called, changed = self.model if model is None else model, _changed(self.parameters, changes)
        cost, effect = _results(called, changed, self.strategies)
        if self.probabilistic or not (np.isfinite(cost).all() and np.isfinite(effect).all()):
            draws = _draws.from_arrays(cost, effect, strategies=self.strategies, **self.options)
            return means(draws, self.wtp, probabilistic=self.probabilistic and shares)
        benefit = effect[0] if self.draws.attrs["effect_better"] == "more" else 0.0 - effect[0]
        return _means(cost[0], benefit, self.strategies, self.wtp)


def prepare(
    model: Function,
    parameters: Mapping[str, Any] | xr.Dataset,
    *,
    wtp: Any,  # noqa: ANN401 (array_like)
    strategies: Sequence[str] | None,
    options: Mapping[str, Any],
) -> Runs:
    """Return a model that was run once with its parameters, after checking that it gives the same twice."""
    if not callable(model):
        msg = f"model must be a function of parameters that returns cost and effect, got {_checks.shown(model)}"
        raise InputError(msg)
    values = _checks.willingness_to_pay(wtp)
    base = _base(parameters)
    if strategies is None:
        strategies = _names_of(_called(model, base))
    names = tuple(_checks.distinct_names("strategies", strategies))
    if len(names) < _TWO:
        msg = f"strategies must be two or more, got {', '.join(names)}; a model of one has nothing to decide"
        raise InputError(msg)
    kept = {key: value for key, value in options.items() if value is not None}
    draws, again = (run(model, base, names, kept) for _ in range(2))
    if not draws.equals(again):
        msg = (
            "model must return the same for the same parameters, got two results for one; "
            "draw its random numbers once, outside the model"
        )
        raise InputError(msg)
    found = means(draws, values, probabilistic=isinstance(base, xr.Dataset))
    return Runs(model, base, names, values, kept, draws, found)


def means(draws: xr.Dataset, wtp: Floats, *, probabilistic: bool) -> Means:
    """Return expected results of draws."""
    cost = draws["cost"].mean("draw").to_numpy()
    benefit = _draws.benefit(draws).mean("draw").to_numpy()
    share = curves.ceac(draws, wtp=wtp).to_numpy().T if probabilistic else None
    return _means(cost, benefit, _draws.strategy_names(draws), wtp, share)


def _means(cost: Floats, benefit: Floats, names: Sequence[str], wtp: Floats, share: Floats | None = None) -> Means:
    """Return expected results with net benefit and the preferred option."""
    net = benefit[:, np.newaxis] * wtp - cost[:, np.newaxis]
    tied = ties.tied_means(cost, benefit, wtp)
    return Means(cost, benefit, net, ties.optimal(cost, benefit, wtp, names), tied, share)


def refuse_constant(found: Sequence[Means], first: Means, where: str, of: str = "what is varied") -> None:
    """Refuse a model that gives the same wherever it was run."""
    if all(np.array_equal(each.cost, first.cost) and np.array_equal(each.benefit, first.benefit) for each in found):
        msg = (
            f"model must depend on {of}, got the same cost and effect {where}; let it read the parameters that it is "
            "given"
        )
        raise InputError(msg)


def changed_names(runs: Runs, names: Sequence[str], what: str) -> None:
    """Refuse a name that is not one of the model's parameters."""
    for name in names:
        _checks.one_of(what, name, tuple(map(str, runs.parameters)))


def number(runs: Runs, name: str) -> float:
    """Return where a parameter starts from, if it is a number."""
    values = np.asarray(runs.parameters[name])
    if values.dtype.kind not in "iuf":
        msg = f"parameters[{name!r}] must be a number to vary it, got {_checks.shown(runs.parameters[name])}"
        raise InputError(msg)
    return runs.value_of(name)


def span(name: str, ends: Any) -> tuple[float, float]:  # noqa: ANN401 (anything a caller gives)
    """Return the ends of a range of a parameter, the lower first."""
    try:
        low, high = ends
    except (TypeError, ValueError):
        msg = f"range of {name!r} must be two numbers, low and high, got {_checks.shown(ends)}"
        raise InputError(msg) from None
    low, high = (_checks.finite(f"range of {name!r}", end) for end in (low, high))
    if low >= high:
        msg = f"range of {name!r} must run from low to high, got {low:g} to {high:g}; exchange them, or leave it out"
        raise InputError(msg)
    return low, high


def _base(parameters: Any) -> Mapping[str, Any] | xr.Dataset:  # noqa: ANN401 (anything a caller gives)
    """Return the parameters that a model starts from, with finite numbers."""
    if isinstance(parameters, xr.Dataset):
        if "draw" not in parameters.dims or not parameters.data_vars:
            msg = "parameters must be values by name, or a Dataset over draw, as hecon.parameters.draw returns"
            raise InputError(msg)
    elif not isinstance(parameters, Mapping) or not parameters:
        msg = (
            f"parameters must be values by name, or a Dataset over draw, got a {type(parameters).__name__}; "
            "use hecon.parameters.draw, or table.rename_axis('draw').to_xarray() of a pandas table"
        )
        raise InputError(msg)
    for name in parameters:
        if not isinstance(name, str):
            msg = f"parameters must have names, got {_checks.shown(name)}"
            raise InputError(msg)
        values = parameters[name]
        numbers = np.asarray(values)
        if numbers.dtype.kind == "f" and not np.isfinite(numbers).all():
            msg = f"parameters[{name!r}] must be finite, got {float(numbers[~np.isfinite(numbers)].flat[0])!r}"
            raise InputError(msg)
    return cast("Mapping[str, Any] | xr.Dataset", parameters)


def _changed(parameters: Mapping[str, Any] | xr.Dataset, changes: Mapping[str, Any]) -> Mapping[str, Any] | xr.Dataset:
    """Return parameters of which some have another value, in every draw."""
    if not isinstance(parameters, xr.Dataset):
        return {**parameters, **changes}
    n = parameters.sizes["draw"]
    return parameters.assign({name: ("draw", np.full(n, value)) for name, value in changes.items()})


def _called(model: Function, parameters: Mapping[str, Any] | xr.Dataset) -> tuple[Any, Any]:
    """Return a model's cost and effect; it gets its own copy of the parameters."""
    own = parameters.copy() if isinstance(parameters, xr.Dataset) else dict(parameters)
    result = model(own)
    if not isinstance(result, (tuple, list)) or len(result) != _TWO:
        msg = f"model must return cost and effect, two values, got {_checks.shown(result)}"
        raise InputError(msg)
    return result[0], result[1]


def _names_of(result: tuple[Any, Any]) -> list[str]:
    """Return the strategies that a model names."""
    cost = result[0]
    if isinstance(cost, (Mapping, xr.Dataset)):
        return list(map(str, cost))
    if isinstance(cost, xr.DataArray) and "strategy" in cost.coords:
        return [str(name) for name in cost["strategy"].to_numpy()]
    msg = (
        "strategies must be given where the model returns arrays: pass strategies=[...] in the order of their last "
        "axis, or return {strategy: value}"
    )
    raise InputError(msg)


def run(
    model: Function,
    parameters: Mapping[str, Any] | xr.Dataset,
    strategies: tuple[str, ...],
    options: Mapping[str, Any],
) -> xr.Dataset:
    """Return a model's costs and effects as draws, one where its parameters are single values."""
    cost, effect = _results(model, parameters, strategies)
    return _draws.from_arrays(cost, effect, strategies=strategies, **options)


def _results(
    model: Function, parameters: Mapping[str, Any] | xr.Dataset, strategies: tuple[str, ...]
) -> tuple[Floats, Floats]:
    """Return a model's costs and effects as arrays (draw, strategy)."""
    labels = parameters["draw"].to_index() if isinstance(parameters, xr.Dataset) else None
    count = 1 if labels is None else len(labels)
    cost, effect = (
        _matrix(f"{name} of the model", values, strategies, count, labels)
        for name, values in zip(("cost", "effect"), _called(model, parameters), strict=True)
    )
    return cost, effect


def _matrix(
    name: str,
    values: Any,  # noqa: ANN401 (whatever a model returns)
    strategies: tuple[str, ...],
    count: int,
    labels: Any,  # noqa: ANN401 (a pandas index or None)
) -> Floats:
    """Return what a model returned as an array (draw, strategy)."""
    if isinstance(values, (Mapping, xr.Dataset)):
        if set(values) != set(strategies):
            given, wanted = (", ".join(map(repr, some)) for some in (values, strategies))
            msg = f"{name} must be of the strategies {wanted}, got {given}"
            raise InputError(msg)
        columns = [_column(name, values[each], count, labels) for each in strategies]
        return np.stack(columns, axis=1)
    if isinstance(values, xr.DataArray) and "strategy" in values.dims:
        values = values.transpose(..., "strategy")
    values = _arrays.by_name(name, values, strategies, what="strategies")
    _same_draws(name, values, labels)
    array = _checks.numbers(name, values)
    wanted_shape = (len(strategies),) if labels is None else (count, len(strategies))
    if array.shape != wanted_shape:
        axes = "strategy" if labels is None else "draw, strategy"
        msg = f"{name} must have the shape {wanted_shape}, ({axes}), got {array.shape}; or return {{strategy: value}}"
        raise InputError(msg)
    return array.reshape(count, len(strategies))


def _column(name: str, values: Any, count: int, labels: Any) -> Floats:  # noqa: ANN401 (whatever a model returns)
    """Return one strategy's values, one for each draw."""
    _same_draws(name, values, labels)
    array = _checks.numbers(name, values)
    if array.size != 1 and array.shape != (count,):
        msg = f"{name} must be a number for each strategy, or one for each of {count} draws, got shape {array.shape}"
        raise InputError(msg)
    return np.broadcast_to(array.reshape(-1), (count,))


def _same_draws(name: str, values: Any, labels: Any) -> None:  # noqa: ANN401 (whatever a model returns)
    """Refuse values of other draws than the parameters'."""
    own = _arrays.labels_of(values) if _arrays.depth(values) else None
    if own is not None and labels is not None and not _arrays.is_default(own) and not own.equals(labels):
        msg = f"{name} must be of the draws of the parameters, in their order, got other labels; compute it from them"
        raise InputError(msg)
