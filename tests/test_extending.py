"""What docs/extending.rst says works as it stands there, and touches the files that it shows, no others."""

import json
import os
import re
import shutil
import subprocess
import sys
import textwrap
from pathlib import Path

import model_dossiers
import pytest

# Each makes a copy of the package and runs it in a process of its own.
pytestmark = [pytest.mark.slow, pytest.mark.no_cover]

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs" / "extending.rst").read_text(encoding="utf-8")
SECTIONS = dict(re.findall(r"^(\S[^\n]*)\n-+\n\n(.*?)(?=^\S[^\n]*\n-+\n\n|\Z)", PAGE, re.DOTALL | re.MULTILINE))
BLOCK = re.compile(r"^\.\. code-block:: \w+\n   :caption: (\S+)(?: \((.*)\))?\n\n((?:(?:   .*)?\n)+)", re.MULTILINE)
FEW = ("--draws", "1000", "--lang", "en", "--format", "md")


def changed(text, how, block):
    """Return a file's text with a block of the page: at its end, below the line of a table, or where a diff has it."""
    if how == "added":
        return f"{text}\n{block}"
    if how.startswith("in "):
        line = how.removeprefix("in ") + "\n"
        assert text.count(line) == 1, how
        return text.replace(line, line + block)
    place = 0
    for line in block.splitlines(keepends=True):
        if line.startswith("+"):
            text = text[:place] + line[1:] + text[place:]
            place += len(line) - 1
        elif line.startswith("-"):
            at = text.index(line[1:], place)
            text, place = text[:at] + text[at + len(line) - 1 :], at
        else:
            place = text.index(line[1:], place) + len(line) - 1
    return text


class Copy:
    """A copy of the package under git, changed as a section of the page says."""

    def __init__(self, folder, section):
        self.folder = folder
        shutil.copytree(ROOT / "hecon", folder / "hecon")
        self.git("init", "--quiet")
        (folder / ".git" / "info" / "exclude").write_text("__pycache__\nown.*\n", encoding="utf-8")
        self.git("add", ".")
        self.git("-c", "user.name=x", "-c", "user.email=x@example.org", "commit", "--quiet", "--message", "before")
        for path, how, text in BLOCK.findall(SECTIONS[section]):
            block, target = textwrap.dedent(text).strip("\n") + "\n", folder / path
            assert target.exists() == bool(how), path
            target.write_text(changed(target.read_text("utf-8"), how, block) if how else block, encoding="utf-8")

    def git(self, *arguments):
        command = [shutil.which("git"), *arguments]
        return subprocess.run(command, cwd=self.folder, capture_output=True, text=True, check=True).stdout

    def touched(self):
        """Return the files that git finds changed or new."""
        return {line[3:] for line in self.git("status", "--porcelain", "--untracked-files=all").splitlines()}

    def hecon(self, *arguments, fails=False):
        """Run the command line of the copy; return what it prints."""
        environment = os.environ | {"PYTHONPATH": str(self.folder), "PYTHONUTF8": "1"}
        command = [sys.executable, "-m", "hecon", *arguments]
        done = subprocess.run(
            command, cwd=self.folder, env=environment, capture_output=True, text=True, encoding="utf-8", check=False
        )
        assert (done.returncode != 0) == fails, done.stderr
        return done.stderr if fails else done.stdout

    def own(self, name, *changes):
        """Write a dossier that ships as own.toml, with lines of it changed."""
        text = (ROOT / "hecon" / "data" / "dossiers" / f"{name}.toml").read_text(encoding="utf-8")
        for old, new in changes:
            assert old in text, old
            text = text.replace(old, new, 1)
        (self.folder / "own.toml").write_text(text, encoding="utf-8")
        return "own.toml"


@pytest.fixture
def extended(tmp_path):
    """Return what makes a copy changed as a section says."""
    return lambda section: Copy(tmp_path, section)


def test_every_section_is_tried():
    """By a test here, so that the page cannot promise what nothing keeps."""
    tried = set(re.findall(r'extended\("(.*?)"\)', Path(__file__).read_text(encoding="utf-8")))

    assert tried == set(SECTIONS)


def test_a_value_set(extended):
    """A note names it; 21113 is 1 − 0.1 − 0.05 − 0.3."""
    copy = extended("A value set")
    own = copy.own("acl-rupture", ('norms = "szende-2014"\n', 'norms = "szende-2014"\nvalue_set = "xx-3l-2024"\n'))
    note = copy.hecon("assess", own, *FEW)
    code = "import hecon; print(hecon.utility([21113], value_set='xx-3l-2024'))"
    value = subprocess.run([sys.executable, "-c", code], cwd=copy.folder, capture_output=True, text=True, check=True)

    assert "utilities of patients (xx-3l-2024)" in note
    assert value.stdout == "[0.55]\n"
    assert copy.touched() == {"hecon/data/tables/xx-3l-2024.csv"}


def test_a_life_table(extended):
    """A note computes with it and names its source."""
    copy = extended("A life table")
    note = copy.hecon("assess", copy.own("acl-rupture", ('"cbs-2021"', '"xx-2024"')), *FEW)

    assert "Life table xx-2024: Statistics XX, table 1 (2024). Invented." in note
    assert copy.touched() == {"hecon/data/tables/xx-2024.csv"}


def test_a_section(extended):
    """It stands in the annexes, in both languages, before the documents, and in the JSON form."""
    copy = extended("A section of the note")
    note = copy.hecon("assess", "triage", *FEW)
    data = json.loads(copy.hecon("assess", "triage", "--draws", "1000", "--lang", "nl", "--format", "json"))

    headings = [line for line in note.splitlines() if line.startswith(("## ", "### "))]
    assert headings[-3:] == ["### What is on file", "### Source documents", "### Provenance"]
    assert "## What is on file" not in headings
    assert data["on_file"] == {"documents": len(data["documents"]), "figures": len(data["figures"]), "comparisons": 0}
    assert copy.touched() == {
        "hecon/report/sections/on_file.py",
        "hecon/report/sections/__init__.py",
        "hecon/data/texts/en.toml",
        "hecon/data/texts/nl.toml",
    }


def test_a_figure(extended):
    """It is drawn in the page, with its caption and its words."""
    copy = extended("A figure")
    page = copy.hecon("assess", "meniscal-tear-degenerative", "--draws", "1000", "--lang", "en", "--format", "html")

    assert 'id="escape-societal-mean_costs-' in page
    assert "Mean costs of each strategy;" in page
    assert re.search(r"Mean costs: [^<]*−€1,803", page)
    assert copy.touched() == {
        "hecon/plot/arms.py",
        "hecon/plot/__init__.py",
        "hecon/report/sections/comparisons.py",
        "hecon/data/texts/en.toml",
        "hecon/data/texts/nl.toml",
    }


def test_a_published_statistic(extended):
    """A note prints it, and the standard error rests on it; a margin of 1,085 is that of the interval as printed."""
    copy = extended("A published statistic")
    printed = 'kind = "cost-difference"\nmean = -1803\nci = [-3008, -838]\n'
    own = copy.own("meniscal-tear-degenerative", (printed, 'kind = "cost-margin"\nmean = -1803\nmargin = 1085\n'))
    note = copy.hecon("assess", own, *FEW)

    assert "| difference in mean costs with its margin of error | −€1,803 ± €1,085 (95%) |" in note
    assert "margin of error (costs)" in note
    assert copy.touched() == {
        "hecon/reported/records.py",
        "hecon/dossier/comparison.py",
        "hecon/data/texts/en.toml",
        "hecon/data/texts/nl.toml",
    }


def test_a_study_of_a_models_parameters(extended):
    """It is valued in the note, by both methods, and its faults are those of other studies."""
    copy = extended("A study of a model's parameters")
    folder = copy.folder / "own.files"
    folder.mkdir()
    stated = model_dossiers.study('kind = "survey"\nshare = "p_new"')
    about = stated + model_dossiers.PEOPLE + model_dossiers.COSTS
    own = model_dossiers.write(folder, model_dossiers.events(), extra=about)
    note = copy.hecon("assess", str(own), "--lang", "en", "--format", "md")
    (found,) = json.loads(copy.hecon("assess", str(own), "--format", "json"))["information"]
    code = (
        "import hecon; draws, given = hecon.read_draws('own.files/model.csv', currency='EUR', effect_unit='QALY'); "
        "study = hecon.studies.survey('p_new'); given = given.drop(columns='fixed'); "
        "options = {'n': [800], 'wtp': 20_000, 'rng': 1}; "
        "both = (hecon.evsi(draws, given, study, method=each, **options) for each in ('regression', 'importance')); "
        "print(*(float(each['evsi'].squeeze()) for each in both))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=copy.folder, capture_output=True, text=True, check=True)
    one, other = map(float, done.stdout.split())

    assert re.search(
        r"The further study in the dossier \(a survey, which measures .?p_new.?; follow-up 12 months", note
    )
    assert found["stated"]["kind"] == "survey"
    assert found["stated"]["measures"] == {"share": "p_new"}
    values = [each["evsi"] for each in found["studies"]]
    assert 0 < values[0] < values[-1] < next(each["evppi"] for each in found["parameters"] if each["name"] == "p_new")
    assert one == pytest.approx(other, rel=0.15)
    assert values[-1] == pytest.approx(one, rel=0.15)

    own.write_text(own.read_text(encoding="utf-8").replace('share = "p_', 'share = "q_'), encoding="utf-8")
    refused = copy.hecon("assess", str(own), fails=True)
    assert "comparison[0].draws.study.share: must be a parameter of the file, got 'q_new'" in refused
    assert copy.touched() == {
        "hecon/studies.py",
        "hecon/dossier/model_studies.py",
        "hecon/data/texts/en.toml",
        "hecon/data/texts/nl.toml",
    }


def test_a_countrys_rules(extended):
    """A note in pounds has its verdicts at the values of these rules, and those in euros have none."""
    copy = extended("A country's rules")
    own = copy.own(
        "acl-rupture", ('name = "acl-rupture"\n', 'name = "acl-rupture"\nrules = "xx"\n'), ('"low"', '"usual"')
    )
    note = copy.hecon("assess", own, *FEW)

    assert "At £15,000 per QALY, reconstruction is not cost-effective" in note
    assert "At £25,000 per QALY, reconstruction is cost-effective" in note
    assert "| severe | 0.85 to 1.00 | £25,000 |" in note
    assert "No verdict in pounds per QALY: the costs are in EUR" in note
    assert "is a convention of hecon, not of Body XX." in note
    assert "- Reference values: Body XX, Manual, 2020\n" in note
    assert "The reference value that goes with it is £15,000 per QALY." in note
    assert "Kosteneffectiviteit in de praktijk" not in note
    assert "That is a usual burden of disease, with a reference value of £15,000 per QALY. Given" in note
    assert copy.touched() == {f"hecon/data/{name}" for name in ("rules/xx.toml", "texts/en.toml", "texts/nl.toml")}


def test_a_command(extended):
    """The help lists it, and a fault of the user's ends as in every command."""
    copy = extended("A command")

    assert re.search(r"^    states +print the utility of EQ-5D states$", copy.hecon("--help"), re.MULTILINE)
    assert copy.hecon("states", "11111", "21111") == "11111  1.000\n21111  0.918\n"
    assert copy.hecon("states", "61111", fails=True).startswith("hecon: states must be a state of five digits")
    assert copy.touched() == {"hecon/cli/states.py"}
