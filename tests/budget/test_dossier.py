"""The budget part of a dossier: what it becomes, its faults with their paths in the file, and anything at all in it."""

from __future__ import annotations

import copy
import datetime as dt
import tomllib
from decimal import Decimal

import pytest
from budget_cases import PLANS
from hypothesis import given
from hypothesis import strategies as st
from skeletons import skeleton
from strategies import examples

import hecon
from hecon import budget, dossier
from hecon.cli.main import main
from hecon.dossier.loading import FOLDER, Dossier, faults_between
from hecon.errors import DossierError, HeconError
from hecon.files.parts import validated
from hecon.files.toml import frozen


def figure(name, numbers):
    """Return the text of a figure."""
    return f"""
[[figure]]
id = "{name}"
name.nl = "{name} (nl)"
name.en = "{name} (en)"
{numbers}
unit.nl = "1"
unit.en = "1"
sources = [{{ document = "example", place = "table 1" }}]
"""


FIGURES = {
    "patients": "value = 1000",
    "avoided": "range = [40, 60]",
    "tariff": "range = [36, 45]",
    "path": "series = [25, 75, 100]",
    "rates": "series = [2.2, 2.1, 2.0]",
    "spending": "series = [1, 2, 3]",
    "total": "value = 5.1",
    "saved": 'range = [1.7, 2.1]\nwording = "about"',
}
NUMBER = 'must be a number, or a formula in quotes, as in "sessions * tariff"'
BUDGET = """
[budget]
years = [2025, 2026, 2027]
base_year = 2022
price_year = 2024

[budget.conventions]
uptake = "path / 100"
cap = 0.75
inflation = "rates / 100"
demographic_growth = 0.01
discount_rate = 0.03
deductible_share = 0
basis.nl = "Zoals het rapport"
basis.en = "As the report"
sources = [{ document = "example", place = "appendix" }]

[budget.as_printed]
uptake = [0.5, 0.75, 1]
cap = "avoided / 100"
inflation_rule = "own year"
basis.nl = "Afgeleid"
basis.en = "Derived"

[[budget.population]]
id = "patients"
name.nl = "Patiënten"
name.en = "Patients"
size = "patients"
extra_demand = 0.16

[[budget.population.current]]
id = "operation"
name.nl = "Operatie"
name.en = "Operation"
price = 2000
sector = "specialist care"

[[budget.population.new]]
id = "exercise"
name.nl = "Oefentherapie"
name.en = "Exercise"
quantity = 18
price = "tariff"
sector = "primary paramedical"
payer = "supplementary insurance"

[[budget.population.new]]
id = "operation"
name.nl = "Operatie"
name.en = "Operation"
share = "1 - avoided / 100"
price = 2000
sector = "specialist care"

[[budget.population.extra]]
id = "exercise"
name.nl = "Oefentherapie"
name.en = "Exercise"
quantity = 20
price = "tariff"
sector = "primary paramedical"

[[budget.amount]]
id = "training"
name.nl = "Scholing"
name.en = "Training"
by_year = "spending * 1000"
sector = "primary paramedical"

[[budget.distribution]]
figure = "avoided"
distribution = "triangular"

[[budget.distribution]]
figure = "tariff"
in_scenarios = false
solved_from = ["saved"]

[[budget.scenario]]
id = "trial"
name.nl = "Studie"
name.en = "Trial"
set = [{ figure = "avoided", value = 55 }, { figure = "tariff", value = "low" }]

[budget.substitution]
figure = "avoided"
within = [0, 100]

[[budget.printed]]
figure = "total"
year = 2025
unit = 1000000
rounded_to = 0.5

[[budget.printed]]
figure = "saved"
year = 2027
counts = "saving"

[[budget.overlap]]
plan = "copd"
text.nl = "Dezelfde patiënten"
text.en = "The same patients"
sources = [{ document = "example", place = "appendix" }]

[[budget.remark]]
text.nl = "Let op"
text.en = "Mind"
"""
SKELETON = skeleton("hip-fracture")
# Without its commented examples.
BARE = "".join(line for line in SKELETON.splitlines(keepends=True) if not line.startswith("#"))
TEXT = BARE + "".join(figure(name, numbers) for name, numbers in FIGURES.items()) + BUDGET


def loaded(tmp_path, *changes):
    """Load the dossier after some changes of its text."""
    text = TEXT
    for old, new in changes:
        assert old in text
        text = text.replace(old, new, 1)
    path = tmp_path / "changed.toml"
    path.write_text(text, encoding="utf-8")
    return hecon.load(path)


def told(tmp_path, *changes):
    """Return the faults of the dossier after some changes of its text."""
    with pytest.raises(DossierError) as found:
        loaded(tmp_path, *changes)
    return list(found.value.faults)


def test_the_example_of_the_skeleton_works_as_it_stands(tmp_path):
    """With its comment signs taken away: half of the patients of a year move at first, all in the end."""
    start = SKELETON.index("# [budget]")
    example = SKELETON[start : SKELETON.index("#\n", start)]
    lines = "\n".join(line.removeprefix("# ") for line in example.splitlines())
    path = tmp_path / "example.toml"
    path.write_text(BARE + figure("share_direct", "value = 25") + "\n" + lines + "\n", encoding="utf-8")
    found = hecon.budget_impact(hecon.load(path).budget).total.isel(scenario=0)

    assert found.values.tolist() == [share * 1000 * (18 * 36 - 0.75 * 2000) for share in (0.5, 0.75, 1)]


# What it becomes ------------------------------------------------------------------------------------------------------


def test_the_budget_part_becomes_a_plan(tmp_path):
    """Figures that are used are its parameters, a series one for each year, with label, status and source."""
    plan = loaded(tmp_path).budget

    assert list(plan.parameters) == [
        "patients", "avoided", "tariff",
        *(f"{name}_{year}" for name in ("path", "rates", "spending") for year in (1, 2, 3)),
    ]  # fmt: skip
    assert plan.parameters["avoided"].distribution == "triangular"
    assert (plan.parameters["tariff"].in_scenarios, plan.parameters["tariff"].solved_from) == (False, ("saved",))
    assert plan.parameters["path_2"].label == {"nl": "path (nl) (2)", "en": "path (en) (2)"}
    assert plan.parameters["tariff"].source == "example, table 1"
    assert plan.conventions.uptake == ("path_1 / 100", "path_2 / 100", "path_3 / 100")
    assert plan.conventions.inflation == ("rates_1 / 100", "rates_2 / 100", "rates_3 / 100")
    assert [plan.parameters[f"rates_{place}"].middle for place in (1, 2, 3)] == [2.2, 2.1, 2]
    assert (plan.conventions.demographic_growth, plan.conventions.discount_rate) == (0.01, 0.03)
    assert (plan.as_printed.uptake, plan.as_printed.cap) == ((0.5, 0.75, 1.0), "avoided / 100")
    assert plan.as_printed.inflation == plan.conventions.inflation
    assert plan.amounts[0].by_year == ("spending_1 * 1000", "spending_2 * 1000", "spending_3 * 1000")
    assert plan.scenarios == {"trial": {"avoided": 55.0, "tariff": "low"}}
    assert plan.substitution == ("avoided", (0.0, 100.0))
    assert plan.printed[0].spans == {"any": (4_850_000.0, 5_350_000.0)}
    assert plan.printed[1].wording == "about"
    assert plan.overlaps[0].text == {"nl": "Dezelfde patiënten", "en": "The same patients"}
    assert (plan.name, plan.label["en"]) == ("hip-fracture", "hip-fracture: title")


def test_the_plan_of_a_dossier_is_counted_and_held_against_its_totals(tmp_path):
    """Without another word."""
    plan = loaded(tmp_path).budget
    found = hecon.budget_impact(plan)

    assert found.scenario.values.tolist() == ["minimum", "maximum", "trial"]
    assert [each.printed.id for each in budget.reconcile(plan).totals] == ["total", "saved"]


def test_a_dossier_without_a_budget_has_no_plan():
    """As prehabilitation, of which no budget is on file."""
    assert set(PLANS) < set(dossier.names())
    assert hecon.load("prehabilitation").budget is None


def test_a_price_year_that_is_not_reported_is_none(tmp_path):
    """In the file it is "not reported"."""
    assert loaded(tmp_path, ("\nprice_year = 2024", '\nprice_year = "not reported"')).budget.price_year is None


def test_numbers_of_a_list_may_be_formulas(tmp_path):
    """Also where each year has its own."""
    plan = loaded(tmp_path, ('uptake = "path / 100"', 'uptake = ["avoided / 200", 0.5, "avoided / 80"]')).budget

    assert plan.conventions.uptake == ("avoided / 200", 0.5, "avoided / 80")


def test_inflation_may_be_one_rate_for_all_years(tmp_path):
    """A figure with a single value."""
    plan = loaded(
        tmp_path,
        ("\n[budget]", figure("rate", "value = 2") + "\n[budget]"),
        ('inflation = "rates / 100"', 'inflation = "rate / 100"'),
    ).budget

    assert plan.conventions.inflation == ("rate / 100",) * 3
    assert plan.parameters["rate"].middle == 2


# Faults ---------------------------------------------------------------------------------------------------------------

SECOND = """[[budget.scenario]]
id = "trial"
name.nl = "Weer"
name.en = "Again"
set = [{ figure = "avoided", value = 45 }]

"""
NEW = 'price = "tariff"\nsector = "primary paramedical"\npayer = "supplementary insurance"'
CASES = {
    "uptake above 1": (
        ('uptake = "path / 100"', 'uptake = "path / 50"'),
        [
            "budget.conventions.uptake[1]: must be in [0, 1], got 1.5",
            "budget.conventions.uptake[2]: must be in [0, 1], got 2",
        ],
    ),
    "uptake that falls": (
        ("[25, 75, 100]", "[25, 75, 50]"),
        ["budget.conventions.uptake[2]: must not fall, got 0.5 after 0.75"],
    ),
    "uptake of two years": (
        ("[25, 75, 100]", "[25, 75]"),
        ["budget.conventions.uptake: must be given for every year, got 2 for 3: 2027 missing"],
    ),
    "a gap in the years": (
        ("years = [2025, 2026, 2027]", "years = [2025, 2027, 2028]"),
        [
            "budget.years: must follow one another, got no 2026: a horizon has no gaps",
        ],
    ),
    "a negative price": (
        (NEW, NEW.replace('"tariff"', "-36")),
        ["budget.population[0].new[0].price: must be at least 0, got -36"],
    ),
    "a price without an end": (
        (NEW, NEW.replace('"tariff"', "inf")),
        [f"budget.population[0].new[0].price: {NUMBER}, got inf"],
    ),
    "a price that is not a number": (
        (NEW, NEW.replace('"tariff"', "nan")),
        [f"budget.population[0].new[0].price: {NUMBER}, got nan"],
    ),
    "a formula error": (
        (NEW, NEW.replace('"tariff"', '"tariff *"')),
        [
            (
                "budget.population[0].new[0].price: formula must be numbers and ids of figures with + - * / and "
                "brackets, got 'tariff *'"
            )
        ],
    ),
    "an unknown id": (
        (NEW, NEW.replace('"tariff"', '"tarif"')),
        ["budget.population[0].new[0].price: must use known ids, got 'tarif'; known: "],
    ),
    "a division by what may be 0": (
        (NEW, NEW.replace('"tariff"', '"1 / (tariff - 40)"')),
        ["budget.population[0].new[0].price: must not divide by what may be 0, got '1 / (tariff - 40)'"],
    ),
    "another currency": (
        (NEW, NEW + '\ncurrency = "GBP"'),
        ["budget.population[0].new[0].currency: must be the plan's EUR, got 'GBP': convert the price"],
    ),
    "another price year": (
        (NEW, NEW + "\nprice_year = 2022"),
        ["budget.population[0].new[0].price_year: must be the plan's 2024, got 2022: index it, or tell why in "],
    ),
    "a distribution that does not suit": (
        ('distribution = "triangular"', 'distribution = "beta"'),
        ["budget.distribution[0].distribution: must suit the range, got beta on (40.0, 60.0)"],
    ),
    "a distribution of an unknown figure": (
        ('[[budget.distribution]]\nfigure = "avoided"', '[[budget.distribution]]\nfigure = "avoid"'),
        ["budget.distribution[0].figure: must be the id of a [[figure]], got 'avoid'; known: patients, avoided"],
    ),
    "a distribution twice": (
        ('[[budget.distribution]]\nfigure = "tariff"', '[[budget.distribution]]\nfigure = "avoided"'),
        ["budget.distribution[1].figure: must be named once, got 'avoided' again"],
    ),
    "a number solved from an unknown figure": (
        ('solved_from = ["saved"]', 'solved_from = ["save"]'),
        ["budget.distribution[1].solved_from"],
    ),
    "a printed total that is a series": (
        ('figure = "total"', 'figure = "path"'),
        ["budget.printed[0].figure: must be a figure with a value or a range, got the series 'path'"],
    ),
    "a printed total of another year": (
        ("year = 2025", "year = 2030"),
        ["budget.printed[0].year: must be one of the plan's years 2025, 2026, 2027, got 2030"],
    ),
    "a printed total in no unit": (("unit = 1000000", "unit = 0"), ["budget.printed[0].unit: must be above 0, got 0"]),
    "a printed total rounded to less than nothing": (
        ("rounded_to = 0.5", "rounded_to = -1"),
        ["budget.printed[0].rounded_to: must be above 0, got -1"],
    ),
    "a printed total by a wrong formula": (
        ("rounded_to = 0.5", 'formula = "tarif * 2"'),
        ["budget.printed[0].formula: must use known ids, got 'tarif'"],
    ),
    "a scenario twice": (
        ("[budget.substitution]", SECOND + "[budget.substitution]"),
        ["budget.scenario[1].id: must be unique, got 'trial' again"],
    ),
    "a scenario of an unknown figure": (
        ('{ figure = "avoided", value = 55 }', '{ figure = "avoid", value = 55 }'),
        ["budget.scenario"],
    ),
    "a scenario of a series": (
        ('{ figure = "avoided", value = 55 }', '{ figure = "path", value = 55 }'),
        ["budget.scenario[0].set[0].figure: must be a figure with a value or a range, got the series 'path'"],
    ),
    "a scenario beyond the rules": (
        ('{ figure = "avoided", value = 55 }', '{ figure = "avoided", value = 155 }'),
        ["budget.scenario"],
    ),
    "a scenario by a name that is taken": (('id = "trial"', 'id = "maximum"'), ["budget.scenario"]),
    "inflation by an unknown id": (
        ('inflation = "rates / 100"', 'inflation = "rate / 100"'),
        ["budget.conventions.inflation"],
    ),
    "inflation in per cent": (
        ('inflation = "rates / 100"', 'inflation = "rates"'),
        [f"budget.conventions.inflation[{i}]: must be a fraction from -0.5 to 1, as in 0.022, got 2" for i in range(3)],
    ),
    "a substitution by an unknown figure": (
        ('[budget.substitution]\nfigure = "avoided"', '[budget.substitution]\nfigure = "avoid"'),
        ["budget.substitution.figure: must be the id of a [[figure]], got 'avoid'; known: patients"],
    ),
    "a printed total by what is no formula": (
        ("rounded_to = 0.5", 'formula = "tariff *"'),
        ["budget.printed[0].formula: formula must be numbers and ids"],
    ),
    "an unknown document": (
        (
            'sources = [{ document = "example", place = "appendix" }]',
            'sources = [{ document = "report", place = "p" }]',
        ),
        ["budget.conventions.sources[0].document: must be the id of a [[document]], got 'report'; known: example"],
    ),
    "an unknown key": (
        ("quantity = 18", "quantities = 18"),
        ["budget.population[0].new[0].quantities: is not a key of this table: did you mean 'quantity'?"],
    ),
    "a distribution with an unknown key": (
        ('distribution = "triangular"', 'distributon = "triangular"'),
        ["budget.distribution[0].distributon: is not a key of this table: did you mean 'distribution'?"],
    ),
    "a resource of an unknown sector": (
        ('share = "1 - avoided / 100"\nprice = 2000\nsector = "specialist care"', 'price = 2000\nsector = "hospital"'),
        ["budget.population[0].new[1].sector: must be "],
    ),
    "a resource of an unknown payer": (
        ('payer = "supplementary insurance"', 'payer = "zvw"'),
        ["budget.population[0].new[0].payer: must be "],
    ),
    "a price with a thousands separator": (
        ("price = 2000", "price = 2.000"),
        [
            (
                "budget.population[0].current[0].price: must be an amount of money, got 2.000 with three decimals: "
                "write 2000"
            )
        ],
    ),
    "a size with a thousands separator": (
        ('size = "patients"', "size = 1.000"),
        ["budget.population[0].size: must be a number of patients, got 1.000 with three decimals: write 1000"],
    ),
    "an amount with a thousands separator in a year": (
        ('by_year = "spending * 1000"', "by_year = [1000, 1.500, 2000]"),
        ["budget.amount[0].by_year: must be an amount of money, got 1.500 with three decimals: write 1500"],
    ),
    "a list for a size": (
        ('size = "patients"', "size = [1000]"),
        [f"budget.population[0].size: {NUMBER}, got a list"],
    ),
    "a number for uptake": (
        ('uptake = "path / 100"', "uptake = 0.5"),
        [
            (
                "budget.conventions.uptake: must be a list with a number or formula for every year, "
                "or a formula over a series, got 0.5"
            )
        ],
    ),
    "a scenario that sets a figure twice": (
        ('{ figure = "tariff", value = "low" }', '{ figure = "avoided", value = "low" }'),
        ["budget.scenario[0].set[1].figure: must be named once, got 'avoided' again"],
    ),
    "a scenario of a figure that no formula uses": (
        ('{ figure = "tariff", value = "low" }', '{ figure = "total", value = 5 }'),
        ["budget.scenario[0].set[1].figure: must be a figure that a formula of the budget uses, got 'total'"],
    ),
    "a substitution by a figure that no formula uses": (
        ('[budget.substitution]\nfigure = "avoided"', '[budget.substitution]\nfigure = "saved"'),
        ["budget.substitution.figure: must be a figure that a formula of the budget uses, got 'saved'"],
    ),
    "a distribution of a figure that no formula uses": (
        ('[[budget.distribution]]\nfigure = "avoided"', '[[budget.distribution]]\nfigure = "saved"'),
        ["budget.distribution[0].figure: must be a figure that a formula of the budget uses, got 'saved'"],
    ),
    "a distribution of a figure without a range": (
        ('[[budget.distribution]]\nfigure = "avoided"', '[[budget.distribution]]\nfigure = "patients"'),
        ["budget.distribution[0].distribution: must be left out for a figure without a range, got 'triangular'"],
    ),
    "care of an extra demand that is not told": (
        ("extra_demand = 0.16\n", ""),
        ["budget.population[0].extra_demand: is missing: add it, as without it no one gets the care in extra"],
    ),
    "a series that another in its formula is shorter than": (
        ("\n[budget]", figure("longer", "series = [0, 0, 0, 0]") + "\n[budget]"),
        ('uptake = "path / 100"', 'uptake = "path / 100 + longer"'),
        ["budget.conventions.uptake: must be given once for every year, got 4 for 3"],
    ),
    "a figure by the name of a place of a series": (
        ("\n[budget]", figure("path_2", "value = 33") + "\n[budget]"),
        ["figure[8].id: must not be what formulas call a place of the series 'path', got 'path_2'"],
    ),
    "rates of inflation for some years, by a rule that takes none": (
        ('inflation = "rates / 100"', 'inflation = [0.022]\ninflation_rule = "none"'),
        [
            "budget.conventions.inflation: must be given for every year, got 1 for 3: 2026, 2027 missing",
        ],
    ),
    "a scenario in quotes": (
        ('value = "low"', 'value = "36"'),
        ['budget.scenario[0].set[1].value: must be a number without quotes, "low", "middle" or "high", got \'36\''],
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_a_fault_is_told_with_its_path_in_the_file(tmp_path, name):
    """One line for each, and nothing else."""
    *changes, faults = CASES[name]

    found = told(tmp_path, *changes)

    assert len(found) == len(faults), found
    for each, expected in zip(found, faults, strict=True):
        assert each.startswith(expected)


def test_a_range_that_runs_down_is_told_at_its_figure(tmp_path):
    """Once: formulas that use it are right."""
    found = told(tmp_path, ("range = [36, 45]", "range = [45, 36]"))

    assert [each.partition(":")[0] for each in found] == ["figure[2].range"]


def test_a_reference_to_a_figure_at_fault_says_so(tmp_path):
    """It is not unknown: formulas that use it are silent, and what names it waits for it."""
    found = told(tmp_path, ("range = [36, 45]", 'range = ["36", 45]'))

    assert [each.partition("; ")[0] for each in found[1:]] == [
        "budget.distribution[1].figure: must be a figure without faults, got 'tariff': mend [[figure]] tariff first",
        "budget.scenario[0].set[1].figure: must be a figure without faults, got 'tariff': mend [[figure]] tariff first",
    ]
    assert found[0].startswith("figure[2].range[0]: must be a number without quotes")


def test_shares_of_a_group_are_told_at_their_pathway(tmp_path):
    """Of two flows of which a patient uses one at most."""
    found = told(
        tmp_path,
        ("quantity = 18", 'quantity = 18\nshare = 0.6\none_of = "knee"'),
        ('share = "1 - avoided / 100"', 'share = 0.5\none_of = "knee"'),
    )

    assert found == [
        "budget.population[0].new: must have shares that add up to 1 at most in the group 'knee', got 1.1",
    ]


def test_all_faults_of_the_budget_are_told_at_once(tmp_path):
    """Those of the tables, of the figures and of the plan in one error."""
    found = told(
        tmp_path,
        ("[25, 75, 100]", "[25, 75, 50]"),
        (NEW, NEW.replace('"tariff"', "-36")),
        ('size = "patients"', 'size = "patient"'),
        ("year = 2025", "year = 2030"),
        ("base_year = 2022", "base_year = 2026"),
    )

    assert {each.partition(":")[0] for each in found} == {
        "budget.conventions.uptake[2]",
        "budget.population[0].new[0].price",
        "budget.population[0].size",
        "budget.printed[0].year",
        "budget.base_year",
    }


@pytest.mark.parametrize(
    ("change", "path"),
    [
        (('payer = "supplementary insurance"', 'payer = "zvw"'), "budget.population[0].new[0].payer"),
        (("unit = 1000000", "units = 1000000"), "budget.printed[0].units"),
        (('inflation = "rates / 100"', 'inflation = "rate / 100"'), "budget.conventions.inflation"),
        (("unit = 1000000", "unit = -1"), "budget.printed[0].unit"),
    ],
)
def test_a_fault_of_a_table_does_not_hide_those_of_the_plan(tmp_path, change, path):
    """A price below 0 in one place and a wrong word in another are both told."""
    found = told(tmp_path, change, ("price = 2000", "price = -2000"))

    paths = {each.partition(":")[0] for each in found}
    assert {path, "budget.population[0].current[0].price"} <= paths


def test_a_place_in_a_list_is_that_of_the_file(tmp_path):
    """An entry that is no table neither moves nor hides what stands behind it."""
    odd = 'set = [3, { figure = "avoided", value = 55 }, { figure = "tarif", value = "low" }]'
    found = told(tmp_path, ('set = [{ figure = "avoided", value = 55 }, { figure = "tariff", value = "low" }]', odd))

    assert [each.partition("; known:")[0] for each in found] == [
        "budget.scenario[0].set[0]: must be a table with figure and value, got 3",
        "budget.scenario[0].set[2].figure: must be the id of a [[figure]], got 'tarif'",
    ]
    found = told(tmp_path, ('{ figure = "tariff", value = "low" }', "3"), ("[25, 75, 100]", "[25, 75, 50]"))
    assert [each.partition(":")[0] for each in found] == ["budget.conventions.uptake[2]", "budget.scenario[0].set[1]"]


def test_a_formula_may_name_a_place_of_a_series(tmp_path):
    """As the messages on unknown names list it; also where nothing uses the whole series."""
    plan = loaded(
        tmp_path,
        ("\n[budget]", figure("sessions", "series = [18, 20]") + "\n[budget]"),
        ("quantity = 18", 'quantity = "sessions_2"'),
    ).budget

    assert plan.populations[0].new[0].quantity == "sessions_2"
    assert plan.parameters["sessions_2"].middle == 20


def test_a_horizon_of_thousands_of_years_is_refused_at_once(tmp_path):
    """A typing error does not make the computer count the years between."""
    found = told(tmp_path, ("years = [2025, 2026, 2027]", "years = [2025, 2026, 202700]"))

    assert any(each.startswith("budget.years: ") for each in found)


# Anything at all ------------------------------------------------------------------------------------------------------

TREE = tomllib.loads(TEXT, parse_float=Decimal)


def places(node, *steps):
    """Yield the steps to every value of a tree."""
    if steps:
        yield steps
    for step, value in node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ():
        yield from places(value, *steps, step)


PLACES = [("budget", *steps) for steps in places(TREE["budget"])]
PLACES += [("figure", *steps) for steps in places(TREE["figure"]) if {"value", "range", "series"} & set(steps)]
GONE = object()
HUGE = "*".join(["1e30"] * 11)
VALUES = [
    GONE, 0, 1, -1, 0.5, 2025, 10**5, True, "", "x", "tariff", "path", "rates / 100", "1 / 0",
    "patients / (tariff - 40)", "tariff *", HUGE, "(" * 60, "Zvw", "low", "middle", "specialist care", "not reported",
    [], [1], [2, 1], [1, 2, 3], ["a", "b", "c"], [[1, 2]], [{}], {}, {"a": 1}, {"nl": "x", "en": "x"}, Decimal("0.5"),
    Decimal("nan"), Decimal("inf"), Decimal("1e-400"), Decimal("1e30"), dt.date(2024, 1, 1), float("nan"),
]  # fmt: skip


def mangled(changes):
    """Return the tree with some values replaced or gone, as far as the places are still there."""
    tree = copy.deepcopy(TREE)
    for steps, value in changes:
        node = tree
        try:
            for step in steps[:-1]:
                node = node[step]
            if value is GONE:
                del node[steps[-1]]
            else:
                node[steps[-1]] = copy.deepcopy(value)
        except (KeyError, IndexError, TypeError):
            continue  # an earlier change took the place away
    return frozen(tree)


def check_told_or_counted(tree):
    """Assert that the faults of a tree are told, or that its plan is counted or refused in words."""
    faults = validated(tree, Dossier, faults_between)[1]
    for path, message in faults:
        assert message, path
        assert path.split(".", maxsplit=1)[0].split("[", maxsplit=1)[0] in {*tree, *Dossier.model_fields}, path
        assert not {"tuple", "dict", "Decimal", "pydantic", "instance", "None"} & set(message.split()), path
    if faults:
        return
    plan = Dossier.model_validate(tree).budget
    if plan is None:
        return
    for verb in (hecon.budget_impact, budget.one_way, budget.break_even, budget.reconcile):
        try:
            verb(plan)
        except HeconError as error:
            assert str(error)  # noqa: PT017 (any error of hecon's own will do)


@pytest.mark.slow
@examples(60)
@given(st.lists(st.tuples(st.sampled_from(PLACES), st.sampled_from(VALUES)), min_size=1, max_size=4))
def test_anything_in_the_budget_is_told_in_words(changes):
    """Whatever is deleted or put in its place: faults in words, or a plan that is counted or refused in words."""
    check_told_or_counted(mangled(changes))


@pytest.mark.slow
@examples(20)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(
                [
                    place
                    for place in PLACES
                    if place[-1] in {"value", "size", "price", "quantity", "share", "cap", "uptake", "by_year"}
                    or "range" in place
                ]
            ),
            st.sampled_from(
                ["tariff", "avoided / 100", "patients", 0, 1, 0.5, "1e30 * 1e30", Decimal("1e30"), Decimal("1e-30")]
            ),
        ),
        min_size=1,
        max_size=3,
    )
)
def test_numbers_of_any_size_are_counted_or_refused_in_words(changes):
    """Very large and very small ones too, without a warning."""
    check_told_or_counted(mangled(changes))


def test_a_budget_is_in_the_currency_of_the_rules_that_its_file_names(tmp_path, capsys):
    """Pounds in a British dossier, whatever rules it is held against later; no option turns them into euros."""
    text = (FOLDER / "copd.toml").read_text(encoding="utf-8")
    assert "\nrules = " not in text
    assert "\ncurrency" not in text
    path = tmp_path / "copd-uk.toml"
    path.write_text(text.replace("\n[title]", '\nrules = "england-other"\n[title]', 1), encoding="utf-8")
    british = hecon.load(path)
    main(["budget", str(path), "--lang", "en"])
    told = capsys.readouterr().out

    assert hecon.load("copd").budget.currency == "EUR"
    assert british.budget.currency == british.under("nl").budget.currency == "GBP"
    assert hecon.assess(path, rules="nl", n_draws=100).budget.plan.currency == "GBP"
    assert "costs the budget £" in " ".join(told.split())
