"""Value sets in designs: of any country, and one's own as a file beside the design."""

from __future__ import annotations

import re
import tomllib

import numpy as np
import pytest
import trial_dossiers
from test_valuesets import OWN
from trial_tables import changed, tree, utilities_near, wide

import hecon
from hecon import trial
from hecon.errors import TrialError
from hecon.trial.table.checking import trial_data
from hecon.trial.table.design import design_of

DESIGN = trial_dossiers.DESIGN.replace('columns = ["u0", "u12", "u24"]', 'states = ["s0", "s12", "s24"]')


def states(rng, n=40, levels=3):
    """Return a trial whose utilities are states."""
    records = trial_dossiers.table(rng, n=n, missing=0)
    for month in (0, 12, 24):
        drawn = rng.integers(1, levels + 1, (2 * n, 5))
        records[f"s{month}"] = drawn @ np.array([10_000, 1_000, 100, 10, 1])
    return records.drop(columns=["u0", "u12", "u24"])


@pytest.fixture
def folder(tmp_path):
    """Return a folder with a design that names a file of a value set beside it."""
    (tmp_path / "design").mkdir()
    (tmp_path / "design" / "own.csv").write_text(OWN, encoding="utf-8")
    text = DESIGN.replace('"nl-5l-2016"', '"own.csv"')
    (tmp_path / "design" / "trial.toml").write_text(text, encoding="utf-8")
    return tmp_path


@pytest.mark.filterwarnings("ignore:the difference in QALYs", "ignore:no answer of 1200 to the EQ-5D is above 3")
@pytest.mark.parametrize("value_set", ["uk-3l-1997", "us-3l-2005", "de-y3l-2022", "uk-5l-crosswalk-1997"])
def test_a_design_takes_the_sets_of_any_country(value_set):
    records = states(np.random.default_rng(1))
    design = trial.design_of(tomllib.loads(DESIGN.replace("nl-5l-2016", value_set)))
    data = trial_data(records, design)

    assert np.array_equal(data.utilities[:, 1], hecon.utility(records["s12"].to_numpy(), value_set=value_set))
    assert data.value_set == next(each for each in hecon.eq5d.value_sets() if each.name == value_set)
    assert data.utility_floor == min(hecon.utility(33333 if "3l" in value_set else 55555, value_set=value_set), 0)
    assert trial.describe(data).value_set == data.value_set


@pytest.mark.filterwarnings("ignore:the difference in QALYs")
def test_a_file_of_a_value_set_stands_beside_the_design(folder):
    """Its path begins at the folder of the design, wherever the reader stands."""
    records = states(np.random.default_rng(2))
    data = trial_data(records, trial.read_design(folder / "design" / "trial.toml"))

    expected = hecon.utility(records["s24"].to_numpy(), value_set=folder / "design" / "own.csv")
    assert np.array_equal(data.utilities[:, 2], expected)
    assert (data.value_set.name, data.value_set.title, data.utility_floor) == ("own.csv", "Own set", -0.35)


def test_faults_of_the_file_are_faults_of_the_design(folder):
    """Each with its line in that file, and that of the key in the design."""
    (folder / "design" / "own.csv").write_text(OWN.replace("MO2,-0.05", "MO2,x").replace("AD3", "AD4"))
    with pytest.raises(TrialError) as caught:
        trial.read_design(folder / "design" / "trial.toml")

    lines = str(caught.value).splitlines()[1:]
    assert len(lines) == 3
    assert all(re.match(r"  line 1\d: utility\.value_set: .*own\.csv: ", line) for line in lines)
    assert "own.csv: line 9: must be two cells" in lines[0]


def test_a_file_that_is_not_there_is_a_fault(folder):
    (folder / "design" / "own.csv").unlink()
    with pytest.raises(TrialError, match=r"utility\.value_set: must be a file that exists, got '.*own\.csv'"):
        trial.read_design(folder / "design" / "trial.toml")


def test_utilities_end_at_the_highest_of_the_set():
    """Full health is worth 0.9694 in the Swedish set of 2014; imputed utilities do not exceed it either."""
    whole = changed(tree(), ("utility", "value_set"), "se-3l-2014")
    table = wide()
    columns = ["u0", "u3", "u6", "u12"]
    table[columns] = utilities_near(table[columns].clip(0.4, 0.95), "se-3l-2014")
    table.loc[[3, 15], "u6"] = np.nan
    data = trial_data(table, design_of(whole))
    assert data.utility_ceiling == 0.9694

    found = trial.impute(data, count=2, departures=(trial.Departure(utility=1.0),), rng=1)
    gone = np.isnan(found.variables.values[:, found.variables.utilities])
    assert set(found.values[:, :, found.variables.utilities][:, gone].ravel()) == {0.9694}

    table.loc[0, "u3"] = 1.0
    with pytest.raises(
        TrialError, match=r"column 'u3', row 1: must be at most 0\.9694, the highest of se-3l-2014, got"
    ):
        trial_data(table, design_of(whole))


def test_utilities_of_no_named_set_have_a_remedy():
    whole = changed(tree(), ("utility", "value_set"), None)
    columns = ["u0", "u3", "u6", "u12"]
    table = wide()
    table[columns] = utilities_near(table[columns], "ma-5l-2025")
    table.loc[0, "u3"] = -1.2
    with pytest.raises(
        TrialError, match="must be at least -1, where the design names no value set that goes lower, got"
    ):
        trial_data(table, design_of(whole))

    low = changed(tree(), ("utility", "value_set"), "ma-5l-2025")
    assert trial_data(table, design_of(low)).utilities[0, 1] == -1.2


@pytest.mark.slow
@pytest.mark.parametrize(
    ("lang", "begin", "position"),
    [
        (
            "en",
            "value set: uk-3l-1997, EQ-5D-3L: Dolan P. ",
            "NICE: the reference case for topics st",
        ),
        (
            "nl",
            "waardering van gezondheidstoestanden: uk-3l-1997, EQ-5D-3L: Dolan P. ",
            "NICE: de referentiecasus voor",
        ),
    ],
)
def test_a_note_says_which_set(tmp_path, lang, begin, position):
    """With its source, and what NICE says of it; the guideline of the Netherlands asks for another."""
    records = states(np.random.default_rng(3))
    records[["u0", "u12", "u24"]] = 0.5
    design = DESIGN.replace("nl-5l-2016", "uk-3l-1997")
    found = hecon.assess(trial_dossiers.write(tmp_path, design=design, records=records), n_draws=1000)
    note = hecon.summary(found, lang=lang).text("md")

    assert begin in note or begin[:1].upper() + begin[1:] in note
    assert position in note
    assert found.comparisons[0].trial_source.value_set.name == "uk-3l-1997"
    assert {"en": "valued by uk-3l-1997", "nl": "gewaardeerd met uk-3l-1997"}[lang] in note


@pytest.mark.slow
def test_a_note_says_which_file(folder):
    """By name and digest."""
    path = trial_dossiers.write(folder, records=states(np.random.default_rng(4)))
    text = path.read_text(encoding="utf-8").replace('"trial.toml"', '"design/trial.toml"')
    path.write_text(text, encoding="utf-8")
    found = hecon.assess(path, n_draws=1000)
    digest = found.comparisons[0].trial_source.value_set.digest

    assert f"own.csv (SHA-256 {digest[:12]}…), EQ-5D-3L: Author A. Own set. 2025." in hecon.summary(found).text("md")
