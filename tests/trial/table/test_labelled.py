"""Files that say more than their cells: labels of values, what is declared missing, and how many rows there are."""

from __future__ import annotations

import hashlib
import struct

import numpy as np
import pandas as pd
import pyreadstat
import pytest

from hecon.errors import InputError
from hecon.trial.table.reading import read_table, read_with_digest

LABELS = {"arm": {0: "surgery", 1: "exercise"}, "age": {999: "unknown", 40: "forty"}, "place": {"a": "Utrecht"}}


def table_of(count=60):
    rng = np.random.default_rng(1)
    return pd.DataFrame({"id": np.arange(count), "arm": np.arange(count) % 2, "cost": rng.gamma(2, 400, count)})


def refused(path):
    with pytest.raises(InputError) as caught:
        read_table(path)
    return str(caught.value)


# Labels and what is declared missing ----------------------------------------------------------------------------------


def test_spss_tells_labels_and_what_is_declared_missing(tmp_path):
    """A label of a value that the file declares missing is none of a value in the table."""
    path = tmp_path / "trial.sav"
    table = pd.DataFrame(
        {"arm": [0.0, 1, 1, 1], "age": [40.0, 98, 999, np.nan], "place": ["a", "zz", "b", ""], "free": [1.0, 2, 3, 4]}
    )
    missing = {"age": [{"lo": 98, "hi": 99}, 999], "place": ["zz"], "free": [7]}
    pyreadstat.write_sav(table, str(path), variable_value_labels=LABELS, missing_ranges=missing)
    found = read_table(path)

    assert found.attrs["value_labels"] == {
        "arm": {0: "surgery", 1: "exercise"},
        "age": {40: "forty"},
        "place": {"a": "Utrecht"},
    }
    assert found.attrs["declared_missing"] == {"age": 2, "place": 1}
    assert found["age"].isna().tolist() == [False, True, True, True]
    assert {type(code) for labels in found.attrs["value_labels"].values() for code in labels} <= {int, float, str}


def test_stata_tells_labels_and_what_is_declared_missing(tmp_path):
    """Of .a and "." only the first is declared."""
    path = tmp_path / "trial.dta"
    table = pd.DataFrame({"arm": [0, 1, 1, 1], "age": [40.0, "a", np.nan, 41.0], "free": [1.0, np.nan, 2.0, 3.0]})
    pyreadstat.write_dta(
        table,
        str(path),
        variable_value_labels={"arm": LABELS["arm"], "age": {"a": "refused"}},
        missing_user_values={"age": ["a"]},
    )
    found = read_table(path)

    assert found.attrs["value_labels"] == {"arm": {0: "surgery", 1: "exercise"}}
    assert found.attrs["declared_missing"] == {"age": 1}
    assert found["age"].isna().tolist() == [False, True, True, False]
    assert {type(code) for code in found.attrs["value_labels"]["arm"]} == {int}


@pytest.mark.parametrize("version", [114, 117, 118])
def test_every_format_of_stata_tells_its_labels(tmp_path, version):
    path = tmp_path / "trial.dta"
    table = table_of().astype({"arm": "category"})
    table["arm"] = table["arm"].cat.rename_categories({0: "surgery", 1: "exercise"})
    table.to_stata(path, write_index=False, version=version)
    found = read_table(path)

    assert found.attrs["value_labels"] == {"arm": {0: "surgery", 1: "exercise"}}
    assert found["arm"].tolist() == table_of()["arm"].tolist()


def test_files_without_labels_tell_none(tmp_path):
    for name in ("trial.sav", "trial.dta", "trial.parquet", "trial.csv"):
        path = tmp_path / name
        written(table_of(), path)
        found = read_table(path)

        assert found.attrs["value_labels"] == found.attrs["declared_missing"] == {}
        assert found.attrs["reading"]["kind"] == path.suffix
        assert (found.attrs["reading"]["rows"], found.attrs["reading"]["columns"]) == (60, 3)


def written(table, path):
    if path.suffix == ".sav":
        pyreadstat.write_sav(table, str(path))
    elif path.suffix == ".dta":
        table.to_stata(path, write_index=False)
    elif path.suffix == ".parquet":
        table.to_parquet(path)
    else:
        table.to_csv(path, index=False)
    return path


def test_categories_of_parquet_are_their_labels_as_text(tmp_path):
    path = tmp_path / "trial.parquet"
    table = table_of(4).assign(arm=pd.Categorical(["new", "usual", None, "new"], categories=["usual", "new", "no"]))
    table.to_parquet(path)
    found = read_table(path)["arm"]

    assert found.dtype == object
    assert found.tolist()[:2] == ["new", "usual"]
    assert found.isna().tolist() == [False, False, True, False]


# Files that lie about their rows --------------------------------------------------------------------------------------


@pytest.mark.parametrize("form", [{}, {"row_compress": True}, {"compress": True}])
@pytest.mark.parametrize("said", [30, 59, 61, 120])
def test_spss_with_another_number_of_rows_is_refused(tmp_path, form, said):
    """The library leaves out what is beyond that number, without a word."""
    path = tmp_path / "trial.sav"
    pyreadstat.write_sav(table_of(), str(path), **form)
    assert len(read_table(path)) == 60
    content = path.read_bytes()
    path.write_bytes(content[:80] + struct.pack("<i", said) + content[84:])
    other = f"table must hold the {said} rows that its file says, and it holds another number of them: export it again"

    assert refused(path) == (
        other if said < 60 else f"table must be a sound .sav file, and this one cannot be read: {str(path)!r}"
    )


def test_spss_without_a_number_of_rows_is_refused_with_a_remedy_that_works(tmp_path):
    path = tmp_path / "trial.sav"
    content = written(table_of(), path).read_bytes()
    path.write_bytes(content[:80] + struct.pack("<i", -1) + content[84:])

    assert "says how many rows it has, and this one does not" in refused(path)
    written(table_of(), path)
    assert len(read_table(path)) == 60


@pytest.mark.parametrize("version", [114, 117, 118])
@pytest.mark.parametrize("labelled", [False, True])
@pytest.mark.parametrize("said", [30, 61])
def test_stata_with_another_number_of_rows_is_refused(tmp_path, version, labelled, said):
    path = tmp_path / "trial.dta"
    table = table_of()
    if labelled:
        table["arm"] = pd.Categorical(np.where(table["arm"] == 0, "surgery", "exercise"))
    table.to_stata(path, write_index=False, version=version)
    content = bytearray(path.read_bytes())
    at = content.find(b"<N>") + 3 if version > 114 else 6
    content[at : at + 4] = struct.pack("<i", said)
    path.write_bytes(content)

    assert refused(path).startswith((f"table must hold the {said} rows", "table must be a sound .dta file"))


def test_stata_of_an_older_format_whose_rows_look_like_labels_is_refused(tmp_path):
    """Zeros after the rows that the header says may be taken for labels without any."""
    path = tmp_path / "trial.dta"
    pd.DataFrame({"x": np.zeros(400)}).to_stata(path, write_index=False, version=114)
    content = bytearray(path.read_bytes())
    content[6:10] = struct.pack("<i", 100)
    path.write_bytes(content)

    assert "table must hold the 100 rows that its file says, and it holds another number" in refused(path)


@pytest.mark.parametrize("suffix", [".sav", ".dta", ".parquet"])
@pytest.mark.parametrize("share", [0.6, 0.9, 0.99])
def test_a_file_that_was_cut_is_refused(tmp_path, suffix, share):
    path = written(table_of(), tmp_path / f"trial{suffix}")
    content = path.read_bytes()
    path.write_bytes(content[: int(len(content) * share)])

    assert refused(path).startswith(f"table must be a sound {suffix} file")


@pytest.mark.parametrize("suffix", [".sav", ".dta", ".parquet"])
def test_a_table_of_too_many_cells_is_refused_before_it_is_read(tmp_path, monkeypatch, suffix):
    path = written(table_of(), tmp_path / f"trial{suffix}")
    monkeypatch.setattr("hecon.trial.table.file_readers.MOST_CELLS", 100)

    assert refused(path) == "table must have at most 100 cells, got 60 rows of 3 columns"


def test_the_digest_is_that_of_the_bytes_that_were_read(tmp_path):
    path = written(table_of(), tmp_path / "trial.sav")

    assert read_with_digest(path)[1] == hashlib.sha256(path.read_bytes()).hexdigest()
