"""Run a small model in heormodel and in pyheor, export its draws as each package does, and write its own results.

Run in an environment of its own that has heormodel 0.7 and pyheor 0.4, from this folder: ``python export.py``. The
models are the first ones that the packages' own pages show. The tests read what is written and need no peer.
"""

from __future__ import annotations

import json
from importlib.metadata import version
from pathlib import Path

import numpy as np

HERE = Path(__file__).parent / "exports"
DRAWS = 40
WTP = [0.0, 20_000.0, 50_000.0, 80_000.0]


def _heormodel() -> dict:
    """Write the outcomes and the draws of the parameters, as pandas writes them; the model is its quickstart's."""
    from heormodel.cea import ceac, icer_table
    from heormodel.models import CohortSpec, MarkovModel
    from heormodel.params import Beta, Gamma, ParameterSet
    from heormodel.run import SeedManager, run_psa
    from heormodel.voi import evpi

    names = ("Standard care", "Treatment")

    def model(p: dict, intervention: str) -> CohortSpec:
        p_progress = p["p_progress"] * (p["rr_treat"] if intervention == "Treatment" else 1.0)
        cost = np.array([0.0, p["c_sick"], 0.0])
        if intervention == "Treatment":
            cost[:2] += p["c_treat"]
        transition = np.array(
            [
                [1 - p_progress - p["p_die"], p_progress, p["p_die"]],
                [0.0, 1 - p["p_die_sick"], p["p_die_sick"]],
                [0.0, 0.0, 1.0],
            ]
        )
        return CohortSpec(transition, cost, np.array([1.0, p["u_sick"], 0.0]))

    engine = MarkovModel(
        states=("Healthy", "Sick", "Dead"), interventions=names, transitions_and_rewards=model, n_cycles=40
    )
    parameters = ParameterSet(
        {
            "p_progress": Beta(20, 180),
            "rr_treat": Beta(60, 40),
            "p_die": Beta(5, 995),
            "p_die_sick": Beta(50, 450),
            "c_sick": Gamma(100, 250.0),
            "c_treat": Gamma(100, 80.0),
            "u_sick": Beta(150, 50),
        }
    )
    draws = parameters.sample(DRAWS, seed=SeedManager(1).generator())
    outcomes = run_psa(engine, draws).outcomes
    outcomes.data.to_csv(HERE / "heormodel.csv")
    draws.to_csv(HERE / "heormodel-parameters.csv")
    return {
        "strategies": list(names),
        "icer": float(icer_table(outcomes)["icer"].iloc[1]),
        "ceac": ceac(outcomes, WTP)[list(names)].to_numpy().tolist(),
        "evpi": [float(evpi(outcomes, wtp=value)) for value in WTP],
    }


def _pyheor() -> dict:
    """Write the workbook of a probabilistic analysis and its table of draws; the model is its quick start's."""
    import pyheor as ph

    month, year = ph.Cycle(1, "month"), ph.Cycle(1, "year")
    rate = ph.rescale_discount_rate(0.03, year, month)
    model = ph.MarkovModel(
        states=["Alive", "Dead"], strategies=["SOC", "TRT"], n_cycles=120, cycle=month, method="life-table",
        dr_cost=rate, dr_qaly=rate,
    )  # fmt: skip
    model.add_param("u_alive", base=0.8, dist=ph.Beta(mean=0.8, sd=0.05))
    model.add_param("c_care", base=1000, dist=ph.Gamma(mean=1000, sd=200))
    model.set_transitions("SOC", [[0.98, 0.02], [0, 1]])
    model.set_transitions("TRT", [[0.985, 0.015], [0, 1]])
    model.set_state_cost(
        "care", {"SOC": {"Alive": lambda p, _: p["c_care"]}, "TRT": {"Alive": lambda p, _: p["c_care"] + 500}}
    )
    model.set_state_qaly("health", {"Alive": lambda p, _: ph.qaly(p["u_alive"], month)})
    model.set_starting_cost("test", 200)
    result = model.run_psa(n_sim=DRAWS, seed=42)
    ph.export_to_excel(result, str(HERE / "pyheor.xlsx"), include_psa=True)
    result.ce_table.to_csv(HERE / "pyheor.csv", index=False)
    analysis = ph.CEAnalysis.from_psa(result)
    ends = [(analysis.ceaf(wtp_range=(at, at), n_wtp=1), analysis.evpi(wtp_range=(at, at), n_wtp=1)) for at in WTP]
    return {
        "strategies": ["SOC", "TRT"],
        "icer": float(analysis.frontier().set_index("Strategy")["ICER"]["TRT"]),
        "ceac": [[float(curve[f"CEAC_{name}"].iloc[0]) for name in ("SOC", "TRT")] for curve, _ in ends],
        "evpi": [float(value["EVPI"].iloc[0]) for _, value in ends],
    }


def main() -> None:
    """Write the exports and the results of both packages, with their versions."""
    HERE.mkdir(exist_ok=True)
    found = {name: run() | {"version": version(name)} for name, run in (("heormodel", _heormodel), ("pyheor", _pyheor))}
    text = json.dumps({"wtp": WTP, **found}, indent=2)
    (HERE / "results.json").write_text(f"{text}\n", encoding="utf-8")


if __name__ == "__main__":
    main()
