"""The sampling error of the norms in a burden: exact draws, the same for population and patients."""

from dataclasses import replace

import numpy as np
import pytest

from hecon import zin
from hecon.errors import InputError
from hecon.rules.population import norms_of

NORMS = norms_of("szende-2014")
WAYS = [
    {"decrement": 0.1, "years": 5},
    {"smr": 2.0, "decrement": 0.1, "years": 5},
    {"smr": 2.0},
    {"survival": ([0, 4, 20], [1, 0.6, 0.2]), "beyond": "population"},
    {"hazard": ([0, 3], [0.1, 0.2])},
    {"utility": 0.6},
    {"remaining_qalys": 15},
]


@pytest.mark.slow
@pytest.mark.parametrize("way", WAYS)
def test_draws_are_those_of_computing_each_anew(way):
    """A loop that replaces the norms draw by draw gives the same shortfalls to rounding error."""
    people = {"age": [40, 66.5], "female": 0.3, "weights": [2, 1]}
    # A standard error small enough that no norm is drawn above 1, which a caller's own norms may not be.
    shrunk = replace(NORMS, male_se=[0.001] * 7, female_se=[0.002] * 7)
    found = zin.shortfall(**people, **way, norms=shrunk, uncertain_norms=True, n_draws=20, rng=3)
    rng = np.random.default_rng(3)
    male, female = (rng.standard_normal((20, 7)) * errors for errors in (shrunk.male_se, shrunk.female_se))
    expected = [
        zin.shortfall(
            **people,
            **way,
            norms=replace(NORMS, male=np.array(NORMS.male) + men, female=np.array(NORMS.female) + women),
        ).proportional
        for men, women in zip(male, female, strict=True)
    ]

    assert found.proportional_draws == pytest.approx(expected, abs=1e-12)


def test_other_draws_are_kept_beside_them():
    """Draw by draw: the shortfall of the drawn ratio with the drawn norms; the centre stays that of the ratios."""
    ratios = np.linspace(1.5, 3, 30)
    certain = zin.shortfall(age=60, female=0, smr=ratios)
    found = zin.shortfall(age=60, female=0, smr=ratios, uncertain_norms=True, rng=1)

    assert found.proportional == certain.proportional
    assert found.proportional_draws.shape == (30,)
    assert not np.allclose(found.proportional_draws, certain.proportional_draws, atol=1e-6)
    assert np.corrcoef(found.proportional_draws, certain.proportional_draws)[0, 1] > 0.99


def test_the_spread_is_that_of_the_standard_errors():
    """Of one band alone: the years lived in it times its standard error."""
    errors = [0.0] * 6 + [0.02]
    norms = replace(NORMS, male_se=errors, female_se=[0.0] * 7)
    found = zin.shortfall(age=80, female=0, remaining_qalys=4, norms=norms, uncertain_norms=True, n_draws=50_000, rng=1)
    years = zin.life_expectancy(80, female=0)
    population = found.qale_population
    expected = 4 / population**2 * years * 0.02

    assert found.proportional_draws.std() == pytest.approx(expected, rel=0.02)
    # The mean of a ratio lies off the ratio of means by the square of the coefficient of variation.
    off = (1 - found.proportional) * (years * 0.02 / population) ** 2
    assert found.proportional_draws.mean() == pytest.approx(found.proportional - off, abs=2e-4)


def test_a_decrement_is_hardly_touched_by_the_level_of_the_norms():
    """Population and patients share their norms, so the error falls out of the difference."""
    lost = zin.shortfall(age=33, female=0.4, decrement=0.2, years=2, uncertain_norms=True, rng=1)
    left = zin.shortfall(age=33, female=0.4, remaining_qalys=lost.qale_patients, uncertain_norms=True, rng=1)

    assert lost.proportional_draws.std() < 0.05 * left.proportional_draws.std()


def test_the_seed_decides():
    """The same seed gives the same draws, a generator goes on."""
    given = {"age": 33, "female": 0.4, "smr": 2, "uncertain_norms": True, "n_draws": 5}
    rng = np.random.default_rng(1)
    first, second = (zin.shortfall(**given, rng=rng).proportional_draws for _ in range(2))

    assert np.array_equal(first, zin.shortfall(**given, rng=1).proportional_draws)
    assert not np.array_equal(first, second)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (
            {"population_qalys": 20, "remaining_qalys": 10},
            "uncertain_norms must not stand beside population_qalys, which no norms lie under: give age and female",
        ),
        (
            {"age": 33, "female": 0, "smr": 2, "norms": replace(NORMS, name="own", male_se=None)},
            "norms must have standard errors to be drawn, got none of male in own",
        ),
        (
            {"age": 33, "female": 0, "smr": 2, "n_draws": 1},
            "n_draws must be a whole number of at least 2, got 1",
        ),
        (
            {"age": 33, "female": 0, "smr": 2, "rng": "seed"},
            "rng must be a non-negative int seed, a numpy.random.Generator or None, got 'seed'",
        ),
    ],
)
def test_what_cannot_be_drawn_is_refused(given, message):
    """In words."""
    with pytest.raises(InputError) as caught:
        zin.shortfall(**given, uncertain_norms=True)

    assert str(caught.value) == message
