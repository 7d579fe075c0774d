"""The report of a trial's analysis: true of every kind of trial, level in both languages, and silent about patients."""

import itertools
import json
import re
from dataclasses import replace

import numpy as np
import pytest
import trial_reports
from patients import made
from trial_reports import THREE, TRIALS, document, found, said, tables

import hecon
from hecon import decision, trial
from hecon.assessment import assess_trial
from hecon.cli import trial as cli_trial
from hecon.locale import LANGUAGES, Locale
from hecon.report.document import Facts, Figure, Paragraph
from hecon.report.trial_tables import table_one
from hecon.report.trials import trial_data, trial_document
from hecon.report.words.trials import TrialWords, ratio_words
from hecon.report.writers.html import html
from hecon.report.writers.json import json_text
from hecon.report.writers.markdown import markdown
from hecon.trial.analysis import PerspectiveAnalysis
from hecon.trial.description import Row

# Of the trial that is mostly gone, and of two imputations, the analysis warns.
pytestmark = pytest.mark.filterwarnings(
    "ignore:more than half is missing:hecon.errors.StatisticalWarning",
    "ignore:a variable of arm .* is observed in:hecon.errors.StatisticalWarning",
    "ignore:.*degrees of freedom are left for a difference:hecon.errors.StatisticalWarning",
)


@pytest.mark.slow
@pytest.mark.parametrize(("kind", "lang"), list(itertools.product(TRIALS, LANGUAGES)))
def test_every_trial_is_told_in_both_languages(kind, lang):
    """No brace, no missing number and no None is left in any format."""
    analysis, draws = found(kind)
    told = document(kind, lang)

    for text in (markdown(told), cli_trial._compact(told)):
        assert not re.search(r"[{}]|\bNone\b|\bnan\b|\binf\b", text)
    assert json.loads(json_text(trial_data(assess_trial(analysis, draws), Locale(lang))))["language"] == lang


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["gone", "three"])
def test_every_figure_is_drawn(kind):
    """Once, with identifiers of its own."""
    told = document(kind, "nl")
    page = html(told)
    identifiers = re.findall(r'\bid="([^"]+)"', page)

    assert page.count("<svg") == sum(isinstance(each, Figure) for each in told.blocks) >= 5
    assert len(identifiers) == len(set(identifiers))


@pytest.mark.slow
@pytest.mark.parametrize(("lang", "word"), [("nl", "GESIMULEERDE DATA"), ("en", "SIMULATED DATA")])
def test_simulated_data_are_called_so_in_the_heading(lang, word):
    """In the title and in the first paragraph of every format; of a real trial nothing of the kind is said."""
    told = document("usual", lang)

    assert told.blocks[0].text.startswith(word)
    assert told.blocks[1].strong
    assert word in told.blocks[1].text
    data = trial_data(trial_reports.assessed("usual"), Locale(lang))
    assert data["simulated"]
    assert word in data["title"]
    assert word in data["simulated_in_words"]
    assert word not in markdown(document("real", lang))
    assert trial_data(trial_reports.assessed("real"), Locale(lang))["simulated_in_words"] is None


@pytest.mark.slow
def test_the_differences_are_those_of_the_analysis_with_complete_cases_beside_them():
    """Main analysis, percentile and BCa interval, each with its number of patients."""
    analysis, _ = found("usual")
    chosen = analysis.perspectives[0]
    (table,) = [each for each in tables(document("usual").blocks) if "minus" in each.caption][:1]
    main, percentile, bca = table.rows
    contrast = chosen.contrast("intervention", cost=1.0)
    case = chosen.complete_case
    own = case.spread.of(contrast)

    def shown(value, ends):
        low, high = (Locale("en").money(each) for each in ends)
        return f"{Locale('en').money(value)} (95% CI {low} to {high})"

    estimate = chosen.delta_cost("intervention")
    assert main[1:3] == ("70 / 60", shown(estimate.value, estimate.interval))
    assert percentile[1:3] == (f"{case.patients[1]} / {case.patients[0]}", shown(own.value, own.interval))
    assert bca[2] == shown(own.value, case.bca(contrast))
    assert bca[0] == "complete cases, BCa interval"


@pytest.mark.parametrize(("rate", "words"), [(0.03, "3%"), (0.0375, "3.75%"), (0.0, "0%")])
@pytest.mark.no_cover
def test_a_discount_rate_is_told_with_the_decimals_that_it_has(rate, words):
    """A rate is neither rounded nor given a zero that nobody stated."""
    analysis, draws = found("usual")
    about = replace(analysis.description, discount_cost=rate)
    shown = trial_document(assess_trial(replace(analysis, description=about), draws), Locale("en"))
    facts = dict(pair for each in shown.blocks if isinstance(each, Facts) for pair in each.pairs)

    assert facts[Locale("en").text("setting.discount_cost")] == words


@pytest.mark.slow
def test_too_few_complete_cases_are_said_to_be_too_few():
    """Then the table holds the main analysis alone."""
    analysis, draws = found("gone")
    told = document("gone")
    (table,) = [each for each in tables(told.blocks) if "minus" in each.caption]

    assert analysis.perspectives[0].complete_case is None
    assert len(table.rows) == 1
    assert "There is no complete-case analysis: in at least one arm" in said(told.blocks)
    difference = trial_data(assess_trial(analysis, draws), Locale("en"))["perspectives"]["societal"]["differences"][
        "intervention"
    ]
    assert difference["complete_case"] is None


@pytest.mark.parametrize(
    ("cost", "effect", "code", "words"),
    [
        (1000, 0.1, "NE", "€10,000 per QALY gained. North-east"),
        (-1000, -0.1, "SW", "€10,000 saved per QALY lost. South-west"),
        (-1000, 0.1, "SE", "no ratio. South-east: lower costs, more health (dominant)."),
        (1000, -0.1, "NW", "no ratio. North-west: higher costs, less health (dominated)."),
        (0, 0.1, "=", "no ratio. On an axis: costs or health equal."),
    ],
)
def test_a_ratio_goes_with_its_quadrant_and_a_negative_one_is_never_printed(cost, effect, code, words):
    """Also where the differences are as large, the words differ."""
    analysis, _ = found("usual")
    spread = np.array([-1.0, -0.5, 0.0, 0.5, 1.0])[:, None] * [[0.0, 1.0]]
    draws = hecon.from_arrays(
        100 * spread + [[0, cost]],
        0.001 * spread + [[0, effect]],
        strategies=list(analysis.description.strategies),
        comparator="usual care",
    )
    ratio = hecon.icer(draws).sel(strategy="intervention")
    told = ratio_words(TrialWords(analysis, Locale("en")), analysis.perspectives[0], "intervention", ratio)

    assert str(ratio["quadrant"].values) == code
    assert f"ICER of intervention compared with usual care: {words}" in told
    assert "−€" not in told
    assert ("95% CI of the ratio" in told) == (code in {"NE", "SW"})


def test_a_ratio_whose_draws_leave_the_quadrant_has_no_interval():
    """A bound below zero means something else."""
    analysis, _ = found("usual")
    rng = np.random.default_rng(1)
    draws = hecon.from_arrays(
        rng.normal(0, 1000, (2000, 1)) * [[0, 1]] + [[0, 300]],
        rng.normal(0, 0.01, (2000, 1)) * [[0, 1]] + [[0, 0.1]],
        strategies=list(analysis.description.strategies),
        comparator="usual care",
    )
    ratio = hecon.icer(draws).sel(strategy="intervention")
    told = ratio_words(TrialWords(analysis, Locale("nl")), analysis.perspectives[0], "intervention", ratio)

    assert float(ratio["icer_interval"].min()) < 0
    assert "Een interval van de ratio is hier niet zinvol" in told


def test_table_one_counts_what_is_observed_and_missing():
    """By arm; with mean and standard deviation of what was observed."""
    analysis, _ = found("usual")
    rows = analysis.description.rows
    caption = Locale("en").text("trial.utilities_caption")
    (table,) = [each for each in tables(table_one(TrialWords(analysis, Locale("en")))) if each.caption == caption]
    row = next(each for each in rows if each.months == (12.0,))

    assert table.header[:3] == ("variable", "usual care: n / missing", "usual care: mean (SD)")
    assert table.rows[1][0] == "utility, month 12"
    assert table.rows[1][1] == f"{row.observed[0]} / {60 - row.observed[0]}"
    assert table.rows[1][4] == f"{row.mean[1]:.3f} ({row.sd[1]:.3f})"


def test_the_mean_of_fewer_than_five_patients_is_not_given():
    """The counts stay, and a line says why."""
    data = made(np.random.default_rng(5))
    utilities = data.utilities.copy()
    utilities[4:60, 1] = np.nan
    few = replace(data, utilities=utilities)
    analysis = replace(found("usual")[0], description=trial.describe(few))
    blocks = table_one(TrialWords(analysis, Locale("nl")))
    cells = next(row for table in tables(blocks) for row in table.rows if row[0] == "utiliteit, maand 12")
    seen = int((~np.isnan(utilities[:60, 1])).sum())

    assert seen < 5
    assert cells[1:3] == (f"{seen} / {60 - seen}", "minder dan 5")
    assert "minder dan 5 patiënten" in blocks[-1].text
    assert "herleidbaar" in blocks[-1].text
    assert "herleidbaar" not in said(table_one(TrialWords(found("usual")[0], Locale("nl"))))


def test_a_category_is_told_by_its_share():
    """A number is not, even one between 0 and 1."""
    category = Row("covariate", "sex = man", (), (10, 8), (0.5, 0.25), (np.sqrt(5 / 18), np.sqrt(3 / 14)))
    number = replace(category, sd=(0.1, 0.1))
    words = TrialWords(found("usual")[0], Locale("en"))

    assert [words.moments(category, arm) for arm in (0, 1)] == ["50%", "25%"]
    assert words.moments(number, 0) == "0.5 (0.1)"


@pytest.mark.slow
def test_three_arms_have_curves_and_a_frontier_of_all():
    """A ratio against the comparator each, and probabilities that sum to 1."""
    analysis, draws = found("three")
    told = document("three")
    (curves,) = [each for each in tables(told.blocks) if "Acceptability curves" in each.caption]
    (frontier,) = [each for each in tables(told.blocks) if "Full incremental" in each.caption]

    assert curves.header[1:] == THREE
    assert {row[0] for row in frontier.rows} == set(THREE)
    assert sum(isinstance(each, Figure) and each.kind == "trial-plane" for each in told.blocks) == 2
    assert "usual care (comparator) and exercise" not in said(told.blocks)
    assert sum("ICER of" in each.text for each in told.blocks if isinstance(each, Paragraph)) == 2
    shares = trial_data(assess_trial(analysis, draws), Locale("en"))["perspectives"]["societal"]["ceac"]["probability"]
    assert np.allclose(np.sum([shares[name] for name in THREE], axis=0), 1)


@pytest.mark.slow
def test_warnings_are_repeated():
    """In the document and in the data."""
    analysis, draws = found("usual")
    doubtful = replace(analysis, warnings=("costs are strongly skewed",))

    assert "costs are strongly skewed" in said(trial_document(assess_trial(doubtful, draws), Locale("nl")).blocks)
    assert trial_data(assess_trial(doubtful, draws), Locale("nl"))["warnings"] == ["costs are strongly skewed"]


@pytest.mark.slow
def test_the_data_have_the_same_keys_in_both_languages():
    """And are plain JSON: numbers as numbers, null for none."""
    dutch, english = (trial_data(assess_trial(*found("usual"), seed=1), Locale(lang)) for lang in LANGUAGES)

    def keys(value):
        if isinstance(value, dict):
            return {key: keys(item) for key, item in value.items()}
        return [keys(item) for item in value] if isinstance(value, list) else type(value)

    assert keys(dutch) == keys(english)
    assert json.loads(json_text(english)) == english
    assert english["provenance"] == {
        "hecon": hecon.__version__,
        "draws": 500,
        "seed": 1,
        "digest": found("usual")[0].description.digest,
    }
    analysis = found("usual")[0]
    difference = english["perspectives"]["societal"]["differences"]["intervention"]
    estimate = analysis.perspectives[0].delta_cost("intervention")
    assert difference["delta_cost"]["estimate"] == estimate.value
    assert difference["delta_cost"]["interval"] == list(estimate.interval)
    assert english["table_1"][0] | {"mean": None, "sd": None} == {
        "kind": "covariate",
        "name": "age",
        "months": [],
        "observed": {"usual care": 60, "intervention": 70},
        "missing": {"usual care": 0, "intervention": 0},
        "mean": None,
        "sd": None,
        "hidden": {"usual care": None, "intervention": None},
    }


def test_text_from_a_design_is_text():
    """Markup in a title is escaped, and right-to-left marks turn nothing else."""
    analysis, draws = found("real")
    told = trial_document(
        assess_trial(analysis, draws, title="A <real> trial \N{RIGHT-TO-LEFT OVERRIDE}"), Locale("en")
    )
    page = html(replace(told, blocks=tuple(each for each in told.blocks if not isinstance(each, Figure))))

    assert "A &lt;real&gt; trial" in page
    assert "\N{FIRST STRONG ISOLATE}" in told.blocks[0].text


@pytest.mark.slow
def test_no_value_of_a_patient_is_in_a_report():
    """Not one of them to ten digits, so that no mean is one of them by chance."""
    analysis, draws = found("usual")
    data = TRIALS["usual"](np.random.default_rng(5))
    told = markdown(document("usual")) + json_text(trial_data(assess_trial(analysis, draws), Locale("en")))
    values = np.concatenate([data.costs.ravel(), data.utilities.ravel(), data.covariates.ravel()])

    assert len(set(values[~np.isnan(values)])) > 800
    assert not [each for each in values[~np.isnan(values)] if repr(float(each))[:10] in told]


def test_a_report_reads_the_tables_that_the_assessment_holds(monkeypatch):
    """Once assessed, a document and plain data in both languages take no acceptability, frontier or error again."""
    assessed = trial_reports.assessed("three")
    for name in ("ceac", "frontier"):
        monkeypatch.setattr(decision, name, None)
    monkeypatch.setattr(PerspectiveAnalysis, "optimal_error", None)

    for lang in LANGUAGES:
        assert trial_document(assessed, Locale(lang)).blocks
        assert trial_data(assessed, Locale(lang))["perspectives"]["societal"]["ceac"]["wtp"] == list(
            range(0, 100_001, 5_000)
        )


def test_the_tables_are_those_of_the_verbs():
    """Of the draws of each perspective; the bound of the error is at least that of the share of draws."""
    analysis, draws = found("usual")
    assessed = assess_trial(analysis, draws, scenarios=iter([]))

    assert list(assessed.tables) == [each.name for each in analysis.perspectives] == ["societal", "healthcare"]
    assert (assessed.title, assessed.scenarios, assessed.seed) == (analysis.description.name, (), None)
    for name, held in assessed.tables.items():
        own = draws.sel(perspective=name)
        assert held.draws.identical(own)
        assert held.ratios.identical(hecon.icer(own))
        assert held.frontier.identical(hecon.frontier(own))
        assert held.acceptability.identical(hecon.ceac(own, wtp=held.acceptability["wtp"].values))
        assert min(min(errors.values()) for errors in held.acceptability_error.values()) >= 0.5 / 500**0.5
