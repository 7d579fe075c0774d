"""Signals of risk selection, under-treatment and upcoding in claims, and how many patients are needed to see them."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import xarray as xr
from scipy.special import ndtri

from hecon import _checks
from hecon.detection import number_of_patients, patients_needed
from hecon.errors import InputError
from hecon.payment.caseload import after_selection, after_upcoding, checked_heaviest, share_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from hecon._arrays import Flags, Floats
    from hecon.payment.caseload import Caseload

INDICATORS = ("risk_selection", "undertreatment", "upcoding")

_ROUNDING = 1e-12


def risk_shifts(
    caseload: Caseload,
    *,
    heaviest: Iterable[str],
    selection: float = 0.0,
    undertreatment: float = 0.0,
    upcoding: float = 0.0,
    power: float = 0.8,
    alpha: float = 0.05,
    sided: str = "one",
    design_effect: float = 1.0,
) -> xr.Dataset:
    """Return what three kinds of behaviour do to their indicators, and how many patients are needed to see it.

    Parameters
    ----------
    caseload : Caseload
        The patients, as expected.
    heaviest : iterable of str
        Names of the heaviest classes.
    selection : float, default 0
        Share of the patients in the heaviest classes who are turned away, in [0, 1].
    undertreatment : float, default 0
        Share of the treatments that is left out, in [0, 1].
    upcoding : float, default 0
        Share of the other patients who are billed in a heaviest class, in [0, 1].
    power, alpha, sided, design_effect : float and str
        As in `patients_needed`.

    Returns
    -------
    xarray.Dataset
        `expected`, `actual` and `patients_needed` (NaN where nothing shifts), dim indicator; `indicator` is
        "risk_selection" (share in the heaviest classes by an assessment of its own), "undertreatment" (treatments given
        over those expected of the assessed classes) and "upcoding" (share billed in the heaviest classes).

    Notes
    -----
    Only an assessment that does not come from the bill, such as spirometry, parts selection from upcoding.

    Examples
    --------
    >>> from hecon import payment
    >>> light = payment.SeverityClass("light", share=0.61, mean=8, sd=4)
    >>> heavy = payment.SeverityClass("heavy", share=0.39, mean=30, sd=15)
    >>> shifts = payment.risk_shifts(payment.Caseload([light, heavy]), heaviest=["heavy"], upcoding=0.1)
    >>> int(shifts["patients_needed"].sel(indicator="upcoding").item())
    401
    """
    _checks.instance("caseload", caseload, "Caseload", "make one with hecon.payment.Caseload")
    names = checked_heaviest(caseload, heaviest)
    left_out = _checks.probability("undertreatment", undertreatment)
    selected = after_selection(caseload, names, selection)
    share, kept = share_of(caseload, names), share_of(selected, names)
    given = 1.0 - left_out
    # Each treatment is left out by itself, which thins the distribution.
    spread = math.fsum(
        each.share * (given**2 * each.sd_given**2 + left_out * given * each.mean_given) for each in selected.classes
    )
    mean = selected.mean
    relative = math.sqrt(spread) / mean if mean > 0.0 else 0.0
    pairs = ((share, kept, None), (1.0, given, relative), (share, after_upcoding(kept, upcoding), None))
    needed = [
        patients_needed(expected, actual, sd=sd, power=power, alpha=alpha, sided=sided, design_effect=design_effect)
        if abs(actual - expected) > _ROUNDING
        else math.nan
        for expected, actual, sd in pairs
    ]
    return xr.Dataset(
        {
            "expected": ("indicator", np.array([each[0] for each in pairs])),
            "actual": ("indicator", np.array([each[1] for each in pairs])),
            "patients_needed": ("indicator", np.array(needed, dtype=np.float64)),
        },
        coords={"indicator": list(INDICATORS)},
    )


def simulate_claims(
    caseload: Caseload,
    *,
    n_patients: int,
    heaviest: Iterable[str],
    selection: float = 0.0,
    undertreatment: float = 0.0,
    upcoding: float = 0.0,
    rng: int | np.random.Generator | None = None,
) -> xr.Dataset:
    """Simulate a year of claims of providers who behave in a known way.

    Parameters
    ----------
    caseload : Caseload
        The patients who ask for care.
    n_patients : int
        Patients who are taken on, at least 1.
    heaviest, selection, undertreatment, upcoding : iterable of str, and float
        As in `risk_shifts`. Each treatment is left out by itself; those billed too high go to the heaviest classes in
        proportion to their shares.
    rng : int, numpy.random.Generator or None
        Seed or generator.

    Returns
    -------
    xarray.Dataset
        `assessed` (the true class), `billed` (the class claimed) and `treatments`, dim patient: made up, to see what an
        indicator can do. Real claims lack `assessed`, unless files are looked into.

    Examples
    --------
    >>> from hecon import payment
    >>> light = payment.SeverityClass("light", share=0.61, mean=8, sd=4)
    >>> heavy = payment.SeverityClass("heavy", share=0.39, mean=30, sd=15)
    >>> patients = payment.Caseload([light, heavy])
    >>> claims = payment.simulate_claims(patients, n_patients=1000, heaviest=["heavy"], upcoding=0.2, rng=1)
    >>> 0.45 < float((claims["billed"] == "heavy").mean()) < 0.57
    True
    """
    _checks.instance("caseload", caseload, "Caseload", "make one with hecon.payment.Caseload")
    names = checked_heaviest(caseload, heaviest)
    _checks.count("n_patients", n_patients, at_least=1)
    _checks.probability("upcoding", upcoding)
    left_out = _checks.probability("undertreatment", undertreatment)
    generator = _checks.generator(rng)
    drawn = after_selection(caseload, names, selection).sample(n_patients, rng=generator)
    assessed, needed = drawn["severity"].values, drawn["treatments"].values
    billed = assessed.copy()
    moved = ~np.isin(assessed, names) & (generator.random(n_patients) < upcoding)
    ordered = sorted(names)
    shares = np.array([caseload.named(name).share for name in ordered])
    billed[moved] = generator.choice(ordered, size=int(moved.sum()), p=shares / shares.sum())
    treatments = generator.binomial(needed, 1.0 - left_out)
    return xr.Dataset(
        {
            "assessed": ("patient", assessed),
            "billed": ("patient", billed),
            "treatments": ("patient", treatments, {"units": "treatments per year"}),
        },
        attrs={"source": "simulated", "status": "assumed"},
    )


def risk_signals(claims: xr.Dataset, caseload: Caseload, *, heaviest: Iterable[str], level: float = 0.95) -> xr.Dataset:
    """Return the three indicators of claims, each with its interval, beside what was expected.

    Parameters
    ----------
    claims : xarray.Dataset
        `billed` (name of the class) and `treatments` (at least 0), dim patient; and `assessed`, where the class was
        assessed apart from the bill.
    caseload : Caseload
        What is expected: shares of the classes, and treatments in each.
    heaviest : iterable of str
        Names of the heaviest classes.
    level : float in [0.5, 1), default 0.95
        Level of the intervals, in (0, 1).

    Returns
    -------
    xarray.Dataset
        `value`, `low`, `high`, `expected` and `signal` (whether the interval lies on the wrong side of what was
        expected), dim indicator: "risk_selection" is the share assessed in the heaviest classes (signal: too low),
        "undertreatment" the treatments given over those expected of the patients' classes (too low), "upcoding" the
        share billed in the heaviest classes (too high), less the share assessed so where that is known.

    Notes
    -----
    A signal is no proof. Without `assessed` risk selection is NaN; upcoding is then the billed share against the
    expected one, and under-treatment is measured against the billed classes, so that upcoding looks like it too.
    Intervals: Wilson's for a share, Agresti and Min's for two shares of the same patients, and the normal one for a
    ratio, in which the expected treatments are taken as known.

    References
    ----------
    Wilson 1927, https://doi.org/10.1080/01621459.1927.10502953. Agresti & Min 2005, https://doi.org/10.1002/sim.1781.

    Examples
    --------
    >>> from hecon import payment
    >>> light = payment.SeverityClass("light", share=0.61, mean=8, sd=4)
    >>> heavy = payment.SeverityClass("heavy", share=0.39, mean=30, sd=15)
    >>> patients = payment.Caseload([light, heavy])
    >>> claims = payment.simulate_claims(patients, n_patients=2000, heaviest=["heavy"], undertreatment=0.2, rng=1)
    >>> payment.risk_signals(claims, patients, heaviest=["heavy"])["signal"].values.tolist()
    [False, True, False]
    """
    _checks.instance("caseload", caseload, "Caseload", "make one with hecon.payment.Caseload")
    names = checked_heaviest(caseload, heaviest)
    z = _z(level)
    billed, treatments, assessed = _read(claims, caseload)
    share = share_of(caseload, names)
    billed_heavy = np.isin(billed, names)
    if assessed is None:
        selection = (math.nan,) * 3
        upcoding, upcoding_expected = share_interval(int(billed_heavy.sum()), billed.size, level=level), share
    else:
        assessed_heavy = np.isin(assessed, names)
        selection = share_interval(int(assessed_heavy.sum()), assessed.size, level=level)
        upcoding, upcoding_expected = _paired(billed_heavy, assessed_heavy, z), 0.0
    ratio = _ratio(treatments, _expected(billed if assessed is None else assessed, caseload), z)
    expected = np.array([share, 1.0, upcoding_expected])
    value, low, high = np.array([selection, ratio, upcoding]).T
    too_low, too_high = high < expected, low > expected
    return xr.Dataset(
        {
            "value": ("indicator", value),
            "low": ("indicator", low),
            "high": ("indicator", high),
            "expected": ("indicator", expected),
            "signal": ("indicator", np.array([too_low[0], too_low[1], too_high[2]])),
        },
        coords={"indicator": list(INDICATORS)},
        attrs={"n_patients": int(billed.size), "level": level},
    )


def share_interval(count: int, n: int, *, level: float = 0.95) -> tuple[float, float, float]:
    """Return a share with Wilson's interval (1927, https://doi.org/10.1080/01621459.1927.10502953).

    Parameters
    ----------
    count : int
        Patients of the kind, from 0 to `n`.
    n : int
        All patients, at least 1.
    level : float in [0.5, 1), default 0.95
        Level of the interval, in (0, 1).

    Returns
    -------
    (float, float, float)
        Share, lower end and upper end.

    Examples
    --------
    >>> from hecon import payment
    >>> [round(each, 3) for each in payment.share_interval(77, 100)]
    [0.77, 0.678, 0.842]
    """
    z = _z(level)
    number_of_patients("n", n)
    if _checks.count("count", count, at_least=0) > n:
        msg = f"count must be at most n, got {_checks.shown(count)} of {n}"
        raise InputError(msg)
    share = count / n
    middle = (share + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * math.sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    return share, max(0.0, middle - half) if count else 0.0, min(1.0, middle + half) if count < n else 1.0


def expected_with_demand(share: float, *, relative_demand: float) -> float:
    """Return the share of a group among patients who ask for care, share × r/(share × r + 1 − share).

    Parameters
    ----------
    share : float
        Share of the group among all patients, in [0, 1].
    relative_demand : float
        How many times as often as the others they ask for care, above 0: an assumption, as no source reports it.

    Returns
    -------
    float
        Share among those who ask for care.

    Examples
    --------
    >>> from hecon import payment
    >>> print(round(payment.expected_with_demand(0.39, relative_demand=2), 3))
    0.561
    """
    part, times = _checks.probability("share", share), _checks.positive("relative_demand", relative_demand)
    # Divided by the larger of the two, so that neither end of the range overflows.
    more, rest = part * min(times, 1.0), (1.0 - part) * min(1.0 / max(times, 1.0), 1.0)
    return more / (more + rest) if more + rest > 0.0 else part


def _z(level: float) -> float:
    return float(ndtri((1.0 + _checks.level(level)) / 2.0))


def _paired(one: Flags, other: Flags, z: float) -> tuple[float, float, float]:
    n, more, fewer = one.size, int((one & ~other).sum()), int((other & ~one).sum())
    # Half a patient is added to each of the four cells.
    size, up, down = n + 2.0, more + 0.5, fewer + 0.5
    middle = (up - down) / size
    half = z * math.sqrt((up + down) / size - middle**2) / math.sqrt(size)
    return (more - fewer) / n, max(-1.0, middle - half), min(1.0, middle + half)


def _ratio(given: Floats, expected: Floats, z: float) -> tuple[float, float, float]:
    total = math.fsum(expected)
    if total == 0.0:
        return (math.nan,) * 3
    value = math.fsum(given) / total
    half = z * math.sqrt(math.fsum((given - value * expected) ** 2)) / total
    return value, value - half, value + half


def _expected(names: NDArray[np.str_], caseload: Caseload) -> Floats:
    result = np.zeros(names.size)
    for each in caseload.classes:
        result[names == each.name] = each.mean_given
    return result


def _read(claims: xr.Dataset, caseload: Caseload) -> tuple[NDArray[np.str_], Floats, NDArray[np.str_] | None]:
    if not isinstance(claims, xr.Dataset) or not {"billed", "treatments"} <= set(claims.data_vars):
        msg = "claims must be a Dataset with billed and treatments, got something else; see simulate_claims"
        raise InputError(msg)
    for name in ("billed", "treatments", "assessed"):
        if name in claims and (claims[name].dims != ("patient",) or claims[name].size == 0):
            msg = f"{name} must have the dim patient alone and at least one patient, got {dict(claims[name].sizes)}"
            raise InputError(msg)
    try:
        treatments = _checks.numeric(claims["treatments"].values)
    except (TypeError, ValueError):
        msg = f"treatments must be numbers, got {claims['treatments'].dtype}"
        raise InputError(msg) from None
    bad = ~np.isfinite(treatments) | (treatments < 0)
    if bad.any():
        # Patient data: the place is named, never the value.
        msg = f"treatments must be finite and at least 0, got another value at position {int(np.argmax(bad))}"
        raise InputError(msg)
    classes = []
    for name in ("billed", "assessed"):
        if name not in claims:
            continue
        unknown = ~np.isin(claims[name].values, caseload.names)
        if unknown.any():
            msg = f"{name} must name classes of the caseload, got another at position {int(np.argmax(unknown))}"
            raise InputError(msg)
        classes.append(claims[name].values)
    return classes[0], treatments, classes[1] if len(classes) > 1 else None
