"""Files that a user names: regular ones of a limited size, whichever command reads them."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest
from trial_tables import WIDE

from hecon._io import TABLE_BYTES, TEXT_BYTES, exists, file_bytes, is_file
from hecon.cli.main import main
from hecon.dossier import load, load_programme
from hecon.errors import InputError
from hecon.trial import read_design, read_table

# What reads the file that a user names, and what its message calls it.
READERS = {
    "design": (read_design, ".toml"),
    "dossier": (load, ".toml"),
    "programme": (load_programme, ".toml"),
    **{f"table {kind}": (read_table, kind) for kind in (".csv", ".xlsx", ".dta", ".sav", ".parquet")},
}
SPECIAL = {"folder": "it is a folder", "fifo": "it is a FIFO", "socket": "it is a socket", "device": "it is a device"}


@pytest.fixture
def special(tmp_path):
    """Return what makes a special file of a kind and an ending."""
    opened = []

    def make(kind, ending=""):
        path = tmp_path / f"x{ending}"
        if kind == "folder":
            path.mkdir()
        elif kind == "fifo":
            os.mkfifo(path)
        elif kind == "device":
            path.symlink_to("/dev/zero")
        else:
            opened.append(socket.socket(socket.AF_UNIX))
            opened[0].bind(os.path.relpath(path))  # a full path may be too long
        return path

    yield make
    for each in opened:
        each.close()


@pytest.mark.posix
@pytest.mark.parametrize("kind", SPECIAL)
@pytest.mark.parametrize("reader", READERS)
def test_only_regular_files_are_read(special, kind, reader):
    """Nothing waits for the other end of a FIFO."""
    read, ending = READERS[reader]
    path = special(kind, ending)
    with pytest.raises(InputError) as caught:
        read(path)
    what = "dossier" if reader == "programme" else reader.partition(" ")[0]
    if kind == "folder" and what != "design":
        assert str(caught.value).startswith(f"{what} must be an existing file, got {str(path)!r}")
        return

    assert str(caught.value) == (
        f"{what} must be a file that can be read, got {str(path)!r}: {SPECIAL[kind]}, not a regular file"
    )


@pytest.mark.parametrize("reader", READERS)
def test_a_file_beyond_the_limit_is_not_read(tmp_path, reader):
    read, ending = READERS[reader]
    most = TABLE_BYTES if ending != ".toml" else TEXT_BYTES
    path = tmp_path / f"x{ending}"
    with path.open("wb") as file:
        file.truncate(most + 1)  # a sparse file: it takes no room
    with pytest.raises(InputError, match=f"must be a file of at most {most // 10**6} MB, got .*, which holds "):
        read(path)


def test_a_file_at_the_limit_is_read_and_one_beyond_is_not(tmp_path):
    path = tmp_path / "x"
    path.write_bytes(b"12345")

    assert file_bytes("it", path, at_most=5) == b"12345"
    with pytest.raises(InputError, match="which holds 1 MB"):
        file_bytes("it", path, at_most=4)


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="no /proc")
def test_a_file_that_is_longer_than_it_says_is_read_to_the_limit():
    assert file_bytes("it", "/proc/self/status", at_most=10**6)
    with pytest.raises(InputError, match="at most 0 MB, got '/proc/self/status', which holds more"):
        file_bytes("it", "/proc/self/status", at_most=10)


@pytest.mark.parametrize(
    ("path", "why"), [("no", "No such file or directory"), ("\0", "no file has such a name"), ("x" * 400, "too long")]
)
def test_what_is_not_there_is_told(path, why):
    with pytest.raises(InputError, match=f"it must be a file that can be read, got .*{why}"):
        file_bytes("it", path, at_most=5)
    assert not exists(path)
    assert not is_file(path)


@pytest.mark.posix
def test_a_link_to_a_file_is_read(tmp_path):
    (tmp_path / "x").write_bytes(b"1")
    (tmp_path / "y").symlink_to(tmp_path / "x")

    assert file_bytes("it", tmp_path / "y", at_most=5) == b"1"


@pytest.mark.parametrize("place", [0, 1])
def test_the_command_refuses_a_fifo_as_table_and_as_design(special, tmp_path, capsys, place):
    (tmp_path / "design.toml").write_text(WIDE)
    given = [str(special("fifo", ".csv")), str(tmp_path / "design.toml")]
    if place:
        given = [str(tmp_path / "x.csv"), str(tmp_path / "x.csv")]

    assert main(["trial", *given]) == 1
    assert "it is a FIFO, not a regular file" in capsys.readouterr().err
