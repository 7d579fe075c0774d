"""The terms of the payment experiment for COPD as data, each with its source."""

from __future__ import annotations

import datetime as dt
import math
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np

from hecon import _checks
from hecon.payment import schemes
from hecon.payment.caseload import total

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from hecon.payment.caseload import Caseload
    from hecon.payment.schemes import Bundle, FeeForService, RiskCorridor

__all__ = [
    "NOT_REPORTED",
    "Indicator",
    "Result",
    "Source",
    "Term",
    "Value",
    "all_patients",
    "below_zero",
    "indicators",
    "one_patient",
    "simulated",
    "term",
    "terms",
]

# A result this near to 0, relative to the amounts that make it up, breaks even.
_EVEN = 1e-11
_CHUNK = 2_000_000


@dataclass(frozen=True)
class Result:
    """The distribution of a result, before settlement."""

    values: NDArray[np.float64]
    weights: NDArray[np.float64]
    size: float

    @property
    def mean(self) -> float:
        """Mean of the distribution."""
        return float(self.weights @ self.values)

    @property
    def sd(self) -> float:
        """Standard deviation of the distribution; one of rounding alone is none."""
        found = math.sqrt(float(self.weights @ (self.values - self.mean) ** 2))
        return found if found > _EVEN * self.size else 0.0


def one_patient(caseload: Caseload, scheme: FeeForService | Bundle, cost: float) -> Result:
    """Return the result of one patient before settlement [EUR]."""
    schemes.checked(caseload, scheme)
    values, weights, size = [], [], 0.0
    for each in caseload.classes:
        treatments = np.arange(each.given.size, dtype=np.float64)
        revenue, costs = scheme.paid(each.name, treatments), cost * treatments
        possible = each.share * each.given > 0.0
        values.append((revenue - costs)[possible])
        weights.append((each.share * each.given)[possible])
        size = max(size, float(np.abs(revenue[possible]).max(initial=0.0)), float(costs[possible].max(initial=0.0)))
    joined, chances = np.concatenate(values), np.concatenate(weights)
    # Rounding must not part what is equal: it would take the sum off its lattice.
    order = np.argsort(joined, kind="stable")
    joined, chances = joined[order], chances[order]
    new = np.append(True, np.diff(joined) > _EVEN * size)
    summed = np.bincount(np.cumsum(new) - 1, weights=chances)
    return Result(joined[new], summed / summed.sum(), size)


def all_patients(one: Result, n: int) -> tuple[Result, bool]:
    """Return the average result of n patients before settlement [EUR per patient], and whether it is exact."""
    values, weights, exact = total(one.values, one.weights, n)
    return Result(values / n, weights, one.size), exact


def below_zero(values: NDArray[np.float64], size: float) -> NDArray[np.bool_]:
    """Tell which results are a loss, beyond rounding."""
    return np.asarray(values < -_EVEN * size)


def settled(values: NDArray[np.float64], corridor: RiskCorridor | None) -> NDArray[np.float64]:
    """Return average results after settlement."""
    return values if corridor is None else corridor.settled(values)


def simulated(one: Result, n: int, practices: int, rng: np.random.Generator) -> Iterator[NDArray[np.float64]]:
    """Yield average results of simulated practices of n patients, before settlement, in parts that fit in memory."""
    sums = np.cumsum(one.weights)
    last = one.values.size - 1
    by_patient = n <= one.values.size
    step = max(1, _CHUNK // min(n, one.values.size))
    for done in range(0, practices, step):
        size = min(step, practices - done)
        if by_patient:
            places = np.minimum(np.searchsorted(sums, rng.random((size, n)), side="right"), last)
            yield one.values[places].mean(axis=1)
        else:
            yield rng.multinomial(n, one.weights, size=size) @ one.values / n


NOT_REPORTED = "not reported"

Value = bool | int | str | dt.date | tuple[str, ...] | Mapping[str, int | str]

_FILE = Path(__file__).parents[1] / "data" / "payment_experiment.toml"


@dataclass(frozen=True)
class Source:
    """Where something stands.

    Parameters
    ----------
    document : str
        The document, "zorginstituut-2024" or "kamerbrief-copd-2024".
    place : str
        Paragraph or heading in it, in the document's language.
    """

    document: str
    place: str


@dataclass(frozen=True)
class Term:
    """A term of the experiment.

    Parameters
    ----------
    id : str
        By which it is selected.
    name_nl, name_en : str
        Its name.
    text_nl, text_en : str
        What it says, in short.
    value : bool, int, str, datetime.date, tuple of str or mapping
        The same to compute with; "not reported" where neither document gives it.
    unit : str
        Unit of the value; empty where it has none.
    status : str
        "reported" or "not reported".
    sources : tuple of Source
        Where it stands; empty where it is not reported.
    """

    id: str
    name_nl: str
    name_en: str
    text_nl: str
    text_en: str
    value: Value
    unit: str
    status: str
    sources: tuple[Source, ...]


@dataclass(frozen=True)
class Indicator:
    """An indicator of the yearly monitoring.

    Parameters
    ----------
    id : str
        By which it is selected.
    name_nl, name_en : str
        What it measures.
    monitor : str
        Who is to follow it, "NZa" or "Zorginstituut".
    unit : str
        Its unit, "not reported" where the documents leave it to be worked out.
    better : str
        Whether "lower" or "higher" is better: assumed, as the documents do not say it; empty where neither is.
    sources : tuple of Source
        Where it stands.
    """

    id: str
    name_nl: str
    name_en: str
    monitor: str
    unit: str
    better: str
    sources: tuple[Source, ...]


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
    return _terms()


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

    Raises
    ------
    InputError
        If there is no such term.

    Examples
    --------
    >>> from hecon import payment
    >>> payment.term("budget_neutral").value, dict(payment.term("added_budget").value)
    (True, {'2025': 173000, '2026': 'not reported', '2027': 347000})
    """
    found = {each.id: each for each in _terms()}
    return found[_checks.one_of("term", name, tuple(found))]


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
    return tuple(
        Indicator(
            id=each["id"],
            name_nl=each["name"]["nl"],
            name_en=each["name"]["en"],
            monitor=each["monitor"],
            unit=each["unit"],
            better=each["better"],
            sources=_sources(each),
        )
        for each in _file()["indicator"]
    )


def first_case_data() -> Mapping[str, Any]:
    """Return what is on file of the class mix of 2022."""
    return MappingProxyType(_file()["first_case"])


def first_year_and_length() -> tuple[int, int]:
    """Return the calendar year in which the experiment starts, and the most years that it may run."""
    values = {each["id"]: each["value"] for each in _file()["term"]}
    return values["start"].year, values["maximum_years"]


@cache
def _file() -> dict[str, Any]:
    return tomllib.loads(_FILE.read_text(encoding="utf-8"))


@cache
def _terms() -> tuple[Term, ...]:
    return tuple(
        Term(
            id=each["id"],
            name_nl=each["name"]["nl"],
            name_en=each["name"]["en"],
            text_nl=each["text"]["nl"],
            text_en=each["text"]["en"],
            value=_frozen(each["value"]),
            unit=each["unit"],
            status=each["status"],
            sources=_sources(each),
        )
        for each in _file()["term"]
    )


def _frozen(value: Any) -> Any:  # noqa: ANN401 (as TOML gives it)
    if isinstance(value, dict):
        return MappingProxyType(value)
    return tuple(value) if isinstance(value, list) else value


def _sources(tree: dict[str, Any]) -> tuple[Source, ...]:
    return tuple(Source(document=each["document"], place=each["place"]) for each in tree["sources"])
