"""Tables of draws: the layouts of other packages, and their reading, strictly."""

from __future__ import annotations

import csv
import io
import warnings
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from hecon._io import TABLE_BYTES, exists, file_bytes
from hecon.errors import DrawsError, InputError, StatisticalWarning
from hecon.files.faults import first_of, near, shown
from hecon.trial.table.cells import TableFault, could_be_thousands, identifiers, numbers, place_of, rounded
from hecon.trial.table.file_readers import FileLayout
from hecon.trial.table.reading import fault_lines, read_with_digest

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    from hecon._arrays import Flags, Floats


@dataclass(frozen=True)
class Layout:
    """How a package's table is laid out: of a long one the columns, of a wide one what its columns begin with."""

    cost: str
    effect: str
    # Columns of a long table.
    strategy: str = ""
    draw: str = "draw"
    # What must have one value in the whole file; what is not read, and how such columns begin.
    single: tuple[str, ...] = ()
    aside: tuple[str, ...] = ()
    aside_begins: tuple[str, ...] = ()
    # What labels the draws in a table of parameters, where it is another name.
    parameter_draw: str = "draw"
    # In a workbook of the package's own, the sheets of draws and of parameters.
    sheets: tuple[str, ...] = ()
    effects_first: bool = False
    unit: str | None = None


STYLES = {
    "wide": Layout("cost", "effect"),
    "long": Layout("cost", "effect", strategy="strategy"),
    "bcea": Layout("cost", "effect", effects_first=True),
    "voi": Layout("c", "e", effects_first=True),
    "dampack": Layout("cost", "effectiveness"),
    "hesim": Layout(
        "costs", "qalys", strategy="strategy_id", draw="sample", single=("grp_id", "dr", "category"), unit="QALY"
    ),
    "heormodel": Layout("cost", "qaly", strategy="intervention", draw="iteration", unit="QALY"),
    "pyheor": Layout(
        *("total_cost", "qalys"),
        strategy="strategy",
        draw="sim",
        aside=("strategy_label", "lys"),
        aside_begins=("cost_",),
        parameter_draw="Simulation",
        sheets=("CE Table", "Sampled Parameters"),
        unit="QALY",
    ),
}
CHAIN = "chain"
# The dim of a NetCDF file along which parameters stand, where they are one variable.
PARAMETER = "parameter"
# R writes row names below an empty name, and reads it back as X.
ROW_NAMES = ("", "X")
# What pandas calls an index without a name in a Parquet file.
_PANDAS_INDEX = "__index_level_0__"
NETCDF = (".nc", ".cdf", ".netcdf")
TABLES = (".csv", ".xlsx", ".parquet")
ABOUT = (
    *("currency", "effect_unit", "effect_better", "price_year", "comparator", "scale", "horizon_years"),
    *("discount_cost", "discount_effect", "source"),
)


@dataclass(eq=False)
class DrawPart:
    """Numbers by draw: costs and effects by strategy, parameters by name, and labels of the draws or None."""

    cost: dict[str, Floats]
    effect: dict[str, Floats]
    parameters: dict[str, Floats]
    draws: list[str] | None


def counts(labels: Sequence[str]) -> bool:
    """Tell whether labels count from 0 or 1."""
    return any(list(labels) == [str(number) for number in range(first, first + len(labels))] for first in (0, 1))


_SEPARATORS = (",", ";", "\t")
# What stands before a row below the draws that is none of them.
_SUMMARIES = (
    *(
        "mean",
        "average",
        "avg",
        "total",
        "sum",
        "median",
        "sd",
        "se",
        "std",
        "stdev",
        "min",
        "max",
        "minimum",
        "maximum",
    ),
    *("gemiddelde", "gemiddeld", "gem", "totaal", "som", "mediaan"),
)


@dataclass(eq=False)
class DrawTable:
    """The columns of a file as they stand, and the faults in them so far."""

    name: str
    columns: dict[str, NDArray[Any]]
    rows: int
    digest: str
    # Empty of a file whose numbers are no text.
    separator: str = ","
    decimal: str = "."
    sheets: tuple[str, ...] = ()
    faults: list[TableFault] = field(default_factory=list)
    # Columns of which every mark of a decimal could be one between thousands.
    doubts: list[str] = field(default_factory=list)
    ignored: tuple[str, ...] = ()
    hidden_rows: int = 0
    # Whether several chains are taken as one series.
    stack_chains: bool = False

    def fault(self, column: str | Iterable[str], rule: str, wrong: Flags | None = None) -> None:
        """Add a fault of a column, in the rows where something is wrong."""
        if wrong is None:
            self.faults.append(TableFault(place_of(column) if column else "table", rule))
        elif wrong.any():
            self.faults.append(TableFault(place_of(column), rule, tuple(np.flatnonzero(wrong).tolist())))

    def refuse(self) -> None:
        """Refuse the file if it has faults."""
        if self.faults:
            raise DrawsError(self.name, fault_lines(self.faults))

    def warn(self) -> None:
        """Warn of numbers that could be a thousand times as large, and of rows that a reader does not see."""
        if self.hidden_rows:
            warnings.warn(
                f"draws {self.name}: {self.hidden_rows} of the rows are hidden in the workbook (a filter?), and are "
                "read like the others: delete the rows that are no draws, or show them",
                StatisticalWarning,
                stacklevel=4,
            )
        if self.doubts:
            mark = "point" if self.decimal == "." else "comma"
            one = self.columns[self.doubts[0]]
            example = next(cell for cell in one.tolist() if isinstance(cell, str) and self.decimal in cell).strip()
            warnings.warn(
                f"draws {self.name}: every number with a {mark} in {place_of(self.doubts)} could be thousands and is "
                f"read as decimals, as {example} is {float(example.replace(',', '.')):g}; if it is thousands, write "
                "numbers without a mark between them",
                StatisticalWarning,
                stacklevel=4,
            )

    def numbers(self, column: str) -> Floats:
        """Return a column of finite numbers, and add its faults."""
        if not column.strip():
            place = list(self.columns).index(column) + 1
            self.fault([], f"must have a name for every column, got none for that of place {place}")
        values, wrong = numbers(self.columns[column], decimal=self.decimal)
        got = shown(self.columns[column][wrong][0]) if wrong.any() else ""
        mark = "point" if self.decimal == "." else "comma"
        self.fault(column, f"must hold numbers with a decimal {mark} and no mark between thousands, got {got}", wrong)
        empty = np.isnan(values) & ~wrong
        self.fault(
            column, "must hold a number in every row, got an empty cell: take this draw out of all columns", empty
        )
        infinite = np.isinf(values)
        self.fault(column, "must be finite, got an infinite number: take this draw out of all columns", infinite)
        if (
            self.separator in {";", ""}
            and could_be_thousands(self.columns[column], self.decimal, ~wrong & ~empty).any()
        ):
            self.doubts.append(column)
        return values

    def labels(self, column: str) -> list[str]:
        """Return a column of labels as text, and add its faults."""
        found = identifiers(self.columns[column])
        rule = "must have labels in full, got a number so long that this kind of file loses its last digits"
        lost = rounded(self.columns[column], of_workbook=bool(self.sheets))
        self.fault(column, f"{rule}: write labels as text, or number them anew", lost)
        self.fault(
            column, "must hold a label in every row, got an empty cell", np.array([each is None for each in found])
        )
        return ["" if each is None else each for each in found]

    def chained(self, labels: list[str]) -> list[str]:
        """Return labels of draws, of several chains with that of the chain before each."""
        chains = self.labels(CHAIN) if CHAIN in self.columns else []
        several = len(set(chains))
        if several > 1 and not self.stack_chains:
            rule = f"must hold one chain, got {several}: pass stack_chains=True to take them as one series"
            self.fault(CHAIN, rule)
        return [f"{chain}:{label}" for chain, label in zip(chains, labels, strict=True)] if several > 1 else labels


def _table(
    what: str,
    path: Any,  # noqa: ANN401
    ignore: Iterable[str],
    sheets: Sequence[str] = (),
    *,
    stack_chains: bool,
) -> DrawTable:
    """Return the columns of a file without those that are ignored."""
    if not isinstance(path, (str, Path)):
        msg = f"{what} must be the path of a file, got {shown(path)}"
        raise InputError(msg)
    if Path(path).suffix.casefold() not in TABLES:
        known = ", ".join((*TABLES, ".nc") if what == "path" else TABLES)
        msg = f"{what} must be a file of the kind {known}, got {str(path)!r}"
        raise InputError(msg)
    if not exists(path):
        msg = f"{what} must be an existing file, got {str(path)!r}"
        raise InputError(msg)
    separator, decimal = _marks(what, Path(path))
    frame, digest = read_with_digest(path, how=FileLayout(separator, sheets=tuple(sheets), has_design=False))
    columns = {str(name): frame[name].to_numpy() for name in frame.columns if str(name) not in set(ignore)}
    ignored = tuple(str(name) for name in frame.columns if str(name) in set(ignore))
    reading = frame.attrs["reading"]
    sheets = (*([reading["sheet"]] if reading["sheet"] else []), *reading["other_sheets"])
    separator = separator if Path(path).suffix.casefold() == ".csv" else ""
    return DrawTable(
        *(str(path), columns, len(frame), digest, separator, decimal, sheets),
        ignored=ignored,
        hidden_rows=reading["hidden_rows"],
        stack_chains=stack_chains,
    )


def _marks(what: str, path: Path) -> tuple[str, str]:
    """Return what separates the cells of a CSV file, and its decimal mark."""
    if path.suffix.casefold() != ".csv":
        return ",", "."
    text = file_bytes(what, path, at_most=TABLE_BYTES).decode("utf-8-sig", errors="replace")
    header, *lines = io.StringIO(text, newline="") if text else [""]
    if lines and header.casefold().strip('"').startswith("sep="):  # Excel's own first line
        header, *lines = lines
    # The first that divides the header: a name in quotes may hold another.
    separator = next((each for each in _SEPARATORS if _divides(header, each)), _SEPARATORS[0])
    body = "".join(lines)
    return separator, "," if separator == ";" and "," in body and "." not in body else "."


def _divides(header: str, separator: str) -> bool:
    try:
        return len(next(csv.reader([header], delimiter=separator), [])) > 1
    except csv.Error:  # told where the whole file is read
        return False


def read_tables(
    path: str | Path,
    style: str,
    others: tuple[str | Path | None, str | Path | None],
    ignore: Sequence[str],
    *,
    stack_chains: bool,
) -> tuple[DrawPart, str]:
    """Return what one to three tables hold, and the digest of the first."""
    layout, (effects, parameters) = STYLES[style], others
    opened = partial(_table, ignore=ignore, stack_chains=stack_chains)
    table = opened("path", path, sheets=layout.sheets[:1] if effects is None else ())
    if effects is not None:
        other = opened("effects", effects)
        part = _of_two(table, other)
    else:
        part = (_of_long if layout.strategy else _of_wide)(table, style)
    table.refuse()
    read = [table] if effects is None else [table, other]
    if parameters is None and layout.sheets and set(layout.sheets) <= set(table.sheets):
        parameters = path  # a workbook of the package's own has both
    if parameters is not None:
        read.append(opened("parameters", parameters, sheets=layout.sheets[1:]))
        part = _with_parameters(part, read[-1], layout)
    known = [name for each in read for name in (*each.ignored, *each.columns)]
    for name in ignore:
        if name not in known:
            table.fault([], f"ignore must name columns of the file, got {name!r}{near(name, known)}")
    table.refuse()
    for each in read:
        each.warn()
    return part, table.digest


def _label_columns(table: DrawTable, *names_of_draws: str) -> list[str]:
    """Return the columns that label the draws of a wide table."""
    own = [name for name in (*names_of_draws, "draw") if name in table.columns]
    first = next(iter(table.columns), None)
    names = own[:1] or [
        name
        for name in table.columns
        if name == _PANDAS_INDEX or (name in ROW_NAMES and name == first and not _has_decimals(table, name))
    ]
    labels = ([CHAIN] if CHAIN in table.columns else []) + names
    for name in table.columns:
        like = next((each for each in (*names_of_draws, "draw", CHAIN) if is_like(name, each)), None)
        if like is not None and name not in labels:
            rule = f"must have the name {like!r} if it tells the {CHAIN if like == CHAIN else 'draw'} of a row"
            table.fault(name, f"{rule}: rename it, also if it is a parameter, or leave it out by ignore")
    return labels


def is_like(name: str, label: str) -> bool:
    """Tell whether a name is that of a label of draws but for case or the dot that R's posterior puts first."""
    return name != label and name.strip().lstrip(".").casefold() == label.casefold()


def _has_decimals(table: DrawTable, name: str) -> bool:
    """Tell whether a column holds numbers and not all of them whole: a parameter, and no names of rows."""
    values, wrong = numbers(table.columns[name], decimal=table.decimal)
    return not wrong.any() and not bool((values == np.round(values)).all())


def _draw_labels(table: DrawTable, names: list[str]) -> list[str] | None:
    """Return the labels of the draws; None where there are none."""
    own = [name for name in names if name != CHAIN]
    full = table.chained(table.labels(own[0]) if own else [""] * table.rows)
    if not own:
        return None
    summaries = np.array([label.strip(" :.").casefold() in _SUMMARIES for label in full])
    table.fault(names, "must label draws, got the name of a summary of them: take its row out", summaries)
    again = np.ones(len(full), dtype=bool)
    again[np.unique(full, return_index=True)[1]] = False
    table.fault(names, "must tell every draw apart, got a label again", again)
    return full


def _unread(table: DrawTable) -> str:
    """Return the sheets of a workbook that were not read, where the one that was is not that of the draws."""
    first, *others = table.sheets or ("",)
    if not others:
        return ""
    return f"; read was sheet {first!r}, and not {', '.join(map(repr, others))}: move that of the draws to the front"


def _of_wide(table: DrawTable, style: str) -> DrawPart:
    """Return what a wide table holds."""
    layout = STYLES[style]
    begins = {"cost": f"{layout.cost}.", "effect": f"{layout.effect}."}
    found = {
        kind: {name[len(begin) :]: name for name in table.columns if name.startswith(begin) and name != begin}
        for kind, begin in begins.items()
    }
    if not found["cost"] or not found["effect"]:
        wanted = " and ".join(f"{begin}NAME" for begin in begins.values())
        table.fault(
            [],
            f"must have columns {wanted} for each strategy, got {_names(table)}{_other_style(table, style)}"
            f"{_unread(table)}",
        )
        table.refuse()
    names = list(found["effect" if layout.effects_first else "cost"])
    for kind, other in (("cost", "effect"), ("effect", "cost")):
        for name in found[kind]:
            if name not in found[other]:
                rule = f"must have its {other}s in a column {begins[other] + name!r}; a parameter has another name"
                table.fault(found[kind][name], rule)
    table.refuse()
    labels = _label_columns(table, layout.draw)
    aside = {*found["cost"].values(), *found["effect"].values(), *labels}
    rest = [name for name in table.columns if name not in aside]
    for name in rest:
        begin = next((begin for begin in begins.values() if name.casefold().startswith(begin)), None)
        if begin is not None:
            rule = f"must begin with {begin!r} in small letters if it is of a strategy"
            table.fault(name, f"{rule}: rename it, also if it is a parameter, or leave it out by ignore")
    part = DrawPart(
        {name: table.numbers(found["cost"][name]) for name in names},
        {name: table.numbers(found["effect"][name]) for name in names},
        {name: table.numbers(name) for name in rest},
        _draw_labels(table, labels),
    )
    table.refuse()
    return part


def _names(table: DrawTable) -> str:
    return first_of(map(repr, table.columns), 8)


def _other_style(table: DrawTable, style: str) -> str:
    """Return the hint that another style fits, if one does."""
    fits = [name for name, layout in STYLES.items() if name != style and _fits(table, layout)]
    return f"; style={fits[0]!r} has such" if fits else ""


def _fits(table: DrawTable, layout: Layout) -> bool:
    if layout.strategy:
        return {layout.cost, layout.effect, layout.strategy, layout.draw} <= set(table.columns)
    return all(any(name.startswith(f"{begin}.") for name in table.columns) for begin in (layout.cost, layout.effect))


def _of_two(costs: DrawTable, effects: DrawTable) -> DrawPart:
    """Return what a table of costs and one of effects hold, each with a column per strategy."""
    found, labels = [], []
    for table in (costs, effects):
        own = _label_columns(table, "draw")
        labels.append(_draw_labels(table, own))
        found.append({name: table.numbers(name) for name in table.columns if name not in own})
        table.refuse()
    if set(found[0]) != set(found[1]):
        only = [name for name in (*found[0], *found[1]) if (name in found[0]) != (name in found[1])]
        rule = f"must be a strategy in the file of the costs and in that of the effects, {effects.name!r}"
        costs.fault(only, f"{rule}: give both one name, or leave a column out by ignore")
    costs.refuse()
    unnamed = all(each is None or counts(each) for each in labels)
    for name, values in found[0].items() if unnamed else ():
        if _numbers_rows(values, found[1][name]):
            rule = "must hold costs, got the same whole numbers, each once, here and in the file of the effects"
            costs.fault(name, f"{rule}: if they label the draws, name it draw in every file, or leave it out by ignore")
    costs.refuse()
    order = _order(effects, labels[0], labels[1], costs.rows, "costs")
    return DrawPart(found[0], {name: found[1][name][order] for name in found[0]}, {}, labels[0])


def _numbers_rows(values: Floats, others: Floats) -> bool:
    """Tell whether numbers are those of rows in two files: whole and each once, in any order; counts, or the same."""
    one, other = np.sort(values), np.sort(others)
    whole = all(each.size > 1 and np.array_equal(each, np.round(each)) for each in (one, other))
    count = all(bool((np.diff(each) == 1).all()) for each in (one, other))
    return whole and (count or (np.array_equal(one, other) and bool((np.diff(one) > 0).all())))


def _with_parameters(part: DrawPart, table: DrawTable, layout: Layout) -> DrawPart:
    """Return draws with the parameters of a file of their own."""
    own = _label_columns(table, layout.draw, layout.parameter_draw)
    labels = _draw_labels(table, own)
    found = {name: table.numbers(name) for name in table.columns if name not in own}
    for name in found:
        if name in part.parameters:
            table.fault(name, "must be a parameter in one file, got it in that of the draws too")
    table.refuse()
    order = _order(table, part.draws, labels, len(next(iter(part.cost.values()))), "draws")
    return DrawPart(
        part.cost, part.effect, part.parameters | {name: each[order] for name, each in found.items()}, part.draws
    )


def _order(
    table: DrawTable, wanted: list[str] | None, labels: list[str] | None, rows: int, what: str
) -> NDArray[np.intp]:
    """Return the rows of a table in the order of the draws, or refuse it."""
    if table.rows != rows:
        table.fault([], f"must have as many rows as the file of the {what}, {rows}, got {table.rows}")
    elif all(each is None or counts(each) for each in (wanted, labels)):
        return np.arange(rows)
    elif wanted is None or labels is None:
        table.fault([], f"must label its draws as the file of the {what} does: a column draw in both, or in neither")
    elif set(wanted) != set(labels):
        lacking = [label for label in wanted if label not in set(labels)]
        table.fault("draw", f"must have the draws of the file of the {what}, and lacks {first_of(lacking)}")
    table.refuse()
    place = {label: row for row, label in enumerate(labels or ())}
    return np.array([place[label] for label in wanted or ()])


def _of_long(table: DrawTable, style: str) -> DrawPart:
    """Return what a long table holds: a row per draw and strategy."""
    layout = STYLES[style]
    needed = [layout.draw, layout.strategy, layout.cost, layout.effect]
    lacking = [name for name in needed if name not in table.columns]
    if lacking:
        wanted = f"must have the columns {', '.join(needed)}, and lacks {', '.join(lacking)}, got {_names(table)}"
        own = [name for name in layout.sheets[:1] if table.sheets and name not in table.sheets]
        hint = (
            f"; a workbook of {style} has them in a sheet {own[0]!r}"
            if own
            else _other_style(table, style) + _unread(table)
        )
        table.fault([], f"{wanted}{hint}")
        table.refuse()
    for name in layout.single:
        if name in table.columns and len(set(table.labels(name))) > 1:
            rule = f"must have one value in the file, got {len(set(table.labels(name)))}: write the rows of one of them"
            table.fault(name, rule)
    arms, labels = table.labels(layout.strategy), table.chained(table.labels(layout.draw))
    aside = {*needed, CHAIN, *layout.single, *layout.aside}
    rest = [name for name in table.columns if name not in aside and not name.startswith(layout.aside_begins)]
    columns = {name: table.numbers(name) for name in (layout.cost, layout.effect, *rest)}
    table.refuse()
    names, order = list(dict.fromkeys(arms)), list(dict.fromkeys(labels))
    place = _places(table, (layout.draw, layout.strategy), (labels, order), (arms, names))
    wide = {name: values[place] for name, values in columns.items()}
    for name in rest:
        differs = np.zeros(table.rows, dtype=bool)
        differs[place[(wide[name] != wide[name][:, :1]).any(axis=1)].ravel()] = True
        table.fault(name, "must have one value per draw, as a parameter has: leave it out by ignore", differs)
    table.refuse()
    costs, effects = (
        {name: wide[kind][:, at] for at, name in enumerate(names)} for kind in (layout.cost, layout.effect)
    )
    return DrawPart(costs, effects, {name: wide[name][:, 0] for name in rest}, order)


def _places(
    table: DrawTable, names: tuple[str, str], draws: tuple[list[str], list[str]], arms: tuple[list[str], list[str]]
) -> NDArray[np.intp]:
    """Return the row of each draw and strategy, or refuse a table in which one stands twice or is missing."""
    of_draw, of_arm = ({label: at for at, label in enumerate(order)} for _, order in (draws, arms))
    place = np.full((len(of_draw), len(of_arm)), -1)
    again = np.zeros(table.rows, dtype=bool)
    for row, (draw, arm) in enumerate(zip(draws[0], arms[0], strict=True)):
        at = of_draw[draw], of_arm[arm]
        again[row] = place[at] >= 0
        place[at] = row
    table.fault(names, "must have one row for every draw and strategy, got a pair again", again)
    lacking = [f"{draws[1][draw]} of {arms[1][arm]!r}" for draw, arm in np.argwhere(place < 0)]
    if lacking:
        table.fault(names, f"must have a row for every draw and strategy, and lacks draw {first_of(lacking)}")
    table.refuse()
    return place
