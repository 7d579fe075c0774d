"""A skeleton is no note: what is still marked as to be replaced is told, and no report is made of it."""

import pytest
from skeletons import filled, skeleton

import hecon
from hecon import dossier
from hecon.cli.main import main
from hecon.dossier.loading import placeholders
from hecon.errors import DossierError
from hecon.locale import LANGUAGES, Locale
from hecon.report.summaries import Summary

# Whole notes, searches or processes; what they pass through, others hold.
pytestmark = pytest.mark.slow

RAW = dossier.skeleton("hip-fracture")


@pytest.fixture
def written(tmp_path):
    """Return what writes a dossier and gives its path."""

    def write(text):
        path = tmp_path / "hip-fracture.toml"
        path.write_text(text, encoding="utf-8")
        return path

    return write


def test_every_place_is_told_at_once(written):
    """As many places as the file has marks, each with its path, in the order of the file."""
    live = "\n".join(line for line in RAW.splitlines() if not line.startswith("#"))
    found = placeholders(hecon.load(written(RAW)))
    paths = [path for path, _ in found]

    assert len(found) == live.count("(replace") + live.count("(vervangen") > 20
    assert paths[:2] == ["title.nl", "title.en"]
    assert {"comparison[0].trial", "intervention[1].name.nl", "document[0].citation"} <= set(paths)
    # The figures are made up, and their notes say so.
    assert {f"comparison[0].statistic[{place}].note.en" for place in (0, 1)} <= set(paths)


def test_no_report_is_made_of_a_skeleton(written, tmp_path):
    """Not by the verb, not by its class, not as JSON; the message lists each place."""
    found = hecon.assess(written(RAW), n_draws=100)
    for make in (
        lambda: hecon.summary(found),
        lambda: hecon.summary(found, lang="en"),
        lambda: Summary(found, Locale("nl")),
    ):
        with pytest.raises(
            DossierError, match=r"dossier hip-fracture has \d+ faults:\n  line 20: title\.nl: must not say"
        ) as told:
            make()
        assert len(told.value.faults) == len(placeholders(found.dossier))
    assert list(tmp_path.iterdir()) == [tmp_path / "hip-fracture.toml"]


@pytest.mark.parametrize(
    "options", [["--out", "notes"], ["--format", "md"], ["--format", "json"], ["--format", "html"]]
)
@pytest.mark.parametrize("command", ["assess", "budget"])
def test_the_command_line_refuses_too(written, monkeypatch, capsys, command, options):
    """Exit code 1, every place on standard error, nothing on standard output and no file."""
    path = written(RAW)
    monkeypatch.chdir(path.parent)

    assert main([command, str(path), *options]) == 1
    out, err = capsys.readouterr()
    assert (out, err.count("in a report: replace the text or figure")) == (
        "",
        len(placeholders(hecon.load(path))),
    )
    assert list(path.parent.iterdir()) == [path]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_table_on_the_terminal_says_that_it_is_a_skeleton(written, capsys, lang):
    """The overview is printed, with the places that are left."""
    assert main(["assess", str(written(RAW)), "--lang", lang, "--draws", "100"]) == 0
    out = capsys.readouterr().out

    assert {"nl": "SKELET, geen notitie", "en": "SKELETON, not a note"}[lang] in out
    assert "document[0].read.en" in out


@pytest.mark.parametrize(
    "mark",
    [
        "(replace)",
        "(vervangen)",
        "(vervang)",
        "(Replace)",
        "(replace or leave out)",
        "(vervangen of weglaten)",
        "( replace )",
    ],
)
@pytest.mark.parametrize("key", ['nl = "Is de', 'en = "Is the', 'citation = "Author', 'trial = "EX'])
def test_one_mark_in_one_language_is_enough(written, mark, key):
    """The place is told whichever language it stands in, and whatever the case."""
    text = skeleton("hip-fracture").replace(key, key.replace(' = "', f' = "{mark} '))
    ((_, found),) = placeholders(hecon.load(written(text)))

    assert found == mark


@pytest.mark.parametrize("words", ["(replaces the hip)", "to replace", "(vervanging van de heup)", "[replace]"])
def test_words_that_only_look_alike_are_left_alone(written, words):
    """A text about a replacement is no placeholder."""
    text = skeleton("hip-fracture").replace('en = "Is the', f'en = "{words} Is the')

    assert placeholders(hecon.load(written(text))) == ()


def test_the_remedy_works(written, tmp_path):
    """With the marks gone the report is written, by the verb and on the command line."""
    path = written(filled(RAW))

    assert hecon.summary(hecon.assess(path, n_draws=100)).save(tmp_path / "note.md").is_file()
    assert main(["assess", str(path), "--out", str(tmp_path / "notes"), "--draws", "100"]) == 0


def test_new_says_what_to_do(tmp_path, monkeypatch, capsys):
    """What it says of the skeleton is so: a table at once, a report after the replacing."""
    monkeypatch.chdir(tmp_path)

    assert main(["new", "hip-fracture"]) == 0
    told = capsys.readouterr().out
    assert "Its figures are made up" in told
    assert "(replace) or (vervangen)" in told
    assert main(["assess", "hip-fracture.toml", "--draws", "100"]) == 0
    assert main(["assess", "hip-fracture.toml", "--out", "notes"]) == 1


@pytest.mark.parametrize("name", dossier.names())
def test_what_ships_has_no_placeholder(name):
    """Nor has the dossier of the simulated trial."""
    assert placeholders(hecon.load(name)) == ()


def test_the_dossier_of_the_example_has_none(tmp_path):
    """`hecon trial --example` writes it."""
    assert main(["trial", "--example", str(tmp_path)]) == 0

    assert placeholders(hecon.load(tmp_path / "meniscus-dossier.toml")) == ()
