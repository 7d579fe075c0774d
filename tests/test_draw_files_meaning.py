"""Draws from files: what would pass without a word, and change what numbers mean."""

from __future__ import annotations

import openpyxl
import pandas as pd
import pytest
import xarray as xr

import hecon
from hecon.errors import DrawsError, InputError, StatisticalWarning

TOLD = {"currency": "GBP", "effect_unit": "QALY"}
MADE = hecon.from_arrays(
    [[100.0, 300]], [[1.0, 1.5]], strategies=["usual care", "exercise"], comparator="usual care", **TOLD
)


def read(path, **options):
    return hecon.read_draws(path, **(TOLD | options))


@pytest.fixture
def file(tmp_path):
    """Return what writes a text file."""

    def write(text, name="model.csv"):
        (tmp_path / name).write_text(text, encoding="utf-8", newline="")
        return tmp_path / name

    return write


@pytest.mark.parametrize("name", ["iteration", "id", "Unnamed: 0"])
def test_numbered_rows_are_no_strategy(file, name):
    """Else a strategy of its own, with the number of a draw for its cost and its effect, and draws paired by place."""
    costs, effects = file(f"{name},A\n1,5\n2,7\n", "costs.csv"), file(f"{name},A\n2,0.5\n1,0.7\n", "effects.csv")
    with pytest.raises(DrawsError, match=f"column '{name}': must hold costs, got the same whole numbers"):
        read(costs, effects=effects)

    assert read(costs, effects=effects, ignore=[name])[0]["strategy"].to_numpy().tolist() == ["A"]
    named = [file(path.read_text().replace(name, "draw"), path.name) for path in (costs, effects)]
    assert read(named[0], effects=named[1])[0]["effect"].to_numpy().tolist() == [[0.7], [0.5]]


def test_labels_that_count_match_those_in_another_order(file):
    costs = file("draw,A\n1,5\n2,7\n3,9\n", "costs.csv")
    parameters = file("draw,p\n3,0.3\n1,0.1\n2,0.2\n", "parameters.csv")
    found, beside = read(costs, effects=file("draw,A\n2,20\n1,10\n3,30\n", "effects.csv"), parameters=parameters)

    assert found["effect"].to_numpy().ravel().tolist() == [10, 20, 30]
    assert beside["p"].tolist() == [0.1, 0.2, 0.3]
    assert "draw" not in found.coords


@pytest.mark.parametrize("name", ["Cost.C", "EFFECT.C"])
def test_a_strategy_in_capitals_is_no_parameter(file, name):
    path = file(f"cost.A,effect.A,{name}\n1,2,3\n")
    begin = name[:-1].lower()

    rule = f"must begin with '{begin}' in small letters if it is of a strategy"
    with pytest.raises(DrawsError) as caught:
        read(path)

    remedy = "rename it, also if it is a parameter, or leave it out by ignore"
    assert str(caught.value).splitlines()[1:] == [f"  column '{name}': {rule}: {remedy}"]
    assert read(path, ignore=[name])[1].empty


@pytest.mark.parametrize(
    ("text", "shown", "value"),
    [
        ("cost.A;effect.A\n12,345;0,5\n11,250;0,25\n", "a comma", "12,345 is 12.345"),
        ("cost.A;effect.A\n12.345;1\n11.250;0\n", "a point", "12.345 is 12.345"),
    ],
)
def test_decimals_that_could_be_thousands_are_told(file, text, shown, value):
    """As in a file that a Dutch Excel wrote."""
    with pytest.warns(
        StatisticalWarning,
        match=f"every number with {shown} in column 'cost.A' could be thousands and is read as decimals, as {value}",
    ):
        read(file(text))
    assert read(file(text.replace(",345", "345").replace(",250", "250").replace(".345", "345").replace(".250", "250")))[
        0
    ]["cost"].to_numpy().tolist() == [[12345], [11250]]


def test_decimal_commas_below_the_first_line_of_excel(file):
    path = file("sep=;\r\ncost.A;effect.A\r\n12,5;0,5\r\n", "model.csv")

    assert read(path)[0]["cost"].item() == 12.5


@pytest.mark.parametrize(
    ("said", "given_"),
    [
        ({"currency": "USD"}, "GBP"),
        ({"effect_unit": "DALY"}, "QALY"),
        ({"price_year": 2019}, 2024),
        ({"scale": "incremental"}, "absolute"),
        ({"discount_cost": 0.04}, 0.03),
    ],
)
def test_what_a_file_says_is_not_overruled(tmp_path, said, given_):
    """Else dollars would be pounds, and averted years gained."""
    (key, own), path = next(iter(said.items())), tmp_path / "model.nc"
    data = xr.Dataset(
        {name: (("draw", "strategy"), [[0.0, 1], [0, 2]]) for name in ("cost", "effect")},
        {"strategy": ["A", "B"]},
        {"comparator": "A", "currency": "GBP", "effect_unit": "QALY"} | said,
    )
    data.to_netcdf(path, engine="scipy")
    told_ = {key: given_}
    with pytest.raises(InputError) as caught:
        hecon.read_draws(path, **told_)

    assert str(caught.value) == (
        f"{key} must be that of the file, {own!r} in 'model.nc', got {given_!r}: correct the one that is wrong"
    )
    assert hecon.read_draws(path, **{key: own})[0].attrs[key] == own


def test_units_of_the_variables_of_a_file_count(tmp_path):
    path = tmp_path / "model.nc"
    variables = {
        name: (("draw", "strategy"), [[0.0, 1]], {"units": unit})
        for name, unit in (("cost", "USD"), ("effect", "DALY"))
    }
    xr.Dataset(variables, {"strategy": ["A", "B"]}).to_netcdf(path, engine="scipy")

    assert hecon.read_draws(path)[0].attrs["effect_better"] == "less"
    with pytest.raises(InputError, match=r"currency must be that of the file, 'USD' in 'model\.nc', got 'EUR'"):
        hecon.read_draws(path, currency="EUR")


def test_the_comparator_of_a_file_is_renamed_too(tmp_path):
    path = tmp_path / "model.nc"
    hecon.write_draws(MADE, path)

    assert read(path, strategies={"usual care": "now"})[0].attrs["comparator"] == "now"


@pytest.mark.parametrize("kind", [".csv", ".nc"])
def test_what_is_ignored_must_be_there(tmp_path, kind):
    path = tmp_path / f"model{kind}"
    hecon.write_draws(MADE, path, parameters=pd.DataFrame({"p.die": [0.1], "c_ward": [400.0]}))
    with pytest.raises(DrawsError, match=r"ignore must name .* of the file, got 'c_wards'; did you mean 'c_ward'\?"):
        read(path, ignore=["c_wards"])
    with pytest.raises(InputError, match=r"ignore must be a list of names, as in \['c_ward'\], got a text"):
        read(path, ignore="c_ward")
    assert list(read(path, ignore=["c_ward"])[1]) == ["p.die"]


def test_an_index_of_pandas_labels_draws(tmp_path):
    """A table of which rows were taken out keeps its index, and Parquet makes a column of that."""
    made = pd.DataFrame({"cost.A": [1.0, 2, 3], "effect.A": [4.0, 5, 6]}).iloc[[2, 0, 1]]
    made.to_parquet(tmp_path / "model.parquet")
    found, parameters = read(tmp_path / "model.parquet")

    assert found["draw"].to_numpy().tolist() == ["2", "0", "1"]
    assert parameters.columns.empty
    costs, effects = (
        pd.DataFrame({"A": values}, index=index) for values, index in (([1.0, 2], [7, 4]), ([4.0, 5], [4, 7]))
    )
    paths = [tmp_path / f"{name}.parquet" for name in ("costs", "effects")]
    for each, path in zip((costs, effects), paths, strict=True):
        each.to_parquet(path)
    both = read(paths[0], effects=paths[1])[0]
    assert both["strategy"].to_numpy().tolist() == ["A"]
    assert both["effect"].to_numpy().ravel().tolist() == [5, 4]


def test_a_column_without_a_name_is_no_parameter(tmp_path, file):
    rows = pd.DataFrame([[1.0, 2, 9]], columns=["cost.A", "effect.A", ""])
    rows.to_excel(tmp_path / "model.xlsx", index=False)
    for path in (tmp_path / "model.xlsx", file("cost.A,effect.A,\n1,2,9\n")):
        with pytest.raises(DrawsError, match="table: must have a name for every column, got none for that of place 3"):
            read(path)
        assert read(path, ignore=[""])[1].columns.empty


def test_text_in_excel_that_could_be_thousands_is_told(tmp_path):
    pd.DataFrame({"cost.A": ["12.345", "11.250"], "effect.A": [1, 2]}).to_excel(tmp_path / "model.xlsx", index=False)
    with pytest.warns(StatisticalWarning, match="every number with a point in column 'cost.A' could be thousands"):
        read(tmp_path / "model.xlsx")


@pytest.mark.parametrize("name", ["Draw", "DRAW", ".draw", "Chain", ".chain"])
def test_a_label_of_draws_by_another_name_is_no_parameter(file, name):
    """Else two chains are one, or draws are paired by place with those of a table whose column is named as it must."""
    own, parameters = file(f"{name},cost.A,effect.A\n2,1,2\n1,3,4\n"), file("draw,p\n1,5\n2,6\n", "parameters.csv")
    right = name.strip(".").lower()
    with pytest.raises(DrawsError, match=f"column '{name}': must have the name '{right}' if it tells the {right}"):
        read(own, parameters=parameters)

    assert read(own, ignore=[name])[1].columns.empty
    if right == "draw":
        assert read(file(own.read_text().replace(name, right)), parameters=parameters)[1]["p"].tolist() == [6, 5]


def test_a_first_column_named_x_is_a_parameter_if_it_has_decimals(file):
    assert read(file("X,cost.A,effect.A\n0.3,1,2\n0.4,3,4\n"))[1]["X"].tolist() == [0.3, 0.4]
    assert read(file("X,cost.A,effect.A\n4,1,2\n3,3,4\n"))[1].columns.empty


@pytest.mark.parametrize("labels", [["7", "2"], ["3", "9"]])
def test_the_same_whole_numbers_in_two_files_are_no_strategy(file, labels):
    one, other = labels
    costs, effects = file(f"id,A\n{one},5\n{other},7\n", "costs.csv"), file(f"id,A\n{other},.5\n{one},.7\n", "e.csv")
    with pytest.raises(DrawsError, match="column 'id': must hold costs, got the same whole numbers, each once, here"):
        read(costs, effects=effects)
    assert read(costs, effects=effects, ignore=["id"])[0]["strategy"].to_numpy().tolist() == ["A"]


@pytest.mark.parametrize("word", ["Mean", "Total:", "gemiddelde", "SD"])
def test_a_row_of_means_is_no_draw(file, word):
    path = file(f"draw,cost.A,effect.A\n1,1,2\n2,3,4\n{word},2,3\n")
    with pytest.raises(DrawsError, match="column 'draw', row 3: must label draws, got the name of a summary of them"):
        read(path)
    assert read(file(path.read_text().replace(f"{word},2,3\n", "")))[0].sizes["draw"] == 2


def test_labels_that_a_workbook_rounds_are_refused(tmp_path):
    """Excel holds 15 digits: two labels become one, or that of another draw."""
    table = pd.DataFrame({"draw": [9007199254740993, 2], "cost.A": [1, 2], "effect.A": [3, 4]})
    table.to_excel(tmp_path / "model.xlsx", index=False)
    with pytest.raises(DrawsError, match="column 'draw', row 1: must have labels in full, got a number so long that"):
        read(tmp_path / "model.xlsx")

    table.to_parquet(tmp_path / "model.parquet")
    table.astype({"draw": str}).to_excel(tmp_path / "text.xlsx", index=False)
    for name in ("model.parquet", "text.xlsx"):
        assert read(tmp_path / name)[0]["draw"].to_numpy().tolist() == ["9007199254740993", "2"]


def test_hidden_rows_of_a_workbook_are_told(tmp_path):
    book = openpyxl.Workbook()
    for row in (["cost.A", "effect.A"], [1, 2], [3, 4]):
        book.active.append(row)
    book.active.row_dimensions[3].hidden = True
    book.save(tmp_path / "model.xlsx")
    with pytest.warns(
        StatisticalWarning, match=r"1 of the rows are hidden in the workbook \(a filter\?\), and are read"
    ):
        assert read(tmp_path / "model.xlsx")[0].sizes["draw"] == 2


@pytest.mark.parametrize("ends", ["\r", "\r\n", "\n"])
def test_any_line_ends(file, ends):
    assert read(file(f"cost.A;effect.A{ends}1,5;2{ends}"))[0]["cost"].item() == 1.5


@pytest.mark.parametrize(
    ("text", "remedy"),
    [
        ("cost.A|effect.A\n1|2\n", "save it with commas, semicolons or tabs"),
        ("Model\ncost.A,effect.A\n1,2\n", "If the names stand in a lower line, take out what stands above them"),
        ("cost.A,effect.A\n1,2,3\n", "cells are separated by ',': as its header shows"),
    ],
)
def test_remedies_speak_of_no_design(file, text, remedy):
    """Draws have none."""
    with pytest.raises(InputError) as caught:
        read(file(text))
    assert remedy in str(caught.value)
    assert "design" not in str(caught.value)


@pytest.mark.parametrize("encoding", ["latin-1", "utf-16"])
def test_other_encodings_are_to_be_saved_as_utf8(tmp_path, encoding):
    (tmp_path / "model.csv").write_bytes("cost.é,effect.é\n1,2\n".encode(encoding))
    with pytest.raises(InputError, match=r"save it so \(in Excel: CSV UTF-8\)$"):
        read(tmp_path / "model.csv")


@pytest.mark.parametrize(("ignore", "got"), [(None, "None"), (5, "5")])
def test_what_is_ignored_is_a_list(file, ignore, got):
    with pytest.raises(InputError, match=rf"ignore must be a list of names, as in \['NAME'\], got {got}"):
        read(file("cost.A,effect.A\n1,2\n"), ignore=ignore)
    names = (name for name in ("cost.B", "effect.B"))
    assert read(file("cost.A,cost.B,effect.A,effect.B\n1,2,3,4\n"), ignore=names)[0].sizes["strategy"] == 1


def test_a_header_that_no_reader_takes_is_refused(file):
    with pytest.raises(InputError, match="a cell of more than 131,072 characters"):
        read(file(f"cost.{'a' * 200_000},effect.a\n1,2\n"))


def _opened(tmp_path, **changes):
    """Return the path of a NetCDF file of two draws, with some changes."""
    made = xr.Dataset(
        {name: (("draw", "strategy"), [[1.0, 2.0], [3.0, 4.0]]) for name in ("cost", "effect")},
        {"strategy": ["A", "B"]},
        {"currency": "GBP", "effect_unit": "QALY"},
    )
    made.assign(changes.get("variables", {})).assign_coords(changes.get("coords", {})).to_netcdf(
        tmp_path / "model.nc", engine="scipy"
    )
    return tmp_path / "model.nc"


@pytest.mark.parametrize("names", [["p", "q"], ["q", "q"], ["cost", "q"]])
def test_a_parameter_of_a_netcdf_file_does_not_replace_another(tmp_path, names):
    variables = {"p": ("draw", [1.0, 2.0]), "more": (("draw", "parameter"), [[5.0, 6.0], [7.0, 8.0]])}
    path = _opened(tmp_path, variables=variables, coords={"parameter": names})
    again = names[1] if names[0] == "q" else names[0]
    with pytest.raises(DrawsError, match=f"names that no other parameter or variable has, got '{again}' again"):
        read(path)
    path = _opened(tmp_path, variables=variables, coords={"parameter": ["q", "r"]})
    assert read(path)[1].columns.tolist() == ["p", "q", "r"]


def test_labels_of_draws_in_a_netcdf_file(tmp_path):
    with pytest.raises(DrawsError, match="coordinate 'draw': must be unique, got '7' again"):
        read(_opened(tmp_path, coords={"draw": [7, 7]}))
    single = xr.open_dataset(_opened(tmp_path, coords={"draw": [7, 3]}), engine="scipy").load().expand_dims(chain=[1])
    single.to_netcdf(tmp_path / "single.nc", engine="scipy")
    assert read(tmp_path / "single.nc")[0]["draw"].to_numpy().tolist() == ["7", "3"]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda each: each.set_axis([1, 0]), "parameters must have no labels of draws, as the draws have none"),
        (lambda each: pd.concat([each, each], axis=1), "the columns of parameters must be unique, got 'p'"),
        (lambda each: each.rename(columns={"p": "cost"}), "names that NetCDF does not need for something else, got 'c"),
        (
            lambda each: each.rename(columns={"p": ".Chain"}),
            "names that NetCDF does not need for something else, got '.",
        ),
    ],
)
def test_parameters_that_would_be_read_as_something_else_are_not_written(tmp_path, change, message):
    draws = hecon.from_arrays([[1.0, 2]] * 2, [[1.0, 2]] * 2, strategies=["A", "B"], **TOLD)
    parameters = pd.DataFrame({"p": [5.0, 6.0]})
    with pytest.raises(InputError, match=message):
        hecon.write_draws(draws, tmp_path / "model.nc", parameters=change(parameters))
    hecon.write_draws(draws, tmp_path / "model.nc", parameters=parameters.set_axis([1, 0]).reset_index(drop=True))
    assert read(tmp_path / "model.nc")[1]["p"].tolist() == [5, 6]
