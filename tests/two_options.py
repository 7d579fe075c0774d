"""A dossier of one comparison of two options by their differences, for tests."""

from hecon.dossier import skeleton

_HEAD, _, _REST = skeleton("sample").partition("[[comparison.statistic]]")
_TAIL = "[[document]]" + _REST.partition("[[document]]")[2]
_SOURCE = 'sources = [{ document = "example", place = "table 1" }]'


def dossier_text(cost, effect, *, se=(100, 0.01), currency="EUR", band="low", unit="QALY", more=""):
    """Return a dossier with one comparison of these mean differences; without se only points are known."""
    spread = ("", "") if se is None else tuple(f"se = {each}" for each in se)
    statistics = "".join(
        f"""
[[comparison.statistic]]
kind = "{kind}-difference"
mean = {mean}
{each}
status = "reported"
{_SOURCE}
"""
        for kind, mean, each in zip(("cost", "effect"), (cost, effect), spread, strict=True)
    )
    correlation = (
        ""
        if se is None
        else f"""
[[comparison.statistic]]
kind = "correlation"
value = 0.0
status = "reported"
{_SOURCE}
"""
    )
    measured = "" if unit == "QALY" else f'effect_unit = "{unit}"\neffect_better = "more"\n'
    head = _HEAD.replace('currency = "EUR"', f'currency = "{currency}"').replace(
        'band = "not judged"', f'band = "{band}"'
    )
    head = head.replace("price_year = ", f"{measured}price_year = ", 1)
    return head + statistics + correlation + more + _TAIL
