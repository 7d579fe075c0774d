"""Several options against one comparator: their ranking, which of all is preferred, and the words of a note."""

from __future__ import annotations

import json

import numpy as np
import pytest
import trial_dossiers
from hypothesis import given
from hypothesis import strategies as st
from strategies import examples

import hecon
from hecon.assessment.concluding import preferred
from hecon.assessment.several import ranked
from hecon.cli import main as cli
from hecon.errors import DossierError
from hecon.rules.verdicts import judge

OPTIONS = {
    "usual-care": ("gebruikelijke zorg", "usual care", 10_000, 5.00),
    "leaflet": ("folder", "leaflet", 10_400, 5.01),
    "eye-care": ("oogzorg", "eye care", 11_500, 5.02),
    "exercise": ("oefenprogramma", "exercise programme", 12_000, 5.10),
    "home": ("woningaanpassing", "home adaptation", 14_000, 5.08),
    "combined": ("combinatieprogramma", "combined programme", 13_000, 5.12),
}
OTHERS = [name for name in OPTIONS if name not in {"usual-care", "exercise"}]
COMPARISON = """[[comparison]]
id = "model"
trial = "MODEL"
design = { nl = "model", en = "model" }
perspective = "societal"
intervention = "exercise"
other_interventions = @others@
comparator = "usual-care"
currency = "@currency@"
price_year = 2024
horizon_months = 120
discount_cost = 0.03
discount_effect = 0.015
sources = [{ document = "protocol", place = "page 2" }]
@more@
[comparison.draws]
file = "model.csv"
made_by = { nl = "Groep A, 2025", en = "Group A, 2025" }
"""


def write(folder, *, others=OTHERS, currency="EUR", more="", means=None, count=400):
    """Write a model's draws with exactly these means and a dossier that names them; return its path."""
    means = means or {name: each[2:] for name, each in OPTIONS.items()}
    rng = np.random.default_rng(3)
    columns = [rng.normal(0, scale, (count, len(means))) for scale in (500, 0.03)]
    cost, effect = (each - each.mean(axis=0) + [pair[at] for pair in means.values()] for at, each in enumerate(columns))
    header = ",".join(f"{kind}.{name}" for kind in ("cost", "effect") for name in means)
    np.savetxt(folder / "model.csv", np.column_stack([cost, effect]), delimiter=",", header=header, comments="")
    head = trial_dossiers.HEAD
    head = head[: head.index("[[intervention]]")] + head[head.index("[[document]]") :]
    options = "".join(
        f'[[intervention]]\nid = "{name}"\nname = {{ nl = "{nl}", en = "{en}" }}\n'
        for name, (nl, en, *_) in OPTIONS.items()
    )
    comparison = COMPARISON
    for key, value in {"others": json.dumps(others), "currency": currency, "more": more}.items():
        comparison = comparison.replace(f"@{key}@", value)
    path = folder / "six.toml"
    path.write_text(head + options + comparison, encoding="utf-8")
    return path


# The ranking ----------------------------------------------------------------------------------------------------------

whole = st.integers(-4, 4).map(float)
options = st.lists(st.tuples(whole, whole), min_size=1, max_size=6)


@given(points=options, value=st.integers(1, 6), scale=st.sampled_from([1.0, 0.1, 1 / 3, 1e4]))
@examples(300)
def test_the_preferred_option_is_that_of_the_frontier(points, value, scale):
    """At every value the last step whose price is below it; where the price is the value, both ends tie."""
    means = {"comparator": (0.0, 0.0)} | {f"o{at}": (cost * scale, effect) for at, (cost, effect) in enumerate(points)}
    at = preferred(means, value * scale, lambda _option, _other: {})
    steps = [each for each in ranked(means, {}) if each.status == "frontier"]
    wtp, best = value * scale, set()
    for each in steps:
        # From its own price up to that of the next step.
        last = min((one.icer for one in steps if one.delta_effect > each.delta_effect), default=np.inf)
        if (each.icer or 0.0) <= wtp * (1 + 1e-9) and last >= wtp * (1 - 1e-9):
            best.add(each.option)

    assert (set(at.tied) or {at.option}) == best
    assert at.equal == (len(best) > 1)


@given(points=options)
@examples(200)
def test_what_is_off_the_frontier_has_its_reason(points):
    """Who dominates it does; the two on the frontier mix to as much effect at lower costs."""
    means = {"comparator": (0.0, 0.0)} | {f"o{at}": each for at, each in enumerate(points)}
    found = {each.option: each for each in ranked(means, {})}
    for each in found.values():
        others = [means[name] for name in each.against]
        if each.status == "dominated":
            ((cost, effect),) = others
            assert (cost, effect) != (each.delta_cost, each.delta_effect)
            assert cost <= each.delta_cost
            assert effect >= each.delta_effect
        elif each.status == "extendedly dominated":
            (low, below), (high, above) = others
            share = (each.delta_effect - below) / (above - below)
            assert all(found[name].status == "frontier" for name in each.against)
            assert 0 < share < 1
            assert low + share * (high - low) < each.delta_cost
        elif each.icer is not None:
            ((cost, effect),) = others
            assert each.icer == pytest.approx((each.delta_cost - cost) / (each.delta_effect - effect))


def test_of_many_that_tie_all_are_named():
    means = {"a": (0.0, 0.0), "b": (2.0, 1.0), "c": (4.0, 2.0), "d": (9.0, 1.0)}
    at = preferred(means, 2.0, lambda _option, _other: {})

    assert at.equal
    assert at.tied == ("a", "b", "c")


# From a file to a note ------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def six(tmp_path_factory):
    return write(tmp_path_factory.mktemp("six"))


@pytest.mark.slow
@pytest.mark.counted
def test_the_draws_of_all_options_are_weighed_together(six):
    """The same as the verbs give for the file."""
    found = hecon.assess(six)
    (analysis,) = found.incremental
    draws, _ = hecon.read_draws(six.parent / "model.csv", currency="EUR", effect_unit="QALY")
    verb = hecon.frontier(draws)

    assert [each.option for each in analysis.options] == verb["strategy"].to_numpy().tolist()
    assert [each.status for each in analysis.options] == verb["status"].to_numpy().tolist()
    assert found.comparisons[0].model_source.others == ()
    for at in analysis.preferences:
        chances = hecon.ceac(draws, wtp=at.value)
        assert at.probability_best == pytest.approx(chances.sel(strategy=at.option).item())
        assert at.expected_loss >= hecon.evpi(draws, wtp=at.value).item() - 1e-6
    assert found.conclusion.at.tied == ("usual-care", "exercise")


SENTENCES = {
    "nl": """**Geen verschil: op grond van MODEL (maatschappelijk perspectief) hebben gebruikelijke zorg en oefen
(ziektelast beoordeeld als laag) dezelfde verwachte netto baat, hoger dan die van elke andere optie.**
combinatieprogramma (ICER € 50.000 per QALY ten opzichte van oefenprogramma).
Gedomineerd: woningaanpassing (door oefenprogramma).
Uitgebreid gedomineerd: folder (door een combinatie van gebruikelijke zorg en oefenprogramma); oogzorg (door
De voorkeur gaat over van gebruikelijke zorg op oefenprogramma bij € 20.000 per QALY; van oefenprogramma op
| € 50.000 | geen: oefenprogramma en combinatieprogramma gelijk |
Bij € 20.000 per QALY is folder niet kosteneffectief ten opzichte van gebruikelijke zorg: een gewonnen QALY""",
    "en": """**No difference: based on MODEL (societal perspective), usual care and exercise programme
(burden of disease judged low), higher than that of any other option.**
combined programme (ICER €50,000 per QALY against exercise programme).
Dominated: home adaptation (by exercise programme).
Extendedly dominated: leaflet (by a combination of usual care and exercise programme); eye care (by a combination of
The preference passes from usual care to exercise programme at €20,000 per QALY; from exercise programme to
| €50,000 | none: exercise programme and combined programme equal |
At €20,000 per QALY, leaflet is not cost-effective compared with usual care: a QALY gained costs €40,000""",
}


@pytest.mark.slow
@pytest.mark.counted
@pytest.mark.parametrize("lang", SENTENCES)
def test_six_options_to_a_note_in_one_command(six, tmp_path, lang):
    """Whole, and on one page."""
    sentences = SENTENCES[lang].splitlines()
    assert cli.main(["assess", str(six), "--lang", lang, "--format", "md", "--out", str(tmp_path)]) == 0
    for name, wanted in (("walking-note", sentences), ("walking-note.brief", sentences[:4])):
        note = (tmp_path / f"{name}.{lang}.md").read_text(encoding="utf-8").replace("\N{NO-BREAK SPACE}", " ")
        for sentence in wanted:
            assert sentence in note


@pytest.mark.slow
@pytest.mark.counted
def test_a_dominated_option_is_never_cost_effective(six, capsys):
    """Against the comparator it would be; the data of each option hold it against the best of all."""
    assert cli.main(["assess", str(six), "--format", "json"]) == 0
    told = json.loads(capsys.readouterr().out)
    verdicts = {each["id"]: each["verdict"] for each in told["comparisons"]}

    assert verdicts["model"] == {"20000": "equal", "50000": "equal", "80000": "not cost-effective"}
    assert verdicts["model-combined"]["80000"] == "cost-effective"
    for name in ("home", "leaflet", "eye-care"):
        assert set(verdicts[f"model-{name}"].values()) == {"not cost-effective"}
    (analysis,) = told["incremental"]
    by_option = {each["option"]: each for each in analysis["options"]}
    assert by_option["home"]["against"] == ["exercise"]
    assert judge(4000, 0.08, reference_value=80_000).conclusion == "cost-effective"


@pytest.mark.slow
@pytest.mark.counted
def test_the_option_asked_about_may_be_any_of_them(tmp_path):
    """The answer says whether it is preferred to all others."""
    means = {name: each[2:] for name, each in OPTIONS.items()} | {"combined": (12_100, 5.2)}
    path = write(tmp_path, means=means)
    text = path.read_text(encoding="utf-8")
    answer = '[answer]\ncomparison = "model"\noption = "@"\n[[document]]'
    for option, verdict in (("combined", "Probably yes"), ("home", "Probably not"), ("usual-care", "Probably not")):
        path.write_text(text.replace("[[document]]", answer.replace("@", option), 1), encoding="utf-8")
        found = hecon.assess(path)
        assert found.conclusion.option == option
        assert found.conclusion.preferred == "combined"
        words = hecon.summary(found, lang="en").data["conclusion"]["words"]
        assert words.startswith(verdict)
        assert "combined programme is preferred of all options at" in words


@pytest.mark.slow
@pytest.mark.counted
def test_in_pounds_dominance_alone_decides(tmp_path):
    """No value of the rules is in pounds; one that is better than every other is so in every currency."""
    means = {name: each[2:] for name, each in OPTIONS.items()}
    note = hecon.summary(hecon.assess(write(tmp_path, currency="GBP", means=means)), lang="en").text("md")
    assert "euro" in note
    assert "€" not in note[note.index("## MODEL") : note.index("## Annexes")]

    best = hecon.assess(write(tmp_path, currency="GBP", means=means | {"home": (9_000, 5.3)}))
    assert best.incremental[0].dominant == "home"
    note = hecon.summary(best, lang="en").text("md")
    assert "home adaptation is preferred to every other option at every value per QALY" in note


# Refusals -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"others": ["sport"]}, "comparison[0].other_interventions[0]: must be the id of an [[intervention]], got 'sp"),
        (
            {"others": ["home", "home"]},
            "comparison[0].other_interventions[1]: must be another option than those before it, got 'home' again: remo",
        ),
        (
            {"others": ["usual-care"]},
            "comparison[0].other_interventions[0]: must be another option than those before it, got 'usual-care' again",
        ),
        (
            {"means": {name: each[2:] for name, each in OPTIONS.items() if name != "home"}},
            "comparison[0].draws.strategies: must say which strategy of the file is the intervention, 'home'",
        ),
    ],
)
def test_what_is_refused(tmp_path, change, fault):
    with pytest.raises(DossierError) as caught:
        hecon.load(write(tmp_path, **change))

    assert any(fault in each for each in caught.value.faults), caught.value.faults


def test_an_id_stands_once(tmp_path):
    """That of another option is the id of its comparison with the option behind it."""
    path = write(tmp_path)
    text = path.read_text(encoding="utf-8")
    again = text[text.index("[[comparison]]") :].replace('id = "model"', 'id = "model-home"')
    path.write_text(text + again.replace(json.dumps(OTHERS), "[]"), encoding="utf-8")
    with pytest.raises(DossierError, match="must not give 'model-home', the id of another comparison"):
        hecon.load(path)


def test_statistics_tell_of_one_intervention(tmp_path):
    path = write(tmp_path)
    text = path.read_text(encoding="utf-8")
    start = text.index("[comparison.draws]")
    statistic = (
        '[[comparison.statistic]]\nkind = "cost-difference"\nmean = 900\nstatus = "reported"\n'
        'sources = [{ document = "protocol", place = "page 2" }]\n'
    )
    path.write_text(text[:start] + statistic, encoding="utf-8")
    with pytest.raises(DossierError, match=r"other_interventions: must be left out where \[\[comparison.statistic\]\]"):
        hecon.load(path)


# Published statistics -------------------------------------------------------------------------------------------------

PUBLISHED = """[[comparison]]
id = "trial-@name@"
trial = "TRIAL"
design = { nl = "studie", en = "trial" }
perspective = "societal"
intervention = "@name@"
comparator = "usual-care"
currency = "EUR"
price_year = 2024
horizon_months = 12
discount_cost = "not reported"
discount_effect = "not reported"
sources = [{ document = "protocol", place = "page 2" }]
@statistics@
[[comparison.assumption]]
parameter = "correlation"
value = 0
range = [-0.5, 0.5]
basis = { nl = "niet gerapporteerd", en = "not reported" }
"""
SOURCE = 'status = "reported"\nsources = [{ document = "protocol", place = "page 2" }]\n'
SHARED = """[[shared_comparator]]
comparisons = ["trial-exercise", "trial-home"]
value = 0.5
range = [0.3, 0.7]
basis = { nl = "groepen van gelijke omvang", en = "arms of equal size" }
"""
ARMS = {
    "exercise": (("mean = [2000, 1000]", "sd = [900, 800]"), ("mean = [0.700, 0.600]", "sd = [0.20, 0.20]")),
    "home": (("mean = [2500, 1000]", "sd = [700, 800]"), ("mean = [0.710, 0.600]", "sd = [0.25, 0.20]")),
}
DIFFERENCES = {
    "exercise": ("mean = 1000\nci = [764, 1236]", "mean = 0.100\nci = [0.045, 0.155]"),
    "home": ("mean = 1500\nci = [1292, 1708]", "mean = 0.110\nci = [0.047, 0.173]"),
}


def publish(folder, *, arms, shared=""):
    """Write a dossier of two interventions by published statistics; return its path."""
    text = write(folder).read_text(encoding="utf-8")
    text = text[: text.index("[[comparison]]")] + shared
    for name, given_of_arms in ARMS.items():
        kinds = zip(("cost", "effect"), given_of_arms if arms else DIFFERENCES[name], strict=True)
        statistics = "".join(
            f'[[comparison.statistic]]\nkind = "{outcome}-{"arms" if arms else "difference"}"\n'
            + ("\n".join((*given, "n = [100, 100]")) if arms else given)
            + f"\n{SOURCE}"
            for outcome, given in kinds
        )
        text += PUBLISHED.replace("@name@", name).replace("@statistics@", statistics)
    path = folder / "published.toml"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.slow
@pytest.mark.counted
def test_published_differences_are_joined_by_their_arm(tmp_path):
    """Derived from the arm; without it told as unknown, or as the dossier assumes."""
    derived = hecon.assess(publish(tmp_path, arms=True), n_draws=2000)
    (analysis,) = derived.incremental
    assert analysis.joined.arm.status == "derived"
    assert analysis.preferences[1].probability_best is not None
    low, high = analysis.preferences[1].range
    assert low < analysis.preferences[1].probability < high

    unknown = hecon.assess(publish(tmp_path, arms=False), n_draws=2000)
    assert unknown.incremental[0].curves is None
    assert unknown.conclusion.at.probability is None

    assumed = hecon.assess(publish(tmp_path, arms=False, shared=SHARED), n_draws=2000)
    assert assumed.incremental[0].joined.arm.value == 0.5
    assert assumed.statuses["assumed"] == unknown.statuses["assumed"] + 1
    for found, sentences in (
        (derived, ("afgeleid uit de spreiding van die groep", "derived from the spread of that arm")),
        (unknown, ("samenhangen, is niet bekend", "go together is not known")),
        (assumed, ("aangenomen is een correlatie van 0,50 (0,30 tot 0,70)", "it is assumed to be 0.50 (0.30 to 0.70)")),
    ):
        for lang, sentence in zip(("nl", "en"), sentences, strict=True):
            assert sentence in hecon.summary(found, lang=lang).text("md")


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        (
            '"trial-home"]',
            '"trial-hoem"]',
            "comparisons[1]: must be the id of a comparison, got 'trial-hoem'; did you",
        ),
        ('"trial-home"]', '"trial-exercise"]', "comparisons[1]: must be in one [[shared_comparator]], once, got"),
        ("[0.3, 0.7]", "[0.6, 0.7]", "range: range must run from low to high and hold the value 0.5"),
        ("[0.3, 0.7]", "[0.3, 1.0]", "value: shared must lie in [0, 1) over its whole range, got 0.3 to 1"),
    ],
)
def test_an_assumption_on_the_comparator_is_checked(tmp_path, old, new, fault):
    with pytest.raises(DossierError) as caught:
        hecon.load(publish(tmp_path, arms=False, shared=SHARED.replace(old, new)))

    assert any(f"shared_comparator[0].{fault}" in each for each in caught.value.faults), caught.value.faults


def test_an_assumption_must_be_needed_and_of_one_arm(tmp_path):
    """The arms tell it themselves; and another horizon is another arm."""
    with pytest.raises(
        hecon.InputError, match="shared must be left out, as the standard errors of 'usual-care' follow"
    ):
        hecon.assess(publish(tmp_path, arms=True, shared=SHARED), n_draws=20)
    path = publish(tmp_path, arms=False, shared=SHARED)
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("horizon_months = 12", "horizon_months = 24", 1), encoding="utf-8")
    with pytest.raises(DossierError, match="got others in horizon_months: the arm is not the same"):
        hecon.load(path)


@pytest.mark.parametrize(
    ("old", "new"), [("horizon_months = 12", "horizon_months = 12.0"), ("horizon", 'effect_unit = "QALY"\nhorizon')]
)
def test_another_way_to_write_a_comparison_is_no_other_arm(tmp_path, old, new):
    path = publish(tmp_path, arms=False, shared=SHARED)
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace(old, new, 1), encoding="utf-8")

    assert hecon.load(path).shared_comparator[0].comparisons == ("trial-exercise", "trial-home")


def third(folder, name, intervention, shared=SHARED):
    """Write the dossier of two interventions with a further comparison, of this intervention; return its path."""
    path = publish(folder, arms=False, shared=shared)
    text = path.read_text(encoding="utf-8")
    more = text[text.rindex("[[comparison]]") :].replace('id = "trial-home"', f'id = "{name}"')
    more = more.replace('intervention = "home"', f'intervention = "{intervention}"')
    path.write_text(text + more, encoding="utf-8")
    return path


def test_an_assumption_is_of_all_that_are_weighed_together(tmp_path):
    """Else it would be of no use, and nothing would tell."""
    rule = "must name every comparison that is weighed with these, got none of 'trial-leaflet': add what is missing"
    with pytest.raises(DossierError, match=rule):
        hecon.load(third(tmp_path, "trial-leaflet", "leaflet"))

    named = SHARED.replace('"trial-home"]', '"trial-home", "trial-leaflet"]')
    assert hecon.load(third(tmp_path, "trial-leaflet", "leaflet", named)).shared_comparator


def test_an_assumption_is_of_the_estimate_that_is_weighed(tmp_path):
    """Of two estimates of one difference the first one is."""
    other = SHARED.replace('"trial-home"]', '"trial-again"]')
    rule = (
        "must name of 'home' its first comparison, 'trial-home', which is weighed, got 'trial-again': put 'trial-home'"
    )
    with pytest.raises(DossierError, match=rule):
        hecon.load(third(tmp_path, "trial-again", "home", other))
    assert hecon.load(third(tmp_path, "trial-again", "home")).shared_comparator


# What a wrong choice costs --------------------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.counted
def test_research_on_a_model_is_worth_what_it_is_to_the_choice_between_all(six, capsys):
    """Once, and not once for each pair, in which another option would be preferred."""
    assert cli.main(["voi", str(six), "--wtp", "20000,30000", "--format", "json"]) == 0
    (told,) = json.loads(capsys.readouterr().out)["comparisons"]
    draws, _ = hecon.read_draws(six.parent / "model.csv", currency="EUR", effect_unit="QALY")
    cost, effect = (draws[name].to_numpy() for name in ("cost", "effect"))

    assert sorted(told["options"]) == sorted(OPTIONS)
    for at in told["at"]:
        benefit = at["wtp"] * effect - cost
        assert at["evpi"] == pytest.approx(benefit.max(axis=1).mean() - benefit.mean(axis=0).max())
    assert [(at["preferred"], at["tied"]) for at in told["at"]] == [
        (None, ["usual-care", "exercise"]),
        ("exercise", []),
    ]


@pytest.mark.slow
@pytest.mark.counted
@pytest.mark.parametrize(
    ("command", "sentences"),
    [
        (
            ["voi", "--lang", "en"],
            [
                "The choice is between usual care, exercise programme, leaflet, eye care, home adaptation and",
                "At €20,000 per QALY, usual care and exercise programme have the same expected net benefit, and none",
            ],
        ),
        (
            ["voi", "--lang", "nl"],
            [
                "De keuze is tussen gebruikelijke zorg, oefenprogramma, folder, oogzorg, woningaanpassing en",
                "Bij € 20.000 per QALY hebben gebruikelijke zorg en oefenprogramma dezelfde verwachte netto baat en",
            ],
        ),
        (
            ["sensitivity", "--lang", "en"],
            [
                "These two options alone: usual care and leaflet. The others that are held against usual care are left",
                "status: computed",
            ],
        ),
        (
            ["sensitivity", "--lang", "nl"],
            [
                "Alleen deze twee opties: gebruikelijke zorg en folder. De andere die met gebruikelijke zorg worden",
                "status: berekend",
            ],
        ),
    ],
)
def test_of_several_options_it_is_said_which_are_weighed(six, capsys, command, sentences):
    assert cli.main([command[0], str(six), *command[1:]]) == 0
    told = " ".join(capsys.readouterr().out.replace("\N{NO-BREAK SPACE}", " ").split())

    for sentence in sentences:
        assert sentence in told


SEVERITY = """format = 1
name = "own"
country = "XX"
currency = "EUR"
effect_unit = "QALY"
[[values]]
status = "to check"
source = "Body. Manual. 2022"
amounts = [20000]
shown = [20000]
[[severity]]
status = "to check"
source = "Body. Manual. 2022, table 6"
discount = 0.035
of_two = "higher"
[[severity.band]]
weight = 1
[[severity.band]]
weight = 1.2
absolute = 10
proportional = 0.80
"""
SHORTFALL = "".join(
    f'[burden.inputs.{name}]\nvalue = {value}\nstatus = "assumed"\nbasis = {{ nl = "x", en = "x" }}\n'
    for name, value in (("population_qalys", 20), ("remaining_qalys", 8), ("given_discount", 0.035))
)


@pytest.fixture(scope="module")
def weighed(tmp_path_factory):
    """Return a dossier of six options under rules that weigh effects and have no bands of burden."""
    folder = tmp_path_factory.mktemp("weighed")
    path = write(folder)
    (folder / "own.toml").write_text(SEVERITY, encoding="utf-8")
    text = path.read_text(encoding="utf-8")
    head, _, rest = text.partition("\n[[")
    text = f'rules = "own.toml"\n{head}\n{SHORTFALL}\n[[{rest}'
    text = text.replace('band = "low"', 'band = "not judged"')
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.slow
@pytest.mark.counted
@pytest.mark.parametrize(
    ("lang", "burden", "value"),
    [
        (
            "en",
            "weight of 1.2 (1.2 by the absolute shortfall, 1 by the proportional shortfall;",
            "€24,000 (€20,000 × 1.2)",
        ),
        (
            "nl",
            "gewicht van 1,2 (1,2 naar de absolute ziektelast, 1 naar de proportionele;",
            "€ 24.000 (€ 20.000 × 1,2)",
        ),
    ],
)
def test_weights_by_severity_need_no_bands(weighed, capsys, lang, burden, value):
    """Each value that bears a weight says so, wherever it stands; that of a user is none of the rules."""
    told = {}
    for command in (["assess"], ["voi"], ["sensitivity"], ["voi", "--wtp", "20000"]):
        assert cli.main([command[0], str(weighed), *command[1:], "--lang", lang]) == 0
        told[*command] = " ".join(capsys.readouterr().out.replace("\N{NO-BREAK SPACE}", " ").split())

    assert burden in told["assess",]
    assert all(value in told[name,] for name in ("assess", "voi", "sensitivity"))
    assert "×" not in told["voi", "--wtp", "20000"]
