"""Commands that assess the same dossier again and again, where what they print or write of it is the point."""

from __future__ import annotations

from contextlib import contextmanager

from hecon import assessment

_MADE = []


@contextmanager
def assessed_once():
    """Let a dossier be assessed once in a process with the same draws and seed, its budget with the same scenarios."""
    whole, of_budget = assessment.assess, assessment.assess_budget

    def assess(dossier, **how):
        return once(("whole", _read(dossier), how), lambda: whole(dossier, **how))

    def assess_budget(dossier, n_draws, rng, *, scenarios=None):
        how = (n_draws, rng.bit_generator.state, scenarios)
        return once(("budget", _read(dossier), how), lambda: of_budget(dossier, n_draws, rng, scenarios=scenarios))

    assessment.assess, assessment.assess_budget = assess, assess_budget
    try:
        yield
    finally:
        assessment.assess, assessment.assess_budget = whole, of_budget


def _read(dossier):
    """Return a dossier that has read its rules, as one that was assessed has: so they are equal."""
    assert dossier.ruleset is not None
    return dossier


def once(key, make):
    """Return what was made of what is equal to a key, or make it."""
    for known, made in _MADE:
        if known == key:
            return made
    made = make()
    _MADE.append((key, made))
    return made
