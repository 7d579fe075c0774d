"""Ask heormodel, pyheor and deampy for their results on the draws beside this file, and write them there.

Run in an environment of its own that has the three packages, from this folder: ``python record.py``. The draws are
those of the packages' own examples, made once by running these; the tests compare with what is written and need no
peer.
"""

from __future__ import annotations

import json
import warnings
from importlib.metadata import version
from pathlib import Path

import numpy as np

HERE = Path(__file__).parent
# The values of willingness to pay at which curves are compared.
WTP = {
    "heormodel": np.linspace(0, 100_000, 21),
    "pyheor": np.linspace(0, 200_000, 21),
    "deampy": np.linspace(0, 20_000, 21),
}


def _heormodel(record: dict, wtp: np.ndarray) -> dict:
    import pandas as pd
    from heormodel.cea import ceac, ceaf, expected_loss, expected_nmb, icer_table
    from heormodel.models import Outcomes
    from heormodel.voi import evpi

    names = record["strategies"]
    outcomes = Outcomes.from_wide(
        pd.DataFrame(record["cost"], columns=names), pd.DataFrame(record["effect"], columns=names)
    )
    table = icer_table(outcomes).loc[names]
    return {
        "icer": table["icer"].tolist(),
        "ceac": ceac(outcomes, wtp)[names].to_numpy().tolist(),
        "ceaf": ceaf(outcomes, wtp)["prob"].tolist(),
        "expected_loss": expected_loss(outcomes, wtp)[names].to_numpy().tolist(),
        "evpi": evpi(outcomes, wtp).tolist(),
        "net_benefit": [expected_nmb(outcomes, float(value))[names].tolist() for value in wtp],
    }


def _pyheor(record: dict, wtp: np.ndarray) -> dict:
    import pyheor

    cost, effect = np.array(record["cost"]), np.array(record["effect"])
    names = record["strategies"]
    found = pyheor.CEAnalysis(names, cost.mean(axis=0), effect.mean(axis=0), psa_costs=cost, psa_qalys=effect)
    ends = {"wtp_range": (wtp[0], wtp[-1]), "n_wtp": len(wtp)}
    curve = found.ceaf(**ends)
    frontier = found.frontier().set_index("Strategy")
    return {
        "icer": [float(frontier["ICER"].get(name, np.nan)) for name in names],
        "ceac": curve[[f"CEAC_{name}" for name in names]].to_numpy().tolist(),
        "ceaf": curve["CEAF"].tolist(),
        "evpi": found.evpi(**ends)["EVPI"].tolist(),
        "net_benefit": [found.nmb(float(value)).set_index("Strategy")["NMB"][names].tolist() for value in wtp],
    }


def _deampy(record: dict, wtp: np.ndarray) -> dict:
    from deampy.econ_eval import CEA, ICERPaired, IncrementalNMBPaired, Strategy

    cost, effect = np.array(record["cost"]).T, np.array(record["effect"]).T
    strategies = [Strategy(name, c, e) for name, c, e in zip(record["strategies"], cost, effect, strict=True)]
    found = CEA(strategies, if_paired=True, wtp_range=[wtp[0], wtp[-1]], n_of_wtp_values=len(wtp))
    found._build_incremental_nmb_curves()
    found._build_acceptability_curves()
    found._build_expected_loss_curves()
    pair = (cost[1], effect[1], cost[0], effect[0])
    means = record["means"]
    frontier = CEA(
        [
            Strategy(*each)
            for each in zip(
                means["strategies"], [[c] for c in means["cost"]], [[e] for e in means["effect"]], strict=True
            )
        ],
        if_paired=False,
    )
    means["frontier"] = [each.name for each in frontier.get_strategies_on_frontier()]
    means["icer"] = [
        None if each.icer is None or each.icer.get_ICER() is None else float(each.icer.get_ICER())
        for each in frontier.get_strategies_on_frontier()
    ]
    return {
        "icer": [None, float(ICERPaired(*pair).get_ICER())],
        "ceac": np.array([each.ys for each in found._acceptabilityCurves]).T.tolist(),
        "expected_loss": np.array([each.ys for each in found._expectedLossCurves]).T.tolist(),
        "incremental_net_benefit": [float(IncrementalNMBPaired(*pair).get_incremental_nmb(value)) for value in wtp],
    }


def _differences() -> dict:
    """Return what the packages make of ties, of a draw that is NaN, and of the south-west quadrant."""
    import pandas as pd
    import pyheor
    from deampy.econ_eval import CEA, ICERPaired, Strategy
    from heormodel.cea import ceac
    from heormodel.models import Outcomes

    cost, effect = np.array([[100.0, 100.0], [200.0, 200.0]]), np.array([[1.0, 1.0], [2.0, 2.0]])
    names = ["a", "b"]
    outcomes = Outcomes.from_wide(pd.DataFrame(cost, columns=names), pd.DataFrame(effect, columns=names))
    ends = {"wtp_range": (1000, 2000), "n_wtp": 2}
    curves = ["CEAC_a", "CEAC_b"]
    tied = pyheor.CEAnalysis(names, cost.mean(axis=0), effect.mean(axis=0), psa_costs=cost, psa_qalys=effect)
    third = CEA(
        [Strategy(n, c, e) for n, c, e in zip(names, cost.T, effect.T, strict=True)],
        if_paired=True,
        wtp_range=[1000, 2000],
    )
    third._build_incremental_nmb_curves()
    third._build_acceptability_curves()
    holed = np.array([[100.0, np.nan], [100.0, np.nan]])
    missing = pyheor.CEAnalysis(
        names, [100.0, 90.0], [1.0, 0.5], psa_costs=holed, psa_qalys=np.array([[1.0, 0.5], [1.0, 0.5]])
    )
    fewer = ([9000.0, 9200.0], [0.9, 0.8], [10_000.0, 10_200.0], [1.0, 0.9])
    return {
        "ties": {
            "heormodel": ceac(outcomes, [1000.0]).iloc[0].tolist(),
            "pyheor": tied.ceaf(**ends)[curves].iloc[0].tolist(),
            "deampy": [float(each.ys[0]) for each in third._acceptabilityCurves],
        },
        "missing": {"pyheor": missing.ceaf(**ends)[curves].iloc[0].tolist()},
        "south-west": {"deampy": float(ICERPaired(*fewer).get_ICER())},
    }


def _plain(value: object) -> object:
    """Return lists and numbers with null in place of NaN."""
    if isinstance(value, dict):
        return {key: _plain(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_plain(each) for each in value]
    return None if isinstance(value, float) and np.isnan(value) else value


def main() -> None:
    """Record the results of each package with its version."""
    warnings.simplefilter("ignore")
    for name, ask in (("heormodel", _heormodel), ("pyheor", _pyheor), ("deampy", _deampy)):
        path = HERE / f"{name}.json"
        record = json.loads(path.read_text(encoding="utf-8"))
        record["version"] = version(name)
        record["wtp"] = WTP[name].tolist()
        record["results"] = ask(record, WTP[name])
        path.write_text(json.dumps(_plain(record), separators=(",", ":")) + "\n", encoding="utf-8")
    found = json.dumps(_plain(_differences()), indent=2)
    (HERE / "differences.json").write_text(found + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
