"""What must not pass in silence: input that would compute, and mean something else."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from skeletons import skeleton

import hecon
from hecon import reported
from hecon.errors import ContradictionError, DossierError, InputError
from hecon.locale import Locale
from hecon.report.words import verdict_words

SKELETON = skeleton("hip-fracture")


def loaded(tmp_path, old, new):
    """Load the skeleton after one change of its text."""
    assert old in SKELETON
    path = tmp_path / "hip-fracture.toml"
    path.write_text(SKELETON.replace(old, new, 1), encoding="utf-8")
    return hecon.load(path)


@pytest.mark.parametrize(
    ("old", "new", "path", "whole"),
    [
        ("mean = 900\n", "mean = 12.300\n", "statistic[0].mean", "12300"),
        ("ci = [-300, 2100]", "ci = [-1.300, 2100]", "statistic[0].ci", "-1300"),
        ('parameter = "correlation" ', 'parameter = "cost_se"\n# ', "assumption[0].value", "1500"),
    ],
)
def test_a_thousands_point_in_an_amount_is_a_fault(tmp_path, old, new, path, whole):
    """The Dutch 12.300 is TOML's 12.3, and its verdict would be clean and false."""
    changes = [(old, new)]
    text = SKELETON
    if "assumption" in path:
        changes.append(("value = 0\nrange = [-0.5, 0.5]", "value = 1.500\nrange = [1, 2]"))
    for before, after in changes:
        assert before in text
        text = text.replace(before, after, 1)
    file = tmp_path / "hip-fracture.toml"
    file.write_text(text, encoding="utf-8")

    with pytest.raises(DossierError) as told:
        hecon.load(file)

    assert any(path in fault and fault.endswith(f"write {whole}") for fault in told.value.faults)


def test_a_thousands_comma_is_told_as_such(tmp_path):
    """TOML's own words for 12,300 do not say what is wrong with it."""
    with pytest.raises(DossierError, match=r"number has no thousands separator, as in 12300"):
        loaded(tmp_path, "mean = 900", "mean = 12,300")


def test_three_decimals_of_a_qaly_are_fine(tmp_path):
    """A QALY difference is often printed so."""
    found = loaded(tmp_path, "mean = 0.050", "mean = 0.052")

    assert str(found.comparison[0].statistic[1].mean) == "0.052"


def test_text_is_not_a_willingness_to_pay():
    """NumPy would read "20.000" as 20."""
    draws = hecon.from_arrays([[0, 1]], [[0, 1]], strategies=["a", "b"])

    with pytest.raises(InputError, match=r"wtp must be a number or a sequence of numbers, got '20\.000'"):
        hecon.ceac(draws, wtp="20.000")


def test_text_is_not_a_cost():
    """NumPy would read "1.000" as 1."""
    with pytest.raises(InputError, match="cost must hold numbers only"):
        hecon.from_arrays([["1.000", "2.000"]], [[0, 1]], strategies=["a", "b"])


@pytest.mark.parametrize("form", ["table", "array"])
def test_labelled_input_is_put_in_the_order_of_the_strategies(form):
    """Columns in another order, or the dims turned, are still those of their strategy."""
    cost = pd.DataFrame({"b": [10.0, 30.0], "a": [1.0, 3.0]})
    effect = pd.DataFrame({"a": [0.1, 0.3], "b": [0.2, 0.4]})
    if form == "array":
        cost = xr.DataArray(cost.to_numpy().T, dims=("strategy", "draw"), coords={"strategy": ["b", "a"]})
        effect = xr.DataArray(effect.to_numpy(), dims=("draw", "strategy"), coords={"strategy": ["a", "b"]})
    draws = hecon.from_arrays(cost, effect, strategies=["a", "b"])

    assert draws["cost"].to_numpy().tolist() == [[1, 10], [3, 30]]
    assert draws["effect"].to_numpy().tolist() == [[0.1, 0.2], [0.3, 0.4]]


def test_labels_that_are_not_the_strategies_are_refused():
    """A table of other strategies is not joined by position."""
    cost = pd.DataFrame({"x": [1.0], "b": [2.0]})

    with pytest.raises(InputError, match="cost must be labelled with the strategies a, b, got x, b"):
        hecon.from_arrays(cost, [[0, 1]], strategies=["a", "b"])
    with pytest.raises(InputError, match="cost must have the dims draw and strategy, got draw, other"):
        hecon.from_arrays(xr.DataArray([[1.0, 2.0]], dims=("draw", "other")), [[0, 1]], strategies=["a", "b"])


def test_unlabelled_tables_go_by_position():
    """Columns numbered by pandas bear no names, and a DataArray may have no coordinate."""
    draws = hecon.from_arrays(
        pd.DataFrame([[1.0, 2.0]]), xr.DataArray([[0.0, 1.0]], dims=("draw", "strategy")), strategies=["a", "b"]
    )

    assert draws["cost"].to_numpy().tolist() == [[1, 2]]


def test_a_verdict_in_euros_needs_one_currency():
    """Draws that call themselves pounds in one place and euros in another get no verdict in euros."""
    draws = hecon.from_arrays([[0, 1]], [[0, 1]], strategies=["a", "b"], comparator="a")

    with pytest.raises(InputError, match="must agree, got 'GBP' and 'EUR'"):
        hecon.zin.verdict(draws.assign_attrs(currency="GBP"))


def test_ranges_of_another_spread_are_not_shown():
    """Draws whose spread was changed are no longer those of their fit, though their means are."""
    draws = hecon.from_reported(
        "new",
        "old",
        cost=hecon.Difference(900, ci=(-300, 2100)),
        effect=hecon.Difference("0.05", ci=("-0.01", "0.11")),
        correlation="0.0",
        n_draws=1000,
        rng=0,
    )
    wider = draws.copy()
    wider["cost"] = (draws["cost"] - draws["cost"].mean("draw")) * 3 + draws["cost"].mean("draw")
    wider["cost"].attrs = draws["cost"].attrs

    assert np.isfinite(hecon.zin.verdict(draws)["p_low"]).all()
    assert np.isnan(hecon.zin.verdict(wider)["p_low"]).all()


def test_better_than_the_comparator_is_not_yet_the_best():
    """At 50,000 both yield a benefit, but of the two one yields more, and only that is cost-effective."""
    draws = hecon.from_arrays(
        [[0, 400, 4000]], [[0, 0.05, 0.081]], strategies=["waiting", "exercise", "surgery"], comparator="waiting"
    )
    found = hecon.zin.verdict(draws).sel(wtp=50_000)
    surgery = found.sel(strategy="surgery")

    assert float(surgery["net_benefit"]) > 0
    assert surgery["conclusion"].item() == "not cost-effective"
    assert (surgery["optimal"].item(), surgery["rival"].item()) == ("exercise", "exercise")
    assert verdict_words(found, Locale("en")).sel(strategy="surgery").item() == (
        "At €50,000 per QALY, surgery is not cost-effective compared with exercise: a QALY gained costs €116,129, "
        "above the reference value of €50,000. Of all strategies, exercise has the highest expected net benefit at "
        "this value; nothing varies, so how sure that is cannot be told."
    )


@pytest.mark.slow
def test_an_assumption_does_not_hide_a_contradiction():
    """An impossible probability is told as such, not as a reason to drop the assumption."""
    with pytest.raises(ContradictionError, match="cannot all be true"):
        reported.fit(
            cost=hecon.Difference(1017, ci=(557, 1476)),
            effect=hecon.Difference("0.052", ci=("-0.012", "0.117")),
            p_cost_effective={20_000: "0.999"},
            assume={"correlation": hecon.Assumed(0, range=(-0.5, 0.5), reason="not reported")},
        )


def test_a_new_dossier_does_not_take_a_known_name():
    """`hecon assess acl-rupture` would read the one that comes with hecon."""
    with pytest.raises(InputError, match="name must not be that of a dossier that comes with hecon, got 'acl-rupture'"):
        skeleton("acl-rupture")
