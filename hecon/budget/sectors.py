"""Where spending is booked: the sector that gives the care, and the payer, inside or outside the budget."""

from __future__ import annotations

from typing import Literal, get_args

__all__ = ["INSIDE", "OUTSIDE", "PAYERS", "SECTORS", "Payer", "Sector", "under_deductible"]

Sector = Literal[
    "primary paramedical",
    "specialist care",
    "district nursing",
    "general practice",
    "medicines",
    "long-term care",
    "social support",
]
_Inside = Literal["Zvw", "Wlz", "Wmo"]
_Outside = Literal["supplementary insurance", "own payments", "supplementary insurance or own payments"]
Payer = Literal[_Inside, _Outside]

#: Sectors of care, in the order of results.
SECTORS: tuple[str, ...] = get_args(Sector)

#: Payers inside the budget (the Dutch ceiling for care spending): the acts on health insurance, long-term care and
#: social support.
INSIDE: tuple[str, ...] = get_args(_Inside)

#: Payers outside it.
OUTSIDE: tuple[str, ...] = get_args(_Outside)

PAYERS = (*INSIDE, *OUTSIDE)


def under_deductible(sector: str, payer: str) -> bool:
    """Tell whether the Dutch deductible applies: to care of the Zvw, but for general practice and district nursing."""
    return payer == "Zvw" and sector not in {"general practice", "district nursing"}
