"""The bytes of a file that a user names: regular files only, and of a limited size."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from hecon.errors import InputError

__all__ = ["TABLE_BYTES", "TEXT_BYTES", "exists", "file_bytes", "is_file"]

_MEGABYTE = 1_000_000
# Designs, dossiers and programmes are written by hand; the largest that ships is below a tenth of a megabyte.
TEXT_BYTES = 8 * _MEGABYTE
TABLE_BYTES = 256 * _MEGABYTE
_KINDS = (
    (stat.S_ISDIR, "it is a folder"),
    (stat.S_ISFIFO, "it is a FIFO"),
    (stat.S_ISSOCK, "it is a socket"),
    (stat.S_ISCHR, "it is a device"),
    (stat.S_ISBLK, "it is a device"),
)
# A FIFO that takes the place of the file after it was looked at must not block; these are absent on some systems.
_FLAGS = os.O_RDONLY | sum(getattr(os, name, 0) for name in ("O_NONBLOCK", "O_NOCTTY", "O_CLOEXEC", "O_BINARY"))


def exists(path: str | Path) -> bool:
    """Return whether there is anything but a folder at a path."""
    try:
        return Path(path).exists() and not Path(path).is_dir()
    except (OSError, ValueError):
        return False


def is_file(path: str | Path) -> bool:
    """Return whether there is a regular file at a path; a name that no file system takes has none."""
    try:
        return Path(path).is_file()
    except (OSError, ValueError):
        return False


def file_bytes(what: str, path: str | Path, *, at_most: int) -> bytes:
    """Return the bytes of a regular file, or refuse it without reading more than `at_most` of them."""
    try:
        _refuse_special(what, path, os.stat(path))  # noqa: PTH116 (a Path refuses some names in other ways)
        with os.fdopen(os.open(path, _FLAGS), "rb") as file:
            status = os.fstat(file.fileno())
            _refuse_special(what, path, status)
            # Some files of the system are longer than they say.
            content = b"" if status.st_size > at_most else file.read(at_most + 1)
    except (OSError, ValueError) as error:
        if isinstance(error, InputError):
            raise
        why = getattr(error, "strerror", None) or "no file has such a name"
        raise _unreadable(what, path, why) from None
    if max(status.st_size, len(content)) > at_most:
        size = f"{-(-status.st_size // _MEGABYTE)} MB" if status.st_size > at_most else "more"
        msg = f"{what} must be a file of at most {at_most // _MEGABYTE} MB, got {str(path)!r}, which holds {size}"
        raise InputError(msg)
    return content


def _unreadable(what: str, path: str | Path, why: str) -> InputError:
    return InputError(f"{what} must be a file that can be read, got {str(path)!r}: {why}")


def _refuse_special(what: str, path: str | Path, status: os.stat_result) -> None:
    if not stat.S_ISREG(status.st_mode):
        kind = next((words for holds, words in _KINDS if holds(status.st_mode)), "it is of another kind")
        raise _unreadable(what, path, f"{kind}, not a regular file")
