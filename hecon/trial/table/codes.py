"""Missing codes and value labels: where they contradict the design, or could be true values."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np

from hecon import valuesets
from hecon.files.faults import first_of
from hecon.trial.table.cells import code_text, key_of, numbers, quoted, raw_numbers
from hecon.trial.table.design import KEYS, dead_codes, groups_of, table_codes
from hecon.trial.valuation import utility_ends

if TYPE_CHECKING:
    from collections.abc import Container, Iterator, Mapping

    from hecon._arrays import Flags, Floats
    from hecon.trial.table.design import ColumnGroup, Design
    from hecon.trial.table.design_keys import Utility
    from hecon.trial.table.reading import RawTable

    Code = float | str

# The arms that a label names in general words.
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
CONTROL = re.compile(
    r"\b(control|controls|controle|controlegroep|comparator|placebo|usual care|care as usual|standard care|"
    r"gebruikelijke zorg|standaardzorg|standaard zorg|reguliere zorg)\b"
)
_TREATED = re.compile(r"\b(intervention|interventie|interventiegroep|experimental|experimenteel|experimentele)\b")
_WORST = re.compile(
    r"\b(extreme|extremely|extreem|unable|confined to bed|niet in staat|bedlegerig|kan niet|cannot|zeer ernstige?)\b"
)
_BEST = re.compile(r"^(i have |ik heb )?(no|geen|none)\b|\b(not|niet) (anxious|depressed|angstig|somber)\b")
_NONE = frozenset({"no", "nee", "none", "geen", "never", "nooit", "nul", "zero", "not", "niet"})
_PLAIN = re.compile(r"\s*(\d+(?:[.,]\d+)?)\s*(?:x|times?|keer|maal|visits?|bezoek(?:en)?)?\s*", re.IGNORECASE)
_RANGE = re.compile(r"\d\s*(?:-|–|tot|t/m|to|until)\s*\d|\d\s*(?:\+|or more|of meer|en meer|and more)|[<>]\s*=?\s*\d")


def label_faults(source: RawTable, design: Design) -> None:
    """Add codes that stand in the table and whose labels contradict what the design takes them for."""
    for group in groups_of(design):
        for name in dict.fromkeys(group.columns):
            labels = source.labels.get(name)
            if not labels or name not in source.columns or group.kind in {"arm", "patient", "time"}:
                continue
            _missing_faults(source, design, group, name)
            if design.utility is not None and group.kind == "utility" and design.utility.items is not None:
                _order_faults(source, name, valuesets.find(str(design.utility.value_set)).levels)
            elif _is_number(design, group):
                _number_faults(source, group, name)


def label_doubts(source: RawTable, design: Design) -> Iterator[str]:
    """Yield missing codes that the file labels as something else, as the dead."""
    for group in groups_of(design):
        for name in dict.fromkeys(group.columns):
            if group.kind == "arm":
                continue
            for code, label in source.labels.get(name, {}).items():
                meant = group.kind == "utility" and code in dead_codes(design)
                other = code in source.codes_of(name) and not is_missing_label(label) and not meant
                # Their number is left out: a label can say as much as that of the dead.
                if other and _rows(source, name, code).any():
                    yield (
                        f"column {name!r} holds the code {code_text(code)}, which means missing by the design and "
                        f"{label!r} by the file's label"
                    )


def category_doubts(source: RawTable, design: Design) -> Iterator[str]:
    """Yield covariates that are taken as numbers and whose every value the file labels with words, as regions."""
    for each in design.covariate:
        labels = source.labels.get(each.column, {})
        read = raw_numbers(source, each.column) if labels and each.kind == "number" else None
        held = set() if read is None else set(read[0][~np.isnan(read[0])].tolist())
        if len(held) >= _CATEGORIES and all(_in_words(labels.get(value, "")) for value in held):
            yield (
                f"covariate {each.column!r} is taken as a number, and the file labels each of its {len(held)} values "
                f'with words: if it is a category, say kind = "category"'
            )


def word_doubts(source: RawTable, design: Design) -> Iterator[str]:
    """Yield codes in costs and utilities that the file labels with words, as 9999 of those who left, and that count."""
    for group in groups_of(design):
        if group.kind not in {"cost", "utility"} or not _is_number(design, group):
            continue
        for name in dict.fromkeys(group.columns):
            for code, label in source.labels.get(name, {}).items():
                meant = code in source.codes_of(name) or code in dead_codes(design) or _says_as_much(group, code, label)
                if not meant and isinstance(code, float) and _rows(source, name, code).any():
                    shown = code_text(code)
                    yield (
                        f"column {name!r} holds {shown}, which the file labels {label!r}, and it is taken as a number: "
                        f"if it means missing, say missing = [{shown}] in {group.path} of the design"
                    )


def _says_as_much(group: ColumnGroup, code: Code, label: str) -> bool:
    """Return whether a label of a cost or utility says no more than its number."""
    own = _OWN_WORDS[group.kind].get(code, frozenset())
    return not _in_words(label) or plain_label(label) in own or (code == 0 and says_none(label))


def _in_words(label: str) -> bool:
    """Return whether a label says what its code stands for, and not a number."""
    return bool(re.search(r"[^\W\d_]", label)) and _PLAIN.fullmatch(label) is None and not _RANGE.search(label)


def _is_number(design: Design, group: ColumnGroup) -> bool:
    """Return whether a group holds utilities, another effect or costs, or a covariate that is a number."""
    if group.kind == "utility":
        return design.utility is not None and design.utility.columns is not None
    numeric = {each.column for each in design.covariate if each.kind == "number"}
    return group.kind in {"effect", "cost"} or (group.kind == "covariate" and group.name in numeric)


def _levels(design: Design, group: ColumnGroup) -> set[float | str | None]:
    """Return the levels that the design declares of a category, as codes and as labels."""
    if group.kind != "covariate":
        return set()
    levels = [level for each in design.covariate if each.column == group.name for level in each.levels]
    return {*map(key_of, levels), *map(plain_label, levels)}


def _missing_faults(source: RawTable, design: Design, group: ColumnGroup, name: str) -> None:
    """Add codes whose labels say that there is no value, and which the design does not say to be missing."""
    levels = _levels(design, group)
    for code, label in source.labels[name].items():
        if code in source.codes_of(name) or {code, plain_label(label)} & levels or not is_missing_label(label):
            continue
        rule = f"must not take a code for a value that the file labels as none, got {code_text(code)}, {label!r}"
        if group.kind in KEYS:
            remedy = f"give the {group.kind} of these rows"
        else:
            more = ", or name it in its levels" if group.kind == "covariate" and not _is_number(design, group) else ""
            remedy = f"say missing = [{quoted(code)}] in {group.path}{more}; if it is a value, mend its label"
        source.fault(name, f"{rule}: {remedy}", _rows(source, name, code))


def _order_faults(source: RawTable, name: str, highest: int) -> None:
    """Add labels of an EQ-5D item by which the best answer is not 1, or the worst not the highest."""
    for says, right, what in ((says_best, 1, "best"), (says_worst, highest, "worst")):
        wrong = [
            (code, label) for code, label in source.labels[name].items() if isinstance(code, float) and says(label)
        ]
        if wrong and all(code != right for code, _ in wrong):
            code, label = wrong[0]
            rule = f"must have its {what} answer as {right}, got the label {label!r} on {code_text(code)}"
            remedy = "recode the answers, or choose the value set of the version that was asked"
            source.fault(name, f"{rule}; {remedy}")


def _number_faults(source: RawTable, group: ColumnGroup, name: str) -> None:
    """Add codes of a column of numbers that stand for other numbers, for classes of them, or for none.

    Their rows are left out: with the code that would be a value of a patient.
    """
    for code, label in source.labels[name].items():
        if code in source.codes_of(name) or is_missing_label(label) or not _rows(source, name, code).any():
            continue
        number = _PLAIN.fullmatch(label)
        other = number is not None and float(number[1].replace(",", ".")) != code
        if other or (group.kind == "cost" and (_RANGE.search(label) or (says_none(label) and code != 0))):
            rule = f"must hold numbers, got code {code_text(code)}, which the file labels {label!r}"
            source.fault(name, f"{rule}: recode the column to what the labels say")


def _rows(source: RawTable, name: str, code: float | str) -> Flags:
    cells = source.columns[name]
    if cells.dtype.kind == "f":
        return np.asarray(cells == code, dtype=bool) if isinstance(code, float) else np.zeros(cells.shape, dtype=bool)
    return np.array([key_of(cell) == code for cell in cells.tolist()], dtype=bool)


# What labels say ------------------------------------------------------------------------------------------------------


def plain_label(text: object) -> str:
    """Return a label in the form that it is compared in: lower case, words joined by single spaces."""
    return " ".join(re.findall(r"\w+", str(text).casefold().replace("'", "").replace("’", "")))


def is_missing_label(label: str) -> bool:
    """Return whether a label says that its code stands for no value."""
    text = plain_label(label)
    return text in _EXACT_MISSING or bool(_MISSING.search(text) and not _DENIED.search(text))


def says_none(label: str) -> bool:
    """Return whether a label says that there was none, in whatever number."""
    return plain_label(label).partition(" ")[0] in _NONE


def says_best(label: str) -> bool:
    """Return whether a label of an EQ-5D item is that of its best level."""
    return bool(_BEST.search(plain_label(label))) and not says_worst(label) and not is_missing_label(label)


def says_worst(label: str) -> bool:
    """Return whether a label of an EQ-5D item is that of its worst level."""
    return bool(_WORST.search(plain_label(label)))


def labelled(labels: Mapping[float | str, str], text: float | str) -> list[float | str]:
    """Return the codes that have a label, up to case, spaces and punctuation."""
    wanted = plain_label(code_text(text))
    return [code for code, label in labels.items() if wanted and plain_label(label) == wanted]


def code_meant(
    value: float | str, held: Container[float | str | None], labels: Mapping[float | str, str]
) -> float | str | None:
    """Return the code that a value of the design stands for: itself, or where no cell holds it the one so labelled."""
    alike = [] if key_of(value) in held else labelled(labels, value)
    return alike[0] if len(alike) == 1 else key_of(value)


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
    """Return which other strategy a label names than the one its code stands for; None where it agrees or names none.

    Where the label says so in general words it is one of `GENERAL`. `names` has what each strategy is called.
    """
    matched = _matches(label, names)
    if matched:
        return None if strategy in matched or len(matched) > 1 else next(iter(matched))
    text = plain_label(label)
    control, treated = bool(CONTROL.search(text)), bool(_TREATED.search(text))
    if control == treated:
        return None
    if control and strategy != comparator:
        return GENERAL[0]
    return GENERAL[1] if treated and strategy == comparator else None


# Words that say no more than the number they stand on.
_OWN_WORDS: dict[str, dict[float | str, frozenset[str]]] = {
    "cost": {1.0: frozenset({"yes", "ja", "once", "eenmaal", "one", "een", "één"})},
    "utility": {
        1.0: frozenset({"full health", "perfect health", "volledige gezondheid", "perfecte gezondheid", "best"}),
        0.0: frozenset({"dead", "death", "dood", "overleden"}),
    },
}
_FEW = 4
# Fewest different values of a category that a number does not stand for as well.
_CATEGORIES = 3
_KINDS = {
    "utility": "utilities",
    "effect": "effects",
    "cost": "costs",
    "covariate": "covariates",
    "dates": "dates",
    "death": "deaths",
    "deviation": "departures",
}


def _not_a_month(design: Design, group: ColumnGroup, name: str) -> bool:
    """Return whether a column tells of deaths, but by dates or codes."""
    return group.kind == "death" and (design.death is None or name != design.death.month)


def _category(design: Design, name: str) -> bool:
    return any(each.column == name and each.kind == "category" for each in design.covariate)


def _values(source: RawTable, design: Design, group: ColumnGroup, name: str) -> Floats | None:
    """Return a column as numbers, None where it is one of text or dates."""
    if group.kind == "dates" or _category(design, name) or _not_a_month(design, group, name):
        return None
    return numbers(source.columns[name], decimal=source.decimal, thousands=source.thousands)[0]


def code_rows(source: RawTable, design: Design, group: ColumnGroup, name: str) -> dict[Code, Flags]:
    """Return the rows of a column that hold each of its missing codes, as the column is read."""
    codes = sorted(source.codes_of(name), key=str)
    if not codes:
        return {}
    values = _values(source, design, group, name)
    result: dict[Code, Flags] = {}
    for code in codes:
        result[code] = _rows(source, name, code)
        if isinstance(code, float) and values is not None:
            # What is no number by the column's marks can still be the code, as "-99.0" beside decimal commas.
            result[code] = (values == code) | (result[code] & np.isnan(values))
    return result


def _others(source: RawTable, design: Design, group: ColumnGroup, name: str) -> Floats:
    """Return the numbers of a column that are no missing code."""
    values = _values(source, design, group, name)
    if values is None:
        keys = [key_of(cell) for cell in source.columns[name].tolist()]
        values = np.array([key if isinstance(key, float) else np.nan for key in keys])
    codes = [code for code in source.codes_of(name) if isinstance(code, float)]
    return values[np.isfinite(values) & ~np.isin(values, codes)]


def _could_be(source: RawTable, design: Design, group: ColumnGroup, name: str, code: Code) -> tuple[bool, bool]:
    """Return whether a code could be a true value of a column, and whether it lies among the others there."""
    label = source.labels.get(name, {}).get(code)
    if group.kind == "dates" or _not_a_month(design, group, name) or (label is not None and is_missing_label(label)):
        return False, False
    if isinstance(code, str):
        # A text can be a level, unless it says that there is none.
        return _category(design, name) and not is_missing_label(code), False
    if design.utility is not None and group.kind == "utility":
        could = _could_be_utility(design.utility, code)
        return could, could
    others = _others(source, design, group, name)
    low, high = (float(others.min()), float(others.max())) if others.size else (0.0, 0.0)
    if group.kind == "cost":
        return code >= 0, 0 <= code <= high
    if _category(design, name) and not others.size:
        return False, False
    return code >= 0 or low < 0, low <= code <= high


def _could_be_utility(given: Utility, code: float) -> bool:
    if given.columns is not None:
        low, high = utility_ends(given.value_set)
        return low <= code <= high
    levels = [f"{level}" for level in range(1, valuesets.find(str(given.value_set)).levels + 1)]
    text = code_text(code)
    return len(text) == (1 if given.items is not None else 5) and set(text) <= set(levels)


def code_doubts(source: RawTable, design: Design) -> Iterator[str]:
    """Yield codes of table.missing that could be true values in some of the columns that hold them, one sentence each.

    A code that one kind of column alone holds is doubtful where it lies among the other values; one in columns of more
    kinds already where it could be a value. A code of a part's own `missing` is meant for its columns.
    """
    everywhere = table_codes(design)
    groups = [group for group in groups_of(design) if group.kind not in {*KEYS, "arm"}] if everywhere else []
    held = {(group, name): code_rows(source, design, group, name) for group in groups for name in group.columns}
    for code in sorted(everywhere, key=str):
        cells: dict[ColumnGroup, dict[str, int]] = {}
        could: list[ColumnGroup] = []
        among: list[ColumnGroup] = []
        for (group, name), rows in held.items():
            if code not in group.codes:
                count = int(rows[code].sum())
                if count:
                    cells.setdefault(group, {})[name] = count
                    possible, within = _could_be(source, design, group, name, code)
                    could += [group] if possible else []
                    among += [group] if within else []
        several = len({group.kind for group in cells}) > 1
        doubtful = could if several else among
        if doubtful:
            yield _sentence(code, cells, doubtful)


def _sentence(code: Code, cells: dict[ColumnGroup, dict[str, int]], doubtful: list[ColumnGroup]) -> str:
    places = []
    for group, columns in cells.items():
        name = f" {group.name!r}" if group.name and group.kind == "cost" else ""
        held = f"{sum(columns.values())} cells of {first_of(map(repr, columns), _FEW)}"
        places.append(f"{_KINDS[group.kind]}{name} ({held})")
    where = " and ".join(dict.fromkeys(group.path for group in doubtful))
    paths = " or ".join(dict.fromkeys(f"{group.path}.missing" for group in cells))
    return (
        f"the code {quoted(code)} of table.missing is taken as missing in {' and '.join(places)}, and could be a true "
        f"value in {where}: name it only where it means missing, in {paths}"
    )
