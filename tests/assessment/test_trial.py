"""A dossier that names patient data is assessed from them: estimates, draws, verdicts, ranges, faults."""

from __future__ import annotations

import hashlib

import numpy as np
import pytest
import trial_dossiers as trials

import hecon
from hecon import decision, trial, zin
from hecon.assessment.records import ComparisonResult, TrialResult
from hecon.errors import DossierError, InputError, StatisticalWarning, TrialError
from hecon.locale import Locale
from hecon.report.document import Table
from hecon.report.sections.answer import answer_words
from hecon.report.trial_tables import result_blocks
from hecon.report.words.trials import TrialWords
from hecon.trial.analysing import REPLICATES
from hecon.trial.estimates import Estimate
from hecon.trial.sensitivity import Scenario

pytestmark = [pytest.mark.usefixtures("few_samples"), pytest.mark.slow]

SOCIETAL = trials.COMPARISON.format(perspective="societal", extra="")
HEALTHCARE = trials.COMPARISON.format(perspective="healthcare", extra="")
VARIED = trials.COMPARISON.format(perspective="societal", extra="scenarios = true")
N = 4000


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    return trials.write(tmp_path_factory.mktemp("trial"))


@pytest.fixture(scope="module")
def found(path):
    return hecon.assess(path, n_draws=N)


def by_chance(*spans, codes=("main", "complete-case", "worse-all")):
    """Return a stand-in for the scenarios: differences with their probability at each reference value."""

    def scenarios(data, main, *, value_sets, rng):
        del data, value_sets, rng
        return tuple(
            Scenario(code, each.name, "walking", *(Estimate(value, 1.0, 9.0, (0.0, 1.0)) for value in pair), shares)
            for each in main.perspectives
            for code, (pair, shares) in zip(codes, spans, strict=True)
        )

    return scenarios


def shares(low, middle, high):
    """Return probabilities at the reference values."""
    return dict(zip(zin.REFERENCE_VALUES, (low, middle, high), strict=True))


def test_estimates_are_those_of_the_analysis(found):
    """The pooled differences with their t intervals, as hecon.trial gives them with the same stream."""
    for result in found.comparisons:
        own = result.trial.perspective(result.spec.perspective)
        cost, effect = own.delta_cost("walking"), own.delta_effect("walking")

        assert (result.delta_cost, result.delta_effect) == (cost.value, effect.value)
        assert result.intervals == {"delta_cost": cost.interval, "delta_effect": effect.interval}
        assert result.icer == pytest.approx(cost.value / effect.value)
        assert result.quadrant == "NE"
        assert result.net_benefit == {
            value: value * effect.value - cost.value for value in (10_000, 20_000, 50_000, 80_000)
        }


def test_the_analysis_agrees_with_one_made_by_hand(path, found):
    """From the same files, with another seed, the estimates differ by the chance of the imputations alone."""
    by_hand = trial.analyse(path.parent / "trial.csv", path.parent / "trial.toml", rng=3)
    for result in found.comparisons:
        own = by_hand.perspective(result.spec.perspective)

        assert result.delta_cost == pytest.approx(own.delta_cost("walking").value, abs=25)
        assert result.delta_effect == pytest.approx(own.delta_effect("walking").value, abs=0.003)


def test_draws_bear_the_names_of_the_dossier(found):
    """One perspective and two strategies, absolute, the comparator first, with their mean at the estimates."""
    for result in found.comparisons:
        draws = result.draws
        apart = draws.sel(strategy="walking") - draws.sel(strategy="usual-care")

        assert list(draws["strategy"].values) == ["usual-care", "walking"]
        assert draws["cost"].dims == ("draw", "strategy")
        assert (draws.attrs["comparator"], draws.attrs["scale"]) == ("usual-care", "absolute")
        assert draws.attrs["source"].startswith(f"{result.spec.id}, walking (simulated data), sha256 ")
        assert float(apart["cost"].mean()) == pytest.approx(result.delta_cost)
        assert float(apart["effect"].mean()) == pytest.approx(result.delta_effect)


def test_probabilities_are_shares_of_the_draws(found):
    """And lie within Monte Carlo error of those by the t distribution."""
    for result in found.comparisons:
        curve = decision.ceac(result.draws, wtp=list(result.values)).sel(strategy="walking")
        own = result.trial.perspective(result.spec.perspective)

        assert list(result.p_cost_effective.values()) == [float(each) for each in curve.values]
        for value, share in result.p_cost_effective.items():
            assert share == pytest.approx(own.p_cost_effective("walking", wtp=value), abs=4 * 0.5 / N**0.5)


def test_each_reference_value_has_a_verdict(found):
    """Without scenarios there is no range, and nothing can flip within it."""
    for result in found.comparisons:
        assert [each.reference_value for each in result.judgements] == list(zin.REFERENCE_VALUES)
        shown = {each.reference_value: each.p_cost_effective for each in result.judgements}
        assert shown.items() <= result.p_cost_effective.items()
        assert not any(each.flips for each in result.judgements)
        assert (result.p_range, result.net_benefit_range, result.varied, result.sensitivities) == ({}, {}, (), ())
        assert isinstance(result, TrialResult)
        assert (result.reason, result.no_verdict, result.computable) == (None, None, True)


RULES = """format = 1
name = "own"
currency = "GBP"
effect_unit = "QALY"
[[values]]
since = "2020"
status = "read"
source = "a manual"
measure = "proportional shortfall"
shown = [25000, 35000]
[[values.band]]
name = "low"
value = 25000
[[values.band]]
name = "high"
from = 0.5
value = 35000
[[discounting]]
since = "2020"
status = "read"
source = "a manual"
costs = 0.04
effects = 0.035
"""


def test_the_rules_of_the_dossier_are_those_of_its_trial(tmp_path):
    """Currency, values of scenarios, ranges and verdicts, and the rates that the design leaves out."""
    text = VARIED.replace("EUR", "GBP").replace("0.03\n", "0.04\n").replace("0.015", "0.035")
    head = trials.HEAD.replace('name = "walking-note"', 'name = "walking-note"\nrules = "own.toml"')
    (tmp_path / "own.toml").write_text(RULES, encoding="utf-8")
    result = hecon.assess(trials.write(tmp_path, text, head=head), n_draws=200).comparisons[0]

    assert (result.trial.currency, result.draws.attrs["currency"]) == ("GBP", "GBP")
    assert (result.trial.description.discount_cost, result.trial.description.discount_effect) == (0.04, 0.035)
    assert [each.reference_value for each in result.judgements] == [25_000, 35_000]
    assert list(result.p_range) == list(result.net_benefit_range) == [25_000, 35_000]
    with pytest.raises(DossierError, match="currency: must be GBP beside"):
        hecon.load(trials.write(tmp_path, VARIED, head=head))


def test_values_close_together_are_printed_apart(tmp_path):
    """A reference value that is no whole amount stands beside one of the grid that rounds to it."""
    text = VARIED.replace("EUR", "GBP").replace("0.03\n", "0.04\n").replace("0.015", "0.035")
    head = trials.HEAD.replace('name = "walking-note"', 'name = "walking-note"\nrules = "own.toml"')
    rules = RULES.replace("25000", "25000.5")
    (tmp_path / "own.toml").write_text(rules, encoding="utf-8")
    found = hecon.assess(trials.write(tmp_path, text, head=head), n_draws=200)
    analysis = found.comparisons[0].trial
    words = TrialWords(analysis, Locale("en"))
    (table,) = (
        each
        for each in result_blocks(words, analysis.perspectives[0])
        if isinstance(each, Table) and each.header[0] == Locale("en").text("comparison.per_unit", unit="QALY")
    )
    values = [row[0] for row in table.rows]

    assert "£25,000.5" in values
    assert len(set(values)) == len(values)
    assert "£25,000.5 per QALY" in answer_words(found, Locale("en")).value(25_000.5)
    assert "At £25,000.5 per QALY" in hecon.summary(found, lang="en").text("md")


def test_a_trial_is_analysed_once(path, monkeypatch):
    """Two perspectives of one file share the analysis, and so their QALYs."""
    asked = []
    own = trial.analyse
    monkeypatch.setattr(trial, "analyse", lambda *args, **options: asked.append(args) or own(*args, **options))

    first, second = hecon.assess(path, n_draws=100).comparisons

    assert len(asked) == 1
    assert first.trial is second.trial
    assert first.delta_effect == pytest.approx(second.delta_effect, abs=0.005)


@pytest.mark.no_cover
def test_the_other_comparisons_of_a_dossier_change_nothing(tmp_path, found):
    """With a seed a comparison gives the same results, alone or among others, and wherever the files lie."""
    text = trials.REPORTED + HEALTHCARE + SOCIETAL
    among = {each.spec.id: each for each in hecon.assess(trials.write(tmp_path, text), n_draws=N).comparisons}
    alone = hecon.assess(trials.write(tmp_path, SOCIETAL), n_draws=N).comparisons[0]

    for name in ("delta_cost", "delta_effect", "intervals", "p_cost_effective"):
        assert getattr(among["hip-societal"], name) == getattr(found.comparisons[0], name)
        assert getattr(among["hip-healthcare"], name) == getattr(found.comparisons[1], name)
        assert getattr(alone, name) == getattr(found.comparisons[0], name)
    assert among["other"].fit is not None
    assert type(among["other"]) is ComparisonResult


def test_the_method_is_that_of_the_dossier(tmp_path, monkeypatch):
    """Percentile intervals of a bootstrap in which each sample is imputed once."""
    monkeypatch.setitem(REPLICATES, "bootstrap-single", 200)
    text = trials.COMPARISON.format(perspective="societal", extra='method = "bootstrap-single"')

    result = hecon.assess(trials.write(tmp_path, text), n_draws=50).comparisons[0]

    assert result.trial.method == "bootstrap-single"
    low, high = result.intervals["delta_cost"]
    apart = result.trial.perspective("societal").replicates[0] @ np.array([-1.0, 1.0, 0.0, 0.0])
    assert (low, high) == pytest.approx(tuple(np.quantile(apart, [0.025, 0.975])))


def test_provenance_has_the_digests_of_both_files(path, found):
    """Each pair of files once."""
    table, design = (path.parent / name for name in ("trial.csv", "trial.toml"))
    expected = {
        "file": "trial.csv",
        "digest": hashlib.sha256(table.read_bytes()).hexdigest(),
        "design": "trial.toml",
        "design_digest": hashlib.sha256(design.read_bytes()).hexdigest(),
    }

    assert found.provenance["patient_data"] == [expected]
    assert found.comparisons[0].trial_source.arms == {"walking": "walking", "usual-care": "usual"}


def test_simulated_data_are_known_as_such(tmp_path, found):
    """And data of patients are not."""
    assert found.simulated == ("HIP",)
    real = trials.DESIGN.replace("simulated = true", "")
    assert hecon.assess(trials.write(tmp_path, SOCIETAL, design=real), n_draws=10).simulated == ()


def test_nothing_is_missing(tmp_path):
    """A complete table needs no imputation, nor a design more than one perspective."""
    whole = trials.table(np.random.default_rng(2), missing=0.0)
    design = trials.DESIGN.replace('healthcare = ["hospital"]\n', "")

    result = hecon.assess(trials.write(tmp_path, SOCIETAL, records=whole, design=design), n_draws=100).comparisons[0]

    assert result.trial.imputation is None
    assert result.draws["cost"].dims == ("draw", "strategy")


# Scenarios ------------------------------------------------------------------------------------------------------------


def test_scenarios_give_the_ranges(tmp_path, monkeypatch):
    """Over the main analysis and the others; a conclusion that one of them turns is flagged."""
    stand_in = by_chance(
        ((0.0, 0.0), shares(0.5, 0.5, 0.5)),
        ((5000.0, 0.05), shares(0.01, 0.20, 0.30)),
        ((100.0, 0.04), shares(0.99, 0.999, 0.999)),
    )
    monkeypatch.setattr(trial, "scenarios", stand_in)

    result = hecon.assess(trials.write(tmp_path, VARIED), n_draws=N).comparisons[0]

    main = result.p_cost_effective
    assert result.varied == ("complete-case", "worse-all")
    assert result.p_range == {20_000: (0.01, 0.99), 50_000: (0.20, 0.999), 80_000: (0.30, 0.999)}
    assert all(low <= main[value] <= high for value, (low, high) in result.p_range.items())
    assert result.net_benefit_range[20_000] == pytest.approx((-4000, 700))
    assert [each.flips for each in result.judgements] == [True, True, True]
    assert [(each.kind, each.about) for each in result.sensitivities] == [
        ("scenario", ("complete-case",)),
        ("scenario", ("worse-all",)),
    ]
    assert result.sensitivities[0].p_cost_effective == {20_000: (0.01, 0.01), 50_000: (0.2, 0.2), 80_000: (0.3, 0.3)}
    assert [each.code for each in result.scenarios] == ["main", "complete-case", "worse-all"]


def test_a_shorter_horizon_is_shown_and_in_no_range(tmp_path, monkeypatch):
    """It asks another question than the analysis; other discount rates do not."""
    stand_in = by_chance(
        ((0.0, 0.0), shares(0.5, 0.5, 0.5)),
        ((100.0, 0.05), shares(0.7, 0.8, 0.9)),
        ((-5000.0, 0.05), shares(0.99, 0.999, 0.999)),
        codes=("main", "undiscounted", "first-year"),
    )
    monkeypatch.setattr(trial, "scenarios", stand_in)

    result = hecon.assess(trials.write(tmp_path, VARIED), n_draws=N).comparisons[0]

    assert result.varied == ("undiscounted",)
    assert all(high < 0.99 or high == result.p_cost_effective[value] for value, (_, high) in result.p_range.items())
    assert [each.about for each in result.sensitivities] == [("undiscounted",), ("first-year",)]


def test_only_the_comparison_that_asks_has_scenarios(tmp_path, monkeypatch):
    """Its neighbour shares the analysis, not what it was not asked for."""
    alike = ((100.0, 0.05), shares(0.9, 0.9, 0.9))
    monkeypatch.setattr(trial, "scenarios", by_chance(alike, alike, alike))

    asking, other = hecon.assess(trials.write(tmp_path, VARIED + HEALTHCARE), n_draws=100).comparisons

    assert {each.perspective for each in asking.scenarios} == {"societal"}
    assert (other.scenarios, other.p_range) == ((), {})


# Faults ---------------------------------------------------------------------------------------------------------------


def test_faults_of_the_table_are_told_by_row_and_column(tmp_path):
    """All at once, with the comparison, and without a value or an identifier of a patient."""
    records = trials.table(np.random.default_rng(7))
    records.loc[2, "u0"] = 1.2345
    records.loc[5, "hospital_12"] = -987.65
    records.loc[7, "patient"] = records.loc[6, "patient"]

    with pytest.raises(TrialError) as caught:
        hecon.assess(trials.write(tmp_path, records=records), n_draws=10)

    text = str(caught.value)
    assert text.startswith("walking-note, hip-societal: trial walking has 3 faults (rows are counted below the header)")
    assert "column 'u0', row 3" in text
    assert "column 'hospital_12', row 6" in text
    assert not any(secret in text for secret in ("1.2345", "987", "SECRET"))


def test_a_file_that_went_away_is_told(tmp_path):
    """A dossier that was loaded is checked again."""
    dossier = hecon.load(trials.write(tmp_path))
    (tmp_path / "trial.csv").unlink()

    with pytest.raises(
        DossierError, match=r"comparison\[0\]\.data\.file: must be a file that exists, got 'trial\.csv'"
    ):
        hecon.assess(dossier, n_draws=10)


def test_a_dossier_made_in_python_is_checked_too(tmp_path):
    """Nothing else did: the schema does not know the design."""
    dossier = hecon.load(trials.write(tmp_path, SOCIETAL))
    late = dossier.comparison[0].model_copy(update={"horizon_months": 12})

    with pytest.raises(DossierError, match=r"horizon_months: must be 24, that of utility\.months in trial"):
        hecon.assess(dossier.model_copy(update={"comparison": (late,)}), n_draws=10)


def test_a_table_of_an_unknown_kind_is_refused(tmp_path):
    """In the words of the reader of tables, with the comparison."""
    path = trials.write(tmp_path, SOCIETAL.replace("trial.csv", "trial.odd"))
    (tmp_path / "trial.csv").rename(tmp_path / "trial.odd")
    path.write_text(trials.HEAD + SOCIETAL.replace("trial.csv", "trial.odd"), encoding="utf-8")

    with pytest.raises(InputError, match=r"^walking-note, hip-societal: "):
        hecon.assess(path, n_draws=10)


def test_doubts_are_warned_of_and_kept(tmp_path):
    """A small arm is a warning, no fault; it stands with the results."""
    few = trials.table(np.random.default_rng(5), n=9, missing=0.0)
    path = trials.write(tmp_path, SOCIETAL, records=few)

    with pytest.warns(StatisticalWarning, match="fewer than 10 patients"):
        result = hecon.assess(path, n_draws=10).comparisons[0]

    assert any("fewer than 10 patients" in each for each in result.trial.warnings)


def test_thresholds_of_the_source_are_met(tmp_path):
    """With net benefit at the estimate and the share of the draws."""
    text = SOCIETAL + (
        '[[comparison.threshold]]\nvalue = 30000\ntext = { nl = "Drempel", en = "Threshold" }\n'
        'sources = [{ document = "protocol", place = "page 4" }]\n'
    )

    result = hecon.assess(trials.write(tmp_path, text), n_draws=N).comparisons[0]

    (at,) = result.at_thresholds
    assert at.net_benefit == pytest.approx(30_000 * result.delta_effect - result.delta_cost)
    own = result.trial.perspective("societal").p_cost_effective("walking", wtp=30_000)
    assert at.p_cost_effective == pytest.approx(own, abs=4 * 0.5 / N**0.5)


def test_a_generator_may_be_given(path):
    """Then there is no seed to tell."""
    assert hecon.assess(path, n_draws=10, rng=np.random.default_rng(1)).provenance["seed"] is None


@pytest.mark.no_cover
def test_the_same_seed_gives_what_the_trial_gives_by_itself(path, found):
    """In `hecon trial` and in Python: the same estimates, and the same draws."""
    folder = path.parent
    alone = trial.analyse(folder / "trial.csv", folder / "trial.toml", rng=0)
    draws = hecon.from_patients(folder / "trial.csv", folder / "trial.toml", n_draws=N, rng=0)
    for result in found.comparisons:
        one = alone.perspective(result.spec.perspective)
        own = draws.sel(perspective=result.spec.perspective)

        assert result.delta_cost == one.delta_cost("walking").value
        assert result.delta_effect == one.delta_effect("walking").value
        assert np.array_equal(np.sort(result.draws["cost"], axis=None), np.sort(own["cost"], axis=None))
