"""Tests of listing the dossiers that come with hecon."""

from __future__ import annotations

import subprocess
import sys

from hecon import dossier
from hecon.dossier import titles


def test_the_titles_are_those_of_the_dossiers():
    """They are read without checking the files, and in the order of the names."""
    found = titles()

    assert list(found) == dossier.names()
    assert found == {name: dossier.load(name).title.model_dump() for name in dossier.names()}


def test_a_list_of_dossiers_loads_no_heavy_package():
    """Neither the schema nor tables or numbers are needed for a title."""
    code = (
        "import sys; from hecon.cli.main import main; assert main(['list']) == 0; "
        "print({'numpy', 'pandas', 'pydantic', 'scipy'} & set(sys.modules), file=sys.stderr)"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert run.stderr == "set()\n"
    assert run.stdout.startswith("acl-rupture ")
