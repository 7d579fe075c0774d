"""Move the fragments of this folder to the first version of CHANGELOG.md, each below its heading."""

from __future__ import annotations

import sys
from pathlib import Path

HEADINGS = ("Added", "Changed", "Renamed", "Deprecated", "Removed", "Fixed", "Security")


def fragments(folder: Path) -> dict[Path, str]:
    """Return the fragments with their headings; stop at a file that is no fragment."""
    paths = [path for path in sorted(folder.glob("*.md")) if path.stem != "README"]
    found = {path: path.name.split(".")[-2].capitalize() for path in paths}
    for path, heading in found.items():
        text = path.read_text(encoding="utf-8")
        if heading not in HEADINGS or not text.startswith("- ") or not text.endswith("\n"):
            names = "|".join(HEADINGS).lower()
            sys.exit(f"{path.name} must be named WORDS.{names}.md and hold whole lines, the first with '- '")
    return found


def merged(changelog: str, heading: str, lines: str) -> str:
    """Return the changelog with lines first below a heading of its first version, added where missing."""
    head, start, rest = changelog.partition("\n## ")
    version, end, earlier = rest.partition("\n## ")
    before, found, after = version.partition(f"\n### {heading}\n\n")
    if not found:
        before, found, after = version.rstrip("\n") + "\n", f"\n### {heading}\n\n", ""
    elif after.startswith("#"):
        lines += "\n"
    return head + start + before + found + lines + after + end + earlier


def main(root: Path) -> None:
    """Merge all fragments, and remove them."""
    found = fragments(root / "changelog.d")
    path = root / "CHANGELOG.md"
    changelog = path.read_text(encoding="utf-8")
    for fragment, heading in reversed(found.items()):
        changelog = merged(changelog, heading, fragment.read_text(encoding="utf-8"))
    path.write_text(changelog, encoding="utf-8")
    for fragment in found:
        fragment.unlink()


if __name__ == "__main__":
    if sys.argv[1:]:
        sys.exit(f"{' '.join(sys.argv[1:])}: no arguments are taken; without them all fragments are merged and removed")
    main(Path(__file__).parents[1])
