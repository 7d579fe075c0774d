"""No utility at the start: one is assumed for all, which the difference in QALYs does not depend on, and it is told."""

import json

import dying
import numpy as np
import pytest

from hecon.cli import main as cli
from hecon.errors import StatisticalWarning, TrialError
from hecon.trial import analyse, scenarios, trial_data
from hecon.trial.table.design import design_of

pytestmark = [
    pytest.mark.usefixtures("few_samples"),
    pytest.mark.filterwarnings("ignore:the difference in:hecon.errors.StatisticalWarning"),
]
WARNED = "the utility at the start was not measured and is assumed"


def tree(start=0.6, **keys):
    """Return the design of a trial in which nobody dies, without month 0."""
    whole = dying.tree()
    del whole["death"]
    whole["utility"] = {"months": [6, 12, 18, 24], "columns": ["u6", "u12", "u18", "u24"]}
    if start is not None:
        whole["utility"]["start"] = start
    return whole | keys


def table(seed=1, n=60, missing=0.2):
    """Return a trial in which nobody dies, whole and with values missing."""
    whole, given = dying.simulate(np.random.default_rng(seed), n, missing=missing)
    rng = np.random.default_rng(seed)
    gone = given.isna() & whole.notna()
    for name in [each for each in whole if each.startswith(("u", "care"))]:
        filled = rng.uniform(0.4, 0.9, len(whole)) if name[0] == "u" else rng.gamma(2, 300, len(whole))
        whole[name] = whole[name].where(whole[name].notna(), filled.round(3))
    whole = whole.drop(columns=["died_in", "u0"])
    return whole, whole.mask(gone[whole.columns])


def of_patients(whole):
    """Return the QALYs of each patient but for what is assumed at the start."""
    weights = np.array([0.5, 0.25 + 0.25 / 1.015, 0.5 / 1.015, 0.25 / 1.015])
    return whole[["u6", "u12", "u18", "u24"]].to_numpy() @ weights


@pytest.mark.parametrize(
    ("start", "months", "told"),
    [
        (None, None, "utility.months: must begin with 0, the baseline, or the utility at the start must be assumed"),
        (0.6, [0, 12, 18, 24], "utility.start: must be left out where month 0 was measured"),
        (1.2, None, "utility.start: must be a utility, at least -1 and at most 1"),
    ],
)
def test_what_the_design_must_say(start, months, told):
    """An assumption is stated, and only where it is one."""
    whole = tree(start)
    whole["utility"]["months"] = months or whole["utility"]["months"]
    with pytest.raises(TrialError) as caught:
        design_of(whole)
    assert told in str(caught.value)


def test_the_difference_does_not_depend_on_what_is_assumed():
    """It is that of the means of the area under the curve; the means of the arms move by the assumed utility."""
    whole = table()[0]
    with pytest.warns(StatisticalWarning, match=WARNED):
        low, high = (
            analyse(whole, design_of(tree(start)), replicates=50, rng=1).perspectives[0] for start in (0.2, 0.8)
        )
    qalys = of_patients(whole)
    difference = qalys[whole["arm"] == "new"].mean() - qalys[whole["arm"] == "usual"].mean()

    assert low.delta_effect("new").value == pytest.approx(difference)
    assert high.delta_effect("new").value == pytest.approx(difference)
    assert high.mean_effect("new").value - low.mean_effect("new").value == pytest.approx(0.6 * 0.25)


@pytest.mark.slow
def test_missing_values_clusters_and_other_models():
    """Nothing that is known of the start varies: no test goes by it, and no scenario."""
    given = table()[1]
    data = trial_data(given, design_of(tree()))
    with pytest.warns(StatisticalWarning, match=WARNED):
        found = analyse(data, imputations=5, rng=1)
    assert found.description.missingness.why == "start"
    codes = {each.code for each in scenarios(data, found, rng=1)}
    assert "gamma-log" in codes
    assert not {"own-regressors", "same-regressors"} & codes
    given["practice"] = [f"{arm}{number % 12}" for number, arm in enumerate(given["arm"])]
    with pytest.warns(StatisticalWarning, match=WARNED):
        mixed = analyse(given, design_of(tree(cluster={"column": "practice"})), imputations=3, rng=1)
    assert np.isfinite(mixed.perspectives[0].delta_effect("new").interval).all()


def test_a_long_table_without_month_0():
    """Its rows begin at the first measurement, or hold at 0 the use before the start."""
    wide, whole = table()[0], tree()
    whole["table"] |= {"layout": "long", "time": "month"}
    whole["utility"]["columns"] = "u"
    whole["cost"][0] |= {"column": "care", "baseline": "care"}
    del whole["cost"][0]["columns"]
    wide["care_0"] = 100.0 + wide["id"]
    rows = [
        {"id": row["id"], "arm": row["arm"], "month": month, "u": row.get(f"u{month}"), "care": row[f"care_{month}"]}
        for row in wide.to_dict("records")
        for month in dying.MONTHS
    ]
    data = trial_data(dying.pd.DataFrame(rows), design_of(whole))

    assert data.months == (0, 6, 12, 18, 24)
    assert (data.utilities[:, 0] == 0.6).all()
    assert data.baseline_costs[:, 0].tolist() == wide["care_0"].tolist()


@pytest.mark.slow
def test_from_the_file_to_the_report(tmp_path, capsys):
    """Within two standard errors of the same trial complete; the answer warns."""
    whole, given = table(seed=3, n=150)
    given.to_csv(tmp_path / "start.csv", index=False)
    text = dying.DESIGN.replace('[death]\nmonth = "died_in"\nothers = "alive"\n', "")
    text = text.replace("months = [0, 6,", "start = 0.6\nmonths = [6,").replace('"u0", ', "")
    (tmp_path / "start.toml").write_text(text, encoding="utf-8")
    command = ["trial", str(tmp_path / "start.csv"), str(tmp_path / "start.toml"), "--imputations", "10", "--draws"]
    assert cli.main([*command, "1000", "--format", "json"]) == 0
    found = json.loads(capsys.readouterr().out)
    own = found["perspectives"]["healthcare"]["differences"]["new"]["delta_effect"]
    qalys = of_patients(whole)
    new = whole["arm"] == "new"

    assert abs(own["estimate"] - (qalys[new].mean() - qalys[~new].mean())) < 2 * own["se"]
    assert found["utility_at_start_assumed"] == 0.6
    assert "no_start" in [each["code"] for each in found["conclusion"]["doubts"]]
    for lang, told in (
        ("en", ("The utility at the start was not measured", "month 0 (assumed, not measured)")),
        ("nl", ("De utiliteit bij de start is niet gemeten", "maand 0 (aangenomen, niet gemeten)")),
    ):
        assert cli.main([*command, "1000", "--lang", lang]) == 0
        text = " ".join(capsys.readouterr().out.split())
        for each in told:
            assert each in text
        assert "adjusted for the utility at the start" not in text
