"""A burden of disease, and what it does to the probability cost-effective, in words."""

from __future__ import annotations

import math
from collections.abc import Mapping
from decimal import Decimal
from typing import TYPE_CHECKING

from hecon import _checks
from hecon.errors import InputError
from hecon.locale import key_of
from hecon.report.words.common import by_rules, measure_words

if TYPE_CHECKING:
    from hecon.locale import Locale
    from hecon.rules.burden import Shortfall


_DIGITS = 2
_SHARE_DIGITS = 3


def burden_words(burden: Shortfall, locale: Locale) -> str:
    """Return a burden of disease in words: the figures, the band, and what could change it.

    Parameters
    ----------
    burden : Shortfall
        What `hecon.shortfall` returned.
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
    _checks.instance("burden", burden, "Shortfall", "hecon.shortfall returns one")
    value = burden.reference_value
    sentences = [
        locale.text(
            "shortfall.figures" if burden.tables else "shortfall.figures_given",
            population=locale.number(burden.qale_population, _DIGITS),
            patients=locale.number(burden.qale_patients, _DIGITS),
            absolute=locale.number(burden.absolute, burden.digits("absolute", _DIGITS)),
            proportional=locale.number(burden.proportional, burden.digits("proportional", _SHARE_DIGITS)),
        ),
    ]
    if burden.band is not None and value is not None:
        stated = locale.stated(value, burden.currency)
        sentences.append(locale.text("shortfall.in_band", band=locale.band(burden.band), value=stated))
    elif burden.band is not None:
        sentences.append(_no_value(burden, locale))
    if burden.remark:
        sentences.append(locale.text(f"shortfall.{key_of(burden.remark)}"))
    if burden.near_edge:
        unit = _in_unit(locale.as_given(Decimal(1).scaleb(-burden.rule.decimals)), burden)
        sentences.append(locale.text("shortfall.near_edge", unit=unit))
    if burden.measured_interval is not None:
        sentences.append(_uncertain(burden, burden.measured_interval, locale))
    if burden.same_value_set is False:
        own = burden.tables["norms"]["value_set"]
        sentences.append(locale.text("shortfall.other_value_set", patients=burden.value_set, norms=own))
    sentences += _discounted(burden, locale)
    return " ".join(sentences)


def _in_unit(number: str, burden: Shortfall) -> str:
    return f"{number} QALY" if burden.rule.absolute else number


def _uncertain(burden: Shortfall, interval: tuple[float, float], locale: Locale) -> str:
    """Return the range of the shortfall that the bands are by over the simulations, and the share of each band."""
    digits = _DIGITS if burden.rule.absolute else _SHARE_DIGITS
    low, high = (locale.number(end, digits) for end in interval)
    if low == high:
        low, high = (locale.number(end, digits + 1) for end in interval)
    told = {"measure": measure_words(burden.rule, locale), "low": low, "high": _in_unit(high, burden)}
    key = "uncertain" if burden.probabilities else "uncertain_alone"
    return locale.text(f"shortfall.{key}", **told, shares=_shares(burden.probabilities, locale))


def _discounted(burden: Shortfall, locale: Locale) -> list[str]:
    """Return the rate of discounting, and that of the rules where it is another; empty where neither discounts."""
    asking = burden.weighing or burden.rules.burden
    rule = burden.discount if asking is None else float(asking.discount)
    # With the digits that they were given with.
    rate, own = (locale.as_given(Decimal(f"{100 * each:.6g}")) for each in (burden.discount, rule))
    if burden.discount != rule:
        return [by_rules("shortfall.discounted_otherwise", burden.rules, locale, rate=rate, own=own)]
    return [locale.text("shortfall.discounted", rate=rate)] if burden.discount else []


def _no_value(burden: Shortfall, locale: Locale) -> str:
    """Return that the band has no value, with the shortfall at which the first one that has a value begins."""
    lowest = next(each.from_ for each in burden.rule.band if each.value is not None)
    return by_rules("shortfall.no_band", burden.rules, locale, lowest=_in_unit(locale.as_given(lowest or 0), burden))


def _shares(probabilities: Mapping[str, float], locale: Locale) -> str:
    return "; ".join(
        f"{locale.band(band)} {locale.probability(share)}" for band, share in probabilities.items() if share > 0
    )


def integrated_words(
    probability: float,
    probabilities: Mapping[str, float],
    values: Mapping[str, float | None],
    locale: Locale,
    *,
    intervention: str,
    quadrant: str | None = None,
) -> str:
    """Return the probability cost-effective over the bands in words; where no band has a value, dominance still holds.

    `values` are those of the bands by the rules.

    >>> from hecon.locale import Locale
    >>> shares, values = {"none": 1.0, "low": 0.0}, {"none": None, "low": 20_000}
    >>> print(integrated_words(0.65, shares, values, Locale("en"), intervention="exercise"))
    Without a reference value, no verdict on exercise follows on this ground.
    """
    if not isinstance(probabilities, Mapping) or set(probabilities) != set(values):
        msg = f"probabilities must be one for each band, {', '.join(values)}, as hecon.rules.band_probabilities returns"
        raise InputError(msg)
    none = math.fsum(share for band, share in probabilities.items() if values[band] is None)
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
        shares=_shares({band: share for band, share in probabilities.items() if values[band] is not None}, locale),
        intervention=intervention,
        probability=locale.probability(probability),
    )
