"""The page: one file that asks nothing of the network, well formed, for every reader, the same bytes each time."""

import itertools
import re

import pytest
from pages import Tag, read
from shipped import ECONOMIC, N_DRAWS, NAMES, PLAIN, assessed, document, each_of, parsed, written

import hecon
from hecon.locale import Locale
from hecon.plot import _style
from hecon.report.document import Bullets, Document, Facts, Figure, Heading, Paragraph, Table
from hecon.report.sections.comparisons import figures
from hecon.report.words.comparisons import ComparisonWords
from hecon.report.words.findings import figure_value
from hecon.report.writers.html import _inline, html, svg

pytestmark = pytest.mark.slow

EACH, EACH_ECONOMIC = each_of(NAMES), each_of(ECONOMIC)
NBSP = "\N{NO-BREAK SPACE}"
HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
# The figures of each note in their order: forest plots, two of each comparison with draws, the worth of a study of that
# which answers, those of the budget; in the
# annexes that of the burden, and two more of each comparison.
KINDS, DETAILS = ("plane", "acceptability"), ("net_benefit", "expected_loss")


def figures_of(*drawn, forest=(), budget=()):
    """Return the kinds and names of the figures of a note with these comparisons with draws."""
    body, annex = ([(kind, f"{name}-{kind}") for name in drawn for kind in kinds] for kinds in (KINDS, DETAILS))
    tables = [(kind, kind) for kind in budget]
    tables = [("study_size", f"{drawn[0]}-study-size"), *tables]
    return [*(("forest", f"forest-{each}") for each in forest), *body, *tables, ("burden", "burden"), *annex]


FIGURES = {
    "acl-rupture": figures_of("compare-societal", "snnap-healthcare", forest=["function"], budget=["waterfall"]),
    "meniscal-tear-degenerative": figures_of("escape-societal", forest=["function"], budget=["waterfall", "tornado"]),
    "meniscal-tear-traumatic": figures_of("starr-societal", budget=["waterfall", "tornado"]),
    "reablement": figures_of("coach2move-2022"),
} | {name: [("tornado", "tornado")] if name == "copd" else [] for name in PLAIN}
# What a browser would fetch, whatever element bears it.
FETCHING = {"src", "srcset", "data", "action", "poster", "background", "formaction", "ping", "manifest", "cite"}


def page_of(*blocks, lang="en"):
    """Return the page of a document with these blocks after its title."""
    return read(html(Document(Locale(lang), (Heading(1, "title"), *blocks))))


@EACH
def test_a_page_asks_nothing_of_the_network(name, lang):
    """No element fetches anything, no style imports or links, and no script runs."""
    page = parsed(name, lang)
    styles = [tag.text() for tag in page.all("style")]
    styles += [tag.attributes["style"] for tag in page.all() if "style" in tag.attributes]
    links = [value for tag in page.all() for key, value in tag.attributes.items() if key.rpartition(":")[2] == "href"]

    assert not list(page.all("script", "link", "img", "iframe", "object", "embed", "image", "base", "form", "audio"))
    assert not [key for tag in page.all() for key in tag.attributes if key in FETCHING or key.startswith("on")]
    assert not [style for style in styles if re.search(r"@import|@font-face|url\((?!#)|https?:", style)]
    assert links
    assert [link for link in links if not link.startswith("#")] == []
    # Where an address stands at all, it is the name of an XML vocabulary or text.
    assert set(re.findall(r'="(https?:[^"]*)"', written(name, lang, "html"))) <= {
        "http://www.w3.org/2000/svg",
        "http://www.w3.org/1999/xlink",
    }


@EACH
def test_the_frame_of_a_page(name, lang):
    """Language, encoding, title, a way past the contents, and landmarks."""
    page, title = parsed(name, lang), getattr(assessed(name).dossier.title, lang)

    assert written(name, lang, "html").startswith("<!doctype html>\n")
    assert written(name, lang, "html").endswith("</html>\n")
    assert page.one("html").attributes == {"lang": lang}
    assert page.one("html").one("head").inside[1].attributes == {"charset": "utf-8"}
    assert {"name": "color-scheme", "content": "light dark"} in [tag.attributes for tag in page.all("meta")]
    assert page.one("title").text() == page.one("h1").text() == title
    assert [tag.name for tag in page.one("body").inside if isinstance(tag, Tag)] == [
        "a",
        "header",
        "main",
        "footer",
    ]
    # The contents stand below the answer, which is the first section.
    parts = [tag.name for tag in page.one("main").inside if isinstance(tag, Tag) and tag.name in {"nav", "section"}]
    assert parts[:3] == ["section", "nav", "section"]
    assert parts.count("nav") == 1
    assert page.one("body").one("main").attributes["id"] == "main"
    assert next(page.all("a")).attributes["href"] == "#main"
    assert page.one("nav").attributes["aria-label"] == Locale(lang).text("html.contents")
    kind = "document.kind_plain" if name in PLAIN else "document.kind_economic"
    assert [tag.text() for tag in page.one("header").all("p")] == [Locale(lang).text(kind)]


@EACH
def test_headings_are_in_order(name, lang):
    """One title, no level skipped, none empty, none without something under it."""
    page = parsed(name, lang)
    levels = [int(tag.name[1]) for tag in page.all(*HEADINGS)]

    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in itertools.pairwise(levels))
    assert all(tag.text().strip() for tag in page.all(*HEADINGS))
    for section in page.all("section"):
        inside = [each for each in section.inside if isinstance(each, Tag)]

        assert inside[0].name == "h2"
        assert inside[0].attributes["id"] == section.attributes["aria-labelledby"]
        assert len(inside) > 1


@EACH
def test_the_contents_lead_to_every_section(name, lang):
    """In order, under the sections' own titles."""
    page = parsed(name, lang)
    listed = [(tag.attributes["href"], tag.text()) for tag in page.one("nav").all("a")]

    assert listed == [(f"#{tag.attributes['id']}", tag.text()) for tag in page.all("h2")]
    assert len(listed) > 5


@EACH
def test_every_identifier_is_there_once(name, lang):
    """In all figures together; and whatever is referred to is there."""
    page = parsed(name, lang)
    named = [tag.attributes["id"] for tag in page.all() if "id" in tag.attributes]
    values = [value for tag in page.all() for value in tag.attributes.values() if value]
    used = {each for value in values for each in re.findall(r"url\(#([^)]+)\)", value)}
    used |= {value[1:] for tag in page.all() for key, value in tag.attributes.items() if key.endswith("href")}

    assert len(set(named)) == len(named)
    assert used <= set(named)
    if not FIGURES[name]:
        assert named == ["main", *(f"s{at}" for at, _ in enumerate(page.all("h2"), start=1))]
    else:
        assert len(named) > (50 if name in ECONOMIC else 20)


@EACH
def test_tables_tell_what_their_cells_are(name, lang):
    """Column and row headers have their scope, each table a name, each row as many cells as there are columns."""
    tables = list(parsed(name, lang).all("table"))
    regions = [tag for tag in parsed(name, lang).all("div") if tag.attributes.get("role") == "region"]

    written = [each for each in document(name, lang).blocks if isinstance(each, Table)]

    assert len(tables) == len(regions) == len(written) > (0 if name in PLAIN else 5)
    for table, region in zip(tables, regions, strict=True):
        caption = [tag.text() for tag in table.all("caption")]
        columns = [tag.attributes["scope"] for tag in table.one("thead").all("th")]
        rows = list(table.one("tbody").all("tr"))

        assert region.attributes["aria-label"]
        assert region.attributes["tabindex"] == "0"
        assert caption in ([], [region.attributes["aria-label"]])
        assert set(columns) == {"col"}
        assert not list(table.one("thead").all("td"))
        assert rows
        for row in rows:
            assert len([each for each in row.inside if isinstance(each, Tag)]) == len(columns)
            assert [tag.attributes["scope"] for tag in row.all("th")] in (["row"], [])
        assert any(row.all("th") for row in rows)


@EACH
def test_figures_say_what_they_show(name, lang):
    """Each is one image to a screen reader, with its words; the drawing itself is passed over."""
    figures = list(parsed(name, lang).all("figure"))
    alike = [each for each in document(name, lang).blocks if isinstance(each, Figure)]

    assert [(each.kind, each.name) for each in alike] == FIGURES[name]
    assert len(figures) == len(alike) == len(list(parsed(name, lang).all("svg")))
    for figure, block in zip(figures, alike, strict=True):
        drawing = figure.one("div")

        assert (drawing.attributes["role"], drawing.attributes["aria-label"]) == ("img", block.alt)
        assert figure.one("figcaption").text() == block.caption
        assert drawing.one("svg").attributes["aria-hidden"] == "true"
        assert {"width", "height"}.isdisjoint(drawing.one("svg").attributes)
        assert drawing.one("svg").attributes["viewbox"]


@EACH
def test_a_page_is_small(name, lang):
    """It goes by mail."""
    assert len(written(name, lang, "html").encode()) < 400_000


@EACH
def test_everything_in_the_document_is_on_the_page(name, lang):
    """Every block's text, whole, in the document's order, and as Markdown has it too."""
    page = " ".join(parsed(name, lang).text(without=("style", "svg", "nav")).split())
    at = 0
    for block in document(name, lang).blocks:
        for text in strings(block):
            at = page.find(" ".join(text.split()), at)

            assert at >= 0, text


def strings(block):
    """Return the texts of a block in the order in which a page has them."""
    if isinstance(block, (Heading, Paragraph)):
        return [block.text]
    if isinstance(block, Bullets):
        return list(block.items)
    if isinstance(block, Facts):
        return [text for pair in block.pairs for text in pair]
    if isinstance(block, Figure):
        return [block.caption]
    return [block.caption, *block.header, *(cell for row in block.rows for cell in row)]


# Figures in the page --------------------------------------------------------------------------------------------------


def labels(page):
    """Return the labels in a page's figures."""
    return [tag.text().replace(NBSP, " ") for svg in page.all("svg") for tag in svg.all("text")]


@EACH_ECONOMIC
def test_labels_keep_their_amounts(name, lang):
    """Numbers are cut in paths only; a label's "€ 80.000" once came out as "€ 80.00"."""
    shown = labels(parsed(name, lang))
    amounts = [each for each in shown if "€" in each or "£" in each]
    # As this language writes them, and nothing else.
    rule = r"−?[€£] \d{1,3}(\.\d{3})*(,\d\d)?" if lang == "nl" else r"−?[€£]\d{1,3}(,\d{3})*(\.\d\d)?"
    rule += r"|−?€ \d+(,\d+)? mln" if lang == "nl" else r"|−?€\d+(\.\d+)? million"
    number = r"−?(\d+|\d{1,3}(\.\d{3})+)(,\d+)?" if lang == "nl" else r"−?(\d+|\d{1,3}(,\d{3})+)(\.\d+)?"

    assert shown.count("€ 80.000" if lang == "nl" else "€80,000") == 5
    # A comparison in pounds is marked at its source's own values alone, in its plane and on its curves' axes.
    pounds = [each for each in shown if "£" in each and "80" in each]
    assert pounds.count("£ 80.000" if lang == "nl" else "£80,000") == 0
    assert (shown.count("£ 30.000" if lang == "nl" else "£30,000") == 4) == (name == "acl-rupture")
    assert len(amounts) > 40
    assert [each for each in amounts if not re.fullmatch(rule, each)] == []
    assert [each for each in shown if re.fullmatch(r"[-\d.,]+", each) and not re.fullmatch(number, each)] == []


@EACH
def test_numbers_are_written_as_the_language_writes_them(name, lang):
    """On the page as in Markdown: no decimal point in Dutch and no decimal comma in English, outside quotations."""
    given, quoted = assessed(name).dossier, []
    queue = [given.model_dump()]
    while queue:
        node = queue.pop()
        if isinstance(node, dict):
            quoted += [node[key] for key in ("place", "citation", "doi") if isinstance(node.get(key), str)]
            queue += node.values()
        elif isinstance(node, tuple):
            queue += node
    text = "\n".join(tag.text() for tag in parsed(name, lang).all("p", "li", "th", "td", "dd", "dt", "figcaption"))
    text += "\n".join(tag.attributes.get("aria-label") or "" for tag in parsed(name, lang).all("div"))
    # The checklist of reporting has an article of its own.
    for each in sorted([*quoted, "doi:10.1136/bmj-2021-067975"], key=len, reverse=True):
        text = text.replace(each, "")
    text = "\n".join(line for line in text.splitlines() if not re.search(r"numpy|SHA-256", line))
    wrong = r"\d\.\d{1,2}\b(?!\.)|\d\.\d{4,}" if lang == "nl" else r"\d,\d{1,2}\b|\d,\d{4,}"

    assert [found for found in re.findall(rf"\S*(?:{wrong})\S*", text) if found != "-0.00:"] == []
    if name in PLAIN:
        assert [each.id for each in given.figure if figure_value(each, Locale(lang)) not in text] == []
    else:
        assert len(re.findall(r"\d,\d\d" if lang == "nl" else r"\d\.\d\d", text)) > 20


@EACH
def test_figures_have_the_ink_and_font_of_the_page(name, lang):
    """So that they can be read in the dark too; no colour of the ink's is left, and no font of matplotlib's."""
    svgs = re.findall(r"<svg.*?</svg>", written(name, lang, "html"), re.DOTALL)

    assert len(svgs) == len(FIGURES[name])
    for each in svgs:
        assert each.count("var(--ink)") > 5
        assert each.count("var(--muted)") > 5
        assert _style.INK not in each
        assert _style.MUTED not in each
        assert "DejaVu" not in each
        assert "system-ui, sans-serif" in each
        assert "matplotlib.org" not in each
    defined = set(re.findall(r"(--[a-z]+):", parsed(name, lang).one("head").text()))
    assert set(re.findall(r"var\((--[a-z]+)\)", written(name, lang, "html"))) <= defined


def test_paths_are_cut_to_hundredths():
    """More digits would only make the page larger."""
    paths = re.findall(r'\bd="([^"]*)"', written("acl-rupture", "nl", "html"))

    assert len(paths) > 20
    assert not [path for path in paths if re.search(r"\.\d{3}", path)]


def test_a_label_is_never_rewritten():
    """What looks like an identifier, a colour, a font or a path in a label stays as it is."""
    label = 'id="x" url(#x) href="#x" d="1.2345" #1a1b1c #6a6b6c \'DejaVu Sans\' width="3"'
    text = f'<text id="t">{label}</text>'
    drawn = f'<?xml?>\n<svg width="9pt" height="9pt" viewBox="0 0 9 9"><metadata>m</metadata>{text}</svg>\n'

    assert _inline(drawn, "n") == (
        f'<svg aria-hidden="true" focusable="false" viewBox="0 0 9 9"><text id="n-t">{label}</text></svg>'
    )


def test_a_comparison_without_draws_has_no_figure():
    """None among the blocks, and one that has nothing to draw is left empty."""
    result = next(each for each in assessed("reablement").comparisons if each.draws is None)

    assert figures(result, ComparisonWords(assessed("reablement").dossier, result.spec, Locale("nl"))) == []
    assert svg(Figure("plane", result.spec.id, "caption", "alt")) == ""


def test_the_bytes_are_the_same_twice():
    """The same assessment made again gives the same page."""
    again = hecon.summary(hecon.assess("acl-rupture", n_draws=N_DRAWS), lang="nl").text("html")

    assert again == written("acl-rupture", "nl", "html")


# Blocks ---------------------------------------------------------------------------------------------------------------


def test_every_kind_of_block():
    """Each as the element that says what it is."""
    main = page_of(
        Paragraph("before"),
        Heading(2, "section"),
        Paragraph("plain"),
        Paragraph("strong", strong=True),
        Bullets(("one", "two")),
        Facts((("label", "text"),)),
        Table("caption", ("name", "value"), (("a", "1"), ("", "2")), numeric=(1,)),
        Table("", ("name",), (("a",),)),
        Heading(3, "below"),
        Table("", ("name",), (("a",),)),
        Figure("plane", "c", "caption", "alt"),
    ).one("main")
    regions = [tag for tag in main.all("div") if tag.attributes.get("role") == "region"]
    rows = [[tag.name for tag in row.inside] for row in regions[0].one("tbody").all("tr")]

    assert [tag.name for tag in main.inside if isinstance(tag, Tag)] == ["p", "section"]
    assert [tag.attributes for tag in main.all("p")] == [{}, {}, {"class": "strong"}]
    assert [tag.text() for tag in main.all("li")] == ["one", "two"]
    assert (main.one("dt").text(), main.one("dd").text()) == ("label", "text")
    assert rows == [["th", "td"], ["td", "td"]]
    assert [tag.text() for tag in main.all() if tag.attributes.get("class") == "number"] == ["value", "1", "2"]
    assert [tag.attributes["aria-label"] for tag in regions] == ["caption", "section", "below"]
    assert main.one("h3").text() == "below"
    assert main.one("figure").one("div").attributes["aria-label"] == "alt"


def test_no_line_ends_within_a_negative_amount():
    """A browser breaks between the minus and the sign of the currency; a number alone it keeps whole."""
    dutch, english, words = f"−€{NBSP}6.135,5", "−£1,044", f"tussen −0,5 en −CHF{NBSP}12."
    main = page_of(
        Paragraph(f"saldo {dutch}, <b>"),
        Bullets((f"{dutch} tot {english}.",)),
        Facts(((english, words),)),
        Table(dutch, ("a", "b"), ((english, dutch),), numeric=(1,)),
    ).one("main")

    assert [tag.text() for tag in main.all("span") if tag.attributes == {"class": "whole"}] == [
        *(dutch, dutch, english, f"−CHF{NBSP}12", english, dutch)
    ]
    assert main.one("p").text() == f"saldo {dutch}, <b>"


def test_an_unknown_block_is_named():
    """A block that the writer does not know is a mistake in the program."""
    with pytest.raises(KeyError):
        page_of("text")


def test_control_characters_are_seen_to_be_there():
    """HTML forbids them; a line end of another system leaves a space."""
    page = page_of(Paragraph("a\x00b\x1b[31mc\x9bm\x85d\re\tf"))

    assert page.one("main").one("p").text() == "a\ufffdb\ufffd[31mc\ufffdm d e\tf"


def test_the_style_has_a_dark_side_and_a_printed_one():
    """Both define every colour of the page anew."""
    style = parsed("acl-rupture", "nl").one("head").one("style").text()
    roots = [set(re.findall(r"(--[a-z]+):", each)) for each in re.findall(r":root \{([^}]*)\}", style)]

    assert "@media (prefers-color-scheme: dark)" in style
    assert "@media print" in style
    assert len(roots) == 3
    assert roots[0] == roots[1] == roots[2]
