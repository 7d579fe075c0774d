"""The package as a whole: its lazy front, its typing marker, its version, and documents that keep up with it."""

import ast
import re
import subprocess
import sys
import tomllib
from importlib import import_module, metadata, resources
from pathlib import Path

import pytest
from sources import PACKAGE, nodes

import hecon
from hecon.cli import main as cli

ROOT = Path(__file__).parents[1]
SLOW = ("babel", "jinja2", "matplotlib", "numpy", "pandas", "pydantic", "scipy", "xarray")
MODULES = [name for name in hecon.__all__ if name not in hecon._HOME]
VERBS = [name for name in hecon.__all__ if name in hecon._HOME]


def read(name):
    return (ROOT / name).read_text(encoding="utf-8")


def test_importing_hecon_imports_nothing_slow():
    code = f"import sys, hecon; print(*sorted(set({SLOW!r}) & set(sys.modules)))"

    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert loaded.stdout.split() == []


def test_all_is_sorted_and_complete():
    assert hecon.__all__ == sorted(hecon.__all__)
    assert set(hecon._HOME) < set(hecon.__all__)
    assert len(hecon._HOME) == sum(map(len, hecon._NAMES.values()))
    assert dir(hecon) == sorted([*hecon.__all__, "__version__"])


@pytest.mark.parametrize("name", VERBS)
def test_a_public_name_is_the_one_in_its_module(name):
    home = import_module(f"hecon.{hecon._HOME[name]}")

    assert getattr(hecon, name) is getattr(home, name)
    assert getattr(hecon, name).__doc__


@pytest.mark.parametrize("name", MODULES)
def test_a_public_module_is_that_module(name):
    assert getattr(hecon, name) is import_module(f"hecon.{name}")


def test_no_module_bears_the_name_of_a_verb():
    modules = {path.stem for path in (ROOT / "hecon").iterdir() if path.suffix == ".py" or path.is_dir()}

    assert modules.isdisjoint(VERBS)


def test_an_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match=r"^module 'hecon' has no attribute 'icers'$"):
        hecon.icers  # noqa: B018 - the attribute access is what is tested


def test_typed():
    assert resources.files("hecon").joinpath("py.typed").is_file()


def test_versions_agree():
    assert metadata.version("hecon") == hecon.__version__
    assert re.findall(r"^version: (\S+)$", read("CITATION.cff"), re.MULTILINE) == [hecon.__version__]
    assert re.findall(r"^## \[?(\d[^\] ]*)", read("CHANGELOG.md"), re.MULTILINE)[0] == hecon.__version__


def test_the_site_lists_every_public_name():
    listed = re.findall(r"^   ([A-Za-z0-9_.]+)$", read("docs/api.rst"), re.MULTILINE)
    named = (
        *("auditing", "budget", "payment", "datasets", "dossier", "eq5d", "evidence", "trial", "plot", "prices"),
        *("parameters", "programme", "reported", "report.words", "locale", "rules", "rulesets", "studies"),
    )
    modules = {name: import_module(f"hecon.{name}") for name in named}
    reached = [
        f"{at}.{name}"
        for at, module in modules.items()
        for name, value in ((name, getattr(module, name)) for name in module.__all__)
        if callable(value) and value is not getattr(hecon, name, None)
    ]

    assert sorted(listed) == sorted([*VERBS, *reached])


def test_the_methods_table_names_tests_that_exist():
    named = set(re.findall(r"``(tests/\S+)``", read("docs/methods.rst")))

    assert named
    assert [name for name in sorted(named) if not (ROOT / name).is_file()] == []


@pytest.mark.gallery
@pytest.mark.no_cover
@pytest.mark.slow
def test_the_examples_in_the_readme_run(capsys):
    """One after the other, as a reader would type them."""
    known = {}
    for example in re.findall(r"```python\n(.*?)```", read("README.md"), re.DOTALL):
        exec(compile(example, "README.md", "exec"), known)  # noqa: S102 - our own text

    assert "quadrant" in capsys.readouterr().out
    assert known["draws"]["strategy"].to_numpy().tolist() == ["surgery", "exercise"]


@pytest.mark.slow
def test_the_table_in_the_readme_is_what_the_command_prints(capsys):
    """All of it, but for the last digits of what is drawn."""
    (table,) = re.findall(r"```text\n(acl-rupture: .*?)```", read("README.md"), re.DOTALL)

    def level(text):
        return re.sub(r"\s+", " ", re.sub(r"\d[\d.,]*|-{3,}", "#", text)).strip()

    assert cli.main(["assess", "--all"]) == 0
    assert level(table) == level(capsys.readouterr().out)


@pytest.mark.slow
def test_the_budget_in_the_readme_is_what_the_command_prints(capsys):
    (excerpt,) = re.findall(r"```text\n(  - Saving in the third year.*?)```", read("README.md"), re.DOTALL)

    assert cli.main(["budget", "acl-rupture"]) == 0
    assert excerpt in capsys.readouterr().out


def layers():
    """Return the place of each module or package of the import contract, the highest first."""
    contract = tomllib.loads(read("pyproject.toml"))["tool"]["importlinter"]["contracts"][0]["layers"]
    return {name.strip(): place for place, line in enumerate(contract) for name in line.split("|")}


@pytest.mark.slow
def test_no_import_for_types_looks_up():
    """The linter passes over these; they may look sideways, where run-time imports may not."""
    places = layers()

    def place(name):
        return next((at for each, at in places.items() if f"{name}.".startswith(f"{each}.")), None)

    found = []
    for path, within in nodes().items():
        own = place(".".join(("hecon", *path.relative_to(PACKAGE).with_suffix("").parts)))
        for node in within:
            if isinstance(node, ast.ImportFrom) and node.module is not None and own is not None:
                names = [node.module] if node.module != "hecon" else [f"hecon.{each.name}" for each in node.names]
                found += [f"{path.name}: {name}" for name in names if (at := place(name)) is not None and at < own]

    assert found == []
