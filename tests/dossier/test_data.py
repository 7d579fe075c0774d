"""Patient data that a dossier names: their faults have a path, a rule and a remedy, and all are told at once."""

from __future__ import annotations

import shutil
from typing import get_args

import pytest
import trial_dossiers as trials
from skeletons import skeleton

import hecon
from hecon.dossier.comparison_data import ComparisonData
from hecon.dossier.loading import Dossier, faults_between
from hecon.errors import DossierError
from hecon.files import toml
from hecon.files.parts import validated
from hecon.trial.analysing import METHODS

ONE = trials.COMPARISON.format(perspective="societal", extra="")
HERE = "comparison[0]"
DATA = f"{HERE}.data"
RELATIVE = "its path is relative to the dossier's folder"
OTHER = "must be the id of the intervention or the comparator, walking or usual-care"
COMPUTED = "must be left out beside [comparison.data]: the figures are computed from the data"
YEAR = "must be 2024, that of analysis.price_year in trial.toml, got"
LEAVE_OUT = "change the one that is wrong, or leave it out here and it is taken from there"
OF_RULES = "that of the rules nl, as trial.toml has no analysis"
SOURCES = 'sources = [{ document = "protocol", place = "page 3" }]'
STATISTIC = f"""[[comparison.statistic]]
kind = "correlation"
value = 0.1
status = "reported"
{SOURCES}
"""
FINDING = f"""[comparison.finding]
cost_effective = "at no willingness to pay"
text = {{ nl = "Nee", en = "No" }}
{SOURCES}
"""
ASSUMPTION = """[[comparison.assumption]]
parameter = "correlation"
value = 0
range = [-0.5, 0.5]
basis = { nl = "Zo", en = "So" }
"""
DESIGN_EFFECT = """[comparison.design_effect]
range = [1, 2]
basis = { nl = "Zo", en = "So" }
"""


def told(folder, *changes, design=trials.DESIGN):
    """Return the faults of a dossier with patient data after some changes of its text, or None if it loads."""
    text = ONE
    for old, new in changes:
        assert old in text
        text = text.replace(old, new, 1)
    try:
        hecon.load(trials.write(folder, text, design=design))
    except DossierError as error:
        return list(error.faults)
    return None


CASES = {
    "no table": (
        ("trial.csv", "absent.csv"),
        [f"{DATA}.file: must be a file that exists, got 'absent.csv': {RELATIVE}"],
    ),
    "a folder": (
        ('file = "trial.csv"', 'file = "."'),
        [f"{DATA}.file: must be a file that exists, got '.': {RELATIVE}"],
    ),
    "no possible name": (
        ("trial.csv", "a\\u0000b"),
        [f"{DATA}.file: must be a file that exists, got 'a\\x00b': {RELATIVE}"],
    ),
    "a name too long for a file": (("trial.csv", "x" * 300), [f"{DATA}.file: must be a file that exists, got 'xxx"]),
    "no design": (
        ("trial.toml", "absent.toml"),
        [f"{DATA}.design: must be a file that exists, got 'absent.toml': {RELATIVE}"],
    ),
    "a table for a design": (
        ('design = "trial.toml"', 'design = "trial.csv"'),
        [f"{DATA}.design: the file must be TOML"],
    ),
    "other price year": (
        ("= 2024", "= 2023"),
        [f"{HERE}.price_year: {YEAR} 2023: {LEAVE_OUT}"],
    ),
    "price year not reported": (
        ("= 2024", '= "not reported"'),
        [f"{HERE}.price_year: {YEAR} 'not reported': {LEAVE_OUT}"],
    ),
    "other horizon": (
        ("= 24\n", "= 12\n"),
        [f"{HERE}.horizon_months: must be 24, that of utility.months in trial.toml, got 12: {LEAVE_OUT}"],
    ),
    "other discount rate of costs": (
        ("0.03", "0.04"),
        [f"{HERE}.discount_cost: must be 0.03, {OF_RULES}.discount_cost, got 0.04: {LEAVE_OUT}"],
    ),
    "discount rate of effects not reported": (
        ("0.015", '"not reported"'),
        [f"{HERE}.discount_effect: must be 0.015, {OF_RULES}.discount_effect, got 'not reported': {LEAVE_OUT}"],
    ),
    "other currency": (
        ('"EUR"', '"GBP"'),
        [f"{HERE}.currency: must be EUR beside [comparison.data], as the rules nl have it, got 'GBP'"],
    ),
    "other effect": (
        ('"EUR"', '"EUR"\neffect_unit = "point"'),
        [f"{HERE}.effect_unit: must be QALY, the unit of the effect in trial.toml, got 'point': {LEAVE_OUT}"],
    ),
    "unknown arm": (
        ('usual-care = "usual"', 'usual-care = "usual", walking = "wlaking"'),
        [f"{DATA}.strategies.walking: must be an intervention of the design, got 'wlaking'; known: walking"],
    ),
    "arm of another name left out": (
        ('usual-care = "usual"', ""),
        [f"{DATA}.strategies.usual-care: must be the design's comparator, got 'usual-care'; known: usual"],
    ),
    "arms the other way round": (
        ('usual-care = "usual"', 'usual-care = "walking", walking = "usual"'),
        [
            f"{DATA}.strategies.usual-care: must be the design's comparator, got 'walking'; known: usual",
            f"{DATA}.strategies.walking: must be an intervention of the design, got 'usual'; known: walking",
        ],
    ),
    "arm of no strategy": (
        ('usual-care = "usual"', 'usual-care = "usual", surgery = "usual"'),
        [f"{DATA}.strategies.surgery: {OTHER}: remove it"],
    ),
    "arms as a list": (('{ usual-care = "usual" }', '["usual"]'), [f"{DATA}.strategies: must be a table, got a list"]),
    "unknown perspective": (
        ('design = "trial.toml"', 'design = "trial.toml"\nperspective = "hospital"'),
        [f"{DATA}.perspective: must be a perspective of the design, got 'hospital'; known: societal, healthcare"],
    ),
    "unknown key": (
        ('design = "trial.toml"', 'design = "trial.toml"\nmethods = "imputation"'),
        [f"{DATA}.methods: is not a key of this table: did you mean 'method'?"],
    ),
    "unknown method": (
        ('design = "trial.toml"', 'design = "trial.toml"\nmethod = "locf"'),
        [f"{DATA}.method: must be 'imputation', 'bootstrap-single' or 'bootstrap-imputation', got 'locf'"],
    ),
    "no file named": (('file = "trial.csv"\n', ""), [f"{DATA}.file: is missing: add it"]),
    "file of no text": (('file = "trial.csv"', "file = 3"), [f"{DATA}.file: must be text in quotes, got 3"]),
    "a statistic besides": (("[comparison.data]", f"{STATISTIC}[comparison.data]"), [f"{HERE}.statistic: {COMPUTED}"]),
    "a finding besides": (("[comparison.data]", f"{FINDING}[comparison.data]"), [f"{HERE}.finding: {COMPUTED}"]),
    "an assumption": (("[comparison.data]", f"{ASSUMPTION}[comparison.data]"), [f"{HERE}.assumption: {COMPUTED}"]),
    "a design effect": (
        ("[comparison.data]", f"{DESIGN_EFFECT}[comparison.data]"),
        [f"{HERE}.design_effect: {COMPUTED}"],
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_a_fault_is_told_with_its_path(tmp_path, case):
    """Each breach of a rule gives one line, and nothing else is blamed for it."""
    change, expected = CASES[case]

    found = told(tmp_path, change)

    assert len(found) == len(expected)
    assert all(line.startswith(start) for line, start in zip(found, expected, strict=True))


def test_patient_data_load_without_being_read(tmp_path):
    """A table with faults is no fault of the dossier: only `hecon assess` reads it."""
    path = trials.write(tmp_path)
    (tmp_path / "trial.csv").write_text("no table", encoding="utf-8")

    found = hecon.load(path)

    assert [each.data.file for each in found.comparison] == ["trial.csv", "trial.csv"]
    assert found.comparison[0].data.strategies == {"usual-care": "usual"}
    assert found.folder == tmp_path


def test_files_are_relative_to_the_dossier(tmp_path, monkeypatch):
    """Wherever the command is run."""
    trials.write(tmp_path)
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")

    assert len(hecon.load("../note.toml").comparison) == 2


def test_files_may_lie_elsewhere(tmp_path):
    """By a path with folders, or by a whole one."""
    (tmp_path / "data").mkdir()
    trials.write(tmp_path)
    shutil.move(tmp_path / "trial.csv", tmp_path / "data" / "trial.csv")
    whole = (tmp_path / "data" / "trial.csv").as_posix()

    for name in ("data/trial.csv", whole):
        (tmp_path / "note.toml").write_text(trials.HEAD + ONE.replace("trial.csv", name), encoding="utf-8")

        assert hecon.load(tmp_path / "note.toml").comparison[0].data.file == name


def test_all_faults_are_told_at_once(tmp_path):
    """Those of the schema, between fields, of the design and of the files come in one error."""
    design = trials.DESIGN.replace('layout = "wide"', 'layout = "broad"').replace('["hospital"]', '["hopsital"]')

    found = told(
        tmp_path, ("trial.csv", "absent.csv"), ('trial = "HIP"', "trial = 3"), ('"EUR"', '"USD"'), design=design
    )

    assert [line.split(": ")[0] for line in found] == [
        f"{HERE}.trial",
        f"{HERE}.currency",
        f"{DATA}.file",
        f"{DATA}.design",
        f"{DATA}.design",
    ]
    line = design.split("\n").index('layout = "broad"') + 1
    assert found[-2].endswith(f"design: line {line}: table.layout: must be 'wide' or 'long', got 'broad'")


def test_the_faults_of_a_shared_design_are_told_once(tmp_path):
    """A second comparison that names it does not repeat them."""
    design = trials.DESIGN.replace('"usual"', '"walking"')
    path = trials.write(tmp_path, design=design)
    line = next(place for place, each in enumerate(design.split("\n"), start=1) if each.startswith("interventions"))

    with pytest.raises(DossierError) as caught:
        hecon.load(path)

    assert [line for line in caught.value.faults if "must not be the comparator" in line] == [
        f"{DATA}.design: line {line}: arm.interventions[0]: must not be the comparator, got 'walking'"
    ]
    assert not any(line.startswith("comparison[1]") for line in caught.value.faults)


def test_another_perspective_of_the_design_may_be_named(tmp_path):
    """The design has names of its own."""
    design = trials.DESIGN.replace("healthcare =", "zorg =")
    text = trials.COMPARISON.format(perspective="healthcare", extra='perspective = "zorg"')

    assert hecon.load(trials.write(tmp_path, text, design=design)).comparison[0].data.perspective == "zorg"


def test_the_methods_are_those_of_the_analysis():
    """The schema keeps its own list, so that most dossiers load without the analysis of patient data."""
    assert set(get_args(ComparisonData.model_fields["method"].annotation)) == set(METHODS)


def test_a_dossier_made_in_python_looks_in_the_working_folder(tmp_path, monkeypatch):
    """It has no file that paths could be relative to."""
    path = trials.write(tmp_path)
    tree = toml.read(path.read_bytes(), "note", DossierError).tree
    made = Dossier.model_validate(tree)
    assert any("must be a file that exists" in message for _, message in validated(tree, Dossier, faults_between)[1])

    monkeypatch.chdir(tmp_path)

    assert validated(tree, Dossier, faults_between)[1] == []
    assert made.folder.resolve() == tmp_path.resolve()


def test_the_example_of_the_skeleton_works(tmp_path):
    """Without its comment signs, and with a design that has the same names and times."""
    text = skeleton("sample")
    first, last = text.index("[[comparison.statistic]]"), text.index("# Where the trial's own records")
    text = text[:first] + text[last:]
    for line in ("[comparison.data]", 'file = "', 'design = "', "strategies = {", "scenarios = true"):
        text = text.replace(f"# {line}", line, 1)
    for key, value in (("price_year", 2024), ("discount_cost", 0.03), ("discount_effect", 0.015)):
        text = text.replace(f'{key} = "not reported"', f"{key} = {value}")
    trials.write(tmp_path, design=trials.DESIGN.replace('"usual"', '"control"').replace('"walking"]', '"new-care"]'))
    path = tmp_path / "sample.toml"
    path.write_text(text.replace("horizon_months = 12", "horizon_months = 24"), encoding="utf-8")

    found = hecon.load(path).comparison[0].data

    assert (found.file, found.scenarios, found.strategies) == ("trial.csv", True, {"usual-care": "control"})


def test_the_schema_describes_patient_data():
    """An editor that reads the JSON Schema completes its keys."""
    found = Dossier.json_schema()["$defs"]["ComparisonData"]

    assert found["required"] == ["file", "design"]
    assert set(found["properties"]) == {
        "file",
        "design",
        "strategies",
        "perspective",
        "method",
        "scenarios",
        "value_sets",
    }
