"""A comparison in words: its amounts, its statistics, its parameters, its ratio and why something is not given."""

from __future__ import annotations

import math
from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING, Any

from hecon.dossier.comparison import (
    CorrelationStatistic,
    DifferenceOfArms,
    EffectProbability,
    MeansOfArms,
    NetBenefitArms,
    NetBenefitDifference,
    OutcomeStatistic,
    ProbabilityStatistic,
    QuadrantStatistic,
    RatioStatistic,
)
from hecon.dossier.documents import extent_read
from hecon.locale import key_of
from hecon.printed.numbers import decimals
from hecon.report.isolating import isolate
from hecon.report.words.common import by_rules, in_range_words, missing_words, scenario_name

if TYPE_CHECKING:
    from collections.abc import Iterable

    from hecon.assessment import ComparisonResult
    from hecon.assessment.records import Reason, Sensitivity
    from hecon.dossier.comparison import Comparison, Statistic
    from hecon.dossier.loading import Dossier
    from hecon.dossier.model_studies import AnyStudy
    from hecon.locale import Locale
    from hecon.reported._constraints import Constraint
    from hecon.reported.fits import Check


_OUTCOME_OF = {"delta_cost": "cost", "cost_se": "cost", "delta_effect": "effect", "effect_se": "effect"}
# Ends of a range of amounts closer than this are written with a decimal, or they would look alike.
_NARROW = 10.0
_OPPOSITE = {"NE": "SW", "SW": "NE", "NW": "SE", "SE": "NW"}


class ComparisonWords:
    """How one comparison's figures are written in one language, in its currency and unit of effect."""

    def __init__(self, dossier: Dossier, spec: Comparison, locale: Locale) -> None:
        self.dossier, self.spec, self.locale = dossier, spec, locale
        self.say, self.pick = locale.text, locale.pick
        self.money = partial(locale.money, currency=spec.currency)
        rules = dossier.ruleset
        held = rules.holds_for(spec.currency, spec.effect_unit)
        self.stated = partial(locale.stated, currency=spec.currency, weight=rules.weight if held else 1.0)
        self.intervention, self.comparator = map(self.option, (spec.intervention, spec.comparator))
        self.title = f"{spec.trial}, {locale.text(f'perspective.{spec.perspective}')}"
        self.pair = locale.text("overview.minus", intervention=self.intervention, comparator=self.comparator)

    def of(self, outcome: str, value: float | Decimal, digits: int | None = None) -> str:
        """Return a value of an outcome, or of a correlation."""
        if outcome in {"cost", "net_benefit"}:
            return self.money(value, digits=digits or 0)
        return self.locale.number(value, (4 if outcome == "effect" else 2) if digits is None else digits)

    def at_value(self, value: float) -> str:
        """Return a value per unit of effect as it was stated: one of rules that weigh effects with its weight."""
        of_rules = value in self.dossier.ruleset.values_on().reference
        return self.stated(value) if of_rules else self.locale.stated(value, self.spec.currency)

    def per_unit(self, value: float) -> str:
        """Return a value as it was stated, per unit of effect."""
        return self.say("plot.value_per", value=self.at_value(value), unit=self.spec.effect_unit)

    def option(self, name: str) -> str:
        """Return the name of an option."""
        return self.pick(self.dossier.named(name).name)

    def model_parameter(self, name: str) -> str:
        """Return what a parameter of the model's draws is called."""
        named = {} if self.spec.draws is None else self.spec.draws.parameter_names
        return self.pick(named[name]) if name in named else name

    def measures(self, study: AnyStudy) -> str:
        """Return what a further study of the model measures."""
        names = {key: isolate(self.model_parameter(name)) for key, name in study.measured.items()}
        return self.say(f"worth.measures_{key_of(study.kind)}", **names)

    def no_study(self) -> str:
        """Return that no further study of the model is stated, and where to state one."""
        return self.say("worth.model_study", study="[comparison.draws.study]", costs="[research.study]")

    def study_size(self, n: float, arms: int) -> str:
        """Return the size of a study of so many arms."""
        return self.say("worth.size_one" if arms == 1 else "worth.size", n=self.locale.number(n))

    def percentage(self, value: int | Decimal) -> str:
        """Return a share as a percentage, with the digits that it was given with and without a sign."""
        return self.locale.number(100 * value, max(0, decimals(value) - 2))

    def printed(self, outcome: str, value: int | Decimal) -> str:
        """Return a number with the digits that it was printed with; a printed negative zero keeps its sign."""
        shown = self.of(outcome, value, decimals(value))
        negative_zero = isinstance(value, Decimal) and value.is_zero() and value.is_signed()
        return f"\N{MINUS SIGN}{shown}" if negative_zero else shown

    def span(self, outcome: str, ends: Iterable[float], digits: int | None = None) -> str:
        """Return a range of values."""
        low, high = ends
        if outcome == "cost" and digits is None and high - low < _NARROW:
            digits = 1
        return self.locale.span(self.of(outcome, low, digits), self.of(outcome, high, digits))

    def leeway(self, outcome: str, value: float, ends: tuple[float, float], over: str) -> str:
        """Return the range of a value in brackets that say what it is over; nothing if it prints alike."""
        low, high = (self.of(outcome, end) for end in ends)
        if low == high == self.of(outcome, value):
            return ""
        return f" ({self.say(f'range_over.{over}', range=self.span(outcome, ends))})"

    def with_span(self, outcome: str, value: float, ends: tuple[float, float] | None, over: str) -> str:
        """Return a value with its range, where rounding, an assumption or a scenario leaves one that matters."""
        wide = ends is not None and ends[1] - ends[0] > _NARROW
        return self.of(outcome, value) + (self.leeway(outcome, value, ends, over) if wide and ends is not None else "")

    def probability(self, value: float | None) -> str:
        """Return a probability, or a dash."""
        return "–" if value is None else self.locale.chance(value)

    def probabilities(self, ends: tuple[float, float] | None) -> str:
        """Return a range of probabilities, or a dash."""
        if ends is None:
            return "–"
        return self.locale.probability_span(*ends)

    def gap(self, check: Check) -> str:
        """Return how far a prediction lies from what was printed beyond rounding: 0 where they meet."""
        distance = abs(check.gap or 0.0)
        if check.kind == "icer":
            share = self.locale.number(100 * distance / abs(check.printed), 2) + "%"
            return self.money(0) if distance == 0.0 else f"{self.money(distance)} ({share})"
        if check.kind in {"delta_net_benefit", "net_benefit_se"}:
            return self.money(distance)
        return self.locale.number(distance, 3 if distance else 0)

    def statistic_name(self, statistic: Statistic) -> str:
        """Return the name of a statistic, with the place it was taken at."""
        key = "statistic." + statistic.kind
        if isinstance(statistic, (ProbabilityStatistic, NetBenefitArms, NetBenefitDifference)):
            return self.say(key, at=self.printed("cost", statistic.wtp), unit=self.spec.effect_unit)
        if isinstance(statistic, EffectProbability):
            return self.say(key, at=self.printed("effect", statistic.threshold), unit=self.spec.effect_unit)
        return self.say(key, unit=self.spec.effect_unit)

    def statistic_value(self, statistic: Statistic) -> str:
        """Return the printed value of a statistic."""
        if isinstance(statistic, MeansOfArms):
            return self._arms(statistic)
        if isinstance(statistic, QuadrantStatistic):
            return self._shares(statistic)
        if isinstance(statistic, DifferenceOfArms):
            return self._difference(statistic)
        if isinstance(statistic, RatioStatistic):
            key = "reported_ratio.lost" if statistic.quadrant == "SW" else "reported_ratio.plain"
            return self.say(key, ratio=self.printed("cost", statistic.value), unit=self.spec.effect_unit)
        if isinstance(statistic, (ProbabilityStatistic, EffectProbability, CorrelationStatistic)):
            return self.locale.as_given(statistic.value)
        if isinstance(statistic, OutcomeStatistic):
            return self._by_template(statistic)
        msg = f"no words for {type(statistic).__name__}"
        raise TypeError(msg)

    def _by_template(self, statistic: OutcomeStatistic) -> str:
        """Return a statistic as the catalogue has it, where its own fields stand by their names."""
        own = type(statistic).model_fields.keys() - OutcomeStatistic.model_fields.keys()
        values = {
            name: self.percentage(value) if name == "level" else self.printed(statistic.outcome, value)
            for name, value in ((name, getattr(statistic, name)) for name in own)
        }
        return self.say(f"reported_outcome.{statistic.kind.removeprefix(f'{statistic.outcome}-')}", **values)

    def _shares(self, statistic: QuadrantStatistic) -> str:
        pairs = ((self.say(f"quadrant_code.{name}"), share) for name, share in statistic.shares.items())
        return "; ".join(f"{name} {self.locale.as_given(share)}" for name, share in pairs)

    def _arms(self, arms: MeansOfArms) -> str:
        outcome = arms.outcome
        sides = []
        for index, name in enumerate((self.intervention, self.comparator)):
            parts = []
            if arms.sd is not None:
                parts.append(f"SD {self.printed(outcome, arms.sd[index])}")
            if arms.n is not None:
                parts.append(f"n = {self.locale.number(arms.n[index])}")
            if arms.se is not None:
                parts.append(self.say("standard_error", value=self.printed(outcome, arms.se[index])))
            if arms.ci is not None:
                parts.append(self._interval(outcome, arms.ci[index], arms.level))
            text = f"{name} {self.printed(outcome, arms.mean[index])}"
            sides.append(f"{text} ({', '.join(parts)})" if parts else text)
        return "; ".join(sides)

    def _difference(self, statistic: DifferenceOfArms) -> str:
        outcome = statistic.outcome
        parts = []
        if statistic.ci is not None:
            parts.append(self._interval(outcome, statistic.ci, statistic.level))
        if statistic.se is not None:
            parts.append(self.say("standard_error", value=self.printed(outcome, statistic.se)))
        if statistic.p is not None:
            parts.append(f"p = {self.locale.as_given(statistic.p)}")
        if statistic.p_below is not None:
            parts.append(f"p < {self.locale.as_given(statistic.p_below)}")
        mean = self.printed(outcome, statistic.mean)
        return f"{mean} ({'; '.join(parts)})" if parts else mean

    def _interval(self, outcome: str, ci: tuple[int | Decimal, int | Decimal], level: int | Decimal | None) -> str:
        share = self.percentage(Decimal("0.95") if level is None else level)
        low, high = (self.locale.as_given(end) if math.isinf(end) else self.printed(outcome, end) for end in ci)
        return self.say("interval", level=share, low=low, high=high)

    def reported_interval(self, outcome: str) -> str | None:
        """Return the interval of a difference as it was reported, or None if none was."""
        for each in self.spec.statistic:
            if isinstance(each, DifferenceOfArms) and each.kind == f"{outcome}-difference" and each.ci is not None:
                return f"{self._interval(outcome, each.ci, each.level)}, {self.say('status.' + each.status)}"
        return None

    def ratio(self, result: ComparisonResult, *, turned: bool = False) -> str:
        """Return the ratio of a computable comparison with its quadrant in words, or why there is none.

        Turned, it is that of the comparator against the intervention: the same amount, in the opposite quadrant.
        """
        quadrant = _OPPOSITE[result.quadrant] if turned and result.quadrant in _OPPOSITE else result.quadrant
        key = "axis" if quadrant == "=" else quadrant
        amount = "" if result.icer is None else self.money(result.icer)
        published = self.published_ratio(result)
        if published is None:
            return self.say(f"icer.{key}", ratio=amount, unit=self.spec.effect_unit)
        ratio = self.say(f"icer.{key}", ratio=published, unit=self.spec.effect_unit)
        return self.say("icer.published", ratio=ratio, recomputed=amount)

    def published_ratio(self, result: ComparisonResult) -> str | None:
        """Return the ratio as published where it is another than that of the differences; else None."""
        published, own = result.published_icer, result.icer
        if published is None or own is None:
            return None
        shown = self.printed("cost", published)
        return None if shown == self.of("cost", own, decimals(published)) else shown

    def parameter(self, name: str, value: float | None) -> str:
        """Return the value of one of the five parameters."""
        return "–" if value is None else self.of(_OUTCOME_OF.get(name, "correlation"), value)

    def parameter_range(self, name: str, ends: tuple[float, float] | None) -> str:
        """Return the range of one of the five parameters."""
        if ends is None:
            return "–"
        if any(math.isinf(end) for end in ends):
            return self.say("unbounded")
        return self.span(_OUTCOME_OF.get(name, "correlation"), ends)

    def quadrant(self, code: str) -> str:
        """Return a quadrant's abbreviation in the language."""
        return code if code == "=" else self.say(f"quadrant_code.{code}")

    def name_of(self, name: str) -> str:
        """Return the name of a parameter or an outcome; what is neither (a currency, a unit) names itself."""
        known = self.locale.catalogue
        key = next((f"{group}.{name}" for group in ("parameter", "outcome") if f"{group}.{name}" in known), None)
        return name if key is None else self.say(key)

    def reason(self, reason: Reason) -> str:
        """Return why something is not given."""
        about = ", ".join(self.name_of(name) for name in reason.about)
        extent = extent_read(self.dossier, self.spec)
        if reason.code == "spread" and extent != "whole":
            return self.say("reason.spread_read", about=about, missing=missing_words(extent, self.locale))
        rules = self.dossier.ruleset
        home = self.locale.catalogue.get(f"amounts_in.{rules.currency}", rules.currency)
        return by_rules(f"reason.{reason.code}", rules, self.locale, about=about, home=home, unit=rules.effect_unit)

    def in_range(self, place: str | None) -> str:
        """Return where the ratio lies by the range of the rules, as a sentence; empty where it lies nowhere."""
        rules = self.dossier.ruleset
        if place is None:
            return ""
        return in_range_words(place, rules, self.locale, stated=self.stated, unit=rules.effect_unit)

    def full_reason(self, result: ComparisonResult) -> str | None:
        """Return the reason of a comparison, with the quadrant that a printed finding implies."""
        if result.reason is None:
            return None
        text = self.reason(result.reason)
        if result.quadrant_implied and result.quadrant is not None:
            text += " " + self.say(f"reason.implied.{result.quadrant}")
        return text

    def constraint(self, key: Constraint) -> str:
        """Return the name of a statistic in the language, by its key in the fit."""
        if key.outcome == "net_benefit":
            at = self.say("net_benefit_at", at=self.printed("cost", Decimal(key.at)), unit=self.spec.effect_unit)
            return self.say(f"constraint.{key.kind}", outcome=at)
        if key.kind == "p_quadrant":
            return self.say("quadrant_share", quadrant=self.say(f"quadrant_code.{key.at}"))
        if key.outcome:
            return self.say(f"constraint.{key.kind}", outcome=self.say(f"outcome.{key.outcome}"))
        if not key.at:
            return self.say(f"statistic.{key.kind}")
        at = self.printed("effect" if key.kind == "p_effect_above" else "cost", Decimal(key.at))
        return self.say(f"statistic.{key.kind.replace('_', '-')}", at=at, unit=self.spec.effect_unit)

    def sensitivity(self, sensitivity: Sensitivity) -> str:
        """Return what was varied, and over which range."""
        about = ", ".join(self.name_of(name) for name in sensitivity.about)
        if sensitivity.kind == "scenario":
            about = scenario_name(sensitivity.about[0], self.locale)
        values: dict[str, Any] = {"about": about}
        if sensitivity.range is not None:
            low, high = sensitivity.range
            values["high"] = self.locale.number(high, 1)
            values["range"] = (
                self.parameter_range(sensitivity.about[0], sensitivity.range)
                if sensitivity.kind == "assumption"
                else self.locale.span(self.locale.number(low, 1), self.locale.number(high, 1))
            )
        return self.say(f"sensitivity.{sensitivity.kind}", **values)
