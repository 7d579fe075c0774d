"""Print the package's architecture in figures: size, imports, names, validation, and with an option the times.

Run: python benchmarks/architecture.py [--json] [--timings]. Imports are those of grimp, which import-linter brings.

Lines of code are those that hold code: neither blank, nor comment, nor docstring. Imports outside functions and
outside ``if TYPE_CHECKING:`` happen when a module is imported; those inside functions and those for types are counted
apart. A package counts as the module that its ``__init__`` is. Validations are calls from Python into pydantic while a
dossier is loaded: of ``model_validate``, of a class, and of ``TypeAdapter.validate_python``, which are replaced by ones
that count; a part within a part is no call of its own.
"""

from __future__ import annotations

import argparse
import ast
import collections
import functools
import io
import json
import os
import re
import subprocess
import sys
import tempfile
import time
import tokenize
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import grimp

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "hecon"
LONG = 40
REPEATS = 5
DOSSIER = "acl-rupture"
# A value per QALY of the Dutch rules, or the euro by name, code or sign.
EURO = re.compile(r"€|(?<![a-z])eur(?:os?)?(?![a-z])|(?<![\d.])(?:20|50|80)[_,.]?000(?!\d)", re.IGNORECASE)
SKIPPED = (tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT, tokenize.COMMENT, tokenize.ENDMARKER)
Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True)
class Module:
    """A module: its name, tree, the lines of its docstrings, and the text of each line of code."""

    name: str
    tree: ast.Module
    docstrings: frozenset[int]
    code: dict[int, str]


def read(path: Path) -> Module:
    """Read a module."""
    text = path.read_text(encoding="utf-8")
    tree = ast.parse(text)
    documented = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    first = [node.body[0] for node in ast.walk(tree) if isinstance(node, documented) and ast.get_docstring(node)]
    docstrings = {line for node in first for line in range(node.lineno, (node.end_lineno or 0) + 1)}
    code: dict[int, str] = {}
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type not in SKIPPED and token.start[0] not in docstrings:
            for line in range(token.start[0], token.end[0] + 1):
                code.setdefault(line, "")
            code[token.start[0]] += token.string + " "
    name = ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
    return Module(name, tree, frozenset(docstrings), code)


def for_types(node: ast.AST) -> bool:
    """Tell whether a statement is ``if TYPE_CHECKING:``."""
    return isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test)


def inner_lines(tree: ast.Module) -> set[int]:
    """Return the lines inside functions."""
    return {
        line
        for node in ast.walk(tree)
        if isinstance(node, Function)
        for line in range(node.lineno, (node.end_lineno or 0) + 1)
    }


def imports(modules: list[Module]) -> tuple[dict[str, set[str]], dict[str, set[str]], dict[str, set[str]]]:
    """Return what each module imports: when it is imported, later inside a function, and for types alone."""
    graph = grimp.build_graph("hecon", cache_dir=None)
    at_import, later, types = ({module.name: set() for module in modules} for _ in range(3))
    for module in modules:
        inner = inner_lines(module.tree)
        typing = {
            line
            for node in ast.walk(module.tree)
            if for_types(node)
            for line in range(node.lineno, (node.body[-1].end_lineno or 0) + 1)
        }
        for imported in graph.find_modules_directly_imported_by(module.name):
            details = graph.get_import_details(importer=module.name, imported=imported)
            for line in {detail["line_number"] for detail in details}:
                kind = types if line in typing else later if line in inner else at_import
                kind[module.name].add(imported)
    return at_import, later, types


def circles(graph: dict[str, set[str]]) -> list[list[str]]:
    """Return the sets of modules that import each other (strongly connected components of several modules)."""

    def reached(start: str, edges: dict[str, set[str]]) -> set[str]:
        found, waiting = set(), [start]
        while waiting:
            for each in edges[waiting.pop()] - found:
                found.add(each)
                waiting.append(each)
        return found

    back = {name: {other for other, imported in graph.items() if name in imported} for name in graph}
    found = {frozenset(reached(name, graph) & reached(name, back)) for name in graph}
    return sorted(sorted(each) for each in found if each)


def longest_chain(graph: dict[str, set[str]]) -> list[str]:
    """Return the longest chain of modules that import the next; a circle is passed through once."""
    inside = {name: place for place, circle in enumerate(circles(graph)) for name in circle}

    @functools.cache
    def chain(name: str) -> tuple[str, ...]:
        others = (other for other in graph[name] if name not in inside or inside.get(other) != inside[name])
        return (name, *max((chain(other) for other in sorted(others)), key=len, default=()))

    return list(max((chain(name) for name in sorted(graph)), key=len))


def own_lines(module: Module, node: Function) -> int:
    """Return the lines of code of a function, its decorators left out and functions within it counted."""
    return sum(node.lineno <= line <= (node.end_lineno or 0) for line in module.code)


def functions(modules: list[Module]) -> Iterator[tuple[Module, Function]]:
    """Give all functions and methods."""
    for module in modules:
        for node in ast.walk(module.tree):
            if isinstance(node, Function):
                yield module, node


def public_names() -> dict[str, int]:
    """Return the number of names of hecon and of its public modules, the names of modules left out."""
    import hecon

    found = {"hecon": len(hecon.__all__)}
    for name in hecon.__all__:
        module = getattr(hecon, name)
        if isinstance(module, type(hecon)):
            found[module.__name__] = len(module.__all__)
    return found


def validations() -> dict[str, int]:
    """Return how often pydantic is asked to validate while each shipped dossier is loaded from its file."""
    import pydantic

    import hecon

    count = 0

    def counting(call: Any) -> Any:  # noqa: ANN401
        def counted(*arguments: Any, **options: Any) -> Any:  # noqa: ANN401
            nonlocal count
            count += 1
            return call(*arguments, **options)

        return counted

    files = sorted((PACKAGE / "data" / "dossiers").glob("*.toml"))
    load = hecon.load
    original = pydantic.BaseModel.model_validate.__func__
    pydantic.BaseModel.model_validate = classmethod(counting(original))
    pydantic.BaseModel.__init__ = counting(pydantic.BaseModel.__init__)
    pydantic.TypeAdapter.validate_python = counting(pydantic.TypeAdapter.validate_python)
    found = {}
    for path in files:
        count = 0
        load(path)
        found[path.stem] = count
    return found


def figures() -> dict[str, Any]:
    """Return all figures that need no clock."""
    modules = [read(path) for path in sorted(PACKAGE.glob("**/*.py"))]
    at_import, later, types = imports(modules)
    whole = {name: at_import[name] | later[name] for name in at_import}
    importers = collections.defaultdict(set)
    for name, imported in whole.items():
        for each in imported:
            importers[each].add(name)
    classes = collections.defaultdict(list)
    for module in modules:
        for node in ast.walk(module.tree):
            if isinstance(node, ast.ClassDef):
                classes[node.name].append(module.name)
    lengths = sorted(
        ((own_lines(*each), f"{each[0].name}.{each[1].name}") for each in functions(modules)), reverse=True
    )
    sizes = {module.name: len(module.code) for module in modules}
    return {
        "files": len(modules),
        "lines of code": sum(sizes.values()),
        "docstring lines": sum(len(module.docstrings) for module in modules),
        "imports when imported": sum(map(len, at_import.values())),
        "imports inside functions": sum(map(len, later.values())),
        "imports for types alone": sum(map(len, types.values())),
        "circles of imports when imported": circles(at_import),
        "circles with imports inside functions": circles(whole),
        "longest chain of imports when imported": longest_chain(at_import),
        "longest chain with imports inside functions": longest_chain(whole),
        "modules imported by one other": {
            f"{name} ({sizes[name]})": f"{others[0]} ({sizes[others[0]]})"
            for name in sorted(sizes)
            if len(others := sorted(importers[name])) == 1
        },
        "classes defined twice": {name: places for name, places in sorted(classes.items()) if len(places) > 1},
        "public names": public_names(),
        "modules that name the euro or a value per QALY": [
            module.name for module in modules if EURO.search("\n".join(module.code.values()))
        ],
        "validations per load": validations(),
        f"functions of more than {LONG} lines of code": {name: length for length, name in lengths if length > LONG},
        "functions with a parameter lang": [
            f"{module.name}.{node.name}"
            for module, node in functions(modules)
            if "lang" in {each.arg for each in (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs)}
        ],
    }


def seconds(arguments: list[str]) -> float:
    """Return the time of a process, the best of several."""
    environment = os.environ | {"PYTHONPATH": str(ROOT), "OPENBLAS_NUM_THREADS": "1"}
    times = []
    for _ in range(REPEATS):
        start = time.perf_counter()
        subprocess.run([sys.executable, *arguments], env=environment, check=True, capture_output=True)  # noqa: S603
        times.append(time.perf_counter() - start)
    return min(times)


def printed_seconds(code: str) -> float:
    """Return the time that code prints when it is run in a process of its own, the best of several."""
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", f"import time\n{code}"]
    return min(
        float(subprocess.run(command, env=environment, check=True, capture_output=True, text=True).stdout)  # noqa: S603
        for _ in range(REPEATS)
    )


def timings() -> dict[str, float]:
    """Return the times in seconds, each the best of several processes."""
    clock = "start = time.perf_counter(); {}; print(time.perf_counter() - start)"
    file = str(PACKAGE / "data" / "dossiers" / f"{DOSSIER}.toml")
    load = f"import hecon; hecon.load('copd'); {clock.format(f'hecon.load({file!r})')}"
    with tempfile.TemporaryDirectory() as folder:
        return {
            "import hecon, in a process that runs": printed_seconds(clock.format("import hecon")),
            f"load {DOSSIER}, after imports": printed_seconds(load),
            "hecon list": seconds(["-m", "hecon", "list"]),
            f"hecon assess {DOSSIER}": seconds(["-m", "hecon", "assess", DOSSIER]),
            f"hecon assess {DOSSIER} --out": seconds(["-m", "hecon", "assess", DOSSIER, "--out", folder]),
        }


def show(name: str, value: Any) -> None:  # noqa: ANN401
    """Print one figure: a number, or how many and each of them."""
    if isinstance(value, int):
        print(f"{name}: {value:,}")
    elif isinstance(value, float):
        print(f"{name}: {value:.3f} s")
    elif name.startswith("longest"):
        print(f"{name}: {len(value)}: {' > '.join(each.removeprefix('hecon.') for each in value)}")
    elif isinstance(value, dict):
        numbers = [each for each in value.values() if isinstance(each, int)]
        print(f"{name}: {len(value)}{f' (sum {sum(numbers)}, most {max(numbers)})' if numbers else ''}")
        for key, each in value.items():
            print(f"  {key}: {', '.join(each) if isinstance(each, list) else each}")
    else:
        print(f"{name}: {len(value)}")
        for each in value:
            print(f"  {each if isinstance(each, str) else ', '.join(each)}")


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.add_argument("--timings", action="store_true", help="measure times too, on a quiet machine")
    arguments = parser.parse_args()
    # The tree that this script stands in, wherever else hecon is installed.
    sys.path.insert(0, str(ROOT))
    found = figures() | (timings() if arguments.timings else {})
    if arguments.json:
        print(json.dumps(found, indent=2, ensure_ascii=False))
        return
    for name, value in found.items():
        show(name, value)


if __name__ == "__main__":
    main()
