"""The audit of printed figures: what it finds in the sources, that it finds nothing in true ones, and its repairs."""

import json
import re
from decimal import Decimal
from functools import cache

import numpy as np
import pytest
import trials
from hypothesis import given
from hypothesis import strategies as st
from shipped import summed, written

import hecon
from hecon import dossier
from hecon.auditing import findings
from hecon.auditing.findings import audit_interval, repairs
from hecon.cli import main as cli
from hecon.dossier import FOLDER
from hecon.locale import LANGUAGES, Locale
from hecon.printed.numbers import PrintedInterval
from hecon.report.words.findings import finding_words


def printed(estimate, low, high):
    """Return an interval as printed."""
    return PrintedInterval(*(Decimal(str(each)) for each in (estimate, low, high)))


def trial(rng):
    """Return a true trial, correctly rounded: estimate and 95% interval to the same place."""
    mean, se = rng.normal(0, 10), rng.uniform(0.2, 5)
    places = int(rng.integers(1, 3))
    ends = (mean, mean - 1.96 * se, mean + 1.96 * se)
    return PrintedInterval(*(Decimal(f"{each:.{places}f}") for each in ends))


def at(tree, path):
    """Return what stands at a path in a file."""
    for name, number in re.findall(r"(\w+)(?:\[(\d+)\])?", path):
        tree = getattr(tree, name)[int(number)] if number else getattr(tree, name)
    return tree


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
    told = [each for each in hecon.audit("acl-rupture") if each.kind == "outcome"]
    first, second = (each for each in told if each.relation in {"centred", "sign"})
    (third,) = (each for each in told if each.relation == "holds")

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


def test_the_arms_bear_out_the_sign_of_kanon():
    """The change per arm has the sign of the interval's middle, not that of the estimate."""
    (told,) = (each for each in hecon.audit("acl-rupture") if each.relation == "arms" and each.repair)

    assert (told.severity, told.repair) == ("inconsistent", "sign")
    assert told.expected == pytest.approx((-2.0, -2.0))
    assert [each["estimate"] for each in told.repaired] == [Decimal("-2.0")]


def test_a_count_that_was_read_as_a_percentage():
    """23% in the report, 23 of 59 elsewhere."""
    (told,) = (each for each in hecon.audit("acl-rupture") if each.relation == "percentage")

    assert (told.study[:5], told.severity, told.repair) == ("KANON", "inconsistent", "count")
    assert told.repaired == ({"percent": 39, "count": 23, "of": 59},)
    assert {each.document for each in told.sources} == {"zorginstituut-2024", "aafp-2011"}


def test_a_number_of_patients_that_is_one_arms():
    """156 in the report, which is the surgical arm of 316."""
    (told,) = (each for each in hecon.audit("acl-rupture") if each.relation == "total")

    assert (told.study[:9], told.severity, told.repair) == ("ACL SNNAP", "inconsistent", "arm")
    assert told.repaired == ({"patients": 316, "first": 156, "second": 160},)
    assert len(told.paths) == 2


def test_a_p_value_that_does_not_go_with_its_interval():
    """0.177 where estimate and interval of the journal's QALYs give about 0.11, under any degrees of freedom."""
    (told,) = (each for each in hecon.audit("acl-rupture") if each.relation == "p")

    assert (told.study[:9], told.severity) == ("ACL SNNAP", "inconsistent")
    assert told.numbers["p"] == Decimal("0.177")
    assert 0.09 < told.expected[0] < 0.11 < told.expected[1] < 0.125


@pytest.mark.slow
def test_one_saving_is_printed_three_times():
    """28.5, 18 and 26 to 28 million; with the cap that the text states it would be 20 to 21."""
    (same,) = (each for each in hecon.audit("acl-rupture") if each.relation == "quantity")
    formulas = {next(iter(each.numbers)): each for each in hecon.audit("acl-rupture") if each.relation == "formula"}
    (capped,) = (
        each for each in formulas.values() if each.severity == "inconsistent" and "cap" in str(each.figures).lower()
    )

    assert same.severity == "inconsistent"
    assert sorted(same.numbers.values()) == [18, 26, 28, Decimal("28.5")]
    assert capped.expected == pytest.approx((19.8, 21.0), abs=0.05)


def test_later_surgery_is_printed_in_two_ways():
    """45% against 41% cannot be; 30% against 29% might be rounding to tens."""
    (young,) = (each for each in hecon.audit("meniscal-tear-traumatic") if each.relation == "quantity")
    (old,) = (each for each in hecon.audit("meniscal-tear-degenerative") if each.relation == "quantity")

    assert (young.severity, min(young.numbers.values()), max(young.numbers.values())) == ("inconsistent", 41, 45)
    assert (old.severity, min(old.numbers.values()), max(old.numbers.values())) == ("worth a look", 29, 30)


def test_triage_in_two_places():
    """361 against 366 per 1,000, and 6.4 against 6.5 million."""
    told = [sorted(each.numbers.values()) for each in hecon.audit("triage") if each.relation == "quantity"]

    assert told == [[361, 366], [Decimal("6.4"), Decimal("6.5")]]
    assert all(each.severity == "inconsistent" for each in hecon.audit("triage"))


def test_the_programme_contradicts_itself_too():
    """Uptake, the number of topics in the waiting room, and ICERs of which one runs the other way."""
    told = {each.relation: each for each in hecon.audit("programme") if each.severity == "worth a look"}
    series = [[figure.series for figure in each.figures] for each in hecon.audit("programme")]

    assert [(50, 75, 100), (25, 75, 100)] in series
    assert any(sorted(each.numbers.values()) == [6, 8] for each in hecon.audit("programme"))
    assert [each.id for each in told["direction"].figures if each.arms == ("exercise", "surgery")] != []
    assert {each.arms for each in told["direction"].figures} == {("surgery", "exercise"), ("exercise", "surgery")}


def test_the_sign_of_starr():
    """A difference printed on the other side of zero than its interval, which a skewed bootstrap might do too."""
    (told,) = (each for each in hecon.audit("meniscal-tear-traumatic") if each.relation == "sign")

    assert (told.severity, told.repair) == ("worth a look", "")


@pytest.mark.slow
@pytest.mark.parametrize("trial", ["COMPARE", "ESCAPE", "Coach2Move 2022"])
def test_costs_and_ratios_are_worth_a_look_at_most(trial):
    """Of COMPARE, ESCAPE and Heij's trial nothing more is said of costs, effects, probabilities and ratios."""
    names = {"COMPARE": "acl-rupture", "ESCAPE": "meniscal-tear-degenerative", "Coach2Move 2022": "reablement"}
    told = [each for each in hecon.audit(names[trial]) if each.study == trial]
    whole = [each for each in hecon.audit(names[trial]) if each.study.startswith(trial) and each.kind != "outcome"]

    assert {each.severity for each in [*told, *whole]} <= {"worth a look", "rounding only"}
    assert all(each.repaired == () for each in told)


def test_minutes_a_week_and_a_day():
    """441 a week is 63 a day, 22 to 104; 279 a week is 39.9, printed as 39.8, which rounding allows."""
    relations = [each for each in hecon.audit("reablement") if each.relation == "formula"]
    figures = {each.id: each.value for each in hecon.load("reablement").figure}

    assert [(each.severity, each.numbers) for each in relations] == [
        ("rounding only", {name: figures[name] for name in relations[0].numbers})
    ]
    assert sorted(relations[0].numbers.values()) == [Decimal("39.8"), 279]
    assert (figures["difference_per_week"], figures["difference_per_day"]) == (441, 63)
    assert {each.id: each.range for each in hecon.load("reablement").figure}["interval_per_day"] == (22, 104)
    held = {each.result for each in hecon.load("reablement").relation}
    assert {"difference_per_day", "interval_per_day"} <= held


@pytest.mark.parametrize(("weekly", "found"), [(441, False), (445, False), (446, True), (436, True)])
def test_minutes_a_week_that_do_not_go_with_those_a_day(tmp_path, weekly, found):
    """63 a day stands for 62.5 to 63.5, so for 437.5 to 444.5 a week, which 437 to 445 may stand for."""
    path = changed(tmp_path, "reablement", ("value = 441", f"value = {weekly}"))
    told = [each.severity for each in hecon.audit(path) if "difference_per_day" in each.numbers]

    assert ("inconsistent" in told) == found


def test_ends_that_are_printed_nearest_to_zero_first():
    """-198 (-90 to -306): the wrong way round, and nothing else."""
    (told,) = (each for each in hecon.audit("reablement") if each.relation == "order")

    assert (told.severity, told.repair) == ("worth a look", "order")
    assert told.repaired == ({"estimate": -198, "low": -306, "high": -90},)


@pytest.mark.slow
def test_every_finding_has_its_place_and_source():
    """The path leads to the numbers in the file."""
    for name in [*dossier.names(), "programme"]:
        tree = dossier.load_programme() if name == "programme" else hecon.load(name)
        for each in hecon.audit(tree):
            assert each.sources
            assert each.severity in findings.SEVERITIES
            assert each.relation in findings.RELATIONS
            for path in each.paths:
                assert at(tree, path) is not None
            if each.kind == "outcome" and each.relation in {"holds", "sign", "centred", "order"}:
                place = at(tree, each.path)
                assert (place.estimate, *place.ci) == tuple(each.numbers.values())


# True trials and corrupted ones ---------------------------------------------------------------------------------------


def test_nothing_is_found_in_a_thousand_true_trials():
    """Correctly rounded to none, one or two decimals."""
    rng = np.random.default_rng(2024)

    assert all(audit_interval(trial(rng), symmetrical=True) is None for _ in range(1000))


@pytest.mark.parametrize("place", [10, 100, 1000])
def test_zeros_at_the_end_may_be_rounding(place):
    """A thousand trials rounded to tens, hundreds or thousands: nothing beyond a look is found."""
    rng = np.random.default_rng(3)
    found = []
    for _ in range(1000):
        mean, se = rng.normal(0, 20 * place), rng.uniform(1, 10) * place
        ends = [int(round(each / place) * place) for each in (mean, mean - 1.96 * se, mean + 1.96 * se)]
        told = audit_interval(PrintedInterval(*ends), symmetrical=True)
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

    assert audit_interval(PrintedInterval(*values), symmetrical=True) is None


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
        told = audit_interval(wrong, symmetrical=True) is not None
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
    if audit_interval(wrong, symmetrical=True) is None:
        return
    order = ["sign", "turned", "order", "extra_digit", "digit", ""]
    smallest, mended = repairs(wrong)

    assert all(each.holds and each.centred for each in mended)
    assert true in mended or order.index(smallest) <= order.index(kind) or kind == "digit"


def test_no_repair_is_made_up():
    """Where nothing small would do, nothing is offered."""
    assert repairs(printed("5.3", "100.1", "217.7")) == ("", ())


# Whole trials ---------------------------------------------------------------------------------------------------------


def above_rounding(printed):
    """Return what the audit finds in a simulated trial beyond rounding."""
    told = hecon.audit(trials.dossier(printed))
    return [each for each in told if each.severity != "rounding only"]


@pytest.mark.no_cover
@pytest.mark.slow
def test_a_thousand_true_trials_have_rounding_at_most():
    """Twenty-two numbers that hold together, correctly rounded."""
    rng = np.random.default_rng(2024)

    assert all(above_rounding(trials.simulate(rng)) == [] for _ in range(1000))


@pytest.mark.no_cover
@pytest.mark.slow
@pytest.mark.parametrize("kind", trials.KINDS)
def test_a_corruption_is_found_exactly_where_no_true_values_remain(kind):
    """Against an oracle that works on the corners of the rounding boxes and shares no code with the audit."""
    rng = np.random.default_rng(sum(map(ord, kind)))
    told = []
    while len(told) < 120:
        wrong = trials.corrupted(trials.simulate(rng), kind, rng)
        if wrong is not None:
            told.append((bool(above_rounding(wrong)), trials.shows(wrong)))

    assert [shown for is_found, shown in told if is_found != bool(shown)] == []
    assert sum(is_found for is_found, _ in told) > 60


@pytest.mark.parametrize(
    ("change", "relation"),
    [
        ({"mean_1": Decimal("99.1")}, "arms"),
        ({"sd_1": Decimal("99.1")}, "width"),
        ({"se_1": Decimal("99.12")}, "se"),
        ({"p": Decimal("0.999")}, "p"),
        ({"percent": Decimal("99.9")}, "percentage"),
        ({"patients": 7}, "total"),
        ({"icer": Decimal("1.5")}, "ratio"),
        ({"daily": Decimal("1.50")}, "formula"),
        ({"low": Decimal("-99.1")}, "centred"),
        ({"low": Decimal("99.1")}, "holds"),
    ],
)
def test_each_relation_is_watched(change, relation):
    """One number far off is told under the relation that it breaks."""
    rng = np.random.default_rng(1)
    printed = trials.simulate(rng) | change

    assert relation in {each.relation for each in above_rounding(printed)}


@pytest.mark.parametrize(
    ("probability", "severity"), [("0.51", []), ("0.48", ["worth a look"]), ("0.30", ["inconsistent"])]
)
def test_a_probability_on_the_wrong_side_of_one_half(probability, severity):
    """Skewness may explain a few hundredths, not more."""
    rng = np.random.default_rng(1)
    printed = trials.simulate(rng)
    printed |= {"cost": Decimal("1000.0"), "effect": Decimal("0.1000"), "icer": Decimal("10000.0")}
    told = above_rounding(printed | {"probability": Decimal(probability)})

    assert [each.severity for each in told if each.relation == "probability"] == severity


@pytest.mark.parametrize(("adjusted", "relation"), [(True, "said_adjusted"), (None, "adjusted"), (False, "arms")])
def test_a_difference_that_was_adjusted_may_differ_from_the_arms(adjusted, relation):
    """It is worth a look unless the source says that nothing was adjusted."""
    printed = trials.simulate(np.random.default_rng(1)) | {"mean_1": Decimal("99.1")}
    tree = trials.dossier(printed)
    study = tree.note.study[0]
    outcome = study.outcome[0].model_copy(update={"adjusted": adjusted})
    changed_study = study.model_copy(update={"outcome": (outcome,)})
    changed_tree = tree.model_copy(update={"note": tree.note.model_copy(update={"study": (changed_study,)})})
    told = {each.relation: each.severity for each in hecon.audit(changed_tree)}

    assert told[relation] == ("inconsistent" if relation == "arms" else "worth a look")


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
@pytest.mark.no_cover
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


@pytest.mark.slow
@pytest.mark.parametrize("lang", LANGUAGES)
def test_findings_stand_in_the_note_with_their_source(lang):
    """In the annex, each numbered and in words, also in the JSON; its mark stands there and at the figures."""
    note, data = written("acl-rupture", lang, "md").replace("\\", ""), summed("acl-rupture", lang).data["audit"]
    words = [finding_words(each, Locale(lang)) for each in hecon.audit("acl-rupture")]

    assert f"\n### {Locale(lang).text('audit.heading')}\n" in note
    assert [each["words"] for each in data] == words
    assert [each["note"] for each in data] == list(range(1, len(words) + 1))
    for number, each in enumerate(words, start=1):
        mark = Locale(lang).text("audit.mark", n=number)

        assert note.count(f"\n- {mark} {each} (") == 1
        assert "{" not in each
        assert note.count(mark) > 1


def test_findings_in_words():
    """With the numbers as printed and every smallest correction."""
    words = [finding_words(each, Locale("en")) for each in hecon.audit("acl-rupture")]

    assert (
        "Impossible. ACL SNNAP (Beard 2022, Leal 2024), Healthcare costs (pounds) at 18 months: the estimate does not "
        "lie in its interval, or the limits are reversed (1,023; 4,538 to 1,508). With one digit fewer it is "
        "consistent: 1,023; 538 to 1,508."
    ) in words
    assert (
        "Inconsistent. KANON (Frobell 2010, 2013), later surgery: the percentage does not follow from the count "
        "(23% reported; 23 of 59 is 39.0%). A count may have been read as a percentage: 39%, 23 of 59."
    ) in words
    assert (
        "Inconsistent. ACL SNNAP (Beard 2022, Leal 2024), number of patients: the arms do not add up to the study (156 "
        "reported; 156 and 160 are 316). The number of one arm may have been read as that of the study: 316 "
        "patients, 156 and 160 in the arms."
    ) in words


@cache
def corruptions_found():
    """Return what is found of simulated corruptions."""
    rng = np.random.default_rng(5)
    tried = (trials.corrupted(trials.simulate(rng), kind, rng) for kind in trials.KINDS * 12)
    return [each for wrong in tried if wrong is not None for each in hecon.audit(trials.dossier(wrong))]


@pytest.mark.slow
@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_relation_has_words(lang):
    """Whatever the simulated corruptions break, in both languages, without a gap."""
    found = corruptions_found()
    told = [finding_words(each, Locale(lang)) for each in found]

    assert {each.relation for each in found} >= {"arms", "p", "se", "width", "percentage", "total", "ratio"}
    assert all("{" not in each and "None" not in each and "  " not in each for each in told)


def test_without_findings_that_is_said():
    """On the command line and in the note."""
    assert hecon.audit("copd") == ()
    assert "No inconsistencies found." in written("copd", "en", "md")


@pytest.mark.slow
def test_the_command(capsys):
    """All dossiers and the programme in words, or those named; JSON alone on standard output."""
    assert cli.main(["audit"]) == 0
    out = capsys.readouterr().out
    assert cli.main(["audit", "acl-rupture", "--format", "json", "--lang", "nl"]) == 0
    one = json.loads(capsys.readouterr().out)
    assert cli.main(["audit", "--format", "json"]) == 0
    several = json.loads(capsys.readouterr().out)

    assert [line for line in out.splitlines() if line and not line.startswith(" ")] == [*dossier.names(), "programme"]
    assert max(map(len, out.splitlines())) <= 100
    for name in dossier.names():
        for each in hecon.audit(name):
            assert f"({each.sources[0].document}, {each.sources[0].place}" in " ".join(out.split())
    assert one["name"] == "acl-rupture"
    assert one["findings"][0]["words"].startswith("Inconsistent. KANON")
    assert [each["name"] for each in several] == [*dossier.names(), "programme"]


@pytest.mark.parametrize(
    ("name", "lang", "told"),
    [
        ("fibromyalgia", "en", "The dossier holds no reported figures to audit."),
        ("fibromyalgia", "nl", "Het dossier bevat geen gerapporteerde cijfers om te toetsen."),
        ("copd", "en", "No inconsistencies found."),
    ],
)
def test_that_there_was_nothing_to_audit_is_no_clean_audit(capsys, name, lang, told):
    """On the terminal and in a note."""
    cli.main(["audit", name, "--lang", lang])
    shown = capsys.readouterr().out
    text = hecon.summary(hecon.assess(name), lang=lang).text("md")

    assert shown == f"{name}\n  {told}\n"
    assert f"\n{told}\n" in text
