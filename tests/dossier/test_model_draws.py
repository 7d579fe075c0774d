"""A model's draws in a dossier: from a TOML file beside a table to a note; figures, options and refusals."""

from __future__ import annotations

import hashlib
import json
import math
from pathlib import Path

import numpy as np
import oracles
import pytest
from hypothesis import given
from hypothesis import strategies as st
from model_dossiers import NAMES, chemotherapy, drawn, faults, table, write
from strategies import examples

import hecon
from hecon import draw_files
from hecon.assessment.guidelines import agreement
from hecon.assessment.information import research_value
from hecon.cli import main as cli
from hecon.errors import StatisticalWarning
from hecon.locale import LANGUAGES, Locale
from hecon.report.sections import cheers, research

EXPORTS = Path(__file__).parents[1] / "peers" / "exports"
FINDING = (
    'finding = { cost_effective = "at no willingness to pay", text = { nl = "x", en = "x" }, '
    'sources = [{ document = "protocol", place = "page 2" }] }'
)


def test_the_figures_are_those_of_the_draws(tmp_path):
    """Means, percentiles, probabilities, EVPI: what the verbs give for the same file."""
    cost, effect = drawn()
    path = write(tmp_path, table(cost, effect, NAMES))
    result = hecon.assess(path).comparisons[0]
    draws, _ = hecon.read_draws(tmp_path / "model.csv", currency="EUR", effect_unit="QALY", comparator="usual-care")
    pair = hecon.icer(draws)

    assert result.delta_cost == pytest.approx(pair["delta_cost"].item(), rel=1e-12)
    assert result.delta_effect == pytest.approx(pair["delta_effect"].item(), rel=1e-12)
    assert result.icer == pytest.approx(pair["icer"].item(), rel=1e-12)
    low, high = np.quantile(cost[:, 1] - cost[:, 0], [0.025, 0.975])
    assert result.intervals["delta_cost"] == pytest.approx((low, high))
    for value in result.values:
        share = hecon.ceac(draws, wtp=value).sel(strategy="new").item()
        assert result.p_cost_effective[value] == share
    assert result.curves.expected_loss([20_000]).min() == pytest.approx(hecon.evpi(draws, wtp=20_000).item())
    assert result.parameters["cost_se"].value == pytest.approx((cost[:, 1] - cost[:, 0]).std(ddof=1))
    expected = np.corrcoef(cost[:, 1] - cost[:, 0], effect[:, 1] - effect[:, 0])[0, 1]
    assert result.parameters["correlation"].value == pytest.approx(expected)
    assert result.draws.attrs["horizon_years"] == 10


@pytest.mark.slow
@pytest.mark.parametrize(
    ("lang", "sentences"),
    [
        (
            "en",
            [
                "All figures of this comparison are computed from the simulations of a model; none is taken from a",
                "The model: Group A, 2025.",
                "model.csv: 400 simulations; number of parameters: 1; SHA-256",
                "from the simulations of the model)",
                "Simulations of a model model.csv, SHA-256 ",
                "rests on its structure, its inputs and the distributions of its parameters. None of these was",
            ],
        ),
        (
            "nl",
            [
                "Alle cijfers van deze vergelijking zijn berekend uit de simulaties van een model; geen enkel",
                "Het model: Groep A, 2025.",
                "model.csv: 400 simulaties; aantal parameters: 1; SHA-256",
                "uit de simulaties van het model)",
                "Simulaties van een model model.csv, SHA-256 ",
                "berust op de opzet van het model, de invoer en de verdelingen van de parameters. Die zijn hier niet",
            ],
        ),
    ],
)
def test_a_note_in_one_command(tmp_path, capsys, lang, sentences):
    """From a TOML file beside a CSV file."""
    path = write(tmp_path, table(*drawn(), NAMES))
    assert cli.main(["assess", str(path), "--lang", lang, "--format", "md"]) == 0
    note = capsys.readouterr().out

    for sentence in sentences:
        assert sentence in note
    assert "assuming normality" not in note
    assert "patients per arm" not in note


def test_the_provenance_has_the_digest_of_the_file(tmp_path, capsys):
    path = write(tmp_path, table(*drawn(), NAMES))
    assert cli.main(["assess", str(path), "--lang", "en", "--format", "json"]) == 0
    found = json.loads(capsys.readouterr().out)

    digest = hashlib.sha256((tmp_path / "model.csv").read_bytes()).hexdigest()
    assert found["provenance"]["model_draws"] == [{"file": "model.csv", "digest": digest}]


@pytest.mark.slow
def test_vaccine_of_bcea_to_a_note(tmp_path, capsys):
    """€20,098 per QALY, from its three files as they are."""
    for name in ("costs", "effects", "params"):
        (tmp_path / f"{name}.csv").write_bytes(oracles.path(f"vaccine_{name}.csv").read_bytes())
    extra = 'effects = "effects.csv"\nparameters = "params.csv"\nstrategies = { new = "s2", usual-care = "s1" }'
    path = write(tmp_path, "", extra=extra, file="costs.csv")
    assert cli.main(["assess", str(path), "--lang", "en"]) == 0

    assert "€20,098 (NE)" in capsys.readouterr().out
    (found,) = hecon.assess(path).comparisons
    columns = oracles.table("vaccine_curves.csv")
    values = [float(each) for each in columns["k"]][::50]
    summary = oracles.record("vaccine_summary.json")
    assert found.icer == pytest.approx(summary["ICER_ref_vs_comparator"]["Status Quo"], rel=1e-9)
    ceac = [float(each) for each in columns["ceac_ref_vs_s1"]][::50]
    assert found.curves.acceptability(values).sel(strategy="new").values == pytest.approx(ceac, rel=1e-9, abs=1e-9)
    evpi = [float(each) for each in columns["evpi"]][::50]
    assert found.curves.expected_loss(values).min("strategy").values == pytest.approx(evpi, rel=1e-9, abs=1e-9)
    assert hecon.assess(path).comparisons[0].model_source.parameters[:2] == ("Adverse.events", "Death.1.1.")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("package", "files", "parameters"),
    [
        ("heormodel", ("heormodel.csv", "heormodel-parameters.csv"), 7),
        ("pyheor", ("pyheor.xlsx",), 2),
    ],
)
def test_python_packages_exports_to_a_note(tmp_path, capsys, package, files, parameters):
    """From the files that the packages wrote to a note; ICER, probability and EVPI are those that they gave."""
    for name in files:
        (tmp_path / name).write_bytes((EXPORTS / name).read_bytes())
    results = json.loads((EXPORTS / "results.json").read_text(encoding="utf-8"))
    usual, new = results[package]["strategies"]
    beside = f'parameters = "{files[1]}"\n' if len(files) > 1 else ""
    extra = f'style = "{package}"\n{beside}strategies = {{ usual-care = "{usual}", new = "{new}" }}'
    path = write(tmp_path, "", extra=extra, file=files[0], months=600)
    assert cli.main(["assess", str(path), "--lang", "en", "--format", "json"]) == 0
    (found,) = json.loads(capsys.readouterr().out)["comparisons"]

    assert found["icer"] == pytest.approx(results[package]["icer"], rel=1e-9)
    result = hecon.assess(path).comparisons[0]
    assert len(result.model_source.parameters) == parameters
    for at, value in enumerate(results["wtp"]):
        curve = results[package]["ceac"][at]
        assert result.curves.acceptability([value]).values.ravel().tolist() == pytest.approx(curve)
        assert result.curves.expected_loss([value]).min().item() == pytest.approx(
            results[package]["evpi"][at], abs=1e-6
        )


@given(data=st.data())
@examples(10)
def test_the_preferred_of_several_options_is_that_of_the_draws(tmp_path_factory, data):
    """Comparisons of one file with one comparator are weighed together, at every value."""
    count = data.draw(st.integers(3, 4))
    names = ["usual-care", *(f"option-{at}" for at in range(1, count))]
    cost, effect = drawn(data.draw(st.integers(0, 1000)), 50, count)
    order = data.draw(st.permutations(range(count)))
    cost, effect = cost[:, order], effect[:, order]
    folder = tmp_path_factory.mktemp("several")
    found = hecon.assess(write(folder, table(cost, effect, names), names=names[1:]))
    draws, _ = hecon.read_draws(folder / "model.csv", currency="EUR", effect_unit="QALY")

    assert found.conclusion.compared == tuple(f"model-{name}" for name in names[1:])
    for each in found.conclusion.values:
        best = hecon.net_benefit(draws, wtp=each.value).mean("draw")
        assert each.option == best["strategy"].to_numpy()[int(np.argmax(best.to_numpy()))]


def test_a_model_in_pounds_has_no_verdict_in_euros(tmp_path):
    """A € value is never held against pounds."""
    result = hecon.assess(write(tmp_path, table(*drawn(), NAMES), currency="GBP")).comparisons[0]

    assert result.judgements == ()
    assert result.no_verdict.code == "currency"


def test_exchanged_costs_and_effects_are_warned_of_where_they_are_used(tmp_path):
    cost, effect = drawn()
    path = write(tmp_path, table(effect, cost, NAMES))
    dossier = hecon.load(path)
    with pytest.warns(StatisticalWarning, match="are cost and effect exchanged"):
        hecon.assess(dossier)


@pytest.mark.slow
@pytest.mark.counted
def test_a_file_of_draws_is_read_once(tmp_path, monkeypatch):
    """When the dossier is loaded, for all comparisons that name it; what is assessed is what was checked."""
    reads = []

    def counted(*given, **named):
        reads.append(named.get("path", given))
        return read(*given, **named)

    read = draw_files.read_draws
    monkeypatch.setattr(draw_files, "read_draws", counted)
    names = ("usual-care", "new", "newer")
    path = write(tmp_path, table(*drawn(strategies=3), names), names=names[1:])
    dossier = hecon.load(path)
    first = hecon.assess(dossier)
    assert len(reads) == 1

    (tmp_path / "model.csv").write_text(table(*drawn(seed=2, strategies=3), names), encoding="utf-8")
    again, anew = hecon.assess(dossier), hecon.assess(path)
    assert len(reads) == 2
    digests = [each.comparisons[0].model_source.digest for each in (first, again, anew)]
    assert digests[0] == digests[1] != digests[2]
    assert first.comparisons[0].delta_cost == again.comparisons[0].delta_cost != anew.comparisons[0].delta_cost
    assert hecon.load(path) == hecon.load(path) != dossier


def test_a_result_that_is_changed_changes_no_other(tmp_path):
    dossier = hecon.load(write(tmp_path, table(*drawn(), NAMES)))
    first = hecon.assess(dossier).comparisons[0]
    before = first.delta_cost
    first.model_draws["cost"][:] = 0.0
    first.inputs.iloc[:] = 0.0
    again = hecon.assess(dossier).comparisons[0]

    assert again.delta_cost == before
    assert again.inputs.to_numpy().any()


def test_draws_are_read_as_the_comparison_now_asks(tmp_path):
    """A copy of the dossier with another year of prices has draws of that year."""
    dossier = hecon.load(write(tmp_path, table(*drawn(), NAMES)))
    (spec,) = dossier.comparison
    other = dossier.model_copy(update={"comparison": (spec.model_copy(update={"price_year": 2020}),)})

    years = [hecon.assess(each).comparisons[0].draws.attrs["price_year"] for each in (dossier, other)]
    assert years == [2024, 2020]


def sure(count, of=2500):
    """Return draws in which the new option costs less in so many, and yields as much in all."""
    cost = np.full((of, 2), 1000.0)
    cost[:, 1] += np.where(np.arange(of) < count, -100.0, 50.0) + np.arange(of) % 7
    return table(cost, np.full((of, 2), 0.5) + (np.arange(of) % 5)[:, None] / 100, NAMES)


@pytest.mark.parametrize(
    ("count", "dutch", "english"),
    [
        (1874, "net onder 0,75", "just below 0.75"),
        (1876, "net boven 0,75", "just above 0.75"),
        (1250, "0,50", "0.50"),
        (1900, "0,76", "0.76"),
    ],
)
def test_a_probability_does_not_read_as_the_limit_of_a_word(tmp_path, count, dutch, english):
    """In the answer, the tables and beside figures; what is at a limit or far from it is a number alone."""
    assessment = hecon.assess(write(tmp_path, sure(count)))
    assert assessment.comparisons[0].p_cost_effective[20_000] == count / 2500

    for lang, shown in (("nl", dutch), ("en", english)):
        text = hecon.summary(assessment, lang=lang).text("md").replace("\N{NO-BREAK SPACE}", " ")
        rows = [line for line in text.splitlines() if line.startswith("|") and shown in line]
        assert len(rows) >= 2, shown
        assert ("; ".join(rows) + text).count(shown) > len(rows)
        rounded = Locale(lang).probability(count / 2500)
        assert rounded == shown or f"{rounded} " not in text.replace(shown, "")


# Refusals -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"file": "../model.csv"}, "comparison[0].draws.file: must be a file in the dossier's folder or below"),
        ({"file": "/etc/hostname"}, "comparison[0].draws.file: must be a file in the dossier's folder or below"),
        ({"file": "other.csv"}, "comparison[0].draws.file: must be a file that exists, got 'other.csv'"),
        ({"extra": 'effects = "no.csv"'}, "comparison[0].draws.effects: must be a file that exists, got"),
        ({"extra": 'style = "rds"'}, "comparison[0].draws.style: must be 'wide', 'long', 'bcea', 'voi'"),
        ({"extra": 'style = "long"'}, "comparison[0].draws.file: "),
        ({"extra": 'strategies = { new = "x" }'}, "comparison[0].draws.file: strategies must name those of the file"),
        (
            {"extra": 'parameter_names.q = { nl = "x", en = "x" }'},
            "comparison[0].draws.parameter_names.q: must be a parameter of the file, got 'q'; the file has p",
        ),
        ({"names": ("newer",)}, "comparison[0].draws.strategies: must say which strategy of the file is the"),
        (
            {"more": FINDING},
            "comparison[0].finding: must be left out beside [comparison.draws]: the figures are computed from the",
        ),
    ],
)
def test_what_is_refused(tmp_path, change, fault):
    (tmp_path / "in").mkdir()
    (tmp_path / "model.csv").write_text("", encoding="utf-8")
    found = faults(write(tmp_path / "in", table(*drawn(), NAMES), **change))

    assert any(each.startswith(fault) for each in found), found


def test_every_fault_of_the_file_is_a_fault_of_the_dossier(tmp_path):
    """With column and row."""
    text = table(*drawn(), NAMES).splitlines()
    cells = text[3].split(",")
    text[3] = ",".join(["x", "", *cells[2:]])
    first, second = faults(write(tmp_path, "\n".join(text) + "\n"))

    assert "model.csv: column 'cost.usual-care', row 3: must hold numbers with a decimal point" in first
    assert "model.csv: column 'cost.new', row 3: must hold a number in every row, got an empty cell" in second


def test_a_comparison_needs_something(tmp_path):
    path = write(tmp_path, table(*drawn(), NAMES))
    text = path.read_text(encoding="utf-8")
    path.write_text(text[: text.index("[comparison.draws]")], encoding="utf-8")

    assert any("or a model's draws in [comparison.draws]" in each for each in faults(path))


# What research is worth -----------------------------------------------------------------------------------------------


def told(assessment, lang):
    """Return the section on the value of research, and its annex, as one text."""
    locale = Locale(lang)
    blocks = (*research.blocks(assessment, locale), *research.annex(assessment, locale))
    texts = [getattr(each, "text", "") or " ".join(getattr(each, "items", ())) for each in blocks]
    return " ".join(texts).replace("\N{NO-BREAK SPACE}", " ")


@pytest.mark.slow
def test_chemotherapy_of_voi_to_a_note(tmp_path, capsys):
    """EVPI 368.605 at 20,000, as voi has it, and the parameter that it finds worth most, by its own regression."""
    path = chemotherapy(tmp_path)
    assert cli.main(["assess", str(path), "--format", "json", "--lang", "en"]) == 0
    (found,) = json.loads(capsys.readouterr().out)["information"]
    columns = oracles.table("voi_chemo_evppi.csv")
    rows = zip(*(columns[name] for name in ("set", "method", "nsim", "k", "evppi")), strict=True)
    (gam,) = {float(value) for *key, value in rows if key == ["A", "gam", "10000", "20000"]}

    assert found["evpi"] == pytest.approx(368.605, abs=0.001)
    assert found["parameters"][0]["name"] == "logor_side_effects"
    assert found["parameters"][0]["evppi"] == pytest.approx(gam, rel=0.015)
    assert len(found["parameters"]) == 14

    assessment = hecon.assess(path)
    assert (
        "Of the 14 parameters that vary in the model, certainty about odds ratio alone is worth most: £332 per "
        "patient. Then come p_side_effects_t2 (£262), u_home_care (£100)."
    ) in told(assessment, "en")
    assert "is zekerheid over alleen oddsratio het meest waard: £ 332 per patiënt" in told(assessment, "nl")
    figure = research.blocks(assessment, Locale("en"))[-1]
    assert "odds ratio £332 (standard error £6, out of fold £333)" in figure.alt


@pytest.mark.slow
def test_the_value_of_parameters_is_that_of_the_verb(tmp_path):
    """For the choice between all options that are weighed together, with the patients of the dossier."""
    names = ["usual-care", "new", "newer"]
    cost, effect = drawn(3, 300, 3)
    path = write(tmp_path, table(cost, effect, names), names=names[1:])
    assessment = hecon.assess(path)
    draws, parameters = hecon.read_draws(tmp_path / "model.csv", currency="EUR", effect_unit="QALY")
    wtp = [each.value for each in assessment.information]
    expected = hecon.evppi(draws, parameters, wtp=wtp)

    assert wtp == [20_000]
    for found in assessment.information:
        row = expected.sel(wtp=found.value, set="p")
        (only,) = found.parameters
        assert found.evpi == pytest.approx(row["evpi"].item())
        assert [only.evppi, only.se, only.out_of_fold] == pytest.approx(
            [row[n].item() for n in ("evppi", "se", "out_of_fold")]
        )
        whole = hecon.population_value(only.evppi, population=1000, discount=0.03)
        assert only.population == pytest.approx(dict(zip([5.0, 10.0, 20.0], whole.values.tolist(), strict=True)))
        at = next(each for each in assessment.conclusion.values if each.value == found.value)
        assert found.turning == {"cost": at.net_benefit, "effect": -at.net_benefit / found.value}


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda text: "\n".join(line.rpartition(",")[0] for line in text.splitlines()) + "\n", "no_parameters"),
        (lambda text: "\n".join(line.rpartition(",")[0] + end for line, end in _ends(text)) + "\n", "constant"),
        (lambda text: "\n".join(text.splitlines()[:30]) + "\n", "few_draws"),
    ],
)
def test_why_no_parameter_is_ranked_is_said(tmp_path, change, reason):
    """The rest of the section stands."""
    assessment = hecon.assess(write(tmp_path, change(table(*drawn(), NAMES))))

    for lang in LANGUAGES:
        text = told(assessment, lang)
        assert text.count(Locale(lang).text(f"worth.parameters_{reason}").replace("\N{NO-BREAK SPACE}", " ")) == 1
        assert "EVPI" in text
    assert all(each.parameters == () for each in assessment.information)
    if reason == "constant":
        assert "The same in all simulations, and so without value here: p." in told(assessment, "en")


def _ends(text):
    return ((line, ",1" if at else ",p") for at, line in enumerate(text.splitlines()))


def test_noise_is_not_ranked(tmp_path):
    """A parameter that costs and effects do not depend on is worth nothing that can be told from zero."""
    assessment = hecon.assess(write(tmp_path, table(*drawn(), NAMES)))

    assert "Certainty about a single parameter of the model (1 vary) has no value that these" in told(assessment, "en")


@pytest.mark.slow
def test_the_command_ranks_parameters(tmp_path, capsys):
    path = chemotherapy(tmp_path)
    assert cli.main(["voi", str(path), "--wtp", "20000", "--population", "1000"]) == 0
    text = " ".join(capsys.readouterr().out.split())

    assert (
        "costs £369 per patient on average (EVPI). Of the parameters of the model odds ratio weighs most: to know that "
        "alone is worth £332 per patient."
    ) in text
    assert "the simulations of the model as they are" in text
    assert cli.main(["voi", str(path), "--wtp", "20000", "--format", "json"]) == 0
    (found,) = json.loads(capsys.readouterr().out)["comparisons"]
    assert found["at"][0]["evppi"]["logor_side_effects"] == pytest.approx(332, abs=1)


def test_a_note_does_not_say_that_there_is_no_model(tmp_path):
    """CHEERS's item on the model is answered in part, and so are the guideline's points; none says otherwise."""
    assessment = hecon.assess(write(tmp_path, table(*drawn(), NAMES)))
    found = {each.item: each for each in cheers.answers(assessment, Locale("en"))}

    assert (found["model"].status, found["model"].where) == (
        "in part",
        (Locale("en").text("comparison.details", title="MODEL, societal"),),
    )
    assert found["effect_of_uncertainty"].where[0] == "Value of further research"
    reasons = {each.point.id: each.reason for each in agreement(assessment, assessment.comparisons[0]).points}
    assert reasons["validation"] == "validation_unknown"
    assert reasons["uncertainty"] == "model_draws"
    assert reasons["value_of_information"] == "evpi_of_model"


def test_a_further_study_takes_what_it_would_measure(tmp_path):
    assessment = hecon.assess(write(tmp_path, table(*drawn(), NAMES)))

    with pytest.raises(hecon.InputError, match="a further study of a model takes what it would measure: state that in"):
        research_value(assessment, assessment.comparisons[0], n=[100])


@pytest.mark.parametrize("count", [1, 300])
def test_draws_that_do_not_vary_show_nothing(tmp_path, capsys, count):
    """A deterministic model has no probability, and nothing that it has shown."""
    text = table(np.tile([1000.0, 1500], (count, 1)), np.tile([5, 5.05], (count, 1)), ["usual-care", "new"])
    path = write(tmp_path, text)
    (result,) = hecon.assess(path).comparisons

    assert (result.delta_cost, result.p_cost_effective, result.intervals) == (500, {}, {})
    assert result.reason.code == "no_variation"
    assert cli.main(["assess", str(path), "--format", "md", "--lang", "en"]) == 0
    note = capsys.readouterr().out
    assert "Point estimates only, without probabilities: the simulations of the model do not vary." in note
    assert "shown:" not in note
    assert cli.main(["voi", str(path)]) == 0
    assert "the simulations of the model do not vary" in " ".join(capsys.readouterr().out.split())


def test_why_there_is_no_verdict_goes_before_why_there_is_no_probability(tmp_path, capsys):
    text = table(np.array([[1000.0, 1500]]), np.array([[5, 5.05]]), ["usual-care", "new"])
    assert cli.main(["assess", str(write(tmp_path, text, currency="GBP")), "--lang", "en"]) == 0
    answer = " ".join(capsys.readouterr().out.partition("Burden")[0].split())

    assert "No verdict in euros per QALY: the costs are in GBP" in answer
    assert "do not vary" not in answer


@pytest.mark.parametrize(("count", "certainty"), [(2, "uncertain"), (20, "probably"), (200, "shown")])
@pytest.mark.no_cover
def test_few_draws_that_agree_show_little(tmp_path, count, certainty):
    """A share of 1 of two draws has a Monte Carlo error too."""
    cost, effect = drawn(count=count)
    found = hecon.assess(write(tmp_path, table(cost, effect + np.array([0, 1]), ["usual-care", "new"])))
    (at,) = found.conclusion.values[:1]

    assert at.probability == 1
    assert at.certainty == certainty
    assert at.monte_carlo_error == pytest.approx(math.sqrt((count + 1) / (count + 2) ** 2 / count))


def test_parameters_that_do_not_stand_in_the_table_are_counted(tmp_path, capsys):
    rng = np.random.default_rng(5)
    cost, effect = drawn(seed=3)
    values = rng.normal(size=(len(cost), 17))
    rows = np.column_stack([cost, effect, values]).tolist()
    names = [f"{kind}.{name}" for kind in ("cost", "effect") for name in ("usual-care", "new")]
    lines = [",".join([*names, *(f"p{at}" for at in range(17))]), *(",".join(map(repr, row)) for row in rows)]
    assert cli.main(["voi", str(write(tmp_path, "\n".join(lines) + "\n")), "--wtp", "20000"]) == 0
    told = " ".join(capsys.readouterr().out.split())

    assert "parameters that vary: 17" in told
    assert sum(f" p{at}; €20,000 per QALY" in told for at in range(17)) == 15
    assert "The other 2 parameters are each worth at most" in told
