"""A computed burden of disease, and what it does to the probability cost-effective, in words."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import TYPE_CHECKING

from hecon import _checks
from hecon.errors import InputError
from hecon.locale import Locale
from hecon.zin.burden import BANDS

if TYPE_CHECKING:
    from hecon.zin.shortfalls import Shortfall

__all__ = ["burden_words", "integrated_words"]

_DIGITS = 2
_SHARE_DIGITS = 3
_REMARKS = {"better off": "shortfall.better_off", "worse than dead": "shortfall.worse_than_dead"}


def burden_words(burden: Shortfall, *, lang: str = "nl") -> str:
    """Return a computed burden of disease in words: the figures, the band, and what could change it.

    Parameters
    ----------
    burden : Shortfall
        What `hecon.zin.shortfall` returned.
    lang : {"nl", "en"}, default "nl"
        Language.

    Returns
    -------
    str
        A few sentences.

    Examples
    --------
    >>> from hecon import zin
    >>> found = zin.shortfall(population_qalys=26, remaining_qalys=15)
    >>> zin.burden_words(found, lang="en").split(". ")[1]
    'That is a middle burden of disease, with a reference value of €50,000 per QALY.'
    """
    _checks.instance("burden", burden, "Shortfall", "hecon.zin.shortfall returns one")
    value = burden.reference_value
    sentences = [
        Locale(lang).text(
            "shortfall.figures" if burden.tables else "shortfall.figures_given",
            population=Locale(lang).number(burden.qale_population, _DIGITS),
            patients=Locale(lang).number(burden.qale_patients, _DIGITS),
            absolute=Locale(lang).number(burden.absolute, _DIGITS),
            proportional=Locale(lang).number(burden.proportional, _SHARE_DIGITS),
        ),
        Locale(lang).text("shortfall.no_band")
        if value is None
        else Locale(lang).text(
            "shortfall.in_band",
            band=Locale(lang).text(f"band.{burden.band}"),
            value=Locale(lang).money(value),
        ),
    ]
    if burden.remark:
        sentences.append(Locale(lang).text(_REMARKS[burden.remark]))
    if burden.near_edge:
        sentences.append(Locale(lang).text("shortfall.near_edge"))
    if burden.interval is not None:
        low, high = (Locale(lang).number(end, _SHARE_DIGITS) for end in burden.interval)
        if low == high:
            low, high = (Locale(lang).number(end, _SHARE_DIGITS + 1) for end in burden.interval)
        sentences.append(
            Locale(lang).text("shortfall.uncertain", low=low, high=high, shares=_shares(burden.probabilities, lang))
        )
    if burden.same_value_set is False:
        own = burden.tables["norms"]["value_set"]
        sentences.append(Locale(lang).text("shortfall.other_value_set", patients=burden.value_set, norms=own))
    if burden.discount:
        # With the digits that it was given with.
        percent = Decimal(f"{100 * burden.discount:.6g}")
        sentences.append(Locale(lang).text("shortfall.discounted", rate=Locale(lang).as_given(percent)))
    return " ".join(sentences)


def _shares(probabilities: Mapping[str, float], lang: str) -> str:
    return "; ".join(
        f"{Locale(lang).text(f'band.{band}')} {Locale(lang).probability(probabilities[band])}"
        for band in BANDS
        if probabilities[band] > 0
    )


def integrated_words(
    probability: float,
    probabilities: Mapping[str, float],
    *,
    intervention: str,
    quadrant: str | None = None,
    lang: str = "nl",
) -> str:
    """Return the probability cost-effective over the bands, in words.

    Parameters
    ----------
    probability : float
        What `hecon.zin.integrated` returned.
    probabilities : mapping of str to float
        Probability of each band.
    intervention : str
        Its name, in the language.
    quadrant : str, optional
        Quadrant of the estimate; where there is no reference value, dominance still holds.
    lang : {"nl", "en"}, default "nl"
        Language.

    Returns
    -------
    str
        One or two sentences.

    Examples
    --------
    >>> from hecon import zin
    >>> print(zin.integrated_words(0.65, zin.band_probabilities("none"), intervention="exercise", lang="en"))
    There is no reference value to hold exercise against, so nothing is concluded on this ground.
    """
    if not isinstance(probabilities, Mapping) or set(probabilities) != set(BANDS):
        msg = f"probabilities must be one for each band, {', '.join(BANDS)}, as hecon.zin.band_probabilities returns"
        raise InputError(msg)
    none = probabilities["none"]
    if none < 1:
        _checks.probability("probability", probability)
    if none == 1:
        text = Locale(lang).text("shortfall.integrated_none", intervention=intervention)
        still = {"SE": "shortfall.still_SE", "NW": "shortfall.still_NW"}.get(quadrant or "")
        return text if still is None else f"{text} {Locale(lang).text(still)}"
    return Locale(lang).text(
        "shortfall.integrated_part" if none > 0 else "shortfall.integrated",
        some=Locale(lang).probability(1 - none),
        none=Locale(lang).probability(none),
        shares=_shares({**probabilities, "none": 0.0}, lang),
        intervention=intervention,
        probability=Locale(lang).probability(probability),
    )
