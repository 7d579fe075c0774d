"""Tables in every layout and form give the same data, and keep no identifier."""

from __future__ import annotations

import copy
import hashlib
import pickle
import re

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import examples
from trial_tables import WIDE, changed, faults, long_design, long_of, long_tree, tree, wide, wide_design

from hecon.trial.table.checking import trial_data
from hecon.trial.table.design import design_of

ARRAYS = ("arm", "utilities", "costs", "baseline_costs", "covariates", "cluster", "period")


def same(one, other, names=ARRAYS):
    return all(np.array_equal(getattr(one, name), getattr(other, name), equal_nan=True) for name in names)


@pytest.mark.slow
@given(seed=st.integers(0, 10**6), gone=st.floats(0, 0.4), shuffle=st.booleans())
@examples(25)
@pytest.mark.filterwarnings("ignore::hecon.errors.StatisticalWarning")
def test_a_long_table_is_its_wide_one(seed, gone, shuffle):
    """Also without its empty rows, and with the patients' rows mixed as long as each runs upwards in time."""
    rng = np.random.default_rng(seed)
    table = wide(seed=seed)
    for column in table.columns[8:]:
        table.loc[4:, column] = table.loc[4:, column].where(rng.random(20) > gone)
    long = long_of(table)
    empty = long[["u", "physio", "absence", "stay"]].isna().all(axis=1) & (long["month"] > 0)
    long = long[~empty]
    if shuffle:
        long = long.assign(at=long["month"] + rng.random(len(long))).sort_values("at").drop(columns="at")
    order = [table["patient"].tolist().index(patient) for patient in dict.fromkeys(long["patient"])]
    found, expected = trial_data(long, long_design()), trial_data(table.iloc[order], wide_design())

    assert same(found, expected)


FORMS = {
    "a dict": lambda table: table.to_dict("list"),
    "Arrow": lambda table: table.convert_dtypes(dtype_backend="pyarrow"),
    "nullable": lambda table: table.convert_dtypes(),
    "categories": lambda table: table.astype("category"),
    "objects": lambda table: table.astype(object).where(table.notna(), None),
    "text": lambda table: table.map(lambda cell: "" if cell != cell else str(cell).replace(".", ",")),  # noqa: PLR0124
    "dates": lambda table: table.assign(measured_on=pd.to_datetime(table["measured_on"])),
    "another index": lambda table: table.set_index(pd.Index(["x"] * len(table))),
    "more columns": lambda table: table.assign(note="secret"),
}


@pytest.mark.slow
@pytest.mark.parametrize("form", FORMS)
def test_the_form_of_a_table_does_not_matter(form):
    given_table = FORMS[form](wide())
    before = copy.deepcopy(given_table)

    assert same(trial_data(given_table, wide_design()), trial_data(wide(), wide_design()))
    assert before.equals(given_table) if isinstance(before, pd.DataFrame) else str(before) == str(given_table)


def test_what_a_design_may_leave_out_is_left_out():
    whole = tree()
    for key in ("dates", "death", "covariate"):
        del whole[key]
    del whole["cluster"]["period"]
    found = trial_data(wide().drop(columns="died_on"), design_of(whole))

    assert (found.period, found.covariates.shape, found.covariate_names) == (None, (24, 0), ())
    assert found.cluster is not None
    del whole["cluster"]
    assert trial_data(wide().drop(columns="died_on"), design_of(whole)).cluster is None


@pytest.mark.slow
def test_seven_digits_are_enough():
    """Stata keeps no more unless it is asked to."""
    table = wide().assign(u0=wide()["u0"].astype("float32"))
    table.loc[0, "u0"] = np.float32(-0.446)
    whole = long_tree()
    whole["utility"]["months"] = [0, 3.3, 6, 12]
    long = long_of(wide()).replace({"month": {3: 3.3}}).astype({"month": "float32"})

    assert trial_data(table, wide_design()).utilities[0, 0] == pytest.approx(-0.446)
    assert np.array_equal(
        trial_data(long, design_of(whole)).utilities, trial_data(wide(), wide_design()).utilities, equal_nan=True
    )


def test_long_identifiers_are_told_apart():
    """A float would take some for the same."""
    table = wide().assign(patient=np.arange(24) + 2**60)

    assert len(trial_data(table, wide_design()).arm) == 24


def test_a_missing_code_is_no_patient_cluster_or_period():
    """Patient 99 and practice 99 are not missing, though 99 may stand for missing elsewhere."""
    whole = changed(tree(), ("table", "missing"), [99, 2021])
    table = wide().assign(patient=np.arange(90, 114), practice=np.arange(24) % 4 + 97)
    table.loc[0, "age"] = 99
    found = trial_data(table, design_of(whole))

    assert np.isnan(found.covariates[0, 0])
    assert set(found.cluster) == {0, 1, 2, 3}
    assert set(found.period) == {0, 1, 2}


def test_no_identifier_is_kept():
    found = pickle.dumps(trial_data(wide(), wide_design()))

    assert not any(identifier.encode() in found for identifier in wide()["patient"])


@pytest.mark.slow
def test_a_digest_is_that_of_the_file_or_of_the_cells(tmp_path):
    path = tmp_path / "trial.csv"
    wide().to_csv(path, sep=";", decimal=",", index=False)
    table = wide()
    digest = trial_data(table, wide_design()).digest
    table.loc[0, "stay"] += 0.01

    assert trial_data(path, wide_design()).digest == hashlib.sha256(path.read_bytes()).hexdigest()
    assert re.fullmatch("[0-9a-f]{64}", digest)
    assert trial_data(wide().to_dict("list"), wide_design()).digest == digest
    assert trial_data(table, wide_design()).digest != digest
    assert trial_data(wide().rename(columns={"stay": "age", "age": "stay"}), wide_design()).digest != digest


def test_a_design_may_be_the_path_of_its_file(tmp_path):
    path = tmp_path / "knee.toml"
    path.write_text(WIDE, encoding="utf-8")

    assert same(trial_data(wide(), path), trial_data(wide(), wide_design()))


SPELLINGS = {
    "case": lambda key, late: f"P{key}" if late else f"p{key}",
    "spaces": lambda key, late: f"P {key}" if late else f"P{key}",
    "zeros": lambda key, late: str(key) if late else f"{key:03d}",
    "zeros and case": lambda key, late: f"a-{key}" if late else f"A-{key:02d}",
    "a number": lambda key, late: key if late else f"{key:03d}",
}


@pytest.mark.parametrize("spelling", SPELLINGS.values(), ids=SPELLINGS)
@pytest.mark.no_cover
def test_a_patient_written_in_two_ways_is_not_two(spelling):
    """Written alike, the table is taken."""
    table = long_of(wide().assign(patient=range(1, 25)))
    late = table["month"] > 3
    table["patient"] = np.array([spelling(*each) for each in zip(table["patient"], late, strict=True)], dtype=object)

    (told,) = [each for each in faults(table, long_design()) if "'patient'" in each]
    assert "must be written in one way, got two that differ by case, spaces, width, leading zeros or .0 only" in told
    table["patient"] = [
        str(each).casefold().replace(" ", "").replace("a-", "").lstrip("p0") for each in table["patient"]
    ]
    assert trial_data(table, long_design()).arm.size == 24


def test_patients_whose_names_are_alike_in_one_month_are_two():
    table = long_of(wide().assign(patient=[f"{'pP'[number % 2]}{number // 2}" for number in range(24)]))
    assert trial_data(table, long_design()).arm.size == 24
