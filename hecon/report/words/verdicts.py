"""A verdict in words, right in all four quadrants and on the axes."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
import xarray as xr

from hecon import _checks
from hecon.errors import InputError
from hecon.printed.numbers import digits_beside
from hecon.report.words.common import capital, tied_words

if TYPE_CHECKING:
    from collections.abc import Iterable

    from hecon.locale import Locale
    from hecon.rules.verdicts import Judgement


# A ratio over an effect of next to nothing, which no catalogue can print digit by digit.
_ENDLESS = 1e15
# A ratio this close to the reference value is it, to the rounding of binary arithmetic.
_SAME = 1e-9

_GOOD, _BAD, _EVEN = "cost-effective", "not cost-effective", "equal"
# Neither more nor less of either.
_SAME_MEANS = (0.0, 0.0)
_LABELS = {_GOOD: "good", _BAD: "bad", _EVEN: "even"}
_STATUSES = {"dominated": "verdict.dominated", "extendedly dominated": "verdict.extendedly_dominated"}

# What could overturn a verdict, in the order in which it is told.
_DOUBTS = {"edge": "verdict.edge", "flips": "verdict.flips", "flips_across_perspectives": "verdict.perspectives"}


def judgement_words(
    judgement: Judgement,
    estimate: tuple[float, float],
    locale: Locale,
    *,
    intervention: str,
    comparator: str,
    per: tuple[str, str],
    weight: float = 1.0,
    end: str | None = None,
) -> str:
    """Return the verdict at one reference value in words, and what could overturn it.

    `estimate` holds the differences in cost and effect, `per` the currency and the unit of effect. `weight` is the one
    on QALYs by which the value was multiplied. Where the value is the "low" or "high" `end` of a range it is called so.

    >>> from hecon.locale import Locale
    >>> from hecon.rules.verdicts import judge
    >>> found, per = judge(1022, -0.0046, reference_value=20_000), ("EUR", "QALY")
    >>> names = {"intervention": "surgery", "comparator": "exercise"}
    >>> judgement_words(found, (1022, -0.0046), Locale("en"), **names, per=per).split(": ")[1]
    'it is expected to cost more and yield less health. Exercise has the higher expected net benefit at this value.'
    """
    _checks.instance("judgement", judgement, "Judgement", "hecon.rules.verdicts.judge returns one")
    judged = (judgement.reference_value, judgement.conclusion)
    doubts = _doubts((getattr(judgement, name) for name in _DOUBTS), judgement.conclusion)
    sentences = [compared_words(judged, estimate, (intervention, comparator), locale, (*per, weight), end=end)]
    if judgement.conclusion == _BAD:
        sentences.append(locale.text("verdict.instead", comparator=capital(comparator)))
    return " ".join([*sentences, *(locale.text(key) for key in doubts)])


def _doubts(marks: Iterable[bool], conclusion: str) -> list[str]:
    """Return what could overturn a verdict, as keys of the catalogue; two that are equal are no edge."""
    keys = (key for mark, key in zip(marks, _DOUBTS.values(), strict=True) if mark)
    return [key for key in keys if key != _DOUBTS["edge"] or conclusion != _EVEN]


def verdict_words(verdict: xr.Dataset, locale: Locale) -> xr.DataArray:
    """Return in words what `hecon.verdict` found.

    Parameters
    ----------
    verdict : xarray.Dataset
        What `hecon.verdict` returned.
    locale : Locale
        Language; names of strategies stand as they are.

    Returns
    -------
    xarray.DataArray
        One or more sentences over (strategy, wtp) and further dims: each strategy against the best of the others, what
        could overturn that, and of three or more the preferred one and which are dominated.

    Examples
    --------
    >>> import hecon
    >>> from hecon.locale import Locale
    >>> draws = hecon.from_arrays([[0, 3000]], [[0, 0.1]], strategies=["usual", "new"], comparator="usual")
    >>> verdict_words(hecon.verdict(draws), Locale("en")).sel(strategy="new", wtp=50_000).item().split(": ")[1]
    'a QALY gained costs €30,000, below the reference value of €50,000.'
    """
    _checks.dataset("verdict", verdict, "hecon.verdict returns one")
    if "conclusion" not in verdict or "comparator" not in verdict.attrs:
        msg = "verdict must have the variable conclusion and the attribute comparator, as hecon.verdict returns it"
        raise InputError(msg)
    per = (str(verdict["delta_cost"].attrs["units"]), str(verdict["delta_effect"].attrs["units"]))
    status = verdict["status"].rename(option="strategy").sel(strategy=verdict["strategy"])
    names = ("rival", "conclusion", "optimal", "p_optimal", "rival_cost", "rival_effect", *_DOUBTS)
    parts = {"wtp": verdict["wtp"], "strategy": verdict["strategy"], "status": status}
    parts |= {name: verdict[name] for name in names}
    if "range" in verdict:  # its values are the ends of a range
        lowest = verdict["wtp"].to_numpy() == verdict["wtp"].to_numpy().min()
        parts["end"] = verdict["wtp"].copy(data=np.where(lowest, "low", "high"))
    parts["best"] = _best(verdict)
    alone = verdict.sizes["strategy"] == 1
    words: xr.DataArray = xr.apply_ufunc(
        lambda *found: _strategy_words(dict(zip(parts, found, strict=True)), locale, per, alone=alone),
        *parts.values(),
        vectorize=True,
        output_dtypes=[object],
    )
    return words.transpose(*verdict["conclusion"].dims).astype(str)


def _best(verdict: xr.Dataset) -> xr.DataArray:
    """Return the options with the highest expected net benefit, all that tie, as the keys of one dict per value."""
    found, names = verdict["is_optimal"].transpose(..., "option"), verdict["option"].to_numpy().astype(str)
    rows = found.to_numpy().reshape(-1, names.size)
    best = np.empty(len(rows), dtype=object)
    for at, row in enumerate(rows):
        best[at] = dict.fromkeys(names[row])  # numpy would take a sequence of one apart
    return found.isel(option=0, drop=True).copy(data=best.reshape(found.shape[:-1]))


def _strategy_words(found: dict[str, Any], locale: Locale, per: tuple[str, str], *, alone: bool) -> str:
    """Return the verdict on one strategy at one value; with others than its rival beside it, which is preferred."""
    judged, estimate = (float(found["wtp"]), found["conclusion"]), (found["rival_cost"], found["rival_effect"])
    end = str(found["end"]) if "end" in found else None
    sentences = [compared_words(judged, estimate, (found["strategy"], found["rival"]), locale, (*per, 1.0), end=end)]
    if not alone:
        if found["status"] in _STATUSES:
            sentences.append(locale.text(_STATUSES[found["status"]], strategy=capital(found["strategy"])))
        if len(found["best"]) > 1:
            tied = tied_words([*found["best"]], len(found["best"]), locale)["options"]
            sentences.append(locale.text("verdict.tied", options=tied))
        else:
            optimal, chance = found["optimal"], float(found["p_optimal"])
            sentences.append(
                locale.text("verdict.preferred_unsure", optimal=optimal)
                if math.isnan(chance)
                else locale.text("verdict.preferred", optimal=optimal, probability=locale.chance(chance))
            )
    elif found["conclusion"] == _BAD:
        sentences.append(locale.text("verdict.instead", comparator=capital(found["rival"])))
    return " ".join(
        [*sentences, *(locale.text(key) for key in _doubts((found[name] for name in _DOUBTS), found["conclusion"]))]
    )


def compared_words(
    judged: tuple[float, str],
    estimate: tuple[float, float],
    names: tuple[str, str],
    locale: Locale,
    per: tuple[str, str, float],
    *,
    end: str | None = None,
) -> str:
    """Return the sentence on one strategy against another at one reference value, and why.

    `judged` holds the value and the conclusion, `estimate` the differences in cost and effect, `names` both strategies,
    `per` the currency, the unit of effect and the weight that the value holds. `end` is "low" or "high" where the value
    is that end of a range.
    """
    reference_value, conclusion = judged
    currency, unit, weight = per
    value = locale.stated(reference_value, currency, weight=weight)
    told = {"value": value, "unit": unit, "intervention": str(names[0]), "comparator": str(names[1])}
    if estimate == _SAME_MEANS:
        return locale.text("verdict.equal", **told)
    because = _because(*estimate)
    ratio = {}
    if because in {"more-cost-more-effect", "less-cost-less-effect"}:
        size = estimate[0] / estimate[1]
        size = size if size < _ENDLESS else math.inf
        # A ratio that rounds to the reference value needs its cents, or more, or the sentence contradicts itself.
        even = math.isclose(size, reference_value, rel_tol=_SAME)
        beside = 2 if even else digits_beside(size, [reference_value], 0)
        cents = max(2, beside) if beside else 0
        # By which end of a range it is, and whether it was just named.
        named = locale.text(f"verdict.held.{end or 'reference'}{'_alone' if even else ''}", value=value)
        ratio = {"ratio": locale.money(size, currency, digits=cents), "held": named, "unit": unit}
        because += "-even" if even else f"-{_LABELS[conclusion]}"
    return locale.text(
        f"verdict.{_LABELS[conclusion]}", **told, because=locale.text(f"verdict.because.{because}", **ratio)
    )


def _because(delta_cost: float, delta_effect: float) -> str:
    side = {1: "more", 0: "equal", -1: "less"}
    cost = side[(delta_cost > 0) - (delta_cost < 0)]
    effect = side[(delta_effect > 0) - (delta_effect < 0)]
    return f"{cost}-cost-{effect}-effect"


def dominance_words(
    conclusion: str, estimate: tuple[float, float], locale: Locale, *, intervention: str, comparator: str, unit: str
) -> str:
    """Return in words a verdict that holds at every value, and so in every currency, with its reason."""
    return locale.text(
        "verdict.always" if conclusion == _GOOD else "verdict.never",
        unit=unit,
        intervention=intervention,
        comparator=comparator,
        because=locale.text(f"verdict.because.{_because(*estimate)}"),
    )
