"""Where spending is booked: the sector that gives the care, and the payer, inside or outside the budget."""

from __future__ import annotations

__all__ = ["INSIDE", "OUTSIDE", "PAYERS", "SECTORS", "under_deductible"]

#: Sectors of care, in the order of results.
SECTORS = (
    "primary paramedical",
    "specialist care",
    "district nursing",
    "general practice",
    "medicines",
    "long-term care",
    "social support",
)

#: Payers inside the budget (the Dutch ceiling for care spending): the acts on health insurance, long-term care and
#: social support.
INSIDE = ("Zvw", "Wlz", "Wmo")

#: Payers outside it.
OUTSIDE = ("supplementary insurance", "own payments", "supplementary insurance or own payments")

PAYERS = (*INSIDE, *OUTSIDE)


def under_deductible(sector: str, payer: str) -> bool:
    """Tell whether the Dutch deductible applies: to care of the Zvw, but for general practice and district nursing."""
    return payer == "Zvw" and sector not in {"general practice", "district nursing"}
