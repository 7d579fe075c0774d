"""Agreement with BCEA, dampack and voi on their own examples."""

from __future__ import annotations

import numpy as np
import oracles
import pytest

import hecon

SAME = {"rel": 1e-9, "abs": 1e-9}


def vaccine():
    """Return BCEA's vaccine draws; the comparator is the status quo, as in its summary."""
    return hecon.from_arrays(
        oracles.numbers("vaccine_costs.csv"),
        oracles.numbers("vaccine_effects.csv"),
        strategies=["Status Quo", "Vaccination"],
        comparator="Status Quo",
        currency="GBP",
    )


def test_vaccine_ratio():
    """BCEA: 20,097.59 per QALY for vaccination."""
    summary = oracles.record("vaccine_summary.json")
    result = hecon.icer(vaccine()).sel(strategy="Vaccination")
    means = hecon.frontier(vaccine())

    assert result["icer"].item() == pytest.approx(summary["ICER_ref_vs_comparator"]["Status Quo"], rel=1e-9)
    assert round(result["icer"].item(), 2) == 20_097.59
    assert result["quadrant"].item() == "NE"
    for name in summary["strategies"]:
        assert means["cost"].sel(strategy=name).item() == pytest.approx(summary["mean_cost"][name], rel=1e-9)
        assert means["effect"].sel(strategy=name).item() == pytest.approx(summary["mean_effect"][name], rel=1e-9)


def test_vaccine_curves():
    """Every curve of BCEA over its grid: EVPI, EIB, probabilities, frontier, expected net benefit, the best."""
    columns = oracles.table("vaccine_curves.csv")
    number = {name: np.array(values, float) for name, values in columns.items() if name != "best"}
    draws, wtp = vaccine(), number["k"]
    curves = hecon.decision_curves(draws, wtp=wtp)
    benefit = hecon.net_benefit(draws, wtp=wtp).mean("draw")
    share = curves["ceac"].sel(strategy="Vaccination").values

    assert curves["evpi"].values == pytest.approx(number["evpi"], **SAME)
    assert hecon.incremental_net_benefit(draws, wtp=wtp).mean("draw").values[0] == pytest.approx(
        number["eib_ref_vs_s1"], **SAME
    )
    assert share == pytest.approx(number["pbest_s2"], **SAME)
    assert 1 - share == pytest.approx(number["pbest_s1"], **SAME)
    assert share == pytest.approx(number["ceac_ref_vs_s1"], **SAME)
    assert curves["ceaf"].values == pytest.approx(number["ceaf"], **SAME)
    assert curves["ceaf"].values == pytest.approx(number["p_best_interv_optimal"], **SAME)
    assert benefit.sel(strategy="Status Quo").values == pytest.approx(number["enb_s1"], **SAME)
    assert benefit.sel(strategy="Vaccination").values == pytest.approx(number["enb_s2"], **SAME)
    assert curves["optimal"].values.tolist() == columns["best"]


def test_chemotherapy_evpi():
    """EVPI over willingness to pay of the R package voi on 10,000 draws of its chemotherapy example."""
    draws = hecon.from_arrays(
        oracles.numbers("voi_chemo_costs.csv"), oracles.numbers("voi_chemo_effects.csv"), strategies=["SoC", "Novel"]
    )
    expected = oracles.table("voi_chemo_evpi.csv")
    result = hecon.evpi(draws, wtp=np.array(expected["k"], float))

    assert result.values == pytest.approx(np.array(expected["evpi"], float), rel=1e-9, abs=1e-7)


EXAMPLES = ("hiv", "herc", "three", "hund", "cdiff", "tie_equal_cost", "identical_pair", "collinear")


@pytest.mark.parametrize("example", EXAMPLES)
def test_dampack_frontiers(example):
    """Statuses and sequential ratios of dampack, but for identical strategies, which we do not tell apart."""
    given, found = oracles.table("dampack_icer_inputs.csv"), oracles.table("dampack_icer_results.csv")
    own = [i for i, name in enumerate(given["example"]) if name == example]
    draws = hecon.from_arrays(
        [[float(given["cost"][i]) for i in own]],
        [[float(given["effect"][i]) for i in own]],
        strategies=[given["strategy"][i] for i in own],
    )
    result = hecon.frontier(draws)
    letters = {"ND": "frontier", "D": "dominated", "ED": "extendedly dominated"}
    rows = [i for i, name in enumerate(found["example"]) if name == example]
    for i in rows:
        ours = result.sel(strategy=found["Strategy"][i])
        if (example, found["Strategy"][i]) == ("identical_pair", "b"):
            assert ours["status"].item() == result["status"].sel(strategy="a").item() == "frontier"
            continue
        ratio = float(found["ICER"][i].replace("NA", "nan"))

        assert ours["status"].item() == letters[found["Status"][i]]
        assert ours["icer"].item() == pytest.approx(ratio, rel=1e-9, nan_ok=True)


def test_absent_references(monkeypatch, tmp_path):
    """Absent files skip a test with the reason, and fail it where they are required."""
    monkeypatch.setenv("HECON_ORACLES", str(tmp_path))
    monkeypatch.delenv("HECON_REQUIRE_ORACLES", raising=False)

    with pytest.raises(pytest.skip.Exception, match=r"reference results absent: vaccine_costs\.csv"):
        oracles.path("vaccine_costs.csv")
    monkeypatch.setenv("HECON_REQUIRE_ORACLES", "1")
    with pytest.raises(pytest.fail.Exception, match=r"reference results absent: vaccine_costs\.csv"):
        oracles.path("vaccine_costs.csv")
