"""The table and the figure of the simulated trials in docs/trial.rst."""

import importlib.util
import math
from pathlib import Path

import pytest
from scipy import stats

DOCS = Path(__file__).parents[1] / "docs"
DISCRETE = ("discrete predictors",)
UNBIASED = (*DISCRETE, "normal")


@pytest.fixture(scope="module")
def script():
    """Return the script that makes them."""
    spec = importlib.util.spec_from_file_location("simulated_trials", DOCS / "simulated_trials.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_table_of_the_page_is_as_found(script):
    """A stale page fails: `python docs/simulated_trials.py` rewrites it."""
    page = script.PAGE.read_text(encoding="utf-8")
    table = page[page.index(script.BEGIN) + len(script.BEGIN) : page.index(script.END)]

    assert table == f"\n{script.table()}\n"


def test_what_the_page_says_of_the_table_is_so(script):
    """The figures of its sentences, which a new run may change."""
    found = script.read()
    named = [scenario for scenario, way in found if way == "default"]
    ratio = {way: {name: found[name, way]["ratio"][2] for name in named} for way in ("default", "scaled")}
    biased = [name for name in named if (name, "five donors") in found and name not in UNBIASED]
    kept = {
        way: [
            [found[name, way]["paired"][at] / found[name, "five donors"]["paired"][at] for at in (0, 1)]
            for name in biased
            if name != "heavy skew"
        ]
        for way in ratio
    }

    assert all(0.15 <= cost <= 0.55 and 0.45 <= effect <= 0.58 for cost, effect in kept["default"])
    assert all(0.25 <= cost <= 0.6 and 0.25 <= effect <= 0.44 for cost, effect in kept["scaled"])
    assert all(0.875 <= each <= 1.095 for name, each in ratio["default"].items() if name != "heavy skew")
    assert {name for name, each in ratio["default"].items() if each > 0.955} == {"stepped wedge of 8", *DISCRETE}
    beyond = {name for name, each in ratio["scaled"].items() if abs(each - 1) > 0.035}
    assert beyond == {"heavy skew", "12 clusters of 20", "normal", "stepped wedge of 8", *DISCRETE}
    for name in set(named) - {"160 + 40", "stepped wedge of 8"}:
        assert all(0.93 <= round(share, 2) <= 0.97 for share in found[name, "default"]["coverage"])
    for name in UNBIASED:
        for way in ratio:
            own = found[name, way]
            errors = zip(own["paired"][:2], own["paired_error"], strict=False)
            assert all(abs(bias) <= 2 * error for bias, error in errors)


def test_what_the_page_says_of_clusters_is_so(script):
    found = script.read()
    complete, default, scaled = (
        {name: found[name, way] for name in ("12 clusters of 20", "stepped wedge of 8")}
        for way in (script.COMPLETE, "default", "scaled")
    )

    assert all(0.925 <= each <= 0.985 for each in complete["12 clusters of 20"]["ratio"])
    assert all(0.875 <= each <= 0.915 for way in (default, scaled) for each in way["12 clusters of 20"]["ratio"])
    for way in (complete, default, scaled):
        assert all(0.955 <= each <= 0.975 for each in way["12 clusters of 20"]["coverage"])
    assert all(0.965 <= each <= 0.985 for each in complete["stepped wedge of 8"]["coverage"])
    assert all(each >= 0.985 for way in (default, scaled) for each in way["stepped wedge of 8"]["coverage"])


def test_a_share_has_its_interval(script):
    for share, count in ((0.95, 2000), (0.9, 40), (0.0, 10), (1.0, 10)):
        interval = stats.binomtest(round(share * count), count).proportion_ci(method="wilson")

        assert script._wilson(share, count) == pytest.approx(interval, abs=1e-6)
    assert [script._signed(each, 1) for each in (0.04, -0.04, 1.25, -2.0)] == ["0.0", "0.0", "+1.2", "−2.0"]
    assert math.isnan(script.read()["150 + 150", "default"]["above"][0])


@pytest.mark.slow
def test_the_figure_is_drawn(script, tmp_path):
    script.draw(tmp_path / "coverage.png")

    assert (tmp_path / "coverage.png").stat().st_size > 10_000
