"""The class mix, and what risk selection and upcoding make of it."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

from hecon import _checks
from hecon.errors import InputError
from hecon.payment.caseload import Caseload

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["after_selection", "after_upcoding", "checked_heaviest", "share_of"]


def checked_heaviest(caseload: Caseload, heaviest: Iterable[str]) -> tuple[str, ...]:
    """Return the names of the heaviest classes: some of the caseload's, with some but not all of the patients."""
    names = _checks.unique_names("heaviest", heaviest)
    for name in names:
        _checks.one_of("heaviest", name, caseload.names)
    if not 0.0 < share_of(caseload, names) < 1.0:
        msg = f"heaviest must hold a share of the patients in (0, 1), got {names!r}; leave out the lighter classes"
        raise InputError(msg)
    return tuple(names)


def share_of(caseload: Caseload, names: Iterable[str]) -> float:
    """Return the share of the patients in these classes."""
    return math.fsum(caseload.named(name).share for name in names)


def after_selection(caseload: Caseload, heaviest: tuple[str, ...], selection: float) -> Caseload:
    """Return the caseload when this share of the patients in the heaviest classes is turned away."""
    if _checks.probability("selection", selection) == 0.0:
        return caseload
    left = 1.0 - selection * share_of(caseload, heaviest)
    return Caseload(
        replace(each, share=each.share * (1.0 - selection if each.name in heaviest else 1.0) / left)
        for each in caseload.classes
    )


def after_upcoding(share: float, upcoding: float) -> float:
    """Return the share billed as heaviest when this share of the other patients is billed so too."""
    return share + (1.0 - share) * _checks.probability("upcoding", upcoding)
