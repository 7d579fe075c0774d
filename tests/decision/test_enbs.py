"""Net benefit of a study and value to a population, against sums by hand, brute force and voi."""

import numpy as np
import oracles
import pytest
import xarray as xr
from scipy import integrate

import hecon

PLAN = {
    "population": 10_000, "discount": 0.03, "accrual": 250, "follow_up": 1.0, "analysis": 0.5,
    "fixed_cost": 400_000, "cost_per_patient": 2500, "lifetime": [5, 10, 20],
}  # fmt: skip


def information(n, wtp=50_000):
    draws = hecon.from_reported(
        "new", "usual",
        cost=hecon.Difference(1000, ci=(0, 2000)), effect=hecon.Difference("0.030", ci=("-0.010", "0.070")),
        assume={"correlation": hecon.Assumed(0, (-0.5, 0.5), reason="not reported")}, n_draws=100, rng=1,
    )  # fmt: skip
    return hecon.normal_information(draws, wtp=wtp, n=n, patients=150)


def test_the_value_to_a_population_is_an_integral():
    for discount, delay in ((0.0, 0.0), (0.03, 0.0), (0.015, 2.5)):
        found = hecon.population_value(100.0, population=2000, discount=discount, delay=delay, lifetime=[2, 20])
        by_hand = [
            integrate.quad(lambda t, r=discount: 2000 * 100 * (1 + r) ** -t, min(delay, end), end)[0] for end in (2, 20)
        ]
        assert found.values == pytest.approx(by_hand)
    assert found.values[0] == 0


def test_evpi_keeps_its_dims():
    evpi = information(1, wtp=[20_000, 50_000])["evpi"]
    found = hecon.population_value(evpi, population=1000, discount=0.03)

    assert found.dims == ("lifetime", "wtp")
    assert found["lifetime"].values.tolist() == [5, 10, 20]
    assert (found.units, found.name) == ("EUR", "population_evpi")


def test_enbs_by_hand():
    """One size, one lifetime: value after the delay, costs of both arms, and what participants forgo."""
    evsi = information([150])
    found = hecon.enbs(evsi, **PLAN | {"lifetime": 10}).squeeze()
    delay = 2 * 150 / 250 + 1.0 + 0.5
    people = 10_000 * (1.03**-delay - 1.03**-10) / np.log(1.03)
    inb = 50_000 * 0.03 - 1000

    assert found["delay"].item() == pytest.approx(delay)
    assert found["reached"].item() == pytest.approx(people)
    assert found["cost"].item() == 400_000 + 2500 * 300
    assert found["forgone"].item() == pytest.approx(150 * inb)
    assert found["enbs"].item() == pytest.approx(evsi["evsi"].item() * people - 400_000 - 2500 * 300 - 150 * inb)


@pytest.mark.slow
def test_the_optimum_by_brute_force():
    """Every whole size tried one by one, the delay counted; a coarser table finds its own best."""
    sizes = np.arange(0, 801)
    evsi = information(sizes, wtp=[30_000, 50_000])
    found = hecon.enbs(evsi, **PLAN)

    for years in (5, 10, 20):
        for place, wtp in enumerate((30_000, 50_000)):
            best, value, row = 0, 0.0, []
            for n in sizes:
                start = 2 * n / 250 + 1.5
                people = sum(  # by months, summed
                    10_000 / 12 * 1.03 ** -(month / 12 + 1 / 24) for month in range(12 * years) if month / 12 >= start
                ) if n % 15 == 0 else None  # fmt: skip
                exact = 10_000 * max(1.03**-start - 1.03**-years, 0) / np.log(1.03)
                if people is not None:
                    assert people == pytest.approx(exact, abs=10_000 / 12)
                net = float(evsi["evsi"].values[n, place]) * exact
                net -= (400_000 + 5000 * n if n else 0) + n * float(evsi["forgone"].values[place])
                row.append(net)
                if net > value:
                    best, value = int(n), net
            at = found.sel(lifetime=years, wtp=wtp)
            assert (at["optimal_n"].item(), at["optimal_enbs"].item()) == (best, pytest.approx(value))
            if best:
                near = [n for n, net in zip(sizes, row, strict=True) if net >= 0.95 * value]
                assert (at["n_low"].item(), at["n_high"].item()) == (min(near), max(near))
    assert not found["at_edge"].any()


def test_the_delay_counts():
    """The same study that takes longer is worth less, and none once the decision has passed."""
    evsi = information([0, 200])
    values = [
        hecon.enbs(evsi, **PLAN | {"follow_up": years})["enbs"].sel(n=200, lifetime=5).item() for years in range(6)
    ]

    assert np.diff(values).max() <= 0
    cost = 400_000 + 2500 * 400 + 200 * evsi["forgone"].item()
    assert values[-1] == pytest.approx(-cost)
    assert (hecon.enbs(evsi, **PLAN)["enbs"].sel(n=0) == 0).all()


def test_no_study_pays():
    found = hecon.enbs(information([50, 100]), **PLAN | {"fixed_cost": 1e9})

    for name in ("optimal_n", "optimal_enbs", "n_low", "n_high"):
        assert (found[name] == 0).all()


def test_a_largest_size_that_is_best_is_told():
    assert hecon.enbs(information([10, 20]), **PLAN)["at_edge"].all()


def test_recruitment_as_a_function():
    evsi = information([100, 200])
    same = hecon.enbs(evsi, **PLAN | {"accrual": lambda n: 2 * n / 250})

    xr.testing.assert_allclose(same, hecon.enbs(evsi, **PLAN))


def voi_curves():
    """Return the sizes, the values per QALY, and voi's columns by name, shape (size, value)."""
    columns = oracles.table("voi_chemo_enbs.csv")
    sizes, values = (sorted(set(map(float, columns[name]))) for name in ("n", "k"))
    place = {(float(n), float(k)): at for at, (n, k) in enumerate(zip(columns["n"], columns["k"], strict=True))}
    order = np.array([[place[n, k] for k in values] for n in sizes])
    names = ("enbs", "enbsmax", "nmax", "nlower", "nupper")
    return sizes, values, {name: np.array(columns[name], dtype=float)[order] for name in names}


def test_the_curve_of_voi():
    """Its chemotherapy example: 46,000 patients over 10 years at 3.5% (continuous), 7.5 million and 35,000 a patient.

    Its EVSI is what the curve holds beyond the costs, over its own factor. It counts no delay, n are all participants.
    """
    sizes, values, curve = voi_curves()
    factor = 46_000 * (1 - np.exp(-0.035 * 10)) / 0.035
    evsi = (curve["enbs"] + 7.5e6 + 35_000 * np.array(sizes)[:, np.newaxis]) / factor
    found = hecon.enbs(
        xr.DataArray(evsi, {"n": sizes, "wtp": values}),
        population=46_000, discount=np.exp(0.035) - 1, lifetime=10, accrual=lambda _: 0.0, follow_up=0,
        fixed_cost=7.5e6, cost_per_patient=35_000, arms=1, forgone=0,
    ).squeeze()  # fmt: skip

    np.testing.assert_allclose(found["enbs"], curve["enbs"], rtol=1e-9)
    pays = curve["enbsmax"][0] > 0
    assert pays.tolist() == [False, True, True, True]
    for ours, theirs in (("optimal_enbs", "enbsmax"), ("optimal_n", "nmax"), ("n_low", "nlower"), ("n_high", "nupper")):
        np.testing.assert_allclose(found[ours], np.where(pays, curve[theirs][0], 0))
    # EVSI by our factor lies below voi's own EVPPI of the parameter that the study measures, and comes near it.
    columns = oracles.table("voi_chemo_evppi.csv")
    rows = zip(columns["set"], columns["method"], columns["k"], columns["evppi"], strict=True)
    evppi = {float(k): float(value) for name, method, k, value in rows if (name, method) == ("A", "gam")}
    share = evsi[-1] / [evppi[k] for k in values]
    assert ((share > 0.7) & (share < 1)).all()


GOOD = xr.DataArray([[1.0], [2.0]], {"n": [10, 20], "wtp": [50_000]})


def refused(evsi=GOOD, **changes):
    return hecon.enbs(evsi, **PLAN | {"arms": 2, "forgone": 0} | changes)


@pytest.mark.parametrize(
    ("act", "said"),
    [
        (lambda: refused(population=-1), "population must be at least 0, got -1"),
        (lambda: refused(population=np.nan), "population must be finite, got nan"),
        (lambda: refused(discount=3), "discount must lie in [0, 1], got 3; write 0.03 for 3%"),
        (lambda: refused(lifetime=[0, 5]), "lifetime must be finite and above 0 years, got 0.0 at position 0"),
        (lambda: refused(lifetime=[5, 10, 5]), "lifetime must hold each number once, got 5 again; leave it out"),
        (lambda: refused(follow_up=-1), "follow_up must be at least 0, got -1"),
        (lambda: refused(analysis=-1), "analysis must be at least 0, got -1"),
        (lambda: refused(accrual=0), "accrual must be above 0, got 0"),
        (lambda: refused(accrual=lambda _: -1), "accrual(10) must be at least 0, got -1"),
        (lambda: refused(fixed_cost=-1), "fixed_cost must be at least 0, got -1"),
        (lambda: refused(cost_per_patient="3"), "cost_per_patient must be a number, got '3'"),
        (lambda: refused(within=2), "within must lie in [0, 1], got 2; write 0.02 for 2%"),
        (lambda: refused(arms=0), "arms must be a whole number of at least 1, got 0"),
        (
            lambda: refused(arms=None),
            "arms must be given: the number of arms of n patients each, as 2; evsi does not say it",
        ),
        (
            lambda: refused(forgone=None),
            (
                "forgone must be given: what one participant in each arm forgoes together by not getting the option "
                "that is preferred now, or 0 where the study does not change their care; evsi does not say it"
            ),
        ),
        (
            lambda: refused(forgone=xr.DataArray([3.0], {"wtp": [999]}, ("wtp",))),
            (
                "forgone must have the labels of evsi along wtp, got [999] beside [50000]; compute both for the same "
                "values, or give one number"
            ),
        ),
        (
            lambda: refused(forgone=xr.DataArray([3.0], dims=("wtp",))),
            (
                "forgone must have the labels of evsi along wtp, got none beside [50000]; compute both for the same "
                "values, or give one number"
            ),
        ),
        (
            lambda: refused(GOOD.expand_dims(lifetime=[5])),
            "evsi must have no dim lifetime, which the result has of its own; select one, or rename it",
        ),
        (
            lambda: hecon.population_value(GOOD.expand_dims(lifetime=[5]), population=1, discount=0),
            "value must have no dim lifetime, which the result has of its own; select one, or rename it",
        ),
        (lambda: refused(forgone=-3), "forgone must be at least 0, got -3.0"),
        (
            lambda: refused(GOOD * np.nan),
            "evsi must hold finite numbers, got float64 with NaN or infinite values, or no numbers",
        ),
        (
            lambda: refused(3),
            (
                "evsi must be a DataArray over n and wtp with their values, or a Dataset with evsi, as "
                "hecon.normal_information returns, got int"
            ),
        ),
        (
            lambda: refused(GOOD.assign_coords(n=[-1, 2])),
            "n of evsi must be finite and at least 0 patients per arm, got [-1.0, 2.0]",
        ),
        (
            lambda: hecon.population_value(1.0, population=1, discount=0, delay=-1),
            "delay must be at least 0 years, got -1.0",
        ),
        (lambda: hecon.population_value(None, population=1, discount=0), "value must be a number, got None"),
    ],
)
def test_what_is_refused(act, said):
    with pytest.raises(hecon.InputError) as caught:
        act()

    assert str(caught.value) == said
