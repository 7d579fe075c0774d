"""Other value sets: the same EQ-5D answers, against the trial analysed anew by a design that names the other set."""

import dataclasses
import json
import warnings

import dying
import numpy as np
import pandas as pd
import pytest

import hecon
from hecon import eq5d, trial, valuesets
from hecon.cli import main as cli
from hecon.errors import DossierError, InputError, StatisticalWarning, ValueSetError
from hecon.locale import LANGUAGES, Locale
from hecon.report.words.common import scenario_name
from hecon.trial import sensitivity
from hecon.trial.sensitivity import PREFIX, other_value_sets, revalued, sets_beside
from hecon.trial.table.design import design_of

pytestmark = pytest.mark.usefixtures("few_samples")

CROSSWALK = "nl-5l-crosswalk-2006"
OTHERS = ("uk-5l-2026", CROSSWALK)


@pytest.fixture(scope="module")
def drawn():
    """Return the table and the design of a small teaching trial."""
    return hecon.datasets.simulate_trial("meniscus", n=(40, 40), rng=1), hecon.datasets.trial_design("meniscus")


@pytest.fixture(scope="module")
def main(drawn):
    """Return the checked trial, and an analysis of it with few sets."""
    data = checked(*drawn)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", StatisticalWarning)
        return data, trial.analyse(data, imputations=3, replicates=50, rng=1)


def checked(table, design):
    """Return the checked trial, without its doubts."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", StatisticalWarning)
        return trial.trial_data(table, design)


def named(design, value_set):
    """Return a design with another value set."""
    return design.model_copy(update={"utility": design.utility.model_copy(update={"value_set": value_set})})


def own_set(folder, version="EQ-5D-5L", name="own.csv"):
    """Write a value set of one's own, in which each level takes off five hundredths."""
    lines = [f'# {key} = "{value}"' for key, value in (("title", "a"), ("source", "b"), ("version", version))]
    terms = [f"{item}{level},{-0.05 * (level - 1):g}" for item in valuesets.ITEMS for level in range(2, 6)]
    path = folder / name
    path.write_text("\n".join([*lines, "# year = 2025", "term,value", "start,1", *terms]) + "\n", encoding="utf-8")
    return str(path)


@pytest.mark.parametrize("value_set", [*OTHERS, "england-5l-2018"])
@pytest.mark.no_cover
def test_a_trial_valued_otherwise_is_that_of_the_other_design(drawn, value_set):
    """All that the data hold, to the last digit: utilities with what is missing, and the ends of the scale."""
    table, design = drawn
    found = revalued(checked(table, design), valuesets.find(value_set))
    other = checked(table, named(design, value_set))

    for part in dataclasses.fields(found):
        if part.name not in {"warnings", "reading", "codebook", "rules"}:
            ours, known = getattr(found, part.name), getattr(other, part.name)
            if isinstance(known, np.ndarray):
                np.testing.assert_array_equal(ours, known, err_msg=part.name)
            elif part.name != "subgroups":
                assert ours == known, part.name
    assert np.isnan(found.utilities).any()


@pytest.mark.slow
def test_the_scenario_is_the_trial_analysed_anew(drawn, main):
    """As many sets, the same seed: costs, QALYs and probabilities are equal to the last digit."""
    table, design = drawn
    data, analysis = main
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", StatisticalWarning)
        found = trial.scenarios(data, analysis, value_sets=OTHERS, wtp=30_000, rng=3)
        settings, seed = sensitivity.settings_of(data, analysis, 1), int(np.random.default_rng(3).integers(2**63))
        for name in OTHERS:
            again = trial.analyse(table, named(design, name), imputations=3, replicates=settings.replicates, rng=seed)
            own = [each for each in found if each.code == PREFIX + name]
            assert [each.perspective for each in own] == [each.name for each in analysis.perspectives]
            for each in own:
                known = again.perspective(each.perspective)
                assert each.delta_cost == known.delta_cost(each.strategy)
                assert each.delta_effect == known.delta_effect(each.strategy)
                assert each.p_cost_effective == {
                    value: known.p_cost_effective(each.strategy, wtp=value)
                    for value in (10_000, 20_000, 50_000, 80_000, 30_000)
                }
                assert (each.value_set.name, each.value_set.version, each.imputations) == (name, "EQ-5D-5L", 3)
    main_rows = [each for each in found if each.code == "main"]
    assert all(each.value_set is None for each in found if not each.code.startswith(PREFIX))
    assert main_rows[0].delta_effect != own[0].delta_effect
    assert [each.code for each in found][-4:] == [PREFIX + name for name in OTHERS for _ in analysis.perspectives]


def test_without_missing_values_nothing_is_imputed(drawn):
    """The way is there too where the other imputations are none."""
    table, design = drawn
    whole = table.fillna(table.median(numeric_only=True)).fillna(table.mode().iloc[0])
    items = [name for columns in design.utility.items for name in columns]
    whole[items] = whole[items].round()
    data = checked(whole, design)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", StatisticalWarning)
        analysis = trial.analyse(data, replicates=50, rng=1, monte_carlo_error=0.5)
    ways = list(sensitivity._others(data, analysis, 1, [valuesets.find(name) for name in OTHERS]))

    assert not np.isnan(data.utilities).any()
    assert [code for code, *_ in ways if code.startswith(PREFIX)] == [PREFIX + name for name in OTHERS]
    assert all(settings.given is None for code, _, _, settings in ways if code.startswith(PREFIX))


@pytest.mark.slow
def test_all_are_those_of_the_version(main):
    """Crosswalks among them, that of the design not."""
    found = [each.origin.name for each in other_value_sets(main[0], "all")]
    known = [each.name for each in eq5d.value_sets(version="EQ-5D-5L")]

    assert found == [name for name in known if name != "nl-5l-2016"]
    assert CROSSWALK in found
    assert len(found) == 61


def test_one_of_ones_own(main, tmp_path):
    """A file in place of a name; its digest is on record."""
    (chosen,) = other_value_sets(main[0], own_set(tmp_path))
    found = revalued(main[0], chosen)

    assert found.value_set.name == "own.csv"
    assert len(found.value_set.digest) == 64
    assert np.nanmax(found.utilities) == 1
    assert found.utility_floor == pytest.approx(0.0, abs=1e-12)


REFUSED = [
    (["uk-3l-1997"], r"of EQ-5D-3L: 'uk-5l-crosswalk-1997' values EQ-5D-5L answers on its scale$"),
    (
        ["nl-y3l-2022"],
        r"of EQ-5D-Y-3L: no crosswalk to it comes with hecon; hecon.eq5d.value_sets\(version=\"EQ-5D-5L\"\)",
    ),
    (["nl-5l-2016"], r"must be other sets than that of the design, each named once, got 'nl-5l-2016': leave it out$"),
    (["uk-5l-2026"] * 2, r"each named once, got 'uk-5l-2026' again: leave it out$"),
    (["uk-5l-2025"], r"value_set must be one of hecon.eq5d.value_sets\(\), got 'uk-5l-2025'"),
    (["absent.csv"], "value_set must be a file that exists, got 'absent.csv'"),
    (3, r'value_sets must be names of value sets, or "all", got 3$'),
]


@pytest.mark.parametrize(("asked", "message"), REFUSED)
def test_what_is_refused(main, asked, message):
    with pytest.raises(InputError, match=message):
        trial.scenarios(*main, value_sets=asked)


def test_remedies_work(main):
    """The crosswalk that a refusal names is taken; the sets that it points to are."""
    assert other_value_sets(main[0], "uk-5l-crosswalk-1997")[0].origin.version == "EQ-5D-5L"
    assert len(other_value_sets(main[0], [each.name for each in eq5d.value_sets(version="EQ-5D-5L")][:3])) == 3


def test_of_three_levels_there_is_no_crosswalk_to_five():
    own = valuesets.find("nl-3l-2006").origin
    message = r"version that was answered, EQ-5D-3L, got 'nl-5l-2016' of EQ-5D-5L: no crosswalk to it comes with hecon"
    with pytest.raises(InputError, match=message):
        sets_beside(own, "nl-5l-2016")
    assert {each.origin.version for each in sets_beside(own, "all")} == {"EQ-5D-3L"}


def test_a_file_with_faults_names_its_lines(main, tmp_path):
    path = tmp_path / "own.csv"
    path.write_text("term,value\n", encoding="utf-8")
    with pytest.raises(ValueSetError, match="title: is missing"):
        trial.scenarios(*main, value_sets=str(path))


def test_a_design_of_utilities_has_no_answers(main):
    """Nor has one of another effect."""
    bare = dataclasses.replace(main[0], states=None)
    message = "value_sets must be left out of a trial without EQ-5D answers, got 'all': only `items` or `states` under"
    with pytest.raises(InputError, match=message):
        other_value_sets(bare, "all")
    assert other_value_sets(bare, None) == ()


def test_a_crosswalk_leads_to_a_set_that_there_is():
    """Of each the set on whose scale it is, of the same country and year."""
    known = {each.name: each for each in eq5d.value_sets()}
    scales = {name: valuesets.scale_of(name) for name in known}

    assert sum(each is not None for each in scales.values()) == 13
    assert {known[each].version for each in scales.values() if each is not None} == {"EQ-5D-3L"}
    assert all(("Crosswalk" in known[name].title) == (scale is not None) for name, scale in scales.items())
    assert valuesets.scale_of("zz-5l-crosswalk-1900") is None


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_name_tells_a_crosswalk(lang):
    plain, across = (scenario_name(PREFIX + name, Locale(lang)) for name in OTHERS)

    assert plain == "value set uk-5l-2026"
    assert across.startswith("value set nl-5l-crosswalk-2006, ")
    assert across.endswith(" nl-3l-2006")
    assert scenario_name("unheard-of", Locale(lang)) == "unheard-of"


@pytest.mark.slow
def test_the_command(tmp_path):
    """In the table and with its source; refusals before the analysis."""
    table, design, _ = hecon.datasets.write_trial("meniscus", tmp_path, n=(40, 40), rng=1)
    own = own_set(tmp_path)
    quick = ["trial", str(table), str(design), "--imputations", "2", "--replicates", "50", "--draws", "200"]
    quick += ["--perspective", "societal", "--scenarios", "--value-set", CROSSWALK, "--value-set", own]
    assert (
        cli.main([*quick, "--lang", "en", "--length", "full", "--format", "json,md", "--out", str(tmp_path / "out")])
        == 0
    )
    written = {each.suffix: each.read_text(encoding="utf-8") for each in (tmp_path / "out").glob("meniscus.*")}
    found = json.loads(written[".json"])["scenarios"]
    assert [each["value_set"] for each in found][-2:] == [CROSSWALK, "own.csv"]
    out = " ".join(written[".md"].replace("\\", "").split())
    assert "| value set nl-5l-crosswalk-2006, a crosswalk to the scale of nl-3l-2006 |" in out
    assert "By another value set the same EQ-5D answers are valued, as if the design had named it." in out
    assert "nl-5l-crosswalk-2006, EQ-5D-5L: van Hout B" in out
    assert "own.csv (SHA-256 " in out


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--value-set", "all"], "trial --value-set takes --scenarios, among which it is"),
        (["--scenarios", "--value-set", "all", "--value-set", CROSSWALK], "trial --value-set all stands alone"),
        (["--scenarios", "--value-set", "uk-3l-1997"], "'uk-5l-crosswalk-1997' values EQ-5D-5L answers on its scale"),
    ],
)
def test_what_the_command_refuses(capsys, tmp_path, options, said):
    table, design, _ = hecon.datasets.write_trial("meniscus", tmp_path, n=(40, 40), rng=1)
    try:
        code = cli.main(["trial", str(table), str(design), *options])
    except SystemExit as stop:
        code = stop.code
    out, err = capsys.readouterr()

    assert (code in {1, 2}, out) == (True, "")
    assert said in err


@pytest.mark.parametrize("kind", ["deaths", "start", "planned"])
def test_what_is_settled_otherwise_than_by_answers_stays(kind):
    """The dead have 0, an assumed start its own utility, and beyond the planned follow-up nothing is known."""
    rng, whole = np.random.default_rng(4), dying.tree()
    _, table = dying.simulate(rng, 60)
    for column in ("u0", "u6", "u12", "u18", "u24"):
        states = rng.choice([11111, 21111, 11232, 33333, 55555], len(table))
        table[column.replace("u", "s")] = pd.array(np.where(table[column].isna(), None, states), dtype="Int64")
    table = table.drop(columns=["u0", "u6", "u12", "u18", "u24"])
    months = [0, 6, 12, 18, 24]
    if kind == "start":
        months = months[1:]
    if kind == "planned":
        del whole["death"]
        whole |= {"planned": {"follow_up": "planned"}}
        table = table.drop(columns="died_in").assign(planned=rng.choice([12, 24], len(table)))
        table.loc[table["planned"] == 12, ["s18", "s24", "care_18", "care_24"]] = None
    whole["utility"] = {"months": months, "value_set": "nl-5l-2016", "states": [f"s{month}" for month in months]}
    if kind == "start":
        whole["utility"]["start"] = 0.6
    design = design_of(whole)
    found = revalued(checked(table, design), valuesets.find("uk-5l-2026"))
    known = checked(table, named(design, "uk-5l-2026"))

    np.testing.assert_array_equal(found.utilities, known.utilities)
    np.testing.assert_array_equal(found.costs, known.costs)
    assert (found.utilities[:, -1] == 0).any() == (kind != "planned")
    assert kind != "start" or (found.utilities[:, 0] == 0.6).all()
    assert np.isnan(found.utilities).any()


# A dossier ------------------------------------------------------------------------------------------------------------


def dossier(folder, *extra):
    """Write the teaching trial with a dossier whose comparisons have further keys of their data; return its path."""
    *_, file = hecon.datasets.write_trial("meniscus", folder, n=(40, 40), rng=1)
    last = 'design = "meniscus-simulated.toml"\n'
    first, *rest = file.read_text(encoding="utf-8").split(last)
    text = first + "".join(f"{last}{keys}\n{part}" for keys, part in zip((*extra, ""), rest, strict=False))
    file.write_text(text, encoding="utf-8")
    return file


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        ('value_sets = ["uk-5l-2026"]', "must be left out without scenarios = true, got 'uk-5l-2026': they are scen"),
        (
            'scenarios = true\nvalue_sets = ["uk-3l-1997"]',
            "must be of the version that was answered, EQ-5D-5L, got 'uk",
        ),
        (
            'scenarios = true\nvalue_sets = ["uk-5l"]',
            "must be one of hecon.eq5d.value_sets(), got 'uk-5l'; did you mean",
        ),
        ('scenarios = true\nvalue_sets = ["bad.csv"]', "bad.csv: title: is missing: add a line"),
        ('scenarios = true\nvalue_sets = ["absent.csv"]', "must be a file that exists, got '"),
    ],
)
def test_what_a_dossier_may_not_ask_for(tmp_path, keys, said):
    """Each with the path of the key, at loading."""
    (tmp_path / "bad.csv").write_text("term,value\n", encoding="utf-8")
    file = dossier(tmp_path, keys, "")
    with pytest.raises(DossierError) as caught:
        hecon.load(file)

    told = [each for each in caught.value.faults if each.startswith("comparison[0].data.value_sets: ")]
    assert len(told) == len(caught.value.faults)
    assert any(said in each for each in told), told


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::hecon.errors.StatisticalWarning")
def test_each_comparison_has_the_value_sets_that_it_asks_for(tmp_path, monkeypatch):
    """One analysis of the trial for both; a file is looked for beside the dossier; the note names them."""
    own_set(tmp_path)
    file = dossier(tmp_path, 'scenarios = true\nvalue_sets = ["uk-5l-2026", "own.csv"]', "scenarios = true")
    asked, made = [], []

    def few(*args, **options):
        return analyse(*args, **options, imputations=2, replicates=50)

    def kept(data, main, *, value_sets, rng):
        asked.append(value_sets)
        made.append(scenarios(data, main, value_sets=value_sets, rng=rng))
        return made[-1]

    analyse, scenarios = trial.analyse, trial.scenarios
    monkeypatch.setattr(trial, "analyse", few)
    monkeypatch.setattr(trial, "scenarios", kept)
    assessment = hecon.assess(file, n_draws=100)
    first, second = assessment.comparisons

    assert asked == [["uk-5l-2026", str(tmp_path / "own.csv")]]
    names = [PREFIX + "uk-5l-2026", PREFIX + "own.csv"]
    assert [each.code for each in first.scenarios][-2:] == names
    assert not any(each.code.startswith(PREFIX) for each in second.scenarios)
    assert set(names) <= set(first.varied)
    assert "value set uk-5l-2026" in hecon.summary(assessment, lang="en").text("md")
