"""The programme: how its preconditions, building blocks and steps stood on a date, and what blocks each block."""

from __future__ import annotations

from hecon.programme.records import BlockState, Obstacle, ProgrammeState, Standing, TopicState
from hecon.programme.standing import state

__all__ = ["BlockState", "Obstacle", "ProgrammeState", "Standing", "TopicState", "state"]
