"""Reference prices, the price index and the friction period: against their originals, by every name, and refused."""

from __future__ import annotations

import numpy as np
import oracles
import pytest
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st

from hecon import evidence, prices, tables
from hecon.errors import InputError

EVERY = prices.reference_prices()
YEARS = st.integers(2012, 2024)
ENDS = st.integers(1, 60)
LISTS = "; hecon.prices.reference_prices() lists all"

# Prices of 2022, 2023 and 2024 as R package tatooheene 1.0.0 prints them (df_ref_prices).
PRINTED = {
    "physiotherapy-session": (38.89, 40.36782, 41.72897),
    "outpatient-visit": (120.0, 124.56, 128.76),
    "nursing-day-intensive-care": (2727.0, 2830.626, 2926.071),
    "paid-work-hour": (39.88, 41.39544, 42.79124),
    "informal-care-hour": (18.8, 19.5144, 20.1724),
    "offence-cybercrime": (106076.0, 110106.888, 113819.548),
}


# --- reference prices -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("identifier", PRINTED)
def test_prices_of_other_years_agree_with_another_package(identifier):
    """One year on exactly; two years on within the rounding of the factors 1.038, 1.033 and 1.073."""
    own, next_year, last = (prices.reference_price(identifier, year=year) for year in (2022, 2023, 2024))
    printed = PRINTED[identifier]
    rounding = 0.0005 * (1 + 1.038 + 1.033)

    assert own.amount == printed[0]
    assert next_year.amount == pytest.approx(printed[1], rel=1e-12)
    assert last.amount == pytest.approx(printed[2], abs=rounding * printed[0])
    assert [each.status for each in (own, next_year, last)] == ["reported", "derived", "derived"]
    assert [each.price_year for each in (own, next_year, last)] == [2022, 2023, 2024]
    assert last.index == prices.price_index(price_year=2022, to_year=2024)


@pytest.mark.parametrize("price", EVERY, ids=lambda price: price.identifier)
@pytest.mark.no_cover
def test_a_price_is_found_by_each_of_its_names(price):
    """Identifier, Dutch and English name, whatever their case and spaces."""
    for name in (price.identifier, price.name_nl, price.name_en, f"  {price.name_nl.upper().replace(' ', '   ')} "):
        assert prices.reference_price(name) == price


@pytest.mark.slow
def test_names_are_told_apart():
    """No two prices share an identifier or a name, in either language; all are there; identifiers are slugs."""
    names = [prices._plain(name) for each in EVERY for name in {each.identifier, each.name_nl, each.name_en}]
    owners = {name: {each.identifier for each in EVERY if name in map(prices._plain, shown(each))} for name in names}

    assert [name for name, found in owners.items() if len(found) > 1] == []
    assert all(len(each.identifier.split()) == 1 and each.identifier == each.identifier.lower() for each in EVERY)
    assert all(each.amount > 0 and bool(each.unit_nl) == bool(each.unit_en) for each in EVERY)


def shown(price):
    return price.identifier, price.name_nl, price.name_en


def test_contradictions_between_the_transcriptions_are_told():
    """Both amounts are there, indexed alike; a price that one of them lacks says so."""
    doubted = {each.identifier: (each.amount, *each.alternatives) for each in EVERY if each.alternatives}
    single = {each.identifier: each.transcriptions for each in EVERY if len(each.transcriptions) == 1}
    later = prices.reference_price("blood-pressure-24h", year=2023)

    assert doubted == {"blood-pressure-24h": (96.78, 86.78), "vocational-education-year": (19521, 19251)}
    assert single["order-tariff"] == single["offence-weapon"] == ("tatooheene",)
    assert list(single.values()).count(("manual",)) == 5
    assert (later.amount, *later.alternatives) == pytest.approx((96.78 * 1.038, 86.78 * 1.038))


def test_of_two_amounts_for_a_year_of_education_the_first_fits_the_price_per_hour():
    """All other kinds of education are priced at 940 hours a year."""
    found = prices.reference_price("vocational-education-year")
    hours = [amount / prices.reference_price("vocational-education-hour").amount for amount in shown_amounts(found)]

    assert hours[0] == pytest.approx(940, abs=0.5)
    assert abs(hours[1] - 940) > 10


def shown_amounts(price):
    return price.amount, *price.alternatives


@pytest.mark.parametrize(
    ("name", "message"),
    [
        (
            "fysio",
            (
                f"name must be that of a reference price, got 'fysio'; near it: 'Fysiotherapie (per zitting)' "
                f"(physiotherapy-session){LISTS}"
            ),
        ),
        (
            "fysioterapie",
            (
                f"name must be that of a reference price, got 'fysioterapie'; near it: 'Fysiotherapie (per zitting)' "
                f"(physiotherapy-session){LISTS}"
            ),
        ),
        ("xyzzy", f"name must be that of a reference price, got 'xyzzy'; none is near it{LISTS}"),
        (
            "Primair onderwijs",
            (
                "name must be that of one reference price, got 'Primair onderwijs', which several have: "
                "'Primair onderwijs (per dag)' (primary-education-day), "
                "'Primair onderwijs (per uur)' (primary-education-hour), "
                "'Primair onderwijs (per jaar)' (primary-education-year); give one"
            ),
        ),
        (" - ", "name must be the name of a reference price, got ' - '; hecon.prices.reference_prices() lists them"),
        (38.89, "name must be the name of a reference price, got 38.89; hecon.prices.reference_prices() lists them"),
    ],
)
def test_what_is_no_name_is_refused(name, message):
    """A miss names what is near, and takes none of it; a name that several have names them all."""
    with pytest.raises(InputError) as caught:
        prices.reference_price(name)

    assert str(caught.value) == message


def test_the_unit_may_be_left_out_where_one_price_has_the_name():
    assert prices.reference_price("Fysiotherapie") == prices.reference_price("fysiotherapie, per zitting")
    assert prices.reference_price("household help at home").unit_en == ""


@pytest.mark.slow
@given(st.text(max_size=30) | st.builds(lambda price, end: price.name_nl[:end], st.sampled_from(EVERY), ENDS))
def test_part_of_a_name_finds_the_price_that_bears_it_or_is_refused(text):
    """No other error, and never a price that is only near."""
    try:
        found = prices.reference_price(text)
    except InputError:
        return
    names = [prices._plain(each) for each in shown(found)]
    assert any(prices._plain(text) in {name, name.rsplit(" per ", 1)[0]} for name in names)


def test_a_search_finds_by_words_of_names_and_categories():
    """In both languages and in parts of words; without one all are listed, in the order of the manual."""
    assert len(EVERY) == 165
    assert EVERY[0].identifier == "nursing-day-without-staff"
    assert [each.identifier for each in prices.reference_prices("mri hersenen")] == ["mri-brain"]
    assert {each.category_en for each in prices.reference_prices("thuiszorg")} == {"Home care"}
    assert prices.reference_prices("xyzzy") == ()
    assert prices.reference_prices("MRI brain", year=2023)[0].amount == pytest.approx(254 * 1.038)


@pytest.mark.parametrize("verb", [lambda **year: prices.reference_price("mri", **year), prices.reference_prices])
@pytest.mark.parametrize("year", [2011, 2025, 2022.0, True])
def test_a_year_outside_the_index_is_refused(verb, year):
    with pytest.raises(InputError) as caught:
        verb(year=year)

    assert str(caught.value) == f"year must be a year from 2012 to 2024, which the price index covers, got {year!r}"


def test_a_search_is_text():
    with pytest.raises(InputError, match=r"^search must be text, got 3; leave it out for all reference prices$"):
        prices.reference_prices(3)


# --- price index ------------------------------------------------------------------------------------------------------


@given(st.lists(st.floats(-1e6, 1e6) | st.just(float("nan")), max_size=5), YEARS, YEARS)
def test_amounts_move_as_those_of_the_conversion_do(amounts, first, second):
    """Elementwise, with NaN where missing; there and back is where it began."""
    there = prices.indexed(np.array(amounts), price_year=first, to_year=second)
    back = prices.indexed(there, price_year=second, to_year=first)

    assert there.shape == (len(amounts),)
    np.testing.assert_allclose(back, amounts, rtol=1e-12)
    for amount, found in zip(amounts, there, strict=True):
        if not np.isnan(amount):
            converted = evidence.convert(amount, currency="EUR", price_year=first, to_year=second)
            assert found == pytest.approx(converted.amount, rel=1e-14)


def test_a_number_gives_a_number():
    found = prices.indexed(1000, price_year=2021, to_year=2023)

    assert type(found) is float
    assert found == pytest.approx(1000 * 1.1 * 1.038)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"price_year": 2011}, "price_year must be a year from 2012 to 2024, which the price index covers, got 2011"),
        ({"to_year": 2025}, "to_year must be a year from 2012 to 2024, which the price index covers, got 2025"),
        (
            {"currency": "GBP"},
            (
                "currency must be 'EUR', got 'GBP': the index is of Dutch prices, so convert first, with "
                "hecon.evidence.convert"
            ),
        ),
        (
            {"amount": xr.DataArray([1.0], dims="draw", attrs={"units": "GBP"})},
            "amount must be in 'EUR', got an array in 'GBP': convert it first; if it is in EUR, let its units say so",
        ),
        (
            {"amount": xr.DataArray([1.0], dims="draw", attrs={"units": "QALY"})},
            "amount must be in 'EUR', got an array in 'QALY': convert it first; if it is in EUR, let its units say so",
        ),
        (
            {"amount": xr.DataArray([1.0], dims="draw", attrs={"units": "EUR", "price_year": 2020})},
            "price_year must be that of the amounts, which say 2020, got 2022",
        ),
        ({"amount": "20.000"}, "amount must hold numbers, NaN where missing, got something else"),
        ({"amount": [[1.0], [2.0, 3.0]]}, "amount must hold numbers, NaN where missing, got something else"),
        ({"amount": float("inf")}, "amount must be finite, or NaN where missing, got infinity"),
        ({"amount": [[1, -np.inf]]}, "amount must be finite, or NaN where missing, got infinity at position 0, 1"),
        (
            {"amount": np.ma.masked_array([1.0, 2.0], [True, False])},
            "amount must have no masked numbers, got a masked array: leave out what is missing",
        ),
    ],
)
def test_what_cannot_be_indexed_is_refused(changes, message):
    """Of amounts the place is named, not the value."""
    options = {"amount": 1.0, "price_year": 2022, "to_year": 2024} | changes
    with pytest.raises(InputError) as caught:
        prices.indexed(options.pop("amount"), **options)

    assert str(caught.value) == message


# --- friction period --------------------------------------------------------------------------------------------------


def test_the_friction_period_is_that_of_the_manual_and_tells_the_others():
    """For 2022: 16.4 weeks in the manual, and 16.48 and 19.39 by the vacancies of Statistics Netherlands."""
    found = prices.friction_period(2022)

    assert (found.weeks, found.rule, found.status) == (16.4, "costing-manual", "reported")
    assert found == prices.friction_period()
    assert (found.costing_manual, found.five_years, found.one_year) == pytest.approx((16.4, 16.477098, 19.386966))
    assert found.spread == pytest.approx(19.386966 - 16.4)
    assert tables.header(found.table, "friction_period").year == 2022


@pytest.mark.parametrize(
    ("rule", "column"),
    [
        ("one-year", "Friction period in weeks"),
        ("five-years", "Friction period weeks average over 5 years"),
    ],
)
def test_friction_periods_by_vacancies_agree_with_another_package(rule, column):
    """Every year that it has, no more and no fewer."""
    rows = oracles.table(f"{oracles.FACTS}/nl_friction_period_cbs80472.csv")
    theirs = {int(float(year)): float(weeks) for year, weeks in zip(rows["Year"], rows[column], strict=True) if weeks}

    assert len(theirs) > 20
    for year, weeks in theirs.items():
        found = prices.friction_period(year, rule=rule)
        assert found.weeks == pytest.approx(weeks, rel=1e-12)
        assert found.status == "derived"
    with pytest.raises(InputError):
        prices.friction_period(min(theirs) - 1, rule=rule)


def test_a_year_without_a_mean_says_so():
    found = prices.friction_period(1998, rule="one-year")

    assert (found.costing_manual, found.five_years, found.spread) == (None, None, 0)


@pytest.mark.parametrize("year", [2021, 2024, 2022.0, True, "2022"])
def test_a_year_that_a_rule_lacks_is_refused(year):
    with pytest.raises(InputError) as caught:
        prices.friction_period(year)

    assert str(caught.value) == (
        f"year must be 2022 for rule 'costing-manual', got {year!r}; "
        "there is 2002 to 2023 for 'five-years' and 1998 to 2023 for 'one-year'"
    )


def test_a_rule_is_one_of_three():
    with pytest.raises(
        InputError, match=r"^rule must be one of 'costing-manual', 'five-years', 'one-year', got 'cbs'$"
    ):
        prices.friction_period(2022, rule="cbs")


def test_no_index_is_asked_for_where_nothing_is_converted():
    """A year that the index does not cover yet has its own prices; any other conversion of it is refused."""
    assert prices.price_index(price_year=2026, to_year=2026) == 1.0
    assert prices.indexed(12.5, price_year=2026, to_year=2026) == 12.5
    for years in ((2026, 2022), (1800, 1800), (2022, 3000)):
        with pytest.raises(InputError, match="must be a year from"):
            prices.price_index(price_year=years[0], to_year=years[1])
