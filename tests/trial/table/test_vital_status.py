"""When patients died: by date, month or visit; what contradicts it, what is asked, and what the design must say."""

import warnings

import dying
import numpy as np
import pandas as pd
import pytest
from trial_tables import changed

from hecon.errors import StatisticalWarning, TrialError
from hecon.trial import analyse
from hecon.trial.table.checking import trial_data
from hecon.trial.table.design import design_of
from hecon.trial.table.drafting import draft_design

pytestmark = pytest.mark.filterwarnings("ignore:the difference in:hecon.errors.StatisticalWarning")

STATUS = {
    "status": ["s6", "s12", "s18", "s24"],
    "dead": ["dead"],
    "alive": ["alive"],
    "month": None,
    "others": None,
}


def table(n=20):
    """Return a table of patients who all live and of whom all is known."""
    found = pd.DataFrame({"id": range(2 * n), "arm": ["usual", "new"] * n})
    rng = np.random.default_rng(1)
    for month in dying.MONTHS:
        found[f"u{month}"] = rng.uniform(0.3, 0.9, 2 * n).round(3)
        if month:
            found[f"care_{month}"] = rng.uniform(100, 900, 2 * n).round(2)
            found[f"s{month}"] = "alive"
    return found.assign(died_in=np.nan, died_on=None, randomised_on="2020-01-15")


def died(found, row, month, **cells):
    """Return the table with one patient dead: nothing is known after it, and other cells as given."""
    found = found.copy()
    for each in dying.MONTHS[1:]:
        if each >= month:
            found.loc[row, [f"u{each}"]] = np.nan
            found.loc[row, f"s{each}"] = "dead"
        if each - 6 >= month:
            found.loc[row, f"care_{each}"] = np.nan
    for name, value in cells.items():
        found[name] = found[name].astype(object)
        found.loc[row, name] = value
    return found


def read(found, **death):
    """Return the deaths of a table, checked without a warning."""
    whole = dying.tree()
    whole["death"] = {key: each for key, each in (whole["death"] | death).items() if each is not None}
    if "date" in whole["death"]:
        whole["dates"] = {"randomisation": "randomised_on"}
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        warnings.filterwarnings("ignore", "the difference in", StatisticalWarning)
        return trial_data(found, design_of(whole))


def faults(found, **death):
    with pytest.raises(TrialError) as caught:
        read(found, **death)
    return "\n".join(caught.value.faults)


def test_by_month_by_date_and_by_visit():
    """A date counts from randomisation; a visit that finds someone dead dates it halfway from the one before."""
    found = died(table(), 3, 9.0, died_in=9.0, died_on="2020-10-15")
    month = read(found, others=None)
    date = read(found, month=None, date="died_on", others=None)
    visit = read(found, **STATUS)

    assert month.deaths.month[3] == 9.0
    assert date.deaths.month[3] == pytest.approx(9.0, abs=0.02)
    assert visit.deaths.month[3] == 9.0
    assert [each.deaths.dated for each in (month, date, visit)] == ["month", "date", "status"]
    for each in (month, date, visit):
        assert np.isinf(np.delete(each.deaths.month, 3)).all()
        assert each.utilities[3, 2:].tolist() == [0, 0, 0]
        assert each.costs[3, 2:].tolist() == [0, 0]
        assert not np.isnan(each.costs).any()


def test_a_long_table_has_one_column_for_all_visits():
    """And a month of death that stands in any of a patient's rows."""
    wide, whole = died(table(), 3, 9.0, died_in=9.0), dying.tree()
    rows = [
        {"id": row["id"], "arm": row["arm"], "month": month, "u": row[f"u{month}"], "died_in": row["died_in"]}
        | {"care": row[f"care_{month}"] if month else np.nan, "s": row[f"s{month}"] if month else None}
        for row in wide.to_dict("records")
        for month in dying.MONTHS
        if not (month > 12 and row["id"] == 3)
    ]
    whole["table"] |= {"layout": "long", "time": "month"}
    whole["utility"]["columns"] = "u"
    whole["cost"][0] |= {"column": "care"}
    del whole["cost"][0]["columns"]
    by_status = {"status": "s", "dead": ["dead"], "alive": ["alive"]}
    for death in ({"month": "died_in"}, by_status):
        data = trial_data(pd.DataFrame(rows), design_of(whole | {"death": death}))
        assert data.deaths.month[3] == 9.0
        assert data.utilities[3, 2:].tolist() == [0, 0, 0]


def test_status_by_label_and_at_some_visits():
    """Codes may be given by the file's labels, and the status at the last visit alone is enough beside utilities."""
    found = died(table(), 3, 21.0)
    found["s24"] = np.where(found["s24"] == "dead", 2.0, 1.0)
    found.attrs["value_labels"] = {"s24": {1: "in leven", 2: "overleden"}}
    death = STATUS | {"status": ["s24"], "months": [24], "dead": ["overleden"], "alive": ["in leven"]}

    assert read(found, **death).deaths.month[3] == 21.0


@pytest.mark.parametrize("code", ["dead", -1.0, 5])
def test_a_code_in_the_utilities_tells_of_death(code):
    """It is no missing value, dates the death as a visit does, and must not stand at the start."""
    found = died(table(), 3, 9.0, u12=code, u18=code, u24=code)
    death = {"month": None, "others": None, "in_utilities": [code]}
    data = read(found, **death)

    assert data.deaths.month[3] == 9.0
    assert data.utilities[3, 2:].tolist() == [0, 0, 0]
    assert np.isfinite(data.utilities).all()
    (cells,) = [each for each in data.reading.missing if each.kind == "utility"]
    assert (cells.empty, cells.codes) == (0, ())
    found["u0"] = found["u0"].astype(object)
    found.loc[3, "u0"] = code
    assert "row 4: must be alive at the start, got a patient who is dead at month 0" in faults(found, **death)


def test_a_code_in_the_items_tells_of_death():
    """In any of the five, in a wide table or a long one, beside the file's own label of it."""
    whole, found = dying.tree(), died(table(), 3, 9.0)
    items = [[f"{item}{month}" for item in ("mo", "sc", "ua", "pd", "ad")] for month in dying.MONTHS]
    for month, names in zip(dying.MONTHS, items, strict=True):
        for name in names:
            found[name] = np.where((found.index == 3) & (month >= 9), 9.0, 1.0 + (found.index % 3))
    found.attrs["value_labels"] = {"mo12": {9: "overleden"}}
    whole["utility"] = {"months": list(dying.MONTHS), "value_set": "nl-5l-2016", "items": items}
    whole["death"] = {"in_utilities": [9]}
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        warnings.filterwarnings("ignore", "the difference in", StatisticalWarning)
        warnings.filterwarnings("ignore", "the columns", StatisticalWarning)
        warnings.filterwarnings("ignore", "no answer of 985 to the EQ-5D is above 3", StatisticalWarning)
        assert trial_data(found, design_of(whole)).deaths.month[3] == 9.0


def test_a_death_after_the_end_is_none_within_it():
    """It is told, and counts for nothing."""
    found = table()
    found.loc[3, "died_in"] = 30.0

    assert read(found).utilities[3].min() > 0


def test_what_contradicts_a_death_is_refused():
    """Utilities and costs after it, a status, and a time at or before the start."""
    after = died(table(), 3, 9.0, died_in=9.0)
    after.loc[3, "u18"] = 0.4
    assert "column 'died_in', row 4: must not be at or before a time of which the patient has a utility" in faults(
        after
    )
    after.loc[3, "u18"] = 0.0
    assert read(after).utilities[3, 3] == 0
    after.loc[3, "care_24"] = 12.0
    assert "row 4: must not be at or before the start of a period of which the patient has costs" in faults(after)
    early = died(table(), 3, 3.0, died_in=0.0)
    assert "row 4: must be after the start of the trial, got a death at or before it" in faults(early)
    alive = died(table(), 3, 9.0, died_in=9.0, s12="alive")
    both = {key: STATUS[key] for key in ("status", "dead", "alive")}
    assert "must not be at or before a visit at which the status has the patient as alive" in faults(alive, **both)
    unknown = died(table(), 3, 9.0)
    assert "must tell when a patient died whom the status has as dead, got none: give" in faults(unknown, **both)
    late = died(table(), 3, 9.0, died_in=15.0)
    assert "must not be after a visit at which the status has the patient as dead" in faults(late, **both)
    again = died(table(), 3, 9.0, s18="alive")
    assert "must not be alive at a visit after one that finds the patient dead" in faults(again, **STATUS)
    other = died(table(), 3, 9.0, s18="moved")
    assert "column 's18', row 4: must be alive or dead by the codes of the design" in faults(other, **STATUS)
    no_start = died(table(), 3, 9.0, died_on="2020-10-15", randomised_on=None)
    told = faults(no_start, month=None, date="died_on")
    assert "column 'randomised_on', row 4: must tell when a patient was randomised who died" in told
    no_date = died(table(), 3, 9.0, died_on="autumn")
    assert "column 'died_on', row 4: must hold dates" in faults(no_date, month=None, date="died_on")


def test_unknown_vital_status_is_asked_about():
    """Whoever has no utility at the end may be dead, unless the design or a status says otherwise."""
    lost = table()
    lost.loc[[3, 5], ["u18", "u24"]] = np.nan
    told = faults(lost, others=None)
    assert "column 'died_in', rows 4, 6: must tell whether every patient was alive at month 24" in told
    assert 'others = "alive"' in told
    assert 'others = "unknown"' in told
    assert np.isinf(read(lost, others="alive").deaths.unknown_from).all()
    by_status = {key: STATUS[key] for key in ("status", "dead", "alive")}
    assert np.isinf(read(lost, others=None, **by_status).deaths.unknown_from).all()
    whole = dying.design(others="unknown")
    data = trial_data(lost, whole)
    with pytest.warns(StatisticalWarning, match="the vital status of 2 patients of arm 'new' is not known to the end"):
        found = analyse(data, imputations=2, replicates=50, rng=1)
    assert [(each.code, each.about) for each in found.doubts if each.code == "unknown_status"] == [
        ("unknown_status", {"strategy": "new", "n": 2})
    ]
    assert data.deaths.unknown_from[[3, 5]].tolist() == [12.0, 12.0]
    lost.loc[3, ["s18", "s24"]] = None
    assert "row 4: must tell whether every patient was alive" in faults(lost, **STATUS)


def test_a_gap_before_a_death_by_visit_is_asked_about():
    """Between two visits of unknown status the death cannot be dated."""
    found = died(table(), 3, 15.0)
    found.loc[3, "u12"] = np.nan
    assert read(found, **STATUS).deaths.month[3] == 15.0
    found.loc[3, "s12"] = None
    assert "row 4: must tell when a patient died, got a death before which neither" in faults(found, **STATUS)


def test_columns_that_seem_to_tell_of_deaths_are_asked_about():
    """Where the design says nothing of deaths."""
    whole = dying.tree()
    del whole["death"]
    with pytest.warns(StatisticalWarning, match="the columns 'died_in', 'died_on' seem to tell of deaths"):
        trial_data(table(), design_of(whole))
    names = table().rename(columns={"died_in": "datum_overlijden", "died_on": "studied_on", "s24": "Vital status"})
    with pytest.warns(StatisticalWarning, match=r"the columns 'Vital status', 'datum_overlijden' seem"):
        trial_data(names, design_of(whole))


@pytest.mark.parametrize(
    ("death", "told"),
    [
        ({}, "death: must have date, month, status or in_utilities, got none"),
        ({"in_utilities": [9], "month": "a"}, "death.in_utilities[0]: must not mean missing as well, got 9"),
        ({"month": "a", "date": "b"}, "death.month: must be left out beside date"),
        ({"date": "b"}, "death.date: needs the date of randomisation"),
        ({"month": "a", "dead": [1]}, "death.dead: must be left out without status"),
        ({"status": ["a", "b", "c", "d"]}, "death.dead: is missing: say what stands in the status for dead"),
        ({"status": ["a", "b", "c", "d"], "dead": [1], "alive": [1]}, "death.dead[0]: must mean dead alone, got 1"),
        (
            {"status": ["a", "b", "c", "d"], "dead": [1], "alive": [9], "missing": [9]},
            "death.alive[0]: must not mean missing, got 9",
        ),
        (
            {"status": ["a"], "dead": [1], "alive": [0]},
            "death.status: must be a list with one column for each month of 6, 12, 18, 24",
        ),
        ({"status": "a", "dead": [1], "alive": [0]}, "death.status: must be a list with one column for each month"),
        (
            {"status": ["a"], "dead": [1], "alive": [0], "months": [7]},
            "death.months: must be months of the utilities after the start, each once and in order, got 7",
        ),
        ({"month": "u6"}, "column of its own, got 'u6'"),
        ({"month": "a", "others": "dead"}, "death.others"),
        ({"month": "a", "before": "curve"}, "death.before"),
    ],
)
def test_faults_of_the_design(death, told):
    """Each with its path."""
    whole = dying.tree() | {"death": death}
    whole["utility"]["missing"] = [9]
    with pytest.raises(TrialError) as caught:
        design_of(whole)
    assert told in str(caught.value)


def test_a_long_table_has_one_column_of_status():
    """A list of several is at fault."""
    whole = dying.tree()
    whole["table"] |= {"layout": "long", "time": "month"}
    whole["death"] = {"status": ["a", "b"], "dead": [1], "alive": [0]}
    with pytest.raises(TrialError, match=r"death\.status: must be the name of one column"):
        design_of(whole)


def test_a_date_of_randomisation_alone_serves_a_date_of_death():
    """Otherwise that of the baseline is missing."""
    whole = dying.tree() | {"dates": {"randomisation": "randomised_on"}}
    with pytest.raises(TrialError, match=r"dates.baseline: is missing: add it"):
        design_of(whole)
    assert design_of(changed(whole, ("death",), {"date": "died_on"})).dates.baseline is None


def test_a_month_of_death_that_is_a_code_for_missing_is_doubted():
    """The 9 of a questionnaire could be a ninth month."""
    found, whole = died(table(), 3, 9.0, died_in=9.0), dying.tree()
    whole["table"]["missing"] = [9]
    found.loc[5, "u6"] = 9
    with pytest.warns(StatisticalWarning, match=r"the code 9 of table.missing .* could be a true value in death"):
        trial_data(found, design_of(whole))


@pytest.mark.parametrize(("column", "told"), [("died_in", "# month"), ("died_on", "# date"), ("s24", "# status")])
def test_a_draft_asks_about_a_column_that_seems_to_tell_of_deaths(tmp_path, column, told):
    """By the name of the column or a level of the dead; the marks # taken away it is a design."""
    found = died(table(), 3, 9.0, died_in=9.0, died_on="2020-10-15")
    for row, month in ((5, 14.5), (6, 20.0), (8, 3.5)):
        found = died(found, row, month, died_in=month, died_on=f"2021-0{row}-01")
    kept = [each for each in found if each == column or each[0] in "iauc"]
    found[kept].to_csv(tmp_path / "trial.csv", index=False)
    text = draft_design(tmp_path / "trial.csv").text

    assert "# [death]" in text
    value = (
        f'["{column}"]\n# months = [24]\n# dead = ["dead"]\n# alive = ["alive"]' if column == "s24" else f'"{column}"'
    )
    assert f'{told} = {value}\n# others = "alive"' in text
