"""Faults of a table fold by cause, and name the key of the design that mends them."""

from __future__ import annotations

import re

import pytest
from trial_tables import changed, faults, spoilt, tree, wide, with_states

from hecon.trial.table.checking import trial_data
from hecon.trial.table.design import design_of

UTILITIES = ("u0", "u3", "u6", "u12")
COSTS = ("physio_3", "physio_6", "stay")


def with_code(code, columns, rows=(2, 5)):
    table = wide()
    for column in columns:
        table = spoilt(column, list(rows), code, of=table)
    return table


@pytest.mark.parametrize("code", [".", "NA", "#N/B", -9])
@pytest.mark.no_cover
def test_a_usual_code_is_one_question_and_its_remedy_works(code):
    """Wherever it stands; in the part that has it, or in the table where more parts do."""
    table = with_code(code, (*UTILITIES, *COSTS, "absence_3"))
    (told,) = faults(table)
    shown = f'"{code}"' if isinstance(code, str) else str(code)

    assert told.startswith(
        "8 columns ('u0', 'u3', 'u6', 'u12', 'physio_3', 'physio_6', 'stay', 'absence_3'), 16 cells: "
    )
    assert told.endswith(f'a missing value? Then say missing = [-99, "nvt", {shown}] in [table] of the design')
    codes = [*tree()["table"]["missing"], code]
    trial_data(table, design_of(changed(tree(), ("table", "missing"), codes)))


@pytest.mark.parametrize(
    ("columns", "key", "where"),
    [
        (UTILITIES, ("utility", "missing"), "[77, 9] in [utility]"),
        (("age",), ("covariate", 0, "missing"), "[999, \".\"] in the [[covariate]] of 'age'"),
        (COSTS[:2], ("cost", 0, "missing"), "[-8, -9] in the [[cost]] of 'physiotherapy'"),
    ],
)
def test_a_code_of_one_part_belongs_there(columns, key, where):
    code = {"[77, 9]": 9, "[-8, -9]": -9}.get(where.partition(" in")[0], ".")
    table = with_code(code, columns)
    (told,) = faults(table)

    assert told.endswith(
        f"got {code if isinstance(code, int) else repr(code).replace(chr(39), chr(34))}: "
        f"a missing value? Then say missing = {where} of the design"
    )
    part = tree()
    for step in key[:-1]:
        part = part[step]
    trial_data(table, design_of(changed(tree(), key, [*part.get("missing", ()), code])))


def test_a_rule_that_many_columns_break_is_told_once():
    design, table = with_states("items")
    columns = [name for name in table.columns if re.fullmatch(r"(mo|sc|ua|pd|ad)\d+", name)]
    table.loc[3, columns] = 6
    (told,) = faults(table, design)

    assert told.startswith(
        "20 columns ('mo0', 'sc0', 'ua0', 'pd0', 'ad0', 'mo3', 'sc3', 'ua3', 'pd3', 'ad3' and 10 more), 20 cells"
    )
    assert "the first in row 4 of 'mo0': must be answers to an EQ-5D item" in told


def test_a_code_and_the_decimal_comma_are_two_causes():
    """Neither hides the other."""
    table = wide().astype(object)
    for column in UTILITIES:
        table[column] = [f"{value:.3f}" for value in wide()[column].fillna(0.5)]
        table.loc[4, column] = "."
    told = faults(table)

    assert len(told) == 2
    assert 'got ".": a missing value?' in told[0]
    assert "here it parts decimals" in told[1] or 'decimal = "."' in told[1]


def test_no_other_value_is_told():
    """A cell is told only where it is one of the usual codes."""
    (told,) = faults(with_code("5513", ("arm",), (3,)))

    assert "5513" not in told
