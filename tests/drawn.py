"""Pages beside one drawing of each kind of figure, where what is beside the figures is the point."""

from __future__ import annotations

from contextlib import contextmanager

from hecon.report.writers import drawing

_DRAWN = {}


@contextmanager
def drawn_once():
    """Draw one figure of each kind in a process and show it wherever its kind stands."""
    real = drawing.svg_text

    def once(paint, kind):
        if kind not in _DRAWN:
            _DRAWN[kind] = real(paint, kind)
        return _DRAWN[kind]

    drawing.svg_text = once
    try:
        yield
    finally:
        drawing.svg_text = real
