"""The part of docs/validation.rst on the value of information: hecon beside other packages, and beside the truth.

It is written by ``python docs/validation.py``. BCEA's Vaccine is computed anew from its parameters, by the formulas of
Baio and Dawid 2011 (https://doi.org/10.1177/0962280211419832) with the quantities that BCEA's file names.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

import hecon

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    import xarray as xr

HEADING = "Value of information"
WTP = 20_000.0
# People in the model of Vaccine, and days of a year of quality of life; deaths are in years.
PEOPLE, DAYS = 100_000.0, 365.0
VACCINE = {
    "A": ("beta.1.",),
    "B": ("beta.1.", "beta.2."),
    "C": ("psi.1.", "psi.2.", "eta"),
    "D": ("beta.1.", "beta.2.", "beta.4.", "psi.1.", "eta"),
}
BRENNAN = ("theta6", "theta14", "theta5+theta6", "theta7+theta16", "theta5+theta6+theta14+theta15")


@dataclass(frozen=True)
class Valued:
    """The EVPPI of one set in one example by another package and by hecon, and the truth where it is known."""

    peer: str
    example: str
    parameters: str
    theirs: float | None
    ours: float
    se: float
    out_of_fold: float
    truth: float | None


def read(folder: Path, name: str) -> pd.DataFrame:
    """Return a reference file."""
    with (folder / name).open(newline="", encoding="utf-8") as lines:
        return pd.DataFrame(list(csv.DictReader(lines)))


def example(folder: Path, name: str) -> tuple[xr.Dataset, pd.DataFrame]:
    """Return the draws and the parameters of another package's example."""
    cost, effect, parameters = (
        read(folder, f"{name}_{kind}.csv").astype(float) for kind in ("costs", "effects", "params")
    )
    strategies = [f"s{place + 1}" for place in range(cost.shape[1])]
    return hecon.from_arrays(cost.to_numpy(), effect.to_numpy(), strategies=strategies), parameters


def vaccine_outcomes(parameters: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """Return costs and effects per person (draw, strategy) by the parameters and events of each row of Vaccine."""

    def total(event: str, groups: Sequence[str]) -> np.ndarray:
        # Vaccinated people in whom nobody dies, say, have no column.
        names = [f"{event}.{group}." for group in groups if f"{event}.{group}." in parameters]
        return np.asarray(parameters[names].sum(axis=1), float)

    def of(
        groups: Sequence[str], vaccinated: float | pd.Series, adverse: float | pd.Series
    ) -> tuple[pd.Series, pd.Series]:
        row = parameters
        infected, visits, mild, pneumonia, hospital, death = (
            total(event, groups) for event in ("Infected", "GP", "Mild.Compl", "Pneumonia", "Hospital", "Death")
        )
        ill = infected * row["q.1."] + pneumonia * row["q.4."] + hospital * row["q.5."] + adverse * row["q.7."]
        drugs = (visits * row["gamma.1."] + mild * row["gamma.2."]) * row["psi.6."] * row["delta"]
        care = (visits + mild - pneumonia) * row["psi.1."] + hospital * row["psi.2."] + drugs
        given = vaccinated * (row["psi.3."] + row["psi.4."] + row["psi.8."])
        own = infected * (row["psi.5."] * row["eta"] * row["lambda"] + row["psi.7."] * row["xi"])
        return (care + given + own) / PEOPLE, -(ill / DAYS + death * row["q.6."]) / PEOPLE

    pairs = of(["1.1"], 0.0, 0.0), of(["2.1", "2.2"], parameters["n.2.2."], parameters["Adverse.events"])
    cost, effect = (np.column_stack([pair[place] for pair in pairs]) for place in (0, 1))
    return cost, effect


def vaccine_truth(parameters: pd.DataFrame, names: Sequence[str], wtp: float = WTP) -> float:
    """Return the EVPPI on these rows of the model itself: its mean given a set is its value at the others' means.

    The parameters are independent, and incremental net benefit is a sum of products of different ones.
    """
    mean = parameters.mean()
    p = {name: parameters[name] if name in names else mean[name] for name in parameters}
    infected = -p["phi"] * p["rho.2."] * p["beta.1."]
    visits = infected * p["beta.2."]
    pneumonia, repeat, hospital, death = (visits * p[name] for name in ("beta.4.", "beta.3.", "beta.5.", "beta.6."))
    adverse = p["phi"] * p["beta.7."]
    ill = infected * p["q.1."] + pneumonia * p["q.4."] + hospital * p["q.5."] + adverse * p["q.7."]
    drugs = (visits * p["gamma.1."] + (repeat + pneumonia) * p["gamma.2."]) * p["psi.6."] * p["delta"]
    cost = (visits + repeat) * p["psi.1."] + hospital * p["psi.2."] + drugs
    cost += p["phi"] * (p["psi.3."] + p["psi.4."] + p["psi.8."])
    cost += infected * (p["psi.5."] * p["eta"] * p["lambda"] + p["psi.7."] * p["xi"])
    gain = np.asarray(-wtp * (ill / DAYS + death * p["q.6."]) - cost)
    return float(np.maximum(gain, 0).mean() - max(gain.mean(), 0.0))


def explained(parameters: pd.DataFrame, cost: np.ndarray, effect: np.ndarray, wtp: float = WTP) -> tuple[float, float]:
    """Return the share of the variance of incremental net benefit that straight lines in all parameters explain.

    The second number is the share that as many columns of noise explain on average.
    """
    gain = (wtp * np.diff(effect) - np.diff(cost)).ravel()
    columns = (parameters - parameters.mean()) / parameters.std()
    basis = np.linalg.svd(columns, full_matrices=False)[0][:, : np.linalg.matrix_rank(columns)]
    centred = gain - gain.mean()
    return float(((basis.T @ centred) ** 2).sum() / (centred**2).sum()), basis.shape[1] / (len(gain) - 1)


def valued(folder: Path) -> Iterator[Valued]:
    """Yield the EVPPI of each set at 20,000 by another package and by hecon."""
    yield from _chemotherapy(folder)
    draws, parameters = example(folder, "vaccine")
    told = read(folder, "vaccine_evppi.csv")
    theirs = {row["set"]: float(row["evppi"]) for _, row in told.iterrows() if _asked(row, "gam")}
    # Its parameters are of another run than its draws, so that nothing can be learned from them.
    nothing = dict.fromkeys(VACCINE, 0.0)
    yield from _rows(("BCEA 2.4.84", "Vaccine as it comes"), (draws, parameters), VACCINE, theirs, nothing)
    draws = hecon.from_arrays(*vaccine_outcomes(parameters), strategies=["Status Quo", "Vaccination"])
    truth = {name: vaccine_truth(parameters, names) for name, names in VACCINE.items()}
    yield from _rows(("", "Vaccine computed from its parameters"), (draws, parameters), VACCINE, {}, truth)
    told = read(folder, "savi_brennan_evppi_mgcv.csv")
    theirs = {row["set"]: float(row["value"]) for _, row in told.iterrows() if float(row["wtp"]) == WTP}
    sets = {name: tuple(name.split("+")) for name in BRENNAN}
    yield from _rows(("mgcv 1.8", "Brennan's test data (SAVI)"), example(folder, "savi_brennan"), sets, theirs, {})


def _chemotherapy(folder: Path) -> Iterator[Valued]:
    told = read(folder, "voi_chemo_evppi.csv").drop_duplicates(["set", "method", "k"])
    kept = [row for _, row in told.iterrows() if _asked(row, "gam") or _asked(row, "gam_additive_s")]
    theirs = {row["set"]: float(row["evppi"]) for row in kept}
    sets = {row["set"]: tuple(row["pars"].split("+")) for row in kept}
    yield from _rows(("voi 1.0.3", "chemotherapy, 10,000 draws"), example(folder, "voi_chemo"), sets, theirs, {})


def _asked(row: pd.Series, method: str) -> bool:
    return row["method"] == method and float(row["k"]) == WTP


def _rows(
    about: tuple[str, str],
    model: tuple[xr.Dataset, pd.DataFrame],
    sets: dict[str, tuple[str, ...]],
    theirs: dict[str, float],
    truth: dict[str, float],
) -> Iterator[Valued]:
    """Yield the rows of one example: of its package and name, its draws and parameters."""
    found = hecon.evppi(*model, of=list(sets.values()), wtp=WTP).squeeze("wtp")
    for place, (key, names) in enumerate(sets.items()):
        ours = [float(found[field][place]) for field in ("evppi", "se", "out_of_fold")]
        yield Valued(*about, ", ".join(names), theirs.get(key), *ours, truth.get(key))


# The estimator of BCEA -----------------------------------------------------------------------------------------------


def cubic_regression_spline(values: np.ndarray, size: int = 5) -> tuple[np.ndarray, np.ndarray]:
    """Return the basis of mgcv's "cr" and its penalty: natural cubic splines by their values at quantiles.

    Wood SN. Generalized additive models: an introduction with R. 2nd ed. CRC Press, 2017: section 5.3.1.
    """
    knots = np.quantile(np.unique(values), np.linspace(0, 1, size))
    step = np.diff(knots)
    second, weight = np.zeros((size - 2, size)), np.diag((step[:-1] + step[1:]) / 3)
    for row in range(size - 2):
        second[row, row : row + 3] = 1 / step[row], -1 / step[row] - 1 / step[row + 1], 1 / step[row + 1]
    weight += np.diag(step[1:-1] / 6, 1) + np.diag(step[1:-1] / 6, -1)
    solved = np.linalg.solve(weight, second)
    curvature = np.vstack([np.zeros(size), solved, np.zeros(size)])
    at = np.clip(np.searchsorted(knots, values, side="right") - 1, 0, size - 2)
    left, right, width = knots[at + 1] - values, values - knots[at], step[at]
    basis = np.zeros((values.size, size))
    basis[np.arange(values.size), at] += left / width
    basis[np.arange(values.size), at + 1] += right / width
    basis += ((left**3 / width - width * left) / 6)[:, np.newaxis] * curvature[at]
    basis += ((right**3 / width - width * right) / 6)[:, np.newaxis] * curvature[at + 1]
    return basis, second.T @ solved


def minima(values: np.ndarray, outcome: np.ndarray) -> list[tuple[float, float, np.ndarray]]:
    """Return the local minima of GCV: its value, the degrees of freedom and the fit, the lowest first."""
    basis, penalty = cubic_regression_spline(values)
    rotation, triangle = np.linalg.qr(basis)
    turned = np.linalg.solve(triangle.T, np.linalg.solve(triangle.T, penalty).T)
    roughness, vectors = np.linalg.eigh((turned + turned.T) / 2)
    functions, n = rotation @ vectors, len(outcome)
    scores = functions.T @ outcome
    found = []
    for strength in np.logspace(-6, 6, 481):
        left = 1 / (1 + strength * np.clip(roughness, 0, None))
        fit = functions @ (left * scores)
        found.append((n * float(((outcome - fit) ** 2).sum()) / (n - left.sum()) ** 2, float(left.sum()), fit))
    padded = [np.inf, *(each[0] for each in found), np.inf]
    kept = [each for place, each in enumerate(found) if padded[place] > each[0] <= padded[place + 2]]
    return sorted(kept, key=lambda each: each[0])


def by_outcome(parameters: pd.DataFrame, draws: xr.Dataset, name: str) -> list[tuple[float, float]]:
    """Return the EVPPI that a penalty for each outcome gives, by each minimum of GCV for the effects.

    Each is told with the degrees of freedom of the effects; costs are fitted at their lowest minimum.
    """
    values = parameters[name].to_numpy()
    cost, effect = (
        np.diff(draws[each].transpose("draw", "strategy").to_numpy()).ravel() for each in ("cost", "effect")
    )
    of_cost = minima(values, cost)[0][2]
    result = []
    for _, freedom, fit in minima(values, effect):
        gain = WTP * fit - of_cost
        result.append((freedom, float(np.maximum(gain, 0).mean() - max(gain.mean(), 0.0))))
    return result


# The page -------------------------------------------------------------------------------------------------------------

HEADER = ("example", "parameters", "theirs", "hecon (SE)", "out of fold", "truth")
TEXT = """\
Value of information
--------------------

What it is worth to learn some parameters (EVPPI), at {wtp} per unit of effect, by regression. Two regressions do not
give the same digits: hold the gap against the standard error. Theirs: the R packages' gam, for the five parameters of
the chemotherapy its additive form.

{table}

*BCEA's Vaccine.* BCEA's gam finds {low} to {high} where hecon finds {ours_low} to {ours_high}, and 0 is right: the
parameters on file are of another run than its costs and effects (whether in BCEA itself or in the copy that is read
here was not looked up). Costs of the status quo computed from the parameters and events of a row have a correlation of
{correlation} with those on file of that row, where it should be 1, and straight lines in all parameters explain {file}
of the variance of net benefit, where as many columns of noise explain {chance} and where they explain {own} of what is
computed from them. Computed from its parameters the example has a truth: the model is a sum of products of independent
parameters.

Three things make up the gap. BCEA fits costs and effects each with its own penalty, and a straight line without any;
hecon shrinks a line that cross-validation takes for noise. And a search for the penalty may stop at a local minimum:
for beta.1 that of the effects has two, at {first_freedom} and {second_freedom} degrees of freedom. The second, which is
not the lowest, gives {second}, where BCEA has {known}; the first gives {first}.

Of a study (EVSI) there is no table of others' numbers here: voi draws its studies at random. ``python
benchmarks/value_of_information.py study`` prints hecon's methods beside the closed form and voi.
"""


def information_section(folder: Path, table: Callable[..., str]) -> str:
    """Return the part of the page on the value of information; `table` writes a table of rows."""
    found = list(valued(folder))
    rows = [
        (
            f"{each.peer}: {each.example}" if each.peer else each.example,
            each.parameters,
            _number(each.theirs),
            f"{_number(each.ours)} ({_number(each.se)})",
            *map(_number, (each.out_of_fold, each.truth)),
        )
        for each in found
    ]
    draws, parameters = example(folder, "vaccine")
    own = vaccine_outcomes(parameters)
    cost, effect = (draws[each].transpose("draw", "strategy").to_numpy() for each in ("cost", "effect"))
    (first_freedom, first), (second_freedom, second) = by_outcome(parameters, draws, "beta.1.")
    of_file = [each for each in found if each.example == "Vaccine as it comes" and each.theirs is not None]
    theirs, ours = [each.theirs or 0.0 for each in of_file], [each.ours for each in of_file]
    shares = {"file": explained(parameters, cost, effect), "own": explained(parameters, *own)}
    told = {
        "correlation": float(np.corrcoef(own[0][:, 0], cost[:, 0])[0, 1]),
        "low": min(theirs),
        "high": max(theirs),
        "ours_low": min(ours),
        "ours_high": max(ours),
        "first": first,
        "second": second,
        "known": theirs[0],
    }
    return TEXT.format(
        wtp=f"{WTP:,.0f}",
        table=table(HEADER, rows, (26, 26, 11, 17, 11, 9)),
        first_freedom=f"{first_freedom:.1f}",
        second_freedom=f"{second_freedom:.1f}",
        chance=f"{shares['file'][1]:.1%}",
        **{name: f"{share:.1%}" for name, (share, _) in shares.items()},
        **{name: _number(value) for name, value in told.items()},
    )


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:,.3f}".replace("-", "−")
