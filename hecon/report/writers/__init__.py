"""The formats that a document is written in: one registry, which the verbs, the commands and their help read.

A format is added by its writer in a file of its own, ``name(document)``, and by one entry in `FORMATS`.
"""

from __future__ import annotations

from pkgutil import resolve_name
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from hecon.errors import HeconError, InputError

if TYPE_CHECKING:
    from pathlib import Path

    from hecon.report.document import Document
    from hecon.report.workbooks import Workbook

__all__ = ["FORMATS", "TEXTS", "Content", "Format", "check_template", "check_text", "written"]


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

    `writer` is "module:function", imported when the format is first written. It takes the parts of the content that
    `takes` names, and ``template=`` if the format has `templates`; it returns bytes if it is `binary`. It may import
    `library`, which `extra` installs. Only one with `briefs` has a note of one page.
    """

    name: str
    writer: str
    takes: tuple[str, ...] = ("document",)
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


_ALL = (
    Format("html", "hecon.report.writers.html:html"),
    Format("md", "hecon.report.writers.markdown:markdown"),
    Format("json", "hecon.report.writers.json:json_text", takes=("data",), briefs=False),
    Format("docx", "hecon.report.writers.docx:docx", binary=True, templates=True),
    Format("pdf", "hecon.report.writers.pdf:pdf", binary=True, library="typst", extra="pdf"),
    Format(
        "xlsx",
        "hecon.report.writers.xlsx:xlsx",
        takes=("document", "workbook"),
        binary=True,
        library="xlsxwriter",
        extra="excel",
    ),
)
FORMATS = {each.name: each for each in _ALL}
# Those that a terminal can show, and that are written where no format is asked for.
TEXTS = tuple(each.name for each in _ALL if not each.binary)


def written(content: Content, kind: str, *, template: str | Path | None = None) -> str | bytes:
    """Return content in a format, or raise an error that says what to install."""
    chosen = FORMATS[kind]
    if chosen.missing:
        raise HeconError(chosen.missing)
    style = {"template": template} if chosen.templates else {}
    writer = resolve_name(chosen.writer)
    return writer(*(getattr(content, part) for part in chosen.takes), **style)  # type: ignore[no-any-return]


def check_template(path: str | Path) -> None:
    """Refuse a template that cannot be used, before the work."""
    from hecon.report.writers import word_package

    word_package.check_template(path)


def check_text(kind: str) -> str:
    """Return the name of a format that is text; refuse another."""
    from hecon import _checks

    if kind in FORMATS and FORMATS[kind].binary:
        msg = f"format must be text ({', '.join(TEXTS)}), got {kind!r}: save it to a file"
        raise InputError(msg)
    return _checks.one_of("format", kind, TEXTS)
