"""What further research on a dossier's comparisons is worth: the general verbs on their draws, ranges and refusals."""

from dataclasses import replace

import numpy as np
import pytest
from two_options import dossier_text

import hecon
from hecon import reported
from hecon.assessment.information import StudyPlan, patients_behind, research_value
from hecon.decision.information.closed_form import expected_gain
from hecon.dossier.comparison import arguments
from hecon.dossier.loading import FurtherStudy

pytestmark = pytest.mark.slow

PLAN = StudyPlan(accrual=150, follow_up=2, fixed_cost=500_000, cost_per_patient=2500, analysis=0.5)


@pytest.fixture(scope="module")
def knee():
    return hecon.assess("acl-rupture", n_draws=20_000)


def of(assessment, name, **options):
    result = next(each for each in assessment.comparisons if each.spec.id == name)
    return research_value(assessment, result, **options)


def test_evpi_is_that_of_the_assessment(knee):
    """COMPARE, 1,532 euros per patient at the value where it is on the edge; its draws give the same."""
    found = of(knee, "compare-societal")
    losses = hecon.evpi(knee.comparisons[0].draws, wtp=[20_000, 50_000, 80_000])

    np.testing.assert_allclose(found.information["evpi"], losses, rtol=0.03)
    assert found.values == (20_000, 50_000, 80_000)
    assert found.assumed == ("effect_se", "correlation")


def test_evpi_over_the_assumed_ranges(knee):
    """Every statistic is fitted anew at each point of a grid; rounding reaches a little further than all of these."""
    result = knee.comparisons[0]
    found = of(knee, "compare-societal", wtp=[50_000]).evpi_range[50_000]
    gains = []
    for se in np.linspace(0.034, 0.053, 5):
        for rho in np.linspace(-0.5, 0.5, 5):
            given = {"effect_se": se, "correlation": rho}
            known = arguments(result.spec)
            assume = {name: replace(each, value=round(given[name], 6)) for name, each in known["assume"].items()}
            theta = reported.fit(**{**known, "assume": assume}).theta
            spread = np.hypot(50_000 * theta[3], theta[2]) ** 2 - 2 * 50_000 * theta[4] * theta[2] * theta[3]
            mean = 50_000 * result.delta_effect - result.delta_cost
            gains.append(float(expected_gain(np.array(mean), np.sqrt(spread))))

    assert found == pytest.approx((min(gains), max(gains)), rel=0.02)
    assert found[0] <= min(gains) < max(gains) <= found[1]
    own = of(knee, "compare-societal").information["evpi"].sel(wtp=50_000).item()
    assert found[0] < own < found[1]


def test_a_study_to_all_patients(knee):
    """What the general verbs give for the same numbers; patients as the arms report them, the rate of the rules."""
    sizes = [50, 100, 200]
    found = of(knee, "compare-societal", n=sizes, population=9000, plan=PLAN)
    result = knee.comparisons[0]

    assert found.patients == patients_behind(knee, result) == pytest.approx(2 / (1 / 85 + 1 / 82))
    assert found.discount == 0.03
    own = hecon.normal_information(result.draws, wtp=found.values, n=sizes, patients=found.patients)
    np.testing.assert_allclose(found.information["evsi"], own["evsi"])
    study = hecon.enbs(own, population=9000, discount=0.03, **vars(PLAN))
    np.testing.assert_allclose(found.study["enbs"], study["enbs"])
    whole = hecon.population_value(own["evpi"], population=9000, discount=0.03)
    np.testing.assert_allclose(found.to_population, whole)


def test_without_a_spread_there_is_a_reason(knee):
    found = of(knee, "compare-healthcare")

    assert (found.reason.code, found.information) == ("spread", None)


def test_few_degrees_of_freedom_are_a_reason(knee):
    result = knee.comparisons[0]
    few = result.draws.assign_attrs(freedom={"smallest": 2.0, "clusters": 4, "imputations": None})
    changed = replace(result, curves=type(result.curves)(few))

    assert research_value(knee, changed).reason.code == "few_freedom"


def test_a_comparison_of_another_country_takes_no_number_of_this_one(knee):
    """The Dutch patients of the dossier, for COMPARE and not for the British trial."""
    assert of(knee, "compare-societal").population > 0
    assert of(knee, "snnap-healthcare").population is None
    with pytest.raises(hecon.InputError, match=r"^acl-rupture, snnap-healthcare: the patients per year who face"):
        of(knee, "snnap-healthcare", n=[100], plan=PLAN)
    assert of(knee, "snnap-healthcare", n=[100], plan=PLAN, population=5000).study is not None


def test_the_study_on_file_is_weighed(knee):
    """With the follow-up of the comparison, as if its numbers were given."""
    stated = FurtherStudy(
        fixed_cost=500_000, cost_per_patient=2500, recruited_per_year=150, analysis_months=6,
        basis={"nl": "aangenomen", "en": "assumed"},
        sources=({"document": "zorginstituut-2024", "place": "bijlage 1a"},),
    )  # fmt: skip
    research = knee.dossier.research.model_copy(update={"study": stated})
    filed = replace(knee, dossier=knee.dossier.model_copy(update={"research": research}))
    sizes = [50, 100, 200]
    own, given = of(filed, "compare-societal", n=sizes), of(knee, "compare-societal", n=sizes, plan=PLAN)

    np.testing.assert_allclose(own.study["enbs"], given.study["enbs"])


def test_a_study_needs_the_patients_behind_it(tmp_path):
    path = tmp_path / "sample.toml"
    path.write_text(dossier_text(500, 0.03), encoding="utf-8")
    found = hecon.assess(path, n_draws=1000)

    with pytest.raises(hecon.InputError, match=r"the patients per arm behind the comparison must be given"):
        research_value(found, found.comparisons[0], n=[100])
    # The remedy works.
    assert research_value(found, found.comparisons[0], n=[100], patients=150).information["evsi"].size == 3
