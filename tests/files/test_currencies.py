"""Codes of currencies: those that the Unicode CLDR knows, and a hint for one that it does not."""

from __future__ import annotations

import pytest
from babel.numbers import list_currencies

from hecon.files.parts import currencies, currency_faults

# Metals, units of account and codes for testing are no currencies; five of regions begin with X too.
REGIONS = {"XAF", "XCD", "XCG", "XOF", "XPF"}


def test_the_codes_are_those_of_the_cldr():
    """An update of Babel may add one: then it is added here."""
    assert {each for each in list_currencies() if not each.startswith("X") or each in REGIONS} <= currencies()
    assert {"EUR", "GBP", "NOK", "DKK", "SEK", "CHF", "USD", "NLG", "DEM"} <= currencies()
    assert all(len(each) == 3 and each.isupper() for each in currencies())


@pytest.mark.parametrize(("code", "hint"), [("EUE", "did you mean 'EU"), ("ZZZ", "")])
def test_a_code_that_is_none_is_a_fault(code, hint):
    ((path, fault),) = currency_faults(code, "comparison[0].currency")

    assert path == "comparison[0].currency"
    assert fault.startswith(f"must be a currency of ISO 4217, got '{code}'")
    assert hint in fault


@pytest.mark.parametrize("value", ["EUR", "euro", "eur", None, 3])
def test_what_is_one_or_is_told_by_the_schema_is_no_fault(value):
    assert list(currency_faults(value, "currency")) == []
