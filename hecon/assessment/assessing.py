"""The verb `assess`: every comparison and clinical result of a dossier, and where the results come from."""

from __future__ import annotations

import itertools
import math
import platform
import zlib
from collections import Counter
from dataclasses import replace
from importlib import metadata
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.special import ndtri

from hecon import __version__, _checks, evidence
from hecon.assessment.budgets import assess_budget
from hecon.assessment.comparing import (
    Modelled,
    compare,
    compare_model,
    fitted,
    marked,
    modelled,
    named,
    one_effect,
)
from hecon.assessment.concluding import conclude, incremental, preferences
from hecon.assessment.information import STUDY_SEED
from hecon.assessment.records import Assessment, ClinicalResult, ModelResult, TrialResult, outcome_path
from hecon.assessment.several import JointResult, together
from hecon.assessment.trials import analysed, compare_trial, refuse_faults
from hecon.assessment.worth import information
from hecon.auditing.auditing import audit_fitted
from hecon.curves import Curves
from hecon.dossier import load
from hecon.dossier.comparison import arguments
from hecon.dossier.loading import Dossier, statuses_on_file
from hecon.dossier.shared import arm_of
from hecon.errors import InputError
from hecon.printed.numbers import PrintedInterval
from hecon.reported.several import Joined
from hecon.rules import criteria, shortfall, years_to_band
from hecon.rules.burden import Shortfall, band_probabilities
from hecon.rules.verdicts import across_perspectives
from hecon.rulesets import ruleset

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from hecon.assessment.records import ComparisonResult
    from hecon.assessment.trials import Analysed, Key
    from hecon.dossier.burden import BurdenInputs
    from hecon.dossier.comparison import Comparison
    from hecon.dossier.note import Outcome
    from hecon.evidence import ClinicalVerdict
    from hecon.reported import Fit
    from hecon.rules import Judged
    from hecon.rules.verdicts import Judgement
    from hecon.rulesets import RuleSet


def compute(inputs: BurdenInputs, rules: RuleSet, n_draws: int, rng: np.random.Generator) -> Shortfall:
    """Return the burden at the stated values, with the probability of each band over the stated ranges."""
    central = shortfall(**inputs.arguments(rules))
    drawn = {
        name: rng.uniform(float(part.range[0]), float(part.range[1]), n_draws)
        for name, part in inputs.stated()
        if part.range is not None
    }
    if not drawn:
        return central
    spread = shortfall(**inputs.arguments(rules, **drawn))
    return replace(
        central,
        band_probabilities=spread.band_probabilities,
        interval=spread.interval,
        absolute_interval=spread.absolute_interval,
        proportional_draws=spread.proportional_draws,
    )


def over_tables(inputs: BurdenInputs, rules: RuleSet) -> tuple[tuple[float, float] | None, tuple[tuple[str, str], ...]]:
    """Return the lowest and highest shortfall at the stated values, over the tables that rules compare.

    None where they name no tables, or no pair of them answers for the age. Beside it each pair of life table and norms
    that does not.
    """
    if rules.burden is None:
        return None, ()
    keywords = inputs.arguments(rules)
    shortfalls, left_out = [], []
    for table, norms in itertools.product(rules.burden.compared_life_tables, rules.burden.compared_norms):
        try:
            shortfalls.append(shortfall(**{**keywords, "table": table, "norms": norms}).measured)
        except InputError:
            left_out.append((table, norms))
    return (min(shortfalls), max(shortfalls)) if shortfalls else None, tuple(left_out)


def years_needed(inputs: BurdenInputs, rules: RuleSet) -> float | None:
    """Return how long a loss of quality of life would have to last to reach the lowest band but one."""
    if inputs.decrement is None or inputs.years is None or isinstance(inputs.years.value, str):
        return None
    if not rules.values_on().band or inputs.age is None or inputs.female is None:
        return None
    if inputs.smr is not None or float(inputs.decrement.value) <= 0:
        return None
    needed = years_to_band(
        float(inputs.decrement.value),
        age=float(inputs.age.value),
        female=float(inputs.female.value),
        table=inputs.life_table,
        norms=inputs.norms,
        rules=rules,
    )
    return None if needed <= float(inputs.years.value) else needed


def assess(
    dossier: Dossier | str | Path,
    *,
    rules: str | Path | RuleSet | None = None,
    on: dt.date | None = None,
    burden: Shortfall | None = None,
    n_draws: int = 100_000,
    rng: int | np.random.Generator | None = 0,
) -> Assessment:
    """Assess a dossier: results, uncertainty and verdicts for each of its comparisons.

    Parameters
    ----------
    dossier : Dossier, str or Path
        A dossier, the name of one that comes with hecon, or the path of a TOML file.
    rules : str, Path or RuleSet, optional
        Rule set, as in `hecon.rulesets.ruleset`; default that of the dossier.
    on : date, optional
        Day on which the rules hold; default the latest.
    burden : Shortfall, optional
        A burden of disease that `hecon.shortfall` computed; default that of the dossier's own inputs, if any.
    n_draws : int, default 100,000
        Draws per comparison, at least 10.
    rng : int, numpy.random.Generator or None, default 0
        Seed or generator. With a seed, each comparison has its own stream, whatever else the dossier holds.

    Returns
    -------
    Assessment
        Frozen.

    Raises
    ------
    InputError
        If a comparison's statistics break a rule or contradict each other; the message names the comparison.
    TrialError
        If the table of patient data that a comparison names breaks its rules: all faults at once, each with column and
        rows and without any patient's value.
    DossierError
        If the file breaks the rules of a dossier.

    Warns
    -----
    StatisticalWarning
        If patient data are statistically doubtful, as `hecon.from_patients` says.

    Notes
    -----
    Where the mean differences are known and their spread is neither known nor assumed, point results are given and
    probabilities are not. Where no figures were printed, the comparison says so. The reference value is that of the
    burden given here, else of the burden as judged, else of the dossier's own computation; all that is there is shown.

    By rules with a range of values, where the ratio lies by it is told, and the preferred option at both ends. By
    rules that weigh QALYs by severity, the weight that goes with the burden is put on the values, each times the
    weight, which is the same; effects and ratio stand as they are, and a comparison that loses QALYs has no verdict
    unless the rules weigh losses.

    A comparison may name patient data and their design in place of what was printed: `hecon.trial.analyse` then
    gives its results. A trial that several comparisons name is analysed once.

    Examples
    --------
    >>> import hecon
    >>> found = hecon.assess("meniscal-tear-traumatic", n_draws=1000)
    >>> [(each.spec.perspective, each.quadrant) for each in found.comparisons]
    [('societal', 'NW'), ('healthcare', 'NW')]
    """
    checked = dossier if isinstance(dossier, Dossier) else load(dossier, rules=rules, on=on)
    if checked is dossier and (rules is not None or on is not None):
        checked = checked.under(rules, on=on)
    n = _checks.count("n_draws", n_draws, at_least=10)
    stream = _streams(rng)
    with _checks.known_decimals():
        refuse_faults(checked)
        computed = _burden(checked, burden, n, stream("burden inputs"))
        if computed is not None and computed.qaly_weight not in {None, 1.0}:
            checked = checked.under(checked.ruleset.at_weight(computed.qaly_weight))
        fits = {comparison.id: fitted(checked, comparison) for comparison in checked.comparison}
        results = _compared(checked, fits, n, stream)
        found = Assessment(
            dossier=checked,
            comparisons=results,
            provenance=_provenance(checked, results, n, rng) | _study_seed(checked, stream),
            criteria=criteria(_judged(checked), rules=checked.ruleset),
            burden=computed,
            **({} if burden is not None else _of_inputs(checked)),
            budget=assess_budget(checked, n, stream("budget")),
            clinical=clinical_results(checked),
            findings=audit_fitted(checked, fits),
            statuses=Counter(statuses_on_file(checked)),
        )
        concluded = conclude(found)
        return replace(
            found,
            conclusion=concluded,
            incremental=incremental(found),
            information=information(found, concluded),
        )


def _streams(rng: int | np.random.Generator | None) -> Callable[[str | None], np.random.Generator]:
    """Return what gives each named part a stream of its own from a seed; without one all have the one generator."""
    generator = _checks.generator(rng)
    if not isinstance(rng, (int, np.integer)):
        return lambda _: generator
    return lambda name: np.random.default_rng(int(rng) if name is None else [int(rng), zlib.crc32(name.encode())])


def _judged(dossier: Dossier) -> dict[str, Judged]:
    """Return how each criterion on file was judged."""
    noted = {name: getattr(dossier.note.criteria, name, None) for name in dossier.ruleset.criteria}
    return {name: each.judged() for name, each in noted.items() if each is not None}


def _compared(
    dossier: Dossier,
    own: dict[str, Fit | None],
    n_draws: int,
    stream: Callable[[str | None], np.random.Generator],
) -> tuple[ComparisonResult, ...]:
    """Return the results of every comparison, by its own fit or with the effect of another perspective of its trial."""
    results: list[ComparisonResult] = []
    trials: dict[Key, Analysed] = {}
    models: list[tuple[Comparison, Modelled]] = []
    shared = one_effect(dossier.comparison, own)
    for comparison in dossier.comparison:
        with named(dossier, comparison):
            if comparison.draws is not None:
                model = _modelled(dossier, comparison, models)
                results.append(compare_model(comparison, dossier.ruleset, model))
            elif comparison.data is None:
                fit = shared.get(comparison.id, own[comparison.id])
                result = compare(comparison, dossier.ruleset, fit, n_draws, stream(comparison.id))
                results.append(replace(result, shares_effect=comparison.id in shared))
            else:
                trial = analysed(dossier, comparison, trials, n_draws, stream)
                results.append(compare_trial(comparison, dossier.ruleset, trial))
    judged, joint = _across_perspectives(results), _joint(dossier, results, n_draws, stream)
    known = [
        replace(each, judgements=judged.get(each.spec.id, each.judgements), joint=joint.get(each.spec.id))
        for each in results
    ]
    return tuple(replace(each, preferences=preferences([each], known)) for each in known)


def _joint(
    dossier: Dossier,
    results: list[ComparisonResult],
    n_draws: int,
    stream: Callable[[str | None], np.random.Generator],
) -> dict[str, JointResult]:
    """Return the joint draws of published differences from one comparator, by comparison, where these are known."""
    joint: dict[str, JointResult] = {}
    for group in together(results):
        specs = [each.spec for each in group]
        if len(group) < 2 or any(each.fit is None or each.draws is None for each in group):  # noqa: PLR2004
            continue
        ids = {each.id for each in specs}
        stated = next((each for each in dossier.shared_comparator if ids <= set(each.comparisons)), None)
        with named(dossier, specs[0]):
            arm = arm_of(specs, [arguments(each) for each in specs], stated)
            if arm is None:
                continue
            fits = {each.spec.intervention: each.fit for each in group if each.fit is not None}
            joined = Joined(fits, specs[0].comparator, arm)
            draws = joined.draws(n_draws, stream(" ".join(sorted(ids))), source=specs[0].id, **specs[0].about)
        found = JointResult(joined, Curves(marked(draws, specs[0], dossier.ruleset)))
        joint |= dict.fromkeys(ids, found)
    return joint


def _modelled(dossier: Dossier, spec: Comparison, known: list[tuple[Comparison, Modelled]]) -> Modelled:
    """Return the draws that a comparison names, read once for all interventions of it."""
    alike = {"id": "", "intervention": "", "threshold": ()}

    def same(other: Comparison) -> bool:
        return other.model_copy(update=alike) == spec.model_copy(update=alike)

    found = next((model for other, model in known if same(other)), None)
    if found is None:
        options = {each.intervention for each in dossier.comparison if same(each)} | {spec.comparator}
        found = modelled(spec, dossier.folder, options)
        known.append((spec, found))
    return found


def _across_perspectives(results: list[ComparisonResult]) -> dict[str, tuple[Judgement, ...]]:
    """Return the verdicts of comparisons from several perspectives, by comparison, with where these differ."""
    groups: dict[tuple[str, str, str, float], list[ComparisonResult]] = {}
    for result in results:
        key = (result.spec.trial, result.spec.intervention, result.spec.comparator, float(result.spec.horizon_months))
        groups.setdefault(key, []).append(result)
    marked: dict[str, tuple[Judgement, ...]] = {}
    for group in groups.values():
        if len({each.spec.perspective for each in group}) > 1:
            rows = across_perspectives(each.judgements for each in group)
            marked |= zip((each.spec.id for each in group), rows, strict=True)
    return marked


def _burden(dossier: Dossier, burden: Shortfall | None, n_draws: int, rng: np.random.Generator) -> Shortfall | None:
    if burden is not None:
        if not isinstance(burden, Shortfall):
            msg = f"burden must be a Shortfall, got {burden!r}; make one by hecon.shortfall"
            raise InputError(msg)
        if not dossier.ruleset.values_on().band:
            return _by_same_rules(burden, dossier.ruleset)
        band_probabilities(burden, rules=dossier.ruleset)  # refuses one by other bands
        value = dossier.ruleset.values_on().by_band.get(str(burden.band))
        if burden.reference_value != value:
            msg = (
                f"burden must be by the rules of the dossier, {dossier.ruleset.name}, in which {burden.band} has the "
                f"reference value {value}, got {burden.reference_value}; make one by hecon.shortfall(..., rules=...)"
            )
            raise InputError(msg)
        return burden
    return None if dossier.burden.inputs is None else compute(dossier.burden.inputs, dossier.ruleset, n_draws, rng)


def _of_inputs(dossier: Dossier) -> dict[str, Any]:
    """Return the fields of an assessment that a burden of the dossier's own inputs has beside it."""
    inputs, rules = dossier.burden.inputs, dossier.ruleset
    if inputs is None:
        return {}
    span, left_out = over_tables(inputs, rules)
    return {
        "own_burden": True,
        "burden_over_tables": span,
        "burden_tables_left_out": left_out,
        "burden_years_needed": years_needed(inputs, rules),
    }


def _by_same_rules(burden: Shortfall, rules: RuleSet) -> Shortfall:
    """Return a burden by rules without bands, refused where it is by other ones or at another rate."""
    if (burden.rules.name, burden.weighing) != (rules.name, rules.severity_on()):
        msg = (
            f"burden must be by the rules of the dossier, {rules.name}, got {burden.rules.name}; make one by "
            "hecon.shortfall(..., rules=...)"
        )
        raise InputError(msg)
    if burden.weighing is not None and burden.qaly_weight is None:
        msg = (
            f"burden must be at {burden.weighing.discount} a year, which {rules.name} asks for, got "
            f"{burden.discount:g}: leave discount out of hecon.shortfall"
        )
        raise InputError(msg)
    return burden


def _provenance(
    dossier: Dossier, results: Iterable[ComparisonResult], n_draws: int, rng: int | np.random.Generator | None
) -> dict[str, Any]:
    versions = {name: metadata.version(name) for name in ("numpy", "scipy", "xarray")}
    provenance = {
        "dossier": dossier.name,
        "digest": dossier.digest,
        **_rules_taken(dossier),
        "n_draws": n_draws,
        "seed": int(rng) if isinstance(rng, (int, np.integer)) else None,
        "versions": {"hecon": __version__, "python": platform.python_version(), **versions},
    }
    trials = [
        {name: getattr(result.trial_source, name) for name in ("file", "digest", "design", "design_digest")}
        for result in results
        if isinstance(result, TrialResult)
    ]
    models = [
        {"file": result.model_source.file, "digest": result.model_source.digest}
        for result in results
        if isinstance(result, ModelResult)
    ]
    files = {"patient_data": trials, "model_draws": models}
    own = {
        key: [each for i, each in enumerate(found) if each not in found[:i]] for key, found in files.items() if found
    }
    return {**provenance, **own}


def _study_seed(dossier: Dossier, stream: Callable[[str | None], np.random.Generator]) -> dict[str, int]:
    """Return the seed of the studies that are simulated, where one is stated."""
    stated = any(each.draws is not None and each.draws.study is not None for each in dossier.comparison)
    return {STUDY_SEED: int(stream("further study").integers(2**32))} if stated else {}


def _rules_taken(dossier: Dossier) -> dict[str, Any]:
    """Return which rules were taken, and on which day; nothing where they are the latest of the default set."""
    rules = dossier.ruleset
    if rules is ruleset():
        return {}
    day = {} if rules.on is None else {"rules_on": rules.on.isoformat()}
    return {"rules": dossier.rules, **day, "rules_digest": rules.digest}


# Smallest level of an interval.
_LEAST = 1e-6


def clinical_results(dossier: Dossier) -> dict[str, ClinicalResult]:
    """Return the results of every difference that the studies of a dossier printed, by its path in the file."""
    return {
        outcome_path(number, position): _result(outcome)
        for number, study in enumerate(dossier.note.study)
        for position, outcome in enumerate(study.outcome)
    }


def _result(outcome: Outcome) -> ClinicalResult:
    if outcome.ci is None:
        return ClinicalResult(holds=False)
    low, high = outcome.ci
    printed = PrintedInterval(outcome.estimate, low, high)
    holds, twice = printed.holds and low <= high, 2 * outcome.estimate
    return ClinicalResult(
        holds=holds,
        centred=not printed.two_sided or printed.centred,
        se=_error(outcome, printed) if holds else None,
        ends=(twice - high if math.isinf(low) else low, twice - low if math.isinf(high) else high),
        verdict=_verdict(outcome, float(low), float(high)) if holds else None,
    )


def _error(outcome: Outcome, printed: PrintedInterval) -> float | None:
    """Return the standard error that an interval implies, or None."""
    level = float(outcome.level)
    if printed.two_sided:
        error = float(printed.high - printed.low) / (2 * max(float(ndtri((1 + level) / 2)), _LEAST))
    else:
        end = next(float(each) for each in (printed.low, printed.high) if math.isfinite(each))
        error = abs(end - float(outcome.estimate)) / max(float(ndtri(level)), _LEAST)
    return error if error > 0 else None


def _verdict(outcome: Outcome, low: float, high: float) -> ClinicalVerdict | None:
    # Rounding may put the estimate just outside.
    estimate = min(max(float(outcome.estimate), low), high)
    turned = outcome.margin_for == "comparator"
    least = outcome.minimal_important_difference
    try:
        return evidence.clinical_verdict(
            -estimate if turned else estimate,
            ci=(-high, -low) if turned else (low, high),
            level=float(outcome.level),
            better=outcome.better,
            margin=None if outcome.margin is None else float(outcome.margin),
            minimal_important_difference=None if least is None else float(least),
        )
    except InputError:
        return None
