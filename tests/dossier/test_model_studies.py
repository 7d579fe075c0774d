"""A further study that a dossier states of a model's draws: its value in the note and by `hecon voi`, and refusals."""

from __future__ import annotations

import dataclasses
import json
import re

import numpy as np
import oracles
import pytest
import xarray as xr
from drawn import drawn_once
from model_dossiers import COSTS, KINDS, PEOPLE, chemotherapy, events, study, write

import hecon
from hecon import studies
from hecon.assessment.information import StudyPlan, research_value
from hecon.cli import main as cli
from hecon.errors import DossierError
from hecon.files.parts import LANGUAGES
from hecon.locale import Locale
from hecon.report.document import Figure, Heading, Paragraph, Table
from hecon.report.sections import assumptions, research

pytestmark = [pytest.mark.slow, pytest.mark.counted]

NBSP = "\N{NO-BREAK SPACE}"
# As `hecon.studies` has each of the kinds.
STUDIES = {
    "two-arm-binary": studies.two_arm_binary("p_usual_care", "p_new"),
    "two-arm-normal": studies.two_arm_normal("p_usual_care", "p_new", sd=0.45),
    "cost-and-effect": studies.cost_and_effect("dc", "de", sd=(4000, 0.2), correlation=-0.1),
    "follow-up": studies.follow_up("rate", years=1),
}


def sample(tmp_path, stated=None, *, people=PEOPLE, costs=COSTS, draws=None, **keywords):
    extra = study() if stated is None else stated
    return write(tmp_path, events() if draws is None else draws, extra=extra + people + costs, **keywords)


_ASSESSED = {}


def assessed(tmp_path, stated=None, **keywords):
    """Write such a sample and return its assessment, made once for all tests: it is frozen."""
    path, key = sample(tmp_path, stated, **keywords), (study() if stated is None else stated, *keywords.items())
    if key not in _ASSESSED:
        _ASSESSED[key] = hecon.assess(path)
    return _ASSESSED[key]


@pytest.fixture(scope="module")
def of_voi(tmp_path_factory):
    """Return what voi 1.0.3 gives of a trial of its chemotherapy by size and value, and the assessment of the same."""
    columns = oracles.table("voi_chemo_evsi_gam_trial_binary.csv")
    rows = zip(*(map(float, columns[name]) for name in ("n", "k", "evsi")), strict=True)
    known = {(int(n), k): value for n, k, value in rows}
    people = PEOPLE.replace("value = 20000", "value = 46000")
    costs = COSTS.replace("200000", "7500000").replace("800", "17500").replace("600", "10000")
    stated = study(SIDE_EFFECTS, n=sorted({n for n, _ in known}), months=3) + people + costs
    return known, hecon.assess(chemotherapy(tmp_path_factory.mktemp("voi"), currency="EUR", study=stated))


def told(blocks):
    """Return the paragraphs and lists of a section as one text."""
    texts = [getattr(each, "text", "") or " ".join(getattr(each, "items", ())) for each in blocks]
    return " ".join(texts).replace(NBSP, " ")


def note(assessment, lang):
    return told(research.blocks(assessment, Locale(lang)))


def rows(assessment, lang, start):
    """Return the rows of the table of the annex whose caption begins so."""
    blocks = research.annex(assessment, Locale(lang))
    (found,) = (each for each in blocks if isinstance(each, Table) and each.caption.startswith(start))
    return [tuple(cell.replace(NBSP, " ") for cell in row) for row in found.rows]


def verb(tmp_path, assessment, future, n, wtp):
    """Return what `hecon.evsi` gives of the same file, with the same seed."""
    draws, parameters = hecon.read_draws(tmp_path / "model.csv", currency="EUR", effect_unit="QALY")
    seed = assessment.provenance["study_seed"]
    return draws, hecon.evsi(draws, parameters.drop(columns="fixed"), future, n=n, wtp=wtp, rng=seed)


@pytest.mark.parametrize("kind", KINDS)
def test_the_numbers_are_those_of_the_verbs(tmp_path, kind):
    """EVSI, its error and its value to all from the result on, and ENBS with what participants forgo."""
    assessment = assessed(tmp_path, study(KINDS[kind]))
    (found,) = assessment.information
    draws, worth = verb(tmp_path, assessment, STUDIES[kind], [50, 200, 800], found.value)
    arms = 1 if kind == "follow-up" else 2
    means = hecon.net_benefit(draws, wtp=found.value).mean("draw")
    lost = 0.0 if arms == 1 else float(abs(means.diff("strategy")).item())
    people = {"population": 20_000, "discount": 0.03}
    net = hecon.enbs(
        worth, accrual=600, follow_up=1, analysis=0.5, fixed_cost=200_000, cost_per_patient=800, forgone=lost, **people
    ).squeeze()

    assert found.arms == worth.attrs["arms"] == arms
    assert [each.n for each in found.studies] == [50, 200, 800]
    assert [each.evsi for each in found.studies] == pytest.approx(worth["evsi"].to_numpy().ravel().tolist())
    assert [each.se for each in found.studies] == pytest.approx(worth["se"].to_numpy().ravel().tolist())
    for each in found.studies:
        delay = arms * each.n / 600 + 1.5
        total = hecon.population_value(each.evsi, delay=delay, **people)
        assert list(each.population.values()) == pytest.approx(total.to_numpy().tolist())
    for years, best in found.best.items():
        at = net.sel(lifetime=years)
        assert (best.n, best.low, best.high) == (at["optimal_n"], at["n_low"], at["n_high"])
        assert best.enbs == pytest.approx(at["optimal_enbs"].item())
        error = 0.0 if best.n == 0 else (at["reached"] * worth["se"].squeeze()).sel(n=best.n).item()
        assert best.se == pytest.approx(error)
    assert (found.best[20.0].n > 0) == (kind != "follow-up")  # certainty about the rate is worth next to nothing


def test_what_a_study_is_worth_rises_to_what_its_parameters_are(tmp_path):
    assessment = hecon.assess(sample(tmp_path, study(n=(20, 100, 500, 100_000))))
    (found,) = assessment.information
    draws, parameters = hecon.read_draws(tmp_path / "model.csv", currency="EUR", effect_unit="QALY")
    whole = hecon.evppi(draws, parameters, of=("p_usual_care", "p_new"), wtp=found.value)
    values = [each.evsi for each in found.studies]

    assert values == sorted(values)
    assert values[-1] == pytest.approx(whole["evppi"].item(), rel=0.03)
    assert values[-1] <= found.evpi


SIDE_EFFECTS = 'kind = "two-arm-binary"\ncontrol = "p_side_effects_t1"\ntreated = "p_side_effects_t2"'


def test_chemotherapy_of_voi_within_its_error(of_voi):
    """EVSI of voi 1.0.3 over n and values per QALY, by a dossier; as for the verb, an error of the value for both."""
    wtp = [15_000.0, 20_000.0, 30_000.0, 50_000.0]
    known, assessment = {key: value for key, value in of_voi[0].items() if key[1] in wtp}, of_voi[1]
    (in_note,) = assessment.information
    found = research_value(assessment, assessment.comparisons[0], wtp=wtp).sampled

    assert len(known) == 20
    for (n, k), value in known.items():
        at = found.sel(n=n, wtp=k)
        assert at["evsi"].item() == pytest.approx(value, abs=2 * at["se"].item()), (n, k)
    for each in in_note.studies:
        assert each.evsi == found["evsi"].sel(n=each.n, wtp=20_000).item()


def test_the_net_benefit_is_that_of_voi(of_voi):
    """Its costs and patients: from its EVSI of this trial the best size, and its curve where nothing is learned.

    Its own curve is that of a trial of which only the odds ratio is used: that of both risks lies above it.
    """
    known, assessment = {n: value for (n, k), value in of_voi[0].items() if k == 20_000}, of_voi[1]
    (found,) = assessment.information
    theirs = xr.DataArray([[value] for value in known.values()], {"n": list(known), "wtp": [20_000]})
    expected = hecon.enbs(
        theirs, population=46_000, discount=0.03, accrual=10_000, follow_up=0.25, analysis=0.5, fixed_cost=7.5e6,
        cost_per_patient=17_500, arms=2, forgone=found.curve["forgone"].item(),
    ).squeeze()  # fmt: skip

    for years, best in found.best.items():
        at = expected.sel(lifetime=years)
        assert best.n == at["optimal_n"]
        assert best.enbs == pytest.approx(at["optimal_enbs"].item(), abs=2 * best.se)

    columns = oracles.table("voi_chemo_enbs.csv")
    rows = zip(*(map(float, columns[name]) for name in ("n", "k", "enbs")), strict=True)
    curve = {(int(n), k): value for n, k, value in rows if n in known and k in {10_000, 20_000}}
    factor = 46_000 * (1 - np.exp(-0.035 * 10)) / 0.035
    plan = StudyPlan(accrual=1e12, follow_up=0, fixed_cost=7.5e6, cost_per_patient=17_500)
    value = research_value(
        assessment,
        assessment.comparisons[0],
        wtp=[10_000, 20_000],
        lifetime=[10],
        discount=np.exp(0.035) - 1,
        plan=plan,
    )
    ours = (value.study["enbs"] + value.study["forgone"]).squeeze()
    assert len(curve) == 10
    for n in known:
        error = factor * value.sampled["se"].sel(n=n, wtp=10_000).item()
        assert ours.sel(n=n, wtp=10_000).item() == pytest.approx(curve[n, 10_000], abs=2 * error + 1)
        assert ours.sel(n=n, wtp=20_000).item() > curve[n, 20_000]


SENTENCES = {
    "en": (
        "(a two-arm trial with a binary outcome, which measures p_usual_care and the risk with the new care; follow-up",
        "At the costs in the dossier the best size is",
    ),
    "nl": (
        "(een studie met twee armen en een binaire uitkomst, die p_usual_care en het risico met de nieuwe zorg meet;",
        "Met de kosten in het dossier is de beste omvang",
    ),
}
CALLED = 'parameter_names.p_new = { nl = "het risico met de nieuwe zorg", en = "the risk with the new care" }\n'


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_words_hold_the_numbers(tmp_path, lang):
    assessment = assessed(tmp_path, CALLED + study())
    (found,) = assessment.information
    text, locale = note(assessment, lang), Locale(lang)
    best = found.best[10.0]
    at = {each.n: each for each in found.studies}[best.n]

    assert best.n > 0
    assert all(each in text for each in SENTENCES[lang])
    for number in (locale.money(at.evsi), locale.money(at.se), f"{best.n} per arm"):
        assert number.replace(NBSP, " ") in text
    table = rows(assessment, lang, locale.catalogue["worth.sizes_stated"].partition("{")[0])
    assert [row[:3] for row in table] == [
        tuple(each.replace(NBSP, " ") for each in (locale.number(own.n), locale.money(own.evsi), locale.money(own.se)))
        for own in found.studies
    ]
    (five, ten, twenty) = rows(assessment, lang, locale.catalogue["worth.best_sizes"].partition("{")[0])
    assert [each[0] for each in (five, ten, twenty)] == ["5", "10", "20"]
    assert ten[1] == locale.number(best.n)
    stated = rows(assessment, lang, locale.text("worth.as_stated"))
    assumed = locale.text("status.assumed")
    assert {row[2:] for row in stated[:4]} == {
        (assumed, "our own choice" if lang == "en" else "zelf gekozen", "protocol, page 7")
    }
    assert [row[1] for row in stated[4:]] == [
        locale.money(200_000).replace(NBSP, " "), locale.money(800).replace(NBSP, " "), "600", "6",
    ]  # fmt: skip
    assert locale.text("assumptions.in_study") in told(assumptions.annex(assessment, locale))


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_cohort_has_patients_and_no_arms(tmp_path, lang):
    """Longer follow-up of one parameter: nobody's care changes, so that nobody forgoes anything."""
    assessment = assessed(tmp_path, study(KINDS["follow-up"], months=36))
    (found,) = assessment.information
    locale = Locale(lang)
    figures = [each for each in research.blocks(assessment, locale) if isinstance(each, Figure)]
    annex = told(research.annex(assessment, locale))

    assert found.stated.follow_up == found.delay == 3
    assert float(found.curve["forgone"].max()) == 0
    assert " per arm" not in note(assessment, lang) + figures[-1].alt
    assert locale.text("worth.size_one", n="800") in note(assessment, lang) + figures[-1].alt
    assert locale.text("worth.model_cohort") in annex
    assert locale.text("worth.model_trial") not in annex
    assert len(rows(assessment, lang, locale.text("worth.as_stated"))) == 3 + 4


@pytest.mark.parametrize("lang", LANGUAGES)
def test_without_a_study_the_note_says_how_to_state_one(tmp_path, lang):
    assessment = assessed(tmp_path, "", costs="")
    annex = told(research.annex(assessment, Locale(lang)))

    places = {"study": "[comparison.draws.study]", "costs": "[research.study]"}
    assert Locale(lang).text("worth.model_study", **places) in annex


def test_without_a_study_the_command_says_so(tmp_path, capsys):
    assert cli.main(["voi", str(sample(tmp_path, "", costs="")), "--wtp", "20000"]) == 0
    assert "the dossier states none. [comparison.draws.study] in it" in " ".join(capsys.readouterr().out.split())


def test_hostile_words_are_words(tmp_path):
    """Names of parameters and what a study rests on stand as text on the page, in the section and in its annex."""
    attack = "<b>x</b> [y](http://z) \N{HEBREW LETTER ALEF}"
    named = f"parameter_names.p_new = {{ nl = '{attack} naam', en = '{attack} name' }}\n"
    stated = study().replace("our own choice", f"{attack} basis")
    summary = hecon.summary(hecon.assess(sample(tmp_path, named + stated)), lang="en")
    with drawn_once("hostile parameters"):
        page = summary.text("html")

    assert "<b>x</b>" not in page
    assert page.count("&lt;b&gt;x&lt;/b&gt; [y](http://z)") > 2
    assert "[y](http://z)" not in summary.text("md")


def test_a_study_changes_nothing_else(tmp_path):
    """The note without it has the same blocks but for the way to state one, and the same numbers."""
    with_it, without = (assessed(tmp_path, each, costs="") for each in (study(), ""))
    (found,), (plain,) = with_it.information, without.information
    kept = {"studies": (), "best": {}, "delay": 0.0, "stated": None, "curve": None}

    assert dataclasses.replace(found, **kept) == plain
    assert "study_seed" not in without.provenance
    blocks = research.blocks(without, Locale("en"))
    assert [each for each in research.blocks(with_it, Locale("en")) if _key(each) in list(map(_key, blocks))] != []
    longer = list(map(_key, research.blocks(with_it, Locale("en"))))
    assert [each for each in longer if each in list(map(_key, blocks))] == list(map(_key, blocks))
    assert len(longer) == len(blocks) + 2  # a paragraph and a figure
    (data,) = research.data(without, Locale("en"))["information"]
    assert not {"stated", "se"} & set(data)
    assert research.worth_sentence(with_it, Locale("en")) == research.worth_sentence(without, Locale("en"))


def _key(block):
    return getattr(block, "text", None) or getattr(block, "caption", None)


def test_what_is_not_on_file_is_said(tmp_path):
    """Without costs no best size; without a population all is for 1,000 patients a year; of one size no figure."""
    assessment = hecon.assess(sample(tmp_path, study(n=(200,)), people="", costs=""))
    (found,) = assessment.information
    text = note(assessment, "en")

    assert (found.per_year, found.best) == (None, {})
    assert "for every 1,000 patients a year once its result is known." in text
    assert Locale("en").text("worth.no_costs") in text
    assert [each.kind for each in research.blocks(assessment, Locale("en")) if isinstance(each, Figure)] == [
        "information_rank"
    ]
    assert "worth.model_trial" not in told(research.annex(assessment, Locale("en")))


def test_too_few_draws_are_a_reason(tmp_path, capsys):
    path = sample(tmp_path, draws="\n".join(events().splitlines()[:41]) + "\n")
    assessment = hecon.assess(path)

    for lang in LANGUAGES:
        assert Locale(lang).text("worth.stated_few_draws") in note(assessment, lang)
    assert assessment.information[0].studies == ()
    assert cli.main(["voi", str(path)]) == 0
    assert "the further study in the dossier is worth was not computed" in " ".join(capsys.readouterr().out.split())


def test_a_study_of_two_of_three_options(tmp_path):
    """The choice is between all; the arms forgo what they yield less than the option that is preferred now."""
    names = ("usual-care", "new", "newer")
    kind = KINDS["two-arm-binary"].replace("p_new", "p_newer")
    stated = study(kind, more='arms = ["usual-care", "newer"]')
    path = sample(tmp_path, stated, draws=events(names=names), more='other_interventions = ["newer"]')
    path.write_text(
        path.read_text(encoding="utf-8").replace(
            "[[comparison]]", '[[intervention]]\nid = "newer"\nname = { nl = "nieuwer", en = "newer" }\n[[comparison]]'
        ),
        encoding="utf-8",
    )
    assessment = hecon.assess(path)
    found = assessment.information[0]
    future = studies.two_arm_binary("p_usual_care", "p_newer")
    draws, worth = verb(tmp_path, assessment, future, [50, 200, 800], found.value)
    means = hecon.net_benefit(draws, wtp=found.value).mean("draw").squeeze()
    lost = sum(float(means.max() - means.sel(strategy=name)) for name in ("usual-care", "newer"))

    assert found.stated.arms == ("usual-care", "newer")
    assert [each.evsi for each in found.studies] == pytest.approx(worth["evsi"].to_numpy().ravel().tolist())
    assert found.curve["forgone"].item() == pytest.approx(lost)


def test_a_seed_gives_the_same_and_another_an_other(tmp_path):
    path = sample(tmp_path)
    values = [[each.evsi for each in hecon.assess(path, rng=rng).information[0].studies] for rng in (0, 0, 1)]
    drawn = hecon.assess(path, rng=np.random.default_rng(5)).information[0].studies

    assert values[0] == values[1] != values[2]
    assert [each.evsi for each in drawn] == pytest.approx(values[0], rel=0.2)


# The command ----------------------------------------------------------------------------------------------------------


def test_the_command_tells_the_same(tmp_path, capsys):
    (found,) = assessed(tmp_path).information
    assert cli.main(["voi", str(tmp_path / "my.toml"), "--format", "json"]) == 0
    (only,) = json.loads(capsys.readouterr().out)["comparisons"]
    row = next(each for each in only["at"] if each["wtp"] == found.value)

    assert only["stated"]["measures"] == {"control": "p_usual_care", "treated": "p_new"}
    assert only["stated"]["arms"] == ["usual-care", "new"]
    assert row["evsi"] == [{"n": each.n, "evsi": each.evsi, "se": each.se} for each in found.studies]
    for each in row["study"]:
        best = found.best[each["lifetime"]]
        assert (each["optimal_n"], each["n_low"], each["n_high"]) == (best.n, best.low, best.high)
        assert (each["optimal_enbs"], each["optimal_se"]) == (best.enbs, best.se)


CAPTIONS = {
    "en": "per patient (EVSI): a two-arm trial with a binary outcome, which measures p_usual_care and p_new;",
    "nl": "per patiënt (EVSI): een studie met twee armen en een binaire uitkomst, die p_usual_care en p_new meet;",
}


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_command_in_words(tmp_path, capsys, lang):
    (found,) = assessed(tmp_path).information
    assert cli.main(["voi", str(tmp_path / "my.toml"), "--lang", lang]) == 0
    text = " ".join(capsys.readouterr().out.replace(NBSP, " ").split())
    locale = Locale(lang)

    assert CAPTIONS[lang] in text
    for each in found.studies:
        cell = locale.text("worth.with_error", value=locale.money(each.evsi), se=locale.money(each.se))
        assert cell.replace(NBSP, " ") in text


def test_sizes_and_a_plan_of_the_command_go_before_those_on_file(tmp_path):
    """The follow-up of the plan counts for the delay and, of a cohort, for what it observes."""
    assessment = assessed(tmp_path, study(KINDS["follow-up"]))
    plan = StudyPlan(accrual=300, follow_up=4, fixed_cost=50_000, cost_per_patient=100)
    found = research_value(assessment, assessment.comparisons[0], wtp=[20_000], n=[100, 300], plan=plan)
    _, worth = verb(tmp_path, assessment, studies.follow_up("rate", years=4), [100, 300], 20_000)

    assert found.sampled["evsi"].to_numpy().ravel().tolist() == pytest.approx(worth["evsi"].to_numpy().ravel().tolist())
    expected = hecon.enbs(worth, population=20_000, discount=0.03, forgone=0.0, **vars(plan))
    np.testing.assert_allclose(found.study["enbs"], expected["enbs"])


@pytest.mark.parametrize(
    ("stated", "options", "said"),
    [
        (study(), ("--patients", "80", "--sizes", "50"), "must not be given of a model"),
        (study(), ("--sizes", "0"), "n must be whole and at least 1, got 0"),
        ("", ("--sizes", "50"), "state that in [comparison.draws.study], leave out --sizes"),
    ],
)
def test_what_the_command_refuses(tmp_path, capsys, stated, options, said):
    assert cli.main(["voi", str(sample(tmp_path, stated, costs="")), *options]) == 1
    assert said in capsys.readouterr().err


def test_without_a_population_a_plan_is_refused(tmp_path):
    assessment = hecon.assess(sample(tmp_path, people="", costs=""))
    plan = StudyPlan(accrual=300, follow_up=4, fixed_cost=50_000, cost_per_patient=100)

    with pytest.raises(hecon.InputError, match="the patients per year who face the decision must be given"):
        research_value(assessment, assessment.comparisons[0], plan=plan)
    # The remedy works.
    assert research_value(assessment, assessment.comparisons[0], plan=plan, population=500).study is not None


# Refusals -------------------------------------------------------------------------------------------------------------

PATH = "comparison[0].draws.study"
FAULTS = {
    "a parameter that is not there": (
        study(KINDS["two-arm-binary"].replace("p_new", "p_nwe")),
        f"{PATH}.treated: must be a parameter of the file, got 'p_nwe'; did you mean 'p_new'?",
    ),
    "a parameter that never varies": (
        study('kind = "follow-up"\nrate = "fixed"'),
        f"{PATH}.rate: must be a parameter that varies over the draws, got 'fixed', which is one number",
    ),
    "the same parameter twice": (
        study(KINDS["two-arm-binary"].replace("p_new", "p_usual_care")),
        f"{PATH}: control and treated",
    ),
    "no probability": (
        study(KINDS["two-arm-binary"].replace("p_new", "dc")),
        f"{PATH}: parameter 'dc' must be a probability, in [0, 1], got",
    ),
    "no rate": (study('kind = "follow-up"\nrate = "de"'), f"{PATH}: parameter 'de' must be a rate, at least 0, got -"),
    "nobody": (study(n=(0, 50)), f"{PATH}.n[0]: must be at least 1, got 0: a study of nobody has no value"),
    "a size twice": (study(n=(50, 50)), f"{PATH}.n[1]: must be unique, got 50 again"),
    "no size": (study(n=()), f"{PATH}.n: must hold at least 1, got 0"),
    "too many sizes": (study(n=range(1, 102)), f"{PATH}.n: must hold at most 100 sizes, got 101"),
    "a size that is not whole": (study(n=(50.5,)), f"{PATH}.n[0]: must be a whole number without quotes"),
    "an unknown kind": (study('kind = "survey"'), f"{PATH}.kind: must be one of two-arm-binary, two-arm-normal"),
    "no kind": (study(""), f"{PATH}.kind: is missing: add it, one of two-arm-binary, two-arm-normal"),
    "no spread": (study(KINDS["two-arm-normal"].replace("sd = 0.45", "")), f"{PATH}.sd: is missing: add it"),
    "no rate named": (study('kind = "follow-up"'), f"{PATH}.rate: is missing: add it"),
    "no correlation": (
        study(KINDS["cost-and-effect"].replace("correlation = -0.1", "")),
        f"{PATH}.correlation: is missing: add it",
    ),
    "one spread of two": (
        study(KINDS["cost-and-effect"].replace("[4000, 0.2]", "[4000]")),
        f"{PATH}.sd[1]: is missing: add it",
    ),
    "a spread of thousands": (
        study(KINDS["cost-and-effect"].replace("4000", "4.000")),
        f"{PATH}.sd: must be an amount of money, got 4.000 with three decimals: write 4000",
    ),
    "no spread at all": (study(KINDS["two-arm-normal"].replace("0.45", "0")), f"{PATH}: sd must be"),
    "a correlation beyond 1": (
        study(KINDS["cost-and-effect"].replace("-0.1", "-1")),
        f"{PATH}: correlation must lie in (-1, 1), got -1",
    ),
    "no follow-up": (study(months=0), f"{PATH}.follow_up_months: must be above 0, got 0"),
    "what the kind does not take": (
        study(KINDS["follow-up"], more='arms = ["usual-care", "new"]'),
        f"{PATH}.arms: is not a key",
    ),
    "another option": (
        study(more='arms = ["usual-care", "newest"]'),
        f"{PATH}.arms[1]: must be an option of the comparison, got 'newest'; did you mean 'new'?",
    ),
    "one option": (study(more='arms = ["new", "new"]'), f"{PATH}.arms: must name two options, got 'new' twice"),
    "no basis": (study().replace("basis", "base"), f"{PATH}.basis: is missing: add it"),
}


def located(path):
    with pytest.raises(DossierError) as caught:
        hecon.load(path)
    return caught.value.located


@pytest.mark.parametrize("case", FAULTS)
def test_a_fault_is_named_with_its_line(tmp_path, case):
    stated, message = FAULTS[case]
    found = located(sample(tmp_path, stated))

    assert any(each.partition(": ")[2].startswith(message) for each in found), found
    assert all(each.startswith("line ") for each in found)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('population = "patients"\n', "", "research.population: is missing: add it"),
        ("fixed_cost = 200000\n", "", "research.study.fixed_cost: is missing: add it"),
        ("fixed_cost = 200000", "fixed_cost = 200.000", "research.study.fixed_cost: must be an amount of money, got"),
    ],
)
def test_a_study_with_costs_needs_all_of_them_and_a_population(tmp_path, old, new, message):
    part = (PEOPLE + COSTS).replace(old, new)
    (only,) = located(sample(tmp_path, people=part, costs=""))

    assert only.partition(": ")[2].startswith(message)


def test_a_file_without_parameters_has_none_to_measure(tmp_path):
    few = "\n".join(",".join(line.split(",")[:4]) for line in events().splitlines()) + "\n"

    assert sum("must be a parameter of the file" in each for each in located(sample(tmp_path, draws=few))) == 2


def test_of_more_than_two_options_the_arms_are_asked_for(tmp_path):
    path = sample(tmp_path, draws=events(names=("usual-care", "new", "newer")), more='other_interventions = ["newer"]')
    found = [each for each in located(path) if f"{PATH}.arms" in each]

    rule = "is missing: name the two options that the study compares, the control first, of usual-care, new, newer"

    assert [each.partition(": ")[2] for each in found] == [f"{PATH}.arms: {rule}"]


def test_two_studies_of_one_choice_are_refused(tmp_path):
    names = ("usual-care", "new", "newer")
    path = write(tmp_path, events(names=names), names=names[1:], extra=study())
    (only,) = located(path)

    assert "comparison[1].draws.study: must be the only study of comparisons that are weighed together" in only
    # The remedy works.
    text = path.read_text(encoding="utf-8")
    start = text.rindex("[comparison.draws.study]")
    path.write_text(text[:start], encoding="utf-8")
    assert hecon.assess(path).information[0].stated.arms == ("usual-care", "new")


def test_another_way_to_write_a_horizon_is_no_other_choice(tmp_path):
    names = ("usual-care", "new", "newer")
    path = write(tmp_path, events(names=names), names=names[1:], extra=study())
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("horizon_months = 120", "horizon_months = 120.0", 1), encoding="utf-8")
    (only,) = located(path)

    assert "comparison[1].draws.study: must be the only study of comparisons that are weighed together" in only


def test_another_unit_is_another_choice(tmp_path):
    """Each has the study that it states, as the two are not weighed together."""
    names = ("usual-care", "new", "newer")
    path = write(tmp_path, events(names=names), names=names[1:], extra=study())
    text = path.read_text(encoding="utf-8")
    at = text.rindex("price_year")
    path.write_text(f'{text[:at]}effect_unit = "life year"\n{text[at:]}', encoding="utf-8")

    assessment = hecon.assess(path)
    stated = [research_value(assessment, each, wtp=[20_000]).stated.arms for each in assessment.comparisons]
    assert stated == [("usual-care", "new"), ("usual-care", "newer")]


ASIDE = {
    "nl": "Het dossier noemt ook een verdere studie bij MODEL (maatschappelijk perspectief, {name}), waaruit deze",
    "en": "The dossier also states a further study for MODEL (societal perspective, {name}), from which this note",
}


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_study_that_the_note_does_not_value_is_told(tmp_path, lang):
    """That of another choice, which `hecon voi` values; once, however many options the choice is between."""
    names = ("usual-care", "new", "newer")
    path = write(tmp_path, events(names=names), names=names[1:], extra=study())
    text = path.read_text(encoding="utf-8")
    at = text.rindex("horizon_months")
    path.write_text(f'{text[:at]}effect_unit = "life year"\n{text[at:]}', encoding="utf-8")
    assessment = hecon.assess(path)

    said = note(assessment, lang)
    assert ASIDE[lang].format(name="model-newer") in said
    assert ASIDE[lang].format(name="model-new") not in said
    assert research.data(assessment, Locale(lang))["studies_not_valued"] == ["model-newer"]
    assert "studies_not_valued" not in research.data(assessed(tmp_path), Locale(lang))


def test_a_study_of_another_choice_is_a_study(tmp_path):
    """The note that values none does not say that the dossier states none."""
    names = ("usual-care", "new", "newer")
    path = write(tmp_path, events(names=names), names=names[1:], extra=study())
    text = path.read_text(encoding="utf-8")
    text = text.replace(study(), "", 1)
    at = text.rindex("horizon_months")
    path.write_text(f'{text[:at]}effect_unit = "life year"\n{text[at:]}', encoding="utf-8")
    assessment = hecon.assess(path)

    assert "A further study is not valued here: the dossier states none" not in told(
        research.annex(assessment, Locale("en"))
    )
    assert ASIDE["en"].format(name="model-newer") in note(assessment, "en")


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_study_without_a_value_to_hold_it_against_says_so(tmp_path, capsys, lang):
    """The rules have no value in pounds: the note and the command say what is lacking, and the command takes one."""
    path = sample(tmp_path, people="", costs="", currency="GBP")
    study_of = {"nl": "MODEL (maatschappelijk perspectief)", "en": "MODEL (societal perspective)"}[lang]
    text = Locale(lang).text("worth.study_without_value", study=study_of, unit="GBP per QALY", command="hecon voi")
    assert text in note(hecon.assess(path), lang)

    assert cli.main(["voi", str(path), "--lang", lang]) == 0
    reason = Locale(lang).text("reason.no_values", about="GBP per QALY")
    assert reason in " ".join(capsys.readouterr().out.split())
    assert cli.main(["voi", str(path), "--lang", "en", "--wtp", "20000"]) == 0
    assert "Value of the further study in the dossier per patient (EVSI)" in " ".join(capsys.readouterr().out.split())


@pytest.mark.parametrize(("band", "values"), [("low", ()), ("not judged", ("20,000", "50,000", "80,000"))])
def test_each_value_has_a_heading_where_none_counts(tmp_path, band, values):
    """A reader finds the value that is asked about; of the one value that counts the section needs none."""
    path = sample(tmp_path)
    text = path.read_text(encoding="utf-8")
    path.write_text(re.sub(r'(?m)^band = ".*"', f'band = "{band}"', text, count=1), encoding="utf-8")
    blocks = research.blocks(hecon.assess(path), Locale("en"))

    parts = [each.text for each in blocks if isinstance(each, Heading) and each.level > 2]
    assert parts == [f"At €{each} per QALY" for each in values]


def test_a_paragraph_of_its_own(tmp_path):
    """The brief note says what certainty and the best size are worth; in the note the study has a paragraph."""
    assessment = assessed(tmp_path)
    blocks = research.blocks(assessment, Locale("en"))
    starts = [each.text[:24] for each in blocks if isinstance(each, Paragraph)]

    assert starts[1:3] == ["Of the 5 parameters that", "The further study in the"]
    brief = hecon.summary(assessment, lang="en", length="brief").text("md")
    assert brief.count("EVPI") == 1
    assert "At the costs in the dossier a further study of the best size, 800 per arm, yields €6.6 million net" in brief
