"""Monitoring of substitution: what to count, and how many patients tell the budget's share from another."""

from __future__ import annotations

from dataclasses import replace

import pytest
from scipy.stats import binom
from shipped import NAMES, assessed

import hecon
from hecon.assessment.budgets import ALPHA, POWER, monitoring
from hecon.budget import Conventions, Flow, Parameter, Plan, Population, break_even
from hecon.locale import LANGUAGES, Locale
from hecon.payment import patients_needed
from hecon.report.document import Heading, Paragraph, Table
from hecon.report.sections import monitoring as section

WITH = ("acl-rupture", "meniscal-tear-degenerative", "meniscal-tear-traumatic")


def tables(name, lang):
    """Return the tables of the annex."""
    return [each for each in section.annex(assessed(name), Locale(lang)) if isinstance(each, Table)]


@pytest.mark.parametrize("name", [name for name in NAMES if name not in WITH])
def test_without_a_substitution_there_is_nothing_to_say(name):
    """No section, and null in the data."""
    found = assessed(name)

    assert monitoring(found) is None
    assert section.annex(found, Locale("nl")) == []
    assert section.data(found, Locale("nl")) == {"monitoring": None}


@pytest.mark.slow
@pytest.mark.counted
def test_operations_fall_as_the_budget_assumes():
    """10,139 reconstructions, of which uptake 25, 75 and 75% and half avoided leave 8,872, 6,337 and 6,337."""
    found = monitoring(assessed("acl-rupture"))
    counts = {each.flow: (each.now, *each.expected) for each in found.watched}

    assert counts["operation"] == pytest.approx((10139, 10139 * 0.875, 10139 * 0.625, 10139 * 0.625))
    assert counts["exercise"] == pytest.approx((0, 10139 * 0.25, 10139 * 0.75, 10139 * 0.75))
    assert [each.flow for each in found.watched] == ["operation", "exercise"]
    assert [each.flow for each in found.watched if each.replaced] == ["operation"]
    assert found.averaged == (("patients", "aftercare"),)
    assert (found.share, found.entrants) == (0.5, pytest.approx(10139 * 0.25))


@pytest.mark.slow
@pytest.mark.counted
@pytest.mark.parametrize(("name", "share"), [("acl-rupture", 0.5), (WITH[1], 0.3), (WITH[2], 0.45)])
def test_the_numbers_of_patients_are_those_of_the_sample_size_verb(name, share):
    """Exact up to a thousand, against the break-even, five and ten points more, and the plan's own scenarios."""
    found = monitoring(assessed(name))

    assert found.share == pytest.approx(share)
    assert [each.patients for each in found.targets] == sorted(each.patients for each in found.targets)
    kinds = [each.kind for each in found.targets]
    assert sorted(kinds) == ["break_even", *(["scenario"] if name != "acl-rupture" else []), "shift", "shift"]
    for each in found.targets:
        pair = (each.share, share) if each.kind == "break_even" else (share, each.share)
        rough = patients_needed(*pair, power=POWER, alpha=ALPHA)
        assert each.patients == (
            rough if rough > 1000 else patients_needed(*pair, power=POWER, alpha=ALPHA, exact=True)
        )
    shifts = sorted(each.share for each in found.targets if each.kind == "shift")
    assert shifts == pytest.approx([share + 0.05, share + 0.10])


def test_so_many_patients_do_see_it():
    """By the binomial distribution itself: the least number of operations that 5% allows, and how often 60% has it."""
    (target,) = (each for each in monitoring(assessed("acl-rupture")).targets if each.share == pytest.approx(0.6))
    edge = binom.isf(ALPHA, target.patients, 0.5) + 1

    assert binom.sf(edge - 1, target.patients, 0.6) >= POWER
    assert binom.sf(edge - 1, target.patients, 0.5) <= ALPHA


def test_the_break_even_is_the_nearest_of_both_scenarios():
    """That of the maximum, where less of the saving is left."""
    found = assessed("acl-rupture")
    (target,) = (each for each in monitoring(found).targets if each.kind == "break_even")
    ends = [
        value
        for end in ("minimum", "maximum")
        for value in break_even(found.budget.plan, of="share_avoided", scenario=end)
    ]

    assert target.share == pytest.approx(1 - max(ends) / 100)


def other(plan):
    """Return the assessment of the ligament with another plan."""
    found = assessed("acl-rupture")
    uptake = {"stated": tuple(hecon.budget.uptake(plan).values.tolist())}
    impact = hecon.budget_impact(plan)
    return replace(
        found,
        budget=replace(
            found.budget, plan=plan, impact=impact, as_printed=None, lead="stated", uptake=uptake, break_even={}
        ),
    )


def plan(share="1 - avoided", **changed):
    """Return a plan in which some operations are replaced."""
    label = {"nl": "Operatie", "en": "Operation"}
    operation = Flow("operation", quantity=1, price=5000, sector="specialist care", label=label)
    new = (
        replace(operation, share=share),
        Flow("exercise", quantity=10, price=40, sector="primary paramedical", label=label),
    )
    return Plan(
        "knee",
        years=(2025, 2026),
        base_year=2024,
        price_year=2024,
        parameters={"avoided": Parameter(0.5), "size": Parameter(100)},
        populations=(
            Population("patients", size="size", current=(operation,), new=new, label={"nl": "Wie", "en": "Who"}),
        ),
        conventions=Conventions(uptake=(0.5, 1), inflation_rule="none", demographic_growth=0.1),
        substitution=("avoided", (0.0, 1.0)),
        **changed,
    )


def test_a_growing_population_is_counted():
    """By 10% a year from the base year on."""
    found = monitoring(other(plan()))
    (care,) = (each for each in found.watched if each.replaced)

    assert care.expected == pytest.approx((100 * 1.1 * 0.75, 100 * 1.21 * 0.5))


@pytest.mark.parametrize(
    ("share", "shares"),
    [("1 - avoided", [0.55, 0.6]), ("avoided * 1.86", [0.98]), ("1 - 2 * avoided", []), ("0.2", None)],
)
def test_shares_that_cannot_be_told_apart_are_left_out(share, shares):
    """Those outside 0 to 1; and a plan whose substitution is no share has none."""
    changed = plan(share)
    if share == "1 - 2 * avoided":
        changed = replace(changed, substitution=("avoided", (0.0, 0.5)))
    found = monitoring(other(changed))

    if shares is None:
        assert (found.replaced, found.share, found.targets) == (None, None, ())
    else:
        assert sorted(each.share for each in found.targets) == pytest.approx(shares)


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize(("share", "shown"), [("1 - 2 * avoided", "0%"), ("2 * avoided", "100%")])
def test_a_share_of_none_or_all_says_why_there_is_no_number(share, shown, lang):
    """In place of the table; the first patient tells."""
    changed = replace(plan(share), substitution=("avoided", (0.0, 0.5)))
    found = monitoring(other(changed))
    blocks = section.annex(other(changed), Locale(lang))

    assert found.targets == ()
    assert found.left_out
    assert Paragraph(Locale(lang).text("monitoring.certain", share=shown)) in blocks
    assert len([each for each in blocks if isinstance(each, Table)]) == 1


@pytest.mark.parametrize("lang", LANGUAGES)
def test_another_share_of_none_or_all_is_named(lang):
    """Beside the table of those that can be told apart: 93 + 10 points is no share."""
    changed = other(plan("avoided * 1.86"))
    told = [each.text for each in section.annex(changed, Locale(lang)) if isinstance(each, Paragraph)]
    start = Locale(lang).text("monitoring.left_out", others="").partition(":")[0]

    assert [round(each.share, 2) for each in monitoring(changed).left_out] == [1.03]
    assert [text for text in told if text.startswith(start) and "103%" in text]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_care_of_which_only_the_average_is_known_counts_no_patients(lang):
    """Named below the table, with whose it is where there are several populations."""
    blocks = section.annex(assessed("acl-rupture"), Locale(lang))
    name = next(
        each.label[lang] for each in assessed("acl-rupture").budget.plan.populations[0].current if each.averaged
    )

    assert name not in {row[0] for row in tables("acl-rupture", lang)[0].rows}
    assert Paragraph(Locale(lang).text("monitoring.averaged", names=name)) in blocks


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_substitution_that_is_no_share_is_said_to_be_none(lang):
    """And only what is counted is shown."""
    locale = Locale(lang)
    blocks = section.annex(other(plan("0.2")), locale)

    assert blocks[1] == Paragraph(locale.text("monitoring.no_share"))
    assert [type(each) for each in blocks] == [Heading, Paragraph, Paragraph, Table]


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("name", WITH)
def test_the_annex_tells_all_that(name, lang):
    """The claims with their source, what to count, how many are needed, by which rule, and when it is known."""
    locale = Locale(lang)
    blocks = section.annex(assessed(name), locale)
    counts, needed = tables(name, lang)
    found = monitoring(assessed(name))

    assert "bijlage 2, Databronnen & Methoden" in blocks[2].text
    assert len(counts.rows) == len(found.watched)
    assert [row[2] for row in needed.rows] == [locale.number(each.patients) for each in found.targets]
    assert ("2027" in blocks[-1].text) == (name == "acl-rupture")


def test_more_patients_than_begin_are_said_to_be_more():
    """29% and 30% are told apart by more patients than begin in the first year."""
    (row,) = (row for row in tables("meniscal-tear-degenerative", "nl")[1].rows if row[1] == "29%")

    assert row[3] == "meer dan 100%"


@pytest.mark.slow
def test_the_data_are_derived():
    """With the rule, and the numbers of the annex."""
    told = hecon.summary(assessed("acl-rupture"), lang="en").data["monitoring"]

    assert told["status"] == "derived"
    assert "one-sided test at 5%, with a power of 80%" in told["rule"]
    assert [each["patients"] for each in told["targets"]] == [
        each.patients for each in monitoring(assessed("acl-rupture")).targets
    ]
    assert told["counts"][0]["flow"] == "operation"
    assert told["claims"]["sources"][0]["document"] == "zorginstituut-2024"


def test_a_base_year_that_is_not_known_is_now():
    """The column says so."""
    found = other(replace(plan(), base_year=None, conventions=Conventions(uptake=(0.5, 1), inflation_rule="none")))

    assert section.annex(found, Locale("nl"))[3].header[2] == "nu"


def test_several_populations_are_named():
    """Each kind of care with whose it is."""
    two = plan()
    both = (*two.populations, replace(two.populations[0], id="others", label={"nl": "Anderen", "en": "Others"}))
    found = other(replace(two, populations=both))
    rows = section.annex(found, Locale("en"))[3].rows

    assert [row[0].split(":")[0] for row in rows[:2]] == ["Who", "Others"]


def test_those_who_begin_are_of_the_population_of_the_share():
    """A second population has a share of its own; both grow with the population."""
    single = plan()
    own = single.populations[0]
    first = monitoring(other(single))
    both = monitoring(other(replace(single, populations=(own, replace(own, id="others")))))

    assert first.entrants == pytest.approx(100 * 1.1 * 0.5)
    assert both.entrants == first.entrants
