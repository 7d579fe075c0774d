"""Rules of a country as dated, sourced data: what a QALY may cost, discounting, burden, criteria, guidelines, weights.

A rule set is a file of TOML: one that comes with hecon (``hecon/data/rules``), or a user's own.
"""

from __future__ import annotations

from hecon.rulesets.parts import (
    BurdenRule as BurdenRule,
)
from hecon.rulesets.parts import (
    DatedRule as DatedRule,
)
from hecon.rulesets.parts import (
    Discounting as Discounting,
)
from hecon.rulesets.parts import (
    Guideline as Guideline,
)
from hecon.rulesets.parts import (
    GuidelinePoint as GuidelinePoint,
)
from hecon.rulesets.parts import (
    RuleBand as RuleBand,
)
from hecon.rulesets.parts import (
    RuleValues as RuleValues,
)
from hecon.rulesets.parts import (
    SeverityBand as SeverityBand,
)
from hecon.rulesets.parts import (
    SeverityRule as SeverityRule,
)
from hecon.rulesets.rule_set import DEFAULT as DEFAULT
from hecon.rulesets.rule_set import RuleSet as RuleSet
from hecon.rulesets.rule_set import names, ruleset

__all__ = ["names", "ruleset"]
