"""A trial from tables of polars itself, and of Arrow: the kinds of columns that it has, and what is refused.

Run with polars 2.1.0, pyarrow 26.0 and 16.0.
Without polars `test_file_layout` holds the protocol by which its tables are read.
"""

from __future__ import annotations

from functools import cache

import numpy as np
import pyarrow as pa
import pytest
from trial_tables import tree, wide, wide_design

import hecon
from hecon import datasets
from hecon.errors import InputError, TrialError
from hecon.trial import trial_data
from hecon.trial.table.design import design_of

pl = pytest.importorskip("polars", reason="polars is not installed")

NUMBERS = ("age", "u0", "u12", "physio_3", "stay")
DAYS = ("randomised_on", "measured_on", "died_on")


def dates(table):
    return table.with_columns(pl.col(DAYS).cast(pl.String).str.to_date(strict=False))


FORMS = {
    "as it is": lambda table: table,
    "Arrow": lambda table: table.to_arrow(),
    "a reader of Arrow": lambda table: table.to_arrow().to_reader(),
    "collected": lambda table: table.lazy().collect(),
    "in two chunks": lambda table: pl.concat([table[:10], table[10:]], rechunk=False),
    "a slice": lambda table: pl.concat([table[:3], table])[3:],
    "NaN for null": lambda table: table.with_columns(pl.col(pl.Float64).fill_null(np.nan)),
    "categories": lambda table: table.with_columns(pl.col("practice", "region").cast(pl.Categorical)),
    "an enumeration": lambda table: table.with_columns(pl.col("region").cast(pl.Enum(["north", "south", "west"]))),
    "small integers": lambda table: table.with_columns(pl.col("arm").cast(pl.UInt8), pl.col("period").cast(pl.Int16)),
    "unsigned integers": lambda table: table.with_columns(pl.col("arm", "period").cast(pl.UInt64)),
    "decimals": lambda table: table.with_columns(pl.col(NUMBERS).cast(pl.Decimal(20, 8))),
    "dates": dates,
    "times of day": lambda table: dates(table).with_columns(pl.col(DAYS).cast(pl.Datetime("us"))),
    "nanoseconds": lambda table: dates(table).with_columns(pl.col(DAYS).cast(pl.Datetime("ns"))),
    "a time zone": lambda table: dates(table).with_columns(
        pl.col(DAYS).cast(pl.Datetime("ms")).dt.replace_time_zone("Pacific/Auckland")
    ),
    "columns of no use": lambda table: table.with_columns(
        a=pl.concat_list(["u0", "u3"]), b=pl.struct(["u0"]), c=pl.lit(None), d=pl.duration(days=1), e=pl.lit(b"x")
    ),
}


@cache
def of_pandas():
    """Return the trial of the table of pandas."""
    return trial_data(wide(), wide_design())


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.no_cover
def test_the_kind_of_a_column_does_not_matter(form):
    """The trial is that of the table of pandas."""
    found = trial_data(FORMS[form](pl.from_pandas(wide())), wide_design())
    expected = of_pandas()

    for name in ("arm", "utilities", "costs", "covariates", "cluster", "period", "baseline_costs"):
        assert np.array_equal(getattr(found, name), getattr(expected, name), equal_nan=True), name
    assert np.array_equal(found.deaths.month, expected.deaths.month, equal_nan=True)
    assert found.covariate_names == expected.covariate_names


FEW = {"n_draws": 200, "rng": 1, "imputations": 2}


@cache
def teaching():
    """Return the teaching trial as a table of pandas, its design and its draws."""
    table, design = datasets.simulate_trial("meniscus", rng=1), datasets.trial_design("meniscus")
    return table, design, hecon.from_patients(table, design, **FEW)


@pytest.mark.slow
@pytest.mark.parametrize("of", ["polars", "Arrow"])
def test_a_trial_is_analysed(of):
    """The same draws as from pandas, to the last digit, and the same digest."""
    table, design, expected = teaching()
    given = pl.from_pandas(table) if of == "polars" else pl.from_pandas(table).to_arrow()

    assert hecon.from_patients(given, design, **FEW).identical(expected)


def test_a_file_that_polars_wrote(tmp_path):
    """Parquet and CSV of polars are those of any other."""
    table, expected = pl.from_pandas(wide()), trial_data(wide(), wide_design())
    table.write_parquet(tmp_path / "trial.parquet")

    assert np.array_equal(trial_data(tmp_path / "trial.parquet", wide_design()).costs, expected.costs, equal_nan=True)


def test_whole_numbers_beside_missing_ones_keep_their_digits(tmp_path):
    """Arrow gives them as floats unless asked otherwise, in which these patients would be one."""
    table = pl.from_pandas(wide()).with_columns(
        patient=pl.when(pl.int_range(pl.len()) == 3).then(None).otherwise(pl.int_range(pl.len()) + 2**60)
    )
    table.write_parquet(tmp_path / "trial.parquet")
    for given in (table, table.to_arrow(), tmp_path / "trial.parquet"):
        with pytest.raises(TrialError) as caught:
            trial_data(given, wide_design())

        assert caught.value.faults == ("column 'patient', row 4: must identify the patient of every row, got none",)


@pytest.mark.parametrize("name", ["age", "u0", "physio_3"])
def test_several_values_in_a_cell_are_no_number(name):
    """Told by column and row, as any cell that holds something else."""
    table = pl.from_pandas(wide()).with_columns(pl.concat_list([pl.lit(1.0)]).alias(name))
    with pytest.raises(TrialError) as caught:
        trial_data(table, design_of(tree()))

    assert caught.value.faults[0].startswith(f"column '{name}', rows 1, 2, 3")
    assert "must hold numbers only, got what is neither a number nor text" in caught.value.faults[0]


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda table: table.lazy(), "table must be a table of pandas, polars or Arrow, .* got LazyFrame: collect()"),
        (
            lambda table: table["u0"],
            "must be a table with columns of kinds that pyarrow knows, got polars's Series: give",
        ),
        (
            lambda table: table.with_columns(pl.col("arm").cast(pl.Int128)),
            "of kinds that pyarrow knows, got polars's DataFrame: .* cast others, such as integers of 128 bits",
        ),
        (lambda table: table[:0], "table must have rows, got none"),
        (
            lambda table: table.to_arrow().append_column("u0", pa.array([1.0] * 24)),
            "must have a name of its own for every column",
        ),
    ],
)
def test_what_is_no_table_is_refused(make, message):
    """With a remedy that works."""
    with pytest.raises(InputError, match=message):
        trial_data(make(pl.from_pandas(wide())), wide_design())
