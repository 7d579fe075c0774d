"""Simulated trials, correctly rounded, ways to corrupt them, and a naive oracle that tells which corruptions show.

The oracle knows nothing of the audit: each relation is written out in floating-point numbers over the corners of the
rounding boxes.
"""

from __future__ import annotations

import itertools
import math
from decimal import Decimal

from scipy import stats

from hecon.dossier.loading import Dossier

Z = 1.959963984540054
TEXT = {"nl": "naam", "en": "name"}
SOURCES = ({"document": "source", "place": "table 1"},)
KINDS = ("sign", "digit", "extra digit", "dropped digit", "swapped bounds", "shifted bound", "swapped arms", "count")


def rounded(value, places):
    """Return a number as a paper prints it."""
    return Decimal(f"{value:.{places}f}")


def simulate(rng):
    """Return what a trial prints, by name: a clinical outcome, patients, later surgery, costs, effects and a rate."""
    n = [int(each) for each in rng.integers(40, 200, 2)]
    places = int(rng.integers(1, 3))
    scale = 10.0 ** rng.integers(0, 2)
    sd = scale * rng.uniform(0.8, 2.5, 2)
    mean = scale * rng.uniform(5, 9, 2)
    se = math.sqrt(sum(s**2 / m for s, m in zip(sd, n, strict=True)))
    difference = mean[0] - mean[1]
    count = int(rng.integers(3, n[1] - 3))
    cost, cost_se = rng.uniform(800, 4000), rng.uniform(150, 900)
    effect, effect_se = rng.uniform(0.03, 0.2), rng.uniform(0.01, 0.05)
    benefit_se = math.hypot(20_000 * effect_se, cost_se)
    weekly = rng.uniform(100, 500)
    return {
        "mean_1": rounded(mean[0], places),
        "mean_2": rounded(mean[1], places),
        "sd_1": rounded(sd[0], places),
        "sd_2": rounded(sd[1], places),
        "se_1": rounded(sd[0] / math.sqrt(n[0]), places + 1),
        "se_2": rounded(sd[1] / math.sqrt(n[1]), places + 1),
        "n_1": n[0],
        "n_2": n[1],
        "estimate": rounded(difference, places),
        "low": rounded(difference - Z * se, places),
        "high": rounded(difference + Z * se, places),
        "p": rounded(2 * stats.norm.sf(abs(difference) / se), 3),
        "patients": sum(n),
        "percent": rounded(100 * count / n[1], 1),
        "count": count,
        "of": n[1],
        "cost": rounded(cost, 1),
        "effect": rounded(effect, 4),
        "icer": rounded(cost / effect, 1),
        "probability": rounded(stats.norm.cdf((20_000 * effect - cost) / benefit_se), 2),
        "weekly": rounded(weekly, 1),
        "daily": rounded(weekly / 7, 2),
    }


def dossier(printed):
    """Return a dossier that prints a trial."""
    get = printed.__getitem__
    fact = {"sources": SOURCES}
    arms = {key: (get(f"{key}_1"), get(f"{key}_2")) for key in ("mean", "sd", "se", "n")}
    study = {
        "origin": "dutch",
        "name": "Trial",
        "text": TEXT,
        "sources": SOURCES,
        "fact": (
            {"kind": "patients", "value": get("patients"), **fact},
            {"kind": "arms", "value": arms["n"], "intervention": TEXT, "comparator": TEXT, **fact},
            {"kind": "crossover", "percent": get("percent"), "count": get("count"), "of": get("of"), **fact},
        ),
        "outcome": (
            {
                "name": TEXT,
                "better": "higher",
                "intervention": TEXT,
                "comparator": TEXT,
                "estimate": get("estimate"),
                "ci": (get("low"), get("high")),
                "p": get("p"),
                "arms": arms,
                "adjusted": False,
                "sources": SOURCES,
            },
        ),
    }
    reported = {"status": "reported", "sources": SOURCES}
    comparison = {
        "id": "trial",
        "trial": "Trial",
        "design": TEXT,
        "perspective": "societal",
        "intervention": "a",
        "comparator": "b",
        "currency": "EUR",
        "price_year": 2020,
        "horizon_months": 12,
        "discount_cost": 0,
        "discount_effect": 0,
        "sources": SOURCES,
        "statistic": (
            {"kind": "cost-difference", "mean": get("cost"), **reported},
            {"kind": "effect-difference", "mean": get("effect"), **reported},
            {"kind": "icer", "value": get("icer"), **reported},
            {"kind": "p-cost-effective", "wtp": 20_000, "value": get("probability"), **reported},
        ),
    }
    figures = tuple({"id": key, "name": TEXT, "value": get(key), "sources": SOURCES} for key in ("weekly", "daily"))
    return Dossier.model_validate(
        {
            "format": 1,
            "name": "trial",
            "title": TEXT,
            "indication": TEXT,
            "question": TEXT,
            "burden": {"band": "not judged", "basis": TEXT, "sources": SOURCES},
            "intervention": ({"id": "a", "name": TEXT}, {"id": "b", "name": TEXT}),
            "comparison": (comparison,),
            "note": {"study": (study,)},
            "figure": figures,
            "relation": ({"result": "daily", "formula": "weekly / 7", "basis": TEXT},),
            "document": ({"id": "source", "citation": "source", "read": TEXT},),
        }
    )


# Ways to corrupt ------------------------------------------------------------------------------------------------------


def with_text(value, text):
    """Return a number of the same kind from its digits, None if these make none."""
    if not any(each.isdecimal() for each in text) or text.endswith(("-", ".")):
        return None
    return Decimal(text) if isinstance(value, Decimal) else int(text)


def corrupted(printed, kind, rng):
    """Return the trial with one thing wrong, None if this kind changes nothing here."""
    names = list(printed)
    name = str(rng.choice(names))
    value = printed[name]
    text = f"{value:f}" if isinstance(value, Decimal) else str(value)
    places = [place for place, each in enumerate(text) if each.isdecimal()]
    place = int(rng.choice(places))
    digit = str(rng.integers(10))
    changed = dict(printed)
    if kind == "sign":
        name = str(rng.choice(["estimate", "low", "high", "cost", "effect", "icer", "mean_1", "mean_2"]))
        changed[name] = -printed[name]
    elif kind == "digit":
        changed[name] = with_text(value, text[:place] + digit + text[place + 1 :])
    elif kind == "extra digit":
        changed[name] = with_text(value, text[:place] + digit + text[place:])
    elif kind == "dropped digit":
        changed[name] = with_text(value, text[:place] + text[place + 1 :])
    elif kind == "swapped bounds":
        changed["low"], changed["high"] = printed["high"], printed["low"]
    elif kind == "shifted bound":
        name = str(rng.choice(["low", "high"]))
        changed[name] = printed[name] + rounded(rng.normal(0, 3), 1)
    elif kind == "swapped arms":
        changed["mean_1"], changed["mean_2"] = printed["mean_2"], printed["mean_1"]
    else:
        changed["percent"] = Decimal(printed["count"])
    if changed == printed or any(each is None for each in changed.values()) or not _possible(changed):
        return None
    return changed


def _possible(printed):
    """Tell whether a file could hold it: shares are shares, and patients are there."""
    sizes = ("sd_1", "sd_2", "se_1", "se_2", "n_1", "n_2", "of")
    return (
        all(printed[each] > 0 for each in sizes)
        and 0 <= printed["p"] <= 1
        and 0 <= printed["probability"] <= 1
        and 0 <= printed["percent"] <= 100
        and 0 <= printed["count"] <= printed["of"]
        and printed["patients"] >= 0
        and sum((printed["n_1"], printed["n_2"])) > 2
        and abs(printed["mean_1"]) < 1e6
    )


# The naive oracle -----------------------------------------------------------------------------------------------------


def ends(value):
    """Return the lowest and highest number that prints so; zeros at the end of a whole number may be rounding."""
    text = f"{value:f}" if isinstance(value, Decimal) else str(value)
    if "." in text:
        half = 0.5 * 10.0 ** -len(text.partition(".")[2])
    else:
        stripped = text.lstrip("-").rstrip("0")
        half = 0.5 * 10.0 ** (len(text.lstrip("-")) - len(stripped)) if stripped else 0.5
    return float(value) - half, float(value) + half


def corners(function, *values):
    """Return the lowest and highest value of a function over the corners of the boxes."""
    found = [function(*each) for each in itertools.product(*(ends(value) for value in values))]
    return min(found), max(found)


def apart(first, second, slack=1e-9):
    """Tell whether two intervals are apart by more than floating-point error."""
    size = max(1.0, *(abs(each) for each in (*first, *second)))
    return first[1] < second[0] - slack * size or second[1] < first[0] - slack * size


def shows(printed):
    """Return the relations that no true values behind the printed digits can satisfy."""
    interval = _off(printed)
    low, high = ends(printed["effect"])
    checks = {
        "arms": _arms_off(printed),
        "interval": interval,
        "p": not interval and _p_off(printed),
        "se": _se_off(printed),
        "width": not interval and printed["low"] <= printed["high"] and _width_off(printed),
        "percentage": _percentage_off(printed),
        "total": printed["patients"] != printed["n_1"] + printed["n_2"],
        "ratio": (low > 0 or high < 0) and _ratio_off(printed),
        "probability": _probability_off(printed),
        "formula": apart(corners(lambda weekly: weekly / 7, printed["weekly"]), ends(printed["daily"])),
    }
    return {name for name, off in checks.items() if off}


def _arms_off(printed):
    return apart(corners(lambda a, b: a - b, printed["mean_1"], printed["mean_2"]), ends(printed["estimate"]))


def _se_off(printed):
    roots = {arm: math.sqrt(printed[f"n_{arm}"]) for arm in "12"}
    return any(
        apart(corners(lambda sd, root=root: sd / root, printed[f"sd_{arm}"]), ends(printed[f"se_{arm}"]))
        for arm, root in roots.items()
    )


def _percentage_off(printed):
    share = 100 * printed["count"] / printed["of"]
    # A whole percentage is not rounded to tens.
    value = float(printed["percent"])
    own = ends(printed["percent"]) if "." in str(printed["percent"]) else (value - 0.5, value + 0.5)
    return apart((share, share), own)


def _probability_off(printed):
    benefit = corners(lambda cost, effect: 20_000 * effect - cost, printed["cost"], printed["effect"])
    low, high = ends(printed["probability"])
    return (benefit[0] > 0 and high < 0.5) or (benefit[1] < 0 and low > 0.5)


def _off(printed):
    """Tell whether no interval that prints so holds, and lies around, an estimate that prints so."""
    (low, high), middle = (ends(printed["low"]), ends(printed["high"])), ends(printed["estimate"])
    if low[0] > high[1]:
        return True
    return apart(((low[0] + high[0]) / 2, (low[1] + high[1]) / 2), middle)


def _p_off(printed):
    low, high, middle = (ends(printed[key]) for key in ("low", "high", "estimate"))
    if high[0] - low[1] <= 0:
        return False
    least = 0.0 if middle[0] <= 0 <= middle[1] else min(abs(each) for each in middle)
    ratios = (2 * least / (high[1] - low[0]), 2 * max(abs(each) for each in middle) / (high[0] - low[1]))
    freedom = max(min(printed["n_1"], printed["n_2"]) - 1, 1)
    values = [2 * stats.norm.sf(ratio * Z) for ratio in ratios]
    values += [2 * stats.t.sf(ratio * stats.t.ppf(0.975, freedom), freedom) for ratio in ratios]
    return apart((min(values), max(values)), ends(printed["p"]), slack=1e-6)


def _width_off(printed):
    n = (printed["n_1"], printed["n_2"])

    def separate(first, second):
        return math.sqrt(max(first, 0) ** 2 / n[0] + max(second, 0) ** 2 / n[1])

    def together(first, second):
        total = (n[0] - 1) * max(first, 0) ** 2 + (n[1] - 1) * max(second, 0) ** 2
        return math.sqrt(total / (sum(n) - 2) * (1 / n[0] + 1 / n[1]))

    errors = [corners(each, printed["sd_1"], printed["sd_2"]) for each in (separate, together)]
    widest = max(Z, stats.t.ppf(0.975, max(min(n) - 1, 1)))
    expected = (2 * Z * min(each[0] for each in errors), 2 * widest * max(each[1] for each in errors))
    return apart(corners(lambda low, high: high - low, printed["low"], printed["high"]), expected, slack=1e-6)


def _ratio_off(printed):
    quotients = corners(lambda cost, effect: cost / effect, printed["cost"], printed["effect"])
    own = ends(printed["icer"])
    # A ratio printed without its sign may be negative.
    other = (-own[1], -own[0]) if printed["icer"] > 0 else own
    return apart(quotients, own) and apart(quotients, other)
