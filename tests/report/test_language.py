"""The words of the notes: the field's terms, amounts as each language writes them, dates of documents, equality."""

import json
import re
from functools import cache, partial

import pytest
import trial_dossiers
import trial_reports
from assessed import assessed_once
from programmes import DATES, REPORT, state
from shipped import NAMES, assessed, written

import hecon
from hecon import budget, trial
from hecon.cli import main as cli
from hecon.locale import LANGUAGES, Locale
from hecon.report.analyses import budget_document, combined_document
from hecon.report.programmes import ProgrammeWords, programme_document
from hecon.report.words.verdicts import judgement_words
from hecon.report.writers.markdown import markdown, plain_text
from hecon.rules.verdicts import judge

NBSP = "\N{NO-BREAK SPACE}"
TRIALS = ("usual", "three")

# What the field does not say, in every form that a note has said it in, by what it says instead.
WORDS = {
    "nl": {
        "stand van de wetenschap en praktijk": r"\bstand van wetenschap",
        "gerapporteerd": r"\b(af)?gedrukte?\b|\bdrukt\b|controle van de (gedrukte )?cijfers",
        "kenmerken van de studies": r"wat van elke studie|wat uit het interval volgt|wat het laat zien",
        "reproduceerbaarheid": r"komen de [\w ]*bedragen uit",
        "doorgerekende varianten": r"geprobeerd|manieren (van tellen|die het geven)",
        "varianten die op een bedrag uitkomen": r"passend: \d",
        "onder de referentiewaarde": r"kost [^.;:|]*, niet meer dan €",
        "bespaard per verloren QALY": r"tegenover elke verloren|, niet minder dan €",
        "significant": r"statistisch (beter|slechter|hoger|lager|significant)",
        "aandachtspunt": r"tweede blik|met elkaar te rijmen",
        "maximale implementatiegraad": r"grootste implementatie|hoe die werkt|inflatie optelt|hoe (het|elk) is geteld",
        "effecten na de tijdshorizon": r"voorbij de horizon|naar toewijzing|overstap naar de andere",
        "kwaliteit van bewijs": r"overkoepelende review|zekerheid (zeer )?(laag|matig|hoog)",
        "simulaties, utiliteitsverlies, EVPI": r"\btrekking|verlies van utiliteit|volledige informatie",
        "niet interpreteerbaar": r"valt niet te rangschikken|beter noch slechter",
        "een geschikt alternatief": r"in de plaats (komen|komt) van",
        "gebruikelijke zorg": r"wat ouderen nu krijgen|gescheurde meniscus|getrapt model|de best passende",
        "budgettaire dekking": r"aan geld ontbreekt|(samen|niet) waar kan",
        "geen verschillen": r"dezelfde uitkomsten",
        "resterende QALY's": r"\bvoor zich\b",
        "gevoeligheidsanalyse": r"kansen verschuiven|waaruit de ziektelast is",
        "95%-BI": r"%-interval\b",
    },
    "en": {
        "reported": r"\bprint(ed|s|ing)?\b",
        "query": r"worth a look",
        "significantly": r"\bstatistically\b",
        "indexation": r"(inflation|saving) adds up|how it is counted|limit to uptake",
        "remaining QALYs": r"\bahead of (it|them)\b",
        "above the reference value": r"no (less|more) than [€£]",
        "simulations, utility loss, EVPI": r"\bdraws?\b|loss of utility|perfect information",
        "neither interpreted nor ranked": r"ranks nothing|neither better nor worse",
        "a suitable alternative": r"good alternative",
        "usual care, stepped care": r"what older people receive|stepped model|money is lacking",
        "effects beyond the time horizon": r"beyond the horizon|by allocation",
        "variants": r"ways (to count|tried|that do)|fitting: \d",
        "interpretation": r"what (it|their intervals?|the intervals?) shows?\b|how far the probabilities",
        "consistent": r"(can|cannot) be true together|amounts come out",
        "95% CI": r"% interval\b",
    },
}
ROWS = [(lang, row) for lang, rows in WORDS.items() for row in rows]


@cache
def texts(lang):
    """Return all that a reader may be given in a language, by what it is, without what a source is quoted for."""
    locale = Locale(lang)
    found = {name: written(name, lang, "md") for name in NAMES}
    budgets = {name: assessed(name) for name in NAMES if assessed(name).budget is not None}
    for name, each in budgets.items():
        found[f"budget of {name}"] = markdown(budget_document(each.budget, each.dossier, locale))
    priced = [each for each in budgets.values() if each.budget.plan.priced]
    impact = budget.combine([each.budget.plan for each in priced], conventions=[each.budget.lead for each in priced])
    found["all budgets"] = markdown(combined_document(impact, [each.dossier for each in priced], locale))
    for day in (*DATES[::5], REPORT, None):
        found[f"programme on {day}"] = plain_text(programme_document(state(day), locale))
    for kind in TRIALS:
        found[f"trial, {kind}"] = markdown(trial_reports.document(kind, lang))
    found["catalogue"] = re.sub(r"\{\w+\}", "…", "\n".join(locale.catalogue.values()))
    return {name: re.sub(r"'[^'\n]*'|https?://\S+", "", text) for name, text in found.items()}


@pytest.mark.slow
@pytest.mark.parametrize(("lang", "row"), ROWS)
def test_the_fields_words(lang, row):
    """No note, budget, programme or report says it otherwise, in any inflection."""
    found = {
        (name, match[0])
        for name, text in texts(lang).items()
        for match in re.finditer(WORDS[lang][row], text, re.IGNORECASE)
    }

    assert found == set()


@pytest.mark.slow
@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_fields_words_on_the_terminal(lang, capsys):
    """The audit of all dossiers and the programme, and the overview of the verdicts."""
    assert cli.main(["audit", "--lang", lang]) == 0
    with assessed_once():
        assert cli.main(["assess", *NAMES, "--lang", lang, "--draws", "200"]) == 0
    told = re.sub(r"'[^'\n]*'", "", capsys.readouterr().out)

    assert [row for row, words in WORDS[lang].items() if re.search(words, told, re.IGNORECASE)] == []
    assert "€" in told


@pytest.fixture(scope="module")
def of_patients(tmp_path_factory):
    """Return an assessment of patient data with its sensitivity analyses."""
    comparison = trial_dossiers.COMPARISON.format(perspective="societal", extra="scenarios = true")
    with pytest.MonkeyPatch.context() as patch:
        # Of few imputations and replicates it has the same words.
        patch.setattr(trial, "analyse", partial(trial.analyse, imputations=5, replicates=50))
        return hecon.assess(trial_dossiers.write(tmp_path_factory.mktemp("patients"), comparison), n_draws=200)


@pytest.mark.slow
@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_note_of_patient_data_has_the_fields_words(of_patients, lang):
    """With its sensitivity analyses."""
    told = hecon.summary(of_patients, lang=lang).text("md")

    assert [row for row, words in WORDS[lang].items() if re.search(words, told, re.IGNORECASE)] == []


@pytest.mark.slow
@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_negative_amount_has_a_true_minus_before_its_sign(lang):
    """In Dutch with a space that does not break, "−€ 2.525"; in English "−€2,525"; and no hyphen before any number."""
    wrong = {"nl": rf"[€£][ {NBSP}]?[-−]|[€£](?!{NBSP})[ \d]|-[€£]", "en": r"[€£][ \u00a0]?[-−]|-[€£]"}[lang]
    hyphen = r"(?<![\w.,:;%/'’\])-])-\d"
    # What a document is cited for keeps its form: a place, a title, a footnote mark run on from an amount.
    told = {name: re.sub(r"€[34][56]3\b|\d{4}-\d\d-\d\d", "", text) for name, text in texts(lang).items()}

    assert {(name, match[0]) for name, text in told.items() for match in re.finditer(wrong, text)} == set()
    assert {
        (name, text[match.start() - 9 : match.end()])
        for name, text in told.items()
        for match in re.finditer(hyphen, text)
    } == set()
    assert (f"−€{NBSP}2.525" if lang == "nl" else "−€2,525") in texts(lang)["acl-rupture"]


@pytest.mark.slow
def test_what_a_machine_reads_has_numbers():
    """A minus sign of JSON is ASCII, and an amount is a number."""
    data = json.loads(written("meniscal-tear-degenerative", "nl", "json"))
    (found,) = data["comparisons"]

    assert found["delta_cost"] == -1803
    assert -0.03 < found["delta_effect"] < -0.029
    assert found["inmb"]["80000"] < 0


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_large_amounts_have_tenths_of_a_million(name):
    """What hecon computes: an amount of a source stands as published."""
    told = written(name, "nl", "md").replace(NBSP, " ")

    assert not re.search(r"€ \d{1,3}\.\d{3}\.\d{3}\b", told)


@pytest.mark.slow
@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_range_of_probabilities_has_two_decimals(lang):
    """In the overview, the tables of results and the sensitivity analyses."""
    point = "," if lang == "nl" else "."
    end = rf"[<>]?[01]\{point}\d\d"
    for name in NAMES:
        for row in re.findall(r"^\|.*\|$", written(name, lang, "md"), re.MULTILINE):
            cells = [cell.strip().replace("\\", "") for cell in row.strip("|").split("|")]
            ranges = [cell for cell in cells if re.fullmatch(rf"{end}\d* (tot|to) {end}\d*", cell)]
            if "0,0" not in row or ranges:
                continue
            assert all(re.fullmatch(rf"{end} (tot|to) {end}", cell) for cell in ranges)


@pytest.mark.slow
@pytest.mark.parametrize("day", DATES)
def test_the_date_of_a_document_is_not_since_when(day):
    """A document tells that something was so on its day: "blijkens", never "sinds"."""
    found = state(day)
    words = ProgrammeWords(found, Locale("nl"))
    standings = [at for _, at in (*found.preconditions, *found.monitored, *found.steps) if at.current is not None]
    standings += [each.standing for each in found.blocks if each.standing.current is not None]

    assert standings
    for standing in standings:
        told = words.head(standing, "stand")
        document = words.document(standing.run[0])
        assert ("sinds" in told) == (document is None)
        assert document is None or told.startswith(f"stand, blijkens {document} van {words.date(standing.run[0])}")


@pytest.mark.parametrize(
    ("lang", "equal", "other"), [("nl", "gelijk", "kosteneffectief"), ("en", "equal", "cost-effective")]
)
def test_options_without_a_difference_are_equal(lang, equal, other):
    """Neither is cost-effective, and neither lies on an edge; so where a net benefit of 0 comes of a difference."""
    names = {"intervention": "A", "comparator": "B", "per": ("EUR", "QALY")}
    locale = Locale(lang)
    for estimate in ((0.0, 0.0), (2_000.0, 0.1), (-2_000.0, -0.1)):
        judged = judge(*estimate, reference_value=20_000)
        words = judgement_words(judged, estimate, locale, **names)

        assert judged.conclusion == "equal"
        assert equal in words
        assert other not in words
        assert locale.text("verdict.edge") not in words
        assert locale.text("verdict.instead", comparator="B") not in words
