"""Faults of a dossier: every kind has its path, rule, value and remedy, and all are told at once."""

from __future__ import annotations

import datetime as dt

import pytest

import hecon
from hecon import dossier
from hecon.errors import DossierError

SKELETON = dossier.skeleton("hip-fracture")
FIGURES = SKELETON[SKELETON.index("[[comparison.statistic]]") : SKELETON.index("# What nobody reported")]
COST = "comparison[0].statistic[0]"
EFFECT = "comparison[0].statistic[1]"
ASSUMED = "comparison[0].assumption[0]"
KINDS = (
    "cost-arms, effect-arms, net-benefit-arms, cost-difference, effect-difference, net-benefit-difference, icer, "
    "p-cost-effective, p-effect-above, quadrant-shares, correlation"
)
UNQUOTED = "must be a number without quotes, as in 12300 or 12.3 (a point for decimals, no thousands separator)"
INTERVENTION = "must be the id of an [[intervention]]"
NEITHER = (
    "must have a [[comparison.statistic]] or a [comparison.finding]: add what was reported, "
    "or name patient data in [comparison.data] or a model's draws in [comparison.draws]"
)
AMOUNT = "must be an amount of money"
SIZE = "must be finite, and 0 or between 1e-30 and 1e30 in size"
SOURCES = 'status = "reported"\nsources = [{ document = "example", place = "page 1" }]'

STRATEGIES = SKELETON[SKELETON.index("\n[[intervention]]") : SKELETON.index("\n[[comparison]]")]
THRESHOLD = """[[comparison.threshold]]
value = {value}
text.nl = "Drempel"
text.en = "Threshold"
sources = [{{ document = "example", place = "page 1" }}]
"""

CORRELATION = ('kind = "correlation"', "value = 0.1")


def added(*lines):
    """Return the change that adds a statistic with these lines."""
    text = "\n".join(["[[comparison.statistic]]", *lines, SOURCES])
    return ("# What nobody reported", f"{text}\n\n# What nobody reported")


def told(tmp_path, *changes):
    """Return the faults of the skeleton after some changes of its text, or None if it loads."""
    text = SKELETON
    for old, new in changes:
        assert old in text
        text = text.replace(old, new, 1)
    path = tmp_path / "changed.toml"
    path.write_text(text, encoding="utf-8")
    try:
        hecon.load(path)
    except DossierError as error:
        return list(error.faults)
    return None


# A fault in each case: what is changed in the skeleton, and all that is told.
CASES = {
    # keys
    "unknown key with its likely meaning": (
        ('currency = "EUR"', 'curency = "EUR"'),
        [
            "comparison[0].currency: is missing: add it",
            "comparison[0].curency: is not a key of this table: did you mean 'currency'?",
        ],
    ),
    "key of another table": (
        ("mean = 900", "mean = 900\nn = [50, 50]"),
        [
            (
                f"{COST}.n: is not a key of this table: remove it; the keys are status, sources, rule, note, kind, "
                "mean, ci, level, sided, se, p, p_below"
            )
        ],
    ),
    "unknown key at the top": (
        ("format = 1", "format = 1\nformt = 1"),
        ["formt: is not a key of this table: did you mean 'format'?"],
    ),
    "unknown key in a text": (
        ('title]\nnl = "', 'title]\nfr = "Titre"\nnl = "'),
        ["title.fr: is not a key of this table: remove it; the keys are nl, en"],
    ),
    # what is missing
    "no sources": (
        ('figure (replace)"\nsources = [{ document = "example", place = "table 2" }]', 'figure (replace)"'),
        [f"{COST}.sources: is missing: add it"],
    ),
    "empty sources": (
        ('sources = [{ document = "example", place = "table 2" }]', "sources = []"),
        [f"{COST}.sources: must hold at least 1, got 0"],
    ),
    "no status": (('status = "assumed"\n', ""), [f"{COST}.status: is missing: add it"]),
    "no language": (
        ('en = "NAME: title (replace)"'.replace("NAME", "hip-fracture"), ""),
        ["title.en: is missing: add it"],
    ),
    "empty text": (
        ('read.en = "read in full or abstract only (replace)"', 'read.en = ""'),
        ["document[0].read.en: must not be empty, got ''"],
    ),
    "blank text": (
        ('trial = "EXAMPLE (replace)"', 'trial = " \\t"'),
        ["comparison[0].trial: must not be empty, got ' \\t'"],
    ),
    "one end of a pair": (("ci = [-300, 2100]", "ci = [-300]"), [f"{COST}.ci[1]: is missing: add it"]),
    "derived without its rule": (
        ('status = "assumed"', 'status = "derived"'),
        [f"{COST}.rule: is missing: a derived number states its rule"],
    ),
    "one intervention": (
        (
            (
                '[[intervention]]\nid = "usual-care"\nname.nl = "de gebruikelijke zorg (vervangen)"\n'
                'name.en = "usual care (replace)"\n'
            ),
            "",
        ),
        [f"comparison[0].comparator: {INTERVENTION}, got 'usual-care'; known: new-care"],
    ),
    "neither figures nor a finding": (
        (FIGURES, ""),
        [f"comparison[0]: {NEITHER}"],
    ),
    # types
    "number as text": (("mean = 900", 'mean = "12.300"'), [f"{COST}.mean: {UNQUOTED}, got '12.300'"]),
    "true as a number": (("mean = 900", "mean = true"), [f"{COST}.mean: must be a number, got true"]),
    "list as a number": (("mean = 900", "mean = [900]"), [f"{COST}.mean: must be a number, got a list"]),
    "date as a number": (("mean = 900", "mean = 2024-03-22"), [f"{COST}.mean: must be a number, got 2024-03-22"]),
    "nan": (
        ("mean = 900", "mean = nan"),
        [f"{COST}.mean: {SIZE}, got nan"],
    ),
    "too large": (
        ("mean = 900", "mean = 1e400"),
        [f"{COST}.mean: {SIZE}, got 1E+400"],
    ),
    "too many digits to print": (
        ("mean = 900", f"mean = 0x{'f' * 6000}"),
        [f"{COST}.mean: {SIZE}, got a number beyond 1e30"],
    ),
    "text as a table": (
        ('basis.nl = "Kosten en QALY\'s zijn niet samen gerapporteerd (vervangen)"\nbasis.en', "basis"),
        [f"{ASSUMED}.basis: must be a table with nl and en, got 'Costs and QALYs are not reported jointly (replace)'"],
    ),
    "table as a list of tables": (
        ("[[comparison.assumption]]", "[comparison.assumption]"),
        [
            (
                "comparison[0].assumption: must be a list of tables, each beginning with [[comparison.assumption]], "
                "got a table"
            )
        ],
    ),
    "source without its list": (
        ('sources = [{ document = "example", place = "abstract" }]', 'sources = { document = "example", place = "a" }'),
        ['comparison[0].sources: must be a list, as in [{ document = "report", place = "page 12" }], got a table'],
    ),
    "source as text": (
        ('sources = [{ document = "example", place = "abstract" }]', 'sources = ["example"]'),
        ["comparison[0].sources[0]: must be a table with document and place, got 'example'"],
    ),
    "number for text": (
        ('trial = "EXAMPLE (replace)"', "trial = 5"),
        ["comparison[0].trial: must be text in quotes, got 5"],
    ),
    "number as a pair": (
        ("ci = [-300, 2100]", "ci = 300"),
        [f"{COST}.ci: must be a list in square brackets, as in [1, 2], got 300"],
    ),
    "three ends": (("ci = [-300, 2100]", "ci = [-300, 0, 2100]"), [f"{COST}.ci: must hold 2 values, got 3"]),
    "date in quotes": (
        ("# date = 2024-03-22", 'date = "22-03-2024"'),
        ["document[0].date: must be a date without quotes, as in 2024-03-22, got '22-03-2024'"],
    ),
    "time of day": (
        ("# date = 2024-03-22", "date = 2024-03-22T10:00:00"),
        ["document[0].date: must be a date without quotes, as in 2024-03-22, got 2024-03-22 10:00:00"],
    ),
    "part of a patient": (
        added('kind = "cost-arms"', "mean = [1000, 100]", "sd = [10, 10]", "n = [50.5, 50]"),
        ["comparison[0].statistic[2].n[0]: must be a whole number without quotes, got 50.5"],
    ),
    "more patients than people": (
        added('kind = "cost-arms"', "mean = [1000, 100]", "sd = [10, 10]", "n = [50, 9_000_000_000]"),
        ["comparison[0].statistic[2].n[1]: must be at most 1000000000, got 9000000000"],
    ),
    "unknown format": (("format = 1", "format = 2"), ["format: must be 1, the only format so far, got 2"]),
    "true as the format": (("format = 1", "format = true"), ["format: must be 1, the only format so far, got true"]),
    "1.0 as the format": (("format = 1", "format = 1.0"), ["format: must be 1, the only format so far, got 1.0"]),
    # words and codes
    "unknown kind": (
        ('kind = "cost-difference"', 'kind = "hazard-ratio"'),
        [f"{COST}.kind: must be one of {KINDS}, got 'hazard-ratio'"],
    ),
    "no kind": (('kind = "cost-difference"\n', ""), [f"{COST}.kind: is missing: add it, one of {KINDS}"]),
    "statistic that is no table": (
        (
            FIGURES,
            "statistic = [5]\n",
        ),
        [f"{COST}: must be a table, got 5"],
    ),
    "unknown status": (
        ('status = "assumed"', 'status = "guessed"'),
        [f"{COST}.status: must be 'reported', 'derived' or 'assumed', got 'guessed'"],
    ),
    "unknown band": (
        ('band = "not judged"', 'band = "laag"'),
        ["burden.band: must be 'none', 'low', 'middle', 'high' or 'not judged', got 'laag'"],
    ),
    "unknown perspective": (
        ('perspective = "societal"', 'perspective = "hospital"'),
        ["comparison[0].perspective: must be 'societal' or 'healthcare', got 'hospital'"],
    ),
    "effects of a harm": (
        ('currency = "EUR"', 'currency = "EUR"\neffect_unit = "DALY"'),
        [
            (
                "comparison[0].effect_unit: must be of an effect of which more is better, got 'DALY': "
                'write "DALY averted", signs turned'
            )
        ],
    ),
    "effects of an unknown unit": (
        ('currency = "EUR"', 'currency = "EUR"\neffect_unit = "point"'),
        ['comparison[0].effect_better: is missing: write effect_better = "more" if more point is better'],
    ),
    "currency in words": (
        ('currency = "EUR"', 'currency = "euro"'),
        ["comparison[0].currency: must be a currency code of three capitals, as in EUR, got 'euro'"],
    ),
    "id with a space": (
        ('id = "example-societal"', 'id = "Example societal"'),
        [
            (
                "comparison[0].id: must be lower-case letters and digits joined by hyphens, as in acl-rupture, "
                "got 'Example societal'"
            )
        ],
    ),
    "address for a DOI": (
        ('# doi = "10.1000/xyz"', 'doi = "https://doi.org/10.1000/xyz"'),
        [
            (
                "document[0].doi: must be a DOI without https://doi.org/, as in 10.1136/bmj.n375, "
                "got 'https://doi.org/10.1000/xyz'"
            )
        ],
    ),
    # identity
    "unknown document": (
        ('place = "table 2"', 'place = "table 2" }, { document = "exmaple", place = "x"'),
        [f"{COST}.sources[1].document: must be the id of a [[document]], got 'exmaple'; known: example"],
    ),
    "unknown intervention": (
        ('intervention = "new-care"', 'intervention = "newcare"'),
        [f"comparison[0].intervention: {INTERVENTION}, got 'newcare'; known: new-care, usual-care"],
    ),
    "comparator that is the intervention": (
        ('comparator = "usual-care"', 'comparator = "new-care"'),
        ["comparison[0].comparator: must differ from the intervention, got 'new-care' twice"],
    ),
    "intervention twice": (
        ('id = "usual-care"', 'id = "new-care"'),
        [
            "intervention[1].id: must be unique, got 'new-care' again",
            f"comparison[0].comparator: {INTERVENTION}, got 'usual-care'; known: new-care",
        ],
    ),
    "document twice": (
        ("[[document]]", '[[document]]\nid = "example"\ncitation = "A"\nread.nl = "x"\nread.en = "x"\n\n[[document]]'),
        ["document[1].id: must be unique, got 'example' again"],
    ),
    # ranges
    "year of three digits": (
        ('price_year = "not reported"', "price_year = 202"),
        ['comparison[0].price_year: must be a year, as in 2022, or "not reported", got 202'],
    ),
    "year unknown": (
        ('price_year = "not reported"', 'price_year = "unknown"'),
        ["comparison[0].price_year: must be a year, as in 2022, or \"not reported\", got 'unknown'"],
    ),
    "no horizon": (
        ("horizon_months = 12", "horizon_months = 0"),
        ["comparison[0].horizon_months: must be above 0, got 0"],
    ),
    "rate in per cent": (
        ('discount_cost = "not reported"', "discount_cost = 4"),
        ["comparison[0].discount_cost: must lie in [0, 1], got 4: write a rate, as in 0.04 for 4%"],
    ),
    "negative rate": (
        ('discount_effect = "not reported"', "discount_effect = -0.015"),
        ["comparison[0].discount_effect: must lie in [0, 1], got -0.015: write a rate, as in 0.04 for 4%"],
    ),
    "rate as text": (
        ('discount_cost = "not reported"', 'discount_cost = "4%"'),
        ["comparison[0].discount_cost: must be a number without quotes or \"not reported\", got '4%'"],
    ),
    # differences
    "interval upside down": (
        ("ci = [-300, 2100]", "ci = [2100, -300]"),
        [f"{COST}: ci must run from low to high, got 2100 to -300: upside down"],
    ),
    "interval without its mean": (
        ("ci = [-300, 2100]", "ci = [1000, 2100]"),
        [f"{COST}: ci must hold its mean 900, got 1000 to 2100; check the signs"],
    ),
    "interval and no mean": (("mean = 900\n", ""), [f"{COST}.mean: is missing: add it"]),
    "level in per cent": (
        ("ci = [-300, 2100]", "ci = [-300, 2100]\nlevel = 95"),
        [f"{COST}: level of a two-sided interval must lie in [0.5, 1), got 95.0: write 0.95 for 95%"],
    ),
    "standard error of 0": (("ci = [-300, 2100]", "se = 0"), [f"{COST}: se must be above 0, got 0.0"]),
    "p value above 1": (
        ("ci = [-300, 2100]", "p = 1.2"),
        [f'{COST}.p: must lie in (0, 1), got 1.2: "p < 0.001" is written p_below = 0.001'],
    ),
    "bound of a p value of 0": (
        ("ci = [-300, 2100]", "p_below = 0"),
        [f'{COST}.p_below: must lie in (0, 1), got 0: "p < 0.001" is written p_below = 0.001'],
    ),
    "p value and its bound": (
        ("ci = [-300, 2100]", "p = 0.02\np_below = 0.05"),
        [f"{COST}.p_below: must not stand beside p: keep the one that was printed"],
    ),
    "open end of a two-sided interval": (
        ("ci = [-300, 2100]", "ci = [-inf, 2100]"),
        [f'{COST}.ci: must have two finite ends, got [-inf, 2100]: to a one-sided interval belongs sided = "one"'],
    ),
    "two ends of a one-sided interval": (
        ("ci = [-300, 2100]", 'ci = [-300, 2100]\nsided = "one"'),
        [f"{COST}.ci: must have one finite end, the other -inf (below) or inf (above), got [-300, 2100]"],
    ),
    "no end at all": (
        ("ci = [-300, 2100]", 'ci = [-inf, inf]\nsided = "one"'),
        [f"{COST}.ci: must have one finite end, the other -inf (below) or inf (above), got [-inf, inf]"],
    ),
    "open end on the wrong side": (
        ("ci = [-300, 2100]", 'ci = [inf, 2100]\nsided = "one"'),
        [f"{COST}.ci: must run from low to high, got [inf, 2100]"],
    ),
    "nan as an end": (
        ("ci = [-300, 2100]", "ci = [nan, 2100]"),
        [f"{COST}.ci[0]: {SIZE}, got nan"],
    ),
    # arms, ratios, probabilities
    "SD of 0": (
        added('kind = "cost-arms"', "mean = [1000, 100]", "sd = [10, 0]", "n = [50, 50]"),
        ["comparison[0].statistic[2]: sd must be above 0, got 0.0"],
    ),
    "one patient": (
        added('kind = "cost-arms"', "mean = [1000, 100]", "sd = [10, 10]", "n = [50, 1]"),
        ["comparison[0].statistic[2]: n must be a whole number of at least 2, got 1"],
    ),
    "SD without n": (
        added('kind = "cost-arms"', "mean = [1000, 100]", "sd = [10, 10]"),
        ["comparison[0].statistic[2]: Arms with sd needs n too: a standard error follows from both; got n=None"],
    ),
    "ratio of 0": (
        added('kind = "icer"', "value = 0"),
        [
            (
                "comparison[0].statistic[2]: icer must not be 0: a ratio of 0 says nothing of the effect; "
                "give the cost difference instead, got 0"
            )
        ],
    ),
    "sign against the quadrant": (
        added('kind = "icer"', "value = 18000", 'quadrant = "NW"'),
        ["comparison[0].statistic[2]: icer 18000 is positive, so its quadrant must be NE or SW, got 'NW'"],
    ),
    "two ratios": (
        (*added('kind = "icer"', "value = 18000", SOURCES, "[[comparison.statistic]]", 'kind = "icer"', "value = 2"),),
        [
            (
                "comparison[0].statistic[3]: must be the only icer of its comparison: keep one, or give the other a "
                "[[comparison]] of its own"
            )
        ],
    ),
    "two correlations": (
        added(
            'kind = "correlation"',
            "value = 0",
            SOURCES,
            "[[comparison.statistic]]",
            'kind = "correlation"',
            "value = 0.1",
        ),
        ["comparison[0].statistic[3]: must be the only correlation of its comparison: keep one"],
    ),
    "correlation above 1": (
        added('kind = "correlation"', "value = 1.1"),
        ["comparison[0].statistic[2].value: must lie in [-1, 1], got 1.1: check which statistic was printed"],
    ),
    "probability in per cent": (
        added('kind = "p-cost-effective"', "wtp = 20000", "value = 99"),
        ["comparison[0].statistic[2].value: must lie in [0, 1], got 99: write a share, as in 0.99 for 99%"],
    ),
    "negative probability": (
        added('kind = "p-effect-above"', "threshold = -0.05", "value = -0.1"),
        ["comparison[0].statistic[2].value: must lie in [0, 1], got -0.1: write a share, as in 0.99 for 99%"],
    ),
    "probability below 0 before rounding": (
        added('kind = "p-cost-effective"', "wtp = 20000", "value = -0.00"),
        ["comparison[0].statistic[2].value: must lie in [0, 1], got -0.00: write a share, as in 0.99 for 99%"],
    ),
    "negative willingness to pay": (
        added('kind = "p-cost-effective"', "wtp = -20000", "value = 0.5"),
        ["comparison[0].statistic[2].wtp: must be at least 0, got -20000"],
    ),
    "two probabilities at one value": (
        added(
            'kind = "p-cost-effective"',
            "wtp = 20000",
            "value = 0.5",
            SOURCES,
            "[[comparison.statistic]]",
            'kind = "p-cost-effective"',
            "wtp = 20000.0",
            "value = 0.9",
        ),
        ["comparison[0].statistic[3]: must be the only p-cost-effective at one wtp: keep one"],
    ),
    "net benefit in another currency": (
        added('kind = "net-benefit-difference"', "wtp = 20000", "mean = 900", "se = 400", 'currency = "GBP"'),
        [
            (
                "comparison[0].statistic[2].currency: must be the currency of its comparison, 'EUR', as willingness to "
                "pay and net benefit are in it, got 'GBP': give what was printed in 'EUR', or leave it out"
            )
        ],
    ),
    "one-sided interval of net benefit": (
        added('kind = "net-benefit-difference"', "wtp = 20000", "mean = 900", "ci = [-inf, 2100]", 'sided = "one"'),
        [
            (
                'comparison[0].statistic[2].sided: must be "two" of a net benefit, got "one": give its standard '
                "error, (mean - end)/z, as se"
            )
        ],
    ),
    "net benefit at a negative value": (
        added('kind = "net-benefit-arms"', "wtp = -20000", "mean = [900, 100]"),
        ["comparison[0].statistic[2].wtp: must be at least 0, got -20000"],
    ),
    "net benefit outside its interval": (
        added('kind = "net-benefit-difference"', "wtp = 20000", "mean = 900", "ci = [1000, 2100]"),
        ["comparison[0].statistic[2]: ci must hold its mean 900, got 1000 to 2100; check the signs"],
    ),
    "shares in per cent": (
        added('kind = "quadrant-shares"', "shares = { SW = 60, SE = 0.3 }"),
        ["comparison[0].statistic[2].shares.SW: must lie in [0, 1], got 60: write a share, as in 0.60 for 60%"],
    ),
    "shares that do not add up": (
        added('kind = "quadrant-shares"', "shares = { NE = 0.05, SE = 0.30, SW = 0.60, NW = 0.02 }"),
        [
            (
                "comparison[0].statistic[2]: quadrant_shares must add up to 1 within their rounding, got NE 0.05 + "
                "SE 0.30 + SW 0.60 + NW 0.02 = 0.97: check each share"
            )
        ],
    ),
    "shares twice": (
        added(
            'kind = "quadrant-shares"',
            "shares = { SW = 0.60 }",
            SOURCES,
            "[[comparison.statistic]]",
            'kind = "quadrant-shares"',
            "shares = { SE = 0.30 }",
        ),
        ["comparison[0].statistic[3]: must be the only quadrant-shares of its comparison: keep one"],
    ),
    # assumptions
    "assumed twice": (
        (
            "[[comparison.caveat]]",
            (
                '[[comparison.assumption]]\nparameter = "correlation"\nvalue = 0\nrange = [0, 0]\n'
                'basis.nl = "x"\nbasis.en = "x"\n\n[[comparison.caveat]]'
            ),
        ),
        ["comparison[0].assumption[1].parameter: must be assumed once, got 'correlation' again"],
    ),
    "value outside its range": (
        ("value = 0\nrange", "value = 0.7\nrange"),
        [f"{ASSUMED}: range must run from low to high and hold the value 0.7, got -0.5 to 0.5"],
    ),
    "range upside down": (
        ("range = [-0.5, 0.5]", "range = [0.5, -0.5]"),
        [f"{ASSUMED}: range must run from low to high and hold the value 0, got 0.5 to -0.5"],
    ),
    "correlation up to 1": (
        ("range = [-0.5, 0.5]", "range = [-0.5, 1]"),
        [f"{ASSUMED}.range: must lie between -1 and 1, got -0.5 to 1"],
    ),
    "standard error from 0": (
        ('parameter = "correlation"', 'parameter = "cost_se"'),
        [f"{ASSUMED}.range: must lie above 0, got -0.5 to 0.5"],
    ),
    "unknown parameter": (
        ('parameter = "correlation"', 'parameter = "rho"'),
        [
            (
                f"{ASSUMED}.parameter: must be 'delta_cost', 'delta_effect', 'cost_se', 'effect_se' or 'correlation', "
                "got 'rho'"
            )
        ],
    ),
    "design effect below 1": (
        (
            "[[comparison.caveat]]",
            '[comparison.design_effect]\nrange = [0.9, 1.2]\nbasis.nl = "x"\nbasis.en = "x"\n\n[[comparison.caveat]]',
        ),
        ["comparison[0].design_effect.range: must run upwards from at least 1, got 0.9 to 1.2"],
    ),
    "threshold below 0": (
        ("[[comparison.caveat]]", f"{THRESHOLD.format(value=-5)}\n[[comparison.caveat]]"),
        ["comparison[0].threshold[0].value: must be at least 0, got -5"],
    ),
    "threshold with a thousands separator": (
        ("[[comparison.caveat]]", f"{THRESHOLD.format(value='20.000')}\n[[comparison.caveat]]"),
        ["comparison[0].threshold[0].value: must be an amount of money, got 20.000 with three decimals: write 20000"],
    ),
    "threshold to a tenth of a cent": (
        ("[[comparison.caveat]]", f"{THRESHOLD.format(value='0.085')}\n[[comparison.caveat]]"),
        [f"comparison[0].threshold[0].value: {AMOUNT}, got 0.085 with three decimals: give two at most"],
    ),
    "threshold without its source": (
        ("[[comparison.caveat]]", f"{THRESHOLD.format(value=20000).partition('sources')[0]}\n[[comparison.caveat]]"),
        ["comparison[0].threshold[0].sources: is missing: add it"],
    ),
    "comparison of interventions that are not there": (
        (STRATEGIES, ""),
        [
            f"comparison[0].intervention: {INTERVENTION}, got 'new-care'; known: none",
            f"comparison[0].comparator: {INTERVENTION}, got 'usual-care'; known: none",
        ],
    ),
    "design effect without its basis": (
        ("[[comparison.caveat]]", "[comparison.design_effect]\nrange = [1, 1.2]\n\n[[comparison.caveat]]"),
        ["comparison[0].design_effect.basis: is missing: add it"],
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_a_fault_is_told_with_path_rule_value_and_remedy(tmp_path, case):
    """Each fault alone: exactly these lines, and nothing that merely follows from it."""
    change, expected = CASES[case]

    assert told(tmp_path, change) == expected


def test_five_faults_at_once_are_all_told(tmp_path):
    """Faults of the schema and between fields, in one error that counts and lists them."""
    changes = [
        ('en = "hip-fracture: title (replace)"', ""),
        ("mean = 900", 'mean = "12.300"'),
        ("mean = 0.050\nci = [-0.010, 0.110]", "mean = 0.050\nci = [0.110, -0.010]"),
        ('comparator = "usual-care"', 'comparator = "no-care"'),
        ('currency = "EUR"', 'currency = "EUR"\nwtp = 20000'),
    ]

    with pytest.raises(DossierError) as caught:
        told(tmp_path, *changes) and hecon.load(tmp_path / "changed.toml")

    assert sorted(caught.value.faults) == [
        f"comparison[0].comparator: {INTERVENTION}, got 'no-care'; known: new-care, usual-care",
        f"{COST}.mean: {UNQUOTED}, got '12.300'",
        f"{EFFECT}: ci must run from low to high, got 0.110 to -0.010: upside down",
        (
            "comparison[0].wtp: is not a key of this table: remove it; the keys are id, trial, design, perspective, "
            "intervention, comparator, other_interventions, country, currency, effect_unit, effect_better, "
            "price_year, horizon_months, discount_cost, discount_effect, sources, statistic, assumption, "
            "design_effect, replicates, finding, data, draws, threshold, caveat, read, reporting, published, guideline"
        ),
        "title.en: is missing: add it",
    ]
    lines = str(caught.value).splitlines()
    assert lines[0] == f"dossier {tmp_path / 'changed.toml'} has 5 faults:"
    rows = (tmp_path / "changed.toml").read_text(encoding="utf-8").split("\n")
    for shown, fault, line in zip(lines[1:], caught.value.faults, caught.value.lines, strict=True):
        assert shown.strip() == f"line {line}: {fault}"
        assert rows[line - 1].split(" ")[0] in {
            fault.partition(":")[0].rpartition(".")[2],
            "[title]",
            "[[comparison.statistic]]",
        }


def test_one_fault_is_counted_as_one(tmp_path):
    """The error's first line is in the singular; the error is a ValueError, as callers expect."""
    told(tmp_path, ("format = 1", "format = 2"))

    with pytest.raises(ValueError, match="has 1 fault:"):
        hecon.load(tmp_path / "changed.toml")


def test_the_changed_skeletons_differ_from_one_that_loads(tmp_path):
    """Without a change there is no fault, nor with an open interval, the bound of a p value and a date."""
    one_sided = ("ci = [-300, 2100]", 'ci = [-inf, 2100]\nsided = "one"')
    bound = ("ci = [-0.010, 0.110]", "p_below = 0.001")
    date = ("# date = 2024-03-22", "date = 2024-03-22")

    assert told(tmp_path) is None
    assert told(tmp_path, one_sided, bound, date) is None
    assert hecon.load(tmp_path / "changed.toml").document[0].date == dt.date(2024, 3, 22)


def test_a_statistic_may_be_fitted_at_one_value_and_checked_at_another(tmp_path):
    """Only the same value in the same use is a repetition."""
    first = added('kind = "p-cost-effective"', "wtp = 20000", "value = 0.5")
    check = added('kind = "p-cost-effective"', "wtp = 20000", "value = 0.5", 'use = "check"')
    other = added('kind = "p-cost-effective"', "wtp = 30000", "value = 0.5")

    assert told(tmp_path, first, check, other) is None


@pytest.mark.parametrize("unit", ['"DALY averted"', '"point"\neffect_better = "more"', '"life year"'])
def test_units_of_effect_are_taken_as_the_hints_say(tmp_path, unit):
    """What the two faults of a unit ask for."""
    assert told(tmp_path, ('currency = "EUR"', f'currency = "EUR"\neffect_unit = {unit}')) is None
