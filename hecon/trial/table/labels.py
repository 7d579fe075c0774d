"""Value labels of Stata and SPSS files: what they say of a code, and where that contradicts the design."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from hecon.errors import InputError
from hecon.trial.table.cells import code_text, key_of

__all__ = [
    "GENERAL",
    "is_missing_label",
    "labelled",
    "labels_of",
    "other_arm",
    "plain_label",
    "says_best",
    "says_none",
    "says_worst",
]

# What a label names that speaks of arms in general words.
GENERAL = ("the comparator", "an intervention")

# Dutch and English labels of codes that stand for no value.
_MISSING = re.compile(
    r"\b(onbekend|niet bekend|ontbreekt|ontbrekend|ontbrekende|missing|missend|missende|gemist|weet niet|weet ik niet|"
    r"weet het niet|niet ingevuld|oningevuld|niet beantwoord|geen antwoord|geen opgave|geen gegevens|geen data|"
    r"niet van toepassing|n v t|nvt|geweigerd|weigert|weigering|wil niet zeggen|wil ik niet zeggen|niet gemeten|"
    r"niet afgenomen|niet gevraagd|overgeslagen|ongeldig|"
    r"unknown|not known|dont know|don t know|do not know|doesnt know|does not know|refused|refusal|refuses|"
    r"not applicable|n a|not answered|unanswered|no answer|no response|not stated|not available|not recorded|"
    r"not reported|not completed|not filled in|not done|not asked|not measured|not assessed|no data|no information|"
    r"prefer not to say|prefer not to answer|skipped)\b"
)
_EXACT_MISSING = frozenset({"na", "dk", "leeg", "blanco", "blank", "empty", "none given"})
# A label that denies it: "niet onbekend", "no missing".
_DENIED = re.compile(r"\b(niet|geen|not|no|none|zonder|without) (onbekend|missing|missend\w*|unknown|ontbrekend\w*)\b")
_CONTROL = re.compile(
    r"\b(control|controls|controle|controlegroep|comparator|placebo|usual care|care as usual|standard care|"
    r"gebruikelijke zorg|standaardzorg|standaard zorg|reguliere zorg)\b"
)
_TREATED = re.compile(r"\b(intervention|interventie|interventiegroep|experimental|experimenteel|experimentele)\b")
_WORST = re.compile(
    r"\b(extreme|extremely|extreem|unable|confined to bed|niet in staat|bedlegerig|kan niet|cannot|zeer ernstige?)\b"
)
_BEST = re.compile(r"^(i have |ik heb )?(no|geen|none)\b|\b(not|niet) (anxious|depressed|angstig|somber)\b")
_NONE = frozenset({"no", "nee", "none", "geen", "never", "nooit", "nul", "zero", "not", "niet"})


def plain_label(text: object) -> str:
    """Return a label in the form that it is compared in: lower case, words joined by single spaces."""
    return " ".join(re.findall(r"\w+", str(text).casefold().replace("'", "").replace("’", "")))


def labels_of(given: object, columns: Mapping[str, Any]) -> dict[str, dict[float | str, str]]:
    """Return value labels by column and code; codes as `key_of` has them.

    Parameters
    ----------
    given : object
        ``attrs["value_labels"]`` of a table: labels by code, by column; None for none.
    columns : mapping
        The columns of the table.

    Returns
    -------
    dict
        Only of columns that the table has.

    Raises
    ------
    InputError
        If it is no mapping of mappings.
    """
    if given is None:
        return {}
    if not isinstance(given, Mapping) or not all(isinstance(each, Mapping) for each in given.values()):
        msg = 'attrs["value_labels"] of the table must be a dict of columns, each a dict of codes and labels'
        raise InputError(msg)
    found: dict[str, dict[float | str, str]] = {}
    for name, labels in given.items():
        if str(name) in columns:
            own = {key_of(code): str(label).strip() for code, label in labels.items()}
            found[str(name)] = {code: label for code, label in own.items() if code is not None and label}
    return {name: own for name, own in found.items() if own}


def is_missing_label(label: str) -> bool:
    """Return whether a label says that its code stands for no value."""
    text = plain_label(label)
    return text in _EXACT_MISSING or bool(_MISSING.search(text) and not _DENIED.search(text))


def says_none(label: str) -> bool:
    """Return whether a label says that there was none, in whatever number."""
    words = plain_label(label).split()
    return bool(words) and words[0] in _NONE


def says_best(label: str) -> bool:
    """Return whether a label of an EQ-5D item is that of its best level."""
    text = plain_label(label)
    return bool(_BEST.search(text)) and not says_worst(label) and not is_missing_label(label)


def says_worst(label: str) -> bool:
    """Return whether a label of an EQ-5D item is that of its worst level."""
    return bool(_WORST.search(plain_label(label)))


def labelled(labels: Mapping[float | str, str], text: float | str) -> list[float | str]:
    """Return the codes that have a label, up to case, spaces and punctuation."""
    wanted = plain_label(code_text(text))
    return [code for code, label in labels.items() if wanted and plain_label(label) == wanted]


def _matches(label: str, names: Mapping[str, tuple[str, ...]]) -> set[str]:
    """Return the strategies that a label names: exactly, else by containing all words of one or being contained."""
    text = plain_label(label)
    exact = {strategy for strategy, called in names.items() if text in {plain_label(name) for name in called}}
    if exact:
        return exact
    words = set(text.split())
    return {
        strategy
        for strategy, called in names.items()
        if words and any((own := set(plain_label(name).split())) and (own <= words or words <= own) for name in called)
    }


def other_arm(label: str, strategy: str, names: Mapping[str, tuple[str, ...]], comparator: str) -> str | None:
    """Return which other strategy a label names, given the strategy that the design takes its code for.

    Parameters
    ----------
    label : str
        Label of the code in the file.
    strategy : str
        What the design takes the code for.
    names : mapping of str to tuple of str
        What each strategy is called in the design, by its name.
    comparator : str
        Name of the comparator.

    Returns
    -------
    str or None
        Another strategy, or "an intervention" or "the comparator" where the label says so in general words; None where
        the label agrees or names none.
    """
    matched = _matches(label, names)
    if matched:
        return None if strategy in matched or len(matched) > 1 else next(iter(matched))
    text = plain_label(label)
    control, treated = bool(_CONTROL.search(text)), bool(_TREATED.search(text))
    if control == treated:
        return None
    if control and strategy != comparator:
        return GENERAL[0]
    return GENERAL[1] if treated and strategy == comparator else None
