"""Table and figure of the simulated trials in docs/trial.rst, from what ``benchmarks/trial_coverage.py`` found.

``python benchmarks/trial_coverage.py ... --csv docs/simulated_trials.csv`` simulates, which takes hours; ``python
docs/simulated_trials.py`` rewrites the table in the page. The figure is drawn when the site is built.
"""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import numpy as np

HERE = Path(__file__).parent
PAGE, RESULTS = HERE / "trial.rst", HERE / "simulated_trials.csv"
BEGIN = ".. The table is written by docs/simulated_trials.py: do not edit it.\n"
END = ".. End of the table.\n"
QUANTITIES = ("cost", "QALYs", "net benefit")
COMPLETE, CASES = "complete data", "complete cases"
# 97.5th percentile of the normal distribution.
_Z = 1.959964


def read() -> dict[tuple[str, str], dict[str, Any]]:
    """Return what was found, by scenario and way: the number of trials, and per measure the three quantities."""
    found: dict[tuple[str, str], dict[str, Any]] = {}
    with RESULTS.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            own = found.setdefault((row["scenario"], row["way"]), {"trials": int(row["trials"]), "date": row["date"]})
            own[row["measure"]] = [float(row[each] or "nan") for each in QUANTITIES]
    return found


def table() -> str:
    """Return the table of the page, in reStructuredText."""
    lines = [
        ".. list-table::",
        "   :header-rows: 1",
        "   :widths: 22 14 20 12 22 10",
        "",
        *_row("trial", "analysis", "bias of imputation: cost, QALYs", "SE over empirical SE, net benefit",
              "coverage: cost, QALYs, net benefit", "P > 0.95 without a difference"),
    ]  # fmt: skip
    told = ""
    for (scenario, way), own in read().items():
        (cost, effect, _), (cost_error, effect_error, _) = own["paired"], own["paired_error"]
        added = f"{_signed(cost, 0)} ({cost_error:.0f}), {_signed(effect, 4)} ({effect_error:.4f})"
        lines += _row(
            "" if scenario == told else f"{scenario} ({own['trials']:,} trials)",
            way,
            "" if way == COMPLETE else added,
            f"{own['ratio'][2]:.2f}",
            ", ".join(f"{100 * share:.1f}%" for share in own["coverage"]),
            f"{own['above'][2]:.3f}",
        )
        told = scenario
    return "\n".join(lines) + "\n"


def _signed(value: float, decimals: int) -> str:
    """Return a number with its sign; none where it rounds to 0."""
    text = f"{abs(value):.{decimals}f}"
    return text if float(text) == 0 else f"{'−' if value < 0 else '+'}{text}"


def _row(first: str, *rest: str) -> list[str]:
    return [f"   * - {first}".rstrip(), *(f"     - {each}".rstrip() for each in rest)]


def draw(target: Path) -> None:
    """Draw the coverage by scenario and way, with the 95% interval that the number of trials leaves."""
    from matplotlib import pyplot as plt
    from matplotlib.ticker import MultipleLocator

    found = read()
    scenarios = [*dict.fromkeys(scenario for scenario, _ in found)]
    # Complete cases cover so much less that nothing else would be seen.
    ways = [way for way in dict.fromkeys(way for _, way in found) if way != CASES]
    rows = np.arange(len(scenarios))[::-1]
    size = (11, 1.4 + 0.14 * (len(ways) + 1) * len(rows))
    drawn, axes = plt.subplots(1, 3, sharex=True, sharey=True, figsize=size, layout="constrained")
    for at, (quantity, ax) in enumerate(zip(QUANTITIES, axes, strict=True)):
        for place, way in enumerate(ways):
            owned = [(row, found[name, way]) for row, name in zip(rows, scenarios, strict=True) if (name, way) in found]
            heights = [row + 0.4 - 0.8 * (place + 0.5) / len(ways) for row, _ in owned]
            covered = np.array([own["coverage"][at] for _, own in owned])
            low, high = np.array([_wilson(own["coverage"][at], own["trials"]) for _, own in owned]).T
            colour = "0.35" if way == COMPLETE else f"C{place - 1}"
            ax.errorbar(
                covered, heights, xerr=(covered - low, high - covered), fmt="o", color=colour, ms=3.5, label=way
            )
        ax.axvspan(0.93, 0.97, color="0.94", zorder=0)
        ax.axvline(0.95, color="0.6", linewidth=0.8, zorder=0)
        ax.set(title=quantity, xlabel="coverage of the 95% interval", ylim=(-0.6, len(rows) - 0.4))
        ax.xaxis.set_major_locator(MultipleLocator(0.05))
        ax.set_yticks(rows, scenarios)
        ax.tick_params(axis="y", length=0)
        ax.spines[["top", "right"]].set_visible(False)
        for row in rows[:-1]:
            ax.axhline(row - 0.5, color="0.9", linewidth=0.8, zorder=0)
    axes[0].set_xlim(right=1.0)
    drawn.legend(*axes[0].get_legend_handles_labels(), loc="outside lower center", ncols=6, frameon=False)
    drawn.savefig(target, dpi=150)
    plt.close(drawn)


def _wilson(share: float, count: int) -> tuple[float, float]:
    """Return the 95% interval (Wilson) of a share of the trials."""
    middle = (share + _Z**2 / (2 * count)) / (1 + _Z**2 / count)
    half = _Z * np.sqrt(share * (1 - share) / count + _Z**2 / (4 * count**2)) / (1 + _Z**2 / count)
    return middle - half, middle + half


def main() -> None:
    """Rewrite the table in the page."""
    text = PAGE.read_text(encoding="utf-8")
    before, after = text[: text.index(BEGIN)], text[text.index(END) :]
    PAGE.write_text(f"{before}{BEGIN}\n{table()}\n{after}", encoding="utf-8")


if __name__ == "__main__":
    main()
