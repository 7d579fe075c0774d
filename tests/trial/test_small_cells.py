"""Cells of few patients are not shown, nor what they could be computed from."""

from __future__ import annotations

import dataclasses
import json
import re

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from patients import made
from trial_reports import found

from hecon import trial
from hecon.assessment import assess_trial
from hecon.cli import trial as cli_trial
from hecon.locale import LANGUAGES, Locale
from hecon.report.trials import trial_data as json_data
from hecon.report.trials import trial_document
from hecon.report.words.trials import TrialWords
from hecon.report.writers.html import html
from hecon.report.writers.json import json_text
from hecon.report.writers.markdown import markdown
from hecon.trial.description import SMALL, _hidden_shares, describe
from hecon.trial.table.checking import trial_data


def with_levels(sizes):
    """Return a trial of two arms with so many patients of each level of a category, and its levels' dummies."""
    arm = np.repeat([0, 1], [sum(each) for each in sizes])
    level = np.concatenate([np.repeat(np.arange(len(each)), each) for each in sizes])
    data = made(np.random.default_rng(1), tuple(sum(each) for each in sizes), missing=0)
    shown = np.stack([level == each for each in range(1, len(sizes[0]))], axis=1).astype(float)
    names = tuple(f"region = {each}" for each in "bcdef"[: shown.shape[1]])
    return dataclasses.replace(
        data,
        arm=arm.astype(np.intp),
        covariates=shown,
        covariate_names=names,
        covariate_columns=("region",) * len(names),
        adjusts=(frozenset({"cost"}),) * len(names),
    )


def shown(sizes):
    """Return the shares of a category by level, and why they are hidden."""
    rows = [row for row in describe(with_levels(sizes)).rows if row.kind == "covariate"]
    return [row.mean for row in rows], [row.hidden for row in rows]


@pytest.mark.parametrize(
    ("sizes", "hidden"),
    [
        ((11, 1), ["few"]),
        ((1, 11), ["others"]),
        ((12, 0), ["few"]),
        ((6, 6), [None]),
        ((20, 10, 2), [None, "few"]),
        ((2, 10, 20), ["others", None]),
        ((1, 1, 20, 30), ["few", "others", None]),
        ((20, 3, 3, 9), ["few", "few", None]),
    ],
)
def test_the_share_of_a_few_is_hidden_with_its_complement(sizes, hidden):
    means, why = shown((sizes, tuple(20 for _ in sizes)))

    assert [each[0] for each in why] == hidden
    assert [each[0] is None for each in means] == [each is not None for each in hidden]
    assert [each[1] for each in why] == [None] * len(hidden)


@given(counts=st.lists(st.integers(0, 30), min_size=2, max_size=6).filter(lambda each: sum(each) >= SMALL))
def test_no_count_below_five_follows_from_those_that_are_shown(counts):
    """What is not shown, the reference among it, is of two levels and five patients at least, or it is all."""
    reference, *levels = counts
    hidden = _hidden_shares(np.array(levels), sum(counts))
    dark = [reference, *(count for count, why in zip(levels, hidden, strict=True) if why)]

    assert all(why is not None for count, why in zip(levels, hidden, strict=True) if count < SMALL)
    if min(counts) < SMALL:
        assert len(dark) > 1
        assert sum(dark) >= SMALL
    else:
        assert not any(hidden)


@pytest.mark.parametrize("kind", ["cost", "covariate", "utility"])
@pytest.mark.parametrize(("different", "hidden"), [(0, None), (1, "others"), (4, "others"), (5, None)])
def test_a_mean_that_a_few_make_is_hidden(kind, different, hidden):
    """One admission in twelve patients is the mean times twelve."""
    data = made(np.random.default_rng(1), (12, 12), missing=0)
    values = {"cost": data.costs, "covariate": data.covariates, "utility": data.utilities}[kind].copy()
    values[:12, 0] = 0.5
    values[:different, 0] = 0.25 + np.arange(different) / 100
    field = {"cost": "costs", "covariate": "covariates", "utility": "utilities"}[kind]
    (row, *_) = [row for row in describe(dataclasses.replace(data, **{field: values})).rows if row.kind == kind]

    assert row.hidden == (hidden, None)
    assert (row.mean[0] is None) == (hidden is not None)


def test_two_numbers_are_levels():
    """A sex of 0 and 1, or of 1 and 2, that is given as a number."""
    data = made(np.random.default_rng(1), (12, 12), missing=0)
    for low in (0, 1):
        values = low + (np.arange(24) < 1)[:, None].astype(float)
        row = describe(dataclasses.replace(data, covariates=values)).rows[0]
        assert row.hidden == ("few", "few")


@pytest.mark.slow
@pytest.mark.parametrize("lang", LANGUAGES)
def test_no_format_tells_the_share_of_one_patient(lang):
    """Text, Markdown, HTML and JSON; a line says why."""
    analysis, draws = found("usual")
    about = describe(with_levels(((11, 1), (13, 7))))
    rows = tuple(row for row in about.rows if row.kind == "covariate")
    described = dataclasses.replace(analysis.description, patients=(12, 20), rows=rows)
    changed = dataclasses.replace(analysis, description=described, imputation=None)
    told = trial_document(assess_trial(changed, draws), Locale(lang))
    data = json_data(assess_trial(changed, draws), Locale(lang))
    row = data["table_1"][0]
    share = re.compile(r"8[.,]3 ?%|0\.0833|91[.,]7|8%")

    assert row["mean"] == {"usual care": None, "intervention": pytest.approx(7 / 20)}
    assert row["hidden"] == {"usual care": "few", "intervention": None}
    assert TrialWords(changed, Locale(lang)).moments(rows[0], 0) == "< 5"
    for text in (markdown(told), cli_trial._compact(told), html(told)):
        table = text[text.index("region") : text.index(Locale(lang).text("trial.method_heading"))]
        assert not share.search(table.partition("region")[2][:400])
        assert re.search("< ?5|&lt; ?5|&lt;&nbsp;5", text)
    assert not share.search(json_text(row))


def test_no_figure_rests_on_a_mean_that_is_hidden():
    """Imputed beside observed would show it."""
    from hecon.plot.trials import imputed_rows

    analysis, _ = found("usual")
    rows = tuple(
        dataclasses.replace(row, mean=(None, None), sd=(None, None), hidden=("others", "others"))
        for row in analysis.description.rows
    )
    changed = dataclasses.replace(analysis, description=dataclasses.replace(analysis.description, rows=rows))

    assert imputed_rows(analysis)
    assert imputed_rows(changed) == ()


def test_a_category_of_one_of_twelve_patients_is_not_told():
    """From the table on: by declared levels, in an analysis' own JSON too."""
    size = 24
    rng = np.random.default_rng(3)
    table = pd.DataFrame(
        {
            "id": range(size),
            "arm": np.arange(size) % 2,
            "work": ["no"] + ["yes"] * 12 + ["no"] * 11,
            "u0": rng.uniform(0.3, 0.9, size),
            "u12": rng.uniform(0.3, 0.9, size),
            "care": np.arange(size) % 12 * 50.0,
        }
    )
    table.loc[table["arm"] == 0, "work"] = ["no"] + ["yes"] * 11
    design = trial.design_of(
        {
            "format": 1,
            "name": "tiny",
            "table": {"layout": "wide", "patient": "id"},
            "arm": {"column": "arm", "comparator": "old", "interventions": ["new"], "values": {"old": 0, "new": 1}},
            "covariate": [{"column": "work", "kind": "category", "levels": ["no", "yes"]}],
            "utility": {"months": [0, 12], "columns": ["u0", "u12"]},
            "cost": [{"category": "care", "columns": ["care"], "price_year": 2024}],
            "perspective": {"all": ["care"]},
            "analysis": {"price_year": 2024},
        }
    )
    row = describe(trial_data(table, design)).rows[0]

    assert row.hidden[0] in {"few", "others"}
    assert row.hidden[1] is None
    assert json.dumps(row.mean[0]) == "null"
