"""Open the documents in a folder with LibreOffice and poppler, and look for faults.

    python check.py FOLDER

Each Word file becomes a PDF beside the others, in FOLDER/opened. Every word of it must stand on a page, and none beyond
its margins; a caption must stand on the page of its table or figure; a note of one page must be one. A PDF of the same
name must hold the same words.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections import Counter
from pathlib import Path
from xml.etree import ElementTree as ET

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
# Points from the edge of a page within which nothing is printed.
EDGE = 28
TOOLS = ("soffice", "pdftotext", "pdfimages")


def run(*command):
    """Return what a command prints."""
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def squeezed(text):
    """Return a text without white space, which a page may put anywhere."""
    return re.sub(r"\s+", "", text)


def opened(files, folder):
    """Return the PDF that LibreOffice makes of each file, in a profile of its own."""
    folder.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as profile:
        options = (f"-env:UserInstallation={Path(profile).as_uri()}", "--headless", "--convert-to", "pdf")
        run("soffice", *options, "--outdir", str(folder), *map(str, files))
    return {file: folder / f"{file.stem}.pdf" for file in files}


def body(file):
    """Yield each paragraph of a Word file, and each table as its header, with the name of its kind."""
    with zipfile.ZipFile(file) as parts:
        root = ET.fromstring(parts.read("word/document.xml"))  # noqa: S314 (our own)
    for each in root.find(f"{W}body"):
        if each.tag == f"{W}tbl":
            repeated = each.find(f"{W}tr/{W}trPr/{W}tblHeader") is not None
            yield ("table" if repeated else "facts"), each.find(f"{W}tr"), each
        elif each.tag == f"{W}p":
            style = each.find(f"{W}pPr/{W}pStyle")
            yield ("" if style is None else style.get(f"{W}val")), each, each


def text_of(element):
    return "".join(each.text or "" for each in element.iter(f"{W}t"))


def pages_of(pdf):
    """Return the text of each page in the order of its content, without white space."""
    return [squeezed(page) for page in run("pdftotext", "-raw", str(pdf), "-").split("\f")[:-1]]


def missing_words(file, pages):
    """Yield words of a Word file that no page shows."""
    whole = "".join(pages)
    for _, _, element in body(file):
        for paragraph in element.iter(f"{W}p"):
            for word in text_of(paragraph).split():
                if word not in whole:
                    yield f"no page shows {word!r}"


def torn_captions(file, pdf, pages):
    """Yield captions that do not stand on the page of their table or figure."""
    blocks = [(kind, squeezed(text_of(shown))) for kind, shown, _ in body(file)]
    listed = Counter(int(line.split()[0]) for line in run("pdfimages", "-list", str(pdf)).splitlines()[2:])
    figures = Counter()
    for (kind, text), (after, header) in zip(blocks, [*blocks[1:], ("", "")], strict=True):
        if kind != "Caption":
            continue
        if after == "table" and not any(text + header in page for page in pages):
            yield f"a page parts the caption {text!r} from its table"
        elif after != "table":
            figures[next((number for number, page in enumerate(pages, start=1) if text in page), 0)] += 1
    if figures != listed:
        yield f"captions of figures stand on pages {dict(figures)}, figures on {dict(listed)}"


def clipped(pdf):
    """Yield words that stand beyond the margins of their page."""
    page = 0.0
    for line in run("pdftotext", "-bbox", str(pdf), "-").splitlines():
        found = re.search(r'<page width="([\d.]+)"', line)
        page = float(found.group(1)) if found else page
        found = re.search(r'<word xMin="([\d.-]+)" .*xMax="([\d.-]+)".*>(.*)</word>', line)
        if found and not EDGE <= float(found.group(1)) <= float(found.group(2)) <= page - EDGE:
            yield f"{found.group(3)!r} stands beyond the margins"


def faults(file, pdf):
    """Yield what is wrong with a Word file as LibreOffice shows it, and with the PDF of the same document."""
    yield from torn_captions(file, pdf, pages_of(pdf))
    for shown in (pdf, file.with_suffix(".pdf")):
        if shown.exists():
            pages = pages_of(shown)
            found = [*missing_words(file, pages), *clipped(shown)]
            if ".brief." in file.name and len(pages) > 1:
                found.append(f"a note of one page takes {len(pages)}")
            yield from (f"{shown.parent.name}/{shown.name}: {fault}" for fault in found)


def main():
    """Check the folder; return the exit code."""
    lacking = [tool for tool in TOOLS if shutil.which(tool) is None]
    if lacking:
        sys.exit(f"{', '.join(lacking)} not found: install libreoffice-writer, libreoffice-calc and poppler-utils")
    folder = Path(sys.argv[1])
    files = sorted(folder.glob("*.docx"))
    if not files:
        sys.exit(f"no documents in {folder}")
    found = 0
    for file, pdf in opened(files, folder / "opened").items():
        for fault in faults(file, pdf):
            found += 1
            sys.stdout.write(f"{file.name}: {fault}\n")
    sys.stdout.write(f"{len(files)} documents opened, {found} faults.\n")
    return int(found > 0)


if __name__ == "__main__":
    sys.exit(main())
