"""Tables over willingness to pay behind figures and notes, each computed once."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from hecon import _checks, decision
from hecon.decision.curves import all_curves
from hecon.decision.ties import EXPECTED_TIE, tied_means
from hecon.draws import benefit, refuse_few_freedom, single, strategy_names
from hecon.reported.fits import fit_of
from hecon.reported.predictions import probability_ranges

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

    import xarray as xr
    from numpy.typing import ArrayLike

    from hecon._arrays import Floats


_T = TypeVar("_T")


class Curves:
    """Cached tables of draws without further dims: acceptability, expected loss, net benefit, quadrants, the best."""

    def __init__(self, draws: xr.Dataset) -> None:
        self.draws = draws
        self._known: dict[Hashable, object] = {}

    def _once(self, name: str, wtp: ArrayLike, pair: tuple[str, ...], compute: Callable[[], _T]) -> _T:
        key = (name, pair, np.asarray(wtp, dtype=float).tobytes())
        if key not in self._known:
            self._known[key] = compute()
        return self._known[key]  # type: ignore[return-value]

    def _all(self, wtp: ArrayLike) -> xr.Dataset:
        return self._once("all", wtp, (), lambda: all_curves(self.draws, wtp))

    def acceptability(self, wtp: ArrayLike) -> xr.DataArray:
        """Return `hecon.ceac`."""
        return single(self._all(wtp), "ceac").drop_vars("optimal")

    def frontier(self, wtp: ArrayLike) -> xr.DataArray:
        """Return `hecon.ceaf`."""
        return single(self._all(wtp), "ceaf")

    def best(self, wtp: ArrayLike) -> list[tuple[str, ...]]:
        """Return at each value the strategies with the highest expected net benefit, all that tie."""
        cost, effect = (each.mean("draw").to_numpy() for each in (self.draws["cost"], benefit(self.draws)))
        tied = tied_means(cost, effect, np.atleast_1d(np.asarray(wtp, dtype=float)))
        return [tuple(itertools.compress(strategy_names(self.draws), best)) for best in tied.T]

    def expected_loss(self, wtp: ArrayLike) -> xr.DataArray:
        """Return `hecon.expected_loss`."""
        refuse_few_freedom(self.draws)
        return single(self._all(wtp), "expected_loss").drop_vars("optimal")

    def ranges(self, wtp: ArrayLike) -> Floats | None:
        """Return the range of the probability over rounding and assumptions; None without a fit of normal marginals."""
        fit = fit_of(self.draws)
        if fit is None or fit.marginal != "normal":
            return None
        return self._once("ranges", wtp, (), lambda: np.array(probability_ranges(fit, wtp=wtp)))

    def net_benefit(self, wtp: ArrayLike, strategy: str, comparator: str) -> tuple[Floats, Floats, Floats]:
        """Return the mean incremental net benefit and both ends of its central 95%."""
        return self._once("net_benefit", wtp, (strategy, comparator), lambda: self._benefit(wtp, strategy, comparator))

    def _benefit(self, wtp: ArrayLike, strategy: str, comparator: str) -> tuple[Floats, Floats, Floats]:
        values, arms = _checks.willingness_to_pay(wtp), self._arms(strategy, comparator)
        cost, gain = (each[0] - each[1] for each in arms)
        benefit = values[:, np.newaxis] * gain - cost
        mean = benefit.mean(axis=1)
        # Sorted first, as NumPy sorts a row in less time than it takes to part it at two places.
        benefit.sort(axis=1)
        low, high = np.quantile(benefit, [0.025, 0.975], axis=1, overwrite_input=True)
        most_cost, most_gain = (float(np.abs(each.mean(axis=1)).max()) for each in arms)
        certain = np.abs(mean) > EXPECTED_TIE * (values * most_gain + most_cost)
        return np.where(certain, mean, 0.0), low, high

    def differences(self, strategy: str, comparator: str) -> tuple[Floats, Floats]:
        """Return the draws of incremental cost and benefit (harm averted, where less of the effect is better)."""
        cost, gain = self._arms(strategy, comparator)
        return cost[0] - cost[1], gain[0] - gain[1]

    def _arms(self, strategy: str, comparator: str) -> tuple[Floats, Floats]:
        """Return the draws of cost and benefit of a strategy and its comparator, each (2, draw)."""
        places = [strategy_names(self.draws).index(name) for name in (strategy, comparator)]
        cost, gain = (
            each.transpose("strategy", "draw").to_numpy()[places] for each in (self.draws["cost"], benefit(self.draws))
        )
        return cost, gain

    def quadrant_shares(self, strategy: str, comparator: str) -> dict[str, float]:
        """Return the share of the draws in each quadrant."""
        return self._once("quadrant_shares", (), (strategy, comparator), lambda: self._shares(strategy, comparator))

    def _shares(self, strategy: str, comparator: str) -> dict[str, float]:
        shares = decision.icer(self.draws, comparator=comparator).sel(strategy=strategy)["quadrant_share"]
        return {quadrant: float(shares.sel(quadrant_of_draws=quadrant)) for quadrant in ("NE", "NW", "SE", "SW")}


def curves_of(draws: xr.Dataset | Curves) -> Curves:
    """Return cached tables of draws as they are, or new ones."""
    return draws if isinstance(draws, Curves) else Curves(draws)
