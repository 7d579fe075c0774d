"""The inputs of a computed burden: in the skeleton, in the packaged dossiers, their faults, and into an assessment."""

import math

import numpy as np
import pytest
from shipped import assessed
from skeletons import skeleton

import hecon
from hecon import dossier, tables, zin
from hecon.errors import DossierError, InputError

# Whole notes, searches or processes; what they pass through, others hold.
pytestmark = pytest.mark.slow

SKELETON = skeleton("hip-fracture")
START = SKELETON.index("# [burden.inputs]")
# The commented example of the skeleton, at work.
INPUTS = "\n".join(line.removeprefix("# ") for line in SKELETON[START:].rstrip().splitlines()) + "\n"
KNEES = ("acl-rupture", "meniscal-tear-degenerative", "meniscal-tear-traumatic")
SOURCED = '\nsources = [{ document = "example", place = "table 1" }]\n'


def written(tmp_path, *changes, inputs=INPUTS):
    """Return the file of the skeleton with inputs, after some changes of its text."""
    text = SKELETON[:START] + inputs
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new, 1)
    path = tmp_path / "changed.toml"
    path.write_text(text, encoding="utf-8")
    return path


def told(tmp_path, *changes):
    """Return the faults of that file."""
    with pytest.raises(DossierError) as caught:
        hecon.load(written(tmp_path, *changes))
    return list(caught.value.faults)


def without(name):
    """Return the change that takes one input out."""
    start = INPUTS.index(f"[burden.inputs.{name}]")
    end = INPUTS.find("[burden.inputs.", start + 1)
    return INPUTS[start : end if end > 0 else None], ""


# What is computed -----------------------------------------------------------------------------------------------------


def test_the_example_of_the_skeleton_works_as_it_stands(tmp_path):
    """At its values it is what `shortfall` says; over its ranges every band has a probability."""
    found = hecon.assess(written(tmp_path), n_draws=1000)
    expected = zin.shortfall(age=33, female=0.4, decrement=0.2, years=2)

    assert found.burden.proportional == expected.proportional
    assert found.burden.absolute == expected.absolute
    assert found.burden.tables == expected.tables
    assert found.burden.proportional_draws.shape == (1000,)
    assert found.burden.interval[0] < expected.proportional < found.burden.interval[1]
    assert found.own_burden


def test_what_has_a_range_is_drawn_from_it(tmp_path):
    """Uniformly and independently: the mean loss is the product of the middles, and no draw leaves the corners."""
    found = hecon.assess(written(tmp_path), n_draws=20_000).burden
    corners = [
        zin.shortfall(age=33, female=0.4, decrement=loss, years=years).proportional
        for loss in (0.1, 0.3)
        for years in (1, 5)
    ]
    middle = zin.shortfall(age=33, female=0.4, decrement=0.2, years=3).proportional

    assert min(corners) <= found.proportional_draws.min() < found.proportional_draws.max() <= max(corners)
    assert found.proportional_draws.mean() == pytest.approx(middle, rel=0.02)


def test_without_ranges_nothing_is_uncertain(tmp_path):
    """Then there are no draws and its own band is certain."""
    found = hecon.assess(written(tmp_path, ("range = [0.1, 0.3]\n", ""), ("range = [1, 5]\n", "")), n_draws=20).burden

    assert found.proportional_draws is None
    assert found.probabilities == {"none": 1.0, "low": 0.0, "middle": 0.0, "high": 0.0}


@pytest.mark.parametrize(
    ("changes", "arguments"),
    [
        (
            [without("years"), ("inputs.decrement]\nvalue = 0.2\nrange = [0.1, 0.3]", "inputs.utility]\nvalue = 0.6")],
            {"utility": 0.6},
        ),
        (
            [
                without("years"),
                ("inputs.decrement]\nvalue = 0.2\nrange = [0.1, 0.3]", "inputs.remaining_qalys]\nvalue = 20"),
            ],
            {"remaining_qalys": 20},
        ),
        (
            [without("years"), ("inputs.decrement]\nvalue = 0.2\nrange = [0.1, 0.3]", "inputs.smr]\nvalue = 2.5")],
            {"smr": 2.5},
        ),
        (
            [("range = [0.1, 0.3]\n", ""), ("value = 2\nrange = [1, 5]", 'value = "rest of life"')],
            {"decrement": 0.2, "years": math.inf},
        ),
        (
            [
                ('norms = "szende-2014"', 'norms = "szende-2014-smoothed"\nvalue_set = "nl-5l-2016"'),
                ("range = [0.1, 0.3]\n", ""),
                ("range = [1, 5]\n", ""),
            ],
            {"norms": "szende-2014-smoothed", "value_set": "nl-5l-2016", "decrement": 0.2, "years": 2},
        ),
    ],
)
def test_every_way_to_state_the_patients(tmp_path, changes, arguments):
    """Each is passed on to `shortfall` as it stands."""
    found = hecon.assess(written(tmp_path, *changes), n_draws=50).burden
    expected = zin.shortfall(age=33, female=0.4, **arguments)

    assert found.qale_patients == expected.qale_patients
    assert found.same_value_set == expected.same_value_set


def test_draws_depend_on_the_seed_alone(tmp_path):
    """The same file and seed give the same burden; comparisons have streams of their own."""
    path = written(tmp_path)
    first, again, other = (hecon.assess(path, n_draws=50, rng=seed).burden for seed in (1, 1, 2))

    assert np.array_equal(first.proportional_draws, again.proportional_draws)
    assert not np.array_equal(first.proportional_draws, other.proportional_draws)


# What rests on it -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("band", "inputs", "expected"),
    [
        ("low", True, ("judgement", False, 20_000)),
        ("none", True, ("judgement", True, None)),
        ("not judged", True, ("computation", None, None)),
        ("low", False, ("judgement", None, 20_000)),
        ("not judged", False, (None, None, None)),
    ],
)
def test_a_judgement_goes_before_a_computation(tmp_path, band, inputs, expected):
    """Where both are there, they agree or not; where no one judged, the computation stands."""
    path = written(tmp_path, ('band = "not judged"', f'band = "{band}"'), inputs=INPUTS if inputs else "")
    found = hecon.assess(path, n_draws=50)

    assert (found.burden_rests_on, found.burdens_agree, found.reference_value) == expected


def test_a_burden_of_ones_own_takes_the_place_of_the_inputs(tmp_path):
    """As computed elsewhere; the note then prints no inputs as if they were its own."""
    own = zin.shortfall(population_qalys=20, remaining_qalys=[9, 11])
    found = hecon.assess(written(tmp_path), burden=own, n_draws=50)
    data = hecon.summary(found, lang="en").data["burden"]

    assert found.burden is own
    assert (found.burden_rests_on, found.reference_value) == ("computation", 50_000)
    assert data["computed"]["inputs"] == {}
    assert data["computed"]["proportional"] == 0.5
    assert "What the burden is computed from" not in hecon.summary(found, lang="en").text("md")


def test_a_burden_that_is_given_goes_before_the_judgement():
    """The note says that it was given, and that the judgement differs."""
    own = zin.shortfall(population_qalys=20, remaining_qalys=10)
    found = hecon.assess("acl-rupture", burden=own, n_draws=50)
    note = hecon.summary(found, lang="en").text("md")

    assert (found.burden_rests_on, found.burdens_agree, found.reference_value) == ("computation", False, 50_000)
    assert "This burden was supplied when this note was made; it takes precedence over the burden as judged." in note
    assert "The judgement (low) and this computation (middle) do not agree. The verdicts mark" in note
    assert "of the band as computed.**" in note
    assert "\\* €50,000" in note


@pytest.mark.parametrize("burden", ["low", 0.2])
def test_a_burden_of_ones_own_is_a_shortfall(burden):
    """A band has no probabilities to integrate over; the message says how to make one."""
    with pytest.raises(InputError) as caught:
        hecon.assess("acl-rupture", burden=burden, n_draws=20)

    assert str(caught.value) == f"burden must be a Shortfall, got {burden!r}; make one by hecon.shortfall"


def test_the_probability_is_integrated_over_the_bands():
    """By hand, from the shares of the bands and the probabilities at their values."""
    found = hecon.assess("reablement", n_draws=5000)
    result = found.comparisons[1]
    bands, chances = found.burden.probabilities, result.p_cost_effective

    assert found.integrated(result) == pytest.approx(chances[20_000], abs=1e-12)
    assert bands["low"] + bands["none"] == 1
    assert 0 < bands["none"] < 0.3
    assert found.integrated(found.comparisons[0]) is None


def test_several_bands_are_weighted():
    """By hand, from the shares of the bands that have a reference value."""
    own = zin.shortfall(population_qalys=10, remaining_qalys=[9.5, 7, 7, 5])
    found = hecon.assess("reablement", burden=own, n_draws=5000)
    chances = found.comparisons[1].p_cost_effective

    assert found.integrated(found.comparisons[1]) == pytest.approx(
        (2 * chances[20_000] + chances[50_000]) / 3, abs=1e-12
    )
    assert found.integrated(found.comparisons[0]) is None


def test_without_a_reference_value_there_is_nothing_to_integrate():
    """None, not 0: a treatment that saves money is not shown as failing."""
    found = hecon.assess("meniscal-tear-degenerative", burden=zin.shortfall(age=58, female=0.5, smr=1.0), n_draws=200)

    assert found.integrated(found.comparisons[0]) is None


# The packaged dossiers ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "proportional"), list(zip(KNEES, (0.009, 0.018, 0.010), strict=True)))
def test_a_torn_knee_is_far_below_the_lowest_band(name, proportional):
    """About 0.01 where the expert said low: the two disagree, and no input was chosen to make them agree."""
    found = assessed(name)

    assert found.burden.proportional == pytest.approx(proportional, abs=5e-4)
    assert (found.burden.band, found.burdens_agree, found.reference_value) == ("none", False, 20_000)


def test_reablement_is_computed_where_no_one_judged():
    """Low at the assumed values, with a part of the range below the lowest band."""
    found = assessed("reablement")

    assert found.burden.proportional == pytest.approx(0.181, abs=5e-4)
    assert (found.burden.band, found.burden_rests_on, found.reference_value) == ("low", "computation", 20_000)


def test_every_reported_input_has_a_source():
    """And what is assumed bears a basis and, unless it is for the rest of life, a range.

    Where nothing is compared no burden is computed, so no inputs are assumed either.
    """
    given = {name: hecon.load(name) for name in dossier.names()}

    assert {name for name, each in given.items() if each.burden.inputs is not None} == {*KNEES, "reablement"}
    assert {name for name, each in given.items() if each.comparison} == {*KNEES, "reablement"}
    for each in (given[name] for name in (*KNEES, "reablement")):
        inputs = dict(each.burden.inputs.stated())
        assert inputs
        for part in inputs.values():
            assert part.basis.nl
            assert part.sources or part.status == "assumed"
            assert part.status != "assumed" or part.range is not None or part.value == "rest of life"


# Faults ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "faults"),
    [
        (
            ("value = 33", "value = 17"),
            ["burden.inputs.age: age must be at least 18, as the norms szende-2014 have none for the younger, got 17"],
        ),
        (
            ("value = 0.4\n", "value = 1.4\n"),
            ["burden.inputs.female: female must be a share in [0, 1], got 1.4; write 0.4 for 40%"],
        ),
        (
            ("range = [0.1, 0.3]", "range = [0.3, 0.1]"),
            ["burden.inputs.decrement.range: must run upwards around the value 0.2, got 0.3 to 0.1"],
        ),
        (
            ("range = [0.1, 0.3]", "range = [0.1, 3]"),
            [("burden.inputs.decrement: decrement must lie in [0, 2] (what comes off the utility), got 3.0")],
        ),
        (
            without("years"),
            [
                (
                    "burden.inputs: decrement must be given together with years, which is missing: say how many, or "
                    "for the rest of life"
                )
            ],
        ),
        (
            ("value = 2\n", 'value = "rest of life"\n'),
            ['burden.inputs.years.range: must not stand beside "rest of life": give a number of years, or no range'],
        ),
        (
            ("value = 2\n", 'value = "for ever"\n'),
            ["burden.inputs.years.value: must be a number without quotes or \"rest of life\", got 'for ever'"],
        ),
        (
            ('life_table = "cbs-2021"', 'life_table = "cbs-1900"'),
            [
                (
                    "burden.inputs.life_table: table must be one of "
                    f"{', '.join(map(repr, tables.names('life_table')))}, got 'cbs-1900'"
                )
            ],
        ),
        (
            (SOURCED, "\n"),
            ["burden.inputs.age.sources: is missing: a number that is reported has a source"],
        ),
        (
            ("[burden.inputs.age]\nvalue = 33", "[burden.inputs.age]\nvalue = 33\nrange = [20, 40]"),
            [
                (
                    "burden.inputs.age.range: is not a key of this table: it is one of [[shared_comparator]] or "
                    "[[figure]]; the keys here are value, status, basis, sources"
                )
            ],
        ),
        (without("age"), ["burden.inputs: age is missing: give age and female, or population_qalys"]),
    ],
)
def test_a_fault_is_told_with_its_path(tmp_path, change, faults):
    """In the words of the file, and once."""
    assert told(tmp_path, change) == faults


def test_each_input_is_tried_alone(tmp_path):
    """A wrong age does not hide a wrong share, a wrong table or a range that runs backwards."""
    faults = told(
        tmp_path,
        ("value = 33", "value = 17"),
        ("value = 0.4\n", "value = 40\n"),
        ('life_table = "cbs-2021"', 'life_table = "x"'),
        ('norms = "szende-2014"', 'norms = "y"\nvalue_set = "z"'),
        ("range = [0.1, 0.3]", "range = [0.1, 3]"),
        ("range = [1, 5]", "range = [5, 1]"),
    )

    assert sorted(fault.split(":")[0].removeprefix("burden.inputs.") for fault in faults) == [
        "age",
        "decrement",
        "female",
        "life_table",
        "norms",
        "value_set",
        "years.range",
    ]


def test_several_faults_are_told_at_once(tmp_path):
    """Together with those of the rest of the file."""
    faults = told(tmp_path, ("range = [0.1, 0.3]", "range = [0.3, 0.1]"), (SOURCED, "\n"), ('currency = "EUR"', ""))

    assert sorted(fault.split(":")[0] for fault in faults) == [
        "burden.inputs.age.sources",
        "burden.inputs.decrement.range",
        "comparison[0].currency",
    ]
