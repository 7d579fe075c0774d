"""The conclusion of an assessment in words: the answer in one sentence, and the preferred option at a value."""

from __future__ import annotations

from functools import reduce
from itertools import groupby
from typing import TYPE_CHECKING, Any

from hecon.assessment.concluding import by_another_seed
from hecon.report.words.common import by_rules, capital, tied_words
from hecon.report.words.comparisons import ComparisonWords

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from hecon.assessment import Assessment, ComparisonResult
    from hecon.assessment.concluding import Conclusion, OtherEstimate, Preference
    from hecon.locale import Locale


class AnswerWords:
    """The answer to the question of an assessment in one language."""

    def __init__(self, assessment: Assessment, result: ComparisonResult, locale: Locale) -> None:
        self.assessment, self.result, self.locale = assessment, result, locale
        self.figures = ComparisonWords(assessment.dossier, result.spec, locale)

    def say(self, key: str, **values: object) -> str:
        """Return a text of the catalogue's part `conclusion`."""
        return self.locale.text(f"conclusion.{key}", **values)

    def name(self, option: str) -> str:
        """Return the name of an option as it stands within a sentence."""
        return self.figures.option(option)

    def value(self, value: float) -> str:
        """Return a value per unit of effect."""
        return self.say("value", value=self.figures.stated(value), unit=self.result.spec.effect_unit)

    def study(self, comparison: str, *, short: bool = False) -> str:
        """Return a comparison by its study and perspective; with its horizon or id where another is called the same.

        A short one is as the key table calls it.
        """
        known = self.assessment.dossier.comparison
        spec = next(each for each in known if each.id == comparison)
        analysis = self.assessment.incremental_of(comparison)
        together = () if analysis is None else [each for each in analysis.comparisons if each != comparison]
        alike = [
            each
            for each in known
            if (each.trial, each.perspective) == (spec.trial, spec.perspective) and each.id not in together
        ]
        parts = [self.locale.text(f"perspective.{spec.perspective}") if short else self.say(f"from_{spec.perspective}")]
        if len(alike) > 1:
            horizons = [each.horizon_months for each in alike]
            parts.append(
                self.locale.text("setting.months", horizon=self.locale.as_given(spec.horizon_months))
                if horizons.count(spec.horizon_months) == 1
                else spec.id
            )
        return ", ".join((spec.trial, *parts)) if short else f"{spec.trial} ({', '.join(parts)})"

    def chance(self, at: Preference, key: str = "chance") -> str:
        """Return the probability of a preference with its range, labelled; that it is not known where it is not."""
        if at.probability is None:
            return self.say("word_unknown" if key == "chance" else f"{key}_unknown")
        probability = self.figures.probability(at.probability)
        span = self.figures.probabilities(at.range)
        over = []
        if at.range is not None and span != probability:
            shared = self.result.joint is not None and self.result.spec.comparator not in (at.option, at.other)
            what = "shared" if shared else self.result.ranges_over
            over.append(self.locale.text(f"conclusion_range.{what}", range=span))
        over += self._monte_carlo(at.probability, at.monte_carlo_error)
        if not over:
            return self.say(key, probability=probability)
        return self.say(f"{key}_range", probability=probability, range="; ".join(over))

    def _monte_carlo(self, probability: float, error: float | None) -> list[str]:
        """Return the Monte Carlo error of a probability where another seed could print another."""
        if len(set(map(self.figures.probability, by_another_seed(probability, error)))) == 1:
            return []
        return [self.say("monte_carlo", error=self.locale.rounded_up(error or 0.0, 3))]

    def certainty(self, at: Preference) -> str:
        """Return how sure a preference is in a word, and what would turn it or tells otherwise."""
        return certainty_words(at, lambda name: self.study(name, short=True), self.locale)

    def preferred(self, at: Preference) -> str:
        """Return the preferred option at a value as a clause with its probability, or that two are equal."""
        if at.equal:
            return self.say("at_equal", at=self.value(at.value), **self._tied(at))
        return self.say("at", option=self.name(at.option), at=self.value(at.value), chance=self.chance(at))

    def _tied(self, at: Preference) -> dict[str, str]:
        """Return the names of options that have the same expected net benefit, and that others have less."""
        found = self.assessment.conclusion
        return tied_words([self.name(each) for each in at.tied], 1 + len(found.compared if found else ()), self.locale)

    def sentence(self) -> str:
        """Return the answer in one sentence."""
        found = self.assessment.conclusion
        if found is None:
            msg = "an assessment without conclusion has no answer"
            raise AssertionError(msg)
        basis = self.say("basis", study=self.study(self.result.spec.id))
        written = {
            "at_reference_value": self._at_reference_value,
            "at_every_value": self._at_every_value,
            "by_value": self._by_value,
            "by_range": self._by_range,
            "dominance": self._dominance,
            "own_values": self._own_values,
            "none": self._nothing,
        }[found.kind](found, basis)
        return capital(written)

    def _at_reference_value(self, found: Conclusion, basis: str) -> str:
        at = found.at
        if at is None:
            msg = "a conclusion at the reference value has it"
            raise AssertionError(msg)
        where = self.say(
            f"reference_{self.assessment.burden_rests_on}",
            value=self.value(at.value),
            band=self.locale.band(self._band()),
        )
        if at.equal:
            verdict = self.say("tied_with" if found.option in at.tied else "tied_without")
            return f"{verdict}: {self.say('equal', basis=basis, at=where, **self._tied(at))}"
        return self._preference(found, at, basis, where)

    def _preference(self, found: Conclusion, at: Preference, basis: str, where: str) -> str:
        verdict = self.say(f"{'yes' if at.option == found.option else 'no'}_{at.certainty}")
        pair = len(found.compared) == 1
        names = {"option": self.name(at.option), "other": self.name(at.other)}
        text = self.say(
            "preferred" if pair else "preferred_of_several",
            basis=basis,
            at=where,
            chance=self.chance(at, "with_chance"),
            **names,
        )
        return f"{verdict}: {text}"

    def _band(self) -> str:
        judged = self.assessment.burden_rests_on == "judgement" or self.assessment.burden is None
        return self.assessment.dossier.burden.band if judged else str(self.assessment.burden.band)  # type: ignore[union-attr]

    def _no_value(self) -> str:
        """Return why no reference value counts."""
        if not self.assessment.rules.values_on().band:
            return self.say("no_value_rules")
        return self.say("no_value_judged" if self.assessment.burden_rests_on is None else "no_value_band")

    @property
    def _ranged(self) -> bool:
        """Whether the rules have a range of values."""
        return self.assessment.rules.values_on().range is not None

    def _at_every_value(self, found: Conclusion, basis: str) -> str:
        first = found.values[0]
        verdict = self.say(f"{'yes' if first.option == found.option else 'no'}_{found.certainty}")
        several = len(found.compared) > 1
        text = self.say(
            "every_value_of_several" if several else "every_value",
            basis=basis,
            option=self.name(first.option),
            other=self.name(first.other),
            chances="; ".join(self._at_value(each, several=several) for each in found.values),
            reason=self._no_value(),
            each=self.say("each_end" if self._ranged else "each_value"),
        )
        return f"{verdict}: {text}"

    def _at_value(self, at: Preference, *, several: bool) -> str:
        next_best = {"other": self.name(at.other)} if several else {}
        return self.say(
            "at_value_next" if several else "at_value", at=self.value(at.value), chance=self.chance(at), **next_best
        )

    def _by_value(self, found: Conclusion, basis: str) -> str:
        parts = "; ".join(map(self.preferred, found.values))
        unit = self.result.spec.effect_unit
        return self.say("by_value", basis=basis, unit=unit, parts=parts, reason=self._no_value())

    def _by_range(self, found: Conclusion, basis: str) -> str:
        """Return where the ratio lies by the range of the rules, and the preferred option at both ends."""
        low, high = (self.figures.stated(each.value) for each in found.values)
        told = {"basis": basis, "low": low, "high": high, "unit": self.result.spec.effect_unit}
        parts = "; ".join(map(self.preferred, found.values))
        if found.in_range is None or self.result.icer is None:
            return self.say("range_several", parts=parts, **told)
        place = self.locale.text(f"range_place.{found.in_range}")
        spec, ratio = self.result.spec, self.figures.money(self.result.icer)
        names = {"intervention": self.name(spec.intervention), "comparator": self.name(spec.comparator)}
        return self.say(
            f"range_{self.result.quadrant}", place=place, ratio=ratio, parts=capital(parts), **names, **told
        )

    def _dominance(self, found: Conclusion, basis: str) -> str:
        spec = self.result.spec
        preferred = found.preferred or spec.intervention
        rival = spec.comparator if preferred == spec.intervention else spec.intervention
        other = self.say("every_other") if len(found.compared) > 1 else self.name(rival)
        verdict = self.say(f"{'yes' if preferred == found.option else 'no'}_{found.certainty}")
        told = {"basis": basis, "option": self.name(preferred), "other": other, "unit": spec.effect_unit}
        share = found.dominance_probability
        if share is not None:
            over = self._monte_carlo(share, found.dominance_error)
            probability = "; ".join((self.figures.probability(share), *over))
            return f"{verdict}: {self.say('dominance_sure', probability=probability, **told)}"
        return f"{verdict}: {self.say('dominance_implied' if self.result.quadrant_implied else 'dominance', **told)}"

    def _own_values(self, found: Conclusion, basis: str) -> str:
        reason = self.figures.reason(self.result.no_verdict).rstrip(".") if self.result.no_verdict else ""
        parts = "; ".join(map(self.preferred, found.values))
        where = self.say("by_the_range" if self._ranged else "at_values")
        return self.say("own_values", basis=basis, parts=parts, reason=reason, where=where)

    def _nothing(self, _: Conclusion, basis: str) -> str:
        reason = self.result.no_verdict or self.result.reason
        return self.say("nothing", basis=basis, reason="" if reason is None else self.figures.reason(reason))

    def contradictions(self) -> list[str]:
        """Return which other comparisons conclude otherwise, each with the option that it prefers and at which values.

        The net benefit of that option stands beside each value.
        """
        found = self.assessment.conclusion
        if found is None:
            return []
        by_estimate: dict[tuple[str, str | None], list[tuple[Preference, OtherEstimate]]] = {}
        for at in found.values:
            for each in at.contradicted_by:
                by_estimate.setdefault((each.comparison, each.option), []).append((at, each))
        told = [self._otherwise(name, option, pairs) for (name, option), pairs in by_estimate.items()]
        always = (each for each in found.contradicted_by if (each.comparison, each.option) not in by_estimate)
        return [*told, *(self._otherwise(each.comparison, each.option, []) for each in always)]

    def _otherwise(self, comparison: str, option: str | None, pairs: Sequence[tuple[Preference, OtherEstimate]]) -> str:
        where = [
            self.value(at.value)
            if each.net_benefit is None or option is None
            else self.say("value_benefit", at=self.value(at.value), net_benefit=self.figures.money(each.net_benefit))
            for at, each in pairs
        ]
        at = ", ".join(where) or self.say("every_value_at", unit=self.result.spec.effect_unit)
        if option is None:
            return self.say("otherwise_equal", study=self.study(comparison), at=at)
        return self.say("otherwise", study=self.study(comparison), at=at, option=self.name(option))

    def expected(self, *, brief: bool = False) -> str:
        """Return the expected costs and effects of the option asked about against the other, and what is shown."""
        found, result, locale = self.assessment.conclusion, self.result, self.locale
        if found is None or found.option is None or found.other is None or result.delta_cost is None:
            return ""
        sign = 1 if found.option == result.spec.intervention else -1
        cost, effect = sign * result.delta_cost, sign * (result.delta_effect or 0.0)
        text = self.say(
            f"expected_{_side(cost)}_cost_{_side(effect)}_effect",
            option=capital(self.name(found.option)),
            other=self.name(found.other),
            cost=self.figures.money(abs(cost)),
            effect=f"{locale.number(abs(effect), 4)} {result.spec.effect_unit}",
        )
        sentences = [text, self.say("differences", cost=self._shown("cost"), effect=self._shown("effect"))]
        if result.quadrant in {"NE", "SW"} and len(found.compared) == 1:
            sentences.append(self.say("ratio", ratio=self.figures.ratio(result, turned=sign < 0)))
        if cost < 0 and effect < 0 and not brief:
            sentences.append(by_rules("conclusion.loss", self.assessment.rules, locale))
        return " ".join(sentences)

    def _shown(self, outcome: str) -> str:
        """Return whether the interval of a difference leaves out 0, and whether its spread is assumed."""
        ends, spread = self.result.intervals.get(f"delta_{outcome}"), self.result.parameters.get(f"{outcome}_se")
        text, assumed = shown_difference(ends, self.locale), spread is not None and spread.status == "assumed"
        return self.say("assumed_spread", text=text) if assumed and ends is not None else text

    def other_values(self) -> str:
        """Return the preferred option at the other values, and the value at which the preference turns."""
        found = self.assessment.conclusion
        if found is None or found.at is None:
            return ""
        alike = groupby((each for each in found.values if each != found.at), lambda each: (each.equal, each.option))
        rest = [self._preferred_at(list(group)) for _, group in alike]
        text = capital("; ".join(rest)) + "." if rest else ""
        return f"{text} {self.turning()}".strip()

    def _preferred_at(self, values: Sequence[Preference]) -> str:
        """Return the preferred option at some values, told once, each value with its probability."""
        first, *others = values
        if first.equal or not others:
            return "; ".join(map(self.preferred, values))
        told = [self.say("value_chance", at=self.value(each.value), chance=self.chance(each)) for each in values]
        return self.say("at_several", option=self.name(first.option), values=reduce(self._both, told))

    def _both(self, first: str, second: str) -> str:
        return self.say("value_and", first=first, second=second)

    def turning(self) -> str:
        """Return the value at which the preference turns; empty where no value above 0 does that."""
        found = self.assessment.conclusion
        if found is None or found.turning_value is None or found.turning_value <= 0:
            return ""
        at = self.say("value", value=self.figures.money(found.turning_value), unit=self.result.spec.effect_unit)
        return self.say("turning", value=at)

    def loss(self) -> str:
        """Return what choosing the preferred option loses on average, where it turns out not to be the best."""
        found = self.assessment.conclusion
        if found is None or found.at is None or found.at.expected_loss is None or found.at.equal:
            return ""
        return self.say("expected_loss", option=self.name(found.at.option), loss=self.amount(found.at.expected_loss))

    def amount(self, value: float) -> str:
        """Return an amount per patient."""
        return self.locale.amount(value, self.result.spec.currency)


def preference_data(at: Preference) -> dict[str, Any]:
    """Return a preference as plain data."""
    return {**vars(at), "contradicted_by": [vars(each) for each in at.contradicted_by], "certainty": at.certainty}


def certainty_words(at: Preference, called: Callable[[str], str], locale: Locale, *, brief: bool = False) -> str:
    """Return how sure a preference is in a word, and what would turn it or, as it is `called`, tells otherwise."""
    codes = () if at.equal else (*(("edge",) if at.edge else ()), *at.turned_by)
    doubts = [locale.text(f"conclusion.word_{code}") for code in codes]
    if at.contradicted_by:
        names = "; ".join(called(each.comparison) for each in at.contradicted_by)
        doubts.append(locale.text("conclusion.word_otherwise", names=names))
    word = locale.text(f"conclusion.word_{'equal' if at.equal else at.certainty}")
    return f"{word} ({'; '.join(doubts)})" if doubts and not brief else word


def shown_difference(ends: tuple[float, float] | None, locale: Locale) -> str:
    """Return whether the interval of a difference, where there is one, leaves out 0."""
    if ends is None:
        return locale.text("conclusion.shown_unknown")
    return locale.text(f"conclusion.{'word_shown' if ends[0] > 0 or ends[1] < 0 else 'shown_no'}")


def _side(value: float) -> str:
    return "more" if value > 0 else "less" if value < 0 else "equal"
