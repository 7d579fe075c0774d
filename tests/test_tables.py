"""The packaged tables: headers, names and the figures against their originals."""

from __future__ import annotations

import numpy as np
import oracles
import pytest

from hecon import tables
from hecon.errors import InputError

EVERY = [(name, kind) for kind in tables.KINDS for name in tables.names(kind)]

KIND_NAMES = (
    "'life_table', 'norms', 'value_set', 'price_index', 'purchasing_power', 'reference_prices', 'friction_period'"
)

# Columns of text, and those of numbers in which a cell may be empty.
TEXTS = ("term", "identifier", "category_nl", "category_en", "name_nl", "name_en", "unit_nl", "unit_en", "paragraph")
SPARSE = ("manual", "tatooheene")

# A table that is added need not be named here.
NAMES = {
    "life_table": ("cbs-2021", "un-2005-2010", "un-2010-2015", "un-2015-2020", "un-2020-2025"),
    "norms": ("szende-2014", "szende-2014-vas"),
    "value_set": ("nl-3l-2006", "nl-3l-2026", "nl-5l-2016", "nl-5l-crosswalk-2006", "nl-y3l-2022"),
    "price_index": ("cpi-nl",),
    "purchasing_power": ("ppp-nl",),
    "reference_prices": ("reference-prices-nl-2022",),
    "friction_period": ("friction-manual-2024", "vacancies-nl"),
}

# The names of the terms in the original file of coefficients.
SETS = {
    "nl-3l-2006": "EQ-5D-3L TTO NL Lamers 2006",
    "nl-3l-2026": "EQ-5D-3L TTO NL 2026",
    "nl-5l-2016": "EQ-5D-5L NL Versteegh 2016",
    "nl-y3l-2022": "EQ-5D-Y-3L NL Roudijk 2022",
}
TERMS = {
    "FullHealth": "start",
    "StartValue": "start",
    "Intercept": "any-problem",
    "AtLeastOne2Or3": "any-problem",
    "AtLeastOne3": "any-level-3",
}


def original(name, **wanted):
    """Return the rows of a file of Dutch figures whose cells are as wanted."""
    found = oracles.table(f"{oracles.FACTS}/{name}")
    rows = [dict(zip(found, cells, strict=True)) for cells in zip(*found.values(), strict=True)]
    return [row for row in rows if all(row[key] == value for key, value in wanted.items())]


def test_the_tables_are_there():
    """Every kind has its names, sorted, and those that were published stay."""
    assert set(NAMES) == set(tables.KINDS)
    for kind, published in NAMES.items():
        assert list(tables.names(kind)) == sorted(tables.names(kind))
        assert set(published) <= set(tables.names(kind))


@pytest.mark.parametrize(("name", "kind"), EVERY)
@pytest.mark.no_cover
def test_every_table_says_where_it_is_from(name, kind):
    """A header has title, year, source, place it was taken from and licence, and what belongs to its kind."""
    header = tables.header(name, kind)

    assert (header.name, header.kind) == (name, kind)
    assert all(text.strip() for text in (header.title, header.source, header.licence, header.via, header.note))
    assert 1990 < header.year < 2027
    if kind == "life_table":
        assert header.measure in {"q", "m"}
    elif kind in {"norms", "value_set"}:
        assert header.version in {"EQ-5D-3L", "EQ-5D-5L", "EQ-5D-Y-3L"}
        assert header.doi.startswith("10.") or "https://" in header.source
    assert bool(header.value_set) == (kind == "norms")
    assert bool(header.note_nl) == (kind != "value_set")
    assert bool(header.position) == bool(header.position_nl)


@pytest.mark.parametrize(("name", "kind"), EVERY)
@pytest.mark.no_cover
def test_every_table_is_full(name, kind):
    """A table has as many cells in every column, all numbers but for texts and what a transcription lacks."""
    columns = tables.read(name, kind)

    assert len({cells.size for cells in columns.values()}) == 1
    for column, cells in columns.items():
        numbers = cells[cells != ""] if column in SPARSE else cells
        assert column in TEXTS or np.isfinite(numbers.astype(float)).all()


def test_a_comma_within_quotes_parts_no_cells():
    """Labels of prices hold commas."""
    assert "Huisarts, consult gemiddeld" in tables.read("reference-prices-nl-2022", "reference_prices")["name_nl"]


def test_tables_are_listed_by_kind_in_the_order_asked():
    """A list has the headers of every table of each kind."""
    found = tables.listed("norms", "life_table")

    assert [each.name for each in found] == [*tables.names("norms"), *tables.names("life_table")]
    assert found[0] == tables.header("szende-2014", "norms")


@pytest.mark.parametrize("verb", [tables.header, tables.read])
@pytest.mark.parametrize(
    ("name", "kind", "message"),
    [
        ("cbs-2022", "norms", "norms must be one of 'szende-2014', 'szende-2014-vas', got 'cbs-2022'"),
        ("cbs-2021", "norms", "norms must be one of 'szende-2014', 'szende-2014-vas', got 'cbs-2021'"),
        ("cbs-2021", "price", f"kind must be one of {KIND_NAMES}, got 'price'"),
    ],
)
def test_what_is_no_table_is_refused(verb, name, kind, message):
    """A name must be there, and of its kind; so must the kind."""
    with pytest.raises(InputError) as caught:
        verb(name, kind)

    assert str(caught.value) == message


def test_what_is_no_kind_is_refused():
    """The kinds are named when there is no such."""
    with pytest.raises(InputError) as caught:
        tables.names("norm")

    assert str(caught.value) == f"kind must be one of {KIND_NAMES}, got 'norm'"


# --- against the originals --------------------------------------------------------------------------------------------


def test_probabilities_of_death_are_those_of_cbs():
    """The life table of 2021 agrees with the file that it was taken from, row by row."""
    rows = original("nl_lifetable_qx_cbs2021_via_ipecad.csv")
    ours = tables.read("cbs-2021", "life_table")

    assert len(rows) == 100
    for column, theirs in (("age", "age"), ("male", "qx_male"), ("female", "qx_female")):
        assert ours[column].astype(float).tolist() == [float(row[theirs]) for row in rows]


@pytest.mark.parametrize("period", ["2005-2010", "2010-2015", "2015-2020", "2020-2025"])
@pytest.mark.parametrize("sex", ["male", "female"])
def test_death_rates_are_those_of_the_united_nations(period, sex):
    """Each period agrees with the original, row by row."""
    rows = original("nl_mx_wpp2024_abridged_5y.csv", sex=sex, period=period)
    ours = tables.read(f"un-{period}", "life_table")

    assert ours["age"].astype(float).tolist() == [float(row["age"].removesuffix("+")) for row in rows]
    assert ours[sex].astype(float).tolist() == [float(row["mx"]) for row in rows]


@pytest.mark.parametrize(("name", "tariff"), [("szende-2014", "TTO"), ("szende-2014-vas", "EUVAS")])
@pytest.mark.parametrize("sex", ["male", "female"])
def test_norms_are_those_of_the_original(name, tariff, sex):
    """Means and standard errors agree, band by band."""
    rows = original("nl_eq5d3l_norms_szende2014.csv", sex=sex, value_set=tariff)
    ours = tables.read(name, "norms")

    for column, theirs in (("age", "minage"), (sex, "mean"), (f"{sex}_se", "se")):
        assert ours[column].astype(float).tolist() == [float(row[theirs]) for row in rows]


@pytest.mark.parametrize("name", SETS)
def test_coefficients_are_those_of_the_original(name):
    """Each value set has the published terms, no more and no fewer, and the DOI of its publication."""
    rows = original("nl_eq5d_coefficients.csv", value_set=SETS[name])
    ours = tables.read(name, "value_set")
    found = dict(zip(ours["term"].tolist(), ours["value"].astype(float).tolist(), strict=True))

    assert found == {TERMS.get(row["coefficient"], row["coefficient"]): float(row["value"]) for row in rows}
    assert {row["doi"] for row in rows} == {tables.header(name, "value_set").doi}


def test_reference_prices_are_those_of_both_transcriptions():
    """Each amount of either stands in its own column, in its order, and no other does."""
    ours = tables.read("reference-prices-nl-2022", "reference_prices")
    manual, amount = (
        original("nl_kostenhandleiding2024_rekenwaarden.csv"),
        "Standaard rekenwaarden en referentieprijzen",
    )
    euros = [row for row in manual if row["Meeteenheid"] == "euro" and "Werkbare uren" not in row["Eenheid"]]
    theirs = {
        "manual": [float(row[amount]) for row in euros],
        "tatooheene": [float(row["2022"]) for row in original("nl_reference_prices_tatooheene.csv")],
    }

    for column, wanted in theirs.items():
        assert [float(cell) for cell in ours[column] if cell] == wanted
    paragraphs = [row["Paragraaf"].strip() for row in euros]
    found = [cell for cell, held in zip(ours["paragraph"], ours["manual"], strict=True) if held]
    # The spreadsheet of the original read paragraph 4.10, of medical aids, as a number.
    assert ["4.1" if cell == "4.10" else cell for cell in found] == paragraphs
    assert {row["Categorie"].strip() for row, cell in zip(euros, found, strict=True) if cell == "4.10"} == {
        "Hulpmiddelen"
    }


def test_vacancies_are_those_of_the_original():
    """Both columns agree, year by year, from the first year that has both."""
    rows = [row for row in original("nl_friction_period_cbs80472.csv") if row["Open vacancies"]]
    ours = tables.read("vacancies-nl", "friction_period")

    for column, theirs in (("year", "Year"), ("filled", "Filled vacancies"), ("open", "Open vacancies")):
        assert ours[column].astype(float).tolist() == [float(row[theirs]) for row in rows]
