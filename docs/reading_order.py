"""The order in which the worked cases stand: by what builds on what."""

from __future__ import annotations

ORDER = (
    "acl_rupture.py",
    "british_comparison.py",
    "meniscal_tear_traumatic.py",
    "meniscal_tear_degenerative.py",
    "reablement_coach2move.py",
    "trial_from_patients.py",
    "assess_patient_data.py",
    "burden_of_disease.py",
    "budget_first_twenty.py",
    "budget_acl.py",
    "budget_copd.py",
    "copd_payment.py",
    "audit_of_the_sources.py",
    "state_of_the_programme.py",
    "own_dossier.py",
    "from_bcea_or_dampack.py",
)


def reading_order(name: str) -> tuple[int, str]:
    """Return the key that sorts a script; those not named here come last, by name."""
    return (ORDER.index(name) if name in ORDER else len(ORDER), name)
