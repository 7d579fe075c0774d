"""A verdict in words, right in all four quadrants and on the axes."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import xarray as xr

from hecon import _checks
from hecon.errors import InputError

if TYPE_CHECKING:
    from hecon.locale import Locale
    from hecon.zin import Judgement

__all__ = ["judgement_words", "verdict_label", "verdict_words"]

# A ratio over an effect of next to nothing, which no catalogue can print digit by digit.
_ENDLESS = 1e15
# What could overturn a verdict, in the order in which it is told.
_DOUBTS = {"edge": "verdict.edge", "flips": "verdict.flips", "flips_across_perspectives": "verdict.perspectives"}


def judgement_words(
    judgement: Judgement, delta_cost: float, delta_effect: float, locale: Locale, *, intervention: str, comparator: str
) -> str:
    """Return the verdict at one reference value in words, and what could overturn it.

    >>> from hecon.locale import Locale
    >>> from hecon.zin import judge
    >>> found = judge(1022, -0.0046, reference_value=20_000)
    >>> text = judgement_words(found, 1022, -0.0046, Locale("en"), intervention="surgery", comparator="exercise")
    >>> text.split(": ")[1]
    'it costs more and yields less health. Exercise has the higher expected net benefit at this value.'
    """
    _checks.instance("judgement", judgement, "Judgement", "hecon.zin.judge returns one")
    doubts = tuple(key for name, key in _DOUBTS.items() if getattr(judgement, name))
    judged, estimate = (judgement.reference_value, judgement.conclusion), (delta_cost, delta_effect)
    return _words(judged, doubts, estimate, (intervention, comparator), locale)


def verdict_words(verdict: xr.Dataset, locale: Locale) -> xr.DataArray:
    """Return in words what `hecon.zin.verdict` found.

    Parameters
    ----------
    verdict : xarray.Dataset
        What `hecon.zin.verdict` returned.
    locale : Locale
        Language; names of strategies stand as they are.

    Returns
    -------
    xarray.DataArray
        One or more sentences over (strategy, wtp) and further dims.

    Examples
    --------
    >>> import hecon
    >>> from hecon.locale import Locale
    >>> draws = hecon.from_arrays([[0, 3000]], [[0, 0.1]], strategies=["usual", "new"], comparator="usual")
    >>> print(verdict_words(hecon.zin.verdict(draws), Locale("en")).sel(strategy="new", wtp=50_000).item())
    At €50,000 per QALY, new is cost-effective compared with usual: a QALY gained costs €30,000, no more than €50,000.
    """
    _checks.dataset("verdict", verdict, "hecon.zin.verdict returns one")
    if "conclusion" not in verdict or "comparator" not in verdict.attrs:
        msg = "verdict must have the variable conclusion and the attribute comparator, as hecon.zin.verdict returns it"
        raise InputError(msg)
    comparator = str(verdict.attrs["comparator"])

    def one(  # noqa: PLR0917 (the variables of a verdict)
        value: int, name: str, conclusion: str, optimal: str, delta_cost: float, delta_effect: float, *marks: bool
    ) -> str:
        doubts = tuple(key for mark, key in zip(marks, _DOUBTS.values(), strict=True) if mark)
        text = _words(
            (int(value), str(conclusion)), doubts, (delta_cost, delta_effect), (str(name), comparator), locale
        )
        if optimal in {name, comparator}:
            return text
        return f"{text} {locale.text('verdict.better', optimal=optimal)}"

    names = ("wtp", "strategy", "conclusion", "optimal", "delta_cost", "delta_effect", *_DOUBTS)
    words: xr.DataArray = xr.apply_ufunc(
        one, *(verdict[name] for name in names), vectorize=True, output_dtypes=[object]
    )
    return words.transpose(*verdict["conclusion"].dims).astype(str)


def _words(
    judged: tuple[int, str],
    doubts: tuple[str, ...],
    estimate: tuple[float, float],
    names: tuple[str, str],
    locale: Locale,
) -> str:
    """Return the sentences on one strategy at one reference value; `doubts` are their keys in the catalogue."""
    reference_value, conclusion = judged
    good = conclusion == "cost-effective"
    intervention, comparator = names
    value = locale.money(reference_value)
    because = _because(*estimate)
    ratio = {}
    if because in {"more-cost-more-effect", "less-cost-less-effect"}:
        size = estimate[0] / estimate[1]
        size = size if size < _ENDLESS else math.inf
        # A ratio that rounds to the reference value needs its cents, or the sentence contradicts itself.
        cents = 2 if locale.money(size) == value else 0
        ratio = {"ratio": locale.money(size, digits=cents), "value": value}
        because += "-good" if good else "-bad"
    sentence = locale.text(
        "verdict.good" if good else "verdict.bad",
        value=value,
        intervention=intervention,
        comparator=comparator,
        because=locale.text(f"verdict.because.{because}", **ratio),
    )
    instead = comparator[:1].upper() + comparator[1:]
    preferred = [] if good else [locale.text("verdict.instead", comparator=instead)]
    return " ".join([sentence, *preferred, *(locale.text(key) for key in doubts)])


def _because(delta_cost: float, delta_effect: float) -> str:
    side = {1: "more", 0: "equal", -1: "less"}
    cost = side[(delta_cost > 0) - (delta_cost < 0)]
    effect = side[(delta_effect > 0) - (delta_effect < 0)]
    return f"{cost}-cost-{effect}-effect"


def verdict_label(judgement: Judgement, locale: Locale) -> str:
    """Return the verdict in a few words, with what could overturn it."""
    good = judgement.conclusion == "cost-effective"
    label = locale.text("verdict.good_short" if good else "verdict.bad_short")
    doubts = "; ".join(locale.text(f"{key}_short") for name, key in _DOUBTS.items() if getattr(judgement, name))
    return f"{label} ({doubts})" if doubts else label
