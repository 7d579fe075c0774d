"""Print how often the audit finds a corrupted trial, by kind of corruption, and how often its repair is the truth.

Each simulated trial prints 22 numbers that hold together: arms, a difference with interval and p value, standard
errors, patients, a percentage, costs, effects, their ratio, a probability and a rate. A corruption "shows" where
no true values behind the printed digits satisfy every relation; a naive oracle tells, which shares no code with the
audit.

Run: python benchmarks/audit.py
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

import numpy as np

import hecon

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))

import trials

TRIALS = 1_000


def worst(findings: tuple[hecon.auditing.Finding, ...]) -> tuple[hecon.auditing.Finding, ...]:
    """Return the findings that are more than rounding."""
    return tuple(each for each in findings if each.severity != "rounding only")


def main() -> None:
    """Print a line for true trials and one for each kind of corruption."""
    rng = np.random.default_rng(2024)
    start = time.perf_counter()
    found = [hecon.audit(trials.dossier(trials.simulate(rng))) for _ in range(TRIALS)]
    spent = time.perf_counter() - start
    false = sum(bool(worst(each)) for each in found)
    rounding = sum(bool(each) for each in found)
    print(f"{TRIALS} true trials: {false} with a finding above rounding, {rounding} with one of rounding only")
    print(f"{1000 * spent / TRIALS:.1f} ms a trial")
    print(f"{'corruption':15} {'changed':>8} {'shows':>8} {'of these found':>15} {'found of all':>13} {'repaired':>9}")
    for kind in trials.KINDS:
        changed = shown = caught = all_caught = mended = 0
        for _ in range(TRIALS):
            true = trials.simulate(rng)
            wrong = trials.corrupted(true, kind, rng)
            if wrong is None:
                continue
            changed += 1
            told = worst(hecon.audit(trials.dossier(wrong)))
            shown += bool(trials.shows(wrong))
            caught += bool(trials.shows(wrong)) and bool(told)
            all_caught += bool(told)
            mended += any(_restores(each, true) for each in told)
        print(
            f"{kind:15} {changed:8} {shown:8} {caught / max(shown, 1):15.1%} {all_caught / changed:13.1%} "
            f"{mended / max(all_caught, 1):9.1%}"
        )


_NAMES = {"first": "mean_1", "second": "mean_2", "sd_first": "sd_1", "sd_second": "sd_2"}


def _restores(finding: hecon.auditing.Finding, true: dict[str, object]) -> bool:
    """Tell whether one of the smallest corrections gives back what was true."""
    if finding.relation == "total":
        known = {"first": "n_1", "second": "n_2"}
    elif finding.relation == "se":
        return any(all(each[key] in {true[f"{key}_1"], true[f"{key}_2"]} for key in each) for each in finding.repaired)
    else:
        known = _NAMES
    return any(all(value == true.get(known.get(key, key)) for key, value in each.items()) for each in finding.repaired)


if __name__ == "__main__":
    main()
