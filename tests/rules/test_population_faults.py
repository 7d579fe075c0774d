"""The population: every error message of cohorts, life tables and norms."""

from __future__ import annotations

import numpy as np
import pytest

from hecon import tables, zin
from hecon.errors import InputError

TABLES = ", ".join(map(repr, tables.names("life_table")))
NORMS = ", ".join(f"'{name}', '{name}-smoothed'" for name in tables.names("norms"))
LIFE = {"name": "own", "ages": [0, 1], "male": [0.1, 1], "female": [0.2, 1], "measure": "q"}
UTILITY = {"name": "own", "ages": [0, 1], "male": [0.9, 0.8], "female": [0.9, 0.8]}
FLAT = "must be a number or a sequence of numbers"
OWN = zin.LifeTable("own", ages=[30, 90], male=[0.1, 0.2], female=[0.1, 0.2], measure="m")


def told(verb, *data, **options):
    """Return what is said when the input is refused."""
    with pytest.raises(InputError) as caught:
        verb(*data, **options)
    return str(caught.value)


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"age": 17}, "age must be at least 18, as the norms szende-2014 have none for the younger, got 17"),
        ({"age": [40, 17.9]}, "age must be at least 18, as the norms szende-2014 have none for the younger, got 17.9"),
        (
            {"age": 18, "start": "rows"},
            "age must be at least 18, as the norms szende-2014 have none for the younger, got 17.5 as exact age",
        ),
        (
            {"age": 17, "start": "completed", "norms": "szende-2014-vas"},
            "age must be at least 18, as the norms szende-2014-vas have none for the younger, got 17.5 as exact age",
        ),
        ({"age": 29, "table": OWN}, "age must be at least 30, where the life table own begins, got 29"),
        ({"age": 101}, "age must be at most 95, as far as the life table cbs-2021 can tell, got 101"),
        (
            {"age": 95.5, "start": "rows"},
            "age must be at most 95, as far as the life table cbs-2021 can tell, got 95.5",
        ),
        ({"age": [40, 90.5], "table": OWN}, "age must be at most 90, as far as the life table own can tell, got 90.5"),
        ({"age": np.nan}, "age must be finite, got nan at position 0"),
        ({"age": [40, np.inf]}, "age must be finite, got inf at position 1"),
        ({"age": "40"}, "age must be a number or a sequence of numbers, got '40'"),
        ({"age": [40, "old"]}, "age must be a number or a sequence of numbers, got [40, 'old']"),
        ({"age": None}, "age must be a number or a sequence of numbers, got None"),
        ({"age": True}, "age must be a number or a sequence of numbers, got True"),
        ({"age": [[40], [50, 60]]}, "age must be a number or a sequence of numbers, got [[40], [50, 60]]"),
        (
            {"age": []},
            f"age {FLAT}, got shape (0,)",
        ),
        (
            {"age": [[40]]},
            f"age {FLAT}, got shape (1, 1)",
        ),
        ({"female": 1.4}, "female must be a share in [0, 1], got 1.4; write 0.4 for 40%"),
        ({"female": 40}, "female must be a share in [0, 1], got 40.0; write 0.4 for 40%"),
        ({"female": -0.1}, "female must be a share in [0, 1], got -0.1; write 0.4 for 40%"),
        ({"female": np.nan}, "female must be finite, got nan at position 0"),
        ({"female": "yes"}, "female must be a number or a sequence of numbers, got 'yes'"),
        ({"female": [0.4, 0.5]}, "female must be one share or one per age (1), got 2"),
        ({"age": [40, 50, 60], "female": [0.4, 0.5]}, "female must be one share or one per age (3), got 2"),
        ({"weights": 0}, "weights must be one per age (1), at least 0 and not all 0, got 0"),
        (
            {"age": [40, 50], "weights": [2, -1]},
            "weights must be one per age (2), at least 0 and not all 0, got [2, -1]",
        ),
        ({"age": [40, 50], "weights": [0, 0]}, "weights must be one per age (2), at least 0 and not all 0, got [0, 0]"),
        ({"age": [40, 50], "weights": [1]}, "weights must be one per age (2), at least 0 and not all 0, got [1]"),
        ({"age": [40, 50], "weights": [1, np.nan]}, "weights must be finite, got nan at position 1"),
        ({"weights": "all"}, "weights must be a number or a sequence of numbers, got 'all'"),
        ({"discount": 4}, "discount must be a yearly rate in [0, 1), got 4; write 0.015 for 1.5%"),
        ({"discount": 1}, "discount must be a yearly rate in [0, 1), got 1; write 0.015 for 1.5%"),
        ({"discount": -0.01}, "discount must be a yearly rate in [0, 1), got -0.01; write 0.015 for 1.5%"),
        ({"discount": np.nan}, "discount must be finite, got nan"),
        ({"discount": "4%"}, "discount must be a number, got '4%'"),
        ({"start": "birthday"}, "start must be one of 'exact', 'completed', 'rows', got 'birthday'"),
        ({"table": "cbs-2022"}, f"table must be one of {TABLES}, got 'cbs-2022'"),
        ({"norms": "heijink-2011"}, f"norms must be one of {NORMS}, got 'heijink-2011'"),
        ({"norms": "cbs-2021-smoothed"}, f"norms must be one of {NORMS}, got 'cbs-2021-smoothed'"),
    ],
)
def test_what_is_no_cohort_is_refused(changed, message):
    """Ages, shares, weights, rates and names that make no sense are refused in words."""
    options = {"age": 40, "female": 0.4, **changed}

    assert told(zin.population_qale, options.pop("age"), **options) == message
    if "norms" not in message:
        options.pop("norms", None)
        assert told(zin.life_expectancy, changed.get("age", 40), **options) == message


@pytest.mark.parametrize(("age", "lowest"), [(0.4, "0.5"), (-1, "0.5")])
def test_life_expectancy_begins_where_the_table_does(age, lowest):
    """Without norms the life table alone sets the lowest age."""
    message = f"age must be at least {lowest}, where the life table cbs-2021 begins, got {age}"

    assert told(zin.life_expectancy, age, female=0) == message
    assert zin.life_expectancy(0.5, female=0) == zin.life_expectancy(1, female=0, start="rows")


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"ages": [1, 1]}, "ages[1] must be above the age before it, got 1.0 after 1.0"),
        ({"ages": [1, 0]}, "ages[1] must be above the age before it, got 0.0 after 1.0"),
        ({"ages": [0, "1"]}, "ages[1] must be a number, got '1'"),
        ({"ages": [0, np.nan]}, "ages[1] must be finite, got nan"),
        ({"ages": [0, 1, 2]}, "male must have as many values as ages (3), got 2"),
        ({"female": [0.2]}, "female must have as many values as ages (2), got 1"),
        ({"male": [True, 1]}, "male[0] must be a number, got True"),
        ({"male": [0.1, np.inf], "measure": "m"}, "male[1] must be finite, got inf"),
        ({"male": [1.2, 1]}, "male[0] must lie in [0, 1], got 1.2"),
        ({"female": [-0.2, 1]}, "female[0] must lie in [0, 1], got -0.2"),
        ({"female": [-0.2, 1], "measure": "m"}, "female[0] must lie in [0, 1e+06], got -0.2"),
        ({"male": [0.1, 1.1e6], "measure": "m"}, "male[1] must lie in [0, 1e+06], got 1100000.0"),
        ({"male": [1, 1]}, "male[0] must be below 1 before the last row, got 1.0"),
        ({"female": [0.1, 0]}, "female[1] must be above 0, as the last row goes on, got 0.0"),
        ({"female": [0.1, 0], "measure": "m"}, "female[1] must be above 0, as the last row goes on, got 0.0"),
        ({"measure": "l"}, "measure must be one of 'q', 'm', got 'l'"),
        ({"age_offset": np.nan}, "age_offset must be finite, got nan"),
        ({"age_offset": "half"}, "age_offset must be a number, got 'half'"),
    ],
)
def test_what_is_no_life_table_is_refused(changed, message):
    """Rows that are too few, ages that do not rise and what is no probability or rate are named."""
    assert told(zin.LifeTable, **{**LIFE, **changed}) == message


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"ages": [18, 18]}, "ages[1] must be above the age before it, got 18.0 after 18.0"),
        ({"ages": [18]}, "male must have as many values as ages (1), got 2"),
        ({"female": [0.9]}, "female must have as many values as ages (2), got 1"),
        ({"male": [1.01, 0.8]}, "male[0] must lie in [-1, 1], got 1.01"),
        ({"female": [0.9, -1.01]}, "female[1] must lie in [-1, 1], got -1.01"),
        ({"female": [0.9, np.nan]}, "female[1] must be finite, got nan"),
        ({"male_se": [0.1]}, "male_se must have as many values as ages (2), got 1"),
        ({"female_se": [0.1, -0.1]}, "female_se[1] must lie in [0, inf], got -0.1"),
        ({"female_se": [0.1, None]}, "female_se[1] must be a number, got None"),
    ],
)
def test_what_are_no_norms_is_refused(changed, message):
    """Bands that are too few, ages that do not rise and what is no utility or standard error are named."""
    assert told(zin.Norms, **{**UTILITY, **changed}) == message


@pytest.mark.parametrize("ages", [5, "18", [[18]], None])
def test_rows_are_sequences(ages):
    """What is no sequence of numbers is refused in words."""
    with pytest.raises(InputError) as caught:
        zin.LifeTable("own", ages, [0.1], [0.1], "q")

    assert str(caught.value) == f"ages must be a sequence of numbers, got {ages!r}"


def test_a_table_needs_a_row():
    """None is too few."""
    with pytest.raises(InputError) as caught:
        zin.Norms("own", [], [], [])

    assert str(caught.value) == "ages must have at least one value, got none"


# --- in a shortfall ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("norm", "expected"), [(0, "0"), (-0.5, "-20.3319")])
def test_a_population_without_qalys_is_refused(norm, expected):
    """Norms of 0 or less leave nothing to lose."""
    own = zin.Norms("own", [18], [norm], [norm])

    assert told(zin.shortfall, age=40, female=0, smr=2, norms=own) == (
        f"the population must have QALYs ahead of it, got {expected}: check the norms own"
    )


def test_an_empty_name_is_no_default():
    """Only what was not given at all is the default."""
    assert told(zin.shortfall, age=40, female=0, smr=2, table="").startswith("table must be one of 'cbs-2021'")
    assert told(zin.shortfall, age=40, female=0, smr=2, norms="").startswith("norms must be one of 'szende-2014'")


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"age": 17}, "age must be at least 18, as the norms szende-2014 have none for the younger, got 17"),
        ({"female": 1.4}, "female must be a share in [0, 1], got 1.4; write 0.4 for 40%"),
        ({"weights": [1, 2]}, "weights must be one per age (1), at least 0 and not all 0, got [1, 2]"),
        ({"start": "born"}, "start must be one of 'exact', 'completed', 'rows', got 'born'"),
        ({"discount": 1.5}, "discount must be a yearly rate in [0, 1), got 1.5; write 0.015 for 1.5%"),
    ],
)
def test_the_population_is_checked_as_elsewhere(changed, message):
    """What is no cohort is refused as in population_qale."""
    assert told(zin.shortfall, **{"age": 40, "female": 0.5, "smr": 2, **changed}) == message
