"""The burden in a note: both ways to it, whether they agree, what it takes, and what it does to the probability."""

import math
import re

import pytest
import shipped
from shipped import ECONOMIC, PLAIN, assessed, document, each_of

import hecon
from hecon import zin
from hecon.dossier import FOLDER
from hecon.locale import LANGUAGES, Locale
from hecon.report.document import Figure
from hecon.report.sections import burden
from hecon.report.sections.burden import burden_short, table_line
from hecon.report.words.burdens import integrated_words
from hecon.report.words.common import by_rules, measure_words, rules_words

LANGS = pytest.mark.parametrize("lang", LANGUAGES)


def written(name, lang):
    """Return its note as Markdown, with plain spaces."""
    return shipped.written(name, lang, "md").replace("\N{NO-BREAK SPACE}", " ")


def of_words(tmp_path, *changes):
    """Return the English note of a packaged dossier after some changes of its file."""
    text = (FOLDER / "acl-rupture.toml").read_text(encoding="utf-8")
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new, 1)
    path = tmp_path / "changed.toml"
    path.write_text(text, encoding="utf-8")
    return hecon.summary(hecon.assess(path, n_draws=200), lang="en").text("md")


@pytest.mark.slow
def test_a_disagreement_is_said_with_its_consequence():
    """The expert's low beside a computed none: in both languages, and what no reference value means."""
    dutch, english = (written("acl-rupture", lang) for lang in LANGUAGES)

    # In an annex and not in bold, as the judgement counts.
    assert "\n\nDe beoordeling (laag) en deze berekening (onder de laagste categorie) stemmen niet overeen." in dutch
    assert "The judgement (low) and this computation (below the lowest band) do not agree." in english
    assert "in principle no reimbursement on this ground. Which of two treatments" in english
    assert "A utility loss of 0.20 would have to last 22 years to reach the lowest band." in english


@pytest.mark.slow
def test_an_agreement_is_said_too(tmp_path):
    """Then there is no consequence to warn of."""
    note = of_words(tmp_path, ('band = "low"', 'band = "none"'))

    assert "That is the band as judged (below the lowest band)." in note
    assert "do not agree" not in note
    assert "Which of two treatments" not in note


@pytest.mark.slow
def test_where_no_one_judged_the_computation_marks_the_value():
    """The header says so before it names the reference value; the table marks it; the verdict at it comes first."""
    note = written("reablement", "en")

    header = next(line for line in note.splitlines() if line.startswith("- Burden of disease: "))
    assert re.search(
        r": Not judged\. .* Computed on partly assumed inputs: low \(proportional shortfall 0\.181\)\. The ref", header
    )
    assert "The burden has not been judged; the verdicts mark the reference value of the band as computed" in note
    assert "\\* €20,000" in note
    assert "**At €20,000 per QALY, Coach2Move is cost-effective" in note


@pytest.mark.slow
def test_a_loss_that_never_suffices_is_said(tmp_path):
    """A small loss does not reach the lowest band in a lifetime."""
    small = ("value = 0.2\nrange = [0.03, 0.37]", "value = 0.05\nrange = [0.03, 0.37]")

    assert "A utility loss of 0.05 would not reach the lowest band, even for the rest of life." in of_words(
        tmp_path, small
    )


@pytest.mark.slow
@each_of(PLAIN)
def test_a_burden_that_no_one_judged_or_can_compute_is_no_more_than_that(name, lang):
    """Not judged, why, and where the sources say so; no computation and no reference value."""
    found, given = assessed(name), hecon.load(name).burden
    (line,) = re.findall(rf"^- {Locale(lang).text('conclusion.burden')}: (.+)$", written(name, lang), re.MULTILINE)
    band = Locale(lang).text("band.not_judged")
    numbers = {each.id: number for number, each in enumerate(found.dossier.document, start=1)}
    sources = "; ".join(f"[{numbers[each.document]}], {each.place}" for each in given.sources)

    assert (given.band, given.inputs) == ("not judged", None)
    assert (found.burden, found.burden_rests_on, found.reference_value, found.burden_over_tables) == (None,) * 4
    assert line.replace("\\", "") == f"{band[0].upper()}{band[1:]}. {getattr(given.basis, lang)} ({sources})."
    assert Locale(lang).text("burden.heading") not in written(name, lang)
    assert burden_short(found, Locale(lang)) == Locale(lang).text("summary.burden_short", band=band)


@pytest.mark.slow
@each_of(PLAIN)
def test_a_burden_of_ones_own_is_shown_without_a_comparison_too(name, lang):
    """It has its section and its sources, but no reference value: there is nothing to hold against it."""
    own = zin.shortfall(population_qalys=10, remaining_qalys=7)
    note = hecon.summary(hecon.assess(name, burden=own, n_draws=20), lang=lang).text("md").replace("\\", "")

    assert f"\n### {Locale(lang).text('burden.heading')}\n" in note
    assert Locale(lang).number(0.3, 3) in note
    assert by_rules("provenance.reference_values", hecon.load(name).ruleset, Locale(lang)) in note
    assert Locale(lang).text("conclusion.no_comparison") in note
    label = Locale(lang).text("conclusion.burden")
    header = next(line for line in note.splitlines() if line.startswith(f"- {label}: "))

    assert "20.000" not in header
    assert "20,000" not in header


@pytest.mark.slow
@each_of(ECONOMIC)
def test_the_inputs_stand_with_status_and_basis(name, lang):
    """Each input of the file is a row of the table, as it was written."""
    note = written(name, lang)
    for key, part in hecon.load(name).burden.inputs.stated():
        label = Locale(lang).text(f"burden_input.{key}")

        assert f"| {label[0].upper()}{label[1:]} | " in note
        assert f"| {Locale(lang).text(f'status.{part.status}')} | {getattr(part.basis, lang)} | " in note


@pytest.mark.slow
@LANGS
def test_the_figure_and_the_tables_stand_with_it(lang):
    """One figure of the burden, which belongs to no comparison; life table and norms with their source."""
    figures = [
        each for each in document("acl-rupture", lang).blocks if isinstance(each, Figure) and each.kind == "burden"
    ]

    assert len(figures) == 1
    assert hecon.plot.describe(hecon.plot.burden(assessed("acl-rupture").burden, lang=lang)) == figures[0].alt
    assert f"- {Locale(lang).text('burden.life_table')} cbs-2021: CBS StatLine 37360ned" in written("acl-rupture", lang)


@pytest.mark.slow
@LANGS
def test_the_probability_over_the_bands_is_told(lang):
    """Beside the verdicts, where there are probabilities."""
    found = assessed("reablement")
    words = integrated_words(
        found.integrated(found.comparisons[1]),
        found.burden.probabilities,
        found.reference_values,
        Locale(lang),
        intervention="Coach2Move",
    )
    note = written("reablement", lang)

    assert note.count(words[1:]) == 1
    assert "{" not in words


@pytest.mark.slow
@LANGS
def test_dominance_needs_no_reference_value(lang):
    """STARR's meniscectomy is dominated, which stands where the burden has no band; a ratio alone does not."""
    dominated = Locale(lang).text("shortfall.still_NW")

    assert dominated in written("meniscal-tear-traumatic", lang)
    assert dominated not in written("acl-rupture", lang)


@pytest.mark.slow
def test_the_data_hold_both():
    """As judged, as computed, and the probability by band and integrated."""
    data = hecon.summary(assessed("reablement"), lang="en").data
    burden, first, second = data["burden"], *data["comparisons"]

    assert burden["computed"]["band"] == "low"
    assert set(burden["computed"]["inputs"]) == {"age", "female", "decrement", "years"}
    assert burden["computed"]["inputs"]["years"]["value"] == "rest of life"
    assert isinstance(burden["computed"]["tables"]["norms"]["note"], str)
    assert sum(burden["computed"]["band_probabilities"].values()) == pytest.approx(1)
    assert first["over_burden"] is None
    assert second["over_burden"]["p_cost_effective"]["none"] is None
    assert second["over_burden"]["p_cost_effective"]["low"] == second["p_cost_effective"]["20000"]
    found = assessed("reablement")
    assert second["over_burden"]["integrated"] == found.integrated(found.comparisons[1])


def test_a_table_of_ones_own_is_named():
    """Without a year or a note it says what it has."""
    table = zin.LifeTable("mine", [0, 90], [0.01, 0.3], [0.01, 0.3], measure="m", source="a registry")

    assert table_line("life_table", table.provenance, Locale("en")) == "Life table mine: a registry (–)"


@pytest.mark.slow
@each_of(ECONOMIC)
def test_the_choice_of_tables_is_told(name, lang):
    """Over every life table and norms that ship, computed one by one, at the stated values."""
    found, inputs = assessed(name), hecon.load(name).burden.inputs
    values = {key: math.inf if part.value == "rest of life" else float(part.value) for key, part in inputs.stated()}
    every = [
        zin.shortfall(**values, table=table.name, norms=norms.name).proportional
        for table in zin.tables()
        for norms in zin.tables()
        if (table.kind, norms.kind) == ("life_table", "norms")
    ]
    ends = (Locale(lang).number(min(every), 3), Locale(lang).number(max(every), 3))

    assert found.burden_over_tables == (min(every), max(every))
    measure = measure_words(found.rules.values_on(), Locale(lang))
    told = Locale(lang).text("burden.over_tables", measure=measure, range=Locale(lang).span(*ends))
    assert told in written(name, lang)
    assert found.burden_over_tables[0] <= found.burden.proportional <= found.burden_over_tables[1]


@pytest.mark.slow
@pytest.mark.parametrize("lang", LANGUAGES)
def test_tables_without_the_age_are_named(lang, tmp_path):
    """At 97 only the table of the CBS, which ends at 95, has no answer; the range is over the others."""
    text = (FOLDER / "acl-rupture.toml").read_text(encoding="utf-8")
    path = tmp_path / "old.toml"
    text = text.replace("value = 31.3\n", "value = 97\n", 1)
    path.write_text(text.replace('life_table = "cbs-2021"', 'life_table = "un-2015-2020"'), encoding="utf-8")
    found = hecon.assess(path, n_draws=20)
    told = burden._over_tables(found, Locale(lang))

    assert found.burden_over_tables is not None
    assert {table for table, _ in found.burden_tables_left_out} == {"cbs-2021"}
    for pair in found.burden_tables_left_out:
        assert " + ".join(pair) in told
    assert Locale(lang).text("burden.tables_left_out", names="").partition(":")[0] in told
    assert "tables_left_out" in burden.data(found, Locale(lang))["burden"]["computed"]


def test_rules_of_a_file_of_ones_own_are_named_by_name_and_source(tmp_path):
    """Even where they bear the name of rules that come with hecon."""
    (tmp_path / "own.toml").write_bytes((FOLDER.parent / "rules" / "nl.toml").read_bytes())
    text = (FOLDER / "triage.toml").read_text(encoding="utf-8")
    path = tmp_path / "triage.toml"
    path.write_text(text.replace('\nname = "triage"\n', '\nname = "triage"\nrules = "own.toml"\n'), encoding="utf-8")

    assert rules_words(hecon.load(path).ruleset, Locale("en")) == {
        "source": hecon.load(path).ruleset.values_on().source,
        "institute": "the rules nl",
        "values": hecon.load(path).ruleset.values_on().source,
        "short": "rules nl",
    }
    assert rules_words(hecon.load("triage").ruleset, Locale("nl"))["institute"] == "het Zorginstituut"
