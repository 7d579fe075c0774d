"""The PDF: tagged, with its fonts, the same bytes each time; every text of every block stands in it, on its page."""

import datetime as dt
import re
import shutil
import subprocess
import xml.etree.ElementTree as ET
from collections import Counter
from dataclasses import replace
from functools import cache, lru_cache, partial

import pytest
from drawn import drawn_once
from shipped import NAMES, assessed, document
from trial_reports import document as trial_document

import hecon
from hecon.assessment import assess_budget
from hecon.cli import main as cli
from hecon.errors import InputError
from hecon.locale import LANGUAGES, Locale
from hecon.programme import state
from hecon.report.analyses import audit_document, budget_document
from hecon.report.document import Bullets, Document, Facts, Figure, Heading, Paragraph, Table
from hecon.report.isolating import isolate
from hecon.report.programmes import programme_document
from hecon.report.writers.html import html
from hecon.report.writers.pdf import pdf

pytest.importorskip("typst", reason="the extra pdf is not installed")
POPPLER = pytest.mark.skipif(not shutil.which("pdftotext"), reason="pdftotext of poppler-utils is not on this machine")
FOUR = ("acl-rupture", "meniscal-tear-traumatic", "meniscal-tear-degenerative", "reablement")
MARKUP = '#eval "x" $y$ <z> @ref *a* _b_ `c` \\ [x] #{1+1} // c /* d */ ~ -- --- ... = h - i + j {{ 7 }} @preview/x:1.0'
NBSP, MINUS = "\N{NO-BREAK SPACE}", "\N{MINUS SIGN}"
SIGNS = f"Δ {MINUS}€{NBSP}1.234,50 ≥ ≤ ± × α ü 95%-BI x’ “y” – — … • ½ ² √ → Ω 😀"
# A point is what a browser rounds away; letters may reach that far beyond their line.
POINT = 1.0


def paint(ax, label="across"):
    """Draw a line, with a label on its axis."""
    return ax.plot([0, 1], [0, 1])[0].axes.set_xlabel(label)


def figure(name="line", *, caption="Figure 1. A line", alt="It rises from 0 to 1.", paint=paint):
    return Figure("kind", name, caption, alt, paint)


def made(*blocks, title="Title", lang="en", **how):
    return Document(Locale(lang), (Heading(1, title), *blocks), **how)


def tool(name, data, *options):
    """Return what a tool of poppler says of a PDF."""
    done = subprocess.run([name, *options, "-", "-"], input=data, capture_output=True, check=True)
    return done.stdout.decode()


@lru_cache(4)
def pages(data):
    """Return the text of each page in the order in which it was written, without what stands at head and foot."""
    return tool("pdftotext", data, "-raw", "-enc", "UTF-8").split("\f")[:-1]


@lru_cache(4)
def words(data):
    """Return every word of each page with its box."""
    tree = ET.fromstring(tool("pdftotext", data, "-bbox"))  # noqa: S314 (our own file)
    space = "{http://www.w3.org/1999/xhtml}"
    return [
        [(each.text, {key: float(at) for key, at in each.items()}) for each in page]
        for page in tree.iter(f"{space}page")
    ]


def squeezed(text):
    """Return text without white space, as lines end anywhere, nor marks of direction."""
    return re.sub(r"[\s\u200b-\u200f\u2060\u2066-\u2069]+", "", text)


def texts(block):
    """Yield every text of a block that a reader sees."""
    if isinstance(block, (Heading, Paragraph)):
        yield block.text
    elif isinstance(block, Bullets):
        yield from block.items
    elif isinstance(block, Facts):
        yield from (text for pair in block.pairs for text in pair)
    elif isinstance(block, Figure):
        yield block.caption
    else:
        yield from (block.caption, *block.header, *(cell for row in block.rows for cell in row))


def body(shown, data):
    """Return the text of a PDF without its running heads and feet, squeezed."""
    foot = squeezed(shown.colophon)
    found = ""
    for number, page in enumerate(map(squeezed, pages(data)), start=1):
        page = re.sub(re.escape(foot) + r"(\d+/\d+)?", "", page)  # noqa: PLW2901
        head = squeezed(shown.title) if number > 1 else ""
        kept = next(size for size in range(len(head), -1, -1) if page.startswith(head[:size]))
        found += page[kept:].removeprefix("…")
    return found


def missing(shown, data):
    """Return the texts of a document that its PDF does not hold in their order."""
    whole, at, lacking = body(shown, data), 0, []
    for block in shown.blocks:
        for text in map(squeezed, texts(block)):
            place = whole.find(text, at)
            if place < 0:
                lacking.append(text)
            else:
                at = place + len(text)
    return lacking


def alternatives(data):
    """Return what a PDF says of its figures: in ASCII, or else in hexadecimal UTF-16."""
    found = re.findall(rb"/Alt ?(?:<([0-9A-F]+)>|\(((?:\\.|[^\\()]|\([^()]*\))*)\))", data, re.DOTALL)
    return [
        bytes.fromhex(wide.decode()).decode("utf-16") if wide else re.sub(r"\\(.)", r"\1", plain.decode())
        for wide, plain in found
    ]


def beyond(data):
    """Return the words that reach beyond the margins of an A4 page."""
    left, right, bottom = 20 / 25.4 * 72 - POINT, 190 / 25.4 * 72 + POINT, 287 / 25.4 * 72
    return [
        text
        for page in words(data)
        for text, at in page
        if at["xMin"] < left or at["xMax"] > right or at["yMax"] > bottom
    ]


EACH_KIND = (
    Paragraph("The answer, which matters.", strong=True),
    Heading(2, "First"),
    Paragraph(SIGNS),
    Bullets(("one", "two")),
    Heading(2, "Second"),
    Table(
        "Table 1. Amounts",
        ("name", "amount"),
        (("anna", f"€{NBSP}1"), ("boris", f"{MINUS}€{NBSP}1.234,50")),
        numeric=(1,),
    ),
    Facts((("label", "what holds"), ("a label that is too long for its column by far", "what holds then"))),
    Heading(2, "Annexes"),
    Heading(3, "An annex", folded=True),
    figure(alt="Kans 0,5 bij € 20.000."),
    Heading(4, "Below it"),
    Table("", ("a", "b"), (("c", ""),)),
)


@pytest.fixture(scope="module")
def each_kind():
    """Return a document with every kind of block, and its PDF."""
    shown = made(*EACH_KIND, title="Een titel", lang="nl", kind="plain", author="A. Büchi", date=dt.date(2026, 3, 1))
    return shown, pdf(shown)


def test_the_frame(each_kind):
    """Tags of PDF/UA-1, language, title, author, date, bookmarks and fonts are in the file, and no address."""
    data = each_kind[1]

    assert data.startswith(b"%PDF-1.7")
    for part in (
        *(b"/Marked true", b"/Lang(nl)", b"/DisplayDocTitle true", b"<pdfuaid:part>1<", b"/StructTreeRoot"),
        *(b"/Title(Een titel)", b">A. B\xc3\xbcchi</rdf:li>", b"<xmp:CreateDate>2026-03-01T00:00:00Z<"),
        *(b"/Title(First)", b"/Title(An annex)", b"/S/H1", b"/S/H2", b"/S/L/", b"/S/TH", b"/S/Caption", b"/S/TOC"),
    ):
        assert part in data, part
    assert alternatives(data) == ["Kans 0,5 bij € 20.000."]
    assert len(re.findall(rb"/FontDescriptor/", data)) == len(re.findall(rb"/FontFile[23]?\b", data)) > 0
    assert b"/URI" not in data


def test_the_same_bytes_each_time(each_kind):
    shown, data = each_kind
    assert pdf(shown) == data
    assert pdf(replace(shown, date=None)) != data


@POPPLER
def test_every_kind_of_block_is_written(each_kind):
    shown, data = each_kind

    assert missing(shown, data) == []
    assert "across" in body(shown, data)
    assert SIGNS.replace(NBSP, " ") in " ".join(pages(data)).replace(NBSP, " ").replace("\n", " ")
    assert missing(replace(shown, blocks=(*shown.blocks, Paragraph("gone"))), data) == ["gone"]


@POPPLER
def test_contents_lead_to_the_sections(each_kind):
    """They stand below the first section of a note, with its pages."""
    shown, data = each_kind
    listed = "".join(f"{each}{'.' * 0}" for each in ("Inhoud", "First", "Second", "Annexes"))

    assert listed in re.sub(r"[.\d]", "", body(shown, data))
    assert data.count(b"/S/TOCI") == 3
    assert "Inhoud" not in body(shown, pdf(made(*shown.blocks[:4], lang="nl")))


@POPPLER
def test_numbers_are_aligned_right(each_kind):
    at = {text: box for page in words(each_kind[1]) for text, box in page}

    assert at["amount"]["xMax"] == pytest.approx(at["1.234,50"]["xMax"], abs=0.1)
    assert at["name"]["xMin"] == pytest.approx(at["boris"]["xMin"], abs=0.1)


@POPPLER
@pytest.mark.parametrize("many", [1, 40, 90])
def test_a_header_is_repeated_on_every_page(many):
    rows = tuple((f"row{number}", "text") for number in range(many))
    found = pages(pdf(made(Table("Table 1. Long", ("thefirst", "thesecond"), rows))))

    assert len(found) == 1 + (many > 45)
    assert all("thefirst thesecond" in page for page in found)


@pytest.mark.slow
@POPPLER
@pytest.mark.parametrize("kind", ["table", "tall table", "figure", "list", "heading"])
def test_nothing_is_left_alone_at_the_foot_of_a_page(kind):
    """What names or announces something stands on its page, wherever that page ends."""
    ended = {
        "table": (Table("nameofit", ("firstofit", "b"), (("c", "d"),)),),
        "tall table": (Table("nameofit", ("head", "b"), (("firstofit", "d"), *(("x", "y"),) * 30)),),
        "figure": (figure(caption="nameofit", paint=partial(paint, label="firstofit")),),
        "list": (Paragraph("nameofit:"), Bullets(("firstofit", "b"))),
        "heading": (Heading(2, "nameofit"), Paragraph("firstofit " + "more " * 60)),
    }[kind]
    turned = set()
    with drawn_once():
        for lines in range(26 if kind == "figure" else 38, 50, 2):
            found = pages(pdf(made(*(Paragraph("line"),) * lines, *ended)))
            on = [next(at for at, page in enumerate(found) if text in page) for text in ("nameofit", "firstofit")]

            assert on[0] == on[1]
            turned.add(on[0])
    assert turned == {0, 1}


@pytest.mark.slow
@POPPLER
def test_wide_tables_fit_the_page():
    """A table of many columns gets smaller letters; words too long for it are broken, and nothing is clipped."""
    wide = Table(
        "Wide", tuple(f"column {each}" for each in range(14)), (("word", f"€{NBSP}1.234.567,89") * 7,) * 3, (1,)
    )
    hopeless = Table("Wider", ("Zorgverzekeringsmaatschappij",) * 16, (("Zorgverzekeringsmaatschappij",) * 16,) * 3)
    long = "x" * 1_000
    shown = made(
        wide, hopeless, Paragraph(long), Bullets((long,)), Facts(((long, long), ("a", long))), Table("", (long,), ())
    )
    data = pdf(shown)

    assert beyond(data) == []
    assert missing(shown, data) == []


@pytest.mark.slow
@POPPLER
def test_an_address_goes_on_after_a_sign_within_it():
    """A letter alone on the last line is what a reader types over wrongly."""
    doi, broken = "doi:10.1136/bjsports-2020-102564.", set()
    for fill in range(34, 52, 2):
        text = tool("pdftotext", pdf(made(Paragraph("a" * 20 + " b" * fill + f" {doi}"))), "-raw")
        (ends,) = re.findall(r"doi:.*?2564\.", text, re.DOTALL)
        broken |= set(ends.split("\n")[:-1])

    assert broken
    assert {each[-1] for each in broken} <= set("/.")


@pytest.mark.slow
def test_a_row_longer_than_a_page_goes_on_to_the_next():
    each = [f"word{number}" for number in range(1_200)]
    data = pdf(made(Table("Table 1", ("a", "b", " ".join(each)), ((" ".join(each), "1", "c"),))))
    found = Counter(text for page in words(data) for text, _ in page)

    assert beyond(data) == []
    assert {found[text] for text in each} == {2}


HOSTILE = {
    "markup": (MARKUP, MARKUP),
    "odd": ("a\x00b\x1b[31m\x85c\u2028d\ufeffe\ufffe\r\nf\tg", "a�b�[31m c d[U+FEFF]e[U+FFFE] f g"),
    "unknown letters": ("中 हि \U0001f600 e\u0301", "[U+4E2D] [U+0939][U+093F] \U0001f600 e\u0301"),
}


@POPPLER
@pytest.mark.parametrize("kind", HOSTILE)
def test_hostile_text_comes_out_as_text(kind):
    """In every kind of block, in the title, in the author and in a figure; a letter that no font has by its code."""
    text, told = HOSTILE[kind]

    def of(words):
        label = partial(paint, label=words)
        return made(
            *(Paragraph(words, strong=True), Heading(2, words), Paragraph(words), Bullets((words,))),
            *(Table(words, (words, words), ((words, words),)), Facts(((words, words),))),
            *(Heading(2, words), Heading(3, words, folded=True), figure(caption=words, alt=words, paint=label)),
            title=words,
            author=words,
        )

    data = pdf(of(text))

    assert missing(of(told), data) == []
    assert body(of(told), data).count(squeezed(told)) >= 15
    assert [squeezed(each) for each in alternatives(data)] == [squeezed(told)]


@POPPLER
def test_text_from_right_to_left_keeps_to_itself():
    """Its letters are there, and the words beside it stay in their order."""
    text = isolate("\u202edef \u05e9\u05dc\u05d5\u05dd")
    (found,) = words(pdf(made(Paragraph(f"abc {text} ghi"))))
    at = {re.sub(r"[\s\u202a-\u202e\u2066-\u2069]", "", word): box["xMin"] for word, box in found}

    assert at["abc"] < at["ghi"]
    assert set("\u05e9\u05dc\u05d5\u05dd") <= set("".join(at))


@pytest.mark.parametrize("alt", ["", "  "])
def test_a_figure_without_its_text_is_refused(alt):
    message = f"^figure 'line' must have a text that says what it shows \\(alt\\), as PDF/UA asks, got '{alt}'$"
    with pytest.raises(InputError, match=message):
        pdf(made(figure(alt=alt)))


@POPPLER
def test_a_figure_without_a_drawing_is_told_in_words():
    shown = made(figure(alt="It rises.", paint=None))
    assert "Itrises." in body(shown, pdf(shown))


@POPPLER
def test_the_running_head_and_the_number_of_the_page():
    """From the second page on, as much of the title as one line holds; a document of one page has no number."""
    title = "A title of many words " * 9
    found = pages(pdf(made(*(Paragraph("line"),) * 120, title=title)))

    assert [f"{number} / {len(found)}" in page for number, page in enumerate(found, start=1)] == [True] * len(found)
    assert len(found) > 2
    assert all(re.search(r"^A title .*…$", page, re.MULTILINE) for page in found[1:])
    assert "1 / 1" not in pages(pdf(made()))[0]


@pytest.mark.slow
@POPPLER
@pytest.mark.parametrize(("lines", "expected"), [(3, 1), (60, 1), (300, 8)])
def test_a_brief_document_gets_smaller_until_it_fits_a_page(lines, expected):
    """One that could not be read if it did keeps its size, and has several pages."""
    assert abs(len(pages(pdf(made(*(Paragraph("line"),) * lines, brief=True)))) - expected) <= (expected > 1)


@POPPLER
@pytest.mark.slow
@pytest.mark.parametrize("lang", LANGUAGES)
def test_briefs_are_one_page(lang):
    with drawn_once():
        for name in NAMES:
            shown = hecon.summary(assessed(name), lang=lang, length="brief").document
            data = pdf(shown)

            assert len(pages(data)) == 1, name
            assert missing(shown, data) == [], name


@cache
def others():
    """Return a maker of every document that is no note, and of the form of an advice."""
    dossier = hecon.load("meniscal-tear-degenerative")
    return {
        "advice": lambda locale: hecon.summary(assessed("acl-rupture"), lang=locale.lang, form="advice").document,
        "trial": lambda locale: trial_document("three", locale.lang),
        "programme": partial(programme_document, state()),
        "budget": lambda locale: budget_document(assess_budget(dossier, n_draws=500, rng=1), dossier, locale),
        "audit": partial(audit_document, dossier, hecon.audit(dossier)),
    }


@POPPLER
@pytest.mark.slow
@pytest.mark.parametrize(("name", "lang"), [*zip((*FOUR, *others()), LANGUAGES * 5, strict=False)])
def test_every_text_of_what_ships_is_within_its_pages(name, lang):
    with drawn_once():
        shown = document(name, lang) if name in FOUR else others()[name](Locale(lang))
        data = pdf(shown)

    assert missing(shown, data) == []
    assert beyond(data) == []
    told = [squeezed(each.alt) for each in shown.blocks if isinstance(each, Figure)]
    assert [squeezed(each) for each in alternatives(data)] == told
    # No page is all but empty.
    heights = [max(at["yMax"] for _, at in page if at["yMax"] < 780) for page in words(data)]
    assert [height for height in heights[:-1] if height < 400] == []


def test_a_page_and_a_pdf_share_their_drawings():
    """A figure is drawn once for both."""
    drawn = []
    shown = made(figure(paint=lambda ax: drawn.append(ax) or paint(ax)))
    html(shown)
    pdf(shown)

    assert len(drawn) == 1


@pytest.mark.slow
def test_a_command_writes_it(tmp_path, capsys):
    assert cli.main(["budget", "copd", "--format", "pdf", "--lang", "nl", "--out", str(tmp_path)]) == 0
    assert (tmp_path / "copd.budget.nl.pdf").read_bytes().startswith(b"%PDF")
    assert capsys.readouterr().err == ""
