"""The two languages: catalogues with equal keys, and numbers and dates as each language writes them."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hecon import _checks
from hecon.errors import InputError
from hecon.printed.numbers import decimals

if TYPE_CHECKING:
    from datetime import date
    from decimal import Decimal

__all__ = [
    "LANGUAGES",
    "as_given",
    "catalogue",
    "day",
    "day_printed",
    "money",
    "number",
    "probability",
    "probability_span",
    "share",
    "span",
    "text",
]

LANGUAGES = ("nl", "en")

_FOLDER = Path(__file__).parent / "data" / "texts"


def _flat(tree: dict[str, Any], prefix: str = "") -> dict[str, str]:
    flat: dict[str, str] = {}
    for key, value in tree.items():
        if isinstance(value, dict):
            flat |= _flat(value, f"{prefix}{key}.")
        else:
            flat[prefix + key] = value
    return flat


@cache
def catalogue(lang: str) -> dict[str, str]:
    """Return all texts of a language, by dotted key.

    Parameters
    ----------
    lang : {"nl", "en"}
        Language.

    Returns
    -------
    dict of str to str
        The catalogue; both languages have the same keys.

    Raises
    ------
    InputError
        If there is no catalogue for the language.
    """
    _checks.one_of("lang", lang, LANGUAGES)
    return _flat(tomllib.loads((_FOLDER / f"{lang}.toml").read_text(encoding="utf-8")))


def text(lang: str, key: str, **values: object) -> str:
    """Return one text, with its placeholders filled in.

    Parameters
    ----------
    lang : {"nl", "en"}
        Language.
    key : str
        Dotted key in the catalogue.
    **values : object
        What the placeholders in braces stand for.

    Returns
    -------
    str
        The text.

    Raises
    ------
    InputError
        If the catalogue has no such key.

    Examples
    --------
    >>> from hecon import texts
    >>> texts.text("nl", "band.low")
    'laag'
    """
    texts = catalogue(lang)
    if key not in texts:
        msg = f"text must be a key of the catalogue {lang}, got {key!r}"
        raise InputError(msg)
    return texts[key].format(**values)


def number(lang: str, value: float | Decimal, digits: int = 0) -> str:
    """Return a number with `digits` decimals, as the language writes it.

    Examples
    --------
    >>> from hecon import texts
    >>> texts.number("nl", 1234.5, 1), texts.number("en", 1234.5, 1)
    ('1.234,5', '1,234.5')
    """
    from babel.numbers import format_decimal

    pattern = "#,##0" + ("." + "0" * digits if digits else "")
    # The default of 28 digits cannot hold an absurd ratio to the cent.
    with _checks.known_decimals(digits=60):
        shown = str(format_decimal(value, format=pattern, locale=lang))
    # A value that rounds to zero has no sign worth printing.
    return shown if set(shown) - set("-0.,") else shown.removeprefix("-")


def as_given(lang: str, value: int | Decimal) -> str:
    """Return a number with the decimals that it was given with, and an open end as a sign of infinity.

    Examples
    --------
    >>> from decimal import Decimal
    >>> from hecon import texts
    >>> texts.as_given("nl", Decimal("0.40")), texts.as_given("en", 1023), texts.as_given("en", Decimal("-inf"))
    ('0,40', '1,023', '-∞')
    """
    if not isinstance(value, int) and value.is_infinite():
        return "-∞" if value < 0 else "∞"
    return number(lang, value, decimals(value))


def money(lang: str, value: float | Decimal, currency: str = "EUR", digits: int = 0) -> str:
    """Return an amount, as the language writes it.

    Examples
    --------
    >>> from hecon import texts
    >>> texts.money("en", -2525.3), texts.money("nl", 78179).replace(chr(160), " ")
    ('-€2,525', '€ 78.179')
    """
    from babel.numbers import get_currency_symbol

    symbol = get_currency_symbol(currency, locale=lang)
    amount = number(lang, value, digits)
    if lang == "nl":
        return f"{symbol}\N{NO-BREAK SPACE}{amount}"
    sign = "-" if amount.startswith("-") else ""
    # A symbol of letters, as in CHF, does not stand against its number.
    gap = "\N{NO-BREAK SPACE}" if symbol[-1].isalpha() else ""
    return sign + symbol + gap + amount.removeprefix("-")


def probability(lang: str, value: float, digits: int = 2) -> str:
    """Return a probability with its decimals; one that is not quite 0 or 1 is never printed as such.

    Examples
    --------
    >>> from hecon import texts
    >>> texts.probability("en", 0.084), texts.probability("en", 0.9994), texts.probability("nl", 0.001)
    ('0.08', '>0.99', '<0,01')
    """
    step = 10.0**-digits
    if 1.0 - step / 2 <= value < 1.0:
        return ">" + number(lang, 1.0 - step, digits)
    if 0.0 < value <= step / 2:
        return "<" + number(lang, step, digits)
    return number(lang, value, digits)


def probability_span(lang: str, low: float, high: float) -> str:
    """Return a range of probabilities; the ends of a narrow one get a third decimal, or they would say too little.

    Examples
    --------
    >>> from hecon import texts
    >>> texts.probability_span("en", 0.034, 0.138), texts.probability_span("en", 0.395, 0.405)
    ('0.03 to 0.14', '0.395 to 0.405')
    """
    digits = 3 if high - low < 0.05 else 2  # noqa: PLR2004 (narrower than five steps of two decimals)
    return span(lang, probability(lang, low, digits), probability(lang, high, digits))


def share(lang: str, value: float) -> str:
    """Return a share as a whole percentage; one that is not quite none or all is never printed as such.

    Examples
    --------
    >>> from hecon import texts
    >>> texts.share("en", 0.683), texts.share("nl", 0.0004), texts.share("en", 1.0)
    ('68%', '<1%', '100%')
    """
    if 0.995 <= value < 1.0:  # noqa: PLR2004 (what rounds to 100%)
        return ">99%"
    return "<1%" if 0.0 < value <= 0.005 else number(lang, 100 * value) + "%"  # noqa: PLR2004 (what rounds to 0%)


def span(lang: str, low: str, high: str) -> str:
    """Return a range in words, or the one value if both ends print alike."""
    return low if low == high else text(lang, "range", low=low, high=high)


def day(lang: str, value: date) -> str:
    """Return a date in words.

    Examples
    --------
    >>> from datetime import date
    >>> from hecon import texts
    >>> texts.day("nl", date(2024, 3, 22)), texts.day("en", date(2024, 3, 22))
    ('22 maart 2024', '22 March 2024')
    """
    from babel.dates import format_date

    return str(format_date(value, format="d MMMM y", locale=lang))


def day_printed(lang: str, value: date, printed: str = "day") -> str:
    """Return a date in words with no more of it than the source prints: its day, month, season or year.

    Examples
    --------
    >>> from datetime import date
    >>> from hecon import texts
    >>> texts.day_printed("nl", date(2025, 12, 1), "month"), texts.day_printed("en", date(2026, 3, 1), "season")
    ('december 2025, dag niet vermeld', 'spring 2026, day not printed')
    """
    from babel.dates import format_date

    if printed == "day":
        return day(lang, value)
    shown = {
        "month": lambda: format_date(value, format="MMMM y", locale=lang),
        "season": lambda: text(lang, f"season.{value.month}", year=value.year),
        "year": lambda: str(value.year),
    }[printed]()
    return text(lang, "day_not_printed", date=shown)
