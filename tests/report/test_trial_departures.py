"""What a trial's report says of departures: who, what is assumed, what it changes, and where a preference turns."""

from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from patients import ARMS, made
from trial_reports import said, tables

from hecon import trial
from hecon.assessment import assess_trial
from hecon.locale import LANGUAGES, Locale
from hecon.report.trials import trial_data, trial_document
from hecon.trial.table.checking import Deviations, after_last

pytestmark = [pytest.mark.slow, pytest.mark.counted]
METHODS = ("jump-to-reference", "copy-increments")


@cache
def found(assumed=None):
    """Return a trial whose patients leave after a year, with its scenarios and tipping maps."""
    data = made(np.random.default_rng(3), (60, 60), missing=0.1, cost=1500.0)
    gone = np.random.default_rng(4).random(120) < 0.3
    utilities, costs = data.utilities.copy(), data.costs.copy()
    utilities[gone, 2], costs[gone, 1], costs[gone, 3] = np.nan, np.nan, np.nan
    months = after_last("last-visit", data.months, utilities, data.items, costs)
    deviations = Deviations(months, "last-visit", ARMS[0], METHODS)
    data = replace(data, utilities=utilities, costs=costs, deviations=deviations)
    main = trial.analyse(data, imputations=3, replicates=50, reference_based=assumed, rng=1)
    varied = () if assumed else trial.scenarios(data, main, rng=1)
    maps = () if assumed else trial.tipping_maps(data, main, utility=[-0.2, 0, 0.2], cost=[0.5, 1, 2], rng=1)
    return assess_trial(main, main.draws(n_draws=500, rng=1), scenarios=varied, tipping=maps)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_who_departed_what_is_assumed_and_what_it_changes(lang):
    locale, whole = Locale(lang), found()
    blocks = trial_document(whole, locale).blocks
    text, departed = said(blocks), whole.analysis.description.departed
    heading = locale.text("trial_departure.caption", perspective=locale.text("perspective.societal"),
                          intervention=ARMS[1], comparator=ARMS[0])  # fmt: skip
    changes = next(each for each in tables(blocks) if each.caption.endswith(heading) or each.caption == heading)
    who = next(each for each in tables(blocks) if locale.text("trial_departure.who_caption") in each.caption)

    for key in ("rule_last-visit", "variance", "jump-to-reference", "copy-increments"):
        assert locale.text(f"trial_departure.{key}", reference=ARMS[0]) in text
    assert [row[3] for row in who.rows] == ["0", str(departed.after[1])]
    assert [row[0] for row in changes.rows] == [
        locale.text(f"trial_scenario.{code}")
        for code in ("main", *(f"{name}{way}" for name in METHODS for way in ("", "-bootstrap")))
    ]
    assert all(ARMS[0] in cell or ARMS[1] in cell for row in changes.rows for cell in row[3:])


def test_a_main_analysis_by_reference_says_so():
    blocks = trial_document(found("copy-increments"), Locale("en")).blocks

    assert "change as those of usual care do (copy increments)" in said(blocks)
    assert "as if what the own treatment gave were lost at once" not in said(blocks)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_border_stands_in_a_table_with_what_was_held(lang):
    locale, whole = Locale(lang), found()
    blocks = trial_document(whole, locale).blocks
    captions = [each.caption for each in tables(blocks)]

    for each in whole.tipping:
        caption = locale.text("trial_departure.tipping_caption", arm=each.arm, intervention=ARMS[1],
                              comparator=ARMS[0], perspective=locale.text("perspective.societal"))  # fmt: skip
        (place,) = [at for at, one in enumerate(captions) if caption in one]
        rows = tables(blocks)[place].rows
        assert len(rows) == 3
        for row, cells in enumerate(rows):
            for at in range(len(each.wtp)):
                border = each.border[at, row]
                shown = locale.number(float(border), 2) if np.isfinite(border) else ""
                assert shown in cells[2 + at] if shown else cells[2 + at] in ARMS


def test_the_data_have_all_of_it():
    plain = trial_data(found(), Locale("en"))
    codes = [f"{name}{way}" for name in METHODS for way in ("", "-bootstrap")]

    assert plain["departures"]["rule"] == "last-visit"
    assert list(plain["departures"]["preferences"]["societal"]) == codes
    assert [each["arm"] for each in plain["tipping"]] == list(ARMS)
    assert plain["departures"]["main"] is None
