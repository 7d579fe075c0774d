"""What it is worth to learn the parameters of a model that a dossier names, over the model's own draws."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from hecon import decision
from hecon.decision.information.inputs import constants_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    import xarray as xr

    from hecon.assessment.records import ModelResult

__all__ = ["ParameterValues", "ParameterWorth", "parameter_values"]

# Draws below which no parameter's value is computed.
_FEWEST_DRAWS = 50


@dataclass(frozen=True)
class ParameterWorth:
    """What it is worth to learn one parameter of a model, per patient [currency].

    Attributes
    ----------
    name : str, as the file of the draws has it
    evppi, se : float, expected value of perfect information on it alone, and its standard error
    out_of_fold : float, what the same regression gains in draws that it has not seen: far below `evppi` it is noise
    population : dict of float to float, for all who face the decision, by decision lifetime [years]
    """

    name: str
    evppi: float
    se: float
    out_of_fold: float
    population: dict[float, float] = field(default_factory=dict)


@dataclass(frozen=True)
class ParameterValues:
    """The value of a model's parameters at some values of willingness to pay, or why it is not known.

    Attributes
    ----------
    found : xarray.Dataset or None
        As `hecon.evppi` returns, of every parameter that varies by itself.
    reason : str or None
        Why there is none: "no_parameters" in the file, "constant" (none varies) or "few_draws".
    constant : tuple of str, the parameters that have one value in all draws
    """

    found: xr.Dataset | None = field(default=None, repr=False, compare=False)
    reason: str | None = None
    constant: tuple[str, ...] = ()

    def ranked(self, wtp: float) -> tuple[ParameterWorth, ...]:
        """Return the parameters at one willingness to pay, the most valuable first; those of equal value by name."""
        if self.found is None:
            return ()
        row = self.found.sel(wtp=wtp)
        fields = (row[each].to_numpy().tolist() for each in ("evppi", "se", "out_of_fold"))
        known = [ParameterWorth(str(name), *rest) for name, *rest in zip(row["set"].to_numpy(), *fields, strict=True)]
        return tuple(sorted(known, key=lambda each: (-each.evppi, each.name)))


def parameter_values(result: ModelResult, options: Sequence[str], wtp: Sequence[float]) -> ParameterValues:
    """Return the value of each parameter of a model for the choice between some of its options."""
    constant = tuple(constants_of(result.inputs))
    reasons = {
        "no_parameters": result.inputs.columns.empty,
        "constant": len(constant) == len(result.inputs.columns),
        "few_draws": len(result.inputs) < _FEWEST_DRAWS,
    }
    reason = next((code for code, holds in reasons.items() if holds), None)
    if reason is not None:
        return ParameterValues(reason=reason, constant=constant)
    draws = result.model_draws.sel(strategy=list(options))
    return ParameterValues(decision.evppi(draws, result.inputs, wtp=list(wtp)), constant=constant)
