"""Seconds of the commands that a user waits for, each in a process of its own.

Run: python benchmarks/commands.py [OTHER]. Processor time (user and system) and time by the clock, the median of five
runs after one that is not counted, with bytecode kept. OTHER is the folder of another version: the two then run in
turn, and the median of the ratios of their processor time is printed, which other work on the computer hardly moves.

What they may take on two quiet cores: `hecon list` 0.35 s, `hecon assess acl-rupture` 1.7 s, with `--out` 5 s (two
languages, ten files), and `import hecon` 0.03 s beyond the interpreter's own start.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

RUNS = 5
HERE = Path(__file__).resolve().parents[1]
COMMANDS = {
    "python": ("-c", ""),
    "import hecon": ("-c", "import hecon"),
    "hecon list": ("-m", "hecon", "list"),
    "hecon assess acl-rupture": ("-m", "hecon", "assess", "acl-rupture"),
    "hecon assess acl-rupture --out": ("-m", "hecon", "assess", "acl-rupture", "--out", "notes"),
}


def seconds(version: Path, command: tuple[str, ...]) -> tuple[float, float]:
    """Return the processor time of a command of a version, and its time by the clock."""
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    with tempfile.TemporaryDirectory() as folder:
        before, start = os.times(), time.perf_counter()
        call = [sys.executable, *command]
        subprocess.run(call, cwd=folder, env=kept | {"PYTHONPATH": str(version)}, check=True, capture_output=True)  # noqa: S603 (this interpreter)
        clock, after = time.perf_counter() - start, os.times()
    used = after.children_user + after.children_system - before.children_user - before.children_system
    return used, clock


def main() -> None:
    """Print a line for each command."""
    versions = [HERE, *(Path(each).resolve() for each in sys.argv[1:])]
    for name, command in COMMANDS.items():
        runs = [[seconds(each, command) for each in versions] for _ in range(1 + RUNS)][1:]
        used, clock = (statistics.median(run[0][kind] for run in runs) for kind in (0, 1))
        line = f"{name:32}{used:7.2f} s{clock:7.2f} s by the clock"
        if len(versions) > 1:
            line += f"   × {statistics.median(run[0][0] / run[1][0] for run in runs):.2f} of {versions[1].name}"
        print(line, flush=True)


if __name__ == "__main__":
    main()
