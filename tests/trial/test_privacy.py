"""Nothing of a patient is ever told: no value and no identifier, in no error, warning, chain or traceback."""

from __future__ import annotations

import io
import re
import traceback
import warnings

import numpy as np
import pytest
from effect_trials import POINTS, QALYS, tree_of
from effect_trials import table as table_of
from hypothesis import given
from hypothesis import strategies as st
from strategies import examples
from trial_tables import long_design, long_of, long_tree, tree, wide, wide_design

from hecon.errors import HeconError
from hecon.trial import analyse, subgroups
from hecon.trial.table.checking import trial_data
from hecon.trial.table.design import design_of

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


def with_deaths(rng, table, *, long):
    """Return the table with months of death, a status and planned follow-up, marked as well, and its design."""
    whole = long_tree() if long else tree()
    del whole["dates"]
    at_the_end = {"status": "status"} if long else {"status": ["status"], "months": [12]}
    whole["death"] = {"month": "died_in", "dead": ["dead"], "alive": ["alive"]} | at_the_end
    whole["planned"] = {"follow_up": "planned"}
    whole["cost"][1]["negative"] = True
    people = table["patient"].unique()
    number = iter(rng.permutation(np.arange(100_000, 999_999))[: 4 * len(people)])

    def drawn(plain, chance):
        return {
            each: float(f"{rng.integers(-1, 14)}.{next(number)}") if rng.random() < chance else plain for each in people
        }

    table = table.assign(
        died_in=table["patient"].map(drawn(np.nan, 0.3)), planned=table["patient"].map(drawn(12.0, 0.1))
    )
    status = {each: rng.choice(["alive", "dead", f"status {next(number)}"], p=[0.8, 0.15, 0.05]) for each in people}
    return table.assign(status=table["patient"].map(status)), design_of(whole)


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


def spoilt(rng, table, count):
    """Return a table in which some cells, in any columns, are wrong in their own ways."""
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
    return table


@pytest.mark.slow
@examples(40)
@given(
    seed=st.integers(0, 2**32 - 1),
    long=st.booleans(),
    csv=st.booleans(),
    dying=st.booleans(),
    count=st.integers(0, 25),
)
def test_no_value_or_identifier_is_ever_told(tmp_path_factory, *, seed, long, csv, dying, count):
    """Whatever is wrong, in any column, in a table or in a file, with deaths and without."""
    rng = np.random.default_rng(seed)
    table, design = marked(rng, long=long)
    if dying:
        table, design = with_deaths(rng, table, long=long)
    table = spoilt(rng, table, count)
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


def with_effect(rng, kind, *, dying=False):
    """Return a table of marked numbers whose effect is no utility over time, and its design, with a subgroup.

    With `dying` some die in marked months, of a status that is now and then marked; of points some were planned for a
    marked end.
    """
    whole = tree_of({"points": POINTS, "totals": QALYS, "costs": QALYS}[kind])
    if kind == "costs":
        del whole["effect"]
        whole["costs_alone"] = {"months": 12}
    whole["covariate"] = [{"column": "sex", "kind": "category", "levels": ["man", "woman"]}]
    whole["subgroup"] = [{"column": "sex", "prespecified": True}]
    found = table_of(rng, 60).assign(sex=np.where(rng.random(60) < 0.5, "man", "woman"))
    number = iter(rng.permutation(np.arange(100_000, 999_999))[:5000])
    for column in found.columns.drop(["arm", "sex", "id"]):
        found[column] = [float(f"{0 if column in {'u0', 'qaly'} else 20}.{next(number)}") for _ in found[column]]
    if dying:
        found = found.assign(**_fates(rng, number))
        whole["death"] = {"month": "died_in", "status": ["fate"], "months": [12], "dead": ["dead"], "alive": ["alive"]}
        whole["death"]["others"] = str(rng.choice(["alive", "unknown"]))
        if kind != "costs":
            whole["effect"]["after_death"] = 96 if kind == "points" else "counted-to-death"
        if kind == "points":
            whole["planned"] = {"follow_up": "planned"}
        if rng.random() < 0.5:
            # Without contradictions the analysis is told of as well.
            found["planned"] = 12.0
            found["fate"] = np.where(found["died_in"] <= 12, "dead", "alive")
            found.loc[found["died_in"] <= 12, [each for each in found if each.endswith("_12")]] = np.nan
            found.loc[found["died_in"] <= 3, [each for each in found if each.endswith("_3")]] = np.nan
    return found.assign(id=[f"id{next(number)}" for _ in range(60)]), design_of(whole)


def _fates(rng, number):
    """Return columns of marked months of death, of the status at the end, and of planned follow-up."""
    died = [float(f"{rng.integers(1, 14)}.{next(number)}") if rng.random() < 0.2 else np.nan for _ in range(60)]
    fate = rng.choice(["alive", "dead", ""], 60, p=[0.7, 0.2, 0.1]).astype(object)
    fate[rng.integers(60)] = f"status {next(number)}"
    planned = [float(f"{rng.integers(1, 12)}.{next(number)}") if rng.random() < 0.05 else 12.0 for _ in range(60)]
    return {"died_in": died, "fate": fate, "planned": planned}


@pytest.mark.slow
@examples(30)
@given(
    seed=st.integers(0, 2**32 - 1),
    kind=st.sampled_from(["points", "totals", "costs"]),
    count=st.integers(0, 12),
    dying=st.booleans(),
)
def test_nothing_is_told_of_other_effects_either(seed, kind, count, dying):
    """Neither where values are out of range, a level is unknown, of a subgroup that is too small, nor of the dead."""
    rng = np.random.default_rng(seed)
    table, design = with_effect(rng, kind, dying=dying)
    table = spoilt(rng, table, count)
    if rng.random() < 0.3:
        table.loc[:, "sex"] = ["woman"] * 57 + ["man"] * 3

    def analysed():
        data = trial_data(table, design)
        main = analyse(data, replicates=50, imputations=2, rng=1)
        return [repr(data), repr(main), *map(repr, subgroups(data, main, rng=1))]

    told = everything_told(analysed)
    markers = set(re.findall(r"\d{6}", table.to_csv()))

    assert markers
    assert not markers & set(re.findall(r"(?=(\d{6}))", told))
