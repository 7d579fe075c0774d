"""Twelve tables as trial groups keep them, each in its own kind of file, with the edits that its draft takes."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import openpyxl
import pandas as pd
import pyreadstat

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

COUNT = 60
ITEMS = ("mob", "zelfzorg", "dagelijks", "pijn", "angst")


@dataclass(frozen=True)
class TrialFile:
    """A file, the options of `hecon new --design` for it, and the edits of what that writes: old text and new."""

    make: Callable[[Path], Path]
    options: tuple[str, ...] = ()
    edits: tuple[tuple[str, str], ...] = ()
    arms: int = 2


def _patients(count=COUNT, arms=2, seed=5):
    """Return the arm, age, sex and latent health of patients."""
    rng = np.random.default_rng(seed)
    return rng, pd.DataFrame(
        {
            "arm": np.arange(count) % arms,
            "age": rng.integers(40, 75, count),
            "sex": rng.integers(0, 2, count),
            "health": rng.normal(0, 1, count),
        }
    )


def _answers(rng, health, highest=5):
    """Return the answers to the five items (patient, item)."""
    noise = rng.normal(0, 0.7, (health.size, 5))
    return np.clip(np.round(2.4 - 0.8 * health[:, None] + noise), 1, highest).astype(int)


def _utility(rng, health):
    return np.clip(np.round(0.75 + 0.15 * health + rng.normal(0, 0.1, health.size), 3), -0.3, 1)


def _amounts(rng, count, mean=900):
    return np.round(rng.gamma(1.5, mean / 1.5, count), 2)


def _with_gaps(rng, values, share=0.08):
    result = pd.Series(values, dtype=object)
    result[rng.random(len(result)) < share] = None
    return result


def semicolons(folder):
    """CSV of a Dutch Excel: semicolons, decimal commas, Windows' letters, a title above the names."""
    rng, people = _patients()
    table = pd.DataFrame({"Patiëntnr": [f"P{place:03}" for place in range(COUNT)]})
    table = table.rename(columns={"Patiëntnr": "patient_id"})
    table["groep"] = ["gebruikelijke zorg" if arm == 0 else "oefentherapie" for arm in people["arm"]]
    table["leeftijd"] = people["age"]
    table["utiliteit_0"] = _utility(rng, people["health"])
    for month in (3, 12):
        table[f"utiliteit_{month}"] = _with_gaps(rng, _utility(rng, people["health"]))
        table[f"kosten_{month}"] = _with_gaps(rng, _amounts(rng, COUNT))
    amounts = [name for name in table if name.startswith(("utiliteit", "kosten"))]
    text = table.astype(dict.fromkeys(amounts, float)).to_csv(sep=";", decimal=",", index=False)
    path = folder / "knie.csv"
    path.write_bytes(("Export van de knieënstudie;;\n\n" + text).encode("windows-1252"))
    return path


def _items(table, rng, people, *, months, name="{item}_{month}", highest=5):
    for month in months:
        answers = _answers(rng, people["health"].to_numpy(), highest)
        for place, item in enumerate(ITEMS):
            table[name.format(item=item, month=month, place=place + 1)] = answers[:, place]


def spss(folder):
    """SPSS with value labels, and a user-missing value 9."""
    rng, people = _patients()
    table = pd.DataFrame({"respnr": np.arange(1, COUNT + 1), "conditie": people["arm"] + 1, "geslacht": people["sex"]})
    _items(table, rng, people, months=(0, 6), name="eq5d_{item}_m{month}")
    table.loc[[3, 8, 30], "eq5d_pijn_m6"] = 9
    table["kosten_m6"] = _amounts(rng, COUNT)
    path = folder / "heup.sav"
    five = {1: "geen", 2: "licht", 3: "matig", 4: "ernstig", 5: "extreem", 9: "niet ingevuld"}
    items = [name for name in table if name.startswith("eq5d")]
    pyreadstat.write_sav(
        table.astype(float),
        path,
        variable_value_labels={
            "conditie": {1: "Controle", 2: "Training"},
            "geslacht": {0: "man", 1: "vrouw"},
            **dict.fromkeys(items, five),
        },
        missing_ranges={name: [{"lo": 9, "hi": 9}] for name in items},
    )
    return path


def stata(folder):
    """Stata with .a in the answers and labels of the arms."""
    rng, people = _patients()
    table = pd.DataFrame({"id": np.arange(1, COUNT + 1), "treat": people["arm"], "age": people["age"]})
    _items(table, rng, people, months=(0, 3, 12), name="{item}_t{month}")
    table["cost_t3"] = _amounts(rng, COUNT)
    table["cost_t12"] = _amounts(rng, COUNT)
    path = folder / "back.dta"
    table = table.astype(float)
    # pandas writes no .a: a number that is none of the table's stands in its place.
    table.loc[[4, 9], "pijn_t3"] = 7e307
    table.to_stata(path, write_index=False, value_labels={"treat": {0: "usual care", 1: "exercise"}})
    path.write_bytes(path.read_bytes().replace(struct.pack("<d", 7e307), bytes.fromhex("000000000001e07f")))
    return path


def codebook_first(folder):
    """Excel with a codebook first, and a title over the table."""
    rng, people = _patients()
    table = pd.DataFrame(
        {"Subject ID": np.arange(101, 101 + COUNT), "Group": people["arm"].map({0: "control", 1: "new"})}
    )
    for month in (0, 6, 12):
        table[f"EQ5D index {month}m"] = _with_gaps(rng, _utility(rng, people["health"]), 0.05 if month else 0)
    for month in (6, 12):
        table[f"Costs {month}m"] = _amounts(rng, COUNT)
    book = openpyxl.Workbook()
    book.active.title = "Codebook"
    for name in table:
        book.active.append([name, "what it is"])
    sheet = book.create_sheet("Data")
    sheet.append(["Shoulder trial, locked on 3 May 2024"])
    sheet.merge_cells("A1:D1")
    sheet.append([])
    sheet.append(list(table.columns))
    for row in table.itertuples(index=False):
        sheet.append([None if pd.isna(cell) else cell for cell in row])
    path = folder / "shoulder.xlsx"
    book.save(path)
    return path


def items(folder):
    """Items by month, and resource use with a price to be found."""
    rng, people = _patients()
    table = pd.DataFrame({"patient": np.arange(COUNT), "arm": people["arm"].map({0: "usual care", 1: "coaching"})})
    _items(table, rng, people, months=(0, 3, 6), name="{item}_{month}")
    for month in (3, 6):
        table[f"physio_sessions_{month}"] = rng.poisson(4, COUNT)
    path = folder / "items.csv"
    table.to_csv(path, index=False)
    return path


def states(folder):
    """States of five digits, 99999 where none was given."""
    rng, people = _patients()
    table = pd.DataFrame(
        {"pid": np.arange(COUNT), "randomisation_arm": people["arm"].map({0: "surgery", 1: "exercise"})}
    )
    for month in (0, 6, 12):
        table[f"state_m{month}"] = _answers(rng, people["health"].to_numpy()) @ 10 ** np.arange(4, -1, -1)
    table.loc[[5, 6, 20], "state_m12"] = 99999
    for month in (6, 12):
        table[f"total_costs_m{month}"] = _amounts(rng, COUNT)
    path = folder / "states.tsv"
    table.to_csv(path, index=False, sep="\t")
    return path


def long(folder):
    """One row per patient and month."""
    rng, people = _patients()
    rows = []
    for place in range(COUNT):
        for month in (0, 3, 6, 12):
            utility = np.clip(0.75 + 0.15 * people["health"][place] + rng.normal(0, 0.1), -0.3, 1)
            cost = None if month == 0 else round(float(rng.gamma(1.5, 300)), 2)
            rows.append((f"A-{place}", month, "usual care" if place % 2 == 0 else "app", round(utility, 3), cost))
    table = pd.DataFrame(rows, columns=["subject_id", "month", "group", "eq5d_utility", "costs_eur"])
    path = folder / "long.parquet"
    table.to_parquet(path, index=False)
    return path


def three_arms(folder):
    """Three arms by number, without labels, and "NA" as R writes it."""
    rng, people = _patients(90, arms=3)
    table = pd.DataFrame({"id": np.arange(90), "allocation": people["arm"], "age": people["age"]})
    for month in (0, 12):
        table[f"u_{month}"] = _with_gaps(rng, _utility(rng, people["health"]), 0.05 if month else 0)
    table["cost_12"] = _with_gaps(rng, _amounts(rng, 90), 0.05)
    path = folder / "three.csv"
    table.to_csv(path, index=False, na_rep="NA")
    return path


def visits(folder):
    """Visits by number, T0 to T2, in compressed SPSS, with -9 for missing; three levels by their labels."""
    rng, people = _patients()
    table = pd.DataFrame({"id": np.arange(COUNT), "groep": people["arm"]})
    _items(table, rng, people, months=(0, 1, 2), name="EQ5D_{place}_T{month}", highest=3)
    table.loc[[2, 7], "EQ5D_4_T2"] = -9
    for visit in (1, 2):
        table[f"kosten_T{visit}"] = _amounts(rng, COUNT)
    path = folder / "visits.zsav"
    three = {1: "geen problemen", 2: "enige problemen", 3: "ernstige problemen"}
    names = [name for name in table if name.startswith("EQ5D")]
    labels = {"groep": {0: "gebruikelijke zorg", 1: "e-health"}, **dict.fromkeys(names, three)}
    pyreadstat.write_sav(table.astype(float), path, compress=True, variable_value_labels=labels)
    return path


def dutch_dates(folder):
    """Dates of randomisation and baseline as 22-03-2024, costs over the whole follow-up, "." for missing."""
    rng, people = _patients()
    start = pd.Timestamp("2023-01-09") + pd.to_timedelta(rng.integers(0, 300, COUNT), unit="D")
    table = pd.DataFrame({"deelnemer": np.arange(COUNT), "behandeling": people["arm"].map({0: "placebo", 1: "pil"})})
    table["datum_nulmeting"] = [f"{day.day:02}-{day.month:02}-{day.year}" for day in start]
    table["datum_randomisatie"] = [f"{day.day:02}-{day.month:02}-{day.year}" for day in start + pd.Timedelta(days=3)]
    for month in (0, 6, 12):
        gaps = _with_gaps(rng, _utility(rng, people["health"]), 0.06 if month else 0)
        table[f"eq5d_index_{month}mnd"] = ["." if pd.isna(each) else each for each in gaps]
    table["zorgkosten"] = _amounts(rng, COUNT)
    path = folder / "dates.csv"
    table.to_csv(path, index=False, sep=";")
    return path


def sick_leave(folder):
    """Amounts and a reference price, absence from work in hours, Excel with one sheet."""
    rng, people = _patients()
    table = pd.DataFrame({"nr": np.arange(COUNT), "arm": people["arm"].map({0: "care as usual", 1: "training"})})
    for month in (0, 6):
        table[f"utility_{month}"] = _utility(rng, people["health"])
    table["hospital_costs_6"] = _amounts(rng, COUNT)
    table["gp_costs_6"] = _amounts(rng, COUNT, 80)
    table["absence_hours_6"] = rng.poisson(20, COUNT) * rng.integers(0, 2, COUNT)
    path = folder / "work.xlsx"
    table.to_excel(path, index=False)
    return path


def totals(folder):
    """One total of QALYs and one of costs per patient, as a statistician hands them over; -9 for missing."""
    rng, people = _patients()
    table = pd.DataFrame({"ID": np.arange(COUNT), "Treatment": people["arm"].map({0: "control", 1: "exercise"})})
    table["utility_baseline"] = _utility(rng, people["health"])
    table["QALY_12m"] = np.round(0.75 + 0.1 * people["health"] + rng.normal(0, 0.05, COUNT), 4).clip(upper=1)
    table["total_cost"] = _amounts(rng, COUNT, 3000)
    table.loc[[1, 12, 33, 40], ["QALY_12m", "total_cost"]] = -9
    path = folder / "totals.xlsx"
    table.to_excel(path, index=False)
    return path


YEAR = ("--price-year", "2022")
FILES = {
    "semicolons": TrialFile(semicolons, YEAR),
    "spss": TrialFile(spss, YEAR),
    "stata": TrialFile(stata, YEAR),
    "codebook-first": TrialFile(codebook_first, YEAR),
    "items": TrialFile(items, YEAR, (('price = ""', 'price = "physiotherapy-session"'),)),
    "states": TrialFile(
        states,
        YEAR,
        (
            (
                'comparator = ""\ninterventions = ["exercise", "surgery"]',
                'comparator = "surgery"\ninterventions = ["exercise"]',
            ),
        ),
    ),
    "long": TrialFile(long, YEAR),
    "totals": TrialFile(totals, YEAR),
    "three-arms": TrialFile(
        three_arms,
        YEAR,
        (
            (
                'comparator = ""\ninterventions = ["arm 0", "arm 1", "arm 2"]',
                'comparator = "arm 0"\ninterventions = ["arm 1", "arm 2"]',
            ),
        ),
        arms=3,
    ),
    "visits": TrialFile(
        visits, YEAR, (("months = []", "months = [0, 6, 12]"), ('value_set = ""', 'value_set = "nl-3l-2006"'))
    ),
    "dates": TrialFile(dutch_dates, YEAR),
    "sick-leave": TrialFile(
        sick_leave, YEAR, (('price = ""', 'price = "paid-work-hour"\nabsence = { hours_per_week = 36 }'),)
    ),
}
