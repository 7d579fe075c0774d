"""The figures: labels in either notation, what is marked and when, and the words that say what each shows."""

import gc
import itertools
import weakref

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pytest
import xarray as xr
from matplotlib.collections import FillBetweenPolyCollection, PathCollection
from matplotlib.colors import to_hex
from matplotlib.figure import Figure

import hecon
from hecon import curves as tables
from hecon import decision, plot, zin
from hecon.curves import Curves
from hecon.errors import InputError
from hecon.locale import LANGUAGES, Locale
from hecon.plot import _style, curves, planes
from hecon.reported.fits import fit_of

NBSP = "\N{NO-BREAK SPACE}"
PAIR = ("usual care", "exercise")
DRAWERS = {
    "plane": plot.plane,
    "acceptability": plot.acceptability,
    "net_benefit": plot.net_benefit,
    "expected_loss": plot.expected_loss,
    "frontier": plot.frontier,
}
WORDS = {"plane": planes.describe_plane, "frontier": planes.describe_frontier}
WORDS |= {name: getattr(curves, f"describe_{name}") for name in ("acceptability", "net_benefit", "expected_loss")}
CURVES = ("acceptability", "net_benefit", "expected_loss")
EACH = pytest.mark.parametrize("kind", DRAWERS)
LANGS = pytest.mark.parametrize("lang", LANGUAGES)


@pytest.fixture(autouse=True)
def _no_figure_left():
    """Close what a test left open, so that matplotlib's count of open figures stays at none."""
    yield
    plt.close("all")


def normal(strategies=PAIR, n=2000, **options):
    """Return draws around (0, 0), (1000, 0.05), (2000, 0.02), ... by strategy."""
    rng = np.random.default_rng(1)
    count = len(strategies)
    mean_cost, mean_effect = np.arange(count) * 1000.0, np.array([0, 0.05, 0.02, 0.1])[:count]
    cost = rng.normal(mean_cost, 400, (n, count))
    effect = rng.normal(mean_effect, 0.02, (n, count))
    return hecon.from_arrays(cost, effect, strategies=strategies, **({"comparator": strategies[0]} | options))


def small():
    """Return four draws of whole numbers, whose figures can be told in words by hand."""
    cost, effect = [[0, 900], [0, 1100], [0, 900], [0, 1100]], [[0, 0.01], [0, 0.03], [0, 0.02], [0, 0.02]]
    return hecon.from_arrays(cost, effect, strategies=PAIR, comparator="usual care")


@pytest.fixture(scope="module")
def fitted():
    """Return draws that bear their fit, with an assumption that leaves a range."""
    return hecon.from_reported(
        "exercise",
        "usual care",
        cost=hecon.Difference(900, ci=(-300, 2100)),
        effect=hecon.Difference("0.050", ci=("-0.010", "0.110")),
        assume={"correlation": hecon.Assumed(0.0, range=(-0.5, 0.5), reason="example")},
        n_draws=2000,
        rng=0,
    )


def new_axes():
    """Return axes that pyplot knows nothing of."""
    return Figure().subplots()


def rendered(ax):
    """Draw the figure, so that its ticks have their labels."""
    ax.figure.draw_without_rendering()
    return ax


def said(kind, draws, **options):
    """Return what a figure says of itself."""
    return plot.describe(DRAWERS[kind](draws, ax=new_axes(), **options))


def words(ax):
    """Return every text in the axes but the ticks' labels."""
    return [text.get_text().replace(NBSP, " ") for text in ax.texts]


def ticks(axis):
    """Return the labels of an axis's ticks."""
    return [label.get_text().replace(NBSP, " ") for label in axis.get_ticklabels()]


def bands(ax):
    """Return the filled bands in the axes."""
    return [each for each in ax.collections if isinstance(each, FillBetweenPolyCollection)]


def colours(ax):
    """Return the colours of the dots that stand before a name."""
    dots = [to_hex(each.get_facecolor()[0]).upper() for each in ax.collections if isinstance(each, PathCollection)]
    return dots + [line.get_color() for line in ax.lines if line.get_marker() == "o"]


# Labels ---------------------------------------------------------------------------------------------------------------

LABELS = {
    "plane": (
        ("verschil in effecten (QALY)", "verschil in kosten"),
        ("difference in effects (QALY)", "difference in costs"),
    ),
    "acceptability": (
        ("betalingsbereidheid per QALY", "kans op kosteneffectiviteit"),
        ("willingness to pay per QALY", "probability cost-effective"),
    ),
    "net_benefit": (
        ("betalingsbereidheid per QALY", "incrementele netto baat per patiënt"),
        ("willingness to pay per QALY", "incremental net benefit per patient"),
    ),
    "expected_loss": (
        ("betalingsbereidheid per QALY", "verwacht verlies per patiënt"),
        ("willingness to pay per QALY", "expected loss per patient"),
    ),
    "frontier": (("gemiddeld effect (QALY)", "gemiddelde kosten"), ("mean effect (QALY)", "mean costs")),
}


@pytest.mark.slow
@EACH
def test_axes_have_labels_in_both_languages(kind):
    """Each axis says what it shows, with the unit of effect."""
    for lang, labels in zip(("nl", "en"), LABELS[kind], strict=True):
        ax = DRAWERS[kind](normal(), lang=lang, ax=new_axes())

        assert (ax.get_xlabel(), ax.get_ylabel()) == labels


@pytest.mark.slow
@pytest.mark.parametrize("kind", CURVES)
def test_willingness_to_pay_in_both_notations(kind):
    """Dutch puts a point between the thousands and English a comma; the sign of the currency stands with it."""
    for lang, amount in (("nl", "€ 25.000"), ("en", "€25,000")):
        ax = rendered(DRAWERS[kind](normal(), lang=lang, ax=new_axes()))

        assert amount in ticks(ax.xaxis)


@pytest.mark.slow
@LANGS
def test_the_plane_in_both_notations(lang):
    """Costs are amounts, effects have as many decimals as the ticks need."""
    ax = rendered(plot.plane(normal(), lang=lang, ax=new_axes()))
    cost, effect = ticks(ax.yaxis), ticks(ax.xaxis)

    assert ("€ 1.000" if lang == "nl" else "€1,000") in cost
    assert ("0,050" if lang == "nl" else "0.050") in effect
    assert len({len(label.lstrip("−")) for label in effect}) == 1


@pytest.mark.parametrize(
    ("effect", "expected"), [(0.00002, "0.000005"), (30.0, "10"), (3.0, "1.0"), (0.5, "0.2"), (2e6, "500,000")]
)
@pytest.mark.no_cover
def test_decimals_follow_the_distance_of_the_ticks(effect, expected):
    """No tick is rounded to another's label."""
    unit = {"effect_unit": "point", "effect_better": "more"}
    draws = hecon.from_arrays([[0, 1], [0, 2]], [[0, 0], [0, effect * 2]], strategies=PAIR, **unit)
    ax = rendered(plot.frontier(draws, ax=new_axes()))
    labels = ticks(ax.xaxis)

    assert len(set(labels)) == len(labels)
    assert expected in labels


def test_a_single_tick_has_no_decimals_to_need():
    """An axis with one tick has no distance to go by."""
    ax = new_axes()
    _style.number_axis(ax.xaxis, Locale("en"))
    ax.set_xticks([2.0])

    assert ticks(rendered(ax).xaxis) == ["2"]


@pytest.mark.slow
def test_small_amounts_keep_their_cents():
    """Ticks less than a euro apart would else look alike."""
    draws = hecon.from_arrays([[0, 0.4], [0, 0.6]], [[0, 0.1], [0, 0.3]], strategies=PAIR, comparator="usual care")
    for lang, amount in (("nl", "€ 0,50"), ("en", "€0.50")):
        ax = rendered(plot.frontier(draws, lang=lang, ax=new_axes()))

        assert amount in ticks(ax.yaxis)
        assert len(set(ticks(ax.yaxis))) == len(ticks(ax.yaxis))


@pytest.mark.parametrize("scale", [1e-12, 1e-3, 2.5, 1e12])
def test_ticks_tell_amounts_of_any_size_apart(scale):
    """Each tick has its own words, and 0 alone reads as 0."""
    draws = hecon.from_arrays(
        [[0, 4 * scale], [0, 6 * scale]], [[0, 0.1], [0, 0.3]], strategies=PAIR, comparator="usual care"
    )
    ax = rendered(plot.frontier(draws, ax=new_axes()))
    shown = ticks(ax.yaxis)

    assert len(set(shown)) == len(shown) > 2
    assert sum(not set(each) & set("123456789") for each in shown) == 1


@pytest.mark.slow
def test_another_currency_and_unit_are_named():
    """Amounts bear the currency of the draws, axes their unit of effect."""
    draws = normal(currency="GBP", effect_unit="life year")
    ax = rendered(plot.net_benefit(draws, ax=new_axes()))

    assert ax.get_xlabel() == "willingness to pay per life year"
    assert "£25,000" in ticks(ax.xaxis)
    assert plot.plane(draws, ax=new_axes()).get_xlabel() == "difference in effects (life year)"


@pytest.mark.slow
@LANGS
def test_the_corners_of_the_plane_name_the_quadrants(lang):
    """Each corner says what lies there and how many of the draws."""
    found = [each.replace("\n", " ") for each in words(plot.plane(normal(), lang=lang, ax=new_axes()))]
    shares = hecon.icer(normal()).sel(strategy="exercise")["quadrant_share"]

    for each in ("NE", "NW", "SE", "SW"):
        share = Locale(lang).share(float(shares.sel(quadrant_of_draws=each)))
        assert f"{Locale(lang).text(f'plot.corner_{each}')} {share}" in found


def test_incremental_draws_have_incremental_labels():
    """The frontier's axes are differences where the comparator lies at the origin."""
    draws = normal()
    moved = draws - draws.sel(strategy="usual care")
    arrays = (moved[name].transpose("draw", "strategy").to_numpy() for name in ("cost", "effect"))
    draws = hecon.from_arrays(*arrays, strategies=PAIR, comparator="usual care", scale="incremental")
    ax = plot.frontier(draws, ax=new_axes())

    assert (ax.get_xlabel(), ax.get_ylabel()) == ("difference in effects (QALY)", "difference in costs")


# What is marked -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", CURVES)
@LANGS
def test_the_reference_values_are_marked(kind, lang):
    """A line at each of the three, with its amount above it."""
    ax = DRAWERS[kind](normal(), lang=lang, ax=new_axes())
    marked = [line.get_xdata()[0] for line in ax.lines if len(set(line.get_xdata())) == 1]
    amounts = [Locale(lang).money(value).replace(NBSP, " ") for value in zin.REFERENCE_VALUES]

    assert marked == list(zin.REFERENCE_VALUES)
    assert [text for text in words(ax) if text in amounts] == amounts


@pytest.mark.parametrize("kind", CURVES)
@pytest.mark.parametrize("options", [{"currency": "GBP"}, {"effect_unit": "life year"}])
def test_no_reference_value_is_held_against_another_unit(kind, options):
    """They are in euros per QALY, and stand against nothing else."""
    ax = DRAWERS[kind](normal(**options), ax=new_axes())

    assert not [line for line in ax.lines if len(set(line.get_xdata())) == 1]
    assert not [text for text in words(ax) if text.endswith(("20,000", "50,000", "80,000"))]


def test_a_reference_value_beyond_the_axis_is_not_marked():
    """The axis is the caller's."""
    ax = plot.acceptability(normal(), wtp=[0, 30_000], ax=new_axes())

    assert ax.get_xlim() == (0, 30_000)
    assert words(ax) == ["€20,000"]


@pytest.mark.slow
def test_there_is_a_band_with_a_fit(fitted):
    """It holds the curve and has the range's ends at a reference value."""
    ax = plot.acceptability(fitted, ax=new_axes())
    (band,) = bands(ax)
    low, high = hecon.reported.probability_range(fit_of(fitted), wtp=20_000)
    heights = sorted(y for x, y in band.get_paths()[0].vertices if x == 20_000)

    assert heights[0] == pytest.approx(low)
    assert heights[-1] == pytest.approx(high)
    assert high - low > 0.03


@pytest.mark.slow
def test_there_is_no_band_without_a_normal_fit(fitted):
    """Draws of unknown origin have no range, nor have those whose marginals are not normal."""
    skewed = hecon.from_reported(
        "exercise",
        "usual care",
        cost=hecon.Difference(900, ci=(300, 1900)),
        effect=hecon.Difference("0.050", ci=("0.010", "0.090")),
        assume={"correlation": hecon.Assumed(0.0, range=(-0.5, 0.5), reason="example")},
        marginal="lognormal",
        n_draws=500,
        rng=0,
    )

    assert bands(plot.acceptability(normal(), ax=new_axes())) == []
    assert bands(plot.acceptability(skewed, ax=new_axes())) == []
    assert "to" not in said("acceptability", skewed)
    assert "(" in said("acceptability", fitted)


def test_an_acceptability_curve_is_the_one_that_hecon_computes():
    """The line holds the probabilities themselves."""
    wtp = [50_000, 0, 20_000]
    line = plot.acceptability(normal(), wtp=wtp, ax=new_axes()).lines[0]

    assert list(line.get_xdata()) == sorted(wtp)
    assert list(line.get_ydata()) == hecon.ceac(normal(), wtp=sorted(wtp)).sel(strategy="exercise").to_numpy().tolist()


def test_two_strategies_without_a_comparator_have_a_curve_each():
    """Nothing is guessed."""
    ax = plot.acceptability(normal(comparator=None), ax=new_axes())

    assert len(colours(ax)) == 2
    assert set(PAIR) <= set(words(ax))


def test_net_benefit_is_the_mean_with_its_interval():
    """The line crosses zero at the ratio; the band is the 95% interval of the draws."""
    draws = normal()
    ax = plot.net_benefit(draws, wtp=[0, 20_000], ax=new_axes())
    benefit = hecon.incremental_net_benefit(draws, wtp=[0, 20_000]).sel(strategy="exercise")
    (band,), (zero, line, *_) = bands(ax), ax.lines

    assert list(line.get_ydata()) == pytest.approx(benefit.mean("draw").to_numpy())
    assert set(zero.get_ydata()) == {0}
    assert band.get_paths()[0].vertices[:, 1].min() == pytest.approx(benefit.quantile(0.025, "draw").min())
    assert band.get_paths()[0].vertices[:, 1].max() == pytest.approx(benefit.quantile(0.975, "draw").max())


@pytest.mark.slow
def test_the_ellipse_holds_95_percent_of_the_draws():
    """The one closed dark line of the plane; its middle is the mean, which has a dot."""
    draws = normal(n=20_000)
    ax = plot.plane(draws, ax=new_axes())
    ring = next(line for line in ax.lines if line.get_color() == _style.INK)
    moved = draws.sel(strategy="exercise") - draws.sel(strategy="usual care")
    from matplotlib.path import Path

    inside = Path(ring.get_xydata()).contains_points(np.column_stack([moved["effect"], moved["cost"]]))
    dot = ax.lines[-1]

    assert inside.mean() == pytest.approx(0.95, abs=0.005)
    assert dot.get_xydata()[0] == pytest.approx([float(moved["effect"].mean()), float(moved["cost"].mean())])


@pytest.mark.slow
def test_the_lines_of_the_plane_go_through_the_origin():
    """One for each willingness to pay asked for, with its amount at the end; zero lies level."""
    ax = plot.plane(normal(), wtp=[0, 30_000], ax=new_axes())
    lines = [line.get_xydata() for line in ax.lines if line.get_linewidth() == 0.9]

    assert {"€0", "€30,000"} <= set(words(ax))
    assert len(lines) == 2
    for slope, ends in zip((0, 30_000), lines, strict=True):
        assert ends[:, 1] == pytest.approx(slope * ends[:, 0])


@pytest.mark.slow
@pytest.mark.parametrize(("mean", "right"), [((1000, 0.05), True), ((-1000, -0.05), False)])
def test_the_lines_are_named_at_their_longer_end(mean, right):
    """Where they lie apart."""
    rng = np.random.default_rng(0)
    draws = hecon.from_arrays(
        np.column_stack([np.zeros(500), rng.normal(mean[0], 100, 500)]),
        np.column_stack([np.zeros(500), rng.normal(mean[1], 0.005, 500)]),
        strategies=PAIR,
        comparator="usual care",
    )
    ax = plot.plane(draws, ax=new_axes())
    places = {text.get_text(): text.xy[0] for text in ax.texts if text.get_text().startswith("€")}

    assert len(places) == 3
    assert all((x > 0) == right for x in places.values())


# Awkward draws --------------------------------------------------------------------------------------------------------


@EACH
@pytest.mark.no_cover
def test_a_point_alone_is_drawn(kind):
    """Draws without spread, as of a trial that printed means only, have no density and no shares."""
    draws = hecon.from_arrays([[0, 500]] * 300, [[0, 0.1]] * 300, strategies=PAIR, comparator="usual care")
    ax = rendered(DRAWERS[kind](draws, ax=new_axes()))

    assert ax.lines
    if kind == "plane":
        assert len(ax.collections) == 0
        assert [text for text in words(ax) if "%" in text] == []


@pytest.mark.slow
@EACH
@pytest.mark.parametrize("cost", [0.0, 1e12])
def test_a_difference_of_nothing_is_drawn(kind, cost):
    """Two strategies alike leave axes that still have a width."""
    draws = hecon.from_arrays([[cost, cost]] * 2, [[0.0, 0.0]] * 2, strategies=PAIR, comparator="usual care")
    ax = rendered(DRAWERS[kind](draws, ax=new_axes()))

    assert ax.get_ylim()[0] < ax.get_ylim()[1]


@pytest.mark.slow
@EACH
def test_three_strategies(kind):
    """Curves and frontier name all of them; the plane and net benefit show the one that is asked for."""
    draws = normal(("none", "new", "old"))
    names = {"none": "geen", "new": "nieuw", "old": "oud"}
    if kind in {"plane", "net_benefit"}:
        ax = DRAWERS[kind](draws, strategy="old", ax=new_axes())
        told = plot.describe(ax)

        assert told != said(kind, draws, strategy="new")
        assert told != said(kind, draws, strategy="old", comparator="new")
    else:
        ax = DRAWERS[kind](draws, names=names, ax=new_axes())

        assert set(names.values()) <= set(words(ax))
        assert len(set(colours(ax))) == (1 if kind == "frontier" else 3)


def test_names_at_one_height_are_pushed_apart():
    """No two labels of curves overlap, even if one takes three lines."""
    black = _style.Stroke("#000")
    ends = [(1.0, 0.5, "a", black), (1.0, 0.5, "bbbbbb " * 9, black), (1.0, 0.51, "c", black)]
    ax = Figure(figsize=(6, 4), layout="constrained").subplots()
    _style.label_ends(ax, ends)
    boxes = [text.get_window_extent() for text in rendered(ax).texts]

    assert [box.y0 >= lower.y1 for lower, box in itertools.pairwise(boxes)] == [True, True]


@pytest.mark.parametrize(
    ("name", "label"),
    [
        ("oefentherapie", "oefentherapie"),
        ("oefentherapie met optionele latere reconstructie", "oefentherapie met\noptionele latere\nreconstructie"),
        ("x" * 10_000, f"{'x' * 20}\n{'x' * 20}\n…"),
        ("a\x00b\nc\x1bd", "a b c d"),
        ("$x^2$ 50%", "$x^2$ 50%"),
    ],
)
def test_a_long_name_is_a_short_label(name, label):
    """Three lines at most, so that the curves keep their room."""
    assert _style.label(name) == label


@pytest.mark.slow
@pytest.mark.parametrize("name", ["$x$", r"$\frac{$", "<b>", "{x}", "\u202eabc", "\u4e2d"])
@pytest.mark.filterwarnings("ignore:Glyph .* missing from font")
def test_a_name_is_never_read_as_a_formula(name):
    """Dollar signs in a name or a unit come out as dollar signs."""
    draws = normal(("none", name, "old"), effect_unit=name, effect_better="more")
    ax = rendered(plot.frontier(draws, ax=new_axes()))

    assert name in words(ax)
    assert ax.xaxis.label.get_text().endswith(f"({name})")
    assert not any(text.get_parse_math() for text in [*ax.texts, ax.xaxis.label])


# What a figure leaves behind ------------------------------------------------------------------------------------------


@pytest.mark.slow
@EACH
def test_the_axes_given_are_drawn_on(kind):
    """They come back, pyplot opens no figure and the caller's settings are as they were."""
    ax = new_axes()
    before = dict(mpl.rcParams)
    returned = DRAWERS[kind](normal(), ax=ax)

    assert returned is ax
    assert ax.has_data()
    assert plt.get_fignums() == []
    assert dict(mpl.rcParams) == before


@pytest.mark.slow
@EACH
def test_without_axes_there_is_a_new_figure(kind):
    """One, known to pyplot, so that a notebook shows it; the settings are as they were."""
    before = dict(mpl.rcParams)
    ax = DRAWERS[kind](normal())

    assert plt.get_fignums() == [ax.figure.number]
    assert dict(mpl.rcParams) == before
    assert not ax.spines["top"].get_visible()


@pytest.mark.slow
@EACH
def test_a_figure_given_is_free_once_its_user_is_done(kind):
    """Nothing in hecon keeps a figure alive; all that was made since the collector rested is young."""
    gc.disable()
    try:
        ax = DRAWERS[kind](normal(), ax=new_axes())
        figure = weakref.ref(ax.figure)
        del ax
        gc.collect(0)
    finally:
        gc.enable()

    assert figure() is None


@pytest.mark.slow
@EACH
def test_the_draws_are_left_as_they_were(kind):
    """A figure changes nothing in what it shows."""
    draws = normal()
    DRAWERS[kind](draws, ax=new_axes())

    xr.testing.assert_identical(draws, normal())


@EACH
def test_a_new_figure_is_white_and_one_given_stays_as_it_is(kind):
    """A transparent one is black on a dark page, and it is asked for by drawing on one's own."""
    ax = new_axes()
    ax.figure.set_facecolor("none")

    assert DRAWERS[kind](normal()).figure.get_facecolor() == (1, 1, 1, 1)
    assert DRAWERS[kind](normal(), ax=ax).figure.get_facecolor()[3] == 0


@pytest.mark.parametrize("ax", [None, "plane", Figure()])
def test_axes_that_hecon_did_not_draw_on_have_no_words(ax):
    """What was given is named."""
    with pytest.raises(InputError, match=r"^ax must be what a function of hecon\.plot returned, got a"):
        plot.describe(ax)
    with pytest.raises(
        InputError, match=r"^ax must be what a function of hecon\.plot returned, got an? Axes that none"
    ):
        plot.describe(new_axes())


def test_the_look_ends_with_its_block():
    """Also when drawing fails within it."""
    before = dict(mpl.rcParams)

    def fails():
        with plot.look():
            assert mpl.rcParams["svg.fonttype"] == "none"
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fails()

    assert dict(mpl.rcParams) == before


# Errors ---------------------------------------------------------------------------------------------------------------


@EACH
def test_further_dims_are_refused(kind):
    """A figure shows one perspective at a time, and its words too."""
    draws = xr.concat([normal(), normal()], "perspective", combine_attrs="override")
    for refused in (lambda: DRAWERS[kind](draws, ax=new_axes()), lambda: WORDS[kind](draws, Locale("en"))):
        with pytest.raises(
            InputError,
            match=r"^draws must have the dims draw and strategy only, got perspective too; select one of each first$",
        ):
            refused()


@pytest.mark.parametrize("kind", ["plane", "net_benefit"])
@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"strategy": "newest"}, r"^strategy must be one of 'new', 'old', got 'newest'$"),
        ({"strategy": "none"}, r"^strategy must be one of 'new', 'old', got 'none'$"),
        ({"comparator": "x", "strategy": "new"}, r"^comparator must be one of .*, got 'x'$"),
    ],
)
def test_a_strategy_that_is_not_there_is_named(kind, options, message):
    """The message says which there are."""
    draws = normal(("none", "new", "old"))
    for refused in (
        lambda: DRAWERS[kind](draws, ax=new_axes(), **options),
        lambda: WORDS[kind](draws, Locale("en"), **options),
    ):
        with pytest.raises(InputError, match=message):
            refused()


def test_the_plane_shows_all_of_several_strategies():
    """Each by its name, in its own colour; one that is asked for must be there."""
    draws, names = normal(("none", "new", "old")), {"none": "geen", "new": "nieuw"}
    ax = rendered(plot.plane(draws, names=names, ax=new_axes()))

    assert {"nieuw", "old"} <= set(words(ax))
    assert len(set(colours(ax))) == 2
    assert plot.describe(ax).startswith("Cost-effectiveness plane. Mean differences from geen: nieuw ")
    with pytest.raises(InputError, match=r"^strategy must be one of 'new', 'old', got 'x'$"):
        plot.plane(draws, strategy="x", ax=new_axes())


@pytest.mark.parametrize("kind", [*CURVES, "plane"])
@pytest.mark.parametrize("wtp", [[-1, 20_000], [float("nan"), 1], [[1, 2]], []])
def test_willingness_to_pay_is_checked(kind, wtp):
    """Negative, unknown, in rows or absent values are refused before anything is drawn."""
    ax = new_axes()
    with pytest.raises(InputError, match=r"^wtp must "):
        DRAWERS[kind](normal(), wtp=wtp, ax=ax)

    assert not ax.has_data()


@pytest.mark.parametrize("kind", CURVES)
@pytest.mark.parametrize("wtp", [[20_000], [20_000, 20_000], 20_000])
def test_one_value_makes_no_curve(kind, wtp):
    """A line needs two ends."""
    with pytest.raises(InputError, match=r"^wtp must hold at least two different values for a curve, got 20000 alone$"):
        DRAWERS[kind](normal(), wtp=wtp, ax=new_axes())


@EACH
def test_a_language_that_is_not_there_is_named(kind):
    """The message says which there are."""
    for refused in (
        lambda: DRAWERS[kind](normal(), lang="de", ax=new_axes()),
        lambda: plot.describe(DRAWERS[kind](small(), ax=new_axes()), lang="de"),
    ):
        with pytest.raises(InputError, match=r"^lang must be one of 'nl', 'en', got 'de'$"):
            refused()


# Words ----------------------------------------------------------------------------------------------------------------

# Means € 1,000 and 0.02 QALY; the ratios of the four draws are 90,000, 36,667, 45,000 and 55,000.
SMALL = {
    "plane": (
        (
            "Kosteneffectiviteitsvlak. Het gemiddelde ligt bij een verschil in kosten van € 1.000 en een verschil in "
            "effecten van 0,0200 QALY. Alleen het gemiddelde is getekend: er zijn te weinig simulaties, of ze hebben "
            "geen spreiding."
        ),
        (
            "Cost-effectiveness plane. The mean lies at a difference in costs of €1,000 and a difference in effects of "
            "0.0200 QALY. Only the mean is drawn: there are too few simulations, or they have no spread."
        ),
    ),
    "acceptability": (
        "Acceptatiecurve. Kans op kosteneffectiviteit: 0,00 bij € 20.000, 0,50 bij € 50.000, 0,75 bij € 80.000.",
        "Acceptability curve. Probability cost-effective: 0.00 at €20,000, 0.50 at €50,000, 0.75 at €80,000.",
    ),
    "net_benefit": (
        "Incrementele netto baat. Verwacht per patiënt: −€ 600 bij € 20.000, € 0 bij € 50.000, € 600 bij € 80.000.",
        "Incremental net benefit. Expected per patient: −€600 at €20,000, €0 at €50,000, €600 at €80,000.",
    ),
    "expected_loss": (
        (
            "Verwacht verlies. Laagste verlies per patiënt: gewone zorg, € 0 bij € 20.000; gewone zorg = exercise, "
            "€ 125 bij € 50.000; exercise, € 25 bij € 80.000."
        ),
        (
            "Expected loss. Lowest loss per patient: gewone zorg, €0 at €20,000; gewone zorg = exercise, €125 at "
            "€50,000; exercise, €25 at €80,000."
        ),
    ),
    "frontier": (
        "Efficiëntiegrens, op volgorde van kosten: gewone zorg, exercise.",
        "Efficiency frontier, in order of cost: gewone zorg, exercise.",
    ),
}


@EACH
def test_a_figure_in_words(kind):
    """What a reader who cannot see the figure is told, to the letter."""
    options = {"names": {"usual care": "gewone zorg"}} if kind in {"expected_loss", "frontier"} else {}
    ax = DRAWERS[kind](small(), lang="nl", ax=new_axes(), **options)

    assert [plot.describe(ax, lang=lang).replace(NBSP, " ") for lang in (None, "en")] == list(SMALL[kind])


@pytest.mark.slow
def test_the_plane_in_words_tells_the_shares():
    """With enough draws, the share in each quadrant is told, all four."""
    cost = np.column_stack([np.zeros(400), [100.0, 100.0, 100.0, -100.0] * 100])
    effect = np.column_stack([np.zeros(400), [0.1, 0.1, -0.1, -0.1] * 100])
    draws = hecon.from_arrays(cost, effect, strategies=PAIR, comparator="usual care")

    assert said("plane", draws).endswith(
        "Share of the simulations: 50% north-east (costs more, yields more), 25% north-west (costs more, yields less), "
        "0% south-east (costs less, yields more), 25% south-west (costs less, yields less)."
    )
    assert rendered(plot.plane(draws, ax=new_axes())).collections


def test_the_frontier_in_words_tells_what_is_dominated():
    """The strategies that none should choose come last."""
    draws = hecon.from_arrays([[0, 900, 500]] * 2, [[0, 0.1, 0.02]] * 2, strategies=["none", "new", "old"])

    assert said("frontier", draws, names={"old": "the old one"}) == (
        "Efficiency frontier, in order of cost: none, new. Extendedly dominated: the old one."
    )


@pytest.mark.parametrize(
    ("lang", "words"),
    [
        ("en", "Efficiency frontier, in order of cost: none, new. Dominated: worse. Extendedly dominated: old."),
        ("nl", "Efficiëntiegrens, op volgorde van kosten: none, new. Gedomineerd: worse. Uitgebreid gedomineerd: old."),
    ],
)
def test_the_frontier_in_words_tells_the_two_ways_of_dominance_apart(lang, words):
    """One costs more and yields less than another; the other does so against a mix of two."""
    names = ["none", "new", "old", "worse"]
    draws = hecon.from_arrays([[0, 900, 500, 950]] * 2, [[0, 0.1, 0.02, 0.09]] * 2, strategies=names)

    assert said("frontier", draws, lang=lang) == words


def test_the_words_of_several_curves_tell_each():
    """What the figure names, its words hold, at each reference value."""
    draws = normal(("none", "new", "old"))
    shares = hecon.ceac(draws, wtp=[20_000])
    new, old = (Locale("en").chance(float(shares.sel(strategy=each, wtp=20_000))) for each in ("new", "old"))
    told = said("acceptability", draws, names={"new": "NEW"})

    assert told.startswith("Acceptability curves. Probability of the highest net benefit: none ")
    assert f", NEW {new}, old {old} at €20,000; none " in told
    told = said("net_benefit", draws, names={"new": "NEW"})
    assert told.startswith("Incremental net benefit. Expected per patient: NEW: ")
    assert "; old: " in told


def test_the_words_tell_the_range_where_there_is_one(fitted):
    """As the figure's band does."""
    found = fit_of(fitted)
    ends = [Locale("nl").probability(each) for each in hecon.reported.probability_range(found, wtp=50_000)]

    assert f"({ends[0]} tot {ends[1]}) bij € 50.000" in said("acceptability", fitted, lang="nl").replace(NBSP, " ")


def test_the_colours_tell_apart_for_everyone():
    """Neighbours in the palette differ in lightness, which every eye sees."""

    def lightness(colour):
        red, green, blue = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
        return 0.2126 * red**2.2 + 0.7152 * green**2.2 + 0.0722 * blue**2.2

    shades = [lightness(colour) for colour in _style.COLOURS]

    assert len(set(_style.COLOURS)) == len(_style.COLOURS) == 6
    assert all(abs(a - b) > 0.035 for a, b in itertools.pairwise(shades))


# Tables ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["plane", *CURVES])
@pytest.mark.no_cover
def test_tables_of_draws_are_computed_once(monkeypatch, fitted, kind):
    """A figure in two languages and their words take each table once, and show what draws alone would."""
    counted = []
    for owner, name in ((tables, "all_curves"), (Curves, "_benefit"), (decision, "icer")):
        found = getattr(owner, name)

        def counting(*given, name=name, found=found, **options):
            counted.append((name, *(len(each) for each in given if isinstance(each, np.ndarray))))
            return found(*given, **options)

        monkeypatch.setattr(owner, name, counting)
    known = Curves(fitted)
    for lang in LANGUAGES:
        ax = DRAWERS[kind](known, lang=lang, ax=plt.subplots()[1])
        words = plot.describe(ax)
        calls = list(counted)
        alone = DRAWERS[kind](fitted, lang=lang, ax=plt.subplots()[1])

        assert len(set(calls)) == len(calls) > 0
        assert words == plot.describe(alone)
        for line, other in zip(ax.lines, alone.lines, strict=True):
            assert np.array_equal(line.get_xydata(), other.get_xydata(), equal_nan=True)
        counted[:] = calls


def test_axes_that_are_none_are_refused():
    draws = hecon.from_arrays([[0, 1]], [[0, 1]], strategies=["a", "b"], comparator="a")
    figure, several = plt.subplots(1, 2)
    for ax, kind in ((5, "int"), (figure, "Figure"), (several, "ndarray")):
        for draw in (hecon.plot.acceptability, hecon.plot.plane, hecon.plot.frontier):
            with pytest.raises(InputError, match=f"ax must be axes of matplotlib, got a {kind}; pass one of its axes"):
                draw(draws, ax=ax)
    assert hecon.plot.frontier(draws, ax=several[0]) is several[0]
    assert hecon.plot.frontier(draws, ax=plt.figure().add_subplot()).figure is not figure
    plt.close("all")


def test_a_figure_is_told_at_the_values_that_it_shows():
    """Not at reference values beyond its axis; and a strategy alone is told too."""
    draws = hecon.from_arrays([[0, 900], [0, 1100]], [[0, 0.1], [0, 0.3]], strategies=["a", "b"], comparator="a")
    for draw in (hecon.plot.acceptability, hecon.plot.expected_loss, hecon.plot.net_benefit):
        told = hecon.plot.describe(draw(draws, wtp=[0, 50_000]))
        assert "€20,000" in told
        assert "€50,000" in told
        assert "€80,000" not in told
        assert "€8,000" in hecon.plot.describe(draw(draws, wtp=[2_000, 8_000]))
    alone = hecon.plot.acceptability(draws.sel(strategy=["a"]), wtp=[0, 20_000])
    assert "1.00 at €20,000" in hecon.plot.describe(alone)
    plt.close("all")
