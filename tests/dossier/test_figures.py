"""Single figures: their faults, and the audit of what was printed more than once."""

from __future__ import annotations

import math
import re
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_EVEN, Decimal
from fractions import Fraction

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from school_arithmetic import FORMULAS, at_point
from skeletons import skeleton
from strategies import examples

import hecon
from hecon.auditing.auditing import audit_figures
from hecon.dossier.figures import PrintedFigure, Relation, figure_faults
from hecon.dossier.note import study_faults
from hecon.dossier.programme import Programme
from hecon.errors import DossierError
from hecon.files.parts import Reference, Text, validated
from hecon.locale import LANGUAGES, Locale
from hecon.report.words.findings import finding_words

F = Fraction


def faults_in(tree):
    """Yield the faults of the figures and relations of a file that holds nothing else."""
    own = []
    validated(tree, Programme, lambda tree, sound: own.extend(figure_faults(tree, sound)) or ())
    yield from own


# Faults ---------------------------------------------------------------------------------------------------------------

SOURCE = {"document": "report", "place": "page 1"}
WORDS = {"nl": "iets", "en": "something"}


def raw(**fields):
    """Return a figure as it is parsed from a file."""
    return {"id": "cost", "name": WORDS, "sources": (SOURCE,)} | fields


def related(result, formula):
    """Return a relation as it is parsed from a file."""
    return {"result": result, "formula": formula, "basis": WORDS}


FIGURE_FAULTS = {
    "no number": ([raw()], [], [("figure[0]", "must have one of value, range and series, got none of them")]),
    "two numbers": (
        [raw(value=1, range=(1, 2))],
        [],
        [("figure[0]", "must have one of value, range and series, got value and range")],
    ),
    "three numbers": (
        [raw(value=1, range=(1, 2), series=(1, 2))],
        [],
        [("figure[0]", "must have one of value, range and series, got value and range and series")],
    ),
    "derived without its rule": (
        [raw(value=1, status="derived")],
        [],
        [("figure[0].rule", "is missing: a derived number states its rule")],
    ),
    "range downwards": (
        [raw(value=1), raw(id="tariff", range=(45, Decimal("36.5")))],
        [],
        [("figure[1].range", "must run upwards, got 45 to 36.5")],
    ),
    "rows without arms": (
        [raw(value=1, rows="ratios")],
        [],
        [("figure[0]", "must have rows and arms together: they tell which arm minus which among look-alike rows")],
    ),
    "arms without rows": (
        [raw(value=1, arms=("a", "b"))],
        [],
        [("figure[0]", "must have rows and arms together: they tell which arm minus which among look-alike rows")],
    ),
    "an arm minus itself": (
        [raw(value=1, rows="ratios", arms=("a", "a"))],
        [],
        [("figure[0].arms", "must name two arms, got 'a' twice")],
    ),
    "id twice": (
        [raw(value=1), raw(value=2)],
        [],
        [("figure[1].id", "must be unique, got 'cost' again")],
    ),
    "series of another length for one quantity": (
        [raw(series=(1, 2), quantity="uptake"), raw(id="other", series=(1, 2, 3), quantity="uptake")],
        [],
        [("figure[1].series", "must be as long as those of the same quantity")],
    ),
    "a value and a series for one quantity": (
        [raw(value=1, quantity="uptake"), raw(id="other", series=(1, 2), quantity="uptake")],
        [],
        [("figure[1].series", "must be as long as those of the same quantity")],
    ),
    "unknown ids in a relation": (
        [raw(value=1)],
        [related("total", "cost + rest")],
        [
            ("relation[0].result", "must use ids of [[figure]] tables, got 'total'; known: cost"),
            ("relation[0].formula", "must use ids of [[figure]] tables, got 'rest'; known: cost"),
        ],
    ),
    "a relation without any figure": (
        [],
        [related("total", "1 + 1")],
        [
            ("relation[0].formula", "must use the id of at least one [[figure]], got '1 + 1'"),
            ("relation[0].result", "must use ids of [[figure]] tables, got 'total'; known: none"),
        ],
    ),
    "no formula": (
        [raw(value=1)],
        [related("cost", "cost ** 2")],
        [
            (
                "relation[0].formula",
                "formula must hold only numbers, ids of figures, + - * / and brackets, got 'cost ** 2'",
            )
        ],
    ),
    "series of several lengths in a formula": (
        [raw(series=(1, 2)), raw(id="other", series=(1, 2, 3))],
        [related("cost", "other * 2")],
        [("relation[0].formula", "must use series of one length")],
    ),
}


@pytest.mark.parametrize("case", FIGURE_FAULTS)
def test_faults_of_figures(case):
    """Each with its path, the rule and the value."""
    figures, relations, expected = FIGURE_FAULTS[case]

    assert list(faults_in({"figure": tuple(figures), "relation": tuple(relations)})) == expected


def test_sound_figures_have_no_faults():
    """A value with a series in one formula, ranges of one value, derived ones with their rule."""
    tree = {
        "figure": (
            raw(value=1),
            raw(id="range", range=(1, 1)),
            raw(id="series", series=(1, 2), status="derived", rule=WORDS),
            raw(id="row", value=Decimal("-0.5"), rows="ratios", arms=("a", "b")),
        ),
        "relation": (related("series", "cost * series"), related("range", "cost / 1")),
    }

    assert list(faults_in(tree)) == []


@pytest.mark.parametrize(
    "tree",
    [{}, {"figure": 5}, {"figure": "x"}, {"figure": (5, "x", ())}, {"figure": {"a": 1}, "relation": ({}, 1)}],
)
def test_what_the_schema_tells_is_not_told_here(tree):
    """Nor does it stop the search."""
    assert list(faults_in(tree)) == []


def test_a_figure_at_fault_is_not_unknown_to_relations():
    """The schema reports the figure; a relation that names it has no fault of its own."""
    assert list(faults_in({"figure": (raw(value="1"),), "relation": (related("cost", "cost"),)})) == []

    found = list(faults_in({"figure": (raw(value="1"),), "relation": (related("cost", "costs"),)}))
    assert found == [("relation[0].formula", "must use ids of [[figure]] tables, got 'costs'; known: none")]


FACT_FAULTS = {
    "derived without its rule": (
        {"kind": "patients", "status": "derived", "value": 5},
        [(".rule", "is missing: a derived number states its rule")],
    ),
    "cross-over of nothing": (
        {"kind": "crossover"},
        [("", "must have percent, count and of, or all three")],
    ),
    "count without of": ({"kind": "crossover", "count": 3}, [("", "must have count and of together")]),
    "of without count": (
        {"kind": "crossover", "percent": 3, "of": 10},
        [("", "must have count and of together")],
    ),
    "more than all": (
        {"kind": "crossover", "percent": Decimal("100.1")},
        [(".percent", "must lie in [0, 100], got 100.1")],
    ),
    "count above of": (
        {"kind": "crossover", "count": 11, "of": 10},
        [(".count", "must lie between 0 and of, got 11 of 10")],
    ),
    "of nobody": ({"kind": "crossover", "count": 0, "of": 0}, [(".of", "must be above 0, got 0")]),
    "ages from old to young": ({"kind": "age", "range": (70, 18)}, [(".range", "must run upwards, got 70 to 18")]),
    "an arm of nobody": ({"kind": "arms", "value": (30, 0)}, [(".value", "must be above 0, got 0")]),
    "no age": ({"kind": "age"}, [("", "must have range, at_least or mean")]),
}


@pytest.mark.parametrize("case", FACT_FAULTS)
def test_faults_of_facts(case):
    """Each at its place in the note."""
    fact, expected = FACT_FAULTS[case]
    note = {"study": ({}, {"fact": ({"kind": "pedro", "value": 8}, fact)})}

    assert list(study_faults(note)) == [(f"note.study[1].fact[1]{path}", message) for path, message in expected]


@pytest.mark.parametrize(
    ("outcome", "expected"),
    [
        ({"p": Decimal("1.2")}, [(".p", "must lie in [0, 1], got 1.2")]),
        ({"p_below": -1}, [(".p_below", "must lie in [0, 1], got -1")]),
        (
            {"p": Decimal("0.01"), "p_below": Decimal("0.05")},
            [(".p_below", "must not stand beside p: keep the one that was printed")],
        ),
        ({"arms": {"sd": (1, 0)}}, [(".arms.sd", "must be above 0, got 0")]),
        ({"arms": {"se": (Decimal("-0.5"), 1)}}, [(".arms.se", "must be above 0, got -0.5")]),
        ({"arms": {"n": (0, 0)}}, [(".arms.n", "must be above 0, got 0")] * 2),
        ({"arms": {"sd": 5, "n": "x"}}, []),
        ({"arms": (1, 2)}, []),
        ({"p": 0, "arms": {"sd": (1, 2), "n": (1, 1)}}, []),
        ({"p": "0.05"}, []),
    ],
)
def test_faults_of_outcomes(outcome, expected):
    """A p value and what stands of the arms; what is no number is told by the schema."""
    found = list(study_faults({"study": ({"outcome": ({}, outcome)},)}))

    assert found == [(f"note.study[0].outcome[1]{path}", message) for path, message in expected]


@pytest.mark.parametrize("fact", [{"kind": "crossover", "percent": 0}, {"kind": "age", "at_least": 18}])
def test_sound_facts_have_no_faults(fact):
    """Nothing is asked beyond what the kind needs."""
    assert list(study_faults({"study": ({"fact": (fact,)},)})) == []
    assert list(study_faults(None)) == []


def test_faults_of_a_file(tmp_path):
    """Figures are read with any dossier, and their faults told with the others."""
    text = skeleton("hip-fracture") + (
        '\n[[figure]]\nid = "cost"\nname = { nl = "x", en = "x" }\nvalue = 1\nseries = [1, 2]\n'
        'sources = [{ document = "nowhere", place = "page 1" }]\n'
        '\n[[relation]]\nresult = "cost"\nformula = "cost(1)"\nbasis = { nl = "x", en = "x" }\n'
    )
    path = tmp_path / "hip-fracture.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(DossierError) as caught:
        hecon.load(path)

    assert [fault.partition(":")[0] for fault in caught.value.faults] == [
        "figure[0]",
        "figure[0].sources[0].document",
        "relation[0].formula",
    ]


# The audit ------------------------------------------------------------------------------------------------------------


def number(text):
    """Return a number as the file's parser reads it: whole, or a decimal with its digits."""
    return Decimal(text) if "." in text else int(text)


def figure(printed, wording="exactly", *, name="cost", quantity="costs", **more):
    """Return a figure from its print: "28.5", "26..28" for a range, "50/75" for a series."""
    given_as = "range" if ".." in printed else "series" if "/" in printed else "value"
    parts = tuple(map(number, printed.replace("..", "/").split("/")))
    return PrintedFigure(
        id=name,
        name=Text(nl=f"{name} nl", en=f"{name} en"),
        wording=wording,
        quantity=quantity,
        sources=(Reference(document="report", place=f"page of {name}"),),
        **{given_as: parts[0] if given_as == "value" else parts},
        **more,
    )


def relation(result, formula, **more):
    """Return a relation."""
    return Relation(result=result, formula=formula, basis=Text(nl="omdat", en="because"), **more)


def severity(*figures, relations=()):
    """Return the severity of the only finding, None if there is none."""
    found = list(audit_figures(figures, tuple(relations)))
    assert len(found) <= 1
    return found[0].severity if found else None


OFF, LOOK, ROUND = "inconsistent", "worth a look", "rounding only"
SAME = {
    # Rounding: each stands for all that rounds to it.
    ("12", "12"): None,
    ("12", "12.4"): None,
    ("12", "12.5"): None,
    ("12", "12.6"): OFF,
    ("12", "13"): OFF,
    ("12.0", "12.4"): OFF,
    ("-12", "12"): OFF,
    ("0", "0.0"): None,
    ("0", "1"): OFF,
    # Zeros at the end of whole numbers may be rounding.
    ("5600", "5619"): LOOK,
    ("5600", "5700"): OFF,
    ("30", "29"): LOOK,
    ("30", "36"): OFF,
    ("30.0", "29.5"): OFF,
    # A value in a range, and ranges, whose ends must agree.
    ("27", "26..28"): None,
    ("28.5", "26..28"): None,
    ("29", "26..28"): OFF,
    ("26..28", "26..28"): None,
    ("26..28", "25.9..28.2"): None,
    ("26..28", "26..29"): OFF,
    ("20..30", "21..29"): LOOK,
    ("26..28", "27..27"): OFF,
    # Series, place by place.
    ("50/75/100", "50/75/100"): None,
    ("50/75/100", "25/75/100"): OFF,
    ("1/2/3", "3/2/1"): OFF,
    ("50/75", "52/75"): LOOK,
}
HEDGED = {
    # About: within a unit of the last digit that is not 0, either way.
    (("18", "about"), ("19", "exactly")): None,
    (("18", "about"), ("18.9", "exactly")): None,
    (("18", "about"), ("19.4", "exactly")): OFF,
    (("20", "about"), ("28", "exactly")): None,
    (("20", "about"), ("31", "exactly")): OFF,
    (("18", "about"), ("20", "about")): None,
    (("18", "about"), ("26..28", "exactly")): OFF,
    (("26..28", "about"), ("25.5..28.6", "exactly")): None,
    (("26..28", "about"), ("24..28", "exactly")): OFF,
    (("750750..900900", "about"), ("750750..900900", "about")): None,
    # Over and nearly: on one side, within a unit.
    (("6.4", "over"), ("6.45", "exactly")): None,
    (("6.4", "over"), ("6.35", "exactly")): OFF,
    (("6.4", "over"), ("6.5", "over")): OFF,
    (("18", "over"), ("18", "exactly")): None,
    (("18", "nearly"), ("17.6", "exactly")): None,
    (("18", "nearly"), ("18.4", "exactly")): OFF,
    (("18", "nearly"), ("18", "over")): OFF,
    (("18", "over"), ("19", "nearly")): None,
    (("20", "over"), ("26", "exactly")): None,
    (("20", "nearly"), ("26", "exactly")): OFF,
    # At most and at least: everything on one side.
    (("28.5", "at most"), ("26", "exactly")): None,
    (("28.5", "at most"), ("-100", "exactly")): None,
    (("28.5", "at most"), ("31", "exactly")): OFF,
    (("28.5", "at most"), ("30", "exactly")): LOOK,
    (("5", "at least"), ("100", "exactly")): None,
    (("5", "at least"), ("3", "exactly")): OFF,
    (("5", "at least"), ("3", "at most")): OFF,
    (("5", "at most"), ("3", "at least")): None,
    (("5", "at most"), ("9", "at most")): None,
    (("28.5", "at most"), ("26..28", "exactly")): None,
}


@pytest.mark.parametrize(("pair", "expected"), SAME.items())
def test_one_quantity_printed_twice(pair, expected):
    """In either order, and with every sign turned."""
    first, second = (figure(each, name=name) for each, name in zip(pair, ("cost", "again"), strict=True))

    assert severity(first, second) == severity(second, first) == expected
    if not {"/", ".."} & set(re.findall(r"/|\.\.", "".join(pair))):
        assert severity(*(figure(str(-number(each)), name=f"n{place}") for place, each in enumerate(pair))) == expected


@pytest.mark.parametrize(("pair", "expected"), HEDGED.items())
def test_hedges_are_read_as_they_are_meant(pair, expected):
    """In either order."""
    first, second = (figure(*each, name=name) for each, name in zip(pair, ("cost", "again"), strict=True))

    assert severity(first, second) == severity(second, first) == expected


def printings(value):
    """Return the ways to print a number, truthfully."""
    exact = Decimal(value.numerator) / Decimal(value.denominator)

    def rounded(decimals, how):
        return exact.quantize(Decimal(1).scaleb(-decimals), rounding=how)

    return st.one_of(
        st.integers(0, 3).map(lambda decimals: (rounded(decimals, ROUND_HALF_EVEN), "exactly")),
        st.integers(0, 3).flatmap(
            lambda decimals: st.sampled_from(
                [
                    (rounded(decimals, ROUND_FLOOR), "over"),
                    (rounded(decimals, ROUND_CEILING), "nearly"),
                    (rounded(decimals, ROUND_FLOOR), "at least"),
                    (rounded(decimals, ROUND_CEILING), "at most"),
                    (rounded(decimals, ROUND_HALF_EVEN), "about"),
                ]
            )
        ),
    )


@examples(60)
@given(st.integers(-300, 300), st.data())
def test_what_is_true_is_never_called_inconsistent(whole, data):
    """However one number is rounded or hedged: four printings of it agree."""
    # Off every grid, so that "over" and "nearly" are both true of a step.
    value = F(whole) + F(3_777, 10_000)
    figures = [
        figure(format(printed, "f"), wording, name=f"n{place}")
        for place in range(4)
        for printed, wording in [data.draw(printings(value))]
    ]

    assert severity(*figures) in {None, LOOK}
    if all(isinstance(each.value, Decimal) for each in figures):
        assert severity(*figures) is None


@given(st.lists(st.sampled_from(["11", "12", "12.4", "12.5", "10", "11..13", "14"]), min_size=2, max_size=4))
def test_the_order_of_the_figures_does_not_matter(printed):
    """Nor does a figure of another quantity, or of none, between them."""
    figures = [figure(each, name=f"n{place}") for place, each in enumerate(printed)]
    others = (figure("99", name="other", quantity="other"), figure("98", name="bare", quantity=None))

    assert severity(*figures) == severity(*reversed(figures)) == severity(others[0], *figures, others[1])


def test_figures_of_several_quantities_are_kept_apart():
    """And a quantity printed once agrees with itself."""
    assert severity(figure("1", quantity="a"), figure("2", name="other", quantity="b")) is None
    assert severity(figure("1", quantity=None), figure("2", name="other", quantity=None)) is None
    assert severity(figure("1")) is None
    assert list(audit_figures((), ())) == []


def test_a_finding_on_a_quantity_carries_its_figures():
    """Where they stand, what they are called, their numbers as printed, and each source once."""
    figures = (
        figure("99", name="other", quantity="other"),
        figure("28.5", "at most", name="chapter"),
        figure("18", "about", name="table"),
        figure("26..28", name="path"),
        figure("18/19", name="path_2", quantity="series"),
        figure("18/29", name="path_3", quantity="series"),
    )
    amounts, series = audit_figures(figures, ())

    assert (amounts.severity, amounts.relation, amounts.kind, amounts.study) == (OFF, "quantity", "figure", "")
    assert amounts.paths == ("figure[1]", "figure[2]", "figure[3]")
    assert amounts.path == "figure[1]"
    assert amounts.figures == figures[1:4]
    assert amounts.subject.en == "chapter en"
    assert amounts.numbers == {"chapter": Decimal("28.5"), "table": 18, "path.low": 26, "path.high": 28}
    assert [each.place for each in amounts.sources] == ["page of chapter", "page of table", "page of path"]
    assert (amounts.expected, amounts.basis) == (None, None)
    assert series.numbers == {"path_2.0": 18, "path_2.1": 19, "path_3.0": 18, "path_3.1": 29}


def test_a_source_shared_by_figures_is_told_once():
    """Of two figures on one page."""
    here = (Reference(document="report", place="page 1"),)
    first, second = (figure(each, name=f"n{each}").model_copy(update={"sources": here}) for each in ("1", "3"))
    (found,) = audit_figures((first, second), ())

    assert found.sources == here


# Relations ------------------------------------------------------------------------------------------------------------

FOLLOWS = {
    # as printed
    ("10", "a + b", "7", "3"): None,
    ("33", "a / b", "100", "3"): None,
    ("12.5", "a * b / 100", "25", "50"): None,
    ("-3", "a - b", "4", "7"): None,
    # by the rounding of the others
    ("33.4", "a / b", "100", "3"): ROUND,
    ("10", "a + b", "6", "3"): ROUND,
    # by zeros at the end
    ("5600", "a / b", "56967671", "10139"): ROUND,
    ("30", "a + b", "18", "9"): ROUND,
    # apart
    ("12", "a + b", "6", "3"): OFF,
    ("10.0", "a + b", "7.0", "3.2"): OFF,
    ("78179", "a / b", "1017", "0.052"): OFF,
    # a divisor that may be 0 forbids nothing
    ("1", "a / b", "5", "0"): None,
    ("1", "a / b", "5", "-1..1"): None,
    ("1", "a / (b - b)", "5", "3"): None,
    ("99", "a / (b - 2.5)", "5", "3"): ROUND,
    # ranges of scenarios: end by end, or a single number within
    ("26..28", "a / b", "52..56", "2.000"): None,
    ("26..28", "a / b", "52..60", "2.000"): ROUND,
    ("26..28", "a / b", "52..61", "2.000"): OFF,
    ("26..28", "a / b", "54..56", "2.000"): OFF,
    ("26..28", "a / b", "54", "2.000"): None,
    ("26..28", "a / b", "41", "2.000"): OFF,
    ("27", "a / b", "52..56", "2.000"): None,
    ("24", "a / b", "52..56", "2.000"): OFF,
    ("-28..-26", "-a / b", "52..56", "2.000"): None,
    # series, place by place, with single numbers beside them
    ("25/50", "a / b", "50/100", "2.000"): None,
    ("25/61", "a / b", "50/102", "2.000"): OFF,
    ("25/50.7", "a / b", "50/101", "2.000"): ROUND,
    ("61/25", "a / b", "102/50", "2.000"): OFF,
    ("50", "a / b", "100/100", "2.000"): None,
    ("50", "a / b", "100/140", "2.000"): OFF,
    ("10/20/30", "a * b", "1/2/3", "10/10/10"): None,
}


@pytest.mark.parametrize(("case", "expected"), FOLLOWS.items())
def test_a_figure_follows_from_others_or_not(case, expected):
    """As printed, by rounding, by zeros at the end, or not at all."""
    result, formula, *parts = case
    figures = tuple(
        figure(each, name=name, quantity=None) for name, each in zip(("total", "a", "b"), (result, *parts), strict=True)
    )

    assert severity(*figures, relations=[relation("total", formula)]) == expected


@pytest.mark.parametrize(
    ("wording", "printed", "expected"),
    [
        ("at most", "9", OFF),
        ("at most", "11", None),
        ("at most", "50", None),
        ("at least", "9", None),
        ("at least", "12", OFF),
        ("about", "11", None),
        ("about", "12.5", OFF),
        ("over", "9.9", None),
        ("over", "10.6", OFF),
        ("nearly", "10.1", None),
        ("nearly", "9.4", OFF),
        ("exactly", "10", None),
    ],
)
def test_hedges_of_a_figure_that_should_follow(wording, printed, expected):
    """Of 7.0 and 3.0, which make 10.0."""
    figures = (
        figure(printed, wording, name="total", quantity=None),
        figure("7.0", name="a", quantity=None),
        figure("3.0", name="b", quantity=None),
    )

    assert severity(*figures, relations=[relation("total", "a + b")]) == expected


@pytest.mark.parametrize(
    ("half", "wording", "expected"),
    [
        ("13.0", "about", None),
        ("13.0", "over", None),
        ("13.0", "nearly", OFF),
        ("13.0", "exactly", OFF),
        ("13.0", "at least", None),
        ("13.0", "at most", OFF),
        ("7.0", "about", None),
        ("7.0", "nearly", None),
        ("7.0", "over", OFF),
        ("7.0", "exactly", OFF),
        ("7.0", "at most", None),
        ("7.0", "at least", OFF),
    ],
)
def test_hedges_of_a_figure_that_others_follow_from(half, wording, expected):
    """Of about or over 20, the half may be 13; of at least 20 it may be any amount above, of at most 20 any below."""
    figures = (figure(half, name="half", quantity=None), figure("20", wording, name="whole", quantity=None))

    # The zero at its end may be rounding, which reaches from 15 to 25, so that the half reaches from 7.5 to 12.5.
    assert severity(*figures, relations=[relation("half", "whole / 2")]) == expected


def test_a_relation_may_be_worth_a_look_only():
    """Where the sources only suggest it; by rounding it is so all the same."""
    parts = (figure("6", name="a", quantity=None), figure("3", name="b", quantity=None))
    suggested = relation("total", "a + b", severity="worth a look")

    assert severity(figure("12", name="total", quantity=None), *parts, relations=[suggested]) == LOOK
    assert severity(figure("10", name="total", quantity=None), *parts, relations=[suggested]) == ROUND


def test_a_finding_on_a_relation_carries_what_was_expected():
    """The result first, then the others in the order of the formula, with the reason that the file gives."""
    figures = (
        figure("7.0", name="a", quantity=None),
        figure("20", name="total", quantity=None),
        figure("3.0", name="b", quantity=None),
        figure("5", name="unused", quantity=None),
    )
    (found,) = audit_figures(figures, (relation("total", "b + a + b - b"),))

    assert (found.severity, found.relation, found.kind) == (OFF, "formula", "figure")
    assert [each.id for each in found.figures] == ["total", "b", "a"]
    assert found.paths == ("figure[1]", "figure[2]", "figure[0]")
    assert found.subject.en == "total en"
    assert found.basis.en == "because"
    assert found.numbers == {"total": 20, "b": Decimal("3.0"), "a": Decimal("7.0")}
    # b stands three times in the formula and counts once, as b + b - b is b: 10 ± 2 × 0.05.
    assert found.expected == pytest.approx((9.9, 10.1), abs=1e-12)


def test_of_a_range_of_scenarios_both_ends_are_expected():
    """As they follow from the printed ones."""
    figures = (figure("26..28", name="total", quantity=None), figure("52..61", name="a", quantity=None))
    (found,) = audit_figures(figures, (relation("total", "a / 2"),))

    assert (found.severity, found.expected) == (OFF, (26, 30.5))
    assert found.numbers == {"total.low": 26, "total.high": 28, "a.low": 52, "a.high": 61}


def test_of_a_series_the_worst_place_is_expected():
    """Not the first."""
    figures = (figure("10/20/99", name="total", quantity=None), figure("5.0/10.4/15.0", name="half", quantity=None))
    (found,) = audit_figures(figures, (relation("total", "half * 2"),))

    assert found.severity == OFF
    assert found.expected == pytest.approx((30, 30), abs=0.2)


def test_an_endless_result_is_no_crash():
    """Thirteen amounts of 1e30 multiplied lie beyond all floating-point numbers, in either direction."""
    figures = (figure("1", name="total", quantity=None), figure(f"{10**30}", name="a", quantity=None))
    product = " * ".join(["a"] * 13)
    found = [next(audit_figures(figures, (relation("total", f"{sign}{product}"),))) for sign in ("", "-")]

    assert [each.expected for each in found] == [(math.inf, math.inf), (-math.inf, -math.inf)]
    assert all(finding_words(each, Locale(lang)) for each in found for lang in LANGUAGES)


@st.composite
def rounded(draw, low=-999, high=999):
    """Draw a true number and how it is printed."""
    value = F(draw(st.integers(low * 1000, high * 1000)), 1000)
    exact = Decimal(value.numerator) / Decimal(value.denominator)
    return value, format(exact.quantize(Decimal(1).scaleb(-draw(st.integers(0, 3)))), "f")


@pytest.mark.parametrize("formula", ["a + b", "a - b", "a * b", "2 * (a - b) / 10", "-a + 0.5 * b", "a / b"])
@examples(25)
@given(rounded(), rounded(low=2), st.integers(0, 3))
def test_rounding_alone_is_never_an_inconsistency(formula, a, b, decimals):
    """True numbers, each rounded for itself, follow from each other as printed or within rounding."""
    assume(not (formula == "a / b" and b[0] < 2))
    value = at_point(formula, {"a": a[0], "b": b[0]})
    printed = (Decimal(value.numerator) / Decimal(value.denominator)).quantize(Decimal(1).scaleb(-decimals))
    figures = (
        figure(format(printed, "f"), name="total", quantity=None),
        figure(a[1], name="a", quantity=None),
        figure(b[1], name="b", quantity=None),
    )

    assert severity(*figures, relations=[relation("total", formula)]) in {None, ROUND}


@given(st.integers(1, 10**6), st.integers(1, 10**6), st.integers(1, 10**6))
def test_a_relation_that_cannot_hold_is_found(first, second, gap):
    """Sums of whole numbers off by more than all rounding, zeros at the end included, are inconsistent."""
    parts = [10 * each + 1 for each in (first, second)]
    total = 10 * (first + second + gap) + 9
    figures = [
        figure(str(each), name=name, quantity=None)
        for each, name in zip((total, *parts), ("total", "a", "b"), strict=True)
    ]

    assert severity(*figures, relations=[relation("total", "a + b")]) == OFF


# Directions -----------------------------------------------------------------------------------------------------------

TO, FRO = ("surgery", "exercise"), ("exercise", "surgery")


@pytest.mark.parametrize(
    ("arms", "expected"),
    [
        ([TO], None),
        ([TO, TO, TO], None),
        ([TO, TO, FRO], LOOK),
        ([FRO, TO], LOOK),
        ([TO, ("exercise", "rest")], None),
        ([TO, ("exercise", "rest"), ("rest", "exercise")], LOOK),
    ],
)
def test_look_alike_rows_should_run_one_way(arms, expected):
    """A pair of arms and its reverse are worth a look; other pairs are other comparisons."""
    figures = [
        figure("1", name=f"n{place}", quantity=None, rows="ratios", arms=each) for place, each in enumerate(arms)
    ]

    assert severity(*figures) == expected


def test_rows_of_several_sets_are_not_compared():
    """One way round in one table, the other in another, is no matter."""
    assert (
        severity(
            figure("1", name="a", quantity=None, rows="table-1", arms=TO),
            figure("2", name="b", quantity=None, rows="table-2", arms=FRO),
            figure("3", name="c", quantity=None),
        )
        is None
    )


def test_a_finding_on_directions_carries_all_rows():
    """Those of the same set, and no other."""
    figures = (
        figure("9", name="other", quantity=None),
        figure("1", name="a", quantity=None, rows="ratios", arms=TO),
        figure("2", name="b", quantity=None, rows="ratios", arms=FRO),
        figure("3", name="c", quantity=None, rows="ratios", arms=TO),
    )
    (found,) = audit_figures(figures, ())

    assert (found.relation, found.paths) == ("direction", ("figure[1]", "figure[2]", "figure[3]"))
    assert found.numbers == {"a": 1, "b": 2, "c": 3}


# Together -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("lang", LANGUAGES)
def test_findings_come_in_order_and_have_words(lang):
    """Quantities, relations, directions; each names its figures with numbers and units."""
    unit = Text(nl="miljoen euro", en="million euros")
    figures = (
        figure("1", name="a", quantity="one", unit=unit),
        figure("3", name="b", quantity="one", rows="ratios", arms=TO),
        figure("26..28", name="c", quantity=None, rows="ratios", arms=FRO),
    )
    found = list(audit_figures(figures, (relation("c", "a + b"),)))
    told = [finding_words(each, Locale(lang)) for each in found]

    assert [each.relation for each in found] == ["quantity", "formula", "direction"]
    assert all(f"{name} {lang}" in text for name in ("a", "b") for text in told[:2])
    assert getattr(unit, lang) in told[0]
    assert getattr(found[1].basis, lang) in told[1]
    assert all("{" not in text and "None" not in text for text in told)


@pytest.mark.slow
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["1", "20", "0", "-3.50", "1..2", "0..0", "1/2", "0/0"]),
            st.sampled_from(["exactly", "about", "over", "nearly", "at most", "at least"]),
            st.sampled_from(["one", "two", None]),
        ),
        min_size=1,
        max_size=5,
    ),
    FORMULAS.map(lambda text: text.replace("b_2", "n0").replace("a", "n0").replace("c", "n1")),
)
def test_any_sound_file_is_audited(parts, formula):
    """Whatever the faults of a file let pass is audited and told in words, without an exception."""
    figures = [figure(*each[:2], name=f"n{place}", quantity=each[2]) for place, each in enumerate(parts)]
    relations = [relation("n0", formula)]
    tree = {
        "figure": tuple(each.model_dump(exclude_none=True) for each in figures),
        "relation": tuple(each.model_dump() for each in relations),
    }
    assume(not list(faults_in(tree)))

    for each in audit_figures(tuple(figures), tuple(relations)):
        assert each.severity in {OFF, LOOK, ROUND}
        assert all(finding_words(each, Locale(lang)) for lang in LANGUAGES)


SOURCES = ({"document": "report", "place": "page"},)


# Units, formulas without figures, bounds and places -------------------------------------------------------------------


def test_figures_of_one_quantity_have_one_unit():
    """Metres and kilometres are not held against each other."""
    words = {"nl": "naam", "en": "name"}
    first = {
        "id": "a",
        "name": words,
        "value": 1000,
        "quantity": "way",
        "unit": {"nl": "m", "en": "m"},
        "sources": SOURCES,
    }
    second = {**first, "id": "b", "value": 1, "unit": {"nl": "km", "en": "km"}}
    told = list(faults_in({"figure": (first, second)}))

    assert told == [("figure[1].unit", "must be that of its quantity elsewhere, got 'km': convert it")]


def test_a_formula_uses_a_figure():
    """Numbers alone relate nothing."""
    words = {"nl": "naam", "en": "name"}
    figure = {"id": "a", "name": words, "value": 4, "sources": SOURCES}
    told = list(faults_in({"figure": (figure,), "relation": ({"result": "a", "formula": "2 + 3", "basis": words},)}))

    assert told == [("relation[0].formula", "must use the id of at least one [[figure]], got '2 + 3'")]


@pytest.mark.parametrize(
    ("wording", "value", "found"),
    [
        ("at most", "10.5", None),
        ("at most", "16.0", "inconsistent"),
        ("at least", "10.5", "inconsistent"),
        ("at least", "16.0", None),
    ],
)
def test_a_bound_in_a_formula_leaves_one_side_open(wording, value, found):
    """Half of at most 31 may be 10.5, and not 16."""
    base = {"name": Text(nl="naam", en="name"), "sources": (Reference(document="report", place="page"),)}
    x = PrintedFigure(id="x", value=31, wording=wording, **base)
    y = PrintedFigure(id="y", value=Decimal(value), **base)
    half = Relation(result="y", formula="0.5 * x", basis=Text(nl="omdat", en="because"))
    told = [each.severity for each in audit_figures((x, y), (half,))]

    assert told == ([] if found is None else [found])


def test_the_place_in_a_series_is_told():
    """The third of three does not follow."""
    base = {"name": Text(nl="naam", en="name"), "sources": (Reference(document="report", place="page"),)}
    x, y = PrintedFigure(id="x", series=(1, 2, 3), **base), PrintedFigure(id="y", series=(2, 4, 9), **base)
    (told,) = audit_figures((x, y), (Relation(result="y", formula="2 * x", basis=Text(nl="omdat", en="because")),))

    assert (told.severity, told.place) == ("inconsistent", 3)
    assert "2/4/9 in place 3" in finding_words(told, Locale("en"))
