"""What reaches the terminal: no control character, whatever files hold; and streams that are closed, full or narrow."""

import html
import importlib
import io
import json
import os
import re
import subprocess
import sys
import warnings
from pathlib import Path

import pytest
from assessed import assessed_once
from drawn import drawn_once

import hecon
from hecon import _controls, dossier
from hecon.cli import _terminal
from hecon.cli import main as cli
from hecon.dossier import FOLDER
from hecon.errors import DossierError, HeconError, InputError, StatisticalWarning
from hecon.report.writers.json import json_text

# Whole notes, searches or processes; what they pass through, others hold.
pytestmark = pytest.mark.slow

FEW = ("--draws", "100")
BURDEN = ("burden", "--age", "50", "--female", "0.5", "--remaining-qalys", "20")
# Every command, in every format that it prints.
COMMANDS = [
    *(("--help",), ("--version",), ("assess", "--help"), ("list",), ("schema",)),
    *(("assess", "copd", *FEW, *kind) for kind in ((), *(("--format", each) for each in ("md", "html", "json")))),
    *(("audit", "copd", "--format", kind) for kind in ("text", "json")),
    *(("budget", "copd", "--format", kind) for kind in ("text", "md", "html", "json")),
    *((*BURDEN, "--format", kind) for kind in ("text", "json")),
    *(("burden", "--tables", "--format", kind) for kind in ("text", "json")),
    *(("programme", "--format", kind) for kind in ("text", "md", "html", "json")),
    *(("new", "hip-fracture"), ("trial", "--example", "folder"), ("assess", "copd", "--out", "folder", *FEW)),
]
EACH = pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
# A title of the window, a colour by C0 and by C1, a bell, a line that overwrites another, and letters that turn about.
ATTACK = "\x1b]0;pwn\x07\x1b[31m\x9b32m\x9d1;x\x9c\x7f\ra\x08\u2028\u202eb"
OBEYED = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
TURNING = re.compile(r"[\u2028\u2029\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")


def ran(*arguments):
    """Return the exit code of a command."""
    try:
        return cli.main([str(each) for each in arguments])
    except SystemExit as stop:
        return stop.code


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path, monkeypatch):
    """Run each command in a folder of its own; how it prints is the point, so what it prints is made once for all."""
    monkeypatch.chdir(tmp_path)
    with assessed_once(), drawn_once():
        yield


@pytest.fixture(scope="module")
def hostile(tmp_path_factory):
    """Return a dossier's file with the attack in every text of it that has two languages, and in its sources."""
    text = (FOLDER / "acl-rupture.toml").read_text(encoding="utf-8")
    quoted = json.dumps(ATTACK)[1:-1].replace("\x7f", "\\u007f")
    text, count = re.subn(r'\b(nl|en|place) = "', lambda match: match.group() + quoted, text)
    path = tmp_path_factory.mktemp("hostile") / "acl-rupture.toml"
    path.write_text(text, encoding="utf-8")
    assert count > 100
    return path


# Control characters -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "command",
    [
        *(("assess", *FEW, *kind) for kind in ((), *(("--format", each) for each in ("md", "html", "json")))),
        *(("audit", "--format", kind) for kind in ("text", "json")),
        *(("budget", "--format", kind) for kind in ("text", "md", "html", "json")),
    ],
    ids=" ".join,
)
def test_a_hostile_dossier_commands_no_terminal(command, hostile, capsys):
    """Its texts are there to be seen, and nothing in the output is obeyed."""
    code = ran(command[0], hostile, *command[1:])
    out, err = capsys.readouterr()
    document = {"md", "html"} & set(command)

    assert code == 0
    assert OBEYED.findall(out + err) == []
    # In a note a mark that turns letters stands in an isolate of its own.
    assert document or TURNING.findall(out + err) == []
    assert "]0;pwn" in out
    assert ("\N{REPLACEMENT CHARACTER}" in out) == bool(document)
    if command[0] != "audit" and "json" in command:
        assert json.loads(out)["title"].startswith(ATTACK)


def test_files_hold_no_control_characters(hostile, capsys):
    """Nor do the files of a note; JSON reads as what was given."""
    assert ran("assess", hostile, "--out", "out", "--lang", "en", *FEW) == 0
    files = {each.suffix: each.read_text(encoding="utf-8") for each in Path("out").iterdir()}

    assert {kind: OBEYED.findall(text) for kind, text in files.items()} == {".md": [], ".html": [], ".json": []}
    assert ATTACK in json.loads(files[".json"])["title"]
    assert OBEYED.findall(capsys.readouterr().out) == []


@pytest.mark.parametrize(
    "arguments",
    [
        ("list", ATTACK),
        (ATTACK,),
        ("list", "--lang", ATTACK),
        ("assess", ATTACK),
        ("assess", f"{ATTACK}.toml"),
        ("assess", "copd", "--format", ATTACK),
        ("assess", "copd", "--seed", ATTACK),
        ("new", ATTACK),
        ("budget", "copd", "--scenario", f"{ATTACK}:{ATTACK}=1"),
        ("burden", "--age", ATTACK),
        ("burden", "--age", "50", "--female", "0.5", "--table", ATTACK, "--remaining-qalys", "1"),
        ("programme", "--on", ATTACK),
        ("trial", f"{ATTACK}.csv", f"{ATTACK}.toml"),
        ("trial", "--example", f"{ATTACK}\nx"),
        ("assess", "\udcff.toml"),
    ],
)
def test_hostile_arguments_command_no_terminal(arguments, capsys):
    """Refused or obeyed, they are shown escaped; what argparse says too, on its lines."""
    code = ran(*arguments)
    out, err = capsys.readouterr()

    assert code == (0 if arguments[:2] == ("trial", "--example") else code)
    assert out + err
    assert OBEYED.findall(out + err) == []
    assert TURNING.findall(out + err) == []


def test_a_line_end_in_an_argument_makes_no_line(capsys):
    """It could pass for a message of hecon's own."""
    assert ran("list", "a\nhecon: all is well") == 2
    assert capsys.readouterr().err.endswith("hecon list: error: unrecognized arguments: a\\nhecon: all is well\n")


def test_keys_of_a_file_command_no_terminal(tmp_path, capsys):
    """Nor do the keys that a file should not have, or the name of the file itself."""
    path = tmp_path / "a\x1b[31m\n.toml"
    key = '"\\u001b[31m\\u009b\\nhecon"'
    path.write_text(f"{dossier.skeleton('sample')}\n[{key}]\nx = 1\n", encoding="utf-8")

    assert ran("assess", path) == 1
    err = capsys.readouterr().err
    assert OBEYED.findall(err) == []
    assert "a\\x1b[31m\\n.toml has 1 fault:\n  " in err
    assert len(err.splitlines()) == 2


@pytest.mark.parametrize(
    ("text", "escaped"),
    [
        ("plain, é, 中, € and\ta tab\n", "plain, é, 中, € and\ta tab\n"),
        ("\x1b[0m", r"\x1b[0m"),
        ("\x9b\x7f\x00", r"\u009b\x7f\x00"),
        ("a\r\nb", "a\\r\nb"),
        ("\u2028\u2029\u202e\u2066\u200f", r"\u2028\u2029\u202e\u2066\u200f"),
        ("\udcff", r"\udcff"),
    ],
)
def test_escaping(text, escaped):
    """As Python would write it; what is printable, the tab and the line end stay."""
    assert _controls.escape(text) == escaped
    assert _controls.one_line(text) == escaped.replace("\n", r"\n").replace("\t", r"\t")


def test_json_escapes_and_reads_as_the_same():
    """Whatever a text holds."""
    data = {"a": "".join(map(chr, range(0x2100))) + "\ud800\u2067"}
    text = json_text(data)

    assert OBEYED.findall(text) == []
    assert TURNING.findall(text) == []
    assert json.loads(text) == data


@pytest.mark.parametrize("kind", [HeconError, InputError])
def test_messages_raised_to_a_caller_are_escaped(kind):
    """Python prints them as they are; what was given can still be read from the error."""
    error = kind("name \x1b[31m is\n  wrong\nhere")

    assert str(error) == "name \\x1b[31m is\n  wrong\\nhere"
    assert error.args == ("name \x1b[31m is\n  wrong\nhere",)


def test_faults_are_escaped_one_by_one():
    """Each is one line, in the message and in the attribute."""
    error = DossierError("a\nb", ["x: \x1b\ny", "z"])

    assert str(error) == "dossier a\\nb has 2 faults:\n  x: \\x1b\\ny\n  z"
    assert error.faults == (r"x: \x1b\ny", "z")


def test_names_of_the_caller_in_an_error():
    """A strategy of any name is refused by it, visibly."""
    draws = hecon.from_arrays([[0, 1]], [[0, 1]], strategies=["usual\x1b[31m", "new"], comparator="new")
    with pytest.raises(InputError) as caught:
        hecon.icer(draws, comparator="x\x9b")

    assert OBEYED.findall(str(caught.value)) == []


def test_a_warning_is_escaped(monkeypatch, capsys):
    """On its one line; in Python its lines stay."""
    assert str(StatisticalWarning("a\x1b\nb")) == "a\\x1b\nb"
    monkeypatch.setattr(
        cli, "_list", lambda _: warnings.warn("in \x1b[31m\x9b\nthe arm", StatisticalWarning, stacklevel=1)
    )

    assert ran("list") == 0
    assert capsys.readouterr().err == "hecon: warning: in \\x1b[31m\\u009b the arm\n"


def test_a_mistake_in_the_program_commands_no_terminal(monkeypatch, capsys):
    """Its traceback is printed with the names that it holds escaped."""
    monkeypatch.setattr(sys, "excepthook", sys.excepthook)
    monkeypatch.setattr(cli, "main", lambda: 1 / 0)
    module = importlib.import_module("hecon.__main__")
    # Python warns of a module that is run after it was imported.
    del sys.modules["hecon.__main__"]
    with pytest.raises(ZeroDivisionError) as caught:
        module.run()
    sys.excepthook(KeyError, KeyError("x"), None)
    sys.excepthook(ValueError, ValueError("\x1b[31m"), caught.tb)
    err = capsys.readouterr().err

    assert err.endswith("ValueError: \\x1b[31m\n")
    assert "lambda: 1 / 0" in err
    monkeypatch.setattr(sys, "stderr", None)
    sys.excepthook(KeyError, KeyError("x"), None)


# Streams that are closed or full ----------------------------------------------------------------------------------


class Full(io.StringIO):
    """A device on which nothing fits, found out when it is flushed or at once."""

    def __init__(self, *, at_once):
        super().__init__()
        self.at_once = at_once

    def write(self, text):
        """Take the text, or not."""
        if self.at_once:
            raise OSError(28, "No space left on device")
        return super().write(text)

    def flush(self):
        """Fail."""
        raise OSError(28, "No space left on device")


@pytest.mark.parametrize(
    ("command", "at_once"), [*((each, True) for each in COMMANDS), *((each, False) for each in COMMANDS[:4])]
)
def test_a_full_device(command, at_once, monkeypatch, capsys):
    """Is told in one line, with exit code 1, also where a parser prints."""
    monkeypatch.setattr(sys, "stdout", Full(at_once=at_once))

    assert ran(*command) == 1
    assert capsys.readouterr().err == "hecon: standard output cannot be written to: No space left on device\n"


@pytest.mark.parametrize("command", COMMANDS[::3], ids=" ".join)
def test_a_reader_that_has_enough(command, monkeypatch, capsys):
    """Ends a command without a word, and is no fault."""

    class Closed(io.StringIO):
        def write(self, _):
            raise BrokenPipeError(32, "Broken pipe")

    monkeypatch.setattr(sys, "stdout", Closed())

    assert ran(*command) == 0
    assert capsys.readouterr().err == ""


@EACH
def test_standard_output_that_is_closed(command, monkeypatch, capsys):
    """Is told before any work is done, and nothing is written elsewhere."""
    monkeypatch.setattr(sys, "stdout", None)

    assert ran(*command) == 1
    err = capsys.readouterr().err
    assert err == f"hecon: standard output is closed: send it to a file, or to {os.devnull}\n"
    assert list(Path().iterdir()) == []


@pytest.mark.parametrize("broken", [None, Full(at_once=True), Full(at_once=False)], ids=["closed", "full", "late"])
@pytest.mark.parametrize(
    ("command", "code"), [(("list",), 0), (("assess", "nope"), 1), (("assess",), 2), (("--version",), 0)]
)
def test_standard_error_that_is_closed_or_full(command, code, broken, monkeypatch, capsys):
    """The exit code tells; a message for it never lands on standard output."""
    monkeypatch.setattr(sys, "stderr", broken)
    monkeypatch.setattr(sys, "__stderr__", broken)

    assert ran(*command) == code
    assert (capsys.readouterr().out == "") == (code > 0)


@pytest.mark.posix
@pytest.mark.parametrize(
    ("line", "code", "message"),
    [
        ("list >&-", 1, "hecon: standard output is closed: send it to a file, or to /dev/null\n"),
        ("list >&- 2>&-", 1, ""),
        ("assess nope 2>&-", 1, ""),
        ("--help >/dev/full", 1, "hecon: standard output cannot be written to: No space left on device\n"),
        ("list <&- >/dev/null", 0, ""),
    ],
)
def test_redirections_of_a_shell(line, code, message):
    """In a process of its own, where Python too has its say at exit."""
    if "/dev/full" in line and not Path("/dev/full").exists():
        pytest.skip("no device that is full")
    ended = subprocess.run(
        ["/bin/sh", "-c", f'"{sys.executable}" -m hecon {line}'],
        capture_output=True,
        check=False,
        env={**os.environ, "PYTHONPATH": str(Path(hecon.__file__).parent.parent)},
    )

    assert (ended.returncode, ended.stderr.decode()) == (code, message)
    assert ended.stdout == b""


# Encodings --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("command", "encoding"),
    [*((each, "ascii") for each in COMMANDS), *((each, "latin-1") for each in COMMANDS if each[0] == "programme")],
)
def test_a_narrow_encoding(command, encoding, monkeypatch, capsys):
    """Every command goes through; JSON and HTML lose nothing."""
    stream = io.TextIOWrapper(io.BytesIO(), encoding=encoding)
    monkeypatch.setattr(sys, "stdout", stream)
    assert ran(*command) == 0
    narrow = stream.buffer.getvalue().decode(encoding)
    monkeypatch.undo()
    read = {"json": json.loads, "html": html.unescape}.get(command[-1])
    if read is not None:
        assert ran(*command) == 0
        assert read(narrow) == read(capsys.readouterr().out)


@pytest.mark.parametrize(
    ("text", "encoding", "shown"),
    [
        ("\N{MINUS SIGN}€\N{NO-BREAK SPACE}2.525", "ascii", "-? 2.525"),
        ("\N{MINUS SIGN}€\N{NO-BREAK SPACE}2.525", "latin-1", "-? 2.525"),
        ("1\N{EN DASH}2", "cp1252", "1\N{EN DASH}2"),
        ("\N{MINUS SIGN}1", "utf-8", "\N{MINUS SIGN}1"),
    ],
)
def test_an_amount_below_zero_keeps_its_sign(text, encoding, shown):
    """Where the encoding lacks the minus sign a hyphen stands for it, not a question mark."""
    assert _terminal._encodable(text, encoding) == shown
