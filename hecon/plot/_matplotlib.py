"""The door to Matplotlib: all figures import it from here, whatever the user's backend, locale and settings."""

from __future__ import annotations

import importlib
import locale
import os
import sys
import warnings
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["DEFAULTS", "Formatter", "FuncFormatter", "Line2D", "MaxNLocator", "Path", "TextPath", "rc_context"]

# Settings of the user's windows, which reach no figure that hecon draws.
_WINDOWS = (
    *("backend", "backend_fallback", "interactive", "toolbar", "timezone", "date.epoch", "docstring.hardcopy"),
    *("figure.max_open_warning", "figure.raise_window", "savefig.directory", "tk.window_focus"),
)


@contextmanager
def _environment(name: str, value: str | None) -> Iterator[None]:
    """Set or unset a variable of the environment inside the block."""
    former = os.environ.pop(name, None)
    if value is not None:
        os.environ[name] = value
    try:
        yield
    finally:
        os.environ.pop(name, None)
        if former is not None:
            os.environ[name] = former


def _import() -> Any:  # noqa: ANN401 (the module)
    """Import matplotlib although its user's backend or locale is unknown: no figure of a note needs either."""
    if "matplotlib" in sys.modules:
        return importlib.import_module("matplotlib")
    backend = os.environ.get("MPLBACKEND")
    known = _environment("LC_ALL", os.environ.get("LC_ALL") if _locale_exists() else "C")
    with _environment("MPLBACKEND", None), known, warnings.catch_warnings():
        # Of a setting that is experimental or outdated, which is not ours to mend.
        warnings.simplefilter("ignore")
        module = importlib.import_module("matplotlib")
    if backend:
        with suppress(ValueError):
            module.rcParams["backend"] = backend
    return module


def _locale_exists() -> bool:
    """Tell whether the environment names a locale that the machine has, which matplotlib may set as it is imported."""
    former = locale.setlocale(locale.LC_ALL)
    try:
        locale.setlocale(locale.LC_ALL, "")
    except locale.Error:
        return False
    locale.setlocale(locale.LC_ALL, former)
    return True


DEFAULTS: dict[str, Any] = {
    key: value
    for key, value in dict(_import().rcParamsDefault).items()
    if key not in _WINDOWS and not key.startswith("webagg.")
}

# Its parts, now that it has been imported as its user's environment may not let it be.
from matplotlib import rc_context  # noqa: E402
from matplotlib.lines import Line2D  # noqa: E402
from matplotlib.path import Path  # noqa: E402
from matplotlib.textpath import TextPath  # noqa: E402
from matplotlib.ticker import Formatter, FuncFormatter, MaxNLocator  # noqa: E402
