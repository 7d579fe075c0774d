"""The labelled mixed model: what it tells, what it warns of and what it refuses."""

import numpy as np
import pytest

from hecon.errors import InputError, StatisticalWarning
from hecon.trial.models import _mixed
from hecon.trial.models.mixed import mixed_model


def trial(sizes, seed=0):
    """Return outcome, columns and clusters; arms lie in turn in one cluster each."""
    rng = np.random.default_rng(seed)
    cluster = np.repeat(np.arange(len(sizes)), sizes)
    columns = np.column_stack([np.ones(cluster.size), cluster % 2, rng.normal(size=cluster.size)])
    effect = 0.5 * rng.normal(size=len(sizes))
    return 1.5 + 0.5 * columns[:, 1] + effect[cluster] + rng.normal(size=cluster.size), columns, cluster


def labelled(**changes):
    """Return the verb's result on a trial of 24 practices, with changes."""
    y, columns, cluster = trial([6] * 24)
    given = {
        "outcome": y,
        "fixed": {"exercise": columns[:, 1], "age": columns[:, 2]},
        "cluster": [f"practice {each}" for each in cluster],
        "arm": "exercise",
    }
    given |= changes
    return mixed_model(given.pop("outcome"), given.pop("fixed"), given.pop("cluster"), **given)


def test_the_verb_labels_what_the_kernel_finds():
    y, columns, cluster = trial([6] * 24)
    plain = _mixed.fit(y, columns[:, :3], cluster, method="ml")
    found = labelled(method="ML", resamples=200, rng=0)
    assert found["term"].to_numpy().tolist() == ["constant", "exercise", "age"]
    assert found["estimate"].to_numpy() == pytest.approx(plain.coefficients)
    assert found["se"].to_numpy() == pytest.approx(plain.se)
    assert found["icc"].item() == pytest.approx(found["var_cluster"] / (found["var_cluster"] + found["var_error"]))
    low, high = found["interval"].sel(term="exercise").to_numpy()
    assert low < plain.coefficients[1] < high
    assert found["replicates"].shape == (200, 3)
    told = {"method": "ML", "patients": 144, "clusters": 24, "design": "parallel", "resamples": 200, "left_out": 0}
    assert found.attrs == told
    assert found.identical(labelled(method="ML", resamples=200, rng=0))


def test_clusters_that_cross_arms_are_drawn_together():
    arm = np.tile([0, 1, 1], 48)
    found = labelled(fixed={"exercise": arm}, resamples=20, rng=0)
    assert found.attrs["design"] == "crossing"


def test_few_clusters_are_told():
    y, columns, cluster = trial([20] * 8)
    with pytest.warns(StatisticalWarning, match=r"^4 clusters in an arm are few: .* below 10 \(a working limit\)"):
        mixed_model(y, {"arm": columns[:, 1]}, cluster, arm="arm")


def test_resamples_without_an_arm_are_left_out_and_told():
    """In each of ten practices but one a single arm: some resamples hold only one arm."""
    y, _, cluster = trial([4] * 10)
    arm = (cluster < 1).astype(float)
    arm[-1] = 1
    with pytest.warns(StatisticalWarning, match=r"^\d+ of 300 resamples did not tell the arms apart and are left out"):
        found = mixed_model(y, {"arm": arm}, cluster, arm=["arm"], resamples=300, rng=0)
    assert found.attrs["left_out"] + found.sizes["replicate"] == 300


def test_resamples_that_are_all_left_out_are_refused():
    """The first of two clusters alone holds both arms; this seed draws the second one twice."""
    y, _, cluster = trial([20] * 2)
    with (
        pytest.warns(StatisticalWarning, match="2 clusters are few"),
        pytest.raises(InputError, match="resamples must leave some to use, got all 1 left out: they did not tell the"),
    ):
        mixed_model(y, {"arm": np.arange(40) < 2}, cluster, arm="arm", resamples=1, rng=3)


def with_fault(value):
    """Return the outcome with a fault in rows 2 and 5."""
    y = trial([6] * 24)[0]
    y[[2, 5]] = value
    return y


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"outcome": with_fault(np.nan)}, "outcome must have a finite number .* got none at positions 2, 5: impute"),
        ({"outcome": ["1.0"] * 144}, "outcome must be a sequence of numbers"),
        ({"outcome": np.ones((144, 2))}, "outcome must be one-dimensional"),
        ({"outcome": np.ones(144)}, "outcome must vary between patients"),
        ({"outcome": np.ma.masked_less(np.arange(144), 3)}, "outcome must have no masked numbers"),
        ({"fixed": {"exercise": [0, 1]}}, r"fixed\['exercise'\] must have one value per patient, got 2 for 144"),
        ({"fixed": {"exercise": np.ones(144)}}, "must not be combinations of .* got 'exercise': leave it out"),
        ({"fixed": {"constant": np.ones(144)}}, "fixed must not name a column 'constant'"),
        ({"arm": "age at entry"}, "arm must be one of 'exercise', 'age', got 'age at entry'"),
        ({"arm": []}, "arm must name at least one column"),
        ({"method": "reml"}, "method must be one of 'REML', 'ML'"),
        ({"resamples": -1}, "resamples must be a whole number of at least 0"),
        ({"cluster": [1, 2]}, "cluster must have one label per patient"),
        ({"cluster": [None, *range(143)]}, "cluster must be known for each patient, got none at position 0"),
        ({"cluster": np.arange(144)}, "cluster must have two labels or more, one of them with two patients"),
        ({"cluster": np.zeros(144)}, "cluster must have two labels or more"),
        ({"cluster": trial([6] * 24)[1][:, 1], "resamples": 9}, "resamples must be 0 with one cluster in an arm"),
    ],
)
def test_faults_are_refused_by_name_and_row(changes, message):
    with pytest.raises(InputError, match=message) as caught:
        labelled(**changes)
    assert "practice" not in str(caught.value)


def test_as_many_terms_as_patients_are_refused():
    with pytest.raises(InputError, match="outcome must have more patients than the model has terms, got 2 for 2"):
        mixed_model([1, 2], {"arm": [0, 1]}, [1, 2], arm="arm")
