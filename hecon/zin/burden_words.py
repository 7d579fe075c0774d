"""A computed burden of disease, and what it does to the probability cost-effective, in words."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import TYPE_CHECKING

from hecon import _checks, texts
from hecon.errors import InputError
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
        texts.text(
            lang,
            "shortfall.figures" if burden.tables else "shortfall.figures_given",
            population=texts.number(lang, burden.qale_population, _DIGITS),
            patients=texts.number(lang, burden.qale_patients, _DIGITS),
            absolute=texts.number(lang, burden.absolute, _DIGITS),
            proportional=texts.number(lang, burden.proportional, _SHARE_DIGITS),
        ),
        texts.text(lang, "shortfall.no_band")
        if value is None
        else texts.text(
            lang,
            "shortfall.in_band",
            band=texts.text(lang, f"band.{burden.band}"),
            value=texts.money(lang, value),
        ),
    ]
    if burden.remark:
        sentences.append(texts.text(lang, _REMARKS[burden.remark]))
    if burden.near_edge:
        sentences.append(texts.text(lang, "shortfall.near_edge"))
    if burden.interval is not None:
        low, high = (texts.number(lang, end, _SHARE_DIGITS) for end in burden.interval)
        if low == high:
            low, high = (texts.number(lang, end, _SHARE_DIGITS + 1) for end in burden.interval)
        sentences.append(
            texts.text(lang, "shortfall.uncertain", low=low, high=high, shares=_shares(burden.probabilities, lang))
        )
    if burden.same_value_set is False:
        own = burden.tables["norms"]["value_set"]
        sentences.append(texts.text(lang, "shortfall.other_value_set", patients=burden.value_set, norms=own))
    if burden.discount:
        # With the digits that it was given with.
        percent = Decimal(f"{100 * burden.discount:.6g}")
        sentences.append(texts.text(lang, "shortfall.discounted", rate=texts.as_given(lang, percent)))
    return " ".join(sentences)


def _shares(probabilities: Mapping[str, float], lang: str) -> str:
    return "; ".join(
        f"{texts.text(lang, f'band.{band}')} {texts.probability(lang, probabilities[band])}"
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
        text = texts.text(lang, "shortfall.integrated_none", intervention=intervention)
        still = {"SE": "shortfall.still_SE", "NW": "shortfall.still_NW"}.get(quadrant or "")
        return text if still is None else f"{text} {texts.text(lang, still)}"
    return texts.text(
        lang,
        "shortfall.integrated_part" if none > 0 else "shortfall.integrated",
        some=texts.probability(lang, 1 - none),
        none=texts.probability(lang, none),
        shares=_shares({**probabilities, "none": 0.0}, lang),
        intervention=intervention,
        probability=texts.probability(lang, probability),
    )
