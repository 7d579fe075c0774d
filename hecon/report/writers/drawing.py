"""Draw a figure of a document as SVG or as pixels, the same bytes each time."""

from __future__ import annotations

import io
import warnings
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeVar
from weakref import WeakKeyDictionary

from hecon import plot

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from matplotlib.figure import Figure as Canvas


_T = TypeVar("_T")
# Inches.
SIZE = (6.2, 4.0)
_DPI = 200
_ALMOST = 252
# What was made of a painter, as long as its document lives: all formats and lengths of one show the same figures.
_KEPT: WeakKeyDictionary[Callable[..., object], dict[str, Any]] = WeakKeyDictionary()


def _kept(paint: Callable[..., object], what: str, make: Callable[[], _T]) -> _T:
    """Return what was made of a painter before, or make it."""
    kept = _KEPT.setdefault(paint, {})
    if what not in kept:
        kept[what] = make()
    return kept[what]  # type: ignore[no-any-return]


@contextmanager
def _canvas(paint: Callable[..., object], kind: str) -> Iterator[Canvas]:
    """Yield a canvas with what a painter draws, laid out; the kind seeds the identifiers within it."""
    from matplotlib import rc_context

    with plot.look(), rc_context({"svg.hashsalt": kind}), warnings.catch_warnings():
        # The reader's own fonts draw the labels of an SVG; those of pixels stand in the alt text too.
        warnings.filterwarnings("ignore", message="Glyph .* missing from font")
        yield _kept(paint, "laid out", lambda: _laid_out(paint))


def _laid_out(paint: Callable[..., object]) -> Canvas:
    """Return a canvas with what a painter draws, measured as in an SVG whatever it is saved as."""
    from matplotlib.backends.backend_svg import FigureCanvasSVG
    from matplotlib.figure import Figure
    from matplotlib.layout_engine import ConstrainedLayoutEngine

    canvas = FigureCanvasSVG(Figure(figsize=SIZE)).figure
    paint(ax=canvas.subplots())
    # A figure that has a layout is drawn twice to be saved, once in vain.
    ConstrainedLayoutEngine().execute(canvas)
    return canvas


def svg_text(paint: Callable[..., object], kind: str) -> str:
    """Return what a painter draws as an SVG file."""
    return _kept(paint, f"svg {kind}", lambda: _svg_text(paint, kind))


def _svg_text(paint: Callable[..., object], kind: str) -> str:
    told_nothing = {"Date": None, "Creator": None, "Format": None, "Type": None}
    file = io.StringIO()
    with _canvas(paint, kind) as canvas:
        canvas.savefig(file, format="svg", dpi=canvas.dpi, metadata=told_nothing, facecolor="none")
    return file.getvalue()


def png(paint: Callable[..., object], kind: str) -> bytes:
    """Return what a painter draws as a PNG file on white, of 200 dots per inch."""
    return _kept(paint, "png", lambda: _png(paint, kind))


def _png(paint: Callable[..., object], kind: str) -> bytes:
    from PIL import Image

    file = io.BytesIO()
    with _canvas(paint, kind) as canvas:
        canvas.savefig(file, format="rgba", dpi=_DPI, facecolor="white")
        size = tuple(round(length * _DPI) for length in canvas.get_size_inches())
    # A palette holds the few colours of a figure in a third of the bytes.
    pixels = Image.frombytes("RGBA", size, file.getvalue()).convert("RGB")
    pixels = pixels.quantize(256, method=Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE)
    # The nearest colour of the palette to white is not quite white.
    pixels.putpalette([255 if level > _ALMOST else level for level in pixels.getpalette() or ()])
    packed = io.BytesIO()
    pixels.save(packed, format="PNG", dpi=(_DPI, _DPI))
    return packed.getvalue()
