"""Hostile text in every free-text field of a dossier comes out as text, in HTML, in Markdown and in Word."""

import datetime as dt
import itertools
import json
import re
import unicodedata
from dataclasses import dataclass, fields, is_dataclass, replace
from decimal import Decimal
from functools import cache

import numpy as np
import pytest
import shipped
from drawn import drawn_once
from markdown_it import MarkdownIt
from pages import Tag, read
from pydantic import BaseModel
from word import Word, text_of, w

import hecon
from hecon import auditing, budget, dossier
from hecon.assessment import assess_budget
from hecon.dossier import FOLDER
from hecon.dossier.comparison import Reporting
from hecon.dossier.documents import Statement
from hecon.dossier.loading import Dossier
from hecon.dossier.note import Conditions, Note, NoteCriteria, Pico, Study
from hecon.errors import DossierError
from hecon.files.parts import NOT_BLANK, Reference, Text
from hecon.locale import LANGUAGES, Locale
from hecon.report import isolating
from hecon.report.analyses import budget_document, combined_document
from hecon.report.document import Figure
from hecon.report.sections.budget import budget_data
from hecon.report.writers.docx import docx
from hecon.report.writers.html import svg
from hecon.report.writers.markdown import markdown

# Whole notes, searches or processes; what they pass through, others hold.
pytestmark = pytest.mark.slow

# A whole report is that of other tests with other words in it, so what it passes through is counted there.
WHOLE = pytest.mark.no_cover
READER = MarkdownIt("commonmark").enable(["table", "strikethrough"])

MARKUP = (
    "<b>x</b><script>alert(1)</script><img src=x onerror=alert(1)></td></table></svg></style></title><!-- --> ]]> "
    '"\' onload="x" &amp; &#60; *a* **b** _c_ `d` [e](http://x.org) ![f](http://x.org) | g | ~~h~~ $i^2$ $$\\frac{$$ '
    "{{ 7*7 }} {% raw %} {braces} {0} {} %s %(x)s \\ \\n # j > k"
)
RIGHT_TO_LEFT = "abc \u202edef \u200f\u05e9\u05dc\u05d5\u05dd\u2067 \u2069\u2069 ghi"
ATTACKS = {
    "markup": MARKUP,
    "right to left": RIGHT_TO_LEFT,
    "odd characters": (
        "a\x00b\x07c\x1b[31md\x7fe\x85f\x9b31m\x9d0;pwn\x9c\u2028g\ufeffh\ufffei\N{NO-BREAK SPACE}j\r\nk\tl "
        "\u4e2d\u6587 \u0939\u093f\u0928\u094d\u0926\u0940 \U0001f600 e\u0301"
    ),
    "long": "long word " * 60 + "x" * 1_000,
}
BENIGN = "word"
# Attacks on the page around the figures; markup is drawn too, a figure of each kind.
BESIDE = {BENIGN, *(ATTACKS[name] for name in ("right to left", "odd characters", "long"))}
# With comparisons and forest plots, with comparisons alone, and with neither.
NAMES = ("acl-rupture", "reablement", "triage")
LANGS = pytest.mark.parametrize("lang", LANGUAGES)
# Both languages for what could break a page; the words beside the others differ, but not how they are written.
EACH = pytest.mark.parametrize(
    ("attack", "lang"),
    [("markup", "en"), ("markup", "nl"), ("right to left", "nl"), ("odd characters", "en"), ("long", "nl")],
)

# Fields that no note prints: a comparison's own sources without a trial that bears its name, the names of the arms of a
# study, which stand with its differences, the trial that it is of, which joins it to a comparison, the instrument, by
# which an outcome has its margins and its trial's PICO, and
# the indication where the population is stated. The decision asked stands in the advice, a form with a test of its own.
IN_ADVICE = {"note.decision.text", "note.decision.sources.place"}
UNPRINTED = {
    *IN_ADVICE,
    "indication",
    "comparison.sources.place",
    "note.study.trial",
    "note.study.fact.intervention",
    "note.study.fact.comparator",
    "note.study.outcome.instrument",
}
# Statements that a note may lack; the word that there is no budget stands only where there is none.
STATEMENTS = {name for name, field in Note.model_fields.items() if field.annotation == Statement | None} - {"no_budget"}
# Without QALYs there is no verdict, so the first is attacked in a test of its own; the others are no free text: tests
# of their own show that they are refused. The answer names a study, and is filled with that study's name.
KEPT = {"comparison.effect_unit", "relation.formula", "rules", "answer.study"}


@cache
def free_fields(model):
    """Return the names of a model's fields that hold free words, and those that hold words in both languages."""
    words, both = set(), set()
    for name, rule in model.model_json_schema()["properties"].items():
        choices = [rule, *rule.get("anyOf", [])]
        if any(each.get("pattern") == NOT_BLANK for each in choices):
            words.add(name)
        if any(each.get("$ref") == "#/$defs/Text" for each in choices):
            both.add(name)
    return words, both


class Filling:
    """Fills every free-text field of a dossier with an attack and a mark of its own; keeps what was put where."""

    def __init__(self, attack):
        self.attack, self.count, self.placed = attack, itertools.count(), []

    def words(self, path, lang):
        """Return the next text."""
        text = f"{self.attack} q{next(self.count)}q"
        self.placed.append((path, lang, text))
        return text

    def both(self, path):
        """Return a text in both languages."""
        return Text(nl=self.words(path, "nl"), en=self.words(path, "en"))

    def statement(self, path):
        """Return a statement with a source."""
        place = Reference(document="zorginstituut-2024", place=self.words(f"{path}.sources.place", None))
        return Statement(text=self.both(f"{path}.text"), sources=(place,))

    def part(self, part, path=""):
        """Return a part of a dossier with its texts replaced, those that it lacked among them."""
        words, both = free_fields(type(part))
        changes = {}
        for name in type(part).model_fields:
            value, here = getattr(part, name), f"{path}.{name}".lstrip(".")
            if here in KEPT:
                continue
            if name in both:
                changes[name] = self.both(here)
            elif name in words:
                changes[name] = self.words(here, None)
            elif value is None and (type(part) in {Conditions, NoteCriteria, Pico, Reporting} or name in STATEMENTS):
                changes[name] = self.statement(here)
            elif isinstance(value, BaseModel):
                changes[name] = self.part(value, here)
            elif isinstance(value, tuple):
                changes[name] = tuple(self.item(each, here) for each in value)
        return part.model_copy(update=changes)

    def item(self, item, path):
        """Return an item of a list with its texts replaced: a part, a record that scripts make too, or a value."""
        if isinstance(item, BaseModel):
            return self.part(item, path)
        if not is_dataclass(item):
            return item
        changes = {}
        for name in (each.name for each in fields(item)):
            value = getattr(item, name)
            if name == "label" and value:
                changes[name] = {lang: self.words(f"{path}.name", lang) for lang in ("nl", "en")}
            elif isinstance(value, tuple):
                changes[name] = tuple(self.item(each, f"{path}.{name}") for each in value)
        return replace(item, **changes)


def refiled(value):
    """Return dumped values as a file has them: its decimals as printed."""
    if isinstance(value, dict):
        return {key: refiled(each) for key, each in value.items()}
    if isinstance(value, (tuple, list)):
        return tuple(map(refiled, value))
    if isinstance(value, float):
        return int(value) if value.is_integer() else Decimal(str(value))
    return value


@cache
def loaded(name):
    """Return a packaged dossier; of the cruciate ligament without its first comparison, drawn as its last is."""
    given = hecon.load(name)
    if name != "acl-rupture":
        return given
    # The second is of the same options, from another perspective, so it can give the answer in its place.
    answer = given.answer.model_copy(update={"comparison": given.comparison[1].id})
    return given.model_copy(update={"comparison": given.comparison[1:], "answer": answer})


@cache
def assessed(name):
    """Return its assessment, on few draws."""
    return hecon.assess(loaded(name), n_draws=shipped.N_DRAWS) if name == "acl-rupture" else shipped.assessed(name)


@cache
def filled(name, attack):
    """Return the assessment of a packaged dossier filled with an attack, and what was put where."""
    filling = Filling(attack)
    given = filling.part(loaded(name))
    study = Study(
        origin="international",
        name=filling.words("note.study.name", None),
        text=filling.both("note.study.text"),
        risk_of_bias=filling.both("note.study.risk_of_bias"),
        sources=given.burden.sources,
    )
    note = given.note.model_copy(update={"study": (*given.note.study, study), "date": dt.date(2024, 1, 2)})
    if given.answer is not None:
        named = [each.name for each in loaded(name).note.study].index(given.answer.study)
        given = given.model_copy(
            update={"answer": given.answer.model_copy(update={"study": given.note.study[named].name})}
        )
    # The attack is one that the schema lets through.
    given = Dossier.model_validate(refiled(given.model_copy(update={"note": note}).model_dump(by_alias=True)))
    # Texts change no figure, so the packaged dossier's results stand for those of each attack.
    found = assessed(name)
    results = (replace(each, spec=spec) for each, spec in zip(found.comparisons, given.comparison, strict=True))
    told = auditing.audit(given)
    budget = None if found.budget is None else replace(found.budget, plan=given.budget)
    whole = replace(found, dossier=given, comparisons=tuple(results), findings=told, budget=budget)
    return whole, filling.placed


@cache
def summed(name, attack, lang):
    """Return the summary of a filled dossier, whose document is composed once for all formats."""
    return hecon.summary(filled(name, attack)[0], lang=lang)


@cache
def written(name, attack, lang, kind):
    """Return a report of a filled dossier; what is told of figures is drawn with them, the rest beside one drawing."""
    with drawn_once("" if attack in BESIDE else (attack, lang)):
        return summed(name, attack, lang).text(kind)


@cache
def page(name, attack, lang):
    """Return its page as a tree."""
    return read(written(name, attack, lang, "html"))


def expected(name, attack, lang):
    """Return the texts that a report in a language must hold; of a relation between figures only where it fails."""
    given, placed = filled(name, attack)
    failing = {each.basis for each in auditing.audit(given.dossier)}
    holding = [each for each in given.dossier.relation if each.basis not in failing]
    unsaid = {getattr(each.basis, lang) for each in holding}
    unsaid |= {source.place for each in holding for source in each.sources}
    return [text for path, of, text in placed if of in {None, lang} and path not in UNPRINTED and text not in unsaid]


def plain(text):
    """Return a text with white space made single spaces, and control characters what a page shows of them."""
    ends = re.sub(r"[\t-\r\x20\x85\u2028\u2029]+", " ", text)
    return re.sub(r"[\x00-\x1f\x7f-\x9f]", "\N{REPLACEMENT CHARACTER}", ends).strip()


def tags(tree):
    """Return the elements of a page with the names of their attributes; of a drawing only that it is there."""
    for each in tree.inside:
        if isinstance(each, Tag):
            yield each.name, tuple(each.attributes)
            if each.name != "svg":
                yield from tags(each)


def test_every_field_of_the_schema_is_attacked():
    """What the walk fills is every field that the JSON Schema calls free words."""
    reached = {path for name in NAMES for path, _, _ in filled(name, BENIGN)[1]}
    schema = Dossier.json_schema()
    wanted = set()
    for model, rule in [("Dossier", schema), *schema["$defs"].items()]:
        for field, each in rule["properties"].items():
            choices = [each, *each.get("anyOf", [])]
            if any(rule.get("pattern") == NOT_BLANK or rule.get("$ref") == "#/$defs/Text" for rule in choices):
                wanted.add((model, field))
    ends = {path.rpartition(".")[2] for path in reached}

    assert len(reached) > 45
    # No packaged dossier has patient data or a model's draws: their names are attacked in the tests of their notes.
    patient_data, model_draws = {"file", "perspective"}, {"effects", "parameters", "made_by"}
    model_study = {"control", "treated", "cost", "effect", "rate"}
    no_text = {"effect_unit", "formula", "rules", "study"} | patient_data | model_draws | model_study
    assert {field for model, field in wanted if model != "Text"} - ends == no_text
    for part in ("finding.text", "caveat.text", "design_effect.basis", "assumption.basis", "statistic.rule"):
        assert f"comparison.{part}" in reached
    for model, path in (
        (Conditions, "note.conditions"),
        (NoteCriteria, "note.criteria"),
        (Pico, "note.pico"),
        (Reporting, "comparison.reporting"),
    ):
        assert {f"{path}.{name}.text" for name in model.model_fields} <= reached


@WHOLE
@EACH
@pytest.mark.parametrize("name", NAMES)
def test_hostile_text_is_text_on_the_page(name, lang, attack):
    """The page holds it to the letter, and has no element or attribute but those of a harmless page."""
    tree = page(name, ATTACKS[attack], lang)
    told = plain(tree.text(without=("style", "script", "svg")))

    assert [text[-40:] for text in expected(name, ATTACKS[attack], lang) if plain(text) not in told] == []
    assert list(tags(tree)) == list(tags(page(name, BENIGN, lang)))
    assert not list(tree.all("script", "img", "b", "iframe"))
    assert {tag.name for svg in tree.all("svg") for tag in svg.all()} <= {
        *("defs", "style", "g", "path", "use", "text", "clippath", "rect", "tspan"),
    }


@WHOLE
@EACH
@pytest.mark.parametrize("name", NAMES)
def test_hostile_text_is_text_in_markdown(name, lang, attack):
    """A CommonMark reader finds it to the letter, in the same blocks as in a harmless report."""
    tokens = READER.parse(written(name, ATTACKS[attack], lang, "md"))
    inline = [token for token in tokens if token.type == "inline"]
    told = [plain("".join(child.content for child in token.children)) for token in inline]
    whole = "\n".join(told)

    assert [text[-40:] for text in expected(name, ATTACKS[attack], lang) if plain(text) not in whole] == []
    assert {child.type for token in inline for child in token.children} <= {
        *("text", "strong_open", "strong_close", "em_open", "em_close"),
    }
    assert [token.type for token in tokens] == harmless_tokens(name, lang)


@cache
def word(attack, lang):
    """Return the Word file of a filled dossier beside one drawing of each kind."""
    with drawn_once():
        return Word(docx(summed("acl-rupture", attack, lang).document))


@WHOLE
@EACH
def test_hostile_text_is_text_in_word(lang, attack):
    """The file holds it to the letter, has no element or field but those of a harmless one, and leads nowhere."""
    found, harmless = word(ATTACKS[attack], lang), word(BENIGN, lang)
    told = plain("\n".join(map(text_of, found.body.iter(w("p"))))).replace("\ufffe", "\ufffd")
    wanted = {
        text[-40:]: plain(text).replace("\ufffe", "\ufffd") for text in expected("acl-rupture", ATTACKS[attack], lang)
    }

    assert [end for end, text in wanted.items() if text not in told] == []
    assert [each.tag for each in found.body.iter()] == [each.tag for each in harmless.body.iter()]
    for tag in ("instrText", "hyperlink"):
        assert [(each.text, each.attrib) for each in found.body.iter(w(tag))] == [
            (each.text, each.attrib) for each in harmless.body.iter(w(tag))
        ]
    assert sorted(found.parts) == sorted(harmless.parts)
    assert not any(
        b'TargetMode="External"' in content for name, content in found.parts.items() if name.endswith(".rels")
    )
    assert {plain(text)[:1] for text, _, _ in found.comments()} == {"["}


@WHOLE
@EACH
def test_hostile_text_is_text_in_an_advice(lang, attack):
    """The decision asked too: to the letter, and no element or block that a harmless advice lacks."""
    forms = {}
    for attempt in (BENIGN, ATTACKS[attack]):
        with drawn_once():
            told = hecon.summary(filled("acl-rupture", attempt)[0], lang=lang, form="advice")
            forms[attempt] = read(told.text("html")), READER.parse(told.text("md"))
    tree, tokens = forms[ATTACKS[attack]]
    harmless_tree, harmless = forms[BENIGN]
    page_text = plain(tree.text(without=("style", "script", "svg")))
    inline = [token for token in tokens if token.type == "inline"]
    whole = "\n".join(plain("".join(child.content for child in token.children)) for token in inline)
    placed = filled("acl-rupture", ATTACKS[attack])[1]
    wanted = [plain(text) for path, of, text in placed if path in IN_ADVICE and of in {None, lang}]

    assert len(wanted) == len(IN_ADVICE)
    assert [text[-40:] for text in wanted if text not in page_text or text not in whole] == []
    assert list(tags(tree)) == list(tags(harmless_tree))
    assert [token.type for token in tokens] == [token.type for token in harmless]


@cache
def harmless_tokens(name, lang):
    """Return the blocks of a harmless report, as a CommonMark reader sees them."""
    return [token.type for token in READER.parse(written(name, BENIGN, lang, "md"))]


def test_a_failing_relation_is_told_with_its_basis_and_source():
    """So that what is attacked of a relation is seen where it fails."""
    told = {path for name in ("acl-rupture", "reablement") for path, text in seen(name) if path.startswith("relation.")}

    assert told == {"relation.basis", "relation.sources.place"}


def seen(name):
    """Return the texts of a filled dossier that its report must hold, with their paths."""
    wanted = set(expected(name, BENIGN, "nl"))
    return [(path, text) for path, _, text in filled(name, BENIGN)[1] if text in wanted]


@pytest.mark.parametrize("attack", [*ATTACKS.values(), "__import__('os').system('x')", "(" * 400 + "1" + ")" * 400])
def test_a_hostile_formula_is_refused(tmp_path, attack):
    """It is read as sums of figures and nothing else, and the fault is told with its path."""
    text = (FOLDER / "triage.toml").read_text(encoding="utf-8")
    old = 'formula = "suitable_per_1000_chapter * inhabitants / 1000"'
    path = tmp_path / "triage.toml"
    assert old in text
    quoted = json.dumps(attack, ensure_ascii=False).replace("\x7f", "\\u007f")
    path.write_text(text.replace(old, f"formula = {quoted}"), encoding="utf-8")

    with pytest.raises(DossierError, match=r"relation\[2\]\.formula: "):
        hecon.load(path)


def test_hostile_text_changes_no_figure():
    """A dossier full of it is assessed like any other."""
    given, found = filled("acl-rupture", MARKUP)[0], assessed("acl-rupture")
    again = hecon.assess(given.dossier, n_draws=shipped.N_DRAWS)
    for one, other in zip(again.comparisons, found.comparisons, strict=True):
        assert one.p_cost_effective == other.p_cost_effective
        assert one.icer == other.icer


@LANGS
def test_a_drawing_shows_hostile_names_as_text(lang):
    """The names of the strategies stand in the drawing as they are, though shortened."""
    given, _ = filled("acl-rupture", '<b>&amp;$x^2$</b> id="x"')
    blocks = hecon.summary(given, lang=lang).document.blocks
    block = next(each for each in blocks if isinstance(each, Figure) and each.kind == "expected_loss")
    labels = {tag.text() for tag in read(svg(block)).all("text", "tspan")}

    assert "<b>&amp;$x^2$</b>" in labels


@WHOLE
@LANGS
def test_a_hostile_unit_of_effect(lang):
    """A unit stands in headers, captions and axes."""
    given = hecon.load("reablement")
    units = tuple(each.model_copy(update={"effect_unit": MARKUP, "effect_better": "more"}) for each in given.comparison)
    summary = hecon.summary(hecon.assess(given.model_copy(update={"comparison": units}), n_draws=200), lang=lang)
    with drawn_once(("unit", lang)):
        tree = read(summary.text("html"))

    assert not list(tree.all("script", "img", "b"))
    assert tree.text(without=("svg",)).count(MARKUP) > 5
    assert any(MARKUP in tag.text() for tag in tree.all("text"))


@WHOLE
@pytest.mark.parametrize("text", ["a" * 10_000, "a b " * 2_500, "\n" * 9_999 + "a"])
def test_ten_thousand_characters_everywhere(text):
    """A report of such a dossier is long, but it is there and says all of it."""
    given = hecon.load("reablement")
    title = Text(nl=text, en=text)
    names = tuple(each.model_copy(update={"name": title}) for each in given.intervention)
    given = given.model_copy(update={"title": title, "question": title, "intervention": names})
    summary = hecon.summary(hecon.assess(given, n_draws=100), lang="nl")
    with drawn_once(text):
        page_of_it = read(summary.text("html"))

    assert plain(page_of_it.one("h1").text()) == plain(text)
    assert plain(text) in plain(summary.text("md"))


# Writing direction ----------------------------------------------------------------------------------------------------


def turned(text):
    """Return the first character of a text that turns its neighbours, since it stands outside every isolate of ours."""
    open_isolates = []
    for at, each in enumerate(text):
        kind = unicodedata.bidirectional(each)
        if kind in {"FSI", "LRI", "RLI"}:
            open_isolates.append(kind)
        elif kind == "PDI":
            if not open_isolates:
                return at
            open_isolates.pop()
        elif not open_isolates and kind in {"R", "AL", "AN", "RLE", "RLO", "LRE", "LRO", "PDF"}:
            return at
    return len(text) if open_isolates else None


def blocks(tree):
    """Return the text of each innermost block of a page."""
    return [tag.text() for tag in tree.all("title", "p", "h1", "h2", "h3", "li", "dt", "dd", "th", "td", "caption")]


@LANGS
def test_right_to_left_text_turns_only_itself(lang):
    """On the page and in Markdown every mark stands within an isolate that closes again."""
    name = "acl-rupture"
    tree = page(name, RIGHT_TO_LEFT, lang)
    lines = written(name, RIGHT_TO_LEFT, lang, "md").replace("| ", "\n").splitlines()
    figures = [tag.attributes["aria-label"] for tag in tree.all("div") if "role" in tag.attributes]
    figures += [tag.text() for tag in tree.all("figcaption")]

    assert [text for text in blocks(tree) if turned(text) is not None] == []
    assert [text for text in lines if turned(text) is not None] == []
    assert [text for text in figures if turned(text) is not None] == []


@pytest.mark.parametrize(
    ("text", "expected_text"),
    [
        ("", ""),
        ("plain, é, 中, 12.5 \u200e", "plain, é, 中, 12.5 \u200e"),
        ("\u202ea", "\u2068\u202ea\u2069"),
        ("\u05d0", "\u2068\u05d0\u2069"),
        ("a\u200f", "\u2068a\u200f\u2069"),
        ("\u2069\u202ea", "\u2068\u2068\u2069\u202ea\u2069"),
        ("\u2067a", "\u2068\u2067a\u2069\u2069"),
        ("\u2066a\u2069", "\u2068\u2066a\u2069\u2069"),
    ],
)
def test_isolating(text, expected_text):
    """Only what could turn its neighbours gets marks, and as many as it takes to hold it."""
    assert isolating.isolate(text) == expected_text
    assert turned(isolating.isolate(text) + " beside") is None


@dataclass(frozen=True)
class Held:
    """A record that holds a value."""

    value: object


@pytest.mark.parametrize("around", [tuple, list, Held, lambda held: {"key": held[0]}, lambda held: Held((held,))])
def test_isolating_reaches_whatever_holds_a_text(around):
    """Tuples, lists, records and mappings; what nothing changed in is the very same."""
    plain_text, arrays = around(["plain"]), around([np.ones(2)])

    assert isolating.isolated(around(["\u05d0"])) == around(["\u2068\u05d0\u2069"])
    assert isolating.isolated(plain_text) is plain_text
    assert isolating.isolated(arrays) is arrays


def test_isolating_reaches_a_budget():
    """The plan's texts that no part of the dossier holds: the numbers of a series, and those of printed totals."""
    found = filled("acl-rupture", RIGHT_TO_LEFT)[0].budget
    plan = isolating.isolated(found).plan
    texts_of = [
        *(text for each in (*plan.parameters.values(), *plan.printed) for text in each.label.values()),
        *(text for each in plan.overlaps for text in each.text.values()),
    ]

    assert len(texts_of) > 10
    assert [text for text in texts_of if turned(text) is not None] == []


@LANGS
def test_right_to_left_text_in_a_budget_turns_only_itself(lang):
    """Of one dossier with a scenario of the command, and of several together; the data have it as it is."""
    given = filled("acl-rupture", RIGHT_TO_LEFT)[0].dossier
    other = hecon.load("first-twenty")
    rng = np.random.default_rng(0)
    found = assess_budget(given, 10, rng, scenarios={RIGHT_TO_LEFT: {"tariff": "high"}})
    alone = markdown(budget_document(found, given, Locale(lang)))
    together = budget.combine([given.budget, other.budget])
    summed = markdown(combined_document(together, [given, other], Locale(lang), left_out=[given]))
    lines = f"{alone}\n{summed}".replace("| ", "\n").splitlines()

    assert together.attrs["overlaps"]
    assert "\u05e9" in alone
    assert [text for text in lines if turned(text) is not None] == []
    assert list(budget_data(found, given, Locale(lang))["impact"]) == [RIGHT_TO_LEFT]


@pytest.mark.parametrize("name", dossier.names())
def test_ordinary_dossiers_get_no_marks(name):
    """What has no right-to-left text is left as it is."""
    found = shipped.assessed(name)

    for each in (found.dossier, found.budget, found.findings, *(one.spec for one in found.comparisons)):
        assert isolating.isolated(each) is each


def test_the_data_has_the_text_as_given():
    """JSON is for programs, which need no marks."""
    given = filled("acl-rupture", RIGHT_TO_LEFT)[0]

    assert hecon.summary(given, lang="nl").data["title"] == given.dossier.title.nl
