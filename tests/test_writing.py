"""Files are written whole and as a set, and what must not be replaced is refused, named, with a remedy that works."""

import os
import signal
import stat
from pathlib import Path

import pytest
from skeletons import skeleton

import hecon
from hecon import _interrupts, _io, datasets
from hecon._io import check_folder, write_whole
from hecon.cli import main as cli
from hecon.errors import InputError

# Links, pipes and permissions; what is written and replaced is held elsewhere too.
pytestmark = pytest.mark.posix

FEW = ("--draws", "100")


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def save(path):
    """Save a summary, as a caller of the library does."""
    hecon.summary(hecon.assess("triage"), lang="en").save(path)


def write(path):
    """Write a file as the commands do."""
    write_whole({Path(path): "new"})


def read_only(path):
    """Mark a file read-only; return how the mark is taken away."""
    path.write_text("old", encoding="utf-8")
    path.chmod(0o444)
    return lambda: path.chmod(0o644)


def link(path):
    """Make a file a symbolic link to another one."""
    Path("outside.md").write_text("old", encoding="utf-8")
    path.symlink_to(Path("outside.md").resolve())
    return path.unlink


def dangling(path):
    """Make a file a symbolic link to nothing."""
    path.symlink_to("nowhere.md")
    return path.unlink


def pipe(path):
    """Make a file a named pipe."""
    os.mkfifo(path)
    return path.unlink


def folder(path):
    """Make a file's name a folder's."""
    path.mkdir()
    return path.rmdir


OBSTACLES = {
    read_only: "it is read-only and is left as it is; make it writable, or write elsewhere",
    link: "it is a symbolic link, which is not followed; give the file itself, or remove the link",
    dangling: "it is a symbolic link, which is not followed; give the file itself, or remove the link",
    pipe: "it is a device, pipe or socket; give a file",
    folder: "Is a directory",
}


def state(root):
    """Return what is in a folder: names, kinds, permissions and contents."""
    found = {}
    for each in sorted(root.rglob("*")):
        status = each.lstat()
        regular = stat.S_ISREG(status.st_mode)
        found[each.name] = status.st_mode, each.read_bytes() if regular else None
    return found


@pytest.mark.parametrize("writer", [save, write])
@pytest.mark.parametrize("obstacle", OBSTACLES)
@pytest.mark.no_cover
def test_what_must_not_be_replaced_is_refused(writer, obstacle):
    """Nothing changes, inside or outside; the remedy works."""
    path = Path("sample.en.md")
    remove = obstacle(path)
    before = state(Path())
    with pytest.raises(InputError) as caught:
        writer(path)

    assert str(caught.value) == f"path must be writable, got 'sample.en.md': {OBSTACLES[obstacle]}"
    assert state(Path()) == before
    remove()
    writer(path)
    assert path.read_text(encoding="utf-8") != "old"
    assert not path.is_symlink()


@pytest.mark.parametrize("obstacle", [read_only, link])
def test_the_command_line_refuses_before_it_computes(obstacle, monkeypatch, capsys):
    """An analysis is not lost because its file cannot be written."""
    Path("out").mkdir()
    obstacle(Path("out/sample.nl.json"))
    Path("sample.toml").write_text(skeleton("sample"), encoding="utf-8")
    monkeypatch.setattr("hecon.assessment.assess", None)

    assert cli.main(["assess", "sample.toml", "--out", "out"]) == 1
    assert capsys.readouterr().err == f"hecon: path must be writable, got 'out/sample.nl.json': {OBSTACLES[obstacle]}\n"
    assert [each.name for each in Path("out").iterdir()] == ["sample.nl.json"]


def test_the_teaching_trial_is_written_as_a_set(tmp_path):
    """One file that must not be replaced leaves all three as they are."""
    datasets.write_trial("meniscus", tmp_path, rng=1)
    (tmp_path / "meniscus-dossier.toml").chmod(0o444)
    before = state(tmp_path)
    with pytest.raises(InputError, match=r"meniscus-dossier\.toml': it is read-only"):
        datasets.write_trial("meniscus", tmp_path, rng=2)

    assert state(tmp_path) == before


@pytest.mark.parametrize("target", ["nowhere", "hip.toml"])
def test_new_writes_through_no_link(target, capsys):
    """Also not through one to nothing."""
    Path("hip.toml").symlink_to("elsewhere" if target == "hip.toml" else target)

    assert cli.main(["new", "hip"]) == 1
    assert "hip.toml exists and is left as it is" in capsys.readouterr().err
    assert Path("hip.toml").is_symlink()
    assert not Path(target).exists() or target == "hip.toml"


def test_a_file_that_appears_meanwhile_is_not_replaced():
    """Where a new one is asked for."""
    Path("x").write_text("old", encoding="utf-8")
    with pytest.raises(InputError, match=r"^path must be writable, got 'x': File exists$"):
        write_whole({Path("x"): "new"}, replace=False)

    assert state(Path()) == {"x": (Path("x").lstat().st_mode, b"old")}


@pytest.mark.parametrize("out", ["", " ", "\t"])
@pytest.mark.parametrize(
    "arguments",
    [("assess", "triage", "--out"), ("budget", "copd", "--out"), ("trial", "a", "b", "--out"), ("trial", "--example")],
)
def test_a_folder_without_a_name_is_refused(arguments, out, capsys):
    """Before anything is read; the remedy works."""
    assert cli.main([*arguments, out]) == 1
    err = capsys.readouterr().err
    assert err == f"hecon: {arguments[-1]} must be a folder, got {out!r}: write . for the current one\n"
    assert list(Path().iterdir()) == []


@pytest.mark.parametrize(
    ("where", "message"),
    [
        ("file", r"got 'file': file is a file"),
        ("file/below", r"got 'file/below': .*file is a file"),
        ("link", r"got 'link': link is a link to nothing"),
        ("link/below", r"got 'link/below': .*link is a link to nothing"),
    ],
)
def test_a_folder_that_cannot_be_made(where, message):
    """What stands in the way is named."""
    Path("file").touch()
    Path("link").symlink_to("nowhere")
    with pytest.raises(InputError, match=f"^--out must be a folder, or one that can be made, {message}$"):
        check_folder("--out", where)


def test_a_folder_that_is_locked(monkeypatch):
    """Simulated: permissions do not bind the superuser."""
    monkeypatch.setattr(_io.os, "access", lambda *_: False)
    with pytest.raises(InputError, match=r"^--out must be a folder that can be written to, got '\.': \. cannot$"):
        check_folder("--out", ".")


def test_a_folder_may_be_a_link(capsys):
    """It is given as one, so what is written there is no surprise."""
    Path("real").mkdir()
    Path("link").symlink_to("real")

    assert cli.main(["assess", "triage", "--out", "link", "--lang", "en", "--format", "md", *FEW]) == 0
    assert "Wrote 2 files, from link/triage.en.md to link/triage.brief.en.md." in capsys.readouterr().out
    assert sorted(each.name for each in Path("real").iterdir()) == ["triage.brief.en.md", "triage.en.md"]


@pytest.mark.slow
def test_replaced_files_are_counted(capsys):
    """So that nothing is replaced without a word."""
    arguments = ["assess", "triage", "--out", "out", "--format", "md", "--length", "full", *FEW]
    for lang, told in (
        (["--lang", "en"], "Wrote out/triage.en.md."),
        (["--lang", "en"], "Wrote out/triage.en.md (replaced)."),
        ([], "Wrote 2 files (1 of them replaced), from out/triage.nl.md to out/triage.en.md."),
    ):
        assert cli.main([*arguments, *lang]) == 0
        assert capsys.readouterr().out.endswith(f"\n{told}\n")


def test_permissions_and_hard_links_of_a_file_that_is_replaced():
    """It stays as private as it was; under its other name it keeps what it held."""
    path = Path("x.md")
    path.write_text("old", encoding="utf-8")
    path.chmod(0o600)
    os.link(path, "other")

    assert write_whole({path: "new", Path("y.md"): "new"}) == (path,)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(Path("y.md").stat().st_mode) == 0o666 & ~_umask()
    assert Path("other").read_text(encoding="utf-8") == "old"


def _umask():
    umask = os.umask(0)
    os.umask(umask)
    return umask


@pytest.mark.parametrize("links", [True, False])
def test_a_set_that_fails_at_its_second_file_is_undone(links, monkeypatch):
    """Old files are back, new ones and folders that were made are gone; also where there are no hard links."""
    Path("a").write_text("old", encoding="utf-8")
    before = state(Path())
    real, moved = Path.replace, []

    def replace(self, target):
        moved.append(target)
        if len(moved) == 3:
            raise OSError(5, "Input/output error")
        return real(self, target)

    def denied(*_):
        raise OSError(1, "Operation not permitted")

    monkeypatch.setattr(Path, "replace", replace)
    if not links:
        monkeypatch.setattr(_io.os, "link", denied)
    with pytest.raises(InputError, match=r"^path must be writable, got 'made/c': Input/output error$"):
        write_whole({Path("a"): "new", Path("made/b"): "new", Path("made/c"): "new"})

    assert state(Path()) == before


def test_a_text_that_cannot_be_written_leaves_nothing():
    """As half a character is no text."""
    with pytest.raises(UnicodeEncodeError):
        write_whole({Path("made/a"): "new", Path("made/b"): "\ud800"})

    assert list(Path().iterdir()) == []


@pytest.mark.parametrize("name", ["a\0b.md", "x" * 300 + ".md"])
def test_a_name_that_no_file_can_have(name):
    """Is refused like any other path."""
    with pytest.raises(InputError, match=r"^path must be writable, got "):
        save(name)


# Interruptions ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("number", _interrupts._STOPPING)
@pytest.mark.parametrize("at", ["open", "link", "replace"])
def test_a_signal_while_files_are_written(number, at, monkeypatch):
    """Waits until the set is whole, at whatever moment it comes; then it is obeyed."""
    Path("a").write_text("old", encoding="utf-8")
    obeyed = []
    former = signal.signal(number, lambda *_: obeyed.append(sorted(each.name for each in Path().iterdir())))
    where, name = (Path, at) if at == "replace" else (_io.os, at)
    real = getattr(where, name)

    def interrupted(*arguments, **options):
        signal.raise_signal(number)
        assert obeyed == []
        return real(*arguments, **options)

    monkeypatch.setattr(where, name, interrupted)
    try:
        write_whole({Path("a"): "new", Path("b"): "new"})
    finally:
        signal.signal(number, former)

    assert obeyed == [["a", "b"]]
    assert {each.read_text(encoding="utf-8") for each in Path().iterdir()} == {"new"}


def test_ctrl_c_while_files_are_written_is_raised_afterwards(monkeypatch):
    """To a caller of the library as Python's own."""
    real = Path.replace

    def interrupted(self, target):
        signal.raise_signal(signal.SIGINT)
        return real(self, target)

    monkeypatch.setattr(Path, "replace", interrupted)
    with pytest.raises(KeyboardInterrupt):
        write_whole({Path("a"): "new", Path("b"): "new"})

    assert [each.name for each in sorted(Path().iterdir())] == ["a", "b"]
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
