"""The command `hecon voi`: text in both languages, JSON with stable keys, files and refusals."""

import json

import pytest
from assessed import assessed_once
from two_options import dossier_text

from hecon.cli import main as cli

pytestmark = pytest.mark.slow

STUDY = (
    *("--population", "9000", "--sizes", "50,100,200,400", "--accrual", "150", "--follow-up", "2"),
    *("--fixed-cost", "500000", "--cost-per-patient", "2500"),
)


@pytest.fixture
def run(capsys):
    """Return a function that runs the command: its exit code, standard output and standard error."""

    def command(*arguments):
        try:
            with assessed_once():
                code = cli.main(["voi", *arguments, "--draws", "1000"])
        except SystemExit as stop:
            code = stop.code
        out, err = capsys.readouterr()
        return code, " ".join(out.replace("\N{NO-BREAK SPACE}", " ").split()), err

    return command


def test_per_patient_in_words(run):
    code, out, err = run("reablement")

    assert (code, err) == (0, "")
    assert (
        "At €20,000 per QALY, Coach2Move is preferred. That this may be the wrong choice costs €195 per patient on "
        "average (EVPI). Of both uncertainties that about the difference in costs weighs more: to know that alone is "
        "worth €96 per patient."
    ) in out
    assert (
        "Assumed for this: correlation of costs and effects, design effect of clustering. Over rounding and the "
        "assumed ranges the EVPI per patient is €79 to €1,049 at €20,000 per QALY;"
    ) in out
    assert "The value of research cannot be computed: it takes how uncertain the differences are. Not computable" in out


def test_a_study_in_words(run):
    code, out, _ = run("acl-rupture", "--comparison", "compare-societal", "--lang", "nl", *STUDY)

    assert code == 0
    assert (
        "EVPI voor allen over wie de beslissing gaat, 9.000 patiënten per jaar, verdisconteerd met 3% per jaar" in out
    )
    assert "€ 50.000; 5 jaar: € 24,9 miljoen; 10 jaar: € 46,4 miljoen; 20 jaar: € 80,9 miljoen" in out
    assert "beste omvang per arm: geen onderzoek" in out
    assert "De beste omvang is de grootste die is geprobeerd" not in out


def test_the_largest_size_is_told(run):
    code, out, _ = run(
        "acl-rupture",
        "--comparison",
        "compare-societal",
        *("10" if each == "50,100,200,400" else each for each in STUDY),
    )

    assert code == 0
    assert "The best size is the largest of those tried, 10 per arm: a larger study may be better." in out


def test_json_has_stable_keys(run):
    code, out, _ = run("acl-rupture", "--format", "json", "--comparison", "compare-societal", *STUDY)
    data = json.loads(out)

    assert code == 0
    (only,) = data["comparisons"]
    assert set(only) == {"comparison", "options", "reason", "assumed", "patients", "population", "discount", "at"}
    row = only["at"][1]
    assert set(row) == {
        *("wtp", "preferred", "tied", "evpi", "evppi", "evpi_range"),
        *("evsi", "population_evpi", "study"),
    }
    assert row["evpi"] == pytest.approx(595, abs=1)
    assert [each["optimal_n"] for each in row["study"]] == [50, 100, 200]


def test_files_are_written(run, tmp_path):
    code, out, _ = run("reablement", "--out", str(tmp_path), "--format", "md", "--lang", "en")

    assert code == 0
    assert out == f"Wrote {tmp_path / 'reablement.voi.en.md'}."
    assert "EVPI" in (tmp_path / "reablement.voi.en.md").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (
            ("reablement", "--accrual", "100"),
            2,
            (
                "voi weighs a study with --follow-up, --fixed-cost, --cost-per-patient, --sizes as well, beside "
                "--accrual"
            ),
        ),
        (
            ("reablement", "--patients", "100"),
            2,
            "voi --patients takes --sizes, the patients per arm of a further study",
        ),
        (
            ("reablement", "--comparison", "coach2move-2022", "--sizes", "10", *STUDY[4:]),
            1,
            (
                "the patients per year who face the decision must be given to weigh a study, as none are on file for "
                "it; give --population"
            ),
        ),
        (
            ("reablement", "--population", "9", "--lifetime", "5,5"),
            1,
            "lifetime must hold each number once, got 5 again; leave it out",
        ),
        (("reablement", "--wtp", "2e4,20000"), 1, "wtp must hold each number once, got 20000 again; leave it out"),
        (("reablement", "--population", "-1"), 1, "population must be at least 0, got -1.0"),
        (("reablement", "--comparison", "x"), 1, "--comparison of reablement must be one of"),
    ],
)
def test_what_is_refused(run, arguments, code, said):
    found, out, err = run(*arguments)

    assert (found, out) == (code, "")
    assert said in err


def test_a_study_needs_the_patients_behind_the_comparison(run, tmp_path):
    path = tmp_path / "sample.toml"
    path.write_text(dossier_text(500, 0.03), encoding="utf-8")

    code, out, err = run(str(path), "--sizes", "10")

    assert (code, out) == (1, "")
    assert "give --patients" in err
