"""The Word file: what a document says, block by block, in Word's own styles; read by its XML alone."""

import io
import re
import struct
import zipfile
from functools import cache, partial
from pathlib import Path

import docx as library
import pytest
import trial_reports
from docx.enum.style import WD_STYLE_TYPE
from drawn import drawn_once
from hypothesis import given
from hypothesis import strategies as st
from shipped import assessed, summed
from word import SPACE, Word, cells_of, text_of, w

import hecon
from hecon import auditing, dossier, programme
from hecon.cli import main as cli
from hecon.errors import InputError
from hecon.locale import LANGUAGES, Locale
from hecon.report.analyses import audit_document, budget_document
from hecon.report.document import BlockNote, Bullets, Document, Facts, Figure, Heading, Paragraph, Table
from hecon.report.programmes import programme_document
from hecon.report.writers.docx import column_widths, docx

# Whole notes; what they pass through, others hold.
pytestmark = pytest.mark.slow

EN = Locale("en")


ACL = "acl-rupture"
MAKERS = {
    **{
        name: partial(lambda name, lang: summed(name, lang).document, name)
        for name in ("acl-rupture", "reablement", "triage")
    },
    "brief": lambda lang: hecon.summary(assessed(ACL), lang=lang, length="brief").document,
    "advice": lambda lang: hecon.summary(assessed(ACL), lang=lang, form="advice").document,
    "budget": lambda lang: budget_document(assessed(ACL).budget, dossier.load(ACL), Locale(lang)),
    "audit": lambda lang: audit_document(dossier.load(ACL), auditing.audit(dossier.load(ACL)), Locale(lang)),
    "programme": lambda lang: programme_document(programme.state(None), Locale(lang)),
    "trial": lambda lang: trial_reports.document("usual", lang),
}


@cache
def document_of(name, lang):
    """Return a document of a kind."""
    return MAKERS[name](lang)


# The largest note in both languages, each other document in one.
EACH = pytest.mark.parametrize(
    ("name", "lang"),
    [
        *((ACL, lang) for lang in LANGUAGES),
        *((name, LANGUAGES[place % 2]) for place, name in enumerate(MAKERS) if place),
    ],
)


@cache
def written(name, lang):
    with drawn_once():
        return Word(docx(document_of(name, lang)))


def of(*blocks, **kind):
    """Return a document of some blocks as a Word file."""
    return Word(docx(Document(EN, (Heading(1, "Title"), *blocks), **kind)))


def keeps(paragraph):
    """Tell whether a paragraph stays on the page of the next."""
    found = paragraph.find("w:pPr/w:keepNext", SPACE)
    return found is not None and found.get(w("val")) not in {"0", "false"}


def one_line(text):
    return " ".join(re.split(r"[ \t\n]+", text)).strip()


def expected(document):
    """Yield what must stand in the file, block by block, without the contents."""
    raised = 0
    for block in document.blocks:
        match block:
            case Heading(level=1):
                yield from (("Subtitle", document.kind_words), ("Title", block.text))
            case Heading():
                raised = block.level - 2 if block.folded else 0 if block.level == 2 else raised
                yield f"heading {block.level - 1 - raised}", block.text
            case Paragraph():
                yield "Normal", block.text
            case Bullets():
                yield from (("List Bullet", item) for item in block.items)
            case Facts():
                yield "table", [list(map(one_line, pair)) for pair in block.pairs]
            case Table():
                if block.caption:
                    yield "caption", block.caption
                yield "table", [list(map(one_line, row)) for row in (block.header, *block.rows)]
            case Figure():
                yield from (("picture", ""), ("caption", block.caption))


@EACH
def test_every_block_comes_out(name, lang):
    """Text, cells and captions, in order and in the style of their kind; nothing else but the contents."""
    found = [block for block in written(name, lang).blocks() if block[0] not in {"TOC Heading", "toc 1"}]
    wanted = [
        (kind, one_line(text) if isinstance(text, str) else text) for kind, text in expected(document_of(name, lang))
    ]

    # A table that ends the body, or stands above another, has an empty line below it.
    spare = [place for place, block in enumerate(found) if block == ("Normal", "") and found[place - 1][0] == "table"]
    assert [block for place, block in enumerate(found) if place not in spare] == wanted


@EACH
def test_no_table_is_clipped_or_torn(name, lang):
    """Each is at most as wide as the text; rows stay whole, the header repeats; numbers are aligned right."""
    word = written(name, lang)
    page = word.body.find("w:sectPr", SPACE)
    size, margin = page.find("w:pgSz", SPACE), page.find("w:pgMar", SPACE)
    room = int(size.get(w("w"))) - int(margin.get(w("left"))) - int(margin.get(w("right")))
    blocks = [block for block in document_of(name, lang).blocks if isinstance(block, (Table, Facts))]

    for table, block in zip(word.tables(), blocks, strict=True):
        rows = table.findall("w:tr", SPACE)
        widths = [int(each.get(w("w"))) for each in table.findall("w:tblGrid/w:gridCol", SPACE)]
        assert sum(widths) <= room
        assert all(row.find("w:trPr/w:cantSplit", SPACE) is not None for row in rows)
        for row in rows:
            assert [int(each.get(w("w"))) for each in row.findall("w:tc/w:tcPr/w:tcW", SPACE)] == widths
        repeated = [row.find("w:trPr/w:tblHeader", SPACE) is not None for row in rows]
        assert repeated == [isinstance(block, Table), *[False] * (len(rows) - 1)]
        if isinstance(block, Table):
            for row in rows:
                ends = [cell.find("w:p/w:pPr/w:jc", SPACE) is not None for cell in row.findall("w:tc", SPACE)]
                assert ends == [place in block.numeric for place in range(len(ends))]


@EACH
def test_captions_stay_with_what_they_are_of(name, lang):
    """The caption of a table with its header, that with the first row; a figure with its caption; numbers count."""
    word = written(name, lang)
    body = [each for each in word.body if each.tag != w("sectPr")]
    kept = []
    for place, each in enumerate(body):
        follows = keeps(each)
        if each.tag == w("p") and word.style(each) == "caption":
            above = body[place - 1].find(".//wp:docPr", SPACE) is not None
            assert follows != above
            assert keeps(body[place - 1]) or not above
            kept.append("figure" if above else "table")
        if each.tag == w("tbl") and kept and cells_of(each) and each.find("w:tr/w:trPr/w:tblHeader", SPACE) is not None:
            head = each.find("w:tr", SPACE)
            assert all(map(keeps, head.iter(w("p"))))
    numbered = [code.text.split()[1] for code in word.body.iter(w("instrText")) if code.text.startswith(" SEQ")]
    blocks = document_of(name, lang).blocks
    wanted = [
        type(each).__name__ for each in blocks if isinstance(each, Figure) or (isinstance(each, Table) and each.caption)
    ]
    assert kept == [each.lower() for each in wanted]
    counted = [each for each in blocks if isinstance(each, (Table, Figure)) and re.match(r"\w+ \d+\b", each.caption)]
    assert numbered == [type(each).__name__ for each in counted]
    assert numbered in ([], wanted)
    assert numbered or name != ACL


@EACH
def test_figures_have_what_they_show_in_words(name, lang):
    word, figures = written(name, lang), [each for each in document_of(name, lang).blocks if isinstance(each, Figure)]
    properties = list(word.body.iter(f"{{{SPACE['wp']}}}docPr"))

    assert [each.get("descr") for each in properties] == [one_line(each.alt) for each in figures]
    assert len({each.get("id") for each in properties}) == len(figures)


def test_a_figure_is_drawn_at_200_dots_an_inch():
    figure = next(each for each in document_of("acl-rupture", "nl").blocks if isinstance(each, Figure))
    picture = next(content for name, content in of(figure).parts.items() if name.endswith(".png"))

    assert struct.unpack(">II", picture[16:24]) == (1240, 800)
    assert len(picture) < 60_000


@EACH
def test_the_contents_lead_to_their_headings(name, lang):
    """An entry for each chapter, each annex among them, whose anchor is the bookmark around that heading."""
    word, document = written(name, lang), document_of(name, lang)
    links = list(word.body.iter(w("hyperlink")))
    marked = {}
    for paragraph in word.body.findall("w:p", SPACE):
        start = paragraph.find("w:bookmarkStart", SPACE)
        if start is not None:
            assert word.style(paragraph) == "heading 1"
            marked[start.get(w("name"))] = text_of(paragraph)
    chapters = [
        one_line(each.text)
        for each in document.blocks
        if isinstance(each, Heading) and (each.level == 2 or each.folded)
    ]

    if document.contents_at is None:
        assert links == [] == list(marked)
    else:
        assert [text_of(each) for each in links] == chapters
        assert [marked[each.get(w("anchor"))] for each in links] == chapters
        codes = [each.text.split()[0] for each in word.body.iter(w("instrText")) if " SEQ" not in each.text]
        assert codes == ["TOC", *["PAGEREF"] * len(links)]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_findings_stand_as_comments_at_their_figures(lang):
    """Each at the run of the cell or item whose mark has its number; each mark in a cell or item has one."""
    word = written("acl-rupture", lang)
    mark = EN.text("audit.mark", n="(\\d+)") if lang == "en" else Locale("nl").text("audit.mark", n="(\\d+)")
    mark = re.compile(mark.replace("[", "\\[").replace("]", "\\]"))
    comments = list(word.comments())
    numbers = [mark.match(told).group(1) for told, _, _ in comments]

    assert len(comments) > 15
    for number, (_, paragraph, _) in zip(numbers, comments, strict=True):
        assert number in mark.findall(text_of(paragraph))
        start = next(place for place, each in enumerate(paragraph) if each.tag == w("commentRangeStart"))
        assert text_of(paragraph) == text_of(
            paragraph[start:][next(i for i, x in enumerate(paragraph[start:]) if x.tag == w("r"))]
        )
    # The annex on the audit itself begins its items with them.
    listed = [text for style, text in word.blocks() if style == "List Bullet" and mark.match(text)]
    everywhere = [
        n for each in word.body.iter(w("p")) for n in mark.findall(text_of(each)) if text_of(each) not in listed
    ]
    assert sorted(numbers) == sorted(everywhere)
    assert set(numbers) == {str(place) for place in range(1, len(listed) + 1)}
    assert {told for told, _, _ in comments} == set(listed)


def test_a_comment_has_the_date_of_the_note_or_none():
    noted = Bullets(("first", "second"), (BlockNote("look here", 1),))
    dated = hecon.summary(assessed("acl-rupture")).document.date
    comments = [of(noted, date=date).part("word/comments.xml")[0] for date in (None, dated)]

    assert [each.get(w("date")) for each in comments] == [None, f"{dated.isoformat()}T00:00:00Z"]
    assert [each.get(w("author")) for each in comments] == ["hecon", "hecon"]
    told, paragraph, cell = next(of(noted).comments())
    assert (told, text_of(paragraph), cell) == ("look here", "second", None)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_language_and_properties_are_those_of_the_document(lang):
    content = docx(document_of("brief", lang))
    word, properties = Word(content), library.Document(io.BytesIO(content)).core_properties
    document = document_of("brief", lang)
    language = {"nl": "nl-NL", "en": "en-GB"}[lang]

    spoken = {each.get(w("val")) for each in word.part("word/styles.xml").iter(w("lang"))}
    assert (spoken, properties.language) == ({language}, language)
    assert (properties.title, properties.subject) == (document.title, document.kind_words)
    assert (properties.author, properties.created.date()) == (document.author, document.date)
    assert properties.modified == properties.created


def test_a_document_without_a_date_says_none():
    """Not that of this library, nor that of now."""
    properties = of(Paragraph("text")).part("docProps/core.xml")

    assert [each.tag for each in properties if each.tag.endswith(("created", "modified", "lastPrinted"))] == []


def test_the_pages_are_headed_and_numbered():
    word = written("acl-rupture", "en")
    fields = {
        name: [code.text.strip() for code in word.part(name).iter(w("instrText"))]
        for name in word.parts
        if re.fullmatch(r"word/(header|footer)\d\.xml", name)
    }
    told = [text_of(word.part(name)) for name in fields]

    assert sorted(fields.values()) == [
        [],
        ["COMMENTS", "PAGE", "NUMPAGES"],
        ["COMMENTS", "PAGE", "NUMPAGES"],
        ["TITLE"],
    ]
    assert document_of("acl-rupture", "en").title in told
    assert f"{document_of('acl-rupture', 'en').colophon}1 / 1" in told


def test_the_same_bytes_twice():
    """Whatever the clock says."""
    with drawn_once():
        first, second = (docx(document_of("reablement", "nl")) for _ in range(2))

    assert first == second
    assert {each.date_time for each in Word(first).entries} == {(1980, 1, 1, 0, 0, 0)}


def test_simulated_data_are_told_where_the_page_tells_it():
    word, document = written("trial", "en"), document_of("trial", "en")

    assert any("SIMULATED" in text.upper() for _, text in word.blocks() if isinstance(text, str))
    assert one_line(document.title) in text_of(word.part("word/header1.xml")) + text_of(word.part("word/header2.xml"))


def test_tables_that_touch_stay_apart_and_none_ends_the_body():
    table = Table("", ("a", "b"), (("1", "2"),))
    word = of(table, Facts((("label", "text"),)), table)

    assert [kind for kind, _ in word.blocks()][2:] == ["table", "Normal", "table", "Normal", "table", "Normal"]


def test_a_negative_amount_holds_nothing_that_is_not_seen():
    """Who searches for it, or copies it, finds what is printed."""
    amount = "\N{MINUS SIGN}€\N{NO-BREAK SPACE}2.525"
    word = of(Paragraph(f"saldo {amount}"), Table("", ("a",), ((amount,),)))

    assert [each.text for each in word.body.iter(w("t"))][-3:] == [f"saldo {amount}", "a", amount]


def test_an_interval_without_room_beside_its_number_stands_below_it():
    """Whole, on a line of its own; where there is room it stays, and a column of words is as it was."""
    number, words = "−€ 2.525 (−€ 6.135 tot € 1.044)", "a remark (in brackets) " * 9
    narrow = of(Table("", tuple("abcdef"), ((number, *[words] * 5),), numeric=(0,)))
    wide = of(Table("", ("a", "b"), ((number, "x"),), numeric=(0,)))

    (row,) = narrow.tables()[0].findall("w:tr", SPACE)[1:]
    first, *others = row.findall("w:tc", SPACE)
    assert [each.text for each in first.iter(w("t"))] == ["−€ 2.525", "(−€ 6.135 tot € 1.044)"]
    assert text_of(first) == number
    assert [each for other in (*others, wide.body) for each in other.iter(w("br"))] == []


@pytest.mark.parametrize(("rows", "kept"), [(4, True), (40, False)])
def test_a_low_table_stays_on_one_page(rows, kept):
    """Every row but the last with the one below it; a high one breaks between rows."""
    table = of(Table("", ("a", "b"), (("1", "2"),) * rows)).tables()[0]
    _, *lines = table.findall("w:tr", SPACE)

    found = [all(keeps(each) for each in line.iter(w("p"))) for line in lines]
    assert found == [kept] * (rows - 1) + [False]


def test_a_paragraph_between_two_headings_stays_with_what_it_leads_to():
    sections = (Heading(2, "one"), Paragraph("leads"), Heading(3, "below"), Paragraph("ends"), Heading(2, "two"))
    word = of(*sections, Paragraph("last"))

    kept = {text_of(each): keeps(each) for each in word.body.findall("w:p", SPACE)}

    assert (kept["leads"], kept["ends"], kept["last"]) == (True, False, False)


@pytest.mark.parametrize(("name", "asked"), [("triage", 1), ("brief", 0)])
def test_word_fills_in_the_pages_of_the_contents(name, asked):
    """By a setting that stands where its schema wants it; a document without contents asks for nothing."""
    settings = written(name, "en").part("word/settings.xml")
    tags = [each.tag for each in settings]

    assert tags.count(w("updateFields")) == asked
    assert not asked or tags.index(w("savePreviewPicture")) < tags.index(w("updateFields")) < tags.index(w("compat"))


def test_a_figure_without_a_drawing_is_told_in_words():
    word = of(Figure("plane", "plane", "Caption", "What it shows"))

    assert list(word.blocks())[2:] == [("caption", "Caption"), ("Normal", "What it shows")]


def test_a_long_title_is_cut_in_the_properties_alone():
    title = "word " * 80
    word = Word(docx(Document(EN, (Heading(1, title),))))

    assert list(word.blocks())[1] == ("Title", title.strip())
    assert text_of(word.part("word/header1.xml")) == f"{title[:254]}\N{HORIZONTAL ELLIPSIS}"


@given(
    st.lists(st.lists(st.text("abc -(", max_size=60), min_size=3, max_size=3), min_size=1, max_size=6),
    st.floats(1_500, 9_500),
    st.sets(st.integers(0, 2)),
)
def test_columns_are_within_their_room(rows, room, whole):
    widths, lines = column_widths(rows[0], rows[1:], room, 8.0, tuple(whole))

    assert sum(widths) <= room
    assert min(widths) > 0
    assert lines >= 1 or not any(cell.strip() for row in rows for cell in row)


# Templates ------------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def template(tmp_path_factory):
    """Return an institute's file: a note of hecon with other styles, a logo's words above, and text of its own."""
    path = tmp_path_factory.mktemp("institute") / "institute.docx"
    with drawn_once():
        path.write_bytes(docx(document_of("acl-rupture", "nl")))
    file = library.Document(str(path))
    file.styles["Heading 1"].font.name = "Georgia"
    file.sections[0].left_margin = 2_000_000
    file.sections[0].header.paragraphs[0].add_run(" | The Institute")
    file.save(str(path))
    return path


def test_a_template_gives_its_styles_page_and_heads_and_no_text(template):
    document = document_of("brief", "en")
    with drawn_once():
        word = Word(docx(document, template=template))
    fonts = {each.get(w("styleId")): each.find("w:rPr/w:rFonts", SPACE) for each in word.part("word/styles.xml")}
    head, foot = text_of(word.part("word/header1.xml")), text_of(word.part("word/footer1.xml"))

    assert fonts["Heading1"].get(w("ascii")) == "Georgia"
    assert word.body.find("w:sectPr/w:pgMar", SPACE).get(w("left")) == str(round(2_000_000 / 635))
    assert head == f"{document.title} | The Institute"
    assert foot == f"{document.colophon}1 / 1"
    assert list(word.blocks())[:2] == [("Subtitle", document.kind_words), ("Title", document.title)]
    assert sum(name.endswith(".png") for name in word.parts) == 1
    assert "word/comments.xml" not in word.parts
    assert b"kruisband" not in b"".join(word.parts.values())
    assert {each.get(w("val")) for each in word.part("word/styles.xml").iter(w("lang"))} == {"en-GB"}


def test_a_template_without_a_style_is_refused_by_its_name(tmp_path, template):
    file = library.Document(str(template))
    for name in ("Caption", "Heading 3"):
        file.styles[name].delete()
    path = tmp_path / "bare.docx"
    file.save(str(path))

    rule = r"^template must have the styles that a note uses, got '.*bare\.docx' without Heading 3, Caption: in Word, "
    with pytest.raises(InputError, match=rule):
        docx(document_of("brief", "en"), template=path)
    with pytest.raises(InputError, match=rule):
        hecon.summary(assessed("copd"), template=path)


def test_a_template_that_never_used_our_own_styles_gets_them(tmp_path, template):
    """Those of the contents and of the text of tables take the look of the template's text."""
    file = library.Document(str(template))
    file.styles["Normal"].font.name = "Georgia"
    for name in ("Table Text", "Table Text Small", "toc 1", "TOC Heading", "Header", "Footer"):
        next(each for each in file.styles if each.name in {name, name.lower()}).delete()
    path = tmp_path / "own.docx"
    file.save(str(path))
    with drawn_once():
        styles = library.Document(io.BytesIO(docx(document_of("reablement", "en"), template=path))).styles

    based = {
        each.name: each.base_style.name for each in styles if each.type == WD_STYLE_TYPE.PARAGRAPH and each.base_style
    }
    assert {based[name] for name in ("Table Text", "Table Text Small", "toc 1", "TOC Heading")} == {"Normal"}


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"plain text", "zip"])
def test_what_is_no_word_file_is_refused(tmp_path, content):
    path = tmp_path / "x.docx"
    if content == "zip":
        with zipfile.ZipFile(path, "w") as file:
            file.writestr("a", "b")
    else:
        path.write_bytes(content)

    with pytest.raises(
        InputError, match=r"^template must be a Word file \(\.docx\), got '.*x\.docx': in Word, save it as"
    ):
        docx(document_of("brief", "en"), template=path)
    with pytest.raises(InputError, match=r"^template must be a file that can be read, got '.*none\.docx'"):
        docx(document_of("brief", "en"), template=tmp_path / "none.docx")


def test_a_template_on_the_command_line(tmp_path, monkeypatch, capsys, template):
    monkeypatch.chdir(tmp_path)
    with drawn_once():
        assert (
            cli.main(
                ["audit", "copd", "--format", "docx,md", "--lang", "nl", "--out", "out", "--template", str(template)]
            )
            == 0
        )
    word = Word(Path("out/copd.audit.nl.docx").read_bytes())

    assert text_of(word.part("word/header1.xml")).endswith(" | The Institute")
    assert cli.main(["audit", "copd", "--format", "docx", "--out", "other", "--template", "none.docx"]) == 1
    with pytest.raises(SystemExit):
        cli.main(["audit", "copd", "--format", "md", "--out", "other", "--template", str(template)])
    assert "audit --template is for docx; name it with --format" in capsys.readouterr().err
    assert not Path("other").exists()


def test_a_summary_is_saved_with_a_template(tmp_path, template):
    with drawn_once():
        path = hecon.summary(assessed("copd"), lang="en", template=template).save(tmp_path / "copd.docx")

    assert text_of(Word(path.read_bytes()).part("word/header1.xml")).endswith(" | The Institute")
