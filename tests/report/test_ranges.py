"""What a note says of ranges, of published ratios and of one trial's effect: in every table, sentence and output."""

import re

import pytest
from shipped import ECONOMIC, assessed, each_of, summed, written
from skeletons import skeleton

import hecon
from hecon.errors import ContradictionError, InputError
from hecon.locale import Locale
from hecon.report.sections.overview import key_tables

# Whole notes, searches or processes; what they pass through, others hold.
pytestmark = pytest.mark.slow

NBSP = "\N{NO-BREAK SPACE}"


def comparison(dossier, identifier):
    """Return the result of a comparison of a dossier that ships."""
    return next(each for each in assessed(dossier).comparisons if each.spec.id == identifier)


# Ranges over everything that varies -----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ECONOMIC)
def test_no_sensitivity_analysis_leaves_the_range(name):
    """Clustering, skewness and each assumption alone lie within the range that overview, sentence and JSON give."""
    for result in assessed(name).comparisons:
        for value, (low, high) in result.p_range.items():
            for each in result.sensitivities:
                bottom, top = each.p_cost_effective[value]
                assert low <= bottom <= top <= high
        for each in result.judgements:
            assert each.p_range == result.p_range.get(each.reference_value)


def test_the_range_of_reablement_is_one_and_the_same_everywhere():
    """0.60 to 0.84 with clustering: in the overview, the table, the JSON, and named in the sentence below it."""
    text = written("reablement", "en", "md")
    data = next(each for each in summed("reablement", "en").data["comparisons"] if each["id"] == "coach2move-2022")
    low, high = data["p_cost_effective_range"]["20000"]

    assert (round(low, 2), round(high, 2)) == (0.60, 0.84)
    assert re.search(r"\| 0\.7\d \(0\.60 to 0\.84\) \|", text)
    assert re.search(r"\| €20,000 \| €979 \| 0\.7\d \| 0\.60 to 0\.84 \|", text)
    assert "varied in the sensitivity analysis: correlation of costs and effects, design effect of clustering." in text
    assert data["varied"] == ["correlation", "design_effect"]
    # The figure's band is narrower, and says what it leaves out.
    assert "range over rounding and assumptions, without design effect of clustering" in text


def test_a_range_of_assumptions_alone_says_so_still():
    """COMPARE has no sensitivity analysis beyond its assumptions."""
    assert comparison("acl-rupture", "compare-societal").varied == ("effect_se", "correlation")
    assert "samen gevarieerd, wat is aangenomen" in written("acl-rupture", "nl", "md")


# Brackets -------------------------------------------------------------------------------------------------------------

# Two amounts or effects in brackets after a third.
BRACKET = re.compile(r"[\d.,]+\d (?:QALY )?\(([^()]*\d (?:to|tot) -?[€£]? ?-?\d[^()]*)\)")


@each_of(ECONOMIC)
def test_each_bracket_of_the_results_says_what_it_is(name, lang):
    """After a net benefit or a difference stands an interval, or a range with what it is over."""
    tables = [
        line
        for line in written(name, lang, "md").replace(NBSP, " ").splitlines()
        if line.startswith(("| difference in", "| verschil in")) or re.match(r"\| [€£]", line)
    ]
    found = [bracket for line in tables for bracket in BRACKET.findall(line)]

    assert tables
    for bracket in found:
        assert re.search(r"95% CI|95%-BI|range over rounding|bandbreedte door afronding", bracket)


def test_a_rounding_range_is_no_interval():
    """The cost difference of STARR in the healthcare perspective, and its net benefit."""
    english, dutch = (written("meniscal-tear-traumatic", lang, "md").replace(NBSP, " ") for lang in ("en", "nl"))

    assert "| difference in costs | €732 (range over rounding €720 to €880) |" in english
    assert "| €20,000 | −€824 (range over rounding −€990 to −€810) |" in english
    assert "| € 20.000 | −€ 824 (bandbreedte door afronding −€ 990 tot −€ 810) |" in dutch


# Published ratios -----------------------------------------------------------------------------------------------------


def test_a_published_ratio_stands_as_published():
    """SNNAP: 19,346 as the source has it, 19,558 beside it and named as recomputed; 0.08% off is an approximation."""
    english, dutch = (written("acl-rupture", lang, "md").replace(NBSP, " ") for lang in ("en", "nl"))
    data = next(each for each in summed("acl-rupture", "en").data["comparisons"] if each["id"] == "snnap-healthcare")

    assert "| £19,346 (NE; recomputed £19,558) |" in english
    assert "| £ 19.346 (NO; herberekend £ 19.558) |" in dutch
    assert "| ICER | £19,346 per QALY gained (published; recomputed from the differences: £19,558) |" in english
    assert (data["icer_published"], round(data["icer"])) == (19_346, 19_558)
    assert "| £15 (0.08%) | agrees within approximation |" in english
    assert "| £ 15 (0,08%) | komt overeen binnen de benadering |" in dutch


@pytest.mark.parametrize(
    ("name", "identifier", "published"),
    [
        ("acl-rupture", "compare-societal", 78_179),
        ("meniscal-tear-degenerative", "escape-societal", 61_584),
        ("reablement", "coach2move-2022", 8993),
        ("meniscal-tear-traumatic", "starr-societal", -223_372),
    ],
)
def test_a_ratio_that_comes_out_stands_alone(name, identifier, published):
    """As fitted it is the published one; a negative ratio is shown by its quadrant alone."""
    result = comparison(name, identifier)
    cells = [row[3] for row in key_tables(assessed(name), Locale("en"))[0].rows if "recomputed" in row[3]]

    assert result.published_icer == published
    assert cells == (["£19,346 (NE; recomputed £19,558)"] if name == "acl-rupture" else [])


def test_a_derived_ratio_is_not_published(tmp_path):
    """Only what a source reported is its own."""
    ratio = (
        '[[comparison.statistic]]\nkind = "icer"\nvalue = 17000\nuse = "check"\nstatus = "{status}"\n{rule}'
        'sources = [{{ document = "example", place = "table 2" }}]\n\n# What nobody reported'
    )
    rule = 'rule.nl = "Zo"\nrule.en = "So"\n'
    for status, lines, expected in (("derived", rule, None), ("reported", "", 17_000)):
        path = tmp_path / "sample.toml"
        text = skeleton("sample").replace("# What nobody reported", ratio.format(status=status, rule=lines), 1)
        path.write_text(text, encoding="utf-8")
        assessment = hecon.assess(path, n_draws=100)

        assert assessment.comparisons[0].published_icer == expected
        assert ("recomputed" in key_tables(assessment, Locale("en"))[0].rows[0][3]) == (expected is not None)


# One effect -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ECONOMIC)
def test_one_trial_has_one_effect_in_one_table(name):
    """Both perspectives print the same difference."""
    effects = {}
    for result in assessed(name).comparisons:
        if result.delta_effect is not None:
            effects.setdefault(result.spec.trial, set()).add(round(result.delta_effect, 8))

    assert all(len(found) == 1 for found in effects.values())


def test_a_perspective_says_whose_effect_it_has():
    """STARR's healthcare figures alone leave −0.0055 to −0.0045."""
    english, dutch = (written("meniscal-tear-traumatic", lang, "md") for lang in ("en", "nl"))

    assert english.count("The difference in effects does not depend on the perspective") == 1
    assert "alone give, within their rounding, −0.0055 to −0.0045." in english
    assert "alleen geven, binnen hun afronding, −0,0055 tot −0,0045." in dutch


TWO = """
[[comparison]]
id = "second"
trial = "EXAMPLE"
design.nl = "a"
design.en = "a"
perspective = "healthcare"
intervention = "new-care"
comparator = "usual-care"
currency = "EUR"
price_year = "not reported"
horizon_months = {horizon}
discount_cost = "not reported"
discount_effect = "not reported"
sources = [{{ document = "example", place = "abstract" }}]

[[comparison.statistic]]
kind = "cost-difference"
mean = 500
ci = [-300, 1300]
status = "reported"
sources = [{{ document = "example", place = "table 2" }}]

[[comparison.statistic]]
kind = "effect-difference"
mean = {effect}
ci = [-0.01, 0.11]
status = "reported"
sources = [{{ document = "example", place = "table 2" }}]

[[comparison.assumption]]
parameter = "correlation"
value = 0
range = [-0.5, 0.5]
basis.nl = "a"
basis.en = "a"

[[document]]
id = "example"
"""


@pytest.mark.parametrize(
    ("effect", "horizon", "expected"), [("0.05", 12, 0.052), ("0.06", 12, 0.06), ("0.05", 24, 0.05)]
)
def test_the_effect_that_is_known_best_is_shared(tmp_path, effect, horizon, expected):
    """0.05 is 0.052, which prints a digit more; 0.06 is not, and another horizon has another effect."""
    path = tmp_path / "sample.toml"
    extra = TWO.format(effect=effect, horizon=horizon)
    text = skeleton("sample").replace('[[document]]\nid = "example"\n', extra, 1)
    text = text.replace("mean = 0.050\nci = [-0.010, 0.110]", "mean = 0.052\nci = [-0.008, 0.112]")
    path.write_text(text.replace('status = "assumed"', 'status = "reported"'), encoding="utf-8")
    first, second = hecon.assess(path, n_draws=100).comparisons

    assert (first.shares_effect, second.shares_effect) == (False, effect == "0.05" and horizon == 12)
    assert second.delta_effect == pytest.approx(expected, rel=1e-6)
    # The draws and the verdict rest on it, and the range of this perspective holds it.
    means = second.draws["effect"].mean("draw")
    assert float(means.sel(strategy="new-care") - means.sel(strategy="usual-care")) == pytest.approx(expected)
    low, high = second.fit.parameters["delta_effect"].range
    assert low <= second.delta_effect <= high


# Remedies -------------------------------------------------------------------------------------------------------------


def contradicted(tmp_path, statistic, use="fit"):
    """Return what `assess` says of a dossier with one statistic more."""
    path = tmp_path / "sample.toml"
    lines = f'[[comparison.statistic]]\n{statistic}\nuse = "{use}"\nstatus = "reported"\n'
    source = 'sources = [{ document = "example", place = "table 2" }]\n\n# What nobody reported'
    path.write_text(skeleton("sample").replace("# What nobody reported", lines + source, 1), encoding="utf-8")
    return hecon.assess(path, n_draws=100)


@pytest.mark.parametrize(
    "statistic", ['kind = "p-cost-effective"\nwtp = 0\nvalue = 0.90', 'kind = "icer"\nvalue = 5000']
)
def test_what_contradicts_can_be_kept_as_a_check(tmp_path, statistic):
    """The remedy is one of the file, which has no arguments, and it works."""
    with pytest.raises((ContradictionError, InputError)) as told:
        contradicted(tmp_path, statistic)

    assert "on_contradiction" not in str(told.value)
    assert not re.search(r"(to|in) checks", str(told.value))
    (result,) = contradicted(tmp_path, statistic, use="check").comparisons
    assert [each.grade for each in result.fit.checks] == ["not consistent"]
