"""The payment experiment for COPD: terms and indicators with their sources, the yearly table, the first case."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Annotated, Any, Literal

import numpy as np
import xarray as xr
from pydantic import AfterValidator, Field

from hecon import _checks
from hecon.detection import patients_needed
from hecon.errors import DossierError, InputError
from hecon.files import toml
from hecon.files.faults import repeated_ids
from hecon.files.parts import (
    FIGURE,
    NOT_REPORTED,
    Float,
    Format,
    Identifier,
    Part,
    Reference,
    Sources,
    Text,
    Words,
    validated,
)
from hecon.payment.signals import share_interval

if TYPE_CHECKING:
    from hecon._arrays import Floats

_FILE = Path(__file__).parents[1] / "data" / "payment_experiment.toml"


class _Named(Part):
    """What the file selects by id and names in both languages."""

    id: Annotated[str, Field(pattern=FIGURE)]
    name: Text

    @property
    def name_nl(self) -> str:
        """Name in Dutch."""
        return self.name.nl

    @property
    def name_en(self) -> str:
        """Name in English."""
        return self.name.en


class Term(_Named):
    """A term of the experiment: what it says, and the same to compute with; without sources where not reported."""

    text: Text
    value: (
        bool
        | int
        | dt.date
        | Words
        | tuple[Words, ...]
        | Annotated[dict[Words, int | Words], AfterValidator(MappingProxyType)]
    )
    unit: str
    status: Literal["reported", "not reported"]
    sources: tuple[Reference, ...]

    @property
    def text_nl(self) -> str:
        """What it says, in Dutch."""
        return self.text.nl

    @property
    def text_en(self) -> str:
        """What it says, in English."""
        return self.text.en


class Indicator(_Named):
    """An indicator of the yearly monitoring; `better` is assumed, as the documents do not say it, and may be empty."""

    monitor: Literal["NZa", "Zorginstituut", "not reported"]
    unit: Words
    better: Literal["lower", "higher", ""]
    sources: Sources


class FirstCase(Part):
    """The class mix of 2022."""

    expected: Float
    observed: Float
    patients_heaviest: int
    patients_lightest: int
    note: Text
    sources: Sources


class ExperimentFile(Part):
    """The packaged file of the experiment."""

    format: Format
    name: Identifier
    term: tuple[Term, ...]
    indicator: tuple[Indicator, ...]
    first_case: FirstCase


def read(path: Path) -> ExperimentFile:
    """Return what a file of the experiment holds; all its faults are raised at once, each with its line and path."""
    file = toml.read(path.read_bytes(), path.name, DossierError)
    result, faults = validated(file.tree, ExperimentFile)
    file.refuse([*faults, *repeated_ids(file.tree, "term", "indicator")])
    if result is None:
        raise AssertionError  # the schema refuses nothing without a fault
    return result


@cache
def _file() -> ExperimentFile:
    return read(_FILE)


def terms() -> tuple[Term, ...]:
    """Return the terms of the experiment, as the letter of 20 June 2024 announces them.

    Returns
    -------
    tuple of Term
        In the order of the file; an intention on that day, and no account of what followed.

    References
    ----------
    Letter of the minister for medical care, Kamerstuk 29689, no. 1256. Zorginstituut Nederland, progress report of 22
    March 2024, chapter 7 and appendix 3.

    Examples
    --------
    >>> from hecon import payment
    >>> [each.id for each in payment.terms() if each.status == "not reported"]
    ['bundle_price', 'bundles', 'cost_per_treatment']
    """
    return _file().term


def term(name: str) -> Term:
    """Return one term of the experiment.

    Parameters
    ----------
    name : str
        Its `id`.

    Returns
    -------
    Term
        With text, value and source.

    Examples
    --------
    >>> from hecon import payment
    >>> payment.term("budget_neutral").value, dict(payment.term("added_budget").value)
    (True, {'2025': 173000, '2026': 'not reported', '2027': 347000})
    """
    result = {each.id: each for each in terms()}
    return result[_checks.one_of("term", name, tuple(result))]


def indicators() -> tuple[Indicator, ...]:
    """Return the indicators that the letter and the Zorginstituut name for the monitoring.

    Returns
    -------
    tuple of Indicator
        First the letter's, which are examples to be worked out, then those of the Zorginstituut.

    Examples
    --------
    >>> from hecon import payment
    >>> [each.id for each in payment.indicators() if each.monitor == "NZa"]
    ['perceived_burden', 'total_costs', 'lung_attacks_admitted', 'job_satisfaction']
    """
    return _file().indicator


def monitoring_table(
    values: Mapping[str, Mapping[int, float]] | None = None, *, years: int | None = None, base: int | None = None
) -> xr.Dataset:
    """Return the indicators of the experiment by year, with their change since a base year.

    A change is no effect: other things change with the years. An effect needs a comparison with patients who are paid
    for as before.

    Parameters
    ----------
    values : mapping of str to mapping of int to float, optional
        What was measured: by indicator, then by calendar year. Nothing is measured where a year is left out.
    years : int, optional
        Years that the experiment runs, from 1 to the most that its terms allow, which is the default.
    base : int, optional
        Calendar year against which changes are taken: the last year before the experiment, or one of its own; by
        default its first.

    Returns
    -------
    xarray.Dataset
        `value`, `status` ("reported" or "not reported"), `change` (value minus that of the base year) and
        `relative_change` (change over the size of that value; NaN where that is 0), dims (indicator, year); NaN where a
        value is missing. Coordinates along indicator: `name_nl`, `name_en`, `monitor`, `unit`, `better`.

    Examples
    --------
    >>> from hecon import payment
    >>> table = payment.monitoring_table({"treatments_per_patient": {2025: 25, 2026: 24}})
    >>> table["change"].sel(indicator="treatments_per_patient").values.tolist()
    [0.0, -1.0, nan, nan, nan]
    """
    if values is not None and not isinstance(values, Mapping):
        msg = f"values must be a mapping from an indicator to its value by year, got a {type(values).__name__}"
        raise InputError(msg)
    kinds = indicators()
    ids = [each.id for each in kinds]
    calendar, since = _calendar(years, base)
    measured = _measured({} if values is None else values, ids, calendar)
    before = measured[:, [calendar.index(since)]]
    change = measured - before
    size = np.abs(before)
    relative = np.divide(change, size, out=np.full(change.shape, math.nan), where=size > 0.0)
    dims = ("indicator", "year")
    return xr.Dataset(
        {
            "value": (dims, measured),
            "status": (dims, np.where(np.isnan(measured), NOT_REPORTED, "reported")),
            "change": (dims, change),
            "relative_change": (dims, relative),
        },
        coords={
            "indicator": ids,
            "year": calendar,
            **{
                name: ("indicator", [getattr(each, name) for each in kinds])
                for name in ("name_nl", "name_en", "monitor", "unit", "better")
            },
        },
        attrs={"base": since},
    )


def first_case(
    *, power: float = 0.8, alpha: float = 0.05, sided: str = "two", level: float = 0.95, exact: bool = True
) -> xr.Dataset:
    """Return the class mix of 2022 as an indicator of upcoding: 77% in the heaviest classes where 39% was expected.

    A signal and no proof, of a mix of fee-for-service (Zorginstituut Nederland 2024, paragraphs 7.1 and 7.1.5).

    Parameters
    ----------
    power, alpha, sided : float and str
        As in `patients_needed`; two-sided by default.
    level : float, default 0.95
        Level of the interval, in (0, 1).
    exact : bool, default True
        By the binomial test, as the number is too small for the normal approximation.

    Returns
    -------
    xarray.Dataset
        Without dims: `expected` and `observed` (as printed), `patients` (10,000 and 3,000, round numbers), `low` and
        `high` (of the observed share), `patients_needed`, and `demand_to_explain`: how many times as often the patients
        of the heaviest classes would have to ask for care to explain all of it. Attributes say the note in both
        languages.

    Examples
    --------
    >>> from hecon import payment
    >>> case = payment.first_case()
    >>> int(case["patients_needed"].item()), round(case["demand_to_explain"].item(), 1)
    (16, 5.2)
    """
    data = _file().first_case
    expected, observed = data.expected, data.observed
    heavy, light = data.patients_heaviest, data.patients_lightest
    _, low, high = share_interval(heavy, heavy + light, level=level)
    needed = patients_needed(expected, observed, power=power, alpha=alpha, sided=sided, exact=exact)
    return xr.Dataset(
        {
            "expected": expected,
            "observed": observed,
            "patients": heavy + light,
            "low": low,
            "high": high,
            "patients_needed": needed,
            "demand_to_explain": observed / (1.0 - observed) / (expected / (1.0 - expected)),
        },
        attrs={"note_nl": data.note.nl, "note_en": data.note.en, "level": level},
    )


def _calendar(years: int | None, base: int | None) -> tuple[list[int], int]:
    values: dict[str, Any] = {each.id: each.value for each in terms()}
    first, most = values["start"].year, values["maximum_years"]
    run = most if years is None else _checks.count("years", years, at_least=1)
    if run > most:
        msg = f"years must be at most {most}, the longest that the experiment may run, got {years}"
        raise InputError(msg)
    calendar = list(range(first, first + run))
    since = first if base is None else _checks.count("base", base, at_least=1)
    if since == first - 1:
        calendar = [since, *calendar]
    if since not in calendar:
        msg = f"base must be a year from {first - 1} to {calendar[-1]}, got {base}"
        raise InputError(msg)
    return calendar, since


def _measured(values: Mapping[str, Mapping[int, float]], ids: list[str], calendar: list[int]) -> Floats:
    result = np.full((len(ids), len(calendar)), math.nan)
    for name, by_year in values.items():
        _checks.one_of("indicator", name, ids)
        if not isinstance(by_year, Mapping):
            msg = f"values of {name} must be given by year, got {by_year!r}; write {{{calendar[0]}: 1.0}}"
            raise InputError(msg)
        for year, value in by_year.items():
            if isinstance(year, bool) or year not in calendar:
                msg = f"year of {name} must be from {calendar[0]} to {calendar[-1]}, got {year!r}"
                raise InputError(msg)
            result[ids.index(name), calendar.index(year)] = _checks.finite(f"{name} in {year}", value)
    return result
