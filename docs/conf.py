"""Sphinx configuration: a strict build that fetches nothing and refers to nothing outside the site."""

from __future__ import annotations

import os
import re
import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from docutils.nodes import Element, SkipNode
from docutils.utils.math.latex2mathml import tex2mathml
from sphinx.writers.html5 import HTML5Translator

import hecon

sys.path.insert(0, str(Path(__file__).parent))  # sphinx-gallery imports the order by name; figures are made here
import design_keys
import design_layouts
import layers
import simulated_trials
import validation

if TYPE_CHECKING:
    from sphinx.application import Sphinx

project = "hecon"
author = "The hecon contributors"
copyright = author  # noqa: A001 - Sphinx's own name for it
version = release = hecon.__version__

extensions = ["sphinx.ext.autodoc", "sphinx.ext.autosummary", "numpydoc", "sphinx_gallery.gen_gallery"]
exclude_patterns = ["_build"]
templates_path = ["_templates"]
nitpicky = True
default_role = "autolink"  # `hecon.icer` becomes a link, the name of a parameter stays plain

html_math_renderer = "mathml"
html_theme = "furo"
html_title = f"hecon {release}"
html_show_sphinx = False
html_copy_source = False
html_static_path = ["_static"]
html_css_files = ["hecon.css"]

# The notes that the examples leave become part of the site, in its folder notes/.
EXTRA = Path(__file__).parent / "_build" / "extra"
(EXTRA / "notes").mkdir(parents=True, exist_ok=True)
os.environ["HECON_OUT"] = str(EXTRA / "notes")
html_extra_path = [str(EXTRA)]
layers.write(EXTRA.parent)
design_keys.write(EXTRA.parent)
design_layouts.write(EXTRA.parent)
validation.draw(EXTRA.parent / "validation.png")
simulated_trials.draw(EXTRA.parent / "simulated_trials.png")

sphinx_gallery_conf = {
    "examples_dirs": "../examples",
    "gallery_dirs": "gallery",
    "filename_pattern": r"\.py$",
    "within_subsection_order": "reading_order.reading_order",
    "run_stale_examples": True,  # what they show changes with hecon, not only with their text
    "abort_on_example_error": True,
    "image_scrapers": ("matplotlib",),
    "image_srcset": ["2x"],
    "reset_modules": ("matplotlib",),
    "capture_repr": (),  # the examples print what matters
    "reference_url": {"hecon": None},
    "download_all_examples": False,
    "show_signature": False,
    # No times and no memory on the pages, so that two builds are the same.
    "min_reported_time": float("inf"),
    "show_memory": False,
    "write_computation_times": False,
}

autosummary_generate = True
autodoc_typehints = "none"  # the Parameters sections give types and units
numpydoc_show_class_members = False  # the class template lists what is public
# On the live objects of the API, so that what users can reach is documented whole.
numpydoc_validation_checks = {
    "all",
    "ES01",  # an extended summary where there is something to say
    "EX01",  # examples where they teach something
    "GL01",  # the summary stands on the opening line, as ruff's D212 has it
    "GL08",  # ruff's D rules find what has no docstring at all
    "SA01",  # the site's index relates the verbs
}
# A note's sections write with a `Locale`, which its makers only pass on; nobody makes the others by hand, so they list
# attributes and no parameters.
numpydoc_validation_exclude = {
    r"\.Locale\.",
    r"\.TrialData$",
    r"\.TippingMap(\.to_json|$)",
    r"\.TrialAnalysis(\.perspective|\.to_json|$)",
}

# No inventories are fetched, so that the site builds without a network: the types of others stay plain text.
nitpick_ignore_regex = [
    (r"py:.*", r"(numpy|np|xarray|xr|matplotlib|pydantic|collections|datetime|decimal|pathlib|typing)\..*"),
    (r"py:obj", r"\w+"),  # single backticks also name parameters and columns, which are no targets
    # Modules have no page of their own.
    (r"py:obj", r"hecon\.(decision|dossier|eq5d|errors|evidence|plot|reported|rules|rulesets|studies|zin)"),
]


MARKDOWN = re.compile(
    r"\[(?P<text>[^\]]+)\]\((?P<address>https?://[^)]+)\)|`(?P<code>[^`]+)`|^(?P<marks>#{1,3}) (?P<heading>.+)$",
    re.MULTILINE,
)


def as_rst(found: re.Match[str]) -> str:
    """Turn one link, literal or heading of Markdown into reStructuredText."""
    if found["address"]:
        return f"`{found['text']} <{found['address']}>`__"
    if found["code"]:
        return f"``{found['code']}``"
    return f"{found['heading']}\n{'=-^'[len(found['marks']) - 1] * len(found['heading'])}"


def convert_changelog(app: Sphinx, path: Path, docname: str, content: list[str]) -> None:  # noqa: ARG001
    """Convert the few Markdown forms that CHANGELOG.md uses as it is included."""
    if path.name == "CHANGELOG.md":
        content[0] = MARKDOWN.sub(as_rst, content[0])


def name_bases(app: Sphinx, name: str, obj: type, options: object, bases: list[type | str]) -> None:  # noqa: ARG001
    """Name hecon's own bases as callers know them, and builtins as plain text."""
    bases[:] = [
        f":exc:`~hecon.{base.__name__}`" if base.__name__ in hecon.__all__ else f"``{base.__name__}``"
        for base in obj.__bases__
    ]


def name_language(app: Sphinx, page: str, template: str, context: dict[str, object], tree: object) -> None:  # noqa: ARG001
    """Tell screen readers that the Dutch page is in Dutch."""
    if page == "nl":
        context["language"] = "nl"


def as_mathml(self: HTML5Translator, node: Element, *, block: bool) -> NoReturn:
    """Write a formula as MathML, which browsers show without a script from elsewhere."""
    formula = tex2mathml(node.astext(), as_block=block)
    self.body.append(f"<div class='formula'>{formula}</div>" if block else formula)
    raise SkipNode


class Translator(HTML5Translator):
    """Sphinx's own, which screen readers can follow everywhere."""

    def visit_title(self, node: Element) -> None:
        """Give the captions of the navigation, which Sphinx marks as headings, a level."""
        before = len(self.body)
        super().visit_title(node)
        self.body[before:] = [
            part.replace('role="heading"', 'role="heading" aria-level="2"') for part in self.body[before:]
        ]


def setup(app: Sphinx) -> None:
    """Connect the conversions above."""
    app.set_translator("html", Translator)
    renderers = (partial(as_mathml, block=False), None), (partial(as_mathml, block=True), None)
    app.add_html_math_renderer("mathml", *renderers)
    app.connect("include-read", convert_changelog)
    app.connect("autodoc-process-bases", name_bases)
    app.connect("html-page-context", name_language)
