"""A number as printed: what rounds to it, arithmetic on intervals, and formulas over named numbers."""
