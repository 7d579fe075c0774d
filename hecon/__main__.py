"""The command line as ``python -m hecon``, and as the command ``hecon``."""

from __future__ import annotations

import gc
import sys
import traceback
from typing import TYPE_CHECKING

from hecon import _controls
from hecon._interrupts import guarded

if TYPE_CHECKING:
    from types import TracebackType


def run() -> int:
    """Run the command line of this process; what a signal may stop includes its import."""
    sys.excepthook = _print_escaped
    # Looking for cycles takes a tenth of a command's time and finds few: a dossier in all formats stays below this.
    gc.set_threshold(1_000_000)
    return guarded(_imported)


def _imported() -> int:
    from hecon.cli.main import main

    return main()


def _print_escaped(kind: type[BaseException], error: BaseException, where: TracebackType | None) -> None:
    """Print the traceback of a mistake in the program, whose message may hold a name from a file."""
    if sys.stderr is not None:
        sys.stderr.write(_controls.escape("".join(traceback.format_exception(kind, error, where))))


if __name__ == "__main__":
    sys.exit(run())
