"""Value sets of many countries against another package and their publications; sets of one's own as a file."""

from __future__ import annotations

import itertools
import re
from decimal import Decimal

import numpy as np
import oracles
import pandas as pd
import pytest
import xarray as xr

import hecon
from hecon import eq5d, tables, valuesets
from hecon.errors import InputError, StatisticalWarning, ValueSetError

# Beginnings of names, by country as the R package eq5d writes it.
CODES = {
    "Argentina": "ar", "Australia": "au", "Belgium": "be", "Bermuda": "bm", "Brazil": "br", "Canada": "ca",
    "Chile": "cl", "China": "cn", "Denmark": "dk", "Ecuador": "ec", "Egypt": "eg", "England": "england",
    "Ethiopia": "et",
    "France": "fr", "Germany": "de", "Ghana": "gh", "HongKong": "hk", "Hungary": "hu", "India": "in", "Indonesia": "id",
    "Iran": "ir", "Ireland": "ie", "Italy": "it", "Japan": "jp", "Jordan": "jo", "Malaysia": "my", "Mexico": "mx",
    "Morocco": "ma", "Netherlands": "nl", "NewZealand": "nz", "Norway": "no", "Pakistan": "pk", "Peru": "pe",
    "Philippines": "ph", "Poland": "pl", "Portugal": "pt", "Romania": "ro", "Russia": "ru", "SaudiArabia": "sa",
    "Singapore": "sg", "Slovenia": "si", "SouthKorea": "kr", "Spain": "es", "SriLanka": "lk", "Sweden": "se",
    "Taiwan": "tw", "Thailand": "th", "Trinidad_and_Tobago": "tt", "Tunisia": "tn", "UAE": "ae", "UK": "uk",
    "USA": "us", "Uganda": "ug", "Uruguay": "uy", "Vietnam": "vn", "WePP": "wepp", "Zimbabwe": "zw",
}  # fmt: skip
KINDS = {("3L", "TTO"): "3l", ("5L", "VT"): "5l", ("5L", "CW"): "5l-crosswalk"}
# R rounds a value that lies halfway up or down, as its last bit falls.
HALF = Decimal("0.0005")

OWN = """# title = "Own set"
# year = 2025
# source = "Author A. Own set. 2025"
# version = "EQ-5D-3L"
term,value
start,1.0
any-problem,-0.05
any-level-3,-0.1
MO2,-0.05
MO3,-0.2
SC2,-0.05
SC3,-0.2
UA2,-0.05
UA3,-0.2
PD2,-0.1
PD3,-0.3
AD2,-0.1
AD3,-0.3
"""


def named(version, kind, country):
    """Return the one set that comes with hecon for a country of the other package."""
    land, _, more = country.partition("_") if country not in CODES else (country, "", "")
    begin = f"{CODES[land]}-{KINDS[version, kind]}-"
    found = [
        each for each in tables.names("value_set") if each.startswith(begin) and each[len(begin) :][:4].isdecimal()
    ]
    found = [each for each in found if more.casefold() in each] if more else found
    assert len(found) == 1, (country, found)
    return found[0]


def told(path):
    """Return the message of a refused file."""
    with pytest.raises(ValueSetError) as caught:
        hecon.utility(11111, value_set=path)
    return str(caught.value)


@pytest.fixture
def own(tmp_path):
    """Return what writes a file of a value set, with lines of it changed."""

    def write(*changes, text=OWN, name="own.csv"):
        for old, new in changes:
            assert old in text
            text = text.replace(old, new)
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return path

    return write


# Published and computed by others -------------------------------------------------------------------------------------


@pytest.mark.slow
def test_every_value_is_that_of_another_package():
    """All states that R's eq5d 0.16.3 valued, in 33 sets of 3L, 49 of 5L and 13 crosswalks, to its three decimals."""
    rows = oracles.table("eq5d_checks.csv")
    used = set()
    for version, kind, country, state, value in zip(*rows.values(), strict=True):
        name = named(version, kind, country)
        used.add(name)
        ours = Decimal(repr(hecon.utility(state, value_set=name)))
        assert abs(ours - Decimal(value)) <= HALF, (name, state)

    assert len(used) == 95
    assert {each.version for each in eq5d.value_sets() if each.name not in used} == {"EQ-5D-Y-3L"}


@pytest.mark.parametrize(
    ("value_set", "state", "value"),
    [
        ("uk-3l-1997", 33333, -0.594),  # Dolan 1997, doi:10.1097/00005650-199711000-00002
        ("england-5l-2018", 55555, -0.285),  # Devlin 2018, doi:10.1002/hec.3564
        ("uk-5l-2026", 55555, -0.567),  # Rowen 2026, doi:10.1016/j.jval.2026.03.008
        ("uk-5l-crosswalk-1997", 33333, 0.516),  # van Hout 2012, doi:10.1016/j.jval.2012.02.008
        ("us-3l-2005", 33333, -0.109),  # Shaw 2005, doi:10.1097/00005650-200503000-00003
        ("be-5l-2022", 55555, -0.532),  # Bouckaert 2022, doi:10.1007/s41669-022-00353-3, abstract
        ("ae-5l-2025", 55555, -0.654),  # Al Sayah 2025, doi:10.1016/j.jval.2025.01.003, abstract
        ("ae-5l-2025", 11211, 0.962),
        ("id-5l-2017", 55555, -0.865),  # Purba 2017, doi:10.1007/s40273-017-0538-9, abstract
        ("id-5l-2017", 11112, 0.921),
        ("pl-5l-2019", 55555, -0.590),  # Golicki 2019, doi:10.1007/s40273-019-00811-7, abstract
        ("hu-3l-2020", 33333, -0.865),  # Rencz 2020, doi:10.1016/j.jval.2020.03.019, abstract
        ("hu-5l-2020", 55555, -0.848),
        ("ca-5l-2016", 11111, 0.949),  # Xie 2016, doi:10.1097/MLR.0000000000000447
        ("be-y3l-2022", 33333, -0.475),  # Dewilde 2022, doi:10.1007/s40273-022-01187-x, abstract
        ("de-y3l-2022", 33333, -0.283),  # Kreimeier 2022, doi:10.1007/s40273-022-01143-9, abstract
        ("hu-y3l-2022", 33333, -0.485),  # Rencz 2022, doi:10.1007/s40273-022-01190-2, abstract
        ("nl-y3l-2022", 33333, -0.218),  # Roudijk 2022, doi:10.1007/s40273-022-01192-0, abstract
    ],
)
def test_values_that_publications_print(value_set, state, value):
    assert round(hecon.utility(state, value_set=value_set), 3) == value


def test_every_set_of_youth_has_a_printed_value():
    """Only those that are checked above come with hecon."""
    assert {each.name for each in eq5d.value_sets(version="EQ-5D-Y-3L")} == {
        "be-y3l-2022",
        "de-y3l-2022",
        "hu-y3l-2022",
        "nl-y3l-2022",
    }


@pytest.mark.parametrize("name", tables.names("value_set"))
@pytest.mark.no_cover
def test_every_set_values_all_states_of_its_version(name):
    """From full health, which nothing exceeds, at most 1; and it can be traced."""
    found = valuesets.find(name)
    expected = ["".join(map(str, each)) for each in itertools.product(range(1, found.levels + 1), repeat=5)]

    assert list(map(str, found.states)) == expected
    assert found.ends[1] == hecon.utility(11111, value_set=name) <= 1
    assert found.ends[0] < 0.4
    assert found.origin.title.endswith(str(found.origin.year)) or found.origin.via
    assert found.origin.licence


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("uk-5l-2026", "reference case for topics started after 27 August 2026"),
        ("uk-3l-1997", "reference case for topics started up to 27 August 2026"),
        (
            "england-5l-2018",
            "not recommended (position statement on the EQ-5D-5L value set for England, updated October",
        ),
        ("uk-5l-crosswalk-1997", "not its reference case since its manual of January 2022"),
    ],
)
def test_nices_position_is_told_with_its_day(name, words):
    origin = tables.header(name, "value_set")

    assert words in origin.position
    assert "27 augustus 2026" in origin.position_nl


def test_sets_are_listed_by_version():
    found = eq5d.value_sets(version="EQ-5D-5L")

    assert {each.version for each in found} == {"EQ-5D-5L"}
    assert len(found) == 62
    with pytest.raises(InputError, match="version must be one of 'EQ-5D-3L', 'EQ-5D-5L', 'EQ-5D-Y-3L', got '5L'"):
        eq5d.value_sets(version="5L")


# A result says which set valued it ------------------------------------------------------------------------------------


def test_labelled_results_say_which_set_valued_them(own):
    path = own()
    for states in (pd.Series([11111, 21111]), xr.DataArray([11111, 21111], dims="patient"), pd.DataFrame([[11111]])):
        assert hecon.utility(states, value_set="uk-3l-1997").attrs == {"value_set": "uk-3l-1997"}
        assert hecon.utility(states, value_set=path).attrs == {"value_set": str(path)}


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("nl-5l", "value_set must be one of hecon.eq5d.value_sets(), got 'nl-5l'; did you mean 'nl-5l-2016'?"),
        ("", "value_set must be one of hecon.eq5d.value_sets(), got ''"),
        (5, "value_set must be a name or the path of a .csv file, got 5"),
        (None, "value_set must be a name or the path of a .csv file, got None"),
        ("no/such.csv", "value_set must be a file that exists, got 'no/such.csv'"),
    ],
)
def test_what_is_no_set_is_refused(name, message):
    with pytest.raises(InputError) as caught:
        hecon.utility(11111, value_set=name)

    assert str(caught.value) == message


# A set of one's own ---------------------------------------------------------------------------------------------------


def test_coefficients_of_ones_own(own):
    """21113 is 1 − 0.05 − 0.1 − 0.05 − 0.3; spaces, a mark of order and capitals of the name do not matter."""
    for path in (own(), own((",", " , "), ("\n", "\r\n")), own(("# title", "\ufeff# title"), name="OWN.CSV")):
        assert hecon.utility([11111, 21113, 33333], value_set=path).round(10).tolist() == [1, 0.5, -0.35]
        assert hecon.utility(11111, value_set=str(path)) == 1


def test_terms_for_any_level(own):
    """A term of level 4 counts for any item at 4 or 5."""
    text = OWN.replace("EQ-5D-3L", "EQ-5D-5L").replace("any-level-3,-0.1", "any-level-4,-0.1")
    text += "".join(f"{item}{level},-0.3\n" for item in valuesets.ITEMS for level in (4, 5))
    found = hecon.utility([13111, 14111, 15111], value_set=own(text=text))

    assert found.round(10).tolist() == [0.75, 0.55, 0.55]


def test_a_table_of_ones_own(own):
    """The values of all states, in any order."""
    states = hecon.utility(valuesets.find("uk-3l-1997").states, value_set="uk-3l-1997")
    rows = [f"{state},{value}" for state, value in zip(valuesets.find("uk-3l-1997").states, states, strict=True)]
    path = own(text="\n".join([*OWN.splitlines()[:4], "state,value", *reversed(rows)]))

    assert np.array_equal(hecon.utility(valuesets.find("uk-3l-1997").states, value_set=path), states)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (("AD2,-0.1\n", "AD2,-0.5\n"), "own.csv gives 11113 more than 11112, whose answer is better, 0.55 and 0.45"),
        (("start,1.0", "start,0"), "own.csv gives full health, 11111, a value of 0: check the value that it starts at"),
    ],
)
def test_a_slip_in_a_set_of_ones_own_is_doubted(own, change, says):
    """A worse answer of more value, and no start: few published sets have the first, and none the second."""
    path = own(change)
    with pytest.warns(StatisticalWarning, match=re.escape(says)):
        hecon.utility(11111, value_set=path)


def test_packaged_sets_are_not_doubted():
    """Some have a worse answer of more value, as published: they were checked."""
    assert not list(valuesets.doubts("pt-3l-2014"))
    assert not list(valuesets.doubts("zw-5l-crosswalk-2003"))
    assert min(float(hecon.utility(11111, value_set=each.name)) for each in hecon.eq5d.value_sets()) == 0.9


def test_an_own_set_has_its_file_and_digest(own):
    path = own()
    origin = valuesets.find(path).origin

    assert (origin.name, origin.title, origin.year, origin.licence) == ("own.csv", "Own set", 2025, "")
    assert len(origin.digest) == 64
    assert valuesets.find(own(("2025\n", "2024\n"))).origin.digest != origin.digest


HEAD = "value set {path} has"
TERMS = "start, any-problem, any-level-3 or an item and its level, MO2 to AD3"


@pytest.mark.parametrize(
    ("changes", "faults"),
    [
        (('# title = "Own set"\n', ""), ["title: is missing: add a line '# title = ...' at the top"]),
        (
            ("# title", "# titel"),
            ["titel: is not a key of the header; did you mean 'title'?", "title: is missing: add a "],
        ),
        (("= 2025", '= "2025"'), ["year: must be a year as in 2024, without quotes, got '2025'"]),
        (("= 2025", "= true"), ["year: must be a year as in 2024, without quotes, got True"]),
        (
            ('= "Own set"', "= Own set"),
            ['line 1: must be "# key = value", with text in quotes, got', "title: is missing"],
        ),
        (('= "Own set"', '= " "'), ["title: must be text in quotes, got ' '"]),
        (("# year", '# title = "Another"\n# year'), ["line 2: title: must be given once, got it again"]),
        (('= "EQ-5D-3L"', '= "3L"'), ["version: must be one of EQ-5D-5L, EQ-5D-3L, EQ-5D-Y-3L, got '3L'"]),
        (("# year", '# kind = "norms"\n# year'), ["kind: must be 'value_set', got 'norms'"]),
        (("term,value", "term;value"), ["line 5: must begin with term,value or state,value, got 'term;value'"]),
        (
            ("MO2,-0.05", "MO2,-0,05"),
            ["line 9: must be two cells, the second a number with a decimal point, got 'MO2,-0"],
        ),
        (
            ("MO2,-0.05", "MO2,-5%"),
            ["line 9: must be two cells, the second a number with a decimal point, got 'MO2,-5%'"],
        ),
        (
            ("MO2,-0.05", "MO2,nan"),
            ["line 9: must be two cells, the second a number with a decimal point, got 'MO2,nan'"],
        ),
        (
            ("SC2,", "MO2,"),
            ["line 11: must be unique, got 'MO2' again", "must have all 11 terms, SC2 are missing; write 0"],
        ),
        (
            ("AD3,", "AD4,"),
            [f"line 18: must be {TERMS}, got 'AD4'; did you mean", "must have all 11 terms, AD3 are mis"],
        ),
        (("start,1.0\n", ""), ["must have all 11 terms, start are missing"]),
        (
            (",-0.", ",0."),
            ["must give at most 1, full health, got 2.35 for 33333: what a level takes off is written with a"],
        ),
    ],
)
def test_every_fault_of_a_file_is_told(own, changes, faults):
    message = told(own(changes)).splitlines()

    assert message[0].startswith("value set ")
    assert message[0].endswith(f"own.csv has {len(faults)} fault{'' if len(faults) == 1 else 's'}:")
    assert len(message) == len(faults) + 1
    for line, fault in zip(message[1:], faults, strict=True):
        assert line.strip().startswith(fault), line


def test_faults_of_a_table_of_states(own):
    text = "\n".join([*OWN.splitlines()[:4], "state,value", "11111,1", "11112,0.9", "11114,0.8"])
    message = told(own(text=text)).splitlines()

    assert message[1:] == [
        "  line 8: must be a state of five digits, each from 1 to 3, got '11114'",
        "  must have all 243 states, 11113, 11121, 11122, 11123, 11131 and 236 more are missing",
    ]


@pytest.mark.parametrize(("text", "fault"), [("", "must begin with term,value"), ("# title\n", "line 1: must be")])
def test_an_empty_file_is_refused(own, text, fault):
    assert fault in told(own(text=text))


def test_another_encoding_is_refused(tmp_path):
    path = tmp_path / "own.csv"
    path.write_bytes(OWN.replace("Own set. 2025", "Één").encode("latin-1"))

    assert "must be UTF-8 text, got another at byte" in told(path)
