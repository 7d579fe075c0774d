"""Amounts in figures: beside bars and along axes, in millions where they are large."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hecon.plot import _style
from hecon.plot._style import FuncFormatter, tick_decimals

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from hecon.locale import Locale

_MILLION = 1e6


def amount_words(locale: Locale, value: float, currency: str) -> str:
    """Return an amount with its sign, in millions where it is large."""
    if abs(value) >= _MILLION:
        return locale.text("plot.millions", amount=locale.money(value / _MILLION, currency, 1))
    return locale.money(value, currency)


def millions_axis(ax: Axes, locale: Locale, currency: str) -> None:
    """Write the ticks as amounts, in millions where they are large, with the decimals that their distance needs."""
    if max(abs(each) for each in ax.get_xlim()) < _MILLION:
        _style.money_axis(ax.xaxis, locale, currency)
        return

    def written(value: float, _: float | None) -> str:
        amount = locale.money(value / _MILLION, currency, tick_decimals(ax.xaxis.get_majorticklocs(), _MILLION, most=4))
        return locale.text("plot.millions", amount=amount) if value else locale.money(0, currency)

    ax.xaxis.set_major_formatter(FuncFormatter(written))


def beside(ax: Axes, text: str, x: float, y: float, *, left: bool) -> None:
    """Write an amount beside the end of a bar."""
    away, side = ((-5, 0), "right") if left else ((5, 0), "left")
    ax.annotate(text, (x, y), xytext=away, textcoords="offset points", ha=side, va="center", fontsize=9)
