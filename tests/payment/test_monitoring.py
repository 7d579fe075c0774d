"""Monitoring of the payment experiment: simulated claims, sample sizes, the experiment's terms and its yearly table."""

import datetime as dt
import math
import subprocess
import sys
import tomllib
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom
from statsmodels.stats.power import NormalIndPower, normal_sample_size_one_tail
from statsmodels.stats.proportion import proportion_confint
from strategies import examples

import hecon
from hecon import payment
from hecon.errors import DossierError, InputError
from hecon.payment.experiment import read

SHARES = st.floats(0.02, 0.98)


def mix():
    """Return a caseload of three classes; its figures are made up, but for the 39%."""
    return payment.Caseload(
        [
            payment.SeverityClass("light", share=0.61, mean=8, sd=5),
            payment.SeverityClass("heavy", share=0.25, mean=28, sd=12),
            payment.SeverityClass("heaviest", share=0.14, mean=40, sd=15),
        ]
    )


HEAVIEST = ("heavy", "heaviest")


# How many patients ----------------------------------------------------------------------------------------------------


@given(SHARES, SHARES, st.floats(0.5, 0.99), st.floats(0.001, 0.2))
def test_shares_agree_with_statsmodels(expected, actual, power, alpha):
    if abs(actual - expected) < 1e-3:
        return
    spreads = (math.sqrt(p * (1 - p)) for p in (expected, actual))
    theirs = normal_sample_size_one_tail(abs(actual - expected), power, alpha, *spreads)
    two_sided = payment.patients_needed(expected, actual, power=power, alpha=2 * alpha, sided="two")

    assert payment.patients_needed(expected, actual, power=power, alpha=alpha) == max(1, math.ceil(theirs - 1e-9))
    assert two_sided == max(1, math.ceil(theirs - 1e-9))


@given(st.floats(0.02, 1), st.floats(0.5, 0.99))
def test_means_agree_with_statsmodels(effect, power):
    """A ratio of 0 is one sample against a known mean."""
    theirs = NormalIndPower().solve_power(effect, alpha=0.05, power=power, ratio=0, alternative="larger")
    found = payment.patients_needed(10, 10 + 7 * effect, sd=7.0, power=power)

    assert abs(found - theirs) <= 1 + 1e-6 * theirs
    assert payment.detection_power(found, 10, 10 + 7 * effect, sd=7.0) >= power - 1e-9


@pytest.mark.slow
@pytest.mark.parametrize(
    ("expected", "actual", "power", "alpha"),
    [(0.001, 0.0, 0.8, 0.4), (0.001, 0.0001, 0.5, 0.3), (0.001, 0.002, 0.1, 0.05), (0.999, 1.0, 0.8, 0.4)],
)
def test_the_exact_number_of_a_rare_share(expected, actual, power, alpha):
    """Power falls back long after the normal number: the last fall counts, found by counting on far beyond it."""
    null, true = (1.0 - expected, 1.0 - actual) if actual < expected else (expected, actual)
    n = np.arange(1, 20_001)
    # The least count whose upper tail is at most the level.
    edge = binom.isf(alpha, n, null) + 1
    edge += binom.sf(edge - 1, n, null) > alpha
    last = int(n[binom.sf(edge - 1, n, true) < power][-1])

    assert payment.patients_needed(expected, actual, power=power, alpha=alpha, exact=True) == last + 1


@pytest.mark.slow
@examples(25)
@given(st.sampled_from([(0.39, 0.77), (0.39, 0.5), (0.5, 0.2), (0.1, 0.3), (0.9, 0.75)]), st.floats(0.6, 0.95))
def test_the_exact_number_by_counting(shares, power):
    """Against the binomial test with its sums written out."""
    expected, actual = shares
    found = payment.patients_needed(expected, actual, power=power, exact=True)

    def seen(n):
        k = np.arange(n + 1)
        null, true = binom.pmf(k, n, expected), binom.pmf(k, n, actual)
        rejected = [(null[i:].sum() if actual > expected else null[: i + 1].sum()) <= 0.05 for i in range(n + 1)]
        return true[rejected].sum()

    assert all(seen(n) >= power for n in range(found, found + 40))
    assert found == 1 or seen(found - 1) < power


@pytest.mark.no_cover
@pytest.mark.slow
def test_the_numbers_hold_in_simulation():
    """Of claims with each behaviour, the share of monitors that see it is the power asked for."""
    rng, seen, monitors = np.random.default_rng(1), np.zeros(3), 200
    knobs = {"selection": 0.3, "undertreatment": 0.1, "upcoding": 0.15}
    for place, (name, size) in enumerate(knobs.items()):
        needed = payment.risk_shifts(mix(), heaviest=HEAVIEST, **{name: size}, sided="two")["patients_needed"]
        n = int(needed.isel(indicator=place).item())
        for _ in range(monitors):
            claims = payment.simulate_claims(mix(), n_patients=n, heaviest=HEAVIEST, **{name: size}, rng=rng)
            claims = claims.drop_vars("assessed") if name == "upcoding" else claims
            seen[place] += payment.risk_signals(claims, mix(), heaviest=HEAVIEST)["signal"].values[place]

    assert seen / monitors == pytest.approx(np.full(3, 0.8), abs=0.08)


def test_practices_in_clusters_need_more():
    alone = payment.patients_needed(0.39, 0.44)
    assert 1.95 * (alone - 1) < payment.patients_needed(0.39, 0.44, design_effect=1 + 19 * 0.05) <= 1.95 * alone + 1
    assert payment.patients_needed(0.39, 0.77, exact=True, design_effect=2) == 2 * payment.patients_needed(
        0.39, 0.77, exact=True
    )


def test_power_without_spread_is_all_or_nothing():
    assert payment.detection_power(1000, 0.39, 1.0) == 1.0
    assert payment.detection_power(1, 0.39, 1.0) == 0.0


def test_behaviour_moves_its_indicator():
    """By the formulas; selection and upcoding can hide each other on the bill."""
    found = payment.risk_shifts(mix(), heaviest=HEAVIEST, selection=0.2, undertreatment=0.1, upcoding=0.05)
    kept = 0.39 * 0.8 / (1 - 0.39 * 0.2)

    assert found["expected"].values == pytest.approx([0.39, 1, 0.39])
    assert found["actual"].values == pytest.approx([kept, 0.9, kept + (1 - kept) * 0.05])
    hidden = payment.risk_shifts(mix(), heaviest=HEAVIEST, selection=0.2, upcoding=(0.39 - kept) / (1 - kept))
    assert hidden["actual"].values[2] == pytest.approx(0.39)
    assert np.isnan(hidden["patients_needed"].values).tolist() == [False, True, True]


# Claims ---------------------------------------------------------------------------------------------------------------


def test_simulated_claims_behave_as_asked():
    rng = np.random.default_rng(3)
    claims = payment.simulate_claims(
        mix(), n_patients=100_000, heaviest=HEAVIEST, selection=0.4, undertreatment=0.25, upcoding=0.3, rng=rng
    )
    kept = 0.39 * 0.6 / (1 - 0.39 * 0.4)
    assessed, billed = (np.isin(claims[name].values, HEAVIEST) for name in ("assessed", "billed"))
    light = claims["treatments"].values[claims["assessed"].values == "light"]

    assert assessed.mean() == pytest.approx(kept, abs=0.006)
    assert billed.mean() == pytest.approx(kept + (1 - kept) * 0.3, abs=0.006)
    assert not (assessed & ~billed).any()
    assert light.mean() == pytest.approx(0.75 * 8, abs=0.1)


def test_signals_know_behaviour_when_classes_are_assessed():
    """Of each alone; honest claims give none, but for the error of the level."""
    sure = {"n_patients": 20_000, "heaviest": HEAVIEST, "rng": 11}
    for knobs, signals in [
        ({}, [False] * 3),
        ({"selection": 0.3}, [True, False, False]),
        ({"undertreatment": 0.1}, [False, True, False]),
        ({"upcoding": 0.1}, [False, False, True]),
        ({"selection": 0.3, "upcoding": 0.1}, [True, False, True]),
    ]:
        claims = payment.simulate_claims(mix(), **knobs, **sure)
        found = payment.risk_signals(claims, mix(), heaviest=HEAVIEST, level=0.999)
        assert found["signal"].values.tolist() == signals, knobs


def test_the_bill_alone_mixes_things_up():
    """Without an assessment, selection is not seen, and upcoding looks like under-treatment as well."""
    claims = payment.simulate_claims(mix(), n_patients=20_000, heaviest=HEAVIEST, upcoding=0.3, rng=1)
    found = payment.risk_signals(claims.drop_vars("assessed"), mix(), heaviest=HEAVIEST)

    assert np.isnan(found["value"].values).tolist() == [True, False, False]
    assert found["signal"].values.tolist() == [False, True, True]


@given(st.integers(1, 2000), st.floats(0, 1), st.floats(0.5, 0.999))
def test_intervals_of_shares_agree_with_statsmodels(n, part, level):
    count = round(part * n)
    share, low, high = payment.share_interval(count, n, level=level)

    assert share == count / n
    assert (low, high) == pytest.approx(proportion_confint(count, n, 1 - level, method="wilson"), abs=1e-12)


def test_two_shares_of_the_same_patients():
    """The example of R's PropCIs (diffpropci.mp): 40 and 20 of 160 differ, the other way round."""
    billed, assessed = (np.zeros(160, dtype=bool) for _ in range(2))
    billed[:40], assessed[40:60] = True, True
    names = np.array(["light", "heavy"])
    claims = payment.simulate_claims(mix(), n_patients=160, heaviest=HEAVIEST, rng=0).assign(
        billed=("patient", names[billed.astype(int)]), assessed=("patient", names[assessed.astype(int)])
    )
    found = payment.risk_signals(claims, mix(), heaviest=HEAVIEST).sel(indicator="upcoding")

    assert found["value"].item() == 20 / 160
    assert (found["low"].item(), found["high"].item()) == pytest.approx((0.03089632, 0.21601726), abs=1e-7)


def test_patients_without_any_expected_treatment():
    """There is no ratio to nothing; a single patient, and nobody upcoded, are fine."""
    nobody = payment.Caseload(
        [payment.SeverityClass("a", share=0.5, mean=0, sd=0), payment.SeverityClass("b", share=0.5, mean=0, sd=0)]
    )
    claims = payment.simulate_claims(nobody, n_patients=1, heaviest="b", rng=0)
    found = payment.risk_signals(claims, nobody, heaviest="b")

    assert math.isnan(found["value"].sel(indicator="undertreatment").item())
    assert not found["signal"].any()


# The first case, the terms and the yearly table -----------------------------------------------------------------------


def test_the_first_case():
    """The figures are those of the COPD dossier; a handful of patients shows such a difference."""
    figures = {each.id: each.value for each in hecon.load("copd").figure}
    found = payment.first_case()

    assert [round(100 * found[name].item()) for name in ("expected", "observed")] == [
        figures["share_heaviest_expected"],
        figures["share_heaviest"],
    ]
    assert found["patients"].item() == figures["patients_heaviest"] + figures["patients_lightest"]
    assert found["low"] < 0.77 < found["high"]
    assert payment.first_case(sided="one", exact=False)["patients_needed"].item() == 10
    assert "signal" in found.attrs["note_en"]


def test_demand_that_explains_all_of_it():
    demand = payment.first_case()["demand_to_explain"].item()

    assert payment.expected_with_demand(0.39, relative_demand=demand) == pytest.approx(0.77)
    assert payment.expected_with_demand(0.39, relative_demand=1) == pytest.approx(0.39)
    assert [payment.expected_with_demand(share, relative_demand=1e-300) for share in (0, 1)] == [0, 1]


def test_every_term_has_words_and_a_source():
    """In both languages; what is not reported has none and says so."""
    found = payment.terms()
    file = Path(hecon.__file__).parent / "data" / "payment_experiment.toml"

    assert [each.id for each in found] == [each["id"] for each in tomllib.loads(file.read_text("utf-8"))["term"]]
    for each in found:
        assert all((each.name_nl, each.name_en, each.text_nl, each.text_en))
        assert (each.status == "not reported") == (each.value == "not reported") == (not each.sources)
        assert {source.document for source in each.sources} <= {"zorginstituut-2024", "kamerbrief-copd-2024"}


def test_the_terms_of_the_letter():
    value = {each.id: each.value for each in payment.terms()}
    figures = {each.id: each.value for each in hecon.load("copd").figure}

    assert (value["contract_required"], value["free_tariffs"], value["budget_neutral"]) == (True, True, True)
    assert value["maximum_years"] == figures["experiment_years"] == 5
    assert value["start"] == dt.date(2025, 1, 1)
    assert value["added_budget"]["2025"] == figures["budget_2025"]
    assert value["added_budget"]["2027"] == figures["budget_2027"]
    assert value["added_budget"]["2026"] == "not reported"
    assert "entitlement" in payment.term("budget_neutral").text_en
    with pytest.raises(TypeError):
        value["added_budget"]["2026"] = 1


def test_the_yearly_table():
    """Not reported until filled; changes against the base year, also one before the experiment."""
    empty = payment.monitoring_table()
    table = payment.monitoring_table(
        {"treatments_per_patient": {2024: 20, 2025: 22}, "admissions": {2024: 0, 2026: 3}}, base=2024, years=3
    )

    assert empty["year"].values.tolist() == [2025, 2026, 2027, 2028, 2029]
    assert (empty["status"] == "not reported").all()
    assert empty.sizes["indicator"] == 8
    assert table["year"].values.tolist() == [2024, 2025, 2026, 2027]
    treatments, admissions = (table.sel(indicator=each) for each in ("treatments_per_patient", "admissions"))
    assert treatments["change"].values.tolist() == pytest.approx([0, 2, math.nan, math.nan], nan_ok=True)
    assert treatments["relative_change"].values[1] == pytest.approx(0.1)
    assert admissions["change"].values[2] == 3
    assert np.isnan(admissions["relative_change"].values).all()
    assert admissions["status"].values.tolist() == ["reported", "not reported", "reported", "not reported"]


# Bad input ------------------------------------------------------------------------------------------------------------


def claims(**changed):
    found = payment.simulate_claims(mix(), n_patients=4, heaviest=HEAVIEST, rng=0)
    return found.assign({name: ("patient", value) for name, value in changed.items()})


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: payment.patients_needed(0, 0.5), "expected must lie in (0, 1), got 0; write 0.95 for 95%"),
        (lambda: payment.patients_needed(0.5, 1.5), "actual must lie in [0, 1], got 1.5"),
        (lambda: payment.patients_needed(0.5, math.nan), "actual must be finite, got nan"),
        (
            lambda: payment.patients_needed(0.5, 0.5),
            "actual must differ from expected, got 0.5 for both; there is nothing to see",
        ),
        (lambda: payment.patients_needed(0.5, 0.6, power=80), "power must lie in (0, 1), got 80; write 0.95 for 95%"),
        (lambda: payment.patients_needed(0.5, 0.6, sided="both"), "sided must be one of 'one', 'two', got 'both'"),
        (
            lambda: payment.patients_needed(0.5, 0.6, design_effect=0.5),
            "design_effect must be at least 1, got 0.5; 1 is of independent patients",
        ),
        (
            lambda: payment.patients_needed(1, 2, sd=(1.0, 2.0, 3.0)),
            "sd must be one number or two, got (1.0, 2.0, 3.0)",
        ),
        (
            lambda: payment.patients_needed(1, 1 + 1e-12, sd=1.0),
            "expected and actual must differ by more than 1.00009e-12 for at most 1e+15 patients to tell",
        ),
        (
            lambda: payment.patients_needed(0.5, 0.501, exact=True),
            "exact must be asked of shares, up to 100000 patients, got",
        ),
        (
            lambda: payment.patients_needed(1, 2, sd=1.0, exact=True),
            "exact must be asked of shares, up to 100000 patients, got a mean; leave it out",
        ),
        (
            lambda: payment.risk_shifts(mix(), heaviest=mix().names),
            "heaviest must hold a share of the patients in (0, 1), got ['light', 'heavy', 'heaviest']",
        ),
        (
            lambda: payment.simulate_claims(mix(), n_patients=5, heaviest=["x"]),
            "heaviest must be one of 'light', 'heavy', 'heaviest', got 'x'",
        ),
        (
            lambda: payment.simulate_claims(mix(), n_patients=0, heaviest=HEAVIEST),
            "n_patients must be a whole number of at least 1, got 0",
        ),
        (
            lambda: payment.risk_signals(claims().drop_vars("billed"), mix(), heaviest=HEAVIEST),
            "claims must be a Dataset with billed and treatments, got something else; see simulate_claims",
        ),
        (
            lambda: payment.risk_signals(claims().isel(patient=0), mix(), heaviest=HEAVIEST),
            "billed must have the dim patient alone and at least one patient, got {}",
        ),
        (
            lambda: payment.risk_signals(claims(treatments=[1.0, math.nan, 3, 4]), mix(), heaviest=HEAVIEST),
            "treatments must be finite and at least 0, got another value at position 1",
        ),
        (
            lambda: payment.risk_signals(claims(treatments=list("abcd")), mix(), heaviest=HEAVIEST),
            "treatments must be numbers, got <U1",
        ),
        (
            lambda: payment.risk_signals(
                claims(billed=["light", "light", "secret", "light"]), mix(), heaviest=HEAVIEST
            ),
            "billed must name classes of the caseload, got another at position 2",
        ),
        (lambda: payment.share_interval(3, 2), "count must be at most n, got 3 of 2"),
        (lambda: payment.term("price"), "term must be one of 'patients', 'care',"),
        (
            lambda: payment.monitoring_table(years=6),
            "years must be at most 5, the longest that the experiment may run, got 6",
        ),
        (lambda: payment.monitoring_table(base=2019), "base must be a year from 2024 to 2029, got 2019"),
        (lambda: payment.monitoring_table({"deaths": {2025: 1}}), "indicator must be one of 'perceived_burden',"),
        (
            lambda: payment.monitoring_table({"admissions": 3}),
            "values of admissions must be given by year, got 3; write {2025: 1.0}",
        ),
        (
            lambda: payment.monitoring_table({"admissions": {2024: 1}}),
            "year of admissions must be from 2025 to 2029, got 2024",
        ),
        (
            lambda: payment.monitoring_table({"admissions": {2025: math.nan}}),
            "admissions in 2025 must be finite, got nan",
        ),
    ],
)
def test_bad_numbers_are_refused(call, message):
    with pytest.raises(InputError) as caught:
        call()

    assert str(caught.value).startswith(message)


# The file -------------------------------------------------------------------------------------------------------------

FILE = Path(hecon.__file__).parent / "data" / "payment_experiment.toml"


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ('id = "care"', 'id = "patients"', "term[1].id: must be unique, got 'patients' again"),
        (
            '{ document = "kamerbrief-copd-2024", place = "Inleiding" }',
            '{ document = "kamerbrief-copd-2024", page = "Inleiding" }',
            "term[0].sources[0].page: is not a key of this table: did you mean 'place'?",
        ),
        ("expected = 0.39", 'expected = "39%"', "first_case.expected: must be a number without quotes"),
    ],
)
def test_the_faults_of_the_file_are_told_with_their_lines(tmp_path, old, new, fault):
    """As of any file."""
    text = FILE.read_text("utf-8")
    assert old in text
    changed = tmp_path / "experiment.toml"
    changed.write_text(text.replace(old, new, 1), encoding="utf-8")

    with pytest.raises(DossierError, match=r"experiment\.toml has") as caught:
        read(changed)

    line = text[: text.index(old)].count("\n") + 1
    assert any(each.startswith(f"line {line}: {fault}") for each in caught.value.located), caught.value.located


@pytest.mark.slow
def test_the_schema_engine_is_imported_for_the_file_alone():
    """It is slow to import, and no computation needs it."""
    asked = "print('pydantic' in sys.modules)"
    code = f"import sys; from hecon import payment; {asked}; payment.terms(); {asked}"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert found.stdout.split() == ["False", "True"]
