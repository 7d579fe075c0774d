"""The audit: whether the numbers that a dossier carries from its sources can be true together."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hecon import _checks
from hecon.dossier.audit_comparisons import audit_comparisons
from hecon.dossier.audit_figures import audit_figures
from hecon.dossier.audit_studies import audit_studies
from hecon.dossier.loading import load, load_programme
from hecon.dossier.programme_schema import Programme
from hecon.dossier.schema import Dossier

if TYPE_CHECKING:
    from pathlib import Path

    from hecon.dossier.findings import Finding


__all__ = ["PROGRAMME", "audit"]

PROGRAMME = "programme"


def audit(dossier: Dossier | Programme | str | Path) -> tuple[Finding, ...]:
    """Hold the printed numbers of a dossier, or of the programme, against each other.

    Parameters
    ----------
    dossier : Dossier, Programme, str or Path
        A dossier, the name of one that comes with hecon, the path of a TOML file, or "programme".

    Returns
    -------
    tuple of Finding
        Studies, comparisons, single figures, each in the order of the file; empty where everything can be true.

    Raises
    ------
    DossierError
        If the file breaks the rules of a dossier.

    Notes
    -----
    Each number stands for all that rounds to it; zeros at the end of whole numbers may be rounding. Clinical outcomes
    and differences in effect are taken as symmetrical, so an estimate off the middle of its interval is inconsistent;
    of costs, which are skewed and often bootstrapped, it is worth a look. A difference that is not that of the arms is
    inconsistent where the source says that it was not adjusted, and worth a look otherwise. P values are held against
    intervals under normal and t distributions; a probability cost-effective must lie above one half where net benefit
    is positive, which holds under normality, and what a dossier keeps as a check must follow from the other
    statistics, within rounding, approximation and the error of a bootstrap. An interval of costs or effects that
    does not hold its mean is a fault of the file already. Only what was reported is held against each other, not
    what a dossier derives or assumes, except for single figures, whose relations the file states.

    Examples
    --------
    >>> import hecon
    >>> [(each.study, each.relation, each.repair) for each in hecon.audit("acl-rupture") if each.relation == "sign"]
    [('KANON (Frobell 2010, 2013)', 'sign', 'sign')]
    """
    checked = dossier
    if not isinstance(checked, (Dossier, Programme)):
        named = isinstance(checked, str) and checked == PROGRAMME
        checked = load_programme() if named else load(checked)
    with _checks.known_decimals():
        if isinstance(checked, Programme):
            return tuple(audit_figures(checked.figure, checked.relation))
        return (
            *audit_studies(checked),
            *audit_comparisons(checked),
            *audit_figures(checked.figure, checked.relation),
        )
