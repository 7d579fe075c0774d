"""Formats: one registry, which every command that writes a document reads; what lacks is told, the rest comes out."""

import pkgutil
import re
import tomllib
from pathlib import Path

import pytest
from shipped import N_DRAWS, summed

from hecon.cli import main as cli
from hecon.dossier import skeleton
from hecon.errors import HeconError, InputError
from hecon.report import writers
from hecon.report.writers import FORMATS, TEXTS, Format

FEW = ("--draws", str(N_DRAWS))
BYTES = b"\x00\r\n\xff"
LACKS = 'writing lack needs no_such_library, which is not installed: pip install "hecon[lacking]"'


def as_bytes(_):
    """Write a document as the same bytes each time."""
    return BYTES


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path, monkeypatch):
    """In an empty folder, with a format of bytes and one whose library is not installed."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setitem(FORMATS, "bin", Format("bin", f"{__name__}:as_bytes", binary=True))
    lacking = Format("lack", f"{__name__}:as_bytes", binary=True, library="no_such_library", extra="lacking")
    monkeypatch.setitem(FORMATS, "lack", lacking)


@pytest.fixture
def run(capsys):
    """Return a function that runs a command: its exit code, standard output and standard error."""

    def command(*arguments):
        try:
            code = cli.main([str(each) for each in arguments])
        except SystemExit as stop:
            code = stop.code
        return (code, *capsys.readouterr())

    return command


def names():
    return sorted(path.name for path in Path("out").iterdir())


@pytest.mark.parametrize(
    ("command", "name"),
    [
        (("assess", "copd", "--length", "full", *FEW), "copd"),
        (("assess", "copd", "--form", "advice", *FEW), "copd.advice"),
        (("budget", "copd"), "copd.budget"),
        (("audit", "copd"), "copd.audit"),
        (("audit", "programme"), "programme.audit"),
        (("programme",), "programme"),
    ],
)
@pytest.mark.no_cover
def test_every_command_writes_what_is_registered(run, command, name):
    code, out, err = run(*command, "--format", "md,bin", "--lang", "nl", "--out", "out")

    assert (code, err) == (0, "")
    assert names() == [f"{name}.nl.bin", f"{name}.nl.md"]
    assert Path("out", f"{name}.nl.bin").read_bytes() == BYTES
    assert Path("out", f"{name}.nl.md").read_text(encoding="utf-8").startswith("# ")
    assert out.endswith(f"Wrote 2 files, from {Path('out', name)}.nl.md to {Path('out', name)}.nl.bin.\n")


def test_a_command_writes_the_formats_of_text_if_none_is_named(run):
    assert run("programme", "--lang", "en", "--out", "out")[0] == 0
    assert names() == sorted(f"programme.en.{kind}" for kind in TEXTS)


def test_a_format_whose_library_lacks_is_told_and_the_rest_comes_out(run):
    code, out, err = run("audit", "copd", "--format", "lack,md", "--lang", "en", "--out", "out")

    assert (code, names()) == (1, ["copd.audit.en.md"])
    assert out == f"Wrote {Path('out', 'copd.audit.en.md')}.\n"
    assert err == f"hecon: not all formats asked for were written: {LACKS}\n"


@pytest.mark.parametrize(
    "command", [("assess", "nothing"), ("budget", "nothing"), ("audit", "nothing"), ("trial", "a", "b"), ("programme",)]
)
def test_where_every_library_lacks_no_work_is_begun(run, command):
    """The dossiers named here do not exist, which is not looked at any more."""
    assert run(*command, "--format", "lack", "--out", "out") == (1, "", f"hecon: {LACKS}\n")
    assert not Path("out").exists()


@pytest.mark.parametrize(
    "command", [("assess", "copd"), ("budget", "copd"), ("audit", "copd"), ("trial", "a", "b"), ("programme",)]
)
def test_a_terminal_is_given_no_bytes(run, command):
    code, out, err = run(*command, "--format", "bin")

    assert (code, out) == (2, "")
    assert err.endswith(f"error: {command[0]} prints no bin, which is a file; give --out DIR to write it\n")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--format", "md,json"), "prints one --format; give --out to write several"),
        (("--format", "text,md", "--out", "out"), "--out writes html, md, json, bin, lack, not text"),
        (("--format", "odt"), "must be a comma-separated choice of text, html, md, json, bin, lack, got 'odt'"),
    ],
)
def test_what_does_not_go_together(run, arguments, message):
    registered = ", ".join(FORMATS)
    message = message.replace("html, md, json, bin, lack", registered)
    for command in (("budget", "copd"), ("audit", "copd"), ("trial", "a", "b"), ("programme",)):
        code, out, err = run(*command, *arguments)

        assert (code, out) == (2, "")
        assert message in " ".join(err.split())
        assert not Path("out").exists()


def test_a_note_of_one_page_is_asked_for_in_a_format_that_has_it(run, monkeypatch):
    monkeypatch.setitem(FORMATS, "bin", FORMATS["bin"]._replace(briefs=False))
    code, _, err = run("assess", "copd", "--format", "bin,json", "--length", "brief", "--out", "out")

    assert code == 2
    assert "assess has no brief bin or json; leave out --length" in err


@pytest.mark.parametrize("command", ["assess", "budget", "audit"])
def test_two_files_of_one_name_do_not_replace_each_other(run, command):
    text = re.sub(r"\((replace|vervangen)[^)]*\)", "", skeleton("same"))
    for folder in ("a", "b"):
        Path(folder).mkdir()
        Path(folder, "same.toml").write_text(text, encoding="utf-8")
    code, _, err = run(command, "a/same.toml", "b/same.toml", "--out", "out")

    assert (code, Path("out").exists()) == (1, False)
    assert err == "hecon: dossiers written to one folder must have different names, got 'same' more than once\n"


@pytest.mark.posix
def test_a_link_in_the_way_is_told_before_the_work(run):
    Path("out").mkdir()
    Path("out/programme.en.md").symlink_to("elsewhere")
    code, _, err = run("programme", "--format", "md", "--out", "out")

    assert code == 1
    assert "it is a symbolic link" in err


def test_a_summary_is_saved_in_a_format_of_bytes(tmp_path):
    each = summed("copd", "en")

    assert each.save("x.bin").read_bytes() == BYTES
    with pytest.raises(InputError, match=r"^format must be text \(html, md, json\), got 'bin': save it to a file$"):
        each.text("bin")
    with pytest.raises(HeconError, match=r'^writing lack needs no_such_library, .*: pip install "hecon\[lacking\]"$'):
        each.save("x.lack")
    assert [path.name for path in tmp_path.iterdir()] == ["x.bin"]


def test_only_the_writer_asked_for_is_loaded(monkeypatch):
    """A library that only another format needs may lack."""
    loaded = []
    monkeypatch.setattr(writers, "resolve_name", lambda name: loaded.append(name) or pkgutil.resolve_name(name))
    summed("copd", "en").text("md")

    assert loaded == ["hecon.report.writers.markdown:markdown"]


def test_the_extras_that_formats_name_are_in_the_package():
    project = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    asked = {(each.extra, each.library) for each in FORMATS.values() if each.extra} - {("lacking", "no_such_library")}
    given = {
        (extra, re.match(r"[\w-]+", requirement).group())
        for extra, requirements in project["optional-dependencies"].items()
        for requirement in requirements
    }

    assert asked <= given
