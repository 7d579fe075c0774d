"""Five layouts of one simulated trial: the tables on the page on the design, and what `hecon trial` prints of them.

    python docs/design_layouts.py

writes the tables. The designs beside them are written by hand. What is printed is made when the site is built.
"""

from __future__ import annotations

import contextlib
import io
from pathlib import Path

import numpy as np
import pandas as pd

import hecon
from hecon.cli import main as cli
from hecon.trial import qalys

FOLDER = Path(__file__).parent / "layouts"
NAMES = ("items", "states", "utilities", "totals", "long")
MONTHS = (0, 6, 12)
ITEMS = ("mobility", "selfcare", "activities", "pain", "anxiety")
VALUE_SET = "nl-5l-2016"
# A few answers and costs are missing.
_GAPS = ((3, 12), (10, 6), (17, 12), (20, 12))
_COST_GAPS = ((5, 12), (17, 12))
_SESSION, _YEAR, _TO = "physiotherapy-session", 2022, 2024


def _patients() -> tuple[pd.DataFrame, dict[int, np.ndarray], dict[str, dict[int, np.ndarray]]]:
    """Return 24 simulated patients, their answers by month (patient, item), and sessions and costs by month."""
    rng = np.random.default_rng(20_24)
    count = 24
    new = np.arange(count) % 2 == 1
    severity = rng.normal(0, 0.6, count)
    age = np.round(58 + 6 * severity + rng.normal(0, 6, count)).astype(int)
    about = pd.DataFrame({"id": np.arange(101, 101 + count), "group": np.where(new, "exercise", "usual"), "age": age})
    answers, costs = {}, {"sessions": {}, "hospital": {}}
    for month in MONTHS:
        level = 2.6 + severity - (0.3 + 0.4 * new) * (month > 0)
        drawn = np.clip(np.round(level[:, None] + rng.normal(0, 0.5, (count, 5))), 1, 5)
        answers[month] = drawn
        if month:
            costs["sessions"][month] = rng.poisson(4 + 8 * new * (month == MONTHS[1])).astype(float)
            costs["hospital"][month] = np.round(rng.gamma(1.2, 700, count) * np.exp(0.3 * severity))
    for patient, month in _GAPS:
        answers[month][patient, 3 if month == MONTHS[1] else slice(None)] = np.nan
    for patient, month in _COST_GAPS:
        costs["hospital"][month][patient] = np.nan
    return about, answers, costs


def _utilities(answers: dict[int, np.ndarray]) -> dict[int, np.ndarray]:
    """Return the utilities by month, missing where an item is."""
    known = {month: ~np.isnan(each).any(axis=1) for month, each in answers.items()}
    result = {month: np.full(len(each), np.nan) for month, each in answers.items()}
    for month, rows in known.items():
        result[month][rows] = hecon.utility(answers[month][rows].astype(int), value_set=VALUE_SET)
    return result


def _states(answers: np.ndarray) -> list[str | None]:
    """Return states as five digits, empty where an item is missing."""
    return [None if np.isnan(row).any() else "".join(str(int(each)) for each in row) for row in answers]


def tables() -> dict[str, pd.DataFrame]:
    """Return the table of each layout: the same patients, as far as the layout can hold them."""
    about, answers, costs = _patients()
    utilities = _utilities(answers)
    by_period = {f"{name}_{month}": costs[name][month] for name in costs for month in MONTHS[1:]}
    return {
        "items": about.assign(
            **{f"{item}_{month}": answers[month][:, place] for month in MONTHS for place, item in enumerate(ITEMS)},
            **by_period,
        ),
        "states": about.assign(**{f"eq5d_{month}": _states(answers[month]) for month in MONTHS}, **by_period),
        "utilities": about.assign(**{f"utility_{month}": utilities[month] for month in MONTHS}, **by_period),
        "totals": about.assign(utility_start=utilities[0], **_totals(utilities, costs)),
        "long": _long(about, answers, costs),
    }


def _totals(utilities: dict[int, np.ndarray], costs: dict[str, dict[int, np.ndarray]]) -> dict[str, np.ndarray]:
    """Return QALYs and costs of the year; who lacks a part has no total."""
    price = hecon.prices.reference_price(_SESSION).amount
    each = {name: sum(by_month.values()) for name, by_month in costs.items()}
    sessions = hecon.prices.indexed(price, price_year=_YEAR, to_year=_TO) * each["sessions"]
    gained = qalys(np.column_stack([utilities[month] for month in MONTHS]), months=MONTHS)
    return {"qalys": gained.round(6), "costs": (sessions + each["hospital"]).round(2)}


def _long(about: pd.DataFrame, answers: dict[int, np.ndarray], costs: dict[str, dict[int, np.ndarray]]) -> pd.DataFrame:
    """Return a row per patient and visit; costs stand in the row of the visit that ends their period."""
    rows = [
        about.assign(
            month=month, eq5d=_states(answers[month]), **{name: costs[name].get(month, np.nan) for name in costs}
        )
        for month in MONTHS
    ]
    return pd.concat(rows).sort_values(["id", "month"], kind="stable")


def text_of(table: pd.DataFrame) -> str:
    """Return a table as the file that holds it: whole numbers without a point."""
    plain = table.map(lambda cell: "" if pd.isna(cell) else f"{cell:.10g}" if isinstance(cell, float) else str(cell))
    return plain.to_csv(index=False, lineterminator="\n")


def printed(name: str) -> str:
    """Return what `hecon trial` prints of a layout, as the one page that is printed with --length brief."""
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        code = cli.main(["trial", str(FOLDER / f"{name}.csv"), str(FOLDER / f"{name}.toml"), "--length", "brief"])
    if code:
        raise RuntimeError(name)
    return out.getvalue()


def write(folder: Path) -> None:
    """Write what is printed of each layout, which the page on the design includes."""
    for name in NAMES:
        (folder / f"layout-{name}.txt").write_text(printed(name), encoding="utf-8")


if __name__ == "__main__":
    for key, each in tables().items():
        (FOLDER / f"{key}.csv").write_text(text_of(each), encoding="utf-8")
