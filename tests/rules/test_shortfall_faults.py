"""The shortfall: every error message, and the beginning and end of what is accepted."""

from __future__ import annotations

import math

import numpy as np
import pytest

from hecon import zin
from hecon.errors import InputError

GIVE = "patients are missing: give remaining_qalys, or survival, hazard or smr, and utility or decrement and years"
DRAWS = "must be a number or one-dimensional draws of it, got"
SMR = "smr must lie in [0.001, 1000] (a standardised mortality ratio; 1 is the population's), got"
LOSS = "decrement must lie in [0, 2] (what comes off the utility), got"
DISCOUNT = (
    "QALYs that are given must be discounted at 0.015 a year, as the shortfall is, since hecon does not know when they "
    "fall: give discounted ones and given_discount=0.015, or discount=0"
)
CARRY_ON = "carry it on, or give beyond='population' (mortality of the population from then on)"
TIMES = "must have times [years] that begin at 0 and rise, up to 150, got"
MOST = "patients must have at most 130 QALYs ahead of them, got"
RISE = "mortality must rise with age, also beyond the last time that was given"
CURVE = ([0, 10], [1, 0])
RATES = ([0, 10], [0.1, 0.2])


def told(**options):
    """Return what is said when the input is refused."""
    with pytest.raises(InputError) as caught:
        zin.shortfall(**options)
    return str(caught.value)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({}, "age is missing: give age and female, or population_qalys"),
        ({"female": 0.5, "smr": 2}, "age is missing: give age and female, or population_qalys"),
        ({"age": 40, "smr": 2}, "female is missing: give age and female, or population_qalys"),
        ({"age": 40, "remaining_qalys": 9}, "female is missing: give age and female, or population_qalys"),
        ({"age": 40, "female": 0.5}, GIVE),
        ({"age": 40, "female": 0.5, "value_set": "nl-5l-2016"}, GIVE),
        (
            {"population_qalys": 20},
            "remaining_qalys must be given with population_qalys, as there is no age to compute them from",
        ),
        (
            {"population_qalys": 20, "smr": 2},
            "remaining_qalys must be given with population_qalys, as there is no age to compute them from",
        ),
        *(
            (
                {"population_qalys": 20, "remaining_qalys": 9, **more},
                f"population_qalys must stand alone, got {said} too",
            )
            for said, more in {
                "age": {"age": 40, "female": 0.5},
                "female": {"female": 0.5},
                "weights": {"weights": [1]},
                "table": {"table": "cbs-2021"},
                "norms": {"norms": "szende-2014"},
            }.items()
        ),
        *(
            (
                {"age": 40, "female": 0.5, "remaining_qalys": 9, **more},
                f"remaining_qalys must stand alone, got {said} too",
            )
            for said, more in {
                "survival": {"survival": CURVE, "utility": 0.5},
                "hazard": {"hazard": RATES},
                "smr": {"smr": 2},
                "utility": {"utility": 0.5},
                "decrement": {"decrement": 0.5, "years": 2},
                "years": {"years": 2},
                "beyond": {"beyond": "population"},
            }.items()
        ),
        ({"population_qalys": 0, "remaining_qalys": 9}, "population_qalys must be above 0, got 0"),
        ({"population_qalys": -3, "remaining_qalys": 9}, "population_qalys must be above 0, got -3"),
        (
            {"population_qalys": 130.5, "remaining_qalys": 9},
            "population_qalys must lie in (0, 130] QALY, got 130.5",
        ),
        (
            {"population_qalys": 20, "remaining_qalys": np.ma.array([9, 1], mask=[False, True])},
            "remaining_qalys must have no masked numbers, got a masked array: leave out what is missing",
        ),
        ({"population_qalys": math.nan, "remaining_qalys": 9}, "population_qalys must be finite, got nan"),
        ({"population_qalys": "20", "remaining_qalys": 9}, "population_qalys must be a number, got '20'"),
        ({"population_qalys": [20], "remaining_qalys": 9}, "population_qalys must be a number, got [20]"),
        ({"population_qalys": 20, "remaining_qalys": -1}, "remaining_qalys must lie in [0, 130] QALY, got -1.0"),
        ({"population_qalys": 20, "remaining_qalys": 131}, "remaining_qalys must lie in [0, 130] QALY, got 131.0"),
        (
            {"population_qalys": 20, "remaining_qalys": [9, math.nan]},
            "remaining_qalys must lie in [0, 130] QALY, got nan in draw 1",
        ),
        ({"population_qalys": 20, "remaining_qalys": "few"}, f"remaining_qalys {DRAWS} 'few'"),
        ({"population_qalys": 20, "remaining_qalys": []}, f"remaining_qalys {DRAWS} shape (0,)"),
        ({"population_qalys": 20, "remaining_qalys": [[9]]}, f"remaining_qalys {DRAWS} shape (1, 1)"),
        ({"population_qalys": 20, "remaining_qalys": 9, "discount": 0.015}, DISCOUNT),
        ({"age": 40, "female": 0.5, "remaining_qalys": 9, "discount": 0.015}, DISCOUNT),
    ],
)
def test_each_side_is_given_once(options, message):
    """The population and the patients are each given in one way, and the message says which to keep."""
    assert told(**options) == message + (": keep one of them" if message.endswith(" too") else "")


@pytest.mark.parametrize(
    ("patients", "message"),
    [
        ({"survival": CURVE, "smr": 2}, "mortality must be given once, got survival and smr: keep one"),
        ({"survival": CURVE, "hazard": RATES}, "mortality must be given once, got survival and hazard: keep one"),
        ({"hazard": RATES, "smr": 2}, "mortality must be given once, got hazard and smr: keep one"),
        (
            {"hazard": RATES, "smr": 2, "survival": CURVE},
            "mortality must be given once, got survival and hazard and smr: keep one",
        ),
        (
            {"utility": 0.5, "decrement": 0.1, "years": 2},
            "utility and decrement must not both be given: a decrement comes off the norm of the population",
        ),
        ({"years": 2}, "years must be given together with decrement, which is missing"),
        (
            {"decrement": 0.2},
            "decrement must be given together with years, which is missing: say how many, or for the rest of life",
        ),
        (
            {"smr": 2, "beyond": "population"},
            "beyond must be given with survival alone: it says what follows the curve's last time",
        ),
        (
            {"beyond": "population"},
            "beyond must be given with survival alone: it says what follows the curve's last time",
        ),
        ({"survival": CURVE, "beyond": "nobody"}, "beyond must be one of 'population', got 'nobody'"),
        ({"smr": 0}, f"{SMR} 0.0"),
        ({"smr": 1001}, f"{SMR} 1001.0"),
        ({"smr": [1, math.inf, -2]}, f"{SMR} inf in draw 1"),
        ({"smr": math.nan}, f"{SMR} nan"),
        ({"smr": "2"}, f"smr {DRAWS} '2'"),
        ({"smr": True}, f"smr {DRAWS} True"),
        ({"smr": [[1, 2]]}, f"smr {DRAWS} shape (1, 2)"),
        ({"decrement": -0.1, "years": 2}, f"{LOSS} -0.1"),
        ({"decrement": [0.1, 2.1], "years": 2}, f"{LOSS} 2.1 in draw 1"),
        ({"decrement": "much", "years": 2}, f"decrement {DRAWS} 'much'"),
        ({"decrement": 0.1, "years": -1}, "years must be at least 0, got -1.0"),
        ({"decrement": 0.1, "years": [2, math.nan]}, "years must be at least 0, got nan in draw 1"),
        ({"decrement": 0.1, "years": "long"}, f"years {DRAWS} 'long'"),
        ({"utility": 1.01}, "utility must lie in [-1, 1], got 1.01"),
        ({"utility": [0.5, -1.01]}, "utility must lie in [-1, 1], got -1.01 in draw 1"),
        ({"utility": "good"}, f"utility {DRAWS} 'good'"),
        ({"utility": np.zeros((2, 2))}, f"utility {DRAWS} shape (2, 2)"),
        ({"utility": ([1, 5], [0.5, 0.6])}, f"utility {TIMES} [1.0, 5.0]"),
        ({"utility": ([0, 151], [0.5, 0.6])}, f"utility {TIMES} [0.0, 151.0]"),
        *(
            (
                {"decrement": 0.1, "years": 2, name: np.ma.array([0.5, 1], mask=[False, True])},
                f"{name} must have no masked numbers, got a masked array: leave out what is missing",
            )
            for name in ("smr", "decrement", "years")
        ),
        (
            {"utility": np.ma.array([0.5, 1], mask=[False, True])},
            "utility must have no masked numbers, got a masked array: leave out what is missing",
        ),
    ],
)
def test_patients_hang_together(patients, message):
    """Mortality and utility are each given in one way, within their bounds."""
    assert told(age=40, female=0.5, **patients) == message


@pytest.mark.parametrize(
    ("curve", "message"),
    [
        ("long", "survival must be a pair (times, values), got 'long'"),
        ([0, 1, 2], "survival must be a pair (times, values), got [0, 1, 2]"),
        (([0, "a"], [1, 0]), "survival must be a pair (times, values) of numbers, got ([0, 'a'], [1, 0])"),
        (([0, 1], [1, None]), "survival must be a pair (times, values) of numbers, got ([0, 1], [1, None])"),
        (([0, 1], [1]), "survival must have one value per time, got 2 times and values of shape (1,)"),
        (([], []), "survival must have one value per time, got 0 times and values of shape (0,)"),
        (([0, 1], [[1, 0, 0]]), "survival must have one value per time, got 2 times and values of shape (1, 3)"),
        (([[0, 1]], [1, 0]), "survival must have one value per time, got 2 times and values of shape (2,)"),
        (([1, 2], [1, 0]), f"survival {TIMES} [1.0, 2.0]"),
        (([0, 2, 2], [1, 1, 0]), f"survival {TIMES} [0.0, 2.0, 2.0]"),
        (([0, math.inf], [1, 0]), f"survival {TIMES} [0.0, inf]"),
        (([0, 150.1], [1, 0]), f"survival {TIMES} [0.0, 150.1]"),
        (([0, math.nan], [1, 0]), f"survival {TIMES} [0.0, nan]"),
        (([0, 1], [0.9, 0]), "survival must begin at 1, got 0.9"),
        (([0], [1]), "survival must have at least two times, got 1"),
        (([0, 1], [[1, 0], [0.9, 0]]), "survival must begin at 1, got 0.9"),
        (([0, 1, 2, 3], [1, 0.5, 0.6, 0]), "survival must not rise, got more at 2 years than before"),
        (
            ([0, 10], [1, 0.25]),
            f"survival must end at 0, got 0.25 at 10 years: {CARRY_ON}",
        ),
        (
            ([0, 10], [[1, 0], [1, 0.5]]),
            f"survival must end at 0, got 0.5 at 10 years: {CARRY_ON}",
        ),
    ],
)
def test_what_is_no_survival_curve_is_refused(curve, message):
    """A curve begins at 1, never rises and ends at 0, or says what follows."""
    assert told(age=40, female=0.5, survival=curve) == message


@pytest.mark.parametrize("name", ["survival", "hazard", "utility"])
def test_masked_draws_of_steps_are_refused(name):
    """What is missing is missing in draws of a curve too."""
    values = np.ma.array([[1, 0.5, 0.1], [1, 0.4, 0.2]], mask=[[0, 0, 0], [0, 0, 1]])
    given = {name: ([0, 5, 10], values), "beyond": "population" if name == "survival" else None}

    assert "mask" in told(age=40, female=0.5, **given)


@pytest.mark.parametrize("share", [1.1, -0.1, math.nan])
def test_shares_alive_lie_between_0_and_1(share):
    """A share alive outside [0, 1] is named."""
    said = told(age=40, female=0.5, survival=([0, 1, 2], [1, share, 0]))

    assert said.startswith(f"survival must lie in [0, 1], got {share}")


@pytest.mark.parametrize(
    ("rates", "message"),
    [
        (([0, 1], [0.1, 0]), "hazard must be above 0 from its last time on, got 0.0 at 1 years: it goes on for life"),
        (([0], [[0.1], [0]]), "hazard must be above 0 from its last time on, got 0.0 at 0 years: it goes on for life"),
        (([0], [0.001]), f"{MOST} 850.103: {RISE}"),
        (([0.5], [0.1]), f"hazard {TIMES} [0.5]"),
        (([0, 150.5], [0.1, 0.2]), f"hazard {TIMES} [0.0, 150.5]"),
        (0.1, "hazard must be a pair (times, values), got 0.1"),
    ],
)
def test_what_is_no_hazard_is_refused(rates, message):
    """A death rate is positive in the end, and begins at the start."""
    assert told(age=40, female=0.5, hazard=rates) == message


@pytest.mark.parametrize("value", [1.2, -1.2, math.nan])
def test_utilities_of_each_time_are_checked(value):
    """A utility that holds from some time on is bounded as a constant one is."""
    said = told(age=40, female=0.5, utility=([0, 5], [0.5, value]))

    assert said == f"utility must lie in [-1, 1], got {value} at 5 years"


@pytest.mark.parametrize("rate", [-0.1, 1.1e6, math.inf, math.nan])
def test_death_rates_lie_within_bounds(rate):
    """A death rate below 0, beyond a million a year, infinite or missing is named."""
    assert told(age=40, female=0.5, hazard=([0, 1], [rate, 0.1])) == (
        f"hazard must lie in [0, 1e+06] (deaths per year), got {rate} at 0 years"
    )


LONG = zin.LifeTable("long", [0, 100], [0.001] * 2, [0.001] * 2, "m")


@pytest.mark.parametrize(
    ("patients", "qalys"),
    [
        ({"smr": 0.5, "utility": 1}, "2000"),
        ({"smr": [1, 0.5], "utility": 1}, "2000"),
        ({"survival": ([0, 5], [1, 1]), "beyond": "population", "utility": 1}, "1005"),
        ({"hazard": ([0], [0.005]), "norms": zin.Norms("own", [18], [0.05], [0.05]), "utility": 1}, "200"),
    ],
)
def test_nobody_has_more_qalys_than_a_life(patients, qalys):
    """Whatever the mortality, more than 130 QALYs, or than the population has where that is more, are a slip."""
    assert told(age=40, female=0.5, table=LONG, **patients) == f"{MOST} {qalys}: {RISE}"
    assert zin.shortfall(age=40, female=0.5, table=LONG, decrement=0, years=1).qale_patients > 800


@pytest.mark.parametrize("value_set", ["nl-5l", "", "NL-3L-2006", 5])
def test_an_unknown_value_set_is_refused(value_set):
    """A value set is one that comes with hecon, that of the norms, or "other"."""
    patients = {"age": 40, "female": 0.5, "utility": 0.6, "value_set": value_set}
    rule = "value_set must be one of hecon.eq5d.value_sets(), "
    near = {"nl-5l": "nl-5l-2016", "NL-3L-2006": "nl-3l-2006"}
    hint = f"; did you mean {near[value_set]!r}?" if value_set in near else ""

    assert told(**patients) == f"{rule}'other', got {value_set!r}{hint}"
    assert told(**patients, norms="szende-2014-vas") == f"{rule}'european-vas', 'other', got {value_set!r}{hint}"


@pytest.mark.parametrize("patients", [{"utility": -1}, {"decrement": 2, "years": math.inf}])
def test_a_computed_shortfall_is_never_called_a_percentage(patients):
    """The lowest utilities that are let in give shortfalls beyond 2: worse than dead, and no slip of the pen."""
    found = zin.shortfall(age=40, female=0, **patients)

    assert found.proportional > 2
    assert (found.band, found.remark) == ("high", "worse than dead")


@pytest.mark.parametrize(
    ("patients", "options"),
    [
        ({"decrement": 0}, {}),
        ({"decrement": 0.2}, {"uncertain_norms": True, "rng": 1}),
        ({"smr": 2, "decrement": 0.2}, {}),
    ],
)
def test_many_draws_of_the_years_alone(patients, options):
    """More than are worked out at a time: each draw keeps its place."""
    years = np.linspace(1, 20, 1301)
    found = zin.shortfall(age=40, female=0, years=years, **patients, **options)

    assert found.proportional_draws.shape == years.shape
    for place in (0, 499, 500, 1300):
        alone = zin.shortfall(age=40, female=0, years=float(years[place]), **patients)
        assert found.proportional_draws[place] == pytest.approx(alone.proportional, abs=5e-3 if options else 1e-12)


@pytest.mark.parametrize(
    ("patients", "listed"),
    [
        ({"smr": [1, 2], "utility": [0.5, 0.6, 0.7]}, "2 of smr, 3 of utility"),
        ({"smr": [1, 2], "decrement": [0.1] * 3, "years": [1] * 4}, "2 of smr, 3 of decrement, 4 of years"),
        ({"hazard": ([0], [[0.1], [0.2]]), "utility": [0.5] * 5}, "2 of hazard, 5 of utility"),
        ({"survival": ([0, 1], [[1, 0]] * 3), "utility": ([0, 1], [[0.5, 0.4]] * 2)}, "3 of survival, 2 of utility"),
    ],
)
def test_draws_are_equally_many(patients, listed):
    """Draws of several inputs belong together, one by one; what has one value goes with all."""
    assert told(age=40, female=0.5, **patients) == f"draws must be equally many, got {listed}"


def test_the_bounds_themselves_are_accepted():
    """What lies on a bound is within it."""
    people = {"age": 40, "female": 0.5}

    assert zin.shortfall(**people, smr=1000).proportional < 1
    assert zin.shortfall(**people, smr=0.001).proportional < 0
    assert zin.shortfall(**people, utility=1).remark == "better off"
    assert zin.shortfall(**people, decrement=2, years=1).proportional > 0
    assert zin.shortfall(**people, remaining_qalys=0).proportional == 1
    assert zin.shortfall(**people, survival=([0, 1e-9], [1, 0])).proportional == pytest.approx(1, abs=1e-9)
    assert zin.shortfall(**people, survival=([0, 1], [1, 0]), beyond="population").band == "high"
    assert zin.shortfall(**people, survival=([0, 150], [1, 0]), utility=1).qale_patients == pytest.approx(75, rel=1e-12)
    assert zin.shortfall(**people, hazard=([0], [1e6]), utility=1).qale_patients == pytest.approx(1e-6, rel=1e-9)
    assert zin.shortfall(population_qalys=130, remaining_qalys=130).proportional == 0
    rest = [zin.shortfall(**people, decrement=0.1, years=years).proportional for years in (1e4, 1e5, 1e300, math.inf)]
    assert rest == [rest[0]] * 4
