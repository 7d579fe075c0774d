"""Currency and price year: against the printed cumulative index, round trips, and refusal without a source."""

import numpy as np
import oracles
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hecon import evidence, tables
from hecon.errors import InputError

YEARS = st.integers(2012, 2024)


def test_the_index_is_that_of_the_printed_cumulative_factors():
    """The chain of yearly factors reaches the printed factor to 2024, within the rounding of its links."""
    rows = oracles.table(f"{oracles.FACTS}/nl_cpi_factors_cbs83131.csv")
    for year, factor in zip(rows["Year from"], rows["Factor'"], strict=True):
        links = 2024 - int(float(year))
        found = evidence.convert(1.0, currency="EUR", price_year=int(float(year)), to_year=2024)

        assert found.index == pytest.approx(float(factor), abs=0.0005 * (links + 1) * 1.4)


def test_the_parity_is_that_of_the_price_year():
    """Dollars become euros in their own year, and then move with Dutch prices."""
    parity = dict(zip(*oracles.table(f"{oracles.FACTS}/nl_ppp_oecd.csv").values(), strict=True))
    found = evidence.convert(1000, currency="USD", price_year=2015, to_year=2016)

    assert found.parity == float(parity["2015"])
    assert found.amount == pytest.approx(1000 * float(parity["2015"]) * 1.003)
    assert found.tables == ("ppp-nl", "cpi-nl")


def test_a_worked_amount():
    """1,000 euros of 2022 are 1,038 in 2023 and 1,072 in 2024 by the links 1.038 and 1.033."""
    assert evidence.convert(1000, currency="EUR", price_year=2022, to_year=2023).amount == pytest.approx(1038)
    assert evidence.convert(1000, currency="EUR", price_year=2022, to_year=2024).amount == pytest.approx(1072.254)


@given(st.floats(-1e9, 1e9), YEARS, YEARS)
def test_there_and_back(amount, first, second):
    """Converting to another year and back gives the amount; the same year changes nothing."""
    there = evidence.convert(amount, currency="EUR", price_year=first, to_year=second).amount
    back = evidence.convert(there, currency="EUR", price_year=second, to_year=first).amount

    assert back == pytest.approx(amount, rel=1e-12, abs=1e-12)
    assert evidence.convert(amount, currency="EUR", price_year=first, to_year=first).amount == amount


@given(YEARS, YEARS, YEARS)
def test_by_way_of_another_year(first, second, third):
    """A detour over a third year ends in the same place."""
    direct = evidence.convert(1, currency="EUR", price_year=first, to_year=third).index
    detour = [
        evidence.convert(1, currency="EUR", price_year=a, to_year=b).index
        for a, b in ((first, second), (second, third))
    ]

    assert np.prod(detour) == pytest.approx(direct, rel=1e-12)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (
            {"currency": "GBP"},
            (
                "currency must be one of 'EUR', 'USD', got 'GBP': no purchasing power parity with a source is on file "
                "for it, so report it in its own currency"
            ),
        ),
        ({"price_year": 2011}, "price_year must be a year from 2012 to 2024, which the price index covers, got 2011"),
        ({"to_year": 2025}, "to_year must be a year from 2012 to 2024, which the price index covers, got 2025"),
        ({"to_year": 2024.0}, "to_year must be a year from 2012 to 2024, which the price index covers, got 2024.0"),
        (
            {"currency": "USD", "price_year": 2024},
            "price_year must be from 1960 to 2023 for USD, of which parities are on file, got 2024",
        ),
        ({"price_year": True}, "price_year must be a year from 2012 to 2024, which the price index covers, got True"),
        ({"amount": float("nan")}, "amount must be finite, got nan"),
    ],
)
def test_what_has_no_source_is_refused(changes, message):
    """With the reason and what to do instead."""
    given_ = {"amount": 1, "currency": "EUR", "price_year": 2022, "to_year": 2024} | changes
    with pytest.raises(InputError) as error:
        evidence.convert(given_.pop("amount"), **given_)

    assert str(error.value) == message


def test_the_tables_say_what_they_are():
    """With their source, and that the parity was not checked."""
    assert tables.header("cpi-nl", "price_index").source == "CBS StatLine 83131NED"
    assert "Not checked" in tables.header("ppp-nl", "purchasing_power").note
