"""How a trial was analysed, in sentences that are true of this analysis."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from hecon.assessment.trial_facts import imputations_outcome, largest_fmi, limits
from hecon.report.isolating import isolate

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hecon.report.words.trials import TrialWords
    from hecon.trial.analysis import PerspectiveAnalysis
    from hecon.trial.sensitivity import Scenario

__all__ = ["FEW_CLUSTERS", "fewer_sets", "interval_sentences", "method_sentences", "precision_sentences"]

# Cameron, Gelbach and Miller (Rev Econ Stat 2008;90:414-427, https://doi.org/10.1162/rest.90.3.414) call five to thirty
# clusters few.
FEW_CLUSTERS = 30
_VARIATION = {
    ("fixed", "cost"): "fixed",
    ("constant", "cost"): "constant_cost",
    ("constant", "effect"): "constant_effect",
    ("few", "cost"): "few_cost",
    ("few", "effect"): "few_effect",
}


def method_sentences(words: TrialWords) -> list[str]:
    """Return what holds for all perspectives: imputation, regression, bootstrap, clusters."""
    regression = f"{_regression(words)} {_adjustment(words)}"
    return [*_imputation(words), regression, _bootstrap(words), *_dropped(words), *_clusters(words)]


def _imputation(words: TrialWords) -> list[str]:
    found, settings, method = words.analysis, words.analysis.settings, words.method
    if not words.missing:
        return [method("nothing_missing")]
    told = {
        "how": method("by_scaled" if settings["imputation"] == "scaled" else "by_pmm"),
        "matching": _matching(words),
        "iterations": words.number(settings["iterations"]),
    }
    if found.method == "imputation":
        sentences = [method("imputed", m=words.number(settings["imputations"]), **told)]
    else:
        sentences = [method("imputed_samples", **told)]
    if found.imputation is not None and found.imputation.log_matched:
        names = dict(zip(found.imputation.variables.names, found.description.rows, strict=False))
        listed = "; ".join(words.row(names[each]) for each in found.imputation.log_matched)
        sentences.append(method("log", share=words.locale.share(settings["log_from"]), names=listed))
    for each in settings["departures"]:
        arm = method("all_arms") if each["strategy"] is None else words.names[each["strategy"]]
        shift = f"{'+' if each['utility'] >= 0 else ''}{words.number(each['utility'], 3)}"
        factor = words.number(each["cost"], 2)
        sentences.append(method("departure", arm=arm, shift=shift, factor=factor))
    return sentences


def _matching(words: TrialWords) -> str:
    """Return how donors are found, by the arguments of R's mice; of each arm where arms differ."""
    chosen = {
        name: words.method("matching", donors=words.number(each["donors"]), type=words.number(each["match_type"]))
        for name, each in words.analysis.settings["matching"].items()
    }
    if len(set(chosen.values())) == 1:
        return next(iter(chosen.values()))
    return "; ".join(
        words.method("matching_arm", arm=words.names[name], matching=each) for name, each in chosen.items()
    )


def _regression(words: TrialWords) -> str:
    model, about = words.analysis.model, words.analysis.description
    if model == "sur":
        return words.method("sur" if _own(words) or _chosen(words)[1] or _chosen(words)[2] else "least_squares")
    if model != "mixed" or about.periods is None:
        return words.method(model)
    return words.method("mixed_periods" if _crosses(words) else "mixed_calendar")


def _crosses(words: TrialWords) -> bool:
    """Return whether clusters have patients in several arms: such a cluster counts in each."""
    about = words.analysis.description
    return sum(about.clusters_by_arm or ()) > (about.clusters or 0)


def _by_units(words: TrialWords, patients: str, clusters: str, crossing: str) -> str:
    """Return the text for what is resampled: patients, clusters within arms, or clusters that cross arms."""
    if words.analysis.model != "mixed":
        return words.method(patients)
    return words.method(crossing if _crosses(words) else clusters)


def _own(words: TrialWords) -> bool:
    """Return whether each equation has regressors of its own."""
    return bool(words.analysis.settings["regressors"] == "own")


def _chosen(words: TrialWords) -> tuple[list[str], list[str], list[str]]:
    """Return the covariates that adjust both outcomes, costs alone and QALYs alone."""
    adjusts = words.analysis.settings["adjusts"]
    wanted = (["cost", "effect"], ["cost"], ["effect"])
    both, cost, effect = ([isolate(name) for name, own in adjusts.items() if own == each] for each in wanted)
    return both, cost, effect


def _adjustment(words: TrialWords) -> str:
    """Return what outcomes are adjusted for; by what the data have before the start from each perspective."""
    about, method = words.analysis.description, words.method
    names = dict.fromkeys(each.name for each in words.analysis.perspectives)
    before = [row.name for row in about.rows if row.kind == "baseline cost"]
    based = {name: [isolate(each) for each in before if each in about.perspectives[name]] for name in names}
    parts = "; ".join(f"{words.perspective(name)}: {words.joined(each)}" for name, each in based.items() if each)
    without = [words.perspective(name) for name, each in based.items() if not each]
    own = _own(words)
    sentences = [method("adjusted_effect" if own else "adjusted_start")]
    if parts:
        sentences.append(method("adjusted_cost" if own else "adjusted_before", parts=parts))
    if own:
        sentences.append(method("regressors_own"))
    if without:
        sentences.append(method("adjusted_cost_not", perspectives=words.joined(without)))
    keys = ("adjusted_covariates", "adjusted_covariates_cost", "adjusted_covariates_effect")
    sentences += [
        method(key, names=words.joined(chosen)) for key, chosen in zip(keys, _chosen(words), strict=True) if chosen
    ]
    return " ".join(sentences)


def _bootstrap(words: TrialWords) -> str:
    found, method = words.analysis, words.method
    count = words.number(found.settings["replicates"])
    how = _by_units(words, "of_patients", "of_clusters", "of_crossing")
    if found.method == "bootstrap-single":
        return method("single" if words.missing else "single_whole", b=count, how=how)
    if found.method == "bootstrap-imputation":
        samples = found.perspectives[0].replicates.shape[0]
        return method("double" if words.missing else "double_whole", b=count, m=words.number(samples), how=how)
    if found.imputation is None:
        return method("bootstrapped", b=count, how=how)
    total = words.number(found.settings["replicates"] * found.settings["imputations"])
    return method("pooled", b=count, total=total, how=how)


def _dropped(words: TrialWords) -> list[str]:
    """Return how many replicates could not be fitted, of a model that can fail."""
    found = words.analysis
    dropped = found.settings["dropped_replicates"]
    total = words.number(found.settings["replicates"] * found.perspectives[0].replicates.shape[0])
    if dropped:
        return [words.method("dropped", n=words.number(dropped), total=total)]
    return [] if found.model == "sur" else [words.method("none_dropped", total=total)]


def _clusters(words: TrialWords) -> list[str]:
    found, method = words.analysis, words.method
    clusters = found.description.clusters
    if clusters is None:
        return []
    number = words.number(clusters)
    if found.model != "mixed":
        return [method("clusters_ignored", n=number)]
    few = clusters < FEW_CLUSTERS
    sentences = [method("clusters_few", n=number, few=FEW_CLUSTERS) if few else method("clusters", n=number)]
    if words.missing:
        sentences.append(method("clusters_imputed"))
    # The model of QALYs is one, or where its regressors differ one for each perspective.
    number_of = len(found.perspectives)
    costs, effects = found.settings["icc"][:number_of], found.settings["icc"][number_of:]
    parts = [
        method("icc_cost", perspective=words.perspective(each.name), value=words.number(value, 3))
        for each, value in zip(found.perspectives, costs, strict=True)
    ]
    parts.append(method("icc_effect", value=words.span(effects, 3)))
    return [*sentences, method("icc", parts=", ".join(parts))]


def interval_sentences(words: TrialWords, found: PerspectiveAnalysis) -> list[str]:
    """Return what the intervals from one perspective rest on, and what the number of imputations leaves uncertain."""
    return [_freedom(words, found), *_variation(words, found), *precision_sentences(words, found)]


def _freedom(words: TrialWords, found: PerspectiveAnalysis) -> str:
    method = words.analysis.method
    if method == "bootstrap-single":
        return words.method("percentiles")
    costs = [found.delta_cost(each).df for each in found.strategies[1:]]
    effects = [found.delta_effect(each).df for each in found.strategies[1:]]
    told = {"cost": _df(words, costs), "effect": _df(words, effects)}
    told["complete"] = _by_units(words, "complete_welch", "complete_clusters", "complete_crossing")
    if method == "bootstrap-imputation":
        return words.method("t_satterthwaite", **told)
    return words.method("t_rubin" if words.pools else "t_whole", **told)


def _variation(words: TrialWords, found: PerspectiveAnalysis) -> list[str]:
    """Return what is to be said of outcomes that do not vary within arms, or in few patients alone."""
    sentences = []
    for each in found.variation:
        arms = words.joined([words.names[arm] for arm in each.strategies])
        key = _VARIATION[each.kind, each.outcome]
        sentences.append(words.method(key, arms=arms, n=words.number(limits().few_events)))
    return sentences


def _df(words: TrialWords, values: list[float]) -> str:
    if not np.isfinite(values).all():
        return "∞"
    return words.span(values, 0 if min(values) >= 10 else 1)  # noqa: PLR2004 (with few, a decimal matters)


def precision_sentences(words: TrialWords, found: PerspectiveAnalysis) -> list[str]:
    """Return the number of imputations and how it came about, and the Monte Carlo errors from one perspective."""
    error, arms = found.largest_error, found.strategies[1:]
    told = {"p": words.error(error)}
    sentences = []
    if words.pools:
        settings, outcome = words.analysis.settings, imputations_outcome(words.analysis, error)
        target = settings["monte_carlo_error"]
        # What is above the target must not read as the target.
        told = {"p": words.locale.probability(error, 4 if outcome in {"missed", "most"} else 3)}
        number = words.method(
            f"sets_{outcome}",
            m=words.number(settings["imputations"]),
            pilot=words.number(limits().pilot),
            target="" if target is None else words.number(target, 3),
            **told,
        )
        fmi = words.method(
            "fmi",
            cost=words.span((found.delta_cost(each).fmi for each in arms), 2),
            effect=words.span((found.delta_effect(each).fmi for each in arms), 2),
            worst=words.number(largest_fmi(found), 2),
        )
        sentences.append(f"{number} {fmi}")
    if not words.vary:
        return [words.method("noise_whole", **told)]
    costs = [found.delta_cost(each).monte_carlo_se for each in arms]
    effects = [found.delta_effect(each).monte_carlo_se for each in arms]
    key = "noise" if words.pools else "noise_samples"
    cost, effect = words.money(max(costs), digits=1), words.number(max(effects), 5)
    return [*sentences, words.method(key, cost=cost, effect=effect, **told)]


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
