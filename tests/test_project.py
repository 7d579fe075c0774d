"""What stands around the code agrees with it: hooks, workflows, fragments of the changelog."""

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
TARGETS = set(re.findall(r"^([a-z-]+):.*## ", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
MERGE = "changelog.d/merge.py"


def read(name):
    return (ROOT / name).read_text(encoding="utf-8")


def made(text):
    """Return the targets of the Makefile that a text runs."""
    return {
        target
        for line in re.findall(r"(?:run|entry):? make ([a-z -]+)$", text, re.MULTILINE)
        for target in line.split()
    }


# Checks -----------------------------------------------------------------------------------------------------------


def test_hooks_are_the_checks_of_the_workflow():
    hooks, workflow = made(read(".pre-commit-config.yaml")), made(read(".github/workflows/ci.yml"))

    assert hooks == {"lint", "types", "contract"}
    assert hooks | {"test-lowest", "examples", "documents", "browser"} == workflow
    assert workflow <= TARGETS


def test_the_pythons_that_are_named_are_tested():
    (versions,) = re.findall(r'^ +python: \["(.*)"\]$', read(".github/workflows/ci.yml"), re.MULTILINE)
    tested = versions.split('", "')
    named = [each.removeprefix("Programming Language :: Python :: ") for each in PROJECT["classifiers"]]

    assert PROJECT["requires-python"] == f">={tested[0]}"
    assert {each for each in named if re.fullmatch(r"3\.\d+", each)} <= set(tested)


def test_contributing_names_targets_that_exist():
    named = set(re.findall(r"`make ([a-z-]+)", read("CONTRIBUTING.md")))

    assert {"quick", "test", "lint"} <= named <= TARGETS


# The changelog ----------------------------------------------------------------------------------------------------


@pytest.fixture
def merge(tmp_path):
    """Return what merges fragments into a changelog, and gives the changelog, the files left and what was said."""
    (tmp_path / "changelog.d").mkdir()
    for name in (MERGE, "changelog.d/README.md"):
        (tmp_path / name).write_text(read(name), encoding="utf-8")

    def run(changelog, fragments, *arguments):
        (tmp_path / "CHANGELOG.md").write_text(changelog, encoding="utf-8")
        for name, text in fragments.items():
            (tmp_path / "changelog.d" / name).write_text(text, encoding="utf-8")
        command = [sys.executable, tmp_path / MERGE, *arguments]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        left = {each.name for each in (tmp_path / "changelog.d").iterdir()} - {"README.md", "merge.py"}
        return (tmp_path / "CHANGELOG.md").read_text(encoding="utf-8"), left, done.stderr

    return run


CHANGELOG = """# Changelog

## 0.2.0 - Unreleased

### Added

- One.

### Changed

#### Words

- Three.

## 0.1.0

### Added

- Old.
"""


@pytest.mark.slow
def test_fragments_go_below_the_headings_of_the_first_version(merge):
    """In the order of their names; a heading that it lacks is added to it."""
    fragments = {
        "a.added.md": "- A.\n",
        "b.added.md": "- B,\n  on two lines.\n",
        "c.changed.md": "- C.\n",
        "d.fixed.md": "- D.\n",
    }
    new = (
        CHANGELOG.replace("- One.", "- A.\n- B,\n  on two lines.\n- One.")
        .replace("#### Words", "- C.\n\n#### Words")
        .replace("- Three.\n", "- Three.\n\n### Fixed\n\n- D.\n")
    )

    assert merge(CHANGELOG, fragments) == (new, set(), "")


@pytest.mark.slow
@pytest.mark.parametrize(("name", "text"), [("a.added.md", "A.\n"), ("a.added.md", "- A."), ("a.new.md", "- A.\n")])
def test_what_is_no_fragment_is_refused(merge, name, text):
    """Then nothing is merged."""
    changelog, left, said = merge(CHANGELOG, {name: text, "b.added.md": "- B.\n"})

    assert (changelog, left) == (CHANGELOG, {name, "b.added.md"})
    assert (
        f"{name} must be named WORDS.added|changed|renamed|deprecated|removed|fixed|security.md and hold whole" in said
    )


def test_a_request_for_help_merges_nothing(merge):
    fragments = {"a.added.md": "- A.\n"}

    assert merge(CHANGELOG, fragments, "--help") == (
        CHANGELOG,
        set(fragments),
        "--help: no arguments are taken; without them all fragments are merged and removed\n",
    )


def test_the_fragments_at_hand_can_be_merged(merge):
    fragments = {
        each.name: each.read_text("utf-8") for each in (ROOT / "changelog.d").glob("*.md") if each.stem != "README"
    }

    assert merge(read("CHANGELOG.md"), fragments)[1:] == (set(), "")
