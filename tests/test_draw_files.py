"""Draws from and to files: other packages' own, what was written read back, and every refusal."""

from __future__ import annotations

import itertools
import json
from pathlib import Path

import numpy as np
import oracles
import pandas as pd
import pytest
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from strategies import examples

import hecon
from hecon.draw_tables import STYLES, counts
from hecon.errors import DrawsError, InputError, StatisticalWarning

SAME = {"rel": 1e-9, "abs": 1e-9}
TOLD = {"currency": "GBP", "effect_unit": "QALY"}
WIDE = [name for name, layout in STYLES.items() if not layout.strategy]
LONG = [name for name in STYLES if name not in WIDE]
KINDS = (".csv", ".xlsx", ".parquet", ".nc")


def draws(**more):
    """Return three draws of two strategies."""
    return hecon.from_arrays(
        [[100.0, 300], [120, 280], [90, 350]],
        [[1.0, 1.5], [0.9, 1.25], [1.1, 1.0625]],
        strategies=["usual care", "Exercise, new"],
        **(TOLD | more),
    )


PARAMETERS = pd.DataFrame({"p.die": [0.1, 0.2, 0.3], "c_ward": [400.0, 350, 500]})


def read(path, **options):
    return hecon.read_draws(path, **(TOLD | options))


def told(path, **options):
    """Return the message of a refused file, without its first line."""
    with pytest.raises(DrawsError) as caught:
        read(path, **options)
    lines = str(caught.value).splitlines()
    assert lines[0].startswith(f"draws {path} has {len(lines) - 1} fault")
    assert lines[0].endswith("(rows are counted below the header):")
    return [line.strip() for line in lines[1:]]


@pytest.fixture
def file(tmp_path):
    """Return what writes a text file."""

    def write(text, name="model.csv"):
        path = tmp_path / name
        path.write_text(text, encoding="utf-8", newline="")
        return path

    return write


# Other packages' draws ------------------------------------------------------------------------------------------------


def vaccine():
    """Return BCEA's vaccine draws and parameters, from their files."""
    return hecon.read_draws(
        oracles.path("vaccine_costs.csv"),
        effects=oracles.path("vaccine_effects.csv"),
        parameters=oracles.path("vaccine_params.csv"),
        strategies={"s1": "Status Quo", "s2": "Vaccination"},
        comparator="Status Quo",
        **TOLD,
    )


def chemotherapy():
    """Return voi's chemotherapy draws and parameters, from their files."""
    return hecon.read_draws(
        oracles.path("voi_chemo_costs.csv"),
        effects=oracles.path("voi_chemo_effects.csv"),
        parameters=oracles.path("voi_chemo_params.csv"),
        **TOLD,
    )


def agree_with_bcea(found):
    """Check the ratio and the curves against BCEA 2.4."""
    summary, columns = oracles.record("vaccine_summary.json"), oracles.table("vaccine_curves.csv")
    wtp = np.array(columns["k"], float)
    curves = hecon.decision_curves(found, wtp=wtp)
    share = curves["ceac"].sel(strategy="Vaccination").to_numpy()

    assert hecon.icer(found)["icer"].item() == pytest.approx(summary["ICER_ref_vs_comparator"]["Status Quo"], rel=1e-9)
    assert share == pytest.approx(np.array(columns["ceac_ref_vs_s1"], float), **SAME)
    assert curves["ceaf"].to_numpy() == pytest.approx(np.array(columns["ceaf"], float), **SAME)
    assert curves["evpi"].to_numpy() == pytest.approx(np.array(columns["evpi"], float), **SAME)
    assert curves["optimal"].to_numpy().tolist() == columns["best"]


def test_vaccine_from_its_files():
    """BCEA: 20,097.59 per QALY, its CEAC, CEAF and EVPI; 56 parameters beside."""
    found, parameters = vaccine()

    assert round(hecon.icer(found)["icer"].item(), 2) == 20_097.59
    agree_with_bcea(found)
    assert parameters.shape == (1000, 56)
    assert parameters["phi"].tolist() == [float(each) for each in oracles.table("vaccine_params.csv")["phi"]]
    assert found.attrs["source"].startswith("vaccine_costs.csv, SHA-256 ")


@pytest.mark.slow
@pytest.mark.parametrize("style", ["bcea", "heormodel", "hesim"])
def test_vaccine_in_one_file(tmp_path, style):
    """As R writes it, effects first, and in two long layouts: the same results."""
    found, parameters = vaccine()
    path = tmp_path / "vaccine.csv"
    hecon.write_draws(found, path, parameters=parameters, style=style)
    again, beside = hecon.read_draws(path, style=style, comparator="Status Quo", **TOLD)

    if style == "bcea":
        assert path.read_text(encoding="utf-8").startswith("effect.Status Quo,effect.Vaccination,cost.Status Quo,")
    agree_with_bcea(again)
    assert np.array_equal(beside, parameters)


@pytest.mark.slow
def test_chemotherapy_from_its_files():
    """EVPI over willingness to pay of the R package voi, on 10,000 draws."""
    found, parameters = chemotherapy()
    expected = oracles.table("voi_chemo_evpi.csv")
    result = hecon.evpi(found, wtp=np.array(expected["k"], float))

    assert result.to_numpy() == pytest.approx(np.array(expected["evpi"], float), rel=1e-9, abs=1e-7)
    assert list(parameters)[:2] == ["p_side_effects_t1", "p_side_effects_t2"]


@pytest.mark.parametrize("example", ["hiv", "cdiff", "hund"])
def test_ratios_of_dampack(file, example):
    """Its inputs as its own data frames write them: status and ratio of every strategy."""
    given, found = oracles.table("dampack_icer_inputs.csv"), oracles.table("dampack_icer_results.csv")
    own = [i for i, name in enumerate(given["example"]) if name == example]
    names = [f"{kind}.{given['strategy'][i]}" for kind in ("cost", "effectiveness") for i in own]
    cells = [given[kind][i] for kind in ("cost", "effect") for i in own]
    quoted = ",".join(f'"{name}"' for name in names)
    result = hecon.frontier(read(file(f"{quoted}\n{','.join(cells)}\n"), style="dampack")[0])
    letters = {"ND": "frontier", "D": "dominated", "ED": "extendedly dominated"}
    for i in [i for i, name in enumerate(found["example"]) if name == example]:
        ours = result.sel(strategy=found["Strategy"][i])
        assert ours["status"].item() == letters[found["Status"][i]]
        if found["ICER"][i] != "NA":
            assert ours["icer"].item() == pytest.approx(float(found["ICER"][i]), rel=1e-9)


EXPORTS = Path(__file__).parent / "peers" / "exports"


@pytest.mark.parametrize(
    ("package", "name", "beside", "columns"),
    [
        ("heormodel", "heormodel.csv", "heormodel-parameters.csv", ["p_progress", "rr_treat", "p_die", "p_die_sick"]),
        ("pyheor", "pyheor.xlsx", None, ["u_alive", "c_care"]),
        ("pyheor", "pyheor.csv", "pyheor.xlsx", ["u_alive", "c_care"]),
    ],
)
def test_what_python_packages_export(package, name, beside, columns):
    """Files that the packages wrote themselves, by tests/peers/export.py: the results that they gave for them."""
    results = json.loads((EXPORTS / "results.json").read_text(encoding="utf-8"))
    own = results[package]
    found, parameters = hecon.read_draws(
        EXPORTS / name, parameters=None if beside is None else EXPORTS / beside, style=package, currency="USD",
        comparator=own["strategies"][0],
    )  # fmt: skip

    assert found["effect"].attrs["units"] == "QALY"
    assert found["strategy"].to_numpy().tolist() == own["strategies"]
    assert parameters.columns.tolist()[:4] == columns
    assert len(parameters) == found.sizes["draw"] == 40
    assert hecon.icer(found)["icer"].item() == pytest.approx(own["icer"], rel=1e-9)
    assert hecon.evpi(found, wtp=results["wtp"]).to_numpy() == pytest.approx(np.array(own["evpi"]), rel=1e-9, abs=1e-6)
    assert hecon.ceac(found, wtp=results["wtp"]).to_numpy() == pytest.approx(np.array(own["ceac"]), abs=1e-12)


def test_a_workbook_of_pyheor_without_its_draws(tmp_path):
    """It has them only where it was asked for them."""
    import openpyxl

    book = openpyxl.load_workbook(EXPORTS / "pyheor.xlsx")
    del book["CE Table"]
    book.save(tmp_path / "short.xlsx")

    (message,) = told(tmp_path / "short.xlsx", style="pyheor")
    assert message.endswith("; a workbook of pyheor has them in a sheet 'CE Table'")


@pytest.mark.parametrize("style", ["wide", "long"])
def test_a_workbook_whose_first_sheet_is_another_table(tmp_path, style):
    """The sheets that were not read are named, and the remedy works."""
    rows = pd.DataFrame(
        {"draw": [0, 1] * 2, "strategy": list("aabb"), "cost": range(4), "effect": [0.1, 0.2, 0.3, 0.5]}
    )
    wide = pd.DataFrame({"cost.a": [0, 1], "cost.b": [2, 3], "effect.a": [0.1, 0.2], "effect.b": [0.3, 0.5]})
    sheets = {"Legend": pd.DataFrame({"note": ["first", "second"]}), "Draws": rows if style == "long" else wide}
    path = tmp_path / "model.xlsx"

    def write(*names):
        with pd.ExcelWriter(path) as book:
            for name in names:
                sheets[name].to_excel(book, sheet_name=name, index=False)

    write("Legend", "Draws")
    (message,) = told(path, style=style)
    assert message.endswith("; read was sheet 'Legend', and not 'Draws': move that of the draws to the front")
    write("Draws", "Legend")
    assert read(path, style=style)[0].sizes["draw"] == 2


@pytest.mark.parametrize("label", ["sample", "draw"])
def test_parameters_of_a_package_are_matched_by_its_own_label(file, label):
    """In any order, and the label itself is no parameter."""
    rows = "b,1,10,1\nb,2,20,2\na,1,11,1.5\na,2,21,2.5\n"
    path = file(f"sample,strategy_id,costs,qalys\n{rows}")
    beside = file(f"{label},p\na,0.1\nb,0.2\n", "parameters.csv")
    found, parameters = hecon.read_draws(path, parameters=beside, style="hesim", currency="EUR")

    assert found["draw"].to_numpy().tolist() == ["b", "a"]
    assert parameters.to_dict("list") == {"p": [0.2, 0.1]}


# Written and read back ------------------------------------------------------------------------------------------------

_LETTERS = st.characters(codec="utf-8", categories=("L", "N", "P", "S", "Zs"))
TEXT = st.text(_LETTERS, min_size=1, max_size=12).filter(lambda text: text == text.strip() and text.isprintable())
NUMBERS = st.floats(-1e6, 1e6).map(lambda value: 0.0 if abs(value) < 1e-9 else value)
RESERVED = {
    *("draw", "chain", "strategy", "X", "cost", "effect", "costs", "qaly", "qalys", "sample", "strategy_id", "grp_id"),
    *("dr", "category", "iteration", "intervention", "total_cost", "sim", "strategy_label", "lys"),
}


@st.composite
def files(draw):
    """Draws with names and numbers of many kinds, labelled or not, and parameters."""
    names = draw(st.lists(TEXT, min_size=1, max_size=4, unique=True))
    count = draw(st.integers(1, 5))
    values = [draw(hnp.arrays(float, (count, len(names)), elements=NUMBERS)) for _ in range(2)]
    own = TEXT.filter(lambda name: name not in RESERVED and "." not in name)
    parameters = draw(st.dictionaries(own, hnp.arrays(float, count, elements=NUMBERS), max_size=3))
    index = draw(st.lists(TEXT, min_size=count, max_size=count, unique=True)) if draw(st.booleans()) else None
    tables = [pd.DataFrame(each, index=index, columns=names) for each in values]
    made = hecon.from_arrays(*tables, strategies=names, currency="EUR", effect_unit="point", effect_better="more")
    return made, pd.DataFrame(parameters, index=range(count) if index is None else index)


@pytest.mark.parametrize("kind", [".csv", ".parquet", ".nc"])
@pytest.mark.parametrize("style", ["wide", "long", "voi", "dampack"])
@given(both=files())
@examples(25)
def test_what_is_written_is_read_back(tmp_path_factory, kind, style, both):
    """Numbers to their last bit, names, labels and order."""
    made, parameters = both
    path = tmp_path_factory.getbasetemp() / f"model-{style}{kind}"
    hecon.write_draws(made, path, parameters=parameters, style=style)
    about = {} if kind == ".nc" else {"currency": "EUR", "effect_unit": "point", "effect_better": "more"}
    found, beside = hecon.read_draws(path, style=style, **about)

    assert np.array_equal(found["cost"], made["cost"])
    assert np.array_equal(found["effect"], made["effect"])
    assert found["strategy"].to_numpy().tolist() == made["strategy"].to_numpy().tolist()
    assert list(beside.columns) == list(parameters.columns)
    assert np.array_equal(beside.to_numpy(), parameters.to_numpy())
    if "draw" in made.coords:
        labels = made["draw"].to_numpy().tolist()
        assert counts(labels) or found["draw"].to_numpy().tolist() == labels == list(beside.index)


@pytest.mark.parametrize(("style", "kind"), list(itertools.product(STYLES, KINDS)))
def test_every_style_in_every_kind_of_file(tmp_path, style, kind):
    """Excel keeps 15 digits."""
    path = tmp_path / f"model{kind}"
    hecon.write_draws(draws(), path, parameters=PARAMETERS, style=style)
    found, parameters = read(path, style=style)

    assert found["cost"].to_numpy().tolist() == draws()["cost"].to_numpy().tolist()
    assert found["effect"].to_numpy().tolist() == draws()["effect"].to_numpy().tolist()
    assert found["strategy"].to_numpy().tolist() == ["usual care", "Exercise, new"]
    assert parameters.to_dict("list") == PARAMETERS.to_dict("list")


def test_netcdf_says_what_the_draws_are(tmp_path):
    """Currency, units, comparator, horizon and source need not be said again; what is given goes before."""
    path = tmp_path / "model.nc"
    made = draws(comparator="usual care", price_year=2024, horizon_years=5, discount_cost=0.03, source="Model 1")
    hecon.write_draws(made, path)

    assert hecon.read_draws(path)[0].attrs == made.attrs
    assert hecon.read_draws(path, source="Model 2")[0].attrs["source"] == "Model 2"
    assert hecon.read_draws(path)[0]["cost"].attrs == {"units": "GBP"}


def test_tables_say_neither_currency_nor_unit(file):
    """Neither is assumed; a package whose column says QALY says the unit."""
    path = file("cost.A,effect.A\n1,2\n")
    for given_, lacks in (({"effect_unit": "QALY"}, "currency"), ({"currency": "EUR"}, "effect_unit")):
        with pytest.raises(InputError, match=f"{lacks} must be given: the file does not say it, as in {lacks}="):
            hecon.read_draws(path, **given_)
    long = file("sim,strategy,total_cost,qalys\n1,A,1,2\n", "long.csv")
    assert hecon.read_draws(long, style="pyheor", currency="EUR")[0].attrs["effect_unit"] == "QALY"


# What R and Excel write -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        '"","effect.A","effect.B","cost.A","cost.B","p"\n"1",1,2,10,20,0.5\n"2",1.5,2.5,11,21,0.25\n',
        '"";"effect.A";"effect.B";"cost.A";"cost.B";"p"\r\n"1";1;2;10;20;0,5\r\n"2";1,5;2,5;11;21;0,25\r\n',
        "\ufeffeffect.A\teffect.B\tcost.A\tcost.B\tp\n1\t2\t10\t20\t0.5\n1.5\t2.5\t11\t21\t0.25\n",
        "sep=;\neffect.A;effect.B;cost.A;cost.B;p\n1;2;10;20;0.5\n1.5;2.5;11;21;0.25\n",
    ],
)
def test_marks_of_a_csv_file(file, text):
    """R's write.csv and write.csv2 with row names, tabs, and Excel's first line."""
    found, parameters = read(file(text), style="bcea")

    assert found["cost"].to_numpy().tolist() == [[10, 20], [11, 21]]
    assert found["effect"].to_numpy().tolist() == [[1, 2], [1.5, 2.5]]
    assert parameters["p"].tolist() == [0.5, 0.25]
    assert "draw" not in found.coords


def test_labels_match_rows_of_several_files(file):
    """In any order, but for the same draws; without labels in order."""
    costs = file("draw,A,B\nx,1,2\ny,3,4\n", "costs.csv")
    effects = file("draw,B,A\ny,40,30\nx,20,10\n", "effects.csv")
    parameters = file("draw,p\ny,0.2\nx,0.1\n", "parameters.csv")
    found, beside = read(costs, effects=effects, parameters=parameters)

    assert found["cost"].to_numpy().tolist() == [[1, 2], [3, 4]]
    assert found["effect"].to_numpy().tolist() == [[10, 20], [30, 40]]
    assert found["draw"].to_numpy().tolist() == ["x", "y"] == beside.index.tolist()
    assert beside["p"].tolist() == [0.1, 0.2]


def test_strategies_get_other_names(file):
    path = file("cost.1,cost.2,effect.1,effect.2\n1,2,3,4\n")

    assert read(path, strategies={"1": "usual care"})[0]["strategy"].to_numpy().tolist() == ["usual care", "2"]
    for given_, message in (
        ({"3": "x"}, "strategies must name those of the file, '1', '2', got '3'"),
        (["x", "y"], "strategies must map names in the file to others, as in {'1': 'usual care'}, got a list"),
        ({"1": "2"}, "strategies must be unique, got '2' more than once"),
    ):
        with pytest.raises(InputError) as caught:
            read(path, strategies=given_)
        assert str(caught.value) == message


# Direction ------------------------------------------------------------------------------------------------------------


def test_exchanged_files_are_warned_of(file):
    """BCEA takes effects first: costs given as effects look like amounts."""
    costs = file("A,B\n1000,2000\n1500,2500\n", "costs.csv")
    effects = file("A,B\n1.5,1.75\n1.25,1.5\n", "effects.csv")

    assert read(costs, effects=effects)[0]["cost"].max() == 2500
    with pytest.warns(StatisticalWarning, match="effects reach 2500 QALY, more than a life holds: are cost and effect"):
        read(effects, effects=costs)


def test_harms_keep_their_direction(file):
    """As `from_arrays` has it: fewer DALYs are better, and an unknown unit needs a direction."""
    path = file("cost.A,cost.B,effect.A,effect.B\n1,2,3,4\n")

    assert read(path, effect_unit="DALY")[0].attrs["effect_better"] == "less"
    with pytest.raises(InputError, match="effect_better must be given"):
        read(path, effect_unit="fall")


# Chains ---------------------------------------------------------------------------------------------------------------

CHAINED = """chain,draw,cost.A,cost.B,effect.A,effect.B,p
1,1,1,2,3,4,0.1
1,2,5,6,7,8,0.2
2,1,9,10,11,12,0.3
2,2,13,14,15,16,0.4
"""


def test_chains_are_stacked_when_asked(file):
    path = file(CHAINED)
    found, parameters = read(path, stack_chains=True)

    assert found["draw"].to_numpy().tolist() == ["1:1", "1:2", "2:1", "2:2"] == parameters.index.tolist()
    assert found["cost"].sel(strategy="A").to_numpy().tolist() == [1, 5, 9, 13]
    assert told(path) == [
        "column 'chain': must hold one chain, got 2: pass stack_chains=True to take them as one series"
    ]


def test_chains_of_a_long_table_and_of_netcdf(file, tmp_path):
    """Equal to the wide ones."""
    wide = read(file(CHAINED), stack_chains=True)[0]
    rows = [line.split(",") for line in CHAINED.splitlines()[1:]]
    text = "chain,draw,strategy,cost,effect,p\n" + "".join(
        f"{r[0]},{r[1]},{arm},{r[at]},{r[at + 2]},{r[6]}\n" for r in rows for arm, at in (("A", 2), ("B", 3))
    )
    long, parameters = read(file(text, "long.csv"), style="long", stack_chains=True)
    values = {name: wide[name].to_numpy().reshape(2, 2, 2) for name in ("cost", "effect")}
    data = xr.Dataset(
        {name: (("chain", "draw", "strategy"), each) for name, each in values.items()}
        | {"p": (("chain", "draw"), [[0.1, 0.2], [0.3, 0.4]])},
        {"chain": [1, 2], "draw": [1, 2], "strategy": ["A", "B"]},
    )
    path = tmp_path / "chains.nc"
    data.to_netcdf(path, engine="scipy")
    netcdf, beside = read(path, stack_chains=True)

    assert long.equals(wide)
    assert netcdf.equals(wide)
    assert parameters["p"].tolist() == beside["p"].tolist() == [0.1, 0.2, 0.3, 0.4]
    for given_ in (file(text, "long.csv"),):
        assert told(given_, style="long")[0].startswith("column 'chain': must hold one chain, got 2: pass stack_chains")
    with pytest.raises(DrawsError, match="dim 'chain': must hold one chain, got 2: pass stack_chains=True"):
        read(path)


# Faults ---------------------------------------------------------------------------------------------------------------

HEAD = "cost.A,cost.B,effect.A,effect.B,p\n"


@pytest.mark.parametrize(
    ("text", "faults"),
    [
        (
            f"{HEAD}1,x,3,4,0\n1,2,,4,inf\n1,2,3,4,1\n",
            [
                "column 'cost.B', row 1: must hold numbers with a decimal point and no mark between thousands, got 'x'",
                "column 'effect.A', row 2: must hold a number in every row, got an empty cell: take this draw out",
                "column 'p', row 2: must hold numbers with a decimal point and no mark between thousands, got 'inf'",
            ],
        ),
        (
            f'{HEAD}"1,200",2,3,4,0\n',
            ["column 'cost.A', row 1: must hold numbers with a decimal point and no mark bet"],
        ),
        (f"{HEAD}NA,2,3,4,0\n", ["column 'cost.A', row 1: must hold numbers with a decimal point and no mark between"]),
        ("cost.A,cost.B,effect.A\n1,2,3\n", ["column 'cost.B': must have its effects in a column 'effect.B'; a param"]),
        ("cost.A,effect.A,effect.B\n1,2,3\n", ["column 'effect.B': must have its costs in a column 'cost.B'; a param"]),
        ("A,B\n1,2\n", ["table: must have columns cost.NAME and effect.NAME for each strategy, got 'A', 'B'"]),
        (
            "draw,strategy,cost,effect\n1,A,1,2\n",
            [
                (
                    "table: must have columns cost.NAME and effect.NAME for each strategy, got 'draw', 'strategy', "
                    "'cost', 'effect'; style='long' has such"
                )
            ],
        ),
        (
            "draw,cost.A,effect.A\n7,1,2\n7,1,3\n",
            ["column 'draw', row 2: must tell every draw apart, got a label again"],
        ),
        (
            "draw,cost.A,effect.A\n7,1,2\n,1,3\n",
            ["column 'draw', row 2: must hold a label in every row, got an empty ce"],
        ),
    ],
)
def test_faults_of_a_wide_table(file, text, faults):
    """All at once, with column, rows and remedy."""
    lines = told(file(text))

    assert len(lines) == len(faults)
    for line, fault in zip(lines, faults, strict=True):
        assert line.startswith(fault), line


LONG_HEAD = "draw,strategy,cost,effect,p\n"


@pytest.mark.parametrize(
    ("style", "text", "faults"),
    [
        (
            "long",
            "draw,arm,cost,effect\n1,A,1,2\n",
            ["table: must have the columns draw, strategy, cost, effect, and lacks"],
        ),
        (
            "hesim",
            "iteration,intervention,cost,qaly\n1,A,1,2\n",
            [
                (
                    "table: must have the columns sample, strategy_id, costs, qalys, and lacks sample, strategy_id, "
                    "costs, qalys, got 'iteration', 'intervention', 'cost', 'qaly'; style='heormodel' has such"
                )
            ],
        ),
        (
            "long",
            f"{LONG_HEAD}1,A,1,2,0\n1,A,1,2,0\n",
            ["columns 'draw', 'strategy', row 2: must have one row for every"],
        ),
        (
            "long",
            f"{LONG_HEAD}1,A,1,2,0\n1,B,1,2,0\n2,A,1,2,0\n",
            ["columns 'draw', 'strategy': must have a row for every draw and strategy, and lacks draw 2 of 'B'"],
        ),
        (
            "long",
            f"{LONG_HEAD}1,A,1,2,0\n1,B,1,2,1\n",
            ["column 'p', rows 1, 2: must have one value per draw, as a parameter has: leave it out by ignore"],
        ),
        (
            "long",
            f"{LONG_HEAD}1,A,,2,0\n",
            ["column 'cost', row 1: must hold a number in every row, got an empty cell"],
        ),
        (
            "hesim",
            "sample,strategy_id,grp_id,dr,costs,qalys\n1,1,1,0,1,2\n1,1,2,0.03,1,2\n",
            [
                "column 'grp_id': must have one value in the file, got 2: write the rows of one of them",
                "column 'dr': must have one value in the file, got 2: write the rows of one of them",
            ],
        ),
    ],
)
def test_faults_of_a_long_table(file, style, text, faults):
    lines = told(file(text), style=style)

    assert len(lines) == len(faults)
    for line, fault in zip(lines, faults, strict=True):
        assert line.startswith(fault), line


def test_the_remedies_work(file):
    """What a message names makes the file readable."""
    text = f"{LONG_HEAD}1,A,1,2,0\n1,B,1,2,1\n"
    assert read(file(text), style="long", ignore=["p"])[1].shape == (1, 0)
    assert read(file("draw,strategy,cost,effect\n1,A,1,2\n"), style="long")[0].sizes["draw"] == 1


@pytest.mark.parametrize(
    ("effects", "parameters", "fault"),
    [
        (
            "A,C\n1,2\n3,4\n",
            None,
            "columns 'B', 'C': must be a strategy in the file of the costs and in that of the effects",
        ),
        ("A,B\n1,2\n", None, "table: must have as many rows as the file of the costs, 2, got 1"),
        (
            "draw,A,B\nx,1,2\ny,3,4\n",
            None,
            "table: must label its draws as the file of the costs does: a column draw in both",
        ),
        ("A,B\n.1,.2\n.3,.4\n", "p\n1\n", "table: must have as many rows as the file of the draws, 2, got 1"),
        ("A,B\n1,2\n3,x\n", None, "column 'B', row 2: must hold numbers with a decimal point"),
        ("A,B\n.1,.2\n.3,.4\n", "p\n1\ny\n", "column 'p', row 2: must hold numbers with a decimal point"),
    ],
)
def test_faults_between_files(file, effects, parameters, fault):
    """The one that is at fault is named."""
    others = {"effects": file(effects, "effects.csv")}
    others |= {} if parameters is None else {"parameters": file(parameters, "parameters.csv")}
    with pytest.raises(DrawsError) as caught:
        read(file("A,B\n1,2\n3,4\n", "costs.csv"), **others)

    assert str(caught.value).splitlines()[1].strip().startswith(fault)


def test_other_draws_are_a_fault(file):
    costs, effects = file("draw,A\nx,1\ny,2\n", "costs.csv"), file("draw,A\nx,1\nz,2\n", "effects.csv")
    with pytest.raises(DrawsError, match="column 'draw': must have the draws of the file of the costs, and lacks y"):
        read(costs, effects=effects)


def test_a_parameter_stands_in_one_file(file):
    with pytest.raises(
        DrawsError, match="column 'p': must be a parameter in one file, got it in that of the draws too"
    ):
        read(file("cost.A,effect.A,p\n1,2,3\n"), parameters=file("p\n1\n", "parameters.csv"))


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        (
            lambda data: data.drop_vars("effect"),
            "variable 'effect': must be there with the dims draw and strategy, and",
        ),
        (lambda data: data.isel(strategy=0), "variable 'cost': must be there with the dims draw and strategy"),
        (lambda data: data.drop_vars("strategy"), "coordinate 'strategy': is missing: it names the strategies"),
        (
            lambda data: data.assign(q=("strategy", [1.0, 2])),
            "variable 'q': must have the dim draw alone, as a parameter",
        ),
        (
            lambda data: data.assign(cost=data["cost"] * np.nan),
            "variable 'cost': must hold finite numbers in every draw",
        ),
        (lambda data: data.assign_coords(strategy=["A", "A"]), "coordinate 'strategy': must be unique, got 'A' again"),
    ],
)
def test_faults_of_netcdf(tmp_path, change, fault):
    path = tmp_path / "model.nc"
    made = draws()
    change(xr.Dataset({name: made[name].variable for name in ("cost", "effect")}, made.coords)).to_netcdf(
        path, engine="scipy"
    )
    with pytest.raises(DrawsError) as caught:
        read(path)

    assert fault in str(caught.value)


@pytest.mark.parametrize(
    ("path", "options", "message"),
    [
        ("no.csv", {}, "path must be an existing file, got 'no.csv'"),
        ("no.nc", {}, "path must be an existing file, got 'no.nc'"),
        ("no.rds", {}, "path must be a file of the kind .csv, .xlsx, .parquet, .nc, got 'no.rds'"),
        (5, {}, "path must be the path of a file, got 5"),
        (
            "no.nc",
            {"effects": "x.csv"},
            "effects and parameters must be left out beside a NetCDF file, which holds them",
        ),
        (
            "no.csv",
            {"style": "excel"},
            "style must be one of 'wide', 'long', 'bcea', 'voi', 'dampack', 'hesim', 'heormode",
        ),
    ],
)
def test_what_is_no_file_of_draws_is_refused(path, options, message):
    with pytest.raises(InputError) as caught:
        read(path, **options)

    assert str(caught.value).startswith(message)


def test_files_beside_must_be_tables(file):
    path = file("A\n1\n")
    with pytest.raises(InputError, match=r"effects must be a file of the kind \.csv, \.xlsx, \.parquet, got 'x\.nc'"):
        read(path, effects="x.nc")
    with pytest.raises(InputError, match=r"parameters must be an existing file, got 'x\.csv'"):
        read(path, effects=path, parameters="x.csv")


def test_a_broken_netcdf_file_is_refused(tmp_path):
    path = tmp_path / "model.nc"
    path.write_bytes(b"CDF\x01rest")
    with pytest.raises(InputError, match="path must be a sound NetCDF file, and this one cannot be read"):
        read(path)


def test_netcdf_of_version_4_needs_a_library(tmp_path, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "h5netcdf", None)
    path = tmp_path / "model.nc"
    path.write_bytes(b"\x89HDF\r\n\x1a\n")
    with pytest.raises(hecon.HeconError, match="reading a NetCDF-4 file needs h5netcdf, which is not installed"):
        read(path)


# Writing --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"parameters": PARAMETERS[:2]}, "parameters must have a row for each of 3 draws, got 2"),
        ({"parameters": [1, 2, 3]}, "parameters must be a table with a column per parameter, got list"),
        ({"parameters": PARAMETERS * np.nan}, "parameters['p.die'] must be finite, got nan in row 1"),
        (
            {"parameters": PARAMETERS.rename(columns={"p.die": "cost.x"})},
            "parameters must have names that style='wide' do",
        ),
        (
            {"parameters": PARAMETERS.rename(columns={"p.die": "draw"})},
            "parameters must have names that style='wide' does",
        ),
        (
            {"parameters": PARAMETERS.rename(columns={"p.die": "costs"}), "style": "hesim"},
            "parameters must have names that style='hesim' does not need for something else, got 'costs': rename it",
        ),
        (
            {"parameters": PARAMETERS.rename(columns={"p.die": " p"})},
            "names in a table must have no line breaks, and no sp",
        ),
        ({"style": "rds"}, "style must be one of 'wide', 'long'"),
    ],
)
def test_what_cannot_be_written_is_refused(tmp_path, options, message):
    with pytest.raises(InputError) as caught:
        hecon.write_draws(draws(), tmp_path / "model.csv", **options)

    assert str(caught.value).startswith(message)
    assert not (tmp_path / "model.csv").exists()


def test_further_dims_and_labels_are_refused(tmp_path):
    both = xr.concat([draws(), draws()], dim="perspective")
    with pytest.raises(
        InputError, match=r"draws must have the dims draw and strategy alone, got .*: select one of each"
    ):
        hecon.write_draws(both, tmp_path / "model.csv")
    labelled = draws().assign_coords(draw=["x", "y", "z"])
    with pytest.raises(InputError, match="parameters must have the draws' labels as index, in the same order"):
        hecon.write_draws(labelled, tmp_path / "model.csv", parameters=PARAMETERS)


def test_names_of_any_letters_need_netcdf(tmp_path):
    """A line break or a space at the end is lost in a table."""
    made = draws().assign_coords(strategy=["usual care ", "new\ncare"])
    for style in ("wide", "long"):
        with pytest.raises(InputError, match="names in a table must have no line breaks, and no spaces at their ends"):
            hecon.write_draws(made, tmp_path / "model.csv", style=style)
    hecon.write_draws(made, tmp_path / "model.nc")
    assert hecon.read_draws(tmp_path / "model.nc")[0]["strategy"].to_numpy().tolist() == ["usual care ", "new\ncare"]
