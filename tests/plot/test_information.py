"""Figures of EVPPI: curves and bars as long as the values, names beside them, and words that say the same."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
import xarray as xr

import hecon
from hecon import plot
from hecon.errors import InputError

NBSP = "\N{NO-BREAK SPACE}"
WTP = [30_000, 0, 10_000, 20_000, 50_000]


@pytest.fixture(autouse=True)
def _no_figure_left():
    """Close what a test left open."""
    yield
    plt.close("all")


@pytest.fixture(scope="module")
def found():
    """Return the EVPPI of twenty parameters, of which three matter."""
    rng = np.random.default_rng(5)
    parameters = pd.DataFrame(rng.normal(size=(1_000, 20)), columns=[f"p{each}" for each in range(20)])
    effect = 0.05 + 0.1 * parameters["p7"] + 0.06 * parameters["p3"] + 0.03 * parameters["p11"]
    zero = 0 * effect
    draws = hecon.from_arrays(
        np.column_stack([zero, zero + 1_000]), np.column_stack([zero, effect]), strategies=["old", "new"]
    )
    return hecon.evppi(draws, parameters, wtp=WTP)


def test_the_curves_are_the_values(found):
    """In the order of willingness to pay, and the EVPI above them."""
    ax = plot.evppi(found)
    ordered = found.sortby("wtp")
    curves = {tuple(np.round(line.get_ydata(), 6)) for line in ax.lines}

    assert tuple(np.round(ordered["evpi"].to_numpy(), 6)) in curves
    for name in ("p7", "p3", "p11"):
        assert tuple(np.round(ordered["evppi"].sel(set=name).to_numpy(), 6)) in curves
    assert ax.get_title(loc="left") == "Grey: 9 sets of parameters with no more value"
    assert {"EVPI", "p7", "p3", "p11"} <= {text.get_text() for text in ax.texts}
    assert ax.get_xlabel() == "willingness to pay per QALY"


def test_one_set_has_a_band(found):
    ax = plot.evppi(found.isel(set=[7]))
    band = next(each for each in ax.collections if each.get_paths()[0].vertices.shape[0] > 8)
    ordered = found.isel(set=7).sortby("wtp")
    high = np.minimum(ordered["evppi"] + 1.96 * ordered["se"], ordered["evpi"])

    assert band.get_paths()[0].vertices[:, 1].max() == pytest.approx(high.max().item())


def test_the_ranking_is_by_value(found):
    ax = plot.information_rank(found, wtp=20_000)
    row = found.sel(wtp=20_000)
    ranked = row.sortby("evppi", ascending=False)["set"].to_numpy().tolist()

    assert [label.get_text() for label in ax.get_yticklabels()][:3] == ["p7", "p3", "p11"] == ranked[:3]
    assert len(ax.patches) == 15
    assert [bar.get_width() for bar in ax.patches][:3] == pytest.approx(
        [row["evppi"].sel(set=name).item() for name in ("p7", "p3", "p11")]
    )
    assert ax.get_title(loc="left") == "Not shown: 5 with no more value."
    rings = [line.get_xdata()[0] for line in ax.lines if line.get_marker() == "o"]
    assert rings[0] == pytest.approx(row["out_of_fold"].sel(set="p7").item())


def test_amounts_stand_on_the_ground_of_the_figure(found):
    """The line of the EVPI passes behind them: axes are transparent, so theirs would hide nothing."""
    ax = plot.information_rank(found, wtp=WTP[-1])
    grounds = [each.get_bbox_patch().get_facecolor() for each in ax.texts if each.get_bbox_patch() is not None]

    assert len(grounds) == len(ax.get_yticklabels())
    assert set(grounds) == {ax.figure.get_facecolor()} == {(1.0, 1.0, 1.0, 1.0)}


@pytest.mark.parametrize("lang", ["nl", "en"])
def test_a_ranking_in_words(found, lang):
    row = found.isel(set=[7, 3]).sel(wtp=[20_000])
    told = plot.describe(plot.information_rank(row, names={"p7": "uptake"}, lang=lang)).replace(NBSP, " ")
    amount = round(row["evppi"].sel(set="p7").item())
    first = {
        "nl": f"de grootste eerst: uptake € {amount} (standaardfout €",
        "en": f"first: uptake €{amount} (standard error €",
    }

    assert first[lang] in told
    assert told.endswith(f"(EVPI): {'€ ' if lang == 'nl' else '€'}{round(row['evpi'].item())}.")


def test_curves_in_words(found):
    told = plot.describe(plot.evppi(found))
    last = round(found["evpi"].sel(wtp=50_000).item())

    assert told.startswith("Value of learning parameters (EVPPI) per patient: p7 €")
    assert f"EVPI €{last:,} at €50,000" in told
    assert told.endswith("Not shown: 9 with no more value.")


def test_a_harm_is_worth_averting():
    """Willingness to pay is per DALY averted, whatever is counted in the draws."""
    rng = np.random.default_rng(5)
    risk = rng.normal(0.05, 0.1, 500)
    draws = hecon.from_arrays(
        np.column_stack([0 * risk, 0 * risk + 1_000]),
        np.column_stack([0 * risk, -risk]),
        strategies=["old", "new"],
        currency="USD",
        effect_unit="DALY",
    )
    ax = plot.evppi(hecon.evppi(draws, pd.DataFrame({"risk": risk}), wtp=[0, 20_000]))

    assert ax.get_xlabel() == "willingness to pay per DALY averted"


@pytest.mark.parametrize("figure", [plot.evppi, plot.information_rank])
def test_what_is_no_result(found, figure):
    with pytest.raises(InputError, match=r"^result must be what hecon\.evppi returned, with evppi"):
        figure(xr.Dataset({"evppi": 1.0}))
    with pytest.raises(InputError, match=r"^result must have the dims set and wtp, got place too; select one of each"):
        figure(xr.concat([found, found], "place").assign(evpi=found["evpi"]))
    with pytest.raises(InputError, match=r"^result must have the dims set and wtp, got fewer; select with lists"):
        figure(found.isel(set=0))


def test_a_value_that_is_not_there(found):
    with pytest.raises(InputError, match=r"^wtp must be given, as the result has 5 values: one of 30000, 0, 10000"):
        plot.information_rank(found)
    with pytest.raises(InputError, match=r"^wtp must be a value of the result, one of 30000, 0, .*, got 15000$"):
        plot.information_rank(found, wtp=15_000)
    with pytest.raises(InputError, match=r"^wtp must hold at least two different values for a curve"):
        plot.evppi(found.sel(wtp=[0]))
