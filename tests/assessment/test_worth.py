"""The value of further research: what the verbs give, at the value that counts, and words that say the same."""

import dataclasses
import itertools

import numpy as np
import pytest
from scipy import stats
from shipped import assessed
from two_options import dossier_text

import hecon
from hecon.assessment.information import research_value
from hecon.assessment.worth import information, not_computed
from hecon.dossier import skeleton
from hecon.errors import DossierError
from hecon.locale import LANGUAGES, Locale
from hecon.report.sections import research

NOTES = ("acl-rupture", "meniscal-tear-traumatic", "meniscal-tear-degenerative", "reablement")
NBSP = "\N{NO-BREAK SPACE}"

FIGURE = """
[[figure]]
id = "patients"
name.nl = "Patiënten"
name.en = "Patients"
value = {value}
sources = [{{ document = "example", place = "table 1" }}]
"""
ARMS = """
[[note.study]]
origin = "dutch"
name = "Example 2024"
trial = "{trial}"
text.nl = "Een studie"
text.en = "A study"
sources = [{{ document = "example", place = "table 1" }}]

[[note.study.fact]]
kind = "arms"
value = [60, 120]
intervention.nl = "nieuw"
intervention.en = "new"
comparator.nl = "gebruikelijk"
comparator.en = "usual"
sources = [{{ document = "example", place = "table 1" }}]
"""
STUDY = """
[research.study]
fixed_cost = 100000
cost_per_patient = 1000
recruited_per_year = 400
analysis_months = 6
basis.nl = "verzonnen"
basis.en = "made up"
sources = [{ document = "example", place = "table 1" }]
"""
TRIAL = skeleton("sample").partition('trial = "')[2].partition('"')[0]
RESEARCH = '\n[research]\npopulation = "patients"\n'


def sample(tmp_path, cost=500, effect=0.03, *, se=(400, 0.02), more="", arms=True, **keywords):
    path = tmp_path / "sample.toml"
    text = dossier_text(cost, effect, se=se, more=(ARMS.format(trial=TRIAL) if arms else "") + more, **keywords)
    path.write_text(text, encoding="utf-8")
    return path


def words(assessment, lang):
    blocks = research.blocks(assessment, Locale(lang))
    return " ".join(each.text for each in blocks if hasattr(each, "text")).replace(NBSP, " ")


@pytest.mark.parametrize("name", NOTES)
def test_the_numbers_are_those_of_the_verbs(name):
    """EVPI of the draws, the closed form for one difference and for a study, and all who face the decision."""
    assessment = assessed(name)
    (found,) = assessment.information
    result = next(each for each in assessment.comparisons if each.spec.id == found.comparison)
    closed = hecon.normal_information(
        result.draws,
        wtp=found.value,
        n=[each.n for each in found.studies],
        patients=found.patients,
        comparator=result.spec.comparator,
    )
    people = {"population": found.per_year or 1000, "discount": 0.03}

    assert found.value == assessment.conclusion.at.value == 20_000
    assert found.evpi == assessment.conclusion.at.expected_loss == hecon.evpi(result.draws, wtp=found.value).item()
    assert found.evpi == pytest.approx(closed["evpi"].item(), rel=0.1)  # a few thousand draws
    assert found.evppi == pytest.approx(dict(zip(closed["set"].values, closed["evppi"].values.ravel(), strict=True)))
    assert [each.evsi for each in found.studies] == pytest.approx(closed["evsi"].values.ravel().tolist())
    assert list(found.population_evpi.values()) == pytest.approx(
        hecon.population_value(found.evpi, **people).values.tolist()
    )
    for each in found.studies:
        total = hecon.population_value(each.evsi, delay=float(result.spec.horizon_months) / 12, **people)
        assert list(each.population.values()) == pytest.approx(total.values.tolist())


@pytest.mark.parametrize("name", NOTES)
def test_a_larger_study_is_worth_more_and_never_more_than_certainty(name):
    (found,) = assessed(name).information
    values = [each.evsi for each in found.studies]

    assert values == sorted(values)
    assert max(values) < found.evpi
    assert all(value < found.evpi for value in found.evppi.values())


def test_a_study_as_large_as_the_last_halves_the_variance(tmp_path):
    """With the same information once more the preposterior variance is half of that of net benefit."""
    (found,) = hecon.assess(sample(tmp_path), n_draws=4000).information
    mean, spread = 20_000 * 0.03 - 500, np.hypot(400, 20_000 * 0.02) / np.sqrt(2)
    expected = spread * stats.norm.pdf(mean / spread) - mean * stats.norm.cdf(-mean / spread)
    same = next(each for each in found.studies if each.n == 80)

    assert found.patients == pytest.approx(80)  # the harmonic mean of 60 and 120
    assert same.evsi == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize(("cost", "effect"), [(500, 0.03), (700, 0.03), (-700, -0.03), (-500, 0.01), (500, -0.01)])
@pytest.mark.no_cover
def test_the_preference_turns_where_it_is_said_to(tmp_path, cost, effect):
    """At that change of either difference alone the net benefit is 0, so that neither option is preferred."""
    (found,) = hecon.assess(sample(tmp_path, cost, effect), n_draws=4000).information

    assert found.value * effect - (cost + found.turning["cost"]) == pytest.approx(0, abs=1e-9)
    assert found.value * (effect + found.turning["effect"]) - cost == pytest.approx(0, abs=1e-9)


@pytest.mark.slow
@pytest.mark.parametrize(("saved", "option"), [(1000, "usual-care"), (1500, "new-care"), (1200, None)])
def test_health_lost_counts_twice_where_the_option_asked_about_saves_costs(tmp_path, saved, option):
    assessment = hecon.assess(sample(tmp_path, -saved, -0.03), n_draws=4000)
    (found,) = assessment.information
    cost, effect = (assessment.comparisons[0].draws[name] for name in ("cost", "effect"))
    benefit = (40_000 * effect - cost).sel(strategy=["usual-care", "new-care"])
    better = float((benefit.argmax("strategy") == (0 if option == "usual-care" else 1)).mean())

    assert found.weighed.option == option
    assert found.weighed.net_benefit == pytest.approx(saved - 1200)
    assert found.weighed.probability == pytest.approx(better)
    assert hecon.assess(sample(tmp_path, saved, 0.03), n_draws=4000).information[0].weighed is None


@pytest.mark.slow
def test_the_best_size_is_that_of_brute_force(tmp_path):
    """Of all sizes tried the one with the highest net benefit, recruitment, follow-up and analysis waited for."""
    assessment = hecon.assess(sample(tmp_path, more=FIGURE.format(value=5000) + RESEARCH + STUDY), n_draws=4000)
    (found,) = assessment.information
    follow_up, mean = found.delay, 20_000 * 0.03 - 500
    variance = 400**2 + (20_000 * 0.02) ** 2

    def benefit(n, lifetime):
        spread = np.sqrt(variance / (1 + 80 / n))
        evsi = spread * stats.norm.pdf(mean / spread) - mean * stats.norm.cdf(-mean / spread)
        start = 2 * n / 400 + follow_up + 0.5
        rate = np.log(1.03)
        reached = 5000 * max(np.exp(-rate * start) - np.exp(-rate * lifetime), 0) / rate
        return reached * evsi - 100_000 - 1000 * 2 * n - n * abs(mean)

    for lifetime, best in found.best.items():
        tried = {n: benefit(n, lifetime) for n in range(5, 3000)}
        assert best.enbs == pytest.approx(max(tried.values()), rel=1e-3)
        assert benefit(best.n, lifetime) == pytest.approx(best.enbs)
        assert best.low <= max(tried, key=tried.get) <= best.high
        assert not best.at_edge
    for lang in LANGUAGES:
        locale = Locale(lang)
        assert locale.number(found.best[10.0].n) in words(assessment, lang)
        _, best, stated = (each for each in research.annex(assessment, locale) if hasattr(each, "rows"))
        assert [row[1] for row in best.rows] == [
            locale.number(each.n) if each.n else locale.text("research.no_study") for each in found.best.values()
        ]
        assert {row[2] for row in stated.rows} == {locale.text("status.reported")}
        assert [row[1] for row in stated.rows] == [locale.money(100_000), locale.money(1_000), "400", "6"]


def test_no_size_pays_where_a_study_costs_too_much(tmp_path):
    dear = STUDY.replace("fixed_cost = 100000", "fixed_cost = 1000000000")
    assessment = hecon.assess(sample(tmp_path, more=FIGURE.format(value=5000) + RESEARCH + dear), n_draws=4000)

    assert [each.n for each in assessment.information[0].best.values()] == [0, 0, 0]
    assert Locale("nl").text("worth.best_none") in words(assessment, "nl")


def test_patients_of_the_rules_country_do_not_count_for_a_comparison_of_another(tmp_path):
    """In pounds, at values of its own, the totals are for 1,000 patients a year, and no study in euros is weighed."""
    part = FIGURE.format(value=5000) + RESEARCH + STUDY
    threshold = """
[[comparison.threshold]]
value = 20000
text.nl = "waarde van de bron"
text.en = "value of the source"
sources = [{ document = "example", place = "table 1" }]
"""
    found = hecon.assess(sample(tmp_path, currency="GBP", more=threshold + part), n_draws=4000).information

    assert [(each.value, each.counted, each.per_year, each.best) for each in found] == [(20_000, None, None, {})]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_what_is_not_on_file_is_said(tmp_path, lang):
    """Neither the number of patients nor the size of the trial: no total for all, and no worth of a study."""
    assessment = hecon.assess(sample(tmp_path, arms=False), n_draws=4000)
    (found,) = assessment.information
    told, locale = words(assessment, lang), Locale(lang)

    assert (found.patients, found.per_year, found.studies, found.best) == (None, None, (), {})
    assert locale.text("worth.no_patients", trial=TRIAL) in told
    assert locale.text("worth.population_unknown", per=locale.number(1000), five="|", ten="", twenty="", rate="")[
        :40
    ] in told  # fmt: skip


@pytest.mark.parametrize(
    "make",
    [
        lambda path: sample(path, se=None),
        lambda _: "triage",
    ],
    ids=["no spread", "no comparison"],
)
def test_without_draws_there_is_nothing(tmp_path, make):
    assessment = hecon.assess(make(tmp_path), n_draws=1000)

    assert assessment.information == ()
    assert research.blocks(assessment, Locale("en")) == research.annex(assessment, Locale("en")) == []
    assert research.worth_sentence(assessment, Locale("en")) == ""


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize(
    ("change", "why"),
    [
        (lambda found: {"compared": (*found.compared, "another")}, "several"),
        (lambda _: {}, "skewed"),
    ],
)
def test_why_it_is_not_computed_is_said(change, why, lang):
    """Where the comparison that answers has draws the section never just stays away."""
    assessment = assessed("reablement")
    concluded = dataclasses.replace(assessment.conclusion, **change(assessment.conclusion))
    results = assessment.comparisons
    if why == "skewed":
        skewed = (
            dataclasses.replace(each, fit=each.fit and dataclasses.replace(each.fit, marginal="lognormal"))
            for each in results
        )
        results = tuple(skewed)
    changed = dataclasses.replace(assessment, comparisons=results, conclusion=concluded, information=())
    heading, told = research.blocks(changed, Locale(lang))

    assert not_computed(changed, concluded) == why
    assert information(changed, concluded) == ()
    assert heading.text == Locale(lang).text("worth.heading")
    assert told.text == Locale(lang).text(f"worth.not_computed_{why}")


@pytest.mark.parametrize("cost", [600, 500])
def test_the_range_where_the_probability_tells_nothing_of_the_spread(tmp_path, cost):
    """At P = 0.5 as anywhere: EVPI at the estimate, over what the printed digits of both errors and of 0.0 allow."""
    (found,) = hecon.assess(sample(tmp_path, cost), n_draws=4000).information
    mean, expected = 20_000 * 0.03 - cost, []
    for of_cost, of_effect, rho in ((399.5, 300, 0.05), (400.5, 500, -0.05)):
        spread = np.sqrt(of_cost**2 + of_effect**2 - 2 * rho * of_cost * of_effect)
        expected.append(spread * stats.norm.pdf(mean / spread) - mean * stats.norm.cdf(-mean / spread))

    assert found.evpi_range == pytest.approx(expected, rel=1e-4)


@pytest.mark.slow
def test_without_a_value_that_counts_each_value_is_told(tmp_path):
    found = hecon.assess(sample(tmp_path, band="not judged"), n_draws=4000).information

    assert [each.value for each in found] == [20_000, 50_000, 80_000]


@pytest.mark.parametrize("name", NOTES)
def test_the_range_is_that_of_the_spreads_behind_the_range_of_the_probability(name):
    """At each end of P the spread of net benefit is m / z; rounding, assumptions and the design effect are in both."""
    (found,) = assessed(name).information
    at = assessed(name).conclusion.at

    expected = []
    for probability in at.range:
        spread = at.net_benefit / stats.norm.ppf(probability)
        expected.append(stats.norm.expect(lambda x: max(-x, 0), loc=at.net_benefit, scale=spread, lb=-np.inf, ub=0))
    assert found.evpi_range == pytest.approx(sorted(expected), rel=0.01)
    assert found.evpi_range[0] < found.evpi < found.evpi_range[1]
    result = next(each for each in assessed(name).comparisons if each.spec.id == found.comparison)
    assert research_value(assessed(name), result, wtp=[found.value]).evpi_range == {found.value: found.evpi_range}


@pytest.mark.parametrize(("name", "lang"), list(itertools.product(NOTES, LANGUAGES)))
def test_the_words_hold_the_numbers(name, lang):
    """What a wrong choice costs, what certainty and the next study are worth, and the table of the annex."""
    assessment, locale = assessed(name), Locale(lang)
    (found,) = assessment.information
    told = words(assessment, lang)
    (table,) = (each for each in research.annex(assessment, locale) if hasattr(each, "rows"))

    assert locale.money(found.evpi).replace(NBSP, " ") in told
    assert locale.number(round(found.patients)) in told
    assert [row[0] for row in table.rows] == [locale.number(each.n) for each in found.studies]
    assert locale.money(found.evpi) in research.worth_sentence(assessment, locale)
    if found.per_year is None:
        assert "1.000" in told or "1,000" in told
    else:
        assert locale.number(found.per_year) in told
    assert research.data(assessment, locale)["information"][0]["evpi"] == found.evpi


FAULTS = {
    "an unknown figure": ("patients", "patient", "got 'patient'; did you mean 'patients'?"),
    "no patients": ("value = 5000", "value = 0", "patients per year, got 0"),
    "a range": ("value = 5000", "range = [4000, 5000]", "patients per year, got a range or series"),
    "costs below 0": ("fixed_cost = 100000", "fixed_cost = -1", "must be at least 0, got -1"),
    "nobody recruited": ("recruited_per_year = 400", "recruited_per_year = 0", "must be above 0, got 0"),
}  # fmt: skip


@pytest.mark.parametrize("case", FAULTS)
def test_a_fault_is_named(tmp_path, case):
    old, new, message = FAULTS[case]
    part = RESEARCH + STUDY
    figure = FIGURE.format(value=5000)
    if old == "patients":
        part = part.replace('"patients"', f'"{new}"')
    else:
        part, figure = part.replace(old, new), figure.replace(old, new)
    with pytest.raises(DossierError) as caught:
        hecon.load(sample(tmp_path, more=figure + part))

    assert [message in fault for fault in caught.value.faults] == [True]
    assert "research." in caught.value.faults[0]


def test_a_record_is_frozen():
    (found,) = assessed("reablement").information
    with pytest.raises(dataclasses.FrozenInstanceError):
        found.evpi = 0.0
