"""Figure and table of the layers, from the contract in pyproject.toml that ``make contract`` holds the imports to.

The figure stands inline in its page, in the colours of the site's theme: it is legible in the light and in the dark.
"""

from __future__ import annotations

import ast
import tomllib
from html import escape
from pathlib import Path

ROOT = Path(__file__).parents[1]
WIDTH, HEIGHT, GAP, MARGIN = 720, 28, 6, 34


def layers() -> list[list[str]]:
    """Return the modules of each layer, without the package's name, the highest layer first."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"]
    (contract,) = (each for each in settings["contracts"] if each["type"] == "layers")
    return [[name.strip().removeprefix("hecon.") for name in layer.split("|")] for layer in contract["layers"]]


def purpose(name: str) -> str:
    """Return the first line of a module's docstring."""
    path = ROOT / "hecon" / name
    tree = ast.parse((path / "__init__.py" if path.is_dir() else path.with_suffix(".py")).read_text(encoding="utf-8"))
    return (ast.get_docstring(tree) or "").split("\n")[0]


def figure() -> str:
    """Return the layers as SVG, one row each, with an arrow along which imports go."""
    found = layers()
    height = len(found) * (HEIGHT + GAP) + GAP
    title = f"The {len(found)} layers of hecon, from {found[0][0]} down: each imports from those below it"
    parts = [
        f'<svg class="layers" viewBox="0 0 {WIDTH} {height}" role="img" aria-labelledby="layers-title">',
        f'<title id="layers-title">{title}</title>',
        f'<path class="imports" d="M16 {GAP} V{height - GAP} m-5 -9 l5 9 l5 -9"/>',
        f'<text class="imports" transform="translate(10 {height / 2}) rotate(-90)">imports</text>',
    ]
    for row, names in enumerate(found):
        width = (WIDTH - MARGIN - GAP * (len(names) - 1)) / len(names)
        top = GAP + row * (HEIGHT + GAP)
        for place, name in enumerate(names):
            left = MARGIN + place * (width + GAP)
            kind = "private" if name.startswith("_") else "public"
            parts += [
                f'<g class="{kind}"><title>{escape(purpose(name))}</title>',
                f'<rect x="{left:.1f}" y="{top}" width="{width:.1f}" height="{HEIGHT}" rx="4"/>',
                f'<text x="{left + width / 2:.1f}" y="{top + HEIGHT / 2}">{name}</text></g>',
            ]
    return "\n".join([*parts, "</svg>\n"])


def table() -> str:
    """Return what each module is for as a table in reStructuredText, in the order of the layers."""
    rows = [
        f"   * - ``{name}``\n     - {purpose(name).replace('``', '`').replace('`', '``')}"
        for row in layers()
        for name in row
    ]
    return "\n".join([".. list-table::", "   :widths: 20 80", "", *rows, ""])


def write(folder: Path) -> None:
    """Write ``layers.svg`` and ``layers.rst``, which the page on the architecture includes."""
    (folder / "layers.svg").write_text(figure(), encoding="utf-8")
    (folder / "layers.rst").write_text(table(), encoding="utf-8")
