"""The data convention: draws of costs and effects as one labelled Dataset, made by `from_arrays`."""

from __future__ import annotations

import re
import warnings
from typing import TYPE_CHECKING, Any, cast

import numpy as np
import xarray as xr

from hecon import _arrays, _checks
from hecon.errors import InputError, StatisticalWarning

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    import pandas as pd
    from numpy.typing import ArrayLike, NDArray

    from hecon._arrays import Floats

SCALES = ("absolute", "incremental")
DIRECTIONS = ("more", "less")
# Fewer degrees of freedom, and expected losses over draws from patients are refused.
FEWEST_FREEDOM = 3.0
# Units of known direction, in lower case.
_LIFE = (
    "qaly", "qalys", "quality adjusted life year", "quality adjusted life years", "ly", "lys", "lyg", "life year",
    "life years", "levensjaar", "levensjaren", "voor kwaliteit gecorrigeerd levensjaar",
    "voor kwaliteit gecorrigeerde levensjaren",
)  # fmt: skip
_DALYS = ("daly", "dalys", "disability adjusted life year", "disability adjusted life years")
_HARMS = (*_DALYS, "death", "deaths", "sterfgeval", "sterfgevallen")
_LIVES = ("life", "lives", "leven", "levens")
# "Averted" makes any unit a benefit; "gained" and "lost" turn known units only, as weight can be either.
_AVERTED = {"averted", "avoided", "prevented", "saved", "vermeden", "voorkomen", "bespaard"}
_GAINED = {"gained", "gewonnen"}
_LOST = {"lost", "verloren"}
# Words without influence on the direction of a unit.
_ASIDE = {"discounted", "undiscounted", "verdisconteerd", "verdisconteerde", "per", "patient", "patiënt", "person"}
# Names and units that identify the content of a labelled array.
_COSTS = {"cost", "costs", "kosten", "eur", "euro", "euros", "€", "gbp", "£", "usd", "$"}
_EFFECTS = {"effect", "effects", "effecten", "utility", "utilities"}
# Above any life years of a person.
_LONGEST = 150.0
_ROUNDING = 1e-9
# Differences between strategies: large for life years, small for amounts.
_LARGE, _SMALL = 20.0, 5.0
# Draws of costs that are looked at first.
_FEW = 1000


def _words(unit: str) -> list[str]:
    """Return the words of a unit that bear on its direction."""
    return [word for word in re.findall(r"[^\W\d_]+", unit.casefold()) if word not in _ASIDE]


def _counts_years(unit: str) -> bool:
    """Tell whether a unit counts life years, adjusted or not."""
    text = " ".join(word for word in _words(unit) if word not in _AVERTED | _GAINED | _LOST)
    return text in (*_LIFE, *_DALYS)


def _lived(unit: str) -> bool:
    """Tell whether a unit counts years within the horizon, as life years lost or averted to a death do not."""
    return " ".join(word for word in _words(unit) if word not in _GAINED) in _LIFE


def direction_of(unit: str) -> str | None:
    """Return whether "more" or "less" of a unit is better, None where the unit does not say."""
    words = _words(unit)
    if _AVERTED & set(words):
        return "more"
    text = " ".join(word for word in words if word not in _GAINED | _LOST)
    lost, gained = bool(_LOST & set(words)), bool(_GAINED & set(words))
    if text in _LIFE or (text in _LIVES and (lost or gained)):
        return "less" if lost else "more"
    return "less" if text in _HARMS and not gained else None


def _turned(unit: str, direction: str) -> str:
    """Suggest a unit of the other direction."""
    if direction == "less":
        return f"{unit} averted"
    bare = " ".join(word for word in unit.split() if word.casefold() not in _AVERTED | _GAINED)
    return bare if bare and direction_of(bare) != "more" else f"{bare or unit} lost"


def direction(effect_unit: str | None, stated: str | None) -> str:
    """Return whether more or less of an effect is better, by its unit or as stated; refuse a contradiction."""
    known = None if effect_unit is None else direction_of(effect_unit)
    if stated is None and known is None:
        msg = (
            f"effect_better must be given: 'more' or 'less' is better of the effect unit {effect_unit!r}, which hecon "
            "does not know; pass effect_better=..., or set draws.attrs['effect_better']"
        )
        raise InputError(msg)
    chosen = cast("str", known if stated is None else _checks.one_of("effect_better", stated, DIRECTIONS))
    if known is not None and chosen != known:
        other = _turned(str(effect_unit), known)
        msg = f"effect_better must be {known!r} for the effect unit {effect_unit!r}, got {chosen!r}; or write {other!r}"
        raise InputError(msg)
    return chosen


def units(draws: xr.Dataset) -> tuple[str, str]:
    """Return the units of cost and effect; "cost" and "effect" where they are lost."""
    cost = draws["cost"].attrs.get("units", draws.attrs.get("currency", "cost"))
    return str(cost), str(draws["effect"].attrs.get("units", draws.attrs.get("effect_unit", "effect")))


def better(draws: xr.Dataset) -> str:
    """Return whether more or less of the effect is better."""
    unit = draws["effect"].attrs.get("units", draws.attrs.get("effect_unit"))
    return direction(None if unit is None else str(unit), draws.attrs.get("effect_better"))


def has_few_freedom(draws: xr.Dataset) -> bool:
    """Return whether draws from patients have too few degrees of freedom for a mean of losses."""
    freedom = getattr(draws, "attrs", {}).get("freedom")
    return freedom is not None and freedom["smallest"] < FEWEST_FREEDOM


def refuse_few_freedom(draws: xr.Dataset) -> None:
    """Refuse draws from patients whose variance is infinite, or nearly."""
    if has_few_freedom(draws):
        freedom = draws.attrs["freedom"]
        causes = [f"{freedom[key]} {key}" for key in ("clusters", "imputations") if freedom[key] is not None]
        because = f" ({', '.join(causes)})" if causes else ""
        msg = (
            f"expected loss and EVPI need {FEWEST_FREEDOM:g} degrees of freedom or more, got {freedom['smallest']:.3g}"
            f"{because}: at 2 or fewer the variance of the draws is infinite, and a mean of losses rests on a few of "
            "them; use ceac, ceaf or the intervals of the analysis"
        )
        raise InputError(msg)


def varies(draws: xr.Dataset) -> bool:
    """Tell whether anything in draws varies: one draw, or the same again and again, has no uncertainty to show."""
    return any(bool((draws[name] != draws[name].isel(draw=0)).any()) for name in ("cost", "effect"))


def benefit(draws: xr.Dataset) -> xr.DataArray:
    """Return the effect so that more is better: a harm with its sign turned."""
    if better(draws) == "more":
        return draws["effect"]
    return (0.0 - draws["effect"]).assign_attrs(units=benefit_unit(draws))


def benefit_unit(draws: xr.Dataset) -> str:
    """Return the unit of what `benefit` returns, as in "USD per DALY averted"."""
    unit = units(draws)[1]
    return unit if better(draws) == "more" else f"{unit} averted"


def _matrix(name: str, values: Any) -> tuple[Floats, float]:  # noqa: ANN401 (arrays and tables of any library)
    """Return a checked matrix (draw, strategy) and its largest absolute value."""
    array = _checks.numbers(name, values)
    if array.ndim != 2:  # noqa: PLR2004
        msg = f"{name} must have two dimensions, draw x strategy, got shape {array.shape}"
        raise InputError(msg)
    if array.size < 1:
        msg = f"{name} must hold at least one draw and one strategy, got shape {array.shape}"
        raise InputError(msg)
    size = _checks.largest(array)
    if not np.isfinite(size):
        bad = ~np.isfinite(array)
        draw, strategy = map(int, np.argwhere(bad)[0])
        msg = (
            f"{name} must be finite, got {float(array[draw, strategy])!r} at draw {draw}, strategy {strategy}"
            f" ({int(bad.sum())} such in all); impute or drop these draws first"
        )
        raise InputError(msg)
    _checks.within_range(name, size)
    return array, size


def _by_strategy(name: str, values: Any, strategies: list[str]) -> Any:  # noqa: ANN401
    """Return labelled values as draw x strategy, in the order of the strategies."""
    values = _arrays.stacked(name, values)
    if isinstance(values, xr.DataArray):
        if set(values.dims) != {"draw", "strategy"}:
            msg = f"{name} must have the dims draw and strategy, got {', '.join(map(str, values.dims))}"
            raise InputError(msg)
        values = values.transpose("draw", "strategy")
    if _arrays.depth(values) != 2:  # noqa: PLR2004 (refused where its numbers are read)
        return values
    rows, columns = (_arrays.labels_of(values, axis) for axis in (0, -1))
    as_many = rows is not None and len(rows) == len(strategies)
    if as_many and _arrays.is_default(columns) and set(cast("Any", rows)) == set(strategies):
        msg = (
            f"{name} must have strategies as columns and draws as rows, got strategies as rows; pass its transpose, .T"
        )
        raise InputError(msg)
    return _arrays.by_name(name, values, strategies, what="strategies")


def _refuse_other_content(name: str, values: Any, unit: str) -> None:  # noqa: ANN401
    """Refuse a labelled array whose name or units contradict its role, as costs passed for effects."""
    attrs = getattr(values, "attrs", None)
    if attrs is None:
        return
    stated = attrs.get("units", attrs.get("unit"))
    said = [text for text in (getattr(values, "name", None), stated, attrs.get("long_name")) if isinstance(text, str)]
    for text in said:
        word = text.strip().casefold()
        about = "effect" if word in _EFFECTS or direction_of(word) else "cost" if word in _COSTS else None
        if about not in {None, name}:
            msg = f"{name} must hold {name}s, got an array that says {text!r}; exchange cost and effect, or rename it"
            raise InputError(msg)
    if stated is not None and str(stated).casefold().rstrip("s") != unit.casefold().rstrip("s"):
        option = "currency" if name == "cost" else "effect_unit"
        msg = f"{name} must be in {unit!r}, got an array in {stated!r}; pass {option}={stated!r}, or convert it"
        raise InputError(msg)


def _warn_of_effects(draws: xr.Dataset, largest: float) -> None:
    """Warn of effects that look like amounts of money, or else exceed their horizon."""
    costs, effects = (draws[name].to_numpy() for name in ("cost", "effect"))
    if not _warn_if_exchanged(costs, effects, draws.attrs["effect_unit"], largest):
        _warn_beyond_horizon(draws)


def _warn_if_exchanged(costs: Floats, effects: Floats, unit: str, largest: float) -> bool:
    """Warn where effects look like amounts of money; tell whether they do."""
    life = _counts_years(unit)
    if life and largest > _LONGEST:
        doubt = f"effects reach {largest:g} {unit}, more than a life holds"
    elif (
        life
        and 2 * largest > _LARGE
        and _spread(costs[:_FEW]) <= _SMALL
        and 0 < _spread(costs) <= _SMALL
        and _spread(effects) > _LARGE
    ):
        doubt = f"effects differ by up to {_spread(effects):g} {unit} and costs by {_spread(costs):g}"
    else:
        return False
    warnings.warn(
        f"{doubt}: are cost and effect exchanged? from_arrays takes costs first; pass effect_unit=... if the unit is "
        "another",
        StatisticalWarning,
        stacklevel=4,
    )
    return True


def _spread(values: Floats) -> float:
    """Return the largest difference between strategies in a draw; of one strategy, its largest size."""
    return float(np.ptp(values, axis=1).max()) if values.shape[1] > 1 else _checks.largest(values)


def _warn_beyond_horizon(draws: xr.Dataset) -> None:
    """Warn where a strategy yields more life years, adjusted or not, than its horizon has."""
    unit, horizon = draws.attrs["effect_unit"], draws.attrs.get("horizon_years")
    if horizon is None or not _lived(unit):
        return
    means = np.abs(draws["effect"].to_numpy().mean(axis=0))
    most = float(means.max())
    if most > horizon * (1 + _ROUNDING):
        warnings.warn(
            f"effects of {str(draws['strategy'].to_numpy()[means.argmax()])!r} average {most:.4g} {unit} within "
            f"horizon_years={horizon:g}, more than a patient can live in it: check the unit of effect (a utility of 75 "
            "is 0.75), the number of patients that it is of, and the horizon",
            StatisticalWarning,
            stacklevel=4,
        )


def _warn_of_negative_harm(effects: Floats, unit: str) -> None:
    """Warn where a harm is below 0 in all draws."""
    if effects.max() <= 0 and effects.min() < 0:
        warnings.warn(
            f"effects in {unit!r}, of which less is better, are all at most 0: if they are {unit} averted, "
            f"pass effect_unit='{unit} averted'",
            StatisticalWarning,
            stacklevel=3,
        )


def _matched(
    cost: Any,  # noqa: ANN401
    effect: Any,  # noqa: ANN401
    names: list[str],
    units: tuple[str, str],
) -> tuple[tuple[Floats, Floats], float, pd.Index | None]:
    """Return costs and effects with their draws matched, the largest effect, and the labels of the draws."""
    _refuse_other_content("cost", cost, units[0])
    _refuse_other_content("effect", effect, units[1])
    both = {"cost": _by_strategy("cost", cost, names), "effect": _by_strategy("effect", effect, names)}
    matched, labels = _arrays.together(both, what="draws")
    (costs, _), (effects, largest) = (_matrix(name, values) for name, values in zip(both, matched, strict=True))
    if costs.shape != effects.shape:
        msg = f"cost and effect must have the same shape, got {costs.shape} and {effects.shape}"
        raise InputError(msg)
    if len(names) != costs.shape[1]:
        msg = f"strategies must name each of the {costs.shape[1]} columns of cost, got {len(names)} names"
        raise InputError(msg)
    return (costs, effects), largest, labels


def _refuse_comparator_with_values(draws: xr.Dataset) -> None:
    """Refuse incremental draws whose comparator is not at zero."""
    comparator = comparator_of(draws, None)
    reference = draws.sel(strategy=comparator)
    if bool((reference["cost"] != 0).any()) or bool((reference["effect"] != 0).any()):
        msg = f"incremental draws must hold the comparator {comparator!r} at zero; pass scale='absolute'"
        raise InputError(msg)


# Dims that verbs give their results beside those of the draws.
_OF_RESULTS = {"wtp", "bound", "set", "n", "lifetime", "quadrant_of_draws"}
_OPTIONAL: dict[str, Callable[[str, Any], float]] = {
    "price_year": _checks.year,
    "horizon_years": _checks.positive,
    "discount_cost": _checks.probability,
    "discount_effect": _checks.probability,
}


def _default_currency() -> str:
    from hecon.rulesets import ruleset

    return ruleset().currency


def from_arrays(
    cost: ArrayLike,
    effect: ArrayLike,
    *,
    strategies: Sequence[str],
    comparator: str | None = None,
    currency: str | None = None,
    effect_unit: str = "QALY",
    effect_better: str | None = None,
    price_year: int | None = None,
    scale: str = "absolute",
    horizon_years: float | None = None,
    discount_cost: float | None = None,
    discount_effect: float | None = None,
    source: str | None = None,
) -> xr.Dataset:
    """Make draws from two arrays: the only door into the data convention.

    Parameters
    ----------
    cost : array_like
        Cost per patient [currency], shape (draw, strategy); finite and below 1e150 in size. Named columns of a table,
        or a coordinate of a DataArray, must be the strategies' names and are put in their order.
    effect : array_like
        Effect per patient [effect_unit], same shape as `cost` and the same rules. Where rows of either have labels
        (an index or a coordinate ``draw``, beyond a count from 0), draws are matched by them.
    strategies : sequence of str
        One name per column; not empty, and apart by more than case, white space or the form of letters.
    comparator : str, optional
        The strategy that the others are held against. Never guessed: verbs that need one ask for it if it is
        not given here.
    currency : str, optional
        ISO code of the currency of `cost`; default that of the rule set "nl", EUR.
    effect_unit : str, default "QALY"
        Unit of `effect`.
    effect_better : {"more", "less"}, optional
        Whether more or less of the effect is better. Known of QALYs, life years and whatever is averted (more), of
        DALYs, deaths, and QALYs or life years lost (less); must be given for any other unit.
    price_year : int, optional
        The year whose prices `cost` is in, from 1900 to 2100.
    scale : {"absolute", "incremental"}, default "absolute"
        "incremental" draws hold the comparator at zero, which is checked.
    horizon_years : float, optional
        Time horizon [years], above 0.
    discount_cost, discount_effect : float, optional
        Annual discount rates, in [0, 1].
    source : str, optional
        Where the draws come from.

    Returns
    -------
    xarray.Dataset
        Variables ``cost`` and ``effect`` with dims (draw, strategy), as they were given; a coordinate ``draw`` where
        the caller has labels, in the order of `cost`; the rest in ``attrs``.

    Raises
    ------
    InputError
        If shapes differ, a value is masked, missing, not finite or too long for a float, names repeat or are empty,
        labels of columns or draws cannot be matched, an array is labelled as something else, the direction of the
        effect is not known, or the comparator is unknown.

    Warns
    -----
    StatisticalWarning
        If effects in (quality-adjusted or disability-adjusted) life years look like costs: beyond 150 in a draw, or
        more than 20 apart beside costs at most 5 apart. Also if a strategy yields more (quality-adjusted) life years
        on average than `horizon_years`, and if DALYs or deaths are all at most 0, and `effect_better` is not given.

    Notes
    -----
    Rows are draws of the *mean* cost and effect (a probabilistic analysis or a bootstrap), not patients. The
    same row must come from the same draw for all strategies.

    Numbers are kept as given, also of a harm; the verbs turn its sign where they weigh it (``effect_better="less"``).
    The largest cost and the largest effect must lie between 1e-150 and 1e150 in size, or be 0: within that range no
    product or sum of squares leaves what a float holds.

    Examples
    --------
    >>> import hecon
    >>> draws = hecon.from_arrays(
    ...     [[0, 900], [0, 1100]], [[0, 0.1], [0, 0.3]], strategies=["usual care", "exercise"], comparator="usual care"
    ... )
    >>> dict(draws.sizes)
    {'draw': 2, 'strategy': 2}
    """
    names = _checks.distinct_names("strategies", strategies)
    currency = _checks.unique_names("currency", [_default_currency() if currency is None else currency])[0]
    (costs, effects), largest, labels = _matched(cost, effect, names, (currency, effect_unit))
    _checks.one_of("scale", scale, SCALES)
    unit = _checks.unique_names("effect_unit", [effect_unit])[0]
    chosen = direction(unit, effect_better)
    attrs: dict[str, Any] = {"currency": currency, "effect_unit": unit, "effect_better": chosen}
    attrs |= {"price_year": price_year, "comparator": comparator, "scale": scale}
    optional = {"price_year": price_year, "horizon_years": horizon_years}
    optional |= {"discount_cost": discount_cost, "discount_effect": discount_effect}
    attrs |= {name: _OPTIONAL[name](name, value) for name, value in optional.items() if value is not None}
    attrs["source"] = None if source is None else _checks.unique_names("source", [source])[0]
    dims = ("draw", "strategy")
    variables = {"cost": (dims, costs, {"units": currency}), "effect": (dims, effects, {"units": effect_unit})}
    coords = {"strategy": names} | ({} if labels is None else {"draw": labels})
    draws = xr.Dataset(variables, coords, {key: value for key, value in attrs.items() if value is not None})
    if comparator is not None:
        comparator_of(draws, None)
    if scale == "incremental":
        _refuse_comparator_with_values(draws)
    _warn_of_effects(draws, largest)
    if chosen == "less" and effect_better is None and scale == "absolute":
        _warn_of_negative_harm(effects, unit)
    return draws


def validate(draws: xr.Dataset) -> xr.Dataset:
    """Return `draws` if it follows the data convention, possibly with further dims from ``xarray.concat``."""
    if not isinstance(draws, xr.Dataset) or not {"cost", "effect"} <= set(map(str, draws.data_vars)):
        msg = (
            "draws must be an xarray.Dataset with the variables cost and effect, "
            f"got {type(draws).__name__}; make it with hecon.from_arrays"
        )
        raise InputError(msg)
    for name in ("cost", "effect"):
        missing = {"draw", "strategy"} - set(map(str, draws[name].dims))
        if missing:
            msg = f"draws[{name!r}] must have the dims draw and strategy, it lacks {', '.join(sorted(missing))}"
            raise InputError(msg)
        values = draws[name]
        if values.size == 0:
            msg = f"draws[{name!r}] must hold at least one draw and one strategy, got sizes {dict(values.sizes)}"
            raise InputError(msg)
        if values.dtype.kind != "f" or values.dtype.itemsize != np.dtype(np.float64).itemsize:
            msg = f"draws[{name!r}] must hold float64, got {values.dtype}; make draws with hecon.from_arrays"
            raise InputError(msg)
        array = values.to_numpy()
        if _checks.plainly_within_range(array):
            continue
        size = _checks.largest(array)
        if not np.isfinite(size):
            msg = f"draws[{name!r}] must be finite, it holds NaN or infinite values; join draws of equal length"
            raise InputError(msg)
        _checks.within_range(f"draws[{name!r}]", size)
    taken = sorted(_OF_RESULTS & set(further_dims(draws)))
    if taken:
        msg = f"draws must have no further dim that results have of their own, got {taken[0]!r}; rename it"
        raise InputError(msg)
    better(draws)
    _checks.distinct_names("strategies", draws["strategy"].to_numpy().tolist())
    return draws


def comparator_of(draws: xr.Dataset, comparator: str | None) -> str:
    """Return the comparator as given or from ``draws.attrs``; refuse rather than guess."""
    names = strategy_names(draws)
    chosen = draws.attrs.get("comparator") if comparator is None else comparator
    if chosen is None:
        msg = f"comparator must be given: one of {', '.join(map(repr, names))}"
        raise InputError(msg)
    return _checks.one_of("comparator", cast("str", chosen), names)


# Labels of results ----------------------------------------------------------------------------------------------------


def further_dims(draws: xr.Dataset) -> tuple[str, ...]:
    """Return the dims beside draw and strategy: they come first in every result, in the draws' order."""
    dims = dict.fromkeys([*draws["cost"].dims, *draws["effect"].dims])
    return tuple(str(dim) for dim in dims if dim not in {"draw", "strategy"})


def slices(draws: xr.Dataset) -> tuple[tuple[int, ...], Iterator[tuple[Floats, Floats]]]:
    """Return the sizes of the further dims, and cost and benefit (more is better) for each of their cells.

    Arrays have the shape (draw, strategy) and are copied only where needed.
    """
    order = (*further_dims(draws), "draw", "strategy")
    parts = (draws["cost"], benefit(draws))
    if parts[0].dims != parts[1].dims:
        parts = xr.broadcast(*parts)
    cost, effect = (each.transpose(*order).to_numpy().astype(np.float64, copy=False) for each in parts)
    return cost.shape[:-2], ((cost[cell], effect[cell]) for cell in np.ndindex(cost.shape[:-2]))


def strategy_names(draws: xr.Dataset) -> list[str]:
    """Return the strategies' names."""
    return [str(name) for name in draws["strategy"].to_numpy()]


def ratio_unit(draws: xr.Dataset) -> str:
    """Return the unit of willingness to pay and of ratios: currency per unit of benefit."""
    return f"{units(draws)[0]} per {benefit_unit(draws)}"


def wtp_coordinate(draws: xr.Dataset, values: Floats) -> xr.Variable:
    """Return willingness to pay as a coordinate with its unit."""
    return xr.Variable("wtp", values, {"units": ratio_unit(draws), "long_name": "willingness to pay"})


def price(draws: xr.Dataset, wtp: ArrayLike) -> xr.DataArray:
    """Return willingness to pay, checked, as an array with its unit."""
    values = _checks.willingness_to_pay(wtp)
    return xr.DataArray(values, {"wtp": wtp_coordinate(draws, values)}, ("wtp",))


def single(results: xr.Dataset, name: str) -> xr.DataArray:
    """Return one variable of `results` with the attributes of the whole, its own going before."""
    array = results[name]
    array.attrs = {**results.attrs, **array.attrs}
    return array


def dataset(
    draws: xr.Dataset,
    variables: Mapping[str, tuple[Sequence[str], NDArray[Any], Mapping[str, str]]],
    coords: Mapping[str, Any],
) -> xr.Dataset:
    """Return `variables` (dims, values, attrs) with the draws' coordinates and attributes."""
    dims = {dim for dims, _, _ in variables.values() for dim in dims}
    own = {name: coord.variable for name, coord in draws.coords.items() if set(coord.dims) <= dims}
    return xr.Dataset(dict(variables), coords={**own, **coords}, attrs=draws.attrs)


def others(draws: xr.Dataset, comparator: str | None) -> tuple[str, list[str]]:
    """Return the comparator and the strategies that are held against it."""
    reference = comparator_of(draws, comparator)
    rest = [name for name in strategy_names(draws) if name != reference]
    if not rest:
        msg = f"draws must hold a strategy beside the comparator {reference!r}; nothing to compare"
        raise InputError(msg)
    return reference, rest
