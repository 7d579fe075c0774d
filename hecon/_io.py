"""Reading and writing files whole or not at all, with reasons in words."""

from __future__ import annotations

import errno
import os
import secrets
import shutil
import stat
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from hecon._interrupts import held
from hecon.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


def check_folder(name: str, where: str) -> None:
    """Refuse a path that is no folder and cannot become one."""
    if not where.strip():
        msg = f"{name} must be a folder, got {where!r}: write . for the current one"
        raise InputError(msg)
    path = Path(where)
    standing = next(place for place in (path, *path.absolute().parents) if os.path.lexists(place))
    if standing.is_dir():
        if not os.access(standing, os.W_OK | os.X_OK):
            msg = f"{name} must be a folder that can be written to, got {where!r}: {standing} cannot"
            raise InputError(msg)
        return
    kind = "a link to nothing" if standing.is_symlink() and not standing.exists() else "a file"
    msg = f"{name} must be a folder, or one that can be made, got {where!r}: {standing} is {kind}"
    raise InputError(msg)


def check_targets(paths: Iterable[Path]) -> None:
    """Refuse files that must not be replaced: links, devices, folders and read-only files."""
    for path in paths:
        reason = _obstacle(path)
        if reason is not None:
            msg = f"path must be writable, got {str(path)!r}: {reason}"
            raise InputError(msg)


def _obstacle(path: Path) -> str | None:
    """Return why a file must not be replaced, or None."""
    try:
        mode = path.lstat().st_mode
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        return error.strerror
    except ValueError:
        return "it holds a character that no file name can"
    # The superuser may write to read-only files, which were marked on purpose.
    locked = not mode & 0o222 or not os.access(path, os.W_OK)
    obstacles = {
        stat.S_IFREG: "it is read-only and is left as it is; make it writable, or write elsewhere" if locked else None,
        stat.S_IFDIR: os.strerror(errno.EISDIR),
        stat.S_IFLNK: "it is a symbolic link, which is not followed; give the file itself, or remove the link",
    }
    return obstacles.get(stat.S_IFMT(mode), "it is a device, pipe or socket; give a file")


def write_whole(files: Mapping[Path, str | bytes], *, replace: bool = True) -> tuple[Path, ...]:
    """Write text (as UTF-8) or bytes so that all files appear, each whole, or none; return those that were replaced."""
    # Signals wait until the set is whole.
    with held():
        check_targets(files)
        return _Set(files).write(replace=replace)


class _Set:
    """Files to be written together: drafts beside them first, then each draft takes its file's place."""

    def __init__(self, files: Mapping[Path, str | bytes]) -> None:
        self.files = files
        self.drafts: dict[Path, Path] = {}
        self.former: dict[Path, Path] = {}
        self.made: list[Path] = []
        self.done: list[Path] = []
        self.at = Path()

    def write(self, *, replace: bool) -> tuple[Path, ...]:
        """Write the files; return those that existed."""
        try:
            self._draft()
            self._keep_former(replace=replace)
            for path, draft in self.drafts.items():
                self.at = path
                draft.replace(path)
                self.done.append(path)
        except BaseException as error:
            self._undo()
            if not isinstance(error, OSError):
                raise
            msg = f"path must be writable, got {str(self.at)!r}: {error.strerror}"
            raise InputError(msg) from None
        finally:
            _remove([*self.drafts.values(), *self.former.values()])
        return tuple(self.former)

    def _draft(self) -> None:
        for path, content in self.files.items():
            self.at = path
            _make_folder(path.parent, self.made)
            self.drafts[path] = _beside(path)
            _write(self.drafts[path], content, path)

    def _keep_former(self, *, replace: bool) -> None:
        for path in self.files:
            self.at = path
            if os.path.lexists(path):
                if not replace:
                    raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST))
                self.former[path] = _beside(path)
                _keep(path, self.former[path])

    def _undo(self) -> None:
        for path in self.done:
            with suppress(OSError):
                self.former[path].replace(path) if path in self.former else path.unlink()
        _remove(self.drafts.values())
        for folder in reversed(self.made):
            with suppress(OSError):
                folder.rmdir()


def _beside(path: Path) -> Path:
    """Return an unused name in the same folder."""
    return path.parent / f".hecon-{secrets.token_hex(8)}"


def _make_folder(folder: Path, made: list[Path]) -> None:
    """Make a folder with its parents, and record those made."""
    missing = [parent for parent in (folder, *folder.parents) if not parent.exists()]
    for parent in reversed(missing):
        parent.mkdir(exist_ok=True)
        made.append(parent)
    if not folder.is_dir():
        raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR))


def _write(draft: Path, content: str | bytes, target: Path) -> None:
    """Write the draft of a file with the permissions of the file it replaces, otherwise of a new one."""
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666)
    with os.fdopen(handle, "wb") as file:
        file.write(content if isinstance(content, bytes) else content.encode())
    with suppress(FileNotFoundError):
        draft.chmod(stat.S_IMODE(target.stat().st_mode) & 0o777)


def _keep(path: Path, copy: Path) -> None:
    """Keep a file under another name until the set that replaces it is whole."""
    try:
        os.link(path, copy)
    except OSError:
        shutil.copy2(path, copy)


def _remove(paths: Iterable[Path]) -> None:
    for path in paths:
        with suppress(OSError):
            path.unlink(missing_ok=True)


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
# A FIFO that replaces the file after `stat` must not block; some systems lack these flags.
_FLAGS = os.O_RDONLY | sum(getattr(os, name, 0) for name in ("O_NONBLOCK", "O_NOCTTY", "O_CLOEXEC", "O_BINARY"))


def exists(path: str | Path) -> bool:
    """Tell whether a path exists and is no folder."""
    try:
        return Path(path).exists() and not Path(path).is_dir()
    except (OSError, ValueError):
        return False


def is_file(path: str | Path) -> bool:
    """Tell whether a path is a regular file."""
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
            # Some system files are longer than their size says.
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
