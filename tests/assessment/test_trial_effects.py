"""A dossier with patient data of points, falls or days: from its file to the note, against the trial on its own."""

from __future__ import annotations

import json
import re

import numpy as np
import pytest
import trial_dossiers as trials
from effect_trials import FALLS, POINTS, TRUTH, regression, table, three_table, three_tree, tree_of, written

import hecon
from hecon import trial
from hecon.locale import LANGUAGES

pytestmark = [pytest.mark.usefixtures("few_samples"), pytest.mark.slow]

DAYS = {
    "unit": "pain-free day",
    "name": "days without pain",
    "better": "more",
    "summary": "total",
    "months": [6, 12],
    "columns": ["days_6", "days_12"],
    "wtp": [10, 50],
}
EFFECTS = {"point averted": POINTS, "fall averted": FALLS | {"wtp": [100, 500]}, "pain-free day": DAYS}
THRESHOLD = """[[comparison.threshold]]
value = 150
text = { nl = "Een andere waarde", en = "Another value" }
sources = [{ document = "protocol", place = "page 4" }]
[comparison.data]"""


def comparison(*, extra="", threshold=False):
    """Return a comparison that leaves all to its design."""
    text = re.sub(
        r"^(currency|price_year|horizon_months|discount_\w+) = .*\n",
        "",
        trials.COMPARISON.format(perspective="societal", extra=extra),
        flags=re.MULTILINE,
    )
    text = text.replace('"usual" }', '"usual", walking = "new" }')
    return text.replace("[comparison.data]", THRESHOLD) if threshold else text


def records(seed, n=200, *, missing=0.1):
    """Return the table of effects with days without pain."""
    rng = np.random.default_rng(seed)
    found = table(rng, n, missing=missing)
    for month, mean in ((6, 60), (12, 70)):
        found[f"days_{month}"] = rng.poisson(mean + 5 * (found["arm"] == "new")).astype(float)
    return found


def assessed(folder, effect, data, **options):
    """Return the assessment of a dossier with this effect."""
    data.to_csv(folder / "trial.csv", index=False)
    written(folder / "trial.toml", tree_of(effect))
    path = folder / "note.toml"
    path.write_text(trials.HEAD + comparison(**options), encoding="utf-8")
    return hecon.assess(path, n_draws=1000, rng=1)


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    """Assess a dossier of each effect, with scenarios."""
    return {
        unit: assessed(tmp_path_factory.mktemp("effect"), effect, records(5), extra="scenarios = true")
        for unit, effect in EFFECTS.items()
    }


@pytest.mark.parametrize("unit", EFFECTS)
def test_the_difference_is_that_of_the_trial_as_the_dossier_counts_it(found, unit):
    """Of a harm with the sign turned, its interval and its correlation with costs too."""
    (result,) = found[unit].comparisons
    own = result.perspective
    cost, effect = own.delta_cost("new"), own.delta_effect("new")
    sign = -1 if "averted" in unit else 1
    apart = result.draws.sel(strategy="walking") - result.draws.sel(strategy="usual-care")

    assert (result.spec.effect_unit, result.spec.effect_better) == (unit, "more")
    assert (result.delta_cost, result.delta_effect) == (cost.value, sign * effect.value)
    assert result.intervals["delta_effect"] == tuple(sorted(sign * end for end in effect.interval))
    assert result.parameters["delta_effect"].value == result.delta_effect > 0
    assert result.parameters["correlation"].value == sign * own.correlation("new")
    assert float(apart["effect"].mean()) == pytest.approx(result.delta_effect)
    assert (result.draws.attrs["effect_unit"], result.draws.attrs["effect_better"]) == (unit, "more")
    assert np.sign(np.corrcoef(apart["cost"], apart["effect"])[0, 1]) == np.sign(sign * own.correlation("new"))
    assert result.icer == pytest.approx(cost.value / result.delta_effect)


@pytest.mark.parametrize("unit", EFFECTS)
def test_it_answers_at_the_willingness_to_pay_of_the_trial(found, unit):
    """Net benefit and probability are those of `hecon trial`, with no verdict by the values of a QALY."""
    (result,) = found[unit].comparisons
    own = result.perspective

    assert result.values == tuple(EFFECTS[unit]["wtp"])
    assert (result.judgements, result.no_verdict.code) == ((), "effect_unit")
    for value in result.values:
        benefit = own.net_benefit("new", wtp=value)
        assert result.net_benefit[value] == pytest.approx(benefit.value)
        assert result.p_cost_effective[value] == pytest.approx(own.p_cost_effective("new", wtp=value), abs=0.06)
    assert [at.option for at in result.preferences] == [
        "walking" if result.net_benefit[value] > 0 else "usual-care" for value in result.values
    ]


@pytest.mark.parametrize("unit", EFFECTS)
def test_the_scenarios_span_the_ranges(found, unit):
    """Each by the differences of its scenario, counted as the dossier does."""
    (result,) = found[unit].comparisons
    ranged = [each for each in result.scenarios if each.code not in ("main", "first-year")]

    assert len(ranged) > 3
    for value in result.values:
        every = [value * gained - cost for cost, gained in map(result.differences_in, ranged)]
        low, high = result.net_benefit_range[value]
        assert (low, high) == pytest.approx(
            (min(*every, result.net_benefit[value]), max(*every, result.net_benefit[value]))
        )
        shares = [each.p_cost_effective[value] for each in ranged]
        assert result.p_range[value][1] == max(*shares, result.p_cost_effective[value])


def test_whole_data_are_the_plain_regression(tmp_path):
    """And lie within their error of the truth that was drawn."""
    data = records(6, 400, missing=0.0)
    (result,) = assessed(tmp_path, POINTS, data).comparisons
    points, error = regression(data["womac_12"].to_numpy(), data["womac_0"])

    assert result.delta_effect == pytest.approx(-points)
    assert abs(result.delta_effect + TRUTH["points"]) < 4 * error


def test_a_threshold_of_the_dossier_stands_beside_them(tmp_path):
    """With its probability from the draws, whatever values the design has, or none."""
    for effect, values in ((POINTS, (50, 200)), ({k: v for k, v in POINTS.items() if k != "wtp"}, ())):
        (result,) = assessed(tmp_path, effect, records(7), threshold=True).comparisons
        (at,) = result.at_thresholds

        assert result.values == values
        assert at.net_benefit == pytest.approx(150 * result.delta_effect - result.delta_cost)
        assert 0 <= at.p_cost_effective <= 1
        assert hecon.summary(result_of(tmp_path), lang="en").text("md")


def result_of(folder):
    """Return the assessment of the dossier in a folder."""
    return hecon.assess(folder / "note.toml", n_draws=200, rng=1)


TOLD = {
    "en": (
        "The effect is WOMAC score in the trial, of which less is better. In this comparison it counts as point av",
        "at €50 per point averted",
        "time horizon, unit of effect",
    ),
    "nl": (
        "Het effect is WOMAC score in de studie, waarvan minder beter is. In deze vergelijking telt het als point",
        "bij €\N{NO-BREAK SPACE}50 per point averted",
        "eenheid van effect",
    ),
}


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_note_says_how_the_effect_is_counted(found, lang):
    """In both languages; the part on the trial has it as measured, and no sentence begins in the lower case."""
    text = hecon.summary(found["point averted"], lang=lang).text("md")
    (result,) = found["point averted"].comparisons

    assert [each for each in TOLD[lang] if each not in text] == []
    assert f"−{result.delta_effect:.2f}".replace(".", "," if lang == "nl" else ".") in text
    assert "QALY's. op grond" not in text
    assert ("with the sign turned" in text) is (lang == "en")
    days = hecon.summary(found["pain-free day"], lang="en").text("md")
    assert "The effect is days without pain in the trial, counted in pain-free day" in days
    assert "sign turned" not in days


@pytest.mark.parametrize("unit", EFFECTS)
def test_every_form_of_the_note_is_written(found, tmp_path, unit):
    """The workbook recalculates what the note says of it."""
    summary = hecon.summary(found[unit], lang="nl")
    sizes = {kind: summary.save(tmp_path / f"note.{kind}").stat().st_size for kind in ("html", "docx", "xlsx")}

    assert min(sizes.values()) > 1000, sizes


def test_the_plain_data_have_both(found):
    """The comparison as it counts, the analysis as measured, with the effect that says so."""
    (own,) = json.loads(hecon.summary(found["fall averted"], lang="en").text("json"))["comparisons"]
    analysis = own["trial_analysis"]
    measured = analysis["perspectives"]["societal"]["differences"]["new"]["delta_effect"]["estimate"]

    assert (own["effect_unit"], analysis["effect"]["unit"], analysis["effect"]["better"]) == (
        "fall averted",
        "fall",
        "less",
    )
    assert own["delta_effect"] == -measured > 0
    assert analysis["source"]["settings"]["effect_unit"] == "design"


def test_three_arms_are_weighed_together(tmp_path):
    """By falls in points: the option with the highest net benefit at each value, as in the trial on its own."""
    data = three_table(np.random.default_rng(8), 450, missing=0.1)
    data.to_csv(tmp_path / "trial.csv", index=False)
    design = written(tmp_path / "trial.toml", three_tree(POINTS))
    other = '[[intervention]]\nid = "running"\nname = { nl = "hardlopen", en = "running" }\n[[document]]'
    text = comparison().replace(
        'comparator = "usual-care"', 'comparator = "usual-care"\nother_interventions = ["running"]'
    )
    text = text.replace('walking = "new"', 'walking = "new", running = "intensive"')
    (tmp_path / "note.toml").write_text(trials.HEAD.replace("[[document]]", other, 1) + text, encoding="utf-8")
    whole = hecon.assess(tmp_path / "note.toml", n_draws=500, rng=1)
    own = trial.analyse(tmp_path / "trial.csv", design, rng=1).perspectives[0]
    names = {"usual-care": "usual", "walking": "new", "running": "intensive"}

    assert [each.delta_effect > 0 for each in whole.comparisons] == [True, True]
    for at in whole.conclusion.values:
        benefit = {"usual": 0.0} | {arm: own.net_benefit(arm, wtp=at.value).value for arm in ("new", "intensive")}
        assert names[at.option] == max(benefit, key=benefit.get)
    assert [at.value for at in whole.conclusion.values] == [50, 200]
