"""Value of information: what it is worth to learn some parameters, or to carry out a study."""

from __future__ import annotations

from hecon.decision.information.evppi import evppi

__all__ = ["evppi"]
