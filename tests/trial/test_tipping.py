"""Tipping maps: their points and borders against single runs, and what is held at the ends of the scale."""

from dataclasses import replace
from functools import cache

import effect_trials as effects
import numpy as np
import patients
import pytest

from hecon import table, trial
from hecon.errors import InputError
from hecon.trial import analysing
from hecon.trial.imputation import Departure, variables_of
from hecon.trial.sensitivity import settings_of
from hecon.trial.table.design import design_of

pytestmark = pytest.mark.usefixtures("few_samples")

USUAL, NEW = patients.ARMS
WTP = 20_000
SHIFTS, FACTORS = (-0.2, -0.1, 0.0, 0.1), (0.5, 1.0, 1.25, 2.0)


@cache
def made(**changed):
    """Return a trial whose preference some shifts turn, and its analysis."""
    data = replace(patients.made(np.random.default_rng(3), (60, 60), missing=0.3, cost=1900.0), **changed)
    return data, trial.analyse(data, imputations=6, replicates=60, rng=1)


def maps(data, main, **options):
    return trial.tipping_maps(data, main, wtp=WTP, utility=SHIFTS, cost=FACTORS, rng=5, **options)


def single(data, main, arm, shift, factor):
    """Return net benefit and its probability from one run with a departure."""
    seed = int(np.random.default_rng(5).integers(2**63))
    settings = replace(settings_of(data, main, seed), departures=(Departure(arm, utility=shift, cost=factor),))
    found = analysing.run(data, ("societal",), "imputation", settings, np.random.default_rng(seed)).perspectives[0]
    return found.net_benefit(NEW, wtp=WTP).value, found.p_cost_effective(NEW, wtp=WTP)


@pytest.mark.slow
@pytest.mark.parametrize("regressors", ["same", "own"])
def test_points_and_border_are_those_of_single_runs(regressors):
    """With own regressors, where both equations are fitted together, every point is fitted by itself."""
    data, main = made(regressors=regressors)
    found = maps(data, main)
    borders = 0

    assert [each.arm for each in found] == [USUAL, NEW]
    for each in found:
        for row, shift in enumerate(SHIFTS):
            column = (row + 1) % len(FACTORS)
            benefit, share = single(data, main, each.arm, shift, FACTORS[column])
            assert each.net_benefit[0, row, column] == pytest.approx(benefit, rel=1e-9, abs=1e-6)
            assert each.probability[0, row, column] == pytest.approx(share, abs=2e-3)
            border = each.border[0, row]
            if np.isfinite(border):
                borders += 1
                sides = [single(data, main, each.arm, shift, border * near)[0] for near in (0.995, 1.005)]
                assert min(sides) < 0 < max(sides)
                if regressors == "same":
                    assert single(data, main, each.arm, shift, border)[0] == pytest.approx(0, abs=1e-6)
            else:
                assert len(set(np.sign(each.net_benefit[0, row]))) == 1
    assert borders


def test_the_main_analysis_is_a_point_of_every_map():
    data, main = made()
    for each in maps(data, main):
        benefit = main.perspectives[0].net_benefit(NEW, wtp=WTP).value
        assert each.net_benefit[0, SHIFTS.index(0.0), FACTORS.index(1.0)] == pytest.approx(benefit, rel=1e-12)


@pytest.mark.slow
def test_utilities_held_at_the_ends_of_the_scale_are_counted():
    """One by one, at the lowest and at the highest value of the value set."""
    data, main = made(utility_floor=0.6)
    all_, values = variables_of(data), main.imputation.values
    for each in maps(data, main):
        own = np.flatnonzero(data.arm == patients.ARMS.index(each.arm))
        imputed = [
            values[:, patient, at]
            for patient in own
            for at in range(all_.utilities.start + 1, all_.utilities.stop)
            if np.isnan(all_.values[patient, at])
        ]
        assert each.imputed == (len(imputed), int(np.isnan(data.costs[own]).sum()))
        for row, shift in enumerate(SHIFTS):
            moved = np.array(imputed) + shift
            counts = [(moved < 0.6).mean(), (moved > 1).mean()] if shift else [0, 0]
            assert each.held[row].tolist() == pytest.approx(counts)
    assert each.held.max() > 0


@pytest.mark.slow
def test_mixed_models_and_gamma_costs_have_maps():
    """Outcomes are fitted apart, costs not linearly: each factor is fitted once."""
    data = patients.made(np.random.default_rng(3), (60, 60), missing=0.2, clusters=12)
    main = trial.analyse(data, imputations=3, replicates=50, rng=1)
    found = maps(data, main, arms=[NEW])[0]
    benefit, share = single(data, main, NEW, -0.1, 2.0)

    assert main.model == "mixed"
    assert found.net_benefit[0, 1, 3] == pytest.approx(benefit, rel=1e-9)
    assert found.probability[0, 1, 3] == pytest.approx(share, abs=2e-3)


def test_it_is_a_table_and_plain_json():
    data, main = made()
    found = maps(data, main, arms=[NEW])[0]
    rows = table(found)
    plain = found.to_json()

    assert len(rows) == len(SHIFTS) * len(FACTORS)
    assert rows["net_benefit"].tolist() == pytest.approx(found.net_benefit.ravel().tolist(), abs=0.5)
    assert plain["arm"] == NEW
    assert [each is None for each in plain["border"][0]] == np.isnan(found.border[0]).tolist()


def test_an_arm_of_which_nothing_was_imputed_has_no_map():
    data, _ = made()
    usual = data.arm == 0
    utilities, costs = (np.where(usual[:, None] & np.isnan(each), 0.5, each) for each in (data.utilities, data.costs))
    data = replace(data, utilities=utilities, costs=costs)
    main = trial.analyse(data, imputations=2, replicates=50, rng=1)

    assert [each.arm for each in maps(data, main)] == [NEW]


@pytest.mark.parametrize(
    ("options", "rule"),
    [
        ({"utility": (0.0, -0.1)}, "utility must increase, got"),
        ({"utility": (-0.2, -0.1)}, "utility must have two values or more, 0 among them"),
        ({"utility": (0.0,)}, "utility must have two values or more"),
        ({"cost": (1.5, 2.0)}, "cost must have two values or more, 1 among them"),
        ({"cost": (0.0, 1.0)}, "cost must be"),
        ({"arms": ["neither"]}, "arms must be one of"),
    ],
)
def test_what_is_no_axis_is_refused(options, rule):
    data, main = made()
    with pytest.raises(InputError, match=rule):
        trial.tipping_maps(data, main, **options)


def test_only_the_imputed_sets_of_these_data_can_be_shifted():
    data, main = made()
    whole = patients.made(np.random.default_rng(3), missing=0)
    samples = trial.analyse(data, method="bootstrap-single", replicates=50, rng=1)

    with pytest.raises(InputError, match="main must be the analysis of these data"):
        trial.tipping_maps(replace(data, digest="1" * 64), main)
    with pytest.raises(InputError, match=r"main must have imputed sets to shift.*got method='bootstrap-single'"):
        trial.tipping_maps(data, samples)
    with pytest.raises(InputError, match="main must have imputed sets to shift"):
        trial.tipping_maps(whole, trial.analyse(whole, replicates=50, rng=1))
    points = trial.trial_data(effects.table(np.random.default_rng(1), 40), design_of(effects.tree_of(effects.POINTS)))
    with pytest.raises(InputError, match="data must have QALYs, whose utilities are shifted"):
        trial.tipping_maps(points, trial.analyse(points, replicates=50, rng=1))
