"""Let LibreOffice recalculate the workbooks, as written and after each input was changed in turn.

Every cell with a formula must be what hecon gives, to 1e-9, and every simulated value must be marked as stale where,
and only where, it rests on what was changed:

    python tests/documents/recalculate.py [--every N] [DOSSIER ...]
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import openpyxl

sys.path.insert(0, str(Path(__file__).parents[1]))

from workbooks import Written, another, differences, inputs, not_as_verbs, stale_as_should

import hecon
from hecon.assessment.calculation.records import evaluated

DOSSIERS = ("acl-rupture", "meniscal-tear-traumatic", "meniscal-tear-degenerative", "reablement")
OFFICE = shutil.which("soffice")


def recalculated(files: list[Path], folder: Path) -> list[Path]:
    """Return the files as LibreOffice writes them after it calculated every formula: none has a value of its own."""
    folder.mkdir()
    settings = f"-env:UserInstallation=file://{folder}-settings"
    command = [str(OFFICE), settings, "--headless", "--convert-to", "xlsx", "--outdir", str(folder), *map(str, files)]
    subprocess.run(command, check=True, capture_output=True, timeout=3600)
    return [folder / each.name for each in files]


def faults(written: Written, folder: Path, every: int = 1) -> tuple[int, int, list[str]]:
    """Return how many workbooks and formulas were calculated, and what is wrong."""
    bare = Written(written.content, text=False)
    changes = [{}, *({each.name: another(each)} for each in inputs(written.calculation)[::every])]
    files = []
    for number, change in enumerate(changes):
        files.append(folder / f"{number}.xlsx")
        # The text has no formulas: that of the first suffices.
        chosen = written if change == {} else bare
        files[-1].write_bytes(chosen.with_input(*next(iter(change.items()), (None, None))))
    formulas, wrong = 0, []
    for change, file in zip(changes, recalculated(files, folder / "out"), strict=True):
        book = openpyxl.load_workbook(file, data_only=True)
        values = evaluated(written.calculation, change)
        formulas += sum(each.formula is not None for each in written.calculation.quantities.values())
        wrong += [f"{change}: {each}" for each in differences(written, book, values)]
        wrong += [
            f"{change}: {each} is not marked as it should" for each in stale_as_should(written.calculation, change)
        ]
    return len(files), formulas, wrong


def main() -> int:
    """Check the dossiers named, or four."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("dossiers", nargs="*", default=DOSSIERS)
    parser.add_argument("--every", type=int, default=1, help="change only each Nth input")
    arguments = parser.parse_args()
    if OFFICE is None:
        print("Skipped: recalculating needs LibreOffice (soffice).")
        return 0
    failed = False
    for name in arguments.dossiers:
        assessment = hecon.assess(name, n_draws=1000)
        written = Written(hecon.summary(assessment))
        with tempfile.TemporaryDirectory() as folder:
            files, formulas, wrong = faults(written, Path(folder), arguments.every)
        for each in inputs(written.calculation)[:: arguments.every]:
            change = {each.name: another(each)}
            wrong += [
                f"{change}: {told} by hecon's verbs" for told in not_as_verbs(assessment, written.calculation, change)
            ]
        print(f"{name}: {files} workbooks, {formulas} formulas recalculated, {len(wrong)} wrong")
        for each in wrong[:20]:
            print(each)
        failed |= bool(wrong)
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
