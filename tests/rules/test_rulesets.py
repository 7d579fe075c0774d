"""Rules of a country: what ships, which rule holds on a date, and what a faulty file is told."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from hecon import rulesets
from hecon.errors import DossierError, InputError
from hecon.rulesets import RuleSet, ruleset

POUNDS = """\
format = 1
name = "gb"
currency = "GBP"
effect_unit = "QALY"

[[values]]
since = "2012"
status = "read"
source = "a manual"
amounts = [20000, 30000]
shown = [20000, 30000]
"""


def written(folder, text):
    """Return the path of a file with a text."""
    path = folder / "own.toml"
    path.write_text(text, encoding="utf-8")
    return path


def told(folder, text):
    """Return the faults that a file is told."""
    with pytest.raises(DossierError) as caught:
        ruleset(written(folder, text))
    return caught.value.located


def test_dutch_values_go_by_proportional_shortfall():
    """€ 20,000, 50,000 and 80,000 from 0.10, 0.41 and 0.71; below 0.10 there is no value."""
    values = ruleset("nl").values_on()

    assert values.measure == "proportional shortfall"
    assert values.by_band == {"none": None, "low": 20_000, "middle": 50_000, "high": 80_000}
    assert [None if each.from_ is None else str(each.from_) for each in values.band] == [None, "0.10", "0.41", "0.71"]
    assert values.reference == (20_000, 50_000, 80_000)
    assert values.grid == (10_000, 20_000, 50_000, 80_000)


@pytest.mark.parametrize(
    ("on", "rates"),
    [(dt.date(2017, 1, 1), (0.04, 0.015)), (dt.date(2024, 1, 31), (0.03, 0.015)), (None, (0.03, 0.015))],
)
def test_discounting_is_that_of_the_guideline_in_force(on, rates):
    """4% and 1.5% by the guideline of 2016, 3% and 1.5% by that of January 2024."""
    found = ruleset().discounting_on(on)

    assert (float(found.costs), float(found.effects)) == rates


def test_a_date_that_no_rule_or_two_rules_may_hold_on_is_refused():
    """Before the first rule there is none; in a year whose day of change is not known there may be either."""
    with pytest.raises(InputError) as early:
        ruleset().values_on(dt.date(2015, 6, 25))
    with pytest.raises(InputError) as between:
        ruleset().discounting_on(dt.date(2016, 5, 1))
    with pytest.raises(InputError) as no_date:
        ruleset().values_on("2020")

    assert str(early.value) == "on must be 2015-06-26 or later, when the first values of nl began, got 2015-06-25"
    assert str(between.value) == (
        "on must not lie in 2016, when discounting of nl changed on a day not known, got 2016-05-01: "
        "give a date before or after it"
    )
    assert str(no_date.value) == "on must be a date, as in datetime.date(2024, 3, 22), got '2020'"
    assert ruleset().values_on(dt.datetime(2015, 6, 26, 12, tzinfo=dt.UTC)) == ruleset().values_on()


@pytest.mark.parametrize("name", rulesets.names())
def test_what_ships_was_read_at_a_named_source(name):
    """No value ships that is still to be checked; of the rates only the Dutch ones of 2024, which say so."""
    rules = ruleset(name)

    assert rules.name == name
    assert {each.status for each in rules.values} == {"read"}
    unchecked = [str(each.since) for each in rules.discounting if each.status != "read"]
    assert unchecked == (["2024-01"] if name == "nl" else [])
    assert ruleset(name) is rules
    assert ruleset(rules) is rules


def test_a_users_rules_need_no_bands(tmp_path):
    """A country may have values without bands of burden, in its own currency."""
    rules = ruleset(written(tmp_path, POUNDS))

    assert isinstance(rules, RuleSet)
    assert rules.values_on().reference == (20_000, 30_000)
    assert rules.values_on().bands == ()
    assert rules.holds_for("GBP", "QALY")
    assert not rules.holds_for("EUR", "QALY")
    with pytest.raises(InputError) as caught:
        rules.discounting_on()
    assert str(caught.value) == "rules must hold discounting, got none in gb: add [[discounting]] to the file"


@pytest.mark.parametrize(
    ("rules", "message"),
    [
        (
            "nll",
            (
                "rules must be one of england-medicines, england-other, nl or the path of a .toml file, got 'nll'; "
                "did you mean 'nl'?"
            ),
        ),
        (Path("gone.toml"), "rules must be an existing file, got 'gone.toml'"),
        (3, "rules must be a name or the path of a .toml file, got 3"),
    ],
)
def test_unknown_rules_are_refused(rules, message):
    """The message says which there are."""
    with pytest.raises(InputError) as caught:
        ruleset(rules)

    assert str(caught.value) == message


FAULTY = """\
format = 1
name = "gb"
curency = "GBP"
currency = "pound"
effect_unit = "QALY"
criteria = ["effectiveness"]
value_driven = ["effectivenes"]

[[values]]
since = 2026-01-02
status = "read"
source = "a manual"
amounts = [20.000, -1]
shown = [20000]

[[values]]
since = "2025"
status = "read"
source = "a manual"
shown = [20000]
[[values.band]]
name = "a"
from = 0.1
[[values.band]]
name = "a"
value = 20.000
[[values.band]]
name = "b"
from = 0.4
[[values.band]]
name = "c"
from = 0.3
value = 0

[[values]]
since = "2026-13"
status = "red"
source = "a manual"
shown = []

[[discounting]]
since = "2025"
status = "read"
source = "a manual"
costs = 3
effects = 0.01

[burden]
life_table = "cbs-2022"
norms = "szende-2014"
compared_life_tables = ["cbs-2021"]
compared_norms = ["tilburg"]
"""


def test_a_faulty_file_is_told_all_its_faults(tmp_path):
    """Each with its line, path and value, and a hint where there is one."""
    assert told(tmp_path, FAULTY) == [
        "line 3: curency: is not a key of this table: did you mean 'currency'?",
        "line 4: currency: must be a currency code of three capitals, as in EUR, got 'pound'",
        "line 7: value_driven[0]: must be one of criteria, got 'effectivenes'; did you mean 'effectiveness'?",
        "line 13: values[0].amounts: must be an amount of money, got 20.000 with three decimals: write 20000",
        "line 13: values[0].amounts[1]: must be above 0, got -1",
        "line 16: values[1].measure: is missing: write 'proportional shortfall' or 'absolute shortfall'",
        "line 17: values[1].since: must be later than that of the rule before it, got '2025'",
        "line 23: values[1].band[0].from: must not be given for the lowest band, got 0.1: remove it",
        "line 24: values[1].band[1].from: is missing: add the lowest shortfall of the band, as in 0.41",
        "line 25: values[1].band[1].name: must be unique, got 'a' again",
        "line 26: values[1].band[1].value: must be an amount of money, got 20.000 with three decimals: write 20000",
        "line 32: values[1].band[3].from: must be above that of the band before it, got 0.3",
        "line 33: values[1].band[3].value: must be above 0, got 0",
        (
            'line 36: values[2].since: must be a date in quotes, as in "2015-06-26", or as much of it as is known, '
            'as in "2015-06" or "2015", got \'2026-13\''
        ),
        "line 37: values[2].status: must be 'read' or 'to check', got 'red'",
        "line 39: values[2].shown: must be a list of amounts in square brackets, at least one, got 0 of them",
        "line 45: discounting[0].costs: must be a yearly rate in [0, 1), got 3; write 0.03 for 3%",
        "line 49: burden.life_table: must be a table that comes with hecon, got 'cbs-2022'; did you mean 'cbs-2021'?",
        (
            "line 52: burden.compared_norms[0]: must be a table that comes with hecon, got 'tilburg'; they are "
            "szende-2014, szende-2014-smoothed, szende-2014-vas, szende-2014-vas-smoothed"
        ),
    ]


@pytest.mark.parametrize(
    ("edge", "fault"),
    [
        ("41", "must be a share above 0 and at most 1, got 41; write 0.41 for 41%"),
        ("0", "must be a share above 0 and at most 1, got 0; write 0.41 for 41%"),
        (
            "0.405",
            "must have at most 2 decimals, to which a shortfall is rounded, got 0.405: give more decimals in values[0]",
        ),
    ],
)
def test_a_band_begins_at_a_share_of_the_printed_decimals(tmp_path, edge, fault):
    """A percentage would never be reached, and more decimals would place draws and their mean apart."""
    text = f'{POUNDS}measure = "proportional shortfall"\n[[values.band]]\nname = "none"\n'
    text += f'[[values.band]]\nname = "some"\nfrom = {edge}\nvalue = 20000\n'

    found = told(tmp_path, text.replace("amounts = [20000, 30000]\n", ""))

    assert found == [f"line 16: values[0].band[1].from: {fault}"]


BANDS = """
[[values]]
since = "2015"
status = "read"
source = "a"
measure = "proportional shortfall"
shown = [20000]
[[values.band]]
name = "low"
value = 50000
[[values.band]]
name = "high"
from = 0.41
value = 8000
[[guideline]]
since = "2024-01"
required = 2020-10-01
status = "read"
source = "a"
name.en = "guideline"
name.nl = "richtlijn"
[[guideline.point]]
id = "perspective"
asks.en = "a"
asks.nl = "a"
status = "to check"
"""


def test_rules_that_were_cut_off_are_refused(tmp_path):
    """Where what is left is TOML: a guideline without a point, and one band."""
    whole = POUNDS.partition("[[values]]")[0] + BANDS.replace("8000", "80000").replace("2020-10-01", "2025-10-01")
    (tmp_path / "whole.toml").write_text(whole, encoding="utf-8")
    assert ruleset(tmp_path / "whole.toml").guideline[0].point
    lacking = "guideline[0].point: is missing: add a [[guideline.point]] for each thing that the latest guideline asks"
    alone = "values[0].band: must be two bands or more, got one: add the others, or write its value as amounts"

    for end, fault in (("[[guideline.point]]", lacking), ('[[values.band]]\nname = "high"', alone)):
        cut = whole[: whole.index(end)]
        (found,) = told(tmp_path, cut)
        assert fault in found, found


def test_values_that_fall_and_dates_that_go_back(tmp_path):
    """A slip of a digit gave the gravest burden the lowest value, and none was told."""
    found = told(tmp_path, POUNDS.partition("[[values]]")[0] + BANDS)
    falls = "values[0].band[1].value: must not be below that of the band before it, 50000, as its burden is higher"
    assert [each.partition(": ")[2] for each in found] == [
        f"{falls}, got 8000: check the amount",
        "guideline[0].required: must not be before its since, 2024-01, got 2020-10-01: check the dates",
    ]


def test_a_country_code_is_explained(tmp_path):
    found = told(tmp_path, 'country = "NLD"\n' + POUNDS)
    assert any(each.endswith("country: must be a country code of two capitals, as in NL, got 'NLD'") for each in found)


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("amounts = [20000, 30000]\n", "", "values[0]: must have [[values.band]], amounts or range, one of the three"),
        ('since = "2012"', "since = 2012", "must be a date in quotes"),
        ("amounts = [20000, 30000]\n", '[[values.band]]\nname = "all"\n', "must have a value in at least one band"),
    ],
)
def test_values_stand_by_band_or_alone(tmp_path, old, new, fault):
    """A file without amounts, with a year as a number, or with bands without amounts is told so."""
    text = POUNDS.replace(old, "") + new if "[[" in new else POUNDS.replace(old, new)
    assert any(fault in each for each in told(tmp_path, text))
