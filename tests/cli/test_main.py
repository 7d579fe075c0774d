"""The command line: what it prints and writes, its exit codes, and how it meets bad input and odd outputs."""

import html
import io
import json
import os
import runpy
import subprocess
import sys
import warnings
from importlib import metadata
from pathlib import Path
from types import SimpleNamespace

import pytest
from drawn import drawn_once
from shipped import ECONOMIC, N_DRAWS, NAMES, PLAIN, assessed, summed, written
from skeletons import skeleton

import hecon
from hecon import _io
from hecon.assessment import assessing
from hecon.cli import main as cli
from hecon.errors import StatisticalWarning
from hecon.locale import LANGUAGES, Locale
from hecon.report import summaries
from hecon.report.sections.answer import answer_sentence
from hecon.report.writers import TEXTS, drawing

# As few as the shared assessments have, so that these stand beside what is printed.
FEW = ("--draws", str(N_DRAWS))
EURO = "\N{EURO SIGN}"
SLOW = ("babel", "jinja2", "matplotlib", "numpy", "pandas", "pydantic", "scipy", "xarray")


@pytest.fixture
def run(capsys, monkeypatch, tmp_path):
    """Return a function that runs a command in an empty folder: its exit code, standard output and standard error."""
    monkeypatch.chdir(tmp_path)

    def command(*arguments):
        try:
            code = cli.main([str(each) for each in arguments])
        except SystemExit as stop:
            code = stop.code
        return (code, *capsys.readouterr())

    return command


@pytest.fixture
def sample(tmp_path):
    """Return a dossier's file, in a folder of its own."""
    path = tmp_path / "files" / "sample.toml"
    path.parent.mkdir()
    path.write_text(skeleton("sample"), encoding="utf-8")
    return path


def spawned(*arguments, **options):
    """Run a command in a process of its own."""
    return subprocess.run([sys.executable, *arguments], capture_output=True, check=False, **options)


# List, schema, version, help ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("arguments", "lang"), [([], "en"), (["--lang", "nl"], "nl")])
@pytest.mark.no_cover
def test_list(run, arguments, lang):
    """Each dossier on a line of its own: its name and its title."""
    code, out, err = run("list", *arguments)
    lines = [line.split(maxsplit=1) for line in out.splitlines()]

    assert (code, err) == (0, "")
    assert lines == [[name, getattr(hecon.load(name).title, lang)] for name in NAMES]


def test_schema(run):
    """The JSON Schema is JSON, and asks for what a dossier must have; a comparison it may do without."""
    code, out, err = run("schema")

    assert (code, err) == (0, "")
    assert json.loads(out)["required"] == ["format", "name", "title", "indication", "question", "burden", "document"]


def test_schema_of_a_design(run):
    """Every key of it says what it is for, and the teaching trial's design conforms."""
    code, out, err = run("schema", "--design")
    schema = json.loads(out)

    assert (code, err) == (0, "")
    assert schema["required"] == ["format", "name", "table", "arm", "cost", "perspective", "analysis"]
    for name, part in schema["$defs"].items():
        assert all(each.get("description") or "$ref" in each for each in part["properties"].values()), name


def test_version(run):
    """The version is that of the package."""
    assert run("--version") == (0, f"hecon {metadata.version('hecon')}\n", "")


@pytest.mark.parametrize("command", [[], ["list"], ["assess"], ["new"], ["schema"]])
def test_help(run, command):
    """Every command explains itself."""
    code, out, err = run(*command, "--help")

    assert (code, err) == (0, "")
    assert out.startswith(f"usage: {' '.join(['hecon', *command])} ")


@pytest.mark.parametrize("arguments", [["--help"], ["--version"]])
def test_help_imports_nothing_slow(arguments):
    """A user who asks for help does not wait for the libraries."""
    code = (
        "import sys, hecon.cli.main\ntry:\n hecon.cli.main.main(sys.argv[1:])\n"
        f"except SystemExit:\n print(*sorted(set({SLOW!r}) & set(sys.modules)), file=sys.stderr)"
    )

    ran = spawned("-c", code, *arguments)

    assert ran.stdout
    assert ran.stderr.split() == []


def test_as_a_module(capsys, monkeypatch):
    """The package runs as `python -m hecon`."""
    monkeypatch.setattr(sys, "argv", ["hecon", "list"])
    with pytest.raises(SystemExit) as stop:
        runpy.run_module("hecon", run_name="__main__")

    assert stop.value.code == 0
    assert capsys.readouterr().out.startswith("acl-rupture")


def test_importing_the_main_module_runs_nothing(capsys):
    """Tools that import every module do not start a command."""
    runpy.run_module("hecon.__main__", run_name="imported")

    assert capsys.readouterr().out == ""


# Usage ----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "the following arguments are required: COMMAND"),
        (["appraise"], "invalid choice: 'appraise'"),
        (["burdens", "--age", "60"], "did you mean 'burden'?"),
        (["assess"], "assess takes either dossiers or --all; hecon list names those that ship"),
        (["assess", "acl-rupture", "--all"], "assess takes either dossiers or --all; hecon list names those that ship"),
        (["assess", "--all", "--format", "odt"], "must be a comma-separated choice of html, md, json, "),
        (["assess", "--all", "--format", "md,"], "must be a comma-separated choice of html, md, json, "),
        (["assess", "--all", "--format", "html"], "assess prints one page of html; give --out to write several"),
        (["assess", "a", "b", "--format", "html"], "assess prints one page of html; give --out to write several"),
        (["assess", "--all", "--format", "md,json"], "assess prints one --format; give --out to write several"),
        (["assess", "--all", "--lang", "de"], "invalid choice: 'de'"),
        (["assess", "--all", "--draws", "9"], "must be a whole number from 10 to 10000000, got '9'"),
        (["assess", "--all", "--draws", "1e5"], "must be a whole number from 10 to 10000000, got '1e5'"),
        (["assess", "--all", "--draws", "9" * 5000], "must be a whole number from 10 to 10000000, got '999"),
        (["assess", "--all", "--seed=-1"], "must be a whole number from 0 to 9223372036854775807, got '-1'"),
        (["assess", "--all", "--sed", "1"], "unrecognized arguments: --sed; did you mean '--seed'?"),
        (
            ["assess", "copd", "--lnag=nl"],
            "hecon assess: error: unrecognized arguments: --lnag=nl; did you mean '--lang'?",
        ),
        (["assess", "copd", "--form", "advise"], "did you mean 'advice'?"),
        (["assess", "copd", "--lang", "nl", "--lang", "en"], "argument --lang: must be given once, and stands there"),
        (["assess", "copd", "--seed", "0", "--seed=0"], "argument --seed: must be given once, and stands there"),
        (["voi", "acl-rupture", "--sizes", "10.5"], "must be a whole number from 0 to 1000000000, got '10.5'"),
        (
            ["sensitivity", "copd", "--wtp", "50000,20.000"],
            "must have no point between thousands, got '20.000': write 20000, or 20 if it is that",
        ),
        (["voi", "copd", "--population", "1.125"], "got '1.125': write 1125, or 1.1250 if it is that"),
        (["voi", "copd", "--population", "1.500"], "got '1.500': write 1500, or 1.5 if it is that"),
        (["budget", "copd", "--scenario", "many:patients_heaviest=1.500"], "got '1.500': write 1500, or 1.5 if it"),
        (["trial", "a.csv", "a.toml", "--wtp", "twenty"], "must be a number with a decimal point, as in 38.2, got"),
        (["new"], "new takes NAME, or --design DATA"),
        (["list", "acl-rupture"], "unrecognized arguments: acl-rupture"),
    ],
)
def test_wrong_usage(run, arguments, message):
    """A command that cannot be understood exits with 2, says why, and prints and writes nothing else."""
    code, out, err = run(*arguments)

    assert (code, out) == (2, "")
    assert err.startswith("usage: hecon")
    assert message in err
    assert list(Path().iterdir()) == []


# Assess to the terminal -----------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_the_table(run):
    """Without further options: a title, the answer, the burden, an aligned table and its key."""
    code, out, err = run("assess", "acl-rupture", *FEW)
    title, *lines = out.splitlines()
    start = next(place for place, line in enumerate(lines) if line.startswith("Burden of disease: "))
    answer, lines = " ".join(lines[:start]), lines[start:]
    widths = [len(part) for part in lines[3].split()]
    values = [line for line in lines if "per QALY" not in line and EURO in line]

    assert (code, err) == (0, "")
    assert title.startswith("acl-rupture: Rupture of the anterior cruciate ligament")
    assert answer == answer_sentence(hecon.assess("acl-rupture", n_draws=int(FEW[1])), Locale("en"))
    assert lines[0] == (
        "Burden of disease: low; computed on partly assumed inputs: below the lowest band "
        "(proportional shortfall 0.009)"
    )
    assert lines[2].split("  ")[0] == "study and comparison"
    assert set(lines[3]) == {"-", " "}
    assert len(widths) == 9
    assert len(values) == 6
    assert values[0].startswith("COMPARE, societal  ")
    assert f"* {EURO}20,000" in values[0]
    assert "−€2,525" in values[0]
    assert "  exercise therapy with optional later reconstruction  " in values[0]
    assert values[0].endswith("probably")
    assert "  early reconstruction  " in values[2]
    assert values[2].endswith("uncertain (on the edge)")
    # In pounds there is no verdict: net benefit stands at the thresholds of the source, and at no other.
    first, second = (line for line in lines if "£" in line)
    assert first.startswith("ACL SNNAP, healthcare  ")
    assert first.endswith("no verdict: other currency")
    assert "£20,000" in first
    assert "£30,000" in second
    assert EURO not in first + second
    assert max(map(len, lines[-4:])) <= 100
    assert "*: the value that counts." in " ".join(out.split())


@pytest.mark.slow
def test_the_table_of_all_in_dutch(run):
    """Every dossier in turn with its answer, tables of those with comparisons, and one key."""
    code, out, err = run("assess", "--all", "--lang", "nl", *FEW)

    assert (code, err) == (0, "")
    assert [line.partition(":")[0] for line in out.splitlines() if line.partition(":")[0] in NAMES] == list(NAMES)
    assert Locale("nl").text("short_reason.no_figures") in out
    assert "(ZO, volgt uit de bevinding)" in out
    assert out.count("iNMB (95%-BI)") == len(ECONOMIC)
    assert out.count("Kwadranten:") == 1
    assert " ".join(out.split()).count(Locale("nl").text("conclusion.no_comparison")) == len(PLAIN)


@pytest.mark.slow
@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_dossier_without_comparisons_has_its_answer_alone(run, lang):
    """That of its sources, in the order given, and that nothing was evaluated; no table, key, verdict or burden."""
    given = PLAIN[::-1]
    code, out, err = run("assess", *given, "--lang", lang, *FEW)

    assert (code, err) == (0, "")
    told = (
        f"{name}: {getattr(hecon.load(name).title, lang)} {answer_sentence(assessed(name), Locale(lang))}"
        for name in given
    )
    assert " ".join(out.split()) == " ".join(" ".join(told).split())


@pytest.mark.slow
@pytest.mark.parametrize("name", PLAIN)
def test_the_note_of_a_dossier_without_comparisons_to_the_terminal(run, name):
    """As the summary holds it."""
    code, out, err = run("assess", name, "--format", "md", "--lang", "nl", *FEW)

    assert (code, err) == (0, "")
    assert out == written(name, "nl", "md")
    assert Locale("nl").text("conclusion.no_comparison") in out


@pytest.mark.slow
@pytest.mark.parametrize(("arguments", "lang"), [([], "en"), (["--lang", "nl"], "nl")])
def test_json_of_one_is_an_object(run, arguments, lang):
    """Standard output is JSON alone, as the summary holds it."""
    code, out, err = run("assess", "reablement", "--format", "json", *FEW, *arguments)
    data = json.loads(out)

    assert (code, err) == (0, "")
    assert data == summed("reablement", lang).data
    assert data["language"] == lang


@pytest.mark.slow
def test_json_of_several_is_an_array(run, sample):
    """Names and files mix, in the order given."""
    code, out, err = run("assess", sample, "acl-rupture", "--format", "json", *FEW)

    assert (code, err) == (0, "")
    assert [each["name"] for each in json.loads(out)] == ["sample", "acl-rupture"]


@pytest.mark.slow
def test_markdown_to_the_terminal(run, sample):
    """Several summaries follow one another, each from its title on."""
    code, out, err = run("assess", "reablement", sample, "--format", "md", *FEW)

    assert (code, err) == (0, "")
    assert [line for line in out.splitlines() if line.startswith("# ")] == [
        "# Reablement: Coach2Move or usual physiotherapy for older people living at home",
        "# sample: title",
    ]


@pytest.mark.slow
def test_html_to_the_terminal(run):
    """One dossier's page, as the summary holds it."""
    code, out, err = run("assess", "copd", "--format", "html", *FEW)

    assert (code, err) == (0, "")
    assert "<svg" in out
    assert out == written("copd", "en", "html")


@pytest.mark.slow
def test_draws_and_seed(run):
    """The options reach the results and the provenance; the same seed gives the same output."""
    command = ("assess", "reablement", "--format", "json", "--draws", "321", "--seed")
    first, second, other = (json.loads(run(*command, seed)[1]) for seed in ("7", "7", "8"))

    assert first == second
    assert (first["provenance"]["n_draws"], first["provenance"]["seed"]) == (321, 7)
    assert first["comparisons"][1]["p_cost_effective"] != other["comparisons"][1]["p_cost_effective"]
    assert first["comparisons"][1]["icer"] == pytest.approx(other["comparisons"][1]["icer"])


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("acl", "hecon: dossier must be one of acl-rupture, "),
        ("missing.toml", "hecon: dossier must be an existing file, got 'missing.toml'"),
        ("", "hecon: dossier must be "),
    ],
)
def test_a_dossier_that_is_not_there(run, name, message):
    """The message names it and says what there is; nothing is printed, and there is no traceback."""
    code, out, err = run("assess", name)

    assert (code, out) == (1, "")
    assert err.startswith(message)
    assert "Traceback" not in err


def test_all_faults_of_a_file_are_told(run, sample):
    """Each fault on a line of its own, on standard error."""
    text = sample.read_text(encoding="utf-8")
    for old, new in (('currency = "EUR"', 'currency = "euro"'), ("mean = 900", 'mean = "12.300"'), ("horizon_", "h_")):
        text = text.replace(old, new)
    sample.write_text(text, encoding="utf-8")
    code, out, err = run("assess", sample)

    assert (code, out) == (1, "")
    assert err.startswith(f"hecon: dossier {sample} has 4 faults:\n  ")
    assert len(err.splitlines()) == 5


# Assess to files ------------------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_out_writes_both_languages_and_formats(run):
    """For each name, language and format a note, and one of a page, as the summaries hold them, in a made folder."""
    each = [(name, lang) for name in ("reablement", "copd") for lang in LANGUAGES]
    with drawn_once():
        code, out, err = run("assess", "reablement", "copd", "--out", "a/b", *FEW)
        expected = {
            f"{name}.{lang}.{kind}": summed(name, lang).text(kind).encode() for name, lang in each for kind in TEXTS
        }
        # The JSON form has one length.
        expected |= {
            f"{name}.brief.{lang}.{kind}": hecon.summary(assessed(name), lang=lang, length="brief").text(kind).encode()
            for name, lang in each
            for kind in ("html", "md")
        }
    files = {path.name: path.read_bytes() for path in Path("a/b").iterdir()}

    assert (code, err) == (0, "")
    assert files == expected
    assert "Wrote 20 files, from" in out
    assert out.splitlines()[0].startswith("reablement: Reablement")


@pytest.mark.slow
def test_out_composes_once_per_language_and_draws_each_figure_once(run, sample, monkeypatch):
    """All formats take one audit, one composition by language and length; a brief shows a figure that its note has."""
    composed, drawn, audited = [], [], []
    compose, audit = summaries.Document, assessing.audit_fitted
    blank = SimpleNamespace(dpi=72, savefig=lambda file, **_: file.write("<svg ></svg>"))
    monkeypatch.setattr(assessing, "audit_fitted", lambda *given: audited.append(given[0].name) or audit(*given))
    monkeypatch.setattr(
        summaries, "Document", lambda *given, **kind: composed.append(given[0].lang) or compose(*given, **kind)
    )
    monkeypatch.setattr(drawing, "_laid_out", lambda paint: drawn.append(id(paint)) or blank)
    code, _, _ = run("assess", sample, "--out", ".", *FEW)

    assert code == 0
    shown = {lang: Path(f"sample.{lang}.html").read_text(encoding="utf-8").count("<figure") for lang in LANGUAGES}

    assert (audited, composed) == (["sample"], [*LANGUAGES, *LANGUAGES])
    assert len(drawn) == sum(shown.values()) > 0
    assert [Path(f"sample.brief.{lang}.html").read_text(encoding="utf-8").count("<svg") for lang in LANGUAGES] == [1, 1]


def test_out_keeps_to_the_language_and_format_asked_for(run, sample):
    """With --lang and --format there is one file of a length, and its path is told."""
    code, out, _ = run("assess", sample, "--out", ".", "--lang", "nl", "--format", "json,json", *FEW)

    assert code == 0
    assert [path.name for path in Path().iterdir() if path.is_file()] == ["sample.nl.json"]
    assert out.endswith("\nWrote sample.nl.json.\n")
    assert "ziektelast" in out.lower()


@pytest.mark.slow
def test_out_replaces_files_whole(run, sample):
    """A file that was there is replaced, and no draft is left."""
    target = Path("out/sample.en.md")
    target.parent.mkdir()
    target.write_text("old " * 100_000, encoding="utf-8")
    with drawn_once():
        code, _, _ = run("assess", sample, "--out", "out", "--lang", "en", *FEW)

    assert code == 0
    assert target.read_text(encoding="utf-8").startswith("# sample: title")
    assert sorted(path.name for path in Path("out").iterdir()) == [
        "sample.brief.en.html",
        "sample.brief.en.md",
        "sample.en.html",
        "sample.en.json",
        "sample.en.md",
    ]


def test_nothing_is_written_when_one_dossier_is_wrong(run, sample):
    """The right one leaves no file either."""
    wrong = sample.with_name("wrong.toml")
    wrong.write_text(sample.read_text(encoding="utf-8").replace("mean = 900", "mean = nan"), encoding="utf-8")
    code, out, err = run("assess", sample, wrong, "--out", "out")

    assert (code, out) == (1, "")
    assert "wrong.toml" in err
    assert not Path("out").exists()


@pytest.mark.slow
def test_nothing_is_written_when_statistics_contradict_each_other(run, sample):
    """A fault that only the fit finds is told with the dossier and the comparison."""
    text = sample.read_text(encoding="utf-8")
    ratio = (
        '[[comparison.statistic]]\nkind = "icer"\nvalue = -5\nstatus = "assumed"\nsources = [{ document = "example", '
    )
    text = text.replace("# What nobody", f'{ratio}place = "x" }}]\n\n# What nobody')
    sample.write_text(text, encoding="utf-8")
    code, out, err = run("assess", "reablement", sample, "--out", "out", *FEW)

    assert (code, out) == (1, "")
    assert err.startswith("hecon: sample, example-societal: icer -5 ")
    assert not Path("out").exists()


@pytest.mark.parametrize("arguments", [["acl-rupture", "acl-rupture"], ["acl-rupture", "files/acl-rupture.toml"]])
def test_two_of_one_name_are_refused(run, sample, arguments):
    """They would write the same files."""
    text = skeleton("sample").replace('name = "sample"', 'name = "acl-rupture"')
    sample.with_name("acl-rupture.toml").write_text(text, encoding="utf-8")
    code, out, err = run("assess", *arguments, "--out", "out")

    assert (code, out) == (1, "")
    assert err == (
        "hecon: dossiers written to one folder must have different names, got 'acl-rupture' more than once\n"
    )
    assert not Path("out").exists()


def test_out_that_is_a_file_is_refused(run):
    """The file is kept."""
    taken = "--out must be a folder, or one that can be made, got 'out'"
    Path("out").write_text("kept", encoding="utf-8")
    code, out, err = run("assess", "acl-rupture", "--out", "out")

    assert (code, out, err) == (1, "", f"hecon: {taken}: out is a file\n")
    assert Path("out").read_text(encoding="utf-8") == "kept"


def test_out_beneath_a_file_is_refused(run, sample):
    """A folder that cannot be made is told in a line."""
    Path("file").write_text("kept", encoding="utf-8")
    code, out, err = run("assess", sample, "--out", "file/out", "--format", "md", *FEW)

    assert (code, out) == (1, "")
    assert err.startswith("hecon: --out must be a folder, or one that can be made, got 'file/out': ")
    assert err.endswith("file is a file\n")
    assert len(err.splitlines()) == 1


@pytest.mark.slow
def test_a_folder_that_cannot_be_written_to(run, sample, monkeypatch):
    """The message names the file and the cause (simulated: permissions do not bind the superuser)."""

    def denied(*_):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(_io, "_write", denied)
    code, out, err = run("assess", sample, "--out", "out", "--format", "md", *FEW)

    assert (code, out) == (1, "")
    assert err == f"hecon: path must be writable, got {str(Path('out/sample.nl.md'))!r}: Permission denied\n"
    assert not Path("out").exists()


def test_a_folder_in_the_place_of_one_file_leaves_all_unwritten(run, sample):
    """All files are drafted before the first one appears."""
    Path("out/sample.en.json").mkdir(parents=True)
    code, out, err = run("assess", sample, "--out", "out", "--format", "md,json", *FEW)

    assert (code, out) == (1, "")
    assert err.endswith("sample.en.json': Is a directory\n")
    assert [path.name for path in Path("out").iterdir()] == ["sample.en.json"]


# New ------------------------------------------------------------------------------------------------------------------


def test_new_writes_a_dossier_that_passes(run):
    """The skeleton can be assessed as it stands."""
    code, out, err = run("new", "hip-fracture")

    assert (code, err) == (0, "")
    assert out.startswith("Wrote hip-fracture.toml. Its figures are made up. Replace every text and figure that says ")
    assert [path.name for path in Path().iterdir()] == ["hip-fracture.toml"]
    assert run("assess", "hip-fracture.toml", *FEW)[0] == 0


def test_new_refuses_to_overwrite(run):
    """Work is not lost."""
    Path("hip-fracture.toml").write_text("kept", encoding="utf-8")
    code, out, err = run("new", "hip-fracture")

    assert (code, out) == (1, "")
    assert "hip-fracture.toml exists and is left as it is" in err
    assert Path("hip-fracture.toml").read_text(encoding="utf-8") == "kept"


@pytest.mark.parametrize("name", ["Hip Fracture", "../x", "x.toml", "a--b", ""])
def test_new_refuses_a_name_that_is_no_name(run, name):
    """Names are lower-case words joined by hyphens; nothing is written elsewhere."""
    code, out, err = run("new", name)

    assert (code, out) == (1, "")
    assert err == f"hecon: name must be lower-case words joined by hyphens, as in hip-fracture, got {name!r}\n"
    assert list(Path().iterdir()) == []


# Warnings and odd outputs ---------------------------------------------------------------------------------------------


def test_a_statistical_warning_is_one_line(run, monkeypatch):
    """Doubt goes to standard error in a line of its own, and the work is done all the same."""

    def doubtful(_):
        warnings.warn("the fit\nis doubtful", StatisticalWarning, stacklevel=1)

    monkeypatch.setattr(cli, "_list", doubtful)

    assert run("list") == (0, "", "hecon: warning: the fit is doubtful\n")


def test_other_errors_of_the_system_are_one_line(run, monkeypatch):
    """A file that cannot be read is not a reason for a traceback, and is named."""

    def unread(_):
        raise OSError(5, "Input/output error", "a\x1b.toml")

    monkeypatch.setattr(cli, "_list", unread)

    assert run("list") == (1, "", "hecon: a\\x1b.toml: Input/output error\n")


def test_a_reader_that_has_enough_is_no_error(run, monkeypatch):
    """As with `hecon list | head`."""

    class Closed(io.StringIO):
        def write(self, _):
            raise BrokenPipeError

    monkeypatch.setattr(sys, "stdout", Closed())

    assert run("list") == (0, "", "")


@pytest.mark.slow
def test_a_pipe_that_closes_early_is_silent():
    """Python's own complaint at exit is kept back too."""
    reader, writer = os.pipe()
    os.close(reader)
    with os.fdopen(writer, "wb") as pipe:
        ran = subprocess.run(
            [sys.executable, "-m", "hecon", "schema"], stdout=pipe, stderr=subprocess.PIPE, check=False
        )

    assert (ran.returncode, ran.stderr) == (0, b"")


@pytest.mark.slow
def test_an_output_that_is_not_utf8():
    """JSON escapes what the output cannot hold, so nothing is lost; other text gets a question mark."""
    code = (
        "from hecon.cli.main import main\n"
        "main(['assess', 'reablement', '--draws', '100', '--format', 'json', '--lang', 'nl'])\n"
        "print('---')\n"
        "main(['assess', 'reablement', '--draws', '100'])\n"
    )
    ran = spawned("-c", code, env={**os.environ, "PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"})
    data, _, table = ran.stdout.decode("ascii").partition("---")

    assert (ran.returncode, ran.stderr) == (0, b"")
    assert json.loads(data)["comparisons"][1]["icer_in_words"].startswith(EURO)
    assert "?800" in table


@pytest.mark.slow
def test_an_output_in_ascii_within_one_process(monkeypatch):
    """The same holds for a stream that stands in for standard output."""
    stream = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    monkeypatch.setattr(sys, "stdout", stream)

    assert cli.main(["assess", "reablement", *FEW]) == 0
    assert b"?800" in stream.buffer.getvalue()


@pytest.mark.slow
def test_html_in_ascii_loses_nothing(monkeypatch):
    """What the output cannot hold is written as HTML's own references."""
    stream = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    monkeypatch.setattr(sys, "stdout", stream)

    assert cli.main(["assess", "copd", "--format", "html", *FEW]) == 0
    page = stream.buffer.getvalue().decode("ascii")
    assert html.unescape(page) == html.unescape(written("copd", "en", "html"))
    assert "&#8364;504,900" in page


def test_an_output_without_an_encoding(capsys, monkeypatch):
    """A stand-in for standard output that cannot be reconfigured still gets its text."""

    class Bare:
        encoding = None

        def __init__(self):
            self.parts = []

        def write(self, part):
            self.parts.append(part)

        def flush(self):
            pass

    bare = Bare()
    monkeypatch.setattr(sys, "stdout", bare)

    assert cli.main(["schema"]) == 0
    assert "".join(bare.parts).isascii()
    assert capsys.readouterr().err == ""
