"""The analysis of a trial in words: its arms, variables, amounts and intervals."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from hecon.assessment.trial_facts import limits, usable_interval
from hecon.report.isolating import isolate
from hecon.report.words.common import capital

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    import xarray as xr

    from hecon.locale import Locale
    from hecon.trial.analysis import PerspectiveAnalysis, TrialAnalysis
    from hecon.trial.description import Row
    from hecon.trial.estimates import Estimate

__all__ = ["TrialWords", "ratio_words"]

_QUADRANTS = ("NE", "NW", "SE", "SW")
_UNIT = "QALY"
_COSTS = ("cost", "baseline cost")
# Ways of analysing that change what was imputed in all interventions, but not in the comparator.
_SEVERAL = {"worse-intervention": "worse-interventions", "dearer-intervention": "dearer-interventions"}
_PAIR = 2
# Monte Carlo error of a probability from which a second decimal tells nothing.
_COARSE = 0.05


class TrialWords:
    """How one trial's analysis is written in one language."""

    def __init__(self, analysis: TrialAnalysis, locale: Locale, names: Mapping[str, str] | None = None) -> None:
        self.analysis, self.locale = analysis, locale
        self.number = locale.number
        self.names = {each: isolate((names or {}).get(each, each)) for each in analysis.description.strategies}

    @property
    def reference(self) -> tuple[int | float, ...]:
        """The reference values of the rules [currency per QALY]."""
        return self.analysis.rules.values_on().reference

    def money(self, value: float, digits: int = 0) -> str:
        """Return an amount in the currency of the trial."""
        return self.locale.money(value, self.analysis.currency, digits)

    @property
    def vary(self) -> bool:
        """Whether estimates have a Monte Carlo error: of whole data the bootstrap gives the covariance alone."""
        return self.pools or self.analysis.method != "imputation"

    def say(self, key: str, **values: object) -> str:
        """Return a text of the trial."""
        return self.locale.text(f"trial.{key}", **values)

    def method(self, key: str, **values: object) -> str:
        """Return a text of its method."""
        return self.locale.text(f"trial_method.{key}", **values)

    @property
    def missing(self) -> bool:
        """Whether anything is missing."""
        about = self.analysis.description
        return any(seen < count for row in about.rows for seen, count in zip(row.observed, about.patients, strict=True))

    @property
    def pools(self) -> bool:
        """Whether Rubin's rules pooled imputed sets, so that there is a fraction of missing information."""
        return self.analysis.method == "imputation" and self.analysis.imputation is not None

    def perspective(self, name: str) -> str:
        """Return a perspective in the language, or its own name where the catalogue has none."""
        key = f"perspective.{name}"
        return self.locale.text(key) if key in self.locale.catalogue else isolate(name)

    def row(self, row: Row) -> str:
        """Return what a variable is called."""
        from hecon.plot.trials import row_label

        return row_label(row, self.locale, isolate(row.name))

    def joined(self, names: Sequence[str]) -> str:
        """Return names as a list in a sentence."""
        if len(names) == 1:
            return names[0]
        return self.say("and", first=", ".join(names[:-1]), last=names[-1])

    def scenario(self, code: str) -> str:
        """Return what a way of analysing is called; a code that the catalogue lacks stands as it is."""
        if len(self.analysis.description.strategies) > _PAIR:
            code = _SEVERAL.get(code, code)
        key = f"trial_scenario.{code}"
        return self.locale.text(key) if key in self.locale.catalogue else code

    def of(self, outcome: str, value: float) -> str:
        """Return a mean or a difference of either outcome, without the unit of QALYs."""
        return self.money(value) if outcome == "cost" else self.number(value, 4)

    def moments(self, row: Row, arm: int) -> str:
        """Return the mean and the standard deviation of a variable in an arm, or of a category the share, if told."""
        mean, spread = row.mean[arm], row.sd[arm]
        if mean is None or spread is None:
            why = row.hidden[arm] if row.hidden else "observed"
            keys = {"observed": "fewer", "few": "below"}
            return self.say(keys.get(str(why), "not_shown"), n=limits().small)
        if _is_share(row):
            return self.locale.share(mean)
        if row.kind in _COSTS:
            return f"{self.money(mean)} ({self.number(spread)})"
        digits = 3 if row.kind == "utility" else 1
        return f"{self.number(mean, digits)} ({self.number(spread, digits)})"

    def interval(self, outcome: str, value: float, ends: tuple[float, float]) -> str:
        """Return a value with its interval in brackets."""
        low, high = (self.of(outcome, end) for end in ends)
        return self.say("estimate", value=self.of(outcome, value), low=low, high=high)

    def estimate(self, outcome: str, estimate: Estimate) -> str:
        """Return an estimate with its interval in brackets."""
        return self.interval(outcome, estimate.value, estimate.interval)

    def probability(self, value: float, error: float = 0.0) -> str:
        """Return a probability, with as many decimals as its Monte Carlo error bears: two, or one."""
        return self.locale.probability(value, 1 if error >= _COARSE else 2)

    def error(self, value: float) -> str:
        """Return the Monte Carlo standard error of a probability."""
        return self.locale.probability(value, 3)

    def span(self, values: Iterable[float], digits: int = 0) -> str:
        """Return the range of several numbers, or the one that they all are."""
        chosen = list(values)
        return self.locale.span(*(self.number(each, digits) for each in (min(chosen), max(chosen))))

    # Arms -------------------------------------------------------------------------------------------------------------

    def pair(self, found: PerspectiveAnalysis, strategy: str) -> dict[str, str]:
        """Return the names of a strategy and of its comparator."""
        return {"intervention": self.names[strategy], "comparator": self.names[found.strategies[0]]}


def _is_share(row: Row) -> bool:
    """Tell whether a covariate is 0 or 1: its spread then follows from its mean."""
    if row.kind != "covariate":
        return False
    told = [
        (mean, spread, count)
        for mean, spread, count in zip(row.mean, row.sd, row.observed, strict=True)
        if mean is not None and spread is not None
    ]
    return bool(told) and all(
        0 <= mean <= 1 and abs(spread**2 - mean * (1 - mean) * count / (count - 1)) < 1e-9  # noqa: PLR2004 (rounding)
        for mean, spread, count in told
    )


def ratio_words(words: TrialWords, found: PerspectiveAnalysis, strategy: str, ratio: xr.Dataset) -> str:
    """Return the ratio with its quadrant, its interval where it has one, and where the draws lie."""
    locale, code, value = words.locale, str(ratio["quadrant"].values), float(ratio["icer"])
    key = "axis" if code == "=" else code
    ratio_text = words.say("no_ratio")
    if np.isfinite(value):
        ratio_text = locale.text(f"icer.{key}", ratio=words.money(value), unit=_UNIT)
    quadrant = capital(locale.text(f"quadrant.{key}"))
    sentences = [words.say("ratio", **words.pair(found, strategy), ratio=ratio_text, quadrant=quadrant)]
    if np.isfinite(value):
        ends = usable_interval(ratio)
        if ends is None:
            sentences.append(words.say("ratio_no_interval"))
        else:
            low, high = (words.money(end) for end in ends)
            sentences.append(words.say("ratio_interval", low=low, high=high))
    held = {each: float(ratio["quadrant_share"].sel(quadrant_of_draws=each)) for each in _QUADRANTS}
    shares = ", ".join(
        f"{locale.share(share)} {locale.text(f'plot.in_{each}')}" for each, share in held.items() if share
    )
    return " ".join([*sentences, locale.text("plot.plane_alt_shares", shares=shares)])
