"""Check that a built site loads no script, style, image, font or frame from elsewhere: ``check_offline.py FOLDER``."""

from __future__ import annotations

import re
import sys
from html.parser import HTMLParser
from pathlib import Path

REMOTE = re.compile(r"^\s*(?:https?:)?//", re.IGNORECASE)
IN_CSS = re.compile(r"""(?:url\(\s*['"]?|@import\s+['"])((?:https?:)?//[^'")\s]+)""", re.IGNORECASE)
LOADING_LINKS = {"stylesheet", "icon", "preload", "prefetch", "preconnect", "dns-prefetch", "modulepreload", "manifest"}


class Loads(HTMLParser):
    """Collect what a page loads when it is opened; a link that a reader may follow is no load."""

    def __init__(self) -> None:
        super().__init__()
        self.addresses: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note the remote addresses of one tag."""
        values = {name: value or "" for name, value in attrs}
        found = [values.get("src", ""), values.get("poster", ""), values.get("data", "") if tag == "object" else ""]
        found += [candidate.strip() for candidate in values.get("srcset", "").split(",")]
        if tag == "link" and LOADING_LINKS & set(values.get("rel", "").lower().split()):
            found.append(values.get("href", ""))
        self.addresses += [address for address in found if REMOTE.match(address)]
        self.addresses += IN_CSS.findall(values.get("style", ""))


def remote_loads(site: Path) -> list[str]:
    """Return one line per remote load, each beginning with the file it is in."""
    lines = []
    for page in sorted(site.rglob("*.html")):
        text = page.read_text(encoding="utf-8")
        loads = Loads()
        loads.feed(text)
        styles = IN_CSS.findall("\n".join(re.findall(r"<style.*?</style>", text, re.DOTALL)))
        lines += [f"{page.relative_to(site)}: {address}" for address in loads.addresses + styles]
    for sheet in sorted(site.rglob("*.css")):
        lines += [f"{sheet.relative_to(site)}: {address}" for address in IN_CSS.findall(sheet.read_text("utf-8"))]
    return lines


def main(arguments: list[str]) -> int:
    """Print what the site in the folder named loads from elsewhere; 1 if there is anything, or no site."""
    site = Path(arguments[0])
    if not (site / "index.html").is_file():
        print(f"{site} must hold a built site, it has no index.html; build it first with: make docs", file=sys.stderr)
        return 1
    lines = remote_loads(site)
    for line in lines:
        print(f"must not be loaded from elsewhere: {line}", file=sys.stderr)
    return 1 if lines else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
