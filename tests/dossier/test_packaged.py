"""The dossiers and the programme that come with hecon: whole, sourced, in both languages, derivations recomputed."""

from __future__ import annotations

import datetime as dt
import hashlib
import re
from dataclasses import fields, is_dataclass
from decimal import Decimal
from math import sqrt
from pathlib import Path

import pytest
from pydantic import BaseModel, ValidationError

import hecon
from hecon import dossier
from hecon.dossier import figures, programme
from hecon.dossier.note import Criterion
from hecon.errors import InputError
from hecon.files import parts as parts_of_files

ECONOMIC = ["acl-rupture", "meniscal-tear-degenerative", "meniscal-tear-traumatic", "reablement"]
PLAIN = ["copd", "fibromyalgia", "first-twenty", "prehabilitation", "rheumatoid-arthritis", "triage"]
NAMES = sorted(ECONOMIC + PLAIN)
PROGRAMME = "programme"
FILES = [*NAMES, PROGRAMME]
FOLDER = Path(hecon.__file__).parent / "data" / "dossiers"

NUMBER = re.compile(r"\d+(?:[.,]\d+)*")

# Numbers that are no figures of a source: the version of the format, an order, and blocks that a state refers to.
# A budget takes its numbers from figures, which a test of its own shows.
OWN = {
    ("Dossier", "format"),
    ("Dossier", "budget_part"),
    ("Programme", "format"),
    ("Precondition", "number"),
    ("Monitored", "blocks"),
}

# The width of a two-sided 95% interval in standard errors.
WIDTH = 3.92


def fields_of(node):
    """Return the names of the fields of a record of a dossier, which may be one that a script makes too."""
    return list(type(node).model_fields) if isinstance(node, BaseModel) else [each.name for each in fields(node)]


def parts(node):
    """Yield every record of a dossier, itself first."""
    if isinstance(node, BaseModel) or is_dataclass(node):
        yield node
        for name in fields_of(node):
            yield from parts(getattr(node, name))
    elif isinstance(node, tuple):
        for item in node:
            yield from parts(item)


def read(name):
    """Return a packaged dossier, or the programme."""
    return dossier.load_programme() if name == PROGRAMME else hecon.load(name)


def is_number(value):
    """Tell whether a value is a number that was printed."""
    return isinstance(value, (int, float, Decimal)) and not isinstance(value, bool)


def numbers(node, sources=(), path=""):
    """Yield every number of a file with its path and the sources of the innermost part around it that has any."""
    if isinstance(node, tuple):
        for position, item in enumerate(node):
            yield from numbers(item, sources, f"{path}[{position}]")
    elif is_number(node):
        yield path, node, sources
    elif isinstance(node, BaseModel) or is_dataclass(node):
        sources = getattr(node, "sources", ()) or sources
        for name in fields_of(node):
            if (type(node).__name__, name) not in OWN:
                yield from numbers(getattr(node, name), sources, f"{path}.{name}".lstrip("."))


def comparison(name, identifier):
    """Return a comparison of a packaged dossier."""
    return next(each for each in hecon.load(name).comparison if each.id == identifier)


def statistic(spec, kind):
    """Return a comparison's statistic of a kind."""
    return next(each for each in spec.statistic if each.kind == kind)


def assumption(spec, parameter):
    """Return a comparison's assumption on a parameter."""
    return next(each for each in spec.assumption if each.parameter == parameter)


def per_patient(se, n):
    """Return the SD between patients behind a standard error of a difference, equal in both arms."""
    return se / sqrt(sum(1 / size for size in n))


def rescaled(sd, n):
    """Return the standard error that an SD between patients makes in a trial of another size."""
    return sd * sqrt(sum(1 / size for size in n))


def test_ten_dossiers_come_with_the_package():
    """Their names are those of their files, sorted; four compare, six have nothing to compare."""
    assert len(NAMES) == 10
    assert dossier.names() == NAMES
    assert [name for name in NAMES if hecon.load(name).comparison] == ECONOMIC


@pytest.mark.parametrize("name", PLAIN)
def test_without_comparisons_there_is_nothing_to_compute_from(name):
    """Neither interventions nor inputs of the burden, which nobody judged; figures have no such dossier to stand in."""
    found = hecon.load(name)

    assert (found.intervention, found.comparison, found.burden.inputs) == ((), (), None)
    assert found.burden.band == "not judged"


@pytest.mark.parametrize("name", FILES)
def test_every_number_has_a_source_in_the_list(name):
    """Of facts, outcomes, arms, figures, statistics and all the rest: a document on file, and a place in it."""
    found = read(name)
    known = {each.id for each in found.document}
    printed = list(numbers(found))

    assert [path for path, _, sources in printed if not sources] == []
    assert {source.document for _, _, sources in printed for source in sources} <= known
    assert all(source.place.strip() for _, _, sources in printed for source in sources)
    assert len(printed) >= {"prehabilitation": 0, "fibromyalgia": 0}.get(name, 5)


def test_the_walk_over_numbers_reaches_every_kind_of_part():
    """So that none of them is without a source unseen."""
    paths = [path for name in FILES for path, _, _ in numbers(read(name))]
    reached = {re.sub(r"\[\d+\]", "", path) for path in paths}

    assert {
        "note.study.fact.value",
        "note.study.fact.months",
        "note.study.fact.percent",
        "note.study.fact.count",
        "note.study.fact.mean",
        "note.study.fact.range",
        "note.study.outcome.estimate",
        "note.study.outcome.ci",
        "note.study.outcome.p",
        "note.study.outcome.arms.mean",
        "note.study.outcome.margin",
        "figure.value",
        "figure.range",
        "figure.series",
        "comparison.statistic.mean",
        "comparison.statistic.value",
        "comparison.assumption.range",
        "comparison.threshold.value",
        "comparison.design_effect.range",
        "burden.inputs.age.value",
        "block.number",
        "step.number",
    } <= reached


@pytest.mark.parametrize("name", FILES)
def test_every_part_with_sources_has_some(name):
    """States, budgets, parties, figures, facts, outcomes, statements and all other parts that may cite a document.

    What a dossier assumes of the burden rests on its basis, and a relation may rest on arithmetic alone.
    """
    found = read(name)
    bare = {type(each).__name__ for each in parts(found) if hasattr(each, "sources") and not each.sources}

    assert bare <= {"BurdenInput", "BurdenDuration", "BurdenFixed", "Relation", "OutcomeArms"}
    assert [each for each in parts(found) if isinstance(each, figures.PrintedFigure) and not each.sources] == []


def test_the_programme_is_whole():
    """Ten blocks in order, three preconditions, and states that run forward in time."""
    found = dossier.load_programme()

    assert found.name == PROGRAMME
    assert [each.number for each in found.block] == list(range(1, 11))
    assert [each.number for each in found.precondition] == [1, 2, 3]
    assert [each.number for each in found.step] == list(range(1, len(found.step) + 1))
    dated = [each for each in parts(found) if isinstance(each, programme._Dated)]
    days = [[state.date for state in each.state] for each in dated]

    assert [each for each in days if each != sorted(each)] == []
    assert all(each.state for each in (*found.precondition, *found.block))
    # A state is told by a document of that day or later, but for one term that the report announced.
    written = {each.id: each.date for each in found.document}
    states = [state for each in dated for state in each.state]
    early = [each for each in states if each.date > max(written[source.document] for source in each.sources)]
    assert [(each.date, each.state) for each in early] == [(dt.date(2024, 3, 28), "in progress")]
    assert [each.id for each in found.document if each.date_printed != "day"] == ["kamerbrief-2026"]


def test_a_day_that_no_source_prints_is_filed_as_such():
    """Of the letter of 2026, of June and of December 2025: wherever these dates stand."""
    found = dossier.load_programme()
    states = [state for each in parts(found) if isinstance(each, programme._Dated) for state in each.state]
    documents = [each for name in FILES for each in read(name).document if each.id == "kamerbrief-2026"]

    assert {(each.date, each.date_printed) for each in states if each.date_printed != "day"} == {
        (dt.date(2025, 6, 1), "month"),
        (dt.date(2025, 12, 1), "month"),
        (dt.date(2026, 3, 1), "season"),
    }
    assert {(each.date, each.date_printed) for each in documents} == {(dt.date(2026, 3, 1), "season")}
    assert len(documents) == 4
    assert not any(each.date.day == 1 and each.date_printed == "day" for each in states if each.date.year > 2023)


def test_a_document_that_stands_in_several_files_is_the_same_there():
    """Date, what was printed of it, and how much of it was read."""
    found = {}
    for name in FILES:
        for each in read(name).document:
            found.setdefault(each.id, set()).add((each.date, each.date_printed, each.extent, each.doi))

    assert {name: told for name, told in found.items() if len(told) > 1} == {}


def test_topics_and_dossiers_belong_together():
    """Every topic's dossier exists, and every dossier is that of one topic of the programme."""
    named = [
        each.dossier for block in dossier.load_programme().block for each in block.topic if each.dossier is not None
    ]

    assert sorted(named) == NAMES


def test_parties_are_those_of_the_programme():
    """Who judged a criterion and who took it over, who takes a step and who monitors."""
    programme = dossier.load_programme()
    known = {each.id for each in programme.party}
    used = {party for each in (*programme.step, *programme.monitored) for party in each.by}
    for each in (part for name in NAMES for part in parts(hecon.load(name)) if isinstance(part, Criterion)):
        used |= {*each.adopted_by, *each.not_adopted_by, *([] if each.judged_by is None else [each.judged_by])}

    assert used <= known
    assert {"academic-expert", "zorginstituut", "zn"} <= used


def test_what_is_monitored_concerns_blocks_that_are_there():
    """Blocks by number, and figures of budgets by id."""
    found = dossier.load_programme()
    blocks, figures = {each.number for each in found.block}, {each.id for each in found.figure}
    budgets = [each for each in parts(found) if isinstance(each, programme.Budget)]

    assert {number for each in found.monitored for number in each.blocks} <= blocks
    assert budgets
    assert {identifier for each in budgets for identifier in each.figures} <= figures


@pytest.mark.parametrize("name", NAMES)
def test_a_packaged_dossier_loads_under_its_own_name(name):
    """Its name equals its file's, its digest is the file's SHA-256, and name and path give the same dossier."""
    found = hecon.load(name)
    path = FOLDER / f"{name}.toml"

    assert found.name == name
    assert found.digest == hashlib.sha256(path.read_bytes()).hexdigest()
    assert hecon.load(path) == found
    assert hecon.load(str(path)).digest == found.digest


@pytest.mark.parametrize("name", FILES)
def test_every_document_is_used_and_every_reference_leads_to_one(name):
    """No source is listed in vain, and none is missing; each has its citation, and what was read of it."""
    found = read(name)
    used = {each.document for each in parts(found) if isinstance(each, parts_of_files.Reference)}

    assert used == {each.id for each in found.document}
    assert all(each.citation for each in found.document)


@pytest.mark.parametrize("name", ECONOMIC)
def test_every_statistic_has_sources_that_exist(name):
    """Every reference leads to a document of the dossier, and every document is used."""
    found = hecon.load(name)
    used = {each.document for each in parts(found) if isinstance(each, parts_of_files.Reference)}

    for spec in found.comparison:
        for each in (*spec.statistic, *filter(None, [spec.finding])):
            assert each.sources
        for each in (*spec.assumption, *spec.caveat, *filter(None, [spec.design_effect])):
            assert each.sources
    assert used == {each.id for each in found.document}
    assert all(found.cited(identifier).citation for identifier in used)


@pytest.mark.parametrize("name", FILES)
def test_both_languages_say_the_same_figures(name):
    """Every text stands in both languages, with the same numbers as each language writes them, or as quoted."""
    both = [each for each in parts(read(name)) if isinstance(each, parts_of_files.Text)]

    assert both
    for each in both:
        assert each.nl.strip()
        assert each.en.strip()
        turned = each.nl.translate(str.maketrans(",.", ".,"))
        quoted, dutch, english = (sorted(NUMBER.findall(text)) for text in (each.nl, turned, each.en))
        assert english in (dutch, quoted), each


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.no_cover
def test_what_is_derived_states_its_rule_and_what_is_reported_needs_none(name):
    """What is assumed, which only a budget may need, says what for."""
    found = hecon.load(name)
    printed = [each for spec in found.comparison for each in spec.statistic]
    printed += [*found.figure, *(each for study in found.note.study for each in study.fact)]

    assert printed or name in PLAIN
    for each in (*printed, *dossier.load_programme().figure):
        assert (each.rule is not None) == (each.status == "derived")
        assert each.status != "assumed" or each.note is not None


def test_a_budget_takes_its_numbers_from_figures():
    """Beside years and units only nothing and everything stand as numbers, and what is tried against the text."""
    plain = ("years", "base_year", "price_year", ".year", ".unit", ".rounded_to", ".set", ".within", "as_printed")
    found = {name: list(numbers(part)) for name in NAMES if (part := hecon.load(name).budget_part) is not None}
    own = [
        (name, path, value)
        for name, printed in found.items()
        for path, value, _ in printed
        if value not in {0, 1} and not any(each in path for each in plain)
    ]

    assert len(found) == 7
    assert own == []


@pytest.mark.parametrize("name", NAMES)
def test_a_dossier_is_frozen(name):
    """Neither the dossier nor its parts can be changed."""
    found = hecon.load(name)

    with pytest.raises(ValidationError):
        found.name = "other"
    with pytest.raises(ValidationError):
        found.note.study[0].name = "other"
    for spec in found.comparison:
        with pytest.raises(ValidationError):
            spec.currency = "GBP"
    for figure in found.figure:
        with pytest.raises(ValidationError):
            figure.value = 0


def test_the_perspectives_and_burdens_are_those_of_the_report():
    """Comparisons, interventions and burdens as the progress report and the trials give them."""
    found = {name: hecon.load(name) for name in NAMES}

    assert {name: each.burden.band for name, each in found.items()} == dict.fromkeys(
        NAMES, "not judged"
    ) | dict.fromkeys(ECONOMIC[:3], "low")
    assert {
        each.id: (each.trial, each.perspective, each.intervention, each.comparator, each.horizon_months, each.currency)
        for one in found.values()
        for each in one.comparison
    } == {
        "compare-societal": ("COMPARE", "societal", "early-reconstruction", "exercise", 24, "EUR"),
        "compare-healthcare": ("COMPARE", "healthcare", "early-reconstruction", "exercise", 24, "EUR"),
        "snnap-healthcare": ("ACL SNNAP", "healthcare", "reconstruction", "rehabilitation", 18, "GBP"),
        "escape-societal": ("ESCAPE", "societal", "exercise", "meniscectomy", 24, "EUR"),
        "starr-societal": ("STARR", "societal", "meniscectomy", "exercise", 24, "EUR"),
        "starr-healthcare": ("STARR", "healthcare", "meniscectomy", "exercise", 24, "EUR"),
        "coach2move-2016": ("Coach2Move 2016", "healthcare", "coach2move", "usual-care", 6, "EUR"),
        "coach2move-2022": ("Coach2Move 2022", "healthcare", "coach2move", "usual-care", 12, "EUR"),
    }


def test_the_printed_figures_stand_as_printed():
    """Digits are precision: 0.40 is not 0.4, and -0.00 keeps its sign (report, appendices 1a to 1c; abstracts)."""
    compare = comparison("acl-rupture", "compare-societal")
    escape = comparison("meniscal-tear-degenerative", "escape-societal")
    coach = comparison("reablement", "coach2move-2022")
    starr = comparison("meniscal-tear-traumatic", "starr-societal")
    arms = statistic(compare, "cost-arms")
    saving = statistic(escape, "cost-difference")
    curve = [each for each in escape.statistic if each.kind == "p-cost-effective"]

    assert (arms.mean, arms.sd, arms.n) == ((14951, 11558), (10004, 10579), (85, 82))
    assert statistic(compare, "icer").value == 78179
    assert statistic(comparison("acl-rupture", "compare-healthcare"), "icer").value == 48460
    assert (statistic(starr, "cost-difference").mean, statistic(starr, "icer").value) == (1022, -223372)
    assert statistic(comparison("meniscal-tear-traumatic", "starr-healthcare"), "icer").value == -160000
    assert (saving.mean, saving.ci) == (-1803, (-3008, -838))
    assert (statistic(escape, "icer").value, statistic(escape, "icer").quadrant) == (61584, "SW")
    assert [(each.wtp, str(each.value), each.use) for each in curve] == [
        (10_000, "0.99", "fit"),
        (80_000, "0.40", "fit"),
        (0, "1.00", "check"),
    ]
    assert statistic(escape, "p-effect-above").threshold == Decimal("-0.057")
    assert statistic(coach, "cost-difference").ci == (-1234, 2824)
    assert [str(end) for end in statistic(coach, "effect-difference").ci] == ["-0.00", "0.18"]
    assert statistic(coach, "icer").value == 8993


def test_compare_effect_of_the_healthcare_perspective_recomputes():
    """(14,951 − 11,558) / 78,179 = 3,393 / 78,179 = 0.0434."""
    arms = statistic(comparison("acl-rupture", "compare-societal"), "cost-arms")
    ratio = statistic(comparison("acl-rupture", "compare-societal"), "icer")
    derived = statistic(comparison("acl-rupture", "compare-healthcare"), "effect-difference")

    assert arms.mean[0] - arms.mean[1] == 3393
    assert f"{3393 / ratio.value:.4f}" == str(derived.mean) == "0.0434"
    assert derived.status == "derived"
    assert "3,393 / 78,179" in derived.rule.en
    assert "3.393 / 78.179" in derived.rule.nl


@pytest.mark.parametrize("identifier", ["starr-societal", "starr-healthcare"])
def test_starr_interval_is_the_printed_one_with_its_sign_turned(identifier):
    """Printed -0.13 to 0.14, centred on +0.005, so exercise minus surgery; here -0.14 to 0.13 around -0.005."""
    effect = statistic(comparison("meniscal-tear-traumatic", identifier), "effect-difference")
    printed = (Decimal("-0.13"), Decimal("0.14"))

    assert effect.status == "derived"
    assert sum(printed) / 2 == Decimal("0.005")
    assert effect.ci == (-printed[1], -printed[0])
    assert sum(effect.ci) / 2 == effect.mean == Decimal("-0.005")


def test_compare_assumed_spread_of_effects_recomputes():
    """SD between patients of ESCAPE, ACL SNNAP and STARR, rescaled to 85 and 82: 0.034, 0.045 and 0.053."""
    assumed = assumption(comparison("acl-rupture", "compare-societal"), "effect_se")
    # ESCAPE: σ_E 0.0243 as solved (METHODS), n 162 and 159; SNNAP: -0.012 to 0.117, n 156 and 160; STARR: width 0.27,
    # n 49 and 51.
    sds = [
        per_patient(0.0243, (162, 159)),
        per_patient((0.117 - -0.012) / WIDTH, (156, 160)),
        per_patient(0.27 / WIDTH, (49, 51)),
    ]
    found = [f"{rescaled(sd, (85, 82)):.3f}" for sd in sds]

    assert [f"{sd:.2f}" for sd in sds] == ["0.22", "0.29", "0.34"]
    assert found == ["0.034", "0.045", "0.053"]
    assert [str(each) for each in (assumed.range[0], assumed.value, assumed.range[1])] == found


def test_starr_assumed_spread_of_costs_recomputes():
    """ESCAPE's interval and COMPARE's SDs, rescaled to 49 and 51: 990 and 2,060."""
    assumed = assumption(comparison("meniscal-tear-traumatic", "starr-societal"), "cost_se")
    escape = per_patient((3008 - 838) / WIDTH, (162, 159))
    compare = sqrt(10_004**2 / 49 + 10_579**2 / 51)

    assert round(escape, -1) == 4960
    assert round(rescaled(escape, (49, 51)), -1) == assumed.range[0] == 990
    assert round(compare, -1) == assumed.range[1] == 2060
    assert assumed.value == round(sum(assumed.range) / 2, -2) == 1500


def test_coach2move_design_effects_recompute():
    """1 + (m − 1)·ICC: m = 292/16 = 18 a practice with ICC 0.01, and m = 292/4 = 73 a cluster with ICC 0.05."""
    spread = comparison("reablement", "coach2move-2022").design_effect.range
    practice, cluster = 292 // 16, 292 // 4

    assert (practice, cluster) == (18, 73)
    assert f"{1 + (practice - 1) * 0.01:.1f}" == str(spread[0]) == "1.2"
    assert f"{1 + (cluster - 1) * 0.05:.1f}" == str(spread[1]) == "4.6"


def test_the_correlation_is_varied_over_a_half_either_way():
    """Wherever it is not reported: 0, from -0.5 to 0.5 (METHODS)."""
    found = [
        (each.value, *each.range)
        for name in NAMES
        for spec in hecon.load(name).comparison
        for each in spec.assumption
        if each.parameter == "correlation"
    ]

    assert found == [(0, Decimal("-0.5"), Decimal("0.5"))] * 4


def test_coach2move_2016_has_a_finding_and_no_figure():
    """What was printed is a conclusion alone."""
    spec = comparison("reablement", "coach2move-2016")

    assert spec.statistic == ()
    assert spec.finding.cost_effective == "at every willingness to pay"


def test_parts_are_found_by_their_id():
    """`named` gives an intervention and `cited` a document; an unknown id is refused."""
    found = hecon.load("acl-rupture")

    assert found.named("exercise") is found.intervention[1]
    assert found.cited("eggerding-2022").doi == "10.1136/bjsports-2020-102564"
    known = "'early-reconstruction', 'exercise', 'reconstruction', 'rehabilitation'"
    with pytest.raises(InputError, match=f"intervention must be one of {known}, got 'rest'"):
        found.named("rest")
    with pytest.raises(InputError, match=r"document must be one of .*, got 'nobody-1900'"):
        found.cited("nobody-1900")
