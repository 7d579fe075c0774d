"""Pages beside one drawing of each kind of figure, where what is beside the figures is the point."""

from __future__ import annotations

from contextlib import contextmanager

from hecon.report import drawings

_DRAWN = {}


@contextmanager
def drawn_once():
    """Draw one figure of each kind in a process and show it wherever its kind stands."""
    real = drawings._drawn_by

    def once(painter, kind):
        if kind not in _DRAWN:
            _DRAWN[kind] = real(painter, kind)
        return _DRAWN[kind]

    drawings._drawn_by = once
    try:
        yield
    finally:
        drawings._drawn_by = real
