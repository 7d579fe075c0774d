"""Names of prices: equal but for case, spaces and punctuation; and which are near one that is not there."""

from __future__ import annotations

import difflib
import re
import unicodedata
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_MOST = 5
_ALIKE, _ALIKE_WORD = 0.6, 0.8
_UNIT = re.compile(r"\s*\(per [^()]*\)$")


def plain(text: str) -> str:
    """Return the words of a name, without case, spaces beyond one, or punctuation."""
    return " ".join(re.findall(r"\w+", unicodedata.normalize("NFKC", text).casefold()))


def without_unit(name: str) -> str:
    """Return a name without the unit at its end, as in "Primair onderwijs (per jaar)"."""
    return _UNIT.sub("", name)


def holds(wanted: str, name: str) -> bool:
    """Tell whether each word that is wanted stands in some word of a name, both plain."""
    return all(any(word in other for other in name.split()) for word in wanted.split())


def near(wanted: str, names: Mapping[str, Sequence[str]]) -> list[str]:
    """Return the keys whose names are near the one wanted, best first, at most five.

    First come those with every word of it, then those alike as a whole, then those with a word like one of its words.
    """
    word = plain(wanted)
    owners: dict[str, list[str]] = {}
    words: dict[str, list[str]] = {}
    for key, each in names.items():
        for name in map(plain, each):
            owners.setdefault(name, []).append(key)
            for part in name.split():
                words.setdefault(part, []).append(key)
    found = [key for name, keys in owners.items() if word and holds(word, name) for key in keys]
    for like in difflib.get_close_matches(word, owners, n=_MOST, cutoff=_ALIKE):
        found += owners[like]
    for part in word.split():
        for like in difflib.get_close_matches(part, words, n=_MOST, cutoff=_ALIKE_WORD):
            found += words[like]
    return list(dict.fromkeys(found))[:_MOST]
