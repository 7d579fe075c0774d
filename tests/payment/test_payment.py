"""Payment schemes: budget-neutral prices, the provider's profit, incentives; against oracles written here."""

import math
from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import nbinom, norm, poisson
from strategies import examples

from hecon import payment
from hecon.errors import InputError
from hecon.payment.caseload import by_moments, lowest_variance


def mix(light=0.61, **options):
    """Return a caseload of two classes; its figures are made up."""
    return payment.Caseload(
        [
            payment.SeverityClass("light", share=light, mean=8, sd=5),
            payment.SeverityClass("heavy", share=1 - light, mean=30, sd=15, **options),
        ]
    )


def small():
    """Return a caseload of which all outcomes can be listed."""
    return payment.Caseload(
        [
            payment.SeverityClass("a", share=0.5, probabilities=[0.2, 0.5, 0.3]),
            payment.SeverityClass("b", share=0.5, probabilities=[0.1, 0.1, 0.2, 0.6]),
        ]
    )


def listed(caseload, scheme, cost, n):
    """Return every average result of n patients with its probability, before settlement."""
    one = [
        (float(scheme.paid(each.name, t)) - cost * t, each.share * p)
        for each in caseload.classes
        for t, p in enumerate(each.given)
    ]
    return [(sum(y for y, _ in way) / n, math.prod(p for _, p in way)) for way in product(one, repeat=n)]


def moments(pmf):
    k = np.arange(pmf.size)
    mean = float(pmf @ k)
    return mean, math.sqrt(float(pmf @ (k - mean) ** 2))


# Caseloads ------------------------------------------------------------------------------------------------------------


@examples(60)
@given(st.floats(1e-12, 200), st.floats(0, 3))
def test_counts_have_the_moments_given(mean, spread):
    """Any mean, and any standard deviation that whole numbers can have."""
    sd = max(spread * math.sqrt(mean), math.sqrt(lowest_variance(mean)))
    pmf = payment.SeverityClass("a", share=1, mean=mean, sd=sd).given

    assert pmf.sum() == pytest.approx(1, abs=1e-12)
    assert (pmf >= 0).all()
    assert moments(pmf) == pytest.approx((mean, sd), rel=1e-9, abs=1e-9)


@pytest.mark.parametrize(
    ("mean", "sd"),
    # No spread at all, the least that whole numbers can have and hardly more, one binomial, two of them, and more.
    [(5, 0), (0.4, math.sqrt(0.24)), (2.5, 0.6), (5, math.sqrt(2.5)), (5, 1.5), (0, 0), (5, 2.236), (5, 9)],
)
def test_certain_counts_have_the_moments_given(mean, sd):
    """On either side of the Poisson distribution."""
    pmf = by_moments(mean, sd)

    assert (pmf.sum(), *moments(pmf)) == pytest.approx((1, mean, sd), rel=1e-9, abs=1e-9)


@pytest.mark.parametrize("near", [1 - 1e-9, 1.0, 1 + 1e-9])
def test_counts_do_not_jump_at_the_poisson(near):
    """There, the formulas of the binomial and the negative binomial meet."""
    assert by_moments(5, near * math.sqrt(5))[:30] == pytest.approx(poisson.pmf(np.arange(30), 5), rel=1e-6)


def test_counts_agree_with_scipy():
    """Negative binomial and Poisson."""
    k = np.arange(60)

    assert by_moments(20, 10)[:60] == pytest.approx(nbinom.pmf(k, 5, 0.2), rel=1e-10)
    assert by_moments(4, 2)[:20] == pytest.approx(poisson.pmf(k[:20], 4), rel=1e-10)


def test_a_maximum_cuts_off_what_is_needed_beyond_it():
    found = payment.SeverityClass("a", share=1, probabilities=[0.1, 0.2, 0.3, 0.4], maximum=1)

    assert found.given.tolist() == pytest.approx([0.1, 0.9])
    assert found.mean_given == pytest.approx(0.9)
    assert found.needed.size == 4
    assert payment.SeverityClass("a", share=1, probabilities=[1], maximum=0).mean_given == 0


def test_a_caseload_mixes_its_classes():
    """Mean and variance by the laws of total expectation and variance; the order does not matter, nor to a seed."""
    one, other = mix(), payment.Caseload(mix().classes[::-1])

    assert one.mean == pytest.approx(0.61 * 8 + 0.39 * 30, rel=1e-12)
    assert one.variance == pytest.approx(0.61 * 25 + 0.39 * 225 + 0.61 * 0.39 * 22**2, rel=1e-12)
    assert (one.mean, one.sd) == (other.mean, other.sd)
    assert one.sample(50, rng=3).equals(other.sample(50, rng=3))


def test_a_sample_has_the_caseload_s_mean():
    drawn = mix().sample(100_000, rng=1)

    assert drawn["treatments"].mean().item() == pytest.approx(mix().mean, abs=4 * mix().sd / math.sqrt(1e5))
    assert (drawn["severity"] == "heavy").mean().item() == pytest.approx(0.39, abs=0.01)


# Prices ---------------------------------------------------------------------------------------------------------------


@examples(25)
@given(st.floats(1e-12, 1e12), st.booleans(), st.floats(0, 60), st.floats(0, 1), st.floats(0.01, 0.99))
def test_at_the_budget_neutral_price_both_schemes_cost_the_same(tariff, by_class, threshold, part, light):
    """Whatever the tariff, also with a stop-loss."""
    patients = mix(light)
    cover = payment.StopLoss(threshold=threshold, payment=part * tariff)
    price = payment.budget_neutral_price(patients, tariff=tariff, by_class=by_class, stop_loss=cover)
    now = payment.expected_spending(patients, payment.FeeForService(tariff))

    spent = payment.expected_spending(patients, payment.Bundle(price, stop_loss=cover))

    assert now == pytest.approx(tariff * patients.mean, rel=1e-12)
    assert spent == pytest.approx(now, rel=1e-12)


@pytest.mark.parametrize("share", [0.3, 0.8, 1.0])
@pytest.mark.parametrize("by_class", [False, True])
@pytest.mark.parametrize("n", [1, 30, 1000])
@pytest.mark.parametrize("tariff", [36e-12, 36, 36e12])
def test_a_corridor_can_be_priced_in(share, by_class, n, tariff):
    """With its expected settlement, spending is that of fee-for-service."""
    patients, cost = mix(), tariff * 33 / 36
    corridor = payment.RiskCorridor(width=tariff, share=share, target=(tariff - cost) * patients.mean)
    options = {"cost": cost, "n_patients": n}
    price = payment.budget_neutral_price(patients, tariff=tariff, by_class=by_class, corridor=corridor, **options)

    spent = payment.expected_spending(patients, payment.Bundle(price, corridor=corridor), **options)

    assert spent == pytest.approx(tariff * patients.mean, rel=1e-10)


def test_the_expected_settlement_is_that_of_all_outcomes():
    patients = small()
    scheme = payment.Bundle({"a": 50, "b": 77.7}, corridor=payment.RiskCorridor(width=3, share=0.5, target=1))
    every = listed(patients, scheme, 33, 3)
    moved = sum(p * float(scheme.corridor.settled(y) - y) for y, p in every)
    plain = payment.expected_spending(patients, payment.Bundle({"a": 50, "b": 77.7}))

    assert payment.expected_spending(patients, scheme, cost=33, n_patients=3) == pytest.approx(plain + moved, rel=1e-3)


# Profit ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("n", [1, 2, 7])
def test_the_sum_of_patients_is_their_convolution(n):
    """Against repeated convolution, and all that is computed from it."""
    patients, price, cost = small(), 60.0, 33.0
    pmf = np.zeros(4)
    for each in patients.classes:
        pmf[: each.given.size] += each.share * each.given
    total = np.ones(1)
    for _ in range(n):
        total = np.convolve(total, pmf)
    result = price - cost * np.arange(total.size) / n
    mean = float(total @ result)

    scheme = payment.Bundle(price)
    found = payment.profit(patients, scheme, cost=cost, n_patients=n, quantiles=[0.3])
    lost = payment.loss_probability(patients, scheme, cost=cost, n_patients=n, n_practices=1, rng=0)

    assert found["exact"].item()
    assert found["mean"].item() == pytest.approx(mean)
    assert found["sd"].item() == pytest.approx(math.sqrt(total @ (result - mean) ** 2))
    order = np.argsort(result)
    assert found["quantiles"].item() == pytest.approx(result[order][np.cumsum(total[order]) >= 0.3][0])
    assert lost["loss"].item() == pytest.approx(total[result < 0].sum(), abs=1e-12)


@pytest.mark.parametrize("corridor", [None, payment.RiskCorridor(width=5, share=0.5, target=20)])
def test_any_scheme_agrees_with_all_outcomes(corridor):
    """Also where prices by class and a stop-loss leave no equal steps."""
    patients = small()
    cover = payment.StopLoss(threshold={"a": 1, "b": 2.5}, payment=17.3)
    scheme = payment.Bundle({"a": 41.11, "b": 73.77}, stop_loss=cover, corridor=corridor)
    every = listed(patients, scheme, 29.3, 4)
    after = np.array([y if corridor is None else float(corridor.settled(y)) for y, _ in every])
    chance = np.array([p for _, p in every])

    found = payment.profit(patients, scheme, cost=29.3, n_patients=4)
    lost = payment.loss_probability(patients, scheme, cost=29.3, n_patients=4, n_practices=20_000, rng=1)

    assert found["mean"].item() == pytest.approx(chance @ after, rel=1e-3)
    assert found["sd"].item() == pytest.approx(math.sqrt(chance @ (after - chance @ after) ** 2), rel=1e-3)
    assert lost["loss"].item() == pytest.approx(chance[after < -1e-9].sum(), abs=2e-3)
    assert abs(lost["loss_simulated"] - lost["loss"]).item() < 4 * lost["loss_simulated_se"].item() + 2e-3


@pytest.mark.slow
@pytest.mark.parametrize("by_class", [False, True])
def test_the_sd_of_profit_per_patient_falls_as_one_over_the_root_of_n(by_class):
    patients, counts = mix(), np.array([1, 4, 25, 100, 10_000, 1_000_000])
    price = payment.budget_neutral_price(patients, tariff=36, by_class=by_class)
    found = payment.profit(patients, payment.Bundle(price), cost=36, n_patients=counts)

    assert (found["sd"] * np.sqrt(counts)).values == pytest.approx(found["sd"].values[0], rel=1e-8)
    assert found["mean"].values == pytest.approx(np.zeros(6), abs=1e-8)
    if not by_class:
        assert found["sd"].values[0] == pytest.approx(36 * patients.sd, rel=1e-9)


@pytest.mark.slow
def test_the_probability_of_loss_tends_to_one_half():
    """At the budget-neutral price, where a treatment costs its tariff."""
    patients = mix()
    scheme = payment.Bundle(payment.budget_neutral_price(patients, tariff=36))
    found = payment.loss_probability(patients, scheme, cost=36, n_patients=[10, 1000, 100_000, 10**7], n_practices=100)
    distance = np.abs(found["loss"].values - 0.5)

    assert (np.diff(distance) < 0).all()
    assert distance[-1] < 1e-3
    assert (found["loss_normal"] == pytest.approx(0.5, abs=1e-6)).all()


@pytest.mark.slow
def test_the_probability_of_loss_at_a_margin():
    """It tends to the normal one, Φ(−m √n/σ), and simulation agrees."""
    patients, margin, counts = mix(), 25.0, np.array([20, 200, 1000, 3000])
    price = payment.budget_neutral_price(patients, tariff=36)
    found = payment.loss_probability(
        patients, payment.Bundle(price + margin), cost=36, n_patients=counts, n_practices=4_000, rng=5
    )
    by_formula = norm.cdf(-margin * np.sqrt(counts) / (36 * patients.sd))

    assert found["loss_normal"].values == pytest.approx(by_formula, rel=1e-6)
    assert np.abs(found["loss"].values - by_formula)[1:] == pytest.approx(np.zeros(3), abs=0.01)
    assert (abs(found["loss_simulated"] - found["loss"]) <= 4 * found["loss_simulated_se"]).all()


@pytest.mark.slow
def test_many_practices_are_simulated_in_little_memory():
    """A hundred thousand of 100 patients, in parts."""
    found = payment.loss_probability(mix(), payment.Bundle(600), cost=36, n_patients=100, n_practices=100_000, rng=2)

    assert abs(found["loss_simulated"] - found["loss"]).item() < 4 * found["loss_simulated_se"].item()


def test_fee_for_service_bears_no_risk_of_volume():
    """With a margin no loss; at cost nothing; below cost a loss unless nobody comes."""
    patients = mix()
    for tariff, loss, normal in ((36, 0.0, None), (30, 0.0, 0.0)):
        found = payment.loss_probability(patients, payment.FeeForService(tariff), cost=30, n_patients=50, n_practices=9)
        assert found["loss"].item() == loss
        assert normal is None or found["loss_normal"].item() == normal
    assert payment.loss_probability(patients, payment.FeeForService(20), cost=30, n_patients=50)["loss"].item() > 0.99


@pytest.mark.slow
def test_a_corridor_and_a_stop_loss_take_risk_away():
    """The spread gets smaller; a corridor about 0 leaves the sign of a result as it is."""
    patients = mix()
    corridor, cover = payment.RiskCorridor(width=10, share=0.5), payment.StopLoss(threshold=40, payment=30)
    plain, kept, covered = (
        payment.profit(patients, scheme, cost=36, n_patients=100)["sd"].item()
        for scheme in (
            payment.Bundle(600),
            payment.Bundle(600, corridor=corridor),
            payment.Bundle(600, stop_loss=cover),
        )
    )
    lost, also = (
        payment.loss_probability(patients, payment.Bundle(600, corridor=each), cost=36, n_patients=100)
        for each in (None, corridor)
    )

    assert kept < plain
    assert covered < plain
    assert lost["loss"].item() == also["loss"].item()
    assert lost["loss_normal"].item() == also["loss_normal"].item()


@examples(40)
@given(st.floats(0, 100), st.floats(0, 1), st.floats(-200, 200), st.floats(-500, 500))
def test_break_even_is_where_nothing_is_left(width, share, target, result):
    """Settlement never turns an order round, and never moves away from the target."""
    corridor = payment.RiskCorridor(width=width, share=share, target=target)
    edge = corridor.break_even()
    after = corridor.settled([result, result + 1])

    assert after[0] <= after[1]
    assert abs(after[0] - target) <= abs(result - target) + 1e-9
    if abs(edge) < 1e6:
        assert float(corridor.settled(edge)) == pytest.approx(0, abs=1e-6)
    else:
        assert math.isfinite(edge) or (corridor.settled([-1e9, 1e9]) * edge < 0).all()


@pytest.mark.slow
@pytest.mark.parametrize("scale", [1e-12, 1.0, 1e12])
def test_the_unit_of_money_does_not_matter(scale):
    patients = mix()
    scheme = payment.Bundle({"light": 300 * scale, "heavy": 1050.5 * scale})
    found = payment.profit(patients, scheme, cost=36 * scale, n_patients=40)
    plain = payment.profit(patients, payment.Bundle({"light": 300, "heavy": 1050.5}), cost=36, n_patients=40)

    assert found["sd"].item() == pytest.approx(scale * plain["sd"].item(), rel=1e-9)
    assert found["mean"].item() == pytest.approx(scale * plain["mean"].item(), rel=1e-9)


@pytest.mark.slow
def test_the_order_of_classes_does_not_matter():
    one, other = mix(), payment.Caseload(mix().classes[::-1])
    scheme = payment.Bundle({"light": 300, "heavy": 1077.7})
    found = [payment.profit(each, scheme, cost=36, n_patients=40) for each in (one, other)]
    assert found[0]["sd"].item() == pytest.approx(found[1]["sd"].item(), rel=1e-12)
    assert found[0]["mean"].item() == pytest.approx(found[1]["mean"].item(), rel=1e-9)


# Incentives -----------------------------------------------------------------------------------------------------------


def test_one_more_treatment():
    """Its tariff under fee-for-service, nothing under a bundle, the extra payment beyond a threshold."""
    cover = payment.StopLoss(threshold=2, payment=20)
    corridor = payment.RiskCorridor(width=10, share=0.75)
    told = {}
    for name, scheme in {
        "fee": payment.FeeForService(36, corridor=corridor),
        "bundle": payment.Bundle(600, corridor=corridor),
        "cover": payment.Bundle(600, stop_loss=cover),
    }.items():
        found = payment.treatment_incentive(mix(), scheme, cost=30, up_to=3).sel(severity="light")
        told[name] = found.sel(position="within"), found.sel(position="outside")

    assert told["fee"][0]["marginal_revenue"].values.tolist() == [36] * 4
    assert told["fee"][1]["marginal_profit"].values.tolist() == [1.5] * 4
    assert told["bundle"][0]["marginal_profit"].values.tolist() == [-30] * 4
    assert told["bundle"][1]["marginal_profit"].values.tolist() == [-7.5] * 4
    assert told["cover"][0]["marginal_revenue"].values.tolist() == [0, 0, 20, 20]


def test_beyond_a_maximum_nothing_is_paid():
    found = payment.treatment_incentive(mix(maximum=2), payment.FeeForService(36), cost=30, up_to=2)

    assert found["marginal_revenue"].sel(severity="heavy", position="within").values.tolist() == [36, 36, 0]


def test_a_higher_class_pays_more_under_a_bundle_by_class_alone():
    """And under fee-for-service where maxima differ."""
    free = payment.Caseload([payment.SeverityClass("a", share=0.5, probabilities=[0, 0, 0, 1], maximum=1),
                             payment.SeverityClass("b", share=0.5, probabilities=[0, 0, 0, 1])])  # fmt: skip
    fee, one = payment.FeeForService(36), payment.Bundle(60)
    by_class = payment.Bundle({"a": 50, "b": 80})
    gains = [payment.upcoding_gain(free, each, cost=30).sel(severity="a", billed="b") for each in (fee, one, by_class)]

    assert [each["revenue_gain"].item() for each in gains] == pytest.approx([72, 0, 30])
    assert [each["profit_gain"].item() for each in gains] == pytest.approx([12, 0, 30])
    assert np.diag(payment.upcoding_gain(free, by_class, cost=30)["revenue_gain"]).tolist() == [0, 0]


def test_selection_pays_the_light_patients_under_one_price():
    """Gains weigh to nothing over the caseload."""
    patients = mix()
    found = payment.selection_gain(patients, payment.Bundle(600), cost=30)

    assert found.sel(severity="light") > 0 > found.sel(severity="heavy")
    assert sum(each.share * found.sel(severity=each.name).item() for each in patients.classes) == pytest.approx(0)
    neutral = payment.Bundle(payment.budget_neutral_price(patients, tariff=30, by_class=True))
    assert payment.selection_gain(patients, neutral, cost=30).values == pytest.approx([0, 0], abs=1e-9)


# Bad input ------------------------------------------------------------------------------------------------------------

ONE = {"share": 1.0, "mean": 20, "sd": 10}


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"share": 1.2}, "share of class 'a' must lie in [0, 1], got 1.2"),
        ({"share": 61}, "share of class 'a' must lie in [0, 1], got 61; write 0.61 for 61%"),
        ({"share": math.nan}, "share of class 'a' must be finite, got nan"),
        ({"mean": -1}, "mean of class 'a' must be at least 0, got -1"),
        ({"mean": math.nan}, "mean of class 'a' must be finite, got nan"),
        ({"sd": math.inf}, "sd of class 'a' must be finite, got inf"),
        ({"sd": None}, "mean and sd of class 'a' must both be given, got 20 and None; or give probabilities"),
        (
            {"mean": 2.5, "sd": 0.1},
            "sd of class 'a' must be at least 0.5, as treatments are whole numbers, got 0.1 with mean 2.5",
        ),
        (
            {"mean": 0.3, "sd": 0.458},
            "sd of class 'a' must be at least 0.4582575695, as treatments are whole numbers, got 0.458 with mean 0.3",
        ),
        ({"mean": 0, "sd": 1}, "sd of class 'a' must be 0 where the mean is 0, got 1.0 with mean 0.0"),
        (
            {"mean": 1e12},
            (
                "mean and sd of class 'a' must leave more than 100000 treatments practically impossible, got"
                " 1000000000000.0 and 10.0; give treatments per patient per year"
            ),
        ),
        ({"maximum": 2.5}, "maximum of class 'a' must be a whole number of at least 0, got 2.5"),
        (
            {"probabilities": [1.0]},
            "probabilities of class 'a' must stand alone, got mean or sd too; leave out one of the two",
        ),
        (
            {"mean": None, "sd": None, "probabilities": [0.5, 0.4]},
            "probabilities of class 'a' must add up to 1, got 0.9; divide counts by their sum",
        ),
        (
            {"mean": None, "sd": None, "probabilities": [1.5, -0.5]},
            "probabilities of class 'a' must lie in [0, 1], got 1.5 at position 0",
        ),
        (
            {"mean": None, "sd": None, "probabilities": []},
            "probabilities of class 'a' must be a one-dimensional sequence, got shape (0,)",
        ),
        (
            {"mean": None, "sd": None, "probabilities": "ab"},
            "probabilities of class 'a' must be a sequence of numbers, got 'ab'",
        ),
    ],
)
def test_what_is_no_class_is_refused(changed, message):
    if changed.get("probabilities") == []:
        changed = {**changed, "probabilities": np.zeros(0)}
    with pytest.raises(InputError) as caught:
        payment.SeverityClass("a", **{**ONE, **changed})

    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("classes", "message"),
    [
        ([], "classes must hold at least one severity class, got none"),
        (["a"], "classes must be SeverityClass records, got 'a'"),
        (
            payment.SeverityClass("a", share=0.5, mean=1, sd=1),
            "shares of the classes must add up to 1, got 0.5; give each as a share of all patients",
        ),
        (
            [payment.SeverityClass(name, **{**ONE, "share": 0.5}) for name in ("heavy", "Heavy ")],
            (
                "names of classes must differ by more than case, white space or the form of letters, got 'Heavy ' and "
                "'heavy'; rename one"
            ),
        ),
        ([payment.SeverityClass("a", **ONE)] * 2, "names of classes must be unique, got 'a' more than once"),
    ],
)
def test_what_is_no_caseload_is_refused(classes, message):
    with pytest.raises(InputError) as caught:
        payment.Caseload(classes)

    assert str(caught.value) == message


BUNDLE = payment.Bundle(600)
CORRIDOR = payment.RiskCorridor(width=1, share=1)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: payment.FeeForService(math.nan), "tariff must be finite, got nan"),
        (lambda: payment.Bundle({"a": -1}), "price of class 'a' must be at least 0, got -1"),
        (lambda: payment.Bundle({"a": 1}).paid("b", 3), "severity must be one of 'a', got 'b'"),
        (
            lambda: payment.Bundle(1, corridor=0.5),
            "corridor must be a RiskCorridor or None, got 0.5",
        ),
        (lambda: payment.RiskCorridor(width=1, share=2), "share must lie in [0, 1], got 2"),
        (lambda: mix().named("x"), "severity class must be one of 'light', 'heavy', got 'x'"),
        (lambda: payment.expected_spending(mix(), 36), "scheme must be FeeForService or Bundle, got 36"),
        (
            lambda: payment.expected_spending(mix(), payment.Bundle({"light": 1})),
            "price by class must name the classes heavy, light, got light",
        ),
        (
            lambda: payment.expected_spending(
                mix(), payment.Bundle(1, stop_loss=payment.StopLoss(threshold={}, payment=1))
            ),
            "threshold by class must name the classes heavy, light, got ",
        ),
        (
            lambda: payment.expected_spending(mix(), payment.Bundle(1, corridor=CORRIDOR)),
            "cost and n_patients must be given with a corridor, got None and None",
        ),
        (
            lambda: payment.budget_neutral_price(mix(), tariff=10, stop_loss=payment.StopLoss(threshold=0, payment=20)),
            "price must be at least 0 to be budget-neutral, got -165.8",
        ),
        (
            lambda: payment.budget_neutral_price(mix(), tariff=36, corridor=CORRIDOR, cost=30, n_patients=5),
            "corridor with share 1 must hold the expected result of fee-for-service, 99.4",
        ),
        (
            lambda: payment.profit(mix(), BUNDLE, cost=-1, n_patients=5),
            "cost must be at least 0, got -1",
        ),
        (
            lambda: payment.profit(mix(), BUNDLE, cost=1, n_patients=2.5),
            "n_patients must be a whole number of at least 1, got 2.5",
        ),
        (
            lambda: payment.profit(mix(), BUNDLE, cost=1, n_patients=10**9),
            "n_patients must be numbers of at most 100000000, got 1000000000",
        ),
        (
            lambda: payment.profit(mix(), BUNDLE, cost=1, n_patients=[]),
            "n_patients must be numbers of at most 100000000, got none",
        ),
        (
            lambda: payment.profit(mix(), BUNDLE, cost=1, n_patients=5, quantiles=[0.5, 5]),
            "quantiles must be numbers in (0, 1), got 5.0; write 0.05 for 5%",
        ),
        (
            lambda: payment.profit(mix(), BUNDLE, cost=1, n_patients=5, quantiles="x"),
            "quantiles must be numbers in (0, 1), got 'x'",
        ),
    ],
)
def test_bad_numbers_are_refused(call, message):
    with pytest.raises(InputError) as caught:
        call()

    assert str(caught.value).startswith(message)


def test_the_lowest_standard_deviation_that_is_told_is_taken():
    """Rounded to three digits it lay below itself and was refused again."""
    for mean in (0.3, 0.01, 8.7, 123.456):
        with pytest.raises(InputError) as told:
            payment.SeverityClass("a", share=1, mean=mean, sd=0.0)
        lowest = float(str(told.value).partition("at least ")[2].partition(",")[0])
        assert payment.SeverityClass("a", share=1, mean=mean, sd=lowest).mean_given == pytest.approx(mean)
