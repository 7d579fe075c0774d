"""Numbers that no arithmetic bears, at every place that takes one: refused in words with a path, never an Overflow."""

from __future__ import annotations

import re
import warnings
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import examples

import hecon
from hecon import _checks, budget, dossier, payment, reported, trial
from hecon.budget import Amount, Conventions, Flow, Parameter, Plan, Population, Printed
from hecon.errors import DossierError, HeconError, InputError, StatisticalWarning, TrialError
from hecon.reported.predictions import design_effect_probability, probability_ranges

DATA = Path(hecon.__file__).parent / "data"
# Numbers as a TOML file may hold them, and other things in the place of one.
WRITTEN = (
    "1e1000000", "-1e1000000", "1e-1000000", "1e9999999999999999999", "1e-9999999999999999999", "-1e999", "inf",
    "-inf", "nan", "1" + "0" * 400, "1" + "0" * 5000, "9." + "9" * 10_000, "0e1000000", "0e-1000000", "-0.0", "1e31",
    "1e-31", "9223372036854775808", "0x" + "f" * 200, "1000000", "9999-99-99", "9999-12-31", '"1e5"', '"nan"',
    "true", "[[1]]", "{ a = 1 }", "[" * 3000 + "1" + "]" * 3000,
)  # fmt: skip
# The same from Python.
GIVEN = (
    10**400, -(10**400), 10**5000, 10**31, 2**63, Decimal("1e1000000"), Decimal("-1e1000000"), Decimal("1e-999999"),
    Decimal("NaN"), Decimal("sNaN"), Decimal("Infinity"), Decimal("9" * 10_000), Decimal("0e1000000"),
    Decimal("0e-1000000"), float("inf"), float("nan"), 1e300, 5e-324, "1e1000000", "9" * 10_000, "0e-99999999",
    "--5", "nan", np.float64("inf"), np.int64(2**62), Fraction(10**400), True, None,
)  # fmt: skip

DESIGN = (DATA / "trials" / "meniscus.toml").read_text(encoding="utf-8")
RATE = "discount_cost = "


def numbers_of(text):
    """Return where the numbers of a TOML file stand: not in text, and not in comments."""
    found = []
    for line in re.finditer(r"^[^#\n\"]*=([^#\n\"]*)$", text, flags=re.MULTILINE):
        found += [
            (line.start(1) + each.start(), line.start(1) + each.end())
            for each in re.finditer(r"(?<![\w.-])-?\d+(?:\.\d+)?(?![\w.-])", line[1])
        ]
    return found


FILES = [(path, hecon.load) for path in sorted((DATA / "dossiers").glob("*.toml"))]
FILES.append((DATA / "programme.toml", dossier.load_programme))
TEXTS = [(load, path.read_text(encoding="utf-8")) for path, load in FILES]
TEXTS.append((trial.read_design, DESIGN))
PLACES = [(kind, place) for kind, (_, text) in enumerate(TEXTS) for place in numbers_of(text)]


def loaded(tmp_path, load, text):
    """Return what a file gives: None, or the lines of the error."""
    path = tmp_path / "file.toml"
    path.write_text(text, encoding="utf-8")
    try:
        load(path)
    except HeconError as error:
        return str(error).splitlines()
    return None


@pytest.mark.slow
@examples(120)
@given(place=st.sampled_from(PLACES), written=st.sampled_from(WRITTEN))
def test_any_number_of_a_file_may_be_beyond_all(tmp_path_factory, place, written):
    """Dossiers, the programme and a design: read, or refused with a path; lines of faults stay short."""
    kind, (start, end) = place
    load, text = TEXTS[kind]
    lines = loaded(tmp_path_factory.getbasetemp(), load, text[:start] + written + text[end:])

    assert lines is None or all(0 < len(line) < 2000 for line in lines)
    assert lines is None or len(lines) > 1


@pytest.mark.parametrize("written", ["1e1000000", "-1e999", "inf", "nan", "1e-1000000", "1" + "0" * 400])
@pytest.mark.no_cover
def test_a_number_beyond_all_has_the_path_of_its_fault(tmp_path, written):
    """In a dossier, and in a design."""
    text = next(text for path, text in zip(FILES, (text for _, text in TEXTS), strict=False) if path[0].stem == "copd")
    start, end = next((a, b) for a, b in numbers_of(text) if text[:a].endswith("\nvalue = "))
    lines = loaded(tmp_path, hecon.load, text[:start] + written + text[end:])
    assert any(
        re.match(r" +line \d+: figure\[\d+\]\.value: must be finite, and 0 or between 1e-30 and 1e30", each)
        for each in lines
    )

    lines = loaded(tmp_path, trial.read_design, DESIGN.replace(f"{RATE}0.03", f"{RATE}{written}"))
    assert any(re.match(r" +line \d+: analysis\.discount_cost: must be ", each) for each in lines)


@pytest.mark.parametrize("written", ["1" + "0" * 5000, "1e9999999999999999999"])
def test_a_number_that_cannot_be_read_has_its_line(tmp_path, written):
    """Of more digits than Python takes, or with an exponent beyond all decimals."""
    text = TEXTS[0][1]
    start, end = numbers_of(text)[5]
    line = text[:start].count("\n") + 1
    for load, whole, at in (
        (hecon.load, text[:start] + written + text[end:], line),
        (
            trial.read_design,
            DESIGN.replace(f"{RATE}0.03", f"{RATE}{written}"),
            DESIGN[: DESIGN.index(RATE)].count("\n") + 1,
        ),
    ):
        lines = loaded(tmp_path, load, whole)
        assert lines[1].strip().startswith(f"line {at} must hold numbers of a possible size"), lines


# From Python ----------------------------------------------------------------------------------------------------------

DIFFERENCE = hecon.Difference
FOUND = reported.fit(
    cost=DIFFERENCE(800, ci=(-1234, 2824)), effect=DIFFERENCE("0.09", ci=("-0.00", "0.18")), correlation="0.1"
)


def plan(**changes):
    """Count a plan of one flow, after some changes."""
    flow = {"quantity": 1, "price": 1, "sector": "primary paramedical", **changes.pop("flow", {})}
    people = {"size": 100, **changes.pop("people", {})}
    given = {
        "years": (2025, 2026, 2027),
        "base_year": 2022,
        "price_year": 2024,
        "populations": (Population("patients", new=(Flow("care", **flow),), **people),),
        "conventions": Conventions("flat", inflation_rule="none", **changes.pop("how", {})),
    }
    made = Plan("plan", **{**given, **changes})
    hecon.budget_impact(made)
    budget.one_way(made)
    return made


CASELOAD = payment.Caseload((payment.SeverityClass("a", share=1, mean=5, sd=3),))
ONE = {"a": Parameter(1, range=(0, 2))}
CALLS = {
    "a mean": lambda x: reported.fit(cost=DIFFERENCE(x)),
    "an end of an interval": lambda x: reported.fit(cost=DIFFERENCE(1, ci=(x, 5))),
    "a level": lambda x: DIFFERENCE(1, ci=(0, 2), level=x),
    "a standard error": lambda x: DIFFERENCE(1, se=x),
    "a p value": lambda x: DIFFERENCE(1, p=x),
    "a mean of an arm": lambda x: hecon.Arms(mean=(x, 1)),
    "a standard deviation": lambda x: hecon.Arms(mean=(1, 2), sd=(x, 1), n=(10, 10)),
    "a number of patients": lambda x: reported.fit(cost=hecon.Arms(mean=(1, 2), sd=(1, 1), n=(x, 10))),
    "a ratio": lambda x: hecon.Ratio(x, quadrant="NE"),
    "an assumed value": lambda x: hecon.Assumed(x, (0, 5), "guess"),
    "an assumed range": lambda x: hecon.Assumed(1, (x, 5), "guess"),
    "a correlation": lambda x: reported.fit(correlation=x),
    "a probability": lambda x: reported.fit(p_cost_effective={20_000: x}),
    "a willingness to pay": lambda x: probability_ranges(FOUND, wtp=x),
    "a willingness to pay of one": lambda x: reported.net_benefit_range(FOUND, wtp=x),
    "a design effect": lambda x: design_effect_probability(FOUND, wtp=20_000, design_effect=x),
    "a number of draws": lambda x: FOUND.draws("a", "b", n_draws=x) if not _is_large(x) else None,
    "a size": lambda x: plan(people={"size": x}),
    "extra demand": lambda x: plan(people={"extra_demand": x}),
    "a price": lambda x: plan(flow={"price": x}),
    "a quantity": lambda x: plan(flow={"quantity": x}),
    "a share": lambda x: plan(flow={"share": x}),
    "a price year of a flow": lambda x: plan(flow={"price_year": x}),
    "a year": lambda x: plan(years=(x,)),
    "years": lambda x: plan(years=x),
    "a base year": lambda x: plan(base_year=x),
    "a price year": lambda x: plan(price_year=x),
    "a value": lambda x: plan(parameters={"a": Parameter(x)}),
    "an end of a range": lambda x: plan(parameters={"a": Parameter(range=(0, x))}),
    "a range": lambda x: plan(parameters={"a": Parameter(1, range=x)}),
    "a substitution": lambda x: plan(parameters=ONE, substitution=("a", (0, x))),
    "no substitution": lambda x: plan(parameters=ONE, substitution=x),
    "an amount": lambda x: plan(amounts=(Amount("one", (x, 0, 0), "medicines"),)),
    "amounts": lambda x: plan(amounts=(Amount("one", x, "medicines"),)),
    "uptake": lambda x: plan(how={"uptake": (x, 1, 1)}),
    "a cap": lambda x: plan(how={"cap": x}),
    "inflation": lambda x: plan(how={"inflation": (x, 0, 0)}),
    "growth": lambda x: plan(how={"demographic_growth": x}),
    "a discount rate": lambda x: plan(how={"discount_rate": x}),
    "a deductible": lambda x: plan(how={"deductible_share": x}),
    "a value of a scenario": lambda x: plan(parameters=ONE, scenarios={"mine": {"a": x}}),
    "a value of a scenario asked": lambda x: hecon.budget_impact(plan(parameters=ONE), scenarios={"mine": {"a": x}}),
    "where to look": lambda x: budget.break_even(plan(parameters=ONE), of="a", within=(0, x)),
    "a year to break even": lambda x: budget.one_way(plan(), year=x),
    "a share of a class": lambda x: payment.SeverityClass("a", share=x, mean=5, sd=3),
    "a mean of a class": lambda x: payment.SeverityClass("a", share=1, mean=x, sd=3),
    "a probability of a class": lambda x: payment.SeverityClass("a", share=1, probabilities=[x, 0.5]),
    "a tariff": lambda x: payment.profit(CASELOAD, payment.FeeForService(x), cost=30, n_patients=100),
    "a cost": lambda x: payment.profit(CASELOAD, payment.Bundle(100), cost=x, n_patients=100),
    "patients of a practice": lambda x: payment.profit(CASELOAD, payment.Bundle(100), cost=30, n_patients=x),
    "patients needed": lambda x: payment.patients_needed(0.2, x),
    "patients of a test": lambda x: payment.detection_power(x, 0.2, 0.3),
    "a count": lambda x: payment.share_interval(x, 10),
    "a count of": lambda x: payment.share_interval(3, x),
    "a printed total": lambda x: budget.reconcile(plan(), [Printed("total", 2025, value=x)]),
    "a printed range": lambda x: budget.reconcile(plan(), [Printed("total", 2025, range=(x, 1))]),
    "a unit": lambda x: Printed("total", 2025, value=1, unit=x),
    "a step of rounding": lambda x: Printed("total", 2025, value=1, rounded_to=x),
    "a year of a total": lambda x: budget.reconcile(plan(), [Printed("total", x, value=1)]),
}


def _is_large(x):
    return isinstance(x, (int, np.integer)) and not isinstance(x, bool) and x > 10**6


@pytest.mark.slow
@pytest.mark.parametrize("name", CALLS)
def test_any_number_from_python_is_taken_or_refused_in_words(name):
    """Never an Overflow, an InvalidOperation or a refusal of Python to print the number."""
    for value in GIVEN:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", StatisticalWarning)
            try:
                CALLS[name](value)
            except HeconError as error:
                assert len(str(error)) < 1500  # noqa: PT017 (an error is one of two ways)


@pytest.mark.parametrize(
    "formula",
    [
        "9**9**9", "1e400", "1e1000000", "1e-400 * 1e400", "9" * 480, "(" * 60 + "1" + ")" * 60, "(" * 400 + "1",
        "-" * 400 + "1", "0x" + "f" * 100, "1j", "1e30*1e30*1e30", "+".join(["1"] * 200), "*".join(["a"] * 200),
        "a/1e-30/1e-30/1e-30",
    ],
)  # fmt: skip
def test_any_formula_is_counted_or_refused_in_words(formula):
    """Powers, exponents, digits and brackets without end."""
    try:
        plan(parameters={"a": Parameter(2)}, people={"size": formula})
    except HeconError as error:
        assert len(str(error)) < 1500  # noqa: PT017


def test_the_words_for_numbers_beyond_all():
    """Name, rule and value, cut short."""
    cases = (
        (lambda: _checks.finite("x", 10**400), r"x must be below 1e308 in size, got 1000+\.\.\.$"),
        (lambda: _checks.finite("x", 10**5000), r"x must be below 1e308 in size, got an int of 16610 bits$"),
        (lambda: _checks.count("n", -(10**5000), at_least=1), r"n must be a whole .*, got an int of 16610 bits$"),
        (lambda: DIFFERENCE(Decimal("1e1000000")), r"mean must be 0 or between 1e-30 and 1e30 in size, got Decimal"),
        (
            lambda: DIFFERENCE("9" * 10_000),
            r"mean must be 0 or between 1e-30 and 1e30 in size, got '9{119}\.\.\.; check",
        ),
        (lambda: hecon.Arms((1, 2), (1, 1), (10**400, 5)), r"n must be at most 1,000,000,000 patients, got 1000"),
        (lambda: reported.fit(p_cost_effective={1: "-0.00"}), r"must lie in \[0, 1\], got -0.00$"),
    )
    for call, words in cases:
        with pytest.raises(InputError, match=words):
            call()


@pytest.mark.parametrize(
    ("value", "sound"),
    [
        (0, True), (10**30, True), (10**30 + 1, True), (10**31, False), (1e-30, True), (1e-31, False),
        (float("nan"), False), (float("-inf"), False), (Decimal("1e30"), True), (Decimal("1.0001e30"), False),
        (Decimal("-1e30"), True), (Decimal("1e-30"), True), (Decimal("9e-31"), False), (Decimal("0e30"), True),
        (Decimal("0e31"), False), (Decimal("0e-31"), False), (Decimal("0.00"), True), (Decimal("sNaN"), False),
        (Decimal("1e1000000"), False), (Decimal("1e-1000000"), False), (Decimal("1." + "0" * 1001), False),
        (np.float64(1e31), False), (np.int64(2**62), True),
    ],
)  # fmt: skip
def test_which_numbers_are_of_a_possible_size(value, sound):
    """From 1e-30 to 1e30, and 0 with its decimals."""
    assert _checks.has_possible_size(value) is sound


def test_errors_of_files_are_of_their_kind(tmp_path):
    """A dossier's and a trial's."""
    for load, text, kind in ((hecon.load, TEXTS[0][1], DossierError), (trial.read_design, DESIGN, TrialError)):
        path = tmp_path / "file.toml"
        path.write_text(text.replace("format = 1", "format = 1e1000000"), encoding="utf-8")
        with pytest.raises(kind, match=r"format: must be 1"):
            load(path)
