"""What it is worth to decide by subgroup: draws of the levels, the verb on them, and what the report tells of it."""

import dataclasses
import json
import re

import numpy as np
import pytest
from effect_trials import POINTS, QALYS, table, tree_of

import hecon
from hecon import trial
from hecon.assessment import assess_trial
from hecon.assessment.deciding import stratified
from hecon.errors import InputError
from hecon.locale import LANGUAGES, Locale
from hecon.report.document import Table
from hecon.report.trials import trial_data as plain_data
from hecon.report.trials import trial_document
from hecon.trial.table.design import design_of

pytestmark = pytest.mark.usefixtures("few_samples")

QALYS_OF_WOMEN = 0.10


def split(seed=1, n=400, effect=QALYS, *, more=QALYS_OF_WOMEN):
    """Return a trial whose new arm is dear, and yields much more in women: its analysis and its subgroup."""
    whole = tree_of(effect)
    whole["covariate"] = [{"column": "sex", "kind": "category", "levels": ["man", "woman"], "adjusts": []}]
    whole["subgroup"] = [{"column": "sex", "prespecified": True}]
    rng = np.random.default_rng(seed)
    data = table(rng, n)
    data["sex"] = np.where(rng.random(n) < 0.6, "woman", "man")
    if effect is QALYS:
        data["qaly"] += more * ((data["sex"] == "woman") & (data["arm"] == "new"))
        data["cost"] += 1500.0 * (data["arm"] == "new")
    checked = trial.trial_data(data, design_of(whole))
    main = trial.analyse(checked, rng=1, replicates=200)
    (found,) = trial.subgroups(checked, main, rng=1)
    return main, found, data


@pytest.fixture(scope="module")
def found():
    return split()


@pytest.mark.slow
@pytest.mark.counted
def test_draws_of_the_levels_have_the_estimates_and_their_errors(found):
    """Means are the estimates; spread and correlations those of the analysis, between levels too."""
    _, own, data = found
    draws = own.draws(n_draws=40_000, rng=1)
    apart = draws.sel(strategy="new") - draws.sel(strategy="usual")

    assert dict(draws.sizes) == {"subgroup": 2, "draw": 40_000, "strategy": 2}
    assert draws["subgroup"].to_numpy().tolist() == ["man", "woman"]
    assert own.shares == pytest.approx(data["sex"].value_counts(normalize=True).to_dict())
    for level in own.levels:
        for outcome in ("cost", "effect"):
            known = own.difference(level, "new", outcome)
            drawn = apart[outcome].sel(subgroup=level)
            assert float(drawn.mean()) == pytest.approx(known.value, rel=1e-9)
            assert float(drawn.std()) == pytest.approx(known.se * np.sqrt(known.df / (known.df - 2)), rel=0.02)
            assert np.quantile(drawn, [0.025, 0.975]) == pytest.approx(known.interval, abs=0.05 * known.se)
    more = (apart["effect"].sel(subgroup="woman") - apart["effect"].sel(subgroup="man")).std()
    assert float(more) == pytest.approx(own.interaction("woman", "new", "effect").se, rel=0.03)


@pytest.mark.slow
@pytest.mark.counted
def test_the_value_is_that_of_the_verb_and_of_the_estimates(found):
    """By hand from net benefit within levels; a user gets the same from the draws."""
    main, own, _ = found
    worth = stratified(own, (20_000, 50_000), rng=1)
    net = {level: own.net_benefit(level, "new", wtp=20_000).value for level in own.levels}
    both = sum(own.shares[level] * net[level] for level in net)
    by_hand = sum(own.shares[level] * max(net[level], 0) for level in net) - max(both, 0)
    verb = hecon.stratified_value(own.draws(n_draws=20_000, rng=1), wtp=20_000, shares=own.shares)

    assert net["man"] < 0 < net["woman"]
    assert worth.value[20_000] == pytest.approx(by_hand, rel=1e-6)
    assert worth.value[20_000] == pytest.approx(verb["value"].item())
    assert worth.by_chance[20_000] == pytest.approx(verb["by_chance"].item())
    assert worth.p_chance[20_000] == pytest.approx(verb["p_chance"].item())
    assert worth.preferred[20_000] == {"man": "usual", "woman": "new"}
    assert worth.overall[20_000] == ("new" if both > 0 else "usual")
    assert worth.by_chance[20_000] < worth.value[20_000]
    assert main.perspectives[0].name == worth.perspective


@pytest.mark.slow
def test_levels_that_are_alike_are_worth_what_chance_gives(monkeypatch):
    """Or less: the share of chance that is as large is no small one in most of such trials."""
    monkeypatch.setattr("hecon.assessment.deciding._DRAWS", 4000)
    shares = [stratified(split(seed, more=0.0)[1], (20_000,), rng=1).p_chance[20_000] for seed in range(2, 12)]

    assert np.mean(np.array(shares) < 0.05) <= 0.2


@pytest.mark.slow
@pytest.mark.counted
def test_less_of_a_harm_is_a_gain():
    """The sign of points is turned, as in every verb."""
    _, own, _ = split(3, effect=POINTS)
    worth = stratified(own, (200.0,))
    net = {level: own.net_benefit(level, "new", wtp=200).value for level in own.levels}

    assert own.draws(n_draws=10, rng=1).attrs["effect_better"] == "less"
    assert worth.preferred[200.0] == {level: "new" if value > 0 else "usual" for level, value in net.items()}


@pytest.mark.slow
@pytest.mark.counted
@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_report_tells_it_beside_chance(found, lang):
    """A row for each value, in words and as plain data."""
    main, own, _ = found
    assessment = assess_trial(main, main.draws(n_draws=200, rng=1), subgroups=[own], seed=4)
    (worth,) = assessment.stratified
    text = str(trial_document(assessment, Locale(lang)).blocks)
    plain = json.loads(json.dumps(plain_data(assessment, Locale(lang))["subgroups"]))[0]["deciding_by_level"]

    assert {"en": "Deciding by sex", "nl": "Besluiten naar sex"}[lang] in text
    assert "10.1177/0272989X14538705" in text
    assert plain["value"]["20000"] == worth.value[20_000] == stratified(own, (20_000,), rng=4).value[20_000]
    assert plain["preferred"]["20000"] == {"man": "usual", "woman": "new"}
    assert Locale(lang).money(worth.value[20_000], "EUR") in text.replace("\\xa0", "\N{NO-BREAK SPACE}")


@pytest.mark.slow
@pytest.mark.counted
def test_levels_of_a_number_are_called_by_their_cut_points():
    """As in the table of the differences."""
    whole = tree_of(QALYS)
    whole["covariate"] = [{"column": "age", "kind": "number"}]
    whole["subgroup"] = [{"column": "age", "prespecified": True, "cut_points": [60]}]
    rng = np.random.default_rng(6)
    data = table(rng, 300).assign(age=rng.integers(45, 75, 300))
    checked = trial.trial_data(data, design_of(whole))
    main = trial.analyse(checked, rng=1, replicates=60)
    assessment = assess_trial(main, main.draws(n_draws=50, rng=1), subgroups=trial.subgroups(checked, main, rng=1))
    blocks = trial_document(assessment, Locale("en")).blocks
    (row, *_) = next(each for each in blocks if isinstance(each, Table) and "Deciding by" in each.caption).rows

    assert re.fullmatch(r"below 60: \w+; 60 or more: \w+", row[2]), row[2]
    assert set(assessment.stratified[0].shares) == set(assessment.subgroups[0].levels)


def test_what_has_no_value(found, monkeypatch):
    """A subgroup that is not analysed, costs alone, and too few degrees of freedom, which the report says."""
    main, own, _ = found
    bare = dataclasses.replace(own, cells=None, patients=())
    alone = dataclasses.replace(own.cells, effect=dataclasses.replace(own.cells.effect, kind="none"))

    assert stratified(bare, (20_000,)) is None
    assert bare.shares == {}
    with pytest.raises(InputError, match="must be analysed, and it is not"):
        bare.draws(n_draws=10)
    assert stratified(dataclasses.replace(own, cells=alone), (20_000,)) is None
    with pytest.raises(InputError, match="draws must have effects, which a trial of costs alone has not, by the subg"):
        dataclasses.replace(own, cells=alone).draws(n_draws=10)
    given = own.draws(n_draws=20, rng=1).assign_attrs(freedom={"smallest": 2.0, "clusters": None, "imputations": None})
    with pytest.raises(InputError, match="expected loss and EVPI need 3 degrees of freedom"):
        hecon.stratified_value(given, wtp=1, shares=own.shares)
    monkeypatch.setattr(type(own), "draws", lambda *_, **__: given)
    assert stratified(own, (20_000,)).reason == "few_freedom"
    assessment = assess_trial(main, main.draws(n_draws=200, rng=1), subgroups=[own])
    assert "too few degrees of freedom are left" in str(trial_document(assessment, Locale("en")).blocks)
