"""Waterfall and tornado: bars as long as the amounts, names and amounts beside them, words that say the same."""

import itertools

import matplotlib.pyplot as plt
import pytest
from matplotlib.colors import to_hex

import hecon
from hecon import budget, plot
from hecon.errors import InputError
from hecon.plot import _style


@pytest.fixture(autouse=True)
def _no_figure_left():
    """Close what a test left open."""
    yield
    plt.close("all")


@pytest.fixture(scope="module")
def knee():
    """Return the plan of the cruciate ligament and its impact."""
    plan = hecon.load("acl-rupture").budget
    return plan, hecon.budget_impact(plan)


def bars(ax):
    """Return where each bar begins, how far it goes and its colour, from top to bottom."""
    return [(each.get_x(), each.get_width(), to_hex(each.get_facecolor()).upper()) for each in ax.patches]


@pytest.mark.parametrize(("year", "scenario"), [(2025, "minimum"), (2027, "maximum")])
def test_a_waterfall_adds_up_to_the_net(knee, year, scenario):
    """Each bar begins where the one before it ends; the last is the net spending, from 0."""
    at = knee[1].sel(year=year, scenario=scenario)
    *steps, net = bars(plot.waterfall(knee[1], year=year, scenario=scenario))
    level = 0.0
    for start, width, colour in steps:
        assert start == pytest.approx(level)
        assert colour == _style.COLOURS[1 if width > 0 else 2]
        level += width

    assert level == pytest.approx(float(at.total))
    assert net[:2] == pytest.approx((0.0, float(at.total)))
    assert sum(width for _, width, _ in steps if width > 0) == pytest.approx(float(at.added.sum()))
    assert -sum(width for _, width, _ in steps if width < 0) == pytest.approx(float(at.saved.sum()))


def test_a_sector_without_change_has_no_bar():
    """COPD adds paramedical care and saves none: one bar and the net."""
    ax = plot.waterfall(hecon.budget_impact(hecon.load("copd").budget), lang="nl")

    assert [each.get_text().replace("\n", " ") for each in ax.get_yticklabels()] == ["meer: paramedische zorg", "netto"]
    assert ax.get_xlabel() == "uitgaven binnen het budget"


@pytest.mark.parametrize(
    ("lang", "words"),
    [
        (
            "en",
            (
                "Spending within the budget in 2027, maximum scenario: more: paramedical care €6.6 million, less: "
                "paramedical care €4.9 million, less: specialist care €22.7 million, net −€21.1 million."
            ),
        ),
        (
            "nl",
            (
                "Uitgaven binnen het budget in 2027, scenario maximum: meer: paramedische zorg € 6,6 mln, minder: "
                "paramedische zorg € 4,9 mln, minder: medisch-specialistische zorg € 22,7 mln, netto −€ 21,1 mln."
            ),
        ),
    ],
)
def test_a_waterfall_in_words(knee, lang, words):
    """Every bar with its amount, in millions; the word tells more or less, only the net has a sign."""
    assert plot.describe(plot.waterfall(knee[1], lang=lang)).replace("\N{NO-BREAK SPACE}", " ") == words


def test_small_amounts_are_written_out():
    """Amounts below a million are not."""
    small = hecon.budget_impact(hecon.load("copd").budget.part("high"))

    assert "€38,316" in plot.describe(plot.waterfall(small, scenario="minimum"))
    ax = plot.waterfall(small)
    ax.figure.canvas.draw()
    assert "€50,000" in [each.get_text() for each in ax.get_xticklabels()]


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"year": 2030}, r"^year must be one of 2025, 2026, 2027, got 2030$"),
        ({"scenario": "middle"}, r"^scenario must be one of 'minimum', 'maximum', got 'middle'$"),
    ],
)
def test_a_waterfall_of_what_is_not_there(knee, given, message):
    """Year and scenario must be those of the impact."""
    with pytest.raises(InputError, match=message):
        plot.waterfall(knee[1], **given)


def test_a_waterfall_needs_money_and_scenarios(knee):
    """Not units alone, and not draws."""
    for impact in (
        hecon.budget_impact(hecon.load("triage").budget),
        hecon.budget_impact(knee[0], n_draws=3, rng=1),
    ):
        with pytest.raises(InputError, match=r"^impact must be scenarios of a plan with prices"):
            plot.describe(plot.waterfall(impact))


def test_a_tornado_is_as_wide_as_its_ranges():
    """The widest on top; each bar from the middle to an end."""
    found = budget.one_way(hecon.load("copd").budget)
    ax = plot.tornado(found, names={"tariff": "tariff of a session"})
    widths = [(each.get_x(), each.get_width()) for each in ax.patches]
    expected = [
        (found.attrs["net"], float(found[f"net_{end}"].sel(parameter=name)) - found.attrs["net"])
        for name in found.parameter.values
        for end in ("low", "high")
    ]
    # Matplotlib keeps a bar to the left by its left end and a positive width or by a negative one.
    ends = [sorted((x, x + width)) for x, width in widths]

    assert ends == [pytest.approx(sorted((x, x + width))) for x, width in expected]
    assert [each.get_text().replace("\n", " ") for each in ax.get_yticklabels()] == [
        "extra_treatments",
        "tariff of a session",
    ]


@pytest.mark.parametrize("lang", ["nl", "en"])
@pytest.mark.parametrize("name", ["acl-rupture", "meniscal-tear-degenerative", "meniscal-tear-traumatic"])
@pytest.mark.no_cover
def test_no_amount_of_a_tornado_stands_on_a_name_or_on_another(name, lang):
    """With names as long as those of the dossiers, which leave the bars the least room."""
    long = {
        "tariff": "Tariff of a session, minimum and maximum scenario",
        "operation_price": "Costs of a meniscus operation per patient",
    }
    ax = plot.tornado(budget.one_way(hecon.load(name).budget), names=long, lang=lang)
    ax.figure.canvas.draw()
    low, high = ax.get_xlim()
    ticks = [each for each in ax.get_xticklabels() if low <= each.get_position()[0] <= high]
    boxes = [each.get_window_extent() for each in (*ax.texts, *ticks, *ax.get_yticklabels())]

    assert not [pair for pair in itertools.combinations(boxes, 2) if pair[0].overlaps(pair[1])]


@pytest.mark.parametrize(
    ("lang", "start"), [("en", "Net spending in 2027 over"), ("nl", "Netto uitgaven in 2027 over")]
)
def test_a_tornado_in_words(lang, start):
    """The ends of each bar, the lower first."""
    words = plot.describe(
        plot.tornado(budget.one_way(hecon.load("acl-rupture").budget), names={"tariff": "T"}, lang=lang)
    )

    assert words.startswith(start)
    assert words.replace("\N{NO-BREAK SPACE}", " ").endswith(
        "T: −€22.4 million to −€21.1 million." if lang == "en" else "T: −€ 22,4 mln tot −€ 21,1 mln."
    )


def test_a_tornado_needs_ranges():
    """A plan without ranges has none to draw."""
    found = budget.one_way(hecon.load("acl-rupture").budget).isel(parameter=[])

    with pytest.raises(InputError, match=r"^bars must hold at least one range, as hecon\.budget\.one_way"):
        plot.tornado(found)
