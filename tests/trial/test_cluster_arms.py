"""Clusters whose patients are in several arms: asked about, unless the periods or the design explain them."""

from __future__ import annotations

import warnings

import numpy as np
import pandas as pd
import pytest
from trial_tables import faults as _faults

from hecon import trial
from hecon.errors import StatisticalWarning, TrialError
from hecon.trial.table.checking import trial_data
from hecon.trial.table.design import design_of

INTERVENTION = "new"


def design(**cluster):
    """Return the design of a small trial of clusters, with keys of its cluster."""
    return design_of(
        {
            "format": 1,
            "name": "knee",
            "table": {"layout": "wide", "patient": "id"},
            "arm": {"column": "arm", "comparator": "usual", "interventions": ["new"], "values": {"usual": 0, "new": 1}},
            "cluster": {"column": "site"} | cluster,
            "utility": {"months": [0, 12], "columns": ["u0", "u12"]},
            "cost": [{"category": "care", "columns": ["care"], "price_year": 2024}],
            "perspective": {"healthcare": ["care"]},
            "analysis": {"price_year": 2024},
        }
    )


def outcomes(rng, site, arm, trend):
    """Return a table with a cluster effect, a trend over time and an effect of 0.05 and 500 euros."""
    level = rng.normal(0, 0.04, 40)[site] + trend
    size = arm.size
    return pd.DataFrame(
        {
            "id": np.arange(size),
            "arm": arm,
            "site": site + 1,
            "u0": 0.6 + rng.normal(0, 0.1, size),
            "u12": np.minimum(0.6 + level + 0.05 * arm + rng.normal(0, 0.1, size), 1),
            "care": rng.gamma(2, 500, size) + 500 * arm + 3000 * (level - level.min()),
        }
    )


def wedge(seed=1, clusters=12):
    """Return a stepped wedge of five periods with a trend of 0.06 a period."""
    rng = np.random.default_rng(seed)
    site, period = (np.repeat(each.ravel(), 4) for each in np.meshgrid(range(clusters), range(5), indexing="ij"))
    arm = (period > site % 4).astype(int)
    return outcomes(rng, site, arm, 0.06 * period).assign(period=period + 1)


def parallel(seed=1, clusters=6, size=15):
    """Return a parallel trial in which both arms number their clusters from 1."""
    rng = np.random.default_rng(seed)
    arm, site = (np.repeat(each.ravel(), size) for each in np.meshgrid(range(2), range(clusters), indexing="ij"))
    table = outcomes(rng, arm * clusters + site, arm, 0.0)
    return table.assign(site=site + 1, own=arm * clusters + site)


def analysed(table, **cluster):
    """Return the analysis of a table, without its doubts."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", StatisticalWarning)
        found = trial.analyse(table, design(**cluster), replicates=200, rng=1)
    return found.perspective("healthcare")


ASKED = (
    "clusters with patients of several: if the clusters cross over in steps, give their calendar period, "
    'cluster.period; if every arm numbers its clusters anew, say across_arms = "separate" in [cluster]; if clusters '
    'treat patients of several arms, say across_arms = "same"'
)


@pytest.mark.parametrize(("table", "count"), [(wedge(), "12 of 12"), (parallel(), "6 of 6")])
def test_clusters_of_several_arms_are_asked_about(table, count):
    (told,) = _faults(table, design())

    assert told == f"column 'site': must have the patients of a cluster in one arm, got {count} {ASKED}"


def test_with_its_periods_a_stepped_wedge_gives_the_effect_and_not_the_trend():
    """Without them the trend of 0.06 a period counts as effect."""
    found = analysed(wedge(), period="period").delta_effect(INTERVENTION)
    without = analysed(wedge(), across_arms="same").delta_effect(INTERVENTION)

    assert abs(found.value - 0.025) < 2 * found.se
    assert without.value > found.value + 0.03


def test_clusters_numbered_anew_are_those_with_numbers_of_their_own():
    """Twelve clusters and two arms leave ten degrees of freedom, six clusters four."""
    found = analysed(parallel(), across_arms="separate").delta_cost(INTERVENTION)
    renumbered = analysed(parallel().assign(site=parallel()["own"])).delta_cost(INTERVENTION)
    merged = analysed(parallel(), across_arms="same").delta_cost(INTERVENTION)

    assert (found.value, found.df) == (
        pytest.approx(renumbered.value, rel=1e-12),
        pytest.approx(renumbered.df, rel=1e-12),
    )
    assert found.df == pytest.approx(10, rel=0.01)
    assert found.se == pytest.approx(renumbered.se, rel=0.2)
    assert merged.df == 4


@pytest.mark.parametrize(
    ("table", "keys"),
    [
        (wedge(), {"period": "period"}),
        (parallel(), {"across_arms": "separate"}),
        (parallel(), {"across_arms": "same"}),
        (wedge(), {"period": "period", "across_arms": "same"}),
    ],
)
def test_every_remedy_is_accepted(table, keys):
    assert trial_data(table, design(**keys)).cluster.size == len(table)


def test_a_period_does_not_explain_numbers_that_are_reused():
    """Their clusters hold both arms in every period."""
    table = parallel().assign(period=np.arange(180) % 3)
    (told,) = _faults(table, design(period="period"))

    assert "got 6 of 6 clusters with patients of several in the same periods: if every arm numbers" in told
    assert _faults(table.assign(period=1), design(period="period"))[0].startswith(
        "column 'site': must have the patients"
    )
    with pytest.warns(StatisticalWarning, match="costs"):
        found = trial_data(skewed(table), design(period="period", across_arms="separate"))
    assert np.unique(found.cluster).size == 12


def skewed(table):
    """Return a table with a doubt of its own, so that a test sees that there is no other."""
    return table.assign(care=table["care"].where(table.index > 0, 1e6))


def test_a_cluster_may_hold_both_arms_in_the_period_in_which_it_crosses_over():
    table = wedge()
    step = (table["period"] == 3) & (table["site"] == 2)
    table.loc[table.index[step][:2], "arm"] = 0

    assert trial_data(table, design(period="period")).warnings == ()


@pytest.mark.parametrize("rows", [[4], [4, 40, 77]])
def test_a_few_patients_in_the_other_arm_are_named(rows):
    """They may be slips of the pen; their clusters are not."""
    table = parallel()
    table["site"] = table["own"] + 1
    table.loc[rows, "arm"] = 1
    (told,) = _faults(table, design())
    which = f"row{'s' if len(rows) > 1 else ''} {', '.join(str(row + 1) for row in rows)}"

    assert told.startswith(
        f"column 'site', {which}: must have the patients of a cluster in one arm, got {len(rows)} of 12"
    )
    assert "are the rows named slips of the pen" in told


def test_periods_without_a_cluster_that_crosses_over_are_doubted():
    table = parallel().assign(period=np.arange(180) % 3)
    table["site"] = table["own"]
    with pytest.warns(StatisticalWarning, match="no cluster changes arm although the design gives cluster.period"):
        trial_data(table, design(period="period"))


def test_a_patient_is_no_cluster():
    table = parallel()
    (told,) = _faults(table.assign(site=table["id"]), design())
    assert told.startswith("column 'site': must hold clusters of patients, got a cluster of its own for every patient")

    most = table.assign(site=np.where(table["id"] < 100, table["id"], 1000 + table["arm"]))
    with pytest.warns(StatisticalWarning, match="100 of 101 clusters hold one patient"):
        trial_data(most, design())


def test_a_key_of_the_cluster_has_two_values():
    with pytest.raises(TrialError, match=r"cluster.across_arms: must be 'same' or 'separate', got 'yes'"):
        design(across_arms="yes")
