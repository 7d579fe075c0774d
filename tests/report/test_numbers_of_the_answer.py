"""Every number in the conclusion, the key table and the note of one page is that of the assessment, point by point."""

from __future__ import annotations

import math
import re
from decimal import Decimal

import pytest
from shipped import ECONOMIC, NAMES, assessed, each_of

import hecon
from hecon.assessment.worth import PER
from hecon.locale import LANGUAGES, Locale
from hecon.report.document import Bullets, Facts, Figure, Heading, Paragraph, Table
from hecon.report.sections import answer, documents, overview
from hecon.report.words.common import with_numbers

# Whole notes.
pytestmark = pytest.mark.slow

# A number as either language writes it: with a sign, marks of thousands and decimals.
NUMBER = re.compile(r"(?<![\w.,])[−-]?\d[\d.,]*\d|(?<![\w.,])[−-]?\d")
MILLION = 1e6


def read(text, lang):
    """Return a number as a decimal, with the digits that it was written with."""
    thousands, point = (".", ",") if lang == "nl" else (",", ".")
    return Decimal(text.replace("−", "-").replace(thousands, "").replace(point, "."))


def printed(text, lang):
    """Return the numbers that a text prints; one of a paragraph such as 2.2.3 is none."""
    told = NUMBER.findall(text.replace("\N{NO-BREAK SPACE}", " "))
    return [read(each, lang) for each in told if fits(each, lang)]


def is_one_of(number, values):
    """Whether a printed number is one of these, rounded to the digits that it was printed with; signs are words."""
    half = 0.5 * 10.0 ** min(0, number.as_tuple().exponent) * (1 + 1e-6)
    return any(abs(abs(float(number)) - abs(float(value))) <= half for value in values if value is not None)


def strange(text, values, lang):
    """Return the numbers of a text that are none of these values."""
    return [str(each) for each in printed(text, lang) if not is_one_of(each, values)]


def in_words(*texts):
    """Return the numbers that texts of a dossier have in either language, which the note repeats as they are."""
    found = [getattr(each, lang) if hasattr(each, lang) else str(each) for each in texts if each for lang in LANGUAGES]
    return [
        read(each, lang) for text in found for lang in LANGUAGES for each in NUMBER.findall(text) if fits(each, lang)
    ]


def fits(text, lang):
    """Whether the language can have written a number so."""
    try:
        read(text, lang)
    except ArithmeticError:
        return False
    return True


# What each part may print ---------------------------------------------------------------------------------------------


def at_value(at):
    """Return what is told of a preference: the value, the probability, its range and its Monte Carlo error."""
    error = at.monte_carlo_error
    return [at.value, at.probability, *(at.range or ()), None if error is None else math.ceil(1000 * error) / 1000]


def of_effects(found):
    """Return both differences and the ratio, as published and recomputed."""
    result = answering(found)
    return [result.delta_cost, result.delta_effect, result.icer, result.published_icer]


def of_clinical(found):
    """Return what the study that the dossier names reported: the first difference in health, and the cross-over."""
    studies = [each for each in found.dossier.note.study if each.name == found.dossier.answer.study]
    told = []
    for study in studies:
        first = next((each for each in study.outcome if each.of == "health"), None)
        if first is not None:
            arms = () if first.arms is None else first.arms.mean
            least = first.minimal_important_difference
            told += [
                first.estimate,
                *(first.ci or ()),
                100 * first.level,
                first.p,
                first.p_below,
                *arms,
                first.margin,
                least,
            ]
            told += in_words(first.name, first.remark, first.relevance and first.relevance.text, first.instrument)
        for fact in study.fact:
            if fact.kind == "crossover":
                told += [fact.percent, fact.count, fact.of, fact.within_months, fact.mean_months]
    return told


def of_values(found):
    """Return the other values with their probabilities, and the value at which the preference turns."""
    return [*(each for at in found.conclusion.values for each in at_value(at)), found.conclusion.turning_value]


def of_wrong(found):
    """Return the expected loss at the value that counts."""
    return [None if found.conclusion.at is None else found.conclusion.at.expected_loss]


def of_burden(found):
    """Return the reference value, the shortfall, and what the dossier says of the burden."""
    sources = in_words(*(f"{each.document}, {each.place}" for each in found.dossier.burden.sources))
    return [found.reference_value, found.burden.proportional, *in_words(found.dossier.burden.basis), *sources]


def of_budget(found):
    """Return the last year, and its totals in millions by either way of counting."""
    years = [] if found.budget is None else found.budget.plan.years
    impacts = [] if found.budget is None else [each for each in (found.budget.impact, found.budget.as_printed) if each]
    totals = [
        float(each) / MILLION for impact in impacts for each in impact["total"].sel(year=years[-1]).to_numpy().ravel()
    ]
    return [*years[-1:], *totals, *in_words(found.dossier.note.no_budget and found.dossier.note.no_budget.text)]


def of_doubt(found):
    """Return the values, and the net benefits of the estimates that tell otherwise."""
    values = found.conclusion.values
    return [*(at.value for at in values), *(each.net_benefit for at in values for each in at.contradicted_by)]


def of_rests(found):
    """Return how many figures have each status, and how many findings each severity."""
    severities = [each.severity for each in found.findings]
    statuses = found.statuses.values()
    return [*statuses, sum(statuses), 0, *(severities.count(each) for each in severities)]


def of_research(found):
    """Return the value of certainty: per patient and in all, over which years and for how many patients."""
    told = [each for each in found.information if each.comparison == found.conclusion.comparison]
    amounts = [each.evpi for each in told] + [each.per_year for each in told] + [PER]
    totals = [
        (years, total / MILLION, float(f"{total:.1e}"))
        for each in told
        for years, total in each.population_evpi.items()
    ]
    return [*amounts, *(part for each in totals for part in each)]


def of_parties(found):
    """Return the dates of the judgements."""
    criteria = found.dossier.note.criteria
    days = [each.judged_on for each in (criteria.effectiveness, criteria.cost_effectiveness) if each and each.judged_on]
    return [part for day in days for part in (day.year, day.day)]


def of_expert(found):
    """Return what the expert concluded, with its sources."""
    told = found.dossier.note.conclusion
    return [] if told is None else in_words(told.text, *(f"{each.document}, {each.place}" for each in told.sources))


def of_nothing(_):
    """Return nothing."""
    return []


PARTS = {
    "effects": of_effects,
    "clinical": of_clinical,
    "values": of_values,
    "wrong": of_wrong,
    "burden": of_burden,
    "budget": of_budget,
    "doubt": of_doubt,
    "rests": of_rests,
    "research": of_research,
    "parties": of_parties,
    "expert": of_expert,
    "standing": of_nothing,
}


def answering(found):
    """Return the comparison that answers."""
    return next(each for each in found.comparisons if each.spec.id == found.conclusion.comparison)


def names_of(found):
    """Return the names of options and trials."""
    return [each.name for each in found.dossier.intervention] + [each.trial for each in found.dossier.comparison]


def strange_facts(facts, found, lang):
    """Return the numbers of the points below the answer that are not what each is about."""
    keys = {Locale(lang).text(f"conclusion.{key}"): key for key in PARTS}
    names = in_words(*names_of(found))
    told = {}
    for label, text in facts.pairs:
        values = [*PARTS[keys[label]](found), *names, found.reference_value]
        told[keys[label]] = strange(text, values, lang)
    return {key: numbers for key, numbers in told.items() if numbers}


# The key table --------------------------------------------------------------------------------------------------------


def expected_cells(result, at, lang):
    """Return the amounts and probabilities that a row prints, by the assessment alone."""
    locale = Locale(lang)
    sign = 1 if at.option == result.spec.intervention else -1
    money = lambda value: locale.money(value, result.spec.currency)  # noqa: E731
    net_benefit = money(result.net_benefit[at.value])
    if result.draws is not None:
        _, low, high = result.curves.net_benefit([at.value], result.spec.intervention, result.spec.comparator)
        net_benefit += f" ({locale.span(money(float(low[0])), money(float(high[0])))})"
    share, span = result.p_cost_effective.get(at.value), result.p_range.get(at.value)
    if share is None:
        return net_benefit, "–"
    shown = locale.chance(share if sign > 0 else 1 - share)
    if span is not None:
        ends = locale.probability_span(*(span if sign > 0 else (1 - span[1], 1 - span[0])))
        shown += "" if ends == shown else f" ({ends})"
    return net_benefit, shown


@each_of(ECONOMIC)
def test_every_number_of_the_key_table_is_the_assessments(name, lang):
    """Row by row: differences, ratio, value, net benefit with its interval, probability with its range."""
    found, locale = assessed(name), Locale(lang)
    rows = iter(overview.key_tables(found, locale)[0].rows)
    for result in found.comparisons:
        reference = {each.reference_value for each in result.judgements}
        shown = [each for each in result.preferences if not reference or each.value in reference]
        for place, at in enumerate(shown):
            row = next(rows)
            if place == 0:
                assert row[1] == locale.money(result.delta_cost, result.spec.currency)
                assert row[2] == locale.number(result.delta_effect, 4)
                assert strange(row[3], [result.icer, result.published_icer], lang) == []
            assert strange(row[4], [at.value], lang) == []
            assert (row[5], row[7]) == expected_cells(result, at, lang)
        if not shown:
            assert [each for cell in next(rows)[1:] for each in printed(cell, lang)] == []
    assert next(rows, None) is None


# The conclusion and the page ------------------------------------------------------------------------------------------


@each_of(ECONOMIC)
def test_every_number_of_the_conclusion_is_the_assessments(name, lang):
    """The answer's sentence and each point below it, in the full note and on the page of its own."""
    found = assessed(name)
    page = hecon.summary(found, lang=lang, length="brief").document.blocks
    named = in_words(
        *(each.name for each in found.dossier.intervention), *(each.trial for each in found.dossier.comparison)
    )
    for blocks in (answer.blocks(found, Locale(lang)), page):
        (sentence,) = [each.text for each in blocks if isinstance(each, Paragraph) and each.strong]
        (facts,) = [each for each in blocks if isinstance(each, Facts)]
        values = [*(value for at in found.conclusion.values for value in at_value(at)), *named]

        decimals = [-each.as_tuple().exponent for _, text in facts.pairs for each in printed(text, lang)]

        assert max(decimals) <= 4
        assert len(printed(sentence, lang)) > 1
        assert strange(sentence, values, lang) == []
        assert strange_facts(facts, found, lang) == {}


@each_of(ECONOMIC)
def test_every_number_of_the_figure_on_the_page_is_the_assessments(name, lang):
    """The probabilities of the comparison that answers, at the values that the figure marks."""
    found = assessed(name)
    result = answering(found)
    (figure,) = [
        each for each in hecon.summary(found, lang=lang, length="brief").document.blocks if isinstance(each, Figure)
    ]
    values = list(result.p_cost_effective)
    ranges = result.curves.ranges(values)
    known = [*values, *result.p_cost_effective.values(), *([] if ranges is None else ranges.ravel().tolist())]

    assert strange(figure.alt, known, lang) == []


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_number_by_another_road_would_be_found(lang):
    """The walk itself: another amount or another probability is no number of its point."""
    found = assessed("acl-rupture")
    (facts,) = [each for each in answer.blocks(found, Locale(lang)) if isinstance(each, Facts)]
    locale = Locale(lang)
    for value, other in ((found.comparisons[0].delta_cost, 7.0), (found.conclusion.turning_value, -11.0)):
        shown, wrong = (locale.money(each) for each in (value, value + other))
        changed = Facts(tuple((label, text.replace(shown, wrong)) for label, text in facts.pairs))

        assert changed != facts
        assert strange_facts(changed, found, lang)


def texts(block):
    """Return the texts of a block."""
    if isinstance(block, (Heading, Paragraph)):
        return [block.text]
    if isinstance(block, Bullets):
        return list(block.items)
    if isinstance(block, Facts):
        return [text for _, text in block.pairs]
    if isinstance(block, Figure):
        return [block.alt]
    assert isinstance(block, Table)
    return [cell for row in block.rows for cell in row]


@each_of(NAMES)
def test_the_page_alone_has_the_documents_that_it_cites(name, lang):
    """Every number in brackets, and the documents of the study that answers, in one line at its end."""
    found = assessed(name)
    page = hecon.summary(found, lang=lang, length="brief").document.blocks
    shown = with_numbers(found.dossier, found.dossier)
    *told, last = [each for block in page for each in texts(block) if each]
    cited = {number for text in told for number in re.findall(r"\[(\d+)\]", text)}
    listed = dict(re.findall(r"\[(\d+)\] ([^;]+)", last))

    assert cited <= listed.keys()
    for number, words in listed.items():
        document = found.dossier.document[int(number) - 1]
        assert shown.document[int(number) - 1].id == f"[{number}]"
        assert words.startswith(document.citation.partition(". ")[0])
        assert document.doi is None or document.doi in words
    own = [each for each in found.dossier.comparison if each.id in found.conclusion.compared]
    assert {source.document for each in own for source in each.sources} <= {
        found.dossier.document[int(number) - 1].id for number in listed
    }


@pytest.mark.parametrize(
    ("citation", "year"),
    [
        ("A B, et al. On tables of 2010. J Sports 2022;56(1):24-28", "2022"),
        ("A B. Pages. J Sports 2016;7:1976-1984", "2016"),
        ("A B. A journal. Radiology 2018", "2018"),
    ],
)
def test_the_year_of_a_citation_is_that_of_its_journal(citation, year):
    """Not one in its title or among its pages."""
    document = assessed("acl-rupture").dossier.document[1].model_copy(update={"citation": citation, "id": "[2]"})

    assert documents._short(document).startswith(f"[2] {citation.partition('. ')[0]}. {year}. doi:")
