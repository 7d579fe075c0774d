"""Whether imputation here and in R's mice are equal: the same trial, 200 imputations each, variable by variable.

Run: python benchmarks/imputation_against_mice.py [TABLE] [--imputations M] [--seed S]. Needs Rscript with mice (Debian:
r-cran-mice). TABLE is the teaching trial of Ben et al. 2023 (ben2023.csv), by default that of HECON_ORACLES.

Per variable and arm: the mean over imputations with its z score; the variance of that mean between imputations as a
ratio with the interval in which such ratios lie by chance (F distribution); the variance within. Likewise for the sum
of costs and for QALYs.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from scipy import stats

from hecon.trial import predictive_mean_matching
from hecon.trial.valuation import qaly_weights

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

COLUMNS = ["age", "sex", "C", "E", "Cm1", "Em1", "Cm2", "Em2", "Cm3", "Em3", "Cm4", "Em4"]
COSTS, UTILITIES = [4, 6, 8, 10], [3, 5, 7, 9, 11]
ROUNDS = 10
R = """
given <- commandArgs(trailingOnly = TRUE)
suppressMessages(library(mice))
table <- read.csv(given[1]); set.seed(as.integer(given[4])); out <- NULL
for (arm in 0:1) {
  part <- table[table$Tr == arm, setdiff(names(table), c("id", "Tr"))]
  done <- mice(part, m = as.integer(given[3]), maxit = ROUNDS, method = "pmm", printFlag = FALSE)
  out <- rbind(out, cbind(Tr = arm, complete(done, "long")))
}
write.csv(out, given[2], row.names = FALSE)
cat(as.character(packageVersion("mice")))
""".replace("ROUNDS", str(ROUNDS))


def of_mice(table: Path, count: int, seed: int) -> tuple[str, list[Floats]]:
    """Return the version of mice and the sets that it imputed, per arm of shape (imputation, patient, variable)."""
    with tempfile.TemporaryDirectory() as folder:
        script, out = Path(folder, "impute.R"), Path(folder, "out.csv")
        script.write_text(R, encoding="utf-8")
        command = [shutil.which("Rscript") or "Rscript", str(script), str(table), str(out), str(count), str(seed)]
        version = subprocess.run(command, check=True, capture_output=True, text=True).stdout  # noqa: S603
        long = pd.read_csv(out)
    return version, [
        np.stack([part[COLUMNS].to_numpy() for _, part in long[long["Tr"] == arm].groupby(".imp")]) for arm in (0, 1)
    ]


def of_hecon(table: Path, count: int, seed: int) -> list[Floats]:
    """Return the sets that hecon imputes, in the same form."""
    values = pd.read_csv(table)
    size = len(COLUMNS)
    log = np.zeros(size, bool)
    rng = np.random.default_rng(seed)
    sets = []
    for arm in (0, 1):
        own = values.loc[values["Tr"] == arm, COLUMNS].to_numpy()
        copies = np.broadcast_to(own, (count, *own.shape))
        sets.append(
            predictive_mean_matching.chain(
                copies, predictive_mean_matching.predictors(own), log, iterations=ROUNDS, donors=5, rng=rng
            )[0]
        )
    return sets


def compared(name: str, ours: Floats, theirs: Floats) -> tuple[float, bool]:
    """Print one line; return the z score of the means, and whether the ratio between is one that chance gives."""
    means = [each.mean(axis=1) for each in (ours, theirs)]
    spread = [each.var(ddof=1) for each in means]
    z = (means[0].mean() - means[1].mean()) / np.sqrt(sum(s / m.size for s, m in zip(spread, means, strict=True)))
    low, high = stats.f.ppf([0.025, 0.975], means[0].size - 1, means[1].size - 1)
    ratio, within = spread[0] / spread[1], ours.var(axis=1).mean() / theirs.var(axis=1).mean()
    print(
        f"  {name:6} {means[0].mean():10.4f} {means[1].mean():10.4f}  z {z:5.2f}"
        f"   between {ratio:5.3f} ({low:.2f} to {high:.2f})   within {within:5.3f}"
    )
    return float(z), bool(low <= ratio <= high)


def main() -> None:
    """Impute with both, and print how they compare."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "table", nargs="?", default=Path(os.environ.get("HECON_ORACLES", "."), "ben2023.csv"), type=Path
    )
    parser.add_argument("--imputations", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    version, theirs = of_mice(given.table, given.imputations, given.seed)
    ours = of_hecon(given.table, given.imputations, given.seed)
    print(f"hecon, mice {version}: {given.imputations} imputations, {ROUNDS} rounds, seed {given.seed}")
    weights = qaly_weights([0, 3, 6, 9, 12])
    found = []
    for arm in (0, 1):
        print(f"arm {arm}")
        for at, name in enumerate(COLUMNS):
            if np.ptp(ours[arm][:, :, at], axis=0).any():
                found.append(compared(name, ours[arm][:, :, at], theirs[arm][:, :, at]))
        found.append(compared("cost", *(each[arm][:, :, COSTS].sum(axis=2) for each in (ours, theirs))))
        found.append(compared("QALY", *(each[arm][:, :, UTILITIES] @ weights for each in (ours, theirs))))
    z = np.array([each for each, _ in found])
    print(f"largest |z| {np.abs(z).max():.2f} of {z.size}, mean square {np.mean(z**2):.2f} (1 by chance);", end=" ")
    print(f"ratios outside their interval: {sum(not inside for _, inside in found)} ({0.05 * z.size:.0f} by chance)")


if __name__ == "__main__":
    main()
