"""The workbook: formulas that are hecon's own results before and after a change, and text that stays text."""

import dataclasses
import html
import importlib.util
import io
import re
import shutil
import sys
import zipfile
from decimal import Decimal
from functools import cache
from pathlib import Path

import hypothesis
import numpy as np
import openpyxl
import pytest
import shipped
import trial_dossiers
from hypothesis import strategies as st
from shipped import assessed
from strategies import examples
from workbooks import (
    Written,
    another,
    by_verbs,
    comparisons_by_verbs,
    differences,
    formula_values,
    inputs,
    not_as_verbs,
    same,
    stale_as_should,
)

import hecon
from hecon import _controls, budget
from hecon.assessment import assess_budget
from hecon.assessment.calculation.assessments import calculate
from hecon.assessment.calculation.budgets import calculate_together
from hecon.assessment.calculation.records import (
    Expression,
    Ledger,
    Quantity,
    call,
    decimals_of,
    evaluated,
    number,
    ref,
    total,
)
from hecon.assessment.concluding import conclude, preferences
from hecon.dossier import skeleton
from hecon.files.parts import Text
from hecon.locale import LANGUAGES, Locale
from hecon.report.analyses import budget_document, combined_document
from hecon.report.document import Bullets, Document, Facts, Figure, Heading, Paragraph, Table
from hecon.report.isolating import mapped
from hecon.report.words.findings import FindingMarks
from hecon.report.workbooks import QuantityWords, budget_workbook, together_workbook
from hecon.report.writers import drawing
from hecon.report.writers import written as as_format
from hecon.report.writers.xlsx import _WorkbookWriter, xlsx

WITH_RESULTS = ("acl-rupture", "meniscal-tear-traumatic", "meniscal-tear-degenerative", "reablement")
# A few for a quick look, both languages among them.
FEW = [("reablement", "nl"), ("first-twenty", "en"), ("fibromyalgia", "nl")]
EACH = pytest.mark.parametrize(
    ("name", "lang"),
    [
        *FEW,
        *(pytest.param(name, lang, marks=pytest.mark.slow) for name in ("acl-rupture", "copd") for lang in LANGUAGES),
    ],
)
FORMULA_SIGNS = ("=", "+", "-", "\N{MINUS SIGN}", "@")


@cache
def calculation(name):
    """Return the calculation of a dossier that ships."""
    return calculate(assessed(name))


@cache
def written(name, lang):
    """Return its workbook as written."""
    return Written(hecon.summary(assessed(name), lang=lang))


@cache
def opened(name, lang, *, values=False):
    """Return its workbook as openpyxl reads it: formulas, or their values."""
    return written(name, lang).open(data_only=values)


# Formulas and hecon's own results -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name",
    [pytest.param(name, marks=pytest.mark.slow if name in WITH_RESULTS[:3] else ()) for name in shipped.NAMES],
)
def test_results_are_those_of_the_assessment(name):
    """The formulas over the inputs on file give what the assessment gives, differences in mean among it."""
    found, made = assessed(name), calculation(name)
    values = evaluated(made)
    for place, result in enumerate(found.comparisons):
        if result.delta_cost is not None:
            own = f"comparison.{place}"
            assert same(values[f"{own}.delta_cost"], result.delta_cost)
            assert same(values[f"{own}.delta_effect"], result.delta_effect)
            assert values[f"{own}.icer"] == "none" if result.icer is None else same(values[f"{own}.icer"], result.icer)
    if found.reference_value is not None:
        assert values["burden.reference"] == found.reference_value
    assert not_as_verbs(found, made, {}) == []
    assert by_verbs(found, values) or not (found.comparisons or found.budget or found.reference_values)


@pytest.mark.slow
@pytest.mark.counted
def test_every_difference_that_was_fitted_follows_what_was_published():
    """A mean as published, that of the arms, a mean times or over the ratio; what rounding leaves is its own input."""
    acl, starr = calculation("acl-rupture"), calculation("meniscal-tear-traumatic")
    names = {
        name: each.formula.names() for name, each in {**acl.quantities}.items() if ".delta_" in name and each.formula
    }

    assert names["comparison.0.delta_cost"] == ("comparison.0.statistic.0.mean.0", "comparison.0.statistic.0.mean.1")
    assert names["comparison.0.delta_effect"] == ("comparison.0.delta_cost", "comparison.0.statistic.1.value.0")
    # The effect does not depend on the perspective.
    assert names["comparison.1.delta_effect"] == ("comparison.0.delta_effect",)
    adjusted = starr.quantities["comparison.0.delta_cost.adjustment"]
    assert abs(adjusted.value) < 0.5
    assert set(adjusted.rests_on) == {
        each
        for each in starr.quantities
        if re.fullmatch(r"comparison\.0\.(statistic\..*|assumption\..*\.value)\.?\d?", each) and "/" not in each
    }


@pytest.mark.slow
@pytest.mark.parametrize("name", ["acl-rupture", "reablement"])
def test_each_input_moves_what_hecons_verbs_move(name):
    """A part of the inputs, each in turn: every result is that of the verbs, and the probabilities know it."""
    found, made = assessed(name), calculation(name)
    for each in inputs(made)[::9]:
        change = {each.name: another(each)}
        assert not_as_verbs(found, made, change) == []
        assert stale_as_should(made, change) == []


@pytest.mark.slow
@pytest.mark.parametrize("name", ["meniscal-tear-degenerative", "copd", "rheumatoid-arthritis"])
def test_more_inputs_move_what_hecons_verbs_move(name):
    """Of a plan counted in one way or two, one with amounts; `make documents` has all of four dossiers."""
    found, made = assessed(name), calculation(name)
    for each in inputs(made)[::3]:
        change = {each.name: another(each)}
        assert not_as_verbs(found, made, change) == []
        assert stale_as_should(made, change) == []


def test_a_plan_of_units_alone_has_units_and_patients():
    made = calculation("triage")
    values = evaluated(made)
    impact = assessed("triage").budget.main

    assert not any("total" in name for name in made.quantities)
    for place, year in enumerate(impact["year"].values):
        for scenario in impact["scenario"].values:
            at = impact.sel(year=year, scenario=scenario)
            assert same(values[f"budget.patients.{scenario}.{place}"], float(at["patients"]))
            new = [
                values[name]
                for name in values
                if name.startswith("budget.units.") and name.endswith(f".{scenario}.{place}")
            ]
            assert same(sum(new), float(at["units_new"].sum()))


@pytest.mark.slow
def test_each_resource_is_counted_as_the_budget_impact_counts_it():
    """Units now and in the new situation, year by year."""
    made, impact = calculation("acl-rupture"), assessed("acl-rupture").budget.main
    values = evaluated(made)
    for resource in impact["resource"].values:
        population, flow = str(resource).split(": ")
        at = impact.sel(resource=resource, scenario="maximum")
        for place, year in enumerate(impact["year"].values):
            now = values.get(f"budget.units.{population}.{flow}.now.maximum.{place}", 0.0)
            change = values[f"budget.units.{population}.{flow}.change.maximum.{place}"]
            assert same(now, float(at["units_current"].sel(year=year)))
            assert same(now + change, float(at["units_new"].sel(year=year)))


@pytest.mark.slow
def test_deductible_outside_payers_extra_demand_and_amounts_are_counted():
    """A plan with all that the four dossiers lack, at its own values and where each input is another."""
    flow = budget.Flow
    plan = budget.Plan(
        "all",
        years=(2025, 2026, 2027),
        base_year=2022,
        price_year=2024,
        parameters={
            "tariff": budget.Parameter(range=(36, 45), status="reported"),
            "share": budget.Parameter(0.4, range=(0.3, 0.6)),
            "fixed": budget.Parameter(0.2, range=(0.1, 0.3), in_scenarios=False),
        },
        populations=(
            budget.Population(
                "first",
                size=1000,
                current=(flow("surgery", 1, 5000.0, "specialist care", share="share"),),
                new=(
                    flow("surgery", 1, 5000.0, "specialist care", share="share * fixed"),
                    flow("exercise", 18, "tariff", "primary paramedical", payer="own payments"),
                ),
                extra_demand=0.1,
                extra=(flow("exercise", 9, "tariff", "primary paramedical", payer="own payments"),),
            ),
            budget.Population(
                "second",
                size="1000 * share",
                current=(flow("visit", 2, 30.0, "general practice"),),
                extra_demand=0.05,
            ),
        ),
        amounts=(budget.Amount("training", (100_000.0, "1000 * tariff", 0.0), "specialist care"),),
        conventions=budget.Conventions(
            uptake=(0.25, 0.5, "share + 0.3"),
            cap=0.75,
            inflation=(0.02, 0.03, 0.01),
            demographic_growth=0.01,
            discount_rate=0.03,
            deductible_share=0.08,
        ),
        scenarios={"own": {"share": 0.55, "tariff": "high"}},
    )
    dossier = hecon.load("copd")
    result = dataclasses.replace(
        assess_budget(dossier, 100, np.random.default_rng(0)),
        plan=plan,
        impact=hecon.budget_impact(plan),
        as_printed=None,
        lead="stated",
        interval=None,
        break_even={},
    )
    found = dataclasses.replace(assessed("copd"), budget=result)
    made = calculate(found)

    assert "budget.setting.own.share" in made.quantities
    assert any(name.startswith("budget.outside.first.surgery") for name in made.quantities)
    for each in [None, *inputs(made)[8::4]]:
        change = {} if each is None else {each.name: another(each)}
        assert not_as_verbs(found, made, change) == []


def test_several_budgets_together_add_up():
    dossiers = [hecon.load(name) for name in ("acl-rupture", "copd")]
    together = budget.combine([each.budget for each in dossiers])
    made = calculate_together(together, dossiers)
    values = evaluated(made)
    for scenario in ("minimum", "maximum"):
        for year in (2025, 2026, 2027):
            at = together.sel(scenario=scenario, year=year)
            assert same(values[f"together.total.{scenario}.{year}"], float(at["grand_total"]))
            assert same(values[f"together.to_date.{scenario}.{year}"], float(at["grand_total_to_date"]))
    changed = evaluated(made, {"together.0.minimum.2025": 0.0})
    assert same(
        changed["together.to_date.minimum.2027"],
        values["together.to_date.minimum.2027"]
        - float(together["total"].sel(plan="acl-rupture", scenario="minimum", year=2025)),
    )


# Edges ----------------------------------------------------------------------------------------------------------------


@hypothesis.given(
    thousandths=st.integers(-300, 1400),
    off=st.sampled_from([0.0, 1e-9, -1e-9, 1e-12, -1e-12, 1e-16]),
    population=st.sampled_from([1.0, 0.3, 17.0, 45.1095, 26.0]),
)
@examples(200)
def test_a_shortfall_is_rounded_half_up_as_hecon_rounds_it(thousandths, off, population):
    """At every edge between bands, and just beside it, the band is that of `hecon.rules.burden_band`."""
    share = thousandths / 1000 + off
    change = {"burden.population": population, "burden.patients": population * (1 - share)}

    assert not_as_burden(change) == []


def not_as_burden(change):
    found, made = assessed("acl-rupture"), calculation("acl-rupture")
    values = evaluated(made, change)
    proportional = values["burden.proportional"]
    placed = hecon.rules.burden_band(proportional)
    expected = {
        "burden.computed_band": f"band.{placed.band}",
        "burden.remark": placed.remark.replace(" ", "_") or "none",
    }
    assert found.rules.values_on().decimals == 2
    return [(name, values[name], value) for name, value in expected.items() if values[name] != value]


@pytest.mark.parametrize(
    ("share", "band"), [(0.095, "low"), (0.0949999999, "none"), (0.405, "middle"), (0.705, "high")]
)
def test_half_is_rounded_up(share, band):
    """The working edges of the Dutch bands (Zorginstituut Nederland 2015)."""
    values = evaluated(calculation("acl-rupture"), {"burden.population": 1.0, "burden.patients": 1 - share})

    assert values["burden.computed_band"] == f"band.{band}"


AMOUNTS = st.one_of(
    st.sampled_from([0.0, 2000.0, -2000.0, 1000.0]), st.floats(-1e6, 1e6).filter(lambda x: abs(x) > 1e-3)
)
EFFECTS = st.one_of(st.sampled_from([0.0, 0.1, -0.1, 0.05]), st.floats(-2, 2).filter(lambda x: abs(x) > 1e-6))


@pytest.mark.slow
@hypothesis.given(cost=AMOUNTS, effect=EFFECTS)
@examples(200)
def test_every_quadrant_axis_and_tie_is_judged_as_hecon_judges_it(cost, effect):
    change = {"comparison.2.statistic.0.mean.0": cost, "comparison.2.statistic.1.mean.0": effect}

    assert not_as_verbs(assessed("acl-rupture"), calculation("acl-rupture"), change, comparisons_by_verbs) == []


def test_a_tie_is_equal_as_are_no_costs_and_effects():
    names = {"cost": "comparison.2.statistic.0.mean.0", "effect": "comparison.2.statistic.1.mean.0"}
    tie = evaluated(calculation("acl-rupture"), {names["cost"]: 2000.0, names["effect"]: 0.1})
    nothing = evaluated(calculation("acl-rupture"), {names["cost"]: 0.0, names["effect"]: 0.0})

    assert (tie["comparison.2.net_benefit.0"], tie["comparison.2.preferred.0"]) == (0.0, "equal")
    assert (tie["comparison.2.verdict.0"], tie["comparison.2.edge.0"]) == ("equal", "no")
    assert (nothing["comparison.2.verdict.0"], nothing["comparison.2.edge.0"]) == ("equal", "no")
    assert nothing["comparison.2.quadrant"] == "quadrant.axis"


def test_a_band_that_is_not_judged_leaves_the_computed_one():
    values = evaluated(calculation("acl-rupture"), {"burden.judged": "band.not judged"})

    assert (values["burden.counts"], values["burden.reference"]) == ("band.none", "none")
    assert values["comparison.0.verdict.reference"] == "none"


def test_three_options_are_weighed_in_full():
    """Net benefit of each against the comparator at every value, and the preferred one, ties as such."""
    found = three_options()
    made = calculate(found)
    values = evaluated(made)
    best = {each.value: each for each in preferences(found.comparisons)}

    assert [values[f"together.{at}.value"] for at in range(2)] == [20_000, 30_000]
    for at, value in enumerate((20_000, 30_000)):
        assert values[f"together.{at}.preferred"] == f"option.{best[value].option}"
        for place, each in enumerate(found.comparisons, start=1):
            assert same(values[f"together.{at}.{place}"], value * each.delta_effect - each.delta_cost)
    # The second made like the first: they tie.
    tie = {"comparison.1.statistic.0.mean.0": 1017.0, "comparison.1.statistic.1.mean.0": 0.052}
    assert evaluated(made, tie)["together.0.preferred"] == "equal"


def three_options():
    """Return an assessment of which two comparisons have one comparator."""
    found = assessed("acl-rupture")
    first = found.comparisons[2]
    names = [each.id for each in found.dossier.intervention]
    third = next(each for each in names if each not in {first.spec.intervention, first.spec.comparator})
    cost, effect, *rest = first.spec.statistic
    statistics = (cost.model_copy(update={"mean": 100}), effect.model_copy(update={"mean": Decimal("0.041")}), *rest)
    spec = first.spec.model_copy(update={"id": "third", "intervention": third, "statistic": statistics})
    other = dataclasses.replace(first, spec=spec, delta_cost=100.0, delta_effect=0.041, curves=None)
    dossier = found.dossier.model_copy(update={"comparison": (first.spec, spec), "answer": None})
    alone = dataclasses.replace(found, dossier=dossier, comparisons=(first, other))
    return dataclasses.replace(alone, conclusion=conclude(alone))


@pytest.mark.slow
def test_patient_data_give_differences_that_can_be_changed(tmp_path):
    """Each of three arms from the analysis, as an input; probabilities rest on them."""
    found = hecon.assess(trial_dossiers.write_three(tmp_path), n_draws=50)
    made = calculate(found)

    assert made.quantities["comparison.0.delta_cost"].status == "computed"
    assert same(made.quantities["comparison.0.delta_cost"].value, found.comparisons[0].delta_cost)
    assert "together.0.preferred" in made.quantities
    change = {"comparison.0.delta_cost": 1.0}
    values = evaluated(made, change)
    assert {values[name] for name in values if re.fullmatch(r"comparison\.0\.p\.\d\.0/state", name)} == {"stale"}
    assert stale_as_should(made, change) == []
    assert not_as_verbs(found, made, change) == []
    book = Written(hecon.summary(found, lang="nl"))
    assert differences(book, book.open(data_only=True), evaluated(made)) == []


def test_own_rules_without_bands_have_values_alone(tmp_path):
    """No burden of disease is asked for where the rules know none."""
    rules = (
        'format = 1\nname = "own"\ncurrency = "EUR"\neffect_unit = "QALY"\n[[values]]\nsince = "2020"\n'
        'status = "read"\nsource = "a manual"\namounts = [25000]\nshown = [25000, 40000]\n'
    )
    (tmp_path / "own.toml").write_text(rules, encoding="utf-8")
    text = skeleton("sample").replace('name = "sample"\n', 'name = "sample"\nrules = "own.toml"\n', 1)
    (tmp_path / "sample.toml").write_text(text, encoding="utf-8")
    made = calculate(hecon.assess(tmp_path / "sample.toml", n_draws=50))

    assert [each.value for name, each in made.quantities.items() if name.startswith("rules.") and each.given] == [
        25_000,
        40_000,
    ]
    assert not any(name.startswith("burden") for name in made.quantities)
    assert "comparison.0.net_benefit.1" in made.quantities


def test_another_currency_is_weighed_at_the_values_of_its_source():
    made = calculation("acl-rupture")

    assert made.quantities["comparison.2.net_benefit.0"].unit == "GBP"
    assert made.quantities["comparison.2.value.0"].value == 20_000
    assert "comparison.2.net_benefit.reference" not in made.quantities


# The file -------------------------------------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize(("name", "lang"), [("acl-rupture", "en"), ("reablement", "nl")])
def test_the_formulas_of_the_file_give_what_the_calculation_gives(name, lang):
    """Read from the file and evaluated, before and after a change of a number and of a word."""
    book = written(name, lang)
    changes = [
        {},
        {"comparison.1.statistic.1.mean.0" if name == "reablement" else "comparison.0.statistic.0.mean.0": 0.5},
    ]
    for change in [*changes, {"burden.judged": "band.high"}]:
        got, values = formula_values(book, change), evaluated(book.calculation, change)
        assert [(each, got[each], values[each]) for each in got if not same(got[each], book.shown(values[each]))] == []


@pytest.mark.slow
@pytest.mark.counted
@EACH
def test_every_formula_carries_its_value(name, lang):
    """For viewers that do not calculate."""
    book = written(name, lang)

    assert differences(book, opened(name, lang, values=True), evaluated(book.calculation)) == []


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("soffice") is None, reason="needs LibreOffice")
def test_libreoffice_calculates_the_same(tmp_path):
    """A sample; `make documents` has it recalculate after each change of each of four dossiers."""
    path = Path(__file__).parents[1] / "documents" / "recalculate.py"
    spec = importlib.util.spec_from_file_location("recalculate", path)
    module = importlib.util.module_from_spec(spec)
    sys.modules["recalculate"] = module
    spec.loader.exec_module(module)
    files, formulas, wrong = module.faults(written("reablement", "nl"), tmp_path, every=12)

    assert (files, wrong) == (4, [])
    assert formulas > 400


@pytest.mark.slow
def test_inputs_are_unlocked_and_marked_and_nothing_else_is():
    book, file = written("reablement", "nl"), opened("reablement", "nl")
    unlocked = {
        (sheet.title, cell.coordinate)
        for sheet in file
        for row in sheet.iter_rows()
        for cell in row
        if not cell.protection.locked
    }
    given = {each.name for each in inputs(book.calculation)}

    assert unlocked == {(book.places[name].sheet, book.cell(file, name).coordinate) for name in given}
    assert all(file[sheet][cell].border.left.style == "thin" for sheet, cell in unlocked)
    assert file["Invoer"].protection.sheet


@pytest.mark.slow
@pytest.mark.counted
def test_statuses_are_styles_and_sources_have_their_page():
    book, file = written("reablement", "nl"), opened("reablement", "nl")
    colours = {}
    for each in inputs(book.calculation):
        place = book.places[each.name]
        row = file[place.sheet][place.row + 1]
        if not each.rests_on:
            colours.setdefault(row[5].value, set()).add(row[5].fill.fgColor.rgb)
    mean = file["Invoer"][book.places["comparison.1.statistic.0.mean.0"].row + 1]

    assert set(colours) == {"gerapporteerd", "afgeleid", "aangenomen"}
    assert len(set.union(*colours.values())) == 3
    assert (mean[1].value, mean[2].value, mean[4].value, mean[6].value) == (800, 800, "EUR", "uitkomsten")
    assert re.match(r"\[\d+\], \w", mean[7].value)


@pytest.mark.slow
def test_each_input_tells_what_it_moves():
    """An assumed standard error moves no mean, a ratio kept as a check nothing at all."""
    book = written("acl-rupture", "en")
    (sheet,) = (each for each in book.workbook.sheets if each.name == "Inputs")
    told = {row[1].name: row[6].text for table in sheet.tables for row in table.rows}

    assert told["comparison.0.statistic.0.mean.0"] == "results"
    assert told["comparison.0.statistic.0.sd.0"] == "only the mark stale"
    assert told["comparison.0.assumption.effect_se.high"] == "only the mark stale"
    assert told["comparison.2.statistic.2.value.0"].startswith("nothing")
    # The two ends of an age were not drawn: the QALYs computed from it are marked.
    assert told["burden.age"] == "only the mark stale"


@pytest.mark.slow
@pytest.mark.counted
def test_findings_of_the_audit_stand_at_their_inputs():
    book, file = written("reablement", "nl"), opened("reablement", "nl")
    found = book.content._shown
    (note,) = FindingMarks(found.findings, Locale("nl")).notes(0, 0, "comparison[1].statistic[0]")

    assert book.cell(file, "comparison.1.statistic.0.mean.0").comment.text == note.text
    assert book.cell(file, "comparison.1.statistic.1.mean.0").comment is None


def test_findings_of_the_audit_stand_at_the_text_that_they_concern():
    """As many as the document has, each on a cell of the sheets of text."""
    book, file = written("reablement", "nl"), opened("reablement", "nl")
    told = [
        note.text for each in book.content.document.blocks if isinstance(each, (Bullets, Table)) for note in each.notes
    ]
    shown = [
        line
        for title in ("Tekst", "Bijlagen")
        for row in file[title].iter_rows()
        for cell in row
        if cell.comment is not None
        for line in cell.comment.text.split("\n")
    ]

    assert told
    assert sorted(shown) == sorted(told)
    assert all(
        cell.comment is None or cell.value
        for title in ("Tekst", "Bijlagen")
        for row in file[title].iter_rows()
        for cell in row
    )


@pytest.mark.parametrize("lang", LANGUAGES)
def test_formats_have_the_signs_of_the_language(lang):
    words, made = QuantityWords(assessed("reablement").dossier, Locale(lang)), calculation("reablement").quantities
    gap = "\N{NO-BREAK SPACE}" if lang == "nl" else ""
    money = f'"€{gap}"#,##0;"\N{MINUS SIGN}€{gap}"#,##0'

    assert words.number_format(made["comparison.1.net_benefit.1"]) == money
    assert words.number_format(made["comparison.1.statistic.0.mean.0"]) == money
    assert words.number_format(made["comparison.1.delta_effect"]) == '#,##0.0000;"\N{MINUS SIGN}"#,##0.0000'
    assert words.number_format(made["comparison.1.statistic.1.mean.0"]) == '#,##0.00;"\N{MINUS SIGN}"#,##0.00'


@pytest.mark.parametrize(
    ("value", "shown"), [(0.5, "0.00"), (0.999, '">0,99"'), (0.001, '"<0,01"'), (1.0, "0.00"), (0.0, "0.00")]
)
def test_a_probability_that_is_not_quite_certain_is_not_shown_as_such(value, shown):
    words = QuantityWords(assessed("reablement").dossier, Locale("nl"))

    assert words.number_format(Quantity("p", value, kind="share")) == shown


@pytest.mark.slow
def test_the_same_bytes_twice():
    content = hecon.summary(assessed("reablement"), lang="nl")

    assert as_format(content, "xlsx") == as_format(hecon.summary(assessed("reablement"), lang="nl"), "xlsx")
    with zipfile.ZipFile(io.BytesIO(as_format(content, "xlsx"))) as file:
        assert {each.date_time[0] for each in file.infolist()} == {1980}


@pytest.mark.parametrize(("name", "lang"), FEW)
def test_sheets_have_frozen_headers_and_fit_a_page(name, lang):
    for sheet in opened(name, lang):
        assert len(sheet.title) <= 31
        assert sheet.freeze_panes is not None
        # Left out, the width is one page.
        assert (sheet.page_setup.orientation, sheet.page_setup.fitToWidth) == ("landscape", None)
        assert (sheet.sheet_properties.pageSetUpPr.fitToPage, sheet.page_setup.fitToHeight) == (True, 0)
        assert sheet.print_title_rows is not None


def test_columns_are_wide_enough_for_their_numbers():
    book = written("first-twenty", "en")
    widths = {sheet.name: sheet.widths for sheet in book.workbook.sheets}
    for name, place in book.places.items():
        value = book.calculation.quantities[name].value
        if isinstance(value, float):
            assert len(f"€ {value:,.0f}") < widths[place.sheet][place.column]


# Text -----------------------------------------------------------------------------------------------------------------


def rows_of(blocks):
    """Yield what stands in a row of a sheet of text, of each block in its order."""
    for block in blocks:
        if isinstance(block, (Heading, Paragraph)):
            yield [block.text]
        elif isinstance(block, Bullets):
            yield from ([item] for item in block.items)
        elif isinstance(block, Facts):
            yield from ([label, text] for label, text in block.pairs)
        elif isinstance(block, Figure):
            yield from ([block.caption], [block.alt])
        else:
            yield from ([block.caption],) if block.caption else ()
            yield from (list(cells) for cells in (block.header, *block.rows))


def shown_rows(sheet):
    """Return the rows of a sheet that hold anything, without their empty cells."""
    rows = ([cell.value for cell in row if cell.value not in {None, ""}] for row in sheet.iter_rows())
    return [row for row in rows if row]


def cells_of(book):
    return {cell.value for sheet in book for row in sheet.iter_rows() for cell in row}


@EACH
def test_every_block_of_the_document_stands_in_the_workbook(name, lang):
    """Block by block, in its order, as text."""
    document, file = written(name, lang).content.document, opened(name, lang)
    texts = [Locale(lang).text("workbook.sheet.text"), Locale(lang).text("note.annexes")]
    shown = [row for title in texts for row in shown_rows(file[title])]
    expected = [[_controls.replace(text) for text in row if text] for row in rows_of(document.blocks)]

    assert shown == [row for row in expected if row]


def test_figures_are_pictures_that_say_what_they_show():
    """Above their captions, each in a row as high as it."""
    file, figures = opened("reablement", "nl"), []
    for block in written("reablement", "nl").content.document.blocks:
        figures += [block] if isinstance(block, Figure) and block.paint is not None else []
    with zipfile.ZipFile(io.BytesIO(written("reablement", "nl").bytes)) as parts:
        drawings = "".join(parts.read(each).decode() for each in parts.namelist() if "/drawings/drawing" in each)
    rows = [(sheet, image.anchor._from.row + 1) for sheet in file for image in sheet._images]

    assert html.unescape(" ".join(re.findall(r'descr="([^"]*)"', drawings))) == " ".join(each.alt for each in figures)
    assert len(figures) > 3
    assert [sheet.cell(row + 1, 1).value for sheet, row in rows] == [each.caption for each in figures]
    assert {sheet.row_dimensions[row].height for sheet, row in rows} == {drawing.SIZE[1] * 72 + 15}


def test_a_column_of_prose_takes_the_room_that_is_left():
    """Of a table of four columns the longest text goes over most of the sheet's eight."""
    table = Table("", ("a", "b", "c", "d"), (("1", "2", "word " * 60, "4"),))
    book = openpyxl.load_workbook(io.BytesIO(xlsx(Document(Locale("en"), (Heading(1, "Title"), table)))))
    sheet = book.worksheets[0]

    assert {str(each) for each in sheet.merged_cells.ranges if each.min_row == 3} == {"C3:G3"}
    assert [sheet.cell(3, column).value for column in (1, 2, 3, 8)] == ["a", "b", "c", "d"]


HOSTILE = (
    '=HYPERLINK("http://x.org","x")',
    "=1+1",
    "+1+cmd|' /C calc'!A0",
    "-1+1",
    "\N{MINUS SIGN}1",
    "@SUM(A1)",
    "{=1+1}",
    "http://x.org https://x.org mailto:a@b.org internal:Sheet!A1 file:///etc/passwd",
    "\t=1",
    "a\x00b\x07c\x1b[31m\ufffe\uffff d _x0041_ e",
    "\"quoted\" 'single' <b>x</b> &amp; ]]>",
    "12.5",
    "TRUE",
    "#REF!",
)


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.no_cover
def test_hostile_text_comes_out_literally(text):
    blocks = (
        Heading(1, text),
        Paragraph(text),
        Bullets((text,)),
        Facts(((text, text),)),
        Table(text, (text, text), ((text, text),)),
        Figure("kind", "name", text, text),
    )
    made = xlsx(Document(Locale("nl"), blocks))
    (sheet,) = openpyxl.load_workbook(io.BytesIO(made))
    expected = re.sub("[\ufffe\uffff]", "\N{REPLACEMENT CHARACTER}", _controls.replace(text))

    assert {cell.value for row in sheet.iter_rows() for cell in row if cell.value is not None} == {expected}
    assert {cell.data_type for row in sheet.iter_rows() for cell in row if cell.value is not None} == {"s"}
    assert_no_links(made)


def assert_no_links(made):
    with zipfile.ZipFile(io.BytesIO(made)) as file:
        names = file.namelist()
        parts = "".join(file.read(name).decode() for name in names if name.endswith((".rels", ".xml")))
    assert "TargetMode" not in parts
    assert "<hyperlink" not in parts
    assert not [name for name in names if "externalLink" in name or "vbaProject" in name or "connections" in name]


@pytest.mark.parametrize(
    "start", [FORMULA_SIGNS[0], *(pytest.param(sign, marks=pytest.mark.slow) for sign in FORMULA_SIGNS[1:])]
)
def test_no_text_of_a_dossier_becomes_a_formula(start):
    """Every bilingual text of a dossier begins with a sign of formulas: only hecon's own cells are formulas."""

    def change(part):
        if isinstance(part, Text):
            return Text(nl=f"{start}1+1 {part.nl}", en=f"{start}1+1 {part.en}")
        if isinstance(part, dict) and set(part) == {"nl", "en"}:
            return {lang: f"{start}1+1 {text}" for lang, text in part.items()}
        return None

    found = assessed("reablement")
    attacked = dataclasses.replace(
        found,
        dossier=mapped(found.dossier, change),
        comparisons=tuple(dataclasses.replace(each, spec=mapped(each.spec, change)) for each in found.comparisons),
        budget=mapped(found.budget, change),
    )
    book = Written(hecon.summary(attacked, lang="en"))
    file = book.open()
    formulas = {
        (sheet.title, cell.coordinate)
        for sheet in file
        for row in sheet.iter_rows()
        for cell in row
        if cell.data_type == "f"
    }
    own = {
        (book.places[name].sheet, book.cell(file, name).coordinate)
        for name, each in book.calculation.quantities.items()
        if each.formula is not None and name in book.places
    }
    twice = formulas - own

    # A quantity that stands twice is a reference the second time.
    assert all(re.fullmatch(r"=('[^']*'!|\w+!)?\$?[A-Z]+\$?\d+", file[sheet][cell].value) for sheet, cell in twice)
    assert own <= formulas
    assert any(str(cell).startswith(f"{start}1+1") for cell in cells_of(file))
    # Names of options stand within formulas as literals.
    assert f'"{start}1+1 ' in book.cell(file, "comparison.1.preferred.0").value
    assert_no_links(book.bytes)


def test_text_longer_than_a_cell_goes_on_below():
    long = "word " * 9000
    blocks = (Paragraph(long), Table("", ("a", "b"), (("x", "y" * 40_000),)))
    (sheet,) = openpyxl.load_workbook(io.BytesIO(xlsx(Document(Locale("en"), blocks))))
    column = [cell.value for row in sheet.iter_rows() for cell in row if cell.value]

    assert all(len(each) <= 32_767 for each in column)
    assert "".join(column) == long + "ab" + "x" + "y" * 40_000


def test_names_of_sheets_are_valid_and_unique():
    writer = _WorkbookWriter(Document(Locale("en"), ()), None)
    names = [
        writer._name(each) for each in ("a" * 40, "a" * 40, "[x]:*?/\\y", "'quoted'", "", "History", "history", "A")
    ]

    assert len({each.lower() for each in names}) == len(names)
    assert all(0 < len(each) <= 31 and not set(each) & set("[]:*?/\\") for each in names)
    assert not any(each.startswith("'") or each.endswith("'") or each.lower() == "history" for each in names)


@pytest.mark.slow
def test_a_long_name_within_a_formula_is_put_together():
    """Excel takes no more than 255 characters of text at once in a formula."""
    found = assessed("reablement")
    name, long = found.dossier.named(found.comparisons[1].spec.intervention).name, 'n "q" ' * 100

    def change(part):
        return Text(nl=long, en=long) if part == name else None

    book = Written(hecon.summary(dataclasses.replace(found, dossier=mapped(found.dossier, change)), lang="en"))
    formula = book.cell(book.open(), "comparison.1.preferred.0").value
    values, got = evaluated(book.calculation), formula_values(book)

    assert long.count('"') == formula.count('""')
    assert max(len(each) for each in re.findall(r'"(?:[^"]|"")*"', formula)) <= 257
    assert same(got["comparison.1.preferred.0"], book.shown(values["comparison.1.preferred.0"]))


# Other documents --------------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_a_budget_alone_has_its_inputs_and_formulas():
    lang = "nl"
    dossier = hecon.load("copd")
    result = assess_budget(dossier, 100, np.random.default_rng(0))

    class Content:
        document = budget_document(result, dossier, Locale(lang))
        workbook = budget_workbook(result, dossier, Locale(lang))

    book = Written(Content)
    assert differences(book, book.open(data_only=True), evaluated(book.calculation)) == []
    assert Locale(lang).text("workbook.sheet.budget_years") in book.open().sheetnames


def test_a_scenario_of_ones_own_is_an_input():
    dossier = hecon.load("copd")
    names = list(dossier.budget.parameters)
    priced = next(name for name in names if dossier.budget.parameters[name].range is not None)
    low, high = dossier.budget.parameters[priced].range
    own = {"mine": {priced: low + (high - low) / 3}}
    result = assess_budget(dossier, 100, np.random.default_rng(0), scenarios=own)
    made = budget_workbook(result, dossier, Locale("en")).calculation

    assert made.quantities[f"budget.setting.mine.{priced}"].value == pytest.approx(low + (high - low) / 3)


def test_several_budgets_have_a_workbook_of_their_sum():
    dossiers = [hecon.load(name) for name in ("acl-rupture", "copd")]
    together = budget.combine([each.budget for each in dossiers])

    class Content:
        document = combined_document(together, dossiers, Locale("nl"))
        workbook = together_workbook(together, dossiers, Locale("nl"))

    book = Written(Content)
    values, got = evaluated(book.calculation), formula_values(book)
    assert [each for each in got if not same(got[each], book.shown(values[each]))] == []
    assert "Samen" in book.open().sheetnames


def test_a_document_without_a_calculation_is_text_alone():
    book = openpyxl.load_workbook(io.BytesIO(xlsx(Document(Locale("en"), (Heading(1, "Trial"), Paragraph("Text"))))))

    assert book.sheetnames == ["Text"]


# The record -------------------------------------------------------------------------------------------------------


def test_two_quantities_of_one_name_are_refused():
    ledger = Ledger()
    ledger.give("a", 1.0)
    with pytest.raises(ValueError, match="two quantities are called a"):
        ledger.give("a", 2.0)


def test_a_long_sum_is_taken_in_parts():
    ledger = Ledger()
    names = [ledger.give(f"x{place}", 1.0) for place in range(450)]
    made = ledger.work_out("sum", total(map(ref, names)))

    assert ledger.value(made) == 450
    assert max(len(each.operands) for each in nodes(ledger.quantities["sum"].formula)) <= 200
    assert ledger.inputs([made]) == tuple(names)


def nodes(expression):
    yield expression
    for each in expression.operands:
        if isinstance(each, Expression):
            yield from nodes(each)


def test_division_by_zero_is_no_number():
    ledger = Ledger()
    ledger.give("a", 1.0)
    ledger.work_out("b", ref("a") / number(0))
    ledger.work_out("c", call("IF", call("=", ref("a"), number(1)), number(2), ref("a") / number(0)))

    assert np.isnan(ledger.value("b"))
    assert ledger.value("c") == 2


def test_a_middle_has_no_more_decimals_than_its_ends_ask_for():
    """That of 3.7 and 4.4 is 4.050000000000001 as a float, whose sixteen digits no column is wide enough for."""
    assert [decimals_of(each) for each in ((3.7 + 4.4) / 2, 0.1 + 0.2, 36.0, 0.125, Decimal("0.40"))] == [2, 1, 0, 3, 2]
