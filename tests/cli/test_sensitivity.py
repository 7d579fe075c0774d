"""The command `hecon sensitivity`: text in both languages, JSON with stable keys, files and refusals."""

import json

import pytest
from assessed import assessed_once
from two_options import dossier_text

from hecon.cli import main as cli

pytestmark = pytest.mark.slow


@pytest.fixture
def run(capsys):
    """Return a function that runs the command: its exit code, standard output and standard error."""

    def command(*arguments):
        try:
            with assessed_once():
                code = cli.main(["sensitivity", *arguments, "--draws", "1000"])
        except SystemExit as stop:
            code = stop.code
        out, err = capsys.readouterr()
        return code, " ".join(out.split()), err

    return command


@pytest.mark.parametrize(
    ("lang", "said"),
    [
        (
            "en",
            [
                (
                    "At €20,000 per QALY, Coach2Move is preferred. Further costs of Coach2Move that were not counted "
                    "turn this from €979 per patient on."
                ),
                (
                    "correlation of costs and effects. Over its range the probability of the preference is 0.71 to "
                    "0.84, from uncertain to probably."
                ),
                "turns at: €1,779 (in the range); over the range: net benefit −€1,050 to €3,008",
                "At utility loss 0.079 the burden of disease goes from below the lowest band to low",
            ],
        ),
        (
            "nl",
            [
                (
                    "Bij € 20.000 per QALY heeft Coach2Move de voorkeur. Verdere kosten van Coach2Move die niet zijn "
                    "meegeteld, keren dit om vanaf € 979 per patiënt."
                ),
                "slaat om bij: € 1.779 (binnen de bandbreedte)",
            ],
        ),
    ],
)
def test_what_turns_in_words(run, lang, said):
    code, out, err = run("reablement", "--lang", lang)

    assert (code, err) == (0, "")
    for words in said:
        assert words in out.replace("\N{NO-BREAK SPACE}", " ")


def test_json_has_stable_keys(run):
    code, out, _ = run("acl-rupture", "--format", "json", "--comparison", "compare-societal", "--wtp", "20000,50000")
    data = json.loads(out)

    assert code == 0
    assert set(data) == {"name", "comparisons", "burden", "perspectives", "average", "mixes", "risks"}
    (only,) = data["comparisons"]
    assert [each["wtp"] for each in only["at"]] == [20_000, 50_000]
    assert set(only["at"][0]) == {"wtp", "preferred", "hangs_on", "turns"}
    assert only["at"][0]["preferred"] == "exercise"
    assert {each["quantity"] for each in only["at"][0]["turns"]} >= {"delta_cost", "unreported_cost", "effect_se"}


def test_files_are_written(run, tmp_path):
    code, out, _ = run("reablement", "--out", str(tmp_path), "--format", "md,json", "--lang", "en")

    assert code == 0
    assert out.startswith("Wrote 2 files")
    assert "Coach2Move 2022" in (tmp_path / "reablement.sensitivity.en.md").read_text(encoding="utf-8")


def test_a_file_without_figures_says_so(run):
    code, out, _ = run("copd")

    assert code == 0
    assert "No comparison in this file has figures for both costs and effects." in out


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (
            ("reablement", "--comparison", "x"),
            1,
            "--comparison of reablement must be one of 'coach2move-2016', 'coach2move-2022', got 'x'",
        ),
        (("reablement", "--wtp", "a"), 2, "must be a number with a decimal point, as in 38.2, got 'a'"),
        (("reablement", "--wtp", "-5"), 1, "wtp must be finite and at least 0, got -5.0 at position 0"),
        (("acl-rupture", "--wtp", "2e4,20000"), 1, "wtp must hold each number once, got 20000 again; leave it out"),
        ((), 2, "the following arguments are required: NAME|FILE"),
    ],
)
def test_what_is_refused(run, arguments, code, said):
    found, out, err = run(*arguments)

    assert (found, out) == (code, "")
    assert said in err


def test_what_another_perspective_loses(run):
    code, out, _ = run("acl-rupture", "--wtp", "50000")

    assert code == 0
    assert (
        "COMPARE, at €50,000 per QALY: from the healthcare perspective early reconstruction is preferred; from the "
        "societal perspective that choice loses €1,223 per patient."
    ) in out
    _, agreed, _ = run("meniscal-tear-traumatic", "--wtp", "20000", "--lang", "nl")
    assert "STARR, bij € 20.000 per QALY: alle perspectieven leiden tot dezelfde keuze" in agreed.replace("\xa0", " ")


def test_an_average_by_weights(run, tmp_path):
    """Two trials of one question, as two models of it would be."""
    path = tmp_path / "twice.toml"
    text = dossier_text(500, 0.03)
    part = text[text.index("\n[[comparison]]") : text.index("\n[[document]]")]
    path.write_text(text.replace(part, part + part.replace('"example-societal"', '"second"', 1)), encoding="utf-8")
    code, out, err = run(str(path), "--average", "example-societal=0.75,second=0.25", "--wtp", "20000")

    assert (code, err) == (0, "")
    assert "By their weights, example-societal (0.75); second (0.25), the mean differences are €5" in out
    assert "(1,000 simulations). The weights are a judgement. - At €20,000 per QALY, the new care (replace)" in out
    code, out, _ = run(str(path), "--average", "example-societal=0.75,second=0.25", "--format", "json")
    assert set(json.loads(out)["average"]) == {
        *("weights", "draws", "delta_cost", "delta_effect", "values", "preferred", "tied", "probability", "evpi"),
    }


@pytest.mark.parametrize("weights", ["a=0.5,a=0.5", "=1", "a=x"])
def test_weights_that_are_none(run, weights):
    code, out, err = run("reablement", "--average", weights)

    assert (code, out) == (2, "")
    assert "must be" in err


@pytest.mark.parametrize(
    ("lang", "said"),
    [
        (
            "en",
            [
                "with Coach2Move 40%; usual physiotherapy 60% the loss is €587 per patient compared with Coach2Move",
                "2016, healthcare: not computed, as the uncertainty of costs and effects is not known together.",
                "0.00020 per EUR the certainty equivalents per patient are: usual physiotherapy €0; Coach2Move €791;",
                "it is for Coach2Move, and that does not turn up to an aversion of 0.0011 per EUR; beyond it too few",
            ],
        ),
        (
            "nl",
            [
                "met Coach2Move 40%; gebruikelijke fysiotherapie 60% is het verlies € 587 per patiënt vergeleken met",
                "de voorkeur uit naar Coach2Move; dat slaat niet om tot een aversie van 0,0011 per EUR. Daarboven",
            ],
        ),
    ],
)
def test_a_mix_and_aversion_to_risk(run, lang, said):
    shares = "coach2move=0.4,usual-care=0.6"
    asked = ("reablement", "--wtp", "20000", "--aversion", "0.0002", "--mix", shares)
    code, out, err = run(*asked, "--lang", lang)

    assert (code, err) == (0, "")
    for words in said:
        assert words in out.replace("\N{NO-BREAK SPACE}", " ")


@pytest.mark.parametrize(
    ("lang", "said"),
    [
        (
            "en",
            [
                "usual care (replace) and the new care (replace) have the same expected net benefit. With the new care",
                "the mix €0. Those of usual care (replace), the new care (replace) and the mix are equal, and none of",
                "have the same expected net benefit, so that there is no preference to turn.",
            ],
        ),
        (
            "nl",
            ["hebben de gebruikelijke zorg (vervangen) en de nieuwe zorg (vervangen) dezelfde verwachte netto baat"],
        ),
    ],
)
def test_options_that_tie_are_named_together(run, tmp_path, lang, said):
    path = tmp_path / "even.toml"
    path.write_text(dossier_text(200, 0.01), encoding="utf-8")
    mix = ("--mix", "new-care=0.4,usual-care=0.6", "--aversion", "0")
    code, out, err = run(str(path), "--wtp", "20000", *mix, "--lang", lang)

    assert (code, err) == (0, "")
    for words in said:
        assert words in out.replace("\N{NO-BREAK SPACE}", " ")
    data = json.loads(run(str(path), "--wtp", "20000", *mix, "--format", "json")[1])
    assert (data["mixes"][0]["preferred"], data["risks"][0]["neutral"]) == ({"20000.0": None}, {"20000.0": None})
    assert data["mixes"][0]["tied"] == {"20000.0": ["usual-care", "new-care"]}


def test_they_have_stable_keys(run):
    code, out, _ = run(
        *("reablement", "--comparison", "coach2move-2022", "--wtp", "20000", "--format", "json"),
        *("--aversion", "0.5", "--mix", "coach2move=1"),
    )
    data = json.loads(out)

    assert code == 0
    assert set(data["mixes"][0]) == {
        *("comparison", "shares", "values", "preferred", "tied", "loss", "loss_informed", "reason")
    }
    assert set(data["risks"][0]) == {
        *("comparison", "aversion", "values", "certain", "preferred", "neutral", "turns_at", "sought_to"),
        *("tied", "neutral_tied", "effective_draws", "reason"),
    }
    assert data["risks"][0]["effective_draws"] < 100
    _, text, _ = run("reablement", "--comparison", "coach2move-2022", "--wtp", "20000", "--aversion", "0.5")
    assert "These rest on the worst simulations alone (1.0 of them in effect)" in text


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--mix", "a=0.5,b=0.5"), "a mix must be of options of one comparison, usual-care, coach2move, got a, b"),
        (("--mix", "coach2move=0.5"), "shares must add up to 1, got 0.5"),
        (("--aversion=-1",), "aversion must be at least 0 per EUR, got -1.0"),
    ],
)
def test_mixes_and_aversions_that_are_none(run, options, said):
    code, out, err = run("reablement", *options)

    assert (code, out) == (1, "")
    assert said in err
