"""Rules of a country as dated, sourced data: what a QALY may cost, discounting, burden, criteria, guidelines, weights.

A rule set is a file of TOML: one that comes with hecon (``hecon/data/rules``), or a user's own.
"""

from __future__ import annotations

from hecon.rulesets.parts import (
    BurdenRule,
    DatedRule,
    Discounting,
    Guideline,
    GuidelinePoint,
    RuleBand,
    RuleValues,
    SeverityBand,
    SeverityRule,
)
from hecon.rulesets.rule_set import DEFAULT, RuleSet, names, ruleset

__all__ = [
    "DEFAULT",
    "BurdenRule",
    "DatedRule",
    "Discounting",
    "Guideline",
    "GuidelinePoint",
    "RuleBand",
    "RuleSet",
    "RuleValues",
    "SeverityBand",
    "SeverityRule",
    "names",
    "ruleset",
]
