"""Amounts and effects far below a unit: nothing that is not 0 reads as 0, in notes, tables and spreadsheets."""

import re

import pytest
from two_options import dossier_text

import hecon
from hecon.assessment.calculation.records import Quantity
from hecon.locale import Locale
from hecon.report.workbooks import QuantityWords

# Costs of 5 (1) and effects of 0.03 (0.01), each at one of two scales.
COSTS = {"": ("5", "1"), "e-12": ("0.000000000005", "0.000000000001")}
EFFECTS = {"": ("0.03", "0.01"), "e-12": ("0.00000000000003", "0.00000000000001")}


def assessed(tmp_path, of_cost, of_effect):
    """Return an assessment of one comparison."""
    (cost, cost_se), (effect, effect_se) = COSTS[of_cost], EFFECTS[of_effect]
    path = tmp_path / "small.toml"
    text = dossier_text(cost, effect, se=(cost_se, effect_se))
    path.write_text(re.sub(r"\((?:replace|vervangen)[^)]*\)", "x", text), encoding="utf-8")
    return hecon.assess(path, n_draws=500)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("scales", "told"),
    [
        (
            ("e-12", ""),
            [
                "€0.000000000005 (95% CI €0.000000000003 to €0.000000000007, assuming normality)",
                "€0.0000000002 per QALY gained",
            ],
        ),
        (
            ("e-12", "e-12"),
            [
                "| difference in effects | 0.00000000000003 QALY (95% CI 0.00000000000001 to",
                "€167 per QALY gained",
                "| €10,000 | €0.0000000003 |",
            ],
        ),
    ],
)
def test_a_note_on_small_amounts(tmp_path, scales, told):
    text = hecon.summary(assessed(tmp_path, *scales), lang="en").text("md")

    for words in told:
        assert words in text
    assert not re.search(r"€0 (?:per QALY gained|\(95% CI)|95% CI €0 |[^0-9]0\.0+ QALY", text)


def test_a_column_of_small_amounts():
    draws = hecon.from_arrays([[0, 5e-12]], [[0, 0.03]], strategies=["a", "b"], comparator="a", currency="EUR")
    table = hecon.table(hecon.icer(draws))

    assert table["delta_cost [EUR]"].tolist() == [5e-12]
    assert table["delta_effect [QALY]"].tolist() == [0.03]


def test_a_cell_of_a_small_amount(tmp_path):
    words = QuantityWords(assessed(tmp_path, "", "").dossier, Locale("en"))

    assert words.number_format(Quantity("c", 5e-12, kind="money", unit="EUR")).startswith('"€"#,##0.000000000000;')
    assert words.number_format(Quantity("c", 0.0, kind="money", unit="EUR")).startswith('"€"#,##0;')
