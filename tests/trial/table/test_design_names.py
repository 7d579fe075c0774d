"""Columns of a design whose names tell another order than their places."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from trial_tables import changed, long_tree, tree, with_states

from hecon.errors import TrialError
from hecon.trial.table.checking import trial_data
from hecon.trial.table.design import design_of

ITEMS = ("mo", "sc", "ua", "pd", "ad")


def refused(whole):
    """Return the faults with which a design is refused."""
    with pytest.raises(TrialError) as caught:
        design_of(whole)
    return caught.value.faults


@pytest.mark.parametrize("order", [(4, 3, 2, 1, 0), (0, 1, 2, 4, 3)])
@pytest.mark.parametrize("layout", ["wide", "long"])
def test_items_in_another_order_are_refused(order, layout):
    """The order that the message writes is taken."""
    names = [f"eq5d_{ITEMS[place]}" for place in order]
    if layout == "wide":
        items = [[f"{name}_{month}" for name in names] for month in (0, 3, 6, 12)]
        whole = changed(tree(), ("utility",), {"months": [0, 3, 6, 12], "value_set": "nl-5l-2016", "items": items})
        found = refused(whole)
        assert [each.split(":")[0] for each in found] == [f"utility.items[{place}]" for place in range(4)]
        whole["utility"]["items"] = [each.rpartition("write ")[2].split(", ") for each in found]
    else:
        utility = {"months": long_tree()["utility"]["months"], "value_set": "nl-5l-2016", "items": names}
        whole = changed(long_tree(), ("utility",), utility)
        (found,) = refused(whole)
        whole["utility"]["items"] = found.rpartition("write ")[2].split(", ")
    written = design_of(whole).utility.items
    assert np.ravel(written)[:5].tolist() == [f"eq5d_{item}{'_0' if layout == 'wide' else ''}" for item in ITEMS]


def test_columns_of_other_times_are_refused():
    """Of utilities, states, items and costs; columns whose names tell no time, or other times, are not."""
    (found,) = refused(changed(tree(), ("utility", "columns"), ["u0", "u6", "u3", "u12"]))
    assert found == (
        "utility.columns: must be in the order of the months, 0, 3, 6, 12, got columns whose names tell 0, 6, 3, 12: "
        "put them in order, or rename them in the table"
    )
    (cost,) = refused(changed(tree(), ("cost", 0, "columns"), ["physio_6", "physio_3", "physio_12"]))
    assert cost.startswith("cost[0].columns: must be in the order of the ends of the periods, 3, 6, 12, got columns")
    items = [[f"{item}{month}" for item in ITEMS] for month in (12, 3, 6, 0)]
    for key, columns in (("states", ["s12", "s3", "s6", "s0"]), ("items", items)):
        utility = {"months": [0, 3, 6, 12], "value_set": "nl-5l-2016", key: columns}
        (told,) = refused(changed(tree(), ("utility",), utility))
        assert told.startswith(f"utility.{key}: must be in the order of the months")
    for columns in (["a", "b", "c", "d"], ["q4", "q3", "q2", "q1"], ["u0", "u6_3", "u3_6", "u12"]):
        assert design_of(changed(tree(), ("utility", "columns"), columns)).utility.columns == tuple(columns)


@pytest.mark.parametrize("kind", ["states", "items"])
def test_columns_in_order_are_taken(kind):
    design, table = with_states(kind)
    assert trial_data(table, design).utilities.shape == (24, 4)


def test_names_that_tell_no_item_are_taken_by_place():
    names = [[f"q{place}_{month}" for place in range(5)] for month in (0, 3, 6, 12)]
    utility = {"months": [0, 3, 6, 12], "value_set": "nl-5l-2016", "items": names}
    written = design_of(changed(tree(), ("utility",), utility)).utility.items
    assert list(itertools.chain(*written)) == list(itertools.chain(*names))
