"""CSV files whose cells another mark separates, as a Dutch Excel writes them."""

from __future__ import annotations

import pytest
from trial_tables import wide_design

from hecon.errors import InputError
from hecon.trial.table.reading import read_table

MARKER = "marker-7316"


def refused(path, *, design=None):
    """Return the message with which reading is refused, which tells no cell."""
    with pytest.raises(InputError) as caught:
        read_table(path, design=design)
    assert MARKER not in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize(("mark", "design", "told"), [(";", None, ";"), ("\t", None, "\\t"), (",", wide_design(), ",")])
@pytest.mark.parametrize("cells", ["1,5", "1;5", "15"])
def test_a_header_that_another_separator_parts_is_told_by_its_remedy(tmp_path, mark, design, told, cells):
    """Alone, and not by the rows, which decimal commas part."""
    path = tmp_path / "trial.csv"
    path.write_text(mark.join("abc") + f"\n{MARKER}{mark}{cells}{mark}{cells}\n" * 12)

    assert refused(path, design=design) == (
        f"table must have its cells separated by {';' if design else ','!r}, and its header has {mark!r} between them: "
        f'say separator = "{told}" in the design\'s [table]'
    )


@pytest.mark.parametrize("first", ["sep=;", "SEP=;", '"sep=;"', "\ufeffsep=;"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_a_first_line_with_the_separator_is_understood(tmp_path, first, end):
    """As Excel writes and reads it; it is no row."""
    path = tmp_path / "trial.csv"
    path.write_bytes(f"{first}{end}a;b{end}1;2,5{end}".encode())
    found = read_table(path)

    assert found.columns.tolist() == ["a", "b"]
    assert found.to_numpy().tolist() == [["1", "2,5"]]


@pytest.mark.parametrize(("text", "remedy"), [("a;b\n1;2\n", "mend its first line"), ("a,b\n1\n", "as its first line")])
def test_a_first_line_with_another_separator_is_told(tmp_path, text, remedy):
    path = tmp_path / "trial.csv"
    path.write_text(f"sep=,\n{text}")

    assert remedy in refused(path, design=wide_design())
