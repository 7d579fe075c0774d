"""Markdown: an independent CommonMark parser must find our blocks, and in them every text as it was given."""

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from skeletons import skeleton

import hecon
from hecon.locale import Locale
from hecon.report.document import Bullets, Document, Facts, Figure, Heading, Paragraph, Table
from hecon.report.writers.markdown import escape, markdown

READER = MarkdownIt("commonmark").enable(["table", "strikethrough"])

NASTY = [
    "# x",
    "#x #",
    "*a* **b** ***c***",
    "_a_ __b__ a_b_c a__b__c _x€_ €_x_",
    "__a__",
    "[a](http://x)",
    "![a](http://x/y.png)",
    "[a]: http://x 'y'",
    "[^1] [ ] [x]",
    "<script>alert(1)</script>",
    "<!-- x -->",
    "<b>a</b> <http://x.org> <a@b.org> </div>",
    "| pipe | pipes |",
    "a|b\\|c\\\\|d",
    "| --- |",
    "`a` ``b`` ```",
    "```\ncode",
    "~~~ x",
    "1. x",
    "12) x",
    "1.",
    "- x",
    "-",
    "+ x",
    "--- x",
    "---",
    "- - -",
    "***",
    "===",
    "> x",
    ">x",
    "    code",
    "\tcode",
    "&amp; &lt; &#35; &nbsp;",
    "~~x~~ ~y~",
    "$x$ $$y$$",
    "a\nb\r\nc\rd",
    "a\n\nb",
    "x\n---",
    "x\n===",
    "http://x.org https://x.org/a_b_c?d=1&e=2 ftp://x.org",
    "www.x.org WWW.X.ORG",
    "mail a.b@c.org, mailto:a@b.org",
    "trailing \\",
    "trailing  ",
    "\\",
    "\\*",
    "{x} {{ y }} %s {0}",
    "-0,0293",
    "0.98 to >0.99",
    "\x00\x1b[31m\u2028x\x85",
    "a\N{NO-BREAK SPACE}b ",
    "!",
    "",
]


def plain(text):
    """Return a text with white space made single spaces, and control characters what is shown of them."""
    ends = re.sub(r"[\t-\r\x20\x85\u2028\u2029]+", " ", text)
    return re.sub(r"[\x00-\x1f\x7f-\x9f]", "\N{REPLACEMENT CHARACTER}", ends).strip()


def words_of(token):
    """Return the text of an inline token; anything but text and our own emphasis is a fault."""
    own = {"strong_open", "strong_close", "em_open", "em_close"}
    assert {child.type for child in token.children} <= {"text", *own}
    return "".join(child.content for child in token.children)


def read(document):
    """Return what a CommonMark reader finds: the types of the blocks, and the text of each."""
    tokens = READER.parse(markdown(document))
    return [token.type for token in tokens if token.level == 0], [
        words_of(token) for token in tokens if token.type == "inline"
    ]


def document_of(text):
    """Return a document that holds a text in every place that a document has for one."""
    return Document(
        Locale("en"),
        (
            Heading(1, text),
            Heading(3, text),
            Paragraph(text),
            Paragraph(f"x {text}", strong=True),
            Bullets((f"x {text}", text)),
            Paragraph("between"),
            Facts(((f"x {text}", text),)),
            Figure("plane", "example", f"x {text}", text),
            Table(f"x {text}", (f"x {text}", text), ((text, text), (text, f"x {text}")), numeric=(1,)),
        ),
    )


def check(text):
    """Hold what the reader finds against what was written."""
    blocks, found = read(document_of(text))
    bare, more = plain(text), plain(f"x {text}")
    headings = [bare, bare]
    body = [bare] if bare else []
    bullets = [more, bare] if bare else [more]
    fact, figure = f"{more}: {bare}".strip(), f"{more}. {bare}".strip()
    expected = [*headings, *body, more, *bullets, "between", fact, figure, more, more, bare, bare, bare, bare, more]

    assert found == expected
    assert [name for name in blocks if name.endswith("_open")] == [
        "heading_open",
        "heading_open",
        *["paragraph_open"] * (2 if bare else 1),
        "bullet_list_open",
        "paragraph_open",
        "bullet_list_open",
        "paragraph_open",
        "paragraph_open",
        "table_open",
    ]


@pytest.mark.parametrize("text", NASTY)
@pytest.mark.no_cover
def test_markup_comes_out_as_text(text):
    """In headings, paragraphs, lists, captions and cells, markup is only text."""
    check(text)


MARKS = st.text(st.sampled_from("\\`*_{}[]()<>#+-.!|&~$=:;/@^'\"%,? \n\t1aé€w\N{NO-BREAK SPACE}"), max_size=30)


@pytest.mark.slow
@given(MARKS | st.text(max_size=30))
@example("*")
@example("a*")
@example("\\|")
@example("_a_")
def test_any_text_survives(text):
    """Text, written as Markdown and read by another program, is the same text."""
    check(text)


@pytest.mark.slow
@given(MARKS | st.text(max_size=30) | st.sampled_from(NASTY))
def test_no_address_links_itself(text):
    """GitHub's rules for bare addresses find none: neither a scheme, nor www, nor an at sign stands as such."""
    written = escape(text)

    assert not re.search(r"(https?|ftp)://|www\.|(?<!\\)@", written, re.IGNORECASE)


@pytest.mark.slow
@given(MARKS | st.text(max_size=30))
def test_nothing_but_backslashes_is_added(text):
    """The source stays readable: a backslash before punctuation is all that escaping adds."""
    written = escape(text)

    assert "\n" not in written
    assert re.sub(r"\\([!-/:-@\[-`{-~])", r"\1", written) == plain(text).strip()


@pytest.mark.parametrize(
    "text",
    ["−0,0293", "−€ 1.803", "0.08 (0.03 to 0.14)", "ΔC: a_b", "doi:10.1136/bmj.n375", "P(x); y = 2!", "98%", "a - b"],
)
def test_ordinary_text_needs_no_escape(text):
    """Figures, dashes inside a line and identifiers stay as they are."""
    assert escape(text) == text


def test_a_table_has_one_row_a_line_and_its_columns_aligned():
    """Numbers stand right; a caption stands above, and none is no line at all."""
    table = Table("", ("name", "value"), (("a|b", "1\n2"),), numeric=(1,))

    assert markdown(Document(Locale("en"), (table,))) == "| name | value |\n| --- | ---: |\n| a\\|b | 1 2 |\n"
    assert READER.render(markdown(Document(Locale("en"), (table,)))).count("<td") == 2


def test_an_unknown_block_is_named():
    """A block that the writer does not know is a mistake in the program."""
    with pytest.raises(TypeError, match=r"^no writer for str$"):
        markdown(Document(Locale("en"), ("text",)))


@pytest.mark.slow
def test_a_dossier_full_of_markup_comes_out_as_text(tmp_path):
    """Markup in a title, a name, a trial, a citation, a place, a note or a caveat is only text."""
    attack = "<b>*x*</b> | [a](http://x) `c` &amp; ~~d~~ $e$ \\\\"
    text = skeleton("sample")
    for old in (
        "sample: title",
        "sample: titel",
        "the new care",
        "de nieuwe zorg",
        "EXAMPLE",
        "Author A, et al. Title. Journal year;volume:pages.",
        "table 2",
        "Judged by whom and on what ground",
        "What a reader of the results must know",
        "Costs and QALYs are not reported jointly",
        "randomised trial, n per arm",
        "read in full or abstract only",
    ):
        text = text.replace(old, attack)
    path = tmp_path / "sample.toml"
    path.write_text(text, encoding="utf-8")

    for lang in ("nl", "en"):
        written = hecon.summary(hecon.assess(path, n_draws=100), lang=lang).text("md")
        tokens = READER.parse(written)
        told = [words_of(token) for token in tokens if token.type == "inline"]

        assert told[0] == attack.replace("\\\\", "\\")
        assert sum(attack.replace("\\\\", "\\") in each for each in told) >= 10
        assert not [token for token in tokens if token.type in {"html_block", "fence", "code_block", "hr"}]
        assert "<script" not in READER.render(written)
