"""The audit of printed figures: what it finds in the sources, that it finds nothing in true ones, and its repairs."""

import json
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import hecon
from hecon import cli, dossier, texts
from hecon.dossier import auditing
from hecon.dossier.printed_intervals import PrintedInterval, repairs
from hecon.report.audits import finding_words

FOLDER = dossier.loading._FOLDER


def printed(estimate, low, high):
    """Return an interval as printed."""
    return PrintedInterval(*(Decimal(str(each)) for each in (estimate, low, high)))


def trial(rng):
    """Return a true trial, correctly rounded: estimate and 95% interval to the same place."""
    mean, se = rng.normal(0, 10), rng.uniform(0.2, 5)
    places = int(rng.integers(1, 3))
    ends = (mean, mean - 1.96 * se, mean + 1.96 * se)
    return PrintedInterval(*(Decimal(f"{each:.{places}f}") for each in ends))


def changed(tmp_path, name, *changes):
    """Return the file of a packaged dossier after some changes of its text."""
    text = (FOLDER / f"{name}.toml").read_text(encoding="utf-8")
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new, 1)
    path = tmp_path / "changed.toml"
    path.write_text(text, encoding="utf-8")
    return path


# What the sources print -----------------------------------------------------------------------------------------------


def test_what_the_report_prints_of_the_cruciate_ligament():
    """An interval off its estimate with its one-digit repairs, a sign, and an interval with its ends the wrong way."""
    first, second, third = hecon.audit("acl-rupture")

    assert (first.study, first.severity, first.relation, first.repair) == (
        "KANON (Frobell 2010, 2013)",
        "inconsistent",
        "centred",
        "digit",
    )
    assert {"estimate": Decimal("0.2"), "low": Decimal("-6.5"), "high": Decimal("6.8")} in first.repaired
    assert (second.severity, second.relation, second.repair) == ("inconsistent", "sign", "sign")
    assert {"estimate": Decimal("-2.0"), "low": Decimal("-8.5"), "high": Decimal("4.5")} in second.repaired
    assert (third.severity, third.relation, third.repair) == ("impossible", "holds", "extra_digit")
    assert third.repaired == ({"estimate": 1023, "low": 538, "high": 1508},)


def test_the_sign_of_starr():
    """A difference printed on the other side of zero than its interval, which a skewed bootstrap might do too."""
    (found,) = hecon.audit("meniscal-tear-traumatic")

    assert (found.severity, found.relation, found.repair) == ("worth a look", "sign", "")


@pytest.mark.parametrize("name", ["meniscal-tear-degenerative", "reablement"])
def test_costs_off_centre_are_worth_a_look_at_most(name):
    """Of ESCAPE and Coach2Move nothing else is found, and no correction is offered."""
    (found,) = hecon.audit(name)

    assert (found.severity, found.kind, found.repair, found.repaired) == ("worth a look", "cost-difference", "", ())


def test_every_finding_has_its_place_and_source():
    """The path leads to the numbers in the file."""
    for name in dossier.names():
        tree = hecon.load(name)
        for each in hecon.audit(tree):
            assert each.sources
            assert each.severity in auditing.SEVERITIES
            assert each.relation in auditing.RELATIONS
            if each.path.startswith("note"):
                place = tree.note.study[int(each.path[11])].outcome[int(each.path.split("outcome[")[1][0])]
                assert (place.estimate, *place.ci) == tuple(each.numbers.values())


# True trials and corrupted ones ---------------------------------------------------------------------------------------


def test_nothing_is_found_in_a_thousand_true_trials():
    """Correctly rounded to none, one or two decimals."""
    rng = np.random.default_rng(2024)

    assert all(auditing._interval(trial(rng), symmetrical=True) is None for _ in range(1000))


@pytest.mark.parametrize("place", [10, 100, 1000])
def test_zeros_at_the_end_may_be_rounding(place):
    """A thousand trials rounded to tens, hundreds or thousands: nothing beyond a look is found."""
    rng = np.random.default_rng(3)
    found = []
    for _ in range(1000):
        mean, se = rng.normal(0, 20 * place), rng.uniform(1, 10) * place
        ends = [int(round(each / place) * place) for each in (mean, mean - 1.96 * se, mean + 1.96 * se)]
        told = auditing._interval(PrintedInterval(*ends), symmetrical=True)
        found += [] if told is None else [told[0]]

    assert set(found) <= {"worth a look"}


def test_a_coarser_number_mends_nothing():
    """Leaving out a decimal only makes a number less exact."""
    assert repairs(printed("0.25", "0.10", "0.36"))[0] == "digit"


@given(st.integers(-(10**6), 10**6), st.integers(1, 10**6), st.integers(0, 6))
def test_rounding_alone_is_never_found(middle, half, places):
    """Whatever true values lie behind the digits: here on a grid a hundred times finer."""
    fine = Decimal(1).scaleb(-places - 2)
    step = Decimal(1).scaleb(-places)
    values = [(Decimal(each) * fine).quantize(step) for each in (middle, middle - half, middle + half)]

    assert auditing._interval(PrintedInterval(*values), symmetrical=True) is None


def test_every_corruption_that_leaves_its_rounding_box_is_found():
    """One digit, sign or order changed in a thousand trials: found whenever no true values round to what is printed."""
    rng = np.random.default_rng(7)
    found = missed = 0
    for _ in range(1000):
        true = trial(rng)
        kind = rng.choice(["sign", "order", "digit"])
        wrong = {
            "sign": lambda t=true: PrintedInterval(-t.estimate, t.low, t.high),
            "order": lambda t=true: PrintedInterval(t.estimate, t.high, t.low),
            "digit": lambda t=true: PrintedInterval(t.estimate, t.low, t.high + 3),
        }[str(kind)]()
        # The naive rule, written out: some m, l and h within half a unit of what is printed with m = (l + h)/2, l <= h.
        places = -wrong.estimate.as_tuple().exponent
        half = Decimal(1).scaleb(-places) / 2
        possible = wrong.low <= wrong.high and abs(wrong.estimate - (wrong.low + wrong.high) / 2) <= 2 * half
        told = auditing._interval(wrong, symmetrical=True) is not None
        assert told != possible
        found, missed = found + told, missed + (not told)

    assert found > 900


@given(st.integers(-500, 500), st.integers(20, 900), st.sampled_from(["sign", "order", "extra_digit", "digit"]))
def test_a_repair_brings_back_what_was_true(middle, half, kind):
    """The true numbers are among the smallest corrections, or a smaller correction would do too."""
    true = printed(middle / 10, (middle - half) / 10, (middle + half) / 10)
    wrong = {
        "sign": PrintedInterval(-true.estimate, true.low, true.high),
        "order": PrintedInterval(true.estimate, true.high, true.low),
        "extra_digit": PrintedInterval(
            true.estimate, true.low, Decimal(f"1{true.high}") if true.high > 0 else true.high
        ),
        "digit": PrintedInterval(true.estimate, true.low, true.high + 3),
    }[kind]
    if auditing._interval(wrong, symmetrical=True) is None:
        return
    order = ["sign", "turned", "order", "extra_digit", "digit", ""]
    smallest, mended = repairs(wrong)

    assert all(each.holds and each.centred for each in mended)
    assert true in mended or order.index(smallest) <= order.index(kind) or kind == "digit"


def test_no_repair_is_made_up():
    """Where nothing small would do, nothing is offered."""
    assert repairs(printed("5.3", "100.1", "217.7")) == ("", ())


# The ratio ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cost", "effect", "icer", "found"),
    [
        ("800", "0.09", "8993", 0),
        ("803", "0.09", "9453", 0),
        ("803", "0.09", "9470", 1),
        ("803", "0.09", "-8993", 1),
        ("812", "0.0405", "20000", 0),
        ("800", "0.00", "99999", 0),
        ("-1803", "-0.029", "61584", 0),
    ],
)
def test_a_ratio_is_that_of_its_differences(tmp_path, cost, effect, icer, found):
    """Within the rounding of all three; an effect that may be nothing allows any ratio."""
    path = changed(
        tmp_path,
        "reablement",
        ("mean = 800\nci = [-1234, 2824]", f"mean = {cost}"),
        ("mean = 0.09\nci = [-0.00, 0.18]", f"mean = {effect}"),
        ("value = 8993", f"value = {icer}"),
    )
    told = [each for each in hecon.audit(path) if each.relation == "ratio"]

    assert len(told) == found
    assert all(each.severity == "inconsistent" for each in told)


# Words, data and the command ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("lang", texts.LANGUAGES)
def test_findings_stand_in_the_note_with_their_source(lang):
    """In the annex, each in words, also in the JSON."""
    summary = hecon.summary(hecon.assess("acl-rupture", n_draws=50), lang=lang)
    note = summary.text("md").replace("\\", "")
    words = [finding_words(each, lang) for each in hecon.audit("acl-rupture")]

    assert f"## {texts.text(lang, 'audit.heading')}" in note
    assert [each["words"] for each in summary.data["audit"]] == words
    for each in words:
        assert f"- {each} (zorginstituut-2024, " in note
        assert "{" not in each


def test_a_finding_in_words():
    """With the numbers as printed and every smallest correction."""
    assert finding_words(hecon.audit("acl-rupture")[2], "en") == (
        "Impossible. ACL SNNAP (Beard 2022, Leal 2024), Healthcare costs (pounds) at 18 months: the estimate does not "
        "lie in its interval, or the ends are the wrong way round (1,023; 4,538 to 1,508). Without one digit it would "
        "be right: 1,023; 538 to 1,508."
    )


def test_without_findings_that_is_said(tmp_path):
    """On the command line and in the note."""
    path = changed(tmp_path, "meniscal-tear-degenerative", ("ci = [-3008, -838]", "ci = [-3008, -598]"))

    assert hecon.audit(path) == ()
    assert "Nothing was found." in hecon.summary(hecon.assess(path, n_draws=50), lang="en").text("md")


def test_the_command(capsys):
    """All dossiers in words, or those named; JSON alone on standard output."""
    assert cli.main(["audit"]) == 0
    out = capsys.readouterr().out
    assert cli.main(["audit", "acl-rupture", "--format", "json", "--lang", "nl"]) == 0
    one = json.loads(capsys.readouterr().out)
    assert cli.main(["audit", "--format", "json"]) == 0
    several = json.loads(capsys.readouterr().out)

    assert [line for line in out.splitlines() if not line.startswith(" ")] == dossier.names()
    assert max(map(len, out.splitlines())) <= 100
    assert one["name"] == "acl-rupture"
    assert one["findings"][0]["words"].startswith("Niet met elkaar te rijmen. KANON")
    assert [each["name"] for each in several] == dossier.names()
