"""Pages beside one drawing of each kind of figure, where what is beside the figures is the point."""

from __future__ import annotations

from contextlib import contextmanager

from hecon.report.writers import drawing

_DRAWN = {}


@contextmanager
def drawn_once(of=""):
    """Draw one figure of each kind in a process, as SVG and as pixels, and show it wherever its kind stands.

    Whatever `of` is draws figures of its own, where what stands in a drawing is of it.
    """
    real = drawing.svg_text, drawing.png

    def once(form, draw):
        def drawn(paint, kind):
            if (of, form, kind) not in _DRAWN:
                _DRAWN[of, form, kind] = draw(paint, kind)
            return _DRAWN[of, form, kind]

        return drawn

    drawing.svg_text, drawing.png = once("svg", real[0]), once("png", real[1])
    try:
        yield
    finally:
        drawing.svg_text, drawing.png = real
