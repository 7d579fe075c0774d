"""The conclusion of a trial in words: the answer from each perspective, and in a line each what could turn it."""

from __future__ import annotations

from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING, Any

from hecon.assessment.concluding import certainty
from hecon.report.isolating import isolate
from hecon.report.words.answers import certainty_words, shown_difference
from hecon.report.words.common import by_rules, capital, in_range_words, p_value, tied_words
from hecon.report.words.trials import FEW_CLUSTERS, effects_differ

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from hecon.assessment import TrialAssessment
    from hecon.assessment.concluding import Preference
    from hecon.assessment.trial_concluding import PerspectiveConclusion, Turn
    from hecon.report.words.trials import TrialWords
    from hecon.trial.analysis import PerspectiveAnalysis
    from hecon.trial.soundness import Doubt


_PAIR = 2


class TrialAnswerWords:
    """The answer of a trial in one language."""

    def __init__(self, assessment: TrialAssessment, words: TrialWords) -> None:
        self.assessment, self.words, self.locale = assessment, words, words.locale
        self.conclusion = assessment.conclusion

    @property
    def several(self) -> bool:
        """Whether there are more options than two."""
        return len(self.words.names) > _PAIR

    def say(self, key: str, **values: object) -> str:
        """Return a text of the answer of a trial."""
        return self.words.text("trial_answer", key, **values)

    def shared(self, key: str, **values: object) -> str:
        """Return a text that the answer of a dossier has too."""
        return self.locale.text(f"conclusion.{key}", **values)

    def value(self, value: float) -> str:
        """Return a value per QALY."""
        return self.shared("value", value=self.words.stated(value), unit=self.words.effect["unit"])

    def perspective(self, name: str) -> str:
        """Return from which perspective something holds, or by its own name where the catalogue has none."""
        key = f"conclusion.from_{name}"
        known = key in self.locale.catalogue
        return self.locale.text(key) if known else self.say("from_own", name=self.words.perspective(name))

    # The answer -------------------------------------------------------------------------------------------------------

    def sentences(self, found: PerspectiveConclusion, *, brief: bool = False) -> str:
        """Return which option is preferred from one perspective, how sure that is, and the differences behind it.

        In brief without the least probabilities, which the table below has as the ends of their ranges.
        """
        analysis = self.words.analysis.perspective(found.perspective)
        differences = [self._difference(analysis, arm) for arm in analysis.strategies[1:]]
        return " ".join(
            [self._preferred(found), *self._in_range(found), *([] if brief else self._weakest(found)), *differences]
        )

    def _in_range(self, found: PerspectiveConclusion) -> list[str]:
        """Return where the ratio lies by a range of values of the rules, and that no weight of theirs is put on it."""
        place, rules = found.conclusion.in_range, self.words.analysis.rules
        weighed = [] if rules.severity_on() is None else [self.locale.text("burden.no_weight")]
        if place is None:
            return weighed
        unit = self.words.effect["unit"]
        return [in_range_words(place, rules, self.locale, stated=self.words.stated, unit=unit), *weighed]

    def _weakest(self, found: PerspectiveConclusion) -> list[str]:
        """Return the least probabilities over the sensitivity analyses, by which the words go where there are any."""
        least = [min(each.range) for each in found.conclusion.values if each.range is not None and not each.equal]
        if not least:
            return []
        return [self.say("weakest", probabilities=self.words.joined([self.words.probability(each) for each in least]))]

    def _preferred(self, found: PerspectiveConclusion) -> str:
        conclusion, origin = found.conclusion, capital(self.perspective(found.perspective))
        if conclusion.kind == "no_value":
            return self.say("no_value", origin=origin)
        first, *rest = conclusion.values
        if conclusion.kind == "equal" and not self.several:
            names = {"option": self.words.names[first.option], "other": self.words.names[first.other]}
            return self.say("equal", origin=origin, at=self._all_values(), **names)
        if conclusion.kind == "at_every_value" and not self.several:
            told = {"option": self.words.names[first.option], "other": self.words.names[first.other]}
            chances = "; ".join(
                self.shared("at_value", at=self.value(each.value), chance=self.chance(each))
                for each in conclusion.values
            )
            if not rest:
                chances = self.chance(first)
            return self.say("preferred", origin=origin, at=self._all_values(), chances=chances, **told)
        parts = "; ".join(self._at(each) for each in conclusion.values)
        return self.say("parts", origin=origin, parts=parts)

    def _all_values(self) -> str:
        """Return the values at which the answer is given: the one, or all, named by who chose them."""
        chosen = self.conclusion.values
        if len(chosen) == 1:
            return self.value(chosen[0])
        own = self.conclusion.given or not self.words.analysis.effect.is_qaly
        ranged = self.words.analysis.rules.values_on().range is not None
        return self.say("given_values" if own else "range_ends" if ranged else "reference_values")

    def _at(self, at: Preference) -> str:
        names = {"option": self.words.names[at.option], "other": self.words.names[at.other]}
        if not self.words.analysis.effect.exists:
            return self.say("equal_of" if at.equal else "lowest", chance=self.chance(at), **names)
        if at.equal:
            told = [self.words.names[each] for each in at.tied]
            tied = tied_words(told, len(self.words.names), self.locale)
            return self.shared("at_equal", at=self.value(at.value), **tied)
        write = partial(self.say, "at_next") if self.several else partial(self.shared, "at")
        return write(at=self.value(at.value), chance=self.chance(at), **names)

    def chance(self, at: Preference) -> str:
        """Return the probability of a preference and how sure it is."""
        if at.probability is None:
            return self.shared("word_unknown")
        probability = self.words.probability(at.probability, at.monte_carlo_error or 0.0)
        told = self.shared("chance", probability=probability)
        return self.say("chance", chance=told, word=self.shared(f"word_{at.certainty}"))

    def certainty(self, at: Preference, *, brief: bool = False) -> str:
        """Return how sure a preference is in a word, and what would turn it."""
        return certainty_words(at, self.words.perspective, self.locale, brief=brief)

    def span(self, at: Preference) -> str:
        """Return the range of a probability; empty without one."""
        if at.range is None:
            return ""
        return self.locale.span(*(self.words.probability(end) for end in at.range))

    def _difference(self, found: PerspectiveAnalysis, arm: str) -> str:
        cost = self.words.estimate("cost", found.delta_cost(arm))
        exists = self.words.analysis.effect.exists
        effect = self.words.estimate("effect", found.delta_effect(arm)) if exists else ""
        return capital(self.say("difference", cost=cost, effect=effect, **self.words.pair(found, arm)))

    # What supports it and what could turn it --------------------------------------------------------------------------

    def facts(self, *, brief: bool = False) -> list[tuple[str, str]]:
        """Return pairs of a label and a text; a brief answer leaves out what the sentences have in numbers."""
        return [(self.say(f"{key}_label"), text) for key, text in self.lines(brief=brief).items()]

    def lines(self, *, brief: bool = False) -> dict[str, str]:
        """Return what supports the answer and what could turn it, a text for each matter of which there is one."""
        lines = {
            "equivalence": self._equivalence(),
            "effects": self._each(self._effects) if self.words.analysis.effect.exists and not brief else "",
            "perspectives": self._perspectives() if self.conclusion.contradictions or not brief else "",
            "turning": self._each(self._turning),
            "missing": self._missing(),
            "at_random": self.at_random(brief=brief),
            "sensitivity": self._sensitivity(brief=brief),
            "doubts": " ".join(
                [*self._clusters(), *map(self.doubt, self.conclusion.doubts), *self._seeds(), *self._data_warnings()]
            ),
        }
        return {key: text for key, text in lines.items() if text}

    def _equivalence(self) -> str:
        """Return of costs alone what shows that the options are equally effective, or that nothing does."""
        effect = self.words.analysis.effect
        if effect.exists:
            return ""
        shown = effect.equivalence
        if shown is None:
            return self.say("not_equivalent")
        told = {"low": shown.interval[0], "high": shown.interval[1], "margin": shown.margin}
        numbers = {key: self.locale.as_given(Decimal(str(value)).normalize()) for key, value in told.items()}
        return self.say("equivalent", outcome=isolate(shown.outcome), source=isolate(shown.source), **numbers)

    def _each(self, text: Callable[[PerspectiveConclusion], str]) -> str:
        """Return a text from every perspective, each named where they differ."""
        told = {each.perspective: text(each) for each in self.conclusion.perspectives}
        if len(set(told.values())) == 1:
            return capital(next(iter(told.values())))
        return " ".join(
            self.say("from", perspective=capital(self.words.perspective(name)), text=each)
            for name, each in told.items()
        )

    def _effects(self, found: PerspectiveConclusion) -> str:
        analysis = self.words.analysis.perspective(found.perspective)
        ratios = self.assessment.tables[found.perspective].ratios
        told, loses = [], False
        for arm in analysis.strategies[1:]:
            code = str(ratios.sel(strategy=arm)["quadrant"].values)
            text = self.locale.text(f"quadrant.{'axis' if code == '=' else code}")
            ends = (each.interval for each in (analysis.delta_cost(arm), analysis.delta_effect(arm)))
            shown = [shown_difference(None if each[0] == each[1] else each, self.locale) for each in ends]
            key = "effects_of_several" if self.several else "effects"
            differences = self.shared("differences", cost=shown[0], effect=shown[1])
            pair = self.words.pair(analysis, arm)
            told.append(capital(self.say(key, quadrant=capital(text), differences=differences, **pair)))
            loses = loses or code == "SW"
        if loses and self.words.analysis.effect.is_qaly:
            told.append(by_rules("conclusion.loss", self.words.analysis.rules, self.locale))
        return " ".join(told)

    def _perspectives(self) -> str:
        """Return where perspectives contradict each other; empty with one."""
        if len(self.conclusion.perspectives) == 1 or not self.conclusion.values:
            return ""
        exists = self.words.analysis.effect.exists
        own_effects = [self.say("perspectives_adjusted")] if exists and effects_differ(self.words) else []
        if not self.conclusion.contradictions:
            return " ".join((self.say("perspectives_agree"), *own_effects))
        parts = []
        for value in self.conclusion.contradictions:
            own = "; ".join(
                self.say(
                    "perspectives_each",
                    perspective=self.words.perspective(each.perspective),
                    option=self._named(each, value),
                )
                for each in self.conclusion.perspectives
            )
            parts.append(self.say("perspectives_at", at=self.value(value), parts=own))
        return " ".join([*map(capital, parts), *own_effects])

    def _named(self, found: PerspectiveConclusion, value: float) -> str:
        at = next(each for each in found.conclusion.values if each.value == value)
        return self.shared("neither") if at.equal else self.words.names[at.option]

    def _turning(self, found: PerspectiveConclusion) -> str:
        if not self.words.analysis.effect.exists:
            return ""
        if found.turns:
            first, *rest = map(self._turn, found.turns)
            return " ".join([first, *map(capital, rest)])
        if not found.conclusion.values:
            return ""
        at = found.conclusion.values[0]
        return "" if at.equal else self.say("turning_never", option=self.words.names[at.option])

    def _turn(self, turn: Turn) -> str:
        names = {"below": self.words.names[turn.below], "above": self.words.names[turn.above]}
        value = self.shared("value", value=self.words.money(turn.value), unit=self.words.effect["unit"])
        return self.say("turning", value=value, **names)

    def _missing(self) -> str:
        if not self.words.missing:
            return self.words.method("nothing_missing")
        shares = self.words.joined(
            [
                self.say("missing_share", share=self.locale.share(share), arm=self.words.names[arm])
                for arm, share in self.conclusion.incomplete.items()
            ]
        )
        told = [self.say("missing", shares=shares)]
        known = [each.fmi for each in self.conclusion.perspectives if each.fmi is not None]
        if known:
            told.append(self.say("fmi", fmi=self.locale.number(max(known), 2)))
        return " ".join(told)

    def at_random(self, *, brief: bool = False) -> str:
        """Return whether it is plausible that values are missing at random, as far as the data tell."""
        found = self.conclusion.missingness
        if found is None or not self.words.missing:
            return ""
        if found.p is None:
            told = "" if found.why == "nothing" else self.say(f"untested_{found.why}")
        else:
            related = found.p < 0.05  # noqa: PLR2004 (the usual level)
            told = self.say("related" if related else "unrelated", p=p_value(found.p, self.locale))
        return told if brief else f"{self.say('at_random')} {told}".strip()

    def _turned(self) -> list[str]:
        """Return at each value which sensitivity analyses prefer another option, by perspective."""
        conclusion, told = self.conclusion, []
        for value in conclusion.values:
            for each in conclusion.perspectives:
                if each.turned_by[value]:
                    names = "; ".join(map(self.words.scenario, each.turned_by[value]))
                    key = "turned" if len(conclusion.perspectives) == 1 else "turned_from"
                    where = {"at": self.value(value), "perspective": self.perspective(each.perspective)}
                    told.append(self.say(key, names=names, **where))
        return told

    def _turned_briefly(self) -> list[str]:
        """Return the same by sensitivity analysis, at how many of the values from which perspectives."""
        turned: dict[str, dict[str, list[float]]] = {}
        for found in self.conclusion.perspectives:
            for value in self.conclusion.values:
                for each in found.turned_by[value]:
                    turned.setdefault(each, {}).setdefault(found.perspective, []).append(value)
        told = []
        for scenario, found_at in turned.items():
            shown = {
                self.words.perspective(name): self.words.joined([self.words.stated(each) for each in values])
                for name, values in found_at.items()
            }
            if 1 < len(shown) == len(self.conclusion.perspectives) and len(set(shown.values())) == 1:
                shown = {self.say("turned_every"): next(iter(shown.values()))}
            places = [self.say("turned_at", perspective=name, values=values) for name, values in shown.items()]
            told.append(f"{self.words.scenario(scenario)} ({'; '.join(places)})")
        return [self.say("turned_in", analyses=", ".join(told))] if told else []

    def _sensitivity(self, *, brief: bool = False) -> str:
        """Return which sensitivity analyses prefer another option, and where."""
        conclusion = self.conclusion
        if not conclusion.values:
            return ""
        shortened = brief and self.words.analysis.effect.exists
        told = self._turned_briefly() if shortened else self._turned()
        alone = set(conclusion.compared) <= {"complete-case"}
        if not told and conclusion.compared:
            key = "turned_none_complete" if alone else "turned_none"
            told = [self.say(key, n=self.locale.number(len(conclusion.compared)))]
        if alone:
            told.append(self.say("only_complete" if conclusion.compared else self._none_done()))
        return " ".join(map(capital, told))

    def _none_done(self) -> str:
        """Return the key of why not even complete cases are a sensitivity analysis."""
        if not any(self.conclusion.incomplete.values()):
            return "none_done_whole"
        return "none_done_deaths" if self.words.selected_by_death else "none_done"

    # Doubts -----------------------------------------------------------------------------------------------------------

    def doubt(self, doubt: Doubt) -> str:
        """Return a doubt about the analysis in the language."""
        about = {name: self._about(name, value) for name, value in doubt.about.items()}
        return self.words.text("trial_doubt", doubt.code, **about)

    def _about(self, name: str, value: Any) -> str:  # noqa: ANN401 (plain JSON)
        words = self.words
        if name == "strategies":
            return words.joined([words.names[each] for each in value])
        if name == "strategy":
            return words.names[value]
        if name == "perspective":
            return words.perspective(value)
        if name == "share":
            return self.locale.share(value)
        digits = {"error": 3, "target": 3, "df": 1, "ratio": 1, "effective": 1}.get(name, 0)
        return self.locale.number(value, digits)

    def _clusters(self) -> list[str]:
        """Return that there are few clusters, where the analysis has no doubt of its own about them."""
        count, analysis = self.words.analysis.description.clusters, self.words.analysis
        told = any(each.code.startswith("clusters") for each in self.conclusion.doubts)
        if count is None or count >= FEW_CLUSTERS or analysis.model != "mixed" or told:
            return []
        return [self.words.method("clusters_few", n=self.locale.number(count), few=FEW_CLUSTERS)]

    def _seeds(self) -> Iterable[str]:
        """Yield where another seed could change how sure a preference is called, so that the weaker word holds."""
        several = len(self.conclusion.perspectives) > 1
        for each in self.conclusion.perspectives:
            for at in each.conclusion.values:
                if at.probability is not None and not at.equal and at.certainty != certainty(at.probability, at.range):
                    told = {
                        "at": self.value(at.value),
                        "probability": self.locale.chance(at.probability, 3),
                        "error": self.words.error(at.monte_carlo_error or 0.0),
                        "perspective": self.perspective(each.perspective),
                    }
                    yield capital(self.say("seed_from" if several else "seed", **told))

    def _data_warnings(self) -> list[str]:
        count = self.conclusion.data_warnings
        return [self.say("data_warnings", n=self.locale.number(count))] if count else []
