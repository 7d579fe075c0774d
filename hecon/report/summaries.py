"""The verb `summary`: from an assessment to a document in one language, ready to show or save."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from hecon import _checks
from hecon._display import displayed
from hecon._io import check_targets, write_whole
from hecon.dossier.loading import refuse_placeholders
from hecon.errors import InputError
from hecon.locale import Locale
from hecon.report.document import Block, Document, annexed, numbered
from hecon.report.sections import FORMS, parts
from hecon.report.words.common import with_numbers
from hecon.report.writers import FORMATS, check_template, check_text, written
from hecon.report.writers.json import plain

if TYPE_CHECKING:
    from hecon.assessment import Assessment
    from hecon.report.document import Kind
    from hecon.report.workbooks import Workbook

__all__ = ["LENGTHS", "Summary", "summary"]

# The order of the keys of the JSON form; one that is not named here comes last.
_KEYS = (
    *(
        "name",
        "title",
        "language",
        "texts_only_in",
        "form",
        "indication",
        "question",
        "author",
        "date",
        "facts_from",
        "conclusion",
        "decision",
    ),
    *(
        "burden",
        "comparisons",
        "incremental",
        "pico",
        "studies",
        "evidence",
        "relevance",
        "quality",
        "validity",
        "transfer",
        "information",
        "gaps",
    ),
    *("criteria", "budget", "no_budget", "figures", "audit", "monitoring", "guideline", "cheers", "documents"),
    "provenance",
)
LENGTHS = ("full", "brief")
_T = TypeVar("_T")


@displayed
@dataclass(frozen=True)
class Summary:
    """An assessment in one language: a document, plain data, and files of either.

    Parameters
    ----------
    assessment : Assessment
        The assessment.
    locale : Locale
        Language.
    length : {"full", "brief"}, default "full"
        The whole note with its annexes, or one page.
    form : {"note", "advice"}, default "note"
        The note, or the package advice, which has one length.
    template : str or Path, optional
        A Word file whose styles .docx takes.
    """

    assessment: Assessment
    locale: Locale
    length: str = "full"
    form: str = "note"
    template: str | Path | None = None

    def __post_init__(self) -> None:
        _checks.one_of("length", self.length, LENGTHS)
        _checks.one_of("form", self.form, tuple(FORMS))
        if self.form != "note" and self.length != "full":
            msg = f"length must be 'full' in the form {self.form!r}, got {self.length!r}"
            raise InputError(msg)
        refuse_placeholders(self.assessment.dossier)
        if self.template is not None:
            check_template(self.template)

    @property
    def lang(self) -> str:
        """The language: "nl" or "en"."""
        return self.locale.lang

    @cached_property
    def _shown(self) -> Assessment:
        """The assessment as it is written: free texts keep their direction to themselves, documents have numbers."""

        # Names of a trial's strategies, columns and files are isolated where they are written: results go by them.
        def shown_as(value: _T) -> _T:
            return with_numbers(value, self.assessment.dossier)

        return replace(
            self.assessment,
            dossier=shown_as(self.assessment.dossier),
            comparisons=tuple(replace(each, spec=shown_as(each.spec)) for each in self.assessment.comparisons),
            budget=shown_as(self.assessment.budget),
            findings=shown_as(self.assessment.findings),
        )

    @cached_property
    def workbook(self) -> Workbook:
        """The results, the burden and the budget with their formulas, for a spreadsheet."""
        from hecon.report.workbooks import assessment_workbook

        return assessment_workbook(self._shown, self.locale)

    @cached_property
    def document(self) -> Document:
        """The summary as blocks, composed once for all formats."""
        shown = self._shown
        brief, note = self.length == "brief", shown.dossier.note

        def composed(part: str) -> list[Block]:
            return [block for blocks in parts(self.form, part) for block in blocks(shown, self.locale)]

        with _checks.known_decimals():
            if brief:
                blocks = composed("brief")
            else:
                blocks = numbered([*composed("blocks"), *annexed(composed("annex"), self.locale)], self.locale)
        kind: Kind = "economic" if shown.comparisons else "plain"
        if self.form == "advice":
            kind = "advice"
        return Document(self.locale, tuple(blocks), kind=kind, brief=brief, author=note.author, date=note.date)

    @property
    def data(self) -> dict[str, Any]:
        """The summary as plain data, as in the JSON file."""
        found: dict[str, Any] = {"form": self.form}
        with _checks.known_decimals():
            for data in parts(self.form, "data"):
                found |= data(self.assessment, self.locale)
        ordered = {key: found.pop(key) for key in _KEYS if key in found} | found
        return plain(ordered, self.locale)  # type: ignore[no-any-return]

    def text(self, kind: str) -> str:
        """Return the summary as text.

        Parameters
        ----------
        kind : {"html", "md", "json"}
            Format.

        Returns
        -------
        str
            Ends in a newline.

        Raises
        ------
        InputError
            If the format is not known, or is not text.
        """
        return str(written(self, check_text(kind)))

    def save(self, path: str | Path) -> Path:
        """Write the summary to a file, whole or not at all.

        Parameters
        ----------
        path : str or Path
            Its ending tells the format: .html, .md, .json, .docx, .pdf, which needs ``pip install "hecon[pdf]"``, or
            .xlsx, which needs ``pip install "hecon[excel]"``. A file that exists is replaced, with its permissions;
            another hard link to it keeps what it held. A symbolic link and a read-only file are refused; a folder may
            be a link.

        Returns
        -------
        Path
            The file.

        Raises
        ------
        InputError
            If the ending is not known, the file is a link or read-only, or the folder cannot be written to.
        """
        if not isinstance(path, (str, Path)):
            msg = f"path must be text or a pathlib.Path, got {type(path).__name__}"
            raise InputError(msg)
        target = Path(path)
        kind = target.suffix.removeprefix(".")
        if kind not in FORMATS:
            *endings, last = (f".{each}" for each in FORMATS)
            msg = f"path must end in {', '.join(endings)} or {last}, got {str(path)!r}"
            raise InputError(msg)
        check_targets([target])
        write_whole({target: written(self, kind, template=self.template)})
        return target

    def _repr_markdown_(self) -> str:
        return self.text("md")


def summary(
    assessment: Assessment,
    *,
    lang: str = "nl",
    length: str = "full",
    form: str = "note",
    template: str | Path | None = None,
) -> Summary:
    """Return the summary of an assessment in one language: the note, or the package advice.

    Parameters
    ----------
    assessment : Assessment
        What `hecon.assess` returned.
    lang : {"nl", "en"}, default "nl"
        Language.
    length : {"full", "brief"}, default "full"
        The whole note with its annexes, or one page with the answer, the key table and one figure.
    form : {"note", "advice"}, default "note"
        The note; or the form of a package advice, which has one length: the answer, the decision asked with its
        scenarios and their budgets, the package criteria and the conditions.
    template : str or Path, optional
        A Word file (.docx) whose styles, page and running heads .docx takes; its text is not taken. The styles that it
        needs are listed under "Word, with your institute's styles" in the documentation.

    Returns
    -------
    Summary
        With ``save("name.docx")``, .pdf, .xlsx, .html, .md or .json, ``text(kind)``, ``document`` and ``data``.

    Raises
    ------
    InputError
        If there is no such language, length or form, or an advice is asked for in brief; if the template cannot be
        read or lacks styles, which are named.
    DossierError
        If a text or figure of the dossier is still that of the skeleton, marked "(replace)" or "(vervangen)"; all
        places are told at once.

    Examples
    --------
    >>> import hecon
    >>> found = hecon.assess("acl-rupture", n_draws=1000)
    >>> print(hecon.summary(found, lang="en").text("md").splitlines()[0])
    # Rupture of the anterior cruciate ligament: early reconstruction or supervised exercise therapy
    """
    remedy = "hecon.assess returns one from a dossier, which may name a file of draws that hecon.write_draws wrote"
    _checks.instance("assessment", assessment, "Assessment", remedy)
    return Summary(assessment, Locale(lang), length, form, template)
