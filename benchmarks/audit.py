"""Print how often the audit finds a corrupted interval, by kind of corruption, and how often it repairs it.

Run: python benchmarks/audit.py
"""

from __future__ import annotations

from decimal import Decimal

import numpy as np

from hecon.dossier import auditing
from hecon.dossier.printed_intervals import PrintedInterval, repairs

TRIALS = 1_000
NAMES = ("estimate", "low", "high")


def trial(rng: np.random.Generator) -> PrintedInterval:
    """Return a true trial, correctly rounded."""
    mean, se, places = rng.normal(0, 10), rng.uniform(0.2, 5), int(rng.integers(0, 3))
    ends = (mean, mean - 1.96 * se, mean + 1.96 * se)
    return PrintedInterval(*(Decimal(f"{each:.{places}f}") for each in ends))


def corrupted(true: PrintedInterval, kind: str, rng: np.random.Generator) -> PrintedInterval:
    """Return the trial with one thing wrong."""
    values = {name: getattr(true, name) for name in NAMES}
    name = NAMES[rng.integers(3)]
    if kind == "sign":
        values[name] = -values[name]
    elif kind == "order":
        values["low"], values["high"] = values["high"], values["low"]
    else:
        text = f"{values[name]:f}"
        places = [place for place, each in enumerate(text) if each.isdecimal()]
        place = int(rng.choice(places))
        digit = str(rng.integers(10))
        values[name] = Decimal(text[:place] + digit + text[place + (kind == "digit") :])
    return PrintedInterval(**values)


def main() -> None:
    """Print a line for each kind."""
    rng = np.random.default_rng(2024)
    false = sum(auditing._interval(trial(rng), symmetrical=True) is not None for _ in range(TRIALS))  # noqa: SLF001
    print(f"{TRIALS} true trials: {false} findings")
    for kind in ("sign", "order", "digit", "extra digit"):
        found = mended = changed = 0
        for _ in range(TRIALS):
            true = trial(rng)
            wrong = corrupted(true, kind, rng)
            changed += wrong != true
            if auditing._interval(wrong, symmetrical=True) is not None:  # noqa: SLF001
                found += 1
                mended += true in repairs(wrong)[1]
        print(f"{kind:12} {changed} changed, {found / changed:.1%} found, {mended / found:.1%} of these mended")


if __name__ == "__main__":
    main()
