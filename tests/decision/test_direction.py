"""Effects of which less is better: every verb and figure weighs them as harm averted."""

from __future__ import annotations

import matplotlib as mpl
import numpy as np
import pytest
import strategies as cases_of
import xarray as xr
from hypothesis import given
from strategies import examples

import hecon
from hecon import draws as conv
from hecon import plot
from hecon.errors import InputError, StatisticalWarning

mpl.use("Agg")

# Two programmes against none: costs per person, and DALYs in each draw.
COST = [[0, 300, 500], [0, 340, 900]]
DALY = [[2.0, 1.5, 1.6], [2.2, 1.7, 1.4]]
NAMES = ["none", "screening", "vaccine"]


def dalys(effect=None, **options):
    """Return draws of DALYs."""
    values = np.array(DALY if effect is None else effect)
    return hecon.from_arrays(COST, values, strategies=NAMES, comparator="none", effect_unit="DALY", **options)


def averted():
    """Return the same draws as DALYs averted."""
    return hecon.from_arrays(COST, -np.array(DALY), strategies=NAMES, comparator="none", effect_unit="DALY averted")


@pytest.mark.slow
@given(cases_of.cases())
@examples(30)
def test_a_harm_is_decided_as_harm_averted(case):
    """All verbs agree with the draws whose sign is turned; effects are shown as they were measured."""
    cost, effect, wtp = case
    cost, effect = np.hstack([cost, cost[::-1, :1]]), np.hstack([effect, effect[::-1, :1]])
    more = cases_of.dataset(cost, effect, comparator="A", effect_unit="point", effect_better="more")
    less = cases_of.dataset(cost, 0.0 - effect, comparator="A", effect_unit="point", effect_better="less")

    for verb in (hecon.decision_curves, hecon.ceac, hecon.ceaf, hecon.evpi, hecon.expected_loss):
        one, other = verb(less, wtp=wtp), verb(more, wtp=wtp)
        assert one.equals(other), verb.__name__
    for verb in (hecon.net_benefit, hecon.incremental_net_benefit):
        assert verb(less, wtp=wtp).equals(verb(more, wtp=wtp)), verb.__name__
    one, other = hecon.icer(less), hecon.icer(more)
    turned = ["delta_effect", "delta_effect_interval"]
    assert one.drop_vars(turned).equals(other.drop_vars(turned))
    assert np.array_equal(one["delta_effect"].values, -other["delta_effect"].values)
    spread = [each["delta_effect_interval"].values for each in (one, other)]
    assert np.array_equal(spread[0], -spread[1][:, ::-1], equal_nan=True)  # of one draw there is none
    one, other = hecon.frontier(less), hecon.frontier(more)
    assert one.drop_vars("effect").equals(other.drop_vars("effect"))
    assert np.array_equal(one["effect"].values, -other["effect"].values)


def test_the_strategy_that_averts_dalys():
    """It costs more and is better: no dominance, a ratio per DALY averted, and the effect with its own sign."""
    result = hecon.icer(dalys()).sel(strategy="screening")

    assert result["quadrant"].item() == "NE"
    assert result["delta_effect"].item() == pytest.approx(-0.5)
    assert result["icer"].item() == pytest.approx(640)
    assert result["icer"].attrs["units"] == "EUR per DALY averted"
    assert hecon.frontier(dalys())["status"].values.tolist() == ["frontier"] * 3
    curves = hecon.decision_curves(dalys(), wtp=[0, 1_000, 10_000])
    assert curves["optimal"].values.tolist() == ["none", "screening", "vaccine"]
    assert curves["wtp"].attrs["units"] == "EUR per DALY averted"
    health = hecon.net_benefit(dalys(), wtp=1_000, kind="health")
    assert health.attrs["units"] == "DALY averted"
    assert health.sel(draw=0, strategy="vaccine").item() == pytest.approx(-1.6 - 0.5)


def test_a_dominated_strategy_has_more_harm():
    """More DALYs at a higher cost."""
    draws = dalys([[1.0, 1.2, 0.5], [1.0, 1.1, 0.5]])

    assert hecon.frontier(draws).sel(strategy="screening")["status"].item() == "dominated"
    assert hecon.icer(draws).sel(strategy="screening")["quadrant"].item() == "NW"


@pytest.mark.parametrize(
    ("unit", "known"),
    [
        ("QALY", "more"),
        ("qalys", "more"),
        ("quality-adjusted life years", "more"),
        ("LY", "more"),
        ("life year", "more"),
        ("Levensjaren", "more"),
        ("discounted QALY", "more"),
        ("gewonnen levensjaren", "more"),
        ("DALY averted", "more"),
        ("vermeden sterfgevallen", "more"),
        ("infections prevented", "more"),
        ("DALY", "less"),
        ("DALYs", "less"),
        ("disability-adjusted life years", "less"),
        ("deaths", "less"),
        ("sterfgevallen", "less"),
        ("QALYs lost", "less"),
        ("verloren levensjaren", "less"),
        ("life years lost averted", "more"),
        ("lives saved", "more"),
        ("lives lost", "less"),
        ("infections", None),
        ("kg weight lost", None),
        ("weight gained", None),
        ("complications gained", None),
        ("kilo's verloren", None),
        ("working days lost", None),
        ("DALYs gained", None),
        ("point", None),
        ("", None),
    ],
)
def test_units_whose_direction_is_known(unit, known):
    """In both languages, in any case; the others are asked for."""
    assert conv.direction_of(unit) == known


@pytest.mark.parametrize("unit", ["infections", "point", "relapse", "kg weight lost", "weight gained"])
def test_an_unknown_direction_is_asked_for(unit):
    """The remedy works."""
    with pytest.raises(InputError, match=f"effect_better must be given: 'more' or 'less' .* unit '{unit}'"):
        hecon.from_arrays([[0, 1]], [[1, 0]], strategies=["a", "b"], effect_unit=unit)
    for better in ("more", "less"):
        draws = hecon.from_arrays([[0, 1]], [[1, 0]], strategies=["a", "b"], effect_unit=unit, effect_better=better)
        assert draws.attrs["effect_better"] == conv.better(draws) == better


@pytest.mark.parametrize(
    ("unit", "better", "remedy"),
    [
        ("QALY", "less", "QALY lost"),
        ("DALY", "more", "DALY averted"),
        ("life year", "less", "life year lost"),
        ("QALYs gained", "less", "QALYs lost"),
        ("infections averted", "less", "infections"),
        ("DALYs averted", "less", "DALYs"),
    ],
)
def test_a_contradicted_direction_is_refused(unit, better, remedy):
    """With another name for the unit, which is taken."""
    with pytest.raises(InputError, match=rf"got '{better}'; or write '{remedy}'$"):
        hecon.from_arrays([[0, 1]], [[1, 0]], strategies=["a", "b"], effect_unit=unit, effect_better=better)
    draws = hecon.from_arrays([[0, 1]], [[1, 0]], strategies=["a", "b"], effect_unit=remedy, effect_better=better)
    assert draws.attrs["effect_better"] == better
    with pytest.raises(InputError, match="effect_better must be one of 'more', 'less', got 'fewer'"):
        dalys(effect_better="fewer")


def test_lost_attributes_are_not_guessed():
    """Draws that have lost unit and direction are refused; stated again, they are what they were."""
    draws = dalys()
    bare = xr.Dataset({name: (draws[name].dims, draws[name].values) for name in ("cost", "effect")}, draws.coords)

    with pytest.raises(InputError, match=r"effect unit None, .* set draws\.attrs\['effect_better'\]"):
        hecon.evpi(bare, wtp=1)
    stated = bare.assign_attrs(effect_better="less", comparator="none")
    assert hecon.icer(stated)["quadrant"].equals(hecon.icer(draws)["quadrant"])
    assert conv.units(stated) == ("cost", "effect")
    assert hecon.icer(stated)["icer"].attrs["units"] == "cost per effect averted"
    assert conv.better(bare.assign_attrs(effect_unit="DALY")) == "less"


def test_negative_harm_is_doubted():
    """DALYs below 0 in all draws are DALYs averted under another name."""
    with pytest.warns(StatisticalWarning, match="pass effect_unit='DALY averted'"):
        dalys(-np.array(DALY))
    assert averted().attrs["effect_better"] == "more"


@pytest.mark.slow
@pytest.mark.parametrize(("lang", "words"), [("en", "DALY averted"), ("nl", "vermeden DALY")])
def test_figures_show_harm_averted(lang, words):
    """The plane and the curves per DALY averted; the frontier runs towards less, and says so."""
    draws = dalys()
    plane = plot.plane(draws, strategy="screening", lang=lang)
    frontier = plot.frontier(draws, lang=lang)

    assert words in plane.get_xlabel()
    assert plane.lines[-1].get_xdata()[0] == pytest.approx(0.5)
    assert words in plot.describe(plot.plane(draws, strategy="screening", lang=lang))
    assert words in plot.acceptability(draws, lang=lang).get_xlabel()
    assert words in plot.net_benefit(draws, strategy="screening", lang=lang).get_xlabel()
    assert frontier.xaxis.get_inverted()
    assert frontier.get_xlabel().endswith({"en": "(DALY); less is better", "nl": "(DALY); minder is beter"}[lang])
    assert not plot.frontier(averted(), lang=lang).xaxis.get_inverted()
    mpl.pyplot.close("all")


def test_a_verdict_needs_qalys():
    """Reference values are per QALY, not per DALY averted."""
    for draws in (dalys(), averted()):
        with pytest.raises(
            InputError, match="effect unit must be QALY for a reference value in EUR per QALY, got 'DALY"
        ):
            hecon.zin.verdict(draws)


def test_published_statistics_are_of_harm_averted():
    """Their signs are those of differences of which more is better."""
    figures = {
        "cost": hecon.Difference(1000, se=200),
        "effect": hecon.Difference("0.50", se="0.10"),
        "correlation": 0,
        "n_draws": 20,
        "rng": 1,
    }

    with pytest.raises(
        InputError, match="give them as harm averted, with their signs turned and effect_unit='DALY averted'"
    ):
        hecon.from_reported("new", "old", **figures, effect_unit="DALY")
    with pytest.raises(InputError, match="effect_better must be given"):
        hecon.from_reported("new", "old", **figures, effect_unit="relapse-free year")
    draws = hecon.from_reported("new", "old", **figures, effect_unit="DALY averted")
    assert hecon.icer(draws)["icer"].item() == pytest.approx(2000)
    assert (
        hecon.from_reported("new", "old", **figures, effect_unit="relapse-free year", effect_better="more").attrs[
            "effect_better"
        ]
        == "more"
    )
