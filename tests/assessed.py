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
        return _once(("whole", dossier, how), lambda: whole(dossier, **how))

    def assess_budget(dossier, n_draws, rng, *, scenarios=None):
        how = (n_draws, rng.bit_generator.state, scenarios)
        return _once(("budget", dossier, how), lambda: of_budget(dossier, n_draws, rng, scenarios=scenarios))

    assessment.assess, assessment.assess_budget = assess, assess_budget
    try:
        yield
    finally:
        assessment.assess, assessment.assess_budget = whole, of_budget


def _once(key, make):
    for known, made in _MADE:
        if known == key:
            return made
    made = make()
    _MADE.append((key, made))
    return made
