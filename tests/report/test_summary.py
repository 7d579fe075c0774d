"""The summary that people read: complete, in one language, and saved whole."""

import dataclasses
import json
import os
import re
import stat
from datetime import date
from functools import cache
from pathlib import Path
from typing import get_args

import pytest
import shipped
from shipped import ECONOMIC, N_DRAWS, NAMES, PLAIN, assessed, document, each_of, summed

import hecon
from hecon import _io
from hecon.dossier.documents import Extent, extent_read
from hecon.dossier.note import Note
from hecon.errors import InputError
from hecon.locale import Locale
from hecon.report.document import Bullets, Facts, Figure, Heading, Paragraph, Table
from hecon.report.sections.criteria import criterion_words, party_name
from hecon.report.sections.trials import REPORTED
from hecon.report.words.common import capital, cited, missing_words, with_numbers, within
from hecon.report.words.findings import figure_value

# Every test looks at whole assessments, and whichever comes first makes them.
pytestmark = pytest.mark.slow

EACH, EACH_ECONOMIC, EACH_PLAIN = each_of(NAMES), each_of(ECONOMIC), each_of(PLAIN)
NBSP = "\N{NO-BREAK SPACE}"

# What only a comparison or a computed burden gives a note to say: whole groups of texts, and single ones.
OF_COMPARISONS = (
    *("comparison", "overview", "verdict", "sensitivity", "inputs", "icer", "reason", "short_reason", "figure"),
    *("setting", "statistic", "parameter", "outcome", "quadrant", "perspective", "constraint"),
    *("burden", "burden_input", "shortfall", "plot"),
)
SINGLE = (
    *("summary.reference", "summary.no_reference_judged", "summary.no_reference_band"),
    *("note.reading", "note.reading_NE", "note.reading_SW", "note.reading_negative", "note.reading_rule"),
    *("note.reference_values", "rules.nl.note.currency_of_values", "note.for_whom"),
    *("assumptions.normality", "assumptions.edge"),
    *("provenance.draws", "provenance.reference_values"),
)
# A text with fewer letters of its own could stand anywhere, as could these.
LETTERS = 12
ANYWHERE = ("plot.study_size_at_one",)
# From this length on a line is a sentence, not a phrase.
SENTENCE = 60

# Words that betray the other language; a point of a guideline is "met" at the end of a cell.
FOREIGN = {
    "nl": r"the|and|with|of the|not|difference|costs|effects|higher|lower|range|printed|reported|assumed|derived|than",
    "en": r"de|het|een|en|van|met(?= )|niet|verschil|kosten|hoger|lager|gerapporteerd|aangenomen|bij|wordt|zijn"
    r"|uit|voor",
}


def written(name, lang):
    """Return a summary as Markdown, with plain spaces."""
    return shipped.written(name, lang, "md").replace(NBSP, " ")


@cache
def strings(name, lang):
    """Return every text of a summary, in order."""
    return tuple(_strings(document(name, lang)))


def _strings(given):
    for block in given.blocks:
        if isinstance(block, (Heading, Paragraph)):
            yield block.text
        elif isinstance(block, Bullets):
            yield from block.items
        elif isinstance(block, Facts):
            yield from (text for pair in block.pairs for text in pair)
        elif isinstance(block, Figure):
            yield from (block.caption, block.alt)
        else:
            assert isinstance(block, Table)
            yield from (block.caption, *block.header)
            yield from (cell for row in block.rows for cell in row)


def own_words(name, lang):
    """Return a summary's text without what is quoted in a document's own language: citations, places and names."""
    given = assessed(name).dossier
    quoted = {"Kosteneffectiviteit in de praktijk", *(source.citation for source in given.document)}
    queue = [given.model_dump()]
    while queue:
        node = queue.pop()
        if isinstance(node, dict):
            quoted |= {node[key] for key in ("place", "name") if isinstance(node.get(key), str)}
            queue += node.values()
        elif isinstance(node, (list, tuple)):
            queue += node
    text = "\n".join(strings(name, lang))
    for words in sorted(quoted, key=len, reverse=True):
        text = text.replace(words, "")
    return text.replace(NBSP, " ")


def section(text, title):
    """Return the part of a Markdown text under a heading, up to the next of the same level or above."""
    found = re.search(rf"^(#+) {re.escape(title)}\n", text, re.MULTILINE)
    assert found, title
    return re.split(rf"\n#{{1,{len(found.group(1))}}} ", text[found.end() :])[0]


def body_and_annexes(text, lang):
    """Return the parts of a note before and below the heading of its annexes."""
    body, heading, annexes = text.partition(f"\n## {Locale(lang).text('note.annexes')}\n")
    assert heading
    return body, annexes


def places(name, sources):
    """Return where something stands, as a note cites it: the number of the document and the place."""
    numbers = {each.id: number for number, each in enumerate(assessed(name).dossier.document, start=1)}
    return [f"[{numbers[each.document]}], {each.place}" for each in sources]


@cache
def of_comparisons(lang):
    """Return the texts that only a comparison or a computed burden gives a note to say: pieces and pattern by key."""
    found = {}
    for key, text in Locale(lang).catalogue.items():
        pieces = re.split(r"\{[^}]*\}", text.replace(NBSP, " "))
        elsewhere = any(word in key for word in ("waterfall", "tornado")) or key in ANYWHERE
        if (key.split(".")[0] in OF_COMPARISONS or key in SINGLE) and not elsewhere and len("".join(pieces)) > LETTERS:
            end = r"\b" if pieces[-1][-1:].isalpha() else ""
            found[key] = pieces, re.compile(".+".join(map(re.escape, pieces)) + end)
    return found


def said(name, lang):
    """Return the keys of those texts that a summary says."""
    # No placeholder reaches beyond a line, so all texts are searched at once, for what has all its pieces there.
    told = "\n".join(strings(name, lang)).replace(NBSP, " ")
    return {
        key
        for key, (pieces, rule) in of_comparisons(lang).items()
        if all(each in told for each in pieces) and rule.search(told)
    }


@EACH_PLAIN
def test_a_note_without_comparisons_says_so_and_no_more(name, lang):
    """That there is no economic evaluation, once; no verdict, computation, reference value or figure of one."""
    text, blocks = written(name, lang), document(name, lang).blocks

    assert text.count(f"\n\n{Locale(lang).text('conclusion.no_comparison')}\n") == 1
    # What is outside a budget and outside a comparison bears one name.
    assert said(name, lang) <= {"setting.own_payments"}
    assert not [each for each in blocks if isinstance(each, Figure) and each.kind not in ("waterfall", "tornado")]
    assert not re.search(r"€ (20|50|80)\.000 per QALY|€(20|50|80),000 per QALY", text)
    assert f"### {Locale(lang).text('note.for_whom_plain')}\n" in text
    assert not re.search("expert", re.split(r"\n## ", text)[0], re.IGNORECASE)


@EACH_ECONOMIC
def test_a_note_with_comparisons_says_all_that(name, lang):
    """So what is looked for above is what such a note says."""
    told = said(name, lang)

    assert Locale(lang).text("conclusion.no_comparison") not in written(name, lang)
    assert Locale(lang).text("note.for_whom_plain") not in written(name, lang)
    assert {key for key in SINGLE if not key.startswith("summary.no_") and key != "summary.reference"} <= told
    assert len({"summary.reference", "summary.no_reference_judged", "summary.no_reference_band"} & told) == 1
    assert {"comparison", "overview", "inputs", "burden", "figure"} <= {key.split(".")[0] for key in told}
    assert len(told) > 60


@EACH
def test_a_summary_has_every_part(name, lang):
    """For each comparison what was reported, results and verdict; then inputs, assumptions, documents, provenance."""
    text, given = written(name, lang), assessed(name).dossier
    body, annexes = body_and_annexes(text, lang)

    assert text.startswith(f"# {getattr(given.title, lang)}\n")
    assert getattr(given.question, lang) in text
    assert getattr(given.indication, lang) in text or given.note.pico.population is not None
    for key in (*(["inputs"] if given.comparison else []), "audit", "assumptions", "documents", "provenance"):
        assert section(annexes, Locale(lang).text(f"{key}.heading")).strip()
    for part, key in ((body, "results"), (annexes, "reported")):
        assert len(re.findall(rf"^###+ {Locale(lang).text(f'comparison.{key}')}$", part, re.MULTILINE)) == len(
            given.comparison
        )
    for comparison in given.comparison:
        title = f"{comparison.trial}, {Locale(lang).text(f'perspective.{comparison.perspective}')}"

        assert section(body, title).strip()
        assert section(annexes, Locale(lang).text("comparison.details", title=title)).strip()


@EACH
def test_a_summary_has_the_form_of_an_expert_note(name, lang):
    """The answer, the question by its elements, part 1, the comparisons, part 2, the criteria and the gaps; annexes.

    Without comparisons all that is about them is missing.
    """
    text, given = written(name, lang), assessed(name).dossier
    economic = name in ECONOMIC
    abroad = any(each.transfer is not None for each in given.note.study)
    body = ["conclusion.heading", *(["summary.overview"] if economic else []), "note.reason"]
    body += ["pico.heading" if economic else "pico.heading_plain", "note.part_evidence"]
    body += [*(["relevance.heading"] if economic else []), "quality.heading", *(["|"] if economic else [])]
    body += [*(["validity.transfer"] if abroad else []), *(["worth.heading"] if economic else []), "budget.heading"]
    body += ["note.part_conditions", "note.part_criteria"]
    body += ["gap.heading", "note.annexes"]
    titles = [f"{each.trial}, {Locale(lang).text(f'perspective.{each.perspective}')}" for each in given.comparison]
    expected = [title for key in body for title in (titles if key == "|" else [Locale(lang).text(key)])]
    annexes = re.findall(r"^### (.+)$", text.partition(f"\n## {expected[-1]}\n")[2], re.MULTILINE)
    needed = [
        "audit",
        "assumptions",
        "documents",
        "provenance",
        *(["validity", "inputs", "cheers"] if economic else []),
    ]

    assert re.findall(r"^## (.+)$", text, re.MULTILINE) == expected
    assert {Locale(lang).text(f"{key}.heading") for key in needed} <= set(annexes)
    assert (Locale(lang).text("relevance.others") in annexes) == bool(given.note.margin)
    assert annexes.index(Locale(lang).text("provenance.heading")) == len(annexes) - 1


@pytest.mark.parametrize(
    ("lang", "author", "day"), [("nl", "Auteur", "2 januari 2024"), ("en", "Author", "2 January 2024")]
)
def test_author_and_date_are_told_or_said_to_be_missing(lang, author, day):
    """A committee sees who wrote a note and when, or that no one says so."""
    given = assessed("acl-rupture")
    told = []
    for note in (
        given.dossier.note.model_copy(update={"author": "A. Author", "date": date(2024, 1, 2)}),
        Note(),
    ):
        changed = dataclasses.replace(given, dossier=given.dossier.model_copy(update={"note": note}))
        told.append(hecon.summary(changed, lang=lang).text("md"))
    missing = Locale(lang).text("note.not_stated")

    assert f"\n\n{author}: A. Author. {'Datum' if lang == 'nl' else 'Date'}: {day}.\n\n" in told[0]
    assert f"\n\n{author}: {missing}. {'Datum' if lang == 'nl' else 'Date'}: {missing}.\n\n" in told[1]
    for key in ("note.part_evidence", "quality.heading", "note.part_conditions"):
        assert f"\n## {Locale(lang).text(key)}\n" in told[0]
        assert f"\n## {Locale(lang).text(key)}\n" not in told[1]
    for statement in (given.dossier.note.reason, given.dossier.note.conclusion):
        assert getattr(statement.text, lang) in told[0]
        assert getattr(statement.text, lang) not in told[1]
    assert f"\n- {Locale(lang).text('conclusion.expert')}: " not in told[1]
    assert f"\n### {Locale(lang).text('note.reading')}\n" in told[1]


@EACH
def test_what_is_not_reported_is_listed(name, lang):
    """Everything that a reader of an economic evaluation looks for is told, or said to be not reported or looked up."""
    for comparison in assessed(name).dossier.comparison:
        perspective = Locale(lang).text(f"perspective.{comparison.perspective}")
        title = Locale(lang).text("comparison.details", title=f"{comparison.trial}, {perspective}")
        own = section(written(name, lang), title)
        validity = section(written(name, lang), Locale(lang).text("validity.heading"))
        shared = re.search(
            rf"^#### {re.escape(comparison.trial)}, .*{perspective}.*\n((?:(?!#).*\n)+)", validity, re.MULTILINE
        )
        for key in type(comparison.reporting).model_fields:
            part = shared.group(1) if key in REPORTED else own
            statement, label = getattr(comparison.reporting, key), Locale(lang).text(f"setting.{key}")
            words = missing_words(extent_read(assessed(name).dossier, comparison), Locale(lang))
            missing = re.search(rf"^- {re.escape(capital(words))}: (.+)$", part, re.MULTILINE)
            listed = [] if missing is None else missing.group(1).split(", ")

            assert (label in listed) == (statement is None)
            assert (f"- {capital(label)}: " in part) == (statement is not None)


@pytest.mark.parametrize(
    ("lang", "differences", "shared"),
    [
        ("nl", "Verschillen: vroege reconstructie min ", "- Eigen betalingen: als bij COMPARE, maatschappelijk"),
        ("en", "Differences: early reconstruction minus ", "- Own payments: as for COMPARE, societal"),
    ],
)
def test_what_perspectives_of_a_trial_share_is_told_once(lang, differences, shared):
    """Of the second it is said where it stands; which option is subtracted stands with the first."""
    text = written("acl-rupture", lang)
    societal, healthcare = (
        f"COMPARE, {Locale(lang).text(f'perspective.{each}')}" for each in ("societal", "healthcare")
    )

    assert text.count(f"\n{differences}") == 1
    assert differences in section(text, societal)
    assert text.count(f"\n{shared}\n") == 1
    assert f"\n{shared}\n" in section(text, Locale(lang).text("comparison.details", title=healthcare))


def other_bands(name, lang, title):
    """Return the verdicts at the values that do not count, in the annex of a comparison."""
    details = section(written(name, lang), Locale(lang).text("comparison.details", title=title))
    return section(details, Locale(lang).text("comparison.verdict"))


@EACH
def test_the_verdicts(name, lang):
    """The band that counts in bold, the other two in the annex of the comparison; without one all three stand alike."""
    for result in (each for each in assessed(name).comparisons if each.judgements):
        title = f"{result.spec.trial}, {Locale(lang).text(f'perspective.{result.spec.perspective}')}"
        part = section(section(written(name, lang), title), Locale(lang).text("comparison.verdict"))
        bold = re.findall(r"^\*\*(.+)\*\*$", part, re.MULTILINE)
        bullets = re.findall(r"^- (.+)$", part if not bold else other_bands(name, lang, title), re.MULTILINE)
        values = [
            Locale(lang).money(each.reference_value).replace(NBSP, " ") + " per QALY" for each in result.judgements
        ]

        judged = values[:1] if assessed(name).reference_value == 20_000 else []

        assert len(bold) == len(judged)
        assert not (bold and "- " in part)
        assert len(bullets) == 3 - len(judged)
        assert all(value in line for value, line in zip(values, bold + bullets, strict=True))


@EACH
def test_a_criterion_tells_who_judged_it(name, lang):
    """Below each criterion: how, by whom, when, and which parties took it over; or that nobody judged it."""
    part = section(written(name, lang), Locale(lang).text("note.part_criteria"))
    criteria = assessed(name).dossier.note.criteria
    for key in type(criteria).model_fields:
        each = getattr(criteria, key)
        if each is not None:
            told = section(part, Locale(lang).text(f"note.{key}")).strip().split("\n\n")

            assert told[0].startswith(getattr(each.text, lang))
            assert len(told) == 2
            if each.judgement not in {"positive", "negative"}:
                assert told[1] == Locale(lang).text(f"criterion.{each.judgement.replace(' ', '_')}")
            else:
                option = assessed(name).dossier.answer and assessed(name).dossier.answer.option
                assert option is None or getattr(assessed(name).dossier.named(option).name, lang) in told[1]
            first = Locale(lang).text("criterion.as_under", judgement="", of="", criterion="").rpartition("; ")[2]
            for party in (*each.adopted_by, *each.not_adopted_by):
                assert party_name(party, Locale(lang)) in told[1] or first.rstrip(". ") in told[1]
                assert party_name(party, Locale(lang)) in part
                assert party_name(party, Locale(lang)) != party


def test_a_judgement_in_words():
    """With its date where one is known, and the party that did not take it over."""
    assert (
        "\nJudged positive for Coach2Move by an independent academic expert (at the request of the Zorginstituut) on "
        "22 January 2024. Adopted by Royal Dutch association for physiotherapy (KNGF), "
    ) in written("reablement", "en")
    # With each criterion, and together in the conclusion.
    criteria = section(written("reablement", "en"), "The package criteria")
    assert criteria.count(" Not adopted by Association of Dutch health insurers (ZN).\n") == 1
    assert "\nJudged positive for Coach2Move; assessor, date and parties are those under Effectiveness.\n" in criteria
    assert written("reablement", "en").count(" Not adopted by Association of Dutch health insurers (ZN).\n") == 2
    assert "\nPositief beoordeeld door Zorginstituut Nederland in maart 2018.\n" in written("copd", "nl")
    assert "\nNegatief beoordeeld door Zorginstituut Nederland op 4 augustus 2023.\n" in written("fibromyalgia", "nl")
    assert not re.search("(Positief|Negatief) beoordeeld|Oordeel: ", written("triage", "nl"))


def test_a_judgement_names_the_option_that_was_judged():
    """The one that the question asks about, unless the criterion names another."""
    given = assessed("acl-rupture").dossier
    criterion = given.note.criteria.cost_effectiveness
    other = criterion.model_copy(update={"option": "early-reconstruction", "judgement": "negative"})

    assert criterion_words(criterion, given, Locale("nl")).startswith(
        "Positief beoordeeld voor oefentherapie met optionele latere reconstructie door een "
    )
    assert criterion_words(other, given, Locale("en")).startswith("Judged negative for early reconstruction by an ")
    assert criterion_words(criterion, assessed("copd").dossier, Locale("en")).startswith("Judged positive by an ")


@EACH
def test_every_figure_has_its_source_and_status(name, lang):
    """Each single figure is a row: name, as printed, status or rule, what to know of it, document and place."""
    figures = assessed(name).dossier.figure
    heading = Locale(lang).text("audit.figures_heading")
    rows = section(written(name, lang), heading).splitlines() if figures else []
    rows = [line.replace("\\", "") for line in rows if line.startswith("| ")][2:]

    assert (f"\n### {heading}\n" in written(name, lang)) == bool(figures)
    for row, figure in zip(rows, figures, strict=True):
        named, value, status, remark, source = (cell.strip() for cell in row.strip("| ").split(" | "))

        assert named == getattr(figure.name, lang)
        assert re.fullmatch(rf"{re.escape(figure_value(figure, Locale(lang)))}( \[\w+ \d+\])*", value)
        if figure.rule is None:
            assert status == Locale(lang).text(f"status.{figure.status}")
        else:
            assert status.endswith(f": {within(getattr(figure.rule, lang))}")
        assert remark == ("" if figure.note is None else getattr(figure.note, lang))
        assert source == cited(with_numbers(figure, assessed(name).dossier).sources)


@EACH_ECONOMIC
def test_every_input_has_its_source_and_status(name, lang):
    """Each number of the dossier stands in the table of inputs with its status, its document and its place."""
    part = section(written(name, lang), Locale(lang).text("inputs.heading"))
    rows = [line.replace("\\", "") for line in part.splitlines() if line.startswith("| ")]
    for comparison in assessed(name).dossier.comparison:
        for statistic in comparison.statistic:
            status = Locale(lang).text(f"status.{statistic.status}")
            cited = places(name, statistic.sources)

            assert [row for row in rows if f"| {status}" in row and all(place in row for place in cited)]
        for assumption in comparison.assumption:
            assert getattr(assumption.basis, lang) in written(name, lang)
        for caveat in comparison.caveat:
            assert getattr(caveat.text, lang) in written(name, lang)


@EACH
def test_every_document_is_cited(name, lang):
    """With its title as it is, and what was read of it."""
    text = written(name, lang).replace("\\", "")
    part = section(text, Locale(lang).text("documents.heading"))
    lines = [line for line in part.splitlines() if line]
    for number, (source, line) in enumerate(zip(assessed(name).dossier.document, lines, strict=True), start=1):
        assert line.startswith(f"- [{number}] {source.citation}")
        assert line.endswith(f" – {getattr(source.read, lang)}")
        assert text.count(f"\n- [{number}] {source.citation}") == 1


@EACH
def test_documents_are_cited_by_number(name, lang):
    """Each number cited is that of a document in the list, and no document is called by the name that its file has."""
    text, documents = own_words(name, lang), assessed(name).dossier.document
    cited = {int(number) for number in re.findall(r"\[(\d+)\], ", text)}

    assert cited
    assert cited <= set(range(1, len(documents) + 1))
    assert [each.id for each in documents if each.id in text] == []


@EACH
def test_tables_and_figures_are_numbered(name, lang):
    """Each kind from 1 on, in the order of the note, each number once."""
    blocks = document(name, lang).blocks
    for kind, key in ((Table, "numbering.table"), (Figure, "numbering.figure")):
        captions = [each.caption for each in blocks if isinstance(each, kind)]
        starts = [Locale(lang).text(key, number=number, caption="") for number in range(1, len(captions) + 1)]

        assert captions or kind is Figure
        assert [
            caption for caption, start in zip(captions, starts, strict=True) if not f"{caption}. ".startswith(start)
        ] == []


def words_of(text):
    """Return how many words a Markdown text has: what stands between white space and has a letter or a digit."""
    return sum(any(map(str.isalnum, word)) for word in text.split())


@EACH_ECONOMIC
def test_a_note_can_be_read_in_the_time_there_is(name, lang):
    """The body has at most 4,500 words and the note of one page 450; question and answer are within the first lines."""
    body, _ = body_and_annexes(written(name, lang), lang)
    brief = hecon.summary(assessed(name), lang=lang, length="brief").text("md").replace(NBSP, " ")

    assert words_of(body) <= 4_500
    assert words_of(brief) <= 450
    for text in (body, brief):
        first = [line for line in text.splitlines() if line][:5]

        assert first[2] == f"## {Locale(lang).text('conclusion.heading')}"
        assert getattr(assessed(name).dossier.question, lang) in first[3]
        assert re.fullmatch(r"\*\*.+\*\*", first[4])


@EACH
def test_no_paragraph_stands_twice(name, lang):
    """But for what is judged of each criterion and each comparison; facts without a source may be the same too."""
    body, annexes = body_and_annexes(written(name, lang), lang)
    criteria = section(body, Locale(lang).text("note.part_criteria"))
    verdicts = [
        line
        for result in assessed(name).comparisons
        if result.judgements
        for title in [f"{result.spec.trial}, {Locale(lang).text(f'perspective.{result.spec.perspective}')}"]
        for part in (
            section(section(body, title), Locale(lang).text("comparison.verdict")),
            other_bands(name, lang, title),
        )
        for line in part.splitlines()
    ]
    labels = [capital(text) for key, text in Locale(lang).catalogue.items() if key.split(".")[0] == "setting"]
    labels += [capital(missing_words(extent, Locale(lang))) for extent in (None, *get_args(Extent))]
    told = [line for line in f"{body}\n{annexes}".splitlines() if line and not line.startswith(("#", "|"))]
    again = {line for line in told if told.count(line) > 1 and len(line) > SENTENCE}
    facts = {line for line in again if line.startswith(tuple(f"- {each}: " for each in labels)) and "\\[" not in line}

    assert again - {*criteria.splitlines(), *verdicts, *facts} == set()


@EACH
def test_the_provenance(name, lang):
    """The digest of the file and the versions; where something was drawn, the seed and the draws."""
    part = section(written(name, lang), Locale(lang).text("provenance.heading"))
    origin = assessed(name).provenance

    assert origin["digest"] in part
    assert bool(re.search(r"\b500 \w+ per \w+, .* 0\n", part)) == (name in ECONOMIC)
    assert all(f"{library} {version}" in part for library, version in origin["versions"].items())
    assert {"hecon", "python", "numpy", "scipy", "xarray"} <= set(origin["versions"])


@EACH
def test_one_language(name, lang):
    """No placeholder is left over, and no word of the other language outside what is quoted."""
    text = own_words(name, lang)

    assert not re.search(r"[{}]|\b(None|nan|True|False)\b", text)
    assert re.findall(rf"(?<![\w-])(?:{FOREIGN[lang]})(?![\w-])", text) == []


@EACH
def test_numbers_are_written_as_the_language_writes_them(name, lang):
    """No decimal point in Dutch prose and no decimal comma in English, outside quotations and versions."""
    text = own_words(name, lang)
    text = "\n".join(line for line in text.splitlines() if not re.search(r"numpy|SHA-256|doi", line))
    wrong = r"\d\.\d{1,2}\b(?!\.)|\d\.\d{4,}" if lang == "nl" else r"\d,\d{1,2}\b|\d,\d{4,}"

    assert [each for each in re.findall(rf"\S*(?:{wrong})\S*", text) if each != "-0.00:"] == []
    if name in ECONOMIC:
        assert re.search(r"0,\d\d" if lang == "nl" else r"0\.\d\d", text)
    figures = [figure_value(each, Locale(lang)).replace(NBSP, " ") for each in assessed(name).dossier.figure]
    assert [value for value in figures if value not in text] == []


@pytest.mark.parametrize(("lang", "shown"), [("nl", "−€ 223.372 per QALY"), ("en", "−€223,372 per QALY")])
def test_a_negative_ratio_is_shown_as_reported_and_explained(lang, shown):
    """STARR's printed ratio stands twice, as reported and as input, with its explanation, and ranks nothing.

    As a single figure and in the audit it stands beside ESCAPE's, which runs the other way.
    """
    text = written("meniscal-tear-traumatic", lang)
    statistics = assessed("meniscal-tear-traumatic").dossier.comparison[0].statistic
    note = next(getattr(each.note, lang) for each in statistics if each.kind == "icer")
    places = [
        section(text, Locale(lang).text("inputs.heading")),
        section(text, Locale(lang).text("comparison.reported")),
    ]

    assert [part.count(shown) for part in places] == [1, 1]
    for key in ("audit.figures_heading", "audit.heading"):
        assert section(text, Locale(lang).text(key)).count("223") == 1
    assert len(re.findall(r"223.372", text)) == 4
    assert f"{shown}. {note}" in text
    assert Locale(lang).text("icer.NW") in text
    assert "223" not in section(text, Locale(lang).text("summary.overview"))


def test_what_the_issue_names_is_there():
    """The figures that a Dutch expert looks for first."""
    acl, degenerative = written("acl-rupture", "nl"), written("meniscal-tear-degenerative", "nl")
    compared = "COMPARE, maatschappelijk: vroege reconstructie min oefentherapie met optionele latere reconstructie"

    assert f"| {compared} | € 3.393 | 0,0434 | € 78.179 (NO) | \\* € 20.000 | −€ 2.525 (−€ 6.005 tot € 1.020) |" in acl
    assert "onzeker (grensgeval)" in acl
    assert "een gewonnen QALY kost € 78.179, meer dan de referentiewaarde van € 20.000. Oefentherapie met" in acl
    assert "€ 61.584 bespaard per verloren QALY" in degenerative
    assert "per verloren QALY wordt € 61.584 bespaard, meer dan de referentiewaarde van € 20.000.**" in degenerative
    assert "wordt maar € 61.584 bespaard, minder dan de referentiewaarde van € 80.000." in degenerative
    assert "8.993" in written("reablement", "nl")


def test_what_a_careful_reader_looks_for():
    """The interval as reported, the guideline's perspective, the comparator's side, undiscounted years, leeway."""
    escape, reablement = written("meniscal-tear-degenerative", "nl"), written("reablement", "en")
    traumatic = written("meniscal-tear-traumatic", "en")

    assert "−0.0448 to 0.1316, assuming normality and the assumed standard error" in written("acl-rupture", "en")
    assert "| verschil in kosten | −€ 1.803 (95%-BI −€ 3.008 tot −€ 838, gerapporteerd) |" in escape
    assert "−€ 1.803,5 tot −€ 1.802,5" in escape
    assert "The Dutch guideline asks for the societal perspective" in reablement
    assert "\n- Discount rate of costs: not applicable (horizon of at most 12 months)\n" in reablement
    assert "clustering (design effect 1 to 4.6), assumptions and rounding together" in reablement
    assert (
        "Exercise therapy with optional later surgery has the higher expected net benefit at this value." in traumatic
    )
    assert "€732 (range over rounding €720 to €880)" in traumatic
    assert "−€824 (range over rounding −€990 to −€810)" in traumatic


def test_normality_is_told_even_if_no_parameter_was_assumed():
    """ESCAPE needs none itself, only burden and budget do; but its probabilities rest on a normal distribution."""
    part = section(written("meniscal-tear-degenerative", "en"), "Assumptions")

    assert "No figure in the dossier is assumed." not in part
    assert "Assumed, with the basis elsewhere in the note: utility loss (burden of disease);" in part
    assert "rest on normally distributed differences" in part
    assert "convention of hecon, not of the Zorginstituut" in part


def test_the_burden_is_shown_with_its_source():
    """By whom and where the burden was judged, or that no one did."""
    for name, start in (("acl-rupture", "- Ziektelast: Laag. "), ("reablement", "- Ziektelast: Niet beoordeeld. ")):
        burden = assessed(name).dossier.burden
        source = places(name, burden.sources)[0]

        assert f"{start}{burden.basis.nl} ({source}" in written(name, "nl").replace("\\", "")


def test_the_bytes_are_the_same_twice():
    """The same assessment, and a second one with the same seed, give the same text."""
    again = hecon.summary(hecon.assess("acl-rupture", n_draws=N_DRAWS), lang="nl").text("md")

    assert again == summed("acl-rupture", "nl").text("md")
    assert again.replace(NBSP, " ") == written("acl-rupture", "nl")


def test_a_notebook_shows_the_markdown():
    """Jupyter asks for the Markdown by this name."""
    each = summed("reablement", "en")

    assert each._repr_markdown_() == each.text("md")


def test_dutch_is_the_default():
    """The readers are Dutch experts."""
    assert hecon.summary(assessed("reablement")).lang == "nl"


def test_an_unknown_language_or_format_is_named():
    """Both rules say what there is."""
    with pytest.raises(InputError, match=r"^lang must be one of 'nl', 'en', got 'fr'$"):
        hecon.summary(assessed("reablement"), lang="fr")
    with pytest.raises(InputError, match=r"^format must be one of 'html', 'md', 'json', got 'odt'$"):
        summed("reablement", "nl").text("odt")


# Saving ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["html", "md", "json"])
@pytest.mark.parametrize("as_path", [str, Path])
def test_saving(tmp_path, kind, as_path):
    """The ending tells the format; the path comes back; a folder that is not there is made."""
    target = tmp_path / "new" / f"acl.v2.{kind}"
    each = summed("copd", "nl")

    saved = each.save(as_path(target))

    assert saved == target
    assert target.read_bytes() == each.text(kind).encode("utf-8")
    assert [path.name for path in target.parent.iterdir()] == [target.name]


def test_saved_json_is_the_data(tmp_path):
    """What is saved reads back as what `data` holds."""
    each = summed("reablement", "en")

    assert json.loads(each.save(tmp_path / "x.json").read_text(encoding="utf-8")) == each.data


@pytest.mark.parametrize("name", ["acl.odt", "acl", "acl.MD", ".md", "acl.md.bak"])
def test_an_unknown_ending_is_refused(tmp_path, name):
    """Nothing is written, and the message says which endings there are."""
    with pytest.raises(InputError, match=r"^path must end in \.html, \.md, .* or \.\w+, got '.*'$"):
        summed("reablement", "nl").save(tmp_path / name)

    assert list(tmp_path.iterdir()) == []


def test_an_existing_file_is_replaced_whole(tmp_path):
    """A longer file leaves no tail, and a link to it keeps the old text."""
    target, other = tmp_path / "x.md", tmp_path / "old.md"
    target.write_text("old " * 100_000, encoding="utf-8")
    os.link(target, other)

    summed("reablement", "nl").save(target)

    assert target.read_text(encoding="utf-8") == summed("reablement", "nl").text("md")
    assert other.read_text(encoding="utf-8").startswith("old ")


@pytest.mark.posix
@pytest.mark.parametrize("umask", [0o022, 0o077])
def test_a_saved_file_has_the_permissions_of_any_new_file(tmp_path, umask):
    """A draft is private; the file is not."""
    before = os.umask(umask)
    try:
        target = summed("reablement", "nl").save(tmp_path / "x.json")
    finally:
        os.umask(before)

    assert stat.S_IMODE(target.stat().st_mode) == 0o666 & ~umask


def test_a_folder_in_the_way_is_told_and_nothing_is_left(tmp_path):
    """A path that is a folder, or that lies beneath a file, cannot be written."""
    (tmp_path / "x.md").mkdir()
    (tmp_path / "file").write_text("kept", encoding="utf-8")

    with pytest.raises(InputError, match=r"^path must be writable, got '.*x\.md': Is a directory$"):
        summed("reablement", "nl").save(tmp_path / "x.md")
    with pytest.raises(InputError, match=r"^path must be writable, got '.*y\.md': "):
        summed("reablement", "nl").save(tmp_path / "file" / "y.md")

    assert sorted(path.name for path in tmp_path.rglob("*")) == ["file", "x.md"]
    assert (tmp_path / "file").read_text(encoding="utf-8") == "kept"


def test_a_failure_halfway_leaves_the_old_files(tmp_path, monkeypatch):
    """If one of several drafts cannot be written, no file is touched and no draft is left."""
    first, second = tmp_path / "a.md", tmp_path / "b.md"
    first.write_text("old", encoding="utf-8")
    opened = iter((os.fdopen, None))

    def fails(handle, *arguments, **options):
        ordinary = next(opened)
        if ordinary is None:
            os.close(handle)
            raise OSError(28, "No space left on device")
        return ordinary(handle, *arguments, **options)

    monkeypatch.setattr(_io.os, "fdopen", fails)
    with pytest.raises(InputError, match=r"^path must be writable, got '.*b\.md': No space left on device$"):
        _io.write_whole({first: "new", second: b"new"})

    assert [path.name for path in tmp_path.iterdir()] == ["a.md"]
    assert first.read_text(encoding="utf-8") == "old"
