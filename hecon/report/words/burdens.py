"""A burden of disease, and what it does to the probability cost-effective, in words."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import TYPE_CHECKING

from hecon import _checks
from hecon.errors import InputError

if TYPE_CHECKING:
    from hecon.locale import Locale
    from hecon.zin import Shortfall

__all__ = ["burden_words", "integrated_words"]

_DIGITS = 2
_SHARE_DIGITS = 3
_REMARKS = {"better off": "shortfall.better_off", "worse than dead": "shortfall.worse_than_dead"}


def burden_words(burden: Shortfall, locale: Locale) -> str:
    """Return a burden of disease in words: the figures, the band, and what could change it.

    Parameters
    ----------
    burden : Shortfall
        What `hecon.zin.shortfall` returned.
    locale : Locale
        Language.

    Returns
    -------
    str
        A few sentences.

    Examples
    --------
    >>> from hecon import zin
    >>> from hecon.locale import Locale
    >>> found = zin.shortfall(population_qalys=26, remaining_qalys=15)
    >>> burden_words(found, Locale("en")).split(". ")[1]
    'That is a middle burden of disease, with a reference value of €50,000 per QALY.'
    """
    _checks.instance("burden", burden, "Shortfall", "hecon.zin.shortfall returns one")
    value = burden.reference_value
    sentences = [
        locale.text(
            "shortfall.figures" if burden.tables else "shortfall.figures_given",
            population=locale.number(burden.qale_population, _DIGITS),
            patients=locale.number(burden.qale_patients, _DIGITS),
            absolute=locale.number(burden.absolute, _DIGITS),
            proportional=locale.number(burden.proportional, _SHARE_DIGITS),
        ),
        locale.text("shortfall.no_band")
        if value is None
        else locale.text("shortfall.in_band", band=locale.text(f"band.{burden.band}"), value=locale.money(value)),
    ]
    if burden.remark:
        sentences.append(locale.text(_REMARKS[burden.remark]))
    if burden.near_edge:
        sentences.append(locale.text("shortfall.near_edge"))
    if burden.interval is not None:
        low, high = (locale.number(end, _SHARE_DIGITS) for end in burden.interval)
        if low == high:
            low, high = (locale.number(end, _SHARE_DIGITS + 1) for end in burden.interval)
        shares = _shares(burden.probabilities, locale)
        sentences.append(locale.text("shortfall.uncertain", low=low, high=high, shares=shares))
    if burden.same_value_set is False:
        own = burden.tables["norms"]["value_set"]
        sentences.append(locale.text("shortfall.other_value_set", patients=burden.value_set, norms=own))
    if burden.discount:
        # With the digits that it was given with.
        percent = Decimal(f"{100 * burden.discount:.6g}")
        sentences.append(locale.text("shortfall.discounted", rate=locale.as_given(percent)))
    return " ".join(sentences)


def _shares(probabilities: Mapping[str, float], locale: Locale) -> str:
    return "; ".join(
        f"{locale.text(f'band.{band}')} {locale.probability(share)}"
        for band, share in probabilities.items()
        if share > 0
    )


def integrated_words(
    probability: float,
    probabilities: Mapping[str, float],
    locale: Locale,
    *,
    intervention: str,
    quadrant: str | None = None,
) -> str:
    """Return the probability cost-effective over the bands in words; where no band has a value, dominance still holds.

    >>> from hecon import zin
    >>> from hecon.locale import Locale
    >>> print(integrated_words(0.65, zin.band_probabilities("none"), Locale("en"), intervention="exercise"))
    There is no reference value to hold exercise against, so nothing is concluded on this ground.
    """
    if not isinstance(probabilities, Mapping) or "none" not in probabilities:
        msg = "probabilities must be one for each band, 'none' among them, as hecon.zin.band_probabilities returns"
        raise InputError(msg)
    none = probabilities["none"]
    if none < 1:
        _checks.probability("probability", probability)
    if none == 1:
        text = locale.text("shortfall.integrated_none", intervention=intervention)
        still = {"SE": "shortfall.still_SE", "NW": "shortfall.still_NW"}.get(quadrant or "")
        return text if still is None else f"{text} {locale.text(still)}"
    return locale.text(
        "shortfall.integrated_part" if none > 0 else "shortfall.integrated",
        some=locale.probability(1 - none),
        none=locale.probability(none),
        shares=_shares({**probabilities, "none": 0.0}, locale),
        intervention=intervention,
        probability=locale.probability(probability),
    )
