"""What a draft proposes and never switches on: deaths, weights, subgroups, clusters, planned follow-up; near misses."""

from __future__ import annotations

import re
import tomllib
import warnings

import numpy as np
import pandas as pd
import pytest

from hecon.errors import StatisticalWarning
from hecon.trial import trial_data
from hecon.trial.table.design import design_of
from hecon.trial.table.drafting import draft_design

COUNT = 80
HEADERS = ("[death]", "[dates]", "[cluster]", "[[subgroup]]", "[planned]", "weight", "after_death")
RNG = np.random.default_rng(3)
DIED = np.where(np.arange(COUNT) % 8 == 5, np.round(7 + 0.05 * np.arange(COUNT), 2), np.nan)


def table(*, totals=False, **columns):
    """Return a table of two arms with utilities, or totals of QALYs, costs and the columns given."""
    rng = np.random.default_rng(1)
    found = {"id": np.arange(COUNT), "arm": np.array(["usual care", "new"])[np.arange(COUNT) % 2]}
    months = (0,) if totals else (0, 6, 12)
    found |= {f"utility_{month}": rng.uniform(0.3, 0.9, COUNT).round(3) for month in months}
    if totals:
        found["qaly_12m"] = rng.uniform(0.3, 0.9, COUNT).round(4)
        found["costs_12m"] = rng.gamma(2, 500, COUNT).round(2)
    else:
        found |= {f"costs_{month}": rng.gamma(2, 500, COUNT).round(2) for month in (6, 12)}
    return pd.DataFrame(found | columns)


def draft(folder, found):
    """Return the text of a draft of the table, which reads as a design as it is."""
    path = folder / "trial.parquet"
    found.to_parquet(path, index=False)
    return draft_design(path, price_year=2022).text


def proposed(text):
    """Return which parts stand in comments, in order."""
    lines = [line.removeprefix("# ").partition(" =")[0] for line in text.splitlines() if line.startswith("# ")]
    return [line for line in lines if line in HEADERS]


def switched_on(text, *keys):
    """Return the design with the marks # taken away before these parts and the keys below them."""
    result, on = [], False
    for line in text.splitlines():
        plain = line.removeprefix("# ")
        if line.startswith("# ") and (plain in keys or plain.partition(" =")[0] in keys):
            on = True
        elif not re.match(r"# (?:\w+ = |\[)", line):
            on = False
        result.append(plain if on else line)
    return design_of(tomllib.loads("\n".join(result)))


def read(found, design):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", StatisticalWarning)
        return trial_data(found, design)


def dead_after(found):
    """Return the table without what patients had after their death."""
    found = found.copy()
    found.loc[DIED <= 12, "utility_12"] = np.nan
    return found


# Deaths --------------------------------------------------------------------------------------------------------------

START = pd.Timestamp("2022-03-01") + pd.to_timedelta(np.arange(COUNT), unit="D")
DATES = pd.Series(START + pd.to_timedelta(np.nan_to_num(DIED) * 30.4375, unit="D")).where(~np.isnan(DIED))


@pytest.mark.parametrize(
    ("name", "start"), [("datum_overlijden", "datum_randomisatie"), ("date of death", "rand_date")]
)
def test_a_date_of_death(tmp_path, name, start):
    """With the date of randomisation; how many have one is told."""
    found = dead_after(table(**{start: START, name: DATES}))
    text = draft(tmp_path, found)
    design = switched_on(text, "[dates]", "[death]")

    assert "dates in 10 of 80 rows" in " ".join(text.replace("\n# ", " ").split())
    assert proposed(text) == ["[dates]", "[death]"]
    assert design.death.date == name
    assert read(found, design).deaths.month[5] == pytest.approx(DIED[5], abs=0.03)


def test_the_order_of_dutch_dates_is_told(tmp_path):
    """Where nothing else in the draft has it."""
    text = draft(tmp_path, dead_after(table(overlijdensdatum=DATES.dt.strftime("%d-%m-%Y"))))

    assert 'date_order in [table] is then "day-month-year".' in " ".join(text.replace("\n# ", " ").split())
    assert "needs [dates] with randomisation" in " ".join(text.replace("\n# ", " ").split())


@pytest.mark.parametrize("name", ["died_in", "month_of_death", "maand overlijden"])
def test_a_month_of_death(tmp_path, name):
    found = dead_after(table(**{name: DIED}))
    design = switched_on(draft(tmp_path, found), "[death]")

    assert read(found, design).deaths.month[5] == DIED[5]


STATUS = {
    "vital_status": ("alive", "dead", None),
    "fu_status": ("in leven", "overleden", None),
    "overleden": ("nee", "ja", None),
    "deceased": (0, 1, None),
    "status_code": (1, 2, {1: "Alive", 2: "Deceased"}),
}


@pytest.mark.parametrize("name", STATUS)
def test_a_level_of_the_dead_at_visits(tmp_path, name):
    """By its words, in Dutch and English, by yes and no, by 0 and 1, and by the labels of a file."""
    alive, dead, labels = STATUS[name]
    at = {month: np.where(month >= DIED, dead, alive).tolist() for month in (6, 12)}
    found = dead_after(table(**{f"{name}_{month}": cells for month, cells in at.items()}))
    if labels:
        path = tmp_path / "trial.dta"
        value_labels = {f"{name}_{month}": labels for month in at}
        found.to_stata(path, write_index=False, value_labels=value_labels)
        text = draft_design(path, price_year=2022).text
        design = switched_on(text, "[death]")
        data = read(path, design)
    else:
        text = draft(tmp_path, found)
        design = switched_on(text, "[death]")
        data = read(found, design)

    assert design.death.status == (f"{name}_6", f"{name}_12")
    assert design.death.months is None
    assert f"({int((DIED <= 12).sum())} cells with " in " ".join(text.replace("\n# ", " ").split())
    assert (data.deaths.month == np.where(DIED <= 12, 9.0, np.inf)).all()


def test_one_status_is_that_at_the_end(tmp_path):
    """Beside other levels that are neither, which the design must name."""
    cells = np.where(DIED <= 12, "died", np.where(np.arange(COUNT) % 9 == 0, "moved away", "completed"))
    text = draft(tmp_path, dead_after(table(end_status=cells)))

    assert '# status = ["end_status"]\n# months = [12]\n# dead = ["died"]\n# alive = []' in text
    assert "name it in alive, others in missing" in " ".join(text.replace("\n# ", " ").split())


def test_a_reason_for_drop_out_tells_who_and_not_when(tmp_path):
    """So it proposes nothing to switch on."""
    cells = np.where(DIED <= 12, "overleden", np.where(np.arange(COUNT) % 9 == 0, "verhuisd", None))
    text = draft(tmp_path, table(reden_uitval=cells))

    assert proposed(text) == []
    assert '10 cells of "reden_uitval" seem to tell? [death] says who, and needs when' in " ".join(
        text.replace("\n# ", " ").split()
    )


def test_totals_count_up_to_death(tmp_path):
    """The key of the effect is proposed with that of the deaths."""
    found = table(totals=True, died_in=DIED)
    text = draft(tmp_path, found)
    data = read(found, switched_on(text, "[death]", "after_death"))

    assert proposed(text) == ["[death]", "after_death"]
    assert (data.deaths.month <= 12).sum() == (DIED <= 12).sum()
    assert design_of(tomllib.loads(text)).death is None


def test_a_cell_that_says_more_than_the_word_is_not_written(tmp_path):
    """It could tell of a patient."""
    cells = np.where(DIED <= 12, "overleden op 3 mei 123456", "in leven")
    text = draft(tmp_path, table(status=cells))

    assert "123456" not in text
    assert "# [death]" not in text


# Near misses ---------------------------------------------------------------------------------------------------------

SCORE = RNG.integers(0, 40, COUNT)
HALF = np.where(np.arange(COUNT) % 2 == 0, SCORE + 1.0, np.nan)
NEAR_MISSES = {
    "deathfear_score": SCORE,
    "death_anxiety": HALF,
    "fear of death": HALF,
    "risk_of_death": HALF / 50,
    "vital_capacity": HALF,
    "partner_overleden": np.where(SCORE > 30, "ja", "nee"),
    "mother deceased": SCORE % 2,
    "studied_on": START,
    "deadline": START,
    "dead_space": SCORE + 0.5,
    "weight_kg": 60 + 0.5 * SCORE,
    "gewicht": 55.5 + SCORE,
    "weight": 60.0 + SCORE,
    "body_weight": 0.5 + SCORE / 40,
    "birth weight": 2.5 + SCORE / 20,
    "weight_0": 60.5 + SCORE,
    "geboortegewicht": 3 + SCORE / 100,
    "weight_loss": 1 + SCORE / 100,
    "iptw": 1 + SCORE / 100,
    "sampling_weight_missing": np.where(SCORE > 5, 1.5 + SCORE, np.nan),
    "website_visits": SCORE % 4 + 1,
    "composite_score": SCORE % 4 + 1,
    "practice_nurse_visits": SCORE % 4,
    "hospital_days": SCORE % 4,
    "hospital": SCORE % 3,
    "site_pain": SCORE % 4 + 1,
    "pain_site": np.where(SCORE % 2, "knee", "hip"),
    "forward_bend": SCORE % 4 + 1,
    "reward": SCORE % 4 + 1,
    "site_of_one": np.arange(COUNT),
    "planned_surgery": SCORE % 2,
    "planned_sessions": np.where(SCORE % 2, 6, 12),
    "follow_up": np.where(SCORE % 2, 6, 12),
    "planned_fu_done": SCORE % 2,
    "planned_follow_up_weeks": np.where(SCORE % 2, 26, 52),
    "planned_followup": np.full(COUNT, 12),
    "age": 40 + SCORE,
}


@pytest.mark.parametrize("name", NEAR_MISSES)
def test_near_misses_propose_nothing(tmp_path, name):
    """A column whose name or content only seems like one of those."""
    found = NEAR_MISSES[name]
    assert proposed(draft(tmp_path, table(**{name: found}))) == []


# Weights, clusters, subgroups, planned follow-up ---------------------------------------------------------------------


@pytest.mark.parametrize(
    "name", ["sampling_weight", "steekproefgewicht", "weegfactor", "pweight", "survey weight", "weight", "gewicht"]
)
def test_sampling_weights(tmp_path, name):
    """By a name that says so, or by a plain name and numbers about 1."""
    found = table(**{name: 0.5 + (np.arange(COUNT) % 11) / 10})
    text = draft(tmp_path, found)

    assert proposed(text) == ["weight"]
    assert design_of(tomllib.loads(text)).table.weight is None
    assert read(found, switched_on(text, "weight")).weights is not None


@pytest.mark.parametrize(
    ("name", "cells"),
    [
        ("practice", np.arange(COUNT) % 10),
        ("huisartsenpraktijk", np.array([f"P{place}" for place in range(10)])[np.arange(COUNT) % 10]),
        ("ward", np.arange(COUNT) % 10 + 1),
        ("ziekenhuis", np.arange(COUNT) % 10 + 1),
        ("site_id", np.arange(COUNT) % 10),
        ("Centrum", np.arange(COUNT) % 10),
    ],
)
@pytest.mark.parametrize("across", [False, True])
@pytest.mark.no_cover
def test_clusters(tmp_path, name, cells, across):
    """Whether each lies in one arm tells what is asked, and what is proposed works."""
    found = table(**{name: cells})
    if across:
        found["arm"] = np.array(["usual care", "new"])[np.arange(COUNT) // 10 % 2]
    text = draft(tmp_path, found)
    design = switched_on(text, "[cluster]")

    assert proposed(text) == ["[cluster]"]
    assert ("each in one arm" in " ".join(text.replace("\n# ", " ").split())) != across
    assert design.cluster.across_arms == ("same" if across else None)
    assert np.unique(read(found, design).cluster).size == 10
    assert all(name != cost.category for cost in design.cost)


def test_subgroups_are_of_levels_that_are_drafted(tmp_path):
    """And not prespecified unless the protocol says so; too few of a level propose none."""
    found = table(geslacht=np.where(np.arange(COUNT) % 4 < 2, "man", "vrouw"))
    text = draft(tmp_path, found)
    design = switched_on(text, "[[subgroup]]")
    few = table(geslacht=np.where(np.arange(COUNT) < 8, "man", "vrouw"))

    assert proposed(text) == ["[[subgroup]]"]
    assert (design.subgroup[0].column, design.subgroup[0].prespecified) == ("geslacht", False)
    assert read(found, design).subgroups[0].column == "geslacht"
    assert proposed(draft(tmp_path, few)) == []


@pytest.mark.parametrize(
    "name", ["planned_fu", "geplande_followup", "Follow-up (planned)", "intended_follow_up_months"]
)
def test_planned_follow_up(tmp_path, name):
    """A column so named that holds nothing but months of the design."""
    found = table(**{name: np.where(np.arange(COUNT) % 4 < 2, 6, 12)})
    found.loc[found[name] == 6, ["utility_12", "costs_12"]] = np.nan
    text = draft(tmp_path, found)
    data = read(found, switched_on(text, "[planned]"))

    assert proposed(text) == ["[planned]"]
    assert "only the months 6, 12" in " ".join(text.replace("\n# ", " ").split())
    assert sorted(set(data.planned.tolist())) == [6, 12]


def test_a_long_table_has_one_value_for_each_patient(tmp_path):
    """A column that differs within a patient is neither a cluster nor a weight; a status is one column for all."""
    rows = [
        {"id": row, "arm": ["usual care", "new"][row % 2], "month": month, "utility": 0.4 + 0.005 * row}
        | {"costs": None if month == 0 else 10.5 * row + month, "practice": row % 10, "ward": (row + month) % 7}
        | {"vital_status": "dead" if month >= DIED[row] else "alive"}
        for row in range(COUNT)
        for month in (0, 6, 12)
    ]
    found = pd.DataFrame(rows)
    found.loc[found["vital_status"] == "dead", "utility"] = np.nan
    text = draft(tmp_path, found)
    design = switched_on(text, "[death]", "[cluster]")

    assert proposed(text) == ["[cluster]", "[death]"]
    assert design.cluster.column == "practice"
    assert design.death.status == "vital_status"
    assert (read(found, design).deaths.month == np.where(DIED <= 12, 9.0, np.inf)).all()
