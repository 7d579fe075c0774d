"""The analysis of a trial in words: its arms, variables, amounts and intervals, and how it was analysed."""

from __future__ import annotations

import math
from decimal import Decimal
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from hecon.assessment.trial_concluding import imputations_outcome, largest_fmi, limits, usable_interval
from hecon.report.isolating import isolate
from hecon.report.words.common import capital, joined, scenario_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    import xarray as xr

    from hecon.locale import Locale
    from hecon.trial.analysis import PerspectiveAnalysis, TrialAnalysis
    from hecon.trial.description import Row
    from hecon.trial.estimates import Estimate
    from hecon.trial.sensitivity import Scenario


_QUADRANTS = ("NE", "NW", "SE", "SW")
_QALY_DIGITS = 4
_COSTS = ("cost", "baseline cost")
# Ways of analysing that change what was imputed in all interventions, but not in the comparator.
_SEVERAL = {"worse-intervention": "worse-interventions", "dearer-intervention": "dearer-interventions"}
_PAIR = 2
# Monte Carlo error of a probability from which a second decimal tells nothing.
_COARSE = 0.05
# What no number of patients or simulations can tell from 0, or from 1.
_UNSEEN = 1e-9


class TrialWords:
    """How one trial's analysis is written in one language."""

    def __init__(
        self,
        analysis: TrialAnalysis,
        locale: Locale,
        names: Mapping[str, str] | None = None,
        values: Sequence[float] | None = None,
    ) -> None:
        self.analysis, self.locale, self._values = analysis, locale, values
        self.number = locale.number
        self.effect = _effect_words(analysis, locale)
        self.names = {each: isolate((names or {}).get(each, each)) for each in analysis.description.strategies}

    @property
    def reference(self) -> tuple[int | float, ...]:
        """The values at which the answer is given [currency per QALY]; by default the reference values of the rules."""
        return self.analysis.perspectives[0].reference if self._values is None else tuple(self._values)

    def money(self, value: float, digits: int = 0) -> str:
        """Return an amount in the currency of the trial."""
        return self.locale.money(value, self.analysis.currency, digits)

    def loss(self, value: float) -> str:
        """Return an expected loss."""
        return self.money(value)

    def stated(self, value: float) -> str:
        """Return a value per QALY in the currency of the trial, with all its decimals."""
        return self.locale.stated(value, self.analysis.currency)

    @property
    def vary(self) -> bool:
        """Whether estimates have a Monte Carlo error: of whole data the bootstrap gives the covariance alone."""
        return self.pools or self.analysis.method != "imputation"

    def say(self, key: str, **values: object) -> str:
        """Return a text of the trial."""
        return self.text("trial", key, **values)

    def title(self, title: str) -> str:
        """Return the title of the report, by what is compared and whether the data are simulated."""
        plain, simulated = ("title", "title_simulated")
        if self.analysis.effect.equivalence is not None:
            plain, simulated = ("minimisation", "minimisation_simulated")
        return self.say(simulated if self.analysis.description.simulated else plain, title=title)

    def method(self, key: str, **values: object) -> str:
        """Return a text of its method."""
        return self.text("trial_method", key, **values)

    def text(self, section: str, key: str, **values: object) -> str:
        """Return a text that may name the effect; of costs alone the one that names none, where there is such."""
        chosen = f"{section}.{key}"
        if not self.analysis.effect.exists and f"{chosen}_costs" in self.locale.catalogue:
            chosen = f"{chosen}_costs"
        return self.locale.text(chosen, **{**self.effect, **values})

    @property
    def outcomes(self) -> tuple[str, ...]:
        """What is compared: cost and effect, or cost alone."""
        return ("cost", "effect") if self.analysis.effect.exists else ("cost",)

    @property
    def missing(self) -> bool:
        """Whether anything is missing."""
        about = self.analysis.description
        return any(any(row.missing(about.patients)) for row in about.rows)

    @property
    def selected_by_death(self) -> bool:
        """Whether complete cases hold too many of the dead, of whom less can be missing, and so are not analysed."""
        deaths = self.analysis.description.deaths
        return deaths is not None and any(deaths.died) and self.missing

    @property
    def pools(self) -> bool:
        """Whether Rubin's rules pooled imputed sets, so that there is a fraction of missing information."""
        return self.analysis.method == "imputation" and self.analysis.imputation is not None

    def perspective(self, name: str) -> str:
        """Return a perspective in the language, or its own name where the catalogue has none."""
        key = f"perspective.{name}"
        return self.locale.text(key) if key in self.locale.catalogue else isolate(name)

    def categories(self, perspective: str) -> tuple[str, str]:
        """Return a heading for the costs from a perspective, and which they are."""
        named = [self._with_span(each) for each in self.analysis.description.perspectives[perspective]]
        return self.say("categories", perspective=self.perspective(perspective)), self.joined(named)

    def _with_span(self, category: str) -> str:
        """Return a category, with its months where its costs are not counted over the whole horizon."""
        about = self.analysis.description
        span = about.spans.get(category)
        if span is None or span == (0, about.horizon):
            return isolate(category)
        start, end = (self.decimal(each) for each in span)
        return self.locale.text("trial_valuation.span", category=isolate(category), start=start, end=end)

    def decimal(self, value: float) -> str:
        """Return a number, with a decimal where it has one."""
        return self.number(value, 0 if float(value).is_integer() else 1)

    def noise_of(self, draws: int) -> str:
        """Return how far shares of the draws may lie from the same probabilities by the t distribution."""
        return self.method("noise_draws", n=self.number(draws), p=self.number(0.5 / draws**0.5, 4))

    def row(self, row: Row) -> str:
        """Return what a variable is called."""
        from hecon.plot.trials import row_label

        return row_label(row, self.locale, isolate(row.name))

    def joined(self, names: Sequence[str]) -> str:
        """Return names as a list in a sentence."""
        return joined(names, self.locale)

    def by_arm(self, counts: Sequence[int]) -> str:
        """Return a count of each arm in a list."""
        return self.joined(
            [f"{name} {self.number(count)}" for name, count in zip(self.names.values(), counts, strict=True)]
        )

    def scenario(self, code: str) -> str:
        """Return what a way of analysing is called; a code that the catalogue lacks stands as it is."""
        if len(self.analysis.description.strategies) > _PAIR:
            code = _SEVERAL.get(code, code)
        return scenario_name(code, self.locale)

    def of(self, outcome: str, value: float) -> str:
        """Return a mean or a difference of either outcome, without the unit of the effect."""
        return self.money(value) if outcome == "cost" else self.number(value, self.digits)

    @cached_property
    def digits(self) -> int:
        """Decimals of an effect: four of QALYs, of another so many that its standard error has two digits."""
        if self.analysis.effect.is_qaly:
            return _QALY_DIGITS
        errors = [each.delta_effect(arm).se for each in self.analysis.perspectives for arm in each.strategies[1:]]
        known = [each for each in errors if each > 0]
        return 2 if not known else min(6, max(0, 1 - math.floor(math.log10(min(known)))))

    def moments(self, row: Row, arm: int) -> str:
        """Return the mean and the standard deviation of a variable in an arm, or of a category the share, if told."""
        mean, spread = row.mean[arm], row.sd[arm]
        if mean is None or spread is None:
            why = row.hidden[arm] if row.hidden else "observed"
            keys = {"observed": "fewer", "few": "below"}
            return self.say(keys.get(str(why), "not_shown"), n=limits().small)
        if _is_share(row):
            return self.locale.share(mean)
        if row.kind in _COSTS:
            return f"{self.money(mean)} ({self.number(spread)})"
        digits = 3 if row.kind == "utility" or (row.kind == "effect" and self.analysis.effect.is_qaly) else 1
        return f"{self.number(mean, digits)} ({self.number(spread, digits)})"

    def interval(self, outcome: str, value: float, ends: tuple[float, float]) -> str:
        """Return a value with its interval in brackets."""
        low, high = (self.of(outcome, end) for end in ends)
        return self.say("estimate", value=self.of(outcome, value), low=low, high=high)

    def estimate(self, outcome: str, estimate: Estimate, *, labelled: bool = True) -> str:
        """Return an estimate with its interval in brackets, unlabelled where a header says what they hold."""
        if labelled:
            return self.interval(outcome, estimate.value, estimate.interval)
        span = self.locale.span(*(self.of(outcome, end) for end in estimate.interval))
        return f"{self.of(outcome, estimate.value)} ({span})"

    def probability(self, value: float, error: float = 0.0) -> str:
        """Return a probability, with as many decimals as its Monte Carlo error bears: two, or one.

        It is estimated from patients, and so never certain: what is 0 or 1 to rounding reads as "<0.01" or ">0.99".
        """
        return self.locale.chance(min(max(value, _UNSEEN), 1.0 - _UNSEEN), 1 if error >= _COARSE else 2, error=error)

    def error(self, value: float) -> str:
        """Return the Monte Carlo standard error of a probability."""
        return self.locale.probability(value, 3)

    def span(self, values: Iterable[float], digits: int = 0) -> str:
        """Return the range of several numbers, or the one that they all are."""
        chosen = list(values)
        return self.locale.span(*(self.number(each, digits) for each in (min(chosen), max(chosen))))

    # Arms -------------------------------------------------------------------------------------------------------------

    def pair(self, found: PerspectiveAnalysis, strategy: str) -> dict[str, str]:
        """Return the names of a strategy and of its comparator."""
        return {"intervention": self.names[strategy], "comparator": self.names[found.strategies[0]]}


def _effect_words(analysis: TrialAnalysis, locale: Locale) -> dict[str, str]:
    """Return what the effect and its values are called in sentences."""
    effect = analysis.effect
    name = isolate(effect.name) if effect.name else locale.text("trial_effect.qaly")

    if not effect.exists:
        keys: tuple[str, ...] = ("values", "both", "covariance")
    else:
        keys = ("subject", "start", "one", "values", "later", "later_low", "series", "both", "covariance")
    told = {key: locale.text(f"trial_effect.{effect.kind}.{key}", name=name) for key in keys}
    told |= _death_words(analysis, locale, name)
    turned = f" {locale.text('trial_effect.turned')}" if effect.better == "less" else ""
    return {"effects": name, "unit": isolate(effect.unit), "turned": turned, **told}


def _death_words(analysis: TrialAnalysis, locale: Locale, name: str) -> dict[str, str]:
    """Return what the outcomes are from death on, and what is said of those whose vital status is unknown."""
    effect = analysis.effect
    value = locale.number(effect.at_death, max(0, -int(Decimal(str(effect.at_death)).normalize().as_tuple().exponent)))
    at = effect.summary if effect.kind == "measure" else effect.kind
    period = at if at in {"qalys", "total"} else "costs"
    living = "costs" if not effect.exists else "qalys" if effect.is_qaly else "effects"
    return {
        "at_death": locale.text(f"trial_death.at_{at}", name=name, value=value),
        "of_period": locale.text(f"trial_death.period_{period}"),
        "as_living": locale.text(f"trial_death.living_{living}"),
    }


def _is_share(row: Row) -> bool:
    """Tell whether a covariate is 0 or 1: its spread then follows from its mean."""
    if row.kind != "covariate":
        return False
    told = [
        (mean, spread, count)
        for mean, spread, count in zip(row.mean, row.sd, row.observed, strict=True)
        if mean is not None and spread is not None
    ]
    return bool(told) and all(
        0 <= mean <= 1 and abs(spread**2 - mean * (1 - mean) * count / (count - 1)) < 1e-9  # noqa: PLR2004 (rounding)
        for mean, spread, count in told
    )


def ratio_words(words: TrialWords, found: PerspectiveAnalysis, strategy: str, ratio: xr.Dataset) -> str:
    """Return the ratio with its quadrant, its interval where it has one, and where the draws lie."""
    locale, code, value = words.locale, str(ratio["quadrant"].values), float(ratio["icer"])
    key = "axis" if code == "=" else code
    ratio_text = words.say("no_ratio")
    if np.isfinite(value):
        # Whether a point is gained or lost is not said by more or less of it.
        effect = words.analysis.effect
        text = f"icer.{key}" if effect.is_qaly else f"trial_effect.{effect.kind}.{key}"
        ratio_text = locale.text(text, ratio=words.money(value), unit=words.effect["unit"])
    quadrant = capital(locale.text(f"quadrant.{key}"))
    sentences = [words.say("ratio", **words.pair(found, strategy), ratio=ratio_text, quadrant=quadrant)]
    if np.isfinite(value):
        ends = usable_interval(ratio)
        if ends is None:
            sentences.append(words.say("ratio_no_interval"))
        else:
            low, high = (words.money(end) for end in ends)
            sentences.append(words.say("ratio_interval", low=low, high=high))
    held = {each: float(ratio["quadrant_share"].sel(quadrant_of_draws=each)) for each in _QUADRANTS}
    shares = ", ".join(
        f"{locale.share(share)} {locale.text(f'plot.in_{each}')}" for each, share in held.items() if share
    )
    return " ".join([*sentences, locale.text("plot.plane_alt_shares", shares=shares)])


# Cameron, Gelbach and Miller (Rev Econ Stat 2008;90:414-427, https://doi.org/10.1162/rest.90.3.414) call five to thirty
# clusters few.
FEW_CLUSTERS = 30


def method_sentences(words: TrialWords) -> list[str]:
    """Return what holds for all perspectives: imputation, regression, bootstrap, clusters."""
    regression = f"{_regression(words)} {_adjustment(words)}"
    return [
        *_deaths(words),
        *_planned(words),
        *_imputation(words),
        *_weights(words),
        regression,
        _bootstrap(words),
        *_dropped(words),
        *_clusters(words),
    ]


def _weights(words: TrialWords) -> list[str]:
    """Return how sampling weights count, with the effective number of patients of each arm."""
    about = words.analysis.description
    if about.effective is None:
        return []
    numbers = zip(about.strategies, about.effective, about.patients, strict=True)
    parts = [
        words.method("weights_arm", arm=words.names[arm], effective=words.number(each), patients=words.number(count))
        for arm, each, count in numbers
    ]
    return [words.method("weights", parts="; ".join(parts))]


def _deaths(words: TrialWords) -> list[str]:
    """Return how deaths count, when they are taken to have happened, and who may have died unseen."""
    deaths = words.analysis.description.deaths
    if deaths is None:
        return []
    if not any(deaths.died):
        told = [words.method("no_deaths")]
    else:
        course = () if deaths.before is None else (f"deaths_{deaths.before}",)
        keys = ("deaths", *course, f"deaths_by_{deaths.dated}", "deaths_apart")
        told = [" ".join(map(words.method, keys))]
    return [*told, words.method("deaths_unknown", parts=words.by_arm(deaths.unknown))] if any(deaths.unknown) else told


def _planned(words: TrialWords) -> list[str]:
    """Return for how long patients were to be followed, where that differs."""
    planned = words.analysis.description.planned
    if planned is None:
        return []
    parts = "; ".join(
        words.method("planned_part", months=words.decimal(month), parts=words.by_arm(counts))
        for month, counts in planned.items()
    )
    return [words.method("planned", parts=parts)]


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
    if settings["reference_based"] is not None and found.description.departed is not None:
        reference = words.names[found.description.departed.reference]
        sentences.append(method(settings["reference_based"], reference=reference))
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


def baseline_costs(words: TrialWords) -> dict[str, list[str]]:
    """Return of each perspective the costs before the start that adjust its outcomes."""
    about = words.analysis.description
    before = [row.name for row in about.rows if row.kind == "baseline cost"]
    names = dict.fromkeys(each.name for each in words.analysis.perspectives)
    return {name: [isolate(each) for each in before if each in about.perspectives[name]] for name in names}


def effects_differ(words: TrialWords) -> bool:
    """Return whether perspectives adjust the effects for different costs, so that each has a difference of its own."""
    return not _own(words) and len(set(map(tuple, baseline_costs(words).values()))) > 1


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
    based = baseline_costs(words)
    parts = "; ".join(f"{words.perspective(name)}: {words.joined(each)}" for name, each in based.items() if each)
    without = [words.perspective(name) for name, each in based.items() if not each]
    own, exists, assumed = _own(words), words.analysis.effect.exists, about.start_assumed
    if assumed is not None:
        sentences = [method("adjusted_start_not", value=words.number(assumed, 2))]
    elif words.analysis.effect.start:
        sentences = [method("adjusted_effect" if own else "adjusted_start")]
    else:
        sentences = [method("adjusted_no_start")] if exists else []
    if parts:
        sentences.append(method("adjusted_cost" if own or not exists else "adjusted_before", parts=parts))
    if own and exists and assumed is None:
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
        key = "fixed" if each.kind == "fixed" else f"{each.kind}_{each.outcome}"
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
