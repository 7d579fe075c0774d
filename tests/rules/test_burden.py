"""Bands of burden of disease: edges, flags and reference values."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hecon import zin
from hecon.errors import InputError
from hecon.rules import bands
from hecon.rulesets import ruleset

VALUES = ruleset("nl").values_on()
EDGES = tuple(map(float, VALUES.edges))


def band_shares(proportional):
    """Return the share of draws in each band."""
    return bands.band_shares(proportional, VALUES)


def test_working_edges_lie_half_a_unit_below_the_printed_ones():
    """By rounding half up to two decimals; a rule set with printed edges of one decimal has others."""
    assert EDGES == (0.095, 0.405, 0.705)
    assert tuple(map(str, VALUES.model_copy(update={"decimals": 1}).edges)) == ("0.05", "0.36", "0.66")


@pytest.mark.parametrize(
    ("shortfall", "band", "value"),
    [
        (-0.2, "none", None),
        (0.0, "none", None),
        (0.0949, "none", None),
        (0.0949999999, "none", None),
        (0.095, "low", 20_000),
        (0.10, "low", 20_000),
        (0.40, "low", 20_000),
        (0.4049, "low", 20_000),
        (0.405, "middle", 50_000),
        (0.41, "middle", 50_000),
        (0.70, "middle", 50_000),
        (0.7049, "middle", 50_000),
        (0.705, "high", 80_000),
        (0.71, "high", 80_000),
        (1.0, "high", 80_000),
        (1, "high", 80_000),
        (1.3, "high", 80_000),
        (2, "high", 80_000),
    ],
)
def test_band_follows_the_two_decimals_of_the_printed_edges(shortfall, band, value):
    """The shortfall is rounded half up to two decimals, so the working edges are 0.095, 0.405 and 0.705."""
    found = zin.burden_band(shortfall)

    assert (found.band, found.reference_value) == (band, value)
    assert found.proportional_shortfall == shortfall
    assert zin.reference_value(shortfall) == value


# Versteegh et al. 2019 (10.1007/s40273-019-00810-8), Table 1: QALE with the disease, QALE of the general population and
# the reference value by the rule. Run 7 is printed with 20,000, against its own rule: 11/26 = 0.423 is middle.
@pytest.mark.parametrize(
    ("with_disease", "normal", "value"),
    [
        (15, 25, 20_000),
        (16, 24, 20_000),
        (17, 28, 20_000),
        (15, 28, 50_000),
        (14, 27, 50_000),
        (13, 26, 50_000),
        (15, 26, 50_000),
        (15, 32, 50_000),
        (16, 25, 20_000),
        (16, 26, 20_000),
    ],
)
def test_published_cases_get_the_value_of_the_rule(with_disease, normal, value):
    """The ten runs of the published worked example come out by the rule."""
    shortfall = (normal - with_disease) / normal

    assert zin.reference_value(shortfall) == value


@pytest.mark.parametrize(
    "shortfall",
    [0.7 + 0.005, 1 - 0.295, (200 - 59) / 200, 0.705 - 1e-12, np.float64(0.705)],
)
def test_half_goes_up_in_decimal_arithmetic(shortfall):
    """A binary 0.705 that falls a last bit short is still 0.705."""
    assert zin.burden_band(shortfall).band == "high"


@pytest.mark.parametrize(
    ("shortfall", "near"),
    [
        (0.0849, False),
        (0.085, True),
        (0.105, True),
        (0.1051, False),
        (0.3949, False),
        (0.395, True),
        (0.415, True),
        (0.4151, False),
        (0.6949, False),
        (0.695, True),
        (0.715, True),
        (0.7151, False),
        (0.25, False),
    ],
)
def test_within_a_hundredth_of_an_edge_is_flagged(shortfall, near):
    """A value is near an edge up to and including 0.01 from 0.095, 0.405 or 0.705."""
    assert zin.burden_band(shortfall).near_edge is near


@pytest.mark.parametrize(
    ("shortfall", "remark"),
    [
        (-3.0, "better off"),
        (-1e-9, "better off"),
        (-1e-12, ""),
        (-0.0, ""),
        (0.5, ""),
        (1.0, ""),
        (1 + 1e-12, ""),
        (1 + 1e-9, "worse than dead"),
        (2.0, "worse than dead"),
    ],
)
def test_beyond_0_and_1_bears_a_remark(shortfall, remark):
    """Patients better off than the population, or worse off than dead, are marked; rounding error is neither."""
    assert zin.burden_band(shortfall).remark == remark


@pytest.mark.slow
def test_shares_of_bands_are_counts_of_the_rule():
    """Draws fall into the bands that burden_band gives each of them, on a fine grid and at every side of an edge."""
    edges = np.array([0.0, *EDGES, 0.10, 0.41, 0.71, 1.0])
    beside = (edges[:, None] + [-1e-6, -1e-9, -2e-11, -1e-12, 0.0, 1e-12, 2e-11, 1e-9, 1e-6]).ravel()
    binary = [0.7 + 0.005, 1 - 0.295, (200 - 59) / 200, np.nextafter(0.705, 0), np.nextafter(0.705, 1), 1 - 0.905]
    values = np.concatenate(
        [np.arange(-500, 2001) / 1000, np.arange(-50, 201) * 0.01 + 0.005, beside, binary, [-259.0]]
    )
    values = values[values <= 2]

    assert all(band_shares(values[[i]])[zin.burden_band(value).band] == 1 for i, value in enumerate(values.tolist()))
    counts = {band: sum(zin.burden_band(value).band == band for value in values) for band in zin.BANDS}
    assert band_shares(values) == {band: count / values.size for band, count in counts.items()}


@given(st.lists(st.integers(-200, 400), min_size=1, max_size=30))
def test_shares_of_bands_add_up_in_any_order(steps):
    """Every draw is counted once; on half-hundredths, where edges lie, as burden_band does."""
    values = np.array(steps) / 200
    shares = band_shares(values)

    assert sum(shares.values()) == pytest.approx(1, abs=1e-12)
    assert shares == band_shares(values[::-1])
    assert shares == {band: sum(zin.burden_band(v).band == band for v in values) / values.size for band in zin.BANDS}


def test_reference_value_by_name():
    """Each band has its value; below the lowest there is none."""
    values = {band: zin.reference_value(band) for band in zin.BANDS}

    assert values == {"none": None, "low": 20_000, "middle": 50_000, "high": 80_000}
    assert zin.REFERENCE_VALUES == (20_000, 50_000, 80_000)


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("severe", "burden must be one of 'none', 'low', 'middle', 'high', got 'severe'"),
        ("0.42", "burden must be one of 'none', 'low', 'middle', 'high', got '0.42'"),
        (42, "proportional_shortfall must be at most 2, got 42.0; give a share, not a percentage"),
        (2.0001, "proportional_shortfall must be at most 2, got 2.0001; give a share, not a percentage"),
        (float("nan"), "proportional_shortfall must be finite, got nan"),
        (float("-inf"), "proportional_shortfall must be finite, got -inf"),
        (True, "proportional_shortfall must be a number, got True"),
        (None, "proportional_shortfall must be a number, got None"),
    ],
)
def test_what_is_no_burden_is_refused(value, message):
    """Unknown bands, percentages and what is not a number are refused in words."""
    with pytest.raises(InputError) as caught:
        zin.reference_value(value)

    assert str(caught.value) == message


@given(st.floats(-1, 2), st.floats(-1, 2))
def test_a_higher_shortfall_never_has_a_lower_band(one, other):
    """Bands rise with the shortfall."""
    low, high = sorted([one, other])

    assert zin.BANDS.index(zin.burden_band(low).band) <= zin.BANDS.index(zin.burden_band(high).band)
