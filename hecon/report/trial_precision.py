"""What the finite number of imputations and bootstrap replicates leaves uncertain, in sentences and as plain data."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from hecon import texts
from hecon.trial import precision
from hecon.zin import REFERENCE_VALUES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hecon.report.trial_words import TrialWords
    from hecon.trial import PerspectiveAnalysis, Scenario

__all__ = [
    "estimates_vary",
    "fewer_sets",
    "imputations_data",
    "largest_p_error",
    "optimal_error",
    "precision_sentences",
]


def estimates_vary(words: TrialWords) -> bool:
    """Tell whether estimates have a Monte Carlo error: of whole data the bootstrap gives the covariance alone."""
    return words.pools or words.analysis.method != "imputation"


def largest_p_error(found: PerspectiveAnalysis) -> float:
    """Return the largest Monte Carlo standard error of the probabilities from one perspective."""
    return precision.largest_error([found.spread], len(found.strategies))


def optimal_error(found: PerspectiveAnalysis, strategy: str, wtp: float, draws: int) -> float:
    """Return a bound of the Monte Carlo standard error of a probability of the highest net benefit, as draws give it.

    Parameters
    ----------
    found : PerspectiveAnalysis
        The perspective.
    strategy : str
        Which arm.
    wtp : float
        Willingness to pay [EUR per QALY].
    draws : int
        Number of draws.

    Returns
    -------
    float
        With two arms the error of the one probability; with more the sum over all others: each moves it by no more
        than the probability of beating that one alone.
    """
    arms, place = len(found.strategies), found.strategies.index(strategy)
    unit = np.eye(arms)
    benefits = [np.concatenate([-each, wtp * each]) for each in np.delete(unit[place] - unit, place, axis=0)]
    return float(np.hypot(sum(found.spread.above_zero_error(each) for each in benefits), 0.5 / np.sqrt(draws)))


def _largest_fmi(found: PerspectiveAnalysis) -> float:
    """Return the largest fraction of missing information: of both differences, and of net benefit at each value."""
    return max(
        each.fmi
        for strategy in found.strategies[1:]
        for each in (
            found.delta_cost(strategy),
            found.delta_effect(strategy),
            *(found.net_benefit(strategy, wtp=value) for value in REFERENCE_VALUES),
        )
    )


def _outcome(words: TrialWords, error: float) -> str:
    """Return how the number of imputations came about: given, reached, missed, or the most that are made."""
    settings = words.analysis.settings
    target = settings["monte_carlo_error"]
    if target is None:
        return "given"
    if error <= target:
        return "reached"
    return "most" if settings["imputations"] >= precision.MOST else "missed"


def precision_sentences(words: TrialWords, found: PerspectiveAnalysis) -> list[str]:
    """Return the number of imputations and how it came about, and the Monte Carlo errors from one perspective.

    Parameters
    ----------
    words : TrialWords
        How the trial is written.
    found : PerspectiveAnalysis
        The perspective.

    Returns
    -------
    list of str
        Sentences.
    """
    error, arms = largest_p_error(found), found.strategies[1:]
    told = {"p": words.error(error)}
    sentences = []
    if words.pools:
        settings, outcome = words.analysis.settings, _outcome(words, error)
        target = settings["monte_carlo_error"]
        # What is above the target must not read as the target.
        told = {"p": texts.probability(words.lang, error, 4 if outcome in {"missed", "most"} else 3)}
        number = words.method(
            f"sets_{outcome}",
            m=words.number(settings["imputations"]),
            pilot=words.number(precision.PILOT),
            target="" if target is None else words.number(target, 3),
            **told,
        )
        fmi = words.method(
            "fmi",
            cost=words.span((found.delta_cost(each).fmi for each in arms), 2),
            effect=words.span((found.delta_effect(each).fmi for each in arms), 2),
            worst=words.number(_largest_fmi(found), 2),
        )
        sentences.append(f"{number} {fmi}")
    if not estimates_vary(words):
        return [words.method("noise_whole", **told)]
    costs = [found.delta_cost(each).monte_carlo_se for each in arms]
    effects = [found.delta_effect(each).monte_carlo_se for each in arms]
    key = "noise" if words.pools else "noise_samples"
    cost, effect = texts.money(words.lang, max(costs), digits=1), words.number(max(effects), 5)
    return [*sentences, words.method(key, cost=cost, effect=effect, **told)]


def imputations_data(words: TrialWords, found: PerspectiveAnalysis) -> dict[str, Any] | None:
    """Return how many imputations there are and how their number came about; None where none were pooled."""
    if not words.pools:
        return None
    settings, error = words.analysis.settings, largest_p_error(found)
    return {
        "number": settings["imputations"],
        "kept": settings["imputations_kept"],
        "largest_fraction_missing_information": _largest_fmi(found),
        "monte_carlo_error_wanted": settings["monte_carlo_error"],
        "outcome": _outcome(words, error),
    }


def fewer_sets(words: TrialWords, scenarios: Sequence[Scenario]) -> dict[str, int]:
    """Return the number of imputed sets of the sensitivity analyses that take fewer than the main analysis."""
    whole = words.analysis.settings["imputations"]
    if not words.pools:
        return {}
    return {
        each.code: each.imputations
        for each in scenarios
        if each.imputations is not None and not each.code.startswith("bootstrap") and each.imputations < whole
    }
