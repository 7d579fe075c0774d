"""A signal ends a command with one line and an exit code that scripts know, whatever it was doing."""

import io
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

import hecon
from hecon._interrupts import guarded, held
from hecon.cli import main as cli

# Whole notes, searches or processes; what they pass through, others hold.
pytestmark = pytest.mark.slow

CODES = {signal.SIGINT: 130, signal.SIGTERM: 143} | ({signal.SIGHUP: 129} if hasattr(signal, "SIGHUP") else {})
EACH = pytest.mark.parametrize("number", CODES)


def told(number):
    """Return the one line that is said of it."""
    return f"hecon: stopped by {signal.Signals(number).name}\n"


# In this process --------------------------------------------------------------------------------------------------


def interrupted(number):
    """Do what is interrupted by a signal to this process."""
    signal.raise_signal(number)
    raise AssertionError


def swallowing(number):
    """Do what loses the interruption, as an exception in a callback may be lost, and go on."""
    try:
        signal.raise_signal(number)
    except KeyboardInterrupt:
        return 0


def converting(number):
    """Do what makes another exception of it, as an import in C does."""
    try:
        signal.raise_signal(number)
    except KeyboardInterrupt:
        msg = "numpy failed to import"
        raise ImportError(msg) from None


@EACH
@pytest.mark.parametrize("work", [interrupted, swallowing, converting])
def test_a_signal_ends_the_work(number, work, capsys):
    """With its exit code, even if a library lost it; the process's own handlers are back afterwards."""
    before = {each: signal.getsignal(each) for each in CODES}
    ended = []

    assert guarded(lambda: work(number), end=lambda: ended.append(True)) == CODES[number]
    assert capsys.readouterr() == ("", told(number))
    assert ended == [True]
    assert {each: signal.getsignal(each) for each in CODES} == before


@EACH
def test_one_guard_within_another_says_it_once(number, capsys):
    """As where the package is run as a module."""
    assert guarded(lambda: guarded(lambda: interrupted(number))) == CODES[number]
    assert capsys.readouterr().err == told(number)


def test_work_that_is_not_interrupted():
    """Gives its own exit code, and raises its own exceptions."""
    assert guarded(lambda: 7) == 7
    with pytest.raises(ZeroDivisionError):
        guarded(lambda: 1 // 0)


def test_ctrl_c_that_python_raised_itself(capsys):
    """In a thread, or before the guard stood."""

    def raising():
        raise KeyboardInterrupt

    assert guarded(raising) == 130
    assert capsys.readouterr().err == told(signal.SIGINT)


@EACH
@pytest.mark.parametrize("guard", [guarded, lambda work: [held().__enter__(), work()]])
def test_signals_that_are_ignored_stay_so(number, guard):
    """As under nohup, and for what a shell runs in the background."""
    former = signal.signal(number, signal.SIG_IGN)
    try:

        def work():
            assert signal.getsignal(number) is signal.SIG_IGN
            signal.raise_signal(number)
            return 0

        guard(work)
    finally:
        signal.signal(number, former)


@EACH
def test_a_handler_of_the_caller_is_left(number):
    """A program that runs the command line within it has its own way to stop."""
    heard = []
    former = signal.signal(number, lambda *_: heard.append(number))
    try:
        assert guarded(lambda: signal.raise_signal(number) or 3) == 3
    finally:
        signal.signal(number, former)

    assert heard == [number]


def test_in_another_thread_signals_are_left_alone():
    """Python handles them on the main thread alone."""
    codes = []

    def work():
        with held():
            return 4

    thread = threading.Thread(target=lambda: codes.append(guarded(work)))
    thread.start()
    thread.join()

    assert codes == [4]


def test_standard_error_may_be_closed(monkeypatch):
    """The exit code tells."""
    monkeypatch.setattr(sys, "stderr", None)

    assert guarded(lambda: interrupted(signal.SIGINT)) == 130


def test_held_signals_are_sent_once_each():
    """In the order in which they first came, after the block."""
    heard = []
    former = {each: signal.signal(each, lambda number, _: heard.append(number)) for each in CODES}
    try:
        with held():
            for each in (signal.SIGTERM, signal.SIGINT, signal.SIGTERM):
                signal.raise_signal(each)
            assert heard == []
    finally:
        for each, handler in former.items():
            signal.signal(each, handler)

    assert heard == [signal.SIGTERM, signal.SIGINT]


def test_a_signal_comes_before_the_exception_of_a_block():
    """What failed is then of no interest."""

    def work():
        with held():
            signal.raise_signal(signal.SIGINT)
            raise ZeroDivisionError

    with pytest.raises(KeyboardInterrupt):
        work()


@EACH
def test_the_command_line_is_guarded(number, monkeypatch, capsys):
    """What it had begun to print is not flushed: half a result is none."""

    def work(_):
        sys.stdout.write("half a ")
        signal.raise_signal(number)

    monkeypatch.setattr(cli, "_list", work)
    stream = io.TextIOWrapper(io.BufferedWriter(io.BytesIO()), encoding="utf-8")
    monkeypatch.setattr(sys, "stdout", stream)

    assert cli.main(["list"]) == CODES[number]
    assert capsys.readouterr().err == told(number)
    assert stream.buffer.raw.getvalue() == b""


def test_help_names_the_exit_codes(capsys):
    """All of them."""
    with pytest.raises(SystemExit):
        cli.main(["--help"])
    words = " ".join(capsys.readouterr().out.split())

    assert "Exit codes: 0 done, 1 the input is wrong" in words
    assert "2 usage, 129, 130 or 143 stopped by SIGHUP, by SIGINT (Ctrl-C) or by SIGTERM." in words


# In a process of its own ------------------------------------------------------------------------------------------

_READY = """
import os, signal, sys, time
from pathlib import Path
def wait():
    Path("ready").touch()
    while not Path("go").exists():
        time.sleep(0.01)
"""
_RUN = "import runpy\nrunpy.run_module('hecon', None, '__main__')"
MOMENTS = {
    # Blocks where the first slow library is imported.
    "importing": """
class Blocks:
    def find_spec(self, name, path=None, target=None):
        if name == "pydantic":
            wait()
sys.meta_path.insert(0, Blocks())
""",
    # Blocks in the middle of the work.
    "computing": """
from hecon.cli import main as cli
cli._list = lambda _: print("half", end="") or wait()
""",
    # Blocks where the first of two files has taken its place.
    "writing": """
from hecon import _io
from hecon.cli import main as cli
cli._list = lambda _: _io.write_whole({Path("out/a"): "a", Path("out/b"): "b"})
real = Path.replace
def replace(self, target):
    real(self, target)
    wait()
Path.replace = replace
""",
}


@pytest.mark.posix
@EACH
@pytest.mark.parametrize("moment", MOMENTS)
def test_a_process_is_stopped(number, moment, tmp_path):
    """One line, the exit code, no draft; of files that are being written all."""
    # The list of dossiers imports no slow library.
    command = "audit" if moment == "importing" else "list"
    code = f"{_READY}{MOMENTS[moment]}\nsys.argv = ['hecon', '{command}']\n{_RUN}"
    process = subprocess.Popen(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(Path(hecon.__file__).parent.parent), "PYTHONUNBUFFERED": ""},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    until = time.monotonic() + 120
    while not (tmp_path / "ready").exists():
        assert process.poll() is None, process.stderr.read()
        assert time.monotonic() < until
        time.sleep(0.01)
    process.send_signal(number)
    if moment == "writing":
        # Twice, as of someone in a hurry.
        process.send_signal(number)
        (tmp_path / "go").touch()
    out, err = process.communicate(timeout=120)

    assert (process.returncode, out, err.decode()) == (CODES[number], b"", told(number))
    written = {"out", "a", "b", "go"} if moment == "writing" else set()
    assert {each.name for each in tmp_path.rglob("*")} == {"ready", *written}
