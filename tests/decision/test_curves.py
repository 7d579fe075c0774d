"""CEAC, CEAF, expected loss and EVPI: worked examples, properties, labels and messages."""

from __future__ import annotations

import numpy as np
import pytest
import strategies as cases_of
import xarray as xr
from hypothesis import assume, given
from hypothesis import strategies as st
from strategies import examples

import hecon
from hecon.errors import InputError

VERBS = ("ceac", "ceaf", "expected_loss", "evpi")


def size_of(draws, wtp):
    """Return the largest net benefit that could occur, to measure rounding by."""
    return np.asarray(wtp) * np.abs(draws["effect"].values).max() + np.abs(draws["cost"].values).max()


def test_textbook_example_of_perfect_information():
    """Briggs, Claxton and Sculpher 2006, chapter 6: five draws of the net benefit of A and B, EVPI 13.8 - 13 = 0.8.

    A is best in three of five draws, B has the higher expected net benefit: the CEAF is B's 0.4.
    """
    benefit = [[9, 12], [12, 10], [14, 20], [11, 10], [14, 13]]
    curves = hecon.decision_curves(cases_of.dataset(np.zeros((5, 2)), benefit), wtp=1)

    assert curves["ceac"].values.tolist() == [[0.6, 0.4]]
    assert curves["optimal"].values.tolist() == ["B"]
    assert curves["ceaf"].values.tolist() == [0.4]
    assert curves["expected_loss"].values[0] == pytest.approx([1.8, 0.8], rel=1e-12)
    assert curves["evpi"].values == pytest.approx([0.8], rel=1e-12)


def test_tied_strategies_share_draws():
    """At 0 both strategies of a draw cost the same and share it; a strategy given twice has half of its share."""
    draws = cases_of.dataset([[1, 1, 1], [2, 1, 1]], [[0, 1, 1], [0, 1, 1]])
    share = hecon.ceac(draws, wtp=[0, 1])

    assert share.values.tolist() == [[1 / 6, 5 / 12, 5 / 12], [0, 0.5, 0.5]]


@pytest.mark.parametrize(
    ("cost", "effect", "optimal"),
    [
        ([[0, 1, 2]], [[0, 1, 2]], "C"),  # equal net benefit at 1: more effect
        ([[1, 1, 0]], [[1, 1, 0]], "A"),  # twice the same strategy: by name
        ([[0.3, 0.1 + 0.2]], [[0, 0]], "A"),  # equal but for rounding, equal effect: lower cost
    ],
)
def test_ties_in_expected_net_benefit(cost, effect, optimal):
    """The optimal strategy of a tie is that with more effect, then lower cost, then first by name, in any order."""
    draws = cases_of.dataset(cost, effect)

    assert hecon.ceaf(draws, wtp=1)["optimal"].item() == optimal
    assert hecon.ceaf(draws.isel(strategy=slice(None, None, -1)), wtp=1)["optimal"].item() == optimal


def test_one_strategy_is_always_the_best():
    """With nothing to choose, probability is 1 and loss and EVPI are exactly 0."""
    rng = np.random.default_rng(3)
    curves = hecon.decision_curves(cases_of.dataset(rng.normal(size=(999, 1)), rng.normal(size=(999, 1))), wtp=[0, 0.1])

    assert curves["ceac"].values.tolist() == [[1.0], [1.0]]
    assert curves["expected_loss"].values.tolist() == [[0.0], [0.0]]
    assert curves["evpi"].values.tolist() == [0.0, 0.0]


@pytest.mark.slow
@given(cases_of.cases())
@examples(150)
def test_curves_equal_their_definitions(case):
    """The curves are what a table of net benefit in every draw gives, and hold together."""
    cost, effect, wtp = case
    draws = cases_of.dataset(cost, effect)
    curves = hecon.decision_curves(draws, wtp=wtp)
    benefit = hecon.net_benefit(draws, wtp=wtp)
    slack = 1e-11 * size_of(draws, wtp)
    loss = benefit.max("strategy").mean("draw") - benefit.mean("draw")
    at_optimum = curves["ceac"].values[np.arange(wtp.size), [list("ABCDEF").index(s) for s in curves["optimal"].values]]

    assert curves["wtp"].values.tolist() == wtp.tolist()
    assert curves["ceac"].sum("strategy").values == pytest.approx(1, abs=1e-15)
    assert np.all(np.abs(curves["expected_loss"] - loss).max("strategy") <= slack)
    assert np.all(curves["expected_loss"] >= 0)
    assert np.all(curves["evpi"] >= 0)
    assert np.array_equal(curves["evpi"], curves["expected_loss"].min("strategy"))
    assert np.array_equal(curves["ceaf"], at_optimum)
    assert np.all(curves["expected_loss"].sel(strategy=curves["optimal"]) <= curves["evpi"] + slack)


@pytest.mark.slow
@given(cases_of.cases(), st.randoms(use_true_random=False))
@examples(75)
def test_order_of_strategies_does_not_count(case, random):
    """Permuting the strategies permutes the results and nothing else."""
    cost, effect, wtp = case
    draws = cases_of.dataset(cost, effect)
    order = random.sample(range(draws.sizes["strategy"]), draws.sizes["strategy"])
    curves = hecon.decision_curves(draws, wtp=wtp)
    permuted = hecon.decision_curves(draws.isel(strategy=order), wtp=wtp)

    assert permuted["ceac"].equals(curves["ceac"].isel(strategy=order))
    assert permuted["ceaf"].equals(curves["ceaf"])
    assert np.all(np.abs(permuted["evpi"] - curves["evpi"]) <= 1e-12 * size_of(draws, wtp))


@pytest.mark.slow
@given(cases_of.cases(), st.integers(-9, 9), st.integers(-9, 9))
@examples(75)
def test_units_do_not_count(case, of_cost, of_effect):
    """Costs in units 2^a and effects in units 2^b: the same probabilities, losses in the new unit, exactly."""
    cost, effect, wtp = case
    curves = hecon.decision_curves(cases_of.dataset(cost, effect), wtp=wtp)
    scaled = hecon.decision_curves(
        cases_of.dataset(cost * 2.0**of_cost, effect * 2.0**of_effect), wtp=wtp * 2.0 ** (of_cost - of_effect)
    )

    assert np.array_equal(scaled["ceac"], curves["ceac"])
    assert np.array_equal(scaled["optimal"], curves["optimal"])
    assert np.array_equal(scaled["expected_loss"], curves["expected_loss"] * 2.0**of_cost)


@pytest.mark.slow
@given(cases_of.coarse(), st.integers(-5, 5))
@examples(50)
def test_a_common_cost_changes_no_choice(case, common):
    """What is added to every strategy of a draw leaves probabilities and losses as they are."""
    cost, effect = case
    wtp = [0.0, 0.5, 1.0, 4.0]
    curves = hecon.decision_curves(cases_of.dataset(cost, effect), wtp=wtp)
    shifted = hecon.decision_curves(cases_of.dataset(cost + common, effect), wtp=wtp)

    assert np.array_equal(shifted["ceac"], curves["ceac"])
    assert shifted["expected_loss"].values == pytest.approx(curves["expected_loss"].values, abs=1e-13)


def test_incremental_draws_give_the_curves_of_absolute_ones():
    """Only differences between strategies count."""
    rng = np.random.default_rng(11)
    cost, effect = rng.integers(0, 50, (200, 3)).astype(float), rng.integers(0, 9, (200, 3)).astype(float)
    draws = cases_of.dataset(cost, effect)
    differences = cases_of.dataset(cost - cost[:, :1], effect - effect[:, :1], comparator="A", scale="incremental")
    one, other = (hecon.decision_curves(each, wtp=[0, 3, 7.5]) for each in (draws, differences))

    assert np.array_equal(one["ceac"], other["ceac"])
    assert one["evpi"].values == pytest.approx(other["evpi"].values, abs=1e-12)


def several():
    """Return draws with two further dims, one of them of costs alone."""
    rng = np.random.default_rng(8)
    parts = [
        cases_of.dataset(rng.integers(0, 9, (7, 3)), rng.integers(0, 9, (7, 3)), comparator="B", source="made up")
        for _ in range(2)
    ]
    joined = xr.concat(parts, xr.Variable("scenario", ["low", "high"]))
    rise = xr.DataArray([1.0, 1.5, 2.0], coords={"perspective": ["payer", "care", "society"]}, dims="perspective")
    return joined.assign(cost=(joined["cost"] * rise).assign_attrs(joined["cost"].attrs))


def test_further_dims_broadcast():
    """Each cell of the further dims, which come first, has the curves that it has alone."""
    draws = several()
    curves = hecon.decision_curves(draws, wtp=[2, 0, 2])

    assert curves["ceac"].dims == ("scenario", "perspective", "wtp", "strategy")
    assert curves["evpi"].dims == ("scenario", "perspective", "wtp")
    assert curves["scenario"].values.tolist() == ["low", "high"]
    for scenario in ("low", "high"):
        for perspective in ("payer", "society"):
            at = {"scenario": scenario, "perspective": perspective}
            alone = hecon.decision_curves(draws.sel(at), wtp=[2, 0, 2])
            assert curves.sel(at).drop_vars(at).equals(alone.drop_vars(at))


@pytest.mark.parametrize("verb", VERBS)
def test_each_verb_is_its_part_of_the_pass(verb):
    """A verb gives its variable, with units, all attributes, and the coordinate `optimal` only on the frontier."""
    draws = several()
    result = getattr(hecon, verb)(draws, wtp=[3, 1])
    whole = hecon.decision_curves(draws, wtp=[3, 1])

    assert result.drop_vars("optimal", errors="ignore").equals(whole[verb].drop_vars("optimal"))
    assert ("optimal" in result.coords) == (verb == "ceaf")
    assert {**result.attrs, **draws.attrs} == result.attrs
    assert result.attrs["units"] == ("1" if verb in {"ceac", "ceaf"} else "EUR")
    assert result["wtp"].attrs["units"] == "EUR per QALY"
    assert whole.attrs == draws.attrs


def test_units_come_from_the_draws():
    """Currency and unit of effect are those of the draws, not euros and QALYs by habit."""
    draws = cases_of.dataset([[1, 2]], [[1, 2]], currency="GBP", effect_unit="LY")
    curves = hecon.decision_curves(draws, wtp=1)

    assert curves["evpi"].attrs["units"] == "GBP"
    assert curves["wtp"].attrs["units"] == "GBP per LY"


def test_a_single_value_keeps_its_dim():
    """A number gives a result with one place on `wtp`."""
    assert hecon.evpi(cases_of.dataset([[1, 2]], [[1, 2]]), wtp=5).dims == ("wtp",)


@given(cases_of.cases())
@examples(25)
def test_repeated_values_repeat_results(case):
    """Equal values of willingness to pay have equal results wherever they stand."""
    cost, effect, wtp = case
    assume(wtp.size > 1)
    draws = cases_of.dataset(cost, effect)
    twice = hecon.decision_curves(draws, wtp=[*wtp, *wtp[::-1]])

    assert twice.isel(wtp=slice(wtp.size)).equals(twice.isel(wtp=slice(None, wtp.size - 1, -1)))


@pytest.mark.parametrize("verb", [*VERBS, "decision_curves"])
@pytest.mark.parametrize(
    ("wtp", "message"),
    [
        ([1, -1], "wtp must be finite and at least 0, got -1.0 at position 1"),
        (np.nan, "wtp must be finite and at least 0, got nan at position 0"),
        ([np.inf], "wtp must be finite and at least 0, got inf at position 0"),
    ],
)
def test_bad_willingness_to_pay(verb, wtp, message):
    """Willingness to pay is finite and not negative, for every verb."""
    with pytest.raises(InputError, match=message):
        getattr(hecon, verb)(cases_of.dataset([[1, 2]], [[1, 2]]), wtp=wtp)


@pytest.mark.parametrize("verb", [*VERBS, "decision_curves", "net_benefit"])
def test_draws_that_are_not_finite(verb):
    """A NaN that came in behind the door is refused; it must not win or lose in silence."""
    draws = cases_of.dataset([[1.0, 2.0]], [[1.0, 2.0]])
    draws["cost"].values[0, 1] = np.nan

    with pytest.raises(InputError, match=r"draws\['cost'\] must be finite"):
        getattr(hecon, verb)(draws, wtp=1)
