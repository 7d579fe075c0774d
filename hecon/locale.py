"""The two languages of the notes: catalogues with equal keys, and numbers, amounts and dates as each writes them."""

from __future__ import annotations

import math
import re
import tomllib
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hecon import _checks
from hecon.errors import InputError
from hecon.files.parts import LANGUAGES
from hecon.printed.numbers import decimals, digits_beside, digits_of
from hecon.rulesets import ruleset

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Sequence

    from babel import Locale as BabelLocale

    from hecon.files.parts import Text

__all__ = ["LANGUAGES", "Locale"]


# A sign of a currency and the space before its number.
_AMOUNT = re.compile(r"([\u00a2-\u00a5\u20a0-\u20cf]) (?=[0-9])")
# From here on an amount is written in millions.
MILLION = 1_000_000
_MINUS = "\N{MINUS SIGN}"
_CENT, _CENTS = 0.01, 2
# Decimals at which a probability counts as at a limit.
_AT_LIMIT = 10
_FOLDER = Path(__file__).parent / "data" / "texts"


def key_of(code: str) -> str:
    """Return a code of the schema or of a result as the last part of a key of the catalogue."""
    return re.sub(r"\W+", "_", code).strip("_")


def _flat(tree: dict[str, Any], prefix: str = "") -> dict[str, str]:
    flat: dict[str, str] = {}
    for key, value in tree.items():
        if isinstance(value, dict):
            flat |= _flat(value, f"{prefix}{key}.")
        else:
            flat[prefix + key] = value
    return flat


# A note writes thousands of texts and numbers: what is the same for all is parsed once.
@cache
def _catalogue(locale: Locale) -> dict[str, str]:
    return _flat(tomllib.loads((_FOLDER / f"{locale.lang}.toml").read_text(encoding="utf-8")))


@cache
def _babel(locale: Locale) -> BabelLocale:
    from babel import Locale as BabelLocale

    return BabelLocale.parse(locale.lang)


@cache
def _separators(locale: Locale) -> dict[int, str]:
    from babel.numbers import get_decimal_symbol, get_group_symbol

    return str.maketrans({",": get_group_symbol(_babel(locale)), ".": get_decimal_symbol(_babel(locale))})


@dataclass(frozen=True)
class Locale:
    """A language, its texts, and how it writes numbers, amounts and dates.

    Parameters
    ----------
    lang : {"nl", "en"}
        Language.

    Examples
    --------
    >>> from hecon.locale import Locale
    >>> Locale("nl").text("band.low"), Locale("en").number(1234.5, 1)
    ('laag', '1,234.5')
    """

    lang: str

    def __post_init__(self) -> None:
        _checks.one_of("lang", self.lang, LANGUAGES)

    @property
    def catalogue(self) -> dict[str, str]:
        """All texts by dotted key; both languages have the same keys."""
        return _catalogue(self)

    def text(self, key: str, **values: object) -> str:
        """Return the text under a dotted key, with its placeholders filled in."""
        texts = _catalogue(self)
        if key not in texts:
            msg = f"text must be a key of the catalogue {self.lang}, got {key!r}"
            raise InputError(msg)
        return texts[key].format(**values)

    def pick(self, text: Text) -> str:
        """Return this language's half of a bilingual text, each amount on one line with its sign."""
        return _AMOUNT.sub("\\1\N{NO-BREAK SPACE}", str(getattr(text, self.lang)))

    def band(self, name: str) -> str:
        """Return the name of a band of burden of disease; one of a user's own rules as it stands there."""
        return self.catalogue.get(f"band.{name.replace(' ', '_')}", name.replace("_", " "))

    def number(self, value: float | Decimal, digits: int = 0) -> str:
        """Return a number with `digits` decimals, or with more where it is not 0 and would read as 0.

        >>> Locale("nl").number(1234.5, 1), Locale("en").number(-1234.5, 1), Locale("en").number(0.02)
        ('1.234,5', '−1,234.5', '0.02')
        """
        with _checks.known_decimals():
            plain = f"{Decimal(str(value)):,.{digits_of(value, digits)}f}"
        shown = plain.replace("Infinity", "∞").translate(_separators(self))
        # What is rounding has no sign worth printing.
        size = shown.removeprefix("-")
        return _MINUS + size if size != shown and set(size) - set("0.,") else size

    def as_given(self, value: int | Decimal) -> str:
        """Return a number with the decimals that it was given with, and an open end as a sign of infinity.

        >>> from decimal import Decimal
        >>> Locale("nl").as_given(Decimal("0.40")), Locale("en").as_given(1023), Locale("en").as_given(Decimal("-inf"))
        ('0,40', '1,023', '−∞')
        """
        if not isinstance(value, int) and value.is_infinite():
            return f"{_MINUS}∞" if value < 0 else "∞"
        return self.number(value, decimals(value))

    def money(self, value: float | Decimal, currency: str | None = None, digits: int = 0) -> str:
        """Return an amount with the sign or code of its currency; default that of the rules.

        >>> Locale("en").money(-2525.3), Locale("nl").money(-2525.3).replace(chr(160), " ")
        ('−€2,525', '−€ 2.525')
        """
        from babel.numbers import get_currency_symbol

        symbol = get_currency_symbol(currency or ruleset().currency, locale=_babel(self))
        amount = self.number(value, digits)
        sign = _MINUS if amount.startswith(_MINUS) else ""
        # In English a sign such as € stands against its number, letters such as CHF do not.
        gap = "\N{NO-BREAK SPACE}" if self.lang == "nl" or symbol[-1].isalpha() else ""
        return sign + symbol + gap + amount.removeprefix(_MINUS)

    def amount(self, value: float, currency: str | None = None, digits: int = 0) -> str:
        """Return an amount, from a million on in tenths of a million, and less than half a cent as below a cent.

        >>> Locale("en").amount(1_670_000), Locale("en").amount(-959_680.4), Locale("en").amount(8e-8)
        ('€1.7 million', '−€959,680', '<€0.01')
        """
        if digits_of(value, _CENTS) > _CENTS:
            return (">" if value < 0 else "<") + self.money(math.copysign(_CENT, value), currency, _CENTS)
        if abs(value) < MILLION:
            return self.money(value, currency, digits)
        return self.text("million", amount=self.money(value / MILLION, currency, 1))

    def country(self, code: str) -> str:
        """Return the name of a country by its two-letter code, or the code where there is none.

        >>> Locale("nl").country("GB"), Locale("en").country("XX")
        ('Verenigd Koninkrijk', 'XX')
        """
        return str(_babel(self).territories.get(code, code))

    def stated(self, value: float | Decimal, currency: str | None = None, *, weight: float = 1.0) -> str:
        """Return an amount that was stated, such as a value per unit of effect, with all the decimals that it has.

        A value that was multiplied by a weight on QALYs has both behind it.

        >>> Locale("en").stated(20_000), Locale("en").stated(12.5), Locale("en").stated(20_000.0)
        ('€20,000', '€12.5', '€20,000')
        >>> Locale("en").stated(24_000, weight=1.2)
        '€24,000 (€20,000 × 1.2)'
        """
        stated = self.money(value, currency, decimals(Decimal(str(value)).normalize()))
        if weight == 1:
            return stated
        own, times = float(Decimal(str(value)) / Decimal(str(weight))), Decimal(str(weight)).normalize()
        return self.text("weighted.value", value=stated, own=self.stated(own, currency), weight=self.as_given(times))

    def rounded_up(self, value: float, digits: int) -> str:
        """Return a bound, which rounding must not lower.

        >>> Locale("en").rounded_up(0.0012, 3), Locale("nl").rounded_up(0.002, 3)
        ('0.002', '0,002')
        """
        step = 10**digits
        return self.number(math.ceil(round(value * step, 9)) / step, digits)

    def probability(self, value: float, digits: int = 2, *, limits: Sequence[float] = ()) -> str:
        """Return a probability; one that is not quite 0 or 1, or at a limit, is never printed as such.

        >>> Locale("en").probability(0.084), Locale("en").probability(0.9994), Locale("nl").probability(0.001)
        ('0.08', '>0.99', '<0,01')
        >>> Locale("en").probability(0.7496), Locale("en").probability(0.7496, limits=[0.75])
        ('0.75', '0.7496')
        """
        digits = digits_beside(value, limits, digits)
        step = 10.0**-digits
        if 1.0 - step / 2 <= value < 1.0:
            return ">" + self.number(1.0 - step, digits)
        if 0.0 < value <= step / 2:
            return "<" + self.number(step, digits)
        return self.number(value, digits)

    def chance(self, value: float, digits: int = 2, *, error: float = 0.0) -> str:
        """Return the probability of a preference, which never reads as at or past a limit of how sure it is called.

        One that rounds to a limit says on which side it lies. Within its Monte Carlo standard error that is not known.

        >>> Locale("en").chance(0.4996), Locale("en").chance(0.513), Locale("nl").chance(0.7503)
        ('just below 0.50', '0.51', 'net boven 0,75')
        """
        # Slow to import, and few texts have one.
        from hecon.assessment.concluding import LIMITS

        # One decimal cannot tell 0.96 from 0.98, and so coarse a probability is not called "shown".
        limits = [each for each in (LIMITS if digits > 1 else LIMITS[1:-1]) if abs(value - each) >= error]
        shown_to = max(digits, 2)
        limit = next((each for each in limits if round(value, shown_to) == each != round(value, _AT_LIMIT)), None)
        if limit is None:
            return self.probability(value, digits, limits=limits)
        shown = self.number(limit, max(decimals(Decimal(str(limit))), 2))
        return self.text("just_above" if value > limit else "just_below", limit=shown)

    def probability_span(self, low: float, high: float) -> str:
        """Return a range of such probabilities, or the one probability if both ends print alike.

        >>> Locale("en").probability_span(0.034, 0.138), Locale("en").probability_span(0.506, 0.513)
        ('0.03 to 0.14', '0.51')
        """
        return self.span(*map(self.chance, (low, high)))

    def share(self, value: float) -> str:
        """Return a share as a whole percentage; one that is not quite none or all is never printed as such.

        >>> Locale("en").share(0.683), Locale("nl").share(0.0004), Locale("en").share(1.0)
        ('68%', '<1%', '100%')
        """
        if 0.995 <= value < 1.0:  # noqa: PLR2004 (what rounds to 100%)
            return ">99%"
        return "<1%" if 0.0 < value <= 0.005 else self.number(100 * value) + "%"  # noqa: PLR2004 (what rounds to 0%)

    def span(self, low: str, high: str) -> str:
        """Return a range in words, or the one value if both ends print alike."""
        return low if low == high else self.text("range", low=low, high=high)

    def date(self, value: dt.date, printed: str = "day", *, remark: bool = True) -> str:
        """Return a date in words with no more of it than the source prints: its day, month, season or year.

        That the day is not stated is remarked, unless a sentence that has it elsewhere asks for the date alone.

        >>> from datetime import date
        >>> Locale("nl").date(date(2024, 3, 22)), Locale("en").date(date(2024, 3, 22))
        ('22 maart 2024', '22 March 2024')
        >>> Locale("nl").date(date(2025, 12, 1), "month"), Locale("en").date(date(2026, 3, 1), "season")
        ('december 2025, dag niet vermeld', 'spring 2026, day not stated')
        """
        from babel.dates import format_date

        if printed == "day":
            return str(format_date(value, format="d MMMM y", locale=self.lang))
        shown = {
            "month": lambda: format_date(value, format="MMMM y", locale=self.lang),
            "season": lambda: self.text(f"season.{value.month}", year=value.year),
            "year": lambda: str(value.year),
        }[printed]()
        return self.text("day_not_printed", date=shown) if remark else shown


def width_decimals(low: float, high: float) -> int:
    """Return the decimals that an interval is written with: two digits of its width, and no end that is not 0 as 0."""
    sizes = [size for size in (high - low, abs(low), abs(high)) if size > 0]
    return 0 if not sizes else min(12, max(0, 1 - math.floor(math.log10(min(sizes[0], 10 * min(sizes))))))
