"""The door into the data convention: labels, kinds of arrays, their sizes, and what is a cost and what an effect."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st
from strategies import examples

import hecon
from hecon import _arrays
from hecon.draws import validate
from hecon.errors import InputError, StatisticalWarning

NAMES = ["usual care", "exercise"]
ROWS = [f"run {number}" for number in range(40)]


def tables(index=ROWS):
    """Return costs and effects that go together: the dearer a draw of the second strategy, the better."""
    rng = np.random.default_rng(3)
    cost = pd.DataFrame({NAMES[0]: rng.normal(2000, 300, 40), NAMES[1]: rng.normal(2500, 300, 40)}, index=index)
    effect = pd.DataFrame({name: 0.7 + (cost[name] - 2000) / 15_000 for name in NAMES}, index=index)
    return cost, effect


def door(cost, effect, **options):
    """Return draws of the two strategies."""
    return hecon.from_arrays(cost, effect, strategies=NAMES, **options)


def as_array(table, order):
    """Return a table as a DataArray with its rows in an order."""
    table = table.iloc[order]
    return xr.DataArray(table.to_numpy(), dims=("draw", "strategy"), coords={"draw": table.index, "strategy": NAMES})


# Labels ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["rows", "rows and columns", "array", "array and table", "default rows", "transposed"])
def test_draws_are_matched_by_label(kind):
    """Rows in another order give the curves of the right pairs: no loss, and no doubt at € 20,000 per QALY."""
    order = np.random.default_rng(1).permutation(40)
    cost, effect = tables(pd.RangeIndex(40) if kind == "default rows" else ROWS)
    given_effect = {
        "rows": lambda: effect.iloc[order],
        "rows and columns": lambda: effect.iloc[order, ::-1],
        "array": lambda: as_array(effect, order),
        "array and table": lambda: as_array(effect, order).isel(strategy=[1, 0]),
        "default rows": lambda: effect.iloc[order],
        "transposed": lambda: as_array(effect, order).transpose("strategy", "draw"),
    }[kind]()
    given_cost = as_array(cost, np.arange(40)) if kind == "array" else cost
    draws, paired = door(given_cost, given_effect), door(cost.to_numpy(), effect.to_numpy())

    assert draws["draw"].to_numpy().tolist() == cost.index.tolist()
    assert draws.drop_vars("draw").equals(paired)
    assert hecon.ceac(draws, wtp=15_000).equals(hecon.ceac(paired, wtp=15_000))
    assert not door(cost.to_numpy(), np.asarray(effect.iloc[order])).equals(paired)


def test_certainty_is_not_lost_to_the_order_of_rows():
    """Health worth € 400 more than it costs in every draw: P is 1 and EVPI 0, in whatever order the effects stand."""
    rng = np.random.default_rng(6)
    extra = pd.Series(rng.normal(500, 2000, 1000), index=[f"run {number}" for number in range(1000)])
    cost = pd.DataFrame({NAMES[0]: 0.0, NAMES[1]: extra})
    effect = pd.DataFrame({NAMES[0]: 0.0, NAMES[1]: (extra + 400) / 20_000}).sample(frac=1, random_state=2)
    curves = hecon.decision_curves(door(cost, effect), wtp=20_000)
    by_place = hecon.decision_curves(door(cost.to_numpy(), effect.to_numpy()), wtp=20_000)

    assert curves["ceac"].sel(strategy="exercise").item() == 1
    assert curves["evpi"].item() == 0
    assert by_place["ceac"].sel(strategy="exercise").item() < 0.6
    assert by_place["evpi"].item() > 600


@pytest.mark.parametrize("index", [pd.RangeIndex(40), pd.Index(range(40)), None])
def test_a_count_from_zero_is_no_label(index):
    """A default index stands beside plain arrays, and leaves no coordinate."""
    cost, effect = tables(index)
    plain = door(cost.to_numpy(), effect)

    assert "draw" not in plain.coords
    assert plain.equals(door(cost, effect))


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (
            lambda e: e.rename(index={"run 3": "run x"}),
            (
                r"cost and effect must have the same labels of their draws, got 'run 3' \(position 3\) in cost and"
                r" not in effect; leave out what the other lacks, or pass \.to_numpy\(\)"
            ),
        ),
        (lambda e: e.iloc[:-1], r"got 'run 39' \(position 39\) in cost and not in effect"),
        (
            lambda e: pd.concat([e, e.rename(index=lambda row: row + " again")]),
            r"got 'run 0 again' \(position 40\) in effect and not in cost",
        ),
        (
            lambda e: e.iloc[[0, *range(39)]],
            r"effect must have unique labels of its draws, got label 'run 0' more than",
        ),
        (lambda e: e.to_numpy(), "cost has labels of its draws and effect has none, so that they cannot be matched"),
        (lambda e: e.reset_index(drop=True), r"got 'run 0' \(position 0\) in cost and not in effect"),
        (
            lambda e: xr.DataArray(e.to_numpy(), dims=("draw", "strategy")),
            "cost has labels of its draws and effect has",
        ),
        (lambda e: e.set_axis(["usual care", "pills"], axis=1), "effect must be labelled with the strategies usual"),
        (lambda e: e.set_axis([1, 0], axis=1), "effect must be labelled with the strategies .*, got 1, 0; rename the"),
        (
            lambda e: e.set_axis([NAMES[0]] * 2, axis=1),
            "effect must be labelled with the strategies .*, got usual care,",
        ),
    ],
)
def test_labels_that_cannot_be_matched_are_refused(spoil, message):
    """With the first label that is in one only; plain arrays, which state the order, are taken."""
    cost, effect = tables()

    with pytest.raises(InputError, match=message):
        door(cost, spoil(effect))
    spoilt = np.asarray(spoil(effect))
    if len(spoilt) == len(cost):
        assert door(cost.to_numpy(), spoilt).sizes["draw"] == 40


def test_a_table_on_its_side_is_refused():
    """Strategies as rows, as many as draws."""
    cost = pd.DataFrame([[1.0, 3.0], [2.0, 4.0]], index=NAMES)

    with pytest.raises(
        InputError, match=r"cost must have strategies as columns and draws as rows, .* pass its transpose"
    ):
        door(cost, [[0, 1], [0, 1]])
    assert door(cost.T, [[0, 1], [0, 1]])["cost"].to_numpy().tolist() == [[1.0, 2.0], [3.0, 4.0]]


def test_rows_of_two_levels_are_matched():
    """Chains and iterations of a sampler."""
    index = pd.MultiIndex.from_product([range(4), range(10)], names=["chain", "iteration"])
    cost, effect = tables(index)
    draws = door(cost, effect.iloc[::-1])

    assert draws["draw"].to_numpy()[11] == (1, 1)
    assert draws.drop_vars("draw").equals(door(cost.to_numpy(), effect.to_numpy()))


def test_draws_joined_along_draws_may_repeat_labels():
    """Within one Dataset costs and effects share their labels; joined with others, what is missing is refused."""
    draws = door(*tables())
    twice = xr.concat([draws, draws], "draw")
    by_hand = xr.merge([draws["cost"].isel(draw=slice(1, None)), draws["effect"]], join="outer")

    assert hecon.ceac(twice, wtp=1e4).equals(hecon.ceac(draws, wtp=1e4))
    assert hecon.incremental_net_benefit(twice, wtp=1e4, comparator=NAMES[0]).sizes["draw"] == 80
    with pytest.raises(InputError, match="must be finite"):
        validate(by_hand.assign_attrs(draws.attrs))


# Kinds of arrays ------------------------------------------------------------------------------------------------------


def nullable(*rows, kind="Int64"):
    """Return a table of pandas' nullable numbers."""
    return pd.DataFrame(
        {name: pd.array(column, dtype=kind) for name, column in zip(NAMES, zip(*rows, strict=False), strict=True)}
    )


@pytest.mark.parametrize(
    "cost",
    [
        nullable([1, 2], [3, 4]),
        nullable([1, 2], [3, 4], kind="Float64").assign(exercise=pd.array([2, 4], dtype="Int64")),
        nullable([1, 2], [3, 4]).assign(exercise=[2.0, 4.0]),
        np.ma.array([[1.0, 2], [3, 4]]),
        np.array([[1, 2], [3, 4]], dtype=np.float16),
        np.array([[1, 2], [3, 4]], dtype=np.uint8),
        ((1, 2.0), [3, np.float32(4)]),
        [pd.Series([1, 2]), pd.Series([3, 4])],
        xr.DataArray([[1, 2], [3, 4]], dims=("draw", "strategy")),
    ],
)
def test_numbers_of_any_kind_are_taken(cost):
    """Where nothing is lost on the way to floats."""
    assert door(cost, [[0, 1], [0, 1]])["cost"].to_numpy().tolist() == [[1.0, 2.0], [3.0, 4.0]]


@pytest.mark.parametrize(
    ("cost", "message"),
    [
        (np.ma.array([[1.0, 9e9], [3, 4]], mask=[[0, 1], [0, 0]]), "cost must have no masked numbers, got a masked"),
        ([np.ma.array([1.0, 9e9], mask=[0, 1]), [3, 4]], "cost must have no masked numbers"),
        ([[1.0, np.ma.masked], [3, 4]], "cost must have no masked numbers"),
        (nullable([1, None], [3, 4]), "cost must be finite, got nan at draw 0, strategy 1"),
        (nullable([1, None], [3, 4], kind="Float64"), "cost must be finite, got nan at draw 0, strategy 1"),
        (nullable([True, False], [True, True], kind="boolean"), "cost must hold numbers only"),
        (nullable(["1", "2"], ["3", "4"], kind="string"), "cost must hold numbers only"),
        (nullable([2**60, 2], [3, 4]), r"cost must hold .* whole numbers up to 2\*\*53"),
        ([[2**60, 2], [3, 4]], r"cost must hold .* whole numbers up to 2\*\*53"),
        (np.full((2, 2), 2**63, dtype=np.uint64), r"cost must hold .* whole numbers up to 2\*\*53"),
        ([[10**400, 2], [3, 4]], "cost must hold numbers only"),
        ([[1, None], [3, 4]], "cost must hold numbers only"),
        ([[True, 2.5], [3, 4]], "cost must hold numbers only"),
        (np.array([[True, False], [True, True]]), "cost must hold numbers only"),
        ([["20.000", 2], [3, 4]], "cost must hold numbers only"),
        ([[Decimal("1.5"), Decimal(2)], [3, 4]], "cost must hold numbers only"),
        ([[Fraction(1, 3), 2], [3, 4]], "cost must hold numbers only"),
        ([[1 + 0j, 2], [3, 4]], "cost must hold numbers only"),
        (np.array([["2020", "2021"]] * 2, dtype="M8[Y]"), "cost must hold numbers only"),
        (pd.DataFrame({name: pd.to_timedelta([1, 2]) for name in NAMES}), "cost must hold numbers only"),
        ({"usual care": [1, 2], "exercise": [3, 4]}, "cost must hold numbers only"),
        ([[1, 2], [3]], "cost must hold rows of equal length"),
        (np.array([[np.longdouble("1e400"), 1]]), "cost must be finite, got inf at draw 0, strategy 0"),
        (5, r"cost must have two dimensions, draw x strategy, got shape \(\)"),
        ([], r"cost must have two dimensions, draw x strategy, got shape \(0,\)"),
    ],
)
def test_what_floats_do_not_hold_is_refused(cost, message):
    """Nothing under a mask, no text, no truth value, and no number that would change."""
    with pytest.raises(InputError, match=f"^{message}"):
        door(cost, [[0, 1], [0, 1]])


@pytest.mark.parametrize("kind", [np.uint8, np.float16, np.float32, object])
def test_draws_made_by_hand_hold_floats(kind):
    """Where a difference of unsigned numbers would wrap round."""
    draws = door([[200, 100.0]], [[0, 1.0]])

    with pytest.raises(InputError, match=r"draws\['cost'\] must hold float64, got"):
        hecon.incremental_net_benefit(draws.assign(cost=draws["cost"].astype(kind)), wtp=1, comparator=NAMES[0])


# Sizes ----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("factor", [1e304, 1.01e150, 0.99e-150, 1e-310])
@pytest.mark.parametrize("which", ["cost", "effect"])
def test_sizes_beyond_products_of_floats_are_refused(factor, which):
    """At the door and in a Dataset made by hand."""
    ones = {"cost": np.array([[0.0, 1.0]]), "effect": np.array([[1.0, 0.5]])}
    draws = door(**ones)
    rule = "must lie between 1e-150 and 1e150 in size, or be 0, got"

    with pytest.raises(InputError, match=rf"^{which} {rule}"):
        door(**{**ones, which: ones[which] * factor})
    with pytest.raises(InputError, match=rf"^draws\['{which}'\] {rule}"):
        hecon.evpi(draws.assign({which: draws[which] * factor}), wtp=1)


@pytest.mark.parametrize("wtp", [1e151, 1e-151, [1, 1e-200], [5e-324, 1]])
def test_willingness_to_pay_has_the_same_range(wtp):
    """So that its products with effects do not leave what a float holds."""
    with pytest.raises(InputError, match=r"^wtp must lie between 1e-150 and 1e150 in size, or be 0, got"):
        hecon.evpi(door([[0, 1]], [[0, 1]]), wtp=wtp)


@pytest.mark.slow
@examples(80)
@given(
    st.integers(0, 2**32 - 1),
    st.one_of(st.integers(-40, 40), st.sampled_from([-498, 497])),
    st.one_of(st.integers(-40, 40), st.sampled_from([-498, 495])),
)
def test_no_scale_changes_a_decision(seed, of_cost, of_effect):
    """In units of powers of two, which are exact, from 1e-150 to 1e150: the same numbers to the last digit."""
    rng = np.random.default_rng(seed)
    cost, effect = rng.uniform(0.2, 1, (60, 3)), rng.uniform(0.2, 1, (60, 3)) + np.array([0, 0.4, 0.5])
    wtp = np.array([0.0, 0.3, 1.0, 5.0])
    plain = hecon.from_arrays(cost, effect, strategies=list("ABC"), comparator="A")
    unit = {"effect_unit": "point", "effect_better": "more"}
    scaled = hecon.from_arrays(
        np.ldexp(cost, of_cost), np.ldexp(effect, of_effect), strategies=list("ABC"), comparator="A", **unit
    )
    value = of_cost - of_effect
    if abs(value) < 490:
        curves = hecon.decision_curves(scaled, wtp=np.ldexp(wtp, value))
        expected = hecon.decision_curves(plain, wtp=wtp)
        for name, power in (("ceac", 0), ("ceaf", 0), ("evpi", of_cost), ("expected_loss", of_cost)):
            assert np.array_equal(curves[name].values, np.ldexp(expected[name].values, power)), name
        assert curves["optimal"].to_numpy().tolist() == expected["optimal"].to_numpy().tolist()
    ratios, expected = hecon.icer(scaled), hecon.icer(plain)
    for name in ("icer", "icer_fieller", "icer_interval"):
        assert np.array_equal(ratios[name].values, np.ldexp(expected[name].values, value), equal_nan=True), name
    for name in ("quadrant", "quadrant_share"):
        assert np.array_equal(ratios[name].values, expected[name].values)
    frontier, expected = hecon.frontier(scaled), hecon.frontier(plain)
    assert frontier["status"].to_numpy().tolist() == expected["status"].to_numpy().tolist()
    assert np.array_equal(frontier["icer"].values, np.ldexp(expected["icer"].values, value), equal_nan=True)


def test_a_steep_ratio_keeps_its_digits():
    """Costs of thousands beside effects of billionths: the interval holds the ratios of the draws."""
    rng = np.random.default_rng(2)
    cost, effect = rng.uniform(1000, 2000, 400), rng.uniform(1e-9, 2e-9, 400)
    draws = door(np.column_stack([np.zeros(400), cost]), np.column_stack([np.zeros(400), effect]))
    low, high = hecon.icer(draws, comparator=NAMES[0])["icer_interval"].to_numpy()[0]
    ratios = np.sort(cost / effect)

    assert (low, high) == (ratios[10], ratios[-11])


# Cost or effect -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("effect", "cost", "doubt"),
    [
        (
            [[2000, 2900]],
            [[0.7, 0.8]],
            "effects reach 2900 QALY, more than a life holds: are cost and effect exchanged?",
        ),
        ([[0, 60]], [[0, 0.02]], "effects differ by up to 60 QALY and costs by 0.02: are cost and effect exchanged?"),
        ([[-151]], [[3]], "effects reach 151 QALY"),
    ],
)
def test_effects_that_look_like_costs_are_doubted(effect, cost, doubt):
    """Life years that no life holds; the words name the order of the arguments."""
    names = NAMES[: len(cost[0])]
    with pytest.warns(StatisticalWarning, match=doubt):
        hecon.from_arrays(cost, effect, strategies=names)


@pytest.mark.parametrize(
    ("effect", "options", "doubted"),
    [
        ([[70.0, 75.0], [68.0, 77.0]], {}, True),
        ([[0.7, 1.01], [0.7, 1.01]], {}, True),
        # A draw may lie beyond the horizon where the mean does not.
        ([[0.7, 1.01], [0.7, 0.99]], {}, False),
        ([[70.0, 75.0], [68.0, 77.0]], {"effect_unit": "life years"}, True),
        # What a death takes may lie beyond the horizon.
        ([[2.0, 3.0], [2.0, 3.0]], {"effect_unit": "QALYs lost"}, False),
        ([[2.0, 3.0], [2.0, 3.0]], {"effect_unit": "DALY"}, False),
        ([[2.0, 3.0], [2.0, 3.0]], {"effect_unit": "relapses averted"}, False),
        ([[0.0, 5.0], [0.0, 5.0]], {"scale": "incremental", "comparator": NAMES[0]}, True),
        ([[70.0, 75.0], [68.0, 77.0]], {"horizon_years": None}, False),
    ],
)
def test_more_life_years_than_the_horizon_are_doubted(recwarn, effect, options, doubted):
    """A utility on the scale of 100, or the effect of many patients, is none of one patient's years."""
    hecon.from_arrays([[0.0, 900.0], [0.0, 999.0]], effect, strategies=NAMES[:2], **{"horizon_years": 1, **options})

    told = [str(each.message) for each in recwarn]
    assert bool(told) == doubted
    assert all("check the unit of effect (a utility of 75 is 0.75)" in each for each in told)


@pytest.mark.parametrize("year", [20, 3000, "2020", 2020.0, True, -1])
def test_a_price_year_is_a_year(year):
    with pytest.raises(InputError, match="price_year must be a year from 1900 to 2100, got "):
        hecon.from_arrays([[0, 900]], [[0, 0.1]], strategies=NAMES[:2], price_year=year)


def test_a_price_year_of_numpy_is_plain():
    made = hecon.from_arrays([[0, 900]], [[0, 0.1]], strategies=NAMES[:2], price_year=np.int64(2020))

    assert type(made.attrs["price_year"]) is int


@pytest.mark.parametrize(
    ("effect", "cost", "unit"),
    [
        ([[20, 40]], [[4000, 4100]], {}),
        ([[20, 31]], [[1, 2]], {}),
        ([[0, 30]], [[0, 0]], {}),
        ([[200, 900]], [[1, 2]], {"effect_unit": "steps", "effect_better": "more"}),
        ([[200, 900]], [[1, 2]], {"effect_unit": "deaths"}),
        ([[200, 900]], [[1, 2]], {"effect_unit": "early infections averted"}),
        ([[200, 900]], [[1, 2]], {"effect_unit": "lives saved"}),
    ],
)
def test_other_effects_are_not_doubted(effect, cost, unit):
    """Warnings are errors here: none is given."""
    assert door(cost, effect, **unit)["effect"].to_numpy().tolist() == effect


@pytest.mark.parametrize(
    ("argument", "labels", "message"),
    [
        (
            "effect",
            {"name": "cost"},
            "effect must hold effects, got an array that says 'cost'; exchange cost and effect",
        ),
        ("effect", {"attrs": {"units": "EUR"}}, "effect must hold effects, got an array that says 'EUR'"),
        ("cost", {"name": "QALYs"}, "cost must hold costs, got an array that says 'QALYs'"),
        ("cost", {"attrs": {"units": "life year"}}, "cost must hold costs, got an array that says 'life year'"),
        ("cost", {"attrs": {"units": "GBP"}}, "cost must be in 'EUR', got an array in 'GBP'; pass currency='GBP'"),
        ("effect", {"attrs": {"units": "LY"}}, "effect must be in 'QALY', got an array in 'LY'; pass effect_unit='LY'"),
    ],
)
@pytest.mark.parametrize("kind", ["array", "table"])
def test_labels_that_say_the_contrary_are_refused(argument, labels, message, kind):
    """The name and the units of a DataArray, the attributes of a table."""
    values = np.array([[1.0, 2.0]])
    if kind == "array":
        labelled = xr.DataArray(values, dims=("draw", "strategy"), **labels)
    else:
        labelled = pd.DataFrame(values, columns=NAMES)
        labelled.attrs = labels.get("attrs", {"long_name": labels.get("name")})
    given_arrays = {"cost": values, "effect": values, argument: labelled}

    with pytest.raises(InputError, match=f"^{message}"):
        door(**given_arrays)


def test_the_parts_of_draws_go_through_the_door_again():
    """With the units that they have, and not with others."""
    draws = door([[1, 2]], [[0, 1]], currency="GBP", effect_unit="LY")

    with pytest.raises(InputError, match="pass currency='GBP'"):
        door(draws["cost"], draws["effect"])
    assert door(draws["cost"], draws["effect"], currency="GBP", effect_unit="LY").equals(draws)
    with pytest.raises(InputError, match="exchange cost and effect"):
        door(draws["effect"], draws["cost"], currency="GBP", effect_unit="LY")


def test_alignment_of_three_by_the_first():
    """Numbers and None pass; the order is that of the first array."""
    one, two = pd.Series([1, 2, 3], index=list("abc")), pd.Series([30, 10, 20], index=list("cab"))
    (first, second, third, fourth), labels = _arrays.together({"one": one, "two": two, "three": 5, "four": None})

    assert (list(first), list(second), third, fourth) == ([1, 2, 3], [10, 20, 30], 5, None)
    assert labels.tolist() == list("abc")


def test_labels_of_patients_are_not_shown():
    """Only their place is."""
    ages = {
        "age": pd.Series([50, 60], index=["Jansen", "De Vries"]),
        "female": pd.Series([0, 1], index=["Jansen", "X"]),
    }

    with pytest.raises(InputError, match="got that at position 1 in age and not in female") as caught:
        hecon.zin.population_qale(**ages)
    assert "Vries" not in str(caught.value)


@pytest.mark.parametrize("kind", [set, frozenset])
def test_names_without_an_order_are_refused(kind):
    """The order of a set differs from run to run."""
    with pytest.raises(InputError, match=f"strategies must be in an order, as in a list, got a {kind.__name__}"):
        hecon.from_arrays([[0, 1]], [[1, 0]], strategies=kind(["a", "b"]))


def _row(kind, labels, values):
    """Return a labelled row of a library."""
    if kind == "pandas":
        return pd.Series(values, index=labels)
    return xr.DataArray(values, dims="column", coords={"column": labels})


@pytest.mark.parametrize("kind", ["pandas", "xarray"])
def test_a_list_of_labelled_rows_is_matched_by_their_labels(kind):
    """As a table is; rows in another order, and rows among others without labels."""
    costs = [_row(kind, ["b", "a"], [2.0, 1.0]), _row(kind, ["a", "b"], [1.0, 2.0])]
    draws = hecon.from_arrays(costs, [[0.1, 0.2]] * 2, strategies=["a", "b"])
    assert draws["cost"].to_numpy().tolist() == [[1, 2], [1, 2]]
    items = _row(kind, ["AD", "MO", "SC", "UA", "PD"], [5, 1, 1, 1, 1])
    assert (
        hecon.utility([items, items], value_set="nl-5l-2016").tolist()
        == [0.532, 0.532]
        == [hecon.utility(11115, value_set="nl-5l-2016")] * 2
    )
    utilities = [_row(kind, [12, 0, 6], [0.9, 0.1, 0.5]), _row(kind, [0, 6, 12], [0.1, 0.5, 0.9])]
    assert hecon.trial.qalys(utilities, [0, 6, 12]).tolist() == pytest.approx([0.5, 0.5])
    with pytest.raises(InputError, match=r"cost\[0\] has labels of its columns and cost\[1\] has none"):
        hecon.from_arrays([costs[0], [1.0, 2.0]], [[0.1, 0.2]] * 2, strategies=["a", "b"])
    with pytest.raises(InputError, match="cost must be labelled with the strategies a, c, got b, a"):
        hecon.from_arrays(costs, [[0.1, 0.2]] * 2, strategies=["a", "c"])


@pytest.mark.parametrize("library", ["polars", "pyarrow"])
def test_tables_of_other_libraries_are_matched_by_name(library):
    """They count no dimensions, as arrays do, and were taken by place."""
    make = getattr(pytest.importorskip(library), {"polars": "DataFrame", "pyarrow": "table"}[library])
    cost, effect = make({"b": [900.0], "a": [0.0]}), make({"a": [0.0], "b": [0.1]})
    assert hecon.from_arrays(cost, effect, strategies=["a", "b"])["cost"].to_numpy().tolist() == [[0, 900]]
    with pytest.raises(InputError, match="cost must be labelled with the strategies a, c, got b, a"):
        hecon.from_arrays(cost, effect, strategies=["a", "c"])
    labelled = pd.DataFrame({"a": [0.0], "b": [0.1]}, index=[7])
    with pytest.raises(InputError, match="effect has labels of its draws and cost has none"):
        hecon.from_arrays(cost, labelled, strategies=["a", "b"])
    items = make({"AD": [5], "MO": [1], "SC": [1], "UA": [1], "PD": [1]})
    assert hecon.utility(items, value_set="nl-5l-2016").tolist() == [0.532]
    assert hecon.trial.qalys(make({"u12": [0.9], "u0": [0.1], "u6": [0.5]}), [0, 6, 12]).tolist() == pytest.approx(
        [0.5]
    )


@pytest.mark.parametrize("strategies", [None, 2])
def test_strategies_that_are_no_list(strategies):
    with pytest.raises(InputError, match="strategies must be non-empty text, or a list of such, got"):
        hecon.from_arrays([[0.0]], [[0.0]], strategies=strategies)
