"""EVSI: two methods against the closed form and voi, ready studies, and every refusal."""

from __future__ import annotations

import re

import numpy as np
import oracles
import pandas as pd
import pytest
import xarray as xr
from scipy import stats

import hecon
from hecon import studies
from hecon.errors import InputError, StatisticalWarning

METHODS = ("regression", "importance")
SD, CORRELATION = (5_000.0, 0.2), -0.1


def gaussian(n=5_000, seed=5):
    """Return draws of two strategies with normal differences, and these as parameters."""
    covariance = [[600**2, -0.2 * 600 * 0.03], [-0.2 * 600 * 0.03, 0.03**2]]
    x = np.random.default_rng(seed).multivariate_normal([500, 0.03], covariance, n)
    zero = np.zeros(n)
    draws = hecon.from_arrays(
        np.column_stack([zero, x[:, 0]]), np.column_stack([zero, x[:, 1]]), strategies=["old", "new"], comparator="old"
    )
    return draws, pd.DataFrame(x, columns=["cost", "effect"])


@pytest.mark.slow
@pytest.mark.parametrize("method", METHODS)
def test_a_gaussian_case_has_its_closed_form(method):
    """Willan and Pinto 2005, of the moments of the same draws; the value rises with n to that of its parameters."""
    draws, parameters = gaussian()
    study = studies.cost_and_effect("cost", "effect", sd=SD, correlation=CORRELATION)
    sampling = 2 * np.outer(SD, SD) * [[1, CORRELATION], [CORRELATION, 1]]
    sizes = [25, 100, 400, 100_000] if method == "regression" else [25, 100, 400]
    found = hecon.evsi(draws, parameters, study, n=sizes, wtp=[20_000, 30_000], method=method, rng=1)
    known = hecon.normal_information(draws, wtp=[20_000, 30_000], n=sizes, sampling=sampling)["evsi"]

    for ours, se, theirs in zip(
        *(each.to_numpy().ravel() for each in (found["evsi"], found["se"], known)), strict=True
    ):
        assert ours == pytest.approx(theirs, abs=2.5 * se)
    assert (np.diff(found["evsi"].to_numpy(), axis=0) > 0).all()
    assert found.attrs["arms"] == 2
    assert found.attrs["method"] == method
    if method == "regression":
        whole = hecon.evppi(draws, parameters, of=("cost", "effect"), wtp=[20_000, 30_000])
        assert found["evsi"].to_numpy()[-1] == pytest.approx(whole["evppi"].to_numpy()[0], rel=0.03)


def chemotherapy():
    """Return the example of voi: draws, parameters, and its results at 20,000 and 30,000 by n."""
    cost, effect = (oracles.numbers(f"voi_chemo_{kind}.csv") for kind in ("costs", "effects"))
    parameters = pd.DataFrame(oracles.table("voi_chemo_params.csv"), dtype=float)
    told = oracles.table("voi_chemo_evsi_gam_trial_binary.csv")
    rows = zip(*(map(float, told[name]) for name in ("n", "k", "evsi")), strict=True)
    return hecon.from_arrays(cost, effect, strategies=["standard", "novel"]), parameters, list(rows)


@pytest.mark.parametrize("method", ["regression", pytest.param("importance", marks=pytest.mark.slow)])
def test_voi_chemotherapy(method):
    """Within Monte Carlo error of the gam of voi 1.0.3, of n per arm."""
    draws, parameters, rows = chemotherapy()
    study = studies.two_arm_binary("p_side_effects_t1", "p_side_effects_t2")
    sizes, wtp = [50, 100, 250, 500, 1_000], [15_000, 20_000, 30_000, 50_000]
    found = hecon.evsi(draws, parameters, study, n=sizes, wtp=wtp, method=method, rng=1)
    compared = [(n, k, known) for n, k, known in rows if k in wtp]

    assert len(compared) == 20
    for n, k, known in compared:
        at = found.sel(n=n, wtp=k)
        # Theirs has an error of its own; a standard error of the value holds for both.
        assert at["evsi"].item() == pytest.approx(known, abs=2 * at["se"].item()), (n, k)


def test_values_and_sizes_keep_their_order():
    draws, parameters = gaussian(1_000)
    study = studies.two_arm_normal("cost", "effect", sd=1)
    found = hecon.evsi(draws, parameters, study, n=[400, 25], wtp=[30_000, 0, 30_000], rng=2)

    assert found["evsi"].dims == ("n", "wtp")
    assert found["n"].to_numpy().tolist() == [400, 25]
    assert found["n"].attrs["units"] == "patients per arm"
    assert found["wtp"].to_numpy().tolist() == [30_000, 0, 30_000]
    assert (found["evsi"].isel(wtp=0) == found["evsi"].isel(wtp=2)).all()
    xr.testing.assert_identical(
        found, hecon.evsi(draws, parameters, study, n=[400, 25], wtp=[30_000, 0, 30_000], rng=2)
    )


def own(parameters, n, rng):
    """Measure the effect of the new option, alone."""
    return parameters["effect"] + rng.normal(0, 0.3 / np.sqrt(n), parameters.sizes["draw"])


def test_a_study_of_ones_own():
    """Whatever kind of table it returns."""
    draws, parameters = gaussian(1_000)
    kinds = (
        own,
        lambda *given: own(*given).to_numpy(),
        lambda *given: own(*given).to_numpy()[:, np.newaxis],
        lambda *given: pd.DataFrame({"mean": own(*given)}),
        lambda *given: xr.Dataset({"mean": own(*given)}),
        lambda *given: {"mean": own(*given).to_numpy()},
    )
    first, *others = (hecon.evsi(draws, parameters, each, n=100, wtp=30_000, rng=3) for each in kinds)

    assert first["evsi"].item() > 0
    assert "arms" not in first.attrs
    assert [other["evsi"].item() for other in others] == [first["evsi"].item()] * len(others)


def test_further_dims_go_through():
    draws, parameters = gaussian(1_000)
    both = xr.concat([draws, draws.assign(cost=draws["cost"] * 2)], xr.Variable("perspective", ["care", "society"]))
    for method in METHODS:
        study = studies.cost_and_effect("cost", "effect", sd=SD, correlation=0)
        found = hecon.evsi(both, parameters, study, n=[50], wtp=[0, 30_000], method=method, rng=3)
        alone = hecon.evsi(draws, parameters, study, n=[50], wtp=[0, 30_000], method=method, rng=3)

        assert found["evsi"].dims == ("perspective", "n", "wtp")
        assert found["evsi"].sel(perspective="care").to_numpy() == pytest.approx(alone["evsi"].to_numpy())


def test_the_net_benefit_of_a_study_follows():
    draws, parameters = gaussian(1_000)
    study = studies.cost_and_effect("cost", "effect", sd=SD, correlation=CORRELATION)
    found = hecon.evsi(draws, parameters, study, n=[25, 100, 400], wtp=30_000, rng=1)
    worth = hecon.enbs(
        found,
        population=1_000,
        discount=0.03,
        accrual=200,
        follow_up=1,
        fixed_cost=200_000,
        cost_per_patient=500,
        forgone=0.0,
    )

    assert worth["enbs"].dims == ("n", "lifetime", "wtp")
    assert worth["optimal_n"].max() > 0


def test_weights_that_rest_on_few_draws_are_told():
    draws, parameters = gaussian(400)
    study = studies.cost_and_effect("cost", "effect", sd=SD, correlation=CORRELATION)

    with pytest.warns(StatisticalWarning, match=r"^weights of a study of n = 1000000 rest on \d+ draws in the median"):
        hecon.evsi(draws, parameters, study, n=1_000_000, wtp=30_000, method="importance", rng=1)


def test_a_value_that_falls_is_told():
    draws, parameters = gaussian(2_000)

    def worse(parameters, n, rng):
        return parameters["effect"] + rng.normal(0, n, parameters.sizes["draw"])

    with pytest.warns(StatisticalWarning, match=r"^the value falls from \d+\.?\d* at n = 1 to 0 at n = 1000, which no"):
        hecon.evsi(
            draws, parameters, lambda known, n, rng: worse(known, n / 1_000, rng), n=[1_000, 1], wtp=30_000, rng=1
        )


ALL = studies.cost_and_effect("cost", "effect", sd=SD, correlation=CORRELATION)


@pytest.mark.parametrize(
    ("study", "options", "message"),
    [
        (5, {}, "study must be a function of (parameters, n, rng), or one of hecon.studies, got 5"),
        (ALL, {"n": 0}, "n must be whole and at least 1, got 0.0 at position 0; a study of nobody has no value"),
        (ALL, {"n": [10, 2.5]}, "n must be whole and at least 1, got 2.5 at position 1"),
        (ALL, {"n": "ten"}, "n must be a whole number or a sequence of them, got 'ten'"),
        (ALL, {"method": "gam"}, "method must be one of 'regression', 'importance', got 'gam'"),
        (
            own,
            {"method": "importance"},
            "method 'importance' needs a study with a likelihood, as those of hecon.studies",
        ),
        (lambda *_: np.zeros(7), {}, "study must return a row of summaries for each of the 60 draws, shape (60,) or"),
        (lambda *_: np.zeros((60, 0)), {}, "(60, summaries), got shape (60, 0) for n = 10"),
        (lambda *_: 5.0, {}, "got shape () for n = 10"),
        (lambda *_: "x", {}, "what the study returns must hold numbers only"),
        (lambda *_: np.full(60, np.nan), {}, "study must return finite summaries, got nan in 'summary 1' at draw 0"),
        (
            lambda *_: np.ones(60),
            {},
            "study must return summaries that vary over the draws, got 1 in all of 'summary 1'",
        ),
        (
            lambda known, *_: np.column_stack([known["cost"], 2 * known["cost"]]),
            {},
            "must not be collinear, got 'summary 1, n = 10', 'summary 2, n = 10'",
        ),
        (
            studies.follow_up("rate", years=1),
            {},
            "study must be about columns of parameters, got 'rate'; they are 'cost', ",
        ),
        (
            studies.follow_up("zero", years=1),
            {},
            "got a constant in 'zero': what is known has no value of information; ",
        ),
        (studies.follow_up("many", years=1e12), {}, "n times years times 'many' must be at most 1e+15 events, got "),
        (
            lambda known, *_: pd.concat(
                [known["cost"].to_series(), known["effect"].to_series()], axis=1, keys=["a", "a"]
            ),
            {},
            "summaries that the study returns must be unique, got 'a' more than once",
        ),
        (
            lambda known, *_: {"a": known["cost"].to_numpy(), "b": known["cost"].to_numpy()[:9]},
            {},
            "each of the 60 draws, shape (60,) or (60, summaries), got shape (9,)",
        ),
        (
            lambda known, *_: {"a": known["cost"].to_numpy().reshape(2, -1)},
            {},
            "each of the 60 draws, shape (60,) or (60, summaries), got shape (2, ",
        ),
        (
            lambda known, *_: known["cost"].to_series().iloc[::-1].iloc[1:],
            {},
            "parameters and what the study returns must have the same labels of their draws, got ",
        ),
        (own, {"n": np.inf}, "n must be whole and at least 1, got inf at position 0"),
        (studies.two_arm_binary("cost", "effect"), {}, "parameter 'cost' must be a probability, in [0, 1], got "),
        (studies.follow_up("low", years=1), {}, "parameter 'low' must be a rate, at least 0, got -"),
    ],
)
def test_what_is_no_study(study, options, message):
    draws, parameters = gaussian(60)
    given = {"n": 10, "wtp": 30_000, "rng": 1} | options
    size = np.abs(parameters["cost"])
    parameters = parameters.assign(low=-size, zero=0.0, many=100 + size)
    with pytest.raises(InputError, match=re.escape(message)):
        hecon.evsi(draws, parameters, study, **given)


def test_results_of_a_study_are_matched_by_their_labels():
    """In another order, with the dims turned, and as a table; a study that changes its parameters changes only them."""
    draws, parameters = gaussian(600)

    def measured(known, n, rng):
        return np.column_stack([known[name] + rng.normal(0, 1 / np.sqrt(n), 600) for name in ("cost", "effect")])

    def table(known, n, rng):
        found = pd.DataFrame(measured(known, n, rng), known.indexes["draw"])
        known["effect"].to_numpy()[:] = 0
        return found.sample(frac=1, random_state=1)

    def turned(known, n, rng):
        return xr.DataArray(measured(known, n, rng).T, {"draw": known["draw"]}, ("summary", "draw"))[:, ::-1]

    options = {"n": [10, 40], "wtp": 30_000, "rng": 1}
    plain = hecon.evsi(draws, parameters, measured, **options)
    for study in (table, turned, lambda *given: dict(table(*given).add_prefix("at").items())):
        xr.testing.assert_allclose(hecon.evsi(draws, parameters, study, **options), plain)


def test_rows_of_their_own_are_not_matched_with_labelled_draws():
    draws, parameters = gaussian(60)
    labels = np.arange(60) + 1
    draws, parameters = draws.assign_coords(draw=labels), parameters.set_axis(labels)
    message = re.escape("got rows 0, 1, 2, … of their own for n = 10; pass index=parameters.indexes['draw'] where")
    with pytest.raises(InputError, match=message):
        hecon.evsi(draws, parameters, lambda known, *_: pd.Series(known["cost"].to_numpy()), n=10, wtp=0)
    for study in (
        lambda known, *_: pd.Series(known["cost"].to_numpy(), index=known.indexes["draw"]),
        lambda known, *_: pd.Series(known["cost"].to_numpy()).to_numpy(),
    ):
        assert hecon.evsi(draws, parameters, study, n=10, wtp=0)["evsi"].item() >= 0


def test_parameters_of_a_study_that_are_linear_in_each_other():
    """A study cannot leave one out, so the remedy is another one; it works."""
    effect = np.random.default_rng(1).normal(0.1, 0.1, 200)
    parameters = pd.DataFrame({"cost": 900 + 4_000 * effect, "effect": effect})
    draws = hecon.from_arrays(
        np.column_stack([0 * effect, parameters["cost"]]),
        np.column_stack([0 * effect, effect]),
        strategies=["usual", "new"],
    )
    study = studies.cost_and_effect("cost", "effect", sd=(5_000, 0.2), correlation=0)
    with pytest.raises(
        InputError, match=r"'cost', 'effect', of which each is a linear function of .*; use method='regr"
    ):
        hecon.evsi(draws, parameters, study, n=10, wtp=30_000, method="importance", rng=1)
    assert hecon.evsi(draws, parameters, study, n=10, wtp=30_000, method="regression", rng=1)["evsi"].item() >= 0


def test_a_likelihood_of_another_shape():
    draws, parameters = gaussian(60)
    study = studies.FutureStudy(("effect",), 1, own, lambda *_: np.zeros(3))

    with pytest.raises(
        InputError, match=r"^log_likelihood of the study must have the shape \(60, 60\), \(study, draw\), got"
    ):
        hecon.evsi(draws, parameters, study, n=10, wtp=30_000, method="importance", rng=1)


LIKELIHOODS = {
    "binary": (
        studies.two_arm_binary("p", "q"),
        lambda seen, known: stats.binom.logpmf(seen[0], 40, known["p"]) + stats.binom.logpmf(seen[1], 40, known["q"]),
    ),
    "normal": (
        studies.two_arm_normal("x", "y", sd=2.0),
        lambda seen, known: (
            stats.norm.logpdf(seen[0], known["x"], 2 / np.sqrt(40))
            + stats.norm.logpdf(seen[1], known["y"], 2 / np.sqrt(40))
        ),
    ),
    "cost and effect": (
        studies.cost_and_effect("x", "y", sd=(2.0, 3.0), correlation=0.5),
        lambda seen, known: stats.multivariate_normal.logpdf(
            seen - np.column_stack([known["x"], known["y"]]), cov=2 * np.array([[4, 3], [3, 9]]) / 40
        ),
    ),
    "follow-up": (
        studies.follow_up("r", years=3),
        lambda seen, known: stats.poisson.logpmf(seen[0], 120 * known["r"]),
    ),
}


@pytest.mark.parametrize("kind", LIKELIHOODS)
def test_studies_simulate_by_their_likelihood(kind):
    """The likelihood is scipy's but for a constant of the study; simulated means and variances are theirs."""
    study, expected = LIKELIHOODS[kind]
    rng = np.random.default_rng(4)
    known = {
        "p": rng.uniform(size=6),
        "q": rng.uniform(size=6),
        "x": rng.normal(size=6),
        "y": rng.normal(size=6),
        "r": rng.uniform(size=6),
    }
    seen = study(known, 40, rng)
    found = study.log_likelihood(seen, known, 40)

    assert found.shape == (6, 6)
    for row, one in zip(found, seen, strict=True):
        theirs = expected(one, known)
        assert row - row[0] == pytest.approx(theirs - theirs[0], abs=1e-9)
    same = {name: np.full(40_000, values[0]) for name, values in known.items()}
    many = study(same, 40, rng)
    truth = {
        "binary": [40 * same["p"][0], 40 * same["q"][0]],
        "normal": [same["x"][0], same["y"][0]],
        "cost and effect": [same["x"][0], same["y"][0]],
        "follow-up": [120 * same["r"][0]],
    }[kind]
    variance = {
        "binary": [40 * same[each][0] * (1 - same[each][0]) for each in "pq"],
        "normal": [4 / 40] * 2,
        "cost and effect": [8 / 40, 18 / 40],
        "follow-up": truth,
    }[kind]
    assert many.mean(axis=0) == pytest.approx(truth, abs=5 * np.sqrt(max(variance) / 40_000))
    assert many.var(axis=0) == pytest.approx(variance, rel=0.04)
    if kind == "cost and effect":
        assert np.corrcoef(many.T)[0, 1] == pytest.approx(0.5, abs=0.02)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: studies.two_arm_normal("x", "y", sd=0), "sd must be above 0, got 0"),
        (
            lambda: studies.two_arm_normal("x", "y", sd=1e200),
            "sd must lie between 1e-150 and 1e150 in size, or be 0, got",
        ),
        (
            lambda: studies.cost_and_effect("x", "y", sd=(1, 1e-200), correlation=0),
            "sd of y must lie between 1e-150 and 1e150 in size, or be 0, got 1e-200",
        ),
        (lambda: studies.two_arm_binary("x", "x"), "control and treated must be unique, got 'x' more than once"),
        (lambda: studies.two_arm_binary("x", ""), "control and treated must be non-empty text"),
        (
            lambda: studies.cost_and_effect("x", "y", sd=1, correlation=0),
            "sd must be two numbers, of cost and of effect",
        ),
        (lambda: studies.cost_and_effect("x", "y", sd=(1, -1), correlation=0), "sd of y must be above 0, got -1"),
        (lambda: studies.cost_and_effect("x", "y", sd=(1, 1), correlation=1), "correlation must lie in (-1, 1), got 1"),
        (lambda: studies.follow_up("x", years=0), "years must be above 0, got 0"),
        (
            lambda: studies.follow_up("x", years=1)({"y": [1.0]}, 1, np.random.default_rng()),
            "parameters must hold 'x', which the study is",
        ),
    ],
)
def test_studies_that_are_none(make, message):
    with pytest.raises(InputError, match=re.escape(message)):
        make()
