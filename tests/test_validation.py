"""The validation page: agreement with other packages, and published probabilities predicted from the rest."""

import csv
import io
import json
import math
import sys
from pathlib import Path

import numpy as np
import oracles
import pytest
from scipy.stats import norm

import hecon
from hecon.reported.fits import GRADES

# Whole notes, searches or processes; what they pass through, others hold.
pytestmark = pytest.mark.slow

DOCS = Path(__file__).parents[1] / "docs"
PEERS = ("heormodel", "pyheor", "deampy")


@pytest.fixture(scope="module")
def validation():
    """Return the script that makes the page."""
    sys.path.insert(0, str(DOCS))
    try:
        import validation

        yield validation
    finally:
        sys.path.remove(str(DOCS))
        for name in ("validation", "information_validation"):
            sys.modules.pop(name, None)


def on_the_page(start, end=None):
    """Return the part of the page between two headings."""
    text = (DOCS / "validation.rst").read_text(encoding="utf-8")
    text = text[text.index(start) :]
    return text if end is None else text[: text.index(end)]


def test_the_page_on_published_probabilities_is_as_computed(validation):
    """A stale page fails: `python docs/validation.py` rewrites it."""
    first, _, last = validation.SECTIONS

    assert on_the_page(f"{last}\n---") == validation.published_section()
    assert f"{validation.HEAD}\n" + on_the_page(f"{first}\n---") == (DOCS / "validation.rst").read_text(
        encoding="utf-8"
    )


def test_the_page_on_other_packages_is_as_computed(validation):
    """Likewise, where the reference results of the packages of R are at hand."""
    folder = oracles.path("vaccine_costs.csv").parent
    first, second, last = validation.SECTIONS

    assert on_the_page(f"{first}\n---", f"{second}\n---") == validation.peers_section(folder) + "\n"
    information = validation.information_section(folder, validation._table)
    assert on_the_page(f"{second}\n---", f"{last}\n---") == information + "\n"


@pytest.mark.parametrize("name", PEERS)
def test_peers_agree_on_their_own_examples(validation, name):
    """All numbers that both compute agree to 12 digits, and the versions are on the page."""
    found = list(validation.from_pypi(name))

    assert len(found) >= 5
    assert [each.digits for each in found] == [12] * len(found)
    assert f"- {found[0].peer}\n" in on_the_page("Other packages\n")


def test_the_packages_of_r_agree_on_their_own_examples(validation):
    """As far as their reference results were written down: SAVI's have 10 digits."""
    found = list(validation.from_r(oracles.path("vaccine_costs.csv").parent))

    assert {each.peer.split()[0] for each in found} == {"BCEA", "dampack", "voi", "SAVI"}
    assert min(each.digits for each in found) >= 9


def test_a_gap_shows_in_the_digits(validation):
    """One part in a million leaves six digits or so; NaN leaves none; a wrong frontier has none."""
    assert validation.digits([1.0, 2.0], [1.0, 2.0]) == 12
    assert validation.digits([1.0, 2.0 + 2e-6], [1.0, 2.0]) in {5, 6}
    assert validation.digits([1.0, np.nan], [1.0, 2.0]) == 0
    wrong = {**validation.record("deampy")["means"], "frontier": ["A4", "A1", "A2"]}
    assert validation._frontier_of_means("deampy", wrong).digits == 0


# Where they differ ----------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def differences():
    """Return what the packages made of ties, of NaN and of the south-west quadrant."""
    return json.loads((Path(__file__).parent / "peers" / "differences.json").read_text(encoding="utf-8"))


def test_ties_are_shared(differences):
    """The peers give a tie to the strategy that comes first."""
    draws = hecon.from_arrays([[100.0, 100.0], [200.0, 200.0]], [[1.0, 1.0], [2.0, 2.0]], strategies=["a", "b"])

    assert hecon.ceac(draws, wtp=1000).values.ravel().tolist() == [0.5, 0.5]
    assert all(shares == [1.0, 0.0] for shares in differences["ties"].values())


def test_a_missing_draw_is_refused(differences):
    """Pyheor gives the strategy with the NaN a probability of 1."""
    assert differences["missing"]["pyheor"] == [0.0, 1.0]
    with pytest.raises(hecon.InputError, match=r"NaN|finite"):
        hecon.from_arrays([[100.0, np.nan], [100.0, np.nan]], [[1.0, 0.5], [1.0, 0.5]], strategies=["a", "b"])


def test_the_south_west_has_its_ratio(differences):
    """Deampy gives NaN for 1,000 saved and 0.1 lost."""
    draws = hecon.from_arrays(
        [[10_000.0, 9000.0], [10_200.0, 9200.0]], [[1.0, 0.9], [0.9, 0.8]], strategies=["a", "b"], comparator="a"
    )
    pair = hecon.icer(draws).isel(strategy=0)

    assert (round(pair["icer"].item()), pair["quadrant"].item()) == (10_000, "SW")
    assert differences["south-west"]["deampy"] is None


# Published probabilities ----------------------------------------------------------------------------------------------


def rows():
    """Return the published evaluations as they stand in the file."""
    with (DOCS / "published_evaluations.csv").open(newline="", encoding="utf-8") as lines:
        return list(csv.DictReader(lines))


@pytest.mark.parametrize("row", rows(), ids=lambda row: f"{row['name']} at {row['at']}")
def test_a_prediction_by_hand(validation, row):
    """Φ of net benefit over its standard error, with σ from the width of the interval and ρ = 0."""
    found = validation.predict(row).check
    cost = float(row["delta_cost"])
    error = float(row["cost_se"] or 0) or (float(row["cost_high"]) - float(row["cost_low"])) / (2 * norm.ppf(0.975))
    wtp, effect, effect_error = float(row["at"]), 0.0, 0.0
    if row["delta_effect"] and wtp:
        # A ratio knows the effect better than its rounded digits do.
        effect = cost / float(row["icer"]) if row["icer"] else float(row["delta_effect"])
        width = float(row["effect_high"] or 0) - float(row["effect_low"] or 0)
        effect_error = float(row["effect_se"] or 0) or width / (2 * norm.ppf(0.975))
    by_hand = norm.cdf((wtp * effect - cost) / math.hypot(wtp * effect_error, error))

    assert found.predicted == pytest.approx(by_hand, abs=1e-3)
    assert found.range[0] - 1e-6 <= found.predicted <= found.range[1] + 1e-6
    assert found.printed == float(row["printed"])


def test_the_file_of_published_evaluations():
    """Each row has its source, says whether it was looked up again, and holds numbers with their printed digits."""
    for row in rows():
        assert row["reference"]
        assert row["read"] in {"yes", "partly", "no"}
        assert (row["place"] != "") == (row["reference"] != "spcare 153657")
        assert 0 <= float(row["printed"]) <= 1
        assert (row["cost_se"] == "") == (row["cost_low"] != "")


def test_how_the_published_probabilities_fare(validation):
    """All but the one that contradicts itself agree, at least within the approximation."""
    found = validation.predictions()
    apart = [each.name for each in found if each.check.grade == GRADES[2]]

    assert len(found) == len(rows()) + 2
    assert apart == ["RDSI available cases"]
    for each in found:
        assert each.check.consistent == (each.name not in apart)
        assert (each.check.gap == 0) == (each.check.grade == "agrees")


def test_the_contradiction_is_the_sources_own():
    """1,142 (−824 to 3,108) is centred, so 0.13 of the draws lie below 0 whatever the skewness; 0.06 was printed."""
    assert (-824 + 3108) / 2 == 1142
    assert norm.cdf(-1142 / ((3108 + 824) / (2 * norm.ppf(0.975)))) == pytest.approx(0.127, abs=5e-4)


def test_the_figure_has_a_point_for_each(validation):
    """It is drawn without the page, as PNG, the same bytes each time."""
    first, second = io.BytesIO(), io.BytesIO()
    validation.draw(first)
    validation.draw(second)

    assert first.getvalue() == second.getvalue()
    assert first.getvalue()[:4] == b"\x89PNG"
