"""The formats that a document is written in: one registry, which the verbs, the commands and their help read.

A format is added by its writer in a file of its own, ``name(document)``, and by one entry in `FORMATS`.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from hecon.errors import HeconError, InputError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from hecon.report.document import Document
    from hecon.report.workbooks import Workbook

__all__ = ["FORMATS", "TEXTS", "Content", "Format", "check_template", "written", "written_text"]


class Content(Protocol):
    """What a verb or a command tells in one language; each part is made when it is first asked for.

    Every format is written from these: text and tables from the document, which is the same for all, JSON from the
    data, and the formulas of a spreadsheet from the workbook. What a format needs beyond them is a further property
    here, a frozen record or None, of `Summary` and of the commands' `Output`.
    """

    @property
    def document(self) -> Document:
        """The document."""

    @property
    def data(self) -> Any:  # noqa: ANN401
        """The same as plain data."""

    @property
    def workbook(self) -> Workbook | None:
        """Its calculation, where it has one."""


class Format(NamedTuple):
    """A format, by the ending of its files.

    `write` takes the content and the path of a template or None; it returns bytes if the format is `binary`. It may
    import `library`, which the extra of that name installs. Only one with `briefs` has a note of one page.
    """

    name: str
    write: Callable[[Content, str | Path | None], str | bytes]
    binary: bool = False
    briefs: bool = True
    templates: bool = False
    library: str | None = None
    extra: str | None = None

    @property
    def missing(self) -> str | None:
        """What to install before this format can be written; None where nothing lacks."""
        from importlib.util import find_spec

        if self.library is None or find_spec(self.library) is not None:
            return None
        return f'writing {self.name} needs {self.library}, which is not installed: pip install "hecon[{self.extra}]"'


def _of_document(module: str, function: str) -> Callable[[Content, str | Path | None], str | bytes]:
    """Return the writer of a format that the document alone gives, imported when it is first used."""

    def write(content: Content, _: str | Path | None) -> str | bytes:
        writer = getattr(import_module(f"hecon.report.writers.{module}"), function)
        return writer(content.document)  # type: ignore[no-any-return]

    return write


def _docx(content: Content, template: str | Path | None) -> bytes:
    from hecon.report.writers.docx import docx

    return docx(content.document, template=template)


def _json(content: Content, _: str | Path | None) -> str:
    from hecon.report.writers.json import json_text

    return json_text(content.data)


def _xlsx(content: Content, _: str | Path | None) -> bytes:
    from hecon.report.writers.xlsx import xlsx

    return xlsx(content.document, content.workbook)


_ALL = (
    Format("html", _of_document("html", "html")),
    Format("md", _of_document("markdown", "markdown")),
    Format("json", _json, briefs=False),
    Format("docx", _docx, binary=True, templates=True),
    Format("pdf", _of_document("pdf", "pdf"), binary=True, library="typst", extra="pdf"),
    Format("xlsx", _xlsx, binary=True, library="xlsxwriter", extra="excel"),
)
FORMATS = {each.name: each for each in _ALL}
# Those that a terminal can show, and that are written where no format is asked for.
TEXTS = tuple(each.name for each in _ALL if not each.binary)


def written(content: Content, kind: str, *, template: str | Path | None = None) -> str | bytes:
    """Return content in a format, or raise an error that says what to install."""
    chosen = FORMATS[kind]
    if chosen.missing:
        raise HeconError(chosen.missing)
    return chosen.write(content, template)


def check_template(path: str | Path) -> None:
    """Refuse a template that cannot be used, before the work."""
    from hecon.report.writers import word_package

    word_package.check_template(path)


def written_text(content: Content, kind: str) -> str:
    """Return content in a format that is text; refuse another."""
    from hecon import _checks

    if kind in FORMATS and FORMATS[kind].binary:
        msg = f"format must be text ({', '.join(TEXTS)}), got {kind!r}: save it to a file"
        raise InputError(msg)
    return str(written(content, _checks.one_of("format", kind, TEXTS)))
