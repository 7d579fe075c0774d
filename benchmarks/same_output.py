"""Compare all that the command line writes with what it wrote at an earlier commit, byte by byte.

Run: python benchmarks/same_output.py [--jobs N] [--keep FOLDER]. Both trees answer the same commands with their own
data in the same environment: every dossier, budget, audit, burden and programme in each language and format, the
teaching trial, an example of the payment model, help, and the messages of hundreds of faulty files. These are made from
the shipped ones: keys misspelt, of another type, out of range, with their ends exchanged, tables repeated, and all of
it together. The earlier output is kept in build/same_output, so that a second run makes only the working tree's.

Digests of files and the version of hecon are masked. Keys of JSON whose names were changed on purpose are listed in
RENAMED and counted apart. Exit code 1: something else differs, or a listed key was found nowhere.
"""

from __future__ import annotations

import argparse
import difflib
import hashlib
import inspect
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

BEFORE = "e2744826fd7203462d7fcacd46445a79084deb5e"
# Start of the output's path, the earlier path of the key, the present one: ("assess/", "comparisons[].old", ...).
RENAMED: tuple[tuple[str, str, str], ...] = ()

ROOT = Path(__file__).resolve().parent.parent
CACHE = ROOT / "build" / "same_output"
LINES = 12
# Rows of the table for the scenarios, which take long.
FEW = 90
# Faults that checks across keys find, which a fault of another kind in the same file would keep from running.
ALONE = ("odd", "exchanged")
LANGUAGES = ("nl", "en")
# Runs commands one after the other in one process, since importing takes longer than most of them.
DRIVER = """
import contextlib, json, runpy, sys, traceback
from pathlib import Path
import hecon

tree = sys.argv[1]
assert Path(hecon.__file__).is_relative_to(tree), f"{hecon.__file__} is not of {tree}"
for command in json.load(open(sys.argv[2], encoding="utf-8")):
    path = Path("out", command["name"])
    path.parent.mkdir(parents=True, exist_ok=True)
    code = 0
    with open(path, "w", encoding="utf-8") as out, open(f"{path}.stderr", "w+", encoding="utf-8") as err:
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            sys.argv = ["hecon", *command["arguments"]]
            try:
                if "python" in command:
                    exec(command["python"], {})
                else:
                    runpy.run_module("hecon", run_name="__main__")
            except SystemExit as stop:
                code = stop.code
            except Exception as error:
                code = f"{type(error).__name__}: {error}"
        if code:
            err.write(f"exit code {code}\\n")
        if not err.tell():
            Path(err.name).unlink()
Path("out", "version").write_text(hecon.__version__)
"""


def command(name: str, arguments: str, python: str | None = None) -> dict[str, Any]:
    """Return one command, as the driver runs it, and the name of the file that takes its standard output."""
    return {"name": name, "arguments": arguments.split()} | ({} if python is None else {"python": python})


def in_languages(name: str, arguments: str, kinds: str) -> list[dict[str, Any]]:
    """Return a command in both languages and in several formats."""
    return [
        command(f"{name}.{lang}.{kind}", f"{arguments} --lang {lang} --format {kind}")
        for lang in LANGUAGES
        for kind in kinds.split()
    ]


def plain_commands(tree: Path, work: Path) -> list[list[dict[str, Any]]]:
    """Return the commands on files that are right, in groups that can run beside each other."""
    assess = [command("assess.txt", "assess --all --draws 20000 --out out/assess")]
    others = [command("schema.json", "schema"), command("version.txt", "--version")]
    verbs = ("list", "assess", "burden", "budget", "trial", "audit", "programme", "new", "schema")
    others += [command(f"help/{verb}", f"{verb} --help") for verb in verbs]
    others += [command("help/hecon", "--help"), command("help/none", ""), command("help/unknown", "asses")]
    others += [command(f"list.{lang}", f"list --lang {lang}") for lang in LANGUAGES]
    others += [command("budget.txt", "budget --all --out out/budget")]
    others += [command(f"budget-table.{lang}", f"budget --all --lang {lang}") for lang in LANGUAGES]
    others += in_languages("budget-scenarios", "budget copd --scenario dear:tariff=48 --scenario middle", "text json")
    others += in_languages("audit", "audit", "text json")
    others += in_languages("audit-programme", "audit programme", "text json")
    for day in ("", " --on 2024-03-22", " --on 2024-06-20"):
        others += in_languages(f"programme{day[-10:]}", f"programme{day}", "text md html json")
    for name, patients in (
        ("ratio", "--age 60 --female 0.4 --smr 1.5 --utility 0.7"),
        ("loss", "--age 45.5 --female 0.5 --decrement 0.2 --years 5 --start completed"),
        ("lasting", "--age 70 --female 1 --decrement 0.1 --years rest-of-life --discount 0.015 --uncertain-norms"),
        ("remaining", "--population-qalys 20 --remaining-qalys 12"),
        ("impossible", "--age 12 --female 1.4 --decrement 0.2"),
    ):
        others += in_languages(f"burden-{name}", f"burden {patients}", "text json")
    others += [command("burden-tables", "burden --tables")]
    others += [command("payment", "", (tree / "examples" / "copd_payment.py").read_text(encoding="utf-8"))]
    trial = "teaching/meniscus-simulated"
    table = (work / f"{trial}.csv").read_text(encoding="utf-8").splitlines()
    (work / "few.csv").write_text("\n".join(table[:FEW]), encoding="utf-8")
    quick = f"{trial}.toml --replicates 50 --draws 2000 --seed 3 --imputations"
    trials = [
        command("trial.txt", f"trial {trial}.csv {quick} 3 --out out/trial"),
        command("trial-table", f"trial {trial}.csv {quick} 2 --perspective healthcare"),
        command("trial-gamma.json", f"trial {trial}.csv {quick} 2 --model gamma-log --format json"),
        command("trial-scenarios.txt", f"trial few.csv {quick} 2 --scenarios --out out/trial-scenarios"),
        command("trial-dossier.txt", "assess teaching/meniscus-dossier.toml --draws 2000 --out out/trial"),
        command("skeleton", "assess hip-fracture.toml --draws 1000"),
        command("skeleton-refused", "assess hip-fracture.toml --out out/skeleton"),
    ]
    return [trials, assess, others]


def faulty(text: str, seen: set[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    """Give texts with faults in keys that were not seen: one by one, per table and kind, and all together."""
    lines, table = text.splitlines(), ""
    grouped: dict[str, dict[int, str]] = {"together": {}}
    for place, line in enumerate(lines):
        if header := re.match(r"\[+([\w.-]+)\]+", line):
            table = header[1]
        entry = re.match(r"([\w.-]+) = (.*)", line)
        # A table within several others has the same keys in each; both languages have the same rules.
        known = (table.rpartition(".")[2], entry[1].replace(".nl", ".en") if entry else "")
        if known in seen or not (header or entry):
            continue
        seen.add(known)
        if not entry:
            yield f"{table}-repeated", "\n".join([*lines, *block(lines, place)])
            continue
        for kind, changed in changes(entry[1], entry[2]):
            grouped["together"][place] = changed
            if kind in ALONE:
                yield f"{table}-{entry[1]}-{kind}", "\n".join([*lines[:place], changed, *lines[place + 1 :]])
            else:
                grouped.setdefault(f"{table}-{kind}", {})[place] = changed
    for name, changed_lines in grouped.items():
        yield name, "\n".join(changed_lines.get(place, line) for place, line in enumerate(lines))


def block(lines: list[str], start: int) -> list[str]:
    """Return the table whose header stands in a line."""
    end = next((at for at in range(start + 1, len(lines)) if lines[at].startswith("[")), len(lines))
    return lines[start:end]


def changes(key: str, value: str) -> Iterator[tuple[str, str]]:
    """Give the lines of a key with one fault each; a value of several lines is only misspelt."""
    yield "misspelt", f"{key}x = {value}"
    if value.endswith(("[", "{")):
        return
    value = re.sub(r" +# .*", "", value)
    yield "type", f"{key} = 7" if value.startswith('"') else f'{key} = "seven"'
    yield "odd", f'{key} = "nonsense"' if value.startswith('"') else f"{key} = -7.125"
    if value.startswith("["):
        parts = value.strip("[]").split(", ")
        if len(parts) > 1 and "{" not in value:
            yield "exchanged", f"{key} = [{', '.join(reversed(parts))}]"
        yield "empty", f"{key} = []"
    elif re.match(r"[\d.-]+$", value):
        yield "huge", f"{key} = {'1e31' if len(value) % 2 else 'nan'}"


def whole_files(text: str) -> Iterator[tuple[str, bytes]]:
    """Give files that cannot be read as they are."""
    yield "empty", b""
    yield "cut", text[: len(text) // 3].encode()
    yield "latin-1", "# pati\xebnt\n".encode("latin-1") + text.encode()
    yield "quote", text.replace(' = "', " = ", 1).encode()
    yield "format", text.replace("format = 1", "format = 2").encode()
    yield "twice", text.replace("format = 1", "format = 1\nformat = 1").encode()


def faulty_commands(tree: Path, work: Path) -> list[dict[str, Any]]:
    """Write the faulty files and return the commands that read them."""
    data, seen, found = tree / "hecon" / "data", set(), [command("faults/absent", "audit absent.toml")]
    trial, limited = "teaching/meniscus-simulated", "--imputations 2 --perspective nowhere"
    dossiers = sorted(data.glob("dossiers/*.toml"), key=lambda path: (path.stat().st_size, path.name))
    sources = [(work / "hip-fracture.toml", "audit {}"), *((path, "audit {}") for path in dossiers)]
    sources += [(work / "teaching" / "meniscus-dossier.toml", "audit {}")]
    sources += [(data / "programme.toml", "")]
    sources += [(work / f"{trial}.toml", f"trial {trial}.csv {{}} {limited}")]
    for source, arguments in sources:
        text = source.read_text(encoding="utf-8")
        files = [(kind, each.encode()) for kind, each in faulty(text, seen if "audit" in arguments else set())]
        if source in {sources[0][0], *(each for each, _ in sources[-2:])}:
            files += whole_files(text)
        for kind, content in files:
            # Beside the data that a dossier names.
            file = f"teaching/{source.stem}-{kind}.toml"
            (work / file).write_bytes(content)
            code = None if arguments else f"import hecon; hecon.dossier.load_programme({file!r})"
            found.append(command(f"faults/{source.stem}/{kind}", arguments.format(file), code))
    table = (work / f"{trial}.csv").read_text(encoding="utf-8")
    first = table.splitlines()[1]
    for kind, changed in (
        ("arm", table.replace(",surgery,", ",nowhere,", 1)),
        ("text", table.replace(",52.8,", ",old,", 1)),
        ("item", table.replace(",3,2,3,3,2,", ",3,9,3,3,-1,", 1)),
        ("patient", f"{table}{first}\n"),
        ("column", table.replace("operations_3", "operations_x", 1)),
        ("date", table.replace("-07-17", "-17-07", 1)),
        ("short", table.replace(first, first[:40], 1)),
        ("together", table.replace(",surgery,", ",nowhere,", 3).replace("woman", "x", 5).replace(",yes,", ",?,", 5)),
        ("none", table.splitlines()[0]),
    ):
        (work / f"{kind}.csv").write_text(changed, encoding="utf-8")
        found.append(command(f"faults/data/{kind}", f"trial {kind}.csv {trial}.toml {limited}"))
    return found


def make(tree: Path, target: Path, jobs: int) -> None:
    """Write what a tree answers to all commands into a folder."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "HECON"))}
    environment |= {"PYTHONPATH": str(tree), "PYTHONHASHSEED": "0", "PYTHONDONTWRITEBYTECODE": "1"}
    environment |= {"OPENBLAS_NUM_THREADS": "1", "MPLBACKEND": "agg", "COLUMNS": "100"}

    def run(place: int, commands: list[dict[str, Any]]) -> None:
        listed = work / f"{place}.json"
        listed.write_text(json.dumps(commands), encoding="utf-8")
        subprocess.run([sys.executable, "-c", DRIVER, tree, listed], cwd=work, env=environment, check=True)  # noqa: S603

    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(jobs) as pool:
        work = Path(folder)
        run(0, [command("new", "new hip-fracture"), command("example", "trial --example teaching")])
        for path in work.glob("teaching/*"):
            (work / "out" / f"example-{path.name}").write_bytes(path.read_bytes())
        list(pool.map(run, range(1, 5), [faulty_commands(tree, work), *plain_commands(tree, work)]))
        version = (work / "out" / "version").read_text(encoding="utf-8")
        for path in sorted(each for each in work.glob("out/**/*") if each.is_file()):
            text = path.read_text(encoding="utf-8").replace(str(tree), "TREE").replace(str(work), "WORK")
            text = re.sub(rf'(hecon"?:? "?){re.escape(version)}', r"\1VERSION", text)
            # In full, and as tables shorten them.
            text = re.sub(r"\b(?:[0-9a-f]{64}|(?=\d*[a-f])[0-9a-f]{12})\b", "DIGEST", text)
            copy = target / path.relative_to(work / "out")
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.write_text(text, encoding="utf-8")
        (target / "version").write_text("", encoding="utf-8")


def earlier(jobs: int) -> Path:
    """Return the folder of the earlier output; made unless these commands were run in this environment before."""
    asked = (plain_commands, in_languages, faulty, block, changes, whole_files, faulty_commands, make)
    surroundings = sorted(f"{each.name} {each.version}" for each in metadata.distributions())
    text = "\n".join([sys.version, DRIVER, *surroundings, *map(inspect.getsource, asked)])
    folder = CACHE / f"{BEFORE[:12]}-{hashlib.sha256(text.encode()).hexdigest()[:12]}"
    if (folder / "version").exists():
        return folder
    git = ["git", "-C", str(ROOT), "worktree"]
    with tempfile.TemporaryDirectory() as parent:
        tree = Path(parent, "tree")
        subprocess.run([*git, "add", "--quiet", "--detach", tree, BEFORE], check=True)  # noqa: S603
        try:
            make(tree, folder, jobs)
        finally:
            subprocess.run([*git, "remove", "--force", tree], check=True)  # noqa: S603
    return folder


def flat(node: object, path: str = "") -> Iterator[str]:
    """Give a line for each value of a JSON document: its path and the value, in the document's order."""
    if isinstance(node, dict) and node:
        for key, value in node.items():
            yield from flat(value, f"{path}.{key}" if path else key)
    elif isinstance(node, list) and node:
        for place, value in enumerate(node):
            yield from flat(value, f"{path}[{place}]")
    else:
        yield f"{path} = {json.dumps(node, ensure_ascii=False)}"


def renamed(name: str, lines: list[str], counts: dict[tuple[str, str, str], int]) -> list[str]:
    """Return the lines of an earlier document with the keys' present names, and count what each entry changed."""
    for entry in RENAMED:
        start, old, new = entry
        pattern = re.compile(re.escape(old).replace(r"\[\]", r"\[(\d+)\]") + r"(?=[.\[ ])")
        groups = iter(range(1, 10))
        template = re.sub(r"\[\]", lambda _, groups=groups: rf"[\{next(groups)}]", new)
        if name.startswith(start):
            counts[entry] += sum(pattern.match(line) is not None for line in lines)
            lines = [pattern.sub(template, line, count=1) if pattern.match(line) else line for line in lines]
    return lines


def as_lines(text: str) -> tuple[list[str], bool]:
    """Return what to compare of an output, and whether it is JSON."""
    try:
        return list(flat(json.loads(text))), True
    except ValueError:
        return text.splitlines(), False


def compare(old: Path, new: Path) -> int:
    """Print what differs between two folders of output; return how many files and entries of RENAMED are wrong."""
    counts, wrong, same, under_new_names = dict.fromkeys(RENAMED, 0), 0, 0, []
    names = {str(path.relative_to(folder)) for folder in (old, new) for path in folder.glob("**/*") if path.is_file()}
    for name in sorted(names):
        here, there = ((folder / name).is_file() for folder in (old, new))
        before = (old / name).read_text(encoding="utf-8") if here else ""
        after = (new / name).read_text(encoding="utf-8") if there else ""
        if here and there and before == after:
            same += 1
            continue
        (was, json_before), (now, json_after) = as_lines(before), as_lines(after)
        if json_before and json_after and was != (changed := renamed(name, was, counts)):
            # A key that moved to another table has another place.
            was, now = sorted(changed), sorted(now)
            if was == now:
                under_new_names.append(name)
                continue
        wrong += 1
        print(f"\n{name}: {'differs' if here and there else 'no longer written' if here else 'new'}")
        shown = list(difflib.unified_diff(was, now, "before", "now", lineterm="", n=1))[2:]
        print("\n".join(f"  {line[:240]}" for line in shown[:LINES]) or "  only in layout or the order of keys")
        if len(shown) > LINES:
            print(f"  ... and {len(shown) - LINES} lines more")
    print(f"\n{same} outputs equal, {len(under_new_names)} equal but for renamed keys, {wrong} different")
    for (start, before, after), count in counts.items():
        print(f"renamed in {start or 'all'}: {before} -> {after}, {count} values{'' if count else ': FOUND NOWHERE'}")
    return wrong + sum(not count for count in counts.values())


def main() -> None:
    """Make both outputs and compare them."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--jobs", type=int, default=1, help="processes beside each other (default: 1)")
    parser.add_argument("--keep", type=Path, metavar="FOLDER", help="write the working tree's output there, to look at")
    arguments = parser.parse_args()
    start = time.perf_counter()
    old = earlier(arguments.jobs)
    middle = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        new = Path(folder) if arguments.keep is None else arguments.keep
        make(ROOT, new, arguments.jobs)
        made = time.perf_counter()
        wrong = compare(old, new)
    print(f"{middle - start:.0f} s for {BEFORE[:12]} (in {old.relative_to(ROOT)}), {made - middle:.0f} s for this tree")
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
