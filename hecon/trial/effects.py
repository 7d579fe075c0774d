"""What the effect of a trial is: its unit and direction, how it is made of its values, and what one unit may cost."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from hecon.trial.valuation import discount_factors, qaly_weights

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hecon._arrays import Floats
    from hecon.rulesets import RuleSet
    from hecon.trial.table.design_keys import Equivalence

QALY = "QALY"
# Steps from 0 to the highest willingness to pay at which probabilities are reported, and how far that is to reach.
_WTP_STEPS, _REACH = 20, 1.25


@dataclass(frozen=True)
class EffectMeasure:
    """What the effect of a trial is.

    Attributes
    ----------
    kind : {"utilities", "qalys", "measure", "none"}
        QALYs as the area under utilities, QALYs as the table has them, another effect, or none: costs alone.
    unit, name : str
        One unit of it, as in "point", and what is measured, as in "WOMAC score"; empty for QALYs.
    better : {"more", "less"}
        Whether more or less of it is better.
    start : bool
        Whether the first of its values is one at the start, which adjusts and is no part of the effect.
    summary : {"area", "total", "last", "none"}
        How it is made of its values over time: the area under them, their sum, or the last.
    discounted : bool
        Whether the values are discounted already.
    wtp : tuple of float
        Willingness to pay for one unit [currency] at which results are shown, of another effect than QALYs.
    equivalence : Equivalence or None
        Of costs alone what showed that the options are equally effective.
    at_death : float
        Its value at all times from death on; of a total what is added after death, 0.
    """

    kind: str = "utilities"
    unit: str = QALY
    name: str = ""
    better: str = "more"
    start: bool = True
    summary: str = "area"
    discounted: bool = False
    wtp: tuple[float, ...] = ()
    equivalence: Equivalence | None = None
    at_death: float = 0.0

    @property
    def exists(self) -> bool:
        """Whether there is an effect, and not costs alone."""
        return self.kind != "none"

    @property
    def is_qaly(self) -> bool:
        """Whether the effect is in QALYs, so that the values of the rules hold."""
        return self.kind in {"utilities", "qalys"}

    @property
    def is_discounted_here(self) -> bool:
        """Whether the effect is discounted here: neither before nor as a value at one time."""
        return self.summary in {"area", "total"} and not self.discounted

    @property
    def label(self) -> str:
        """What one of its values is called in an English sentence."""
        return "utility" if self.kind == "utilities" else self.name or "QALYs"

    @property
    def start_label(self) -> str:
        """What the value at the start is called: a utility where the effect is in QALYs."""
        return "utility" if self.is_qaly else self.name

    @property
    def plural(self) -> str:
        """What the effect is called in an English sentence."""
        return self.name or "QALYs"

    @property
    def sign(self) -> float:
        """1 where more of the effect is better, otherwise −1."""
        return 1.0 if self.better == "more" else -1.0

    def to_json(self) -> dict[str, Any]:
        """Return it as plain JSON."""
        shown = None if self.equivalence is None else self.equivalence.model_dump(mode="json")
        return {**vars(self), "wtp": list(self.wtp), "equivalence": shown}

    def weights(self, months: Sequence[float], discount: float) -> Floats:
        """Return the weight of each value over time in the effect; a total is discounted as spread over its span."""
        if self.summary == "area":
            return qaly_weights(months, discount=discount)
        result = np.zeros(len(months))
        if not self.exists:
            return result
        if self.summary == "last":
            result[-1] = 1.0
            return result
        spans = self.spans(months)
        result[len(months) - len(spans) :] = discount_factors(spans, discount=0.0 if self.discounted else discount)
        return result

    def spans(self, months: Sequence[float]) -> list[tuple[float, float]]:
        """Return start and end [months] of what each value of a total adds up, but for the value at the start."""
        later = months[1:] if self.start else months
        return list(zip((0.0, *later[:-1]), later, strict=True))

    def reference(self, rules: RuleSet) -> tuple[int | float, ...]:
        """Return the willingness to pay per unit at which the answer is given: that of the rules for a QALY.

        Costs alone are weighed at 0: net benefit is then what is saved.
        """
        if not self.exists:
            return (0,)
        return rules.values_on().reference if self.is_qaly else self.wtp

    def shown(self, rules: RuleSet) -> tuple[int | float, ...]:
        """Return the willingness to pay per unit at which sensitivity analyses have probabilities."""
        return rules.values_on().grid if self.is_qaly else self.reference(rules)

    def grid(self, rules: RuleSet, every: int = 1) -> tuple[int | float, ...]:
        """Return the willingness to pay per unit at which probabilities are reported, and their error is held.

        It has the reference values, and steps of 1, 2 or 5 times a power of ten to 5/4 of the highest or beyond, of
        which each or each second one is taken; without any value only 0, at which costs alone count.
        """
        reference = self.reference(rules)
        if not any(reference):
            return (0,)
        least = max(reference) * _REACH / _WTP_STEPS
        power = 10 ** max(0, math.floor(math.log10(least)))
        step = next(each * power for each in (1, 2, 5, 10) if each * power >= least)
        return tuple(sorted({*range(0, _WTP_STEPS * step + 1, every * step), *reference}))

    def worth(self, rules: RuleSet) -> tuple[float, ...]:
        """Return what one more unit of the effect is worth over the grid: below 0 where less is better."""
        return tuple(self.sign * each for each in self.grid(rules))
