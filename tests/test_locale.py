"""The two catalogues are level and complete; numbers, amounts, probabilities and dates are as each language writes."""

import ast
import itertools
import re
from datetime import date
from decimal import Decimal
from functools import cache
from string import Formatter
from typing import get_args

import matplotlib as mpl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sources import PACKAGE, nodes

from hecon import budget, decision, evidence, rulesets, zin
from hecon.assessment import guidelines
from hecon.assessment.comparing import _IMPLIED
from hecon.auditing import findings
from hecon.budget.records import PAYERS, SECTORS
from hecon.cli import main as cli
from hecon.dossier import budget as dossier_budget
from hecon.dossier import burden, comparison, documents, figures, model_studies, note, programme
from hecon.dossier.note import Outcome, Study
from hecon.errors import InputError
from hecon.files import parts
from hecon.locale import LANGUAGES, Locale, key_of
from hecon.report import document
from hecon.report.words import budgets, studies
from hecon.report.words.verdicts import judgement_words
from hecon.reported import fits
from hecon.reported._constraints import PARAMETERS
from hecon.rules.package_criteria import JUDGEMENTS
from hecon.rules.verdicts import judge
from hecon.trial import deaths
from hecon.trial.table import design_keys

TEMPLATES = PACKAGE / "data" / "templates"
NL, EN = Locale("nl").catalogue, Locale("en").catalogue
NBSP = "\N{NO-BREAK SPACE}"


def placeholders(text):
    """Return the names in braces."""
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}


def literals(model, field):
    """Return the words that a field of the schema may hold."""
    return get_args(model.model_fields[field].annotation)


def kinds():
    """Return every kind of statistic."""
    union, *_ = get_args(comparison.Statistic)
    return [kind for model in get_args(union) for kind in literals(model, "kind")]


@cache
def calls_and_constants():
    """Return every call and every constant in the code."""
    return [node for each in nodes().values() for node in each if isinstance(node, (ast.Call, ast.Constant))]


def calls(name):
    """Return the first argument of every call of a function by this name, where it is a word."""
    return {
        node.args[0].value
        for node in calls_and_constants()
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id == name
        and node.args
        and isinstance(node.args[0], ast.Constant)
    }


def words_in_code():
    """Return every word that stands as such in the code, alone or as a part of an f-string."""
    constants = (node for node in calls_and_constants() if isinstance(node, ast.Constant))
    return {node.value for node in constants if isinstance(node.value, str)}


def because():
    """Return every reason that a verdict may give."""
    sides = ("more", "equal", "less")
    for cost, effect in itertools.product(sides, sides):
        # Two that are equal have a sentence of their own.
        tails = ("-good", "-bad", "-even") if cost == effect else ("",)
        yield from (f"{cost}-cost-{effect}-effect{tail}" for tail in tails if {cost, effect} != {"equal"})


_RULES = [each.replace(" ", "_") for each in literals(dossier_budget.PrintedConventions, "inflation_rule")[0].__args__]
# The words of the schema whose texts are theirs alone.
WHOLE = {
    "audit_count": findings.SEVERITIES,
    "audit_hedge": [each for each in literals(figures.PrintedFigure, "wording") if each != "exactly"],
    "audit_severity": findings.SEVERITIES,
    "certainty": literals(note.CertaintyFact, "value"),
    "gap_kind": literals(note.Gap, "kind"),
    "criterion_state": ["agreed", "disputed", *JUDGEMENTS],
    "programme_state": get_args(programme.StateName),
    "study_design": literals(note.DesignFact, "value"),
}
STUDY_PARTS = (
    *("design", "sizes", "sizes_one", "follow_up", "arms", "sd", "correlation"),
    *("fixed_cost", "cost_per_patient", "recruited", "analysis"),
)
SIDES = ("more", "less", "equal")
TURNS = ("range", "scenarios")
FAMILIES = {
    **{group: [key_of(each) for each in words] for group, words in WHOLE.items()},
    "band": [*zin.BANDS, burden.NOT_JUDGED.replace(" ", "_")],
    "amounts_in": sorted({rulesets.ruleset(name).currency for name in rulesets.names()}),
    **{f"rules.{name}": ["institute", "values", "short"] for name in ("own", *rulesets.names())},
    "rules.nl": ["institute", "values", "short", "supplementary", "party"],
    "rules.nl.conclusion": ["loss", "not_own"],
    "conclusion": [
        *(f"{answer}_{word}" for answer in ("yes", "no") for word in ("shown", "probably", "uncertain", "unknown")),
        *(f"expected_{cost}_cost_{effect}_effect" for cost in SIDES for effect in SIDES),
        *(
            f"word_{word}"
            for word in ("shown", "probably", "uncertain", "unknown", "equal", "edge", "otherwise", *TURNS)
        ),
        *(f"turned_by_{word}" for word in TURNS),
        *(f"reference_{basis}" for basis in ("judgement", "computation")),
        *(f"from_{perspective}" for perspective in literals(comparison.Comparison, "perspective")),
        *("chance", "chance_range", "with_chance", "with_chance_range", "with_chance_unknown", "range_NE", "range_SW"),
    ],
    "trial_note": [*(f"settings_{of}" for of in ("design", "rules")), "counted", "counted_averted"],
    "document": [
        *(f"kind_{kind}" for kind in get_args(document.Kind)),
        *(f"footer_{place}" for place in ("annex", "dossiers", "trial", "brief")),
    ],
    "trial_answer": [
        *(
            f"{key}_label"
            for key in (
                "equivalence",
                "effects",
                "perspectives",
                "turning",
                "missing",
                "at_random",
                "sensitivity",
                "doubts",
            )
        ),
        *(f"untested_{why}" for why in ("clusters", "few", "start")),
    ],
    "trial_subgroup": [
        *(f"worth_{key}" for key in ("value", "overall", "by_level", "yields", "by_chance", "p_chance")),
        "worth_few_freedom",
    ],
    "trial_doubt": [f"{key}_{outcome}" for key in ("point", "constant", "few") for outcome in ("cost", "effect")],
    "worth": [
        *(
            f"column_{key}"
            for key in (
                "n",
                "patients",
                "per_patient",
                "years_5",
                "years_10",
                "years_20",
                "price",
                "parameter",
                "se",
                "out_of_fold",
            )
        ),
        *(f"not_computed_{why}" for why in ("several", "few_freedom", "skewed")),
        *(f"assumed_{key}" for key in ("normal", "spread", "horizon", "delay")),
        *(f"parameters_{key}" for key in ("first", "only", "no_parameters", "constant", "few_draws")),
        *(f"model_{key}" for key in ("regression", "alone", "structure")),
        *(f"measures_{key_of(kind)}" for study in get_args(model_studies.AnyStudy) for kind in literals(study, "kind")),
        *(f"part_{key}" for key in STUDY_PARTS),
    ],
    "conclusion_range": ["rounding", "assumptions", "scenarios"],
    # Sentences of the note as these rules have them, under the keys that these have for all rules.
    "rule_list": ["from_absolute", "from_proportional", "to_check"],
    "rules.nl.shortfall": ["no_band", "discounted_otherwise"],
    "rules.nl.burden": ["consequence", "needed", "never"],
    "rules.nl.summary": ["no_reference_judged", "no_reference_band"],
    "rules.nl.comparison": ["all_bands"],
    "rules.nl.note": ["currency_of_values"],
    "perspective": literals(comparison.Comparison, "perspective"),
    "status": [*literals(comparison.RatioStatistic, "status"), "computed", "undetermined"],
    "quadrant": ["NE", "SE", "SW", "NW", "axis"],
    "icer": ["NE", "SE", "SW", "NW", "axis"],
    "statistic": kinds(),
    "parameter": [*PARAMETERS, "design_effect"],
    "outcome": ["cost", "effect", "net_benefit"],
    "reason.implied": sorted(_IMPLIED.values()),
    "verdict.because": list(because()),
    "verdict.held": [each + part for each in ("reference", "low", "high") for part in ("", "_alone")],
    "figure": ["plane", "acceptability", "net_benefit", "expected_loss"],
    "setting": list(comparison.Reporting.model_fields),
    "evidence": [
        *(f"forest_{each}" for each in literals(Outcome, "better")),
        *(f"costs_{each}" for each in ("higher", "lower", "unclear")),
        *(f"baseline_{each}" for each in ("apart", "alike")),
        *(each for each, _ in studies.COLUMNS),
    ],
    "pico": list(note.Pico.model_fields),
    "relevance": [
        *(f"population_{key_of(each)}" for each in literals(note.Margin, "population") if each != "same"),
        *(f"state_{key_of(each)}" for each in literals(note.Margin, "state") if each != "read"),
        *(f"{kind}_{each}" for kind in ("probability", "above") for each in ("shown", "open", "opposite")),
    ],
    "trial_figure": ["trace_all", "trace_first"],
    "trial": [f"status_{each}" for each in ("frontier", "dominated", "extendedly_dominated")],
    "trial_method": [
        *(f"sets_{each}" for each in ("given", "reached", "missed", "most")),
        *(f"deaths_{each}" for each in (*deaths.RULES, "by_date", "by_month", "by_status")),
        *("fixed", *(f"{kind}_{outcome}" for kind in ("constant", "few") for outcome in ("cost", "effect"))),
    ],
    "trial_death": [
        *(f"at_{each}" for each in ("utilities", "qalys", "total", "last", "none")),
        *(f"period_{each}" for each in ("costs", "qalys", "total")),
        *(f"living_{each}" for each in ("qalys", "effects", "costs")),
    ],
    "trial_departure": [f"rule_{rule}" for rule in ("column", *get_args(literals(design_keys.Deviation, "after")[0]))],
    "options": [
        *(f"{key}_part" for key in ("on_frontier", "are_dominated", "are_extended")),
        *(f"figure_{kind}" for kind in ("plane", "frontier", "acceptability", "net_benefit", "expected_loss")),
    ],
    "trial_reading": [f"across_arms_{each}" for each in ("same", "separate")],
    "audit_relation": [*findings.RELATIONS, "rounding"],
    "audit_repair": ["turned", "sign", "order", "count", "arm", "extra_digit", "digit"],
    "note": [
        *note.Note.model_fields["conditions"].annotation.model_fields,
        *note.Note.model_fields["criteria"].annotation.model_fields,
        *literals(Study, "origin"),
        "for_whom_plain",
        *(f"only_{lang}" for lang in LANGUAGES),
        *(f"reading_{each}" for each in ("NE", "SW", "negative", "rule")),
    ],
    "clinical": ["relevant", "not_relevant", "inconclusive"],
    "clinical_label": [key_of(each) for each in evidence.LABELS],
    "shortfall": ["better_off", "worse_than_dead"],
    "burden": ["short_assumed", "sentence_assumed"],
    "inputs": [*(key_of(each) for each in fits.GRADES), "not_predicted"],
    "budget": [
        *(f"{kind}_{side}" for kind in ("headline", "second") for side in ("more", "less", "between", "none")),
        *(f"outside_{side}" for side in ("less", "more")),
        *(f"{kind}_{how}" for kind in ("how", "column") for how in ("stated", "printed", "other", "rebuilt")),
        *("stated", "printed", "other", "rebuilt"),
        *(f"how_{rule}" for rule in (*_RULES, "unknown")),
        *(f"{start}_{kind}" for start in ("kind", "premises") for kind in ("assumed", "solved", "set")),
        *(each.replace(" ", "_") for each in budget.reconciliation.VERDICTS),
    ],
    "guideline_outcome": [key_of(each) for each in guidelines.OUTCOMES],
    "guideline_point": [point.id for point in rulesets.ruleset().guideline[-1].point],
    "season": [str(month) for month in documents.SEASONS],
    "extent": [*get_args(parts.Extent)[1:], "unknown"],
    "extent_read": [*get_args(parts.Extent), "unknown"],
    "criterion": [each.replace(" ", "_") for each in JUDGEMENTS if each not in {"positive", "negative"}],
    "budget_convention": [each for each in vars(budget.ZIN) if each != "name"],
    "budget_departure": [
        *(f"uptake_{path}" for path in ("50_75_100", "25_75_100", "100_100_100")),
        *(f"cap_{cap}" for cap in ("none", "75", "rule_share")),
        *(f"inflation_rule_{rule}" for rule in ("own_year", "cumulative", "none")),
        *(f"values_{which}" for which in ("minimum", "maximum", "middle_of_the_scenarios", "middle_of_every_range")),
        *(f"values_{place}" for place in ("low", "middle", "high")),
        *(f"flows_{how}" for how in ("without", "only")),
    ],
    "budget_payer": [key_of(each) for each in PAYERS],
    "budget_rule": [
        key_of(each)
        for field in ("cap_rule", "inflation_rule")
        for each in get_args(literals(dossier_budget.BudgetConventions, field)[0])
    ],
    "budget_scenario": list(budgets._NAMED),
    "budget_sector": [key_of(each) for each in SECTORS],
    "plot": [
        *(f"{kind}_{quadrant}" for kind in ("corner", "in") for quadrant in ("NE", "SE", "SW", "NW")),
        *(f"waterfall_{kind}" for kind in ("added", "saved")),
        *(f"tornado_{end}" for end in ("low", "high")),
        *(f"study_size_{what}_one" for what in ("at", "axis")),
    ],
    "varying": [
        *(f"range_{over}" for over in ("interval", "rounding", "assumption")),
        *(f"uncounted_{way}" for way in ("more", "less")),
        *(f"band_{what}" for what in ("no_value", "turns", "stays")),
        *(key + part for key in ("mix", "risk") for part in ("", "_reading")),
        *(f"risk_{what}" for what in ("turns", "stays", "never")),
        *(f"{key}_equal" for key in ("perspective_loss", "average_at", "mix_at", "risk_at", "risk_neutral")),
        *("no_draws", "few_freedom", "no_moment"),
    ],
}


# Families whose codes are the first argument of a call, wherever the code has one.
OF_CALLS = {"reason": "Reason", "short_reason": "Reason", "sensitivity": "Sensitivity"}


def codes():
    """Yield every code with its family."""
    for group, known in [*FAMILIES.items(), *((group, calls(name)) for group, name in OF_CALLS.items())]:
        yield from ((group, code) for code in known)


def test_both_languages_have_the_same_keys_in_the_same_order():
    """A text that one language lacks is found here, not by a reader."""
    assert list(NL) == list(EN)


def test_texts_are_level():
    """Each text has words and the same placeholders in both languages."""
    for key in EN:
        assert NL[key].strip() == NL[key] != "", key
        assert EN[key].strip() == EN[key] != "", key
        assert placeholders(NL[key]) == placeholders(EN[key]), key


@pytest.mark.parametrize("lang", LANGUAGES)
def test_no_text_says_two_things_twice(lang):
    """Within a group every text differs, so that no two codes read alike."""
    groups = {}
    for key, value in Locale(lang).catalogue.items():
        groups.setdefault(key.rpartition(".")[0], []).append(value)

    assert [name for name, values in groups.items() if len(set(values)) < len(values)] == []


def test_every_code_has_its_words():
    """Whatever the schema, the fit or a verdict may say, there is a text for it."""
    assert [f"{group}.{code}" for group, code in codes() if f"{group}.{code}" not in EN] == []


@pytest.mark.parametrize("group", WHOLE)
def test_no_other_word_has_a_key_of_the_group(group):
    """Whatever a file may say, and nothing else, is told by a text of the catalogue."""
    assert {key.removeprefix(f"{group}.") for key in EN if key.startswith(f"{group}.")} == set(FAMILIES[group])


def test_every_kind_of_fact_has_its_words():
    """And stands in a column of the table of studies."""
    union, *_ = get_args(note.Fact)
    models = get_args(union)

    assert set(studies._FACTS) == {kind for model in models for kind in literals(model, "kind")}
    assert sorted(model.__name__ for _, kinds in studies.COLUMNS for model in kinds) == sorted(
        model.__name__ for model in models
    )


def test_the_families_are_not_empty():
    """The codes above are really found."""
    assert len(kinds()) == 11
    assert {"no_figures", "means", "spread", "currency", "effect_unit"} <= calls("Reason")
    assert {"assumption", "halves", "lognormal", "design_effect"} <= calls("Sensitivity")
    assert all(FAMILIES.values())


def test_every_key_in_the_code_exists():
    """A key that the code spells out is in the catalogue; one that it spells in part begins some key there."""
    groups = {key.partition(".")[0] for key in EN if "." in key}
    spelled = {word for word in words_in_code() if re.fullmatch(rf"({'|'.join(groups)})(\.[\w-]+)+", word)}
    # Matplotlib's settings and the files of the package have dots too.
    spelled -= set(mpl.rcParams) | {path.name for path in (PACKAGE / "data").rglob("*")}
    # So have modules that a package loads when a name of theirs is first used.
    spelled -= set(decision._HOME.values())
    # A field of a dossier, as its fault names it.
    spelled.remove("note.date")
    parts = {word for word in spelled if word.endswith("_")}

    assert len(spelled) > 30
    assert sorted(spelled - parts - set(EN)) == []
    assert [part for part in parts if not any(key.startswith(part) for key in EN)] == []


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_key_that_the_page_asks_for_exists(lang):
    """The templates call their texts by key."""
    templates = "".join(path.read_text(encoding="utf-8") for path in TEMPLATES.glob("*.html"))
    asked = re.findall(r'say\("([^"]+)"\)', templates)

    assert asked
    assert set(asked) == {key for key in Locale(lang).catalogue if key.startswith("html.")}


@pytest.mark.slow
def test_no_key_is_unused():
    """Each key, or its last part, is spelled out in the code or belongs to a family of codes."""
    known = {f"{group}.{code}" for group, code in codes()}
    # The fit's own names of constraints, as in "cost interval width".
    known |= {f"constraint.{word.strip().replace(' ', '_')}" for word in words_in_code()}
    # The page's template asks for these, and a test of its own holds them level.
    known |= {key for key in EN if key.startswith("html.")}
    # `by_rules` takes the words for a range of values where there are some.
    known |= {key for key in EN if key.endswith("_range") and key.removesuffix("_range") in EN}
    spelled = words_in_code()
    last = {key: key.rpartition(".")[2].removesuffix("_short").removesuffix("_costs") for key in EN}

    assert [key for key in EN if key not in known | spelled and last[key] not in spelled] == []


def test_one_list_of_languages():
    """The command line keeps its own list, so that it starts quickly."""
    assert cli.LANGUAGES == LANGUAGES
    assert sorted(path.stem for path in (PACKAGE / "data" / "texts").iterdir()) == sorted(LANGUAGES)


def test_an_unknown_key_is_named():
    """A key that is not there is an error that names it."""
    with pytest.raises(InputError, match=r"^text must be a key of the catalogue nl, got 'band\.lowest'$"):
        Locale("nl").text("band.lowest")


def test_an_unknown_language_is_named():
    """A language without a catalogue is an error that names those there are."""
    with pytest.raises(InputError, match=r"^lang must be one of 'nl', 'en', got 'de'$"):
        Locale("de").text("band.low")


def test_a_placeholder_is_filled_in():
    """Braces in a value are text, not placeholders."""
    assert Locale("nl").text("reason.spread", about="{x}").endswith("{x}.")


# Numbers --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "digits", "dutch", "english"),
    [
        (1234.5, 1, "1.234,5", "1,234.5"),
        (1234.5, 0, "1.234", "1,234"),
        (1235.5, 0, "1.236", "1,236"),
        (-1234567, 0, "−1.234.567", "−1,234,567"),
        (0.0434, 4, "0,0434", "0.0434"),
        (-0.00004, 4, "−0,00004", "−0.00004"),
        (-0.005, 2, "−0,005", "−0.005"),
        (0.0051, 2, "0,01", "0.01"),
        (-0.5, 0, "−0,5", "−0.5"),
        (Decimal("1e-12"), 0, "0,000000000001", "0.000000000001"),
        (-0.0, 0, "0", "0"),
        (0, 2, "0,00", "0.00"),
        (1e22, 0, "10.000.000.000.000.000.000.000", "10,000,000,000,000,000,000,000"),
        (1e-22, 3, "0,000", "0.000"),
        (float("-inf"), 0, "−∞", "−∞"),
    ],
)
def test_numbers(value, digits, dutch, english):
    """A point and a comma trade places between the languages; what is not 0 does not read as 0, but for noise."""
    assert Locale("nl").number(value, digits) == dutch
    assert Locale("en").number(value, digits) == english


@given(st.floats(-1e12, 1e12), st.integers(0, 6))
def test_a_number_reads_back(value, digits):
    """What is printed is the value to its rounding, in the same digits in both languages, and never "-0"."""
    english, dutch = Locale("en").number(value, digits), Locale("nl").number(value, digits)
    back = float(english.replace(",", "").replace("−", "-"))

    assert dutch == english.translate(str.maketrans(",.", ".,"))
    assert back == pytest.approx(value, abs=0.5000001 * 10**-digits, rel=1e-12)
    assert "-" not in english
    assert not (back == 0 and english.startswith("−"))


@pytest.mark.parametrize(
    ("value", "currency", "digits", "dutch", "english"),
    [
        (78179, "EUR", 0, "€ 78.179", "€78,179"),
        (-2525.3, "EUR", 0, "−€ 2.525", "−€2,525"),
        (-0.4, "EUR", 0, "−€ 0,4", "−€0.4"),
        (-0.005, "EUR", 2, "−€ 0,005", "−€0.005"),
        (1e-12, "EUR", 0, "€ 0,000000000001", "€0.000000000001"),
        (1e-17, "EUR", 0, "€ 0", "€0"),
        (0, "EUR", 0, "€ 0", "€0"),
        (-1017, "GBP", 0, "−£ 1.017", "−£1,017"),
        (1017.5, "GBP", 2, "£ 1.017,50", "£1,017.50"),
        (-5, "CHF", 0, "−CHF 5", "−CHF 5"),
        (1e9, "USD", 0, "US$ 1.000.000.000", "$1,000,000,000"),
    ],
)
def test_money(value, currency, digits, dutch, english):
    """A true minus sign stands before the symbol; no line breaks between symbol and number."""
    assert Locale("nl").money(value, currency, digits) == dutch.replace(" ", NBSP)
    assert Locale("en").money(value, currency, digits) == english.replace(" ", NBSP)


@pytest.mark.parametrize(
    ("value", "dutch", "english"),
    [
        (0.0, "0,00", "0.00"),
        (5e-324, "<0,01", "<0.01"),
        (0.005, "<0,01", "<0.01"),
        (0.00501, "0,01", "0.01"),
        (0.084, "0,08", "0.08"),
        (0.99499, "0,99", "0.99"),
        (0.995, ">0,99", ">0.99"),
        (1 - 1e-16, ">0,99", ">0.99"),
        (1.0, "1,00", "1.00"),
    ],
)
def test_probabilities(value, dutch, english):
    """Only certainty is printed as certainty."""
    assert Locale("nl").probability(value) == dutch
    assert Locale("en").probability(value) == english


@pytest.mark.parametrize(
    ("low", "high", "dutch", "english"),
    [
        (0.034, 0.138, "0,03 tot 0,14", "0.03 to 0.14"),
        (0.506, 0.513, "0,51", "0.51"),
        (0.985, 0.9999, "0,98 tot >0,99", "0.98 to >0.99"),
        (0.5, 0.5, "0,50", "0.50"),
        (0.7503, 0.91, "net boven 0,75 tot 0,91", "just above 0.75 to 0.91"),
    ],
)
def test_ranges_of_probabilities(low, high, dutch, english):
    """Two decimals; a range whose ends print alike is one number."""
    assert Locale("nl").probability_span(low, high) == dutch
    assert Locale("en").probability_span(low, high) == english


@pytest.mark.parametrize(
    ("value", "shown"),
    [(0.4996, "just below 0.50"), (0.5, "0.50"), (0.50003, "just above 0.50"), (0.51, "0.51"), (0.975, "0.975"),
     (0.97496, "0.97"), (0.2503, "just above 0.25"), (0.0249, "0.02"), (0.9999, ">0.99"), (0.0, "0.00"), (1.0, "1.00")],
)  # fmt: skip
def test_a_probability_is_on_its_side_of_each_limit(value, shown):
    """Of how sure a preference is called, of either option."""
    assert Locale("en").chance(value) == shown


def test_a_coarse_probability_has_one_digit_unless_it_reads_as_a_limit():
    assert [Locale("en").chance(each, 1) for each in (0.31, 0.46, 0.96, 0.75, 0.4996)] == [
        "0.3",
        "0.46",
        ">0.9",
        "0.75",
        "just below 0.50",
    ]


def test_a_probability_within_its_error_of_a_limit_does_not_feign_its_side():
    assert [Locale("en").chance(0.254, error=error) for error in (0.0, 0.003, 0.025)] == [
        "just above 0.25",
        "just above 0.25",
        "0.25",
    ]
    assert Locale("en").chance(0.46, 1, error=0.07) == "0.5"


def test_absurd_amounts_are_written_too():
    """The default decimal context ends at 28 digits."""
    assert Locale("en").number(1e30) == "1" + ",000" * 10


@given(st.floats(0, 1))
def test_only_certainty_is_printed_as_certainty(value):
    """0.00 and 1.00 stand for exactly 0 and 1."""
    shown = Locale("en").probability(value)

    assert (shown == "0.00") == (value == 0)
    assert (shown == "1.00") == (value == 1)
    assert re.fullmatch(r"[<>]?[01]\.\d\d", shown)


@pytest.mark.parametrize(("lang", "shown"), [("nl", "a tot b"), ("en", "a to b")])
def test_ranges(lang, shown):
    """A range is in words; one that prints as a single value is that value."""
    assert Locale(lang).span("a", "b") == shown
    assert Locale(lang).span("a", "a") == "a"


def test_dates():
    """A month has its name in the language, without a capital in Dutch."""
    assert Locale("nl").date(date(2024, 3, 1)) == "1 maart 2024"
    assert Locale("en").date(date(2015, 6, 26)) == "26 June 2015"


def test_the_words_of_a_verdict_fit_its_placeholders():
    """Every reason of a verdict, in both languages, is a whole sentence without braces."""
    estimates = itertools.product((-1000.0, 0.0, 1000.0), (-0.05, 0.0, 0.05), (20_000, 80_000), LANGUAGES)
    for cost, effect, value, lang in estimates:
        judged = judge(cost, effect, reference_value=value)
        sentence = judgement_words(
            judged, (cost, effect), Locale(lang), intervention="A", comparator="B", per=("EUR", "QALY")
        )

        assert "{" not in sentence
        assert sentence.endswith(".")
