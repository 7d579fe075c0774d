"""Names that a reader cannot tell apart: refused at every door, by one check."""

import dataclasses

import numpy as np
import pandas as pd
import pytest
from effect_trials import QALYS, tree_of
from two_options import dossier_text

import hecon
from hecon import _checks
from hecon.errors import DossierError, InputError, TrialError
from hecon.trial.table.design import design_of

RULE = "must differ by more than case, white space or the form of letters, got "
ALIKE = [
    ("Usual care", "usual care", "'usual care' and 'Usual care'"),
    ("usual care", " usual care", "' usual care' and 'usual care'"),
    ("usual care", "usual  care", "'usual  care' and 'usual care'"),
    ("usual care", "usual\u00a0care", r"'usual\xa0care' and 'usual care'"),
    ("usual care", "usual\u200b care", r"'usual\u200b care' and 'usual care'"),
    ("r\u00e9adaptation", "re\u0301adaptation", r"'re\u0301adaptation' and 'r\xe9adaptation'"),
    ("Straße", "STRASSE", "'STRASSE' and 'Straße'"),
]


@pytest.mark.parametrize(("one", "other", "got"), ALIKE)
def test_strategies_that_look_alike_are_refused(one, other, got):
    with pytest.raises(InputError) as caught:
        hecon.from_arrays([[0, 1]], [[0, 1]], strategies=[one, other])

    assert str(caught.value) == f"strategies {RULE}{got}; rename one"


@pytest.mark.parametrize("names", [("A", "B"), ("x²", "x2"), ("usual care", "usualcare"), ("a-b", "a b"), ("é", "e")])
def test_names_that_look_different_are_taken(names):
    assert _checks.distinct_names("strategies", names) == list(names)


def test_draws_of_one_s_own_are_held_to_it():
    draws = hecon.from_arrays([[0, 1]], [[0, 1]], strategies=["a", "b"])
    with pytest.raises(InputError, match=RULE):
        hecon.ceac(draws.assign_coords(strategy=["a", "A"]), wtp=1)


def test_a_file_of_draws(tmp_path):
    path = tmp_path / "draws.csv"
    columns = ("cost.a", "cost.A", "effect.a", "effect.A")
    pd.DataFrame({each: [0.0, 1.0] for each in columns}).to_csv(path, index=False)
    with pytest.raises(InputError, match=RULE):
        hecon.read_draws(path, currency="EUR", effect_unit="QALY")


def test_a_model():
    with pytest.raises(InputError, match=RULE):
        hecon.sensitivity(
            lambda p: ({"a": 0, "A": p["x"]}, {"a": 0, "A": 1}), {"x": 1.0}, wtp=1, comparator="a", grid={"x": [1, 2]}
        )


@pytest.mark.parametrize("lang", ["nl", "en"])
def test_interventions_of_a_dossier(tmp_path, lang):
    """In either language; and the very same name too."""
    text = dossier_text(500, 0.03)
    own = {"nl": ("de nieuwe zorg (vervangen)", "de gebruikelijke zorg (vervangen)"),
           "en": ("the new care (replace)", "usual care (replace)")}[lang]  # fmt: skip
    path = tmp_path / "alike.toml"
    path.write_text(text.replace(f'name.{lang} = "{own[1]}"', f'name.{lang} = "{own[0].upper()}"'), encoding="utf-8")
    with pytest.raises(DossierError) as caught:
        hecon.load(path)
    assert f"intervention[1].name: {RULE}" in caught.value.faults[0]
    path.write_text(text.replace(f'name.{lang} = "{own[1]}"', f'name.{lang} = "{own[0]}"'), encoding="utf-8")
    with pytest.raises(DossierError, match=r"intervention\[1\]\.name: must be unique"):
        hecon.load(path)


def test_arms_of_a_trial():
    tree = tree_of(QALYS)
    tree["arm"]["interventions"] = ["new", "New"]
    with pytest.raises(TrialError) as caught:
        design_of(tree)
    assert f"arm.interventions[1]: {RULE}'New' and 'new'" in str(caught.value)


def test_a_budget():
    plan = hecon.load("acl-rupture").budget
    population = plan.populations[0]
    again = dataclasses.replace(population, id=population.id.upper())
    with pytest.raises(InputError) as caught:
        dataclasses.replace(plan, populations=(*plan.populations, again))
    assert RULE in str(caught.value)
    with pytest.raises(InputError, match=RULE):
        hecon.budget.combine([plan, dataclasses.replace(plan, name=plan.name.upper())])


def test_many_names_are_checked_at_once():
    names = [f"option {each}" for each in np.arange(300)]

    assert _checks.distinct_names("strategies", names) == names
