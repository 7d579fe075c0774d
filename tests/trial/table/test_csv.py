"""CSV text as trial groups keep it: no row is lost to a quote, a cut or a paste, and legal remarks pass."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hecon.errors import InputError
from hecon.trial.table.file_readers import FileLayout, read_csv

MARKER = "marker-7316"
NAMES = ("id", "arm", "cost")
PLACES = {"first": 0, "middle": 2, "last": 3}
SEPARATORS = (";", ",", "\t")


def text_of(remarks, *, place="middle", separator=","):
    """Return a table with numbers and one remark per row, each as it stands in the file."""
    lines = []
    for number, remark in enumerate(["remark", *remarks]):
        cells = list(NAMES) if number == 0 else [str(number), str(number % 2), f"{number}.5"]
        cells.insert(PLACES[place], remark)
        lines.append(separator.join(cells))
    return "\n".join(lines) + "\n"


def read(text, separator=","):
    return read_csv(text if isinstance(text, bytes) else text.encode(), "trial.csv", FileLayout(separator))


def refused(text, separator=","):
    with pytest.raises(InputError) as caught:
        read(text, separator)
    assert MARKER not in str(caught.value)
    return str(caught.value)


def is_whole(table, count):
    """Return whether every row of `text_of` is there with its numbers."""
    expected = {
        "id": [str(number) for number in range(1, count + 1)],
        "arm": [str(number % 2) for number in range(1, count + 1)],
        "cost": [f"{number}.5" for number in range(1, count + 1)],
    }
    return {name: table.frame[name].tolist() for name in NAMES} == expected


# Quotes ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("separator", SEPARATORS)
@pytest.mark.parametrize("last", [4, 5, 9])
def test_a_stray_quote_swallows_no_rows(place, separator, last):
    """The quote of a later remark closes it, in a cell that is legal by the letter."""
    remarks = [MARKER] * 12
    remarks[2], remarks[last - 1] = '"fell on the stairs', 'tripped"'

    assert refused(text_of(remarks, place=place, separator=separator), separator) == (
        "table must have one row per line, or a line break inside a cell in quotes: row 3 "
        f"(lines 4 to {last + 1} of the file) could be several rows, by the separators inside its cell in column "
        f"{PLACES[place] + 1}; rows are counted below the header. Remove a stray quote there, or the line breaks "
        "inside the cell"
    )


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("separator", SEPARATORS)
@pytest.mark.parametrize(
    ("later", "fault"),
    [
        ("fine", "a quote that opens a cell and is never closed, which runs on to line 13"),
        ('said "ouch', "text after the quote that closes a cell, which runs on to line 9"),
        ('said "ouch"', "text after the quote that closes a cell, which runs on to line 9"),
        ('"fell again', "text after the quote that closes a cell, which runs on to line 9"),
    ],
)
def test_a_quote_without_its_other_is_refused_where_it_opens(place, separator, later, fault):
    remarks = [MARKER] * 12
    remarks[2], remarks[7] = '"fell on the stairs', later

    assert refused(text_of(remarks, place=place, separator=separator), separator) == (
        f"table must be sound CSV text, got in row 3 (line 4 of the file), column {PLACES[place] + 1}, {fault}; rows "
        "are counted below the header. Remove a stray quote; inside a cell in quotes write each of its own quotes twice"
    )


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("separator", SEPARATORS)
@pytest.mark.parametrize(
    "remark",
    [
        "fell\nwent home",
        "fell\n\nwent home",
        "one; two, three\tfour\nfive",
        'said "ouch"\r\nand "ow"\nthen left',
        '5" nail',
        "\nfell",
        "fell\n",
    ],
)
@pytest.mark.no_cover
def test_a_legal_remark_passes(place, separator, remark):
    """As a program writes it, over one, two or three lines."""
    quoted = '"' + remark.replace('"', '""') + '"' if "\n" in remark else remark
    found = read(text_of(["well", quoted, "well"], place=place, separator=separator), separator)

    assert is_whole(found, 3)
    assert found.frame["remark"].tolist() == ["well", remark, "well"]


@pytest.mark.parametrize("place", PLACES)
def test_the_remedy_of_a_stray_quote_works(place):
    remarks = ["well"] * 6
    remarks[1], remarks[4] = '"fell on the stairs', 'tripped"'
    refused(text_of(remarks, place=place))
    doubled = ['"""fell on the stairs"' if remark.startswith('"') else remark for remark in remarks]

    for mended in (doubled, [remark.replace('"', "") for remark in remarks]):
        assert is_whole(read(text_of(mended, place=place)), 6)


@pytest.mark.parametrize(
    "text",
    [
        # Another cell of the row holds the separator: split plainly, the line has more cells than the header.
        'id,a,b,c\n1,"hurt, badly","oops,5\n2,fine,y",6\n3,,,7\n',
        # The swallowed row goes on over a line break of its own.
        'id,a,b,c\n1,"oops,z,5\n2,x","over\nlines",6\n',
        # A blank line stands between the rows.
        'id,b,c\n1,"oops,5\n\n3,x",7\n',
        # A remark over two lines ends in a quote too many, or begins with one.
        'id,b,c,d\n1,"a\nb"",5,6\n2,x",7,8\n',
        'id,b,c,d\n1,"oops,5,6\n2,""a\nb",7,8\n',
        # A line inside the cell could be a row, between two that were cut.
        'id,b,c\n1,"oops\n2,x,5\ny",7\n',
        # The header swallows the first patient.
        'id,"b,c\n1,x",5\n2,y,6\n',
    ],
)
def test_rows_that_a_quote_may_have_joined_are_refused(text):
    assert "could be several rows" in refused(text)


def test_a_row_over_several_lines_with_other_cells_is_refused_as_such():
    message = refused('id,b,c\n1,x,5\n2,"oops,6\n3,y"\n4,z,7\n')

    assert "row 2 (lines 3 to 4 of the file) has 2 cells, and the header 3" in message


@pytest.mark.parametrize("cell", ['"' + "x" * 140_000 + '"', "x" * 140_000])
def test_a_cell_beyond_the_limit_of_csv_is_told(cell):
    assert "row 1 (line 2 of the file), column 2, a cell of more than 131,072 characters; rows" in refused(
        f"id,b\n1,{cell}\n"
    )


def test_a_name_over_two_lines_is_legal():
    assert read('id,"arm\n(0 or 1)"\n1,0\n').frame.columns.tolist() == ["id", "arm\n(0 or 1)"]


REMARKS = st.one_of(
    st.sampled_from(["", "fell", "5 cm", "a, b; c", 'said "ow"', "one\ntwo", "one\n\ntwo, three", "\n", '"', "it's"]),
    st.text(st.sampled_from('ab,;"\n '), max_size=8),
)


@pytest.mark.slow
@given(
    remarks=st.lists(REMARKS, min_size=2, max_size=8),
    place=st.sampled_from(sorted(PLACES)),
    separator=st.sampled_from(SEPARATORS),
    lone=st.booleans(),
    data=st.data(),
)
def test_stray_quotes_are_refused_or_do_no_harm(remarks, place, separator, lone, data):
    """One or two quotes, anywhere in a column of text that a program or a hand wrote: no number is lost or moved."""
    if lone:  # written without any quoting, as by hand
        written = ["".join(each for each in remark if each not in f'{separator}"\n') for remark in remarks]
    else:
        written = [quoted(remark, separator) for remark in remarks]
    for _ in range(data.draw(st.integers(1, 2))):
        row = data.draw(st.integers(0, len(written) - 1))
        at = data.draw(st.integers(0, len(written[row])))
        written[row] = f'{written[row][:at]}"{written[row][at:]}'
    try:
        found = read(text_of(written, place=place, separator=separator), separator)
    except InputError:
        return

    assert is_whole(found, len(remarks))


def quoted(remark, separator):
    """Return a remark as csv writes it."""
    out = io.StringIO()
    csv.writer(out, delimiter=separator, lineterminator="").writerow([remark, ""])
    return out.getvalue().removesuffix(separator)


# Files that were cut, pasted or damaged -------------------------------------------------------------------------------

SOUND = "id,arm,remark\n1,0,x\n2,1,y\n"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (SOUND + "3,1\n", "got others in row 3 (line 4)"),
        (SOUND + "3,1", "got others in row 3 (line 4)"),
        (SOUND + "\n3,0,x\n", "got others in row 3 (line 4), counted below"),
        (SOUND + "\n3,0,x\n", "Remove blank lines"),
        (SOUND + SOUND, "got them again in row 3 (line 4 of the file)"),
        (SOUND + "\ufeff" + SOUND, "got in line 4 of the file a byte order mark: were files pasted together?"),
        ("\ufeff\ufeff" + SOUND, "got in line 1 of the file a byte order mark"),
        (SOUND + "\x1a", "got in line 4 of the file the end-of-file character of DOS"),
        (SOUND + "3,0,\0\n", "got in line 4 of the file a NUL character"),
        (SOUND.replace("x", "a\rb"), "got others in row 2 (line 3)"),
        (SOUND.replace("\n", "\r\r\n"), "Remove blank lines"),
        ("\n" + SOUND, "got no name in the header (line 1 of the file)"),
        (SOUND.replace("remark\n", "remark,\n"), "got others in row 1 (line 2), 2 (line 3)"),
        (SOUND.encode("utf-16"), "'trial.csv' is in UTF-16 (Excel's Unicode Text): save it so"),
        (SOUND.encode("utf-16-le"), "a NUL character: the file is damaged, or not in UTF-8"),
        ((SOUND + "3,0,\xe9\n").encode("latin-1"), "'trial.csv' is not, as line 4 shows: save it so"),
        ('"id";"arm"\n1;0\n', "its header has ';' between them"),
    ],
)
def test_a_file_that_was_cut_pasted_or_damaged_is_refused(text, words):
    assert words in refused(text)


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_every_kind_of_line_end_is_read(end):
    assert read(SOUND.replace("\n", end)).frame.to_numpy().tolist() == [["1", "0", "x"], ["2", "1", "y"]]


def test_mixed_line_ends_are_read():
    assert len(read("id,arm,remark\r\n1,0,x\r2,1,y\n3,0,z").frame) == 3


def test_a_table_of_too_many_cells_is_refused(monkeypatch):
    monkeypatch.setattr("hecon.trial.table.file_readers.MOST_CELLS", 5)

    assert refused(SOUND) == "table must have at most 5 cells, got 2 rows of 3 columns"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (SOUND, {}),
        (SOUND.removesuffix("\n"), {"open_end": True}),
        (SOUND + ",,\n\n", {"empty_rows": 2}),
        (SOUND.replace("\n", ",,\n"), {"empty_columns": 2}),
        ("sep=;\n" + SOUND.replace(",", ";"), {"separator": ";"}),
    ],
)
def test_what_was_read_and_left_out_is_told(text, expected):
    found = read(text).reading(".csv")

    assert (
        found
        == {
            "kind": ".csv",
            "rows": 2,
            "columns": 3,
            "sheet": None,
            "other_sheets": (),
            "separator": ",",
            "encoding": None,
            "rows_above": 0,
            "empty_rows": 0,
            "empty_columns": 0,
            "hidden_rows": 0,
            "open_end": False,
        }
        | expected
    )


def test_row_names_without_a_name_of_their_own_stay():
    """As R writes them."""
    assert read('"","id"\n"1",7\n').frame.columns.tolist() == ["", "id"]
