"""A note is the same bytes whatever its user has set for matplotlib, the language, the clock or the terminal."""

import decimal
import io
import locale
import os
import subprocess
import sys
from functools import cache, partial
from pathlib import Path

import matplotlib as mpl
import numpy as np
import pytest
import shipped
from cycler import cycler
from matplotlib.figure import Figure

import hecon
from hecon import dossier
from hecon.plot import _style
from hecon.report.document import Figure as NoteFigure
from hecon.report.writers.html import svg

# Whole notes, searches or processes; what they pass through, others hold.
pytestmark = pytest.mark.slow

HOSTILE = {
    "axes.formatter.use_locale": "True",
    "axes.grid": "True",
    "axes.prop_cycle": "cycler('color', ['k'])",
    "axes.unicode_minus": "False",
    "axes.xmargin": "0.4",
    "backend": "qtagg",
    "figure.constrained_layout.use": "False",
    "figure.dpi": "30",
    "font.family": "serif",
    "font.size": "20",
    "lines.marker": "o",
    "path.sketch": "3, 100, 10",
    "savefig.bbox": "tight",
    "savefig.dpi": "33",
    "savefig.facecolor": "red",
    "savefig.transparent": "True",
    "svg.fonttype": "path",
    "svg.hashsalt": "x",
    "text.usetex": "True",
    "toolbar": "toolmanager",
    "xtick.direction": "in",
}
DRAWS = hecon.from_arrays(
    np.array([0.0, 900.0]) + np.random.default_rng(0).normal(0, 300, (300, 2)),
    np.array([0.0, 0.05]) + np.random.default_rng(1).normal(0, 0.05, (300, 2)),
    strategies=["usual care", "exercise"],
    comparator="usual care",
)
FIGURES = ("plane", "acceptability", "net_benefit", "expected_loss", "frontier")


def spawn(code, folder, **environment):
    """Run Python in a folder and return what it printed."""
    known = {**os.environ, "PYTHONPATH": str(Path(hecon.__file__).parent.parent)}
    ran = subprocess.run(
        [sys.executable, *code], cwd=folder, env={**known, **environment}, capture_output=True, check=False
    )
    assert (ran.returncode, ran.stderr.decode()) == (0, "")
    return ran.stdout.decode()


def test_a_note_does_not_depend_on_its_surroundings(tmp_path):
    """Not on matplotlib's settings in the folder and the environment, a backend that is none, language or clock."""
    settings = tmp_path / "matplotlibrc"
    settings.write_text("".join(f"{key}: {value}\n" for key, value in HOSTILE.items()), encoding="utf-8")
    arguments = ["-m", "hecon", "assess", "reablement", "--draws", str(shipped.N_DRAWS), "--out", ".", "--lang", "nl"]
    printed = spawn(
        arguments,
        tmp_path,
        MATPLOTLIBRC=str(settings),
        MPLBACKEND="nonsense",
        PYTHONHASHSEED="7",
        LC_ALL="tr_TR.UTF-8",
        LANG="nl_NL.UTF-8",
        TZ="Pacific/Kiritimati",
        SOURCE_DATE_EPOCH="1",
        COLUMNS="20",
        LINES="3",
        DISPLAY="nowhere:0",
    )

    for kind in ("html", "md", "json"):
        assert (tmp_path / f"reablement.nl.{kind}").read_text("utf-8") == shipped.written("reablement", "nl", kind)
    assert max(map(len, printed.splitlines())) > 80


def test_importing_hecon_imports_no_matplotlib(tmp_path):
    """Nor does a command that draws nothing; and where it is imported, the user's backend is kept."""
    code = (
        "import sys, os, hecon\n"
        "hecon.icer, hecon.plot, hecon.load('copd')\n"
        "from hecon.locale import Locale\n"
        "from hecon.report.sections.overview import key_tables\n"
        "key_tables(hecon.assess('reablement', n_draws=10), Locale('en'))\n"
        "print('matplotlib' in sys.modules)\n"
        "hecon.plot.plane\n"
        "import matplotlib\n"
        "print(matplotlib.get_backend(), os.environ['MPLBACKEND'])\n"
    )

    assert spawn(["-c", code], tmp_path, MPLBACKEND="svg").split() == ["False", "svg", "svg"]


@pytest.fixture
def hostile():
    """Set what a user might, for the whole test."""
    with mpl.rc_context():
        mpl.rcParams.update({key: value for key, value in HOSTILE.items() if key not in {"backend", "toolbar"}})
        mpl.rcParams.update({"axes.prop_cycle": cycler(color=["k"]), "path.sketch": (3, 100, 10), "font.size": 20})
        yield


def drawn(kind):
    """Return a figure as a note has it."""
    return svg(NoteFigure(kind, kind, "", "", partial(getattr(hecon.plot, kind), DRAWS)))


@pytest.mark.parametrize("kind", FIGURES)
def test_settings_of_the_process_reach_no_figure_of_a_note(kind, request):
    """The same bytes, and the settings stay as they were."""
    plain = drawn(kind)
    request.getfixturevalue("hostile")
    before = dict(mpl.rcParams)

    assert drawn(kind) == plain
    assert dict(mpl.rcParams) == before


@pytest.mark.parametrize("kind", FIGURES)
@pytest.mark.usefixtures("hostile")
def test_a_figure_of_the_user_keeps_what_is_its_own(kind):
    """Its colour, its resolution and its other axes; hecon's look is where hecon draws."""
    figure = Figure(facecolor="yellow", dpi=77)
    ours, theirs = figure.subplots(1, 2)
    title = theirs.set_title("theirs")
    getattr(hecon.plot, kind)(DRAWS, ax=ours)

    assert (figure.dpi, figure.get_facecolor()) == (77, (1.0, 1.0, 0.0, 1.0))
    assert (title.get_usetex(), theirs.xaxis.get_gridlines()[0].get_visible()) == (True, True)
    words = [each for each in [ours.xaxis.label, ours.yaxis.label, *ours.texts] if each.get_text()]
    assert {each.get_usetex() for each in ours.texts} <= {False}
    assert words


@pytest.mark.usefixtures("hostile")
def test_a_figure_of_our_own_has_our_look():
    """Also where matplotlib's settings are the user's."""
    import matplotlib.pyplot as plt

    ax = hecon.plot.plane(DRAWS)
    try:
        assert not any(each.get_visible() for each in ax.xaxis.get_gridlines())
        assert ax.xaxis.label.get_fontsize() == 10
        ax.figure.savefig(io.BytesIO(), format="svg")
    finally:
        plt.close(ax.figure)


def test_every_setting_is_known_but_those_of_windows():
    """A new one of matplotlib's is part of the look too."""
    unset = set(mpl.rcParamsDefault) - set(_style.DEFAULTS)

    assert {each for each in unset if not each.startswith("webagg.")} <= set(_style._WINDOWS)
    assert "text.usetex" in _style.DEFAULTS


def test_a_locale_that_the_machine_lacks(monkeypatch):
    """Is found out before matplotlib would stumble over it; the process keeps the locale that it has."""
    before = locale.setlocale(locale.LC_ALL)
    monkeypatch.setenv("LC_ALL", "xx_XX.nonsense")
    assert not _style._locale_exists()
    monkeypatch.setenv("LC_ALL", "C")
    assert _style._locale_exists()

    assert locale.setlocale(locale.LC_ALL) == before


@cache
def told(file):
    """Return the audit of a file and of the programme, and its note in words and as data, by the usual decimals."""
    return _told(file)


def _told(file):
    found = hecon.summary(hecon.assess(file, n_draws=10, rng=1))
    programme = dossier.load_programme()
    return hecon.audit(file), hecon.audit(programme), found.text("md"), found.text("json")


@pytest.fixture(scope="module")
def own(tmp_path_factory):
    """Return the file of a dossier."""
    file = tmp_path_factory.mktemp("decimals") / "own.toml"
    packaged = Path(hecon.__file__).parent / "data" / "dossiers" / "acl-rupture.toml"
    file.write_bytes(packaged.read_bytes())
    return file


@pytest.mark.parametrize(
    "setting",
    [
        {"prec": 3},
        {"rounding": decimal.ROUND_UP},
        {"traps": [decimal.Inexact, decimal.Rounded, decimal.FloatOperation]},
    ],
    ids=["three digits", "rounded up", "traps"],
)
def test_decimals_of_the_caller_change_nothing(setting, own):
    """A file read, its audit, its note in words and as data, and the programme; the caller keeps its setting."""
    usual = told(own)
    with decimal.localcontext(decimal.Context(**setting)) as context:
        assert _told(own) == usual
        assert decimal.getcontext() is context
