"""The budget impact in a note: totals, conventions and sources beside each other, printed amounts in words."""

import re
from dataclasses import replace

import numpy as np
import pytest
from shipped import assessed

import hecon
from hecon import budget
from hecon.assessment import assess_budget
from hecon.dossier import FOLDER
from hecon.locale import LANGUAGES, Locale
from hecon.report.analyses import budget_document, combined_data, combined_document
from hecon.report.document import Bullets, Figure, Heading, Paragraph, Table
from hecon.report.sections.budget import budget_data, budget_section
from hecon.report.words.budgets import BudgetWords, millions_of

# Whole notes, searches or processes; what they pass through, others hold.
pytestmark = pytest.mark.slow

NBSP = "\N{NO-BREAK SPACE}"
WITH_PLAN = [name for name in hecon.dossier.names() if hecon.load(name).budget is not None]


@pytest.fixture(scope="module")
def found():
    """Return the assessment of each dossier with a plan."""
    return {name: assessed(name) for name in WITH_PLAN}


def section(each, lang):
    """Return the blocks of the section."""
    return budget_section(each.budget, each.dossier, Locale(lang))


def told(blocks):
    """Return all sentences of some blocks as one text."""
    parts = []
    for block in blocks:
        if isinstance(block, (Heading, Paragraph)):
            parts.append(block.text)
        elif isinstance(block, Bullets):
            parts += block.items
        elif isinstance(block, Table):
            parts += [block.caption, *block.header, *(cell for row in block.rows for cell in row)]
    return "\n".join(parts).replace(NBSP, " ")


def written(lang, amount, digits):
    """Return an amount as a table writes it: in millions with so many decimals, or in whole euros."""
    if digits is None or amount == 0:
        return Locale(lang).money(amount)
    return f"{Locale(lang).money(amount / 1e6, digits=digits)} {'miljoen' if lang == 'nl' else 'million'}"


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("name", WITH_PLAN)
def test_the_totals_in_the_table_are_those_of_the_impact(found, name, lang):
    """Every scenario by year and together, by the conventions as worded and as printed, to the euro."""
    each = found[name].budget
    tables = [block for block in section(found[name], lang) if isinstance(block, Table)]
    if not each.plan.priced:
        assert [row[1] for row in tables[0].rows] == [Locale(lang).number(6_424_020)] * 3
        return
    rows = list(tables[0].rows)
    expected = []
    for impact in (each.main, each.other) if each.other is not None else (each.main,):
        for scenario in ("minimum", "maximum"):
            amounts = [float(x) for x in impact.total.sel(scenario=scenario)]
            expected.append([*amounts, sum(amounts)])
    digits = [None, None, None, 2] if name == "copd" else [1] * 4
    told = [[written(lang, *each) for each in zip(line, digits, strict=True)] for line in expected]

    assert [list(row[1:]) for row in rows] == told
    assert tables[0].header[1:4] == tuple(map(str, each.plan.years))


@pytest.mark.parametrize(
    ("rows", "digits"),
    [
        ([[[0.0], [0.0]]], [None, None]),
        ([[[-978_224.0], [999_999.0]]], [None, None]),
        ([[[-978_224.0], [1_200_000.0]]], [1, 1]),
        ([[[-499_999.0, 0.0], [1e6, 3e6]]], [2, 2]),
        ([[[-49_999.0], [1e6]], [[2e6], [1e6]]], [3, 3]),
        ([[[-4_999.0], [1e6]], [[2e6], [1e6]]], [None, None]),
        ([[[67_000.0], [135_000.0], [404_000.0]], [[168_000.0], [337_000.0], [1_010_000.0]]], [None, None, 2]),
    ],
)
def test_a_column_has_millions_or_whole_units_and_not_both(rows, digits):
    """All columns where most amounts are large; with more decimals for a small one, unless that is too small."""
    assert millions_of(rows) == digits


def test_an_amount_below_a_million_stands_in_millions_beside_larger_ones(found):
    """The degenerative meniscus saves 978,224 in one year and 1.1 million in the other scenario."""
    each = found["meniscal-tear-degenerative"]
    totals = next(block for block in section(each, "en") if isinstance(block, Table))

    assert [row[1] for row in totals.rows] == ["−€1.1 million", "−€1.0 million"]
    assert 0 < -float(each.budget.main.total.sel(scenario="maximum").values[0]) < 1e6


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("name", WITH_PLAN)
def test_every_number_stands_beside_the_totals_with_status_and_source(found, name, lang):
    """Each figure that a formula uses; and every printed total with its sources."""
    each = found[name]
    text = told(section(each, lang))
    used = {
        key if key in {f.id for f in each.dossier.figure} else key.rpartition("_")[0]
        for key in each.budget.plan.parameters
    }
    figures = {figure.id: figure for figure in each.dossier.figure}

    for key in used:
        assert getattr(figures[key].name, lang) in text
        assert Locale(lang).text(f"status.{figures[key].status}") in text
        for source in figures[key].sources:
            assert re.search(rf"{re.escape(source.document)}, (?:[^()]*; )?{re.escape(source.place)}", text)
    for total in each.dossier.budget_part.printed:
        assert getattr(figures[total.figure].name, lang) in text


@pytest.mark.parametrize(
    ("name", "lang", "words"),
    [
        (
            "acl-rupture",
            "en",
            "(no maximum implementation rate; no indexation). By the premises as worded it would be €21.1 to 22.4",
        ),
        (
            "acl-rupture",
            "nl",
            "(geen maximale implementatiegraad; geen indexering; alleen meegeteld: Reconstructie).",
        ),
        (
            "acl-rupture",
            "en",
            "No variant calculated reproduces it; by the premises as worded it would be €21.1",
        ),
        (
            "acl-rupture",
            "en",
            "It would take an uptake of 58.7% to 65.9%, which no source gives.",
        ),
        (
            "copd",
            "en",
            "no indexation; the middle of both scenarios. 1 of the 44 variants calculated reproduces",
        ),
        (
            "copd",
            "nl",
            "alleen de inflatie van het jaar zelf. 1 van de 36 doorgerekende varianten komt op dit bedrag uit.",
        ),
        (
            "first-twenty",
            "en",
            "take an uptake of 68.9% to 69.4%, which no source gives. The plan adopts that uptake as: Uptake in",
        ),
        ("rheumatoid-arthritis", "en", "they were adopted, not recalculated."),
        (
            "triage",
            "en",
            "from the figures that it is computed from, which give 360.90: Musculoskeletal episodes in",
        ),
        ("triage", "en", "It follows from: Suitable episodes (appendix 2); Inhabitants of the Netherlands."),
        ("triage", "nl", "Episodes die landelijk in aanmerking komen (bijlage 2): gerapporteerd ruim 6,5 miljoen"),
        (
            "meniscal-tear-traumatic",
            "en",
            "was solved from it, so that the agreement is no evidence for that number: Costs of a men",
        ),
    ],
)
def test_what_became_of_a_printed_total(found, name, lang, words):
    """Where text and figures disagree, the note says so in words."""
    assert words in told(section(found[name], lang))


@pytest.mark.parametrize(
    ("name", "headline"),
    [
        ("acl-rupture", "In 2027 the change saves the budget €21.1 to 22.4 million (net)"),
        (
            "first-twenty",
            "In the other reading of the premises (with cumulative indexation) it costs",
        ),
        ("copd", "In 2027 the change costs the budget €201,960 to €504,900 more (net), reconstructed from the"),
        ("rheumatoid-arthritis", "In 2027 the change costs the budget €750,750 to €900,900 more (net)"),
        # A first year far above the last is not passed over.
        ("rheumatoid-arthritis", "The largest amount falls in 2025: €3.7 to 4.4 million."),
        ("triage", "The sources estimate no spending. It concerns 6.4 million a year: new musculoskeletal episodes"),
    ],
)
def test_the_first_sentence_says_it_all(found, name, headline):
    """For a hurried reader, and strong."""
    first = next(block for block in section(found[name], "en") if isinstance(block, Paragraph))

    assert first.strong
    assert headline in first.text


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ((-2e6, 3e6), "In 2027 the change lies between a saving of €2.0 million and €3.0 million more for the budget"),
        ((0, 0), "is budget-neutral"),
        ((0, 5), "costs the budget €0 to €5 more"),
        ((-5, 0), "saves the budget €0 to €5"),
        ((1e6, 1.04e6), "costs the budget €1.0 million more"),
    ],
)
def test_a_headline_tells_more_from_less(found, values, words):
    """Also where the scenarios differ in sign, or print alike."""
    each = found["copd"]

    assert words in BudgetWords(each.budget, each.dossier, Locale("en")).headline("headline", values, 2027, "so")


def test_what_is_paid_outside_the_budget_is_told(found):
    """The first twenty treatments move from patients and supplementary insurers to the budget."""
    text = told(section(found["first-twenty"], "en"))

    assert "Outside the budget, patients and supplementary insurers pay €88.1 to 110.1 million less in 2027." in text
    assert "new, with 16% extra patients" in text
    assert "supplementary insurance or own payments (outside the budget)" in text


def test_break_even_stands_beside_the_figure_of_the_sources(found):
    """At 9.5 to 11.9% avoided the sessions cost what the operations save."""
    assert (
        "at 9.5% (minimum), 11.9% (maximum) of this number, where the sources use 50%: Reconstructions prevented by"
        in told(section(found["acl-rupture"], "en"))
    )


def test_without_break_even_it_says_so(found):
    """Where no share makes good what is spent."""
    each = found["acl-rupture"]
    never = replace(each.budget, break_even={"minimum": (), "maximum": ()})

    assert "At no value of this number is the change budget-neutral in 2027" in told(
        budget_section(never, each.dossier, Locale("en"))
    )


def test_without_a_plan_it_is_said_why():
    """A heading, and what the sources say of that; in the note and in a document of its own."""
    each = assessed("prehabilitation")
    section_, page = (
        budget_section(None, each.dossier, Locale("en")),
        budget_document(None, each.dossier, Locale("en")).blocks,
    )

    assert each.budget is None
    assert [type(block) for block in section_] == [Heading, Paragraph]
    assert section_[1].text.startswith("No budget impact is on file. Of the three topics")
    assert [block for block in page if block in section_[:1]] == section_[:1]
    assert page[2].text == section_[1].text.replace("zorginstituut-2024", "[1]")


def test_the_conventions_are_all_there(found):
    """Those that are off too; and where the price year or the base year is not reported, that."""
    text = told(section(found["acl-rupture"], "en"))

    for words in (
        "25%, 75%, 75%",
        "50%, 75%, 100%",
        "without limit",
        "cumulative, over all years of the estimate so far",
        "Discounting\nnot counted",
    ):
        assert words in text
    assert "Choices made where the text leaves them open: uptake by year" in text
    assert "Year of the prices\nnot looked up (only read as" in told(section(found["rheumatoid-arthritis"], "en"))
    assert "Year of the prices\nnot reported in the sources" in told(section(found["triage"], "en"))


def test_conventions_that_are_on_are_told(tmp_path):
    """Growth, discounting, a deductible and the share of a limit, in words and figures."""
    path = tmp_path / "copd.toml"
    source = (FOLDER / "copd.toml").read_text(encoding="utf-8")
    added = 'demographic_growth = 0.01\ndiscount_rate = 0.03\ndeductible_share = 0.05\ncap = 0.8\ncap_rule = "share"\n'
    path.write_text(source.replace("[budget.conventions]\n", f"[budget.conventions]\n{added}"), encoding="utf-8")
    text = told(section(hecon.assess(path, n_draws=20), "en"))

    for words in ("1% a year", "3% a year", "Deductible\n5%", "20%, 60%, 80%", "uptake is a share of it"):
        assert words in text


def test_figures_are_those_of_the_impact(found):
    """A waterfall where more than one sector or resource moves, a tornado of the ranges that matter."""
    kinds = {
        name: [block.kind for block in section(each, "en") if isinstance(block, Figure)] for name, each in found.items()
    }

    assert kinds == {
        "acl-rupture": ["waterfall"],
        "copd": ["tornado"],
        "first-twenty": [],
        "meniscal-tear-degenerative": ["waterfall", "tornado"],
        "meniscal-tear-traumatic": ["waterfall", "tornado"],
        "rheumatoid-arthritis": [],
        "triage": [],
    }


def test_scenarios_of_the_dossier_have_a_table_of_their_own(found):
    """With their names; the totals by sector and per patient are of minimum and maximum alone."""
    blocks = section(found["meniscal-tear-traumatic"], "nl")
    tables = [block for block in blocks if isinstance(block, Table)]

    assert tables[1].caption.startswith(
        "Andere scenario's, gereconstrueerd, met uitgangspunten die deels zijn aangenomen"
    )
    assert tables[1].rows[0][0] == "Minimum, met 41% latere operaties zoals in hoofdstuk 2"
    assert re.search(r"Per patiënt in de nieuwe situatie is dat −€ 676 tot −€ 530 in 2027", told(blocks))


def test_every_departure_has_its_words(found):
    """Whatever the search may find, a note can say; tried on every departure of every plan that ships."""
    for name, each in found.items():
        words = BudgetWords(each.budget, each.dossier, Locale("nl"))
        plans = [each.budget.plan]
        made = {d for departures, _ in budget.reconciliation.counting_choices(plans) for d in departures}
        made |= {d for d, _ in budget.reconciliation.flow_choices(plans) if d is not None}
        made |= {
            d
            for end in ("minimum", "maximum", "any")
            for d, _, _ in budget.reconciliation.value_choices(plans, end)
            if d is not None
        }

        assert made, name
        assert len({words.departure(d) for d in made}) == len({(d.kind, d.choice) for d in made})


# Premises as worded, or reconstructed ---------------------------------------------------------------------------------


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("name", WITH_PLAN)
def test_premises_are_as_worded_only_where_no_source_is_replaced(found, name, lang):
    """Against the figures of the dossier: one that is assumed or solved makes it reconstructed."""
    each = found[name]
    part = each.dossier.budget_part
    used = {
        key if key in {f.id for f in each.dossier.figure} else key.rpartition("_")[0]
        for key in each.budget.plan.parameters
    }
    assumed = [f for f in each.dossier.figure if f.id in used and f.status == "assumed"]
    solved = [f for f in each.dossier.figure if f.id in {one.figure for one in part.distribution if one.solved_from}]
    text = told(section(each, lang))
    words = BudgetWords(each.budget, each.dossier, Locale(lang))

    if assumed or solved:
        assert Locale(lang).text("budget.how_stated") not in text
        assert Locale(lang).text("budget.stated").capitalize() not in text
        assert words.kind("stated") in {"rebuilt", "other"}
    for kind, figures in (("assumed", assumed), ("solved", solved)):
        names = "; ".join(getattr(f.name, lang) for f in figures)
        assert (Locale(lang).text(f"budget.premises_{kind}", names=names) in text) == bool(figures)
        assert set(words.rebuilt[kind]) == {f.id for f in figures}


def test_which_budgets_are_reconstructed(found):
    """Both of the meniscus (price solved, limit assumed) and the first twenty (uptake solved and assumed)."""
    ways = {
        name: (budget_data(each.budget, each.dossier, Locale("en"))["premises"], each.budget.lead)
        for name, each in found.items()
    }

    assert ways == {
        "acl-rupture": ("as worded", "stated"),
        "copd": ("as worded", "as printed"),
        "first-twenty": ("reconstructed", "as printed"),
        "meniscal-tear-degenerative": ("reconstructed", "stated"),
        "meniscal-tear-traumatic": ("reconstructed", "stated"),
        "rheumatoid-arthritis": ("as worded", "stated"),
        "triage": ("as worded", "stated"),
    }


def test_a_value_that_is_set_is_no_premise_of_the_sources():
    """A scenario of one's own is called that, in the headline, the columns and the data."""
    dossier = hecon.load("acl-rupture")
    result = assess_budget(dossier, 20, np.random.default_rng(1), scenarios={"dear": {"tariff": 48}})
    text = told(budget_section(result, dossier, Locale("en")))

    assert "reconstructed, with premises partly set for this run" in text
    assert "Set for this run: dear." in text
    assert Locale("en").text("budget.how_stated") not in text
    assert budget_data(result, dossier, Locale("en"))["reconstructed"]["set"] == ("dear",)


@pytest.mark.parametrize("status", ["assumed", "reported"])
def test_one_assumed_figure_is_enough(tmp_path, status):
    """Of the cruciate ligament, whose premises are all reported: any of them, called assumed, changes the words."""
    path = tmp_path / "acl-rupture.toml"
    source = (FOLDER / "acl-rupture.toml").read_text(encoding="utf-8")
    figure = 'id = "implementation_cap"\n'
    assert source.count(figure) == 1
    extra = f'status = "{status}"\nnote.nl = "Aangenomen"\nnote.en = "Assumed"\n'
    start = source.index(figure)
    block = source[start : source.index("[[", start)]
    bare = "\n".join(line for line in block.splitlines() if not line.startswith("note."))
    path.write_text(source.replace(block, bare.replace(figure, figure + extra) + "\n\n"), encoding="utf-8")
    text = told(section(hecon.assess(path, n_draws=20), "en"))

    assert ("by the premises as the sources word them" in text) == (status == "reported")
    assert ("reconstructed, with premises partly assumed (with" in text) == (status == "assumed")
    assert ("By the premises as reconstructed it would be" in text) == (status == "assumed")


# Which inflation, and sums of what is counted in different ways -------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "first", "second"),
    [
        ("acl-rupture", "cumulative", "none"),
        ("copd", "own_year", "cumulative"),
        ("first-twenty", "own_year", "cumulative"),
        ("meniscal-tear-degenerative", "own_year", None),
        ("meniscal-tear-traumatic", "own_year", None),
        ("rheumatoid-arthritis", "unknown", None),
        ("triage", None, None),
    ],
)
def test_every_total_says_which_inflation_it_counts(found, name, first, second):
    """In the first sentence, once for each way of counting; a plan without prices has none."""
    each = found[name]
    headline = next(block for block in section(each, "en") if isinstance(block, Paragraph)).text
    rules = ("cumulative", "own_year", "none", "unknown")
    places = {rule: headline.find(Locale("en").text(f"budget.how_{rule}")) for rule in rules}

    assert [rule for _, rule in sorted((at, rule) for rule, at in places.items() if at >= 0)] == [
        rule for rule in (first, second) if rule is not None
    ]


def combined(names, *, left_out=()):
    """Return the sum of some plans, each by the conventions that its note tells first, as a document and as data."""
    dossiers = [hecon.load(name) for name in names]
    leads = [assessed(name).budget.lead for name in names]
    together = budget.combine([each.budget for each in dossiers], conventions=leads)
    page = combined_document(together, dossiers, Locale("en"), left_out=[hecon.load(name) for name in left_out])
    return told(page.blocks), combined_data(together, dossiers)


@pytest.mark.parametrize(
    ("names", "headline"),
    [
        (
            ["copd", "first-twenty"],
            "these changes together cost the budget €137.6 to 172.2 million more (net).",
        ),
        (
            ["copd", "meniscal-tear-traumatic"],
            "these changes together save the budget €1.7 to 2.6 million (net).",
        ),
    ],
)
def test_a_sum_begins_with_its_answer(names, headline):
    """In tenths of a million; the table has the decimals that its least amount asks for, and no euros beside them."""
    text, _ = combined(names)
    total = sum(assessed(name).budget.main["total"].sel(scenario=["minimum", "maximum"], year=2027) for name in names)

    assert headline in text
    assert [f"{abs(float(each)) / 1e6:.1f}" in headline for each in total] == [True, True]


@pytest.mark.parametrize(
    ("names", "mixed"),
    [
        (["acl-rupture", "meniscal-tear-traumatic"], True),
        (["acl-rupture", "rheumatoid-arthritis"], True),
        (["meniscal-tear-degenerative", "meniscal-tear-traumatic"], False),
        (["copd", "first-twenty"], False),
        (["copd", "acl-rupture"], True),
    ],
)
def test_a_sum_of_different_ways_to_count_says_so(names, mixed):
    """How each is counted always; that the sum mixes them only where they differ."""
    text, data = combined(names)

    assert ("The sum holds amounts that are calculated in different ways." in text) == data["mixed"] == mixed
    assert set(data["counted"]) == set(data["conventions"]) == set(names)
    for name in names:
        assert f"{hecon.load(name).title.en}: " in text
    if names == ["acl-rupture", "meniscal-tear-traumatic"]:
        assert data["counted"] == {
            "acl-rupture": {"premises": "stated", "inflation": "cumulative"},
            "meniscal-tear-traumatic": {"premises": "rebuilt", "inflation": "own_year"},
        }


def test_the_conventions_of_a_sum_are_those_that_were_used():
    """Also where one set is given for all."""
    plans = [hecon.load(name).budget for name in ("acl-rupture", "copd")]
    used = budget.combine(plans, conventions="stated").attrs["conventions"]
    zin = budget.combine(plans, conventions="zin").attrs["conventions"]

    assert {name: each["name"] for name, each in used.items()} == {"acl-rupture": "stated", "copd": "stated"}
    assert {each["name"] for each in zin.values()} == {"zin"}


def test_what_is_not_in_the_sum_is_said_with_its_reason():
    """Units without prices, and dossiers without a plan."""
    text, _ = combined(["acl-rupture", "copd"], left_out=["triage", "reablement"])
    bare, _ = combined(["acl-rupture", "copd"])

    assert "by a physiotherapist or exercise therapist: units only, no prices on file" in text
    assert "The budget impact analysis of the report leaves out block 5" in text
    # The page has no list of documents, so it cites none.
    assert "zorginstituut-2024" not in text
    assert "Not in the sum:" not in bare
