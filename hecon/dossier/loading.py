"""Find, read and start dossiers."""

from __future__ import annotations

import hashlib
import re
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import BaseModel

from hecon import _checks
from hecon._files import TEXT_BYTES, exists, file_bytes
from hecon.dossier.programme import Programme, checked_programme
from hecon.dossier.schema import Dossier, checked
from hecon.errors import DossierError, InputError
from hecon.files import toml
from hecon.files.faults import near, path_of

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["load", "load_programme", "names", "placeholders", "refuse_placeholders", "skeleton"]

# As the skeleton marks them, whatever language, case or spacing they were typed in.
_MARK = re.compile(r"\(\s*(?:replace|vervang(?:en)?)(?:\s+(?:or leave out|of weglaten))?\s*\)", re.IGNORECASE)


def placeholders(dossier: Dossier) -> tuple[tuple[str, str], ...]:
    """Return where a file still says "(replace)" or "(vervangen)", as the skeleton does.

    Parameters
    ----------
    dossier : Dossier
        The dossier.

    Returns
    -------
    tuple of (str, str)
        Path in the file and the mark that stands there, in the order of the file.

    Examples
    --------
    >>> import hecon
    >>> from hecon import dossier
    >>> dossier.placeholders(hecon.load("acl-rupture"))
    ()
    """
    _checks.instance("dossier", dossier, "Dossier", "load one with hecon.load")
    return tuple(_marks(dossier, ()))


def refuse_placeholders(dossier: Dossier) -> None:
    """Refuse to make a report of a file that is still a skeleton in places.

    Parameters
    ----------
    dossier : Dossier
        The dossier.

    Raises
    ------
    DossierError
        If a text is marked as to be replaced; all places are told at once.
    """
    faults = [
        f"{path}: must not say {mark!r} in a report: replace the text or figure" for path, mark in placeholders(dossier)
    ]
    if faults:
        raise DossierError(dossier.name, faults)


def _marks(node: object, steps: tuple[str | int, ...]) -> Iterator[tuple[str, str]]:
    if isinstance(node, str):
        found = _MARK.search(node)
        if found is not None:
            yield path_of(*steps), found.group()
    elif isinstance(node, BaseModel):
        for name, field in type(node).model_fields.items():
            yield from _marks(getattr(node, name), (*steps, field.alias or name))
    elif isinstance(node, dict):
        for name, value in node.items():
            yield from _marks(value, (*steps, str(name)))
    elif isinstance(node, (tuple, list)):
        for place, value in enumerate(node):
            yield from _marks(value, (*steps, place))


_FOLDER = Path(__file__).parent.parent / "data" / "dossiers"
_PROGRAMME = Path(__file__).parent.parent / "data" / "programme.toml"
_SKELETON = Path(__file__).parent.parent / "data" / "skeleton.toml"


def names() -> list[str]:
    """Return the names of the dossiers that come with hecon.

    Returns
    -------
    list of str
        Sorted.

    Examples
    --------
    >>> from hecon import dossier
    >>> "acl-rupture" in dossier.names()
    True
    """
    return sorted(path.stem for path in _FOLDER.glob("*.toml"))


def _file_of(name: str | Path) -> Path:
    if not isinstance(name, (str, Path)):
        msg = f"dossier must be a name or the path of a .toml file, got {name!r}"
        raise InputError(msg)
    path = Path(name)
    if path.suffix != ".toml" and path.parent == Path():
        if path.name in names():
            return _FOLDER / f"{path.name}.toml"
        rule = f"dossier must be one of {', '.join(names())} or the path of a .toml file"
        msg = f"{rule}, got {str(name)!r}{near(path.name, names())}"
        raise InputError(msg)
    if not exists(path):
        msg = f"dossier must be an existing file, got {str(name)!r}; `hecon new` writes one to start from"
        raise InputError(msg)
    return path


def _checked(content: bytes, name: str, folder: Path) -> Dossier:
    with _checks.known_decimals():
        file = toml.read(content, name, DossierError)
        dossier, faults = checked(file.tree, folder)
        file.refuse(faults)
    if dossier is None:
        raise AssertionError  # the schema refuses nothing without a fault
    # The loader is the only one who knows these.
    dossier._digest = hashlib.sha256(content).hexdigest()  # noqa: SLF001
    dossier._folder = folder  # noqa: SLF001
    return dossier


# What ships is frozen and names no other file, so whoever reads the same bytes again may have the same dossier.
_shipped = lru_cache(maxsize=64)(_checked)


def load(name_or_path: str | Path) -> Dossier:
    """Read a dossier, by the name of one that comes with hecon or by the path of a TOML file.

    Parameters
    ----------
    name_or_path : str or Path
        A name, such as "acl-rupture", or a path that ends in ".toml".

    Returns
    -------
    Dossier
        Checked, frozen.

    Raises
    ------
    InputError
        If there is no such dossier.
    DossierError
        If the file breaks the rules; all faults are told at once, each with its line and path in the file.

    Notes
    -----
    Patient data that a comparison names must exist and agree with their design; `hecon.assess` reads them.

    Examples
    --------
    >>> import hecon
    >>> hecon.load("acl-rupture").burden.band
    'low'
    """
    file, name = _file_of(name_or_path), str(name_or_path)
    read = _shipped if file.parent == _FOLDER else _checked
    return read(file_bytes("dossier", file, at_most=TEXT_BYTES), name, file.parent)


def load_programme(path: str | Path | None = None) -> Programme:
    """Read the programme that the dossiers are part of.

    Parameters
    ----------
    path : str or Path, optional
        A TOML file; default the one that comes with hecon.

    Returns
    -------
    Programme
        Checked, frozen.

    Raises
    ------
    InputError
        If there is no such file.
    DossierError
        If the file breaks the rules; all faults are told at once, each with its line and path in the file.

    Examples
    --------
    >>> from hecon import dossier
    >>> len(dossier.load_programme().block)
    10
    """
    file, name = _PROGRAMME if path is None else _file_of(path), str(path or "programme")
    content = file_bytes("dossier", file, at_most=TEXT_BYTES)
    with _checks.known_decimals():
        read = toml.read(content, name, DossierError)
        programme, faults = checked_programme(read.tree)
        read.refuse(faults)
    if programme is None:
        raise AssertionError  # the schema refuses nothing without a fault
    return programme


def skeleton(name: str) -> str:
    """Return a commented dossier to start from; `hecon.load` and `hecon.assess` take it as it stands.

    No report is made of it, by `hecon.summary` or the command line, as long as a text or figure in it is marked
    "(replace)" or "(vervangen)".

    Parameters
    ----------
    name : str
        The new dossier's name: lower-case words joined by hyphens.

    Returns
    -------
    str
        TOML.

    Raises
    ------
    InputError
        If the name is not of that form.

    Examples
    --------
    >>> from hecon import dossier
    >>> dossier.skeleton("hip-fracture").splitlines()[0]
    '# Dossier: hip-fracture'
    """
    if not isinstance(name, str) or not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", name):
        msg = f"name must be lower-case words joined by hyphens, as in hip-fracture, got {name!r}"
        raise InputError(msg)
    if name in names():
        msg = f"name must not be that of a dossier that comes with hecon, got {name!r}"
        raise InputError(msg)
    return _SKELETON.read_text(encoding="utf-8").replace("NAME", name)
