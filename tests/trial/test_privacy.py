"""Nothing of a patient is ever told: no value and no identifier, in no error, warning, chain or traceback."""

from __future__ import annotations

import io
import re
import traceback
import warnings

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import examples
from trial_tables import long_design, long_of, wide, wide_design

from hecon.errors import HeconError
from hecon.trial.table.checking import trial_data

# Each spoils cells in its own way; "{}" is a marker.
BAD = ["{}", "{},5", "x{}", "-{}", "{}e300", float("inf"), True, ["{}"], {"{}": 1}, b"{}", None, "2019-{}", "9{}.123"]


def marked(rng, *, long):
    """Return a table of which every cell is or bears a marker, and the design's own words."""
    table = wide(seed=int(rng.integers(1e6)))
    number = iter(rng.permutation(np.arange(100_000, 999_999))[:5000])
    for column in table.columns.drop(["arm", "randomised_on", "measured_on", "died_on", "region"]):
        kind = table[column].dtype.kind
        if kind in "iuf":
            base = 0 if column.startswith("u") else 20
            table[column] = [float(f"{base}.{next(number)}") for _ in table[column]]
        else:
            table[column] = [f"id{next(number)}" for _ in table[column]]
    return (long_of(table), long_design()) if long else (table, wide_design())


def everything_told(call):
    """Return all that an error or a warning tells: its text, repr, chain and traceback."""
    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        try:
            told = repr(call())
        except HeconError as error:
            chain, each = [], error
            while each is not None:
                chain += [str(each), repr(each), *map(repr, each.args), *traceback.format_exception(each)]
                each = each.__cause__ or each.__context__
            told = "\n".join(chain)
    return "\n".join([told, *(str(each.message) for each in warned)])


@pytest.mark.slow
@examples(40)
@given(seed=st.integers(0, 2**32 - 1), long=st.booleans(), csv=st.booleans(), count=st.integers(0, 25))
def test_no_value_or_identifier_is_ever_told(tmp_path_factory, seed, long, csv, count):
    """Whatever is wrong, in any column, in a table or in a file."""
    rng = np.random.default_rng(seed)
    table, design = marked(rng, long=long)
    table = table.astype(object)
    for _ in range(count):
        column, row = rng.choice(table.columns), int(rng.integers(len(table)))
        bad = BAD[rng.integers(len(BAD))]
        marker = f"{rng.integers(100_000, 999_999)}"
        if isinstance(bad, str):
            bad = bad.replace("{}", marker)
        elif isinstance(bad, list):
            bad = [marker]
        elif isinstance(bad, dict):
            bad = {marker: 1}
        elif isinstance(bad, bytes):
            bad = marker.encode()
        table.at[row, column] = bad
    if rng.random() < 0.2:
        table = table.drop(columns=rng.choice(table.columns))
    given_as = table
    if csv:
        given_as = tmp_path_factory.mktemp("privacy") / "trial.csv"
        buffer = io.StringIO()
        table.to_csv(buffer, sep=";", decimal=",", index=False, header=rng.random() < 0.8)
        given_as.write_text(buffer.getvalue(), encoding="utf-8")
    told = everything_told(lambda: trial_data(given_as, design)).replace(str(given_as), "")
    markers = set(re.findall(r"\d{6}", table.to_csv()))

    assert markers
    assert not markers & set(re.findall(r"(?=(\d{6}))", told))
