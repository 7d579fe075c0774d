"""The note of a dossier that names patient data: computed, not reported, and SIMULATED where it is."""

from __future__ import annotations

import json
import re
from functools import cache

import numpy as np
import pandas as pd
import pytest
import trial_dossiers as trials
from drawn import drawn_once

import hecon
from hecon import zin
from hecon.cli import main as cli
from hecon.locale import LANGUAGES, Locale
from hecon.report.sections.overview import key_tables
from hecon.trial.estimates import Estimate
from hecon.trial.sensitivity import Scenario

# Every test looks at whole assessments, and whichever comes first makes them.
pytestmark = pytest.mark.slow

LANGS = LANGUAGES
SIMULATED = {"nl": "GESIMULEERDE DATA", "en": "SIMULATED DATA"}
COMPUTED = {"nl": "berekend uit patiëntgegevens", "en": "computed from patient data"}
WHOLE = trials.DESIGN.replace("simulated = true", "")
VARIED = trials.COMPARISON.format(perspective="societal", extra="scenarios = true")


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    return trials.write(tmp_path_factory.mktemp("trial"))


@pytest.fixture(scope="module")
def found(path):
    return hecon.assess(path, n_draws=1000)


@pytest.fixture(scope="module")
def written(found):
    """Return a function that writes its note in a language and format, each once, with a figure of each kind."""

    @cache
    def text(lang, kind):
        with drawn_once(("note of patient data", lang)):
            return hecon.summary(found, lang=lang).text(kind)

    return text


@pytest.fixture(scope="module")
def of_patients(tmp_path_factory):
    """Assess a dossier with patient data that are not simulated, beside a comparison that was reported."""
    folder = tmp_path_factory.mktemp("patients")
    return hecon.assess(trials.write(folder, trials.BOTH + trials.REPORTED, design=WHOLE), n_draws=1000)


@pytest.fixture(scope="module")
def varied(tmp_path_factory):
    """Assess a dossier that asks for scenarios, of which one turns the conclusion at the highest value."""

    def scenarios(data, main, *, value_sets, rng):
        del data, main, value_sets, rng
        for code, cost in (("main", 500.0), ("complete-case", 9000.0), ("worse-all", 510.0)):
            pair = (Estimate(cost, 200.0, 70.0, (100.0, 900.0)), Estimate(0.05, 0.02, 70.0, (0.01, 0.09)))
            yield Scenario(code, "societal", "walking", *pair, dict.fromkeys(zin.REFERENCE_VALUES, 0.5))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("hecon.trial.scenarios", lambda *args, **options: tuple(scenarios(*args, **options)))
        return hecon.assess(trials.write(tmp_path_factory.mktemp("varied"), VARIED), n_draws=1000)


def markdown(assessment, lang):
    return hecon.summary(assessment, lang=lang).text("md")


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("kind", ["html", "md", "json"])
def test_a_note_on_simulated_data_says_so_first(written, lang, kind):
    """In its title and before anything else, and of every trial in the overview."""
    text = written(lang, kind)
    label = Locale(lang).text("trial_note.label", trial="HIP")

    if kind == "json":
        data = json.loads(text)
        assert data["title"].startswith(SIMULATED[lang])
        assert all(each["trial_analysis"]["simulated"] is True for each in data["comparisons"])
        return
    assert text.index(SIMULATED[lang]) < text.index("HIP")
    assert text.count(SIMULATED[lang]) >= 5
    assert label in text
    if kind == "html":
        assert f"<title>{SIMULATED[lang]}" in text


@pytest.mark.parametrize("lang", LANGS)
def test_data_of_patients_are_not_called_simulated(of_patients, lang):
    """Nowhere in the note."""
    for kind in ("md", "json"):
        assert not re.search("simulated data|gesimuleerde|SIMULATED", hecon.summary(of_patients, lang=lang).text(kind))


@pytest.mark.parametrize("lang", LANGS)
def test_computed_figures_are_not_called_reported(found, lang):
    """Their status stands with them: in the results and in the annex."""
    text = markdown(found, lang)

    assert text.count(COMPUTED[lang]) >= 2 * 2 + 2 * 5
    for key in ("comparison.reported", "assumptions.normality", "verdict.flips"):
        assert Locale(lang).text(key) not in text


@pytest.mark.parametrize("lang", LANGS)
def test_reported_and_computed_stand_in_one_note(of_patients, lang):
    """Each with its own words."""
    text = markdown(of_patients, lang)
    body, _, annexes = text.partition(f"\n## {Locale(lang).text('note.annexes')}\n")
    parts = [*body.split("\n## "), *annexes.split("\n### ")]
    reported, computed = ("\n".join(part for part in parts if part.startswith(name)) for name in ("OTHER", "HIP"))

    assert COMPUTED[lang] not in reported
    assert Locale(lang).text("comparison.reported") in reported
    assert Locale(lang).text("trial_note.heading") in computed
    assert Locale(lang).text("comparison.rounding_only") in reported
    assert Locale(lang).text("trial_note.no_range") in computed
    assert Locale(lang).text("assumptions.normality") in text


@pytest.mark.parametrize("lang", LANGS)
def test_comparisons_of_one_trial_share_its_section(found, lang):
    """Patients, missing values and methods stand once, the results of each perspective beside them."""
    text = markdown(found, lang)
    heading = Locale(lang).text("trial_note.section", trial="HIP")

    assert text.count(f"\n### {SIMULATED[lang]}. {heading}\n") == 1
    assert text.count(f"\n#### {Locale(lang).text('trial.patients_heading')}\n") == 1
    assert text.count(f"\n#### {Locale(lang).text('trial.method_heading')}\n") == 1
    for perspective in ("societal", "healthcare"):
        told = Locale(lang).text(f"perspective.{perspective}")
        assert text.count(f"\n#### {Locale(lang).text('trial.results', perspective=told)}\n") == 1


@pytest.mark.parametrize("lang", LANGS)
def test_what_the_design_tells_is_not_unreported(found, lang):
    """The value set and the missing values are known; what only an author knows stays unreported."""
    text = markdown(found, lang)
    start = f"- {Locale(lang).text('not_reported').capitalize()}"
    lines = "\n".join(each for each in text.splitlines() if each.startswith(start))

    for key in ("value_set", "missing_data", "missing_by_arm"):
        assert Locale(lang).text(f"setting.{key}") not in lines
    assert Locale(lang).text("setting.analysis") in lines
    assert Locale(lang).text("trial_note.by_arm") in text
    assert "nl-5l-2016" in text


@pytest.mark.parametrize("lang", LANGS)
def test_arms_bear_the_names_of_the_dossier(found, lang):
    """Those of the design are the computer's."""
    name = {"nl": "gebruikelijke zorg", "en": "usual care"}[lang]
    section = markdown(found, lang).split(Locale(lang).text("trial_note.section", trial="HIP"))[-1]

    assert f"| {name} | 40 |" in section
    assert "| usual |" not in section


@pytest.mark.parametrize("lang", LANGS)
def test_scenarios_are_told_and_what_they_turn(varied, lang):
    """Beside their table, the verdict names those that conclude otherwise, and the range says what it is over."""
    text = markdown(varied, lang)
    complete = Locale(lang).text("trial_scenario.complete-case")
    worse = Locale(lang).text("trial_scenario.worse-all")

    turned = Locale(lang).text("trial_note.flips", names=complete)
    assert text.count(turned) == len(zin.REFERENCE_VALUES)
    assert Locale(lang).text("trial_note.range", names=f"{complete}; {worse}") in text
    assert f"### {Locale(lang).text('trial.sensitivity')}" in text
    assert f"| {worse} |" in text
    assert Locale(lang).text("verdict.flips") not in text
    assert Locale(lang).text("conclusion.word_scenarios") in text


@pytest.mark.parametrize("lang", LANGS)
def test_the_data_hold_the_analysis(varied, lang):
    """All keys of a reported comparison, and under ``trial_analysis`` what was done, its files and its scenarios."""
    data = hecon.summary(varied, lang=lang).data["comparisons"][0]

    assert data["trial_analysis"]["patients"] == {"usual": 40, "walking": 40}
    assert data["trial_analysis"]["source"]["file"] == "trial.csv"
    assert [each["code"] for each in data["trial_analysis"]["scenarios"]] == ["main", "complete-case", "worse-all"]
    assert data["parameters"]["delta_cost"]["value"] == data["delta_cost"]
    assert {each["status"] for each in data["parameters"].values()} == {"computed"}
    assert data["varied"] == ["complete-case", "worse-all"]
    assert data["p_cost_effective_range"]["10000"] is None
    assert (data["statistics"], data["checks"]) == ([], [])
    assert (
        Locale(lang).text("trial_note.flips", names=Locale(lang).text("trial_scenario.complete-case"))
        in (data["verdict_detail"]["20000"]["words"])
    )


def test_the_keys_are_those_of_a_reported_comparison(of_patients):
    """And one more, so that what reads the file need not know of patient data."""
    computed, _, reported = hecon.summary(of_patients).data["comparisons"]

    assert set(computed) - set(reported) == {"trial_analysis"}
    assert set(reported) <= set(computed)
    assert set(computed["parameters"]) == set(reported["parameters"])
    assert set(computed["parameters"]["delta_cost"]) == set(reported["parameters"]["delta_cost"])


def test_provenance_tells_both_files(found):
    """With their digests, of the table and of its design."""
    text = markdown(found, "en")
    told = found.provenance["patient_data"][0]

    assert (
        f"Patient data trial.csv, SHA-256 {told['digest']}; design trial.toml, SHA-256 {told['design_digest']}" in text
    )


def test_no_value_of_a_patient_is_told(written):
    """Nor any identifier: counts, means and spreads only."""
    records = trials.table(np.random.default_rng(7))
    exact = {f"{value:.6f}" for value in records.drop(columns=["patient", "arm"]).to_numpy().ravel()} - {
        "nan",
        "1.000000",
    }
    for kind in ("md", "html", "json"):
        text = written("en", kind)

        assert "SECRET" not in text
        assert not exact & set(re.findall(r"\d+\.\d{6}", text))


def test_figures_are_drawn_without_a_range(written):
    """Of patient data no rounding or assumption leaves a band, and no caption promises one."""
    for lang in LANGS:
        html = written(lang, "html")

        assert html.count("<figure") == 2 * 4 + 1
        assert Locale(lang).text("figure.acceptability", intervention="walking") not in html
        assert Locale(lang).text("trial_figure.acceptability", unit="QALY") in html


def test_warnings_stand_with_the_analysis(tmp_path):
    """What is doubtful is told in the section of the trial."""
    records = trials.table(np.random.default_rng(5), n=9, missing=0.0)
    with pytest.warns(hecon.StatisticalWarning):
        few = hecon.assess(trials.write(tmp_path, records=records), n_draws=10)

    text = markdown(few, "en")
    assert text.count("has fewer than 10 patients") == 2
    assert "The data of 18 of them are complete." in text


def test_three_arms_are_two_comparisons_of_one_trial(tmp_path):
    """Each against the comparator; the section of the trial names all arms as the dossier does."""
    third = '[[intervention]]\nid = "cycling"\nname = { nl = "fietsen", en = "riding a bicycle" }\n'
    other = trials.COMPARISON.format(perspective="societal", extra="").replace("hip-", "bike-")
    text = trials.COMPARISON.format(perspective="societal", extra="") + other.replace('"walking"', '"cycling"')
    design = trials.DESIGN.replace('["walking"]', '["walking", "cycling"]')
    records = trials.table(np.random.default_rng(7))
    again = trials.table(np.random.default_rng(8)).replace({"arm": {"walking": "cycling"}})
    again["patient"] += "x"
    path = trials.write(tmp_path, text, design=design, records=pd.concat([records, again]), head=trials.HEAD + third)

    found = hecon.assess(path, n_draws=100)
    note = markdown(found, "en")

    assert found.comparisons[0].trial is found.comparisons[1].trial
    assert found.comparisons[0].delta_cost != found.comparisons[1].delta_cost
    assert "| usual care | 80 |" in note
    assert "| walking | 40 |" in note
    assert "| riding a bicycle | 40 |" in note
    assert "Riding a bicycle: 40 patients; usual care: 80 patients." in note


def test_names_of_files_and_arms_are_text(tmp_path):
    """Nothing in a design or a name of a file becomes markup, or turns the words beside it."""
    odd = "usual <b>*x*</b> \u05d0"
    design = trials.DESIGN.replace('comparator = "usual"', f'comparator = "{odd}"').replace(
        '"informal care"', '"<i>care</i>"'
    )
    records = trials.table(np.random.default_rng(7)).replace({"arm": {"usual": odd}})
    text = trials.BOTH.replace('usual-care = "usual"', f'usual-care = "{odd}"').replace("trial.csv", "a_*b*_.csv")
    path = trials.write(tmp_path, text, design=design, records=records)
    (tmp_path / "trial.csv").rename(tmp_path / "a_*b*_.csv")

    summary = hecon.summary(hecon.assess(path, n_draws=10), lang="en")

    with drawn_once("odd names of arms"):
        page = summary.text("html")

    assert "<i>care" not in page
    assert "&lt;i&gt;care" in page
    assert re.search(r"(?<!\\)<i>care", summary.text("md")) is None
    assert "*b*" not in summary.text("md")
    assert summary.data["comparisons"][0]["trial_analysis"]["source"]["file"] == "a_*b*_.csv"


def test_the_command_assesses_patient_data(path, tmp_path, capsys):
    """It prints the table, writes the files, and tells faults of the table on standard error."""
    with drawn_once():
        assert cli.main(["assess", str(path), "--draws", "100", "--out", str(tmp_path / "out")]) == 0
    assert "HIP (SIMULATED)" in capsys.readouterr().out
    # The note in both languages and three formats; as one page it has no data of its own.
    kinds = {"html", "md", "json"}
    assert {path.name for path in (tmp_path / "out").iterdir()} == {
        f"walking-note{length}.{lang}.{kind}"
        for lang in LANGS
        for length, ends in (("", kinds), (".brief", kinds - {"json"}))
        for kind in ends
    }

    spoiled = trials.table(np.random.default_rng(7))
    spoiled.loc[3, "u12"] = 7.5
    assert cli.main(["assess", str(trials.write(tmp_path, records=spoiled)), "--draws", "100"]) == 1
    told = capsys.readouterr().err
    assert "column 'u12', row 4" in told
    assert "7.5" not in told


def test_the_overview_marks_simulated_trials_alone(of_patients, found):
    """In the column of the trial."""

    def trials_of(assessment):
        return {row[0].partition(",")[0] for row in key_tables(assessment, Locale("en"))[0].rows}

    assert trials_of(found) == {"HIP (SIMULATED)", ""}
    assert trials_of(of_patients) == {"HIP", "OTHER", ""}
