"""Planned follow-up that differs: what lies beyond it was never planned, is imputed, and counts as no drop-out."""

import json

import dying
import numpy as np
import pytest

from hecon.cli import main as cli
from hecon.errors import TrialError
from hecon.trial import describe, impute, trial_data
from hecon.trial.deaths import of_the_dead
from hecon.trial.imputation import Departure
from hecon.trial.table.design import design_of

pytestmark = [
    pytest.mark.usefixtures("few_samples"),
    pytest.mark.filterwarnings("ignore:the difference in:hecon.errors.StatisticalWarning"),
]


def tree(**death):
    """Return the design with planned follow-up, and with deaths where keys of them are given."""
    whole = dying.tree() | {"planned": {"follow_up": "planned"}}
    whole["death"] |= death
    if not death:
        del whole["death"]
    return whole


def simulate(seed=1, n=60, missing=0.1, *, deaths=False):
    """Return a trial whole, and as it is with half of the patients planned for a year."""
    whole, given = dying.simulate(np.random.default_rng(seed), n, missing=missing)
    rng = np.random.default_rng(seed)
    if not deaths:
        gone = given.isna() & whole.notna()
        new = (whole["arm"] == "new").to_numpy()
        for name in [each for each in whole if each.startswith(("u", "care"))]:
            mean = 0.6 + 0.05 * new * (name != "u0") if name[0] == "u" else 600 + 100 * new
            filled = mean + (0.1 if name[0] == "u" else 90) * rng.normal(size=len(whole))
            whole[name] = whole[name].where(whole[name].notna(), np.minimum(filled, 900).round(3))
        whole = whole.drop(columns="died_in")
        given = whole.mask(gone[whole.columns])
    given["planned"] = rng.choice([12, 24], len(whole))
    given.loc[given["planned"] == 12, ["u18", "u24", "care_18", "care_24"]] = np.nan
    return whole, given


def faults(table, whole):
    with pytest.raises(TrialError) as caught:
        trial_data(table, design_of(whole))
    return "\n".join(caught.value.faults)


def test_what_is_refused():
    """A plan that lacks, that is no time, and values beyond it."""
    given = simulate()[1]
    for value, told in (
        (np.nan, "row 3: must tell the planned follow-up of every patient, got none"),
        (13, "row 3: must be a time of the utilities after the start (6, 12, 18, 24), got another"),
    ):
        spoilt = given.astype({"planned": float})
        spoilt.loc[2, "planned"] = value
        assert told in faults(spoilt, tree())
    late = given.copy()
    late.loc[given.index[given["planned"] == 12][0], "u18"] = 0.4
    assert "must not end before a utility that the patient has, got such a follow-up" in faults(late, tree())
    late = given.copy()
    late.loc[given.index[given["planned"] == 12][0], "care_24"] = 0.0
    assert "must not end before a cost of a period that the patient has" in faults(late, tree())
    assert "column 'planned': is missing from the table" in faults(given.drop(columns="planned"), tree())
    assert trial_data(given.replace({"planned": {24: 30}}), design_of(tree())).planned.max() == 24


def test_death_needs_to_be_known_to_the_end():
    """Or those who die after their planned follow-up would be imputed as alive."""
    given = simulate(deaths=True)[1]
    assert "must tell whether every patient was alive at month 24" in faults(given, tree(month="died_in", others=None))
    whole = tree(month="died_in", others="unknown")
    assert "must tell whether patients whose planned follow-up ends before the last time" in faults(given, whole)
    data = trial_data(given, design_of(tree(month="died_in", others="alive")))
    dead = of_the_dead(data)[0]
    assert (data.utilities[dead] == 0).all()
    late = dead[:, 4] & ~dead[:, 2] & (data.planned == 12)
    assert late.any()
    given.loc[late, "u24"] = 0.0
    given.loc[late & dead[:, 3], "care_24"] = 0.0
    again = trial_data(given, design_of(tree(month="died_in", others="alive")))
    assert np.array_equal(again.utilities, data.utilities, equal_nan=True)


def test_it_counts_as_no_drop_out():
    """Neither in the table by arm, nor for whether someone is complete, nor for the test of missing values."""
    given = simulate(missing=0.0)[1]
    about = describe(trial_data(given, design_of(tree())))
    counts = given.groupby("arm")["planned"].value_counts()

    assert about.complete == about.patients
    assert about.missingness.why == "nothing"
    assert about.planned == {month: (counts["usual", month], counts["new", month]) for month in (12.0, 24.0)}
    last = next(row for row in about.rows if row.months == (24.0,))
    assert last.unplanned == about.planned[12.0]
    assert last.missing(about.patients) == last.unplanned


def test_departures_leave_it_alone():
    """They are of those who dropped out."""
    data = trial_data(simulate(missing=0.3)[1], design_of(tree()))
    both = [impute(data, count=2, departures=each, rng=1) for each in ((), (Departure(utility=-0.1, cost=2.0),))]
    all_ = both[0].variables
    moved = (both[0].values != both[1].values).any(axis=0)

    assert moved.any()
    assert not moved[all_.unplanned].any()
    assert moved[all_.missing & ~all_.unplanned].mean() > 0.9


@pytest.mark.slow
def test_from_the_file_to_the_report(tmp_path, capsys):
    """Within two standard errors of the same trial followed whole; the report says who was planned for how long."""
    whole, given = simulate(seed=2, n=150)
    given.to_csv(tmp_path / "planned.csv", index=False)
    text = dying.DESIGN.replace('[death]\nmonth = "died_in"\nothers = "alive"\n', '[planned]\nfollow_up = "planned"\n')
    (tmp_path / "planned.toml").write_text(text, encoding="utf-8")
    command = ["trial", str(tmp_path / "planned.csv"), str(tmp_path / "planned.toml"), "--imputations", "20"]
    assert cli.main([*command, "--draws", "1000", "--format", "json"]) == 0
    found = json.loads(capsys.readouterr().out)
    difference = found["perspectives"]["healthcare"]["differences"]["new"]
    regressors = np.column_stack([np.ones(300), whole["arm"] == "new", whole["u0"]])
    outcomes = dying.outcomes(whole.assign(died_in=np.inf))
    for key, outcome in zip(("delta_cost", "delta_effect"), outcomes, strict=True):
        expected = np.linalg.lstsq(regressors, outcome, rcond=None)[0][1]
        assert abs(difference[key]["estimate"] - expected) < 2 * difference[key]["se"]
    assert sum(found["planned_follow_up"]["12"].values()) == (given["planned"] == 12).sum()
    for lang, told in (
        (
            "en",
            ("The planned follow-up differs between patients (12 months: usual", "not planned"),
        ),
        ("nl", ("De geplande follow-up verschilt tussen patiënten (12 maanden: usual", "niet gepland")),
    ):
        assert cli.main([*command, "--draws", "1000", "--lang", lang]) == 0
        text = " ".join(capsys.readouterr().out.split())
        for each in told:
            assert each in text
