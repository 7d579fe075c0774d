"""The data convention: draws of costs and effects as one labelled Dataset, and the door into it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import numpy as np
import xarray as xr

from hecon import _checks
from hecon.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike, NDArray

__all__ = ["SCALES", "comparator_of", "from_arrays", "validate"]

SCALES = ("absolute", "incremental")


def _matrix(name: str, values: ArrayLike) -> NDArray[np.float64]:
    try:
        array = _checks.numeric(values)
    except (TypeError, ValueError):
        msg = f"{name} must hold numbers only; remove or convert what is not a number"
        raise InputError(msg) from None
    if array.ndim != 2:  # noqa: PLR2004
        msg = f"{name} must have two dimensions, draw x strategy, got shape {array.shape}"
        raise InputError(msg)
    if array.size < 1:
        msg = f"{name} must hold at least one draw and one strategy, got shape {array.shape}"
        raise InputError(msg)
    bad = ~np.isfinite(array)
    if bad.any():
        draw, strategy = map(int, np.argwhere(bad)[0])
        msg = (
            f"{name} must be finite, got {float(array[draw, strategy])!r} at draw {draw}, strategy {strategy}"
            f" ({int(bad.sum())} such in all); impute or drop these draws first"
        )
        raise InputError(msg)
    return array


def _aligned(name: str, values: Any, strategies: list[str]) -> Any:  # noqa: ANN401 (arrays and tables of any library)
    """Return labelled values in the order of the strategies; a table whose labels say otherwise is refused."""
    if isinstance(values, xr.DataArray):
        if set(values.dims) != {"draw", "strategy"}:
            msg = f"{name} must have the dims draw and strategy, got {', '.join(map(str, values.dims))}"
            raise InputError(msg)
        values = values.transpose("draw", "strategy")
        labels = [str(each) for each in values["strategy"].values] if "strategy" in values.coords else None
    else:
        columns = getattr(values, "columns", None)
        labels = None if columns is None or not all(isinstance(each, str) for each in columns) else list(columns)
    if labels is None:
        return values
    if sorted(labels) != sorted(strategies):
        msg = f"{name} must be labelled with the strategies {', '.join(strategies)}, got {', '.join(labels)}"
        raise InputError(msg)
    order = [labels.index(each) for each in strategies]
    return np.asarray(values)[:, order]


def from_arrays(
    cost: ArrayLike,
    effect: ArrayLike,
    *,
    strategies: Sequence[str],
    comparator: str | None = None,
    currency: str = "EUR",
    effect_unit: str = "QALY",
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
        Cost per patient [currency], shape (draw, strategy); finite. Columns of a table (pandas) or a DataArray that
        bear the strategies' names are put in their order.
    effect : array_like
        Effect per patient [effect_unit], same shape as `cost`; finite.
    strategies : sequence of str
        One name per column; unique and not empty.
    comparator : str, optional
        The strategy that the others are held against. Never guessed: verbs that need one ask for it if it is
        not given here.
    currency : str, default "EUR"
        ISO code of the currency of `cost`.
    effect_unit : str, default "QALY"
        Unit of `effect`.
    price_year : int, optional
        The year whose prices `cost` is in.
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
        Variables ``cost`` and ``effect`` with dims (draw, strategy); the rest in ``attrs``.

    Raises
    ------
    InputError
        If shapes differ, a value is not finite, names repeat or are empty, or the comparator is unknown.

    Notes
    -----
    Rows are draws of the *mean* cost and effect (a probabilistic analysis or a bootstrap), not patients. The
    same row must come from the same draw for all strategies.

    Examples
    --------
    >>> import hecon
    >>> draws = hecon.from_arrays(
    ...     [[0, 900], [0, 1100]], [[0, 0.1], [0, 0.3]], strategies=["usual care", "exercise"], comparator="usual care"
    ... )
    >>> dict(draws.sizes)
    {'draw': 2, 'strategy': 2}
    """
    names = _checks.unique_names("strategies", strategies)
    costs = _matrix("cost", _aligned("cost", cost, names))
    effects = _matrix("effect", _aligned("effect", effect, names))
    if costs.shape != effects.shape:
        msg = f"cost and effect must have the same shape, got {costs.shape} and {effects.shape}"
        raise InputError(msg)
    if len(names) != costs.shape[1]:
        msg = f"strategies must name each of the {costs.shape[1]} columns of cost, got {len(names)} names"
        raise InputError(msg)
    _checks.one_of("scale", scale, SCALES)
    attrs: dict[str, Any] = {
        "currency": _checks.unique_names("currency", [currency])[0],
        "price_year": price_year,
        "comparator": comparator,
        "scale": scale,
        "horizon_years": None if horizon_years is None else _checks.positive("horizon_years", horizon_years),
        "discount_cost": None if discount_cost is None else _checks.probability("discount_cost", discount_cost),
        "discount_effect": None if discount_effect is None else _checks.probability("discount_effect", discount_effect),
        "source": source,
    }
    draws = xr.Dataset(
        {
            "cost": (("draw", "strategy"), costs, {"units": currency}),
            "effect": (("draw", "strategy"), effects, {"units": effect_unit}),
        },
        coords={"strategy": names},
        attrs={key: value for key, value in attrs.items() if value is not None},
    )
    if comparator is not None:
        comparator_of(draws, None)
    if scale == "incremental":
        reference = draws.sel(strategy=comparator_of(draws, None))
        if bool((reference["cost"] != 0).any()) or bool((reference["effect"] != 0).any()):
            msg = f"incremental draws must hold the comparator {comparator!r} at zero; pass scale='absolute'"
            raise InputError(msg)
    return draws


def validate(draws: xr.Dataset) -> xr.Dataset:
    """Return `draws` if it follows the data convention.

    Parameters
    ----------
    draws : xarray.Dataset
        Draws as `from_arrays` makes them, possibly joined along further dims by ``xarray.concat``.

    Returns
    -------
    xarray.Dataset
        The same object.

    Raises
    ------
    InputError
        If a variable or dim is missing or empty, strategies have no or equal names, or a value is not finite (as after
        a join of unequal draws).
    """
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
        # One pass: a sum is finite unless a value is not (or the sum overflows, hence the second look).
        values = draws[name]
        with np.errstate(invalid="ignore", over="ignore"):
            total = float(values.sum(skipna=False))
        if not np.isfinite(total) and not bool(np.isfinite(values).all()):
            msg = f"draws[{name!r}] must be finite, it holds NaN or infinite values; join draws of equal length"
            raise InputError(msg)
        if values.size == 0:
            msg = f"draws[{name!r}] must hold at least one draw and one strategy, got sizes {dict(values.sizes)}"
            raise InputError(msg)
    _checks.unique_names("strategies", draws["strategy"].to_numpy().tolist())
    return draws


def comparator_of(draws: xr.Dataset, comparator: str | None) -> str:
    """Return the comparator: as given, or as the draws' source knows it; never guessed.

    Parameters
    ----------
    draws : xarray.Dataset
        Draws.
    comparator : str or None
        A strategy's name, or None to read it from ``draws.attrs``.

    Returns
    -------
    str
        The comparator's name.

    Raises
    ------
    InputError
        If none is given or known, or the name is not among the strategies.
    """
    names = [str(name) for name in draws["strategy"].values]
    chosen = draws.attrs.get("comparator") if comparator is None else comparator
    if chosen is None:
        msg = f"comparator must be given: one of {', '.join(map(repr, names))}"
        raise InputError(msg)
    return _checks.one_of("comparator", cast("str", chosen), names)
