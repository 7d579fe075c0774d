"""The value of further research: what uncertainty costs, what drives it, and what a study would be worth."""

from __future__ import annotations

import math
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from hecon.assessment.information import stated_study
from hecon.assessment.records import ModelResult
from hecon.assessment.worth import LIFETIMES, PER, not_computed, studies_aside
from hecon.dossier.model_studies import CostEffectTrial, NormalTrial
from hecon.locale import MILLION
from hecon.report.document import Block, Bullets, Heading, Paragraph, Table, drawn
from hecon.report.isolating import isolate
from hecon.report.words.answers import AnswerWords
from hecon.report.words.common import cited, within

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hecon.assessment import Assessment
    from hecon.assessment.concluding import Preference
    from hecon.assessment.information import ParameterValues, StatedStudy
    from hecon.assessment.worth import BestSize, Information, StudyWorth
    from hecon.dossier.loading import FurtherStudy
    from hecon.dossier.model_studies import AnyStudy
    from hecon.locale import Locale

__all__ = ["annex", "blocks", "data", "study_data", "worth_sentence"]


# Parameters that the text names, and rows of the table.
_MOST_TOLD, _MOST_ROWS = 3, 15
# A line has two ends.
_FEWEST_SIZES = 2
# Share of the EVPI below which a parameter is not named; and standard errors within which a value is none.
_TELLING, _Z = 0.01, 1.96


def _two_digits(value: float) -> int:
    """Return the decimals that leave a number two significant digits."""
    return max(1 - math.floor(math.log10(abs(value))), 0) if value else 0


class _Words:
    """The words of the value of information of one assessment."""

    def __init__(self, assessment: Assessment, locale: Locale) -> None:
        name = assessment.information[0].comparison
        self.result = next(each for each in assessment.comparisons if each.spec.id == name)
        self.answer = AnswerWords(assessment, self.result, locale)
        self.assessment, self.locale, self.figures = assessment, locale, self.answer.figures

    def say(self, key: str, **values: object) -> str:
        return self.locale.text(f"worth.{key}", **values)

    def money(self, value: float) -> str:
        return self.answer.amount(value)

    def total(self, value: float) -> str:
        """Return an amount for all patients: two digits, from a million on in tenths of a million."""
        currency = self.result.spec.currency
        digits = 1 - math.floor(math.log10(abs(value))) if value and abs(value) < MILLION else 0
        return self.locale.amount(round(value, digits if abs(value) < 1 else min(digits, 0)), currency)

    def lifetimes(self, values: Mapping[float, float]) -> dict[str, str]:
        return dict(zip(("five", "ten", "twenty"), (self.total(values[each]) for each in LIFETIMES), strict=True))

    def worth(self, found: Information) -> str:
        """Return what a wrong decision costs per patient."""
        told = {"at": self.answer.value(found.value), "evpi": self.money(found.evpi)}
        if found.evpi_range is None:
            return self.say("worth", **told)
        low, high = map(self.money, found.evpi_range)
        return self.say("worth_range", range=self.locale.text("range", low=low, high=high), **told)

    def population(self, found: Information) -> str:
        rate = self.say("undiscounted")
        if found.discount is not None:
            rate = self.say("discounted", rate=self.figures.percentage(Decimal(str(found.discount))))
        values = {**self.lifetimes(found.population_evpi), "rate": rate}
        figure = next((each for each in self.assessment.dossier.figure if each.id == found.counted), None)
        if figure is None or figure.value is None:
            return self.say("population_unknown", per=self.locale.number(PER), **values)
        told = {"what": within(self.locale.pick(figure.name)), "sources": cited(figure.sources)}
        return self.say("population", n=self.locale.as_given(figure.value), **told, **values)

    def preference(self, found: Information) -> Preference:
        return next(each for each in self.result.preferences if each.value == found.value)

    def driver(self, found: Information) -> str:
        """Return of which of the two differences certainty is worth more; of a model of which parameters."""
        if found.values is not None:
            return self._parameters(found, found.values)
        return self.say(
            "driver", cost=self.money(found.evppi["delta_cost"]), effect=self.money(found.evppi["delta_effect"])
        )

    def parameter(self, name: str) -> str:
        """Return the name of a parameter of the model."""
        return isolate(self.figures.model_parameter(name))

    def _parameters(self, found: Information, values: ParameterValues) -> str:
        """Return the parameters that it is worth most to learn, each alone."""
        if values.reason is not None:
            return self.say(f"parameters_{values.reason}")
        n = self.locale.number(len(found.parameters))
        told = [each for each in found.parameters if each.evppi > max(_Z * each.se, _TELLING * found.evpi)]
        if not told:
            return self.say("parameters_none", n=n)
        first, *others = told[:_MOST_TOLD]
        key = "parameters_first" if len(found.parameters) > 1 else "parameters_only"
        parts = [self.say(key, n=n, name=self.parameter(first.name), evppi=self.money(first.evppi))]
        if others:
            listed = [f"{self.parameter(each.name)} ({self.money(each.evppi)})" for each in others]
            parts.append(self.say("parameters_next", others=", ".join(listed)))
        return " ".join(parts)

    def size(self, n: float, found: Information) -> str:
        return self.figures.study_size(n, found.arms)

    def study(self, found: Information) -> str:
        """Return what a study as large as the last and one of four times its size are worth; of a model the stated."""
        if found.values is not None:
            return "" if found.stated is None else self._stated(found, found.stated)
        if found.patients is None:
            return self.say("no_patients", trial=self.result.spec.trial)
        months = self.locale.as_given(self.result.spec.horizon_months)
        same = next(each for each in found.studies if each.n == max(round(found.patients), 1))
        largest = found.studies[-1]
        about = {"n": self.locale.number(same.n), "months": months, "evsi": self.money(same.evsi)}
        total = self.total(largest.population[LIFETIMES[1]])
        parts = [
            self.say("study", trial=self.result.spec.trial, **about, **self._for_all(found, same.population)),
            self.say("study_large", n=self.locale.number(largest.n), total=total),
            self._best(found) if found.best else self.say("no_costs"),
        ]
        return " ".join(parts)

    def _stated(self, found: Information, stated: StatedStudy) -> str:
        """Return what the study that the dossier states of a model is worth: at its best size, or else its largest."""
        if not found.studies:
            return self.say("stated_few_draws")
        sizes = {each.n: each for each in found.studies}
        best = found.best[LIFETIMES[1]].n if found.best else 0
        told = sizes[best or max(sizes)]
        of_told = {"size": self.size(told.n, found), "evsi": self.money(told.evsi), "se": self.money(told.se or 0.0)}
        first, about = found is self.assessment.information[0], dict[str, str]()
        if first:
            months = self.locale.as_given(stated.study.follow_up_months)
            about = {"what": self.figures.measures(stated.study), "months": months}
        others = [sizes[n] for n in dict.fromkeys((min(sizes), max(sizes))) if n != told.n]
        parts = [
            self.say("stated" if first else "stated_same", **about, **of_told, **self._for_all(found, told.population)),
            *(self.say("stated_other", size=self.size(each.n, found), evsi=self.money(each.evsi)) for each in others),
            self._best(found) if found.best else self.say("no_costs"),
        ]
        return " ".join(parts)

    def _for_all(self, found: Information, values: Mapping[float, float]) -> dict[str, str]:
        key = "for_all" if found.counted is not None else "for_some"
        return {"total": self.say(key, per=self.locale.number(PER), **self.lifetimes(values))}

    def _best(self, found: Information) -> str:
        best = found.best[LIFETIMES[1]]
        if best.n == 0:
            return self.say("best_none")
        ends = {key: self.locale.number(getattr(best, key)) for key in ("low", "high")}
        enbs = self.total(best.enbs)
        if best.se is not None:
            enbs = self.say("with_error", value=enbs, se=self.total(best.se))
        key = "best_alone" if best.low == best.high else "best"
        text = self.say(key, size=self.size(best.n, found), **ends, enbs=enbs)
        return f"{text} {self.say('best_edge')}" if best.at_edge else text

    def turning(self, found: Information) -> str:
        """Return how much worse the preferred option would have to be for the preference to turn."""
        at = self.preference(found)
        if at.equal or not found.turning:
            return ""
        effect = found.turning.get("effect")
        names = {"option": self.answer.name(at.option), "cost": self.money(abs(found.turning["cost"]))}
        if effect is None:
            return self.say("turning_cost", **names)
        unit = self.result.spec.effect_unit
        return self.say("turning", effect=f"{self.locale.number(abs(effect), _two_digits(effect))} {unit}", **names)

    def weighed(self, found: Information) -> str:
        if found.weighed is None:
            return ""
        if found.weighed.option is None:
            return self.say("weighed_equal")
        at = self.preference(found)
        key = "weighed_same" if found.weighed.option == at.option else "weighed_other"
        probability = self.figures.probability(found.weighed.probability)
        return self.say(key, option=self.answer.name(found.weighed.option), probability=probability)


def worth_sentence(assessment: Assessment, locale: Locale) -> str:
    """Return what certainty and a study with costs on file are worth, for the brief note; empty if not computed."""
    if not assessment.information:
        return ""
    words, found = _Words(assessment, locale), assessment.information[0]
    key = "brief" if found.counted is not None else "brief_unknown"
    told = {"total": words.total(found.population_evpi[LIFETIMES[1]]), "evpi": words.money(found.evpi)}
    text = words.say(key, at=words.answer.value(found.value), per=locale.number(PER), **told)
    if not found.best:
        return text
    best = found.best[LIFETIMES[1]]
    if best.n == 0:
        return f"{text} {words.say('brief_none')}"
    return f"{text} {words.say('brief_best', size=words.size(best.n, found), enbs=words.total(best.enbs))}"


def blocks(assessment: Assessment, locale: Locale) -> list[Block]:
    """Return what uncertainty costs and what research would be worth, in words and one figure, or why it does not."""
    aside = [Paragraph(text) for text in _aside(assessment, locale)]
    if not assessment.information:
        why = None if assessment.conclusion is None else not_computed(assessment, assessment.conclusion)
        lines = [Paragraph(locale.text(f"worth.not_computed_{why}")), *aside] if why else aside
        return [Heading(2, locale.text("worth.heading")), *lines] if lines else []
    words = _Words(assessment, locale)
    told: list[Block] = [Heading(2, words.say("heading"))]
    for found in assessment.information:
        if len(assessment.information) > 1:
            told.append(Heading(3, words.say("at_value", at=words.answer.value(found.value))))
        told.append(Paragraph(" ".join((words.worth(found), words.population(found)))))
        if found.values is None:
            told.append(Paragraph(" ".join((words.study(found), words.driver(found)))))
        else:
            told += [Paragraph(part) for part in (words.driver(found), words.study(found)) if part]
        turns = [part for part in (words.turning(found), words.weighed(found)) if part]
        told += [Paragraph(" ".join(turns))] if turns else []
    return [*told, *aside, *_figure(words, assessment.information[0])]


def _aside(assessment: Assessment, locale: Locale) -> list[str]:
    """Say of each study that the dossier states and the note does not value that it is so, and what values it."""
    concluded = () if assessment.conclusion is None else assessment.conclusion.compared
    results = {each.spec.id: each for each in assessment.comparisons}
    told = []
    for name in studies_aside(assessment):
        words = AnswerWords(assessment, results[name], locale)
        unit = f"{words.result.spec.currency} per {words.result.spec.effect_unit}"
        key = "study_without_value" if name in concluded else "study_aside"
        told.append(locale.text(f"worth.{key}", study=words.study(name), command="hecon voi", unit=unit))
    return told


def _figure(words: _Words, found: Information) -> list[Block]:
    """Return the value of a study by its size, and of a model that of its parameters."""
    told: list[Block] = []
    if found.parameters and found.values is not None:
        caption = words.say("caption_rank", at=words.answer.value(found.value))
        of: dict[str, Any] = {
            "wtp": found.value,
            "names": {each.name: words.parameter(each.name) for each in found.parameters},
        }
        name = f"{words.result.spec.id}-information-rank"
        told.append(drawn("information_rank", name, caption, found.values.found, words.locale, **of))
    if len(found.studies) < _FEWEST_SIZES:
        return told
    key = "caption" if found.stated is None else "caption_stated"
    caption = words.say(key, at=words.answer.value(found.value), trial=words.result.spec.trial)
    name, how = f"{words.result.spec.id}-study-size", {"patients": found.patients}
    simulated = words.result.simulated
    return [*told, drawn("study_size", name, caption, found.curve, words.locale, simulated=simulated, **how)]


def annex(assessment: Assessment, locale: Locale) -> list[Block]:
    """Return the sizes of further studies in a table, and how they were computed."""
    if not assessment.information:
        return []
    words = _Words(assessment, locale)
    told: list[Block] = [Heading(2, words.say("details"))]
    for found in assessment.information:
        told += [*_sizes(words, found), *_best_sizes(words, found)]
    told += _as_stated(words, assessment.information[0])
    if isinstance(words.result, ModelResult):
        told += [block for found in assessment.information for block in _ranking(words, found)]
        return [*told, Bullets(_of_model(words, assessment.information[0]))]
    price = ("price",) if assessment.information[0].studies else ()
    assumed = [words.say(f"assumed_{key}") for key in ("normal", "spread", "horizon", *price, "delay")]
    return [*told, Bullets(tuple(assumed))]


def _sizes(words: _Words, found: Information) -> list[Block]:
    """Return the value of a study by its size."""
    if not found.studies:
        return []
    model = found.stated is not None
    keys = ("patients" if found.arms == 1 else "n", "per_patient", *(("se",) if model else ()))
    header = tuple(words.say(f"column_{key}") for key in (*keys, "years_5", "years_10", "years_20", "price"))
    rows = tuple(
        (
            words.locale.number(each.n),
            words.money(each.evsi),
            *((words.money(each.se or 0.0),) if model else ()),
            *(words.total(each.population[years]) for years in LIFETIMES),
            words.money(each.population[LIFETIMES[1]] / (found.arms * each.n)),
        )
        for each in found.studies
    )
    per = "" if found.counted is not None else words.say("per_some", per=words.locale.number(PER))
    caption = words.say("sizes_stated" if model else "sizes", at=words.answer.value(found.value), per=per)
    return [Table(caption, header, rows, numeric=tuple(range(len(header))))]


def _best_sizes(words: _Words, found: Information) -> list[Block]:
    """Return the best size of a study by how long the choice remains open."""
    if not found.best:
        return []
    say, number = words.locale.text, words.locale.number
    keys = ("lifetime", "optimal_n_one" if found.arms == 1 else "optimal_n", "range", "enbs")
    model = found.stated is not None

    def told(best: BestSize) -> tuple[str, ...]:
        error = () if not model else ("–",) if best.se is None or best.n == 0 else (words.total(best.se),)
        if best.n == 0:
            return (say("research.no_study"), "–", "–", *error)
        return (number(best.n), words.locale.span(number(best.low), number(best.high)), words.total(best.enbs), *error)

    rows = tuple((number(years), *told(best)) for years, best in found.best.items())
    caption = words.say("best_sizes", at=words.answer.value(found.value))
    header = (*(say(f"research.{key}") for key in keys), *((words.say("column_se"),) if model else ()))
    return [Table(caption, header, rows, numeric=tuple(range(len(header))))]


def _as_stated(words: _Words, found: Information) -> list[Block]:
    """Return the further study as the dossier states it, with what that rests on."""
    rows = [] if found.stated is None else _design(words, found.stated)
    research = words.assessment.dossier.research
    if found.counted is not None and research is not None and research.study is not None:
        rows += _costs(words, research.study)
    keys = ("value", "status", "basis", "source")
    header = (words.say("column_part"), *(words.locale.text(f"column.{key}") for key in keys))
    return [Table(words.say("as_stated"), header, tuple(rows), prose=(1, 3))] if rows else []


def _rests_on(words: _Words, part: AnyStudy | FurtherStudy) -> tuple[str, str, str]:
    """Return the status of what a study is stated to be, its basis and its sources."""
    return words.locale.text(f"status.{part.status}"), words.locale.pick(part.basis), cited(part.sources)


def _design(words: _Words, stated: StatedStudy) -> list[tuple[str, ...]]:
    """Return what a study of a model measures, in how many patients, for how long."""
    study, given = stated.study, words.locale.as_given
    one = "" if stated.arms else "_one"
    parts = {
        "design": words.figures.measures(study),
        f"sizes{one}": ", ".join(words.locale.number(n) for n in sorted(study.n)),
        "follow_up": given(study.follow_up_months),
    }
    if stated.arms:
        parts["arms"] = ", ".join(words.answer.name(option) for option in stated.arms)
    if isinstance(study, NormalTrial):
        parts["sd"] = given(study.sd)
    if isinstance(study, CostEffectTrial):
        parts["sd"] = f"{words.figures.money(study.sd[0])}, {given(study.sd[1])} {words.result.spec.effect_unit}"
        parts["correlation"] = given(study.correlation)
    # Names of parameters are as the file has them; what is written for a reader is as the note shows it.
    compared = () if words.assessment.conclusion is None else words.assessment.conclusion.compared
    shown = stated_study(each.spec for each in words.assessment.comparisons if each.spec.id in compared)
    rests_on = _rests_on(words, study if shown is None else shown.study)
    return [(words.say(f"part_{key}"), text, *rests_on) for key, text in parts.items()]


def _costs(words: _Words, study: FurtherStudy) -> list[tuple[str, ...]]:
    """Return what a study takes."""
    parts = {
        "fixed_cost": words.money(float(study.fixed_cost)),
        "cost_per_patient": words.money(float(study.cost_per_patient)),
        "recruited": words.locale.as_given(study.recruited_per_year),
        "analysis": words.locale.as_given(study.analysis_months),
    }
    return [(words.say(f"part_{key}"), text, *_rests_on(words, study)) for key, text in parts.items()]


def _ranking(words: _Words, found: Information) -> list[Block]:
    """Return the parameters of a model by what it is worth to learn each."""
    if not found.parameters:
        return []
    rows = tuple(
        (
            words.parameter(each.name),
            *map(words.money, (each.evppi, each.se, each.out_of_fold)),
            words.total(each.population[LIFETIMES[1]]),
        )
        for each in found.parameters[:_MOST_ROWS]
    )
    per = "" if found.counted is not None else words.say("per_some", per=words.locale.number(PER))
    caption = words.say("ranking", at=words.answer.value(found.value), per=per)
    header = tuple(words.say(f"column_{key}") for key in ("parameter", "per_patient", "se", "out_of_fold", "years_10"))
    table = Table(caption, header, rows, numeric=tuple(range(1, len(header))))
    rest = found.parameters[_MOST_ROWS:]
    if not rest:
        return [table]
    n, most = words.locale.number(len(rest)), words.money(rest[0].evppi)
    return [table, Paragraph(words.say("ranking_rest", n=n, most=most))]


def _of_model(words: _Words, found: Information) -> tuple[str, ...]:
    """Return how the value of a model's parameters was computed."""
    told = [words.say(f"model_{key}") for key in ("regression", "alone", "structure")]
    if found.stated is not None:
        told.append(words.say("model_sampled"))
    elif not studies_aside(words.assessment):
        told.append(words.figures.no_study())
    if found.best:
        told.append(words.say("model_cohort" if found.arms == 1 else "model_trial"))
    capped = [words.locale.number(each.n) for each in found.studies if each.capped]
    if capped:
        told.append(words.say("model_capped", sizes=", ".join(capped)))
    if found.studies:
        told += [words.say("assumed_price"), words.say("assumed_delay")]
    constant = () if found.values is None else found.values.constant
    if constant:
        told.append(words.say("model_constant", names=", ".join(map(words.parameter, constant))))
    return tuple(told)


def data(assessment: Assessment, locale: Locale) -> dict[str, Any]:  # noqa: ARG001 (all sections have both)
    """Return the value of information as plain data."""
    aside = list(studies_aside(assessment))
    information = [_plain(found) for found in assessment.information]
    return {"information": information, **({"studies_not_valued": aside} if aside else {})}


def _plain(found: Information) -> dict[str, Any]:
    plain = {key: value for key, value in vars(found).items() if key not in {"curve", "values", "stated"}}
    study = {} if found.stated is None else {"stated": study_data(found.stated)}
    return {
        **plain,
        **study,
        "parameters": [{**vars(each), "population": _years(each.population)} for each in found.parameters],
        "constant_parameters": [] if found.values is None else list(found.values.constant),
        "parameters_reason": None if found.values is None else found.values.reason,
        "population_evpi": _years(found.population_evpi),
        "studies": [_plain_size(each) for each in found.studies],
        "best": _years({years: _without_error(each) for years, each in found.best.items()}),
        "weighed": None if found.weighed is None else vars(found.weighed),
    }


def _plain_size(worth: StudyWorth) -> dict[str, Any]:
    return {**_without_error(worth), "population": _years(worth.population)}


def _without_error(found: StudyWorth | BestSize) -> dict[str, Any]:
    """Return the fields of a study; the closed form has no error, and nothing to cap."""
    return {key: value for key, value in vars(found).items() if found.se is not None or key not in {"se", "capped"}}


def study_data(stated: StatedStudy) -> dict[str, Any]:
    """Return a study that is stated of a model as plain data."""
    study = stated.study
    about = {"kind": study.kind, "measures": study.measured, "n": sorted(study.n), "arms": list(stated.arms)}
    return {**about, "follow_up_months": study.follow_up_months, "status": study.status}


def _years(values: Mapping[float, Any]) -> dict[str, Any]:
    return {f"{years:g}": value for years, value in values.items()}
