"""The examples: each runs as it stands, is short enough to read in a minute, and leaves its note."""

import runpy
from pathlib import Path

import matplotlib.pyplot as plt
import pytest
from drawn import drawn_once

# What an example merely passes through is not thereby tested, so it does not count as covered. It runs faster, too.
pytestmark = [pytest.mark.no_cover, pytest.mark.slow]
EXAMPLES = sorted((Path(__file__).parents[1] / "examples").glob("*.py"))
# What each leaves; some leave nothing but their words and figures.
NOTES = {
    "acl_rupture": "acl-rupture.nl.html",
    "assess_patient_data": "meniscus-simulated.nl.html",
    "audit_of_the_sources": None,
    "british_comparison": "acl-snnap.nl.html",
    "budget_acl": None,
    "budget_copd": "budget-copd.en.html",
    "budget_first_twenty": "budget-first-twenty.en.html",
    "burden_of_disease": "burden-reablement.en.html",
    "copd_payment": None,
    "from_bcea_or_dampack": "from-r.en.md",
    "meniscal_tear_degenerative": "meniscal-tear-degenerative.nl.html",
    "meniscal_tear_traumatic": "meniscal-tear-traumatic.nl.html",
    "model_to_note": "falls.en.html",
    "own_dossier": "hip-fracture.nl.html",
    "reablement_coach2move": "reablement.nl.html",
    "state_of_the_programme": "programme.nl.html",
    "study_of_a_model": "trial.en.html",
    "trial_from_patients": None,
}
PRINTED = {
    "acl_rupture": "societal   € 80,000: cost-effective (edge)",
    "assess_patient_data": "at 20,000: cost-effective, P 0.9",
    "audit_of_the_sources": "With one sign changed it is consistent: −2.0; −8.5 to 4.5",
    "british_comparison": "england-medicines on the latest day: £19,558 is below £25,000 to £35,000",
    "budget_acl": "would take an uptake of 58.7% to 65.9%",
    "budget_copd": "middle of 198,000 and 495,000: 346,500; half of it: 173,250",
    "budget_first_twenty": "the last minimum by hand: 137.4",
    "burden_of_disease": "0.2 less would have to last 22 years to reach the lowest band",
    "copd_payment": "16 patients; 5.2 times",
    "from_bcea_or_dampack": "At €80,000 per QALY, surgery is not cost-effective compared with exercise: a QALY",
    "meniscal_tear_degenerative": "At €80,000 per QALY, exercise therapy is not cost-effective compared with surgery",
    "meniscal_tear_traumatic": "NW: ratio nan",
    "model_to_note": "at 50,000: EVPI 62, of which ratio alone 51",
    "own_dossier": "has 2 faults",
    "reablement_coach2move": "computable: False (no_figures); implied quadrant: SE",
    "state_of_the_programme": "Quality framework in the Register: in progress -> met, since 2025-12\n",
    "study_of_a_model": "at 50,000: best 350 per arm (350 to 450), 2.1m net",
    "trial_from_patients": "truth -1803.000; fraction of missing information",
}
# These show tables and words alone.
WITHOUT_FIGURES = {"audit_of_the_sources", "state_of_the_programme"}
LONGEST = 60


def test_every_example_is_tested():
    assert [path.stem for path in EXAMPLES] == sorted(NOTES) == sorted(PRINTED)


@pytest.mark.gallery
@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_an_example_runs_and_leaves_its_note_and_figures(path, tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("HECON_OUT", str(tmp_path))
    plt.switch_backend("Agg")
    plt.close("all")

    # The notes of the dossiers are drawn whole elsewhere, and so are those of the examples when the site is built.
    with drawn_once():
        runpy.run_path(str(path), run_name="__main__")

    figures = [plt.figure(number) for number in plt.get_fignums()]
    plt.close("all")
    assert bool(figures) == (path.stem not in WITHOUT_FIGURES)
    assert all(figure.get_suptitle() for figure in figures)
    note = NOTES[path.stem]
    assert (tmp_path / note).stat().st_size > 0 if note is not None else list(tmp_path.iterdir()) == []
    assert PRINTED[path.stem] in capsys.readouterr().out


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_an_example_is_read_in_a_minute(path):
    assert len(path.read_text(encoding="utf-8").splitlines()) <= LONGEST
