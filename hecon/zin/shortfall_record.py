"""What a computed burden of disease is: a frozen record, and its plain data."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from hecon.zin.burden import BANDS

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from hecon.zin.courses import Course

__all__ = ["Shortfall"]


@dataclass(frozen=True)
class Shortfall:
    """A burden of disease, computed.

    Parameters
    ----------
    qale_population : float
        Q_n, quality-adjusted life expectancy of the general population [QALY].
    qale_patients : float
        Q_d, that of patients under current care [QALY]; the mean where draws were given to `hecon.zin.shortfall`, and
        that at the stated values where `hecon.assess` drew from their ranges.
    absolute : float
        Q_n − Q_d [QALY].
    proportional : float
        (Q_n − Q_d)/Q_n, unrounded.
    band : str
        "none", "low", "middle" or "high".
    reference_value : int or None
        [EUR per QALY]; None for the band "none".
    near_edge : bool
        Whether the proportional shortfall lies within 0.01 of a working edge.
    remark : str
        "better off", "worse than dead" or empty, as in `hecon.zin.BurdenBand`.
    discount : float
        Yearly rate; the Zorginstituut's rule is 0.
    band_probabilities : dict of str to float, or None
        Probability of each band over the draws.
    interval : (float, float) or None
        Central 95% of the draws of the proportional shortfall.
    proportional_draws : numpy.ndarray or None
        The draws.
    tables : dict
        Life table and norms, each with source, year and licence; empty where Q_n was given.
    value_set : str or None
        Value set of the patients' utilities, where it was stated.
    same_value_set : bool or None
        Whether it is that of the norms; None where it was not stated.
    course : Course or None
        Survival times utility over the years, of population and patients, for the figure.
    """

    qale_population: float
    qale_patients: float
    absolute: float
    proportional: float
    band: str
    reference_value: int | None
    near_edge: bool
    remark: str = ""
    discount: float = 0.0
    band_probabilities: dict[str, float] | None = field(default=None, hash=False)
    interval: tuple[float, float] | None = None
    proportional_draws: NDArray[np.float64] | None = field(default=None, repr=False, compare=False)
    tables: dict[str, dict[str, Any]] = field(default_factory=dict, hash=False)
    value_set: str | None = None
    same_value_set: bool | None = None
    course: Course | None = field(default=None, repr=False, compare=False)

    @property
    def probabilities(self) -> dict[str, float]:
        """Probability of each band; 1 for its own where nothing is uncertain."""
        return self.band_probabilities or {band: float(band == self.band) for band in BANDS}

    @property
    def data(self) -> dict[str, Any]:
        """The burden as plain data with stable keys, as the command line prints it."""
        keys = ("qale_population", "qale_patients", "absolute", "proportional", "band", "reference_value", "near_edge")
        more = ("remark", "discount", "band_probabilities", "interval", "value_set", "same_value_set")
        return {**{key: getattr(self, key) for key in keys}, "tables": self.tables} | {
            key: getattr(self, key) for key in more
        }
