"""Deaths and planned follow-up beside costs alone, totals and other effects: from the file to the report."""

import json
from functools import cache

import dying
import dying_effects
import numpy as np
import pandas as pd
import pytest
from effect_trials import written

from hecon.cli import main as cli
from hecon.errors import StatisticalWarning, TrialError
from hecon.trial import analyse, describe, impute, scenarios, trial_data
from hecon.trial.deaths import died, of_the_dead, shares_lived, unknown_as_dead
from hecon.trial.imputation import Departure
from hecon.trial.table.design import design_of

pytestmark = [
    pytest.mark.usefixtures("few_samples"),
    pytest.mark.filterwarnings("ignore:the difference in:hecon.errors.StatisticalWarning"),
    pytest.mark.filterwarnings("ignore:more than half:hecon.errors.StatisticalWarning"),
]
KINDS = list(dying_effects.KINDS)
ENDS = dying_effects.ENDS
COLUMNS = {"qalys": "qaly", "falls": "falls", "points": "barthel"}


def made(kind, seed=1, n=60, **options):
    """Return a checked trial of a kind."""
    table = dying_effects.simulate(np.random.default_rng(seed), n, **options)[1]
    return trial_data(table, design_of(dying_effects.tree_of(kind, planned=options.get("planned", False))))


def faults_of(whole):
    with pytest.raises(TrialError) as caught:
        design_of(whole)
    return caught.value.faults


def faults_in(table, whole):
    with pytest.raises(TrialError) as caught:
        trial_data(table, design_of(whole))
    return "\n".join(caught.value.faults)


# What is computed ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.no_cover
def test_complete_data_give_a_plain_regression(kind):
    """Of costs and effects computed apart, the dead with what the design has for them."""
    whole = dying_effects.simulate(np.random.default_rng(3), 100)[0]
    found = analyse(whole, design_of(dying_effects.tree_of(kind)), replicates=50, rng=1)
    for outcome, own in zip(
        dying_effects.outcomes(whole, kind),
        (found.perspectives[0].delta_cost, found.perspectives[0].delta_effect),
        strict=True,
    ):
        assert own("new").value == pytest.approx(dying_effects.regression(whole, kind, outcome)[0], rel=1e-9, abs=1e-12)
    counts = whole.groupby("arm")["died_in"].count()
    assert found.description.deaths.died == (counts["usual"], counts["new"])
    assert found.description.deaths.before is None


@pytest.mark.parametrize("imputation", ["pmm", "scaled"])
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.no_cover
def test_the_dead_neither_lend_nor_receive(kind, imputation):
    """What the design has for death stays; of the period of death a total is imputed for the share that was lived."""
    data = made(kind, seed=2)
    found = impute(data, count=4, imputation=imputation, donors=3, log_from=1.0, rng=2)
    all_ = found.variables
    effect, cost = shares_lived(data)
    assert (cost == 0).any()
    assert np.isfinite(found.values).all()
    for span, lived, known, after in (
        (all_.utilities, effect, data.utilities, data.effect.at_death),
        (all_.costs, cost, data.costs, 0.0),
    ):
        values, missing = found.values[..., span], np.isnan(known)  # noqa: PD011 (no pandas)
        assert (values[:, lived == 0] == after).all()
        partial = (lived > 0) & (lived < 1)
        assert (values[:, partial & ~missing] == known[partial & ~missing]).all()
        for arm in range(2 if imputation == "pmm" else 0):
            own = data.arm == arm
            for at in range(known.shape[1]):
                lenders = known[own & ~missing[:, at] & (lived[:, at] == 1), at]
                gone = own & missing[:, at]
                whole = values[:, gone, at] / lived[gone, at]
                assert np.isclose(whole[..., None], lenders, rtol=1e-12).any(axis=-1).all()


def test_a_total_of_the_period_of_death_is_missing_in_some_and_known_in_others():
    """So that the test above tests both."""
    data = made("falls", seed=2)
    lived = shares_lived(data)[0]
    partial = (lived > 0) & (lived < 1)

    assert (partial & np.isnan(data.utilities)).any()
    assert (partial & ~np.isnan(data.utilities)).any()


def test_the_value_at_death_is_that_of_the_design():
    """By hand: one patient dead at the end counts as the value given; another value moves the mean by its share."""
    whole = dying_effects.simulate(np.random.default_rng(4), 40, missing=0.0)[0]
    means = []
    for value in (0, 20):
        tree = dying_effects.tree_of("points")
        tree["effect"]["after_death"] = value
        del tree["effect"]["baseline"]
        found = analyse(whole, design_of(tree), replicates=50, rng=1)
        means.append(found.perspectives[0].mean_effect("usual").value)
    usual = whole["arm"] == "usual"
    dead = whole["died_in"].notna()

    assert means[0] == pytest.approx(whole.loc[usual, "barthel_24"].fillna(0).mean())
    assert means[1] - means[0] == pytest.approx(20 * dead[usual].mean())


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.no_cover
def test_without_deaths_results_are_those_of_a_design_without_them(kind):
    """A record of deaths in which nobody died changes no number."""
    whole, _ = dying_effects.simulate(np.random.default_rng(5), 40, missing=0.0)
    lived = whole[whole["died_in"].isna()]
    both = [
        analyse(each, design_of(dying_effects.tree_of(kind, death=death)), rng=1, replicates=50)
        for each, death in ((lived, True), (lived.drop(columns="died_in"), False))
    ]
    assert both[0].perspectives[0].spread.mean == pytest.approx(both[1].perspectives[0].spread.mean, rel=1e-12)


@cache
def imputed(kind):
    """Return a trial of a kind and its results by multiple imputation."""
    data = made(kind, seed=6, n=100)
    return data, analyse(data, imputations=20, replicates=50, rng=1).perspectives[0]


@pytest.mark.slow
@pytest.mark.parametrize("method", ["bootstrap-single", "bootstrap-imputation"])
@pytest.mark.parametrize("kind", ["costs", "falls", "points"])
def test_bootstrap_samples_agree_with_imputation(kind, method):
    """Each imputes resamples, in which the dead are dead too."""
    data, main = imputed(kind)
    other = analyse(data, method=method, replicates=100, iterations=4, rng=1).perspectives[0]
    for each in ("delta_cost", "delta_effect"):
        expected = getattr(main, each)("new")
        assert abs(getattr(other, each)("new").value - expected.value) <= 0.5 * expected.se


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_scenarios_count_the_unknown_as_dead(kind):
    """There is no other course of a utility before death; those who may have died unseen change what they must."""
    table = dying_effects.simulate(np.random.default_rng(7), 60)[1]
    lost = table.index[table["died_in"].isna()][::4]
    gone = [f"{name}_{end}" for name in ("care", *COLUMNS.values()) for end in (18, 24)]
    table.loc[lost, gone] = np.nan
    whole = dying_effects.tree_of(kind)
    whole["death"]["others"] = "unknown"
    data = trial_data(table, design_of(whole))
    with pytest.warns(StatisticalWarning, match="the vital status of"):
        main = analyse(data, imputations=10, rng=1)
    found = {each.code: each for each in scenarios(data, main, rng=1)}

    assert not {"death-level", "death-line"} & set(found)
    assert found["unknown-dead"].delta_cost.value != pytest.approx(found["main"].delta_cost.value, abs=1)
    assert died(unknown_as_dead(data)).sum() > died(data).sum()


@pytest.mark.slow
def test_values_after_a_departure_follow_the_reference_among_the_living():
    """Reference-based imputation leaves the dead what the design has for them."""
    whole = dying_effects.tree_of("points") | {"deviation": {"after": "last-visit"}}
    data = trial_data(dying_effects.simulate(np.random.default_rng(8), 100)[1], design_of(whole))
    found = impute(data, count=2, reference_based="jump-to-reference", departures=(Departure(utility=-1.0),), rng=1)
    dead = of_the_dead(data)

    assert (found.values[..., found.variables.utilities][:, dead[0]] == 0).all()  # noqa: PD011 (no pandas)
    assert (found.values[..., found.variables.costs][:, dead[1]] == 0).all()  # noqa: PD011 (no pandas)


# Planned follow-up ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.no_cover
def test_planned_follow_up_counts_as_no_drop_out(kind):
    """Nor is it moved by a departure."""
    data = made(kind, seed=9, planned=True)
    about = describe(data)
    both = [impute(data, count=2, departures=each, rng=1) for each in ((), (Departure(utility=-1.0, cost=2.0),))]
    all_, (first, second) = both[0].variables, [each.values for each in both]  # noqa: PD011 (no pandas)
    moved = (first != second).any(axis=0)

    assert sum(sum(counts) for counts in about.planned.values()) == data.arm.size
    assert all_.unplanned[:, all_.costs].any()
    assert not moved[all_.unplanned].any()
    assert moved[all_.missing & ~all_.unplanned].any()


@pytest.mark.parametrize("kind", KINDS)
def test_what_lies_beyond_the_plan_is_refused(kind):
    """A cost, a value of the effect, and an end that is none."""
    table = dying_effects.simulate(np.random.default_rng(10), 30, planned=True)[1]
    short = table.index[(table["planned"] == 12) & table["died_in"].isna()][0]
    whole = dying_effects.tree_of(kind, planned=True)
    late = table.copy()
    late.loc[short, "care_18"] = 5.0
    assert "must not end before a cost of a period that the patient has" in faults_in(late, whole)
    if kind != "costs":
        late = table.copy()
        late.loc[short, f"{COLUMNS[kind]}_18"] = 0.2
        assert "must not end before a value of the effect that the patient has" in faults_in(late, whole)
    odd = table.assign(planned=table["planned"].where(table.index != short, 13))
    what = "an end of the periods of the costs" if kind == "costs" else "a time of the effect"
    assert f"must be {what} after the start (6, 12, 18, 24), got another" in faults_in(odd, whole)


# What is refused -----------------------------------------------------------------------------------------------------


def changed(kind, **keys):
    """Return the tree with keys of [effect] and of [death] changed; None takes one out."""
    whole = dying_effects.tree_of(kind)
    for part, own in keys.items():
        whole[part] = {key: each for key, each in (whole.get(part, {}) | own).items() if each is not None}
    return whole


BY_STATUS = {"dead": [1], "alive": [0], "month": None}
FAULTS = (
    ("qalys", "effect", {"after_death": None}, 'after_death: is missing: say what the effect is from death on: "count'),
    ("points", "effect", {"after_death": None}, "after_death: is missing: say what the effect is from death on: a"),
    ("falls", "effect", {"after_death": 3}, 'after_death: must be "counted-to-death" of a total, got 3'),
    ("points", "effect", {"after_death": "counted-to-death"}, 'after_death: must be a number with summary = "last"'),
    ("points", "effect", {"after_death": "worst"}, "after_death: must be a number without quotes, or"),
    ("points", "effect", {"after_death": -1}, "after_death: must lie within effect.range, 0 to 100, got -1"),
    ("points", "death", {"before": "level"}, "before: must be left out beside [effect]"),
    ("costs", "death", {"before": "line"}, "before: must be left out beside [costs_alone]"),
    ("falls", "death", {"in_utilities": [9]}, "in_utilities: must be left out beside [effect]"),
    ("costs", "death", {"status": ["s12"], **BY_STATUS}, "months: is missing: say the months"),
    ("costs", "death", {"status": ["s"], "months": [36], **BY_STATUS}, "months: must be months after the start and"),
    ("falls", "death", {"status": ["s"], "months": [7], **BY_STATUS}, "months: must be months of the effect after"),
)  # fmt: skip


@pytest.mark.parametrize(("kind", "part", "keys", "told"), FAULTS)
def test_faults_of_the_design(kind, part, keys, told):
    """Each alone, with its path."""
    found = faults_of(changed(kind, **{part: keys}))

    assert len(found) == 1
    assert found[0].startswith(f"{part}.{told}")


def test_a_value_at_death_needs_deaths():
    """And planned follow-up more than one end."""
    whole = dying_effects.tree_of("points")
    del whole["death"]
    (fault,) = faults_of(whole)
    assert fault == "effect.after_death: must be left out without [death]: add [death], which says who died"
    whole = dying_effects.tree_of("qalys", planned=True)
    whole["effect"] |= {"months": [24], "columns": ["qaly_24"]}
    whole["cost"][0]["periods"] = [[end - 6, end] for end in ENDS]
    assert faults_of(whole)[0].startswith("planned: must be left out beside [effect] with one time")
    whole = dying_effects.tree_of("costs", planned=True)
    whole["cost"][0] |= {"periods": [[0, 24]], "columns": ["care_24"]}
    assert faults_of(whole)[0].startswith("planned: must be left out where all costs end at one time")


def test_what_contradicts_a_death_is_refused():
    """A value after it other than the one that death has."""
    table = dying_effects.simulate(np.random.default_rng(11), 30, missing=0.0)[0]
    early = table.index[table["died_in"] < 12][0]
    for kind, told in (
        ("points", "must not be at or before a time of which the patient has a value of the effect other than 0"),
        ("falls", "must not be at or before the start of months of which the patient has a value of the effect other"),
    ):
        late = table.copy()
        late.loc[early, f"{COLUMNS[kind]}_24"] = 2.0
        assert told in faults_in(late, dying_effects.tree_of(kind))
        late.loc[early, f"{COLUMNS[kind]}_24"] = 0.0
        assert trial_data(late, design_of(dying_effects.tree_of(kind))).arm.size == 60
    late = table.copy()
    late.loc[early, "care_24"] = 2.0
    assert "the start of a period of which the patient has costs" in faults_in(late, dying_effects.tree_of("costs"))


@pytest.mark.parametrize("kind", KINDS)
def test_unknown_vital_status_is_asked_about(kind):
    """A total or a cost shows of nobody that the patient lived; a measurement at the end does."""
    table = dying_effects.simulate(np.random.default_rng(12), 30, missing=0.0)[0]
    lived = int(table["died_in"].isna().sum())
    whole = dying_effects.tree_of(kind)
    del whole["death"]["others"]
    if kind == "points":
        assert trial_data(table, design_of(whole)).arm.size == 60
        return
    assert "must tell whether every patient was alive at month 24" in faults_in(table, whole)
    whole["death"]["others"] = "unknown"
    assert np.isfinite(trial_data(table, design_of(whole)).deaths.unknown_from).sum() == lived


@pytest.mark.parametrize("long", [False, True])
@pytest.mark.parametrize("kind", ["costs", "falls"])
def test_a_visit_dates_the_death(kind, long):
    """Of costs alone at the months that the design gives, in a wide table and in a long one."""
    whole = changed(kind, death={"month": None, "others": None, "dead": ["dead"], "alive": ["alive"]})
    months = [12, 24] if kind == "costs" else [6, 12, 18, 24]
    table = dying_effects.simulate(np.random.default_rng(13), 30, missing=0.0)[0]
    found = table["died_in"].fillna(np.inf).to_numpy()
    for month in months:
        table[f"s{month}"] = np.where(found <= month, "dead", "alive")
    edges, place = np.array([0.0, *months]), np.searchsorted(months, found)
    expected = np.append((edges[:-1] + edges[1:]) / 2, np.inf)[place]
    for end in ENDS:
        # What was spent after the middle of a long interval would contradict the death.
        table.loc[expected <= end - 6, f"care_{end}"] = np.nan
    whole["death"] |= {"status": [f"s{month}" for month in months]}
    whole["death"] |= {"months": months} if kind == "costs" else {}
    if long:
        table, whole = _long(table, whole, months)
    data = trial_data(table, design_of(whole))
    assert data.deaths.month.tolist() == expected.tolist()


def _long(table, whole, months):
    """Return table and design with a row for each patient and month."""
    rows = [
        {"id": row["id"], "arm": row["arm"], "u0": row["u0"], "month": month, "s": row.get(f"s{month}")}
        | {"care": row.get(f"care_{month}", np.nan), "falls": row.get(f"falls_{month}", np.nan)}
        for row in table.to_dict("records")
        for month in sorted({*ENDS, *months})
    ]
    whole["table"] |= {"layout": "long", "time": "month"}
    whole["death"]["status"] = "s"
    whole["cost"][0] |= {"column": "care"}
    del whole["cost"][0]["columns"]
    if "effect" in whole:
        whole["effect"]["columns"] = "falls"
    return pd.DataFrame(rows), whole


# From the file to the report -----------------------------------------------------------------------------------------

SAID = {
    "costs": ("from death on costs are 0", "vanaf het overlijden zijn de kosten 0"),
    "qalys": ("from death on costs are 0 and no QALYs are added", "zijn de kosten 0 en komen er geen QALY's bij"),
    "falls": ("nothing is added to the effect (fall)", "komt er niets bij het effect (fall)"),
    "points": (
        "the effect (Barthel index) is 0, which the design has for",
        "is het effect (Barthel index) 0, zoals de",
    ),
}


@pytest.mark.slow
@pytest.mark.parametrize("planned", [False, True])
@pytest.mark.parametrize("kind", KINDS)
def test_from_the_file_to_the_report(kind, planned, tmp_path):
    """Within two standard errors of the same trial of which all is known; the report says how deaths count."""
    whole, table = dying_effects.simulate(np.random.default_rng(14), 150, planned=planned)
    table.to_csv(tmp_path / "trial.csv", index=False)
    design = written(tmp_path / "design.toml", dying_effects.tree_of(kind, planned=planned))
    command = ["trial", str(tmp_path / "trial.csv"), str(design), "--imputations", "20", "--length", "full"]
    command += ["--draws", "2000"]
    assert cli.main([*command, "--format", "json,md", "--out", str(tmp_path / "out")]) == 0
    found = json.loads((tmp_path / "out" / "dying.en.json").read_text(encoding="utf-8"))
    difference = found["perspectives"]["healthcare"]["differences"]["new"]
    keys = ("delta_cost",) if kind == "costs" else ("delta_cost", "delta_effect")
    for key, outcome in zip(keys, dying_effects.outcomes(whole, kind), strict=False):
        expected = dying_effects.regression(whole, kind, outcome)[0]
        assert abs(difference[key]["estimate"] - expected) < 2 * difference[key]["se"]
    assert sum(found["deaths"]["died"].values()) == table["died_in"].notna().sum()
    assert (found["planned_follow_up"] is not None) == planned
    for lang, told in zip(("en", "nl"), SAID[kind], strict=True):
        shown = (tmp_path / "out" / f"dying.{lang}.md").read_text(encoding="utf-8")
        text = " ".join(shown.replace("\u2068", "").replace("\u2069", "").split())
        assert told in text
        assert ("utilit" not in text) or kind != "costs"


def test_the_table_of_the_dead_is_by_period():
    """How many had died stands beside each value of the effect and each cost."""
    data = made("falls", seed=15)
    rows = {(row.kind, row.months): row for row in describe(data).rows}
    lived = shares_lived(data)[0]

    assert rows["effect", (24.0,)].dead == tuple(int((lived[data.arm == arm, -1] == 0).sum()) for arm in (0, 1))
    assert dying.MONTHS[-1] == data.horizon
